//! The parts list: which parts in which colors, and how many of each. A click selects them; it can be written as CSV or
//! as a BrickLink wanted list.

use super::icons::Icon;
use super::widgets::{color_name, count, paint_part, paint_swatch};
use super::{PanelState, Shown, theme};
use crate::document::action::EditorAction;
use crate::feedback::{Dialog, PathPurpose};
use bevy_egui::egui::{
    self, Align2, CornerRadius, FontId, Painter, Rect, RichText, Sense, Ui, WidgetInfo, WidgetType, pos2, vec2,
};
use std::collections::{BTreeMap, BTreeSet};
use studwork_core::{ColorRef, Content, PartId, SubmodelId};

/// What the panel remembers.
#[derive(Default)]
pub struct PartsListState {
    sort: Column,
    descending: bool,
    only_open: bool,
    rows: Option<Counted>,
    total: Option<(u64, usize)>,
}

#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
enum Column {
    #[default]
    Name,
    Number,
    Color,
    Count,
}

/// The rows, and what they were counted for.
struct Counted {
    generation: u64,
    submodel: SubmodelId,
    sort: (Column, bool),
    catalog: usize,
    rows: Vec<Row>,
    total: usize,
    kinds: usize,
    colors: usize,
}

struct Row {
    part: PartId,
    color: ColorRef,
    name: String,
    color_name: String,
    count: usize,
}

impl PartsListState {
    /// How many parts the whole design has.
    pub fn total(&mut self, shown: &Shown) -> usize {
        let generation = shown.document.generation();
        match self.total {
            Some((of, total)) if of == generation => total,
            _ => {
                let total = shown.document.design().part_count();
                self.total = Some((generation, total));
                total
            }
        }
    }
}

const ROW: f32 = 34.0;

/// Draws the panel.
pub fn parts_list_ui(ui: &mut Ui, shown: &mut Shown, state: &mut PanelState) {
    count_parts(shown, &mut state.parts_list);
    let Some(counted) = state.parts_list.rows.take() else { return };
    summary(ui, shown, state, &counted);
    if counted.rows.is_empty() {
        super::widgets::empty_note(ui, Icon::Brick, "No pieces yet", "What you place is counted here");
    } else {
        header(ui, &mut state.parts_list);
        ui.spacing_mut().item_spacing.y = 0.0;
        egui::ScrollArea::vertical().id_salt("parts list").auto_shrink([false, false]).show_rows(
            ui,
            ROW,
            counted.rows.len(),
            |ui, range| {
                for row in &counted.rows[range] {
                    row_ui(ui, row, shown, state);
                }
            },
        );
    }
    state.parts_list.rows = Some(counted);
}

fn summary(ui: &mut Ui, shown: &mut Shown, state: &mut PanelState, counted: &Counted) {
    let text = format!(
        "{}, {}, {}",
        count(counted.total, "piece"),
        count(counted.kinds, "different part"),
        count(counted.colors, "color")
    );
    ui.add(egui::Label::new(RichText::new(text).strong()).wrap());
    ui.horizontal(|ui| {
        if shown.document.design().submodels().count() > 1 {
            ui.selectable_value(&mut state.parts_list.only_open, false, "Whole design");
            ui.selectable_value(&mut state.parts_list.only_open, true, "Open submodel");
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.menu_button("Export…", |ui| {
                ui.set_min_width(190.0);
                for (label, extension) in [("Table (CSV)…", "csv"), ("BrickLink wanted list (XML)…", "xml")] {
                    if ui.button(label).clicked() {
                        let text = export_path(shown, extension);
                        shown.dialog.0 = Some(Dialog::Path { purpose: PathPurpose::Export, text });
                        ui.close();
                    }
                }
            });
        });
    });
    ui.add_space(2.0);
}

/// Beside the design's file, named after it.
fn export_path(shown: &Shown, extension: &str) -> String {
    let name = format!("{} parts.{extension}", shown.document.name());
    let folder = shown.document.path().or(shown.document.imported_from()).and_then(std::path::Path::parent);
    let folder = folder
        .map(std::path::Path::to_owned)
        .or_else(|| directories::UserDirs::new().map(|dirs| dirs.document_dir().unwrap_or(dirs.home_dir()).to_owned()));
    folder.unwrap_or_default().join(name).to_string_lossy().into_owned()
}

/// Where the columns begin and end.
struct Columns {
    picture: f32,
    text: f32,
    color: f32,
    count: f32,
}

fn columns(rect: Rect) -> Columns {
    let width = rect.width();
    Columns {
        picture: rect.left() + 2.0,
        text: rect.left() + 38.0,
        color: rect.left() + 38.0 + (width - 88.0) * 0.6,
        count: rect.right() - 10.0,
    }
}

fn header(ui: &mut Ui, state: &mut PartsListState) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 22.0), Sense::hover());
    let at = columns(rect);
    let half = (at.text + at.color) / 2.0 + 14.0;
    for (column, title, from, to, align) in [
        (Column::Name, "Part", at.text, half, Align2::LEFT_CENTER),
        (Column::Number, "Number", half, at.color - 4.0, Align2::LEFT_CENTER),
        (Column::Color, "Color", at.color, at.count - 38.0, Align2::LEFT_CENTER),
        (Column::Count, "Count", at.count - 38.0, at.count, Align2::RIGHT_CENTER),
    ] {
        let area = Rect::from_x_y_ranges(from..=to.max(from), rect.y_range());
        let response = ui.interact(area, ui.id().with(title), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, format!("Sort by {title}")));
        if response.clicked() {
            state.descending = state.sort == column && !state.descending;
            state.sort = column;
        }
        let tones = theme::tones(ui);
        let chosen = state.sort == column;
        let color = if chosen || response.hovered() { ui.visuals().strong_text_color() } else { tones.weak };
        let x = if align == Align2::LEFT_CENTER { from } else { to };
        let drawn = ui.painter().text(pos2(x, rect.center().y), align, title, FontId::proportional(11.5), color);
        if chosen {
            let icon = if state.descending { Icon::Up } else { Icon::Down };
            let x = if align == Align2::LEFT_CENTER { drawn.right() + 8.0 } else { drawn.left() - 8.0 };
            icon.paint(ui.painter(), Rect::from_center_size(pos2(x, rect.center().y), vec2(12.0, 12.0)), color);
        }
    }
}

fn row_ui(ui: &mut Ui, row: &Row, shown: &mut Shown, state: &mut PanelState) {
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), ROW));
    let response = ui.interact(rect, ui.id().with((&row.part, row.color)), Sense::click());
    let label = format!("{} {}, {}", row.count, row.name, row.color_name);
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, &label));
    let tones = theme::tones(ui);
    if response.hovered() {
        ui.painter().rect_filled(
            rect.shrink2(vec2(0.0, 1.0)),
            CornerRadius::same(5),
            ui.visuals().widgets.hovered.weak_bg_fill,
        );
    }
    let at = columns(rect);
    let painter = ui.painter();
    let texture = state.thumbnails.get(&row.part, row.color);
    let picture = Rect::from_min_size(pos2(at.picture, rect.top() + 2.0), vec2(30.0, 30.0));
    painter.rect_filled(picture, CornerRadius::same(5), tones.stage);
    paint_part(painter, picture.shrink(1.0), texture, tones.weak);
    let (upper, lower) = (rect.center().y - 7.0, rect.center().y + 7.5);
    let text = ui.visuals().text_color();
    let clipped = |painter: &Painter, x: f32, to: f32, y: f32, words: &str, size: f32, color| {
        let clip =
            painter.with_clip_rect(Rect::from_x_y_ranges(x..=to.max(x), rect.y_range()).intersect(painter.clip_rect()));
        clip.text(pos2(x, y), Align2::LEFT_CENTER, words, FontId::proportional(size), color);
    };
    clipped(painter, at.text, at.color - 6.0, upper, &row.name, 12.5, text);
    clipped(painter, at.text, at.color - 6.0, lower, row.part.as_str(), 11.0, tones.weak);
    let swatch = Rect::from_center_size(pos2(at.color + 6.0, rect.center().y), vec2(13.0, 13.0));
    paint_swatch(painter, swatch, &shown.palette.resolve(row.color), 3);
    clipped(painter, at.color + 17.0, at.count - 30.0, rect.center().y, &row.color_name, 12.0, text);
    painter.text(
        pos2(at.count, rect.center().y),
        Align2::RIGHT_CENTER,
        row.count.to_string(),
        FontId::proportional(13.0),
        ui.visuals().strong_text_color(),
    );
    if response.clicked() {
        let design = shown.document.design();
        let wanted = Content::Part(row.part.clone());
        let pieces: Vec<_> = design
            .pieces_in(shown.document.active())
            .filter(|piece| piece.content == wanted && piece.color == row.color)
            .map(|piece| piece.id)
            .collect();
        if pieces.is_empty() {
            state.say("These pieces are in other submodels; open one to select them there");
        } else {
            let also = ui.input(|input| input.modifiers.shift || input.modifiers.command);
            shown.send(if also { EditorAction::SelectAlso(pieces) } else { EditorAction::Select(pieces) });
        }
    }
    response.context_menu(|ui| {
        if ui.button("Take one in hand").clicked() {
            shown.send(EditorAction::SetColor(row.color));
            shown.send(EditorAction::Take(row.part.clone()));
            ui.close();
        }
        if ui.button("Copy its number").clicked() {
            ui.ctx().copy_text(row.part.to_string());
            ui.close();
        }
    });
    response.on_hover_text(format!("{}\n{} · {}\nClick to select these pieces", row.name, row.part, row.color_name));
}

fn count_parts(shown: &Shown, state: &mut PartsListState) {
    let design = shown.document.design();
    let submodel = if state.only_open { shown.document.active() } else { design.main() };
    let (generation, sort) = (shown.document.generation(), (state.sort, state.descending));
    let catalog = std::sync::Arc::as_ptr(shown.catalog) as usize;
    let fresh = |c: &Counted| (c.generation, c.submodel, c.sort, c.catalog) == (generation, submodel, sort, catalog);
    if state.rows.as_ref().is_some_and(fresh) {
        return;
    }
    let mut counts: BTreeMap<(PartId, ColorRef), usize> = BTreeMap::new();
    design.flatten(submodel, &mut |piece| *counts.entry((piece.part.clone(), piece.color)).or_default() += 1);
    let total = counts.values().sum();
    let colors = counts.keys().map(|(_, color)| *color).collect::<BTreeSet<_>>().len();
    let mut names: BTreeMap<PartId, String> = BTreeMap::new();
    let mut rows: Vec<Row> = counts
        .into_iter()
        .map(|((part, color), count)| {
            let name = names
                .entry(part.clone())
                .or_insert_with(|| super::parts::name_of(shown, &part).unwrap_or_else(|| "Unknown part".into()));
            Row { name: name.clone(), color_name: color_name(shown.palette, color), part, color, count }
        })
        .collect();
    match state.sort {
        Column::Name => rows.sort_by(|a, b| (&a.name, &a.color_name).cmp(&(&b.name, &b.color_name))),
        Column::Number => {}
        Column::Color => rows.sort_by(|a, b| (&a.color_name, &a.name).cmp(&(&b.color_name, &b.name))),
        Column::Count => rows.sort_by(|a, b| (b.count, &a.name).cmp(&(a.count, &b.name))),
    }
    if state.descending {
        rows.reverse();
    }
    let kinds = names.len();
    state.rows = Some(Counted { generation, submodel, sort, catalog, rows, total, kinds, colors });
}
