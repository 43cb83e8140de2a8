//! Adding a model to the open design: its submodels come along, its main model is placed once.

use super::commit::Editor;
use crate::panels::widgets::count;
use bevy::prelude::*;
use std::collections::HashMap;
use std::sync::Arc;
use studwork_core::{Change, ColorRef, Content, Design, Edit, EditError, NewPiece, PieceId, Pose, SubmodelId};

/// The key under which the edits of one import become one entry of the history.
const MERGE: u64 = 10;

/// A model that is to be added to the open design.
#[derive(Message, Clone)]
pub struct AddModel {
    /// The model.
    pub design: Arc<Design>,
    /// What its main submodel is to be called here.
    pub name: String,
    /// What to know about it.
    pub warnings: Vec<String>,
}

impl Editor<'_> {
    /// Adds a model to the open design as one undoable change.
    pub(super) fn import(&mut self, model: &AddModel) {
        self.document.history.seal();
        let result = Import { editor: self, made: HashMap::new() }.run(&model.design, &model.name);
        self.document.history.seal();
        match result {
            Ok(placed) => {
                // It may stand inside of what is there: selected and shown it can be found, and moved.
                self.selection.replace(placed);
                self.viewport.fit_pending = false;
                self.viewport.show_selection_pending = true;
                if model.warnings.is_empty() {
                    self.notices.info(format!("Imported {}: it is selected", model.name));
                } else {
                    let text = format!("Imported {}, with {}", model.name, count(model.warnings.len(), "note"));
                    self.notices.warning(text, model.warnings.clone());
                }
            }
            Err(error) => {
                // What was added before the refusal is one entry of the history: taken back, the design is as it was.
                self.travel(true);
                self.notices.error(format!("{} was not imported: {error}", model.name));
            }
        }
    }
}

struct Import<'a, 'w> {
    editor: &'a mut Editor<'w>,
    made: HashMap<SubmodelId, SubmodelId>,
}

impl Import<'_, '_> {
    /// Returns the piece that places the model.
    fn run(&mut self, other: &Design, name: &str) -> Result<Option<PieceId>, EditError> {
        for part in other.embedded_parts() {
            if self.editor.document.design().embedded(&part.id).is_none() {
                self.apply(Edit::embed(part))?;
            }
        }
        let main = self.add(other, other.main(), name)?;
        let active = self.editor.document.active();
        let piece =
            NewPiece { content: Content::Submodel(main), color: ColorRef::MAIN, pose: Pose::IDENTITY, group: None };
        let step = self.editor.document.current_step();
        let changes = self.apply(Edit::AddPieces { submodel: active, step, pieces: vec![piece] })?;
        Ok(changes.into_iter().find_map(|change| match change {
            Change::PieceAdded(id) => Some(id),
            _ => None,
        }))
    }

    /// Adds a submodel after those that it places; returns its number here.
    fn add(&mut self, other: &Design, from: SubmodelId, wanted: &str) -> Result<SubmodelId, EditError> {
        if let Some(&made) = self.made.get(&from) {
            return Ok(made);
        }
        for piece in other.pieces_in(from) {
            if let Content::Submodel(inner) = piece.content {
                let name = other.submodel(inner).map_or("submodel", |submodel| submodel.name.as_str()).to_owned();
                self.add(other, inner, &name)?;
            }
        }
        let name = self.free_name(wanted);
        let changes = self.apply(Edit::AddSubmodel { name })?;
        let submodel = changes.into_iter().find_map(|change| match change {
            Change::SubmodelAdded(id) => Some(id),
            _ => None,
        });
        let submodel = submodel.ok_or(EditError::UnknownSubmodel(from))?;
        self.made.insert(from, submodel);
        let steps = other.submodel(from).map_or(&[][..], |submodel| &submodel.steps);
        for (index, step) in steps.iter().enumerate() {
            if index > 0 {
                self.apply(Edit::AddStep { submodel, at: index })?;
            }
            let here =
                self.editor.document.design().submodel(submodel).and_then(|s| s.steps.get(index)).map(|step| step.id);
            let pieces: Vec<NewPiece> =
                step.pieces().filter_map(|id| other.piece(id)).filter_map(|piece| self.placed(piece)).collect();
            if !pieces.is_empty() {
                self.apply(Edit::AddPieces { submodel, step: here, pieces })?;
            }
        }
        Ok(submodel)
    }

    fn placed(&self, piece: &studwork_core::Piece) -> Option<NewPiece> {
        let content = match &piece.content {
            Content::Part(part) => Content::Part(part.clone()),
            Content::Submodel(inner) => Content::Submodel(*self.made.get(inner)?),
        };
        Some(NewPiece { content, color: piece.color, pose: piece.pose, group: None })
    }

    fn free_name(&self, wanted: &str) -> String {
        let design = self.editor.document.design();
        let mut name = wanted.to_owned();
        let mut number = 2;
        while design.submodel_named(&name).is_some() {
            name = format!("{wanted} {number}");
            number += 1;
        }
        name
    }

    fn apply(&mut self, edit: Edit) -> Result<Vec<Change>, EditError> {
        self.editor.try_apply("Import", edit, Some(MERGE)).map(|applied| applied.changes)
    }
}
