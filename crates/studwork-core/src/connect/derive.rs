//! Connectors and solids of a part from its mesh alone: studs where stud primitives are, sockets and solids from the shape.

use super::{
    Caps, Connector, Gender, PartBody, STUD_HEIGHT, Section, SectionShape, Solid, sockets::sockets_of,
    voxels::solids_of,
};
use crate::{Mesh, space::MeshTree};
use glam::{Affine3A, Mat3, Vec3};
use std::sync::Arc;
use studwork_ldraw::{FileSource, StudKind};

/// Studs and sockets of a mesh.
pub fn connectors_from_mesh(mesh: &Arc<Mesh>) -> Vec<Connector> {
    let mut connectors = Vec::new();
    for group in &mesh.studs {
        let frame = orthonormal(&group.transform);
        match group.kind {
            StudKind::Stud => connectors.push(Connector::stud(frame)),
            StudKind::OpenStud => {
                connectors.push(Connector::stud(frame));
                connectors.push(bore_of_stud(&frame));
            }
            StudKind::Tube | StudKind::Other => {}
        }
    }
    let mut in_stud = vec![false; mesh.indices.len() / 3];
    for group in mesh.studs.iter().filter(|group| matches!(group.kind, StudKind::Stud | StudKind::OpenStud)) {
        let triangles = group.indices.start as usize / 3..(group.indices.end as usize / 3).min(in_stud.len());
        in_stud.get_mut(triangles).unwrap_or_default().fill(true);
    }
    let body = MeshTree::of(mesh.clone(), |triangle| !in_stud.get(triangle as usize).copied().unwrap_or_default());
    connectors.extend(sockets_of(mesh, &body));
    connectors
}

/// The hole of a hollow stud: a bar comes in from above.
pub(super) fn bore_of_stud(stud: &Affine3A) -> Connector {
    let top = *stud
        * Affine3A::from_translation(Vec3::new(0.0, -STUD_HEIGHT, 0.0))
        * Affine3A::from_rotation_x(std::f32::consts::PI);
    Connector::cylinder(
        Gender::Female,
        top,
        Section::new(SectionShape::Round, super::BAR_RADIUS, STUD_HEIGHT),
        Caps::One,
        false,
    )
}

/// A frame without scale or reflection, its Y kept.
pub(super) fn orthonormal(transform: &Affine3A) -> Affine3A {
    let m = transform.matrix3;
    let y = Vec3::from(m.y_axis).normalize_or(Vec3::Y);
    let x = Vec3::from(m.x_axis);
    let x = (x - y * x.dot(y)).normalize_or(y.any_orthonormal_vector());
    Affine3A::from_mat3_translation(Mat3::from_cols(x, y, x.cross(y)), transform.translation.into())
}

/// The solids of a mesh (see the module's neighbor `voxels`).
pub fn solids_from_mesh(mesh: &Arc<Mesh>) -> Vec<Solid> {
    solids_of(mesh)
}

/// All connectors of an LDraw part: studs and sockets from its mesh, the rest from the primitives that its file refers to.
pub fn connectors_from_files(source: &dyn FileSource, name: &str, mesh: &Arc<Mesh>) -> Vec<Connector> {
    let mut connectors = connectors_from_mesh(mesh);
    connectors.extend(super::primitives::rounds_of(source, name));
    connectors
}

impl PartBody {
    /// A body whose connectors and solids are found from its mesh when first asked for.
    pub fn from_mesh(mesh: Arc<Mesh>) -> Arc<Self> {
        let kept = mesh.clone();
        Self::lazy(mesh, Box::new(move |_| (connectors_from_mesh(&kept), solids_from_mesh(&kept))))
    }

    /// A body of an LDraw part (`name` as the source knows it: `3001.dat`), its connectors found from mesh and files when
    /// first asked for.
    pub fn from_files(source: Arc<dyn FileSource + Send + Sync>, name: &str, mesh: Arc<Mesh>) -> Arc<Self> {
        let (kept, name) = (mesh.clone(), name.to_owned());
        Self::lazy(
            mesh,
            Box::new(move |_| (connectors_from_files(source.as_ref(), &name, &kept), solids_from_mesh(&kept))),
        )
    }
}
