//! Designs from LDraw files and back.
//!
//! Nothing that a file says is dropped: what is no piece stays as a line where it stood, a part nobody has stays as a
//! piece, a file nobody refers to stays as a submodel.

mod export;
mod header;
mod import;

pub use export::to_ldraw;
pub use import::{ImportError, from_ldraw};
