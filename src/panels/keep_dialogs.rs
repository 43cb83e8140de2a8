//! Dialogs about what must not be lost: unsaved work, a file that another program changed, an original to be removed.

use super::dialogs::{Outcome, close_row, main_button, other_button, title};
use super::icons::Icon;
use super::widgets::count;
use super::{PanelState, Shown, theme};
use crate::document::action::EditorAction;
use crate::library::{ago, date_text, now};
use bevy_egui::egui::{self, Button, RichText, Ui, vec2};
use std::path::Path;

pub(super) fn remove_ui(ui: &mut Ui, original: &str, shown: &mut Shown) -> Outcome {
    ui.set_width(440.0);
    title(ui, Icon::Trash, "Remove from the library?");
    let entry = shown.keep.entries.iter().find(|entry| entry.sha256 == original);
    let name = entry.map_or_else(String::new, |entry| entry.title.clone());
    ui.label(format!("“{name}” is removed from your library of originals. Nothing outside of it is touched."));
    let copies = shown.keep.originals().and_then(|originals| originals.copies_of(original).ok()).unwrap_or_default();
    if !copies.is_empty() {
        ui.add_space(6.0);
        ui.label(match copies.len() {
            1 => "A saved copy of it keeps working:".to_owned(),
            n => format!("{n} saved copies of it keep working:"),
        });
        for copy in copies.iter().take(6) {
            ui.label(RichText::new(copy.path.display().to_string()).small().color(theme::tones(ui).weak));
        }
    }
    ui.add_space(12.0);
    let mut outcome = Outcome::Stay;
    ui.with_layout(egui::Layout::right_to_left(egui::Align::Min), |ui| {
        let remove = Button::new(RichText::new("Remove").color(theme::tones(ui).error)).min_size(vec2(84.0, 26.0));
        if ui.add(remove).clicked() {
            shown.send(EditorAction::LibraryRemoveNow(original.to_owned()));
            outcome = Outcome::Close;
        }
        if other_button(ui, "Cancel") {
            outcome = Outcome::Close;
        }
    });
    outcome
}

pub(super) fn changed_ui(ui: &mut Ui, path: &Path, shown: &mut Shown) -> Outcome {
    ui.set_width(460.0);
    title(ui, Icon::Warning, "The file has changed");
    ui.label(format!(
        "Another program has changed {} since you opened it. Saving over it loses those changes.",
        path.display()
    ));
    ui.add_space(14.0);
    let mut outcome = Outcome::Stay;
    ui.with_layout(egui::Layout::right_to_left(egui::Align::Min), |ui| {
        if main_button(ui, true, "Save as…") {
            shown.send(EditorAction::SaveAs);
            outcome = Outcome::Close;
        }
        if other_button(ui, "Cancel") {
            outcome = Outcome::Close;
        }
        ui.with_layout(egui::Layout::left_to_right(egui::Align::Min), |ui| {
            let over = Button::new(RichText::new("Save over it").color(theme::tones(ui).error));
            if ui.add(over.min_size(vec2(74.0, 26.0))).clicked() {
                shown.send(EditorAction::SaveOver);
                outcome = Outcome::Close;
            }
        });
    });
    outcome
}

pub(super) fn unsaved_ui(ui: &mut Ui, shown: &mut Shown, state: &mut PanelState) -> Outcome {
    ui.set_width(520.0);
    title(ui, Icon::Save, "Recover unsaved work");
    ui.label(
        "This was not saved when Studwork or the computer stopped. Recovered work opens as it was; save it to keep it.",
    );
    ui.add_space(8.0);
    let mut outcome = Outcome::Stay;
    let unsaved = &shown.keep.unsaved;
    let now = now();
    egui::ScrollArea::vertical().max_height(380.0).show(ui, |ui| {
        for work in unsaved {
            egui::Frame::new().fill(theme::tones(ui).raised).corner_radius(6).inner_margin(8).show(ui, |ui| {
                ui.horizontal(|ui| {
                    state.library.picture(ui, work.picture.as_deref(), vec2(96.0, 72.0));
                    ui.vertical(|ui| {
                        let name = if work.about.title.is_empty() { "Untitled" } else { &work.about.title };
                        ui.label(RichText::new(name).strong());
                        let when = format!("{} ({})", ago(work.last_edit, now), date_text(work.last_edit));
                        ui.label(format!("{} · {when}", count(work.edits as usize, "change")));
                        let place = work.about.file.as_deref().map(|file| file.display().to_string());
                        let place = place.unwrap_or_else(|| "never saved to a file".into());
                        ui.label(RichText::new(place).small().color(theme::tones(ui).weak));
                        ui.horizontal(|ui| {
                            if main_button(ui, true, "Recover") {
                                shown.actions.push(EditorAction::Recover(work.folder.clone()));
                                outcome = Outcome::Close;
                            }
                            // Nothing brings it back: a second click on another button says so.
                            let asked = ui.id().with(("throw away", &work.folder));
                            if !ui.data(|data| data.get_temp::<bool>(asked).unwrap_or(false)) {
                                if other_button(ui, "Throw away…") {
                                    ui.data_mut(|data| data.insert_temp(asked, true));
                                }
                            } else if other_button(ui, "Keep it") {
                                ui.data_mut(|data| data.insert_temp(asked, false));
                            } else {
                                let text = RichText::new("Throw it away for good").color(theme::tones(ui).error);
                                if ui.add(Button::new(text).min_size(vec2(74.0, 26.0))).clicked() {
                                    shown.actions.push(EditorAction::DiscardUnsaved(work.folder.clone()));
                                }
                            }
                        });
                    });
                });
            });
            ui.add_space(4.0);
        }
        if unsaved.is_empty() {
            ui.weak("Nothing is left to recover.");
        }
    });
    ui.add_space(10.0);
    ui.with_layout(egui::Layout::right_to_left(egui::Align::Min), |ui| {
        if other_button(ui, "Close") {
            outcome = Outcome::Close;
        }
    });
    outcome
}

pub(super) fn versions_ui(ui: &mut Ui, shown: &mut Shown) -> Outcome {
    ui.set_width(420.0);
    title(ui, Icon::Open, "Earlier versions");
    ui.label("What this file was when it was saved before. One that is opened takes the place of the file only when you save.");
    ui.add_space(8.0);
    let mut outcome = Outcome::Stay;
    let found = shown.keep.home().zip(shown.document.path());
    let versions = found.and_then(|(home, path)| studwork_library::versions(home, path).ok()).unwrap_or_default();
    let now = now();
    egui::ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
        egui::Grid::new("versions").num_columns(3).spacing([16.0, 6.0]).striped(true).show(ui, |ui| {
            for version in &versions {
                ui.label(format!("{} ({})", date_text(version.saved), ago(version.saved, now)));
                ui.label(format!("{} KiB", version.bytes.div_ceil(1024)));
                if ui.button("Open").clicked() {
                    shown.actions.push(EditorAction::OpenVersion(version.number));
                    outcome = Outcome::Close;
                }
                ui.end_row();
            }
        });
        if versions.is_empty() {
            ui.weak("None is kept yet: each time you save, one is.");
        }
    });
    match close_row(ui) {
        Outcome::Close => Outcome::Close,
        Outcome::Stay => outcome,
    }
}
