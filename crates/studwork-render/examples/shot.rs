//! Draws an LDraw file with the parts of the library that `STUDWORK_LDRAW` names, and says what took how long.
//!
//! `shot MODEL.mpd OUT.png [--size 800x600] [--view home] [--angles LAT,LON]
//! [--camera EX,EY,EZ,TX,TY,TZ,UX,UY,UZ] [--print-camera] [--transparent] [--cutout] [--no-edges]
//! [--no-shadows] [--samples 4] [--outlines] [--copies N] [--frames N] [--marks]`

use glam::{Affine3A, Vec3};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;
use studwork_ldraw::{ColorDef, ColorRef, Layered, Library, Line, Mesh, build, normalized_name};
use studwork_render::{
    Background, Camera, Flags, Gpu, Instance, Look, MeshKey, NamedView, Paint, Projection, Renderer, Slot,
};

type Failure = Box<dyn std::error::Error>;

struct Flat {
    pieces: Vec<(String, ColorRef, Affine3A)>,
}

fn main() -> Result<(), Failure> {
    let mut args = std::env::args().skip(1);
    let (mut files, mut size, mut look) = (Vec::new(), (800_u32, 600_u32), Look::picture());
    let (mut view, mut angles, mut copies, mut frames) = (NamedView::Home, None, 1_u32, 1_u32);
    let (mut marks, mut print_camera, mut camera_from) = (false, false, None);
    let mut next = |what: &str| args.next().ok_or_else(|| format!("{what}: a value is missing"));
    while let Ok(arg) = next("") {
        match arg.as_str() {
            "--size" => {
                let text = next("--size")?;
                let (w, h) = text.split_once('x').ok_or("a size is like 800x600")?;
                size = (w.parse()?, h.parse()?);
            }
            "--view" => view = next("--view")?.parse()?,
            "--angles" => {
                let text = next("--angles")?;
                let (lat, lon) = text.split_once(',').ok_or("angles are like 30,45")?;
                angles = Some((lat.parse::<f32>()?, lon.parse::<f32>()?));
            }
            "--camera" => {
                let text = next("--camera")?;
                camera_from = Some(text.split(',').map(str::parse).collect::<Result<Vec<f32>, _>>()?);
            }
            "--print-camera" => print_camera = true,
            "--cutout" => look = Look { edges: look.edges, ..Look::cutout() },
            "--transparent" => look.background = Background::Transparent,
            "--no-edges" => look.edges = false,
            "--no-shadows" => look.shadows = false,
            "--marks" => marks = true,
            "--outlines" => look.conditional_edges = true,
            "--samples" => look.samples = next("--samples")?.parse()?,
            "--copies" => copies = next("--copies")?.parse()?,
            "--frames" => frames = next("--frames")?.parse()?,
            _ => files.push(PathBuf::from(arg)),
        }
    }
    let [input, output] = files.as_slice() else { return Err("shot MODEL OUT.png".into()) };

    let start = Instant::now();
    let gpu = std::thread::spawn(|| {
        let start = Instant::now();
        let gpu = Gpu::headless();
        (gpu, start.elapsed())
    });
    let library = Library::open(&Library::locate(None).ok_or("STUDWORK_LDRAW is not set")?)?;
    let opened = start.elapsed();
    let bytes = std::fs::read(input)?;
    let document = studwork_ldraw::parse(&bytes, &input.to_string_lossy())?.value;
    let mut flat = Flat { pieces: Vec::new() };
    let main = document.files.first().ok_or("the file is empty")?;
    flatten(&document, main, ColorRef::MAIN, Affine3A::IDENTITY, 0, &mut flat);
    let parsed = start.elapsed();
    let meshes = meshes(&library, &document, &flat);
    let loaded = start.elapsed();

    let (gpu, gpu_took) = gpu.join().map_err(|_| "the device's thread failed")?;
    let gpu = gpu?;
    let waited = start.elapsed();
    let palette = library.colors();
    let colors: HashMap<u32, &ColorDef> = palette.iter().map(|color| (color.code, color)).collect();
    let mut renderer = Renderer::headless(&gpu);
    renderer.set_palette(&palette);
    let mut keys = HashMap::new();
    for (number, (name, mesh)) in meshes.iter().enumerate() {
        keys.insert(name.as_str(), MeshKey(number as u32));
        renderer.add_mesh(MeshKey(number as u32), mesh);
    }
    let mut triangles = 0;
    let mut lines = 0;
    let mut slot = 0;
    let step = copies.isqrt().max(1);
    for copy in 0..copies {
        let offset = Vec3::new((copy % step) as f32 * 1100.0, 0.0, (copy / step) as f32 * 1500.0);
        for (name, color, transform) in &flat.pieces {
            let Some(key) = keys.get(name.as_str()) else { continue };
            triangles += meshes[name].indices.len() / 3;
            lines += meshes[name].edges.len() / 2;
            let paint = match color {
                ColorRef::Code(code) => {
                    colors.get(code).map_or(Paint::plain([155; 3], 255, [50; 3]), |c| Paint::from(*c))
                }
                ColorRef::Direct { rgb, transparent } => {
                    Paint::plain(*rgb, if *transparent { 128 } else { 255 }, [40; 3])
                }
            };
            let transform = Affine3A::from_translation(offset) * *transform;
            let all =
                [Flags::SELECTED, Flags::HOVERED, Flags::GHOST, Flags::GHOST_BAD, Flags::HIGHLIGHTED, Flags::DIMMED];
            let flags = if marks { all[slot as usize / 3 % 6] } else { Flags::NONE };
            renderer.set(Slot(slot), Instance { mesh: *key, transform, color: paint, flags });
            slot += 1;
        }
    }
    let filled = start.elapsed();
    let aspect = size.0 as f32 / size.1 as f32;
    let (direction, up) = match angles {
        Some((lat, lon)) => Camera::direction_from_angles(lat, lon),
        None => view.direction_and_up(),
    };
    let mut camera = renderer.fit(direction, up, Projection::default(), aspect, 0.05);
    if let Some([ex, ey, ez, tx, ty, tz, ux, uy, uz]) = camera_from.as_deref() {
        let (eye, target, up) = (Vec3::new(*ex, *ey, *ez), Vec3::new(*tx, *ty, *tz), Vec3::new(*ux, *uy, *uz));
        camera = Camera { eye, target, up, projection: Projection::default() };
    }
    if print_camera {
        let numbers = [camera.eye, camera.target, camera.up].map(|v| format!("{},{},{}", v.x, v.y, v.z));
        #[expect(clippy::print_stdout, reason = "an example")]
        {
            println!("camera {}", numbers.join(","));
        }
    }
    let mut picture = renderer.picture(&camera, &look, size)?;
    let drawn = start.elapsed();
    for _ in 1..frames {
        let start = Instant::now();
        camera = camera.orbited(0.02, 0.0);
        picture = renderer.picture(&camera, &look, size)?;
        #[expect(clippy::print_stdout, reason = "an example")]
        {
            println!("frame {:.1} ms", start.elapsed().as_secs_f32() * 1000.0);
        }
    }
    image::save_buffer(output, &picture.rgba, picture.width, picture.height, image::ColorType::Rgba8)?;
    let ms = |d: std::time::Duration| d.as_secs_f32() * 1000.0;
    #[expect(clippy::print_stdout, reason = "an example")]
    {
        println!(
            "{}: {} pieces, {} parts, {triangles} triangles, {lines} edges on {}",
            input.file_name().unwrap_or_default().to_string_lossy(),
            flat.pieces.len(),
            meshes.len(),
            gpu.adapter_info.name
        );
        println!(
            "library {:.0}, parse {:.0}, meshes {:.0}, device {:.0} (waited {:.0}), fill {:.0}, draw {:.0}, png {:.0}: {:.0} ms",
            ms(opened),
            ms(parsed - opened),
            ms(loaded - parsed),
            ms(gpu_took),
            ms(waited - loaded),
            ms(filled - waited),
            ms(drawn - filled),
            ms(start.elapsed() - drawn),
            ms(start.elapsed())
        );
    }
    Ok(())
}

/// Follows references down to parts.
fn flatten(
    document: &studwork_ldraw::LdrawDocument,
    file: &studwork_ldraw::LdrawFile,
    color: ColorRef,
    transform: Affine3A,
    depth: u32,
    out: &mut Flat,
) {
    for line in &file.lines {
        let Line::Reference(reference) = &line.line else { continue };
        let color = if reference.color == ColorRef::MAIN { color } else { reference.color };
        let transform = transform * reference.transform;
        match document.file(&reference.name) {
            Some(inner) if !inner.is_part() && depth < 50 => flatten(document, inner, color, transform, depth + 1, out),
            _ => out.pieces.push((normalized_name(&reference.name), color, transform)),
        }
    }
}

fn meshes(library: &Library, document: &studwork_ldraw::LdrawDocument, flat: &Flat) -> HashMap<String, Arc<Mesh>> {
    let mut names: Vec<&str> = flat.pieces.iter().map(|(name, ..)| name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let own = Layered::new(document.files.iter().cloned().map(Arc::new), Some(library));
    let (embedded, others): (Vec<&str>, Vec<&str>) = names.into_iter().partition(|name| document.file(name).is_some());
    let loaded = library.meshes(&others);
    let found = others.into_iter().zip(loaded).filter_map(|(name, mesh)| Some((name.to_owned(), mesh?)));
    let built = embedded.into_iter().filter_map(|name| Some((name.to_owned(), Arc::new(build(&own, name).ok()?.mesh))));
    found.chain(built).collect()
}
