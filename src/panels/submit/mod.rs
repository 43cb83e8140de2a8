//! Submitting a design in three steps: what it is, its pictures, what the portal's rules find. Then it goes out by itself.

mod about;
mod checks;
mod pictures;

pub(super) use pictures::framing_ui;

use super::dialogs::{Outcome, main_button, other_button, title};
use super::icons::Icon;
use super::widgets::icon_label;
use super::{PanelState, Shown, theme};
use crate::document::action::{EditorAction, Panel};
use crate::portal_client::{PREPARING, PortalAction as P, SubmitForm};
use bevy_egui::egui::{self, ProgressBar, RichText, TextureHandle, Ui};
use studwork_client::UploadTarget;

/// What the dialog remembers.
#[derive(Default)]
pub struct SubmitState {
    pub(super) form: Option<SubmitForm>,
    /// Which document the form is about.
    document: u64,
    page: usize,
    /// What it becomes on the portal.
    target: UploadTarget,
    /// The field that takes the text cursor next.
    focus: Option<String>,
    /// Textures of the pictures of this package, and after them of the frames of its turntable.
    textures: Vec<Option<TextureHandle>>,
    number: u64,
    /// The frame of the turntable that is seen.
    frame: f32,
    /// The picture that is framed in the view.
    framing: Option<usize>,
    /// Whether the view is to be seen instead of the dialog.
    away: bool,
}

const PAGES: [&str; 3] = ["1  What it is", "2  Pictures", "3  Checks"];

/// Draws the dialog.
pub(super) fn submit_ui(ui: &mut Ui, shown: &mut Shown, state: &mut PanelState) -> Outcome {
    ui.set_width(680.0);
    title(ui, Icon::Star, "Submit to the portal");
    let submit = &mut state.submit;
    submit.framing = None;
    let document = shown.document.number();
    if submit.form.is_none() || submit.document != document {
        *submit = SubmitState { document, ..SubmitState::default() };
        submit.form = Some(begun(shown));
    }
    if shown.portal.signed_in && shown.portal.own.is_none() && !shown.portal.is_busy() {
        shown.actions.push(EditorAction::Portal(P::Own));
    }
    let before = submit.page;
    ui.horizontal(|ui| {
        for (number, name) in PAGES.into_iter().enumerate() {
            ui.selectable_value(&mut submit.page, number, RichText::new(name).strong());
        }
    });
    ui.separator();
    let policy = shown.portal.policy.as_ref().map(|policy| policy.package.clone()).unwrap_or_default();
    let room = (ui.ctx().content_rect().height() - 260.0).clamp(240.0, 640.0);
    let scroll = egui::ScrollArea::vertical().id_salt(submit.page).max_height(room).auto_shrink([false, false]);
    scroll.show(ui, |ui| match submit.page {
        0 => about::about_ui(ui, submit, &policy),
        1 => pictures::pictures_ui(ui, submit, shown, &policy),
        _ => checks::checks_ui(ui, submit, shown),
    });
    ui.add_space(10.0);
    let mut outcome = Outcome::Stay;
    ui.with_layout(egui::Layout::right_to_left(egui::Align::Min), |ui| {
        if submit.page < 2 {
            if main_button(ui, true, "Next") {
                submit.page += 1;
            }
        } else {
            outcome = last_buttons(ui, submit, shown);
        }
        if other_button(ui, "Close") {
            outcome = Outcome::Close;
        }
    });
    // The pages behind the first show what is made of it.
    if submit.page != before && submit.page > 0 && !is_fresh(submit, shown) {
        prepare(submit, shown);
    }
    // What was typed stays for when one comes back to this design.
    if std::mem::take(&mut submit.away) { Outcome::Close } else { outcome }
}

/// What is known before anything is typed: what the design says, its file's name, and who is signed in.
fn begun(shown: &Shown) -> SubmitForm {
    let mut form = SubmitForm::of(shown.document.design());
    let manifest = &mut form.manifest;
    if manifest.title.is_empty()
        && let Some(name) = shown.document.path().and_then(|path| path.file_stem())
    {
        manifest.title = name.to_string_lossy().into_owned();
    }
    if let (Some(creator), Some(account)) = (manifest.creators.first_mut(), &shown.portal.account)
        && creator.name.is_empty()
    {
        creator.name.clone_from(&account.name);
    }
    form
}

fn last_buttons(ui: &mut Ui, submit: &mut SubmitState, shown: &mut Shown) -> Outcome {
    let mut outcome = Outcome::Stay;
    let fresh = is_fresh(submit, shown);
    let passed = fresh && shown.portal.prepared.as_ref().is_some_and(|prepared| prepared.report.passed);
    if shown.portal.address.is_none() {
        if main_button(ui, true, "Choose a portal…") {
            shown.actions.push(EditorAction::ShowPanel(Panel::Portal));
            submit.away = true;
        }
        ui.weak("Choose the portal that it goes to; what you typed stays");
    } else if main_button(ui, passed, "Submit") {
        shown.actions.push(EditorAction::Portal(P::Send(submit.target.clone())));
        shown.actions.push(EditorAction::ShowPanel(Panel::Portal));
        if !shown.portal.signed_in {
            shown.actions.push(EditorAction::Portal(P::SignIn));
        }
        outcome = Outcome::Close;
    }
    if ui.add_enabled(fresh, egui::Button::new("Save package…")).clicked() {
        shown.actions.push(EditorAction::PackageFile);
    }
    outcome
}

/// Whether pictures and package were made of the design and the words that there are now, by the rules of this portal.
fn is_fresh(submit: &SubmitState, shown: &Shown) -> bool {
    shown.portal.prepared.as_ref().is_some_and(|prepared| {
        prepared.generation == shown.document.generation()
            && Some(&prepared.form) == submit.form.as_ref()
            && shown.portal.policy.as_ref().is_none_or(|policy| policy.package == prepared.policy)
    })
}

fn prepare(submit: &SubmitState, shown: &mut Shown) {
    if let Some(form) = &submit.form
        && !shown.portal.preparing
    {
        shown.actions.push(EditorAction::Portal(P::Prepare(Box::new(form.clone()))));
    }
}

/// The button that makes pictures and package, or how far that is.
fn prepare_ui(ui: &mut Ui, submit: &SubmitState, shown: &mut Shown) {
    ui.horizontal(|ui| {
        if shown.portal.preparing {
            let job = shown.jobs.running.iter().find(|job| job.label == PREPARING);
            let share = job.and_then(|job| job.fraction()).unwrap_or_default();
            ui.add(ProgressBar::new(share).desired_width(260.0).text("Drawing …"));
            if ui.button("Cancel").clicked()
                && let Some(job) = job
            {
                job.cancel();
            }
            return;
        }
        if is_fresh(submit, shown) {
            icon_label(ui, Icon::Check, theme::tones(ui).good, 16.0);
            ui.label(RichText::new("Pictures and package are made").color(theme::tones(ui).weak));
            return;
        }
        let text = match &shown.portal.prepared {
            None => "Make pictures and package",
            Some(_) => "Make them again: something has changed",
        };
        if main_button(ui, true, text) {
            prepare(submit, shown);
        }
    });
}
