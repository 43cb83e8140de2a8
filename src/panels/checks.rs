//! What the last check found. A click shows the pieces; "Fix" repairs what can be repaired.

use super::icons::Icon;
use super::widgets::{empty_note, icon_label};
use super::{PanelState, Shown, theme};
use crate::document::action::EditorAction;
use bevy_egui::egui::text::{LayoutJob, TextFormat};
use bevy_egui::egui::{self, CornerRadius, FontId, RichText, Sense, Ui, UiBuilder, WidgetInfo, WidgetType, vec2};
use studwork_core::connect::{CheckReport, Finding, Severity};

const ROW: f32 = 50.0;

/// What the panel remembers.
#[derive(Default)]
pub struct ChecksState {
    /// The kind of finding that is listed; all of them when `None`.
    kind: Option<&'static str>,
}

/// Draws the panel.
pub fn checks_ui(ui: &mut Ui, shown: &mut Shown, state: &mut PanelState) {
    let checks = shown.checks;
    ui.horizontal(|ui| {
        let ready = !checks.running && shown.availability.pieces > 0;
        let text = if checks.last.is_some() { "Check again" } else { "Check" };
        if ui.add_enabled(ready, egui::Button::new(text)).on_hover_text("F7").clicked() {
            shown.actions.push(EditorAction::Check);
        }
        if checks.running {
            ui.spinner();
            ui.weak("Checking…");
        }
    });
    let Some(last) = &checks.last else {
        if !checks.running {
            let text = "F7 looks for pieces that collide,\nfloat or almost fit.";
            empty_note(ui, Icon::Check, "Not checked yet", text);
        }
        return;
    };
    let current = last.generation == shown.document.generation();
    ui.label(RichText::new(last.report.summary()).color(theme::tones(ui).weak));
    if !current && !checks.running {
        ui.label(RichText::new("The design has changed since").color(theme::tones(ui).warning));
    }
    ui.add_space(4.0);
    let findings = &last.report.findings;
    if findings.is_empty() {
        empty_note(ui, Icon::Check, "Nothing found", "Nothing collides, and everything holds together.");
        return;
    }
    kinds_ui(ui, &last.report, &mut state.checks.kind);
    let kind = state.checks.kind;
    let listed: Vec<(usize, &Finding)> = findings
        .iter()
        .enumerate()
        .filter(|(_, finding)| kind.is_none_or(|kind| finding.kind.name() == kind))
        .collect();
    ui.spacing_mut().item_spacing.y = 3.0;
    egui::ScrollArea::vertical().auto_shrink([false, false]).show_rows(ui, ROW, listed.len(), |ui, range| {
        for (index, finding) in listed.get(range).into_iter().flatten() {
            row(ui, *index, finding, current, shown);
        }
    });
}

/// Where there is more than one kind of finding: which of them is listed.
fn kinds_ui(ui: &mut Ui, report: &CheckReport, chosen: &mut Option<&'static str>) {
    let kinds = report.kinds();
    if chosen.is_some_and(|chosen| kinds.iter().all(|(name, _)| *name != chosen)) {
        *chosen = None;
    }
    if kinds.len() < 2 {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        ui.selectable_value(chosen, None, "All");
        for (name, words) in kinds {
            ui.selectable_value(chosen, Some(name), words);
        }
    });
}

fn row(ui: &mut Ui, index: usize, finding: &Finding, current: bool, shown: &mut Shown) {
    let tones = theme::tones(ui);
    let (icon, color) = match finding.severity() {
        Severity::Error => (Icon::Error, tones.error),
        Severity::Warning => (Icon::Warning, tones.warning),
        Severity::Note => (Icon::Info, tones.weak),
    };
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), ROW));
    let response = ui.interact(rect, ui.id().with(("finding", index)), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, &finding.message));
    let fill = if response.hovered() { ui.visuals().widgets.hovered.weak_bg_fill } else { tones.raised };
    ui.painter().rect_filled(rect, CornerRadius::same(5), fill);
    let mut inner = ui.new_child(
        UiBuilder::new()
            .max_rect(rect.shrink2(vec2(8.0, 3.0)))
            .layout(egui::Layout::left_to_right(egui::Align::Center)),
    );
    icon_label(&mut inner, icon, color, 18.0);
    let fix = finding.fix.as_ref().filter(|_| current);
    inner.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
        if let Some(fix) = fix
            && ui.button("Fix").on_hover_text("Moves it to where it fits; Undo takes that back").clicked()
        {
            shown.actions.push(EditorAction::Edit(fix.clone()));
            shown.actions.push(EditorAction::Check);
        }
        ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
            ui.set_max_width(ui.available_width());
            let format = TextFormat::simple(FontId::proportional(12.0), ui.visuals().text_color());
            let mut text = LayoutJob::single_section(finding.message.clone(), format);
            // The rest is in the tooltip.
            text.wrap.max_rows = 2;
            ui.add(egui::Label::new(text).wrap().selectable(false));
        });
    });
    if response.clicked() {
        go_to(finding, shown);
    }
    response.on_hover_text(format!("{}\nA click shows it.", finding.message));
}

/// Shows the pieces of a finding: in their submodel where they share one, else by what places them in the main model.
fn go_to(finding: &Finding, shown: &mut Shown) {
    let Some(first) = finding.pieces.first() else { return };
    let together = finding.pieces.iter().all(|piece| piece.submodel == first.submodel);
    shown.send(if together {
        let pieces = finding.pieces.iter().filter_map(|placed| placed.piece()).collect();
        EditorAction::GoTo(first.submodel, pieces)
    } else {
        let main = shown.document.design().main();
        EditorAction::GoTo(main, finding.pieces.iter().filter_map(|placed| placed.root()).collect())
    });
}
