//! What the program tells the person: short notices, questions, and the progress of work in the background.

use crate::document::action::EditorAction;
use crate::settings::PictureSettings;
use bevy::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How serious a notice is.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// Done, or good to know.
    Info,
    /// Worth a look.
    Warning,
    /// Something did not work.
    Error,
}

/// A short notice in the corner.
#[derive(Clone, Debug)]
pub struct Notice {
    /// How serious.
    pub kind: NoticeKind,
    /// What.
    pub text: String,
    /// Details behind it, one a line (import warnings).
    pub details: Vec<String>,
    /// When it goes away by itself; errors stay until they are closed.
    pub until: Option<Instant>,
}

/// The notices that show now.
#[derive(Resource, Default)]
pub struct Notices {
    /// Oldest first.
    pub shown: Vec<Notice>,
}

impl Notices {
    /// Says something that is fine.
    pub fn info(&mut self, text: impl Into<String>) {
        self.push(NoticeKind::Info, text.into(), Vec::new());
    }

    /// Says something worth a look.
    pub fn warning(&mut self, text: impl Into<String>, details: Vec<String>) {
        self.push(NoticeKind::Warning, text.into(), details);
    }

    /// Says what did not work and what to do.
    pub fn error(&mut self, text: impl Into<String>) {
        self.push(NoticeKind::Error, text.into(), Vec::new());
    }

    fn push(&mut self, kind: NoticeKind, text: String, details: Vec<String>) {
        let until = match kind {
            NoticeKind::Info => Some(Instant::now() + Duration::from_secs(4)),
            NoticeKind::Warning => Some(Instant::now() + Duration::from_secs(12)),
            NoticeKind::Error => None,
        };
        self.shown.retain(|notice| notice.text != text);
        self.shown.push(Notice { kind, text, details, until });
        if self.shown.len() > 5 {
            self.shown.remove(0);
        }
    }
}

/// A window that asks something or explains something.
#[derive(Clone, Debug, PartialEq)]
pub enum Dialog {
    /// The design has unsaved changes; `then` is what was asked for.
    UnsavedChanges {
        /// Taken after saving or discarding.
        then: EditorAction,
    },
    /// Numbers for an array of the selection.
    Array {
        /// From one to the next so that they stand side by side, LDU.
        step: Vec3,
    },
    /// The address of a model on the web.
    Address {
        /// What was typed.
        text: String,
    },
    /// A path, where the system offers no file dialog.
    Path {
        /// What the path is for.
        purpose: PathPurpose,
        /// What was typed.
        text: String,
    },
    /// Whether an original should be removed from the library.
    RemoveOriginal {
        /// Its SHA-256.
        original: String,
    },
    /// The unsaved work that can be recovered.
    Unsaved,
    /// The earlier versions of the file.
    Versions,
    /// Another program has changed the file that is to be saved.
    FileChanged {
        /// The file.
        path: std::path::PathBuf,
    },
    /// How long building steps should be that are made.
    MakeSteps {
        /// Pieces in a step at most.
        most: usize,
    },
    /// The submission of the design.
    Submit,
    /// Size and look of a picture.
    Picture,
    /// The list of every action.
    CommandPalette {
        /// The search.
        query: String,
        /// The chosen line.
        chosen: usize,
    },
    /// Keys and mouse.
    Keys,
    /// Version and licenses.
    About,
}

/// What a path is asked for.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum PathPurpose {
    /// To open.
    Open,
    /// To import as a submodel.
    Import,
    /// To save to.
    Save,
    /// To export to.
    Export,
    /// To render a picture to.
    Picture,
    /// To keep in the library of originals.
    Original,
    /// To compare with.
    Compare,
    /// To write a package to.
    Package,
    /// Where to write an original.
    OriginalExport,
    /// Where the LDraw library is.
    Library,
    /// Where the shadow library is.
    Shadow,
}

impl PathPurpose {
    /// The action that a chosen path is for.
    pub fn action(self, path: std::path::PathBuf, picture: &PictureSettings) -> EditorAction {
        match self {
            Self::Open => EditorAction::OpenPath(path),
            Self::Import => EditorAction::ImportPath(path),
            Self::Save => EditorAction::SaveTo(path),
            Self::Export => EditorAction::ExportTo(path),
            Self::Picture => EditorAction::PictureTo(path, picture.width, picture.height),
            Self::Original => EditorAction::LibraryAddPath(path),
            Self::Compare => EditorAction::CompareWith(path),
            Self::Package => EditorAction::PackageTo(path),
            // The original is known to the desk.
            Self::OriginalExport => EditorAction::LibraryExportTo(String::new(), path),
            Self::Library => EditorAction::SetLibrary(Some(path)),
            Self::Shadow => EditorAction::SetShadow(Some(path)),
        }
    }

    /// The title of the dialog.
    pub fn title(self) -> &'static str {
        match self {
            Self::Open => "Open a design or model",
            Self::Import => "Import a model",
            Self::Save => "Save the design",
            Self::Export => "Export the design",
            Self::Picture => "Render a picture",
            Self::Original => "Add to the library",
            Self::Compare => "Compare with",
            Self::Package => "Save the package",
            Self::OriginalExport => "Write the original",
            Self::Library => "Choose the LDraw library",
            Self::Shadow => "Choose the shadow library",
        }
    }

    /// Whether the path is written to.
    pub fn writes(self) -> bool {
        matches!(self, Self::Save | Self::Export | Self::Picture | Self::OriginalExport | Self::Package)
    }
}

/// The dialog that is open, if any.
#[derive(Resource, Default)]
pub struct OpenDialog(pub Option<Dialog>);

/// The progress of one piece of background work, shared with its thread.
#[derive(Clone, Debug)]
pub struct Progress {
    /// What is being done.
    pub label: String,
    /// When it began; short work shows nothing.
    pub since: Instant,
    shared: Arc<ProgressShared>,
}

#[derive(Debug, Default)]
struct ProgressShared {
    done: AtomicU64,
    total: AtomicU64,
    canceled: AtomicBool,
}

impl Progress {
    /// Work that has just begun.
    pub fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), since: Instant::now(), shared: Arc::default() }
    }

    /// Tells one piece of work from another.
    pub fn id(&self) -> usize {
        Arc::as_ptr(&self.shared) as usize
    }

    /// Sets how much there is and how much of it is done.
    pub fn set(&self, done: u64, total: u64) {
        self.shared.done.store(done, Ordering::Relaxed);
        self.shared.total.store(total, Ordering::Relaxed);
    }

    /// From 0 to 1; `None` while it is not known how much there is.
    pub fn fraction(&self) -> Option<f32> {
        let total = self.shared.total.load(Ordering::Relaxed);
        (total > 0).then(|| self.shared.done.load(Ordering::Relaxed) as f32 / total as f32)
    }

    /// Asks the work to stop.
    pub fn cancel(&self) {
        self.shared.canceled.store(true, Ordering::Relaxed);
    }

    /// Whether it was asked to stop.
    pub fn is_canceled(&self) -> bool {
        self.shared.canceled.load(Ordering::Relaxed)
    }
}

/// Work in the background.
#[derive(Resource, Default)]
pub struct Jobs {
    /// What is under way.
    pub running: Vec<Progress>,
}
