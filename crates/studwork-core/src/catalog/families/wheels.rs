//! Wheels, rims and tires about the z axis.

use super::Family;
use crate::catalog::build::{Contour, Hole, Lathe, Prism, Shape, Solid, axes, bored, turned};
use glam::{Affine3A, Vec2};
use serde::Deserialize;

/// Round things that roll.
#[derive(Clone, Debug, Deserialize)]
pub enum Wheels {
    /// A rim: its outline as points of (radius, z) from the lower end up, and the hole through it.
    Rim { profile: Vec<(f32, f32)>, hole: Hole },
    /// A pulley with a groove around it and round openings: radius and half its width.
    Pulley { radius: f32, half: f32 },
    /// A tire: inner and outer radius, z from and to, and the lugs of its tread, in two rows set off against each other.
    Tire { inner: f32, outer: f32, from: f32, to: f32, lugs: u32, depth: f32 },
    /// A wheel in one piece with deep grooves across its tread: z from and to, the bore that a disc from z to z closes, and
    /// the tube around its hole.
    Grooved {
        radius: f32,
        root: f32,
        grooves: u32,
        from: f32,
        to: f32,
        bore: f32,
        hole: Hole,
        hub: (f32, f32),
        tube: (f32, f32),
    },
}

impl Family for Wheels {
    fn shape(&self) -> Shape {
        match self {
            Self::Rim { profile, hole } => bored(profile, *hole, 24, 0.3),
            Self::Pulley { radius, half } => pulley(*radius, *half),
            Self::Tire { inner, outer, from, to, lugs, depth } => tire(*inner, *outer, *from, *to, *lugs, *depth),
            Self::Grooved { radius, root, grooves, from, to, bore, hole, hub, tube } => {
                let mut outline = Vec::new();
                let step = 360.0 / *grooves as f32;
                for i in 0..*grooves {
                    let a = step * i as f32;
                    outline.extend(Contour::arc(0.0, 0.0, *radius, a - step * 0.38, a + step * 0.38, 3));
                    outline.extend([a + step * 0.43, a + step * 0.57].map(|d| {
                        let v = Vec2::from_angle(d.to_radians()) * *root;
                        (v.x, v.y)
                    }));
                }
                let tread = Prism::new(Contour::new(outline), *from, *to).bevel((*radius - *root) * 0.4);
                let tread = tread.hole(Contour::circle(0.0, 0.0, *bore, 24)).shape();
                // A disc closes the tread; the tube around the hole goes through it.
                let disc = bored(&[(*bore + 0.5, hub.0), (*bore + 0.5, hub.1)], Hole::Pin, 24, 0.0);
                let mut shape = tread.with(&disc);
                shape.grips.clear();
                shape.append(&bored(&[(10.0, tube.0), (10.0, tube.1)], *hole, 24, 0.3), Affine3A::IDENTITY);
                shape.solids = turned(&[(*radius - 1.0, *from), (*radius - 1.0, *to)], 8, 0.0).solids;
                shape
            }
        }
    }
}

fn pulley(radius: f32, half: f32) -> Shape {
    let (r, h) = (radius, half);
    let rim =
        [(r - 5.5, -h), (r, -h), (r, -h + 1.2), (r - 2.5, -1.6), (r - 2.5, 1.6), (r, h - 1.2), (r, h), (r - 5.5, h)];
    let rim = Lathe::new(Contour::new(rim), 32).shape();
    let openings = (0..6).map(|k| {
        let at = Vec2::from_angle(k as f32 * std::f32::consts::FRAC_PI_3 + 0.52) * (r - 12.8);
        (at.x, at.y)
    });
    let mut web = Prism::new(Contour::circle(0.0, 0.0, r - 5.0, 32), -2.5, 2.5);
    for (u, v) in openings {
        web = web.hole(Contour::circle(u, v, 6.0, 14));
    }
    let hub = bored(&[(9.0, -h), (9.0, h)], Hole::Axle, 24, 0.3);
    let web = web.hole(Contour::circle(0.0, 0.0, 8.5, 24)).shape();
    let mut shape = rim.with(&web).with(&hub);
    shape.solids = turned(&[(r - 1.0, -h), (r - 1.0, h)], 8, 0.0).solids;
    shape
}

fn tire(inner: f32, outer: f32, from: f32, to: f32, lugs: u32, depth: f32) -> Shape {
    let root = outer - depth;
    let edge = ((to - from) * 0.12).min(root - inner);
    let profile = Contour::new([
        (inner, from + edge * 0.5),
        (inner + edge, from),
        (root - edge, from),
        (root, from + edge),
        (root, to - edge),
        (root - edge, to),
        (inner + edge, to),
        (inner, to - edge * 0.5),
    ]);
    let mut shape = Lathe::new(profile, 32).shape();
    let middle = (from + to) / 2.0;
    let step = 360.0 / lugs as f32;
    let half_width = std::f32::consts::PI * outer / lugs as f32 * 0.5;
    let rows = [(from + edge * 0.4, middle + 0.4), (middle - 0.4, to - edge * 0.4)];
    for (row, (a, b)) in rows.into_iter().enumerate() {
        let lug = Prism::new(Contour::rect(root - 1.0, -half_width, outer, half_width), a, b).bevel(0.3).shape();
        for i in 0..lugs {
            let turn = step * (i as f32 + 0.5 * row as f32);
            shape.append(&lug, axes::turn_z(turn));
        }
    }
    // A ring of blocks leaves room for the rim.
    for k in 0..8 {
        let thick = (root - inner) / 2.0;
        let frame = axes::turn_z(45.0 * k as f32) * axes::at(inner + thick, 0.0, middle);
        let half = glam::Vec3::new(thick, outer * 0.38, (to - from) / 2.0);
        shape.solids.push(Solid::Block { frame, half });
    }
    shape
}
