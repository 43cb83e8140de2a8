//! Every action of the table, undone and redone, in every state in which it can be taken.

use crate::editor::Editor;
use bevy::math::Vec3;
use std::collections::BTreeSet;
use studwork::document::action::{ACTIONS, EditorAction as A};
use studwork_core::{ColorRef, PieceId};

/// States from which actions are taken.
fn states() -> Vec<(&'static str, Editor)> {
    let mut states = vec![("empty", Editor::new())];

    let mut selected = model();
    let pieces = selected.pieces();
    selected.act(A::Select(pieces[..3].to_vec()));
    states.push(("three pieces selected", selected));

    let mut grouped = model();
    let pieces = grouped.pieces();
    grouped.act(A::Select(pieces[1..3].to_vec()));
    grouped.act(A::Group);
    grouped.act(A::Copy);
    grouped.act(A::Undo);
    grouped.act(A::Redo);
    grouped.act(A::Edit(studwork_core::Edit::AddSubmodel { name: "spare".into() }));
    grouped.act(A::Undo);
    grouped.act(A::Select(pieces[1..3].to_vec()));
    states.push(("a group selected, something copied and something undone", grouped));

    let mut submodel = model();
    let pieces = submodel.pieces();
    submodel.act(A::Select(pieces[..2].to_vec()));
    submodel.act(A::MakeSubmodel);
    states.push(("a piece that places a submodel selected", submodel));

    let mut inside = model();
    let pieces = inside.pieces();
    inside.act(A::Select(pieces[..2].to_vec()));
    inside.act(A::MakeSubmodel);
    let made = inside.design().submodels().nth(1).expect("the submodel that was just made").id;
    inside.act(A::OpenSubmodel(made));
    let pieces = inside.pieces();
    inside.act(A::Select(pieces[..1].to_vec()));
    inside.act(A::Hide);
    states.push(("inside a submodel with something hidden", inside));

    let mut copy = model();
    let lineage = studwork_core::Lineage {
        sha256: "0".repeat(64),
        title: "Gate".into(),
        author: "Ann".into(),
        license: "CC-BY-4.0".into(),
        source: None,
    };
    copy.act(A::Edit(studwork_core::Edit::SetInfo(studwork_core::InfoField::Lineage(Some(lineage)))));
    let unsaved = studwork_library::journal::Unsaved {
        folder: "nowhere".into(),
        about: studwork_library::JournalAbout::default(),
        last_edit: 0,
        edits: 1,
        picture: None,
    };
    copy.app.world_mut().resource_mut::<studwork::library::Keep>().unsaved.push(unsaved);
    states.push(("a copy, with unsaved work of another time", copy));

    // A design that is not there yet has its file already; nothing can be written in this folder.
    let mut named = Editor::new();
    named.act(A::OpenPath("no-such-folder/gate.ron".into()));
    states.push(("a design with a file", named));

    let mut holding = model();
    holding.act(A::Take("3001".into()));
    states.push(("a part in hand", holding));
    states
}

/// Six pieces in two steps.
fn model() -> Editor {
    let mut editor = Editor::new();
    for (i, part) in ["3001", "3003", "3020", "3001"].into_iter().enumerate() {
        editor.add(part, 4, Vec3::new(i as f32 * 100.0, -24.0, 0.0));
    }
    editor.act(A::AddStep);
    editor.add("3001", 1, Vec3::new(0.0, -48.0, 0.0));
    editor.add("nobody-has-this", 14, Vec3::new(0.0, -48.0, 200.0));
    editor
}

#[test]
fn every_action_is_undone_and_redone() {
    let mut taken = BTreeSet::new();
    for index in 0..states().len() {
        for info in ACTIONS {
            let (name, mut editor) = states().swap_remove(index);
            let now = studwork::document::commit::availability(
                editor.get(),
                editor.get(),
                editor.get(),
                editor.view(),
                editor.tools(),
                editor.get(),
            );
            let available = (info.available)(&now).is_ok();
            let what = format!("{} with {name}", info.id);
            let before = editor.ron();
            editor.act(info.action.clone());
            let after = editor.ron();
            if !available {
                assert_eq!(before, after, "{what} is not available, yet it changed the design");
                continue;
            }
            taken.insert(info.id);
            let travels = matches!(info.action, A::Undo | A::Redo | A::New);
            if before != after && !travels {
                editor.act(A::Undo);
                assert_eq!(editor.ron(), before, "{what}: undo does not lead back");
                editor.act(A::Redo);
                assert_eq!(editor.ron(), after, "{what}: redo does not lead forth");
            }
        }
    }
    let missed: Vec<_> = ACTIONS.iter().map(|info| info.id).filter(|id| !taken.contains(id)).collect();
    assert!(missed.is_empty(), "no state allows {missed:?}");
}

#[test]
fn the_actions_that_should_change_the_design_do() {
    for id in [
        "edit.cut",
        "edit.duplicate",
        "edit.delete",
        "piece.turn_y",
        "piece.turn_x",
        "piece.turn_z",
        "piece.left",
        "piece.up",
        "piece.fine_back",
        "piece.mirror_x",
        "piece.group",
        "model.add_step",
        "model.split_step",
        "model.make_submodel",
    ] {
        let (_, mut editor) = states().swap_remove(1);
        let before = editor.ron();
        let info = studwork::document::action::by_id(id).expect("an action of the table");
        editor.act(info.action.clone());
        assert_ne!(editor.ron(), before, "{id} changed nothing");
    }
}

#[test]
fn twenty_nudges_are_one_undo() {
    let mut editor = model();
    let piece = editor.pieces()[0];
    editor.act(A::Select(vec![piece]));
    let before = editor.ron();
    for _ in 0..20 {
        editor.act(studwork::document::action::by_id("piece.up").expect("an action of the table").action.clone());
    }
    let y = editor.design().piece(piece).expect("the piece is there").pose.position.y;
    assert_eq!(y, -24.0 - 160.0);
    editor.act(A::Undo);
    assert_eq!(editor.ron(), before);
}

#[test]
fn undo_brings_pieces_back_with_their_selection() {
    let mut editor = model();
    let pieces: Vec<PieceId> = editor.pieces()[1..3].to_vec();
    editor.act(A::Select(pieces.clone()));
    editor.act(A::Delete);
    assert!(editor.selected().is_empty());
    editor.act(A::Undo);
    assert_eq!(editor.selected(), pieces);
}

#[test]
fn a_part_in_hand_is_placed_again_and_again_in_the_current_color() {
    let mut editor = Editor::new();
    editor.act(A::SetColor(ColorRef::Code(14)));
    editor.act(A::Take("3003".into()));
    for i in 0..3 {
        editor.act(A::Place(studwork_core::Pose::at(Vec3::new(i as f32 * 40.0, -24.0, 0.0))));
    }
    assert_eq!(editor.design().len(), 3);
    assert!(editor.design().pieces().all(|piece| piece.color == ColorRef::Code(14)));
    assert!(editor.tools().hand.is_some());
    editor.act(A::Escape);
    assert!(editor.tools().hand.is_none());
}

#[test]
fn editing_inside_a_submodel_changes_what_the_main_model_shows() {
    let mut editor = model();
    let pieces = editor.pieces();
    editor.act(A::Select(pieces[..2].to_vec()));
    editor.act(A::MakeSubmodel);
    editor.act(A::Duplicate);
    let parts = editor.design().part_count();
    let made = editor.design().submodels().nth(1).expect("the submodel that was just made").id;
    editor.act(A::OpenSubmodel(made));
    editor.add("3001", 2, Vec3::new(0.0, -96.0, 0.0));
    editor.act(A::LeaveSubmodel);
    assert_eq!(editor.design().part_count(), parts + 2);
    assert_eq!(editor.get::<studwork::projection::Projection>().listing().len(), parts + 2);
}

#[test]
fn a_group_over_several_steps_becomes_a_submodel() {
    let mut editor = model();
    let parts = editor.design().part_count();
    editor.act(A::SelectAll);
    editor.act(A::Group);
    editor.act(A::MakeSubmodel);
    assert_eq!(editor.errors(), [""; 0]);
    assert_eq!(editor.pieces().len(), 1);
    assert_eq!(editor.design().part_count(), parts);
    editor.act(A::Undo);
    assert_eq!(editor.pieces().len(), parts);
}

#[test]
fn a_copy_stands_beside_what_was_duplicated() {
    let mut editor = model();
    let piece = editor.pieces()[0];
    editor.act(A::Select(vec![piece]));
    editor.act(A::Duplicate);
    let copy = editor.selected()[0];
    let at = |piece| editor.design().piece(piece).expect("the piece is there").pose.position;
    let offset = at(copy) - at(piece);
    assert_eq!(offset.abs().max_element(), 80.0, "a 2 × 4 brick is four studs wide: {offset}");
}
