//! What is drawn: shapes in sections, pieces with their places, and the colors of both.

use super::view::{Place, View};
use crate::Paint;
use crate::boxes::unit_box;
use crate::frame::linear_from_srgb;
use crate::tints::paint_of;
use glam::{Affine3A, Mat3A, Mat4, Vec3, Vec4};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use studwork_ldraw::{Bounds, ColorDef, Mesh, Tint};

/// A color and material, as shading takes it.
#[derive(Copy, Clone, Debug)]
pub(super) struct Material {
    /// Linear light.
    pub color: Vec3,
    pub alpha: f32,
    /// As `piece.wgsl` numbers it.
    pub finish: u32,
    /// 0 to 1.
    pub luminance: f32,
}

/// All materials of a picture; equal ones are one.
pub(super) struct Materials {
    palette: HashMap<u32, Paint>,
    known: HashMap<Paint, u32>,
    tints: HashMap<Tint, u32>,
    pub list: Vec<Material>,
}

impl Materials {
    pub fn new(palette: &[ColorDef]) -> Self {
        let palette = palette.iter().map(|color| (color.code, Paint::from(color))).collect();
        Self { palette, known: HashMap::new(), tints: HashMap::new(), list: Vec::new() }
    }

    pub fn number(&mut self, paint: Paint) -> u32 {
        let list = &mut self.list;
        *self.known.entry(paint).or_insert_with(|| {
            let [r, g, b, a] = paint.rgba;
            list.push(Material {
                color: linear([r, g, b]),
                alpha: f32::from(a) / 255.0,
                finish: paint.finish,
                luminance: f32::from(paint.edge_luminance[3]) / 255.0,
            });
            list.len() as u32 - 1
        })
    }

    /// Takes up a tint that a mesh has.
    fn add_tint(&mut self, tint: Tint) {
        if !self.tints.contains_key(&tint) {
            let number = self.number(paint_of(&self.palette, tint));
            self.tints.insert(tint, number);
        }
    }

    /// The number of a tint other than the piece's own two; it was taken up with its mesh.
    pub fn number_of_tint(&self, tint: Tint) -> u32 {
        self.tints.get(&tint).copied().unwrap_or(0)
    }

    pub fn is_clear(&self, tint: Tint) -> bool {
        !matches!(tint, Tint::MAIN | Tint::EDGE) && self.list[self.number_of_tint(tint) as usize].alpha < 0.999
    }
}

/// sRGB bytes as the shaders read them.
pub(super) fn linear(rgb: [u8; 3]) -> Vec3 {
    Vec3::from(rgb.map(linear_from_srgb))
}

/// A stud or tube of a shape.
#[derive(Clone, Debug)]
pub(super) struct Stud {
    pub bounds: Bounds,
    pub indices: Range<u32>,
    pub edges: Range<u32>,
    /// The range of vertices that it has for itself; empty where it shares some with the body.
    pub vertices: Range<u32>,
    /// Positive for points (with 1 behind them) in its lower half.
    pub below: Vec4,
}

/// A mesh in sections.
pub(super) struct Shape {
    pub mesh: Arc<Mesh>,
    /// The faces and edges that belong to no stud.
    pub body: Vec<Range<u32>>,
    pub edges: Vec<Range<u32>>,
    pub studs: Vec<Stud>,
    /// The vertices of the body: all but those that only studs have.
    pub vertices: Vec<Range<u32>>,
    /// Whether all of it is in the piece's color.
    pub plain: bool,
    /// Whether some faces are transparent whatever the piece's color is.
    pub has_clear: bool,
}

impl Shape {
    pub fn new(mesh: Arc<Mesh>, materials: &mut Materials) -> Self {
        let (mut plain, mut has_clear, mut last) = (true, false, Tint::MAIN);
        for tint in mesh.vertices.iter().map(|vertex| vertex.tint).chain(mesh.edges.iter().map(|edge| edge.tint)) {
            if tint != last && !matches!(tint, Tint::MAIN | Tint::EDGE) {
                materials.add_tint(tint);
            }
            last = tint;
        }
        for vertex in &mesh.vertices {
            if vertex.tint != Tint::MAIN {
                plain = false;
                has_clear |= materials.is_clear(vertex.tint);
            }
        }
        let (faces, lines) = (mesh.indices.len() as u32, mesh.edges.len() as u32);
        let sound = mesh.indices.iter().all(|index| (*index as usize) < mesh.vertices.len());
        let whole = |range: &Range<u32>, unit: u32, end: u32| {
            range.start.is_multiple_of(unit)
                && range.end.is_multiple_of(unit)
                && range.start <= range.end
                && range.end <= end
        };
        let mut studs: Vec<Stud> = (mesh.studs.iter())
            .filter(|stud| whole(&stud.indices, 3, faces) && whole(&stud.edges, 2, lines) && !stud.indices.is_empty())
            .filter(|_| sound)
            .map(|stud| {
                let used = &mesh.indices[stud.indices.start as usize..stud.indices.end as usize];
                let points = used.iter().map(|index| Vec3::from(mesh.vertices[*index as usize].position));
                let first = used.iter().min().copied().unwrap_or(0);
                let last = used.iter().max().copied().unwrap_or(0);
                Stud {
                    bounds: Bounds::from_points(points),
                    indices: stud.indices.clone(),
                    edges: stud.edges.clone(),
                    vertices: first..last + 1,
                    below: lower_half(
                        &stud.transform,
                        used.iter().map(|index| mesh.vertices[*index as usize].position),
                    ),
                }
            })
            .collect();
        studs.sort_by_key(|stud| stud.indices.start);
        let body = if sound { gaps(studs.iter().map(|stud| stud.indices.clone()), faces) } else { Vec::new() };
        let edges = gaps(studs.iter().map(|stud| stud.edges.clone()), lines / 2 * 2);
        let vertices = own_vertices(&mesh, &body, &mut studs);
        Self { mesh, body, edges, studs, vertices, plain, has_clear }
    }
}

/// What tells the lower half of a stud: it rises along −Y of its own frame.
fn lower_half(transform: &Affine3A, points: impl Iterator<Item = [f32; 3]>) -> Vec4 {
    let rows = transform.inverse();
    let down = Vec4::new(rows.matrix3.x_axis.y, rows.matrix3.y_axis.y, rows.matrix3.z_axis.y, rows.translation.y);
    let heights = points.map(|point| down.dot(Vec3::from(point).extend(1.0)));
    let (lo, hi) = heights.fold((f32::INFINITY, f32::NEG_INFINITY), |(lo, hi), y| (lo.min(y), hi.max(y)));
    let below = down - Vec4::W * ((lo + hi) * 0.5);
    // A frame that is flat has no halves: nothing is below.
    if below.is_finite() { below } else { Vec4::NEG_W }
}

/// The vertices that the body uses. A stud of which the vertices lie among those of others has none for itself.
fn own_vertices(mesh: &Mesh, body: &[Range<u32>], studs: &mut [Stud]) -> Vec<Range<u32>> {
    let mut owners = vec![0_u32; mesh.vertices.len()];
    let mut shared = vec![false; studs.len() + 1];
    for (number, stud) in studs.iter().enumerate() {
        for owner in &mut owners[stud.vertices.start as usize..stud.vertices.end as usize] {
            if *owner > 0 {
                shared[*owner as usize] = true;
                shared[number + 1] = true;
            }
            *owner = number as u32 + 1;
        }
    }
    for range in body {
        for index in &mesh.indices[range.start as usize..range.end as usize] {
            shared[owners[*index as usize] as usize] = true;
        }
    }
    for (stud, shared) in studs.iter_mut().zip(&shared[1..]) {
        if *shared {
            stud.vertices = 0..0;
        }
    }
    gaps(studs.iter().map(|stud| stud.vertices.clone()), mesh.vertices.len() as u32)
}

/// What some ranges leave of `0..end`.
fn gaps(ranges: impl Iterator<Item = Range<u32>>, end: u32) -> Vec<Range<u32>> {
    let mut ranges: Vec<Range<u32>> = ranges.filter(|range| !range.is_empty()).collect();
    ranges.sort_by_key(|range| range.start);
    let mut out = Vec::new();
    let mut at = 0;
    for range in ranges {
        if range.start > at {
            out.push(at..range.start);
        }
        at = at.max(range.end);
    }
    if at < end {
        out.push(at..end);
    }
    out
}

/// A placed shape.
#[derive(Copy, Clone, Debug)]
pub(super) struct Piece {
    pub shape: u32,
    pub transform: Affine3A,
    /// The box of its shape (the mesh's own box, but for boxes that stand for parts).
    pub bounds: Bounds,
    /// Its color, and its edge color as faces have it.
    pub main: u32,
    pub edge: u32,
    /// Linear light of its edges, and of its faces.
    pub edge_color: Vec3,
    pub face_color: Vec3,
    pub clear: bool,
    pub mirrored: bool,
}

impl Piece {
    /// Turns normals; under uneven scales the cofactor matrix is right.
    pub fn normals(&self) -> Mat3A {
        let m = self.transform.matrix3;
        let [x, y, z] = [m.x_axis, m.y_axis, m.z_axis];
        let cofactors = Mat3A::from_cols(y.cross(z), z.cross(x), x.cross(y));
        if self.mirrored { cofactors * -1.0 } else { cofactors }
    }
}

/// Everything that a picture shows.
pub(super) struct Model {
    pub shapes: Vec<Shape>,
    pub pieces: Vec<Piece>,
    pub materials: Materials,
    pub bounds: Bounds,
}

/// The shapes of boxes with edges, and without.
pub(super) const BOX: u32 = 0;
pub(super) const BARE_BOX: u32 = 1;

impl Model {
    pub fn new<P: Into<Paint>>(
        palette: &[ColorDef],
        items: impl IntoIterator<Item = (Arc<Mesh>, Affine3A, P)>,
    ) -> Self {
        let mut materials = Materials::new(palette);
        let mut shapes = vec![
            Shape::new(Arc::new(unit_box(true)), &mut materials),
            Shape::new(Arc::new(unit_box(false)), &mut materials),
        ];
        // The shapes hold the meshes, so that no address is used twice.
        let mut known: HashMap<*const Mesh, u32> = HashMap::new();
        let (mut pieces, mut all) = (Vec::new(), Bounds::EMPTY);
        for (mesh, transform, paint) in items {
            let paint: Paint = paint.into();
            let bounds = mesh.bounds;
            all = all.union(bounds.transformed(&transform));
            let shape = *known.entry(Arc::as_ptr(&mesh)).or_insert_with(|| {
                shapes.push(Shape::new(mesh, &mut materials));
                shapes.len() as u32 - 1
            });
            let [r, g, b, luminance] = paint.edge_luminance;
            let edge = Paint { rgba: [r, g, b, 255], ..paint };
            pieces.push(Piece {
                shape,
                transform,
                bounds,
                main: materials.number(paint),
                edge: materials.number(Paint { edge_luminance: [r, g, b, luminance], ..edge }),
                edge_color: linear([r, g, b]),
                face_color: linear([paint.rgba[0], paint.rgba[1], paint.rgba[2]]),
                clear: paint.is_transparent(),
                mirrored: transform.matrix3.determinant() < 0.0,
            });
        }
        Self { shapes, pieces, materials, bounds: all }
    }

    /// The box of a piece that is too small for its shape to be seen.
    fn as_box(&self, piece: &Piece, shape: u32) -> Piece {
        let half = (piece.bounds.size() * 0.5).max(Vec3::splat(0.05));
        let place = Affine3A::from_mat3_translation(glam::Mat3::from_diagonal(half), piece.bounds.center());
        let bounds = Bounds { min: Vec3::NEG_ONE, max: Vec3::ONE };
        Piece { shape, transform: piece.transform * place, bounds, ..*piece }
    }

    /// The pieces that a view may see with their places on it, near ones first.
    pub fn seen(&self, view: &View, simplify: bool) -> Vec<(Piece, Place)> {
        let rough = if self.pieces.len() > VAST { ROUGH * 2.5 } else { ROUGH };
        let size = glam::Vec2::new(view.width as f32, view.height as f32);
        let mut seen: Vec<(Piece, Place)> = (self.pieces.iter())
            .filter(|piece| !piece.bounds.is_empty())
            .filter_map(|piece| {
                let matrix = view.matrix * Mat4::from(piece.transform);
                let place = view.place(&matrix, piece.bounds)?;
                if place.hi.cmplt(glam::Vec2::ZERO).any() || place.lo.cmpgt(size).any() {
                    return None;
                }
                let width = (place.hi - place.lo).max_element();
                if !simplify || place.cut || width >= rough || self.shapes[piece.shape as usize].has_clear {
                    return Some((*piece, place));
                }
                if width < LEAST_PIXELS {
                    return None;
                }
                Some((self.as_box(piece, if width < rough * 0.5 { BARE_BOX } else { BOX }), place))
            })
            .collect();
        seen.sort_by(|a, b| b.1.nearest.total_cmp(&a.1.nearest));
        seen
    }
}

/// Pieces narrower than this many pixels are left out.
const LEAST_PIXELS: f32 = 0.35;
/// Pieces narrower than this many pixels are drawn as boxes.
const ROUGH: f32 = 2.0;
/// From so many pieces on, that comes sooner.
const VAST: usize = 30_000;
