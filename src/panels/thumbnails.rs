//! Pictures of parts in a color, drawn on a thread of their own with Studwork's renderer on the window's device.
//!
//! Panels ask for what they show in this frame; the thread always works on the latest list, so that what was scrolled
//! past is not drawn. Finished pictures become egui textures, the longest unseen of which are dropped. Without a device
//! (as in tests) there are none, and panels draw a placeholder.

use bevy_egui::egui::{self, Context, TextureHandle, TextureId};
use glam::Affine3A;
use std::collections::{HashMap, HashSet};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use studwork_core::{Bounds, Catalog, ColorRef, Palette, PartId};
use studwork_render::{Camera, Flags, Instance, Look, MeshKey, NamedView, Paint, Projection, Quality, Renderer, Slot};

/// Pixels to a side; panels show them at half of that or so on screens with small pixels.
const SIDE: u32 = 128;
/// How many textures are kept: 600 of 64 KiB are 39 MB.
const KEPT: usize = 600;
/// How many pictures become textures in a frame.
const A_FRAME: usize = 24;
/// After so many meshes the thread's renderer starts anew, so that its memory stays bounded.
const MESHES: u32 = 256;

type Key = (PartId, ColorRef);

struct Entry {
    texture: TextureHandle,
    seen: u64,
}

/// Pictures of parts.
#[derive(Default)]
pub struct Thumbnails {
    textures: HashMap<Key, Entry>,
    /// Parts without a picture: nothing to draw, or drawing failed.
    failed: HashSet<Key>,
    /// What this frame asked for and does not have.
    wanted: Vec<Key>,
    frame: u64,
    sources: Option<(Arc<Catalog>, Arc<Palette>)>,
    worker: Option<Worker>,
}

struct Worker {
    shared: Arc<Shared>,
    finished: Mutex<Receiver<(u64, Key, Option<Vec<u8>>)>>,
}

#[derive(Default)]
struct Shared {
    orders: Mutex<Orders>,
    changed: Condvar,
}

#[derive(Default)]
struct Orders {
    wanted: Vec<Key>,
    /// Counts catalogs: a picture of a part from an earlier one is not wanted any more.
    edition: u64,
    sources: Option<(Arc<Catalog>, Arc<Palette>)>,
    context: Option<Context>,
    closed: bool,
}

impl Thumbnails {
    /// Whether there is a thread that draws.
    pub fn is_running(&self) -> bool {
        self.worker.is_some()
    }

    /// Starts drawing on a device. `software` lowers what is spent on a picture.
    pub fn start(&mut self, device: wgpu::Device, queue: wgpu::Queue, software: bool) {
        let shared = Arc::<Shared>::default();
        let (sender, finished) = channel();
        let orders = shared.clone();
        let body = move || draw_orders(&orders, &sender, &Studio::new(device, queue, software));
        match std::thread::Builder::new().name("thumbnails".into()).spawn(body) {
            Ok(_) => {
                self.worker = Some(Worker { shared, finished: Mutex::new(finished) });
                self.sources = None;
            }
            Err(error) => bevy::log::error!("no thread for pictures of parts: {error}"),
        }
    }

    /// Takes what was finished. Call it once a frame, before panels ask.
    pub fn begin_frame(&mut self, ctx: &Context, catalog: &Arc<Catalog>, palette: &Arc<Palette>) {
        self.frame += 1;
        self.wanted.clear();
        let Some(worker) = &self.worker else { return };
        let same = self.sources.as_ref().is_some_and(|(c, p)| Arc::ptr_eq(c, catalog) && Arc::ptr_eq(p, palette));
        let Ok(mut orders) = worker.shared.orders.lock() else { return };
        if !same {
            self.sources = Some((catalog.clone(), palette.clone()));
            orders.sources = self.sources.clone();
            orders.edition += 1;
            orders.context = Some(ctx.clone());
            self.textures.clear();
            self.failed.clear();
        }
        let edition = orders.edition;
        drop(orders);
        let Ok(finished) = worker.finished.lock() else { return };
        for (of, key, pixels) in finished.try_iter().take(A_FRAME) {
            match pixels {
                _ if of != edition => {}
                Some(pixels) => {
                    let image = egui::ColorImage::from_rgba_unmultiplied([SIDE as usize; 2], &pixels);
                    let texture = ctx.load_texture(format!("part {}", key.0), image, egui::TextureOptions::LINEAR);
                    self.textures.insert(key, Entry { texture, seen: self.frame });
                }
                None => drop(self.failed.insert(key)),
            }
        }
    }

    /// The picture of a part; `None` while there is none.
    pub fn get(&mut self, part: &PartId, color: ColorRef) -> Option<TextureId> {
        let key = (part.clone(), color);
        if let Some(entry) = self.textures.get_mut(&key) {
            entry.seen = self.frame;
            return Some(entry.texture.id());
        }
        if self.worker.is_some() && !self.failed.contains(&key) {
            self.wanted.push(key);
        }
        None
    }

    /// Hands the thread what this frame asked for, and drops what was not seen for long.
    pub fn end_frame(&mut self, ctx: &Context) {
        let Some(worker) = &self.worker else { return };
        if let Ok(mut orders) = worker.shared.orders.lock()
            && orders.wanted != self.wanted
        {
            orders.wanted.clone_from(&self.wanted);
            // The thread takes from the end; what is asked for first comes first.
            orders.wanted.reverse();
            orders.context.get_or_insert_with(|| ctx.clone());
            worker.shared.changed.notify_one();
        }
        if self.textures.len() > KEPT {
            let mut ages: Vec<u64> = self.textures.values().map(|entry| entry.seen).collect();
            ages.sort_unstable();
            let oldest = ages[self.textures.len() - KEPT * 9 / 10];
            let now = self.frame;
            self.textures.retain(|_, entry| entry.seen >= oldest || entry.seen == now);
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if let Ok(mut orders) = self.shared.orders.lock() {
            orders.closed = true;
        }
        self.shared.changed.notify_one();
    }
}

/// The thread: draws what is wanted until the panels are gone.
fn draw_orders(shared: &Shared, finished: &Sender<(u64, Key, Option<Vec<u8>>)>, studio: &Studio) {
    let mut stage: Option<(u64, Stage)> = None;
    loop {
        let (key, edition, (catalog, palette), context) = {
            let Ok(mut orders) = shared.orders.lock() else { return };
            loop {
                if orders.closed {
                    return;
                }
                let sources = orders.sources.clone();
                if let (Some(sources), Some(key)) = (sources, orders.wanted.pop()) {
                    break (key, orders.edition, sources, orders.context.clone());
                }
                match shared.changed.wait(orders) {
                    Ok(guard) => orders = guard,
                    Err(_) => return,
                }
            }
        };
        // Another catalog may have another shape for the same number.
        if stage.as_ref().is_none_or(|(of, _)| *of != edition) {
            stage = Some((edition, Stage::new(studio)));
        }
        let Some((_, stage)) = &mut stage else { return };
        let mesh = catalog.mesh_or_placeholder(&key.0);
        let color = palette.resolve(key.1);
        let pixels = stage.picture(studio, &key.0, &mesh, Paint::from(&color));
        if finished.send((edition, key, pixels)).is_err() {
            return;
        }
        if let Some(context) = context {
            context.request_repaint();
        }
    }
}

/// The device, and the texture and buffer that every picture goes through.
struct Studio {
    device: wgpu::Device,
    queue: wgpu::Queue,
    quality: Quality,
    target: wgpu::Texture,
    buffer: wgpu::Buffer,
}

const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8UnormSrgb;
const ROW: u32 = SIDE * 4;

impl Studio {
    fn new(device: wgpu::Device, queue: wgpu::Queue, software: bool) -> Self {
        let target = device.create_texture(&wgpu::TextureDescriptor {
            label: Some("part picture"),
            size: wgpu::Extent3d { width: SIDE, height: SIDE, depth_or_array_layers: 1 },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: FORMAT,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_SRC,
            view_formats: &[],
        });
        let buffer = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("part picture"),
            size: u64::from(ROW * SIDE),
            usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
            mapped_at_creation: false,
        });
        let quality = if software { Quality::Fast } else { Quality::Normal };
        Self { device, queue, quality, target, buffer }
    }

    /// The target's pixels, rows from above, RGBA with straight alpha.
    fn read(&self) -> Option<Vec<u8>> {
        let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        encoder.copy_texture_to_buffer(
            self.target.as_image_copy(),
            wgpu::TexelCopyBufferInfo {
                buffer: &self.buffer,
                // 128 pixels of four bytes are a multiple of the 256 that copies need.
                layout: wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(ROW), rows_per_image: None },
            },
            wgpu::Extent3d { width: SIDE, height: SIDE, depth_or_array_layers: 1 },
        );
        let submitted = self.queue.submit([encoder.finish()]);
        let (sender, mapped) = channel();
        self.buffer.slice(..).map_async(wgpu::MapMode::Read, move |result| {
            // Nobody waits any more when the panels are gone.
            let _ = sender.send(result);
        });
        let wait = wgpu::PollType::Wait { submission_index: Some(submitted), timeout: None };
        self.device.poll(wait).ok()?;
        mapped.recv().ok()?.ok()?;
        let pixels = self.buffer.slice(..).get_mapped_range().to_vec();
        self.buffer.unmap();
        Some(pixels)
    }
}

/// A renderer with the meshes it has seen.
struct Stage {
    renderer: Renderer,
    meshes: HashMap<PartId, MeshKey>,
}

impl Stage {
    fn new(studio: &Studio) -> Self {
        Self { renderer: Renderer::new(&studio.device, &studio.queue, FORMAT, studio.quality), meshes: HashMap::new() }
    }

    fn picture(&mut self, studio: &Studio, part: &PartId, mesh: &studwork_core::Mesh, color: Paint) -> Option<Vec<u8>> {
        if mesh.indices.is_empty() || mesh.bounds.is_empty() {
            return None;
        }
        if self.meshes.len() as u32 >= MESHES {
            *self = Self::new(studio);
        }
        let next = MeshKey(self.meshes.len() as u32);
        let key = *self.meshes.entry(part.clone()).or_insert_with(|| {
            self.renderer.add_mesh(next, mesh);
            next
        });
        let instance = Instance { mesh: key, transform: Affine3A::IDENTITY, color, flags: Flags::NONE };
        self.renderer.set(Slot(0), instance);
        let look = Look { edges: true, ..Look::cutout() };
        let view = studio.target.create_view(&wgpu::TextureViewDescriptor::default());
        self.renderer.render(&camera(mesh.bounds), &look, (SIDE, SIDE), &view);
        studio.read()
    }
}

/// From above at the front corner, as a builder holds a part; long parts fill the picture as well.
fn camera(bounds: Bounds) -> Camera {
    Camera::named(NamedView::Home, bounds, Projection::Perspective { fov_y_degrees: 20.0 }, 1.0, 0.06)
}
