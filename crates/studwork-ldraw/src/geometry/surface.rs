//! Triangles and lines to a mesh with normals.
//!
//! Corners are welded first. Across an edge the surface is smooth unless an edge line lies on it or it bends too far;
//! a conditional line is evidence for a bend that is meant to be round. Where a corner of one triangle lies on the
//! side of another, the side counts as two.

use super::flatten::{Face, Soup};
use super::weld::{OnLine, Welder};
use crate::{Bounds, ConditionalEdge, EdgeVertex, Mesh, Vertex};
use glam::Vec3;
use rustc_hash::{FxHashMap, FxHashSet};

/// Without evidence, the surface bends smoothly up to this: eight-sided primitives bend by 45°.
const COS_UNKNOWN: f32 = 0.64;
/// Where a conditional line says so, up to this (95°).
const COS_ROUND: f32 = -0.087;
/// A triangle lower than this, LDU, covers nothing and has no usable normal.
const MIN_HEIGHT: f32 = 5e-4;

type EdgeKey = (u32, u32);

fn key(a: u32, b: u32) -> EdgeKey {
    (a.min(b), a.max(b))
}

struct Triangle {
    corners: [u32; 3],
    normal: Vec3,
    /// Of the soup's faces.
    face: u32,
    one_sided: bool,
}

impl Triangle {
    fn sides(&self) -> [EdgeKey; 3] {
        let [a, b, c] = self.corners;
        [key(a, b), key(b, c), key(c, a)]
    }

    fn corner_at(&self, point: u32) -> Option<usize> {
        self.corners.iter().position(|&corner| corner == point)
    }

    fn goes(&self, from: u32, to: u32) -> bool {
        self.corner_at(from).is_some_and(|at| self.corners[(at + 1) % 3] == to)
    }

    fn flip(&mut self) {
        self.corners.swap(1, 2);
        self.normal = -self.normal;
    }
}

/// Joins all but the studs.
pub(super) fn mesh_from_soup(soup: &Soup) -> Mesh {
    let mut welder = Welder::default();
    let mut triangles: Vec<Triangle> =
        soup.faces.iter().enumerate().filter_map(|(index, face)| triangle(&mut welder, index as u32, face)).collect();
    let lines: Vec<EdgeKey> =
        soup.edges.iter().map(|(ends, _)| key(welder.add(ends[0]), welder.add(ends[1]))).collect();
    let rounds: Vec<EdgeKey> = soup.conditional.iter().map(|(p, _)| key(welder.add(p[0]), welder.add(p[1]))).collect();

    let mut sides = sorted_sides(&triangles);
    orient_double_sided(&mut triangles, &sides);
    let (hard, round) = split_sides(&welder.points, &mut sides, &lines, &rounds);
    let normals = corner_normals(&welder.points, &triangles, &sides, &hard, &round);

    let mut mesh = Mesh::default();
    let mut known: FxHashMap<(u32, [i8; 4], u32), u32> = FxHashMap::default();
    for one_sided in [true, false] {
        let start = mesh.indices.len() as u32;
        for (index, triangle) in triangles.iter().enumerate().filter(|(_, triangle)| triangle.one_sided == one_sided) {
            let tint = soup.faces[triangle.face as usize].tint;
            for (at, &corner) in triangle.corners.iter().enumerate() {
                let vertex = Vertex::new(welder.points[corner as usize], normals[index * 3 + at], tint);
                let next = mesh.vertices.len() as u32;
                let place = *known.entry((corner, vertex.normal, tint.0)).or_insert(next);
                if place == next {
                    mesh.vertices.push(vertex);
                }
                mesh.indices.push(place);
            }
        }
        mesh.double_sided = start..mesh.indices.len() as u32;
    }
    mesh.bounds = Bounds::from_points(mesh.vertices.iter().map(|vertex| Vec3::from_array(vertex.position)));

    let at = |index: u32| welder.points[index as usize].to_array();
    let mut drawn = FxHashSet::default();
    for (&(a, b), &(_, tint)) in lines.iter().zip(&soup.edges) {
        if a != b && drawn.insert((a, b)) {
            mesh.edges.extend([a, b].map(|end| EdgeVertex { position: at(end), tint }));
        }
    }
    // A silhouette line where an edge line is would be drawn twice.
    for (&(a, b), (points, tint)) in rounds.iter().zip(&soup.conditional) {
        if a != b && drawn.insert((a, b)) {
            let control = [points[2].to_array(), points[3].to_array()];
            mesh.conditional.push(ConditionalEdge { points: [at(a), at(b)], control, tint: *tint });
        }
    }
    if mesh.bounds.is_empty() {
        mesh.bounds = Bounds::from_points(mesh.edges.iter().map(|end| Vec3::from_array(end.position)));
    }
    mesh
}

fn triangle(welder: &mut Welder, index: u32, face: &Face) -> Option<Triangle> {
    let [a, b, c] = face.points;
    let cross = (b - a).cross(c - a);
    let longest = a.distance(b).max(b.distance(c)).max(c.distance(a));
    if cross.length() <= MIN_HEIGHT * longest {
        return None;
    }
    let corners = face.points.map(|point| welder.add(point));
    let [i, j, k] = corners;
    let sound = i != j && j != k && k != i;
    sound.then(|| Triangle { corners, normal: cross.normalize_or_zero(), face: index, one_sided: face.one_sided })
}

/// Every side of every triangle, so that the triangles of one side follow each other.
fn sorted_sides(triangles: &[Triangle]) -> Vec<(EdgeKey, u32)> {
    let sides =
        triangles.iter().enumerate().flat_map(|(index, triangle)| triangle.sides().map(|side| (side, index as u32)));
    let mut sides: Vec<_> = sides.collect();
    sides.sort_unstable();
    sides
}

/// Turns triangles of unknown winding so that neighbors agree: otherwise their normals would cancel each other.
fn orient_double_sided(triangles: &mut [Triangle], sides: &[(EdgeKey, u32)]) {
    if triangles.iter().all(|triangle| triangle.one_sided) {
        return;
    }
    let mut neighbors: Vec<Vec<u32>> = vec![Vec::new(); triangles.len()];
    for run in sides.chunk_by(|a, b| a.0 == b.0) {
        if let [(_, a), (_, b)] = *run
            && !triangles[a as usize].one_sided
            && !triangles[b as usize].one_sided
        {
            neighbors[a as usize].push(b);
            neighbors[b as usize].push(a);
        }
    }
    let mut seen = vec![false; triangles.len()];
    for start in 0..triangles.len() {
        if triangles[start].one_sided || std::mem::replace(&mut seen[start], true) {
            continue;
        }
        let mut waiting = vec![start];
        while let Some(index) = waiting.pop() {
            for &neighbor in &neighbors[index] {
                let neighbor = neighbor as usize;
                if std::mem::replace(&mut seen[neighbor], true) {
                    continue;
                }
                let [a, b, c] = triangles[index].corners;
                let same_way = [(a, b), (b, c), (c, a)].iter().any(|&(from, to)| triangles[neighbor].goes(from, to));
                if same_way {
                    triangles[neighbor].flip();
                }
                waiting.push(neighbor);
            }
        }
    }
}

/// Cuts sides and lines at the corners that lie on them. Returns the hard and the round sides.
fn split_sides(
    points: &[Vec3],
    sides: &mut Vec<(EdgeKey, u32)>,
    lines: &[EdgeKey],
    rounds: &[EdgeKey],
) -> (FxHashSet<EdgeKey>, FxHashSet<EdgeKey>) {
    let mut hard: FxHashSet<EdgeKey> = lines.iter().copied().collect();
    let mut round: FxHashSet<EdgeKey> = rounds.iter().copied().collect();
    let mut alone: Vec<(EdgeKey, u32)> = Vec::new();
    let mut paired: FxHashSet<EdgeKey> = FxHashSet::default();
    for run in sides.chunk_by(|a, b| a.0 == b.0) {
        match run {
            [side] => alone.push(*side),
            run => _ = paired.insert(run[0].0),
        }
    }
    let mut candidates: Vec<u32> = alone.iter().flat_map(|((a, b), _)| [*a, *b]).collect();
    candidates.extend(lines.iter().flat_map(|(a, b)| [*a, *b]));
    candidates.sort_unstable();
    candidates.dedup();
    let on_line = OnLine::new(points, &candidates);
    let pieces = |(a, b): EdgeKey| -> Vec<EdgeKey> {
        let between = on_line.between(a, b);
        if between.is_empty() {
            return Vec::new();
        }
        let stops: Vec<u32> = std::iter::once(a).chain(between).chain([b]).collect();
        stops.windows(2).map(|pair| key(pair[0], pair[1])).collect()
    };
    for (side, triangle) in alone {
        // The whole side stays, alone as it is, and its pieces may meet those of a neighbor.
        sides.extend(pieces(side).into_iter().map(|piece| (piece, triangle)));
    }
    for (list, set) in [(lines, &mut hard), (rounds, &mut round)] {
        for line in list.iter().filter(|line| !paired.contains(line)) {
            set.extend(pieces(*line));
        }
    }
    sides.sort_unstable();
    (hard, round)
}

/// One normal a corner, three a triangle.
fn corner_normals(
    points: &[Vec3],
    triangles: &[Triangle],
    sides: &[(EdgeKey, u32)],
    hard: &FxHashSet<EdgeKey>,
    round: &FxHashSet<EdgeKey>,
) -> Vec<Vec3> {
    let mut groups = Groups((0..triangles.len() as u32 * 3).collect());
    // Corners that lie on the side of another triangle: (that triangle, the corner, its point).
    let mut on_sides: Vec<(u32, u32, u32)> = Vec::new();
    for run in sides.chunk_by(|a, b| a.0 == b.0) {
        let side = run[0].0;
        // A side of very many triangles is a fan of panes, not a surface.
        if run.len() < 2 || run.len() > 8 || hard.contains(&side) {
            continue;
        }
        let least = if round.contains(&side) { COS_ROUND } else { COS_UNKNOWN };
        for (at, &(_, first)) in run.iter().enumerate() {
            for &(_, second) in &run[at + 1..] {
                let (a, b) = (&triangles[first as usize], &triangles[second as usize]);
                if a.normal.dot(b.normal) < least {
                    continue;
                }
                for end in [side.0, side.1] {
                    match (a.corner_at(end), b.corner_at(end)) {
                        (Some(i), Some(j)) => groups.join(first * 3 + i as u32, second * 3 + j as u32),
                        (None, Some(j)) => on_sides.push((first, second * 3 + j as u32, end)),
                        (Some(i), None) => on_sides.push((second, first * 3 + i as u32, end)),
                        (None, None) => {}
                    }
                }
            }
        }
    }
    let mut sums = vec![Vec3::ZERO; triangles.len() * 3];
    for (index, triangle) in triangles.iter().enumerate() {
        let p = triangle.corners.map(|corner| points[corner as usize]);
        for at in 0..3 {
            let (to_next, to_last) = (p[(at + 1) % 3] - p[at], p[(at + 2) % 3] - p[at]);
            let angle = to_next.angle_between(to_last);
            let group = groups.find((index * 3 + at) as u32);
            sums[group as usize] += triangle.normal * if angle.is_finite() { angle } else { 0.0 };
        }
    }
    // The shading goes on without a seam where such a corner has the normal that the side has there. One that lies on a
    // side whose own ends lie on sides needs a second round.
    for _ in 0..2 {
        let mut wanted: FxHashMap<u32, Vec3> = FxHashMap::default();
        for &(triangle, corner, point) in &on_sides {
            let ends = triangles[triangle as usize].corners.map(|corner| points[corner as usize]);
            let shares = shares_of_corners(points[point as usize], ends);
            let normals: [Vec3; 3] = std::array::from_fn(|at| {
                let group = groups.find(triangle * 3 + at as u32);
                sums[group as usize].normalize_or_zero()
            });
            let normal = normals[0] * shares[0] + normals[1] * shares[1] + normals[2] * shares[2];
            *wanted.entry(groups.find(corner)).or_default() += normal.normalize_or_zero();
        }
        for (group, normal) in wanted {
            if normal.length() > 0.5 {
                sums[group as usize] = normal;
            }
        }
    }
    (0..triangles.len() * 3)
        .map(|corner| {
            let own = triangles[corner / 3].normal;
            let sum = sums[groups.find(corner as u32) as usize].normalize_or_zero();
            if sum.dot(own) > 0.1 { sum } else { own }
        })
        .collect()
}

/// How much each corner counts at a point of a triangle.
fn shares_of_corners(point: Vec3, [a, b, c]: [Vec3; 3]) -> [f32; 3] {
    let normal = (b - a).cross(c - a);
    let whole = normal.length_squared().max(f32::MIN_POSITIVE);
    let share = |from: Vec3, to: Vec3| ((to - from).cross(point - from).dot(normal) / whole).clamp(0.0, 1.0);
    [share(b, c), share(c, a), share(a, b)]
}

/// Corners that share a normal (union–find).
struct Groups(Vec<u32>);

impl Groups {
    fn find(&mut self, mut item: u32) -> u32 {
        while self.0[item as usize] != item {
            let above = self.0[self.0[item as usize] as usize];
            self.0[item as usize] = above;
            item = above;
        }
        item
    }

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.find(a), self.find(b));
        self.0[a.max(b) as usize] = a.min(b);
    }
}
