//! Connections that almost fit: what is loose and would grip if it were moved by less than half a plate or turned by a
//! few degrees.

use crate::{
    connect::{Connector, ConnectorShape, joint_of, joints_between, matching::may_hold, pair_overlap},
    space::{Placed, Space},
};
use glam::{Affine3A, Mat3A, Quat, Vec3};
use rayon::prelude::*;

/// How far off counts as almost, LDU.
pub(super) const MOST_OFFSET: f32 = 4.0;
/// How far turned counts as almost, degrees.
const MOST_ANGLE: f32 = 5.0;
/// Larger islands are not moved as a whole.
const MOST_PIECES: usize = 400;
/// So many ways to move an island are tried, the nearest first.
const MOST_TRIED: usize = 12;

/// An island that would grip something if it were moved.
pub(super) struct AlmostFit {
    /// Its number.
    pub island: usize,
    /// What it would grip.
    pub other: u32,
    /// Where, in the world, LDU.
    pub at: Vec3,
    /// How far its connector is from the place, LDU.
    pub offset: f32,
    /// Degrees.
    pub angle: f32,
    /// How many connectors would grip.
    pub connections: usize,
    /// How to move it, in the world.
    pub motion: Affine3A,
}

/// What almost fits, by island ascending. `step` is called once for each island but the largest.
pub(super) fn almost_fits(space: &Space, islands: &[Vec<u32>], step: &(dyn Fn() -> bool + Sync)) -> Vec<AlmostFit> {
    let mut island_of = std::collections::HashMap::new();
    for (number, island) in islands.iter().enumerate() {
        island_of.extend(island.iter().map(|key| (*key, number)));
    }
    let number_of = |key: u32| island_of.get(&key).copied().unwrap_or(usize::MAX);
    (1..islands.len())
        .into_par_iter()
        .filter_map(|number| {
            (step() && islands[number].len() <= MOST_PIECES)
                .then(|| best_fit(space, &islands[number], number, &number_of))?
        })
        .collect()
}

fn best_fit(space: &Space, island: &[u32], number: usize, number_of: &dyn Fn(u32) -> usize) -> Option<AlmostFit> {
    let mut ways: Vec<AlmostFit> = Vec::new();
    for piece in island.iter().filter_map(|key| space.get(*key)) {
        space.overlapping(piece.bounds.grown(MOST_OFFSET), &mut |other| {
            // The smaller island moves.
            if number_of(other.key) < number {
                ways_between(piece, other, number, &mut ways);
            }
        });
    }
    ways.sort_by(|a, b| {
        let far = |way: &AlmostFit| way.offset + way.angle;
        far(a)
            .total_cmp(&far(b))
            .then(a.other.cmp(&b.other))
            .then(a.at.to_array().partial_cmp(&b.at.to_array()).unwrap_or(std::cmp::Ordering::Equal))
    });
    let mut tried: Vec<Affine3A> = Vec::new();
    let mut best = None::<AlmostFit>;
    for mut way in ways {
        if tried.len() >= MOST_TRIED {
            break;
        }
        if tried.iter().any(|motion| motion.abs_diff_eq(way.motion, 0.01)) {
            continue;
        }
        tried.push(way.motion);
        way.connections = grips_after(space, island, &way.motion).unwrap_or_default();
        if way.connections > best.as_ref().map_or(0, |best| best.connections) {
            best = Some(way);
        }
    }
    best
}

/// How many connectors would grip what does not move; `None` where the island would reach into something.
fn grips_after(space: &Space, island: &[u32], motion: &Affine3A) -> Option<usize> {
    let mut grips = 0;
    for piece in island.iter().filter_map(|key| space.get(*key)) {
        let moved = *motion * piece.transform;
        let from_world = moved.inverse();
        let mut free = true;
        space.overlapping(piece.body.bounds().transformed(&moved).grown(1.0), &mut |other| {
            if free && island.binary_search(&other.key).is_err() {
                grips += joints_between(&piece.body, &other.body, &(from_world * other.transform)).len();
                free = pair_overlap(&piece.body, &moved, &other.body, &other.transform).is_none();
            }
        });
        if !free {
            return None;
        }
    }
    Some(grips)
}

fn ways_between(piece: &Placed, other: &Placed, island: usize, ways: &mut Vec<AlmostFit>) {
    let to_other = other.inverse * piece.transform;
    for own in piece.body.connectors().iter() {
        let moved = own.transformed(&to_other);
        let half = (moved.extent()[1] - moved.extent()[0]) * 0.5;
        other.body.connectors_near(moved.middle(), MOST_OFFSET + half, &mut |_, theirs| {
            let Some((motion, offset, angle)) = motion_onto(&moved, theirs) else { return };
            if joint_of(&moved.transformed(&motion), theirs).is_some() {
                let motion = other.transform * motion * other.inverse;
                let at = other.transform.transform_point3(theirs.middle());
                ways.push(AlmostFit { island, other: other.key, at, offset, angle, connections: 0, motion });
            }
        });
    }
}

/// The motion that brings a connector onto another one that is almost there, with its length (LDU) and angle (degrees).
fn motion_onto(own: &Connector, theirs: &Connector) -> Option<(Affine3A, f32, f32)> {
    use ConnectorShape as S;
    if !may_hold(own, theirs) {
        return None;
    }
    // Where the two must meet; what may slide stays where it is along the axis.
    let (from, to, slides) = match (&own.shape, &theirs.shape) {
        (S::Cylinder { slide: a, .. }, S::Cylinder { slide: b, .. }) if !a && !b => {
            (own.origin(), theirs.origin(), false)
        }
        (S::Cylinder { .. } | S::Clip { .. }, S::Cylinder { .. } | S::Clip { .. }) => {
            (own.middle(), theirs.middle(), true)
        }
        (S::Fingers { .. }, S::Fingers { .. }) => (own.middle(), theirs.middle(), false),
        (S::Sphere { .. }, S::Sphere { .. }) => (own.origin(), theirs.origin(), false),
        _ => return None,
    };
    let ball = matches!(own.shape, S::Sphere { .. });
    let (own_axis, axis) = (own.direction(), theirs.direction());
    let cosine = own_axis.dot(axis);
    let either_way = slides || matches!(own.shape, S::Fingers { .. });
    if !ball && cosine < 0.5 && !(either_way && cosine < -0.5) {
        return None;
    }
    let wanted = if cosine < 0.0 { -axis } else { axis };
    let angle = if ball { 0.0 } else { own_axis.angle_between(wanted).to_degrees() };
    let mut offset = to - from;
    if slides {
        // A stud that would have to slide off its place is another matter.
        offset -= axis * offset.dot(axis);
    }
    if offset.length() >= MOST_OFFSET || angle >= MOST_ANGLE || (offset.length() < 0.01 && angle < 0.01) {
        return None;
    }
    let turn = if angle < 0.01 { Quat::IDENTITY } else { Quat::from_rotation_arc(own_axis, wanted) };
    let turn = Mat3A::from_quat(turn);
    let motion = Affine3A { matrix3: turn, translation: (from + offset).into() } * Affine3A::from_translation(-from);
    Some((motion, offset.length(), angle))
}
