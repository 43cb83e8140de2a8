//! A design as an image, without a window: the command line, the app's thumbnails and the tests use it.
//!
//! It does only what a picture needs: shapes are fetched for the parts that are in it, and no graphics device is
//! opened, since for one picture that takes longer than drawing it.

use crate::disk;
use anyhow::Context as _;
use glam::{Affine3A, Vec3};
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use studwork_core::{Bounds, Catalog, ColorDef, Design, DesignView, Mesh, Palette, PartId, SubmodelId};
use studwork_render::{Background, Camera, Look, NamedView, Paint, Picture, Projection, RenderError};

/// Free space around the model, as a part of the picture.
const MARGIN: f32 = 0.05;

/// Where a picture is taken from.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum From {
    /// From a named side; the whole model fits.
    View(NamedView),
    /// From a direction around the model, in degrees; the whole model fits.
    Angles {
        /// 0 is level, 90 from above.
        latitude: f32,
        /// 0 is the front; it grows to the right.
        longitude: f32,
    },
    /// From a place of its own, in LDraw coordinates.
    Camera {
        /// Where the camera stands.
        eye: Vec3,
        /// What it looks at.
        target: Vec3,
        /// What is up on the picture.
        up: Vec3,
    },
}

/// What is behind the model.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Backdrop {
    /// Nothing: the alpha channel is the model's silhouette.
    Transparent,
    /// One color (sRGB).
    Color([u8; 3]),
}

/// What a picture should be like.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct PictureRequest {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Where it is taken from.
    pub from: From,
    /// Vertical opening angle.
    pub fov_degrees: f32,
    /// Parallel projection.
    pub orthographic: bool,
    /// `None` is the usual backdrop with a ground shadow.
    pub background: Option<Backdrop>,
    /// Edge lines.
    pub edges: bool,
    /// Only this many steps of the main model.
    pub steps: Option<usize>,
}

impl Default for PictureRequest {
    fn default() -> Self {
        Self {
            width: 800,
            height: 600,
            from: From::View(NamedView::Home),
            fov_degrees: Camera::DEFAULT_FOV,
            orthographic: false,
            background: None,
            edges: true,
            steps: None,
        }
    }
}

impl PictureRequest {
    fn aspect(&self) -> f32 {
        self.width.max(1) as f32 / self.height.max(1) as f32
    }

    /// The camera that this request asks for.
    pub fn camera(&self, scene: &Scene) -> Camera {
        let perspective = Projection::Perspective { fov_y_degrees: self.fov_degrees };
        let (direction, up) = match self.from {
            From::View(view) => view.direction_and_up(),
            From::Angles { latitude, longitude } => Camera::direction_from_angles(latitude, longitude),
            From::Camera { eye, target, up } => {
                return Camera { eye, target, up, projection: perspective }.with_orthographic(self.orthographic);
            }
        };
        // Fitting chooses the height.
        let projection = if self.orthographic { Projection::Orthographic { height: 1.0 } } else { perspective };
        Camera::fit_points(&scene.outline, direction, up, projection, self.aspect(), MARGIN)
    }

    /// Width and height in pixels.
    pub fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// How this request wants the picture drawn.
    pub fn look(&self) -> Look {
        let mut look = Look::picture();
        look.edges = self.edges;
        match self.background {
            None => {}
            // A shadow on the ground would be part of the silhouette.
            Some(Backdrop::Transparent) => {
                look.background = Background::Transparent;
                look.ground = false;
            }
            Some(Backdrop::Color([r, g, b])) => look.background = Background::Color([r, g, b, 255]),
        }
        look
    }
}

/// Everything of a design that a picture shows.
pub struct Scene {
    items: Vec<(Arc<Mesh>, Affine3A, Paint)>,
    palette: Vec<ColorDef>,
    outline: Vec<Vec3>,
    bounds: Bounds,
}

impl Scene {
    /// The parts of the main model, or of its first `steps` steps, with their shapes, which are loaded in parallel.
    pub fn of(design: &Design, parts: &DesignView<'_>, palette: &Palette, steps: Option<usize>) -> Self {
        Self::of_submodel(design, design.main(), parts, palette, steps)
    }

    /// The parts of a submodel, or of its first `steps` steps.
    pub fn of_submodel(
        design: &Design,
        submodel: SubmodelId,
        parts: &DesignView<'_>,
        palette: &Palette,
        steps: Option<usize>,
    ) -> Self {
        let shown = steps.and_then(|count| {
            let submodel = design.submodel(submodel)?;
            Some(submodel.steps.iter().take(count).map(|step| step.id).collect::<HashSet<_>>())
        });
        let mut placed: Vec<(PartId, Affine3A, Paint)> = Vec::new();
        let mut colors = HashMap::new();
        design.flatten(submodel, &mut |flat| {
            if shown.as_ref().is_none_or(|shown| shown.contains(&flat.step)) {
                let paint = colors.entry(flat.color).or_insert_with(|| Paint::from(&palette.resolve(flat.color)));
                placed.push((flat.part.clone(), flat.transform, *paint));
            }
        });
        let mut unique: Vec<PartId> = placed.iter().map(|(part, _, _)| part.clone()).collect();
        unique.sort();
        unique.dedup();
        parts.meshes(&unique);
        let meshes: HashMap<PartId, Arc<Mesh>> =
            unique.into_iter().map(|part| (part.clone(), parts.mesh_or_placeholder(&part))).collect();

        let mut scene = Self {
            items: Vec::with_capacity(placed.len()),
            palette: palette.iter().cloned().collect(),
            outline: Vec::new(),
            bounds: Bounds::EMPTY,
        };
        for (part, transform, paint) in placed {
            let mesh = Arc::clone(&meshes[&part]);
            if !mesh.bounds.is_empty() {
                let corners = mesh.bounds.corners().map(|corner| transform.transform_point3(corner));
                scene.bounds = scene.bounds.union(Bounds::from_points(corners));
                scene.outline.extend(corners);
            }
            scene.items.push((mesh, transform, paint));
        }
        scene
    }

    /// Whether there is nothing to see.
    pub fn is_empty(&self) -> bool {
        self.bounds.is_empty()
    }

    /// The box around everything, LDU.
    pub fn bounds(&self) -> Bounds {
        self.bounds
    }

    /// The corners of the boxes around its parts, LDU.
    pub fn outline(&self) -> &[Vec3] {
        &self.outline
    }
}

/// Draws a scene from a camera.
pub fn draw(scene: &Scene, camera: &Camera, look: &Look, size: (u32, u32)) -> Result<Picture, RenderError> {
    let items = scene.items.iter().map(|(mesh, transform, paint)| (Arc::clone(mesh), *transform, *paint));
    studwork_render::picture_on_processor(&scene.palette, items, camera, look, size)
}

/// A design as a picture, in one call.
pub fn picture_of(
    design: &Design,
    parts: &DesignView<'_>,
    palette: &Palette,
    request: &PictureRequest,
) -> Result<Picture, RenderError> {
    let scene = Scene::of(design, parts, palette, request.steps);
    draw(&scene, &request.camera(&scene), &request.look(), request.size())
}

/// Draws one submodel of a design with a camera and a look of its own and writes it as PNG.
#[expect(clippy::too_many_arguments, reason = "each says one thing about the picture")]
pub fn to_file(
    path: &Path,
    design: &Design,
    submodel: SubmodelId,
    catalog: &Catalog,
    palette: &Palette,
    camera: Camera,
    look: Look,
    size: (u32, u32),
) -> anyhow::Result<()> {
    let scene = Scene::of_submodel(design, submodel, &catalog.design_view(design), palette, None);
    let picture = draw(&scene, &camera, &look, size)?;
    disk::write_atomically(path, &png(&picture)?).with_context(|| format!("cannot write {}", path.display()))
}

/// A picture as a PNG file with straight alpha.
pub fn png(picture: &Picture) -> Result<Vec<u8>, image::ImageError> {
    use image::ImageEncoder as _;
    let mut bytes = Vec::new();
    image::codecs::png::PngEncoder::new_with_quality(
        &mut bytes,
        image::codecs::png::CompressionType::Fast,
        image::codecs::png::FilterType::Adaptive,
    )
    .write_image(&picture.rgba, picture.width, picture.height, image::ExtendedColorType::Rgba8)?;
    Ok(bytes)
}
