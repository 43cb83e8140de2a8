//! What the journal promises: whatever the disk does, what it confirmed is recovered.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use super::writer::{Writer, base_path};
use super::*;
use crate::testing::{End, TestDisk};
use studwork_core::testing::{Rng, random_design, random_edit};
use studwork_core::{History, to_ron};

fn home(disk: &TestDisk) -> Home {
    Home::on(Arc::new(disk.clone()), Path::new("/library")).unwrap()
}

fn about() -> JournalAbout {
    JournalAbout { title: "Gate".to_owned(), file: Some(PathBuf::from("/designs/gate.ron")), opened: 1000 }
}

/// A design as text, its numbers settled.
fn text(design: &Design) -> String {
    let mut design = design.clone();
    design.keep_ids();
    to_ron(&design)
}

/// Edits that fit, undone now and then, and the design after each; the first state is before any.
fn script(seed: u64, count: usize) -> (Vec<Edit>, Vec<Design>) {
    let mut design = random_design(seed, 6);
    design.keep_ids();
    let (mut rng, mut history) = (Rng::new(seed), History::new());
    let (mut edits, mut states) = (Vec::new(), vec![design.clone()]);
    while edits.len() < count {
        let edit = if rng.one_in(4) {
            let Some(undone) = history.undo(&mut design) else { continue };
            undone.edit
        } else {
            let edit = random_edit(&design, &mut rng);
            let Ok(applied) = design.apply(edit.clone()) else { continue };
            history.push(applied, "edit", Vec::new(), None);
            edit
        };
        edits.push(edit);
        states.push(design.clone());
    }
    (edits, states)
}

#[test]
fn at_every_call_a_journal_that_ends_recovers_what_was_confirmed() {
    let (edits, states) = script(11, 14);
    let (mut ends, mut lost) = (0, 0);
    for after in 0.. {
        let disk = TestDisk::new();
        let home = home(&disk);
        let (folder, lock) = claim_folder(&home, 1000).unwrap();
        let mut writer = Writer::new(Arc::new(disk.clone()), folder, lock);
        writer.rotate(states[0].clone(), &about(), 0).unwrap();
        disk.stop_after(after);
        let (mut confirmed, mut stopped) = (0, false);
        for (index, edit) in edits.iter().enumerate() {
            writer.push(Record::Edit(edit.clone()));
            let settled = match index {
                // New snapshots in between, twice, so that old ones are removed as well.
                4 | 7 | 10 => writer.rotate(states[index + 1].clone(), &about(), index as u64 + 1),
                _ => writer.write().and_then(|()| writer.sync()),
            };
            match settled {
                Ok(()) => confirmed = index + 1,
                Err(_) => {
                    stopped = true;
                    break;
                }
            }
            if matches!(index, 4 | 7 | 10) {
                writer.forget_pending();
            }
        }
        for end in [End::Killed, End::PowerCut, End::PowerCutTorn] {
            let after_it = disk.after(end);
            let home = Home::on(Arc::new(after_it), Path::new("/library")).unwrap();
            let found = unsaved(&home);
            if confirmed > 0 {
                assert_eq!(found.len(), 1, "after {after} calls, {end:?}");
            }
            let Some(found) = found.first() else { continue };
            let recovered = recover(&home, found).unwrap();
            let count = recovered.edits as usize;
            assert!(count >= confirmed, "after {after} calls, {end:?}: {count} of {confirmed} confirmed edits");
            assert!(text(&recovered.design) == text(&states[count]), "after {after} calls, {end:?}: {count} edits");
            lost += usize::from(count < edits.len());
            ends += 1;
        }
        if !stopped {
            assert_eq!(confirmed, edits.len());
            break;
        }
    }
    assert!(ends > 100 && lost > 50, "{ends} ends, {lost} before the last edit");
}

#[test]
fn a_call_that_fails_once_costs_nothing() {
    let (edits, states) = script(12, 12);
    for after in 0.. {
        let disk = TestDisk::new();
        let home = home(&disk);
        let (folder, lock) = claim_folder(&home, 1000).unwrap();
        let mut writer = Writer::new(Arc::new(disk.clone()), folder, lock);
        writer.rotate(states[0].clone(), &about(), 0).unwrap();
        disk.fail_after(after, io::ErrorKind::Other);
        for (index, edit) in edits.iter().enumerate() {
            writer.push(Record::Edit(edit.clone()));
            if matches!(index, 3 | 6 | 9)
                && writer.rotate(states[index + 1].clone(), &about(), index as u64 + 1).is_ok()
            {
                writer.forget_pending();
            }
            // It tries again with the next one.
            drop(writer.write().and_then(|()| writer.sync()));
        }
        let again = writer.write().and_then(|()| writer.sync());
        if again.is_err() {
            // What cannot be written any more is in the next snapshot.
            writer.rotate(states[12].clone(), &about(), 12).unwrap();
        }
        for end in [End::Killed, End::PowerCut] {
            let home = Home::on(Arc::new(disk.after(end)), Path::new("/library")).unwrap();
            let recovered = recover(&home, &unsaved(&home)[0]).unwrap();
            assert_eq!(recovered.edits, 12, "after {after} calls, {end:?}");
            assert!(text(&recovered.design) == text(&states[12]), "after {after} calls, {end:?}");
        }
        if disk.calls() <= after {
            break;
        }
    }
}

#[test]
fn an_edit_by_what_is_no_number_costs_no_other() {
    let (_, states) = script(13, 1);
    let disk = TestDisk::new();
    let home = home(&disk);
    let mut journal = Journal::start(&home, &states[0], about(), 0).unwrap();
    let mut design = states[0].clone();
    // It moves nothing, so it is taken; JSON knows no such number.
    let odd: Edit = {
        let mut rng = Rng::new(0);
        loop {
            if let edit @ Edit::Move { .. } = random_edit(&design, &mut rng)
                && let Edit::Move { offset, .. } = edit
                && offset.is_nan()
            {
                break Edit::Move { pieces: Vec::new(), offset };
            }
        }
    };
    let title = |text: &str| Edit::SetInfo(studwork_core::InfoField::Title(text.to_owned()));
    for edit in [title("before"), odd, title("after")] {
        design.apply(edit.clone()).unwrap();
        journal.record(&edit, &design);
    }
    assert!(journal.flush(Duration::from_secs(10)));
    let after = Home::on(Arc::new(disk.after(End::PowerCut)), Path::new("/library")).unwrap();
    let recovered = recover(&after, &unsaved(&after)[0]).unwrap();
    assert_eq!((recovered.edits, recovered.notes), (3, Vec::new()));
    assert!(text(&recovered.design) == text(&design));
}

#[test]
fn a_full_disk_is_told_and_nothing_is_lost_once_there_is_room() {
    let (edits, states) = script(3, 30);
    let disk = TestDisk::new();
    let home = home(&disk);
    let mut journal = Journal::start(&home, &states[0], about(), 0).unwrap();
    disk.set_room(Some(300));
    for (edit, state) in edits[..15].iter().zip(&states[1..]) {
        journal.record(edit, state);
    }
    assert!(!journal.flush(Duration::from_secs(10)));
    let trouble = journal.trouble().unwrap();
    assert!(trouble.contains("disk is full") && trouble.contains("until there is room"), "{trouble}");
    assert!(journal.progress().1 < 15);
    disk.set_room(None);
    for (edit, state) in edits[15..].iter().zip(&states[16..]) {
        journal.record(edit, state);
    }
    assert!(journal.flush(Duration::from_secs(10)));
    assert_eq!((journal.trouble(), journal.progress()), (None, (30, 30)));
    let after = Home::on(Arc::new(disk.after(End::PowerCut)), Path::new("/library")).unwrap();
    let found = unsaved(&after);
    let recovered = recover(&after, &found[0]).unwrap();
    assert_eq!((recovered.edits, recovered.notes), (30, Vec::new()));
    assert!(text(&recovered.design) == text(&states[30]));
}

#[test]
fn an_edit_is_on_the_disk_within_a_second_without_being_asked() {
    let (edits, states) = script(5, 1);
    let disk = TestDisk::new();
    let home = home(&disk);
    let mut journal = Journal::start(&home, &states[0], about(), 0).unwrap();
    journal.record(&edits[0], &states[1]);
    let start = std::time::Instant::now();
    while journal.progress().1 == 0 && start.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(10));
    }
    let took = start.elapsed();
    // A machine that is busy may need longer to let the thread run.
    assert!(took < Duration::from_secs(5) && SYNC_WITHIN < Duration::from_secs(1), "{took:?}");
    let after = Home::on(Arc::new(disk.after(End::PowerCut)), Path::new("/library")).unwrap();
    assert_eq!(unsaved(&after)[0].edits, 1);
}

#[test]
fn an_open_window_is_not_offered_and_a_closed_one_leaves_nothing() {
    let (edits, states) = script(6, 3);
    let folder = tempfile::tempdir().unwrap();
    let home = Home::open(Some(folder.path())).unwrap();
    let mut first = Journal::start(&home, &states[0], about(), 0).unwrap();
    let mut second = Journal::start(&home, &states[0], JournalAbout { title: "Two".to_owned(), ..about() }, 0).unwrap();
    assert_ne!(first.folder(), second.folder());
    for (edit, state) in edits.iter().zip(&states[1..]) {
        first.record(edit, state);
        second.record(edit, state);
    }
    first.set_picture(b"\x89PNG".to_vec());
    assert!(first.flush(Duration::from_secs(10)) && second.flush(Duration::from_secs(10)));
    assert_eq!(unsaved(&home), [], "both windows are open");
    second.close();
    // As a crash does, but for the lock, which the system lets go of.
    let left = first.folder().to_owned();
    drop(first);
    let found = unsaved(&home);
    assert_eq!(found.len(), 1);
    assert_eq!((&found[0].folder, found[0].edits, &found[0].about), (&left, 3, &about()));
    assert_eq!(std::fs::read(found[0].picture.as_ref().unwrap()).unwrap(), b"\x89PNG");

    let recovered = recover(&home, &found[0]).unwrap();
    assert!(matches!(recover(&home, &found[0]), Err(JournalError::Busy)), "another window is recovering it");
    assert_eq!(unsaved(&home), []);
    let again = Journal::start(&home, &recovered.design, recovered.about.clone(), recovered.edits).unwrap();
    discard(&home, &found[0], Some(recovered.lock)).unwrap();
    assert!(!left.exists());
    drop(again);
    assert_eq!(unsaved(&home)[0].edits, 3, "recovered work is unsaved work");
    discard(&home, &unsaved(&home)[0], None).unwrap();
    assert_eq!(std::fs::read_dir(folder.path().join("recovery")).unwrap().count(), 0);
}

#[test]
fn what_was_saved_is_not_offered() {
    let (edits, states) = script(8, 4);
    let disk = TestDisk::new();
    let home = home(&disk);
    let mut journal = Journal::start(&home, &states[0], about(), 0).unwrap();
    for (edit, state) in edits[..3].iter().zip(&states[1..]) {
        journal.record(edit, state);
    }
    journal.saved(&states[3], JournalAbout { title: "Saved".to_owned(), ..about() });
    assert!(journal.flush(Duration::from_secs(10)));
    let end = || Home::on(Arc::new(disk.after(End::Killed)), Path::new("/library")).unwrap();
    let home_after = end();
    assert_eq!(unsaved(&home_after), []);
    assert_eq!(
        home_after.disk().list(Path::new("/library/recovery")).unwrap(),
        [] as [PathBuf; 0],
        "it is tidied away"
    );
    journal.record(&edits[3], &states[4]);
    assert!(journal.flush(Duration::from_secs(10)));
    let found = unsaved(&end());
    assert_eq!((found[0].edits, found[0].about.title.as_str()), (1, "Saved"));
}

#[test]
fn a_damaged_snapshot_is_replaced_by_the_one_before_it() {
    let (edits, states) = script(9, 6);
    let disk = TestDisk::new();
    let home = home(&disk);
    let (folder, lock) = claim_folder(&home, 1000).unwrap();
    let mut writer = Writer::new(Arc::new(disk.clone()), folder.clone(), lock);
    writer.rotate(states[0].clone(), &about(), 0).unwrap();
    for edit in &edits[..3] {
        writer.push(Record::Edit(edit.clone()));
    }
    writer.write().and_then(|()| writer.sync()).unwrap();
    writer.rotate(states[3].clone(), &about(), 3).unwrap();
    for edit in &edits[3..] {
        writer.push(Record::Edit(edit.clone()));
    }
    writer.write().and_then(|()| writer.sync()).unwrap();
    let after = disk.after(End::Killed);
    let mut damaged = after.get(&base_path(&folder, 2)).unwrap();
    damaged[40] ^= 1;
    after.put(&base_path(&folder, 2), &damaged);
    let home = Home::on(Arc::new(after.clone()), Path::new("/library")).unwrap();
    let recovered = recover(&home, &unsaved(&home)[0]).unwrap();
    assert_eq!(recovered.edits, 6);
    assert!(recovered.notes[0].contains("damaged"), "{:?}", recovered.notes);
    assert!(text(&recovered.design) == text(&states[6]));
    drop(recovered);
    after.put(&base_path(&folder, 1), b"");
    let error = recover(&home, &unsaved(&home)[0]).unwrap_err();
    assert!(matches!(error, JournalError::Damaged { .. }), "{error:?}");
}

#[test]
fn a_build_session_is_recovered_with_the_design() {
    let (edits, states) = script(10, 2);
    let disk = TestDisk::new();
    let home = home(&disk);
    let mut journal = Journal::start(&home, &states[0], about(), 0).unwrap();
    let catalog = studwork_core::Catalog::built_in();
    let order = studwork_core::take_apart::removal_order(&states[1], &catalog, &mut |_, _| true).unwrap();
    let mut session = studwork_core::take_apart::BuildSession::new(order);
    session.take_next();
    journal.record(&edits[0], &states[1]);
    journal.record_session(Some(session.clone()));
    assert!(journal.flush(Duration::from_secs(10)));
    let after = Home::on(Arc::new(disk.after(End::PowerCut)), Path::new("/library")).unwrap();
    let recovered = recover(&after, &unsaved(&after)[0]).unwrap();
    assert_eq!(recovered.session, Some(session));
}

#[test]
fn taking_apart_alone_is_unsaved_work() {
    let (_, states) = script(10, 2);
    let disk = TestDisk::new();
    let home = home(&disk);
    let mut journal = Journal::start(&home, &states[1], about(), 0).unwrap();
    let catalog = studwork_core::Catalog::built_in();
    let order = studwork_core::take_apart::removal_order(&states[1], &catalog, &mut |_, _| true).unwrap();
    let mut session = studwork_core::take_apart::BuildSession::new(order);
    session.take_next();
    journal.record_session(Some(session.clone()));
    assert!(journal.flush(Duration::from_secs(10)));
    let after = Home::on(Arc::new(disk.after(End::PowerCut)), Path::new("/library")).unwrap();
    let left = unsaved(&after);
    assert_eq!(left.iter().map(|one| one.edits).collect::<Vec<_>>(), [1]);
    let recovered = recover(&after, &left[0]).unwrap();
    assert_eq!((recovered.edits, recovered.design.build_session()), (1, Some(&session)));
}
