//! What can go wrong with the library, in words that say what to do.

use crate::{ReadError, SaveError};
use std::io;
use std::path::{Path, PathBuf};

/// Why something was not done with the library.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LibraryError {
    /// The bytes are no design.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// What was to be exported was not written.
    #[error(transparent)]
    Save(#[from] SaveError),
    /// A text that is no hash.
    #[error("{text:?} is not the hash of an original: those are 64 hexadecimal digits, as `library list` shows them")]
    NotAHash {
        /// What was given.
        text: String,
    },
    /// No original has that hash.
    #[error("no original {sha256} is in the library (any more); add its file again")]
    Unknown {
        /// What was asked for.
        sha256: String,
    },
    /// No original has that name.
    #[error("no original is called {name:?}: name one by its title, its file name or the first digits of its hash")]
    NoSuch {
        /// What was asked for.
        name: String,
    },
    /// Several originals have that name.
    #[error("{count} originals are called {name:?}: name one by the first digits of its hash")]
    Several {
        /// What was asked for.
        name: String,
        /// How many there are.
        count: usize,
    },
    /// The bytes are gone.
    #[error("the file of \"{title}\" is missing ({path}): add it to the library again to put it back")]
    Missing {
        /// Of the original.
        title: String,
        /// Where they were.
        path: PathBuf,
    },
    /// The bytes are not those that were added.
    #[error(
        "the file of \"{title}\" was changed behind the library's back ({path}) and is not used: add the right file again \
         to put it back, or remove the entry"
    )]
    Changed {
        /// Of the original.
        title: String,
        /// Where they are.
        path: PathBuf,
        /// What they hash to now.
        found: String,
    },
    /// What is known about an original cannot be understood.
    #[error("what the library knows about one original cannot be read ({path}: {message}): add its file again")]
    BadSidecar {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// A picture that is none.
    #[error("the picture of \"{title}\" is no PNG, or larger than 64 MiB; it keeps the one it has")]
    NotAPicture {
        /// Of the original.
        title: String,
    },
    /// No copy can be made.
    #[error("no copy of \"{title}\" could be made: {message}")]
    Invalid {
        /// Of the original.
        title: String,
        /// What is wrong.
        message: String,
    },
    /// There is a file already.
    #[error("{path} is there already: choose another name, or say that it may be replaced")]
    Exists {
        /// Which.
        path: PathBuf,
    },
    /// The system refused.
    #[error("{path} {what}: {source}; check the disk and the folder's permissions")]
    Disk {
        /// What was not done.
        what: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl LibraryError {
    pub(crate) fn disk(what: &'static str, path: &Path) -> impl Fn(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Disk { what, path: path.clone(), source }
    }
}
