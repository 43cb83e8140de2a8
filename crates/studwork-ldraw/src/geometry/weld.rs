//! Points that are meant to be one: LDraw writes numbers with a few digits, so corners of neighbors differ a little.

use glam::Vec3;
use rustc_hash::FxHashMap;

/// Corners closer than this are one, LDU. A primitive's four digits times a usual radius stay below it.
pub(super) const TOLERANCE: f32 = 0.004;
const CELL: f32 = TOLERANCE * 8.0;

/// Gives every point a number; the same one to those closer than [`TOLERANCE`].
#[derive(Default)]
pub(super) struct Welder {
    pub points: Vec<Vec3>,
    cells: FxHashMap<[i32; 3], u32>,
    /// The next point in the same cell.
    next: Vec<u32>,
}

const NONE: u32 = u32::MAX;

impl Welder {
    pub fn add(&mut self, point: Vec3) -> u32 {
        let low = cell(point - TOLERANCE);
        let high = cell(point + TOLERANCE);
        for x in low[0]..=high[0] {
            for y in low[1]..=high[1] {
                for z in low[2]..=high[2] {
                    let mut at = self.cells.get(&[x, y, z]).copied().unwrap_or(NONE);
                    while let Some(known) = self.points.get(at as usize) {
                        if known.distance_squared(point) <= TOLERANCE * TOLERANCE {
                            return at;
                        }
                        at = self.next[at as usize];
                    }
                }
            }
        }
        let index = self.points.len() as u32;
        self.points.push(point);
        let head = self.cells.insert(cell(point), index);
        self.next.push(head.unwrap_or(NONE));
        index
    }
}

fn cell(point: Vec3) -> [i32; 3] {
    // Saturates far out, where the points of a cell are compared one by one.
    (point / CELL).floor().to_array().map(|number| number as i32)
}

/// Finds the points that lie on a line between its ends.
pub(super) struct OnLine<'a> {
    points: &'a [Vec3],
    cell: f32,
    cells: FxHashMap<[i32; 3], Vec<u32>>,
}

impl<'a> OnLine<'a> {
    /// Looks among `candidates`, which are places in `points`.
    pub fn new(points: &'a [Vec3], candidates: &[u32]) -> Self {
        let (mut min, mut max) = (Vec3::INFINITY, Vec3::NEG_INFINITY);
        for &index in candidates {
            min = min.min(points[index as usize]);
            max = max.max(points[index as usize]);
        }
        let size = if candidates.is_empty() { 1.0 } else { (max - min).max_element() };
        let mut this = Self { points, cell: (size / 64.0).max(0.5), cells: FxHashMap::default() };
        for &index in candidates {
            // A line is sampled every half cell, so a point on it is within a quarter of one of a sample.
            let reach = this.cell * 0.25 + TOLERANCE;
            let (low, high) = (this.at(points[index as usize] - reach), this.at(points[index as usize] + reach));
            for x in low[0]..=high[0] {
                for y in low[1]..=high[1] {
                    for z in low[2]..=high[2] {
                        this.cells.entry([x, y, z]).or_default().push(index);
                    }
                }
            }
        }
        this
    }

    fn at(&self, point: Vec3) -> [i32; 3] {
        (point / self.cell).floor().to_array().map(|number| number as i32)
    }

    /// The points strictly between `a` and `b`, in order from `a`.
    pub fn between(&self, a: u32, b: u32) -> Vec<u32> {
        let (start, end) = (self.points[a as usize], self.points[b as usize]);
        let along = end - start;
        let length = along.length();
        let samples = (length / (self.cell * 0.5)).ceil().clamp(1.0, 4096.0);
        let mut found: Vec<(f32, u32)> = Vec::new();
        let mut last = None;
        for sample in 0..=samples as u32 {
            let cell = self.at(start + along * (sample as f32 / samples));
            if last.replace(cell) == Some(cell) {
                continue;
            }
            for &index in self.cells.get(&cell).into_iter().flatten() {
                let offset = self.points[index as usize] - start;
                let t = offset.dot(along) / (length * length);
                let off = (offset - along * t).length_squared();
                if index != a && index != b && t > 0.0 && t < 1.0 && off <= TOLERANCE * TOLERANCE * 4.0 {
                    found.push((t, index));
                }
            }
        }
        found.sort_unstable_by(|x, y| x.0.total_cmp(&y.0).then(x.1.cmp(&y.1)));
        found.dedup_by_key(|found| found.1);
        found.into_iter().map(|(_, index)| index).collect()
    }
}
