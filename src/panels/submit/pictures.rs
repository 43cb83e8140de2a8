//! The second page: which pictures there are, from where they are taken, and the turntable.

use super::{SubmitState, is_fresh, prepare_ui};
use crate::document::action::EditorAction;
use crate::panels::dialogs::main_button;
use crate::panels::widgets::texture_from_bytes;
use crate::panels::{PanelState, Shown, theme};
use crate::portal_client::{PortalAction as P, Shot};
use bevy_egui::egui::{
    self, Color32, CornerRadius, Rect, RichText, Sense, Stroke, StrokeKind, Ui, UiBuilder, Vec2, pos2, vec2,
};
use studwork_core::package::Policy;
use studwork_render::{Camera, NamedView, Projection};

/// The width of a picture on the page.
const WIDTH: f32 = 206.0;

pub(super) fn pictures_ui(ui: &mut Ui, submit: &mut SubmitState, shown: &mut Shown, policy: &Policy) {
    prepare_ui(ui, submit, shown);
    ui.add_space(4.0);
    take_up(submit, shown);
    let most = usize::try_from(policy.images.count.most).unwrap_or(usize::MAX);
    let count = submit.form.as_ref().map_or(0, |form| form.pictures.len());
    let mut change = None;
    let places = (count + usize::from(count < most)).max(1);
    let rows = places.div_ceil(3);
    for row in 0..rows {
        ui.horizontal_top(|ui| {
            for index in row * 3..(row * 3 + 3).min(places) {
                ui.vertical(|ui| {
                    ui.set_width(WIDTH);
                    if index < count {
                        change = picture_ui(ui, submit, shown, index).or(change);
                    } else if add_ui(ui, most) {
                        change = Some(Change::Frame(index));
                    }
                });
            }
        });
        ui.add_space(6.0);
    }
    turntable_ui(ui, submit, shown);
    if let (Some(change), Some(form)) = (change, &mut submit.form) {
        match change {
            Change::Frame(index) => {
                if let Some(shot) = form.pictures.get(index) {
                    look_from(*shot, shown);
                }
                (submit.framing, submit.away) = (Some(index), true);
                return;
            }
            Change::First(index) => form.pictures.swap(0, index),
            Change::Remove(index) => drop(form.pictures.remove(index)),
        }
        super::prepare(submit, shown);
    }
}

/// Shows in the view what a picture shows now, so that framing begins there.
fn look_from(shot: Shot, shown: &mut Shown) {
    let camera = &mut shown.viewport.camera;
    match shot {
        Shot::Framed(view) => {
            (camera.eye, camera.target, camera.up) = (view.eye, view.target, view.up);
            camera.projection = Projection::Perspective { fov_y_degrees: view.fov_degrees };
        }
        Shot::Usual(number) => {
            let angles = number.checked_sub(1).and_then(|number| crate::submission::VIEWS.get(number).copied());
            let (direction, up) = match angles {
                Some((latitude, longitude)) => Camera::direction_from_angles(latitude, longitude),
                None => NamedView::Home.direction_and_up(),
            };
            (camera.eye, camera.up) = (camera.target + direction * camera.eye.distance(camera.target), up);
            shown.viewport.fit_pending = true;
        }
    }
}

/// What is to be done with a picture.
#[derive(Copy, Clone)]
enum Change {
    /// It is taken from somewhere else.
    Frame(usize),
    /// It becomes the cover.
    First(usize),
    /// It goes.
    Remove(usize),
}

/// Forgets the textures of another package.
fn take_up(submit: &mut SubmitState, shown: &Shown) {
    let prepared = shown.portal.prepared.as_ref();
    let number = prepared.map_or(0, |prepared| prepared.number);
    if submit.number != number {
        submit.number = number;
        let pictures = prepared.map(|prepared| &prepared.pictures);
        let count = pictures.map_or(0, |all| 1 + all.pictures.len() + all.turntable.len());
        submit.textures = vec![None; count];
    }
}

/// A picture of the package as a texture: the cover, the further ones, the frames of the turntable.
fn texture(ui: &Ui, submit: &mut SubmitState, shown: &Shown, index: usize) -> Option<egui::TextureHandle> {
    let pictures = &shown.portal.prepared.as_ref()?.pictures;
    let slot = submit.textures.get_mut(index)?;
    if slot.is_none() {
        let mut all = std::iter::once(&pictures.cover).chain(&pictures.pictures).chain(&pictures.turntable);
        *slot = texture_from_bytes(ui.ctx(), &format!("submission {index}"), all.nth(index)?);
    }
    slot.clone()
}

fn paint(ui: &Ui, rect: Rect, texture: Option<&egui::TextureHandle>, note: &str) {
    let tones = theme::tones(ui);
    ui.painter().rect_filled(rect, CornerRadius::same(5), tones.sunken);
    match texture {
        Some(texture) => {
            let all = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            let size = texture.size_vec2();
            let scale = (rect.width() / size.x).min(rect.height() / size.y);
            ui.painter().image(texture.id(), Rect::from_center_size(rect.center(), size * scale), all, Color32::WHITE);
        }
        None => {
            let font = egui::FontId::proportional(12.0);
            ui.painter().text(rect.center(), egui::Align2::CENTER_CENTER, note, font, tones.weak);
        }
    }
}

fn picture_ui(ui: &mut Ui, submit: &mut SubmitState, shown: &Shown, index: usize) -> Option<Change> {
    let shot = *submit.form.as_ref()?.pictures.get(index)?;
    let name = if index == 0 { "Cover".to_owned() } else { format!("Picture {}", index + 1) };
    let same_design = |generation: u64| generation == shown.document.generation();
    // A picture keeps its place in the package that was made, wherever it stands now.
    let made = shown.portal.prepared.as_ref().filter(|prepared| same_design(prepared.generation));
    let made = made.and_then(|prepared| prepared.form.pictures.iter().position(|known| *known == shot));
    let texture = made.and_then(|at| texture(ui, submit, shown, at));
    let (rect, response) = ui.allocate_exact_size(vec2(WIDTH, 155.0), Sense::hover());
    paint(ui, rect, texture.as_ref(), if shown.portal.preparing { "Drawing …" } else { "Not made yet" });
    response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Image, true, &name));
    let mut change = None;
    ui.horizontal(|ui| {
        ui.label(RichText::new(&name).strong());
        if let Shot::Framed(_) = shot {
            ui.label(RichText::new("framed").small().color(theme::tones(ui).weak));
        }
    });
    ui.horizontal(|ui| {
        if ui.small_button("Re-frame…").on_hover_text("Turn and zoom the view, then take it").clicked() {
            change = Some(Change::Frame(index));
        }
        if index > 0 && ui.small_button("Make cover").on_hover_text("It changes places with the cover").clicked() {
            change = Some(Change::First(index));
        }
        if index > 0 && ui.small_button("×").on_hover_text("Leave it out").clicked() {
            change = Some(Change::Remove(index));
        }
    });
    change
}

/// The place for one more picture.
fn add_ui(ui: &mut Ui, most: usize) -> bool {
    let (rect, response) = ui.allocate_exact_size(vec2(WIDTH, 155.0), Sense::click());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Button, true, "Add a picture…"));
    let tones = theme::tones(ui);
    let color = if response.hovered() { tones.accent } else { tones.line };
    ui.painter().rect_stroke(rect, CornerRadius::same(5), Stroke::new(1.5, color), StrokeKind::Inside);
    let font = egui::FontId::proportional(13.0);
    let text = "Add a picture…";
    ui.painter().text(rect.center(), egui::Align2::CENTER_CENTER, text, font, ui.visuals().text_color());
    response.on_hover_text(format!("Frame it in the view; the portal takes up to {most}")).clicked()
}

fn turntable_ui(ui: &mut Ui, submit: &mut SubmitState, shown: &Shown) {
    let Some(prepared) = &shown.portal.prepared else { return };
    let (pictures, frames) = (1 + prepared.pictures.pictures.len(), prepared.pictures.turntable.len());
    if frames == 0 || prepared.generation != shown.document.generation() {
        return;
    }
    ui.label(RichText::new("Turntable").strong());
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(WIDTH), Sense::drag());
    if response.dragged() {
        let all = frames as f32;
        submit.frame = (submit.frame - response.drag_delta().x / rect.width() * all).rem_euclid(all);
    }
    let frame = (submit.frame as usize).min(frames - 1);
    let texture = texture(ui, submit, shown, pictures + frame);
    paint(ui, rect, texture.as_ref(), "");
    response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Image, true, "Turntable"));
    response.on_hover_cursor(egui::CursorIcon::Grab).on_hover_text("Drag to turn it");
    ui.label(RichText::new(format!("{frames} pictures once around")).small().color(theme::tones(ui).weak));
}

/// While a picture is framed: what will be on it, and the buttons that take it.
pub(in crate::panels) fn framing_ui(ui: &mut Ui, rect: Rect, shown: &mut Shown, state: &mut PanelState) {
    let submit = &mut state.submit;
    let Some(index) = submit.framing else { return };
    let form = submit.form.as_mut().filter(|_| submit.document == shown.document.number());
    let Some(form) = form else {
        submit.framing = None;
        return;
    };
    // A picture is as high as the view: both have the same opening angle upwards.
    let (width, height): (f32, f32) = if index == 0 { (1.0, 1.0) } else { (4.0, 3.0) };
    let inner = Rect::from_center_size(rect.center(), vec2(rect.height() * width / height, rect.height()));
    let dark = Color32::from_black_alpha(110);
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect.with_max_x(inner.left().max(rect.left())), CornerRadius::ZERO, dark);
    painter.rect_filled(rect.with_min_x(inner.right().min(rect.right())), CornerRadius::ZERO, dark);
    painter.rect_stroke(inner, CornerRadius::ZERO, Stroke::new(2.0, theme::tones(ui).accent), StrokeKind::Inside);
    let size = vec2(420.0_f32.min(rect.width() - 24.0), 34.0);
    let at = Rect::from_min_size(pos2(rect.center().x - size.x / 2.0, rect.top() + 46.0), size);
    let mut child = ui.new_child(UiBuilder::new().max_rect(at));
    let mut done = false;
    egui::Frame::popup(ui.style()).show(&mut child, |ui| {
        ui.horizontal(|ui| {
            let what =
                if index == 0 { "Turn and zoom until the cover looks right" } else { "Turn and zoom the picture" };
            ui.label(what);
            let enter = ui.ctx().memory(|memory| memory.focused().is_none()) && crate::panels::dialogs::enter(ui);
            if main_button(ui, true, "Take it") || enter {
                let shot = Shot::Framed(shown.viewport.camera.into());
                match form.pictures.get_mut(index) {
                    Some(known) => *known = shot,
                    None => form.pictures.push(shot),
                }
                done = true;
            }
            done |= ui.button("Cancel").on_hover_text("Esc").clicked();
        });
    });
    // Esc leaves the picture as it was, and does nothing else.
    let before = shown.actions.len();
    shown.actions.retain(|action| *action != EditorAction::Escape);
    done |= shown.actions.len() < before;
    if done {
        submit.framing = None;
        shown.actions.push(EditorAction::Portal(P::Submit));
        if !is_fresh(submit, shown) {
            super::prepare(submit, shown);
        }
    }
}
