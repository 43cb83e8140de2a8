//! The tab with the 3D view: the picture, the pointer's input for camera and tools, and what lies over the picture.
//!
//! The picture fills the tab at the screen's own pixels. Input is taken from the tab's own response, so that a click on
//! a menu or panel above it never reaches the model.

use super::icons::Icon;
use super::widgets::icon_button_sized;
use super::{PanelState, Shown, theme, view_cube};
use crate::document::action::{EditorAction, Panel};
use crate::tools::{Gesture, Tool};
use crate::viewport::PointerInput;
use bevy::math::{UVec2, Vec2};
use bevy_egui::egui::{
    self, Align2, Color32, CornerRadius, CursorIcon, FontId, PointerButton, Pos2, Rect, Response, RichText, Sense,
    Stroke, StrokeKind, Ui, UiBuilder, pos2, vec2,
};

/// Which buttons are held from a press in the view.
#[derive(Default)]
pub struct ViewPanelState {
    primary: bool,
    secondary: bool,
    middle: bool,
    /// Whether egui's keyboard focus should be given up at the end of the frame.
    pub drop_focus: bool,
}

/// Draws the view and fills the input of the viewport.
pub fn view_ui(ui: &mut Ui, shown: &mut Shown, state: &mut PanelState) {
    let scale = ui.ctx().pixels_per_point();
    let rect = whole_pixels(ui.available_rect_before_wrap(), scale);
    let response = ui.interact(rect, ui.id().with("view"), Sense::click_and_drag());
    ui.advance_cursor_after_rect(rect);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Image, true, "3D view"));

    let size = rect.size() * scale;
    shown.viewport.size = UVec2::new((size.x.round() as u32).max(16), (size.y.round() as u32).max(16));
    if ui.ctx().current_pass_index() == 0 {
        take_input(ui, rect, &response, shown, state);
        drop_part(ui, rect, shown, state);
    }

    let painter = ui.painter_at(rect);
    match shown.view_texture {
        Some(id) => {
            let all = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            painter.image(id, rect, all, Color32::WHITE);
        }
        None => drop(painter.rect_filled(rect, CornerRadius::ZERO, theme::tones(ui).sunken)),
    }
    selection_box(ui, rect, shown);
    joint_mark(ui, rect, shown);
    view_cube::view_cube_ui(ui, rect, shown);
    breadcrumb(ui, rect, shown);
    step_indicator(ui, rect, shown);
    empty_hint(ui, rect, shown, state);
    super::submit::framing_ui(ui, rect, shown, state);
    cursor(ui, &response, shown, state);
}

/// The rectangle with its edges on pixels, so that the picture is not blurred.
fn whole_pixels(rect: Rect, scale: f32) -> Rect {
    let round = |p: Pos2| pos2((p.x * scale).round() / scale, (p.y * scale).round() / scale);
    Rect::from_min_max(round(rect.min), round(rect.max))
}

fn take_input(ui: &Ui, rect: Rect, response: &Response, shown: &mut Shown, state: &mut PanelState) {
    let scale = ui.ctx().pixels_per_point();
    let held = &mut state.view;
    let hovered = response.hovered();
    let vec = |v: egui::Vec2| Vec2::new(v.x, v.y);
    // Asking a response within the closure would wait for the lock that the closure holds.
    let (double_clicked, second_clicked) = (response.double_clicked(), response.secondary_clicked());
    ui.input(|input| {
        let pointer = &input.pointer;
        let mut pressed = false;
        let mut released = false;
        let mut begun = false;
        for (button, held) in [
            (PointerButton::Primary, &mut held.primary),
            (PointerButton::Secondary, &mut held.secondary),
            (PointerButton::Middle, &mut held.middle),
        ] {
            let was_held = *held;
            if pointer.button_pressed(button) && hovered {
                *held = true;
                begun = true;
                pressed |= button == PointerButton::Primary;
            }
            // A press and its release may come in one frame.
            if *held && (pointer.button_released(button) || !pointer.button_down(button)) {
                *held = false;
                released |= button == PointerButton::Primary && (was_held || pressed);
            }
        }
        let any = held.primary || held.secondary || held.middle;
        let over = hovered || any || released;
        // What the pointer did before a press is no drag, though it may come in the same frame.
        let since_press = || pointer.latest_pos().zip(pointer.press_origin()).map(|(now, then)| now - then);
        let moved = if begun { since_press().unwrap_or_default() } else { pointer.delta() };
        shown.viewport.input = PointerInput {
            position: pointer.latest_pos().filter(|_| over).map(|at| vec(at - rect.min) * scale),
            delta: if over { vec(moved) * scale } else { Vec2::ZERO },
            pressed,
            held: held.primary,
            released,
            double_clicked,
            second_held: held.secondary,
            second_clicked,
            middle_held: held.middle,
            scroll: if hovered { vec(input.smooth_scroll_delta()) } else { Vec2::ZERO },
            zoom: if hovered { input.zoom_delta() } else { 1.0 },
            shift: input.modifiers.shift,
            command: input.modifiers.command,
            alt: input.modifiers.alt,
        };
    });
}

/// A part that is dragged out of the palette follows the pointer here and is placed where the button goes up.
fn drop_part(ui: &Ui, rect: Rect, shown: &mut Shown, state: &mut PanelState) {
    if state.parts.dragged.is_none() {
        return;
    }
    let scale = ui.ctx().pixels_per_point();
    let (at, down) = ui.input(|input| (input.pointer.latest_pos(), input.pointer.primary_down()));
    let inside = at.filter(|at| rect.contains(*at));
    if let Some(at) = inside {
        let at = (at - rect.min) * scale;
        shown.viewport.input.position = Some(Vec2::new(at.x, at.y));
    }
    if !down {
        state.parts.dragged = None;
        let pose = shown.tools.hand.as_ref().and_then(|hand| hand.pose);
        if let (Some(pose), Some(_)) = (pose, inside) {
            shown.send(EditorAction::Place(pose));
        }
        shown.send(EditorAction::Escape);
    }
}

fn cursor(ui: &Ui, response: &Response, shown: &Shown, state: &PanelState) {
    if !(response.hovered() || state.view.secondary || state.view.middle) {
        return;
    }
    let icon = match shown.tools.tool {
        _ if state.view.secondary => CursorIcon::Grabbing,
        _ if state.view.middle => CursorIcon::AllScroll,
        _ if matches!(&shown.tools.gesture, Some(Gesture::Move(drag)) if drag.blocked) => CursorIcon::NoDrop,
        _ if matches!(shown.tools.gesture, Some(Gesture::Move(_))) => CursorIcon::Move,
        Tool::Select | Tool::TakeApart if shown.view.hovered.is_some() => CursorIcon::PointingHand,
        Tool::Select | Tool::TakeApart | Tool::Place => CursorIcon::Default,
        Tool::Joint if shown.tools.joint.is_some() => CursorIcon::Grab,
        Tool::Joint => CursorIcon::Default,
        Tool::Paint | Tool::PickColor | Tool::Erase => CursorIcon::Crosshair,
    };
    ui.ctx().set_cursor_icon(icon);
}

fn selection_box(ui: &Ui, rect: Rect, shown: &Shown) {
    let Some(Gesture::Box { from, to }) = &shown.tools.gesture else { return };
    let scale = ui.ctx().pixels_per_point();
    let point = |v: Vec2| rect.min + vec2(v.x, v.y) / scale;
    let area = Rect::from_two_pos(point(*from), point(*to)).intersect(rect);
    let accent = theme::tones(ui).accent;
    let painter = ui.painter_at(rect);
    painter.rect_filled(area, CornerRadius::ZERO, accent.gamma_multiply(0.15));
    painter.rect_stroke(area, CornerRadius::ZERO, Stroke::new(1.0, accent), StrokeKind::Inside);
}

/// The axis of the joint under the pointer, with a ring where it turns.
fn joint_mark(ui: &Ui, rect: Rect, shown: &Shown) {
    let Some(mark) = &shown.tools.joint else { return };
    let matrix = shown.viewport.camera.view_projection(shown.viewport.aspect());
    let point = |at: glam::Vec3| {
        let clip = matrix * at.extend(1.0);
        (clip.w > 1e-3).then(|| {
            let ndc = vec2(clip.x, clip.y) / clip.w;
            pos2(rect.center().x + ndc.x * rect.width() / 2.0, rect.center().y - ndc.y * rect.height() / 2.0)
        })
    };
    let tones = theme::tones(ui);
    let painter = ui.painter_at(rect);
    let (center, axis) = (mark.motion.center, mark.motion.axis);
    let line = |from: glam::Vec3, to: glam::Vec3, width: f32, color: Color32| {
        if let (Some(from), Some(to)) = (point(from), point(to)) {
            painter.line_segment([from, to], Stroke::new(width + 2.0, Color32::from_black_alpha(120)));
            painter.line_segment([from, to], Stroke::new(width, color));
        }
    };
    let reach = axis * (mark.radius * 0.9 + 14.0);
    line(center - reach, center + reach, 2.0, tones.accent);
    if !mark.turns() {
        return;
    }
    let side = axis.any_orthonormal_vector();
    let around = axis.cross(side);
    let at = |turn: f32| center + (side * turn.cos() + around * turn.sin()) * mark.radius;
    let parts = 64_u8;
    for i in 0..parts {
        let angle = |i: u8| f32::from(i) / f32::from(parts) * std::f32::consts::TAU;
        line(at(angle(i)), at(angle(i + 1)), 1.5, tones.accent);
    }
    if mark.by != 0.0 {
        line(center, at(0.0), 1.0, tones.weak);
        line(center, at(mark.by), 2.0, tones.accent);
    }
}

/// A small box over the picture with widgets in it.
fn floating<R>(ui: &mut Ui, at: Rect, add: impl FnOnce(&mut Ui) -> R) -> Response {
    let tones = theme::tones(ui);
    let mut child =
        ui.new_child(UiBuilder::new().max_rect(at).layout(egui::Layout::left_to_right(egui::Align::Center)));
    egui::Frame::new()
        .fill(tones.panel.gamma_multiply(0.92))
        .stroke(Stroke::new(1.0, tones.line))
        .corner_radius(CornerRadius::same(7))
        .inner_margin(egui::Margin::symmetric(8, 3))
        .show(&mut child, add)
        .response
}

/// Where one is when a submodel is open, and the way back.
fn breadcrumb(ui: &mut Ui, rect: Rect, shown: &mut Shown) {
    let design = shown.document.design();
    let active = shown.document.active();
    if active == design.main() {
        return;
    }
    let name = |id| design.submodel(id).map_or_else(String::new, |model| model.name.clone());
    let (main, here) = (name(design.main()), name(active));
    let places = design.occurrences_of(active).len();
    let at = Rect::from_min_size(rect.min + vec2(12.0, 10.0), vec2((rect.width() - 140.0).max(60.0), 30.0));
    floating(ui, at, |ui| {
        if ui.link(main).on_hover_text("Back to the main model").clicked() {
            shown.send(EditorAction::OpenSubmodel(design.main()));
        }
        ui.weak("›");
        ui.add(egui::Label::new(RichText::new(here).strong()).truncate());
        ui.weak(match places {
            1 => "placed once".to_owned(),
            n => format!("placed {n} times"),
        });
        if icon_button_sized(ui, Icon::Close, "Stop editing this submodel", false, 20.0).clicked() {
            shown.send(EditorAction::LeaveSubmodel);
        }
    });
}

/// Which step is shown, while not all are.
fn step_indicator(ui: &mut Ui, rect: Rect, shown: &mut Shown) {
    let Some(step) = shown.view.up_to_step else { return };
    let last = shown.availability.steps;
    let width = 312.0;
    let at = Rect::from_min_size(pos2(rect.center().x - width / 2.0, rect.bottom() - 44.0), vec2(width, 32.0));
    floating(ui, at, |ui| {
        if icon_button_sized(ui, Icon::Previous, "One step back", false, 22.0).clicked() {
            shown.send(EditorAction::StepBack);
        }
        ui.add_sized(
            [104.0, 20.0],
            egui::Label::new(RichText::new(format!("Step {} of {last}", step.min(last))).strong()),
        );
        if icon_button_sized(ui, Icon::Next, "One step forward", false, 22.0).clicked() {
            shown.send(EditorAction::StepForward);
        }
        let (icon, tip) = if shown.view.playing { (Icon::Pause, "Stop (Space)") } else { (Icon::Play, "Play (Space)") };
        if icon_button_sized(ui, icon, tip, shown.view.playing, 22.0).clicked() {
            shown.send(EditorAction::PlaySteps);
        }
        let speed =
            egui::DragValue::new(&mut shown.settings.steps_per_second).speed(0.05).range(0.1..=20.0).suffix(" /s");
        ui.add(speed.max_decimals(1)).on_hover_text("Steps a second; drag to change");
        if icon_button_sized(ui, Icon::All, "Show all steps", false, 22.0).clicked() {
            shown.send(EditorAction::ShowStep(None));
        }
    });
}

/// What to do first, while there is nothing.
fn empty_hint(ui: &Ui, rect: Rect, shown: &Shown, state: &PanelState) {
    if shown.availability.pieces > 0 || shown.availability.holding || state.parts.dragged.is_some() {
        return;
    }
    let tones = theme::tones(ui);
    let painter = ui.painter_at(rect);
    let center = rect.center() - vec2(0.0, rect.height() * 0.08);
    let card = Rect::from_center_size(center, vec2(390.0, 132.0)).intersect(rect.shrink(8.0));
    painter.rect(
        card,
        CornerRadius::same(12),
        tones.panel.gamma_multiply(0.8),
        Stroke::new(1.0, tones.line),
        StrokeKind::Inside,
    );
    Icon::Brick.paint(&painter, Rect::from_center_size(center - vec2(0.0, 34.0), vec2(44.0, 44.0)), tones.accent);
    let text = |dy: f32, text: &str, size: f32, color: Color32| {
        painter.text(center + vec2(0.0, dy), Align2::CENTER_CENTER, text, FontId::proportional(size), color);
    };
    let second = if state.dock.has(Panel::Parts) {
        "or click one in Parts, then click where it goes"
    } else {
        "Window › Parts shows the parts there are"
    };
    text(6.0, "Drag a part here", 18.0, ui.visuals().strong_text_color());
    text(28.0, second, 13.0, ui.visuals().text_color());
    text(47.0, "Ctrl+O opens a design or an LDraw model", 13.0, tones.weak);
}
