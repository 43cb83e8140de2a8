//! What is kept on disk and must not be lost: originals, saved designs and their earlier versions, and the journal of
//! what no file has yet.
//!
//! This is the only crate that names the folder of originals, and every file that a person saves goes through
//! [`save`], which refuses to write into it. No window, no engine, no network and no clock of its own: callers say what
//! time it is.

mod disk;
mod hash;
mod home;
pub mod journal;
mod license;
mod originals;
mod read;
pub mod report;
mod save;
mod versions;

#[cfg(test)]
mod testing;

pub use disk::{About, Disk, DiskFile, DiskLock, RealDisk};
pub use hash::{is_sha256, sha256_hex};
pub use home::{Home, HomeError};
pub use journal::{Journal, JournalAbout, JournalError};
pub use license::{LicenseTerms, license_terms, note_for_copy, note_for_package};
pub use originals::{
    Added, CopyNote, Entry, LibraryError, Listing, NewOriginal, OpenedCopy, Originals, Removed, Verdict, Verified,
};
pub use read::{Format, ReadError, design_from_bytes};
pub use save::{FileStamp, FileState, SaveError, SaveOptions, SaveWarning, Saved, file_state, save, stamp_of};
pub use versions::{MOST_VERSIONS, Version, keep_version, read_version, restore_version, save_design, versions};
