//! A tile of a picture from the first polygon to its bytes.

use super::model::{Model, Piece};
use super::paint::{Blend, Faces, Lines, Painter, Record, masked_mean};
use super::raster::{Depths, Grid, Pattern};
use super::shade::{Surfaces, Wide3, shade};
use super::shadow::Shadow;
use super::view::{Place, Rays, View};
use crate::frame::{Light, srgb_from_linear};
use glam::{Vec2, Vec3, Vec4};
use std::sync::OnceLock;

/// The size of tiles in pixels: their depths stay in the processor's cache.
const WIDTH: usize = 160;
const HEIGHT: usize = 120;

/// What all tiles of a picture have in common.
pub(super) struct Frame<'a> {
    pub view: View,
    pub rays: Rays,
    pub model: &'a Model,
    /// What may be seen, near ones first.
    pub seen: Vec<(Piece, Place)>,
    pub light: Light,
    pub shadow: Option<&'a Shadow>,
    pub lines: Option<Lines>,
    pub smooth: bool,
    pub simplify: bool,
    /// By row.
    pub background: Vec<Vec4>,
    pub ground: Option<Ground>,
    /// Against the line of sight.
    pub to_eye: Vec3,
    /// Where the eye is, with perspective.
    pub eye: Option<Vec3>,
}

/// The rectangle that shows the model's shadow.
#[derive(Copy, Clone, Debug)]
pub(super) struct Ground {
    pub height: f32,
    /// x and z.
    pub least: [f32; 2],
    pub most: [f32; 2],
}

/// A rectangle of the picture.
#[derive(Copy, Clone, Debug)]
pub(super) struct Tile {
    pub left: usize,
    pub top: usize,
    pub width: usize,
    pub height: usize,
}

/// A surface on a pixel: to be shaded.
#[derive(Copy, Clone, Debug)]
struct Spot {
    pixel: u32,
    samples: u32,
    record: u32,
    depth: f32,
}

impl From<Blend> for Spot {
    fn from(blend: Blend) -> Self {
        Self { pixel: blend.pixel, samples: blend.samples, record: blend.record, depth: blend.depth }
    }
}

impl<'a> Frame<'a> {
    pub fn tiles(&self) -> Vec<Tile> {
        let (columns, rows) = (self.view.width.div_ceil(WIDTH), self.view.height.div_ceil(HEIGHT));
        (0..columns * rows)
            .map(|number| {
                let (left, top) = (number % columns * WIDTH, number / columns * HEIGHT);
                let (width, height) = (WIDTH.min(self.view.width - left), HEIGHT.min(self.view.height - top));
                Tile { left, top, width, height }
            })
            .collect()
    }

    pub fn painter(&'a self) -> Painter<'a> {
        let depths = Depths::new(Grid::new(1, 1, Pattern::TURNED), true);
        Painter::new(&self.view, self.model, self.simplify, depths)
    }

    /// Draws a tile; its bytes are sRGB, premultiplied.
    pub fn draw(&self, painter: &mut Painter<'a>, tile: Tile) -> (Tile, Vec<u8>) {
        let pattern = if self.smooth { Pattern::TURNED } else { Pattern::MIDDLE };
        painter.depths.restart(Grid::new(tile.width, tile.height, pattern), true);
        painter.corner = Vec2::new(tile.left as f32, tile.top as f32);
        painter.records.clear();
        // Number 0 is the background.
        painter.records.push(Record {
            normal: Vec3::ZERO,
            along_x: Vec3::ZERO,
            along_y: Vec3::ZERO,
            material: Record::LINE,
        });
        for (piece, place) in &self.seen {
            painter.piece(piece, place, Faces::Solid, self.lines);
        }
        let mut colors = self.solid_colors(painter, tile);
        self.blend(painter, tile, &mut colors);
        let mut bytes = Vec::with_capacity(tile.width * tile.height * 4);
        for samples in &colors {
            let color = (samples[0] + samples[1] + samples[2] + samples[3]) * 0.25;
            let [r, g, b] = [color.x, color.y, color.z].map(srgb_byte);
            bytes.extend([r, g, b, (color.w * 255.0 + 0.5) as u8]);
        }
        (tile, bytes)
    }

    /// The colors of the samples after all that hides what is behind it.
    fn solid_colors(&self, painter: &Painter<'_>, tile: Tile) -> Vec<[Vec4; 4]> {
        let mut colors = vec![[Vec4::ZERO; 4]; tile.width * tile.height];
        let mut spots: Vec<Spot> = Vec::with_capacity(colors.len());
        for (pixel, seen) in painter.depths.seen.iter().enumerate() {
            let numbers = seen.to_array().map(f32::to_bits);
            let mut left = 15_u32;
            while left != 0 {
                let first = left.trailing_zeros() as usize;
                let mut samples = 0;
                for (sample, number) in numbers.iter().enumerate() {
                    if *number == numbers[first] {
                        samples |= 1 << sample;
                    }
                }
                left &= !samples;
                let record = numbers[first];
                if record == 0 {
                    let color = self.behind(tile, pixel);
                    set(&mut colors[pixel], samples, color);
                } else if painter.records[record as usize].material == Record::LINE {
                    set(&mut colors[pixel], samples, painter.records[record as usize].normal.extend(1.0));
                } else {
                    let depth = masked_mean(painter.depths.depth[pixel], samples);
                    spots.push(Spot { pixel: pixel as u32, samples, record, depth });
                }
            }
        }
        for some in spots.chunks(4) {
            let shaded = self.shaded(painter, tile, some);
            for (spot, color) in some.iter().zip(shaded) {
                set(&mut colors[spot.pixel as usize], spot.samples, color);
            }
        }
        colors
    }

    /// Draws what is transparent over it, far pieces first, of each the faces turned away first.
    fn blend(&self, painter: &mut Painter<'a>, tile: Tile, colors: &mut [[Vec4; 4]]) {
        for (piece, place) in self.seen.iter().rev() {
            if !piece.clear && !self.model.shapes[piece.shape as usize].has_clear {
                continue;
            }
            for away in [true, false] {
                painter.records.clear();
                painter.blends.clear();
                painter.piece(piece, place, Faces::Clear { away }, None);
                let spots: Vec<Spot> = painter.blends.iter().map(|blend| Spot::from(*blend)).collect();
                for some in spots.chunks(4) {
                    let shaded = self.shaded(painter, tile, some);
                    for (spot, color) in some.iter().zip(shaded) {
                        let samples = &mut colors[spot.pixel as usize];
                        for (sample, below) in samples.iter_mut().enumerate() {
                            if spot.samples >> sample & 1 == 1 {
                                *below = color + *below * (1.0 - color.w);
                            }
                        }
                    }
                }
            }
        }
    }

    /// The colors of up to four surfaces.
    fn shaded(&self, painter: &Painter<'_>, tile: Tile, spots: &[Spot]) -> [Vec4; 4] {
        // A last group of less than four repeats its last.
        let spots: [Spot; 4] = std::array::from_fn(|lane| spots[lane.min(spots.len() - 1)]);
        let records = spots.map(|spot| &painter.records[spot.record as usize]);
        let middles = self.middles();
        let at = spots.map(|spot| {
            let (row, column) = (spot.pixel as usize / tile.width, spot.pixel as usize % tile.width);
            Vec2::new(column as f32, row as f32) + middles[spot.samples as usize]
        });
        let normals = std::array::from_fn(|lane| {
            let record = records[lane];
            record.normal + record.along_x * at[lane].x + record.along_y * at[lane].y
        });
        let x = Vec4::from_array(at.map(|at| at.x)) + tile.left as f32;
        let y = Vec4::from_array(at.map(|at| at.y)) + tile.top as f32;
        let line = |start: Vec3, along_x: Vec3, along_y: Vec3| {
            Wide3::splat(start) + Wide3::splat(along_x) * x + Wide3::splat(along_y) * y
        };
        let rays = &self.rays;
        let direction = line(rays.direction, rays.direction_x, rays.direction_y);
        let length = rays.length(Vec4::from_array(spots.map(|spot| spot.depth)));
        let world = line(rays.origin, rays.origin_x, rays.origin_y) + direction * length;
        let view = match self.eye {
            Some(_) => (direction * -Vec4::ONE).normalized(),
            None => Wide3::splat(self.to_eye),
        };
        let materials = records.map(|record| &self.model.materials.list[record.material as usize]);
        shade(&Surfaces { world, normal: Wide3::of(normals), view, materials }, &self.light, self.shadow)
    }

    fn middles(&self) -> &'static [Vec2; 16] {
        static TURNED: OnceLock<[Vec2; 16]> = OnceLock::new();
        static MIDDLE: OnceLock<[Vec2; 16]> = OnceLock::new();
        if self.smooth {
            TURNED.get_or_init(|| Pattern::TURNED.middles())
        } else {
            MIDDLE.get_or_init(|| Pattern::MIDDLE.middles())
        }
    }

    /// What is seen where no piece is: the background and the shadow on the ground.
    fn behind(&self, tile: Tile, pixel: usize) -> Vec4 {
        let (row, column) = (tile.top + pixel / tile.width, tile.left + pixel % tile.width);
        let background = self.background[row];
        let Some((ground, shadow)) = self.ground.zip(self.shadow) else { return background };
        let (origin, direction) = self.rays.at(column as f32 + 0.5, row as f32 + 0.5);
        let length = (ground.height - origin.y) / direction.y;
        let at = origin + direction * length;
        let inside = |v: f32, axis: usize| v >= ground.least[axis] && v <= ground.most[axis];
        // What is no number is not inside.
        if !(length > 0.0 && inside(at.x, 0) && inside(at.z, 1)) {
            return background;
        }
        let dark = shadow.ground(at) * 0.42;
        background * (1.0 - dark) + Vec4::new(0.0, 0.0, 0.0, dark)
    }
}

fn set(samples: &mut [Vec4; 4], which: u32, color: Vec4) {
    for (sample, value) in samples.iter_mut().enumerate() {
        if which >> sample & 1 == 1 {
            *value = color;
        }
    }
}

/// An sRGB byte from linear light between 0 and 1, from a table.
fn srgb_byte(light: f32) -> u8 {
    const STEPS: usize = 8192;
    static TABLE: OnceLock<Vec<u8>> = OnceLock::new();
    let table = TABLE.get_or_init(|| (0..=STEPS).map(|i| srgb_from_linear(i as f32 / STEPS as f32)).collect());
    table[((light * STEPS as f32 + 0.5) as usize).min(STEPS)]
}
