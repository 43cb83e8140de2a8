//! The spatial index over placed pieces: what is under the pointer, inside a rectangle, near a box.
//!
//! Keys are the caller's (a piece's id, a slot of the renderer); the index knows shapes and places, not designs.
//! Insert, move and remove cost O(log n).

mod mesh_tree;
mod select;

pub(crate) use mesh_tree::corners;
pub use mesh_tree::{MeshTree, Ray, TriangleHit};
pub use select::{Rectangle, SelectMode};

use crate::{
    Bounds,
    connect::{PartBody, STUD_RADIUS},
};
use glam::{Affine3A, Vec3};
use parry3d::{
    bounding_volume::Aabb,
    partitioning::{Bvh, BvhBuildStrategy, BvhNode, TraversalAction},
};
use std::{collections::HashMap, sync::Arc};

/// A piece in the index.
#[derive(Clone, Debug)]
pub struct Placed {
    /// The caller's name for it.
    pub key: u32,
    /// Its part.
    pub body: Arc<PartBody>,
    /// From the part to the world.
    pub transform: Affine3A,
    /// From the world to the part.
    pub inverse: Affine3A,
    /// The box around it in the world, LDU.
    pub bounds: Bounds,
}

/// What a ray met.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Hit {
    /// Whose.
    pub key: u32,
    /// Along the ray from its origin, LDU.
    pub distance: f32,
    /// In the world, LDU.
    pub point: Vec3,
    /// Unit normal of the triangle that was hit, in the world, facing the ray's origin.
    pub normal: Vec3,
}

/// A spatial index of placed pieces.
#[derive(Clone, Default)]
pub struct Space {
    slots: Vec<Option<Placed>>,
    free: Vec<u32>,
    slot_of: HashMap<u32, u32>,
    tree: Bvh,
    /// Changes since the tree was last put in order.
    changes: usize,
}

impl Space {
    /// An empty index.
    pub fn new() -> Self {
        Self::default()
    }

    /// An index of many pieces at once (key, part, from the part to the world): quicker and better than one by one.
    pub fn from_pieces(pieces: impl IntoIterator<Item = (u32, Arc<PartBody>, Affine3A)>) -> Self {
        let mut space = Self::new();
        for (key, body, transform) in pieces {
            space.put(key, body, transform);
        }
        space.build_tree();
        space
    }

    fn build_tree(&mut self) {
        let boxes = self.slots.iter().enumerate().filter_map(|(i, p)| p.as_ref().map(|p| (i, aabb_of(p.bounds))));
        self.tree = Bvh::from_iter(BvhBuildStrategy::Binned, boxes);
    }

    /// How many pieces there are.
    pub fn len(&self) -> usize {
        self.slot_of.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.slot_of.is_empty()
    }

    /// The piece of a key.
    pub fn get(&self, key: u32) -> Option<&Placed> {
        self.slots[*self.slot_of.get(&key)? as usize].as_ref()
    }

    /// All pieces, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = &Placed> {
        self.slots.iter().flatten()
    }

    /// The box around everything, LDU.
    pub fn bounds(&self) -> Bounds {
        if self.is_empty() {
            return Bounds::EMPTY;
        }
        let root = self.tree.root_aabb();
        Bounds { min: root.mins, max: root.maxs }
    }

    /// Puts a piece in, or replaces the one of the same key.
    pub fn insert(&mut self, key: u32, body: Arc<PartBody>, transform: Affine3A) {
        self.remove(key);
        let slot = self.put(key, body, transform);
        if let Some(piece) = &self.slots[slot as usize] {
            self.tree.insert(aabb_of(piece.bounds), slot);
        }
        self.changed();
    }

    /// Moves a piece; `false` if there is none of that key.
    pub fn update(&mut self, key: u32, transform: Affine3A) -> bool {
        let Some(body) = self.get(key).map(|piece| piece.body.clone()) else { return false };
        // Taken out and put in again: an update in place would leave every box on the way up as large as before.
        self.insert(key, body, transform);
        true
    }

    /// Takes a piece out; `false` if there is none of that key.
    pub fn remove(&mut self, key: u32) -> bool {
        let Some(slot) = self.slot_of.remove(&key) else { return false };
        self.slots[slot as usize] = None;
        self.free.push(slot);
        self.tree.remove(slot);
        self.changed();
        true
    }

    /// Takes everything out.
    pub fn clear(&mut self) {
        *self = Self::new();
    }

    fn put(&mut self, key: u32, body: Arc<PartBody>, transform: Affine3A) -> u32 {
        let bounds = finite(body.bounds().transformed(&transform), transform.translation.into());
        let piece = Placed { key, body, transform, inverse: inverse_of(&transform), bounds };
        let slot = match (self.slot_of.get(&key), self.free.pop()) {
            (Some(slot), unused) => {
                let slot = *slot;
                self.free.extend(unused);
                slot
            }
            (None, Some(slot)) => slot,
            (None, None) => {
                self.slots.push(None);
                (self.slots.len() - 1) as u32
            }
        };
        self.slots[slot as usize] = Some(piece);
        self.slot_of.insert(key, slot);
        slot
    }

    /// Insertions keep the tree fair, removals leave unused nodes behind: rebuilt when as many changed as there are.
    fn changed(&mut self) {
        self.changes += 1;
        if self.changes > self.len() + 4096 {
            self.changes = 0;
            // From the boxes: the tree's own rebuilding trips over leaves that were removed.
            self.build_tree();
        }
    }

    /// The nearest triangle that a ray meets, seen from either side.
    pub fn pick(&self, ray: &Ray) -> Option<Hit> {
        self.pick_where(ray, &|_| true)
    }

    /// The nearest triangle that a ray meets among the pieces whose key `accept` takes.
    pub fn pick_where(&self, ray: &Ray, accept: &dyn Fn(u32) -> bool) -> Option<Hit> {
        let cast = parry3d::query::Ray::new(ray.origin, ray.direction);
        let best = std::cell::Cell::new(None::<Hit>);
        self.tree.cast_ray(&cast, f32::MAX, |slot, limit| {
            let piece = self.slots.get(slot as usize)?.as_ref()?;
            let local = ray.transformed(&piece.inverse);
            if !accept(piece.key) {
                return None;
            }
            let hit = piece.body.tree().cast(&local, limit)?;
            let normal = piece.inverse.matrix3.transpose() * glam::Vec3A::from(hit.normal);
            let normal = Vec3::from(normal).normalize_or(-ray.direction);
            let normal = if normal.dot(ray.direction) > 0.0 { -normal } else { normal };
            best.set(Some(Hit { key: piece.key, distance: hit.distance, point: ray.at(hit.distance), normal }));
            Some(hit.distance)
        });
        best.get()
    }

    /// Whether a ray meets any piece whose key `accept` takes before `limit` (a multiple of its direction).
    pub fn is_met_before(&self, ray: &Ray, limit: f32, accept: &dyn Fn(u32) -> bool) -> bool {
        let cast = parry3d::query::Ray::new(ray.origin, ray.direction);
        let met = std::cell::Cell::new(false);
        self.tree.traverse(|node: &BvhNode| {
            if met.get() || node.cast_ray(&cast, limit) >= limit {
                return TraversalAction::Prune;
            }
            if let Some(piece) = node.leaf_data().and_then(|slot| self.slots.get(slot as usize)?.as_ref())
                && accept(piece.key)
                && piece.body.tree().cast(&ray.transformed(&piece.inverse), limit).is_some()
            {
                met.set(true);
            }
            TraversalAction::Continue
        });
        met.get()
    }

    /// The nearest stud before `limit` (a multiple of the ray's direction) whose end the ray goes through, be it hollow: who points
    /// into a stud means the stud.
    pub fn pick_stud(&self, ray: &Ray, limit: f32, accept: &dyn Fn(u32) -> bool) -> Option<Hit> {
        let cast = parry3d::query::Ray::new(ray.origin, ray.direction);
        let best = std::cell::Cell::new(None::<Hit>);
        let nearest = || best.get().map_or(limit, |hit| hit.distance);
        self.tree.traverse(|node: &BvhNode| {
            if node.cast_ray(&cast, nearest()) >= nearest() {
                return TraversalAction::Prune;
            }
            let piece = node.leaf_data().and_then(|slot| self.slots.get(slot as usize)?.as_ref());
            if let Some(piece) = piece.filter(|piece| accept(piece.key)) {
                let local = ray.transformed(&piece.inverse);
                for stud in piece.body.connectors().iter().filter(|connector| connector.is_stud()) {
                    let out = stud.direction();
                    let end = stud.origin() + out * stud.extent()[1];
                    let distance = (end - local.origin).dot(out) / local.direction.dot(out);
                    let through = || (local.at(distance) - end).length() <= STUD_RADIUS;
                    if local.direction.dot(out) < 0.0 && distance > 0.0 && distance < nearest() && through() {
                        let normal = piece.transform.transform_vector3(out).normalize_or(-ray.direction);
                        best.set(Some(Hit { key: piece.key, distance, point: ray.at(distance), normal }));
                    }
                }
            }
            TraversalAction::Continue
        });
        best.get()
    }

    /// Calls `f` with each piece whose box touches a box, in no particular order.
    pub fn overlapping(&self, bounds: Bounds, f: &mut dyn FnMut(&Placed)) {
        if bounds.is_empty() || self.is_empty() {
            return;
        }
        for slot in self.tree.intersect_aabb(&aabb_of(bounds)) {
            if let Some(piece) = self.slots.get(slot as usize).and_then(Option::as_ref) {
                f(piece);
            }
        }
    }

    /// The keys of the pieces whose box touches a box, ascending.
    pub fn keys_in(&self, bounds: Bounds) -> Vec<u32> {
        let mut keys = Vec::new();
        self.overlapping(bounds, &mut |piece| keys.push(piece.key));
        keys.sort_unstable();
        keys
    }

    /// The piece whose box is nearest to a point, and how far (LDU, 0 inside), if within `max_distance`.
    pub fn nearest(&self, point: Vec3, max_distance: f32) -> Option<(u32, f32)> {
        let (slot, distance) = self.tree.find_best(
            max_distance.min(f32::MAX * 0.5),
            |node, _| {
                let aabb = node.aabb();
                point.distance(point.clamp(aabb.mins, aabb.maxs))
            },
            |slot, _| {
                let bounds = self.slots.get(slot as usize)?.as_ref()?.bounds;
                Some(point.distance(point.clamp(bounds.min, bounds.max)))
            },
        )?;
        Some((self.slots[slot as usize].as_ref()?.key, distance))
    }
}

/// A box that the tree can hold: a piece without triangles is a point, a number gone wild stays out of the way.
fn finite(bounds: Bounds, center: Vec3) -> Bounds {
    const FAR: f32 = 1e7;
    if bounds.is_empty() || !bounds.min.is_finite() || !bounds.max.is_finite() {
        let center =
            if center.is_finite() { center.clamp(Vec3::splat(-FAR), Vec3::splat(FAR)) } else { Vec3::splat(FAR) };
        return Bounds { min: center, max: center };
    }
    Bounds {
        min: bounds.min.clamp(Vec3::splat(-FAR), Vec3::splat(FAR)),
        max: bounds.max.clamp(Vec3::splat(-FAR), Vec3::splat(FAR)),
    }
}

/// The inverse, or zero scale for a flattened piece (which no ray can hit then).
fn inverse_of(transform: &Affine3A) -> Affine3A {
    let determinant = transform.matrix3.determinant();
    if determinant.is_finite() && determinant.abs() > 1e-12 {
        transform.inverse()
    } else {
        Affine3A::from_translation(Vec3::splat(1e7))
    }
}

pub(crate) fn aabb_of(bounds: Bounds) -> Aabb {
    Aabb::new(bounds.min, bounds.max)
}

pub(crate) fn bvh_of(bounds: &[Bounds]) -> Bvh {
    Bvh::from_iter(BvhBuildStrategy::Binned, bounds.iter().enumerate().map(|(i, b)| (i, aabb_of(*b))))
}
