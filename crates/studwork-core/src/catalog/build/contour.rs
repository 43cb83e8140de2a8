//! Flat outlines in a plane (u, v): polygons, circles, arcs, rounded and chamfered corners, offsets. They are
//! what [`super::Prism`] and [`super::Lathe`] make bodies of.

use glam::Vec2;

/// Corners that turn less than this are shaded and drawn as a curve.
pub(super) const SMOOTH_DEGREES: f32 = 34.0;

/// A line of points, closed to a loop (an outline, inside on the left) or open (a lathe's profile).
#[derive(Clone, Debug)]
pub struct Contour {
    points: Vec<Vec2>,
    closed: bool,
    smooth_degrees: f32,
}

/// A corner of a contour as faces meet it: two of them where a hard corner is chamfered or its faces keep their normals.
#[derive(Copy, Clone, Debug)]
pub(super) struct RingPoint {
    pub at: Vec2,
    pub normal: Vec2,
    pub corner: usize,
    /// Part of a smooth curve: gets a silhouette line instead of an edge line.
    pub smooth: bool,
}

impl Contour {
    /// A closed outline. Its direction does not matter: it is turned so that the inside is on the left.
    pub fn new(points: impl IntoIterator<Item = (f32, f32)>) -> Self {
        Self::closed(points.into_iter().map(Vec2::from).collect())
    }

    fn closed(points: Vec<Vec2>) -> Self {
        let mut contour = Self { points, closed: true, smooth_degrees: SMOOTH_DEGREES };
        contour.tidy();
        if contour.area() < 0.0 {
            contour.points.reverse();
        }
        contour
    }

    /// An open line, kept in its direction; what it encloses (or the lathe's axis) is on the left.
    pub fn line(points: impl IntoIterator<Item = (f32, f32)>) -> Self {
        let points = points.into_iter().map(Vec2::from).collect();
        let mut contour = Self { points, closed: false, smooth_degrees: SMOOTH_DEGREES };
        contour.tidy();
        contour
    }

    fn tidy(&mut self) {
        self.points.dedup_by(|a, b| a.distance_squared(*b) < 1e-6);
        while self.closed
            && self.points.len() > 1
            && self.points[0].distance_squared(self.points[self.points.len() - 1]) < 1e-6
        {
            self.points.pop();
        }
    }

    /// A rectangle between two corners.
    pub fn rect(u0: f32, v0: f32, u1: f32, v1: f32) -> Self {
        Self::new([(u0, v0), (u1, v0), (u1, v1), (u0, v1)])
    }

    /// A rectangle of a width and a depth about (0, 0).
    pub fn centered(width: f32, depth: f32) -> Self {
        Self::rect(-width / 2.0, -depth / 2.0, width / 2.0, depth / 2.0)
    }

    /// A circle.
    pub fn circle(u: f32, v: f32, radius: f32, segments: usize) -> Self {
        let points = (0..segments).map(|i| {
            let angle = i as f32 / segments as f32 * std::f32::consts::TAU;
            Vec2::new(u, v) + Vec2::from_angle(angle) * radius
        });
        let mut contour = Self::closed(points.collect());
        contour.smooth_degrees = (361.0 / segments as f32).max(SMOOTH_DEGREES);
        contour
    }

    /// Points of an arc, both ends included, in degrees from +u toward +v.
    pub fn arc(u: f32, v: f32, radius: f32, from: f32, to: f32, segments: usize) -> Vec<(f32, f32)> {
        (0..=segments)
            .map(|i| {
                let angle = (from + (to - from) * i as f32 / segments as f32).to_radians();
                (u + radius * angle.cos(), v + radius * angle.sin())
            })
            .collect()
    }

    /// The points.
    pub fn points(&self) -> &[Vec2] {
        &self.points
    }

    /// The inside as triangles.
    pub fn triangles(&self) -> Vec<[Vec2; 3]> {
        let mut corners: Vec<u32> = Vec::new();
        earcut::Earcut::new().earcut(self.points.iter().map(|p| p.to_array()), &[], &mut corners);
        corners.chunks_exact(3).map(|t| [t[0], t[1], t[2]].map(|i| self.points[i as usize])).collect()
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    /// Twice-checked size: positive when the inside is on the left. Square LDU.
    pub fn area(&self) -> f32 {
        let n = self.points.len();
        (0..n).map(|i| self.points[i].perp_dot(self.points[(i + 1) % n])).sum::<f32>() / 2.0
    }

    /// Treats turns up to this many degrees as a curve.
    #[must_use]
    pub fn smooth_up_to(mut self, degrees: f32) -> Self {
        self.smooth_degrees = degrees;
        self
    }

    /// The same outline run the other way: its faces look inward.
    #[must_use]
    pub fn reversed(mut self) -> Self {
        self.points.reverse();
        self
    }

    /// Moved by an offset.
    #[must_use]
    pub fn moved(mut self, u: f32, v: f32) -> Self {
        self.points.iter_mut().for_each(|p| *p += Vec2::new(u, v));
        self
    }

    /// Every edge moved outward by `distance` (inward when negative), corners kept sharp.
    #[must_use]
    pub fn offset(&self, distance: f32) -> Self {
        self.offset_by(|_| distance)
    }

    /// Every edge moved outward by its own distance; edge `i` runs from point `i` to the next.
    #[must_use]
    pub fn offset_by(&self, distance: impl Fn(usize) -> f32) -> Self {
        let n = self.points.len();
        let points = (0..n).map(|i| {
            let (before, after) = ((i + n - 1) % n, i);
            let (has_before, has_after) = (self.closed || i > 0, self.closed || i + 1 < n);
            let (na, nb) = (self.edge_normal(before), self.edge_normal(after));
            match (has_before, has_after) {
                (false, _) => self.points[i] + nb * distance(after),
                (_, false) => self.points[i] + na * distance(before),
                _ => {
                    let (da, db) = (distance(before), distance(after));
                    let cross = na.perp_dot(nb);
                    if cross.abs() < 0.02 {
                        return self.points[i] + (na * da + nb * db) * 0.5;
                    }
                    // The point whose distances along both normals are da and db.
                    let shift = Vec2::new(da * nb.y - db * na.y, db * na.x - da * nb.x) / cross;
                    self.points[i] + shift.clamp_length_max(da.abs().max(db.abs()) * 3.0)
                }
            }
        });
        Self { points: points.collect(), ..self.clone_settings() }
    }

    fn clone_settings(&self) -> Self {
        Self { points: Vec::new(), closed: self.closed, smooth_degrees: self.smooth_degrees }
    }

    /// Corner `index` (before any other change of corners) replaced by an arc of `radius`.
    #[must_use]
    pub fn rounded_at(self, indices: &[usize], radius: f32, segments: usize) -> Self {
        let n = self.points.len();
        let mut points = Vec::new();
        for (i, &p) in self.points.iter().enumerate() {
            let (a, b) = (self.points[(i + n - 1) % n] - p, self.points[(i + 1) % n] - p);
            let half = a.angle_to(b).abs() / 2.0;
            if !indices.contains(&i) || !(0.02..=1.56).contains(&half) {
                points.push(p);
                continue;
            }
            let reach = (radius / half.tan()).min(a.length()).min(b.length());
            let radius = reach * half.tan();
            let middle = (a.normalize() + b.normalize()).normalize() * (radius / half.sin()) + p;
            let (from, to) = (p + a.normalize() * reach - middle, p + b.normalize() * reach - middle);
            let turn = from.angle_to(to);
            points.extend(
                (0..=segments).map(|k| middle + Vec2::from_angle(turn * k as f32 / segments as f32).rotate(from)),
            );
        }
        let mut rounded = Self { points, ..self.clone_settings() };
        rounded.tidy();
        rounded
    }

    /// All corners rounded.
    #[must_use]
    pub fn rounded(self, radius: f32, segments: usize) -> Self {
        let all: Vec<usize> = (0..self.points.len()).collect();
        self.rounded_at(&all, radius, segments)
    }

    /// The outward normal of edge `i`.
    pub(super) fn edge_normal(&self, i: usize) -> Vec2 {
        let n = self.points.len();
        let d = (self.points[(i + 1) % n] - self.points[i % n]).normalize_or_zero();
        Vec2::new(d.y, -d.x)
    }

    /// The corners as faces meet them, hard convex ones chamfered by `bevel` where both edges are wanted.
    pub(super) fn ring(&self, bevel: f32, wanted: &dyn Fn(usize) -> bool) -> Vec<RingPoint> {
        let n = self.points.len();
        let mut ring = Vec::with_capacity(n * 2);
        for (corner, &at) in self.points.iter().enumerate() {
            let (before, after) = ((corner + n - 1) % n, corner);
            let (na, nb) = (self.edge_normal(before), self.edge_normal(after));
            if !self.closed && (corner == 0 || corner + 1 == n) {
                let normal = if corner == 0 { nb } else { na };
                ring.push(RingPoint { at, normal, corner, smooth: false });
                continue;
            }
            let length = |edge: usize| self.points[edge].distance(self.points[(edge + 1) % n]);
            let turn = na.angle_to(nb);
            if turn.abs() < self.smooth_degrees.to_radians() {
                // Long edges are flats that a curve runs into: their normal counts most.
                let normal = (na / length(after) + nb / length(before)).normalize_or_zero();
                let normal = if length(before) > 3.0 * length(after) {
                    na
                } else if length(after) > 3.0 * length(before) {
                    nb
                } else {
                    normal
                };
                ring.push(RingPoint { at, normal, corner, smooth: turn.abs() > 0.01 });
                continue;
            }
            let cut = if turn > 0.0 && wanted(before) && wanted(after) {
                bevel.min(0.4 * length(before)).min(0.4 * length(after))
            } else {
                0.0
            };
            let along = |normal: Vec2| Vec2::new(-normal.y, normal.x);
            ring.push(RingPoint { at: at - along(na) * cut, normal: na, corner, smooth: false });
            ring.push(RingPoint { at: at + along(nb) * cut, normal: nb, corner, smooth: false });
        }
        ring
    }
}
