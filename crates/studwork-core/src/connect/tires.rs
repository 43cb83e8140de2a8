//! Where a tire sits on its rim: known by the titles of the parts, measured on their meshes.

use super::{Connector, ConnectorShape, Gender, GenericBounds, frame_along};
use crate::Mesh;
use glam::Vec3;
use std::sync::Arc;

/// The group of rims and tires that nobody else told which fits which.
pub(super) const TIRE: &str = "tire";
/// How much more one extent of a round part may be than the other, LDU (the tread's lugs).
const ROUND: f32 = 2.5;

/// The seat of a rim (its radius is that of its flanges) or of a tire (its radius is that of its bore) by the part's title.
pub fn tire_seat_of(title: &str, mesh: &Mesh) -> Option<Connector> {
    let title = title.trim_start_matches(['~', '=', '_', '|']).to_ascii_lowercase();
    let is_tire = title.starts_with("tyre ") || title.starts_with("tire ");
    if !is_tire && !title.starts_with("wheel ") {
        return None;
    }
    let (size, center) = (mesh.bounds.size(), mesh.bounds.center());
    let roundness = |axis: usize| {
        let (a, b) = ((axis + 1) % 3, (axis + 2) % 3);
        (size[a] - size[b]).abs() + center[a].abs() + center[b].abs()
    };
    // Most turn about z.
    let axis = [2, 0, 1].into_iter().min_by(|a, b| roundness(*a).total_cmp(&roundness(*b)))?;
    if roundness(axis) > ROUND {
        return None;
    }
    let points = || mesh.vertices.iter().map(|vertex| Vec3::from_array(vertex.position));
    let across = |point: Vec3| {
        let mut flat = point;
        flat[axis] = 0.0;
        flat.length()
    };
    let (least, most) = points().map(across).fold((f32::INFINITY, 0.0_f32), |(a, b), r| (a.min(r), b.max(r)));
    // A rim may have a hub to one side: its flanges say where the tire sits.
    let on_seat = |point: &Vec3| is_tire || across(*point) > most - 1.0;
    let (low, high) = points()
        .filter(on_seat)
        .map(|point| point[axis])
        .fold((f32::INFINITY, f32::NEG_INFINITY), |(a, b), at| (a.min(at), b.max(at)));
    let radius = if is_tire { least } else { most };
    if !(radius > 2.0 && high - low > 2.0) {
        return None;
    }
    let (mut origin, mut direction) = (Vec3::ZERO, Vec3::ZERO);
    origin[axis] = (low + high) * 0.5;
    direction[axis] = 1.0;
    Some(Connector {
        shape: ConnectorShape::Generic(GenericBounds::Cylinder(radius, high - low)),
        gender: if is_tire { Gender::Female } else { Gender::Male },
        frame: frame_along(origin, direction),
        group: Some(Arc::from(TIRE)),
    })
}
