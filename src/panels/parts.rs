//! The palette of parts: search, categories, favorites and recent ones above a grid of pictures. A click takes a part
//! in hand; it can also be dragged into the view.
//!
//! A library has 27,000 parts: what is found is computed once for a query, and only the visible rows are built.

use super::icons::Icon;
use super::widgets::{icon_button, paint_part, search_field};
use super::{PanelState, Shown, theme};
use crate::document::action::EditorAction;
use crate::settings::Settings;
use bevy_egui::egui::{
    self, CornerRadius, RichText, Sense, Stroke, StrokeKind, Ui, WidgetInfo, WidgetType, pos2, vec2,
};
use std::sync::Arc;
use studwork_core::catalog::{PartInfo, Source};
use studwork_core::{Catalog, Content, PartId};

/// What the palette of parts remembers.
#[derive(Default)]
pub struct PartsState {
    query: String,
    category: Option<String>,
    favorites_only: bool,
    found: Option<Found>,
    categories: Option<(Arc<Catalog>, Vec<(String, usize)>)>,
    /// Whether the search should get the text cursor.
    pub focus_search: bool,
    /// The part that is being dragged toward the view.
    pub dragged: Option<PartId>,
}

struct Found {
    query: String,
    category: Option<String>,
    favorites: Option<Vec<PartId>>,
    catalog: Arc<Catalog>,
    parts: Vec<PartInfo>,
}

impl PartsState {
    /// Notes that a part was taken in hand.
    pub fn remember(&mut self, settings: &mut Settings, part: &PartId) {
        if settings.recent_parts.first() == Some(part) {
            return;
        }
        settings.recent_parts.retain(|known| known != part);
        settings.recent_parts.insert(0, part.clone());
        settings.recent_parts.truncate(24);
    }

    fn find(&mut self, shown: &Shown) {
        let favorites = self.favorites_only.then(|| shown.settings.favorite_parts.clone());
        let fresh = |found: &Found| {
            found.query == self.query
                && found.category == self.category
                && found.favorites == favorites
                && Arc::ptr_eq(&found.catalog, shown.catalog)
        };
        if self.found.as_ref().is_some_and(fresh) {
            return;
        }
        let mut parts = shown.catalog.search(&self.query, self.category.as_deref());
        if let Some(favorites) = &favorites {
            parts.retain(|part| favorites.contains(&part.id));
        }
        self.found = Some(Found {
            query: self.query.clone(),
            category: self.category.clone(),
            favorites,
            catalog: shown.catalog.clone(),
            parts,
        });
    }
}

/// What people call a part: from the catalog, or from the design if it is embedded there.
pub fn name_of(shown: &Shown, part: &PartId) -> Option<String> {
    if let Some(embedded) = shown.document.design().embedded(part) {
        let title = embedded.file.title();
        if !title.is_empty() {
            return Some(tidy(title));
        }
    }
    shown.catalog.info(part).map(|info| tidy(&info.name))
}

/// `Brick  2 x  4` → `Brick 2 x 4`.
fn tidy(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Draws the panel.
pub fn parts_ui(ui: &mut Ui, shown: &mut Shown, state: &mut PanelState) {
    let id = egui::Id::new("part search");
    let (response, changed) = search_field(ui, id, &mut state.parts.query, "Search parts: 2 x 4, slope, 3001 …");
    if std::mem::take(&mut state.parts.focus_search) {
        response.request_focus();
    }
    filters(ui, shown, &mut state.parts);
    state.parts.find(shown);
    if response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter)) {
        let first = state.parts.found.as_ref().and_then(|found| found.parts.first());
        if let Some(part) = first {
            shown.send(EditorAction::Take(part.id.clone()));
        }
    }
    let plain = state.parts.query.is_empty() && state.parts.category.is_none() && !state.parts.favorites_only;
    if plain && !shown.settings.recent_parts.is_empty() {
        recent_row(ui, shown, state);
    }
    grid(ui, shown, state, changed);
}

fn filters(ui: &mut Ui, shown: &mut Shown, state: &mut PartsState) {
    if state.categories.as_ref().is_none_or(|(catalog, _)| !Arc::ptr_eq(catalog, shown.catalog)) {
        state.categories = Some((shown.catalog.clone(), shown.catalog.categories()));
    }
    let categories = state.categories.as_ref().map_or(&[][..], |(_, list)| list);
    ui.horizontal(|ui| {
        let text = state.category.clone().unwrap_or_else(|| "All categories".into());
        let width = (ui.available_width() - 34.0).max(60.0);
        egui::ComboBox::from_id_salt("category").width(width).truncate().selected_text(text).show_ui(ui, |ui| {
            let all: usize = categories.iter().map(|(_, n)| n).sum();
            ui.selectable_value(&mut state.category, None, format!("All categories  ({all})"));
            for (name, n) in categories {
                ui.selectable_value(&mut state.category, Some(name.clone()), format!("{name}  ({n})"));
            }
        });
        let icon = if state.favorites_only { Icon::StarFilled } else { Icon::Star };
        if icon_button(ui, icon, "Only favorites", state.favorites_only).clicked() {
            state.favorites_only = !state.favorites_only;
        }
    });
}

fn recent_row(ui: &mut Ui, shown: &mut Shown, state: &mut PanelState) {
    ui.label(RichText::new("Recent").color(theme::tones(ui).weak).size(11.5));
    let side = 44.0;
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        ui.horizontal(|ui| {
            let fit = ((ui.available_width() + 4.0) / (side + 4.0)).floor().max(1.0) as usize;
            for part in shown.settings.recent_parts.clone().into_iter().take(fit) {
                let info = shown.catalog.info(&part);
                cell(ui, side, &part, info.as_ref(), "recent", shown, state);
            }
        });
    });
}

fn grid(ui: &mut Ui, shown: &mut Shown, state: &mut PanelState, to_top: bool) {
    let Some(found) = state.parts.found.take() else { return };
    let count = found.parts.len();
    ui.label(RichText::new(super::widgets::count(count, "part")).color(theme::tones(ui).weak).size(11.5));
    if count == 0 {
        let (title, text) = match (&found.favorites, found.query.is_empty()) {
            (Some(_), true) => ("No favorites yet", "Point at a part and click its star"),
            _ => ("No such part", "Try a number, a name or fewer words"),
        };
        super::widgets::empty_note(ui, Icon::Search, title, text);
    } else {
        let gap = 4.0;
        let width = ui.available_width() - 10.0;
        let columns = ((width + gap) / (72.0 + gap)).floor().max(1.0);
        let side = ((width + gap) / columns - gap).floor();
        let columns = columns as usize;
        ui.spacing_mut().item_spacing = vec2(gap, gap);
        let mut area = egui::ScrollArea::vertical()
            .id_salt("part grid")
            .auto_shrink([false, false])
            // Dragging a part must not scroll.
            .scroll_source(egui::scroll_area::ScrollSource::SCROLL_BAR | egui::scroll_area::ScrollSource::MOUSE_WHEEL);
        if to_top {
            area = area.vertical_scroll_offset(0.0);
        }
        area.show_rows(ui, side, count.div_ceil(columns), |ui, rows| {
            for row in rows {
                ui.horizontal(|ui| {
                    for info in found.parts.iter().skip(row * columns).take(columns) {
                        cell(ui, side, &info.id, Some(info), "grid", shown, state);
                    }
                });
            }
        });
    }
    state.parts.found = Some(found);
}

/// One part: its picture, its star, its tooltip.
fn cell(
    ui: &mut Ui,
    side: f32,
    part: &PartId,
    info: Option<&PartInfo>,
    place: &str,
    shown: &mut Shown,
    state: &mut PanelState,
) {
    let (_, rect) = ui.allocate_space(vec2(side, side));
    let response = ui.interact(rect, ui.id().with((place, part)), Sense::click_and_drag());
    let name = info.map_or_else(|| part.to_string(), |info| tidy(&info.name));
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, &name));
    if !ui.is_rect_visible(rect) {
        return;
    }
    let tones = theme::tones(ui);
    let in_hand = shown.tools.hand.as_ref().is_some_and(|hand| {
        hand.pieces.len() == 1 && matches!(&hand.pieces[0].content, Content::Part(held) if held == part)
    });
    let favorite = shown.settings.favorite_parts.contains(part);
    let fill = if response.hovered() {
        tones.stage.lerp_to_gamma(ui.visuals().strong_text_color(), 0.12)
    } else {
        tones.stage
    };
    let painter = ui.painter();
    painter.rect_filled(rect, CornerRadius::same(6), fill);
    let texture = state.thumbnails.get(part, shown.brush.color);
    paint_part(painter, rect.shrink(3.0), texture, tones.weak);
    if texture.is_none() && side > 60.0 {
        let text = painter.layout(name.clone(), egui::FontId::proportional(9.5), tones.weak, side - 8.0);
        let clip = painter.with_clip_rect(rect.shrink(2.0));
        clip.galley(pos2(rect.left() + 4.0, rect.bottom() - 4.0 - text.size().y.min(24.0)), text, tones.weak);
    }
    if in_hand {
        painter.rect_stroke(rect, CornerRadius::same(6), Stroke::new(2.0, tones.accent), StrokeKind::Inside);
    }
    let star = egui::Rect::from_min_size(pos2(rect.right() - 19.0, rect.top() + 3.0), vec2(16.0, 16.0));
    let over_star = side > 60.0 && response.hover_pos().is_some_and(|at| star.expand(2.0).contains(at));
    if side > 60.0 && (favorite || response.hovered()) {
        let icon = if favorite { Icon::StarFilled } else { Icon::Star };
        let color = if favorite || over_star { tones.accent } else { tones.weak };
        icon.paint(painter, star, color);
    }
    if response.clicked() {
        if over_star {
            toggle_favorite(shown, part);
        } else {
            shown.send(EditorAction::Take(part.clone()));
        }
    } else if response.drag_started_by(egui::PointerButton::Primary) {
        state.parts.dragged = Some(part.clone());
        shown.send(EditorAction::Take(part.clone()));
    }
    response.context_menu(|ui| cell_menu(ui, part, favorite, shown));
    let dragging = state.parts.dragged.is_some();
    if !dragging {
        response.on_hover_ui(|ui| tooltip(ui, part, info, over_star, favorite));
    }
}

fn toggle_favorite(shown: &mut Shown, part: &PartId) {
    let favorites = &mut shown.settings.favorite_parts;
    match favorites.iter().position(|known| known == part) {
        Some(i) => drop(favorites.remove(i)),
        None => favorites.push(part.clone()),
    }
}

fn cell_menu(ui: &mut Ui, part: &PartId, favorite: bool, shown: &mut Shown) {
    ui.set_min_width(180.0);
    if ui.button("Take in hand").clicked() {
        shown.send(EditorAction::Take(part.clone()));
        ui.close();
    }
    let selected = shown.availability.selected > 0;
    let replace = ui.add_enabled(selected, egui::Button::new("Replace the selection with it"));
    if replace.on_disabled_hover_text("Select a piece first").clicked() {
        shown.send(EditorAction::ReplaceWith(Content::Part(part.clone())));
        ui.close();
    }
    if ui.button(if favorite { "Remove from favorites" } else { "Add to favorites" }).clicked() {
        toggle_favorite(shown, part);
        ui.close();
    }
    if ui.button("Copy its number").clicked() {
        ui.ctx().copy_text(part.to_string());
        ui.close();
    }
}

fn tooltip(ui: &mut Ui, part: &PartId, info: Option<&PartInfo>, over_star: bool, favorite: bool) {
    if over_star {
        ui.label(if favorite { "Remove from favorites" } else { "Add to favorites" });
        return;
    }
    match info {
        Some(info) => {
            ui.strong(tidy(&info.name));
            ui.weak(format!("{part} · {}", info.category));
            match info.source {
                Source::BuiltIn | Source::Library => {}
                Source::Embedded => drop(ui.weak("Comes with this design")),
                Source::Placeholder => drop(ui.weak("Nobody has its shape; a box stands in")),
            }
        }
        None => {
            ui.strong(part.to_string());
            ui.weak("This catalog does not have it");
        }
    }
}
