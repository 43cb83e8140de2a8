//! The parts library as it is downloaded: a folder or the zip, official and unofficial.
//!
//! It finds files by name, knows what parts there are, and has their meshes, which it keeps in memory and in the
//! user's cache folder. All of it may be asked from many threads at once.

mod cache;
mod files;
mod index;
mod packs;
mod store;

pub use index::PartEntry;

use crate::geometry::{self, FileSource, Geometry, StudCache};
use crate::parse::parse_single;
use crate::{ColorDef, LdrawError, LdrawFile, Mesh, normalized_name, parse_colour_meta};
use files::Files;
use packs::Packs;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use store::{Store, StoredFile};

/// Single meshes built one by one are written to the cache in batches of this many.
const SAVE_AFTER: usize = 16;
/// Parsed primitives are forgotten when they have more lines than this together: about 25 MB.
const MAX_PARSED_LINES: usize = 200_000;
/// No part was moved more often.
const MAX_MOVES: usize = 16;

/// A parts library.
#[derive(Debug)]
pub struct Library {
    path: PathBuf,
    fingerprint: String,
    store: Store,
    files: Files,
    /// Sorted by number; read when they are first asked for.
    parts: OnceLock<Vec<PartEntry>>,
    /// Where the cache of this library is.
    folder: Option<PathBuf>,
    parsed: Mutex<Memo>,
    studs: StudCache,
    meshes: Mutex<FxHashMap<String, Arc<MeshCell>>>,
    packs: Option<Packs>,
}

/// Filled by the first who asks, while others who ask wait; `None` inside for a part that cannot be had.
type MeshCell = OnceLock<Option<Arc<Mesh>>>;

#[derive(Debug, Default)]
struct Memo {
    files: FxHashMap<String, Arc<LdrawFile>>,
    lines: usize,
}

impl Library {
    /// Opens a folder (`…/ldraw` or its parent) or a zip archive. What is known about it is kept in the user's cache folder,
    /// or in `STUDWORK_CACHE`.
    ///
    /// # Errors
    /// The path cannot be read, is no library, or is a damaged archive.
    pub fn open(path: &Path) -> Result<Self, LdrawError> {
        Self::open_with_cache(path, cache::default_folder().as_deref())
    }

    /// [`Library::open`] with its own cache folder, or with none.
    ///
    /// # Errors
    /// As [`Library::open`]. A cache that cannot be used costs time and is no error.
    pub fn open_with_cache(path: &Path, cache_dir: Option<&Path>) -> Result<Self, LdrawError> {
        let metadata = std::fs::metadata(path).map_err(|source| LdrawError::Io { path: path.to_owned(), source })?;
        let root = if metadata.is_dir() { folder_root(path)? } else { path.to_owned() };
        let (store, fingerprint, mut listed) = if root.is_dir() {
            let (files, fingerprint) = store::folder_files(&root)?;
            (Store::Folder { root: root.clone() }, fingerprint, Some(files))
        } else {
            let store = Store::open_archive(&root)?;
            let Store::Archive { file, .. } = &store else { return Err(LdrawError::NotALibrary { path: root }) };
            let fingerprint = store::archive_fingerprint(&root, file)?;
            (store, fingerprint, None)
        };
        let folder = cache_dir.map(|folder| folder.join(format!("library-{fingerprint}")));
        let table = folder.as_ref().map(|folder| folder.join("files"));
        let files = match table.as_deref().and_then(cache::read).and_then(|bytes| Files::from_bytes(&bytes)) {
            Some(files) => files,
            None => {
                let listed = match (listed.take(), &store) {
                    (Some(files), _) => files,
                    (None, Store::Archive { path, file }) => store::archive_files(path, file)?,
                    (None, Store::Folder { root }) => store::folder_files(root)?.0,
                };
                let files = Files::new(&listed);
                if let Some(path) = &table {
                    // Without a cache the next start takes longer; nothing else depends on it.
                    let payload = files.to_bytes();
                    let _ = cache::write(path, &[&cache::header(&payload), &payload]);
                    folder.as_deref().into_iter().for_each(cache::tidy);
                }
                files
            }
        };
        let (parts, parsed, studs, meshes) = Default::default();
        let packs = folder.clone().map(Packs::new);
        Ok(Self { path: root, fingerprint, store, files, parts, folder, parsed, studs, meshes, packs })
    }

    /// Where the library is: what the user said, else `STUDWORK_LDRAW`, else `LDRAWDIR`. Nothing is opened.
    pub fn locate(explicit: Option<&Path>) -> Option<PathBuf> {
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        explicit.map(Path::to_owned).or_else(|| variable("STUDWORK_LDRAW")).or_else(|| variable("LDRAWDIR"))
    }

    /// The folder or archive that is read.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// 32 hex digits that change when the library's contents do; the same wherever an archive lies.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    fn stored(&self, name: &str) -> Option<StoredFile> {
        let key = normalized_name(name);
        self.files.get(&key).or_else(|| self.files.get(without_folder(&key)?))
    }

    /// Whether there is a file of that name: in `parts/`, `p/`, `models/`, then in `unofficial/`.
    pub fn contains(&self, name: &str) -> bool {
        let key = normalized_name(name);
        self.files.contains(&key) || without_folder(&key).is_some_and(|short| self.files.contains(short))
    }

    /// The bytes of a file (`3001.dat`, `s\3001s01.dat`, `48/4-4cyli.dat`, `textures/…`, `LDConfig.ldr`); `None` where there is none.
    ///
    /// # Errors
    /// Inside: the file is there but cannot be read.
    pub fn read(&self, name: &str) -> Option<Result<Arc<[u8]>, LdrawError>> {
        let file = self.stored(name)?;
        Some(self.store.read(&file).map(Arc::from))
    }

    /// All parts, sorted by number. The first call reads them from the cache, or their headers from the library, which
    /// takes about a second.
    pub fn parts(&self) -> &[PartEntry] {
        self.parts.get_or_init(|| {
            let path = self.folder.as_ref().map(|folder| folder.join("parts"));
            let cached = path.as_deref().and_then(cache::read);
            if let Some(parts) = cached.and_then(|bytes| postcard::from_bytes(&bytes).ok()) {
                return parts;
            }
            let parts = index::parts_of(&self.store, &self.files);
            if let Some(path) = path
                && let Ok(payload) = postcard::to_stdvec(&parts)
            {
                // As with the table of files.
                let _ = cache::write(&path, &[&cache::header(&payload), &payload]);
            }
            parts
        })
    }

    /// What is known about a part, by its number with or without `.dat`.
    pub fn entry(&self, number: &str) -> Option<&PartEntry> {
        let number = part_number(number);
        let parts = self.parts();
        let at = parts.binary_search_by(|part| part.number.as_str().cmp(&number)).ok()?;
        parts.get(at)
    }

    /// The part that a number stands for now: `3023b` for `3023`.
    pub fn current_entry(&self, number: &str) -> Option<&PartEntry> {
        let mut entry = self.entry(number)?;
        for _ in 0..MAX_MOVES {
            match entry.moved_to.as_deref().and_then(|moved| self.entry(moved)) {
                Some(next) => entry = next,
                None => break,
            }
        }
        Some(entry)
    }

    /// The color table, `LDConfig.ldr`, in its order; empty where the library has none.
    pub fn colors(&self) -> Vec<ColorDef> {
        let Some(Ok(bytes)) = self.read("LDConfig.ldr") else { return Vec::new() };
        String::from_utf8_lossy(&bytes).lines().filter_map(|line| parse_colour_meta(line.trim())).collect()
    }

    /// The geometry of a part with what was odd about it, built anew.
    ///
    /// # Errors
    /// There is no such part, or its files refer to each other in a loop.
    pub fn geometry(&self, number: &str) -> Result<Geometry, LdrawError> {
        geometry::build_with(self, &file_name(number), &self.studs)
    }

    /// The mesh of a part, from memory, from the cache or built; `None` where the library has no such part or no sense can be
    /// made of it.
    pub fn mesh(&self, number: &str) -> Option<Arc<Mesh>> {
        let (mesh, waiting) = self.mesh_and_waiting(number);
        if waiting >= SAVE_AFTER {
            self.save_cache();
        }
        mesh
    }

    /// The meshes of many parts, loaded in parallel, in the order asked.
    pub fn meshes(&self, numbers: &[&str]) -> Vec<Option<Arc<Mesh>>> {
        let meshes = numbers.par_iter().with_max_len(4).map(|number| self.mesh_and_waiting(number).0).collect();
        self.save_cache();
        self.forget_parsed();
        meshes
    }

    /// Lets go of the meshes that nobody else holds.
    pub fn forget_unused_meshes(&self) {
        let mut meshes = self.meshes.lock().unwrap_or_else(PoisonError::into_inner);
        meshes.retain(|_, cell| match cell.get() {
            Some(Some(mesh)) => Arc::strong_count(mesh) > 1,
            Some(None) => true,
            None => Arc::strong_count(cell) > 1,
        });
    }

    /// Writes meshes that were built one by one to the cache now rather than when the library is dropped.
    pub fn save_cache(&self) {
        if let Some(packs) = &self.packs {
            packs.save();
        }
    }

    fn mesh_and_waiting(&self, number: &str) -> (Option<Arc<Mesh>>, usize) {
        let number = part_number(number);
        let cell = {
            let mut meshes = self.meshes.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(meshes.entry(number.clone()).or_default())
        };
        let mut waiting = 0;
        let mesh = cell.get_or_init(|| {
            if !self.contains(&file_name(&number)) {
                return None;
            }
            if let Some(mesh) = self.packs.as_ref().and_then(|packs| packs.read(&number)) {
                return Some(Arc::new(mesh));
            }
            let mesh = self.geometry(&number).ok()?.mesh;
            if let Some(packs) = &self.packs {
                waiting = packs.add(&number, &mesh);
            }
            Some(Arc::new(mesh))
        });
        (mesh.clone(), waiting)
    }

    fn forget_parsed(&self) {
        *self.parsed.lock().unwrap_or_else(PoisonError::into_inner) = Memo::default();
    }
}

impl Drop for Library {
    fn drop(&mut self) {
        self.save_cache();
    }
}

impl FileSource for Library {
    /// Primitives and subparts are remembered for a while, as the next part uses them again.
    fn file(&self, normalized_name: &str) -> Option<Arc<LdrawFile>> {
        if let Some(file) = self.parsed.lock().unwrap_or_else(PoisonError::into_inner).files.get(normalized_name) {
            return Some(Arc::clone(file));
        }
        let stored = self.stored(normalized_name)?;
        let bytes = self.store.read(&stored).ok()?;
        let file = Arc::new(parse_single(&bytes, normalized_name)?);
        let is_part = stored.path.len() >= 6
            && stored.path[..6].eq_ignore_ascii_case("parts/")
            && !stored.path[6..].contains('/');
        if !is_part {
            let mut memo = self.parsed.lock().unwrap_or_else(PoisonError::into_inner);
            if memo.lines > MAX_PARSED_LINES {
                *memo = Memo::default();
            }
            memo.lines += file.lines.len();
            memo.files.insert(normalized_name.to_owned(), Arc::clone(&file));
        }
        Some(file)
    }
}

/// A normalized name without the folder that it begins with.
fn without_folder(name: &str) -> Option<&str> {
    ["parts/", "p/", "models/"].iter().find_map(|folder| name.strip_prefix(folder))
}

fn part_number(number: &str) -> String {
    let mut number = normalized_name(number);
    if number.ends_with(".dat") {
        number.truncate(number.len() - 4);
    }
    number
}

fn file_name(number: &str) -> String {
    format!("{}.dat", part_number(number))
}

/// The folder that holds `parts` or `p`, or the archive in it.
fn folder_root(path: &Path) -> Result<PathBuf, LdrawError> {
    let child = |folder: &Path, wanted: &str| {
        let entries = std::fs::read_dir(folder).ok()?;
        entries
            .flatten()
            .map(|entry| entry.path())
            .find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().eq_ignore_ascii_case(wanted)))
    };
    let is_root =
        |folder: &Path| ["parts", "p"].iter().any(|name| child(folder, name).is_some_and(|found| found.is_dir()));
    if is_root(path) {
        return Ok(path.to_owned());
    }
    let inner = child(path, "ldraw").filter(|folder| is_root(folder));
    let archive = || child(path, "complete.zip").filter(|file| file.is_file());
    inner.or_else(archive).ok_or_else(|| LdrawError::NotALibrary { path: path.to_owned() })
}
