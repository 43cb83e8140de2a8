//! The library of originals: the exact bytes of downloaded models, read-only under their SHA-256, and beside them what
//! is known about each.
//!
//! An original's bytes are written once, when it is added. Everything else (title, tags, picture, which copies come from it)
//! is kept in files of its own, written under a lock, so that two programs at once do not lose each other's entries.

mod copies;
mod entry;
mod error;

#[cfg(test)]
mod tests;

pub use copies::CopyNote;
pub use entry::{Added, Entry, Listing, NewOriginal, OpenedCopy, Removed, Verdict, Verified};
pub use error::LibraryError;

use crate::disk::{self, Disk, DiskLock};
use crate::read::{Format, MAX_BYTES};
use crate::save::{SaveOptions, Saved};
use crate::{Home, design_from_bytes, is_sha256, license, sha256_hex};
use entry::Sidecar;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use studwork_core::{Edit, InfoField, Lineage};

/// The largest file of what is known about an original, bytes.
const MAX_SIDECAR: u64 = 1 << 20;
/// The largest picture, bytes.
const MAX_PICTURE: u64 = 64 << 20;

/// The originals in a library.
#[derive(Clone, Debug)]
pub struct Originals {
    home: Home,
}

impl Originals {
    /// Those of a library; its folders are made if they are not there.
    ///
    /// # Errors
    /// The folders cannot be made.
    pub fn open(home: Home) -> Result<Self, LibraryError> {
        let originals = Self { home };
        for name in ["originals", "entries", "pictures", "copies"] {
            let folder = originals.home.root().join(name);
            originals.disk().make_folder(&folder).map_err(LibraryError::disk("could not be made", &folder))?;
        }
        Ok(originals)
    }

    /// The library they are in.
    pub fn home(&self) -> &Home {
        &self.home
    }

    fn disk(&self) -> &dyn Disk {
        &**self.home.disk()
    }

    fn bytes_path(&self, sha256: &str, format: Format) -> PathBuf {
        self.home.root().join("originals").join(format!("{sha256}.{}", format.extension()))
    }

    fn sidecar_path(&self, sha256: &str) -> PathBuf {
        self.home.root().join("entries").join(format!("{sha256}.json"))
    }

    fn picture_path(&self, sha256: &str) -> PathBuf {
        self.home.root().join("pictures").join(format!("{sha256}.png"))
    }

    /// Held while something of the library is changed.
    fn lock(&self) -> Result<DiskLock, LibraryError> {
        let path = self.home.root().join("lock");
        let lock = self.disk().lock(&path, true).map_err(LibraryError::disk("could not be locked", &path))?;
        lock.ok_or_else(|| LibraryError::disk("could not be locked", &path)(ErrorKind::WouldBlock.into()))
    }

    /// Adds the file at a path; what is not said about it is taken from its own header.
    ///
    /// # Errors
    /// The file cannot be read, is no design, or the library cannot be written.
    pub fn add_file(&self, path: &Path, mut about: NewOriginal) -> Result<Added, LibraryError> {
        let bytes = self.disk().read(path, MAX_BYTES).map_err(LibraryError::disk("could not be read", path))?;
        if about.name.is_empty() {
            about.name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        }
        self.add(&bytes, about)
    }

    /// Adds the exact bytes of a design. Bytes that are there already are not written again: what their entry does not
    /// say yet is taken from `about`, tags are added. If they had been damaged, they are put right.
    ///
    /// # Errors
    /// The bytes are no design, or the library cannot be written.
    pub fn add(&self, bytes: &[u8], about: NewOriginal) -> Result<Added, LibraryError> {
        let design = design_from_bytes(bytes, &about.name, &|_| true)?.value;
        let format = Format::of(&about.name, bytes);
        let sha256 = sha256_hex(bytes);
        let _lock = self.lock()?;
        let before = match self.sidecar(&sha256) {
            Ok(sidecar) => Some(sidecar),
            // What was known is lost, which is no reason to refuse to know it again.
            Err(LibraryError::Unknown { .. } | LibraryError::BadSidecar { .. }) => None,
            Err(error) => return Err(error),
        };
        let format = before.as_ref().map_or(format, |before| before.format);
        let path = self.bytes_path(&sha256, format);
        let intact = matches!(self.disk().read(&path, MAX_BYTES), Ok(there) if sha256_hex(&there) == sha256);
        if !intact {
            self.write_bytes(&path, bytes)?;
        }
        let or = |said: String, own: &str| if said.trim().is_empty() { own.to_owned() } else { said.trim().to_owned() };
        let stem = Path::new(&about.name).file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let title = if design.title().is_empty() { stem.unwrap_or_default() } else { design.title().to_owned() };
        let fresh = Sidecar {
            title: or(about.title, &title),
            author: or(about.author, design.author()),
            license: or(about.license, design.license()),
            source: about.source.trim().to_owned(),
            file_name: about.name,
            added: about.added,
            bytes: bytes.len() as u64,
            format,
            pieces: design.part_count(),
            tags: entry::tidy_tags(about.tags),
        };
        let sidecar = match &before {
            Some(before) => before.clone().completed_by(fresh),
            None => fresh,
        };
        if before.as_ref() != Some(&sidecar) {
            self.write_sidecar(&sha256, &sidecar)?;
        }
        Ok(Added { entry: self.entry_of(sha256, sidecar), was_there: before.is_some() && intact })
    }

    /// The bytes get their name when they are on the disk and can no longer be written.
    fn write_bytes(&self, path: &Path, bytes: &[u8]) -> Result<(), LibraryError> {
        let disk = self.disk();
        let failed = LibraryError::disk("could not be written", path);
        let write = || -> io::Result<()> {
            if disk.about(path).is_ok_and(|about| about.read_only) {
                // Not every system renames over a file that is read-only.
                disk.set_read_only(path, false)?;
            }
            disk::replace_with(disk, path, bytes, disk::Mode::ReadOnly)
        };
        write().map_err(failed)
    }

    fn sidecar(&self, sha256: &str) -> Result<Sidecar, LibraryError> {
        if !is_sha256(sha256) {
            return Err(LibraryError::NotAHash { text: sha256.to_owned() });
        }
        let path = self.sidecar_path(sha256);
        match self.disk().read(&path, MAX_SIDECAR) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|error| LibraryError::BadSidecar { path, message: error.to_string() }),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Err(LibraryError::Unknown { sha256: sha256.to_owned() })
            }
            Err(error) => Err(LibraryError::disk("could not be read", &path)(error)),
        }
    }

    fn write_sidecar(&self, sha256: &str, sidecar: &Sidecar) -> Result<(), LibraryError> {
        let path = self.sidecar_path(sha256);
        let text = serde_json::to_vec_pretty(sidecar)
            .map_err(|error| LibraryError::BadSidecar { path: path.clone(), message: error.to_string() })?;
        disk::replace(self.disk(), &path, &text).map_err(LibraryError::disk("could not be written", &path))
    }

    fn entry_of(&self, sha256: String, sidecar: Sidecar) -> Entry {
        let picture = Some(self.picture_path(&sha256)).filter(|path| self.disk().about(path).is_ok());
        sidecar.into_entry(sha256, picture)
    }

    /// All originals, by title, and the files of the library that could not be understood.
    ///
    /// # Errors
    /// The library's folder cannot be read.
    pub fn list(&self) -> Result<Listing, LibraryError> {
        let folder = self.home.root().join("entries");
        let paths = self.disk().list(&folder).map_err(LibraryError::disk("could not be read", &folder))?;
        let mut listing = Listing::default();
        for path in paths {
            let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            if path.extension().is_none_or(|extension| extension != "json") || !is_sha256(&stem) {
                continue;
            }
            match self.sidecar(&stem) {
                Ok(sidecar) => listing.entries.push(self.entry_of(stem, sidecar)),
                // Removed by another program since the folder was read.
                Err(LibraryError::Unknown { .. }) => {}
                Err(error) => listing.problems.push(error),
            }
        }
        let key = |entry: &Entry| (entry.title.to_lowercase(), entry.sha256.clone());
        listing.entries.sort_by_cached_key(key);
        Ok(listing)
    }

    /// The originals in which every word of `words` occurs: in title, author, license, source, file name or tags,
    /// whatever the letter case.
    ///
    /// # Errors
    /// As [`list`](Self::list).
    pub fn search(&self, words: &str) -> Result<Vec<Entry>, LibraryError> {
        let mut entries = self.list()?.entries;
        entries.retain(|entry| entry.matches(words));
        Ok(entries)
    }

    /// What is known about one original.
    ///
    /// # Errors
    /// It is not in the library, or what is known about it cannot be read.
    pub fn show(&self, sha256: &str) -> Result<Entry, LibraryError> {
        Ok(self.entry_of(sha256.to_owned(), self.sidecar(sha256)?))
    }

    /// The one original whose hash begins with some digits (at least four), or whose title or file name is this.
    ///
    /// # Errors
    /// There is none, or there are several.
    pub fn find(&self, name: &str) -> Result<Entry, LibraryError> {
        let entries = self.list()?.entries;
        let by_hash = |entry: &&Entry| name.len() >= 4 && entry.sha256.starts_with(&name.to_lowercase());
        let by_name = |entry: &&Entry| {
            [&entry.title, &entry.file_name].into_iter().any(|known| known.to_lowercase() == name.to_lowercase())
        };
        let mut found: Vec<&Entry> = entries.iter().filter(by_hash).collect();
        if found.is_empty() {
            found = entries.iter().filter(by_name).collect();
        }
        match found.as_slice() {
            [] => Err(LibraryError::NoSuch { name: name.to_owned() }),
            [entry] => Ok((*entry).clone()),
            several => Err(LibraryError::Several { name: name.to_owned(), count: several.len() }),
        }
    }

    /// The exact bytes of an original. They are hashed first: what was changed is never given out.
    ///
    /// # Errors
    /// It is not in the library, its bytes are missing, or they are not those that were added.
    pub fn bytes(&self, sha256: &str) -> Result<Vec<u8>, LibraryError> {
        let sidecar = self.sidecar(sha256)?;
        let path = self.bytes_path(sha256, sidecar.format);
        let title = || sidecar.title.clone();
        let bytes = match self.disk().read(&path, MAX_BYTES) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(LibraryError::Missing { title: title(), path });
            }
            other => other.map_err(LibraryError::disk("could not be read", &path))?,
        };
        let found = sha256_hex(&bytes);
        if found == sha256 { Ok(bytes) } else { Err(LibraryError::Changed { title: title(), path, found }) }
    }

    /// Opens an original: what is opened is always a copy, which knows where it comes from. `is_library_part` says for a
    /// file name (`3001.dat`) whether somebody has that part; it only decides about warnings.
    ///
    /// # Errors
    /// As [`bytes`](Self::bytes), or the bytes are no design for this version.
    pub fn open_copy(&self, sha256: &str, is_library_part: &dyn Fn(&str) -> bool) -> Result<OpenedCopy, LibraryError> {
        let bytes = self.bytes(sha256)?;
        let entry = self.show(sha256)?;
        let parsed = design_from_bytes(&bytes, &entry.file_name, is_library_part)?;
        let mut design = parsed.value;
        // How far somebody else had it apart is not part of the model.
        design.set_build_session(None);
        let lineage = Lineage {
            sha256: sha256.to_owned(),
            title: entry.title.clone(),
            author: entry.author.clone(),
            license: entry.license.clone(),
            source: Some(entry.source.clone()).filter(|source| !source.is_empty()),
        };
        design
            .apply(Edit::SetInfo(InfoField::Lineage(Some(lineage))))
            .map_err(|error| LibraryError::Invalid { title: entry.title.clone(), message: error.to_string() })?;
        let note = license::note_for_copy(&entry.title, &entry.author, &entry.license);
        Ok(OpenedCopy { design, warnings: parsed.warnings, license_note: note, entry })
    }

    /// The original as a design, for a comparison: as it is, knowing of no lineage.
    ///
    /// # Errors
    /// As [`bytes`](Self::bytes), or the bytes are no design for this version.
    pub fn design(&self, sha256: &str) -> Result<studwork_core::Design, LibraryError> {
        let bytes = self.bytes(sha256)?;
        let name = self.sidecar(sha256)?.file_name;
        Ok(design_from_bytes(&bytes, &name, &|_| true)?.value)
    }

    /// Hashes every original again. Nothing is changed.
    ///
    /// # Errors
    /// The library's folder cannot be read.
    pub fn verify(&self) -> Result<Vec<Verified>, LibraryError> {
        let Listing { entries, problems } = self.list()?;
        let mut seen = std::collections::BTreeSet::new();
        let mut found: Vec<Verified> = Vec::new();
        for entry in entries {
            let path = self.bytes_path(&entry.sha256, entry.format);
            seen.insert(path.clone());
            let verdict = match self.bytes(&entry.sha256) {
                Ok(_) if self.disk().about(&path).is_ok_and(|about| !about.read_only) => Verdict::Writable,
                Ok(_) => Verdict::Intact,
                Err(LibraryError::Changed { found, .. }) => Verdict::Changed { found },
                Err(LibraryError::Missing { .. }) => Verdict::Missing,
                Err(error) => Verdict::Unreadable { reason: error.to_string() },
            };
            found.push(Verified { sha256: entry.sha256, title: entry.title, path, verdict });
        }
        for problem in problems {
            let LibraryError::BadSidecar { path, message } = problem else { continue };
            let sha256 = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            let formats = [Format::Ron, Format::Ldraw];
            seen.extend(formats.map(|format| self.bytes_path(&sha256, format)));
            found.push(Verified {
                sha256,
                title: String::new(),
                path,
                verdict: Verdict::Unreadable { reason: message },
            });
        }
        let folder = self.home.root().join("originals");
        for path in self.disk().list(&folder).map_err(LibraryError::disk("could not be read", &folder))? {
            let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            if !seen.contains(&path) && is_sha256(&stem) {
                found.push(Verified { sha256: stem, title: String::new(), path, verdict: Verdict::Unlisted });
            }
        }
        Ok(found)
    }

    /// Takes an original out of the library. Copies keep working; those that are known are named.
    ///
    /// # Errors
    /// It is not in the library, or its files cannot be removed.
    pub fn remove(&self, sha256: &str) -> Result<Removed, LibraryError> {
        let _lock = self.lock()?;
        let entry = match self.show(sha256) {
            // What nobody can read can still be removed.
            Err(LibraryError::BadSidecar { .. }) => None,
            other => Some(other?),
        };
        let copies = self.copies_of(sha256)?;
        // The entry goes last: what is listed can be removed again if this is interrupted.
        for format in [Format::Ron, Format::Ldraw] {
            let path = self.bytes_path(sha256, format);
            if self.disk().about(&path).is_ok_and(|about| about.read_only) {
                let failed = LibraryError::disk("could not be removed", &path);
                self.disk().set_read_only(&path, false).map_err(failed)?;
            }
            self.remove_if_there(&path)?;
        }
        self.remove_if_there(&self.picture_path(sha256))?;
        self.remove_if_there(&self.copies_path(sha256))?;
        self.remove_if_there(&self.sidecar_path(sha256))?;
        let title = entry.map(|entry| entry.title).unwrap_or_default();
        Ok(Removed { sha256: sha256.to_owned(), title, copies })
    }

    fn remove_if_there(&self, path: &Path) -> Result<(), LibraryError> {
        match self.disk().remove(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(LibraryError::disk("could not be removed", path)(error))
            }
            _ => Ok(()),
        }
    }

    /// Writes the exact bytes of an original to a path outside the library.
    ///
    /// # Errors
    /// As [`bytes`](Self::bytes) and [`save`](crate::save); a file that is there is only replaced if `replace` says so.
    pub fn export(&self, sha256: &str, to: &Path, replace: bool, now: i64) -> Result<Saved, LibraryError> {
        let bytes = self.bytes(sha256)?;
        if !replace && self.disk().about(to).is_ok() {
            return Err(LibraryError::Exists { path: to.to_owned() });
        }
        Ok(crate::save(Some(&self.home), to, &bytes, &SaveOptions { now, ..SaveOptions::default() })?)
    }

    /// Gives an original a picture (PNG bytes).
    ///
    /// # Errors
    /// It is not in the library, the bytes are no PNG, or they cannot be written.
    pub fn set_picture(&self, sha256: &str, png: &[u8]) -> Result<Entry, LibraryError> {
        let _lock = self.lock()?;
        let sidecar = self.sidecar(sha256)?;
        let path = self.picture_path(sha256);
        if !png.starts_with(b"\x89PNG\r\n\x1a\n") || png.len() as u64 > MAX_PICTURE {
            return Err(LibraryError::NotAPicture { title: sidecar.title });
        }
        disk::replace(self.disk(), &path, png).map_err(LibraryError::disk("could not be written", &path))?;
        Ok(self.entry_of(sha256.to_owned(), sidecar))
    }

    /// Gives an original other tags.
    ///
    /// # Errors
    /// It is not in the library, or the tags cannot be written.
    pub fn set_tags(&self, sha256: &str, tags: Vec<String>) -> Result<Entry, LibraryError> {
        let _lock = self.lock()?;
        let mut sidecar = self.sidecar(sha256)?;
        sidecar.tags = entry::tidy_tags(tags);
        self.write_sidecar(sha256, &sidecar)?;
        Ok(self.entry_of(sha256.to_owned(), sidecar))
    }
}
