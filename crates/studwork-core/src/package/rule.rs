//! The rules by code: what each is called, how much it weighs unless a policy says otherwise, and what to do about it.
//!
//! A code is never given to another rule and never reused.

use super::Severity;

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident $code:literal $word:literal $severity:ident $fixed:literal $advice:literal)*) => {
        /// A rule of the package.
        #[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[non_exhaustive]
        pub enum Rule {
            $($(#[$doc])* $name,)*
        }

        impl Rule {
            /// All rules, by code.
            pub const ALL: &[Rule] = &[$(Rule::$name),*];

            /// `P001`.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            /// `package-too-large`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $word),* }
            }

            /// How much a breach weighs unless a policy says otherwise.
            pub fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity),* }
            }

            /// Whether a breach is an error whatever a policy says: the package could not be read safely or not at all.
            pub fn is_fixed(self) -> bool {
                match self { $(Self::$name => $fixed),* }
            }

            /// What to do about a breach.
            pub fn advice(self) -> &'static str {
                match self { $(Self::$name => $advice),* }
            }
        }
    };
}

impl Rule {
    /// The rule with a code or a name.
    pub fn find(code_or_name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|rule| [rule.code(), rule.name()].contains(&code_or_name))
    }
}

rules! {
    /// The file has more bytes than a package may have.
    PackageTooLarge "P001" "package-too-large" Error true
        "Use smaller or fewer pictures and pack again."
    /// It is no zip archive of the kind a package is.
    NotAPackage "P002" "not-a-package" Error true
        "Pack the design again with Studwork and send the file unchanged."
    /// More entries than a package may have.
    TooManyEntries "P003" "too-many-entries" Error true
        "Leave out files that do not belong into the package and pack again."
    /// The files take more bytes than they may.
    UnpackedTooLarge "P004" "unpacked-too-large" Error true
        "Use smaller pictures and pack again."
    /// Something is packed more tightly than honest files are.
    RatioTooHigh "P005" "ratio-too-high" Error true
        "Pack the design again with Studwork; files like this are made to fill a disk."
    /// A path that leads out of the package or cannot be kept on every system.
    UnsafePath "P006" "unsafe-path" Error true
        "Pack the design again with Studwork; paths in a package are plain relative ones."
    /// A link or a device instead of a file.
    LinkOrDevice "P007" "link-or-device" Error true
        "Pack the files themselves instead of links to them."
    /// An encrypted entry.
    Encrypted "P008" "encrypted" Error true
        "Pack the design again without a password."
    /// Two entries with one name, letter case aside.
    DuplicateName "P009" "duplicate-name" Error true
        "Keep one of the two files and pack again."
    /// Two entries that share bytes.
    OverlappingEntries "P010" "overlapping-entries" Error true
        "Pack the design again with Studwork; files like this are made to fill a disk."
    /// A way of packing that packages do not use.
    UnknownCompression "P011" "unknown-compression" Error true
        "Pack the design again with Studwork; entries are stored or deflated."
    /// An entry's two descriptions differ.
    HeaderMismatch "P012" "header-mismatch" Error true
        "The file is damaged or was tampered with: pack the design again."
    /// An entry whose bytes are not what the archive says.
    DamagedEntry "P013" "damaged-entry" Error true
        "The file was damaged on its way: copy it or pack the design again."

    /// There is no manifest.
    ManifestMissing "P101" "manifest-missing" Error true
        "Pack the design again with Studwork."
    /// The manifest is not what the format says.
    ManifestUnreadable "P102" "manifest-unreadable" Error true
        "Correct the manifest as docs/package.md describes it, or pack the design again."
    /// A later version wrote it.
    FormatNewer "P103" "format-newer" Error true
        "Install a newer version of Studwork to read this package."
    /// The manifest lists a file that is not there.
    FileMissing "P104" "file-missing" Error true
        "Pack the design again with Studwork."
    /// A file that the manifest does not list.
    FileUnlisted "P105" "file-unlisted" Error true
        "Remove the file, or pack the design again with Studwork."
    /// The manifest lists a file twice.
    FileListedTwice "P106" "file-listed-twice" Error true
        "Pack the design again with Studwork."
    /// A file that is not what the manifest says by size or hash.
    HashMismatch "P107" "hash-mismatch" Error true
        "The file was changed after packing: pack the design again."
    /// A file that has no place in a package.
    FileNotAllowed "P108" "file-not-allowed" Error true
        "Remove the file and pack again."
    /// A file that every package has is not there.
    RequiredFileMissing "P109" "required-file-missing" Error true
        "Pack the design again with Studwork."

    /// The title is too short or too long.
    TitleLength "P201" "title-length" Error false
        "Change the title."
    /// The summary is too short or too long.
    SummaryLength "P202" "summary-length" Error false
        "Say in one or two sentences what it is."
    /// The description is too short or too long.
    DescriptionLength "P203" "description-length" Error false
        "Describe what it is, how it works and what is special about it."
    /// Too few or too many tags.
    TagCount "P204" "tag-count" Error false
        "Choose the words by which people would look for it."
    /// A tag that is too short, too long, has odd characters, or comes twice.
    TagForm "P205" "tag-form" Error false
        "Change the tag: letters, digits, spaces and hyphens, each tag once."
    /// Nobody, or too many people, named as creators.
    CreatorCount "P206" "creator-count" Error false
        "Name the people who made it."
    /// Someone did not agree to be named and to the submission.
    ConsentMissing "P207" "consent-missing" Error false
        "Ask this person, and tick the box when they agree; or leave them out if they took no part."
    /// Characters that cannot be seen or that turn the writing direction.
    TextForm "P208" "text-form" Error false
        "Type the text anew without special control characters."
    /// It is not said for whom it is or which problem it solves.
    PurposeMissing "P209" "purpose-missing" Warning false
        "Say for whom it is and what it is good for; it helps people decide to support it."
    /// Another text (a name, a credit, for whom it is) is too long or empty.
    TextLength "P210" "text-length" Error false
        "Change this text."

    /// The license is not an SPDX one.
    LicenseUnknown "P301" "license-unknown" Error false
        "Choose a license by its SPDX identifier, such as CC-BY-4.0."
    /// The license is not one that the portal takes.
    LicenseNotAllowed "P302" "license-not-allowed" Error false
        "Choose one of the licenses that the portal takes."
    /// The license of the original does not allow this one.
    LicenseAgainstParent "P303" "license-against-parent" Error false
        "Choose a license that the original's allows, or ask its author."
    /// The design is a copy, but no original is named.
    ParentMissing "P304" "parent-missing" Error false
        "Name the original in the manifest; Studwork fills it in from the design."
    /// The original's title or author is not named.
    ParentNotCredited "P305" "parent-not-credited" Error false
        "Write the title and the author of the original."
    /// The original that is named is not the one that the design, or the portal, knows.
    ParentMismatch "P306" "parent-mismatch" Error false
        "Pack the design again with Studwork, which fills in the original."
    /// The design says another license than the manifest.
    LicenseDiffers "P307" "license-differs" Warning false
        "Give the design and the submission the same license."

    /// The design cannot be read.
    DesignUnreadable "P401" "design-unreadable" Error true
        "Open the design in Studwork, save it, and pack again."
    /// The design's file is too large.
    DesignTooLarge "P402" "design-too-large" Error true
        "Leave out embedded parts that are not needed, or split the design."
    /// Submodels are nested too deep.
    DesignTooDeep "P403" "design-too-deep" Error false
        "Dissolve some submodels into the ones that place them."
    /// Fewer pieces than a project must have.
    TooFewPieces "P404" "too-few-pieces" Error false
        "Build on: a project needs more pieces."
    /// More pieces than a project may have.
    TooManyPieces "P405" "too-many-pieces" Error false
        "Use larger parts, or submit a part of the design."
    /// A part that neither the catalog nor the library nor the design has.
    UnknownPart "P406" "unknown-part" Error false
        "Replace the part by one from the catalog."
    /// A part that cannot be looked up because no library is installed where it is checked.
    PartNotChecked "P407" "part-not-checked" Warning false
        "Nothing needs to be done if the part exists in the LDraw library."
    /// A color that the table does not have.
    UnknownColor "P408" "unknown-color" Error false
        "Give these pieces a color from the palette."
    /// Pieces that reach into each other.
    Collision "P409" "collision" Warning false
        "Move one of the two pieces."
    /// Pieces that do not hang together.
    SeveralIslands "P410" "several-islands" Warning false
        "Connect the loose pieces, unless they are meant to stand apart."
    /// The LDraw file cannot be read.
    LdrawUnreadable "P411" "ldraw-unreadable" Error true
        "Pack the design again with Studwork."
    /// The LDraw file shows other pieces than the design.
    LdrawDiffers "P412" "ldraw-differs" Error false
        "Pack the design again with Studwork."
    /// The parts list names other parts than the design.
    PartsListDiffers "P413" "parts-list-differs" Error false
        "Pack the design again with Studwork."
    /// Embedded parts with more geometry than can be checked.
    EmbeddedTooHeavy "P414" "embedded-too-heavy" Error false
        "Leave out embedded parts, or make them simpler."
    /// So many pieces in one place that they cannot be told apart.
    PiecesPiledUp "P415" "pieces-piled-up" Error false
        "Spread the pieces out: most of them stand in the same place."
    /// The LDraw file or the parts list is too large.
    ListTooLarge "P416" "list-too-large" Error true
        "Pack the design again with Studwork."

    /// There is no cover.
    CoverMissing "P501" "cover-missing" Error false
        "Add a cover picture."
    /// The cover is not a square.
    CoverNotSquare "P502" "cover-not-square" Error false
        "Crop the cover to a square."
    /// Too few or too many pictures.
    PictureCount "P503" "picture-count" Error false
        "Add or take away pictures."
    /// A picture that is not a readable PNG.
    ImageUnreadable "P504" "image-unreadable" Error false
        "Save the picture as PNG again."
    /// A picture with too few or too many pixels.
    ImageSize "P505" "image-size" Error false
        "Render the picture at another size."
    /// A picture file with too many bytes.
    ImageTooLarge "P506" "image-too-large" Error false
        "Render the picture smaller."
    /// Frames of the turntable are missing or too many.
    TurntableIncomplete "P507" "turntable-incomplete" Error false
        "Render the turntable again."
    /// Frames of the turntable differ in size.
    TurntableUneven "P508" "turntable-uneven" Error false
        "Render the turntable again, all frames at one size."
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_and_names_are_unique_and_found() {
        let codes: BTreeSet<&str> = Rule::ALL.iter().map(|rule| rule.code()).collect();
        let names: BTreeSet<&str> = Rule::ALL.iter().map(|rule| rule.name()).collect();
        assert_eq!((codes.len(), names.len()), (Rule::ALL.len(), Rule::ALL.len()));
        assert_eq!(Rule::find("P404"), Some(Rule::TooFewPieces));
        assert_eq!(Rule::find("too-few-pieces"), Some(Rule::TooFewPieces));
        assert_eq!(Rule::find("p404"), None);
    }

    #[test]
    fn every_rule_says_what_to_do_and_a_fixed_one_is_an_error() {
        for rule in Rule::ALL {
            assert!(rule.advice().ends_with('.'), "{rule:?}");
            assert!(!rule.is_fixed() || rule.severity() == Severity::Error, "{rule:?}");
        }
    }
}
