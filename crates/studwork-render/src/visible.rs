//! What a camera sees of a scene: instances culled against the picture's borders, batched by mesh, transparent ones
//! from back to front; studs and tubes each by themselves. All cores look for what is seen.

use crate::boxes::{Boxed, Fidelity};
use crate::occlusion::{Cover, corners};
use crate::scene::{Extent, GpuPiece, List, Scene, transform_of};
use crate::studs::{BARE_BOX, BOX, Stud, Studs};
use crate::{Camera, Projection};
use glam::{Affine3A, Vec2, Vec3};
use rayon::prelude::*;
use std::ops::Range;

/// What a batch draws.
#[derive(Copy, Clone, Debug)]
pub(crate) enum Source {
    /// A mesh, by its group in the scene.
    Group(u32),
    /// A shape of studs.
    Shape(u32),
}

/// The instances of one mesh that are seen: consecutive runs of [`Visible::slots`].
#[derive(Copy, Clone, Debug)]
pub(crate) struct Batch {
    pub source: Source,
    /// The first position.
    pub start: u32,
    /// How many are solid, solid and mirrored, transparent, transparent and mirrored.
    pub runs: [u32; 4],
    /// The least depth.
    depth: f32,
}

impl Batch {
    /// The positions of a run.
    pub(crate) fn run(&self, number: usize) -> Range<u32> {
        let start = self.start + self.runs[..number].iter().sum::<u32>();
        start..start + self.runs[number]
    }

    /// The positions of all runs.
    pub(crate) fn all(&self) -> Range<u32> {
        self.start..self.start + self.runs.iter().sum::<u32>()
    }
}

/// One instance in the transparent pass.
#[derive(Copy, Clone, Debug)]
pub(crate) struct ClearDraw {
    pub source: Source,
    /// Its position in [`Visible::slots`].
    pub at: u32,
    pub mirrored: bool,
    /// Whether the piece is transparent; otherwise only some faces of its mesh are.
    pub whole: bool,
    depth: f32,
}

/// An instance with its depth: slot and stud's place.
type Seen = (f32, [u32; 2]);
type Run = Vec<Seen>;

/// Some instances of one run of a group: what one thread looks at.
struct Part<'a> {
    group: u32,
    /// The run: solid, solid and mirrored, transparent, transparent and mirrored.
    list: u8,
    slots: &'a [u32],
}

/// What is seen of them, and their studs and boxes by shape and run.
#[derive(Default)]
struct Found {
    run: Run,
    studs: Vec<(u32, u8, Seen)>,
}

/// So many instances are looked at by one thread.
const PART: usize = 2048;

/// All instances with a mesh, in the order of groups and runs.
fn parts_of(scene: &Scene) -> Vec<Part<'_>> {
    let mut parts = Vec::with_capacity(scene.groups.len() * 2);
    for (number, group) in scene.groups.iter().enumerate().filter(|(_, group)| group.placed.is_some()) {
        let lists = [List::Normal, List::Mirrored, List::Clear, List::Clear].map(|list| &group.lists[list as usize]);
        for (list, slots) in lists.into_iter().enumerate() {
            let some = slots.chunks(PART);
            parts.extend(some.map(|slots| Part { group: number as u32, list: list as u8, slots }));
        }
    }
    parts
}

/// The result; kept while neither the scene nor the camera changes.
#[derive(Default)]
pub(crate) struct Visible {
    /// Of each instance its slot and its stud's place (0: no stud).
    pub slots: Vec<[u32; 2]>,
    pub batches: Vec<Batch>,
    pub clear: Vec<ClearDraw>,
    /// Scratch: what hides others.
    cover: Cover,
    /// Scratch: of each shape the studs of the four runs, with their depths.
    studs: Vec<[Run; 4]>,
}

/// Instances narrower than this many pixels are left out.
const LEAST_PIXELS: f32 = 0.35;
/// Studs narrower than this many pixels are left out.
const LEAST_STUD: f32 = 1.2;
/// Studs narrower than this many pixels have eight sides.
const SIMPLE_STUD: f32 = 8.0;
/// Parts narrower than this many pixels are drawn as boxes, those that nearly are boxes at twice that, and
/// much larger where their lower side is not seen.
const ROUGH: f32 = 4.0;
const NEAR: f32 = 8.0;
const NEAR_FROM_ABOVE: f32 = 30.0;
/// From so many instances on, all this comes sooner.
const VAST: usize = 30_000;
/// Boxes narrower than this many pixels have no edges.
const BARE: f32 = 5.0;
/// Up to this many, instances are sorted so that near ones hide far ones before they are shaded.
const SORTED: usize = 60_000;

impl Visible {
    /// Collects what `camera` sees in a picture of `size` between two depths.
    pub(crate) fn collect(
        &mut self,
        scene: &Scene,
        studs: &Studs,
        camera: &Camera,
        size: (u32, u32),
        depths: (f32, f32),
        simplify: bool,
    ) {
        self.slots.clear();
        self.batches.clear();
        self.clear.clear();
        self.studs.resize_with(studs.shapes.len(), Default::default);
        for lists in &mut self.studs {
            lists.iter_mut().for_each(Vec::clear);
        }
        let aspect = size.0 as f32 / size.1.max(1) as f32;
        let coarse = if scene.len() > VAST { 2.5 } else { 1.0 };
        let test = Test { simplify, coarse, ..Test::new(camera, aspect, size, depths) };
        let sort = scene.len() <= SORTED;
        let covered = simplify && scene.len() <= COVERED && self.cover(scene, camera, size, depths);
        let cover = std::mem::take(&mut self.cover);
        let hidden = |corners: &[Vec3; 8]| covered && cover.hides(corners);
        let pieces_of = |part: &Part<'_>| {
            let group = &scene.groups[part.group as usize];
            let mut found = Found::default();
            let Some(placed) = &group.placed else { return found };
            let is_clear = part.list >= 2;
            let mirrored = part.list % 2 == 1;
            for slot in part.slots {
                let piece = &scene.pieces[*slot as usize];
                if is_clear && piece.is_mirrored() != mirrored {
                    continue;
                }
                let extent = &scene.extents[*slot as usize];
                let Some(depth) = test.depth_if_seen(extent) else { continue };
                if covered && hidden(&corners(extent.center, extent.half, &Affine3A::IDENTITY)) {
                    continue;
                }
                let pixels = extent.half.max_element() * 2.0 / test.pixel(depth);
                match placed.boxed.filter(|boxed| !is_clear && test.is_box(boxed, piece, pixels)) {
                    None => found.run.push((depth, [*slot, 0])),
                    Some(boxed) => {
                        let shape = if pixels < BARE * test.coarse { BARE_BOX } else { BOX };
                        found.studs.push((shape, part.list, (depth, [*slot, boxed.local])));
                    }
                }
                if placed.studs.is_empty() || !test.may_show_studs(depth - extent.radius) {
                    continue;
                }
                let transform = transform_of(piece);
                for stud in &placed.studs {
                    let Some((depth, simple)) = test.stud_if_seen(&transform, stud, is_clear) else { continue };
                    if covered && hidden(&corners(stud.center, stud.half, &transform)) {
                        continue;
                    }
                    let simple = studs.shapes[stud.shape as usize].simple.filter(|_| simple);
                    let run = u8::from(is_clear) * 2 + u8::from(mirrored != stud.mirrored);
                    found.studs.push((simple.unwrap_or(stud.shape), run, (depth, [*slot, stud.local])));
                }
            }
            found
        };
        let parts = parts_of(scene);
        let mut found: Vec<Found> = parts.par_iter().map(pieces_of).collect();
        let mut run = Run::new();
        let mut parts = parts.iter().zip(&mut found).peekable();
        while let Some((first, _)) = parts.peek() {
            let number = first.group;
            let source = Source::Group(number);
            let has_clear = scene.groups[number as usize].placed.as_ref().is_some_and(|placed| placed.counts[2] > 0);
            let mut batch = Batch { source, start: self.slots.len() as u32, runs: [0; 4], depth: f32::INFINITY };
            for index in 0..4 {
                run.clear();
                while let Some((_, found)) =
                    parts.next_if(|(part, _)| part.group == number && usize::from(part.list) == index)
                {
                    run.append(&mut found.run);
                    for (shape, run, seen) in found.studs.drain(..) {
                        self.studs[shape as usize][usize::from(run)].push(seen);
                    }
                }
                self.add_run(&mut batch, index, &mut run, sort, index >= 2 || has_clear);
            }
            if batch.runs != [0; 4] {
                self.batches.push(batch);
            }
        }
        let mut lists = std::mem::take(&mut self.studs);
        for (number, lists) in lists.iter_mut().enumerate() {
            let source = Source::Shape(number as u32);
            let mut batch = Batch { source, start: self.slots.len() as u32, runs: [0; 4], depth: f32::INFINITY };
            for (index, run) in lists.iter_mut().enumerate() {
                self.add_run(&mut batch, index, run, sort, index >= 2);
            }
            if batch.runs != [0; 4] {
                self.batches.push(batch);
            }
        }
        self.studs = lists;
        self.cover = cover;
        self.batches.sort_by(|a, b| a.depth.total_cmp(&b.depth));
        let slots = &self.slots;
        self.clear
            .sort_by(|a, b| b.depth.total_cmp(&a.depth).then_with(|| slots[a.at as usize].cmp(&slots[b.at as usize])));
    }

    /// Draws what hides others; `false` where nothing does.
    fn cover(&mut self, scene: &Scene, camera: &Camera, size: (u32, u32), depths: (f32, f32)) -> bool {
        self.cover.start(camera, size, depths);
        cover_with(&mut self.cover, scene)
    }

    fn add_run(&mut self, batch: &mut Batch, index: usize, run: &mut [Seen], sort: bool, clear: bool) {
        if sort {
            run.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        }
        for (depth, slot) in run.iter() {
            if clear {
                let (at, source, depth) = (self.slots.len() as u32, batch.source, *depth);
                self.clear.push(ClearDraw { source, at, mirrored: index % 2 == 1, whole: index >= 2, depth });
            }
            batch.depth = batch.depth.min(*depth);
            self.slots.push(*slot);
        }
        batch.runs[index] = run.len() as u32;
    }
}

/// Draws every solid piece's largest faces; `false` where there are none.
fn cover_with(cover: &mut Cover, scene: &Scene) -> bool {
    let mut any = false;
    for group in &scene.groups {
        let Some(placed) = group.placed.as_ref().filter(|placed| !placed.hiding.is_empty()) else { continue };
        for list in [List::Normal, List::Mirrored] {
            for slot in &group.lists[list as usize] {
                let transform = transform_of(&scene.pieces[*slot as usize]);
                cover.draw(&transform, &placed.hiding, list == List::Mirrored);
                any = true;
            }
        }
    }
    any
}

/// Whether the key light does not reach any of an instance, for every slot; empty where nothing is known.
pub(crate) fn unlit(scene: &Scene, light: glam::Mat4, map_size: u32) -> Vec<bool> {
    let mut cover = Cover::default();
    cover.start_light(light, map_size);
    if scene.len() > COVERED || !cover_with(&mut cover, scene) {
        return Vec::new();
    }
    let hidden = |extent: &Extent| cover.hides(&corners(extent.center, extent.half, &Affine3A::IDENTITY));
    scene.extents.iter().map(hidden).collect()
}

/// Up to this many instances, hidden ones are looked for.
const COVERED: usize = 30_000;

struct Test {
    eye: Vec3,
    right: Vec3,
    up: Vec3,
    forward: Vec3,
    depths: (f32, f32),
    perspective: bool,
    simplify: bool,
    /// How much sooner than usual parts become boxes.
    coarse: f32,
    /// Half the width and height of what is seen, at depth 1 with perspective, everywhere without.
    reach: Vec2,
    /// What turns a distance along x or y to the border into one square to it.
    lean: Vec2,
    /// LDU a pixel at depth 1, and everywhere.
    pixel: (f32, f32),
}

impl Test {
    fn new(camera: &Camera, aspect: f32, size: (u32, u32), depths: (f32, f32)) -> Self {
        let at_one = camera.lengths_per_pixel(camera.eye + camera.forward(), size);
        let perspective = matches!(camera.projection, Projection::Perspective { .. });
        let height = at_one * size.1.max(1) as f32 * 0.5;
        let reach = Vec2::new(height * aspect, height);
        Self {
            eye: camera.eye,
            right: camera.right(),
            up: camera.up(),
            forward: camera.forward(),
            depths,
            perspective,
            simplify: true,
            coarse: 1.0,
            reach,
            lean: if perspective { Vec2::ONE / (Vec2::ONE + reach * reach).map(f32::sqrt) } else { Vec2::ONE },
            pixel: if perspective { (at_one, 0.0) } else { (0.0, at_one) },
        }
    }

    /// LDU a pixel at a depth.
    fn pixel(&self, depth: f32) -> f32 {
        self.pixel.0 * depth.max(0.0) + self.pixel.1
    }

    /// The depth of a ball's middle, unless it is outside of the picture.
    fn depth_if_inside(&self, center: Vec3, radius: f32) -> Option<f32> {
        let offset = center - self.eye;
        let depth = offset.dot(self.forward);
        let side = Vec2::new(offset.dot(self.right), offset.dot(self.up)).abs();
        let border = if self.perspective { self.reach * depth } else { self.reach };
        let beyond = (side - border) * self.lean;
        let inside =
            beyond.max_element() <= radius && depth + radius >= self.depths.0 && depth - radius <= self.depths.1;
        inside.then_some(depth)
    }

    /// The depth of an instance's middle, unless it is outside of the picture or too small to be seen.
    fn depth_if_seen(&self, extent: &Extent) -> Option<f32> {
        let depth = self.depth_if_inside(extent.center, extent.radius)?;
        (!self.simplify || extent.half.max_element() * 2.0 >= self.pixel(depth) * LEAST_PIXELS).then_some(depth)
    }

    /// Whether a box may stand for a piece that is so many pixels wide.
    fn is_box(&self, boxed: &Boxed, piece: &GpuPiece, pixels: f32) -> bool {
        if !self.simplify {
            return false;
        }
        let limit = match boxed.fidelity {
            Fidelity::Rough => return pixels < ROUGH * self.coarse,
            Fidelity::Near => NEAR_FROM_ABOVE,
            Fidelity::Exact => f32::INFINITY,
        };
        pixels < NEAR * self.coarse || pixels < limit && !self.is_before(&transform_of(piece), boxed.bottom, Vec3::Y)
    }

    /// Whether the eye is on the side of a plane (of a mesh) that its normal points to.
    fn is_before(&self, transform: &Affine3A, point: Vec3, normal: Vec3) -> bool {
        let point = transform.transform_point3(point);
        let toward_eye = if self.perspective { self.eye - point } else { -self.forward };
        toward_eye.dot(transform.transform_vector3(normal)) > 0.0
    }

    /// Whether studs of the usual width (12 LDU) are seen at a depth, that of the nearest point of their part.
    fn may_show_studs(&self, depth: f32) -> bool {
        !self.simplify || self.pixel(depth) * LEAST_STUD < 14.0
    }

    /// The depth of a stud and whether a simpler shape will do, unless it is not seen.
    fn stud_if_seen(&self, transform: &Affine3A, stud: &Stud, clear: bool) -> Option<(f32, bool)> {
        let width = stud.half.max_element() * 2.0;
        let depth = self.depth_if_inside(transform.transform_point3(stud.center), width)?;
        let pixel = self.pixel(depth);
        if !self.simplify {
            return Some((depth, false));
        }
        if width < pixel * LEAST_STUD {
            return None;
        }
        if let (Some((tip, out)), false) = (stud.opening, clear)
            && !self.is_before(transform, tip, out)
        {
            return None;
        }
        Some((depth, width < pixel * SIMPLE_STUD))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use studwork_ldraw::Bounds;

    #[test]
    fn what_the_planes_of_the_picture_keep_is_kept() {
        let bounds = Bounds { min: Vec3::splat(-300.0), max: Vec3::splat(300.0) };
        for camera in [Camera::home(bounds, 1.5), Camera::home(bounds, 1.5).with_orthographic(true)] {
            let depths = camera.depth_range(bounds);
            let test = Test::new(&camera, 1.5, (600, 400), depths);
            let planes = camera.frustum(1.5, depths.0, depths.1);
            let mut state = 1_u32;
            let mut random = || {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / 8_388_608.0 * 1200.0 - 1200.0
            };
            let mut kept = 0;
            for _ in 0..2000 {
                let (center, radius) = (Vec3::new(random(), random(), random()), 20.0);
                let least =
                    planes.iter().map(|plane| plane.truncate().dot(center) + plane.w).fold(f32::INFINITY, f32::min);
                let seen = test.depth_if_inside(center, radius).is_some();
                assert_eq!(seen, least >= -radius, "{center} {least}");
                kept += u32::from(seen);
            }
            assert!((50..1950).contains(&kept), "{kept}");
        }
    }
}
