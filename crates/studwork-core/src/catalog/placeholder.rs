//! What stands in for a part that nobody has: the plain part for a printed or moulded variant of it, else a box with the
//! number on it.

use super::build::{BEVEL, Shape, block};
use super::physique::body_from_shape;
use crate::PartId;
use crate::connect::PartBody;
use glam::{Affine3A, Vec3};
use std::sync::Arc;

/// The numbers of plainer variants to try for one that nobody has: `3069bp09` → `3069b`, `3069`; `3815c01` → `3815`.
///
/// Source: LDraw's numbering, <https://www.ldraw.org/article/512.html> (pattern `p…`, sticker `d…`, composite `c…`,
/// version letter).
pub fn plain_variants(part: &PartId) -> impl Iterator<Item = PartId> {
    let number = part.as_str().to_owned();
    let digits = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
    let mut tries = Vec::new();
    if digits >= 2 && number.is_char_boundary(digits) {
        let (base, rest) = number.split_at(digits);
        let version: String = rest.chars().take(1).filter(|c| matches!(c, 'a'..='b' | 'e'..='h')).collect();
        if !rest.is_empty() {
            tries.push(format!("{base}{version}"));
            tries.push(base.to_owned());
        }
        tries.extend(["a", "b", "c", "d"].map(|letter| format!("{base}{letter}")));
        tries.retain(|t| *t != number);
    }
    tries.into_iter().map(|t| PartId::new(&t))
}

/// A box of the size of a 2 x 2 brick (or of what the number is known to be) with the number drawn on it.
pub fn labelled_box(part: &PartId) -> Arc<PartBody> {
    let (min, max) = super::families::size_class(part.as_str())
        .unwrap_or((Vec3::new(-20.0, 0.0, -20.0), Vec3::new(20.0, 24.0, 20.0)));
    let mut shape = block(min, max, BEVEL);
    let size = max - min;
    let middle = (min + max) / 2.0;
    // On the front and the back (−z, +z) and on the top.
    let faces = [
        (Vec3::new(middle.x, middle.y, min.z - 0.1), Vec3::X, Vec3::Y, size.x, size.y),
        (Vec3::new(middle.x, middle.y, max.z + 0.1), Vec3::NEG_X, Vec3::Y, size.x, size.y),
        (Vec3::new(middle.x, min.y - 0.1, middle.z), Vec3::X, Vec3::NEG_Z, size.x, size.z),
    ];
    for (center, right, down, width, height) in faces {
        write(&mut shape, part.as_str(), center, right, down, width * 0.86, height * 0.7);
    }
    body_from_shape("", "", &shape.transformed(Affine3A::IDENTITY))
}

/// Draws text with edge lines, fitted into a width and a height (LDU) about a center.
fn write(shape: &mut Shape, text: &str, center: Vec3, right: Vec3, down: Vec3, width: f32, height: f32) {
    let count = text.chars().count().min(12) as f32;
    // A letter is 1 wide and 2 high, with half a width between letters.
    let unit = (width / (count * 1.5 - 0.5)).min(height / 2.0);
    if unit < 0.5 || !unit.is_finite() {
        return;
    }
    let start = -(count * 1.5 - 0.5) / 2.0;
    for (i, letter) in text.chars().take(12).enumerate() {
        let at =
            |(x, y): (f32, f32)| center + right * ((start + i as f32 * 1.5 + x) * unit) + down * ((y - 1.0) * unit);
        for (bit, [a, b]) in SEGMENTS.into_iter().enumerate() {
            if segments_of(letter) & (1 << bit) != 0 {
                shape.edge(at(a), at(b));
            }
        }
    }
}

// Seven segments: top, upper right, lower right, bottom, lower left, upper left, middle.
const SEGMENTS: [[(f32, f32); 2]; 7] = [
    [(0.0, 0.0), (1.0, 0.0)],
    [(1.0, 0.0), (1.0, 1.0)],
    [(1.0, 1.0), (1.0, 2.0)],
    [(0.0, 2.0), (1.0, 2.0)],
    [(0.0, 1.0), (0.0, 2.0)],
    [(0.0, 0.0), (0.0, 1.0)],
    [(0.0, 1.0), (1.0, 1.0)],
];

fn segments_of(letter: char) -> u8 {
    match letter.to_ascii_lowercase() {
        '0' | 'o' => 0b011_1111,
        '1' | 'i' => 0b000_0110,
        '2' | 'z' => 0b101_1011,
        '3' => 0b100_1111,
        '4' => 0b110_0110,
        '5' | 's' => 0b110_1101,
        '6' => 0b111_1101,
        '7' => 0b000_0111,
        '8' => 0b111_1111,
        '9' | 'g' | 'q' => 0b110_1111,
        'a' => 0b111_0111,
        'b' => 0b111_1100,
        'c' => 0b011_1001,
        'd' => 0b101_1110,
        'e' => 0b111_1001,
        'f' => 0b111_0001,
        'h' | 'k' | 'x' => 0b111_0110,
        'j' => 0b001_1110,
        'l' => 0b011_1000,
        'm' | 'n' => 0b101_0100,
        'p' => 0b111_0011,
        'r' => 0b101_0000,
        't' => 0b111_1000,
        'u' | 'v' | 'w' => 0b011_1110,
        'y' => 0b110_1110,
        _ => 0b100_0000,
    }
}
