//! What is different between two designs: a copy and its original, or any two.
//!
//! Pieces of a copy keep the numbers that they have in the original, so they are compared number by number. Where the
//! numbers mean nothing, the best match is looked for. Every piece counts once, however often its submodel is placed.

mod matching;
mod restore;

pub use restore::{RestoreError, differing_steps, restore, restore_piece, restore_step};

use crate::{ColorRef, Content, Design, Piece, PieceId, SubmodelId};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// How the pieces of two designs are brought together.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Matching {
    /// By number if most numbers name the same pieces in both, else by shape.
    #[default]
    Auto,
    /// By number: one is a copy of the other, or both are of a third.
    ByNumber,
    /// By part, color and place, submodel by submodel, then spread out.
    ByShape,
}

/// A piece that only one of two designs has.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Lone {
    /// The piece.
    #[serde(flatten)]
    pub piece: Piece,
    /// Where it stands.
    pub submodel: SubmodelId,
}

/// A piece that both have, but not alike.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Changed {
    /// What it is in the original.
    pub original: Piece,
    /// What it is in the copy.
    pub copy: Piece,
    /// It is elsewhere, or turned.
    pub moved: bool,
    /// It has another color.
    pub recolored: bool,
    /// It is another part, or places another submodel.
    pub replaced: bool,
    /// It stands in another submodel.
    pub regrouped: bool,
}

/// All differences between two designs.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Comparison {
    /// How pieces were brought together; never [`Matching::Auto`].
    pub matching: Matching,
    /// Pieces that only the copy has, by number.
    pub added: Vec<Lone>,
    /// Pieces that only the original has, by number.
    pub removed: Vec<Lone>,
    /// Pieces that are in both, but not alike, by the copy's number.
    pub changed: Vec<Changed>,
    /// How many are the same in both.
    pub same: usize,
}

/// How many pieces differ in which way; one that was moved and recolored counts as both.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Counts {
    /// Only in the copy.
    pub added: usize,
    /// Only in the original.
    pub removed: usize,
    /// Elsewhere.
    pub moved: usize,
    /// In another color.
    pub recolored: usize,
    /// Another part.
    pub replaced: usize,
    /// In another submodel.
    pub regrouped: usize,
    /// The same in both.
    pub same: usize,
}

impl Comparison {
    /// Whether no piece differs.
    pub fn is_same(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }

    /// How many pieces differ in which way.
    pub fn counts(&self) -> Counts {
        let count = |is: &dyn Fn(&Changed) -> bool| self.changed.iter().filter(|changed| is(changed)).count();
        Counts {
            added: self.added.len(),
            removed: self.removed.len(),
            moved: count(&|changed| changed.moved),
            recolored: count(&|changed| changed.recolored),
            replaced: count(&|changed| changed.replaced),
            regrouped: count(&|changed| changed.regrouped),
            same: self.same,
        }
    }
}

/// Pieces of the original (first) and of the copy that are the same piece.
type Pairs = Vec<(PieceId, PieceId)>;

/// Compares a copy with its original, or any two designs.
pub fn compare(original: &Design, copy: &Design, matching: Matching) -> Comparison {
    let matching = match matching {
        Matching::Auto if numbers_agree(original, copy) => Matching::ByNumber,
        Matching::Auto => Matching::ByShape,
        asked => asked,
    };
    let (submodels, pairs) = match matching {
        Matching::ByShape => matching::by_shape(original, copy),
        _ => by_number(original, copy),
    };
    told(original, copy, matching, &submodels, pairs)
}

/// Whether a number that both have mostly names the same thing.
fn numbers_agree(original: &Design, copy: &Design) -> bool {
    let (mut common, mut alike) = (0_usize, 0_usize);
    for piece in original.pieces() {
        if let Some(other) = copy.piece(piece.id) {
            common += 1;
            let same_place = piece.pose == other.pose || piece.color == other.color;
            alike += usize::from(piece.content == other.content && same_place);
        }
    }
    let least = original.len().min(copy.len());
    common * 4 >= least && alike * 2 >= common
}

fn by_number(original: &Design, copy: &Design) -> (HashMap<SubmodelId, SubmodelId>, Pairs) {
    let submodels = original.submodels().map(|s| s.id).filter(|id| copy.submodel(*id).is_some());
    let pieces = original.pieces().map(|piece| piece.id).filter(|id| copy.piece(*id).is_some());
    (submodels.map(|id| (id, id)).collect(), pieces.map(|id| (id, id)).collect())
}

/// A comparison, once it is known which piece is which.
fn told(
    original: &Design,
    copy: &Design,
    matching: Matching,
    submodels: &HashMap<SubmodelId, SubmodelId>,
    pairs: Pairs,
) -> Comparison {
    let mut changed = Vec::new();
    let mut same = 0;
    let mut spread: Option<[Spread; 2]> = None;
    let of_original: BTreeMap<PieceId, PieceId> = pairs.iter().copied().collect();
    let of_copy: BTreeMap<PieceId, PieceId> = pairs.iter().map(|(a, b)| (*b, *a)).collect();
    for (a, b) in pairs {
        let (Some(before), Some(after)) = (original.piece(a), copy.piece(b)) else { continue };
        let home = |design: &Design, id| design.place_of(id).map(|(submodel, _)| submodel);
        let there = home(original, a).and_then(|submodel| submodels.get(&submodel).copied());
        let regrouped = there != home(copy, b);
        // In another submodel the numbers of a place mean something else: what counts is where it ends up.
        let moved = if regrouped {
            let [one, other] = spread.get_or_insert_with(|| [spread_out(original), spread_out(copy)]);
            places(one, a) != places(other, b)
        } else {
            before.pose != after.pose
        };
        let replaced = match (&before.content, &after.content) {
            (Content::Part(one), Content::Part(other)) => one != other,
            (Content::Submodel(one), Content::Submodel(other)) => submodels.get(one) != Some(other),
            _ => true,
        };
        let recolored = before.color != after.color;
        if moved || recolored || replaced || regrouped {
            let (original, copy) = (before.clone(), after.clone());
            changed.push(Changed { original, copy, moved, recolored, replaced, regrouped });
        } else {
            same += 1;
        }
    }
    changed.sort_by_key(|changed| changed.copy.id);
    let lone = |design: &Design, known: &BTreeMap<PieceId, PieceId>| -> Vec<Lone> {
        let alone = design.pieces().filter(|piece| !known.contains_key(&piece.id));
        let lone =
            alone.filter_map(|piece| Some(Lone { piece: piece.clone(), submodel: design.place_of(piece.id)?.0 }));
        lone.collect()
    };
    let (added, removed) = (lone(copy, &of_copy), lone(original, &of_original));
    Comparison { matching, added, removed, changed, same }
}

/// A transform in hundredths of an LDU and thousandths of a turn, so that noise does not count.
type Cell = [i32; 12];

fn cell_of(transform: &glam::Affine3A) -> Cell {
    let mut cell = [0; 12];
    for (index, number) in transform.to_cols_array().into_iter().enumerate() {
        let scale = if index < 9 { 1000.0 } else { 100.0 };
        cell[index] = (number * scale).round().clamp(-2e9, 2e9) as i32;
    }
    cell
}

/// Where each piece ends up with the submodels spread out, sorted.
type Spread = HashMap<PieceId, Vec<(ColorRef, Cell)>>;

fn spread_out(design: &Design) -> Spread {
    let mut spread = Spread::new();
    let mut path: Vec<PieceId> = Vec::new();
    let mut frames = vec![glam::Affine3A::IDENTITY];
    design.flatten(design.main(), &mut |flat| {
        // The pieces on the way end up somewhere as well; each is told once, when the way changes.
        let common = path.iter().zip(flat.path).take_while(|(one, other)| one == other).count();
        path.truncate(common);
        frames.truncate(common + 1);
        for id in &flat.path[common..] {
            let Some(piece) = design.piece(*id) else { continue };
            let frame = frames.last().copied().unwrap_or_default() * piece.pose.to_affine();
            let color = if piece.part().is_some() { flat.color } else { piece.color };
            spread.entry(*id).or_default().push((color, cell_of(&frame)));
            path.push(*id);
            frames.push(frame);
        }
    });
    spread.values_mut().for_each(|places| places.sort_unstable());
    spread
}

fn places(spread: &Spread, piece: PieceId) -> Vec<Cell> {
    spread.get(&piece).map_or_else(Vec::new, |places| {
        let mut cells: Vec<Cell> = places.iter().map(|(_, cell)| *cell).collect();
        cells.sort_unstable();
        cells
    })
}
