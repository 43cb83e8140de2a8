//! The check of a whole model: pieces that reach into each other, that float, and that do not hang together.

use super::{ConnectionGraph, PartBody, TOLERANCE, pair_overlap};
use crate::space::{Placed, Space};
use glam::{Affine3A, Vec3};
use rayon::prelude::*;
use std::{collections::BTreeSet, sync::Arc};

/// Two pieces that reach into each other.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct OverlapPair {
    /// The lesser key.
    pub a: u32,
    /// The greater key.
    pub b: u32,
    /// How far, LDU.
    pub depth: f32,
    /// About where, in the world, LDU.
    pub at: Vec3,
}

/// What a check found. Keys are those of the [`Space`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SpaceReport {
    /// Pairs that reach into each other, deepest first.
    pub overlaps: Vec<OverlapPair>,
    /// Pieces that nothing holds up: not gripped by, nor standing on, anything that reaches the ground. Ascending.
    pub floating: Vec<u32>,
    /// Pieces that hang together by their connectors, largest island first.
    pub islands: Vec<Vec<u32>>,
}

impl SpaceReport {
    /// Whether no piece overlaps another and none floats. Several islands are allowed: a chess set has many.
    pub fn is_clean(&self) -> bool {
        self.overlaps.is_empty() && self.floating.is_empty()
    }
}

/// Checks everything in a space.
pub fn check_space(space: &Space, graph: &ConnectionGraph) -> SpaceReport {
    let islands = graph.islands(space);
    SpaceReport { overlaps: overlapping_pairs(space), floating: floating(space, &islands), islands }
}

/// All pairs that reach into each other, deepest first.
pub fn overlapping_pairs(space: &Space) -> Vec<OverlapPair> {
    let pieces: Vec<&Placed> = space.iter().collect();
    let mut pairs: Vec<OverlapPair> = pieces
        .par_iter()
        .flat_map_iter(|piece| {
            let mut found = Vec::new();
            space.overlapping(piece.bounds.grown(-TOLERANCE * 0.5), &mut |other| {
                if other.key > piece.key
                    && let Some((depth, at)) =
                        pair_overlap(&piece.body, &piece.transform, &other.body, &other.transform)
                {
                    found.push(OverlapPair { a: piece.key, b: other.key, depth, at });
                }
            });
            found
        })
        .collect();
    pairs.sort_by(|x, y| y.depth.total_cmp(&x.depth).then((x.a, x.b).cmp(&(y.a, y.b))));
    pairs
}

/// How near to the lowest point of the model a piece stands on the ground, LDU.
const GROUND_SLACK: f32 = 1.0;

fn floating(space: &Space, islands: &[Vec<u32>]) -> Vec<u32> {
    let ground = space.bounds().max.y;
    let stands = |key: &u32| space.get(*key).is_some_and(|piece| piece.bounds.max.y >= ground - GROUND_SLACK);
    let mut held: BTreeSet<u32> = BTreeSet::new();
    let mut waiting: Vec<&Vec<u32>> = Vec::new();
    for island in islands {
        if island.iter().any(stands) {
            held.extend(island);
        } else {
            waiting.push(island);
        }
    }
    // An island that lies on one that is held is held as well; the largest come first, so few rounds are needed.
    loop {
        let before = waiting.len();
        waiting.retain(|island| {
            let lies = island.iter().filter_map(|key| space.get(*key)).any(|piece| lies_on(piece, space, &held));
            if lies {
                held.extend(island.iter());
            }
            !lies
        });
        if waiting.len() == before {
            break;
        }
    }
    let mut floating: Vec<u32> = waiting.into_iter().flatten().copied().collect();
    floating.sort_unstable();
    floating
}

/// Whether a piece lies on one of those that are held: lowered a little, it would reach into it.
fn lies_on(piece: &Placed, space: &Space, held: &BTreeSet<u32>) -> bool {
    let lowered = Affine3A::from_translation(Vec3::Y * (TOLERANCE + 0.6)) * piece.transform;
    let mut lies = false;
    space.overlapping(piece.bounds.grown(TOLERANCE + 0.6), &mut |other| {
        if other.key != piece.key && held.contains(&other.key) {
            // A wheel in its tire touches it all around, but only as nearly as both were drawn.
            let around = other.bounds.center().distance(piece.bounds.center()) < 3.0;
            lies |= around || pair_overlap(&piece.body, &lowered, &other.body, &other.transform).is_some();
        }
    });
    lies
}

/// Builds the index and the graph of some placed parts and checks them; keys are their order.
pub fn check_pieces(
    pieces: impl IntoIterator<Item = (Arc<PartBody>, Affine3A)>,
) -> (Space, ConnectionGraph, SpaceReport) {
    let space =
        Space::from_pieces(pieces.into_iter().enumerate().map(|(i, (body, transform))| (i as u32, body, transform)));
    let graph = ConnectionGraph::build(&space);
    let report = check_space(&space, &graph);
    (space, graph, report)
}
