//! The hot paths of the core: `cargo bench -p studwork-core`.
//!
//! They run on a city of copies of a starter design, and, where `STUDWORK_LDRAW` names a library, on its parts.
#![expect(clippy::unwrap_used, reason = "a benchmark may panic")]

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use glam::{Affine3A, Vec3};
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use studwork_core::connect::{HeldBody, PartBody, SnapOptions, snap};
use studwork_core::space::{Ray, Space};
use studwork_core::testing::{Rng, city};
use studwork_core::{
    Catalog, ColorRef, Content, Design, Edit, History, NewPiece, PartId, PieceId, from_ldraw, from_ron, to_ldraw,
    to_ron,
};
use studwork_ldraw::Library;

/// How often the starter design stands in the city.
const COPIES: usize = 40;

fn starter() -> Design {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenes/lighthouse.ron");
    from_ron(&std::fs::read_to_string(path).unwrap()).unwrap().value
}

fn files(c: &mut Criterion) {
    let city = city(&starter(), COPIES);
    let (ron, ldraw) = (to_ron(&city), studwork_ldraw::write(&to_ldraw(&city)));
    let mut group = c.benchmark_group(format!("files of {} pieces", city.part_count()));
    group.sample_size(20);
    group.bench_function("LDraw: parse", |b| b.iter(|| studwork_ldraw::parse(black_box(&ldraw), "city.mpd").unwrap()));
    let document = studwork_ldraw::parse(&ldraw, "city.mpd").unwrap().value;
    group.bench_function("LDraw: import", |b| b.iter(|| from_ldraw(black_box(&document), &|_| true).unwrap()));
    group.bench_function("RON: load", |b| b.iter(|| from_ron(black_box(&ron)).unwrap()));
    group.bench_function("RON: save", |b| b.iter(|| to_ron(black_box(&city))));
    group.finish();
}

fn geometry(c: &mut Criterion) {
    let mut group = c.benchmark_group("geometry");
    group.sample_size(20);
    for number in ["3001", "3037"] {
        group.bench_function(format!("built-in {number}"), |b| {
            b.iter_batched(Catalog::built_in, |catalog| catalog.mesh(&PartId::new(number)), BatchSize::LargeInput);
        });
    }
    if let Some(path) = Library::locate(None) {
        let library = Library::open_with_cache(&path, None).unwrap();
        for number in ["3001", "32524", "3960"] {
            group
                .bench_function(format!("LDraw {number}"), |b| b.iter(|| library.geometry(black_box(number)).unwrap()));
        }
    }
    group.finish();
}

fn edits(c: &mut Criterion) {
    let mut design = city(&starter(), COPIES);
    let ids: Vec<PieceId> = design.pieces_in(design.main()).map(|piece| piece.id).collect();
    let main = design.main();
    let mut rng = Rng::new(1);
    let mut group = c.benchmark_group(format!("edits among {} pieces", design.part_count()));
    group.bench_function("move", |b| {
        b.iter(|| design.apply(Edit::Move { pieces: vec![rng.pick(&ids).unwrap()], offset: Vec3::X }).unwrap());
    });
    group.bench_function("recolor", |b| {
        b.iter(|| {
            let (pieces, color) = (vec![rng.pick(&ids).unwrap()], ColorRef::Code(rng.below(16) as u32));
            design.apply(Edit::Recolor { pieces, color }).unwrap()
        });
    });
    group.bench_function("add and undo", |b| {
        b.iter(|| {
            let pose = design.piece(ids[0]).unwrap().pose;
            let piece =
                NewPiece { content: Content::Part(PartId::new("3001")), color: ColorRef::Code(4), pose, group: None };
            let mut history = History::new();
            let applied = design.apply(Edit::AddPieces { submodel: main, step: None, pieces: vec![piece] }).unwrap();
            history.push(applied, "Add", Vec::new(), None);
            history.undo(&mut design).unwrap()
        });
    });
    group.finish();
}

fn space(c: &mut Criterion) {
    let catalog = Catalog::built_in();
    let design = city(&starter(), COPIES);
    let mut placed: Vec<(u32, Arc<PartBody>, Affine3A)> = Vec::new();
    design.flatten(design.main(), &mut |flat| {
        placed.push((placed.len() as u32, catalog.body(flat.part), flat.transform));
    });
    let count = placed.len();
    let mut space = Space::from_pieces(placed.clone());
    let bounds = space.bounds();
    let mut rng = Rng::new(1);
    let mut ray = || {
        let share = Vec3::new(rng.unit(), 0.0, rng.unit()) * 0.5 + Vec3::new(0.5, 1.0, 0.5);
        let target = bounds.min + bounds.size() * share;
        Ray::new(target + Vec3::new(-400.0, -900.0, -500.0), Vec3::new(400.0, 900.0, 500.0))
    };
    let held = HeldBody::part(catalog.body(&PartId::new("3001")));
    let mut group = c.benchmark_group(format!("space of {count} parts"));
    group.bench_function("pick", |b| b.iter(|| space.pick(&ray())));
    group.bench_function("snap", |b| b.iter(|| snap(&held, &ray(), &space, &SnapOptions::default())));
    let mut key = 0;
    group.bench_function("move", |b| {
        b.iter(|| {
            key = (key + 7919) % count as u32;
            space.update(key, placed[key as usize].2)
        });
    });
    group.sample_size(10);
    group.bench_function("build", |b| b.iter_batched(|| placed.clone(), Space::from_pieces, BatchSize::LargeInput));
    group.finish();
}

criterion_group!(benches, files, geometry, edits, space);
criterion_main!(benches);
