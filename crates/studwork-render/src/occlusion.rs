//! Which instances are hidden behind others, found on the processor before anything is drawn.
//!
//! The largest faces of every solid piece are drawn into a coarse depth buffer; whatever lies behind it with its whole
//! box, and a cell around it, is left out. In a dense model that is most studs and many pieces.

use crate::Camera;
use glam::{Affine3A, Mat4, Vec3, Vec4};
use studwork_ldraw::Mesh;

/// A cell of the depth buffer is this many pixels wide and high.
const CELL: u32 = 2;
/// Faces smaller than this (square LDU) hide too little.
const LEAST_AREA: f32 = 40.0;
/// At most so many faces of a mesh are used.
const MOST_FACES: usize = 32;

/// The largest faces of a mesh; only those of a color that a solid piece makes solid.
pub(crate) fn hiding_faces(mesh: &Mesh, is_solid: impl Fn(u32) -> bool) -> Vec<[Vec3; 3]> {
    let mut faces: Vec<(f32, [Vec3; 3])> = (mesh.indices.chunks_exact(3))
        .filter(|face| face.iter().all(|corner| is_solid(*corner)))
        .filter_map(|face| {
            let corner = |i: usize| mesh.vertices.get(face[i] as usize).map(|vertex| Vec3::from(vertex.position));
            let points = [corner(0)?, corner(1)?, corner(2)?];
            let area = (points[1] - points[0]).cross(points[2] - points[0]).length() * 0.5;
            (area >= LEAST_AREA).then_some((area, points))
        })
        .collect();
    faces.sort_by(|a, b| b.0.total_cmp(&a.0));
    faces.truncate(MOST_FACES);
    faces.into_iter().map(|(_, points)| points).collect()
}

/// The depth buffer: 0 far, greater is nearer, as on the device.
#[derive(Default)]
pub(crate) struct Cover {
    width: usize,
    height: usize,
    cells: Vec<f32>,
    matrix: Mat4,
    /// Pixels to cells and the sign of the up axis are in here.
    half: (f32, f32),
}

impl Cover {
    /// Empties it for a view of a picture of `size`.
    pub(crate) fn start(&mut self, camera: &Camera, size: (u32, u32), (near, far): (f32, f32)) {
        let projection = camera.projection_between(size.0 as f32 / size.1.max(1) as f32, near, far);
        self.start_with(projection * camera.view_matrix(), size);
    }

    /// Empties it for a view from the light, of which the matrix has greater depths farther.
    pub(crate) fn start_light(&mut self, matrix: Mat4, size: u32) {
        let nearer = Mat4::from_cols(Vec4::X, Vec4::Y, Vec4::NEG_Z, Vec4::new(0.0, 0.0, 1.0, 1.0));
        self.start_with(nearer * matrix, (size, size));
    }

    fn start_with(&mut self, matrix: Mat4, size: (u32, u32)) {
        (self.width, self.height) = (size.0.div_ceil(CELL) as usize, size.1.div_ceil(CELL) as usize);
        self.cells.clear();
        self.cells.resize(self.width * self.height, 0.0);
        self.matrix = matrix;
        self.half = (size.0 as f32 / CELL as f32 * 0.5, size.1 as f32 / CELL as f32 * 0.5);
    }

    /// Draws faces of a solid piece.
    pub(crate) fn draw(&mut self, transform: &Affine3A, faces: &[[Vec3; 3]], mirrored: bool) {
        let matrix = self.matrix * Mat4::from(*transform);
        for face in faces {
            let Some([a, b, c]) = all(face.map(|point| self.in_cells(matrix * point.extend(1.0)))) else { continue };
            let (ab, ac) = (b - a, c - a);
            // y points down here, so what turns to the eye runs clockwise.
            let turn = ab.x * ac.y - ab.y * ac.x;
            let facing = if mirrored { turn } else { -turn };
            if facing <= 0.5 {
                continue;
            }
            let (lo, hi) = (a.min(b).min(c), a.max(b).max(c));
            let columns = (((lo.x - 0.5).ceil().max(0.0)) as usize, (hi.x - 0.5).floor().min(self.width as f32 - 1.0));
            let rows = (((lo.y - 0.5).ceil().max(0.0)) as usize, (hi.y - 0.5).floor().min(self.height as f32 - 1.0));
            if columns.1 < columns.0 as f32 || rows.1 < rows.0 as f32 {
                continue;
            }
            let inverse = 1.0 / turn;
            let slope_x = (ab.z * ac.y - ac.z * ab.y) * inverse;
            let slope_y = (ac.z * ab.x - ab.z * ac.x) * inverse;
            // The farthest point of the face within a cell.
            let back = (slope_x.abs() + slope_y.abs()) * 0.5;
            let sign = turn.signum();
            let edges = [(a, b), (b, c), (c, a)].map(|(p, q)| {
                let d = (q - p) * sign;
                (-d.y, d.x, d.y * p.x - d.x * p.y)
            });
            for row in rows.0..=rows.1 as usize {
                let y = row as f32 + 0.5;
                let line = &mut self.cells[row * self.width..(row + 1) * self.width];
                for (column, cell) in line.iter_mut().enumerate().take(columns.1 as usize + 1).skip(columns.0) {
                    let x = column as f32 + 0.5;
                    if edges.iter().all(|(ex, ey, e)| ex * x + ey * y + e >= 0.0) {
                        let depth = a.z + (x - a.x) * slope_x + (y - a.y) * slope_y - back;
                        *cell = cell.max(depth);
                    }
                }
            }
        }
    }

    /// Whether a box of which the corners are given is hidden altogether.
    pub(crate) fn hides(&self, corners: &[Vec3; 8]) -> bool {
        let (mut lo, mut hi) = (Vec3::INFINITY, Vec3::NEG_INFINITY);
        for corner in corners {
            let Some(at) = self.in_cells(self.matrix * corner.extend(1.0)) else { return false };
            lo = lo.min(at);
            hi = hi.max(at);
        }
        let (left, top) = ((lo.x - 1.0).floor().max(0.0) as usize, (lo.y - 1.0).floor().max(0.0) as usize);
        let right = (hi.x + 1.0).ceil().min(self.width as f32).max(0.0) as usize;
        let bottom = (hi.y + 1.0).ceil().min(self.height as f32).max(0.0) as usize;
        let nearest = hi.z * 1.000_01;
        left < right
            && top < bottom
            && (top..bottom)
                .all(|row| self.cells[row * self.width + left..row * self.width + right].iter().all(|z| *z > nearest))
    }

    fn in_cells(&self, clip: Vec4) -> Option<Vec3> {
        if clip.w <= 1e-3 {
            return None;
        }
        let ndc = clip.truncate() / clip.w;
        (ndc.z <= 1.0).then(|| Vec3::new((ndc.x + 1.0) * self.half.0, (1.0 - ndc.y) * self.half.1, ndc.z))
    }
}

fn all(points: [Option<Vec3>; 3]) -> Option<[Vec3; 3]> {
    Some([points[0]?, points[1]?, points[2]?])
}

/// The corners of a box that is moved.
pub(crate) fn corners(center: Vec3, half: Vec3, transform: &Affine3A) -> [Vec3; 8] {
    let middle = transform.transform_point3(center);
    let m = transform.matrix3;
    let [x, y, z] = [Vec3::from(m.x_axis) * half.x, Vec3::from(m.y_axis) * half.y, Vec3::from(m.z_axis) * half.z];
    let sign = |bit: usize, i: usize| if i >> bit & 1 == 0 { -1.0 } else { 1.0 };
    std::array::from_fn(|i| middle + x * sign(0, i) + y * sign(1, i) + z * sign(2, i))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{NamedView, Projection};
    use studwork_ldraw::Bounds;

    #[test]
    fn a_wall_hides_what_is_behind_it_and_nothing_else() {
        let wall = [
            [Vec3::new(-50.0, -50.0, 0.0), Vec3::new(-50.0, 50.0, 0.0), Vec3::new(50.0, 50.0, 0.0)],
            [Vec3::new(-50.0, -50.0, 0.0), Vec3::new(50.0, 50.0, 0.0), Vec3::new(50.0, -50.0, 0.0)],
        ];
        let bounds = Bounds { min: Vec3::splat(-200.0), max: Vec3::splat(200.0) };
        for projection in [Projection::default(), Projection::Orthographic { height: 1.0 }] {
            let camera = Camera::named(NamedView::Front, bounds, projection, 4.0 / 3.0, 0.05);
            let mut cover = Cover::default();
            cover.start(&camera, (400, 300), camera.depth_range(bounds));
            let faces_camera = (wall[0][1] - wall[0][0]).cross(wall[0][2] - wall[0][0]).z < 0.0;
            assert!(faces_camera, "the wall's front is at -Z");
            cover.draw(&Affine3A::IDENTITY, &wall, false);
            let at = |x: f32, z: f32| corners(Vec3::new(x, 0.0, z), Vec3::splat(8.0), &Affine3A::IDENTITY);
            assert!(cover.hides(&at(0.0, 30.0)), "{projection:?}");
            assert!(cover.hides(&at(-20.0, 100.0)));
            assert!(!cover.hides(&at(0.0, -30.0)));
            assert!(!cover.hides(&at(0.0, 4.0)), "it sticks through the wall");
            assert!(!cover.hides(&at(48.0, 30.0)), "it looks out at the side");
            // Seen from behind it is no wall.
            cover.start(&camera, (400, 300), camera.depth_range(bounds));
            cover.draw(&Affine3A::IDENTITY, &wall, true);
            assert!(!cover.hides(&at(0.0, 30.0)));
        }
    }
}
