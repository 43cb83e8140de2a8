//! `studwork pack`: the package of a design, with pictures. It is written in any case; what the rules find is told.

use super::Outcome;
use super::args::PackArgs;
use super::session::{Session, bar};
use super::verify::{policy_of, report_findings};
use crate::disk;
use crate::submission::{self, Shots};
use anyhow::{Context as _, Result, bail};
use std::path::Path;
use studwork_core::package::{self, EXTENSION, Manifest, Meta};

/// The most bytes of a meta file.
const MOST_META: u64 = 1 << 20;

/// Writes a package; what the rules find is a finding.
pub(super) fn pack(args: &PackArgs, ldraw: Option<&Path>) -> Result<Outcome> {
    let is_package = args.output.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(EXTENSION));
    if !is_package {
        bail!("{}: a package is written as .{EXTENSION}", args.output.display());
    }
    let meta = args.meta.as_deref().map(read_meta).transpose()?.unwrap_or_default();
    let policy = policy_of(args.policy.as_deref())?;
    let session = Session::open(ldraw)?;
    let loaded = session.load(&args.input)?;
    session.report(&args.input, &loaded);
    let Session { catalog, palette } = &session;

    let shots = Shots::for_policy(&policy);
    let progress = bar("drawing pictures", shots.count());
    let mut on_picture = |done: usize| {
        progress.set_position(done as u64);
        Ok(())
    };
    let pictures = submission::pictures_of(&loaded.design, catalog, palette, &shots, &policy, &mut on_picture)
        .with_context(|| args.input.display().to_string())?;
    progress.finish_and_clear();
    let manifest = Manifest::from_design(&loaded.design).with(meta);
    let packed = package::pack(&loaded.design, &manifest, &pictures, catalog, palette)?;
    disk::write_atomically(&args.output, &packed.bytes)
        .with_context(|| format!("cannot write {}", args.output.display()))?;

    let context = package::Context { catalog, palette, parent: None };
    let report = package::verify(&packed.bytes, &policy, &context).report;
    report_findings(&args.output, &report.findings);
    Ok(Outcome::from_findings(!report.findings.is_empty()))
}

fn read_meta(path: &Path) -> Result<Meta> {
    let json = disk::read_capped(path, MOST_META).with_context(|| path.display().to_string())?;
    serde_json::from_slice(&json)
        .with_context(|| format!("{}: this does not say what a package is about", path.display()))
}
