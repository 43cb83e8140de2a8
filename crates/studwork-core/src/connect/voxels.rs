//! Solids of any mesh: the room it fills, cut along its own flat faces into cells and merged into boxes.
//!
//! A cell counts only when it lies inside wholly, so curved and slanted parts come out a little smaller than they are
//! and never larger: a reported overlap is real, a graze on a curve may be missed. Studs and tubes are exact.

use super::{Caps, Connector, Gender, Section, SectionShape, Solid, frame_along};
use crate::{
    Bounds, Mesh,
    space::{MeshTree, Ray, corners},
};
use glam::{Affine3A, Vec3};
use std::sync::Arc;
use studwork_ldraw::{StudKind, mesh::StudGroup};

/// Curved and slanted stretches are cut into cells of about this size, LDU.
const FINE: f32 = 2.0;
/// At most so many cells; larger parts are cut more coarsely.
const MOST_CELLS: usize = 40_000;
/// Faces nearer than this are one, LDU.
const SAME_PLANE: f32 = 0.4;
/// How far inside a cell its corners are tested, LDU.
const INSET: f32 = 0.2;

/// The solids of a mesh: boxes for the body, prisms for studs, rings for hollow studs and tubes.
pub(super) fn solids_of(mesh: &Arc<Mesh>) -> Vec<Solid> {
    let round: Vec<RoundGroup<'_>> = mesh
        .studs
        .iter()
        .filter(|group| group.kind != StudKind::Other)
        .filter_map(|group| RoundGroup::of(mesh, group))
        .collect();
    let mut grouped = vec![false; mesh.indices.len() / 3];
    for RoundGroup { group, .. } in &round {
        let triangles = group.indices.start as usize / 3..(group.indices.end as usize / 3).min(grouped.len());
        grouped.get_mut(triangles).unwrap_or_default().fill(true);
    }
    let in_group = |triangle: u32| grouped.get(triangle as usize).copied().unwrap_or_default();
    let mut solids: Vec<Solid> = round.iter().flat_map(RoundGroup::solids).collect();
    let body = MeshTree::of(mesh.clone(), |triangle| !in_group(triangle));
    solids.extend(body_solids(mesh, &body, &in_group));
    solids
}

/// Whether a frame only scales along its own axes (as a tube stretched to a brick's height).
fn is_rigid(transform: &Affine3A) -> bool {
    let m = transform.matrix3;
    let (x, y, z) = (m.x_axis, m.y_axis, m.z_axis);
    let skewed = |a: glam::Vec3A, b: glam::Vec3A| a.dot(b).abs() > 1e-3 * a.length() * b.length();
    y.length() > 1e-3 && !skewed(x, y) && !skewed(y, z) && !skewed(x, z) && (x.length() - z.length()).abs() < 1e-2
}

/// A stud or tube that is a whole body of its own, so that it can be taken out of the mesh.
struct RoundGroup<'a> {
    group: &'a StudGroup,
    frame: Affine3A,
    outer: f32,
    /// 0 where it is closed.
    inner: f32,
    height: f32,
}

impl<'a> RoundGroup<'a> {
    fn of(mesh: &Mesh, group: &'a StudGroup) -> Option<Self> {
        if !is_rigid(&group.transform) {
            return None;
        }
        let origin = Vec3::from(group.transform.translation);
        let up = -Vec3::from(group.transform.matrix3.y_axis).normalize_or(Vec3::Y);
        let (mut outer, mut inner) = (0.0_f32, f32::INFINITY);
        let (mut low, mut high) = (f32::INFINITY, f32::NEG_INFINITY);
        let (mut looks_out, mut looks_in) = (false, false);
        for triangle in group.indices.start / 3..group.indices.end / 3 {
            let points = corners(mesh, triangle)?;
            let normal = (points[1] - points[0]).cross(points[2] - points[0]).normalize_or_zero();
            for point in points {
                let offset = point - origin;
                let along = offset.dot(up);
                let radial = offset - up * along;
                (low, high) = (low.min(along), high.max(along));
                outer = outer.max(radial.length());
                // The wall of the hole is what looks at the axis.
                let toward = normal.dot(radial.normalize_or_zero());
                looks_out |= toward > 0.7;
                if toward < -0.7 && radial.length() > 1.5 {
                    looks_in = true;
                    inner = inner.min(radial.length());
                }
            }
        }
        let hollow = looks_in && group.kind != StudKind::Stud && outer - inner > 0.5;
        (looks_out && high - low > 0.5 && outer > 1.0).then(|| Self {
            group,
            frame: frame_along(origin + up * low, up),
            outer,
            inner: if hollow { inner } else { 0.0 },
            height: high - low,
        })
    }

    /// A prism, or the ring of a hollow one.
    fn solids(&self) -> Vec<Solid> {
        if self.inner > 0.0 {
            ring(&self.frame, self.inner, self.outer, self.height)
        } else {
            vec![Solid::cylinder(&self.frame, self.outer, self.height)]
        }
    }
}

/// The pin of an underside (between the studs of a single row): it grips in the bore of a hollow stud.
pub(super) fn pin_of(mesh: &Mesh, group: &StudGroup) -> Option<Connector> {
    let round = RoundGroup::of(mesh, group)?;
    let section = Section::new(SectionShape::Round, round.outer, round.height);
    (round.inner == 0.0 && (round.outer - super::BAR_RADIUS).abs() < 0.3)
        .then(|| Connector::cylinder(Gender::Male, round.frame, section, Caps::One, false))
}

/// Eight wedges around a hole.
fn ring(frame: &Affine3A, inner: f32, outer: f32, height: f32) -> Vec<Solid> {
    let at = |angle: f32, radius: f32, y: f32| {
        frame.transform_point3(Vec3::new(angle.cos() * radius, -y, angle.sin() * radius))
    };
    let step = std::f32::consts::TAU / 8.0;
    (0..8)
        .filter_map(|i| {
            let (from, to) = (step * i as f32, step * (i + 1) as f32);
            let middle = (from + to) * 0.5;
            let corners: Vec<Vec3> = [0.0, height]
                .into_iter()
                .flat_map(|y| {
                    [at(from, inner, y), at(to, inner, y), at(from, outer, y), at(middle, outer, y), at(to, outer, y)]
                })
                .collect();
            Solid::hull(&corners)
        })
        .collect()
}

fn body_solids(mesh: &Mesh, tree: &MeshTree, in_group: &dyn Fn(u32) -> bool) -> Vec<Solid> {
    let planes = [0, 1, 2].map(|axis| face_planes(mesh, axis, in_group));
    let (bounds, slanted) = extent_of(mesh, in_group);
    if bounds.is_empty() {
        return Vec::new();
    }
    let mut fine = FINE;
    let mut lines = [0, 1, 2].map(|axis| cut(&planes[axis], bounds.min[axis], bounds.max[axis], &slanted[axis], fine));
    while lines.iter().map(|l| l.len() - 1).product::<usize>() > MOST_CELLS && fine < 64.0 {
        fine *= 1.5;
        lines = [0, 1, 2].map(|axis| cut(&planes[axis], bounds.min[axis], bounds.max[axis], &slanted[axis], fine));
    }
    if lines.iter().map(|l| l.len() - 1).product::<usize>() > MOST_CELLS * 4 {
        return vec![];
    }
    let count = [0, 1, 2].map(|axis| lines[axis].len() - 1);
    let mut filled = inner_cells(mesh, tree, &lines);
    merge(&mut filled, count, &lines)
}

/// Where a mesh's flat faces across an axis lie, sorted, near ones merged.
fn face_planes(mesh: &Mesh, axis: usize, in_group: &dyn Fn(u32) -> bool) -> Vec<f32> {
    let mut areas = std::collections::BTreeMap::<i32, f32>::new();
    for triangle in (0..(mesh.indices.len() / 3) as u32).filter(|t| !in_group(*t)) {
        let Some([a, b, c]) = corners(mesh, triangle) else { continue };
        let area = (b - a).cross(c - a) * 0.5;
        if area[axis].abs() > 0.999 * area.length() && area[axis].abs() > 0.05 {
            *areas.entry((a[axis] * 8.0).round() as i32).or_default() += area[axis].abs();
        }
    }
    let mut planes: Vec<(f32, f32)> = Vec::new();
    for (eighth, area) in areas.into_iter().filter(|(_, area)| *area > 3.0) {
        let at = eighth as f32 / 8.0;
        match planes.last_mut() {
            Some(last) if at - last.0 < SAME_PLANE => {
                if area > last.1 {
                    *last = (at, area);
                }
            }
            _ => planes.push((at, area)),
        }
    }
    planes.into_iter().map(|(at, _)| at).collect()
}

/// The box around the triangles outside the studs, and for each axis the stretches that are not flat across it.
fn extent_of(mesh: &Mesh, in_group: &dyn Fn(u32) -> bool) -> (Bounds, [Vec<[f32; 2]>; 3]) {
    let mut bounds = Bounds::EMPTY;
    let mut slanted: [Vec<[f32; 2]>; 3] = Default::default();
    for triangle in (0..(mesh.indices.len() / 3) as u32).filter(|t| !in_group(*t)) {
        let Some(points) = corners(mesh, triangle) else { continue };
        let own = Bounds::from_points(points);
        bounds = bounds.union(own);
        let normal = (points[1] - points[0]).cross(points[2] - points[0]).normalize_or_zero();
        let size = own.size();
        for axis in 0..3 {
            // Bevels and fillets are too small to matter.
            if normal[axis].abs() > 0.03 && normal[axis].abs() < 0.999 && size.max_element() > 1.5 && size[axis] > 0.3 {
                slanted[axis].push([own.min[axis], own.max[axis]]);
            }
        }
    }
    (
        bounds,
        slanted.map(|mut stretches| {
            stretches.sort_by(|a, b| a[0].total_cmp(&b[0]));
            let mut merged: Vec<[f32; 2]> = Vec::new();
            for stretch in stretches {
                match merged.last_mut() {
                    Some(last) if stretch[0] <= last[1] => last[1] = last[1].max(stretch[1]),
                    _ => merged.push(stretch),
                }
            }
            merged
        }),
    )
}

/// The cell borders along an axis: the flat faces, and finer ones where something slants or curves.
fn cut(planes: &[f32], min: f32, max: f32, slanted: &[[f32; 2]], fine: f32) -> Vec<f32> {
    let mut borders: Vec<f32> = planes.to_vec();
    borders.extend([min, max]);
    borders.sort_by(f32::total_cmp);
    borders.dedup_by(|later, earlier| *later - *earlier < SAME_PLANE);
    let mut lines = vec![borders[0]];
    for pair in borders.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let middle_slants = slanted.iter().any(|s| s[0] < to - 0.2 && s[1] > from + 0.2);
        if middle_slants {
            let parts = ((to - from) / fine).round().max(1.0) as usize;
            lines.extend((1..parts).map(|i| from + (to - from) * i as f32 / parts as f32));
        }
        lines.push(to);
    }
    if lines.len() < 2 {
        lines.push(lines[0] + 0.1);
    }
    lines
}

/// For every cell, whether its middle and its eight corners are inside: told by how often lines along each axis leave
/// the surface more than they enter it, two axes of three agreeing.
fn inner_cells(mesh: &Mesh, tree: &MeshTree, lines: &[Vec<f32>; 3]) -> Vec<bool> {
    let count = [0, 1, 2].map(|axis| lines[axis].len() - 1);
    let by_parity = mesh.double_sided.len() * 3 > mesh.indices.len();
    // Per axis the places looked at, three a cell: near its start, its middle, near its end. A little off what is
    // even, so that no line runs along an edge.
    let samples = [0, 1, 2].map(|axis| {
        lines[axis]
            .windows(2)
            .flat_map(|cell| {
                let inset = ((cell[1] - cell[0]) * 0.25).min(INSET);
                [cell[0] + inset, (cell[0] + cell[1]) * 0.5 + 0.0137, cell[1] - inset * 0.973]
            })
            .collect::<Vec<f32>>()
    });
    let size = [0, 1, 2].map(|axis| samples[axis].len());
    // The eight corners and the middle, each voted on by three axes.
    let mut votes = vec![0_u8; size.iter().product()];
    let at = |place: [usize; 3]| (place[0] * size[1] + place[1]) * size[2] + place[2];
    let mut crossings: Vec<(f32, i32)> = Vec::new();
    for axis in 0..3 {
        let (u, v) = ((axis + 1) % 3, (axis + 2) % 3);
        for i in 0..size[u] {
            for j in 0..size[v] {
                // Middles go with middles, corners with corners.
                if (i % 3 == 1) != (j % 3 == 1) {
                    continue;
                }
                let mut origin = Vec3::ZERO;
                origin[u] = samples[u][i];
                origin[v] = samples[v][j];
                origin[axis] = lines[axis][0] - 10.0;
                let mut direction = Vec3::ZERO;
                direction[axis] = 1.0;
                crossings_along(mesh, tree, &Ray { origin, direction }, by_parity, &mut crossings);
                if crossings.is_empty() {
                    continue;
                }
                let (mut next, mut depth) = (0, 0);
                for (k, sample) in samples[axis].iter().enumerate() {
                    while next < crossings.len() && crossings[next].0 < sample - origin[axis] {
                        depth += crossings[next].1;
                        next += 1;
                    }
                    let inside = if by_parity { depth % 2 != 0 } else { depth > 0 };
                    if inside && (k % 3 == 1) == (i % 3 == 1) {
                        let mut place = [0; 3];
                        (place[axis], place[u], place[v]) = (k, i, j);
                        votes[at(place)] += 1;
                    }
                }
            }
        }
    }
    let mut inner = Vec::with_capacity(count.iter().product());
    for x in 0..count[0] {
        for y in 0..count[1] {
            for z in 0..count[2] {
                let holds = |i: usize, j: usize, k: usize| votes[at([x * 3 + i, y * 3 + j, z * 3 + k])] >= 2;
                inner.push(
                    holds(1, 1, 1)
                        && [0, 2].iter().all(|i| [0, 2].iter().all(|j| [0, 2].iter().all(|k| holds(*i, *j, *k)))),
                );
            }
        }
    }
    inner
}

/// Where a line crosses the surface: how far along, and 1 where it comes in, −1 where it leaves; sorted.
fn crossings_along(mesh: &Mesh, tree: &MeshTree, ray: &Ray, by_parity: bool, crossings: &mut Vec<(f32, i32)>) {
    crossings.clear();
    let unknown = mesh.double_sided.start / 3..mesh.double_sided.end / 3;
    tree.cast_all(ray, &mut |hit| {
        if by_parity {
            crossings.push((hit.distance, 1));
        } else if !unknown.contains(&hit.triangle) {
            crossings.push((hit.distance, if hit.normal.dot(ray.direction) < 0.0 { 1 } else { -1 }));
        }
    });
    crossings.sort_by(|a, b| a.0.total_cmp(&b.0));
    // The border of two triangles counts once.
    crossings.dedup_by(|later, earlier| later.1 == earlier.1 && later.0 - earlier.0 < 1e-3);
}

/// Joins filled cells into as few boxes as a greedy sweep finds.
fn merge(filled: &mut [bool], count: [usize; 3], lines: &[Vec<f32>; 3]) -> Vec<Solid> {
    let at = |x: usize, y: usize, z: usize| (x * count[1] + y) * count[2] + z;
    let mut boxes = Vec::new();
    for x in 0..count[0] {
        for y in 0..count[1] {
            for z in 0..count[2] {
                if !filled[at(x, y, z)] {
                    continue;
                }
                let mut end = [x + 1, y + 1, z + 1];
                loop {
                    let mut grown = false;
                    for axis in 0..3 {
                        let next = end[axis];
                        if next >= count[axis] {
                            continue;
                        }
                        let (mut from, mut to) = ([x, y, z], end);
                        (from[axis], to[axis]) = (next, next + 1);
                        let slab = (from[0]..to[0])
                            .all(|i| (from[1]..to[1]).all(|j| (from[2]..to[2]).all(|k| filled[at(i, j, k)])));
                        if slab {
                            end[axis] += 1;
                            grown = true;
                        }
                    }
                    if !grown {
                        break;
                    }
                }
                for i in x..end[0] {
                    for j in y..end[1] {
                        for k in z..end[2] {
                            filled[at(i, j, k)] = false;
                        }
                    }
                }
                let min = Vec3::new(lines[0][x], lines[1][y], lines[2][z]);
                let max = Vec3::new(lines[0][end[0]], lines[1][end[1]], lines[2][end[2]]);
                boxes.push(Solid::cuboid(min, max));
            }
        }
    }
    boxes
}
