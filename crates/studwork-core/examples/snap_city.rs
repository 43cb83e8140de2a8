//! How long a snap query beside the pointer and a graph update take in a city of 28 copies of a model:
//! `snap_city MODEL [QUERIES]`, with `STUDWORK_LDRAW` set. With the Millennium Falcon that is 147,000 pieces.

#![expect(clippy::print_stdout, reason = "an example")]

use glam::{Affine3A, Vec3};
use std::sync::Arc;
use std::time::Instant;
use studwork_core::connect::{ConnectionGraph, HeldBody, SnapKind, SnapOptions, snap};
use studwork_core::space::{Ray, Space};
use studwork_core::testing::{Rng, city};
use studwork_core::{Catalog, PartId, from_ldraw};
use studwork_ldraw::Library;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("snap_city MODEL [QUERIES]")?;
    let queries: usize = std::env::args().nth(2).map_or(Ok(2000), |count| count.parse())?;
    let library = Arc::new(Library::open(&Library::locate(None).ok_or("STUDWORK_LDRAW is not set")?)?);
    let catalog = Catalog::with_library(library.clone());
    let document = studwork_ldraw::parse(&std::fs::read(&path)?, &path)?.value;
    let model = from_ldraw(&document, &|name| library.contains(name))?.value;
    let city = city(&model, 28);
    let mut placed = Vec::new();
    let mut used = Vec::new();
    city.flatten(city.main(), &mut |flat| used.push(flat.part.clone()));
    used.sort_unstable();
    used.dedup();
    catalog.meshes(&used);
    city.flatten(city.main(), &mut |flat| placed.push((placed.len() as u32, catalog.body(flat.part), flat.transform)));
    let start = Instant::now();
    let mut space = Space::from_pieces(placed);
    println!("{} pieces indexed in {:.0} ms", space.len(), start.elapsed().as_secs_f32() * 1e3);
    let start = Instant::now();
    let mut graph = ConnectionGraph::build(&space);
    println!("graph of {} connections built in {:.0} ms", graph.len(), start.elapsed().as_secs_f32() * 1e3);
    catalog.save_cache();

    let mut rng = Rng::new(7);
    let keys = space.len();
    for part in ["3001", "3024", "3036", "2780", "4070", "3832"] {
        let held = HeldBody::part(catalog.body(&PartId::new(part)));
        let (mut times, mut connected) = (Vec::new(), 0);
        for round in 0..queries + 50 {
            let Some(piece) = space.get(rng.below(keys) as u32) else { continue };
            let aim = piece.bounds.center() + Vec3::new(rng.unit(), rng.unit(), rng.unit()) * 20.0;
            let eye = aim + Vec3::new(rng.unit() * 900.0, -900.0 - rng.unit() * 500.0, rng.unit() * 900.0);
            let ray = Ray::new(eye, aim - eye);
            let start = Instant::now();
            let found = snap(&held, &ray, &space, &SnapOptions::default());
            let took = start.elapsed().as_secs_f32() * 1e3;
            // The first queries make the trees of parts that nobody pointed at before.
            if round >= 50 {
                times.push(took);
                connected += usize::from(found.first().is_some_and(|best| best.kind == SnapKind::Connected));
            }
        }
        println!("snap {part:5} {}, {connected} of {queries} connect", percentiles(&mut times));
    }

    let mut times = Vec::new();
    for _ in 0..queries {
        let key = rng.below(keys) as u32;
        let Some(place) = space.get(key).map(|piece| piece.transform) else { continue };
        let moved = Affine3A::from_translation(Vec3::new(20.0, -8.0, 0.0)) * place;
        for place in [moved, place] {
            let start = Instant::now();
            space.update(key, place);
            graph.update(&space, key);
            times.push(start.elapsed().as_secs_f32() * 1e3);
        }
    }
    println!("index and graph, one piece moved: {}", percentiles(&mut times));
    Ok(())
}

fn percentiles(times: &mut [f32]) -> String {
    times.sort_by(f32::total_cmp);
    let at = |percent: usize| times.get((times.len().max(1) - 1) * percent / 100).copied().unwrap_or_default();
    format!("median {:.3} ms, p99 {:.3} ms, worst {:.3} ms", at(50), at(99), at(100))
}
