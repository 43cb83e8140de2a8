//! What `cargo xtask bench` measures without a window, as JSON on standard output.
//!
//! `figures library` opens the library with an empty cache and again; `figures open MODEL` makes an editable view of a
//! model; `figures city MODEL` edits, turns, saves and loads 28 copies of it in one design; `figures check MODEL` checks a
//! model, takes it apart and compares it; `figures snap MODEL` snaps to the city. The library is that of `STUDWORK_LDRAW`,
//! its cache that of `STUDWORK_CACHE`.

mod connections;

use glam::Vec3;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;
use studwork_core::connect::PartBody;
use studwork_core::space::Space;
use studwork_core::testing::{Rng, city};
use studwork_core::{
    Catalog, Change, ColorRef, Content, Design, Edit, History, NewPiece, Palette, PartId, PartsList, PieceId, Pose,
    from_ldraw, from_ron, to_ron,
};
use studwork_ldraw::Library;
use studwork_render::{Camera, Flags, Gpu, Instance, Look, MeshKey, PICTURE_FORMAT, Paint, Renderer, Slot};

type Failure = Box<dyn std::error::Error>;

/// How many copies make the city of 147,000 pieces.
const COPIES: usize = 28;
/// Edits of each kind.
const EDITS: usize = 400;
/// Frames of a turn.
const FRAMES: usize = 12;

fn main() -> Result<(), Failure> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let figures = match words.as_slice() {
        ["library", models @ ..] => library(models)?,
        ["open", model] => open(Path::new(model))?,
        ["city", model] => whole_city(Path::new(model))?,
        ["check", model] => connections::whole(Path::new(model))?,
        ["snap", model] => connections::snaps(Path::new(model))?,
        _ => return Err("figures library MODEL... | open MODEL | city MODEL | check MODEL | snap MODEL".into()),
    };
    #[expect(clippy::print_stdout, reason = "an example")]
    {
        println!("{figures}");
    }
    Ok(())
}

fn seconds(start: Instant) -> f64 {
    start.elapsed().as_secs_f64()
}

fn library_path() -> Result<PathBuf, Failure> {
    Ok(Library::locate(None).ok_or("STUDWORK_LDRAW is not set")?)
}

/// First use (the list of parts and every shape of a model) and a later start.
fn library(models: &[&str]) -> Result<Value, Failure> {
    let start = Instant::now();
    let library = Arc::new(Library::open(&library_path()?)?);
    let parts = library.parts().len();
    let listed = seconds(start);
    for model in models {
        let catalog = Catalog::with_library(Arc::clone(&library));
        let design = imported(Path::new(model), &catalog)?;
        catalog.meshes(&parts_of(&design));
    }
    let first = seconds(start);
    drop(library);
    let start = Instant::now();
    let library = Library::open(&library_path()?)?;
    let opened = seconds(start);
    let again = library.parts().len();
    let later = seconds(start);
    Ok(json!({
        "parts": parts, "parts_again": again, "list_first_s": listed, "first_use_s": first,
        "later_open_s": opened, "later_list_s": later,
    }))
}

fn imported(model: &Path, catalog: &Catalog) -> Result<Design, Failure> {
    let bytes = std::fs::read(model)?;
    let document = studwork_ldraw::parse(&bytes, &model.to_string_lossy())?.value;
    Ok(from_ldraw(&document, &|part| catalog.has(&PartId::new(part)))?.value)
}

fn parts_of(design: &Design) -> Vec<PartId> {
    let mut parts = std::collections::BTreeSet::new();
    design.flatten(design.main(), &mut |flat| {
        if !parts.contains(flat.part) {
            parts.insert(flat.part.clone());
        }
    });
    parts.into_iter().collect()
}

/// A design with everything that an editable view keeps of it.
struct View {
    renderer: Renderer,
    space: Space,
    bodies: HashMap<PartId, (MeshKey, Arc<PartBody>)>,
    palette: Palette,
    slots: HashMap<PieceId, Vec<u32>>,
    next: u32,
}

impl View {
    fn new(design: &Design, catalog: &Catalog, palette: Palette, renderer: Renderer) -> Self {
        let (space, bodies, slots) = (Space::new(), HashMap::new(), HashMap::new());
        let mut out = Self { renderer, space, bodies, palette, slots, next: 0 };
        out.renderer.set_palette(&out.palette.iter().cloned().collect::<Vec<_>>());
        let view = catalog.design_view(design);
        let parts = parts_of(design);
        view.meshes(&parts);
        for part in parts {
            let body = view.body(&part);
            let key = MeshKey(out.bodies.len() as u32);
            out.renderer.add_mesh(key, body.mesh());
            out.bodies.insert(part, (key, body));
        }
        let mut placed = Vec::new();
        design.flatten(design.main(), &mut |flat| {
            let (key, body) = &out.bodies[flat.part];
            let (slot, color) = (out.next, Paint::from(&out.palette.resolve(flat.color)));
            out.next += 1;
            let instance = Instance { mesh: *key, transform: flat.transform, color, flags: Flags::NONE };
            out.renderer.set(Slot(slot), instance);
            placed.push((slot, Arc::clone(body), flat.transform));
            out.slots.entry(flat.path[0]).or_default().push(slot);
        });
        out.space = Space::from_pieces(placed);
        out
    }

    /// Follows an edit of pieces of the main model.
    fn follow(&mut self, design: &Design, changes: &[Change]) {
        for change in changes {
            match change {
                Change::PieceRemoved(id, ..) => self.take_out(*id),
                Change::PieceAdded(id) | Change::PieceChanged(id) => {
                    self.take_out(*id);
                    let Some(piece) = design.piece(*id) else { continue };
                    let Content::Part(part) = &piece.content else { continue };
                    let Some((key, body)) = self.bodies.get(part) else { continue };
                    let transform = piece.pose.to_affine();
                    let color = Paint::from(&self.palette.resolve(piece.color));
                    let instance = Instance { mesh: *key, transform, color, flags: Flags::NONE };
                    self.renderer.set(Slot(self.next), instance);
                    self.space.insert(self.next, Arc::clone(body), transform);
                    self.slots.entry(*id).or_default().push(self.next);
                    self.next += 1;
                }
                _ => {}
            }
        }
    }

    fn take_out(&mut self, piece: PieceId) {
        for slot in self.slots.remove(&piece).unwrap_or_default() {
            self.renderer.remove(Slot(slot));
            self.space.remove(slot);
        }
    }
}

fn renderer(gpu: &Gpu) -> Renderer {
    Renderer::new(&gpu.device, &gpu.queue, PICTURE_FORMAT, gpu.quality())
}

/// From a file to a view that can be edited: what the processor does.
fn open(model: &Path) -> Result<Value, Failure> {
    // The window has its device already.
    let gpu = Gpu::headless()?;
    let start = Instant::now();
    let library = Arc::new(Library::open(&library_path()?)?);
    let palette = Palette::with_library(library.colors());
    let catalog = Catalog::with_library(library);
    let opened = seconds(start);
    let design = imported(model, &catalog)?;
    let read = seconds(start) - opened;
    let view = View::new(&design, &catalog, palette, renderer(&gpu));
    Ok(json!({
        "pieces": view.renderer.len(), "library_s": opened, "read_s": read,
        "view_s": seconds(start) - opened - read, "all_s": seconds(start),
    }))
}

/// The processor time of this thread in milliseconds, where the system tells; else the time that passed.
fn thread_ms(start: Instant) -> f64 {
    // The system brings the figure up to date when the thread steps back.
    std::thread::yield_now();
    let spent = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let spent = spent.and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok());
    spent.map_or_else(|| seconds(start) * 1e3, |nanoseconds| nanoseconds / 1e6)
}

fn whole_city(model: &Path) -> Result<Value, Failure> {
    let gpu = Gpu::headless()?;
    let library = Arc::new(Library::open(&library_path()?)?);
    let palette = Palette::with_library(library.colors());
    let catalog = Catalog::with_library(library);
    let built = city(&imported(model, &catalog)?, COPIES);
    let pieces = built.part_count();
    let start = Instant::now();
    let text = to_ron(&built);
    let saved = seconds(start);
    drop(built);
    let start = Instant::now();
    let mut design = from_ron(&text)?.value;
    let loaded = seconds(start);
    let bytes = text.len();
    drop(text);
    let start = Instant::now();
    let mut view = View::new(&design, &catalog, palette, renderer(&gpu));
    let opened = seconds(start);
    let edits = edits(&mut design, &mut view)?;
    let frames = frames(&mut view, &gpu)?;
    Ok(json!({
        "pieces": pieces, "bytes": bytes, "save_s": saved, "load_s": loaded, "view_s": opened, "edits_ms": edits,
        "orbit_ms": frames, "peak_mib": peak_mib(),
    }))
}

fn edits(design: &mut Design, view: &mut View) -> Result<Value, Failure> {
    let main = design.main();
    let ids: Vec<PieceId> = design.pieces_in(main).map(|piece| piece.id).collect();
    let (mut history, mut list, mut rng) = (History::new(), PartsList::new(design), Rng::new(1));
    let mut times: [Vec<f64>; 4] = Default::default();
    for round in 0..EDITS * 3 {
        let pieces = vec![rng.pick(&ids).ok_or("no pieces")?];
        let piece = design.piece(pieces[0]).ok_or("no piece")?;
        let edit = match round % 3 {
            0 => {
                let (content, color) = (piece.content.clone(), piece.color);
                let pose = Pose { position: piece.pose.position + Vec3::Y, ..piece.pose };
                Edit::AddPieces {
                    submodel: main,
                    step: None,
                    pieces: vec![NewPiece { content, color, pose, group: None }],
                }
            }
            1 => Edit::Move { pieces, offset: Vec3::X },
            _ => Edit::Recolor { pieces, color: ColorRef::Code(1 + round as u32 % 4) },
        };
        let (start, before) = (Instant::now(), thread_ms(Instant::now()));
        let applied = design.apply(edit)?;
        let changes = applied.changes.clone();
        list.update(design, &changes);
        history.push(applied, "edit", Vec::new(), None);
        view.follow(design, &changes);
        times[round % 3].push(thread_ms(start) - before);
        if round % 3 == 2 {
            let (start, before) = (Instant::now(), thread_ms(Instant::now()));
            if let Some(undone) = history.undo(design) {
                list.update(design, &undone.changes);
                view.follow(design, &undone.changes);
            }
            times[3].push(thread_ms(start) - before);
        }
    }
    let p99 = |times: &mut Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times[(times.len() - 1) * 99 / 100]
    };
    let [add, moved, recolor, undo] = &mut times;
    Ok(json!({ "add": p99(add), "move": p99(moved), "recolor": p99(recolor), "undo": p99(undo) }))
}

/// What a frame of a turn costs the thread that asks for it; the first frame uploads everything and does not count.
fn frames(view: &mut View, gpu: &Gpu) -> Result<f64, Failure> {
    let size = (800, 600);
    let texture = gpu.device.create_texture(&wgpu::TextureDescriptor {
        label: Some("view"),
        size: wgpu::Extent3d { width: size.0, height: size.1, depth_or_array_layers: 1 },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: PICTURE_FORMAT,
        usage: wgpu::TextureUsages::RENDER_ATTACHMENT,
        view_formats: &[],
    });
    let target = texture.create_view(&wgpu::TextureViewDescriptor::default());
    let mut camera = Camera::home(view.renderer.bounds(), 4.0 / 3.0);
    let mut times = Vec::new();
    for frame in 0..=FRAMES {
        camera = camera.orbited(0.02, 0.0);
        let (start, before) = (Instant::now(), thread_ms(Instant::now()));
        view.renderer.render(&camera, &Look::default(), size, &target);
        if frame > 0 {
            times.push(thread_ms(start) - before);
        }
        gpu.device.poll(wgpu::PollType::wait_indefinitely())?;
    }
    times.sort_by(f64::total_cmp);
    Ok(times[times.len() / 2])
}

/// The most memory that this process has had.
fn peak_mib() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<f64>().ok()? / 1024.0)
}
