//! Whether one piece stands in another's way when that is pulled out in a straight line.
//!
//! Pieces that are drawn into each other, or held in each other, are no obstacle as long as pulling takes them no deeper.

use super::{ConnectorShape, Joint, PartBody, TOLERANCE};
use crate::space::Placed;
use glam::Vec3;

/// Where something snaps off rather than slides: a clip, a ball, hinge fingers. What is near it gives way.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct SnapSpot {
    /// In the world, LDU.
    pub center: Vec3,
    /// Around it, LDU.
    pub radius: f32,
}

/// How much around a snapping joint gives way, LDU.
const GIVES_WAY: f32 = 6.0;
/// How far a piece may graze another on its way out, LDU (0.8 mm): the lip of a pin in its hole, a tilted plate along its
/// neighbor. Studs are twice as high, walls as thick; the collar of a pin reaches farther.
const GRAZE: f32 = 2.0;

/// The places where the joints of two pieces snap off; `joints` as seen from `a`.
pub fn snap_spots(joints: &[Joint], a: &Placed, b: &PartBody) -> Vec<SnapSpot> {
    let snaps = |body: &PartBody, index: u32| {
        let shape = body.connectors().get(index as usize).map(|connector| &connector.shape);
        matches!(
            shape,
            Some(
                ConnectorShape::Clip { .. }
                    | ConnectorShape::Fingers { .. }
                    | ConnectorShape::Sphere { .. }
                    | ConnectorShape::Generic(_)
            )
        )
    };
    let spot = |joint: &Joint| SnapSpot {
        center: a.transform.transform_point3(joint.center),
        radius: joint.radius.max(joint.half_length) + GIVES_WAY,
    };
    joints.iter().filter(|joint| snaps(&a.body, joint.a) || snaps(b, joint.b)).map(spot).collect()
}

/// Whether `other` stands in the way of `mover` while that moves by `sweep` (in the world, LDU). `spots` are where the two
/// snap off each other.
pub fn is_in_the_way(mover: &Placed, other: &Placed, sweep: Vec3, spots: &[SnapSpot]) -> bool {
    let to_mover = mover.inverse * other.transform;
    let sweep_in_mover = mover.inverse.transform_vector3(sweep);
    let own = mover.body.bounds();
    let mut swept = own;
    swept.min += sweep_in_mover.min(Vec3::ZERO);
    swept.max += sweep_in_mover.max(Vec3::ZERO);
    if !other.body.bounds().transformed(&to_mover).overlaps(swept.grown(-TOLERANCE * 0.5)) {
        return false;
    }
    let swept_in_other = swept.transformed(&to_mover.inverse());
    let mut blocked = false;
    other.body.solids_in(swept_in_other, &mut |solid| {
        if blocked {
            return;
        }
        let obstacle = solid.transformed(&to_mover);
        let mut reach = obstacle.bounds();
        reach.min -= sweep_in_mover.max(Vec3::ZERO);
        reach.max -= sweep_in_mover.min(Vec3::ZERO);
        mover.body.solids_in(reach, &mut |part| {
            if blocked {
                return;
            }
            let Some(depth) = part.swept_penetration(&obstacle, sweep_in_mover, GRAZE) else { return };
            // How deep they are in each other already is how they were built.
            let at_rest = part.penetration(&obstacle, 0.0).map_or(0.0, |(depth, _)| depth);
            if depth <= at_rest + TOLERANCE {
                return;
            }
            let near = |spot: &SnapSpot| {
                let center = mover.inverse.transform_point3(spot.center);
                let nearest = center.clamp(obstacle.bounds().min, obstacle.bounds().max);
                let from = center.clamp(part.bounds().min, part.bounds().max);
                nearest.distance(center) <= spot.radius && from.distance(center) <= spot.radius
            };
            blocked = !spots.iter().any(near);
        });
    });
    blocked
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PartId;
    use crate::space::Space;
    use glam::Affine3A;

    fn placed(parts: &[(&str, Vec3)]) -> Space {
        let catalog = crate::Catalog::built_in();
        Space::from_pieces(
            parts
                .iter()
                .zip(0..)
                .map(|((part, at), key)| (key, catalog.body(&PartId::new(part)), Affine3A::from_translation(*at))),
        )
    }

    fn blocks(space: &Space, mover: u32, other: u32, sweep: Vec3) -> Option<bool> {
        Some(is_in_the_way(space.get(mover)?, space.get(other)?, sweep, &[]))
    }

    #[test]
    fn a_brick_on_a_brick_comes_off_upward_only() {
        let space = placed(&[("3001", Vec3::ZERO), ("3001", Vec3::new(0.0, -24.0, 0.0))]);
        let ways = [Vec3::NEG_Y, Vec3::Y, Vec3::X, Vec3::NEG_X, Vec3::Z, Vec3::NEG_Z];
        for way in ways {
            assert_eq!(blocks(&space, 1, 0, way * 500.0), Some(way != Vec3::NEG_Y), "{way}");
            assert_eq!(blocks(&space, 0, 1, way * 500.0), Some(way != Vec3::Y), "{way}");
        }
    }

    #[test]
    fn what_is_far_along_the_way_blocks_and_what_is_beside_does_not() {
        let high = Vec3::new(0.0, -400.0, 0.0);
        let space = placed(&[("3001", Vec3::ZERO), ("3001", high), ("3001", high + Vec3::X * 81.0)]);
        assert_eq!(blocks(&space, 0, 1, Vec3::NEG_Y * 500.0), Some(true));
        assert_eq!(blocks(&space, 0, 1, Vec3::NEG_Y * 300.0), Some(false));
        assert_eq!(blocks(&space, 0, 2, Vec3::NEG_Y * 500.0), Some(false));
        assert_eq!(blocks(&space, 0, 2, Vec3::new(80.0, -400.0, 0.0)), Some(true));
    }
}
