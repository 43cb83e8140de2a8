//! A package as bytes: written so that the same content always gives the same file, and unpacked within what its
//! directory promised.

use super::report::Findings;
use super::{FileEntry, Finding, MANIFEST, Manifest, Place, Rule, directory, sha256_hex};
use crate::package::ArchiveLimits;
use std::collections::BTreeMap;
use std::io::{Cursor, Read as _, Write as _};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipArchive, ZipWriter};

/// Writes a package of these files (by path, without the manifest) and gives it together with the manifest, whose list of files is
/// filled in. Entries stand in the order of their paths, the manifest first, with one date and one mode, so that the same
/// content gives the same bytes. Nothing is checked: [`verify`](super::verify) does that.
///
/// # Errors
/// The archive cannot be written: more than 4 GiB, or more than 65,535 files.
pub fn write_package(
    manifest: &Manifest,
    files: &BTreeMap<String, Vec<u8>>,
) -> Result<(Vec<u8>, Manifest), zip::result::ZipError> {
    let listed = files.iter().map(|(path, bytes)| FileEntry {
        path: path.clone(),
        bytes: bytes.len() as u64,
        sha256: sha256_hex(bytes),
    });
    let manifest = Manifest { files: listed.collect(), ..manifest.clone() };
    let json = manifest.to_json();
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let all = std::iter::once((MANIFEST, json.as_slice()));
    for (path, bytes) in all.chain(files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()))) {
        // PNG is compressed already.
        let method = if path.ends_with(".png") { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        let level = (method == CompressionMethod::Deflated).then_some(6);
        let options = SimpleFileOptions::default()
            .compression_method(method)
            .compression_level(level)
            .last_modified_time(DateTime::DEFAULT)
            .system(System::Unix)
            .unix_permissions(0o644);
        writer.start_file(path, options)?;
        writer.write_all(bytes)?;
    }
    Ok((writer.finish()?.into_inner(), manifest))
}

/// Unpacks an archive whose directory breaks no rule: the files by path. `None` when something was wrong.
pub(super) fn unpack(
    archive: &[u8],
    limits: &ArchiveLimits,
    findings: &mut Findings<'_>,
) -> Option<BTreeMap<String, Vec<u8>>> {
    let entries = directory::entries(archive, limits, findings)?;
    let refuse = |findings: &mut Findings<'_>, message: String| {
        findings.push(Finding::new(Rule::NotAPackage, Place::Package, message));
        None
    };
    let mut reader = match ZipArchive::new(Cursor::new(archive)) {
        Ok(reader) if reader.len() == entries.len() => reader,
        Ok(_) => return refuse(findings, "the archive can be read in more than one way".to_owned()),
        Err(error) => return refuse(findings, format!("the archive cannot be read: {error}")),
    };
    let mut files = BTreeMap::new();
    for entry in &entries {
        let mut bytes = Vec::with_capacity(usize::try_from(entry.bytes).ok()?);
        let read = reader.by_name(&entry.path).map_err(|error| error.to_string()).and_then(|file| {
            // One byte more than promised shows that there is more.
            file.take(entry.bytes + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())
        });
        let fault = match read {
            Ok(length) if length as u64 == entry.bytes => None,
            Ok(_) => Some("it unpacks to another size than the archive says".to_owned()),
            Err(error) => Some(format!("it cannot be unpacked: {error}")),
        };
        match fault {
            None => drop(files.insert(entry.path.clone(), bytes)),
            Some(message) => {
                findings.push(Finding::new(Rule::DamagedEntry, Place::file(&entry.path), message));
                return None;
            }
        }
    }
    Some(files)
}
