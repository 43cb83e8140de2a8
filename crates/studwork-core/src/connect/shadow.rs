//! A shadow library: `0 !LDCAD SNAP_…` lines beside LDraw files that say where parts connect.
//!
//! Read as it is, from a zip or a folder; nothing of it is ever bundled. A part's connectors are its own lines and those
//! of the files it refers to, moved along; what a reference scales is kept only where its line allows that.

use super::{
    Connector, ConnectorShape, Section,
    snap_meta::{Inherit, SnapLine, parse_snap_line},
};
use glam::Affine3A;
use std::{
    collections::HashMap,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};
use studwork_ldraw::{FileSource, Line, normalized_name};

/// Limits on what is read, against damaged and hostile files.
const MOST_FILES: usize = 60_000;
const MOST_FILE_BYTES: u64 = 1 << 20;
const MOST_LEVELS: usize = 24;
const MOST_CONNECTORS: usize = 20_000;

/// Why a shadow library could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum ShadowError {
    /// The file or folder cannot be read.
    #[error("the shadow library {path} cannot be read: {source}. Check the path, or take the setting away")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The archive is damaged.
    #[error("the shadow library {path} is no usable zip archive: {source}. Download it again")]
    Damaged {
        /// Which.
        path: PathBuf,
        /// Why.
        source: zip::result::ZipError,
    },
    /// Nothing in it is a shadow file.
    #[error("{path} holds no shadow files (`parts/*.dat` with `!LDCAD SNAP_` lines)")]
    Empty {
        /// Which.
        path: PathBuf,
    },
}

/// A shadow library, wholly in memory (about 2 MB).
#[derive(Debug, Default)]
pub struct ShadowLibrary {
    files: HashMap<String, Vec<SnapLine>>,
    warnings: Vec<String>,
    lines: usize,
    fingerprint: u64,
}

impl ShadowLibrary {
    /// Opens a zip or a folder that has `parts` and `p` in it (or in its only folder).
    pub fn open(path: &Path) -> Result<Self, ShadowError> {
        let mut library = Self::default();
        let unreadable = |source| ShadowError::Unreadable { path: path.to_owned(), source };
        if path.is_dir() {
            library.read_folder(path, path, 0).map_err(unreadable)?;
        } else {
            let file = File::open(path).map_err(unreadable)?;
            library.read_archive(file).map_err(|source| ShadowError::Damaged { path: path.to_owned(), source })?;
        }
        if library.files.is_empty() { Err(ShadowError::Empty { path: path.to_owned() }) } else { Ok(library) }
    }

    /// Where the user's shadow library is: the path given, else `STUDWORK_SHADOW`.
    pub fn locate(explicit: Option<&Path>) -> Option<PathBuf> {
        explicit.map(Path::to_owned).or_else(|| std::env::var_os("STUDWORK_SHADOW").map(PathBuf::from))
    }

    fn read_folder(&mut self, root: &Path, folder: &Path, level: usize) -> std::io::Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() && level < 4 {
                self.read_folder(root, &entry.path(), level + 1)?;
            } else if kind.is_file() && entry.metadata()?.len() <= MOST_FILE_BYTES {
                let name = entry.path().strip_prefix(root).unwrap_or(&entry.path()).to_string_lossy().into_owned();
                if key_of(&name).is_some() {
                    self.add(&name, &std::fs::read(entry.path())?);
                }
            }
        }
        Ok(())
    }

    fn read_archive(&mut self, file: File) -> Result<(), zip::result::ZipError> {
        let mut archive = zip::ZipArchive::new(file)?;
        for index in 0..archive.len().min(MOST_FILES) {
            let entry = archive.by_index(index)?;
            let name = entry.name()?.into_owned();
            if entry.is_file() && key_of(&name).is_some() {
                let mut bytes = Vec::new();
                entry.take(MOST_FILE_BYTES).read_to_end(&mut bytes)?;
                self.add(&name, &bytes);
            }
        }
        Ok(())
    }

    fn add(&mut self, name: &str, bytes: &[u8]) {
        let Some(key) = key_of(name) else { return };
        if self.files.len() >= MOST_FILES {
            return;
        }
        // A sum, so that the order in which a folder lists its files does not matter.
        self.fingerprint = self.fingerprint.wrapping_add(fnv([key.as_bytes(), b"\n", bytes].concat().as_slice()));
        let mut lines = Vec::new();
        for (number, line) in String::from_utf8_lossy(bytes).lines().enumerate() {
            match parse_snap_line(line) {
                Some(Ok(line)) => {
                    self.lines += 1;
                    lines.push(line);
                }
                Some(Err(message)) => {
                    self.lines += 1;
                    self.warnings.push(format!("{name}:{}: {message}", number + 1));
                }
                None => {}
            }
        }
        self.files.insert(key, lines);
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// How many `SNAP_` lines there are, those that could not be read included.
    pub fn line_count(&self) -> usize {
        self.lines
    }

    /// A number that changes when what it says does.
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// Lines that could not be read, with file and line.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The connectors of a part (`3001.dat`), with all it inherits through the files of `source`; `None` if the library
    /// says nothing about it.
    pub fn connectors(&self, source: &dyn FileSource, name: &str) -> Option<Vec<Connector>> {
        let mut known = HashMap::new();
        let name = normalized_name(name);
        let found = self.walk(source, &name, 0, &mut known);
        (!found.is_empty()).then(|| found.into_iter().map(|f| f.connector).collect())
    }

    fn walk(
        &self,
        source: &dyn FileSource,
        name: &str,
        level: usize,
        known: &mut HashMap<String, Vec<Found>>,
    ) -> Vec<Found> {
        if let Some(found) = known.get(name) {
            return found.clone();
        }
        // A loop of files meets itself here and finds nothing.
        known.insert(name.to_owned(), Vec::new());
        let mut found = Vec::new();
        if level < MOST_LEVELS
            && let Some(file) = source.file(name)
        {
            for line in &file.lines {
                let Line::Reference(reference) = &line.line else { continue };
                let inner = self.walk(source, &normalized_name(&reference.name), level + 1, known);
                found.extend(inner.iter().filter_map(|inner| inner.moved(&reference.transform)));
                if found.len() > MOST_CONNECTORS {
                    break;
                }
            }
        }
        self.apply(name, &Affine3A::IDENTITY, 0, &mut found);
        known.insert(name.to_owned(), found.clone());
        found
    }

    /// Applies a file's own lines, and those it includes, in order.
    fn apply(&self, name: &str, transform: &Affine3A, level: usize, found: &mut Vec<Found>) {
        for line in self.files.get(name).into_iter().flatten() {
            match line {
                SnapLine::Clear(None) => found.clear(),
                SnapLine::Clear(Some(id)) => found.retain(|f| f.id.as_deref() != Some(id)),
                SnapLine::Connector { connector, id, inherit, grid } => {
                    for offset in grid {
                        let frame = *transform * connector.frame * Affine3A::from_translation(*offset);
                        let moved = Connector { frame, ..connector.clone() };
                        found.push(Found { connector: moved, id: id.clone(), inherit: *inherit });
                    }
                }
                SnapLine::Include { name, frame, grid } if level < 8 => {
                    for offset in grid {
                        let place = *transform * *frame * Affine3A::from_translation(*offset);
                        self.apply(name, &place, level + 1, found);
                    }
                }
                SnapLine::Include { .. } => {}
            }
        }
    }
}

/// The Fowler–Noll–Vo hash (FNV-1a, 64 bits): the same in every version of the program.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// `…/parts/s/3001s01.dat` is `s/3001s01.dat`, `…/p/stud.dat` is `stud.dat`: the names that LDraw files use.
fn key_of(path: &str) -> Option<String> {
    let path = normalized_name(path);
    if !path.ends_with(".dat") {
        return None;
    }
    let folders = ["parts/", "p/"];
    folders.iter().find_map(|folder| {
        path.strip_prefix(folder)
            .or_else(|| path.split_once(&format!("/{folder}")).map(|(_, rest)| rest))
            .map(str::to_owned)
    })
}

#[derive(Clone, Debug)]
struct Found {
    connector: Connector,
    id: Option<String>,
    inherit: Inherit,
}

impl Found {
    /// Seen from a file that refers to this one's by `transform`; `None` where its scale is not allowed.
    fn moved(&self, transform: &Affine3A) -> Option<Self> {
        let frame = *transform * self.connector.frame;
        let m = frame.matrix3;
        let [x, y, z] = [m.x_axis, m.y_axis, m.z_axis].map(|axis| axis.length());
        let kept = |v: f32| (v - 1.0).abs() < 0.01;
        let skewed = m.x_axis.dot(m.y_axis).abs() > 0.02 * x * y || m.y_axis.dot(m.z_axis).abs() > 0.02 * y * z;
        if skewed || x < 1e-4 || y < 1e-4 || z < 1e-4 || !frame.is_finite() {
            return None;
        }
        let allowed = (kept(y) || self.inherit.length)
            && ((kept(x) && kept(z)) || (self.inherit.radius && (x - z).abs() < 0.01 * x));
        if !allowed {
            return None;
        }
        let mut connector = self.connector.clone();
        connector.frame.matrix3 = glam::Mat3A::from_cols(m.x_axis / x, m.y_axis / y, m.z_axis / z);
        connector.frame.translation = frame.translation;
        if !(kept(x) && kept(y)) {
            scale_shape(&mut connector.shape, x, y);
        }
        Some(Self { connector, id: self.id.clone(), inherit: self.inherit })
    }
}

fn scale_shape(shape: &mut ConnectorShape, radius_by: f32, length_by: f32) {
    match shape {
        ConnectorShape::Cylinder { sections, .. } => {
            *sections =
                sections.iter().map(|s| Section::new(s.shape, s.radius * radius_by, s.length * length_by)).collect();
        }
        ConnectorShape::Clip { radius, length, .. } => {
            *radius *= radius_by;
            *length *= length_by;
        }
        ConnectorShape::Fingers { widths, radius, .. } => {
            *widths = widths.iter().map(|w| w * length_by).collect();
            *radius *= radius_by;
        }
        ConnectorShape::Sphere { radius } => *radius *= radius_by,
        ConnectorShape::Generic(_) => {}
    }
}
