//! Solids: the convex pieces a part is made of, for collision.
//!
//! Exact for built-in parts, derived from the mesh for others. Depths come from the separating-axis test, which is
//! exact for convex bodies and gives the same answer whichever body is named first.

use crate::Bounds;
use glam::{Affine3A, Vec3};
use std::sync::{Arc, LazyLock};

/// What all boxes along the axes share.
static AXES: LazyLock<Arc<[Vec3]>> = LazyLock::new(|| Arc::new([Vec3::X, Vec3::Y, Vec3::Z]));

/// A convex body in a part's own frame, LDU.
#[derive(Clone, Debug, PartialEq)]
pub struct Solid {
    points: Arc<[Vec3]>,
    /// Face normals, one of each opposite pair.
    normals: Arc<[Vec3]>,
    /// Edge directions, one of each opposite pair.
    edges: Arc<[Vec3]>,
    bounds: Bounds,
}

impl Solid {
    /// An axis-aligned box between two corners, LDU.
    pub fn cuboid(min: Vec3, max: Vec3) -> Self {
        let bounds = Bounds { min: min.min(max), max: min.max(max) };
        let axes = AXES.clone();
        Self { points: Arc::new(bounds.corners()), normals: axes.clone(), edges: axes, bounds }
    }

    /// A body whose corners, face normals and edge directions (unit vectors, one of each opposite pair) are known.
    pub(super) fn from_directions(points: Vec<Vec3>, normals: Vec<Vec3>, edges: Vec<Vec3>) -> Self {
        let bounds = Bounds::from_points(points.iter().copied());
        Self { points: points.into(), normals: normals.into(), edges: edges.into(), bounds }
    }

    /// Whether it is a box along the axes.
    pub(super) fn is_cuboid(&self) -> bool {
        Arc::ptr_eq(&self.normals, &AXES)
    }

    /// Its face normals and edge directions.
    pub(super) fn directions(&self) -> [&[Vec3]; 2] {
        [&self.normals, &self.edges]
    }

    /// A box of some half sizes (LDU) around the origin of `frame`, turned with it.
    pub fn oriented_box(frame: &Affine3A, half: Vec3) -> Self {
        let corners = Bounds { min: -half, max: half }.corners().map(|c| frame.transform_point3(c));
        let axes = [Vec3::X, Vec3::Y, Vec3::Z].map(|a| frame.transform_vector3(a).normalize_or(a));
        Self {
            points: Arc::new(corners),
            normals: Arc::new(axes),
            edges: Arc::new(axes),
            bounds: Bounds::from_points(corners),
        }
    }

    /// A cylinder (as a 16-sided prism of the same area) from `frame`'s origin along its −Y; radius and height in LDU.
    pub fn cylinder(frame: &Affine3A, radius: f32, height: f32) -> Self {
        Self::cone(frame, radius, radius, height)
    }

    /// A frustum (16-sided) from `frame`'s origin along its −Y; radii at the start and the end, and height, in LDU.
    pub fn cone(frame: &Affine3A, start_radius: f32, end_radius: f32, height: f32) -> Self {
        const SIDES: usize = 16;
        let angle = |i: usize| std::f32::consts::TAU * (i as f32 + 0.5) / SIDES as f32;
        let ring = |radius: f32, y: f32| {
            (0..SIDES).map(move |i| Vec3::new(angle(i).cos() * radius, y, angle(i).sin() * radius)).collect::<Vec<_>>()
        };
        // A prism with 16 sides has the circle's area when its corners lie a little outside.
        let points: Vec<Vec3> = [ring(start_radius * 1.013, 0.0), ring(end_radius * 1.013, -height)]
            .concat()
            .iter()
            .map(|p| frame.transform_point3(*p))
            .collect();
        let straight = (start_radius - end_radius).abs() < 1e-3;
        let sides = if straight { SIDES / 2 } else { SIDES };
        let mut normals = vec![Vec3::Y];
        let mut edges = Vec::new();
        for i in 0..sides {
            let mid = angle(i) + std::f32::consts::PI / SIDES as f32;
            let slope = (start_radius - end_radius) / height.max(1e-3);
            normals.push(Vec3::new(mid.cos(), -slope, mid.sin()).normalize_or(Vec3::X));
            edges.push(Vec3::new(-mid.sin(), 0.0, mid.cos()));
        }
        if straight {
            edges.push(Vec3::Y);
        } else {
            edges.truncate(SIDES / 2);
            edges.extend((0..SIDES).map(|i| {
                let (sin, cos) = angle(i).sin_cos();
                Vec3::new(cos * (end_radius - start_radius), -height, sin * (end_radius - start_radius))
                    .normalize_or(Vec3::Y)
            }));
        }
        let turn = |v: Vec3| frame.transform_vector3(v).normalize_or(v);
        Self {
            bounds: Bounds::from_points(points.iter().copied()),
            points: points.into(),
            normals: normals.into_iter().map(turn).collect(),
            edges: edges.into_iter().map(turn).collect(),
        }
    }

    /// The convex hull of some points (LDU); `None` when they are flat or fewer than four.
    pub fn hull(points: &[Vec3]) -> Option<Self> {
        super::hull::convex_hull(points).map(|hull| Self {
            bounds: Bounds::from_points(hull.points.iter().copied()),
            points: hull.points.into(),
            normals: hull.normals.into(),
            edges: hull.edges.into(),
        })
    }

    /// Its corners, LDU.
    pub fn points(&self) -> &[Vec3] {
        &self.points
    }

    /// The box around it.
    pub fn bounds(&self) -> Bounds {
        self.bounds
    }

    /// This body moved by `transform` (a rotation or reflection and an offset).
    #[must_use]
    pub fn transformed(&self, transform: &Affine3A) -> Self {
        let points: Arc<[Vec3]> = self.points.iter().map(|p| transform.transform_point3(*p)).collect();
        let turn = |v: &Vec3| transform.transform_vector3(*v).normalize_or(*v);
        Self {
            bounds: Bounds::from_points(points.iter().copied()),
            points,
            normals: self.normals.iter().map(turn).collect(),
            edges: self.edges.iter().map(turn).collect(),
        }
    }

    /// How far two bodies in the same frame reach into each other (LDU) and about where; `None` unless by more than `slack`.
    pub fn penetration(&self, other: &Self, slack: f32) -> Option<(f32, Vec3)> {
        if !self.bounds.grown(-slack * 0.5).overlaps(other.bounds.grown(-slack * 0.5)) {
            return None;
        }
        let mut depth = f32::INFINITY;
        let mut tested = Tested::default();
        let mut test = |axis: Vec3| {
            let Some(axis) = tested.direction(axis) else { return true };
            let (a, b) = (self.span(axis), other.span(axis));
            depth = depth.min((a[1] - b[0]).min(b[1] - a[0]));
            depth > slack
        };
        // No axis tells a smaller depth than the right ones; the one between the middles tells most apart.
        let cross = test(other.bounds.center() - self.bounds.center())
            && self.normals.iter().chain(other.normals.iter()).all(|axis| test(*axis))
            && self.edges.iter().all(|a| other.edges.iter().all(|b| test(a.cross(*b))));
        let shared = Bounds { min: self.bounds.min.max(other.bounds.min), max: self.bounds.max.min(other.bounds.max) };
        cross.then(|| (depth, shared.center()))
    }

    /// How far this body reaches into another in the same frame (LDU) while it moves by `sweep`; `None` unless by more
    /// than `slack`. Exact for convex bodies: what a convex body passes through is convex, too.
    pub fn swept_penetration(&self, other: &Self, sweep: Vec3, slack: f32) -> Option<f32> {
        let (min, max) = (self.bounds.min + sweep.min(Vec3::ZERO), self.bounds.max + sweep.max(Vec3::ZERO));
        if !(Bounds { min, max }).grown(-slack * 0.5).overlaps(other.bounds.grown(-slack * 0.5)) {
            return None;
        }
        // The balls around both, seen along the way: most of what a slanted way's box holds is far beside it.
        let way = sweep.normalize_or_zero();
        let to = other.bounds.center() - self.bounds.center();
        let along = to.dot(way);
        let reach =
            0.5 * ((self.bounds.max - self.bounds.min).length() + (other.bounds.max - other.bounds.min).length());
        if to.distance_squared(way * along) > reach * reach || along < -reach || along > sweep.length() + reach {
            return None;
        }
        let mut depth = f32::INFINITY;
        let mut tested = Tested::default();
        let mut test = |axis: Vec3| {
            let Some(axis) = tested.direction(axis) else { return true };
            let ([low, high], other, along) = (self.span(axis), other.span(axis), sweep.dot(axis));
            depth = depth.min((high + along.max(0.0) - other[0]).min(other[1] - low - along.min(0.0)));
            depth > slack
        };
        let blocked = self.edges.iter().chain(other.edges.iter()).all(|edge| test(way.cross(*edge)))
            && self.normals.iter().chain(other.normals.iter()).all(|axis| test(*axis))
            && self.edges.iter().all(|a| other.edges.iter().all(|b| test(a.cross(*b))));
        blocked.then_some(depth)
    }

    fn span(&self, axis: Vec3) -> [f32; 2] {
        self.points.iter().fold([f32::INFINITY, f32::NEG_INFINITY], |[low, high], p| {
            let at = p.dot(axis);
            [low.min(at), high.max(at)]
        })
    }
}

/// The axes that a test looked along already: parts mostly stand at right angles to each other, and then most axes are the
/// same few.
#[derive(Default)]
struct Tested {
    axes: [Vec3; 24],
    count: usize,
}

impl Tested {
    /// The unit direction of an axis that was not tested yet; it is from now on, as far as there is room to remember it.
    fn direction(&mut self, axis: Vec3) -> Option<Vec3> {
        let length = axis.length();
        if length < 1e-3 {
            return None;
        }
        let axis = axis / length;
        if self.axes[..self.count].iter().any(|known| known.dot(axis).abs() > 0.999_999) {
            return None;
        }
        if let Some(free) = self.axes.get_mut(self.count) {
            *free = axis;
            self.count += 1;
        }
        Some(axis)
    }
}
