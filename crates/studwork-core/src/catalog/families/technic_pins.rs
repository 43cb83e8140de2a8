//! Pins, axles, bushes, joiners, connectors and gears of Technic.

use super::Family;
use crate::catalog::build::{
    Contour, Hole, ROUND, Shape, StudStyle, axes, axle, block, bored, drilled, pin, pin_half, plain_pin_half, stud,
    turned, underside,
};
use glam::{Affine3A, Vec2};
use serde::Deserialize;

/// What goes into holes, and what joins it.
#[derive(Clone, Debug, Deserialize)]
pub enum TechnicPins {
    /// A pin along x: how far it reaches toward −x and +x from its collar.
    Pin {
        lengths: (f32, f32),
        #[serde(default)]
        collar: f32,
        #[serde(default)]
        friction: bool,
    },
    /// A pin of one half with a hollow stud on its other side.
    HalfPin,
    /// A pin of three units: collars at −10 and 10.
    LongPin { friction: bool },
    /// A long pin with a bush at its end.
    BushPin,
    /// A pin toward −x and an axle toward +x.
    AxlePin { friction: bool },
    /// An axle along x, a disc at its +x end where told.
    Axle {
        length: f32,
        #[serde(default)]
        stop: bool,
    },
    /// A short axle with two notches.
    NotchedAxle,
    /// An axle with a stud at its end.
    StudAxle,
    /// A bush along z: its half length, with flanges or smooth.
    Bush { half: f32, flanges: bool },
    /// A joiner along z for two axles: round, or with flattened sides.
    AxleJoiner { radius: f32 },
    /// A joiner along x for two pins.
    PinJoiner { slot: bool },
    /// A bush across one end of an axle or a second bush: a pin hole or axle hole along x at the origin or the far end.
    AngleConnector {
        /// Degrees of the second arm about x, from −z toward −y; no second arm when left out.
        #[serde(default)]
        second: Option<f32>,
    },
    /// A bush with an axle hole along z and another across at z −20.
    AxleConnector,
    /// A bush along x with an axle toward +y.
    AxleArm,
    /// Two axle holes at y ±20 along x, and a pin hole between them along z.
    CrossBlock,
    /// A gear along z.
    Gear { teeth: u32, radius: f32, root: f32, half: f32, holes: bool },
    /// A gear with beveled teeth, from z −3 to 7.
    BevelGear,
    /// A toothed rack of 1 x 4 studs.
    Rack,
    /// A ball with an axle hole along y.
    Ball,
    /// A wheel-shaped connector: two pin holes and three axle holes along z.
    Circular,
}

impl Family for TechnicPins {
    fn shape(&self) -> Shape {
        let along_x = axes::along_x();
        match *self {
            Self::Pin { lengths, collar, friction } => {
                pin(lengths.0, lengths.1, friction).transformed(along_x).moved(collar, 0.0, 0.0)
            }
            Self::HalfPin => stud(StudStyle::Hollow, ROUND)
                .with_at(&turned(&[(8.0, -0.1), (8.0, 0.05)], ROUND, 0.0).without_edges(), axes::up())
                .transformed(axes::turn_z(90.0))
                .with_at(&pin_half(20.0, false), axes::turn_y(180.0) * along_x),
            Self::LongPin { friction } => {
                let half = pin_half(20.0, friction);
                turned(&[(8.0, -10.0), (8.0, -8.0), (5.8, -8.0), (5.8, 10.2)], ROUND, 0.0)
                    .with_at(&plain_pin_half(20.0, friction), axes::at(0.0, 0.0, 10.0))
                    .with_at(&half, axes::at(0.0, 0.0, -10.0) * axes::turn_x(180.0))
                    .transformed(along_x)
            }
            Self::BushPin => {
                let bush = [
                    (9.0, -30.0),
                    (9.0, -27.0),
                    (8.0, -26.5),
                    (7.0, -26.0),
                    (7.0, -14.0),
                    (8.0, -13.5),
                    (9.0, -13.0),
                    (9.0, -10.0),
                ];
                bored(&bush, Hole::Axle, ROUND, 0.0)
                    .with(&turned(&[(5.8, -10.1), (5.8, 12.0)], ROUND, 0.0))
                    .with_at(&plain_pin_half(20.0, true), axes::at(0.0, 0.0, 10.0))
                    .transformed(along_x)
            }
            Self::AxlePin { friction } => {
                axle(0.0, 20.0).with_at(&pin_half(20.0, friction), axes::turn_x(180.0)).transformed(along_x)
            }
            Self::Axle { length, stop } => {
                let half = length / 2.0;
                let end = if stop { half - 2.0 } else { half };
                let mut shape = axle(-half, end);
                if stop {
                    shape.append(&turned(&[(8.0, end), (8.0, half)], ROUND, 0.3), Affine3A::IDENTITY);
                }
                shape.transformed(along_x)
            }
            Self::NotchedAxle => {
                let waist = Contour::circle(0.0, 0.0, 4.0, 12);
                let waist = drilled(&waist, -11.5, 11.5, 0.0, &[]);
                axle(-20.0, -11.0).with(&axle(-8.0, 8.0)).with(&axle(11.0, 20.0)).with(&waist).transformed(along_x)
            }
            Self::StudAxle => axle(-30.0, 28.0)
                .with(&turned(&[(8.0, 28.0), (8.0, 30.0)], ROUND, 0.3))
                .transformed(along_x)
                .with_at(&stud(StudStyle::Hollow, ROUND), axes::at(30.0, 0.0, 0.0) * axes::turn_z(90.0)),
            Self::Bush { half, flanges } => bush(half, flanges),
            Self::AxleJoiner { radius } => {
                let h = 20.0;
                if radius > 9.0 {
                    // Five ridges for the fingers.
                    let ridges = [(-h, -h + 3.0), (-11.5, -8.5), (-1.5, 1.5), (8.5, 11.5), (h - 3.0, h)];
                    let profile: Vec<(f32, f32)> = ridges
                        .iter()
                        .flat_map(|&(a, b)| [(8.6, a - 0.6), (radius, a), (radius, b), (8.6, b + 0.6)])
                        .collect();
                    bored(&profile[1..profile.len() - 1], Hole::Axle, ROUND, 0.0)
                } else {
                    // Four ribs with hollowed corners between them.
                    let outline = Contour::new((0..4).flat_map(|k| {
                        let turn = Vec2::from_angle(std::f32::consts::FRAC_PI_2 * k as f32);
                        let corner = [(8.6, -3.4), (8.6, 3.4), (6.6, 4.2), (5.2, 5.2), (4.2, 6.6)];
                        corner.map(|p| turn.rotate(Vec2::from(p)).into())
                    }));
                    let mut shape = drilled(&outline, -h, h, 0.3, &[(Hole::Axle, 0.0, 0.0)]);
                    shape.solids.extend(turned(&[(8.5, -h), (8.5, h)], 8, 0.0).solids);
                    shape
                }
            }
            Self::PinJoiner { slot } => {
                let profile: &[(f32, f32)] = if slot {
                    &[(9.0, -20.0), (9.0, -2.0), (8.0, -2.0), (8.0, 2.0), (9.0, 2.0), (9.0, 20.0)]
                } else {
                    &[(10.0, -20.0), (10.0, -16.2), (9.5, -15.8), (9.5, 15.8), (10.0, 16.2), (10.0, 20.0)]
                };
                bored(profile, Hole::Pin, ROUND, 0.0).transformed(along_x)
            }
            Self::AngleConnector { second } => {
                let hub = drilled(&Contour::circle(0.0, 0.0, 9.0, ROUND), -10.0, 10.0, 0.2, &[(Hole::Pin, 0.0, 0.0)])
                    .transformed(along_x);
                let profile = [(7.0, 7.5), (7.0, 12.0), (7.0, 26.0), (8.0, 26.6), (9.0, 27.0), (9.0, 30.0)];
                let arm = arm(&profile);
                let mut shape = hub.with_at(&arm, axes::turn_y(180.0));
                if let Some(degrees) = second {
                    shape.append(&arm, axes::turn_x(degrees) * axes::turn_y(180.0));
                }
                shape
            }
            Self::AxleConnector => {
                let bush = bush(10.0, true);
                bush.transformed(Affine3A::IDENTITY)
                    .with_at(&self::bush(10.0, true), axes::at(0.0, 0.0, -20.0) * axes::turn_y(90.0))
                    .with_at(&turned(&[(6.8, -14.0), (6.8, -9.9)], ROUND, 0.0), Affine3A::IDENTITY)
            }
            Self::AxleArm => {
                let neck = turned(&[(6.5, 5.0), (6.5, 10.5)], ROUND, 0.0).with(&axle(10.0, 50.0));
                bush(10.0, true).transformed(axes::turn_y(90.0)).with_at(&neck, axes::turn_x(-90.0))
            }
            Self::CrossBlock => {
                let bush = bush(10.0, true).transformed(axes::turn_y(90.0));
                let hub = drilled(&Contour::circle(0.0, 0.0, 9.0, ROUND), -10.0, 10.0, 0.2, &[(Hole::Pin, 0.0, 0.0)]);
                let web = block((-7.0, 7.8, -7.0), (7.0, 13.5, 7.0), 0.3);
                bush.moved(0.0, -20.0, 0.0)
                    .with(&bush.moved(0.0, 20.0, 0.0))
                    .with(&hub)
                    .with(&web)
                    .with_at(&web, axes::turn_z(180.0))
            }
            Self::Gear { teeth, radius, root, half, holes } => gear(teeth, radius, root, half, holes),
            Self::BevelGear => bevel_gear(),
            Self::Rack => rack(),
            Self::Ball => ball(),
            Self::Circular => circular(),
        }
    }
}

// An arm along +z whose axle hole opens at its far end.
fn arm(profile: &[(f32, f32)]) -> Shape {
    let deep = profile[profile.len() - 1].1;
    let lathe = turned(&profile[..profile.len() - 1], ROUND, 0.0);
    let collar = bored(&[(9.0, deep - 3.0), (9.0, deep)], Hole::Axle, ROUND, 0.0);
    let mut shape = lathe;
    shape.append(&collar, Affine3A::IDENTITY);
    shape
}

fn bush(half: f32, flanges: bool) -> Shape {
    let h = half;
    if flanges {
        let profile = [
            (9.0, -h),
            (9.0, -h + 3.0),
            (8.0, -h + 3.5),
            (7.0, -h + 4.0),
            (7.0, h - 4.0),
            (8.0, h - 3.5),
            (9.0, h - 3.0),
            (9.0, h),
        ];
        bored(&profile, Hole::Axle, ROUND, 0.0)
    } else {
        let profile = [(9.0, -h), (9.0, -h + 2.5), (7.8, -1.5), (7.8, 1.5), (9.0, h - 2.5), (9.0, h)];
        bored(&profile, Hole::Axle, ROUND, 0.3)
    }
}

// Points of a toothed outline: straight flanks from the root to the tip circle.
fn toothed(teeth: u32, radius: f32, root: f32) -> Contour {
    let step = 360.0 / teeth as f32;
    let at = |r: f32, degrees: f32| {
        let v = Vec2::from_angle(degrees.to_radians()) * r;
        (v.x, v.y)
    };
    Contour::new((0..teeth).flat_map(|i| {
        let a = i as f32 * step;
        [at(root, a - step * 0.36), at(radius, a - step * 0.12), at(radius, a + step * 0.12), at(root, a + step * 0.36)]
    }))
    .smooth_up_to(1.0)
}

fn gear(teeth: u32, radius: f32, root: f32, half: f32, holes: bool) -> Shape {
    let hub_half = 10.0;
    let mut shape = Shape::new();
    if holes {
        // A thinner web with round holes between hub and rim.
        let web_radius = root - 4.0;
        let middle = (web_radius + 9.0) / 2.0;
        let opening = if web_radius - 9.0 > 17.0 { Hole::Pin } else { Hole::Axle };
        let count = if radius > 40.0 { 8 } else { 4 };
        let openings: Vec<_> = (0..count)
            .map(|i| {
                let v = Vec2::from_angle(std::f32::consts::TAU * i as f32 / count as f32) * middle;
                (opening, v.x, v.y)
            })
            .collect();
        let fits = web_radius - 9.0 > 12.5;
        let openings = if fits { openings } else { Vec::new() };
        let web = Contour::circle(0.0, 0.0, web_radius + 1.0, 32);
        shape.append(&drilled(&web, -half * 0.6, half * 0.6, 0.0, &openings), Affine3A::IDENTITY);
        let rim = crate::catalog::build::Prism::new(toothed(teeth, radius, root), -half, half)
            .hole(Contour::circle(0.0, 0.0, web_radius, 32))
            .bevel(0.3);
        shape.append(&rim.shape(), Affine3A::IDENTITY);
        shape.append(&bored(&[(9.0, -hub_half), (9.0, hub_half)], Hole::Axle, ROUND, 0.3), Affine3A::IDENTITY);
    } else {
        let body = drilled(&toothed(teeth, radius, root), -half, half, 0.3, &[(Hole::Axle, 0.0, 0.0)]);
        shape.append(&body, Affine3A::IDENTITY);
        if half < hub_half {
            let hub = root.min(7.5);
            shape.append(&bored(&[(hub, -hub_half), (hub, hub_half)], Hole::Axle, ROUND, 0.0), Affine3A::IDENTITY);
        }
    }
    shape.solids.clear();
    shape.solids.extend(turned(&[(root, -half), (root, half)], 8, 0.0).solids);
    shape
}

fn bevel_gear() -> Shape {
    let mut shape = bored(&[(12.0, -3.0), (12.0, 0.0), (14.0, 0.0), (14.0, 0.5), (9.0, 7.0)], Hole::Axle, 24, 0.0);
    // Teeth taper toward the front.
    let tooth = Contour::new([(10.5, 0.0), (16.0, 0.0), (16.0, 1.0), (12.5, 7.0), (8.5, 7.0)]);
    let tooth = drilled(&tooth, -1.6, 1.6, 0.3, &[]).transformed(axes::turn_x(90.0));
    for i in 0..12 {
        shape.append(&tooth, axes::turn_z(30.0 * i as f32));
    }
    shape
}

fn rack() -> Shape {
    let mut outline = vec![(40.0, 8.0), (-40.0, 8.0), (-40.0, -1.0)];
    for i in 0..10 {
        let x = -36.0 + 8.0 * i as f32;
        outline.extend([(x - 2.6, -1.0), (x - 1.0, -6.0), (x + 1.0, -6.0), (x + 2.6, -1.0)]);
    }
    outline.push((40.0, -1.0));
    let cells = crate::catalog::build::grid(4, 1);
    drilled(&Contour::new(outline).smooth_up_to(1.0), -10.0, 10.0, 0.2, &[])
        .with(&underside(&cells, 8.0, 8.0))
        .with(&block((-40.0, 0.0, -10.0), (40.0, 8.0, 10.0), 0.0).solids_only())
}

fn ball() -> Shape {
    let (r, h) = (12.8_f32, 9.6_f32);
    let start = (h / r).asin().to_degrees();
    let profile: Vec<(f32, f32)> = Contour::arc(0.0, 0.0, r, -start, start, 10);
    let mut shape = bored(&profile, Hole::Axle, 24, 0.0).transformed(axes::up());
    shape.grip(crate::catalog::build::GripKind::Ball, Affine3A::IDENTITY, 0.0);
    shape
}

fn circular() -> Shape {
    let holes = [
        (Hole::Axle, 0.0, 0.0),
        (Hole::Pin, 20.0, 0.0),
        (Hole::Pin, -20.0, 0.0),
        (Hole::Axle, 0.0, 20.0),
        (Hole::Axle, 0.0, -20.0),
    ];
    let mut shape = drilled(&Contour::circle(0.0, 0.0, 29.2, 32), -10.0, 10.0, 0.5, &holes);
    shape.solids.extend(turned(&[(29.0, -10.0), (29.0, 10.0)], 8, 0.0).solids);

    shape
}
