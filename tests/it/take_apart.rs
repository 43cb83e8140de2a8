//! Taking apart and building again, through actions.

use crate::editor::Editor;
use bevy::math::Vec3;
use studwork::document::action::EditorAction as A;
use studwork_core::{ColorRef, PartId, Pose};

/// Three bricks on each other, taken apart wholly, to be built again.
fn taken_apart() -> Editor {
    let mut editor = Editor::new();
    for level in 0..3 {
        editor.add("3001", 4, Vec3::new(0.0, -24.0 * level as f32, 0.0));
    }
    editor.act(A::TakeApart);
    editor.wait();
    editor.app.update();
    for _ in 0..3 {
        editor.act(A::TakeOffNext);
    }
    assert_eq!(off(&editor), 3);
    editor.act(A::Rebuild(true));
    editor
}

fn off(editor: &Editor) -> usize {
    editor.design().build_session().map_or(0, |session| session.progress().0)
}

fn brick() -> A {
    A::ChooseHeap(Some((PartId::new("3001"), ColorRef::Code(4))))
}

#[test]
fn a_piece_of_the_tray_goes_only_where_it_belongs() {
    let mut editor = taken_apart();
    let before = editor.ron();
    editor.act(brick());
    editor.act(A::Place(Pose::at(Vec3::new(200.0, 0.0, 0.0))));
    assert_eq!(off(&editor), 3, "it does not belong there");
    editor.act(A::Place(Pose::at(Vec3::ZERO)));
    assert_eq!(off(&editor), 2);
    editor.act(A::ForgetTakeApart);
    assert_eq!(editor.design().len(), 3);
    assert_ne!(before, editor.ron(), "the design no longer says that it is taken apart");
}

#[test]
fn building_freely_uses_the_trays_pieces_and_can_be_undone() {
    let mut editor = taken_apart();
    let poses = |editor: &Editor| editor.design().pieces().map(|piece| piece.pose).collect::<Vec<_>>();
    let before = poses(&editor);
    editor.act(A::BuildFreely(true));
    editor.act(brick());
    let places = [Vec3::new(200.0, 0.0, 0.0), Vec3::new(200.0, -24.0, 20.0), Vec3::new(300.0, 0.0, 0.0)];
    for (number, place) in places.into_iter().enumerate() {
        editor.act(A::Place(Pose::at(place)));
        assert_eq!(off(&editor), 2 - number);
    }
    assert!(editor.tools().hand.is_none(), "the tray is empty");
    assert_eq!(editor.design().len(), 3, "no piece was added");
    let mut built: Vec<Vec3> = poses(&editor).iter().map(|pose| pose.position).collect();
    built.sort_by(|a, b| a.to_array().partial_cmp(&b.to_array()).expect("numbers"));
    assert_eq!(built, [places[1], places[0], places[2]]);
    for number in 1..=3 {
        editor.act(A::Undo);
        assert_eq!(off(&editor), number);
    }
    assert_eq!(poses(&editor), before);
    editor.act(A::Undo);
    assert_eq!(off(&editor), 2, "what was taken off before goes back on");
}
