//! Convex hulls as the separating-axis test wants them: corners, face normals and edge directions without repeats.

use glam::Vec3;
use parry3d::transformation::try_convex_hull;

/// Corners, and the directions that can separate it from another body.
pub(super) struct Hull {
    pub points: Vec<Vec3>,
    pub normals: Vec<Vec3>,
    pub edges: Vec<Vec3>,
}

/// Two unit vectors closer than this (or than its opposite) count as one direction.
const SAME_DIRECTION: f32 = 0.9995;

/// The hull of some points; `None` when they span no volume.
pub(super) fn convex_hull(points: &[Vec3]) -> Option<Hull> {
    if points.len() < 4 || points.iter().any(|p| !p.is_finite()) {
        return None;
    }
    let (points, triangles) = try_convex_hull(points).ok()?;
    let mut hull = Hull { normals: Vec::new(), edges: Vec::new(), points };
    for triangle in &triangles {
        let [a, b, c] = triangle.map(|i| hull.points[i as usize]);
        add_direction(&mut hull.normals, (b - a).cross(c - a));
    }
    // An edge inside a flat face cannot separate anything; the two triangles beside it share a normal.
    let mut beside = std::collections::BTreeMap::<(u32, u32), Vec3>::new();
    for triangle in &triangles {
        let [a, b, c] = triangle.map(|i| hull.points[i as usize]);
        let normal = (b - a).cross(c - a).normalize_or_zero();
        for (from, to) in [(0, 1), (1, 2), (2, 0)] {
            let key = (triangle[from].min(triangle[to]), triangle[from].max(triangle[to]));
            match beside.remove(&key) {
                Some(other) if other.dot(normal) > SAME_DIRECTION => {}
                Some(_) => add_direction(&mut hull.edges, hull.points[key.1 as usize] - hull.points[key.0 as usize]),
                None => {
                    beside.insert(key, normal);
                }
            }
        }
    }
    (hull.normals.len() >= 3).then_some(hull)
}

fn add_direction(directions: &mut Vec<Vec3>, direction: Vec3) {
    let direction = direction.normalize_or_zero();
    if direction != Vec3::ZERO && !directions.iter().any(|d| d.dot(direction).abs() > SAME_DIRECTION) {
        directions.push(direction);
    }
}
