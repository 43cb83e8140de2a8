//! What the connection model costs: a check, a snap beside the pointer, the graph's share of an edit, and the two long
//! questions about a whole model.

use super::{COPIES, Failure, imported, library_path, parts_of, seconds};
use glam::{Affine3A, Vec3};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use studwork_core::compare::{Comparison, Matching, compare};
use studwork_core::connect::{CheckOptions, ConnectionGraph, HeldBody, SnapKind, SnapOptions, check_with, snap};
use studwork_core::space::{Ray, Space};
use studwork_core::take_apart::removal_order;
use studwork_core::testing::{Rng, city};
use studwork_core::{Catalog, ColorRef, Edit, PartId, PieceId};
use studwork_ldraw::Library;

/// Snap queries of each part, and moves.
const QUERIES: usize = 2000;
/// Queries before the count: they make the trees of parts that nobody pointed at yet.
const FIRST: usize = 50;
/// What is held: bricks and plates of all sizes, a pin, a brick with a stud on its side.
const HELD: [&str; 6] = ["3001", "3024", "3036", "2780", "4070", "3832"];

/// The whole check of a model, the order in which it comes apart, and its comparison with an edited copy.
pub fn whole(model: &Path) -> Result<Value, Failure> {
    let catalog = Catalog::with_library(Arc::new(Library::open(&library_path()?)?));
    let design = imported(model, &catalog)?;
    let start = Instant::now();
    let report = check_with(&design, &catalog, &CheckOptions::default(), &|_| true).ok_or("stopped")?;
    let checked = seconds(start);
    catalog.save_cache();
    let start = Instant::now();
    let order = removal_order(&design, &catalog, &mut |_, _| true).ok_or("stopped")?;
    let ordered = seconds(start);
    let mut copy = design.clone();
    let ids: Vec<PieceId> = copy.pieces_in(copy.main()).map(|piece| piece.id).collect();
    for (at, id) in ids.iter().step_by(ids.len().div_ceil(200).max(1)).enumerate() {
        let pieces = vec![*id];
        copy.apply(match at % 3 {
            0 => Edit::Move { pieces, offset: Vec3::new(20.0, 0.0, 0.0) },
            1 => Edit::Recolor { pieces, color: ColorRef::Code(5) },
            _ => Edit::RemovePieces(pieces),
        })?;
    }
    let start = Instant::now();
    let by_number = differences(&compare(&design, &copy, Matching::ByNumber));
    let numbers = seconds(start);
    let start = Instant::now();
    let by_shape = differences(&compare(&design, &copy, Matching::ByShape));
    Ok(json!({
        "parts": report.parts, "connections": report.connections, "check_s": checked,
        "removals": order.len(), "order_s": ordered, "differences": [by_number, by_shape],
        "compare_by_number_s": numbers, "compare_by_shape_s": seconds(start),
    }))
}

fn differences(found: &Comparison) -> usize {
    found.added.len() + found.removed.len() + found.changed.len()
}

/// Snap queries and the graph's updates in the city.
pub fn snaps(model: &Path) -> Result<Value, Failure> {
    let catalog = Catalog::with_library(Arc::new(Library::open(&library_path()?)?));
    let city = city(&imported(model, &catalog)?, COPIES);
    catalog.meshes(&parts_of(&city));
    let mut placed = Vec::new();
    city.flatten(city.main(), &mut |flat| placed.push((placed.len() as u32, catalog.body(flat.part), flat.transform)));
    let mut space = Space::from_pieces(placed);
    let mut graph = ConnectionGraph::build(&space);
    let mut rng = Rng::new(7);
    let keys = space.len();
    let (mut times, mut connected) = (Vec::new(), 0);
    for part in HELD {
        let held = HeldBody::part(catalog.body(&PartId::new(part)));
        for round in 0..QUERIES + FIRST {
            let Some(piece) = space.get(rng.below(keys) as u32) else { continue };
            let aim = piece.bounds.center() + Vec3::new(rng.unit(), rng.unit(), rng.unit()) * 20.0;
            let eye = aim + Vec3::new(rng.unit() * 900.0, -900.0 - rng.unit() * 500.0, rng.unit() * 900.0);
            let ray = Ray::new(eye, aim - eye);
            let start = Instant::now();
            let found = snap(&held, &ray, &space, &SnapOptions::default());
            let took = seconds(start) * 1e3;
            if round >= FIRST {
                times.push(took);
                connected += usize::from(found.first().is_some_and(|best| best.kind == SnapKind::Connected));
            }
        }
    }
    let mut updates = Vec::new();
    for _ in 0..QUERIES {
        let key = rng.below(keys) as u32;
        let Some(place) = space.get(key).map(|piece| piece.transform) else { continue };
        let moved = Affine3A::from_translation(Vec3::new(20.0, -8.0, 0.0)) * place;
        for place in [moved, place] {
            let start = Instant::now();
            space.update(key, place);
            graph.update(&space, key);
            updates.push(seconds(start) * 1e3);
        }
    }
    Ok(json!({
        "pieces": keys, "connections": graph.len(), "queries": times.len(), "connected": connected,
        "snap_ms": percentiles(&mut times), "graph_ms": percentiles(&mut updates),
    }))
}

fn percentiles(times: &mut [f64]) -> Value {
    times.sort_by(f64::total_cmp);
    let at = |percent: usize| times.get((times.len().max(1) - 1) * percent / 100).copied().unwrap_or_default();
    json!({ "median": at(50), "p99": at(99), "most": at(100) })
}
