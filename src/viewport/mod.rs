//! The 3D view: its camera, what the pointer does in it, and what is hidden.
//!
//! Everything here is view state: none of it is saved with the design.

mod navigate;
pub mod overlay;
mod player;

use bevy::prelude::*;
use std::collections::HashSet;
use studwork_core::PieceId;
use studwork_core::space::Ray;
use studwork_render::Camera as SceneCamera;

/// What the pointer did in the view since the last frame; pixels from the view's upper left corner.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PointerInput {
    /// Where it is, if over the view or dragging from it.
    pub position: Option<Vec2>,
    /// How far it moved.
    pub delta: Vec2,
    /// The main button went down in the view.
    pub pressed: bool,
    /// The main button is held from a press in the view.
    pub held: bool,
    /// The main button went up after a press in the view.
    pub released: bool,
    /// Two clicks in quick succession.
    pub double_clicked: bool,
    /// The second button is held from a press in the view.
    pub second_held: bool,
    /// The second button was clicked without a drag.
    pub second_clicked: bool,
    /// The middle button is held from a press in the view.
    pub middle_held: bool,
    /// Wheel notches or touchpad scroll, in points; up is positive.
    pub scroll: Vec2,
    /// Pinch: 1 is none.
    pub zoom: f32,
    /// Shift.
    pub shift: bool,
    /// Control, or Command on a Mac.
    pub command: bool,
    /// Alt.
    pub alt: bool,
}

/// The view's camera, size and input.
#[derive(Resource)]
pub struct Viewport {
    /// From where it looks.
    pub camera: SceneCamera,
    /// Pixels.
    pub size: UVec2,
    /// What the pointer did; written by the panel, taken by the tools.
    pub input: PointerInput,
    /// Whether the camera should fit the model as soon as the size is known.
    pub fit_pending: bool,
    /// Whether the camera should show the selection once it is there.
    pub show_selection_pending: bool,
}

impl Default for Viewport {
    fn default() -> Self {
        Self {
            camera: SceneCamera::default(),
            size: UVec2::new(800, 600),
            input: PointerInput::default(),
            fit_pending: false,
            show_selection_pending: false,
        }
    }
}

impl Viewport {
    /// Width over height.
    pub fn aspect(&self) -> f32 {
        self.size.x.max(1) as f32 / self.size.y.max(1) as f32
    }

    /// The ray through a pixel, in LDraw axes.
    pub fn ray(&self, pixel: Vec2) -> Ray {
        let (origin, direction) = self.camera.ray(pixel, self.size.into());
        Ray::new(origin, direction)
    }
}

/// What is shown and how.
#[derive(Resource, Clone, Debug, PartialEq)]
pub struct ViewState {
    /// Pieces of the open submodel that are hidden.
    pub hidden: HashSet<PieceId>,
    /// The ground grid.
    pub grid: bool,
    /// Edge lines.
    pub edges: bool,
    /// Shadows.
    pub shadows: bool,
    /// Only the first so many steps.
    pub up_to_step: Option<usize>,
    /// Whether the steps are shown one after the other by themselves.
    pub playing: bool,
    /// The piece under the pointer.
    pub hovered: Option<PieceId>,
}

impl Default for ViewState {
    fn default() -> Self {
        Self {
            hidden: HashSet::new(),
            grid: true,
            edges: true,
            shadows: true,
            up_to_step: None,
            playing: false,
            hovered: None,
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Viewport>()
        .init_resource::<ViewState>()
        .add_systems(Update, (navigate::navigate, player::play).in_set(crate::EditorSystems::Input))
        .add_systems(Update, overlay::frame.in_set(crate::EditorSystems::React));
}
