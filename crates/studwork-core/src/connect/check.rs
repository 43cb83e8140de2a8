//! The check of a whole model: pieces that reach into each other, that float, and that do not hang together.

use super::{ConnectionGraph, PartBody, TOLERANCE, pair_overlap};
use crate::{
    Bounds,
    space::{Placed, Ray, Space, corners},
};
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
    check_space_while(space, graph, &|| true)
}

/// [`check_space`], calling `step` once for each piece; where it says `false` the rest is left out.
pub(super) fn check_space_while(
    space: &Space,
    graph: &ConnectionGraph,
    step: &(dyn Fn() -> bool + Sync),
) -> SpaceReport {
    let islands = graph.islands(space);
    let (overlaps, floating) = rayon::join(|| overlapping_pairs_while(space, step), || floating(space, &islands));
    SpaceReport { overlaps, floating, islands }
}

/// All pairs that reach into each other, deepest first.
pub fn overlapping_pairs(space: &Space) -> Vec<OverlapPair> {
    overlapping_pairs_while(space, &|| true)
}

fn overlapping_pairs_while(space: &Space, step: &(dyn Fn() -> bool + Sync)) -> Vec<OverlapPair> {
    let pieces: Vec<&Placed> = space.iter().collect();
    let mut pairs: Vec<OverlapPair> = pieces
        .par_iter()
        .flat_map_iter(|piece| {
            let mut found = Vec::new();
            if !step() {
                return found;
            }
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

/// Whether a piece lies on one of those that are held: lowered a little, it would reach into it; or, where curves are
/// cut away from its solids (a wheel on a rail), their surfaces touch.
fn lies_on(piece: &Placed, space: &Space, held: &BTreeSet<u32>) -> bool {
    let lowered = Affine3A::from_translation(Vec3::Y * (TOLERANCE + TOUCH)) * piece.transform;
    let mut lies = false;
    space.overlapping(piece.bounds.grown(TOLERANCE + TOUCH), &mut |other| {
        if !lies && other.key != piece.key && held.contains(&other.key) {
            // A wheel in its tire touches it all around, but only as nearly as both were drawn.
            let around = other.bounds.center().distance(piece.bounds.center()) < 3.0;
            lies = around
                || pair_overlap(&piece.body, &lowered, &other.body, &other.transform).is_some()
                || rests_on(piece, other);
        }
    });
    lies
}

/// How far apart two surfaces may be and still touch, LDU.
const TOUCH: f32 = 0.6;

/// Whether some point of a piece's faces that look down has a surface of the other right under it.
fn rests_on(piece: &Placed, other: &Placed) -> bool {
    const SPACING: f32 = 4.0;
    const MOST_TRIANGLES: u32 = 30_000;
    let mesh = piece.body.mesh();
    let near = other.bounds.grown(TOUCH);
    let mirrored = piece.transform.matrix3.determinant() < 0.0;
    let count = ((mesh.indices.len() / 3) as u32).min(MOST_TRIANGLES);
    (0..count).filter_map(|triangle| Some((triangle, corners(mesh, triangle)?))).any(|(triangle, local)| {
        let [a, b, c] = local.map(|corner| piece.transform.transform_point3(corner));
        let normal = (b - a).cross(c - a).normalize_or_zero() * if mirrored { -1.0 } else { 1.0 };
        let looks_down = normal.y > 0.2 || (normal.y < -0.2 && mesh.double_sided.contains(&(triangle * 3)));
        if !looks_down || !Bounds::from_points([a, b, c]).overlaps(near) {
            return false;
        }
        let longest = (b - a).length().max((c - a).length()).max((c - b).length());
        let parts = (longest / SPACING).ceil().clamp(1.0, 12.0) as u32;
        // The middles of small triangles: never on a border, where a neighbor's side would count as ground.
        (0..parts).flat_map(|i| (0..parts - i).map(move |j| (i, j))).any(|(i, j)| {
            let share = |k: u32| (k as f32 + 1.0 / 3.0) / parts as f32;
            let point = a + (b - a) * share(i) + (c - a) * share(j);
            let from_above = Ray { origin: point - Vec3::Y * TOUCH, direction: Vec3::Y };
            near.contains(point)
                && other.body.tree().cast(&from_above.transformed(&other.inverse), 2.0 * TOUCH).is_some()
        })
    })
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
