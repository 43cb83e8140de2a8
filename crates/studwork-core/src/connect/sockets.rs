//! Sockets for studs, found from a part's shape: where from below there is room for a stud and something around to grip it.
//!
//! Nothing in an LDraw file marks them (a 1×1 brick has only its walls), so the mesh is probed with rays on the
//! half-stud lattice, at each height where the underside has a rim.

use super::Connector;
use crate::{
    Bounds, Mesh,
    space::{MeshTree, Ray, corners},
};
use glam::Vec3;

/// Half a stud's pitch, LDU.
const LATTICE: f32 = 10.0;
/// A stud of this radius must fit in; a little less than 6 because walls are drawn round and ribs tight, LDU.
const ROOM_RADIUS: f32 = 5.4;
/// A wall or tube up to here grips, LDU.
const GRIP_RADIUS: f32 = 7.3;
/// A stud of this height must fit in, LDU.
const ROOM_HEIGHT: f32 = 3.4;
/// Directions probed around the axis.
const AROUND: usize = 16;
/// Parts with more lattice points than this (huge baseplates, nonsense) are not probed.
const MOST_POINTS: f32 = 40_000.0;

/// The sockets under a part. `tree` holds all triangles of `mesh` but its studs.
pub(super) fn sockets_of(mesh: &Mesh, tree: &MeshTree) -> Vec<Connector> {
    let bounds = mesh.bounds;
    let size = bounds.size();
    if bounds.is_empty() || (size.x / LATTICE + 1.0) * (size.z / LATTICE + 1.0) > MOST_POINTS {
        return Vec::new();
    }
    let rims = rim_heights(mesh);
    let first = (bounds.min / LATTICE).ceil().as_ivec3();
    let last = (bounds.max / LATTICE).floor().as_ivec3();
    let mut sockets = Vec::new();
    for x in first.x..=last.x {
        for z in first.z..=last.z {
            let at = Vec3::new(x as f32 * LATTICE, 0.0, z as f32 * LATTICE);
            let roof = free_height(tree, at, bounds);
            let deep_enough = rims.iter().filter(|rim| **rim - roof >= ROOM_HEIGHT);
            let grips: Vec<(f32, [bool; 2])> =
                deep_enough.map(|rim| (*rim, grips(tree, at.with_y(*rim), bounds))).collect();
            // Best a rim that grips from the mouth on; else (a smaller foot, as under a round plate) one that grips deeper.
            let rim = grips.iter().find(|(_, [low, _])| *low).or_else(|| grips.iter().find(|(_, [_, high])| *high));
            sockets.extend(rim.map(|(rim, _)| Connector::socket_at(at.with_y(*rim))));
        }
    }
    sockets
}

/// Heights (Y) of faces that look straight down, the lowest (greatest Y) first.
fn rim_heights(mesh: &Mesh) -> Vec<f32> {
    let mut areas = std::collections::BTreeMap::<i32, f32>::new();
    for triangle in 0..(mesh.indices.len() / 3) as u32 {
        let Some([a, b, c]) = corners(mesh, triangle) else { continue };
        let area = (b - a).cross(c - a) * 0.5;
        // Winding may be unknown, so faces that look up count as well; a probe there fails.
        if area.y.abs() > 0.1 && area.y.abs() > 0.999 * area.length() {
            *areas.entry((a.y * 4.0).round() as i32).or_default() += area.y.abs();
        }
    }
    areas.into_iter().rev().filter(|(_, area)| *area > 4.0).map(|(quarter, _)| quarter as f32 / 4.0).take(12).collect()
}

/// How high (least Y) from below a stud's top would come at a place before it meets the part.
fn free_height(tree: &MeshTree, at: Vec3, bounds: Bounds) -> f32 {
    let below = bounds.max.y + 1.0;
    let up = |offset: Vec3| {
        let ray = Ray { origin: (at + offset).with_y(below), direction: Vec3::NEG_Y };
        tree.cast(&ray, f32::MAX).map_or(f32::NEG_INFINITY, |hit| below - hit.distance)
    };
    let ring = (0..8).map(|i| {
        let (sin, cos) = (std::f32::consts::TAU * (i as f32 + 0.3) / 8.0).sin_cos();
        up(Vec3::new(cos, 0.0, sin) * 5.0)
    });
    // The middle first: it refuses most places at once.
    let middle = up(Vec3::new(0.05, 0.0, 0.08));
    if middle >= bounds.max.y - 1.0 { middle } else { ring.fold(middle, f32::max) }
}

/// Whether walls around a place whose rim is at `mouth` leave room for a stud and grip it from more than one side: near
/// the mouth, and deeper.
fn grips(tree: &MeshTree, mouth: Vec3, bounds: Bounds) -> [bool; 2] {
    if mouth.y > bounds.max.y + 0.5 {
        return [false; 2];
    }
    let gap_at = |height: f32| {
        let mut grips = [false; AROUND];
        for (i, grips) in grips.iter_mut().enumerate() {
            let (sin, cos) = (std::f32::consts::TAU * i as f32 / AROUND as f32).sin_cos();
            let ray = Ray { origin: mouth - Vec3::Y * height, direction: Vec3::new(cos, 0.0, sin) };
            match tree.cast(&ray, GRIP_RADIUS) {
                Some(hit) if hit.distance < ROOM_RADIUS => return None,
                Some(_) => *grips = true,
                None => {}
            }
        }
        Some(widest_gap(&grips))
    };
    let (Some(low), Some(high)) = (gap_at(1.2), gap_at(3.0)) else { return [false; 2] };
    [low <= AROUND / 2, high <= AROUND / 2]
}

/// The widest run of directions without grip, plus one: more than half means that all grip is on one side.
fn widest_gap(grips: &[bool; AROUND]) -> usize {
    let (mut widest, mut run) = (0, 0);
    for grip in grips.iter().chain(grips) {
        run = if *grip { 0 } else { run + 1 };
        widest = widest.max(run);
    }
    widest.min(AROUND) + 1
}
