//! `studwork parts`: search the catalog.

use super::Outcome;
use super::args::PartsArgs;
use super::session::Session;
use anyhow::Result;
use serde_json::json;
use std::io::Write as _;
use std::path::Path;
use studwork_core::{PartInfo, Source};

/// Prints what the catalog finds; nothing found is a finding.
pub(super) fn parts(args: &PartsArgs, ldraw: Option<&Path>) -> Result<Outcome> {
    let session = Session::open(ldraw)?;
    let found = session.catalog.search(&args.query.join(" "), None);
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    if args.json {
        let list: Vec<_> = found.iter().map(row).collect();
        serde_json::to_writer_pretty(&mut out, &list)?;
        writeln!(out)?;
    } else {
        for part in &found {
            writeln!(out, "{:<14} {:<10} {}", part.id.as_str(), source_name(part.source), part.name)?;
        }
        if found.is_empty() {
            eprintln!("no part matches `{}`", args.query.join(" "));
        }
    }
    out.flush()?;
    Ok(Outcome::from_findings(found.is_empty()))
}

fn row(part: &PartInfo) -> serde_json::Value {
    json!({
        "part": part.id.as_str(),
        "name": part.name,
        "category": part.category,
        "keywords": part.keywords,
        "source": source_name(part.source),
    })
}

fn source_name(source: Source) -> &'static str {
    match source {
        Source::BuiltIn => "built-in",
        Source::Library => "library",
        Source::Embedded => "embedded",
        Source::Placeholder => "missing",
    }
}
