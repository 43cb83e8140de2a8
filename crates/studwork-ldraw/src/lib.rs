//! LDraw files: reading, writing, resolving and their geometry.
//!
//! This crate knows what an `.ldr`, `.mpd` or `.dat` file says and what its parts look like. It does not know
//! what a design is, and it draws nothing.

pub mod color;
pub mod mesh;

pub use color::{ColorDef, ColorRef, Finish, parse_colour_meta};
pub use mesh::{Bounds, ConditionalEdge, EdgeVertex, Mesh, StudGroup, StudKind, Tint, Vertex};
