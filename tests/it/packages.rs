//! Packages from the command line: packed with pictures, checked, refused.

use super::support::{folder_with, run};
use studwork_core::package::{self, Policy, Rule, Severity};

const META: &str = r#"{"summary": "A yellow house with a garden that fits on a desk.", "audience": "Children from six on.",
    "problem": "A first model with everything a house has.", "creators": [{"name": "Ada", "consent": true}]}"#;

fn starter(name: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("scenes").join(name).with_extension("ron");
    std::fs::read_to_string(path).expect("there is such a starter")
}

#[test]
fn a_starter_is_packed_with_pictures_and_verified_and_the_same_twice() {
    let folder = folder_with("house.ron", starter("welcome"));
    std::fs::write(folder.path().join("meta.json"), META).expect("a file can be written");
    let pack = |out: &str| run(folder.path(), &["pack", "house.ron", "-o", out, "--meta", "meta.json"]);
    let packed = pack("a.studpkg");
    assert!(packed.status() <= 1, "{}", packed.errors());
    assert!(!packed.errors().contains(": error P"), "{}", packed.errors());
    let bytes = std::fs::read(folder.path().join("a.studpkg")).expect("the package was written");
    let read = package::read_package(&bytes, &Policy::default()).expect("it is sound");
    let size = |png: &[u8]| image::load_from_memory(png).map(|image| (image.width(), image.height())).ok();
    assert_eq!(read.cover().and_then(size), Some((1080, 1080)));
    assert_eq!(read.pictures().count(), 3);
    let frames: Vec<&[u8]> = read.turntable().map(|(_, png)| png).collect();
    assert_eq!(frames.len(), 24);
    assert!(frames.iter().all(|frame| size(frame) == Some((640, 640))));
    assert!(frames.windows(2).all(|pair| pair[0] != pair[1]), "the model turns");

    let verified = run(folder.path(), &["verify", "a.studpkg", "--json"]);
    let report = verified.json();
    assert_eq!(report["passed"], true, "{report:#}");
    assert_eq!(report["facts"]["turntable_frames"], 24);
    assert_eq!(report["facts"]["sha256"], package::sha256_hex(&bytes));
    assert_eq!(verified.status(), i32::from(report["findings"] != serde_json::json!([])));

    pack("b.studpkg");
    let again = std::fs::read(folder.path().join("b.studpkg")).expect("the package was written");
    assert!(again == bytes, "packed twice gives the same bytes");
}

#[test]
fn a_small_design_is_packed_all_the_same_and_told_what_is_missing() {
    let folder = folder_with("brick.ldr", super::support::BRICK);
    let packed = run(folder.path(), &["pack", "brick.ldr", "-o", "brick.studpkg"]);
    assert_eq!(packed.status(), 1, "{}", packed.errors());
    for rule in [Rule::TooFewPieces, Rule::SummaryLength, Rule::TagCount, Rule::CreatorCount, Rule::LicenseUnknown] {
        assert!(
            packed.errors().contains(&format!("brick.studpkg: error {} {}: ", rule.code(), rule.name())),
            "{}",
            packed.errors()
        );
    }
    let policy = r#"{"package": {"design": {"pieces": {"least": 1, "most": 9}}, "severity": {"P201": "warning", "P206": "off"}}}"#;
    std::fs::write(folder.path().join("policy.json"), policy).expect("a file can be written");
    let report = run(folder.path(), &["verify", "brick.studpkg", "--policy", "policy.json", "--json"]).json();
    let severity = |code: &str| {
        let findings = report["findings"].as_array().expect("a list");
        findings.iter().find(|finding| finding["code"] == code).map(|finding| finding["severity"].clone())
    };
    assert_eq!((severity("P404"), severity("P206")), (None, None));
    assert_eq!(severity("P202"), serde_json::to_value(Severity::Error).ok());
}

#[test]
fn what_is_no_package_is_a_finding_and_what_cannot_be_read_a_refusal() {
    let folder = folder_with("no.studpkg", "this is no package");
    let answer = run(folder.path(), &["verify", "no.studpkg"]);
    assert_eq!(answer.status(), 1);
    assert!(answer.errors().contains("no.studpkg: error P002 not-a-package: "), "{}", answer.errors());
    assert_eq!(run(folder.path(), &["verify", "missing.studpkg"]).status(), 2);
    let wrong = run(folder.path(), &["pack", "no.studpkg", "-o", "a.zip"]);
    assert!(wrong.status() == 2 && wrong.errors().contains(".studpkg"), "{}", wrong.errors());
    std::fs::write(folder.path().join("meta.json"), r#"{"titel": "x"}"#).expect("a file can be written");
    let wrong = run(folder.path(), &["pack", "a.ron", "-o", "a.studpkg", "--meta", "meta.json"]);
    assert!(wrong.status() == 2 && wrong.errors().contains("titel"), "{}", wrong.errors());
}

#[test]
fn a_portal_has_to_be_named_and_signed_in_to() {
    let folder = folder_with("a.studpkg", "");
    let answer = run(folder.path(), &["portal", "list"]);
    assert!(answer.status() == 2 && answer.errors().contains("--portal URL"), "{}", answer.errors());
    let answer = run(folder.path(), &["submit", "a.studpkg", "--portal", "http://127.0.0.1:9"]);
    assert!(answer.status() == 2 && answer.errors().contains("studwork portal login"), "{}", answer.errors());
    let answer = run(folder.path(), &["portal", "list", "--portal", "http://127.0.0.1:9"]);
    assert!(answer.status() == 2 && answer.errors().contains("cannot be reached"), "{}", answer.errors());
}
