//! Pictures without any graphics device: the processor draws them, tile by tile, on all its cores.
//!
//! A picture for a file needs one frame. On a machine without a graphics card, opening Vulkan, loading the compiler it
//! brings and compiling shaders for that frame takes longer and more memory than drawing it here; and the picture is
//! the same on every machine. What is seen of each pixel is found first, then each surface is shaded once.

mod model;
mod paint;
mod raster;
mod shade;
mod shadow;
mod tile;
mod view;

use crate::frame::{Light, clear_color, edge_width, ground_extent, linear_from_srgb};
use crate::picture::straighten;
use crate::{Background, Camera, Look, Paint, Picture, Quality, RenderError};
use glam::{Affine3A, Vec3, Vec4};
use model::Model;
use rayon::prelude::*;
use shadow::Shadow;
use std::sync::Arc;
use studwork_ldraw::{ColorDef, Mesh};
use tile::{Frame, Ground};
use view::{Rays, View};

/// No side of a picture is longer.
const MOST: u32 = 16_384;
/// From so many pixels a side on, shadows are drawn finer.
const LARGE: u32 = 1280;
/// Up to this many pieces edges are a full pixel wide.
const WIDE_EDGES: usize = 3_500;

/// A picture of some pieces, drawn by the processor: mesh, place and color of each. `palette` says what color codes
/// inside of meshes mean. Equal `Arc`s share a shape.
///
/// # Errors
/// When the size is nothing or more than 16,384 pixels a side.
pub fn picture_on_processor<P: Into<Paint>>(
    palette: &[ColorDef],
    items: impl IntoIterator<Item = (Arc<Mesh>, Affine3A, P)>,
    camera: &Camera,
    look: &Look,
    size: (u32, u32),
) -> Result<Picture, RenderError> {
    let (width, height) = size;
    if width == 0 || height == 0 || width > MOST || height > MOST {
        return Err(RenderError::Size { width, height, limit: MOST });
    }
    let model = Model::new(palette, items);
    let bounds = model.bounds;
    let depths = camera.depth_range(bounds);
    let quality = if width.max(height) > LARGE { Quality::Normal } else { Quality::Fast };
    let shadow_size = quality.shadow_size();
    let light = Light::new(camera, look.light_follows_camera, bounds, shadow_size);
    let shadow = (look.shadows && !bounds.is_empty()).then(|| Shadow::new(&model, &light, shadow_size, look.simplify));
    let view = View::of_camera(camera, size, depths);

    let thin = model.pieces.len() > WIDE_EDGES && edge_width(look, size) <= 1.25;
    let half_width = if thin { 0.25 } else { edge_width(look, size) * 0.5 };
    let ground_seen = look.ground && camera.eye.y < bounds.max.y && light.key.y < -0.1;
    let frame = Frame {
        view,
        rays: Rays::new(camera, size, depths),
        seen: model.seen(&view, look.simplify),
        model: &model,
        light,
        shadow: shadow.as_ref(),
        lines: look.edges.then_some(paint::Lines { half_width, conditional: look.conditional_edges }),
        smooth: look.samples > 1,
        simplify: look.simplify,
        background: background(look, height),
        ground: shadow.as_ref().filter(|_| ground_seen).map(|_| {
            let [least_x, least_z, most_x, most_z] = ground_extent(bounds, light.key);
            Ground { height: bounds.max.y + 0.3, least: [least_x, least_z], most: [most_x, most_z] }
        }),
        to_eye: -camera.forward(),
        eye: view.near.map(|_| camera.eye),
    };
    let tiles: Vec<_> =
        frame.tiles().into_par_iter().map_init(|| frame.painter(), |painter, at| frame.draw(painter, at)).collect();
    let mut rgba = vec![0; width as usize * height as usize * 4];
    for (tile, pixels) in tiles {
        for (row, line) in pixels.chunks_exact(tile.width * 4).enumerate() {
            let first = ((tile.top + row) * width as usize + tile.left) * 4;
            rgba[first..first + line.len()].copy_from_slice(line);
        }
    }
    if look.background == Background::Transparent
        || matches!(look.background, Background::Color([.., alpha]) if alpha < 255)
    {
        straighten(&mut rgba);
    }
    Ok(Picture { width, height, rgba })
}

/// What is behind the model, row by row (linear, premultiplied).
fn background(look: &Look, height: u32) -> Vec<Vec4> {
    let Background::Gradient(above, below) = look.background else {
        let color = clear_color(look);
        return vec![Vec4::new(color.r as f32, color.g as f32, color.b as f32, color.a as f32); height as usize];
    };
    let [above, below] = [above, below].map(|rgb| Vec3::from(rgb.map(linear_from_srgb)).extend(1.0));
    (0..height)
        .map(|row| {
            let t = 1.0 - (row as f32 + 0.5) / height as f32;
            below.lerp(above, t * t * (3.0 - 2.0 * t))
        })
        .collect()
}
