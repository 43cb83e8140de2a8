//! An LDraw file as its lines, in memory.
//!
//! Every line of a text has its place here, also those nobody understands, so that what is read can be written
//! again. What a line means for a model or a mesh is decided elsewhere.

use crate::ColorRef;
use glam::{Affine3A, Vec3};

/// A line and where it stood.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceLine {
    /// Counted from 1 in the text it was read from; 0 for a line made here.
    pub number: u32,
    /// What it says.
    pub line: Line,
}

impl From<Line> for SourceLine {
    fn from(line: Line) -> Self {
        Self { number: 0, line }
    }
}

/// One line of an LDraw file. Points are LDU.
#[derive(Clone, Debug, PartialEq)]
pub enum Line {
    /// Type 0: the text after `0 `, verbatim; may be empty.
    Meta(String),
    /// Nothing but white space.
    Blank,
    /// Type 1: another file, placed.
    Reference(Reference),
    /// Type 2: an edge line.
    Edge {
        /// Its color, mostly 24.
        color: ColorRef,
        /// Its ends.
        points: [Vec3; 2],
    },
    /// Type 3.
    Triangle {
        /// Its color.
        color: ColorRef,
        /// Its corners, in the winding that BFC metas tell.
        points: [Vec3; 3],
    },
    /// Type 4.
    Quad {
        /// Its color.
        color: ColorRef,
        /// Its corners, in the winding that BFC metas tell.
        points: [Vec3; 4],
    },
    /// Type 5: an edge that shows only as a silhouette.
    Conditional {
        /// Its color, mostly 24.
        color: ColorRef,
        /// Its ends.
        points: [Vec3; 2],
        /// Shown while both of these lie on one side of it on screen.
        control: [Vec3; 2],
    },
    /// A line that is none of these, verbatim.
    Unreadable(String),
}

/// Another file, placed (line type 1).
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// What color 16 becomes inside.
    pub color: ColorRef,
    /// From the referred file's space to this one's, LDU.
    pub transform: Affine3A,
    /// The file's name as written; [`normalized_name`] makes the key.
    pub name: String,
}

/// The key under which a file is found: lower case, `/` for `\`, no white space around.
pub fn normalized_name(name: &str) -> String {
    let mut key = name.trim().replace('\\', "/");
    if key.is_ascii() {
        key.make_ascii_lowercase();
        key
    } else {
        key.to_lowercase()
    }
}

/// One file: a model, a submodel, a part or a primitive.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LdrawFile {
    /// As written after `0 FILE`; empty for the single file of an `.ldr` or `.dat`.
    pub name: String,
    /// All its lines, without the `0 FILE` and `0 NOFILE` around them.
    pub lines: Vec<SourceLine>,
}

/// First words of a header line that is not a title.
const NOT_A_TITLE: [&str; 14] = [
    "//", "BFC", "STEP", "ROTSTEP", "FILE", "NOFILE", "WRITE", "PRINT", "CLEAR", "PAUSE", "SAVE", "GHOST", "GROUP",
    "MLCAD",
];

impl LdrawFile {
    /// The texts of the metas that stand before anything else than metas.
    fn header(&self) -> impl Iterator<Item = &str> {
        let metas = self.lines.iter().map(|line| match &line.line {
            Line::Meta(text) => Some(text.trim()),
            Line::Blank => Some(""),
            _ => None,
        });
        metas.take_while(Option::is_some).flatten()
    }

    /// The value of the first header line that begins with one of `keys`, whatever its letter case.
    fn header_value(&self, keys: &[&str]) -> Option<&str> {
        self.header().find_map(|text| keys.iter().find_map(|key| after_word(text, key)))
    }

    /// The first line, which says what this is; empty where there is none.
    pub fn title(&self) -> &str {
        let first = self.header().find(|text| !text.is_empty()).unwrap_or_default();
        let word = first.split_whitespace().next().unwrap_or_default();
        let is_meta = word.starts_with('!') || word.ends_with(':') || NOT_A_TITLE.contains(&word);
        if is_meta { "" } else { first }
    }

    /// The text after `Author:`.
    pub fn author(&self) -> Option<&str> {
        self.header_value(&["Author:"])
    }

    /// The text after `!LICENSE`.
    pub fn license(&self) -> Option<&str> {
        self.header_value(&["!LICENSE"])
    }

    /// What the library calls this: `Part`, `Subpart`, `Primitive`, `48_Primitive`, `Shortcut`, `Model` …; an unofficial one's
    /// prefix is left out.
    pub fn org_type(&self) -> Option<&str> {
        let word = self.header_value(&["!LDRAW_ORG", "LDRAW_ORG"])?.split_whitespace().next()?;
        Some(after_prefix(word, "Unofficial_").unwrap_or(word))
    }

    /// Whether this is a part of the catalog (or a piece of one) rather than a model: by its `!LDRAW_ORG` type, else by a
    /// name that ends with `.dat`.
    pub fn is_part(&self) -> bool {
        match self.org_type() {
            Some(kind) if kind.eq_ignore_ascii_case("model") => false,
            Some(kind) => {
                let kind = kind.to_ascii_lowercase();
                ["part", "primitive", "shortcut"].iter().any(|known| kind.contains(known)) || self.has_dat_name()
            }
            None => self.has_dat_name(),
        }
    }

    fn has_dat_name(&self) -> bool {
        let own = if self.name.is_empty() { self.header_value(&["Name:"]).unwrap_or_default() } else { &self.name };
        normalized_name(own).ends_with(".dat")
    }

    /// The `!CATEGORY`, else the first word of the title.
    pub fn category(&self) -> &str {
        self.header_value(&["!CATEGORY"])
            .filter(|text| !text.is_empty())
            .unwrap_or_else(|| category_from_title(self.title()))
    }

    /// All `!KEYWORDS`.
    pub fn keywords(&self) -> Vec<&str> {
        let lines = self.header().filter_map(|text| after_word(text, "!KEYWORDS"));
        lines.flat_map(|list| list.split(',')).map(str::trim).filter(|word| !word.is_empty()).collect()
    }

    /// Where a part that got a new number went: `3023b` for `~Moved to 3023b`.
    pub fn moved_to(&self) -> Option<&str> {
        moved_to_from_title(self.title())
    }
}

/// The first word of a title without the marks that aliases and subparts begin with.
pub(crate) fn category_from_title(title: &str) -> &str {
    title.trim_start_matches(['~', '=', '_', '|']).split_whitespace().next().unwrap_or_default()
}

/// The number in `~Moved to 3023b`.
pub(crate) fn moved_to_from_title(title: &str) -> Option<&str> {
    let rest = after_prefix(title.trim_start_matches('~'), "moved to ").filter(|_| title.starts_with('~'))?;
    let number = rest.split_whitespace().next()?;
    Some(number.strip_suffix(".dat").unwrap_or(number))
}

fn after_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

/// The trimmed text after a first word, whatever the word's letter case.
pub(crate) fn after_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let rest = after_prefix(text, word)?;
    (rest.is_empty() || word.ends_with(':') || rest.starts_with(char::is_whitespace)).then(|| rest.trim())
}

/// A whole text: one file, or the files of an MPD.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LdrawDocument {
    /// The first is the main one.
    pub files: Vec<LdrawFile>,
    /// `!DATA` blocks, for textures.
    pub data: Vec<EmbeddedData>,
    /// Metas outside any file: before the first `0 FILE`, after a `0 NOFILE`. The number says how many files stand before
    /// the line.
    pub outside: Vec<(usize, SourceLine)>,
}

impl LdrawDocument {
    /// The embedded file with that name, in any letter case and with either slash.
    pub fn file(&self, name: &str) -> Option<&LdrawFile> {
        let key = normalized_name(name);
        self.files.iter().find(|file| normalized_name(&file.name) == key)
    }
}

/// A `!DATA` block: a file in base64, kept as it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EmbeddedData {
    /// The file's name as written.
    pub name: String,
    /// The base64 text, line by line.
    pub lines: Vec<String>,
}

/// Something odd that did not keep the rest from being read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Counted from 1, where one line is to blame.
    pub line: Option<u32>,
    /// What is odd and what became of it.
    pub message: String,
}

impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// What was read, and what was odd about it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parsed<T> {
    /// What was read.
    pub value: T,
    /// At most a thousand; the last one tells how many more there were.
    pub warnings: Vec<Warning>,
}
