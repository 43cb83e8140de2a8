//! `studwork library`: the originals that are kept, from the command line.

use super::Outcome;
use super::args::{LibraryArgs, LibraryVerb};
use super::session::{count, spinner};
use crate::library::{date_text, now};
use anyhow::{Context as _, Result};
use serde::Serialize;
use std::io::Write as _;
use studwork_library::{Entry, Home, NewOriginal, Originals, Verdict};

/// Runs one verb of the library.
pub(super) fn library(args: &LibraryArgs) -> Result<Outcome> {
    let originals = Originals::open(Home::open(args.folder.as_deref())?)?;
    match &args.verb {
        LibraryVerb::Add { files, source, author, license, tags } => {
            let mut added = Vec::new();
            for path in files {
                let about = NewOriginal {
                    source: source.clone().unwrap_or_default(),
                    author: author.clone().unwrap_or_default(),
                    license: license.clone().unwrap_or_default(),
                    tags: tags.clone(),
                    added: now(),
                    ..NewOriginal::default()
                };
                added.push(originals.add_file(path, about).with_context(|| path.display().to_string())?);
            }
            answer(args.json, &added, |out| {
                for one in &added {
                    let note = if one.was_there { " (was there already)" } else { "" };
                    writeln!(out, "{}  {}{note}", &one.entry.sha256[..12], one.entry.title)?;
                }
                Ok(())
            })?;
            Ok(Outcome::Clean)
        }
        LibraryVerb::List { query } => {
            let listing = originals.list()?;
            let query = query.join(" ");
            let found: Vec<&Entry> = listing.entries.iter().filter(|entry| entry.matches(&query)).collect();
            answer(args.json, &found, |out| {
                for entry in &found {
                    let by = if entry.author.is_empty() { String::new() } else { format!(" by {}", entry.author) };
                    let pieces = count(entry.pieces, "piece");
                    writeln!(out, "{}  {}{by}, {pieces}", &entry.sha256[..12], entry.title)?;
                }
                Ok(())
            })?;
            for problem in &listing.problems {
                eprintln!("warning: {problem}");
            }
            Ok(Outcome::from_findings(!listing.problems.is_empty()))
        }
        LibraryVerb::Show { original } => {
            let entry = originals.find(original)?;
            let copies = originals.copies_of(&entry.sha256)?;
            let value = serde_json::json!({ "original": entry, "copies": copies });
            answer(args.json, &value, |out| {
                for (name, text) in [
                    ("title", entry.title.clone()),
                    ("author", entry.author.clone()),
                    ("license", entry.license.clone()),
                    ("source", entry.source.clone()),
                    ("file", entry.file_name.clone()),
                    ("pieces", entry.pieces.to_string()),
                    ("bytes", entry.bytes.to_string()),
                    ("added", date_text(entry.added)),
                    ("tags", entry.tags.join(", ")),
                    ("sha256", entry.sha256.clone()),
                ] {
                    if !text.is_empty() {
                        writeln!(out, "{name:<10}{text}")?;
                    }
                }
                for copy in &copies {
                    writeln!(out, "{:<10}{} ({})", "copy", copy.path.display(), date_text(copy.saved))?;
                }
                Ok(())
            })?;
            Ok(Outcome::Clean)
        }
        LibraryVerb::Verify => {
            let progress = spinner("hashing the originals");
            let verified = originals.verify()?;
            progress.finish_and_clear();
            let bad = verified.iter().filter(|one| !one.is_good()).count();
            answer(args.json, &verified, |out| {
                for one in verified.iter().filter(|one| one.verdict != Verdict::Intact) {
                    let what = match &one.verdict {
                        Verdict::Intact => "intact".to_owned(),
                        Verdict::Writable => "intact, but somebody made it writable".to_owned(),
                        Verdict::Changed { found } => format!("changed: its hash is {found} now"),
                        Verdict::Missing => "missing".to_owned(),
                        Verdict::Unlisted => "nothing is known of this file".to_owned(),
                        Verdict::Unreadable { reason } => format!("unreadable: {reason}"),
                    };
                    writeln!(out, "{}  {}: {what}", &one.sha256[..12.min(one.sha256.len())], one.title)?;
                }
                writeln!(out, "{}, {bad} not as they were added", count(verified.len(), "original"))?;
                Ok(())
            })?;
            Ok(Outcome::from_findings(bad > 0))
        }
        LibraryVerb::Remove { original } => {
            let entry = originals.find(original)?;
            let removed = originals.remove(&entry.sha256)?;
            answer(args.json, &removed, |out| {
                writeln!(out, "removed {}", removed.title)?;
                for copy in &removed.copies {
                    writeln!(out, "its copy {} keeps working", copy.path.display())?;
                }
                Ok(())
            })?;
            Ok(Outcome::Clean)
        }
        LibraryVerb::Export { original, output, replace } => {
            let entry = originals.find(original)?;
            originals.export(&entry.sha256, output, *replace, now())?;
            Ok(Outcome::Clean)
        }
    }
}

/// Answers in JSON or in words.
fn answer(
    json: bool,
    value: &impl Serialize,
    words: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()>,
) -> Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    if json {
        serde_json::to_writer_pretty(&mut out, value)?;
        writeln!(out)?;
    } else {
        words(&mut out)?;
    }
    out.flush()?;
    Ok(())
}
