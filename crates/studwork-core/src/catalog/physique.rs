//! From a built shape to what picking, snapping and collision use: its grips become connectors, its solids bodies.

use super::build::{Grip, GripKind, Shape, Solid as Filled};
use crate::connect::{
    BAR_RADIUS, Caps, Connector, Gender, PartBody, STUD_HEIGHT, Section, SectionShape, Solid, pins_from_stretches,
    solids_of_part, special_joints_of, tire_seat_of, tube_sockets,
};
use glam::{Affine3A, Mat3, Vec3};
use std::sync::Arc;
use studwork_ldraw::StudKind;

/// The body of a built part; connectors and solids are made when first asked for. Number and name bring the joints that no
/// shape tells of (a minifigure's, a tire's).
pub fn body_from_shape(number: &str, name: &str, shape: &Shape) -> Arc<PartBody> {
    let mesh = Arc::new(shape.mesh());
    let mut special = special_joints_of(number);
    special.extend(tire_seat_of(name, &mesh));
    let (grips, filled) = (shape.grips.clone(), shape.solids.clone());
    PartBody::lazy(
        mesh,
        Box::new(move |mesh| {
            let bores = mesh.studs.iter().filter(|s| s.kind == StudKind::OpenStud).map(|s| bore(&s.transform));
            let pins: Vec<(Affine3A, f32)> =
                grips.iter().filter(|g| g.kind == GripKind::Pin).map(|g| (g.frame, g.length)).collect();
            let mut connectors: Vec<Connector> = grips.iter().flat_map(connectors_from_grip).chain(bores).collect();
            connectors.extend(pins_from_stretches(mesh, &pins));
            connectors.extend(tube_sockets(mesh));
            connectors.extend(special.iter().cloned());
            // What the mesh fills is more exact than the families' blocks: undersides are hollow, studs are there.
            let mut solids = solids_of_part(mesh, &connectors);
            if solids.is_empty() {
                solids = filled.iter().filter_map(solid).collect();
            }
            (connectors, solids)
        }),
    )
}

/// The bore of a hollow stud, entered from above.
fn bore(stud: &Affine3A) -> Connector {
    let from_above = Affine3A::from_rotation_x(std::f32::consts::PI);
    let top = rigid(stud) * Affine3A::from_translation(Vec3::new(0.0, -STUD_HEIGHT, 0.0)) * from_above;
    let section = Section::new(SectionShape::Round, BAR_RADIUS, STUD_HEIGHT);
    Connector::cylinder(Gender::Female, top, section, Caps::One, false)
}

fn connectors_from_grip(grip: &Grip) -> Vec<Connector> {
    let frame = rigid(&grip.frame);
    // For what starts at its origin and runs along −Y while the grip is centered.
    let start = frame * Affine3A::from_translation(Vec3::new(0.0, grip.length / 2.0, 0.0));
    match grip.kind {
        GripKind::Stud => vec![Connector::stud(frame)],
        GripKind::Socket => vec![Connector::socket(frame)],
        // Stretches of one pin are joined, see below.
        GripKind::Pin => Vec::new(),
        GripKind::HalfPin => vec![Connector::pin_half(frame)],
        GripKind::PinHole => vec![Connector::pin_hole(frame, grip.length)],
        GripKind::Axle => vec![Connector::axle(frame, grip.length)],
        GripKind::AxleHole => vec![Connector::axle_hole(frame, grip.length)],
        GripKind::Bar => vec![Connector::bar(start, grip.length)],
        GripKind::Clip => vec![Connector::clip(frame, grip.length)],
        GripKind::BarHole => {
            let section = Section::new(SectionShape::Round, BAR_RADIUS, grip.length);
            vec![Connector::cylinder(Gender::Female, start, section, Caps::None, true)]
        }
        GripKind::Fingers => vec![Connector::fingers(Gender::Male, frame, &[grip.length], 8.0)],
        GripKind::Ball => vec![Connector::sphere(Gender::Male, frame, grip.length)],
        GripKind::Cup => vec![Connector::sphere(Gender::Female, frame, grip.length)],
    }
}

fn solid(filled: &Filled) -> Option<Solid> {
    Some(match filled {
        Filled::Block { frame, half } => Solid::oriented_box(frame, *half),
        Filled::Cylinder { frame, radius, half } => {
            let start = *frame * Affine3A::from_translation(Vec3::new(0.0, *half, 0.0));
            Solid::cylinder(&start, *radius, half * 2.0)
        }
        Filled::Hull(points) => Solid::hull(points)?,
    })
}

/// A frame without scale or reflection, its Y kept.
fn rigid(transform: &Affine3A) -> Affine3A {
    let m = transform.matrix3;
    let y = Vec3::from(m.y_axis).normalize_or(Vec3::Y);
    let x = Vec3::from(m.x_axis);
    let x = (x - y * x.dot(y)).normalize_or(y.any_orthonormal_vector());
    Affine3A::from_mat3_translation(Mat3::from_cols(x, y, x.cross(y)), transform.translation.into())
}
