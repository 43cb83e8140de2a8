//! `studwork verify`: what the rules find in a package.
#![expect(clippy::print_stderr, reason = "a command line answers on its standard streams")]

use super::Outcome;
use super::args::VerifyArgs;
use super::session::{Session, spinner};
use crate::disk;
use anyhow::{Context as _, Result, anyhow};
use std::io::Write as _;
use std::path::Path;
use studwork_client::{ClientError, Portal, PortalAddress};
use studwork_core::package::{self, Facts, Finding, Policy};

/// No package is larger than this, whatever a policy says, in bytes.
pub(super) const MOST_PACKAGE: u64 = 512 << 20;
/// The most bytes of a policy file.
const MOST_POLICY: u64 = 1 << 20;

/// Checks a package; what the rules find is a finding.
pub(super) fn verify(args: &VerifyArgs, ldraw: Option<&Path>) -> Result<Outcome> {
    let policy = policy_of(args.policy.as_deref())?;
    let bytes = disk::read_capped(&args.package, MOST_PACKAGE).with_context(|| args.package.display().to_string())?;
    let session = Session::open(ldraw)?;
    let progress = spinner("checking the package");
    let context = package::Context { catalog: &session.catalog, palette: &session.palette, parent: None };
    let report = package::verify(&bytes, &policy, &context).report;
    progress.finish_and_clear();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    if args.json {
        serde_json::to_writer_pretty(&mut out, &report)?;
        writeln!(out)?;
    } else {
        write!(out, "{}", facts_text(&report.facts))?;
        writeln!(out, "{:<14}{}", "result", report.summary())?;
        report_findings(&args.package, &report.findings);
    }
    out.flush()?;
    Ok(Outcome::from_findings(!report.findings.is_empty()))
}

/// Prints findings, one a line, with the file.
pub(super) fn report_findings(path: &Path, findings: &[Finding]) {
    for finding in findings {
        eprintln!("{}: {finding}", path.display());
    }
}

/// The policy of a portal, of a file, or Studwork's own.
pub(super) fn policy_of(source: Option<&str>) -> Result<Policy> {
    let Some(source) = source else { return Ok(Policy::default()) };
    if let Some((scheme, rest)) = source.split_once("://") {
        // The address of the policy itself is taken as well.
        let host = rest.split('/').next().unwrap_or_default();
        let portal =
            Portal::new(PortalAddress::new(&format!("{scheme}://{host}")).map_err(told)?, None).map_err(told)?;
        return Ok(portal.policy().map_err(told)?.package);
    }
    let path = Path::new(source);
    let json = disk::read_capped(path, MOST_POLICY).with_context(|| source.to_owned())?;
    let value: serde_json::Value =
        serde_json::from_slice(&json).with_context(|| format!("{source}: this is no JSON"))?;
    // What a portal serves has the limits for packages as a member.
    let own = value.get("package").cloned().unwrap_or(value);
    serde_json::from_value(own).with_context(|| format!("{source}: this is no policy"))
}

/// A client's error with what to do about it.
pub(super) fn told(error: ClientError) -> anyhow::Error {
    anyhow!("{error}. {}", error.advice())
}

fn facts_text(facts: &Facts) -> String {
    let number = |number: Option<u64>| number.map(|number| number.to_string());
    let lines = [
        ("title", facts.title.clone()),
        ("bytes", Some(facts.bytes.to_string())),
        ("SHA-256", Some(facts.sha256.clone()).filter(|hash| !hash.is_empty())),
        ("pieces", number(facts.pieces)),
        ("unique parts", number(facts.unique_parts)),
        ("colors", number(facts.colors)),
        ("submodels", number(facts.submodels)),
        ("steps", number(facts.steps)),
        ("collisions", number(facts.collisions)),
        ("islands", number(facts.islands)),
        ("pictures", number(facts.pictures)),
        ("turntable", number(facts.turntable_frames)),
    ];
    lines.iter().filter_map(|(name, value)| Some(format!("{name:<14}{}\n", value.as_ref()?))).collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn a_policy_file_is_a_policy_or_what_a_portal_serves() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("policy.json");
        let source = path.to_str().unwrap();
        let limits = r#"{"design": {"pieces": {"least": 1, "most": 9}}}"#;
        for json in [limits.to_owned(), format!(r#"{{"portal": {{"name": "x", "protocol": 1}}, "package": {limits}}}"#)]
        {
            std::fs::write(&path, json).unwrap();
            assert_eq!(policy_of(Some(source)).unwrap().design.pieces.most, 9);
        }
        std::fs::write(&path, "[").unwrap();
        assert!(policy_of(Some(source)).unwrap_err().to_string().contains("policy.json"));
        assert_eq!(policy_of(None).unwrap(), Policy::default());
        assert!(policy_of(Some("http://example.com/api/v1/policy")).is_err(), "plain http leaves the own network");
    }
}
