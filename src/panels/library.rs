//! The library of originals: pictures, search, and what can be done with each. Opening one makes a copy.

use super::icons::Icon;
use super::widgets::{count, empty_note, search_field, texture_from_bytes};
use super::{PanelState, Shown, theme};
use crate::document::action::EditorAction;
use crate::library::date_text;
use bevy_egui::egui::{
    self, Align2, Color32, CornerRadius, FontId, Rect, Response, RichText, Sense, TextureHandle, Ui, Vec2, WidgetInfo,
    WidgetType, pos2, vec2,
};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use studwork_library::Entry;

/// What the panel remembers.
#[derive(Default)]
pub struct LibraryState {
    query: String,
    chosen: Option<String>,
    tags: String,
    pictures: HashMap<PathBuf, Option<TextureHandle>>,
    listing: u64,
}

/// The largest picture that is read, bytes.
const MAX_PICTURE: u64 = 4 << 20;
/// The height of a row, points.
const ROW: f32 = 78.0;

impl LibraryState {
    /// Draws a picture from a file, or a frame where there is none.
    pub(super) fn picture(&mut self, ui: &mut Ui, path: Option<&Path>, size: Vec2) -> Response {
        let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
        self.paint(ui, path, rect);
        response
    }

    fn paint(&mut self, ui: &Ui, path: Option<&Path>, rect: Rect) {
        ui.painter().rect_filled(rect, CornerRadius::same(4), theme::tones(ui).stage);
        let texture = path.and_then(|path| {
            let known = self.pictures.entry(path.to_owned());
            known.or_insert_with(|| texture(ui.ctx(), path)).as_ref()
        });
        match texture {
            Some(texture) => {
                let all = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
                ui.painter().image(texture.id(), rect.shrink(1.0), all, Color32::WHITE);
            }
            None => {
                let inner = Rect::from_center_size(rect.center(), Vec2::splat(rect.height() * 0.4));
                Icon::Model.paint(ui.painter(), inner, theme::tones(ui).weak);
            }
        }
    }
}

/// Reads a picture; the disk is asked once for each.
fn texture(ctx: &egui::Context, path: &Path) -> Option<TextureHandle> {
    let bytes = crate::disk::read_capped(path, MAX_PICTURE).ok()?;
    texture_from_bytes(ctx, &path.display().to_string(), &bytes)
}

/// Draws the panel.
pub fn library_ui(ui: &mut Ui, shown: &mut Shown, state: &mut PanelState) {
    let keep = shown.keep;
    if state.library.listing != keep.listing {
        state.library.listing = keep.listing;
        // A picture may be new.
        state.library.pictures.clear();
    }
    search_field(ui, egui::Id::new("search library"), &mut state.library.query, "Search title, author, tag …");
    ui.horizontal(|ui| {
        if ui.button("Add…").on_hover_text("Keep a model here, untouched").clicked() {
            shown.actions.push(EditorAction::LibraryAdd);
        }
        let here = shown.document.imported_from().map(Path::to_owned);
        let file = here.as_deref().map_or_else(String::new, crate::files::file_name);
        let tip = format!("Keep {file} as it is on disk");
        let add_this = ui.add_enabled(here.is_some(), egui::Button::new("Add this model"));
        let add_this = add_this.on_hover_text(tip).on_disabled_hover_text("Open an LDraw file first");
        if let (true, Some(path)) = (add_this.clicked(), here) {
            shown.actions.push(EditorAction::LibraryAddPath(path));
        }
        if ui.button("Verify").on_hover_text("Look whether each still is what was added").clicked() {
            shown.actions.push(EditorAction::LibraryVerify);
        }
    });
    let found: Vec<&Entry> = keep.entries.iter().filter(|entry| entry.matches(&state.library.query)).collect();
    ui.label(RichText::new(count(found.len(), "original")).color(theme::tones(ui).weak));
    if keep.entries.is_empty() {
        let text = "Models that you add are kept here\nbyte for byte. Opening one makes a copy.";
        empty_note(ui, Icon::Model, "Your library of originals", text);
        return;
    }
    let details = state.library.chosen.is_some();
    let height = if details { (ui.available_height() - 190.0).max(ROW * 2.0) } else { ui.available_height() };
    ui.spacing_mut().item_spacing.y = 3.0;
    let area = egui::ScrollArea::vertical().id_salt("kept models").max_height(height).auto_shrink([false, details]);
    area.show_rows(ui, ROW, found.len(), |ui, range| {
        for entry in &found[range] {
            row(ui, entry, shown, state);
        }
    });
    if let Some(entry) = keep.entries.iter().find(|entry| Some(&entry.sha256) == state.library.chosen.as_ref()) {
        details_ui(ui, entry, shown, state);
    }
}

fn row(ui: &mut Ui, entry: &Entry, shown: &mut Shown, state: &mut PanelState) {
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), ROW));
    let response = ui.interact(rect, ui.id().with(&entry.sha256), Sense::click());
    let chosen = state.library.chosen.as_ref() == Some(&entry.sha256);
    response.widget_info(|| WidgetInfo::selected(WidgetType::SelectableLabel, true, chosen, &entry.title));
    let tones = theme::tones(ui);
    let fill = match (chosen, response.hovered()) {
        (true, _) => tones.chosen,
        (false, true) => ui.visuals().widgets.hovered.weak_bg_fill,
        (false, false) => tones.raised,
    };
    ui.painter().rect_filled(rect, CornerRadius::same(6), fill);
    let picture = Rect::from_min_size(rect.min + vec2(5.0, 5.0), vec2(90.0, ROW - 10.0));
    state.library.paint(ui, entry.picture.as_deref(), picture);
    let left = picture.right() + 9.0;
    let clip = ui.painter().with_clip_rect(rect.with_min_x(left - 1.0).intersect(ui.clip_rect()));
    let by = if entry.author.is_empty() { String::new() } else { format!("by {}", entry.author) };
    let license = if entry.license.is_empty() { "no license named" } else { &entry.license };
    let lines = [
        (entry.title.clone(), 13.5, ui.visuals().strong_text_color()),
        (by, 12.0, ui.visuals().text_color()),
        (format!("{} · {license}", count(entry.pieces, "piece")), 11.5, tones.weak),
        (entry.tags.join(", "), 11.5, tones.accent),
    ];
    let mut y = rect.top() + 8.0;
    for (text, size, color) in lines.into_iter().filter(|(text, ..)| !text.is_empty()) {
        clip.text(pos2(left, y), Align2::LEFT_TOP, text, FontId::proportional(size), color);
        y += size + 4.0;
    }
    if response.clicked() {
        state.library.chosen = Some(entry.sha256.clone());
        state.library.tags = entry.tags.join(", ");
    }
    if response.double_clicked() {
        shown.send(EditorAction::LibraryOpen(entry.sha256.clone()));
    }
    response.context_menu(|ui| menu(ui, entry, shown));
    response.on_hover_text(format!("{}\nDouble click opens a copy", entry.title));
}

fn menu(ui: &mut Ui, entry: &Entry, shown: &mut Shown) {
    ui.set_min_width(170.0);
    let sha = || entry.sha256.clone();
    for (text, action) in [
        ("Open a copy", EditorAction::LibraryOpen(sha())),
        ("Write the original to…", EditorAction::LibraryExport(sha())),
        ("Remove…", EditorAction::LibraryRemove(sha())),
    ] {
        if ui.button(text).clicked() {
            shown.send(action);
            ui.close();
        }
    }
}

fn details_ui(ui: &mut Ui, entry: &Entry, shown: &mut Shown, state: &mut PanelState) {
    ui.separator();
    ui.add(egui::Label::new(RichText::new(&entry.title).strong()).truncate());
    let weak = theme::tones(ui).weak;
    let fact = |ui: &mut Ui, text: String| ui.add(egui::Label::new(RichText::new(text).small().color(weak)).truncate());
    let size = entry.bytes as f32 / 1024.0;
    fact(ui, format!("{} · {size:.0} KiB · added {}", entry.file_name, date_text(entry.added)));
    if !entry.source.is_empty() {
        fact(ui, format!("from {}", entry.source)).on_hover_text(&entry.source);
    }
    fact(ui, format!("SHA-256 {}", &entry.sha256)).on_hover_text(&entry.sha256);
    ui.horizontal(|ui| {
        ui.label("Tags");
        let field = egui::TextEdit::singleline(&mut state.library.tags).hint_text("class, castle …");
        let response = ui.add(field.desired_width(ui.available_width()));
        if response.lost_focus() {
            let tags: Vec<String> = state.library.tags.split(',').map(|tag| tag.trim().to_owned()).collect();
            if tags.join(", ") != entry.tags.join(", ") {
                shown.actions.push(EditorAction::LibrarySetTags(entry.sha256.clone(), tags));
            }
        }
    });
    ui.add_space(2.0);
    ui.horizontal(|ui| {
        if super::dialogs::main_button(ui, true, "Open a copy") {
            shown.actions.push(EditorAction::LibraryOpen(entry.sha256.clone()));
        }
        if ui.button("Write to…").on_hover_text("Write the original, byte for byte").clicked() {
            shown.actions.push(EditorAction::LibraryExport(entry.sha256.clone()));
        }
        if ui.button("Remove…").clicked() {
            shown.actions.push(EditorAction::LibraryRemove(entry.sha256.clone()));
        }
    });
}
