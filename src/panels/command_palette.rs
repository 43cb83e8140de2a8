//! The list of everything that can be done, searched as one types.

use super::{PanelState, Shown, keys, theme};
use crate::document::action::{ACTIONS, ActionInfo};
use bevy_egui::egui::{
    self, Align2, CornerRadius, FontId, Key, Modifiers, Sense, TextEdit, Ui, WidgetInfo, WidgetType, pos2, vec2,
};

const ROW: f32 = 28.0;

/// Draws the list; whether it should close.
pub fn palette_ui(
    ui: &mut Ui,
    query: &mut String,
    chosen: &mut usize,
    shown: &mut Shown,
    state: &mut PanelState,
) -> bool {
    ui.set_width(520.0_f32.min(ui.ctx().content_rect().width() - 60.0));
    // Before the field, which would move its cursor with them.
    let (up, down, enter) = ui.input_mut(|input| {
        (
            input.count_and_consume_key(Modifiers::NONE, Key::ArrowUp),
            input.count_and_consume_key(Modifiers::NONE, Key::ArrowDown),
            input.consume_key(Modifiers::NONE, Key::Enter),
        )
    });
    let before = query.clone();
    let field = ui.add(
        TextEdit::singleline(query)
            .id(egui::Id::new("command search"))
            .hint_text("What do you want to do?")
            .font(FontId::proportional(15.0))
            .margin(egui::Margin::symmetric(8, 6))
            .desired_width(f32::INFINITY),
    );
    if state.dialogs.is_new("commands") {
        field.request_focus();
    }
    if *query != before {
        *chosen = 0;
    }
    let found = search(query);
    let moved = up + down > 0;
    *chosen = (*chosen + down).saturating_sub(up).min(found.len().saturating_sub(1));
    ui.add_space(6.0);
    if found.is_empty() {
        ui.weak("Nothing is called that.");
        return false;
    }
    let mut done = enter && run(found.get(*chosen).copied(), shown, state);
    ui.spacing_mut().item_spacing.y = 0.0;
    egui::ScrollArea::vertical().max_height(ROW * 12.0).auto_shrink([false, true]).show(ui, |ui| {
        for (i, info) in found.iter().enumerate() {
            let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
            line(ui, rect, &response, info, i == *chosen, shown);
            if i == *chosen && moved {
                response.scroll_to_me(None);
            }
            if response.hovered() && ui.input(|input| input.pointer.is_moving()) {
                *chosen = i;
            }
            if response.clicked() {
                done |= run(Some(*info), shown, state);
            }
        }
    });
    done
}

/// Sends the action if it can be taken.
fn run(info: Option<&'static ActionInfo>, shown: &mut Shown, state: &mut PanelState) -> bool {
    let Some(info) = info else { return false };
    match (info.available)(&shown.availability) {
        Ok(()) => {
            shown.send(info.action.clone());
            true
        }
        Err(reason) => {
            state.say(format!("{}: {reason}", info.label));
            false
        }
    }
}

fn line(ui: &Ui, rect: egui::Rect, response: &egui::Response, info: &ActionInfo, chosen: bool, shown: &Shown) {
    response.widget_info(|| WidgetInfo::selected(WidgetType::SelectableLabel, true, chosen, info.label));
    let tones = theme::tones(ui);
    let painter = ui.painter();
    if chosen {
        painter.rect_filled(rect, CornerRadius::same(6), tones.chosen);
    }
    let available = (info.available)(&shown.availability);
    let color = if available.is_ok() { ui.visuals().strong_text_color() } else { tones.weak };
    let y = rect.center().y;
    let name =
        painter.text(pos2(rect.left() + 10.0, y), Align2::LEFT_CENTER, info.label, FontId::proportional(13.5), color);
    let keys = keys::shortcut_text(ui.ctx(), info);
    let keys =
        painter.text(pos2(rect.right() - 10.0, y), Align2::RIGHT_CENTER, keys, FontId::proportional(12.0), tones.weak);
    let note = available.err().unwrap_or(info.tooltip);
    let room = egui::Rect::from_x_y_ranges(
        name.right() + 12.0..=(keys.left() - 12.0).max(name.right() + 12.0),
        rect.y_range(),
    );
    let clip = painter.with_clip_rect(room.intersect(painter.clip_rect()));
    clip.text(pos2(room.left(), y + 1.0), Align2::LEFT_CENTER, note, FontId::proportional(11.5), tones.weak);
}

/// The actions that a query may mean, the best first; all of them for an empty one.
fn search(query: &str) -> Vec<&'static ActionInfo> {
    let mut found: Vec<(i32, &ActionInfo)> =
        ACTIONS.iter().filter_map(|info| Some((score(query, info)?, info))).collect();
    // The sort is stable: equals stay in the order of the menus.
    found.sort_by_key(|(score, _)| -score);
    found.into_iter().map(|(_, info)| info).collect()
}

/// How well an action fits: the query's letters in their order in its label, better at the beginnings of words; else
/// each word somewhere in its tooltip or name.
fn score(query: &str, info: &ActionInfo) -> Option<i32> {
    let query = query.trim().to_lowercase();
    if query.is_empty() {
        return Some(0);
    }
    let label = info.label.to_lowercase();
    if let Some(at) = label.find(&query) {
        let starts_word = at == 0 || !label[..at].ends_with(char::is_alphanumeric);
        return Some(if starts_word { 300 } else { 200 } - at as i32);
    }
    let elsewhere = format!("{label} {} {}", info.tooltip.to_lowercase(), info.id);
    if query.split_whitespace().all(|word| elsewhere.contains(word)) {
        return Some(150);
    }
    let mut letters = label.chars().enumerate();
    let (mut total, mut last, mut previous) = (0, None, ' ');
    for wanted in query.chars().filter(|c| !c.is_whitespace()) {
        loop {
            let (i, letter) = letters.next()?;
            let starts_word = !previous.is_alphanumeric();
            previous = letter;
            if letter == wanted {
                total +=
                    1 + if starts_word { 8 } else { 0 } + if last.is_some_and(|last| last + 1 == i) { 5 } else { 0 };
                last = Some(i);
                break;
            }
        }
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(query: &str) -> &'static str {
        search(query).first().map_or("", |info| info.id)
    }

    #[test]
    fn the_meant_action_comes_first() {
        for (query, id) in [
            ("undo", "edit.undo"),
            ("save as", "file.save_as"),
            ("dupl", "edit.duplicate"),
            ("parallel", "view.orthographic"),
            ("msm", "model.make_submodel"),
            ("glTF", "file.export"),
        ] {
            assert_eq!(first(query), id, "for {query:?}");
        }
        assert!(search("zzqq").is_empty());
        assert_eq!(search("").len(), ACTIONS.len());
    }
}
