//! Real models: `.mpd` → design → `.ron` → design → `.mpd` loses nothing.

use glam::Affine3A;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use studwork_core::{ColorRef, Design, PartId, PartsList, from_ldraw, from_ron, to_ldraw, to_ron};
use studwork_ldraw::{LdrawDocument, LdrawFile, Line, normalized_name, parse, write};

type Flat = Vec<(PartId, ColorRef, Affine3A)>;

/// The paths of the models, or nothing with a note.
pub fn model_paths() -> Vec<PathBuf> {
    let Some(folder) = std::env::var_os("STUDWORK_MODELS") else {
        eprintln!("skipped: STUDWORK_MODELS is not set");
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| {
        path.extension().is_some_and(|extension| ["mpd", "ldr"].iter().any(|known| extension == *known))
    });
    paths.sort();
    assert!(!paths.is_empty());
    paths
}

pub fn document(path: &PathBuf) -> LdrawDocument {
    parse(&std::fs::read(path).unwrap(), &path.display().to_string()).unwrap().value
}

fn flat_of_design(design: &Design) -> Flat {
    let mut flat = Vec::new();
    design.flatten(design.main(), &mut |piece| flat.push((piece.part.clone(), piece.color, piece.transform)));
    flat
}

/// The same list straight from the lines, knowing nothing of designs.
fn flat_of_document(document: &LdrawDocument) -> Flat {
    let mut files: BTreeMap<String, &LdrawFile> = BTreeMap::new();
    for file in document.files.iter().rev() {
        files.insert(normalized_name(&file.name), file);
    }
    let mut parts: BTreeSet<String> =
        files.iter().filter(|(_, file)| file.is_part()).map(|(name, _)| name.clone()).collect();
    loop {
        let needed: Vec<String> = parts
            .iter()
            .filter_map(|name| files.get(name))
            .flat_map(|file| references(file))
            .map(|reference| normalized_name(&reference.name))
            .filter(|name| files.contains_key(name) && !parts.contains(name))
            .collect();
        if needed.is_empty() {
            break;
        }
        parts.extend(needed);
    }
    let mut flat = Vec::new();
    let (main, color) = (&document.files[0], ColorRef::MAIN);
    spread(main, color, Affine3A::IDENTITY, &files, &parts, &mut flat);
    flat
}

fn references(file: &LdrawFile) -> impl Iterator<Item = &studwork_ldraw::Reference> {
    file.lines.iter().filter_map(|line| match &line.line {
        Line::Reference(reference) => Some(reference),
        _ => None,
    })
}

fn spread(
    file: &LdrawFile,
    color: ColorRef,
    transform: Affine3A,
    files: &BTreeMap<String, &LdrawFile>,
    parts: &BTreeSet<String>,
    flat: &mut Flat,
) {
    for reference in references(file) {
        let name = normalized_name(&reference.name);
        let color = if reference.color == ColorRef::MAIN { color } else { reference.color };
        let transform = transform * reference.transform;
        match files.get(&name).filter(|_| !parts.contains(&name)) {
            Some(inner) => spread(inner, color, transform, files, parts, flat),
            None => flat.push((PartId::new(&name), color, transform)),
        }
    }
}

fn assert_same(a: &Flat, b: &Flat, what: &str) {
    assert_eq!(a.len(), b.len(), "{what}");
    for (index, (a, b)) in a.iter().zip(b).enumerate() {
        assert_eq!((&a.0, a.1), (&b.0, b.1), "{what}: piece {index}");
        let far = a.2.to_cols_array().iter().zip(b.2.to_cols_array()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(far <= 0.001, "{what}: piece {index} is {far} off");
    }
}

/// The lines of a document that are neither pieces nor said by fields: file → lines in order.
fn other_lines(document: &LdrawDocument) -> BTreeMap<String, Vec<String>> {
    let mut all = BTreeMap::new();
    for file in &document.files {
        let fields = [format!("0 {}", file.title()), format!("0 Name: {}", file.name)];
        let mut lines: Vec<String> = file.lines.iter().map(|line| studwork_ldraw::line_text(&line.line)).collect();
        lines.retain(|line| {
            let word = line.split_whitespace().nth(1).unwrap_or_default();
            let is_field = ["Name:", "Author:", "!LICENSE", "!HELP", "!KEYWORDS", "STEP"].contains(&word);
            !line.is_empty() && !line.starts_with("1 ") && !is_field && !fields.contains(line)
        });
        all.insert(normalized_name(&file.name), lines);
    }
    all
}

#[test]
fn real_models_go_around_with_nothing_dropped() {
    for path in model_paths() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let document = document(&path);
        let import = from_ldraw(&document, &|_| true).unwrap();
        let design = import.value;
        assert_eq!(design.validate(), Vec::<String>::new(), "{name}");
        let flat = flat_of_design(&design);
        assert_same(&flat_of_document(&document), &flat, &name);
        assert_eq!(design.part_count(), flat.len());

        let text = to_ron(&design);
        let again = from_ron(&text).unwrap().value;
        assert_eq!(again, design, "{name}");
        assert_eq!(to_ron(&again), text, "{name}");

        let bytes = write(&to_ldraw(&again));
        let back_document = parse(&bytes, &name).unwrap().value;
        let back = from_ldraw(&back_document, &|_| true).unwrap().value;
        assert_same(&flat, &flat_of_design(&back), &name);
        let (before, after) = (other_lines(&document), other_lines(&back_document));
        for (file, lines) in &before {
            // The main file of an `.ldr` has no name until it is written.
            let found = after.get(file).or_else(|| after.get("").filter(|_| before.len() == 1));
            let found = found.unwrap_or_else(|| panic!("{name}: {file} is gone; there are {:?}", after.keys()));
            assert_eq!(found, lines, "{name}: {file}");
        }
        assert_eq!(back_document.data, document.data);
        let submodels = design.submodels().count();
        let (kinds, _) = PartsList::new(&design).totals(design.main());
        eprintln!(
            "{name}: {} pieces ({} placed) of {kinds} kinds, {submodels} submodels, {} embedded parts, {} steps, {} warnings, {} KB of RON",
            flat.len(),
            design.len(),
            design.embedded_parts().count(),
            design.submodels().map(|submodel| submodel.steps.len()).sum::<usize>(),
            import.warnings.len(),
            text.len() / 1024,
        );
        for warning in import.warnings.iter().take(3) {
            eprintln!("    {warning}");
        }
    }
}
