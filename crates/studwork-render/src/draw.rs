//! The passes of a frame: shadow map, then solid faces, edges, background, ground, transparent faces, overlay.

use crate::Look;
use crate::boxes::Fidelity;
use crate::frame::{Light, clear_color};
use crate::meshes::Placed;
use crate::pipelines::Kind;
use crate::renderer::{Plan, Renderer};
use crate::studs::BARE_BOX;
use crate::visible::{Source, unlit};
use std::ops::Range;

/// The buffers that a pass has bound, so that only changes are recorded.
pub(crate) struct Bound<'a> {
    renderer: &'a Renderer,
    vertex_page: Option<u32>,
    index_page: Option<(bool, u32)>,
}

impl<'a> Bound<'a> {
    pub(crate) fn new(renderer: &'a Renderer) -> Self {
        Self { renderer, vertex_page: None, index_page: None }
    }

    /// Draws some indices of a mesh for some of the visible instances.
    pub(crate) fn faces(
        &mut self,
        pass: &mut wgpu::RenderPass<'_>,
        placed: &Placed,
        indices: Range<u32>,
        instances: Range<u32>,
    ) {
        if indices.is_empty() || instances.is_empty() {
            return;
        }
        let meshes = &self.renderer.meshes;
        if self.vertex_page != Some(placed.vertex_page) {
            let Some(buffer) = meshes.vertex_buffer(placed.vertex_page) else { return };
            pass.set_vertex_buffer(0, buffer.slice(..));
            self.vertex_page = Some(placed.vertex_page);
        }
        if self.index_page != Some((placed.wide, placed.index_page)) {
            let Some((buffer, format)) = meshes.index_buffer(placed) else { return };
            pass.set_index_buffer(buffer.slice(..), format);
            self.index_page = Some((placed.wide, placed.index_page));
        }
        pass.draw_indexed(indices, placed.base_vertex, instances);
    }
}

/// Up to this many texels of the shadow map, a part's shadow is that of a box.
const BOX_TEXELS: f32 = 6.0;
/// Up to this many pieces, studs cast shadows.
const STUD_SHADOWS: usize = 600;

impl Renderer {
    pub(crate) fn placed(&self, source: Source) -> Option<&Placed> {
        match source {
            Source::Group(group) => self.scene.groups[group as usize].placed.as_ref(),
            Source::Shape(shape) => self.studs.shapes.get(shape as usize).map(|shape| &shape.placed),
        }
    }

    /// Fills the shadow map with every solid piece, seen or not.
    pub(crate) fn draw_shadow(&mut self, encoder: &mut wgpu::CommandEncoder, light: &Light, simplify: bool) {
        let unlit = if simplify { unlit(&self.scene, light.matrix, self.quality.shadow_size()) } else { Vec::new() };
        let is_lit = |slot: &&u32| unlit.get(**slot as usize) != Some(&true);
        // Parts of a few texels cast the shadow of a box.
        let small = |slot: u32| self.scene.extents[slot as usize].half.max_element() * 2.0 < light.texel * BOX_TEXELS;
        // In a large model the shadows of studs are smaller than the map's texels.
        let with_studs = !simplify || self.scene.len() <= STUD_SHADOWS;
        let mut slots: Vec<[u32; 2]> = Vec::with_capacity(self.scene.len());
        let mut batches: Vec<(Source, [Range<u32>; 2])> = Vec::new();
        let mut studs: Vec<[Vec<[u32; 2]>; 2]> = Vec::new();
        studs.resize_with(self.studs.shapes.len(), Default::default);
        for (number, group) in self.scene.groups.iter().enumerate() {
            let Some(placed) = &group.placed else { continue };
            let mut run = |list: usize| {
                let start = slots.len() as u32;
                for slot in group.lists[list].iter().filter(is_lit) {
                    match placed.boxed.filter(|boxed| simplify && (boxed.fidelity > Fidelity::Rough || small(*slot))) {
                        Some(boxed) => studs[BARE_BOX as usize][list].push([*slot, boxed.local]),
                        None => slots.push([*slot, 0]),
                    }
                }
                if with_studs {
                    for slot in group.lists[list].iter().filter(is_lit) {
                        for stud in placed.studs.iter().filter(|stud| stud.opening.is_none()) {
                            let turned = usize::from((list == 1) != stud.mirrored);
                            studs[stud.shape as usize][turned].push([*slot, stud.local]);
                        }
                    }
                }
                start..slots.len() as u32
            };
            let runs = [run(0), run(1)];
            if !runs.iter().all(Range::is_empty) {
                batches.push((Source::Group(number as u32), runs));
            }
        }
        for (number, lists) in studs.iter().enumerate() {
            let runs = [0, 1].map(|turned| {
                let start = slots.len() as u32;
                slots.extend_from_slice(&lists[turned]);
                start..slots.len() as u32
            });
            batches.push((Source::Shape(number as u32), runs));
        }
        let buffer = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("casters"),
            size: (slots.len() as u64 * 8).max(8),
            usage: wgpu::BufferUsages::VERTEX | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        if !slots.is_empty() {
            self.queue.write_buffer(&buffer, 0, bytemuck::cast_slice(&slots));
        }
        let (Some(map), Some(pipeline), Some([_, group])) = (&self.shadow, self.pipelines.get_shadow(), &self.groups)
        else {
            return;
        };
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("shadow"),
            color_attachments: &[],
            depth_stencil_attachment: Some(wgpu::RenderPassDepthStencilAttachment {
                view: map,
                depth_ops: Some(wgpu::Operations { load: wgpu::LoadOp::Clear(1.0), store: wgpu::StoreOp::Store }),
                stencil_ops: None,
            }),
            ..wgpu::RenderPassDescriptor::default()
        });
        pass.set_pipeline(pipeline);
        pass.set_bind_group(0, group, &[]);
        pass.set_vertex_buffer(1, buffer.slice(..));
        let mut bound = Bound::new(self);
        for (source, [normal, mirrored]) in batches {
            if let Some(placed) = self.placed(source) {
                bound.faces(&mut pass, placed, placed.opaque(false), normal);
                bound.faces(&mut pass, placed, placed.opaque(true), mirrored);
            }
        }
    }

    /// Draws the frame itself.
    pub(crate) fn draw(&self, encoder: &mut wgpu::CommandEncoder, plan: &Plan, look: &Look, view: &wgpu::TextureView) {
        let (Some(targets), Some([group, _])) = (&self.targets, &self.groups) else { return };
        let (target, resolve_target, store) = match &targets.color {
            Some(color) if plan.sampling.factor > 1 => (color, None, wgpu::StoreOp::Store),
            Some(color) => (color, Some(view), wgpu::StoreOp::Discard),
            None => (view, None, wgpu::StoreOp::Store),
        };
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("model"),
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: target,
                depth_slice: None,
                resolve_target,
                ops: wgpu::Operations { load: wgpu::LoadOp::Clear(clear_color(look)), store },
            })],
            depth_stencil_attachment: Some(wgpu::RenderPassDepthStencilAttachment {
                view: &targets.depth,
                depth_ops: Some(wgpu::Operations { load: wgpu::LoadOp::Clear(0.0), store: wgpu::StoreOp::Discard }),
                stencil_ops: None,
            }),
            ..wgpu::RenderPassDescriptor::default()
        });
        pass.set_bind_group(0, group, &[]);
        self.draw_solid(&mut pass, plan);
        self.draw_lines(&mut pass, plan);
        let use_pipeline = |pass: &mut wgpu::RenderPass<'_>, kind| match self.pipelines.get(kind, plan.sampling.samples)
        {
            Some(pipeline) => {
                pass.set_pipeline(pipeline);
                true
            }
            None => false,
        };
        if plan.backdrop && use_pipeline(&mut pass, Kind::Backdrop) {
            pass.draw(0..3, 0..1);
        }
        if plan.ground && use_pipeline(&mut pass, Kind::Ground) {
            pass.draw(0..4, 0..1);
        }
        self.draw_overlay(&mut pass, plan, [0, 2]);
        self.draw_clear(&mut pass, plan);
        self.draw_overlay(&mut pass, plan, [1, 3]);
    }

    fn draw_solid(&self, pass: &mut wgpu::RenderPass<'_>, plan: &Plan) {
        let (Some(pipeline), Some(slots)) = (self.pipelines.get(Kind::Piece, plan.sampling.samples), &self.slots)
        else {
            return;
        };
        pass.set_pipeline(pipeline);
        pass.set_vertex_buffer(1, slots.slice(..));
        let mut bound = Bound::new(self);
        for batch in &self.visible.batches {
            let Some(placed) = self.placed(batch.source) else { continue };
            for run in 0..4 {
                let turned = run % 2 == 1;
                let faces = if run < 2 { placed.opaque(turned) } else { placed.solid(turned) };
                bound.faces(pass, placed, faces, batch.run(run));
            }
        }
    }

    fn draw_lines(&self, pass: &mut wgpu::RenderPass<'_>, plan: &Plan) {
        let Some(slots) = &self.slots else { return };
        for kind in [plan.edges, plan.conditional.then_some(Kind::Conditional)].into_iter().flatten() {
            let Some(pipeline) = self.pipelines.get(kind, plan.sampling.samples) else { continue };
            pass.set_pipeline(pipeline);
            let mut page = None;
            if kind == Kind::Line {
                pass.set_vertex_buffer(1, slots.slice(..));
                // The layout names the page's storage, which plain lines do not read; any page does.
                let Some(any) = self.meshes.edge_groups.iter().flatten().next() else { continue };
                pass.set_bind_group(1, any, &[]);
            } else {
                pass.set_vertex_buffer(0, slots.slice(..));
            }
            for batch in &self.visible.batches {
                let Some(placed) = self.placed(batch.source) else { continue };
                let (number, lines, corners) = match kind {
                    Kind::Line => (placed.edge_page, &placed.edges, 1),
                    Kind::Wide => (placed.edge_page, &placed.edges, 3),
                    _ => (placed.conditional_page, &placed.conditional, 6),
                };
                if lines.is_empty() {
                    continue;
                }
                if page != Some(number) {
                    page = Some(number);
                    match kind {
                        Kind::Line => {
                            let Some(buffer) = self.meshes.edge_buffer(number) else { continue };
                            pass.set_vertex_buffer(0, buffer.slice(..));
                        }
                        _ => {
                            let groups = match kind {
                                Kind::Wide => &self.meshes.edge_groups,
                                _ => &self.meshes.conditional_groups,
                            };
                            let Some(Some(group)) = groups.get(number as usize) else { continue };
                            pass.set_bind_group(1, group, &[]);
                        }
                    }
                }
                pass.draw(lines.start * corners..lines.end * corners, batch.all());
            }
        }
    }

    /// Back to front; of each piece first the faces turned away, then those towards the eye.
    fn draw_clear(&self, pass: &mut wgpu::RenderPass<'_>, plan: &Plan) {
        let (Some(pipeline), Some(slots)) = (self.pipelines.get(Kind::Clear, plan.sampling.samples), &self.slots)
        else {
            return;
        };
        pass.set_pipeline(pipeline);
        pass.set_vertex_buffer(1, slots.slice(..));
        let mut bound = Bound::new(self);
        for draw in &self.visible.clear {
            let Some(placed) = self.placed(draw.source) else { continue };
            for turned in [!draw.mirrored, draw.mirrored] {
                let faces = if draw.whole { placed.main_and_clear(turned) } else { placed.clear(turned) };
                bound.faces(pass, placed, faces, draw.at..draw.at + 1);
            }
        }
    }

    fn draw_overlay(&self, pass: &mut wgpu::RenderPass<'_>, plan: &Plan, numbers: [usize; 2]) {
        let Some(buffer) = &self.overlay.buffer else { return };
        for number in numbers {
            let on_top = number % 2 == 1;
            let kind = if number < 2 { Kind::OverlayLine(on_top) } else { Kind::OverlayQuad(on_top) };
            let range = self.overlay.ranges[number].clone();
            if let (Some(pipeline), false) = (self.pipelines.get(kind, plan.sampling.samples), range.is_empty()) {
                pass.set_pipeline(pipeline);
                pass.set_vertex_buffer(0, buffer.slice(..));
                pass.draw(range, 0..1);
            }
        }
    }
}
