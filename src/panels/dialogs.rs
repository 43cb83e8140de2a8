//! Windows that ask or explain something. While one is open nothing behind it takes keys or clicks; Esc closes it.

use super::icons::Icon;
use super::{PanelState, Shown, command_palette, help, theme};
use crate::document::action::EditorAction;
use crate::feedback::{Dialog, PathPurpose};
use crate::picture::Backdrop;
use bevy_egui::egui::{self, Button, Context, DragValue, Frame, Id, Key, Margin, Modal, RichText, TextEdit, Ui, vec2};
use glam::Vec3;
use std::path::{Path, PathBuf};
use studwork_core::Axis;

/// What dialogs remember while they are open.
pub struct DialogState {
    array: Array,
    /// Which dialog the text cursor was given to.
    focused: Option<&'static str>,
    pub(super) query: help::KeysFilter,
}

#[derive(Clone, PartialEq)]
struct Array {
    around: bool,
    count: u32,
    offset: Vec3,
    axis: Axis,
    degrees: f32,
    pivot: Vec3,
    pivot_for: u64,
}

impl Default for DialogState {
    fn default() -> Self {
        let array = Array {
            around: false,
            count: 3,
            offset: Vec3::new(20.0, 0.0, 0.0),
            axis: Axis::Y,
            degrees: 90.0,
            pivot: Vec3::ZERO,
            pivot_for: u64::MAX,
        };
        Self { array, focused: None, query: help::KeysFilter::default() }
    }
}

impl DialogState {
    /// Whether this dialog shows for the first time since another one, so that it should take the text cursor.
    pub(super) fn is_new(&mut self, name: &'static str) -> bool {
        self.focused.replace(name) != Some(name)
    }
}

/// What a dialog came to.
pub(super) enum Outcome {
    Stay,
    Close,
}

/// Draws the open dialog, if there is one.
pub fn dialogs_ui(ctx: &Context, shown: &mut Shown, state: &mut PanelState) {
    let Some(mut dialog) = shown.dialog.0.take() else {
        state.dialogs.focused = None;
        return;
    };
    let top = matches!(dialog, Dialog::CommandPalette { .. });
    let mut area = Modal::default_area(Id::new("dialog"));
    if top {
        area = area.anchor(egui::Align2::CENTER_TOP, vec2(0.0, 70.0));
    }
    let style = ctx.global_style();
    let frame = Frame::window(&style).inner_margin(Margin::same(if top { 10 } else { 18 }));
    let response = Modal::new(Id::new("dialog")).area(area).frame(frame).show(ctx, |ui| match &mut dialog {
        Dialog::UnsavedChanges { then } => unsaved_ui(ui, then, shown),
        Dialog::Array { step } => array_ui(ui, *step, shown, state),
        Dialog::Address { text } => address_ui(ui, text, shown, state),
        Dialog::RemoveOriginal { original } => super::keep_dialogs::remove_ui(ui, original, shown),
        Dialog::Unsaved => super::keep_dialogs::unsaved_ui(ui, shown, state),
        Dialog::Versions => super::keep_dialogs::versions_ui(ui, shown),
        Dialog::FileChanged { path } => super::keep_dialogs::changed_ui(ui, path, shown),
        Dialog::MakeSteps { most } => make_steps_ui(ui, most, shown),
        Dialog::Submit => super::submit::submit_ui(ui, shown, state),
        Dialog::Picture => picture_ui(ui, shown),
        Dialog::Path { purpose, text } => path_ui(ui, *purpose, text, shown, state),
        Dialog::CommandPalette { query, chosen } => {
            if command_palette::palette_ui(ui, query, chosen, shown, state) {
                Outcome::Close
            } else {
                Outcome::Stay
            }
        }
        Dialog::Keys => {
            help::keys_ui(ui, &mut state.dialogs.query);
            close_row(ui)
        }
        Dialog::About => {
            help::about_ui(ui);
            close_row(ui)
        }
    });
    let closed = matches!(response.inner, Outcome::Close) || response.should_close();
    // A dialog may have asked for another one.
    if !closed && shown.dialog.0.is_none() {
        shown.dialog.0 = Some(dialog);
    }
}

pub(super) fn title(ui: &mut Ui, icon: Icon, text: &str) {
    ui.horizontal(|ui| {
        super::widgets::icon_label(ui, icon, theme::tones(ui).accent, 22.0);
        ui.label(RichText::new(text).heading().strong());
    });
    ui.add_space(6.0);
}

/// A button in the accent color: what Enter does.
pub(super) fn main_button(ui: &mut Ui, enabled: bool, text: &str) -> bool {
    let tones = theme::tones(ui);
    let (color, fill) = if enabled { (tones.on_accent, tones.accent) } else { (tones.weak, tones.raised) };
    let button = Button::new(RichText::new(text).color(color).strong()).fill(fill).min_size(vec2(84.0, 26.0));
    ui.add_enabled(enabled, button).clicked()
}

pub(super) fn other_button(ui: &mut Ui, text: &str) -> bool {
    ui.add(Button::new(text).min_size(vec2(74.0, 26.0))).clicked()
}

pub(super) fn enter(ui: &Ui) -> bool {
    ui.input(|input| input.key_pressed(Key::Enter))
}

pub(super) fn close_row(ui: &mut Ui) -> Outcome {
    ui.add_space(10.0);
    let mut closed = false;
    ui.with_layout(egui::Layout::right_to_left(egui::Align::Min), |ui| closed = main_button(ui, true, "Close"));
    if closed { Outcome::Close } else { Outcome::Stay }
}

fn unsaved_ui(ui: &mut Ui, then: &EditorAction, shown: &mut Shown) -> Outcome {
    ui.set_width(400.0);
    title(ui, Icon::Save, "Save the changes?");
    let what = match then {
        EditorAction::Quit => "Before Studwork closes: ",
        _ => "",
    };
    ui.label(format!(
        "{what}“{}” has changes that no file has. They are lost if you discard them.",
        shown.document.name()
    ));
    ui.add_space(14.0);
    let mut outcome = Outcome::Stay;
    ui.with_layout(egui::Layout::right_to_left(egui::Align::Min), |ui| {
        if main_button(ui, true, "Save") || enter(ui) {
            shown.send(EditorAction::SaveThen(Box::new(then.clone())));
            outcome = Outcome::Close;
        }
        if other_button(ui, "Cancel") {
            outcome = Outcome::Close;
        }
        ui.with_layout(egui::Layout::left_to_right(egui::Align::Min), |ui| {
            let discard =
                Button::new(RichText::new("Discard").color(theme::tones(ui).error)).min_size(vec2(74.0, 26.0));
            if ui.add(discard).clicked() {
                shown.send(EditorAction::DiscardThen(Box::new(then.clone())));
                outcome = Outcome::Close;
            }
        });
    });
    outcome
}

/// The middle of the selected pieces' origins.
fn middle(shown: &Shown) -> Vec3 {
    let design = shown.document.design();
    let (mut sum, mut n) = (Vec3::ZERO, 0.0_f32);
    for piece in shown.selection.iter().filter_map(|id| design.piece(id)) {
        sum += piece.pose.position;
        n += 1.0;
    }
    if n > 0.0 { (sum / n).round() } else { Vec3::ZERO }
}

fn vector(ui: &mut Ui, value: &mut Vec3, speed: f64) {
    ui.horizontal(|ui| {
        for (i, name) in ["X ", "Y ", "Z "].into_iter().enumerate() {
            ui.add(DragValue::new(&mut value[i]).prefix(name).speed(speed).max_decimals(2).range(-1e6..=1e6));
        }
    });
}

fn array_ui(ui: &mut Ui, step: Vec3, shown: &mut Shown, state: &mut PanelState) -> Outcome {
    ui.set_width(400.0);
    title(ui, Icon::Grid, "Array of the selection");
    let array = &mut state.dialogs.array;
    if array.pivot_for != shown.selection.generation() {
        array.pivot = middle(shown);
        array.offset = step;
        array.pivot_for = shown.selection.generation();
    }
    ui.horizontal(|ui| {
        ui.selectable_value(&mut array.around, false, "Along a line");
        ui.selectable_value(&mut array.around, true, "Around an axis");
    });
    ui.add_space(4.0);
    egui::Grid::new("array").num_columns(2).spacing([14.0, 8.0]).show(ui, |ui| {
        ui.label("Copies");
        ui.add(DragValue::new(&mut array.count).range(1..=1000).speed(0.1));
        ui.end_row();
        if array.around {
            ui.label("Axis");
            ui.horizontal(|ui| {
                for (axis, name) in [(Axis::Y, "Vertical"), (Axis::X, "X"), (Axis::Z, "Z")] {
                    ui.selectable_value(&mut array.axis, axis, name);
                }
            });
            ui.end_row();
            ui.label("Through");
            vector(ui, &mut array.pivot, 1.0);
            ui.end_row();
            ui.label("Angle to the next");
            ui.horizontal(|ui| {
                ui.add(DragValue::new(&mut array.degrees).suffix("°").range(-360.0..=360.0).max_decimals(2));
                if ui.button("Full circle").on_hover_text("Spread them evenly").clicked() {
                    array.degrees = 360.0 / (array.count as f32 + 1.0);
                }
            });
            ui.end_row();
        } else {
            ui.label("To the next, LDU");
            vector(ui, &mut array.offset, 1.0);
            ui.end_row();
            ui.label("");
            ui.horizontal(|ui| {
                for (text, offset) in [
                    ("Right 1 stud", Vec3::X * 20.0),
                    ("Back 1 stud", Vec3::Z * 20.0),
                    ("Up 1 brick", Vec3::NEG_Y * 24.0),
                    ("Up 1 plate", Vec3::NEG_Y * 8.0),
                ] {
                    if ui.small_button(text).clicked() {
                        array.offset = offset;
                    }
                }
            });
            ui.end_row();
        }
    });
    let selected = shown.availability.selected;
    let new = selected * array.count as usize;
    ui.add_space(4.0);
    ui.weak(format!("{} more", super::widgets::count(new, "piece")));
    ui.add_space(10.0);
    let still = !array.around && array.offset == Vec3::ZERO;
    let mut outcome = Outcome::Stay;
    ui.with_layout(egui::Layout::right_to_left(egui::Align::Min), |ui| {
        let clicked = main_button(ui, selected > 0 && !still, "Add copies");
        if clicked || (enter(ui) && selected > 0 && !still && !ui.ctx().text_edit_focused()) {
            let Array { count, offset, pivot, axis, degrees, around, .. } = array.clone();
            shown.send(if around {
                EditorAction::ArrayAround { count, pivot, axis, degrees }
            } else {
                EditorAction::ArrayLinear { count, offset }
            });
            outcome = Outcome::Close;
        }
        if other_button(ui, "Cancel") {
            outcome = Outcome::Close;
        }
    });
    outcome
}

/// Sizes that pictures are often wanted in.
const PICTURE_SIZES: [(&str, u32, u32); 5] = [
    ("Screen 1920×1080", 1920, 1080),
    ("Page 1920×1440", 1920, 1440),
    ("Square 1080×1080", 1080, 1080),
    ("Large 3840×2160", 3840, 2160),
    ("Print 6000×4500", 6000, 4500),
];

fn picture_ui(ui: &mut Ui, shown: &mut Shown) -> Outcome {
    ui.set_width(430.0);
    title(ui, Icon::Eye, "Render a picture of this view");
    let view = shown.viewport.size;
    let picture = &mut shown.settings.picture;
    egui::Grid::new("picture").num_columns(2).spacing([14.0, 9.0]).show(ui, |ui| {
        ui.label("Size");
        ui.horizontal(|ui| {
            ui.add(DragValue::new(&mut picture.width).range(16..=8192).suffix(" px"));
            ui.label("×");
            ui.add(DragValue::new(&mut picture.height).range(16..=8192).suffix(" px"));
            ui.menu_button("Presets", |ui| {
                for (name, width, height) in PICTURE_SIZES {
                    if ui.button(name).clicked() {
                        (picture.width, picture.height) = (width, height);
                        ui.close();
                    }
                }
                if ui.button(format!("As the view {}×{}", view.x, view.y)).clicked() {
                    (picture.width, picture.height) = (view.x, view.y);
                    ui.close();
                }
            });
        });
        ui.end_row();
        ui.label("Background");
        ui.horizontal(|ui| {
            ui.selectable_value(&mut picture.backdrop, None, "Studio");
            ui.selectable_value(&mut picture.backdrop, Some(Backdrop::Transparent), "Transparent");
            let mut rgb = match picture.backdrop {
                Some(Backdrop::Color(rgb)) => rgb,
                _ => [255, 255, 255],
            };
            let chosen = matches!(picture.backdrop, Some(Backdrop::Color(_)));
            let clicked = ui.selectable_label(chosen, "One color").clicked();
            let picked = ui.color_edit_button_srgb(&mut rgb).changed();
            if clicked || picked {
                picture.backdrop = Some(Backdrop::Color(rgb));
            }
        });
        ui.end_row();
        ui.label("Edge lines");
        ui.checkbox(&mut picture.edges, "");
        ui.end_row();
    });
    finish(ui, "Render…", true, || EditorAction::PictureFile, shown)
}

fn make_steps_ui(ui: &mut Ui, most: &mut usize, shown: &mut Shown) -> Outcome {
    ui.set_width(420.0);
    title(ui, Icon::All, "Make building steps");
    ui.label(
        "The model is taken apart in thought, each piece with a clear way out; the reverse order becomes building steps. \
         Submodels that have several steps already keep theirs.",
    );
    ui.add_space(6.0);
    ui.horizontal(|ui| {
        ui.label("Pieces in a step, at most");
        ui.add(DragValue::new(most).range(1..=100).speed(0.1));
    });
    let most = *most;
    finish(ui, "Make steps", true, || EditorAction::MakeSteps(most), shown)
}

fn address_ui(ui: &mut Ui, text: &mut String, shown: &mut Shown, state: &mut PanelState) -> Outcome {
    ui.set_width(460.0);
    title(ui, Icon::Open, "Open from the web");
    ui.label("The address of a design or an LDraw model:");
    let field = ui.add(TextEdit::singleline(text).hint_text("https://…").desired_width(f32::INFINITY));
    if state.dialogs.is_new("address") {
        field.request_focus();
    }
    let address = text.trim();
    let sound = address.strip_prefix("https://").or(address.strip_prefix("http://")).is_some_and(|rest| rest.len() > 3);
    if !address.is_empty() && !sound {
        ui.colored_label(theme::tones(ui).warning, "An address begins with https://");
    }
    finish(ui, "Open", sound, || EditorAction::OpenAddress(address.to_owned()), shown)
}

/// The lower right row of a dialog that ends in one action.
fn finish(ui: &mut Ui, verb: &str, ready: bool, action: impl FnOnce() -> EditorAction, shown: &mut Shown) -> Outcome {
    ui.add_space(12.0);
    let (mut done, mut canceled) = (false, false);
    ui.with_layout(egui::Layout::right_to_left(egui::Align::Min), |ui| {
        done = main_button(ui, ready, verb) || (ready && enter(ui));
        canceled = other_button(ui, "Cancel");
    });
    if done {
        shown.send(action());
    }
    if done || canceled { Outcome::Close } else { Outcome::Stay }
}

/// What a path turns out to be.
struct Verdict {
    text: String,
    fine: bool,
    warn: bool,
}

fn verdict(purpose: PathPurpose, path: &Path) -> Verdict {
    let say = |text: &str, fine, warn| Verdict { text: text.to_owned(), fine, warn };
    if path.as_os_str().is_empty() {
        return say("", false, false);
    }
    if purpose.writes() {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        return match (path.is_dir(), path.is_file(), parent) {
            (true, ..) => say("This is a folder; add a file name", false, true),
            (_, true, _) => say("This file is there already and will be overwritten", true, true),
            (_, _, Some(parent)) if !parent.is_dir() => say("There is no such folder", false, true),
            _ if path.extension().is_none() => say("Add an extension such as .ron, .mpd, .glb or .png", false, true),
            _ => say("A new file", true, false),
        };
    }
    match (path.is_file(), path.is_dir(), purpose) {
        (true, ..) => say("This file is there", true, false),
        (_, true, PathPurpose::Library | PathPurpose::Shadow) => say("This folder is there", true, false),
        (_, true, _) => say("This is a folder; add a file name", false, true),
        _ => say("There is no such file", false, true),
    }
}

fn path_ui(ui: &mut Ui, purpose: PathPurpose, text: &mut String, shown: &mut Shown, state: &mut PanelState) -> Outcome {
    ui.set_width(520.0);
    title(ui, if purpose.writes() { Icon::Save } else { Icon::Open }, purpose.title());
    let hint = match purpose {
        PathPurpose::Open | PathPurpose::Import | PathPurpose::Compare => "A file: .ron, .ldr, .mpd or .dat",
        PathPurpose::Save => "Where to: a file with the extension .ron",
        PathPurpose::Export => "Where to; the extension says the format: .ldr .mpd .glb .obj .stl .csv .xml",
        PathPurpose::Picture => "Where to: a file with the extension .png",
        PathPurpose::Package => "Where to: a file with the extension .studpkg",
        PathPurpose::Original => "A model: .ron, .ldr, .mpd or .dat",
        PathPurpose::OriginalExport => "Where to; the bytes are written as they are",
        PathPurpose::Shadow => "A shadow library: a folder, or a zip as it was downloaded",
        PathPurpose::Library => "The LDraw folder, or complete.zip as it was downloaded",
    };
    ui.label(hint);
    let field = ui.add(TextEdit::singleline(text).hint_text("/home/…").desired_width(f32::INFINITY));
    if state.dialogs.is_new("path") {
        field.request_focus();
    }
    let path = PathBuf::from(text.trim());
    let Verdict { text: said, fine, warn } = verdict(purpose, &path);
    let tones = theme::tones(ui);
    ui.label(RichText::new(said).color(if warn { tones.warning } else { tones.good }));
    let verb = match purpose {
        PathPurpose::Open => "Open",
        PathPurpose::Import => "Import",
        PathPurpose::Save => "Save",
        PathPurpose::Export => "Export",
        PathPurpose::Picture => "Render",
        PathPurpose::Original => "Add",
        PathPurpose::Compare => "Compare",
        PathPurpose::OriginalExport | PathPurpose::Package => "Write",
        PathPurpose::Library | PathPurpose::Shadow => "Use it",
    };
    let picture = shown.settings.picture.clone();
    finish(ui, verb, fine, || purpose.action(path, &picture), shown)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_judged_before_anything_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let there = folder.path().join("house.ron");
        std::fs::write(&there, "()").unwrap();
        let judge = |purpose, path: &Path| {
            let verdict = verdict(purpose, path);
            (verdict.fine, verdict.warn)
        };
        assert_eq!(judge(PathPurpose::Open, &there), (true, false));
        assert_eq!(judge(PathPurpose::Open, &folder.path().join("no.ron")), (false, true));
        assert_eq!(judge(PathPurpose::Save, &there), (true, true), "overwriting is said");
        assert_eq!(judge(PathPurpose::Save, &folder.path().join("new.ron")), (true, false));
        assert_eq!(judge(PathPurpose::Save, &folder.path().join("no/new.ron")), (false, true));
        assert_eq!(judge(PathPurpose::Save, folder.path()), (false, true));
        assert_eq!(judge(PathPurpose::Export, &folder.path().join("new")), (false, true), "an extension is needed");
        assert_eq!(judge(PathPurpose::Library, folder.path()), (true, false));
    }
}
