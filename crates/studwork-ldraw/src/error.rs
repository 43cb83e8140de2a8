//! What can go wrong with an LDraw file or library, told so that a person knows where and what to do.

use std::path::PathBuf;

/// Why a file, a library or a part could not be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LdrawError {
    /// The operating system refused.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// What was being read.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The text is larger than any model is.
    #[error("{name}: {size} bytes is more than the {limit} that a model may have; is this an LDraw file?")]
    TooLarge {
        /// The file.
        name: String,
        /// Bytes.
        size: u64,
        /// The most bytes accepted.
        limit: u64,
    },
    /// One line is longer than any LDraw line is.
    #[error(
        "{name}:{line}: this line has {length} bytes, more than the {limit} that a line may have; is this an LDraw file?"
    )]
    LineTooLong {
        /// The file.
        name: String,
        /// Counted from 1.
        line: u32,
        /// Bytes.
        length: usize,
        /// The most bytes accepted.
        limit: usize,
    },
    /// So much of the text is no LDraw line that it is something else.
    #[error("{name}: more than {limit} bytes in lines that make no sense, up to line {line}; is this an LDraw file?")]
    NotLdraw {
        /// The file.
        name: String,
        /// Where it was given up, counted from 1.
        line: u32,
        /// The most unreadable bytes accepted.
        limit: usize,
    },
    /// More lines than any model has.
    #[error("{name}: more than {limit} lines; split the model into several files")]
    TooManyLines {
        /// The file.
        name: String,
        /// The most lines accepted.
        limit: usize,
    },
    /// A file refers to itself, directly or through others.
    #[error("these files refer to each other in a loop: {}; remove one of the references", chain.join(" → "))]
    Loop {
        /// The names from the first file of the loop back to it.
        chain: Vec<String>,
    },
    /// References are nested deeper than any model is.
    #[error("{name}: references are nested more than {limit} deep")]
    TooDeep {
        /// The file that was to be built.
        name: String,
        /// The deepest nesting accepted.
        limit: usize,
    },
    /// The geometry of one part would not fit into memory.
    #[error("{name}: more than {limit} triangles and lines in one part")]
    TooMuchGeometry {
        /// The file that was to be built.
        name: String,
        /// The most primitives accepted.
        limit: usize,
    },
    /// Nobody has the file that was asked for.
    #[error("there is no file named {name} in the library")]
    NotFound {
        /// The name as asked for.
        name: String,
    },
    /// The path is not an LDraw library.
    #[error(
        "{} is not an LDraw parts library: it has no parts/ and p/ folders; give the folder `ldraw` or `complete.zip` from ldraw.org",
        path.display()
    )]
    NotALibrary {
        /// The path that was given.
        path: PathBuf,
    },
    /// The archive is damaged.
    #[error("{}: the archive is damaged ({message}); download it again", path.display())]
    Archive {
        /// The archive.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
}
