//! Bricks, plates and tiles that carry clips, handles, bars, rings, rails and balls.

use super::Family;
use crate::catalog::build::{
    ClipForm, Contour, GripKind, Hole, Prism, ROUND, Shape, Solid, StudStyle, axes, ball, bar, block, bored, clip,
    cylinder, frame, handle, hull, ring, shell, stick, stud, stud_body, studs, toward, turned, underside,
};
use glam::{Affine3A, Vec2, Vec3};
use serde::Deserialize;

type Point = (f32, f32, f32);

/// A body with studs and what it carries.
#[derive(Clone, Debug, Deserialize)]
pub enum Clips {
    /// A rectangular body: studs along x and z, height in LDU.
    Box {
        studs: (u32, u32),
        #[serde(default = "plate")]
        height: f32,
        /// Without studs on top.
        #[serde(default)]
        plain: bool,
        #[serde(default)]
        hollow: bool,
        carries: Vec<Fitting>,
    },
    /// A plate of 1 x 1 studs whose front is round.
    RoundFront { carries: Vec<Fitting> },
    /// A plate of 1 x 2 studs whose right half is a tile with a clip on top.
    HalfTile { carries: Vec<Fitting> },
    /// A tile of 1 x 2 studs with a high handle.
    HandleTile,
    /// A round brick with a bar that ends in a clip.
    RoundWithArm,
    /// A plate along x with a door rail on its long side.
    Rail { studs: u32 },
    /// A plate of 1 x 2 studs with a ladder.
    Ladder,
    /// A body over a rectangle (x, z from and to), with studs at these (x, z).
    Body {
        rect: (f32, f32, f32, f32),
        #[serde(default)]
        top: f32,
        #[serde(default = "plate")]
        bottom: f32,
        #[serde(default)]
        studs: Vec<(f32, f32)>,
        #[serde(default)]
        hollow: bool,
        carries: Vec<Fitting>,
    },
    /// The lower half of a turntable of 2 x 2 studs.
    TurntableBase,
    /// The trough of a hinge of 1 x 2 studs.
    HingeTrough,
    /// Fittings alone.
    Alone { carries: Vec<Fitting> },
}

/// What a body carries. Directions are axes of the part.
#[derive(Clone, Debug, Deserialize)]
pub enum Fitting {
    /// A clip for a bar along `along` through `at`.
    Clip {
        at: Point,
        opens: Point,
        along: Point,
        #[serde(default)]
        form: ClipForm,
        #[serde(default = "plate")]
        width: f32,
        #[serde(default = "neck")]
        neck: f32,
    },
    /// A bar through `at`, held by lugs that reach toward `back`.
    Handle {
        at: Point,
        back: Point,
        along: Point,
        length: f32,
        lugs: Vec<f32>,
        #[serde(default = "lug")]
        width: f32,
        #[serde(default = "neck")]
        reach: f32,
    },
    /// A round bar between two points.
    Rod {
        from: Point,
        to: Point,
        #[serde(default = "bar_radius")]
        radius: f32,
    },
    /// A ring through which a bar fits, with hollow studs on either side.
    Lamp { at: Point },
    /// A ball.
    Ball { at: Point, radius: f32 },
    /// A cup for a ball, open toward a direction.
    Cup { at: Point, opens: Point },
    /// Hinge knuckles about an axis along `along` through `at`, from and to along it, with feet toward `back`.
    Fingers {
        at: Point,
        back: Point,
        along: Point,
        radius: f32,
        spans: Vec<(f32, f32)>,
        #[serde(default = "neck")]
        reach: f32,
    },
    /// A round upright knob: radius, and y from and to; with a hole of this radius where above 0.
    Knob {
        at: (f32, f32),
        radius: f32,
        from: f32,
        to: f32,
        #[serde(default)]
        hole: f32,
    },
    /// A body turned about an axis through `at`: points of (radius, distance along the axis), closed at both ends.
    Turn {
        #[serde(default)]
        at: Point,
        axis: Point,
        profile: Vec<(f32, f32)>,
        #[serde(default = "round")]
        segments: usize,
    },
    /// The convex hull of points.
    Hull(Vec<Point>),
    /// A flat body over an outline in (u, v), from and to along w; `at`, `v` and `w` place it.
    Slab { at: Point, v: Point, w: Point, outline: Vec<(f32, f32)>, from: f32, to: f32 },
    /// A stud on top of a point.
    Stud {
        at: Point,
        #[serde(default)]
        hollow: bool,
    },
    /// Room for a stud whose foot is at a point.
    Socket(Point),
    /// A bevelled box between two corners.
    Block { min: Point, max: Point },
}

fn plate() -> f32 {
    8.0
}

fn neck() -> f32 {
    10.5
}

fn lug() -> f32 {
    6.0
}

fn round() -> usize {
    ROUND
}

fn bar_radius() -> f32 {
    4.0
}

impl Family for Clips {
    fn shape(&self) -> Shape {
        match self {
            Self::Box { studs, height, plain, hollow, carries } => {
                let style = if *hollow { StudStyle::Hollow } else { StudStyle::Solid };
                carry(stud_body(*studs, *height, (!plain).then_some(style)), carries)
            }
            Self::RoundFront { carries } => carry(round_front(), carries),
            Self::HalfTile { carries } => carry(half_tile(), carries),
            Self::HandleTile => handle_tile(),
            Self::RoundWithArm => round_with_arm(),
            Self::Rail { studs } => rail(*studs),
            Self::Ladder => ladder(),
            Self::Body { rect, top, bottom, studs: places, hollow, carries } => {
                carry(body(*rect, *top, *bottom, places, *hollow), carries)
            }
            Self::TurntableBase => turntable_base(),
            Self::HingeTrough => hinge_trough(),
            Self::Alone { carries } => carry(Shape::new(), carries),
        }
    }
}

/// The body with all its fittings.
pub(super) fn carry(body: Shape, fittings: &[Fitting]) -> Shape {
    fittings.iter().fold(body, |shape, f| shape.with(&f.shape()))
}

impl Fitting {
    fn shape(&self) -> Shape {
        match self {
            Self::Clip { at, opens, along, form, width, neck } => {
                clip(*form, *width, *neck).transformed(frame(vec(*at), -vec(*opens), vec(*along)))
            }
            Self::Handle { at, back, along, length, lugs, width, reach } => {
                handle(*length, lugs, *width, *reach).transformed(frame(vec(*at), vec(*back), vec(*along)))
            }
            Self::Rod { from, to, radius } => stick(vec(*from), vec(*to), *radius),
            Self::Lamp { at } => {
                let one = ring(4.0, 8.0, -4.0, 4.0).with(&ring(4.0, 6.0, -8.0, -3.9)).with(&ring(4.0, 6.0, 3.9, 8.0));
                let mut one = one.transformed(axes::along_x());
                one.grip(GripKind::Stud, axes::at(4.0, 0.0, 0.0) * axes::turn_z(90.0), 4.0);
                one.grip(GripKind::Stud, axes::at(-4.0, 0.0, 0.0) * axes::turn_z(-90.0), 4.0);
                one.moved(at.0, at.1, at.2)
            }
            Self::Ball { at, radius } => {
                let mut one = ball(Vec3::ZERO, *radius, ROUND);
                one.grip(GripKind::Ball, Affine3A::IDENTITY, 0.0);
                one.moved(at.0, at.1, at.2)
            }
            Self::Cup { at, opens } => cup().transformed(frame(vec(*at), -vec(*opens), Vec3::Y)),
            Self::Fingers { at, back, along, radius, spans, reach } => {
                fingers(*radius, spans, *reach).transformed(frame(vec(*at), vec(*back), vec(*along)))
            }
            Self::Knob { at, radius, from, to, hole } => {
                let one = if *hole > 0.0 {
                    ring(*hole, *radius, -to, -from).transformed(axes::up())
                } else {
                    cylinder(0.0, 0.0, *radius, *from, *to, ROUND, 0.3)
                };
                one.moved(at.0, 0.0, at.1)
            }
            Self::Turn { at, axis, profile, segments } => {
                let body = turned(profile, *segments, 0.0);
                let mut body = body.transformed(toward(vec(*at), vec(*axis)));
                // The stretches that fit a hand or a clip.
                let holds = profile.windows(2).filter(|w| w[0].0 == 4.0 && w[1].0 == 4.0 && w[1].1 - w[0].1 > 5.0);
                for pair in holds {
                    let middle = vec(*at) + vec(*axis).normalize_or_zero() * (pair[0].1 + pair[1].1) / 2.0;
                    body.grip(GripKind::Bar, axes::y_toward(middle, vec(*axis)), pair[1].1 - pair[0].1);
                }
                body
            }
            Self::Hull(points) => hull(&points.iter().map(|p| vec(*p)).collect::<Vec<_>>()),
            Self::Slab { at, v, w, outline, from, to } => {
                let outline = Contour::new(outline.iter().copied());
                let mut slab = Prism::new(outline.clone(), *from, *to).bevel(0.3).shape();
                let corners = outline.points().iter().flat_map(|p| [p.extend(*from), p.extend(*to)]);
                slab.solids.push(Solid::Hull(corners.collect()));
                slab.transformed(frame(vec(*at), vec(*v), vec(*w)))
            }
            Self::Stud { at, hollow } => {
                let style = if *hollow { StudStyle::Hollow } else { StudStyle::Solid };
                stud(style, ROUND).moved(at.0, at.1, at.2)
            }
            Self::Socket(at) => {
                let mut shape = Shape::new();
                shape.grip(GripKind::Socket, axes::at(at.0, at.1, at.2), 4.0);
                shape
            }
            Self::Block { min, max } => block(vec(*min), vec(*max), 0.4),
        }
    }
}

fn body(rect: (f32, f32, f32, f32), top: f32, bottom: f32, places: &[(f32, f32)], hollow: bool) -> Shape {
    let (x0, z0, x1, z1) = rect;
    let places: Vec<Vec2> = places.iter().map(|p| Vec2::from(*p)).collect();
    let style = if hollow { StudStyle::Hollow } else { StudStyle::Solid };
    let ceiling = top + 4.0_f32.min((bottom - top) / 2.0);
    let mut shape = shell(&Contour::rect(x0, z0, x1, z1), top, bottom, 4.0, ceiling)
        .with(&underside(&places, ceiling, bottom))
        .with(&studs(&places, top, style));
    shape.solids.push(Solid::block(Vec3::new(x0, top, z0), Vec3::new(x1, bottom, z1)));
    shape
}

fn turntable_base() -> Shape {
    let square = Contour::centered(40.0, 40.0);
    let well = Contour::circle(0.0, 0.0, 17.6, 24);
    let mut shape = Prism::new(square, -8.0, 0.0).hole(well.clone()).bevels(0.0, 0.4).shape();
    shape.append(&Prism::new(well, -6.0, -4.2).hole(Contour::circle(0.0, 0.0, 6.0, ROUND)).shape(), Affine3A::IDENTITY);
    let mut shape = shape.transformed(axes::up()).with(&underside(&crate::catalog::build::grid(2, 2), 8.0, 8.0));
    shape.solids.push(Solid::block(Vec3::new(-20.0, 0.0, -20.0), Vec3::new(20.0, 8.0, 20.0)));
    shape
}

fn hinge_trough() -> Shape {
    let mut cheek = Contour::arc(10.0, 0.0, 8.0, 90.0, 270.0, 12);
    cheek.extend([(16.5, -8.0), (16.5, 8.0)]);
    let cheek = Prism::new(Contour::new(cheek), -2.0, 2.0).bevel(0.3).hole(Contour::circle(10.0, 0.0, 4.0, ROUND));
    let cheek = cheek.shape().transformed(axes::along_x());
    let mut shape = stud_body((2, 1), 8.0, None).moved(0.0, 16.0, 0.0);
    for x in [-18.0, 18.0] {
        shape.append(&cheek, axes::at(x, 0.0, 0.0));
    }
    let tongue = fingers(2.0, &[(-2.0, 2.0)], 6.5).transformed(frame(Vec3::new(0.0, 10.0, 0.0), Vec3::Y, Vec3::X));
    shape.with(&tongue).with(&block((-20.0, 2.0, 7.0), (20.0, 16.1, 10.0), 0.3))
}

fn fingers(radius: f32, spans: &[(f32, f32)], reach: f32) -> Shape {
    let mut eye = Contour::arc(0.0, 0.0, radius, -180.0, 0.0, 10);
    eye.extend([(radius, reach), (-radius, reach)]);
    let eye = Contour::new(eye);
    let mut shape = Shape::new();
    for &(from, to) in spans {
        shape.append(&Prism::new(eye.clone(), from, to).bevel(0.3).shape(), Affine3A::IDENTITY);
        shape.solids.push(Solid::block(Vec3::new(-radius, -radius, from), Vec3::new(radius, reach, to)));
    }
    shape.grip(GripKind::Fingers, axes::y_toward(Vec3::ZERO, Vec3::Z), 20.0);
    shape
}

fn vec(p: Point) -> Vec3 {
    Vec3::from(p)
}

// A cup around a ball of radius 8 at the origin: a floor toward +v and two jaws at ±u, open toward −v.
fn cup() -> Shape {
    let mut jaw: Vec<(f32, f32)> = Contour::arc(0.0, 0.0, 8.0, 60.0, -38.0, 8);
    jaw.extend([(8.6, -5.0), (10.0, -3.5), (10.0, 10.2), (0.0, 10.2), (0.0, 8.0)]);
    let jaw = Prism::new(Contour::new(jaw), -7.75, 7.75).bevel(0.3).shape();
    let mut shape = jaw.clone().with_at(&jaw, Affine3A::from_scale(Vec3::new(-1.0, 1.0, 1.0)));
    shape.grip(GripKind::Cup, Affine3A::IDENTITY, 0.0);
    shape.solids.push(Solid::block(Vec3::new(-10.0, 7.0, -7.0), Vec3::new(10.0, 10.0, 7.0)));
    shape
}

fn round_front() -> Shape {
    let mut outline = vec![(-10.0, -10.0), (10.0, -10.0)];
    outline.extend(Contour::arc(0.0, 0.0, 10.0, 0.0, 180.0, 14));
    let mut shape = shell(&Contour::new(outline), 0.0, 8.0, 4.0, 4.0)
        .with(&studs(&[Vec2::ZERO], 0.0, StudStyle::Solid))
        .with(&underside(&[Vec2::ZERO], 8.0, 8.0));
    shape.solids.push(Solid::block(Vec3::new(-10.0, 0.0, -10.0), Vec3::new(10.0, 8.0, 10.0)));
    shape
}

fn half_tile() -> Shape {
    let mut shape = stud_body((2, 1), 8.0, None);
    shape.append(&studs(&[Vec2::new(-10.0, 0.0)], 0.0, StudStyle::Solid), Affine3A::IDENTITY);
    shape
}

fn handle_tile() -> Shape {
    // Two cheeks rise behind the foot and carry a bar.
    let mut cheek = vec![(25.0, 10.0), (25.0, -10.0), (24.0, -10.0), (1.6, 3.0)];
    cheek.extend(Contour::arc(4.0, 6.0, 4.0, -135.0, -270.0, 8));
    let cheek = Prism::new(Contour::new(cheek), -2.0, 2.0).bevel(0.3).shape().transformed(axes::along_x());
    let mut shape = stud_body((2, 1), 8.0, None)
        .moved(0.0, 24.0, 0.0)
        .with_at(&cheek, axes::at(-18.0, 0.0, 0.0))
        .with_at(&cheek, axes::at(18.0, 0.0, 0.0))
        .with_at(&bar(4.0, -16.5, 16.5), axes::at(0.0, 4.0, 6.0) * axes::along_x());
    for x in [-18.0, 18.0] {
        let points = [(24.0, -10.0), (24.0, 10.0), (2.0, 10.0), (2.0, 2.0)];
        let corners = points.iter().flat_map(|p| [Vec3::new(x - 2.0, p.0, p.1), Vec3::new(x + 2.0, p.0, p.1)]);
        shape.solids.push(Solid::Hull(corners.collect()));
    }
    shape
}

fn round_with_arm() -> Shape {
    let foot =
        bored(&[(6.0, -16.0), (6.0, -12.0), (8.0, -12.0), (8.0, -8.0)], Hole::Bar, ROUND, 0.3).transformed(axes::up());
    // Its stud is three times as high as others.
    let mut top = stud(StudStyle::Hollow, ROUND);
    top.grips.clear();
    let mut body = foot.with_at(&top, axes::at(0.0, 8.0, 0.0) * Affine3A::from_scale(Vec3::new(1.0, 3.0, 1.0)));
    body.grip(GripKind::Stud, Affine3A::IDENTITY, 4.0);
    body.solids.push(Solid::Cylinder { frame: axes::at(0.0, 4.0, 0.0), radius: 6.0, half: 4.0 });
    body.grip(GripKind::Socket, axes::at(0.0, 16.0, 0.0), 4.0);
    let tip = clip(ClipForm::Square, 8.0, 10.0).transformed(frame(Vec3::new(0.0, 4.0, -40.6), Vec3::Z, Vec3::Y));
    body.with(&stick(Vec3::new(0.0, 4.0, -7.0), Vec3::new(0.0, 4.0, -31.0), 4.0)).with(&tip)
}

fn rail(columns: u32) -> Shape {
    let w = columns as f32 * 10.0;
    stud_body((columns, 1), 8.0, Some(StudStyle::Solid))
        .with(&block((-w, 3.0, -16.2), (w, 5.0, -9.8), 0.0))
        .with(&block((-w, 0.0, -19.0), (w, 8.0, -16.0), 0.3))
}

fn ladder() -> Shape {
    let mut shape = stud_body((2, 1), 8.0, Some(StudStyle::Solid));
    for x in [-18.0, 18.0] {
        shape.append(&block((x - 2.0, 0.0, -14.0), (x + 2.0, 48.0, -9.9), 0.3), Affine3A::IDENTITY);
    }
    for k in 0..4 {
        let y = 12.0 * k as f32;
        shape.append(&block((-20.0, y, -18.0), (20.0, y + 4.0, -13.9), 0.4), Affine3A::IDENTITY);
        shape.grip(GripKind::Bar, axes::y_toward(Vec3::new(0.0, y + 2.0, -16.0), Vec3::X), 24.0);
    }
    shape
}
