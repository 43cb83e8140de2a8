//! Files that want to do harm, or were made by a later version.

use std::fmt::Write as _;
use studwork_core::{FormatError, PieceId, from_ldraw, from_ron, to_ron};
use studwork_ldraw::parse;

fn file(submodels: &str) -> String {
    format!("(format: 1, submodels: [{submodels}])")
}

fn main_with(items: &str) -> String {
    file(&format!("(id: 1, name: \"main\", steps: [(id: 1, items: [{items}])])"))
}

fn message(text: &str) -> String {
    from_ron(text).unwrap_err().to_string()
}

#[test]
fn a_newer_format_is_refused_with_its_number() {
    assert_eq!(from_ron("(format: 2, bricks: [1, 2])").unwrap_err(), FormatError::Newer { found: 2 });
    assert!(message("// a comment\n( format : 17)").contains("format 17"));
    assert_eq!(from_ron("(title: \"x\", format: 1)").unwrap_err(), FormatError::NotADesign);
    assert_eq!(from_ron("(format: 0)").unwrap_err(), FormatError::NotADesign);
    assert_eq!(from_ron("").unwrap_err(), FormatError::NotADesign);
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let text = "(\n    format: 1,\n    submodels: [\n        (id: 1, nam: \"main\"),\n    ],\n)";
    let FormatError::Syntax { line, column, message } = from_ron(text).unwrap_err() else { panic!("a syntax error") };
    assert_eq!((line, column > 10), (4, true), "{message}");
    assert!(message.contains("nam"), "{message}");
}

#[test]
fn what_no_design_may_be_is_refused() {
    for (text, says) in [
        (file(""), "no submodel"),
        (main_with("Piece(id: 1, part: \"3001\"), Piece(id: 1, part: \"3002\")"), "piece 1 is there twice"),
        (main_with("Piece(id: 1, part: \"\")"), "names no part"),
        (main_with("Piece(id: 1, part: \"3001\", at: (inf, 0, 0))"), "numbers between"),
        (main_with("Piece(id: 1, part: \"3001\", at: (1e30, 0, 0))"), "numbers between"),
        (main_with("Piece(id: 1, part: \"3001\", turn: \"y91\")"), "no turn named"),
        (main_with("Piece(id: 1, part: \"3001\", turn: \"y90\", matrix: (1,0,0,0,1,0,0,0,1))"), "both"),
        (main_with("Piece(id: 1, part: \"3001\", group: 3)"), "group 3"),
        (main_with("Model(id: 1, submodel: 1)"), "main → main"),
        (main_with("Model(id: 1, submodel: 9)"), "submodel 9"),
        (main_with("Line(\"1 4 0 0 0 1 0 0 0 1 0 0 0 1 3001.dat\")"), "write it as a Piece"),
        (main_with("Piece(id: 4294967295, part: \"3001\")"), "no numbers left"),
        (file("(id: 1, name: \"a\"), (id: 2, name: \"A.ldr\")"), "taken"),
        (file("(id: 1, name: \" \")"), "empty"),
        (
            "(format: 1, groups: [(id: 1, name: \"a\", parent: 1)], submodels: [(id: 1, name: \"m\")])".to_owned(),
            "itself",
        ),
    ] {
        let message = message(&text);
        assert!(message.contains(says), "{text}\n{message}");
    }
}

#[test]
fn a_file_written_by_hand_may_leave_numbers_out() {
    let text = main_with("Piece(part: \"3001\"), Piece(id: 1, part: \"3002\"), Piece(part: \"3003\")");
    let design = from_ron(&text).unwrap().value;
    assert_eq!(design.validate(), Vec::<String>::new());
    let parts: Vec<_> =
        design.pieces_in(design.main()).map(|piece| (piece.id, piece.part().unwrap().to_string())).collect();
    let expected = [(2, "3001"), (1, "3002"), (3, "3003")].map(|(id, part)| (PieceId(id), part.to_owned()));
    assert_eq!(parts, expected);
    assert_eq!(from_ron(&to_ron(&design)).unwrap().value, design);
}

#[test]
fn nesting_and_size_have_limits() {
    let deep = format!("(format: 1, submodels: {}", "[".repeat(100_000));
    assert!(matches!(from_ron(&deep).unwrap_err(), FormatError::Syntax { .. }));
    assert_eq!(from_ron(&format!("(format: 1{}", "(".repeat(9_000_000))).unwrap_err(), FormatError::TooMany);
}

/// Each submodel places the one after it twice.
fn doubling(levels: usize) -> String {
    let mut submodels = String::new();
    for id in 1..=levels {
        let (a, b, next) = (2 * id - 1, 2 * id, id + 1);
        let items = if id == levels {
            format!("Piece(id: {a}, part: \"3001\")")
        } else {
            format!("Model(id: {a}, submodel: {next}), Model(id: {b}, submodel: {next})")
        };
        write!(submodels, "(id: {id}, name: \"m{id}\", steps: [(id: {id}, items: [{items}])]),").unwrap();
    }
    file(&submodels)
}

#[test]
fn a_small_file_cannot_hold_endless_pieces() {
    assert_eq!(from_ron(&doubling(15)).unwrap().value.part_count(), 1 << 14);
    assert!(message(&doubling(60)).contains("pieces are more than"));
    assert!(message(&doubling(400)).contains("nested 400 deep"));
}

#[test]
fn ldraw_loops_are_named() {
    let text = "0 FILE a.ldr\n1 16 0 0 0 1 0 0 0 1 0 0 0 1 B.LDR\n0 FILE b.ldr\n1 16 0 0 0 1 0 0 0 1 0 0 0 1 a.ldr\n";
    let error = from_ldraw(&parse(text.as_bytes(), "x").unwrap().value, &|_| true).unwrap_err().to_string();
    assert!(error.contains("a → b → a"), "{error}");
}
