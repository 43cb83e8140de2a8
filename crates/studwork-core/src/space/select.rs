//! Selection by a rectangle on the screen.

use super::{Placed, Space, mesh_tree::corners};
use crate::Bounds;
use glam::{Mat4, Vec2, Vec3, Vec4};
use parry3d::partitioning::{BvhNode, TraversalAction};

/// A rectangle in normalized device coordinates (−1 to 1, Y up).
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Rectangle {
    /// The least corner.
    pub min: Vec2,
    /// The greatest corner.
    pub max: Vec2,
}

impl Rectangle {
    /// The rectangle between two corners in any order.
    pub fn between(a: Vec2, b: Vec2) -> Self {
        Self { min: a.min(b), max: a.max(b) }
    }
}

/// Which pieces a rectangle selects.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Default)]
pub enum SelectMode {
    /// Those of which a part is inside.
    #[default]
    Touching,
    /// Those wholly inside.
    Enclosed,
}

/// A half space of clip space: inside where the product with a point is not negative.
type Plane = Vec4;

impl Space {
    /// The keys of the pieces in a rectangle on the screen, ascending; `view_projection` takes the world to clip
    /// space with depth 0 to 1 (ordinary or reversed).
    pub fn in_rectangle(&self, view_projection: &Mat4, rectangle: Rectangle, mode: SelectMode) -> Vec<u32> {
        let planes = planes_of(view_projection, rectangle);
        let mut keys = Vec::new();
        if self.is_empty() {
            return keys;
        }
        self.tree.traverse(|node: &BvhNode| {
            let aabb = node.aabb();
            let bounds = Bounds { min: aabb.mins, max: aabb.maxs };
            if planes.iter().any(|plane| bounds_outside(*plane, bounds)) {
                return TraversalAction::Prune;
            }
            if let Some(piece) = node.leaf_data().and_then(|slot| self.slots.get(slot as usize)?.as_ref())
                && selected(piece, &planes, mode)
            {
                keys.push(piece.key);
            }
            TraversalAction::Continue
        });
        keys.sort_unstable();
        keys
    }
}

/// The planes of the rectangle's pyramid in the world: four sides, and what is in front of the eye.
fn planes_of(view_projection: &Mat4, rectangle: Rectangle) -> [Plane; 6] {
    let [x, y, z, w] = [0, 1, 2, 3].map(|i| view_projection.row(i));
    [x - w * rectangle.min.x, w * rectangle.max.x - x, y - w * rectangle.min.y, w * rectangle.max.y - y, z, w - z]
}

fn side(plane: Plane, point: Vec3) -> f32 {
    plane.truncate().dot(point) + plane.w
}

fn bounds_outside(plane: Plane, bounds: Bounds) -> bool {
    let normal = plane.truncate();
    let farthest = Vec3::select(normal.cmpge(Vec3::ZERO), bounds.max, bounds.min);
    side(plane, farthest) < 0.0
}

fn bounds_inside(planes: &[Plane; 6], bounds: Bounds) -> bool {
    planes.iter().all(|plane| {
        let nearest = Vec3::select(plane.truncate().cmpge(Vec3::ZERO), bounds.min, bounds.max);
        side(*plane, nearest) >= 0.0
    })
}

fn selected(piece: &Placed, planes: &[Plane; 6], mode: SelectMode) -> bool {
    if bounds_inside(planes, piece.bounds) {
        return true;
    }
    let mesh = piece.body.mesh();
    // The planes in the part's own space, so that no corner needs to be moved.
    let to_world = Mat4::from(piece.transform);
    let local = planes.map(|plane| to_world.transpose() * plane);
    match mode {
        SelectMode::Enclosed => {
            !mesh.vertices.is_empty()
                && mesh
                    .vertices
                    .iter()
                    .all(|v| local.iter().all(|plane| side(*plane, Vec3::from_array(v.position)) >= 0.0))
        }
        SelectMode::Touching => {
            let count = (mesh.indices.len() / 3) as u32;
            (0..count).filter_map(|t| corners(mesh, t)).any(|triangle| triangle_touches(triangle, &local))
        }
    }
}

/// Clips a triangle against the planes; whether anything is left.
fn triangle_touches(triangle: [Vec3; 3], planes: &[Plane; 6]) -> bool {
    let mut polygon: Vec<Vec3> = triangle.to_vec();
    let mut clipped = Vec::with_capacity(9);
    for plane in planes {
        if polygon.iter().all(|p| side(*plane, *p) >= 0.0) {
            continue;
        }
        clipped.clear();
        for i in 0..polygon.len() {
            let (a, b) = (polygon[i], polygon[(i + 1) % polygon.len()]);
            let (da, db) = (side(*plane, a), side(*plane, b));
            if da >= 0.0 {
                clipped.push(a);
            }
            if (da >= 0.0) != (db >= 0.0) {
                clipped.push(a.lerp(b, da / (da - db)));
            }
        }
        std::mem::swap(&mut polygon, &mut clipped);
        if polygon.is_empty() {
            return false;
        }
    }
    true
}

impl Space {
    /// The keys of the pieces whose box lies at least partly inside all of some half spaces (`plane · (point, 1) ≥ 0`), ascending.
    pub fn in_half_spaces(&self, planes: &[Vec4]) -> Vec<u32> {
        let mut keys = Vec::new();
        if self.is_empty() {
            return keys;
        }
        self.tree.traverse(|node: &BvhNode| {
            let aabb = node.aabb();
            if planes.iter().any(|plane| bounds_outside(*plane, Bounds { min: aabb.mins, max: aabb.maxs })) {
                return TraversalAction::Prune;
            }
            if let Some(piece) = node.leaf_data().and_then(|slot| self.slots.get(slot as usize)?.as_ref()) {
                keys.push(piece.key);
            }
            TraversalAction::Continue
        });
        keys.sort_unstable();
        keys
    }
}
