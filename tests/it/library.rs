//! The library of originals and unsaved work, through actions: what is opened is a copy, and a crash costs nothing.

use crate::editor::Editor;
use bevy::math::Vec3;
use std::path::Path;
use std::time::Duration;
use studwork::document::action::{EditorAction as A, by_id};
use studwork::document::{Act, Document};
use studwork::feedback::{Dialog, Notices};
use studwork::library::Keep;
use studwork_core::ColorRef;
use studwork_core::testing::Rng;

const CAR: &str = "0 Car\r\n0 Author: Ann\r\n0 !LICENSE CC BY-ND 4.0\r\n1 4 0 0 0 1 0 0 0 1 0 0 0 1 3001.dat\r\n";

fn editor_with_library(folder: &Path) -> Editor {
    let mut editor = Editor::new();
    editor.app.world_mut().resource_mut::<Keep>().open(Some(folder)).expect("a library");
    editor.act(A::New);
    editor
}

/// An editor, its only original added and copied, and the original's file in the library.
fn with_copy(folder: &Path) -> (Editor, std::path::PathBuf, std::path::PathBuf) {
    let outside = folder.join("car.ldr");
    std::fs::write(&outside, CAR).expect("written");
    let library = folder.join("library");
    let mut editor = editor_with_library(&library);
    editor.act(A::LibraryAddPath(outside.clone()));
    editor.wait();
    wait_for_entries(&mut editor, 1);
    let entry = editor.get::<Keep>().entries.first().cloned().expect("it is listed");
    assert_eq!((entry.title.as_str(), entry.author.as_str(), entry.pieces), ("Car", "Ann", 1));
    editor.act(A::LibraryOpen(entry.sha256));
    editor.wait();
    assert_eq!(editor.design().len(), 1);
    let kept = walk(&library).into_iter().find(|path| std::fs::read(path).is_ok_and(|bytes| bytes == CAR.as_bytes()));
    (editor, outside, kept.expect("the bytes are in the library as they were"))
}

fn wait_for_entries(editor: &mut Editor, count: usize) {
    for _ in 0..200 {
        if editor.get::<Keep>().entries.len() >= count {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
        editor.app.update();
    }
    panic!("the library does not list what was added");
}

fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        if entry.path().is_dir() { found.extend(walk(&entry.path())) } else { found.push(entry.path()) }
    }
    found
}

#[test]
fn an_original_opens_as_a_copy_that_knows_where_it_comes_from() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut editor, _, kept) = with_copy(folder.path());
    let document = editor.get::<Document>();
    assert_eq!(document.path(), None, "a copy has no file until it is saved");
    assert_eq!(document.origin().as_deref(), Some("copy of “Car” by Ann"));
    let told = editor.get::<Notices>().shown.iter().flat_map(|notice| &notice.details);
    assert!(told.clone().any(|text| text.contains("ask the author")), "what the license forbids is said");
    let before = std::fs::metadata(&kept).expect("it is there");
    editor.add("3003", 1, Vec3::new(0.0, -24.0, 0.0));
    editor.act(A::Save);
    assert!(matches!(editor.dialog(), Some(Dialog::Path { .. })), "Save asks where to");
    editor.act(A::SaveTo(kept.with_extension("ron")));
    assert!(editor.errors().iter().any(|text| text.contains("library")), "{:?}", editor.errors());
    let copy = folder.path().join("mine.ron");
    editor.act(A::SaveTo(copy.clone()));
    assert!(copy.exists());
    let after = std::fs::metadata(&kept).expect("it is there");
    assert_eq!(std::fs::read(&kept).expect("readable"), CAR.as_bytes());
    assert_eq!(before.modified().expect("a time"), after.modified().expect("a time"));
    assert!(after.permissions().readonly());
}

/// What must not change of a file: its bytes, its time stamp, its permissions.
fn state_of(path: &Path) -> (Vec<u8>, std::time::SystemTime, std::fs::Permissions) {
    let about = std::fs::metadata(path).expect("it is there");
    (std::fs::read(path).expect("readable"), about.modified().expect("a time"), about.permissions())
}

/// Three models to work on: those of the shared data where there are any, else small ones.
fn three_models(folder: &Path) -> Vec<std::path::PathBuf> {
    let shared = super::support::data("STUDWORK_MODELS").map(|models| walk(&models)).unwrap_or_default();
    let wanted = ["40448", "6755", "21028"];
    let named = |start: &str| {
        shared.iter().find(|path| path.file_name().is_some_and(|n| n.to_string_lossy().starts_with(start)))
    };
    let found: Vec<_> = wanted.iter().filter_map(|start| named(start).cloned()).collect();
    if found.len() == wanted.len() {
        return found;
    }
    let small = [("car.ldr", CAR), ("house.ldr", super::support::HOUSE), ("brick.ldr", super::support::BRICK)];
    small
        .into_iter()
        .map(|(name, text)| {
            std::fs::write(folder.join(name), text).expect("written");
            folder.join(name)
        })
        .collect()
}

/// One thing that a person might do with a copy, drawn at random. Nothing is looked at yet.
fn anything(rng: &mut Rng, editor: &Editor, folder: &Path, forbidden: &[std::path::PathBuf]) -> A {
    let pieces = editor.pieces();
    let some = |rng: &mut Rng| {
        let from = rng.below(pieces.len().max(1));
        pieces.iter().copied().skip(from).take(1 + rng.below(4)).collect::<Vec<_>>()
    };
    let listed = |rng: &mut Rng| {
        let ids = [
            "piece.turn_y",
            "piece.left",
            "piece.up",
            "piece.fine_back",
            "piece.mirror_x",
            "piece.group",
            "piece.ungroup",
            "model.make_submodel",
            "model.add_step",
            "model.split_step",
            "edit.duplicate",
            "edit.delete",
            "edit.copy",
            "edit.paste",
            "edit.cut",
        ];
        by_id(rng.pick(&ids).expect("one of them")).expect("an action of the table").action.clone()
    };
    match rng.below(20) {
        0..=4 => A::Select(some(rng)),
        5..=9 => listed(rng),
        10 | 11 => A::Undo,
        12 => A::Redo,
        13 => A::Paint(some(rng), ColorRef::Code(rng.below(16) as u32)),
        14 => A::SaveTo(folder.join(format!("copy {}.ron", rng.below(3)))),
        // Onto an original: has to be refused.
        15 => A::SaveTo(rng.pick(forbidden).unwrap_or_default()),
        16 => A::TakeApart,
        17 => A::TakeOffNext,
        18 => [A::PutBackLast, A::LeaveTakeApart, A::Rebuild(true), A::TakeApartTo(3)][rng.below(4)].clone(),
        _ => A::ExportTo(rng.pick(forbidden).unwrap_or_default()),
    }
}

#[test]
fn ten_thousand_actions_on_copies_leave_the_originals_as_they_were() {
    const ACTIONS: usize = 10_000;
    let folder = tempfile::tempdir().expect("a folder");
    let models = three_models(folder.path());
    let library = folder.path().join("library");
    let mut editor = editor_with_library(&library);
    for model in &models {
        editor.act(A::LibraryAddPath(model.clone()));
        editor.wait();
    }
    wait_for_entries(&mut editor, models.len());
    let kept: Vec<_> = models
        .iter()
        .map(|model| {
            let bytes = std::fs::read(model).expect("readable");
            let same = |path: &std::path::PathBuf| std::fs::read(path).is_ok_and(|other| other == bytes);
            walk(&library).into_iter().find(same).expect("the library has it")
        })
        .collect();
    let before: Vec<_> = models.iter().chain(&kept).map(|path| state_of(path)).collect();
    let entries = editor.get::<Keep>().entries.clone();
    let mut rng = Rng::new(11);
    let (mut changes, mut saved) = (0, 0);
    for (index, entry) in entries.iter().enumerate() {
        editor.act(A::DiscardThen(Box::new(A::LibraryOpen(entry.sha256.clone()))));
        editor.wait();
        assert_eq!(editor.get::<Document>().path(), None);
        for number in 0..ACTIONS.div_ceil(entries.len()) {
            let action = anything(&mut rng, &editor, folder.path(), &kept);
            let generation = editor.get::<Document>().generation();
            let begins = matches!(action, A::TakeApart | A::ExportTo(_));
            editor.app.world_mut().write_message(Act(action.clone()));
            editor.app.update();
            if begins {
                editor.wait_quietly();
            }
            changes += usize::from(editor.get::<Document>().generation() != generation);
            saved += usize::from(matches!(action, A::SaveTo(_)) && !editor.get::<Document>().is_dirty());
            if number % 400 == 0 {
                editor.sweep(&format!("{action:?}, the {number}th with model {index}"));
            }
            editor.app.world_mut().resource_mut::<Notices>().shown.clear();
        }
        editor.sweep("the last action");
    }
    assert!(changes > ACTIONS / 10, "only {changes} actions changed anything");
    assert!(saved > 0, "nothing was ever saved");
    for (path, before) in models.iter().chain(&kept).zip(before) {
        assert!(state_of(path) == before, "{} is not as it was", path.display());
    }
}

#[test]
fn exports_and_pictures_do_not_go_into_the_library() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut editor, _, kept) = with_copy(folder.path());
    let before = walk(&folder.path().join("library")).len();
    editor.act(A::ExportTo(kept.with_file_name("x.ldr")));
    editor.wait();
    editor.act(A::ExportTo(kept.clone().with_extension("mpd")));
    editor.wait();
    assert_eq!(walk(&folder.path().join("library")).len(), before);
    assert_eq!(std::fs::read(&kept).expect("readable"), CAR.as_bytes());
}

#[test]
fn what_a_crash_left_is_recovered_to_the_last_edit() {
    let folder = tempfile::tempdir().expect("a folder");
    let library = folder.path().join("library");
    let mut editor = editor_with_library(&library);
    editor.add("3001", 4, Vec3::ZERO);
    editor.add("3003", 1, Vec3::new(0.0, -24.0, 0.0));
    editor.act(A::Undo);
    editor.act(A::Redo);
    let lost = editor.ron();
    // Dropped without closing, as a crash does it.
    drop(editor);

    let mut again = editor_with_library(&library);
    let unsaved = again.get::<Keep>().unsaved.clone();
    assert_eq!(unsaved.len(), 1, "the unsaved work is listed");
    again.act(A::Recover(unsaved[0].folder.clone()));
    assert_eq!(again.ron(), lost);
    assert!(again.get::<Document>().is_dirty(), "no file has it yet");
    assert!(again.get::<Keep>().unsaved.is_empty());
    again.act(A::SaveTo(folder.path().join("saved.ron")));
    again.act(A::Quit);
    drop(again);
    assert!(editor_with_library(&library).get::<Keep>().unsaved.is_empty(), "nothing is left once it is saved");
}

#[test]
fn a_file_that_another_program_changed_is_not_overwritten_without_asking() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("house.ron");
    let mut editor = editor_with_library(&folder.path().join("library"));
    editor.add("3001", 4, Vec3::ZERO);
    editor.act(A::SaveTo(path.clone()));
    std::fs::write(&path, "(format: 1, title: \"theirs\")").expect("written");
    editor.add("3001", 4, Vec3::X * 80.0);
    editor.act(A::Save);
    assert_eq!(editor.dialog(), Some(Dialog::FileChanged { path: path.clone() }));
    assert!(std::fs::read_to_string(&path).expect("readable").contains("theirs"));
    editor.act(A::SaveOver);
    assert_eq!(std::fs::read_to_string(&path).expect("readable"), editor.ron());
    assert!(!editor.get::<Document>().is_dirty());
}

#[test]
fn an_earlier_version_of_a_file_can_be_opened_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("house.ron");
    let mut editor = editor_with_library(&folder.path().join("library"));
    editor.add("3001", 4, Vec3::ZERO);
    editor.act(A::SaveTo(path.clone()));
    let first = editor.ron();
    editor.add("3001", 1, Vec3::X * 80.0);
    editor.act(A::Save);
    let home = editor.get::<Keep>().home().expect("a library").clone();
    let versions = studwork_library::versions(&home, &path).expect("listed");
    assert_eq!(versions.len(), 2, "each save keeps one");
    editor.act(A::OpenVersion(versions[1].number));
    assert_eq!(editor.design().len(), 1);
    assert_eq!(editor.ron(), first);
    assert!(editor.get::<Document>().is_dirty(), "the file is as it was until it is saved");
    assert_ne!(std::fs::read_to_string(&path).expect("readable"), first);
    editor.act(A::Save);
    assert_eq!(std::fs::read_to_string(&path).expect("readable"), first);
}
