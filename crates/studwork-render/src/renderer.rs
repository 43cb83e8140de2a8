//! Holds meshes and instances on a device and draws them into a texture.

use crate::boxes::boxed;
use crate::frame::{Globals, Light, Sampling, Targets, attachment, edge_width};
use crate::meshes::{Meshes, Placed};
use crate::occlusion::hiding_faces;
use crate::overlay::Overlay;
use crate::pipelines::{DEPTH, Kind, Pipelines};
use crate::scene::{GpuPiece, Scene};
use crate::studs::Studs;
use crate::tints::Tints;
use crate::visible::Visible;
use crate::{Background, Camera, Instance, Look, MeshKey, OverlayLine, OverlayQuad, Projection, Quality, Slot};
use glam::Vec3;
use studwork_ldraw::{Bounds, ColorDef, Mesh};

/// Draws a scene of instanced meshes. One renderer serves one kind of target texture.
pub struct Renderer {
    pub(crate) device: wgpu::Device,
    pub(crate) queue: wgpu::Queue,
    pub(crate) format: wgpu::TextureFormat,
    pub(crate) quality: Quality,
    pub(crate) scene: Scene,
    pub(crate) meshes: Meshes,
    tints: Tints,
    pub(crate) studs: Studs,
    pub(crate) overlay: Overlay,
    pub(crate) visible: Visible,
    /// What `visible` was collected for.
    visible_of: Option<View>,
    pub(crate) pipelines: Pipelines,
    globals: wgpu::Buffer,
    pieces: Option<wgpu::Buffer>,
    tint_table: Option<wgpu::Buffer>,
    locals: Option<wgpu::Buffer>,
    pub(crate) slots: Option<wgpu::Buffer>,
    sampler: wgpu::Sampler,
    no_shadow: wgpu::TextureView,
    pub(crate) shadow: Option<wgpu::TextureView>,
    /// Scene version and light that the shadow map shows.
    shadow_of: Option<(u64, Light, bool)>,
    /// With and without the shadow map.
    pub(crate) groups: Option<[wgpu::BindGroup; 2]>,
    pub(crate) targets: Option<Targets>,
}

impl Renderer {
    /// For drawing into textures of `format`, which must be an sRGB format (the shaders write linear light).
    pub fn new(device: &wgpu::Device, queue: &wgpu::Queue, format: wgpu::TextureFormat, quality: Quality) -> Self {
        let usage = wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST;
        let globals = make_buffer(device, "frame", size_of::<Globals>() as u64, usage);
        let sampler = device.create_sampler(&wgpu::SamplerDescriptor {
            label: Some("shadow"),
            mag_filter: wgpu::FilterMode::Linear,
            min_filter: wgpu::FilterMode::Linear,
            compare: Some(wgpu::CompareFunction::LessEqual),
            ..wgpu::SamplerDescriptor::default()
        });
        Self {
            device: device.clone(),
            queue: queue.clone(),
            format,
            quality,
            scene: Scene::default(),
            meshes: Meshes::new(),
            tints: Tints::new(),
            studs: Studs::new(),
            overlay: Overlay::default(),
            visible: Visible::default(),
            visible_of: None,
            pipelines: Pipelines::new(device, format),
            globals,
            pieces: None,
            tint_table: None,
            locals: None,
            slots: None,
            sampler,
            no_shadow: shadow_map(device, 1),
            shadow: None,
            shadow_of: None,
            groups: None,
            targets: None,
        }
    }

    /// Says what the color codes in meshes mean. Best called before the first mesh is added: whether a face is
    /// transparent is decided then.
    pub fn set_palette(&mut self, colors: &[ColorDef]) {
        self.tints.set_palette(colors);
    }

    /// Takes a mesh; it replaces one of the same key. Instances of it may already be there.
    pub fn add_mesh(&mut self, key: MeshKey, mesh: &Mesh) {
        let gpu = (&self.device, &self.queue);
        self.studs.prepare(&mut self.meshes, &mut self.tints, gpu);
        let (mut studs, rest) = self.studs.extract(mesh, &mut self.meshes, &mut self.tints, gpu);
        let rest = rest.as_ref().unwrap_or(mesh);
        let placed = self.meshes.add(rest, &mut self.tints, &self.device, &self.queue);
        let hiding = if self.quality == Quality::Fast {
            let solid = |corner: u32| rest.vertices.get(corner as usize).is_some_and(|v| !self.tints.is_clear(v.tint));
            hiding_faces(rest, solid)
        } else {
            Vec::new()
        };
        let boxed = if placed.counts[2] == 0 { boxed(rest, &mut self.studs) } else { None };
        // Tubes are hidden from above only where walls enclose them.
        for stud in &mut studs {
            let enclosed = boxed.is_some_and(|boxed| boxed.encloses(stud.center, stud.half));
            stud.opening = stud.opening.filter(|_| enclosed);
        }
        let placed = Placed { studs, hiding, boxed, ..placed };
        self.scene.set_mesh(key, placed);
    }

    /// Whether a mesh was added.
    pub fn has_mesh(&self, key: MeshKey) -> bool {
        self.scene.has_mesh(key)
    }

    /// Puts an instance in, or changes it.
    pub fn set(&mut self, slot: Slot, instance: Instance) {
        self.scene.set(slot, &instance);
    }

    /// Takes an instance out; `false` if it was not there.
    pub fn remove(&mut self, slot: Slot) -> bool {
        self.scene.remove(slot)
    }

    /// Takes every instance out; meshes stay.
    pub fn clear(&mut self) {
        self.scene.clear();
    }

    /// How many instances there are.
    pub fn len(&self) -> usize {
        self.scene.len()
    }

    /// Whether there are no instances.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The box around all instances, LDU.
    pub fn bounds(&mut self) -> Bounds {
        self.scene.bounds()
    }

    /// A camera that sees every instance, as [`Camera::fit`] does but closer: by the box of each.
    pub fn fit(&self, direction: Vec3, up: Vec3, projection: Projection, aspect: f32, margin: f32) -> Camera {
        let corners = self.scene.corners();
        Camera::fit_points(&corners, direction, up, projection, aspect, margin)
    }

    /// Replaces the editor's lines.
    pub fn set_overlay(&mut self, lines: Vec<OverlayLine>) {
        self.overlay.set_lines(lines);
    }

    /// Replaces the editor's areas.
    pub fn set_overlay_quads(&mut self, quads: Vec<OverlayQuad>) {
        self.overlay.set_quads(quads);
    }

    /// Draws the scene into a single-sampled color target of `size` pixels and submits the work.
    pub fn render(&mut self, camera: &Camera, look: &Look, size: (u32, u32), view: &wgpu::TextureView) {
        let size = (size.0.max(1), size.1.max(1));
        let limit = self.device.limits().max_texture_dimension_2d;
        let smooth = look.samples > 1;
        let sampling = if smooth && self.quality == Quality::Fast && size.0.max(size.1) * 2 <= limit {
            Sampling { samples: 1, factor: 2 }
        } else {
            Sampling { samples: if smooth { 4 } else { 1 }, factor: 1 }
        };
        let bounds = self.scene.bounds();
        self.overlay.flush(&self.device, &self.queue);
        let depths = camera.depth_range(bounds.union(self.overlay.bounds));
        self.meshes.flush(&self.device, &self.queue, &self.pipelines.lines_layout);

        let wanted = View { version: self.scene.version, camera: *camera, size, depths, simplify: look.simplify };
        if self.visible_of != Some(wanted) {
            self.visible.collect(&self.scene, &self.studs, camera, size, depths, look.simplify);
            self.visible_of = Some(wanted);
            let bytes: &[u8] = bytemuck::cast_slice(&self.visible.slots);
            upload(&self.device, &self.queue, &mut self.slots, "visible", wgpu::BufferUsages::VERTEX, bytes);
        }
        self.upload_pieces();

        let shadow_size = self.quality.shadow_size();
        let light = Light::new(camera, look.light_follows_camera, bounds, shadow_size);
        let shadows = look.shadows && !bounds.is_empty();
        if shadows && self.shadow.is_none() {
            self.shadow = Some(shadow_map(&self.device, shadow_size));
            self.groups = None;
        }
        let map = shadows.then_some(shadow_size);
        let globals = Globals::new(camera, look, (size, sampling.factor), depths, &light, bounds, map);
        self.queue.write_buffer(&self.globals, 0, bytemuck::bytes_of(&globals));

        let ground_seen = camera.eye.y < bounds.max.y && light.key.y < -0.1;
        let plan = Plan {
            sampling,
            edges: look.edges.then(|| {
                // Drawn twice as large, plain lines are half a pixel wide: right for a large model, where they also cost most.
                let thin = sampling.factor > 1 && self.scene.len() <= WIDE_EDGES;
                if edge_width(look, size) > 1.25 || thin { Kind::Wide } else { Kind::Line }
            }),
            conditional: look.edges && look.conditional_edges,
            backdrop: matches!(look.background, Background::Gradient(..)),
            ground: look.ground && shadows && ground_seen,
        };
        let outline = look.outline && !self.scene.selected.is_empty();
        self.prepare(&plan, shadows, outline);
        let mut encoder =
            self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("studwork") });
        if shadows && self.shadow_of != Some((self.scene.solid_version, light, look.simplify)) {
            self.draw_shadow(&mut encoder, &light, look.simplify);
            self.shadow_of = Some((self.scene.solid_version, light, look.simplify));
        }
        if self.targets.as_ref().is_none_or(|targets| !targets.suit(size, sampling)) {
            self.targets = Some(Targets::new(&self.device, self.format, size, sampling));
        }
        self.draw(&mut encoder, &plan, look, view);
        if sampling.factor > 1 {
            self.shrink(&mut encoder, view);
        }
        if outline {
            self.draw_outline(&mut encoder, size, view);
        }
        self.queue.submit([encoder.finish()]);
    }

    /// Brings changed instances and tints to the device.
    fn upload_pieces(&mut self) {
        let usage = wgpu::BufferUsages::STORAGE;
        let pieces: &[GpuPiece] = &self.scene.pieces;
        let enough = self.pieces.as_ref().is_some_and(|buffer| buffer.size() >= size_of_val(pieces) as u64);
        let dirty = self.scene.take_dirty();
        let pieces: &[GpuPiece] = &self.scene.pieces;
        if !enough {
            // Twice the size, so that a growing design does not upload everything each time.
            let bytes = (size_of_val(pieces) as u64 * if self.pieces.is_some() { 2 } else { 1 }).max(4096);
            let buffer = make_buffer(&self.device, "pieces", bytes, usage | wgpu::BufferUsages::COPY_DST);
            self.queue.write_buffer(&buffer, 0, bytemuck::cast_slice(pieces));
            self.pieces = Some(buffer);
            self.groups = None;
        } else if let (Some(buffer), Some(range)) = (&self.pieces, dirty) {
            let range = range.start as usize..(range.end as usize).min(pieces.len());
            let offset = (range.start * size_of::<GpuPiece>()) as u64;
            if let Some(changed) = pieces.get(range).filter(|changed| !changed.is_empty()) {
                self.queue.write_buffer(buffer, offset, bytemuck::cast_slice(changed));
            }
        }
        if let Some(table) = self.tints.take_dirty() {
            let bytes: &[u8] = bytemuck::cast_slice(table);
            if upload(&self.device, &self.queue, &mut self.tint_table, "tints", usage, bytes) {
                self.groups = None;
            }
        }
        if let Some(table) = self.studs.take_dirty() {
            let bytes: &[u8] = bytemuck::cast_slice(table);
            if upload(&self.device, &self.queue, &mut self.locals, "places of studs", usage, bytes) {
                self.groups = None;
            }
        }
    }

    /// Makes the pipelines and bindings that a frame needs.
    fn prepare(&mut self, plan: &Plan, shadows: bool, outline: bool) {
        let overlay =
            [Kind::OverlayLine(false), Kind::OverlayLine(true), Kind::OverlayQuad(false), Kind::OverlayQuad(true)];
        let overlay = overlay.into_iter().zip(&self.overlay.ranges).filter_map(|(k, r)| (!r.is_empty()).then_some(k));
        let kinds = [
            (!self.visible.batches.is_empty()).then_some(Kind::Piece),
            (!self.visible.clear.is_empty()).then_some(Kind::Clear),
            plan.edges,
            plan.conditional.then_some(Kind::Conditional),
            plan.backdrop.then_some(Kind::Backdrop),
            plan.ground.then_some(Kind::Ground),
            shadows.then_some(Kind::Shadow),
            (plan.sampling.factor > 1).then_some(Kind::Shrink),
            outline.then_some(Kind::Mask),
            outline.then_some(Kind::Outline),
        ];
        for kind in kinds.into_iter().flatten().chain(overlay) {
            self.pipelines.prepare(&self.device, kind, plan.sampling.samples);
        }
        if self.groups.is_none()
            && let (Some(pieces), Some(tints), Some(locals)) = (&self.pieces, &self.tint_table, &self.locals)
        {
            let make = |map: &wgpu::TextureView| {
                let entry = |binding, resource| wgpu::BindGroupEntry { binding, resource };
                self.device.create_bind_group(&wgpu::BindGroupDescriptor {
                    label: Some("frame"),
                    layout: &self.pipelines.frame_layout,
                    entries: &[
                        entry(0, self.globals.as_entire_binding()),
                        entry(1, pieces.as_entire_binding()),
                        entry(2, tints.as_entire_binding()),
                        entry(3, wgpu::BindingResource::TextureView(map)),
                        entry(4, wgpu::BindingResource::Sampler(&self.sampler)),
                        entry(5, locals.as_entire_binding()),
                    ],
                })
            };
            self.groups = Some([make(self.shadow.as_ref().unwrap_or(&self.no_shadow)), make(&self.no_shadow)]);
        }
    }
}

/// Up to this many pieces, software devices draw edges a full pixel wide.
const WIDE_EDGES: usize = 3_500;

/// A scene as it is seen.
#[derive(Copy, Clone, PartialEq)]
struct View {
    version: u64,
    camera: Camera,
    size: (u32, u32),
    depths: (f32, f32),
    simplify: bool,
}

/// What a frame draws, apart from pieces.
pub(crate) struct Plan {
    pub sampling: Sampling,
    /// How edges are drawn, if they are.
    pub edges: Option<Kind>,
    pub conditional: bool,
    pub backdrop: bool,
    pub ground: bool,
}

fn shadow_map(device: &wgpu::Device, size: u32) -> wgpu::TextureView {
    attachment(device, "shadow", DEPTH, (size, size), 1, wgpu::TextureUsages::TEXTURE_BINDING)
        .create_view(&wgpu::TextureViewDescriptor::default())
}

fn make_buffer(device: &wgpu::Device, label: &'static str, size: u64, usage: wgpu::BufferUsages) -> wgpu::Buffer {
    device.create_buffer(&wgpu::BufferDescriptor { label: Some(label), size, usage, mapped_at_creation: false })
}

/// Puts `bytes` into a buffer that grows; `true` if it was made anew.
fn upload(
    device: &wgpu::Device,
    queue: &wgpu::Queue,
    buffer: &mut Option<wgpu::Buffer>,
    label: &'static str,
    usage: wgpu::BufferUsages,
    bytes: &[u8],
) -> bool {
    let needed = bytes.len() as u64;
    let grows = buffer.as_ref().is_none_or(|buffer| buffer.size() < needed);
    let buffer = match buffer {
        Some(buffer) if !grows => buffer,
        _ => {
            let size = needed.max(1024).next_multiple_of(256);
            buffer.insert(make_buffer(device, label, size, usage | wgpu::BufferUsages::COPY_DST))
        }
    };
    if !bytes.is_empty() {
        queue.write_buffer(buffer, 0, bytes);
    }
    grows
}
