//! Binary STL for printing: millimeters, +Z up, no colors.

use super::{ExportScene, MILLIMETERS_PER_LDU, normal_matrix, triangles};
use glam::{Mat3, Vec3};

/// Writes a scene as binary STL. Fails when it has more triangles than the format counts (2³² − 1).
pub fn to_stl(scene: &ExportScene<'_>) -> Result<Vec<u8>, String> {
    // LDraw's (right, down, back) becomes (right, back, up): x, z, −y. Right-handed as before.
    let turn = Mat3::from_cols(Vec3::X, Vec3::NEG_Z, Vec3::Y);
    let mut facets = Vec::new();
    let mut count: u64 = 0;
    for piece in &scene.placed {
        let mesh = &scene.meshes[&piece.part];
        let matrix = turn * Mat3::from(piece.transform.matrix3);
        let offset = turn * Vec3::from(piece.transform.translation);
        let (_, inside_out) = normal_matrix(matrix);
        for (corners, _, _) in triangles(mesh) {
            let [a, mut b, mut c] = corners.map(|corner| {
                (matrix * Vec3::from(mesh.vertices[corner as usize].position) + offset) * MILLIMETERS_PER_LDU
            });
            if inside_out {
                std::mem::swap(&mut b, &mut c);
            }
            let Some(normal) = (b - a).cross(c - a).try_normalize() else { continue };
            for number in [normal, a, b, c].into_iter().flat_map(|v| v.to_array()) {
                facets.extend(number.to_le_bytes());
            }
            facets.extend([0, 0]);
            count += 1;
        }
    }
    let count = u32::try_from(count).map_err(|_| "the model has too many triangles for STL".to_owned())?;
    // A header that begins with "solid" would be taken for a text file.
    let mut file = format!("binary STL by Studwork, millimeters, Z up: {}", scene.title).into_bytes();
    file.resize(80, b' ');
    file.extend(count.to_le_bytes());
    file.append(&mut facets);
    Ok(file)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::super::testing::{scene, volume};
    use super::*;

    #[test]
    fn facets_read_back_in_millimeters_with_z_up_and_faces_outward() {
        let file = to_stl(&scene()).unwrap();
        let count = u32::from_le_bytes(file[80..84].try_into().unwrap()) as usize;
        assert_eq!((count, file.len()), (12, 84 + 12 * 50));
        let facets: Vec<Vec<Vec3>> = file[84..]
            .chunks_exact(50)
            .map(|facet| {
                let numbers: Vec<f32> =
                    facet[..48].chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect();
                numbers.chunks_exact(3).map(Vec3::from_slice).collect()
            })
            .collect();
        let triangles: Vec<[Vec3; 3]> = facets.iter().map(|f| [f[1], f[2], f[3]]).collect();
        let highest = triangles.iter().flatten().fold(f32::MIN, |m, p| m.max(p.z));
        assert!((highest - 124.0 * 0.4).abs() < 1e-3, "{highest}");
        let whole = 20.0 * 20.0 * 24.0 / 6.0 * 0.4f32.powi(3);
        for (piece, shape) in triangles.chunks(4).enumerate() {
            assert!((volume(shape) / whole - 1.0).abs() < 1e-3, "piece {piece}: also the mirrored one turns outward");
        }
        for (facet, [a, b, c]) in facets.iter().zip(&triangles) {
            assert!((b - a).cross(c - a).normalize().dot(facet[0]) > 0.999);
        }
    }
}
