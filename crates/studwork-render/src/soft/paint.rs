//! Draws placed shapes into a tile: their faces, edges and outlines, each as polygons with a record of what it shows.

use super::model::{Materials, Model, Piece, Shape, Stud};
use super::raster::{Depths, Plane, slopes, turn};
use super::view::{Place, View};
use glam::{Mat3A, Mat4, Vec2, Vec3, Vec3A, Vec4};
use std::ops::Range;
use studwork_ldraw::{ConditionalEdge, EdgeVertex, Tint};

/// What a polygon shows: a material under a normal, or a plain color.
#[derive(Copy, Clone, Debug)]
pub(super) struct Record {
    /// The normal at the tile's corner, of any length; or the color of a line (linear).
    pub normal: Vec3,
    /// How it changes from pixel to pixel.
    pub along_x: Vec3,
    pub along_y: Vec3,
    /// A number of [`Materials`], or [`Record::LINE`].
    pub material: u32,
}

impl Record {
    pub const LINE: u32 = u32::MAX;
}

/// Which faces of a piece are drawn.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Faces {
    /// Those that hide what is behind them.
    Solid,
    /// Those that are blended: only the ones turned to the eye, or only the others.
    Clear { away: bool },
}

/// How edges are drawn.
#[derive(Copy, Clone, Debug)]
pub(super) struct Lines {
    /// Half the width in pixels.
    pub half_width: f32,
    /// Outlines of curved faces as well.
    pub conditional: bool,
}

/// Up to this width in pixels, what is small has thinner edges: full ones would fill its holes and hide its color.
const FULL_EDGES: f32 = 12.0;
/// Half the width in pixels of the thinnest edges for that reason.
const THIN: f32 = 0.25;

impl Lines {
    /// Half the width of the edges of something at a place.
    fn half_width_on(&self, place: &Place) -> f32 {
        let share = ((place.hi - place.lo).max_element() / FULL_EDGES).min(1.0);
        (self.half_width * share).max(self.half_width.min(THIN))
    }
}

/// A polygon of the transparent pass on one pixel.
#[derive(Copy, Clone, Debug)]
pub(super) struct Blend {
    pub pixel: u32,
    pub samples: u32,
    pub record: u32,
    pub depth: f32,
}

/// Studs narrower than this many pixels are left out.
const LEAST_STUD: f32 = 1.2;
/// Studs narrower than this many pixels have no edge at their foot: it would only darken them.
const SIMPLE_STUD: f32 = 8.0;

/// A tile that is being drawn.
pub(super) struct Painter<'a> {
    pub view: &'a View,
    pub model: &'a Model,
    /// The tile's upper left corner in pixels.
    pub corner: Vec2,
    pub simplify: bool,
    pub depths: Depths,
    pub records: Vec<Record>,
    pub blends: Vec<Blend>,
    /// Of the piece at hand, its vertices in pixels of the tile.
    points: Vec<Vec3A>,
    /// The same before the division, where some are behind the eye.
    clips: Vec<Vec4>,
}

/// What is the same for all polygons of a piece.
struct Context<'a> {
    piece: &'a Piece,
    shape: &'a Shape,
    matrix: Mat4,
    normals: Mat3A,
    faces: Faces,
    cut: bool,
    lines: Option<Lines>,
}

impl<'a> Painter<'a> {
    pub fn new(view: &'a View, model: &'a Model, simplify: bool, depths: Depths) -> Self {
        Self {
            view,
            model,
            corner: Vec2::ZERO,
            simplify,
            depths,
            records: Vec::new(),
            blends: Vec::new(),
            points: Vec::new(),
            clips: Vec::new(),
        }
    }

    /// Whether a place lies outside of the tile, or is hidden.
    fn is_unseen(&mut self, place: &Place) -> bool {
        let (lo, hi) = (place.lo - self.corner, place.hi - self.corner);
        let size = Vec2::new(self.depths.grid.width as f32, self.depths.grid.height as f32);
        hi.cmplt(Vec2::splat(-2.0)).any()
            || lo.cmpgt(size + 2.0).any()
            || !place.cut && self.simplify && self.depths.hides(lo, hi, place.nearest * 1.000_01)
    }

    /// Draws a piece: its body, its studs, their edges.
    pub fn piece(&mut self, piece: &Piece, place: &Place, faces: Faces, lines: Option<Lines>) {
        if self.is_unseen(place) {
            return;
        }
        let model = self.model;
        let shape = &model.shapes[piece.shape as usize];
        // From the mesh to pixels of the tile.
        let shift = Mat4::from_translation((-self.corner).extend(0.0));
        let whole = self.view.matrix * Mat4::from(piece.transform);
        let context =
            Context { piece, shape, matrix: shift * whole, normals: piece.normals(), faces, cut: place.cut, lines };
        let count = shape.mesh.vertices.len();
        self.points.clear();
        self.points.resize(count, Vec3A::ZERO);
        if place.cut {
            self.clips.clear();
            self.clips.resize(count, Vec4::ZERO);
        }
        // Studs are transformed when they are seen.
        for range in &shape.vertices {
            self.transform(&context, range.start as usize..range.end as usize);
        }
        for range in &shape.body {
            self.faces(&context, range.clone());
        }
        for range in &shape.edges {
            self.edges(&context, range.clone(), place, None);
        }
        if let Some(lines) = lines.filter(|lines| lines.conditional) {
            for line in &shape.mesh.conditional {
                self.outline(&context, line, lines.half_width_on(place));
            }
        }
        for stud in &shape.studs {
            self.stud(&context, &whole, stud);
        }
    }

    fn stud(&mut self, context: &Context<'_>, whole: &Mat4, stud: &Stud) {
        let Some(place) = self.view.place(whole, stud.bounds) else { return };
        let width = (place.hi - place.lo).max_element();
        if self.simplify && !place.cut && width < LEAST_STUD || self.is_unseen(&place) {
            return;
        }
        self.transform(context, stud.vertices.start as usize..stud.vertices.end as usize);
        self.faces(context, stud.indices.clone());
        let without = (self.simplify && width < SIMPLE_STUD).then_some(stud.below);
        self.edges(context, stud.edges.clone(), &place, without);
    }

    fn transform(&mut self, context: &Context<'_>, range: Range<usize>) {
        let matrix = &context.matrix;
        for i in range {
            let [x, y, z] = context.shape.mesh.vertices[i].position;
            let clip = matrix.x_axis * x + matrix.y_axis * y + matrix.z_axis * z + matrix.w_axis;
            self.points[i] = Vec3A::from_vec4(clip / clip.w);
            if context.cut {
                self.clips[i] = clip;
            }
        }
    }

    fn faces(&mut self, context: &Context<'_>, range: Range<u32>) {
        let mesh = &context.shape.mesh;
        for at in range.step_by(3) {
            let i = at as usize;
            let corners = [mesh.indices[i], mesh.indices[i + 1], mesh.indices[i + 2]].map(|index| index as usize);
            if !self.is_wanted(context, mesh.vertices[corners[0]].tint) {
                continue;
            }
            let two_sided = mesh.double_sided.contains(&at);
            let normals = |flip: bool| {
                let sign = if flip { -1.0 } else { 1.0 };
                corners.map(|corner| {
                    let [x, y, z, _] = mesh.vertices[corner].normal.map(f32::from);
                    (context.normals * Vec3A::new(x, y, z)).normalize_or_zero() * sign
                })
            };
            let tint = mesh.vertices[corners[0]].tint;
            if context.cut {
                let near = self.view.near.unwrap_or(f32::NEG_INFINITY);
                let clips = corners.map(|corner| self.clips[corner]);
                if clips.iter().any(|clip| clip.w < near) {
                    let normals = normals(false);
                    for (points, normals) in cut(clips, normals, near) {
                        self.triangle(context, points, tint, two_sided, |flip| {
                            normals.map(|normal| if flip { -normal } else { normal })
                        });
                    }
                    continue;
                }
            }
            self.triangle(context, corners.map(|corner| self.points[corner]), tint, two_sided, normals);
        }
    }

    /// Whether a face of a tint belongs to what is drawn now.
    #[inline]
    fn is_wanted(&self, context: &Context<'_>, tint: Tint) -> bool {
        let (shape, piece) = (context.shape, context.piece);
        if !shape.has_clear && (shape.plain || !piece.clear) {
            return piece.clear == (context.faces != Faces::Solid);
        }
        let clear = if tint == Tint::MAIN { piece.clear } else { self.model.materials.is_clear(tint) };
        clear == (context.faces != Faces::Solid)
    }

    #[inline]
    fn triangle(
        &mut self,
        context: &Context<'_>,
        corners: [Vec3A; 3],
        tint: Tint,
        two_sided: bool,
        normals: impl FnOnce(bool) -> [Vec3A; 3],
    ) {
        let [a, b, c] = corners;
        let (lo, hi) = (a.min(b).min(c), a.max(b).max(c));
        let Some(span) = self.depths.grid.span(Vec2::new(lo.x, lo.y), Vec2::new(hi.x, hi.y)) else { return };
        let area = turn(a, b, c);
        // y points down here, so what turns to the eye runs the other way.
        let front = (area < 0.0) != context.piece.mirrored;
        let flip = match context.faces {
            Faces::Solid if !front && !two_sided => return,
            Faces::Clear { away } if !two_sided && front == away => return,
            Faces::Solid => !front,
            // Of a face that is seen from both sides one is turned away.
            Faces::Clear { away } => two_sided && front == away,
        };
        if area == 0.0 || !area.is_finite() {
            return;
        }
        let inverse = 1.0 / area;
        let depth = slopes(&corners, [a.z, b.z, c.z], inverse);
        let points = corners.map(|p| Vec2::new(p.x, p.y));
        let number = self.records.len() as u32;
        let seen = match context.faces {
            // Number 0 is what nothing was drawn on.
            Faces::Solid => self.depths.draw(points, area.signum(), depth, span, number),
            Faces::Clear { .. } => {
                let (blends, depths) = (&mut self.blends, &self.depths);
                let before = blends.len();
                depths.grid.cover(points, area.signum(), depth, span, |pixel, inside, depth| {
                    // Slightly nearer, so that a face that lies on another is seen whole.
                    let nearer = inside & (depth * 1.000_015).cmpge(depths.depth[pixel]);
                    if nearer.any() {
                        let samples = nearer.bitmask();
                        let depth = masked_mean(depth, samples);
                        blends.push(Blend { pixel: pixel as u32, samples, record: number, depth });
                    }
                });
                blends.len() > before
            }
        };
        if seen && !self.depths.seen.is_empty() {
            let material = material_of(&self.model.materials, context.piece, tint);
            let weights = if self.view.near.is_some() { [a.z, b.z, c.z] } else { [1.0; 3] };
            self.records.push(record(&corners, normals(flip), weights, area, material));
        }
    }

    /// Draws edges, but for those wholly on one side of a plane.
    fn edges(&mut self, context: &Context<'_>, range: Range<u32>, place: &Place, without: Option<Vec4>) {
        let Some(lines) = context.lines else { return };
        let half_width = lines.half_width_on(place);
        for ends in context.shape.mesh.edges[range.start as usize..range.end as usize].chunks_exact(2) {
            let is_out = |end: &EdgeVertex, below: Vec4| below.dot(Vec3::from(end.position).extend(1.0)) > 0.0;
            if without.is_some_and(|below| is_out(&ends[0], below) && is_out(&ends[1], below)) {
                continue;
            }
            self.edge(context, [&ends[0], &ends[1]], half_width);
        }
    }

    fn edge(&mut self, context: &Context<'_>, ends: [&EdgeVertex; 2], half_width: f32) {
        let mut clips = ends.map(|end| context.matrix * Vec3::from(end.position).extend(1.0));
        if let Some(near) = self.view.near {
            let [a, b] = clips;
            if a.w < near && b.w < near {
                return;
            }
            let share = |a: Vec4, b: Vec4| a + (b - a) * ((near - a.w) / (b.w - a.w));
            clips = [if a.w < near { share(a, b) } else { a }, if b.w < near { share(b, a) } else { b }];
        }
        let depth = clips[0].w;
        let [a, b] = clips.map(|clip| self.pulled(clip));
        let (least, most) = (a.min(b), a.max(b));
        let size = &self.depths.grid;
        if most.x < -half_width || most.y < -half_width {
            return;
        }
        if least.x > size.width as f32 + half_width || least.y > size.height as f32 + half_width {
            return;
        }
        let along = Vec2::new(b.x - a.x, b.y - a.y);
        let length = along.length();
        let unit = if length > 1e-4 { along / length } else { Vec2::X };
        let side = Vec2::new(-unit.y, unit.x) * half_width;
        let more = unit * (half_width * 0.5);
        let (start, end) = (Vec2::new(a.x, a.y) - more, Vec2::new(b.x, b.y) + more);
        let points = [start - side, end - side, end + side, start + side];
        let lo = points[0].min(points[1]).min(points[2]).min(points[3]);
        let hi = points[0].max(points[1]).max(points[2]).max(points[3]);
        let Some(span) = self.depths.grid.span(lo, hi) else { return };
        if self.depths.hides_in(span, most.z) {
            return;
        }
        let slope = if length > 1e-4 { unit * ((b.z - a.z) / length) } else { Vec2::ZERO };
        let plane = Plane { x: slope.x, y: slope.y, at: a.z - a.x * slope.x - a.y * slope.y };
        let number = self.records.len() as u32;
        if self.depths.draw(points, 1.0, plane, span, number) {
            let normal = self.line_color(context, ends[0].tint, depth);
            self.records.push(Record { normal, along_x: Vec3::ZERO, along_y: Vec3::ZERO, material: Record::LINE });
        }
    }

    /// An outline shows while both controls are on one side of it.
    fn outline(&mut self, context: &Context<'_>, line: &ConditionalEdge, half_width: f32) {
        let at = |point: [f32; 3]| {
            let clip = context.matrix * Vec3::from(point).extend(1.0);
            (clip.w > self.view.near.unwrap_or(0.0)).then(|| clip.truncate().truncate() / clip.w)
        };
        let [Some(a), Some(b), Some(c), Some(d)] =
            [line.points[0], line.points[1], line.control[0], line.control[1]].map(at)
        else {
            return;
        };
        if (b - a).perp_dot(c - a) * (b - a).perp_dot(d - a) >= 0.0 {
            let ends = line.points.map(|position| EdgeVertex { position, tint: line.tint });
            self.edge(context, [&ends[0], &ends[1]], half_width);
        }
    }

    /// A point of a line on the picture, pulled towards the eye by about a pixel's length, so that the faces it
    /// borders never cover it.
    fn pulled(&self, clip: Vec4) -> Vec3 {
        let at = clip.truncate() / clip.w;
        let pixel = self.view.pixel;
        let z = match self.view.near {
            Some(_) => {
                let length = (pixel * clip.w * 1.3 + 0.12).min(4.0);
                clip.z / (clip.w - length).max(clip.w * 0.5)
            }
            None => at.z + (pixel * 1.3 + 0.12).min(4.0) * self.view.depth_of_length,
        };
        at.truncate().extend(z)
    }

    /// Where a pixel is long against a brick, lines fade into the face so that a large model is no black mesh.
    fn line_color(&self, context: &Context<'_>, tint: Tint, depth: f32) -> Vec3 {
        let piece = context.piece;
        let (edge, face) = match tint {
            Tint::MAIN => (piece.face_color, piece.face_color),
            Tint::EDGE => (piece.edge_color, piece.face_color),
            _ => {
                let materials = &self.model.materials;
                let own = materials.list[materials.number_of_tint(tint) as usize].color;
                (own, own)
            }
        };
        let length = if self.view.near.is_some() { self.view.pixel * depth } else { self.view.pixel };
        let t = ((length - 0.9) / 3.1).clamp(0.0, 1.0);
        edge.lerp(face * 0.7, t * t * (3.0 - 2.0 * t) * 0.75)
    }
}

fn material_of(materials: &Materials, piece: &Piece, tint: Tint) -> u32 {
    match tint {
        Tint::MAIN => piece.main,
        Tint::EDGE => piece.edge,
        _ => materials.number_of_tint(tint),
    }
}

/// Triangles of less (square pixels, doubled) have one normal.
const LEAST_AREA: f32 = 0.01;

/// Normals are linear on the picture when each is weighted with its depth, which goes with 1 / distance.
fn record(corners: &[Vec3A; 3], normals: [Vec3A; 3], weights: [f32; 3], area: f32, material: u32) -> Record {
    let [a, b, c] = normals;
    if (a == b && b == c) || area.abs() < LEAST_AREA {
        return Record { normal: (a + b + c).into(), along_x: Vec3::ZERO, along_y: Vec3::ZERO, material };
    }
    // The greatest weight is 1, so that lengths stay near 1.
    let most = weights[0].max(weights[1]).max(weights[2]);
    let [a, b, c] = [a * (weights[0] / most), b * (weights[1] / most), c * (weights[2] / most)];
    let inverse = 1.0 / area;
    let planes = [0, 1, 2].map(|axis| slopes(corners, [a[axis], b[axis], c[axis]], inverse));
    Record {
        normal: Vec3::new(planes[0].at, planes[1].at, planes[2].at),
        along_x: Vec3::new(planes[0].x, planes[1].x, planes[2].x),
        along_y: Vec3::new(planes[0].y, planes[1].y, planes[2].y),
        material,
    }
}

/// The mean of the lanes that a mask names.
#[inline]
pub(super) fn masked_mean(values: Vec4, mask: u32) -> f32 {
    let sum: f32 = (0..4).filter(|lane| mask >> lane & 1 == 1).map(|lane| values[lane]).sum();
    sum / mask.count_ones().max(1) as f32
}

/// What of a triangle lies beyond the least w, as triangles on the picture with their normals.
fn cut(clips: [Vec4; 3], normals: [Vec3A; 3], near: f32) -> Vec<([Vec3A; 3], [Vec3A; 3])> {
    let mut kept: Vec<(Vec3A, Vec3A)> = Vec::with_capacity(4);
    for i in 0..3 {
        let j = (i + 1) % 3;
        if clips[i].w >= near {
            kept.push((Vec3A::from_vec4(clips[i] / clips[i].w), normals[i]));
        }
        if (clips[i].w >= near) != (clips[j].w >= near) {
            let share = (near - clips[i].w) / (clips[j].w - clips[i].w);
            let at = clips[i].lerp(clips[j], share);
            kept.push((Vec3A::from_vec4(at / near), normals[i].lerp(normals[j], share)));
        }
    }
    (1..kept.len().max(2) - 1)
        .map(|i| [kept[0], kept[i], kept[i + 1]])
        .map(|corners| (corners.map(|corner| corner.0), corners.map(|corner| corner.1)))
        .collect()
}
