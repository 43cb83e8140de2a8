//! Groups: made, dissolved, copied, and dropped when nothing is left in them.

use super::{Op, Work, basic::one_line};
use crate::{EditError, GroupId, PieceId};
use std::collections::{BTreeMap, BTreeSet};

impl Work<'_> {
    pub(super) fn group(&mut self, pieces: &[PieceId], name: &str) -> Result<(), EditError> {
        self.common_submodel(pieces)?;
        let name = one_line(name);
        if name.is_empty() {
            return Err(EditError::EmptyName);
        }
        let whole = self.whole_groups(pieces);
        let id = self.new_group_id()?;
        self.run(Op::SetGroup { group: id, to: Some((name, None)) })?;
        let old = self.groups_of(pieces);
        for &group in &whole.outermost {
            let name = self.group_name(group)?;
            self.run(Op::SetGroup { group, to: Some((name, Some(id))) })?;
        }
        let loose: Vec<PieceId> = pieces.iter().copied().filter(|piece| !whole.covers(self, *piece)).collect();
        self.change(&loose, &mut |piece| piece.group = Some(id))?;
        self.drop_empty_groups(old)
    }

    pub(super) fn ungroup(&mut self, group: GroupId) -> Result<(), EditError> {
        let slot = self.design.groups.get(&group).ok_or(EditError::UnknownGroup(group))?;
        let (parent, pieces, children) = (slot.group.parent, slot.pieces.clone(), slot.children.clone());
        for child in children {
            let name = self.group_name(child)?;
            self.run(Op::SetGroup { group: child, to: Some((name, parent)) })?;
        }
        let pieces: Vec<PieceId> = pieces.into_iter().collect();
        self.change(&pieces, &mut |piece| piece.group = parent)?;
        self.run(Op::SetGroup { group, to: None })
    }

    pub(super) fn rename_group(&mut self, group: GroupId, name: &str) -> Result<(), EditError> {
        let before = self.design.group(group).ok_or(EditError::UnknownGroup(group))?;
        let (parent, name) = (before.parent, one_line(name));
        match name.as_str() {
            "" => Err(EditError::EmptyName),
            same if same == before.name => Ok(()),
            _ => self.run(Op::SetGroup { group, to: Some((name, parent)) }),
        }
    }

    /// Drops those of the groups that hold nothing any more, and the groups around them that hold nothing else.
    pub(super) fn drop_empty_groups(&mut self, groups: BTreeSet<GroupId>) -> Result<(), EditError> {
        for group in groups {
            let mut next = Some(group);
            while let Some(slot) = next.and_then(|group| self.design.groups.get(&group)) {
                if !slot.pieces.is_empty() || !slot.children.is_empty() {
                    break;
                }
                let (group, parent) = (slot.group.id, slot.group.parent);
                self.run(Op::SetGroup { group, to: None })?;
                next = parent;
            }
        }
        Ok(())
    }

    /// Makes a copy of each group that copies of these pieces need: old → new. A group that is only partly among them is
    /// copied as well, so that its copied pieces stay together.
    pub(super) fn copy_groups(&mut self, pieces: &[PieceId]) -> Result<BTreeMap<GroupId, GroupId>, EditError> {
        let mut needed = BTreeSet::new();
        for group in self.groups_of(pieces) {
            let mut next = Some(group);
            while let Some(group) = next.filter(|group| needed.insert(*group)) {
                next = self.design.group(group).and_then(|group| group.parent);
            }
        }
        // A group around all of them that holds more than them is not copied, but joined.
        let whole = self.whole_groups(pieces);
        let mut copied = BTreeMap::new();
        for &group in &needed {
            if whole.all.contains(&group) {
                copied.insert(group, self.new_group_id()?);
            } else {
                copied.insert(group, group);
            }
        }
        for (&group, &copy) in copied.iter().filter(|(group, copy)| group != copy) {
            let name = self.group_name(group)?;
            self.run(Op::SetGroup { group: copy, to: Some((name, None)) })?;
        }
        for (&group, &copy) in copied.iter().filter(|(group, copy)| group != copy) {
            let parent = self.design.group(group).and_then(|group| group.parent);
            if let Some(parent) = parent {
                let name = self.group_name(group)?;
                let parent = copied.get(&parent).copied().unwrap_or(parent);
                self.run(Op::SetGroup { group: copy, to: Some((name, Some(parent))) })?;
            }
        }
        Ok(copied)
    }

    /// The groups of which every piece is among these.
    pub(super) fn whole_groups(&self, pieces: &[PieceId]) -> WholeGroups {
        let selected: BTreeSet<PieceId> = pieces.iter().copied().collect();
        let mut counts: BTreeMap<GroupId, usize> = BTreeMap::new();
        for &piece in &selected {
            let mut next = self.design.piece(piece).and_then(|piece| piece.group);
            while let Some(group) = next {
                *counts.entry(group).or_default() += 1;
                next = self.design.group(group).and_then(|group| group.parent);
            }
        }
        let mut sizes = BTreeMap::new();
        let all: BTreeSet<GroupId> = counts
            .into_iter()
            .filter(|&(group, count)| self.group_size(group, count, &mut sizes) == count)
            .map(|(group, _)| group)
            .collect();
        let is_outermost = |group: &GroupId| match self.design.group(*group).and_then(|group| group.parent) {
            Some(parent) => !all.contains(&parent),
            None => true,
        };
        let outermost = all.iter().copied().filter(is_outermost).collect();
        WholeGroups { all, outermost }
    }

    /// How many pieces a group has with those of its groups; counts no further than one more than `enough`.
    fn group_size(&self, group: GroupId, enough: usize, known: &mut BTreeMap<GroupId, usize>) -> usize {
        if let Some(&size) = known.get(&group) {
            return size;
        }
        let (mut size, mut waiting) = (0, vec![group]);
        while let Some(slot) = waiting.pop().and_then(|group| self.design.groups.get(&group)) {
            size += slot.pieces.len();
            if size > enough {
                return size;
            }
            waiting.extend(&slot.children);
        }
        known.insert(group, size);
        size
    }

    pub(super) fn group_name(&self, group: GroupId) -> Result<String, EditError> {
        Ok(self.design.group(group).ok_or(EditError::UnknownGroup(group))?.name.clone())
    }
}

/// The groups that lie wholly within a selection.
pub(super) struct WholeGroups {
    /// All of them.
    pub all: BTreeSet<GroupId>,
    /// Those that are in no other of them.
    pub outermost: BTreeSet<GroupId>,
}

impl WholeGroups {
    /// Whether a piece belongs to one of them.
    pub fn covers(&self, work: &Work<'_>, piece: PieceId) -> bool {
        work.design.piece(piece).and_then(|piece| piece.group).is_some_and(|group| self.all.contains(&group))
    }
}
