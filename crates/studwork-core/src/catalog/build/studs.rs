//! Studs, and what grips them from below: tubes, pins and sockets. Frames are those of the LDraw primitives
//! (`stud`, `stud2`, `stud3`, `stud4`), so that files and renderers agree on where a stud is.

use super::{Contour, GripKind, Lathe, ROUND, Shape, axes};
use glam::{Affine3A, Vec2, Vec3};
use studwork_ldraw::StudKind;

/// LDU.
pub const STUD_RADIUS: f32 = 6.0;
/// LDU.
pub const STUD_HEIGHT: f32 = 4.0;

/// How a stud looks.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Default, serde::Deserialize)]
pub enum StudStyle {
    /// Closed.
    #[default]
    Solid,
    /// With a hole of bar size; what it stands on is the floor.
    Hollow,
}

/// One stud that rises along −Y from the origin.
pub fn stud(style: StudStyle, segments: usize) -> Shape {
    let (r, h, bevel) = (STUD_RADIUS, STUD_HEIGHT, if segments < 12 { 0.0 } else { 0.4 });
    let (profile, kind) = match style {
        StudStyle::Solid => (Contour::line([(r, 0.0), (r, h), (0.0, h)]), StudKind::Stud),
        StudStyle::Hollow => (Contour::line([(r, 0.0), (r, h), (4.0, h), (4.0, 0.0)]), StudKind::OpenStud),
    };
    let body = Lathe::new(profile, segments).bevel(bevel).shape().transformed(axes::up());
    let mut shape = body.as_stud(kind, Affine3A::IDENTITY);
    shape.grip(GripKind::Stud, Affine3A::IDENTITY, h);
    shape
}

/// Studs on top of (x, z) positions at height `y`.
pub fn studs(positions: &[Vec2], y: f32, style: StudStyle) -> Shape {
    let segments = match positions.len() {
        0..=64 => ROUND,
        65..=256 => 12,
        _ => 10,
    };
    let one = stud(style, segments);
    let mut shape = Shape::new();
    for p in positions {
        shape.append(&one, axes::at(p.x, y, p.y));
    }
    shape
}

/// The stud positions of `columns` (along x) by `rows` (along z), 20 LDU apart, centered about (0, 0).
pub fn grid(columns: u32, rows: u32) -> Vec<Vec2> {
    let place = |i: u32, n: u32| (i as f32 - (n as f32 - 1.0) / 2.0) * 20.0;
    (0..rows).flat_map(|z| (0..columns).map(move |x| Vec2::new(place(x, columns), place(z, rows)))).collect()
}

/// What an underside has for the studs at `cells`: tubes where four meet, pins between two of a single row, and a socket
/// for each. From `ceiling` to `bottom` (y).
pub fn underside(cells: &[Vec2], ceiling: f32, bottom: f32) -> Shape {
    underside_below(cells, bottom, &|_| ceiling)
}

/// As [`underside`], under a ceiling whose height (y) depends on the place (x, z).
pub fn underside_below(cells: &[Vec2], bottom: f32, ceiling: &dyn Fn(Vec2) -> f32) -> Shape {
    let has = |x: f32, z: f32| cells.iter().any(|c| c.distance_squared(Vec2::new(x, z)) < 1.0);
    let mut shape = Shape::new();
    let many = cells.len() > 64;
    let mut hang = |is_tube: bool, x: f32, z: f32| {
        let top = ceiling(Vec2::new(x, z));
        if bottom - top > 1.0 {
            let segments = if !is_tube {
                12
            } else if many {
                10
            } else {
                ROUND
            };
            shape.append(&under_primitive(is_tube, segments, bottom - top), axes::at(x, top, z));
        }
    };
    for c in cells {
        let right = has(c.x + 20.0, c.y);
        let below = has(c.x, c.y + 20.0);
        if right && below && has(c.x + 20.0, c.y + 20.0) {
            hang(true, c.x + 10.0, c.y + 10.0);
        }
        let row_only = |dx: f32, dz: f32| {
            !has(c.x + dz, c.y + dx)
                && !has(c.x - dz, c.y - dx)
                && !has(c.x + dx + dz, c.y + dz + dx)
                && !has(c.x + dx - dz, c.y + dz - dx)
        };
        if right && row_only(20.0, 0.0) {
            hang(false, c.x + 10.0, c.y);
        }
        if below && row_only(0.0, 20.0) {
            hang(false, c.x, c.y + 10.0);
        }
    }
    for c in cells {
        shape.grip(GripKind::Socket, axes::at(c.x, bottom, c.y), 4.0);
    }
    shape
}

// The tube (`stud4`) or pin (`stud3`) hanging `depth` below its origin.
fn under_primitive(tube: bool, segments: usize, depth: f32) -> Shape {
    // Upside down: w = −depth is the free end.
    let profile = if tube {
        Contour::line([(6.0, 0.0), (6.0, -depth), (8.0, -depth), (8.0, 0.0)])
    } else {
        Contour::line([(0.0, -depth), (4.0, -depth), (4.0, 0.0)])
    };
    let frame = Affine3A::from_scale(Vec3::new(1.0, -depth / 4.0, 1.0));
    Lathe::new(profile, segments).shape().transformed(axes::up()).as_stud(StudKind::Tube, frame)
}
