//! The connection graph: which piece grips which, and what their joints leave free.
//!
//! Built for a whole [`Space`] or kept up to date key by key; both give the same graph.

use super::{Freedom, Joint, joints_between};
use crate::space::{Placed, Space};
use glam::Vec3;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The joints of two pieces; `joints` are seen from the piece with the lesser key.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// The lesser key.
    pub a: u32,
    /// The greater key.
    pub b: u32,
    /// Never empty; centers and axes in the space of piece `a`.
    pub joints: Vec<Joint>,
    /// What all of them together leave free.
    pub freedom: Freedom,
}

/// Which piece grips which.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConnectionGraph {
    /// For each piece its partners, ascending, and their links (kept under both keys).
    links: HashMap<u32, BTreeMap<u32, Link>>,
}

impl ConnectionGraph {
    /// The graph of everything in `space`.
    pub fn build(space: &Space) -> Self {
        Self::build_while(space, &|| true)
    }

    /// [`ConnectionGraph::build`], calling `step` once for each piece; where it says `false` the rest is left out.
    pub(super) fn build_while(space: &Space, step: &(dyn Fn() -> bool + Sync)) -> Self {
        let pieces: Vec<&Placed> = space.iter().collect();
        let links: Vec<Link> = pieces
            .par_iter()
            .flat_map_iter(|piece| {
                let mut found = Vec::new();
                if !step() {
                    return found;
                }
                space.overlapping(reach_of(piece), &mut |other| {
                    if other.key > piece.key {
                        found.extend(link_of(piece, other));
                    }
                });
                found
            })
            .collect();
        let mut graph = Self::default();
        links.into_iter().for_each(|link| graph.add(link));
        graph
    }

    /// Brings the graph up to date after a piece was put into `space`, moved in it or taken out of it.
    pub fn update(&mut self, space: &Space, key: u32) {
        self.forget(key);
        let Some(piece) = space.get(key) else { return };
        let mut found = Vec::new();
        space.overlapping(reach_of(piece), &mut |other| {
            if other.key != key {
                let (a, b) = if other.key > key { (piece, other) } else { (other, piece) };
                found.extend(link_of(a, b));
            }
        });
        found.into_iter().for_each(|link| self.add(link));
    }

    /// [`ConnectionGraph::update`] for all pieces that an edit touched.
    pub fn update_all(&mut self, space: &Space, keys: impl IntoIterator<Item = u32>) {
        keys.into_iter().for_each(|key| self.update(space, key));
    }

    fn forget(&mut self, key: u32) {
        for partner in self.links.remove(&key).unwrap_or_default().into_keys() {
            if let Some(theirs) = self.links.get_mut(&partner) {
                theirs.remove(&key);
                if theirs.is_empty() {
                    self.links.remove(&partner);
                }
            }
        }
    }

    fn add(&mut self, link: Link) {
        self.links.entry(link.a).or_default().insert(link.b, link.clone());
        self.links.entry(link.b).or_default().insert(link.a, link);
    }

    /// The links of a piece, by partner's key ascending.
    pub fn links_of(&self, key: u32) -> impl Iterator<Item = &Link> {
        self.links.get(&key).into_iter().flat_map(BTreeMap::values)
    }

    /// The keys of the pieces that grip a piece, ascending.
    pub fn partners(&self, key: u32) -> impl Iterator<Item = u32> {
        self.links.get(&key).into_iter().flat_map(|partners| partners.keys().copied())
    }

    /// The link of two pieces.
    pub fn link(&self, a: u32, b: u32) -> Option<&Link> {
        self.links.get(&a)?.get(&b)
    }

    /// How many pairs of pieces grip each other.
    pub fn len(&self) -> usize {
        self.links.values().map(BTreeMap::len).sum::<usize>() / 2
    }

    /// Whether no piece grips another.
    pub fn is_empty(&self) -> bool {
        self.links.is_empty()
    }

    /// All links, by keys ascending.
    pub fn links(&self) -> Vec<&Link> {
        let mut all: Vec<&Link> = self
            .links
            .iter()
            .flat_map(|(key, partners)| partners.values().filter(move |link| link.a == *key))
            .collect();
        all.sort_by_key(|link| (link.a, link.b));
        all
    }

    /// The pieces (of those in `space`) that hang together, largest island first, keys ascending in each.
    pub fn islands(&self, space: &Space) -> Vec<Vec<u32>> {
        let mut keys: Vec<u32> = space.iter().map(|piece| piece.key).collect();
        keys.sort_unstable();
        let mut seen = BTreeSet::new();
        let mut islands = Vec::new();
        for key in keys {
            if !seen.contains(&key) {
                let island = self.island_of(key, &|_| true);
                seen.extend(island.iter().copied());
                islands.push(island);
            }
        }
        islands.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
        islands
    }

    /// The pieces that hang together with one, itself included, ascending, going only through links that `through` takes.
    pub fn island_of(&self, key: u32, through: &dyn Fn(&Link) -> bool) -> Vec<u32> {
        let mut seen = BTreeSet::from([key]);
        let mut open = vec![key];
        while let Some(key) = open.pop() {
            for (partner, link) in self.links.get(&key).into_iter().flatten() {
                if through(link) && seen.insert(*partner) {
                    open.push(*partner);
                }
            }
        }
        seen.into_iter().collect()
    }

    /// What would come loose if a piece were taken away: for each part of its island that no longer hangs together with
    /// the largest rest, the keys, ascending.
    pub fn hanging_on(&self, key: u32) -> Vec<Vec<u32>> {
        let mut parts: Vec<Vec<u32>> = Vec::new();
        for partner in self.partners(key) {
            if !parts.iter().any(|part| part.binary_search(&partner).is_ok()) {
                parts.push(self.island_of(partner, &|link| link.a != key && link.b != key));
            }
        }
        parts.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
        parts.into_iter().skip(1).collect()
    }

    /// What moves when the joint between two pieces is worked: everything on the side of `moving`, unless the two
    /// hang together some other way as well, which leaves `None`.
    pub fn side_of_joint(&self, fixed: u32, moving: u32) -> Option<Vec<u32>> {
        let between = |link: &Link| (link.a, link.b) == (fixed.min(moving), fixed.max(moving));
        let side = self.island_of(moving, &|link| !between(link));
        side.binary_search(&fixed).is_err().then_some(side)
    }
}

fn reach_of(piece: &Placed) -> crate::Bounds {
    piece.bounds.grown(super::matching::POSITION_TOLERANCE)
}

/// The link of two placed pieces, the one with the lesser key first.
fn link_of(a: &Placed, b: &Placed) -> Option<Link> {
    let joints = joints_between(&a.body, &b.body, &(a.inverse * b.transform));
    (!joints.is_empty()).then(|| Link { a: a.key, b: b.key, freedom: freedom_of(&joints), joints })
}

/// What several joints of the same two pieces leave free together.
pub fn freedom_of(joints: &[Joint]) -> Freedom {
    let Some((first, rest)) = joints.split_first() else { return Freedom::Ball };
    let mut freedom = first.freedom;
    for joint in rest {
        let parallel = first.axis.dot(joint.axis).abs() > 0.998;
        let offset: Vec3 = joint.center - first.center;
        let same_axis = parallel && (offset - first.axis * offset.dot(first.axis)).length() < 1.0;
        let turns = same_axis && can_turn(freedom) && can_turn(joint.freedom);
        let slides = parallel && can_slide(freedom) && can_slide(joint.freedom);
        freedom = match (freedom, joint.freedom, turns, slides) {
            // Two balls make a hinge about the line between them.
            (Freedom::Ball, Freedom::Ball, ..) if offset.length() > 1.0 => Freedom::Turns,
            (_, _, true, true) => Freedom::TurnsAndSlides,
            (_, _, true, false) => Freedom::Turns,
            (_, _, false, true) => Freedom::Slides,
            (_, _, false, false) => Freedom::Fixed,
        };
    }
    freedom
}

/// Whether it lets turn about its axis.
pub(super) fn can_turn(freedom: Freedom) -> bool {
    matches!(freedom, Freedom::Turns | Freedom::TurnsAndSlides | Freedom::Ball)
}

/// Whether it lets slide along its axis.
pub(super) fn can_slide(freedom: Freedom) -> bool {
    matches!(freedom, Freedom::Slides | Freedom::TurnsAndSlides)
}
