//! What the headers of a library's parts say: names, categories, keywords.
//!
//! Reading 18,000 headers takes a second, so they are read when they are first asked for (a picture needs none), kept
//! in the cache folder and used again while the library's fingerprint is the same.

use super::files::Files;
use super::store::{Store, StoredFile};
use crate::file::{category_from_title, moved_to_from_title};
use crate::{normalized_name, parse};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// A part that the library offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartEntry {
    /// Its file's name without `.dat`, in lower case: `3001`.
    pub number: String,
    /// Its title as written: `Brick  2 x  4`.
    pub name: String,
    /// Its `!CATEGORY`, else the first word of its title: `Brick`.
    pub category: String,
    /// Its `!KEYWORDS`.
    pub keywords: Vec<String>,
    /// The number it has now, where it has got another one.
    pub moved_to: Option<String>,
    /// Whether it comes from the library's `unofficial` folder.
    pub unofficial: bool,
}

/// Most headers are shorter, and a longer one has its title first.
const HEADER_BYTES: usize = 2048;

/// Reads the headers of all parts among `files`; sorted by number.
pub(super) fn parts_of(store: &Store, files: &Files) -> Vec<PartEntry> {
    let files: Vec<StoredFile> = files.iter().collect();
    let mut parts: Vec<PartEntry> = files.par_iter().filter_map(|file| entry(store, file)).collect();
    parts.sort_unstable_by(|a, b| a.number.cmp(&b.number));
    parts
}

fn entry(store: &Store, file: &StoredFile) -> Option<PartEntry> {
    let key = normalized_name(&file.path);
    let (unofficial, name) = match key.strip_prefix("unofficial/") {
        Some(rest) => (true, rest),
        None => (false, key.as_str()),
    };
    let number = name.strip_prefix("parts/")?.strip_suffix(".dat").filter(|number| !number.contains('/'))?;
    let bytes = store.read_beginning(file, HEADER_BYTES);
    let header = parse(header_bytes(&bytes), &file.path).ok()?.value.files.into_iter().next()?;
    let title = header.title();
    let category = header.category();
    Some(PartEntry {
        number: number.to_owned(),
        name: title.to_owned(),
        category: if category.is_empty() { category_from_title(title) } else { category }.to_owned(),
        keywords: header.keywords().into_iter().map(str::to_owned).collect(),
        moved_to: moved_to_from_title(title).map(normalized_name),
        unofficial,
    })
}

/// The part of a text before its first drawing line.
fn header_bytes(bytes: &[u8]) -> &[u8] {
    let mut start = 0;
    while start < bytes.len() {
        if matches!(bytes[start], b'1'..=b'5') {
            return &bytes[..start];
        }
        match bytes[start..].iter().position(|&byte| byte == b'\n') {
            Some(length) => start += length + 1,
            // The last line may be cut off in the middle.
            None if bytes.len() >= HEADER_BYTES => return &bytes[..start],
            None => break,
        }
    }
    bytes
}
