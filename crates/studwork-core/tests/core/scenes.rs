//! The starter designs in `scenes/` are kept beautiful by eye, and sound by these tests: anyone could build them with
//! the parts that the program itself has.

use std::{fs, path::Path};
use studwork_core::catalog::{Catalog, Source};
use studwork_core::{ColorRef, Design, Palette, connect, from_ron, to_ron};

/// Name, text and design of every scene, by name.
fn scenes() -> Vec<(String, String, Design)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenes");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "ron"));
    paths.sort();
    let read = |path: &std::path::PathBuf| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(path).unwrap();
        let parsed = from_ron(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(parsed.warnings, [], "{name}");
        (name, text, parsed.value)
    };
    paths.iter().map(read).collect()
}

#[test]
fn there_are_scenes_to_start_from_and_one_that_welcomes() {
    let names: Vec<String> = scenes().into_iter().map(|(name, ..)| name).collect();
    assert!(names.iter().any(|name| name == "welcome"), "{names:?}");
    assert!(names.len() >= 8, "{names:?}");
    let kebab = |name: &String| name.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    assert!(names.iter().all(kebab), "{names:?}");
}

#[test]
fn scenes_are_written_as_the_program_writes_them() {
    for (name, text, design) in scenes() {
        assert!(to_ron(&design) == text, "{name} is not in the form that the program writes: convert it once");
        assert_eq!(design.validate(), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn scenes_say_what_they_are_and_whose() {
    for (name, _, design) in scenes() {
        assert!(!design.title().is_empty(), "{name}");
        assert_eq!(design.author(), "Studwork", "{name}");
        assert_eq!(design.license(), "CC0-1.0", "{name}");
        assert_eq!(design.description().lines().count(), 1, "{name}");
    }
}

#[test]
fn scenes_are_of_a_size_to_build_in_small_steps() {
    for (name, _, design) in scenes() {
        let count = design.part_count();
        assert!((30..=600).contains(&count), "{name} has {count} pieces");
        for submodel in design.submodels() {
            for step in &submodel.steps {
                let pieces = step.pieces().count();
                assert!((1..=25).contains(&pieces), "{name}: a step of {} has {pieces} pieces", submodel.name);
            }
        }
    }
}

#[test]
fn scenes_need_no_library_of_parts() {
    let (catalog, palette) = (Catalog::built_in(), Palette::built_in());
    for (name, _, design) in scenes() {
        design.flatten(design.main(), &mut |flat| {
            let source = catalog.info(flat.part).map(|info| info.source);
            assert_eq!(source, Some(Source::BuiltIn), "{name}: {}", flat.part);
            let ColorRef::Code(code) = flat.color else { panic!("{name}: a color that is not of the table") };
            assert!(code != 16 && palette.get(code).is_some(), "{name}: color {code}");
        });
    }
}

#[test]
fn a_check_of_a_scene_finds_nothing() {
    let catalog = Catalog::built_in();
    let mut found = Vec::new();
    for (name, _, design) in scenes() {
        let report = connect::check(&design, &catalog);
        found.extend(report.findings.iter().map(|finding| format!("{name}: {}", finding.message)));
        // Taken chessmen stand beside the board; everything else can be lifted by one corner.
        if name != "chess" {
            assert_eq!(report.islands.len(), 1, "{name} is in several pieces");
        }
    }
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}
