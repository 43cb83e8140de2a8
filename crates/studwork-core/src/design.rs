//! The document: all submodels with their steps and pieces, and the indexes that answer questions about them.
//!
//! A design changes through [`Design::apply`](crate::Design::apply) alone. Pieces are found by number without a
//! search; a piece knows its step and roughly where it stands in it, so that an edit costs what it changes.

use crate::ids::Counters;
use crate::take_apart::BuildSession;
use crate::{
    Content, EmbeddedPart, Group, GroupId, Lineage, PartId, Piece, PieceId, Step, StepId, StepItem, Submodel,
    SubmodelId,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use studwork_ldraw::{EmbeddedData, SourceLine};

/// A brick model: what is saved, shown and edited.
#[derive(Clone, Debug)]
pub struct Design {
    pub(crate) info: Info,
    pub(crate) slots: BTreeMap<PieceId, Slot>,
    /// The first is the main one.
    pub(crate) order: Vec<SubmodelId>,
    pub(crate) shelves: BTreeMap<SubmodelId, Shelf>,
    pub(crate) steps: BTreeMap<StepId, StepPlace>,
    pub(crate) groups: BTreeMap<GroupId, GroupSlot>,
    pub(crate) embedded: BTreeMap<PartId, EmbeddedPart>,
    pub(crate) attachments: Attachments,
    /// The next numbers as they are saved; undo takes them back.
    pub(crate) next: Counters,
    /// The next numbers to give; never taken back, so that a number seen once is not given again.
    pub(crate) unused: Counters,
    /// What undo must not fall below, because it was saved.
    pub(crate) kept: Counters,
    /// How far it is taken apart, if it is; no part of the model.
    pub(crate) session: Option<Arc<BuildSession>>,
}

/// What is said about the design as a whole; title, author and license are the main submodel's.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Info {
    pub description: String,
    pub tags: Vec<String>,
    pub lineage: Option<Lineage>,
}

/// What an LDraw file held beside its models; carried along and written back.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Attachments {
    pub data: Vec<EmbeddedData>,
    pub outside: Vec<(usize, SourceLine)>,
}

/// A piece and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    pub piece: Piece,
    pub step: StepId,
    /// About where in the step's items.
    pub hint: u32,
}

/// Where a step stands.
#[derive(Clone, Debug)]
pub(crate) struct StepPlace {
    pub submodel: SubmodelId,
    /// About where in the submodel's steps.
    pub hint: u32,
}

/// A submodel and what is known about it.
#[derive(Clone, Debug)]
pub(crate) struct Shelf {
    pub submodel: Submodel,
    /// The pieces in it that place submodels.
    pub placements: BTreeSet<PieceId>,
    /// The pieces anywhere that place it.
    pub occurrences: BTreeSet<PieceId>,
    /// How many pieces in it place parts.
    pub parts: u64,
}

/// A group and what is in it.
#[derive(Clone, Debug)]
pub(crate) struct GroupSlot {
    pub group: Group,
    pub pieces: BTreeSet<PieceId>,
    pub children: BTreeSet<GroupId>,
}

impl Default for Design {
    fn default() -> Self {
        Self::new()
    }
}

impl Design {
    /// An empty design: one main submodel, named `main`, with one step.
    pub fn new() -> Self {
        let mut design = Self::bare();
        let (submodel, step) = (SubmodelId(1), StepId(1));
        design.order.push(submodel);
        let steps = vec![Step { id: step, items: Vec::new(), view: None }];
        let (title, author, license) = (String::new(), String::new(), String::new());
        let main = Submodel { id: submodel, name: "main".to_owned(), title, author, license, steps };
        design.shelves.insert(submodel, Shelf::new(main));
        design.steps.insert(step, StepPlace { submodel, hint: 0 });
        design.next = Counters { submodel: 2, step: 2, ..Counters::FIRST };
        design.unused = design.next;
        design.kept = design.next;
        design
    }

    /// Without even a main submodel, to be filled by a reader.
    pub(crate) fn bare() -> Self {
        Self {
            info: Info::default(),
            slots: BTreeMap::new(),
            order: Vec::new(),
            shelves: BTreeMap::new(),
            steps: BTreeMap::new(),
            groups: BTreeMap::new(),
            embedded: BTreeMap::new(),
            attachments: Attachments::default(),
            next: Counters::FIRST,
            unused: Counters::FIRST,
            kept: Counters::FIRST,
            session: None,
        }
    }

    /// The title of the main submodel; may be empty.
    pub fn title(&self) -> &str {
        self.main_submodel().map_or("", |main| &main.title)
    }

    /// Who made it.
    pub fn author(&self) -> &str {
        self.main_submodel().map_or("", |main| &main.author)
    }

    /// Under which terms it may be used.
    pub fn license(&self) -> &str {
        self.main_submodel().map_or("", |main| &main.license)
    }

    /// What it is, in as many lines as it takes.
    pub fn description(&self) -> &str {
        &self.info.description
    }

    /// Words to find it by.
    pub fn tags(&self) -> &[String] {
        &self.info.tags
    }

    /// The original it was made from, if it is a copy.
    pub fn lineage(&self) -> Option<&Lineage> {
        self.info.lineage.as_ref()
    }

    /// How far it is taken apart or rebuilt, as it was saved with it.
    pub fn build_session(&self) -> Option<&BuildSession> {
        self.session.as_deref()
    }

    /// Keeps how far it is taken apart or rebuilt, to be saved with it. This is no edit: the model stays what it is, there
    /// is nothing to undo, and two designs that differ in nothing else are the same.
    pub fn set_build_session(&mut self, session: Option<BuildSession>) {
        self.session = session.map(Arc::new);
    }

    /// The submodel that is the whole thing.
    pub fn main(&self) -> SubmodelId {
        self.order.first().copied().unwrap_or(SubmodelId(0))
    }

    fn main_submodel(&self) -> Option<&Submodel> {
        self.submodel(self.main())
    }

    /// All submodels; the main one first.
    pub fn submodels(&self) -> impl Iterator<Item = &Submodel> {
        self.order.iter().filter_map(|&id| self.submodel(id))
    }

    /// The submodel with that number.
    pub fn submodel(&self, id: SubmodelId) -> Option<&Submodel> {
        self.shelves.get(&id).map(|shelf| &shelf.submodel)
    }

    /// The submodel with that name, whatever the letter case, with or without `.ldr`.
    pub fn submodel_named(&self, name: &str) -> Option<&Submodel> {
        let key = name_key(name);
        self.submodels().find(|submodel| name_key(&submodel.name) == key)
    }

    /// The piece with that number.
    pub fn piece(&self, id: PieceId) -> Option<&Piece> {
        self.slots.get(&id).map(|slot| &slot.piece)
    }

    /// All pieces of all submodels, by number.
    pub fn pieces(&self) -> impl Iterator<Item = &Piece> {
        self.slots.values().map(|slot| &slot.piece)
    }

    /// How many pieces stand in its submodels, each counted once.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether it has no piece at all.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// The pieces of one submodel in building order.
    pub fn pieces_in(&self, submodel: SubmodelId) -> impl Iterator<Item = &Piece> {
        let steps = self.submodel(submodel).map_or(&[][..], |submodel| &submodel.steps);
        steps.iter().flat_map(Step::pieces).filter_map(|id| self.piece(id))
    }

    /// The submodel and step that a piece stands in.
    pub fn place_of(&self, piece: PieceId) -> Option<(SubmodelId, StepId)> {
        let step = self.slots.get(&piece)?.step;
        Some((self.steps.get(&step)?.submodel, step))
    }

    /// The submodel that a step belongs to, and how many steps stand before it.
    pub fn place_of_step(&self, step: StepId) -> Option<(SubmodelId, usize)> {
        let place = self.steps.get(&step)?;
        let steps = &self.submodel(place.submodel)?.steps;
        Some((place.submodel, position_near(steps, place.hint, |candidate| candidate.id == step)?))
    }

    /// The step with that number.
    pub fn step(&self, step: StepId) -> Option<&Step> {
        let (submodel, index) = self.place_of_step(step)?;
        self.submodel(submodel)?.steps.get(index)
    }

    /// The step that a piece stands in, and how many items stand before it.
    pub fn position_of(&self, piece: PieceId) -> Option<(StepId, usize)> {
        let slot = self.slots.get(&piece)?;
        let items = &self.step(slot.step)?.items;
        let index = position_near(items, slot.hint, |item| *item == StepItem::Piece(piece))?;
        Some((slot.step, index))
    }

    /// The pieces that place a submodel, by number.
    pub fn occurrences_of(&self, submodel: SubmodelId) -> Vec<PieceId> {
        self.shelves.get(&submodel).map_or_else(Vec::new, |shelf| shelf.occurrences.iter().copied().collect())
    }

    /// All groups, by number.
    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.values().map(|slot| &slot.group)
    }

    /// The group with that number.
    pub fn group(&self, id: GroupId) -> Option<&Group> {
        self.groups.get(&id).map(|slot| &slot.group)
    }

    /// The pieces of a group and of the groups in it, by number.
    pub fn pieces_in_group(&self, id: GroupId) -> Vec<PieceId> {
        let (mut found, mut waiting) = (Vec::new(), vec![id]);
        while let Some(slot) = waiting.pop().and_then(|id| self.groups.get(&id)) {
            found.extend(&slot.pieces);
            waiting.extend(&slot.children);
        }
        found.sort_unstable();
        found
    }

    /// The group around a piece that is in no other group; what a click selects.
    pub fn outermost_group_of(&self, piece: PieceId) -> Option<GroupId> {
        let mut group = self.piece(piece)?.group?;
        while let Some(parent) = self.group(group)?.parent {
            group = parent;
        }
        Some(group)
    }

    /// The parts that travel in the design, by number.
    pub fn embedded_parts(&self) -> impl Iterator<Item = &EmbeddedPart> {
        self.embedded.values()
    }

    /// The embedded part with that number.
    pub fn embedded(&self, part: &PartId) -> Option<&EmbeddedPart> {
        self.embedded.get(part)
    }

    /// Says that all numbers given so far are about to be on disk: from here on undo does not take them back, so that two
    /// saved files never use one number for different pieces. Call it before writing a file.
    pub fn keep_ids(&mut self) {
        self.next = self.unused;
        self.kept = self.unused;
    }

    pub(crate) fn shelf(&self, id: SubmodelId) -> Option<&Shelf> {
        self.shelves.get(&id)
    }
}

/// Two designs are the same when they hold the same things under the same numbers in the same order.
impl PartialEq for Design {
    fn eq(&self, other: &Self) -> bool {
        self.info == other.info
            && self.next == other.next
            && self.embedded == other.embedded
            && self.attachments == other.attachments
            && self.pieces().eq(other.pieces())
            && self.submodels().eq(other.submodels())
            && self.groups().eq(other.groups())
    }
}

impl Shelf {
    pub fn new(submodel: Submodel) -> Self {
        Self { submodel, placements: BTreeSet::new(), occurrences: BTreeSet::new(), parts: 0 }
    }

    /// Notes that a piece came to stand in this submodel (`came`) or left it.
    pub fn count(&mut self, piece: &Piece, came: bool) {
        match (&piece.content, came) {
            (Content::Part(_), true) => self.parts += 1,
            (Content::Part(_), false) => self.parts -= 1,
            (Content::Submodel(_), true) => drop(self.placements.insert(piece.id)),
            (Content::Submodel(_), false) => drop(self.placements.remove(&piece.id)),
        }
    }
}

/// The key by which submodel names must differ.
pub(crate) fn name_key(name: &str) -> String {
    let key = studwork_ldraw::normalized_name(name);
    key.strip_suffix(".ldr").map(str::to_owned).unwrap_or(key)
}

/// The index of the item that `is_it` accepts, looked for outward from `hint`.
pub(crate) fn position_near<T>(items: &[T], hint: u32, is_it: impl Fn(&T) -> bool) -> Option<usize> {
    let start = (hint as usize).min(items.len());
    let (before, after) = items.split_at(start);
    let (mut before, mut after) = (before.iter().enumerate().rev(), after.iter().enumerate());
    loop {
        let (left, right) = (before.next(), after.next());
        if let Some((index, item)) = right
            && is_it(item)
        {
            return Some(start + index);
        }
        if let Some((index, item)) = left
            && is_it(item)
        {
            return Some(index);
        }
        if left.is_none() && right.is_none() {
            return None;
        }
    }
}
