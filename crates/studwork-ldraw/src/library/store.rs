//! Where a library's bytes lie: a folder, or a zip archive that is never unpacked.
//!
//! An archive is read at known positions, by any number of threads at once; its directory is read by the `zip`
//! crate once and then comes from the cache.

use crate::LdrawError;
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};
use std::cell::RefCell;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

/// No file of a library is larger.
const MAX_FILE: u64 = 64 << 20;
/// No library has more files.
const MAX_FILES: usize = 500_000;

/// One file of the library.
#[derive(Clone, Debug)]
pub(super) struct StoredFile {
    /// Below the library's root, `/` between folders, letter case as stored.
    pub path: String,
    /// Where its record begins in an archive.
    pub offset: u64,
    pub stored_size: u64,
    pub size: u64,
    pub deflated: bool,
    pub crc: u32,
}

/// A folder or an archive.
#[derive(Debug)]
pub(super) enum Store {
    Folder { root: PathBuf },
    Archive { path: PathBuf, file: File },
}

fn io_error(path: &Path) -> impl Fn(io::Error) -> LdrawError + '_ {
    move |source| LdrawError::Io { path: path.to_owned(), source }
}

/// What tells one state of a library from another, wherever it lies: 32 hex digits.
pub(super) fn fingerprint_text(hash: Sha256) -> String {
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

impl Store {
    pub fn open_archive(path: &Path) -> Result<Self, LdrawError> {
        Ok(Self::Archive { path: path.to_owned(), file: File::open(path).map_err(io_error(path))? })
    }

    /// The bytes of a file, checked against the archive's checksum.
    pub fn read(&self, file: &StoredFile) -> Result<Vec<u8>, LdrawError> {
        match self {
            Self::Folder { root } => {
                let path = root.join(&file.path);
                let size = std::fs::metadata(&path).map_err(io_error(&path))?.len();
                if size > MAX_FILE {
                    return Err(LdrawError::TooLarge { name: file.path.clone(), size, limit: MAX_FILE });
                }
                std::fs::read(&path).map_err(io_error(&path))
            }
            Self::Archive { path, file: archive } => {
                if file.size > MAX_FILE || file.stored_size > MAX_FILE {
                    return Err(LdrawError::TooLarge { name: file.path.clone(), size: file.size, limit: MAX_FILE });
                }
                let damaged = |message: &str| LdrawError::Archive {
                    path: path.clone(),
                    message: format!("{}: {message}", file.path),
                };
                let stored = read_record(archive, file, usize::MAX).map_err(io_error(path))?;
                let bytes = if file.deflated {
                    inflate(&stored, file.size as usize).ok_or_else(|| damaged("it cannot be unpacked"))?
                } else {
                    stored
                };
                let mut crc = flate2::Crc::new();
                crc.update(&bytes);
                if bytes.len() as u64 != file.size || crc.sum() != file.crc {
                    return Err(damaged("its checksum is wrong"));
                }
                Ok(bytes)
            }
        }
    }

    /// About the first `limit` bytes of a file; empty where it cannot be read.
    pub fn read_beginning(&self, file: &StoredFile, limit: usize) -> Vec<u8> {
        match self {
            Self::Folder { root } => {
                let mut bytes = Vec::new();
                let read = File::open(root.join(&file.path))
                    .and_then(|opened| io::Read::read_to_end(&mut io::Read::take(opened, limit as u64), &mut bytes));
                if read.is_ok() { bytes } else { Vec::new() }
            }
            Self::Archive { file: archive, .. } => {
                let stored = read_record(archive, file, limit).unwrap_or_default();
                if file.deflated { inflate(&stored, limit).unwrap_or_default() } else { stored }
            }
        }
    }
}

/// The stored bytes of an archive's record, at most `limit`.
fn read_record(archive: &File, file: &StoredFile, limit: usize) -> io::Result<Vec<u8>> {
    // The record repeats the name and may have extra fields of its own; most are short enough for one read.
    const USUAL_HEADER: usize = 30 + 128;
    let wanted = (file.stored_size as usize).min(limit);
    let mut bytes = read_at_most(archive, file.offset, USUAL_HEADER + wanted)?;
    let header = bytes.get(..30).filter(|header| header.starts_with(b"PK\x03\x04"));
    let header = header.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "no record where one should be"))?;
    let length = |at: usize| usize::from(u16::from_le_bytes([header[at], header[at + 1]]));
    let start = 30 + length(26) + length(28);
    if bytes.len() < start + wanted {
        bytes = read_at_most(archive, file.offset, start + wanted)?;
    }
    if bytes.len() < start + wanted {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    bytes.truncate(start + wanted);
    bytes.drain(..start);
    Ok(bytes)
}

/// Reads from a position without moving the file's own, so that threads do not disturb each other.
pub(super) fn read_at_most(file: &File, mut offset: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    let mut filled = 0;
    while filled < length {
        #[cfg(unix)]
        let read = std::os::unix::fs::FileExt::read_at(file, &mut bytes[filled..], offset);
        #[cfg(windows)]
        let read = std::os::windows::fs::FileExt::seek_read(file, &mut bytes[filled..], offset);
        match read {
            Ok(0) => break,
            Ok(count) => {
                filled += count;
                offset += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}

/// At most `limit` unpacked bytes; `None` for what is no deflate stream.
fn inflate(stored: &[u8], limit: usize) -> Option<Vec<u8>> {
    thread_local! {
        static INFLATE: RefCell<flate2::Decompress> = RefCell::new(flate2::Decompress::new(false));
    }
    INFLATE.with_borrow_mut(|inflate| {
        inflate.reset(false);
        let mut bytes = Vec::with_capacity(limit);
        while bytes.len() < limit {
            let before = (inflate.total_in(), bytes.len());
            let rest = stored.get(before.0 as usize..)?;
            let status = inflate.decompress_vec(rest, &mut bytes, flate2::FlushDecompress::None).ok()?;
            let stuck = before == (inflate.total_in(), bytes.len());
            if status == flate2::Status::StreamEnd || stuck {
                break;
            }
        }
        Some(bytes)
    })
}

/// The fingerprint of an archive: its directory has the name, size and checksum of each file.
pub(super) fn archive_fingerprint(path: &Path, file: &File) -> Result<String, LdrawError> {
    let read = || -> io::Result<Sha256> {
        let size = file.metadata()?.len();
        // The end record has 22 bytes and a comment of at most 64 KiB.
        let tail_start = size.saturating_sub(22 + 0xFFFF);
        let tail = read_at_most(file, tail_start, (size - tail_start) as usize)?;
        let mut hash = Sha256::new();
        hash.update(size.to_le_bytes());
        if let Some(at) = tail.windows(4).rposition(|bytes| bytes == b"PK\x05\x06")
            && let Some(record) = tail.get(at..at + 22)
        {
            let field = |at: usize| u32::from_le_bytes([record[at], record[at + 1], record[at + 2], record[at + 3]]);
            let (length, start) = (field(12), field(16));
            if u64::from(start) + u64::from(length) <= size {
                hash.update(read_at_most(file, start.into(), length as usize)?);
            }
        }
        hash.update(&tail);
        Ok(hash)
    };
    read().map(fingerprint_text).map_err(io_error(path))
}

/// Reads an archive's directory: the files below the library's root.
pub(super) fn archive_files(path: &Path, file: &File) -> Result<Vec<StoredFile>, LdrawError> {
    let damaged = |message: String| LdrawError::Archive { path: path.to_owned(), message };
    let reader = BufReader::with_capacity(1 << 16, file.try_clone().map_err(io_error(path))?);
    let archive = zip::ZipArchive::new(reader).map_err(|error| damaged(error.to_string()))?;
    if archive.len() > MAX_FILES {
        return Err(damaged(format!("it has more than {MAX_FILES} files")));
    }
    let mut files = Vec::with_capacity(archive.len());
    for index in 0..archive.len() {
        let entry = archive.by_index_data(index).map_err(|error| damaged(error.to_string()))?;
        let deflated = match entry.compression() {
            zip::CompressionMethod::Stored => false,
            zip::CompressionMethod::Deflated => true,
            _ => continue,
        };
        let Ok(name) = entry.name() else { continue };
        if entry.encrypted() || name.ends_with(['/', '\\']) {
            continue;
        }
        files.push(StoredFile {
            path: name.replace('\\', "/"),
            offset: archive.offset() + entry.header_start(),
            stored_size: entry.compressed_size(),
            size: entry.size(),
            deflated,
            crc: entry.crc32(),
        });
    }
    let root = library_root(files.iter().map(|file| file.path.as_str()))
        .ok_or_else(|| LdrawError::NotALibrary { path: path.to_owned() })?;
    files.retain_mut(|file| {
        let inside = file.path.starts_with(&root);
        if inside {
            file.path.drain(..root.len());
        }
        inside
    });
    Ok(files)
}

/// The shortest folder (with its `/`, or empty) that holds `parts/` or `p/`.
fn library_root<'a>(paths: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut root: Option<&str> = None;
    for path in paths {
        for folder in ["parts/", "p/"] {
            let found = path.char_indices().find(|&(at, _)| {
                (at == 0 || path[..at].ends_with('/'))
                    && path.get(at..at + folder.len()).is_some_and(|part| part.eq_ignore_ascii_case(folder))
            });
            if let Some((at, _)) = found
                && !path[..at].to_ascii_lowercase().ends_with("unofficial/")
                && root.is_none_or(|known| known.len() > at)
            {
                root = Some(&path[..at]);
            }
        }
    }
    root.map(str::to_owned)
}

/// The files of an unpacked library with a fingerprint of their names, sizes and times.
pub(super) fn folder_files(root: &Path) -> Result<(Vec<StoredFile>, String), LdrawError> {
    let mut paths = Vec::new();
    let entries = std::fs::read_dir(root).map_err(io_error(root))?;
    for name in entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()) {
        match name.to_ascii_lowercase().as_str() {
            "parts" | "p" | "models" | "unofficial" => list_folder(root, &name, 4, &mut paths),
            "ldconfig.ldr" => paths.push(name),
            _ => {}
        }
    }
    paths.sort_unstable();
    paths.truncate(MAX_FILES);
    let states: Vec<_> = paths
        .par_iter()
        .map(|path| {
            let metadata = std::fs::metadata(root.join(path)).ok()?;
            let time = metadata.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
            Some((metadata.len(), time.unwrap_or_default().as_nanos()))
        })
        .collect();
    let mut hash = Sha256::new();
    let mut files = Vec::with_capacity(paths.len());
    for (path, state) in paths.into_iter().zip(states) {
        let Some((size, time)) = state else { continue };
        hash.update(&path);
        hash.update([0]);
        hash.update(size.to_le_bytes());
        hash.update(time.to_le_bytes());
        files.push(StoredFile { path, offset: 0, stored_size: size, size, deflated: false, crc: 0 });
    }
    Ok((files, fingerprint_text(hash)))
}

fn list_folder(root: &Path, folder: &str, depth: usize, paths: &mut Vec<String>) {
    let Ok(entries) = std::fs::read_dir(root.join(folder)) else { return };
    for entry in entries.flatten() {
        let Some(name) = entry.file_name().to_str().map(|name| format!("{folder}/{name}")) else { continue };
        // A link to a folder is not followed: it may lead back here.
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && depth > 0 => list_folder(root, &name, depth - 1, paths),
            Ok(kind) if kind.is_dir() => {}
            Ok(_) if paths.len() < MAX_FILES => paths.push(name),
            _ => {}
        }
    }
}
