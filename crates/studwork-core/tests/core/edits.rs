//! What each edit does, seen from outside.

use glam::{Mat3, Vec3};
use std::f32::consts::FRAC_PI_2;
use studwork_core::{
    Applied, Axis, Change, ColorRef, Content, Design, Edit, EditError, GroupId, NewPiece, PartId, PieceId, Pose,
    SubmodelId, to_ron,
};

fn brick(x: f32) -> NewPiece {
    NewPiece::part("3001", ColorRef::Code(4), Pose::at(Vec3::new(x, 0.0, 0.0)))
}

/// A design with bricks at these x.
fn bricks(xs: &[f32]) -> (Design, Vec<PieceId>) {
    let mut design = Design::new();
    let pieces = xs.iter().map(|&x| brick(x)).collect();
    let submodel = design.main();
    let added = apply(&mut design, Edit::AddPieces { submodel, step: None, pieces });
    (design, added.added().collect())
}

/// Applies an edit, and checks that the design is sound, that the inverse takes it back, and that it can be redone.
#[expect(clippy::needless_pass_by_value, reason = "an edit is mostly made in the call")]
fn apply(design: &mut Design, edit: Edit) -> Applied {
    let before = to_ron(design);
    let applied = design.apply(edit.clone()).unwrap_or_else(|error| panic!("{edit:?}: {error}"));
    let after = to_ron(design);
    assert_eq!(design.validate(), Vec::<String>::new(), "{edit:?}");
    let back = design.apply(applied.inverse.clone()).unwrap();
    assert_eq!(to_ron(design), before, "{edit:?}");
    design.apply(back.inverse).unwrap();
    assert_eq!(to_ron(design), after, "{edit:?}");
    applied
}

fn refused(design: &mut Design, edit: Edit) -> EditError {
    let before = to_ron(design);
    let error = design.apply(edit).unwrap_err();
    assert_eq!(to_ron(design), before);
    assert_eq!(design.validate(), Vec::<String>::new());
    error
}

fn positions(design: &Design) -> Vec<[f32; 3]> {
    let mut all = Vec::new();
    design.flatten(design.main(), &mut |piece| all.push(piece.transform.translation.to_array()));
    all
}

fn steps(design: &Design) -> Vec<Vec<PieceId>> {
    design.submodel(design.main()).unwrap().steps.iter().map(|step| step.pieces().collect()).collect()
}

#[test]
fn pieces_are_added_moved_turned_and_painted() {
    let (mut design, ids) = bricks(&[0.0, 80.0]);
    apply(&mut design, Edit::Move { pieces: ids.clone(), offset: Vec3::new(0.0, -24.0, 0.0) });
    let rotation = Mat3::from_rotation_y(FRAC_PI_2);
    apply(&mut design, Edit::Rotate { pieces: ids.clone(), pivot: Vec3::ZERO, rotation });
    assert_eq!(positions(&design), [[0.0, -24.0, 0.0], [0.0, -24.0, -80.0]]);
    for _ in 0..3 {
        apply(&mut design, Edit::Rotate { pieces: ids.clone(), pivot: Vec3::ZERO, rotation });
    }
    assert_eq!(design.piece(ids[1]).unwrap().pose, Pose::at(Vec3::new(80.0, -24.0, 0.0)), "no drift");
    let applied = apply(&mut design, Edit::Recolor { pieces: vec![ids[0], ids[0]], color: ColorRef::Code(1) });
    assert_eq!(applied.changes, [Change::PieceChanged(ids[0])]);
    let applied = apply(&mut design, Edit::RemovePieces(vec![ids[0]]));
    assert!(matches!(&applied.changes[..], [Change::PieceRemoved(id, piece, _), Change::StepsChanged(_)]
        if *id == ids[0] && piece.color == ColorRef::Code(1)));
    apply(&mut design, Edit::ReplacePart { pieces: vec![ids[1]], content: Content::Part(PartId::new("3003")) });
    assert_eq!(design.piece(ids[1]).unwrap().part().unwrap().as_str(), "3003");
}

#[test]
fn arrays_make_rows_and_rings() {
    let (mut design, ids) = bricks(&[80.0]);
    let row = Edit::ArrayLinear { pieces: ids.clone(), count: 2, offset: Vec3::new(0.0, -24.0, 0.0) };
    apply(&mut design, row);
    assert_eq!(positions(&design), [[80.0, 0.0, 0.0], [80.0, -24.0, 0.0], [80.0, -48.0, 0.0]]);
    let (mut design, ids) = bricks(&[80.0]);
    let angle = FRAC_PI_2;
    apply(&mut design, Edit::ArrayAround { pieces: ids, count: 3, pivot: Vec3::ZERO, axis: Vec3::Y * 5.0, angle });
    assert_eq!(positions(&design), [[80.0, 0.0, 0.0], [0.0, 0.0, -80.0], [-80.0, 0.0, 0.0], [0.0, 0.0, 80.0]]);
}

#[test]
fn mirrored_pieces_stay_real_bricks() {
    let mut design = Design::new();
    let turned = Mat3::from_rotation_y(FRAC_PI_2);
    let pieces = ["41747", "3001", "4070", "odd"]
        .map(|part| NewPiece::part(part, ColorRef::Code(4), Pose::new(Vec3::new(30.0, 0.0, 10.0), turned)));
    let submodel = design.main();
    let added = apply(&mut design, Edit::AddPieces { submodel, step: None, pieces: pieces.to_vec() });
    let ids: Vec<PieceId> = added.added().collect();
    let twin_of = |part: &PartId| match part.as_str() {
        "41747" => Some((PartId::new("41748"), Axis::Z)),
        "3001" => Some((part.clone(), Axis::X)),
        "4070" => Some((part.clone(), Axis::X)),
        _ => None,
    };
    let edit = Edit::mirror(&design, ids.clone(), Axis::X, 10.0, &twin_of);
    let before: Vec<_> = ids.iter().map(|&id| design.piece(id).unwrap().clone()).collect();
    let applied = apply(&mut design, edit.clone());
    assert_eq!(applied.notes.len(), 1);
    assert!(applied.notes[0].starts_with("odd "), "{:?}", applied.notes);
    assert_eq!(design.piece(ids[0]).unwrap().part().unwrap().as_str(), "41748");
    let corner = Vec3::new(7.0, 3.0, 2.0);
    for (old, reversed) in before.iter().zip([Axis::Z, Axis::X, Axis::X, Axis::X]) {
        let new = design.piece(old.id).unwrap();
        assert!((new.pose.rotation.determinant() - 1.0).abs() < 1e-6, "a proper turn");
        // The twin's mirrored corner lands where the mirror puts the part's corner.
        let seen = old.pose.to_affine().transform_point3(corner);
        let expected = Vec3::new(20.0 - seen.x, seen.y, seen.z);
        let mirrored_corner = reversed.reflection() * corner;
        assert!(new.pose.to_affine().transform_point3(mirrored_corner).distance(expected) < 1e-4);
    }
    let back = Edit::mirror(&design, ids.clone(), Axis::X, 10.0, &|part| match part.as_str() {
        "41748" => Some((PartId::new("41747"), Axis::Z)),
        _ => twin_of(part),
    });
    apply(&mut design, back);
    for old in before {
        assert_eq!(design.piece(old.id), Some(&old), "mirrored twice is as before");
    }
}

#[test]
fn a_mirrored_submodel_is_a_copy_whose_pieces_are_mirrored() {
    let mut design = Design::new();
    let main = design.main();
    let turned = Mat3::from_rotation_y(0.3);
    let pieces = [(10.0, Mat3::IDENTITY), (90.0, turned), (170.0, Mat3::IDENTITY)]
        .map(|(x, turn)| NewPiece::part("41747", ColorRef::Code(4), Pose::new(Vec3::new(x, -8.0, 30.0), turn)));
    let added = apply(&mut design, Edit::AddPieces { submodel: main, step: None, pieces: pieces.to_vec() });
    let ids: Vec<PieceId> = added.added().collect();
    apply(&mut design, Edit::MakeSubmodel { pieces: ids[1..].to_vec(), name: "inner".into() });
    let inner = design.pieces_in(main).find(|piece| piece.part().is_none()).unwrap().id;
    apply(&mut design, Edit::MakeSubmodel { pieces: vec![ids[0], inner], name: "wing".into() });
    let wing = design.pieces_in(main).next().unwrap().id;
    let twin_of = |part: &PartId| {
        let twin = if part.as_str() == "41747" { "41748" } else { "41747" };
        Some((PartId::new(twin), Axis::Z))
    };
    let corner = Vec3::new(7.0, 3.0, 2.0);
    let seen = |design: &Design, corner: Vec3| {
        let mut all = Vec::new();
        design.flatten(design.main(), &mut |flat| {
            all.push((flat.part.as_str().to_owned(), flat.transform.transform_point3(corner)));
        });
        all
    };
    let before = to_ron(&design);
    let expected: Vec<Vec3> =
        seen(&design, corner).into_iter().map(|(_, at)| Vec3::new(40.0 - at.x, at.y, at.z)).collect();
    let edit = Edit::mirror(&design, vec![wing], Axis::X, 20.0, &twin_of);
    let applied = apply(&mut design, edit);
    assert_eq!(applied.notes, Vec::<String>::new());
    let found = seen(&design, Axis::Z.reflection() * corner);
    assert_eq!(found.len(), 3);
    for ((part, at), expected) in found.iter().zip(&expected) {
        assert_eq!(part, "41748");
        assert!(at.distance(*expected) < 1e-3, "{at} for {expected}");
    }
    let names: Vec<&str> = design.submodels().map(|submodel| submodel.name.as_str()).collect();
    assert_eq!(names[1..], ["inner", "wing", "inner mirrored", "wing mirrored"]);
    assert_eq!(design.validate(), Vec::<String>::new());
    // Undone it is as before; mirrored once more it shows the first submodel again.
    let mut undone = design.clone();
    apply(&mut undone, applied.inverse);
    assert_eq!(to_ron(&undone), before);
    let edit = Edit::mirror(&design, vec![wing], Axis::X, 20.0, &twin_of);
    apply(&mut design, edit);
    assert_eq!(design.submodels().count(), 5, "no third wing");
    let Content::Submodel(again) = design.piece(wing).unwrap().content else { panic!("it is a submodel") };
    assert_eq!(design.submodel(again).unwrap().name, "wing");
}

#[test]
fn groups_nest_and_vanish_when_empty() {
    let (mut design, ids) = bricks(&[0.0, 80.0, 160.0]);
    apply(&mut design, Edit::Group { pieces: ids[..2].to_vec(), name: "inner".to_owned() });
    apply(&mut design, Edit::Group { pieces: ids.clone(), name: "outer".to_owned() });
    let (inner, outer) = (GroupId(1), GroupId(2));
    assert_eq!(design.group(inner).unwrap().parent, Some(outer));
    assert_eq!(design.outermost_group_of(ids[0]), Some(outer));
    assert_eq!(design.pieces_in_group(outer), ids);
    let copied = apply(&mut design, Edit::Duplicate { pieces: ids.clone(), offset: Vec3::X });
    let copies: Vec<PieceId> = copied.added().collect();
    let copy = design.outermost_group_of(copies[0]).unwrap();
    assert!(copy != outer && design.pieces_in_group(copy) == copies, "copies have groups of their own");
    apply(&mut design, Edit::RemovePieces(ids[..2].to_vec()));
    assert_eq!(design.group(inner), None);
    apply(&mut design, Edit::Ungroup(outer));
    assert_eq!(design.piece(ids[2]).unwrap().group, None);
    assert_eq!(refused(&mut design, Edit::Ungroup(outer)), EditError::UnknownGroup(outer));
}

#[test]
fn a_submodel_is_made_placed_again_and_taken_apart() {
    let (mut design, ids) = bricks(&[0.0, 80.0, 160.0]);
    let flat = positions(&design);
    apply(&mut design, Edit::MakeSubmodel { pieces: ids[1..].to_vec(), name: "pair".to_owned() });
    assert_eq!(positions(&design), flat);
    let pair = design.submodel_named("PAIR.ldr").unwrap().id;
    let placement = design.occurrences_of(pair)[0];
    assert_eq!(design.piece(placement).unwrap().pose, Pose::at(Vec3::new(80.0, 0.0, 0.0)));
    assert_eq!(steps(&design), [[ids[0], placement]]);
    let pose = Pose::new(Vec3::new(0.0, 0.0, 500.0), Mat3::from_rotation_y(FRAC_PI_2));
    let again = NewPiece { content: Content::Submodel(pair), color: ColorRef::Code(2), pose, group: None };
    let submodel = design.main();
    let again = apply(&mut design, Edit::AddPieces { submodel, step: None, pieces: vec![again] });
    let second = again.added().next().unwrap();
    assert_eq!(design.part_count(), 5);
    let flat = positions(&design);
    apply(&mut design, Edit::InlineSubmodel(second));
    assert_eq!(positions(&design), flat);
    assert_eq!(design.occurrences_of(pair), [placement], "the other occurrence stays");
    apply(&mut design, Edit::InlineSubmodel(placement));
    assert_eq!(positions(&design), flat);
    assert_eq!(design.submodel(pair), None, "the last occurrence takes the submodel along");
    assert!(design.place_of(ids[2]).is_some(), "and its pieces keep their numbers");
    assert_eq!(refused(&mut design, Edit::InlineSubmodel(ids[0])), EditError::NotASubmodel(ids[0]));
}

#[test]
fn a_submodel_cannot_hold_itself() {
    let (mut design, ids) = bricks(&[0.0, 80.0]);
    apply(&mut design, Edit::MakeSubmodel { pieces: vec![ids[0]], name: "a".to_owned() });
    let a = design.submodel_named("a").unwrap().id;
    let main = design.main();
    for (inner, outer) in [(a, a), (main, a), (main, main)] {
        let piece = NewPiece { content: Content::Submodel(inner), ..brick(0.0) };
        let error = refused(&mut design, Edit::AddPieces { submodel: outer, step: None, pieces: vec![piece] });
        assert!(matches!(error, EditError::Loop { .. }), "{error}");
    }
    let error = refused(&mut design, Edit::ReplacePart { pieces: vec![ids[1]], content: Content::Submodel(main) });
    assert!(matches!(error, EditError::Loop { .. }), "{error}");
    let error = refused(&mut design, Edit::DeleteSubmodel(main));
    assert_eq!(error, EditError::MainSubmodel);
    apply(&mut design, Edit::DeleteSubmodel(a));
    assert_eq!(design.len(), 1);
}

#[test]
fn nesting_stops_before_it_is_too_deep() {
    let (mut design, ids) = bricks(&[0.0]);
    let mut inner = ids[0];
    for level in 1..=studwork_core::MAX_DEPTH {
        let edit = Edit::MakeSubmodel { pieces: vec![inner], name: format!("level {level}") };
        match design.apply(edit) {
            Ok(applied) => inner = applied.added().max().unwrap(),
            Err(error) => {
                assert!(matches!(error, EditError::TooDeep(_)), "{error}");
                assert_eq!(level, studwork_core::MAX_DEPTH);
            }
        }
        assert_eq!(design.part_count(), 1);
    }
    assert_eq!(design.validate(), Vec::<String>::new());
}

#[test]
fn steps_are_added_split_merged_moved_and_deleted() {
    let (mut design, ids) = bricks(&[0.0, 1.0, 2.0, 3.0]);
    let main = design.main();
    let first = design.submodel(main).unwrap().steps[0].id;
    apply(&mut design, Edit::SplitStep { step: first, at: 1 });
    assert_eq!(steps(&design), [vec![ids[0]], ids[1..].to_vec()]);
    let second = design.submodel(main).unwrap().steps[1].id;
    apply(&mut design, Edit::MoveStep { step: second, to: 0 });
    assert_eq!(steps(&design), [ids[1..].to_vec(), vec![ids[0]]]);
    apply(&mut design, Edit::MovePiecesToStep { pieces: vec![ids[3], ids[2]], step: first });
    assert_eq!(steps(&design), [vec![ids[1]], vec![ids[0], ids[2], ids[3]]]);
    apply(&mut design, Edit::AddStep { submodel: main, at: 1 });
    assert_eq!(steps(&design)[1], []);
    apply(&mut design, Edit::MergeStep(first));
    assert_eq!(steps(&design), [vec![ids[1]], vec![ids[0], ids[2], ids[3]]]);
    assert_eq!(refused(&mut design, Edit::MergeStep(second)), EditError::FirstStep);
    apply(&mut design, Edit::DeleteStep(second));
    assert_eq!(steps(&design), [vec![ids[0], ids[2], ids[3]]]);
    let last = design.submodel(main).unwrap().steps[0].id;
    apply(&mut design, Edit::DeleteStep(last));
    assert_eq!((design.len(), steps(&design).len()), (0, 1));
}

#[test]
fn what_is_refused_changes_nothing() {
    let (mut design, ids) = bricks(&[0.0]);
    let gone = PieceId(99);
    let main = design.main();
    let name = || "x".to_owned();
    let bad = vec![NewPiece { pose: Pose::at(Vec3::new(f32::INFINITY, 0.0, 0.0)), ..brick(0.0) }];
    for edit in [
        Edit::RemovePieces(vec![ids[0], gone]),
        Edit::Move { pieces: ids.clone(), offset: Vec3::NAN },
        Edit::Move { pieces: ids.clone(), offset: Vec3::splat(1e8) },
        Edit::SetPoses(vec![(ids[0], Pose::IDENTITY), (gone, Pose::IDENTITY)]),
        Edit::AddPieces { submodel: main, step: None, pieces: bad },
        Edit::AddPieces { submodel: SubmodelId(7), step: None, pieces: vec![brick(0.0)] },
        Edit::ArrayLinear { pieces: ids.clone(), count: u32::MAX, offset: Vec3::X },
        Edit::Group { pieces: Vec::new(), name: name() },
        Edit::Group { pieces: ids.clone(), name: " \n ".to_owned() },
        Edit::MakeSubmodel { pieces: ids.clone(), name: "MAIN".to_owned() },
        Edit::AddSubmodel { name: String::new() },
        // All or nothing: the first two are fine.
        Edit::Batch(vec![
            Edit::MakeSubmodel { pieces: ids.clone(), name: name() },
            Edit::AddStep { submodel: main, at: 0 },
            Edit::RemovePieces(vec![gone]),
        ]),
    ] {
        let error = refused(&mut design, edit).to_string();
        assert!(error.len() > 20, "{error}");
    }
    let added = apply(&mut design, Edit::Duplicate { pieces: ids, offset: Vec3::X });
    assert_eq!(added.added().next(), Some(PieceId(2)), "what was refused used up no number");
}

#[test]
fn edits_are_data() {
    let (mut design, ids) = bricks(&[0.0, 80.0]);
    let mut twin = design.clone();
    let edits = vec![
        Edit::Move { pieces: ids.clone(), offset: Vec3::X },
        Edit::MakeSubmodel { pieces: ids, name: "wing".to_owned() },
    ];
    let text = ron::to_string(&edits).unwrap();
    let read: Vec<Edit> = ron::from_str(&text).unwrap();
    let applied = design.apply(Edit::Batch(edits)).unwrap();
    twin.apply(Edit::Batch(read)).unwrap();
    assert_eq!(design, twin);
    let way: Edit = ron::from_str(&ron::to_string(&applied.inverse).unwrap()).unwrap();
    twin.apply(way).unwrap();
    design.apply(applied.inverse).unwrap();
    assert_eq!(to_ron(&design), to_ron(&twin));
}
