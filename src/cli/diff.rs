//! `studwork diff`: what is different between two designs.

use super::Outcome;
use super::args::DiffArgs;
use super::library::answer;
use anyhow::Result;
use studwork_core::compare::Matching;

/// Prints the differences; any is a finding.
pub(super) fn diff(args: &DiffArgs) -> Result<Outcome> {
    let matching = match (args.by_number, args.by_shape) {
        (true, _) => Matching::ByNumber,
        (_, true) => Matching::ByShape,
        _ => Matching::Auto,
    };
    let report = studwork_library::report::diff(&args.original, &args.copy, matching)?;
    answer(args.json, &report, report.lines())?;
    Ok(Outcome::from_findings(!report.is_same()))
}
