//! The package as the portal sees it: checked by the rules of `studwork-core`, then taken apart into what is stored and
//! shown. Limits come before bytes: what is too large is refused before anything is unpacked.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Serialize};
use studwork_core::package::{self as rules, Context, Finding, Manifest, ParentFacts, read_package, verify};
use studwork_core::{Catalog, Palette};

pub use studwork_core::package::Policy as PackagePolicy;

/// The media type of a package.
pub const MEDIA_TYPE: &str = rules::MEDIA_TYPE;

/// A row of a project's parts list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PartRow {
    /// Its number.
    pub part: String,
    /// Its name.
    pub name: String,
    /// Its color number.
    pub color: String,
    /// Its color's name.
    pub color_name: String,
    /// How many.
    pub count: i64,
}

/// A package that passed.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The SHA-256 of the package.
    pub sha256: String,
    /// The SHA-256 of the design in it.
    pub model_sha256: String,
    /// How many pieces.
    pub pieces: i64,
    /// What it says about itself.
    pub manifest: Manifest,
    /// Its parts, by number and color.
    pub parts: Vec<PartRow>,
    /// Its pictures, cover first: PNG.
    pub pictures: Vec<Vec<u8>>,
    /// The frames of its turntable: PNG.
    pub turntable: Vec<Vec<u8>>,
}

/// The parts that packages are checked against: the LDraw library at `path`, else the built-in families.
#[must_use]
pub fn catalog(path: Option<&Path>) -> Arc<Catalog> {
    // What a catalog works out about its parts is worth keeping; the built-in one is the same for everybody.
    static BUILT_IN: LazyLock<Arc<Catalog>> = LazyLock::new(|| Arc::new(Catalog::built_in()));
    let Some(path) = path else { return BUILT_IN.clone() };
    match studwork_ldraw::Library::open(path) {
        Ok(library) => Arc::new(Catalog::with_library(Arc::new(library))),
        Err(error) => {
            tracing::error!("the LDraw library {} cannot be opened, built-in parts are used: {error}", path.display());
            BUILT_IN.clone()
        }
    }
}

/// What the package says about itself, when its archive is sound: read before the check, which needs to know the parent.
///
/// # Errors
/// What the rules find.
pub fn manifest(bytes: &[u8], policy: &PackagePolicy) -> Result<Manifest, Vec<Finding>> {
    read_package(bytes, policy).map(|package| package.manifest().clone()).map_err(|report| report.findings)
}

/// Checks a package by all rules and takes it apart. Takes seconds for a large design: call it where blocking is
/// allowed.
///
/// # Errors
/// What the rules find, errors and warnings, when at least one is an error.
pub fn check(
    bytes: &[u8],
    policy: &PackagePolicy,
    catalog: &Catalog,
    parent: Option<&ParentFacts>,
) -> Result<Checked, Vec<Finding>> {
    let palette = Palette::default();
    let verified = verify(bytes, policy, &Context { catalog, palette: &palette, parent });
    let (Some(package), Some(design), true) = (verified.package, verified.design, verified.report.passed) else {
        return Err(verified.report.findings);
    };
    let parts = rules::listed_parts(&design, catalog, &palette)
        .into_iter()
        .map(|row| PartRow {
            part: row.part.to_string(),
            name: row.name,
            color: row.color.to_string(),
            color_name: row.color_name.replace('_', " "),
            count: i64::try_from(row.quantity).unwrap_or(i64::MAX),
        })
        .collect();
    let mut pictures: Vec<Vec<u8>> = package.cover().map(<[u8]>::to_vec).into_iter().collect();
    pictures.extend(package.pictures().map(|(_, bytes)| bytes.to_vec()));
    Ok(Checked {
        sha256: package.sha256().to_owned(),
        model_sha256: package.file(rules::MODEL).map(rules::sha256_hex).unwrap_or_default(),
        pieces: verified.report.facts.pieces.and_then(|pieces| i64::try_from(pieces).ok()).unwrap_or(0),
        manifest: package.manifest().clone(),
        parts,
        pictures,
        turntable: package.turntable().map(|(_, bytes)| bytes.to_vec()).collect(),
    })
}
