//! Where a picture is taken from: views, fitting, and the way between pixels and the world.
//!
//! Everything is in LDraw axes (−Y is up, right-handed) and LDU. The view matrix is the only place that turns them
//! to the axes of the screen; nothing here knows the graphics device.

use glam::{Mat4, Vec2, Vec3, Vec4};
use std::str::FromStr;
use studwork_ldraw::Bounds;

/// How depth becomes size on the picture.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum Projection {
    /// What is farther is smaller.
    Perspective {
        /// The vertical opening angle.
        fov_y_degrees: f32,
    },
    /// Everything keeps its size.
    Orthographic {
        /// LDU from the lower to the upper border of the picture.
        height: f32,
    },
}

impl Default for Projection {
    fn default() -> Self {
        Self::Perspective { fov_y_degrees: Camera::DEFAULT_FOV }
    }
}

/// A view with a name. Directions as LeoCAD has them: the front camera stands at −Z and looks along +Z.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Default)]
pub enum NamedView {
    /// From the front, right and above.
    #[default]
    Home,
    /// From −Z.
    Front,
    /// From +Z.
    Back,
    /// From +X.
    Left,
    /// From −X.
    Right,
    /// From above (−Y), +Z up on the picture.
    Top,
    /// From below (+Y), −Z up on the picture.
    Bottom,
}

impl NamedView {
    /// Every view, [`NamedView::Home`] first.
    pub const ALL: [Self; 7] = [Self::Home, Self::Front, Self::Back, Self::Left, Self::Right, Self::Top, Self::Bottom];

    /// The name that the command line takes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Front => "front",
            Self::Back => "back",
            Self::Left => "left",
            Self::Right => "right",
            Self::Top => "top",
            Self::Bottom => "bottom",
        }
    }

    /// From the model to the camera (unit length), and the direction that is up on the picture.
    pub fn direction_and_up(self) -> (Vec3, Vec3) {
        match self {
            Self::Home => (Vec3::new(2.0, -1.0, -2.0) / 3.0, Vec3::NEG_Y),
            Self::Front => (Vec3::NEG_Z, Vec3::NEG_Y),
            Self::Back => (Vec3::Z, Vec3::NEG_Y),
            Self::Left => (Vec3::X, Vec3::NEG_Y),
            Self::Right => (Vec3::NEG_X, Vec3::NEG_Y),
            Self::Top => (Vec3::NEG_Y, Vec3::Z),
            Self::Bottom => (Vec3::Y, Vec3::NEG_Z),
        }
    }
}

impl FromStr for NamedView {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|view| view.name().eq_ignore_ascii_case(text))
            .ok_or_else(|| format!("no view is called {text:?}; there are {}", Self::ALL.map(Self::name).join(", ")))
    }
}

/// A point of view. Copy it, change it, hand it to the renderer.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Camera {
    /// Where it stands, LDU.
    pub eye: Vec3,
    /// What it looks at (and orbits about), LDU.
    pub target: Vec3,
    /// What is up on the picture; any length, not along the line of sight.
    pub up: Vec3,
    /// Perspective or not.
    pub projection: Projection,
}

impl Default for Camera {
    fn default() -> Self {
        let (direction, up) = NamedView::Home.direction_and_up();
        Self { eye: direction * 1000.0, target: Vec3::ZERO, up, projection: Projection::default() }
    }
}

impl Camera {
    /// The vertical opening angle in degrees unless one is asked for (LeoCAD's).
    pub const DEFAULT_FOV: f32 = 30.0;

    /// From the model to a camera at a latitude above the ground and a longitude turned from the front towards +X, both
    /// in degrees, and its up direction (LeoCAD's `--camera-angles`).
    pub fn direction_from_angles(latitude: f32, longitude: f32) -> (Vec3, Vec3) {
        let ((lat_sin, lat_cos), (lon_sin, lon_cos)) =
            (latitude.to_radians().sin_cos(), longitude.to_radians().sin_cos());
        let direction = Vec3::new(lon_sin * lat_cos, -lat_sin, -lon_cos * lat_cos);
        let up = Vec3::new(-lon_sin * lat_sin, -lat_cos, lon_cos * lat_sin);
        (direction, up)
    }

    /// Latitude and longitude in degrees, as [`Camera::direction_from_angles`] takes them.
    pub fn angles(&self) -> (f32, f32) {
        let d = (self.eye - self.target).normalize_or(Vec3::NEG_Z);
        (-d.y.clamp(-1.0, 1.0).asin().to_degrees(), d.x.atan2(-d.z).to_degrees())
    }

    /// A camera that sees all of `bounds` from `direction` (from the model to the camera), with `margin` (a share of
    /// the picture's width and height) free on each side. An empty box gives a view of a 100 LDU cube at the origin.
    pub fn fit(bounds: Bounds, direction: Vec3, up: Vec3, projection: Projection, aspect: f32, margin: f32) -> Self {
        Self::fit_points(&bounds_or_unit(bounds).corners(), direction, up, projection, aspect, margin)
    }

    /// As [`Camera::fit`], for the corners of several boxes or the points of a mesh: closer than the box around all.
    pub fn fit_points(
        points: &[Vec3],
        direction: Vec3,
        up: Vec3,
        projection: Projection,
        aspect: f32,
        margin: f32,
    ) -> Self {
        let bounds = bounds_or_unit(Bounds::from_points(points.iter().copied()));
        let corners = bounds.corners();
        let points = if points.is_empty() { &corners } else { points };
        let center = bounds.center();
        let backward = direction.normalize_or(Vec3::NEG_Z);
        let right = up.cross(backward).try_normalize().unwrap_or_else(|| backward.any_orthonormal_vector());
        let up = backward.cross(right);
        let room = (1.0 - 2.0 * margin).clamp(0.05, 1.0);
        let radius = bounds.size().length() * 0.5;
        let local = points.iter().map(|p| {
            let offset = *p - center;
            Vec3::new(offset.dot(right), offset.dot(up), -offset.dot(backward))
        });
        match projection {
            Projection::Perspective { fov_y_degrees } => {
                // A point at (x, y) and depth z is inside when |x − ex| ≤ tx (z + d): linear in the eye's shift and distance.
                let ty = (fov_y_degrees.clamp(1.0, 170.0).to_radians() * 0.5).tan() * room;
                let tx = ty * aspect.max(1e-3);
                let (mut hi, mut lo) = (Vec2::NEG_INFINITY, Vec2::NEG_INFINITY);
                for p in local.clone() {
                    let slack = Vec2::new(tx, ty) * p.z;
                    hi = hi.max(p.truncate() - slack);
                    lo = lo.max(-p.truncate() - slack);
                }
                let mut shift = (hi - lo) * 0.5;
                let distance = ((hi + lo) * 0.5 / Vec2::new(tx, ty)).max_element().max(1.0);
                // One axis has room to spare: moving by what is seen off the middle centers it, nearly at once.
                for _ in 0..4 {
                    let (mut least, mut most) = (Vec2::INFINITY, Vec2::NEG_INFINITY);
                    for p in local.clone() {
                        let seen = (p.truncate() - shift) / (p.z + distance).max(1e-3);
                        least = least.min(seen);
                        most = most.max(seen);
                    }
                    shift += (least + most) * 0.5 * distance;
                }
                let target = center + right * shift.x + up * shift.y;
                Self { eye: target + backward * distance, target, up, projection }
            }
            Projection::Orthographic { .. } => {
                let (lo, hi) = local.fold((Vec2::INFINITY, Vec2::NEG_INFINITY), |(lo, hi), p| {
                    (lo.min(p.truncate()), hi.max(p.truncate()))
                });
                let (size, middle) = (hi - lo, (hi + lo) * 0.5);
                let height = (size.y.max(size.x / aspect.max(1e-3)) / room).max(1.0);
                let target = center + right * middle.x + up * middle.y;
                let eye = target + backward * (radius * 2.0 + 10.0);
                Self { eye, target, up, projection: Projection::Orthographic { height } }
            }
        }
    }

    /// As [`Camera::fit`], for a view with a name.
    pub fn named(view: NamedView, bounds: Bounds, projection: Projection, aspect: f32, margin: f32) -> Self {
        let (direction, up) = view.direction_and_up();
        Self::fit(bounds, direction, up, projection, aspect, margin)
    }

    /// The home view of a model at the default opening angle, with a margin of 5 %.
    pub fn home(bounds: Bounds, aspect: f32) -> Self {
        Self::named(NamedView::Home, bounds, Projection::default(), aspect, 0.05)
    }

    /// The same direction and projection, moved so that `bounds` fits.
    #[must_use]
    pub fn fitted(&self, bounds: Bounds, aspect: f32, margin: f32) -> Self {
        Self::fit(bounds, -self.forward(), self.up, self.projection, aspect, margin)
    }

    /// Turned about the target: `yaw` about the vertical, `pitch` towards above, both in radians. Stops short of the poles.
    #[must_use]
    pub fn orbited(&self, yaw: f32, pitch: f32) -> Self {
        let (latitude, longitude) = self.angles();
        let latitude = (latitude + pitch.to_degrees()).clamp(-89.0, 89.0);
        let (direction, up) = Self::direction_from_angles(latitude, longitude + yaw.to_degrees());
        Self { eye: self.target + direction * self.eye.distance(self.target), up, ..*self }
    }

    /// Moved sideways by pixels of a picture of `size`, so that what is at the target's depth follows the pointer.
    #[must_use]
    pub fn panned(&self, pixels: Vec2, size: (u32, u32)) -> Self {
        let per_pixel = self.lengths_per_pixel(self.target, size);
        let offset = self.up() * (pixels.y * per_pixel) - self.right() * (pixels.x * per_pixel);
        Self { eye: self.eye + offset, target: self.target + offset, ..*self }
    }

    /// Closer (`factor` < 1) or farther, keeping the point `anchor` where it is on the picture.
    #[must_use]
    pub fn zoomed(&self, factor: f32, anchor: Vec3) -> Self {
        let factor = factor.clamp(0.01, 100.0);
        let toward = |p: Vec3| anchor + (p - anchor) * factor;
        match self.projection {
            Projection::Perspective { .. } => Self { eye: toward(self.eye), target: toward(self.target), ..*self },
            Projection::Orthographic { height } => {
                let offset = (anchor - self.target).reject_from_normalized(self.forward()) * (1.0 - factor);
                let projection = Projection::Orthographic { height: height * factor };
                Self { eye: self.eye + offset, target: self.target + offset, projection, ..*self }
            }
        }
    }

    /// The same view in the other projection, the target keeping its size.
    #[must_use]
    pub fn with_orthographic(&self, orthographic: bool) -> Self {
        let half_angle = (Self::DEFAULT_FOV.to_radians() * 0.5).tan();
        match (self.projection, orthographic) {
            (Projection::Perspective { fov_y_degrees }, true) => {
                let height = 2.0 * self.eye.distance(self.target) * (fov_y_degrees.to_radians() * 0.5).tan();
                Self { projection: Projection::Orthographic { height }, ..*self }
            }
            (Projection::Orthographic { height }, false) => {
                let eye = self.target - self.forward() * (height * 0.5 / half_angle);
                Self { eye, projection: Projection::default(), ..*self }
            }
            _ => *self,
        }
    }

    /// The line of sight, unit length.
    pub fn forward(&self) -> Vec3 {
        (self.target - self.eye).normalize_or(Vec3::Z)
    }

    /// What is to the right on the picture, unit length.
    pub fn right(&self) -> Vec3 {
        let forward = self.forward();
        forward.cross(self.up).try_normalize().unwrap_or_else(|| forward.any_orthonormal_vector())
    }

    /// What is up on the picture, unit length and square to the line of sight.
    pub fn up(&self) -> Vec3 {
        self.right().cross(self.forward())
    }

    /// World to view: the camera at the origin, looking along −Z, +Y up.
    pub fn view_matrix(&self) -> Mat4 {
        Mat4::look_to_rh(self.eye, self.forward(), self.up())
    }

    /// View to clip space for a picture with width / height = `aspect`; depth is 1 near and goes to 0 far away.
    pub fn projection_matrix(&self, aspect: f32) -> Mat4 {
        let reach = self.eye.distance(self.target).max(1.0);
        self.projection_between(aspect, reach * 0.01, reach * 100.0)
    }

    /// As [`Camera::projection_matrix`], for a known range of depths in LDU (`near` may be negative if orthographic).
    pub fn projection_between(&self, aspect: f32, near: f32, far: f32) -> Mat4 {
        match self.projection {
            Projection::Perspective { fov_y_degrees } => Mat4::perspective_infinite_reverse_rh(
                fov_y_degrees.clamp(1.0, 170.0).to_radians(),
                aspect.max(1e-3),
                near.max(1e-3),
            ),
            Projection::Orthographic { height } => {
                let (half_h, half_w) = (height.max(1e-3) * 0.5, height.max(1e-3) * 0.5 * aspect.max(1e-3));
                Mat4::orthographic_rh(-half_w, half_w, -half_h, half_h, far, near)
            }
        }
    }

    /// World to clip space.
    pub fn view_projection(&self, aspect: f32) -> Mat4 {
        self.projection_matrix(aspect) * self.view_matrix()
    }

    /// The depths (LDU along the line of sight) between which `bounds` lies, in front of the eye where perspective.
    pub fn depth_range(&self, bounds: Bounds) -> (f32, f32) {
        let forward = self.forward();
        let (near, far) = bounds_or_unit(bounds)
            .corners()
            .into_iter()
            .map(|p| (p - self.eye).dot(forward))
            .fold((f32::INFINITY, f32::NEG_INFINITY), |(lo, hi), depth| (lo.min(depth), hi.max(depth)));
        let slack = (far - near).max(1.0) * 0.02 + 1.0;
        match self.projection {
            Projection::Perspective { .. } => {
                let far = (far + slack).max(1.0);
                ((near - slack).max(far * 1e-4).max(0.05), far)
            }
            Projection::Orthographic { .. } => (near - slack, far + slack),
        }
    }

    /// How many LDU a pixel is wide at the depth of `point`.
    pub fn lengths_per_pixel(&self, point: Vec3, size: (u32, u32)) -> f32 {
        let height = size.1.max(1) as f32;
        match self.projection {
            Projection::Perspective { fov_y_degrees } => {
                let depth = (point - self.eye).dot(self.forward()).max(1e-3);
                2.0 * depth * (fov_y_degrees.to_radians() * 0.5).tan() / height
            }
            Projection::Orthographic { height: lengths } => lengths / height,
        }
    }

    /// The ray through a pixel position (0, 0 is the picture's upper left corner): origin and unit direction.
    pub fn ray(&self, pixel: Vec2, size: (u32, u32)) -> (Vec3, Vec3) {
        let size = Vec2::new(size.0.max(1) as f32, size.1.max(1) as f32);
        let ndc = Vec2::new(pixel.x / size.x * 2.0 - 1.0, 1.0 - pixel.y / size.y * 2.0);
        self.ray_from_ndc(ndc, size.x / size.y)
    }

    /// The ray through a position with x and y between −1 and 1 (y up): origin and unit direction.
    pub fn ray_from_ndc(&self, ndc: Vec2, aspect: f32) -> (Vec3, Vec3) {
        let (right, up, forward) = (self.right(), self.up(), self.forward());
        match self.projection {
            Projection::Perspective { fov_y_degrees } => {
                let t = (fov_y_degrees.clamp(1.0, 170.0).to_radians() * 0.5).tan();
                (self.eye, (forward + right * (ndc.x * t * aspect) + up * (ndc.y * t)).normalize())
            }
            Projection::Orthographic { height } => {
                let half = height * 0.5;
                (self.eye + right * (ndc.x * half * aspect) + up * (ndc.y * half), forward)
            }
        }
    }

    /// Where a point falls on a picture of `size` pixels (0, 0 upper left); `None` behind the camera.
    pub fn project(&self, point: Vec3, size: (u32, u32)) -> Option<Vec2> {
        let size = Vec2::new(size.0.max(1) as f32, size.1.max(1) as f32);
        let clip: Vec4 = self.view_projection(size.x / size.y) * point.extend(1.0);
        if clip.w <= 1e-6 {
            return None;
        }
        let ndc = clip.truncate() / clip.w;
        Some(Vec2::new((ndc.x * 0.5 + 0.5) * size.x, (0.5 - ndc.y * 0.5) * size.y))
    }

    /// The six planes (xyz inward normal of unit length, w offset) of what a picture shows between two depths.
    pub fn frustum(&self, aspect: f32, near: f32, far: f32) -> [Vec4; 6] {
        let (right, up, forward) = (self.right(), self.up(), self.forward());
        let plane = |normal: Vec3, at: Vec3| normal.extend(-normal.dot(at));
        let (front, back) = (self.eye + forward * near, self.eye + forward * far);
        let sides = match self.projection {
            Projection::Perspective { fov_y_degrees } => {
                let ty = (fov_y_degrees.clamp(1.0, 170.0).to_radians() * 0.5).tan();
                let tx = ty * aspect;
                [(right, tx), (-right, tx), (up, ty), (-up, ty)]
                    .map(|(axis, t)| plane((axis + forward * t).normalize(), self.eye))
            }
            Projection::Orthographic { height } => {
                let (h, w) = (height * 0.5, height * 0.5 * aspect);
                [(right, w), (-right, w), (up, h), (-up, h)].map(|(axis, half)| plane(axis, self.eye - axis * half))
            }
        };
        [sides[0], sides[1], sides[2], sides[3], plane(forward, front), plane(-forward, back)]
    }
}

fn bounds_or_unit(bounds: Bounds) -> Bounds {
    if bounds.is_empty() || !bounds.size().is_finite() {
        Bounds { min: Vec3::splat(-50.0), max: Vec3::splat(50.0) }
    } else {
        bounds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: (u32, u32) = (800, 600);

    fn boxed() -> Bounds {
        Bounds { min: Vec3::new(-310.0, -80.0, -40.0), max: Vec3::new(150.0, 24.0, 500.0) }
    }

    #[test]
    fn fit_leaves_the_margin_and_touches_it() {
        let mut directions: Vec<_> = NamedView::ALL.map(NamedView::direction_and_up).to_vec();
        directions.extend((0..24).map(|i| Camera::direction_from_angles(i as f32 * 7.0 - 80.0, i as f32 * 31.0)));
        for (direction, up) in directions {
            for projection in [Projection::default(), Projection::Orthographic { height: 1.0 }] {
                let camera = Camera::fit(boxed(), direction, up, projection, 800.0 / 600.0, 0.05);
                let mut least = f32::INFINITY;
                for corner in boxed().corners() {
                    let at = camera.project(corner, SIZE).expect("the camera is in front of the box");
                    let free = [at.x / 800.0, 1.0 - at.x / 800.0, at.y / 600.0, 1.0 - at.y / 600.0];
                    least = free.into_iter().fold(least, f32::min);
                }
                assert!((least - 0.05).abs() < 1e-3, "{direction} {projection:?}: {least} free");
            }
        }
    }

    #[test]
    fn fit_centers_what_is_seen_on_both_axes() {
        for i in 0..24 {
            let (direction, up) = Camera::direction_from_angles(i as f32 * 7.0 - 80.0, i as f32 * 31.0);
            let camera = Camera::fit(boxed(), direction, up, Projection::default(), 4.0 / 3.0, 0.05);
            let seen = boxed().corners().map(|corner| camera.project(corner, SIZE).expect("in front"));
            let lo = seen.into_iter().fold(Vec2::INFINITY, Vec2::min);
            let hi = seen.into_iter().fold(Vec2::NEG_INFINITY, Vec2::max);
            let off = (lo + hi) * 0.5 - Vec2::new(400.0, 300.0);
            assert!(off.length() < 4.0, "{off} pixels off the middle");
        }
    }

    #[test]
    fn front_view_has_x_to_the_right_and_minus_y_up() {
        let camera = Camera::named(NamedView::Front, boxed(), Projection::default(), 4.0 / 3.0, 0.05);
        let project = |p: Vec3| camera.project(p, SIZE).expect("in front");
        assert!(project(Vec3::new(100.0, 0.0, 0.0)).x > project(Vec3::ZERO).x);
        assert!(project(Vec3::new(0.0, -50.0, 0.0)).y < project(Vec3::ZERO).y);
        assert!(camera.eye.z < boxed().min.z);
    }

    #[test]
    fn a_ray_goes_through_the_projected_point() {
        let point = Vec3::new(33.0, -20.0, 71.0);
        for camera in [Camera::home(boxed(), 4.0 / 3.0), Camera::home(boxed(), 4.0 / 3.0).with_orthographic(true)] {
            let pixel = camera.project(point, SIZE).expect("in front");
            let (origin, direction) = camera.ray(pixel, SIZE);
            let off = (point - origin).reject_from_normalized(direction).length();
            assert!(off < 0.01, "{off}");
        }
    }

    #[test]
    fn angles_survive_the_round_trip_and_home_is_45_degrees_to_the_right() {
        let (direction, up) = Camera::direction_from_angles(20.0, 130.0);
        let camera = Camera::fit(boxed(), direction, up, Projection::default(), 1.0, 0.0);
        let (latitude, longitude) = camera.angles();
        assert!((latitude - 20.0).abs() < 0.1 && (longitude - 130.0).abs() < 0.1, "{latitude} {longitude}");
        assert!((Camera::home(boxed(), 1.0).angles().1 - 45.0).abs() < 1e-3);
        assert!(direction.dot(up).abs() < 1e-6);
    }

    #[test]
    fn orbit_keeps_the_distance_and_zoom_keeps_the_anchor() {
        let camera = Camera::home(boxed(), 1.0);
        let orbited = camera.orbited(0.7, 0.2);
        assert!((orbited.eye.distance(orbited.target) - camera.eye.distance(camera.target)).abs() < 0.1);
        let anchor = Vec3::new(100.0, 0.0, 100.0);
        for camera in [camera, camera.with_orthographic(true)] {
            let (before, after) = (camera.project(anchor, SIZE), camera.zoomed(0.5, anchor).project(anchor, SIZE));
            let moved = before.expect("in front").distance(after.expect("in front"));
            assert!(moved < 0.5, "{moved}");
        }
    }

    #[test]
    fn the_frustum_holds_what_projects_inside() {
        let camera = Camera::home(boxed(), 4.0 / 3.0);
        let (near, far) = camera.depth_range(boxed());
        let planes = camera.frustum(4.0 / 3.0, near, far);
        let inside = |p: Vec3| planes.iter().all(|plane| plane.truncate().dot(p) + plane.w >= 0.0);
        assert!(inside(boxed().center()));
        assert!(!inside(boxed().center() + camera.right() * 1e4));
        assert!(!inside(camera.eye - camera.forward() * 10.0));
    }
}
