//! The rules about what is written: title, summary, description, tags, people, license, original.

use super::license::is_spdx;
use super::report::Findings;
use super::{
    Finding, Manifest, Measure, Parent, ParentFacts, Place, Policy, Rule, Span, Unit, derivative_allowed, is_sha256,
    spdx_from_text,
};
use crate::Design;
use std::collections::BTreeSet;

pub(super) fn check(manifest: &Manifest, policy: &Policy, findings: &mut Findings<'_>) {
    let limits = &policy.text;
    let lines = [
        ("title", &manifest.title, limits.title, Rule::TitleLength),
        ("summary", &manifest.summary, limits.summary, Rule::SummaryLength),
    ];
    for (field, text, span, rule) in lines {
        length(field, text, span, rule, findings);
        form(field, text, false, findings);
    }
    length("description", &manifest.description, limits.description, Rule::DescriptionLength, findings);
    form("description", &manifest.description, true, findings);
    for (field, text, asks) in
        [("audience", &manifest.audience, "for whom it is"), ("problem", &manifest.problem, "what it is good for")]
    {
        form(field, text, true, findings);
        if text.trim().is_empty() {
            findings.push(Finding::new(Rule::PurposeMissing, Place::field(field), format!("it is not said {asks}")));
        } else {
            length(field, text, limits.purpose, Rule::TextLength, findings);
        }
    }
    tags(manifest, policy, findings);
    creators(manifest, policy, findings);
}

fn characters(text: &str) -> u64 {
    text.trim().chars().count() as u64
}

fn length(field: &str, text: &str, span: Span, rule: Rule, findings: &mut Findings<'_>) {
    length_of("this text", field, text, span, rule, findings);
}

fn length_of(what: &str, field: &str, text: &str, span: Span, rule: Rule, findings: &mut Findings<'_>) {
    let measured = characters(text);
    if !span.contains(measured) {
        let how = if measured < span.least { "short" } else { "long" };
        let finding = Finding::new(rule, Place::field(field), format!("{what} is too {how}"));
        let finding = finding.measured(Measure::count(measured, Unit::Characters));
        findings.push(finding.limit(Measure::count(span.broken(measured), Unit::Characters)));
    }
}

/// Whether a character is invisible or turns the writing direction, so that a text does not read as what it is.
fn is_odd(c: char, lines: bool) -> bool {
    match c {
        '\n' | '\r' | '\t' => !lines,
        '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' => true,
        '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}' => true,
        c => c.is_control(),
    }
}

fn form(field: &str, text: &str, lines: bool, findings: &mut Findings<'_>) {
    if let Some(odd) = text.chars().find(|&c| is_odd(c, lines)) {
        let message = match odd {
            '\n' | '\r' | '\t' => "this text must stand on one line".to_owned(),
            odd => format!("this text has the control character U+{:04X}", u32::from(odd)),
        };
        findings.push(Finding::new(Rule::TextForm, Place::field(field), message));
    }
}

fn tags(manifest: &Manifest, policy: &Policy, findings: &mut Findings<'_>) {
    let count = manifest.tags.len() as u64;
    let span = policy.text.tags;
    if !span.contains(count) {
        let how = if count < span.least { "few" } else { "many" };
        let finding = Finding::new(Rule::TagCount, Place::field("tags"), format!("there are too {how} tags"));
        let finding = finding.measured(Measure::count(count, Unit::Tags));
        findings.push(finding.limit(Measure::count(span.broken(count), Unit::Tags)));
    }
    let mut seen = BTreeSet::new();
    for (index, tag) in manifest.tags.iter().enumerate() {
        let field = format!("tags[{index}]");
        length_of(&format!("the tag {tag:.40?}"), &field, tag, policy.text.tag, Rule::TagForm, findings);
        let plain = tag.chars().all(|c| c.is_alphanumeric() || c == ' ' || c == '-');
        let message = if !plain {
            "the tag has other characters than letters, digits, spaces and hyphens"
        } else if tag.trim() != tag {
            "the tag begins or ends with a space"
        } else if !seen.insert(tag.to_lowercase()) {
            "the tag comes twice"
        } else {
            continue;
        };
        findings.push(Finding::new(Rule::TagForm, Place::field(field), message));
    }
}

fn creators(manifest: &Manifest, policy: &Policy, findings: &mut Findings<'_>) {
    let count = manifest.creators.len() as u64;
    let span = policy.text.creators;
    if !span.contains(count) {
        let message = if count < span.least { "nobody is named as creator" } else { "too many creators are named" };
        let finding = Finding::new(Rule::CreatorCount, Place::field("creators"), message);
        let finding = finding.measured(Measure::count(count, Unit::People));
        findings.push(finding.limit(Measure::count(span.broken(count), Unit::People)));
    }
    for (index, creator) in manifest.creators.iter().enumerate() {
        let field = |name: &str| format!("creators[{index}].{name}");
        length(&field("name"), &creator.name, policy.text.name, Rule::TextLength, findings);
        form(&field("name"), &creator.name, false, findings);
        if !creator.role.is_empty() {
            length(&field("role"), &creator.role, policy.text.name, Rule::TextLength, findings);
            form(&field("role"), &creator.role, false, findings);
        }
        if !creator.consent {
            let who = if creator.name.trim().is_empty() { "this creator" } else { &creator.name };
            let message = format!("{who:.80} has not agreed to be named and to this submission");
            findings.push(Finding::new(Rule::ConsentMissing, Place::field(field("consent")), message));
        }
    }
}

/// License and original; the design says which original it knows, the portal what it knows of that.
pub(super) fn check_rights(
    manifest: &Manifest,
    design: Option<&Design>,
    known: Option<&ParentFacts>,
    policy: &Policy,
    findings: &mut Findings<'_>,
) {
    let license = manifest.license.as_str();
    let at = || Place::field("license");
    if !is_spdx(license) {
        let message = format!("{license:.80?} is not the SPDX identifier of a license");
        findings.push(Finding::new(Rule::LicenseUnknown, at(), message));
    } else if !policy.licenses.iter().any(|allowed| allowed == license) {
        let finding = Finding::new(Rule::LicenseNotAllowed, at(), "the license is not one of those that are taken");
        let finding = finding.measured(Measure::text(license));
        findings.push(finding.limit(Measure::text(policy.licenses.join(", "))));
    }
    let own = design.map(|design| design.license().trim()).filter(|text| !text.is_empty());
    if let Some(own) = own
        && spdx_from_text(own).as_deref() != Some(license)
    {
        let finding = Finding::new(Rule::LicenseDiffers, at(), "the design itself says another license");
        findings.push(finding.measured(Measure::text(format!("{own:.80}"))).limit(Measure::text(license)));
    }

    let lineage = design.and_then(Design::lineage);
    let Some(parent) = &manifest.parent else {
        if let Some(lineage) = lineage {
            let message = format!("the design is a copy of {:.80?}, but the manifest names no original", lineage.title);
            findings.push(Finding::new(Rule::ParentMissing, Place::field("parent"), message));
        }
        return;
    };
    if let Some(lineage) = lineage
        && lineage.sha256 != parent.sha256
    {
        mismatch(
            "parent.sha256",
            "the manifest names another original than the design",
            &parent.sha256,
            &lineage.sha256,
            findings,
        );
    }
    check_parent(manifest, parent, known, policy, findings);
}

fn mismatch(field: &str, message: &str, measured: &str, expected: &str, findings: &mut Findings<'_>) {
    let finding = Finding::new(Rule::ParentMismatch, Place::field(field), message);
    findings.push(finding.measured(Measure::text(measured)).limit(Measure::text(expected)));
}

fn check_parent(
    manifest: &Manifest,
    parent: &Parent,
    known: Option<&ParentFacts>,
    policy: &Policy,
    findings: &mut Findings<'_>,
) {
    if !is_sha256(&parent.sha256) {
        let message = "the hash of the original is not 64 lower-case hexadecimal digits";
        findings.push(Finding::new(Rule::ParentMismatch, Place::field("parent.sha256"), message));
    }
    for (field, text) in [("parent.title", &parent.title), ("parent.author", &parent.author)] {
        if text.trim().is_empty() {
            let message = format!("the {} of the original is not said", &field["parent.".len()..]);
            findings.push(Finding::new(Rule::ParentNotCredited, Place::field(field), message));
        } else {
            length(field, text, Span { least: 1, ..policy.text.name }, Rule::TextLength, findings);
            form(field, text, false, findings);
        }
    }
    let mut license = parent.license.as_str();
    if let Some(known) = known {
        license = &known.license;
        if !known.hashes.contains(&parent.sha256) {
            mismatch(
                "parent.sha256",
                "the original on the portal has another hash",
                &parent.sha256,
                &known.hashes.join(" or "),
                findings,
            );
        }
        if !parent.license.is_empty() && parent.license != known.license {
            mismatch(
                "parent.license",
                "the original on the portal has another license",
                &parent.license,
                &known.license,
                findings,
            );
        }
        for creator in known.creators.iter().filter(|creator| !parent.author.contains(creator.as_str())) {
            let message = format!("{creator:.80} made the original and is not named");
            findings.push(Finding::new(Rule::ParentNotCredited, Place::field("parent.author"), message));
        }
    }
    if !derivative_allowed(license, &manifest.license) {
        let message = if license.is_empty() {
            "the original has no license that is known, so that all rights are reserved".to_owned()
        } else {
            format!("the original is under {license:.80}, which does not allow a copy under {:.80}", manifest.license)
        };
        let finding = Finding::new(Rule::LicenseAgainstParent, Place::field("license"), message);
        findings.push(finding.measured(Measure::text(&*manifest.license)).limit(Measure::text(license)));
    }
}
