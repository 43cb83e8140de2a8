//! Checks models and prints what was found and what took how long:
//! `check_models MODEL... [--twice] [--loose] [--kinds] [--pairs COUNT FOLDER]`, with `STUDWORK_LDRAW` (and, if wanted,
//! `STUDWORK_SHADOW`) set.
//!
//! `--twice` checks again in the same program; `--loose` prints which parts are in no large island, by reason, `--kinds` the
//! pairs of parts that collide most often; `--pairs` writes that many collisions, drawn at random over all models, as
//! LDraw files of two parts each, seen best from where the file's name says.

#![expect(clippy::print_stdout, reason = "an example")]

use glam::{Affine3A, Vec3};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use studwork_core::connect::{
    CheckOptions, CheckProgress, CheckReport, CheckStage, ConnectionGraph, FindingKind, ShadowLibrary, check_with,
};
use studwork_core::space::Space;
use studwork_core::testing::Rng;
use studwork_core::{Catalog, Design, PartId, from_ldraw};
use studwork_ldraw::Library;

type Failure = Box<dyn std::error::Error>;

/// A collision: two parts with their places, how deep, where from.
struct Pair {
    model: String,
    parts: [(PartId, Affine3A); 2],
    depth: f32,
    at: Vec3,
}

fn main() -> Result<(), Failure> {
    let (mut models, mut twice, mut loose, mut kinds, mut pairs) = (Vec::new(), false, false, false, None);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--twice" => twice = true,
            "--loose" => loose = true,
            "--kinds" => kinds = true,
            "--pairs" => {
                let count: usize = args.next().ok_or("--pairs COUNT FOLDER")?.parse()?;
                pairs = Some((count, PathBuf::from(args.next().ok_or("--pairs COUNT FOLDER")?)));
            }
            _ => models.push(PathBuf::from(arg)),
        }
    }
    let start = Instant::now();
    let library = Arc::new(Library::open(&Library::locate(None).ok_or("STUDWORK_LDRAW is not set")?)?);
    let mut catalog = Catalog::with_library(library.clone());
    let shadow = ShadowLibrary::locate(None).map(|path| ShadowLibrary::open(&path)).transpose()?.map(Arc::new);
    println!("library opened in {:.0} ms", ms(start.elapsed()));
    let full = shadow.as_ref().map(|shadow| Catalog::with_library(library.clone()).with_shadow(shadow.clone()));
    if std::env::var_os("STUDWORK_CHECK_WITH_SHADOW").is_some()
        && let Some(shadow) = shadow
    {
        catalog = catalog.with_shadow(shadow);
    }
    println!(
        "{:40} parts connections largest >20% collisions floating almost loose   read parts graph collisions almost total ms",
        "model"
    );
    let mut all_pairs = Vec::new();
    let mut kinds_of_pairs: HashMap<[String; 2], (usize, f32, String)> = HashMap::new();
    let mut reasons: BTreeMap<String, BTreeMap<&'static str, usize>> = BTreeMap::new();
    let mut sums = [0_usize; 2];
    for path in &models {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let start = Instant::now();
        let design = read(path, &library)?;
        let read = start.elapsed();
        let mut times = Vec::new();
        let mut report = None;
        for _ in 0..if twice { 2 } else { 1 } {
            let (found, stages) = timed_check(&design, &catalog)?;
            report = Some(found);
            times.push(stages);
        }
        let Some(report) = report else { continue };
        let in_large: usize = report.islands.iter().filter(|size| **size > 20).sum();
        sums = [sums[0] + report.parts, sums[1] + in_large];
        let count = |kind: &str| report.of_kind(kind).count();
        for stages in &times {
            println!(
                "{:40} {:5} {:11} {:7} {:4.1} {:10} {:8} {:6} {:5}   {:4.0} {:5.0} {:5.0} {:10.0} {:6.0} {:5.0}",
                name.chars().take(40).collect::<String>(),
                report.parts,
                report.connections,
                report.islands.first().copied().unwrap_or_default(),
                100.0 * in_large as f32 / report.parts.max(1) as f32,
                count("collision"),
                count("floating"),
                count("almost-fits"),
                count("island"),
                ms(read),
                ms(stages[0]),
                ms(stages[1]),
                ms(stages[2]),
                ms(stages[3]),
                ms(stages.iter().sum()),
            );
        }
        let places = places(&design);
        for finding in report.of_kind("collision") {
            let FindingKind::Collision { depth } = finding.kind else { continue };
            let [a, b] = finding.pieces.as_slice() else { continue };
            let part = |placed: &studwork_core::connect::PlacedPart| {
                (placed.part.clone(), places.get(&placed.path).copied().unwrap_or_default())
            };
            let parts = [part(a), part(b)];
            let mut names = [a.part.to_string(), b.part.to_string()];
            names.sort_unstable();
            let entry = kinds_of_pairs.entry(names).or_insert_with(|| {
                let relative = parts[0].1.inverse() * parts[1].1;
                let at = parts[0].1.inverse().transform_point3(finding.at);
                (0, 0.0, format!("in {}: {:.1} {:.2} at {at:.1}", a.part, relative.translation, relative.matrix3))
            });
            entry.0 += 1;
            entry.1 = entry.1.max(depth);
            all_pairs.push(Pair { model: name.clone(), parts, depth, at: finding.at });
        }
        if loose {
            let reasons = reasons.entry(name.clone()).or_default();
            why_loose(&design, &catalog, full.as_ref(), &report, reasons);
        }
    }
    println!(
        "all: {:.1} % of {} parts in islands of more than 20",
        100.0 * sums[1] as f32 / sums[0].max(1) as f32,
        sums[0]
    );
    if kinds {
        let mut kinds: Vec<_> = kinds_of_pairs.into_iter().collect();
        kinds.sort_by(|a, b| b.1.0.cmp(&a.1.0).then(a.0.cmp(&b.0)));
        for ([a, b], (count, depth, example)) in kinds.iter().take(60) {
            println!("{count:4} × {a} {b} up to {depth:.1} ({example})");
        }
    }
    for (model, reasons) in &reasons {
        println!("{model}: {reasons:?}");
    }
    if let Some((count, folder)) = pairs {
        std::fs::create_dir_all(&folder)?;
        let mut rng = Rng::new(40);
        for number in 0..count.min(all_pairs.len()) {
            let pair = all_pairs.swap_remove(rng.below(all_pairs.len()));
            let (name, text) = file_from_pair(&pair);
            std::fs::write(folder.join(format!("{number:02} {name}.ldr")), text)?;
        }
    }
    Ok(())
}

fn ms(duration: Duration) -> f32 {
    duration.as_secs_f32() * 1e3
}

fn read(path: &Path, library: &Library) -> Result<Design, Failure> {
    let document = studwork_ldraw::parse(&std::fs::read(path)?, &path.to_string_lossy())?.value;
    Ok(from_ldraw(&document, &|name| library.contains(name))?.value)
}

/// A check, and how long each of its stages took.
fn timed_check(design: &Design, catalog: &Catalog) -> Result<(CheckReport, [Duration; 4]), Failure> {
    let marks = std::sync::Mutex::new(Vec::<(CheckStage, Instant)>::new());
    let note = |progress: CheckProgress| {
        if let Ok(mut marks) = marks.lock()
            && marks.last().is_none_or(|(stage, _)| *stage != progress.stage)
        {
            marks.push((progress.stage, Instant::now()));
        }
        true
    };
    let start = Instant::now();
    let report = check_with(design, catalog, &CheckOptions::default(), &note).ok_or("stopped")?;
    let end = Instant::now();
    let marks = marks.into_inner()?;
    let from = |i: usize| marks.get(i).map_or(end, |(_, at)| *at);
    Ok((report, [from(1) - start, from(2) - from(1), from(3) - from(2), end - from(3)]))
}

fn places(design: &Design) -> HashMap<Vec<studwork_core::PieceId>, Affine3A> {
    let mut places = HashMap::new();
    design.flatten(design.main(), &mut |flat| {
        places.insert(flat.path.to_vec(), flat.transform);
    });
    places
}

/// Counts the parts that are in no island of more than 20 by why, and prints the most frequent.
fn why_loose(
    design: &Design,
    catalog: &Catalog,
    full: Option<&Catalog>,
    report: &CheckReport,
    reasons: &mut BTreeMap<&'static str, usize>,
) {
    let graph_of = |catalog: &Catalog| {
        let view = catalog.design_view(design);
        let mut parts = Vec::new();
        design.flatten(design.main(), &mut |flat| parts.push((flat.part.clone(), flat.transform)));
        let placed = parts.iter().enumerate().map(|(i, (part, place))| (i as u32, view.body(part), *place));
        let space = Space::from_pieces(placed.collect::<Vec<_>>());
        let graph = ConnectionGraph::build(&space);
        (parts, space, graph)
    };
    let (parts, space, graph) = graph_of(catalog);
    let told = full.map(graph_of);
    let islands = graph.islands(&space);
    let almost: HashSet<&Vec<_>> =
        report.of_kind("almost-fits").flat_map(|finding| &finding.pieces).map(|placed| &placed.path).collect();
    let mut paths = Vec::new();
    design.flatten(design.main(), &mut |flat| paths.push(flat.path.to_vec()));
    let flexible = [
        "hose",
        "chain",
        "string",
        "flex",
        "cable",
        "rope",
        "tube",
        "segment",
        "constraint",
        "cyli",
        "rubber band",
        " - ls",
    ];
    let mut by_part: HashMap<(&str, &'static str), usize> = HashMap::new();
    for island in islands.iter().filter(|island| island.len() <= 20) {
        for key in island {
            let part = &parts[*key as usize].0;
            let title = catalog.info(part).map(|info| info.name.to_lowercase()).unwrap_or_default();
            let joined_by = |graph: &ConnectionGraph| graph.partners(*key).count();
            let reason = if flexible.iter().any(|word| title.contains(word) || part.as_str().contains(word)) {
                "flexible part"
            } else if title.contains("sticker") || title.contains("minifig") {
                "sticker or minifigure's thing"
            } else if told.as_ref().is_some_and(|(_, _, told)| joined_by(told) > joined_by(&graph)) {
                "connector missing"
            } else if almost.contains(&paths[*key as usize]) {
                "off by more than the tolerance"
            } else if island.len() > 1 {
                "a small group of its own"
            } else {
                "modelled loose"
            };
            *reasons.entry(reason).or_default() += 1;
            *by_part.entry((part.as_str(), reason)).or_default() += 1;
        }
    }
    let mut by_part: Vec<_> = by_part.into_iter().collect();
    by_part.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    for ((part, reason), count) in by_part.iter().take(30) {
        let title = catalog.info(&PartId::new(part)).map(|info| info.name).unwrap_or_default();
        println!("    {count:4} {part} {title}: {reason}");
    }
}

/// The two parts, red and clear blue, and a small red ball at the place, with a camera's angles in the name.
fn file_from_pair(pair: &Pair) -> (String, String) {
    let mut text = format!("0 {} reaches {:.1} into {}\n", pair.parts[0].0, pair.depth, pair.parts[1].0);
    let mut line = |color: u32, place: &Affine3A, file: &str| {
        let (t, m) = (place.translation, place.matrix3);
        let rows = [0, 1, 2].map(|i| format!("{} {} {}", m.x_axis[i], m.y_axis[i], m.z_axis[i])).join(" ");
        // Writing into a text cannot fail.
        let _ = writeln!(text, "1 {color} {} {} {} {rows} {file}", t.x, t.y, t.z);
    };
    let centered = |place: &Affine3A| Affine3A::from_translation(-pair.at) * *place;
    line(4, &centered(&pair.parts[0].1), &pair.parts[0].0.file_name());
    line(41, &centered(&pair.parts[1].1), &pair.parts[1].0.file_name());
    let name = format!("{:.1} {} {} {}", pair.depth, pair.parts[0].0, pair.parts[1].0, pair.model);
    (name.replace('/', "_").chars().take(60).collect(), text)
}
