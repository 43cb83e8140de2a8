//! A picture in memory: drawn into a texture of its own and read back.

use crate::frame::{attachment, linear_from_srgb, srgb_from_linear};
use crate::{Camera, Flags, Gpu, Instance, Look, MeshKey, Paint, RenderError, Renderer, Slot};
use glam::Affine3A;
use std::collections::HashMap;
use std::sync::Arc;
use studwork_ldraw::{ColorDef, Mesh};

/// The target format of renderers that make pictures.
pub const PICTURE_FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8UnormSrgb;

/// An image: rows from above, four bytes a pixel (sRGB and straight alpha).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// `width * height * 4` bytes.
    pub rgba: Vec<u8>,
}

impl Picture {
    /// The pixel at a position; `None` outside.
    pub fn pixel(&self, x: u32, y: u32) -> Option<[u8; 4]> {
        let at = (y as usize * self.width as usize + x as usize) * 4;
        if x < self.width { self.rgba.get(at..at + 4)?.try_into().ok() } else { None }
    }
}

impl Renderer {
    /// For pictures and no window.
    pub fn headless(gpu: &Gpu) -> Self {
        Self::new(&gpu.device, &gpu.queue, PICTURE_FORMAT, gpu.quality())
    }

    /// Draws the scene and reads it back. The renderer must have the format [`PICTURE_FORMAT`].
    ///
    /// # Errors
    /// When the size is nothing or more than the device can draw, or the device is lost.
    pub fn picture(&mut self, camera: &Camera, look: &Look, size: (u32, u32)) -> Result<Picture, RenderError> {
        let (width, height) = size;
        let limit = self.device.limits().max_texture_dimension_2d;
        if width == 0 || height == 0 || width > limit || height > limit {
            return Err(RenderError::Size { width, height, limit });
        }
        let texture = attachment(&self.device, "picture", self.format, size, 1, wgpu::TextureUsages::COPY_SRC);
        self.render(camera, look, size, &texture.create_view(&wgpu::TextureViewDescriptor::default()));

        let stride = (width * 4).next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
        let buffer = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("picture"),
            size: u64::from(stride) * u64::from(height),
            usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
            mapped_at_creation: false,
        });
        let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        encoder.copy_texture_to_buffer(
            texture.as_image_copy(),
            wgpu::TexelCopyBufferInfo {
                buffer: &buffer,
                layout: wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(stride), rows_per_image: None },
            },
            texture.size(),
        );
        self.queue.submit([encoder.finish()]);
        let (sender, receiver) = std::sync::mpsc::channel();
        buffer.slice(..).map_async(wgpu::MapMode::Read, move |result| {
            // The receiver is only gone when waiting failed, which is reported below.
            let _ = sender.send(result);
        });
        let readback = |error: String| RenderError::Readback(error);
        self.device.poll(wgpu::PollType::wait_indefinitely()).map_err(|e| readback(e.to_string()))?;
        receiver.recv().map_err(|e| readback(e.to_string()))?.map_err(|e| readback(e.to_string()))?;
        let mut rgba = Vec::with_capacity(width as usize * height as usize * 4);
        {
            let mapped = buffer.slice(..).get_mapped_range();
            for row in mapped.chunks_exact(stride as usize) {
                rgba.extend_from_slice(&row[..width as usize * 4]);
            }
        }
        straighten(&mut rgba);
        Ok(Picture { width, height, rgba })
    }
}

/// Makes straight alpha out of premultiplied linear light that was stored as sRGB.
pub(crate) fn straighten(rgba: &mut [u8]) {
    let table: [f32; 256] = std::array::from_fn(|byte| linear_from_srgb(byte as u8));
    for pixel in rgba.as_chunks_mut::<4>().0 {
        let alpha = pixel[3];
        if alpha == 255 {
            continue;
        }
        for channel in &mut pixel[..3] {
            *channel =
                if alpha == 0 { 0 } else { srgb_from_linear(table[*channel as usize] * 255.0 / f32::from(alpha)) };
        }
    }
}

/// A picture of some pieces in one call: mesh, place and color of each. `palette` says what color codes inside of
/// meshes mean. Equal `Arc`s share a mesh on the device.
///
/// # Errors
/// As [`Renderer::picture`].
pub fn picture<P: Into<Paint>>(
    gpu: &Gpu,
    palette: &[ColorDef],
    items: impl IntoIterator<Item = (Arc<Mesh>, Affine3A, P)>,
    camera: &Camera,
    look: &Look,
    size: (u32, u32),
) -> Result<Picture, RenderError> {
    let mut renderer = Renderer::headless(gpu);
    renderer.set_palette(palette);
    // The map holds the meshes as well, so that no address is used twice.
    let mut keys: HashMap<*const Mesh, (MeshKey, Arc<Mesh>)> = HashMap::new();
    for (number, (mesh, transform, color)) in items.into_iter().enumerate() {
        let next = MeshKey(keys.len() as u32);
        let (key, _) = keys.entry(Arc::as_ptr(&mesh)).or_insert_with(|| {
            renderer.add_mesh(next, &mesh);
            (next, mesh)
        });
        let instance = Instance { mesh: *key, transform, color: color.into(), flags: Flags::NONE };
        renderer.set(Slot(number as u32), instance);
    }
    renderer.picture(camera, look, size)
}
