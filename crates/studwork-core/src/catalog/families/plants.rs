//! Leaves and flowers: flat branches with open studs, and rings of petals.

use super::Family;
use crate::catalog::build::{
    Contour, GripKind, ROUND, Shape, Solid, StudStyle, axes, ring, slab, stick, stud, studs, turned,
};
use glam::{Affine3A, Vec2, Vec3};
use serde::Deserialize;

/// Where a twig starts and ends, as (x, z).
type Twig = ((f32, f32), (f32, f32));

/// Growing things.
#[derive(Clone, Debug, Deserialize)]
pub enum Plants {
    /// A flat branch: studs at (x, z), which of them have a foot that fits on a stud, and the twigs between points.
    Branch {
        /// The radius of the disc at the origin.
        #[serde(default = "foot_radius")]
        heart: f32,
        studs: Vec<(f32, f32)>,
        feet: Vec<(f32, f32)>,
        twigs: Vec<Twig>,
    },
    /// A round plate of one stud with leaves that end at these (x, z).
    Leaves { tips: Vec<(f32, f32)>, width: f32 },
    /// A round plate of one stud with petals.
    Petals { count: u32, radius: f32, distance: f32 },
}

fn foot_radius() -> f32 {
    8.0
}

impl Family for Plants {
    fn shape(&self) -> Shape {
        match self {
            Self::Branch { heart, studs, feet, twigs } => branch(*heart, studs, feet, twigs),
            Self::Leaves { tips, width } => leaves(tips, *width),
            Self::Petals { count, radius, distance } => petals(*count, *radius, *distance),
        }
    }
}

fn branch(heart: f32, stud_places: &[(f32, f32)], feet: &[(f32, f32)], twigs: &[Twig]) -> Shape {
    let open = stud(StudStyle::Hollow, 12);
    let foot = ring(6.0, 8.0, -8.0, -2.9).transformed(axes::up());
    let mut shape = Shape::new();
    for &place in stud_places {
        let center = feet.contains(&place);
        let radius = if place == (0.0, 0.0) {
            heart
        } else if center {
            8.0
        } else {
            6.0
        };
        let disc = slab(&Contour::circle(place.0, place.1, radius, ROUND), 0.0, 3.0);
        shape.append(&disc, Affine3A::IDENTITY);
        shape.append(&open, axes::at(place.0, 0.0, place.1));
        let frame = axes::at(place.0, 1.5, place.1);
        shape.solids.push(Solid::Cylinder { frame, radius, half: 1.5 });
        if center {
            shape.append(&foot, axes::at(place.0, 0.0, place.1));
            shape.grip(GripKind::Socket, axes::at(place.0, 8.0, place.1), 4.0);
        }
    }
    for &(a, b) in twigs {
        let (a, b) = (Vec2::from(a), Vec2::from(b));
        let along = (b - a).normalize_or_zero();
        let side = along.perp() * 3.0;
        let corners = [a + side, b + side, b - side, a - side];
        let outline = Contour::new(corners.map(Into::into));
        shape.append(&slab(&outline, 0.2, 2.8), Affine3A::IDENTITY);
        shape.solids.push(Solid::Hull(
            corners.iter().flat_map(|c| [Vec3::new(c.x, 0.2, c.y), Vec3::new(c.x, 2.8, c.y)]).collect(),
        ));
    }
    shape
}

// A round plate without its studs' rim: what leaves and petals grow from.
fn heart() -> Shape {
    let mut shape = turned(&[(6.0, -4.0), (6.0, -8.0), (8.0, -8.0), (8.0, -0.2)], ROUND, 0.0).transformed(axes::up());
    shape.append(&studs(&[Vec2::ZERO], 0.0, StudStyle::Hollow), Affine3A::IDENTITY);
    shape.grip(GripKind::Socket, axes::at(0.0, 8.0, 0.0), 4.0);
    shape
}

fn leaves(tips: &[(f32, f32)], width: f32) -> Shape {
    let mut shape = heart().with(&slab(&Contour::circle(0.0, 0.0, 10.0, 20), 0.0, 3.0));
    for (k, &tip) in tips.iter().enumerate() {
        let tip = Vec2::from(tip);
        let (length, along) = (tip.length(), tip.normalize_or_zero());
        // A lens from the heart to the tip; the middle rib stands out.
        let side = |t: f32, sign: f32| {
            let wide = (t * std::f32::consts::PI).sin().max(0.0).powf(0.8) * width / 2.0;
            let p = along * (length * (0.15 + 0.85 * t)) + along.perp() * wide * sign;
            (p.x, p.y)
        };
        let there = (0..=8).map(|i| side(i as f32 / 8.0, 1.0));
        let back = (1..8).rev().map(|i| side(i as f32 / 8.0, -1.0));
        let outline = Contour::new(there.chain(back));
        let sink = 0.25 * k as f32;
        shape.append(&slab(&outline, 0.3 + sink, 3.2 + sink), Affine3A::IDENTITY);
        let rib = stick(Vec3::new(along.x * 9.0, sink, along.y * 9.0), Vec3::new(tip.x * 0.9, sink, tip.y * 0.9), 0.7);
        shape.append(&rib, Affine3A::IDENTITY);
    }
    shape
}

fn petals(count: u32, radius: f32, distance: f32) -> Shape {
    let mut shape = heart();
    for i in 0..count {
        let at = Vec2::from_angle((90.0 + 360.0 / count as f32 * i as f32).to_radians()) * distance;
        let petal = Contour::circle(at.x, at.y, radius, 14);
        shape.append(&slab(&petal, 0.0, 2.6), Affine3A::IDENTITY);
    }
    shape
}
