//! A small scene that the tests of all formats share.

use super::{ExportScene, Placed};
use crate::PartId;
use glam::{Affine3A, Mat3, Vec3};
use std::sync::Arc;
use studwork_ldraw::{Bounds, ColorDef, ColorRef, Finish, Mesh, Tint, Vertex};

/// A tetrahedron with its base in the plane y = 0 and its tip 24 LDU above (at y = −24); one face has color 14.
pub fn tetrahedron() -> Arc<Mesh> {
    let corners = [Vec3::ZERO, Vec3::new(20.0, 0.0, 0.0), Vec3::new(0.0, 0.0, 20.0), Vec3::new(0.0, -24.0, 0.0)];
    let faces =
        [([0, 2, 1], Tint::MAIN), ([0, 1, 3], Tint::MAIN), ([0, 3, 2], Tint::MAIN), ([1, 2, 3], Tint(2 << 24 | 14))];
    let mut mesh = Mesh::default();
    for (face, tint) in faces {
        let [a, b, c] = face.map(|corner: usize| corners[corner]);
        let normal = (b - a).cross(c - a).normalize();
        for point in [a, b, c] {
            mesh.indices.push(mesh.vertices.len() as u32);
            mesh.vertices.push(Vertex::new(point, normal, tint));
        }
    }
    let end = mesh.indices.len() as u32;
    mesh.double_sided = end..end;
    mesh.bounds = Bounds::from_points(corners);
    Arc::new(mesh)
}

/// The volume inside a closed shape, positive when its faces turn outward (counter-clockwise seen from outside).
pub fn volume(triangles: &[[Vec3; 3]]) -> f32 {
    triangles.iter().map(|[a, b, c]| a.dot(b.cross(*c)) / 6.0).sum()
}

/// Definitions by code; 47 is transparent, 383 chrome.
pub fn color(color: ColorRef) -> ColorDef {
    let (code, value) = match color {
        ColorRef::Code(code) => (code, [code as u8, 128, 255]),
        ColorRef::Direct { rgb, .. } => (0, rgb),
    };
    ColorDef {
        code,
        name: format!("Color_{color}"),
        value,
        edge: [0, 0, 0],
        alpha: if code == 47 { 128 } else { 255 },
        luminance: 0,
        finish: if code == 383 { Finish::Chrome } else { Finish::Solid },
    }
}

/// Three pieces of two parts: one red, one transparent 100 LDU up, one red and mirrored in X.
pub fn scene() -> ExportScene<'static> {
    let placed = |part: &str, code, matrix: Mat3, at: Vec3| Placed {
        part: PartId::new(part),
        color: ColorRef::Code(code),
        transform: Affine3A::from_mat3_translation(matrix, at),
    };
    let mirror = Mat3::from_diagonal(Vec3::new(-1.0, 1.0, 1.0));
    let pieces = vec![
        placed("a", 4, Mat3::IDENTITY, Vec3::ZERO),
        placed("b", 47, Mat3::IDENTITY, Vec3::new(0.0, -100.0, 0.0)),
        placed("a", 4, mirror, Vec3::new(0.0, 0.0, 50.0)),
    ];
    ExportScene::new("Test & more", pieces, &|_| tetrahedron(), &color)
}
