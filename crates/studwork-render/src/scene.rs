//! The instances of a scene: set and removed in constant time, grouped by mesh and by how they are drawn.

use crate::meshes::Placed;
use crate::{Flags, Instance, MeshKey, Slot};
use bytemuck::{Pod, Zeroable};
use glam::{Affine3A, Vec3};
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use studwork_ldraw::Bounds;

/// An instance as the shaders take it.
#[repr(C)]
#[derive(Copy, Clone, Debug, PartialEq, Pod, Zeroable)]
pub(crate) struct GpuPiece {
    rows: [[f32; 4]; 3],
    color: [u8; 4],
    edge: [u8; 4],
    finish: u32,
    flags: u32,
}

impl GpuPiece {
    /// Whether its transform turns left into right.
    pub(crate) fn is_mirrored(&self) -> bool {
        self.flags & MIRRORED != 0
    }
}

/// The bit of [`GpuPiece::flags`] that the shaders know as MIRRORED.
const MIRRORED: u32 = 256;

/// The bit that the shaders know as SKEWED: angles do not stay, so normals need more than the matrix.
const SKEWED: u32 = 512;

/// Which list of its group an instance is in.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum List {
    Normal = 0,
    Mirrored = 1,
    Clear = 2,
}

/// A box around an instance in the world, for culling.
#[derive(Copy, Clone, Debug, Default)]
pub(crate) struct Extent {
    pub center: Vec3,
    /// Of the ball around it.
    pub radius: f32,
    pub half: Vec3,
}

impl Extent {
    fn bounds(self) -> Bounds {
        Bounds { min: self.center - self.half, max: self.center + self.half }
    }
}

impl From<Bounds> for Extent {
    fn from(bounds: Bounds) -> Self {
        if bounds.is_empty() {
            return Self::default();
        }
        let half = bounds.size() * 0.5;
        Self { center: bounds.center(), radius: half.length(), half }
    }
}

#[derive(Copy, Clone, Debug)]
struct Entry {
    group: u32,
    list: List,
    at: u32,
}

/// The instances of one mesh.
#[derive(Default)]
pub(crate) struct Group {
    pub placed: Option<Placed>,
    /// Slots by [`List`].
    pub lists: [Vec<u32>; 3],
}

/// All instances.
#[derive(Default)]
pub(crate) struct Scene {
    keys: HashMap<MeshKey, u32>,
    pub groups: Vec<Group>,
    entries: Vec<Option<Entry>>,
    pub pieces: Vec<GpuPiece>,
    pub extents: Vec<Extent>,
    dirty: Option<Range<u32>>,
    /// Counts changes that a cached picture of the scene (shadows, draw lists) would not show.
    pub version: u64,
    /// Counts changes of what casts shadows.
    pub solid_version: u64,
    /// The slots of selected pieces.
    pub selected: BTreeSet<u32>,
    bounds: Bounds,
    bounds_stale: bool,
    count: usize,
}

impl Scene {
    pub(crate) fn has_mesh(&self, key: MeshKey) -> bool {
        self.keys.get(&key).is_some_and(|group| self.groups[*group as usize].placed.is_some())
    }

    pub(crate) fn set_mesh(&mut self, key: MeshKey, placed: Placed) {
        let group = self.group_of(key) as usize;
        self.groups[group].placed = Some(placed);
        for list in [List::Normal, List::Mirrored, List::Clear] {
            for at in 0..self.groups[group].lists[list as usize].len() {
                let slot = self.groups[group].lists[list as usize][at];
                let extent = self.extent_of(group as u32, &transform_of(&self.pieces[slot as usize]));
                self.extents[slot as usize] = extent;
            }
        }
        self.bounds_stale = true;
        self.changed(true);
    }

    pub(crate) fn set(&mut self, slot: Slot, instance: &Instance) {
        let index = slot.0 as usize;
        if index >= self.entries.len() {
            self.entries.resize(index + 1, None);
            self.pieces.resize(index + 1, GpuPiece::zeroed());
            self.extents.resize(index + 1, Extent::default());
        }
        let group = self.group_of(instance.mesh);
        let mirrored = instance.transform.matrix3.determinant() < 0.0;
        let ghost = instance.flags.any(Flags::GHOST | Flags::GHOST_BAD);
        let list = if instance.color.is_transparent() || ghost {
            List::Clear
        } else if mirrored {
            List::Mirrored
        } else {
            List::Normal
        };
        let piece = GpuPiece {
            rows: rows_of(&instance.transform),
            color: instance.color.rgba,
            edge: instance.color.edge_luminance,
            finish: instance.color.finish,
            flags: instance.flags.0 & 255
                | if mirrored { MIRRORED } else { 0 }
                | if is_skewed(&instance.transform) { SKEWED } else { 0 },
        };
        let extent = self.extent_of(group, &instance.transform);
        let before = self.entries[index];
        let moved = before.is_none_or(|entry| entry.group != group) || self.pieces[index].rows != piece.rows;
        if before.is_none_or(|entry| entry.group != group || entry.list != list) {
            if let Some(entry) = before {
                self.unlist(entry);
            } else {
                self.count += 1;
            }
            let slots = &mut self.groups[group as usize].lists[list as usize];
            slots.push(slot.0);
            self.entries[index] = Some(Entry { group, list, at: slots.len() as u32 - 1 });
        }
        if moved {
            if before.is_some() {
                self.shrink_bounds(index);
            }
            self.extents[index] = extent;
            self.bounds = self.bounds.union(extent.bounds());
        }
        self.pieces[index] = piece;
        if instance.flags.any(Flags::SELECTED) {
            self.selected.insert(slot.0);
        } else {
            self.selected.remove(&slot.0);
        }
        self.mark_dirty(slot.0);
        let casts = |list| list != List::Clear;
        self.changed(
            casts(list) && moved || before.is_some_and(|e| casts(e.list) != casts(list) || casts(e.list) && moved),
        );
    }

    pub(crate) fn remove(&mut self, slot: Slot) -> bool {
        let index = slot.0 as usize;
        let Some(entry) = self.entries.get_mut(index).and_then(Option::take) else { return false };
        self.unlist(entry);
        self.selected.remove(&slot.0);
        self.count -= 1;
        self.shrink_bounds(index);
        self.changed(entry.list != List::Clear);
        true
    }

    pub(crate) fn clear(&mut self) {
        for group in &mut self.groups {
            group.lists = Default::default();
        }
        self.entries.clear();
        self.pieces.clear();
        self.extents.clear();
        self.dirty = None;
        self.selected.clear();
        self.count = 0;
        self.bounds = Bounds::EMPTY;
        self.bounds_stale = false;
        self.changed(true);
    }

    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// The box around every instance.
    pub(crate) fn bounds(&mut self) -> Bounds {
        if std::mem::take(&mut self.bounds_stale) {
            let extents = &self.extents;
            self.bounds = (self.entries.iter().zip(extents))
                .filter(|(entry, _)| entry.is_some())
                .fold(Bounds::EMPTY, |bounds, (_, extent)| bounds.union(extent.bounds()));
        }
        self.bounds
    }

    /// The corners of every instance's box.
    pub(crate) fn corners(&self) -> Vec<Vec3> {
        let live = self.entries.iter().zip(&self.extents).filter(|(entry, _)| entry.is_some());
        live.flat_map(|(_, extent)| extent.bounds().corners()).collect()
    }

    /// The group of a slot.
    pub(crate) fn group_at(&self, slot: u32) -> Option<u32> {
        self.entries.get(slot as usize).copied().flatten().map(|entry| entry.group)
    }

    /// The slots whose data changed since the last call.
    pub(crate) fn take_dirty(&mut self) -> Option<Range<u32>> {
        self.dirty.take()
    }

    fn changed(&mut self, casts_shadow: bool) {
        self.version += 1;
        self.solid_version += u64::from(casts_shadow);
    }

    fn mark_dirty(&mut self, slot: u32) {
        let range = self.dirty.get_or_insert(slot..slot + 1);
        range.start = range.start.min(slot);
        range.end = range.end.max(slot + 1);
    }

    /// The box around everything is only made anew when what left it held one of its sides.
    fn shrink_bounds(&mut self, index: usize) {
        let old = self.extents[index].bounds();
        let slack = 0.01;
        let inner = old.min.cmpgt(self.bounds.min + slack).all() && old.max.cmplt(self.bounds.max - slack).all();
        self.bounds_stale |= !inner;
    }

    fn group_of(&mut self, key: MeshKey) -> u32 {
        let groups = &mut self.groups;
        *self.keys.entry(key).or_insert_with(|| {
            groups.push(Group::default());
            groups.len() as u32 - 1
        })
    }

    fn unlist(&mut self, entry: Entry) {
        let slots = &mut self.groups[entry.group as usize].lists[entry.list as usize];
        slots.swap_remove(entry.at as usize);
        if let Some(moved) = slots.get(entry.at as usize)
            && let Some(Some(other)) = self.entries.get_mut(*moved as usize)
        {
            other.at = entry.at;
        }
    }

    fn extent_of(&self, group: u32, transform: &Affine3A) -> Extent {
        match &self.groups[group as usize].placed {
            Some(placed) => placed.bounds.transformed(transform).into(),
            None => Bounds::from_points([Vec3::from(transform.translation)]).into(),
        }
    }
}

/// The first three rows of a matrix, as the shaders take it.
pub(crate) fn rows_of(transform: &Affine3A) -> [[f32; 4]; 3] {
    let (m, t) = (transform.matrix3.transpose(), transform.translation);
    [m.x_axis.extend(t.x).to_array(), m.y_axis.extend(t.y).to_array(), m.z_axis.extend(t.z).to_array()]
}

/// Whether a transform is more than a turn, a mirroring and one scale.
fn is_skewed(transform: &Affine3A) -> bool {
    let m = transform.matrix3;
    let [x, y, z] = [m.x_axis, m.y_axis, m.z_axis];
    let scale = x.length_squared();
    let slack = scale * 0.01;
    [x.dot(y), y.dot(z), z.dot(x), y.length_squared() - scale, z.length_squared() - scale]
        .into_iter()
        .any(|off| off.abs() > slack)
}

pub(crate) fn transform_of(piece: &GpuPiece) -> Affine3A {
    let [x, y, z] = piece.rows;
    let matrix = glam::Mat3::from_cols_array(&[x[0], y[0], z[0], x[1], y[1], z[1], x[2], y[2], z[2]]);
    Affine3A::from_mat3_translation(matrix, Vec3::new(x[3], y[3], z[3]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Paint;

    fn instance(mesh: u32, x: f32, alpha: u8) -> Instance {
        Instance {
            mesh: MeshKey(mesh),
            transform: Affine3A::from_translation(Vec3::new(x, 0.0, 0.0)),
            color: Paint::plain([200, 0, 0], alpha, [0; 3]),
            flags: Flags::NONE,
        }
    }

    fn listed(scene: &Scene) -> usize {
        scene.groups.iter().flat_map(|group| &group.lists).map(Vec::len).sum()
    }

    #[test]
    fn every_instance_is_in_one_list_whatever_happens() {
        let mut scene = Scene::default();
        let mut state = 1_u32;
        let mut live = BTreeSet::new();
        for _ in 0..4000 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let slot = (state >> 8) % 64;
            if state >> 30 == 0 {
                assert_eq!(scene.remove(Slot(slot)), live.remove(&slot));
            } else {
                scene
                    .set(Slot(slot), &instance((state >> 16) % 5, slot as f32, if state & 64 == 0 { 255 } else { 90 }));
                live.insert(slot);
            }
            assert_eq!((scene.len(), listed(&scene)), (live.len(), live.len()));
        }
        for (index, group) in scene.groups.iter().enumerate() {
            for slots in &group.lists {
                for (at, slot) in slots.iter().enumerate() {
                    let entry = scene.entries[*slot as usize].expect("a listed slot has an entry");
                    assert_eq!((entry.group as usize, entry.at as usize), (index, at));
                }
            }
        }
    }

    #[test]
    fn bounds_shrink_when_an_outer_instance_leaves() {
        let mut scene = Scene::default();
        for (slot, x) in [(0, 0.0), (1, 500.0), (2, 250.0)] {
            scene.set(Slot(slot), &instance(0, x, 255));
        }
        assert_eq!(scene.bounds().max.x, 500.0);
        scene.remove(Slot(1));
        assert_eq!(scene.bounds().max.x, 250.0);
        scene.set(Slot(2), &instance(0, 100.0, 255));
        assert_eq!(scene.bounds().max.x, 100.0);
    }
}
