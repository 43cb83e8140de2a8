//! A catalog together with the parts that a design carries along.

use super::{Catalog, PartInfo, Source, built_in_body, primitives, tidy};
use crate::connect::{Connector, PartBody, Solid};
use crate::{Design, Mesh, PartId};
use glam::{Affine3A, Mat3A};
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use studwork_ldraw::{FileSource, Layered, LdrawFile, Library, Line, normalized_name};

/// References followed within one embedded part when there is no library; a file from outside may nest without end.
const MAX_REFERENCES: u32 = 1_000;

/// The same questions as a [`Catalog`] answers; a design's embedded parts come before all others.
pub struct DesignView<'a> {
    catalog: &'a Catalog,
    embedded: BTreeMap<PartId, Arc<LdrawFile>>,
    bodies: SharedBodies,
}

/// Bodies of embedded parts, shared by the views of a design.
pub(super) type SharedBodies = Arc<Mutex<HashMap<PartId, Arc<PartBody>>>>;

/// The embedded parts that were looked at last, with their bodies: a design is looked at again and again.
#[derive(Default)]
pub(super) struct LastEmbedded {
    files: BTreeMap<PartId, Arc<LdrawFile>>,
    bodies: SharedBodies,
}

impl LastEmbedded {
    fn bodies_of(&mut self, files: &BTreeMap<PartId, Arc<LdrawFile>>) -> SharedBodies {
        let known = self.files.len() == files.len()
            && self.files.iter().zip(files).all(|(a, b)| a.0 == b.0 && Arc::ptr_eq(a.1, b.1));
        if !known {
            *self = Self { files: files.clone(), bodies: SharedBodies::default() };
        }
        Arc::clone(&self.bodies)
    }
}

impl<'a> DesignView<'a> {
    pub(super) fn new(catalog: &'a Catalog, design: &Design) -> Self {
        let embedded = design.embedded_parts().map(|part| (part.id.clone(), Arc::clone(&part.file))).collect();
        let bodies = catalog.embedded.lock().unwrap_or_else(PoisonError::into_inner).bodies_of(&embedded);
        Self { catalog, embedded, bodies }
    }

    /// What is known of a part; `None` when nobody has it.
    pub fn info(&self, part: &PartId) -> Option<PartInfo> {
        let Some(file) = self.embedded.get(part) else { return self.catalog.info(part) };
        Some(PartInfo {
            id: part.clone(),
            name: tidy(file.title()),
            category: file.category().to_owned(),
            keywords: file.keywords().iter().map(ToString::to_string).collect(),
            source: Source::Embedded,
            popularity: 0,
        })
    }

    /// The shape of a part; `None` when nobody has it.
    pub fn mesh(&self, part: &PartId) -> Option<Arc<Mesh>> {
        if self.embedded.contains_key(part) {
            return Some(self.embedded_body(part).mesh().clone());
        }
        self.catalog.mesh(part)
    }

    /// The shape of a part, or what stands in for it.
    pub fn mesh_or_placeholder(&self, part: &PartId) -> Arc<Mesh> {
        self.body(part).mesh().clone()
    }

    /// Builds or loads many parts in parallel.
    pub fn meshes(&self, parts: &[PartId]) {
        let (own, others): (Vec<PartId>, Vec<PartId>) =
            parts.iter().cloned().partition(|part| self.embedded.contains_key(part));
        self.catalog.meshes(&others);
        own.par_iter().for_each(|part| {
            self.embedded_body(part);
        });
    }

    /// The part as picking, snapping and collision see it.
    pub fn body(&self, part: &PartId) -> Arc<PartBody> {
        if self.embedded.contains_key(part) { self.embedded_body(part) } else { self.catalog.body(part) }
    }

    /// Where a part grips others.
    pub fn connectors(&self, part: &PartId) -> Arc<[Connector]> {
        self.body(part).connectors().clone()
    }

    /// The room a part fills.
    pub fn solids(&self, part: &PartId) -> Arc<[Solid]> {
        self.body(part).solids().clone()
    }

    fn embedded_body(&self, part: &PartId) -> Arc<PartBody> {
        let known = |bodies: &HashMap<PartId, Arc<PartBody>>| bodies.get(part).cloned();
        if let Some(body) = known(&self.bodies.lock().unwrap_or_else(PoisonError::into_inner)) {
            return body;
        }
        let library = self.catalog.library.as_deref().map(|library| library as &dyn FileSource);
        let source = Layered::new(self.embedded.values().cloned(), library);
        let name = self.embedded.get(part).map_or_else(|| part.file_name(), |file| file.name.clone());
        let built = studwork_ldraw::build(&source, &name).ok();
        let mut mesh = built.map(|geometry| geometry.mesh).unwrap_or_default();
        if library.is_none()
            && let Some(file) = self.embedded.get(part)
        {
            let mut left = MAX_REFERENCES;
            self.add_built_in(&mut mesh, file, &Affine3A::IDENTITY, &mut left);
        }
        let body = if mesh.indices.is_empty() {
            self.catalog.body(part)
        } else if library.is_some() {
            let own = self.embedded.values().map(|file| (normalized_name(&file.name), Arc::clone(file))).collect();
            let files = OwnFiles { own, library: self.catalog.library.clone() };
            PartBody::from_files(Arc::new(files), &name, Arc::new(mesh), self.catalog.shadow.clone())
        } else {
            PartBody::from_mesh(Arc::new(mesh))
        };
        let mut bodies = self.bodies.lock().unwrap_or_else(PoisonError::into_inner);
        bodies.entry(part.clone()).or_insert(body).clone()
    }

    // Without a library, the parts and primitives that an embedded part is made of come from the built-in ones.
    fn add_built_in(&self, mesh: &mut Mesh, file: &LdrawFile, place: &Affine3A, left: &mut u32) {
        for line in &file.lines {
            let Line::Reference(reference) = &line.line else { continue };
            *left = left.saturating_sub(1);
            if *left == 0 {
                return;
            }
            let id = PartId::new(&reference.name);
            let at = *place * reference.transform;
            if let Some(inner) = self.embedded.get(&id) {
                self.add_built_in(mesh, inner, &at, left);
            } else if let Some(primitive) = primitives::mesh(id.as_str()) {
                append(mesh, &primitive, &at);
            } else if let Some(body) = built_in_body(id.as_str()) {
                append(mesh, body.mesh(), &at);
            }
        }
    }
}

/// A design's own files over those of the library, for bodies that outlive the view.
struct OwnFiles {
    own: HashMap<String, Arc<LdrawFile>>,
    library: Option<Arc<Library>>,
}

impl FileSource for OwnFiles {
    fn file(&self, normalized_name: &str) -> Option<Arc<LdrawFile>> {
        self.own.get(normalized_name).cloned().or_else(|| self.library.as_ref()?.file(normalized_name))
    }
}

fn append(mesh: &mut Mesh, other: &Mesh, transform: &Affine3A) {
    let offset = mesh.vertices.len() as u32;
    // The cofactors turn normals right also where one axis is scaled to nothing.
    let m = transform.matrix3;
    let sign = if m.determinant() < 0.0 { -1.0 } else { 1.0 };
    let normals = Mat3A::from_cols(m.y_axis.cross(m.z_axis), m.z_axis.cross(m.x_axis), m.x_axis.cross(m.y_axis)) * sign;
    mesh.vertices.extend(other.vertices.iter().map(|v| {
        let mut moved = *v;
        moved.position = transform.transform_point3(v.position.into()).to_array();
        let normal = normals * glam::Vec3A::from(v.normal());
        let packed =
            studwork_ldraw::Vertex::new(glam::Vec3::ZERO, glam::Vec3::from(normal).normalize_or_zero(), v.tint);
        moved.normal = packed.normal;
        moved
    }));
    // What is seen from both sides stays at the tail.
    let mut tail = mesh.indices.split_off(mesh.double_sided.start.min(mesh.indices.len() as u32) as usize);
    if mesh.double_sided.is_empty() {
        mesh.indices.append(&mut tail);
    }
    let mirrored = transform.matrix3.determinant() < 0.0;
    let moved = |from: &[u32], to: &mut Vec<u32>| {
        to.extend(from.chunks_exact(3).flat_map(|t| {
            let t = if mirrored { [t[0], t[2], t[1]] } else { [t[0], t[1], t[2]] };
            t.map(|i| i + offset)
        }));
    };
    let (solid, thin) = other.indices.split_at((other.double_sided.start as usize).min(other.indices.len()));
    moved(solid, &mut mesh.indices);
    let start = mesh.indices.len() as u32;
    mesh.indices.append(&mut tail);
    moved(thin, &mut mesh.indices);
    mesh.double_sided = start..mesh.indices.len() as u32;
    mesh.edges.extend(other.edges.iter().map(|e| {
        let position = transform.transform_point3(e.position.into()).to_array();
        studwork_ldraw::EdgeVertex { position, tint: e.tint }
    }));
    mesh.bounds = mesh.bounds.union(other.bounds.transformed(transform));
}
