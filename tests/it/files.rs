//! Saving, opening, importing and the question about unsaved changes, through actions.

use crate::editor::Editor;
use bevy::math::Vec3;
use studwork::document::Document;
use studwork::document::action::EditorAction as A;
use studwork::feedback::Dialog;

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
