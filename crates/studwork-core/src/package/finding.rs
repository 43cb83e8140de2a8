//! What a rule found: what is wrong, where, how much, and what to do about it.
//!
//! Findings travel between the portal and the designer as JSON; a reader of another version may meet rules it does not
//! know, so that a finding carries its own words.

use super::Rule;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How much a finding weighs.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Not told at all; only a policy sets it.
    Off,
    /// Told; the package may be submitted.
    Warning,
    /// The package is refused.
    Error,
}

/// Where a finding is, so that a button can go there.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
#[non_exhaustive]
pub enum Place {
    /// The package as a whole.
    Package,
    /// A file in the package.
    File {
        /// Its path in the package, as far as it can be shown.
        path: String,
    },
    /// A field of the manifest: `title`, `creators[1].name`.
    Field {
        /// Its name.
        name: String,
    },
    /// The design as a whole.
    Design,
    /// Pieces of the design.
    Pieces {
        /// For each, the numbers of the pieces on the way to it, from the main model down; at most a few are told.
        paths: Vec<Vec<u32>>,
    },
    /// A part of the parts list.
    Part {
        /// Its number.
        part: String,
        /// Its color number, where that is what is meant.
        color: Option<String>,
    },
}

/// What is counted.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Unit {
    /// Bytes.
    Bytes,
    /// Entries of an archive.
    Entries,
    /// Unpacked bytes for each packed one.
    Times,
    /// Unicode characters.
    Characters,
    /// Tags.
    Tags,
    /// People.
    People,
    /// Pieces, submodels spread out.
    Pieces,
    /// Levels of submodels in submodels.
    Levels,
    /// Pixels.
    Pixels,
    /// Pictures.
    Pictures,
    /// Frames of the turntable.
    Frames,
    /// LDraw units.
    Ldu,
    /// Groups of pieces that hang together.
    Islands,
    /// Lines of LDraw geometry.
    Lines,
    /// Words: the value is a text.
    Text,
}

/// A number or a text.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// A whole number.
    Number(u64),
    /// A measure.
    Real(f64),
    /// A name, a hash, a list.
    Text(String),
}

/// Something measured, or the limit for it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Measure {
    /// How much.
    pub value: Value,
    /// Of what.
    pub unit: Unit,
}

impl Measure {
    /// A whole number of something.
    pub fn count(value: u64, unit: Unit) -> Self {
        Self { value: Value::Number(value), unit }
    }

    /// A length and the like.
    pub fn real(value: f64, unit: Unit) -> Self {
        Self { value: Value::Real(value), unit }
    }

    /// A text.
    pub fn text(value: impl Into<String>) -> Self {
        Self { value: Value::Text(value.into()), unit: Unit::Text }
    }
}

/// `5,250 pieces`, `64 MiB`.
impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, one) = match &self.value {
            Value::Text(text) => return f.write_str(text),
            Value::Number(number) if self.unit == Unit::Bytes => return write_bytes(f, *number),
            Value::Number(number) => (grouped(*number), *number == 1),
            Value::Real(number) => (format!("{number:.1}"), false),
        };
        let (singular, plural) = match self.unit {
            Unit::Bytes => ("byte", "bytes"),
            Unit::Entries => ("entry", "entries"),
            Unit::Times => ("time", "times"),
            Unit::Characters => ("character", "characters"),
            Unit::Tags => ("tag", "tags"),
            Unit::People => ("person", "people"),
            Unit::Pieces => ("piece", "pieces"),
            Unit::Levels => ("level", "levels"),
            Unit::Pixels => ("pixel", "pixels"),
            Unit::Pictures => ("picture", "pictures"),
            Unit::Frames => ("frame", "frames"),
            Unit::Ldu => ("LDU", "LDU"),
            Unit::Islands => ("island", "islands"),
            Unit::Lines => ("line", "lines"),
            Unit::Text => ("", ""),
        };
        write!(f, "{number} {}", if one { singular } else { plural })
    }
}

fn write_bytes(f: &mut fmt::Formatter<'_>, bytes: u64) -> fmt::Result {
    const MIB: u64 = 1 << 20;
    if bytes >= MIB && bytes.is_multiple_of(MIB) {
        write!(f, "{} MiB", bytes / MIB)
    } else if bytes >= MIB {
        // Rounded up, so that what is over a limit never reads as the limit.
        write!(f, "{:.1} MiB", (bytes as f64 / MIB as f64 * 10.0).ceil() / 10.0)
    } else {
        write!(f, "{} bytes", grouped(bytes))
    }
}

/// `5,250`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// One breach of a rule.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Finding {
    /// The rule's code, which never changes its meaning: `P001`.
    pub code: String,
    /// The rule's name: `package-too-large`.
    pub rule: String,
    /// How much it weighs.
    pub severity: Severity,
    /// Where it is.
    pub place: Place,
    /// What is wrong, in a sentence.
    pub message: String,
    /// What was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured: Option<Measure>,
    /// What is allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Measure>,
    /// What to do about it.
    pub advice: String,
}

impl Finding {
    pub(super) fn new(rule: Rule, place: Place, message: impl Into<String>) -> Self {
        Self {
            code: rule.code().to_owned(),
            rule: rule.name().to_owned(),
            severity: rule.severity(),
            place,
            message: message.into(),
            measured: None,
            limit: None,
            advice: rule.advice().to_owned(),
        }
    }

    pub(super) fn measured(mut self, measure: Measure) -> Self {
        self.measured = Some(measure);
        self
    }

    pub(super) fn limit(mut self, measure: Measure) -> Self {
        self.limit = Some(measure);
        self
    }

    /// The rule, if this version knows it.
    pub fn known_rule(&self) -> Option<Rule> {
        Rule::find(&self.code)
    }
}

impl Place {
    pub(super) fn file(path: impl Into<String>) -> Self {
        Self::File { path: path.into() }
    }

    pub(super) fn field(name: impl Into<String>) -> Self {
        Self::Field { name: name.into() }
    }
}

/// Where it is, in words; empty for the package as a whole.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Package => Ok(()),
            Self::File { path } => f.write_str(path),
            Self::Field { name } => write!(f, "{}: {name}", super::MANIFEST),
            Self::Design => f.write_str(super::MODEL),
            Self::Pieces { paths } => {
                write!(f, "{}: ", super::MODEL)?;
                f.write_str(if paths.len() == 1 { "piece " } else { "pieces " })?;
                for (index, path) in paths.iter().enumerate() {
                    let words: Vec<String> = path.iter().map(u32::to_string).collect();
                    write!(f, "{}{}", if index == 0 { "" } else { ", " }, words.join("/"))?;
                }
                Ok(())
            }
            Self::Part { part, color: None } => write!(f, "part {part}"),
            Self::Part { part, color: Some(color) } => write!(f, "part {part} in color {color}"),
        }
    }
}

/// One line: `error P404 too-few-pieces: model.ron: the design has 35 pieces … (35 pieces; allowed: 200 pieces). Do this.`
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = if self.severity == Severity::Error { "error" } else { "warning" };
        write!(f, "{severity} {} {}: ", self.code, self.rule)?;
        let place = self.place.to_string();
        if !place.is_empty() {
            write!(f, "{place}: ")?;
        }
        write!(f, "{}", self.message)?;
        match (&self.measured, &self.limit) {
            (Some(measured), Some(limit)) => write!(f, " ({measured}; limit: {limit})")?,
            (Some(measured), None) => write!(f, " ({measured})")?,
            (None, Some(limit)) => write!(f, " (limit: {limit})")?,
            (None, None) => {}
        }
        write!(f, ". {}", self.advice)
    }
}
