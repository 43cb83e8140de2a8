//! Bars, antennas, levers, taps and other slender round things.

use super::Family;
use super::clips::{Fitting, carry};
use crate::catalog::build::{
    ClipForm, Contour, GripKind, Lathe, ROUND, Shape, Solid, StudStyle, axes, ball, bar, clip, cylinder, frame, ring,
    stick, stud, turned,
};
use glam::{Affine3A, Vec3};
use serde::Deserialize;

/// Slender round parts.
#[derive(Clone, Debug, Deserialize)]
pub enum Bars {
    /// A body turned about the y axis: points of (radius, y) from its lower end up. Closed at both ends.
    Turned {
        profile: Vec<(f32, f32)>,
        #[serde(default = "round")]
        segments: usize,
        #[serde(default = "bevel")]
        bevel: f32,
        /// Stretches of bar to hold: y from, y to.
        #[serde(default)]
        holds: Vec<(f32, f32)>,
        /// Hollow studs at these y.
        #[serde(default)]
        studs: Vec<f32>,
        /// A socket for a stud at this y.
        #[serde(default)]
        socket: Option<f32>,
        #[serde(default)]
        carries: Vec<Fitting>,
    },
    /// A lever with a round head on a pivot.
    Lever,
    /// The socket of a lever.
    LeverBase,
    /// A tap whose spout points toward +z; with a hole in the spout where told.
    Tap { hole: bool },
    /// A bar with feet that stand on two studs.
    Grab,
    /// A tube with a clip at its end.
    ClipTube,
    /// A short bar with a clip at its end.
    ClipBar,
    /// A tube with a handle at its end.
    HandleTube,
}

fn round() -> usize {
    ROUND
}

fn bevel() -> f32 {
    0.4
}

impl Family for Bars {
    fn shape(&self) -> Shape {
        match self {
            Self::Turned { profile, segments, bevel, holds, studs, socket, carries } => {
                let profile: Vec<(f32, f32)> = profile.iter().map(|&(r, y)| (r, -y)).collect();
                let mut shape = turned(&profile, *segments, *bevel).transformed(axes::up());
                for &(from, to) in holds {
                    shape.grip(GripKind::Bar, axes::at(0.0, (from + to) / 2.0, 0.0), (to - from).abs());
                }
                for &y in studs {
                    shape.append(&stud(StudStyle::Hollow, ROUND), axes::at(0.0, y, 0.0));
                }
                if let Some(y) = socket {
                    shape.grip(GripKind::Socket, axes::at(0.0, *y, 0.0), 4.0);
                }
                carry(shape, carries)
            }
            Self::Lever => {
                let pivot = turned(&[(4.0, -2.0), (4.0, 2.0)], 16, 0.3).with(&ball(Vec3::ZERO, 2.6, 12));
                pivot
                    .transformed(axes::along_x())
                    .with(&stick(Vec3::new(0.0, -3.0, 0.0), Vec3::new(0.0, -34.0, 0.0), 2.0))
                    .with(&ball(Vec3::new(0.0, -34.0, 0.0), 4.0, ROUND))
            }
            Self::LeverBase => lever_base(),
            Self::Tap { hole } => tap(*hole),
            Self::Grab => grab(),
            Self::ClipTube => {
                let mut shape = ring(4.0, 6.25, -30.0, -10.0).transformed(axes::up());
                shape.append(&cylinder(0.0, 0.0, 4.1, 9.0, 12.0, ROUND, 0.0), Affine3A::IDENTITY);
                shape.grip(GripKind::BarHole, axes::at(0.0, 20.0, 0.0), 20.0);
                shape.with(&clip(ClipForm::Round, 8.0, 11.0).transformed(frame(Vec3::ZERO, Vec3::Y, Vec3::Z)))
            }
            Self::ClipBar => {
                let jaws = Contour::new([
                    (10.0, 0.0),
                    (10.0, 6.0),
                    (4.0, 13.0),
                    (-4.0, 13.0),
                    (-10.0, 6.0),
                    (-10.0, 0.0),
                    (-4.2, -7.3),
                    (-2.6, -6.0),
                    (-3.6, -2.0),
                    (-3.2, 2.4),
                    (0.0, 4.0),
                    (3.2, 2.4),
                    (3.6, -2.0),
                    (2.6, -6.0),
                    (4.2, -7.3),
                ]);
                let mut shape = crate::catalog::build::Prism::new(jaws, -4.0, 4.0).bevel(0.4).shape();
                shape.grip(GripKind::Clip, axes::y_toward(Vec3::ZERO, Vec3::Z), 8.0);
                shape.solids.push(Solid::block(Vec3::new(-9.0, 4.0, -4.0), Vec3::new(9.0, 10.0, 4.0)));
                shape.with(&stick(Vec3::new(0.0, 11.0, 0.0), Vec3::new(0.0, 31.0, 0.0), 4.0))
            }
            Self::HandleTube => {
                let mut shape = ring(4.0, 6.25, 10.0, 30.0).transformed(axes::up());
                shape.append(&cylinder(0.0, 0.0, 4.1, -12.0, -9.0, ROUND, 0.0), Affine3A::IDENTITY);
                shape.grip(GripKind::BarHole, axes::at(0.0, -20.0, 0.0), 20.0);
                let mut cheek = Contour::arc(0.0, 0.0, 6.0, 0.0, 180.0, 12);
                cheek.extend([(-5.0, -13.0), (5.0, -13.0)]);
                let cheek = crate::catalog::build::Prism::new(Contour::new(cheek), -1.2, 1.2).bevel(0.3).shape();
                for x in [-5.0, 5.0] {
                    shape.append(&cheek, axes::at(x, 0.0, 0.0) * axes::turn_y(90.0));
                }
                shape.with_at(&bar(4.0, -6.0, 6.0), axes::along_x())
            }
        }
    }
}

fn lever_base() -> Shape {
    // A dome with a slot along z.
    let dome = |from: f32, to: f32| {
        let profile =
            [(0.0, -2.0), (6.0, -2.0), (6.0, -8.0), (8.0, -8.0), (8.0, 0.0), (7.4, 3.0), (5.6, 5.6), (0.0, 5.6)];
        Lathe::new(Contour::new(profile), 8).span(from, to).shape()
    };
    let mut shape = dome(14.0, 166.0).with(&dome(194.0, 346.0)).transformed(axes::turn_y(90.0) * axes::up());
    // The foot goes all around below the slot.
    shape.append(&ring(6.0, 8.0, -8.0, -1.0), axes::up());
    shape.append(&cylinder(0.0, 0.0, 6.2, 1.0, 2.0, ROUND, 0.0), Affine3A::IDENTITY);
    shape.grip(GripKind::Socket, axes::at(0.0, 8.0, 0.0), 4.0);
    shape
}

fn tap(hole: bool) -> Shape {
    let profile = [
        (0.1, -20.0),
        (6.0, -20.0),
        (6.0, -24.0),
        (8.0, -24.0),
        (8.0, -20.0),
        (7.6, -18.0),
        (6.6, -16.8),
        (4.0, -16.0),
        (4.0, -0.1),
        (6.0, -0.1),
        (6.0, 0.0),
    ];
    let mut shape = turned(&profile[1..], ROUND, 0.0);
    shape.solids.clear();
    shape.solids.extend(turned(&[(8.0, -24.0), (8.0, -17.0)], 8, 0.0).solids);
    shape.solids.extend(turned(&[(4.0, -17.0), (4.0, 0.0)], 8, 0.0).solids);
    let mut shape = shape.transformed(axes::up());
    shape.append(&stud(StudStyle::Solid, ROUND), Affine3A::IDENTITY);
    let spout: &[(f32, f32)] = if hole {
        &[(4.0, 0.0), (4.0, 10.0), (3.0, 10.3), (3.0, 15.7), (4.0, 16.0), (4.0, 20.0), (2.0, 20.0), (2.0, 17.0)]
    } else {
        &[(4.0, 0.0), (4.0, 10.0), (3.0, 10.3), (3.0, 15.7), (4.0, 16.0), (4.0, 20.0)]
    };
    shape.append(&turned(spout, ROUND, 0.0), axes::at(0.0, 4.0, 0.0));
    shape.grip(GripKind::Socket, axes::at(0.0, 24.0, 0.0), 4.0);
    shape
}

fn grab() -> Shape {
    let foot_profile =
        [(0.1, 4.0), (6.0, 4.0), (6.0, -8.0), (8.0, -8.0), (8.0, 2.0), (7.0, 5.6), (4.0, 7.6), (0.1, 8.1)];
    let foot = turned(&foot_profile[1..], ROUND, 0.0).transformed(axes::up());
    let mut shape = stick(Vec3::new(-20.0, -4.0, 0.0), Vec3::new(20.0, -4.0, 0.0), 4.0);
    for x in [-20.0, 20.0] {
        shape.append(&foot, axes::at(x, 0.0, 0.0));
        shape.grip(GripKind::Socket, axes::at(x, 8.0, 0.0), 4.0);
    }
    shape
}
