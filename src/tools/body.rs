//! What is carried by the pointer, as parts: for the ghost that is drawn and the body that snaps.

use crate::projection::{Ghost, Projection};
use glam::Affine3A;
use studwork_core::connect::{HeldBody, HeldPiece};
use studwork_core::{Bounds, ColorRef, Content, Design, NewPiece, PartId, PieceId};

/// Parts that move as one body.
pub struct Carried {
    /// Part, color and place in the body's own space.
    pub parts: Vec<(PartId, ColorRef, Affine3A)>,
    /// The same for snapping.
    pub body: HeldBody,
}

impl Carried {
    /// What is in hand, through the submodels it places.
    pub fn from_hand(design: &Design, pieces: &[NewPiece], projection: &mut Projection) -> Self {
        let mut parts = Vec::new();
        for piece in pieces {
            content(design, &piece.content, piece.color, piece.pose.to_affine(), &mut parts);
        }
        Self::new(parts, projection)
    }

    /// Pieces of the open submodel where they are.
    pub fn from_pieces(pieces: impl IntoIterator<Item = PieceId>, projection: &mut Projection) -> Self {
        let slots = pieces.into_iter().flat_map(|piece| projection.slots_of(piece).to_vec()).collect::<Vec<_>>();
        let shown = slots.into_iter().filter_map(|slot| projection.shown(slot));
        let parts = shown.map(|shown| (shown.part.clone(), shown.color, shown.transform)).collect();
        Self::new(parts, projection)
    }

    fn new(parts: Vec<(PartId, ColorRef, Affine3A)>, projection: &mut Projection) -> Self {
        let pieces = parts
            .iter()
            .map(|(part, _, pose)| HeldPiece { body: projection.bodies.get(part).body.clone(), pose: *pose });
        let body = HeldBody { pieces: pieces.collect() };
        Self { parts, body }
    }

    /// The box around it, LDU.
    pub fn bounds(&self) -> Bounds {
        self.body.bounds()
    }

    /// What to draw when the body is at `place`.
    pub fn ghosts(&self, place: &Affine3A, blocked: bool) -> Vec<Ghost> {
        let ghost = |(part, color, pose): &(PartId, ColorRef, Affine3A)| Ghost {
            part: part.clone(),
            color: *color,
            transform: *place * *pose,
            blocked,
        };
        self.parts.iter().map(ghost).collect()
    }
}

fn content(
    design: &Design,
    what: &Content,
    color: ColorRef,
    place: Affine3A,
    out: &mut Vec<(PartId, ColorRef, Affine3A)>,
) {
    match what {
        Content::Part(part) => out.push((part.clone(), color, place)),
        Content::Submodel(submodel) => {
            for piece in design.pieces_in(*submodel) {
                let color = if piece.color == ColorRef::MAIN { color } else { piece.color };
                content(design, &piece.content, color, place * piece.pose.to_affine(), out);
            }
        }
    }
}
