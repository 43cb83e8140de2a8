//! Files on disk: reading a design from any input, and writing outputs so that a crash leaves the old file or
//! the new one, never half of one.
//!
//! Knows the kinds of input by name and content; knows no window and prints nothing.

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use studwork_core::Design;
use studwork_ldraw::{Library, Warning};

/// No design is larger than this; what is gets refused before it is read.
pub const MAX_INPUT_BYTES: u64 = 256 << 20;

/// What a file says it is.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum InputKind {
    /// Studwork's own format.
    Ron,
    /// LDraw: one file or several.
    Ldraw,
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

/// Why a file could not be opened as a design. Its text names the file, and the line where there is one.
#[derive(Debug)]
pub struct LoadError {
    path: PathBuf,
    message: String,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // An error of the parser begins with the place already.
        let name = self.path.display().to_string();
        if self.message.starts_with(&name) { f.write_str(&self.message) } else { write!(f, "{name}: {}", self.message) }
    }
}

impl std::error::Error for LoadError {}

/// Reads the design in a file. `library` tells an embedded part from a submodel where the file does not.
pub fn load(path: &Path, library: Option<&Library>) -> Result<Loaded, LoadError> {
    let failed = |message: String| LoadError { path: path.to_owned(), message };
    let bytes = read_capped(path).map_err(|error| failed(error.to_string()))?;
    let name = path.display().to_string();
    load_bytes(&bytes, &name, kind_of(path, &bytes), library).map_err(failed)
}

/// Reads a design from the bytes of a file of this name.
pub fn load_bytes(bytes: &[u8], name: &str, kind: InputKind, library: Option<&Library>) -> Result<Loaded, String> {
    match kind {
        InputKind::Ron => {
            let text = std::str::from_utf8(bytes).map_err(|error| {
                let line = bytes[..error.valid_up_to()].iter().filter(|&&byte| byte == b'\n').count() + 1;
                format!("{name}:{line}: not text (UTF-8); a design file is")
            })?;
            let parsed = studwork_core::from_ron(text).map_err(|error| format!("{name}: {error}"))?;
            Ok(Loaded { design: parsed.value, warnings: parsed.warnings, kind })
        }
        InputKind::Ldraw => {
            let document = studwork_ldraw::parse(bytes, name).map_err(|error| error.to_string())?;
            let in_library = |part: &str| library.is_some_and(|library| library.contains(part));
            let design =
                studwork_core::from_ldraw(&document.value, &in_library).map_err(|error| format!("{name}: {error}"))?;
            let mut warnings = document.warnings;
            warnings.extend(design.warnings);
            Ok(Loaded { design: design.value, warnings, kind })
        }
    }
}

/// The kind of a file: by its extension, else by how it begins.
pub fn kind_of(path: &Path, bytes: &[u8]) -> InputKind {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
    match extension.as_deref() {
        Some("ron") => InputKind::Ron,
        Some("ldr" | "mpd" | "dat") => InputKind::Ldraw,
        _ => {
            let start = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
            let ron = start.starts_with(b"(") || start.starts_with(b"//") || start.starts_with(b"#![enable");
            if ron { InputKind::Ron } else { InputKind::Ldraw }
        }
    }
}

fn read_capped(path: &Path) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let about = file.metadata()?;
    if about.is_dir() {
        return Err(io::Error::other("is a folder, not a file"));
    }
    let too_large = || io::Error::other(format!("larger than {} MiB; no design is", MAX_INPUT_BYTES >> 20));
    if about.len() > MAX_INPUT_BYTES {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(about.len() as usize);
    // A pipe has no length, so the reading itself is limited too.
    file.take(MAX_INPUT_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_INPUT_BYTES { Err(too_large()) } else { Ok(bytes) }
}

/// Writes a file whole: into a temporary one in the same folder, to the disk, then renamed.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".studwork-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // A temporary file is private; a saved one keeps the mode it had, or gets the usual one.
        let mode = path.metadata().map_or(0o644, |about| about.permissions().mode() & 0o777);
        builder.permissions(std::fs::Permissions::from_mode(mode));
    }
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    // The rename itself is in the folder; not every system can sync one.
    if let Ok(folder) = File::open(folder) {
        folder.sync_all().ok();
    }
    Ok(())
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
    }

    #[test]
    fn writing_replaces_a_file_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        write(&path, b"old").unwrap();
        write(&path, b"new").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(folder.path().read_dir().unwrap().count(), 1);
        assert!(write(&folder.path().join("no/such/folder.txt"), b"").is_err());
    }

    #[test]
    fn a_missing_file_and_a_folder_are_named() {
        let folder = tempfile::tempdir().unwrap();
        for path in [folder.path().join("none.ldr"), folder.path().to_owned()] {
            let error = load(&path, None).err().unwrap().to_string();
            assert!(error.contains(&path.display().to_string()), "{error}");
        }
    }
}
