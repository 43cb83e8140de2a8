//! What a check says, in which order, with which repairs; and its JSON form.

use super::{graph::catalog, *};
use crate::{ColorRef, Content, Design, Edit, NewPiece, PartId, PieceId, Pose};
use glam::{Mat3, Vec3};
use std::sync::atomic::{AtomicUsize, Ordering};

fn new(part: &str, color: u32, x: f32, y: f32, z: f32) -> NewPiece {
    NewPiece {
        content: Content::Part(PartId::new(part)),
        color: ColorRef::Code(color),
        pose: Pose::at(Vec3::new(x, y, z)),
        group: None,
    }
}

fn design(pieces: Vec<NewPiece>) -> Design {
    let mut design = Design::new();
    let submodel = design.main();
    design.apply(Edit::AddPieces { submodel, step: None, pieces }).unwrap();
    design
}

fn kinds(report: &CheckReport) -> Vec<&'static str> {
    report.findings.iter().map(|finding| finding.kind.name()).collect()
}

fn ids(finding: &Finding) -> Vec<u32> {
    finding.pieces.iter().filter_map(PlacedPart::piece).map(|id| id.0).collect()
}

#[test]
fn a_sound_model_has_no_findings() {
    let report = check(&design(vec![new("3001", 4, 0.0, 0.0, 0.0), new("3001", 14, 20.0, -24.0, 0.0)]), catalog());
    assert_eq!((report.findings.len(), report.is_clean(), report.connections), (0, true, 1));
    assert_eq!((report.islands, report.parts), (vec![2], 2));
}

#[test]
fn findings_come_with_pieces_words_and_in_order() {
    let design = design(vec![
        new("3001", 4, 0.0, 0.0, 0.0),
        new("3003", 4, 0.0, -12.0, 0.0),
        new("3001", 98_765, 300.0, 0.0, 0.0),
        new("nobody-has-this", 4, 500.0, 0.0, 0.0),
        new("3004", 4, 0.0, -200.0, 0.0),
        new("3069b", 4, 300.0, -200.0, 0.0),
        new("3003", 4, 300.0, -224.0, 0.0),
    ]);
    let report = check(&design, catalog());
    assert_eq!(kinds(&report), ["collision", "floating", "floating", "floating", "unknown-part", "unknown-color"]);
    assert!(!report.is_clean());
    assert_eq!(ids(&report.findings[0]), [1, 2]);
    assert_eq!(
        report.findings[0].message,
        "Brick 2 x 4 (piece 1) reaches 4.8 mm (12.0 LDU) into Brick 2 x 2 (piece 2)"
    );
    assert_eq!(report.findings[1].message, "Brick 1 x 2 (piece 5) floats: nothing holds it");
    assert_eq!(ids(&report.findings[4]), [4]);
    assert_eq!(ids(&report.findings[5]), [3]);
    assert_eq!(check(&design, catalog()), report);
}

#[test]
fn what_lies_loose_on_another_is_a_note() {
    let report = check(&design(vec![new("3069b", 4, 0.0, 0.0, 0.0), new("3004", 4, 0.0, -24.0, 0.0)]), catalog());
    assert_eq!((kinds(&report), report.is_clean()), (vec!["island"], true));
}

/// Applies each fix and checks again: what the finding told must be gone and more must grip.
fn is_repaired(mut design: Design) -> f32 {
    let report = check(&design, catalog());
    assert_eq!(kinds(&report), ["almost-fits"], "{:?}", report.findings);
    let FindingKind::AlmostFits { offset, connections, .. } = report.findings[0].kind else { panic!() };
    assert!(connections > 0);
    design.apply(report.findings[0].fix.clone().unwrap()).unwrap();
    let after = check(&design, catalog());
    assert_eq!(after.findings, []);
    assert_eq!(after.islands.len(), 1);
    offset
}

#[test]
fn what_almost_fits_is_put_right() {
    let brick = || new("3001", 4, 0.0, 0.0, 0.0);
    let offset = is_repaired(design(vec![brick(), new("3003", 4, 22.0, -26.5, 0.0)]));
    assert!((offset - 12.25_f32.sqrt()).abs() < 1.0, "{offset}");
    let mut turned = new("3003", 4, 0.0, -24.0, 0.0);
    turned.pose.rotation = Mat3::from_rotation_x(4.0_f32.to_radians());
    is_repaired(design(vec![brick(), turned]));
}

#[test]
fn what_almost_fits_in_a_submodel_is_put_right_there() {
    let mut design = design(vec![new("3001", 4, 0.0, 0.0, 0.0), new("3003", 4, 21.5, -24.0, 0.0)]);
    design.apply(Edit::MakeSubmodel { pieces: vec![PieceId(2)], name: "on top".into() }).unwrap();
    let placed = design.pieces_in(design.main()).find(|piece| piece.part().is_none()).unwrap().id;
    let turn = Mat3::from_rotation_y(std::f32::consts::FRAC_PI_2);
    design.apply(Edit::Rotate { pieces: vec![placed], pivot: Vec3::new(21.5, 0.0, 0.0), rotation: turn }).unwrap();
    is_repaired(design.clone());
    // Placed twice, no edit moves only one of the two.
    design.apply(Edit::Duplicate { pieces: vec![placed], offset: Vec3::new(-60.0, 0.0, 0.0) }).unwrap();
    let report = check(&design, catalog());
    assert_eq!(kinds(&report), ["almost-fits", "almost-fits"]);
    assert!(report.findings.iter().all(|finding| finding.fix.is_none() && finding.pieces[0].path.len() == 2));
}

#[test]
fn colors_and_palettes_are_checked_where_given() {
    let design = design(vec![new("3001", 4, 0.0, 0.0, 0.0), new("3003", 14, 0.0, -24.0, 0.0)]);
    let made = PartColors::from_text("3001 1,2\n").unwrap();
    let allowed = PartColors::from_text("3001\n").unwrap();
    let options = CheckOptions { made: Some(&made), allowed: Some(&allowed), ..CheckOptions::default() };
    let report = check_with(&design, catalog(), &options, &|_| true).unwrap();
    assert_eq!(kinds(&report), ["impossible-color", "outside-palette"]);
    assert_eq!(report.findings[0].message, "Brick 2 x 4 (piece 1) was never made in Red");
    assert_eq!(ids(&report.findings[1]), [2]);
}

#[test]
fn a_check_tells_its_progress_and_can_be_stopped() {
    let design = design((0..300).map(|i| new("3005", 4, i as f32 * 20.0, 0.0, 0.0)).collect());
    let stages = std::sync::Mutex::new(Vec::new());
    let note = |progress: CheckProgress| {
        assert!(progress.done <= progress.total);
        stages.lock().unwrap().push(progress.stage);
        true
    };
    check_with(&design, catalog(), &CheckOptions::default(), &note).unwrap();
    let mut seen = stages.into_inner().unwrap();
    assert!(seen.is_sorted());
    seen.dedup();
    assert_eq!(seen, [CheckStage::Parts, CheckStage::Connections, CheckStage::Collisions, CheckStage::AlmostFits]);
    let calls = AtomicUsize::new(0);
    let stop = |progress: CheckProgress| {
        calls.fetch_add(1, Ordering::Relaxed);
        progress.stage < CheckStage::Collisions
    };
    assert_eq!(check_with(&design, catalog(), &CheckOptions::default(), &stop), None);
    assert!(calls.into_inner() < seen.len() * 20);
}

#[test]
fn the_json_form_keeps_its_names() {
    let mut design = design(vec![new("3001", 4, 0.0, 0.0, 0.0), new("3003", 4, 0.0, -12.0, 0.0)]);
    design.apply(Edit::MakeSubmodel { pieces: vec![PieceId(2)], name: "box".into() }).unwrap();
    let report = check(&design, catalog());
    let json = serde_json::to_value(report.to_json(&design)).unwrap();
    assert_eq!(json["format"], 1);
    assert_eq!(json["clean"], false);
    let finding = &json["findings"][0];
    assert_eq!((&finding["kind"], &finding["severity"]), (&"collision".into(), &"error".into()));
    assert_eq!(finding["depth"], 12.0);
    assert_eq!(finding["pieces"][1]["submodel"], "box");
    assert_eq!(finding["pieces"][1]["piece"], 2);
    assert_eq!(finding["pieces"][1]["path"].as_array().unwrap().len(), 2);
    assert!(finding.get("fix").is_none() && finding.get("angle").is_none());
    let again: CheckJson = serde_json::from_value(json).unwrap();
    assert_eq!(again, report.to_json(&design));
}
