//! Models that people made: nothing may be dropped, and the way over our own format changes nothing.

use super::support::data;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use studwork::cli::load::load_design;
use studwork_core::{Catalog, Design};
use studwork_ldraw::Library;

fn models() -> Vec<PathBuf> {
    let Some(folder) = data("STUDWORK_MODELS") else { return Vec::new() };
    let files = folder.read_dir().expect("a folder of models");
    let mut models: Vec<PathBuf> = files.filter_map(|file| Some(file.ok()?.path())).collect();
    models.retain(|path| path.extension().is_some_and(|extension| extension == "mpd" || extension == "ldr"));
    models.sort();
    models
}

fn catalog() -> Catalog {
    match data("STUDWORK_LDRAW") {
        Some(path) => Catalog::with_library(Arc::new(Library::open(&path).expect("the library opens"))),
        None => Catalog::built_in(),
    }
}

type FlatList = Vec<(String, String, [f32; 12])>;

fn flat_list(design: &Design) -> FlatList {
    let mut list = Vec::new();
    design.flatten(design.main(), &mut |flat| {
        list.push((flat.part.to_string(), flat.color.to_string(), flat.transform.to_cols_array()));
    });
    list
}

fn assert_same(name: &str, before: &FlatList, after: &FlatList) {
    assert_eq!(before.len(), after.len(), "{name}");
    for (index, (a, b)) in before.iter().zip(after).enumerate() {
        assert_eq!((&a.0, &a.1), (&b.0, &b.1), "{name}: piece {index}");
        let apart = a.2.iter().zip(b.2).map(|(x, y)| (x - y).abs()).fold(0.0, f32::max);
        assert!(apart <= 0.001, "{name}: piece {index} ({}) moved by {apart}", a.0);
    }
}

#[test]
fn every_model_goes_over_ron_and_back_unchanged() {
    let catalog = catalog();
    for path in models() {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let loaded = load_design(&path, &catalog).unwrap_or_else(|error| panic!("{error:#}"));
        assert_eq!(loaded.design.validate(), Vec::<String>::new(), "{name}");
        let before = flat_list(&loaded.design);
        assert!(before.len() > 10, "{name}: {} pieces", before.len());

        let folder = tempfile::tempdir().expect("a folder");
        let ron = folder.path().join("model.ron");
        std::fs::write(&ron, studwork_core::to_ron(&loaded.design)).expect("written");
        let from_ron = load_design(&ron, &catalog).unwrap_or_else(|error| panic!("{name}: {error:#}")).design;
        assert_same(&name, &before, &flat_list(&from_ron));

        let mpd = folder.path().join("model.mpd");
        std::fs::write(&mpd, studwork_ldraw::write(&studwork_core::to_ldraw(&from_ron))).expect("written");
        let from_mpd = load_design(&mpd, &catalog).unwrap_or_else(|error| panic!("{name}: {error:#}")).design;
        assert_same(&name, &before, &flat_list(&from_mpd));
    }
}

/// The pieces of an LDraw file counted straight from its text: references to what is not in the file, each as often as
/// the files that hold it are placed; an embedded part counts as a piece.
fn count_from_text(path: &Path) -> u64 {
    let text = String::from_utf8_lossy(&std::fs::read(path).expect("read")).replace('\\', "/").to_lowercase();
    let mut files: Vec<(String, Vec<String>, bool)> = vec![(String::new(), Vec::new(), false)];
    for line in text.lines().map(str::trim) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let rest = |count: usize| words[count.min(words.len())..].join(" ");
        let last = files.len() - 1;
        match words.as_slice() {
            ["0", "file", ..] => {
                let name = rest(2);
                let is_part = name.ends_with(".dat");
                files.push((name, Vec::new(), is_part));
            }
            ["0", "!ldraw_org" | "ldraw_org", kind, ..] => {
                files[last].2 |= kind.contains("part") || kind.contains("shortcut");
            }
            ["1", _, ..] if words.len() >= 15 => files[last].1.push(rest(14)),
            _ => {}
        }
    }
    if files[0].1.is_empty() {
        files.remove(0);
    }
    let by_name: BTreeMap<&str, usize> = files.iter().enumerate().rev().map(|(i, file)| (file.0.as_str(), i)).collect();
    fn count(files: &[(String, Vec<String>, bool)], by_name: &BTreeMap<&str, usize>, file: usize) -> u64 {
        let counts = files[file].1.iter().map(|name| match by_name.get(name.as_str()) {
            Some(&inner) if !files[inner].2 => count(files, by_name, inner),
            _ => 1,
        });
        counts.sum()
    }
    count(&files, &by_name, 0)
}

#[test]
fn nothing_of_a_model_is_dropped() {
    let catalog = catalog();
    for path in models() {
        let loaded = load_design(&path, &catalog).unwrap_or_else(|error| panic!("{error:#}"));
        let expected = count_from_text(&path);
        assert_eq!(loaded.design.part_count() as u64, expected, "{}", path.display());
    }
}
