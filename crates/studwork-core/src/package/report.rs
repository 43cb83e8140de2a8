//! The outcome of a check: findings in a stable order, and the facts that were learned on the way.

use super::{Finding, Place, Policy, Rule, Severity};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Findings of one rule beyond this number are counted, not told.
const MOST_OF_A_RULE: usize = 20;

/// What a check found.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Report {
    /// Of the report itself: 1.
    pub format: u32,
    /// Whether nothing is an error.
    pub passed: bool,
    /// The rules that were broken: errors first, then by code.
    pub findings: Vec<Finding>,
    /// What is known about the package.
    pub facts: Facts,
}

/// What a check learned about a package; what it did not come to is left out.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// Bytes of the package.
    pub bytes: u64,
    /// SHA-256 of the package, 64 hexadecimal digits.
    pub sha256: String,
    /// Bytes of its files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unpacked_bytes: Option<u64>,
    /// Its title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Pieces, submodels spread out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pieces: Option<u64>,
    /// Different parts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unique_parts: Option<u64>,
    /// Different colors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub colors: Option<u64>,
    /// Submodels, the main one included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub submodels: Option<u64>,
    /// Building steps of all submodels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<u64>,
    /// Pairs of pieces that reach into each other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collisions: Option<u64>,
    /// Groups of pieces that hang together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub islands: Option<u64>,
    /// Pictures, the cover included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pictures: Option<u64>,
    /// Frames of the turntable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turntable_frames: Option<u64>,
}

impl Report {
    /// The findings that keep the package from being taken.
    pub fn errors(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.severity == Severity::Error)
    }

    /// The findings that do not.
    pub fn warnings(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.severity == Severity::Warning)
    }

    /// Whether a rule was broken.
    pub fn has(&self, rule: Rule) -> bool {
        self.findings.iter().any(|finding| finding.code == rule.code())
    }

    /// `2 errors, 1 warning`.
    pub fn summary(&self) -> String {
        let words = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
        match (self.errors().count(), self.warnings().count()) {
            (0, 0) => "nothing found".to_owned(),
            (0, warnings) => words(warnings, "warning"),
            (errors, 0) => words(errors, "error"),
            (errors, warnings) => format!("{}, {}", words(errors, "error"), words(warnings, "warning")),
        }
    }
}

/// Gathers findings while the rules run.
pub(super) struct Findings<'a> {
    policy: &'a Policy,
    list: Vec<Finding>,
    counts: BTreeMap<Rule, usize>,
}

impl<'a> Findings<'a> {
    pub fn new(policy: &'a Policy) -> Self {
        Self { policy, list: Vec::new(), counts: BTreeMap::new() }
    }

    /// Takes a finding, as the policy weighs it.
    pub fn push(&mut self, finding: Finding) {
        let Some(rule) = finding.known_rule() else { return };
        let severity = self.policy.severity_of(rule);
        if severity == Severity::Off {
            return;
        }
        let count = self.counts.entry(rule).or_default();
        *count += 1;
        if *count <= MOST_OF_A_RULE {
            self.list.push(Finding { severity, ..finding });
        }
    }

    /// How many findings there were so far, told or not.
    pub fn total(&self) -> usize {
        self.counts.values().sum()
    }

    /// Whether something was found that is an error.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// The report; errors first, then by code, else in the order in which they were found.
    pub fn report(self, facts: Facts) -> Report {
        let Self { policy, mut list, counts } = self;
        for (rule, count) in counts {
            if count > MOST_OF_A_RULE {
                let more = count - MOST_OF_A_RULE;
                let message = format!("and {} more of this kind", super::finding::grouped(more as u64));
                let finding = Finding::new(rule, Place::Package, message);
                list.push(Finding { severity: policy.severity_of(rule), ..finding });
            }
        }
        list.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.code.cmp(&b.code)));
        let passed = list.iter().all(|finding| finding.severity < Severity::Error);
        Report { format: 1, passed, findings: list, facts }
    }
}
