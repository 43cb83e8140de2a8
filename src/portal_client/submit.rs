//! A submission: what its creator says, and the package that was made of it.

use glam::Vec3;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use studwork_core::Design;
use studwork_core::package::{Creator, Manifest, Pictures, Policy, Report};
use studwork_render::{Camera, Projection};

/// What the progress says while pictures and package are made.
pub const PREPARING: &str = "Making pictures and package";

/// What a creator says about a submission.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubmitForm {
    /// What it says about itself.
    pub manifest: Manifest,
    /// The tags as they are typed, with commas between them.
    pub tags: String,
    /// From where the pictures are taken, the cover first.
    pub pictures: Vec<Shot>,
}

/// From where a picture of a submission is taken.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Shot {
    /// One of the usual sides, by its place in the usual pictures: 0 is the cover's.
    Usual(usize),
    /// As the view was when somebody framed it.
    Framed(CameraView),
}

/// A place to take a picture from, LDraw coordinates.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CameraView {
    /// Where the camera stands.
    pub eye: Vec3,
    /// What it looks at.
    pub target: Vec3,
    /// What is up.
    pub up: Vec3,
    /// Vertical opening angle, degrees.
    pub fov_degrees: f32,
}

impl From<Camera> for CameraView {
    fn from(camera: Camera) -> Self {
        let fov_degrees = match camera.projection {
            Projection::Perspective { fov_y_degrees } => fov_y_degrees,
            Projection::Orthographic { .. } => Camera::DEFAULT_FOV,
        };
        Self { eye: camera.eye, target: camera.target, up: camera.up, fov_degrees }
    }
}

/// A package with what the rules found.
pub struct PreparedPackage {
    /// What it was made of.
    pub form: SubmitForm,
    /// The document's generation that was packed.
    pub generation: u64,
    /// The rules that it was held against.
    pub policy: Policy,
    /// The file.
    pub bytes: Arc<Vec<u8>>,
    /// Its pictures (PNG).
    pub pictures: Arc<Pictures>,
    /// What the portal's rules found.
    pub report: Report,
    /// Tells its pictures from those of another one.
    pub number: u64,
}

impl SubmitForm {
    /// What a design says about itself, with an empty creator to fill in where it names none.
    pub fn of(design: &Design) -> Self {
        let mut manifest = Manifest::from_design(design);
        if manifest.creators.is_empty() {
            manifest.creators.push(Creator { name: String::new(), role: String::new(), consent: false });
        }
        let tags = manifest.tags.join(", ");
        let pictures = (0..=crate::submission::VIEWS.len()).map(Shot::Usual).collect();
        Self { manifest, tags, pictures }
    }

    /// The manifest with the tags as they are typed.
    pub fn manifest(&self) -> Manifest {
        let tags = self.tags.split(',').map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned);
        Manifest { tags: tags.collect(), ..self.manifest.clone() }
    }
}
