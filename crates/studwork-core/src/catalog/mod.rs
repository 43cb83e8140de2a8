//! Which parts there are and what they look like: the built-in shapes, the LDraw library where the user has one, and
//! placeholders for what nobody has. The library wins where both have a part; a design's own embedded parts win over
//! both in a [`DesignView`].

pub mod build;
pub mod families;

mod physique;
mod placeholder;
mod primitives;
mod search;
mod view;

#[cfg(test)]
mod tests;

pub use view::DesignView;

use crate::connect::{Connector, PartBody, ShadowLibrary, Solid};
use crate::{Mesh, PartId};
use families::BuiltInPart;
use rayon::prelude::*;
use search::SearchIndex;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};
use studwork_ldraw::Library;

/// Who has a part.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// The program itself.
    BuiltIn,
    /// The user's LDraw library.
    Library,
    /// The design carries it along.
    Embedded,
    /// Nobody: a box stands in.
    Placeholder,
}

/// What a palette or a list says about a part.
#[derive(Clone, Debug, PartialEq)]
pub struct PartInfo {
    /// Its number.
    pub id: PartId,
    /// `Brick 2 x 4`.
    pub name: String,
    /// `Brick`.
    pub category: String,
    /// Words that find it.
    pub keywords: Vec<String>,
    /// Who has it.
    pub source: Source,
    /// The greater, the more used; 0 when not known.
    pub popularity: u32,
}

/// The built-in parts by number and alias.
struct BuiltIn {
    parts: Vec<BuiltInPart>,
    by_number: HashMap<String, usize>,
}

impl BuiltIn {
    fn get(&self, number: &str) -> Option<&BuiltInPart> {
        self.by_number.get(number).and_then(|&i| self.parts.get(i))
    }

    fn popularity(&self, number: &str) -> u32 {
        self.get(number).map_or(0, |part| if part.rank > 0 { 10_000u32.saturating_sub(part.rank) } else { 1 })
    }
}

static BUILT_IN: LazyLock<BuiltIn> = LazyLock::new(|| {
    let (parts, _) = families::all_parts();
    let mut by_number = HashMap::new();
    for (i, part) in parts.iter().enumerate() {
        by_number.insert(part.number.clone(), i);
    }
    // A part's own number counts more than another part's alias.
    for (i, part) in parts.iter().enumerate() {
        for alias in &part.aliases {
            by_number.entry(alias.clone()).or_insert(i);
        }
    }
    BuiltIn { parts, by_number }
});

type Cell = Arc<OnceLock<Option<Arc<PartBody>>>>;

/// Every part there is. Cheap to share (`Arc`), safe to use from any thread; what it builds it keeps.
pub struct Catalog {
    library: Option<Arc<Library>>,
    shadow: Option<Arc<ShadowLibrary>>,
    bodies: Mutex<HashMap<PartId, Cell>>,
    boxes: Mutex<HashMap<PartId, Arc<PartBody>>>,
    embedded: Mutex<view::LastEmbedded>,
    index: OnceLock<SearchIndex>,
}

impl fmt::Debug for Catalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let library = self.library.as_ref().map(|library| library.path());
        f.debug_struct("Catalog").field("library", &library).finish_non_exhaustive()
    }
}

impl Catalog {
    /// The built-in parts alone.
    pub fn built_in() -> Self {
        Self::new(None)
    }

    /// The library's parts, and built-in ones that it lacks.
    pub fn with_library(library: Arc<Library>) -> Self {
        Self::new(Some(library))
    }

    /// This catalog with the connectors that a shadow library tells of the library's parts, in place of those found in
    /// their shape.
    #[must_use]
    pub fn with_shadow(mut self, shadow: Arc<ShadowLibrary>) -> Self {
        self.shadow = Some(shadow);
        self.bodies = Mutex::default();
        self.embedded = Mutex::default();
        self
    }

    fn new(library: Option<Arc<Library>>) -> Self {
        let (bodies, boxes, embedded) = Default::default();
        Self { library, shadow: None, bodies, boxes, embedded, index: OnceLock::new() }
    }

    /// The library it uses.
    pub fn library(&self) -> Option<&Arc<Library>> {
        self.library.as_ref()
    }

    /// The numbers of the built-in parts, without aliases.
    pub fn built_in_parts() -> impl Iterator<Item = PartId> {
        BUILT_IN.parts.iter().map(|part| PartId::new(&part.number))
    }

    /// What is known of a part; `None` when nobody has it.
    pub fn info(&self, part: &PartId) -> Option<PartInfo> {
        let number = part.as_str();
        if let Some(library) = &self.library
            && let Some(own) = library.entry(number)
        {
            let entry = library.current_entry(number).unwrap_or(own);
            return Some(PartInfo {
                id: part.clone(),
                name: tidy(&entry.name),
                category: entry.category.clone(),
                keywords: entry.keywords.clone(),
                source: Source::Library,
                popularity: BUILT_IN.popularity(number),
            });
        }
        if let Some(found) = BUILT_IN.get(number) {
            return Some(PartInfo {
                id: part.clone(),
                name: found.name.clone(),
                category: found.category.clone(),
                keywords: found.keywords.clone(),
                source: Source::BuiltIn,
                popularity: BUILT_IN.popularity(number),
            });
        }
        // A library may hold files that are no listed parts (subparts, primitives, models).
        let library = self.library.as_ref()?;
        library.contains(&part.file_name()).then(|| PartInfo {
            id: part.clone(),
            name: number.to_owned(),
            category: String::new(),
            keywords: Vec::new(),
            source: Source::Library,
            popularity: 0,
        })
    }

    /// Whether anybody has a part. Unlike [`Catalog::info`], it reads nothing.
    pub fn has(&self, part: &PartId) -> bool {
        self.library.as_ref().is_some_and(|library| library.contains(&part.file_name()))
            || BUILT_IN.get(part.as_str()).is_some()
    }

    /// The shape of a part; `None` when nobody has it.
    pub fn mesh(&self, part: &PartId) -> Option<Arc<Mesh>> {
        self.known_body(part).map(|body| body.mesh().clone())
    }

    /// The shape of a part, or a labelled box of the size class that its number suggests (a printed or moulded variant
    /// shows the plain part).
    pub fn mesh_or_placeholder(&self, part: &PartId) -> Arc<Mesh> {
        self.body(part).mesh().clone()
    }

    /// Builds or loads many parts in parallel, so that asking for them one by one costs nothing afterwards.
    pub fn meshes(&self, parts: &[PartId]) {
        if let Some(library) = &self.library {
            let numbers: Vec<&str> = parts.iter().map(PartId::as_str).filter(|n| library.contains(&dat(n))).collect();
            library.meshes(&numbers);
        }
        parts.par_iter().for_each(|part| {
            self.body(part);
        });
    }

    /// The part as picking, snapping and collision see it: never nothing, see [`Catalog::mesh_or_placeholder`].
    pub fn body(&self, part: &PartId) -> Arc<PartBody> {
        if let Some(body) = self.known_body(part) {
            return body;
        }
        if let Some(body) = placeholder::plain_variants(part).find_map(|plain| self.known_body(&plain)) {
            return body;
        }
        let mut boxes = self.boxes.lock().unwrap_or_else(PoisonError::into_inner);
        boxes.entry(part.clone()).or_insert_with(|| placeholder::labelled_box(part)).clone()
    }

    /// Where a part grips others; of its placeholder where nobody has it.
    pub fn connectors(&self, part: &PartId) -> Arc<[Connector]> {
        self.body(part).connectors().clone()
    }

    /// The room a part fills, as convex bodies; of its placeholder where nobody has it.
    pub fn solids(&self, part: &PartId) -> Arc<[Solid]> {
        self.body(part).solids().clone()
    }

    /// Writes what was found out about parts (meshes, connectors, solids) to the cache now rather than when the catalog goes.
    pub fn save_cache(&self) {
        if let Some(library) = &self.library {
            library.save_cache();
        }
    }

    /// The parts that match a query, best first: words, dimensions (`2x4`), the beginning of a number; within a category
    /// where one is given. An empty query finds all, the most used first.
    pub fn search(&self, query: &str, category: Option<&str>) -> Vec<PartInfo> {
        self.index().search(query, category)
    }

    /// The categories with how many parts each has, in alphabetical order.
    pub fn categories(&self) -> Vec<(String, usize)> {
        self.index().categories()
    }

    /// This catalog with the parts that a design carries along.
    pub fn design_view<'a>(&'a self, design: &crate::Design) -> DesignView<'a> {
        DesignView::new(self, design)
    }

    fn index(&self) -> &SearchIndex {
        self.index.get_or_init(|| {
            let mut ids: Vec<PartId> = BUILT_IN.parts.iter().map(|part| PartId::new(&part.number)).collect();
            if let Some(library) = &self.library {
                let hidden = |name: &str| name.starts_with(['~', '=', '_']);
                ids.retain(|id| library.entry(id.as_str()).is_none());
                let listed = library.parts().iter().filter(|e| e.moved_to.is_none() && !hidden(&e.name));
                ids.extend(listed.map(|entry| PartId::new(&entry.number)));
            }
            SearchIndex::new(ids.iter().filter_map(|id| self.info(id)).collect())
        })
    }

    fn known_body(&self, part: &PartId) -> Option<Arc<PartBody>> {
        let cell = {
            let mut bodies = self.bodies.lock().unwrap_or_else(PoisonError::into_inner);
            bodies.entry(part.clone()).or_default().clone()
        };
        cell.get_or_init(|| self.load(part)).clone()
    }

    fn load(&self, part: &PartId) -> Option<Arc<PartBody>> {
        let from_library = self.library.as_ref().and_then(|library| library.mesh(part.as_str()));
        let from_library = from_library.zip(self.library.as_ref());
        let body = from_library
            .map(|(mesh, library)| PartBody::from_library(Arc::clone(library), part, mesh, self.shadow.clone()));
        body.or_else(|| built_in_body(part.as_str()))
    }
}

/// The body of a built-in part.
fn built_in_body(number: &str) -> Option<Arc<PartBody>> {
    BUILT_IN.get(number).map(|part| physique::body_from_shape(&part.number, &part.name, &part.family.shape()))
}

/// A title without runs of spaces.
fn tidy(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn dat(number: &str) -> String {
    format!("{number}.dat")
}
