//! Findings: what a check of a design has to say, piece by piece, in plain words, with a repair where there is one.
//!
//! The same list serves `studwork check`, its JSON form and the window's panel. It knows designs and parts, no window.

mod almost;
mod check;
mod colors;
mod json;

pub use check::{CheckOptions, CheckProgress, CheckStage, check, check_with, prepare};
pub use colors::PartColors;
pub use json::{CheckJson, FindingJson, PieceJson};

use crate::{ColorRef, Edit, PartId, PieceId, SubmodelId};
use glam::Vec3;
use serde::{Deserialize, Serialize};

/// How much a finding matters, the least first.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Note,
    /// It cannot hold, or cannot be bought.
    Warning,
    /// It cannot be built.
    Error,
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub enum FindingKind {
    /// Two pieces reach into each other.
    Collision {
        /// How far, LDU.
        depth: f32,
    },
    /// Nothing holds the pieces up.
    Floating,
    /// The pieces hang together with each other and with nothing else; they only lie on something.
    Island {
        /// How many parts they are.
        size: usize,
    },
    /// The pieces would grip another if they were moved a little.
    AlmostFits {
        /// How far they are from it, LDU.
        offset: f32,
        /// How far they are turned from it, degrees.
        angle: f32,
        /// How many connectors would grip.
        connections: usize,
    },
    /// A part that nobody has: it was not checked.
    UnknownPart,
    /// A color that nobody knows.
    UnknownColor {
        /// Which.
        color: ColorRef,
    },
    /// The part was never made in that color, as far as the given data tell.
    ImpossibleColor {
        /// Which.
        color: ColorRef,
    },
    /// The piece is not in the palette that was given.
    OutsidePalette {
        /// Its color.
        color: ColorRef,
    },
}

impl FindingKind {
    /// Its stable name, as the JSON form has it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Collision { .. } => "collision",
            Self::Floating => "floating",
            Self::Island { .. } => "island",
            Self::AlmostFits { .. } => "almost-fits",
            Self::UnknownPart => "unknown-part",
            Self::UnknownColor { .. } => "unknown-color",
            Self::ImpossibleColor { .. } => "impossible-color",
            Self::OutsidePalette { .. } => "outside-palette",
        }
    }

    /// How much it matters.
    pub const fn severity(&self) -> Severity {
        match self {
            Self::Collision { .. } => Severity::Error,
            Self::Island { .. } => Severity::Note,
            _ => Severity::Warning,
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Collision { .. } => 0,
            Self::Floating => 1,
            Self::AlmostFits { .. } => 2,
            Self::UnknownPart => 3,
            Self::UnknownColor { .. } => 4,
            Self::ImpossibleColor { .. } => 5,
            Self::OutsidePalette { .. } => 6,
            Self::Island { .. } => 7,
        }
    }
}

/// One part of a spread-out design.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedPart {
    /// The pieces on the way to it: from the one in the checked submodel down to the one that places the part.
    pub path: Vec<PieceId>,
    /// The submodel in which the last of them stands.
    pub submodel: SubmodelId,
    /// Its part.
    pub part: PartId,
}

impl PlacedPart {
    /// The piece in the checked submodel that is or places it: what a window can select and zoom to.
    pub fn root(&self) -> Option<PieceId> {
        self.path.first().copied()
    }

    /// The piece that places the part.
    pub fn piece(&self) -> Option<PieceId> {
        self.path.last().copied()
    }
}

/// One thing that a check has to say.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// What.
    pub kind: FindingKind,
    /// The pieces concerned, in building order; never empty.
    pub pieces: Vec<PlacedPart>,
    /// About where, in the checked submodel, LDU.
    pub at: Vec3,
    /// A sentence for people.
    pub message: String,
    /// What would repair it.
    pub fix: Option<Edit>,
}

impl Finding {
    /// How much it matters.
    pub const fn severity(&self) -> Severity {
        self.kind.severity()
    }
}

fn many(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

/// What a check of a design found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CheckReport {
    /// Errors first, then warnings, then notes; the deepest collision first. The same for the same design.
    pub findings: Vec<Finding>,
    /// How many parts there are, spread out.
    pub parts: usize,
    /// How many pairs of parts grip each other.
    pub connections: usize,
    /// How many parts hang together in each island, the largest first.
    pub islands: Vec<usize>,
}

impl CheckReport {
    /// Whether there is nothing worse than a note.
    pub fn is_clean(&self) -> bool {
        self.findings.iter().all(|finding| finding.severity() == Severity::Note)
    }

    /// The findings of one kind, by its stable name.
    pub fn of_kind<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Finding> {
        self.findings.iter().filter(move |finding| finding.kind.name() == name)
    }

    /// The kinds of finding that there are, by their stable names, each with how many: `2 collisions`. In the order of the
    /// findings.
    pub fn kinds(&self) -> Vec<(&'static str, String)> {
        let mut counts: Vec<(&'static str, usize)> = Vec::new();
        for finding in &self.findings {
            let name = finding.kind.name();
            match counts.iter_mut().find(|(known, _)| *known == name) {
                Some((_, count)) => *count += 1,
                None => counts.push((name, 1)),
            }
        }
        let words = |(name, count): (&'static str, usize)| {
            let text = match (name, count) {
                ("floating", _) => format!("{count} floating"),
                ("outside-palette", _) => format!("{count} outside the palette"),
                ("almost-fits", 1) => "1 almost fits".into(),
                ("almost-fits", _) => format!("{count} almost fit"),
                ("island", _) => many(count, "loose group"),
                _ => many(count, &name.replace('-', " ")),
            };
            (name, text)
        };
        counts.into_iter().map(words).collect()
    }

    /// One line that says how it went: `12 parts, 10 connections: 2 collisions, 1 floating`.
    pub fn summary(&self) -> String {
        let (parts, connections) = (many(self.parts, "part"), many(self.connections, "connection"));
        let kinds: Vec<String> = self.kinds().into_iter().map(|(_, words)| words).collect();
        let found = if kinds.is_empty() { "nothing found".to_owned() } else { kinds.join(", ") };
        format!("{parts}, {connections}: {found}")
    }
}
