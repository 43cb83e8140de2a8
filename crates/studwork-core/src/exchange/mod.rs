//! Designs for other programs: 3D files (glTF binary, Wavefront OBJ, STL) and parts lists (CSV, BrickLink).
//!
//! All of them start from an [`ExportScene`] or a list of [`ListedPart`]s, which say what is placed where and
//! how it looks; nothing here reads a design, a library or a disk.

mod bricklink;
mod csv;
mod glb;
mod obj;
mod stl;
#[cfg(test)]
mod testing;

pub use bricklink::{bricklink_color, to_bricklink_xml};
pub use csv::to_csv;
pub use glb::to_glb;
pub use obj::{WavefrontFiles, to_obj};
pub use stl::to_stl;

use crate::PartId;
use glam::{Affine3A, Mat3, Vec3};
use std::collections::BTreeMap;
use std::sync::Arc;
use studwork_ldraw::{ColorDef, ColorRef, Mesh, Tint};

/// Meters in one LDU.
pub const METERS_PER_LDU: f32 = 0.0004;
/// Millimeters in one LDU.
pub const MILLIMETERS_PER_LDU: f32 = 0.4;

/// A part where it stands in the whole model.
#[derive(Clone, Debug)]
pub struct Placed {
    /// Which part.
    pub part: PartId,
    /// Its color; what is still 16 at this point takes the palette's color 16.
    pub color: ColorRef,
    /// From the part to the model, LDU in LDraw axes.
    pub transform: Affine3A,
}

/// A model as placed shapes: what a 3D file is written from.
pub struct ExportScene<'a> {
    title: String,
    placed: Vec<Placed>,
    meshes: BTreeMap<PartId, Arc<Mesh>>,
    color: &'a dyn Fn(ColorRef) -> ColorDef,
}

impl<'a> ExportScene<'a> {
    /// A scene of these pieces. `mesh` gives the shape of a part, `color` the definition of a color.
    pub fn new(
        title: &str,
        placed: Vec<Placed>,
        mesh: &dyn Fn(&PartId) -> Arc<Mesh>,
        color: &'a dyn Fn(ColorRef) -> ColorDef,
    ) -> Self {
        let mut meshes = BTreeMap::new();
        for piece in &placed {
            if !meshes.contains_key(&piece.part) {
                meshes.insert(piece.part.clone(), mesh(&piece.part));
            }
        }
        Self { title: title.to_owned(), placed, meshes, color }
    }

    /// The definition of what a corner of this tint shows on a piece of this color.
    fn resolved(&self, tint: Tint, piece: ColorRef) -> ColorDef {
        match ColorRef::from(tint) {
            ColorRef::MAIN => (self.color)(piece),
            ColorRef::EDGE => {
                let [r, g, b] = (self.color)(piece).edge;
                (self.color)(ColorRef::Direct { rgb: [r, g, b], transparent: false })
            }
            other => (self.color)(other),
        }
    }

    /// The color, as far as it tells materials apart, of what a corner of this tint shows.
    fn color_key(tint: Tint, piece: ColorRef) -> (ColorRef, bool) {
        match ColorRef::from(tint) {
            ColorRef::MAIN => (piece, false),
            ColorRef::EDGE => (piece, true),
            other => (other, false),
        }
    }
}

/// One line of a parts list.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedPart {
    /// Which part.
    pub part: PartId,
    /// How the part is called, as in LDraw.
    pub name: String,
    /// The color as the design has it.
    pub color: ColorRef,
    /// How that color is called, with underscores as in the table.
    pub color_name: String,
    /// How many there are.
    pub quantity: u64,
}

/// The triangles of a mesh that can be drawn: corners in bounds, finite, with an area.
/// Gives the three indices, the tint of the first corner, and whether it is seen from both sides.
fn triangles(mesh: &Mesh) -> impl Iterator<Item = ([u32; 3], Tint, bool)> + '_ {
    mesh.indices.chunks_exact(3).enumerate().filter_map(|(at, corners)| {
        let corners = [corners[0], corners[1], corners[2]];
        let vertices = [0, 1, 2].map(|i| mesh.vertices.get(corners[i] as usize));
        let [Some(a), Some(b), Some(c)] = vertices else { return None };
        let [a, b, c] = [a, b, c].map(|v| (v.position, v.tint));
        let normal = (Vec3::from(b.0) - Vec3::from(a.0)).cross(Vec3::from(c.0) - Vec3::from(a.0));
        let drawable = normal.is_finite() && normal.length_squared() > 0.0;
        drawable.then_some((corners, a.1, mesh.double_sided.contains(&(at as u32 * 3))))
    })
}

/// What turns normals where `matrix` turns points, and whether it turns shapes inside out.
fn normal_matrix(matrix: Mat3) -> (Mat3, bool) {
    let determinant = matrix.determinant();
    if determinant.abs() < 1e-9 { (matrix, false) } else { (matrix.inverse().transpose(), determinant < 0.0) }
}

/// A color table's name as words: `Bright Light Orange`.
fn spaced(name: &str) -> String {
    name.replace('_', " ")
}
