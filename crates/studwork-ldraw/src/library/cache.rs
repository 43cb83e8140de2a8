//! Files in the user's cache folder: a magic, a version, a checksum, the payload.
//!
//! A file is written beside its place and renamed into it, so that two programs may write at once; one that is
//! damaged or of another version reads as if it were not there. Nothing here is synced to disk: a cache that a
//! power cut spoils is noticed by its checksum and made again.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

const MAGIC: [u8; 8] = *b"STUDWORK";
/// Rises whenever anything in the cache means something else than before, geometry included.
pub(super) const VERSION: u32 = 2;
pub(super) const HEADER: usize = 24;

/// The folder for caches: `STUDWORK_CACHE`, else the system's place for them.
pub(super) fn default_folder() -> Option<PathBuf> {
    match std::env::var_os("STUDWORK_CACHE") {
        Some(folder) if !folder.is_empty() => Some(folder.into()),
        _ => directories::ProjectDirs::from("", "", "Studwork").map(|dirs| dirs.cache_dir().to_owned()),
    }
}

pub(super) fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// Magic, version, length and checksum of a payload.
pub(super) fn header(payload: &[u8]) -> [u8; HEADER] {
    let mut bytes = [0; HEADER];
    bytes[..8].copy_from_slice(&MAGIC);
    bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
    bytes[12..20].copy_from_slice(&(payload.len() as u64).to_le_bytes());
    bytes[20..].copy_from_slice(&checksum(payload).to_le_bytes());
    bytes
}

/// The payload's length and checksum, where magic and version are right.
pub(super) fn read_header(bytes: &[u8]) -> Option<(u64, u32)> {
    let header: &[u8; HEADER] = bytes.first_chunk()?;
    let (magic, rest) = header.split_at(8);
    let (version, rest) = rest.split_first_chunk()?;
    let (length, crc) = rest.split_first_chunk()?;
    (magic == MAGIC && u32::from_le_bytes(*version) == VERSION)
        .then_some((u64::from_le_bytes(*length), u32::from_le_bytes(*crc.first_chunk()?)))
}

/// The payload of a cache file; `None` where there is none to be trusted.
pub(super) fn read(path: &Path) -> Option<Vec<u8>> {
    let mut bytes = std::fs::read(path).ok()?;
    let (length, crc) = read_header(&bytes)?;
    bytes.drain(..HEADER);
    (bytes.len() as u64 == length && checksum(&bytes) == crc).then_some(bytes)
}

/// Removes what older libraries left: folders beside `current` that were begun long ago. One that is in use after
/// all is made again.
pub(super) fn tidy(current: &Path) {
    const LONG: Duration = Duration::from_secs(180 * 24 * 3600);
    let Some(siblings) = current.parent().and_then(|folder| std::fs::read_dir(folder).ok()) else { return };
    for path in siblings.flatten().map(|entry| entry.path()) {
        let is_ours = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("library-"));
        let written = path.join("files").metadata().and_then(|metadata| metadata.modified());
        if is_ours && path != current && written.is_ok_and(|time| time.elapsed().is_ok_and(|age| age > LONG)) {
            // What cannot be removed stays for another time.
            let _ = std::fs::remove_dir_all(path);
        }
    }
}

/// Puts a cache file in place, whole or not at all.
pub(super) fn write(path: &Path, chunks: &[&[u8]]) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new().prefix(".writing-").tempfile_in(folder)?;
    for chunk in chunks {
        file.write_all(chunk)?;
    }
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use std::fs::File;

    #[test]
    fn only_old_libraries_are_tidied_away() {
        let place = tempfile::tempdir().unwrap();
        for name in ["library-current", "library-old", "library-new", "other-old"] {
            write(&place.path().join(name).join("files"), &[b"x"]).unwrap();
            if !name.ends_with("new") {
                let file = File::options().write(true).open(place.path().join(name).join("files")).unwrap();
                file.set_modified(std::time::SystemTime::now() - Duration::from_secs(300 * 24 * 3600)).unwrap();
            }
        }
        tidy(&place.path().join("library-current"));
        let mut left: Vec<_> =
            std::fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["library-current", "library-new", "other-old"]);
    }
}
