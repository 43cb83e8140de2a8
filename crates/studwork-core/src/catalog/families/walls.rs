//! Parts made of plates and walls: brackets and panels.

use super::Family;
use super::common::{Leg, SideStud, contour_from_legs, side_studs};
use super::slopes::placed_studs;
use crate::catalog::build::{
    BEVEL, Contour, Prism, Shape, Solid, StudStyle, WALL, axes, block, rod, shell, studs, underside,
};
use glam::{Vec2, Vec3};
use serde::Deserialize;

/// A box given by two corners.
pub type Corners = ((f32, f32, f32), (f32, f32, f32));

/// Plates and walls.
#[derive(Clone, Debug, Deserialize)]
pub enum Walls {
    /// Hollow plates (box, open below, with studs on top) and solid boxes, with studs on their sides.
    Boxes {
        /// Boxes with an underside.
        #[serde(default)]
        hollow: Vec<Corners>,
        /// Full boxes.
        #[serde(default)]
        solid: Vec<Corners>,
        /// Upright walls in the plane of x and y, with rounded lower or upper corners: box, radius, below.
        #[serde(default)]
        rounded: Vec<(Corners, f32, bool)>,
        /// Plates with an outline in (y, z), from one x to another: fins.
        #[serde(default)]
        fins: Vec<(Vec<Leg>, f32, f32)>,
        /// Round rods from one point to another with a radius.
        #[serde(default)]
        rods: Vec<(Corners, f32)>,
        /// Studs at (x, y, z).
        #[serde(default)]
        studs: Vec<(f32, f32, f32)>,
        #[serde(default)]
        hollow_studs: bool,
        #[serde(default)]
        sides: Vec<SideStud>,
    },
    /// A panel: a foot of plate height, a wall at the back, a cap with studs or none, and supports at its sides or none.
    Panel {
        columns: u32,
        height: f32,
        /// Hollow studs on a cap.
        #[serde(default)]
        cap: bool,
        #[serde(default)]
        supports: bool,
        /// Solid studs at these x instead of hollow ones everywhere.
        #[serde(default)]
        solid_studs_at: Vec<f32>,
        /// The wall's upper corners rounded by this radius.
        #[serde(default)]
        round: f32,
        /// A second wall on the left: a corner.
        #[serde(default)]
        corner: bool,
    },
}

impl Family for Walls {
    fn shape(&self) -> Shape {
        match self {
            Self::Boxes { hollow, solid, rounded, fins, rods, studs, hollow_studs, sides } => {
                let mut shape = Shape::new();
                for b in hollow {
                    shape = shape.with(&hollow_box(*b));
                }
                for (min, max) in solid {
                    shape = shape.with(&block(Vec3::from(*min), Vec3::from(*max), BEVEL));
                }
                for (b, radius, below) in rounded {
                    shape = shape.with(&rounded_wall(*b, *radius, *below));
                }
                for (legs, from, to) in fins {
                    shape = shape.with(&fin(legs, *from, *to));
                }
                for ((from, to), radius) in rods {
                    shape = shape.with(&rod(Vec3::from(*from), Vec3::from(*to), *radius));
                }
                shape.with(&placed_studs(studs, *hollow_studs)).with(&side_studs(sides))
            }
            Self::Panel { columns, height, cap, supports, solid_studs_at, round, corner } => {
                let panel = Panel { columns: *columns, height: *height, cap: *cap, supports: *supports };
                let mut shape = panel.shape(*round, solid_studs_at);
                if *corner {
                    let w = *columns as f32 * 10.0;
                    let wall = rounded_wall(((-10.0, 0.0, 6.0), (10.0, height - 8.0, 10.0)), *round, false);
                    shape = shape.with_at(&wall, axes::turn_y(-90.0) * axes::at(0.0, 0.0, w - 10.0));
                }
                shape
            }
        }
    }
}

/// Columns and rows of a box's studs.
fn cells_of(min: Vec3, max: Vec3) -> Vec<Vec2> {
    let counts = ((max - min) / 20.0 + 0.3).floor();
    let middle = (min + max) / 2.0;
    let mut cells = Vec::new();
    for row in 0..counts.z as u32 {
        for column in 0..counts.x as u32 {
            let x = middle.x + (column as f32 - (counts.x - 1.0) / 2.0) * 20.0;
            let z = middle.z + (row as f32 - (counts.z - 1.0) / 2.0) * 20.0;
            cells.push(Vec2::new(x, z));
        }
    }
    cells
}

fn hollow_box((min, max): Corners) -> Shape {
    let (min, max) = (Vec3::from(min), Vec3::from(max));
    let outline = Contour::rect(min.x, min.z, max.x, max.z);
    let ceiling = min.y + WALL;
    let mut shape = shell(&outline, min.y, max.y, WALL, ceiling).with(&underside(&cells_of(min, max), ceiling, max.y));
    shape.solids.push(Solid::block(min, max));
    shape
}

fn rounded_wall((min, max): Corners, radius: f32, below: bool) -> Shape {
    let (min, max) = (Vec3::from(min), Vec3::from(max));
    let outline = Contour::rect(min.x, min.y, max.x, max.y);
    let corners = if below { [2, 3] } else { [0, 1] };
    let outline = if radius > 0.0 { outline.rounded_at(&corners, radius, 5) } else { outline };
    let mut shape = Prism::new(outline, min.z, max.z).bevel(BEVEL).shape();
    shape.solids.push(Solid::block(min, max));
    shape
}

fn fin(legs: &[Leg], from: f32, to: f32) -> Shape {
    let outline = contour_from_legs(legs);
    let mut shape = Prism::new(outline.clone(), from, to).bevel(BEVEL).shape().transformed(axes::along_x());
    let corners = outline.points().iter().flat_map(|p| [from, to].map(|x| Vec3::new(x, p.x, p.y)));
    shape.solids.push(Solid::Hull(corners.collect()));
    shape
}

struct Panel {
    columns: u32,
    height: f32,
    cap: bool,
    supports: bool,
}

impl Panel {
    fn shape(&self, round: f32, solid_studs_at: &[f32]) -> Shape {
        let w = self.columns as f32 * 10.0;
        let foot = self.height - 8.0;
        let top = if self.cap { 4.0 } else { 0.0 };
        let mut shape = hollow_box(((-w, foot, -10.0), (w, self.height, 10.0)));
        shape = shape.with(&rounded_wall(((-w, top, 6.0), (w, foot, 10.0)), round, false));
        if self.cap {
            let (cells, style) = if solid_studs_at.is_empty() {
                (cells_of(Vec3::new(-w, 0.0, -10.0), Vec3::new(w, 4.0, 10.0)), StudStyle::Hollow)
            } else {
                (solid_studs_at.iter().map(|x| Vec2::new(*x, 0.0)).collect(), StudStyle::Solid)
            };
            shape = shape.with(&block([-w, 0.0, -10.0], [w, 4.0, 10.0], BEVEL)).with(&studs(&cells, 0.0, style));
        }
        if self.supports {
            for side in [-1.0f32, 1.0] {
                let (a, b) = (side * (w - 4.0), side * w);
                shape = shape.with(&block([a.min(b), top, 0.0], [a.max(b), foot, 6.0], BEVEL));
            }
        }
        shape
    }
}
