//! Adding, removing and changing pieces, and what is said about the design.

use super::{Item, MAX_PIECES, Op, Work};
use crate::apply::op::Names;
use crate::{EditError, GroupId, InfoField, NewPiece, Piece, PieceId, Pose, StepId, SubmodelId};
use std::collections::BTreeSet;

impl Work<'_> {
    pub(super) fn add_pieces(
        &mut self,
        submodel: SubmodelId,
        step: Option<StepId>,
        pieces: Vec<NewPiece>,
    ) -> Result<(), EditError> {
        let place = self.design.submodel(submodel).ok_or(EditError::UnknownSubmodel(submodel))?;
        let step = match step {
            Some(step) => match self.design.place_of_step(step) {
                Some((there, _)) if there == submodel => step,
                _ => return Err(EditError::UnknownStep(step)),
            },
            None => place.steps.last().ok_or(EditError::DoesNotFit("a submodel has no step"))?.id,
        };
        if let Some(position) = pieces.iter().position(|piece| !piece.pose.is_valid()) {
            return Err(EditError::BadNumber { what: format!("the pose of new piece {}", position + 1) });
        }
        if pieces.is_empty() {
            return Ok(());
        }
        let ids = self.new_piece_ids(pieces.len())?;
        let pieces = ids.zip(pieces).map(|(id, piece)| {
            let piece = NewPiece { pose: piece.pose.tidied(), color: crate::color::tidied(piece.color), ..piece };
            Item::Piece(piece.with_id(PieceId(id)))
        });
        self.put_items(step, None, pieces.collect())
    }

    pub(super) fn remove_pieces(&mut self, pieces: &[PieceId]) -> Result<(), EditError> {
        let groups = self.groups_of(pieces);
        for (step, standing) in self.standing(pieces)? {
            let indices = standing.into_iter().map(|(index, _)| index as u32).collect();
            self.run(Op::RemoveItems { step, indices })?;
        }
        self.drop_empty_groups(groups)
    }

    pub(super) fn set_poses(&mut self, poses: &[(PieceId, Pose)]) -> Result<(), EditError> {
        let mut changed = Vec::with_capacity(poses.len());
        for (id, pose) in poses {
            let piece = self.design.piece(*id).ok_or(EditError::UnknownPiece(*id))?;
            if !pose.is_valid() {
                return Err(EditError::BadNumber { what: format!("the pose of {id}") });
            }
            let pose = pose.tidied();
            changed.push(Piece { pose, ..piece.clone() });
        }
        self.set_changed(changed)
    }

    pub(super) fn change_poses(&mut self, pieces: &[PieceId], to: &dyn Fn(Pose) -> Pose) -> Result<(), EditError> {
        let mut seen = BTreeSet::new();
        let mut poses = Vec::with_capacity(pieces.len());
        for &id in pieces.iter().filter(|&&id| seen.insert(id)) {
            poses.push((id, to(self.design.piece(id).ok_or(EditError::UnknownPiece(id))?.pose)));
        }
        self.set_poses(&poses)
    }

    pub(super) fn change(&mut self, pieces: &[PieceId], how: &mut dyn FnMut(&mut Piece)) -> Result<(), EditError> {
        let mut changed = Vec::with_capacity(pieces.len());
        let ids: BTreeSet<PieceId> = pieces.iter().copied().collect();
        for id in ids {
            let mut piece = self.design.piece(id).ok_or(EditError::UnknownPiece(id))?.clone();
            how(&mut piece);
            piece.color = crate::color::tidied(piece.color);
            changed.push(piece);
        }
        self.set_changed(changed)
    }

    /// Sets those of the pieces that differ from what is there.
    pub(super) fn set_changed(&mut self, mut pieces: Vec<Piece>) -> Result<(), EditError> {
        pieces.retain(|piece| self.design.piece(piece.id) != Some(piece));
        if pieces.is_empty() { Ok(()) } else { self.run(Op::SetPieces(pieces)) }
    }

    /// Adds `count` copies of each piece, each copy with the pose that `to` makes of its number (from 1) and the pose.
    pub(super) fn copies(
        &mut self,
        pieces: &[PieceId],
        count: u32,
        to: &dyn Fn(u32, Pose) -> Pose,
    ) -> Result<(), EditError> {
        let standing = self.standing(pieces)?;
        if (pieces.len() as u64).saturating_mul(u64::from(count)) > MAX_PIECES {
            return Err(EditError::TooMany(MAX_PIECES));
        }
        for copy in 1..=count {
            let copied = self.copy_groups(pieces)?;
            for (&step, standing) in &standing {
                let ids = self.new_piece_ids(standing.len())?;
                let mut items = Vec::with_capacity(standing.len());
                for (id, &(_, original)) in ids.zip(standing) {
                    let piece = self.design.piece(original).ok_or(EditError::UnknownPiece(original))?.clone();
                    let group = piece.group.and_then(|group| copied.get(&group).copied());
                    let pose = to(copy, piece.pose).tidied();
                    items.push(Item::Piece(Piece { id: PieceId(id), pose, group, ..piece }));
                }
                self.put_items(step, None, items)?;
            }
        }
        Ok(())
    }

    pub(super) fn set_info(&mut self, field: InfoField) -> Result<(), EditError> {
        let main = self.design.main();
        match field {
            InfoField::Title(text) => return self.set_submodel_info(main, [Some(&text), None, None]),
            InfoField::Author(text) => return self.set_submodel_info(main, [None, Some(&text), None]),
            InfoField::License(text) => return self.set_submodel_info(main, [None, None, Some(&text)]),
            InfoField::Description(_) | InfoField::Tags(_) | InfoField::Lineage(_) => {}
        }
        let mut info = self.design.info.clone();
        match field {
            InfoField::Description(text) => info.description = text.replace("\r\n", "\n").replace('\r', "\n"),
            InfoField::Tags(tags) => {
                info.tags = tags.iter().map(|tag| one_line(tag)).filter(|t| !t.is_empty()).collect();
            }
            InfoField::Lineage(lineage) => info.lineage = lineage,
            InfoField::Title(_) | InfoField::Author(_) | InfoField::License(_) => {}
        }
        if info == self.design.info {
            return Ok(());
        }
        self.run(Op::SetInfo { description: info.description, tags: info.tags, lineage: info.lineage })
    }

    /// Sets title, author and license where given.
    pub(super) fn set_submodel_info(
        &mut self,
        submodel: SubmodelId,
        [title, author, license]: [Option<&String>; 3],
    ) -> Result<(), EditError> {
        let place = self.design.submodel(submodel).ok_or(EditError::UnknownSubmodel(submodel))?;
        let before = Names::of(place);
        let text = |new: Option<&String>, old: &String| new.map_or_else(|| old.clone(), |new| one_line(new));
        let names = Names {
            name: before.name.clone(),
            title: text(title, &before.title),
            author: text(author, &before.author),
            license: text(license, &before.license),
        };
        if names == before { Ok(()) } else { self.run(Op::SetNames { submodel, names }) }
    }

    /// The groups that pieces belong to.
    pub(super) fn groups_of(&self, pieces: &[PieceId]) -> BTreeSet<GroupId> {
        pieces.iter().filter_map(|&id| self.design.piece(id)?.group).collect()
    }
}

/// A text without line breaks and other control characters, and without white space around it.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned()
}
