//! How parts grip each other: connectors, the rules by which they fit, snapping, collision, and the graph of a design.
//!
//! Connectors and solids belong to parts ([`PartBody`]); everything that depends on places works on a
//! [`Space`](crate::space::Space) and keys, so that it serves designs, held pieces and tests alike.

mod body;
mod check;
mod check_design;
mod collide;
mod connector;
mod derive;
mod graph;
mod hull;
mod matching;
mod primitives;
mod shadow;
mod snap;
mod snap_meta;
mod snap_pose;
mod sockets;
mod solid;
mod special;
mod sweep;
mod voxels;

pub use body::{PartBody, Physique};
pub use check::{OverlapPair, SpaceReport, check_pieces, check_space, overlapping_pairs};
pub use check_design::{OverlapFinding, PlacedPart, Report, check, check_design, prepare};
pub use collide::{Overlap, TOLERANCE, overlaps, overlaps_any, pair_overlap};
pub use connector::{
    BAR_RADIUS, Caps, Connector, ConnectorShape, Gender, GenericBounds, STUD_HEIGHT, STUD_RADIUS, Section,
    SectionShape, frame_along,
};
pub use derive::{connectors_from_files, connectors_from_mesh, pins_from_stretches, solids_of_part, tube_sockets};
pub use graph::{ConnectionGraph, Link, freedom_of};
pub use matching::{Freedom, Joint, POSITION_TOLERANCE, joint_of, joints_between};
pub use shadow::{ShadowError, ShadowLibrary};
pub use snap::{Grid, HeldBody, HeldPiece, SnapCandidate, SnapKind, SnapOptions, snap};
pub use solid::Solid;
pub use special::special_joints_of;
pub use sweep::{SnapSpot, is_in_the_way, snap_spots};

#[cfg(test)]
mod tests;
