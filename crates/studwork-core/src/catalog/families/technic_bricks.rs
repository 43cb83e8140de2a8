//! Bricks and plates with holes for pins and axles.

use super::Family;
use crate::catalog::build::{
    BEVEL, Contour, Hole, Prism, Shape, Solid, StudStyle, axes, block, cross, cylinder, drilled, drilled_shell, grid,
    pin_half, rim, shell, studs, underside,
};
use glam::{Affine3A, Vec2, Vec3};
use serde::Deserialize;

/// Bricks and plates of the Technic kind.
#[derive(Clone, Debug, Deserialize)]
pub enum TechnicBricks {
    /// A brick one stud deep with holes along z at these x, 10 below the top.
    Brick { studs: u32, holes: Vec<(Hole, f32)> },
    /// A brick with pin holes between all its studs.
    Holed { studs: u32 },
    /// A plate two studs deep with upright pin holes between all groups of four studs.
    Plate { studs: u32 },
    /// A tile of 1 x 2 studs with a wall that has two pin holes.
    WallTile,
    /// A brick two studs long with a pin on its long side.
    PinBrick,
    /// A brick of 2 x 2 studs with a pin toward +x, or pins toward both, and an axle hole through it where told.
    Pins2x2 { both: bool, axle_hole: bool },
    /// A plate of 2 x 2 studs with a pin below.
    PinPlate,
    /// A tile of 2 x 2 studs with an upright pin.
    PinTile,
    /// A plate of 1 x 2 studs with a pin hole above or below, set back by half a stud.
    OffsetHole { above: bool },
    /// A square of bricks with holes around an open center.
    Frame,
    /// A frame of 4 x 6 studs around an open center.
    WideFrame,
    /// Two rows of four studs that meet in a corner without a stud.
    Corner,
    /// A brick of 2 x 4 studs with a pin at either end.
    Pins2x4,
    /// A plate of 2 x 2 studs with a tube for pins below: where the tube starts along x, and its radius.
    TubePlate { from: f32, radius: f32 },
    /// A plate of 2 x 2 studs that ends round, with a hole.
    HolePlate,
    /// A rotor of two blades with an axle hole and four studs.
    Rotor,
}

impl Family for TechnicBricks {
    fn shape(&self) -> Shape {
        match self {
            Self::Brick { studs, holes } => brick(*studs, holes),
            Self::Holed { studs } => {
                let place = |i: u32| (Hole::Pin, (i as f32 - (*studs as f32 - 2.0) / 2.0) * 20.0);
                brick(*studs, &(0..studs - 1).map(place).collect::<Vec<_>>())
            }
            Self::Plate { studs } => plate(*studs),
            Self::WallTile => wall_tile(),
            Self::PinBrick => {
                brick(2, &[]).with_at(&pin_half(20.0, true), axes::at(0.0, 10.0, -10.0) * axes::turn_y(180.0))
            }
            Self::Pins2x2 { both, axle_hole } => pins_2x2(*both, *axle_hole),
            Self::PinPlate => {
                plate_2x2().with_at(&pin_half(20.0, false), axes::at(0.0, 8.0, 0.0) * axes::turn_x(-90.0))
            }
            Self::PinTile => pin_tile(),
            Self::OffsetHole { above } => offset_hole(*above),
            Self::Frame => frame(),
            Self::WideFrame => wide_frame(),
            Self::Corner => corner(),
            Self::Pins2x4 => pins_2x4(),
            Self::TubePlate { from, radius } => tube_plate(*from, *radius),
            Self::HolePlate => hole_plate(),
            Self::Rotor => rotor(),
        }
    }
}

// The body of a brick along x whose inside is seen from below: half-round channels over the holes hang from the ceiling.
fn brick(columns: u32, holes: &[(Hole, f32)]) -> Shape {
    let w = columns as f32 * 10.0;
    let inner = w - 4.0;
    let mut outer = Prism::new(Contour::rect(-w, 0.0, w, 24.0), -10.0, 10.0).bevel(BEVEL).open_edges(&[2]);
    for (hole, x) in holes {
        outer = outer.mouth(hole.mouth().moved(*x, 10.0));
    }
    let mut ceiling: Vec<(f32, f32)> = Vec::new();
    for (_, x) in holes {
        let arc = Contour::arc(*x, 10.0, 8.0, 180.0, 0.0, 10);
        let inside = arc.into_iter().filter(|p| p.0 > -inner && p.0 < inner);
        let channel: Vec<(f32, f32)> = inside.collect();
        let ends = [-8.0, 8.0].map(|d| x + d);
        if ends[0] > -inner {
            ceiling.push((ends[0], 4.0));
        } else {
            let d = -inner - x;
            ceiling.push((-inner, 10.0 + (64.0 - d * d).max(0.0).sqrt()));
        }
        ceiling.extend(channel);
        if ends[1] < inner {
            ceiling.push((ends[1], 4.0));
        } else {
            let d = inner - x;
            ceiling.push((inner, 10.0 + (64.0 - d * d).max(0.0).sqrt()));
        }
    }
    if ceiling.first().is_none_or(|p| p.0 > -inner) {
        ceiling.insert(0, (-inner, 4.0));
    }
    if ceiling.last().is_none_or(|p| p.0 < inner) {
        ceiling.push((inner, 4.0));
    }
    ceiling.extend([(inner, 24.0), (-inner, 24.0)]);
    let cavity = Contour::new(ceiling);
    let bottom = cavity.points().len() - 2;
    let cavity = Prism::new(cavity, -6.0, 6.0).open_edges(&[bottom]).shape().inside_out();
    let cells = grid(columns, 1);
    let pins_from = if holes.iter().any(|(_, x)| (x / 10.0 + columns as f32) % 2.0 != 1.0) { 17.9 } else { 4.0 };
    let mut shape = outer
        .shape()
        .with(&cavity)
        .with(&rim(&Contour::centered(w * 2.0, 20.0), &Contour::centered(inner * 2.0, 12.0), 24.0))
        .with(&underside(&cells, pins_from, 24.0))
        .with(&studs(&cells, 0.0, if holes.is_empty() { StudStyle::Solid } else { StudStyle::Hollow }));
    for (hole, x) in holes {
        shape.append(&hole.walls(-10.0, 10.0), axes::at(*x, 10.0, 0.0));
    }
    shape.solids.push(Solid::block(Vec3::new(-w, 0.0, -10.0), Vec3::new(w, 24.0, 10.0)));
    shape
}

fn plate(columns: u32) -> Shape {
    let w = columns as f32 * 10.0;
    let holes: Vec<Vec2> = (1..columns).map(|i| Vec2::new(i as f32 * 20.0 - w, 0.0)).collect();
    let cells = grid(columns, 2);
    let sockets = underside(&cells, 8.0, 8.0);
    let mut shape = drilled_shell(&Contour::centered(w * 2.0, 40.0), 0.0, 8.0, 4.0, 4.0, 6.0, &holes)
        .with(&sockets)
        .with(&studs(&cells, 0.0, StudStyle::Solid));
    for h in holes {
        shape.grip(crate::catalog::build::GripKind::PinHole, axes::at(h.x, 4.0, h.y), 8.0);
    }
    shape.solids.push(Solid::block(Vec3::new(-w, 0.0, -20.0), Vec3::new(w, 8.0, 20.0)));
    shape
}

// A foot of 1 x 2 studs that carries a wall with two pin holes, one above the other.
fn wall_tile() -> Shape {
    let mut wall = Contour::arc(0.0, -22.0, 9.0, 180.0, 360.0, 12);
    wall.extend([(9.0, 7.0), (-9.0, 7.0)]);
    let holes = [(Hole::Pin, 0.0, -22.0), (Hole::Pin, 0.0, -2.0)];
    let mut shape = drilled(&Contour::new(wall), -10.0, 10.0, 0.2, &holes);
    let cells = grid(2, 1);
    for x in [-1.0_f32, 1.0] {
        let (a, b) = (9.0 * x, 20.0 * x);
        let foot = Contour::rect(a.min(b), -10.0, a.max(b), 10.0);
        shape.append(&shell(&foot, 0.0, 8.0, 3.0, 4.0), Affine3A::IDENTITY);
    }
    shape.append(&underside(&cells, 8.0, 8.0), Affine3A::IDENTITY);
    shape.solids.push(Solid::block(Vec3::new(-20.0, 0.0, -10.0), Vec3::new(20.0, 8.0, 10.0)));
    shape.solids.push(Solid::block(Vec3::new(-9.0, -31.0, -10.0), Vec3::new(9.0, 0.0, 10.0)));
    shape
}

fn plate_2x2() -> Shape {
    let cells = grid(2, 2);
    let mut shape = shell(&Contour::centered(40.0, 40.0), 0.0, 8.0, 4.0, 4.0)
        .with(&cylinder(0.0, 0.0, 8.0, 3.9, 8.0, 16, 0.0))
        .with(&underside(&cells, 8.0, 8.0))
        .with(&studs(&cells, 0.0, StudStyle::Hollow));
    shape.solids.push(Solid::block(Vec3::new(-20.0, 0.0, -20.0), Vec3::new(20.0, 8.0, 20.0)));
    shape
}

fn pin_tile() -> Shape {
    let mut shape = shell(&Contour::centered(40.0, 40.0), 0.0, 8.0, 4.0, 4.0)
        .with(&underside(&grid(2, 2), 4.0, 8.0))
        .with_at(&pin_half(20.0, false), axes::turn_x(90.0));
    shape.solids.push(Solid::block(Vec3::new(-20.0, 0.0, -20.0), Vec3::new(20.0, 8.0, 20.0)));
    shape
}

fn pins_2x2(both: bool, axle_hole: bool) -> Shape {
    // The axle hole runs upright through the middle; the pins lie along x.
    let cells = grid(2, 2);
    let outline = Contour::centered(40.0, 40.0);
    let mut shape = if axle_hole {
        let body = Prism::new(outline.clone(), -24.0, 0.0).bevels(0.0, BEVEL).open_from().mouth(cross());
        let inner = outline.offset(-4.0);
        let tube = Contour::circle(0.0, 0.0, 8.0, 16);
        let cavity = Prism::new(inner.clone(), -24.0, -4.0).hole(tube.clone()).open_from().shape().inside_out();
        let foot = Prism::new(tube, -24.0, -23.99).mouth(cross()).open_to().without_edges().shape();
        body.shape()
            .with(&cavity)
            .with(&foot)
            .with(&Hole::Axle.walls(-24.0, 0.0))
            .transformed(axes::up())
            .with(&rim(&outline, &inner, 24.0))
            .with(&underside(&cells, 24.0, 24.0))
    } else {
        shell(&outline, 0.0, 24.0, 4.0, 4.0).with(&underside(&cells, 4.0, 24.0))
    };
    shape.append(&studs(&cells, 0.0, StudStyle::Solid), Affine3A::IDENTITY);
    let pin = pin_half(20.0, false).transformed(axes::along_x());
    shape.append(&pin, axes::at(20.0, 10.0, 0.0));
    if both {
        shape.append(&pin, axes::at(-20.0, 10.0, 0.0) * axes::turn_y(180.0));
    }
    shape.solids.push(Solid::block(Vec3::new(-20.0, 0.0, -20.0), Vec3::new(20.0, 24.0, 20.0)));
    shape
}

fn offset_hole(above: bool) -> Shape {
    let cells = grid(2, 1);
    let y = if above { -6.0 } else { 10.0 };
    let (from, to, foot) = if above { (180.0, 360.0, 7.5) } else { (0.0, 180.0, 0.5) };
    let mut lug = Contour::arc(10.0, y, 9.0, from, to, 12);
    let ends = [lug[lug.len() - 1].0, lug[0].0];
    lug.extend(ends.map(|x| (x, foot)));
    let mut shape = drilled(&Contour::new(lug), -10.0, 10.0, 0.2, &[(Hole::Pin, 10.0, y)]);
    if above {
        // The plate lies beside and below the tube's lower half.
        shape.append(&shell(&Contour::centered(40.0, 20.0), 3.5, 8.0, 4.0, 5.0), Affine3A::IDENTITY);
        shape.append(&block((-20.0, 0.0, -10.0), (1.5, 3.6, 10.0), BEVEL), Affine3A::IDENTITY);
        shape.append(&underside(&cells, 5.0, 8.0), Affine3A::IDENTITY);
        shape.append(&studs(&[Vec2::new(-10.0, 0.0)], 0.0, StudStyle::Solid), Affine3A::IDENTITY);
    } else {
        shape.append(&shell(&Contour::rect(-20.0, -10.0, 1.1, 10.0), 0.0, 8.0, 4.0, 4.0), Affine3A::IDENTITY);
        // The ceiling over the tube.
        let cover = block((1.0, 0.0, -10.0), (20.0, 2.0, 10.0), 0.0).without_edges();
        shape.append(&cover, Affine3A::IDENTITY);
        shape.grip(crate::catalog::build::GripKind::Socket, axes::at(-10.0, 8.0, 0.0), 4.0);
        shape.append(&studs(&cells, 0.0, StudStyle::Hollow), Affine3A::IDENTITY);
    }
    shape.solids.push(Solid::block(Vec3::new(-20.0, 0.0, -10.0), Vec3::new(20.0, 8.0, 10.0)));
    shape
}

fn frame() -> Shape {
    let side = brick(4, &[(Hole::Pin, -20.0), (Hole::Pin, 0.0), (Hole::Pin, 20.0)]);
    let between = brick(2, &[(Hole::Pin, 0.0)]);
    side.moved(0.0, 0.0, 30.0)
        .with_at(&side, axes::at(0.0, 0.0, -30.0))
        .with_at(&between, axes::at(30.0, 0.0, 0.0) * axes::turn_y(90.0))
        .with_at(&between, axes::at(-30.0, 0.0, 0.0) * axes::turn_y(90.0))
}

fn wide_frame() -> Shape {
    let row = brick(4, &[(Hole::Pin, -20.0), (Hole::Pin, 0.0), (Hole::Pin, 20.0)]);
    let column = row.transformed(axes::turn_y(90.0));
    row.moved(0.0, 0.0, 30.0)
        .with_at(&row, axes::at(0.0, 0.0, -30.0))
        .with_at(&column, axes::at(50.0, 0.0, 0.0))
        .with_at(&column, axes::at(-50.0, 0.0, 0.0))
}

fn corner() -> Shape {
    let row = brick(4, &[(Hole::Pin, -20.0), (Hole::Pin, 0.0), (Hole::Pin, 20.0)]);
    row.moved(10.0, 0.0, 40.0)
        .with_at(&row, axes::at(-40.0, 0.0, -10.0) * axes::turn_y(90.0))
        .with_at(&block((-10.0, 0.0, -10.0), (10.0, 24.0, 10.0), BEVEL), axes::at(-40.0, 0.0, 40.0))
}

fn pins_2x4() -> Shape {
    let pin = pin_half(20.0, false).transformed(axes::along_x());
    crate::catalog::build::stud_body((4, 2), 24.0, Some(StudStyle::Solid))
        .with_at(&pin, axes::at(40.0, 10.0, 0.0))
        .with_at(&pin, axes::at(-40.0, 10.0, 0.0) * axes::turn_y(180.0))
}

fn tube_plate(from: f32, radius: f32) -> Shape {
    let cells = grid(2, 2);
    // (y, z), taken along x: a tube below a flat top.
    let mut outline = Contour::arc(10.0, 0.0, radius, -90.0, 90.0, 14);
    outline.extend([(1.0, radius), (1.0, -radius)]);
    let tube = drilled(&Contour::new(outline), from, 20.0, 0.2, &[(Hole::Pin, 10.0, 0.0)]).transformed(axes::along_x());
    let mut shape = shell(&Contour::centered(40.0, 40.0), 0.0, 8.0, 4.0, 4.0)
        .with(&underside(&cells, 8.0, 8.0))
        .with(&studs(&cells, 0.0, StudStyle::Hollow))
        .with(&tube);
    shape.solids.push(Solid::block(Vec3::new(-20.0, 0.0, -20.0), Vec3::new(20.0, 8.0, 20.0)));
    for z in [-1.0_f32, 1.0] {
        let (a, b) = (6.0 * z, radius * z);
        shape.solids.push(Solid::block(Vec3::new(from, 8.0, a.min(b)), Vec3::new(20.0, 18.0, a.max(b))));
    }
    shape
}

fn hole_plate() -> Shape {
    let cells = grid(2, 2);
    let mut outline = Contour::arc(0.0, -20.0, 20.0, 180.0, 360.0, 20);
    outline.extend([(20.0, 20.0), (-20.0, 20.0)]);
    let outline = Contour::new(outline);
    let mut shape = drilled_shell(&outline, 0.0, 8.0, 4.0, 4.0, 6.0, &[Vec2::new(0.0, -20.0)])
        .with(&underside(&cells, 4.0, 8.0))
        .with(&studs(&cells, 0.0, StudStyle::Solid));
    shape.grip(crate::catalog::build::GripKind::PinHole, axes::at(0.0, 4.0, -20.0), 8.0);
    shape.solids.push(Solid::block(Vec3::new(-20.0, 0.0, -20.0), Vec3::new(20.0, 8.0, 20.0)));
    shape.solids.push(Solid::block(Vec3::new(-14.0, 0.0, -38.0), Vec3::new(14.0, 8.0, -26.0)));
    shape
}

fn rotor() -> Shape {
    let mut outline = Contour::arc(40.0, 0.0, 10.0, -90.0, 90.0, 12);
    outline.extend(Contour::arc(-40.0, 0.0, 10.0, 90.0, 270.0, 12));
    let places = [-40.0, -20.0, 20.0, 40.0].map(|x| Vec2::new(x, 0.0));
    let mut shape =
        drilled(&Contour::new(outline), -8.0, 0.0, BEVEL, &[(Hole::Axle, 0.0, 0.0)]).transformed(axes::up());
    shape.append(&underside(&places, 8.0, 8.0), Affine3A::IDENTITY);
    shape.solids.push(Solid::block(Vec3::new(-48.0, 0.0, -10.0), Vec3::new(48.0, 8.0, 10.0)));
    shape.with(&studs(&places, 0.0, StudStyle::Hollow))
}
