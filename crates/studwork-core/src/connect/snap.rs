//! Snapping: where a held piece would go for a pointer.
//!
//! Matching connectors near what the ray hits come first; then resting on the surface that was hit; then the ground.
//! Places are ranked by how close they keep the piece to the pointer, how little they turn it, how well they grip, and
//! whether the viewer would see the piece there.

use super::{
    Connector, PartBody, STUD_HEIGHT, joints_between,
    matching::may_hold,
    overlaps_any,
    snap_pose::{LastTurn, joint_at, poses_onto, turn_between},
    snap_targets::{Target, targets_in, targets_near},
};
use crate::{
    Bounds,
    space::{Ray, Space},
};
use glam::{Affine3A, Mat3, Vec3};
use std::sync::Arc;

/// One piece of what is held.
#[derive(Clone, Debug)]
pub struct HeldPiece {
    /// Its part.
    pub body: Arc<PartBody>,
    /// From the part to the held body's own space.
    pub pose: Affine3A,
}

/// One or several pieces that move as one.
#[derive(Clone, Debug, Default)]
pub struct HeldBody {
    /// Its pieces.
    pub pieces: Vec<HeldPiece>,
}

impl HeldBody {
    /// A single part.
    pub fn part(body: Arc<PartBody>) -> Self {
        Self { pieces: vec![HeldPiece { body, pose: Affine3A::IDENTITY }] }
    }

    /// The box around it in its own space, LDU.
    pub fn bounds(&self) -> Bounds {
        self.bounds_at(&Affine3A::IDENTITY)
    }

    /// The box around it when it is turned and moved by `pose`, LDU.
    pub fn bounds_at(&self, pose: &Affine3A) -> Bounds {
        self.pieces
            .iter()
            .fold(Bounds::EMPTY, |all, piece| all.union(piece.body.bounds().transformed(&(*pose * piece.pose))))
    }

    /// Whether it would reach into any piece of `space` that `ignore` does not take.
    pub fn overlaps(&self, pose: &Affine3A, space: &Space, ignore: &dyn Fn(u32) -> bool) -> bool {
        self.pieces.iter().any(|piece| overlaps_any(&piece.body, &(*pose * piece.pose), space, ignore))
    }

    /// How many pairs of connectors would grip.
    pub fn matches(&self, pose: &Affine3A, space: &Space, ignore: &dyn Fn(u32) -> bool) -> usize {
        let mut count = 0;
        for piece in &self.pieces {
            let to_world = *pose * piece.pose;
            let from_world = to_world.inverse();
            space.overlapping(piece.body.bounds().transformed(&to_world).grown(1.0), &mut |other| {
                if !ignore(other.key) {
                    count += joints_between(&piece.body, &other.body, &(from_world * other.transform)).len();
                }
            });
        }
        count
    }

    fn connectors(&self) -> Vec<Connector> {
        let all =
            self.pieces.iter().flat_map(|piece| piece.body.connectors().iter().map(|c| c.transformed(&piece.pose)));
        all.collect()
    }
}

/// Steps of free placement, LDU.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Grid {
    /// Along the ground: 20 (a stud), 10, 5, 1 …
    pub along: f32,
    /// In height: 24 (a brick), 8 (a plate), 4, 1 …
    pub up: f32,
}

/// What the user's hand and settings say.
#[derive(Copy, Clone)]
pub struct SnapOptions<'a> {
    /// The held body's turn now: kept wherever possible.
    pub rotation: Mat3,
    /// Steps of free placement.
    pub grid: Grid,
    /// Whether connectors are looked at; else only surface and ground, on the grid.
    pub connectors: bool,
    /// The height (Y) of the ground where nothing is hit, LDU; −Y is up.
    pub ground: f32,
    /// The point of the held body (in its own space) that should stay near the pointer; the middle of its box if not given.
    pub grab: Option<Vec3>,
    /// Pieces that are not there for this purpose (those being dragged).
    pub ignore: &'a dyn Fn(u32) -> bool,
    /// How many candidates at most.
    pub most: usize,
}

impl Default for SnapOptions<'_> {
    fn default() -> Self {
        Self {
            rotation: Mat3::IDENTITY,
            grid: Grid { along: 10.0, up: 8.0 },
            connectors: true,
            ground: 0.0,
            grab: None,
            ignore: &|_| false,
            most: 8,
        }
    }
}

/// What holds a candidate.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SnapKind {
    /// Connectors grip.
    Connected,
    /// It rests on a piece.
    Surface,
    /// It rests on the ground.
    Ground,
}

/// A place for the held body.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct SnapCandidate {
    /// From the held body's own space to the world.
    pub pose: Affine3A,
    /// What holds it.
    pub kind: SnapKind,
    /// Greater is better.
    pub score: f32,
    /// Whether it would reach into a piece there.
    pub overlaps: bool,
    /// How many pairs of connectors grip.
    pub matched: usize,
    /// The piece it was found on.
    pub on: Option<u32>,
}

/// How many proposals are looked at, the best first; most of them are the same few places.
const MOST_SORTED: usize = 200;
/// How many places are tried for overlaps.
const MOST_TRIED: usize = 12;
/// So many places without overlap are enough to choose from.
const ENOUGH: usize = 6;
/// What gripping is worth against resting, in LDU of distance from the pointer.
const GRIP_WORTH: f32 = 34.0;
/// What an overlap costs, LDU.
const OVERLAP_COST: f32 = 30.0;
/// What turning the held body costs, LDU a radian.
const TURN_COST: f32 = 8.0;
/// What a connector costs that looks across the surface under the pointer rather than out of it, LDU.
const FACING_COST: f32 = 14.0;
/// What each LDU costs between the pointer and the connector that would grip.
const NEAR_COST: f32 = 0.8;
/// What each LDU of half the grip's length is worth: of places along an axis the deepest comes first.
const DEPTH_WORTH: f32 = 0.1;
/// What a place costs that the viewer cannot see, LDU: more than all that can speak for it.
const HIDDEN_COST: f32 = 80.0;

/// The places that fit a pointer's ray, best first. Empty only if the ray misses everything and the ground.
///
/// A place behind what the viewer sees comes after those in sight. Where the held body has no room at all at the
/// pointer (a roof over an open house), it comes to rest on what it meets first on its way along the ray.
pub fn snap(held: &HeldBody, ray: &Ray, space: &Space, options: &SnapOptions<'_>) -> Vec<SnapCandidate> {
    let ray = &Ray::new(ray.origin, ray.direction);
    let there = |key| !(options.ignore)(key);
    let hit = space.pick_where(ray, &there);
    // A hollow stud is meant by who points into it.
    let stud = space.pick_stud(ray, hit.as_ref().map_or(f32::MAX, |hit| hit.distance - 0.01), &there);
    let hit = stud.or(hit);
    // What hangs under a model is pointed at from below; else a place under everything is not meant.
    let from_below = hit.as_ref().is_some_and(|hit| hit.normal.y > 0.5);
    let floor = if from_below { f32::INFINITY } else { options.ground.max(space.bounds().max.y) + 1.0 };
    let query = Query { held, ray, space, options, floor };
    let mut candidates = Vec::new();
    if let Some(hit) = &hit
        && options.connectors
    {
        query.connected(&targets_near(hit, space, options.ignore), hit.point, &mut candidates);
    }
    let rest = match hit {
        Some(hit) => Some((hit.point, hit.normal, Some(hit.key))),
        None => {
            let distance = (options.ground - ray.origin.y) / ray.direction.y;
            (distance.is_finite() && distance > 0.0).then(|| (ray.at(distance), Vec3::NEG_Y, None))
        }
    };
    if let Some((point, normal, on)) = rest {
        let pose = resting(held, point, normal, options);
        let overlaps = held.overlaps(&pose, space, options.ignore);
        candidates.push(SnapCandidate {
            pose,
            kind: if on.is_some() { SnapKind::Surface } else { SnapKind::Ground },
            score: if overlaps { -OVERLAP_COST } else { 0.0 },
            overlaps,
            matched: if overlaps { 0 } else { held.matches(&pose, space, options.ignore) },
            on,
        });
        let in_sight_and_free =
            |candidate: &SnapCandidate| !candidate.overlaps && candidate.score > -0.3 * OVERLAP_COST;
        if options.connectors && !candidates.iter().any(in_sight_and_free) {
            query.met_on_the_way(point, &mut candidates);
        }
    }
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| by_place(&a.pose, &b.pose)));
    candidates.truncate(options.most);
    candidates
}

/// Settles ties, so that the same pointer always gives the same order.
fn by_place(a: &Affine3A, b: &Affine3A) -> std::cmp::Ordering {
    let place = |p: &Affine3A| p.translation.to_array();
    place(a).partial_cmp(&place(b)).unwrap_or(std::cmp::Ordering::Equal)
}

/// A place before it is tried: by its target and the held connector.
struct Proposal {
    pose: Affine3A,
    score: f32,
    target: usize,
    connector: usize,
}

/// What all steps of one query share.
struct Query<'a> {
    held: &'a HeldBody,
    ray: &'a Ray,
    space: &'a Space,
    options: &'a SnapOptions<'a>,
    /// Places that reach below this come last, LDU.
    floor: f32,
}

impl Query<'_> {
    /// The places where a connector grips one of `targets`, the held body near `focus`.
    fn connected(&self, targets: &[Target], focus: Vec3, candidates: &mut Vec<SnapCandidate>) {
        if targets.is_empty() {
            return;
        }
        let (held, space, options) = (self.held, self.space, self.options);
        let grab = options.grab.unwrap_or_else(|| held.bounds().center());
        let connectors = held.connectors();
        let mut proposals: Vec<Proposal> = Vec::new();
        for (t, target) in targets.iter().enumerate() {
            let outward = target.connector.direction();
            let lattice = space.get(target.key).map_or(Mat3::IDENTITY, |piece| Mat3::from(piece.transform.matrix3));
            let worth = GRIP_WORTH - FACING_COST * (1.0 - target.facing) - NEAR_COST * target.distance;
            let mut last = LastTurn::default();
            for (c, connector) in connectors.iter().enumerate() {
                if !may_hold(connector, &target.connector) {
                    continue;
                }
                poses_onto(&target.connector, connector, options.rotation, &mut last, &mut |pose| {
                    let offset = pose.transform_point3(grab) - focus;
                    let distance = (offset - outward * offset.dot(outward)).length();
                    let turned = turn_between(options.rotation, &lattice, pose.matrix3.into());
                    let score = worth - distance - TURN_COST * turned;
                    proposals.push(Proposal { pose, score, target: t, connector: c });
                });
            }
        }
        let better = |a: &Proposal, b: &Proposal| b.score.total_cmp(&a.score).then_with(|| by_place(&a.pose, &b.pose));
        if proposals.len() > MOST_SORTED {
            proposals.select_nth_unstable_by(MOST_SORTED, better);
            proposals.truncate(MOST_SORTED);
        }
        proposals.sort_by(better);
        let mut tried: Vec<Affine3A> = Vec::new();
        let mut free = 0;
        for proposal in proposals {
            if tried.len() >= MOST_TRIED || free >= options.most.min(ENOUGH) {
                break;
            }
            let target = &targets[proposal.target];
            if tried.iter().any(|pose| same_pose(pose, &proposal.pose)) {
                continue;
            }
            let Some(joint) = joint_at(&target.connector, &connectors[proposal.connector], &proposal.pose) else {
                continue;
            };
            tried.push(proposal.pose);
            let overlaps = held.overlaps(&proposal.pose, space, options.ignore);
            // One connector grips for certain; how many more do matters only where there is room.
            let matched = if overlaps { 1 } else { held.matches(&proposal.pose, space, options.ignore).max(1) };
            // A pin or an axle is meant to vanish in its hole; a brick is not meant to vanish behind another.
            let hides = target.connector.is_stud() || target.connector.is_socket();
            let hidden = if hides { self.hidden_share(&proposal.pose) } else { 0.0 };
            free += usize::from(!overlaps && hidden <= 0.0);
            let blocked = if overlaps { OVERLAP_COST } else { 0.0 };
            // A wheel reaches lower than what holds it; a roof under the floor is not meant.
            let buried = if held.bounds_at(&proposal.pose).center().y > self.floor { HIDDEN_COST } else { 0.0 };
            let deep = DEPTH_WORTH * (joint.half_length.min(20.0) - joint.error);
            let score = proposal.score + matched.min(4) as f32 + deep - blocked - HIDDEN_COST * hidden - buried;
            let on = Some(target.key);
            candidates.push(SnapCandidate {
                pose: proposal.pose,
                kind: SnapKind::Connected,
                score,
                overlaps,
                matched,
                on,
            });
        }
    }

    /// How much of the held body at a pose (0 to 1) the viewer would not see because the design is before it: 0 as soon as
    /// its middle is in sight.
    fn hidden_share(&self, pose: &Affine3A) -> f32 {
        let bounds = self.held.bounds_at(pose);
        let (center, reach) = (bounds.center(), bounds.size() * 0.42);
        let covered = |point: Vec3| {
            let depth = (point - self.ray.origin).dot(self.ray.direction);
            let toward = Ray { origin: point - self.ray.direction * depth, direction: self.ray.direction };
            depth > 0.0 && self.space.is_met_before(&toward, depth - 1.0, &|key| !(self.options.ignore)(key))
        };
        if !covered(center) {
            return 0.0;
        }
        let around = [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)];
        let hidden = around.iter().filter(|(x, z)| covered(center + reach * Vec3::new(*x, 0.0, *z))).count();
        (1 + hidden) as f32 / 5.0
    }

    /// Places on what the held body meets first when it comes along the ray toward `point`, where it has no room.
    fn met_on_the_way(&self, point: Vec3, candidates: &mut Vec<SnapCandidate>) {
        const STEP: f32 = 16.0;
        const MOST_STEPS: usize = 24;
        let grab = self.options.grab.unwrap_or_else(|| self.held.bounds().center());
        let turn = Affine3A::from_mat3(self.options.rotation);
        let pose_at = |back: f32| {
            let focus = point - self.ray.direction * back;
            (focus, Affine3A::from_translation(focus - turn.transform_point3(grab)) * turn)
        };
        // From the viewer on, as far as there is room.
        let free = (1..=MOST_STEPS)
            .rev()
            .map(|step| pose_at(step as f32 * STEP))
            .take_while(|(_, pose)| !self.held.overlaps(pose, self.space, self.options.ignore))
            .last();
        let Some((focus, pose)) = free else { return };
        // What it would have met with the next step, studs and sockets in their whole depth.
        let around = self.held.bounds_at(&pose).grown(STEP + 2.0 * STUD_HEIGHT);
        let targets = targets_in(around, focus, self.ray.direction, self.space, self.options.ignore);
        self.connected(&targets, focus, candidates);
    }
}

fn same_pose(a: &Affine3A, b: &Affine3A) -> bool {
    a.translation.distance_squared(b.translation) < 0.25
        && (a.matrix3.x_axis - b.matrix3.x_axis).length_squared() < 1e-3
        && (a.matrix3.y_axis - b.matrix3.y_axis).length_squared() < 1e-3
}

/// The held body turned as it is, touching a surface from outside, on the grid along it.
fn resting(held: &HeldBody, point: Vec3, normal: Vec3, options: &SnapOptions<'_>) -> Affine3A {
    let turn = Affine3A::from_mat3(options.rotation);
    let bounds = held.bounds_at(&turn);
    // The box leans on the side that the surface looks away from most.
    let main = dominant_axis(normal);
    let size = bounds.size();
    let grab = options.grab.map_or(bounds.center(), |grab| turn.transform_point3(grab));
    let cell = cell_of(held, &turn);
    let mut offset = point - grab;
    let steps = Vec3::new(options.grid.along, options.grid.up, options.grid.along).max(Vec3::splat(1e-3));
    for axis in 0..3 {
        if main[axis] > 0.5 {
            offset[axis] = point[axis] - bounds.min[axis];
        } else if main[axis] < -0.5 {
            offset[axis] = point[axis] - bounds.max[axis];
        } else {
            // The border of a cell of studs, not the middle, keeps to the lattice: an odd and an even piece line up, whatever
            // sticks out of them. In height it is the underside, since studs reach above the top.
            let border = match axis {
                _ if size[axis] <= 0.0 => 0.0,
                1 => bounds.max[axis],
                _ => cell.map_or(bounds.min[axis], |cell| cell[axis]),
            };
            offset[axis] = ((border + offset[axis]) / steps[axis]).round() * steps[axis] - border;
        }
    }
    Affine3A::from_mat3_translation(options.rotation, offset)
}

/// The corner of the cell under an upright socket of the held body, or under an upright stud.
fn cell_of(held: &HeldBody, turn: &Affine3A) -> Option<Vec3> {
    const HALF: f32 = 10.0;
    let upright = |wanted: fn(&Connector) -> bool| {
        held.pieces.iter().find_map(|piece| {
            let to_held = *turn * piece.pose;
            let stands = |c: &&Connector| wanted(c) && to_held.transform_vector3(c.direction()).y.abs() > 0.99;
            piece.body.connectors().iter().find(stands).map(|c| to_held.transform_point3(c.origin()) - HALF)
        })
    };
    upright(Connector::is_socket).or_else(|| upright(Connector::is_stud))
}

fn dominant_axis(direction: Vec3) -> Vec3 {
    let size = direction.abs();
    if size.y >= size.x && size.y >= size.z {
        Vec3::Y * direction.y.signum()
    } else if size.x >= size.z {
        Vec3::X * direction.x.signum()
    } else {
        Vec3::Z * direction.z.signum()
    }
}
