//! The tool bar: tools, undo, turns, views, grid steps and the current color.

use super::icons::Icon;
use super::widgets::{bar_gap, color_name, icon_button_with_tip, paint_swatch};
use super::{PanelState, Shown, keys, menu};
use crate::document::action::by_id;
use bevy_egui::egui::{self, CornerRadius, Sense, Stroke, StrokeKind, Ui, WidgetInfo, WidgetType, vec2};

/// Draws the tool bar.
pub fn toolbar_ui(ui: &mut Ui, shown: &mut Shown, state: &mut PanelState) {
    ui.spacing_mut().item_spacing = vec2(2.0, 2.0);
    ui.horizontal_wrapped(|ui| {
        for (icon, id) in [
            (Icon::Select, "tool.select"),
            (Icon::Paint, "tool.paint"),
            (Icon::PickColor, "tool.pick_color"),
            (Icon::Erase, "tool.erase"),
            (Icon::Joint, "tool.joint"),
        ] {
            action_button(ui, icon, id, shown, state);
        }
        bar_gap(ui);
        action_button(ui, Icon::Undo, "edit.undo", shown, state);
        action_button(ui, Icon::Redo, "edit.redo", shown, state);
        bar_gap(ui);
        for (icon, id) in [
            (Icon::TurnLeft, "piece.turn_y"),
            (Icon::TurnRight, "piece.turn_y_back"),
            (Icon::Tilt, "piece.turn_x"),
            (Icon::Roll, "piece.turn_z"),
            (Icon::Duplicate, "edit.duplicate"),
            (Icon::Mirror, "piece.mirror_x"),
            (Icon::Group, "piece.group"),
            (Icon::Trash, "edit.delete"),
        ] {
            action_button(ui, icon, id, shown, state);
        }
        bar_gap(ui);
        for (icon, id) in [
            (Icon::Home, "view.home"),
            (Icon::Front, "view.front"),
            (Icon::Right, "view.right"),
            (Icon::Top, "view.top"),
            (Icon::Fit, "view.fit"),
            (Icon::Parallel, "view.orthographic"),
            (Icon::Edges, "view.edges"),
            (Icon::Shadows, "view.shadows"),
            (Icon::Grid, "view.grid"),
        ] {
            action_button(ui, icon, id, shown, state);
        }
        bar_gap(ui);
        action_button(ui, Icon::Snap, "tool.snap", shown, state);
        ui.spacing_mut().item_spacing.x = 5.0;
        grid_steps(ui, shown);
        bar_gap(ui);
        current_color(ui, shown, state);
    });
}

fn action_button(ui: &mut Ui, icon: Icon, id: &str, shown: &mut Shown, state: &PanelState) {
    let Some(info) = by_id(id) else { return };
    let available = (info.available)(&shown.availability);
    let keys = keys::shortcut_text(ui.ctx(), info);
    let mut tip = if keys.is_empty() { info.label.to_owned() } else { format!("{} ({keys})", info.label) };
    tip.push('\n');
    tip.push_str(info.tooltip);
    if let Err(reason) = available {
        tip = format!("{tip}.\n{reason}.");
    }
    let chosen = menu::is_on(&info.action, shown, state) == Some(true);
    let clicked = ui
        .add_enabled_ui(available.is_ok(), |ui| {
            icon_button_with_tip(ui, icon, (info.label, &tip), chosen, 26.0).clicked()
        })
        .inner;
    if clicked {
        shown.send(info.action.clone());
    }
}

/// Steps that builders use: LDU and what they are.
const SIDE_STEPS: [(f32, &str); 5] =
    [(20.0, "1 stud"), (10.0, "½ stud"), (5.0, "¼ stud"), (4.0, "1 wall"), (1.0, "1 LDU")];
const HEIGHT_STEPS: [(f32, &str); 4] = [(24.0, "1 brick"), (8.0, "1 plate"), (4.0, "½ plate"), (1.0, "1 LDU")];

fn grid_steps(ui: &mut Ui, shown: &mut Shown) {
    step_choice(ui, "grid_side", "Grid step sideways", &mut shown.settings.grid, &SIDE_STEPS);
    step_choice(ui, "grid_height", "Grid step up and down", &mut shown.settings.grid_height, &HEIGHT_STEPS);
}

fn step_choice(ui: &mut Ui, id: &str, tip: &str, value: &mut f32, choices: &[(f32, &str)]) {
    let name = |v: f32| {
        let known = choices.iter().find(|(ldu, _)| (ldu - v).abs() < 1e-3);
        known.map_or_else(|| format!("{} LDU", super::widgets::number(v)), |(_, name)| (*name).to_owned())
    };
    let response = egui::ComboBox::from_id_salt(id)
        .width(74.0)
        .selected_text(name(*value))
        .show_ui(ui, |ui| {
            for &(ldu, label) in choices {
                let text = if label.ends_with("LDU") { label.to_owned() } else { format!("{label}  ({ldu} LDU)") };
                ui.selectable_value(value, ldu, text);
            }
        })
        .response;
    response.on_hover_text(tip);
}

fn current_color(ui: &mut Ui, shown: &mut Shown, state: &mut PanelState) {
    let def = shown.palette.resolve(shown.brush.color);
    let name = color_name(shown.palette, shown.brush.color);
    let (rect, response) = ui.allocate_exact_size(vec2(34.0, 24.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::ColorButton, true, format!("Current color: {name}")));
    paint_swatch(ui.painter(), rect.shrink(1.0), &def, 5);
    let stroke = if response.hovered() { super::theme::tones(ui).accent } else { super::theme::tones(ui).line };
    ui.painter().rect_stroke(rect, CornerRadius::same(6), Stroke::new(1.5, stroke), StrokeKind::Inside);
    let response = response.on_hover_text(format!("Current color: {name}\nNew pieces get it, the paint tool gives it"));
    egui::Popup::menu(&response).close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside).width(300.0).show(
        |ui| {
            ui.set_width(300.0);
            ui.set_max_height(420.0);
            super::colors::palette_ui(ui, shown, &mut state.colors, "toolbar");
        },
    );
    let text = egui::RichText::new(&name).color(super::theme::tones(ui).weak);
    ui.add(egui::Label::new(text));
}
