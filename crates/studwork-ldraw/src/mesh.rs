//! The shape of one part: triangles, edge lines and where its studs are.
//!
//! Made from LDraw files and by the built-in catalog alike; drawn by the renderer and hit by the picker. Lengths
//! are LDU in LDraw axes (−Y is up).

use crate::ColorRef;
use bytemuck::{Pod, Zeroable};
use glam::{Affine3A, Vec3};
use std::ops::Range;

/// The color of a vertex, packed so that a mesh does not depend on a palette.
///
/// The top byte says what the low 24 bits are: 0 the piece's own color, 1 the piece's edge color, 2 a palette
/// code, 3 a direct color, 4 a direct transparent color.
#[repr(transparent)]
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash, Pod, Zeroable)]
pub struct Tint(pub u32);

impl Tint {
    /// The color of the piece (LDraw color 16).
    pub const MAIN: Self = Self(0);
    /// The edge color of the piece (LDraw color 24).
    pub const EDGE: Self = Self(1 << 24);
}

impl From<ColorRef> for Tint {
    fn from(color: ColorRef) -> Self {
        let packed = |rgb: [u8; 3]| u32::from_be_bytes([0, rgb[0], rgb[1], rgb[2]]);
        match color {
            ColorRef::MAIN => Self::MAIN,
            ColorRef::EDGE => Self::EDGE,
            ColorRef::Code(code) => Self(2 << 24 | (code & 0x00FF_FFFF)),
            ColorRef::Direct { rgb, transparent: false } => Self(3 << 24 | packed(rgb)),
            ColorRef::Direct { rgb, transparent: true } => Self(4 << 24 | packed(rgb)),
        }
    }
}

impl From<Tint> for ColorRef {
    fn from(tint: Tint) -> Self {
        let [kind, r, g, b] = tint.0.to_be_bytes();
        match kind {
            0 => Self::MAIN,
            1 => Self::EDGE,
            2 => Self::Code(tint.0 & 0x00FF_FFFF),
            3 => Self::Direct { rgb: [r, g, b], transparent: false },
            _ => Self::Direct { rgb: [r, g, b], transparent: true },
        }
    }
}

/// One corner of a triangle.
#[repr(C)]
#[derive(Copy, Clone, Debug, PartialEq, Pod, Zeroable)]
pub struct Vertex {
    /// LDU.
    pub position: [f32; 3],
    /// Unit normal as signed normalized bytes; the fourth is 0.
    pub normal: [i8; 4],
    /// Color.
    pub tint: Tint,
}

impl Vertex {
    /// A vertex from a position in LDU and a unit normal.
    pub fn new(position: Vec3, normal: Vec3, tint: Tint) -> Self {
        let n = (normal.clamp(Vec3::NEG_ONE, Vec3::ONE) * 127.0).round();
        Self { position: position.to_array(), normal: [n.x as i8, n.y as i8, n.z as i8, 0], tint }
    }

    /// The unit normal.
    pub fn normal(&self) -> Vec3 {
        let [x, y, z, _] = self.normal.map(f32::from);
        Vec3::new(x, y, z).normalize_or_zero()
    }
}

/// One end of an edge line.
#[repr(C)]
#[derive(Copy, Clone, Debug, PartialEq, Pod, Zeroable)]
pub struct EdgeVertex {
    /// LDU.
    pub position: [f32; 3],
    /// Color, mostly [`Tint::EDGE`].
    pub tint: Tint,
}

/// An edge that shows only while both control points lie on one side of it on screen (LDraw line type 5).
#[repr(C)]
#[derive(Copy, Clone, Debug, PartialEq, Pod, Zeroable)]
pub struct ConditionalEdge {
    /// The ends, LDU.
    pub points: [[f32; 3]; 2],
    /// The control points, LDU.
    pub control: [[f32; 3]; 2],
    /// Color, mostly [`Tint::EDGE`].
    pub tint: Tint,
}

/// What a [`StudGroup`] is.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum StudKind {
    /// A closed stud.
    Stud,
    /// A hollow stud.
    OpenStud,
    /// A tube or pin of the underside.
    Tube,
    /// Anything else made from a stud primitive.
    Other,
}

/// The part of a mesh that is one stud or tube, so that a covered or distant one can be left out.
#[derive(Clone, Debug, PartialEq)]
pub struct StudGroup {
    /// Which kind.
    pub kind: StudKind,
    /// Where: the primitive's frame in the part (a stud rises along −Y from its origin).
    pub transform: Affine3A,
    /// Its range of [`Mesh::indices`].
    pub indices: Range<u32>,
    /// Its range of [`Mesh::edges`].
    pub edges: Range<u32>,
}

/// Triangles, edges and studs of one part.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mesh {
    /// Corners.
    pub vertices: Vec<Vertex>,
    /// Triangle list; counter-clockwise seen from outside, in right-handed LDraw axes.
    pub indices: Vec<u32>,
    /// The tail of [`Mesh::indices`] whose winding is not known: it is seen from both sides.
    pub double_sided: Range<u32>,
    /// Line list.
    pub edges: Vec<EdgeVertex>,
    /// Silhouette edges of curved faces.
    pub conditional: Vec<ConditionalEdge>,
    /// Studs and tubes.
    pub studs: Vec<StudGroup>,
    /// Box around the triangles (and edges, where there are no triangles).
    pub bounds: Bounds,
}

/// An axis-aligned box, LDU.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Bounds {
    /// The least corner.
    pub min: Vec3,
    /// The greatest corner.
    pub max: Vec3,
}

impl Default for Bounds {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl Bounds {
    /// Holds nothing; the neutral element of [`Bounds::union`].
    pub const EMPTY: Self = Self { min: Vec3::INFINITY, max: Vec3::NEG_INFINITY };

    /// The least box around some points.
    pub fn from_points(points: impl IntoIterator<Item = Vec3>) -> Self {
        points.into_iter().fold(Self::EMPTY, Self::extended)
    }

    /// This box grown to hold a point.
    #[must_use]
    pub fn extended(self, point: Vec3) -> Self {
        Self { min: self.min.min(point), max: self.max.max(point) }
    }

    /// The least box around both.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self { min: self.min.min(other.min), max: self.max.max(other.max) }
    }

    /// This box grown by a margin on every side.
    #[must_use]
    pub fn grown(self, margin: f32) -> Self {
        Self { min: self.min - margin, max: self.max + margin }
    }

    /// The least axis-aligned box around this one moved by `transform`.
    #[must_use]
    pub fn transformed(self, transform: &Affine3A) -> Self {
        if self.is_empty() {
            return self;
        }
        let center = transform.transform_point3(self.center());
        let half = self.size() * 0.5;
        let m = transform.matrix3;
        let reach = Vec3::from(m.x_axis.abs()) * half.x
            + Vec3::from(m.y_axis.abs()) * half.y
            + Vec3::from(m.z_axis.abs()) * half.z;
        Self { min: center - reach, max: center + reach }
    }

    /// Whether nothing is inside.
    pub fn is_empty(self) -> bool {
        !self.min.cmple(self.max).all()
    }

    /// The middle.
    pub fn center(self) -> Vec3 {
        (self.min + self.max) * 0.5
    }

    /// Width, height and depth.
    pub fn size(self) -> Vec3 {
        if self.is_empty() { Vec3::ZERO } else { self.max - self.min }
    }

    /// Whether a point is inside or on the border.
    pub fn contains(self, point: Vec3) -> bool {
        point.cmpge(self.min).all() && point.cmple(self.max).all()
    }

    /// Whether two boxes share at least a point.
    pub fn overlaps(self, other: Self) -> bool {
        self.min.cmple(other.max).all() && self.max.cmpge(other.min).all()
    }

    /// The eight corners.
    pub fn corners(self) -> [Vec3; 8] {
        std::array::from_fn(|i| {
            Vec3::new(
                if i & 1 == 0 { self.min.x } else { self.max.x },
                if i & 2 == 0 { self.min.y } else { self.max.y },
                if i & 4 == 0 { self.min.z } else { self.max.z },
            )
        })
    }
}
