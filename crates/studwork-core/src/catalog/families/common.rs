//! Parameters that several families share: outlines as legs, directions, side studs, which cells have studs.

use crate::catalog::build::{Contour, Shape, StudStyle, axes, stud};
use glam::{Affine3A, Vec2, Vec3};
use serde::Deserialize;

/// One leg of an outline in a part list.
#[derive(Clone, Debug, Deserialize)]
pub enum Leg {
    /// A corner.
    At(f32, f32),
    /// An arc about a center: radius, then from and to in degrees from +u toward +v.
    Arc((f32, f32), f32, f32, f32),
}

/// The points of an outline, open or closed.
pub fn points_from_legs(legs: &[Leg]) -> Vec<(f32, f32)> {
    let mut points = Vec::new();
    for leg in legs {
        match *leg {
            Leg::At(u, v) => points.push((u, v)),
            Leg::Arc((u, v), radius, from, to) => {
                let steps = ((to - from).abs() / 360.0 * if radius > 30.0 { 40.0 } else { 24.0 }).ceil().max(1.0);
                points.extend(Contour::arc(u, v, radius, from, to, steps as usize));
            }
        }
    }
    points
}

/// The closed outline that legs describe.
pub fn contour_from_legs(legs: &[Leg]) -> Contour {
    Contour::new(points_from_legs(legs))
}

/// Where something looks.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Deserialize)]
pub enum Toward {
    /// −y.
    Up,
    /// +y.
    Down,
    /// −x.
    Left,
    /// +x.
    Right,
    /// −z.
    Front,
    /// +z.
    Back,
}

impl Toward {
    /// A frame at a point whose −y axis looks this way: for studs.
    pub fn stud_frame(self, at: Vec3) -> Affine3A {
        let turn = match self {
            Self::Up => Affine3A::IDENTITY,
            Self::Down => axes::turn_x(180.0),
            Self::Left => axes::turn_z(-90.0),
            Self::Right => axes::turn_z(90.0),
            Self::Front => axes::turn_x(90.0),
            Self::Back => axes::turn_x(-90.0),
        };
        Affine3A::from_translation(at) * turn
    }

    /// A frame at a point whose z axis looks this way and whose x axis lies level: for faces and pockets in walls.
    pub fn face_frame(self, at: Vec3) -> Affine3A {
        let turn = match self {
            Self::Up => axes::turn_x(90.0),
            Self::Down => axes::turn_x(-90.0),
            Self::Left => axes::turn_y(-90.0),
            Self::Right => axes::turn_y(90.0),
            Self::Front => axes::turn_y(180.0),
            Self::Back => Affine3A::IDENTITY,
        };
        Affine3A::from_translation(at) * turn
    }
}

/// A hollow stud somewhere on a side: its place and where it looks.
#[derive(Copy, Clone, Debug, Deserialize)]
pub struct SideStud(pub (f32, f32, f32), pub Toward);

/// Hollow studs on sides.
pub fn side_studs(list: &[SideStud]) -> Shape {
    let one = stud(StudStyle::Hollow, 16);
    let mut shape = Shape::new();
    for SideStud(at, toward) in list {
        shape.append(&one, toward.stud_frame(Vec3::from(*at)));
    }
    shape
}

/// Which cells have a stud.
#[derive(Clone, Debug, Default, Deserialize)]
pub enum Studs {
    /// Every whole cell.
    #[default]
    All,
    /// None.
    None,
    /// At these places (x, z).
    At(Vec<(f32, f32)>),
    /// Hollow ones at these places (x, z).
    HollowAt(Vec<(f32, f32)>),
}

impl Studs {
    /// The places among `cells`.
    pub fn places(&self, cells: &[Vec2]) -> Vec<Vec2> {
        match self {
            Self::All => cells.to_vec(),
            Self::None => Vec::new(),
            Self::At(list) | Self::HollowAt(list) => list.iter().map(|p| Vec2::from(*p)).collect(),
        }
    }

    /// How they look.
    pub fn style(&self) -> StudStyle {
        if matches!(self, Self::HollowAt(_)) { StudStyle::Hollow } else { StudStyle::Solid }
    }
}

/// The cells of a 20 LDU grid, laid from the outline's least corner, whose stud has room inside.
pub fn cells_inside(outline: &Contour, margin: f32) -> Vec<Vec2> {
    let points = outline.points();
    let min = points.iter().fold(Vec2::INFINITY, |a, p| a.min(*p));
    let max = points.iter().fold(Vec2::NEG_INFINITY, |a, p| a.max(*p));
    let (start_x, columns) = grid_range(min.x, max.x);
    let (start_z, rows) = grid_range(min.y, max.y);
    let (min, counts) = (Vec2::new(start_x, start_z), Vec2::new(columns, rows));
    let mut cells = Vec::new();
    for row in 0..counts.y as u32 {
        for column in 0..counts.x as u32 {
            let cell = min + Vec2::new(column as f32 + 0.5, row as f32 + 0.5) * 20.0;
            if depth_inside(points, cell) >= margin {
                cells.push(cell);
            }
        }
    }
    cells
}

// Where a row of cells begins and how many there are: from the end that lies on the grid (a multiple of 10 LDU), or about
// the middle where neither does.
fn grid_range(least: f32, greatest: f32) -> (f32, f32) {
    let on_grid = |v: f32| (v / 10.0 - (v / 10.0).round()).abs() < 0.01;
    let cells = (greatest - least) / 20.0;
    match (on_grid(least), on_grid(greatest)) {
        (true, true) => (least, (cells + 0.05).floor()),
        (true, false) => (least, cells.ceil()),
        (false, true) => (greatest - 20.0 * cells.ceil(), cells.ceil()),
        (false, false) => ((least + greatest) / 2.0 - 10.0 * cells.round(), cells.round()),
    }
}

// How far inside a polygon a point is; negative outside.
fn depth_inside(points: &[Vec2], p: Vec2) -> f32 {
    let mut inside = false;
    let mut nearest = f32::INFINITY;
    for (i, &a) in points.iter().enumerate() {
        let b = points[(i + 1) % points.len()];
        if (a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x {
            inside = !inside;
        }
        let along = ((p - a).dot(b - a) / (b - a).length_squared()).clamp(0.0, 1.0);
        nearest = nearest.min(p.distance(a + (b - a) * along));
    }
    if inside { nearest } else { -nearest }
}
