//! The portal's panel and the submission: what they show of what a portal said, and what they ask for.

use super::{Bench, sent, small_design, window};
use crate::document::action::{EditorAction, Panel};
use crate::feedback::Dialog;
use crate::portal_client::{PortalAction as P, PreparedPackage, Shot, SigningIn, SubmitForm};
use bevy_egui::egui::{self, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use std::sync::Arc;
use studwork_client::{Card, PortalAddress, Project, UploadTarget};
use studwork_core::package::{Context, Pictures, Place, Policy, pack, verify};

fn on_a_portal(change: impl FnOnce(&mut Bench)) -> Harness<'static, Bench> {
    let mut bench = Bench::new(small_design());
    bench.portal.address = Some(PortalAddress::new("https://portal.example").unwrap());
    change(&mut bench);
    let mut harness = window(bench, vec2(1440.0, 900.0));
    harness.state_mut().state.dock.bring_forward(Panel::Portal);
    harness.run_steps(3);
    sent(&mut harness);
    harness
}

fn portal_actions(harness: &mut Harness<'static, Bench>) -> Vec<P> {
    let of_portal = |action| if let EditorAction::Portal(action) = action { Some(action) } else { None };
    sent(harness).into_iter().filter_map(of_portal).collect()
}

fn click(harness: &mut Harness<'static, Bench>, label: &str) {
    harness.get_all_by_label(label).next().unwrap().scroll_to_me();
    harness.run_steps(8);
    harness.get_all_by_label(label).next().unwrap().click();
    harness.run_steps(3);
}

#[test]
fn a_sign_in_can_go_on_by_a_code() {
    let mut harness = on_a_portal(|bench| {
        bench.portal.signing_in = Some(SigningIn::Browser { url: "https://portal.example/oauth/authorize?x".into() });
    });
    click(&mut harness, "Use a code instead");
    assert_eq!(portal_actions(&mut harness), [P::SignInByCode]);
    harness.state_mut().portal.signing_in = Some(SigningIn::Code {
        code: "WDJB-MJHT".into(),
        url: "https://portal.example/device".into(),
        url_with_code: "https://portal.example/device?code=WDJB-MJHT".into(),
    });
    harness.run_steps(3);
    assert!(harness.query_by_label("WDJB-MJHT").is_some());
    assert!(harness.query_by_label_contains("https://portal.example/device there").is_some());
    click(&mut harness, "Open the page here");
    click(&mut harness, "Cancel");
    assert_eq!(portal_actions(&mut harness), [P::OpenSignIn, P::StopSignIn]);
}

#[test]
fn a_description_shows_as_text_and_not_as_marks() {
    let mut harness = on_a_portal(|bench| {
        let card = Card { id: "p".into(), title: "House".into(), state: "changes_requested".into(), ..Card::default() };
        let description = "# A house\n\nIt has **two** rooms.".to_owned();
        let transitions = vec!["submitted".to_owned()];
        bench.portal.project = Some(Project { card, description, transitions, ..Project::default() });
    });
    assert!(harness.query_by_label_contains("**").is_none());
    assert!(harness.query_by_label_contains("A house").is_some());
    assert!(harness.query_by_label_contains("changes requested").is_some());
    click(&mut harness, "Submit the draft");
    assert_eq!(portal_actions(&mut harness).last(), Some(&P::Move("p".into(), "submitted".into())));
}

/// The package as the program would make it, with no pictures, so that the rules find something.
fn prepared(bench: &Bench, form: SubmitForm) -> PreparedPackage {
    let (pictures, policy) = (Arc::new(Pictures::default()), Policy::default());
    let design = bench.document.design();
    let packed = pack(design, &form.manifest(), &pictures, &bench.catalog, &bench.palette).unwrap();
    let context = Context { catalog: &bench.catalog, palette: &bench.palette, parent: None };
    let report = verify(&packed.bytes, &policy, &context).report;
    let generation = bench.document.generation();
    PreparedPackage { form, generation, policy, bytes: Arc::new(packed.bytes), pictures, report, number: 1 }
}

#[test]
fn the_pages_of_a_submission_are_made_as_one_comes_to_them() {
    let mut harness = on_a_portal(|bench| bench.dialog.0 = Some(Dialog::Submit));
    click(&mut harness, "Next");
    let form = harness.state().state.submit.form.clone().unwrap();
    assert_eq!(portal_actions(&mut harness), [P::Prepare(Box::new(form))]);
}

#[test]
fn a_finding_leads_to_its_field() {
    let mut harness = on_a_portal(|bench| {
        bench.portal.prepared = Some(prepared(bench, SubmitForm::of(bench.document.design())));
        bench.dialog.0 = Some(Dialog::Submit);
    });
    click(&mut harness, "3  Checks");
    assert_eq!(portal_actions(&mut harness), [], "it is made already");
    let findings = &harness.state().portal.prepared.as_ref().unwrap().report.findings;
    let buttons = findings.iter().filter(|finding| !matches!(finding.place, Place::Design | Place::Pieces { .. }));
    let title = Place::Field { name: "title".into() };
    let at = buttons.map(|finding| &finding.place).position(|place| *place == title).unwrap();
    harness.get_all_by_label("Go there").nth(at).unwrap().scroll_to_me();
    harness.run_steps(8);
    harness.get_all_by_label("Go there").nth(at).unwrap().click();
    harness.run_steps(3);
    harness.event(egui::Event::Text("Lighthouse".into()));
    harness.run_steps(3);
    let form = harness.state().state.submit.form.as_ref().unwrap();
    assert_eq!(form.manifest.title, "Lighthouse");
}

#[test]
fn a_picture_is_framed_in_the_view() {
    let mut harness = on_a_portal(|bench| bench.dialog.0 = Some(Dialog::Submit));
    click(&mut harness, "2  Pictures");
    sent(&mut harness);
    click(&mut harness, "Re-frame…");
    assert_eq!(harness.state().dialog.0, None, "the view is to be seen");
    click(&mut harness, "Take it");
    let pictures = harness.state().state.submit.form.as_ref().unwrap().pictures.clone();
    assert!(matches!(pictures[0], Shot::Framed(_)), "{pictures:?}");
    assert_eq!(pictures[1..], [Shot::Usual(1), Shot::Usual(2), Shot::Usual(3)]);
    assert_eq!(portal_actions(&mut harness).first(), Some(&P::Submit), "the dialog comes back");
    harness.state_mut().dialog.0 = Some(Dialog::Submit);
    harness.run_steps(3);
    click(&mut harness, "Add a picture…");
    click(&mut harness, "Cancel");
    assert_eq!(harness.state().state.submit.form.as_ref().unwrap().pictures, pictures, "nothing was taken");
}

#[test]
fn a_submission_may_become_a_new_version() {
    let own = |id: &str, title: &str, state: &str| Card {
        id: id.into(),
        title: title.into(),
        state: state.into(),
        ..Card::default()
    };
    let mut harness = on_a_portal(|bench| {
        let form = SubmitForm::of(bench.document.design());
        let mut made = prepared(bench, form);
        made.report.passed = true;
        bench.portal.prepared = Some(made);
        bench.portal.signed_in = true;
        bench.portal.own = Some(vec![own("a", "Tower", "gathering"), own("b", "Old", "expired")]);
        bench.dialog.0 = Some(Dialog::Submit);
    });
    click(&mut harness, "3  Checks");
    sent(&mut harness);
    harness.get_by_value("a new project").click();
    harness.run_steps(3);
    assert!(harness.query_by_label_contains("Old").is_none(), "an expired project takes no versions");
    click(&mut harness, "a new version of “Tower”");
    click(&mut harness, "Submit");
    let target = UploadTarget { project: Some("a".into()), draft: false };
    assert_eq!(portal_actions(&mut harness), [P::Send(target)]);
    assert_eq!(harness.state().dialog.0, None);
}
