//! Bricks, plates and tiles that carry clips, handles, bars, rings, rails and balls.

use super::Family;
use crate::catalog::build::{
    ClipForm, Contour, GripKind, Hole, Prism, ROUND, Shape, Solid, StudStyle, axes, ball, bar, block, bored, clip,
    frame, handle, ring, shell, stick, stud, stud_body, studs, underside,
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
            Self::Block { min, max } => block(vec(*min), vec(*max), 0.4),
        }
    }
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
