//! The third page: what the portal's rules find, each with the way to its place, and what the package becomes.

use super::{SubmitState, is_fresh, prepare_ui};
use crate::document::action::EditorAction;
use crate::panels::icons::Icon;
use crate::panels::widgets::{count, icon_label};
use crate::panels::{Shown, theme};
use bevy_egui::egui::{self, ComboBox, CornerRadius, RichText, Ui};
use studwork_core::PieceId;
use studwork_core::package::{Finding, Place, Report, Severity};

pub(super) fn checks_ui(ui: &mut Ui, submit: &mut SubmitState, shown: &mut Shown) {
    prepare_ui(ui, submit, shown);
    ui.add_space(4.0);
    target_ui(ui, submit, shown);
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

/// Whether it becomes a project of its own or a new version of one.
fn target_ui(ui: &mut Ui, submit: &mut SubmitState, shown: &Shown) {
    let own = shown.portal.own.as_deref().unwrap_or_default();
    let takes = |state: &str| matches!(state, "draft" | "submitted" | "changes_requested" | "gathering");
    let own = || own.iter().filter(|card| takes(&card.state));
    let target = &mut submit.target;
    // A project may have gone while nobody looked.
    if shown.portal.own.is_some() && !own().any(|card| Some(&card.id) == target.project.as_ref()) {
        target.project = None;
    }
    ui.horizontal(|ui| {
        ui.label("It becomes");
        let chosen = own().find(|card| Some(&card.id) == target.project.as_ref());
        let text =
            chosen.map_or_else(|| "a new project".to_owned(), |card| format!("a new version of “{}”", card.title));
        ComboBox::from_id_salt("target").width(300.0).selected_text(text).show_ui(ui, |ui| {
            ui.selectable_value(&mut target.project, None, "a new project");
            for card in own() {
                let text = format!("a new version of “{}”", card.title);
                ui.selectable_value(&mut target.project, Some(card.id.clone()), text);
            }
        });
        if target.project.is_none() {
            let draft = ui.checkbox(&mut target.draft, "only a draft yet");
            draft.on_hover_text("Nobody else sees it until you submit it on the portal");
        } else {
            target.draft = false;
        }
    });
    let title = submit.form.as_ref().map(|form| form.manifest.title.trim());
    if target.project.is_none() && own().any(|card| Some(card.title.trim()) == title) {
        let text = "You have a project with this title already: choose it above if this is a new version of it.";
        ui.label(RichText::new(text).color(theme::tones(ui).warning));
    }
    ui.add_space(4.0);
}

fn finding_ui(ui: &mut Ui, finding: &Finding, submit: &mut SubmitState, shown: &mut Shown) {
    let tones = theme::tones(ui);
    let (icon, color) = match finding.severity {
        Severity::Error => (Icon::Error, tones.error),
        _ => (Icon::Warning, tones.warning),
    };
    egui::Frame::new().fill(tones.raised).corner_radius(CornerRadius::same(6)).inner_margin(8).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal_top(|ui| {
            icon_label(ui, icon, color, 18.0);
            ui.vertical(|ui| {
                ui.set_width(ui.available_width() - 84.0);
                let message = match &finding.place {
                    Place::Field { name } => format!("{}: {}", field_title(name), finding.message),
                    _ => finding.message.clone(),
                };
                ui.add(egui::Label::new(message).wrap());
                let measured = finding.measured.as_ref().map(ToString::to_string);
                let limit = finding.limit.as_ref().map(|limit| format!("limit: {limit}"));
                let numbers: Vec<String> = measured.into_iter().chain(limit).collect();
                let advice = match numbers.is_empty() {
                    true => finding.advice.clone(),
                    false => format!("{} ({})", finding.advice, numbers.join("; ")),
                };
                ui.add(egui::Label::new(RichText::new(advice).small().color(tones.weak)).wrap());
            });
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Min), |ui| {
                let button = match &finding.place {
                    Place::Pieces { .. } => "Show",
                    Place::Design | Place::Part { .. } => "Check",
                    _ => "Go there",
                };
                if ui.button(button).clicked() {
                    go_to(&finding.place, submit, shown);
                }
            });
        });
    });
}

/// Goes to where a finding is: a field or a page of the dialog, or pieces of the model.
fn go_to(place: &Place, submit: &mut SubmitState, shown: &mut Shown) {
    match place {
        Place::Field { name } => {
            submit.page = 0;
            submit.focus = Some(field_of(name).to_owned());
        }
        // What a package holds beside words is pictures, and the design, which has places of its own.
        Place::File { .. } | Place::Package => submit.page = 1,
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

/// What the first page calls a field of the manifest.
fn field_title(name: &str) -> &str {
    match name.split(['[', '.']).next().unwrap_or_default() {
        "title" => "Title",
        "summary" => "Summary",
        "description" => "Description",
        "tags" => "Tags",
        "license" => "License",
        "creators" => "Creators",
        "audience" => "For whom",
        "problem" => "What it is good for",
        "parent" => "The original",
        _ => name,
    }
}

/// The field of the first page that a place in the manifest is about.
fn field_of(name: &str) -> &str {
    if name.starts_with("tags") {
        "tags"
    } else if name.starts_with("parent") {
        "parent"
    } else {
        name
    }
}
