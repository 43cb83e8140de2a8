//! What an edit may not do: loops of submodels, nesting without end, more pieces than any design has, taken names.
//!
//! The counts are put together from what each submodel knows about itself, so they cost submodels and not pieces.

use crate::design::name_key;
use crate::{Content, Design, EditError, Piece, SubmodelId};
use std::collections::BTreeMap;

/// The most pieces that a design may have, submodels spread out.
pub const MAX_PIECES: u64 = 2_000_000;
/// How deep submodels may lie in submodels.
pub const MAX_DEPTH: usize = 200;

impl Design {
    /// Whether a piece may stand in a submodel, but for loops.
    pub(crate) fn check_piece(&self, piece: &Piece, submodel: SubmodelId) -> Result<(), EditError> {
        if !piece.pose.is_valid() {
            return Err(EditError::BadNumber { what: format!("the pose of {}", piece.id) });
        }
        if let Content::Submodel(placed) = piece.content
            && self.submodel(placed).is_none()
        {
            return Err(EditError::UnknownSubmodel(placed));
        }
        if let Some(group) = piece.group {
            let slot = self.groups.get(&group).ok_or(EditError::UnknownGroup(group))?;
            let other = slot.pieces.iter().find(|&&other| other != piece.id);
            if other.and_then(|&other| self.place_of(other)).is_some_and(|(there, _)| there != submodel) {
                return Err(EditError::SeveralSubmodels);
            }
        }
        Ok(())
    }

    /// Whether submodels may be placed in a submodel: no loop, not too deep, not too many pieces.
    pub(crate) fn check_new_placements<'a>(
        &self,
        outer: SubmodelId,
        pieces: impl Iterator<Item = &'a Piece>,
    ) -> Result<(), EditError> {
        let mut placed: BTreeMap<SubmodelId, u64> = BTreeMap::new();
        let mut parts = 0_u64;
        for piece in pieces {
            match piece.content {
                Content::Submodel(inner) => *placed.entry(inner).or_default() += 1,
                Content::Part(_) => parts += 1,
            }
        }
        if self.slots.len() as u64 + parts > MAX_PIECES {
            return Err(EditError::TooMany(MAX_PIECES));
        }
        if placed.is_empty() {
            return Ok(());
        }
        // Everything that holds `outer`, and how far below the top of it `outer` lies.
        let above = self.holders(outer);
        let mut known = BTreeMap::new();
        let mut more = parts;
        for (inner, count) in placed {
            let name = |id| self.submodel(id).map_or_else(String::new, |submodel| submodel.name.clone());
            if above.contains_key(&inner) {
                return Err(EditError::Loop { inner: name(inner), outer: name(outer) });
            }
            let (depth, inside) = self.measure(inner, &mut known);
            let deepest = above.values().copied().max().unwrap_or_default();
            if deepest + 1 + depth > MAX_DEPTH {
                return Err(EditError::TooDeep(MAX_DEPTH));
            }
            more = more.saturating_add(inside.saturating_mul(count));
        }
        // What comes in comes in once for each time that `outer` is in the main model.
        let all = self.measure(self.main(), &mut known).1;
        let times = self.times_in(self.main(), outer);
        if all.max(self.measure(outer, &mut known).1).saturating_add(more.saturating_mul(times.max(1))) > MAX_PIECES {
            return Err(EditError::TooMany(MAX_PIECES));
        }
        Ok(())
    }

    /// The submodels that hold this one at any depth, and itself, each with the greatest number of levels above it.
    fn holders(&self, submodel: SubmodelId) -> BTreeMap<SubmodelId, usize> {
        let mut found = BTreeMap::from([(submodel, 0)]);
        let mut level = vec![submodel];
        let mut depth = 0;
        while !level.is_empty() && depth <= MAX_DEPTH {
            depth += 1;
            let occurrences = level.iter().filter_map(|&id| self.shelf(id)).flat_map(|shelf| &shelf.occurrences);
            let mut next: Vec<SubmodelId> = occurrences.filter_map(|&id| Some(self.place_of(id)?.0)).collect();
            next.sort_unstable();
            next.dedup();
            for &id in &next {
                found.insert(id, depth);
            }
            level = next;
        }
        found
    }

    /// How many times `inner` comes up when `outer` is spread out.
    fn times_in(&self, outer: SubmodelId, inner: SubmodelId) -> u64 {
        let holders = self.holders(inner);
        let mut times: BTreeMap<SubmodelId, u64> = BTreeMap::new();
        let mut by_depth: Vec<(usize, SubmodelId)> = holders.into_iter().map(|(id, depth)| (depth, id)).collect();
        // From the top down: the greater the number of levels above `inner`, the earlier.
        by_depth.sort_unstable_by(|a, b| b.cmp(a));
        times.insert(outer, 1);
        for (_, id) in by_depth {
            let Some(shelf) = self.shelf(id) else { continue };
            if id != outer {
                let holders = shelf.occurrences.iter().filter_map(|&piece| Some(self.place_of(piece)?.0));
                let sum =
                    holders.fold(0_u64, |sum, holder| sum.saturating_add(times.get(&holder).copied().unwrap_or(0)));
                times.insert(id, sum);
            }
        }
        times.get(&inner).copied().unwrap_or(0)
    }

    /// Whether a submodel (or a new one) may have a name.
    pub(crate) fn check_name(&self, name: &str, submodel: Option<SubmodelId>) -> Result<(), EditError> {
        let key = name_key(name);
        if key.is_empty() {
            return Err(EditError::EmptyName);
        }
        let taken = self.submodels().any(|other| Some(other.id) != submodel && name_key(&other.name) == key);
        if taken { Err(EditError::NameTaken(name.to_owned())) } else { Ok(()) }
    }

    /// How many parts a submodel has with those of the submodels it places.
    pub fn part_count_of(&self, submodel: SubmodelId) -> usize {
        let mut known = BTreeMap::new();
        let (_, parts) = self.measure(submodel, &mut known);
        usize::try_from(parts).unwrap_or(usize::MAX)
    }

    /// How many parts the main submodel has with those of the submodels it places: what a person calls the pieces of a
    /// set.
    pub fn part_count(&self) -> usize {
        self.part_count_of(self.main())
    }

    /// Levels of submodels from this one down (1 for one that places none), and parts.
    pub(crate) fn measure(&self, submodel: SubmodelId, known: &mut BTreeMap<SubmodelId, (usize, u64)>) -> (usize, u64) {
        // A stack of its own: what is being measured may be nested deeper than the thread's stack.
        let mut waiting = vec![(submodel, false)];
        while let Some((id, children_known)) = waiting.pop() {
            let Some(shelf) = self.shelf(id).filter(|_| !known.contains_key(&id)) else { continue };
            let children = shelf.placements.iter().filter_map(|piece| match self.piece(*piece)?.content {
                Content::Submodel(child) => Some(child),
                Content::Part(_) => None,
            });
            if children_known {
                let (mut depth, mut parts) = (0, shelf.parts);
                for child in children {
                    let (below, inside) = known.get(&child).copied().unwrap_or_default();
                    depth = depth.max(below);
                    parts = parts.saturating_add(inside);
                }
                known.insert(id, (depth + 1, parts));
            } else {
                let children: Vec<_> = children.filter(|child| !known.contains_key(child)).collect();
                waiting.push((id, true));
                waiting.extend(children.into_iter().map(|child| (child, false)));
            }
        }
        known.get(&submodel).copied().unwrap_or_default()
    }
}
