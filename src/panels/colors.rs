//! The palette of colors: current and recent ones, a search, and a grid by finish. A click paints the selection and is
//! the color of new pieces.

use super::icons::Icon;
use super::widgets::{color_name, search_field, swatch};
use super::{PanelState, Shown, theme};
use crate::document::action::EditorAction;
use bevy_egui::egui::{self, Color32, RichText, Ui, vec2};
use std::sync::Arc;
use studwork_core::{ColorRef, Palette};

/// What the palette of colors remembers.
#[derive(Default)]
pub struct ColorsState {
    query: String,
    /// The colors that are shown, by section, and what they were found for.
    found: Option<Found>,
    /// The direct color that is being mixed.
    mixed: Option<[u8; 3]>,
    mixed_transparent: bool,
}

struct Found {
    query: String,
    palette: Arc<Palette>,
    sections: Vec<(&'static str, Vec<u32>)>,
}

/// Draws the panel.
pub fn colors_ui(ui: &mut Ui, shown: &mut Shown, state: &mut PanelState) {
    palette_ui(ui, shown, &mut state.colors, "panel");
}

/// The palette itself, also in the tool bar's popup; `id` tells them apart.
pub fn palette_ui(ui: &mut Ui, shown: &mut Shown, state: &mut ColorsState, id: &str) {
    current_ui(ui, shown, state);
    search_field(ui, egui::Id::new(("color search", id)), &mut state.query, "Search colors");
    find(shown, state);
    ui.add_space(2.0);
    egui::ScrollArea::vertical().id_salt(("colors", id)).auto_shrink([false, id != "panel"]).show(ui, |ui| {
        let sections = state.found.as_ref().map_or(&[][..], |found| &found.sections);
        if sections.iter().all(|(_, codes)| codes.is_empty()) {
            super::widgets::empty_note(ui, Icon::Search, "No such color", "Names and numbers are searched");
        }
        let mut chosen = None;
        for (title, codes) in sections {
            ui.label(RichText::new(*title).color(theme::tones(ui).weak).size(11.5));
            swatches(ui, shown, codes.iter().map(|&code| ColorRef::Code(code)), &mut chosen);
            ui.add_space(3.0);
        }
        if let Some(color) = chosen {
            shown.send(EditorAction::SetColor(color));
        }
    });
}

/// The current color with its name, the recent ones, and the mixer.
fn current_ui(ui: &mut Ui, shown: &mut Shown, state: &mut ColorsState) {
    let color = shown.brush.color;
    let def = shown.palette.resolve(color);
    ui.horizontal(|ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(34.0, 34.0), egui::Sense::hover());
        super::widgets::paint_swatch(ui.painter(), rect, &def, 6);
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 1.0;
            ui.add(egui::Label::new(RichText::new(color_name(shown.palette, color)).strong()).truncate());
            let what = match color {
                ColorRef::Code(code) => format!("{} · color {code}", studwork_core::Family::of(&def).label()),
                ColorRef::Direct { .. } => "Direct color".into(),
            };
            ui.add(egui::Label::new(RichText::new(what).color(theme::tones(ui).weak).size(11.5)).truncate());
        });
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| mixer(ui, shown, state));
    });
    if !shown.brush.recent.is_empty() {
        let mut chosen = None;
        ui.add_space(2.0);
        swatches(ui, shown, shown.brush.recent.iter().take(10).copied(), &mut chosen);
        if let Some(color) = chosen {
            shown.send(EditorAction::SetColor(color));
        }
    }
    ui.add_space(3.0);
}

/// A button that opens a picker for a color that no palette has.
fn mixer(ui: &mut Ui, shown: &mut Shown, state: &mut ColorsState) {
    let response = super::widgets::icon_button(ui, Icon::Plus, "Mix a color of your own", false);
    let palette = shown.palette.clone();
    let current = shown.brush.color;
    egui::Popup::menu(&response).close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
        let rgb = state.mixed.get_or_insert_with(|| palette.resolve(current).value);
        let mut color = Color32::from_rgb(rgb[0], rgb[1], rgb[2]);
        ui.spacing_mut().slider_width = 220.0;
        egui::color_picker::color_picker_color32(ui, &mut color, egui::color_picker::Alpha::Opaque);
        *rgb = [color.r(), color.g(), color.b()];
        ui.checkbox(&mut state.mixed_transparent, "Transparent");
        ui.label(RichText::new("No maker sells pieces in such a color.").color(theme::tones(ui).weak).size(11.5));
        if ui.button("Use this color").clicked() {
            let color = ColorRef::Direct { rgb: *rgb, transparent: state.mixed_transparent };
            shown.send(EditorAction::SetColor(color));
            ui.close();
        }
    });
}

fn swatches(ui: &mut Ui, shown: &Shown, colors: impl Iterator<Item = ColorRef>, chosen: &mut Option<ColorRef>) {
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing = vec2(2.0, 2.0);
        // As many as fit, without a ragged gap at the right.
        let width = ui.available_width();
        let columns = (width / 24.0).floor().max(1.0);
        let side = ((width - 2.0 * (columns - 1.0)) / columns).clamp(16.0, 26.0);
        ui.horizontal_wrapped(|ui| {
            for color in colors {
                let def = shown.palette.resolve(color);
                let name = color_name(shown.palette, color);
                let response = swatch(ui, side, &def, &name, color == shown.brush.color);
                if response.clicked() {
                    *chosen = Some(color);
                }
                response.on_hover_ui(|ui| {
                    ui.strong(&name);
                    if let ColorRef::Code(code) = color {
                        let [r, g, b] = def.value;
                        ui.weak(format!("Color {code} · #{r:02X}{g:02X}{b:02X}"));
                    }
                });
            }
        });
    });
}

fn find(shown: &Shown, state: &mut ColorsState) {
    let fresh = |found: &Found| found.query == state.query && Arc::ptr_eq(&found.palette, shown.palette);
    if state.found.as_ref().is_some_and(fresh) {
        return;
    }
    let sections = if state.query.trim().is_empty() {
        let families = shown.palette.families().into_iter();
        families.map(|(family, colors)| (family.label(), colors.iter().map(|color| color.code).collect())).collect()
    } else {
        let found = shown.palette.search(&state.query);
        vec![("Found", found.iter().map(|color| color.code).collect())]
    };
    state.found = Some(Found { query: state.query.clone(), palette: shown.palette.clone(), sections });
}
