//! `studwork library`: the originals that are kept, from the command line.

use super::Outcome;
use super::args::{LibraryArgs, LibraryVerb};
use super::session::spinner;
use crate::library::now;
use anyhow::{Context as _, Result};
use serde::Serialize;
use std::io::Write as _;
use studwork_library::{Home, NewOriginal, Originals, report};

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
            answer(args.json, &added, added.iter().map(report::added_line).collect())?;
            Ok(Outcome::Clean)
        }
        LibraryVerb::List { query } => {
            let mut listing = originals.list()?;
            let query = query.join(" ");
            listing.entries.retain(|entry| entry.matches(&query));
            answer(args.json, &listing.entries, report::list_lines(&listing))?;
            Ok(Outcome::from_findings(!listing.problems.is_empty()))
        }
        LibraryVerb::Show { original } => {
            let entry = originals.find(original)?;
            let copies = originals.copies_of(&entry.sha256)?;
            let value = serde_json::json!({ "original": entry, "copies": copies });
            answer(args.json, &value, report::show_lines(&entry, &copies))?;
            Ok(Outcome::Clean)
        }
        LibraryVerb::Verify => {
            let progress = spinner("hashing the originals");
            let verified = originals.verify()?;
            progress.finish_and_clear();
            let bad = verified.iter().filter(|one| !one.is_good()).count();
            answer(args.json, &verified, report::verify_lines(&verified))?;
            Ok(Outcome::from_findings(bad > 0))
        }
        LibraryVerb::Remove { original } => {
            let entry = originals.find(original)?;
            let removed = originals.remove(&entry.sha256)?;
            answer(args.json, &removed, report::removed_lines(&removed))?;
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
pub(super) fn answer(json: bool, value: &impl Serialize, lines: Vec<String>) -> Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    if json {
        serde_json::to_writer_pretty(&mut out, value)?;
        writeln!(out)?;
    } else {
        for line in lines {
            writeln!(out, "{line}")?;
        }
    }
    out.flush()?;
    Ok(())
}
