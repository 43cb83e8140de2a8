//! What a license says about copies, as far as its name tells: enough to warn, never to advise.

/// What a license allows to do with changed copies.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum LicenseTerms {
    /// Nothing in its name forbids sharing changed copies.
    Open,
    /// Changed copies must not be shared (CC BY-ND and the like).
    NoDerivatives,
    /// It reserves all rights.
    Reserved,
    /// Nobody said.
    Unknown,
}

/// What the name of a license says, in any of the ways it is written: `CC BY-ND 4.0`, `cc-by-nc-nd`, an address of
/// creativecommons.org, `Attribution-NoDerivatives`, LDraw's `Redistributable under CCAL version 2.0`.
pub fn license_terms(license: &str) -> LicenseTerms {
    let lower = license.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let has = |wanted: &str| words.contains(&wanted);
    let joined = words.concat();
    let creative_commons = has("cc") || joined.contains("creativecommons") || joined.starts_with("ccby");
    if joined.contains("noderiv") || (creative_commons && (has("nd") || joined.contains("byncnd"))) {
        LicenseTerms::NoDerivatives
    } else if joined.contains("allrightsreserved") || joined.contains("notredistributable") || has("proprietary") {
        LicenseTerms::Reserved
    } else if words.is_empty() || joined == "unknown" || joined == "none" {
        LicenseTerms::Unknown
    } else {
        LicenseTerms::Open
    }
}

/// What to tell a person who makes a copy of an original under this license; `None` when there is nothing to tell.
pub fn note_for_copy(title: &str, author: &str, license: &str) -> Option<String> {
    let whose = whose(title, author);
    match license_terms(license) {
        LicenseTerms::Open => None,
        LicenseTerms::NoDerivatives => Some(format!(
            "The license of {whose} ({license}) allows no shared changes: build with your copy as you like, but ask the \
             author before you share a changed one"
        )),
        LicenseTerms::Reserved => Some(format!(
            "All rights to {whose} are reserved ({license}): keep your copy to yourself, or ask the author before you share it"
        )),
        LicenseTerms::Unknown => Some(format!(
            "{whose} names no license: you may build with your copy, but ask the author before you share it"
        )),
    }
}

/// What stands against packaging a copy of an original under this license for others; `None` when nothing does.
pub fn note_for_package(title: &str, author: &str, license: &str) -> Option<String> {
    let whose = whose(title, author);
    match license_terms(license) {
        LicenseTerms::Open => None,
        LicenseTerms::NoDerivatives => Some(format!(
            "this design was made from {whose}, whose license ({license}) forbids sharing changed copies; package it only \
             with the author's permission"
        )),
        LicenseTerms::Reserved => Some(format!(
            "this design was made from {whose}, to which all rights are reserved ({license}); package it only with the \
             author's permission"
        )),
        LicenseTerms::Unknown => Some(format!(
            "this design was made from {whose}, which names no license; package it only if the author allows it"
        )),
    }
}

fn whose(title: &str, author: &str) -> String {
    let title = if title.is_empty() { "the original".to_owned() } else { format!("\"{title}\"") };
    if author.is_empty() { title } else { format!("{title} by {author}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licenses_are_told_by_any_of_their_names() {
        let no_derivatives = [
            "CC BY-ND 4.0",
            "cc-by-nc-nd",
            "CC_BY_NC_ND_3.0",
            "https://creativecommons.org/licenses/by-nc-nd/4.0/",
            "Attribution-NoDerivatives 4.0 International",
            "Attribution-NonCommercial-NoDerivs",
            "CCBYNCND",
        ];
        for license in no_derivatives {
            assert_eq!(license_terms(license), LicenseTerms::NoDerivatives, "{license}");
        }
        let open = ["CC BY 4.0", "CC0", "Licensed under CC BY 4.0 : see CAreadme.txt", "MIT", "CC BY-SA 2.0"];
        for license in open {
            assert_eq!(license_terms(license), LicenseTerms::Open, "{license}");
        }
        assert_eq!(license_terms("All rights reserved."), LicenseTerms::Reserved);
        assert_eq!(license_terms("Not redistributable : see NonCAreadme.txt"), LicenseTerms::Reserved);
        assert_eq!(license_terms(" "), LicenseTerms::Unknown);
    }

    #[test]
    fn the_notes_name_the_original_and_the_license() {
        let note = note_for_copy("Gate", "Ada", "CC BY-ND 4.0").unwrap_or_default();
        assert!(note.contains("\"Gate\" by Ada") && note.contains("CC BY-ND 4.0"), "{note}");
        assert!(note_for_package("", "", "").is_some_and(|note| note.contains("the original")));
        assert_eq!(note_for_copy("Gate", "Ada", "CC0"), None);
        assert_eq!(note_for_package("Gate", "Ada", "CC0"), None);
    }
}
