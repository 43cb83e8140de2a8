//! Packages whose archive is sound, but not what is in it.

use super::zip::{Raw, archive};
use super::*;
use crate::{ColorRef, InfoField, Lineage};
use glam::Vec3;

/// The good package with a manifest that says something else than what `write_package` would.
fn with_raw_manifest(edit: impl FnOnce(&mut Manifest)) -> Vec<u8> {
    let mut files = good_files();
    let mut manifest = Manifest::from_json(&files[MANIFEST]).expect("the good manifest can be read");
    edit(&mut manifest);
    files.insert(MANIFEST.to_owned(), manifest.to_json());
    archive(&files.iter().map(|(path, bytes)| Raw::stored(path, bytes)).collect::<Vec<_>>())
}

#[test]
fn a_package_without_a_manifest_or_with_a_bad_one_is_refused() {
    let mut files = good_files();
    files.remove(MANIFEST);
    let without: Vec<Raw> = files.iter().map(|(path, bytes)| Raw::stored(path, bytes)).collect();
    breaks(&archive(&without), Rule::ManifestMissing, MANIFEST);
    let with = |json: &str| archive(&[vec![Raw::stored(MANIFEST, json.as_bytes())], without.clone()].concat());
    breaks(&with("{}"), Rule::ManifestUnreadable, MANIFEST);
    breaks(&with("not json"), Rule::ManifestUnreadable, MANIFEST);
    breaks(&with(r#"{"format": 7}"#), Rule::FormatNewer, MANIFEST);
    breaks(&with(&format!("\"{}\"", "x".repeat(2 << 20))), Rule::ManifestUnreadable, MANIFEST);
}

#[test]
fn listed_is_present_is_hash() {
    breaks(&with_raw_manifest(|m| m.files[0].sha256 = "0".repeat(64)), Rule::HashMismatch, "images/01.png");
    breaks(&with_raw_manifest(|m| m.files[0].sha256 = m.files[0].sha256.to_uppercase()), Rule::HashMismatch, "images");
    breaks(&with_raw_manifest(|m| m.files[0].bytes += 1), Rule::HashMismatch, "images");
    breaks(&with_raw_manifest(|m| drop(m.files.remove(0))), Rule::FileUnlisted, "images/01.png");
    let again = with_raw_manifest(|m| m.files.push(m.files[0].clone()));
    breaks(&again, Rule::FileListedTwice, "images/01.png");
    let extra = with_raw_manifest(|m| {
        m.files.push(FileEntry { path: "images/02.png".to_owned(), bytes: 1, sha256: "0".repeat(64) });
    });
    breaks(&extra, Rule::FileMissing, "images/02.png");
    let swapped = with_raw_manifest(|m| {
        let (a, b) = (m.files[0].sha256.clone(), m.files[1].sha256.clone());
        (m.files[0].sha256, m.files[1].sha256) = (b, a);
    });
    assert_eq!(check(&swapped, &Policy::default()).report.errors().count(), 2);
}

#[test]
fn only_files_of_the_format_are_taken_and_all_that_it_needs() {
    for name in
        ["run.exe", "images/cover.jpg", "images/1.png", "images/00.png", "images/turntable/7.png", "images/x/01.png"]
    {
        let bytes = with_files(|files| drop(files.insert(name.to_owned(), vec![0; 10])));
        breaks(&bytes, Rule::FileNotAllowed, name);
    }
    for name in [MODEL, LDRAW, PARTS] {
        breaks(&with_files(|files| drop(files.remove(name))), Rule::RequiredFileMissing, name);
    }
}

#[test]
fn texts_keep_to_their_lengths_at_both_ends() {
    for (length, fits) in [(2, false), (3, true), (80, true), (81, false)] {
        // Characters, not bytes.
        let bytes = with_manifest(|manifest| manifest.title = "ä".repeat(length));
        assert_eq!(check(&bytes, &Policy::default()).report.passed, fits, "{length}");
    }
    breaks(&with_manifest(|m| m.title = " x       ".to_owned()), Rule::TitleLength, "title");
    for (length, fits) in [(24, false), (25, true), (200, true), (201, false)] {
        let bytes = with_manifest(|manifest| manifest.summary = "s".repeat(length));
        assert_eq!(check(&bytes, &Policy::default()).report.passed, fits, "{length}");
    }
    breaks(&with_manifest(|m| m.summary = "s".repeat(201)), Rule::SummaryLength, "summary");
    breaks(&with_manifest(|m| m.description = "\n \n".to_owned()), Rule::DescriptionLength, "description");
    breaks(&with_manifest(|m| m.description = "d".repeat(20_001)), Rule::DescriptionLength, "description");
    let finding = breaks(&with_manifest(|m| m.audience.clear()), Rule::PurposeMissing, "audience");
    assert_eq!(finding.severity, Severity::Warning);
    breaks(&with_manifest(|m| m.problem = "p".repeat(501)), Rule::TextLength, "problem");
}

#[test]
fn texts_show_what_they_say() {
    breaks(&with_manifest(|m| m.title = "A\nB and C".to_owned()), Rule::TextForm, "title");
    breaks(&with_manifest(|m| m.title = "abc\u{202e}gpj.exe".to_owned()), Rule::TextForm, "title");
    breaks(&with_manifest(|m| m.summary.push('\0')), Rule::TextForm, "summary");
    breaks(&with_manifest(|m| m.creators[0].name = "A\u{200b}da".to_owned()), Rule::TextForm, "creators[0].name");
    let lines = with_manifest(|m| m.description = "# A\n\n- b\tc".to_owned());
    assert!(check(&lines, &Policy::default()).report.passed, "a description has lines");
}

#[test]
fn tags_are_one_to_eight_plain_words() {
    let tags = |tags: &[&str]| with_manifest(|m| m.tags = tags.iter().map(ToString::to_string).collect());
    breaks(&tags(&[]), Rule::TagCount, "tags");
    breaks(&tags(&["aa", "bb", "cc", "dd", "ee", "ff", "gg", "hh", "ii"]), Rule::TagCount, "tags");
    assert!(
        check(&tags(&["aa", "bb", "cc", "dd", "ee", "ff", "gg", "street corner"]), &Policy::default()).report.passed
    );
    for bad in ["a", "a,b", "<b>", "emoji 🙂", " ab", &"t".repeat(31)] {
        breaks(&tags(&["house", bad]), Rule::TagForm, "tags[1]");
    }
    breaks(&tags(&["house", "House"]), Rule::TagForm, "tags[1]");
}

#[test]
fn everyone_who_made_it_is_named_and_agreed() {
    breaks(&with_manifest(|m| m.creators.clear()), Rule::CreatorCount, "creators");
    breaks(&with_manifest(|m| m.creators[0].consent = false), Rule::ConsentMissing, "creators[0].consent");
    breaks(&with_manifest(|m| m.creators[0].name = " ".to_owned()), Rule::TextLength, "creators[0].name");
    breaks(&with_manifest(|m| m.creators = vec![m.creators[0].clone(); 17]), Rule::CreatorCount, "creators");
}

#[test]
fn a_license_is_an_allowed_one() {
    let license = |text: &str| with_manifest(|m| m.license = text.to_owned());
    for unknown in ["", "CC BY 4.0", "cc0-1.0", "mine"] {
        breaks(&license(unknown), Rule::LicenseUnknown, "license");
    }
    let finding = breaks(&license("GPL-3.0-only"), Rule::LicenseNotAllowed, "license");
    assert!(finding.limit.is_some_and(|limit| limit.to_string().contains("CC-BY-4.0")));
    // The starter is in the public domain; the submission may ask for more, but that is worth a word.
    let finding = breaks(&license("CC-BY-4.0"), Rule::LicenseDiffers, "license");
    assert_eq!(finding.severity, Severity::Warning);
}

/// A copy of something under a license, and its manifest.
fn copy_of(license: &str) -> (Design, Manifest) {
    let mut design = starter("welcome");
    let lineage = Lineage {
        sha256: "ab".repeat(32),
        title: "A house".to_owned(),
        author: "Grace".to_owned(),
        license: license.to_owned(),
        source: Some(source_of_project("https://portal.example", "k3x9", 2)),
    };
    design.apply(Edit::SetInfo(InfoField::Lineage(Some(lineage)))).expect("a design can have a lineage");
    let manifest = manifest_of(&design);
    (design, manifest)
}

#[test]
fn a_copy_names_its_original_and_keeps_its_terms() {
    let packed = |design: &Design, manifest: &Manifest| pack_of(design, manifest, &pictures());
    let (design, manifest) = copy_of("CC0-1.0");
    let parent = manifest.parent.clone().expect("it is a copy");
    assert_eq!((parent.project.as_deref(), parent.version), (Some("k3x9"), Some(2)));
    assert!(check(&packed(&design, &manifest), &Policy::default()).report.passed);

    breaks(&packed(&design, &Manifest { parent: None, ..manifest.clone() }), Rule::ParentMissing, "parent");
    let with = |parent: Parent| packed(&design, &Manifest { parent: Some(parent), ..manifest.clone() });
    breaks(&with(Parent { author: " ".to_owned(), ..parent.clone() }), Rule::ParentNotCredited, "parent.author");
    breaks(&with(Parent { title: String::new(), ..parent.clone() }), Rule::ParentNotCredited, "parent.title");
    breaks(&with(Parent { sha256: "cd".repeat(32), ..parent.clone() }), Rule::ParentMismatch, "parent.sha256");
    breaks(&with(Parent { license: String::new(), ..parent.clone() }), Rule::LicenseAgainstParent, "license");

    // A dedication to the public domain of what others only lent.
    for against in ["CC BY 4.0", "CC-BY-SA-4.0", "CC-BY-ND-4.0", "All rights reserved"] {
        let (design, manifest) = copy_of(against);
        let manifest = Manifest { license: "CC0-1.0".to_owned(), ..manifest };
        breaks(&packed(&design, &manifest), Rule::LicenseAgainstParent, "license");
    }
}

#[test]
fn the_portal_knows_the_original_better() {
    let (design, manifest) = copy_of("CC0-1.0");
    let bytes = pack_of(&design, &manifest, &pictures());
    let with = |parent: &ParentFacts| {
        let context = Context { catalog: &CATALOG, palette: &PALETTE, parent: Some(parent) };
        verify(&bytes, &Policy::default(), &context).report
    };
    let facts = ParentFacts {
        hashes: vec!["00".repeat(32), "ab".repeat(32)],
        creators: vec!["Grace".to_owned()],
        license: "CC0-1.0".to_owned(),
    };
    assert!(with(&facts).passed);
    assert!(with(&ParentFacts { hashes: vec!["00".repeat(32)], ..facts.clone() }).has(Rule::ParentMismatch));
    assert!(with(&ParentFacts { creators: vec!["Ada".to_owned()], ..facts.clone() }).has(Rule::ParentNotCredited));
    let report = with(&ParentFacts { license: "CC-BY-SA-4.0".to_owned(), ..facts });
    assert!(report.has(Rule::ParentMismatch) && report.has(Rule::LicenseAgainstParent));
}

#[test]
fn a_design_that_cannot_be_read_is_refused() {
    let model = |text: &[u8]| with_files(|files| drop(files.insert(MODEL.to_owned(), text.to_vec())));
    breaks(&model(b"(format: 1, submodels: [(id: 1, name: \"main\", colour: 4)])"), Rule::DesignUnreadable, MODEL);
    breaks(&model(b"\xff\xfe"), Rule::DesignUnreadable, MODEL);
    let deep = format!("(format: 1, submodels: {}", "[".repeat(50_000));
    let finding = breaks(&model(deep.as_bytes()), Rule::DesignUnreadable, MODEL);
    assert!(finding.message.len() < 300, "{}", finding.message);
    breaks(&model(b"(format: 99, submodels: [])"), Rule::DesignUnreadable, MODEL);
    let mut policy = Policy::default();
    policy.design.file_bytes = 5_000;
    let report = check(good(), &policy).report;
    assert!(report.has(Rule::DesignTooLarge) && report.has(Rule::ListTooLarge) && !report.passed);
}

#[test]
fn pieces_are_counted_spread_out_at_both_ends() {
    for (pieces, rule) in
        [(199, Some(Rule::TooFewPieces)), (200, None), (5_000, None), (5_001, Some(Rule::TooManyPieces))]
    {
        let bytes = with_design(&wall(pieces));
        match rule {
            None => assert!(check(&bytes, &Policy::default()).report.passed, "{pieces}"),
            Some(rule) => {
                let finding = breaks(&bytes, rule, MODEL);
                assert_eq!(finding.measured, Some(Measure::count(pieces as u64, Unit::Pieces)));
            }
        }
    }
}

#[test]
fn a_design_of_a_million_pieces_by_nesting_is_only_counted() {
    let mut design = wall(4);
    for level in 0..9 {
        let pieces = design.pieces_in(design.main()).map(|piece| piece.id).collect();
        design.apply(Edit::MakeSubmodel { pieces, name: format!("level {level}") }).expect("a submodel can be made");
        for copy in 1..4 {
            let placed = design.pieces_in(design.main()).map(|piece| piece.id).next().into_iter().collect();
            let offset = Vec3::new(0.0, 0.0, 20.0 * copy as f32 * 4_f32.powi(level));
            design.apply(Edit::Duplicate { pieces: placed, offset }).expect("it can be copied");
        }
    }
    assert_eq!(design.part_count(), 4_usize.pow(10));
    let text = crate::to_ron(&design).into_bytes();
    let bytes = with_files(|files| drop(files.insert(MODEL.to_owned(), text)));
    let start = std::time::Instant::now();
    breaks(&bytes, Rule::TooManyPieces, MODEL);
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    let mut policy = Policy::default();
    policy.design.depth = 9;
    assert!(check(&bytes, &policy).report.has(Rule::DesignTooDeep));
    policy.design.depth = 10;
    assert!(!check(&bytes, &policy).report.has(Rule::DesignTooDeep));
}

#[test]
fn parts_that_cannot_be_looked_up_and_colors_nobody_has_are_told() {
    let mut design = wall(200);
    let pose = Pose { position: Vec3::new(0.0, -264.0, 0.0), ..Pose::IDENTITY };
    let pieces = vec![
        NewPiece::part("no-such-part", ColorRef::Code(4), pose),
        NewPiece::part("3001", ColorRef::Code(31_337), pose),
    ];
    design.apply(Edit::AddPieces { submodel: design.main(), step: None, pieces }).expect("pieces can be added");
    let bytes = with_design(&design);
    let report = check(&bytes, &Policy::default()).report;
    let codes: Vec<(&str, Severity)> = report.findings.iter().map(|f| (f.rule.as_str(), f.severity)).collect();
    assert!(codes.contains(&("unknown-color", Severity::Error)), "{codes:?}");
    // Without a library nobody can say that there is no such part.
    assert!(codes.contains(&("part-not-checked", Severity::Warning)), "{codes:?}");
    let color = report.findings.iter().find(|finding| finding.rule == "unknown-color").expect("it was found");
    assert!(matches!(&color.place, Place::Pieces { paths } if paths.len() == 1), "{color}");
}

#[test]
fn collisions_and_islands_are_warnings_unless_the_policy_says_otherwise() {
    let mut design = wall(200);
    let at = |x: f32, y: f32| Pose { position: Vec3::new(x, y, 0.0), ..Pose::IDENTITY };
    let pieces = vec![
        NewPiece::part("3001", ColorRef::Code(1), at(10.0, 0.0)),
        NewPiece::part("3001", ColorRef::Code(1), at(5_000.0, 0.0)),
    ];
    design.apply(Edit::AddPieces { submodel: design.main(), step: None, pieces }).expect("pieces can be added");
    let bytes = with_design(&design);
    let report = check(&bytes, &Policy::default()).report;
    assert!(report.passed && report.has(Rule::Collision) && report.has(Rule::SeveralIslands), "{:#?}", report.findings);
    assert!(report.facts.islands >= Some(2) && report.facts.collisions >= Some(1));
    let mut policy = Policy::default();
    policy.severity.insert("collision".to_owned(), Severity::Error);
    policy.severity.insert("P410".to_owned(), Severity::Off);
    let report = check(&bytes, &policy).report;
    assert!(!report.passed && !report.has(Rule::SeveralIslands));
    let clean = check(&with_design(&wall(200)), &Policy::default()).report;
    assert_eq!((clean.facts.collisions, clean.facts.islands), (Some(0), Some(1)));
}

#[test]
fn five_thousand_baseplates_in_one_place_are_not_compared_with_each_other() {
    let mut design = Design::new();
    let at = |index: usize| Pose { position: Vec3::new(index as f32 * 0.0137, 0.0, 0.0), ..Pose::IDENTITY };
    let pieces = (0..5_000).map(|index| NewPiece::part("3811", ColorRef::Code(2), at(index))).collect();
    design.apply(Edit::AddPieces { submodel: design.main(), step: None, pieces }).expect("pieces can be added");
    let bytes = with_design(&design);
    let start = std::time::Instant::now();
    breaks(&bytes, Rule::PiecesPiledUp, "pieces");
    assert!(start.elapsed().as_secs() < 30, "{:?}", start.elapsed());
}

#[test]
fn design_and_ldraw_file_and_parts_list_say_the_same() {
    let replaced = |path: &str, from: &str, to: &str| {
        with_files(|files| {
            let file = files.get_mut(path).expect("the good package has it");
            let text = String::from_utf8(file.clone()).expect("it is text");
            assert!(text.contains(from), "{path} has {from}");
            *file = text.replacen(from, to, 1).into_bytes();
        })
    };
    let finding = breaks(&replaced(LDRAW, "\r\n1 72 ", "\r\n1 4 "), Rule::LdrawDiffers, "piece");
    assert!(finding.measured.is_some_and(|measured| measured.to_string().contains("in color 4")));
    breaks(&replaced(LDRAW, "3004.dat", "3005.dat"), Rule::LdrawDiffers, "piece");
    breaks(&replaced(LDRAW, "160 -8 160", "160 -8 161"), Rule::LdrawDiffers, "piece");
    let added = replaced(LDRAW, "\r\n1 72 ", "\r\n1 4 0 0 0 1 0 0 0 1 0 0 0 1 3001.dat\r\n1 72 ");
    breaks(&added, Rule::LdrawDiffers, LDRAW);
    let in_itself = b"0 FILE a.ldr\r\n1 16 0 0 0 1 0 0 0 1 0 0 0 1 a.ldr\r\n".to_vec();
    breaks(&with_files(|files| drop(files.insert(LDRAW.to_owned(), in_itself))), Rule::LdrawUnreadable, LDRAW);
    let finding = breaks(&replaced(PARTS, ",1\r\n", ",2\r\n"), Rule::PartsListDiffers, "part");
    assert_eq!(finding.measured, Some(Measure::count(2, Unit::Pieces)));
    breaks(&replaced(PARTS, "3004,", "3004x,"), Rule::PartsListDiffers, "part 3004");
    breaks(&replaced(PARTS, "quantity", "number"), Rule::PartsListDiffers, PARTS);
    // The names are for people; another catalog may have others.
    assert!(
        check(&replaced(PARTS, "3004,", "3004,\"Another, longer name \""), &Policy::default())
            .report
            .findings
            .iter()
            .all(|f| f.severity != Severity::Error || f.rule == "parts-list-differs")
    );
}

#[test]
fn embedded_parts_that_unfold_without_end_are_only_counted() {
    // Each file places the next one ten times: ten to the ninth lines.
    let mut ldraw = "0 FILE main.ldr\n".to_owned();
    for index in 0..200 {
        ldraw.push_str(&format!("1 4 {} 0 0 1 0 0 0 1 0 0 0 1 3001.dat\n", index * 80));
    }
    ldraw.push_str("1 4 0 0 200 1 0 0 0 1 0 0 0 1 u0.dat\n");
    for level in 0..9 {
        ldraw.push_str(&format!("0 FILE u{level}.dat\n0 Unfolding\n0 !LDRAW_ORG Unofficial_Part\n"));
        let inner = if level == 8 { "box.dat".to_owned() } else { format!("u{}.dat", level + 1) };
        for _ in 0..10 {
            ldraw.push_str(&format!("1 16 0 0 0 1 0 0 0 1 0 0 0 1 {inner}\n"));
        }
    }
    let document = studwork_ldraw::parse(ldraw.as_bytes(), "bomb.mpd").expect("it is LDraw").value;
    let design = crate::from_ldraw(&document, &|_| true).expect("it is a design").value;
    let bytes = with_design(&design);
    let start = std::time::Instant::now();
    let finding = breaks(&bytes, Rule::EmbeddedTooHeavy, MODEL);
    assert_eq!(finding.measured, Some(Measure::count(1_000_000_000, Unit::Lines)));
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

#[test]
fn many_findings_of_one_rule_are_counted() {
    let bytes = with_manifest(|m| m.tags = (0..60).map(|i| format!("?{i}?")).collect());
    let report = check(&bytes, &Policy::default()).report;
    let own: Vec<&Finding> = report.findings.iter().filter(|finding| finding.code == "P205").collect();
    assert_eq!(own.len(), 21);
    assert!(own[20].message.contains("40 more"), "{}", own[20]);
    assert_eq!(report.findings[0].code, "P204", "findings come by code");
}
