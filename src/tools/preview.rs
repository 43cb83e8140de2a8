//! Shows what is in hand or being dragged.

use super::{Gesture, ModeGhosts, ToolState};
use crate::projection::draw::ViewFrame;
use crate::projection::{Colors, Projection};
use bevy::prelude::*;
use std::collections::HashSet;

/// Puts the ghosts of the tool's preview into the picture.
pub(super) fn preview(
    tools: Res<ToolState>,
    colors: Res<Colors>,
    others: Res<ModeGhosts>,
    mut projection: ResMut<Projection>,
    mut frame: ResMut<ViewFrame>,
) {
    let mut ghosts = Vec::new();
    let mut lifted = HashSet::new();
    if let Some(hand) = &tools.hand
        && let (Some(pose), Some(carried)) = (hand.pose, &hand.carried)
    {
        ghosts = carried.ghosts(&pose.to_affine(), hand.blocked);
    }
    let drag = match &tools.gesture {
        Some(Gesture::Move(drag)) => Some(&**drag),
        Some(Gesture::Joint(joint)) => Some(&joint.held),
        _ => None,
    };
    if let Some(drag) = drag
        && let Some(motion) = &drag.motion
    {
        ghosts = drag.carried.ghosts(motion, drag.blocked);
        lifted = drag.pieces.iter().map(|(piece, _)| *piece).collect();
    }
    ghosts.extend(others.0.iter().cloned());
    let projection = projection.bypass_change_detection();
    let mut out = Vec::new();
    projection.set_ghosts(ghosts, lifted, &colors.0, &mut out);
    if !out.is_empty() {
        let mut meshes = projection.bodies.take_new();
        meshes.append(&mut out);
        frame.changes.append(&mut meshes);
        frame.dirty = true;
    }
}
