//! How an edit is carried out: it is told in a few primitive operations, each of which knows its way back.
//!
//! The operations run one by one on the design and leave their inverses behind. When one is refused, those inverses
//! run at once and the design is as it was. What changed is found from the things that were touched.

mod arrange;
mod basic;
mod groups;
mod limits;
mod op;
mod steps;
mod submodels;

pub(crate) use basic::one_line;
pub use limits::{MAX_DEPTH, MAX_PIECES};
pub use op::{Item, Names, Op};

use crate::edit::Restore;
use crate::ids::Counters;
use crate::{Applied, Change, Design, Edit, EditError, GroupId, Piece, PieceId, Pose, StepId, StepItem, SubmodelId};
use std::collections::{BTreeMap, BTreeSet};

impl Design {
    /// Carries out an edit, whole or not at all. This is the only way a design changes.
    ///
    /// # Errors
    /// Says what does not fit and what to do about it; the design is then as it was.
    pub fn apply(&mut self, edit: Edit) -> Result<Applied, EditError> {
        let before = (self.next, self.unused);
        let mut work = Work { design: self, undo: Vec::new(), touched: Touched::default(), notes: Vec::new() };
        match work.edit(edit) {
            Ok(()) => Ok(work.finish(before.0)),
            Err(error) => {
                let undo = std::mem::take(&mut work.undo);
                for op in undo.into_iter().rev() {
                    let undone = work.design.run(op, &mut Touched::default());
                    debug_assert!(undone.is_ok(), "the way back from {error} must be open");
                }
                (work.design.next, work.design.unused) = before;
                Err(error)
            }
        }
    }
}

/// What was there before an edit first touched it.
#[derive(Default)]
pub(crate) struct Touched {
    pieces: BTreeMap<PieceId, Option<(Piece, SubmodelId)>>,
    submodels: BTreeMap<SubmodelId, bool>,
    steps: BTreeSet<SubmodelId>,
    groups: bool,
    info: bool,
    embedded: bool,
}

/// Pieces of one step with their index in it, in order.
type Standing = Vec<(usize, PieceId)>;

/// An edit being carried out.
struct Work<'a> {
    design: &'a mut Design,
    /// Inverses, the first operation's first.
    undo: Vec<Op>,
    touched: Touched,
    notes: Vec<String>,
}

impl Work<'_> {
    fn run(&mut self, op: Op) -> Result<(), EditError> {
        let inverse = self.design.run(op, &mut self.touched)?;
        self.undo.push(inverse);
        Ok(())
    }

    fn edit(&mut self, edit: Edit) -> Result<(), EditError> {
        match edit {
            Edit::AddPieces { submodel, step, pieces } => self.add_pieces(submodel, step, pieces),
            Edit::RemovePieces(pieces) => self.remove_pieces(&pieces),
            Edit::SetPoses(poses) => self.set_poses(&poses),
            Edit::Move { pieces, offset } => {
                self.change_poses(&pieces, &|pose| Pose { position: pose.position + offset, ..pose })
            }
            Edit::Rotate { pieces, pivot, rotation } => {
                let rotation = crate::snapped_rotation(rotation);
                self.change_poses(&pieces, &|pose| pose.rotated_about(pivot, rotation))
            }
            Edit::Recolor { pieces, color } => self.change(&pieces, &mut |piece| piece.color = color),
            Edit::ReplacePart { pieces, content } => {
                self.change(&pieces, &mut |piece| piece.content.clone_from(&content))
            }
            Edit::Duplicate { pieces, offset } => {
                self.copies(&pieces, 1, &|_, pose| Pose { position: pose.position + offset, ..pose })
            }
            Edit::Mirror { pieces, axis, at, twins, planes } => self.mirror(&pieces, axis, at, &twins, &planes),
            Edit::ArrayLinear { pieces, count, offset } => {
                self.copies(&pieces, count, &|n, pose| Pose { position: pose.position + offset * n as f32, ..pose })
            }
            Edit::ArrayAround { pieces, count, pivot, axis, angle } => {
                self.array_around(&pieces, count, pivot, axis, angle)
            }
            Edit::Group { pieces, name } => self.group(&pieces, &name),
            Edit::Ungroup(group) => self.ungroup(group),
            Edit::RenameGroup { group, name } => self.rename_group(group, &name),
            Edit::MakeSubmodel { pieces, name } => self.make_submodel(&pieces, &name),
            Edit::InlineSubmodel(piece) => self.inline_submodel(piece),
            Edit::AddSubmodel { name } => self.add_submodel(&name).map(drop),
            Edit::DeleteSubmodel(submodel) => self.delete_submodel(submodel),
            Edit::RenameSubmodel { submodel, name } => self.rename_submodel(submodel, &name),
            Edit::SetSubmodelInfo { submodel, title, author, license } => {
                self.set_submodel_info(submodel, [Some(&title), Some(&author), Some(&license)])
            }
            Edit::AddStep { submodel, at } => self.add_step(submodel, at).map(drop),
            Edit::MoveStep { step, to } => self.move_step(step, to),
            Edit::MergeStep(step) => self.merge_step(step),
            Edit::SplitStep { step, at } => self.split_step(step, at),
            Edit::DeleteStep(step) => self.delete_step(step),
            Edit::SetStepView { step, view } => self.set_step_view(step, view),
            Edit::MovePiecesToStep { pieces, step } => self.move_pieces_to_step(&pieces, step),
            Edit::SetInfo(field) => self.set_info(field),
            Edit::Embed { part, lines } => {
                let embedded = crate::edit::embedded_part(part.clone(), &lines);
                if self.design.embedded(&part) == Some(&embedded) {
                    return Ok(());
                }
                self.run(Op::SetEmbedded { part, lines: Some(lines) })
            }
            Edit::RemoveEmbedded(part) => match self.design.embedded(&part) {
                Some(_) => self.run(Op::SetEmbedded { part, lines: None }),
                None => Err(EditError::UnknownEmbedded(part)),
            },
            Edit::Batch(edits) => edits.into_iter().try_for_each(|edit| self.edit(edit)),
            Edit::Restore(restore) => self.restore(restore),
        }
    }

    fn restore(&mut self, restore: Restore) -> Result<(), EditError> {
        restore.ops.into_iter().try_for_each(|op| self.run(op))?;
        self.design.next = restore.next.max(self.design.kept);
        self.design.unused = self.design.unused.max(self.design.next);
        Ok(())
    }

    fn finish(self, next_before: Counters) -> Applied {
        let design = &*self.design;
        let mut changes = Vec::new();
        let (mut added, mut changed) = (Vec::new(), Vec::new());
        let submodels = self.touched.submodels.into_iter();
        let (existed, fresh): (Vec<_>, Vec<_>) = submodels.partition(|(_, existed)| *existed);
        let here = |id: SubmodelId| design.submodel(id).is_some();
        changes.extend(fresh.into_iter().filter(|(id, _)| here(*id)).map(|(id, _)| Change::SubmodelAdded(id)));
        for (id, before) in self.touched.pieces {
            let now = design.piece(id).zip(design.place_of(id).map(|(submodel, _)| submodel));
            match (before, now) {
                (None, None) => {}
                (None, Some(_)) => added.push(Change::PieceAdded(id)),
                (Some((piece, submodel)), None) => {
                    changes.push(Change::PieceRemoved(id, Box::new(piece), submodel));
                }
                (Some((piece, submodel)), Some((_, now_in))) if submodel != now_in => {
                    changes.push(Change::PieceRemoved(id, Box::new(piece), submodel));
                    added.push(Change::PieceAdded(id));
                }
                (Some((piece, _)), Some((now, _))) if piece != *now => changed.push(Change::PieceChanged(id)),
                _ => {}
            }
        }
        changes.append(&mut added);
        changes.append(&mut changed);
        let (kept, gone): (Vec<_>, Vec<_>) = existed.into_iter().map(|(id, _)| id).partition(|&id| here(id));
        changes.extend(gone.into_iter().map(Change::SubmodelRemoved));
        changes.extend(kept.into_iter().map(Change::SubmodelChanged));
        changes.extend(self.touched.steps.into_iter().filter(|&id| here(id)).map(Change::StepsChanged));
        changes.extend(self.touched.groups.then_some(Change::GroupsChanged));
        changes.extend(self.touched.info.then_some(Change::InfoChanged));
        changes.extend(self.touched.embedded.then_some(Change::EmbeddedChanged));
        let mut ops = self.undo;
        ops.reverse();
        Applied { inverse: Edit::Restore(Restore { ops, next: next_before }), changes, notes: self.notes }
    }

    fn new_piece_ids(&mut self, count: usize) -> Result<std::ops::Range<u32>, EditError> {
        let first = self.design.unused.piece;
        let count = u32::try_from(count).map_err(|_| EditError::TooMany(MAX_PIECES))?;
        self.design.unused.piece = first.checked_add(count).ok_or(EditError::OutOfIds)?;
        self.design.next.piece = self.design.unused.piece;
        Ok(first..self.design.unused.piece)
    }

    fn new_step_id(&mut self) -> Result<StepId, EditError> {
        let id = self.design.unused.step;
        self.design.unused.step = id.checked_add(1).ok_or(EditError::OutOfIds)?;
        self.design.next.step = self.design.unused.step;
        Ok(StepId(id))
    }

    fn new_submodel_id(&mut self) -> Result<SubmodelId, EditError> {
        let id = self.design.unused.submodel;
        self.design.unused.submodel = id.checked_add(1).ok_or(EditError::OutOfIds)?;
        self.design.next.submodel = self.design.unused.submodel;
        Ok(SubmodelId(id))
    }

    fn new_group_id(&mut self) -> Result<GroupId, EditError> {
        let id = self.design.unused.group;
        self.design.unused.group = id.checked_add(1).ok_or(EditError::OutOfIds)?;
        self.design.next.group = self.design.unused.group;
        Ok(GroupId(id))
    }

    /// The pieces with these numbers, each once and in building order within a step: step → (index, id).
    fn standing(&self, pieces: &[PieceId]) -> Result<BTreeMap<StepId, Standing>, EditError> {
        let mut found: BTreeMap<StepId, Standing> = BTreeMap::new();
        for &id in pieces {
            let (step, index) = self.design.position_of(id).ok_or(EditError::UnknownPiece(id))?;
            found.entry(step).or_default().push((index, id));
        }
        for standing in found.values_mut() {
            standing.sort_unstable();
            standing.dedup();
        }
        Ok(found)
    }

    /// The submodel that all these pieces stand in.
    fn common_submodel(&self, pieces: &[PieceId]) -> Result<SubmodelId, EditError> {
        let mut common = None;
        for &id in pieces {
            let (submodel, _) = self.design.place_of(id).ok_or(EditError::UnknownPiece(id))?;
            if *common.get_or_insert(submodel) != submodel {
                return Err(EditError::SeveralSubmodels);
            }
        }
        common.ok_or(EditError::NothingSelected)
    }

    /// Takes items out of a step and gives them back in order.
    fn take_items(&mut self, step: StepId, indices: Vec<u32>) -> Result<Vec<Item>, EditError> {
        self.run(Op::RemoveItems { step, indices })?;
        match self.undo.last() {
            Some(Op::InsertItems { items, .. }) => Ok(items.iter().map(|(_, item)| item.clone()).collect()),
            _ => Err(EditError::DoesNotFit("items")),
        }
    }

    /// Puts items at the end of a step, or before the item with an index.
    fn put_items(&mut self, step: StepId, at: Option<usize>, items: Vec<Item>) -> Result<(), EditError> {
        let length = self.design.step(step).ok_or(EditError::UnknownStep(step))?.items.len();
        let first = at.unwrap_or(length).min(length) as u32;
        let items = items.into_iter().zip(first..).map(|(item, index)| (index, item)).collect();
        self.run(Op::InsertItems { step, items })
    }

    /// The step's items as values, pieces with all they are.
    fn items_of(&self, step: StepId) -> Result<Vec<Item>, EditError> {
        let step = self.design.step(step).ok_or(EditError::UnknownStep(step))?;
        Ok(step.items.iter().filter_map(|item| self.item(item)).collect())
    }

    fn item(&self, item: &StepItem) -> Option<Item> {
        Some(match item {
            StepItem::Piece(id) => Item::Piece(self.design.piece(*id)?.clone()),
            StepItem::Line(line) => Item::Line(line.clone()),
        })
    }
}
