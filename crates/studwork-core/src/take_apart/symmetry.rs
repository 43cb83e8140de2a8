//! In which ways a part can be turned and still look the same, so that a brick put in the wrong way round is right.
//!
//! Found from the corners of its mesh: quarter turns about its middle, and any turn about an axis it is round about.

use crate::{Axis, Mesh};
use glam::{Affine3A, IVec3, Mat3, Vec3};
use std::collections::HashSet;
use std::f32::consts::FRAC_PI_2;

/// How far a turned corner may lie from a corner, LDU.
const NEAR: f32 = 0.5;
/// The share of corners that must be met; round shapes are not always cut alike on all sides.
const SHARE: f32 = 0.97;
/// How far from its place a piece may be and still be in it, LDU.
const PLACE: f32 = 1.0;
/// How little (cosine) it may be turned away.
const TURN: f32 = 0.9994;

/// The turns that leave a part looking the same.
#[derive(Clone, Debug)]
pub struct Symmetry {
    center: Vec3,
    /// The first turns nothing.
    turns: Vec<Mat3>,
    /// Axes about which any turn is the same.
    round: Vec<Vec3>,
}

impl Symmetry {
    /// That of a mesh.
    pub fn of(mesh: &Mesh) -> Self {
        let center = mesh.bounds.center();
        let corners: HashSet<IVec3> = mesh.vertices.iter().map(|v| cell(Vec3::from(v.position) - center)).collect();
        let same = |turn: &Mat3, offset: Vec3| {
            let met = |vertex: &&studwork_ldraw::Vertex| {
                let at = cell(*turn * (Vec3::from(vertex.position) - center - offset) + offset);
                (-1..=1).any(|x| (-1..=1).any(|y| (-1..=1).any(|z| corners.contains(&(at + IVec3::new(x, y, z))))))
            };
            let count = mesh.vertices.iter().filter(met).count();
            count as f32 >= mesh.vertices.len() as f32 * SHARE
        };
        let mut turns = vec![Mat3::IDENTITY];
        let fits = |turn: &Mat3| {
            let size = mesh.bounds.max - mesh.bounds.min;
            (*turn * size).abs().abs_diff_eq(size, 2.0 * NEAR)
        };
        for turn in quarter_turns().into_iter().skip(1) {
            if fits(&turn) && same(&turn, Vec3::ZERO) {
                turns.push(turn);
            }
        }
        // Circles are drawn with sixteen corners, large ones with forty-eight.
        let round = |axis: &Axis| {
            let eighth = Mat3::from_axis_angle(axis.unit(), FRAC_PI_2 / 4.0);
            let quarter = Mat3::from_axis_angle(axis.unit(), FRAC_PI_2);
            fits(&quarter) && same(&eighth, Vec3::ZERO)
        };
        let round = Axis::ALL.iter().filter(|axis| round(axis)).map(|axis| axis.unit()).collect();
        Self { center, turns, round }
    }

    /// Whether a piece at `placed` looks as one at `wanted` does (from the part to the model).
    pub fn is_same(&self, wanted: &Affine3A, placed: &Affine3A) -> bool {
        if wanted.matrix3.determinant().abs() < 1e-6 {
            return wanted.abs_diff_eq(*placed, PLACE);
        }
        if wanted.transform_point3(self.center).distance(placed.transform_point3(self.center)) > PLACE {
            return false;
        }
        let between = Mat3::from(wanted.matrix3).inverse() * Mat3::from(placed.matrix3);
        let alike = |a: Vec3, b: Vec3| a.dot(b) >= TURN * a.length() * b.length();
        self.turns.iter().any(|turn| {
            let rest = turn.transpose() * between;
            let whole = alike(rest.x_axis, Vec3::X) && alike(rest.y_axis, Vec3::Y) && alike(rest.z_axis, Vec3::Z);
            whole || self.round.iter().any(|axis| alike(rest * *axis, *axis) && rest.determinant() > 0.0)
        })
    }

    /// How many turns leave it the same, itself included; `None` for endlessly many.
    pub fn turns(&self) -> Option<usize> {
        self.round.is_empty().then_some(self.turns.len())
    }
}

fn cell(point: Vec3) -> IVec3 {
    (point / NEAR).round().as_ivec3()
}

/// The 24 turns by right angles; the first is none.
fn quarter_turns() -> Vec<Mat3> {
    let mut turns: Vec<Mat3> = Vec::new();
    for tilt in [Mat3::IDENTITY, Mat3::from_rotation_x(FRAC_PI_2), Mat3::from_rotation_x(-FRAC_PI_2)] {
        for side in [tilt, Mat3::from_rotation_x(2.0 * FRAC_PI_2) * tilt, Mat3::from_rotation_z(FRAC_PI_2) * tilt] {
            for quarter in 0..4 {
                let turn = crate::snapped_rotation(Mat3::from_rotation_y(quarter as f32 * FRAC_PI_2) * side);
                let turns_of = |turn: Mat3| [turn, turn * Mat3::from_diagonal(Vec3::new(-1.0, -1.0, 1.0))];
                for turn in turns_of(turn) {
                    if !turns.contains(&turn) {
                        turns.push(turn);
                    }
                }
            }
        }
    }
    turns
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Catalog, PartId};

    fn symmetry(part: &str) -> Symmetry {
        Symmetry::of(Catalog::built_in().body(&PartId::new(part)).mesh())
    }

    #[test]
    fn there_are_twenty_four_quarter_turns() {
        let turns = quarter_turns();
        assert_eq!(turns.len(), 24);
        assert_eq!(turns[0], Mat3::IDENTITY);
        assert!(turns.iter().all(|turn| (turn.determinant() - 1.0).abs() < 1e-6 && crate::is_right_angle(turn)));
    }

    #[test]
    fn parts_are_the_same_in_the_turns_that_people_see() {
        assert_eq!(symmetry("3001").turns(), Some(2), "a brick 2 x 4");
        assert_eq!(symmetry("3003").turns(), Some(4), "a brick 2 x 2");
        assert_eq!(symmetry("3040b").turns(), Some(1), "a slope");
        assert_eq!(symmetry("6141").turns(), None, "a round plate");
    }

    #[test]
    fn a_brick_the_other_way_round_is_in_its_place() {
        let at = |x: f32, turn: f32| Affine3A::from_rotation_y(turn) * Affine3A::from_translation(Vec3::X * x);
        let wanted = at(0.0, 0.0);
        let brick = symmetry("3001");
        assert!(brick.is_same(&wanted, &at(0.0, 2.0 * FRAC_PI_2)) && brick.is_same(&wanted, &at(0.4, 0.0)));
        assert!(!brick.is_same(&wanted, &at(0.0, FRAC_PI_2)) && !brick.is_same(&wanted, &at(20.0, 0.0)));
        assert!(!brick.is_same(&wanted, &Affine3A::from_rotation_x(2.0 * FRAC_PI_2)));
        assert!(symmetry("6141").is_same(&wanted, &at(0.0, 0.3)));
        assert!(!symmetry("3040b").is_same(&wanted, &at(0.0, 2.0 * FRAC_PI_2)));
    }
}
