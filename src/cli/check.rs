//! `studwork check`: what collides, floats or almost fits in a design.

use super::Outcome;
use super::args::CheckArgs;
use super::session::{self, Session, bar};
use crate::checks::share_done;
use anyhow::{Context as _, Result, anyhow};
use std::io::Write as _;
use std::path::Path;
use studwork_core::connect::{CheckOptions, PartColors, Severity, check_with};

/// Prints the findings; anything worse than a note is a finding in the exit status as well.
pub(super) fn check(args: &CheckArgs, ldraw: Option<&Path>) -> Result<Outcome> {
    let session = Session::open_with_shadow(ldraw, args.shadow.as_deref())?;
    let loaded = session.load(&args.input)?;
    let list = |path: &Option<std::path::PathBuf>| {
        let read = |path: &std::path::PathBuf| {
            let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            PartColors::from_text(&text).map_err(|error| anyhow!("{}: {error}", path.display()))
        };
        path.as_ref().map(read).transpose()
    };
    let (made, allowed) = (list(&args.made)?, list(&args.palette)?);
    let options =
        CheckOptions { submodel: None, colors: Some(&session.palette), made: made.as_ref(), allowed: allowed.as_ref() };
    let progress = bar("checking", 1000);
    let report = check_with(&loaded.design, &session.catalog, &options, &|at| {
        progress.set_position(share_done(at).0);
        true
    });
    progress.finish_and_clear();
    let report = report.context("the check was stopped")?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    if args.json {
        serde_json::to_writer_pretty(&mut out, &report.to_json(&loaded.design))?;
        writeln!(out)?;
    } else {
        for finding in &report.findings {
            let word = match finding.severity() {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "note",
            };
            writeln!(out, "{word}: {}", finding.message)?;
        }
        writeln!(out, "{}", report.summary())?;
        session::report_warnings(&args.input, &loaded.warnings);
    }
    out.flush()?;
    Ok(Outcome::from_findings(!report.is_clean()))
}
