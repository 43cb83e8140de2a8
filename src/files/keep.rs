//! The library of originals and unsaved work: what is asked of them, on threads, since both are on disk.

use super::jobs::render_small;
use super::{Desk, Finished, file_name};
use crate::document::action::EditorAction;
use crate::feedback::{Dialog, PathPurpose};
use crate::library::now;
use crate::panels::widgets::count;
use bevy::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use studwork_core::{Catalog, Design, Palette, PartId};
use studwork_library::journal::{self, Recovered};
use studwork_library::{Added, LibraryError, NewOriginal, OpenedCopy, Originals, Removed, Verified};

/// The side of an original's picture, pixels.
const PICTURE: (u32, u32) = (320, 240);

impl Desk<'_> {
    /// The library, or a notice that there is none.
    fn originals(&mut self) -> Option<Arc<Originals>> {
        let originals = self.keep.originals().cloned();
        if originals.is_none() {
            self.notices.error("There is no library: its folder could not be used");
        }
        originals
    }

    /// Reads what the library holds.
    pub(super) fn list_library(&mut self) {
        let Some(originals) = self.keep.originals().cloned() else { return };
        self.background.spawn(None, move || {
            let listed = originals.list();
            Finished::then(move |desk| match listed {
                Ok(listing) => {
                    desk.keep.entries = Arc::new(listing.entries);
                    desk.keep.listing += 1;
                    if !listing.problems.is_empty() {
                        let text = format!("The library: {}", count(listing.problems.len(), "problem"));
                        desk.notices.warning(text, listing.problems.iter().map(ToString::to_string).collect());
                    }
                }
                Err(error) => desk.notices.error(error.to_string()),
            })
        });
    }

    pub(super) fn add_to_library(&mut self, path: PathBuf) {
        let Some(originals) = self.originals() else { return };
        let progress = self.job(format!("Adding {} to the library", file_name(&path)));
        let (catalog, palette) = (self.parts.0.clone(), self.colors.0.clone());
        self.background.spawn(Some(progress), move || {
            let about =
                NewOriginal { name: file_name(&path), source: String::new(), added: now(), ..Default::default() };
            let added = originals.add_file(&path, about);
            if let Ok(added) = &added {
                add_picture(&originals, &added.entry.sha256, &catalog, &palette);
            }
            Finished::then(move |desk| desk.added(added, &path))
        });
    }

    fn added(&mut self, added: Result<Added, LibraryError>, path: &Path) {
        match added {
            Ok(Added { entry, was_there }) => {
                let text = if was_there {
                    format!("{} is in the library already, as “{}”", file_name(path), entry.title)
                } else {
                    format!("“{}” is in the library: {}", entry.title, count(entry.pieces, "piece"))
                };
                self.notices.info(text);
                self.list_library();
            }
            Err(error) => self.notices.error(format!("{} was not added: {error}", file_name(path))),
        }
    }

    /// Opens a copy of an original.
    pub(super) fn open_original(&mut self, sha256: String) {
        let Some(originals) = self.originals() else { return };
        let progress = self.job("Copying the original".into());
        let catalog = self.parts.0.clone();
        let shared = progress.clone();
        self.background.spawn(Some(progress), move || {
            let known = |part: &str| catalog.info(&PartId::new(part)).is_some();
            let opened = originals.open_copy(&sha256, &known);
            if let Ok(copy) = &opened {
                super::jobs::load_parts(&copy.design, &catalog, &shared);
            }
            Finished::then(move |desk| match opened {
                Ok(copy) => desk.show_loaded(move |desk| desk.opened_copy(copy)),
                Err(error) => desk.notices.error(error.to_string()),
            })
        });
    }

    /// Shows a copy that was just made. It has no file yet: Save asks for one.
    pub(super) fn opened_copy(&mut self, copy: OpenedCopy) {
        let OpenedCopy { design, warnings, license_note, entry } = copy;
        self.replace(design, None, None);
        let mut notes: Vec<String> = license_note.into_iter().collect();
        notes.extend(warnings.iter().map(ToString::to_string));
        let text = format!("This is your copy of “{}”; the original stays as it is", entry.title);
        if notes.is_empty() { self.notices.info(text) } else { self.notices.warning(text, notes) }
    }

    /// Shows a copy, unless unsaved changes would be lost: then the question comes first.
    pub(super) fn open_or_ask(&mut self, copy: OpenedCopy) {
        if self.document.is_dirty() {
            let then = EditorAction::LibraryOpen(copy.entry.sha256);
            self.dialog.0 = Some(Dialog::UnsavedChanges { then });
        } else {
            self.opened_copy(copy);
        }
    }

    pub(super) fn ask_export_original(&mut self, sha256: String) {
        self.background.original = Some(sha256);
        self.ask(PathPurpose::OriginalExport);
    }

    /// What the file of the original that is to be written is called.
    pub(super) fn export_name(&self) -> String {
        let wanted = self.background.original.as_deref();
        let entry = self.keep.entries.iter().find(|entry| Some(entry.sha256.as_str()) == wanted);
        entry.map_or_else(|| "original.mpd".into(), |entry| entry.file_name.clone())
    }

    pub(super) fn export_original(&mut self, sha256: String, to: PathBuf) {
        let Some(originals) = self.originals() else { return };
        let sha256 = if sha256.is_empty() { self.background.original.take().unwrap_or_default() } else { sha256 };
        match originals.export(&sha256, &to, true, now()) {
            Ok(_) => self.notices.info(format!("Wrote {}", to.display())),
            Err(error) => self.notices.error(error.to_string()),
        }
    }

    pub(super) fn remove_original(&mut self, sha256: &str) {
        let Some(originals) = self.originals() else { return };
        match originals.remove(sha256) {
            Ok(Removed { title, copies, .. }) => {
                let text = format!("“{title}” is no longer in the library");
                let kept = copies.iter().map(|copy| format!("its copy {} keeps working", copy.path.display()));
                let kept: Vec<String> = kept.collect();
                if kept.is_empty() { self.notices.info(text) } else { self.notices.warning(text, kept) }
            }
            Err(error) => self.notices.error(error.to_string()),
        }
        self.list_library();
    }

    pub(super) fn verify_library(&mut self) {
        let Some(originals) = self.originals() else { return };
        let progress = self.job("Verifying the library".into());
        self.background.spawn(Some(progress), move || {
            let verified = originals.verify();
            Finished::then(move |desk| match verified {
                Ok(verified) => {
                    let bad: Vec<&Verified> = verified.iter().filter(|one| !one.is_good()).collect();
                    if bad.is_empty() {
                        let text = format!("{}: each is what was added", count(verified.len(), "original"));
                        desk.notices.info(text);
                    } else {
                        let text = format!("{} of {} cannot be opened", bad.len(), count(verified.len(), "original"));
                        desk.notices.warning(text, bad.iter().map(|one| sentence(one)).collect());
                    }
                }
                Err(error) => desk.notices.error(error.to_string()),
            })
        });
    }

    pub(super) fn tag_original(&mut self, sha256: &str, tags: Vec<String>) {
        let Some(originals) = self.originals() else { return };
        if let Err(error) = originals.set_tags(sha256, tags) {
            self.notices.error(error.to_string());
        }
        self.list_library();
    }

    /// Opens work that was not saved when a program ended.
    pub(super) fn recover(&mut self, folder: &Path) {
        let Some(home) = self.keep.home().cloned() else { return };
        let Some(unsaved) = self.keep.unsaved.iter().find(|unsaved| unsaved.folder == folder).cloned() else { return };
        match journal::recover(&home, &unsaved) {
            Ok(Recovered { design, about, edits, notes, lock, .. }) => {
                self.replace_with(design, about.file.clone(), None, edits);
                // The new journal holds the work now; only then the old one may go.
                if self.keep.is_recording() {
                    if let Err(error) = journal::discard(&home, &unsaved, Some(lock)) {
                        self.notices.warning(error.to_string(), Vec::new());
                    }
                    self.keep.unsaved.retain(|one| one.folder != unsaved.folder);
                }
                let text = format!(
                    "Recovered “{}”: {} that no file has; save to keep it",
                    about.title,
                    count(edits as usize, "change")
                );
                if notes.is_empty() { self.notices.info(text) } else { self.notices.warning(text, notes) }
            }
            Err(error) => self.notices.error(error.to_string()),
        }
    }

    /// Opens an earlier version of the document's file, as an unsaved change of it.
    pub(super) fn open_version(&mut self, number: u64) {
        let (Some(home), Some(path)) = (self.keep.home().cloned(), self.document.path().map(Path::to_owned)) else {
            return;
        };
        let versions = studwork_library::versions(&home, &path).unwrap_or_default();
        let Some(version) = versions.into_iter().find(|version| version.number == number) else { return };
        let read = studwork_library::read_version(&home, &version).map_err(|error| error.to_string());
        let text = read.and_then(|bytes| String::from_utf8(bytes).map_err(|error| error.to_string()));
        match text.and_then(|text| studwork_core::from_ron(&text).map_err(|error| error.to_string())) {
            Ok(parsed) => {
                self.replace_with(parsed.value, Some(path), None, 1);
                let when = crate::library::date_text(version.saved);
                self.notices.info(format!("This is the version of {when}; save to keep it"));
            }
            Err(error) => self.notices.error(format!("The version was not opened: {error}")),
        }
    }

    pub(super) fn discard_unsaved(&mut self, folder: &Path) {
        let Some(home) = self.keep.home().cloned() else { return };
        let Some(unsaved) = self.keep.unsaved.iter().find(|unsaved| unsaved.folder == folder).cloned() else { return };
        match journal::discard(&home, &unsaved, None) {
            Ok(()) => self.keep.unsaved.retain(|one| one.folder != unsaved.folder),
            Err(error) => self.notices.error(error.to_string()),
        }
        if self.keep.unsaved.is_empty() && self.dialog.0 == Some(Dialog::Unsaved) {
            self.dialog.0 = None;
        }
    }

    /// Gives the journal a picture now and then, for the list of unsaved work.
    pub(super) fn picture_for_journal(&mut self) {
        if !self.keep.bypass_change_detection().wants_picture(&self.document) {
            return;
        }
        let (design, catalog, palette) = (self.document.design().clone(), self.parts.0.clone(), self.colors.0.clone());
        self.background.spawn(None, move || {
            let picture = render_small(&design, &catalog, &palette, PICTURE);
            Finished::then(move |desk| {
                if let (Some(png), Some(journal)) = (picture, desk.keep.journal_mut()) {
                    journal.set_picture(png);
                }
            })
        });
    }
}

/// Renders an original that has no picture yet.
pub(super) fn add_picture(originals: &Originals, sha256: &str, catalog: &Catalog, palette: &Palette) {
    let missing = originals.show(sha256).is_ok_and(|entry| entry.picture.is_none());
    if !missing {
        return;
    }
    let design: Option<Design> = originals.design(sha256).ok();
    if let Some(png) = design.and_then(|design| render_small(&design, catalog, palette, PICTURE)) {
        // It shows without one as well.
        drop(originals.set_picture(sha256, &png));
    }
}

fn sentence(verified: &Verified) -> String {
    use studwork_library::Verdict;
    let name = if verified.title.is_empty() { &verified.sha256 } else { &verified.title };
    match &verified.verdict {
        Verdict::Intact | Verdict::Writable => format!("“{name}” is what was added"),
        Verdict::Changed { .. } => format!("“{name}” was changed by something else; add the file again"),
        Verdict::Missing => format!("“{name}” is gone; add the file again"),
        Verdict::Unlisted => format!("{}: nothing is known of this file; add it again", verified.path.display()),
        Verdict::Unreadable { reason } => format!("“{name}” cannot be read: {reason}"),
    }
}
