//! glTF 2.0 in one binary file: each part's shape once, a node a piece, a material a color.
//!
//! Meters, +Y up, as glTF asks. Source: the glTF 2.0 specification, <https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html>.

use super::{ExportScene, METERS_PER_LDU, spaced, triangles};
use crate::PartId;
use glam::{Mat4, Vec3};
use gltf_json as json;
use json::accessor::{ComponentType, GenericComponentType, Type};
use json::buffer::Target;
use json::material::{AlphaMode, EmissiveFactor, PbrBaseColorFactor, PbrMetallicRoughness, StrengthFactor};
use json::validation::{Checked::Valid, USize64};
use json::{Index, Root};
use std::collections::BTreeMap;
use studwork_ldraw::{ColorDef, ColorRef, Finish, Mesh, Tint};

/// Writes a scene as a `.glb` file. Fails only when the file would pass 4 GiB, which glTF's header cannot count.
pub fn to_glb(scene: &ExportScene<'_>) -> Result<Vec<u8>, String> {
    let mut writer = Writer::default();
    let shapes: BTreeMap<&PartId, Option<Shape>> =
        scene.meshes.iter().map(|(part, mesh)| (part, writer.shape(mesh))).collect();

    let mut meshes: BTreeMap<(&PartId, ColorRef), Index<json::Mesh>> = BTreeMap::new();
    let mut children = Vec::with_capacity(scene.placed.len());
    for piece in &scene.placed {
        let Some(Some(shape)) = shapes.get(&piece.part) else { continue };
        let mesh = match meshes.get(&(&piece.part, piece.color)) {
            Some(mesh) => *mesh,
            None => {
                let mesh = writer.mesh(scene, &piece.part, shape, piece.color);
                meshes.insert((&piece.part, piece.color), mesh);
                mesh
            }
        };
        let matrix = Mat4::from(piece.transform);
        children.push(writer.root.push(json::Node {
            mesh: Some(mesh),
            matrix: (matrix != Mat4::IDENTITY && matrix.is_finite()).then(|| matrix.to_cols_array()),
            name: Some(piece.part.to_string()),
            ..Default::default()
        }));
    }
    // Half a turn about X takes LDraw's −Y up to +Y up; it keeps right-handedness.
    let s = METERS_PER_LDU;
    let turn = Mat4::from_scale(Vec3::new(s, -s, -s));
    let top = writer.root.push(json::Node {
        children: (!children.is_empty()).then_some(children),
        matrix: Some(turn.to_cols_array()),
        name: Some(scene.title.clone()),
        ..Default::default()
    });
    let whole = writer.root.push(json::Scene {
        extensions: None,
        extras: Default::default(),
        name: Some(scene.title.clone()),
        nodes: vec![top],
    });
    writer.root.scene = Some(whole);
    writer.root.asset =
        json::Asset { generator: Some(format!("Studwork {}", env!("CARGO_PKG_VERSION"))), ..Default::default() };
    writer.finish()
}

/// A part's shape in the buffer.
struct Shape {
    positions: Index<json::Accessor>,
    normals: Index<json::Accessor>,
    /// Triangles by tint and by whether they are seen from both sides.
    faces: Vec<(Tint, bool, Index<json::Accessor>)>,
}

#[derive(Default)]
struct Writer {
    root: Root,
    data: Vec<u8>,
    materials: BTreeMap<((ColorRef, bool), bool), Index<json::Material>>,
}

impl Writer {
    /// Puts a part's shape into the buffer; `None` when it has no triangle.
    fn shape(&mut self, mesh: &Mesh) -> Option<Shape> {
        let mut faces: BTreeMap<(u32, bool), Vec<u32>> = BTreeMap::new();
        for (corners, tint, double_sided) in triangles(mesh) {
            faces.entry((tint.0, double_sided)).or_default().extend(corners);
        }
        if faces.is_empty() {
            return None;
        }
        let positions: Vec<[f32; 3]> = mesh.vertices.iter().map(|v| finite(v.position.into()).to_array()).collect();
        let up = Vec3::NEG_Y;
        let normals: Vec<[f32; 3]> =
            mesh.vertices.iter().map(|v| v.normal().try_normalize().unwrap_or(up).to_array()).collect();
        let least = positions.iter().fold(Vec3::INFINITY, |m, &p| m.min(p.into()));
        let most = positions.iter().fold(Vec3::NEG_INFINITY, |m, &p| m.max(p.into()));
        let count = positions.len();
        let positions = self.accessor(
            positions.iter().flatten().flat_map(|x| x.to_le_bytes()),
            count,
            (ComponentType::F32, Type::Vec3, Target::ArrayBuffer),
            Some((least, most)),
        );
        let normals = self.accessor(
            normals.iter().flatten().flat_map(|x| x.to_le_bytes()),
            count,
            (ComponentType::F32, Type::Vec3, Target::ArrayBuffer),
            None,
        );
        let faces = faces
            .into_iter()
            .map(|((tint, double_sided), indices)| {
                let layout = (ComponentType::U32, Type::Scalar, Target::ElementArrayBuffer);
                let bytes = indices.iter().flat_map(|i| i.to_le_bytes());
                (Tint(tint), double_sided, self.accessor(bytes, indices.len(), layout, None))
            })
            .collect();
        Some(Shape { positions, normals, faces })
    }

    fn accessor(
        &mut self,
        bytes: impl Iterator<Item = u8>,
        count: usize,
        (component, type_, target): (ComponentType, Type, Target),
        limits: Option<(Vec3, Vec3)>,
    ) -> Index<json::Accessor> {
        let start = self.data.len();
        self.data.extend(bytes);
        let view = self.root.push(json::buffer::View {
            buffer: Index::new(0),
            byte_length: USize64::from(self.data.len() - start),
            byte_offset: Some(USize64::from(start)),
            byte_stride: None,
            name: None,
            target: Some(Valid(target)),
            extensions: None,
            extras: Default::default(),
        });
        let value = |v: Vec3| json::Value::from(v.to_array().to_vec());
        self.root.push(json::Accessor {
            buffer_view: Some(view),
            byte_offset: None,
            count: USize64::from(count),
            component_type: Valid(GenericComponentType(component)),
            type_: Valid(type_),
            min: limits.map(|(least, _)| value(least)),
            max: limits.map(|(_, most)| value(most)),
            name: None,
            normalized: false,
            sparse: None,
            extensions: None,
            extras: Default::default(),
        })
    }

    fn mesh(&mut self, scene: &ExportScene<'_>, part: &PartId, shape: &Shape, color: ColorRef) -> Index<json::Mesh> {
        let primitives = shape
            .faces
            .iter()
            .map(|&(tint, double_sided, indices)| json::mesh::Primitive {
                attributes: BTreeMap::from([
                    (Valid(json::mesh::Semantic::Positions), shape.positions),
                    (Valid(json::mesh::Semantic::Normals), shape.normals),
                ]),
                indices: Some(indices),
                material: Some(self.material(scene, tint, color, double_sided)),
                mode: Valid(json::mesh::Mode::Triangles),
                targets: None,
                extensions: None,
                extras: Default::default(),
            })
            .collect();
        self.root.push(json::Mesh {
            primitives,
            name: Some(format!("{part} {color}")),
            weights: None,
            extensions: None,
            extras: Default::default(),
        })
    }

    fn material(
        &mut self,
        scene: &ExportScene<'_>,
        tint: Tint,
        color: ColorRef,
        double_sided: bool,
    ) -> Index<json::Material> {
        let key = (ExportScene::color_key(tint, color), double_sided);
        if let Some(material) = self.materials.get(&key) {
            return *material;
        }
        let material = self.root.push(material_from_color(&scene.resolved(tint, color), double_sided));
        self.materials.insert(key, material);
        material
    }

    /// The header, the JSON chunk and the binary chunk.
    fn finish(mut self) -> Result<Vec<u8>, String> {
        self.data.resize(self.data.len().next_multiple_of(4), 0);
        if !self.data.is_empty() {
            self.root.buffers.push(json::Buffer {
                byte_length: USize64::from(self.data.len()),
                name: None,
                uri: None,
                extensions: None,
                extras: Default::default(),
            });
        }
        let mut text = self.root.to_vec().map_err(|error| format!("cannot write glTF: {error}"))?;
        text.resize(text.len().next_multiple_of(4), b' ');
        let chunks: &[(&[u8; 4], &[u8])] = &[(b"JSON", &text), (b"BIN\0", &self.data)];
        let chunks = &chunks[..if self.data.is_empty() { 1 } else { 2 }];
        let length = 12 + chunks.iter().map(|(_, bytes)| 8 + bytes.len()).sum::<usize>();
        let total = u32::try_from(length).map_err(|_| "the model is too large for one glTF file (4 GiB)".to_owned())?;
        let mut file = Vec::with_capacity(length);
        file.extend(b"glTF");
        file.extend(2u32.to_le_bytes());
        file.extend(total.to_le_bytes());
        for (kind, bytes) in chunks {
            file.extend((bytes.len() as u32).to_le_bytes());
            file.extend(*kind);
            file.extend(*bytes);
        }
        Ok(file)
    }
}

fn finite(point: Vec3) -> Vec3 {
    if point.is_finite() { point } else { Vec3::ZERO }
}

/// Physically based values for a color and its finish.
fn material_from_color(color: &ColorDef, double_sided: bool) -> json::Material {
    let (metallic, roughness) = match color.finish {
        Finish::Chrome => (1.0, 0.08),
        Finish::Metal => (1.0, 0.3),
        Finish::MatteMetallic => (0.8, 0.55),
        Finish::Pearlescent => (0.35, 0.35),
        Finish::Rubber => (0.0, 0.85),
        Finish::Solid | Finish::Milky | Finish::Glitter | Finish::Speckle => (0.0, 0.25),
    };
    let [r, g, b] = color.value.map(linear_from_srgb);
    let glow = f32::from(color.luminance) / 255.0;
    json::Material {
        alpha_mode: Valid(if color.alpha < 255 { AlphaMode::Blend } else { AlphaMode::Opaque }),
        double_sided,
        name: Some(spaced(&color.name)),
        pbr_metallic_roughness: PbrMetallicRoughness {
            base_color_factor: PbrBaseColorFactor([r, g, b, f32::from(color.alpha) / 255.0]),
            metallic_factor: StrengthFactor(metallic),
            roughness_factor: StrengthFactor(roughness),
            ..Default::default()
        },
        emissive_factor: EmissiveFactor([r * glow, g * glow, b * glow]),
        ..Default::default()
    }
}

/// Source: IEC 61966-2-1.
fn linear_from_srgb(value: u8) -> f32 {
    let x = f32::from(value) / 255.0;
    if x <= 0.040_45 { x / 12.92 } else { ((x + 0.055) / 1.055).powf(2.4) }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::super::testing::{scene, volume};
    use super::*;
    use json::validation::Validate as _;

    /// The JSON and the binary chunk of a `.glb` file.
    fn read(file: &[u8]) -> (Root, &[u8]) {
        let number = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap()) as usize;
        assert_eq!((&file[..4], number(4), number(8)), (&b"glTF"[..], 2, file.len()));
        let text = &file[20..20 + number(12)];
        let start = 20 + number(12);
        assert_eq!(&file[start + 4..start + 8], b"BIN\0");
        (Root::from_slice(text).unwrap(), &file[start + 8..start + 8 + number(start)])
    }

    /// The triangles of a node's mesh, in the space of the node.
    fn mesh_triangles(root: &Root, data: &[u8], mesh: Index<json::Mesh>) -> Vec<[Vec3; 3]> {
        let words = |accessor: Index<json::Accessor>| {
            let accessor = root.get(accessor).unwrap();
            let view = root.get(accessor.buffer_view.unwrap()).unwrap();
            let start = view.byte_offset.unwrap().0 as usize;
            let bytes = &data[start..start + view.byte_length.0 as usize];
            bytes.chunks_exact(4).map(|b| <[u8; 4]>::try_from(b).unwrap()).collect::<Vec<_>>()
        };
        let mut found = Vec::new();
        for primitive in &root.get(mesh).unwrap().primitives {
            let positions = words(primitive.attributes[&Valid(json::mesh::Semantic::Positions)]);
            let positions: Vec<f32> = positions.into_iter().map(f32::from_le_bytes).collect();
            let at = |i: u32| Vec3::from_slice(&positions[i as usize * 3..]);
            let indices: Vec<u32> = words(primitive.indices.unwrap()).into_iter().map(u32::from_le_bytes).collect();
            found.extend(indices.chunks_exact(3).map(|t| [at(t[0]), at(t[1]), at(t[2])]));
        }
        found
    }

    #[test]
    fn a_scene_reads_back_as_valid_gltf_in_meters_with_y_up() {
        let file = to_glb(&scene()).unwrap();
        let (root, data) = read(&file);
        let mut faults = Vec::new();
        root.validate(&root, json::Path::new, &mut |path, error| faults.push(format!("{} {error:?}", path())));
        assert_eq!(faults, Vec::<String>::new());

        let top = root.nodes.iter().find(|node| node.children.is_some()).unwrap();
        let turn = Mat4::from_cols_array(&top.matrix.unwrap());
        let pieces = top.children.as_ref().unwrap();
        assert_eq!(pieces.len(), 3);
        let corners: Vec<Vec<[Vec3; 3]>> = pieces
            .iter()
            .map(|&index| {
                let node = root.get(index).unwrap();
                let matrix = turn * node.matrix.map_or(Mat4::IDENTITY, |m| Mat4::from_cols_array(&m));
                let triangles = mesh_triangles(&root, data, node.mesh.unwrap());
                triangles.iter().map(|t| t.map(|p| matrix.transform_point3(p))).collect()
            })
            .collect();
        let highest = |piece: usize| corners[piece].iter().flatten().fold(f32::MIN, |m, p| m.max(p.y));
        assert!((highest(0) - 24.0 * METERS_PER_LDU).abs() < 1e-6, "the tip is up");
        assert!((highest(1) - 124.0 * METERS_PER_LDU).abs() < 1e-6, "a piece higher in LDraw is higher here");
        let whole = 20.0 * 20.0 * 24.0 / 6.0 * METERS_PER_LDU.powi(3);
        assert!((volume(&corners[0]) / whole - 1.0).abs() < 1e-3, "faces turn outward");
        assert!(
            (volume(&corners[2]) / whole + 1.0).abs() < 1e-3,
            "a mirrored node keeps its mesh; viewers turn the faces"
        );
    }

    #[test]
    fn shapes_and_materials_are_shared() {
        let file = to_glb(&scene()).unwrap();
        let (root, _) = read(&file);
        assert_eq!(root.meshes.len(), 2, "two parts, one color each");
        let names: Vec<_> = root.materials.iter().map(|m| m.name.clone().unwrap()).collect();
        assert_eq!(names, ["Color 4", "Color 14", "Color 47"]);
        assert_eq!(root.materials[2].alpha_mode, Valid(AlphaMode::Blend));
        let red = root.materials[0].pbr_metallic_roughness.base_color_factor.0;
        assert!((red[1] - 0.2158).abs() < 1e-3, "sRGB 128 is linear 0.2158, found {}", red[1]);
    }

    #[test]
    fn an_empty_scene_is_still_a_file() {
        let scene = ExportScene::new("", Vec::new(), &|_| unreachable!("no part"), &super::super::testing::color);
        let file = to_glb(&scene).unwrap();
        assert_eq!(&file[16..20], b"JSON");
    }
}
