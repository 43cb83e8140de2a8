//! Whether a piece can be pulled out straight, as the model is now.

use crate::projection::Projection;
use bevy::math::Vec3;
use studwork_core::Bounds;
use studwork_core::connect::{is_in_the_way, joints_between, snap_spots};
use studwork_core::take_apart::distance_out;

/// A direction in which a part can be pulled out of everything that is visible, if there is one: along its connections
/// first, then along the axes.
pub fn free_way(projection: &Projection, slot: u32, hint: Vec3) -> Option<Vec3> {
    let piece = projection.space.get(slot)?;
    let mut ways = vec![hint];
    let mut spots = std::collections::HashMap::new();
    for key in projection.space.keys_in(piece.bounds.grown(2.0)) {
        let Some(other) = projection.space.get(key).filter(|_| key != slot && projection.is_slot_visible(key)) else {
            continue;
        };
        let joints = joints_between(&piece.body, &other.body, &(piece.inverse * other.transform));
        for joint in &joints {
            let axis = piece.transform.transform_vector3(joint.axis);
            ways.extend([axis, -axis]);
        }
        let there = snap_spots(&joints, piece, &other.body);
        for spot in &there {
            ways.push(piece.bounds.center() - spot.center);
        }
        spots.insert(key, there);
    }
    ways.extend([Vec3::NEG_Y, Vec3::X, Vec3::NEG_X, Vec3::Z, Vec3::NEG_Z, Vec3::Y]);
    let mut tried: Vec<Vec3> = Vec::new();
    for way in ways.into_iter().filter_map(Vec3::try_normalize) {
        if tried.iter().any(|known| known.dot(way) > 0.999) {
            continue;
        }
        tried.push(way);
        let sweep = way * distance_out(piece.bounds, projection.space.bounds(), way);
        let end = Bounds { min: piece.bounds.min + sweep, max: piece.bounds.max + sweep };
        let mut others = projection.space.keys_in(piece.bounds.union(end)).into_iter();
        let blocked = others.any(|key| {
            let spots = spots.get(&key).map_or(&[][..], Vec::as_slice);
            key != slot
                && projection.is_slot_visible(key)
                && projection.space.get(key).is_some_and(|other| is_in_the_way(piece, other, sweep, spots))
        });
        if !blocked {
            return Some(way);
        }
    }
    None
}
