//! From the design to what is drawn and hit: every part of the open submodel is one instance slot, found from its
//! piece and back.
//!
//! An edit touches only the slots of the pieces it changed; [`Projection::rebuild`] makes all anew and is what tests
//! compare with. Slots serve the renderer and the spatial index alike. One entity a piece would cost 9 ms a frame for a
//! city; a slot costs nothing while it rests.

pub mod bodies;
mod connections;
pub mod draw;
mod flatten;

use crate::document::{Document, PendingChanges, Selection};
use crate::viewport::ViewState;
use bevy::prelude::*;
use bodies::Bodies;
use draw::{DrawChange, ViewFrame};
use glam::Affine3A;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use studwork_core::space::Space;
use studwork_core::{Bounds, Change, ColorRef, Design, Palette, PartId, PieceId, SubmodelId};
use studwork_render::{Flags, Instance, Paint, Slot};

/// The parts that can be placed.
#[derive(Resource, Clone)]
pub struct Parts(pub Arc<studwork_core::Catalog>);

/// The colors that can be chosen.
#[derive(Resource, Clone)]
pub struct Colors(pub Arc<Palette>);

/// A part that is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// The piece of the open submodel that it belongs to.
    pub root: PieceId,
    /// The part.
    pub part: PartId,
    /// Its color; 16 is resolved as far as the submodels say.
    pub color: ColorRef,
    /// From the part to the world.
    pub transform: Affine3A,
}

/// A part that is drawn but not in the design: what is in hand or being dragged.
#[derive(Clone, Debug, PartialEq)]
pub struct Ghost {
    /// The part.
    pub part: PartId,
    /// Its color.
    pub color: ColorRef,
    /// From the part to the world.
    pub transform: Affine3A,
    /// Whether it cannot be there.
    pub blocked: bool,
}

/// How a slot is shown while a mode (comparing, taking apart) says so; the design does not know.
#[derive(Copy, Clone, Debug, Default, PartialEq)]
pub struct SlotLook {
    /// It is neither drawn nor hit.
    pub hidden: bool,
    /// It is drawn as what is not there yet.
    pub ghost: bool,
    /// Another color than its own.
    pub color: Option<ColorRef>,
    /// How far from its place it is drawn, LDU.
    pub offset: Vec3,
}

/// The index from pieces to slots and back.
#[derive(Resource)]
pub struct Projection {
    /// Meshes and bodies of the parts in use.
    pub bodies: Bodies,
    /// What a ray or a box meets; keys are slots.
    pub space: Space,
    slots: Vec<Option<Shown>>,
    free: Vec<u32>,
    roots: HashMap<PieceId, Vec<u32>>,
    /// Which pieces of the open submodel show a submodel, directly or not.
    shows: HashMap<SubmodelId, BTreeSet<PieceId>>,
    hidden_roots: HashSet<PieceId>,
    marked: HashMap<PieceId, Flags>,
    ghosts: Vec<Ghost>,
    ghost_slots: Vec<u32>,
    lifted: HashSet<PieceId>,
    seen: Seen,
    looks: HashMap<u32, SlotLook>,
    connections: connections::Connections,
    edition: u64,
    /// What color 16 is in the open submodel: that of the first piece that places it.
    main_color: ColorRef,
}

/// What the projection has last seen of the view state, to notice what is new.
#[derive(Default, PartialEq, Clone)]
struct Seen {
    selection: u64,
    hovered: Option<PieceId>,
    hidden: HashSet<PieceId>,
    up_to_step: Option<usize>,
    active: Option<SubmodelId>,
}

impl Projection {
    /// An empty projection.
    pub fn new(parts: &Parts) -> Self {
        Self {
            bodies: Bodies::new(parts.0.clone()),
            space: Space::new(),
            slots: Vec::new(),
            free: Vec::new(),
            roots: HashMap::new(),
            shows: HashMap::new(),
            hidden_roots: HashSet::new(),
            marked: HashMap::new(),
            ghosts: Vec::new(),
            ghost_slots: Vec::new(),
            lifted: HashSet::new(),
            seen: Seen::default(),
            looks: HashMap::new(),
            connections: connections::Connections::default(),
            edition: 0,
            main_color: ColorRef::MAIN,
        }
    }

    /// Whether a slot is drawn and can be hit.
    pub fn is_slot_visible(&self, slot: u32) -> bool {
        self.root_of(slot).is_some_and(|piece| self.is_visible(piece))
            && !self.looks.get(&slot).is_some_and(|look| look.hidden || look.ghost)
    }

    /// The slots of the open submodel's parts by the path of pieces that leads to each.
    pub fn slots_by_path(&self, design: &Design) -> HashMap<Vec<PieceId>, u32> {
        let mut found = HashMap::new();
        for (&root, slots) in &self.roots {
            let mut slots = slots.iter();
            // Slots were given in this order.
            design.flatten_piece(root, &mut |flat| {
                if let Some(&slot) = slots.next() {
                    found.insert(flat.path.to_vec(), slot);
                }
            });
        }
        found
    }

    /// Shows slots other than the design says; those not named are shown as they are.
    pub fn set_looks(&mut self, looks: HashMap<u32, SlotLook>, palette: &Palette, out: &mut Vec<DrawChange>) {
        let before = std::mem::replace(&mut self.looks, looks);
        let mut touched: BTreeSet<PieceId> = BTreeSet::new();
        for slot in before.keys().chain(self.looks.keys()) {
            if before.get(slot) != self.looks.get(slot) {
                touched.extend(self.root_of(*slot));
            }
        }
        for piece in touched {
            self.send(piece, palette, out);
        }
    }

    /// The piece of the open submodel that a slot belongs to.
    pub fn root_of(&self, slot: u32) -> Option<PieceId> {
        Some(self.slots.get(slot as usize)?.as_ref()?.root)
    }

    /// What a slot shows.
    pub fn shown(&self, slot: u32) -> Option<&Shown> {
        self.slots.get(slot as usize)?.as_ref()
    }

    /// The slots of a piece.
    pub fn slots_of(&self, piece: PieceId) -> &[u32] {
        self.roots.get(&piece).map_or(&[], Vec::as_slice)
    }

    /// Whether a piece is drawn now.
    pub fn is_visible(&self, piece: PieceId) -> bool {
        !self.hidden_roots.contains(&piece)
    }

    /// The box around a piece, LDU.
    pub fn bounds_of(&self, piece: PieceId) -> Bounds {
        let boxes = self.slots_of(piece).iter().filter_map(|&slot| self.space.get(slot)).map(|placed| placed.bounds);
        boxes.fold(Bounds::EMPTY, Bounds::union)
    }

    /// The box around pieces, LDU.
    pub fn bounds_of_all(&self, pieces: impl IntoIterator<Item = PieceId>) -> Bounds {
        pieces.into_iter().map(|piece| self.bounds_of(piece)).fold(Bounds::EMPTY, Bounds::union)
    }

    /// The box around what is visible, LDU.
    pub fn visible_bounds(&self) -> Bounds {
        if self.hidden_roots.is_empty() {
            return self.space.bounds();
        }
        self.bounds_of_all(self.roots.keys().copied().filter(|&piece| self.is_visible(piece)))
    }

    /// What it shows, in an order that does not depend on how it came about.
    pub fn listing(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.slots.iter().flatten().map(|shown| format!("{shown:?}")).collect();
        lines.sort_unstable();
        lines
    }

    /// Makes everything anew for the open submodel.
    pub fn rebuild(&mut self, document: &Document, out: &mut Vec<DrawChange>) {
        let design = document.design();
        self.slots.clear();
        self.free.clear();
        self.roots.clear();
        self.shows.clear();
        self.ghosts.clear();
        self.ghost_slots.clear();
        self.lifted.clear();
        self.marked.clear();
        self.hidden_roots.clear();
        self.looks.clear();
        self.connections = connections::Connections::Unknown;
        self.edition += 1;
        self.seen = Seen { active: Some(document.active()), ..Seen::default() };
        self.main_color = color_of_placement(design, document.active());
        self.bodies.embedded(design);
        out.push(DrawChange::Clear);
        let mut pieces = Vec::new();
        for piece in design.pieces_in(document.active()) {
            flatten::flatten_piece(design, piece, &mut self.shows, &mut |shown| pieces.push(shown));
        }
        self.bodies.prefetch(pieces.iter().map(|shown| &shown.part));
        for shown in pieces {
            let slot = self.slots.len() as u32;
            self.roots.entry(shown.root).or_default().push(slot);
            self.slots.push(Some(shown));
        }
        let bodies = &mut self.bodies;
        let placed = self.slots.iter().enumerate().filter_map(|(slot, shown)| {
            let shown = shown.as_ref()?;
            Some((slot as u32, bodies.get(&shown.part).body.clone(), shown.transform))
        });
        self.space = Space::from_pieces(placed.collect::<Vec<_>>());
    }

    fn add(&mut self, shown: Shown) {
        let slot = self.take_slot();
        let body = self.bodies.get(&shown.part).body.clone();
        self.space.insert(slot, body, shown.transform);
        self.connections.touch(&self.space, slot);
        self.roots.entry(shown.root).or_default().push(slot);
        self.slots[slot as usize] = Some(shown);
    }

    fn take_slot(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            (self.slots.len() - 1) as u32
        })
    }

    fn remove_piece(&mut self, piece: PieceId, out: &mut Vec<DrawChange>) {
        for slot in self.roots.remove(&piece).unwrap_or_default() {
            self.slots[slot as usize] = None;
            self.looks.remove(&slot);
            self.space.remove(slot);
            self.connections.touch(&self.space, slot);
            self.free.push(slot);
            out.push(DrawChange::Remove(Slot(slot)));
        }
        for roots in self.shows.values_mut() {
            roots.remove(&piece);
        }
        self.marked.remove(&piece);
        self.hidden_roots.remove(&piece);
    }

    fn put_piece(&mut self, design: &Design, piece: PieceId) {
        let Some(piece) = design.piece(piece) else { return };
        let mut parts = Vec::new();
        flatten::flatten_piece(design, piece, &mut self.shows, &mut |shown| parts.push(shown));
        for shown in parts {
            self.add(shown);
        }
    }

    /// Follows changes of the design. Returns the pieces of the open submodel whose slots are new.
    fn follow(&mut self, document: &Document, changes: &[Change], out: &mut Vec<DrawChange>) -> BTreeSet<PieceId> {
        let design = document.design();
        let mut touched = BTreeSet::new();
        let mut touch = |shows: &HashMap<SubmodelId, BTreeSet<PieceId>>, piece: PieceId, submodel: SubmodelId| {
            if submodel == document.active() {
                touched.insert(piece);
            } else if let Some(roots) = shows.get(&submodel) {
                touched.extend(roots);
            }
        };
        for change in changes {
            match change {
                Change::PieceAdded(id) | Change::PieceChanged(id) => {
                    if let Some((submodel, _)) = design.place_of(*id) {
                        touch(&self.shows, *id, submodel);
                    }
                }
                Change::PieceRemoved(id, _, submodel) => touch(&self.shows, *id, *submodel),
                Change::EmbeddedChanged => self.bodies.embedded(design),
                Change::SubmodelAdded(_)
                | Change::SubmodelRemoved(_)
                | Change::SubmodelChanged(_)
                | Change::StepsChanged(_)
                | Change::GroupsChanged
                | Change::InfoChanged => {}
            }
        }
        for &piece in &touched {
            self.remove_piece(piece, out);
            if design.place_of(piece).is_some_and(|(submodel, _)| submodel == document.active()) {
                self.put_piece(design, piece);
            }
        }
        touched
    }

    /// Sends the instances of a piece to the renderer, or takes them away if the piece is hidden or lifted.
    fn send(&self, piece: PieceId, palette: &Palette, out: &mut Vec<DrawChange>) {
        let visible = self.is_visible(piece) && !self.lifted.contains(&piece);
        let flags = self.marked.get(&piece).copied().unwrap_or(Flags::NONE);
        for &slot in self.slots_of(piece) {
            let Some(shown) = self.shown(slot) else { continue };
            let look = self.looks.get(&slot).copied().unwrap_or_default();
            out.push(if visible && !look.hidden {
                let flags = if look.ghost { flags | Flags::GHOST } else { flags };
                let mut instance = self.instance(shown, palette, flags);
                if let Some(color) = look.color {
                    instance.color = Paint::from(palette.resolve(color));
                }
                instance.transform.translation += Vec3A::from(look.offset);
                DrawChange::Set(Slot(slot), instance)
            } else {
                DrawChange::Remove(Slot(slot))
            });
        }
    }

    fn instance(&self, shown: &Shown, palette: &Palette, flags: Flags) -> Instance {
        Instance {
            mesh: self.bodies.key(&shown.part),
            transform: shown.transform,
            color: Paint::from(palette.resolve(match shown.color {
                ColorRef::MAIN => self.main_color,
                color => color,
            })),
            flags,
        }
    }

    /// Shows what is in hand or being dragged instead of the pieces in `lifted`.
    pub fn set_ghosts(
        &mut self,
        ghosts: Vec<Ghost>,
        lifted: HashSet<PieceId>,
        palette: &Palette,
        out: &mut Vec<DrawChange>,
    ) {
        if ghosts == self.ghosts && lifted == self.lifted {
            return;
        }
        let before = std::mem::replace(&mut self.lifted, lifted);
        let different: Vec<PieceId> = before.symmetric_difference(&self.lifted).copied().collect();
        for piece in different {
            self.send(piece, palette, out);
        }
        while self.ghost_slots.len() > ghosts.len() {
            if let Some(slot) = self.ghost_slots.pop() {
                out.push(DrawChange::Remove(Slot(slot)));
                self.free.push(slot);
            }
        }
        while self.ghost_slots.len() < ghosts.len() {
            let slot = self.take_slot();
            self.ghost_slots.push(slot);
        }
        for (ghost, &slot) in ghosts.iter().zip(&self.ghost_slots) {
            self.bodies.get(&ghost.part);
            let instance = Instance {
                mesh: self.bodies.key(&ghost.part),
                transform: ghost.transform,
                color: Paint::from(palette.resolve(ghost.color)),
                flags: if ghost.blocked { Flags::GHOST | Flags::GHOST_BAD } else { Flags::GHOST },
            };
            out.push(DrawChange::Set(Slot(slot), instance));
        }
        self.ghosts = ghosts;
    }

    /// Pieces that are not shown because they were hidden or belong to a later step.
    fn hidden_now(document: &Document, view: &ViewState) -> HashSet<PieceId> {
        let design = document.design();
        let mut hidden = view.hidden.clone();
        if let (Some(last), Some(submodel)) = (view.up_to_step, design.submodel(document.active())) {
            hidden.extend(submodel.steps.iter().skip(last).flat_map(studwork_core::Step::pieces));
        }
        hidden
    }
}

/// The color that a submodel has where it is placed first; 16 where nothing places it or nothing says.
fn color_of_placement(design: &Design, submodel: SubmodelId) -> ColorRef {
    let mut submodel = submodel;
    // A design's submodels nest less deeply than this.
    for _ in 0..studwork_core::MAX_DEPTH {
        let Some(&piece) = design.occurrences_of(submodel).first() else { return ColorRef::MAIN };
        match design.piece(piece) {
            Some(piece) if piece.color != ColorRef::MAIN => return piece.color,
            _ => {}
        }
        match design.place_of(piece) {
            Some((above, _)) => submodel = above,
            None => return ColorRef::MAIN,
        }
    }
    ColorRef::MAIN
}

/// Follows the design and the view state. Runs once a frame and does nothing when nothing changed.
#[expect(clippy::too_many_arguments, reason = "a system's parameters are its dependencies")]
pub fn project(
    document: Res<Document>,
    selection: Res<Selection>,
    view: Res<ViewState>,
    colors: Res<Colors>,
    parts: Res<Parts>,
    mut pending: ResMut<PendingChanges>,
    mut projection: ResMut<Projection>,
    mut frame: ResMut<ViewFrame>,
) {
    let projection = projection.bypass_change_detection();
    let frame = frame.bypass_change_detection();
    let out = &mut frame.changes;
    let mut send: BTreeSet<PieceId> = BTreeSet::new();
    if parts.is_changed() {
        projection.bodies = Bodies::new(parts.0.clone());
        pending.everything = true;
    }
    let everything = pending.everything || projection.seen.active != Some(document.active());
    if everything {
        if colors.is_changed() || parts.is_changed() {
            out.push(DrawChange::Palette(colors.0.clone()));
        }
        projection.rebuild(&document, out);
        send.extend(projection.roots.keys());
        pending.changes.clear();
        pending.everything = false;
    } else if !pending.changes.is_empty() {
        let changes = std::mem::take(&mut pending.changes);
        send = projection.follow(&document, &changes, out);
    }

    let steps_matter = view.up_to_step.is_some() && !send.is_empty();
    if everything
        || steps_matter
        || view.hidden != projection.seen.hidden
        || view.up_to_step != projection.seen.up_to_step
    {
        let hidden = Projection::hidden_now(&document, &view);
        send.extend(hidden.symmetric_difference(&projection.hidden_roots).copied());
        projection.hidden_roots = hidden;
        projection.seen.hidden.clone_from(&view.hidden);
        projection.seen.up_to_step = view.up_to_step;
    } else {
        for piece in &send {
            if view.hidden.contains(piece) {
                projection.hidden_roots.insert(*piece);
            }
        }
    }

    let seen = (projection.seen.selection, projection.seen.hovered);
    if everything || !send.is_empty() || seen != (selection.generation(), view.hovered) {
        let mut marked: HashMap<PieceId, Flags> = selection.iter().map(|piece| (piece, Flags::SELECTED)).collect();
        if let Some(piece) = view.hovered {
            let flags = marked.entry(piece).or_insert(Flags::NONE);
            *flags = *flags | Flags::HOVERED;
        }
        for (piece, flags) in &marked {
            if projection.marked.get(piece) != Some(flags) {
                send.insert(*piece);
            }
        }
        send.extend(projection.marked.keys().filter(|piece| !marked.contains_key(*piece)));
        projection.marked = marked;
        (projection.seen.selection, projection.seen.hovered) = (selection.generation(), view.hovered);
    }

    for piece in send {
        projection.send(piece, &colors.0, out);
    }
    let mut meshes = projection.bodies.take_new();
    if !meshes.is_empty() {
        meshes.append(out);
        *out = meshes;
    }
    if !out.is_empty() {
        frame.dirty = true;
    }
}

pub(super) fn plugin(app: &mut App) {
    draw::plugin(app);
    app.add_systems(Update, project.in_set(crate::EditorSystems::Project));
}
