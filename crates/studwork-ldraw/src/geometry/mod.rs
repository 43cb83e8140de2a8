//! From files to a mesh: references followed, winding settled, corners smoothed, studs told apart.
//!
//! `flatten` collects the triangles and lines of a file and all it refers to, `surface` joins them into a mesh
//! with normals. Neither knows where files come from.

mod flatten;
mod quad;
mod studs;
mod surface;
mod weld;

use crate::{LdrawError, LdrawFile, Mesh, Warning, normalized_name};
use flatten::flatten;
use rustc_hash::FxHashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Where referred files come from: a library, or a document's own files laid over one.
pub trait FileSource: Sync {
    /// The file of that name (see [`normalized_name`]), if there is one.
    fn file(&self, normalized_name: &str) -> Option<Arc<LdrawFile>>;
}

/// A document's own files, found before those of another source.
pub struct Layered<'a> {
    own: FxHashMap<String, Arc<LdrawFile>>,
    base: Option<&'a dyn FileSource>,
}

impl<'a> Layered<'a> {
    /// Lays `files` over `base`.
    pub fn new(files: impl IntoIterator<Item = Arc<LdrawFile>>, base: Option<&'a dyn FileSource>) -> Self {
        let mut own = FxHashMap::default();
        for file in files {
            // Of two files of one name the first counts.
            own.entry(normalized_name(&file.name)).or_insert(file);
        }
        Self { own, base }
    }
}

impl FileSource for Layered<'_> {
    fn file(&self, normalized_name: &str) -> Option<Arc<LdrawFile>> {
        self.own.get(normalized_name).cloned().or_else(|| self.base?.file(normalized_name))
    }
}

/// What a file looks like.
#[derive(Clone, Debug, Default)]
pub struct Geometry {
    /// Its shape; color 16 is [`crate::Tint::MAIN`].
    pub mesh: Mesh,
    /// What was odd about it.
    pub warnings: Vec<Warning>,
    /// Names of referred files that nobody has, each once, normalized.
    pub missing: Vec<String>,
}

/// Meshes of stud primitives, so that a baseplate smooths one stud rather than two thousand.
#[derive(Debug, Default)]
pub(crate) struct StudCache(Mutex<FxHashMap<String, Arc<Mesh>>>);

impl StudCache {
    fn mesh(&self, source: &dyn FileSource, name: &str) -> Result<Arc<Mesh>, LdrawError> {
        if let Some(mesh) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name) {
            return Ok(Arc::clone(mesh));
        }
        let flat = flatten(source, name, false)?;
        let mesh = Arc::new(surface::mesh_from_soup(&flat.soup));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), Arc::clone(&mesh));
        Ok(mesh)
    }
}

/// Builds the mesh of a file and everything it refers to.
///
/// # Errors
/// [`LdrawError::NotFound`] without the file itself, [`LdrawError::Loop`] naming the files of a loop, [`LdrawError::TooDeep`] and
/// [`LdrawError::TooMuchGeometry`] for what no part needs. A missing referred file is no error.
pub fn build(source: &dyn FileSource, name: &str) -> Result<Geometry, LdrawError> {
    build_with(source, name, &StudCache::default())
}

pub(crate) fn build_with(source: &dyn FileSource, name: &str, studs: &StudCache) -> Result<Geometry, LdrawError> {
    let flat = flatten(source, &normalized_name(name), true)?;
    let mut mesh = surface::mesh_from_soup(&flat.soup);
    studs::append(&mut mesh, &flat.soup.studs, |name| studs.mesh(source, name))?;
    // A mesh stays as long as the program, its spare room need not.
    mesh.vertices.shrink_to_fit();
    mesh.indices.shrink_to_fit();
    mesh.edges.shrink_to_fit();
    mesh.conditional.shrink_to_fit();
    Ok(Geometry { mesh, warnings: flat.warnings, missing: flat.missing })
}
