//! A part's triangles indexed for rays, and rays.

use super::aabb_of;
use crate::{Bounds, Mesh};
use glam::{Affine3A, Vec3};
use parry3d::partitioning::{Bvh, BvhBuildStrategy};
use std::sync::Arc;

/// A ray; the direction need not be of unit length: distances are multiples of it.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Ray {
    /// LDU.
    pub origin: Vec3,
    /// Of any length but zero.
    pub direction: Vec3,
}

impl Ray {
    /// A ray with its direction made unit length, so that distances are LDU.
    pub fn new(origin: Vec3, direction: Vec3) -> Self {
        Self { origin, direction: direction.normalize_or(Vec3::Z) }
    }

    /// The point at a distance (a multiple of the direction).
    pub fn at(&self, distance: f32) -> Vec3 {
        self.origin + self.direction * distance
    }

    /// The ray in another space; distances stay the same because the direction is not made unit length again.
    #[must_use]
    pub fn transformed(&self, transform: &Affine3A) -> Self {
        Self { origin: transform.transform_point3(self.origin), direction: transform.transform_vector3(self.direction) }
    }
}

/// Where a ray meets a triangle.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct TriangleHit {
    /// Along the ray (a multiple of its direction).
    pub distance: f32,
    /// Normal of the triangle by its winding, not of unit length.
    pub normal: Vec3,
    /// Its number in the mesh: the first index is three times this.
    pub triangle: u32,
}

/// A mesh's triangles in a tree.
pub struct MeshTree {
    mesh: Arc<Mesh>,
    tree: Bvh,
}

impl MeshTree {
    /// Indexes all triangles of a mesh.
    pub fn new(mesh: Arc<Mesh>) -> Self {
        Self::of(mesh, |_| true)
    }

    /// Indexes the triangles of a mesh whose number `keep` takes.
    pub fn of(mesh: Arc<Mesh>, keep: impl Fn(u32) -> bool) -> Self {
        let count = (mesh.indices.len() / 3) as u32;
        let boxes = (0..count).filter(|t| keep(*t)).filter_map(|t| {
            let bounds = Bounds::from_points(corners(&mesh, t)?);
            // Flat boxes are grown a little: the tree's own ray test may miss one of no thickness.
            Some((t as usize, aabb_of(bounds.grown(1e-3))))
        });
        let tree = Bvh::from_iter(BvhBuildStrategy::Binned, boxes);
        Self { mesh, tree }
    }

    /// The nearest triangle within `limit` (a multiple of the ray's direction), seen from either side.
    pub fn cast(&self, ray: &Ray, limit: f32) -> Option<TriangleHit> {
        let best = std::cell::Cell::new(None);
        let cast = parry3d::query::Ray::new(ray.origin, ray.direction);
        self.tree.cast_ray(&cast, limit, |triangle, limit| {
            let hit = self.cast_triangle(ray, triangle).filter(|hit| hit.distance < limit)?;
            best.set(Some(hit));
            Some(hit.distance)
        });
        best.get()
    }

    /// Calls `f` with every crossing of the ray with a triangle, in no particular order.
    pub fn cast_all(&self, ray: &Ray, f: &mut dyn FnMut(TriangleHit)) {
        use parry3d::partitioning::{BvhNode, TraversalAction};
        let cast = parry3d::query::Ray::new(ray.origin, ray.direction);
        self.tree.traverse(|node: &BvhNode| {
            if node.cast_ray(&cast, f32::MAX) == f32::MAX {
                return TraversalAction::Prune;
            }
            if let Some(hit) = node.leaf_data().and_then(|triangle| self.cast_triangle(ray, triangle)) {
                f(hit);
            }
            TraversalAction::Continue
        });
    }

    /// Calls `f` with the corners of each triangle whose box touches a box.
    pub fn triangles_in(&self, bounds: Bounds, f: &mut dyn FnMut(u32, [Vec3; 3])) {
        for triangle in self.tree.intersect_aabb(&aabb_of(bounds)) {
            if let Some(points) = corners(&self.mesh, triangle) {
                f(triangle, points);
            }
        }
    }

    /// Möller and Trumbore's test, from both sides.
    fn cast_triangle(&self, ray: &Ray, triangle: u32) -> Option<TriangleHit> {
        let [a, b, c] = corners(&self.mesh, triangle)?;
        let (ab, ac) = (b - a, c - a);
        let p = ray.direction.cross(ac);
        let determinant = ab.dot(p);
        if determinant == 0.0 {
            return None;
        }
        let to_origin = ray.origin - a;
        let u = to_origin.dot(p) / determinant;
        let q = to_origin.cross(ab);
        let v = ray.direction.dot(q) / determinant;
        let distance = ac.dot(q) / determinant;
        // A hair beyond the border still hits: no ray slips between two triangles.
        const BORDER: f32 = 1e-5;
        (u >= -BORDER && v >= -BORDER && u + v <= 1.0 + BORDER && distance >= 0.0 && distance.is_finite())
            .then(|| TriangleHit { distance, normal: ab.cross(ac), triangle })
    }
}

/// The corners of a triangle of a mesh; `None` where an index is out of range.
pub(crate) fn corners(mesh: &Mesh, triangle: u32) -> Option<[Vec3; 3]> {
    let first = triangle as usize * 3;
    let indices = mesh.indices.get(first..first + 3)?;
    let at = |i: usize| mesh.vertices.get(indices[i] as usize).map(|v| Vec3::from_array(v.position));
    Some([at(0)?, at(1)?, at(2)?])
}
