//! The designer's window: the editor, Bevy, egui, and what only a window has (title, closing, files dropped on it).

use crate::cli::DesignerArgs;
use crate::document::action::EditorAction;
use crate::document::{Act, Document};
use crate::files::Background;
use crate::settings::Settings;
use crate::{EditorSystems, StudworkPlugin, third_party};
use bevy::prelude::*;
use bevy::window::{FileDragAndDrop, PrimaryWindow, RequestRedraw, WindowCloseRequested};
use studwork_ldraw::Library;

/// Opens the window and runs until it is closed.
pub fn run(start: DesignerArgs) -> anyhow::Result<()> {
    let script = start.script.as_deref().map(crate::script::Script::read).transpose()?;
    anyhow::ensure!(
        has_display(),
        "there is no display to open a window on (neither DISPLAY nor WAYLAND_DISPLAY is set); \
         studwork render draws pictures without one"
    );
    let mut app = App::new();
    open_window(&mut app)?;
    app.add_plugins(StudworkPlugin);
    // A failing system says so and keeps the design.
    app.set_error_handler(report);
    let (settings, problem) = Settings::load();
    if let Some(problem) = problem {
        app.world_mut().resource_mut::<crate::feedback::Notices>().warning(problem, Vec::new());
    }
    let library = start.ldraw.or_else(|| settings.ldraw_library.clone());
    let shadow = settings.shadow_library.clone();
    let shadow = shadow.or_else(|| std::env::var_os("STUDWORK_SHADOW").map(Into::into));
    app.insert_resource(settings);
    crate::panels::plugin(&mut app);
    app.add_systems(Update, (dropped, closing).in_set(EditorSystems::Input))
        .add_systems(Update, (title, keep_drawing, show_failures).in_set(EditorSystems::React));
    if let Some(script) = script {
        app.insert_resource(crate::script::Player::new(script));
    }
    let waker = third_party::waker(&app);
    let wake = waker.0.clone();
    let mut portal = app.world_mut().resource_mut::<crate::portal_client::PortalDesk>();
    portal.set_waker(wake);
    let mut background = app.world_mut().resource_mut::<Background>();
    background.set_waker(waker);
    background.shadow = shadow.filter(|path: &std::path::PathBuf| !path.as_os_str().is_empty());
    if let Some(path) = Library::locate(library.as_deref()) {
        background.start_library(path);
    }
    let mut keep = app.world_mut().resource_mut::<crate::library::Keep>();
    let problem = keep.open(None).err();
    let unsaved = !keep.unsaved.is_empty();
    if let Some(problem) = problem {
        app.world_mut().resource_mut::<crate::feedback::Notices>().warning(problem, Vec::new());
    }
    if unsaved {
        app.world_mut().write_message(Act(EditorAction::ShowUnsaved));
    }
    if let Some(starter) = start.starter {
        app.world_mut().write_message(Act(EditorAction::OpenStarter(starter)));
    }
    for (index, file) in start.files.into_iter().enumerate() {
        let action = if index == 0 { EditorAction::OpenPath(file) } else { EditorAction::ImportPath(file) };
        app.world_mut().write_message(Act(action));
    }
    match app.run() {
        AppExit::Success => Ok(()),
        AppExit::Error(code) => anyhow::bail!("the designer ended with an error ({code})"),
    }
}

/// Whether there is a screen to open a window on.
fn has_display() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(all(unix, not(target_os = "macos"))) || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// Adds the window; a display that does not answer makes the window library panic, which is an error like any other here.
fn open_window(app: &mut App) -> anyhow::Result<()> {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let opened = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| third_party::plugin(app)));
    std::panic::set_hook(hook);
    opened.map_err(|_| {
        let display = std::env::var("DISPLAY").unwrap_or_default();
        anyhow::anyhow!(
            "the display {display} does not answer, so no window can open; studwork render draws pictures without one"
        )
    })
}

/// What systems could not do, until it is shown.
static FAILURES: std::sync::Mutex<Vec<String>> = std::sync::Mutex::new(Vec::new());

fn report(error: BevyError, context: bevy::ecs::error::ErrorContext) {
    error!("{} ({}): {error}", context.kind(), context.name());
    if let Ok(mut failures) = FAILURES.lock()
        && failures.len() < 5
    {
        failures.push(format!("{}: {error}", context.name()));
    }
}

fn show_failures(mut notices: ResMut<crate::feedback::Notices>) {
    if let Ok(mut failures) = FAILURES.lock() {
        for failure in failures.drain(..) {
            notices.error(format!("Something did not work; your design is kept. {failure}"));
        }
    }
}

fn dropped(mut drops: MessageReader<FileDragAndDrop>, mut acts: MessageWriter<Act>) {
    for drop in drops.read() {
        if let FileDragAndDrop::DroppedFile { path_buf, .. } = drop {
            acts.write(Act(EditorAction::OpenPath(path_buf.clone())));
        }
    }
}

fn closing(mut requests: MessageReader<WindowCloseRequested>, mut acts: MessageWriter<Act>) {
    if requests.read().count() > 0 {
        acts.write(Act(EditorAction::Quit));
    }
}

fn title(document: Res<Document>, mut windows: Query<&mut Window, With<PrimaryWindow>>) {
    let star = if document.is_dirty() { "• " } else { "" };
    let origin = document.origin().map(|origin| format!(" ({origin})")).unwrap_or_default();
    let title = format!("{star}{}{origin} – Studwork", document.name());
    for mut window in &mut windows {
        if window.title != title {
            window.title.clone_from(&title);
        }
    }
}

/// One more frame when something happened that shows only in the next one.
#[expect(clippy::too_many_arguments, reason = "a system's parameters are its dependencies")]
fn keep_drawing(
    document: Res<Document>,
    frame: Res<crate::projection::draw::ViewFrame>,
    jobs: Res<crate::feedback::Jobs>,
    script: Option<Res<crate::script::Player>>,
    view: Res<crate::viewport::ViewState>,
    mode: Res<crate::take_apart::TakeApart>,
    mut acts: MessageReader<Act>,
    mut last: Local<Option<u64>>,
    mut redraw: MessageWriter<RequestRedraw>,
) {
    let changed = *last != Some(document.generation());
    *last = Some(document.generation());
    if changed
        || acts.read().count() > 0
        || frame.dirty
        || view.playing
        || mode.is_moving()
        || !jobs.running.is_empty()
        || script.is_some_and(|script| script.is_running())
    {
        redraw.write(RequestRedraw);
    }
}
