//! Saving: the one way in which a file of a person's is written.
//!
//! It refuses paths in the library, notices what happened to the file since it was read, and writes so that a crash at
//! any moment leaves the old file or the new one. What goes wrong is told in words that help.

use crate::disk::{self, Disk, Mode, RealDisk, folder_of};
use crate::home::Home;
use crate::read::MAX_BYTES;
use crate::sha256_hex;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// What a file was when it was read or written last.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileStamp {
    /// Bytes.
    pub length: u64,
    /// When it was written, nanoseconds since 1970.
    pub modified: i128,
    /// Of its bytes, lower-case hex.
    pub sha256: String,
}

/// How a file is compared with its [`FileStamp`].
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum FileState {
    /// Its bytes are the same (it may have been touched).
    Same,
    /// Another program wrote it.
    Changed,
    /// It is gone.
    Deleted,
}

/// How to save.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SaveOptions {
    /// What the file was when it was read or saved last; `None` for a file that this document never had (Save as).
    pub since: Option<FileStamp>,
    /// The time, seconds since 1970.
    pub now: i64,
    /// Write although another program changed the file.
    pub overwrite_changed: bool,
}

/// A file was saved.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Saved {
    /// What it is now; the `since` of the next save.
    pub stamp: FileStamp,
    /// What a person should know.
    pub warnings: Vec<SaveWarning>,
}

/// Something to know about a file that was saved.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SaveWarning {
    /// It was not there any more.
    #[error("{0} had been deleted by another program; it is there again")]
    WasDeleted(PathBuf),
    /// Time goes backwards.
    #[error(
        "the computer's clock stands {seconds} seconds before the time at which {path} was saved last: check date and time, \
         or versions will be listed in the wrong order"
    )]
    ClockWentBack {
        /// Which file.
        path: PathBuf,
        /// By how much.
        seconds: i64,
    },
    /// The design is safe, but no earlier version of it was kept.
    #[error("{path} was saved, but no earlier version of it could be kept: {reason}")]
    NoVersionKept {
        /// Which file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

/// Why a file was not saved. What was there before is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SaveError {
    /// It would change the library.
    #[error("{0} lies in the library of originals, which nothing writes to: choose another place for your copy")]
    InsideLibrary(PathBuf),
    /// Another program wrote the file.
    #[error(
        "{0} was changed by another program since you opened it: save under another name to keep both, or save over it"
    )]
    ChangedByAnother(PathBuf),
    /// There is no room.
    #[error("the disk is full: {path} needs {bytes} bytes and was not saved; make room, or save on another disk")]
    DiskFull {
        /// Which file.
        path: PathBuf,
        /// How many bytes it has.
        bytes: usize,
    },
    /// Nothing can be written in the folder.
    #[error(
        "nothing can be written in the folder {0} (it is read-only, or belongs to someone else): save somewhere else"
    )]
    ReadOnlyFolder(PathBuf),
    /// The file is read-only.
    #[error("{0} is read-only: save under another name, or let it be written in its properties")]
    ReadOnlyFile(PathBuf),
    /// The folder is not there.
    #[error("the folder {0} is not there (any more): save somewhere else")]
    NoFolder(PathBuf),
    /// The path names a folder.
    #[error("{0} is a folder: give the file a name of its own")]
    IsFolder(PathBuf),
    /// Anything else that the system refuses.
    #[error("{path} was not saved: {source}; save somewhere else")]
    Other {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// What a file on disk is now. `bytes` are those that were just read from it.
///
/// # Errors
/// As the system says.
pub fn stamp_of(home: Option<&Home>, path: &Path, bytes: &[u8]) -> io::Result<FileStamp> {
    let about = disk_of(home).about(path)?;
    Ok(FileStamp { length: bytes.len() as u64, modified: about.modified, sha256: sha256_hex(bytes) })
}

/// Whether a file is still what it was. With `quick`, equal time and length are enough; else its bytes are hashed.
///
/// # Errors
/// The file is there but cannot be read.
pub fn file_state(home: Option<&Home>, path: &Path, since: &FileStamp, quick: bool) -> io::Result<FileState> {
    let disk = disk_of(home);
    let about = match disk.about(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(FileState::Deleted),
        other => other?,
    };
    if quick && about.length == since.length && about.modified == since.modified {
        return Ok(FileState::Same);
    }
    if about.is_folder || about.length != since.length {
        return Ok(FileState::Changed);
    }
    let same = sha256_hex(&disk.read(path, MAX_BYTES)?) == since.sha256;
    Ok(if same { FileState::Same } else { FileState::Changed })
}

fn disk_of(home: Option<&Home>) -> &dyn Disk {
    home.map_or(&RealDisk, |home| &**home.disk())
}

/// Writes a file that a person saves, exports or packages: whole or not at all. With no `home`, there is no library to
/// protect.
///
/// # Errors
/// The path lies in the library, another program changed the file, or the system refuses. The file is as it was.
pub fn save(home: Option<&Home>, path: &Path, bytes: &[u8], options: &SaveOptions) -> Result<Saved, SaveError> {
    let disk = disk_of(home);
    let other = |source: io::Error| refusal(path, bytes.len(), source);
    if home.is_some_and(|home| home.is_inside(path)) {
        return Err(SaveError::InsideLibrary(path.to_owned()));
    }
    // What a link points to is replaced, not the link.
    let real = disk.real_path(path).ok();
    let target = real.as_deref().unwrap_or(path);
    let mut warnings = Vec::new();
    match disk.about(target) {
        Ok(about) if about.is_folder => return Err(SaveError::IsFolder(path.to_owned())),
        Ok(about) if about.read_only => return Err(SaveError::ReadOnlyFile(path.to_owned())),
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(other(error)),
    }
    if let Some(since) = &options.since {
        match file_state(home, target, since, false).map_err(other)? {
            FileState::Changed if !options.overwrite_changed => {
                return Err(SaveError::ChangedByAnother(path.to_owned()));
            }
            FileState::Deleted => warnings.push(SaveWarning::WasDeleted(path.to_owned())),
            FileState::Changed | FileState::Same => {}
        }
        let seconds = (since.modified / 1_000_000_000) as i64 - options.now;
        // Some file systems round to two seconds.
        if seconds > 2 {
            warnings.push(SaveWarning::ClockWentBack { path: path.to_owned(), seconds });
        }
    }
    let mode = real.as_deref().map_or(Mode::New, Mode::Like);
    disk::replace_with(disk, target, bytes, mode).map_err(other)?;
    let modified = disk.about(target).map_or(0, |about| about.modified);
    let stamp = FileStamp { length: bytes.len() as u64, modified, sha256: sha256_hex(bytes) };
    Ok(Saved { stamp, warnings })
}

fn refusal(path: &Path, bytes: usize, source: io::Error) -> SaveError {
    let folder = || folder_of(path).to_owned();
    match source.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => SaveError::DiskFull { path: path.to_owned(), bytes },
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => SaveError::ReadOnlyFolder(folder()),
        ErrorKind::NotFound | ErrorKind::NotADirectory => SaveError::NoFolder(folder()),
        ErrorKind::IsADirectory => SaveError::IsFolder(path.to_owned()),
        _ => SaveError::Other { path: path.to_owned(), source },
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::testing::{End, TestDisk};
    use std::sync::Arc;

    const NOW: i64 = 1_000_000_000;

    fn home(disk: &TestDisk) -> Home {
        let home = Home::on(Arc::new(disk.clone()), Path::new("/library")).unwrap();
        disk.make_folder(Path::new("/designs")).unwrap();
        home
    }

    fn options(since: Option<&FileStamp>) -> SaveOptions {
        SaveOptions { since: since.cloned(), now: NOW, overwrite_changed: false }
    }

    fn path() -> PathBuf {
        PathBuf::from("/designs/gate.ron")
    }

    #[test]
    fn at_every_call_a_save_that_ends_leaves_the_old_file_or_the_new_one() {
        let (old, new) = (b"old design".repeat(50), b"a newer, longer design".repeat(50));
        let mut seen = (0, 0);
        for replaces in [false, true] {
            for after in 0.. {
                let disk = TestDisk::new();
                let home = home(&disk);
                if replaces {
                    disk.put(&path(), &old);
                }
                disk.stop_after(after);
                let done = save(Some(&home), &path(), &new, &options(None));
                for end in [End::Killed, End::PowerCut, End::PowerCutTorn] {
                    let found = disk.after(end).get(&path());
                    match found {
                        None => assert!(!replaces, "the old file is gone after {after} calls, {end:?}"),
                        Some(found) if found == old => seen.0 += 1,
                        Some(found) => {
                            assert!(found == new, "{} bytes of neither after {after} calls, {end:?}", found.len());
                            seen.1 += 1;
                        }
                    }
                }
                if done.is_ok() && disk.calls() < after {
                    assert_eq!(disk.after(End::PowerCut).get(&path()).as_ref(), Some(&new), "it said that it is saved");
                    assert_eq!(disk.files(), [path()], "nothing else is left");
                    break;
                }
            }
        }
        assert!(seen.0 > 5 && seen.1 > 5, "{seen:?}");
    }

    #[test]
    fn a_call_that_fails_leaves_the_old_file_and_nothing_beside_it() {
        for after in 0..8 {
            let disk = TestDisk::new();
            let home = home(&disk);
            disk.put(&path(), b"old");
            disk.fail_after(after, ErrorKind::Other);
            match save(Some(&home), &path(), b"new", &options(None)) {
                Ok(_) => assert_eq!(disk.get(&path()).unwrap(), b"new"),
                Err(error) => {
                    assert_eq!(disk.get(&path()).unwrap(), b"old");
                    assert!(error.to_string().contains("gate.ron"), "{error}");
                }
            }
            assert_eq!(disk.files(), [path()], "after {after} calls");
        }
    }

    #[test]
    fn a_full_disk_is_told_and_changes_nothing() {
        let disk = TestDisk::new();
        let home = home(&disk);
        disk.put(&path(), b"old");
        disk.set_room(Some(5));
        let error = save(Some(&home), &path(), b"a new design", &options(None)).unwrap_err();
        assert!(matches!(error, SaveError::DiskFull { bytes: 12, .. }), "{error:?}");
        assert!(error.to_string().contains("disk is full") && error.to_string().contains("make room"), "{error}");
        assert_eq!(disk.get(&path()).unwrap(), b"old");
        assert_eq!(disk.files(), [path()]);
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_told() {
        let disk = TestDisk::new();
        let home = home(&disk);
        disk.set_folder_read_only(Path::new("/designs"));
        let error = save(Some(&home), &path(), b"new", &options(None)).unwrap_err();
        assert!(matches!(&error, SaveError::ReadOnlyFolder(folder) if folder == Path::new("/designs")), "{error:?}");
        assert!(error.to_string().contains("save somewhere else"), "{error}");
        let nowhere = save(Some(&home), Path::new("/gone/a.ron"), b"new", &options(None)).unwrap_err();
        assert!(matches!(&nowhere, SaveError::NoFolder(folder) if folder == Path::new("/gone")), "{nowhere:?}");
        let folder = save(Some(&home), Path::new("/designs"), b"new", &options(None)).unwrap_err();
        assert!(matches!(folder, SaveError::IsFolder(_)), "{folder:?}");
    }

    #[test]
    fn a_read_only_file_is_not_replaced() {
        let disk = TestDisk::new();
        let home = home(&disk);
        disk.put(&path(), b"old");
        disk.set_read_only(&path(), true).unwrap();
        let error = save(Some(&home), &path(), b"new", &options(None)).unwrap_err();
        assert!(matches!(error, SaveError::ReadOnlyFile(_)), "{error:?}");
        assert_eq!(disk.get(&path()).unwrap(), b"old");
    }

    #[test]
    fn a_file_that_another_program_changed_is_not_overwritten_unasked() {
        let disk = TestDisk::new();
        let home = home(&disk);
        let first = save(Some(&home), &path(), b"mine", &options(None)).unwrap().stamp;
        // Touched, but the same: no reason to ask.
        disk.put(&path(), b"mine");
        assert_eq!(file_state(Some(&home), &path(), &first, true).unwrap(), FileState::Same);
        let second = save(Some(&home), &path(), b"more", &options(Some(&first))).unwrap().stamp;
        // As long as before.
        disk.put(&path(), b"else");
        assert_eq!(file_state(Some(&home), &path(), &second, true).unwrap(), FileState::Changed);
        let error = save(Some(&home), &path(), b"mine", &options(Some(&second))).unwrap_err();
        assert!(matches!(error, SaveError::ChangedByAnother(_)), "{error:?}");
        assert!(error.to_string().contains("another program"), "{error}");
        assert_eq!(disk.get(&path()).unwrap(), b"else");
        let anyway = SaveOptions { overwrite_changed: true, ..options(Some(&second)) };
        save(Some(&home), &path(), b"mine", &anyway).unwrap();
        assert_eq!(disk.get(&path()).unwrap(), b"mine");
    }

    #[test]
    fn a_deleted_file_is_written_again_and_that_is_told() {
        let disk = TestDisk::new();
        let home = home(&disk);
        let stamp = save(Some(&home), &path(), b"mine", &options(None)).unwrap().stamp;
        disk.remove(&path()).unwrap();
        assert_eq!(file_state(Some(&home), &path(), &stamp, true).unwrap(), FileState::Deleted);
        let saved = save(Some(&home), &path(), b"more", &options(Some(&stamp))).unwrap();
        assert_eq!(saved.warnings, [SaveWarning::WasDeleted(path())]);
        assert!(saved.warnings[0].to_string().contains("had been deleted"));
        assert_eq!(disk.get(&path()).unwrap(), b"more");
    }

    #[test]
    fn a_clock_that_went_back_is_told_and_does_not_stop_a_save() {
        let disk = TestDisk::new();
        let home = home(&disk);
        disk.set_clock(NOW);
        let stamp = save(Some(&home), &path(), b"mine", &options(None)).unwrap().stamp;
        let year_before = SaveOptions { now: NOW - 31_536_000, ..options(Some(&stamp)) };
        disk.set_clock(year_before.now);
        let saved = save(Some(&home), &path(), b"more", &year_before).unwrap();
        assert!(matches!(saved.warnings[..], [SaveWarning::ClockWentBack { seconds: 31_536_000, .. }]), "{saved:?}");
        assert!(saved.warnings[0].to_string().contains("check date and time"));
        assert_eq!(disk.get(&path()).unwrap(), b"more");
        // Another program that writes while the clock is wrong is noticed all the same.
        disk.put(&path(), b"else");
        assert!(save(Some(&home), &path(), b"mine", &options(Some(&saved.stamp))).is_err());
    }

    #[test]
    fn nothing_is_saved_into_the_library() {
        let disk = TestDisk::new();
        let home = home(&disk);
        for inside in ["/library/originals/a.ron", "/library/b.ron", "/designs/../library/c.ron"] {
            let error = save(Some(&home), Path::new(inside), b"x", &options(None)).unwrap_err();
            assert!(matches!(error, SaveError::InsideLibrary(_)), "{inside}: {error:?}");
            assert!(error.to_string().contains("choose another place"), "{error}");
        }
        assert_eq!(disk.files(), [] as [PathBuf; 0]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_keeps_pointing_to_what_is_saved_and_the_mode_stays() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("a.ron"), folder.path().join("link.ron"));
        std::fs::write(&file, "old").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        save(None, &link, b"new", &SaveOptions::default()).unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), b"new");
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o640);
        assert!(link.symlink_metadata().unwrap().is_symlink());
    }
}
