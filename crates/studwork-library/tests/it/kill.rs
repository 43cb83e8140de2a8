//! A program that edits and saves is killed at any moment, and nothing that it had on disk is lost.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use studwork_core::testing::{Rng, random_design, random_edit};
use studwork_core::{Design, Edit, History, to_ron};
use studwork_library::journal::{recover, unsaved};
use studwork_library::{FileStamp, Home, Journal, JournalAbout, SaveOptions, save_design};

/// Set for the process that is killed: its folder and its seed.
const DRIVER: &str = "STUDWORK_KILL_DRIVER";
/// How often a process is killed, unless `STUDWORK_KILLS` says otherwise.
const KILLS: u64 = 500;
/// A save after so many edits.
const EDITS_A_SAVE: u64 = 40;

/// Random edits, undone now and then: the same for a seed, whoever asks.
struct Edits {
    design: Design,
    history: History,
    rng: Rng,
}

impl Edits {
    fn new(seed: u64) -> Self {
        let mut design = random_design(seed, 8);
        design.keep_ids();
        Self { design, history: History::new(), rng: Rng::new(seed) }
    }

    /// The next edit that was taken.
    fn next(&mut self) -> Edit {
        loop {
            if self.rng.one_in(5) {
                if let Some(undone) = self.history.undo(&mut self.design) {
                    return undone.edit;
                }
                continue;
            }
            // Designs stay small, so that many edits fit into a short life.
            let edit = if self.design.len() > 300 {
                Edit::RemovePieces(self.design.pieces().map(|piece| piece.id).take(200).collect())
            } else {
                random_edit(&self.design, &mut self.rng)
            };
            if let Ok(applied) = self.design.apply(edit.clone()) {
                self.history.push(applied, "edit", Vec::new(), None);
                return edit;
            }
        }
    }
}

fn about(edits: u64, file: &Path) -> JournalAbout {
    // The title says how many edits are in the file.
    JournalAbout { title: edits.to_string(), file: Some(file.to_owned()), opened: 1_700_000_000 }
}

/// Not a test of its own: what the killed process does, for as long as it lives.
#[test]
fn driver() {
    let Ok(told) = std::env::var(DRIVER) else { return };
    let (folder, seed) = told.rsplit_once('#').unwrap();
    let home = Home::open(Some(&Path::new(folder).join("library"))).unwrap();
    let file = Path::new(folder).join("design.ron");
    let mut edits = Edits::new(seed.parse().unwrap());
    let mut journal = Journal::start(&home, &edits.design, about(0, &file), 0).unwrap();
    journal.set_snapshot_every(90);
    let mut since: Option<FileStamp> = None;
    let mut out = std::io::stdout();
    let mut told = u64::MAX;
    for count in 1.. {
        let edit = edits.next();
        journal.record(&edit, &edits.design);
        if count % EDITS_A_SAVE == 0 {
            let options =
                SaveOptions { since: since.take(), now: 1_700_000_000 + count as i64, ..SaveOptions::default() };
            since = Some(save_design(Some(&home), &file, &mut edits.design, &options).unwrap().stamp);
            edits.history.mark_saved();
            journal.saved(&edits.design, about(count, &file));
        }
        let confirmed = journal.progress().1;
        if confirmed != told {
            told = confirmed;
            // One write, so that no half number is read.
            let line = format!("{confirmed}\n");
            if out.write_all(line.as_bytes()).and_then(|()| out.flush()).is_err() {
                return;
            }
        }
        assert_eq!(journal.trouble(), None);
        std::thread::sleep(Duration::from_micros(300));
    }
}

/// What a life left behind.
#[derive(Default, Debug)]
struct Toll {
    lives: u64,
    edits: u64,
    recovered: u64,
    torn: u64,
    saved: u64,
}

/// Runs a process, kills it, and looks at what is there.
fn one_life(seed: u64, toll: &Mutex<Toll>) {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["kill::driver", "--exact", "--nocapture", "--test-threads=1"])
        .env(DRIVER, format!("{}#{seed}", folder.path().display()))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    // Until it is at work; the test's own heading comes first.
    while first.trim().parse::<u64>().is_err() {
        first.clear();
        assert_ne!(lines.read_line(&mut first).unwrap(), 0, "it never began");
    }
    std::thread::sleep(Duration::from_micros(Rng::new(seed ^ 0x5EED).any() % 60_000));
    child.kill().unwrap();
    child.wait().unwrap();
    let mut rest = String::new();
    lines.read_to_string(&mut rest).unwrap();
    let confirmed = (first + &rest).lines().filter_map(|line| line.trim().parse::<u64>().ok()).max().unwrap();
    look(seed, folder.path(), confirmed, toll);
}

fn look(seed: u64, folder: &Path, confirmed: u64, toll: &Mutex<Toll>) {
    let home = Home::open(Some(&folder.join("library"))).unwrap();
    let file = folder.join("design.ron");
    let found = unsaved(&home);
    assert!(found.len() <= 1, "seed {seed}: {found:?}");
    let mut torn = 0;
    let recovered = found.first().map(|unsaved| {
        let recovered = recover(&home, unsaved).unwrap();
        torn = u64::from(!recovered.notes.is_empty());
        assert!(recovered.notes.iter().all(|note| note.contains("half written")), "seed {seed}: {:?}", recovered.notes);
        let saved: u64 = recovered.about.title.parse().unwrap();
        assert_eq!(recovered.edits, unsaved.edits, "seed {seed}");
        (saved + recovered.edits, recovered.design)
    });
    let saved = file.exists().then(|| studwork_core::from_ron(&std::fs::read_to_string(&file).unwrap()).unwrap().value);
    // The same edits again, to know what every state was.
    let mut again = Edits::new(seed);
    let mut file_is = None;
    let mut total = 0;
    // A busy disk confirms late: the file may be many saves ahead of what the journal knows to be safe.
    let until = recovered.as_ref().map_or(confirmed, |(total, _)| *total).max(confirmed) + 100 * EDITS_A_SAVE;
    let mut met = recovered.is_none();
    while total < until && (file_is.is_none() && saved.is_some() || !met || total == 0) {
        if let Some((count, design)) = &recovered
            && *count == total
        {
            met = true;
            let (mut one, mut other) = (again.design.clone(), design.clone());
            one.keep_ids();
            other.keep_ids();
            assert!(to_ron(&one) == to_ron(&other), "seed {seed}: the design after {total} edits is another");
        }
        again.next();
        total += 1;
        if total % EDITS_A_SAVE == 0 {
            again.design.keep_ids();
            again.history.mark_saved();
            if saved.as_ref().is_some_and(|saved| *saved == again.design) {
                file_is = Some(total);
            }
        }
    }
    assert!(met, "seed {seed}: {recovered:?} was never a state");
    assert!(saved.is_none() || file_is.is_some(), "seed {seed}: the saved file is no state that was saved");
    let safe = recovered.as_ref().map_or(0, |(total, _)| *total).max(file_is.unwrap_or(0));
    assert!(safe >= confirmed, "seed {seed}: {confirmed} edits were confirmed, {safe} are there");
    let mut toll = toll.lock().unwrap();
    toll.lives += 1;
    toll.edits += safe;
    toll.recovered += u64::from(recovered.is_some());
    toll.torn += torn;
    toll.saved += u64::from(saved.is_some());
}

#[test]
fn nothing_is_lost_when_the_program_is_killed_at_any_moment() {
    if std::env::var_os(DRIVER).is_some() {
        return;
    }
    let kills: u64 = std::env::var("STUDWORK_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(KILLS);
    let (toll, next, start) = (Mutex::new(Toll::default()), Mutex::new(0), Instant::now());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let seed = {
                        let mut next = next.lock().unwrap();
                        *next += 1;
                        *next
                    };
                    if seed > kills {
                        return;
                    }
                    one_life(seed, &toll);
                }
            });
        }
    });
    let toll = toll.into_inner().unwrap();
    eprintln!("killed {kills} times in {:.1?}: {toll:?}", start.elapsed());
    assert_eq!(toll.lives, kills);
    assert!(toll.recovered * 2 > kills, "{toll:?}");
}
