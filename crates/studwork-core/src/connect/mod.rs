//! How parts grip each other: connectors, the rules by which they fit, snapping, collision, and the graph of a design.
//!
//! Connectors and solids belong to parts ([`PartBody`]); everything that depends on places works on a
//! [`Space`](crate::space::Space) and keys, so that it serves designs, held pieces and tests alike.

#[cfg(any(test, feature = "testing"))]
mod agreement;
mod body;
mod check;
mod collide;
mod connector;
mod derive;
mod findings;
mod graph;
mod graph_queries;
mod hull;
mod matching;
mod primitives;
mod shadow;
mod snap;
mod snap_meta;
mod snap_pose;
mod snap_targets;
mod sockets;
mod solid;
mod special;
mod stored;
mod sweep;
mod tires;
mod voxels;

#[cfg(any(test, feature = "testing"))]
pub use agreement::{Agreement, ConnectorKind, Count};
pub use body::{PartBody, Physique};
use check::check_space_while;
pub use check::{OverlapPair, SpaceReport, check_pieces, check_space, overlapping_pairs};
pub use collide::{Overlap, TOLERANCE, overlaps, overlaps_any, pair_overlap};
pub use connector::{
    BAR_RADIUS, Caps, Connector, ConnectorShape, Gender, GenericBounds, STUD_HEIGHT, STUD_RADIUS, Section,
    SectionShape, frame_along,
};
pub(crate) use derive::orthonormal;
pub use derive::{
    bores_of, connectors_from_files, connectors_from_mesh, pins_from_stretches, solids_of_part, tube_sockets,
};
pub use findings::{
    CheckJson, CheckOptions, CheckProgress, CheckReport, CheckStage, Finding, FindingJson, FindingKind, PartColors,
    PieceJson, PlacedPart, Severity, check, check_with, prepare,
};
pub use graph::{ConnectionGraph, Link, freedom_of};
use graph::{can_slide, can_turn};
pub use graph_queries::{FreeStud, JointMotion};
pub use matching::{Freedom, Joint, POSITION_TOLERANCE, joint_of, joints_between};
pub use shadow::{ShadowError, ShadowLibrary};
pub use snap::{Grid, HeldBody, HeldPiece, SnapCandidate, SnapKind, SnapOptions, snap};
pub use solid::Solid;
pub use special::special_joints_of;
pub use sweep::{SnapSpot, is_in_the_way, snap_spots};
pub use tires::tire_seat_of;

#[cfg(test)]
mod tests;
