//! The model spread out by its steps: each step farther along the way on which its pieces come off.

use super::{Path, Removal};
use crate::{Axis, Design, StepId};
use glam::Vec3;
use std::collections::HashMap;

/// How many pieces make a step where the author made none.
const PIECES_A_STEP: usize = 12;
/// How far the model is spread at most, in its own greatest size.
const SPREAD: f32 = 1.5;

/// By how much each flattened piece is moved (LDU, in the main submodel) when the model is spread by `amount`, from 0 to 1.
/// `size` is the model's greatest size, LDU.
pub fn explode(design: &Design, order: &[Removal], size: f32, amount: f32) -> Vec<(Path, Vec3)> {
    let steps = design.submodel(design.main()).map_or(&[][..], |main| &main.steps);
    let number: HashMap<StepId, usize> = steps.iter().zip(0..).map(|(step, index)| (step.id, index)).collect();
    let authored = steps.iter().filter(|step| step.pieces().next().is_some()).count() > 1;
    let step_of = |(place, removal): (usize, &Removal)| match removal.path.first().and_then(|id| design.place_of(*id)) {
        Some((_, step)) if authored => number.get(&step).copied().unwrap_or(0),
        // Built in the reverse order, in steps of some pieces.
        _ => (order.len() - 1 - place) / PIECES_A_STEP,
    };
    let step_of: Vec<usize> = order.iter().enumerate().map(step_of).collect();
    let count = step_of.iter().max().map_or(0, |last| last + 1);
    let mut ways = vec![Vec3::ZERO; count];
    for (removal, step) in order.iter().zip(&step_of) {
        ways[*step] += main_way(removal.direction);
    }
    let mut before = [0_usize; 6];
    let offsets: Vec<Vec3> = ways
        .into_iter()
        .map(|way| {
            let way = if way == Vec3::ZERO { Vec3::NEG_Y } else { main_way(way) };
            let side = ALL.iter().position(|known| *known == way).unwrap_or(0);
            before[side] += 1;
            way * (before[side] as f32 / count as f32 * SPREAD * size * amount.clamp(0.0, 1.0))
        })
        .collect();
    order.iter().zip(step_of).map(|(removal, step)| (removal.path.clone(), offsets[step])).collect()
}

const ALL: [Vec3; 6] = [Vec3::NEG_Y, Vec3::Y, Vec3::X, Vec3::NEG_X, Vec3::Z, Vec3::NEG_Z];

/// The axis that a direction is nearest to.
fn main_way(direction: Vec3) -> Vec3 {
    let best =
        Axis::ALL.into_iter().max_by(|a, b| direction.dot(a.unit()).abs().total_cmp(&direction.dot(b.unit()).abs()));
    best.map_or(Vec3::NEG_Y, |axis| axis.unit() * direction.dot(axis.unit()).signum())
}
