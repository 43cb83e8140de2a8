//! `studwork render`: a picture of a design.

use super::Outcome;
use super::args::{BackgroundArg, RenderArgs, View};
use super::session::Session;
use crate::disk;
use crate::picture::{self, From, PictureRequest};
use anyhow::{Context as _, Result, bail};
use std::io::Write as _;
use std::path::Path;
use studwork_render::{Camera, NamedView, Projection};

/// Draws and writes a picture; warnings of the input and missing parts are findings.
pub(super) fn render(args: &RenderArgs, ldraw: Option<&Path>) -> Result<Outcome> {
    let request = request(args)?;
    let is_png = args.output.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("png"));
    if !is_png {
        bail!("{}: a picture is written as .png", args.output.display());
    }
    let session = Session::open(ldraw)?;
    let loaded = session.load(&args.input)?;
    let findings = session.report(&args.input, &loaded);

    let view = session.catalog.design_view(&loaded.design);
    let scene = picture::Scene::of(&loaded.design, &view, &session.palette, request.steps);
    if scene.is_empty() {
        bail!("{}: nothing to draw: the design has no pieces{}", args.input.display(), of_steps(args));
    }
    let camera = request.camera(&scene);
    let picture = picture::draw(&scene, &camera, &request.look(), request.size())?;
    let png = picture::png(&picture).context("cannot encode the picture")?;
    disk::write_atomically(&args.output, &png).with_context(|| format!("cannot write {}", args.output.display()))?;
    if args.print_camera {
        writeln!(std::io::stdout(), "{}", camera_json(&camera, args))?;
    }
    Ok(findings)
}

fn of_steps(args: &RenderArgs) -> String {
    args.step.map(|step| format!(" in its first {step} steps")).unwrap_or_default()
}

fn request(args: &RenderArgs) -> Result<PictureRequest> {
    if !(args.fov > 0.0 && args.fov < 180.0) {
        bail!("--fov {}: more than 0 and less than 180 degrees", args.fov);
    }
    let from = if let Some(camera) = args.camera {
        let [eye, target, up] = camera.vectors();
        let ahead = (target - eye).normalize_or_zero();
        if ahead.cross(up.normalize_or_zero()).length() < 1e-6 {
            bail!("--camera: position and target are the same, or the up vector points along the view");
        }
        From::Camera { eye, target, up }
    } else if let Some(angles) = args.angles {
        From::Angles { latitude: angles.0[0], longitude: angles.0[1] }
    } else {
        From::View(match args.view {
            View::Home => NamedView::Home,
            View::Front => NamedView::Front,
            View::Back => NamedView::Back,
            View::Left => NamedView::Left,
            View::Right => NamedView::Right,
            View::Top => NamedView::Top,
            View::Bottom => NamedView::Bottom,
        })
    };
    Ok(PictureRequest {
        width: args.size.width,
        height: args.size.height,
        from,
        fov_degrees: args.fov,
        orthographic: args.orthographic,
        background: args.background.map(|background| match background {
            BackgroundArg::Transparent => picture::Backdrop::Transparent,
            BackgroundArg::Color(rgb) => picture::Backdrop::Color(rgb),
        }),
        edges: !args.no_edges,
        steps: args.step,
    })
}

/// The camera that was used, in the words of `--camera` and `--fov`.
fn camera_json(camera: &Camera, args: &RenderArgs) -> serde_json::Value {
    let (projection, height) = match camera.projection {
        Projection::Perspective { .. } => ("perspective", None),
        Projection::Orthographic { height } => ("orthographic", Some(height)),
    };
    serde_json::json!({
        "eye": camera.eye.to_array(),
        "target": camera.target.to_array(),
        "up": camera.up.to_array(),
        "fov": args.fov,
        "projection": projection,
        "height_ldu": height,
        "size": [args.size.width, args.size.height],
    })
}
