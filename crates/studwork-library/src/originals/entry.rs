//! What is known about an original, in memory and in the file beside it.

use super::{CopyNote, LibraryError};
use crate::Format;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use studwork_core::{Design, Warning};

/// What is said about a file that is added; what is empty is taken from the file itself.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NewOriginal {
    /// Its file name, `gate.mpd`: tells the format.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Where it comes from: an address, a class, a person.
    pub source: String,
    /// Who made it.
    pub author: String,
    /// Under which terms.
    pub license: String,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// When it was added, seconds since 1970.
    pub added: i64,
}

/// An original in the library.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Entry {
    /// The hash of its bytes, by which it is known.
    pub sha256: String,
    /// Its title; the file's name where it has none.
    pub title: String,
    /// Who made it; may be empty.
    pub author: String,
    /// Under which terms; may be empty.
    pub license: String,
    /// Where it comes from; may be empty.
    pub source: String,
    /// What the file was called.
    pub file_name: String,
    /// When it was added, seconds since 1970.
    pub added: i64,
    /// Its size.
    pub bytes: u64,
    /// What it is.
    pub format: Format,
    /// How many parts it has, submodels spread out.
    pub pieces: usize,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Its picture (PNG), if there is one.
    pub picture: Option<PathBuf>,
}

impl Entry {
    /// Whether every word occurs in what is known about it, whatever the letter case.
    pub fn matches(&self, words: &str) -> bool {
        let Self { title, author, license, source, file_name, .. } = self;
        let texts = [title, author, license, source, file_name].into_iter().chain(&self.tags);
        let all: Vec<String> = texts.map(|text| text.to_lowercase()).collect();
        words.split_whitespace().all(|word| all.iter().any(|text| text.contains(&word.to_lowercase())))
    }
}

/// A file was added.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Added {
    /// What is known about it now.
    pub entry: Entry,
    /// Whether the same bytes were in the library before.
    pub was_there: bool,
}

/// All that is in the library.
#[derive(Debug, Default)]
pub struct Listing {
    /// By title.
    pub entries: Vec<Entry>,
    /// Entries that could not be read.
    pub problems: Vec<LibraryError>,
}

/// What a new hash of an original's bytes says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(tag = "verdict", rename_all = "lowercase")]
pub enum Verdict {
    /// They are what was added, and read-only.
    Intact,
    /// They are what was added, but somebody made them writable.
    Writable,
    /// They are not what was added; they are not given out.
    Changed {
        /// What they hash to now.
        found: String,
    },
    /// They are gone.
    Missing,
    /// There are bytes of which nothing is known; adding the same file again mends that.
    Unlisted,
    /// They, or what is known about them, could not be read.
    Unreadable {
        /// Why.
        reason: String,
    },
}

/// One original after [`Originals::verify`](super::Originals::verify).
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Verified {
    /// The hash it was added under.
    pub sha256: String,
    /// Its title; empty where nothing is known about it.
    pub title: String,
    /// The file.
    pub path: PathBuf,
    /// What was found.
    #[serde(flatten)]
    pub verdict: Verdict,
}

impl Verified {
    /// Whether it can be opened.
    pub fn is_good(&self) -> bool {
        matches!(self.verdict, Verdict::Intact | Verdict::Writable)
    }
}

/// An original was removed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Removed {
    /// Its hash.
    pub sha256: String,
    /// Its title.
    pub title: String,
    /// The copies that are known to come from it; they keep working.
    pub copies: Vec<CopyNote>,
}

/// A copy that was just made of an original.
#[derive(Debug)]
pub struct OpenedCopy {
    /// The copy; its lineage says where it comes from.
    pub design: Design,
    /// What could not be taken as it stood.
    pub warnings: Vec<Warning>,
    /// What the license says about copies, to be told when it is opened.
    pub license_note: Option<String>,
    /// The original.
    pub entry: Entry,
}

/// What stands in the file beside an original.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Sidecar {
    pub title: String,
    #[serde(default)]
    pub author: String,
    #[serde(default)]
    pub license: String,
    #[serde(default)]
    pub source: String,
    #[serde(default)]
    pub file_name: String,
    #[serde(default)]
    pub added: i64,
    pub bytes: u64,
    pub format: Format,
    #[serde(default)]
    pub pieces: usize,
    #[serde(default)]
    pub tags: Vec<String>,
}

impl Sidecar {
    /// What this does not say, as another says it; the tags of both.
    pub fn completed_by(self, other: Self) -> Self {
        let or = |one: String, other: String| if one.is_empty() { other } else { one };
        Self {
            title: or(self.title, other.title),
            author: or(self.author, other.author),
            license: or(self.license, other.license),
            source: or(self.source, other.source),
            file_name: or(self.file_name, other.file_name),
            tags: tidy_tags(self.tags.into_iter().chain(other.tags).collect()),
            ..self
        }
    }

    pub fn into_entry(self, sha256: String, picture: Option<PathBuf>) -> Entry {
        let Self { title, author, license, source, file_name, added, bytes, format, pieces, tags } = self;
        Entry { sha256, title, author, license, source, file_name, added, bytes, format, pieces, tags, picture }
    }
}

/// Each tag once, without white space around it, in order.
pub(super) fn tidy_tags(tags: Vec<String>) -> Vec<String> {
    let mut tidy: Vec<String> = Vec::new();
    for tag in tags {
        let tag = tag.split_whitespace().collect::<Vec<_>>().join(" ");
        if !tag.is_empty() && !tidy.contains(&tag) {
            tidy.push(tag);
        }
    }
    tidy
}
