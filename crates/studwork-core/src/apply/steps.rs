//! Steps: added, moved, merged, split, deleted, and pieces moved between them.

use super::{Item, Op, Standing, Work};
use crate::{EditError, PieceId, StepId, StepView, SubmodelId};

impl Work<'_> {
    pub(super) fn add_step(&mut self, submodel: SubmodelId, at: usize) -> Result<StepId, EditError> {
        let steps = self.design.submodel(submodel).ok_or(EditError::UnknownSubmodel(submodel))?.steps.len();
        let step = self.new_step_id()?;
        self.run(Op::InsertStep { submodel, index: at.min(steps) as u32, step, view: None })?;
        Ok(step)
    }

    pub(super) fn move_step(&mut self, step: StepId, to: usize) -> Result<(), EditError> {
        let (submodel, index) = self.design.place_of_step(step).ok_or(EditError::UnknownStep(step))?;
        let last = self.design.submodel(submodel).map_or(0, |submodel| submodel.steps.len() - 1);
        let to = to.min(last);
        if to == index { Ok(()) } else { self.run(Op::MoveStep { step, to: to as u32 }) }
    }

    pub(super) fn merge_step(&mut self, step: StepId) -> Result<(), EditError> {
        let (submodel, index) = self.design.place_of_step(step).ok_or(EditError::UnknownStep(step))?;
        let steps = self.design.submodel(submodel).map_or(&[][..], |submodel| &submodel.steps);
        let before = index.checked_sub(1).and_then(|index| steps.get(index)).ok_or(EditError::FirstStep)?.id;
        let view = steps.get(index).and_then(|step| step.view);
        self.move_all(step, before, 0)?;
        // The picture of both is the one of the later step.
        if view.is_some() {
            self.set_step_view(before, view)?;
        }
        self.run(Op::RemoveStep { step })
    }

    pub(super) fn split_step(&mut self, step: StepId, at: usize) -> Result<(), EditError> {
        let (submodel, index) = self.design.place_of_step(step).ok_or(EditError::UnknownStep(step))?;
        let fresh = self.add_step(submodel, index + 1)?;
        self.move_all(step, fresh, at)?;
        let view = self.design.step(step).and_then(|step| step.view);
        if view.is_some() {
            self.set_step_view(step, None)?;
            self.set_step_view(fresh, view)?;
        }
        Ok(())
    }

    /// Moves the items of a step from index `first` on to the end of another.
    fn move_all(&mut self, from: StepId, to: StepId, first: usize) -> Result<(), EditError> {
        let length = self.design.step(from).ok_or(EditError::UnknownStep(from))?.items.len();
        if first >= length {
            return Ok(());
        }
        let items = self.take_items(from, (first as u32..length as u32).collect())?;
        self.put_items(to, None, items)
    }

    pub(super) fn delete_step(&mut self, step: StepId) -> Result<(), EditError> {
        let (submodel, _) = self.design.place_of_step(step).ok_or(EditError::UnknownStep(step))?;
        self.clear_step(step)?;
        if self.design.submodel(submodel).is_some_and(|submodel| submodel.steps.len() == 1) {
            return self.set_step_view(step, None);
        }
        self.run(Op::RemoveStep { step })
    }

    /// Takes everything out of a step.
    pub(super) fn clear_step(&mut self, step: StepId) -> Result<(), EditError> {
        let length = self.design.step(step).ok_or(EditError::UnknownStep(step))?.items.len() as u32;
        if length == 0 {
            return Ok(());
        }
        let pieces: Vec<PieceId> = self.design.step(step).map(|step| step.pieces().collect()).unwrap_or_default();
        let groups = self.groups_of(&pieces);
        self.run(Op::RemoveItems { step, indices: (0..length).collect() })?;
        self.drop_empty_groups(groups)
    }

    pub(super) fn set_step_view(&mut self, step: StepId, view: Option<StepView>) -> Result<(), EditError> {
        if view.is_some_and(|view| !view.is_valid()) {
            return Err(EditError::BadNumber { what: "the angles of a step's view".to_owned() });
        }
        let before = self.design.step(step).ok_or(EditError::UnknownStep(step))?.view;
        if before == view { Ok(()) } else { self.run(Op::SetStepView { step, view }) }
    }

    pub(super) fn move_pieces_to_step(&mut self, pieces: &[PieceId], step: StepId) -> Result<(), EditError> {
        let (submodel, _) = self.design.place_of_step(step).ok_or(EditError::UnknownStep(step))?;
        let others: Vec<PieceId> = pieces
            .iter()
            .copied()
            .filter(|&id| self.design.place_of(id).is_none_or(|(_, there)| there != step))
            .collect();
        if others.is_empty() {
            return Ok(());
        }
        if self.common_submodel(&others)? != submodel {
            return Err(EditError::SeveralSubmodels);
        }
        let items = self.take_pieces(&others)?;
        self.put_items(step, None, items)
    }

    /// Takes pieces of one submodel out of their steps, in building order.
    pub(super) fn take_pieces(&mut self, pieces: &[PieceId]) -> Result<Vec<Item>, EditError> {
        let mut taken = Vec::with_capacity(pieces.len());
        for (step, standing) in self.in_building_order(pieces)? {
            taken.extend(self.take_items(step, standing.into_iter().map(|(index, _)| index as u32).collect())?);
        }
        Ok(taken)
    }

    /// The pieces by step, the steps in the order of their submodel.
    pub(super) fn in_building_order(&self, pieces: &[PieceId]) -> Result<Vec<(StepId, Standing)>, EditError> {
        let mut found: Vec<_> = self.standing(pieces)?.into_iter().collect();
        found.sort_by_key(|(step, _)| self.design.place_of_step(*step));
        Ok(found)
    }
}
