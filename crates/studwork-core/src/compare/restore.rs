//! Edits that bring pieces of a copy back to what they are in the original.

use super::{Comparison, Matching};
use crate::apply::{Item, Names, Op};
use crate::edit::Restore;
use crate::{Content, Design, Edit, EditError, Piece, PieceId, Pose, Step, StepId, StepItem, SubmodelId};
use std::collections::{BTreeSet, HashMap};

/// Why a piece cannot be brought back.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// Nothing is different there.
    #[error("nothing to restore: {0} is as it is in the original")]
    Same(PieceId),
    /// There is no such step.
    #[error("{0} is not a step of the original")]
    UnknownStep(StepId),
    /// Its submodel is gone and cannot be told from others.
    #[error("the submodel of {0} is not in the copy; restore its submodel first")]
    NoPlace(PieceId),
    /// The copy does not allow it.
    #[error("it cannot be restored here: {0}")]
    Refused(#[from] EditError),
}

/// The edit that brings one piece back: `piece` is its number in the original, or in the copy if only that has it
/// (which takes it away).
///
/// # Errors
/// It is not different, or the copy has no place for it.
pub fn restore_piece(
    original: &Design,
    copy: &Design,
    comparison: &Comparison,
    piece: PieceId,
) -> Result<Edit, RestoreError> {
    let in_original = comparison.removed.iter().any(|lone| lone.piece.id == piece)
        || comparison.changed.iter().any(|changed| changed.original.id == piece);
    if in_original {
        restore(original, copy, comparison, &[piece], &[])
    } else if comparison.added.iter().any(|lone| lone.piece.id == piece) {
        restore(original, copy, comparison, &[], &[piece])
    } else {
        Err(RestoreError::Same(piece))
    }
}

/// The steps of the original in which something is different, in building order, and how many pieces.
pub fn differing_steps(original: &Design, copy: &Design, comparison: &Comparison) -> Vec<(SubmodelId, StepId, usize)> {
    let steps = original.submodels().flat_map(|submodel| submodel.steps.iter().map(move |step| (submodel.id, step)));
    let counted = steps.map(|(submodel, step)| {
        let (originals, added) = differences_in(step, copy, comparison);
        (submodel, step.id, originals.len() + added.len())
    });
    counted.filter(|(.., pieces)| *pieces > 0).collect()
}

/// What is missing or different of a step of the original, and what the copy has in that step besides.
fn differences_in(step: &Step, copy: &Design, comparison: &Comparison) -> (Vec<PieceId>, Vec<PieceId>) {
    let removed = comparison.removed.iter().map(|lone| lone.piece.id);
    let different: BTreeSet<PieceId> =
        removed.chain(comparison.changed.iter().map(|changed| changed.original.id)).collect();
    let by_number = comparison.matching == Matching::ByNumber;
    let besides = |id: &PieceId| by_number && copy.place_of(*id).is_some_and(|(_, there)| there == step.id);
    let added = comparison.added.iter().map(|lone| lone.piece.id).filter(besides).collect();
    (step.pieces().filter(|id| different.contains(id)).collect(), added)
}

/// The edit that brings back everything that was built in a step of the original, and takes away what the copy has in
/// that step besides.
///
/// # Errors
/// There is no such step, nothing in it is different, or the copy has no place for it.
pub fn restore_step(
    original: &Design,
    copy: &Design,
    comparison: &Comparison,
    step: StepId,
) -> Result<Edit, RestoreError> {
    let wanted = original.step(step).ok_or(RestoreError::UnknownStep(step))?;
    let (originals, added) = differences_in(wanted, copy, comparison);
    match wanted.pieces().next() {
        Some(first) if originals.is_empty() && added.is_empty() => Err(RestoreError::Same(first)),
        None if added.is_empty() => Err(RestoreError::UnknownStep(step)),
        _ => restore(original, copy, comparison, &originals, &added),
    }
}

/// The edit that brings pieces back: `originals` are numbers in the original of pieces that are missing or different,
/// `added` numbers in the copy of pieces that only that has, which go.
///
/// # Errors
/// The copy has no place for one of them.
pub fn restore(
    original: &Design,
    copy: &Design,
    comparison: &Comparison,
    originals: &[PieceId],
    added: &[PieceId],
) -> Result<Edit, RestoreError> {
    let mut work = Work {
        original,
        design: copy.clone(),
        edits: Vec::new(),
        by_number: comparison.matching == Matching::ByNumber,
        submodels: submodels_of(original, copy, comparison),
    };
    let there: Vec<PieceId> = added.iter().copied().filter(|id| work.design.piece(*id).is_some()).collect();
    if !there.is_empty() {
        work.take(Edit::RemovePieces(there))?;
    }
    let partner: HashMap<PieceId, PieceId> =
        comparison.changed.iter().map(|changed| (changed.original.id, changed.copy.id)).collect();
    let wanted: BTreeSet<PieceId> = originals.iter().copied().collect();
    // In building order, so that each finds the ones before it.
    for piece in original.submodels().flat_map(|submodel| original.pieces_in(submodel.id)) {
        if wanted.contains(&piece.id) {
            work.bring_back(piece, partner.get(&piece.id).copied())?;
        }
    }
    Ok(Edit::Batch(work.edits))
}

/// Which submodel of the original is which of the copy.
fn submodels_of(original: &Design, copy: &Design, comparison: &Comparison) -> HashMap<SubmodelId, SubmodelId> {
    match comparison.matching {
        Matching::ByShape => super::matching::by_shape(original, copy).0,
        _ => super::by_number(original, copy).0,
    }
}

/// A copy in which everything so far has been brought back, and the edits that did it.
struct Work<'a> {
    original: &'a Design,
    design: Design,
    edits: Vec<Edit>,
    by_number: bool,
    submodels: HashMap<SubmodelId, SubmodelId>,
}

impl Work<'_> {
    fn take(&mut self, edit: Edit) -> Result<(), RestoreError> {
        self.design.apply(edit.clone())?;
        self.edits.push(edit);
        Ok(())
    }

    fn run(&mut self, ops: Vec<Op>) -> Result<(), RestoreError> {
        let next = self.design.next;
        self.take(Edit::Restore(Restore { ops, next }))
    }

    fn bring_back(&mut self, piece: &Piece, partner: Option<PieceId>) -> Result<(), RestoreError> {
        let content = self.content(piece)?;
        let home = self.home(piece.id)?;
        let Some(id) = partner.filter(|id| self.design.piece(*id).is_some()) else {
            return self.insert(piece, content, home);
        };
        if self.design.place_of(id).is_some_and(|(submodel, _)| submodel == home) {
            let now = self.design.piece(id).cloned();
            let pose = Pose::tidied(piece.pose);
            if now.as_ref().is_some_and(|now| now.content != content) {
                self.take(Edit::ReplacePart { pieces: vec![id], content })?;
            }
            if now.as_ref().is_some_and(|now| now.color != piece.color) {
                self.take(Edit::Recolor { pieces: vec![id], color: piece.color })?;
            }
            if now.is_some_and(|now| now.pose != pose) {
                self.take(Edit::SetPoses(vec![(id, pose)]))?;
            }
            return Ok(());
        }
        self.take(Edit::RemovePieces(vec![id]))?;
        self.insert(&Piece { id, ..piece.clone() }, content, home)
    }

    /// What the piece places, in the terms of the copy; a submodel or part that is gone is brought back first.
    fn content(&mut self, piece: &Piece) -> Result<Content, RestoreError> {
        match &piece.content {
            Content::Part(part) => {
                if let (Some(embedded), None) = (self.original.embedded(part), self.design.embedded(part)) {
                    self.take(Edit::embed(embedded))?;
                }
                Ok(Content::Part(part.clone()))
            }
            Content::Submodel(inner) => Ok(Content::Submodel(self.submodel(*inner, piece.id)?)),
        }
    }

    /// The submodel of the copy that a piece of the original belongs in.
    fn home(&mut self, piece: PieceId) -> Result<SubmodelId, RestoreError> {
        let (submodel, _) = self.original.place_of(piece).ok_or(RestoreError::NoPlace(piece))?;
        self.submodel(submodel, piece)
    }

    /// The submodel of the copy that is one of the original; one that is gone is brought back.
    fn submodel(&mut self, id: SubmodelId, piece: PieceId) -> Result<SubmodelId, RestoreError> {
        if let Some(known) = self.submodels.get(&id).filter(|known| self.design.submodel(**known).is_some()) {
            return Ok(*known);
        }
        let wanted = self.original.submodel(id).ok_or(RestoreError::NoPlace(piece))?;
        if !self.by_number || self.design.submodel(id).is_some() {
            return Err(RestoreError::NoPlace(piece));
        }
        let mut names = Names::of(wanted);
        let own = names.name.clone();
        let mut number = 2;
        while self.design.submodel_named(&names.name).is_some() {
            names.name = format!("{own} ({number})");
            number += 1;
        }
        let order = self.original.submodels().position(|other| other.id == id).unwrap_or(usize::MAX);
        let index = order.min(self.design.submodels().count()) as u32;
        let mut ops = vec![Op::InsertSubmodel { index, submodel: id, names }];
        // Its pieces come back on their own: all those that are missing.
        for (index, step) in (0_u32..).zip(&wanted.steps) {
            let free = self.design.step(step.id).is_none();
            let step_id = if free { step.id } else { StepId(self.design.unused.step.saturating_add(index)) };
            ops.push(Op::InsertStep { submodel: id, index, step: step_id, view: step.view });
        }
        self.run(ops)?;
        self.submodels.insert(id, id);
        let pieces: Vec<Piece> = self.original.pieces_in(id).cloned().collect();
        for inner in pieces {
            if self.design.piece(inner.id).is_none() {
                let content = self.content(&inner)?;
                self.insert(&inner, content, id)?;
            }
        }
        Ok(id)
    }

    /// Puts a piece into the copy where it stood in the original: in its step, after the piece it came after.
    fn insert(&mut self, piece: &Piece, content: Content, home: SubmodelId) -> Result<(), RestoreError> {
        if self.design.piece(piece.id).is_some() {
            // Brought back with its submodel.
            return Ok(());
        }
        let step = self.step_for(piece.id, home).ok_or(RestoreError::NoPlace(piece.id))?;
        if !self.by_number {
            let new = crate::NewPiece { content, color: piece.color, pose: piece.pose, group: None };
            return self.take(Edit::AddPieces { submodel: home, step: Some(step), pieces: vec![new] });
        }
        let index = self.index_for(piece.id, step);
        let item = |group| {
            let piece = Piece { content: content.clone(), group, ..piece.clone() };
            vec![Op::InsertItems { step, items: vec![(index, Item::Piece(piece))] }]
        };
        let group = piece.group.filter(|group| self.design.group(*group).is_some());
        if group.is_some() && self.run(item(group)).is_ok() {
            return Ok(());
        }
        self.run(item(None))
    }

    /// The step of the copy for a piece of the original: its own, or the one at the same place in the row.
    fn step_for(&self, piece: PieceId, home: SubmodelId) -> Option<StepId> {
        let here = |step: StepId| self.design.place_of_step(step).is_some_and(|(submodel, _)| submodel == home);
        let steps = &self.design.submodel(home)?.steps;
        let place = self.original.place_of(piece);
        if let Some((_, step)) = place
            && self.by_number
            && here(step)
        {
            return Some(step);
        }
        let number = place.and_then(|(_, step)| self.original.place_of_step(step)).map_or(0, |(_, index)| index);
        Some(steps.get(number.min(steps.len().saturating_sub(1)))?.id)
    }

    /// Where in a step: after the nearest piece before it that is there.
    fn index_for(&self, piece: PieceId, step: StepId) -> u32 {
        let Some(items) = self.design.step(step).map(|step| &step.items) else { return 0 };
        let Some((own, at)) = self.original.position_of(piece) else { return items.len() as u32 };
        let before = self.original.step(own).map_or(&[][..], |step| step.items.get(..at).unwrap_or(&[]));
        let there = |id: PieceId| items.iter().position(|item| *item == StepItem::Piece(id));
        let earlier = before.iter().rev().find_map(|item| match item {
            StepItem::Piece(id) => there(*id),
            StepItem::Line(_) => None,
        });
        earlier.map_or(0, |index| index as u32 + 1)
    }
}
