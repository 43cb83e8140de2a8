//! The open design and the one system that changes it.
//!
//! [`Document`] hands out the design for reading only. A change arrives as an [`action::EditorAction`], becomes an
//! edit in [`commit`], goes into the history and leaves a list of changes for the projection.

pub mod action;
pub mod commit;
mod execute;
mod import;
mod perform_edit;
mod take_apart;

pub use import::AddModel;

use bevy::prelude::*;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use studwork_core::{Change, ColorRef, Design, History, NewPiece, PieceId, StepId, SubmodelId};
use studwork_library::{Home, SaveError, SaveOptions, Saved};

/// An action that waits to be taken.
#[derive(Message, Clone, Debug)]
pub struct Act(pub action::EditorAction);

/// How many documents there were.
static OPENED: AtomicU64 = AtomicU64::new(1);

/// The open design, its history and where it is stored.
#[derive(Resource)]
pub struct Document {
    design: Design,
    history: History,
    /// Where Save writes; `None` asks.
    path: Option<PathBuf>,
    /// The file it was read from, when that is not a design file of ours (it is never written to).
    imported_from: Option<PathBuf>,
    active: SubmodelId,
    current_step: Option<StepId>,
    /// Whether there were changes that no file has when it was opened: recovered work.
    unsaved: bool,
    generation: u64,
    last_edit: std::time::Instant,
}

impl Default for Document {
    fn default() -> Self {
        Self::new(Design::new(), None, None)
    }
}

impl Document {
    /// A document for a design read from `path` (ours) or `imported_from` (another format).
    pub fn new(design: Design, path: Option<PathBuf>, imported_from: Option<PathBuf>) -> Self {
        let active = design.main();
        // What is computed for one document must not be taken for another's.
        let generation = OPENED.fetch_add(1, Ordering::Relaxed) << 32;
        Self {
            design,
            history: History::new(),
            path,
            imported_from,
            active,
            current_step: None,
            unsaved: false,
            generation,
            last_edit: std::time::Instant::now(),
        }
    }

    /// Says that it has changes that no file has.
    pub(crate) fn mark_unsaved(&mut self) {
        self.unsaved = true;
    }

    /// The design, for reading.
    pub fn design(&self) -> &Design {
        &self.design
    }

    /// The history, for reading.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// The file that Save writes to.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The file of another format that this was read from.
    pub fn imported_from(&self) -> Option<&Path> {
        self.imported_from.as_deref()
    }

    /// The submodel that is being edited.
    pub fn active(&self) -> SubmodelId {
        self.active
    }

    /// The step that new pieces go to; `None` is the last one.
    pub fn current_step(&self) -> Option<StepId> {
        self.current_step
    }

    /// Tells documents apart that were open in this session.
    pub fn number(&self) -> u64 {
        self.generation >> 32
    }

    /// Counts the changes, also undone ones: two equal numbers mean the same document in which nothing changed.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Writes the design to a file of its own, and keeps a version of it.
    pub(crate) fn write(
        &mut self,
        home: Option<&Home>,
        path: &Path,
        options: &SaveOptions,
    ) -> Result<Saved, SaveError> {
        studwork_library::save_design(home, path, &mut self.design, options)
    }

    /// Notes that the design is in this file as it is now.
    pub(crate) fn saved_to(&mut self, path: PathBuf) {
        self.design.keep_ids();
        self.history.mark_saved();
        self.unsaved = false;
        self.path = Some(path);
        self.imported_from = None;
    }

    /// What it is a copy of, as the title bar says it.
    pub fn origin(&self) -> Option<String> {
        let lineage = self.design.lineage()?;
        let whose = if lineage.author.is_empty() { String::new() } else { format!(" by {}", lineage.author) };
        Some(format!("copy of “{}”{whose}", lineage.title))
    }

    /// Whether there are changes that no file has.
    pub fn is_dirty(&self) -> bool {
        self.unsaved || self.history.is_dirty()
    }

    /// What the title bar and questions call it.
    pub fn name(&self) -> String {
        let file = self.path.as_deref().or(self.imported_from.as_deref());
        match file.and_then(|path| path.file_stem()) {
            Some(stem) => stem.to_string_lossy().into_owned(),
            None if self.design.title().is_empty() => "Untitled".into(),
            None => self.design.title().to_owned(),
        }
    }
}

/// The selected pieces of the open submodel.
#[derive(Resource, Default, Clone, Debug, PartialEq)]
pub struct Selection {
    pieces: BTreeSet<PieceId>,
    generation: u64,
}

impl Selection {
    /// The selected pieces, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = PieceId> + '_ {
        self.pieces.iter().copied()
    }

    /// As a list.
    pub fn to_vec(&self) -> Vec<PieceId> {
        self.iter().collect()
    }

    /// As a set.
    pub fn set(&self) -> &BTreeSet<PieceId> {
        &self.pieces
    }

    /// Whether this piece is selected.
    pub fn contains(&self, piece: PieceId) -> bool {
        self.pieces.contains(&piece)
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.pieces.len()
    }

    /// Whether nothing is selected.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Counts the changes of the selection.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Replaces the selection.
    pub fn replace(&mut self, pieces: impl IntoIterator<Item = PieceId>) {
        let pieces: BTreeSet<_> = pieces.into_iter().collect();
        if pieces != self.pieces {
            self.pieces = pieces;
            self.generation += 1;
        }
    }
}

/// Changes that the projection has not seen yet.
#[derive(Resource, Default)]
pub struct PendingChanges {
    /// In the order they happened.
    pub changes: Vec<Change>,
    /// Everything is new: another design, another submodel, other parts.
    pub everything: bool,
}

/// What was copied, as pieces relative to the middle of their underside.
#[derive(Resource, Default, Clone)]
pub struct Clipboard {
    /// The pieces.
    pub pieces: Vec<NewPiece>,
    /// Which of them are groups.
    pub groups: Vec<CopiedGroup>,
}

/// Pieces that were a group where they were copied.
#[derive(Clone, Debug, PartialEq)]
pub struct CopiedGroup {
    /// Its name.
    pub name: String,
    /// Indices into the copied pieces.
    pub members: Vec<usize>,
}

/// The current color, and the ones used before it.
#[derive(Resource, Clone, Debug)]
pub struct Brush {
    /// New pieces get it, the paint tool gives it.
    pub color: ColorRef,
    /// The last ones, newest first.
    pub recent: Vec<ColorRef>,
}

impl Default for Brush {
    fn default() -> Self {
        Self { color: ColorRef::Code(4), recent: Vec::new() }
    }
}

impl Brush {
    /// Makes a color the current one.
    pub fn set(&mut self, color: ColorRef) {
        self.color = color;
        self.recent.retain(|&c| c != color);
        self.recent.insert(0, color);
        self.recent.truncate(12);
    }
}

pub(super) fn plugin(app: &mut App) {
    app.add_message::<Act>()
        .add_message::<AddModel>()
        .init_resource::<Document>()
        .init_resource::<Selection>()
        .init_resource::<PendingChanges>()
        .init_resource::<Clipboard>()
        .init_resource::<Brush>()
        .add_systems(Update, commit::commit.in_set(crate::EditorSystems::Commit));
}
