//! The central directory of a package, read strictly and before anything is unpacked.
//!
//! A package is the plainest kind of zip: no zip64, no comment, no data descriptors, nothing before, between or after the
//! entries, both descriptions of each entry alike. So no two programs can see different files in it, and everything a
//! limit needs is known before a byte is unpacked. Source of the layout: PKWARE's APPNOTE.TXT 6.3.10.

use super::report::Findings;
use super::{ArchiveLimits, Finding, Measure, Place, Rule, Unit};
use std::collections::BTreeMap;
use std::ops::Range;

const END_BYTES: usize = 22;
const CENTRAL_BYTES: usize = 46;
const LOCAL_BYTES: usize = 30;
const END_MAGIC: u32 = 0x0605_4b50;
const CENTRAL_MAGIC: u32 = 0x0201_4b50;
const LOCAL_MAGIC: u32 = 0x0403_4b50;
/// Entries smaller than this may be packed as tightly as they can be.
const SMALL_ENTRY: u64 = 64 << 10;
/// Extra fields that change what an entry is: zip64 sizes, a second name, encryption.
const MEANINGFUL: [u16; 3] = [0x0001, 0x7075, 0x9901];
/// The most bytes of a path.
const MOST_PATH: usize = 100;

/// A file in the archive, as the directory tells it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Entry {
    pub path: String,
    pub packed: u64,
    pub bytes: u64,
}

/// Bytes read as little-endian numbers; nothing beyond the end.
#[derive(Copy, Clone)]
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn u16(self, at: usize) -> Option<u16> {
        Some(u16::from_le_bytes(self.0.get(at..at.checked_add(2)?)?.try_into().ok()?))
    }

    fn u32(self, at: usize) -> Option<u32> {
        Some(u32::from_le_bytes(self.0.get(at..at.checked_add(4)?)?.try_into().ok()?))
    }

    fn slice(self, at: usize, length: usize) -> Option<&'a [u8]> {
        self.0.get(at..at.checked_add(length)?)
    }
}

/// What both descriptions of an entry say.
#[derive(PartialEq, Eq)]
struct Both<'a> {
    flags: u16,
    method: u16,
    crc: u32,
    packed: u32,
    bytes: u32,
    name: &'a [u8],
}

fn not_a_package(message: impl Into<String>) -> Finding {
    Finding::new(Rule::NotAPackage, Place::Package, message)
}

/// The files of an archive. `None` when something was found for which it must not be unpacked.
pub(super) fn entries(archive: &[u8], limits: &ArchiveLimits, findings: &mut Findings<'_>) -> Option<Vec<Entry>> {
    let before = findings.total();
    let found = read(archive, limits, findings);
    match found {
        Ok(entries) if findings.total() == before => Some(entries),
        Ok(_) => None,
        Err(finding) => {
            findings.push(*finding);
            None
        }
    }
}

fn read(archive: &[u8], limits: &ArchiveLimits, findings: &mut Findings<'_>) -> Result<Vec<Entry>, Box<Finding>> {
    let size = archive.len() as u64;
    if size > limits.package_bytes {
        let finding = Finding::new(Rule::PackageTooLarge, Place::Package, "the package is too large");
        let finding = finding.measured(Measure::count(size, Unit::Bytes));
        return Err(Box::new(finding.limit(Measure::count(limits.package_bytes, Unit::Bytes))));
    }
    let bytes = Bytes(archive);
    let Some(end) = archive.len().checked_sub(END_BYTES).filter(|_| bytes.u32(0) == Some(LOCAL_MAGIC)) else {
        return Err(Box::new(not_a_package("this is no package: it does not begin as a zip archive with files does")));
    };
    let field = |at: usize| bytes.u16(end + at).unwrap_or_default();
    if bytes.u32(end) != Some(END_MAGIC) || field(20) != 0 {
        let message =
            "the archive does not end with its directory: it was cut off, has a comment, or something was added to it";
        return Err(Box::new(not_a_package(message)));
    }
    let (disk, directory_disk, here, count) = (field(4), field(6), field(8), field(10));
    if disk != 0 || directory_disk != 0 || here != count {
        return Err(Box::new(not_a_package("the archive is split over several files")));
    }
    let [length, start] = [12, 16].map(|at| bytes.u32(end + at).unwrap_or_default() as usize);
    if u64::from(count) > limits.entries {
        let finding = Finding::new(Rule::TooManyEntries, Place::Package, "the package has too many entries");
        let finding = finding.measured(Measure::count(count.into(), Unit::Entries));
        return Err(Box::new(finding.limit(Measure::count(limits.entries, Unit::Entries))));
    }
    if start.checked_add(length) != Some(end) {
        let message = "the directory of the archive is not where its end says, or the archive is larger than 4 GiB";
        return Err(Box::new(not_a_package(message)));
    }

    let mut at = start;
    let mut entries = Vec::with_capacity(count.into());
    let mut places: Vec<(Range<usize>, String)> = Vec::with_capacity(count.into());
    for _ in 0..count {
        let (entry, place, next) = central(bytes, at, end, findings)?;
        at = next;
        places.push((place, entry.path.clone()));
        entries.push(entry);
    }
    if at != end {
        return Err(Box::new(not_a_package("the directory of the archive holds more than it says")));
    }
    check_places(places, start, findings);
    check_names(&entries, findings);
    check_sizes(&entries, limits, findings);
    Ok(entries)
}

/// One entry of the directory and of the file itself: what it is, which bytes it takes, where the next one begins.
fn central(
    bytes: Bytes<'_>,
    at: usize,
    end: usize,
    findings: &mut Findings<'_>,
) -> Result<(Entry, Range<usize>, usize), Box<Finding>> {
    let cut = || Box::new(not_a_package("the directory of the archive is damaged"));
    let half = |offset: usize| bytes.u16(at + offset).ok_or_else(cut);
    let word = |offset: usize| bytes.u32(at + offset).ok_or_else(cut);
    if word(0)? != CENTRAL_MAGIC {
        return Err(cut());
    }
    let [name_length, extra_length, comment_length] = [half(28)?, half(30)?, half(32)?].map(usize::from);
    let next = at + CENTRAL_BYTES + name_length + extra_length + comment_length;
    if next > end {
        return Err(cut());
    }
    let name = bytes.slice(at + CENTRAL_BYTES, name_length).ok_or_else(cut)?;
    let extra = bytes.slice(at + CENTRAL_BYTES + name_length, extra_length).ok_or_else(cut)?;
    let both = Both { flags: half(8)?, method: half(10)?, crc: word(16)?, packed: word(20)?, bytes: word(24)?, name };
    let (attributes, local) = (word(38)?, word(42)? as usize);
    let shown = shown(name);
    let place = || Place::file(shown.clone());

    check_path(name, &shown, findings);
    // The upper half holds a Unix mode, whatever system the archive says it was made on; the lower DOS attributes.
    let kind = (attributes >> 16) & 0o170_000;
    if kind != 0 && kind != 0o100_000 && kind != 0o040_000 {
        let what = if kind == 0o120_000 { "a link" } else { "a device" };
        findings.push(Finding::new(Rule::LinkOrDevice, place(), format!("this entry is {what}, not a file")));
    } else if kind == 0o040_000 || attributes & 0x10 != 0 {
        findings.push(Finding::new(Rule::UnsafePath, place(), "this entry is a folder, not a file"));
    }
    let fields = extra_fields(extra);
    let has = |id: u16| fields.as_ref().is_some_and(|fields| fields.contains(&id));
    if both.flags & 0x2041 != 0 || both.method == 99 || has(0x9901) {
        findings.push(Finding::new(Rule::Encrypted, place(), "this entry is encrypted"));
    } else if both.method != 0 && both.method != 8 {
        let message = format!("this entry is packed by method {}", both.method);
        findings.push(Finding::new(Rule::UnknownCompression, place(), message));
    } else if both.flags & 0x0028 != 0 {
        // Bit 3: sizes stand behind the data, so they are not known before; bit 5: patch data.
        findings.push(Finding::new(Rule::UnknownCompression, place(), "this entry was written as a stream"));
    }
    if fields.is_none() || has(0x0001) || has(0x7075) || [both.packed, both.bytes].contains(&u32::MAX) {
        let message = "this entry has a zip64 size, a second name, or damaged extra fields";
        findings.push(Finding::new(Rule::NotAPackage, place(), message));
    }
    if both.method == 0 && both.packed != both.bytes {
        let message = "this entry is stored, but says two sizes";
        findings.push(Finding::new(Rule::HeaderMismatch, place(), message));
    }

    let data = local_data(bytes, local, &both, fields.as_deref());
    let data = data.ok_or_else(|| {
        let message = "the entry itself does not say what the directory says of it";
        Box::new(Finding::new(Rule::HeaderMismatch, place(), message))
    })?;
    let entry = Entry { path: shown, packed: both.packed.into(), bytes: both.bytes.into() };
    Ok((entry, local..data + both.packed as usize, next))
}

/// Where the data of an entry begins, when its own header says what the directory says. `kinds` are the extra fields of the
/// directory, `None` when they are damaged, which was told already.
fn local_data(bytes: Bytes<'_>, at: usize, both: &Both<'_>, kinds: Option<&[u16]>) -> Option<usize> {
    if bytes.u32(at)? != LOCAL_MAGIC {
        return None;
    }
    let [name_length, extra_length] = [bytes.u16(at + 26)?, bytes.u16(at + 28)?].map(usize::from);
    let name = bytes.slice(at + LOCAL_BYTES, name_length)?;
    let local = Both {
        flags: bytes.u16(at + 6)?,
        method: bytes.u16(at + 8)?,
        crc: bytes.u32(at + 14)?,
        packed: bytes.u32(at + 18)?,
        bytes: bytes.u32(at + 22)?,
        name,
    };
    let own = extra_fields(bytes.slice(at + LOCAL_BYTES + name_length, extra_length)?);
    let data = at + LOCAL_BYTES + name_length + extra_length;
    // What changes the meaning of an entry must not stand in one of the two only.
    let plain = kinds.is_none_or(|kinds| {
        own.is_some_and(|own| !own.iter().any(|kind| MEANINGFUL.contains(kind) && !kinds.contains(kind)))
    });
    (local == *both && plain && bytes.slice(data, both.packed as usize).is_some()).then_some(data)
}

/// The kinds of extra fields; `None` when they are damaged.
fn extra_fields(mut extra: &[u8]) -> Option<Vec<u16>> {
    let mut kinds = Vec::new();
    while !extra.is_empty() {
        let (kind, length) = (Bytes(extra).u16(0)?, Bytes(extra).u16(2)?);
        kinds.push(kind);
        extra = extra.get(4 + usize::from(length)..)?;
    }
    Some(kinds)
}

/// A path as it can be shown: one line, not too long, whatever the bytes.
fn shown(name: &[u8]) -> String {
    let text = String::from_utf8_lossy(name);
    if text.len() <= MOST_PATH && text.chars().all(|c| !c.is_control()) {
        return text.into_owned();
    }
    let mut short: String = text.chars().take(MOST_PATH / 2).flat_map(char::escape_debug).collect();
    short.push('…');
    short
}

fn check_path(name: &[u8], shown: &str, findings: &mut Findings<'_>) {
    if let Some(message) = path_fault(name) {
        findings.push(Finding::new(Rule::UnsafePath, Place::file(shown), message));
    }
}

/// What is wrong with a path.
fn path_fault(name: &[u8]) -> Option<&'static str> {
    const RESERVED: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];
    let Ok(path) = std::str::from_utf8(name) else { return Some("the path is not UTF-8") };
    if path.is_empty() {
        return Some("the path is empty");
    }
    if path.len() > MOST_PATH {
        return Some("the path is too long");
    }
    if path.contains('\\') {
        return Some("the path has a backslash");
    }
    if path.starts_with('/') || path.contains(':') {
        return Some("the path is absolute");
    }
    if path.chars().any(|c| c.is_control() || "<>\"|?*".contains(c)) {
        return Some("the path has characters that not every system takes");
    }
    path.split('/').find_map(|word| {
        let stem = word.split('.').next().unwrap_or_default().to_lowercase();
        let digits = stem.trim_end_matches(|c: char| c.is_ascii_digit());
        let device = RESERVED.contains(&digits) && stem.len() - digits.len() <= 1;
        match word {
            "" => Some("the path names a folder or has an empty part"),
            "." | ".." => Some("the path leads out of the package"),
            _ if word.ends_with(['.', ' ']) || word.starts_with(' ') => {
                Some("a part of the path begins or ends with a space, or ends with a dot")
            }
            _ if device => Some("the path names a device of Windows"),
            _ => None,
        }
    })
}

/// Entries must follow each other without a gap from the first byte to the directory.
fn check_places(mut places: Vec<(Range<usize>, String)>, directory: usize, findings: &mut Findings<'_>) {
    places.sort_by_key(|(place, _)| (place.start, place.end));
    let mut at = 0;
    for (place, path) in places {
        if place.start < at {
            let message = "this entry shares bytes with another";
            findings.push(Finding::new(Rule::OverlappingEntries, Place::file(path), message));
        } else if place.start > at {
            let message = "there are bytes before this entry that belong to none";
            findings.push(Finding::new(Rule::NotAPackage, Place::file(path), message));
        }
        at = at.max(place.end);
    }
    if at > directory {
        let message = "an entry reaches into the directory";
        findings.push(Finding::new(Rule::OverlappingEntries, Place::Package, message));
    } else if at < directory {
        findings.push(not_a_package("there are bytes before the directory that belong to no entry"));
    }
}

fn check_names(entries: &[Entry], findings: &mut Findings<'_>) {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for Entry { path, .. } in entries {
        // Full lower case: `ẞ` and `ß`, `K` (Kelvin) and `k` are one name on some systems.
        let key: String = path.to_lowercase().to_uppercase().to_lowercase();
        if let Some(first) = seen.insert(key, path) {
            let message = format!("{first:?} and {path:?} are one name on some systems");
            findings.push(Finding::new(Rule::DuplicateName, Place::file(path), message));
        }
    }
}

fn check_sizes(entries: &[Entry], limits: &ArchiveLimits, findings: &mut Findings<'_>) {
    let total: u64 = entries.iter().map(|entry| entry.bytes).sum();
    if total > limits.unpacked_bytes {
        let finding = Finding::new(Rule::UnpackedTooLarge, Place::Package, "the files of the package are too large");
        let finding = finding.measured(Measure::count(total, Unit::Bytes));
        findings.push(finding.limit(Measure::count(limits.unpacked_bytes, Unit::Bytes)));
    }
    for entry in entries.iter().filter(|entry| entry.bytes > SMALL_ENTRY) {
        if entry.bytes > entry.packed.saturating_mul(limits.ratio) {
            let ratio = entry.bytes / entry.packed.max(1);
            let finding =
                Finding::new(Rule::RatioTooHigh, Place::file(&entry.path), "this entry is packed too tightly");
            let finding = finding.measured(Measure::count(ratio, Unit::Times));
            findings.push(finding.limit(Measure::count(limits.ratio, Unit::Times)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::path_fault;

    #[test]
    fn only_plain_relative_paths_are_taken() {
        for good in ["manifest.json", "images/cover.png", "images/turntable/07.png", "a..b", "conifer.png", "ä/ö.txt"]
        {
            assert_eq!(path_fault(good.as_bytes()), None, "{good}");
        }
        let long = "a".repeat(101);
        for bad in [
            "",
            "/etc/passwd",
            "../a",
            "a/../b",
            "a/..",
            "./a",
            "a//b",
            "a/",
            "C:\\a",
            "c:a",
            "a\\b",
            "..\\a",
            "a\0b",
            "a\nb",
            "nul",
            "images/CON.png",
            "com1.txt",
            "a.",
            "a ",
            " a",
            "a?",
            "//server/a",
            &long,
        ] {
            assert!(path_fault(bad.as_bytes()).is_some(), "{bad:?}");
        }
        assert!(path_fault(b"\xff\xfe").is_some());
    }
}
