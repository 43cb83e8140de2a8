//! A submodel spread out: every part it places through all submodels, with the color and the place it ends up with.

use crate::{ColorRef, Content, Design, PartId, Piece, PieceId, StepId, SubmodelId};
use glam::Affine3A;

/// One part of a spread-out submodel.
#[derive(Clone, Debug)]
pub struct FlatPiece<'a> {
    /// The pieces on the way to it: first the one that stands in the submodel asked for, last the piece itself.
    pub path: &'a [PieceId],
    /// The piece.
    pub piece: &'a Piece,
    /// The part it places.
    pub part: &'a PartId,
    /// Its color, with 16 taken from the pieces on the way; still 16 where none of them says another.
    pub color: ColorRef,
    /// From the part's space to that of the submodel asked for, LDU.
    pub transform: Affine3A,
    /// The step of the submodel asked for in which it comes.
    pub step: StepId,
}

impl Design {
    /// Tells every part of a submodel, in building order.
    pub fn flatten(&self, submodel: SubmodelId, f: &mut dyn FnMut(FlatPiece<'_>)) {
        let mut path = Vec::new();
        self.flatten_into(submodel, None, ColorRef::MAIN, Affine3A::IDENTITY, &mut path, f);
    }

    /// Tells every part that one piece is or places, as [`flatten`](Self::flatten) of its submodel does.
    pub fn flatten_piece(&self, piece: PieceId, f: &mut dyn FnMut(FlatPiece<'_>)) {
        if let Some((_, step)) = self.place_of(piece) {
            self.flatten_one(piece, step, ColorRef::MAIN, Affine3A::IDENTITY, &mut Vec::new(), f);
        }
    }

    fn flatten_into(
        &self,
        submodel: SubmodelId,
        step: Option<StepId>,
        color: ColorRef,
        transform: Affine3A,
        path: &mut Vec<PieceId>,
        f: &mut dyn FnMut(FlatPiece<'_>),
    ) {
        let Some(submodel) = self.submodel(submodel) else { return };
        for own in &submodel.steps {
            for id in own.pieces() {
                self.flatten_one(id, step.unwrap_or(own.id), color, transform, path, f);
            }
        }
    }

    // As deep as submodels are nested, which every edit and every reader limits.
    fn flatten_one(
        &self,
        id: PieceId,
        step: StepId,
        color: ColorRef,
        outer: Affine3A,
        path: &mut Vec<PieceId>,
        f: &mut dyn FnMut(FlatPiece<'_>),
    ) {
        let Some(piece) = self.piece(id) else { return };
        let color = if piece.color == ColorRef::MAIN { color } else { piece.color };
        let transform = outer * piece.pose.to_affine();
        path.push(id);
        match &piece.content {
            Content::Part(part) => f(FlatPiece { path, piece, part, color, transform, step }),
            Content::Submodel(inner) => self.flatten_into(*inner, Some(step), color, transform, path, f),
        }
        path.pop();
    }
}
