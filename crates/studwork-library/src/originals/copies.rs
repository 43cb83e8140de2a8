//! Which files are copies of an original: noted when a copy is saved, told when the original is removed.
//!
//! A note is a help, not a truth: the copy itself says where it comes from, and may have been moved since.

use super::{LibraryError, MAX_SIDECAR, Originals};
use crate::{disk, is_sha256};
use serde::{Deserialize, Serialize};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use studwork_core::Design;

/// The most copies that are noted of one original; the oldest notes make room.
const MAX_COPIES: usize = 1000;

/// A file that was saved as a copy of an original.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CopyNote {
    /// Where it was saved.
    pub path: PathBuf,
    /// Its title then.
    pub title: String,
    /// When it was saved last, seconds since 1970.
    pub saved: i64,
}

impl Originals {
    pub(super) fn copies_path(&self, sha256: &str) -> PathBuf {
        self.home.root().join("copies").join(format!("{sha256}.json"))
    }

    /// The files that are known to be copies of an original, the one saved last first. Some may have been moved or deleted
    /// since.
    ///
    /// # Errors
    /// The notes are there but cannot be read.
    pub fn copies_of(&self, sha256: &str) -> Result<Vec<CopyNote>, LibraryError> {
        if !is_sha256(sha256) {
            return Err(LibraryError::NotAHash { text: sha256.to_owned() });
        }
        let path = self.copies_path(sha256);
        match self.disk().read(&path, MAX_SIDECAR) {
            // Damaged notes are no notes.
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).unwrap_or_default()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(LibraryError::disk("could not be read", &path)(error)),
        }
    }

    /// Notes that a design was saved to a file. Does nothing for one that is no copy of an original in the library.
    ///
    /// # Errors
    /// The note cannot be written.
    pub fn note_copy(&self, design: &Design, path: &Path, now: i64) -> Result<(), LibraryError> {
        let Some(lineage) = design.lineage().filter(|lineage| is_sha256(&lineage.sha256)) else { return Ok(()) };
        if self.disk().about(&self.sidecar_path(&lineage.sha256)).is_err() {
            return Ok(());
        }
        let _lock = self.lock()?;
        let mut copies = self.copies_of(&lineage.sha256)?;
        let path = self.disk().real_path(path).unwrap_or_else(|_| path.to_owned());
        copies.retain(|copy| copy.path != path);
        copies.insert(0, CopyNote { path, title: design.title().to_owned(), saved: now });
        copies.truncate(MAX_COPIES);
        let file = self.copies_path(&lineage.sha256);
        let text = serde_json::to_vec_pretty(&copies)
            .map_err(|error| LibraryError::BadSidecar { path: file.clone(), message: error.to_string() })?;
        disk::replace(self.disk(), &file, &text).map_err(LibraryError::disk("could not be written", &file))
    }
}
