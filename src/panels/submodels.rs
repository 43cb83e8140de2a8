//! The list of submodels: open, place, rename, add and delete them.

use super::icons::Icon;
use super::widgets::{count, icon_button};
use super::{PanelState, Shown, theme};
use crate::document::action::EditorAction;
use bevy_egui::egui::{self, CornerRadius, RichText, Sense, Ui, WidgetInfo, WidgetType, vec2};
use studwork_core::SubmodelId;

/// What the list remembers.
#[derive(Default)]
pub struct SubmodelsState {
    /// The submodel that gets another name, and the name so far.
    renaming: Option<(SubmodelId, String)>,
    focus: bool,
}

const ROW: f32 = 26.0;

/// Draws the list.
pub fn submodels_ui(ui: &mut Ui, shown: &mut Shown, state: &mut PanelState) {
    let design = shown.document.design();
    let ids: Vec<SubmodelId> = design.submodels().map(|model| model.id).collect();
    ui.horizontal(|ui| {
        ui.label(RichText::new("Submodels").strong());
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            if icon_button(ui, Icon::Plus, "New empty submodel", false).clicked() {
                let mut number = ids.len();
                while design.submodel_named(&format!("Submodel {number}")).is_some() {
                    number += 1;
                }
                shown.actions.push(EditorAction::AddSubmodel(format!("Submodel {number}")));
            }
            let make = "Make the selection a submodel (Ctrl+M)";
            let enabled = shown.availability.selected > 0;
            if ui.add_enabled_ui(enabled, |ui| icon_button(ui, Icon::Model, make, false).clicked()).inner {
                shown.actions.push(EditorAction::MakeSubmodel);
            }
        });
    });
    let most = (ui.available_height() * 0.34).max(3.2 * ROW);
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        egui::ScrollArea::vertical().id_salt("submodels").max_height(most).auto_shrink([false, true]).show_rows(
            ui,
            ROW,
            ids.len(),
            |ui, range| {
                for &id in &ids[range] {
                    row(ui, id, shown, &mut state.steps.submodels);
                }
            },
        );
    });
}

fn row(ui: &mut Ui, id: SubmodelId, shown: &mut Shown, state: &mut SubmodelsState) {
    let design = shown.document.design();
    let Some(model) = design.submodel(id) else { return };
    if state.renaming.as_ref().is_some_and(|(of, _)| *of == id) {
        rename_field(ui, shown, state);
        return;
    }
    let main = id == design.main();
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), ROW));
    let response = ui.interact(rect, ui.id().with(id), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, format!("Submodel {}", model.name)));
    let tones = theme::tones(ui);
    let open = id == shown.document.active();
    if open || response.hovered() {
        let fill = if open { tones.chosen } else { ui.visuals().widgets.hovered.weak_bg_fill };
        ui.painter().rect_filled(rect.shrink2(vec2(0.0, 1.0)), CornerRadius::same(5), fill);
    }
    let pieces: usize = model.steps.iter().map(|step| step.pieces().count()).sum();
    let places = design.occurrences_of(id).len();
    let note = if main { pieces.to_string() } else { format!("{pieces} · {places}×") };
    let mut inside = ui.new_child(
        egui::UiBuilder::new()
            .max_rect(rect.shrink2(vec2(6.0, 0.0)))
            .layout(egui::Layout::left_to_right(egui::Align::Center)),
    );
    let icon = if main { Icon::Home } else { Icon::Model };
    super::widgets::icon_label(&mut inside, icon, tones.weak, 15.0);
    inside.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
        ui.label(RichText::new(note).color(tones.weak).size(11.5));
        ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
            ui.add(egui::Label::new(&model.name).truncate());
        });
    });
    if response.double_clicked() {
        start_renaming(state, id, &model.name);
    } else if response.clicked() && !open {
        shown.actions.push(EditorAction::OpenSubmodel(id));
    }
    response.context_menu(|ui| menu(ui, id, main, &model.name, shown, state));
    let uses =
        if main { "The whole model".into() } else { format!("{}, placed {places} times", count(pieces, "piece")) };
    response.on_hover_text(format!("{uses}\nClick to edit it, double click to rename it"));
}

fn start_renaming(state: &mut SubmodelsState, id: SubmodelId, name: &str) {
    state.renaming = Some((id, name.to_owned()));
    state.focus = true;
}

fn rename_field(ui: &mut Ui, shown: &mut Shown, state: &mut SubmodelsState) {
    let Some((id, name)) = &mut state.renaming else { return };
    let id = *id;
    let response = ui.add_sized([ui.available_width(), ROW - 2.0], egui::TextEdit::singleline(name).id_salt("rename"));
    if std::mem::take(&mut state.focus) {
        response.request_focus();
    }
    if response.lost_focus() {
        let name = name.trim().to_owned();
        let canceled = ui.input(|input| input.key_pressed(egui::Key::Escape));
        let before = shown.document.design().submodel(id).map(|model| model.name.clone());
        if !canceled && !name.is_empty() && before.is_some_and(|before| before != name) {
            shown.send(EditorAction::RenameSubmodel(id, name));
        }
        state.renaming = None;
    }
}

fn menu(ui: &mut Ui, id: SubmodelId, main: bool, name: &str, shown: &mut Shown, state: &mut SubmodelsState) {
    ui.set_min_width(170.0);
    if ui.button("Edit").clicked() {
        shown.actions.push(EditorAction::OpenSubmodel(id));
        ui.close();
    }
    if ui.add_enabled(!main, egui::Button::new("Take in hand to place it")).clicked() {
        shown.actions.push(EditorAction::TakeSubmodel(id));
        ui.close();
    }
    if ui.button("Rename").clicked() {
        start_renaming(state, id, name);
        ui.close();
    }
    ui.separator();
    let places = shown.document.design().occurrences_of(id).len();
    let delete = ui.add_enabled(!main && places == 0, egui::Button::new("Delete"));
    let why = if main { "The main model stays" } else { "It is placed somewhere; delete those pieces first" };
    if delete.on_disabled_hover_text(why).clicked() {
        shown.actions.push(EditorAction::DeleteSubmodel(id));
        ui.close();
    }
}
