//! The parts that a piece shows, through the submodels it places.

use super::Shown;
use glam::Affine3A;
use std::collections::{BTreeSet, HashMap};
use studwork_core::{ColorRef, Content, Design, Piece, PieceId, SubmodelId};

/// Calls `f` with every part of a piece of the open submodel and notes which submodels it shows.
pub(super) fn flatten_piece(
    design: &Design,
    root: &Piece,
    shows: &mut HashMap<SubmodelId, BTreeSet<PieceId>>,
    f: &mut dyn FnMut(Shown),
) {
    walk(design, root.id, root, Affine3A::IDENTITY, ColorRef::MAIN, shows, f);
}

fn walk(
    design: &Design,
    root: PieceId,
    piece: &Piece,
    parent: Affine3A,
    parent_color: ColorRef,
    shows: &mut HashMap<SubmodelId, BTreeSet<PieceId>>,
    f: &mut dyn FnMut(Shown),
) {
    let transform = parent * piece.pose.to_affine();
    let color = if piece.color == ColorRef::MAIN { parent_color } else { piece.color };
    match &piece.content {
        Content::Part(part) => f(Shown { root, part: part.clone(), color, transform }),
        Content::Submodel(submodel) => {
            shows.entry(*submodel).or_default().insert(root);
            // A design never refers to itself, so this ends.
            for inner in design.pieces_in(*submodel) {
                walk(design, root, inner, transform, color, shows, f);
            }
        }
    }
}
