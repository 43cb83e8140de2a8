//! The 3D view: its camera, what the pointer does in it, and what is hidden.
//!
//! Everything here is view state: none of it is saved with the design.

mod navigate;
pub mod overlay;

use bevy::prelude::*;
use std::collections::HashSet;
use studwork_core::PieceId;
use studwork_render::{Camera as SceneCamera, NamedView, Projection};

/// A camera that turns about a point. Angles are degrees; LDraw axes (−Y is up).
#[derive(Clone, Debug, PartialEq)]
pub struct Orbit {
    /// What it turns about, LDU.
    pub target: Vec3,
    /// Eye to target, LDU.
    pub distance: f32,
    /// Height above the horizon, −90 to 90.
    pub latitude: f32,
    /// Around the vertical; 0 is in front (at −Z).
    pub longitude: f32,
    /// Vertical field of view.
    pub fov: f32,
    /// Parallel instead of perspective.
    pub orthographic: bool,
}

impl Default for Orbit {
    fn default() -> Self {
        Self { target: Vec3::ZERO, distance: 900.0, latitude: 30.0, longitude: 45.0, fov: 30.0, orthographic: false }
    }
}

impl Orbit {
    /// The camera that the renderer takes.
    pub fn camera(&self) -> SceneCamera {
        let (sin_lat, cos_lat) = self.latitude.to_radians().sin_cos();
        let (sin_lon, cos_lon) = self.longitude.to_radians().sin_cos();
        let out = Vec3::new(sin_lon * cos_lat, -sin_lat, -cos_lon * cos_lat);
        // Straight above and below, the vertical is no use as up: the view keeps its longitude.
        let up = Vec3::new(-sin_lon * sin_lat, -cos_lat, cos_lon * sin_lat);
        SceneCamera {
            eye: self.target + out * self.distance,
            target: self.target,
            up,
            projection: if self.orthographic {
                Projection::Orthographic { height: 2.0 * self.distance * (self.fov.to_radians() * 0.5).tan() }
            } else {
                Projection::Perspective { fov_y_degrees: self.fov }
            },
        }
    }

    /// Looks from a named side, keeping target and distance.
    pub fn look_from(&mut self, view: NamedView) {
        (self.latitude, self.longitude) = view.angles();
    }

    /// Moves so that a box fills the view.
    pub fn fit(&mut self, bounds: studwork_core::Bounds, aspect: f32) {
        if bounds.is_empty() {
            return;
        }
        self.target = bounds.center();
        let camera = self.camera();
        let fitted = camera.fit(bounds, aspect, 0.1);
        self.target = fitted.target;
        self.distance = match fitted.projection {
            Projection::Perspective { .. } => fitted.eye.distance(fitted.target),
            Projection::Orthographic { height } => height / (2.0 * (self.fov.to_radians() * 0.5).tan()),
        }
        .clamp(20.0, 1.0e6);
    }
}

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
    pub orbit: Orbit,
    /// Pixels.
    pub size: UVec2,
    /// What the pointer did; written by the panel, taken by the tools.
    pub input: PointerInput,
    /// Whether the camera should fit the model as soon as the size is known.
    pub fit_pending: bool,
}

impl Default for Viewport {
    fn default() -> Self {
        Self { orbit: Orbit::default(), size: UVec2::new(800, 600), input: PointerInput::default(), fit_pending: true }
    }
}

impl Viewport {
    /// Width over height.
    pub fn aspect(&self) -> f32 {
        self.size.x.max(1) as f32 / self.size.y.max(1) as f32
    }

    /// The ray through a pixel: origin and unit direction in LDraw axes.
    pub fn ray(&self, pixel: Vec2) -> (Vec3, Vec3) {
        self.orbit.camera().ray(pixel, self.size.as_vec2())
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
    /// The piece under the pointer.
    pub hovered: Option<PieceId>,
}

impl Default for ViewState {
    fn default() -> Self {
        Self { hidden: HashSet::new(), grid: true, edges: true, shadows: true, up_to_step: None, hovered: None }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Viewport>()
        .init_resource::<ViewState>()
        .add_systems(Update, navigate::navigate.in_set(crate::EditorSystems::Input))
        .add_systems(Update, overlay::frame.in_set(crate::EditorSystems::React));
}
