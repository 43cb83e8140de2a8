//! Mirroring, and copies around an axis.

use super::submodels::{pieces_of, place_line};
use super::{Item, Work};
use crate::{Axis, ColorRef, Content, EditError, PartId, Piece, PieceId, Pose, Submodel, SubmodelId, snapped_rotation};
use glam::{Affine3A, Mat3, Vec3};
use std::collections::{BTreeMap, BTreeSet};
use studwork_ldraw::Line;

/// What mirroring knows about parts, and what it has done so far.
struct Mirroring<'a> {
    twins: BTreeMap<&'a PartId, &'a PartId>,
    planes: BTreeMap<&'a PartId, Axis>,
    /// Parts without a twin, which were turned.
    turned: BTreeSet<PartId>,
    /// The mirrored copy of each submodel.
    copies: BTreeMap<SubmodelId, SubmodelId>,
}

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
        let mut mirroring = Mirroring {
            twins: reversed.chain(twins.iter().map(|(part, twin)| (part, twin))).collect(),
            planes: planes.iter().map(|(part, axis)| (part, *axis)).collect(),
            turned: BTreeSet::new(),
            copies: BTreeMap::new(),
        };
        let mut changed = Vec::with_capacity(pieces.len());
        for id in pieces.iter().copied().collect::<BTreeSet<_>>() {
            let piece = self.design.piece(id).ok_or(EditError::UnknownPiece(id))?.clone();
            let mut mirrored = self.mirrored(piece, axis, &mut mirroring)?;
            mirrored.pose.position += axis.unit() * (2.0 * at);
            mirrored.pose = mirrored.pose.tidied();
            changed.push(mirrored);
        }
        let turned = mirroring.turned.into_iter();
        self.notes
            .extend(turned.map(|part| format!("{part} has no mirrored twin that is known; it was turned instead")));
        self.set_changed(changed)
    }

    /// A piece as a mirror across the origin shows it.
    fn mirrored(&mut self, piece: Piece, axis: Axis, mirroring: &mut Mirroring<'_>) -> Result<Piece, EditError> {
        let (content, own_axis) = match &piece.content {
            Content::Part(part) => {
                let twin = mirroring.twins.get(part).copied();
                let plane = mirroring.planes.get(part).or_else(|| mirroring.planes.get(twin?)).copied();
                if twin.is_none() {
                    mirroring.turned.insert(part.clone());
                }
                (Content::Part(twin.unwrap_or(part).clone()), plane.unwrap_or(Axis::X))
            }
            Content::Submodel(submodel) => (Content::Submodel(self.mirrored_submodel(*submodel, mirroring)?), Axis::X),
        };
        let reflection = axis.reflection();
        let position = reflection * piece.pose.position;
        let rotation = snapped_rotation(reflection * piece.pose.rotation * own_axis.reflection());
        Ok(Piece { content, pose: Pose { position, rotation }.tidied(), ..piece })
    }

    /// The submodel that shows a submodel in a mirror across its X: one that is there already, or a copy.
    fn mirrored_submodel(
        &mut self,
        original: SubmodelId,
        mirroring: &mut Mirroring<'_>,
    ) -> Result<SubmodelId, EditError> {
        if let Some(&copy) = mirroring.copies.get(&original) {
            return Ok(copy);
        }
        let source = self.design.submodel(original).ok_or(EditError::UnknownSubmodel(original))?.clone();
        let reflection = Affine3A::from_mat3(Axis::X.reflection());
        let mut steps = Vec::with_capacity(source.steps.len());
        for step in &source.steps {
            let mut items = self.items_of(step.id)?;
            for item in &mut items {
                match item {
                    Item::Piece(piece) => *piece = self.mirrored(piece.clone(), Axis::X, mirroring)?,
                    Item::Line(line) => {
                        place_line(line, &reflection, ColorRef::MAIN);
                        // A mirror turns the way around a face.
                        match &mut **line {
                            Line::Triangle { points, .. } => points.reverse(),
                            Line::Quad { points, .. } => points.reverse(),
                            _ => {}
                        }
                    }
                }
            }
            steps.push(items);
        }
        let known = self.design.submodels().find(|known| self.shows(known, &steps)).map(|known| known.id);
        let copy = match known {
            Some(known) => known,
            None => self.add_copy(&source, steps)?,
        };
        mirroring.copies.extend([(original, copy), (copy, original)]);
        Ok(copy)
    }

    /// Whether a submodel consists of these steps, whatever the numbers of its pieces.
    fn shows(&self, submodel: &Submodel, steps: &[Vec<Item>]) -> bool {
        submodel.steps.len() == steps.len()
            && submodel.steps.iter().zip(steps).all(|(step, items)| {
                let own = self.items_of(step.id).unwrap_or_default();
                let alike = |(a, b): (&Item, &Item)| match (a, b) {
                    (Item::Piece(a), Item::Piece(b)) => (&a.content, a.color, a.pose) == (&b.content, b.color, b.pose),
                    (Item::Line(a), Item::Line(b)) => a == b,
                    _ => false,
                };
                own.len() == items.len() && own.iter().zip(items).all(alike)
            })
    }

    /// A submodel with these steps, named after another one.
    fn add_copy(&mut self, source: &Submodel, steps: Vec<Vec<Item>>) -> Result<SubmodelId, EditError> {
        let base = format!("{} mirrored", source.name);
        let names = std::iter::once(base.clone()).chain((2..).map(|number| format!("{base} {number}")));
        let mut free = names.filter(|name| self.design.check_name(name, None).is_ok());
        let name = free.next().ok_or(EditError::EmptyName)?;
        drop(free);
        let originals: Vec<PieceId> = steps.iter().flat_map(|items| pieces_of(items)).map(|piece| piece.id).collect();
        let groups = self.copy_groups(&originals)?;
        let mut ids = self.new_piece_ids(originals.len())?;
        let (copy, mut step) = self.add_submodel(&name)?;
        for (number, (items, original)) in steps.into_iter().zip(&source.steps).enumerate() {
            if number > 0 {
                step = self.add_step(copy, number)?;
            }
            let items = items.into_iter().map(|item| match item {
                Item::Piece(piece) => {
                    let group = piece.group.and_then(|group| groups.get(&group).copied());
                    let id = ids.next().map_or(piece.id, PieceId);
                    Item::Piece(Piece { id, group, ..piece })
                }
                Item::Line(line) => Item::Line(line),
            });
            self.put_items(step, None, items.collect())?;
            self.set_step_view(step, original.view)?;
        }
        Ok(copy)
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
