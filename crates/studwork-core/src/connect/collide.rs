//! Collision: which pieces reach into each other.
//!
//! Touching is no overlap, nor is less than [`TOLERANCE`], nor what a connection asks for (a pin in its hole).

use super::{Joint, PartBody, Solid, joints_between};
use crate::{Bounds, space::Space};
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
        .any(|piece| search(body, transform, &piece.body, &piece.transform, true).is_some())
}

/// How far (LDU) two placed parts reach into each other, and where in the world; `None` if they do not.
pub fn pair_overlap(a: &PartBody, a_to_world: &Affine3A, b: &PartBody, b_to_world: &Affine3A) -> Option<(f32, Vec3)> {
    search(a, a_to_world, b, b_to_world, false)
}

/// The deepest place where two parts reach into each other; with `any` the first that is found.
fn search(a: &PartBody, a_to_world: &Affine3A, b: &PartBody, b_to_world: &Affine3A, any: bool) -> Option<(f32, Vec3)> {
    let b_to_a = a_to_world.inverse() * *b_to_world;
    let (a_bounds, b_bounds) = (a.bounds().grown(0.5), b.bounds().grown(0.5));
    let shared_in_a = b_bounds.transformed(&b_to_a);
    if !shared_in_a.overlaps(a_bounds) {
        return None;
    }
    let a_in_b = a_bounds.transformed(&b_to_a.inverse());
    let mut joints = None::<Vec<Joint>>;
    let mut worst = None::<(f32, Vec3)>;
    let square = is_right_angled(&b_to_a);
    b.solids_in(a_in_b, &mut |solid| {
        if any && worst.is_some() {
            return;
        }
        let bounds = solid.bounds().transformed(&b_to_a);
        let mut moved = None::<Solid>;
        a.solids_in(bounds, &mut |other: &Solid| {
            if any && worst.is_some() {
                return;
            }
            // Most pairs are boxes that stand square to each other, whose boxes say it all.
            let found = if square && solid.is_cuboid() && other.is_cuboid() {
                box_penetration(bounds, other.bounds())
            } else {
                moved.get_or_insert_with(|| solid.transformed(&b_to_a)).penetration(other, TOLERANCE)
            };
            let Some((depth, at)) = found else { return };
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

/// How far two boxes reach into each other, LDU, and the middle of what they share; `None` unless by more than
/// [`TOLERANCE`].
fn box_penetration(a: Bounds, b: Bounds) -> Option<(f32, Vec3)> {
    let depth = (a.max - b.min).min(b.max - a.min).min_element();
    let shared = Bounds { min: a.min.max(b.min), max: a.max.min(b.max) };
    (depth > TOLERANCE).then(|| (depth, shared.center()))
}

/// Whether each axis goes to an axis.
fn is_right_angled(transform: &Affine3A) -> bool {
    let m = transform.matrix3;
    [m.x_axis, m.y_axis, m.z_axis].into_iter().all(|axis| {
        let size = axis.abs();
        (size.max_element() - 1.0).abs() < 1e-5 && (size.element_sum() - 1.0).abs() < 1e-5
    })
}
