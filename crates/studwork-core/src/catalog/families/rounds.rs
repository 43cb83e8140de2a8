//! Parts turned about the y axis: round bricks, plates and tiles, cones, dishes, barrels, and round corners of walls.

use super::Family;
use super::common::{Leg, points_from_legs};
use super::slopes::placed_studs;
use super::walls::Corners;
use crate::catalog::build::{Contour, GripKind, Lathe, Shape, Solid, axes, block, cylinder, rod, shell};
use crate::catalog::build::{StudStyle, WALL, stud};
use glam::{Affine3A, Vec3};
use serde::Deserialize;

/// Turned parts.
#[derive(Clone, Debug, Deserialize)]
pub enum Rounds {
    /// Cross-sections in (radius, y) turned about the y axis.
    Turned {
        /// Closed outlines.
        sections: Vec<Vec<Leg>>,
        /// Only from one angle to another, degrees from +x toward +z.
        #[serde(default)]
        span: Option<(f32, f32)>,
        /// Studs at (x, y, z).
        #[serde(default)]
        studs: Vec<(f32, f32, f32)>,
        #[serde(default)]
        hollow_studs: bool,
        /// Sockets at (x, y, z).
        #[serde(default)]
        sockets: Vec<(f32, f32, f32)>,
        /// Upright tabs or fins at the four sides: center distance, radius, top, bottom.
        #[serde(default)]
        tabs: Option<(f32, f32, f32, f32)>,
        /// Upright fins at the four sides: reach, half width, top, bottom.
        #[serde(default)]
        fins: Option<(f32, f32, f32, f32)>,
        /// Bars from one point to another with a radius.
        #[serde(default)]
        bars: Vec<(Corners, f32)>,
        /// The height of a cross hole for an axle through the middle, from 0.
        #[serde(default)]
        axle_hole: f32,
    },
    /// A round column on a square foot.
    Column { height: f32 },
}

impl Family for Rounds {
    fn shape(&self) -> Shape {
        match self {
            Self::Turned { sections, span, studs, hollow_studs, sockets, tabs, fins, bars, axle_hole } => {
                let mut shape = Shape::new();
                for legs in sections {
                    shape.append(&turned(legs, *span), Affine3A::IDENTITY);
                }
                shape = shape.with(&placed_studs(studs, *hollow_studs));
                for s in sockets {
                    shape.grip(GripKind::Socket, Affine3A::from_translation(Vec3::from(*s)), 4.0);
                }
                for side in 0..4 {
                    let turn = axes::turn_y(90.0 * side as f32);
                    if let Some((distance, radius, top, bottom)) = *tabs {
                        shape = shape.with_at(&cylinder(distance, 0.0, radius, top, bottom, 12, 0.2), turn);
                    }
                    if let Some((reach, half, top, bottom)) = *fins {
                        shape = shape.with_at(&block([6.0, top, -half], [reach, bottom, half], 0.3), turn);
                    }
                }
                for ((from, to), radius) in bars {
                    let (from, to) = (Vec3::from(*from), Vec3::from(*to));
                    shape = shape.with(&rod(from, to, *radius));
                    shape.grip(GripKind::Bar, axes::y_toward((from + to) / 2.0, to - from), from.distance(to));
                }
                if *axle_hole > 0.0 {
                    shape.grip(GripKind::AxleHole, axes::at(0.0, axle_hole / 2.0, 0.0), *axle_hole);
                }
                shape
            }
            Self::Column { height } => column(*height),
        }
    }
}

fn turned(legs: &[Leg], span: Option<(f32, f32)>) -> Shape {
    let points = points_from_legs(legs);
    let reach = points.iter().map(|p| p.0).fold(0.0, f32::max);
    let whole = match reach {
        r if r < 12.0 => 16,
        r if r < 25.0 => 24,
        r if r < 45.0 => 32,
        _ => 48,
    };
    let outline = Contour::new(points.iter().map(|(r, y)| (*r, -y)));
    let mut lathe = Lathe::new(outline, whole).bevel(0.3);
    if let Some((from, to)) = span {
        let steps = (whole as f32 * (to - from).abs() / 360.0).ceil().max(1.0);
        lathe = lathe.span(from, to).segments(steps as usize);
    }
    let mut shape = lathe.shape().transformed(axes::up());
    let (top, bottom) = points.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(a, b), p| (a.min(p.1), b.max(p.1)));
    match span {
        None => shape.solids.extend(slices(&points)),
        Some((from, to)) => {
            let inner = points.iter().map(|p| p.0).fold(f32::INFINITY, f32::min);
            let parts = ((to - from) / 22.5).ceil().max(1.0);
            for i in 0..parts as u32 {
                let edge = |k: f32| {
                    Vec3::from((
                        (from + (to - from) * k / parts).to_radians().cos(),
                        0.0,
                        (from + (to - from) * k / parts).to_radians().sin(),
                    ))
                };
                let (a, b) = (edge(i as f32), edge(i as f32 + 1.0));
                let corners = [a * inner, a * reach, b * inner, b * reach];
                let hull = corners.iter().flat_map(|c| [top, bottom].map(|y| Vec3::new(c.x, y, c.z)));
                shape.solids.push(Solid::Hull(hull.collect()));
            }
        }
    }
    shape
}

// Cylinders that fill a turned section from level to level, by its greatest radius there.
fn slices(points: &[(f32, f32)]) -> Vec<Solid> {
    let mut levels: Vec<f32> = points.iter().map(|p| p.1).collect();
    levels.sort_by(f32::total_cmp);
    levels.dedup_by(|a, b| (*a - *b).abs() < 1.0);
    levels
        .windows(2)
        .filter_map(|pair| {
            let middle = (pair[0] + pair[1]) / 2.0;
            let n = points.len();
            let radius = (0..n)
                .filter_map(|i| {
                    let (a, b) = (points[i], points[(i + 1) % n]);
                    ((a.1 - middle) * (b.1 - middle) < 0.0).then(|| a.0 + (b.0 - a.0) * (middle - a.1) / (b.1 - a.1))
                })
                .fold(0.0, f32::max);
            let frame = Affine3A::from_translation(Vec3::new(0.0, middle, 0.0));
            (radius > 0.5).then_some(Solid::Cylinder { frame, radius, half: (pair[1] - pair[0]) / 2.0 })
        })
        .collect()
}

fn column(height: f32) -> Shape {
    let foot = height - 24.0;
    let shaft = cylinder(0.0, 0.0, 10.0, 0.0, foot, 16, 0.3);
    let mut shape = shaft
        .with(&shell(&Contour::centered(20.0, 20.0), foot, height, WALL, foot + WALL))
        .with(&stud(StudStyle::Hollow, 16));
    shape.grip(GripKind::Socket, axes::at(0.0, height, 0.0), 4.0);
    shape.solids.push(Solid::block(Vec3::new(-10.0, foot, -10.0), Vec3::new(10.0, height, 10.0)));
    shape
}
