//! Orbit, pan and zoom: right drag turns, middle drag (or shift with right drag) pans, the wheel zooms to the pointer.
//! Alt with the main button turns as well, for touchpads.

use super::Viewport;
use crate::projection::Projection;
use crate::projection::draw::ViewFrame;
use bevy::prelude::*;

/// Radians a drag of one pixel turns.
const TURN: f32 = 0.007;

/// Moves the camera by what the pointer did.
pub(super) fn navigate(mut viewport: ResMut<Viewport>, mut frame: ResMut<ViewFrame>, projection: Res<Projection>) {
    let input = viewport.input.clone();
    let mut camera = viewport.camera;
    let turning = (input.second_held && !input.shift) || (input.held && input.alt);
    let panning = input.middle_held || (input.second_held && input.shift);
    if turning {
        camera = camera.orbited(-input.delta.x * TURN, input.delta.y * TURN);
    } else if panning {
        camera = camera.panned(input.delta, viewport.size.into());
    }
    let notches = (input.scroll.y / 50.0).clamp(-4.0, 4.0);
    let factor = 0.85_f32.powf(notches) / if input.zoom > 0.0 { input.zoom } else { 1.0 };
    if (factor - 1.0).abs() > 1.0e-4 {
        let pointer = input.position.unwrap_or(viewport.size.as_vec2() * 0.5);
        let ray = viewport.ray(pointer);
        // What is under the pointer stays there; over nothing, what lies at the target's depth.
        let depth = (camera.target - ray.origin).dot(camera.forward()) / ray.direction.dot(camera.forward()).max(1e-3);
        let anchor = projection.space.pick(&ray).map_or_else(|| ray.at(depth), |hit| hit.point);
        let zoomed = camera.zoomed(factor, anchor);
        if (20.0..1.0e6).contains(&zoomed.eye.distance(zoomed.target)) {
            camera = zoomed;
        }
    }
    if camera != viewport.camera {
        viewport.camera = camera;
        frame.dirty = true;
    }
}
