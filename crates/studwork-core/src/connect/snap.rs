//! Snapping: where a held piece would go for a pointer.
//!
//! Matching connectors near what the ray hits come first; then resting on the surface that was hit; then the ground.
//! Places are ranked by how close they keep the piece to the pointer, how little they turn it, and how well they grip.

use super::{
    Connector, Gender, PartBody, joints_between, overlaps_any,
    snap_pose::{poses_onto, turn_between},
};
use crate::{
    Bounds,
    space::{Hit, Ray, Space},
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

/// How far from the pointer's hit a connector may be to be looked at, LDU.
const REACH: f32 = 34.0;
/// How many of them at most, the nearest first.
const MOST_TARGETS: usize = 12;
/// How many places are tried for overlaps.
const MOST_TRIED: usize = 14;
/// What gripping is worth against resting, in LDU of distance from the pointer.
const GRIP_WORTH: f32 = 40.0;
/// What an overlap costs, LDU.
const OVERLAP_COST: f32 = 30.0;
/// What turning the held body costs, LDU a radian.
const TURN_COST: f32 = 8.0;

/// The places that fit a pointer's ray, best first. Empty only if the ray misses everything and the ground.
pub fn snap(held: &HeldBody, ray: &Ray, space: &Space, options: &SnapOptions<'_>) -> Vec<SnapCandidate> {
    let hit = space.pick_where(ray, &|key| !(options.ignore)(key));
    let mut candidates = Vec::new();
    if let Some(hit) = &hit
        && options.connectors
    {
        connected(held, hit, space, options, &mut candidates);
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
            matched: held.matches(&pose, space, options.ignore),
            on,
        });
    }
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
    candidates.truncate(options.most);
    candidates
}

/// A connector of the design near the pointer.
struct Target {
    key: u32,
    /// In the world.
    connector: Connector,
    distance: f32,
    /// How well it faces the way that the surface under the pointer does: 1 the same way, 0 across, −1 away.
    facing: f32,
}

fn targets_near(hit: &Hit, space: &Space, options: &SnapOptions<'_>) -> Vec<Target> {
    let around = Bounds { min: hit.point, max: hit.point }.grown(REACH);
    let mut targets = Vec::new();
    space.overlapping(around, &mut |piece| {
        if (options.ignore)(piece.key) {
            return;
        }
        let local = piece.inverse.transform_point3(hit.point);
        piece.body.connectors_near(local, REACH, &mut |_, connector| {
            let connector = connector.transformed(&piece.transform);
            let outward = if connector.gender == Gender::Male { connector.direction() } else { -connector.direction() };
            let from_origin = hit.point - connector.origin();
            let along = from_origin.dot(connector.direction());
            let across = (from_origin - connector.direction() * along).length();
            let [start, end] = connector.extent();
            // On a stud's side or in a socket's depth, the face under the pointer says nothing about the way out.
            let deep = if connector.gender == Gender::Female { 20.0 } else { 1.0 };
            let on_it = across <= 9.0 && along >= start - 1.0 && along <= end + deep && outward.dot(hit.normal) > -0.3;
            let open_both_ways = start < -0.1;
            let facing = match (on_it && piece.key == hit.key, open_both_ways) {
                (true, _) => 1.0,
                (false, true) => outward.dot(hit.normal).abs(),
                (false, false) => outward.dot(hit.normal),
            };
            let distance = (along - along.clamp(start, end)).hypot(across);
            if distance <= REACH && facing > -0.5 {
                targets.push(Target { key: piece.key, connector, distance, facing });
            }
        });
    });
    targets.sort_by(|a, b| {
        let cost = |t: &Target| t.distance + 20.0 * (1.0 - t.facing);
        cost(a).total_cmp(&cost(b)).then(a.key.cmp(&b.key))
    });
    targets.truncate(MOST_TARGETS);
    targets
}

/// A place before it is tried.
struct Proposal {
    pose: Affine3A,
    score: f32,
    on: u32,
}

fn connected(
    held: &HeldBody,
    hit: &Hit,
    space: &Space,
    options: &SnapOptions<'_>,
    candidates: &mut Vec<SnapCandidate>,
) {
    let targets = targets_near(hit, space, options);
    if targets.is_empty() {
        return;
    }
    let grab = options.grab.unwrap_or_else(|| held.bounds().center());
    let connectors = held.connectors();
    let mut proposals: Vec<Proposal> = Vec::new();
    for target in &targets {
        let outward = target.connector.direction();
        let lattice = space.get(target.key).map_or(Mat3::IDENTITY, |piece| Mat3::from(piece.transform.matrix3));
        for connector in &connectors {
            if connector.gender == target.connector.gender {
                continue;
            }
            poses_onto(&target.connector, connector, options.rotation, &mut |pose| {
                let offset = pose.transform_point3(grab) - hit.point;
                let distance = (offset - outward * offset.dot(outward)).length();
                let turned = turn_between(options.rotation, &lattice, pose.matrix3.into());
                let score = GRIP_WORTH - distance - TURN_COST * turned - GRIP_WORTH * (1.0 - target.facing);
                proposals.push(Proposal { pose, score, on: target.key });
            });
        }
    }
    // Ties are settled by place, so that the same pointer always gives the same order.
    let place = |p: &Proposal| p.pose.translation.to_array();
    proposals.sort_by(|a, b| {
        b.score.total_cmp(&a.score).then_with(|| place(a).partial_cmp(&place(b)).unwrap_or(std::cmp::Ordering::Equal))
    });
    let mut tried: Vec<Affine3A> = Vec::new();
    for proposal in proposals {
        if tried.len() >= MOST_TRIED {
            break;
        }
        if tried.iter().any(|pose| same_pose(pose, &proposal.pose)) {
            continue;
        }
        tried.push(proposal.pose);
        let overlaps = held.overlaps(&proposal.pose, space, options.ignore);
        let matched = held.matches(&proposal.pose, space, options.ignore);
        if matched == 0 {
            continue;
        }
        let score = proposal.score + 2.0 * matched.min(4) as f32 - if overlaps { OVERLAP_COST } else { 0.0 };
        candidates.push(SnapCandidate {
            pose: proposal.pose,
            kind: SnapKind::Connected,
            score,
            overlaps,
            matched,
            on: Some(proposal.on),
        });
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
    let mut offset = point - grab;
    let steps = Vec3::new(options.grid.along, options.grid.up, options.grid.along).max(Vec3::splat(1e-3));
    for axis in 0..3 {
        if main[axis] > 0.5 {
            offset[axis] = point[axis] - bounds.min[axis];
        } else if main[axis] < -0.5 {
            offset[axis] = point[axis] - bounds.max[axis];
        } else {
            // The box's border, not its middle, keeps to the lattice: an odd and an even piece line up. In height it is the
            // underside, since studs reach above the top.
            let border = match axis {
                _ if size[axis] <= 0.0 => 0.0,
                1 => bounds.max[axis],
                _ => bounds.min[axis],
            };
            offset[axis] = ((border + offset[axis]) / steps[axis]).round() * steps[axis] - border;
        }
    }
    Affine3A::from_mat3_translation(options.rotation, offset)
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
