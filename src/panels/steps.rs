//! Submodels, and the building steps of the open one: what is added when, in which order, and what is shown.
//!
//! Every row has the same height, so that a model with hundreds of steps only builds the visible ones.

use super::icons::Icon;
use super::widgets::{count, icon_button, paint_part, paint_swatch};
use super::{PanelState, Shown, submodels, theme};
use crate::document::action::EditorAction;
use bevy_egui::egui::{
    self, Align2, CornerRadius, FontId, Rect, Response, RichText, Sense, Stroke, Ui, WidgetInfo, WidgetType, pos2, vec2,
};
use std::collections::HashSet;
use studwork_core::{Content, PartId, PieceId, StepId, Submodel};

/// What the panel remembers.
#[derive(Default)]
pub struct StepsState {
    open: HashSet<StepId>,
    /// The step that was scrolled to last, so that a change scrolls once.
    followed: Option<usize>,
    pub(super) submodels: submodels::SubmodelsState,
}

/// One line of the list.
#[derive(Copy, Clone)]
enum Row {
    Step(usize),
    Piece(PieceId),
}

const ROW: f32 = 30.0;

/// Draws the panel.
pub fn steps_ui(ui: &mut Ui, shown: &mut Shown, state: &mut PanelState) {
    submodels::submodels_ui(ui, shown, state);
    ui.add_space(4.0);
    let design = shown.document.design();
    let Some(model) = design.submodel(shown.document.active()) else { return };
    bar(ui, shown, model);
    let rows = rows_of(model, &state.steps.open);
    let follow = follow(shown, state, &rows);
    let mut area = egui::ScrollArea::vertical()
        .id_salt(("steps", model.id))
        .auto_shrink([false, false])
        .scroll_source(egui::scroll_area::ScrollSource::SCROLL_BAR | egui::scroll_area::ScrollSource::MOUSE_WHEEL);
    if let Some(row) = follow {
        let offset = row as f32 * ROW - ui.available_height() * 0.4;
        area = area.vertical_scroll_offset(offset.max(0.0));
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    area.show_rows(ui, ROW, rows.len(), |ui, range| {
        for &row in &rows[range] {
            match row {
                Row::Step(index) => step_row(ui, index, model, shown, state),
                Row::Piece(piece) => piece_row(ui, piece, shown, state),
            }
        }
    });
}

fn rows_of(model: &Submodel, open: &HashSet<StepId>) -> Vec<Row> {
    let mut rows = Vec::with_capacity(model.steps.len());
    for (i, step) in model.steps.iter().enumerate() {
        rows.push(Row::Step(i));
        if open.contains(&step.id) {
            rows.extend(step.pieces().map(Row::Piece));
        }
    }
    rows
}

/// The row to scroll to, when another step came to be shown.
fn follow(shown: &Shown, state: &mut PanelState, rows: &[Row]) -> Option<usize> {
    let wanted = shown.view.up_to_step.map(|n| n.saturating_sub(1));
    if wanted == state.steps.followed {
        return None;
    }
    state.steps.followed = wanted;
    let wanted = wanted?;
    rows.iter().position(|row| matches!(row, Row::Step(i) if *i == wanted))
}

fn bar(ui: &mut Ui, shown: &mut Shown, model: &Submodel) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        ui.label(RichText::new("Steps").strong());
        ui.label(RichText::new(format!(" {}", model.steps.len())).color(theme::tones(ui).weak));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let splitting = shown.availability.selected > 0;
            if icon_button(ui, Icon::All, "Show all steps", shown.view.up_to_step.is_none()).clicked() {
                shown.actions.push(EditorAction::ShowStep(None));
            }
            if icon_button(ui, Icon::Next, "One step further ( ] )", false).clicked() {
                shown.actions.push(EditorAction::StepForward);
            }
            if icon_button(ui, Icon::Previous, "One step back ( [ )", false).clicked() {
                shown.actions.push(EditorAction::StepBack);
            }
            let split = "New step from the selected pieces";
            if ui.add_enabled_ui(splitting, |ui| icon_button(ui, Icon::Export, split, false).clicked()).inner {
                shown.actions.push(EditorAction::SplitStep);
            }
            if icon_button(ui, Icon::Plus, "New step (Ctrl+Enter)", false).clicked() {
                shown.actions.push(EditorAction::AddStep);
            }
        });
    });
    ui.add_space(2.0);
}

fn step_row(ui: &mut Ui, index: usize, model: &Submodel, shown: &mut Shown, state: &mut PanelState) {
    let Some(step) = model.steps.get(index) else { return };
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), ROW));
    let response = ui.interact(rect, ui.id().with(step.id), Sense::click_and_drag());
    let pieces = step.pieces().count();
    let title = format!("Step {}", index + 1);
    response
        .widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, format!("{title}, {}", count(pieces, "piece"))));

    let tones = theme::tones(ui);
    let last = index + 1 == model.steps.len();
    let current = shown.document.current_step().map_or(last, |id| id == step.id);
    let after = shown.view.up_to_step.is_some_and(|n| index >= n);
    let painter = ui.painter();
    let body = rect.shrink2(vec2(0.0, 1.0));
    let fill = match (current, response.hovered()) {
        (true, _) => tones.chosen,
        (false, true) => ui.visuals().widgets.hovered.weak_bg_fill,
        (false, false) => tones.raised,
    };
    painter.rect_filled(body, CornerRadius::same(5), if after { fill.gamma_multiply(0.5) } else { fill });
    let fold = Rect::from_center_size(pos2(rect.left() + 12.0, rect.center().y), vec2(14.0, 14.0));
    let open = state.steps.open.contains(&step.id);
    if pieces > 0 {
        (if open { Icon::Unfold } else { Icon::Fold }).paint(painter, fold, tones.weak);
    }
    let strong = if after { tones.weak } else { ui.visuals().strong_text_color() };
    painter.text(
        pos2(rect.left() + 24.0, rect.center().y),
        Align2::LEFT_CENTER,
        &title,
        FontId::proportional(13.0),
        strong,
    );
    let number = painter.text(
        pos2(rect.right() - 8.0, rect.center().y),
        Align2::RIGHT_CENTER,
        pieces.to_string(),
        FontId::proportional(12.0),
        tones.weak,
    );
    row_pictures(ui, rect.left() + 84.0, number.left() - 8.0, rect, step.pieces(), shown, state);

    if response.clicked() {
        let at_fold = response.interact_pointer_pos().is_some_and(|at| at.x < rect.left() + 22.0);
        if at_fold && pieces > 0 {
            if !state.steps.open.remove(&step.id) {
                state.steps.open.insert(step.id);
            }
        } else {
            shown.send(EditorAction::CurrentStep(Some(step.id)));
        }
    }
    if response.double_clicked() {
        shown.send(EditorAction::ShowStep(Some(index + 1)));
    }
    reorder(ui, &response, rect, index, model, shown);
    response.context_menu(|ui| step_menu(ui, index, model, shown));
    if !response.dragged() {
        response.on_hover_text("Click: new pieces go here. Double click: show the model up to here. Drag to reorder.");
    }
}

/// The first different parts of a step, as many as have room.
fn row_pictures(
    ui: &Ui,
    from: f32,
    to: f32,
    rect: Rect,
    pieces: impl Iterator<Item = PieceId>,
    shown: &Shown,
    state: &mut PanelState,
) {
    let side = ROW - 6.0;
    let room = ((to - from) / (side + 2.0)).floor().max(0.0) as usize;
    let design = shown.document.design();
    let mut drawn: Vec<(&PartId, studwork_core::ColorRef)> = Vec::new();
    for piece in pieces.take(60).filter_map(|id| design.piece(id)) {
        let Content::Part(part) = &piece.content else { continue };
        if drawn.len() >= room {
            break;
        }
        if !drawn.contains(&(part, piece.color)) {
            drawn.push((part, piece.color));
        }
    }
    for (i, (part, color)) in drawn.into_iter().enumerate() {
        let at = pos2(from + i as f32 * (side + 2.0), rect.center().y - side / 2.0);
        let area = Rect::from_min_size(at, vec2(side, side));
        match state.thumbnails.get(part, color) {
            Some(texture) => {
                let tones = theme::tones(ui);
                ui.painter().rect_filled(area, CornerRadius::same(4), tones.stage);
                paint_part(ui.painter(), area.shrink(1.0), Some(texture), tones.weak);
            }
            None => paint_swatch(ui.painter(), area.shrink(6.0), &shown.palette.resolve(color), 3),
        }
    }
}

/// A row that is dragged can be dropped between others.
fn reorder(ui: &Ui, response: &Response, rect: Rect, index: usize, model: &Submodel, shown: &mut Shown) {
    let Some(step) = model.steps.get(index) else { return };
    if response.drag_started() {
        response.dnd_set_drag_payload(step.id);
    }
    if response.dragged() {
        ui.ctx().set_cursor_icon(egui::CursorIcon::Grabbing);
    }
    let Some(pointer) = ui.input(|input| input.pointer.hover_pos()) else { return };
    let below = pointer.y > rect.center().y;
    let before = if below { index + 1 } else { index };
    if response.dnd_hover_payload::<StepId>().is_some() {
        let y = if below { rect.bottom() } else { rect.top() };
        ui.painter().hline(rect.x_range(), y, Stroke::new(2.0, theme::tones(ui).accent));
    }
    if let Some(moved) = response.dnd_release_payload::<StepId>() {
        let from = model.steps.iter().position(|step| step.id == *moved);
        if let Some(from) = from {
            let to = if from < before { before - 1 } else { before };
            if to != from {
                shown.send(EditorAction::MoveStep(*moved, to));
            }
        }
    }
}

fn step_menu(ui: &mut Ui, index: usize, model: &Submodel, shown: &mut Shown) {
    ui.set_min_width(210.0);
    let Some(step) = model.steps.get(index) else { return };
    let id = step.id;
    let mut entry = |ui: &mut Ui, enabled: bool, text: &str, action: &dyn Fn() -> EditorAction| {
        if ui.add_enabled(enabled, egui::Button::new(text)).clicked() {
            shown.actions.push(action());
            ui.close();
        }
    };
    let last = model.steps.len() - 1;
    entry(ui, true, "Show the model up to here", &|| EditorAction::ShowStep(Some(index + 1)));
    entry(ui, true, "Put new pieces here", &|| EditorAction::CurrentStep(Some(id)));
    entry(ui, step.pieces().next().is_some(), "Select its pieces", &|| EditorAction::Select(step.pieces().collect()));
    entry(ui, shown.availability.selected > 0, "Move the selection here", &|| EditorAction::MoveToStep(id));
    ui.separator();
    entry(ui, index > 0, "Move up", &|| EditorAction::MoveStep(id, index - 1));
    entry(ui, index < last, "Move down", &|| EditorAction::MoveStep(id, index + 1));
    entry(ui, index > 0, "Merge with the step before", &|| EditorAction::MergeStep(id));
    ui.separator();
    entry(ui, true, "Delete with its pieces", &|| EditorAction::DeleteStep(id));
}

fn piece_row(ui: &mut Ui, id: PieceId, shown: &mut Shown, state: &mut PanelState) {
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), ROW));
    let design = shown.document.design();
    let Some(piece) = design.piece(id) else { return };
    let response = ui.interact(rect, ui.id().with(id), Sense::click());
    let tones = theme::tones(ui);
    let selected = shown.selection.contains(id);
    let body = rect.shrink2(vec2(0.0, 1.0)).with_min_x(rect.left() + 22.0);
    if selected || response.hovered() {
        let fill = if selected { tones.chosen } else { ui.visuals().widgets.hovered.weak_bg_fill };
        ui.painter().rect_filled(body, CornerRadius::same(5), fill);
    }
    let picture = Rect::from_min_size(pos2(body.left() + 4.0, rect.top() + 3.0), vec2(24.0, 24.0));
    let swatch = Rect::from_center_size(pos2(body.left() + 40.0, rect.center().y), vec2(12.0, 12.0));
    let name = match &piece.content {
        Content::Part(part) => {
            let texture = state.thumbnails.get(part, piece.color);
            ui.painter().rect_filled(picture, CornerRadius::same(4), tones.stage);
            paint_part(ui.painter(), picture.shrink(1.0), texture, tones.weak);
            super::parts::name_of(shown, part).unwrap_or_else(|| part.to_string())
        }
        Content::Submodel(model) => {
            Icon::Model.paint(ui.painter(), picture.shrink(3.0), tones.weak);
            design.submodel(*model).map_or_else(String::new, |model| model.name.clone())
        }
    };
    paint_swatch(ui.painter(), swatch, &shown.palette.resolve(piece.color), 3);
    response.widget_info(|| WidgetInfo::selected(WidgetType::SelectableLabel, true, selected, &name));
    let clip = ui.painter().with_clip_rect(body.shrink2(vec2(4.0, 0.0)).intersect(ui.clip_rect()));
    let color = ui.visuals().text_color();
    clip.text(pos2(body.left() + 52.0, rect.center().y), Align2::LEFT_CENTER, &name, FontId::proportional(12.5), color);
    if response.clicked() {
        let also = ui.input(|input| input.modifiers.shift || input.modifiers.command);
        shown.send(if also { EditorAction::SelectAlso(vec![id]) } else { EditorAction::Select(vec![id]) });
    }
}
