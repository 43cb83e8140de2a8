//! The parts in use: the mesh key that the renderer knows, and the body that picking and snapping work on.

use super::draw::DrawChange;
use std::collections::HashMap;
use std::sync::Arc;
use studwork_core::connect::PartBody;
use studwork_core::{Catalog, Design, PartId};
use studwork_render::MeshKey;

/// A part in use.
#[derive(Clone)]
pub struct Body {
    /// Its name in the renderer.
    pub key: MeshKey,
    /// Its mesh, connectors and solids.
    pub body: Arc<PartBody>,
}

/// Makes each part once.
pub struct Bodies {
    catalog: Arc<Catalog>,
    known: HashMap<PartId, Body>,
    next: u32,
    new: Vec<DrawChange>,
}

impl Bodies {
    /// Parts of a catalog.
    pub fn new(catalog: Arc<Catalog>) -> Self {
        Self { catalog, known: HashMap::new(), next: 0, new: Vec::new() }
    }

    /// The part, made now if it was not in use. A part that nobody has is a labelled box.
    pub fn get(&mut self, part: &PartId) -> &Body {
        if !self.known.contains_key(part) {
            let body = self.catalog.body(part);
            self.keep(part.clone(), body);
        }
        &self.known[part]
    }

    /// The renderer's name of a part that is in use.
    pub fn key(&self, part: &PartId) -> MeshKey {
        self.known.get(part).map_or(MeshKey(u32::MAX), |body| body.key)
    }

    /// Loads many parts at once, in parallel; their connectors and solids follow in the background, before they are
    /// asked for.
    pub fn prefetch<'a>(&mut self, parts: impl Iterator<Item = &'a PartId>) {
        let mut wanted: Vec<PartId> = parts.filter(|part| !self.known.contains_key(*part)).cloned().collect();
        wanted.sort_unstable();
        wanted.dedup();
        if wanted.is_empty() {
            return;
        }
        self.catalog.meshes(&wanted);
        let bodies: Vec<_> = wanted.iter().map(|part| self.catalog.body(part)).collect();
        for (part, body) in wanted.into_iter().zip(&bodies) {
            self.keep(part, body.clone());
        }
        let catalog = self.catalog.clone();
        let prepare = move || {
            studwork_core::connect::prepare(bodies.iter());
            catalog.save_cache();
        };
        if let Err(error) = std::thread::Builder::new().name("connectors".into()).spawn(prepare) {
            // They are made when they are asked for.
            bevy::log::debug!("no thread for connectors: {error}");
        }
    }

    /// Takes the parts that travel with a design into use; they win over the catalog's.
    pub fn embedded(&mut self, design: &Design) {
        let catalog = self.catalog.clone();
        let view = catalog.design_view(design);
        for part in design.embedded_parts() {
            self.keep(part.id.clone(), view.body(&part.id));
        }
    }

    /// Meshes that the renderer has not been given yet.
    pub fn take_new(&mut self) -> Vec<DrawChange> {
        std::mem::take(&mut self.new)
    }

    fn keep(&mut self, part: PartId, body: Arc<PartBody>) {
        if self.known.get(&part).is_some_and(|known| Arc::ptr_eq(known.body.mesh(), body.mesh())) {
            return;
        }
        let key = MeshKey(self.next);
        self.next += 1;
        self.new.push(DrawChange::Mesh(key, body.mesh().clone()));
        self.known.insert(part, Body { key, body });
    }
}
