//! The actions that change the design: each becomes one edit, so that one undo takes it back.

use super::action::EditorAction as A;
use super::commit::Editor;
use super::{Clipboard, CopiedGroup};
use crate::panels::widgets::count;
use crate::tools::{Gesture, Hand};
use bevy::prelude::*;
use std::collections::BTreeMap;
use studwork_core::{
    Axis, ColorRef, Content, Edit, GroupId, NewPiece, Piece, PieceId, Pose, snapped_rotation, twin_of,
};

/// Keys under which following edits of the same kind become one entry of the history.
mod merge {
    /// And the two after it: one an axis.
    pub const NUDGE: u64 = 1;
    pub const SPLIT: u64 = 4;
    pub const PLACE: u64 = 5;
}

impl Editor<'_> {
    /// Changes the design as the action says.
    pub(super) fn perform(&mut self, action: A) {
        let selected = self.selection.to_vec();
        match action {
            A::Edit(edit) => {
                let label = label_of(&edit);
                self.apply(label, edit, None);
            }
            A::Copy => self.copy(&selected),
            A::Cut => {
                self.copy(&selected);
                self.apply("Cut", Edit::RemovePieces(selected), None);
            }
            A::Paste => {
                let Clipboard { pieces, groups } = self.clipboard.clone();
                self.take_in_hand(Hand { groups, ..Hand::many(pieces) });
            }
            A::Delete => drop(self.apply("Delete", Edit::RemovePieces(selected), None)),
            A::Duplicate => {
                let offset = self.beside(&selected);
                self.apply_and_select("Duplicate", Edit::Duplicate { pieces: selected, offset });
            }
            A::ArrayLinear { count, offset } => {
                self.apply_and_select("Array", Edit::ArrayLinear { pieces: selected, count, offset });
            }
            A::ArrayAround { count, pivot, axis, degrees } => {
                let (axis, angle) = (axis.unit(), degrees.to_radians());
                self.apply_and_select("Array", Edit::ArrayAround { pieces: selected, count, pivot, axis, angle });
            }
            A::Group => drop(self.apply("Group", Edit::Group { pieces: selected, name: "Group".into() }, None)),
            A::Ungroup => {
                let design = self.document.design();
                let mut groups: Vec<_> =
                    selected.iter().filter_map(|&piece| design.outermost_group_of(piece)).collect();
                groups.sort_unstable();
                groups.dedup();
                self.apply("Ungroup", Edit::Batch(groups.into_iter().map(Edit::Ungroup).collect()), None);
            }
            A::UngroupOne(group) => drop(self.apply("Ungroup", Edit::Ungroup(group), None)),
            A::MakeSubmodel => {
                let name = self.free_submodel_name();
                self.apply_and_select("Make submodel", Edit::MakeSubmodel { pieces: selected, name });
            }
            A::InlineSubmodel => {
                let design = self.document.design();
                let placing = selected.iter().copied().filter(|&piece| {
                    design.piece(piece).is_some_and(|piece| matches!(piece.content, Content::Submodel(_)))
                });
                let edit = Edit::Batch(placing.map(Edit::InlineSubmodel).collect());
                self.apply_and_select("Inline submodel", edit);
            }
            A::Mirror(axis) => self.mirror(selected, axis),
            A::Nudge { axis, steps, fine } => self.nudge(selected, axis, steps, fine),
            A::Turn { axis, degrees } => self.turn(selected, axis, degrees),
            A::SetPoses(poses) => drop(self.apply("Move", Edit::SetPoses(poses), None)),
            A::SetColor(color) => {
                self.brush.set(color);
                if !selected.is_empty() {
                    self.paint(selected, color);
                }
            }
            A::Paint(pieces, color) => self.paint(pieces, color),
            A::ReplaceWith(content) => {
                self.apply("Replace", Edit::ReplacePart { pieces: selected, content }, None);
            }
            A::Restore(originals, added) => self.restore(&originals, &added),
            A::RestoreStep(step) => self.restore_step(step),
            A::Place(pose) => self.place(pose),
            A::AddStep => {
                let submodel = self.document.active;
                let design = self.document.design();
                let count = design.submodel(submodel).map_or(0, |submodel| submodel.steps.len());
                let at = self
                    .document
                    .current_step
                    .and_then(|step| design.place_of_step(step))
                    .map_or(count, |(_, i)| i + 1);
                self.apply("New step", Edit::AddStep { submodel, at }, None);
                let added = self.document.design().submodel(submodel).and_then(|submodel| submodel.steps.get(at));
                self.document.current_step = added.map(|step| step.id);
            }
            A::SplitStep => self.split_step(selected),
            A::MergeStep(step) => drop(self.apply("Merge step", Edit::MergeStep(step), None)),
            A::DeleteStep(step) => drop(self.apply("Delete step", Edit::DeleteStep(step), None)),
            A::MoveStep(step, to) => drop(self.apply("Move step", Edit::MoveStep { step, to }, None)),
            A::MoveToStep(step) => {
                self.apply("Move to step", Edit::MovePiecesToStep { pieces: selected, step }, None);
            }
            A::AddSubmodel(name) => drop(self.apply("New submodel", Edit::AddSubmodel { name }, None)),
            A::RenameSubmodel(submodel, name) => {
                self.apply("Rename", Edit::RenameSubmodel { submodel, name }, None);
            }
            A::DeleteSubmodel(submodel) => drop(self.apply("Delete submodel", Edit::DeleteSubmodel(submodel), None)),
            other => warn!("{other:?} reached the design; it does not change one"),
        }
    }

    fn restore(&mut self, originals: &[PieceId], added: &[PieceId]) {
        let Some(shown) = &self.compare.shown else { return };
        let design = self.document.design();
        let edit = studwork_core::compare::restore(&shown.original, design, &shown.comparison, originals, added);
        self.apply_restore(edit);
    }

    fn paint(&mut self, pieces: Vec<PieceId>, color: ColorRef) {
        // A submodel's color is that of its pieces that have none of their own: often nothing changes to the eye.
        let design = self.document.design();
        let colorless = |piece: &Piece| match piece.content {
            Content::Submodel(inner) => !design.pieces_in(inner).any(|piece| piece.color == ColorRef::MAIN),
            Content::Part(_) => false,
        };
        let unseen = !pieces.is_empty() && pieces.iter().all(|&id| design.piece(id).is_some_and(colorless));
        if self.apply("Paint", Edit::Recolor { pieces, color }, None).is_some() && unseen {
            self.tools.hint =
                "Its pieces have colors of their own: open the submodel (double click) to paint them".into();
        }
    }

    fn restore_step(&mut self, step: studwork_core::StepId) {
        let Some(shown) = &self.compare.shown else { return };
        let design = self.document.design();
        let edit = studwork_core::compare::restore_step(&shown.original, design, &shown.comparison, step);
        self.apply_restore(edit);
    }

    fn apply_restore(&mut self, edit: Result<Edit, studwork_core::compare::RestoreError>) {
        match edit {
            Ok(edit) => {
                self.apply("Restore", edit, None);
                self.files.0.push(A::CompareAgain);
            }
            Err(error) => self.notices.error(error.to_string()),
        }
    }

    fn apply_and_select(&mut self, label: &str, edit: Edit) {
        if let Some(added) = self.apply(label, edit, None) {
            let here: Vec<PieceId> = added
                .into_iter()
                .filter(|&piece| {
                    self.document
                        .design()
                        .place_of(piece)
                        .is_some_and(|(submodel, _)| submodel == self.document.active())
                })
                .collect();
            if !here.is_empty() {
                self.selection.replace(here);
            }
        }
    }

    fn copy(&mut self, pieces: &[PieceId]) {
        let foot = Self::foot(self.projection.bounds_of_all(pieces.iter().copied())).position;
        let design = self.document.design();
        let copied = pieces.iter().filter_map(|&id| design.piece(id)).map(|piece| NewPiece {
            content: piece.content.clone(),
            color: piece.color,
            pose: Pose { position: piece.pose.position - foot, ..piece.pose },
            group: None,
        });
        let mut groups: BTreeMap<GroupId, Vec<usize>> = BTreeMap::new();
        for (index, &piece) in pieces.iter().filter(|id| design.piece(**id).is_some()).enumerate() {
            if let Some(group) = design.outermost_group_of(piece) {
                groups.entry(group).or_default().push(index);
            }
        }
        let name = |group| design.group(group).map_or_else(String::new, |group| group.name.clone());
        let groups = groups.into_iter().filter(|(_, members)| members.len() > 1);
        let groups = groups.map(|(group, members)| CopiedGroup { name: name(group), members }).collect();
        let copied = copied.collect();
        *self.clipboard = Clipboard { pieces: copied, groups };
        self.tools.hint = format!("Copied {}", count(self.clipboard.pieces.len(), "piece"));
    }

    fn place(&mut self, at: Pose) {
        if self.place_from_tray(at) {
            return;
        }
        let Some(hand) = self.tools.hand.clone() else { return };
        let placed = hand.pieces.iter().map(|piece| NewPiece { pose: piece.pose.then(at).tidied(), ..piece.clone() });
        let edit = Edit::AddPieces {
            submodel: self.document.active,
            step: self.document.current_step,
            pieces: placed.collect(),
        };
        let grouped = !hand.groups.is_empty();
        if grouped {
            self.document.history.seal();
        }
        let Some(added) = self.apply("Place", edit, grouped.then_some(merge::PLACE)) else { return };
        for group in &hand.groups {
            let pieces: Vec<_> = group.members.iter().filter_map(|&index| added.get(index).copied()).collect();
            self.apply("Place", Edit::Group { pieces, name: group.name.clone() }, Some(merge::PLACE));
        }
        if grouped {
            self.document.history.seal();
        }
        if let Some(hand) = &mut self.tools.hand {
            hand.alternative = 0;
        }
        if !hand.follows_brush {
            self.tools.choose(crate::tools::Tool::Select);
            self.selection.replace(added);
        }
    }

    /// How far copies of pieces stand beside them, to the right as seen, in whole studs.
    pub(super) fn beside(&self, pieces: &[PieceId]) -> Vec3 {
        let side = self.as_seen(Axis::X);
        let width = self.projection.bounds_of_all(pieces.iter().copied()).size().dot(side.abs());
        side * ((width - 1.0) / 20.0).ceil().max(1.0) * 20.0
    }

    fn nudge(&mut self, pieces: Vec<PieceId>, axis: Axis, steps: i32, fine: bool) {
        let step = match (fine, axis) {
            (true, _) => 1.0,
            (false, Axis::Y) => self.settings.grid_height,
            (false, _) => self.settings.grid,
        };
        let offset = self.as_seen(axis) * step * steps as f32;
        self.apply("Move", Edit::Move { pieces, offset }, Some(merge::NUDGE + axis as u64));
    }

    fn turn(&mut self, pieces: Vec<PieceId>, axis: Axis, degrees: f32) {
        let rotation = snapped_rotation(Mat3::from_axis_angle(axis.unit(), degrees.to_radians()));
        if let Some(hand) = &mut self.tools.hand {
            hand.turn = snapped_rotation(rotation * hand.turn);
            hand.alternative = 0;
        } else if let Some(Gesture::Move(drag)) = &mut self.tools.gesture {
            drag.turn = snapped_rotation(rotation * drag.turn);
        } else {
            let pivot = match pieces[..] {
                [one] => self.document.design().piece(one).map_or(Vec3::ZERO, |piece| piece.pose.position),
                _ => {
                    let center = self.projection.bounds_of_all(pieces.iter().copied()).center();
                    // On the half-stud grid, so that studs meet studs again after a quarter turn.
                    Vec3::new((center.x / 10.0).round() * 10.0, center.y, (center.z / 10.0).round() * 10.0)
                }
            };
            self.apply("Turn", Edit::Rotate { pieces, pivot, rotation }, None);
        }
    }

    fn mirror(&mut self, pieces: Vec<PieceId>, axis: Axis) {
        let bounds = self.projection.bounds_of_all(pieces.iter().copied());
        let at = (bounds.center().dot(axis.unit()) / 2.0).round() * 2.0;
        let catalog = &self.parts.0;
        let edit = Edit::mirror(self.document.design(), pieces, axis, at, &|part| twin_of(catalog, part));
        self.apply("Mirror", edit, None);
    }

    fn split_step(&mut self, pieces: Vec<PieceId>) {
        let submodel = self.document.active;
        let design = self.document.design();
        let last = pieces
            .iter()
            .filter_map(|&piece| design.place_of(piece))
            .filter_map(|(_, step)| design.place_of_step(step));
        let at = last.map(|(_, index)| index + 1).max().unwrap_or(0);
        self.document.history.seal();
        if self.apply("New step from selection", Edit::AddStep { submodel, at }, Some(merge::SPLIT)).is_none() {
            return;
        }
        let step =
            self.document.design().submodel(submodel).and_then(|submodel| submodel.steps.get(at)).map(|step| step.id);
        if let Some(step) = step {
            self.apply("New step from selection", Edit::MovePiecesToStep { pieces, step }, Some(merge::SPLIT));
            self.document.history.seal();
        }
    }

    fn free_submodel_name(&self) -> String {
        let design = self.document.design();
        let mut number = design.submodels().count();
        loop {
            let name = format!("Submodel {number}");
            if design.submodel_named(&name).is_none() {
                return name;
            }
            number += 1;
        }
    }
}

/// What the history calls an edit that came as it is.
fn label_of(edit: &Edit) -> &'static str {
    match edit {
        Edit::RemovePieces(_) => "Delete",
        Edit::SetInfo(_) | Edit::SetSubmodelInfo { .. } => "Describe",
        Edit::SetPoses(_) | Edit::Move { .. } => "Move",
        Edit::Rotate { .. } => "Turn",
        Edit::Recolor { .. } => "Paint",
        _ => "Change",
    }
}
