//! What graph and check say about real models.

use super::*;
use crate::{Catalog, from_ldraw, space::Space};
use glam::Affine3A;
use std::{collections::HashMap, path::PathBuf};

fn models() -> Vec<PathBuf> {
    let Some(folder) = std::env::var_os("STUDWORK_MODELS") else {
        eprintln!("STUDWORK_MODELS is not set: tests on real models are skipped");
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// Every part of a model with its place.
fn load(path: &std::path::Path) -> Option<Vec<(String, Arc<PartBody>, Affine3A)>> {
    let library = library()?;
    let document = studwork_ldraw::parse(&std::fs::read(path).unwrap(), "model").unwrap().value;
    let design = from_ldraw(&document, &|name| library.contains(name)).unwrap().value;
    let catalog = Catalog::with_library(library.clone());
    let view = catalog.design_view(&design);
    let mut pieces = Vec::new();
    design
        .flatten(design.main(), &mut |flat| pieces.push((flat.part.to_string(), view.body(flat.part), flat.transform)));
    Some(pieces)
}

/// How many pieces of a model an exact matching of connectors by hand-made tables (bricklayer-sdk 0.1) finds in one island.
const LEAST_IN_ONE: [(&str, usize); 16] = [
    ("10179", 3074),
    ("10182", 1931),
    ("10214", 4089),
    ("10252", 1013),
    ("1180", 25),
    ("21028", 595),
    ("21303", 554),
    ("21318", 2250),
    ("40448", 172),
    ("6080", 537),
    ("6755", 123),
    ("6861", 48),
    ("6973", 350),
    ("7150", 213),
    ("car", 53),
    ("pyramid", 13),
];

#[test]
fn real_models_hang_together() {
    for path in models() {
        let Some(pieces) = load(&path) else { return };
        let t0 = std::time::Instant::now();
        prepare(pieces.iter().map(|p| &p.1));
        let t1 = t0.elapsed();
        let space = Space::from_pieces(pieces.iter().enumerate().map(|(i, p)| (i as u32, p.1.clone(), p.2)));
        let graph = ConnectionGraph::build(&space);
        let t2 = t0.elapsed() - t1;
        let report = check_space(&space, &graph);
        let t3 = t0.elapsed() - t1 - t2;
        let big: usize = report.islands.iter().filter(|i| i.len() > 20).map(Vec::len).sum();
        eprintln!(
            "{:45} pieces {:5} links {:5} largest {:5} in islands>20 {:3}% floating {:4} overlaps {:4}  prepare {t1:?} graph {t2:?} check {t3:?}",
            path.file_stem().unwrap().to_string_lossy(),
            pieces.len(),
            graph.len(),
            report.islands[0].len(),
            big * 100 / pieces.len(),
            report.floating.len(),
            report.overlaps.len(),
        );
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let number = name.split([' ', '-']).next().unwrap_or_default();
        if let Some((_, least)) = LEAST_IN_ONE.iter().find(|(start, _)| *start == number) {
            let largest = report.islands[0].len();
            assert!(largest >= *least, "{name}: only {largest} pieces hang together, {least} do");
        }
        // Flexible parts, minifigures' things and figures standing about stay loose; what is built hangs together.
        if pieces.len() >= 1000 {
            assert!(big * 100 >= pieces.len() * 60, "{}: only {big} of {} hang together", path.display(), pieces.len());
            assert!(
                report.overlaps.len() * 10 <= pieces.len(),
                "{}: {} overlaps",
                path.display(),
                report.overlaps.len()
            );
        }
        describe(&pieces, &report);
    }
}

/// The pairs of parts that overlap most often and the parts that are loose, where `STUDWORK_VERBOSE` is set.
fn describe(pieces: &[(String, Arc<PartBody>, Affine3A)], report: &SpaceReport) {
    if std::env::var_os("STUDWORK_VERBOSE").is_none() {
        return;
    }
    let mut kinds: HashMap<[&str; 2], (usize, f32, String)> = HashMap::new();
    for o in &report.overlaps {
        let (a, b) = (&pieces[o.a as usize], &pieces[o.b as usize]);
        let mut names = [a.0.as_str(), b.0.as_str()];
        names.sort_unstable();
        let entry = kinds.entry(names).or_insert_with(|| {
            let relative = a.2.inverse() * b.2;
            let at = a.2.inverse().transform_point3(o.at);
            (0, 0.0, format!("in {}: {} {:.2} at {at:.1}", a.0, relative.translation, relative.matrix3))
        });
        entry.0 += 1;
        entry.1 = entry.1.max(o.depth);
    }
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by_key(|kind| (std::cmp::Reverse(kind.1.0), kind.0));
    for ([a, b], (count, depth, example)) in kinds.iter().take(10) {
        eprintln!("      {a} {b}: {count} up to {depth:.1} ({example})");
    }
    let mut loose: HashMap<&str, usize> = HashMap::new();
    for island in report.islands.iter().filter(|island| island.len() == 1) {
        *loose.entry(&pieces[island[0] as usize].0).or_default() += 1;
    }
    let mut loose: Vec<_> = loose.into_iter().collect();
    loose.sort_by_key(|entry| (std::cmp::Reverse(entry.1), entry.0));
    eprintln!("      loose: {:?}", &loose[..loose.len().min(14)]);
}
