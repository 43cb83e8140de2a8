//! What a camera sees of a scene: instances culled against the picture's borders, batched by mesh, transparent ones
//! from back to front.

use crate::Camera;
use crate::scene::{List, Scene};
use glam::{Vec3, Vec4};

/// The instances of one mesh that are seen: consecutive runs of [`Visible::slots`].
#[derive(Copy, Clone, Debug)]
pub(crate) struct Batch {
    pub group: u32,
    /// The first position.
    pub start: u32,
    /// How many are solid, solid and mirrored, transparent, transparent and mirrored.
    pub runs: [u32; 4],
    /// The least depth.
    depth: f32,
}

impl Batch {
    /// The positions of a run.
    pub(crate) fn run(&self, number: usize) -> std::ops::Range<u32> {
        let start = self.start + self.runs[..number].iter().sum::<u32>();
        start..start + self.runs[number]
    }

    /// The positions of all runs.
    pub(crate) fn all(&self) -> std::ops::Range<u32> {
        self.start..self.start + self.runs.iter().sum::<u32>()
    }
}

/// One instance in the transparent pass.
#[derive(Copy, Clone, Debug)]
pub(crate) struct ClearDraw {
    pub group: u32,
    /// Its position in [`Visible::slots`].
    pub at: u32,
    pub mirrored: bool,
    /// Whether the piece is transparent; otherwise only some faces of its mesh are.
    pub whole: bool,
    depth: f32,
}

/// The result; kept while neither the scene nor the camera changes.
#[derive(Default)]
pub(crate) struct Visible {
    pub slots: Vec<u32>,
    pub batches: Vec<Batch>,
    pub clear: Vec<ClearDraw>,
}

/// Instances narrower than this many pixels are left out.
const LEAST_PIXELS: f32 = 0.35;
/// Up to this many, instances are sorted so that near ones hide far ones before they are shaded.
const SORTED: usize = 30_000;

impl Visible {
    /// Collects what `camera` sees in a picture of `size` between two depths.
    pub(crate) fn collect(&mut self, scene: &Scene, camera: &Camera, size: (u32, u32), depths: (f32, f32)) {
        self.slots.clear();
        self.batches.clear();
        self.clear.clear();
        let aspect = size.0 as f32 / size.1.max(1) as f32;
        let test = Test::new(camera, aspect, size, depths);
        let sort = scene.len() <= SORTED;
        let mut run: Vec<(f32, u32)> = Vec::new();
        for (number, group) in scene.groups.iter().enumerate() {
            let Some(placed) = &group.placed else { continue };
            let start = self.slots.len() as u32;
            let mut batch = Batch { group: number as u32, start, runs: [0; 4], depth: f32::INFINITY };
            let sources = [(List::Normal, false), (List::Mirrored, true), (List::Clear, false), (List::Clear, true)];
            for (index, (list, mirrored)) in sources.into_iter().enumerate() {
                let is_clear = list == List::Clear;
                run.clear();
                run.extend(
                    (group.lists[list as usize].iter())
                        .filter(|slot| !is_clear || scene.pieces[**slot as usize].is_mirrored() == mirrored)
                        .filter_map(|slot| test.depth_if_seen(scene, *slot).map(|depth| (depth, *slot))),
                );
                if sort {
                    run.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                }
                for (depth, slot) in &run {
                    if is_clear || placed.counts[2] > 0 {
                        let at = self.slots.len() as u32;
                        let depth = *depth;
                        self.clear.push(ClearDraw { group: number as u32, at, mirrored, whole: is_clear, depth });
                    }
                    batch.depth = batch.depth.min(*depth);
                    self.slots.push(*slot);
                }
                batch.runs[index] = run.len() as u32;
            }
            if batch.runs != [0; 4] {
                self.batches.push(batch);
            }
        }
        self.batches.sort_by(|a, b| a.depth.total_cmp(&b.depth));
        let slots = &self.slots;
        self.clear.sort_by(|a, b| {
            b.depth.total_cmp(&a.depth).then_with(|| slots[a.at as usize].cmp(&slots[b.at as usize]))
        });
    }
}

struct Test {
    planes: [Vec4; 6],
    eye: Vec3,
    forward: Vec3,
    /// LDU a pixel at depth 1, and everywhere.
    pixel: (f32, f32),
}

impl Test {
    fn new(camera: &Camera, aspect: f32, size: (u32, u32), (near, far): (f32, f32)) -> Self {
        let at_one = camera.lengths_per_pixel(camera.eye + camera.forward(), size);
        let pixel = match camera.projection {
            crate::Projection::Perspective { .. } => (at_one, 0.0),
            crate::Projection::Orthographic { .. } => (0.0, at_one),
        };
        let planes = camera.frustum(aspect, near, far);
        Self { planes, eye: camera.eye, forward: camera.forward(), pixel }
    }

    /// The depth of an instance's middle, unless it is outside of the picture or too small to be seen.
    fn depth_if_seen(&self, scene: &Scene, slot: u32) -> Option<f32> {
        let extent = &scene.extents[slot as usize];
        for plane in &self.planes {
            let normal = plane.truncate();
            if normal.dot(extent.center) + normal.abs().dot(extent.half) + plane.w < 0.0 {
                return None;
            }
        }
        let depth = (extent.center - self.eye).dot(self.forward);
        let pixel = self.pixel.0 * depth.max(0.0) + self.pixel.1;
        (extent.half.max_element() * 2.0 >= pixel * LEAST_PIXELS).then_some(depth)
    }
}
