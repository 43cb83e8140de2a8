//! The status bar: what the tool expects, what is selected, and how large the model is.

use super::widgets::{color_name, count, number, swatch_label};
use super::{PanelState, Shown, theme};
use bevy_egui::egui::{self, Label, RichText, Ui};
use std::time::Instant;
use studwork_core::Content;

/// Draws the status bar.
pub fn status_ui(ui: &mut Ui, shown: &mut Shown, state: &mut PanelState) {
    let tones = theme::tones(ui);
    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 14.0;
        let weak = |text: String| RichText::new(text).color(tones.weak);
        let design = shown.document.design();
        if ui.available_width() > 520.0 {
            let grid = format!("Grid {} × {} LDU", number(shown.settings.grid), number(shown.settings.grid_height));
            ui.label(weak(grid)).on_hover_text("Grid step sideways and up; choose it in the tool bar");
        }
        if let Some(model) = design.submodel(shown.document.active()) {
            let last = model.steps.len();
            let text = match shown.view.up_to_step {
                Some(n) => RichText::new(format!("Step {} of {last} shown", n.min(last))).color(tones.warning),
                None => {
                    let at =
                        shown.document.current_step().and_then(|id| model.steps.iter().position(|step| step.id == id));
                    weak(format!("Step {} of {last}", at.map_or(last, |i| i + 1)))
                }
            };
            ui.label(text).on_hover_text("Where new pieces go; [ and ] walk through the steps");
        }
        let parts = state.parts_list.total(shown);
        ui.label(weak(count(parts, "piece")))
            .on_hover_text("Parts in the whole design, those of submodels at each place");
        if !shown.view.hidden.is_empty() {
            let text = RichText::new(format!("{} hidden", shown.view.hidden.len())).color(tones.warning);
            ui.label(text).on_hover_text("Ctrl+H shows everything again");
        }
        ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
            if let Some((text, until)) = &state.hint {
                let now = Instant::now();
                if *until > now {
                    ui.add(Label::new(RichText::new(text).color(tones.warning)).truncate());
                    let until = *until;
                    state.wake_by(until);
                    return;
                }
            }
            state.hint = None;
            selection_text(ui, shown);
            if !shown.tools.hint.is_empty() {
                ui.add(Label::new(RichText::new(&shown.tools.hint).color(tones.weak)).truncate());
            }
        });
    });
}

fn selection_text(ui: &mut Ui, shown: &Shown) {
    let design = shown.document.design();
    let strong = |text: String| RichText::new(text).strong();
    match shown.selection.len() {
        0 => {}
        1 => {
            let Some(piece) = shown.selection.iter().next().and_then(|id| design.piece(id)) else { return };
            let name = match &piece.content {
                Content::Part(part) => match super::parts::name_of(shown, part) {
                    Some(name) => format!("{name} · {part}"),
                    None => format!("Unknown part {part}"),
                },
                Content::Submodel(id) => {
                    design.submodel(*id).map_or_else(|| "Submodel".into(), |model| format!("Submodel “{}”", model.name))
                }
            };
            let def = shown.palette.resolve(piece.color);
            swatch_label(ui, 13.0, &def).on_hover_text(color_name(shown.palette, piece.color));
            ui.add(Label::new(strong(name)).truncate());
        }
        n => {
            ui.add(Label::new(strong(format!("{} selected", count(n, "piece")))).truncate());
        }
    }
    if !shown.selection.is_empty() && !shown.tools.hint.is_empty() {
        ui.label(RichText::new("·").color(theme::tones(ui).weak));
    }
}
