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
    /// Holds fast, either way round about the upright axis.
    Fast,
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
    half(&["3680"], "turntable", Female, [0.0, 0.0, 0.0], Joint::Hinge(Vec3::Y, 8.0)),
    half(&["3679"], "turntable", Male, [0.0, 0.0, 0.0], Joint::Hinge(Vec3::Y, 8.0)),
    half(&["30044"], "rounded pane", Female, [0.0, 24.0, 4.5], Joint::Fast),
    half(&["30044"], "rounded pane", Female, [0.0, 24.0, -4.5], Joint::Fast),
    half(&["30045", "30046"], "rounded pane", Male, [0.0, 0.0, 0.0], Joint::Fast),
    half(&["60592"], "pane 1 x 2 x 2", Female, [0.0, 0.0, 0.0], Joint::Fast),
    half(&["60601"], "pane 1 x 2 x 2", Male, [0.0, 0.0, 0.0], Joint::Fast),
    half(&["60593"], "pane 1 x 2 x 3", Female, [0.0, 0.0, 0.0], Joint::Fast),
    half(&["60602"], "pane 1 x 2 x 3", Male, [0.0, 0.0, 0.0], Joint::Fast),
    half(&["60594"], "pane 1 x 4 x 3", Female, [0.0, 0.0, 0.0], Joint::Fast),
    half(&["60603"], "pane 1 x 4 x 3", Male, [0.0, 0.0, 0.0], Joint::Fast),
    half(&["4345"], "box door", Female, [0.0, 0.0, 0.0], Joint::Fast),
    half(&["4346"], "box door", Male, [0.0, 0.0, 0.0], Joint::Fast),
    half(&["4132"], "window wing", Female, [-29.0, 36.0, -14.0], Joint::Hinge(Vec3::Y, 56.0)),
    half(&["4132"], "window wing", Female, [29.0, 36.0, -14.0], Joint::Hinge(Vec3::Y, 56.0)),
    half(&["4133"], "window wing", Male, [0.0, 27.0, 0.0], Joint::Hinge(Vec3::Y, 56.0)),
    half(&["3581"], "shutter", Female, [0.0, 24.0, -12.5], Joint::Hinge(Vec3::Y, 40.0)),
    half(&["3582"], "shutter", Male, [0.0, 24.0, 0.0], Joint::Hinge(Vec3::Y, 40.0)),
    half(&["3644"], "shutter", Male, [0.0, 72.0, 0.0], Joint::Hinge(Vec3::Y, 40.0)),
    half(&["4218"], "roller door", Female, [0.0, 20.0, 0.0], Joint::Hinge(Vec3::X, 40.0)),
    half(&["4218", "4219"], "roller door", Male, [0.0, 0.0, 0.0], Joint::Hinge(Vec3::X, 40.0)),
    half(&["2429"], "hinge plate", Female, [0.0, 4.0, 0.0], Joint::Hinge(Vec3::Y, 8.0)),
    half(&["2430"], "hinge plate", Male, [0.0, 4.0, 0.0], Joint::Hinge(Vec3::Y, 8.0)),
];

/// The joints of a part by its number (`973p40.dat` is a `973`).
pub fn special_joints_of(name: &str) -> Vec<Connector> {
    let number = name.trim_end_matches(".dat");
    let is = |part: &str| number.strip_prefix(part).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()));
    HALVES.iter().filter(|half| half.parts.iter().any(|part| is(part))).flat_map(Half::connectors).collect()
}

impl Half {
    fn connectors(&self) -> Vec<Connector> {
        let connectors = match self.joint {
            Joint::Ball(radius) => vec![Connector::sphere(self.gender, Affine3A::from_translation(self.at), radius)],
            Joint::Hinge(axis, length) => {
                vec![Connector::fingers(self.gender, frame_along(self.at, axis), &[length], 6.0)]
            }
            Joint::Fast => {
                let turns: &[f32] = if self.gender == Male { &[0.0, std::f32::consts::PI] } else { &[0.0] };
                let frame = |turn: &f32| Affine3A::from_translation(self.at) * Affine3A::from_rotation_y(*turn);
                turns.iter().map(|turn| Connector::fast(self.gender, frame(turn))).collect()
            }
        };
        let group = Some(Arc::from(self.group));
        connectors.into_iter().map(|connector| Connector { group: group.clone(), ..connector }).collect()
    }
}
