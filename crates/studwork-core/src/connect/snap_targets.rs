//! Connectors of the design that a held body might be brought onto: near the pointer, or near the body itself.

use super::{Connector, Gender};
use crate::{
    Bounds,
    space::{Hit, Space},
};
use glam::Vec3;

/// How far from the pointer's hit a connector may be to be looked at, LDU.
const REACH: f32 = 34.0;
/// How many of them at most, the nearest first.
const MOST_TARGETS: usize = 12;

/// A connector of the design near the pointer.
pub(super) struct Target {
    pub key: u32,
    /// In the world.
    pub connector: Connector,
    /// From the pointer, LDU.
    pub distance: f32,
    /// How well it faces the way that the surface under the pointer does: 1 the same way, 0 across, −1 away.
    pub facing: f32,
}

/// The way out of a connector: where its partner comes from.
fn outward(connector: &Connector) -> Vec3 {
    if connector.gender == Gender::Male { connector.direction() } else { -connector.direction() }
}

/// How far a point is from a connector along its axis from the origin, across it, and from its nearest point, LDU.
fn distances(connector: &Connector, point: Vec3) -> (f32, f32, f32) {
    let from_origin = point - connector.origin();
    let along = from_origin.dot(connector.direction());
    let across = (from_origin - connector.direction() * along).length();
    let [start, end] = connector.extent();
    (along, across, (along - along.clamp(start, end)).hypot(across))
}

/// The connectors near what the pointer hit, the best placed first.
pub(super) fn targets_near(hit: &Hit, space: &Space, ignore: &dyn Fn(u32) -> bool) -> Vec<Target> {
    let around = Bounds { min: hit.point, max: hit.point }.grown(REACH);
    let mut targets = Vec::new();
    space.overlapping(around, &mut |piece| {
        if ignore(piece.key) {
            return;
        }
        let local = piece.inverse.transform_point3(hit.point);
        piece.body.connectors_near(local, REACH, &mut |_, connector| {
            let connector = connector.transformed(&piece.transform);
            let outward = outward(&connector);
            let (along, across, distance) = distances(&connector, hit.point);
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
            // The pointer is on it: nothing is nearer.
            let distance = if on_it && piece.key == hit.key { 0.0 } else { distance };
            if distance <= REACH && facing > -0.5 {
                targets.push(Target { key: piece.key, connector, distance, facing });
            }
        });
    });
    keep_best(targets)
}

/// The connectors in a box that look toward the viewer, those near `focus` first.
pub(super) fn targets_in(
    around: Bounds,
    focus: Vec3,
    direction: Vec3,
    space: &Space,
    ignore: &dyn Fn(u32) -> bool,
) -> Vec<Target> {
    let mut targets = Vec::new();
    space.overlapping(around, &mut |piece| {
        if ignore(piece.key) {
            return;
        }
        for connector in piece.body.connectors().iter() {
            let connector = connector.transformed(&piece.transform);
            if around.contains(connector.origin()) && outward(&connector).dot(direction) < 0.2 {
                let distance = distances(&connector, focus).2;
                targets.push(Target { key: piece.key, connector, distance, facing: 1.0 });
            }
        }
    });
    let mut targets = keep_best(targets);
    // How far they are from the pointer says nothing here: the whole body decides.
    targets.iter_mut().for_each(|target| target.distance = 0.0);
    targets
}

fn keep_best(mut targets: Vec<Target>) -> Vec<Target> {
    targets.sort_by(|a, b| {
        let cost = |t: &Target| t.distance + 20.0 * (1.0 - t.facing);
        let place = |t: &Target| t.connector.origin().to_array();
        cost(a)
            .total_cmp(&cost(b))
            .then(a.key.cmp(&b.key))
            .then_with(|| place(a).partial_cmp(&place(b)).unwrap_or(std::cmp::Ordering::Equal))
    });
    targets.truncate(MOST_TARGETS);
    targets
}
