//! What undo and redo feel like.

use glam::Vec3;
use studwork_core::{Change, ColorRef, Design, Edit, History, InfoField, NewPiece, PieceId, Pose, from_ron, to_ron};

fn three_bricks() -> (Design, Vec<PieceId>) {
    let mut design = Design::new();
    let at = |x: f32| NewPiece::part("3001", ColorRef::Code(4), Pose::at(Vec3::new(x, 0.0, 0.0)));
    let edit = Edit::AddPieces { submodel: design.main(), step: None, pieces: vec![at(0.0), at(80.0), at(160.0)] };
    let pieces = design.apply(edit).unwrap().added().collect();
    (design, pieces)
}

fn nudge(design: &mut Design, history: &mut History, pieces: &[PieceId], key: Option<u64>) {
    let applied = design.apply(Edit::Move { pieces: pieces.to_vec(), offset: Vec3::X }).unwrap();
    history.push(applied, "Nudge", pieces.to_vec(), key);
}

#[test]
fn twenty_nudges_are_one_undo() {
    let (mut design, pieces) = three_bricks();
    let mut history = History::new();
    let before = to_ron(&design);
    for _ in 0..20 {
        nudge(&mut design, &mut history, &pieces, Some(7));
    }
    assert_eq!(design.piece(pieces[0]).unwrap().pose.position.x, 20.0);
    let after = to_ron(&design);
    assert_eq!(history.labels().count(), 1);
    let undone = history.undo(&mut design).unwrap();
    assert_eq!(undone.selection, pieces);
    assert_eq!(undone.changes.len(), 3);
    assert_eq!(to_ron(&design), before);
    assert!(!history.can_undo());
    history.redo(&mut design).unwrap();
    assert_eq!(to_ron(&design), after);
}

#[test]
fn merging_edits_of_different_kinds_still_goes_back_all_the_way() {
    let (mut design, pieces) = three_bricks();
    let mut history = History::new();
    let before = to_ron(&design);
    for edit in [
        Edit::Move { pieces: pieces.clone(), offset: Vec3::X },
        Edit::Duplicate { pieces: pieces.clone(), offset: Vec3::Y },
        Edit::RemovePieces(vec![pieces[0]]),
    ] {
        let applied = design.apply(edit).unwrap();
        history.push(applied, "Gesture", Vec::new(), Some(1));
    }
    let after = to_ron(&design);
    history.undo(&mut design).unwrap();
    assert_eq!(to_ron(&design), before);
    history.redo(&mut design).unwrap();
    assert_eq!(to_ron(&design), after);
}

#[test]
fn a_gesture_ends_with_another_key_a_save_an_undo_or_a_seal() {
    let (mut design, pieces) = three_bricks();
    let mut history = History::new();
    nudge(&mut design, &mut history, &pieces, Some(1));
    nudge(&mut design, &mut history, &pieces, Some(2));
    assert_eq!(history.labels().count(), 2);
    nudge(&mut design, &mut history, &pieces, None);
    nudge(&mut design, &mut history, &pieces, None);
    assert_eq!(history.labels().count(), 4);
    nudge(&mut design, &mut history, &pieces, Some(3));
    history.mark_saved();
    nudge(&mut design, &mut history, &pieces, Some(3));
    assert!(history.is_dirty());
    assert_eq!(history.labels().count(), 6);
    history.undo(&mut design).unwrap();
    assert!(!history.is_dirty(), "undo gets back to what was saved");
    nudge(&mut design, &mut history, &pieces, Some(3));
    assert_eq!(history.labels().count(), 6);
    history.seal();
    nudge(&mut design, &mut history, &pieces, Some(3));
    assert_eq!(history.labels().count(), 7);
}

#[test]
fn what_changes_nothing_is_no_entry() {
    let (mut design, pieces) = three_bricks();
    let mut history = History::new();
    let main = design.main();
    let title = InfoField::Title(String::new());
    for edit in [
        Edit::Move { pieces: pieces.clone(), offset: Vec3::ZERO },
        Edit::Recolor { pieces: pieces.clone(), color: ColorRef::Code(4) },
        Edit::RemovePieces(Vec::new()),
        Edit::AddPieces { submodel: main, step: None, pieces: Vec::new() },
        Edit::SetInfo(title),
        Edit::RenameSubmodel { submodel: main, name: "main".to_owned() },
        Edit::ArrayLinear { pieces: pieces.clone(), count: 0, offset: Vec3::X },
        Edit::Batch(vec![
            Edit::Move { pieces: pieces.clone(), offset: Vec3::X },
            Edit::Move { pieces, offset: Vec3::NEG_X },
        ]),
    ] {
        let applied = design.apply(edit.clone()).unwrap();
        assert_eq!(applied.changes, [], "{edit:?}");
        history.push(applied, "nothing", Vec::new(), None);
    }
    assert!(!history.can_undo() && !history.is_dirty());
}

#[test]
fn redo_is_gone_after_a_new_edit_and_the_saved_state_with_it() {
    let (mut design, pieces) = three_bricks();
    let mut history = History::new();
    nudge(&mut design, &mut history, &pieces, None);
    history.mark_saved();
    history.undo(&mut design).unwrap();
    assert!(history.is_dirty() && history.can_redo());
    nudge(&mut design, &mut history, &pieces, None);
    assert!(!history.can_redo());
    assert!(history.is_dirty(), "as many edits as when it was saved, but others");
    history.undo(&mut design).unwrap();
    assert!(history.is_dirty());
}

#[test]
fn undo_selects_what_was_selected_and_redo_what_came() {
    let (mut design, pieces) = three_bricks();
    let mut history = History::new();
    let applied = design.apply(Edit::Duplicate { pieces: pieces.clone(), offset: Vec3::Y }).unwrap();
    let copies: Vec<PieceId> = applied.added().collect();
    history.push(applied, "Duplicate 3 pieces", pieces.clone(), None);
    let undone = history.undo(&mut design).unwrap();
    assert_eq!((undone.selection, undone.label.as_str()), (pieces.clone(), "Duplicate 3 pieces"));
    assert_eq!(history.redo_label(), Some("Duplicate 3 pieces"));
    assert_eq!(history.redo(&mut design).unwrap().selection, copies);
    let applied = design.apply(Edit::RemovePieces(vec![copies[0]])).unwrap();
    assert!(matches!(applied.changes[0], Change::PieceRemoved(id, ..) if id == copies[0]));
    history.push(applied, "Delete", copies.clone(), None);
    assert_eq!(history.undo(&mut design).unwrap().selection, copies);
    assert_eq!(history.redo(&mut design).unwrap().selection, copies[1..]);
}

#[test]
fn numbers_are_never_given_twice() {
    let (mut design, pieces) = three_bricks();
    let mut history = History::new();
    let applied = design.apply(Edit::Duplicate { pieces: vec![pieces[0]], offset: Vec3::Y }).unwrap();
    let first: Vec<PieceId> = applied.added().collect();
    history.push(applied, "Duplicate", Vec::new(), None);
    history.undo(&mut design).unwrap();
    let applied = design.apply(Edit::Duplicate { pieces: vec![pieces[0]], offset: Vec3::Y }).unwrap();
    assert!(applied.added().all(|id| !first.contains(&id)), "a number came back after undo");
    history.push(applied, "Duplicate", Vec::new(), None);

    // Saved with the copy, undone, saved again: the copy's number stays taken in the file as well.
    design.keep_ids();
    let taken = design.pieces().map(|piece| piece.id).max().unwrap();
    history.undo(&mut design).unwrap();
    let mut reopened = from_ron(&to_ron(&design)).unwrap().value;
    let applied = reopened.apply(Edit::Duplicate { pieces: vec![pieces[0]], offset: Vec3::Y }).unwrap();
    assert!(applied.added().all(|id| id > taken));
}

#[test]
fn undo_of_a_design_that_was_changed_behind_its_back_is_refused() {
    let (mut design, pieces) = three_bricks();
    let mut history = History::new();
    nudge(&mut design, &mut history, &pieces, None);
    design.apply(Edit::RemovePieces(vec![pieces[1]])).unwrap();
    let before = to_ron(&design);
    assert!(history.try_undo(&mut design).is_err());
    assert_eq!(to_ron(&design), before);
    assert!(history.can_undo());
}
