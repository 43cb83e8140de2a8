//! A comparison tells exactly what was edited, and brings it back.

use crate::models::{document, model_paths};
use glam::{Affine3A, Vec3};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;
use studwork_core::compare::{
    Changed, Comparison, Matching, RestoreError, compare, differing_steps, restore, restore_piece, restore_step,
};
use studwork_core::testing::{Rng, city, random_design, random_edit};
use studwork_core::{
    Change, ColorRef, Content, Design, Edit, History, NewPiece, PartId, Piece, PieceId, Pose, SubmodelId, from_ldraw,
    from_ron, to_ron,
};

/// What was known of each piece before any edit, as the edits' own changes tell it.
#[derive(Default)]
struct Shadow {
    before: BTreeMap<PieceId, Option<(Piece, SubmodelId)>>,
}

impl Shadow {
    fn note(&mut self, original: &Design, changes: &[Change]) {
        for change in changes {
            let id = match change {
                Change::PieceAdded(id) | Change::PieceChanged(id) | Change::PieceRemoved(id, ..) => *id,
                _ => continue,
            };
            let before = || Some((original.piece(id)?.clone(), original.place_of(id)?.0));
            self.before.entry(id).or_insert_with(before);
        }
    }
}

/// Where a piece ends up with all submodels spread out, found the slow way.
fn ends_up(design: &Design, piece: PieceId) -> Vec<[i32; 12]> {
    fn frames(design: &Design, piece: PieceId) -> Vec<Affine3A> {
        let Some((submodel, _)) = design.place_of(piece) else { return Vec::new() };
        let own = design.piece(piece).unwrap().pose.to_affine();
        if submodel == design.main() {
            return vec![own];
        }
        let outer = design.occurrences_of(submodel).into_iter().flat_map(|outer| frames(design, outer));
        outer.map(|outer| outer * own).collect()
    }
    let cell = |frame: Affine3A| {
        let numbers = frame.to_cols_array();
        std::array::from_fn(|i| (numbers[i] * if i < 9 { 1000.0 } else { 100.0 }).round() as i32)
    };
    let mut cells: Vec<[i32; 12]> = frames(design, piece).into_iter().map(cell).collect();
    cells.sort_unstable();
    cells
}

fn ids<'a>(pieces: impl IntoIterator<Item = &'a Piece>) -> Vec<PieceId> {
    pieces.into_iter().map(|piece| piece.id).collect()
}

#[test]
fn it_finds_exactly_the_edits_of_two_hundred_random_scripts() {
    let mut totals = [0_usize; 6];
    for seed in 0..200 {
        let original = random_design(seed, 25);
        let mut copy = original.clone();
        let (mut rng, mut shadow, mut history) = (Rng::new(seed ^ 0xC0FFEE), Shadow::default(), History::new());
        for _ in 0..1 + rng.below(25) {
            if rng.one_in(6) {
                if let Some(undone) = history.undo(&mut copy) {
                    shadow.note(&original, &undone.changes);
                }
                continue;
            }
            let edit = random_edit(&copy, &mut rng);
            if let Ok(applied) = copy.apply(edit) {
                shadow.note(&original, &applied.changes);
                history.push(applied, "edit", Vec::new(), None);
            }
        }
        let found = compare(&original, &copy, Matching::ByNumber);
        let (mut added, mut removed, mut changed) = (Vec::new(), Vec::new(), Vec::new());
        for (id, before) in &shadow.before {
            match (before, copy.piece(*id)) {
                (None, Some(_)) => added.push(*id),
                (Some(_), None) => removed.push(*id),
                (Some((before, home)), Some(now)) => {
                    let regrouped = copy.place_of(*id).unwrap().0 != *home;
                    let moved = match regrouped {
                        true => ends_up(&original, *id) != ends_up(&copy, *id),
                        false => before.pose != now.pose,
                    };
                    let replaced = before.content != now.content;
                    let recolored = before.color != now.color;
                    if moved || replaced || recolored || regrouped {
                        let (original, copy) = (before.clone(), now.clone());
                        changed.push(Changed { original, copy, moved, recolored, replaced, regrouped });
                    }
                }
                (None, None) => {}
            }
        }
        assert_eq!(ids(found.added.iter().map(|lone| &lone.piece)), added, "seed {seed}");
        assert_eq!(ids(found.removed.iter().map(|lone| &lone.piece)), removed, "seed {seed}");
        assert_eq!(found.changed.len(), changed.len(), "seed {seed}");
        for (one, other) in found.changed.iter().zip(&changed) {
            // At an edge of a cell the slow way may round the other way; a quarter of a hundredth of an LDU is no move.
            assert_eq!(Changed { moved: other.moved, ..one.clone() }, *other, "seed {seed}");
            assert!(one.moved == other.moved || one.regrouped, "seed {seed}: {one:?}");
        }
        assert_eq!(found.same + changed.len() + removed.len(), original.len(), "seed {seed}");
        let counts = found.counts();
        let all = [counts.added, counts.removed, counts.moved, counts.recolored, counts.replaced, counts.regrouped];
        totals.iter_mut().zip(all).for_each(|(total, count)| *total += count);
        assert_eq!(counts.added, added.len());
    }
    eprintln!("added, removed, moved, recolored, replaced, regrouped: {totals:?}");
    assert!(totals.iter().all(|total| *total > 50), "{totals:?}");
}

fn differences(comparison: &Comparison) -> (Vec<PieceId>, Vec<PieceId>) {
    let missing = comparison.removed.iter().map(|lone| lone.piece.id);
    let changed = comparison.changed.iter().map(|changed| changed.original.id);
    (missing.chain(changed).collect(), comparison.added.iter().map(|lone| lone.piece.id).collect())
}

#[test]
fn restoring_everything_gives_the_original_back() {
    let mut restored = 0;
    for seed in 0..120 {
        let original = random_design(seed, 20);
        let mut copy = original.clone();
        let mut rng = Rng::new(seed + 7);
        for _ in 0..10 {
            let edit = random_edit(&copy, &mut rng);
            drop(copy.apply(edit));
        }
        let found = compare(&original, &copy, Matching::ByNumber);
        let (originals, added) = differences(&found);
        let Ok(edit) = restore(&original, &copy, &found, &originals, &added) else { continue };
        restored += 1;
        let before = copy.clone();
        let applied = copy.apply(edit).unwrap();
        assert_eq!(copy.validate(), Vec::<String>::new(), "seed {seed}");
        let left = compare(&original, &copy, Matching::ByNumber);
        assert!(left.is_same(), "seed {seed}: {left:#?}");
        copy.apply(applied.inverse).unwrap();
        assert!(copy == before, "seed {seed}: it can be undone");
    }
    eprintln!("{restored} of 120 restored whole");
    assert!(restored >= 100, "{restored} of 120 could be restored");
}

fn brick(x: f32, color: u32) -> NewPiece {
    NewPiece::part("3001", ColorRef::Code(color), Pose::at(Vec3::new(x, 0.0, 0.0)))
}

fn row() -> Design {
    let mut design = Design::new();
    let main = design.main();
    let pieces = (0..6).map(|n| brick(n as f32 * 80.0, n)).collect();
    design.apply(Edit::AddPieces { submodel: main, step: None, pieces }).unwrap();
    let first = design.submodel(main).unwrap().steps[0].id;
    design.apply(Edit::SplitStep { step: first, at: 3 }).unwrap();
    design
}

#[test]
fn a_piece_comes_back_under_its_number_and_in_its_place() {
    let original = row();
    let mut copy = original.clone();
    copy.apply(Edit::RemovePieces(vec![PieceId(2)])).unwrap();
    copy.apply(Edit::Recolor { pieces: vec![PieceId(5)], color: ColorRef::Code(14) }).unwrap();
    copy.apply(Edit::Move { pieces: vec![PieceId(5)], offset: Vec3::Y * 24.0 }).unwrap();
    let found = compare(&original, &copy, Matching::Auto);
    assert_eq!(found.matching, Matching::ByNumber);
    copy.apply(restore_piece(&original, &copy, &found, PieceId(2)).unwrap()).unwrap();
    assert_eq!(ids(copy.pieces_in(copy.main())), ids(original.pieces_in(original.main())));
    let step = original.place_of(PieceId(5)).unwrap().1;
    let found = compare(&original, &copy, Matching::Auto);
    copy.apply(restore_step(&original, &copy, &found, step).unwrap()).unwrap();
    assert!(compare(&original, &copy, Matching::Auto).is_same());
    assert!(matches!(restore_piece(&original, &copy, &found, PieceId(1)), Err(RestoreError::Same(PieceId(1)))));
}

#[test]
fn a_step_comes_back_without_what_was_added_to_it() {
    let original = row();
    let mut copy = original.clone();
    let main = copy.main();
    let steps: Vec<_> = copy.submodel(main).unwrap().steps.iter().map(|step| step.id).collect();
    copy.apply(Edit::AddPieces { submodel: main, step: Some(steps[0]), pieces: vec![brick(0.0, 9)] }).unwrap();
    copy.apply(Edit::RemovePieces(vec![PieceId(1), PieceId(6)])).unwrap();
    let found = compare(&original, &copy, Matching::Auto);
    assert_eq!(differing_steps(&original, &copy, &found), [(main, steps[0], 2), (main, steps[1], 1)]);
    copy.apply(restore_step(&original, &copy, &found, steps[0]).unwrap()).unwrap();
    let left = compare(&original, &copy, Matching::Auto);
    assert_eq!((left.added.len(), left.changed.len()), (0, 0));
    assert_eq!(ids(left.removed.iter().map(|lone| &lone.piece)), [PieceId(6)], "the other step is as it was");
}

#[test]
fn a_deleted_submodel_comes_back_with_the_piece_that_places_it() {
    let mut original = row();
    original.apply(Edit::MakeSubmodel { pieces: vec![PieceId(1), PieceId(2)], name: "door".to_owned() }).unwrap();
    let door = original.submodel_named("door").unwrap().id;
    let placing = original.occurrences_of(door)[0];
    let mut copy = original.clone();
    copy.apply(Edit::DeleteSubmodel(door)).unwrap();
    let found = compare(&original, &copy, Matching::ByNumber);
    assert_eq!(found.counts().removed, 3);
    copy.apply(restore_piece(&original, &copy, &found, placing).unwrap()).unwrap();
    assert!(compare(&original, &copy, Matching::ByNumber).is_same());
    assert_eq!(copy.submodel(door).unwrap().name, "door");
}

/// The same model with all numbers different, as another program would write it.
fn renumbered(design: &Design) -> Design {
    let mut other = Design::new();
    let main = other.main();
    // Numbers 1 to 100 mean something else here.
    let pieces = (0..100).map(|n| brick(n as f32, 0)).collect();
    other.apply(Edit::AddPieces { submodel: main, step: None, pieces }).unwrap();
    other.apply(Edit::RemovePieces((1..101).map(PieceId).collect())).unwrap();
    let mut pieces: Vec<NewPiece> = design
        .pieces_in(design.main())
        .map(|p| NewPiece { content: p.content.clone(), color: p.color, pose: p.pose, group: None })
        .collect();
    pieces.reverse();
    other.apply(Edit::AddPieces { submodel: main, step: None, pieces }).unwrap();
    other
}

#[test]
fn designs_without_common_numbers_are_matched_by_what_they_look_like() {
    let original = row();
    let mut copy = renumbered(&original);
    let at = |copy: &Design, x: f32| copy.pieces().find(|piece| piece.pose.position.x == x).unwrap().id;
    let (moved, painted, swapped, gone) = (at(&copy, 0.0), at(&copy, 80.0), at(&copy, 160.0), at(&copy, 240.0));
    copy.apply(Edit::Move { pieces: vec![moved], offset: Vec3::Z * 20.0 }).unwrap();
    copy.apply(Edit::Recolor { pieces: vec![painted], color: ColorRef::Code(15) }).unwrap();
    copy.apply(Edit::ReplacePart { pieces: vec![swapped], content: Content::Part(PartId::new("3003")) }).unwrap();
    copy.apply(Edit::RemovePieces(vec![gone])).unwrap();
    let found = compare(&original, &copy, Matching::Auto);
    assert_eq!(found.matching, Matching::ByShape);
    let counts = found.counts();
    assert_eq!((counts.moved, counts.recolored, counts.replaced), (1, 1, 1));
    assert_eq!((counts.added, counts.removed, counts.same), (0, 1, 2));
    let pairs: BTreeSet<_> = found.changed.iter().map(|changed| (changed.original.id.0, changed.copy.id)).collect();
    assert_eq!(pairs, BTreeSet::from([(1, moved), (2, painted), (3, swapped)]));
    let (originals, added) = differences(&found);
    copy.apply(restore(&original, &copy, &found, &originals, &added).unwrap()).unwrap();
    assert!(compare(&original, &copy, Matching::ByShape).is_same());
}

#[test]
fn what_was_taken_out_of_its_submodel_is_found_where_it_is() {
    let mut original = row();
    original.apply(Edit::MakeSubmodel { pieces: vec![PieceId(4), PieceId(5)], name: "door".to_owned() }).unwrap();
    let copy = renumbered(&row());
    let found = compare(&original, &copy, Matching::ByShape);
    let counts = found.counts();
    assert_eq!((counts.regrouped, counts.moved, counts.same), (2, 0, 4), "{found:#?}");
    assert_eq!((counts.removed, counts.added), (1, 0), "the piece that placed the submodel is gone");
}

#[test]
fn a_comparison_is_told_as_json() {
    let original = row();
    let mut copy = original.clone();
    copy.apply(Edit::Recolor { pieces: vec![PieceId(3)], color: ColorRef::Code(14) }).unwrap();
    let json = serde_json::to_value(compare(&original, &copy, Matching::Auto)).unwrap();
    assert_eq!(json["matching"], "by_number");
    assert_eq!(json["same"], 5);
    assert_eq!(json["changed"][0]["recolored"], true);
    assert_eq!(json["changed"][0]["copy"]["id"], 3);
}

#[test]
fn the_falcon_and_an_edited_copy_are_compared_in_half_a_second() {
    let Some(path) = model_paths().into_iter().find(|path| path.to_string_lossy().contains("Falcon")) else {
        eprintln!("skipped: there is no Falcon");
        return;
    };
    let original = from_ldraw(&document(&path), &|_| true).unwrap().value;
    let mut copy = from_ron(&to_ron(&original)).unwrap().value;
    let mut rng = Rng::new(1);
    for _ in 0..500 {
        let edit = random_edit(&copy, &mut rng);
        drop(copy.apply(edit));
    }
    let shuffled = city(&copy, 1);
    for (name, copy, matching) in [
        ("by number", &copy, Matching::Auto),
        ("by shape", &copy, Matching::ByShape),
        ("spread", &shuffled, Matching::Auto),
    ] {
        let times = (0..3).map(|_| {
            let start = Instant::now();
            let found = compare(&original, copy, matching);
            (start.elapsed(), found)
        });
        let (best, found) = times.min_by_key(|(time, _)| *time).unwrap();
        eprintln!("the Falcon {name}: {best:.1?} {:?}", found.counts());
        assert!(best.as_secs_f32() < 0.5, "{name} took {best:?}");
    }
}
