//! The round primitives of LDraw that parts embedded in a design are mostly made of, for when there is no library:
//! cylinders, discs, rings, cones, circles and boxes of unit size. Seen from both sides, because who refers to them may
//! turn them inside out.

use super::build::{Contour, Lathe, Shape, axes, plain_block};
use glam::{Vec2, Vec3};
use studwork_ldraw::Mesh;

/// The mesh of a primitive such as `4-4cyli` or `1-4ring3`; `None` for what is none of these.
///
/// Source: the LDraw primitives reference, <https://www.ldraw.org/library/primref/>.
pub fn mesh(name: &str) -> Option<Mesh> {
    let name = name.rsplit('/').next().unwrap_or(name);
    if matches!(name, "box" | "box0" | "box2" | "box3" | "box4" | "box5") {
        return Some(plain_block(Vec3::NEG_ONE, Vec3::ONE).two_sided().mesh());
    }
    let (numerator, rest) = name.split_once('-')?;
    let digits = rest.find(|c: char| !c.is_ascii_digit())?;
    let (denominator, kind) = rest.split_at(digits);
    let share = numerator.parse::<f32>().ok()? / denominator.parse::<f32>().ok().filter(|d| *d > 0.0)?;
    if !(0.0..=1.0).contains(&share) {
        return None;
    }
    let letters = kind.trim_end_matches(|c: char| c.is_ascii_digit());
    let inner = || kind[letters.len()..].parse::<f32>().ok();
    // From the origin to y = 1, as (radius, height above 0).
    let line = match letters {
        "cyli" | "cylo" | "cylc" => vec![(1.0, -1.0), (1.0, 0.0)],
        "disc" => vec![(0.0, 0.0), (1.0, 0.0)],
        "ring" => vec![(inner()?, 0.0), (inner()? + 1.0, 0.0)],
        "con" => vec![(inner()?, -1.0), (inner()? + 1.0, 0.0)],
        "edge" => Vec::new(),
        _ => return None,
    };
    let steps = (16.0 * share).ceil().max(1.0);
    if letters == "edge" {
        let mut circle = Shape::new();
        let at = |i: f32| Vec2::from_angle(std::f32::consts::TAU * share * i / steps);
        for i in 0..steps as u32 {
            let (a, b) = (at(i as f32), at(i as f32 + 1.0));
            circle.edge(Vec3::new(a.x, 0.0, a.y), Vec3::new(b.x, 0.0, b.y));
        }
        return Some(circle.mesh());
    }
    let lathe = Lathe::new(Contour::line(line), steps as usize).span(0.0, 360.0 * share).without_edges();
    Some(lathe.shape().transformed(axes::up()).two_sided().mesh())
}

#[cfg(test)]
mod tests {
    use super::mesh;
    use glam::Vec3;

    #[test]
    fn primitives_have_their_unit_size() {
        let bounds = |name: &str| mesh(name).map(|m| (m.bounds.min.round(), m.bounds.max.round()));
        assert_eq!(bounds("4-4cyli"), Some((Vec3::new(-1.0, 0.0, -1.0), Vec3::ONE)));
        assert_eq!(bounds("4-4con1"), Some((Vec3::new(-2.0, 0.0, -2.0), Vec3::new(2.0, 1.0, 2.0))));
        assert_eq!(bounds("1-4ring3"), Some((Vec3::ZERO, Vec3::new(4.0, 0.0, 4.0))));
        assert_eq!(bounds("box"), Some((Vec3::NEG_ONE, Vec3::ONE)));
        assert_eq!(mesh("4-4edge").map(|m| (m.indices.len(), m.edges.len())), Some((0, 32)));
        assert_eq!(mesh("3001"), None);
    }
}
