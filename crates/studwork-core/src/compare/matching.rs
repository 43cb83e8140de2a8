//! Which piece of one design is which of another, where their numbers do not say it.
//!
//! Submodels go together by name. Within them pieces are matched from the surest to the least sure: all alike, only the
//! color different, only the part different, moved (the nearest). What is left is looked for with submodels spread out.

use super::{Cell, Pairs, cell_of, spread_out};
use crate::design::name_key;
use crate::{ColorRef, Content, Design, Piece, PieceId, SubmodelId};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;

/// Above this many possible pairs of one kind, moved pieces are matched in building order instead of by distance.
const MANY: usize = 4_000_000;

pub(super) fn by_shape(original: &Design, copy: &Design) -> (HashMap<SubmodelId, SubmodelId>, Pairs) {
    let submodels = submodels_by_name(original, copy);
    let mut pairs = Pairs::new();
    for (&one, &other) in &submodels {
        let mut left = Left {
            original: original.pieces_in(one).collect(),
            copy: copy.pieces_in(other).collect(),
            submodels: &submodels,
            pairs: &mut pairs,
        };
        left.pair(|what, piece| (what, piece.color, cell(piece)));
        left.pair(|what, piece| (what, cell(piece)));
        left.pair(|_, piece| (piece.part().is_some(), piece.color, cell(piece)));
        left.pair(|_, piece| (piece.part().is_some(), cell(piece)));
        left.pair_nearest();
    }
    spread_pairs(original, copy, &mut pairs);
    (submodels, pairs)
}

/// The main ones, those of the same name, and what is then left if its pieces are mostly the same parts.
fn submodels_by_name(original: &Design, copy: &Design) -> HashMap<SubmodelId, SubmodelId> {
    let mut found = HashMap::from([(original.main(), copy.main())]);
    let mut taken = BTreeSet::from([copy.main()]);
    let names: HashMap<String, SubmodelId> = copy.submodels().map(|other| (name_key(&other.name), other.id)).collect();
    for submodel in original.submodels().filter(|submodel| submodel.id != original.main()) {
        if let Some(other) = names.get(&name_key(&submodel.name)).filter(|other| taken.insert(**other)) {
            found.insert(submodel.id, *other);
        }
    }
    let bill = |design: &Design, submodel| {
        let mut bill: BTreeMap<Content, usize> = BTreeMap::new();
        for piece in design.pieces_in(submodel).filter(|piece| piece.part().is_some()) {
            *bill.entry(piece.content.clone()).or_default() += 1;
        }
        bill
    };
    for submodel in original.submodels() {
        if found.contains_key(&submodel.id) {
            continue;
        }
        let own = bill(original, submodel.id);
        let total: usize = own.values().sum();
        let alike = |other: &SubmodelId| {
            let theirs = bill(copy, *other);
            own.iter().map(|(content, count)| (*count).min(theirs.get(content).copied().unwrap_or(0))).sum::<usize>()
        };
        let candidates = copy.submodels().map(|other| other.id).filter(|other| !taken.contains(other));
        let best =
            candidates.map(|other| (alike(&other), other)).max_by_key(|(alike, other)| (*alike, u32::MAX - other.0));
        if let Some((_, other)) = best.filter(|(alike, _)| *alike > 0 && alike * 2 >= total) {
            taken.insert(other);
            found.insert(submodel.id, other);
        }
    }
    found
}

fn cell(piece: &Piece) -> Cell {
    cell_of(&piece.pose.to_affine())
}

/// Pieces of two submodels that have no partner yet, in building order.
struct Left<'a> {
    original: Vec<&'a Piece>,
    copy: Vec<&'a Piece>,
    submodels: &'a HashMap<SubmodelId, SubmodelId>,
    pairs: &'a mut Pairs,
}

impl Left<'_> {
    /// What a piece of the original places, in the terms of the copy.
    fn content(&self, piece: &Piece) -> Option<Content> {
        match &piece.content {
            Content::Part(part) => Some(Content::Part(part.clone())),
            Content::Submodel(inner) => self.submodels.get(inner).map(|other| Content::Submodel(*other)),
        }
    }

    /// Pairs those that have the same key, in building order.
    fn pair<K: Hash + Eq>(&mut self, key: impl Fn(Option<Content>, &Piece) -> K) {
        let mut waiting: HashMap<K, Vec<&Piece>> = HashMap::new();
        for piece in self.copy.iter().rev() {
            waiting.entry(key(Some(piece.content.clone()), piece)).or_default().push(piece);
        }
        let mut paired = BTreeSet::new();
        for piece in &self.original {
            if let Some(other) = waiting.get_mut(&key(self.content(piece), piece)).and_then(Vec::pop) {
                self.pairs.push((piece.id, other.id));
                paired.insert((piece.id, other.id));
            }
        }
        let (ones, others): (BTreeSet<PieceId>, BTreeSet<PieceId>) = paired.into_iter().unzip();
        self.original.retain(|piece| !ones.contains(&piece.id));
        self.copy.retain(|piece| !others.contains(&piece.id));
    }

    /// Pairs those of the same part and color, the nearest first.
    fn pair_nearest(&mut self) {
        let mut kinds: BTreeMap<(Content, ColorRef), [Vec<&Piece>; 2]> = BTreeMap::new();
        for piece in &self.original {
            if let Some(content) = self.content(piece) {
                kinds.entry((content, piece.color)).or_default()[0].push(piece);
            }
        }
        for piece in &self.copy {
            kinds.entry((piece.content.clone(), piece.color)).or_default()[1].push(piece);
        }
        let mut paired: [BTreeSet<PieceId>; 2] = Default::default();
        for [ones, others] in kinds.into_values() {
            let mut ways: Vec<(f32, PieceId, PieceId)> = if ones.len() * others.len() > MANY {
                ones.iter().zip(&others).map(|(one, other)| (0.0, one.id, other.id)).collect()
            } else {
                let way = |one: &Piece, other: &Piece| {
                    (one.pose.position.distance_squared(other.pose.position), one.id, other.id)
                };
                ones.iter().flat_map(|one| others.iter().map(move |other| way(one, other))).collect()
            };
            ways.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| (a.1, a.2).cmp(&(b.1, b.2))));
            for (_, one, other) in ways {
                if !paired[0].contains(&one) && !paired[1].contains(&other) {
                    paired[0].insert(one);
                    paired[1].insert(other);
                    self.pairs.push((one, other));
                }
            }
        }
        self.original.retain(|piece| !paired[0].contains(&piece.id));
        self.copy.retain(|piece| !paired[1].contains(&piece.id));
    }
}

/// Pairs parts that ended up in the same places, whatever submodel they stand in.
fn spread_pairs(original: &Design, copy: &Design, pairs: &mut Pairs) {
    let known: [BTreeSet<PieceId>; 2] =
        [pairs.iter().map(|(one, _)| *one).collect(), pairs.iter().map(|(_, other)| *other).collect()];
    let left = |design: &Design, known: &BTreeSet<PieceId>| -> Vec<PieceId> {
        let alone = design.pieces().filter(|piece| piece.part().is_some() && !known.contains(&piece.id));
        alone.map(|piece| piece.id).collect()
    };
    let [ones, others] = [left(original, &known[0]), left(copy, &known[1])];
    if ones.is_empty() || others.is_empty() {
        return;
    }
    let [one_spread, other_spread] = [spread_out(original), spread_out(copy)];
    let mut waiting: HashMap<_, Vec<PieceId>> = HashMap::new();
    for id in others.iter().rev() {
        if let (Some(places), Some(piece)) = (other_spread.get(id), copy.piece(*id)) {
            waiting.entry((piece.content.clone(), places)).or_default().push(*id);
        }
    }
    for id in ones {
        let (Some(places), Some(piece)) = (one_spread.get(&id), original.piece(id)) else { continue };
        if let Some(other) = waiting.get_mut(&(piece.content.clone(), places)).and_then(Vec::pop) {
            pairs.push((id, other));
        }
    }
}
