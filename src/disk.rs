//! Files on disk: bytes read with a limit, and written so that a crash leaves the old file or the new one, never
//! half of one.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::{Once, PoisonError, RwLock};
use studwork_library::{Home, SaveError, SaveOptions};

/// Reads a whole file that is expected to have at most `most` bytes; a larger one is refused before it is read.
pub fn read_capped(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let about = file.metadata()?;
    if about.is_dir() {
        return Err(io::Error::other("this is a folder, not a file"));
    }
    let too_large = || io::Error::other(format!("larger than {} MiB", most >> 20));
    if about.len() > most {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(about.len() as usize);
    // A pipe has no length, so the reading itself is limited too.
    file.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(too_large()) } else { Ok(bytes) }
}

/// The libraries of originals that this program knows: nothing is written into them from here.
static PROTECTED: RwLock<Vec<Home>> = RwLock::new(Vec::new());

/// Keeps files of this program out of a library of originals.
pub fn protect(home: &Home) {
    let mut known = PROTECTED.write().unwrap_or_else(PoisonError::into_inner);
    if !known.iter().any(|one| one.root() == home.root()) {
        known.push(home.clone());
    }
}

/// Writes a file whole, to the disk, then in place of what was there. A path in a library of originals is refused.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), SaveError> {
    static USERS: Once = Once::new();
    USERS.call_once(|| {
        if let Some(home) = Home::existing(None) {
            protect(&home);
        }
    });
    let known = PROTECTED.read().unwrap_or_else(PoisonError::into_inner);
    if known.iter().any(|home| home.is_inside(path)) {
        return Err(SaveError::InsideLibrary(path.to_owned()));
    }
    studwork_library::save(None, path, bytes, &SaveOptions::default()).map(|_| ())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn writing_replaces_a_file_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        write_atomically(&path, b"old").unwrap();
        write_atomically(&path, b"new").unwrap();
        assert_eq!(read_capped(&path, 3).unwrap(), b"new");
        assert_eq!(folder.path().read_dir().unwrap().count(), 1);
        assert!(write_atomically(&folder.path().join("no/such/folder.txt"), b"").is_err());
    }

    #[test]
    fn a_file_over_the_limit_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        write_atomically(&path, b"four").unwrap();
        assert!(read_capped(&path, 3).is_err());
        assert!(read_capped(folder.path(), 3).is_err(), "a folder is not a file");
    }
}
