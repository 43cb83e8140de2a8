//! The whole check of a package: archive, manifest, texts, design, rights, pictures. The same in the designer and on the
//! portal; only what each knows besides (parts, the original) comes in from outside.

use super::report::Findings;
use super::{Facts, Package, Policy, Report, design_rules, images, read, sha256_hex, text};
use crate::{Catalog, Design, Palette};

/// What is known beside the package.
#[derive(Copy, Clone, Debug)]
pub struct Context<'a> {
    /// The parts. Without a library, a part that is not built in cannot be called unknown.
    pub catalog: &'a Catalog,
    /// The colors.
    pub palette: &'a Palette,
    /// What a portal knows of the original that the manifest names.
    pub parent: Option<&'a ParentFacts>,
}

/// What a portal knows of an original.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ParentFacts {
    /// The hashes by which a lineage may name it: of the package, and of the model in it.
    pub hashes: Vec<String>,
    /// Who has to be named.
    pub creators: Vec<String>,
    /// SPDX identifier of its license.
    pub license: String,
}

/// A package that was checked.
#[derive(Clone, PartialEq, Debug)]
pub struct Verified {
    /// What was found.
    pub report: Report,
    /// The package, when its archive and its manifest could be read. Its files are only to be trusted when the report has
    /// passed.
    pub package: Option<Package>,
    /// The design, when it could be read.
    pub design: Option<Design>,
}

/// Checks a package by a policy. Takes as long as the package deserves and no longer: what is costly is measured first.
pub fn verify(bytes: &[u8], policy: &Policy, context: &Context<'_>) -> Verified {
    let policy = policy.clamped();
    let mut findings = Findings::new(&policy);
    let mut facts = Facts { bytes: bytes.len() as u64, ..Facts::default() };
    // A file without measure is not even hashed.
    if facts.bytes <= policy.archive.package_bytes {
        facts.sha256 = sha256_hex(bytes);
    }
    let Some(package) = read::take_apart(bytes, &policy, &mut findings) else {
        return Verified { report: findings.report(facts), package: None, design: None };
    };
    facts.unpacked_bytes = Some(package.files().map(|(_, bytes)| bytes.len() as u64).sum());
    facts.title = Some(package.manifest.title.chars().take(200).collect());
    text::check(&package.manifest, &policy, &mut findings);
    let design = design_rules::check(&package, context, &policy, &mut findings, &mut facts);
    text::check_rights(&package.manifest, design.as_ref(), context.parent, &policy, &mut findings);
    images::check(&package, &policy, &mut findings, &mut facts);
    Verified { report: findings.report(facts), package: Some(package), design }
}
