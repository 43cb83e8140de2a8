//! Whatever is done to copies, originals stay what they are.

use std::path::PathBuf;
use std::time::SystemTime;
use studwork_core::take_apart::{BuildSession, Phase, removal_order};
use studwork_core::testing::{Rng, random_edit};
use studwork_core::{Catalog, Design, Edit, History, from_ron};
use studwork_library::{FileStamp, Home, NewOriginal, Originals, SaveError, SaveOptions, save, save_design};

/// How many things are done in all.
const ACTIONS: usize = 10_000;
const MODELS: [&str; 3] = ["10182-1 - Cafe Corner", "21028-1 - New York City", "6080 - Kings Castle"];

/// All of a file that can be told from outside.
#[derive(PartialEq, Debug)]
struct Look {
    path: PathBuf,
    bytes: Vec<u8>,
    modified: SystemTime,
    permissions: std::fs::Permissions,
}

fn looks(originals: &Originals) -> Vec<Look> {
    let folder = originals.home().root().join("originals");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let look = |path: PathBuf| {
        let about = path.metadata().unwrap();
        let (modified, permissions) = (about.modified().unwrap(), about.permissions());
        Look { bytes: std::fs::read(&path).unwrap(), modified, permissions, path }
    };
    paths.into_iter().map(look).collect()
}

/// A copy being worked on.
struct Desk {
    design: Design,
    history: History,
    session: BuildSession,
    file: PathBuf,
    stamp: Option<FileStamp>,
    original: PathBuf,
}

#[test]
fn ten_thousand_edits_saves_take_aparts_and_undos_leave_originals_as_they_were() {
    let Some(models) = std::env::var_os("STUDWORK_MODELS") else {
        eprintln!("skipped: STUDWORK_MODELS is not set");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let home = Home::open(Some(&folder.path().join("library"))).unwrap();
    let originals = Originals::open(home.clone()).unwrap();
    let mut desks = Vec::new();
    for name in MODELS {
        let path = PathBuf::from(&models).join(format!("{name}.mpd"));
        let entry = originals.add_file(&path, NewOriginal::default()).unwrap().entry;
        let design = originals.open_copy(&entry.sha256, &|_| true).unwrap().design;
        let order = removal_order(&design, &Catalog::built_in(), &mut |_, _| true).unwrap();
        assert_eq!(order.len(), design.part_count());
        let original = home.root().join("originals").join(format!("{}.mpd", entry.sha256));
        let file = folder.path().join(format!("{}.ron", desks.len()));
        let session = BuildSession::new(order);
        desks.push(Desk { design, history: History::new(), session, file, stamp: None, original });
    }
    let before = looks(&originals);
    assert_eq!(before.len(), 3);
    assert!(before.iter().all(|look| look.permissions.readonly()));

    let mut rng = Rng::new(2026);
    let mut counts = [0_usize; 7];
    for action in 0..ACTIONS {
        let desk = &mut desks[action % 3];
        let kind = match rng.below(1000) {
            0..620 => {
                let edit = random_edit(&desk.design, &mut rng);
                if let Ok(applied) = desk.design.apply(edit) {
                    desk.history.push(applied, "edit", Vec::new(), None);
                }
                0
            }
            620..800 => {
                desk.history.undo(&mut desk.design);
                1
            }
            800..860 => {
                desk.history.redo(&mut desk.design);
                2
            }
            860..970 => {
                desk.session.phase = if rng.one_in(3) { Phase::Rebuilding } else { Phase::TakingApart };
                match desk.session.phase {
                    Phase::TakingApart => drop(desk.session.take_next()),
                    Phase::Rebuilding => drop(desk.session.put_back_last()),
                }
                3
            }
            970..985 => {
                desk.session.reconcile(&desk.design);
                desk.design.set_build_session(Some(desk.session.clone()));
                let options = SaveOptions { since: desk.stamp.take(), now: action as i64, ..SaveOptions::default() };
                let saved = save_design(Some(&home), &desk.file, &mut desk.design, &options).unwrap();
                desk.history.mark_saved();
                desk.stamp = Some(saved.stamp);
                4
            }
            985..995 => {
                // Whatever path somebody comes up with.
                let inside = [desk.original.clone(), home.root().join("originals/new.ron"), home.root().join("x.ron")];
                let path = rng.pick(&inside).unwrap();
                let refused = save(Some(&home), &path, b"not an original", &SaveOptions::default());
                assert!(matches!(refused, Err(SaveError::InsideLibrary(_))), "{refused:?}");
                5
            }
            _ => {
                if desk.file.exists() {
                    desk.design = from_ron(&std::fs::read_to_string(&desk.file).unwrap()).unwrap().value;
                    desk.session = desk.design.build_session().cloned().unwrap_or_default();
                    desk.history.clear();
                    if rng.one_in(2) {
                        let pieces = desk.design.pieces().map(|piece| piece.id).take(3).collect();
                        desk.design.apply(Edit::RemovePieces(pieces)).unwrap();
                    }
                }
                6
            }
        };
        counts[kind] += 1;
    }
    eprintln!("edits, undos, redos, taken off or put back, saves, refused saves, reopened: {counts:?}");
    assert!(counts.iter().all(|count| *count > 20), "{counts:?}");
    assert!(looks(&originals) == before, "an original is not what it was");
    assert!(originals.verify().unwrap().iter().all(|verified| verified.is_good()));
    for desk in desks {
        let lineage = desk.design.lineage();
        let stays = lineage.is_none_or(|lineage| lineage.sha256.len() == 64);
        assert!(stays);
        let copies = originals.copies_of(desk.original.file_stem().unwrap().to_str().unwrap()).unwrap();
        assert!(copies.len() <= 1);
    }
}
