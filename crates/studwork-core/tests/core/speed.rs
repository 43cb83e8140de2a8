//! How long things take in a city of 147,000 pieces. Printed, not asserted: a test machine may be busy.

use crate::models::{document, model_paths};
use glam::Vec3;
use std::time::{Duration, Instant};
use studwork_core::testing::{Rng, city};
use studwork_core::{ColorRef, Edit, History, PartsList, PieceId, from_ldraw, from_ron, to_ron};

#[test]
fn a_city_is_edited_saved_and_loaded() {
    let Some(path) = model_paths().into_iter().find(|path| path.to_string_lossy().contains("Falcon")) else {
        eprintln!("skipped: there is no Falcon");
        return;
    };
    let falcon = from_ldraw(&document(&path), &|_| true).unwrap().value;
    let start = Instant::now();
    let city = city(&falcon, 28);
    eprintln!("city of {} pieces built in {:?}", city.part_count(), start.elapsed());
    assert_eq!(city.part_count(), falcon.part_count() * 28);

    let start = Instant::now();
    let text = to_ron(&city);
    eprintln!("saved in {:?} ({} MB)", start.elapsed(), text.len() >> 20);
    let start = Instant::now();
    let again = from_ron(&text).unwrap().value;
    eprintln!("loaded in {:?}", start.elapsed());
    assert!(again == city);
    let start = Instant::now();
    let mut count = 0_usize;
    city.flatten(city.main(), &mut |_| count += 1);
    eprintln!("spread out {count} in {:?}", start.elapsed());

    // All pieces in one step is the worst case for finding a place in it.
    let main = city.main();
    let one_step = {
        let steps: Vec<_> = city.submodel(main).unwrap().steps.iter().skip(1).map(|step| step.id).collect();
        let mut whole = city.clone();
        let first = whole.submodel(main).unwrap().steps[0].id;
        let pieces: Vec<PieceId> = whole.pieces_in(main).map(|piece| piece.id).collect();
        let start = Instant::now();
        whole.apply(Edit::MovePiecesToStep { pieces, step: first }).unwrap();
        whole.apply(Edit::Batch(steps.into_iter().rev().map(Edit::DeleteStep).collect())).unwrap();
        eprintln!("all moved into one step in {:?}", start.elapsed());
        whole
    };
    for (name, mut design) in [("many steps", city), ("one step", one_step)] {
        let ids: Vec<PieceId> = design.pieces().map(|piece| piece.id).collect();
        let mut history = History::new();
        let mut list = PartsList::new(&design);
        let mut rng = Rng::new(1);
        let mut times = Vec::new();
        for round in 0..1500 {
            let pieces = vec![rng.pick(&ids).unwrap()];
            let Some(piece) = design.piece(pieces[0]) else { continue };
            let edit = match round % 5 {
                0 => Edit::Move { pieces, offset: Vec3::X },
                1 => Edit::Recolor { pieces, color: ColorRef::Code(1 + round % 4) },
                2 => Edit::Duplicate { pieces, offset: Vec3::Y },
                3 => Edit::RemovePieces(pieces),
                _ => Edit::ReplacePart { pieces, content: piece.content.clone() },
            };
            let start = Instant::now();
            let applied = design.apply(edit).unwrap();
            list.update(&design, &applied.changes);
            history.push(applied, "edit", Vec::new(), None);
            times.push(start.elapsed());
            if round % 3 == 0 {
                let start = Instant::now();
                history.undo(&mut design).unwrap();
                times.push(start.elapsed());
                history.redo(&mut design).unwrap();
            }
        }
        print_times(name, &mut times);
        let start = Instant::now();
        let rows = list.rows(design.main()).len();
        eprintln!("{name}: parts list of {rows} rows in {:?}", start.elapsed());
        let start = Instant::now();
        assert_eq!(design.validate(), Vec::<String>::new());
        eprintln!("{name}: validated in {:?}", start.elapsed());
    }
}

fn print_times(name: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    eprintln!("{name}: {} edits, median {:?}, p99 {:?}, worst {:?}", times.len(), at(50), at(99), at(100));
}
