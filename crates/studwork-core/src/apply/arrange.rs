//! Mirroring, and copies around an axis.

use super::Work;
use crate::{Axis, Content, EditError, PartId, Piece, PieceId, Pose, snapped_rotation};
use glam::{Mat3, Vec3};
use std::collections::{BTreeMap, BTreeSet};

impl Work<'_> {
    pub(super) fn mirror(
        &mut self,
        pieces: &[PieceId],
        axis: Axis,
        at: f32,
        twins: &[(PartId, PartId)],
        planes: &[(PartId, Axis)],
    ) -> Result<(), EditError> {
        let reversed = twins.iter().map(|(part, twin)| (twin, part));
        let twins: BTreeMap<&PartId, &PartId> = reversed.chain(twins.iter().map(|(part, twin)| (part, twin))).collect();
        let planes: BTreeMap<&PartId, Axis> = planes.iter().map(|(part, axis)| (part, *axis)).collect();
        let reflection = axis.reflection();
        let (mut turned_parts, mut turned_submodels) = (BTreeSet::new(), BTreeSet::new());
        let mut changed = Vec::with_capacity(pieces.len());
        for id in pieces.iter().copied().collect::<BTreeSet<_>>() {
            let piece = self.design.piece(id).ok_or(EditError::UnknownPiece(id))?.clone();
            let (content, own_axis) = match &piece.content {
                Content::Part(part) => {
                    let twin = twins.get(part).copied();
                    let plane = planes.get(part).or_else(|| planes.get(twin?)).copied().unwrap_or(Axis::X);
                    if twin.is_none() {
                        turned_parts.insert(part.clone());
                    }
                    (Content::Part(twin.unwrap_or(part).clone()), plane)
                }
                Content::Submodel(submodel) => {
                    turned_submodels.insert(*submodel);
                    (Content::Submodel(*submodel), Axis::X)
                }
            };
            let position = reflection * piece.pose.position + axis.unit() * (2.0 * at);
            let rotation = snapped_rotation(reflection * piece.pose.rotation * own_axis.reflection());
            let pose = Pose { position, rotation }.tidied();
            changed.push(Piece { content, pose, ..piece });
        }
        self.notes.extend(
            turned_parts
                .into_iter()
                .map(|part| format!("{part} has no mirrored twin that is known; it was turned instead")),
        );
        for submodel in turned_submodels {
            let name = self.design.submodel(submodel).map_or("", |submodel| &submodel.name);
            self.notes.push(format!("the submodel \"{name}\" was turned, what is in it was not mirrored"));
        }
        self.set_changed(changed)
    }

    pub(super) fn array_around(
        &mut self,
        pieces: &[PieceId],
        count: u32,
        pivot: Vec3,
        axis: Vec3,
        angle: f32,
    ) -> Result<(), EditError> {
        let axis = axis.try_normalize().ok_or(EditError::NoAxis)?;
        if !angle.is_finite() || !pivot.is_finite() {
            return Err(EditError::BadNumber { what: "the angle and the pivot".to_owned() });
        }
        self.copies(pieces, count, &|copy, pose| {
            pose.rotated_about(pivot, snapped_rotation(Mat3::from_axis_angle(axis, angle * copy as f32)))
        })
    }
}
