//! The library of originals and unsaved work, through actions: what is opened is a copy, and a crash costs nothing.

use crate::editor::Editor;
use bevy::math::Vec3;
use std::path::Path;
use std::time::Duration;
use studwork::document::Document;
use studwork::document::action::EditorAction as A;
use studwork::feedback::Dialog;
use studwork::library::Keep;

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
    for _ in 0..200 {
        if !editor.get::<Keep>().entries.is_empty() {
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
        editor.app.update();
    }
    let entry = editor.get::<Keep>().entries.first().cloned().expect("it is listed");
    assert_eq!((entry.title.as_str(), entry.author.as_str(), entry.pieces), ("Car", "Ann", 1));
    editor.act(A::LibraryOpen(entry.sha256));
    editor.wait();
    assert_eq!(editor.design().len(), 1);
    let kept = walk(&library).into_iter().find(|path| std::fs::read(path).is_ok_and(|bytes| bytes == CAR.as_bytes()));
    (editor, outside, kept.expect("the bytes are in the library as they were"))
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
    let told = editor.get::<studwork::feedback::Notices>().shown.iter().flat_map(|notice| &notice.details);
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
