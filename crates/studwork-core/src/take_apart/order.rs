//! The order in which all pieces come off: each with a straight way out if there is one, what is left holding together
//! if it can, and otherwise in the reverse of the order in which the author put them on.
//!
//! A piece that is blocked waits for one of the pieces that block it, so nothing is looked at twice without a reason.

use super::hold::Hold;
use super::session::Removal;
use crate::connect::{ConnectionGraph, PartBody, SnapSpot, TOLERANCE, is_in_the_way, prepare, snap_spots};
use crate::space::Space;
use crate::{Bounds, Catalog, Design, PartId, PieceId};
use glam::{Affine3A, Vec3};
use std::cell::Cell;
use std::collections::{BTreeSet, BinaryHeap, HashMap};
use std::sync::Arc;

/// The most directions that are tried for one piece.
const MOST_DIRECTIONS: usize = 12;
/// Two directions this near to each other (cosine) are one.
const SAME_DIRECTION: f32 = 0.9995;
/// A way that runs askew is looked along in stretches of this length, LDU.
const STRETCH: f32 = 80.0;

/// The order in which the pieces of a design's main submodel come off, all submodels spread out. `progress` is told how
/// many are done and how many there are, and stops it by returning `false`, which gives `None`.
pub fn removal_order(
    design: &Design,
    catalog: &Catalog,
    progress: &mut dyn FnMut(usize, usize) -> bool,
) -> Option<Vec<Removal>> {
    let view = catalog.design_view(design);
    removal_order_with(design, &|part| view.body(part), progress)
}

/// As [`removal_order`]; `body_of` gives the body of a part, or what stands in for it.
pub fn removal_order_with(
    design: &Design,
    body_of: &dyn Fn(&PartId) -> Arc<PartBody>,
    progress: &mut dyn FnMut(usize, usize) -> bool,
) -> Option<Vec<Removal>> {
    let mut paths: Vec<Vec<PieceId>> = Vec::new();
    let mut placed: Vec<(u32, Arc<PartBody>, Affine3A)> = Vec::new();
    let mut bodies: HashMap<PartId, Arc<PartBody>> = HashMap::new();
    design.flatten(design.main(), &mut |flat| {
        let body = bodies.entry(flat.part.clone()).or_insert_with(|| body_of(flat.part));
        placed.push((paths.len() as u32, body.clone(), flat.transform));
        paths.push(flat.path.to_vec());
    });
    if !progress(0, paths.len()) {
        return None;
    }
    prepare(bodies.values());
    let space = Space::from_pieces(placed);
    let mut search = Search::new(space, paths.len());
    let mut order = Vec::with_capacity(paths.len());
    while let Some((key, way)) = search.next() {
        if order.len() % 16 == 0 && !progress(order.len(), paths.len()) {
            return None;
        }
        let Way { direction, distance, free, steady } = way;
        order.push(Removal { path: std::mem::take(&mut paths[key as usize]), direction, distance, free, steady });
    }
    progress(order.len(), order.len()).then_some(order)
}

/// How a piece goes.
struct Way {
    direction: Vec3,
    distance: f32,
    free: bool,
    steady: bool,
}

/// A direction in which a piece might go.
struct Try {
    direction: Vec3,
    /// A piece that stands in the way; while that is there, so is the obstacle.
    witness: Option<u32>,
    /// Another one.
    second: Option<u32>,
    /// Whether it is known that there is no other than the witness.
    alone: bool,
}

/// What is known about a piece that is still there.
#[derive(Default)]
struct Known {
    tries: Option<Vec<Try>>,
    /// Once free, a way stays free.
    free: Option<Vec3>,
    /// Where it snaps off its partners.
    spots: HashMap<u32, Vec<SnapSpot>>,
}

struct Search {
    space: Space,
    graph: ConnectionGraph,
    hold: Hold,
    known: Vec<Known>,
    /// Pieces to look at; the last built first.
    ready: BinaryHeap<u32>,
    /// Whether a piece is in `ready`.
    is_ready: Vec<bool>,
    /// Free pieces that hold others: how many would come loose, and the piece counted from the last built.
    holding: BTreeSet<(usize, u32)>,
    holds: Vec<Option<usize>>,
    /// Who waits for a piece to go.
    waiting: Vec<Vec<u32>>,
    center: Vec3,
    /// How often was looked along a way, and for each piece at which time it was last met there.
    look: Cell<u64>,
    looked_at: Vec<Cell<u64>>,
}

impl Search {
    fn new(space: Space, count: usize) -> Self {
        let graph = ConnectionGraph::build(&space);
        Self {
            hold: Hold::new(&graph, count),
            graph,
            known: (0..count).map(|_| Known::default()).collect(),
            ready: (0..count as u32).collect(),
            is_ready: vec![true; count],
            holding: BTreeSet::new(),
            holds: vec![None; count],
            waiting: vec![Vec::new(); count],
            center: space.bounds().center(),
            look: Cell::new(0),
            looked_at: vec![Cell::new(0); count],
            space,
        }
    }

    /// The piece that goes next, gone already.
    fn next(&mut self) -> Option<(u32, Way)> {
        while let Some(key) = self.ready.pop() {
            self.is_ready[key as usize] = false;
            if !self.hold.has(key) {
                continue;
            }
            let Some(direction) = self.free_way(key) else { continue };
            let loosened = self.hold.loosened_by(key);
            if loosened == 0 {
                return Some((key, self.remove(key, direction, true, true)));
            }
            self.holds[key as usize] = Some(loosened);
            self.holding.insert((loosened, u32::MAX - key));
        }
        if let Some((_, from_last)) = self.holding.pop_first() {
            let key = u32::MAX - from_last;
            self.holds[key as usize] = None;
            let direction = self.known[key as usize].free?;
            return Some((key, self.remove(key, direction, true, false)));
        }
        let (key, direction) = self.most_blocking()?;
        let steady = self.hold.loosened_by(key) == 0;
        Some((key, self.remove(key, direction, false, steady)))
    }

    fn remove(&mut self, key: u32, direction: Vec3, free: bool, steady: bool) -> Way {
        let distance =
            self.space.get(key).map_or(0.0, |piece| distance_out(piece.bounds, self.space.bounds(), direction));
        self.space.remove(key);
        let partners: Vec<u32> = self.hold.partners(key).collect();
        self.hold.remove(key);
        for partner in partners {
            // It may hold nobody any more.
            if let Some(loosened) = self.holds[partner as usize].take() {
                self.holding.remove(&(loosened, u32::MAX - partner));
                self.wake(partner);
            }
        }
        for waiting in std::mem::take(&mut self.waiting[key as usize]) {
            if self.hold.has(waiting) && self.known[waiting as usize].free.is_none() {
                self.wake(waiting);
            }
        }
        self.known[key as usize] = Known::default();
        Way { direction, distance, free, steady }
    }

    fn wake(&mut self, key: u32) {
        if !std::mem::replace(&mut self.is_ready[key as usize], true) {
            self.ready.push(key);
        }
    }

    /// A direction in which nothing stands in the way of a piece; if there is none, it waits for those that do.
    fn free_way(&mut self, key: u32) -> Option<Vec3> {
        if let Some(direction) = self.known[key as usize].free {
            return Some(direction);
        }
        if self.known[key as usize].tries.is_none() {
            let (tries, spots) = self.directions(key);
            self.known[key as usize].tries = Some(tries);
            self.known[key as usize].spots = spots;
        }
        let count = self.known[key as usize].tries.as_ref().map_or(0, Vec::len);
        for index in 0..count {
            let attempt = &self.known[key as usize].tries.as_ref()?[index];
            if attempt.witness.is_some_and(|witness| self.hold.has(witness)) {
                continue;
            }
            let direction = attempt.direction;
            let witness = self.obstacle(key, direction);
            let Some(witness) = witness else {
                self.known[key as usize].free = Some(direction);
                return Some(direction);
            };
            let attempt = &mut self.known[key as usize].tries.as_mut()?[index];
            (attempt.witness, attempt.second, attempt.alone) = (Some(witness), None, false);
            self.waiting[witness as usize].push(key);
        }
        None
    }

    /// A piece that stands in the way of another all the way out, the one that was built first of the nearest.
    fn obstacle(&self, key: u32, direction: Vec3) -> Option<u32> {
        let mut found = None;
        self.obstacles(key, direction, &mut |obstacle| {
            found = Some(obstacle);
            false
        });
        found
    }

    /// Tells what stands in the way of a piece all the way out, until `more` says that it is enough.
    fn obstacles(&self, key: u32, direction: Vec3, more: &mut dyn FnMut(u32) -> bool) {
        let Some(piece) = self.space.get(key) else { return };
        let distance = distance_out(piece.bounds, self.space.bounds(), direction);
        let sweep = direction * distance;
        let straight = direction.abs().max_element() > 0.9999;
        let stretches = if straight { 1 } else { (distance / STRETCH).ceil().clamp(1.0, 64.0) as u32 };
        let look = self.look.get() + 1;
        self.look.set(look);
        let mut candidates = Vec::new();
        let spots = &self.known[key as usize].spots;
        for stretch in 0..stretches {
            let part = |n: u32| sweep * (n as f32 / stretches as f32);
            let (from, to) = (moved(piece.bounds, part(stretch)), moved(piece.bounds, part(stretch + 1)));
            candidates.clear();
            self.space.overlapping(from.union(to).grown(-TOLERANCE * 0.5), &mut |other| {
                let looked_at = self.looked_at[other.key as usize].replace(look) == look;
                if other.key != key && !looked_at && is_near(piece.bounds, other.bounds, direction, distance) {
                    candidates.push(other.key);
                }
            });
            // The first built goes last: to wait for it is to wait once.
            candidates.sort_unstable();
            for other in &candidates {
                let spots = spots.get(other).map_or(&[][..], Vec::as_slice);
                let blocks = self.space.get(*other).is_some_and(|other| is_in_the_way(piece, other, sweep, spots));
                if blocks && !more(*other) {
                    return;
                }
            }
        }
    }

    /// The directions to try, the best first: along its connections, up, outward; and where it snaps off.
    fn directions(&self, key: u32) -> (Vec<Try>, HashMap<u32, Vec<SnapSpot>>) {
        let mut spots = HashMap::new();
        let Some(piece) = self.space.get(key) else { return (Vec::new(), spots) };
        let mut found: Vec<(Vec3, f32)> = Vec::new();
        let outward = (piece.bounds.center() - self.center).normalize_or_zero();
        let mut add = |direction: Vec3, cost: f32| {
            for direction in [direction, -direction] {
                let Some(direction) = direction.try_normalize().filter(|way| way.is_finite()) else { continue };
                // Adding zero turns −0 into 0.
                let direction = direction + Vec3::ZERO;
                let cost = cost + direction.y - 0.5 * direction.dot(outward);
                match found.iter_mut().find(|(known, _)| known.dot(direction) > SAME_DIRECTION) {
                    Some((_, known)) => *known = known.min(cost),
                    None => found.push((direction, cost)),
                }
            }
        };
        for link in self.graph.links_of(key) {
            let (Some(first), Some(second)) = (self.space.get(link.a), self.space.get(link.b)) else { continue };
            for joint in &link.joints {
                add(first.transform.transform_vector3(joint.axis), -1.0);
            }
            let there = snap_spots(&link.joints, first, &second.body);
            if !there.is_empty() {
                let partner = if link.a == key { link.b } else { link.a };
                for spot in &there {
                    let away = piece.bounds.center() - spot.center;
                    add(away, 0.5);
                    for axis in [Vec3::X, Vec3::Y, Vec3::Z] {
                        add(first.transform.transform_vector3(axis), 0.5);
                    }
                }
                spots.insert(partner, there);
            }
        }
        for axis in [Vec3::Y, Vec3::X, Vec3::Z] {
            add(snapped(piece.transform.transform_vector3(axis)), 1.0);
            add(axis, 1.5);
        }
        found.sort_by(|a, b| a.1.total_cmp(&b.1));
        found.truncate(MOST_DIRECTIONS);
        (
            found
                .into_iter()
                .map(|(direction, _)| Try { direction, witness: None, second: None, alone: false })
                .collect(),
            spots,
        )
    }

    /// When nothing is free: the piece that alone keeps the most others from going some way, and its own way with the
    /// fewest pieces in it.
    fn most_blocking(&mut self) -> Option<(u32, Vec3)> {
        let mut votes: HashMap<u32, usize> = HashMap::new();
        let left: Vec<u32> = (0..self.known.len() as u32).filter(|&key| self.hold.has(key)).collect();
        for &key in &left {
            let mut voted: Vec<u32> = Vec::new();
            let count = self.known[key as usize].tries.as_ref().map_or(0, Vec::len);
            for index in 0..count {
                if let Some(alone) = self.only_obstacle(key, index)
                    && !voted.contains(&alone)
                {
                    voted.push(alone);
                    *votes.entry(alone).or_default() += 1;
                }
            }
        }
        let most = votes.into_iter().max_by_key(|(key, votes)| (*votes, *key));
        let key = most.map(|(key, _)| key).or_else(|| left.last().copied())?;
        let ways: Vec<Vec3> =
            self.known[key as usize].tries.iter().flatten().map(|attempt| attempt.direction).collect();
        let in_the_way = |way: &Vec3| {
            let mut found = BTreeSet::new();
            self.obstacles(key, *way, &mut |obstacle| {
                found.insert(obstacle);
                true
            });
            found.len()
        };
        let way = ways.iter().copied().min_by_key(in_the_way).unwrap_or(Vec3::NEG_Y);
        Some((key, way))
    }

    /// The piece that alone stands in one of the ways of another, if it is only one.
    fn only_obstacle(&mut self, key: u32, index: usize) -> Option<u32> {
        let attempt = &self.known[key as usize].tries.as_ref()?[index];
        let witness = attempt.witness?;
        if attempt.alone {
            return Some(witness);
        }
        if attempt.second.is_some_and(|second| self.hold.has(second)) {
            return None;
        }
        let mut second = None;
        self.obstacles(key, attempt.direction, &mut |obstacle| {
            second = second.or((obstacle != witness).then_some(obstacle));
            second.is_none()
        });
        let attempt = &mut self.known[key as usize].tries.as_mut()?[index];
        (attempt.second, attempt.alone) = (second, second.is_none());
        attempt.alone.then_some(witness)
    }
}

fn moved(bounds: Bounds, by: Vec3) -> Bounds {
    Bounds { min: bounds.min + by, max: bounds.max + by }
}

/// Whether the ball around a box, moving some way, comes near the ball around another.
fn is_near(mover: Bounds, other: Bounds, direction: Vec3, distance: f32) -> bool {
    let to = other.center() - mover.center();
    let along = to.dot(direction).clamp(0.0, distance);
    let reach = 0.5 * ((mover.max - mover.min).length() + (other.max - other.min).length());
    to.distance_squared(direction * along) <= reach * reach
}

/// A direction along an axis of the world made exact.
fn snapped(direction: Vec3) -> Vec3 {
    let unit = direction.normalize_or_zero();
    let nearest = unit.round();
    if nearest.abs().element_sum() == 1.0 && nearest.dot(unit) > SAME_DIRECTION { nearest } else { unit }
}

/// How far a box must go in a unit direction until it is out of another, LDU.
pub fn distance_out(bounds: Bounds, all: Bounds, direction: Vec3) -> f32 {
    let support = |bounds: Bounds, way: Vec3| Vec3::select(way.cmpgt(Vec3::ZERO), bounds.max, bounds.min).dot(way);
    (support(all, direction) + support(bounds, -direction)).clamp(1.0, 1e6)
}
