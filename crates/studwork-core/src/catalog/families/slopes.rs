//! Parts that are one profile moved sideways: slopes (also inverted, double, curved) and arches; and convex ones given by
//! their corners: corner slopes and wedges.

use super::Family;
use super::common::{Leg, contour_from_legs};
use crate::catalog::build::{
    BEVEL, Contour, GripKind, Prism, Shape, Solid, StudStyle, WALL, axes, face, hollow_hull, hull, pocket, stud,
    underside_below,
};
use glam::{Affine3A, Mat3, Vec2, Vec3};
use serde::Deserialize;

/// Which way a profile is moved.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum Axis {
    /// Along x: the profile is in (y, z).
    #[default]
    X,
    /// Along z: the profile is in (x, y).
    Z,
}

/// What the underside is like.
#[derive(Copy, Clone, Debug, Default, PartialEq, Deserialize)]
pub enum Hollow {
    /// A cavity that follows the profile, open wherever it looks down.
    #[default]
    Follow,
    /// Pockets of this depth in the faces of the lowest level.
    Feet(f32),
    /// Solid.
    No,
}

/// Profiles and hulls.
#[derive(Clone, Debug, Deserialize)]
pub enum Slopes {
    /// A profile moved by `half` to either side.
    Profile {
        #[serde(default)]
        axis: Axis,
        legs: Vec<Leg>,
        half: f32,
        #[serde(default)]
        hollow: Hollow,
        /// Studs at (x, y, z).
        #[serde(default)]
        studs: Vec<(f32, f32, f32)>,
        #[serde(default)]
        hollow_studs: bool,
    },
    /// The convex hull of corners (x, y, z).
    Hull {
        corners: Vec<(f32, f32, f32)>,
        #[serde(default = "yes")]
        hollow: bool,
        #[serde(default)]
        studs: Vec<(f32, f32, f32)>,
        #[serde(default)]
        hollow_studs: bool,
    },
}

fn yes() -> bool {
    true
}

impl Family for Slopes {
    fn shape(&self) -> Shape {
        match self {
            Self::Profile { axis, legs, half, hollow, studs, hollow_studs } => {
                profile(*axis, &contour_from_legs(legs), *half, *hollow).with(&placed_studs(studs, *hollow_studs))
            }
            Self::Hull { corners, hollow, studs, hollow_studs } => {
                let points: Vec<Vec3> = corners.iter().map(|c| Vec3::from(*c)).collect();
                let body = if *hollow { hollow_hull(&points) } else { hull(&points) };
                body.with(&hull_sockets(&points)).with(&placed_studs(studs, *hollow_studs))
            }
        }
    }
}

/// Studs at (x, y, z).
pub fn placed_studs(places: &[(f32, f32, f32)], hollow: bool) -> Shape {
    let one = stud(if hollow { StudStyle::Hollow } else { StudStyle::Solid }, 16);
    let mut shape = Shape::new();
    for p in places {
        shape.append(&one, Affine3A::from_translation(Vec3::from(*p)));
    }
    shape
}

// One horizontal stretch of the profile that looks down: from and to along the profile's level axis, and its y.
struct Opening {
    edge: usize,
    from: f32,
    to: f32,
    y: f32,
}

fn profile(axis: Axis, outline: &Contour, half: f32, hollow: Hollow) -> Shape {
    // (y, level) of a profile point, whichever axis it is moved along.
    let split = |p: Vec2| if axis == Axis::X { (p.x, p.y) } else { (p.y, p.x) };
    let points = outline.points();
    let n = points.len();
    let lowest = points.iter().map(|p| split(*p).0).fold(f32::NEG_INFINITY, f32::max);
    let mut openings = Vec::new();
    for edge in 0..n {
        let ((ya, la), (yb, lb)) = (split(points[edge]), split(points[(edge + 1) % n]));
        // The inside is on the left: in (y, z) a face that looks toward +y runs toward +z, in (x, y) toward −x.
        let looks_down = if axis == Axis::X { lb > la } else { lb < la };
        let level = (ya - yb).abs() < 0.01 && (la - lb).abs() >= 12.0;
        let wanted = match hollow {
            Hollow::Follow => true,
            Hollow::Feet(_) => (ya - lowest).abs() < 0.01,
            Hollow::No => false,
        };
        if level && looks_down && wanted {
            openings.push(Opening { edge, from: la.min(lb), to: la.max(lb), y: ya });
        }
    }
    let open: Vec<usize> = openings.iter().map(|o| o.edge).collect();
    let lay = if axis == Axis::X { axes::along_x() } else { axes::along_z() };
    let mut shape = Prism::new(outline.clone(), -half, half).bevel(BEVEL).open_edges(&open).shape().transformed(lay);
    let (inner, inner_open) = inner_outline(outline, &open);
    let inner_half = half - WALL;
    let follow = hollow == Hollow::Follow;
    if follow && !open.is_empty() {
        let gone: Vec<usize> = inner_open.iter().map(|(i, _)| *i).collect();
        let cavity = Prism::new(inner.clone(), -inner_half, inner_half).open_edges(&gone).shape().inside_out();
        shape.append(&cavity.transformed(lay), Affine3A::IDENTITY);
    }
    for o in &openings {
        let middle = (o.from + o.to) / 2.0;
        let outer = Contour::rect(-half, o.from, half, o.to);
        let inner_edge = inner_open.iter().find(|(_, of)| *of == o.edge).map_or(0, |(i, _)| *i);
        let count = inner.points().len();
        let (a, b) = (split(inner.points()[inner_edge]).1, split(inner.points()[(inner_edge + 1) % count]).1);
        let hole = match hollow {
            Hollow::Follow => Contour::rect(-inner_half, a.min(b), inner_half, a.max(b)),
            _ => Contour::rect(-inner_half, o.from + WALL, inner_half, o.to - WALL),
        };
        let mut rim = face(&outer, std::slice::from_ref(&hole));
        if let Hollow::Feet(depth) = hollow {
            rim = rim.with(&pocket(&hole, depth));
        }
        shape.append(&rim, floor_frame(axis, o.y));
        // Sockets, and tubes or pins between them that end below the surface above.
        let along = |count: f32, from: f32| (0..count as u32).map(move |i| from + 20.0 * i as f32 + 10.0);
        let rows = ((o.to - o.from) / 20.0 + 0.05).floor().max(1.0);
        let columns = (half / 10.0).floor().max(1.0);
        let cells: Vec<Vec2> = along(rows, middle - rows * 10.0)
            .flat_map(|level| along(columns, -columns * 10.0).map(move |side| (side, level)))
            .map(|(side, level)| if axis == Axis::X { Vec2::new(side, level) } else { Vec2::new(level, side) })
            .collect();
        let ceiling = |p: Vec2| {
            let level = if axis == Axis::X { p.y } else { p.x };
            let reach = [-8.0, -4.0, 0.0, 4.0, 8.0].map(|d| top_at(points, &split, level + d));
            if follow { reach.into_iter().fold(f32::NEG_INFINITY, f32::max) + 2.0 } else { o.y }
        };
        shape.append(&underside_below(&cells, o.y, &ceiling), Affine3A::IDENTITY);
    }
    for piece in convex_pieces(outline) {
        let corners = piece.iter().flat_map(|p| [-half, half].map(|w| lay.transform_point3(p.extend(w))));
        shape.solids.push(Solid::Hull(corners.collect()));
    }
    shape
}

// The outline of the cavity: walls set back, openings where they were. Where a wall beside an opening steps down, the
// opening keeps its end and the wall gets a top. Also which of its edges are openings, with the outline's edge they belong to.
fn inner_outline(outline: &Contour, open: &[usize]) -> (Contour, Vec<(usize, usize)>) {
    let set_back = outline.offset_by(|edge| if open.contains(&edge) { 0.0 } else { -WALL });
    let (outer, inner) = (outline.points(), set_back.points());
    let n = outer.len();
    let (mut points, mut starts): (Vec<Vec2>, Vec<(Vec2, usize)>) = (Vec::new(), Vec::new());
    for i in 0..n {
        let before = (i + n - 1) % n;
        let beyond = |edge: usize| {
            let (a, b) = (outer[edge], outer[(edge + 1) % n]);
            let along = (inner[i] - a).dot(b - a) / (b - a).length_squared();
            !(-1e-3..=1.001).contains(&along)
        };
        // An opening that ends here, short of the wall.
        if open.contains(&before) && beyond(before) {
            points.push(outer[i]);
        }
        points.push(inner[i]);
        if open.contains(&i) {
            let start = if beyond(i) { outer[i] } else { inner[i] };
            points.push(start);
            starts.push((start, i));
        }
    }
    // Points that fall together are one, so an edge is found again by where it starts.
    let contour = Contour::new(points.into_iter().map(Into::into));
    let nearest = |start: Vec2| {
        let by_distance = |a: &Vec2, b: &Vec2| a.distance_squared(start).total_cmp(&b.distance_squared(start));
        contour.points().iter().enumerate().min_by(|a, b| by_distance(a.1, b.1)).map_or(0, |(i, _)| i)
    };
    let edges = starts.into_iter().map(|(start, edge)| (nearest(start), edge)).collect();
    (contour, edges)
}

fn convex_pieces(outline: &Contour) -> Vec<Vec<Vec2>> {
    let p = outline.points();
    let n = p.len();
    let convex = (0..n).all(|i| (p[(i + 1) % n] - p[i]).perp_dot(p[(i + 2) % n] - p[(i + 1) % n]) > -1e-3);
    if convex { vec![p.to_vec()] } else { outline.triangles().into_iter().map(|t| t.to_vec()).collect() }
}

// Lays a face over (side, level) at height y so that it looks down (+y).
fn floor_frame(axis: Axis, y: f32) -> Affine3A {
    let turn = match axis {
        Axis::X => Mat3::from_cols(Vec3::X, Vec3::Z, Vec3::Y),
        Axis::Z => Mat3::from_cols(Vec3::Z, Vec3::X, Vec3::Y),
    };
    Affine3A::from_mat3_translation(turn, Vec3::new(0.0, y, 0.0))
}

// The profile's least y above a place on its level axis.
fn top_at(points: &[Vec2], split: &dyn Fn(Vec2) -> (f32, f32), level: f32) -> f32 {
    let n = points.len();
    let mut top = f32::INFINITY;
    for i in 0..n {
        let ((ya, la), (yb, lb)) = (split(points[i]), split(points[(i + 1) % n]));
        if (la - level) * (lb - level) <= 0.0 && (la - lb).abs() > 1e-4 {
            top = top.min(ya + (yb - ya) * (level - la) / (lb - la));
        }
    }
    if top.is_finite() { top } else { 0.0 }
}

fn hull_sockets(points: &[Vec3]) -> Shape {
    let bottom = points.iter().map(|p| p.y).fold(f32::NEG_INFINITY, f32::max);
    let foot = points.iter().filter(|p| (p.y - bottom).abs() < 0.01);
    let (min, max) = foot.fold((Vec3::INFINITY, Vec3::NEG_INFINITY), |(a, b), p| (a.min(*p), b.max(*p)));
    let mut shape = Shape::new();
    if max.x > min.x {
        let counts = ((max - min) / 20.0 + 0.05).floor();
        for row in 0..counts.z as u32 {
            for column in 0..counts.x as u32 {
                let (x, z) = (min.x + 10.0 + column as f32 * 20.0, min.z + 10.0 + row as f32 * 20.0);
                shape.grip(GripKind::Socket, axes::at(x, bottom, z), 4.0);
            }
        }
    }
    shape
}
