//! From the world to the pixels of a picture or of a shadow map, and back.

use crate::frame::Light;
use crate::{Camera, Projection};
use glam::{Mat4, Vec2, Vec3, Vec4};
use studwork_ldraw::Bounds;

/// A view of the world.
#[derive(Copy, Clone, Debug)]
pub(super) struct View {
    /// To pixels (x right, y down) and depth (0 far, greater is nearer); w is 1 without perspective.
    pub matrix: Mat4,
    /// With perspective, the least w that is drawn.
    pub near: Option<f32>,
    pub width: usize,
    pub height: usize,
    /// LDU a pixel, at w 1.
    pub pixel: f32,
    /// Without perspective, the depth of a LDU.
    pub depth_of_length: f32,
}

/// Where a box is on the picture.
#[derive(Copy, Clone, Debug)]
pub(super) struct Place {
    pub lo: Vec2,
    pub hi: Vec2,
    /// The greatest depth.
    pub nearest: f32,
    /// Whether some of it is behind the eye or too near.
    pub cut: bool,
}

impl View {
    pub fn of_camera(camera: &Camera, (width, height): (u32, u32), (near, far): (f32, f32)) -> Self {
        let aspect = width as f32 / height as f32;
        let clip = camera.projection_between(aspect, near, far) * camera.view_matrix();
        let perspective = matches!(camera.projection, Projection::Perspective { .. });
        Self {
            matrix: pixels_from_clip(width as f32, height as f32) * clip,
            near: perspective.then_some(near),
            width: width as usize,
            height: height as usize,
            pixel: camera.lengths_per_pixel(camera.eye + camera.forward(), (width, height)),
            depth_of_length: 1.0 / (far - near),
        }
    }

    /// For a shadow map of `size` texels a side, of which four are a pixel.
    pub fn of_light(light: &Light, size: u32) -> Self {
        // The light's matrix has greater depths farther.
        let nearer = Mat4::from_cols(Vec4::X, Vec4::Y, Vec4::NEG_Z, Vec4::new(0.0, 0.0, 1.0, 1.0));
        let side = size as f32 / 2.0;
        Self {
            matrix: pixels_from_clip(side, side) * nearer * light.matrix,
            near: None,
            width: size as usize / 2,
            height: size as usize / 2,
            pixel: light.texel * 2.0,
            depth_of_length: 0.0,
        }
    }

    /// Where a box of a mesh is under a matrix from the mesh to pixels; `None` where it is wholly out of the depths
    /// that are drawn.
    pub fn place(&self, matrix: &Mat4, bounds: Bounds) -> Option<Place> {
        let near = self.near.unwrap_or(f32::NEG_INFINITY);
        let (mut lo, mut hi, mut behind) = (Vec3::INFINITY, Vec3::NEG_INFINITY, 0);
        for corner in bounds.corners() {
            let at = *matrix * corner.extend(1.0);
            if at.w < near {
                behind += 1;
            } else {
                let at = at.truncate() / at.w;
                lo = lo.min(at);
                hi = hi.max(at);
            }
        }
        match behind {
            0 => Some(Place { lo: lo.truncate(), hi: hi.truncate(), nearest: hi.z, cut: false }),
            8 => None,
            _ => {
                let far = Vec2::splat(1e9);
                Some(Place { lo: -far, hi: far, nearest: 1.0, cut: true })
            }
        }
    }
}

/// From clip space to pixels; depth stays.
fn pixels_from_clip(width: f32, height: f32) -> Mat4 {
    let (w, h) = (width * 0.5, height * 0.5);
    Mat4::from_cols(
        Vec4::new(w, 0.0, 0.0, 0.0),
        Vec4::new(0.0, -h, 0.0, 0.0),
        Vec4::new(0.0, 0.0, 1.0, 0.0),
        Vec4::new(w, h, 0.0, 1.0),
    )
}

/// The world behind each pixel of a camera's picture.
#[derive(Copy, Clone, Debug)]
pub(super) struct Rays {
    /// Where rays start, at the pixel position (0, 0).
    pub origin: Vec3,
    pub origin_x: Vec3,
    pub origin_y: Vec3,
    /// Where they go: a step of 1 along the line of sight.
    pub direction: Vec3,
    pub direction_x: Vec3,
    pub direction_y: Vec3,
    near: f32,
    far: f32,
    perspective: bool,
}

impl Rays {
    pub fn new(camera: &Camera, (width, height): (u32, u32), (near, far): (f32, f32)) -> Self {
        let (width, height) = (width as f32, height as f32);
        let (right, up, forward) = (camera.right(), camera.up(), camera.forward());
        let corner = |half: f32| (right * (-half * width / height) + up * half, half * 2.0 / height);
        match camera.projection {
            Projection::Perspective { fov_y_degrees } => {
                let (corner, step) = corner((fov_y_degrees.clamp(1.0, 170.0).to_radians() * 0.5).tan());
                Self {
                    origin: camera.eye,
                    origin_x: Vec3::ZERO,
                    origin_y: Vec3::ZERO,
                    direction: forward + corner,
                    direction_x: right * step,
                    direction_y: up * -step,
                    near,
                    far,
                    perspective: true,
                }
            }
            Projection::Orthographic { height } => {
                let (corner, step) = corner(height.max(1e-3) * 0.5);
                Self {
                    origin: camera.eye + corner,
                    origin_x: right * step,
                    origin_y: up * -step,
                    direction: forward,
                    direction_x: Vec3::ZERO,
                    direction_y: Vec3::ZERO,
                    near,
                    far,
                    perspective: false,
                }
            }
        }
    }

    /// The length along the line of sight at which a depth lies.
    #[inline]
    pub fn length(&self, depth: Vec4) -> Vec4 {
        if self.perspective {
            Vec4::splat(self.near) / depth.max(Vec4::splat(1e-9))
        } else {
            Vec4::splat(self.far) + depth * (self.near - self.far)
        }
    }

    /// Origin and direction at a pixel position.
    pub fn at(&self, x: f32, y: f32) -> (Vec3, Vec3) {
        let origin = self.origin + self.origin_x * x + self.origin_y * y;
        (origin, self.direction + self.direction_x * x + self.direction_y * y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NamedView;

    #[test]
    fn what_a_view_puts_on_a_pixel_its_ray_finds_again() {
        let bounds = Bounds { min: Vec3::new(-80.0, -40.0, -60.0), max: Vec3::new(90.0, 10.0, 70.0) };
        let size = (320, 200);
        for projection in [Projection::default(), Projection::Orthographic { height: 1.0 }] {
            let camera = Camera::named(NamedView::Home, bounds, projection, 1.6, 0.05);
            let depths = camera.depth_range(bounds);
            let (view, rays) = (View::of_camera(&camera, size, depths), Rays::new(&camera, size, depths));
            for point in bounds.corners() {
                let at = view.matrix * point.extend(1.0);
                let at = at / at.w;
                assert!(at.x > 0.0 && at.x < 320.0 && at.y > 0.0 && at.y < 200.0, "{at}");
                let (origin, direction) = rays.at(at.x, at.y);
                let found = origin + direction * rays.length(Vec4::splat(at.z)).x;
                assert!(found.distance(point) < 0.05, "{found} {point}");
            }
            let place = view.place(&view.matrix, bounds).expect("it is in front");
            assert!(!place.cut && place.lo.cmpge(Vec2::ZERO).all() && place.hi.x <= 320.0);
        }
    }
}
