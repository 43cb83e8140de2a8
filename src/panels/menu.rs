//! The menu bar, made from the table of actions.

use super::{PanelState, Shown, keys};
use crate::document::action::{ACTIONS, ActionInfo, EditorAction, Menu};
use crate::files::starters::STARTERS;
use crate::settings::Theme;
use bevy_egui::egui::{self, Button, RichText, Ui};

/// Draws the menu bar.
pub fn menu_ui(ui: &mut Ui, shown: &mut Shown, state: &mut PanelState) {
    egui::MenuBar::new().ui(ui, |ui| {
        ui.label(RichText::new("studwork").strong().color(super::theme::tones(ui).accent).size(14.0));
        ui.add_space(6.0);
        for menu in Menu::ALL {
            ui.menu_button(menu.title(), |ui| {
                ui.set_width(300.0);
                // It scrolls only where the window is too low for it.
                let height = ui.ctx().content_rect().height() - 60.0;
                egui::ScrollArea::vertical().max_height(height).min_scrolled_height(height).show(ui, |ui| {
                    one_menu(ui, menu, shown, state);
                });
            });
        }
        let dirty = if shown.document.is_dirty() { " •" } else { "" };
        let origin = shown.document.origin().map(|origin| format!(" ({origin})")).unwrap_or_default();
        let name = format!("{}{dirty}{origin}", shown.document.name());
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let text = RichText::new(name).color(super::theme::tones(ui).weak);
            let response = ui.add(egui::Label::new(text).truncate());
            let place = shown.document.path().or(shown.document.imported_from());
            let saved = if shown.document.is_dirty() { "It has changes that are not saved." } else { "It is saved." };
            match place {
                Some(path) => response.on_hover_text(format!("{}\n{saved}", path.display())),
                None => response.on_hover_text("This design was not saved yet."),
            };
        });
    });
}

fn one_menu(ui: &mut Ui, menu: Menu, shown: &mut Shown, state: &mut PanelState) {
    for info in ACTIONS.iter().filter(|info| info.menu == menu) {
        if info.separated {
            ui.separator();
        }
        entry(ui, info, shown, state);
        if info.action == EditorAction::Open {
            recent_files(ui, shown);
            starter_designs(ui, shown);
        }
    }
    if menu == Menu::View {
        ui.separator();
        appearance(ui, shown);
    }
}

/// One line of a menu: label, check mark, shortcut; disabled with the reason as its tooltip.
fn entry(ui: &mut Ui, info: &'static ActionInfo, shown: &mut Shown, state: &mut PanelState) {
    let available = (info.available)(&shown.availability);
    let mut label = info.label.to_owned();
    match info.action {
        EditorAction::Undo => label.extend(shown.document.history().undo_label().map(|what| format!(" {what}"))),
        EditorAction::Redo => label.extend(shown.document.history().redo_label().map(|what| format!(" {what}"))),
        _ => {}
    }
    let checked = is_on(&info.action, shown, state);
    let button = Button::selectable(checked == Some(true), label).shortcut_text(keys::shortcut_text(ui.ctx(), info));
    let response = ui.add_enabled(available.is_ok(), button.min_size(egui::vec2(ui.available_width(), 0.0)));
    let clicked = response.clicked();
    let response = response.on_hover_text(info.tooltip);
    if let Err(reason) = available {
        response.on_disabled_hover_text(format!("{}\n{reason}.", info.tooltip));
    }
    if clicked {
        shown.send(info.action.clone());
        ui.close();
    }
}

/// Whether an action that switches something finds it on.
pub fn is_on(action: &EditorAction, shown: &Shown, state: &PanelState) -> Option<bool> {
    use crate::tools::Tool;
    Some(match action {
        EditorAction::ToggleOrthographic => {
            matches!(shown.viewport.camera.projection, studwork_render::Projection::Orthographic { .. })
        }
        EditorAction::ToggleGrid => shown.view.grid,
        EditorAction::ToggleEdges => shown.view.edges,
        EditorAction::ToggleShadows => shown.view.shadows,
        EditorAction::ToggleSnap => shown.settings.snap,
        EditorAction::TogglePanel(panel) => state.dock.has(*panel),
        EditorAction::ToolSelect => shown.tools.tool == Tool::Select,
        EditorAction::ToolPaint => shown.tools.tool == Tool::Paint,
        EditorAction::ToolPickColor => shown.tools.tool == Tool::PickColor,
        EditorAction::ToolJoint => shown.tools.tool == Tool::Joint,
        EditorAction::ToolErase => shown.tools.tool == Tool::Erase,
        _ => return None,
    })
}

fn recent_files(ui: &mut Ui, shown: &mut Shown) {
    let recent = shown.settings.recent.clone();
    ui.add_enabled_ui(!recent.is_empty(), |ui| {
        ui.menu_button("Open recent", |ui| {
            ui.set_min_width(220.0);
            for path in &recent {
                let name = path
                    .file_name()
                    .map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
                if ui.button(name).on_hover_text(path.display().to_string()).clicked() {
                    shown.send(EditorAction::OpenPath(path.clone()));
                    ui.close();
                }
            }
            ui.separator();
            if ui.button("Empty this list").clicked() {
                shown.send(EditorAction::ClearRecent);
                ui.close();
            }
        });
    });
}

fn starter_designs(ui: &mut Ui, shown: &mut Shown) {
    ui.menu_button("Starter designs", |ui| {
        ui.set_min_width(220.0);
        for starter in STARTERS {
            if ui.button(starter.title).clicked() {
                shown.send(EditorAction::OpenStarter(starter.title.to_owned()));
                ui.close();
            }
        }
    });
}

fn appearance(ui: &mut Ui, shown: &mut Shown) {
    ui.horizontal(|ui| {
        ui.add_space(6.0);
        ui.label("Theme");
        ui.selectable_value(&mut shown.settings.theme, Theme::Dark, "Dark");
        ui.selectable_value(&mut shown.settings.theme, Theme::Light, "Light");
    });
    ui.horizontal(|ui| {
        ui.add_space(6.0);
        ui.label("Size");
        for (label, scale) in [("90 %", 0.9), ("100 %", 1.0), ("125 %", 1.25), ("150 %", 1.5), ("200 %", 2.0)] {
            if ui.selectable_label((shown.settings.ui_scale - scale).abs() < 0.01, label).clicked() {
                shown.settings.ui_scale = scale;
            }
        }
    });
}
