//! The meshes on the device: packed into a few large buffers, with their faces sorted by how they are drawn.
//!
//! Meshes that arrive between two frames share a page, which is made when the frame is drawn with just the size
//! that is needed; so nothing is copied twice and nothing grows.

use crate::boxes::Boxed;
use crate::studs::Stud;
use crate::tints::Tints;
use bytemuck::{Pod, Zeroable};
use glam::Vec3;
use std::collections::HashMap;
use std::ops::Range;
use studwork_ldraw::{Bounds, Mesh};

/// A corner as the shaders take it; the tint is an entry of [`Tints`].
#[repr(C)]
#[derive(Copy, Clone, Pod, Zeroable)]
struct GpuVertex {
    position: [f32; 3],
    normal: [i8; 4],
    tint: u32,
}

/// How a face is drawn, in the order of a mesh's indices.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    /// In a solid color of its own.
    Solid,
    /// In the piece's color.
    Main,
    /// In a transparent color of its own.
    Clear,
}

/// Where a mesh lies on the device.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    pub bounds: Bounds,
    pub vertex_page: u32,
    pub base_vertex: i32,
    pub index_page: u32,
    /// Whether the indices have 32 bits.
    pub wide: bool,
    /// The first index; behind it solid, main and clear faces, then the same with the winding turned.
    pub first_index: u32,
    /// How many indices are solid, main and clear.
    pub counts: [u32; 3],
    pub edge_page: u32,
    /// The range of edge vertices in its page.
    pub edges: Range<u32>,
    pub conditional_page: u32,
    /// The range of conditional lines in its page.
    pub conditional: Range<u32>,
    /// Its studs and tubes, which are drawn by themselves.
    pub studs: Vec<Stud>,
    /// Its largest faces, which hide others.
    pub hiding: Vec<[Vec3; 3]>,
    /// The box that may stand for it.
    pub boxed: Option<Boxed>,
}

impl Placed {
    /// The indices that a solid piece draws in the opaque pass: all but the clear ones.
    pub(crate) fn opaque(&self, turned: bool) -> Range<u32> {
        let start = self.start(turned);
        start..start + self.counts[0] + self.counts[1]
    }

    /// The indices that are solid whatever the piece's color is.
    pub(crate) fn solid(&self, turned: bool) -> Range<u32> {
        let start = self.start(turned);
        start..start + self.counts[0]
    }

    /// The indices of a solid piece that need blending.
    pub(crate) fn clear(&self, turned: bool) -> Range<u32> {
        let start = self.start(turned) + self.counts[0] + self.counts[1];
        start..start + self.counts[2]
    }

    /// The indices of a transparent piece that need blending.
    pub(crate) fn main_and_clear(&self, turned: bool) -> Range<u32> {
        let start = self.start(turned) + self.counts[0];
        start..start + self.counts[1] + self.counts[2]
    }

    fn start(&self, turned: bool) -> u32 {
        self.first_index + if turned { self.counts.iter().sum() } else { 0 }
    }
}

/// Pages of one kind of data.
struct Pages {
    label: &'static str,
    usage: wgpu::BufferUsages,
    buffers: Vec<Option<wgpu::Buffer>>,
    /// Bytes of the last page in use, uploaded and pending.
    used: u64,
    capacity: u64,
    pending: Vec<u8>,
}

impl Pages {
    /// A page ends where the next mesh would take it past this.
    const GREATEST: u64 = 96 << 20;
    /// A page has at least this size, so that single later parts do not have a buffer each.
    const LEAST: u64 = 256 << 10;

    fn new(label: &'static str, usage: wgpu::BufferUsages) -> Self {
        Self { label, usage, buffers: Vec::new(), used: 0, capacity: 0, pending: Vec::new() }
    }

    /// Puts data at the end; returns page and byte offset.
    fn push(&mut self, bytes: &[u8]) -> (u32, u64) {
        let open = match self.buffers.last() {
            None => false,
            Some(None) => self.used + bytes.len() as u64 <= Self::GREATEST,
            Some(Some(_)) => self.used + bytes.len() as u64 <= self.capacity,
        };
        if !open {
            // What is pending belongs to a page that is full now; it was flushed or has no buffer yet.
            debug_assert!(self.pending.is_empty() || self.buffers.last().is_some());
            self.buffers.push(None);
            self.used = 0;
            self.capacity = 0;
        }
        let at = self.used;
        self.pending.extend_from_slice(bytes);
        self.used += bytes.len() as u64;
        while !self.used.is_multiple_of(4) {
            self.pending.push(0);
            self.used += 1;
        }
        (self.buffers.len() as u32 - 1, at)
    }

    /// Whether pending data must be uploaded before `more` bytes come, because they open another page.
    fn is_full_for(&self, more: u64) -> bool {
        !self.pending.is_empty()
            && match self.buffers.last() {
                Some(Some(_)) => self.used + more > self.capacity,
                _ => self.used + more > Self::GREATEST,
            }
    }

    fn flush(&mut self, device: &wgpu::Device, queue: &wgpu::Queue) {
        if self.pending.is_empty() {
            return;
        }
        let used = self.used;
        if let Some(last @ None) = self.buffers.last_mut() {
            self.capacity = used.next_multiple_of(256).max(Self::LEAST);
            *last = Some(device.create_buffer(&wgpu::BufferDescriptor {
                label: Some(self.label),
                size: self.capacity,
                usage: self.usage | wgpu::BufferUsages::COPY_DST,
                mapped_at_creation: false,
            }));
        }
        if let Some(Some(buffer)) = self.buffers.last() {
            queue.write_buffer(buffer, used - self.pending.len() as u64, &self.pending);
        }
        self.pending = Vec::new();
    }

    fn buffer(&self, page: u32) -> Option<&wgpu::Buffer> {
        self.buffers.get(page as usize).and_then(Option::as_ref)
    }
}

/// All meshes of a renderer.
pub(crate) struct Meshes {
    vertices: Pages,
    short: Pages,
    wide: Pages,
    edges: Pages,
    conditional: Pages,
    /// The pages of edges as storage, for wide lines.
    pub(crate) edge_groups: Vec<Option<wgpu::BindGroup>>,
    /// The pages of conditional lines as storage.
    pub(crate) conditional_groups: Vec<Option<wgpu::BindGroup>>,
}

impl Meshes {
    pub(crate) fn new() -> Self {
        use wgpu::BufferUsages as Usage;
        Self {
            vertices: Pages::new("part vertices", Usage::VERTEX),
            short: Pages::new("part indices", Usage::INDEX),
            wide: Pages::new("part indices, wide", Usage::INDEX),
            edges: Pages::new("part edges", Usage::VERTEX | Usage::STORAGE),
            conditional: Pages::new("part outlines", Usage::STORAGE),
            edge_groups: Vec::new(),
            conditional_groups: Vec::new(),
        }
    }

    /// Packs a mesh; it is on the device after the next [`Meshes::flush`].
    pub(crate) fn add(&mut self, mesh: &Mesh, tints: &mut Tints, device: &wgpu::Device, queue: &wgpu::Queue) -> Placed {
        let packed = Packed::new(mesh, tints);
        let wide = packed.vertices.len() > usize::from(u16::MAX);
        let index_bytes: Vec<u8> = if wide {
            bytemuck::cast_slice(&packed.indices).to_vec()
        } else {
            let short: Vec<u16> = packed.indices.iter().map(|i| *i as u16).collect();
            bytemuck::cast_slice(&short).to_vec()
        };
        let vertex_bytes: &[u8] = bytemuck::cast_slice(&packed.vertices);
        let edge_bytes: &[u8] = bytemuck::cast_slice(&packed.edges);
        let conditional_bytes: &[u8] = bytemuck::cast_slice(&packed.conditional);
        let index_pages = if wide { &mut self.wide } else { &mut self.short };
        for (pages, bytes) in [
            (&mut self.vertices, vertex_bytes),
            (index_pages, index_bytes.as_slice()),
            (&mut self.edges, edge_bytes),
            (&mut self.conditional, conditional_bytes),
        ] {
            if pages.is_full_for(bytes.len() as u64) {
                pages.flush(device, queue);
            }
        }
        let (vertex_page, vertex_at) = self.vertices.push(vertex_bytes);
        let index_pages = if wide { &mut self.wide } else { &mut self.short };
        let (index_page, index_at) = index_pages.push(&index_bytes);
        let (edge_page, edge_at) = self.edges.push(edge_bytes);
        let (conditional_page, conditional_at) = self.conditional.push(conditional_bytes);
        let first_edge = (edge_at / 16) as u32;
        let first_conditional = (conditional_at / 52) as u32;
        Placed {
            bounds: mesh.bounds,
            vertex_page,
            base_vertex: (vertex_at / size_of::<GpuVertex>() as u64) as i32,
            index_page,
            wide,
            first_index: (index_at / if wide { 4 } else { 2 }) as u32,
            counts: packed.counts,
            edge_page,
            edges: first_edge..first_edge + packed.edges.len() as u32,
            conditional_page,
            conditional: first_conditional..first_conditional + mesh.conditional.len() as u32,
            studs: Vec::new(),
            hiding: Vec::new(),
            boxed: None,
        }
    }

    /// Uploads what was added; storage bindings of pages are made with `layout`.
    pub(crate) fn flush(&mut self, device: &wgpu::Device, queue: &wgpu::Queue, layout: &wgpu::BindGroupLayout) {
        for pages in [&mut self.vertices, &mut self.short, &mut self.wide, &mut self.edges, &mut self.conditional] {
            pages.flush(device, queue);
        }
        for (pages, groups) in [(&self.edges, &mut self.edge_groups), (&self.conditional, &mut self.conditional_groups)]
        {
            groups.resize(pages.buffers.len(), None);
            for (group, buffer) in groups.iter_mut().zip(&pages.buffers) {
                if let (None, Some(buffer)) = (&group, buffer) {
                    *group = Some(device.create_bind_group(&wgpu::BindGroupDescriptor {
                        label: Some("part lines"),
                        layout,
                        entries: &[wgpu::BindGroupEntry { binding: 0, resource: buffer.as_entire_binding() }],
                    }));
                }
            }
        }
    }

    pub(crate) fn vertex_buffer(&self, page: u32) -> Option<&wgpu::Buffer> {
        self.vertices.buffer(page)
    }

    pub(crate) fn index_buffer(&self, placed: &Placed) -> Option<(&wgpu::Buffer, wgpu::IndexFormat)> {
        if placed.wide {
            Some((self.wide.buffer(placed.index_page)?, wgpu::IndexFormat::Uint32))
        } else {
            Some((self.short.buffer(placed.index_page)?, wgpu::IndexFormat::Uint16))
        }
    }

    pub(crate) fn edge_buffer(&self, page: u32) -> Option<&wgpu::Buffer> {
        self.edges.buffer(page)
    }
}

/// A mesh in the device's form.
struct Packed {
    vertices: Vec<GpuVertex>,
    indices: Vec<u32>,
    counts: [u32; 3],
    edges: Vec<[u32; 4]>,
    conditional: Vec<[u32; 13]>,
}

impl Packed {
    fn new(mesh: &Mesh, tints: &mut Tints) -> Self {
        let mut entries = HashMap::new();
        let mut resolve = |tint| *entries.entry(tint).or_insert_with(|| tints.resolve(tint));
        let mut clear = Vec::with_capacity(mesh.vertices.len());
        let mut vertices: Vec<GpuVertex> = Vec::with_capacity(mesh.vertices.len());
        for vertex in &mesh.vertices {
            let (tint, is_clear) = resolve(vertex.tint);
            clear.push(is_clear);
            vertices.push(GpuVertex { position: vertex.position, normal: vertex.normal, tint });
        }
        let mut faces: [Vec<[u32; 3]>; 3] = [Vec::new(), Vec::new(), Vec::new()];
        let count = vertices.len() as u32;
        let mut backs: HashMap<u32, u32> = HashMap::new();
        let two_sided = mesh.double_sided.start as usize / 3..mesh.double_sided.end as usize / 3;
        for (number, face) in mesh.indices.chunks_exact(3).enumerate() {
            let [a, b, c] = [face[0], face[1], face[2]];
            if a.max(b).max(c) >= count {
                continue;
            }
            let class = match (vertices[a as usize].tint, clear[a as usize]) {
                (0, _) => Class::Main,
                (_, true) => Class::Clear,
                _ => Class::Solid,
            } as usize;
            faces[class].push([a, b, c]);
            if two_sided.contains(&number) {
                let back = [a, c, b].map(|i| {
                    *backs.entry(i).or_insert_with(|| {
                        let mut vertex = vertices[i as usize];
                        vertex.normal = vertex.normal.map(|n| n.saturating_neg());
                        vertices.push(vertex);
                        vertices.len() as u32 - 1
                    })
                });
                faces[class].push(back);
            }
        }
        let counts = [0, 1, 2].map(|class| faces[class].len() as u32 * 3);
        let straight = faces.iter().flatten().copied();
        let turned = faces.iter().flatten().map(|[a, b, c]| [*a, *c, *b]);
        let indices = straight.chain(turned).flatten().collect();
        let edges = mesh.edges.iter().map(|edge| with_tint(edge.position, resolve(edge.tint).0)).collect();
        let conditional = mesh
            .conditional
            .iter()
            .map(|line| {
                let mut words = [0; 13];
                let points = [line.points[0], line.points[1], line.control[0], line.control[1]];
                for (word, value) in words.iter_mut().zip(points.as_flattened()) {
                    *word = value.to_bits();
                }
                words[12] = resolve(line.tint).0;
                words
            })
            .collect();
        Self { vertices, indices, counts, edges, conditional }
    }
}

fn with_tint(position: [f32; 3], tint: u32) -> [u32; 4] {
    let [x, y, z] = position.map(f32::to_bits);
    [x, y, z, tint]
}
