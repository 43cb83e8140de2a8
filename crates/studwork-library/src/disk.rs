//! The few things that are asked of a disk, one system call each, so that tests can fail or stop between any two.
//!
//! [`RealDisk`] is the computer's. It knows nothing of designs.

use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// What a file system says about a path.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct About {
    /// Bytes.
    pub length: u64,
    /// When it was written last, nanoseconds since 1970 (negative before).
    pub modified: i128,
    /// Whether it must not be written.
    pub read_only: bool,
    /// Whether it is a folder.
    pub is_folder: bool,
}

/// A file that is being written.
pub trait DiskFile: Send {
    /// Writes all bytes at the end.
    ///
    /// # Errors
    /// As the system says; some of the bytes may be there.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Brings everything written so far to the disk itself.
    ///
    /// # Errors
    /// As the system says.
    fn sync(&mut self) -> io::Result<()>;

    /// Cuts the file to a length in bytes.
    ///
    /// # Errors
    /// As the system says.
    fn cut(&mut self, length: u64) -> io::Result<()>;
}

/// Held for as long as it lives; the system lets go of it when the process ends, however it ends.
pub struct DiskLock(#[expect(dead_code, reason = "dropping it is what unlocks")] Box<dyn Send + Sync>);

impl DiskLock {
    /// A lock that is let go when `held` is dropped.
    pub fn new(held: impl Send + Sync + 'static) -> Self {
        Self(Box::new(held))
    }
}

impl fmt::Debug for DiskLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DiskLock")
    }
}

/// A disk. All errors are those of the system.
pub trait Disk: Send + Sync + fmt::Debug {
    /// The whole file, refused if it has more than `most` bytes.
    fn read(&self, path: &Path, most: u64) -> io::Result<Vec<u8>>;
    /// What is known about a path (of what a link points to).
    fn about(&self, path: &Path) -> io::Result<About>;
    /// What is in a folder, sorted by name; nothing if there is no such folder.
    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>>;
    /// Makes a folder and those around it.
    fn make_folder(&self, folder: &Path) -> io::Result<()>;
    /// Makes a file that must not be there yet.
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;
    /// Gives one name to what another names, replacing what was there in one move.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Removes an empty folder.
    fn remove_folder(&self, folder: &Path) -> io::Result<()>;
    /// Makes a file read-only (0444, or the attribute), or writable for its owner again.
    fn set_read_only(&self, path: &Path, read_only: bool) -> io::Result<()>;
    /// Gives a file the permissions of another.
    fn copy_permissions(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Brings a folder's list of names to the disk; does nothing where the system cannot.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;
    /// The path without links and `..`.
    fn real_path(&self, path: &Path) -> io::Result<PathBuf>;
    /// Locks by a file, which is made if needed. `None` when another holds it and `wait` is false.
    fn lock(&self, path: &Path, wait: bool) -> io::Result<Option<DiskLock>>;
}

/// The computer's disks.
#[derive(Copy, Clone, Default, Debug)]
pub struct RealDisk;

struct RealFile(File);

impl DiskFile for RealFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_all()
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.0.set_len(length)
    }
}

impl Disk for RealDisk {
    fn read(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        let file = File::open(path)?;
        let about = file.metadata()?;
        if about.is_dir() {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "this is a folder, not a file"));
        }
        let too_large =
            || io::Error::new(io::ErrorKind::FileTooLarge, format!("larger than {} MiB", most.div_ceil(1 << 20)));
        if about.len() > most {
            return Err(too_large());
        }
        let mut bytes = Vec::with_capacity(about.len() as usize);
        // A pipe has no length, so the reading itself is limited too.
        file.take(most + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > most { Err(too_large()) } else { Ok(bytes) }
    }

    fn about(&self, path: &Path) -> io::Result<About> {
        let about = path.metadata()?;
        Ok(About {
            length: about.len(),
            modified: about.modified().map(nanos)?,
            read_only: about.permissions().readonly(),
            is_folder: about.is_dir(),
        })
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let entries = match folder.read_dir() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other?,
        };
        let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
        paths.sort();
        Ok(paths)
    }

    fn make_folder(&self, folder: &Path) -> io::Result<()> {
        std::fs::create_dir_all(folder)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        // In append mode, so that a file cut short goes on at its new end.
        Ok(Box::new(RealFile(OpenOptions::new().append(true).create_new(true).open(path)?)))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }

    fn remove_folder(&self, folder: &Path) -> io::Result<()> {
        std::fs::remove_dir(folder)
    }

    fn set_read_only(&self, path: &Path, read_only: bool) -> io::Result<()> {
        let mut permissions = path.metadata()?.permissions();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            permissions.set_mode(if read_only { 0o444 } else { 0o644 });
        }
        #[cfg(not(unix))]
        permissions.set_readonly(read_only);
        std::fs::set_permissions(path, permissions)
    }

    fn copy_permissions(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::set_permissions(to, from.metadata()?.permissions())
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        // Windows opens no folder as a file, and needs no sync for a rename.
        match File::open(folder) {
            Ok(folder) => folder.sync_all(),
            Err(error) if cfg!(windows) && error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
            Err(error) => Err(error),
        }
        .or_else(|error: io::Error| match error.kind() {
            // A file system that cannot: nothing more can be done there.
            io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported => Ok(()),
            _ => Err(error),
        })
    }

    fn real_path(&self, path: &Path) -> io::Result<PathBuf> {
        path.canonicalize()
    }

    fn lock(&self, path: &Path, wait: bool) -> io::Result<Option<DiskLock>> {
        let file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path)?;
        if wait {
            file.lock()?;
            return Ok(Some(DiskLock::new(file)));
        }
        match file.try_lock() {
            Ok(()) => Ok(Some(DiskLock::new(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

/// Nanoseconds since 1970.
fn nanos(time: SystemTime) -> i128 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => since.as_nanos() as i128,
        Err(before) => -(before.duration().as_nanos() as i128),
    }
}

/// The folder that a file stands in; `.` for a bare name.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Writes a file whole: beside its place, to the disk, then renamed. On error nothing is left beside it, and what was
/// there before is as it was.
pub(crate) fn replace(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> io::Result<()> {
    replace_with(disk, path, bytes, Mode::New)
}

/// Which permissions a written file gets.
#[derive(Copy, Clone, Debug)]
pub(crate) enum Mode<'a> {
    /// Those of any new file.
    New,
    /// Those of another.
    Like(&'a Path),
    /// Nobody may write it, from the moment it has its name.
    ReadOnly,
}

/// As [`replace`]; says which permissions the file gets.
pub(crate) fn replace_with(disk: &dyn Disk, path: &Path, bytes: &[u8], mode: Mode<'_>) -> io::Result<()> {
    let folder = folder_of(path);
    let (temporary, mut file) = create_beside(disk, path)?;
    let written = (|| {
        file.append(bytes)?;
        match mode {
            Mode::New => {}
            Mode::Like(like) => disk.copy_permissions(like, &temporary)?,
            Mode::ReadOnly => disk.set_read_only(&temporary, true)?,
        }
        file.sync()?;
        drop(file);
        disk.rename(&temporary, path)
    })();
    if let Err(error) = written {
        // The error that matters is the one that came first.
        drop(disk.remove(&temporary));
        return Err(error);
    }
    // The new name is in the folder; not every file system can sync one, and the file itself is safe by now.
    drop(disk.sync_folder(folder));
    Ok(())
}

/// What the temporary files beside their places are called.
pub(crate) const TEMPORARY: &str = ".studwork-";

fn create_beside(disk: &dyn Disk, path: &Path) -> io::Result<(PathBuf, Box<dyn DiskFile>)> {
    use std::sync::atomic::{AtomicU32, Ordering};
    static COUNT: AtomicU32 = AtomicU32::new(0);
    loop {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let temporary = folder_of(path).join(format!("{TEMPORARY}{}-{number}.tmp", std::process::id()));
        match disk.create(&temporary) {
            Ok(file) => return Ok((temporary, file)),
            // Left behind by a process of the same number that was killed.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn replacing_leaves_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        replace(&RealDisk, &path, b"old").unwrap();
        replace(&RealDisk, &path, b"new").unwrap();
        assert_eq!(RealDisk.read(&path, 3).unwrap(), b"new");
        assert!(RealDisk.read(&path, 2).is_err(), "over the limit");
        assert!(RealDisk.read(folder.path(), 9).is_err(), "a folder is not a file");
        assert_eq!(RealDisk.list(folder.path()).unwrap(), [path]);
        assert!(replace(&RealDisk, &folder.path().join("no/such.txt"), b"").is_err());
    }

    #[test]
    fn a_lock_is_held_by_one_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let held = RealDisk.lock(&path, false).unwrap();
        assert!(held.is_some());
        assert!(RealDisk.lock(&path, false).unwrap().is_none());
        drop(held);
        assert!(RealDisk.lock(&path, false).unwrap().is_some());
    }
}
