//! Wavefront OBJ with its material file: millimeters, +Y up, one object a piece.

use super::{ExportScene, MILLIMETERS_PER_LDU, normal_matrix, spaced, triangles};
use glam::{Mat3, Vec3};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use studwork_ldraw::{ColorDef, ColorRef, Finish};

/// The two files of a Wavefront model.
pub struct WavefrontFiles {
    /// The `.obj` text.
    pub obj: String,
    /// The `.mtl` text.
    pub mtl: String,
}

/// Writes a scene as OBJ; `mtl_name` is the file name under which the materials will stand beside it.
pub fn to_obj(scene: &ExportScene<'_>, mtl_name: &str) -> WavefrontFiles {
    let mut materials: BTreeMap<(ColorRef, bool), (String, ColorDef)> = BTreeMap::new();
    let mut obj = String::new();
    // Writing into a String cannot fail.
    let _ = writeln!(obj, "# {} (Studwork; millimeters, Y up)", one_line(&scene.title));
    let _ = writeln!(obj, "mtllib {mtl_name}");
    let turn = Mat3::from_diagonal(Vec3::new(1.0, -1.0, -1.0));
    let mut first = 1;
    for (number, piece) in scene.placed.iter().enumerate() {
        let mesh = &scene.meshes[&piece.part];
        let matrix = turn * Mat3::from(piece.transform.matrix3);
        let offset = turn * Vec3::from(piece.transform.translation);
        let (turn_normal, inside_out) = normal_matrix(matrix);
        let _ = writeln!(obj, "o {}_{}", number + 1, piece.part.as_str().replace(' ', "_"));
        for vertex in &mesh.vertices {
            let at = (matrix * Vec3::from(vertex.position) + offset) * MILLIMETERS_PER_LDU;
            let at = if at.is_finite() { at } else { Vec3::ZERO };
            let _ = writeln!(obj, "v {:.4} {:.4} {:.4}", at.x, at.y, at.z);
        }
        for vertex in &mesh.vertices {
            let n = (turn_normal * vertex.normal()).try_normalize().unwrap_or(Vec3::Y);
            let _ = writeln!(obj, "vn {:.3} {:.3} {:.3}", n.x, n.y, n.z);
        }
        let mut faces: BTreeMap<(ColorRef, bool), Vec<[u32; 3]>> = BTreeMap::new();
        for (corners, tint, _) in triangles(mesh) {
            let key = ExportScene::color_key(tint, piece.color);
            materials.entry(key).or_insert_with(|| {
                let color = scene.resolved(tint, piece.color);
                let name = color.name.replace(char::is_whitespace, "_");
                (if key.1 { format!("{name}_{}_edge", key.0) } else { format!("{name}_{}", key.0) }, color)
            });
            faces.entry(key).or_default().push(corners);
        }
        for (key, triangles) in faces {
            let _ = writeln!(obj, "usemtl {}", materials[&key].0);
            for [a, b, c] in triangles {
                let (b, c) = if inside_out { (c, b) } else { (b, c) };
                let [a, b, c] = [a, b, c].map(|corner| first + u64::from(corner));
                let _ = writeln!(obj, "f {a}//{a} {b}//{b} {c}//{c}");
            }
        }
        first += mesh.vertices.len() as u64;
    }
    let mut mtl = String::new();
    for (name, color) in materials.values() {
        let _ = write!(mtl, "{}", material(name, color));
    }
    WavefrontFiles { obj, mtl }
}

fn material(name: &str, color: &ColorDef) -> String {
    let [r, g, b] = color.value.map(|c| f32::from(c) / 255.0);
    let (shine, strength) = match color.finish {
        Finish::Chrome | Finish::Metal => (400, 0.9),
        Finish::MatteMetallic | Finish::Pearlescent => (120, 0.5),
        Finish::Rubber => (10, 0.05),
        Finish::Solid | Finish::Milky | Finish::Glitter | Finish::Speckle => (100, 0.3),
    };
    format!(
        "# {}\nnewmtl {name}\nKd {r:.4} {g:.4} {b:.4}\nKs {strength} {strength} {strength}\nNs {shine}\nd {:.4}\nillum 2\n",
        spaced(&color.name),
        f32::from(color.alpha) / 255.0
    )
}

fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::super::testing::{scene, volume};
    use super::*;

    /// The triangles of each object of an OBJ text.
    fn read(obj: &str) -> Vec<Vec<[Vec3; 3]>> {
        let (mut points, mut objects) = (Vec::new(), Vec::new());
        for line in obj.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            match words[0] {
                "o" => objects.push(Vec::new()),
                "v" => {
                    points.push(Vec3::from_slice(&words[1..].iter().map(|w| w.parse().unwrap()).collect::<Vec<f32>>()));
                }
                "f" => {
                    let corner = |word: &str| points[word.split('/').next().unwrap().parse::<usize>().unwrap() - 1];
                    objects.last_mut().unwrap().push([corner(words[1]), corner(words[2]), corner(words[3])]);
                }
                _ => {}
            }
        }
        objects
    }

    #[test]
    fn objects_read_back_in_millimeters_with_y_up_and_faces_outward() {
        let files = to_obj(&scene(), "model.mtl");
        let objects = read(&files.obj);
        assert_eq!(objects.len(), 3);
        let highest = objects[1].iter().flatten().fold(f32::MIN, |m, p| m.max(p.y));
        assert!((highest - 124.0 * 0.4).abs() < 1e-3, "{highest}");
        let whole = 20.0 * 20.0 * 24.0 / 6.0 * 0.4f32.powi(3);
        for object in &objects {
            assert!((volume(object) / whole - 1.0).abs() < 1e-3, "also the mirrored one turns outward");
        }
    }

    #[test]
    fn every_material_that_is_used_is_defined() {
        let files = to_obj(&scene(), "model.mtl");
        assert!(files.obj.contains("mtllib model.mtl\n"));
        let defined: Vec<&str> = files.mtl.lines().filter_map(|line| line.strip_prefix("newmtl ")).collect();
        assert_eq!(defined, ["Color_4_4", "Color_14_14", "Color_47_47"]);
        for used in files.obj.lines().filter_map(|line| line.strip_prefix("usemtl ")) {
            assert!(defined.contains(&used), "{used}");
        }
        assert!(files.mtl.contains("d 0.5020"), "transparency is kept");
    }
}
