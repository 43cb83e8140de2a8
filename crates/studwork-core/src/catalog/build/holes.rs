//! Holes for pins, axles and bars through a body, and the pins, axles and bars that go into them. All lie along w (z);
//! sizes are those of the LDraw primitives `peghole`, `axlehole`, `connect` and `axle`.

use super::contour::Contour;
use super::prism::{Lathe, Prism, cap};
use super::shape::{GripKind, Shape, Solid};
use super::{ROUND, axes};
use glam::{Affine3A, Vec3};

/// A kind of hole.
#[derive(Copy, Clone, Debug, PartialEq, Eq, serde::Deserialize)]
pub enum Hole {
    /// Round, for a pin, with a wider mouth at both ends for the pin's collar.
    Pin,
    /// A cross, for an axle.
    Axle,
    /// Round, for a bar.
    Bar,
}

impl Hole {
    /// Its opening in a face, about the origin.
    pub fn mouth(self) -> Contour {
        match self {
            Self::Pin => Contour::circle(0.0, 0.0, 8.0, ROUND),
            Self::Axle => cross(),
            Self::Bar => Contour::circle(0.0, 0.0, 4.0, ROUND),
        }
    }

    /// Its walls and its grip, along w about the origin.
    pub fn walls(self, from: f32, to: f32) -> Shape {
        let lathe = |profile: &[(f32, f32)]| Lathe::new(Contour::line(profile.iter().copied()), ROUND).shape();
        let mut shape = match self {
            Self::Pin => {
                let lip = if to - from > 5.0 { 2.0 } else { 1.0 };
                let (a, b) = (from + lip, to - lip);
                lathe(&[(8.0, to), (8.0, b), (6.0, b), (6.0, a), (8.0, a), (8.0, from)])
            }
            Self::Axle => Prism::new(cross(), from, to).open_from().open_to().shape().inside_out(),
            Self::Bar => lathe(&[(4.0, to), (4.0, from)]),
        };
        let kind = match self {
            Self::Pin => GripKind::PinHole,
            Self::Axle => GripKind::AxleHole,
            Self::Bar => GripKind::BarHole,
        };
        shape.grip(kind, along_w((from + to) / 2.0), to - from);
        shape
    }
}

// A grip's frame on the w axis.
fn along_w(w: f32) -> Affine3A {
    axes::y_toward(Vec3::new(0.0, 0.0, w), Vec3::Z)
}

/// The section of an axle.
pub fn cross() -> Contour {
    let (r, e, h) = (6.0, 5.602, 2.0);
    let quarter = [(r, 0.0), (e, h), (h, h), (h, e)];
    let turned = |k: usize, (u, v): (f32, f32)| match k {
        0 => (u, v),
        1 => (-v, u),
        2 => (-u, -v),
        _ => (v, -u),
    };
    Contour::new((0..4).flat_map(|k| quarter.map(|p| turned(k, p))))
}

/// A body over an outline in (u, v) with holes along w at (u, v).
pub fn drilled(outline: &Contour, from: f32, to: f32, bevel: f32, holes: &[(Hole, f32, f32)]) -> Shape {
    let mut prism = Prism::new(outline.clone(), from, to).bevel(bevel);
    for &(hole, u, v) in holes {
        prism = prism.mouth(hole.mouth().moved(u, v));
    }
    let mut shape = prism.shape();
    for &(hole, u, v) in holes {
        shape.append(&hole.walls(from, to), axes::at(u, v, 0.0));
    }
    shape
}

/// A body turned about w with a hole along its axis. The profile of (radius, w) runs from the rim at its lower end to the
/// rim at its upper end.
pub fn bored(profile: &[(f32, f32)], hole: Hole, segments: usize, bevel: f32) -> Shape {
    let mut shape = Lathe::new(Contour::line(profile.iter().copied()), segments).bevel(bevel).shape();
    let ends = [profile[0], profile[profile.len() - 1]];
    for ((radius, w), up) in ends.into_iter().zip([false, true]) {
        if radius > 8.01 || hole != Hole::Pin {
            cap(&mut shape, &[Contour::circle(0.0, 0.0, radius, segments), hole.mouth().reversed()], w, up);
        }
    }
    let (from, to) = (ends[0].1, ends[1].1);
    let radius = profile.iter().map(|p| p.0).fold(0.0, f32::max);
    shape.append(&hole.walls(from, to), Affine3A::IDENTITY);
    shape.solids.push(Solid::Cylinder { frame: along_w((from + to) / 2.0), radius, half: (to - from) / 2.0 });
    shape
}

/// A full body turned about w; the profile of (radius, w) runs upward and its ends are closed.
pub fn turned(profile: &[(f32, f32)], segments: usize, bevel: f32) -> Shape {
    let (first, last) = (profile[0], profile[profile.len() - 1]);
    let mut points = vec![(0.0, first.1)];
    points.extend_from_slice(profile);
    points.push((0.0, last.1));
    let mut shape = Lathe::new(Contour::line(points), segments).bevel(bevel).shape();
    let radius = profile.iter().map(|p| p.0).fold(0.0, f32::max);
    let (from, to) = (first.1, last.1);
    shape.solids.push(Solid::Cylinder { frame: along_w((from + to) / 2.0), radius, half: (to - from) / 2.0 });
    shape
}

/// Half of a pin from its collar at w = 0 to its slotted, springy end at w = `length`.
pub fn pin_half(length: f32, friction: bool) -> Shape {
    turned(&[(8.0, 0.0), (8.0, 2.0), (5.8, 2.0)], ROUND, 0.0).with(&plain_pin_half(length, friction))
}

/// [`pin_half`] without the collar.
pub fn plain_pin_half(length: f32, friction: bool) -> Shape {
    let floor = length - 8.5;
    let base = [(0.0, 0.0), (5.8, 0.0), (5.8, floor), (0.0, floor)];
    let mut shape = Lathe::new(Contour::line(base), ROUND).shape();
    let jaw = Contour::new([
        (3.8, floor),
        (5.8, floor),
        (5.8, length - 2.0),
        (6.4, length - 1.6),
        (6.4, length - 0.4),
        (6.0, length),
        (3.8, length),
    ]);
    for from in [14.0, 194.0] {
        shape.append(&Lathe::new(jaw.clone(), 7).span(from, from + 152.0).shape(), Affine3A::IDENTITY);
    }
    if friction {
        // The ridges that make it stiff.
        for k in 0..4 {
            let ridge =
                Prism::new(Contour::rect(5.4, -0.6, 6.2, 0.6), 3.5, floor - 0.5).bevel(0.2).without_edges().shape();
            shape.append(&ridge, axes::turn_z(45.0 + 90.0 * k as f32));
        }
    }
    shape.grip(GripKind::Pin, along_w(length / 2.0), length);
    shape.solids.push(Solid::Cylinder { frame: along_w(length / 2.0), radius: 6.0, half: length / 2.0 });
    shape
}

/// A pin along w about the origin: a half toward −w of length `below`, another toward +w of length `above`.
pub fn pin(below: f32, above: f32, friction: bool) -> Shape {
    let flip = axes::turn_x(180.0);
    pin_half(above, friction).with_at(&pin_half(below, friction), flip)
}

/// An axle along w.
pub fn axle(from: f32, to: f32) -> Shape {
    let mut shape = Prism::new(cross(), from, to).bevel(0.4).shape();
    shape.grip(GripKind::Axle, along_w((from + to) / 2.0), to - from);
    shape.solids.push(Solid::Cylinder { frame: along_w((from + to) / 2.0), radius: 6.0, half: (to - from) / 2.0 });
    shape
}

/// A round bar along w, its ends softened.
pub fn bar(radius: f32, from: f32, to: f32) -> Shape {
    let mut shape = turned(&[(radius, from), (radius, to)], ROUND, 0.4);
    if (radius - 4.0).abs() < 0.1 {
        shape.grip(GripKind::Bar, along_w((from + to) / 2.0), to - from);
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::*;

    // How many faces a line along z through (x, y) meets.
    fn faces_met(shape: &Shape, x: f32, y: f32) -> usize {
        let mesh = shape.mesh();
        let corner = |i: u32| Vec3::from(mesh.vertices[i as usize].position).truncate() - glam::Vec2::new(x, y);
        let meets = |t: &&[u32]| {
            let [a, b, c] = [t[0], t[1], t[2]].map(corner);
            let sides = [a.perp_dot(b), b.perp_dot(c), c.perp_dot(a)];
            sides.iter().all(|s| *s > 0.0) || sides.iter().all(|s| *s < 0.0)
        };
        mesh.indices.chunks_exact(3).filter(meets).count()
    }

    #[test]
    fn holes_go_through_and_leave_walls() {
        let outline = Contour::rect(-30.0, -12.0, 30.0, 12.0);
        let shape = drilled(&outline, -10.0, 10.0, 0.4, &[(Hole::Pin, -15.0, 0.0), (Hole::Axle, 15.0, 0.0)]);
        assert_eq!(faces_met(&shape, -14.3, 0.7), 0, "a pin hole is open in its middle");
        assert_eq!(faces_met(&shape, -15.3, 7.1), 2, "the pin hole's lip carries");
        assert_eq!(faces_met(&shape, 19.9, 0.6), 0, "an axle hole is open in its arms");
        assert_eq!(faces_met(&shape, 18.7, 3.6), 2, "an axle hole is closed between its arms");
        assert_eq!(faces_met(&shape, 0.3, 0.2), 2);
    }

    #[test]
    fn what_goes_into_a_hole_fits_it() {
        for (hole, filler) in
            [(Hole::Pin, pin(20.0, 20.0, true)), (Hole::Axle, axle(-20.0, 20.0)), (Hole::Bar, bar(4.0, -20.0, 20.0))]
        {
            let walls = hole.walls(-10.0, 10.0);
            let (kinds, axis) = (walls.grips[0].kind, walls.grips[0].frame.matrix3.y_axis);
            let fits = match kinds {
                GripKind::PinHole => GripKind::Pin,
                GripKind::AxleHole => GripKind::Axle,
                _ => GripKind::Bar,
            };
            assert!(filler.grips.iter().any(|g| g.kind == fits), "{hole:?}");
            assert!(axis.z.abs() > 0.999, "{hole:?} runs along w");
            assert_eq!(walls.grips[0].length, 20.0);
            assert!(filler.bounds().max.x <= walls.bounds().max.x + 0.01, "{hole:?} has room");
        }
    }
}
