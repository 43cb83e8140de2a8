//! The primitive operations: small enough that each one's inverse is plain to see.
//!
//! They keep the indexes of the design true and refuse what would break an invariant. They give no numbers; whoever
//! tells them does.

use super::Touched;
use crate::design::{GroupSlot, Info, Shelf, StepPlace, position_near};
use crate::{
    Content, Design, EditError, Group, GroupId, Lineage, PartId, Piece, PieceId, Step, StepId, StepItem, StepView,
    Submodel, SubmodelId, line_text,
};
use serde::{Deserialize, Serialize};
use studwork_ldraw::Line;

/// One primitive operation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Op {
    /// Items with the index each has afterwards, ascending.
    InsertItems { step: StepId, items: Vec<(u32, Item)> },
    /// Indices before any is removed, ascending.
    RemoveItems { step: StepId, indices: Vec<u32> },
    /// New values for pieces that are there.
    SetPieces(Vec<Piece>),
    /// An empty step.
    InsertStep { submodel: SubmodelId, index: u32, step: StepId, view: Option<StepView> },
    /// The step must be empty.
    RemoveStep { step: StepId },
    /// Within its submodel.
    MoveStep { step: StepId, to: u32 },
    /// The turn in its picture.
    SetStepView { step: StepId, view: Option<StepView> },
    /// Without a step.
    InsertSubmodel { index: u32, submodel: SubmodelId, names: Names },
    /// Without a step, placed nowhere.
    RemoveSubmodel { submodel: SubmodelId },
    /// Its names.
    SetNames { submodel: SubmodelId, names: Names },
    /// Adds, changes or (with `None`) removes a group; a removed one must be empty.
    SetGroup { group: GroupId, to: Option<(String, Option<GroupId>)> },
    /// What is said about the design.
    SetInfo { description: String, tags: Vec<String>, lineage: Option<Lineage> },
    /// Adds, changes or (with `None`) removes an embedded part.
    SetEmbedded { part: PartId, lines: Option<Vec<String>> },
}

/// A step's item with all it is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Item {
    /// A piece.
    Piece(Piece),
    /// A line.
    Line(#[serde(with = "line_text")] Box<Line>),
}

/// The texts of a submodel.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Names {
    pub name: String,
    pub title: String,
    pub author: String,
    pub license: String,
}

impl Names {
    pub fn of(submodel: &Submodel) -> Self {
        let Submodel { name, title, author, license, .. } = submodel;
        Self { name: name.clone(), title: title.clone(), author: author.clone(), license: license.clone() }
    }
}

/// From this many on, one pass over the step is cheaper than moving its tail for each.
const MANY: usize = 8;

impl Design {
    /// Runs one operation and gives its inverse.
    pub(crate) fn run(&mut self, op: Op, touched: &mut Touched) -> Result<Op, EditError> {
        match op {
            Op::InsertItems { step, items } => self.insert_items(step, items, touched),
            Op::RemoveItems { step, indices } => self.remove_items(step, indices, touched),
            Op::SetPieces(pieces) => self.set_pieces(pieces, touched),
            Op::InsertStep { submodel, index, step, view } => self.insert_step(submodel, index, step, view, touched),
            Op::RemoveStep { step } => self.remove_step(step, touched),
            Op::MoveStep { step, to } => self.shift_step(step, to, touched),
            Op::SetStepView { step, view } => {
                let submodel = self.place_of_step(step).ok_or(EditError::UnknownStep(step))?.0;
                let place = self.step_mut(step).ok_or(EditError::UnknownStep(step))?;
                let before = std::mem::replace(&mut place.view, view);
                touched.steps.insert(submodel);
                Ok(Op::SetStepView { step, view: before })
            }
            Op::InsertSubmodel { index, submodel, names } => self.insert_submodel(index, submodel, names, touched),
            Op::RemoveSubmodel { submodel } => self.remove_submodel(submodel, touched),
            Op::SetNames { submodel, names } => self.set_names(submodel, names, touched),
            Op::SetGroup { group, to } => self.set_group(group, to, touched),
            Op::SetInfo { description, tags, lineage } => {
                let before = std::mem::replace(&mut self.info, Info { description, tags, lineage });
                touched.info = true;
                Ok(Op::SetInfo { description: before.description, tags: before.tags, lineage: before.lineage })
            }
            Op::SetEmbedded { part, lines } => {
                let before = match lines {
                    Some(lines) => {
                        let embedded = crate::edit::embedded_part(part.clone(), &lines);
                        self.embedded.insert(part.clone(), embedded)
                    }
                    None => self.embedded.remove(&part),
                };
                touched.embedded = true;
                let lines = before.map(|before| line_text::lines_from_file(&before.file));
                Ok(Op::SetEmbedded { part, lines })
            }
        }
    }

    pub(crate) fn step_mut(&mut self, step: StepId) -> Option<&mut Step> {
        let place = self.steps.get(&step)?;
        let steps = &mut self.shelves.get_mut(&place.submodel)?.submodel.steps;
        let index = position_near(steps, place.hint, |candidate| candidate.id == step)?;
        steps.get_mut(index)
    }

    fn insert_items(&mut self, step: StepId, items: Vec<(u32, Item)>, touched: &mut Touched) -> Result<Op, EditError> {
        let (submodel, _) = self.place_of_step(step).ok_or(EditError::UnknownStep(step))?;
        let length = self.step(step).map_or(0, |step| step.items.len());
        let indices: Vec<u32> = items.iter().map(|(index, _)| *index).collect();
        let ascending = indices.is_sorted_by(|a, b| a < b);
        if !ascending || indices.last().is_some_and(|&last| last as usize >= length + items.len()) {
            return Err(EditError::DoesNotFit("places in a step"));
        }
        let mut seen = std::collections::BTreeSet::new();
        for (_, item) in &items {
            if let Item::Piece(piece) = item {
                if self.slots.contains_key(&piece.id) || !seen.insert(piece.id) {
                    return Err(EditError::DoesNotFit("a piece is there already"));
                }
                self.check_piece(piece, submodel)?;
            }
        }
        self.check_new_placements(
            submodel,
            items.iter().filter_map(|(_, item)| match item {
                Item::Piece(piece) => Some(piece),
                Item::Line(_) => None,
            }),
        )?;
        let mut fresh = Vec::with_capacity(items.len());
        for (index, item) in items {
            fresh.push((
                index as usize,
                match item {
                    Item::Line(line) => StepItem::Line(line),
                    Item::Piece(piece) => {
                        let id = piece.id;
                        touched.pieces.entry(id).or_insert(None);
                        self.unused.piece = self.unused.piece.max(id.0.saturating_add(1));
                        self.link(piece, submodel, step, index);
                        StepItem::Piece(id)
                    }
                },
            ));
        }
        if let Some(place) = self.step_mut(step) {
            insert_all(&mut place.items, fresh);
        }
        touched.steps.insert(submodel);
        Ok(Op::RemoveItems { step, indices })
    }

    fn remove_items(&mut self, step: StepId, indices: Vec<u32>, touched: &mut Touched) -> Result<Op, EditError> {
        let (submodel, _) = self.place_of_step(step).ok_or(EditError::UnknownStep(step))?;
        let place = self.step_mut(step).ok_or(EditError::UnknownStep(step))?;
        let ascending = indices.is_sorted_by(|a, b| a < b);
        if !ascending || indices.last().is_some_and(|&last| last as usize >= place.items.len()) {
            return Err(EditError::DoesNotFit("places in a step"));
        }
        let taken = remove_all(&mut place.items, &indices);
        let mut items = Vec::with_capacity(taken.len());
        for (index, item) in indices.into_iter().zip(taken) {
            items.push((
                index,
                match item {
                    StepItem::Line(line) => Item::Line(line),
                    StepItem::Piece(id) => {
                        let Some(piece) = self.unlink(id, submodel) else { continue };
                        touched.pieces.entry(id).or_insert_with(|| Some((piece.clone(), submodel)));
                        Item::Piece(piece)
                    }
                },
            ));
        }
        touched.steps.insert(submodel);
        Ok(Op::InsertItems { step, items })
    }

    fn set_pieces(&mut self, pieces: Vec<Piece>, touched: &mut Touched) -> Result<Op, EditError> {
        for piece in &pieces {
            let (submodel, _) = self.place_of(piece.id).ok_or(EditError::UnknownPiece(piece.id))?;
            self.check_piece(piece, submodel)?;
            if self.piece(piece.id).is_some_and(|before| before.content != piece.content) {
                self.check_new_placements(submodel, std::iter::once(piece))?;
            }
        }
        let mut before = Vec::with_capacity(pieces.len());
        for piece in pieces {
            let id = piece.id;
            let (submodel, step) = self.place_of(id).ok_or(EditError::UnknownPiece(id))?;
            let Some(slot) = self.slots.get_mut(&id) else { continue };
            if slot.piece.content == piece.content && slot.piece.group == piece.group {
                let old = std::mem::replace(&mut slot.piece, piece);
                touched.pieces.entry(id).or_insert_with(|| Some((old.clone(), submodel)));
                before.push(old);
                continue;
            }
            let hint = slot.hint;
            let Some(old) = self.unlink(id, submodel) else { continue };
            touched.pieces.entry(id).or_insert_with(|| Some((old.clone(), submodel)));
            touched.groups |= old.group != piece.group;
            self.link(piece, submodel, step, hint);
            before.push(old);
        }
        // A piece may be named twice: the way back goes through its values in reverse.
        before.reverse();
        Ok(Op::SetPieces(before))
    }

    /// Enters a piece into the indexes.
    pub(crate) fn link(&mut self, piece: Piece, submodel: SubmodelId, step: StepId, hint: u32) {
        let id = piece.id;
        if let Some(shelf) = self.shelves.get_mut(&submodel) {
            shelf.count(&piece, true);
        }
        if let Content::Submodel(placed) = piece.content
            && let Some(shelf) = self.shelves.get_mut(&placed)
        {
            shelf.occurrences.insert(id);
        }
        if let Some(group) = piece.group.and_then(|group| self.groups.get_mut(&group)) {
            group.pieces.insert(id);
        }
        self.slots.insert(id, crate::design::Slot { piece, step, hint });
    }

    /// Takes a piece out of the indexes.
    fn unlink(&mut self, id: PieceId, submodel: SubmodelId) -> Option<Piece> {
        let piece = self.slots.remove(&id)?.piece;
        if let Some(shelf) = self.shelves.get_mut(&submodel) {
            shelf.count(&piece, false);
        }
        if let Content::Submodel(placed) = piece.content
            && let Some(shelf) = self.shelves.get_mut(&placed)
        {
            shelf.occurrences.remove(&id);
        }
        if let Some(group) = piece.group.and_then(|group| self.groups.get_mut(&group)) {
            group.pieces.remove(&id);
        }
        Some(piece)
    }

    fn insert_step(
        &mut self,
        submodel: SubmodelId,
        index: u32,
        step: StepId,
        view: Option<StepView>,
        touched: &mut Touched,
    ) -> Result<Op, EditError> {
        if self.steps.contains_key(&step) {
            return Err(EditError::DoesNotFit("a step is there already"));
        }
        let shelf = self.shelves.get_mut(&submodel).ok_or(EditError::UnknownSubmodel(submodel))?;
        if index as usize > shelf.submodel.steps.len() {
            return Err(EditError::DoesNotFit("the order of steps"));
        }
        shelf.submodel.steps.insert(index as usize, Step { id: step, items: Vec::new(), view });
        self.steps.insert(step, StepPlace { submodel, hint: index });
        self.unused.step = self.unused.step.max(step.0.saturating_add(1));
        touched.steps.insert(submodel);
        Ok(Op::RemoveStep { step })
    }

    fn remove_step(&mut self, step: StepId, touched: &mut Touched) -> Result<Op, EditError> {
        let (submodel, index) = self.place_of_step(step).ok_or(EditError::UnknownStep(step))?;
        let shelf = self.shelves.get_mut(&submodel).ok_or(EditError::UnknownSubmodel(submodel))?;
        if !shelf.submodel.steps[index].items.is_empty() {
            return Err(EditError::DoesNotFit("a step is not empty"));
        }
        let removed = shelf.submodel.steps.remove(index);
        self.steps.remove(&step);
        touched.steps.insert(submodel);
        Ok(Op::InsertStep { submodel, index: index as u32, step, view: removed.view })
    }

    fn shift_step(&mut self, step: StepId, to: u32, touched: &mut Touched) -> Result<Op, EditError> {
        let (submodel, index) = self.place_of_step(step).ok_or(EditError::UnknownStep(step))?;
        let shelf = self.shelves.get_mut(&submodel).ok_or(EditError::UnknownSubmodel(submodel))?;
        if to as usize >= shelf.submodel.steps.len() {
            return Err(EditError::DoesNotFit("the order of steps"));
        }
        let moved = shelf.submodel.steps.remove(index);
        shelf.submodel.steps.insert(to as usize, moved);
        if let Some(place) = self.steps.get_mut(&step) {
            place.hint = to;
        }
        touched.steps.insert(submodel);
        Ok(Op::MoveStep { step, to: index as u32 })
    }

    fn insert_submodel(
        &mut self,
        index: u32,
        submodel: SubmodelId,
        names: Names,
        touched: &mut Touched,
    ) -> Result<Op, EditError> {
        if self.shelves.contains_key(&submodel) || index as usize > self.order.len() {
            return Err(EditError::DoesNotFit("the order of submodels"));
        }
        self.check_name(&names.name, None)?;
        let Names { name, title, author, license } = names;
        let fresh = Submodel { id: submodel, name, title, author, license, steps: Vec::new() };
        self.shelves.insert(submodel, Shelf::new(fresh));
        self.order.insert(index as usize, submodel);
        self.unused.submodel = self.unused.submodel.max(submodel.0.saturating_add(1));
        touched.submodels.entry(submodel).or_insert(false);
        Ok(Op::RemoveSubmodel { submodel })
    }

    fn remove_submodel(&mut self, submodel: SubmodelId, touched: &mut Touched) -> Result<Op, EditError> {
        let shelf = self.shelf(submodel).ok_or(EditError::UnknownSubmodel(submodel))?;
        if !shelf.occurrences.is_empty() || !shelf.submodel.steps.is_empty() {
            return Err(EditError::DoesNotFit("a submodel is in use"));
        }
        let names = Names::of(&shelf.submodel);
        let index = self.order.iter().position(|&id| id == submodel).unwrap_or_default();
        self.order.remove(index);
        self.shelves.remove(&submodel);
        touched.submodels.entry(submodel).or_insert(true);
        Ok(Op::InsertSubmodel { index: index as u32, submodel, names })
    }

    fn set_names(&mut self, submodel: SubmodelId, names: Names, touched: &mut Touched) -> Result<Op, EditError> {
        self.check_name(&names.name, Some(submodel))?;
        let shelf = self.shelves.get_mut(&submodel).ok_or(EditError::UnknownSubmodel(submodel))?;
        let before = Names::of(&shelf.submodel);
        let Names { name, title, author, license } = names;
        touched.info |= self.order.first() == Some(&submodel);
        touched.submodels.entry(submodel).or_insert(true);
        let place = &mut shelf.submodel;
        (place.name, place.title, place.author, place.license) = (name, title, author, license);
        Ok(Op::SetNames { submodel, names: before })
    }

    fn set_group(
        &mut self,
        group: GroupId,
        to: Option<(String, Option<GroupId>)>,
        touched: &mut Touched,
    ) -> Result<Op, EditError> {
        if let Some((_, parent)) = &to {
            let mut above = *parent;
            while let Some(id) = above {
                if id == group {
                    return Err(EditError::DoesNotFit("a group would hold itself"));
                }
                above = self.group(id).ok_or(EditError::UnknownGroup(id))?.parent;
            }
        } else {
            let slot = self.groups.get(&group).ok_or(EditError::UnknownGroup(group))?;
            if !slot.pieces.is_empty() || !slot.children.is_empty() {
                return Err(EditError::DoesNotFit("a group is not empty"));
            }
        }
        let before = self.groups.get(&group).map(|slot| (slot.group.name.clone(), slot.group.parent));
        if let Some(parent) = before.as_ref().and_then(|(_, parent)| *parent)
            && let Some(slot) = self.groups.get_mut(&parent)
        {
            slot.children.remove(&group);
        }
        match to {
            Some((name, parent)) => {
                if let Some(slot) = parent.and_then(|parent| self.groups.get_mut(&parent)) {
                    slot.children.insert(group);
                }
                let value = Group { id: group, name, parent };
                match self.groups.get_mut(&group) {
                    Some(slot) => slot.group = value,
                    None => drop(self.groups.insert(group, GroupSlot::new(value))),
                }
                self.unused.group = self.unused.group.max(group.0.saturating_add(1));
            }
            None => drop(self.groups.remove(&group)),
        }
        touched.groups = true;
        Ok(Op::SetGroup { group, to: before })
    }
}

impl GroupSlot {
    pub fn new(group: Group) -> Self {
        Self { group, pieces: Default::default(), children: Default::default() }
    }
}

/// Inserts items with the index each has afterwards, ascending.
fn insert_all<T>(into: &mut Vec<T>, items: Vec<(usize, T)>) {
    let appends = items.first().is_some_and(|(index, _)| *index == into.len());
    if appends || items.len() < MANY {
        into.reserve(items.len());
        items.into_iter().for_each(|(index, item)| into.insert(index, item));
        return;
    }
    let mut old = std::mem::take(into).into_iter();
    let mut merged = Vec::with_capacity(old.len() + items.len());
    for (index, item) in items {
        let missing = index - merged.len();
        merged.extend(old.by_ref().take(missing));
        merged.push(item);
    }
    merged.extend(old);
    *into = merged;
}

/// Removes the items at ascending indices and gives them in order.
fn remove_all<T>(from: &mut Vec<T>, indices: &[u32]) -> Vec<T> {
    if indices.len() < MANY {
        let mut taken: Vec<T> = indices.iter().rev().map(|&index| from.remove(index as usize)).collect();
        taken.reverse();
        return taken;
    }
    let mut wanted = indices.iter().map(|&index| index as usize).peekable();
    let (mut taken, mut kept) = (Vec::with_capacity(indices.len()), Vec::with_capacity(from.len() - indices.len()));
    for (index, item) in std::mem::take(from).into_iter().enumerate() {
        if wanted.next_if_eq(&index).is_some() { taken.push(item) } else { kept.push(item) }
    }
    *from = kept;
    taken
}
