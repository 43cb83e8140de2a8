//! Putting pieces back: where what lies in the tray belongs, and whether a piece was put there right.

use super::session::part_of;
use super::{BuildSession, Symmetry};
use crate::{ColorRef, Content, Design, Edit, PartId, PieceId, Pose};
use glam::{Affine3A, Vec3};

/// Where a piece of the tray belongs.
#[derive(Clone, PartialEq, Debug)]
pub struct Ghost {
    /// Its index in the order.
    pub index: u32,
    /// From the part to the main submodel.
    pub transform: Affine3A,
}

/// What became of a piece that was put somewhere.
#[derive(Clone, PartialEq, Debug)]
pub enum Placement {
    /// It is where one of its kind belongs; it is on now.
    Right(u32),
    /// It is not; the nearest place for one of its kind, and how far that is (LDU).
    Wrong(Ghost, f32),
    /// None of its kind lies in the tray.
    NotInTray,
}

/// What became of a piece that was put where the builder likes.
#[derive(Clone, PartialEq, Debug)]
pub enum FreePlacement {
    /// It is on; the edit moves it there.
    On(u32, Edit),
    /// Every piece of its kind is of a submodel that is placed several times: its name.
    Shared(String),
    /// None of its kind lies in the tray.
    NotInTray,
}

impl BuildSession {
    /// Where the pieces of one heap of the tray belong; the one that came off last first.
    pub fn ghosts(&self, design: &Design, part: &PartId, color: ColorRef) -> Vec<Ghost> {
        let place = |&index: &u32| {
            let path = &self.order.get(index as usize)?.path;
            let (own_part, own_color) = part_of(design, path)?;
            let same = own_part == *part && own_color == color;
            same.then(|| Some(Ghost { index, transform: transform_of(design, path)? })).flatten()
        };
        self.taken.iter().rev().filter_map(place).collect()
    }

    /// Where the piece belongs that goes on next when the model is built in the reverse order.
    pub fn next_ghost(&self, design: &Design) -> Option<Ghost> {
        let index = *self.taken.last()?;
        let transform = transform_of(design, &self.order.get(index as usize)?.path)?;
        Some(Ghost { index, transform })
    }

    /// Puts a piece of the tray at a place in the main submodel. Any piece of a kind is as good as another, and so is any
    /// turn that looks the same.
    pub fn place(
        &mut self,
        design: &Design,
        part: &PartId,
        color: ColorRef,
        at: &Affine3A,
        symmetry: &Symmetry,
    ) -> Placement {
        let ghosts = self.ghosts(design, part, color);
        if let Some(right) = ghosts.iter().find(|ghost| symmetry.is_same(&ghost.transform, at)) {
            self.put_back(right.index);
            return Placement::Right(right.index);
        }
        let middle = |transform: &Affine3A| Vec3::from(transform.translation);
        let distance = |ghost: &Ghost| middle(&ghost.transform).distance(middle(at));
        let nearest = ghosts.into_iter().min_by(|a, b| distance(a).total_cmp(&distance(b)));
        nearest.map_or(Placement::NotInTray, |ghost| {
            let far = distance(&ghost);
            Placement::Wrong(ghost, far)
        })
    }
}

impl BuildSession {
    /// Puts a piece of the tray where the builder likes in the main submodel: any of its kind that is placed once.
    pub fn place_freely(&mut self, design: &Design, part: &PartId, color: ColorRef, at: &Affine3A) -> FreePlacement {
        let mut refused = FreePlacement::NotInTray;
        for Ghost { index, .. } in self.ghosts(design, part, color) {
            let Some(removal) = self.order.get(index as usize) else { continue };
            let Some((piece, around)) = removal.path.split_last() else { continue };
            if let Some(name) = around.iter().find_map(|id| shared_submodel(design, *id)) {
                refused = FreePlacement::Shared(name);
                continue;
            }
            let Some(outer) = transform_of(design, around) else { continue };
            let pose = Pose::from_affine(&(outer.inverse() * *at)).tidied();
            let edit = Edit::SetPoses(vec![(*piece, pose)]);
            self.put_back(index);
            return FreePlacement::On(index, edit);
        }
        refused
    }
}

/// The name of the submodel that a piece places, if others place it, too.
fn shared_submodel(design: &Design, piece: PieceId) -> Option<String> {
    let Content::Submodel(submodel) = design.piece(piece)?.content else { return None };
    let times = design.pieces().filter(|other| other.content == Content::Submodel(submodel)).take(2).count();
    (times > 1).then(|| design.submodel(submodel).map_or_else(String::new, |submodel| submodel.name.to_string()))
}

/// Where a flattened piece is, from its part to the main submodel.
pub(super) fn transform_of(design: &Design, path: &[PieceId]) -> Option<Affine3A> {
    path.iter().try_fold(Affine3A::IDENTITY, |outer, id| Some(outer * design.piece(*id)?.pose.to_affine()))
}
