//! Packages as they should be, and as nobody should send them: every refusal is an archive made by hand.

mod archives;
mod contents;
mod pictures;
mod real;
mod zip;

use super::*;
use crate::{Catalog, Design, Edit, NewPiece, Palette, Pose, from_ron};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

/// The parts and colors that every test checks with.
static CATALOG: LazyLock<Catalog> = LazyLock::new(Catalog::built_in);
static PALETTE: LazyLock<Palette> = LazyLock::new(Palette::built_in);

fn check(bytes: &[u8], policy: &Policy) -> Verified {
    verify(bytes, policy, &Context { catalog: &CATALOG, palette: &PALETTE, parent: None })
}

/// A picture of one color.
fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let image = image::RgbImage::from_pixel(width, height, image::Rgb([200, 30, 40]));
    image.write_to(&mut bytes, image::ImageFormat::Png).expect("an image in memory can be written");
    bytes.into_inner()
}

fn starter(name: &str) -> Design {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenes").join(name).with_extension("ron");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    from_ron(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display())).value
}

/// What a careful creator says about the small house.
fn manifest_of(design: &Design) -> Manifest {
    let meta: Meta = serde_json::from_str(
        r#"{"summary": "A yellow house with a garden that fits on a desk.", "audience": "Children from six on.",
            "problem": "A first model with everything a house has.", "creators": [{"name": "Ada", "consent": true}]}"#,
    )
    .expect("this is a meta file");
    Manifest::from_design(design).with(meta)
}

fn pictures() -> Pictures {
    static FRAME: LazyLock<Vec<u8>> = LazyLock::new(|| png(256, 256));
    static COVER: LazyLock<Vec<u8>> = LazyLock::new(|| png(1080, 1080));
    Pictures { cover: COVER.clone(), pictures: vec![png(640, 480)], turntable: vec![FRAME.clone(); 24] }
}

fn pack_of(design: &Design, manifest: &Manifest, pictures: &Pictures) -> Vec<u8> {
    pack(design, manifest, pictures, &CATALOG, &PALETTE).expect("it can be written").bytes
}

/// A package with nothing to remark.
fn good() -> &'static [u8] {
    static GOOD: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let design = starter("welcome");
        pack_of(&design, &manifest_of(&design), &pictures())
    });
    &GOOD
}

/// The files of the good package, with the manifest.
fn good_files() -> BTreeMap<String, Vec<u8>> {
    let package = read_package(good(), &Policy::default()).expect("the good package can be read");
    let mut files: BTreeMap<String, Vec<u8>> =
        package.files().map(|(path, bytes)| (path.to_owned(), bytes.to_vec())).collect();
    files.insert(MANIFEST.to_owned(), package.manifest().to_json());
    files
}

/// The good package with other files (the manifest lists what is there).
fn with_files(edit: impl FnOnce(&mut BTreeMap<String, Vec<u8>>)) -> Vec<u8> {
    let package = read_package(good(), &Policy::default()).expect("the good package can be read");
    let mut files = package.files.clone();
    edit(&mut files);
    write_package(package.manifest(), &files).expect("it can be written").0
}

/// The good package with another manifest.
fn with_manifest(edit: impl FnOnce(&mut Manifest)) -> Vec<u8> {
    let package = read_package(good(), &Policy::default()).expect("the good package can be read");
    let mut manifest = package.manifest().clone();
    edit(&mut manifest);
    write_package(&manifest, &package.files).expect("it can be written").0
}

/// A package of another design with the good manifest and pictures.
fn with_design(design: &Design) -> Vec<u8> {
    pack_of(design, &manifest_of(&starter("welcome")), &pictures())
}

/// Asserts that a package breaks a rule, at a place whose words contain `place`, and no other rule that is an error; gives the
/// finding.
#[track_caller]
fn breaks(bytes: &[u8], rule: Rule, place: &str) -> Finding {
    breaks_by(bytes, rule, place, &Policy::default())
}

#[track_caller]
fn breaks_by(bytes: &[u8], rule: Rule, place: &str, policy: &Policy) -> Finding {
    let report = check(bytes, policy).report;
    let others: Vec<String> =
        report.errors().filter(|finding| finding.code != rule.code()).map(ToString::to_string).collect();
    assert!(others.is_empty(), "only {rule:?} should be broken, but: {others:#?}");
    let found = report.findings.iter().find(|finding| finding.code == rule.code());
    let found = found.unwrap_or_else(|| panic!("{rule:?} is not broken: {:#?}", report.findings));
    assert!(found.place.to_string().contains(place), "{found}");
    assert_eq!(report.passed, found.severity != Severity::Error);
    assert!(!found.message.is_empty() && found.advice == rule.advice());
    found.clone()
}

/// A row of bricks, each on two of the row below, so that all hang together.
fn wall(pieces: usize) -> Design {
    let mut design = Design::new();
    let bricks = (0..pieces).map(|index| {
        let (row, column) = (index / 20, index % 20);
        let x = column as f32 * 80.0 + if row % 2 == 0 { 0.0 } else { 40.0 };
        let pose = Pose { position: glam::Vec3::new(x, row as f32 * -24.0, 0.0), ..Pose::IDENTITY };
        NewPiece::part("3001", crate::ColorRef::Code(4), pose)
    });
    let pieces = bricks.collect();
    design.apply(Edit::AddPieces { submodel: design.main(), step: None, pieces }).expect("bricks can be added");
    design
}

#[test]
fn the_good_package_has_nothing_to_remark() {
    let verified = check(good(), &Policy::default());
    let findings: Vec<String> = verified.report.findings.iter().map(ToString::to_string).collect();
    assert!(verified.report.passed && verified.report.errors().count() == 0, "{findings:#?}");
    assert!(
        verified.report.warnings().all(|finding| finding.known_rule() == Some(Rule::SeveralIslands)),
        "{findings:#?}"
    );
    let facts = &verified.report.facts;
    let design = starter("welcome");
    assert_eq!(facts.pieces, Some(design.part_count() as u64));
    assert_eq!((facts.pictures, facts.turntable_frames), (Some(2), Some(24)));
    assert_eq!(facts.sha256, sha256_hex(good()));
    assert_eq!(verified.design, Some(design));
    let package = verified.package.expect("it was read");
    assert_eq!(package.turntable().count(), 24);
    assert_eq!(package.pictures().map(|(path, _)| path).collect::<Vec<_>>(), ["images/01.png"]);
}

#[test]
fn packing_twice_gives_the_same_bytes() {
    let design = starter("welcome");
    assert_eq!(pack_of(&design, &manifest_of(&design), &pictures()), good());
    // Where the design comes from does not matter: a saved and opened one is the same.
    let again = from_ron(&crate::to_ron(&design)).expect("what was written can be read").value;
    assert_eq!(pack_of(&again, &manifest_of(&again), &pictures()), good());
}

#[test]
fn a_report_survives_its_json() {
    let bytes = with_manifest(|manifest| manifest.title = "x".to_owned());
    let report = check(&bytes, &Policy::default()).report;
    let json = serde_json::to_value(&report).expect("a report is JSON");
    let finding = &json["findings"][0];
    assert_eq!(finding["code"], "P201");
    assert_eq!(finding["rule"], "title-length");
    assert_eq!(finding["severity"], "error");
    assert_eq!(finding["place"], serde_json::json!({"kind": "field", "name": "title"}));
    assert_eq!(finding["measured"], serde_json::json!({"value": 1, "unit": "characters"}));
    assert_eq!(finding["limit"], serde_json::json!({"value": 3, "unit": "characters"}));
    assert_eq!(json["passed"], false);
    assert_eq!(serde_json::from_value::<Report>(json).expect("and back"), report);
}
