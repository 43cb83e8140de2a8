//! Convex bodies from their corners: wedges, corner slopes, pyramids; solid or hollow below.

use super::{Contour, Shape, Solid, WALL};
use glam::{Vec2, Vec3};
use parry3d::transformation::try_convex_hull;

/// The convex hull of points, with flat faces and edge lines where they meet.
pub fn hull(points: &[Vec3]) -> Shape {
    let mut shape = faces(points, &|_, _| true);
    shape.solids.push(Solid::Hull(points.to_vec()));
    shape
}

/// The convex hull of points, hollow and open at its lowest level (the greatest y). The cavity is the hull drawn
/// together about the middle of its foot to leave walls.
pub fn hollow_hull(points: &[Vec3]) -> Shape {
    let bottom = points.iter().map(|p| p.y).fold(f32::NEG_INFINITY, f32::max);
    let top = points.iter().map(|p| p.y).fold(f32::INFINITY, f32::min);
    let foot: Vec<Vec2> = points.iter().filter(|p| (p.y - bottom).abs() < 0.01).map(|p| Vec2::new(p.x, p.z)).collect();
    let Some(outline) = outline(&foot) else { return hull(points) };
    let inner_outline = outline.offset(-WALL);
    if inner_outline.area() < 20.0 {
        return hull(points);
    }
    let highest: Vec<Vec2> = points.iter().filter(|p| (p.y - top).abs() < 0.01).map(|p| Vec2::new(p.x, p.z)).collect();
    let middle = highest.iter().sum::<Vec2>() / highest.len() as f32;
    // From the foot's inset outline toward the middle of the top, three fifths of the way up.
    let mut inner: Vec<Vec3> = inner_outline.points().iter().map(|p| Vec3::new(p.x, bottom, p.y)).collect();
    let raised = bottom + (top - bottom) * 0.6;
    let roof: Vec<Vec3> =
        inner.iter().map(|p| Vec3::new(p.x + (middle.x - p.x) * 0.72, raised, p.z + (middle.y - p.z) * 0.72)).collect();
    inner.extend(roof);
    let open = |normal: Vec3, at: Vec3| !(normal.y > 0.99 && (at.y - bottom).abs() < 0.01);
    let body = faces(points, &open);
    let cavity = faces(&inner, &open).inside_out();
    let mut rim = super::face(&outline, std::slice::from_ref(&inner_outline));
    // The face looks along +z over (x, z): lay it so that it looks down.
    let lay = glam::Affine3A::from_mat3_translation(
        glam::Mat3::from_cols(Vec3::X, Vec3::Z, Vec3::Y),
        Vec3::new(0.0, bottom, 0.0),
    );
    rim = rim.transformed(lay);
    let mut shape = body.with(&cavity).with(&rim);
    shape.solids.push(Solid::Hull(points.to_vec()));
    shape
}

// The outline around points of a convex polygon in any order.
fn outline(points: &[Vec2]) -> Option<Contour> {
    let center = points.iter().sum::<Vec2>() / points.len().max(1) as f32;
    let mut sorted = points.to_vec();
    sorted.sort_by(|a, b| (*a - center).to_angle().total_cmp(&(*b - center).to_angle()));
    (sorted.len() >= 3).then(|| Contour::new(sorted.into_iter().map(Into::into)))
}

// Flat faces of the hull where `wanted(normal, a corner)`.
fn faces(points: &[Vec3], wanted: &dyn Fn(Vec3, Vec3) -> bool) -> Shape {
    let mut shape = Shape::new();
    let Ok((corners, triangles)) = try_convex_hull(points) else { return shape };
    let normal = |t: &[u32; 3]| {
        let [a, b, c] = t.map(|i| corners[i as usize]);
        (b - a).cross(c - a).normalize_or_zero()
    };
    let normals: Vec<Vec3> = triangles.iter().map(normal).collect();
    for (t, n) in triangles.iter().zip(&normals) {
        let p = t.map(|i| corners[i as usize]);
        if wanted(*n, p[0]) {
            shape.triangle(p, [*n; 3]);
        }
    }
    for (i, t) in triangles.iter().enumerate() {
        for k in 0..3 {
            let (a, b) = (t[k], t[(k + 1) % 3]);
            let other = triangles.iter().position(|o| (0..3).any(|m| o[m] == b && o[(m + 1) % 3] == a));
            let hard = other.is_none_or(|o| o > i && normals[o].dot(normals[i]) < 0.995);
            if hard {
                shape.edge(corners[a as usize], corners[b as usize]);
            }
        }
    }
    shape
}
