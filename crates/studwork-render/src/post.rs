//! What is done to a whole picture after its pieces are drawn: averaging and the outline of selected pieces.

use crate::draw::Bound;
use crate::frame::attachment;
use crate::pipelines::{Kind, MASK};
use crate::renderer::Renderer;
use crate::visible::Source;
use std::collections::BTreeMap;

impl Renderer {
    /// Averages a picture that was drawn twice as large.
    pub(crate) fn shrink(&self, encoder: &mut wgpu::CommandEncoder, view: &wgpu::TextureView) {
        let Some((pipeline, color)) =
            self.pipelines.get(Kind::Shrink, 1).zip(self.targets.as_ref().and_then(|targets| targets.color.as_ref()))
        else {
            return;
        };
        let group = self.whole_picture(color);
        let mut pass = begin(encoder, "shrink", view, wgpu::LoadOp::Clear(wgpu::Color::TRANSPARENT));
        pass.set_pipeline(pipeline);
        pass.set_bind_group(0, &group, &[]);
        pass.draw(0..3, 0..1);
    }

    /// Draws a line around the selected pieces, also where others are before them.
    pub(crate) fn draw_outline(&self, encoder: &mut wgpu::CommandEncoder, size: (u32, u32), view: &wgpu::TextureView) {
        let (Some(mask_pipeline), Some(outline), Some([_, frame])) =
            (self.pipelines.get(Kind::Mask, 1), self.pipelines.get(Kind::Outline, 1), &self.groups)
        else {
            return;
        };
        // A mask needs no winding: nothing is culled.
        let mut by_group: BTreeMap<u32, Vec<[u32; 2]>> = BTreeMap::new();
        let mut by_shape: BTreeMap<u32, Vec<[u32; 2]>> = BTreeMap::new();
        for slot in &self.scene.selected {
            let Some(group) = self.scene.group_at(*slot) else { continue };
            by_group.entry(group).or_default().push([*slot, 0]);
            for stud in self.placed(Source::Group(group)).iter().flat_map(|placed| &placed.studs) {
                by_shape.entry(stud.shape).or_default().push([*slot, stud.local]);
            }
        }
        let groups = by_group.into_iter().map(|(group, slots)| (Source::Group(group), slots));
        let shapes = by_shape.into_iter().map(|(shape, slots)| (Source::Shape(shape), slots));
        let mut slots: Vec<[u32; 2]> = Vec::new();
        let mut batches = Vec::new();
        for (source, some) in groups.chain(shapes) {
            let start = slots.len() as u32;
            slots.extend(some);
            batches.push((source, start..slots.len() as u32));
        }
        let buffer = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("selected"),
            size: (slots.len() as u64 * 8).max(8),
            usage: wgpu::BufferUsages::VERTEX | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        self.queue.write_buffer(&buffer, 0, bytemuck::cast_slice(&slots));
        let mask = attachment(&self.device, "selected", MASK, size, 1, wgpu::TextureUsages::TEXTURE_BINDING)
            .create_view(&wgpu::TextureViewDescriptor::default());
        {
            let mut pass = begin(encoder, "selected", &mask, wgpu::LoadOp::Clear(wgpu::Color::TRANSPARENT));
            pass.set_pipeline(mask_pipeline);
            pass.set_bind_group(0, frame, &[]);
            pass.set_vertex_buffer(1, buffer.slice(..));
            let mut bound = Bound::new(self);
            for (source, range) in batches {
                let Some(placed) = self.placed(source) else { continue };
                bound.faces(&mut pass, placed, placed.opaque(false), range.clone());
                bound.faces(&mut pass, placed, placed.clear(false), range);
            }
        }
        let group = self.whole_picture(&mask);
        let mut pass = begin(encoder, "outline", view, wgpu::LoadOp::Load);
        pass.set_pipeline(outline);
        pass.set_bind_group(0, &group, &[]);
        pass.draw(0..3, 0..1);
    }

    fn whole_picture(&self, view: &wgpu::TextureView) -> wgpu::BindGroup {
        self.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("whole picture"),
            layout: &self.pipelines.shrink_layout,
            entries: &[wgpu::BindGroupEntry { binding: 0, resource: wgpu::BindingResource::TextureView(view) }],
        })
    }
}

/// A pass with one color target and nothing else.
fn begin<'a>(
    encoder: &'a mut wgpu::CommandEncoder,
    label: &'static str,
    view: &wgpu::TextureView,
    load: wgpu::LoadOp<wgpu::Color>,
) -> wgpu::RenderPass<'a> {
    encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
        label: Some(label),
        color_attachments: &[Some(wgpu::RenderPassColorAttachment {
            view,
            depth_slice: None,
            resolve_target: None,
            ops: wgpu::Operations { load, store: wgpu::StoreOp::Store },
        })],
        ..wgpu::RenderPassDescriptor::default()
    })
}
