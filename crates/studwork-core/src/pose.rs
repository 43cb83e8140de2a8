//! Where a piece is and how it is turned.
//!
//! A pose keeps any 3×3 matrix, because LDraw files hold mirrored, scaled and skewed ones. What is within a
//! millionth of a right-angle turn is made exact, so that turning a brick all day does not skew it.

use glam::{Affine3A, Mat3, Vec3};
use serde::{Deserialize, Serialize};

/// The greatest coordinate or matrix entry that a design holds, LDU; LDraw readers refuse more.
pub const MAX_NUMBER: f32 = 1e7;

/// A matrix entry this near to −1, 0 or 1 is taken for it, if all of them are.
const SNAP: f32 = 1e-6;

/// A place and a turn, in the space of the submodel (LDU, LDraw axes).
#[derive(Copy, Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Pose {
    /// LDU.
    pub position: Vec3,
    /// Any matrix; its columns are where the part's axes point.
    pub rotation: Mat3,
}

impl Default for Pose {
    fn default() -> Self {
        Self::IDENTITY
    }
}

impl Pose {
    /// At the origin, not turned.
    pub const IDENTITY: Self = Self { position: Vec3::ZERO, rotation: Mat3::IDENTITY };

    /// At a position in LDU, not turned.
    pub const fn at(position: Vec3) -> Self {
        Self { position, rotation: Mat3::IDENTITY }
    }

    /// A place and a turn.
    pub const fn new(position: Vec3, rotation: Mat3) -> Self {
        Self { position, rotation }
    }

    /// The same as a transform from the part's space to the submodel's.
    pub fn to_affine(self) -> Affine3A {
        Affine3A::from_mat3_translation(self.rotation, self.position)
    }

    /// The pose that a transform describes.
    pub fn from_affine(transform: &Affine3A) -> Self {
        Self { position: transform.translation.into(), rotation: transform.matrix3.into() }
    }

    /// This pose seen from outside: `parent` is where the space of this pose lies.
    #[must_use]
    pub fn then(self, parent: Self) -> Self {
        Self {
            position: parent.rotation * self.position + parent.position,
            rotation: snapped_rotation(parent.rotation * self.rotation),
        }
    }

    /// This pose turned about a point in LDU.
    #[must_use]
    pub fn rotated_about(self, pivot: Vec3, rotation: Mat3) -> Self {
        Self {
            position: pivot + rotation * (self.position - pivot),
            rotation: snapped_rotation(rotation * self.rotation),
        }
    }

    /// This pose with right-angle turns made exact and without negative zeros: the form in which a design keeps it.
    #[must_use]
    pub fn tidied(self) -> Self {
        Self { position: self.position + Vec3::ZERO, rotation: snapped_rotation(self.rotation) }
    }

    /// Whether all numbers are finite and within [`MAX_NUMBER`].
    pub fn is_valid(&self) -> bool {
        let small = |v: Vec3| v.is_finite() && v.abs().max_element() <= MAX_NUMBER;
        small(self.position)
            && [self.rotation.x_axis, self.rotation.y_axis, self.rotation.z_axis].into_iter().all(small)
    }
}

/// The signed permutation matrix within a millionth of this one, if there is one; else the matrix itself, without
/// negative zeros.
pub fn snapped_rotation(matrix: Mat3) -> Mat3 {
    let nearest = Mat3::from_cols(matrix.x_axis.round(), matrix.y_axis.round(), matrix.z_axis.round());
    let exact = if is_right_angle(&nearest) && nearest.abs_diff_eq(matrix, SNAP) { nearest } else { matrix };
    // Adding zero turns −0 into 0.
    Mat3::from_cols(exact.x_axis + Vec3::ZERO, exact.y_axis + Vec3::ZERO, exact.z_axis + Vec3::ZERO)
}

/// Whether a matrix only swaps and reverses axes.
pub fn is_right_angle(matrix: &Mat3) -> bool {
    let unit = |v: Vec3| v.abs().to_array().iter().filter(|&&n| n == 1.0).count() == 1 && v.abs().element_sum() == 1.0;
    let columns = [matrix.x_axis, matrix.y_axis, matrix.z_axis];
    columns.into_iter().all(unit) && matrix.determinant().abs() == 1.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f32::consts::FRAC_PI_2;

    #[test]
    fn a_thousand_right_angle_turns_do_not_drift() {
        let turn = Mat3::from_rotation_y(FRAC_PI_2);
        let mut pose = Pose::new(Vec3::new(30.0, -24.0, 10.0), Mat3::IDENTITY);
        for _ in 0..1000 {
            pose = pose.rotated_about(Vec3::new(10.0, 0.0, 10.0), snapped_rotation(turn));
        }
        assert_eq!(pose, Pose::at(Vec3::new(30.0, -24.0, 10.0)));
    }

    #[test]
    fn only_what_is_a_right_angle_is_snapped() {
        let skewed = Mat3::from_cols(Vec3::new(1.0, 1e-3, 0.0), Vec3::Y, Vec3::Z);
        assert_eq!(snapped_rotation(skewed), skewed);
        let flat = Mat3::from_cols(Vec3::X, Vec3::X, Vec3::Z);
        assert_eq!(snapped_rotation(flat), flat);
        let mirrored = Mat3::from_diagonal(Vec3::new(-1.0, 1.0, 1.0 - 5e-7));
        assert_eq!(snapped_rotation(mirrored), Mat3::from_diagonal(Vec3::new(-1.0, 1.0, 1.0)));
    }

    #[test]
    fn then_is_what_the_transforms_say() {
        let inner = Pose::new(Vec3::new(1.0, 2.0, 3.0), Mat3::from_rotation_x(0.3));
        let outer = Pose::new(Vec3::new(-4.0, 5.0, 6.0), Mat3::from_rotation_z(1.1));
        let both = outer.to_affine() * inner.to_affine();
        assert!(inner.then(outer).to_affine().abs_diff_eq(both, 1e-5));
    }
}
