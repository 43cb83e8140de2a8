//! Draws brick models: on a window's device inside the app, or on its own without any window.
//!
//! It knows meshes, colors and cameras, and neither designs nor a user interface. Pieces are instances of shared
//! meshes; putting one in, changing or removing it costs the same however large the model is.

mod boxes;
mod camera;
mod draw;
mod frame;
mod gpu;
mod look;
mod meshes;
mod occlusion;
mod overlay;
mod paint;
mod picture;
mod pipelines;
mod post;
mod renderer;
mod scene;
mod soft;
mod studs;
mod tints;
mod visible;

pub use camera::{Camera, NamedView, Projection};
pub use gpu::Gpu;
pub use look::{Background, Look, Quality};
pub use overlay::{OverlayLine, OverlayQuad};
pub use paint::{Flags, Paint};
pub use picture::{PICTURE_FORMAT, Picture, picture};
pub use renderer::Renderer;
pub use soft::picture_on_processor;

use glam::Affine3A;

/// Names a mesh that a renderer holds. Numbers are the caller's choice; small ones cost least.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MeshKey(pub u32);

/// Names an instance. Numbers are the caller's choice; memory grows with the greatest one in use.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot(pub u32);

/// A piece as it is drawn.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Instance {
    /// Its shape.
    pub mesh: MeshKey,
    /// From the mesh's space to the world, LDU; may mirror.
    pub transform: Affine3A,
    /// Its color and material.
    pub color: Paint,
    /// Its marks.
    pub flags: Flags,
}

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// No graphics adapter.
    #[error(
        "no graphics adapter was found ({0}); install a Vulkan driver, for software rendering e.g. Debian's mesa-vulkan-drivers"
    )]
    NoAdapter(String),
    /// The adapter does not give a device.
    #[error("the graphics adapter gave no device: {0}")]
    NoDevice(String),
    /// A size that cannot be drawn.
    #[error("a picture of {width}×{height} pixels cannot be drawn; each side must be between 1 and {limit}")]
    Size {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
        /// The greatest side in pixels.
        limit: u32,
    },
    /// The picture did not come back from the device.
    #[error("the picture could not be read back from the graphics device: {0}")]
    Readback(String),
}
