//! Reading a design from any input: Studwork's own format, LDraw or a package, told by name and content.

use crate::disk;
use anyhow::{Result, anyhow};
use std::path::Path;
use studwork_core::package::{ArchiveLimits, EXTENSION, MODEL, Policy, read_package};
use studwork_core::{Catalog, Design, Edit, InfoField, PartId};
use studwork_ldraw::Warning;

/// No design is larger than this, in bytes; what is gets refused before it is read.
pub const MAX_INPUT_BYTES: u64 = 256 << 20;

/// What a file says it is.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum InputKind {
    /// Studwork's own format.
    Ron,
    /// LDraw: one file or several.
    Ldraw,
    /// A package for a portal, with a design in it.
    Package,
}

/// A design and what had to be noted on the way.
pub struct Loaded {
    /// The design.
    pub design: Design,
    /// What could not be taken as it stood, with lines where there are any.
    pub warnings: Vec<Warning>,
    /// Which format it came in.
    pub kind: InputKind,
}

/// Reads the design in a file. Errors name the file, and the line where there is one. The catalog tells an embedded
/// part from a submodel where the file does not.
pub fn load_design(path: &Path, catalog: &Catalog) -> Result<Loaded> {
    let name = path.display().to_string();
    let bytes = disk::read_capped(path, MAX_INPUT_BYTES).map_err(|error| anyhow!("{name}: {error}"))?;
    let known = path.extension().is_some_and(|extension| {
        ["ron", "ldr", "mpd", "dat", EXTENSION].iter().any(|known| extension.eq_ignore_ascii_case(known))
    });
    if !known && bytes.iter().take(1024).any(|&byte| byte == 0) {
        return Err(anyhow!("{name}: this is not a design; those are .ron, .ldr, .mpd, .dat and .studpkg files"));
    }
    load_bytes(&bytes, &name, kind_of(path, &bytes), catalog)
}

/// Reads a design from the bytes of a file of this name, as [`load_design`] does.
pub fn load_bytes(bytes: &[u8], name: &str, kind: InputKind, catalog: &Catalog) -> Result<Loaded> {
    // An error of a parser may begin with the name already.
    let named = |message: String| {
        if message.starts_with(name) { anyhow!(message) } else { anyhow!("{name}: {message}") }
    };
    match kind {
        InputKind::Ron => {
            let text = std::str::from_utf8(bytes).map_err(|error| {
                let line = bytes[..error.valid_up_to()].iter().filter(|&&byte| byte == b'\n').count() + 1;
                anyhow!("{name}:{line}: this is not text (UTF-8), and a design file is")
            })?;
            let parsed = studwork_core::from_ron(text).map_err(|error| named(error.to_string()))?;
            Ok(Loaded { design: parsed.value, warnings: parsed.warnings, kind })
        }
        InputKind::Package => {
            // Whether it may be submitted is not the question here, only whether it is sound.
            let package = read_package(bytes, &largest_policy()).map_err(|report| {
                let first = report.findings.first().map(ToString::to_string);
                anyhow!("{name}: {}", first.unwrap_or_else(|| "this package cannot be read".to_owned()))
            })?;
            let parsed = package.design().map_err(|error| named(format!("{name}: {MODEL}: {error}")))?;
            Ok(Loaded { design: parsed.value, warnings: parsed.warnings, kind })
        }
        InputKind::Ldraw => {
            let document = studwork_ldraw::parse(bytes, name).map_err(|error| named(error.to_string()))?;
            let known = |part: &str| catalog.has(&PartId::new(part));
            let design =
                studwork_core::from_ldraw(&document.value, &known).map_err(|error| named(error.to_string()))?;
            let mut warnings = document.warnings;
            warnings.extend(design.warnings);
            let mut design = design.value;
            // Many programs call whatever they write "main": the file's name says more.
            if let (true, Some(stem)) = (design.title().eq_ignore_ascii_case("main"), Path::new(name).file_stem()) {
                let title = Edit::SetInfo(InfoField::Title(stem.to_string_lossy().into_owned()));
                design.apply(title).map_err(|error| named(error.to_string()))?;
            }
            Ok(Loaded { design, warnings, kind })
        }
    }
}

/// Takes every package that a program can bear.
fn largest_policy() -> Policy {
    let (package_bytes, unpacked_bytes) = (MAX_INPUT_BYTES, 4 * MAX_INPUT_BYTES);
    let archive = ArchiveLimits { package_bytes, entries: 256, unpacked_bytes, ratio: 200 };
    Policy { archive, ..Policy::default() }
}

/// The kind of a file: by its extension, else by how it begins.
pub fn kind_of(path: &Path, bytes: &[u8]) -> InputKind {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
    match extension.as_deref() {
        Some("ron") => InputKind::Ron,
        Some("ldr" | "mpd" | "dat") => InputKind::Ldraw,
        Some(EXTENSION) => InputKind::Package,
        _ if bytes.starts_with(b"PK\x03\x04") => InputKind::Package,
        _ => {
            let start = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
            let ron = start.starts_with(b"(") || start.starts_with(b"//") || start.starts_with(b"#![enable");
            if ron { InputKind::Ron } else { InputKind::Ldraw }
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn the_kind_is_told_by_extension_and_else_by_content() {
        assert_eq!(kind_of(Path::new("a.RON"), b"0 FILE"), InputKind::Ron);
        assert_eq!(kind_of(Path::new("a.Mpd"), b"("), InputKind::Ldraw);
        assert_eq!(kind_of(Path::new("a"), b"\xEF\xBB\xBF  (format: 1)"), InputKind::Ron);
        assert_eq!(kind_of(Path::new("a.txt"), b"0 Car\r\n1 4 0 0 0"), InputKind::Ldraw);
        assert_eq!(kind_of(Path::new("a.StudPkg"), b""), InputKind::Package);
        assert_eq!(kind_of(Path::new("a"), b"PK\x03\x04\0\0"), InputKind::Package);
    }

    #[test]
    fn a_missing_file_and_a_folder_are_named() {
        let folder = tempfile::tempdir().unwrap();
        for path in [folder.path().join("none.ldr"), folder.path().to_owned()] {
            let error = load_design(&path, &Catalog::built_in()).err().unwrap().to_string();
            assert!(error.contains(&path.display().to_string()), "{error}");
        }
    }
}
