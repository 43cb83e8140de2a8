//! Poses that bring one connector onto another, with as little turning as possible.

use super::{Connector, ConnectorShape, Joint, matching::joint_of};
use glam::{Affine3A, Mat3, Mat3A, Vec3};

/// The turn that was found for the last held connector: others of the same orientation have the same.
#[derive(Default)]
pub(super) struct LastTurn(Option<(Mat3A, bool, Mat3)>);

/// Calls `f` with the poses that bring `held` (in the held body's space) onto `target` (in the world) so that they may fit;
/// [`joint_at`] says whether they do. `last` is for one target.
///
/// The turn about the axis is the multiple of 90° nearest to `rotation`, or `rotation` itself where it fits as it is.
pub(super) fn poses_onto(
    target: &Connector,
    held: &Connector,
    rotation: Mat3,
    last: &mut LastTurn,
    f: &mut dyn FnMut(Affine3A),
) {
    if !can_fit(target, held) {
        return;
    }
    let open = fits_either_way(held);
    let turned = match last.0 {
        Some((frame, was_open, turned)) if frame == held.frame.matrix3 && was_open == open => turned,
        _ => {
            let turned = rotation_onto(target, held, rotation);
            last.0 = Some((held.frame.matrix3, open, turned));
            turned
        }
    };
    let origin = turned * held.origin();
    let axis = target.direction();
    let reversed = axis.dot(turned * held.direction()) < 0.0;
    let mut at = |offset: f32| f(Affine3A::from_mat3_translation(turned, target.origin() + axis * offset - origin));
    if !slides_along(target, held) {
        at(0.0);
        return;
    }
    let mut offsets = offsets_along(target, held, reversed);
    offsets.sort_by(f32::total_cmp);
    offsets.dedup_by(|a, b| (*a - *b).abs() < 0.25);
    offsets.into_iter().for_each(at);
}

/// The joint of a held connector at a pose with its target, if they hold each other.
pub(super) fn joint_at(target: &Connector, held: &Connector, pose: &Affine3A) -> Option<Joint> {
    joint_of(&held.transformed(pose), target)
}

/// Whether the two could ever fit: a quick look before any pose is made.
fn can_fit(a: &Connector, b: &Connector) -> bool {
    use ConnectorShape as S;
    let radius = |sections: &[super::Section]| sections.iter().map(|s| s.radius).fold(f32::INFINITY, f32::min);
    match (&a.shape, &b.shape) {
        (S::Cylinder { sections: x, .. }, S::Cylinder { sections: y, .. }) => {
            x.iter().any(|s| y.iter().any(|t| (s.radius - t.radius).abs() < 0.7))
        }
        (S::Cylinder { sections, .. }, S::Clip { radius: r, .. })
        | (S::Clip { radius: r, .. }, S::Cylinder { sections, .. }) => {
            (radius(sections) - r).abs() < 0.7 || sections.iter().any(|s| (s.radius - r).abs() < 0.7)
        }
        (S::Fingers { .. }, S::Fingers { .. })
        | (S::Sphere { .. }, S::Sphere { .. })
        | (S::Generic(_), S::Generic(_)) => true,
        _ => false,
    }
}

/// Whether a held connector is the same from both ends.
fn fits_either_way(held: &Connector) -> bool {
    matches!(held.shape, ConnectorShape::Cylinder { caps: super::Caps::None, .. } | ConnectorShape::Clip { .. })
}

/// The turn of the held body that lines the two axes up, nearest to the wished one.
fn rotation_onto(target: &Connector, held: &Connector, wished: Mat3) -> Mat3 {
    let either_way = matches!(
        target.shape,
        ConnectorShape::Cylinder { caps: super::Caps::None, .. }
            | ConnectorShape::Clip { .. }
            | ConnectorShape::Fingers { .. }
    ) || fits_either_way(held);
    let along = target.direction();
    let wished_direction = wished * held.direction();
    if matches!(target.shape, ConnectorShape::Sphere { .. }) {
        return wished;
    }
    let as_it_is = wished_direction.dot(along) > 0.9995 || (either_way && wished_direction.dot(along) < -0.9995);
    if as_it_is && !is_right_angled(wished) && !matches!(target.shape, ConnectorShape::Generic(_)) {
        return wished;
    }
    let (t, h) = (proper(target.frame.matrix3.into()), proper(held.frame.matrix3.into()));
    let quarter = std::f32::consts::FRAC_PI_2;
    let turns = if matches!(target.shape, ConnectorShape::Generic(_)) { 1 } else { 4 };
    let mut best = (f32::NEG_INFINITY, wished);
    for flip in 0..=usize::from(either_way) {
        let flipped = if flip == 1 { Mat3::from_rotation_x(std::f32::consts::PI) } else { Mat3::IDENTITY };
        for turn in 0..turns {
            let rotation = t * Mat3::from_rotation_y(quarter * turn as f32) * flipped * h.transpose();
            let likeness = likeness(wished, rotation);
            if likeness > best.0 + 1e-4 {
                best = (likeness, rotation);
            }
        }
    }
    tidy(best.1)
}

/// How alike two turns are: 3 the same, −1 half a turn apart.
fn likeness(a: Mat3, b: Mat3) -> f32 {
    a.x_axis.dot(b.x_axis) + a.y_axis.dot(b.y_axis) + a.z_axis.dot(b.z_axis)
}

/// A frame without reflection or scale.
fn proper(frame: Mat3) -> Mat3 {
    let y = frame.y_axis.normalize_or(Vec3::Y);
    let x = (frame.x_axis - y * frame.x_axis.dot(y)).normalize_or(y.any_orthonormal_vector());
    Mat3::from_cols(x, y, x.cross(y))
}

/// Rounds what is a hair from a right angle, so that files and comparisons see 0 and 1.
fn tidy(rotation: Mat3) -> Mat3 {
    let round = |v: f32| if (v - v.round()).abs() < 1e-5 { v.round() } else { v };
    Mat3::from_cols_array(&rotation.to_cols_array().map(round))
}

/// Whether each axis goes to an axis.
fn is_right_angled(rotation: Mat3) -> bool {
    rotation.to_cols_array().iter().all(|v| v.abs() < 1e-3 || (v.abs() - 1.0).abs() < 1e-3)
}

/// The angle (radians) by which a pose turns the held body away from what was wished. Following the lattice of a
/// turned model is free as long as the wish itself is on the world's lattice.
pub(super) fn turn_between(wished: Mat3, lattice: &Mat3, actual: Mat3) -> f32 {
    let angle = |a: Mat3, b: Mat3| ((likeness(a, b) - 1.0) * 0.5).clamp(-1.0, 1.0).acos();
    let direct = angle(wished, actual);
    if !is_right_angled(wished) || is_right_angled(*lattice) || direct < 1e-3 {
        return direct;
    }
    if direct <= std::f32::consts::FRAC_PI_4 + 1e-3 { 0.0 } else { direct }
}

/// Whether there is more than one place for the held connector along the target's axis, or another one than where the
/// origins meet.
fn slides_along(target: &Connector, held: &Connector) -> bool {
    use ConnectorShape as S;
    !matches!((&target.shape, &held.shape), (S::Cylinder { slide: false, .. }, S::Cylinder { slide: false, .. }))
}

/// Offsets of the held connector's origin along the target's direction that are worth trying, LDU.
fn offsets_along(target: &Connector, held: &Connector, reversed: bool) -> Vec<f32> {
    use ConnectorShape as S;
    let place = |s: f32| if reversed { -s } else { s };
    let borders = |connector: &Connector| -> Vec<f32> {
        let [start, end] = connector.extent();
        match &connector.shape {
            S::Cylinder { sections, .. } => {
                let mut at = start;
                let mut all = vec![start, (start + end) * 0.5];
                for section in sections.iter() {
                    at += section.length;
                    all.push(at);
                }
                all
            }
            _ => vec![start, (start + end) * 0.5, end],
        }
    };
    match (&target.shape, &held.shape) {
        (S::Cylinder { .. } | S::Clip { .. }, S::Cylinder { .. } | S::Clip { .. }) => {
            let held_borders = borders(held);
            borders(target).iter().flat_map(|t| held_borders.iter().map(move |h| t - place(*h))).collect()
        }
        _ => {
            let middle = |c: &Connector| (c.extent()[0] + c.extent()[1]) * 0.5;
            vec![middle(target) - place(middle(held))]
        }
    }
}
