//! How parts grip each other: connectors, the rules by which they fit, snapping, collision, and the graph of a design.
//!
//! Connectors and solids belong to parts ([`PartBody`]); everything that depends on places works on a
//! [`Space`](crate::space::Space) and keys, so that it serves designs, held pieces and tests alike.

mod body;
mod collide;
mod connector;
mod hull;
mod matching;
mod snap;
mod solid;

pub use body::{PartBody, Physique};
pub use collide::{Overlap, TOLERANCE, overlaps, overlaps_any, pair_overlap};
pub use connector::{
    BAR_RADIUS, Caps, Connector, ConnectorShape, Gender, GenericBounds, STUD_HEIGHT, STUD_RADIUS, Section,
    SectionShape, frame_along,
};
pub use matching::{Freedom, Joint, joints_between};
pub use snap::{Grid, HeldBody, HeldPiece, SnapCandidate, SnapKind, SnapOptions, snap};
pub use solid::Solid;
