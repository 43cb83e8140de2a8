//! Building steps for submodels that have none: the order of taking apart, reversed and cut into steps.

use super::Removal;
use crate::apply::{Item, Op};
use crate::edit::Restore;
use crate::{Content, Design, Edit, PieceId, StepId, StepItem, Submodel, SubmodelId};
use std::collections::{BTreeMap, HashSet};

/// The edit that gives steps to every submodel that has only one: at most `most` pieces in each, in the reverse of the
/// order in which they come off; a placed submodel is a step of its own. Lines of LDraw files stay at the start. `None` when
/// no submodel needs it.
pub fn steps_from_order(design: &Design, order: &[Removal], most: usize) -> Option<Edit> {
    let most = most.max(1);
    let mut built: BTreeMap<SubmodelId, Vec<PieceId>> = BTreeMap::new();
    let mut seen = HashSet::new();
    for removal in order.iter().rev() {
        // Of a submodel that is placed several times, the first one built counts; it comes when its first piece does.
        for id in &removal.path {
            if let Some((submodel, _)) = design.place_of(*id)
                && seen.insert(*id)
            {
                built.entry(submodel).or_default().push(*id);
            }
        }
    }
    let mut ops = Vec::new();
    let mut next = design.next;
    next.step = next.step.max(design.unused.step);
    for (submodel, pieces) in built {
        let Some(place) = design.submodel(submodel) else { continue };
        let steps = in_steps(design, &pieces, most);
        if place.steps.len() == 1 && steps.len() > 1 {
            split(design, place, steps, &mut next.step, &mut ops)?;
        }
    }
    (!ops.is_empty()).then_some(Edit::Restore(Restore { ops, next }))
}

/// Pieces in building order, cut into steps.
fn in_steps(design: &Design, pieces: &[PieceId], most: usize) -> Vec<Vec<PieceId>> {
    let mut steps: Vec<Vec<PieceId>> = Vec::new();
    let mut alone = true;
    for &id in pieces {
        let is_submodel = design.piece(id).is_some_and(|piece| matches!(piece.content, Content::Submodel(_)));
        match steps.last_mut() {
            Some(step) if !alone && !is_submodel && step.len() < most => step.push(id),
            _ => steps.push(vec![id]),
        }
        alone = is_submodel;
    }
    steps
}

/// Takes the pieces out of a submodel's only step and puts them back in several.
fn split(
    design: &Design,
    submodel: &Submodel,
    steps: Vec<Vec<PieceId>>,
    next_step: &mut u32,
    ops: &mut Vec<Op>,
) -> Option<()> {
    let only = submodel.steps.first()?;
    let told: HashSet<PieceId> = steps.iter().flatten().copied().collect();
    let moves = |item: &StepItem| matches!(item, StepItem::Piece(id) if told.contains(id));
    let indices: Vec<u32> =
        only.items.iter().zip(0..).filter(|(item, _)| moves(item)).map(|(_, index)| index).collect();
    let left = (only.items.len() - indices.len()) as u32;
    ops.push(Op::RemoveItems { step: only.id, indices });
    for (number, pieces) in (0_u32..).zip(steps) {
        let (step, first) = if number == 0 {
            (only.id, left)
        } else {
            let step = StepId(*next_step);
            *next_step = next_step.checked_add(1)?;
            ops.push(Op::InsertStep { submodel: submodel.id, index: number, step, view: None });
            (step, 0)
        };
        let items =
            pieces.iter().zip(first..).map(|(id, index)| Some((index, Item::Piece(design.piece(*id)?.clone()))));
        ops.push(Op::InsertItems { step, items: items.collect::<Option<_>>()? });
    }
    Some(())
}
