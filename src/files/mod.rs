//! Opening, saving, importing and exporting: what is slow runs on threads of its own, with progress and cancel.
//!
//! Results come back through one channel and replace the document in one place. The file a design was read from is
//! written only by Save, and only if it is a design file of ours.

mod dialog;
mod jobs;
mod save;
pub mod starters;

use crate::document::action::EditorAction as A;
use crate::document::{AddModel, Document, PendingChanges, Selection};
use crate::feedback::{Dialog, Jobs, Notices, OpenDialog, PathPurpose, Progress};
use crate::projection::{Colors, Parts};
use crate::settings::Settings;
use crate::tools::{Tool, ToolState};
use crate::viewport::{ViewState, Viewport};
use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use studwork_core::{Catalog, Design, Palette};

/// File actions that wait to be taken.
#[derive(Resource, Default)]
pub struct FileRequests(pub Vec<A>);

/// What a thread brings back.
pub enum Finished {
    /// A design was read.
    Opened {
        /// Where from.
        path: PathBuf,
        /// What.
        design: Box<Design>,
        /// What to know about it.
        warnings: Vec<String>,
        /// Whether it is a design file of ours, which Save may write to.
        ours: bool,
    },
    /// A model to add as submodels was read.
    Imported {
        /// Where from.
        path: PathBuf,
        /// What.
        design: Box<Design>,
        /// What to know about it.
        warnings: Vec<String>,
    },
    /// The parts there are now.
    Library {
        /// Where they come from; `None` are the built-in ones.
        path: Option<PathBuf>,
        /// The parts.
        catalog: Arc<Catalog>,
        /// The colors.
        palette: Arc<Palette>,
        /// Whether the person asked for it just now.
        asked: bool,
    },
    /// Something was written.
    Written {
        /// Where to.
        path: PathBuf,
        /// What to know about it.
        warnings: Vec<String>,
    },
    /// A path was chosen in a dialog.
    Chosen(PathPurpose, PathBuf),
    /// A dialog was closed without a choice.
    NotChosen,
    /// It did not work.
    Failed(String),
}

/// The channel from the threads, and what waits for them.
#[derive(Resource)]
pub struct Background {
    sender: mpsc::Sender<(Option<Progress>, Finished)>,
    receiver: Mutex<mpsc::Receiver<(Option<Progress>, Finished)>>,
    wake: Waker,
    /// What to do once the design is saved.
    after_save: Option<A>,
    /// A file that waits until the parts library is open.
    pub open_after_library: Option<PathBuf>,
    /// Whether a library is being opened.
    pub library_pending: bool,
    /// Asks for paths in a dialog of our own instead of the system's.
    pub own_dialogs: bool,
}

/// Wakes the window when a thread has something.
#[derive(Clone, Default)]
pub struct Waker(pub Option<Arc<dyn Fn() + Send + Sync>>);

impl Waker {
    fn wake(&self) {
        if let Some(wake) = &self.0 {
            wake();
        }
    }
}

impl Default for Background {
    fn default() -> Self {
        let (sender, receiver) = mpsc::channel();
        Self {
            sender,
            receiver: Mutex::new(receiver),
            wake: Waker::default(),
            after_save: None,
            open_after_library: None,
            library_pending: false,
            own_dialogs: !dialog::system_dialogs(),
        }
    }
}

impl Background {
    /// Says how to wake the window.
    pub fn set_waker(&mut self, waker: Waker) {
        self.wake = waker;
    }

    /// Opens the parts library at the start.
    pub fn start_library(&mut self, path: PathBuf) {
        self.library_pending = true;
        self.spawn(None, move || jobs::open_library(Some(path), false));
    }

    /// Runs work on a thread; what it returns is taken up in a later frame.
    fn spawn(&self, progress: Option<Progress>, work: impl FnOnce() -> Finished + Send + 'static) {
        let (sender, wake) = (self.sender.clone(), self.wake.clone());
        let body = move || {
            let finished = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or_else(|_| {
                Finished::Failed("Something went wrong inside Studwork; the design is unchanged".into())
            });
            // The window may be gone by now.
            let _ = sender.send((progress, finished));
            wake.wake();
        };
        if let Err(error) = std::thread::Builder::new().name("files".into()).spawn(body) {
            error!("no thread for background work: {error}");
        }
    }
}

/// What file actions read and change.
#[derive(SystemParam)]
struct Desk<'w> {
    document: ResMut<'w, Document>,
    selection: ResMut<'w, Selection>,
    pending: ResMut<'w, PendingChanges>,
    view: ResMut<'w, ViewState>,
    viewport: ResMut<'w, Viewport>,
    tools: ResMut<'w, ToolState>,
    settings: ResMut<'w, Settings>,
    notices: ResMut<'w, Notices>,
    dialog: ResMut<'w, OpenDialog>,
    jobs: ResMut<'w, Jobs>,
    parts: ResMut<'w, Parts>,
    colors: ResMut<'w, Colors>,
    background: ResMut<'w, Background>,
    models: MessageWriter<'w, AddModel>,
    exit: MessageWriter<'w, AppExit>,
}

/// Takes up what threads have finished.
fn collect(mut desk: Desk) {
    let finished: Vec<_> = match desk.background.receiver.lock() {
        Ok(receiver) => receiver.try_iter().collect(),
        Err(_) => Vec::new(),
    };
    for (progress, finished) in finished {
        let canceled = progress.as_ref().is_some_and(Progress::is_canceled);
        if let Some(progress) = progress {
            desk.jobs.running.retain(|job| job.id() != progress.id());
        }
        if canceled {
            desk.notices.info("Canceled; nothing was changed");
        } else {
            desk.take_up(finished);
        }
    }
}

/// Takes the file actions of this frame.
fn serve(mut desk: Desk, mut requests: ResMut<FileRequests>) {
    for action in std::mem::take(&mut requests.0) {
        desk.request(action, false);
    }
}

impl Desk<'_> {
    fn request(&mut self, action: A, discard: bool) {
        let leaves =
            matches!(action, A::New | A::Open | A::OpenPath(_) | A::OpenAddress(_) | A::OpenStarter(_) | A::Quit);
        if leaves && !discard && self.document.is_dirty() {
            self.dialog.0 = Some(Dialog::UnsavedChanges { then: action });
            return;
        }
        match action {
            A::DiscardThen(then) => self.request(*then, true),
            A::SaveThen(then) => {
                self.background.after_save = Some(*then);
                self.save();
            }
            A::New => self.replace(Design::new(), None, None),
            A::Open => self.ask(PathPurpose::Open),
            A::Import => self.ask(PathPurpose::Import),
            A::SaveAs => self.ask(PathPurpose::Save),
            A::Export => self.ask(PathPurpose::Export),
            A::Picture => self.ask(PathPurpose::Picture),
            A::ChooseLibrary => self.ask(PathPurpose::Library),
            A::OpenPath(path) if self.background.library_pending => self.background.open_after_library = Some(path),
            A::OpenPath(path) => self.start_open(path),
            A::OpenStarter(title) => self.open_starter(&title),
            A::OpenAddress(address) => self.start_download(address),
            A::ImportPath(path) => self.start_import(path),
            A::Save => self.save(),
            A::SaveTo(path) => self.save_to(&path),
            A::ExportTo(path) => self.start_export(path),
            A::PictureTo(path, width, height) => self.start_picture(path, width, height),
            A::SetLibrary(path) => self.start_library(path, true),
            A::Quit => {
                self.exit.write(AppExit::Success);
            }
            other => warn!("{other:?} is not about files"),
        }
    }

    fn job(&mut self, label: String) -> Progress {
        let progress = Progress::new(label);
        self.jobs.running.push(progress.clone());
        progress
    }

    fn replace(&mut self, design: Design, path: Option<PathBuf>, imported_from: Option<PathBuf>) {
        self.viewport.fit_pending = !design.is_empty();
        *self.document = Document::new(design, path, imported_from);
        self.selection.replace([]);
        *self.view = ViewState {
            grid: self.view.grid,
            edges: self.view.edges,
            shadows: self.view.shadows,
            ..ViewState::default()
        };
        self.tools.choose(Tool::Select);
        self.pending.changes.clear();
        self.pending.everything = true;
        self.viewport.camera = studwork_render::Camera::default();
    }

    fn take_up(&mut self, finished: Finished) {
        match finished {
            Finished::Opened { path, design, warnings, ours } => {
                let name = file_name(&path);
                let pieces = design.part_count();
                let (own, imported) = if ours { (Some(path.clone()), None) } else { (None, Some(path.clone())) };
                self.replace(*design, own, imported);
                self.remember(&path);
                if warnings.is_empty() {
                    self.notices.info(format!("Opened {name}: {pieces} pieces"));
                } else {
                    self.notices.warning(
                        format!("Opened {name}: {pieces} pieces, {} thing(s) to know", warnings.len()),
                        warnings,
                    );
                }
            }
            Finished::Imported { path, design, warnings } => {
                let name = path.file_stem().map_or_else(|| "Import".into(), |stem| stem.to_string_lossy().into_owned());
                self.models.write(AddModel { design: Arc::new(*design), name, warnings });
            }
            Finished::Library { path, catalog, palette, asked } => {
                self.background.library_pending = false;
                self.parts.0 = catalog;
                self.colors.0 = palette;
                if asked {
                    let text = match &path {
                        Some(path) => format!("Parts come from {}", path.display()),
                        None => "Parts are the built-in ones".into(),
                    };
                    self.notices.info(text);
                    self.settings.ldraw_library = path;
                    self.keep_settings();
                }
                self.open_waiting();
            }
            Finished::Written { path, warnings } => {
                let text = format!("Wrote {}", path.display());
                if warnings.is_empty() { self.notices.info(text) } else { self.notices.warning(text, warnings) }
            }
            Finished::Chosen(purpose, path) => {
                let path = with_extension(purpose, path);
                // What was unsaved was asked about before the dialog opened.
                self.request(purpose.action(path), true);
            }
            Finished::NotChosen => self.background.after_save = None,
            Finished::Failed(text) => {
                if self.background.library_pending {
                    self.background.library_pending = false;
                    self.open_waiting();
                }
                self.background.after_save = None;
                self.notices.error(text);
            }
        }
    }

    fn open_starter(&mut self, title: &str) {
        let Some(starter) = starters::starter(title) else {
            self.notices.error(format!("There is no starter design called {title:?}"));
            return;
        };
        match studwork_core::from_ron(starter.text) {
            Ok(parsed) => self.replace(parsed.value, None, None),
            Err(error) => self.notices.error(format!("{title}: {error}")),
        }
    }

    fn open_waiting(&mut self) {
        if let Some(path) = self.background.open_after_library.take() {
            self.start_open(path);
        }
    }

    fn remember(&mut self, path: &Path) {
        self.settings.remember(path);
        self.keep_settings();
    }

    fn keep_settings(&mut self) {
        if let Err(error) = self.settings.save() {
            self.notices.warning(format!("The settings could not be saved: {error}"), Vec::new());
        }
    }
}

/// The extension that a dialog's path gets when the person typed none.
fn with_extension(purpose: PathPurpose, path: PathBuf) -> PathBuf {
    let missing = match purpose {
        PathPurpose::Save => "ron",
        PathPurpose::Export => "ldr",
        PathPurpose::Picture => "png",
        PathPurpose::Open | PathPurpose::Import | PathPurpose::Library => return path,
    };
    if path.extension().is_some() { path } else { path.with_extension(missing) }
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<FileRequests>()
        .init_resource::<Background>()
        .add_message::<AppExit>()
        .add_systems(Update, collect.in_set(crate::EditorSystems::Input))
        .add_systems(Update, serve.after(crate::EditorSystems::Commit).before(crate::EditorSystems::Project));
}
