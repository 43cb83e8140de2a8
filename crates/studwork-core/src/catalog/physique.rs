//! From a built shape to what picking, snapping and collision use: its grips become connectors, its solids bodies.

use super::build::{Grip, GripKind, Shape, Solid as Filled};
use crate::connect::{
    BAR_RADIUS, Caps, Connector, Gender, PartBody, Section, SectionShape, Solid, bores_of, orthonormal,
    pins_from_stretches, solids_of_part, special_joints_of, tire_seat_of, tube_sockets,
};
use glam::{Affine3A, Vec3};
use std::sync::Arc;

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
            let pins: Vec<(Affine3A, f32)> =
                grips.iter().filter(|g| g.kind == GripKind::Pin).map(|g| (g.frame, g.length)).collect();
            let mut connectors: Vec<Connector> =
                grips.iter().flat_map(connectors_from_grip).chain(bores_of(mesh)).collect();
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

fn connectors_from_grip(grip: &Grip) -> Vec<Connector> {
    let frame = orthonormal(&grip.frame);
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
