//! Convex polygons on a small part of a picture: which samples they cover, and at what depth.
//!
//! A pixel has four samples, which are the lanes of a vector. Depth 0 is far, greater is nearer, as on the device. It
//! knows neither meshes nor colors.

use glam::{BVec4A, Vec2, Vec3A, Vec4};

/// Where the four samples of a pixel are, from its upper left corner.
#[derive(Copy, Clone, Debug)]
pub(super) struct Pattern {
    pub x: Vec4,
    pub y: Vec4,
}

impl Pattern {
    /// The usual turned square, which is smooth for upright and level borders.
    pub const TURNED: Self =
        Self { x: Vec4::new(0.375, 0.875, 0.125, 0.625), y: Vec4::new(0.125, 0.375, 0.625, 0.875) };
    /// Four pixels of half the size.
    pub const QUARTERS: Self = Self { x: Vec4::new(0.25, 0.75, 0.25, 0.75), y: Vec4::new(0.25, 0.25, 0.75, 0.75) };
    /// All in the middle: no smoothing.
    pub const MIDDLE: Self = Self { x: Vec4::splat(0.5), y: Vec4::splat(0.5) };

    /// For each set of samples the middle of those in it.
    pub fn middles(&self) -> [Vec2; 16] {
        std::array::from_fn(|mask| {
            let chosen = (0..4).filter(|sample| mask >> sample & 1 == 1);
            let sum: Vec2 = chosen.map(|sample| Vec2::new(self.x[sample], self.y[sample])).sum();
            if mask == 0 { Vec2::splat(0.5) } else { sum / (mask.count_ones() as f32) }
        })
    }
}

/// A value that is linear on the picture: `x`, `y` a pixel and the value at the tile's corner.
#[derive(Copy, Clone, Debug)]
pub(super) struct Plane {
    pub x: f32,
    pub y: f32,
    pub at: f32,
}

/// One border of a polygon: positive inside.
#[derive(Copy, Clone, Debug)]
struct Border {
    plane: Plane,
    /// What a sample must reach; of two polygons with a border in common just one has a sample on it.
    least: f32,
}

impl Border {
    /// The border from `a` to `b` of a polygon that turns with `sign`. The numbers of a border that two polygons share
    /// differ in sign alone, whichever way it runs.
    fn between(a: Vec2, b: Vec2, sign: f32) -> Self {
        let swapped = (b.x, b.y) < (a.x, a.y);
        let (p, q) = if swapped { (b, a) } else { (a, b) };
        let turn = if swapped { -sign } else { sign };
        let d = q - p;
        let plane = Plane { x: -d.y * turn, y: d.x * turn, at: (d.y * p.x - d.x * p.y) * turn };
        Self { plane, least: if turn < 0.0 { f32::MIN_POSITIVE } else { 0.0 } }
    }
}

/// The pixels of a rectangle: first and last column and row.
#[derive(Copy, Clone, Debug)]
pub(super) struct Span {
    pub columns: (usize, usize),
    pub rows: (usize, usize),
}

/// Size and samples of a tile.
#[derive(Copy, Clone, Debug)]
pub(super) struct Grid {
    pub width: usize,
    pub height: usize,
    pub pattern: Pattern,
    /// The least and greatest position of a sample in its pixel.
    pub reach: (f32, f32),
}

impl Grid {
    pub fn new(width: usize, height: usize, pattern: Pattern) -> Self {
        let least = pattern.x.min_element().min(pattern.y.min_element());
        let most = pattern.x.max_element().max(pattern.y.max_element());
        Self { width, height, pattern, reach: (least, most) }
    }

    /// The pixels that have samples in a box; `None` where there are none.
    #[inline]
    pub fn span(&self, lo: Vec2, hi: Vec2) -> Option<Span> {
        let (least, most) = self.reach;
        // Written so that what is no number is outside; rounding functions would be calls on older processors.
        if !(hi.x >= least && hi.y >= least && lo.x < self.width as f32 + 1.0 && lo.y < self.height as f32 + 1.0) {
            return None;
        }
        let first = |lo: f32| {
            let at = (lo - most).max(0.0);
            let whole = at as usize;
            whole + usize::from(at > whole as f32)
        };
        let (left, right) = (first(lo.x), ((hi.x - least) as usize).min(self.width - 1));
        let (top, bottom) = (first(lo.y), ((hi.y - least) as usize).min(self.height - 1));
        (left <= right && top <= bottom).then_some(Span { columns: (left, right), rows: (top, bottom) })
    }

    /// Calls `visit` with each pixel that a convex polygon covers: its number, the samples, their depths.
    #[inline]
    pub fn cover<const N: usize>(
        &self,
        points: [Vec2; N],
        sign: f32,
        depth: Plane,
        span: Span,
        mut visit: impl FnMut(usize, BVec4A, Vec4),
    ) {
        let borders: [Border; N] = std::array::from_fn(|i| Border::between(points[i], points[(i + 1) % N], sign));
        let offsets = borders.map(|b| self.pattern.x * b.plane.x + self.pattern.y * b.plane.y + b.plane.at);
        let depths = self.pattern.x * depth.x + self.pattern.y * depth.y + depth.at;
        let least = borders.map(|border| Vec4::splat(border.least));
        let wide = span.columns.1 - span.columns.0 > 3;
        let greatest = if wide { offsets.map(Vec4::max_element) } else { [0.0; N] };
        let inverse = if wide { borders.map(|border| 1.0 / border.plane.x) } else { [0.0; N] };
        for row in span.rows.0..=span.rows.1 {
            let y = row as f32;
            let (mut left, mut right) = span.columns;
            if wide {
                let (mut from, mut to) = (left as f32, right as f32);
                for (i, border) in borders.iter().enumerate() {
                    let there = border.plane.y * y + greatest[i];
                    let at = -there * inverse[i];
                    if border.plane.x > 0.0 {
                        from = from.max(at);
                    } else if border.plane.x < 0.0 {
                        to = to.min(at);
                    } else if there < 0.0 {
                        to = -1.0;
                    }
                }
                // A pixel more on both sides, for what rounding takes away.
                if from > to + 1.0 {
                    continue;
                }
                left = ((from - 1.0).max(0.0) as usize).max(left);
                right = ((to + 1.0) as usize).min(right);
            }
            let mut lines = offsets;
            for (line, border) in lines.iter_mut().zip(&borders) {
                *line += border.plane.y * y;
            }
            let depth_line = depths + depth.y * y;
            let first = row * self.width;
            for column in left..=right {
                let x = column as f32;
                let is_inside = |i: usize| (lines[i] + borders[i].plane.x * x).cmpge(least[i]);
                let inside = (1..N).fold(is_inside(0), |inside, i| inside & is_inside(i));
                if inside.any() {
                    visit(first + column, inside, depth_line + depth.x * x);
                }
            }
        }
    }
}

/// Twice the area of a triangle on the picture, positive where it turns clockwise as seen.
#[inline]
pub(super) fn turn(a: Vec3A, b: Vec3A, c: Vec3A) -> f32 {
    let (ab, ac) = (b - a, c - a);
    ab.x * ac.y - ab.y * ac.x
}

/// The plane through a value at each corner of a triangle; `inverse` is 1 / [`turn`].
#[inline]
pub(super) fn slopes(corners: &[Vec3A; 3], values: [f32; 3], inverse: f32) -> Plane {
    let [a, b, c] = corners;
    let (ab, ac) = (*b - *a, *c - *a);
    let (db, dc) = (values[1] - values[0], values[2] - values[0]);
    let x = (db * ac.y - dc * ab.y) * inverse;
    let y = (dc * ab.x - db * ac.x) * inverse;
    Plane { x, y, at: values[0] - a.x * x - a.y * y }
}

/// A side of a block of pixels for which the farthest depth is known.
const BLOCK: usize = 4;

/// The depths of a tile, what is seen at each sample, and the farthest depth of each block.
pub(super) struct Depths {
    pub grid: Grid,
    pub depth: Vec<Vec4>,
    /// Numbers of what is seen, as bits; empty where only depths are wanted.
    pub seen: Vec<Vec4>,
    blocks: usize,
    far: Vec<f32>,
    stale: Vec<bool>,
}

impl Depths {
    pub fn new(grid: Grid, with_seen: bool) -> Self {
        let mut out = Self { grid, depth: Vec::new(), seen: Vec::new(), blocks: 0, far: Vec::new(), stale: Vec::new() };
        out.restart(grid, with_seen);
        out
    }

    /// Empties it for another tile.
    pub fn restart(&mut self, grid: Grid, with_seen: bool) {
        fn refill<T: Copy>(list: &mut Vec<T>, count: usize, value: T) {
            list.clear();
            list.resize(count, value);
        }
        let pixels = grid.width * grid.height;
        self.grid = grid;
        refill(&mut self.depth, pixels, Vec4::ZERO);
        refill(&mut self.seen, if with_seen { pixels } else { 0 }, Vec4::ZERO);
        self.blocks = grid.width.div_ceil(BLOCK);
        let blocks = self.blocks * grid.height.div_ceil(BLOCK);
        refill(&mut self.far, blocks, 0.0);
        refill(&mut self.stale, blocks, false);
    }

    /// Draws a polygon; whether any of it is seen. `number` is what [`Depths::seen`] holds then.
    #[inline]
    pub fn draw<const N: usize>(
        &mut self,
        points: [Vec2; N],
        sign: f32,
        plane: Plane,
        span: Span,
        number: u32,
    ) -> bool {
        let mut any = false;
        let (depths, seen) = (&mut self.depth, &mut self.seen);
        let value = Vec4::splat(f32::from_bits(number));
        let with_seen = !seen.is_empty();
        self.grid.cover(points, sign, plane, span, |pixel, inside, depth| {
            let before = &mut depths[pixel];
            let nearer = inside & depth.cmpge(*before);
            if nearer.any() {
                any = true;
                *before = Vec4::select(nearer, depth, *before);
                if with_seen {
                    let before = &mut seen[pixel];
                    *before = Vec4::select(nearer, value, *before);
                }
            }
        });
        if any {
            for row in span.rows.0 / BLOCK..=span.rows.1 / BLOCK {
                let line = row * self.blocks;
                self.stale[line + span.columns.0 / BLOCK..=line + span.columns.1 / BLOCK].fill(true);
            }
        }
        any
    }

    /// Whether everything in a box on the picture is nearer than `nearest`.
    pub fn hides(&mut self, lo: Vec2, hi: Vec2, nearest: f32) -> bool {
        self.grid.span(lo - 1.0, hi + 1.0).is_none_or(|span| self.hides_in(span, nearest))
    }

    /// As [`Depths::hides`], for some pixels.
    #[inline]
    pub fn hides_in(&mut self, span: Span, nearest: f32) -> bool {
        for row in span.rows.0 / BLOCK..=span.rows.1 / BLOCK {
            for column in span.columns.0 / BLOCK..=span.columns.1 / BLOCK {
                if self.far_of(row, column) <= nearest {
                    return false;
                }
            }
        }
        true
    }

    #[inline]
    fn far_of(&mut self, row: usize, column: usize) -> f32 {
        let block = row * self.blocks + column;
        if self.stale[block] {
            self.stale[block] = false;
            let (left, right) = (column * BLOCK, ((column + 1) * BLOCK).min(self.grid.width));
            let mut far = Vec4::INFINITY;
            for line in row * BLOCK..((row + 1) * BLOCK).min(self.grid.height) {
                let first = line * self.grid.width;
                for depth in &self.depth[first + left..first + right] {
                    far = far.min(*depth);
                }
            }
            self.far[block] = far.min_element();
        }
        self.far[block]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid() -> Grid {
        Grid::new(40, 30, Pattern::TURNED)
    }

    fn triangle(depths: &mut Depths, points: [Vec2; 3], depth: f32, number: u32) -> bool {
        let corners = points.map(|p| Vec3A::new(p.x, p.y, depth));
        let turn = turn(corners[0], corners[1], corners[2]);
        let (lo, hi) = points.iter().fold((points[0], points[0]), |(lo, hi), p| (lo.min(*p), hi.max(*p)));
        let Some(span) = depths.grid.span(lo, hi) else { return false };
        let plane = slopes(&corners, [depth; 3], 1.0 / turn);
        depths.draw(points, turn.signum(), plane, span, number)
    }

    #[test]
    fn triangles_with_a_border_in_common_leave_no_gap_and_share_no_sample() {
        let mut state = 7_u32;
        let mut random = |scale: f32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 16_777_216.0 * scale
        };
        for _ in 0..300 {
            // A quad around a middle point, split into four in all ways of turning.
            let middle = Vec2::new(10.0 + random(20.0), 8.0 + random(14.0));
            let around = [Vec2::new(-5.0, -5.0), Vec2::new(60.0, -9.0), Vec2::new(55.0, 44.0), Vec2::new(-8.0, 50.0)];
            let grid = grid();
            let mut counts = vec![0_u32; grid.width * grid.height * 4];
            for i in 0..4 {
                let mut points = [middle, around[i], around[(i + 1) % 4]];
                points.rotate_left(i % 3);
                if i % 2 == 0 {
                    points.swap(0, 1);
                }
                let corners = points.map(|p| Vec3A::new(p.x, p.y, 0.5));
                let sign = turn(corners[0], corners[1], corners[2]).signum();
                let whole = Span { columns: (0, grid.width - 1), rows: (0, grid.height - 1) };
                let plane = Plane { x: 0.0, y: 0.0, at: 0.5 };
                grid.cover(points, sign, plane, whole, |pixel, inside, _| {
                    for sample in 0..4 {
                        counts[pixel * 4 + sample] += inside.bitmask() >> sample & 1;
                    }
                });
            }
            assert!(counts.iter().all(|count| *count == 1), "{middle}");
        }
    }

    #[test]
    fn the_nearer_polygon_is_seen_and_hides_what_is_behind_it() {
        let mut depths = Depths::new(grid(), true);
        let all = [Vec2::new(-1.0, -1.0), Vec2::new(100.0, -1.0), Vec2::new(-1.0, 100.0)];
        assert!(triangle(&mut depths, all, 0.5, 1));
        assert!(!triangle(&mut depths, all, 0.25, 2), "it is behind");
        assert!(depths.seen.iter().all(|seen| seen.to_array().map(f32::to_bits) == [1; 4]));
        let box_at = |depths: &mut Depths, depth| depths.hides(Vec2::new(3.0, 3.0), Vec2::new(20.0, 20.0), depth);
        assert!(box_at(&mut depths, 0.4) && !box_at(&mut depths, 0.6));
        assert!(triangle(&mut depths, [Vec2::new(2.0, 2.0), Vec2::new(9.0, 2.0), Vec2::new(2.0, 9.0)], 0.7, 3));
        assert_eq!(depths.seen[3 * 40 + 3].to_array().map(f32::to_bits), [3; 4]);
        assert!(!box_at(&mut depths, 0.6), "only a corner of it is covered by the nearer one");
    }
}
