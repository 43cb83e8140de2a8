//! The minifigure: head, torso, arms, hands, hips and legs, and what it wears.

use super::Family;
use crate::catalog::build::{
    Contour, GripKind, Lathe, Prism, ROUND, Shape, Solid, StudStyle, axes, ball, bar, block, cylinder, frame, ring,
    slab, stick, stud, turned,
};
use glam::{Affine3A, Vec2, Vec3};
use serde::Deserialize;
use studwork_ldraw::{ColorRef, Tint};

/// Parts of a minifigure.
#[derive(Clone, Debug, Deserialize)]
pub enum Minifigure {
    /// A head, with a smiling face where told.
    Head { face: bool },
    /// A torso without arms.
    Torso,
    /// The hips.
    Hips,
    /// A leg; the right one stands at −x. `toe` is how far the foot reaches toward −z.
    Leg { right: bool, toe: f32 },
    /// An arm; the right one hangs at −x.
    Arm { right: bool },
    /// A hand.
    Hand,
    /// A helmet that leaves the face open.
    Helmet,
    /// A visor for the helmet.
    Visor,
    /// A cap with a peak.
    Cap,
    /// A hard hat.
    HardHat,
    /// Short hair.
    Hair,
    /// Two bottles of air on the back.
    AirTanks,
    /// A ski with a hold for a foot.
    Ski,
}

/// LDraw's black, for faces.
const BLACK: u32 = 0;

impl Family for Minifigure {
    fn shape(&self) -> Shape {
        match *self {
            Self::Head { face } => head(face),
            Self::Torso => torso(),
            Self::Hips => hips(),
            Self::Leg { right, toe } => mirrored_if(!right, &leg(toe)),
            Self::Arm { right } => mirrored_if(!right, &arm()),
            Self::Hand => hand(),
            Self::Helmet => helmet(),
            Self::Visor => visor(),
            Self::Cap => cap(),
            Self::HardHat => hard_hat(),
            Self::Hair => hair(),
            Self::AirTanks => air_tanks(),
            Self::Ski => ski(),
        }
    }
}

fn mirrored_if(mirror: bool, shape: &Shape) -> Shape {
    let scale = if mirror { Vec3::new(-1.0, 1.0, 1.0) } else { Vec3::ONE };
    shape.transformed(Affine3A::from_scale(scale))
}

fn head(face: bool) -> Shape {
    let profile = [
        (6.0, -18.0),
        (6.0, -24.0),
        (8.0, -24.0),
        (8.0, -21.0),
        (10.0, -21.0),
        (11.6, -20.3),
        (12.7, -18.8),
        (13.0, -17.0),
        (13.0, -6.5),
        (12.7, -4.2),
        (11.6, -2.2),
        (9.6, -0.8),
        (7.0, 0.0),
    ];
    let mut shape = turned(&profile, 24, 0.0).transformed(axes::up());
    shape.append(&stud(StudStyle::Hollow, ROUND), Affine3A::IDENTITY);
    shape.grip(GripKind::Socket, axes::at(0.0, 24.0, 0.0), 4.0);
    shape.grip(GripKind::BarHole, axes::at(0.0, 18.0, 0.0), 12.0);
    if face {
        shape.append(&smile().tinted(Tint::from(ColorRef::Code(BLACK))), Affine3A::IDENTITY);
    }
    shape
}

// Two eyes and a smile, painted on the front of the head.
fn smile() -> Shape {
    let mut shape = Shape::new();
    let on_head = |s: f32, y: f32| {
        let angle = s / 13.0;
        let normal = Vec3::new(angle.sin(), 0.0, -angle.cos());
        (normal * 13.06 + Vec3::Y * y, normal)
    };
    let mut paint = |corners: [(f32, f32); 3]| {
        let [a, b, c] = corners.map(|(s, y)| on_head(s, y));
        let outward = (b.0 - a.0).cross(c.0 - a.0).dot(a.1) > 0.0;
        let (b, c) = if outward { (b, c) } else { (c, b) };
        shape.triangle([a.0, b.0, c.0], [a.1, b.1, c.1]);
    };
    for side in [-1.0, 1.0] {
        let eye = Contour::circle(4.3 * side, 9.0, 1.5, 12);
        let points: Vec<(f32, f32)> = eye.points().iter().map(|p| (p.x, p.y)).collect();
        for i in 1..points.len() - 1 {
            paint([points[0], points[i], points[i + 1]]);
        }
    }
    let lips = |k: usize, radius: f32| {
        let v = Vec2::from_angle((35.0 + 11.0 * k as f32).to_radians()) * radius;
        (v.x, 9.6 + v.y * 0.85)
    };
    for k in 0..10 {
        let thick = |k: usize| 0.35 + 0.35 * (k as f32 / 10.0 * std::f32::consts::PI).sin();
        let (a, b) = (lips(k, 6.0 - thick(k)), lips(k, 6.0 + thick(k)));
        let (c, d) = (lips(k + 1, 6.0 - thick(k + 1)), lips(k + 1, 6.0 + thick(k + 1)));
        paint([a, b, d]);
        paint([a, d, c]);
    }
    shape
}

// The edge of an outline in (x, y) that lies lowest.
fn lowest_edge(outline: &Contour) -> usize {
    let points = outline.points();
    let level = |i: usize| points[i].y.min(points[(i + 1) % points.len()].y);
    (0..points.len()).max_by(|a, b| level(*a).total_cmp(&level(*b))).unwrap_or(0)
}

fn torso() -> Shape {
    let outline = Contour::new([
        (-12.0, 0.0),
        (12.0, 0.0),
        (14.345, 2.0),
        (19.0, 29.0),
        (19.0, 32.0),
        (-19.0, 32.0),
        (-19.0, 29.0),
        (-14.345, 2.0),
    ]);
    let inner = Contour::new([(-11.0, 4.0), (11.0, 4.0), (16.0, 32.0), (-16.0, 32.0)]);
    let body = Prism::new(outline.clone(), -10.0, 10.0).bevel(0.6).open_edges(&[lowest_edge(&outline)]).shape();
    let cavity = Prism::new(inner.clone(), -6.0, 6.0).open_edges(&[lowest_edge(&inner)]).shape().inside_out();
    let foot = crate::catalog::build::rim(&Contour::centered(38.0, 20.0), &Contour::centered(32.0, 12.0), 32.0);
    let mut shape = body.with(&cavity).with(&foot).with(&cylinder(0.0, 0.0, 6.0, -12.0, 0.1, ROUND, 0.4));
    for x in [-1.0, 1.0] {
        // The dark rings where the arms sit.
        let seat = ring(3.0, 5.0, -0.3, 0.3).transformed(axes::turn_z(-9.8 * x) * axes::turn_y(90.0));
        shape.append(&seat, axes::at(15.5 * x, 9.0, 0.0));
    }
    shape.solids.retain(|s| !matches!(s, Solid::Block { .. }));
    let corners = outline.points().iter().flat_map(|p| [p.extend(-10.0), p.extend(10.0)]);
    shape.solids.push(Solid::Hull(corners.collect()));
    shape.grip(GripKind::Stud, axes::at(0.0, -8.0, 0.0), 4.0);
    // The neck goes into the head, the arms' pegs into the shoulders.
    shape.grip(GripKind::Bar, axes::at(0.0, -6.0, 0.0), 12.0);
    for x in [-1.0_f32, 1.0] {
        let (sin, cos) = (-9.8 * x).to_radians().sin_cos();
        shape.grip(GripKind::BarHole, axes::y_toward(Vec3::new(12.55 * x, 9.2, 0.0), Vec3::new(cos, sin, 0.0)), 8.0);
    }
    shape
}

fn hips() -> Shape {
    // The legs' round tops turn between the two lips.
    let mut shape = block((-18.0, 0.0, -10.0), (18.0, 3.2, 10.0), 0.4)
        .with(&block((-18.0, 3.0, -10.0), (18.0, 5.0, -6.5), 0.2))
        .with(&block((-18.0, 3.0, 6.5), (18.0, 5.0, 10.0), 0.2));
    for x in [-1.0_f32, 1.0] {
        let (a, b) = (4.0 * x, 14.5 * x);
        shape.append(&block((a.min(b), -11.0, -5.9), (a.max(b), 0.2, 5.9), 0.8), Affine3A::IDENTITY);
    }
    // The disc between the legs and the axle they turn on.
    let tongue = turned(&[(9.0, -2.0), (9.0, 2.0)], 24, 0.3).with(&bar(3.0, -10.0, 10.0));
    shape.append(&tongue, axes::at(0.0, 12.0, 0.0) * axes::along_x());
    shape.append(&block((-2.0, 3.0, -8.5), (2.0, 12.0, 8.5), 0.2), Affine3A::IDENTITY);
    shape.grip(GripKind::Bar, axes::y_toward(Vec3::new(0.0, 12.0, 0.0), Vec3::X), 20.0);
    shape
}

// The right leg, at −x.
fn leg(toe: f32) -> Shape {
    let shift = 11.0 - toe;
    let mut outline = Contour::arc(0.0, shift, 9.0, 90.0, 322.0, 18);
    outline.extend([
        (9.0, -6.4 + shift),
        (20.0, -6.8 + shift),
        (20.0, -11.0 + shift),
        (28.0, -11.0 + shift),
        (28.0, 9.0 + shift),
    ]);
    // (y, z), taken along x.
    let outline = Contour::new(outline);
    let mut shape = Prism::new(outline.clone(), -19.5, -1.5).bevel(0.5).shape().transformed(axes::along_x());
    let corners = outline.points().iter().flat_map(|p| [Vec3::new(-19.5, p.x, p.y), Vec3::new(-1.5, p.x, p.y)]);
    shape.solids.push(Solid::Hull(corners.collect()));
    shape.grip(GripKind::Socket, axes::at(-10.0, 28.0, 0.0), 4.0);
    shape.grip(GripKind::BarHole, axes::y_toward(Vec3::new(-10.5, 0.0, shift), Vec3::X), 18.0);
    shape
}

// The right arm, at −x: it bends forward at the elbow.
fn arm() -> Shape {
    let (shoulder, elbow, wrist) = (Vec3::new(-1.5, 0.0, 0.0), Vec3::new(-4.2, 8.5, -1.2), Vec3::new(-4.9, 18.4, -9.4));
    let mut shape = stick(Vec3::new(7.0, -0.6, 0.0), Vec3::new(-1.0, 0.0, 0.0), 4.8)
        .with(&ball(shoulder, 6.5, 16))
        .with(&stick(shoulder, elbow, 5.7).without_edges())
        .with(&ball(elbow, 5.7, 16));
    let out = (wrist - elbow).normalize();
    let sleeve = [(5.6, 0.0), (5.2, 12.8), (2.8, 12.8), (2.8, 8.0)];
    shape.append(&turned(&sleeve, ROUND, 0.2), crate::catalog::build::toward(elbow, out));
    shape.grip(GripKind::Bar, axes::y_toward(Vec3::new(3.0, -0.3, 0.0), Vec3::X), 8.0);
    // Where LDraw's hands sit.
    let inward = Vec3::new(0.0, -1.0, 1.0).normalize();
    shape.grip(GripKind::BarHole, axes::y_toward(Vec3::new(-5.0, 18.88, -9.88) + inward * 6.0, inward), 14.0);
    shape
}

fn hand() -> Shape {
    let mut outline = Contour::arc(0.0, 0.0, 6.0, -48.0, 228.0, 16);
    outline.extend(Contour::arc(0.0, 0.0, 4.0, 228.0, -48.0, 14));
    let palm = Prism::new(Contour::new(outline), 0.0, 11.0).bevel(0.3).shape();
    let place = frame(Vec3::new(0.0, 4.5, -8.52), Vec3::new(0.0, -0.2504, 0.9682), Vec3::new(0.0, -0.9682, -0.2504));
    let mut shape = palm.transformed(place);
    shape.append(&bar(2.5, -1.0, 13.0), Affine3A::IDENTITY);
    shape.append(&stick(Vec3::new(0.0, -1.0, -4.6), Vec3::new(0.0, -0.2, 1.0), 3.4), Affine3A::IDENTITY);
    shape.grip(GripKind::Bar, axes::y_toward(Vec3::new(0.0, 0.0, 6.0), Vec3::Z), 14.0);
    let middle = place.transform_point3(Vec3::new(0.0, 0.0, 5.5));
    shape.grip(GripKind::Clip, axes::y_toward(middle, Vec3::new(0.0, 0.9682, 0.2504)), 11.0);
    shape.solids.push(Solid::block(Vec3::new(-5.5, -5.0, -8.5), Vec3::new(5.5, 3.0, -3.0)));
    shape
}

// A dome over (0, 0): outer and inner radius, the y of its foot and of its top.
fn dome(outer: f32, inner: f32, foot: f32, top: f32) -> Shape {
    let height = foot - top;
    let arc = |radius: f32, height: f32| {
        (0..=7).map(move |i| {
            let angle = (i as f32 / 7.0 * 90.0).to_radians();
            (radius * angle.cos(), height * angle.sin() - foot)
        })
    };
    let mut profile: Vec<(f32, f32)> = arc(outer, height).collect();
    profile.extend(arc(inner, height - (outer - inner)).collect::<Vec<_>>().into_iter().rev());
    let mut shape = Lathe::new(Contour::new(profile), 24).shape().transformed(axes::up());
    shape.solids.push(Solid::Cylinder { frame: axes::at(0.0, top + 2.0, 0.0), radius: inner * 0.6, half: 2.0 });
    shape
}

fn helmet() -> Shape {
    let crown = dome(15.8, 13.4, 6.0, -9.5);
    // The back reaches down to the chin guard, which goes all around.
    let wall =
        Lathe::new(Contour::rect(13.4, -16.0, 15.8, -5.9), 18).span(-25.0, 205.0).shape().transformed(axes::up());
    let guard = Lathe::new(Contour::rect(13.2, -25.1, 15.8, -14.5), 24).bevel(0.4).shape().transformed(axes::up());
    let stretch =
        Affine3A::from_translation(Vec3::new(0.0, 0.0, -1.25)) * Affine3A::from_scale(Vec3::new(1.0, 1.0, 1.09));
    let mut shape = crown.with(&wall).with_at(&guard, stretch);
    shape.grip(GripKind::Socket, Affine3A::IDENTITY, 4.0);
    shape.solids.push(Solid::block(Vec3::new(-15.0, 0.0, 13.0), Vec3::new(15.0, 22.0, 16.0)));
    shape
}

fn visor() -> Shape {
    let shield = Lathe::new(
        Contour::new([
            (15.0, -3.0),
            (17.0, -3.0),
            (17.0, -10.0),
            (16.6, -15.0),
            (15.0, -19.4),
            (13.4, -19.4),
            (15.0, -10.0),
        ]),
        20,
    )
    .span(172.0, 368.0)
    .shape();
    let mut shape = shield.transformed(Affine3A::from_translation(Vec3::new(0.0, 0.0, -3.0)) * axes::up());
    for x in [-16.0, 16.0] {
        let ear = Lathe::new(Contour::line([(0.0, -1.0), (4.0, -1.0), (4.0, 1.0), (0.0, 1.0)]), 20).shape();
        shape.append(&ear, axes::at(x, 6.5, 0.0) * axes::along_x());
    }
    shape.solids.push(Solid::block(Vec3::new(-12.0, 4.0, -20.0), Vec3::new(12.0, 18.5, -17.0)));
    shape
}

fn cap() -> Shape {
    let peak = Contour::new(Contour::arc(0.0, -14.0, 14.0, 180.0, 360.0, 16).into_iter().chain([
        (13.4, -3.0),
        (8.0, -11.5),
        (-8.0, -11.5),
        (-13.4, -3.0),
    ]));
    let mut shape = dome(14.0, 12.0, 8.9, -11.0).with(&slab(&peak, 6.4, 8.8));
    shape.grip(GripKind::Socket, Affine3A::IDENTITY, 4.0);
    shape.solids.push(Solid::block(Vec3::new(-10.0, 6.5, -27.0), Vec3::new(10.0, 9.0, -14.0)));
    shape
}

fn hard_hat() -> Shape {
    let brim = Lathe::new(Contour::rect(13.0, -6.0, 17.0, -3.6), 28).bevel(0.4).shape().transformed(axes::up());
    let peak =
        Contour::new(Contour::arc(0.0, -6.0, 16.0, 180.0, 360.0, 16).into_iter().chain([(10.0, -9.0), (-10.0, -9.0)]));
    let rib = Lathe::new(Contour::rect(13.6, -1.6, 15.2, 1.6), 14).span(-75.0, 75.0).shape();
    let crest = rib.transformed(axes::at(0.0, 4.2, 0.0) * axes::turn_y(90.0) * axes::turn_z(-90.0));
    let mut shape = dome(14.6, 12.6, 5.0, -10.4).with(&brim).with(&slab(&peak, 3.8, 5.9)).with(&crest);
    shape.grip(GripKind::Socket, Affine3A::IDENTITY, 4.0);
    shape.solids.push(Solid::block(Vec3::new(-12.0, 3.6, -22.0), Vec3::new(12.0, 6.0, -14.0)));
    shape
}

fn hair() -> Shape {
    // A mop that ends in strands around the back and over the forehead.
    let mut shape = dome(15.0, 12.6, 6.0, -7.0);
    for k in 0..11 {
        let angle = -30.0 + 24.0 * k as f32;
        let low = if (2..=8).contains(&k) { 16.8 } else { 13.0 };
        let strand = Lathe::new(
            Contour::new([(12.6, -5.9), (13.2, -low + 0.6), (13.8, -low), (15.0, -low + 2.0), (15.3, -5.9)]),
            3,
        );
        shape.append(&strand.span(angle - 12.0, angle + 12.0).shape(), axes::up());
    }
    let fringe = Lathe::new(Contour::rect(12.6, -8.0, 15.2, -5.9), 8).span(230.0, 310.0).shape();
    shape.append(&fringe, axes::up());
    shape.solids.push(Solid::block(Vec3::new(-13.0, 0.0, 12.8), Vec3::new(13.0, 15.0, 15.0)));
    shape
}

fn air_tanks() -> Shape {
    let bottle = [(5.0, -25.5), (7.0, -25.0), (7.0, 1.0), (6.4, 4.0), (4.6, 6.0), (2.4, 7.0), (2.4, 10.5)];
    let bottle = turned(&bottle, ROUND, 0.0).transformed(axes::up());
    let mut shape = ring(6.2, 10.0, -3.0, 0.0).transformed(axes::up());
    for x in [-7.0, 7.0] {
        shape.append(&bottle, axes::at(x, 0.0, 17.0));
    }
    shape.append(&block((-6.0, 0.0, 8.6), (6.0, 8.0, 15.0), 0.4), Affine3A::IDENTITY);
    shape.with(&stick(Vec3::new(-7.0, -8.5, 17.0), Vec3::new(7.0, -8.5, 17.0), 1.6))
}

fn ski() -> Shape {
    let sole = Contour::new([
        (-10.0, -34.0),
        (-5.0, -42.0),
        (5.0, -42.0),
        (10.0, -34.0),
        (10.0, 14.0),
        (5.0, 20.0),
        (5.0, 38.0),
        (-5.0, 38.0),
        (-5.0, 20.0),
        (-10.0, 14.0),
    ]);
    let mut shape = slab(&sole, 0.0, 3.0);
    shape.append(&stud(StudStyle::Hollow, ROUND), axes::at(0.0, 0.0, -2.0));
    // The lugs that hold a pole.
    for x in [-5.0, 5.0] {
        shape.append(&block((x - 1.6, -13.0, 9.0), (x + 1.6, 0.2, 16.0), 0.6), Affine3A::IDENTITY);
    }
    shape.solids.push(Solid::block(Vec3::new(-10.0, 0.0, -34.0), Vec3::new(10.0, 3.0, 14.0)));
    shape
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn left_and_right_are_mirror_images() {
        for (left, right) in [
            (Minifigure::Arm { right: false }, Minifigure::Arm { right: true }),
            (Minifigure::Leg { right: false, toe: 11.0 }, Minifigure::Leg { right: true, toe: 11.0 }),
        ] {
            let (a, b) = (left.shape().bounds(), right.shape().bounds());
            assert!((a.min.x + b.max.x).abs() < 0.001 && (a.max.x + b.min.x).abs() < 0.001);
            assert_eq!((a.min.y, a.max.z), (b.min.y, b.max.z));
        }
    }

    #[test]
    fn only_a_head_with_a_face_is_painted_and_only_in_front() {
        let black = Tint::from(ColorRef::Code(BLACK));
        let painted = |face| head(face).mesh().vertices.into_iter().filter(|v| v.tint == black).collect::<Vec<_>>();
        assert!(painted(false).is_empty());
        assert!(!painted(true).is_empty());
        assert!(painted(true).iter().all(|v| v.position[2] < -8.0 && v.normal().z < 0.0));
    }
}
