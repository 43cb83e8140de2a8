//! The one system that draws: menu bar, tool bar, status bar, the dock between them, and what lies above it all.

use super::{PanelRequests, PanelState, Shown};
use crate::EditorSystems;
use crate::checks::Checks;
use crate::compare::Compare;
use crate::document::action::EditorAction;
use crate::document::commit::availability;
use crate::document::{Act, Brush, Clipboard, Document, Selection};
use crate::feedback::{Jobs, Notices, OpenDialog};
use crate::library::Keep;
use crate::portal_client::PortalDesk;
use crate::projection::draw::ViewFrame;
use crate::projection::{Colors, Parts};
use crate::settings::Settings;
use crate::take_apart::TakeApart;
use crate::tools::ToolState;
use crate::viewport::{PointerInput, ViewState, Viewport};
use bevy::ecs::system::SystemParam;
use bevy::input::keyboard::KeyboardInput;
use bevy::prelude::*;
use bevy::render::renderer::{RenderAdapterInfo, RenderDevice, RenderQueue};
use bevy::window::RequestRedraw;
use bevy::winit::{UpdateMode, WinitSettings};
use bevy_egui::egui::{self, LayerId, UiBuilder};
use bevy_egui::helpers::bevy_to_egui_physical_key;
use bevy_egui::{EguiContexts, EguiInput, EguiPrimaryContextPass};
use std::time::{Duration, Instant};

pub(crate) fn plugin(app: &mut App) {
    app.init_resource::<PanelState>()
        .add_systems(Update, (take_requests, start_thumbnails, drop_repeated_modifiers).in_set(EditorSystems::React))
        .add_systems(EguiPrimaryContextPass, root);
}

#[derive(SystemParam)]
struct Sources<'w> {
    document: Res<'w, Document>,
    selection: Res<'w, Selection>,
    brush: Res<'w, Brush>,
    clipboard: Res<'w, Clipboard>,
    parts: Res<'w, Parts>,
    colors: Res<'w, Colors>,
    view: Res<'w, ViewState>,
    tools: Res<'w, ToolState>,
    frame: Res<'w, ViewFrame>,
    jobs: Res<'w, Jobs>,
    checks: Res<'w, Checks>,
    keep: Res<'w, Keep>,
    mode: Res<'w, TakeApart>,
    compare: Res<'w, Compare>,
    portal: Res<'w, PortalDesk>,
    settings: ResMut<'w, Settings>,
    viewport: ResMut<'w, Viewport>,
    notices: ResMut<'w, Notices>,
    dialog: ResMut<'w, OpenDialog>,
    state: ResMut<'w, PanelState>,
}

fn root(
    mut contexts: EguiContexts,
    mut sources: Sources,
    mut acts: MessageWriter<Act>,
    mut redraw: MessageWriter<RequestRedraw>,
    winit: Option<ResMut<WinitSettings>>,
    mut keyboard: MessageReader<KeyboardInput>,
    mut held: Local<egui::Modifiers>,
) -> Result {
    let ctx = contexts.ctx_mut()?.clone();
    mend_modifiers(&ctx, &mut keyboard, *held);
    *held = ctx.input(|input| input.modifiers);
    let availability = availability(
        &sources.document,
        &sources.selection,
        &sources.clipboard,
        &sources.view,
        &sources.tools,
        &sources.keep,
    );
    let mut actions = Vec::new();

    // What is written only when it differs does not count as changed otherwise, so that an idle window stays idle.
    let mut settings = sources.settings.clone();
    let (input_before, size_before) = (sources.viewport.input.clone(), sources.viewport.size);
    let notices_before = sources.notices.shown.len();
    let dialog_before = sources.dialog.0.clone();
    {
        let mut shown = Shown {
            document: &sources.document,
            selection: &sources.selection,
            brush: &sources.brush,
            clipboard: &sources.clipboard,
            catalog: &sources.parts.0,
            palette: &sources.colors.0,
            view: &sources.view,
            tools: &sources.tools,
            settings: &mut settings,
            viewport: sources.viewport.bypass_change_detection(),
            view_texture: sources.frame.texture,
            notices: sources.notices.bypass_change_detection(),
            dialog: sources.dialog.bypass_change_detection(),
            jobs: &sources.jobs,
            checks: &sources.checks,
            keep: &sources.keep,
            mode: &sources.mode,
            compare: &sources.compare,
            portal: &sources.portal,
            availability,
            actions: &mut actions,
        };
        let state = sources.state.bypass_change_detection();
        let mut ui = egui::Ui::new(
            ctx.clone(),
            "root".into(),
            UiBuilder::new().layer_id(LayerId::background()).max_rect(ctx.viewport_rect()),
        );
        root_ui(&mut ui, &mut shown, state);
    }
    if settings != *sources.settings {
        *sources.settings = settings;
    }
    if sources.viewport.input != input_before || sources.viewport.size != size_before {
        sources.viewport.set_changed();
    }
    if sources.notices.shown.len() != notices_before {
        sources.notices.set_changed();
    }
    if sources.dialog.0 != dialog_before {
        sources.dialog.set_changed();
    }
    let busy = !actions.is_empty() || ctx.input(|input| !input.events.is_empty() || input.pointer.any_down());
    let state = sources.state.bypass_change_detection();
    // What an action changes shows in the next frame, what that opens in the one after.
    state.settle = if busy { 3 } else { state.settle.saturating_sub(1) };
    if state.settle > 0 {
        redraw.write(RequestRedraw);
    }
    if let Some(winit) = winit {
        wait_at_most(winit, state.wake_at);
    }
    for action in actions {
        if let EditorAction::Take(part) = &action {
            sources.state.parts.remember(&mut sources.settings, part);
        }
        acts.write(Act(action));
    }
    Ok(())
}

/// bevy_egui tells egui in every frame which modifiers are held, and egui asks for another frame after every event: the
/// window would never rest. Only a change is passed on.
fn drop_repeated_modifiers(mut inputs: Query<&mut EguiInput>, mut last: Local<Option<egui::Modifiers>>) {
    for mut input in &mut inputs {
        input.bypass_change_detection().0.events.retain(|event| match event {
            egui::Event::ModifiersChanged(now) => last.replace(*now) != Some(*now),
            _ => true,
        });
    }
}

/// Gives each key the modifiers that were held when it went down. bevy_egui gives all keys of a frame those held at its
/// end, so that a quick Ctrl+H within one slow frame would be an H.
fn mend_modifiers(ctx: &egui::Context, keyboard: &mut MessageReader<KeyboardInput>, held: egui::Modifiers) {
    let mut now = held;
    let mut order = Vec::new();
    for message in keyboard.read() {
        let down = message.state.is_pressed();
        match message.key_code {
            KeyCode::ControlLeft | KeyCode::ControlRight => {
                now.ctrl = down;
                now.command = if cfg!(target_os = "macos") { now.command } else { down };
            }
            KeyCode::SuperLeft | KeyCode::SuperRight if cfg!(target_os = "macos") => {
                now.mac_cmd = down;
                now.command = down;
            }
            KeyCode::ShiftLeft | KeyCode::ShiftRight => now.shift = down,
            KeyCode::AltLeft | KeyCode::AltRight => now.alt = down,
            code => order.push((bevy_to_egui_physical_key(&code), down, now)),
        }
    }
    let mut order = order.into_iter();
    ctx.input_mut(|input| {
        for event in &mut input.events {
            if let egui::Event::Key { physical_key, pressed, modifiers, .. } = event
                && let Some((_, _, at_press)) = order.find(|(key, down, _)| key == physical_key && down == pressed)
            {
                *modifiers = at_press;
            }
        }
    });
}

/// Lets the window sleep until something happens or this time has come.
fn wait_at_most(mut winit: ResMut<WinitSettings>, time: Option<Instant>) {
    let long = Duration::from_secs(3600);
    let wait = time.map_or(long, |time| time.saturating_duration_since(Instant::now()).max(Duration::from_millis(16)));
    let (focused, unfocused) = (UpdateMode::reactive(wait), UpdateMode::reactive_low_power(wait));
    if time.is_some() || winit.focused_mode != focused {
        winit.focused_mode = focused;
        winit.unfocused_mode = unfocused;
    }
}

/// Draws everything. Tests call it with a Ui of their own.
pub fn root_ui(ui: &mut egui::Ui, shown: &mut Shown, state: &mut PanelState) {
    let ctx = ui.ctx().clone();
    if !std::mem::replace(&mut state.installed, true) {
        super::theme::install(&ctx);
    }
    super::theme::apply(&ctx, shown.settings.theme, shown.settings.ui_scale);
    // A second pass of the same frame has no events; it must not wipe out those of the first.
    if ctx.current_pass_index() == 0 {
        shown.viewport.input = PointerInput { zoom: 1.0, ..PointerInput::default() };
        super::keys::take_shortcuts(&ctx, shown, state);
    }
    state.wake_at = None;
    state.thumbnails.begin_frame(&ctx, shown.catalog, shown.palette);

    let bar = egui::Frame::new().fill(ui.visuals().panel_fill).inner_margin(egui::Margin::symmetric(8, 3));
    egui::Panel::top("menu").frame(bar).show_separator_line(false).show(ui, |ui| {
        super::menu::menu_ui(ui, shown, state);
    });
    let bar = bar.inner_margin(egui::Margin { left: 8, right: 8, top: 1, bottom: 5 });
    egui::Panel::top("tools").frame(bar).show_separator_line(false).show(ui, |ui| {
        super::toolbar::toolbar_ui(ui, shown, state);
    });
    let bar = bar.inner_margin(egui::Margin::symmetric(10, 3));
    egui::Panel::bottom("status").frame(bar).show_separator_line(false).exact_size(26.0).show(ui, |ui| {
        super::status::status_ui(ui, shown, state);
    });
    let middle = egui::Frame::new().fill(super::theme::tones(ui).sunken);
    egui::CentralPanel::default().frame(middle).show(ui, |ui| super::dock::dock_ui(ui, shown, state));

    super::notices::notices_ui(&ctx, shown, state);
    super::dialogs::dialogs_ui(&ctx, shown, state);

    if std::mem::take(&mut state.view.drop_focus)
        && let Some(focused) = ctx.memory(|memory| memory.focused())
    {
        ctx.memory_mut(|memory| memory.surrender_focus(focused));
    }
    state.thumbnails.end_frame(&ctx);
}

/// Takes the actions that are about panels alone, wherever they come from.
fn take_requests(mut requests: ResMut<PanelRequests>, mut state: ResMut<PanelState>) {
    if requests.0.is_empty() {
        return;
    }
    for action in requests.0.drain(..) {
        match action {
            EditorAction::TogglePanel(panel) => state.dock.toggle(panel),
            EditorAction::ShowPanel(panel) => state.dock.bring_forward(panel),
            EditorAction::ResetPanels => state.dock.reset(),
            EditorAction::FindPart => state.find_part(),
            _ => {}
        }
    }
}

/// Starts drawing pictures of parts as soon as there is a device.
fn start_thumbnails(
    device: Option<Res<RenderDevice>>,
    queue: Option<Res<RenderQueue>>,
    adapter: Option<Res<RenderAdapterInfo>>,
    mut state: ResMut<PanelState>,
) {
    let (Some(device), Some(queue)) = (device, queue) else { return };
    if state.bypass_change_detection().thumbnails.is_running() {
        return;
    }
    let software = adapter.is_some_and(|info| info.device_type == wgpu::DeviceType::Cpu);
    state.thumbnails.start(device.wgpu_device().clone(), wgpu::Queue::clone(&queue), software);
}
