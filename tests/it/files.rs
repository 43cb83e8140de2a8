//! Saving, opening, importing and the question about unsaved changes, through actions.

use crate::editor::Editor;
use bevy::math::Vec3;
use studwork::document::Document;
use studwork::document::action::EditorAction as A;
use studwork::feedback::Dialog;
use studwork_core::{ColorRef, Edit, NewPiece, Pose};

#[test]
fn a_design_comes_back_as_it_was_saved() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("house.ron");
    let mut editor = Editor::new();
    editor.add("3001", 4, Vec3::ZERO);
    editor.act(A::SaveTo(path.clone()));
    assert!(!editor.get::<Document>().is_dirty());
    let saved = editor.ron();
    assert_eq!(std::fs::read_to_string(&path).expect("the saved file"), saved);

    let mut again = Editor::new();
    again.act(A::OpenPath(path.clone()));
    again.wait();
    assert_eq!(again.ron(), saved);
    assert_eq!(again.get::<Document>().path(), Some(path.as_path()));
    again.add("3003", 1, Vec3::new(0.0, -24.0, 0.0));
    again.act(A::Save);
    assert_ne!(std::fs::read_to_string(&path).expect("the saved file"), saved);
}

#[test]
fn an_ldraw_file_is_never_written_by_save() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("car.ldr");
    let text = "0 Car\r\n1 4 0 0 0 1 0 0 0 1 0 0 0 1 3001.dat\r\n";
    std::fs::write(&path, text).expect("written");
    let mut editor = Editor::new();
    editor.act(A::OpenPath(path.clone()));
    editor.wait();
    assert_eq!(editor.design().len(), 1);
    editor.add("3003", 1, Vec3::ZERO);
    editor.act(A::Save);
    assert!(matches!(editor.dialog(), Some(Dialog::Path { .. })), "Save asks where to: {:?}", editor.dialog());
    editor.act(A::SaveTo(path.clone()));
    assert!(editor.errors().iter().any(|text| text.contains("Export")), "{:?}", editor.errors());
    assert_eq!(std::fs::read_to_string(&path).expect("still there"), text);
}

#[test]
fn what_is_built_while_a_file_loads_is_not_thrown_away() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("large.ron");
    let mut large = studwork_core::Design::new();
    let place = |i: u32| Pose::at(Vec3::new((i % 200) as f32 * 40.0, -24.0, (i / 200) as f32 * 40.0));
    let pieces = (0..20_000).map(|i| NewPiece::part("3003", ColorRef::Code(4), place(i))).collect();
    large.apply(Edit::AddPieces { submodel: large.main(), step: None, pieces }).expect("they are added");
    std::fs::write(&path, studwork_core::to_ron(&large)).expect("written");
    for built_before in [false, true] {
        let mut editor = Editor::new();
        if built_before {
            // The person gave this up, but not what comes after.
            editor.add("3005", 4, Vec3::Z * 80.0);
        }
        editor.act(A::DiscardThen(Box::new(A::OpenPath(path.clone()))));
        editor.add("3001", 4, Vec3::ZERO);
        let mine = editor.ron();
        assert!(editor.design().len() < 10, "the file was read within a frame");
        editor.wait();
        assert_eq!(editor.dialog(), Some(Dialog::UnsavedChanges { then: A::ShowLoaded }));
        assert_eq!(editor.ron(), mine);
        editor.act(A::SaveTo(folder.path().join("mine.ron")));
        editor.act(A::ShowLoaded);
        assert_eq!(editor.design().len(), 20_000);
        assert_eq!(editor.get::<Document>().path(), Some(path.as_path()));
    }
}

#[test]
fn what_was_given_up_before_a_file_loads_is_not_asked_about_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("car.ldr");
    std::fs::write(&path, "1 4 0 0 0 1 0 0 0 1 0 0 0 1 3001.dat\r\n").expect("written");
    let mut editor = Editor::new();
    editor.add("3005", 4, Vec3::Z * 80.0);
    editor.act(A::OpenPath(path.clone()));
    assert_eq!(editor.dialog(), Some(Dialog::UnsavedChanges { then: A::OpenPath(path.clone()) }));
    editor.act(A::DiscardThen(Box::new(A::OpenPath(path))));
    editor.wait();
    assert_eq!(
        editor.design().pieces().filter_map(|piece| piece.part()).next().map(|part| part.as_str()),
        Some("3001")
    );
}

#[test]
fn leaving_unsaved_changes_asks_first() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("kept.ron");
    let mut editor = Editor::new();
    editor.add("3001", 4, Vec3::ZERO);
    editor.act(A::New);
    assert_eq!(editor.dialog(), Some(Dialog::UnsavedChanges { then: A::New }));
    assert_eq!(editor.design().len(), 1, "nothing is lost before the answer");
    editor.act(A::SaveTo(path.clone()));
    editor.add("3001", 4, Vec3::X * 80.0);
    editor.act(A::SaveThen(Box::new(A::New)));
    assert_eq!(editor.design().len(), 0);
    let saved = std::fs::read_to_string(&path).expect("saved first");
    assert_eq!(saved.matches("3001").count(), 2);

    editor.add("3001", 4, Vec3::ZERO);
    editor.act(A::DiscardThen(Box::new(A::New)));
    assert_eq!(editor.design().len(), 0);
}

#[test]
fn an_imported_model_is_one_submodel_and_one_undo() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("engine.mpd");
    let text = "0 FILE main.ldr\n0 Engine\n1 4 0 0 0 1 0 0 0 1 0 0 0 1 wheel.ldr\n1 16 0 -24 0 1 0 0 0 1 0 0 0 1 3001.dat\n0 STEP\n\
                1 4 40 0 0 1 0 0 0 1 0 0 0 1 wheel.ldr\n0 FILE wheel.ldr\n0 Wheel\n1 0 0 0 0 1 0 0 0 1 0 0 0 1 3003.dat\n";
    std::fs::write(&path, text).expect("written");
    let mut editor = Editor::new();
    editor.add("3001", 4, Vec3::ZERO);
    let before = editor.ron();
    editor.act(A::ImportPath(path));
    editor.wait();
    assert_eq!(editor.design().part_count(), 1 + 3);
    assert_eq!(editor.design().submodels().count(), 3);
    editor.act(A::Undo);
    assert_eq!(editor.ron(), before);
    editor.act(A::Redo);
    assert_eq!(editor.design().part_count(), 4);
}

#[test]
fn a_starter_opens_as_a_copy_that_save_asks_a_name_for() {
    for starter in studwork::files::starters::STARTERS {
        let mut editor = Editor::new();
        editor.act(A::OpenStarter(starter.file.trim_end_matches(".ron").into()));
        assert_eq!(editor.design().title(), starter.title);
        assert!(editor.design().part_count() >= 30, "{} is empty", starter.title);
        assert_eq!(editor.get::<Document>().path(), None);
    }
}

/// A server that answers one request and hangs up.
fn serve_once(answer: String) -> String {
    use std::io::{Read as _, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("the port's address");
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a request");
        let mut request = [0; 1024];
        let _ = stream.read(&mut request).expect("the request's text");
        stream.write_all(answer.as_bytes()).expect("the answer is taken");
    });
    format!("http://{address}/models/small%20car.ldr")
}

#[test]
fn a_model_is_opened_from_the_web() {
    let text = "0 Car\r\n1 4 0 0 0 1 0 0 0 1 0 0 0 1 3001.dat\r\n";
    let length = text.len();
    let address = serve_once(format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{text}"));
    let mut editor = Editor::new();
    editor.act(A::OpenAddress(address));
    editor.wait();
    assert_eq!(editor.errors(), ["Opened small car.ldr: 1 piece"]);
    assert_eq!(editor.design().title(), "Car");
    assert_eq!(editor.get::<Document>().path(), None);

    let address = serve_once("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".into());
    editor.act(A::OpenAddress(address));
    editor.wait();
    assert!(editor.errors().iter().any(|text| text.contains("404")), "{:?}", editor.errors());
    assert_eq!(editor.design().title(), "Car", "the open design stays");
}

#[test]
fn a_file_that_cannot_be_read_leaves_the_open_design() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("broken.ron");
    std::fs::write(&path, "(format: 1, pieces: [").expect("written");
    let mut editor = Editor::new();
    editor.act(A::OpenPath(path));
    editor.wait();
    assert!(editor.errors().iter().any(|text| text.contains("broken.ron")), "{:?}", editor.errors());
    editor.add("3001", 4, Vec3::ZERO);
    assert_eq!(editor.design().len(), 1);
}
