//! What was done, so that it can be undone and redone.
//!
//! The history holds the ways back, not designs, so it costs what was changed. A gesture told in many edits (twenty
//! nudges with an arrow key) is one entry; an edit that changed nothing is none.

use crate::apply::Op;
use crate::edit::Restore;
use crate::{Applied, Change, Design, Edit, EditError, PieceId};
use std::collections::BTreeSet;

/// The undo and redo stacks of one open design.
#[derive(Clone, Debug)]
pub struct History {
    /// Done; the last one is undone first.
    done: Vec<Entry>,
    /// Undone; the last one is redone first.
    undone: Vec<Entry>,
    /// How many entries were done when the design was saved, if undo or redo can get there.
    saved: Option<usize>,
    /// Whether the next edit begins an entry of its own whatever its key.
    sealed: bool,
}

#[derive(Clone, Debug)]
struct Entry {
    label: String,
    /// Undoes it while it is done, redoes it while it is undone.
    way: Edit,
    selection_before: Vec<PieceId>,
    selection_after: Vec<PieceId>,
    merge_key: Option<u64>,
}

/// What undo or redo did.
#[derive(Clone, Debug)]
pub struct Undone {
    /// What is different now.
    pub changes: Vec<Change>,
    /// What should be selected now; all of it is in the design.
    pub selection: Vec<PieceId>,
    /// What was undone or redone: "Move 3 pieces".
    pub label: String,
    /// The edit that did it, for the journal.
    pub edit: Edit,
}

impl Default for History {
    fn default() -> Self {
        Self::new()
    }
}

impl History {
    /// Nothing done; the design counts as saved.
    pub fn new() -> Self {
        Self { done: Vec::new(), undone: Vec::new(), saved: Some(0), sealed: true }
    }

    /// Notes an edit that was applied, with the selection before it. An edit that changed nothing is not noted. With the
    /// same `merge_key` as the edit before, and nothing undone or saved in between, both become one entry.
    pub fn push(
        &mut self,
        applied: Applied,
        label: impl Into<String>,
        selection_before: Vec<PieceId>,
        merge_key: Option<u64>,
    ) {
        if applied.changes.is_empty() {
            return;
        }
        self.undone.clear();
        if self.saved.is_some_and(|saved| saved > self.done.len()) {
            self.saved = None;
        }
        let selection_after = selection_after(&selection_before, &applied);
        let at_saved = self.saved == Some(self.done.len());
        if let Some(last) = self.done.last_mut()
            && merge_key.is_some()
            && last.merge_key == merge_key
            && !self.sealed
            && !at_saved
        {
            let earlier = std::mem::replace(&mut last.way, Edit::Batch(Vec::new()));
            last.way = merged(applied.inverse, earlier);
            last.selection_after = selection_after;
            return;
        }
        self.sealed = false;
        let label = label.into();
        self.done.push(Entry { label, way: applied.inverse, selection_before, selection_after, merge_key });
    }

    /// Says what is selected after the last edit, where that is not what it added (or what was selected before).
    pub fn set_selection_after(&mut self, selection: Vec<PieceId>) {
        if let Some(last) = self.done.last_mut() {
            last.selection_after = selection;
        }
    }

    /// Ends a gesture: the next edit is an entry of its own.
    pub fn seal(&mut self) {
        self.sealed = true;
    }

    /// Takes the last entry back. `None` when there is none.
    pub fn undo(&mut self, design: &mut Design) -> Option<Undone> {
        self.try_undo(design).ok().flatten()
    }

    /// Does the entry that was undone last again. `None` when there is none.
    pub fn redo(&mut self, design: &mut Design) -> Option<Undone> {
        self.try_redo(design).ok().flatten()
    }

    /// As [`undo`](Self::undo).
    ///
    /// # Errors
    /// The design was changed without this history being told; both are as they were.
    pub fn try_undo(&mut self, design: &mut Design) -> Result<Option<Undone>, EditError> {
        let Some(mut entry) = self.done.pop() else { return Ok(None) };
        self.sealed = true;
        match step(design, &mut entry, false) {
            Ok(undone) => {
                self.undone.push(entry);
                Ok(Some(undone))
            }
            Err(error) => {
                self.done.push(entry);
                Err(error)
            }
        }
    }

    /// As [`redo`](Self::redo).
    ///
    /// # Errors
    /// The design was changed without this history being told; both are as they were.
    pub fn try_redo(&mut self, design: &mut Design) -> Result<Option<Undone>, EditError> {
        let Some(mut entry) = self.undone.pop() else { return Ok(None) };
        self.sealed = true;
        match step(design, &mut entry, true) {
            Ok(redone) => {
                self.done.push(entry);
                Ok(Some(redone))
            }
            Err(error) => {
                self.undone.push(entry);
                Err(error)
            }
        }
    }

    /// What undo would take back.
    pub fn undo_label(&self) -> Option<&str> {
        self.done.last().map(|entry| entry.label.as_str())
    }

    /// What redo would do again.
    pub fn redo_label(&self) -> Option<&str> {
        self.undone.last().map(|entry| entry.label.as_str())
    }

    /// Whether there is something to undo.
    pub fn can_undo(&self) -> bool {
        !self.done.is_empty()
    }

    /// Whether there is something to redo.
    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    /// What was done, the first first: for a history panel.
    pub fn labels(&self) -> impl Iterator<Item = &str> {
        self.done.iter().map(|entry| entry.label.as_str())
    }

    /// Says that the design is on disk as it is now.
    pub fn mark_saved(&mut self) {
        self.saved = Some(self.done.len());
    }

    /// Says that what is on disk is not what this history began with: an imported or recovered design.
    pub fn mark_unsaved(&mut self) {
        self.saved = None;
    }

    /// Whether the design differs from what was saved last.
    pub fn is_dirty(&self) -> bool {
        self.saved != Some(self.done.len())
    }

    /// Forgets everything; the design counts as saved.
    pub fn clear(&mut self) {
        *self = Self::new();
    }
}

fn step(design: &mut Design, entry: &mut Entry, forth: bool) -> Result<Undone, EditError> {
    let applied = design.apply(entry.way.clone())?;
    let edit = std::mem::replace(&mut entry.way, applied.inverse);
    let wanted = if forth { &entry.selection_after } else { &entry.selection_before };
    let selection = wanted.iter().copied().filter(|&id| design.piece(id).is_some()).collect();
    Ok(Undone { changes: applied.changes, selection, label: entry.label.clone(), edit })
}

/// What is selected after an edit if nobody says otherwise: what it added, else what is left of the selection.
fn selection_after(before: &[PieceId], applied: &Applied) -> Vec<PieceId> {
    let added: Vec<PieceId> = applied.added().collect();
    if !added.is_empty() {
        return added;
    }
    let removed: BTreeSet<PieceId> = applied
        .changes
        .iter()
        .filter_map(|change| match change {
            Change::PieceRemoved(id, ..) => Some(*id),
            _ => None,
        })
        .collect();
    before.iter().copied().filter(|id| !removed.contains(id)).collect()
}

/// One way back over two edits: first the later one's, then the earlier one's.
fn merged(later: Edit, earlier: Edit) -> Edit {
    match (later, earlier) {
        (Edit::Restore(later), Edit::Restore(earlier)) => Edit::Restore(Restore::merged(later, earlier)),
        (later, earlier) => Edit::Batch(vec![later, earlier]),
    }
}

impl Restore {
    /// What came before an edit comes first when it is undone, so the later way back goes first.
    fn merged(later: Self, earlier: Self) -> Self {
        if let ([Op::SetPieces(new)], [Op::SetPieces(old)]) = (later.ops.as_slice(), earlier.ops.as_slice())
            && new.iter().map(|piece| piece.id).eq(old.iter().map(|piece| piece.id))
        {
            return earlier;
        }
        let mut ops = later.ops;
        ops.extend(earlier.ops);
        Self { ops, next: earlier.next }
    }
}
