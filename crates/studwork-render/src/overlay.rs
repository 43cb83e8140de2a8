//! The editor's own lines and areas in the world: grid, boxes, axes, handles.

use bytemuck::{Pod, Zeroable};
use glam::Vec3;
use studwork_ldraw::Bounds;

/// A line in the world.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct OverlayLine {
    /// Its ends, LDU.
    pub points: [Vec3; 2],
    /// sRGB and straight alpha.
    pub color: [u8; 4],
    /// Whether it is seen through pieces.
    pub on_top: bool,
}

/// A flat area in the world, seen from both sides.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct OverlayQuad {
    /// Its corners in turn, LDU.
    pub points: [Vec3; 4],
    /// sRGB and straight alpha.
    pub color: [u8; 4],
    /// Whether it is seen through pieces.
    pub on_top: bool,
}

#[repr(C)]
#[derive(Copy, Clone, Pod, Zeroable)]
struct Corner {
    position: [f32; 3],
    color: [u8; 4],
}

/// The overlay on the device: lines, lines on top, quads, quads on top.
#[derive(Default)]
pub(crate) struct Overlay {
    lines: Vec<OverlayLine>,
    quads: Vec<OverlayQuad>,
    dirty: bool,
    pub bounds: Bounds,
    pub buffer: Option<wgpu::Buffer>,
    /// The vertices of each of the four kinds.
    pub ranges: [std::ops::Range<u32>; 4],
}

impl Overlay {
    pub(crate) fn set_lines(&mut self, lines: Vec<OverlayLine>) {
        self.dirty |= self.lines != lines;
        self.lines = lines;
    }

    pub(crate) fn set_quads(&mut self, quads: Vec<OverlayQuad>) {
        self.dirty |= self.quads != quads;
        self.quads = quads;
    }

    /// Uploads what changed.
    pub(crate) fn flush(&mut self, device: &wgpu::Device, queue: &wgpu::Queue) {
        if !std::mem::take(&mut self.dirty) {
            return;
        }
        let mut corners = Vec::new();
        for (number, range) in self.ranges.iter_mut().enumerate() {
            let on_top = number % 2 == 1;
            let start = corners.len() as u32;
            let corner = |p: Vec3, color| Corner { position: p.to_array(), color };
            if number < 2 {
                for line in self.lines.iter().filter(|line| line.on_top == on_top) {
                    corners.extend(line.points.map(|p| corner(p, line.color)));
                }
            } else {
                for quad in self.quads.iter().filter(|quad| quad.on_top == on_top) {
                    corners.extend([0, 1, 2, 0, 2, 3].map(|i: usize| corner(quad.points[i], quad.color)));
                }
            }
            *range = start..corners.len() as u32;
        }
        let points = self.lines.iter().flat_map(|line| line.points);
        self.bounds = Bounds::from_points(points.chain(self.quads.iter().flat_map(|quad| quad.points)));
        let bytes: &[u8] = bytemuck::cast_slice(&corners);
        if self.buffer.as_ref().is_none_or(|buffer| buffer.size() < bytes.len() as u64) {
            self.buffer = Some(device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("overlay"),
                size: (bytes.len() as u64).next_power_of_two().max(1024),
                usage: wgpu::BufferUsages::VERTEX | wgpu::BufferUsages::COPY_DST,
                mapped_at_creation: false,
            }));
        }
        if let (Some(buffer), false) = (&self.buffer, bytes.is_empty()) {
            queue.write_buffer(buffer, 0, bytes);
        }
    }
}
