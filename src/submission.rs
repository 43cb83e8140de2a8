//! The pictures of a submission: a square cover, further views, and frames once around the model. The window's wizard and the
//! command line make them here, so that both send the same.

use crate::picture::{self, From, PictureRequest, Scene};
use anyhow::{Context as _, Result};
use glam::Vec3;
use studwork_core::package::{Pictures, Policy};
use studwork_core::{Catalog, Design, Palette};
use studwork_render::{Camera, Projection};

/// How far above the ground the turntable is seen from, degrees.
const TURNTABLE_LATITUDE: f32 = 22.0;
/// Where the turntable begins, degrees from the front.
const TURNTABLE_START: f32 = 45.0;
/// Free space around the model on the turntable, as a part of the picture.
const TURNTABLE_MARGIN: f32 = 0.04;
/// Pixels of each side of a frame.
const TURNTABLE_SIDE: u32 = 640;
/// Pixels of the further pictures.
const VIEW_SIZE: (u32, u32) = (1600, 1200);
/// Where the further pictures are taken from: latitude and longitude, degrees.
pub const VIEWS: [(f32, f32); 3] = [(18.0, 30.0), (28.0, 210.0), (62.0, 330.0)];

/// From where the pictures are taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Shots {
    /// The cover; its size is made a square.
    pub cover: PictureRequest,
    /// Further pictures, in order.
    pub views: Vec<PictureRequest>,
    /// Frames of the turntable; none when 0.
    pub turntable_frames: usize,
}

impl Default for Shots {
    fn default() -> Self {
        let (width, height) = VIEW_SIZE;
        let view = |(latitude, longitude): (f32, f32)| PictureRequest {
            width,
            height,
            from: From::Angles { latitude, longitude },
            ..PictureRequest::default()
        };
        Self { cover: PictureRequest::default(), views: VIEWS.map(view).to_vec(), turntable_frames: 24 }
    }
}

impl Shots {
    /// The usual pictures, as far as a policy takes them.
    pub fn for_policy(policy: &Policy) -> Self {
        let mut shots = Self::default();
        let most = usize::try_from(policy.images.count.most).unwrap_or(usize::MAX);
        shots.views.truncate(most.saturating_sub(1));
        shots.turntable_frames = usize::try_from(policy.images.turntable_frames).unwrap_or_default();
        shots
    }

    /// How many pictures there will be.
    pub fn count(&self) -> usize {
        1 + self.views.len() + self.turntable_frames
    }
}

/// Draws the pictures of a design. `on_picture` hears after each how many are done, and ends it with an error of its own.
///
/// # Errors
/// The design has no pieces, or a picture is too large to draw.
pub fn pictures_of(
    design: &Design,
    catalog: &Catalog,
    palette: &Palette,
    shots: &Shots,
    policy: &Policy,
    on_picture: &mut dyn FnMut(usize) -> Result<()>,
) -> Result<Pictures> {
    let scene = Scene::of(design, &catalog.design_view(design), palette, None);
    if scene.is_empty() {
        anyhow::bail!("nothing to draw: the design has no pieces");
    }
    let mut done = 0;
    let mut shoot = |camera: &Camera, request: &PictureRequest, on_picture: &mut dyn FnMut(usize) -> Result<()>| {
        let picture = picture::draw(&scene, camera, &request.look(), request.size())?;
        let png = picture::png(&picture).context("cannot encode a picture")?;
        done += 1;
        on_picture(done)?;
        anyhow::Ok(png)
    };
    let side = |wanted: u32, least: u64, most: u64| wanted.clamp(pixels(least), pixels(most).max(1));
    let cover_side = side(1080, policy.images.cover_side.least, policy.images.cover_side.most);
    let cover = PictureRequest { width: cover_side, height: cover_side, ..shots.cover };
    let cover = shoot(&cover.camera(&scene), &cover, on_picture)?;
    let mut views = Vec::with_capacity(shots.views.len());
    for view in &shots.views {
        views.push(shoot(&view.camera(&scene), view, on_picture)?);
    }
    let frame_side = side(TURNTABLE_SIDE, policy.images.turntable_side.least, policy.images.turntable_side.most);
    let frame = PictureRequest { width: frame_side, height: frame_side, ..PictureRequest::default() };
    let around = cylinder_around(&scene);
    let mut turntable = Vec::with_capacity(shots.turntable_frames);
    for number in 0..shots.turntable_frames {
        let longitude = TURNTABLE_START + 360.0 * number as f32 / shots.turntable_frames as f32;
        let (direction, up) = Camera::direction_from_angles(TURNTABLE_LATITUDE, longitude);
        let projection = Projection::Perspective { fov_y_degrees: frame.fov_degrees };
        let camera = Camera::fit_points(&around, direction, up, projection, 1.0, TURNTABLE_MARGIN);
        turntable.push(shoot(&camera, &frame, on_picture)?);
    }
    Ok(Pictures { cover, pictures: views, turntable })
}

fn pixels(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Points on the narrowest upright cylinder around the model's middle: from every side they fill the picture alike, so that the
/// model turns in one place and in one size.
fn cylinder_around(scene: &Scene) -> Vec<Vec3> {
    const SIDES: usize = 48;
    let bounds = scene.bounds();
    let center = bounds.center();
    let radius = scene
        .outline()
        .iter()
        .map(|point| Vec3::new(point.x - center.x, 0.0, point.z - center.z).length())
        .fold(1.0, f32::max);
    let heights = [bounds.min.y, bounds.max.y];
    (0..SIDES)
        .flat_map(|index| {
            let (sin, cos) = (std::f32::consts::TAU * index as f32 / SIDES as f32).sin_cos();
            heights.map(|y| Vec3::new(center.x + radius * cos, y, center.z + radius * sin))
        })
        .collect()
}
