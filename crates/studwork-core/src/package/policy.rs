//! The numbers that the rules go by. A portal serves its own as JSON; the defaults are those of Studwork's portal.
//!
//! A policy comes from outside as well: whatever it says, [`Policy::clamped`] keeps limits to what a program can bear.

use super::{Rule, Severity};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Limits, licenses and the weight of rules. Fields that are left out have their defaults; unknown ones are passed over, so
/// that a newer portal can be asked by an older program.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Policy {
    /// Whose numbers they are, for people.
    pub name: String,
    /// Of the archive.
    pub archive: ArchiveLimits,
    /// Of what is written.
    pub text: TextLimits,
    /// SPDX identifiers of the licenses that are taken.
    pub licenses: Vec<String>,
    /// Of the design.
    pub design: DesignLimits,
    /// Of the pictures.
    pub images: ImageLimits,
    /// Rules (by code or name) that weigh more or less here than by themselves. A rule that keeps a package from being read
    /// safely stays an error.
    pub severity: BTreeMap<String, Severity>,
}

/// From `least` to `most`, both allowed.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Span {
    /// The least that is allowed.
    pub least: u64,
    /// The most that is allowed.
    pub most: u64,
}

impl Span {
    /// From `least` to `most`.
    pub const fn new(least: u64, most: u64) -> Self {
        Self { least, most }
    }

    /// Whether a number is allowed.
    pub fn contains(self, number: u64) -> bool {
        (self.least..=self.most).contains(&number)
    }

    /// The bound that a number breaks.
    pub(super) fn broken(self, number: u64) -> u64 {
        if number < self.least { self.least } else { self.most }
    }

    fn clamped(self, most: u64) -> Self {
        Self { least: self.least.min(most), most: self.most.min(most) }
    }
}

/// What the archive may be.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct ArchiveLimits {
    /// Bytes of the package.
    pub package_bytes: u64,
    /// Files in it.
    pub entries: u64,
    /// Bytes of all its files.
    pub unpacked_bytes: u64,
    /// Unpacked bytes for each packed one.
    pub ratio: u64,
}

/// What may be written, in Unicode characters.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct TextLimits {
    /// Characters of the title.
    pub title: Span,
    /// Characters of the summary.
    pub summary: Span,
    /// Characters of the description.
    pub description: Span,
    /// How many tags.
    pub tags: Span,
    /// Characters of a tag.
    pub tag: Span,
    /// How many creators.
    pub creators: Span,
    /// Characters of a creator's name and of each credit.
    pub name: Span,
    /// Characters of "for whom" and "which problem it solves".
    pub purpose: Span,
}

/// What the design may be.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct DesignLimits {
    /// Bytes of `model.ron`, and of `model.mpd` and `parts.csv` each.
    pub file_bytes: u64,
    /// Levels of submodels in submodels; a design without submodels has one.
    pub depth: u64,
    /// Pieces, submodels spread out.
    pub pieces: Span,
    /// Lines of geometry in embedded parts, spread out.
    pub embedded_lines: u64,
}

/// What the pictures may be.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct ImageLimits {
    /// How many pictures, the cover included, the turntable not.
    pub count: Span,
    /// Pixels of each side of the cover.
    pub cover_side: Span,
    /// Pixels of each side of the other pictures.
    pub picture_side: Span,
    /// Pixels of each side of a frame of the turntable.
    pub turntable_side: Span,
    /// Frames of the turntable.
    pub turntable_frames: u64,
    /// Bytes of each picture.
    pub file_bytes: u64,
}

impl Default for Policy {
    fn default() -> Self {
        let licenses = ["CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "CC-BY-NC-SA-4.0"];
        Self {
            name: "Studwork".to_owned(),
            archive: ArchiveLimits::default(),
            text: TextLimits::default(),
            licenses: licenses.map(str::to_owned).to_vec(),
            design: DesignLimits::default(),
            images: ImageLimits::default(),
            severity: BTreeMap::new(),
        }
    }
}

impl Default for ArchiveLimits {
    fn default() -> Self {
        Self { package_bytes: 64 << 20, entries: 64, unpacked_bytes: 256 << 20, ratio: 100 }
    }
}

impl Default for TextLimits {
    fn default() -> Self {
        Self {
            title: Span::new(3, 80),
            summary: Span::new(25, 200),
            description: Span::new(1, 20_000),
            tags: Span::new(1, 8),
            tag: Span::new(2, 30),
            creators: Span::new(1, 16),
            name: Span::new(1, 80),
            purpose: Span::new(1, 500),
        }
    }
}

impl Default for DesignLimits {
    fn default() -> Self {
        Self { file_bytes: 32 << 20, depth: 32, pieces: Span::new(200, 5_000), embedded_lines: 1_000_000 }
    }
}

impl Default for ImageLimits {
    fn default() -> Self {
        Self {
            count: Span::new(1, 12),
            cover_side: Span::new(1080, 4096),
            picture_side: Span::new(320, 4096),
            turntable_side: Span::new(256, 2048),
            turntable_frames: 24,
            file_bytes: 16 << 20,
        }
    }
}

impl Policy {
    /// A policy from JSON.
    ///
    /// # Errors
    /// It is not JSON, or a field has a value of another kind.
    pub fn from_json(json: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(json)
    }

    /// How much a breach of a rule weighs.
    pub fn severity_of(&self, rule: Rule) -> Severity {
        if rule.is_fixed() {
            return Severity::Error;
        }
        let own = self.severity.get(rule.code()).or_else(|| self.severity.get(rule.name()));
        own.copied().unwrap_or(rule.severity())
    }

    /// The same policy with limits that a program can bear.
    pub fn clamped(&self) -> Self {
        let mut policy = self.clone();
        let Self { archive, text, design, images, .. } = &mut policy;
        archive.package_bytes = archive.package_bytes.min(512 << 20);
        archive.entries = archive.entries.min(4096);
        archive.unpacked_bytes = archive.unpacked_bytes.min(1 << 30);
        archive.ratio = archive.ratio.min(1000);
        for span in [&mut text.title, &mut text.summary, &mut text.tag, &mut text.name, &mut text.purpose] {
            *span = span.clamped(10_000);
        }
        text.description = text.description.clamped(200_000);
        text.tags = text.tags.clamped(100);
        text.creators = text.creators.clamped(1000);
        design.file_bytes = design.file_bytes.min(crate::MAX_FILE_BYTES as u64);
        design.depth = design.depth.min(crate::MAX_DEPTH as u64);
        design.pieces = design.pieces.clamped(100_000);
        design.embedded_lines = design.embedded_lines.min(4_000_000);
        images.count = images.count.clamped(99);
        for span in [&mut images.cover_side, &mut images.picture_side, &mut images.turntable_side] {
            *span = span.clamped(16_384);
        }
        images.turntable_frames = images.turntable_frames.min(99);
        images.file_bytes = images.file_bytes.min(128 << 20);
        policy
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn a_policy_says_only_what_differs_and_may_say_more_than_is_known() {
        let json = br#"{"name": "City", "design": {"pieces": {"least": 50, "most": 300}}, "window_days": 365}"#;
        let policy = Policy::from_json(json).unwrap();
        assert_eq!(policy.design.pieces, Span::new(50, 300));
        assert_eq!(policy.design.depth, 32);
        assert_eq!(policy.archive, ArchiveLimits::default());
        let again = Policy::from_json(&serde_json::to_vec(&policy).unwrap()).unwrap();
        assert_eq!(again, policy);
    }

    #[test]
    fn weights_go_by_code_or_name_but_safety_stays_an_error() {
        let json = br#"{"severity": {"P409": "error", "several-islands": "off", "P005": "off", "P999": "error"}}"#;
        let policy = Policy::from_json(json).unwrap();
        assert_eq!(policy.severity_of(Rule::Collision), Severity::Error);
        assert_eq!(policy.severity_of(Rule::SeveralIslands), Severity::Off);
        assert_eq!(policy.severity_of(Rule::RatioTooHigh), Severity::Error);
        assert_eq!(policy.severity_of(Rule::TitleLength), Severity::Error);
    }

    #[test]
    fn a_policy_without_measure_is_kept_in_bounds() {
        let json = br#"{"archive": {"package_bytes": 18446744073709551615}, "text": {"title": {"least": 3, "most": 99999999}}}"#;
        let policy = Policy::from_json(json).unwrap().clamped();
        assert_eq!(policy.archive.package_bytes, 512 << 20);
        assert_eq!(policy.text.title, Span::new(3, 10_000));
        assert_eq!(Policy::default().clamped(), Policy::default());
    }
}
