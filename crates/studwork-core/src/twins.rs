//! Which part is the mirror image of another: a left wing of a right wing, a brick of itself.
//!
//! Found from the shapes: two parts are twins where the reflected corners of one lie on corners of the other.

use crate::{Axis, Catalog, Mesh, PartId};
use glam::{IVec3, Vec3};
use std::collections::HashSet;

/// How far a reflected corner may lie from a corner of the twin, LDU.
const NEAR: f32 = 0.5;
/// The share of corners that must be met; round shapes are not always cut alike on both sides.
const SHARE: f32 = 0.98;

/// The part that is the mirror image of `part` (itself, if it is symmetric), and the axis of the part that is reversed.
/// `None` when no part is.
pub fn twin_of(catalog: &Catalog, part: &PartId) -> Option<(PartId, Axis)> {
    let mesh = catalog.mesh(part)?;
    let axes = [Axis::X, Axis::Z, Axis::Y];
    if let Some(axis) = axes.into_iter().find(|&axis| is_reflected(&mesh, &mesh, axis)) {
        return Some((part.clone(), axis));
    }
    let name = catalog.info(part)?.name;
    let wanted = other_side(&name)?;
    let twin = catalog.search(&wanted, None).into_iter().find(|info| same_words(&info.name, &wanted))?.id;
    let other = catalog.mesh(&twin)?;
    let axis = axes.into_iter().find(|&axis| is_reflected(&mesh, &other, axis))?;
    Some((twin, axis))
}

/// The name with left and right exchanged.
fn other_side(name: &str) -> Option<String> {
    let exchanged: Vec<&str> = name
        .split(' ')
        .map(|word| match word {
            "Left" => "Right",
            "Right" => "Left",
            "left" => "right",
            "right" => "left",
            word => word,
        })
        .collect();
    let exchanged = exchanged.join(" ");
    (exchanged != name).then_some(exchanged)
}

fn same_words(one: &str, other: &str) -> bool {
    one.split_whitespace().eq(other.split_whitespace())
}

/// Whether `one` reversed along an axis has the corners of `other`.
fn is_reflected(one: &Mesh, other: &Mesh, axis: Axis) -> bool {
    let reflection = Vec3::ONE - 2.0 * axis.unit();
    let close = |a: Vec3, b: Vec3| a.abs_diff_eq(b, 1.0);
    let (min, max) = (one.bounds.min * reflection, one.bounds.max * reflection);
    if !close(min.min(max), other.bounds.min) || !close(min.max(max), other.bounds.max) {
        return false;
    }
    let cell = |p: Vec3| (p / NEAR).round().as_ivec3();
    let corners: HashSet<IVec3> = other.vertices.iter().map(|vertex| cell(Vec3::from(vertex.position))).collect();
    let met = |vertex: &&studwork_ldraw::Vertex| {
        let at = cell(Vec3::from(vertex.position) * reflection);
        (-1..=1).any(|x| (-1..=1).any(|y| (-1..=1).any(|z| corners.contains(&(at + IVec3::new(x, y, z))))))
    };
    let count = one.vertices.iter().filter(met).count();
    count as f32 >= one.vertices.len() as f32 * SHARE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_brick_is_its_own_twin() {
        let catalog = Catalog::built_in();
        let brick = PartId::new("3001");
        assert_eq!(twin_of(&catalog, &brick), Some((brick, Axis::X)));
    }

    #[test]
    fn a_slope_is_mirrored_across_its_width() {
        let catalog = Catalog::built_in();
        let slope = PartId::new("3040b");
        assert_eq!(twin_of(&catalog, &slope), Some((slope, Axis::X)));
    }

    #[test]
    fn sides_are_exchanged_by_name() {
        assert_eq!(other_side("Wedge  2 x  4 Triple Left").as_deref(), Some("Wedge  2 x  4 Triple Right"));
        assert_eq!(other_side("Brick  2 x  4"), None);
    }
}
