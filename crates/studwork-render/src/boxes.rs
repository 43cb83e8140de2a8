//! Boxes in place of parts: a plain brick seen from above *is* a box with studs, and far away most parts may be one.

use crate::studs::Studs;
use glam::{Affine3A, Vec3};
use studwork_ldraw::{Bounds, EdgeVertex, Mesh, Tint, Vertex};

/// The box that can stand for a mesh.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Boxed {
    /// Its place, an entry of the table of studs' places.
    pub local: u32,
    pub fidelity: Fidelity,
    /// The middle of its lower face, in the mesh.
    pub bottom: Vec3,
    /// The box itself, in the mesh.
    bounds: Bounds,
}

impl Boxed {
    /// Whether its walls enclose a box, so that it is only seen through the lower side.
    pub(crate) fn encloses(&self, center: Vec3, half: Vec3) -> bool {
        let room = self.bounds.grown(0.1);
        self.fidelity > Fidelity::Rough && room.contains(center - half) && room.contains(center + half)
    }
}

/// How well a box stands for a mesh.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fidelity {
    /// Only where it is a few pixels wide.
    Rough,
    /// But for small details.
    Near,
    /// From every side but below.
    Exact,
}

/// The share of each side of the box (but the lower) that the mesh must cover.
const EXACT: f32 = 0.985;
/// Square LDU of a side that may be open at most in a box that counts as exact: less than a pin's hole.
const OPEN: f32 = 30.0;
const NEAR: f32 = 0.8;

/// Judges a mesh without its studs and keeps the place of its box.
pub(crate) fn boxed(mesh: &Mesh, studs: &mut Studs) -> Option<Boxed> {
    let point = |i: u32| mesh.vertices.get(i as usize).map(|vertex| Vec3::from(vertex.position));
    let bounds = Bounds::from_points(mesh.indices.iter().filter_map(|i| point(*i)));
    if bounds.is_empty() {
        return None;
    }
    let plain = mesh.vertices.iter().all(|vertex| vertex.tint == Tint::MAIN);
    let least = if plain { least_covered(mesh, bounds) } else { 0.0 };
    let fidelity = match least {
        least if least >= EXACT => Fidelity::Exact,
        least if least >= NEAR => Fidelity::Near,
        _ => Fidelity::Rough,
    };
    // Flat meshes (a sticker) would have a box without normals.
    let half = (bounds.size() * 0.5).max(Vec3::splat(0.05));
    let place = Affine3A::from_mat3_translation(glam::Mat3::from_diagonal(half), bounds.center());
    let bottom = Vec3::new(bounds.center().x, bounds.max.y, bounds.center().z);
    Some(Boxed { local: studs.add_place(&place), fidelity, bottom, bounds })
}

/// The least share of a side of the box that faces of the mesh cover; the lower side does not count.
fn least_covered(mesh: &Mesh, bounds: Bounds) -> f32 {
    let (lo, hi, size) = (bounds.min, bounds.max, bounds.size());
    let sides = [(0, lo.x), (0, hi.x), (1, lo.y), (2, lo.z), (2, hi.z)];
    let mut covered = [0.0_f32; 5];
    for face in mesh.indices.chunks_exact(3) {
        let corner = |i: usize| mesh.vertices.get(face[i] as usize).map_or(Vec3::NAN, |v| Vec3::from(v.position));
        let points = [corner(0), corner(1), corner(2)];
        for ((axis, at), covered) in sides.into_iter().zip(&mut covered) {
            if points.iter().all(|point| (point[axis] - at).abs() < 0.02) {
                *covered += (points[1] - points[0]).cross(points[2] - points[0]).length() * 0.5;
            }
        }
    }
    let share = |axis: usize, covered: f32| {
        let area = size[(axis + 1) % 3] * size[(axis + 2) % 3];
        let share = if area > 0.0 { covered / area } else { 0.0 };
        if area - covered > OPEN { share.min(EXACT - 0.001) } else { share }
    };
    sides.into_iter().zip(covered).map(|((axis, _), covered)| share(axis, covered)).fold(f32::INFINITY, f32::min)
}

/// The box from −1 to 1, with or without edges.
pub(crate) fn unit_box(edges: bool) -> Mesh {
    let bounds = Bounds { min: Vec3::NEG_ONE, max: Vec3::ONE };
    let mut mesh = Mesh { bounds, ..Mesh::default() };
    for axis in [Vec3::X, Vec3::Y, Vec3::Z] {
        for normal in [axis, -axis] {
            let u = Vec3::new(axis.z, axis.x, axis.y);
            let v = normal.cross(u);
            let first = mesh.vertices.len() as u32;
            let corners = [u + v, v - u, -u - v, u - v].map(|side| normal + side);
            mesh.vertices.extend(corners.map(|corner| Vertex::new(corner, normal, Tint::MAIN)));
            mesh.indices.extend([0, 1, 2, 0, 2, 3].map(|i| first + i));
        }
        if edges {
            let (u, v) = (Vec3::new(axis.z, axis.x, axis.y), Vec3::new(axis.y, axis.z, axis.x));
            for (a, b) in [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)] {
                for end in [-1.0, 1.0] {
                    let position = (u * a + v * b + axis * end).to_array();
                    mesh.edges.push(EdgeVertex { position, tint: Tint::EDGE });
                }
            }
        }
    }
    mesh
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scaled(mut mesh: Mesh, half: Vec3) -> Mesh {
        for vertex in &mut mesh.vertices {
            vertex.position = (Vec3::from(vertex.position) * half).to_array();
        }
        mesh
    }

    #[test]
    fn the_unit_box_faces_outward_and_has_twelve_edges() {
        let mesh = unit_box(true);
        for face in mesh.indices.chunks_exact(3) {
            let [a, b, c] = [face[0], face[1], face[2]].map(|i| &mesh.vertices[i as usize]);
            let [pa, pb, pc] = [a, b, c].map(|vertex| Vec3::from(vertex.position));
            assert!((pb - pa).cross(pc - pa).dot(a.normal()) > 0.0);
        }
        assert_eq!((mesh.indices.len(), mesh.edges.len()), (36, 24));
        let mut lengths =
            mesh.edges.chunks_exact(2).map(|edge| Vec3::from(edge[0].position).distance(edge[1].position.into()));
        assert!(lengths.all(|length| length == 2.0));
    }

    #[test]
    fn a_box_without_its_lower_side_is_exact_and_one_with_a_hole_is_not() {
        let mut mesh = scaled(unit_box(false), Vec3::new(20.0, 12.0, 10.0));
        let lower = |mesh: &Mesh, face: usize| mesh.vertices[mesh.indices[face * 3] as usize].normal().y > 0.5;
        let kept: Vec<u32> =
            (0..12).filter(|face| !lower(&mesh, *face)).flat_map(|f| mesh.indices[f * 3..f * 3 + 3].to_vec()).collect();
        mesh.indices = kept;
        let judge = |mesh: &Mesh| boxed(mesh, &mut Studs::new()).expect("it has faces");
        assert_eq!(judge(&mesh).fidelity, Fidelity::Exact);
        assert_eq!(judge(&mesh).bottom.y, 12.0);
        let half_a_side = Mesh { indices: mesh.indices[3..].to_vec(), ..mesh.clone() };
        assert_eq!(judge(&half_a_side).fidelity, Fidelity::Rough);
        mesh.vertices[0].tint = Tint::EDGE;
        assert_eq!(judge(&mesh).fidelity, Fidelity::Rough, "a second color is no plain box");
    }
}
