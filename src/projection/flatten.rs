//! The parts that a piece shows, and the submodels it shows them through.

use super::Shown;
use std::collections::{BTreeSet, HashMap};
use studwork_core::{Content, Design, Piece, PieceId, SubmodelId};

/// Calls `f` with every part of a piece of the open submodel and notes which submodels it shows, empty ones too.
pub(super) fn flatten_piece(
    design: &Design,
    root: &Piece,
    shows: &mut HashMap<SubmodelId, BTreeSet<PieceId>>,
    f: &mut dyn FnMut(Shown),
) {
    note_submodels(design, root.id, &root.content, shows);
    design.flatten_piece(root.id, &mut |flat| {
        f(Shown { root: root.id, part: flat.part.clone(), color: flat.color, transform: flat.transform });
    });
}

fn note_submodels(
    design: &Design,
    root: PieceId,
    content: &Content,
    shows: &mut HashMap<SubmodelId, BTreeSet<PieceId>>,
) {
    if let Content::Submodel(submodel) = content
        && shows.entry(*submodel).or_default().insert(root)
    {
        for piece in design.pieces_in(*submodel) {
            note_submodels(design, root, &piece.content, shows);
        }
    }
}
