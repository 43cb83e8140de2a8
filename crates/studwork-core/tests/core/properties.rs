//! What holds for every design and every list of edits.

use proptest::prelude::*;
use studwork_core::testing::{Rng, random_design, random_edit};
use studwork_core::{Change, ColorRef, Content, Design, PartsList, from_ldraw, from_ron, to_ldraw, to_ron};
use studwork_ldraw::{parse, write};

fn assert_valid(design: &Design, what: &str) {
    let wrong = design.validate();
    assert!(wrong.is_empty(), "{what}: {wrong:#?}");
}

fn flat(design: &Design) -> Vec<(String, ColorRef, [f32; 12])> {
    let mut all = Vec::new();
    design.flatten(design.main(), &mut |piece| {
        all.push((piece.part.to_string(), piece.color, piece.transform.to_cols_array()));
    });
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_design_comes_back_from_its_file(seed: u64, edits in 0_usize..60) {
        let design = random_design(seed, edits);
        assert_valid(&design, "generated");
        let text = to_ron(&design);
        let again = from_ron(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        prop_assert_eq!(&again.warnings, &[]);
        assert_valid(&again.value, "read");
        prop_assert_eq!(to_ron(&again.value), text);
        prop_assert_eq!(again.value, design);
    }

    #[test]
    fn edits_undone_and_redone_give_the_same_bytes(seed: u64, edits in prop::collection::vec(any::<u64>(), 0..40)) {
        let mut design = random_design(seed, 10);
        let mut ways = Vec::new();
        let mut texts = vec![to_ron(&design)];
        let mut list = PartsList::new(&design);
        for seed in edits {
            let edit = random_edit(&design, &mut Rng::new(seed));
            let before = design.clone();
            match design.apply(edit.clone()) {
                Ok(applied) => {
                    assert_valid(&design, &format!("{edit:?}"));
                    check_changes(&before, &design, &applied.changes);
                    list.update(&design, &applied.changes);
                    prop_assert_eq!(&list, &PartsList::new(&design));
                    ways.push(applied.inverse);
                    texts.push(to_ron(&design));
                }
                Err(error) => {
                    prop_assert!(!error.to_string().is_empty());
                    prop_assert_eq!(to_ron(&design), to_ron(&before), "refused: {}", error);
                    assert_valid(&design, "refused");
                }
            }
        }
        let last = texts.pop().unwrap();
        let mut forth = Vec::new();
        while let Some(way) = ways.pop() {
            let applied = design.apply(way).unwrap();
            assert_valid(&design, "undone");
            list.update(&design, &applied.changes);
            forth.push(applied.inverse);
            prop_assert_eq!(&to_ron(&design), &texts.pop().unwrap());
        }
        prop_assert_eq!(&list, &PartsList::new(&design));
        while let Some(way) = forth.pop() {
            design.apply(way).unwrap();
            assert_valid(&design, "redone");
        }
        prop_assert_eq!(to_ron(&design), last);
    }

    #[test]
    fn spreading_out_agrees_with_the_counts(seed: u64, edits in 0_usize..50) {
        let design = random_design(seed, edits);
        let flat = flat(&design);
        prop_assert_eq!(flat.len(), design.part_count());
        let rows = PartsList::new(&design).rows(design.main());
        for row in &rows {
            let count = flat.iter().filter(|(part, color, _)| *part == row.part.as_str() && *color == row.color).count();
            prop_assert_eq!(count as u64, row.count);
        }
        prop_assert_eq!(rows.iter().map(|row| row.count).sum::<u64>(), flat.len() as u64);
        design.flatten(design.main(), &mut |piece| {
            assert_eq!(piece.path.last(), Some(&piece.piece.id));
            assert_eq!(design.place_of(piece.path[0]).unwrap(), (design.main(), piece.step));
            for pair in piece.path.windows(2) {
                let Content::Submodel(inner) = design.piece(pair[0]).unwrap().content else { panic!("a part in between") };
                assert_eq!(design.place_of(pair[1]).unwrap().0, inner);
            }
        });
    }

    #[test]
    fn an_ldraw_file_gives_the_same_parts_in_the_same_places(seed: u64, edits in 0_usize..50) {
        let design = random_design(seed, edits);
        let bytes = write(&to_ldraw(&design));
        let document = parse(&bytes, "test").unwrap();
        prop_assert_eq!(&document.warnings.iter().filter(|warning| !warning.message.contains("not LDraw")).count(), &0);
        let again = from_ldraw(&document.value, &|_| true).unwrap().value;
        assert_valid(&again, "imported");
        let steps = |design: &Design| -> Vec<usize> { design.submodels().map(|submodel| submodel.steps.len()).collect() };
        prop_assert_eq!(steps(&again), steps(&design));
        prop_assert_eq!(again.embedded_parts().count(), design.embedded_parts().count());
        prop_assert_eq!((again.title(), again.author(), again.license()), (design.title(), design.author(), design.license()));
        prop_assert_eq!(again.description(), design.description());
        let (before, after) = (flat(&design), flat(&again));
        prop_assert_eq!(before.len(), after.len());
        for (before, after) in before.iter().zip(&after) {
            prop_assert_eq!((&before.0, before.1), (&after.0, after.1));
            let far = before.2.iter().zip(after.2).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            prop_assert!(far <= 0.001, "{} off", far);
        }
        let once = write(&to_ldraw(&again));
        let twice = from_ldraw(&parse(&once, "test").unwrap().value, &|_| true).unwrap().value;
        prop_assert_eq!(write(&to_ldraw(&twice)), once, "written twice is the same");
    }

    #[test]
    fn a_damaged_ldraw_file_never_panics(seed: u64, cuts in prop::collection::vec(any::<(prop::sample::Index, u8)>(), 1..20)) {
        let mut bytes = write(&to_ldraw(&random_design(seed, 12)));
        for (at, byte) in cuts {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let document = parse(&bytes, "damaged").unwrap().value;
        if let Ok(design) = from_ldraw(&document, &|_| false) {
            assert_valid(&design.value, "damaged");
            let again = from_ron(&to_ron(&design.value)).unwrap().value;
            prop_assert_eq!(again, design.value);
        }
    }

    #[test]
    fn text_that_is_no_design_is_refused(text: String) {
        prop_assert!(from_ron(&text).is_err());
    }

    #[test]
    fn a_damaged_file_never_panics(seed: u64, at: prop::sample::Index, byte in 32_u8..127) {
        let mut bytes = to_ron(&random_design(seed, 12)).into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Some(design) = String::from_utf8(bytes).ok().and_then(|text| from_ron(&text).ok()) {
            assert_valid(&design.value, "damaged");
        }
    }
}

/// The changes tell exactly what is different.
fn check_changes(before: &Design, after: &Design, changes: &[Change]) {
    let mut expected = Vec::new();
    let mut told = Vec::new();
    for piece in before.pieces() {
        let there = before.place_of(piece.id).unwrap().0;
        match after.piece(piece.id) {
            None => expected.push(format!("- {}", piece.id)),
            Some(_) if after.place_of(piece.id).unwrap().0 != there => {
                expected.extend([format!("- {}", piece.id), format!("+ {}", piece.id)]);
            }
            Some(now) if now != piece => expected.push(format!("~ {}", piece.id)),
            Some(_) => {}
        }
    }
    let new = after.pieces().filter(|piece| before.piece(piece.id).is_none());
    expected.extend(new.map(|piece| format!("+ {}", piece.id)));
    for change in changes {
        match change {
            Change::PieceRemoved(id, old, submodel) => {
                assert_eq!(before.piece(*id), Some(&**old));
                assert_eq!(before.place_of(*id).unwrap().0, *submodel);
                told.push(format!("- {id}"));
            }
            Change::PieceAdded(id) => told.push(format!("+ {id}")),
            Change::PieceChanged(id) => told.push(format!("~ {id}")),
            _ => {}
        }
    }
    expected.sort();
    told.sort();
    assert_eq!(told, expected);
    if changes.is_empty() {
        assert_eq!(to_ron(before), to_ron(after), "what changed was not told");
    }
}

#[test]
fn random_edits_are_of_every_kind_and_mostly_fit() {
    let mut rng = Rng::new(5);
    let (mut accepted, mut refused) = (std::collections::BTreeMap::new(), 0);
    for seed in 0..150 {
        let mut design = random_design(seed, 5);
        for _ in 0..40 {
            let edit = random_edit(&design, &mut rng);
            let kind = format!("{edit:?}").split(|c: char| !c.is_alphanumeric()).next().unwrap().to_owned();
            match design.apply(edit) {
                Ok(applied) if !applied.changes.is_empty() => *accepted.entry(kind).or_insert(0) += 1,
                Ok(_) => {}
                Err(_) => refused += 1,
            }
        }
    }
    eprintln!("{refused} refused, accepted with changes: {accepted:?}");
    assert_eq!(accepted.len(), 31, "a kind of edit never took place");
    assert!(refused > 100 && refused < 2500, "{refused} of 6000 refused");
}
