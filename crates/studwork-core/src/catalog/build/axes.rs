//! Frames that lay a body built along z into a part's axes (LDraw: −Y is up).

use glam::{Affine3A, Mat3, Vec3};

/// Only moved.
pub fn at(x: f32, y: f32, z: f32) -> Affine3A {
    Affine3A::from_translation(Vec3::new(x, y, z))
}

/// Contour in (x, z), w upward: a point (u, v, w) comes to (u, −w, v).
pub fn up() -> Affine3A {
    Affine3A::from_mat3(Mat3::from_cols(Vec3::X, Vec3::Z, Vec3::NEG_Y))
}

/// Contour in (y, z), w along x: a point (u, v, w) comes to (w, u, v).
pub fn along_x() -> Affine3A {
    Affine3A::from_mat3(Mat3::from_cols(Vec3::Y, Vec3::Z, Vec3::X))
}

/// Contour in (x, y), w along z: a point stays.
pub fn along_z() -> Affine3A {
    Affine3A::IDENTITY
}

/// Turned by degrees about the y axis, right-handed about +Y: +z comes to +x at 90.
pub fn turn_y(degrees: f32) -> Affine3A {
    Affine3A::from_rotation_y(degrees.to_radians())
}

/// Turned by degrees about the x axis, right-handed: +y comes to +z at 90.
pub fn turn_x(degrees: f32) -> Affine3A {
    Affine3A::from_rotation_x(degrees.to_radians())
}

/// Turned by degrees about the z axis, right-handed: +x comes to +y at 90.
pub fn turn_z(degrees: f32) -> Affine3A {
    Affine3A::from_rotation_z(degrees.to_radians())
}

/// A frame whose y axis has this direction, with its origin at a point: for grips.
pub fn y_toward(origin: Vec3, direction: Vec3) -> Affine3A {
    let y = direction.normalize();
    let side = if y.x.abs() > 0.9 { Vec3::Z } else { Vec3::X };
    let z = side.cross(y).normalize();
    Affine3A::from_mat3_translation(Mat3::from_cols(y.cross(z), y, z), origin)
}
