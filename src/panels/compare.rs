//! What is different from the original: counts, every piece, and what brings it back.

use super::icons::Icon;
use super::widgets::{color_name, count, empty_note};
use super::{Shown, theme};
use crate::compare::{Compared, color_of, colors};
use crate::document::action::EditorAction;
use bevy_egui::egui::{self, Color32, CornerRadius, RichText, Sense, Ui, UiBuilder, WidgetInfo, WidgetType, vec2};
use studwork_core::compare::{Changed, Counts, differing_steps};
use studwork_core::{ColorRef, Content, Design, Piece};

const ROW: f32 = 42.0;

/// Draws the panel.
pub fn compare_ui(ui: &mut Ui, shown: &mut Shown) {
    let Some(compared) = &shown.compare.shown else {
        let text = "Added, removed, moved and recolored pieces,\nin the view and in a list.";
        empty_note(ui, Icon::Mirror, "Compare", text);
        ui.vertical_centered(|ui| {
            let is_copy = shown.document.design().lineage().is_some();
            let button = ui.add_enabled(is_copy && !shown.compare.comparing, egui::Button::new("With the original"));
            if button.on_disabled_hover_text("This design is no copy of an original").clicked() {
                shown.actions.push(EditorAction::CompareOriginal);
            }
            if ui.button("With a file…").clicked() {
                shown.actions.push(EditorAction::CompareFile);
            }
            if shown.compare.comparing {
                ui.spinner();
            }
        });
        return;
    };
    ui.horizontal(|ui| {
        ui.add(egui::Label::new(RichText::new(format!("With “{}”", compared.title)).strong()).truncate());
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if ui.button("Done").on_hover_text("Show the model in its own colors again").clicked() {
                shown.actions.push(EditorAction::LeaveCompare);
            }
        });
    });
    counts_ui(ui, compared.comparison.counts());
    let current = compared.generation == shown.document.generation();
    if !current {
        ui.horizontal(|ui| {
            ui.label(RichText::new("The design has changed since").color(theme::tones(ui).warning));
            if ui.button("Compare again").clicked() {
                shown.actions.push(EditorAction::CompareAgain);
            }
        });
    }
    if compared.comparison.is_same() {
        empty_note(ui, Icon::Check, "No difference", "Every piece is as in the original.");
        return;
    }
    let rows = rows(compared);
    if current {
        ui.horizontal(|ui| {
            let tip = "Makes it what the original is; Undo takes that back";
            if ui.button("Restore all").on_hover_text(tip).clicked() {
                let originals = rows.iter().filter_map(Row::original).collect();
                let added = compared.comparison.added.iter().map(|lone| lone.piece.id).collect();
                shown.actions.push(EditorAction::Restore(originals, added));
            }
            ui.menu_button("Restore a step", |ui| steps_ui(ui, compared, shown.document.design(), shown.actions))
                .response
                .on_hover_text("All that is different in one step of the original");
        });
    }
    ui.spacing_mut().item_spacing.y = 3.0;
    egui::ScrollArea::vertical().id_salt("differences").auto_shrink([false, false]).show_rows(
        ui,
        ROW,
        rows.len(),
        |ui, range| {
            for index in range {
                row_ui(ui, index, &rows[index], current, shown);
            }
        },
    );
}

/// The steps of the original in which something is different.
fn steps_ui(ui: &mut Ui, compared: &Compared, design: &Design, actions: &mut Vec<EditorAction>) {
    let original = &compared.original;
    egui::ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
        for (submodel, step, pieces) in differing_steps(original, design, &compared.comparison) {
            let Some(inside) = original.submodel(submodel) else { continue };
            let number = inside.steps.iter().position(|other| other.id == step).unwrap_or(0) + 1;
            let place = if submodel == original.main() { String::new() } else { format!(" of {}", inside.name) };
            if ui.button(format!("Step {number}{place}: {}", count(pieces, "piece"))).clicked() {
                actions.push(EditorAction::RestoreStep(step));
                ui.close();
            }
        }
    });
}

enum Row<'a> {
    Added(&'a Piece, studwork_core::SubmodelId),
    Removed(&'a Piece),
    Changed(&'a Changed),
}

impl Row<'_> {
    /// The number in the original.
    fn original(&self) -> Option<studwork_core::PieceId> {
        match self {
            Row::Added(..) => None,
            Row::Removed(piece) => Some(piece.id),
            Row::Changed(changed) => Some(changed.original.id),
        }
    }
}

fn rows(compared: &Compared) -> Vec<Row<'_>> {
    let comparison = &compared.comparison;
    let removed = comparison.removed.iter().map(|lone| Row::Removed(&lone.piece));
    let added = comparison.added.iter().map(|lone| Row::Added(&lone.piece, lone.submodel));
    removed.chain(added).chain(comparison.changed.iter().map(Row::Changed)).collect()
}

fn rgb(color: ColorRef) -> Color32 {
    match color {
        ColorRef::Direct { rgb: [r, g, b], .. } => Color32::from_rgb(r, g, b),
        ColorRef::Code(_) => Color32::GRAY,
    }
}

fn counts_ui(ui: &mut Ui, counts: Counts) {
    ui.horizontal_wrapped(|ui| {
        for (number, name, color) in [
            (counts.added, "added", colors::ADDED),
            (counts.removed, "removed", colors::REMOVED),
            (counts.moved, "moved", colors::MOVED),
            (counts.recolored, "recolored", colors::RECOLORED),
            (counts.replaced, "replaced", colors::REPLACED),
            (counts.regrouped, "in another submodel", colors::REPLACED),
            (counts.same, "the same", colors::SAME),
        ] {
            if number > 0 {
                let (dot, _) = ui.allocate_exact_size(vec2(10.0, 10.0), Sense::hover());
                ui.painter().rect_filled(dot, CornerRadius::same(3), rgb(color));
                ui.label(format!("{number} {name}"));
                ui.add_space(4.0);
            }
        }
    });
}

fn name(piece: &Piece, shown: &Shown) -> String {
    match &piece.content {
        Content::Part(part) => super::parts::name_of(shown, part).unwrap_or_else(|| part.to_string()),
        Content::Submodel(_) => "Submodel".into(),
    }
}

fn row_ui(ui: &mut Ui, index: usize, row: &Row<'_>, current: bool, shown: &mut Shown) {
    let (color, what, title, target) = match row {
        Row::Added(piece, submodel) => {
            (colors::ADDED, "added".to_owned(), name(piece, shown), Some((*submodel, piece.id)))
        }
        Row::Removed(piece) => (colors::REMOVED, "removed".to_owned(), name(piece, shown), None),
        Row::Changed(changed) => {
            let place =
                shown.document.design().place_of(changed.copy.id).map(|(submodel, _)| (submodel, changed.copy.id));
            (color_of(changed), words(changed, shown), name(&changed.copy, shown), place)
        }
    };
    let tones = theme::tones(ui);
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), ROW));
    let response = ui.interact(rect, ui.id().with(("difference", index)), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, format!("{title}: {what}")));
    let fill = if response.hovered() { ui.visuals().widgets.hovered.weak_bg_fill } else { tones.raised };
    ui.painter().rect_filled(rect, CornerRadius::same(5), fill);
    let mut bar = rect;
    bar.set_width(4.0);
    ui.painter().rect_filled(bar, CornerRadius { nw: 5, sw: 5, ne: 0, se: 0 }, rgb(color));
    let inner = rect.shrink2(vec2(10.0, 3.0));
    let mut inner =
        ui.new_child(UiBuilder::new().max_rect(inner).layout(egui::Layout::right_to_left(egui::Align::Center)));
    if current {
        let tip = match row {
            Row::Added(..) => "Take it away again",
            _ => "Make it what it is in the original",
        };
        if inner.button("Restore").on_hover_text(tip).clicked() {
            let originals = row.original().into_iter().collect();
            let added = match row {
                Row::Added(piece, _) => vec![piece.id],
                _ => Vec::new(),
            };
            shown.actions.push(EditorAction::Restore(originals, added));
        }
    }
    inner.with_layout(egui::Layout::top_down(egui::Align::Min), |ui| {
        ui.add(egui::Label::new(RichText::new(&title).size(12.5)).truncate().selectable(false));
        ui.add(egui::Label::new(RichText::new(&what).size(11.5).color(tones.weak)).truncate().selectable(false));
    });
    if response.clicked()
        && let Some((submodel, piece)) = target
    {
        shown.send(EditorAction::GoTo(submodel, vec![piece]));
    }
    response.on_hover_text(format!("{title}: {what}"));
}

fn words(changed: &Changed, shown: &Shown) -> String {
    let mut words = Vec::new();
    if changed.replaced {
        words.push(format!("was {}", name(&changed.original, shown)));
    }
    if changed.moved {
        let far = changed.original.pose.position.distance(changed.copy.pose.position);
        words.push(if far < 0.01 { "turned".into() } else { format!("moved by {} LDU", super::widgets::number(far)) });
    }
    if changed.recolored {
        words.push(format!("was {}", color_name(shown.palette, changed.original.color)));
    }
    if changed.regrouped {
        words.push("in another submodel".into());
    }
    if words.is_empty() { count(1, "difference") } else { words.join(", ") }
}
