//! Snapping: where a held piece would go for a pointer.
//!
//! Matching connectors near what the ray hits come first; then resting on the surface that was hit; then the ground.

use super::{PartBody, overlaps_any};
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
        self.pieces.iter().fold(Bounds::EMPTY, |all, piece| all.union(piece.body.bounds().transformed(&piece.pose)))
    }

    /// The box around it when it is turned and moved by `pose`, LDU.
    fn bounds_at(&self, pose: &Affine3A) -> Bounds {
        self.pieces
            .iter()
            .fold(Bounds::EMPTY, |all, piece| all.union(piece.body.bounds().transformed(&(*pose * piece.pose))))
    }

    /// Whether it would reach into any piece of `space` that `ignore` does not take.
    pub fn overlaps(&self, pose: &Affine3A, space: &Space, ignore: &dyn Fn(u32) -> bool) -> bool {
        self.pieces.iter().any(|piece| overlaps_any(&piece.body, &(*pose * piece.pose), space, ignore))
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

/// The places that fit a pointer's ray, best first. Never empty unless the ray misses everything and the ground.
pub fn snap(held: &HeldBody, ray: &Ray, space: &Space, options: &SnapOptions<'_>) -> Vec<SnapCandidate> {
    let hit = space.pick_where(ray, &|key| !(options.ignore)(key));
    let rest = match hit {
        Some(hit) => Some((hit.point, hit.normal, Some(hit.key))),
        None => {
            let distance = (options.ground - ray.origin.y) / ray.direction.y;
            (distance.is_finite() && distance > 0.0).then(|| (ray.at(distance), Vec3::NEG_Y, None))
        }
    };
    let mut candidates: Vec<SnapCandidate> = Vec::new();
    if let Some((point, normal, on)) = rest {
        let pose = resting(held, point, normal, options);
        candidates.push(SnapCandidate {
            pose,
            kind: if on.is_some() { SnapKind::Surface } else { SnapKind::Ground },
            score: 0.0,
            overlaps: held.overlaps(&pose, space, options.ignore),
            matched: 0,
            on,
        });
    }
    candidates.truncate(options.most);
    candidates
}

/// The held body turned as it is, touching a surface from outside, on the grid along it.
fn resting(held: &HeldBody, point: Vec3, normal: Vec3, options: &SnapOptions<'_>) -> Affine3A {
    let turn = Affine3A::from_mat3(options.rotation);
    let bounds = held.bounds_at(&turn);
    let half = bounds.size() * 0.5;
    // The box leans on the side that the surface looks away from most.
    let main = dominant_axis(normal);
    let reach = half.dot(main.abs());
    let center = point + main * reach;
    let mut offset = center - bounds.center();
    let steps = Vec3::new(options.grid.along, options.grid.up, options.grid.along).max(Vec3::splat(1e-3));
    for axis in 0..3 {
        if main[axis].abs() < 0.5 {
            offset[axis] = (offset[axis] / steps[axis]).round() * steps[axis];
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
