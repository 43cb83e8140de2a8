//! What graph and check say about real models.

use super::*;
use crate::space::Space;
use glam::Affine3A;
use std::{collections::HashMap, path::PathBuf};
use studwork_ldraw::{LdrawDocument, Line, normalized_name};

fn models() -> Vec<PathBuf> {
    let Some(folder) = std::env::var_os("STUDWORK_MODELS") else {
        eprintln!("STUDWORK_MODELS is not set: tests on real models are skipped");
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// Every part of a document with its place; embedded parts are left out.
fn flatten(document: &LdrawDocument, file: usize, transform: Affine3A, f: &mut dyn FnMut(&str, Affine3A)) {
    for line in &document.files[file].lines {
        let Line::Reference(reference) = &line.line else { continue };
        let name = normalized_name(&reference.name);
        let placed = transform * reference.transform;
        match document.files.iter().position(|other| normalized_name(&other.name) == name) {
            Some(inner) if document.files[inner].is_part() => {}
            Some(inner) => flatten(document, inner, placed, f),
            None => f(name.trim_end_matches(".dat"), placed),
        }
    }
}

pub(super) fn load(path: &std::path::Path) -> Option<Vec<(String, Arc<PartBody>, Affine3A)>> {
    library()?;
    let document = studwork_ldraw::parse(&std::fs::read(path).unwrap(), "model").unwrap().value;
    let mut bodies: HashMap<String, Option<Arc<PartBody>>> = HashMap::new();
    let mut pieces = Vec::new();
    flatten(&document, 0, Affine3A::IDENTITY, &mut |name, transform| {
        let body = bodies.entry(name.to_owned()).or_insert_with(|| body(name));
        if let Some(body) = body {
            pieces.push((name.to_owned(), body.clone(), transform));
        }
    });
    Some(pieces)
}

#[test]
fn real_models_hang_together() {
    for path in models() {
        if std::env::var("ONLY").is_ok_and(|only| !path.to_string_lossy().contains(&only)) {
            continue;
        }
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
        let mut kinds: HashMap<(String, String), (usize, f32)> = HashMap::new();
        for o in &report.overlaps {
            if let Some(want) = std::env::var("PAIR")
                .ok()
                .filter(|w| *w == format!("{} {}", pieces[o.a as usize].0, pieces[o.b as usize].0))
            {
                let rel = pieces[o.a as usize].2.inverse() * pieces[o.b as usize].2;
                eprintln!(
                    "PAIR {want} depth {} rel {:?} at {}",
                    o.depth,
                    rel,
                    pieces[o.a as usize].2.inverse().transform_point3(o.at)
                );
            }
            let mut names = [pieces[o.a as usize].0.clone(), pieces[o.b as usize].0.clone()];
            names.sort();
            let [a, b] = names;
            let e = kinds.entry((a, b)).or_default();
            e.0 += 1;
            e.1 = e.1.max(o.depth);
        }
        let mut kinds: Vec<_> = kinds.into_iter().collect();
        kinds.sort_by_key(|k| std::cmp::Reverse(k.1.0));
        for ((a, b), (n, depth)) in kinds.iter().take(8) {
            eprintln!("      {a} {b}: {n} up to {depth:.1}");
        }
        let mut loose: HashMap<&str, usize> = HashMap::new();
        for i in report.islands.iter().filter(|i| i.len() == 1) {
            *loose.entry(&pieces[i[0] as usize].0).or_default() += 1;
        }
        let mut loose: Vec<_> = loose.into_iter().collect();
        loose.sort_by_key(|l| std::cmp::Reverse(l.1));
        eprintln!("      loose: {:?}", &loose[..loose.len().min(14)]);
    }
}
