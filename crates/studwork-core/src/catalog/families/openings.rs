//! Window and door frames, their glass and their leaves, and fences.

use super::Family;
use crate::catalog::build::{
    BEVEL, Contour, GripKind, Prism, ROUND, Shape, Solid, StudStyle, axes, block, cylinder, grid, rim, studs, turned,
    underside,
};
use glam::{Affine3A, Vec2, Vec3};
use serde::Deserialize;
use studwork_ldraw::{ColorRef, Tint};

/// Frames along x and what fills them.
#[derive(Clone, Debug, Deserialize)]
pub enum Openings {
    /// A frame: studs along x, height, and clear glass in it where told.
    Frame {
        studs: u32,
        height: f32,
        /// How wide the posts are.
        #[serde(default = "post")]
        post: f32,
        #[serde(default)]
        glazed: bool,
    },
    /// A window frame with a round top.
    RoundFrame,
    /// The glass of a frame two studs wide: where it ends below.
    Glass { bottom: f32 },
    /// A door leaf that turns about the y axis; with panes in its upper half where told.
    Leaf { panes: bool },
    /// A fence of crossed slats, its base `base` high; the slats stand from z `front` to `back`.
    Lattice { height: f32, base: f32, front: f32, back: f32 },
    /// A fence with turned posts below studs.
    Spindles { studs: Vec<f32> },
}

fn post() -> f32 {
    4.0
}

/// LDraw's transparent clear.
const CLEAR: u32 = 47;

impl Family for Openings {
    fn shape(&self) -> Shape {
        match *self {
            Self::Frame { studs, height, post, glazed } => {
                let shape = frame(studs, height, post);
                if glazed {
                    let tint = Tint::from(ColorRef::Code(CLEAR));
                    return shape.with(&glass(height - 7.0).tinted(tint));
                }
                shape
            }
            Self::RoundFrame => round_frame(),
            Self::Glass { bottom } => glass(bottom),
            Self::Leaf { panes } => leaf(panes),
            Self::Lattice { height, base, front, back } => lattice(height, base, front, back),
            Self::Spindles { ref studs } => spindles(studs),
        }
    }
}

fn frame(columns: u32, height: f32, post: f32) -> Shape {
    let w = columns as f32 * 10.0;
    let cells = grid(columns, 1);
    let opening = Contour::rect(-w + post, 4.0, w - post, height - 8.0);
    let outer = Prism::new(Contour::rect(-w, 0.0, w, height), -10.0, 10.0).hole(opening).bevel(BEVEL).open_edges(&[2]);
    let mut shape = outer.shape();
    shape.append(&foot(w, height), Affine3A::IDENTITY);
    shape.append(&underside(&cells, height - 4.0, height), Affine3A::IDENTITY);
    // The outer studs of wide frames are open down into the posts: they are no studs of the usual kind.
    let (outer, plain): (Vec<Vec2>, Vec<Vec2>) = cells.iter().partition(|c| columns > 2 && c.x.abs() > w - 15.0);
    shape.append(&studs(&plain, 0.0, StudStyle::Hollow), Affine3A::IDENTITY);
    shape.append(&studs(&outer, 0.0, StudStyle::Hollow).ungrouped(), Affine3A::IDENTITY);
    let posts = [(-w, -w + post), (w - post, w)].map(|(a, b)| (Vec3::new(a, 0.0, -10.0), Vec3::new(b, height, 10.0)));
    let bars = [(0.0, 4.0), (height - 8.0, height)].map(|(a, b)| (Vec3::new(-w, a, -10.0), Vec3::new(w, b, 10.0)));
    shape.solids.extend(posts.into_iter().chain(bars).map(|(a, b)| Solid::block(a, b)));
    shape
}

// The hollow underside of a frame whose outer walls are left open below.
fn foot(w: f32, bottom: f32) -> Shape {
    let (outer, inner) = (Contour::centered(w * 2.0, 20.0), Contour::centered(w * 2.0 - 8.0, 12.0));
    let cavity =
        Prism::new(inner.clone(), -bottom, -bottom + 4.0).open_from().shape().inside_out().transformed(axes::up());
    rim(&outer, &inner, bottom).with(&cavity)
}

fn round_frame() -> Shape {
    let mut outline = Contour::arc(0.0, 20.0, 20.0, 180.0, 360.0, 24);
    outline.extend([(20.0, 64.0), (-20.0, 64.0)]);
    let outline = Contour::new(outline);
    let bottom = outline.points().len() - 2;
    let mut opening = Contour::arc(0.0, 20.0, 16.0, 180.0, 360.0, 20);
    opening.extend([(16.0, 56.0), (-16.0, 56.0)]);
    let body = Prism::new(outline, -10.0, 10.0).hole(Contour::new(opening)).bevel(BEVEL).open_edges(&[bottom]);
    let mut shape = body.shape().with(&foot(20.0, 64.0)).with(&underside(&grid(2, 1), 60.0, 64.0));
    shape.append(&studs(&[Vec2::ZERO], 0.0, StudStyle::Hollow), Affine3A::IDENTITY);
    shape.append(&cylinder(0.0, 0.0, 6.0, -0.05, 2.5, ROUND, 0.0).without_edges(), Affine3A::IDENTITY);
    let boxes = [
        ((-20.0, 20.0), (-16.0, 64.0)),
        ((16.0, 20.0), (20.0, 64.0)),
        ((-20.0, 56.0), (20.0, 64.0)),
        ((-10.0, 0.5), (10.0, 6.0)),
    ];
    for ((x0, y0), (x1, y1)) in boxes {
        shape.solids.push(Solid::block(Vec3::new(x0, y0, -10.0), Vec3::new(x1, y1, 10.0)));
    }
    shape
}

fn glass(bottom: f32) -> Shape {
    let mut shape = block((-16.5, 4.0, -7.0), (16.5, bottom - 2.0, -3.0), 0.3);
    for (from, to) in [(2.0, 4.2), (bottom - 2.2, bottom)] {
        shape.append(&cylinder(0.0, -5.0, 2.0, from, to, 12, 0.0), Affine3A::IDENTITY);
    }
    shape
}

fn leaf(panes: bool) -> Shape {
    let panel = Contour::rect(2.0, 5.0, 67.0, 135.0);
    let mut prism = Prism::new(panel, -2.5, 2.5).bevel(0.4);
    if panes {
        for x in [9.0, 36.0] {
            for y in [12.0, 36.0] {
                prism = prism.hole(Contour::rect(x, y, x + 23.0, y + 20.0));
            }
        }
    }
    let mut shape = prism.shape();
    let hinge = cylinder(0.0, 0.0, 2.5, 5.0, 135.0, 12, 0.0);
    shape.append(&hinge, Affine3A::IDENTITY);
    let (edge, deep) = if panes { (4.0, 7.0) } else { (3.75, 7.75) };
    shape.append(&cylinder(0.0, 0.0, 2.0, 3.2, 136.8, 12, 0.2), Affine3A::IDENTITY);
    // The band that stiffens the hinge, and the knobs.
    shape.append(&block((-edge, 60.0, -2.2), (3.0, 80.0, 2.2), 0.3), Affine3A::IDENTITY);
    let knob = turned(&[(2.2, 2.0), (2.2, 4.0), (4.0, 5.0), (4.0, deep - 0.6), (3.0, deep)], ROUND, 0.0);
    for turn in [0.0, 180.0] {
        shape.append(&knob, axes::at(58.0, 70.0, 0.0) * axes::turn_y(turn));
    }
    if panes {
        for z in [-2.5, 2.5] {
            shape.append(&block((14.0, 70.0, z - 0.6), (48.0, 126.0, z + 0.6), 0.3), Affine3A::IDENTITY);
        }
    }
    shape.solids.clear();
    shape.solids.push(Solid::block(Vec3::new(-2.0, 5.0, -2.5), Vec3::new(67.0, 135.0, 2.5)));
    shape
}

// Half of the diagonal of the openings between slats.
const OPENING: f32 = 8.2;

fn lattice(height: f32, base: f32, front: f32, back: f32) -> Shape {
    let top = height - base;
    let mut wall = Prism::new(Contour::rect(-40.0, 0.0, 40.0, top + 0.5), front, back).bevel(0.3);
    let rows = (top / 10.0).round() as i32;
    for j in 0..=rows {
        for i in -4..=4 {
            if (i + j) % 2 != 0 {
                continue;
            }
            let middle = Vec2::new(i as f32 * 10.0, j as f32 * 10.0);
            let diamond = [Vec2::X, Vec2::Y, Vec2::NEG_X, Vec2::NEG_Y].map(|d| middle + d * OPENING);
            let clipped = clipped(
                &diamond,
                Vec2::new(-36.0, 4.0),
                Vec2::new(36.0, top - if base > 7.9 && top < 20.0 { 0.0 } else { 4.0 }),
            );
            if clipped.len() > 2 {
                wall = wall.hole(Contour::new(clipped.into_iter().map(Into::into)));
            }
        }
    }
    let cells = grid(4, 1);
    let foot = crate::catalog::build::shell(&Contour::centered(80.0, 20.0), top, height, 4.0, top + 4.0);
    let mut shape = wall.shape().with(&foot).with(&underside(&cells, top + 4.0, height));
    shape.solids.push(Solid::block(Vec3::new(-40.0, top, -10.0), Vec3::new(40.0, height, 10.0)));
    shape.solids.push(Solid::block(Vec3::new(-40.0, 0.0, front), Vec3::new(40.0, top, back)));
    shape
}

// A polygon cut down to a rectangle.
fn clipped(polygon: &[Vec2], min: Vec2, max: Vec2) -> Vec<Vec2> {
    let sides = [(Vec2::X, min.x), (Vec2::NEG_X, -max.x), (Vec2::Y, min.y), (Vec2::NEG_Y, -max.y)];
    let mut points = polygon.to_vec();
    for (inward, least) in sides {
        let depth = |p: Vec2| p.dot(inward) - least;
        let mut kept = Vec::new();
        for (i, &a) in points.iter().enumerate() {
            let b = points[(i + 1) % points.len()];
            let (da, db) = (depth(a), depth(b));
            if da >= 0.0 {
                kept.push(a);
            }
            if (da < 0.0) != (db < 0.0) {
                kept.push(a.lerp(b, da / (da - db)));
            }
        }
        points = kept;
    }
    points
}

fn spindles(stud_places: &[f32]) -> Shape {
    let cells = grid(4, 1);
    let mut shape = crate::catalog::build::shell(&Contour::centered(80.0, 20.0), 40.0, 48.0, 4.0, 44.0)
        .with(&underside(&cells, 44.0, 48.0));
    shape.solids.push(Solid::block(Vec3::new(-40.0, 40.0, -10.0), Vec3::new(40.0, 48.0, 10.0)));
    shape.append(&block((-40.0, 0.0, -6.0), (40.0, 6.0, 6.0), BEVEL), Affine3A::IDENTITY);
    let profile = [(5.0, -40.1), (5.0, -37.0), (3.4, -34.0), (4.6, -24.0), (3.4, -12.0), (5.0, -9.0), (5.0, -5.9)];
    let spindle = turned(&profile, 12, 0.0).transformed(axes::up());
    for c in &cells {
        shape.append(&spindle, axes::at(c.x, 0.0, 0.0));
        shape.grip(GripKind::Bar, axes::at(c.x, 23.0, 0.0), 20.0);
    }
    let places: Vec<Vec2> = stud_places.iter().map(|x| Vec2::new(*x, 0.0)).collect();
    for p in &places {
        shape.append(&cylinder(p.x, 0.0, 10.0, 0.0, 6.0, ROUND, BEVEL), Affine3A::IDENTITY);
    }
    shape.with(&studs(&places, 0.0, StudStyle::Solid))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn glass_is_clear_and_its_frame_has_the_color_of_the_piece() {
        let glazed = Openings::Frame { studs: 2, height: 48.0, post: 4.0, glazed: true }.shape().mesh();
        let open = Openings::Frame { studs: 2, height: 48.0, post: 4.0, glazed: false }.shape().mesh();
        let clear = Tint::from(ColorRef::Code(CLEAR));
        assert_eq!(glazed.bounds, open.bounds);
        assert!(open.vertices.iter().all(|v| v.tint == Tint::MAIN));
        let panes: Vec<_> = glazed.vertices.iter().filter(|v| v.tint == clear).collect();
        assert_eq!(panes.len() + open.vertices.len(), glazed.vertices.len());
        assert!(panes.iter().all(|v| v.position[2] <= -3.0 && v.position[0].abs() <= 16.5));
    }

    #[test]
    fn a_diamond_is_cut_at_the_frame() {
        let diamond = [Vec2::X, Vec2::Y, Vec2::NEG_X, Vec2::NEG_Y].map(|d| d * 8.0);
        let cut = clipped(&diamond, Vec2::new(-1.0, -20.0), Vec2::splat(20.0));
        assert_eq!(cut.len(), 5, "the left corner is cut to an edge");
        assert!(cut.iter().all(|p| p.x >= -1.001));
        assert_eq!(clipped(&diamond, Vec2::splat(20.0), Vec2::splat(30.0)), vec![]);
    }
}
