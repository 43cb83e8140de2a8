//! Puts a design together that was read from a file, and refuses what no design may be.
//!
//! Readers give everything in order and with its numbers; what is checked piece by piece on an edit is checked here
//! once at the end.

use crate::apply::{Item, MAX_DEPTH, MAX_PIECES, Names};
use crate::design::{GroupSlot, Shelf, StepPlace};
use crate::ids::Counters;
use crate::{Content, Design, Group, GroupId, PieceId, Step, StepId, StepItem, StepView, Submodel, SubmodelId};
use std::collections::{BTreeMap, BTreeSet};

/// A design being read.
pub(crate) struct Builder {
    pub design: Design,
    last: Counters,
}

impl Builder {
    pub fn new() -> Self {
        Self { design: Design::bare(), last: Counters { piece: 0, submodel: 0, step: 0, group: 0 } }
    }

    /// The number asked for, or the next one if that is 0.
    fn number(asked: u32, last: &mut u32) -> Result<u32, String> {
        let number = if asked == 0 { last.checked_add(1).ok_or("there are no numbers left")? } else { asked };
        *last = (*last).max(number);
        Ok(number)
    }

    /// Numbers are not given below these.
    pub fn reserve(&mut self, next: Counters) {
        self.design.next = self.design.next.max(next);
    }

    /// Numbers in use, so that those that are given to what has none do not collide.
    pub fn in_use(&mut self, last: Counters) {
        self.last = self.last.max(last);
    }

    pub fn group(&mut self, id: u32, name: String, parent: Option<GroupId>) -> Result<GroupId, String> {
        let id = GroupId(Self::number(id, &mut self.last.group)?);
        match self.design.groups.insert(id, GroupSlot::new(Group { id, name, parent })) {
            Some(_) => Err(format!("{id} is there twice")),
            None => Ok(id),
        }
    }

    pub fn submodel(&mut self, id: u32, names: Names) -> Result<SubmodelId, String> {
        let id = SubmodelId(Self::number(id, &mut self.last.submodel)?);
        let Names { name, title, author, license } = names;
        let submodel = Submodel { id, name, title, author, license, steps: Vec::new() };
        self.design.order.push(id);
        match self.design.shelves.insert(id, Shelf::new(submodel)) {
            Some(_) => Err(format!("{id} is there twice")),
            None => Ok(id),
        }
    }

    pub fn step(&mut self, submodel: SubmodelId, id: u32, view: Option<StepView>) -> Result<StepId, String> {
        let id = StepId(Self::number(id, &mut self.last.step)?);
        if view.is_some_and(|view| !view.is_valid()) {
            return Err(format!("{id}: its view is turned by what is no number"));
        }
        let shelf = self.design.shelves.get_mut(&submodel).ok_or_else(|| format!("{submodel} is missing"))?;
        let hint = shelf.submodel.steps.len() as u32;
        shelf.submodel.steps.push(Step { id, items: Vec::new(), view });
        match self.design.steps.insert(id, StepPlace { submodel, hint }) {
            Some(_) => Err(format!("{id} is there twice")),
            None => Ok(id),
        }
    }

    /// Fills a step. A piece whose number is 0 gets the next one.
    pub fn items(&mut self, submodel: SubmodelId, step: StepId, items: Vec<Item>) -> Result<(), String> {
        let mut placed = Vec::with_capacity(items.len());
        for (hint, item) in items.into_iter().enumerate() {
            placed.push(match item {
                Item::Line(line) => StepItem::Line(line),
                Item::Piece(mut piece) => {
                    piece.id = PieceId(Self::number(piece.id.0, &mut self.last.piece)?);
                    piece.pose = piece.pose.tidied();
                    piece.color = crate::color::tidied(piece.color);
                    if self.design.slots.contains_key(&piece.id) {
                        return Err(format!("{} is there twice", piece.id));
                    }
                    let id = piece.id;
                    self.design.link(piece, submodel, step, hint as u32);
                    StepItem::Piece(id)
                }
            });
        }
        if let Some(step) = self.design.step_mut(step) {
            step.items = placed;
        }
        Ok(())
    }

    /// The design, if it may be one. Says what was mended, too.
    pub fn finish(mut self) -> Result<(Design, Vec<String>), String> {
        let mut notes = Vec::new();
        let design = &mut self.design;
        if design.order.is_empty() {
            return Err("there is no submodel".to_owned());
        }
        for (&id, shelf) in &mut design.shelves {
            if shelf.submodel.steps.is_empty() {
                self.last.step = self.last.step.checked_add(1).ok_or("there are no numbers left")?;
                let step = StepId(self.last.step);
                shelf.submodel.steps.push(Step { id: step, items: Vec::new(), view: None });
                design.steps.insert(step, StepPlace { submodel: id, hint: 0 });
            }
        }
        let Counters { piece, submodel, step, group } = self.last;
        let beyond = |n: u32| n.checked_add(1).ok_or("there are no numbers left");
        let used =
            Counters { piece: beyond(piece)?, submodel: beyond(submodel)?, step: beyond(step)?, group: beyond(group)? };
        design.next = design.next.max(used);
        design.unused = design.next;
        design.kept = design.next;
        let parents: Vec<(GroupId, GroupId)> =
            design.groups().filter_map(|group| Some((group.id, group.parent?))).collect();
        for (id, parent) in parents {
            design
                .groups
                .get_mut(&parent)
                .ok_or_else(|| format!("{id} is in {parent}, which is not there"))?
                .children
                .insert(id);
        }
        check_group_loops(design)?;
        let empty: BTreeSet<GroupId> =
            design.groups().map(|group| group.id).filter(|&id| design.pieces_in_group(id).is_empty()).collect();
        for id in empty {
            notes.push(format!("{id} was empty and left out"));
            if let Some(parent) = design.groups.remove(&id).and_then(|slot| slot.group.parent)
                && let Some(slot) = design.groups.get_mut(&parent)
            {
                slot.children.remove(&id);
            }
        }
        let mut names = BTreeSet::new();
        for submodel in design.submodels() {
            let key = crate::design::name_key(&submodel.name);
            if key.is_empty() || !names.insert(key) {
                return Err(format!("{}: the name {:?} is empty or taken", submodel.id, submodel.name));
            }
        }
        for slot in design.slots.values() {
            let id = slot.piece.id;
            let (submodel, _) = design.place_of(id).ok_or_else(|| format!("{id} stands nowhere"))?;
            design.check_piece(&slot.piece, submodel).map_err(|error| format!("{id}: {error}"))?;
            if let Content::Submodel(placed) = slot.piece.content
                && let Some(shelf) = design.shelves.get(&placed)
                && !shelf.occurrences.contains(&id)
            {
                // The piece was read before the submodel it places.
                return Err(format!("{id} is not counted with {placed}"));
            }
        }
        if let Some(chain) = design.find_loop() {
            return Err(format!("submodels hold each other: {}; take one out of the other", chain.join(" → ")));
        }
        let mut known = BTreeMap::new();
        for &id in &design.order {
            let (depth, parts) = design.measure(id, &mut known);
            if depth > MAX_DEPTH {
                return Err(format!("submodels are nested {depth} deep, more than {MAX_DEPTH}"));
            }
            if parts > MAX_PIECES {
                return Err(format!("{parts} pieces are more than {MAX_PIECES}"));
            }
        }
        Ok((self.design, notes))
    }
}

fn check_group_loops(design: &Design) -> Result<(), String> {
    let mut safe: BTreeSet<GroupId> = BTreeSet::new();
    for group in design.groups() {
        let mut way = BTreeSet::new();
        let mut next = Some(group.id);
        while let Some(id) = next.filter(|id| !safe.contains(id)) {
            if !way.insert(id) {
                return Err(format!("{id} holds itself"));
            }
            next = design.group(id).and_then(|group| group.parent);
        }
        safe.extend(way);
    }
    Ok(())
}
