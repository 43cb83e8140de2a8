//! What the connection graph answers for tools: where a stud is free, and what moves when a joint is worked.

use super::{ConnectionGraph, Connector, Freedom, Joint, Link, can_slide, can_turn};
use crate::{
    Bounds,
    space::{Placed, Space},
};
use glam::{Affine3A, Vec3};
use std::collections::BTreeSet;

/// A stud that nothing sits on.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct FreeStud {
    /// Whose.
    pub key: u32,
    /// Which of its connectors.
    pub connector: u32,
    /// The middle of its foot, in the world, LDU.
    pub at: Vec3,
    /// The unit direction it rises in, in the world.
    pub direction: Vec3,
}

/// What a joint lets move, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct JointMotion {
    /// The piece on the side that stays.
    pub fixed: u32,
    /// All pieces on the other side: what hangs on the joint, ascending.
    pub moving: Vec<u32>,
    /// What the joint leaves free.
    pub freedom: Freedom,
    /// A point on the axis, or the center of a ball, in the world, LDU.
    pub center: Vec3,
    /// The unit direction of the axis, in the world; of a ball, that of its cup.
    pub axis: Vec3,
}

impl JointMotion {
    /// The motion of a turn by `angle` (radians, right-handed about the axis) and of sliding by `along` (LDU).
    pub fn motion(&self, angle: f32, along: f32) -> Affine3A {
        Affine3A::from_translation(self.center + self.axis * along)
            * Affine3A::from_axis_angle(self.axis, angle)
            * Affine3A::from_translation(-self.center)
    }
}

impl ConnectionGraph {
    /// The studs within `radius` (LDU) of a point that nothing sits on, the nearest first.
    pub fn free_studs_near(&self, space: &Space, point: Vec3, radius: f32) -> Vec<FreeStud> {
        let mut studs = Vec::new();
        space.overlapping(Bounds { min: point, max: point }.grown(radius), &mut |piece| {
            let taken: Vec<u32> = self.links_of(piece.key).flat_map(|link| connectors_of(link, piece.key)).collect();
            piece.body.connectors_near(piece.inverse.transform_point3(point), radius, &mut |index, connector| {
                let at = piece.transform.transform_point3(connector.origin());
                if connector.is_stud() && at.distance(point) <= radius && !taken.contains(&(index as u32)) {
                    let direction = piece.transform.transform_vector3(connector.direction()).normalize_or(Vec3::NEG_Y);
                    studs.push(FreeStud { key: piece.key, connector: index as u32, at, direction });
                }
            });
        });
        studs.sort_by(|a, b| {
            let far = |stud: &FreeStud| stud.at.distance(point);
            far(a).total_cmp(&far(b)).then((a.key, a.connector).cmp(&(b.key, b.connector)))
        });
        studs
    }

    /// What moves with `moving` when its joint with `fixed` is worked: a hinge, a pin, a clip, a ball, a single stud.
    ///
    /// Where the two sides hang together some other way, joints on the same axis give way as well (a door hangs on two
    /// hinges). `None` where the joint leaves nothing free, or the two sides hang together all the same.
    pub fn motion_of_joint(&self, space: &Space, fixed: u32, moving: u32) -> Option<JointMotion> {
        let link = self.link(fixed, moving)?;
        let (center, axis) = axis_in_world(space, link)?;
        let gives_way = |other: &Link| {
            let pair = (other.a, other.b) == (link.a, link.b);
            pair || (link.freedom != Freedom::Ball
                && other.freedom == link.freedom
                && axis_in_world(space, other).is_some_and(|(point, direction)| {
                    let offset = point - center;
                    direction.dot(axis).abs() > 0.998 && (offset - axis * offset.dot(axis)).length() < 1.0
                }))
        };
        let side = self.side_of_joint(fixed, moving).or_else(|| {
            let side = self.island_of(moving, &|other| !gives_way(other));
            side.binary_search(&fixed).is_err().then_some(side)
        });
        side.map(|moving| JointMotion { fixed, moving, freedom: link.freedom, center, axis })
    }

    /// The joint that a piece is worked by: the nearest one, through what the piece is fixed to, that has the piece on its
    /// lighter side; hinges, pins, clips, axles and balls before single studs.
    ///
    /// Where the piece itself is on the heavier side of a joint of its own, the lighter side moves: nobody turns a house
    /// about its door. Of a few pieces the side that is pointed at moves.
    pub fn joint_of_piece(&self, space: &Space, key: u32) -> Option<JointMotion> {
        let island = self.island_of(key, &|_| true);
        let mut best = None::<((bool, usize, usize), JointMotion)>;
        let mut seen = BTreeSet::from([key]);
        let (mut ring, mut tried) = (vec![key], 0);
        for depth in 0.. {
            let mut next = Vec::new();
            for inner in ring {
                for link in self.links_of(inner) {
                    let outer = if link.a == inner { link.b } else { link.a };
                    if seen.contains(&outer) {
                        continue;
                    }
                    next.push(outer);
                    if (!can_turn(link.freedom) && !can_slide(link.freedom)) || tried >= MOST_JOINTS {
                        continue;
                    }
                    tried += 1;
                    let Some(motion) = self.motion_of(space, key, inner, outer, &island) else { continue };
                    let rank = (is_by_studs(space, link), depth, motion.moving.len());
                    if best.as_ref().is_none_or(|(other, _)| rank < *other) {
                        best = Some((rank, motion));
                    }
                }
            }
            let found = best.as_ref().is_some_and(|((by_studs, ..), _)| !by_studs);
            if found || next.is_empty() || seen.len() > MOST_NEAR {
                break;
            }
            next.sort_unstable();
            next.dedup();
            seen.extend(&next);
            ring = next;
        }
        best.map(|(_, motion)| motion)
    }

    /// How the joint between two pieces of an island moves when `key` is dragged, which hangs on it on the side of `inner`.
    fn motion_of(&self, space: &Space, key: u32, inner: u32, outer: u32, island: &[u32]) -> Option<JointMotion> {
        let mut motion = self.motion_of_joint(space, outer, inner)?;
        motion.moving.binary_search(&key).ok()?;
        let heavier = motion.moving.len() * 2 > island.len() && island.len() > FEW;
        match (heavier, key == inner) {
            (false, _) => Some(motion),
            (true, false) => None,
            (true, true) => {
                let stays = std::mem::take(&mut motion.moving);
                motion.moving = island.iter().copied().filter(|other| stays.binary_search(other).is_err()).collect();
                Some(JointMotion { fixed: inner, ..motion })
            }
        }
    }
}

/// How many pieces around one are looked at for a joint, and how many joints.
const MOST_NEAR: usize = 400;
const MOST_JOINTS: usize = 48;
/// Of so few pieces either side may be what is held in the hand.
const FEW: usize = 12;

/// Whether a link is nothing but studs in sockets.
fn is_by_studs(space: &Space, link: &Link) -> bool {
    let (Some(a), Some(b)) = (space.get(link.a), space.get(link.b)) else { return false };
    let is_stud =
        |piece: &Placed, index: u32| piece.body.connectors().get(index as usize).is_some_and(Connector::is_stud);
    link.joints.iter().all(|joint| is_stud(a, joint.a) || is_stud(b, joint.b))
}

/// The connectors of one of the two pieces that a link takes up.
fn connectors_of(link: &Link, key: u32) -> impl Iterator<Item = u32> {
    let first = link.a == key;
    link.joints.iter().map(move |joint| if first { joint.a } else { joint.b })
}

/// The axis (a point, a unit direction) that a link can turn about or slide along; `None` where it is fixed.
fn axis_in_world(space: &Space, link: &Link) -> Option<(Vec3, Vec3)> {
    if !can_turn(link.freedom) && !can_slide(link.freedom) {
        return None;
    }
    let place = space.get(link.a)?.transform;
    let first = link.joints.first()?;
    let is_ball = |joint: &Joint| joint.freedom == Freedom::Ball;
    let axis = match link.joints.iter().find(|joint| joint.center.distance(first.center) > 1.0) {
        // Two balls turn about the line between them.
        Some(other) if is_ball(first) && is_ball(other) => other.center - first.center,
        _ => first.axis,
    };
    Some((place.transform_point3(first.center), place.transform_vector3(axis).normalize_or(Vec3::Y)))
}
