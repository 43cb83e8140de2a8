//! What bricks and plates carry beside studs: clips, bars on lugs, rings and balls; and the plain hollow body with studs
//! that carries them.

use super::contour::Contour;
use super::prism::{Lathe, Prism};
use super::shape::{GripKind, Shape, Solid};
use super::studs::{StudStyle, grid, studs, underside};
use super::{ROUND, WALL, axes, shell};
use glam::{Affine3A, Mat3, Vec3};

/// The form of a clip.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
pub enum ClipForm {
    /// Thick jaws with round backs.
    #[default]
    Round,
    /// Two straight jaws.
    Square,
    /// Two thick straight jaws, wider than the neck.
    Wide,
    /// Two sloping cheeks on a broad foot.
    Broad,
}

/// A hollow body of columns by rows of studs and a height, with studs on top where a style is given.
pub fn stud_body((columns, rows): (u32, u32), height: f32, style: Option<StudStyle>) -> Shape {
    let cells = grid(columns, rows);
    let (w, d) = (columns as f32 * 10.0, rows as f32 * 10.0);
    let mut shape = shell(&Contour::centered(w * 2.0, d * 2.0), 0.0, height, WALL, WALL);
    shape.append(&underside(&cells, WALL, height), Affine3A::IDENTITY);
    if let Some(style) = style {
        shape.append(&studs(&cells, 0.0, style), Affine3A::IDENTITY);
    }
    shape.solids.push(Solid::block(Vec3::new(-w, 0.0, -d), Vec3::new(w, height, d)));
    shape
}

/// A clip that holds a bar along w at the origin; it opens toward −v, and its neck of a width reaches `neck` toward +v.
pub fn clip(form: ClipForm, width: f32, neck: f32) -> Shape {
    let mut outline: Vec<(f32, f32)> = Vec::new();
    match form {
        ClipForm::Round => {
            let r = 7.4;
            let foot = 4.6_f32;
            let rise = (r * r - foot * foot).sqrt();
            let ends = [(rise / foot).atan().to_degrees(), 180.0 - (rise / foot).atan().to_degrees()];
            outline.extend(Contour::arc(0.0, 0.0, r, -33.0, ends[0], 6));
            outline.extend([(foot, neck), (-foot, neck)]);
            outline.extend(Contour::arc(0.0, 0.0, r, ends[1], 213.0, 6));
            outline.extend(Contour::arc(0.0, 0.0, 4.0, 228.0, -48.0, 14));
        }
        ClipForm::Square => {
            outline.extend([
                (5.2, -4.0),
                (6.6, 0.0),
                (5.6, 6.0),
                (4.0, neck),
                (-4.0, neck),
                (-5.6, 6.0),
                (-6.6, 0.0),
                (-5.2, -4.0),
            ]);
            outline.extend([(-2.8, -4.0), (-3.6, -2.0)]);
            outline.extend(Contour::arc(0.0, 0.0, 4.0, 190.0, -10.0, 10));
            outline.extend([(3.6, -2.0), (2.8, -4.0)]);
        }
        ClipForm::Wide => {
            outline.extend([
                (7.4, -4.0),
                (8.0, 0.0),
                (8.0, 4.0),
                (6.4, 7.0),
                (4.0, 8.6),
                (4.0, neck),
                (-4.0, neck),
                (-4.0, 8.6),
                (-6.4, 7.0),
            ]);
            outline.extend([(-8.0, 4.0), (-8.0, 0.0), (-7.4, -4.0), (-3.2, -4.0)]);
            outline.extend(Contour::arc(0.0, 0.0, 4.0, 190.0, -10.0, 10));
            outline.push((3.2, -4.0));
        }
        ClipForm::Broad => {
            outline.extend([(7.0, -4.0), (9.0, neck), (-9.0, neck), (-7.0, -4.0), (-3.6, -4.0), (-3.2, -2.6)]);
            outline.extend(Contour::arc(0.0, 0.0, 4.0, 200.0, -20.0, 10));
            outline.extend([(3.2, -2.6), (3.6, -4.0)]);
        }
    }
    let mut shape = Prism::new(Contour::new(outline), -width / 2.0, width / 2.0).bevel(0.2).shape();
    shape.grip(GripKind::Clip, axes::y_toward(Vec3::ZERO, Vec3::Z), width);
    let half = Vec3::new(1.4, 4.0, width / 2.0);
    for x in [-5.6, 5.6] {
        shape.solids.push(Solid::Block { frame: axes::at(x, 0.5, 0.0), half });
    }
    let half = Vec3::new(4.0, (neck - 4.2).max(1.0) / 2.0, width / 2.0);
    shape.solids.push(Solid::Block { frame: axes::at(0.0, 4.2 + half.y, 0.0), half });
    shape
}

/// A bar along w about the origin on lugs at these w, which reach `reach` toward +v; each lug is `width` wide.
pub fn handle(length: f32, lugs: &[f32], width: f32, reach: f32) -> Shape {
    let mut shape = super::bar(4.0, -length / 2.0, length / 2.0);
    let outline = if width < 7.0 {
        // A round eye whose foot runs along the lower side (+u).
        let mut eye = Contour::arc(0.0, 0.0, 6.0, -248.0, 0.0, 16);
        eye.extend([(6.0, reach), (-2.0, reach)]);
        eye
    } else {
        let mut eye = Contour::arc(0.0, 0.0, 4.05, -180.0, 0.0, 10);
        eye.extend([(4.05, reach), (-4.05, reach)]);
        eye
    };
    let outline = Contour::new(outline);
    for &w in lugs {
        let lug = Prism::new(outline.clone(), w - width / 2.0, w + width / 2.0).bevel(0.2).shape();
        shape.append(&lug, Affine3A::IDENTITY);
        let half = Vec3::new(4.0, reach / 2.0, width / 2.0);
        shape.solids.push(Solid::Block { frame: axes::at(0.0, reach / 2.0, w), half });
    }
    shape
}

/// A round bar between two points.
pub fn stick(from: Vec3, to: Vec3, radius: f32) -> Shape {
    let length = from.distance(to);
    super::bar(radius, 0.0, length).transformed(toward(from, to - from))
}

/// A full ball.
pub fn ball(center: Vec3, radius: f32, segments: usize) -> Shape {
    let profile = Contour::arc(0.0, 0.0, radius, -90.0, 90.0, segments / 2);
    let mut shape = Lathe::new(Contour::line(profile), segments).shape().transformed(axes::up());
    let half = Vec3::splat(radius * 0.8);
    shape.solids.push(Solid::Block { frame: Affine3A::IDENTITY, half });
    shape.transformed(Affine3A::from_translation(center))
}

/// A ring along w about the origin.
pub fn ring(inner: f32, outer: f32, from: f32, to: f32) -> Shape {
    let mut shape = Lathe::new(Contour::rect(inner, from, outer, to), ROUND).bevel(0.2).shape();
    for k in 0..4 {
        let half = Vec3::new((outer - inner) / 2.0, inner * 0.7, (to - from) / 2.0);
        let frame = axes::turn_z(90.0 * k as f32) * axes::at((outer + inner) / 2.0, 0.0, (from + to) / 2.0);
        shape.solids.push(Solid::Block { frame, half });
    }
    shape
}

/// A frame at a point whose w axis has a direction.
pub fn toward(origin: Vec3, w: Vec3) -> Affine3A {
    let w = w.normalize_or(Vec3::Z);
    let side = if w.y.abs() > 0.9 { Vec3::X } else { Vec3::Y };
    let u = side.cross(w).normalize();
    Affine3A::from_mat3_translation(Mat3::from_cols(u, w.cross(u), w), origin)
}

/// A frame at a point with given directions of v and w (at right angles).
pub fn frame(origin: Vec3, v: Vec3, w: Vec3) -> Affine3A {
    let (v, w) = (v.normalize_or(Vec3::Y), w.normalize_or(Vec3::Z));
    Affine3A::from_mat3_translation(Mat3::from_cols(v.cross(w), v, w), origin)
}
