//! Bricks, plates and tiles: a flat outline with studs on top and room for studs below; rectangles, corners, wings and
//! rounded corners, studs on the sides, and bricks with a surface of their own.

use super::Family;
use super::common::{Leg, SideStud, Studs, Toward, cells_inside, contour_from_legs, side_studs};
use crate::catalog::build::{
    BEVEL, Contour, Prism, Shape, Solid, StudStyle, WALL, axes, block, face, grid, plain_block, pocket, shell, slab,
    stud, studs, underside,
};
use glam::{Vec2, Vec3};
use serde::Deserialize;

/// Parts over a flat outline.
#[derive(Clone, Debug, Deserialize)]
pub enum Bricks {
    /// A rectangular brick: studs along x and z, height in LDU, with hollow studs on its sides where named.
    Brick {
        studs: (u32, u32),
        #[serde(default = "brick_height")]
        height: f32,
        #[serde(default)]
        top: Studs,
        #[serde(default)]
        hollow: bool,
        #[serde(default)]
        sides: Vec<SideStud>,
        #[serde(default = "yes")]
        pins: bool,
    },
    /// A rectangular plate.
    Plate {
        studs: (u32, u32),
        #[serde(default)]
        top: Studs,
        #[serde(default)]
        hollow: bool,
        /// The tile's groove around its foot (jumpers).
        #[serde(default)]
        groove: bool,
    },
    /// A rectangular tile, with the groove around its foot unless left out.
    Tile {
        studs: (u32, u32),
        #[serde(default = "yes")]
        groove: bool,
    },
    /// Any outline in (x, z).
    Outline {
        legs: Vec<Leg>,
        height: f32,
        #[serde(default)]
        top: Studs,
        #[serde(default)]
        groove: bool,
        /// How far inside the outline a stud's center has to be.
        #[serde(default = "stud_room")]
        room: f32,
    },
    /// A tile with bars along its top.
    Grille {
        #[serde(default = "yes")]
        groove: bool,
    },
    /// A flat baseplate.
    Baseplate { studs: (u32, u32) },
    /// The brick with a recessed stud in front and a square hole behind.
    Headlight,
    /// A brick of upright logs: a bulge in front and behind for each stud.
    Log { length: u32 },
    /// A brick with ribs in front (grille) or with raised masonry.
    Textured { length: u32, masonry: bool },
    /// A brick with a groove along its front and back.
    Grooved { length: u32 },
}

fn brick_height() -> f32 {
    24.0
}

fn stud_room() -> f32 {
    8.0
}

fn yes() -> bool {
    true
}

impl Family for Bricks {
    fn shape(&self) -> Shape {
        match self {
            Self::Brick { studs, height, top, hollow, sides, pins } => {
                brick(*studs, *height, top, *hollow, *pins).with(&side_studs(sides))
            }
            Self::Plate { studs, top, hollow, groove: false } => brick(*studs, 8.0, top, *hollow, true),
            Self::Plate { studs, top, groove: true, .. } => {
                tile(*studs, true).with(&top_studs(top, &grid(studs.0, studs.1), false))
            }
            Self::Tile { studs, groove } => tile(*studs, *groove),
            Self::Outline { legs, height, top, groove, room } => outline_body(legs, *height, top, *groove, *room),
            Self::Grille { groove } => grille(*groove),
            Self::Baseplate { studs } => baseplate(*studs),
            Self::Headlight => headlight(),
            Self::Log { length } => log(*length),
            Self::Textured { length, masonry } => textured(*length, *masonry),
            Self::Grooved { length } => grooved(*length),
        }
    }
}

/// Studs on the named cells at y = 0.
fn top_studs(top: &Studs, cells: &[Vec2], hollow: bool) -> Shape {
    let style = if hollow { StudStyle::Hollow } else { top.style() };
    studs(&top.places(cells), 0.0, style)
}

fn rectangle((columns, rows): (u32, u32)) -> Contour {
    Contour::centered(columns as f32 * 20.0, rows as f32 * 20.0)
}

fn brick(size: (u32, u32), height: f32, top: &Studs, hollow: bool, pins: bool) -> Shape {
    let cells = grid(size.0, size.1);
    let mut below = underside(&cells, WALL, height);
    if !pins {
        let grips = std::mem::take(&mut below.grips);
        below = Shape::new();
        below.grips = grips;
    }
    let mut shape = shell(&rectangle(size), 0.0, height, WALL, WALL).with(&below).with(&top_studs(top, &cells, hollow));
    let (w, d) = (size.0 as f32 * 10.0, size.1 as f32 * 10.0);
    shape.solids.push(Solid::block(Vec3::new(-w, 0.0, -d), Vec3::new(w, height, d)));
    shape
}

// A body with its lowest LDU set back by one.
fn with_groove(outline: &Contour, height: f32) -> Shape {
    let mut ledge = face(outline, &[outline.offset(-1.0)]).transformed(axes::up());
    ledge = ledge.transformed(glam::Affine3A::from_scale(Vec3::new(1.0, -1.0, 1.0)));
    let lip = height - 1.0;
    let upper = Prism::new(outline.clone(), -lip, 0.0).bevels(0.0, BEVEL).open_from().shape().transformed(axes::up());
    // The foot is a shell of its own, whose ceiling is the body's.
    let foot_outline = outline.offset(-1.0);
    let inner = outline.offset(-WALL);
    let foot = Prism::new(foot_outline.clone(), -height, -lip).open_from().open_to().shape().transformed(axes::up());
    let mut rim = face(&foot_outline, std::slice::from_ref(&inner)).transformed(axes::up());
    rim = rim.transformed(glam::Affine3A::from_scale(Vec3::new(1.0, -1.0, 1.0))).moved(0.0, height, 0.0);
    let cavity = Prism::new(inner, -height, -WALL).open_from().shape().inside_out().transformed(axes::up());
    upper.with(&ledge.moved(0.0, lip, 0.0)).with(&foot).with(&rim).with(&cavity)
}

fn tile(size: (u32, u32), groove: bool) -> Shape {
    let cells = grid(size.0, size.1);
    let outline = rectangle(size);
    let body = if groove { with_groove(&outline, 8.0) } else { shell(&outline, 0.0, 8.0, WALL, WALL) };
    let mut shape = body.with(&underside(&cells, WALL, 8.0));
    let (w, d) = (size.0 as f32 * 10.0, size.1 as f32 * 10.0);
    shape.solids.push(Solid::block(Vec3::new(-w, 0.0, -d), Vec3::new(w, 8.0, d)));
    shape
}

fn outline_body(legs: &[Leg], height: f32, top: &Studs, groove: bool, room: f32) -> Shape {
    let outline = contour_from_legs(legs);
    let cells = cells_inside(&outline, room);
    let body = if groove { with_groove(&outline, height) } else { shell(&outline, 0.0, height, WALL, WALL) };
    let mut shape = body.with(&underside(&cells, WALL, height)).with(&top_studs(top, &cells, false));
    for t in convex_pieces(&outline) {
        let corners = t.iter().flat_map(|p| [Vec3::new(p.x, 0.0, p.y), Vec3::new(p.x, height, p.y)]);
        shape.solids.push(Solid::Hull(corners.collect()));
    }
    shape
}

// The outline itself where it is convex, else its triangles.
fn convex_pieces(outline: &Contour) -> Vec<Vec<Vec2>> {
    let p = outline.points();
    let n = p.len();
    let convex = (0..n).all(|i| (p[(i + 1) % n] - p[i]).perp_dot(p[(i + 2) % n] - p[(i + 1) % n]) > -1e-3);
    if convex {
        return vec![p.to_vec()];
    }
    outline.triangles().into_iter().map(|t| t.to_vec()).collect()
}

fn grille(groove: bool) -> Shape {
    let mut shape = if groove {
        // The foot with the bars' floor.
        with_groove(&rectangle((2, 1)), 8.0)
            .transformed(glam::Affine3A::from_scale(Vec3::new(1.0, 0.5, 1.0)))
            .moved(0.0, 4.0, 0.0)
    } else {
        shell(&rectangle((2, 1)), 4.0, 8.0, WALL, 6.0)
    };
    for z in [-8.0, 0.0, 8.0] {
        shape = shape.with(&block([-20.0, 0.0, z - 2.0], [20.0, 4.2, z + 2.0], 0.3));
    }
    shape.solids = vec![Solid::block(Vec3::new(-20.0, 0.0, -10.0), Vec3::new(20.0, 8.0, 10.0))];
    shape.with(&underside(&grid(2, 1), 8.0, 8.0))
}

fn baseplate((columns, rows): (u32, u32)) -> Shape {
    let outline = rectangle((columns, rows)).rounded(6.0, 3);
    let cells = grid(columns, rows);
    let mut shape = slab(&outline, 0.0, 4.0).with(&studs(&cells, 0.0, StudStyle::Solid));
    let (w, d) = (columns as f32 * 10.0, rows as f32 * 10.0);
    shape.solids.push(Solid::block(Vec3::new(-w, 0.0, -d), Vec3::new(w, 4.0, d)));
    shape
}

fn headlight() -> Shape {
    let profile = Contour::new([(0.0, -6.0), (20.0, -6.0), (20.0, -10.0), (24.0, -10.0), (24.0, 10.0), (0.0, 10.0)]);
    // The edges over the bottom and the back are closed by faces with holes.
    let edges = profile.points().iter().enumerate().filter(|(i, p)| {
        let next = profile.points()[(i + 1) % 6];
        (p.x == 24.0 && next.x == 24.0) || (p.y == 10.0 && next.y == 10.0)
    });
    let open: Vec<usize> = edges.map(|(i, _)| i).collect();
    let body = Prism::new(profile, -10.0, 10.0).bevel(BEVEL).open_edges(&open).shape().transformed(axes::along_x());
    let square = Contour::centered(12.0, 12.0);
    let bottom = face(&Contour::centered(20.0, 20.0), std::slice::from_ref(&square));
    let below = bottom.with(&pocket(&square, 3.9)).transformed(Toward::Down.face_frame(Vec3::new(0.0, 24.0, 0.0)));
    let window = square.clone().moved(0.0, -2.0);
    let wall = face(&Contour::centered(20.0, 24.0), std::slice::from_ref(&window));
    let behind = wall.with(&pocket(&window, 12.0)).transformed(Toward::Back.face_frame(Vec3::new(0.0, 12.0, 10.0)));
    let mut shape = body
        .with(&below)
        .with(&behind)
        .with(&stud(StudStyle::Solid, 16))
        .with(&side_studs(&[SideStud((0.0, 10.0, -6.0), Toward::Front)]))
        .with(&underside(&grid(1, 1), 24.0, 24.0));
    shape.grip(crate::catalog::build::GripKind::Socket, Toward::Front.stud_frame(Vec3::new(0.0, 10.0, 10.0)), 4.0);
    shape.solids.push(Solid::block(Vec3::new(-10.0, 0.0, -6.0), Vec3::new(10.0, 24.0, 10.0)));
    shape.solids.push(Solid::block(Vec3::new(-10.0, 20.0, -10.0), Vec3::new(10.0, 24.0, -6.0)));
    shape
}

fn log(length: u32) -> Shape {
    let w = length as f32 * 10.0;
    // One bulge per stud, 2.9 high over a chord of 20: an arc of radius 18.7 about a point 8.8 behind the middle.
    let side = |flip: f32| {
        (0..length).flat_map(move |i| {
            let middle = (i as f32 + 0.5) * 20.0 - w;
            Contour::arc(middle, -8.8, 18.7, 122.3, 57.7, 6).into_iter().map(move |(x, z)| (x * flip, z * flip))
        })
    };
    let outline = Contour::new(side(1.0).chain(side(-1.0)));
    let cells = grid(length, 1);
    let mut shape = shell(&outline, 0.0, 24.0, WALL - 1.0, WALL)
        .with(&studs(&cells, 0.0, StudStyle::Solid))
        .with(&underside(&cells, WALL, 24.0));
    shape.solids.push(Solid::block(Vec3::new(-w, 0.0, -9.9), Vec3::new(w, 24.0, 9.9)));
    shape
}

fn textured(length: u32, masonry: bool) -> Shape {
    let w = length as f32 * 10.0;
    let inset = if masonry { 1.0 } else { 2.0 };
    let outline = Contour::centered(w * 2.0 - if masonry { 0.4 } else { 0.0 }, 20.0 - 2.0 * inset);
    let cells = grid(length, 1);
    let mut shape = shell(&outline, 0.0, 24.0, WALL - inset, WALL).with(&underside(&cells, WALL, 24.0)).with(&studs(
        &cells,
        0.0,
        StudStyle::Solid,
    ));
    let mut relief = Shape::new();
    for side in [-1.0f32, 1.0] {
        let (a, b) = (side * (10.0 - inset), side * 10.0);
        let (z0, z1) = (a.min(b) - 0.2 * f32::from(side > 0.0), a.max(b) + 0.2 * f32::from(side < 0.0));
        if masonry {
            for (row, y) in [0.0f32, 8.0, 16.0].into_iter().enumerate() {
                let joints: &[f32] = if row % 2 == 0 { &[-w, 0.0, w] } else { &[-w, -w / 2.0, w / 2.0, w] };
                for pair in joints.windows(2) {
                    relief.append(
                        &block([pair[0] + 0.4, y + 0.5, z0], [pair[1] - 0.4, y + 7.5, z1], 0.4),
                        glam::Affine3A::IDENTITY,
                    );
                }
            }
        } else {
            // A frame above and below, slats between.
            relief.append(&block([-w, 0.0, z0], [w, 3.0, z1], 0.3), glam::Affine3A::IDENTITY);
            relief.append(&block([-w, 21.0, z0], [w, 24.0, z1], 0.3), glam::Affine3A::IDENTITY);
            for y in [5.2, 9.4, 13.6, 17.8] {
                relief.append(&block([-w, y - 0.7, z0], [w, y + 1.3, z1], 0.3), glam::Affine3A::IDENTITY);
            }
        }
    }
    relief.solids.clear();
    shape = shape.with(&relief);
    if masonry {
        // Full width at the very ends of the brick.
        shape = shape
            .with(&plain_block([-w, 0.5, -9.0], [-w + 0.3, 23.5, 9.0]))
            .with(&plain_block([w - 0.3, 0.5, -9.0], [w, 23.5, 9.0]));
    }
    shape.solids = vec![Solid::block(Vec3::new(-w, 0.0, -10.0), Vec3::new(w, 24.0, 10.0))];
    shape
}

fn grooved(length: u32) -> Shape {
    let w = length as f32 * 10.0;
    let outline = Contour::centered(w * 2.0, 20.0);
    let waist = Contour::centered(w * 2.0, 16.0);
    let cells = grid(length, 1);
    // Full above 8 and below 16, set back between.
    let upper = slab(&outline, 0.0, 9.0);
    let middle = Prism::new(waist, -16.0, -9.0).open_from().open_to().shape().transformed(axes::up());
    let lower = shell(&outline, 16.0, 24.0, WALL, 17.0);
    let mut shape = upper
        .with(&middle)
        .with(&lower)
        .with(&studs(&cells, 0.0, StudStyle::Solid))
        .with(&underside(&cells, 17.0, 24.0));
    shape.solids.push(Solid::block(Vec3::new(-w, 0.0, -10.0), Vec3::new(w, 24.0, 10.0)));
    shape
}
