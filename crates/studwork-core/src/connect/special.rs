//! Joints that neither studs nor round primitives tell of: minifigures and a few hinges, by part number.
//!
//! Measured on the parts and on how models place them; each pair has a group of its own, so that nothing else fits.

use super::{Connector, Gender, frame_along};
use glam::{Affine3A, Vec3};
use std::sync::Arc;

#[derive(Copy, Clone)]
enum Joint {
    /// Turns any way about a point; how large it is, LDU.
    Ball(f32),
    /// Turns about an axis; how long it is, LDU.
    Hinge(Vec3, f32),
}

/// One half of a joint: the numbers that have it (any print or variant), whose half, where, what.
struct Half {
    parts: &'static [&'static str],
    group: &'static str,
    gender: Gender,
    at: Vec3,
    joint: Joint,
}

const fn half(parts: &'static [&'static str], group: &'static str, gender: Gender, at: [f32; 3], joint: Joint) -> Half {
    Half { parts, group, gender, at: Vec3::from_array(at), joint }
}

use Gender::{Female, Male};
const NECK: Joint = Joint::Ball(6.0);
const WAIST: Joint = Joint::Hinge(Vec3::Y, 4.0);
const SHOULDER: Joint = Joint::Ball(5.0);
const WRIST: Joint = Joint::Ball(4.0);
const HIP: Joint = Joint::Hinge(Vec3::X, 20.0);

static HALVES: &[Half] = &[
    half(&["973", "76382"], "minifig neck", Male, [0.0, 0.0, 0.0], NECK),
    half(&["3626", "28621"], "minifig neck", Female, [0.0, 24.0, 0.0], NECK),
    half(&["3838"], "minifig neck", Female, [0.0, 0.0, 0.0], NECK),
    half(&["973", "76382"], "minifig waist", Female, [0.0, 32.0, 0.0], WAIST),
    half(&["3815", "92250"], "minifig waist", Male, [0.0, 0.0, 0.0], WAIST),
    half(&["973", "76382"], "minifig right shoulder", Female, [-15.552, 9.0, 0.0], SHOULDER),
    half(&["3818", "41879"], "minifig right shoulder", Male, [0.0, 0.0, 0.0], SHOULDER),
    half(&["973", "76382"], "minifig left shoulder", Female, [15.552, 9.0, 0.0], SHOULDER),
    half(&["3819", "41880"], "minifig left shoulder", Male, [0.0, 0.0, 0.0], SHOULDER),
    half(&["3818", "41879"], "minifig wrist", Female, [-5.0, 18.9, -9.9], WRIST),
    half(&["3819", "41880"], "minifig wrist", Female, [5.0, 18.9, -9.9], WRIST),
    half(&["3820", "983"], "minifig wrist", Male, [0.0, 0.0, 0.0], WRIST),
    half(&["3815", "92250"], "minifig right hip", Male, [0.0, 12.0, 0.0], HIP),
    half(&["3816", "92251"], "minifig right hip", Female, [0.0, 0.0, 0.0], HIP),
    half(&["3815", "92250"], "minifig left hip", Male, [0.0, 12.0, 0.0], HIP),
    half(&["3817", "92252"], "minifig left hip", Female, [0.0, 0.0, 0.0], HIP),
    half(&["4592"], "lever", Female, [0.0, 0.0, 0.0], Joint::Hinge(Vec3::X, 4.0)),
    half(&["4593"], "lever", Male, [0.0, 0.0, 0.0], Joint::Hinge(Vec3::X, 4.0)),
    half(&["3937"], "hinge brick", Female, [0.0, 10.0, 0.0], Joint::Hinge(Vec3::X, 40.0)),
    half(&["3938", "6134"], "hinge brick", Male, [0.0, 10.0, 0.0], Joint::Hinge(Vec3::X, 40.0)),
    half(&["60596"], "door", Female, [-32.0, 70.0, 5.0], Joint::Hinge(Vec3::Y, 136.0)),
    half(&["60596"], "door", Female, [32.0, 70.0, 5.0], Joint::Hinge(Vec3::Y, 136.0)),
    half(&["60616", "60621", "60623"], "door", Male, [0.0, 70.0, 0.0], Joint::Hinge(Vec3::Y, 132.0)),
    half(&["2446"], "visor", Female, [0.0, 6.5, 0.0], Joint::Hinge(Vec3::X, 28.0)),
    half(&["2447"], "visor", Male, [0.0, 6.5, 0.0], Joint::Hinge(Vec3::X, 28.0)),
    half(&["4213"], "car roof", Female, [0.0, 4.0, 36.0], Joint::Hinge(Vec3::X, 80.0)),
    half(&["4315"], "car roof", Male, [0.0, 4.0, -14.0], Joint::Hinge(Vec3::X, 80.0)),
    half(&["4214"], "car roof", Male, [0.0, -4.0, 6.0], Joint::Hinge(Vec3::X, 80.0)),
    half(&["2429"], "hinge plate", Female, [0.0, 4.0, 0.0], Joint::Hinge(Vec3::Y, 8.0)),
    half(&["2430"], "hinge plate", Male, [0.0, 4.0, 0.0], Joint::Hinge(Vec3::Y, 8.0)),
];

/// The joints of a part by its number (`973p40.dat` is a `973`).
pub fn special_joints_of(name: &str) -> Vec<Connector> {
    let number = name.trim_end_matches(".dat");
    let is = |part: &str| number.strip_prefix(part).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()));
    HALVES.iter().filter(|half| half.parts.iter().any(|part| is(part))).map(Half::connector).collect()
}

impl Half {
    fn connector(&self) -> Connector {
        let connector = match self.joint {
            Joint::Ball(radius) => Connector::sphere(self.gender, Affine3A::from_translation(self.at), radius),
            Joint::Hinge(axis, length) => Connector::fingers(self.gender, frame_along(self.at, axis), &[length], 6.0),
        };
        Connector { group: Some(Arc::from(self.group)), ..connector }
    }
}
