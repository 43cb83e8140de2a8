//! The design and everything that is true of it, without a window.
//!
//! No engine, no user interface, no async runtime, no clock and no network: what a design is, how it changes,
//! which parts there are, how they connect, and how it is stored.

pub mod connect;
pub mod space;

pub use studwork_ldraw::{Bounds, ColorDef, ColorRef, Finish, Mesh};
