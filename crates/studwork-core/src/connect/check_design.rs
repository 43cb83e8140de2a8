//! The check of a design: the report of a space, told in pieces.

use super::{ConnectionGraph, PartBody, SpaceReport, check_space};
use crate::{Design, PartId, PieceId, SubmodelId, catalog::Catalog, space::Space};
use glam::Vec3;
use std::{collections::HashMap, sync::Arc};

/// One part of a spread-out design: the pieces on the way to it, the last of which places the part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedPart {
    /// From the piece in the checked submodel down.
    pub path: Vec<PieceId>,
    /// Its part.
    pub part: PartId,
}

/// Two parts that reach into each other; indices into [`Report::parts`].
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct OverlapFinding {
    /// The earlier one.
    pub a: u32,
    /// The later one.
    pub b: u32,
    /// How far, LDU.
    pub depth: f32,
    /// About where, in the submodel, LDU.
    pub at: Vec3,
}

/// What a check of a design found. Indices are into `parts`, in building order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Every part of the design, spread out.
    pub parts: Vec<PlacedPart>,
    /// Pairs that reach into each other, deepest first.
    pub overlaps: Vec<OverlapFinding>,
    /// Parts that nothing holds up, ascending.
    pub floating: Vec<u32>,
    /// Parts that hang together by their connectors, largest island first.
    pub islands: Vec<Vec<u32>>,
    /// Parts that nobody has, which could not be checked, ascending.
    pub unknown: Vec<u32>,
}

impl Report {
    /// Whether nothing overlaps, floats, or is unknown. Several islands are allowed: a chess set has many.
    pub fn is_clean(&self) -> bool {
        self.overlaps.is_empty() && self.floating.is_empty() && self.unknown.is_empty()
    }

    /// The finding lines a person reads, one each: `3001 at #5 reaches 4.0 LDU into 3003 at #7`.
    pub fn messages(&self) -> Vec<String> {
        let name = |index: u32| {
            let part = self.parts.get(index as usize);
            let id = part.and_then(|p| p.path.last()).map_or(0, |id| id.0);
            format!("{} (piece {id})", part.map_or("?", |p| p.part.as_str()))
        };
        let overlaps = self.overlaps.iter().map(|o| {
            format!(
                "{} reaches {:.1} LDU into {} at {:.0} {:.0} {:.0}",
                name(o.a),
                o.depth,
                name(o.b),
                o.at.x,
                o.at.y,
                o.at.z
            )
        });
        let floating = self.floating.iter().map(|f| format!("{} floats: nothing holds it", name(*f)));
        let unknown = self.unknown.iter().map(|u| format!("{} is a part nobody has: it was not checked", name(*u)));
        overlaps.chain(floating).chain(unknown).collect()
    }
}

/// Checks a submodel of a design, all it places included; `body_of` gives the body of a part, `None` where nobody has it.
pub fn check_design(
    design: &Design,
    submodel: SubmodelId,
    body_of: &dyn Fn(&PartId) -> Option<Arc<PartBody>>,
) -> Report {
    let mut parts = Vec::new();
    let mut unknown = Vec::new();
    let mut placed = Vec::new();
    let mut bodies: HashMap<PartId, Option<Arc<PartBody>>> = HashMap::new();
    design.flatten(submodel, &mut |flat| {
        let index = parts.len() as u32;
        parts.push(PlacedPart { path: flat.path.to_vec(), part: flat.part.clone() });
        match bodies.entry(flat.part.clone()).or_insert_with(|| body_of(flat.part)) {
            Some(body) => placed.push((index, body.clone(), flat.transform)),
            None => unknown.push(index),
        }
    });
    prepare(bodies.values().flatten());
    let space = Space::from_pieces(placed);
    let graph = ConnectionGraph::build(&space);
    let SpaceReport { overlaps, floating, islands } = check_space(&space, &graph);
    let overlaps = overlaps.into_iter().map(|o| OverlapFinding { a: o.a, b: o.b, depth: o.depth, at: o.at }).collect();
    Report { parts, overlaps, floating, islands, unknown }
}

/// Checks the main submodel of a design with the parts of a catalog. Parts that nobody has are listed, not checked.
pub fn check(design: &Design, catalog: &Catalog) -> Report {
    let view = catalog.design_view(design);
    check_design(design, design.main(), &|part| view.info(part).is_some().then(|| view.body(part)))
}

/// Finds connectors and solids of many bodies at once, on all cores.
pub fn prepare<'a>(bodies: impl IntoIterator<Item = &'a Arc<PartBody>>) {
    use rayon::prelude::*;
    let bodies: Vec<&Arc<PartBody>> = bodies.into_iter().collect();
    bodies.par_iter().for_each(|body| {
        body.connectors();
    });
}
