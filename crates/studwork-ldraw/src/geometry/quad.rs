//! A quadrilateral as two triangles that cover what its author meant.

use glam::Vec3;

/// The triangles of a quad, and whether its winding can be trusted. A concave corner is where it is cut; crossed sides are
/// uncrossed, after which nobody knows the winding.
pub(super) fn triangles_from_quad(points: [Vec3; 4]) -> ([[Vec3; 3]; 2], bool) {
    let turns =
        |p: [Vec3; 4]| -> [Vec3; 4] { std::array::from_fn(|i| (p[i] - p[(i + 3) % 4]).cross(p[(i + 1) % 4] - p[i])) };
    let corner_turns = turns(points);
    // Twice the area vector; of crossed sides it is the difference of two areas.
    let normal = (points[2] - points[0]).cross(points[3] - points[1]);
    let scale = corner_turns.iter().map(|turn| turn.length()).fold(normal.length(), f32::max);
    let against: [bool; 4] = std::array::from_fn(|i| corner_turns[i].dot(normal) < -1e-4 * scale * normal.length());
    let crossed = normal.length() < 1e-3 * scale || against.iter().filter(|&&against| against).count() >= 2;
    if crossed && scale > 0.0 {
        let [a, b, c, d] = points;
        let fits = |p: [Vec3; 4]| {
            let turns = turns(p);
            turns.iter().all(|turn| turn.dot(turns[0]) >= 0.0)
        };
        if let Some(uncrossed) = [[a, b, d, c], [a, c, b, d]].into_iter().find(|&p| fits(p)) {
            return (cut(uncrossed, 0), false);
        }
    }
    let first = match against.iter().position(|&against| against) {
        Some(concave) => concave,
        // Of a quad that is not quite flat the shorter diagonal gives the better shape.
        None => usize::from(points[0].distance_squared(points[2]) > points[1].distance_squared(points[3]) * 1.0001),
    };
    (cut(points, first), true)
}

/// Cuts from one corner to the opposite one.
fn cut(p: [Vec3; 4], first: usize) -> [[Vec3; 3]; 2] {
    let at = |i: usize| p[(first + i) % 4];
    [[at(0), at(1), at(2)], [at(0), at(2), at(3)]]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area_and_normal(points: [[f32; 2]; 4]) -> (f32, f32, bool) {
        let (triangles, sound) = triangles_from_quad(points.map(|[x, y]| Vec3::new(x, y, 0.0)));
        let halves = triangles.map(|[a, b, c]| (b - a).cross(c - a).z / 2.0);
        (halves.iter().map(|half| half.abs()).sum(), halves.iter().sum(), sound)
    }

    #[test]
    fn covers_the_outline_whatever_its_shape() {
        let check = |name: &str, points, area: f32, signed: Option<f32>| {
            for turn in 0..4 {
                let mut points: [[f32; 2]; 4] = points;
                points.rotate_left(turn);
                let (covered, sum, sound) = area_and_normal(points);
                assert!((covered - area).abs() < 1e-5, "{name} turned {turn}: covers {covered}");
                assert_eq!(sound, signed.is_some(), "{name} turned {turn}");
                if let Some(signed) = signed {
                    assert!((sum - signed).abs() < 1e-5, "{name} turned {turn}: signed {sum}");
                }
            }
        };
        check("square", [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]], 1.0, Some(1.0));
        check("square the other way", [[0.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, 0.0]], 1.0, Some(-1.0));
        check("arrowhead", [[0.0, 0.0], [2.0, -1.0], [1.0, 0.0], [2.0, 1.0]], 1.0, Some(1.0));
        check("triangle with a corner on a side", [[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [0.0, 2.0]], 2.0, Some(2.0));
        check("crossed square", [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], 1.0, None);
    }
}
