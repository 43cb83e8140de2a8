//! What must not be lost: the library of originals, the journal of the open document, earlier versions of its file.
//!
//! The files themselves are `studwork-library`'s business; here they meet the window: what is listed, when the journal
//! begins and ends. Without a library folder (as in most tests) nothing is kept, and nothing fails for it.

use crate::document::Document;
use crate::feedback::Notices;
use bevy::prelude::*;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use studwork_core::{Design, Edit};
use studwork_library::journal::{self, Unsaved};
use studwork_library::{Entry, FileStamp, Home, Journal, JournalAbout, Originals};

/// The user's library and the journal of the open document.
#[derive(Resource, Default)]
pub struct Keep {
    originals: Option<Arc<Originals>>,
    journal: Option<Journal>,
    /// What the library holds, as it was listed last; by title.
    pub entries: Arc<Vec<Entry>>,
    /// Counts the listings, so that pictures are read again.
    pub listing: u64,
    /// Whether it was asked what the library holds.
    pub listed: bool,
    /// Work that programs which did not end well have left.
    pub unsaved: Vec<Unsaved>,
    /// What the document's file was when it was read or written last.
    pub stamp: Option<FileStamp>,
    /// Trouble of the journal that was told already.
    told: Option<String>,
    /// When the journal got its last picture, and of which generation.
    pictured: Option<(Instant, u64)>,
}

/// A picture for the list of unsaved work is at most this old, if there were edits.
const PICTURE_EVERY: Duration = Duration::from_secs(120);

impl Keep {
    /// Uses the library in this folder, or the user's.
    pub fn open(&mut self, folder: Option<&Path>) -> Result<(), String> {
        let home = Home::open(folder).map_err(|error| error.to_string())?;
        crate::disk::protect(&home);
        self.unsaved = journal::unsaved(&home);
        let originals = Originals::open(home).map_err(|error| error.to_string())?;
        self.originals = Some(Arc::new(originals));
        Ok(())
    }

    /// The originals, where there is a library.
    pub fn originals(&self) -> Option<&Arc<Originals>> {
        self.originals.as_ref()
    }

    /// The library's folder, where there is one.
    pub fn home(&self) -> Option<&Home> {
        self.originals.as_deref().map(Originals::home)
    }

    /// Begins the journal of a document that was opened; that of the one before is closed. `edits` is how many changes
    /// no file has.
    pub fn begin(&mut self, document: &Document, edits: u64) -> Result<(), String> {
        self.end();
        let Some(home) = self.home() else { return Ok(()) };
        let journal =
            Journal::start(home, document.design(), about(document), edits).map_err(|error| error.to_string())?;
        self.journal = Some(journal);
        self.pictured = None;
        Ok(())
    }

    /// Notes an edit; `design` is what it led to.
    pub fn record(&mut self, edit: &Edit, design: &Design) {
        if let Some(journal) = &mut self.journal {
            journal.record(edit, design);
        }
    }

    /// Whether edits are noted.
    pub fn is_recording(&self) -> bool {
        self.journal.is_some()
    }

    /// The journal of the open document.
    pub fn journal_mut(&mut self) -> Option<&mut Journal> {
        self.journal.as_mut()
    }

    /// Notes that the document is in its file as it is now.
    pub fn saved(&mut self, document: &Document) {
        let about = about(document);
        if let Some(journal) = &mut self.journal {
            journal.saved(document.design(), about);
        }
    }

    /// Ends the journal: the document was closed on purpose.
    pub fn end(&mut self) {
        if let Some(journal) = self.journal.take() {
            journal.close();
        }
    }

    /// Whether the list of unsaved work should get a new picture of this document.
    pub fn wants_picture(&mut self, document: &Document) -> bool {
        let Some(journal) = &self.journal else { return false };
        let (edits, _) = journal.progress();
        let due = edits > 0
            && self
                .pictured
                .is_none_or(|(at, generation)| at.elapsed() > PICTURE_EVERY && generation != document.generation());
        if due {
            self.pictured = Some((Instant::now(), document.generation()));
        }
        due
    }
}

fn about(document: &Document) -> JournalAbout {
    JournalAbout { title: document.name(), file: document.path().map(Path::to_owned), opened: now() }
}

/// Seconds since 1970.
pub fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64)
}

/// `2026-11-21 22:50` in universal time, from seconds since 1970.
pub fn date_text(seconds: i64) -> String {
    let Ok(date) = time::OffsetDateTime::from_unix_timestamp(seconds) else { return String::new() };
    let (day, clock) = (date.date(), date.time());
    format!("{day} {:02}:{:02}", clock.hour(), clock.minute())
}

/// How long ago something was, in words.
pub fn ago(seconds: i64, now: i64) -> String {
    let passed = (now - seconds).max(0);
    let words = |n: i64, unit: &str| format!("{n} {unit}{} ago", if n == 1 { "" } else { "s" });
    match passed {
        0..60 => "just now".into(),
        60..3600 => words(passed / 60, "minute"),
        3600..86_400 => words(passed / 3600, "hour"),
        _ => words(passed / 86_400, "day"),
    }
}

/// Says once when the journal cannot be written.
fn tell_trouble(mut keep: ResMut<Keep>, mut notices: ResMut<Notices>) {
    let keep = keep.bypass_change_detection();
    let trouble = keep.journal.as_ref().and_then(Journal::trouble);
    if trouble != keep.told {
        if let Some(text) = &trouble {
            notices.error(format!("Unsaved work is not kept safe: {text}"));
        }
        keep.told = trouble;
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Keep>().add_systems(Update, tell_trouble.in_set(crate::EditorSystems::React));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_spans_read_well() {
        assert_eq!(date_text(0), "1970-01-01 00:00");
        assert_eq!(date_text(951_782_400), "2000-02-29 00:00");
        assert_eq!(ago(1000, 1010), "just now");
        assert_eq!(ago(0, 3600), "1 hour ago");
        assert_eq!(ago(0, 200_000), "2 days ago");
    }
}
