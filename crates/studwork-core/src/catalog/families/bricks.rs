//! Bricks, plates and tiles over a rectangle of studs.

use super::Family;
use crate::catalog::build::{Contour, Shape, Solid, StudStyle, WALL, grid, shell, studs, underside};
use glam::Vec3;
use serde::Deserialize;

/// Rectangular parts.
#[derive(Clone, Debug, Deserialize)]
pub enum Bricks {
    /// A brick: studs along x and z, height in LDU.
    Brick {
        studs: (u32, u32),
        #[serde(default = "brick_height")]
        height: f32,
        #[serde(default)]
        hollow_studs: bool,
    },
    /// A plate.
    Plate {
        studs: (u32, u32),
        #[serde(default)]
        hollow_studs: bool,
    },
    /// A tile; with the groove around its foot unless left out.
    Tile {
        studs: (u32, u32),
        #[serde(default = "yes")]
        groove: bool,
    },
}

fn brick_height() -> f32 {
    24.0
}

fn yes() -> bool {
    true
}

impl Family for Bricks {
    fn shape(&self) -> Shape {
        match *self {
            Self::Brick { studs, height, hollow_studs } => box_brick(studs, height, hollow_studs),
            Self::Plate { studs, hollow_studs } => box_brick(studs, 8.0, hollow_studs),
            Self::Tile { studs, groove } => tile(studs, groove),
        }
    }
}

fn box_brick((columns, rows): (u32, u32), height: f32, hollow: bool) -> Shape {
    let cells = grid(columns, rows);
    let (w, d) = (columns as f32 * 10.0, rows as f32 * 10.0);
    let outline = Contour::centered(w * 2.0, d * 2.0);
    let style = if hollow { StudStyle::Hollow } else { StudStyle::Solid };
    let mut shape = shell(&outline, 0.0, height, WALL, WALL)
        .with(&underside(&cells, WALL, height))
        .with(&studs(&cells, 0.0, style));
    shape.solids.push(Solid::block(Vec3::new(-w, 0.0, -d), Vec3::new(w, height, d)));
    shape
}

fn tile((columns, rows): (u32, u32), groove: bool) -> Shape {
    let cells = grid(columns, rows);
    let (w, d) = (columns as f32 * 10.0, rows as f32 * 10.0);
    let outline = Contour::centered(w * 2.0, d * 2.0);
    let mut shape = if groove {
        // The groove is cut one LDU deep into the lowest LDU.
        slab_above(&outline, 7.0).with(&shell(&outline.offset(-1.0), 7.0, 8.0, WALL - 1.0, 7.0))
    } else {
        shell(&outline, 0.0, 8.0, WALL, WALL)
    };
    shape = shape.with(&underside(&cells, WALL, 8.0));
    shape.solids.push(Solid::block(Vec3::new(-w, 0.0, -d), Vec3::new(w, 8.0, d)));
    shape
}

fn slab_above(outline: &Contour, bottom: f32) -> Shape {
    shell(outline, 0.0, bottom, WALL, WALL)
}
