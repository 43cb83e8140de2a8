//! Connectors and solids of a part from its mesh alone: studs where stud primitives are, sockets and solids from the shape.

use super::{
    Caps, Connector, ConnectorShape, Gender, PartBody, STUD_HEIGHT, Section, SectionShape, ShadowLibrary, Solid,
    frame_along,
    matching::across_axis,
    primitives::rounds_of,
    sockets::sockets_of,
    special::special_joints_of,
    stored::{STORED_VERSION, bytes_from_physique, physique_from_bytes},
    tire_seat_of,
    voxels::{pin_of, solids_of},
};
use crate::{
    Mesh, PartId,
    space::{MeshTree, Ray},
};
use glam::{Affine3A, Mat3, Vec3};
use std::sync::Arc;
use studwork_ldraw::{FileSource, Library, StudKind, normalized_name};

/// Studs and sockets of a mesh.
pub fn connectors_from_mesh(mesh: &Arc<Mesh>) -> Vec<Connector> {
    let mut connectors = Vec::new();
    for group in &mesh.studs {
        let frame = frame_of_stud(&group.transform);
        match group.kind {
            StudKind::Stud | StudKind::OpenStud => connectors.push(Connector::stud(frame)),
            StudKind::Tube => connectors.extend(pin_of(mesh, group)),
            StudKind::Other => {}
        }
    }
    connectors.extend(bores_of(mesh));
    let mut in_stud = vec![false; mesh.indices.len() / 3];
    for group in mesh.studs.iter().filter(|group| matches!(group.kind, StudKind::Stud | StudKind::OpenStud)) {
        let triangles = group.indices.start as usize / 3..(group.indices.end as usize / 3).min(in_stud.len());
        in_stud.get_mut(triangles).unwrap_or_default().fill(true);
    }
    let body = MeshTree::of(mesh.clone(), |triangle| !in_stud.get(triangle as usize).copied().unwrap_or_default());
    connectors.extend(sockets_of(mesh, &body));
    connectors
}

/// The bores of the hollow studs of a mesh: a bar comes in from above, and goes on through those that have no floor.
pub fn bores_of(mesh: &Arc<Mesh>) -> Vec<Connector> {
    let mut hollow = mesh.studs.iter().filter(|group| group.kind == StudKind::OpenStud).peekable();
    if hollow.peek().is_none() {
        return Vec::new();
    }
    let tree = MeshTree::new(mesh.clone());
    let from_above = Affine3A::from_rotation_x(std::f32::consts::PI);
    hollow
        .map(|group| {
            let top = frame_of_stud(&group.transform)
                * Affine3A::from_translation(Vec3::new(0.0, -STUD_HEIGHT, 0.0))
                * from_above;
            // Beside the axis, where triangles meet.
            let down = Ray::new(top.transform_point3(Vec3::new(0.37, 0.1, 0.23)), -Vec3::from(top.matrix3.y_axis));
            let closed = tree.cast(&down, STUD_HEIGHT + 1.5).is_some();
            let section = Section::new(SectionShape::Round, super::BAR_RADIUS, STUD_HEIGHT);
            let caps = if closed { Caps::One } else { Caps::None };
            Connector::cylinder(Gender::Female, top, section, caps, !closed)
        })
        .collect()
}

/// The frame of a stud's base. A stretched stud keeps its top where it is; a connector's is 4 LDU high.
fn frame_of_stud(transform: &Affine3A) -> Affine3A {
    let stretch = STUD_HEIGHT * (transform.matrix3.y_axis.length() - 1.0);
    orthonormal(transform) * Affine3A::from_translation(Vec3::new(0.0, -stretch, 0.0))
}

/// A frame without scale or reflection, its Y kept.
pub(crate) fn orthonormal(transform: &Affine3A) -> Affine3A {
    let m = transform.matrix3;
    let y = Vec3::from(m.y_axis).normalize_or(Vec3::Y);
    let x = Vec3::from(m.x_axis);
    let x = (x - y * x.dot(y)).normalize_or(y.any_orthonormal_vector());
    Affine3A::from_mat3_translation(Mat3::from_cols(x, y, x.cross(y)), transform.translation.into())
}

/// The solids of a part: what its mesh fills, and its pins, axles and bars, which are too slotted and hollow for cells.
pub fn solids_of_part(mesh: &Arc<Mesh>, connectors: &[Connector]) -> Vec<Solid> {
    let mut solids = solids_of(mesh);
    for connector in connectors.iter().filter(|c| c.gender == Gender::Male && !c.is_stud()) {
        let ConnectorShape::Cylinder { sections, .. } = &connector.shape else { continue };
        let mut at = connector.extent()[0];
        for section in sections.iter() {
            if section.shape == SectionShape::Round && (3.5..8.5).contains(&section.radius) && section.length > 0.5 {
                let start = connector.frame * Affine3A::from_translation(Vec3::new(0.0, -at, 0.0));
                solids.push(Solid::cylinder(&start, section.radius, section.length));
            }
            at += section.length;
        }
    }
    solids
}

/// The pins along some stretches (center and direction by the frame's Y, length in LDU): those on one line are one pin,
/// with its collars where the mesh is wider and its lips at the ends.
pub fn pins_from_stretches(mesh: &Mesh, stretches: &[(Affine3A, f32)]) -> Vec<Connector> {
    let mut pins: Vec<(Affine3A, [f32; 2])> = Vec::new();
    for (frame, length) in stretches {
        let own = orthonormal(frame);
        let known = pins.iter_mut().find_map(|(line, span)| {
            let offset = line.inverse().transform_point3(own.translation.into());
            let same = offset.with_y(0.0).length() < 0.5 && line.matrix3.y_axis.dot(own.matrix3.y_axis).abs() > 0.999;
            same.then_some((offset.y, span))
        });
        match known {
            Some((at, span)) => *span = [span[0].min(at - length * 0.5), span[1].max(at + length * 0.5)],
            None => pins.push((own, [-length * 0.5, length * 0.5])),
        }
    }
    pins.iter().map(|(frame, span)| pin_along(mesh, frame, *span)).collect()
}

/// One pin from `start` to `end` along Y of a frame.
fn pin_along(mesh: &Mesh, frame: &Affine3A, [start, end]: [f32; 2]) -> Connector {
    const LIP: f32 = 2.0;
    let inverse = frame.inverse();
    let mut wide: Vec<f32> = mesh
        .vertices
        .iter()
        .map(|v| inverse.transform_point3(Vec3::from_array(v.position)))
        .filter(|p| (7.3..9.5).contains(&p.with_y(0.0).length()) && p.y > start - 0.1 && p.y < end + 0.1)
        .map(|p| p.y)
        .collect();
    wide.sort_by(f32::total_cmp);
    let mut collars: Vec<[f32; 2]> = Vec::new();
    for y in wide {
        match collars.last_mut() {
            Some(last) if y - last[1] < 6.0 => last[1] = y,
            _ => collars.push([y, y]),
        }
    }
    collars.retain(|collar| collar[1] - collar[0] > 0.5);
    // From the greatest Y on, because a cylinder runs along −Y of its frame.
    let mut sections = Vec::new();
    let mut at = end;
    let shaft = |sections: &mut Vec<Section>, from: f32, to: f32| {
        if from - to > 0.05 {
            sections.push(Section::new(SectionShape::Round, 6.0, from - to));
        }
    };
    if collars.last().is_none_or(|collar| collar[1] < end - LIP) {
        sections.push(Section::new(SectionShape::FlexNext, 6.5, LIP));
        at = end - LIP;
    }
    for [low, high] in collars.iter().rev() {
        shaft(&mut sections, at, *high);
        sections.push(Section::new(SectionShape::Round, 8.0, high - low));
        at = *low;
    }
    if at > start + LIP {
        shaft(&mut sections, at, start + LIP);
        sections.push(Section::new(SectionShape::FlexPrevious, 6.5, LIP));
    }
    Connector {
        shape: ConnectorShape::Cylinder { sections: sections.into(), caps: Caps::None, slide: true, centered: true },
        gender: Gender::Male,
        frame: *frame * Affine3A::from_translation(Vec3::new(0.0, (start + end) * 0.5, 0.0)),
        group: None,
    }
}

/// The sockets inside the tubes of a mesh, where a stud fits that stands between four others.
pub fn tube_sockets(mesh: &Arc<Mesh>) -> Vec<Connector> {
    let tubes: Vec<Vec3> =
        mesh.studs.iter().filter(|g| g.kind == StudKind::Tube).map(|g| g.transform.translation.into()).collect();
    if tubes.is_empty() {
        return Vec::new();
    }
    let mut sockets = connectors_from_mesh(mesh);
    sockets.retain(|c| c.is_socket() && tubes.iter().any(|t| (*t - c.origin()).with_y(0.0).length() < 0.5));
    sockets
}

/// All connectors of an LDraw part: studs and sockets from its mesh, the rest from the primitives that its file refers to.
pub fn connectors_from_files(source: &dyn FileSource, name: &str, mesh: &Arc<Mesh>) -> Vec<Connector> {
    let mut connectors = connectors_from_mesh(mesh);
    let mut rounds = rounds_of(source, name);
    let mut tree = None;
    for hole in rounds.iter_mut().filter(|round| is_shallow_bore(round)) {
        let tree = tree.get_or_insert_with(|| MeshTree::new(mesh.clone()));
        *hole = tube_of(hole, tree).unwrap_or_else(|| hole.clone());
    }
    // A pin hole takes a stud as well: it needs no socket of its own.
    connectors.retain(|socket| !(socket.is_socket() && rounds.iter().any(|hole| is_mouth_of(hole, socket))));
    connectors.extend(rounds);
    let known = special_joints_of(&normalized_name(name));
    // The bearing of a hinge that is known is no clip.
    connectors.retain(|clip| {
        !(matches!(clip.shape, ConnectorShape::Clip { .. }) && known.iter().any(|hinge| on_one_line(hinge, clip)))
    });
    connectors.extend(known);
    connectors.extend(source.file(&normalized_name(name)).and_then(|file| tire_seat_of(file.title(), mesh)));
    connectors
}

/// Whether it is a bore of a pin's radius that is less deep than a plate.
fn is_shallow_bore(hole: &Connector) -> bool {
    let ConnectorShape::Cylinder { sections, .. } = &hole.shape else { return false };
    let [start, end] = hole.extent();
    let [Section { shape: SectionShape::Round, radius, .. }] = **sections else { return false };
    hole.gender == Gender::Female && (radius - super::STUD_RADIUS).abs() < 0.4 && end - start < STUD_HEIGHT + 1.0
}

/// The socket that a bore is when one end of it is closed: a tube holds no pin.
fn tube_of(hole: &Connector, tree: &MeshTree) -> Option<Connector> {
    let (middle, [start, end]) = (hole.middle(), hole.extent());
    let depth = end - start;
    let closed = |way: Vec3| tree.cast(&Ray::new(middle, way), depth * 0.5 + 1.0).is_some();
    let way = hole.direction();
    let inward = match (closed(way), closed(-way)) {
        (true, false) => way,
        (false, true) => -way,
        _ => return None,
    };
    Some(Connector::socket(frame_along(middle - inward * (depth * 0.5), inward)))
}

/// Whether the axes of two connectors are the same line.
fn on_one_line(a: &Connector, b: &Connector) -> bool {
    a.direction().dot(b.direction()).abs() > 0.999 && across_axis(b.middle() - a.middle(), a.direction()) < 0.5
}

/// Whether a socket lies in a pin hole: a round bore that grips a stud, with the wider rims that tell it from a socket.
fn is_mouth_of(hole: &Connector, socket: &Connector) -> bool {
    let ConnectorShape::Cylinder { sections, .. } = &hole.shape else { return false };
    let has = |radius: f32| sections.iter().any(|s| s.shape == SectionShape::Round && (s.radius - radius).abs() < 0.4);
    let along = (socket.origin() - hole.middle()).dot(hole.direction());
    let [start, end] = hole.extent();
    hole.gender == Gender::Female
        && has(super::STUD_RADIUS)
        && has(8.0)
        && on_one_line(hole, socket)
        && along.abs() <= (end - start) * 0.5 + 1.0
}

impl PartBody {
    /// A body whose connectors and solids are found from its mesh when first asked for.
    pub fn from_mesh(mesh: Arc<Mesh>) -> Arc<Self> {
        let kept = mesh.clone();
        Self::lazy(
            mesh,
            Box::new(move |_| {
                let connectors = connectors_from_mesh(&kept);
                let solids = solids_of_part(&kept, &connectors);
                (connectors, solids)
            }),
        )
    }

    /// A body of a part of the library. Its connectors and solids are read from the library's cache when first asked for,
    /// else found as [`PartBody::from_files`] does and kept there.
    pub fn from_library(
        library: Arc<Library>,
        part: &PartId,
        mesh: Arc<Mesh>,
        shadow: Option<Arc<ShadowLibrary>>,
    ) -> Arc<Self> {
        let (name, kept) = (part.file_name(), mesh.clone());
        let note = match &shadow {
            Some(shadow) => format!("{part}@{:016x}", shadow.fingerprint()),
            None => part.to_string(),
        };
        Self::lazy(
            mesh,
            Box::new(move |_| {
                let stored = library.note(STORED_VERSION, &note).and_then(|bytes| physique_from_bytes(&bytes));
                stored.unwrap_or_else(|| {
                    let made = physique_of(library.as_ref(), &name, &kept, shadow.as_deref());
                    library.keep_note(STORED_VERSION, &note, bytes_from_physique(&made.0, &made.1));
                    made
                })
            }),
        )
    }

    /// A body of an LDraw part (`name` as the source knows it: `3001.dat`), its connectors found when first asked for: in
    /// the shadow library if one is given and knows the part, else in the mesh and the files.
    pub fn from_files(
        source: Arc<dyn FileSource + Send + Sync>,
        name: &str,
        mesh: Arc<Mesh>,
        shadow: Option<Arc<ShadowLibrary>>,
    ) -> Arc<Self> {
        let (kept, name) = (mesh.clone(), name.to_owned());
        Self::lazy(mesh, Box::new(move |_| physique_of(source.as_ref(), &name, &kept, shadow.as_deref())))
    }
}

/// The connectors and solids of an LDraw part.
fn physique_of(
    source: &dyn FileSource,
    name: &str,
    mesh: &Arc<Mesh>,
    shadow: Option<&ShadowLibrary>,
) -> (Vec<Connector>, Vec<Solid>) {
    let derived = connectors_from_files(source, name, mesh);
    let solids = solids_of_part(mesh, &derived);
    let told = shadow.and_then(|shadow| shadow.connectors(source, name));
    (told.unwrap_or(derived), solids)
}
