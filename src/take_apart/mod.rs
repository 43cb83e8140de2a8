//! Taking a copy apart and building it again: what the view shows of it. The state itself is the design's
//! [`BuildSession`], saved with it; the model itself is edited only where someone builds freely.

mod way;

use crate::document::action::EditorAction;
use crate::document::{Act, Document};
use crate::projection::draw::ViewFrame;
use crate::projection::{Colors, Projection, SlotLook};
use bevy::prelude::*;
use std::collections::HashMap;
use std::time::{Duration, Instant};
use studwork_core::take_apart::{BuildSession, Path, Phase, explode};
use studwork_core::{ColorRef, PartId};

pub use way::free_way;

/// How long a piece flies, seconds.
const FLIGHT: f32 = 0.35;
/// How far a piece is seen to fly, LDU.
const FLY: f32 = 160.0;
/// Longer pauses do not count as time spent.
const PAUSE: Duration = Duration::from_secs(120);

/// What the mode shows.
#[derive(Resource)]
pub struct TakeApart {
    /// Whether the mode is on.
    pub active: bool,
    /// Whether the order is being found.
    pub finding: bool,
    /// Whether pieces come off (or go back) by themselves.
    pub playing: bool,
    /// How far the model is spread by its steps, 0 to 1.
    pub explode: f32,
    /// Whether only pieces with a free straight way come off by a click.
    pub only_free: bool,
    /// Whether pieces of the tray may go anywhere.
    pub freely: bool,
    /// The pieces that went somewhere else, by their index in the order, the last one last.
    pub placed_freely: Vec<u32>,
    /// The heap of the tray that is being built from.
    pub chosen: Option<(PartId, ColorRef)>,
    slots: HashMap<Path, u32>,
    index_of_slot: HashMap<u32, u32>,
    flights: HashMap<u32, Flight>,
    seen: Seen,
    last_action: Option<Instant>,
    last_step: Option<Instant>,
}

impl Default for TakeApart {
    fn default() -> Self {
        Self {
            active: false,
            finding: false,
            playing: false,
            explode: 0.0,
            only_free: true,
            freely: false,
            placed_freely: Vec::new(),
            chosen: None,
            slots: HashMap::new(),
            index_of_slot: HashMap::new(),
            flights: HashMap::new(),
            seen: Seen::default(),
            last_action: None,
            last_step: None,
        }
    }
}

struct Flight {
    since: Instant,
    direction: Vec3,
    distance: f32,
    /// Off, or back on.
    leaving: bool,
}

/// What the looks were made for.
#[derive(Clone, PartialEq, Default)]
struct Seen {
    active: bool,
    edition: u64,
    generation: u64,
    taken: Vec<u32>,
    explode: f32,
    chosen: Option<(PartId, ColorRef)>,
    phase: Phase,
}

impl TakeApart {
    /// Seconds since the last action, to be added to the time spent.
    pub(crate) fn time_since_last(&mut self) -> u64 {
        let now = Instant::now();
        let before = self.last_action.replace(now);
        before.map_or(0, |before| (now - before).min(PAUSE).as_secs())
    }

    /// Leaves the mode; the session stays with the design.
    pub(crate) fn leave(&mut self) {
        *self = Self { only_free: self.only_free, freely: self.freely, seen: self.seen.clone(), ..Self::default() };
    }

    /// The piece of the order that a slot shows.
    pub fn index_at(&self, slot: u32) -> Option<u32> {
        self.index_of_slot.get(&slot).copied()
    }

    /// The slot that shows a piece of the order.
    pub fn slot_of(&self, path: &Path) -> Option<u32> {
        self.slots.get(path).copied()
    }

    /// Whether something moves, so that the next frame must come.
    pub fn is_moving(&self) -> bool {
        self.playing || !self.flights.is_empty()
    }
}

/// Keeps what is shown as the session says.
pub(crate) fn show(
    document: Res<Document>,
    colors: Res<Colors>,
    mut mode: ResMut<TakeApart>,
    mut projection: ResMut<Projection>,
    mut frame: ResMut<ViewFrame>,
) {
    let mode = mode.bypass_change_detection();
    let session = document.design().build_session().filter(|_| mode.active);
    let now = Seen {
        active: session.is_some(),
        edition: projection.edition(),
        generation: document.generation(),
        taken: session.map(|session| session.taken.clone()).unwrap_or_default(),
        explode: mode.explode,
        chosen: mode.chosen.clone(),
        phase: session.map_or(Phase::TakingApart, |session| session.phase),
    };
    if now == mode.seen && mode.flights.is_empty() {
        return;
    }
    let projection = projection.bypass_change_detection();
    let mut out = Vec::new();
    let Some(session) = session else {
        if mode.seen.active {
            projection.set_looks(HashMap::new(), &colors.0, &mut out);
            send(&mut frame, out);
        }
        mode.seen = now;
        return;
    };
    if !mode.seen.active || (now.edition, now.generation) != (mode.seen.edition, mode.seen.generation) {
        mode.slots = projection.slots_by_path(document.design());
        mode.flights.clear();
        mode.index_of_slot = (0_u32..)
            .zip(&session.order)
            .filter_map(|(index, removal)| Some((*mode.slots.get(&removal.path)?, index)))
            .collect();
    } else {
        take_off(mode, session, &now.taken);
    }
    mode.flights.retain(|_, flight| flight.since.elapsed().as_secs_f32() < FLIGHT);
    let looks = looks(mode, session, &document, projection);
    projection.set_looks(looks, &colors.0, &mut out);
    mode.seen = now;
    send(&mut frame, out);
}

/// Lets the pieces fly that came off or went back since the last time, if they are few.
fn take_off(mode: &mut TakeApart, session: &BuildSession, taken: &[u32]) {
    let before: std::collections::HashSet<u32> = mode.seen.taken.iter().copied().collect();
    let after: std::collections::HashSet<u32> = taken.iter().copied().collect();
    let moved: Vec<u32> = before.symmetric_difference(&after).copied().collect();
    if moved.len() > 40 {
        return;
    }
    for index in moved {
        let Some(removal) = session.order.get(index as usize) else { continue };
        let Some(slot) = mode.slots.get(&removal.path).copied() else { continue };
        let flight = Flight {
            since: Instant::now(),
            direction: removal.direction,
            distance: removal.distance.clamp(30.0, FLY),
            leaving: after.contains(&index),
        };
        mode.flights.insert(slot, flight);
    }
}

fn looks(
    mode: &TakeApart,
    session: &BuildSession,
    document: &Document,
    projection: &Projection,
) -> HashMap<u32, SlotLook> {
    let mut looks: HashMap<u32, SlotLook> = HashMap::new();
    if mode.explode > 0.0 {
        let size = projection.space.bounds().size().max_element();
        for (path, offset) in explode(document.design(), &session.order, size, mode.explode) {
            if let Some(&slot) = mode.slots.get(&path) {
                looks.entry(slot).or_default().offset = offset;
            }
        }
    }
    for path in session.hidden() {
        if let Some(&slot) = mode.slots.get(path) {
            looks.entry(slot).or_default().hidden = true;
        }
    }
    // Where the pieces of the chosen heap belong; where the next one belongs if none is chosen.
    if session.phase == Phase::Rebuilding && !mode.freely {
        let design = document.design();
        let ghosts = match &mode.chosen {
            Some((part, color)) => session.ghosts(design, part, *color),
            None => session.next_ghost(design).into_iter().collect(),
        };
        for ghost in ghosts {
            let path = session.order.get(ghost.index as usize).map(|removal| &removal.path);
            if let Some(&slot) = path.and_then(|path| mode.slots.get(path)) {
                *looks.entry(slot).or_default() = SlotLook { ghost: true, ..SlotLook::default() };
            }
        }
    }
    for (&slot, flight) in &mode.flights {
        let t = (flight.since.elapsed().as_secs_f32() / FLIGHT).clamp(0.0, 1.0);
        let way = if flight.leaving { t * t } else { (1.0 - t) * (1.0 - t) };
        let look = looks.entry(slot).or_default();
        *look = SlotLook { offset: look.offset + flight.direction * flight.distance * way, ..SlotLook::default() };
    }
    looks
}

fn send(frame: &mut ViewFrame, mut out: Vec<crate::projection::draw::DrawChange>) {
    if !out.is_empty() {
        frame.changes.append(&mut out);
        frame.dirty = true;
    }
}

/// Takes pieces off, or puts them back, one after the other.
fn play(
    document: Res<Document>,
    settings: Res<crate::settings::Settings>,
    mut mode: ResMut<TakeApart>,
    mut acts: MessageWriter<Act>,
) {
    if !mode.playing {
        return;
    }
    let mode = mode.bypass_change_detection();
    let Some(session) = document.design().build_session().filter(|_| mode.active) else {
        mode.playing = false;
        return;
    };
    let (off, all) = session.progress();
    let back = session.phase == Phase::Rebuilding;
    if (back && off == 0) || (!back && off == all) {
        mode.playing = false;
        return;
    }
    // A model of thousands of pieces takes half a minute, not an hour.
    let per_second = (settings.steps_per_second * 2.0).max(all as f32 / 30.0);
    let due = mode.last_step.map_or(1, |last| (last.elapsed().as_secs_f32() * per_second) as usize);
    if due == 0 {
        return;
    }
    mode.last_step = Some(Instant::now());
    let due = due.min(200);
    acts.write(Act(match (back, due) {
        (false, 1) => EditorAction::TakeOffNext,
        (true, 1) => EditorAction::PutBackLast,
        (false, many) => EditorAction::TakeApartTo(off + many),
        (true, many) => EditorAction::TakeApartTo(off.saturating_sub(many)),
    }));
}

pub(super) fn plugin(app: &mut App) {
    use crate::EditorSystems::{Input, Project};
    app.init_resource::<TakeApart>()
        .add_systems(Update, play.in_set(Input))
        .add_systems(Update, show.in_set(Project).after(crate::projection::project));
}
