//! The shadow map: how near to the light the nearest surface is, and which share of the light reaches a point.

use super::model::Model;
use super::paint::{Faces, Painter};
use super::raster::{Depths, Grid, Pattern};
use super::shade::Wide3;
use super::view::View;
use crate::frame::Light;
use glam::{Mat4, Vec2, Vec3, Vec4};
use rayon::prelude::*;

/// Sides of the squares, in texels, around which the least and greatest depth are known.
const SQUARE: usize = 4;
/// Sides of the tiles that are drawn at once, in pixels of four texels.
const TILE: usize = 128;

/// A shadow map and the view that it was drawn from.
pub(super) struct Shadow {
    size: usize,
    /// Rows of depths; greater is nearer to the light.
    texels: Vec<f32>,
    squares: usize,
    /// The least and greatest depth of each square and the squares beside it; and of two more on each side.
    near: Vec<(f32, f32)>,
    wide: Vec<(f32, f32)>,
    /// World to texels and depth.
    matrix: Mat4,
    /// How far points are moved along their normal so that a surface does not shade itself, LDU.
    offset: f32,
}

impl Shadow {
    /// Draws every solid piece from the light.
    pub fn new(model: &Model, light: &Light, size: u32, simplify: bool) -> Self {
        let view = View::of_light(light, size);
        let seen: Vec<_> = model.seen(&view, simplify).into_iter().filter(|(piece, _)| !piece.clear).collect();
        let (side, size) = (view.width, size as usize);
        let count = side.div_ceil(TILE);
        let tiles: Vec<(usize, usize, Depths)> = (0..count * count)
            .into_par_iter()
            .map(|number| {
                let (left, top) = (number % count * TILE, number / count * TILE);
                let grid = Grid::new(TILE.min(side - left), TILE.min(side - top), Pattern::QUARTERS);
                let mut painter = Painter::new(&view, model, simplify, Depths::new(grid, false));
                painter.corner = Vec2::new(left as f32, top as f32);
                for (piece, place) in &seen {
                    painter.piece(piece, place, Faces::Solid, None);
                }
                (left, top, painter.depths)
            })
            .collect();
        let mut texels = vec![0.0; size * size];
        for (left, top, depths) in &tiles {
            for (row, line) in depths.depth.chunks_exact(depths.grid.width).enumerate() {
                let first = (top + row) * 2 * size + left * 2;
                for (column, four) in line.iter().enumerate() {
                    let at = first + column * 2;
                    [texels[at], texels[at + 1], texels[at + size], texels[at + size + 1]] = four.to_array();
                }
            }
        }
        let squares = size.div_ceil(SQUARE);
        let mut ranges = vec![(f32::INFINITY, f32::NEG_INFINITY); squares * squares];
        for (row, line) in texels.chunks_exact(size).enumerate() {
            for (column, some) in line.chunks(SQUARE).enumerate() {
                let range = &mut ranges[row / SQUARE * squares + column];
                for depth in some {
                    *range = (range.0.min(*depth), range.1.max(*depth));
                }
            }
        }
        let matrix = Mat4::from_scale(Vec3::new(2.0, 2.0, 1.0)) * view.matrix;
        let near = widened(&ranges, squares, 1);
        let wide = widened(&near, squares, 2);
        Self { size, texels, squares, near, wide, matrix, offset: light.texel * 1.6 + 0.25 }
    }

    /// The share of the key light that reaches four points with unit normals.
    pub fn lit(&self, world: Wide3, normal: Wide3) -> Vec4 {
        let p = world + normal * Vec4::splat(self.offset);
        let row = |axis: usize| {
            let m = &self.matrix;
            p.x * m.x_axis[axis] + p.y * m.y_axis[axis] + p.z * m.z_axis[axis] + m.w_axis[axis]
        };
        let (x, y, depth) = (row(0), row(1), row(2));
        Vec4::from_array(std::array::from_fn(|lane| self.lit_at(x[lane], y[lane], depth[lane])))
    }

    fn lit_at(&self, x: f32, y: f32, depth: f32) -> f32 {
        const FAR: f32 = 0.9;
        const NEAR: f32 = 0.9 * 0.4;
        let depth = depth.max(0.0001);
        // Samples reach 2.4 texels.
        let (least, most) = self.near[self.square(x, y)];
        if depth >= most {
            return 1.0;
        }
        if depth < least {
            return 0.0;
        }
        let sides = [(-FAR, -NEAR), (NEAR, -FAR), (FAR, NEAR), (-NEAR, FAR)];
        sides.map(|(dx, dy)| self.sample(x + dx, y + dy, depth)).iter().sum::<f32>() * 0.25
    }

    /// How dark the ground is at a point: samples on a spiral, wide and soft.
    pub fn ground(&self, world: Vec3) -> f32 {
        let p = self.matrix.transform_point3(world);
        let depth = p.z.max(0.0001);
        // At most the eleven texels that the wide ranges reach, with what lies between texels.
        let reach = (0.006 * self.size as f32).clamp(3.5, 10.0);
        let (least, most) = self.wide[self.square(p.x, p.y)];
        if depth >= most {
            return 0.0;
        }
        if depth < least {
            return 1.0;
        }
        let lit: f32 = (0..16)
            .map(|i| {
                let (sin, cos) = (i as f32 * 2.399_963_2).sin_cos();
                let far = ((i as f32 + 0.5) / 16.0).sqrt() * reach;
                self.sample(p.x + cos * far, p.y + sin * far, depth)
            })
            .sum();
        1.0 - lit / 16.0
    }

    /// The square that a place is in.
    #[inline]
    fn square(&self, x: f32, y: f32) -> usize {
        let last = self.squares as f32 - 1.0;
        let at = |v: f32| (v * (1.0 / SQUARE as f32)).clamp(0.0, last) as usize;
        at(y) * self.squares + at(x)
    }

    /// The share of four texels around a place that are not nearer to the light, by how near they are to the place.
    #[inline]
    fn sample(&self, x: f32, y: f32, depth: f32) -> f32 {
        let last = self.size as f32 - 2.0;
        let (x, y) = ((x - 0.5).clamp(0.0, last), (y - 0.5).clamp(0.0, last));
        let (column, row) = (x as usize, y as usize);
        let (fx, fy) = (x - column as f32, y - row as f32);
        let at = row * self.size + column;
        let lit = |at: usize| if depth >= self.texels[at] { 1.0 } else { 0.0 };
        let upper = lit(at) * (1.0 - fx) + lit(at + 1) * fx;
        let lower = lit(at + self.size) * (1.0 - fx) + lit(at + self.size + 1) * fx;
        upper * (1.0 - fy) + lower * fy
    }
}

/// The ranges of squares with those of some squares around them.
fn widened(ranges: &[(f32, f32)], side: usize, by: usize) -> Vec<(f32, f32)> {
    let along = |ranges: &[(f32, f32)], step: usize, places: &dyn Fn(usize) -> usize| -> Vec<(f32, f32)> {
        (0..ranges.len())
            .map(|at| {
                let place = places(at);
                let (first, last) = (place.saturating_sub(by), (place + by).min(side - 1));
                let start = at - place * step;
                (first..=last).map(|i| ranges[start + i * step]).fold(ranges[at], |a, b| (a.0.min(b.0), a.1.max(b.1)))
            })
            .collect()
    };
    let rows = along(ranges, 1, &|at| at % side);
    along(&rows, side, &|at| at / side)
}
