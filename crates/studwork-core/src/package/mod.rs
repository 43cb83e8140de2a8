//! The submission package (`.studpkg`): how it is written, read and checked.
//!
//! One engine of coded rules serves the designer and the portal, so that what passes here passes there; the limits
//! come from a [`Policy`], which a portal serves. Nothing here draws a picture, opens a file or knows a network:
//! pictures come in as PNG bytes. `docs/package.md` describes the format and the report for people.

mod archive;
mod design_rules;
mod directory;
mod finding;
mod images;
mod license;
mod manifest;
mod pack;
mod policy;
mod read;
mod report;
mod rule;
mod text;
mod verify;

#[cfg(test)]
mod tests;

pub use archive::write_package;
pub use finding::{Finding, Measure, Place, Severity, Unit, Value};
pub use license::{derivative_allowed, spdx_from_text};
pub use manifest::{Creator, FileEntry, Manifest, Meta, Parent, project_of_source, source_of_project};
pub use pack::{PackError, Packed, Pictures, listed_parts, pack};
pub use policy::{ArchiveLimits, DesignLimits, ImageLimits, Policy, Span, TextLimits};
pub use read::{Package, read_package};
pub use report::{Facts, Report};
pub use rule::Rule;
pub use verify::{Context, ParentFacts, Verified, verify};

use sha2::{Digest as _, Sha256};

/// The package format that is written; a reader refuses a greater one.
pub const FORMAT: u32 = 1;
/// The extension of a package file, without the dot.
pub const EXTENSION: &str = "studpkg";
/// The media type of a package.
pub const MEDIA_TYPE: &str = "application/vnd.studwork.package";
/// What the package says about itself, and the list of its files.
pub const MANIFEST: &str = "manifest.json";
/// The design.
pub const MODEL: &str = "model.ron";
/// The same design for other programs.
pub const LDRAW: &str = "model.mpd";
/// The parts list.
pub const PARTS: &str = "parts.csv";
/// The picture that stands for the project: a square.
pub const COVER: &str = "images/cover.png";

/// The path of a picture beside the cover, counted from 1: `images/01.png`.
pub fn picture_path(number: usize) -> String {
    format!("images/{number:02}.png")
}

/// The path of a frame of the turntable, counted from 0: `images/turntable/00.png`.
pub fn turntable_path(frame: usize) -> String {
    format!("images/turntable/{frame:02}.png")
}

/// SHA-256 of some bytes as 64 lower-case hexadecimal digits.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Whether a text is a SHA-256 as this format writes it.
fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}
