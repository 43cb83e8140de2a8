//! The design file: RON, format 1.
//!
//! The types of the file are not those in memory: the file says only what differs from the default, one piece a
//! line, in building order, so that a diff reads well. `docs/file-format.md` describes it for people.

mod read;
mod turn;
mod write;

pub use read::from_ron;
pub use write::to_ron;

/// The format that is written.
pub const FORMAT: u32 = 1;
/// The largest file that is read, bytes.
pub const MAX_FILE_BYTES: usize = 256 << 20;

/// Why a file is not a design that can be opened.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FormatError {
    /// It does not begin as a design does.
    #[error("this is not a Studwork design: it does not begin with `(format: {FORMAT}`")]
    NotADesign,
    /// It is larger than any design.
    #[error("the file has {size} bytes, more than the {MAX_FILE_BYTES} that a design may have")]
    TooLarge {
        /// Bytes.
        size: usize,
    },
    /// It holds more than any design.
    #[error("the file holds more entries than any design may have; split it into several designs")]
    TooMany,
    /// A later version wrote it.
    #[error("the file has format {found}; this version reads up to format {FORMAT}: install a newer one")]
    Newer {
        /// Its format.
        found: u32,
    },
    /// Not RON, or not what the format says.
    #[error("line {line}, column {column}: {message}")]
    Syntax {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// RON, but no design may be so.
    #[error("the file contradicts itself: {0}")]
    Invalid(String),
}
