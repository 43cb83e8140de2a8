//! The design and everything that is true of it, without a window.
//!
//! No engine, no user interface, no async runtime, no clock and no network: what a design is, how it changes,
//! which parts there are, how they connect, and how it is stored.

pub mod catalog;
pub mod compare;
pub mod connect;
pub mod exchange;
pub mod package;
pub mod space;
pub mod take_apart;

mod apply;
mod build;
mod color;
mod design;
mod edit;
mod flatten;
mod history;
mod ids;
mod inventory;
mod ldraw;
mod line_text;
mod piece;
mod pose;
mod ron_format;
mod twins;
mod validate;

#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use apply::{MAX_DEPTH, MAX_PIECES};
pub use catalog::{Catalog, DesignView, PartInfo, Source};
pub use color::{Family, Palette, display_name};
pub use design::Design;
pub use edit::{Applied, Axis, Change, Edit, EditError, InfoField, Restore};
pub use flatten::FlatPiece;
pub use history::{History, Undone};
pub use ids::{GroupId, PartId, PieceId, StepId, SubmodelId};
pub use inventory::{PartsList, PartsRow};
pub use ldraw::{ImportError, from_ldraw, to_ldraw};
pub use piece::{Content, EmbeddedPart, Group, Lineage, NewPiece, Piece, Step, StepItem, StepView, Submodel};
pub use pose::{MAX_NUMBER, Pose, is_right_angle, snapped_rotation};
pub use ron_format::{FORMAT, FormatError, MAX_FILE_BYTES, from_ron, to_ron};
pub use studwork_ldraw::{Bounds, ColorDef, ColorRef, Finish, Mesh, Parsed, Warning};
pub use twins::twin_of;
