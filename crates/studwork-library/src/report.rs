//! What the command line says about the library and about two designs: as values for JSON and as lines for people.
//!
//! Nothing is printed here.

use crate::originals::{Added, CopyNote, Entry, Listing, Removed, Verdict, Verified};
use crate::read::MAX_BYTES;
use crate::{Disk as _, ReadError, RealDisk, design_from_bytes};
use serde::Serialize;
use std::path::Path;
use studwork_core::Design;
use studwork_core::compare::{Changed, Comparison, Counts, Lone, Matching, compare};

/// The differences between two files.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct DiffReport {
    /// The first file.
    pub original: String,
    /// The second file.
    pub copy: String,
    /// How many pieces differ in which way.
    pub counts: Counts,
    /// Which.
    #[serde(flatten)]
    pub comparison: Comparison,
}

/// Compares the designs in two files.
///
/// # Errors
/// One of them is no design that can be read.
pub fn diff(original: &Path, copy: &Path, matching: Matching) -> Result<DiffReport, ReadError> {
    let read = |path: &Path| -> Result<Design, ReadError> {
        let name = path.display().to_string();
        let bytes = RealDisk
            .read(path, MAX_BYTES)
            .map_err(|error| ReadError { name: name.clone(), message: error.to_string() })?;
        Ok(design_from_bytes(&bytes, &name, &|_| true)?.value)
    };
    let comparison = compare(&read(original)?, &read(copy)?, matching);
    let (original, copy) = (original.display().to_string(), copy.display().to_string());
    Ok(DiffReport { original, copy, counts: comparison.counts(), comparison })
}

impl DiffReport {
    /// Whether no piece differs.
    pub fn is_same(&self) -> bool {
        self.comparison.is_same()
    }

    /// A line for each difference, as `diff` marks them, and one with the counts.
    pub fn lines(&self) -> Vec<String> {
        let lone = |sign: char, lone: &Lone| format!("{sign} {}", what(&lone.piece));
        let Comparison { added, removed, changed, .. } = &self.comparison;
        let mut lines: Vec<String> = removed.iter().map(|piece| lone('-', piece)).collect();
        lines.extend(added.iter().map(|piece| lone('+', piece)));
        lines.extend(changed.iter().map(changed_line));
        let Counts { added, removed, moved, recolored, replaced, regrouped, same } = self.counts;
        let counts = [
            (added, "added"),
            (removed, "removed"),
            (moved, "moved"),
            (recolored, "recolored"),
            (replaced, "replaced"),
            (regrouped, "in another submodel"),
            (same, "the same"),
        ];
        let told: Vec<String> =
            counts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
        lines.push(if told.is_empty() { "no pieces".to_owned() } else { told.join(", ") });
        lines
    }
}

fn what(piece: &studwork_core::Piece) -> String {
    let content = match &piece.content {
        studwork_core::Content::Part(part) => part.to_string(),
        studwork_core::Content::Submodel(submodel) => submodel.to_string(),
    };
    let at = piece.pose.position;
    format!("{} {content} in color {} at {} {} {}", piece.id, piece.color, at.x, at.y, at.z)
}

fn changed_line(changed: &Changed) -> String {
    let Changed { original, copy, moved, recolored, replaced, regrouped } = changed;
    let mut told = Vec::new();
    if *moved {
        let (from, to) = (original.pose.position, copy.pose.position);
        told.push(if from == to { "turned".to_owned() } else { format!("moved to {} {} {}", to.x, to.y, to.z) });
    }
    if *recolored {
        told.push(format!("recolored to {}", copy.color));
    }
    if *replaced {
        told.push(match &copy.content {
            studwork_core::Content::Part(part) => format!("replaced by {part}"),
            studwork_core::Content::Submodel(submodel) => format!("replaced by {submodel}"),
        });
    }
    if *regrouped {
        told.push("in another submodel".to_owned());
    }
    format!("~ {}: {}", what(original), told.join(", "))
}

/// A line about each original: the start of its hash, pieces, size, title, author and license.
pub fn list_lines(listing: &Listing) -> Vec<String> {
    let line = |entry: &Entry| {
        let by = if entry.author.is_empty() { String::new() } else { format!(" by {}", entry.author) };
        let license = if entry.license.is_empty() { "no license named" } else { &entry.license };
        format!(
            "{}  {:>6} pieces  {:>8}  {}{by} ({license})",
            &entry.sha256[..12],
            entry.pieces,
            size(entry.bytes),
            entry.title
        )
    };
    let mut lines: Vec<String> = listing.entries.iter().map(line).collect();
    lines.extend(listing.problems.iter().map(|problem| format!("! {problem}")));
    if lines.is_empty() {
        lines.push("the library is empty; add a model with `studwork library add FILE`".to_owned());
    }
    lines
}

/// What is known about an original, a line each.
pub fn show_lines(entry: &Entry, copies: &[CopyNote]) -> Vec<String> {
    let known = [
        ("title", entry.title.clone()),
        ("author", entry.author.clone()),
        ("license", entry.license.clone()),
        ("source", entry.source.clone()),
        ("file", entry.file_name.clone()),
        ("pieces", entry.pieces.to_string()),
        ("size", size(entry.bytes)),
        ("tags", entry.tags.join(", ")),
        ("sha256", entry.sha256.clone()),
    ];
    let mut lines: Vec<String> =
        known.into_iter().filter(|(_, text)| !text.is_empty()).map(|(name, text)| format!("{name:8} {text}")).collect();
    lines.extend(copies.iter().map(|copy| format!("copy     {}", copy.path.display())));
    lines
}

/// What became of a file that was added.
pub fn added_line(added: &Added) -> String {
    let Entry { title, pieces, sha256, .. } = &added.entry;
    if added.was_there {
        format!("\"{title}\" is in the library already ({})", &sha256[..12])
    } else {
        format!("added \"{title}\", {pieces} pieces ({})", &sha256[..12])
    }
}

/// What was found about each original that is not as it should be, and how many are.
pub fn verify_lines(verified: &[Verified]) -> Vec<String> {
    let mut lines = Vec::new();
    for found in verified {
        let path = found.path.display();
        let title = if found.title.is_empty() { &found.sha256[..12.min(found.sha256.len())] } else { &found.title };
        match &found.verdict {
            Verdict::Intact => {}
            Verdict::Writable => lines.push(format!("{title}: intact, but no longer read-only ({path})")),
            Verdict::Changed { .. } => lines.push(format!("{title}: CHANGED, it is not used any more ({path})")),
            Verdict::Missing => lines.push(format!("{title}: MISSING ({path})")),
            Verdict::Unlisted => lines.push(format!("{title}: nothing is known about this file ({path})")),
            Verdict::Unreadable { reason } => lines.push(format!("{title}: cannot be read ({path}): {reason}")),
        }
    }
    let good = verified.iter().filter(|found| found.is_good()).count();
    lines.push(format!("{good} of {} originals are what was added", verified.len()));
    lines
}

/// What became of an original that was removed.
pub fn removed_lines(removed: &Removed) -> Vec<String> {
    let mut lines = vec![format!("removed \"{}\"", removed.title)];
    if !removed.copies.is_empty() {
        lines.push("copies of it, which keep working:".to_owned());
        lines.extend(removed.copies.iter().map(|copy| format!("  {}", copy.path.display())));
    }
    lines
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{} KiB", bytes.div_ceil(1024)),
        _ => format!("{:.1} MiB", bytes as f64 / 1_048_576.0),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::{Home, NewOriginal, Originals};

    const GATE: &str =
        "0 Gate\n0 Author: Ada\n1 4 0 0 0 1 0 0 0 1 0 0 0 1 3001.dat\n1 1 0 -24 0 1 0 0 0 1 0 0 0 1 3003.dat\n";

    #[test]
    fn two_files_are_compared_in_lines_and_json() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (folder.path().join("a.ldr"), folder.path().join("b.ldr"));
        std::fs::write(&a, GATE).unwrap();
        std::fs::write(&b, GATE.replace("1 1 0 -24", "1 2 0 -48") + "1 7 40 0 0 1 0 0 0 1 0 0 0 1 3005.dat\n").unwrap();
        let report = diff(&a, &b, Matching::Auto).unwrap();
        let lines = report.lines();
        assert_eq!(lines[0], "+ piece 3 3005 in color 7 at 40 0 0");
        assert_eq!(lines[1], "~ piece 2 3003 in color 1 at 0 -24 0: moved to 0 -48 0, recolored to 2");
        assert_eq!(lines[2], "1 added, 1 moved, 1 recolored, 1 the same");
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(json["counts"]["added"], 1);
        assert_eq!(json["changed"][0]["moved"], true);
        assert!(!report.is_same() && diff(&a, &a, Matching::Auto).unwrap().is_same());
        let missing = diff(&a, &folder.path().join("c.ldr"), Matching::Auto).unwrap_err();
        assert!(missing.to_string().contains("c.ldr"));
    }

    #[test]
    fn the_library_is_told_in_lines() {
        let folder = tempfile::tempdir().unwrap();
        let originals = Originals::open(Home::open(Some(folder.path())).unwrap()).unwrap();
        assert!(list_lines(&originals.list().unwrap())[0].contains("is empty"));
        let about = NewOriginal { name: "gate.ldr".to_owned(), ..NewOriginal::default() };
        let added = originals.add(GATE.as_bytes(), about.clone()).unwrap();
        assert!(added_line(&added).starts_with("added \"Gate\", 2 pieces"));
        assert!(added_line(&originals.add(GATE.as_bytes(), about).unwrap()).contains("already"));
        let listed = list_lines(&originals.list().unwrap());
        assert!(listed[0].contains("Gate by Ada (no license named)"), "{listed:?}");
        assert!(show_lines(&added.entry, &[]).contains(&"author   Ada".to_owned()));
        assert_eq!(verify_lines(&originals.verify().unwrap()), ["1 of 1 originals are what was added"]);
        let removed = originals.remove(&added.entry.sha256).unwrap();
        assert_eq!(removed_lines(&removed), ["removed \"Gate\""]);
    }
}
