//! The only system with a mutable design: takes the actions of this frame in order.

use super::action::{self, Availability, EditorAction};
use super::import::AddModel;
use super::{Act, Brush, Clipboard, Document, PendingChanges, Selection};
use crate::compare::Compare;
use crate::feedback::{Notices, OpenDialog};
use crate::files::FileRequests;
use crate::library::Keep;
use crate::panels::PanelRequests;
use crate::panels::widgets::count;
use crate::projection::draw::ViewFrame;
use crate::projection::{Parts, Projection};
use crate::settings::Settings;
use crate::take_apart::TakeApart;
use crate::tools::ToolState;
use crate::viewport::{ViewState, Viewport};
use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use std::time::{Duration, Instant};
use studwork_core::{Applied, Content, Edit, EditError, PieceId};

/// Everything that actions change.
#[derive(SystemParam)]
pub struct Editor<'w> {
    pub(super) document: ResMut<'w, Document>,
    pub(super) selection: ResMut<'w, Selection>,
    pub(super) pending: ResMut<'w, PendingChanges>,
    pub(super) clipboard: ResMut<'w, Clipboard>,
    pub(super) brush: ResMut<'w, Brush>,
    pub(super) view: ResMut<'w, ViewState>,
    pub(super) viewport: ResMut<'w, Viewport>,
    pub(super) frame: ResMut<'w, ViewFrame>,
    pub(super) tools: ResMut<'w, ToolState>,
    pub(super) settings: ResMut<'w, Settings>,
    pub(super) notices: ResMut<'w, Notices>,
    pub(super) dialog: ResMut<'w, OpenDialog>,
    pub(super) files: ResMut<'w, FileRequests>,
    pub(super) panels: ResMut<'w, PanelRequests>,
    pub(super) projection: Res<'w, Projection>,
    pub(super) parts: Res<'w, Parts>,
    pub(super) keep: ResMut<'w, Keep>,
    pub(super) mode: ResMut<'w, TakeApart>,
    pub(super) compare: ResMut<'w, Compare>,
}

/// Takes every action that was sent since the last frame.
pub fn commit(mut editor: Editor, mut acts: MessageReader<Act>, mut models: MessageReader<AddModel>) {
    for Act(action) in acts.read() {
        editor.take(action.clone());
    }
    for model in models.read() {
        editor.import(model);
    }
}

/// What can be done now.
#[derive(SystemParam)]
pub struct AvailabilityParam<'w> {
    document: Res<'w, Document>,
    selection: Res<'w, Selection>,
    clipboard: Res<'w, Clipboard>,
    view: Res<'w, ViewState>,
    tools: Res<'w, ToolState>,
    keep: Res<'w, Keep>,
}

impl AvailabilityParam<'_> {
    /// What decides whether an action can be taken.
    pub fn get(&self) -> Availability {
        availability(&self.document, &self.selection, &self.clipboard, &self.view, &self.tools, &self.keep)
    }
}

/// What decides whether an action can be taken.
pub fn availability(
    document: &Document,
    selection: &Selection,
    clipboard: &Clipboard,
    view: &ViewState,
    tools: &ToolState,
    keep: &Keep,
) -> Availability {
    let design = document.design();
    let selected = || selection.iter().filter_map(|piece| design.piece(piece));
    let steps = design.submodel(document.active()).map_or(&[][..], |submodel| &submodel.steps);
    Availability {
        selected: selection.len(),
        pieces: steps.iter().map(|step| step.items.len()).sum(),
        can_undo: document.history().can_undo(),
        can_redo: document.history().can_redo(),
        clipboard: !clipboard.pieces.is_empty(),
        grouped: selected().any(|piece| piece.group.is_some()),
        submodel_selected: selected().any(|piece| matches!(piece.content, Content::Submodel(_))),
        holding: tools.hand.is_some(),
        hidden: !view.hidden.is_empty(),
        inside_submodel: document.active() != design.main(),
        has_file: document.path().is_some(),
        is_copy: design.lineage().is_some(),
        unsaved_work: keep.unsaved.len(),
        steps: steps.len(),
    }
}

impl Editor<'_> {
    /// Takes one action, unless the table says that it cannot be taken now.
    fn take(&mut self, action: EditorAction) {
        if let Some(info) = action::info_of(&action) {
            let now =
                availability(&self.document, &self.selection, &self.clipboard, &self.view, &self.tools, &self.keep);
            if let Err(reason) = (info.available)(&now) {
                self.tools.hint = reason.to_owned();
                return;
            }
        }
        self.execute(action);
    }

    /// Applies an edit and notes it in the history. Returns the pieces that are new, or `None` if it was refused.
    pub(super) fn apply(&mut self, label: &str, edit: Edit, merge: Option<u64>) -> Option<Vec<PieceId>> {
        match self.try_apply(label, edit, merge) {
            Ok(applied) => {
                if !applied.notes.is_empty() {
                    let text = format!("{label}: {}", count(applied.notes.len(), "note"));
                    self.notices.warning(text, applied.notes.clone());
                }
                Some(applied.added().collect())
            }
            Err(error) => {
                self.notices.error(format!("{label}: {error}"));
                None
            }
        }
    }

    /// As [`Editor::apply`]; the caller says what a refusal means.
    pub(super) fn try_apply(&mut self, label: &str, edit: Edit, merge: Option<u64>) -> Result<Applied, EditError> {
        let before = self.selection.to_vec();
        // Held keys are one gesture; a key pressed again after a pause is another.
        if merge.is_some_and(|key| key < 4) && self.document.last_edit.elapsed() > Duration::from_millis(700) {
            self.document.history.seal();
        }
        self.document.last_edit = Instant::now();
        let noted = self.keep.is_recording().then(|| edit.clone());
        let applied = self.document.design.apply(edit)?;
        // Also one that changed nothing: it may have used up numbers.
        if let Some(edit) = noted {
            self.keep.record(&edit, &self.document.design);
        }
        self.pending.changes.extend(applied.changes.iter().cloned());
        if !applied.changes.is_empty() {
            self.document.generation += 1;
        }
        self.document.history.push(applied.clone(), label, before, merge);
        self.keep_valid();
        Ok(applied)
    }

    /// Undo, or redo: the design as it was, and the selection with it.
    pub(super) fn travel(&mut self, back: bool) {
        let Document { design, history, .. } = &mut *self.document;
        let traveled = if back { history.try_undo(design) } else { history.try_redo(design) };
        match traveled {
            Ok(None) => {}
            Ok(Some(undone)) => {
                self.keep.record(&undone.edit, &self.document.design);
                self.document.generation += 1;
                self.pending.changes.extend(undone.changes);
                self.selection.replace(undone.selection);
                self.tools.gesture = None;
                self.tools.hint = format!("{} {}", if back { "Undid:" } else { "Redid:" }, undone.label);
                self.keep_valid();
            }
            Err(error) => self.notices.error(format!("{}: {error}", if back { "Undo" } else { "Redo" })),
        }
    }

    /// Lets selection, open submodel and current step follow what is gone.
    pub(super) fn keep_valid(&mut self) {
        let design = &self.document.design;
        let mut active = self.document.active;
        if design.submodel(active).is_none() {
            active = design.main();
        }
        let step =
            self.document.current_step.filter(|&step| design.place_of_step(step).is_some_and(|(m, _)| m == active));
        let here = |piece: &PieceId| design.place_of(*piece).is_some_and(|(submodel, _)| submodel == active);
        let kept: Vec<PieceId> = self.selection.iter().filter(here).collect();
        self.document.current_step = step;
        if active != self.document.active {
            self.document.active = active;
            self.pending.everything = true;
        }
        self.selection.replace(kept);
    }
}
