//! Collision: which pieces reach into each other.
//!
//! Touching is no overlap, nor is less than [`TOLERANCE`], nor what a connection asks for (a pin in its hole).

use super::{Joint, PartBody, Solid, joints_between};
use crate::space::Space;
use glam::{Affine3A, Vec3};

/// How far two bodies may reach into each other before it counts, LDU. Real parts are drawn this tight.
pub const TOLERANCE: f32 = 1.0;

/// A piece that reaches into another.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Overlap {
    /// The other piece's key.
    pub key: u32,
    /// How far they reach into each other, LDU.
    pub depth: f32,
    /// About where, in the world, LDU.
    pub at: Vec3,
}

/// The pieces of `space` that a part at a place would reach into, deepest first, without those that `ignore` takes.
pub fn overlaps(body: &PartBody, transform: &Affine3A, space: &Space, ignore: &dyn Fn(u32) -> bool) -> Vec<Overlap> {
    let mut found = Vec::new();
    space.overlapping(body.bounds().transformed(transform).grown(-TOLERANCE * 0.5), &mut |piece| {
        if ignore(piece.key) {
            return;
        }
        if let Some((depth, at)) = pair_overlap(body, transform, &piece.body, &piece.transform) {
            found.push(Overlap { key: piece.key, depth, at });
        }
    });
    found.sort_by(|a, b| b.depth.total_cmp(&a.depth).then(a.key.cmp(&b.key)));
    found
}

/// Whether a part at a place would reach into any piece of `space` but those that `ignore` takes.
pub fn overlaps_any(body: &PartBody, transform: &Affine3A, space: &Space, ignore: &dyn Fn(u32) -> bool) -> bool {
    let mut candidates = Vec::new();
    space.overlapping(body.bounds().transformed(transform).grown(-TOLERANCE * 0.5), &mut |piece| {
        if !ignore(piece.key) {
            candidates.push(piece.key);
        }
    });
    candidates
        .into_iter()
        .filter_map(|key| space.get(key))
        .any(|piece| pair_overlap(body, transform, &piece.body, &piece.transform).is_some())
}

/// How far (LDU) two placed parts reach into each other, and where in the world; `None` if they do not.
pub fn pair_overlap(a: &PartBody, a_to_world: &Affine3A, b: &PartBody, b_to_world: &Affine3A) -> Option<(f32, Vec3)> {
    let b_to_a = a_to_world.inverse() * *b_to_world;
    let (a_bounds, b_bounds) = (a.bounds().grown(0.5), b.bounds().grown(0.5));
    let shared_in_a = b_bounds.transformed(&b_to_a);
    if !shared_in_a.overlaps(a_bounds) {
        return None;
    }
    let a_in_b = a_bounds.transformed(&b_to_a.inverse());
    let mut joints = None::<Vec<Joint>>;
    let mut worst = None::<(f32, Vec3)>;
    b.solids_in(a_in_b, &mut |solid| {
        let moved = solid.transformed(&b_to_a);
        a.solids_in(moved.bounds(), &mut |other: &Solid| {
            let Some((depth, at)) = moved.penetration(other, TOLERANCE) else { return };
            if worst.is_some_and(|(worst, _)| worst >= depth) {
                return;
            }
            let joints = joints.get_or_insert_with(|| joints_between(a, b, &b_to_a));
            if !joints.iter().any(|joint| joint.makes_room_at(at)) {
                worst = Some((depth, at));
            }
        });
    });
    worst.map(|(depth, at)| (depth, a_to_world.transform_point3(at)))
}
