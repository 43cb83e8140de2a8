//! A design from the bytes of a file: Studwork's own format or LDraw, told by name and else by content.

use serde::{Deserialize, Serialize};
use std::path::Path;
use studwork_core::{Design, Parsed};

/// The largest file that is read, bytes.
pub const MAX_BYTES: u64 = studwork_core::MAX_FILE_BYTES as u64;

/// What a file is.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Studwork's own.
    Ron,
    /// LDraw: one file or several.
    Ldraw,
}

impl Format {
    /// By the name of a file, else by how its bytes begin.
    pub fn of(name: &str, bytes: &[u8]) -> Self {
        let extension = Path::new(name).extension().map(|extension| extension.to_string_lossy().to_lowercase());
        match extension.as_deref() {
            Some("ron") => Self::Ron,
            Some("ldr" | "mpd" | "dat") => Self::Ldraw,
            _ => {
                let start = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
                if start.starts_with(b"(") || start.starts_with(b"//") { Self::Ron } else { Self::Ldraw }
            }
        }
    }

    /// The extension of a file of this format: `ron` or `mpd`.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Ron => "ron",
            Self::Ldraw => "mpd",
        }
    }
}

/// Why some bytes are no design.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} is not a design that can be read: {message}")]
pub struct ReadError {
    /// The file.
    pub name: String,
    /// What is wrong, with the line where there is one.
    pub message: String,
}

/// The design in some bytes, and what could not be taken as it stood. `is_library_part` says for a file name
/// (`3001.dat`) whether somebody has that part; it only decides about warnings.
///
/// # Errors
/// Says where the bytes are not of their format, or that they hold no piece at all.
pub fn design_from_bytes(
    bytes: &[u8],
    name: &str,
    is_library_part: &dyn Fn(&str) -> bool,
) -> Result<Parsed<Design>, ReadError> {
    let failed = |message: String| {
        let message = message.strip_prefix(name).map_or(message.as_str(), |rest| rest.trim_start_matches([':', ' ']));
        ReadError { name: name.to_owned(), message: message.to_owned() }
    };
    match Format::of(name, bytes) {
        Format::Ron => {
            let text = std::str::from_utf8(bytes)
                .map_err(|error| failed(format!("byte {} is no text (UTF-8)", error.valid_up_to())))?;
            studwork_core::from_ron(text).map_err(|error| failed(error.to_string()))
        }
        Format::Ldraw => {
            let document = studwork_ldraw::parse(bytes, name).map_err(|error| failed(error.to_string()))?;
            let mut parsed = studwork_core::from_ldraw(&document.value, is_library_part)
                .map_err(|error| failed(error.to_string()))?;
            if parsed.value.is_empty() && parsed.value.embedded_parts().next().is_none() {
                return Err(failed("there is no piece in it".to_owned()));
            }
            let mut warnings = document.warnings;
            warnings.append(&mut parsed.warnings);
            Ok(Parsed { value: parsed.value, warnings })
        }
    }
}
