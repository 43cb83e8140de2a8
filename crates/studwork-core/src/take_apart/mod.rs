//! Taking a model apart and building it again: the order in which its pieces come off, what lies in the tray, where
//! it belongs.
//!
//! It works on the flattened pieces of a design, each known by the pieces on the way to it, and never edits the design:
//! what is off is the state of a [`BuildSession`], which is saved beside the model. It knows no window and no clock.

mod explode;
mod hold;
mod order;
mod rebuild;
mod session;
mod steps;
mod symmetry;

pub use explode::explode;
pub use order::{distance_out, removal_order, removal_order_with};
pub use rebuild::{FreePlacement, Ghost, Placement};
pub use session::{BuildSession, Path, Phase, Removal, TrayRow};
pub use steps::steps_from_order;
pub use symmetry::Symmetry;
