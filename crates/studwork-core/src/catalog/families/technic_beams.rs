//! Beams: bars of Technic with rounded ends and holes across, straight and bent.

use super::Family;
use crate::catalog::build::{Contour, Hole, Shape, Solid, axes, drilled};
use glam::{Affine3A, Mat3, Vec2, Vec3};
use serde::Deserialize;

/// A beam in (x, z) with its holes along y.
#[derive(Clone, Debug, Deserialize)]
pub enum TechnicBeams {
    /// A straight beam along z, centered; all holes for pins, the two at its ends for axles where told.
    Straight {
        holes: u32,
        #[serde(default = "full")]
        height: f32,
        #[serde(default)]
        axle_ends: bool,
        /// Starts at the origin instead.
        #[serde(default)]
        from_origin: bool,
    },
    /// Arms along lines through these (x, z) points, with a hole at these (x, z).
    Bent {
        path: Vec<(f32, f32)>,
        holes: Vec<(Hole, f32, f32)>,
        #[serde(default = "full")]
        height: f32,
    },
}

fn full() -> f32 {
    20.0
}

const RADIUS: f32 = 9.0;

impl Family for TechnicBeams {
    fn shape(&self) -> Shape {
        match self {
            Self::Straight { holes, height, axle_ends, from_origin } => {
                let start = if *from_origin { 0.0 } else { (*holes as f32 - 1.0) * -10.0 };
                let place = |i: u32| {
                    let end = i == 0 || i + 1 == *holes;
                    let hole = if *axle_ends && end { Hole::Axle } else { Hole::Pin };
                    (hole, 0.0, start + i as f32 * 20.0)
                };
                let holes: Vec<_> = (0..*holes).map(place).collect();
                let last = holes[holes.len() - 1].2;
                beam(&[(0.0, start), (0.0, last)], &holes, *height)
            }
            Self::Bent { path, holes, height } => beam(path, holes, *height),
        }
    }
}

fn beam(path: &[(f32, f32)], holes: &[(Hole, f32, f32)], height: f32) -> Shape {
    let path: Vec<Vec2> = path.iter().map(|p| Vec2::from(*p)).collect();
    let mut shape = drilled(&around(&path, RADIUS), -height / 2.0, height / 2.0, 0.4, holes).transformed(axes::up());
    for pair in path.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        let along = (b - a).normalize_or(Vec2::Y);
        let z = Vec3::new(along.x, 0.0, along.y);
        let turn = Mat3::from_cols(Vec3::Y.cross(z), Vec3::Y, z);
        let middle = (a + b) / 2.0;
        let frame = Affine3A::from_mat3_translation(turn, Vec3::new(middle.x, 0.0, middle.y));
        let half = Vec3::new(RADIUS, height / 2.0, a.distance(b) / 2.0 + RADIUS * 0.7);
        shape.solids.push(Solid::Block { frame, half });
    }
    shape
}

// The outline at a distance around a line of points: round at the ends and on the outside of bends.
fn around(path: &[Vec2], radius: f32) -> Contour {
    let mut path = path.to_vec();
    path.dedup_by(|a, b| a.distance_squared(*b) < 1e-6);
    if path.len() == 1 {
        return Contour::circle(path[0].x, path[0].y, radius, 24);
    }
    let mut points: Vec<(f32, f32)> = Vec::new();
    let arc = |at: Vec2, from: f32, turn: f32| {
        let steps = (turn.abs() / 15.0).ceil().max(1.0) as usize;
        Contour::arc(at.x, at.y, radius, from, from + turn, steps)
    };
    let angle = |a: Vec2, b: Vec2| (b - a).to_angle().to_degrees();
    let n = path.len();
    // Out along the right side and back along the other.
    let there: Vec<Vec2> = path.iter().chain(path[1..n - 1].iter().rev()).copied().collect();
    for (i, &at) in there.iter().enumerate() {
        let next = there[(i + 1) % there.len()];
        let before = there[(i + there.len() - 1) % there.len()];
        let (come, go) = (angle(before, at), angle(at, next));
        let turn = (go - come + 540.0).rem_euclid(360.0) - 180.0;
        if i == 0 || i == n - 1 {
            points.extend(arc(at, come - 90.0, 180.0));
        } else if turn > 0.0 {
            points.extend(arc(at, come - 90.0, turn));
        } else {
            let (a, b) = (Vec2::from_angle((come - 90.0).to_radians()), Vec2::from_angle((go - 90.0).to_radians()));
            let bisector = (a + b).normalize();
            let corner = at + bisector * radius / bisector.dot(a);
            points.push((corner.x, corner.y));
        }
    }
    Contour::new(points)
}
