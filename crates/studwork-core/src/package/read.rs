//! A package taken apart: the archive, the manifest, and the files that the manifest lists, each checked against it.

use super::report::Findings;
use super::{
    COVER, Facts, Finding, LDRAW, MANIFEST, MODEL, Manifest, Measure, PARTS, Place, Policy, Report, Rule, archive,
    is_sha256, picture_path, sha256_hex, turntable_path,
};
use crate::{Design, FormatError, Parsed, from_ron};
use std::collections::{BTreeMap, BTreeSet};

/// A package whose archive is sound and whose files are those that its manifest lists. What the files say is not checked
/// yet.
#[derive(Clone, PartialEq, Debug)]
pub struct Package {
    pub(super) manifest: Manifest,
    pub(super) files: BTreeMap<String, Vec<u8>>,
    pub(super) sha256: String,
    pub(super) bytes: u64,
}

impl Package {
    /// What it says about itself.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The bytes of a file by its path.
    pub fn file(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    /// All files but the manifest, by path.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }

    /// SHA-256 of the package's bytes, 64 hexadecimal digits.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// How many bytes the package has.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The cover, as PNG.
    pub fn cover(&self) -> Option<&[u8]> {
        self.file(COVER)
    }

    /// The pictures beside the cover, with their paths, in order.
    pub fn pictures(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files().filter(|(path, _)| FileKind::of(path) == Some(FileKind::Picture))
    }

    /// The frames of the turntable, with their paths, in order.
    pub fn turntable(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files().filter(|(path, _)| FileKind::of(path) == Some(FileKind::Frame))
    }

    /// The design.
    ///
    /// # Errors
    /// There is none, or it is not one that can be opened.
    pub fn design(&self) -> Result<Parsed<Design>, FormatError> {
        let text = self.file(MODEL).and_then(|bytes| std::str::from_utf8(bytes).ok()).ok_or(FormatError::NotADesign)?;
        from_ron(text)
    }
}

/// What a file of a package is, by its path.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum FileKind {
    Model,
    Ldraw,
    Parts,
    Cover,
    Picture,
    Frame,
}

impl FileKind {
    pub fn of(path: &str) -> Option<Self> {
        let numbered = |write: fn(usize) -> String, from: usize| (from..100).any(|number| write(number) == path);
        match path {
            MODEL => Some(Self::Model),
            LDRAW => Some(Self::Ldraw),
            PARTS => Some(Self::Parts),
            COVER => Some(Self::Cover),
            _ if numbered(picture_path, 1) => Some(Self::Picture),
            _ if numbered(turntable_path, 0) => Some(Self::Frame),
            _ => None,
        }
    }
}

/// Takes a package apart. The archive is refused by its directory, before anything is unpacked; nothing is unpacked beyond the
/// policy's limits.
///
/// # Errors
/// What is wrong with the archive, the manifest, or the files against it.
pub fn read_package(bytes: &[u8], policy: &Policy) -> Result<Package, Box<Report>> {
    let policy = policy.clamped();
    let mut findings = Findings::new(&policy);
    let facts = Facts { bytes: bytes.len() as u64, ..Facts::default() };
    match take_apart(bytes, &policy, &mut findings) {
        Some(package) if !findings.has_errors() => Ok(package),
        _ => Err(Box::new(findings.report(facts))),
    }
}

/// The package as far as it can be read, with findings. `None` when nothing of it should be looked at.
pub(super) fn take_apart(bytes: &[u8], policy: &Policy, findings: &mut Findings<'_>) -> Option<Package> {
    let mut files = archive::unpack(bytes, &policy.archive, findings)?;
    let Some(json) = files.remove(MANIFEST) else {
        let message = format!("the package has no {MANIFEST}");
        findings.push(Finding::new(Rule::ManifestMissing, Place::file(MANIFEST), message));
        return None;
    };
    let manifest = match Manifest::from_json(&json) {
        Ok(manifest) => manifest,
        Err(finding) => {
            findings.push(*finding);
            return None;
        }
    };
    check_list(&manifest, &files, findings);
    Some(Package { manifest, files, sha256: sha256_hex(bytes), bytes: bytes.len() as u64 })
}

/// Listed = present = hash.
fn check_list(manifest: &Manifest, files: &BTreeMap<String, Vec<u8>>, findings: &mut Findings<'_>) {
    let mut listed: BTreeSet<&str> = BTreeSet::new();
    for entry in &manifest.files {
        let path = entry.path.as_str();
        let place = || Place::file(path.chars().take(100).collect::<String>());
        if !listed.insert(path) {
            findings.push(Finding::new(Rule::FileListedTwice, place(), "the manifest lists this file twice"));
            continue;
        }
        let Some(bytes) = files.get(path) else {
            findings.push(Finding::new(
                Rule::FileMissing,
                place(),
                "the manifest lists this file, but it is not there",
            ));
            continue;
        };
        if !is_sha256(&entry.sha256) {
            let message = "the hash in the manifest is not 64 lower-case hexadecimal digits";
            findings.push(Finding::new(Rule::HashMismatch, place(), message));
            continue;
        }
        let hash = sha256_hex(bytes);
        if bytes.len() as u64 != entry.bytes || hash != entry.sha256 {
            let message = "the file is not the one that the manifest lists";
            let finding = Finding::new(Rule::HashMismatch, place(), message);
            let words = |bytes: u64, hash: &str| Measure::text(format!("{bytes} bytes, SHA-256 {hash}"));
            let finding = finding.measured(words(bytes.len() as u64, &hash));
            findings.push(finding.limit(words(entry.bytes, &entry.sha256)));
        }
    }
    for path in files.keys() {
        if !listed.contains(path.as_str()) {
            let message = "the file is in the package, but not in the manifest";
            findings.push(Finding::new(Rule::FileUnlisted, Place::file(path), message));
        }
        if FileKind::of(path).is_none() {
            let message = "a file of this name has no place in a package";
            findings.push(Finding::new(Rule::FileNotAllowed, Place::file(path), message));
        }
    }
    for path in [MODEL, LDRAW, PARTS] {
        if !files.contains_key(path) {
            let message = "every package has this file; this one does not";
            findings.push(Finding::new(Rule::RequiredFileMissing, Place::file(path), message));
        }
    }
}
