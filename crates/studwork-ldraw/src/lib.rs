//! LDraw files: reading, writing, resolving and their geometry.
//!
//! This crate knows what an `.ldr`, `.mpd` or `.dat` file says and what its parts look like. It does not know
//! what a design is, and it draws nothing.

pub mod color;
mod error;
mod file;
pub mod geometry;
mod library;
pub mod mesh;
mod parse;
mod write;

pub use color::{ColorDef, ColorRef, Finish, parse_colour_meta};
pub use error::LdrawError;
pub use file::{EmbeddedData, LdrawDocument, LdrawFile, Line, Parsed, Reference, SourceLine, Warning, normalized_name};
pub use geometry::{FileSource, Geometry, Layered, build};
pub use library::{Library, PartEntry};
pub use mesh::{Bounds, ConditionalEdge, EdgeVertex, Mesh, StudGroup, StudKind, Tint, Vertex};
pub use parse::{MAX_BYTES, MAX_LINE, MAX_LINES, MAX_NUMBER, parse, parse_line};
pub use write::{line_text, write};
