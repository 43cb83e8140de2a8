//! Models come apart piece by piece, and go together again.

use crate::models::{document, model_paths};
use glam::{Affine3A, Vec3};
use std::sync::{Arc, OnceLock};
use std::time::Instant;
use studwork_core::connect::{TOLERANCE, overlaps_any};
use studwork_core::space::Space;
use studwork_core::take_apart::{
    BuildSession, FreePlacement, Phase, Placement, Removal, Symmetry, explode, removal_order, steps_from_order,
};
use studwork_core::{
    Catalog, ColorRef, Content, Design, Edit, NewPiece, PartId, PieceId, Pose, from_ldraw, from_ron, to_ron,
};
use studwork_ldraw::Library;

fn real_catalog() -> Option<&'static Catalog> {
    static CATALOG: OnceLock<Option<Catalog>> = OnceLock::new();
    CATALOG
        .get_or_init(|| {
            let Some(path) = std::env::var_os("STUDWORK_LDRAW") else {
                eprintln!("skipped: STUDWORK_LDRAW is not set");
                return None;
            };
            Some(Catalog::with_library(Arc::new(Library::open(std::path::Path::new(&path)).unwrap())))
        })
        .as_ref()
}

/// The share of pieces that must come off freely, percent.
const LEAST_FREE: usize = 95;

fn piece(part: &str, x: f32, y: f32, z: f32) -> NewPiece {
    NewPiece::part(part, ColorRef::Code(4), Pose::at(Vec3::new(x, y, z)))
}

fn model(pieces: Vec<NewPiece>) -> Design {
    let mut design = Design::new();
    design.apply(Edit::AddPieces { submodel: design.main(), step: None, pieces }).unwrap();
    design
}

/// A wall three bricks high with a plate on top.
fn wall() -> Design {
    let bricks = (0..12).map(|n| {
        let row = n / 4;
        piece("3001", (n % 4) as f32 * 80.0 + (row % 2) as f32 * 40.0, row as f32 * -24.0, 0.0)
    });
    model(bricks.chain([piece("3034", 80.0, -56.0, 0.0)]).collect())
}

fn order_of(design: &Design, catalog: &Catalog) -> Vec<Removal> {
    removal_order(design, catalog, &mut |_, _| true).unwrap()
}

#[test]
fn a_wall_comes_off_from_the_top_and_holds_together() {
    let design = wall();
    let order = order_of(&design, &Catalog::built_in());
    assert_eq!(order.len(), 13);
    assert_eq!(order[0].path, [PieceId(13)], "the plate was put on last and lies over the others");
    for removal in &order {
        let Removal { path, direction, free, steady, .. } = removal;
        assert!(*free, "{path:?} along {direction}");
        // Bricks of the lowest row lie beside each other, and may be pulled off downward as well.
        let lowest = path[0].0 <= 4;
        assert!(*steady && (lowest || *direction == Vec3::NEG_Y), "{path:?} along {direction}, steady: {steady}");
    }
    let rows: Vec<u32> = order[1..].iter().map(|removal| (removal.path[0].0 - 1) / 4).collect();
    assert_eq!(rows[..4], [2; 4], "the upper row, and then whatever holds nothing else: {rows:?}");
}

#[test]
fn what_is_enclosed_waits_until_it_is_uncovered() {
    // A brick in a ring of bricks between two plates, put in last: the upper plate goes first all the same.
    let mut pieces = vec![piece("3031", 0.0, 24.0, 0.0), piece("3010", 0.0, 0.0, 30.0), piece("3010", 0.0, 0.0, -30.0)];
    for x in [-30.0, 30.0] {
        let mut side = piece("3004", x, 0.0, 0.0);
        side.pose.rotation = studwork_core::snapped_rotation(glam::Mat3::from_rotation_y(std::f32::consts::FRAC_PI_2));
        pieces.push(side);
    }
    pieces.extend([piece("3031", 0.0, -8.0, 0.0), piece("3003", 0.0, 0.0, 0.0)]);
    let design = model(pieces);
    let order = order_of(&design, &Catalog::built_in());
    assert_eq!(order[0].path, [PieceId(6)]);
    assert_eq!(order[1].path, [PieceId(7)], "it was put in last, and is free now");
    assert!(order.iter().all(|removal| removal.free), "{order:#?}");
}

#[test]
fn a_stranger_to_the_order_agrees_that_the_way_is_free() {
    let design = wall();
    let catalog = Catalog::built_in();
    let mut left: Vec<(Vec<PieceId>, PartId, Affine3A)> = Vec::new();
    design.flatten(design.main(), &mut |flat| left.push((flat.path.to_vec(), flat.part.clone(), flat.transform)));
    for removal in order_of(&design, &catalog) {
        let at = left.iter().position(|(path, ..)| *path == removal.path).unwrap();
        let (_, part, transform) = left.remove(at);
        let space = Space::from_pieces(left.iter().zip(0..).map(|((_, part, at), key)| (key, catalog.body(part), *at)));
        // Step by step along the way.
        let mut gone = 0.0;
        while gone < removal.distance {
            let there = Affine3A::from_translation(removal.direction * gone) * transform;
            assert!(!overlaps_any(&catalog.body(&part), &there, &space, &|_| false), "{part} after {gone} LDU");
            gone += 2.0 * TOLERANCE;
        }
    }
}

#[test]
fn it_can_be_stopped() {
    let design = wall();
    let mut calls = 0;
    let stopped = removal_order(&design, &Catalog::built_in(), &mut |_, _| {
        calls += 1;
        calls < 2
    });
    assert!(stopped.is_none() && calls == 2);
}

#[test]
fn every_shared_model_comes_apart_and_goes_together_again() {
    let Some(catalog) = real_catalog() else { return };
    for path in model_paths() {
        let design = from_ldraw(&document(&path), &|_| true).unwrap().value;
        let mut parts = Vec::new();
        design.flatten(design.main(), &mut |flat| parts.push(flat.part.clone()));
        let view = catalog.design_view(&design);
        let start = Instant::now();
        view.meshes(&parts);
        let bodies: Vec<_> = parts.iter().map(|part| view.body(part)).collect();
        studwork_core::connect::prepare(bodies.iter());
        let prepared = start.elapsed();
        let start = Instant::now();
        let order = studwork_core::take_apart::removal_order_with(&design, &|part| view.body(part), &mut |_, _| true);
        let took = start.elapsed();
        let order = order.unwrap();
        let free = order.iter().filter(|removal| removal.free).count();
        let steady = order.iter().filter(|removal| removal.steady).count();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        eprintln!(
            "{name:40} {:5} pieces, free {:5.1} %, steady {:5.1} %, order in {took:.2?} (parts in {prepared:.2?})",
            order.len(),
            100.0 * free as f32 / order.len() as f32,
            100.0 * steady as f32 / order.len() as f32,
        );
        if std::env::var_os("STUDWORK_VERBOSE").is_some() {
            let stuck = order.iter().zip(&parts).filter(|(removal, _)| !removal.free);
            let mut kinds = std::collections::BTreeMap::<PartId, usize>::new();
            for (removal, _) in stuck {
                let part = design.piece(*removal.path.last().unwrap()).unwrap().part().unwrap().clone();
                *kinds.entry(part).or_default() += 1;
            }
            let mut kinds: Vec<_> = kinds.into_iter().collect();
            kinds.sort_by_key(|kind| std::cmp::Reverse(kind.1));
            eprintln!("      stuck: {:?}", &kinds[..kinds.len().min(12)]);
        }
        assert_eq!(order.len(), design.part_count(), "{name}");
        assert!(free * 100 >= order.len() * LEAST_FREE, "{name}: only {free} of {} came off freely", order.len());
        goes_together_again(&design, order, &name);
    }
}

fn goes_together_again(design: &Design, order: Vec<Removal>, name: &str) {
    let mut session = BuildSession::new(order);
    let total = session.order.len();
    while session.take_next().is_some() {}
    let heaps = session.tray(design);
    assert_eq!(heaps.iter().map(|heap| heap.count).sum::<usize>(), total, "{name}: all are in the tray");
    let list = studwork_core::PartsList::new(design).rows(design.main());
    let expected: Vec<_> = list.into_iter().map(|row| (row.part, row.color, row.count as usize)).collect();
    let found: Vec<_> = heaps.into_iter().map(|heap| (heap.part, heap.color, heap.count)).collect();
    assert_eq!(found, expected, "{name}: the tray holds the parts list");
    // Built in the reverse order, piece for piece.
    let mut built = Vec::new();
    session.phase = Phase::Rebuilding;
    while let Some(ghost) = session.next_ghost(design) {
        let path = &session.order[ghost.index as usize].path;
        let part = design.piece(*path.last().unwrap()).unwrap().part().unwrap().clone();
        built.push((path.clone(), part, ghost.transform));
        session.put_back_last();
    }
    let mut copy = Vec::new();
    design.flatten(design.main(), &mut |flat| copy.push((flat.path.to_vec(), flat.part.clone(), flat.transform)));
    built.sort_by(|a, b| a.0.cmp(&b.0));
    copy.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(built == copy, "{name}: rebuilt it is the copy");
    assert_eq!(session.progress(), (0, total));
}

#[test]
fn a_half_rebuilt_model_is_saved_and_goes_on() {
    let mut design = wall();
    let mut session = BuildSession::new(order_of(&design, &Catalog::built_in()));
    for _ in 0..5 {
        session.take_next();
    }
    session.put_back_last();
    session.phase = Phase::Rebuilding;
    session.elapsed = 77;
    design.set_build_session(Some(session.clone()));
    let text = to_ron(&design);
    let parsed = from_ron(&text).unwrap();
    assert_eq!(parsed.warnings, []);
    assert_eq!(parsed.value.build_session(), Some(&session));
    assert_eq!(to_ron(&parsed.value), text);
    design.set_build_session(None);
    assert!(!to_ron(&design).contains("build_session"));
}

#[test]
fn a_session_follows_a_model_that_was_edited() {
    let mut design = wall();
    let mut session = BuildSession::new(order_of(&design, &Catalog::built_in()));
    session.go_to(3);
    let kept: Vec<_> = session.hidden().skip(1).cloned().collect();
    design.apply(Edit::RemovePieces(vec![PieceId(13), PieceId(1)])).unwrap();
    let main = design.main();
    design.apply(Edit::AddPieces { submodel: main, step: None, pieces: vec![piece("3005", 0.0, -72.0, 0.0)] }).unwrap();
    assert!(session.reconcile(&design));
    assert_eq!(session.hidden().cloned().collect::<Vec<_>>(), kept);
    assert_eq!(session.order.len(), 12);
    assert_eq!(session.next().map(|next| session.order[next as usize].path.clone()), Some(vec![PieceId(14)]));
    assert!(!session.reconcile(&design), "nothing more to do");
}

#[test]
fn pieces_go_where_one_of_their_kind_belongs() {
    let design = wall();
    let catalog = Catalog::built_in();
    let mut session = BuildSession::new(order_of(&design, &catalog));
    session.go_to(5);
    let (brick, red) = (PartId::new("3001"), ColorRef::Code(4));
    let symmetry = Symmetry::of(catalog.body(&brick).mesh());
    let at = |x: f32, turn: f32| Affine3A::from_translation(Vec3::new(x, -48.0, 0.0)) * Affine3A::from_rotation_y(turn);
    assert_eq!(session.ghosts(&design, &brick, red).len(), 4);
    // Half a stud off is wrong, and so is a quarter turn; the other way round is right.
    assert!(
        matches!(session.place(&design, &brick, red, &at(10.0, 0.0), &symmetry), Placement::Wrong(_, far) if far == 10.0)
    );
    let quarter = std::f32::consts::FRAC_PI_2;
    assert!(matches!(session.place(&design, &brick, red, &at(0.0, quarter), &symmetry), Placement::Wrong(..)));
    let Placement::Right(index) = session.place(&design, &brick, red, &at(0.0, 2.0 * quarter), &symmetry) else {
        panic!()
    };
    assert_eq!(session.order[index as usize].path, [PieceId(9)]);
    assert_eq!(session.progress(), (4, 13));
    // That place is taken now.
    assert!(matches!(session.place(&design, &brick, red, &at(0.0, 0.0), &symmetry), Placement::Wrong(..)));
    let blue = ColorRef::Code(1);
    assert_eq!(session.place(&design, &brick, blue, &at(80.0, 0.0), &symmetry), Placement::NotInTray);
}

#[test]
fn pieces_of_the_tray_may_go_anywhere_unless_others_would_go_along() {
    let mut design = wall();
    let main = design.main();
    let top = Edit::MakeSubmodel { pieces: vec![PieceId(9), PieceId(10)], name: "top".to_owned() };
    design.apply(top).unwrap();
    let placing = design.pieces_in(main).find(|piece| piece.part().is_none()).unwrap().id;
    let catalog = Catalog::built_in();
    let mut session = BuildSession::new(order_of(&design, &catalog));
    let inside = session.order.iter().position(|removal| removal.path.len() == 2).unwrap();
    session.take(inside as u32);
    let (brick, red) = (PartId::new("3001"), ColorRef::Code(4));
    let at = Affine3A::from_translation(Vec3::new(200.0, -24.0, 40.0));
    let mut freely = session.clone();
    let FreePlacement::On(index, edit) = freely.place_freely(&design, &brick, red, &at) else { panic!() };
    assert_eq!((index, freely.progress().0), (inside as u32, 0));
    let mut built = design.clone();
    built.apply(edit).unwrap();
    let mut found = false;
    built.flatten(main, &mut |flat| found |= flat.transform.translation.distance(at.translation) < 1e-3);
    assert!(found, "it is where it was put, seen from the main submodel");
    // Placed twice, the submodel's pieces are two each.
    design.apply(Edit::Duplicate { pieces: vec![placing], offset: Vec3::Z * 80.0 }).unwrap();
    session.reconcile(&design);
    assert_eq!(session.place_freely(&design, &brick, red, &at), FreePlacement::Shared("top".to_owned()));
    let blue = ColorRef::Code(1);
    assert_eq!(session.place_freely(&design, &brick, blue, &at), FreePlacement::NotInTray);
}

#[test]
fn steps_come_from_the_order_and_can_be_undone() {
    let mut design = wall();
    let main = design.main();
    let door = Edit::MakeSubmodel { pieces: vec![PieceId(9), PieceId(10)], name: "part of the top".to_owned() };
    design.apply(door).unwrap();
    let before = design.clone();
    let order = order_of(&design, &Catalog::built_in());
    let edit = steps_from_order(&design, &order, 3).unwrap();
    let applied = design.apply(edit).unwrap();
    assert_eq!(design.validate(), Vec::<String>::new());
    let steps = &design.submodel(main).unwrap().steps;
    let sizes: Vec<usize> = steps.iter().map(|step| step.pieces().count()).collect();
    assert!(sizes.iter().all(|size| (1..=3).contains(size)) && sizes.len() >= 4, "{sizes:?}");
    let is_submodel = |id: PieceId| matches!(design.piece(id).unwrap().content, Content::Submodel(_));
    assert!(steps.iter().all(|step| step.pieces().count() == 1 || !step.pieces().any(is_submodel)));
    // What is built first came off last.
    assert_eq!(steps[0].pieces().next(), Some(order.last().unwrap().path[0]));
    assert_eq!(steps.last().unwrap().pieces().last(), Some(order[0].path[0]));
    assert!(steps_from_order(&design, &order, 3).is_none(), "it has steps now");
    design.apply(applied.inverse).unwrap();
    assert!(design == before);
}

#[test]
fn spreading_keeps_steps_together_and_apart_from_each_other() {
    let mut design = wall();
    let order = order_of(&design, &Catalog::built_in());
    design.apply(steps_from_order(&design, &order, 4).unwrap()).unwrap();
    let moved = explode(&design, &order, 320.0, 1.0);
    assert_eq!(moved.len(), 13);
    assert!(explode(&design, &order, 320.0, 0.0).iter().all(|(_, offset)| *offset == Vec3::ZERO));
    let steps = design.submodel(design.main()).unwrap().steps.clone();
    let height = |piece: PieceId| moved.iter().find(|(path, _)| path[0] == piece).unwrap().1.y;
    let heights: Vec<f32> = steps.iter().map(|step| height(step.pieces().next().unwrap())).collect();
    assert!(heights.is_sorted_by(|a, b| a > b), "later steps are higher (−Y is up): {heights:?}");
    for step in &steps {
        let own: Vec<f32> = step.pieces().map(height).collect();
        assert!(own.iter().all(|other| *other == own[0]));
    }
}
