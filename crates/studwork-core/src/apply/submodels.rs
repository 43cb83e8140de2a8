//! Submodels: made from a selection, taken apart again, added, deleted and renamed.

use super::op::Names;
use super::{Item, Op, Work, basic::one_line};
use crate::{ColorRef, Content, EditError, Piece, PieceId, Pose, Step, StepId, SubmodelId};
use glam::{Affine3A, Vec3};
use std::collections::BTreeSet;
use studwork_ldraw::Line;

impl Work<'_> {
    pub(super) fn add_submodel(&mut self, name: &str) -> Result<(SubmodelId, StepId), EditError> {
        let name = one_line(name);
        self.design.check_name(&name, None)?;
        let submodel = self.new_submodel_id()?;
        let index = self.design.order.len() as u32;
        self.run(Op::InsertSubmodel { index, submodel, names: Names { name, ..Names::default() } })?;
        Ok((submodel, self.add_step(submodel, 0)?))
    }

    pub(super) fn rename_submodel(&mut self, submodel: SubmodelId, name: &str) -> Result<(), EditError> {
        let before = Names::of(self.design.submodel(submodel).ok_or(EditError::UnknownSubmodel(submodel))?);
        let names = Names { name: one_line(name), ..before.clone() };
        if names == before { Ok(()) } else { self.run(Op::SetNames { submodel, names }) }
    }

    pub(super) fn delete_submodel(&mut self, submodel: SubmodelId) -> Result<(), EditError> {
        if submodel == self.design.main() {
            return Err(EditError::MainSubmodel);
        }
        if self.design.submodel(submodel).is_none() {
            return Err(EditError::UnknownSubmodel(submodel));
        }
        self.remove_pieces(&self.design.occurrences_of(submodel))?;
        self.remove_with_steps(submodel)
    }

    /// Removes a submodel that is placed nowhere.
    fn remove_with_steps(&mut self, submodel: SubmodelId) -> Result<(), EditError> {
        let place = self.design.submodel(submodel).ok_or(EditError::UnknownSubmodel(submodel))?;
        let steps: Vec<StepId> = place.steps.iter().map(|step| step.id).collect();
        // From the end, so that the way back finds each step's place.
        for step in steps.into_iter().rev() {
            self.clear_step(step)?;
            self.run(Op::RemoveStep { step })?;
        }
        self.run(Op::RemoveSubmodel { submodel })
    }

    pub(super) fn make_submodel(&mut self, pieces: &[PieceId], name: &str) -> Result<(), EditError> {
        self.common_submodel(pieces)?;
        let by_step = self.in_building_order(pieces)?;
        let Some((first_step, first_index, first)) =
            by_step.first().and_then(|(step, standing)| standing.first().map(|&(index, id)| (*step, index, id)))
        else {
            return Err(EditError::NothingSelected);
        };
        let origin = self.design.piece(first).ok_or(EditError::UnknownPiece(first))?.pose.position;
        // A group travels along if all of it does.
        let old_groups = self.groups_of(pieces);
        let whole = self.whole_groups(pieces);
        for &group in &whole.outermost {
            let (name, parent) = (self.group_name(group)?, self.design.group(group).and_then(|group| group.parent));
            if parent.is_some() {
                self.run(Op::SetGroup { group, to: Some((name, None)) })?;
            }
        }
        let leaving: Vec<PieceId> = pieces.iter().copied().filter(|&piece| !whole.covers(self, piece)).collect();
        self.change(&leaving, &mut |piece| piece.group = None)?;
        let (submodel, mut step) = self.add_submodel(name)?;
        // All are taken before any is put: a group must never be in two submodels.
        let mut taken = Vec::new();
        for (from, standing) in by_step {
            taken.push(self.take_items(from, standing.into_iter().map(|(index, _)| index as u32).collect())?);
        }
        for (number, mut items) in taken.into_iter().enumerate() {
            if number > 0 {
                step = self.add_step(submodel, number)?;
            }
            for item in &mut items {
                if let Item::Piece(piece) = item {
                    piece.pose.position -= origin;
                }
            }
            self.put_items(step, None, items)?;
        }
        self.drop_empty_groups(old_groups)?;
        let id = PieceId(self.new_piece_ids(1)?.start);
        let (content, color) = (Content::Submodel(submodel), ColorRef::MAIN);
        let placed = Piece { id, content, color, pose: Pose::at(origin), group: None };
        self.put_items(first_step, Some(first_index), vec![Item::Piece(placed)])
    }

    pub(super) fn inline_submodel(&mut self, placement: PieceId) -> Result<(), EditError> {
        let placed = self.design.piece(placement).ok_or(EditError::UnknownPiece(placement))?.clone();
        let Content::Submodel(submodel) = placed.content else { return Err(EditError::NotASubmodel(placement)) };
        let (step, index) = self.design.position_of(placement).ok_or(EditError::UnknownPiece(placement))?;
        let is_last = self.design.occurrences_of(submodel).len() == 1;
        let steps = self.design.submodel(submodel).ok_or(EditError::UnknownSubmodel(submodel))?.steps.iter();
        let steps: Vec<StepId> = steps.map(|step: &Step| step.id).collect();
        let mut items = Vec::new();
        for &from in &steps {
            items.extend(self.items_of(from)?);
        }
        let outer_groups = self.groups_of(&[placement]);
        if is_last {
            // Taken out without dropping their groups, which come along.
            for &from in steps.iter().rev() {
                let length = self.design.step(from).ok_or(EditError::UnknownStep(from))?.items.len() as u32;
                if length > 0 {
                    self.run(Op::RemoveItems { step: from, indices: (0..length).collect() })?;
                }
                self.run(Op::RemoveStep { step: from })?;
            }
        } else {
            let originals: Vec<PieceId> = pieces_of(&items).map(|piece| piece.id).collect();
            let ids = self.new_piece_ids(originals.len())?;
            let copied = self.copy_groups(&originals)?;
            for (id, piece) in ids.zip(pieces_of_mut(&mut items)) {
                piece.id = PieceId(id);
                piece.group = piece.group.and_then(|group| copied.get(&group).copied());
            }
        }
        // What was in a group of its own stays in it, within the group of the placing piece.
        let inner: BTreeSet<_> = pieces_of(&items).filter_map(|piece| piece.group).collect();
        if placed.group.is_some() {
            let mut outermost = BTreeSet::new();
            for mut group in inner {
                while let Some(parent) = self.design.group(group).and_then(|group| group.parent) {
                    group = parent;
                }
                outermost.insert(group);
            }
            for group in outermost {
                let name = self.group_name(group)?;
                self.run(Op::SetGroup { group, to: Some((name, placed.group)) })?;
            }
        }
        for item in &mut items {
            match item {
                Item::Piece(piece) => {
                    piece.pose = piece.pose.then(placed.pose).tidied();
                    piece.group = piece.group.or(placed.group);
                    if piece.color == ColorRef::MAIN {
                        piece.color = placed.color;
                    }
                }
                Item::Line(line) => place_line(line, &placed.pose.to_affine(), placed.color),
            }
        }
        self.run(Op::RemoveItems { step, indices: vec![index as u32] })?;
        if is_last {
            self.run(Op::RemoveSubmodel { submodel })?;
        }
        if !items.is_empty() {
            self.put_items(step, Some(index), items)?;
        }
        self.drop_empty_groups(outer_groups)
    }
}

pub(super) fn pieces_of(items: &[Item]) -> impl Iterator<Item = &Piece> {
    items.iter().filter_map(|item| match item {
        Item::Piece(piece) => Some(piece),
        Item::Line(_) => None,
    })
}

fn pieces_of_mut(items: &mut [Item]) -> impl Iterator<Item = &mut Piece> {
    items.iter_mut().filter_map(|item| match item {
        Item::Piece(piece) => Some(piece),
        Item::Line(_) => None,
    })
}

/// Loose geometry goes where its submodel stood; a meta says what it said.
pub(super) fn place_line(line: &mut Line, transform: &Affine3A, main: ColorRef) {
    let place = |points: &mut [Vec3]| points.iter_mut().for_each(|point| *point = transform.transform_point3(*point));
    let color = match line {
        Line::Edge { color, points } => (place(points), color).1,
        Line::Triangle { color, points } => (place(points), color).1,
        Line::Quad { color, points } => (place(points), color).1,
        Line::Conditional { color, points, control } => (place(points), place(control), color).2,
        Line::Meta(_) | Line::Blank | Line::Reference(_) | Line::Unreadable(_) => return,
    };
    if *color == ColorRef::MAIN {
        *color = main;
    }
}
