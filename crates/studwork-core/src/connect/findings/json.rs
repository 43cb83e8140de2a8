//! The JSON form of a report: names that stay, pieces by submodel and number. Described in `docs/connections.md`.

use super::{CheckReport, Finding, FindingKind, Severity};
use crate::{Design, Edit};
use serde::{Deserialize, Serialize};

/// A whole report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CheckJson {
    /// 1.
    pub format: u32,
    /// Whether there is nothing worse than a note.
    pub clean: bool,
    /// How many parts there are, spread out.
    pub parts: usize,
    /// How many pairs of parts grip each other.
    pub connections: usize,
    /// How many parts hang together in each island, the largest first.
    pub islands: Vec<usize>,
    /// Errors first.
    pub findings: Vec<FindingJson>,
}

/// One finding. Numbers that a kind has nothing to say about are left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FindingJson {
    /// See [`FindingKind::name`].
    pub kind: String,
    /// How much it matters.
    pub severity: Severity,
    /// A sentence for people.
    pub message: String,
    /// In building order.
    pub pieces: Vec<PieceJson>,
    /// About where, LDU.
    pub at: [f32; 3],
    /// Of a collision, LDU.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depth: Option<f32>,
    /// Of what almost fits, LDU.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<f32>,
    /// Of what almost fits, degrees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub angle: Option<f32>,
    /// The color as an LDraw file has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
    /// What would repair it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<Edit>,
}

/// A piece of a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PieceJson {
    /// The name of the submodel in which it stands.
    pub submodel: String,
    /// Its number.
    pub piece: u32,
    /// Its part.
    pub part: String,
    /// The numbers of the pieces on the way to it, itself last.
    pub path: Vec<u32>,
}

impl CheckReport {
    /// The report as JSON tools read it; `design` is the one that was checked.
    pub fn to_json(&self, design: &Design) -> CheckJson {
        CheckJson {
            format: 1,
            clean: self.is_clean(),
            parts: self.parts,
            connections: self.connections,
            islands: self.islands.clone(),
            findings: self.findings.iter().map(|finding| json_from_finding(finding, design)).collect(),
        }
    }
}

fn json_from_finding(finding: &Finding, design: &Design) -> FindingJson {
    let (mut depth_now, mut offset_now, mut angle_now, mut color_now) = (None, None, None, None);
    match &finding.kind {
        FindingKind::Collision { depth } => depth_now = Some(tidy(*depth)),
        FindingKind::AlmostFits { offset, angle, .. } => {
            (offset_now, angle_now) = (Some(tidy(*offset)), Some(tidy(*angle)));
        }
        FindingKind::UnknownColor { color }
        | FindingKind::ImpossibleColor { color }
        | FindingKind::OutsidePalette { color } => color_now = Some(color.to_string()),
        FindingKind::Floating | FindingKind::Island { .. } | FindingKind::UnknownPart => {}
    }
    let pieces = finding.pieces.iter().map(|placed| PieceJson {
        submodel: design.submodel(placed.submodel).map(|submodel| submodel.name.clone()).unwrap_or_default(),
        piece: placed.piece().map_or(0, |id| id.0),
        part: placed.part.to_string(),
        path: placed.path.iter().map(|id| id.0).collect(),
    });
    FindingJson {
        kind: finding.kind.name().to_owned(),
        severity: finding.severity(),
        message: finding.message.clone(),
        pieces: pieces.collect(),
        at: finding.at.to_array().map(tidy),
        depth: depth_now,
        offset: offset_now,
        angle: angle_now,
        color: color_now,
        fix: finding.fix.clone(),
    }
}

/// Hundredths.
fn tidy(number: f32) -> f32 {
    (number * 100.0).round() / 100.0 + 0.0
}
