//! The grid, and what makes the picture wait for the next frame: size, look and fit.

use super::{ViewState, Viewport};
use crate::document::Selection;
use crate::projection::Projection;
use crate::projection::draw::{ViewFrame, view_image};
use crate::settings::{Settings, Theme};
use bevy::prelude::*;
use bevy_egui::{EguiTextureHandle, EguiUserTextures};
use studwork_core::Bounds;
use studwork_render::{Background, Look, OverlayLine};

/// What the overlay was made for.
#[derive(Default, PartialEq, Clone)]
pub(super) struct Made {
    grid: bool,
    extent: f32,
    step: f32,
    theme: Theme,
}

/// Keeps texture, camera, look and grid of the next picture as the view state says.
#[expect(clippy::too_many_arguments, reason = "a system's parameters are its dependencies")]
pub(super) fn frame(
    mut viewport: ResMut<Viewport>,
    view: Res<ViewState>,
    selection: Res<Selection>,
    settings: Res<Settings>,
    projection: Res<Projection>,
    mut frame: ResMut<ViewFrame>,
    images: Option<ResMut<Assets<Image>>>,
    textures: Option<ResMut<EguiUserTextures>>,
    mut made: Local<Made>,
) {
    if viewport.fit_pending && !projection.space.is_empty() {
        let bounds = projection.visible_bounds();
        viewport.camera = viewport.camera.fitted(bounds, viewport.aspect(), 0.08);
        viewport.fit_pending = false;
        frame.dirty = true;
    }
    if std::mem::take(&mut viewport.bypass_change_detection().show_selection_pending) {
        let bounds = projection.bounds_of_all(selection.iter());
        if !bounds.is_empty() {
            viewport.camera = viewport.camera.fitted(bounds.grown(40.0), viewport.aspect(), 0.25);
            frame.dirty = true;
        }
    }
    if frame.camera != viewport.camera {
        frame.camera = viewport.camera;
        frame.dirty = true;
    }
    let background = match settings.theme {
        Theme::Dark => Background::Gradient([0x5A, 0x63, 0x6E], [0x2B, 0x30, 0x36]),
        Theme::Light => Background::Gradient([0xF2, 0xF5, 0xF8], [0xC6, 0xD0, 0xDA]),
    };
    let look = Look { background, edges: view.edges, shadows: view.shadows, ground: view.shadows, ..Look::default() };
    if frame.look != look {
        frame.look = look;
        frame.dirty = true;
    }
    let extent = grid_extent(projection.space.bounds());
    let wanted = Made { grid: view.grid, extent, step: 20.0, theme: settings.theme };
    if *made != wanted {
        frame.overlay = Some(if view.grid { grid(extent, wanted.step, settings.theme) } else { Vec::new() });
        frame.dirty = true;
        *made = wanted;
    }
    let (Some(mut images), Some(mut textures)) = (images, textures) else { return };
    if frame.size != viewport.size || frame.image == Handle::default() {
        let before = std::mem::take(&mut frame.image);
        textures.remove_image(before.id());
        images.remove(before.id());
        frame.size = viewport.size;
        frame.image = images.add(view_image(viewport.size));
        frame.texture = Some(textures.add_image(EguiTextureHandle::Weak(frame.image.id())));
        frame.dirty = true;
    }
}

/// Half the side of the grid: it reaches beyond the model, in steps so that it rarely changes.
fn grid_extent(bounds: Bounds) -> f32 {
    let reach = if bounds.is_empty() {
        0.0
    } else {
        [bounds.min.x, bounds.max.x, bounds.min.z, bounds.max.z].into_iter().map(f32::abs).fold(0.0, f32::max)
    };
    ((reach + 160.0) / 320.0).ceil().clamp(1.0, 40.0) * 320.0
}

/// Lines a stud apart, stronger every eighth, and the axes in color.
fn grid(extent: f32, step: f32, theme: Theme) -> Vec<OverlayLine> {
    let (fine, strong) = match theme {
        Theme::Dark => ([255, 255, 255, 18], [255, 255, 255, 44]),
        Theme::Light => ([0, 0, 0, 20], [0, 0, 0, 48]),
    };
    let count = (extent / step) as i32;
    // Beyond some size only every eighth line shows: thousands of lines would be a gray plane.
    let every = if count > 96 { 8 } else { 1 };
    let mut lines = Vec::new();
    let mut line =
        |from: Vec3, to: Vec3, color: [u8; 4]| lines.push(OverlayLine { points: [from, to], color, on_top: false });
    for i in (-count..=count).filter(|i| i % every == 0) {
        let at = i as f32 * step;
        let color = if i % 8 == 0 { strong } else { fine };
        let (x, z) = if i == 0 { ([220, 70, 60, 200], [70, 110, 230, 200]) } else { (color, color) };
        line(Vec3::new(-extent, 0.0, at), Vec3::new(extent, 0.0, at), x);
        line(Vec3::new(at, 0.0, -extent), Vec3::new(at, 0.0, extent), z);
    }
    lines
}
