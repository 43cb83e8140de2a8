//! The first page: what the design is, whose it is, for whom, under which license.

use super::SubmitState;
use crate::panels::theme;
use bevy_egui::egui::{ComboBox, Response, RichText, TextEdit, Ui};
use studwork_core::package::{Creator, Policy, Span};

/// A field's name and how much of what it may hold it holds.
fn label(ui: &mut Ui, name: &str, length: usize, span: Option<(Span, &str)>) {
    ui.horizontal(|ui| {
        ui.label(RichText::new(name).strong());
        if let Some((span, unit)) = span {
            let fits = span.contains(length as u64);
            let color = if fits { theme::tones(ui).weak } else { theme::tones(ui).warning };
            let of = match span.least {
                0 => format!("{length} {unit}, at most {}", span.most),
                least => format!("{length} {unit}, {least} to {}", span.most),
            };
            ui.label(RichText::new(of).small().color(color));
        }
    });
}

/// Gives the text cursor to the field that a finding is about.
fn focus(focus: &mut Option<String>, name: &str, response: &Response) {
    if focus.as_deref() == Some(name) {
        *focus = None;
        response.request_focus();
        response.scroll_to_me(None);
    }
}

pub(super) fn about_ui(ui: &mut Ui, submit: &mut SubmitState, policy: &Policy) {
    const CHARACTERS: &str = "characters";
    let Some(form) = &mut submit.form else { return };
    let wanted = &mut submit.focus;
    let manifest = &mut form.manifest;
    let limits = &policy.text;
    let length = |text: &str| text.chars().count();
    let line = |text, hint| TextEdit::singleline(text).desired_width(f32::INFINITY).hint_text(hint);

    label(ui, "Title", length(&manifest.title), Some((limits.title, CHARACTERS)));
    focus(wanted, "title", &ui.add(line(&mut manifest.title, "")));

    label(ui, "Summary", length(&manifest.summary), Some((limits.summary, CHARACTERS)));
    focus(wanted, "summary", &ui.add(line(&mut manifest.summary, "One sentence that makes people look")));

    label(ui, "Description (Markdown)", length(&manifest.description), Some((limits.description, CHARACTERS)));
    let text = TextEdit::multiline(&mut manifest.description).desired_width(f32::INFINITY).desired_rows(5);
    focus(wanted, "description", &ui.add(text));

    label(ui, "For whom, and what it is good for", 0, None);
    focus(wanted, "audience", &ui.add(line(&mut manifest.audience, "For whom?")));
    focus(wanted, "problem", &ui.add(line(&mut manifest.problem, "Which wish or problem does it answer?")));

    let tags = form.tags.split(',').filter(|tag| !tag.trim().is_empty()).count();
    label(ui, "Tags, with commas between them", tags, Some((limits.tags, "tags")));
    focus(wanted, "tags", &ui.add(line(&mut form.tags, "castle, small, winter")));

    label(ui, "License", 0, None);
    let chosen = if manifest.license.is_empty() { "Choose one" } else { &manifest.license }.to_owned();
    let choice = ComboBox::from_id_salt("license").width(240.0).selected_text(chosen).show_ui(ui, |ui| {
        for license in &policy.licenses {
            ui.selectable_value(&mut manifest.license, license.clone(), license);
        }
    });
    focus(wanted, "license", &choice.response);

    label(ui, "Creators", 0, None);
    let mut gone = None;
    for (index, creator) in manifest.creators.iter_mut().enumerate() {
        ui.horizontal(|ui| {
            let name = ui.add(TextEdit::singleline(&mut creator.name).desired_width(200.0).hint_text("Name"));
            focus(wanted, &format!("creators[{index}].name"), &name);
            let role = ui.add(TextEdit::singleline(&mut creator.role).desired_width(150.0).hint_text("What they did"));
            focus(wanted, &format!("creators[{index}].role"), &role);
            let consent = ui.checkbox(&mut creator.consent, "agrees to be named and to submit");
            focus(wanted, &format!("creators[{index}].consent"), &consent);
            if index > 0 && ui.button("×").on_hover_text("Take this creator out").clicked() {
                gone = Some(index);
            }
        });
    }
    if let Some(index) = gone {
        manifest.creators.remove(index);
    }
    let more = ui.button("One more");
    focus(wanted, "creators", &more);
    if more.clicked() {
        manifest.creators.push(Creator { name: String::new(), role: String::new(), consent: false });
    }
    if let Some(parent) = &manifest.parent {
        ui.add_space(4.0);
        let by = if parent.author.is_empty() { String::new() } else { format!(" by {}", parent.author) };
        let text = format!("It is credited as a copy of “{}”{by} ({})", parent.title, parent.license);
        let credit = ui.label(RichText::new(text).italics());
        focus(wanted, "parent", &credit);
    }
    // A field that is not on this page must not take the cursor later.
    *wanted = None;
}
