//! The co-creation portal: sign in, look around, take part, download into the library, and what waits to be sent.

use super::icons::Icon;
use super::widgets::{count, empty_note, icon_button, icon_label, search_field, texture_from_bytes};
use super::{PanelState, Shown, theme};
use crate::document::action::EditorAction;
use crate::portal_client::{ListOrder, PortalAction as P, PortalDesk, SigningIn};
use bevy_egui::egui::text::{LayoutJob, TextFormat, TextWrapping};
use bevy_egui::egui::{
    self, Align2, Color32, CornerRadius, FontId, ProgressBar, Rect, RichText, Sense, TextureHandle, Ui, Vec2,
    WidgetInfo, WidgetType, pos2, vec2,
};
use egui_commonmark::{CommonMarkCache, CommonMarkViewer};
use std::collections::HashMap;
use std::time::{Duration, Instant};
use studwork_client::{Card, Job, JobState, Project};

/// What the panel remembers.
#[derive(Default)]
pub struct PortalState {
    address: String,
    words: String,
    /// Whether the portal of last time was opened already.
    tried: bool,
    textures: HashMap<String, TextureHandle>,
    frame: usize,
    /// When the search was typed in last, until it is searched.
    typed: Option<Instant>,
    markdown: CommonMarkCache,
    /// Pictures that were asked for in this frame.
    pub(super) wanted: Vec<String>,
}

const ROW: f32 = 86.0;
/// How long typing rests before it is searched.
const TYPING: Duration = Duration::from_millis(400);

impl PortalState {
    /// Draws a picture of the portal, asking for it when it is not there.
    fn paint(&mut self, ui: &Ui, desk: &PortalDesk, path: Option<&str>, rect: Rect) {
        ui.painter().rect_filled(rect, CornerRadius::same(5), theme::tones(ui).stage);
        let Some(path) = path else { return };
        if !self.textures.contains_key(path) {
            match desk.pictures.get(path) {
                Some(Some(bytes)) => {
                    if let Some(texture) = texture_from_bytes(ui.ctx(), path, bytes) {
                        self.textures.insert(path.to_owned(), texture);
                    }
                }
                Some(None) => {}
                None => self.wanted.push(path.to_owned()),
            }
        }
        if let Some(texture) = self.textures.get(path) {
            let all = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            let size = texture.size_vec2();
            let scale = (rect.width() / size.x).min(rect.height() / size.y);
            ui.painter().image(texture.id(), Rect::from_center_size(rect.center(), size * scale), all, Color32::WHITE);
        } else {
            let inner = Rect::from_center_size(rect.center(), Vec2::splat(rect.height().min(40.0) * 0.5));
            Icon::Model.paint(ui.painter(), inner, theme::tones(ui).weak);
        }
    }
}

fn send(shown: &mut Shown, action: P) {
    shown.actions.push(EditorAction::Portal(action));
}

/// Draws the panel.
pub fn portal_ui(ui: &mut Ui, shown: &mut Shown, state: &mut PanelState) {
    let desk = shown.portal;
    let Some(address) = &desk.address else {
        choose_ui(ui, shown, state);
        return;
    };
    ui.horizontal(|ui| {
        let name = desk.policy.as_ref().map_or("Portal", |policy| &policy.portal.name);
        ui.add(egui::Label::new(RichText::new(name).strong()).truncate()).on_hover_text(address.as_str());
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if desk.signed_in {
                let who = desk.account.as_ref().map_or_else(|| "Signed in".to_owned(), |account| account.name.clone());
                ui.menu_button(who, |ui| {
                    if ui.button("My projects").clicked() {
                        shown.actions.push(EditorAction::Portal(P::Mine));
                        ui.close();
                    }
                    if ui.button("Sign out").clicked() {
                        shown.actions.push(EditorAction::Portal(P::SignOut));
                        ui.close();
                    }
                });
            } else if ui.button("Sign in").clicked() {
                shown.actions.push(EditorAction::Portal(P::SignIn));
            }
            if desk.is_busy() {
                ui.spinner();
            }
        });
    });
    sign_in_ui(ui, shown);
    unopened_ui(ui, shown);
    if let Some(trouble) = &desk.trouble {
        ui.add(egui::Label::new(RichText::new(trouble).color(theme::tones(ui).warning)).wrap());
        if ui.button("Try again").clicked() {
            send(shown, P::Use(address.to_string()));
        }
    }
    ui.horizontal(|ui| {
        let ready = shown.availability.pieces > 0;
        if ui.add_enabled(ready, egui::Button::new("Submit this design…")).clicked() {
            send(shown, P::Submit);
        }
        if ui.button("Another portal…").clicked() {
            shown.actions.push(EditorAction::Portal(P::Leave));
        }
    });
    outbox_ui(ui, shown);
    ui.separator();
    match &desk.project {
        Some(project) => project_ui(ui, project, shown, state),
        None => list_ui(ui, shown, state),
    }
    for path in std::mem::take(&mut state.portal.wanted) {
        send(shown, P::Picture(path));
    }
}

/// A page that no browser opened.
fn unopened_ui(ui: &mut Ui, shown: &mut Shown) {
    let Some(page) = &shown.portal.unopened else { return };
    egui::Frame::new().fill(theme::tones(ui).raised).corner_radius(6).inner_margin(8).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.label("No browser opens here. The page is at");
        ui.add(egui::Label::new(RichText::new(page).small()).wrap().selectable(true));
        let (copy, close) = ui.horizontal(|ui| (ui.button("Copy").clicked(), ui.button("Close").clicked())).inner;
        if copy {
            ui.ctx().copy_text(page.clone());
        }
        if copy || close {
            send(shown, P::ForgetPage);
        }
    });
}

/// A sign-in that waits for a person: in the browser, or by a code.
fn sign_in_ui(ui: &mut Ui, shown: &mut Shown) {
    let Some(waiting) = &shown.portal.signing_in else { return };
    let tones = theme::tones(ui);
    egui::Frame::new().fill(tones.raised).corner_radius(6).inner_margin(8).show(ui, |ui| {
        ui.set_width(ui.available_width());
        let mut other = None;
        match waiting {
            SigningIn::Beginning => {
                ui.horizontal(|ui| {
                    ui.spinner();
                    ui.label("Asking the portal …");
                });
            }
            SigningIn::Browser { url } => {
                ui.label(RichText::new("Sign in in your browser").strong());
                ui.add(egui::Label::new("Studwork waits until you have allowed it there.").wrap());
                ui.horizontal_wrapped(|ui| {
                    if ui.button("Open the page again").clicked() {
                        other = Some(P::OpenSignIn);
                    }
                    if ui.button("Copy its address").clicked() {
                        ui.ctx().copy_text(url.clone());
                    }
                    if ui.button("Use a code instead").on_hover_text("Sign in on another device").clicked() {
                        other = Some(P::SignInByCode);
                    }
                });
            }
            SigningIn::Code { code, url, .. } => {
                ui.label(RichText::new("Sign in on any device").strong());
                ui.add(egui::Label::new(format!("Open {url} there and type this code:")).wrap().selectable(true));
                ui.label(RichText::new(code).monospace().size(24.0).color(ui.visuals().strong_text_color()));
                ui.horizontal_wrapped(|ui| {
                    if ui.button("Copy the code").clicked() {
                        ui.ctx().copy_text(code.clone());
                    }
                    if ui.button("Open the page here").clicked() {
                        other = Some(P::OpenSignIn);
                    }
                });
            }
        }
        if ui.button("Cancel").clicked() {
            other = Some(P::StopSignIn);
        }
        if let Some(action) = other {
            send(shown, action);
        }
    });
}

fn choose_ui(ui: &mut Ui, shown: &mut Shown, state: &mut PanelState) {
    let text = "See what others build, support it, build on a copy, and submit what you have designed.";
    empty_note(ui, Icon::Star, "A co-creation portal", text);
    if state.portal.address.is_empty() {
        state.portal.address.clone_from(&shown.settings.portal);
    }
    // The portal of last time is opened with the panel.
    if !std::mem::replace(&mut state.portal.tried, true) && !shown.settings.portal.is_empty() {
        send(shown, P::Use(shown.settings.portal.clone()));
    }
    ui.label("Its address");
    let field = egui::TextEdit::singleline(&mut state.portal.address).hint_text("https://…");
    let response = ui.add(field.desired_width(f32::INFINITY));
    let entered = response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
    if entered {
        // Where it does not lead anywhere, the next key corrects it and does nothing to the model.
        response.request_focus();
    }
    let ready = !state.portal.address.trim().is_empty();
    ui.add_space(4.0);
    let pressed = ui.horizontal(|ui| super::dialogs::main_button(ui, ready, "Connect")).inner;
    if (pressed || entered) && ready {
        state.portal.words.clear();
        send(shown, P::Use(state.portal.address.trim().to_owned()));
    }
    if let Some(trouble) = &shown.portal.trouble {
        ui.add(egui::Label::new(RichText::new(trouble).color(theme::tones(ui).warning)).wrap());
    }
}

/// What waits, and, folded away once there is more than one, what has arrived.
fn outbox_ui(ui: &mut Ui, shown: &mut Shown) {
    let (sent, waiting): (Vec<_>, Vec<_>) =
        shown.portal.outbox.iter().enumerate().partition(|(_, job)| job.state == JobState::Sent);
    for (index, job) in waiting {
        job_ui(ui, index, job, shown);
    }
    let arrived = |ui: &mut Ui, shown: &mut Shown| {
        for (index, job) in &sent {
            job_ui(ui, *index, job, shown);
        }
    };
    if sent.len() < 2 {
        arrived(ui, shown);
    } else {
        egui::CollapsingHeader::new(format!("{} have arrived", sent.len()))
            .id_salt("arrived")
            .show(ui, |ui| arrived(ui, shown));
    }
}

fn job_ui(ui: &mut Ui, index: usize, job: &Job, shown: &mut Shown) {
    egui::Frame::new().fill(theme::tones(ui).raised).corner_radius(6).inner_margin(6).show(ui, |ui| {
        ui.horizontal(|ui| {
            if job.state == JobState::Sent {
                icon_label(ui, Icon::Check, theme::tones(ui).good, 16.0).on_hover_text("It has arrived");
            }
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                job_buttons(ui, index, job, shown);
                ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                    ui.add(egui::Label::new(RichText::new(&job.title).strong()).truncate());
                });
            });
        });
        job_state_ui(ui, job, shown.portal);
    });
}

fn job_buttons(ui: &mut Ui, index: usize, job: &Job, shown: &mut Shown) {
    if icon_button(ui, Icon::Close, "Take it out of the outbox", false).clicked() {
        send(shown, P::Cancel(index));
    }
    match job.state {
        JobState::Waiting if icon_button(ui, Icon::Pause, "Let it wait", false).clicked() => {
            send(shown, P::Pause(index));
        }
        JobState::Paused | JobState::Refused | JobState::SignInNeeded
            if icon_button(ui, Icon::Play, "Send it now", false).clicked() =>
        {
            send(shown, P::Resume(index));
        }
        JobState::Sent if shown.portal.address.as_ref() == Some(&job.portal) => {
            if let Some(project) = &job.project
                && ui.link("Show it").clicked()
            {
                send(shown, P::Show(project.clone()));
            }
        }
        _ => {}
    }
}

/// How it stands with a submission.
fn job_state_ui(ui: &mut Ui, job: &Job, desk: &PortalDesk) {
    let tones = theme::tones(ui);
    let (done, total) = desk.sending.get(&job.id).copied().unwrap_or((job.sent, job.bytes));
    let share = if total == 0 { 0.0 } else { done as f32 / total as f32 };
    let why = job.error.as_ref().map(|error| format!("{error}. {}", error.advice()));
    match job.state {
        JobState::Waiting => {
            ui.add(ProgressBar::new(share).desired_height(7.0).fill(tones.accent));
            let text = match (desk.sending.contains_key(&job.id), why) {
                (true, _) if done >= total => "It is there and is being checked".to_owned(),
                (false, Some(why)) => why,
                _ => format!("{} of {} KiB", done / 1024, total / 1024),
            };
            ui.add(egui::Label::new(RichText::new(text).small().color(tones.weak)).wrap());
        }
        JobState::Paused => status(ui, RichText::new("Paused").small().color(tones.weak)),
        JobState::SignInNeeded => status(ui, RichText::new("Goes out when you sign in").small().color(tones.warning)),
        JobState::Sent => {}
        JobState::Refused => {
            let text = why.unwrap_or_else(|| "The portal did not take it".into());
            ui.add(egui::Label::new(RichText::new(text).small().color(tones.error)).wrap());
        }
    }
}

fn status(ui: &mut Ui, text: RichText) {
    ui.label(text);
}

fn list_ui(ui: &mut Ui, shown: &mut Shown, state: &mut PanelState) {
    let desk = shown.portal;
    let (response, changed) =
        search_field(ui, egui::Id::new("search portal"), &mut state.portal.words, "Search projects …");
    // It is searched as soon as typing rests.
    if changed {
        state.portal.typed = Some(Instant::now());
    }
    if let Some(typed) = state.portal.typed {
        let entered = response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
        if entered || typed.elapsed() >= TYPING || state.portal.words.is_empty() {
            state.portal.typed = None;
            send(shown, P::Search(state.portal.words.clone()));
        } else {
            state.wake_by(typed + TYPING);
        }
    }
    ui.horizontal_wrapped(|ui| {
        for (order, name) in
            [(ListOrder::Newest, "Newest"), (ListOrder::Supported, "Most supported"), (ListOrder::Rising, "Rising")]
        {
            if ui.selectable_label(!desk.mine && desk.order == order, name).clicked() {
                shown.actions.push(EditorAction::Portal(P::Order(order)));
            }
        }
        if desk.signed_in && ui.selectable_label(desk.mine, "Mine").clicked() {
            state.portal.words.clear();
            shown.actions.push(EditorAction::Portal(P::Mine));
        }
    });
    if desk.cards.is_empty() {
        if !desk.is_busy() && desk.trouble.is_none() {
            ui.add_space(6.0);
            let text = match (desk.words.as_str(), desk.mine) {
                ("", false) => "No projects here yet.".to_owned(),
                ("", true) => "You have not submitted anything here yet.".to_owned(),
                (words, _) => format!("Nothing found for “{words}”."),
            };
            ui.weak(text);
        }
        return;
    }
    ui.spacing_mut().item_spacing.y = 3.0;
    egui::ScrollArea::vertical().id_salt("projects").auto_shrink([false, false]).show_rows(
        ui,
        ROW,
        desk.cards.len() + 1,
        |ui, range| {
            for index in range {
                match desk.cards.get(index) {
                    Some(card) => card_ui(ui, card, shown, state),
                    None if desk.more.is_some() && ui.button("More").clicked() => {
                        shown.actions.push(EditorAction::Portal(P::More));
                    }
                    None => {}
                }
            }
        },
    );
}

fn card_ui(ui: &mut Ui, card: &Card, shown: &mut Shown, state: &mut PanelState) {
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), ROW));
    let response = ui.interact(rect, ui.id().with(&card.id), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, &card.title));
    let tones = theme::tones(ui);
    let fill = if response.hovered() { ui.visuals().widgets.hovered.weak_bg_fill } else { tones.raised };
    ui.painter().rect_filled(rect, CornerRadius::same(6), fill);
    let picture = Rect::from_min_size(rect.min + vec2(5.0, 5.0), Vec2::splat(ROW - 10.0));
    state.portal.paint(ui, shown.portal, card.cover.as_deref(), picture);
    let left = picture.right() + 9.0;
    let clip = ui.painter().with_clip_rect(rect.with_min_x(left - 1.0).intersect(ui.clip_rect()));
    let by = match card.state.as_str() {
        "gathering" => format!("by {} · {}", card.creator.name, count(card.pieces as usize, "piece")),
        state => format!("{} · {}", state_text(state), count(card.pieces as usize, "piece")),
    };
    let lines = [
        (card.title.clone(), 13.5, ui.visuals().strong_text_color()),
        (by, 12.0, ui.visuals().text_color()),
        (card.summary.clone(), 11.5, tones.weak),
    ];
    let mut y = rect.top() + 7.0;
    for (text, size, color) in lines {
        let mut job = LayoutJob::single_section(text, TextFormat::simple(FontId::proportional(size), color));
        job.wrap = TextWrapping::truncate_at_width(rect.right() - left - 6.0);
        let galley = ui.fonts_mut(|fonts| fonts.layout_job(job));
        clip.galley(pos2(left, y), galley, color);
        y += size + 4.0;
    }
    let bar = Rect::from_min_max(pos2(left, rect.bottom() - 14.0), pos2(rect.right() - 92.0, rect.bottom() - 9.0));
    support_bar(ui, bar, card);
    clip.text(
        pos2(rect.right() - 6.0, rect.bottom() - 11.5),
        Align2::RIGHT_CENTER,
        count(card.supports as usize, "supporter"),
        FontId::proportional(11.0),
        tones.weak,
    );
    if response.clicked() {
        send(shown, P::Show(card.id.clone()));
    }
}

/// A state's name for people: `changes_requested` → `changes requested`.
fn state_text(state: &str) -> String {
    state.replace('_', " ")
}

fn support_bar(ui: &Ui, rect: Rect, card: &Card) {
    let tones = theme::tones(ui);
    ui.painter().rect_filled(rect, CornerRadius::same(3), tones.sunken);
    let share = if card.goal == 0 { 0.0 } else { (card.supports as f32 / card.goal as f32).min(1.0) };
    let mut filled = rect;
    filled.set_width((rect.width() * share).max(if card.supports > 0 { 3.0 } else { 0.0 }));
    ui.painter().rect_filled(filled, CornerRadius::same(3), tones.accent);
}

fn project_ui(ui: &mut Ui, project: &Project, shown: &mut Shown, state: &mut PanelState) {
    let card = &project.card;
    if ui.button("‹ Back").clicked() {
        send(shown, P::Back);
    }
    egui::ScrollArea::vertical().id_salt(("project", &card.id)).auto_shrink([false, false]).show(ui, |ui| {
        let side = ui.available_width().min(420.0);
        let (rect, response) = ui.allocate_exact_size(Vec2::splat(side), Sense::drag());
        // The turntable is dragged; until then the cover is shown.
        let frames = project.turntable.len();
        if frames > 0 && response.dragged() {
            let turned = response.drag_delta().x / side * frames as f32 * 1.5;
            let at = state.portal.frame as f32 + frames as f32 - turned;
            state.portal.frame = (at.round() as usize) % frames;
        }
        let turned = response.dragged() || response.hovered();
        let picture = match project.turntable.get(state.portal.frame).filter(|_| turned) {
            Some(frame) => Some(frame.as_str()),
            None => card.cover.as_deref(),
        };
        state.portal.paint(ui, shown.portal, picture, rect);
        if frames > 0 {
            response.on_hover_text("Drag to turn it");
        }
        ui.add_space(4.0);
        ui.heading(&card.title);
        ui.label(format!("by {} · {} · {}", card.creator.name, count(card.pieces as usize, "piece"), card.license));
        let talk = (count(project.comments as usize, "comment"), count(project.follows as usize, "follower"));
        let tags = if card.tags.is_empty() { String::new() } else { format!(" · {}", card.tags.join(", ")) };
        let line = format!("version {} · {} · {}{tags}", card.version, talk.0, talk.1);
        ui.add(egui::Label::new(RichText::new(line).small().color(theme::tones(ui).weak)).wrap());
        let (bar, _) = ui.allocate_exact_size(vec2(ui.available_width(), 8.0), Sense::hover());
        support_bar(ui, bar, card);
        ui.label(format!(
            "{} of {} · {}",
            count(card.supports as usize, "supporter"),
            card.goal,
            state_text(&card.state)
        ));
        buttons_ui(ui, project, shown);
        ui.add_space(4.0);
        ui.add(egui::Label::new(&card.summary).wrap());
        ui.add_space(4.0);
        CommonMarkViewer::new().show(ui, &mut state.portal.markdown, &project.description);
        // A stranger's text may lead to pages only, not to files of this machine.
        ui.ctx().output_mut(|output| {
            output.commands.retain(|command| match command {
                egui::OutputCommand::OpenUrl(open) => {
                    ["https://", "http://"].iter().any(|scheme| open.url.starts_with(scheme))
                }
                _ => true,
            });
        });
        if let Some(parent) = &project.parent {
            ui.add_space(6.0);
            ui.label(RichText::new(format!("A copy of “{}” by {}", parent.title, parent.creator)).italics());
        }
        let children = shown.portal.lineage.as_ref().map_or(&[][..], |lineage| &lineage.children);
        if !children.is_empty() {
            ui.add_space(6.0);
            ui.label(RichText::new("Copies of it").strong());
            for child in children {
                if ui.link(format!("{} by {}", child.title, child.creator.name)).clicked() {
                    shown.actions.push(EditorAction::Portal(P::Show(child.id.clone())));
                }
            }
        }
    });
}

fn buttons_ui(ui: &mut Ui, project: &Project, shown: &mut Shown) {
    let id = || project.card.id.clone();
    ui.horizontal_wrapped(|ui| {
        if super::dialogs::main_button(ui, true, "Open a copy") {
            shown.actions.push(EditorAction::Portal(P::Download(id())));
        }
        if ui.button("Page").on_hover_text("Open its page in the browser").clicked() {
            shown.actions.push(EditorAction::Portal(P::OpenPage(project.card.url.clone())));
        }
        let signed_in = shown.portal.signed_in;
        let you = project.you.unwrap_or_default();
        let support = if you.supported { "Supported" } else { "Support" };
        let can = signed_in && !you.own;
        let button = ui.add_enabled(can, egui::Button::new(support).selected(you.supported));
        let reason = if you.own { "It is your own" } else { "Sign in first" };
        if button.on_disabled_hover_text(reason).clicked() {
            shown.actions.push(EditorAction::Portal(P::Support(id(), !you.supported)));
        }
        let follow = if you.following { "Following" } else { "Follow" };
        if ui.add_enabled(signed_in, egui::Button::new(follow).selected(you.following)).clicked() {
            shown.actions.push(EditorAction::Portal(P::Follow(id(), !you.following)));
        }
        // The rest of what a creator may do with a project stands on its page.
        if project.transitions.iter().any(|to| to == "submitted") && ui.button("Submit the draft").clicked() {
            shown.actions.push(EditorAction::Portal(P::Move(id(), "submitted".to_owned())));
        }
    });
}
