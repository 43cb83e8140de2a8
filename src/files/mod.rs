//! Opening, saving, importing and exporting: what is slow runs on threads of its own, with progress and cancel.
//!
//! Results come back through one channel and replace the document in one place. The file a design was read from is
//! written only by Save, and only if it is a design file of ours.

mod compare;
mod dialog;
mod jobs;
mod keep;
mod order;
mod portal;
mod save;
pub mod starters;

use crate::checks::{Checked, Checks};
use crate::compare::Compare;
use crate::document::action::EditorAction as A;
use crate::document::{Act, AddModel, Document, PendingChanges, Selection};
use crate::feedback::{Dialog, Jobs, Notices, OpenDialog, PathPurpose, Progress};
use crate::library::Keep;
use crate::panels::PanelRequests;
use crate::portal_client::{PortalDesk, PortalRequests};
use crate::projection::{Colors, Parts, Projection};
use crate::settings::Settings;
use crate::take_apart::TakeApart;
use crate::tools::{Tool, ToolState};
use crate::viewport::{ViewState, Viewport};
use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use studwork_core::connect::{CheckReport, ConnectionGraph};
use studwork_core::{Catalog, Design, Palette};
use studwork_library::{FileStamp, Home};

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
    /// A check ended; `None` when it was stopped.
    Checked(u64, Option<Box<CheckReport>>),
    /// A path was chosen in a dialog.
    Chosen(PathPurpose, PathBuf),
    /// A dialog was closed without a choice.
    NotChosen,
    /// It did not work.
    Failed(String),
    /// What to do with the result.
    Then(Later),
}

/// What is done with the desk later.
type Later = Box<dyn FnOnce(&mut Desk<'_>) + Send>;

impl Finished {
    fn then(work: impl FnOnce(&mut Desk<'_>) + Send + 'static) -> Self {
        Self::Then(Box::new(work))
    }
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
    /// The shadow library that says how parts connect.
    pub shadow: Option<PathBuf>,
    /// The original that a path is asked for.
    original: Option<String>,
    /// Whether a library is being opened.
    pub library_pending: bool,
    /// The document's generation when the person agreed to leave it for what is being loaded.
    left_at: Option<u64>,
    /// What was loaded, while the person is asked about changes made in the meantime.
    loaded: Mutex<Option<Later>>,
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
            shadow: None,
            original: None,
            library_pending: false,
            left_at: None,
            loaded: Mutex::new(None),
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
        let shadow = self.shadow.clone();
        self.spawn(None, move || jobs::open_library(Some(path), shadow.as_deref(), false));
    }

    /// Finds what grips what on a thread.
    pub(crate) fn find_connections(&self, work: impl FnOnce() -> ConnectionGraph + Send + 'static, edition: u64) {
        self.spawn(None, move || {
            let graph = work();
            Finished::then(move |desk| desk.projection.bypass_change_detection().found_connections(graph, edition))
        });
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
pub struct Desk<'w> {
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
    checks: ResMut<'w, Checks>,
    panels: ResMut<'w, PanelRequests>,
    keep: ResMut<'w, Keep>,
    projection: ResMut<'w, Projection>,
    parts: ResMut<'w, Parts>,
    colors: ResMut<'w, Colors>,
    background: ResMut<'w, Background>,
    mode: ResMut<'w, TakeApart>,
    compare: ResMut<'w, Compare>,
    portal: ResMut<'w, PortalDesk>,
    portal_requests: ResMut<'w, PortalRequests>,
    acts: MessageWriter<'w, Act>,
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
            desk.checks.running &= !matches!(finished, Finished::Checked(..));
            desk.mode.finding = false;
            desk.compare.comparing = false;
            desk.portal.preparing = false;
            desk.notices.info("Canceled; nothing was changed");
        } else {
            desk.take_up(finished);
        }
    }
}

/// Takes the file actions of this frame.
fn serve(mut desk: Desk, mut requests: ResMut<FileRequests>) {
    desk.picture_for_journal();
    if desk.keep.originals().is_some() && !desk.keep.listed {
        desk.keep.listed = true;
        desk.list_library();
    }
    for action in std::mem::take(&mut requests.0) {
        desk.request(action, false);
    }
}

impl Desk<'_> {
    fn request(&mut self, action: A, discard: bool) {
        let leaves = matches!(
            action,
            A::New
                | A::Open
                | A::OpenPath(_)
                | A::OpenAddress(_)
                | A::OpenStarter(_)
                | A::LibraryOpen(_)
                | A::Recover(_)
                | A::OpenVersion(_)
                | A::ShowLoaded
                | A::Quit
        );
        if leaves && !discard && self.document.is_dirty() {
            self.dialog.0 = Some(Dialog::UnsavedChanges { then: action });
            return;
        }
        if leaves {
            self.background.left_at = Some(self.document.generation());
        }
        match action {
            A::DiscardThen(then) => self.request(*then, true),
            A::SaveThen(then) => {
                self.background.after_save = Some(*then);
                self.save();
            }
            A::ShowLoaded => {
                if let Some(show) = self.background.loaded.get_mut().ok().and_then(Option::take) {
                    show(self);
                }
            }
            A::New => self.replace(Design::new(), None, None),
            A::Open => self.ask(PathPurpose::Open),
            A::Import => self.ask(PathPurpose::Import),
            A::SaveAs => self.ask(PathPurpose::Save),
            A::Export => self.ask(PathPurpose::Export),
            A::PictureFile => self.ask(PathPurpose::Picture),
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
            A::ChooseShadow => self.ask(PathPurpose::Shadow),
            A::SetShadow(path) => self.start_shadow(path),
            A::Check => self.start_check(),
            A::Portal(action) => self.portal_action(action),
            A::LibraryAddPackage { package, portal, project, version } => {
                self.keep_package(package, portal, project, version);
            }
            A::PackageFile => self.ask(PathPurpose::Package),
            A::PackageTo(path) => self.save_package(path),
            A::CompareOriginal => self.compare_with_original(),
            A::CompareFile => self.ask(PathPurpose::Compare),
            A::CompareWith(path) => self.compare_with_file(path),
            A::CompareAgain => self.compare_again(),
            A::TakeApart => self.take_apart(),
            A::MakeSteps(most) => self.make_steps(most),
            A::LibraryAdd => self.ask(PathPurpose::Original),
            A::LibraryAddPath(path) => self.add_to_library(path),
            A::LibraryOpen(sha256) => self.open_original(sha256),
            A::LibraryExport(sha256) => self.ask_export_original(sha256),
            A::LibraryExportTo(sha256, path) => self.export_original(sha256, path),
            A::LibraryRemoveNow(sha256) => self.remove_original(&sha256),
            A::LibraryVerify => self.verify_library(),
            A::LibrarySetTags(sha256, tags) => self.tag_original(&sha256, tags),
            A::Recover(folder) => self.recover(&folder),
            A::DiscardUnsaved(folder) => self.discard_unsaved(&folder),
            A::SaveOver => self.save_over(),
            A::OpenVersion(number) => self.open_version(number),
            A::Quit => {
                self.keep.end();
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
        self.replace_with(design, path, imported_from, 0);
    }

    /// Opens a design in place of the one before; `unsaved` is how many changes of it no file has.
    fn replace_with(&mut self, design: Design, path: Option<PathBuf>, imported_from: Option<PathBuf>, unsaved: u64) {
        self.viewport.fit_pending = !design.is_empty();
        *self.document = Document::new(design, path, imported_from);
        if unsaved > 0 {
            self.document.mark_unsaved();
        }
        self.keep.stamp = self.document.path().and_then(|path| stamp(self.keep.home(), path));
        if let Err(error) = self.keep.begin(&self.document, unsaved) {
            self.notices.error(error);
        }
        self.selection.replace([]);
        *self.view = ViewState {
            grid: self.view.grid,
            edges: self.view.edges,
            shadows: self.view.shadows,
            ..ViewState::default()
        };
        self.mode.leave();
        self.compare.shown = None;
        self.checks.last = None;
        self.tools.choose(Tool::Select);
        // A copy that was left half taken apart goes on there.
        if let Some(session) = self.document.design().build_session().filter(|session| !session.taken.is_empty()) {
            self.acts.write(Act(A::StartTakeApart(Box::new(session.clone()))));
        }
        self.pending.changes.clear();
        self.pending.everything = true;
        self.viewport.camera = studwork_render::Camera::default();
    }

    fn take_up(&mut self, finished: Finished) {
        match finished {
            Finished::Opened { path, design, warnings, ours } => {
                self.show_loaded(move |desk| desk.opened(path, *design, warnings, ours));
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
            Finished::Checked(generation, report) => {
                self.checks.running = false;
                if let Some(report) = report {
                    let text = format!("Checked: {}", report.summary());
                    if report.is_clean() {
                        self.notices.info(text);
                    } else {
                        self.notices.warning(text, Vec::new());
                    }
                    self.checks.last = Some(Checked { generation, report: *report });
                }
            }
            Finished::Chosen(purpose, path) => {
                let path = with_extension(purpose, path);
                // What was unsaved was asked about before the dialog opened.
                let asked = self.background.left_at == Some(self.document.generation());
                self.request(purpose.action(path, &self.settings.picture), asked);
            }
            Finished::Then(work) => work(self),
            Finished::NotChosen => {
                self.background.after_save = None;
                self.background.left_at = None;
            }
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

/// What a file is now, so that a change by another program is noticed when it is saved.
fn stamp(home: Option<&Home>, path: &Path) -> Option<FileStamp> {
    let bytes = crate::disk::read_capped(path, crate::cli::load::MAX_INPUT_BYTES).ok()?;
    studwork_library::stamp_of(home, path, &bytes).ok()
}

/// The extension that a dialog's path gets when the person typed none.
fn with_extension(purpose: PathPurpose, path: PathBuf) -> PathBuf {
    let missing = match purpose {
        PathPurpose::Save => "ron",
        PathPurpose::Export => "ldr",
        PathPurpose::Picture => "png",
        PathPurpose::Package => "studpkg",
        PathPurpose::Open
        | PathPurpose::Import
        | PathPurpose::Original
        | PathPurpose::Compare
        | PathPurpose::OriginalExport
        | PathPurpose::Library
        | PathPurpose::Shadow => return path,
    };
    if path.extension().is_some() { path } else { path.with_extension(missing) }
}

pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<FileRequests>()
        .init_resource::<Background>()
        .add_message::<AppExit>()
        .add_systems(Update, collect.in_set(crate::EditorSystems::Input))
        .add_systems(Update, serve.after(crate::EditorSystems::Commit).before(crate::EditorSystems::Project));
}
