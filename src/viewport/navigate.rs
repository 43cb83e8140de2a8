//! Orbit, pan and zoom: right drag turns, middle drag (or shift with right drag) pans, the wheel zooms to the pointer.
//! Alt with the main button turns as well, for touchpads.

use super::{Orbit, Viewport};
use crate::projection::draw::ViewFrame;
use bevy::prelude::*;

/// Degrees a drag of one point turns.
const TURN: f32 = 0.4;

/// Moves the camera by what the pointer did.
pub(super) fn navigate(mut viewport: ResMut<Viewport>, mut frame: ResMut<ViewFrame>) {
    let input = viewport.input.clone();
    let before = viewport.orbit.clone();
    let size = viewport.size.as_vec2();
    let turning = (input.second_held && !input.shift) || (input.held && input.alt);
    let panning = input.middle_held || (input.second_held && input.shift);
    if turning && input.delta != Vec2::ZERO {
        let orbit = &mut viewport.bypass_change_detection().orbit;
        orbit.longitude = (orbit.longitude - input.delta.x * TURN).rem_euclid(360.0);
        orbit.latitude = (orbit.latitude + input.delta.y * TURN).clamp(-90.0, 90.0);
    } else if panning && input.delta != Vec2::ZERO {
        pan(&mut viewport.bypass_change_detection().orbit, input.delta, size);
    }
    let notches = input.scroll.y / 50.0;
    let factor = 0.85_f32.powf(notches.clamp(-4.0, 4.0)) / if input.zoom > 0.0 { input.zoom } else { 1.0 };
    if (factor - 1.0).abs() > 1.0e-4 {
        let pointer = input.position.unwrap_or(size * 0.5);
        zoom_to(&mut viewport.bypass_change_detection().orbit, pointer, size, factor);
    }
    if viewport.orbit != before {
        viewport.set_changed();
        frame.dirty = true;
    }
}

/// LDU that one pixel shows at the target's depth.
fn ldu_per_pixel(orbit: &Orbit, size: Vec2) -> f32 {
    2.0 * orbit.distance * (orbit.fov.to_radians() * 0.5).tan() / size.y.max(1.0)
}

fn pan(orbit: &mut Orbit, delta: Vec2, size: Vec2) {
    let camera = orbit.camera();
    let forward = (camera.target - camera.eye).normalize();
    let right = forward.cross(camera.up).normalize();
    let up = right.cross(forward);
    let scale = ldu_per_pixel(orbit, size);
    orbit.target += (up * delta.y - right * delta.x) * scale;
}

/// Comes closer by `factor` so that what is under the pointer stays there.
pub fn zoom_to(orbit: &mut Orbit, pointer: Vec2, size: Vec2, factor: f32) {
    let distance = (orbit.distance * factor).clamp(20.0, 1.0e6);
    let factor = distance / orbit.distance;
    let camera = orbit.camera();
    let forward = (camera.target - camera.eye).normalize();
    let right = forward.cross(camera.up).normalize();
    let up = right.cross(forward);
    let aside = (pointer - size * 0.5) * ldu_per_pixel(orbit, size);
    let under_pointer = orbit.target + right * aside.x - up * aside.y;
    orbit.target = under_pointer + (orbit.target - under_pointer) * factor;
    orbit.distance = distance;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The point of the target plane under a pixel.
    fn under(orbit: &Orbit, pixel: Vec2, size: Vec2) -> Vec3 {
        let camera = orbit.camera();
        let (origin, direction) = camera.ray(pixel, size);
        let normal = (camera.target - camera.eye).normalize();
        origin + direction * ((camera.target - origin).dot(normal) / direction.dot(normal))
    }

    #[test]
    fn zooming_keeps_what_is_under_the_pointer() {
        let size = Vec2::new(800.0, 600.0);
        for orthographic in [false, true] {
            let mut orbit = Orbit { orthographic, ..Orbit::default() };
            let pixel = Vec2::new(130.0, 420.0);
            let before = under(&orbit, pixel, size);
            zoom_to(&mut orbit, pixel, size, 0.6);
            let after = under(&orbit, pixel, size);
            assert!(before.distance(after) < 0.1, "{before} became {after}");
        }
    }

    #[test]
    fn panning_follows_the_pointer() {
        let size = Vec2::new(800.0, 600.0);
        let mut orbit = Orbit::default();
        let grabbed = under(&orbit, Vec2::new(300.0, 300.0), size);
        pan(&mut orbit, Vec2::new(40.0, -25.0), size);
        let now = under(&orbit, Vec2::new(340.0, 275.0), size);
        assert!(grabbed.distance(now) < 0.1, "{grabbed} became {now}");
    }
}
