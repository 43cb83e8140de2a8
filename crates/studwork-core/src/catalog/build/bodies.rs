//! Ready bodies in LDraw axes (y grows downward): boxes, cylinders, tubes, cones and hollow shells, with the solids they fill.

use super::{BEVEL, Contour, Lathe, Prism, ROUND, Shape, Solid, axes};
use glam::{Affine3A, Vec2, Vec3};

/// A beveled box between two corners.
pub fn block(min: impl Into<Vec3>, max: impl Into<Vec3>, bevel: f32) -> Shape {
    let (min, max) = (min.into(), max.into());
    let contour = Contour::rect(min.x, min.y, max.x, max.y);
    let mut shape = Prism::new(contour, min.z, max.z).bevel(bevel).shape();
    shape.solids.push(Solid::block(min, max));
    shape
}

/// A box without bevels.
pub fn plain_block(min: impl Into<Vec3>, max: impl Into<Vec3>) -> Shape {
    block(min, max, 0.0)
}

/// A full body over an outline in (x, z), from `top` to `bottom` (y), its edges beveled.
pub fn slab(outline: &Contour, top: f32, bottom: f32) -> Shape {
    Prism::new(outline.clone(), -bottom, -top).bevel(BEVEL).shape().transformed(axes::up())
}

/// A flat disc or other face at `y`, looking up, for surfaces that another body leaves open.
pub fn disc(outline: &Contour, y: f32, up: bool) -> Shape {
    let mut shape = Shape::new();
    super::prism::cap(&mut shape, std::slice::from_ref(outline), -y, up);
    shape.transformed(axes::up())
}

/// An upright cylinder about (x, z), from `top` to `bottom` (y).
pub fn cylinder(x: f32, z: f32, radius: f32, top: f32, bottom: f32, segments: usize, bevel: f32) -> Shape {
    let profile = Contour::line([(0.0, -bottom), (radius, -bottom), (radius, -top), (0.0, -top)]);
    let mut shape = Lathe::new(profile, segments).bevel(bevel).shape().transformed(axes::up()).moved(x, 0.0, z);
    let frame = Affine3A::from_translation(Vec3::new(x, (top + bottom) / 2.0, z));
    shape.solids.push(Solid::Cylinder { frame, radius, half: (bottom - top) / 2.0 });
    shape
}

/// A round rod from one point to another.
pub fn rod(from: Vec3, to: Vec3, radius: f32) -> Shape {
    let length = from.distance(to);
    cylinder(0.0, 0.0, radius, 0.0, length, if radius > 5.0 { 16 } else { 12 }, 0.3)
        .transformed(axes::y_toward(from, to - from))
}

/// An upright tube, open at both ends.
pub fn tube(x: f32, z: f32, outer: f32, inner: f32, top: f32, bottom: f32, segments: usize) -> Shape {
    let profile = Contour::rect(inner, -bottom, outer, -top);
    Lathe::new(profile, segments).shape().transformed(axes::up()).moved(x, 0.0, z)
}

/// An upright cone or frustum, `top_radius` at `top`.
pub fn cone(x: f32, z: f32, top_radius: f32, bottom_radius: f32, top: f32, bottom: f32, segments: usize) -> Shape {
    let profile = Contour::line([(0.0, -bottom), (bottom_radius, -bottom), (top_radius, -top), (0.0, -top)]);
    Lathe::new(profile, segments).shape().transformed(axes::up()).moved(x, 0.0, z)
}

/// A hollow body over an outline in (x, z), open below: from `top` to `bottom` (y), walls `wall` thick, its ceiling at `ceiling`.
pub fn shell(outline: &Contour, top: f32, bottom: f32, wall: f32, ceiling: f32) -> Shape {
    let inner = outline.offset(-wall);
    if ceiling >= bottom || inner.area() < 1.0 {
        return slab(outline, top, bottom);
    }
    let mut rim = Shape::new();
    super::prism::cap(&mut rim, &[outline.clone(), inner.clone().reversed()], -bottom, false);
    let body = Prism::new(outline.clone(), -bottom, -top).bevels(0.0, BEVEL).open_from().shape();
    let cavity = Prism::new(inner, -bottom, -ceiling).open_from().shape().inside_out();
    body.with(&rim).with(&cavity).transformed(axes::up())
}

/// The flat ring between two outlines in (x, z) at `y`, looking down: the foot of hollow bodies.
pub fn rim(outline: &Contour, inner: &Contour, y: f32) -> Shape {
    let mut shape = Shape::new();
    super::prism::cap(&mut shape, &[outline.clone(), inner.clone().reversed()], -y, false);
    shape.transformed(axes::up())
}

/// A [`shell`] with round holes of a radius through its ceiling at (x, z), each inside a tube of two LDU more that reaches the bottom.
pub fn drilled_shell(
    outline: &Contour,
    top: f32,
    bottom: f32,
    wall: f32,
    ceiling: f32,
    radius: f32,
    holes: &[Vec2],
) -> Shape {
    let inner = outline.offset(-wall);
    let circle = |at: &Vec2, radius: f32| Contour::circle(at.x, at.y, radius, ROUND);
    let mut body = Prism::new(outline.clone(), -bottom, -top).bevels(0.0, BEVEL).open_from();
    let mut cavity = Prism::new(inner.clone(), -bottom, -ceiling).open_from();
    let mut shape = rim(outline, &inner, bottom);
    for at in holes {
        body = body.mouth(circle(at, radius));
        cavity = cavity.hole(circle(at, radius + 2.0));
        let walls = Lathe::new(Contour::line([(radius, -top), (radius, -bottom), (radius + 2.0, -bottom)]), ROUND);
        shape.append(&walls.shape(), axes::at(at.x, 0.0, at.y) * axes::up());
    }
    shape.append(&body.shape(), axes::up());
    shape.append(&cavity.shape().inside_out(), axes::up());
    shape
}

/// A flat face with holes at w = 0 looking along +w (u, v, w on x, y, z), with an edge line around each hole.
pub fn face(outline: &Contour, holes: &[Contour]) -> Shape {
    let mut shape = Shape::new();
    let mut contours = vec![outline.clone()];
    contours.extend(holes.iter().map(|h| h.clone().reversed()));
    super::prism::cap(&mut shape, &contours, 0.0, true);
    for hole in holes {
        let points: Vec<Vec3> = hole.points().iter().map(|p| p.extend(0.0)).collect();
        shape.edge_loop(&points);
    }
    shape
}

/// A box-shaped hole from w = 0 down to w = −`depth`, without its opening (u, v, w on x, y, z).
pub fn pocket(outline: &Contour, depth: f32) -> Shape {
    Prism::new(outline.clone(), -depth, 0.0).open_to().shape().inside_out()
}
