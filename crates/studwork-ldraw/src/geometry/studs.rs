//! Stud primitives: told by their names, built once, placed as groups that can be left out.

use super::flatten::PlacedStud;
use crate::{Bounds, ConditionalEdge, EdgeVertex, LdrawError, Mesh, StudGroup, StudKind, Tint, Vertex};
use glam::{Mat3A, Vec3};
use std::sync::Arc;

/// What kind of stud a primitive is, by its normalized name. Groups (`stug…`) and old aliases (`stu2…`) are none, as they refer to
/// those that are.
pub(super) fn kind(name: &str) -> Option<StudKind> {
    let file = name.rsplit('/').next().unwrap_or(name).strip_suffix(".dat")?;
    let rest = file.strip_prefix("stud")?;
    let is = |names: &[&str]| names.contains(&rest);
    if is(&["line"]) {
        None
    } else if is(&["", "a", "10", "13", "15", "26", "el", "p01"]) || rest.starts_with("-logo") {
        Some(StudKind::Stud)
    } else if is(&["2", "2a", "6", "6a", "9", "17", "17a"]) || rest.starts_with("2-logo") {
        Some(StudKind::OpenStud)
    } else if is(&["3", "3a"]) || ["4", "16", "18", "21", "22", "23", "2s"].iter().any(|head| rest.starts_with(head)) {
        Some(StudKind::Tube)
    } else {
        Some(StudKind::Other)
    }
}

/// Appends studs to a mesh: the one-sided ones before its double-sided tail, the others after it.
pub(super) fn append(
    mesh: &mut Mesh,
    studs: &[PlacedStud],
    mesh_of: impl Fn(&str) -> Result<Arc<Mesh>, LdrawError>,
) -> Result<(), LdrawError> {
    let mut bounds = if mesh.vertices.is_empty() { Bounds::EMPTY } else { mesh.bounds };
    let tail = mesh.indices.split_off(mesh.double_sided.start as usize);
    let mut shapes = Vec::with_capacity(studs.len());
    for stud in studs {
        let shape = mesh_of(&stud.name)?;
        let one_sided = stud.one_sided && shape.double_sided.is_empty();
        shapes.push((stud, shape, one_sided));
    }
    for (stud, shape, _) in shapes.iter().filter(|(_, _, one_sided)| *one_sided) {
        append_one(mesh, stud, shape, &mut bounds);
    }
    let start = mesh.indices.len() as u32;
    mesh.indices.extend(tail);
    for (stud, shape, _) in shapes.iter().filter(|(_, _, one_sided)| !one_sided) {
        append_one(mesh, stud, shape, &mut bounds);
    }
    mesh.double_sided = start..mesh.indices.len() as u32;
    if !bounds.is_empty() {
        mesh.bounds = bounds;
    }
    Ok(())
}

fn append_one(mesh: &mut Mesh, stud: &PlacedStud, shape: &Mesh, bounds: &mut Bounds) {
    let transform = stud.transform;
    let colored = |tint: Tint| if tint == Tint::MAIN { stud.color.into() } else { tint };
    let placed = |point: [f32; 3]| transform.transform_point3(Vec3::from_array(point)).to_array();
    let normals: Mat3A = transform.matrix3.inverse().transpose();
    let side = if stud.inverted { -1.0 } else { 1.0 };

    let first_vertex = mesh.vertices.len() as u32;
    mesh.vertices.extend(shape.vertices.iter().map(|vertex| {
        let point = transform.transform_point3(Vec3::from_array(vertex.position));
        *bounds = bounds.extended(point);
        Vertex::new(point, (normals * vertex.normal()).normalize_or_zero() * side, colored(vertex.tint))
    }));
    let flipped = stud.inverted ^ (transform.matrix3.determinant() < 0.0);
    let first_index = mesh.indices.len() as u32;
    for &[a, b, c] in shape.indices.as_chunks().0 {
        let corners = if flipped { [a, c, b] } else { [a, b, c] };
        mesh.indices.extend(corners.map(|corner| corner + first_vertex));
    }
    let first_edge = mesh.edges.len() as u32;
    mesh.edges
        .extend(shape.edges.iter().map(|end| EdgeVertex { position: placed(end.position), tint: colored(end.tint) }));
    mesh.conditional.extend(shape.conditional.iter().map(|edge| ConditionalEdge {
        points: edge.points.map(placed),
        control: edge.control.map(placed),
        tint: colored(edge.tint),
    }));
    mesh.studs.push(StudGroup {
        kind: kind(&stud.name).unwrap_or(StudKind::Other),
        transform,
        indices: first_index..mesh.indices.len() as u32,
        edges: first_edge..mesh.edges.len() as u32,
    });
}
