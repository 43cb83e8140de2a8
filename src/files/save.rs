//! Saving: the text is made whole before the file is touched, and the file is replaced in one move.

use super::jobs::is_design_file;
use super::{Desk, file_name};
use crate::feedback::PathPurpose;
use std::path::Path;

impl Desk<'_> {
    /// Saves to the design's own file, or asks for one.
    pub(super) fn save(&mut self) {
        match self.document.path().map(Path::to_owned) {
            Some(path) => self.save_to(&path),
            None => self.ask(PathPurpose::Save),
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
        let text = studwork_core::to_ron(self.document.design());
        if let Err(error) = crate::disk::write_atomically(path, text.as_bytes()) {
            self.background.after_save = None;
            self.notices.error(format!("{} was not saved: {error}", path.display()));
            return;
        }
        self.document.saved_to(path.to_owned());
        self.remember(path);
        self.notices.info(format!("Saved {}", file_name(path)));
        if let Some(then) = self.background.after_save.take() {
            self.request(then, true);
        }
    }
}
