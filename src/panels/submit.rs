//! Submitting a design in three steps: what it is, its pictures, what the portal's rules find. Then it goes out by itself.

use super::dialogs::{Outcome, main_button, other_button, title};
use super::icons::Icon;
use super::widgets::{count, icon_label};
use super::{PanelState, Shown, theme};
use crate::document::action::{EditorAction, Panel};
use crate::portal_client::{PortalAction as P, SubmitForm};
use bevy_egui::egui::{self, Color32, CornerRadius, Rect, RichText, Sense, TextEdit, TextureHandle, Ui, pos2, vec2};
use studwork_core::package::{Finding, Place, Policy, Severity};
use studwork_core::{PieceId, package::Report};

/// What the dialog remembers.
#[derive(Default)]
pub struct SubmitState {
    form: Option<SubmitForm>,
    /// Which document the form is about.
    document: u64,
    page: usize,
    pictures: Vec<TextureHandle>,
    number: u64,
    /// Whether the model is to be seen instead.
    away: bool,
}

const PAGES: [&str; 3] = ["1  What it is", "2  Pictures", "3  Checks"];

/// Draws the dialog.
pub(super) fn submit_ui(ui: &mut Ui, shown: &mut Shown, state: &mut PanelState) -> Outcome {
    ui.set_width(640.0);
    title(ui, Icon::Star, "Submit to the portal");
    let submit = &mut state.submit;
    let document = shown.document.number();
    if submit.form.is_none() || submit.document != document {
        submit.document = document;
        submit.form = Some(SubmitForm::of(shown.document.design()));
        submit.page = 0;
    }
    ui.horizontal(|ui| {
        for (page, name) in PAGES.into_iter().enumerate() {
            if ui.selectable_label(submit.page == page, RichText::new(name).strong()).clicked() {
                submit.page = page;
            }
        }
    });
    ui.separator();
    let policy = shown.portal.policy.as_ref().map(|policy| policy.package.clone()).unwrap_or_default();
    egui::ScrollArea::vertical().max_height(430.0).auto_shrink([false, false]).show(ui, |ui| match submit.page {
        0 => about_ui(ui, submit, &policy),
        1 => pictures_ui(ui, submit, shown),
        _ => checks_ui(ui, submit, shown),
    });
    ui.add_space(10.0);
    let mut outcome = Outcome::Stay;
    let prepared = shown.portal.prepared.as_ref();
    let fresh = is_fresh(submit, shown);
    ui.with_layout(egui::Layout::right_to_left(egui::Align::Min), |ui| {
        match submit.page {
            0 | 1 => {
                if main_button(ui, true, "Next") {
                    submit.page += 1;
                }
            }
            _ => {
                let passed = fresh && prepared.is_some_and(|prepared| prepared.report.passed);
                let (connected, signed_in) = (shown.portal.address.is_some(), shown.portal.signed_in);
                if !connected {
                    let tip = "Choose the portal that it goes to; what you typed stays";
                    if main_button(ui, true, "Choose a portal…") {
                        shown.actions.push(EditorAction::ShowPanel(Panel::Portal));
                        submit.away = true;
                    }
                    ui.weak(tip);
                } else if main_button(ui, passed, "Submit") {
                    shown.actions.push(EditorAction::Portal(P::Send));
                    if !signed_in {
                        shown.actions.push(EditorAction::Portal(P::SignIn));
                    }
                    outcome = Outcome::Close;
                }
                if ui.add_enabled(fresh, egui::Button::new("Save package…")).clicked() {
                    shown.actions.push(EditorAction::PackageFile);
                }
            }
        }
        if other_button(ui, "Close") {
            outcome = Outcome::Close;
        }
    });
    if std::mem::take(&mut submit.away) {
        // What was typed stays for when one comes back.
        return Outcome::Close;
    }
    if matches!(outcome, Outcome::Close) {
        submit.form = None;
    }
    outcome
}

/// Whether pictures and package were made of the design and the words that there are now.
fn is_fresh(submit: &SubmitState, shown: &Shown) -> bool {
    shown.portal.prepared.as_ref().is_some_and(|prepared| {
        prepared.generation == shown.document.generation() && Some(&prepared.form) == submit.form.as_ref()
    })
}

fn about_ui(ui: &mut Ui, submit: &mut SubmitState, policy: &Policy) {
    let Some(form) = &mut submit.form else { return };
    let weak = theme::tones(ui).weak;
    let label = |ui: &mut Ui, name: &str, length: usize, span: Option<(u64, u64)>| {
        ui.horizontal(|ui| {
            ui.label(RichText::new(name).strong());
            if let Some((least, most)) = span {
                let fits = (least..=most).contains(&(length as u64));
                let color = if fits { weak } else { theme::tones(ui).warning };
                ui.label(RichText::new(format!("{length} of {least} to {most} characters")).small().color(color));
            }
        });
    };
    let span = |span: studwork_core::package::Span| Some((span.least, span.most));
    let manifest = &mut form.manifest;
    label(ui, "Title", manifest.title.chars().count(), span(policy.text.title));
    ui.add(TextEdit::singleline(&mut manifest.title).desired_width(f32::INFINITY));
    label(ui, "Summary", manifest.summary.chars().count(), span(policy.text.summary));
    ui.add(
        TextEdit::singleline(&mut manifest.summary)
            .desired_width(f32::INFINITY)
            .hint_text("One sentence that makes people look"),
    );
    label(ui, "Description (Markdown)", 0, None);
    ui.add(TextEdit::multiline(&mut manifest.description).desired_width(f32::INFINITY).desired_rows(5));
    label(ui, "For whom, and what it is good for", 0, None);
    ui.add(TextEdit::singleline(&mut manifest.audience).desired_width(f32::INFINITY).hint_text("For whom?"));
    ui.add(
        TextEdit::singleline(&mut manifest.problem)
            .desired_width(f32::INFINITY)
            .hint_text("Which wish or problem does it answer?"),
    );
    label(ui, "Tags, with commas between them", 0, None);
    ui.add(TextEdit::singleline(&mut form.tags).desired_width(f32::INFINITY).hint_text("castle, small, winter"));
    label(ui, "License", 0, None);
    ui.horizontal(|ui| {
        ui.add(TextEdit::singleline(&mut manifest.license).desired_width(200.0).hint_text("CC-BY-4.0"));
        for license in ["CC-BY-4.0", "CC-BY-SA-4.0", "CC0-1.0"] {
            if ui.selectable_label(manifest.license == license, license).clicked() {
                license.clone_into(&mut manifest.license);
            }
        }
    });
    label(ui, "Creators", 0, None);
    let mut gone = None;
    for (index, creator) in manifest.creators.iter_mut().enumerate() {
        ui.horizontal(|ui| {
            ui.add(TextEdit::singleline(&mut creator.name).desired_width(200.0).hint_text("Name"));
            ui.add(TextEdit::singleline(&mut creator.role).desired_width(150.0).hint_text("What they did"));
            ui.checkbox(&mut creator.consent, "agrees to be named and to submit");
            if index > 0 && ui.button("×").clicked() {
                gone = Some(index);
            }
        });
    }
    if let Some(index) = gone {
        manifest.creators.remove(index);
    }
    if ui.button("One more").clicked() {
        manifest.creators.push(studwork_core::package::Creator {
            name: String::new(),
            role: String::new(),
            consent: false,
        });
    }
    if let Some(parent) = &manifest.parent {
        ui.add_space(4.0);
        let by = if parent.author.is_empty() { String::new() } else { format!(" by {}", parent.author) };
        ui.label(
            RichText::new(format!("It is credited as a copy of “{}”{by} ({})", parent.title, parent.license)).italics(),
        );
    }
}

fn pictures_ui(ui: &mut Ui, submit: &mut SubmitState, shown: &mut Shown) {
    let Some(form) = &mut submit.form else { return };
    ui.horizontal(|ui| {
        ui.label("Cover:");
        if ui.selectable_label(form.cover.is_none(), "The usual side").clicked() {
            form.cover = None;
        }
        let text = if form.cover.is_some() { "The view as it was" } else { "The view as it is now" };
        if ui.selectable_label(form.cover.is_some(), text).on_hover_text("Frame it in the 3D view first").clicked() {
            form.cover = Some(shown.viewport.camera.into());
        }
    });
    prepare_ui(ui, submit, shown);
    let Some(prepared) = &shown.portal.prepared else { return };
    if submit.number != prepared.number {
        submit.number = prepared.number;
        let all = std::iter::once(&prepared.pictures.cover).chain(&prepared.pictures.pictures);
        let all = all.chain(prepared.pictures.turntable.iter().step_by(6));
        let named = |(index, png): (usize, &Vec<u8>)| {
            super::widgets::texture_from_bytes(ui.ctx(), &format!("submission {index}"), png)
        };
        submit.pictures = all.enumerate().filter_map(named).collect();
    }
    ui.horizontal_wrapped(|ui| {
        for (index, picture) in submit.pictures.iter().enumerate() {
            let side = if index == 0 { 280.0 } else { 136.0 };
            let size = picture.size_vec2();
            let scale = side / size.x.max(size.y);
            let (rect, _) = ui.allocate_exact_size(size * scale, Sense::hover());
            let all = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            ui.painter().image(picture.id(), rect, all, Color32::WHITE);
        }
    });
}

/// The button that makes pictures and package, and what is happening.
fn prepare_ui(ui: &mut Ui, submit: &SubmitState, shown: &mut Shown) {
    ui.horizontal(|ui| {
        let Some(form) = &submit.form else { return };
        let fresh = is_fresh(submit, shown);
        let text = match (&shown.portal.prepared, fresh) {
            (None, _) => "Make pictures and package",
            (Some(_), false) => "Make them again: something has changed",
            (Some(_), true) => "Make them again",
        };
        if main_button(ui, !shown.portal.preparing, text) {
            shown.actions.push(EditorAction::Portal(P::Prepare(Box::new(form.clone()))));
        }
        if shown.portal.preparing {
            ui.spinner();
            ui.weak("Drawing …");
        }
    });
}

fn checks_ui(ui: &mut Ui, submit: &mut SubmitState, shown: &mut Shown) {
    prepare_ui(ui, submit, shown);
    ui.add_space(4.0);
    let Some(prepared) = &shown.portal.prepared else { return };
    let tones = theme::tones(ui);
    if !is_fresh(submit, shown) {
        ui.weak("What the rules find is told when pictures and package are made of what there is now.");
        return;
    }
    let Report { passed, findings, facts, .. } = &prepared.report;
    ui.horizontal(|ui| {
        let (icon, color, text) = match (passed, findings.is_empty()) {
            (true, true) => (Icon::Check, tones.good, "The portal will take it: nothing was found".to_owned()),
            (true, false) => (Icon::Check, tones.good, "The portal will take it; this is worth a look:".to_owned()),
            (false, _) => (Icon::Error, tones.error, "The portal will not take it yet:".to_owned()),
        };
        icon_label(ui, icon, color, 18.0);
        ui.label(RichText::new(text).strong());
    });
    let size = format!("{} KiB", facts.bytes / 1024);
    ui.label(
        RichText::new(format!("{size}, {}", count(facts.pieces.unwrap_or(0) as usize, "piece"))).color(tones.weak),
    );
    for finding in findings {
        finding_ui(ui, finding, submit, shown);
    }
}

fn finding_ui(ui: &mut Ui, finding: &Finding, submit: &mut SubmitState, shown: &mut Shown) {
    let tones = theme::tones(ui);
    let (icon, color) = match finding.severity {
        Severity::Error => (Icon::Error, tones.error),
        _ => (Icon::Warning, tones.warning),
    };
    egui::Frame::new().fill(tones.raised).corner_radius(CornerRadius::same(6)).inner_margin(8).show(ui, |ui| {
        ui.horizontal_top(|ui| {
            icon_label(ui, icon, color, 18.0);
            ui.vertical(|ui| {
                ui.set_width(ui.available_width() - 90.0);
                ui.add(egui::Label::new(&finding.message).wrap());
                ui.add(egui::Label::new(RichText::new(&finding.advice).small().color(tones.weak)).wrap());
            });
            let button = match &finding.place {
                Place::Field { .. } => Some("Go there"),
                Place::File { path } if path.starts_with("images/") => Some("Go there"),
                Place::Pieces { .. } => Some("Show"),
                Place::Design => Some("Check"),
                _ => None,
            };
            if button.is_some_and(|text| ui.button(text).clicked()) {
                go_to(&finding.place, submit, shown);
            }
            ui.allocate_space(vec2(1.0, 1.0));
        });
    });
}

/// Goes to where a finding is: a page of the dialog, or pieces of the model.
fn go_to(place: &Place, submit: &mut SubmitState, shown: &mut Shown) {
    match place {
        Place::Field { .. } => submit.page = 0,
        Place::File { .. } => submit.page = 1,
        Place::Pieces { paths } => {
            let pieces = paths.iter().filter_map(|path| path.first()).map(|id| PieceId(*id)).collect();
            let main = shown.document.design().main();
            shown.actions.push(EditorAction::GoTo(main, pieces));
            submit.away = true;
        }
        _ => {
            shown.actions.push(EditorAction::Check);
            submit.away = true;
        }
    }
}
