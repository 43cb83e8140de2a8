//! A shape under construction: a mesh that can still be moved, turned inside out, tinted and joined with others,
//! with the grips and solids that go along. Knows nothing of any part family.

use glam::{Affine3A, Vec3};
use studwork_ldraw::{Bounds, ConditionalEdge, EdgeVertex, Mesh, StudGroup, StudKind, Tint, Vertex};

/// What a [`Grip`] is.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum GripKind {
    /// A stud; it rises along −Y from the frame's origin.
    Stud,
    /// Room for a stud in an underside: the stud enters along −Y, its base at the frame's origin.
    Socket,
    /// A round pin to both sides along ±Y, its collar's middle at the origin.
    Pin,
    /// One half of a pin: it starts at the origin (the collar's middle) and runs along −Y.
    HalfPin,
    /// A round hole for a pin along ±Y, centered at the origin.
    PinHole,
    /// A cross axle along ±Y, centered at the origin.
    Axle,
    /// A cross hole for an axle along ±Y, centered at the origin.
    AxleHole,
    /// A round bar (radius 4) along ±Y, centered at the origin.
    Bar,
    /// A hole or clip for a bar along ±Y, centered at the origin.
    Clip,
    /// A hole for a bar along ±Y, centered at the origin.
    BarHole,
    /// Interlocking hinge fingers that turn about Y.
    Fingers,
    /// A ball (its center at the origin, the length its radius).
    Ball,
    /// A cup for a ball (its center at the origin, the length the ball's radius).
    Cup,
}

/// Where the shape holds another: the catalog's hint from which connectors are made.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Grip {
    /// Which kind.
    pub kind: GripKind,
    /// Its frame in the part; the kind says what the axes mean. LDU.
    pub frame: Affine3A,
    /// Extent along the frame's Y, LDU.
    pub length: f32,
}

/// A convex piece of the room that a part fills.
#[derive(Clone, Debug, PartialEq)]
pub enum Solid {
    /// A box: the half-extents about the frame's origin, LDU.
    Block {
        /// Center and axes.
        frame: Affine3A,
        /// Half of width, height and depth.
        half: Vec3,
    },
    /// A cylinder along ±Y about the frame's origin, LDU.
    Cylinder {
        /// Center and axes.
        frame: Affine3A,
        /// Radius.
        radius: f32,
        /// Half of the height.
        half: f32,
    },
    /// The convex hull of points, LDU.
    Hull(Vec<Vec3>),
}

impl Solid {
    /// A box between two corners.
    pub fn block(min: Vec3, max: Vec3) -> Self {
        Self::Block { frame: Affine3A::from_translation((min + max) * 0.5), half: (max - min) * 0.5 }
    }

    fn moved(&self, by: &Affine3A) -> Self {
        match self {
            Self::Block { frame, half } => Self::Block { frame: *by * *frame, half: *half },
            Self::Cylinder { frame, radius, half } => {
                Self::Cylinder { frame: *by * *frame, radius: *radius, half: *half }
            }
            Self::Hull(points) => Self::Hull(points.iter().map(|p| by.transform_point3(*p)).collect()),
        }
    }
}

/// Triangles, edge lines, studs, grips and solids, in LDU.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    vertices: Vec<Vertex>,
    indices: Vec<u32>,
    thin: Vec<u32>,
    edges: Vec<EdgeVertex>,
    conditional: Vec<ConditionalEdge>,
    studs: Vec<StudGroup>,
    /// Where other parts take hold.
    pub grips: Vec<Grip>,
    /// The room it fills, as convex pieces.
    pub solids: Vec<Solid>,
}

impl Shape {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many triangles there are.
    pub fn triangle_count(&self) -> usize {
        (self.indices.len() + self.thin.len()) / 3
    }

    /// The studs and tubes so far.
    pub fn studs(&self) -> &[StudGroup] {
        &self.studs
    }

    /// The box around what is there.
    pub fn bounds(&self) -> Bounds {
        Bounds::from_points(self.vertices.iter().map(|v| Vec3::from(v.position)))
    }

    /// Adds a triangle, counter-clockwise from outside, with a normal per corner. Slivers are left out.
    pub fn triangle(&mut self, points: [Vec3; 3], normals: [Vec3; 3]) {
        let area = (points[1] - points[0]).cross(points[2] - points[0]).length();
        if area < 1e-4 || !area.is_finite() {
            return;
        }
        for (point, normal) in points.into_iter().zip(normals) {
            let index = self.vertex(point, normal);
            self.indices.push(index);
        }
    }

    /// Adds a quad as two triangles.
    pub fn quad(&mut self, p: [Vec3; 4], n: [Vec3; 4]) {
        self.triangle([p[0], p[1], p[2]], [n[0], n[1], n[2]]);
        self.triangle([p[0], p[2], p[3]], [n[0], n[2], n[3]]);
    }

    /// Adds a flat quad.
    pub fn flat_quad(&mut self, p: [Vec3; 4]) {
        let normal = (p[2] - p[0]).cross(p[3] - p[1]).normalize_or_zero();
        self.quad(p, [normal; 4]);
    }

    /// Adds a flat triangle.
    pub fn flat_triangle(&mut self, p: [Vec3; 3]) {
        let normal = (p[1] - p[0]).cross(p[2] - p[0]).normalize_or_zero();
        self.triangle(p, [normal; 3]);
    }

    // A vertex equal to one of the last few is shared.
    fn vertex(&mut self, point: Vec3, normal: Vec3) -> u32 {
        let vertex = Vertex::new(point, normal, Tint::MAIN);
        let from = self.vertices.len().saturating_sub(16);
        let found = self.vertices[from..].iter().position(|v| *v == vertex);
        found.map_or_else(
            || {
                self.vertices.push(vertex);
                self.vertices.len() as u32 - 1
            },
            |i| (from + i) as u32,
        )
    }

    /// Adds an edge line.
    pub fn edge(&mut self, a: Vec3, b: Vec3) {
        if a.distance_squared(b) > 1e-6 {
            self.edges.extend([a, b].map(|p| EdgeVertex { position: p.to_array(), tint: Tint::EDGE }));
        }
    }

    /// Adds edge lines around a loop of points.
    pub fn edge_loop(&mut self, points: &[Vec3]) {
        for (i, a) in points.iter().enumerate() {
            self.edge(*a, points[(i + 1) % points.len()]);
        }
    }

    /// Adds the silhouette line between two smoothly joined faces; `control` are points on either face.
    pub fn conditional_edge(&mut self, points: [Vec3; 2], control: [Vec3; 2]) {
        self.conditional.push(ConditionalEdge {
            points: points.map(|p| p.to_array()),
            control: control.map(|p| p.to_array()),
            tint: Tint::EDGE,
        });
    }

    /// Adds a moved copy of another shape, mirrored where the transform mirrors.
    pub fn append(&mut self, other: &Self, transform: Affine3A) {
        let offset = self.vertices.len() as u32;
        let normals = transform.matrix3.inverse().transpose();
        self.vertices.extend(other.vertices.iter().map(|v| {
            let position = transform.transform_point3(Vec3::from(v.position));
            let normal = Vec3::from(normals * glam::Vec3A::from(v.normal()));
            Vertex::new(position, normal.normalize_or_zero(), v.tint)
        }));
        let mirrored = transform.matrix3.determinant() < 0.0;
        let moved = |from: &[u32], to: &mut Vec<u32>| {
            to.extend(from.chunks_exact(3).flat_map(|t| {
                let t = if mirrored { [t[0], t[2], t[1]] } else { [t[0], t[1], t[2]] };
                t.map(|i| i + offset)
            }));
        };
        let first_index = self.indices.len() as u32;
        let first_edge = self.edges.len() as u32;
        moved(&other.indices, &mut self.indices);
        moved(&other.thin, &mut self.thin);
        let place = |p: [f32; 3]| transform.transform_point3(Vec3::from(p)).to_array();
        self.edges.extend(other.edges.iter().map(|e| EdgeVertex { position: place(e.position), tint: e.tint }));
        self.conditional.extend(other.conditional.iter().map(|c| ConditionalEdge {
            points: c.points.map(place),
            control: c.control.map(place),
            tint: c.tint,
        }));
        self.studs.extend(other.studs.iter().map(|s| StudGroup {
            kind: s.kind,
            transform: transform * s.transform,
            indices: s.indices.start + first_index..s.indices.end + first_index,
            edges: s.edges.start + first_edge..s.edges.end + first_edge,
        }));
        self.grips.extend(other.grips.iter().map(|g| Grip { frame: transform * g.frame, ..*g }));
        self.solids.extend(other.solids.iter().map(|s| s.moved(&transform)));
    }

    /// This shape joined with another.
    #[must_use]
    pub fn with(mut self, other: &Self) -> Self {
        self.append(other, Affine3A::IDENTITY);
        self
    }

    /// This shape joined with a moved copy of another.
    #[must_use]
    pub fn with_at(mut self, other: &Self, transform: Affine3A) -> Self {
        self.append(other, transform);
        self
    }

    /// A moved copy.
    #[must_use]
    pub fn transformed(&self, transform: Affine3A) -> Self {
        let mut moved = Self::new();
        moved.append(self, transform);
        moved
    }

    /// A copy moved by an offset in LDU.
    #[must_use]
    pub fn moved(&self, x: f32, y: f32, z: f32) -> Self {
        self.transformed(Affine3A::from_translation(Vec3::new(x, y, z)))
    }

    /// Turned inside out: a cavity instead of a body.
    #[must_use]
    pub fn inside_out(mut self) -> Self {
        for v in &mut self.vertices {
            v.normal = v.normal.map(|c| -c);
        }
        self.indices.chunks_exact_mut(3).for_each(|t| t.swap(1, 2));
        self.thin.chunks_exact_mut(3).for_each(|t| t.swap(1, 2));
        self
    }

    /// All faces in another color.
    #[must_use]
    pub fn tinted(mut self, tint: Tint) -> Self {
        self.vertices.iter_mut().for_each(|v| v.tint = tint);
        self
    }

    /// All faces seen from both sides: for foils and leaves without thickness.
    #[must_use]
    pub fn two_sided(mut self) -> Self {
        self.thin.append(&mut self.indices);
        self.studs.clear();
        self
    }

    /// Everything but the edge lines; for details too small to be outlined.
    #[must_use]
    pub fn without_edges(mut self) -> Self {
        self.edges.clear();
        self.conditional.clear();
        for stud in &mut self.studs {
            stud.edges = 0..0;
        }
        self
    }

    /// As ordinary faces, no longer known as studs or tubes that may be left out; its grips stay.
    #[must_use]
    pub fn ungrouped(mut self) -> Self {
        self.studs.clear();
        self
    }

    /// Only its solids, without anything to see: for bodies whose shape is made in another way.
    #[must_use]
    pub fn solids_only(self) -> Self {
        Self { solids: self.solids, ..Self::default() }
    }

    /// Declares all that is there one stud or tube whose primitive has its origin at `transform`.
    #[must_use]
    pub fn as_stud(mut self, kind: StudKind, transform: Affine3A) -> Self {
        self.conditional.clear();
        let (indices, edges) = (0..self.indices.len() as u32, 0..self.edges.len() as u32);
        self.studs = vec![StudGroup { kind, transform, indices, edges }];
        self
    }

    /// Adds a grip at a frame.
    pub fn grip(&mut self, kind: GripKind, frame: Affine3A, length: f32) {
        self.grips.push(Grip { kind, frame, length });
    }

    /// The finished mesh.
    pub fn mesh(&self) -> Mesh {
        let mut indices = self.indices.clone();
        let double_sided = indices.len() as u32..(indices.len() + self.thin.len()) as u32;
        indices.extend_from_slice(&self.thin);
        Mesh {
            vertices: self.vertices.clone(),
            indices,
            double_sided,
            edges: self.edges.clone(),
            conditional: self.conditional.clone(),
            studs: self.studs.clone(),
            bounds: self.bounds(),
        }
    }
}
