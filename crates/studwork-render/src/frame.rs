//! What the shaders know of a frame: camera, light, ground and background, and the textures it is drawn into.

use crate::pipelines::DEPTH;
use crate::{Background, Camera, Look, Projection};
use bytemuck::{Pod, Zeroable};
use glam::{Mat4, Vec3, Vec4};
use studwork_ldraw::Bounds;

/// How strong the two lights are.
pub(crate) const KEY_STRENGTH: f32 = 0.72;
pub(crate) const FILL_STRENGTH: f32 = 0.22;

/// The `Globals` of `common.wgsl`.
#[repr(C)]
#[derive(Copy, Clone, Debug, PartialEq, Pod, Zeroable)]
pub(crate) struct Globals {
    view_projection: [f32; 16],
    light: [f32; 16],
    eye: [f32; 4],
    forward: [f32; 4],
    viewport: [f32; 4],
    key: [f32; 4],
    fill: [f32; 4],
    shadow: [f32; 4],
    ground: [f32; 4],
    above: [f32; 4],
    below: [f32; 4],
}

/// Where the light of a frame comes from.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(crate) struct Light {
    /// Towards the key light.
    pub key: Vec3,
    /// Towards the fill light.
    pub fill: Vec3,
    /// World to shadow map.
    pub matrix: Mat4,
    /// LDU a texel.
    pub texel: f32,
}

impl Light {
    /// The key light stands 30° to the left of the camera (of the home view's, if it does not follow).
    pub(crate) fn new(camera: &Camera, follows: bool, bounds: Bounds, shadow_size: u32) -> Self {
        let right = camera.right();
        let (mut longitude, mut latitude) = (45.0, 52.0);
        if follows {
            longitude = right.z.atan2(right.x).to_degrees();
            if camera.forward().y < -0.2 {
                latitude = -52.0;
            }
        }
        let (key, up) = Camera::direction_from_angles(latitude, longitude - 30.0);
        let (fill, _) = Camera::direction_from_angles(latitude * 0.45, longitude + 62.0);
        let bounds = if bounds.is_empty() { Bounds { min: Vec3::splat(-1.0), max: Vec3::ONE } } else { bounds };
        let view = Mat4::look_to_rh(bounds.center(), -key, up);
        let mut reach = Bounds::EMPTY;
        for corner in bounds.corners() {
            reach = reach.extended(view.transform_point3(corner));
        }
        // Borders of the map stay free, so that everything beyond them is lit.
        let size = reach.size().max(Vec3::ONE);
        let edge = size.truncate().max_element() * 8.0 / shadow_size as f32;
        let (lo, hi) = (reach.min - edge, reach.max + edge);
        let matrix = Mat4::orthographic_rh(lo.x, hi.x, lo.y, hi.y, -hi.z - 1.0, -lo.z + 1.0) * view;
        let texel = (hi - lo).truncate().max_element() / shadow_size as f32;
        Self { key, fill, matrix, texel }
    }
}

impl Globals {
    /// For a picture of a size that is drawn `factor` times as wide and high; `map` is the size of the shadow map if there
    /// is one.
    pub(crate) fn new(
        camera: &Camera,
        look: &Look,
        (size, factor): ((u32, u32), u32),
        depths: (f32, f32),
        light: &Light,
        bounds: Bounds,
        map: Option<u32>,
    ) -> Self {
        let (width, height) = ((size.0 * factor) as f32, (size.1 * factor) as f32);
        let projection = camera.projection_between(width / height, depths.0, depths.1);
        let perspective = matches!(camera.projection, Projection::Perspective { .. });
        let forward = camera.forward();
        let pixel = camera.lengths_per_pixel(camera.eye + forward, size);
        let (above, below) = match look.background {
            Background::Gradient(above, below) => (opaque(above), opaque(below)),
            Background::Color(_) | Background::Transparent => (Vec4::ZERO, Vec4::ZERO),
        };
        Self {
            view_projection: (projection * camera.view_matrix()).to_cols_array(),
            light: light.matrix.to_cols_array(),
            eye: camera.eye.extend(if perspective { 1.0 } else { 0.0 }).to_array(),
            forward: forward.extend(pixel).to_array(),
            viewport: [width, height, edge_width(look, size) * 0.5 * factor as f32, projection.z_axis.z.abs()],
            key: light.key.extend(KEY_STRENGTH).to_array(),
            fill: light.fill.extend(FILL_STRENGTH).to_array(),
            shadow: [
                light.texel,
                1.0 / map.unwrap_or(1) as f32,
                if map.is_some() { factor as f32 } else { 0.0 },
                bounds.max.y + 0.3,
            ],
            ground: ground_extent(bounds, light.key),
            above: above.to_array(),
            below: below.to_array(),
        }
    }
}

/// The width of edge lines in pixels.
pub(crate) fn edge_width(look: &Look, size: (u32, u32)) -> f32 {
    if look.edge_width > 0.0 { look.edge_width } else { (size.0.min(size.1 * 4 / 3) as f32 / 900.0).max(1.0) }
}

/// What a frame starts with.
pub(crate) fn clear_color(look: &Look) -> wgpu::Color {
    let color = match look.background {
        Background::Color([r, g, b, a]) => {
            let alpha = f32::from(a) / 255.0;
            (opaque([r, g, b]).truncate() * alpha).extend(alpha)
        }
        Background::Gradient(above, _) => opaque(above),
        Background::Transparent => Vec4::ZERO,
    };
    wgpu::Color { r: color.x.into(), g: color.y.into(), b: color.z.into(), a: color.w.into() }
}

/// Linear light from an sRGB byte.
pub(crate) fn linear_from_srgb(byte: u8) -> f32 {
    let c = f32::from(byte) / 255.0;
    if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
}

/// An sRGB byte from linear light.
pub(crate) fn srgb_from_linear(light: f32) -> u8 {
    let c = light.clamp(0.0, 1.0);
    let c = if c <= 0.003_130_8 { c * 12.92 } else { 1.055 * c.powf(1.0 / 2.4) - 0.055 };
    (c * 255.0).round() as u8
}

fn opaque(rgb: [u8; 3]) -> Vec4 {
    Vec3::from(rgb.map(linear_from_srgb)).extend(1.0)
}

/// The rectangle of the ground on which the shadow of `bounds` falls: least x, z, greatest x, z.
pub(crate) fn ground_extent(bounds: Bounds, key: Vec3) -> [f32; 4] {
    if bounds.is_empty() || key.y >= -0.1 {
        return [0.0; 4];
    }
    let ground = bounds.max.y;
    let mut reach = bounds;
    for corner in bounds.corners() {
        reach = reach.extended(corner - key * ((ground - corner.y) / -key.y));
    }
    let reach = reach.grown(bounds.size().max_element() * 0.06 + 4.0);
    [reach.min.x, reach.min.z, reach.max.x, reach.max.z]
}

/// The textures of a frame, kept while its size and sample count stay.
pub(crate) struct Targets {
    size: (u32, u32),
    sampling: Sampling,
    /// The multisampled or larger color, where there is one.
    pub color: Option<wgpu::TextureView>,
    pub depth: wgpu::TextureView,
}

/// How borders are smoothed.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sampling {
    /// Samples a pixel, resolved by the device.
    pub samples: u32,
    /// Drawn this many times as wide and high, then averaged. Software devices are much quicker at this.
    pub factor: u32,
}

impl Targets {
    pub(crate) fn new(
        device: &wgpu::Device,
        format: wgpu::TextureFormat,
        size: (u32, u32),
        sampling: Sampling,
    ) -> Self {
        let Sampling { samples, factor } = sampling;
        let full = (size.0 * factor, size.1 * factor);
        let usage = if factor > 1 { wgpu::TextureUsages::TEXTURE_BINDING } else { wgpu::TextureUsages::empty() };
        let make = |label, format, usage| {
            attachment(device, label, format, full, samples, usage).create_view(&wgpu::TextureViewDescriptor::default())
        };
        let color = (samples > 1 || factor > 1).then(|| make("color", format, usage));
        let depth = make("depth", DEPTH, wgpu::TextureUsages::empty());
        Self { size, sampling, color, depth }
    }

    pub(crate) fn suit(&self, size: (u32, u32), sampling: Sampling) -> bool {
        (self.size, self.sampling) == (size, sampling)
    }
}

/// A texture to draw into.
pub(crate) fn attachment(
    device: &wgpu::Device,
    label: &'static str,
    format: wgpu::TextureFormat,
    size: (u32, u32),
    samples: u32,
    usage: wgpu::TextureUsages,
) -> wgpu::Texture {
    device.create_texture(&wgpu::TextureDescriptor {
        label: Some(label),
        size: wgpu::Extent3d { width: size.0, height: size.1, depth_or_array_layers: 1 },
        mip_level_count: 1,
        sample_count: samples,
        dimension: wgpu::TextureDimension::D2,
        format,
        usage: usage | wgpu::TextureUsages::RENDER_ATTACHMENT,
        view_formats: &[],
    })
}
