//! Studs and tubes, taken out of the meshes they belong to: a big model has tens of thousands, most of them hidden,
//! and all are copies of a few shapes. So each is an instance of its own that can be left out or drawn more simply.

use crate::meshes::{Meshes, Placed};
use crate::tints::Tints;
use glam::{Affine3A, Vec3};
use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use studwork_ldraw::{Bounds, EdgeVertex, Mesh, StudGroup, StudKind, Tint, Vertex};

/// A stud or tube of a mesh.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Stud {
    /// Its shape, an entry of [`Studs::shapes`].
    pub shape: u32,
    /// Its place in the mesh, an entry of [`Studs::take_dirty`]'s table.
    pub local: u32,
    /// Whether its place mirrors.
    pub mirrored: bool,
    /// The box around it in the mesh.
    pub center: Vec3,
    pub half: Vec3,
    /// Of a tube, the point and direction (in the mesh) of the opening through which alone it is seen.
    pub opening: Option<(Vec3, Vec3)>,
}

/// The shape of a box with edges, and without.
pub(crate) const BOX: u32 = 0;
pub(crate) const BARE_BOX: u32 = 1;

/// One shape of studs, or the box that stands for parts.
pub(crate) struct Shape {
    pub placed: Placed,
    /// The shape that stands for it where it is a few pixels wide.
    pub simple: Option<u32>,
}

/// All shapes and places.
pub(crate) struct Studs {
    pub shapes: Vec<Shape>,
    known: HashMap<u64, u32>,
    locals: Vec<[[f32; 4]; 3]>,
    dirty: bool,
}

impl Studs {
    pub(crate) fn new() -> Self {
        // The entry 0 leaves a vertex where it is.
        Self {
            shapes: Vec::new(),
            known: HashMap::new(),
            locals: vec![crate::scene::rows_of(&Affine3A::IDENTITY)],
            dirty: true,
        }
    }

    /// Keeps a place; returns its entry.
    pub(crate) fn add_place(&mut self, place: &Affine3A) -> u32 {
        self.locals.push(crate::scene::rows_of(place));
        self.dirty = true;
        self.locals.len() as u32 - 1
    }

    /// Makes the shapes that stand for parts, the first with edges, the second without; they come before all others.
    pub(crate) fn prepare(&mut self, meshes: &mut Meshes, tints: &mut Tints, gpu: (&wgpu::Device, &wgpu::Queue)) {
        if self.shapes.is_empty() {
            for edges in [true, false] {
                let placed = meshes.add(&crate::boxes::unit_box(edges), tints, gpu.0, gpu.1);
                self.shapes.push(Shape { placed, simple: None });
            }
        }
    }

    /// The table of places where it changed since the last call.
    pub(crate) fn take_dirty(&mut self) -> Option<&[[[f32; 4]; 3]]> {
        std::mem::take(&mut self.dirty).then_some(self.locals.as_slice())
    }

    /// Takes the studs out of a mesh: returns them and the mesh without them (`None` if it has none).
    pub(crate) fn extract(
        &mut self,
        mesh: &Mesh,
        meshes: &mut Meshes,
        tints: &mut Tints,
        gpu: (&wgpu::Device, &wgpu::Queue),
    ) -> (Vec<Stud>, Option<Mesh>) {
        let mut studs = Vec::new();
        let mut gone = vec![false; mesh.indices.len() / 3];
        let mut gone_edges = vec![false; mesh.edges.len() / 2];
        for group in &mesh.studs {
            let Some(own) = own_mesh(mesh, group) else { continue };
            let shape = self.shape(&own, group.kind, meshes, tints, gpu);
            let bounds = own.bounds.transformed(&group.transform);
            let local = self.add_place(&group.transform);
            let out = -Vec3::from(group.transform.matrix3.y_axis).normalize_or_zero();
            let tip = group.transform.transform_point3(Vec3::new(0.0, own.bounds.min.y, 0.0));
            studs.push(Stud {
                shape,
                local,
                mirrored: group.transform.matrix3.determinant() < 0.0,
                center: bounds.center(),
                half: bounds.size() * 0.5,
                opening: (group.kind == StudKind::Tube).then_some((tip, out)),
            });
            gone[group.indices.start as usize / 3..group.indices.end as usize / 3].fill(true);
            gone_edges[group.edges.start as usize / 2..group.edges.end as usize / 2].fill(true);
        }
        if studs.is_empty() {
            return (studs, None);
        }
        (studs, Some(without(mesh, &gone, &gone_edges)))
    }

    fn shape(
        &mut self,
        own: &Mesh,
        kind: StudKind,
        meshes: &mut Meshes,
        tints: &mut Tints,
        (device, queue): (&wgpu::Device, &wgpu::Queue),
    ) -> u32 {
        let hash = hash_of(own);
        if let Some(shape) = self.known.get(&hash) {
            return *shape;
        }
        let plain = own.vertices.iter().all(|vertex| vertex.tint == Tint::MAIN);
        let simple = (kind != StudKind::Other && plain).then(|| {
            let mesh = prism(own.bounds);
            let hash = hash_of(&mesh);
            if let Some(shape) = self.known.get(&hash) {
                return *shape;
            }
            let placed = meshes.add(&mesh, tints, device, queue);
            self.shapes.push(Shape { placed, simple: None });
            self.known.insert(hash, self.shapes.len() as u32 - 1);
            self.shapes.len() as u32 - 1
        });
        let placed = meshes.add(own, tints, device, queue);
        self.shapes.push(Shape { placed, simple });
        self.known.insert(hash, self.shapes.len() as u32 - 1);
        self.shapes.len() as u32 - 1
    }
}

/// The stud alone, in its own frame; `None` where its frame is flat or its ranges are not the mesh's.
fn own_mesh(mesh: &Mesh, group: &StudGroup) -> Option<Mesh> {
    let determinant = group.transform.matrix3.determinant();
    if determinant.abs() < 1e-6
        || group.indices.start < group.indices.end && overlaps(&group.indices, &mesh.double_sided)
    {
        return None;
    }
    let inverse = group.transform.inverse();
    let normal_matrix = group.transform.matrix3.transpose();
    let indices = mesh.indices.get(group.indices.start as usize..group.indices.end as usize)?;
    let edges = mesh.edges.get(group.edges.start as usize..group.edges.end as usize)?;
    let whole = group.indices.start.is_multiple_of(3) && group.edges.start.is_multiple_of(2);
    if !whole || indices.is_empty() || !indices.len().is_multiple_of(3) || !edges.len().is_multiple_of(2) {
        return None;
    }
    let mut own = Mesh::default();
    let mut renamed = HashMap::new();
    for face in indices.chunks_exact(3) {
        let order = if determinant < 0.0 { [0, 2, 1] } else { [0, 1, 2] };
        for corner in order {
            let old = face[corner];
            let vertex = mesh.vertices.get(old as usize)?;
            own.indices.push(*renamed.entry(old).or_insert_with(|| {
                let at = inverse.transform_point3(Vec3::from(vertex.position));
                let normal = (normal_matrix * vertex.normal()).normalize_or_zero();
                own.vertices.push(Vertex::new(at, normal, vertex.tint));
                own.vertices.len() as u32 - 1
            }));
        }
    }
    let local = |edge: &EdgeVertex| EdgeVertex {
        position: inverse.transform_point3(Vec3::from(edge.position)).to_array(),
        tint: edge.tint,
    };
    own.edges = edges.iter().map(local).collect();
    own.bounds = Bounds::from_points(own.vertices.iter().map(|vertex| Vec3::from(vertex.position)));
    Some(own)
}

fn overlaps(a: &std::ops::Range<u32>, b: &std::ops::Range<u32>) -> bool {
    a.start < b.end && b.start < a.end
}

/// The mesh without some faces and edges and the vertices that only they used.
fn without(mesh: &Mesh, gone: &[bool], gone_edges: &[bool]) -> Mesh {
    let mut out = Mesh { conditional: mesh.conditional.clone(), bounds: mesh.bounds, ..Mesh::default() };
    let mut renamed = vec![u32::MAX; mesh.vertices.len()];
    let (mut start, mut end) = (None, 0);
    for (number, face) in mesh.indices.chunks_exact(3).enumerate() {
        if gone[number] {
            continue;
        }
        if mesh.double_sided.contains(&(number as u32 * 3)) {
            start.get_or_insert(out.indices.len() as u32);
            end = out.indices.len() as u32 + 3;
        }
        for old in face {
            let Some(name) = renamed.get_mut(*old as usize) else { continue };
            if *name == u32::MAX {
                *name = out.vertices.len() as u32;
                out.vertices.push(mesh.vertices[*old as usize]);
            }
            out.indices.push(*name);
        }
    }
    out.double_sided = start.map_or(0..0, |start| start..end);
    out.edges = (mesh.edges.chunks_exact(2).zip(gone_edges))
        .filter(|(_, gone)| !**gone)
        .flat_map(|(edge, _)| [edge[0], edge[1]])
        .collect();
    out
}

fn hash_of(mesh: &Mesh) -> u64 {
    let mut hasher = DefaultHasher::new();
    let near = |value: f32| (value * 64.0).round() as i32;
    for vertex in &mesh.vertices {
        vertex.position.map(near).hash(&mut hasher);
        vertex.normal.map(|n| (i16::from(n) + 4).div_euclid(8)).hash(&mut hasher);
        vertex.tint.hash(&mut hasher);
    }
    mesh.indices.hash(&mut hasher);
    for edge in &mesh.edges {
        edge.position.map(near).hash(&mut hasher);
        edge.tint.hash(&mut hasher);
    }
    hasher.finish()
}

/// An eight-sided stud that fills a box: 22 faces in place of a hundred.
fn prism(bounds: Bounds) -> Mesh {
    let (center, half) = (bounds.center(), bounds.size() * 0.5);
    let mut mesh = Mesh { bounds, ..Mesh::default() };
    let rim = |i: u32| {
        let (sin, cos) = ((i as f32 + 0.5) * std::f32::consts::FRAC_PI_4).sin_cos();
        Vec3::new(cos, 0.0, sin)
    };
    let at = |i: u32, y: f32| Vec3::new(center.x, y, center.z) + rim(i) * half;
    for i in 0..8 {
        mesh.vertices.push(Vertex::new(at(i, bounds.min.y), rim(i), Tint::MAIN));
        mesh.vertices.push(Vertex::new(at(i, bounds.max.y), rim(i), Tint::MAIN));
        let (a, b) = (i * 2, (i * 2 + 2) % 16);
        mesh.indices.extend([a, a + 1, b, b, a + 1, b + 1]);
        for corner in [i, i + 1] {
            mesh.edges.push(EdgeVertex { position: at(corner % 8, bounds.min.y).to_array(), tint: Tint::EDGE });
        }
    }
    mesh.vertices.extend((0..8).map(|i| Vertex::new(at(i, bounds.min.y), Vec3::NEG_Y, Tint::MAIN)));
    for i in 1..7 {
        mesh.indices.extend([16, 16 + i, 16 + i + 1]);
    }
    mesh
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prism_is_closed_and_faces_outward() {
        let bounds = Bounds { min: Vec3::new(-6.0, -4.0, -6.0), max: Vec3::new(6.0, 0.0, 6.0) };
        let mesh = prism(bounds);
        for face in mesh.indices.chunks_exact(3) {
            let [a, b, c] = [face[0], face[1], face[2]].map(|i| &mesh.vertices[i as usize]);
            let [pa, pb, pc] = [a, b, c].map(|vertex| Vec3::from(vertex.position));
            let outward = (pb - pa).cross(pc - pa);
            assert!(outward.dot(a.normal() + b.normal() + c.normal()) > 0.0, "{pa} {pb} {pc}");
        }
        assert_eq!(mesh.indices.len() / 3, 22);
    }

    #[test]
    fn a_stud_taken_out_of_a_mesh_is_the_same_shape_wherever_it_was() {
        let base = prism(Bounds { min: Vec3::new(-6.0, -4.0, -6.0), max: Vec3::new(6.0, 0.0, 6.0) });
        let mut mesh = Mesh::default();
        let places = [Vec3::new(10.0, 0.0, 10.0), Vec3::new(-30.0, 0.0, 10.0)].map(Affine3A::from_translation);
        let upside_down = Affine3A::from_scale(Vec3::new(1.0, -5.0, 1.0));
        for transform in places.into_iter().chain([upside_down]) {
            let (first, from, edges) = (mesh.vertices.len() as u32, mesh.indices.len() as u32, mesh.edges.len() as u32);
            for vertex in &base.vertices {
                let at = transform.transform_point3(Vec3::from(vertex.position));
                let normal = (transform.matrix3.inverse().transpose() * vertex.normal()).normalize();
                mesh.vertices.push(Vertex::new(at, normal, vertex.tint));
            }
            for face in base.indices.chunks_exact(3) {
                let turned = transform.matrix3.determinant() < 0.0;
                let order = if turned { [0, 2, 1] } else { [0, 1, 2] };
                mesh.indices.extend(order.map(|corner: usize| first + face[corner]));
            }
            mesh.studs.push(StudGroup {
                kind: StudKind::Stud,
                transform,
                indices: from..mesh.indices.len() as u32,
                edges: edges..edges,
            });
        }
        let own: Vec<Mesh> = mesh.studs.iter().filter_map(|group| own_mesh(&mesh, group)).collect();
        assert_eq!(own.len(), 3);
        for stud in &own {
            assert_eq!(stud.bounds.min.y, -4.0);
            for face in stud.indices.chunks_exact(3) {
                let [a, b, c] = [face[0], face[1], face[2]].map(|i| &stud.vertices[i as usize]);
                let [pa, pb, pc] = [a, b, c].map(|vertex| Vec3::from(vertex.position));
                assert!((pb - pa).cross(pc - pa).dot(a.normal()) > 0.0);
            }
        }
        assert_eq!(hash_of(&own[0]), hash_of(&own[1]));
        let gone: Vec<bool> = (0..mesh.indices.len() / 3).map(|face| face < 22).collect();
        let rest = without(&mesh, &gone, &[]);
        assert_eq!((rest.indices.len() / 3, rest.vertices.len()), (44, 48));
    }
}
