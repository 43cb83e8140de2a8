//! Taking apart and rebuilding: the order with its slider, and the tray with what came off.

use super::icons::Icon;
use super::widgets::{color_name, count, empty_note, icon_button, paint_part, paint_swatch};
use super::{PanelState, Shown, theme};
use crate::document::action::EditorAction;
use bevy_egui::egui::{
    self, Align2, CornerRadius, FontId, ProgressBar, Rect, RichText, Sense, Slider, Ui, WidgetInfo, WidgetType, pos2,
    vec2,
};
use studwork_core::take_apart::{BuildSession, Phase, TrayRow};

const ROW: f32 = 44.0;

/// Draws the panel.
pub fn take_apart_ui(ui: &mut Ui, shown: &mut Shown, state: &mut PanelState) {
    let document = shown.document;
    let session = document.design().build_session().filter(|_| shown.mode.active);
    let Some(session) = session else {
        introduction(ui, shown);
        return;
    };
    let (off, all) = session.progress();
    let rebuilding = session.phase == Phase::Rebuilding;
    ui.horizontal(|ui| {
        for (back, text, tip) in
            [(false, "Take apart", "A click takes a piece off"), (true, "Rebuild", "Build it again from the tray")]
        {
            if ui.selectable_label(rebuilding == back, text).on_hover_text(tip).clicked() && rebuilding != back {
                shown.actions.push(EditorAction::Rebuild(back));
            }
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if ui.button("Done").on_hover_text("Leave; the copy remembers how far it is").clicked() {
                shown.actions.push(EditorAction::LeaveTakeApart);
            }
        });
    });
    let (done, what) = if rebuilding { (all - off, "on") } else { (off, "off") };
    let share = if all == 0 { 0.0 } else { done as f32 / all as f32 };
    ui.label(format!("{done} of {all} {what}"));
    ui.add(ProgressBar::new(share).fill(theme::tones(ui).accent).desired_height(8.0));
    order_ui(ui, shown, session);
    ui.separator();
    tray_ui(ui, shown, state, session);
}

fn introduction(ui: &mut Ui, shown: &mut Shown) {
    let (title, text) = if shown.mode.finding {
        ("Finding the order …", "Which piece comes off when,\neach with a clear way out.")
    } else {
        ("Take it apart", "Pieces come off one by one and lie in a tray.\nThen build it again. The model itself stays.")
    };
    empty_note(ui, Icon::Group, title, text);
    if shown.mode.finding {
        ui.vertical_centered(|ui| ui.spinner());
        return;
    }
    let begun = shown.document.design().build_session().is_some();
    let ready = shown.availability.pieces > 0;
    ui.vertical_centered(|ui| {
        let text = if begun { "Go on" } else { "Take apart" };
        ui.add_enabled_ui(ready, |ui| {
            if super::dialogs::main_button(ui, ready, text) {
                shown.actions.push(EditorAction::TakeApart);
            }
        });
        if begun
            && ui.button("Forget it").on_hover_text("All pieces are on again; how far you were is forgotten").clicked()
        {
            shown.actions.push(EditorAction::ForgetTakeApart);
        }
    });
}

fn order_ui(ui: &mut Ui, shown: &mut Shown, session: &BuildSession) {
    let (off, all) = session.progress();
    let rebuilding = session.phase == Phase::Rebuilding;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        if icon_button(ui, Icon::Previous, "Put the last piece back", false).clicked() {
            shown.actions.push(EditorAction::PutBackLast);
        }
        let (icon, tip) = match (shown.mode.playing, rebuilding) {
            (true, _) => (Icon::Pause, "Stop"),
            (false, false) => (Icon::Play, "Take apart all"),
            (false, true) => (Icon::Play, "Rebuild all"),
        };
        if icon_button(ui, icon, tip, shown.mode.playing).clicked() {
            shown.actions.push(EditorAction::PlayTakeApart);
        }
        if icon_button(ui, Icon::Next, "Take the next piece off", false).clicked() {
            shown.actions.push(EditorAction::TakeOffNext);
        }
        let mut at = off;
        ui.spacing_mut().slider_width = (ui.available_width() - 8.0).max(40.0);
        let slider = Slider::new(&mut at, 0..=all).show_value(false);
        if ui.add(slider).on_hover_text("How many pieces are off, in the order").changed() {
            shown.actions.push(EditorAction::TakeApartTo(at));
        }
    });
    ui.horizontal(|ui| {
        ui.label("Explode");
        let mut amount = shown.mode.explode;
        ui.spacing_mut().slider_width = (ui.available_width() - 8.0).max(40.0);
        if ui.add(Slider::new(&mut amount, 0.0..=1.0).show_value(false)).changed() {
            shown.actions.push(EditorAction::Explode(amount));
        }
    });
    if rebuilding {
        let mut freely = shown.mode.freely;
        let tip = "Pieces may go anywhere, but only those of the tray are there";
        if ui.checkbox(&mut freely, "Build freely with these pieces").on_hover_text(tip).changed() {
            shown.actions.push(EditorAction::BuildFreely(freely));
        }
    } else {
        let mut only = shown.mode.only_free;
        let text = "Only pieces that can be pulled out straight";
        if ui.checkbox(&mut only, text).changed() {
            shown.actions.push(EditorAction::OnlyFreeWays(only));
        }
    }
    let minutes = session.elapsed / 60;
    ui.label(RichText::new(format!("Time spent: {minutes}:{:02}", session.elapsed % 60)).color(theme::tones(ui).weak));
}

fn tray_ui(ui: &mut Ui, shown: &mut Shown, state: &mut PanelState, session: &BuildSession) {
    let rows = session.tray(shown.document.design());
    let pieces: usize = rows.iter().map(|row| row.count).sum();
    ui.label(RichText::new(format!("Tray: {}", count(pieces, "piece"))).strong());
    if rows.is_empty() {
        let text = if session.phase == Phase::Rebuilding { "Everything is on." } else { "What comes off lies here." };
        ui.weak(text);
        return;
    }
    if session.phase == Phase::Rebuilding {
        ui.weak(if shown.mode.freely {
            "Click a heap, then build with it"
        } else {
            "Click a heap: its places are shown"
        });
    }
    ui.spacing_mut().item_spacing.y = 2.0;
    egui::ScrollArea::vertical().id_salt("tray").auto_shrink([false, false]).show_rows(
        ui,
        ROW,
        rows.len(),
        |ui, range| {
            for row in &rows[range] {
                row_ui(ui, row, session.phase == Phase::Rebuilding, shown, state);
            }
        },
    );
}

fn row_ui(ui: &mut Ui, row: &TrayRow, rebuilding: bool, shown: &mut Shown, state: &mut PanelState) {
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), ROW));
    let response = ui.interact(rect, ui.id().with((&row.part, row.color)), Sense::click());
    let name = super::parts::name_of(shown, &row.part).unwrap_or_else(|| row.part.to_string());
    let heap = (row.part.clone(), row.color);
    let chosen = shown.mode.chosen.as_ref() == Some(&heap);
    response.widget_info(|| WidgetInfo::selected(WidgetType::SelectableLabel, true, chosen, &name));
    let tones = theme::tones(ui);
    let fill = match (chosen, response.hovered() && rebuilding) {
        (true, _) => tones.chosen,
        (false, true) => ui.visuals().widgets.hovered.weak_bg_fill,
        (false, false) => tones.raised,
    };
    let painter = ui.painter();
    painter.rect_filled(rect, CornerRadius::same(5), fill);
    let picture = Rect::from_min_size(rect.min + vec2(3.0, 3.0), vec2(ROW - 6.0, ROW - 6.0));
    painter.rect_filled(picture, CornerRadius::same(4), tones.stage);
    paint_part(painter, picture.shrink(1.0), state.thumbnails.get(&row.part, row.color), tones.weak);
    let number = format!("×{}", row.count);
    let number = painter.text(
        pos2(rect.right() - 8.0, rect.center().y),
        Align2::RIGHT_CENTER,
        number,
        FontId::proportional(14.0),
        ui.visuals().strong_text_color(),
    );
    let left = picture.right() + 8.0;
    let clip = painter.with_clip_rect(
        Rect::from_x_y_ranges(left..=(number.left() - 6.0).max(left), rect.y_range()).intersect(ui.clip_rect()),
    );
    let text = ui.visuals().text_color();
    clip.text(pos2(left, rect.center().y - 8.0), Align2::LEFT_CENTER, &name, FontId::proportional(12.5), text);
    let color = shown.palette.resolve(row.color);
    let swatch = Rect::from_center_size(pos2(left + 6.0, rect.center().y + 9.0), vec2(11.0, 11.0));
    paint_swatch(painter, swatch, &color, 3);
    clip.text(
        pos2(left + 16.0, rect.center().y + 9.0),
        Align2::LEFT_CENTER,
        color_name(shown.palette, row.color),
        FontId::proportional(11.5),
        tones.weak,
    );
    if rebuilding && response.clicked() {
        shown.send(EditorAction::ChooseHeap((!chosen).then_some(heap)));
    }
    response.on_hover_text(name);
}
