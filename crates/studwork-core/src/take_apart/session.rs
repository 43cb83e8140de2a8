//! How far taking apart or rebuilding is: which pieces lie in the tray, in which order they came off.

use crate::{ColorRef, Design, PartId, PieceId};
use glam::Vec3;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A flattened piece: the pieces on the way to it from the main submodel, itself last.
pub type Path = Vec<PieceId>;

/// How one piece comes off.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Removal {
    /// Which.
    pub path: Path,
    /// The unit direction in which it is pulled, in the main submodel.
    pub direction: Vec3,
    /// How far until it is clear of everything that is still there, LDU.
    pub distance: f32,
    /// Whether the straight way out is free of everything that is still there.
    pub free: bool,
    /// Whether what is left holds together as well as before.
    pub steady: bool,
}

/// What is being done.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Phase {
    /// Pieces go to the tray.
    #[default]
    TakingApart,
    /// Pieces come back from it.
    Rebuilding,
}

/// The state of taking apart and rebuilding one design. Pieces that are in `taken` are off; all others are on.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct BuildSession {
    /// What is being done.
    pub phase: Phase,
    /// The order in which all pieces come off.
    pub order: Vec<Removal>,
    /// Indices into `order` of the pieces that are off, in the order in which they were taken.
    pub taken: Vec<u32>,
    /// Seconds spent so far, as the caller counts them.
    pub elapsed: u64,
}

/// One heap of the tray.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct TrayRow {
    /// The part.
    pub part: PartId,
    /// Its color; 16 where no piece on the way says another.
    pub color: ColorRef,
    /// How many of it lie there.
    pub count: usize,
}

impl BuildSession {
    /// Nothing is off yet.
    pub fn new(order: Vec<Removal>) -> Self {
        Self { order, ..Self::default() }
    }

    /// Which pieces are off, by index into `order`.
    pub fn off(&self) -> BTreeSet<u32> {
        self.taken.iter().copied().collect()
    }

    /// The paths of the pieces that are off: what the view hides.
    pub fn hidden(&self) -> impl Iterator<Item = &Path> {
        self.taken.iter().filter_map(|&index| Some(&self.order.get(index as usize)?.path))
    }

    /// How many pieces are off, and how many there are.
    pub fn progress(&self) -> (usize, usize) {
        (self.taken.len(), self.order.len())
    }

    /// The piece that comes off next in the order: the first that is still on.
    pub fn next(&self) -> Option<u32> {
        let off = self.off();
        (0..self.order.len() as u32).find(|index| !off.contains(index))
    }

    /// Takes a piece off; `false` if it is off already or there is none with that index.
    pub fn take(&mut self, index: u32) -> bool {
        let there = (index as usize) < self.order.len() && !self.taken.contains(&index);
        if there {
            self.taken.push(index);
        }
        there
    }

    /// Takes the next piece of the order off, and tells which.
    pub fn take_next(&mut self) -> Option<u32> {
        let next = self.next()?;
        self.taken.push(next);
        Some(next)
    }

    /// Goes to a place in the order, as a slider does: the first `count` are off, all others on.
    pub fn go_to(&mut self, count: usize) {
        self.taken = (0..count.min(self.order.len()) as u32).collect();
    }

    /// Puts a piece back; `false` if it is on.
    pub fn put_back(&mut self, index: u32) -> bool {
        let before = self.taken.len();
        self.taken.retain(|taken| *taken != index);
        self.taken.len() < before
    }

    /// Puts the piece back that was taken last, and tells which: the reverse order rebuilds the model.
    pub fn put_back_last(&mut self) -> Option<u32> {
        self.taken.pop()
    }

    /// The index of a flattened piece in the order.
    pub fn index_of(&self, path: &[PieceId]) -> Option<u32> {
        self.order.iter().position(|removal| removal.path == path).map(|index| index as u32)
    }

    /// What lies in the tray, by part and color.
    pub fn tray(&self, design: &Design) -> Vec<TrayRow> {
        let mut counts: BTreeMap<(PartId, ColorRef), usize> = BTreeMap::new();
        for path in self.hidden() {
            if let Some((part, color)) = part_of(design, path) {
                *counts.entry((part, color)).or_default() += 1;
            }
        }
        counts.into_iter().map(|((part, color), count)| TrayRow { part, color, count }).collect()
    }

    /// Brings the session up to date with a design that was edited since: pieces that are gone are forgotten, new ones
    /// come off first. `true` if anything had to change.
    pub fn reconcile(&mut self, design: &Design) -> bool {
        let mut there: HashMap<Path, bool> = HashMap::new();
        let mut paths = Vec::new();
        design.flatten(design.main(), &mut |flat| {
            there.insert(flat.path.to_vec(), false);
            paths.push(flat.path.to_vec());
        });
        let off: BTreeSet<Path> = self.hidden().cloned().collect();
        let taken: Vec<Path> = self.hidden().cloned().collect();
        let before = self.order.len();
        self.order.retain(|removal| there.get_mut(&removal.path).is_some_and(|known| !std::mem::replace(known, true)));
        let new: Vec<Removal> = paths
            .into_iter()
            .rev()
            .filter(|path| there.get(path) == Some(&false))
            .map(|path| Removal { path, direction: Vec3::NEG_Y, distance: 0.0, free: false, steady: false })
            .collect();
        let changed = !new.is_empty() || self.order.len() != before;
        if changed {
            self.order.splice(0..0, new);
            let index: HashMap<&Path, u32> =
                self.order.iter().zip(0..).map(|(removal, index)| (&removal.path, index)).collect();
            self.taken =
                taken.iter().filter(|path| off.contains(*path)).filter_map(|p| index.get(p).copied()).collect();
        }
        changed
    }
}

/// The part and the color of a flattened piece.
pub(super) fn part_of(design: &Design, path: &[PieceId]) -> Option<(PartId, ColorRef)> {
    let mut color = ColorRef::MAIN;
    let mut part = None;
    for id in path {
        let piece = design.piece(*id)?;
        if piece.color != ColorRef::MAIN {
            color = piece.color;
        }
        part = piece.part().cloned();
    }
    Some((part?, color))
}
