//! Saving: the text is made whole before the file is touched, and the file is replaced in one move.

use super::jobs::is_design_file;
use super::{Desk, file_name};
use crate::feedback::{Dialog, PathPurpose};
use crate::library::now;
use std::path::Path;
use studwork_library::{SaveError, SaveOptions};

impl Desk<'_> {
    /// Saves to the design's own file, or asks for one.
    pub(super) fn save(&mut self) {
        match self.document.path().map(Path::to_owned) {
            Some(path) => self.save_to(&path),
            None => {
                if let Some(from) = self.document.imported_from() {
                    let name = file_name(from);
                    self.notices.info(format!("{name} stays as it is: your copy is saved as a .ron design"));
                }
                self.ask(PathPurpose::Save);
            }
        }
    }

    /// Saves to a file of ours.
    pub(super) fn save_to(&mut self, path: &Path) {
        if !is_design_file(path) {
            self.background.after_save = None;
            self.notices.error(format!(
                "{} was not written: designs are saved as .ron. Use Export for other formats",
                file_name(path)
            ));
            return;
        }
        self.write(path, false);
    }

    /// Saves although another program has changed the file.
    pub(super) fn save_over(&mut self) {
        if let Some(path) = self.document.path().map(Path::to_owned) {
            self.write(&path, true);
        }
    }

    fn write(&mut self, path: &Path, overwrite_changed: bool) {
        let own = self.document.path().is_some_and(|own| own == path);
        let options = SaveOptions { since: self.keep.stamp.clone().filter(|_| own), now: now(), overwrite_changed };
        let saved = match self.document.write(self.keep.home(), path, &options) {
            Ok(saved) => saved,
            Err(SaveError::ChangedByAnother(path)) => {
                self.dialog.0 = Some(Dialog::FileChanged { path });
                return;
            }
            Err(error) => {
                self.background.after_save = None;
                self.notices.error(error.to_string());
                return;
            }
        };
        self.keep.stamp = Some(saved.stamp);
        self.document.saved_to(path.to_owned());
        self.keep.saved(&self.document);
        self.remember(path);
        if saved.warnings.is_empty() {
            self.notices.info(format!("Saved {}", file_name(path)));
        } else {
            let warnings = saved.warnings.iter().map(ToString::to_string).collect();
            self.notices.warning(format!("Saved {}", file_name(path)), warnings);
        }
        if let Some(then) = self.background.after_save.take() {
            self.request(then, true);
        }
    }
}
