//! The table of keys and mouse, made from the actions, and what Studwork is.

use super::{keys, theme};
use crate::document::action::{ACTIONS, Menu};
use bevy_egui::egui::{self, RichText, Ui};

/// The search in the table of keys.
#[derive(Default)]
pub struct KeysFilter {
    text: String,
}

const MOUSE: [(&str, &str); 12] = [
    ("Click", "Select a piece, place the part in hand, paint, erase: what the tool does"),
    ("Shift+click", "Add a piece to the selection or take it out"),
    ("Drag on empty ground", "Select with a box"),
    ("Drag a piece", "Move the selection; studs connect"),
    ("Right drag", "Turn the view"),
    ("Middle drag, Shift+right drag", "Move the view"),
    ("Wheel, pinch", "Come closer to the pointer, or go away"),
    ("Double click", "Edit a submodel, or select what is joined"),
    ("Alt while moving", "Place freely, without the grid"),
    ("Tab", "The next place where the part in hand fits"),
    ("Drag from Parts", "Place one piece"),
    ("Esc", "Let go, drop a drag, clear the selection"),
];

/// Draws the table.
pub fn keys_ui(ui: &mut Ui, filter: &mut KeysFilter) {
    let room = ui.ctx().content_rect();
    ui.set_width(620.0_f32.min(room.width() - 80.0));
    ui.label(RichText::new("Keys and mouse").heading().strong());
    ui.add_space(4.0);
    super::widgets::search_field(ui, egui::Id::new("key search"), &mut filter.text, "Search keys and actions");
    let wanted = filter.text.trim().to_lowercase();
    ui.add_space(4.0);
    egui::ScrollArea::vertical().max_height((room.height() - 220.0).max(160.0)).auto_shrink([false, false]).show(
        ui,
        |ui| {
            let fits = |what: &str, keys: &str| {
                wanted.is_empty() || what.to_lowercase().contains(&wanted) || keys.to_lowercase().contains(&wanted)
            };
            let mouse = MOUSE.iter().filter(|(keys, what)| fits(what, keys));
            group(ui, "Mouse", mouse.map(|(keys, what)| ((*what).to_owned(), (*keys).to_owned())).collect());
            for menu in Menu::ALL {
                let rows: Vec<(String, String)> = ACTIONS
                    .iter()
                    .filter(|info| info.menu == menu && !info.shortcuts.is_empty())
                    .map(|info| {
                        let all: Vec<String> =
                            info.shortcuts.iter().map(|shortcut| keys::key_text(ui.ctx(), shortcut)).collect();
                        (info.label.trim_end_matches('…').to_owned(), all.join("  or  "))
                    })
                    .filter(|(what, keys)| fits(what, keys))
                    .collect();
                group(ui, menu.title(), rows);
            }
        },
    );
}

fn group(ui: &mut Ui, title: &str, rows: Vec<(String, String)>) {
    if rows.is_empty() {
        return;
    }
    let tones = theme::tones(ui);
    ui.add_space(4.0);
    ui.label(RichText::new(title).strong().color(tones.accent));
    egui::Grid::new(title).num_columns(2).striped(true).spacing([18.0, 4.0]).min_col_width(190.0).show(ui, |ui| {
        for (what, keys) in rows {
            ui.label(RichText::new(keys).strong());
            ui.label(what);
            ui.end_row();
        }
    });
}

/// Says what Studwork is, under which terms, and whose work it builds on.
pub fn about_ui(ui: &mut Ui) {
    ui.set_width(500.0_f32.min(ui.ctx().content_rect().width() - 80.0));
    let tones = theme::tones(ui);
    ui.label(RichText::new("studwork").size(28.0).strong().color(tones.accent));
    ui.label(format!("Version {}", env!("CARGO_PKG_VERSION")));
    ui.add_space(6.0);
    ui.label("A desktop brick-model designer: build, take apart, render and share.");
    ui.add_space(8.0);
    for (title, text) in [
        ("License", "Studwork is free software, under the MIT or the Apache 2.0 license, as you choose."),
        (
            "LDraw",
            "Part numbers, colors and the file format are those of the LDraw.org community. An LDraw parts library that \
             you use with Studwork is the work of its authors, under the CC BY 4.0 or CC BY 2.0 license. LDraw is a \
             trademark of the Estate of James Jessiman.",
        ),
        (
            "Trademarks",
            "LEGO is a trademark of the LEGO Group, BrickLink of BrickLink Limited. Neither sponsors, authorizes or \
             endorses Studwork.",
        ),
        ("Built with", "Bevy, wgpu, egui, egui_dock, glam, parry and many other open libraries, with thanks."),
    ] {
        ui.label(RichText::new(title).strong());
        ui.label(RichText::new(text).color(tones.weak));
        ui.add_space(5.0);
    }
}
