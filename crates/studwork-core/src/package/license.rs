//! Licenses: SPDX identifiers from what people write, and which license a copy may have.
//!
//! Sources: the SPDX list; for Creative Commons, the compatibility of adapted works as creativecommons.org states it
//! (share-alike keeps its elements in the same or a later version; no-derivatives allows no copy). This is a check that
//! catches slips; it gives no legal advice.

/// The SPDX identifier that a text means: `CC-BY-4.0` for `CC BY 4.0` or for LDraw's
/// `Licensed under CC BY 4.0 : see CAreadme.txt`. `None` when it means none that is known.
pub fn spdx_from_text(text: &str) -> Option<String> {
    let text = text.trim();
    if let Some(id) = exact(text) {
        return Some(id);
    }
    // LDraw's own older wording: the CC attribution license 2.0.
    if text.to_uppercase().contains("CCAL VERSION 2.0") {
        return Some("CC-BY-2.0".to_owned());
    }
    let text = text.split(" : ").next().unwrap_or(text).trim();
    let text =
        ["Licensed under ", "Redistributable under "].iter().find_map(|start| text.strip_prefix(start)).unwrap_or(text);
    let words: Vec<&str> = text.split([' ', '-', '_']).filter(|word| !word.is_empty()).collect();
    exact(&words.join("-")).or_else(|| match *words.as_slice() {
        // `CC0 1.0 Universal`, `CC0`.
        [zero, ..] if zero.eq_ignore_ascii_case("CC0") => Some("CC0-1.0".to_owned()),
        _ => None,
    })
}

fn exact(text: &str) -> Option<String> {
    if text.is_empty() {
        return None;
    }
    spdx::license_id(text)
        .or_else(|| {
            let upper = text.to_uppercase();
            spdx::license_id(&upper).or_else(|| {
                let known =
                    spdx::identifiers::LICENSES.iter().find(|license| license.name.eq_ignore_ascii_case(text))?;
                spdx::license_id(known.name)
            })
        })
        .map(|id| id.name.to_owned())
}

/// Whether an identifier is one of the SPDX list, letter by letter.
pub(super) fn is_spdx(id: &str) -> bool {
    spdx::license_id(id).is_some_and(|found| found.name == id)
}

/// The elements of a Creative Commons license.
#[derive(Copy, Clone, PartialEq, PartialOrd, Debug)]
struct CreativeCommons {
    attribution: bool,
    noncommercial: bool,
    no_derivatives: bool,
    share_alike: bool,
    version: f32,
}

fn creative_commons(id: &str) -> Option<CreativeCommons> {
    let words: Vec<&str> = id.strip_prefix("CC-")?.split('-').collect();
    // Ported versions end with a country: CC-BY-3.0-DE.
    let version = words.iter().find_map(|word| word.parse().ok())?;
    let has = |element: &str| words.contains(&element);
    Some(CreativeCommons {
        attribution: has("BY"),
        noncommercial: has("NC"),
        no_derivatives: has("ND"),
        share_alike: has("SA"),
        version,
    })
}

/// Whether a copy of something under one license may be under another (SPDX identifiers). An unknown license of the
/// original allows nothing but itself, and an empty one nothing at all: without a license all rights are reserved.
pub fn derivative_allowed(parent: &str, child: &str) -> bool {
    if parent.is_empty() {
        return false;
    }
    let dedicated = ["CC0-1.0", "CC-PDDC", "Unlicense", "0BSD", "MIT-0"];
    if dedicated.contains(&parent) {
        return true;
    }
    match (creative_commons(parent), creative_commons(child)) {
        (Some(from), _) if from.no_derivatives => false,
        // The same elements, in the same or a later version.
        (Some(from), Some(to)) if from.share_alike => {
            CreativeCommons { version: to.version, ..from } == to && to.version >= from.version
        }
        (Some(from), _) if from.share_alike => false,
        (Some(from), Some(to)) if from.noncommercial => to.noncommercial && to.attribution,
        (Some(from), _) if from.noncommercial => false,
        // Attribution: whatever asks for the name to be kept.
        (Some(_), _) => !dedicated.contains(&child),
        (None, _) if parent == child => true,
        (None, _) => {
            let permissive = spdx::license_id(parent).is_some_and(|id| id.is_osi_approved() && !id.is_copyleft());
            permissive && !dedicated.contains(&child)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_write_licenses_in_many_ways() {
        for (text, id) in [
            ("CC-BY-4.0", Some("CC-BY-4.0")),
            ("CC BY 4.0", Some("CC-BY-4.0")),
            ("cc-by-sa-4.0", Some("CC-BY-SA-4.0")),
            ("CC BY-NC-SA 4.0", Some("CC-BY-NC-SA-4.0")),
            ("CC0", Some("CC0-1.0")),
            ("CC0 1.0 Universal", Some("CC0-1.0")),
            ("Licensed under CC BY 4.0 : see CAreadme.txt", Some("CC-BY-4.0")),
            ("Redistributable under CCAL version 2.0 : see CAreadme.txt", Some("CC-BY-2.0")),
            ("mit", Some("MIT")),
            ("All rights reserved", None),
            ("", None),
        ] {
            assert_eq!(spdx_from_text(text).as_deref(), id, "{text:?}");
        }
        assert!(is_spdx("CC-BY-4.0") && !is_spdx("cc-by-4.0") && !is_spdx("CC BY 4.0"));
    }

    #[test]
    fn a_copy_keeps_what_its_original_asks_for() {
        for (parent, child, allowed) in [
            ("CC0-1.0", "CC-BY-NC-4.0", true),
            ("CC-BY-4.0", "CC-BY-4.0", true),
            ("CC-BY-4.0", "CC-BY-NC-SA-4.0", true),
            ("CC-BY-4.0", "CC0-1.0", false),
            ("CC-BY-2.0", "CC-BY-SA-4.0", true),
            ("CC-BY-SA-4.0", "CC-BY-SA-4.0", true),
            ("CC-BY-SA-3.0", "CC-BY-SA-4.0", true),
            ("CC-BY-SA-4.0", "CC-BY-SA-3.0", false),
            ("CC-BY-SA-4.0", "CC-BY-4.0", false),
            ("CC-BY-SA-4.0", "CC-BY-NC-SA-4.0", false),
            ("CC-BY-NC-4.0", "CC-BY-NC-SA-4.0", true),
            ("CC-BY-NC-4.0", "CC-BY-4.0", false),
            ("CC-BY-NC-SA-4.0", "CC-BY-NC-SA-4.0", true),
            ("CC-BY-NC-SA-4.0", "CC-BY-NC-4.0", false),
            ("CC-BY-ND-4.0", "CC-BY-ND-4.0", false),
            ("MIT", "CC-BY-4.0", true),
            ("MIT", "CC0-1.0", false),
            ("GPL-3.0-only", "CC-BY-4.0", false),
            ("GPL-3.0-only", "GPL-3.0-only", true),
            ("All rights reserved", "CC-BY-4.0", false),
            ("", "CC-BY-4.0", false),
            ("", "", false),
        ] {
            assert_eq!(derivative_allowed(parent, child), allowed, "{parent} to {child}");
        }
    }
}
