//! Bodies from outlines: [`Prism`] moves an outline along the third axis, [`Lathe`] turns one about it. Both shade
//! curves smoothly, draw edge lines on hard edges and bevel them a little so that they catch light.

use super::contour::{Contour, RingPoint};
use super::shape::Shape;
use earcut::Earcut;
use glam::{Affine3A, Mat3, Vec2, Vec3};

/// An outline in (u, v) moved along w, from `from` to `to`.
#[derive(Clone, Debug)]
pub struct Prism {
    outline: Contour,
    holes: Vec<Contour>,
    mouths: Vec<Contour>,
    from: f32,
    to: f32,
    bevels: [f32; 2],
    caps: [bool; 2],
    open_edges: Vec<usize>,
    edges: bool,
}

impl Prism {
    /// A closed body without bevels.
    pub fn new(outline: Contour, from: f32, to: f32) -> Self {
        let (from, to) = (from.min(to), from.max(to));
        Self {
            outline,
            holes: Vec::new(),
            mouths: Vec::new(),
            from,
            to,
            bevels: [0.0; 2],
            caps: [true; 2],
            open_edges: Vec::new(),
            edges: true,
        }
    }

    /// With a hole through it; its walls are made as well.
    #[must_use]
    pub fn hole(mut self, outline: Contour) -> Self {
        self.holes.push(outline);
        self
    }

    /// With an opening of this outline in both end faces and no walls behind it: for holes whose walls are made elsewhere.
    #[must_use]
    pub fn mouth(mut self, outline: Contour) -> Self {
        self.mouths.push(outline);
        self
    }

    /// All hard edges beveled by this many LDU.
    #[must_use]
    pub fn bevel(self, size: f32) -> Self {
        self.bevels(size, size)
    }

    /// Hard edges beveled; a size for the end at `from` and one for the end at `to`.
    #[must_use]
    pub fn bevels(mut self, from: f32, to: f32) -> Self {
        self.bevels = [from, to];
        self
    }

    /// Without the face at `from`.
    #[must_use]
    pub fn open_from(mut self) -> Self {
        self.caps[0] = false;
        self
    }

    /// Without the face at `to`.
    #[must_use]
    pub fn open_to(mut self) -> Self {
        self.caps[1] = false;
        self
    }

    /// Without the walls over these edges of the outline (edge `i` runs from point `i` to the next).
    #[must_use]
    pub fn open_edges(mut self, edges: &[usize]) -> Self {
        self.open_edges.extend_from_slice(edges);
        self
    }

    /// Without edge lines.
    #[must_use]
    pub fn without_edges(mut self) -> Self {
        self.edges = false;
        self
    }

    /// Makes it, u along x, v along y, w along z. See [`super::axes`] for other ways.
    pub fn shape(&self) -> Shape {
        let mut shape = Shape::new();
        let rings: Vec<(Contour, bool)> = std::iter::once((self.outline.clone(), true))
            .chain(self.holes.iter().map(|h| (h.clone().reversed(), false)))
            .collect();
        let mut caps: [Vec<Contour>; 2] = [Vec::new(), Vec::new()];
        for (contour, outer) in &rings {
            let wanted = |edge: usize| !outer || !self.open_edges.contains(&edge);
            let [start, end] = self.walls(&mut shape, contour, &wanted);
            caps[0].push(start);
            caps[1].push(end);
        }
        for ends in &mut caps {
            ends.extend(self.mouths.iter().map(|m| m.clone().reversed()));
        }
        for (i, up) in [(0, false), (1, true)] {
            if self.caps[i] {
                cap(&mut shape, &caps[i], if up { self.to } else { self.from }, up);
            }
        }
        shape
    }

    // The walls and bevel strips over one outline; gives back the outlines of both end faces.
    fn walls(&self, shape: &mut Shape, contour: &Contour, wanted: &dyn Fn(usize) -> bool) -> [Contour; 2] {
        let depth = self.to - self.from;
        let bevels = [0, 1].map(|i| if self.caps[i] { self.bevels[i].min(depth * 0.4) } else { 0.0 });
        let corner_bevel = self.bevels[0].max(self.bevels[1]);
        let ring = contour.ring(corner_bevel, wanted);
        let inset = |by: f32| contour.offset_by(|edge| if wanted(edge) { -by } else { 0.0 });
        let ends = bevels.map(inset);
        let (w0, w1) = (self.from + bevels[0], self.to - bevels[1]);
        let at = |p: Vec2, w: f32| p.extend(w);
        let count = contour.points().len();
        for (i, a) in ring.iter().enumerate() {
            let b = &ring[(i + 1) % ring.len()];
            // Between the two points of one hard corner is a chamfer, else the wall over an edge.
            let chamfer = a.corner == b.corner;
            if !chamfer && !wanted(a.corner) {
                continue;
            }
            let (na, nb) = (a.normal.extend(0.0), b.normal.extend(0.0));
            shape.quad([at(a.at, w0), at(b.at, w0), at(b.at, w1), at(a.at, w1)], [na, nb, nb, na]);
            for (end, w, cap_w, cap_normal) in [(0, w0, self.from, Vec3::NEG_Z), (1, w1, self.to, Vec3::Z)] {
                if bevels[end] <= 0.0 {
                    continue;
                }
                let inner = ends[end].points();
                let (ca, cb) = (at(inner[a.corner], cap_w), at(inner[b.corner], cap_w));
                let (pa, pb) = (at(a.at, w), at(b.at, w));
                if end == 1 {
                    shape.quad([pa, pb, cb, ca], [na, nb, cap_normal, cap_normal]);
                } else {
                    shape.quad([pb, pa, ca, cb], [nb, na, cap_normal, cap_normal]);
                }
            }
        }
        if self.edges {
            let lines = inset(corner_bevel * 0.5);
            let half = bevels.map(|b| b * 0.5);
            let levels = [self.from + half[0], self.to - half[1]];
            for (end, level) in levels.into_iter().enumerate() {
                let outline = inset(half[end]);
                for i in (0..count).filter(|&i| wanted(i)) {
                    shape.edge(at(outline.points()[i], level), at(outline.points()[(i + 1) % count], level));
                }
            }
            for (i, point) in ring.iter().enumerate() {
                let corner = point.corner;
                let open = !wanted(corner) && !wanted((corner + count - 1) % count);
                if open || (i > 0 && ring[i - 1].corner == corner) {
                    continue;
                }
                if point.smooth {
                    let neighbor = |step: usize| at(contour.points()[(corner + count + step - 1) % count], self.from);
                    let ends = [at(point.at, self.from), at(point.at, self.to)];
                    shape.conditional_edge(ends, [neighbor(0), neighbor(2)]);
                } else if ring[(i + 1) % ring.len()].corner == corner {
                    shape.edge(at(lines.points()[corner], levels[0]), at(lines.points()[corner], levels[1]));
                }
            }
        }
        ends
    }
}

/// A flat face with holes at height `w`; the first contour is the outline, the others (clockwise) its holes.
pub(super) fn cap(shape: &mut Shape, contours: &[Contour], w: f32, up: bool) {
    let points: Vec<Vec2> = contours.iter().flat_map(|c| c.points().iter().copied()).collect();
    let mut holes: Vec<u32> = Vec::new();
    let mut start = 0;
    for contour in contours {
        if start > 0 {
            holes.push(start);
        }
        start += contour.points().len() as u32;
    }
    let mut triangles: Vec<u32> = Vec::new();
    Earcut::new().earcut(points.iter().map(|p| p.to_array()), &holes, &mut triangles);
    let normal = if up { Vec3::Z } else { Vec3::NEG_Z };
    for t in triangles.chunks_exact(3) {
        let [a, b, c] = [t[0], t[1], t[2]].map(|i| points[i as usize]);
        let counter_clockwise = (b - a).perp_dot(c - a) > 0.0;
        let t = if counter_clockwise == up { [a, b, c] } else { [a, c, b] };
        shape.triangle(t.map(|p| p.extend(w)), [normal; 3]);
    }
}

/// A profile in (radius, w) turned about the w axis. An open profile runs upward (toward +w) on its outside; a
/// closed one is a ring such as a tire.
#[derive(Clone, Debug)]
pub struct Lathe {
    profile: Contour,
    segments: usize,
    bevel: f32,
    span: Option<(f32, f32)>,
    edges: bool,
}

impl Lathe {
    /// Turned all around in `segments` steps.
    pub fn new(profile: Contour, segments: usize) -> Self {
        Self { profile, segments, bevel: 0.0, span: None, edges: true }
    }

    /// Hard convex edges beveled by this many LDU.
    #[must_use]
    pub fn bevel(mut self, size: f32) -> Self {
        self.bevel = size;
        self
    }

    /// Only from one angle to another, in degrees from +u toward +v; `segments` steps over that span. A closed profile
    /// gets end faces, an open one does not.
    #[must_use]
    pub fn span(mut self, from: f32, to: f32) -> Self {
        self.span = Some((from.min(to), from.max(to)));
        self
    }

    /// In another number of steps.
    #[must_use]
    pub fn segments(mut self, segments: usize) -> Self {
        self.segments = segments;
        self
    }

    /// Without edge lines.
    #[must_use]
    pub fn without_edges(mut self) -> Self {
        self.edges = false;
        self
    }

    /// Makes it, about the z axis.
    pub fn shape(&self) -> Shape {
        let mut shape = Shape::new();
        let closed = self.profile.is_closed();
        let ring = self.profile.ring(self.bevel, &|_| true);
        let (from, to) = self.span.unwrap_or((0.0, 360.0));
        let step = (to - from).to_radians() / self.segments as f32;
        let turn = |i: usize| {
            // The last step of a full turn is the first again, to the bit.
            let i = if self.span.is_none() { i % self.segments } else { i };
            Vec2::from_angle(from.to_radians() + step * i as f32)
        };
        let place = |p: Vec2, direction: Vec2| (direction * p.x).extend(p.y);
        for i in 0..self.segments {
            let (d0, d1) = (turn(i), turn(i + 1));
            for (a, b) in pairs(&ring, closed) {
                let p = [place(a.at, d0), place(a.at, d1), place(b.at, d1), place(b.at, d0)];
                let n = [place(a.normal, d0), place(a.normal, d1), place(b.normal, d1), place(b.normal, d0)];
                shape.quad(p, n);
            }
        }
        if self.edges {
            self.lines(&mut shape, &ring, &turn);
        }
        if self.span.is_some() && closed {
            for (angle, up) in [(from, true), (to, false)] {
                // The section lies in the plane of the axis at that angle, its normal against the turn.
                let mut section = Shape::new();
                cap(&mut section, std::slice::from_ref(&self.profile), 0.0, up);
                let out = Vec2::from_angle(angle.to_radians());
                let frame = Mat3::from_cols(out.extend(0.0), Vec3::Z, -out.perp().extend(0.0));
                shape.append(&section, Affine3A::from_mat3(frame));
                let points: Vec<Vec3> = self.profile.points().iter().map(|p| place(*p, out)).collect();
                shape.edge_loop(&points);
            }
        }
        shape
    }

    fn lines(&self, shape: &mut Shape, ring: &[RingPoint], turn: &dyn Fn(usize) -> Vec2) {
        let profile = &self.profile;
        let place = |p: Vec2, direction: Vec2| (direction * p.x).extend(p.y);
        let softened = profile.offset(-self.bevel * 0.5);
        let n = profile.points().len();
        for (k, point) in ring.iter().enumerate() {
            let second = k > 0 && ring[k - 1].corner == point.corner;
            let hard = !(point.smooth || second);
            let doubled = ring.get(k + 1).is_some_and(|next| next.corner == point.corner);
            let end = !profile.is_closed() && (point.corner == 0 || point.corner + 1 == n);
            if hard && (doubled || end) && point.at.x > 0.01 {
                let p = if doubled { softened.points()[point.corner] } else { point.at };
                for i in 0..self.segments {
                    shape.edge(place(p, turn(i)), place(p, turn(i + 1)));
                }
            }
        }
        // Silhouettes: along the profile, and around it where the profile itself is curved.
        for i in 0..self.segments {
            let (before, here, after) = (turn((i + self.segments - 1) % self.segments), turn(i), turn(i + 1));
            if self.span.is_some() && i == 0 {
                continue;
            }
            for (a, b) in pairs(ring, profile.is_closed()).filter(|(a, b)| a.at.distance_squared(b.at) > 0.25) {
                let level = a.normal.x.abs() < 0.01 && b.normal.x.abs() < 0.01;
                if !level {
                    let middle = if a.at.x > b.at.x { a.at } else { b.at };
                    shape.conditional_edge(
                        [place(a.at, here), place(b.at, here)],
                        [place(middle, before), place(middle, after)],
                    );
                }
            }
            for (k, point) in ring.iter().enumerate().filter(|(_, p)| p.smooth && p.at.x > 0.01) {
                let (prev, next) = (ring[(k + ring.len() - 1) % ring.len()].at, ring[(k + 1) % ring.len()].at);
                shape.conditional_edge(
                    [place(point.at, here), place(point.at, after)],
                    [place(prev, here), place(next, here)],
                );
            }
        }
    }
}

fn pairs(ring: &[RingPoint], closed: bool) -> impl Iterator<Item = (&RingPoint, &RingPoint)> {
    let n = ring.len();
    (0..if closed { n } else { n.saturating_sub(1) }).map(move |i| (&ring[i], &ring[(i + 1) % n]))
}
