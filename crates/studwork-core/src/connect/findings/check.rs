//! The check of a design: spreads it out, asks graph and collision, and tells what they say in pieces and words.

use super::{
    CheckReport, Finding, FindingKind, PartColors, PlacedPart,
    almost::{AlmostFit, MOST_OFFSET, almost_fits},
};
use crate::{
    ColorRef, Design, Edit, Palette, PartId, PieceId, SubmodelId,
    catalog::{Catalog, DesignView},
    connect::{ConnectionGraph, OverlapPair, PartBody, SpaceReport, check_space_while},
    space::Space,
};
use glam::{Affine3A, Vec3};
use rayon::prelude::*;
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

/// What is checked beside the pieces themselves.
#[derive(Copy, Clone, Default)]
pub struct CheckOptions<'a> {
    /// The submodel to check, with all it places; the main one if not given.
    pub submodel: Option<SubmodelId>,
    /// The colors that are known; the built-in ones if not given.
    pub colors: Option<&'a Palette>,
    /// The colors that parts were made in; a part that is not listed may have any.
    pub made: Option<&'a PartColors>,
    /// The parts and colors that may be used; a part that is not listed may not.
    pub allowed: Option<&'a PartColors>,
}

/// What a check is busy with, in this order.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CheckStage {
    /// Loads parts and finds their connectors.
    Parts,
    /// Finds what grips what.
    Connections,
    /// Finds what reaches into what.
    Collisions,
    /// Finds what would fit if it were moved a little.
    AlmostFits,
}

/// How far a check has come.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct CheckProgress {
    /// What it is busy with.
    pub stage: CheckStage,
    /// How many of `total` are done in this stage.
    pub done: usize,
    /// Parts, pieces or islands.
    pub total: usize,
}

/// Checks the main submodel of a design with the parts of a catalog and the built-in colors.
pub fn check(design: &Design, catalog: &Catalog) -> CheckReport {
    check_with(design, catalog, &CheckOptions::default(), &|_| true).unwrap_or_default()
}

/// Checks a design. `progress` is called now and then, from several threads; where it says `false` the check ends with
/// `None`.
pub fn check_with(
    design: &Design,
    catalog: &Catalog,
    options: &CheckOptions<'_>,
    progress: &(dyn Fn(CheckProgress) -> bool + Sync),
) -> Option<CheckReport> {
    let watch = Watch { progress, stopped: AtomicBool::new(false) };
    let view = catalog.design_view(design);
    let spread = Spread::of(design, (catalog, &view), options.submodel.unwrap_or(design.main()), &watch)?;
    let total = spread.space.len();
    let graph =
        watch.stage(CheckStage::Connections, total, |step| ConnectionGraph::build_while(&spread.space, step))?;
    let found = watch.stage(CheckStage::Collisions, total, |step| check_space_while(&spread.space, &graph, step))?;
    let loose = found.islands.len().saturating_sub(1);
    let almost = watch.stage(CheckStage::AlmostFits, loose, |step| almost_fits(&spread.space, &found.islands, step))?;
    let mut teller = Teller { design, view: &view, spread: &spread, told: Vec::new() };
    let fitting = teller.almost(&found, &almost);
    teller.collisions(&found, &fitting);
    teller.loose(&found, &fitting);
    teller.parts_and_colors(options);
    let mut told = teller.told;
    told.sort_by(|(x, a), (y, b)| {
        let depth = |finding: &Finding| match finding.kind {
            FindingKind::Collision { depth } => depth,
            _ => 0.0,
        };
        (a.kind.rank().cmp(&b.kind.rank())).then(depth(b).total_cmp(&depth(a))).then(x.cmp(y))
    });
    Some(CheckReport {
        findings: told.into_iter().map(|(_, finding)| finding).collect(),
        parts: spread.parts.len(),
        connections: graph.len(),
        islands: found.islands.iter().map(Vec::len).collect(),
    })
}

/// Finds connectors and solids of many bodies at once, on all cores.
pub fn prepare<'a>(bodies: impl IntoIterator<Item = &'a Arc<PartBody>>) {
    let bodies: Vec<&Arc<PartBody>> = bodies.into_iter().collect();
    bodies.par_iter().with_max_len(1).for_each(|body| {
        body.connectors();
    });
}

/// Tells progress and hears whether to go on.
struct Watch<'a> {
    progress: &'a (dyn Fn(CheckProgress) -> bool + Sync),
    stopped: AtomicBool,
}

impl Watch<'_> {
    /// Runs one stage, whose work calls the closure it is given once for each of `total` things and leaves the rest out when
    /// that says `false`.
    fn stage<T>(
        &self,
        stage: CheckStage,
        total: usize,
        work: impl FnOnce(&(dyn Fn() -> bool + Sync)) -> T,
    ) -> Option<T> {
        const EVERY: usize = 64;
        let done = AtomicUsize::new(0);
        let tell = |done: usize| {
            if !(self.progress)(CheckProgress { stage, done, total }) {
                self.stopped.store(true, Ordering::Relaxed);
            }
        };
        tell(0);
        let made = work(&|| {
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            if done.is_multiple_of(EVERY) {
                tell(done.min(total));
            }
            !self.stopped.load(Ordering::Relaxed)
        });
        tell(total);
        (!self.stopped.load(Ordering::Relaxed)).then_some(made)
    }
}

/// A design spread out; keys of the space are indices of `parts`.
struct Spread {
    parts: Vec<PlacedPart>,
    colors: Vec<ColorRef>,
    places: Vec<Affine3A>,
    unknown: Vec<u32>,
    space: Space,
    /// How often each piece comes.
    count: HashMap<PieceId, u32>,
}

impl Spread {
    fn of(
        design: &Design,
        (catalog, view): (&Catalog, &DesignView<'_>),
        submodel: SubmodelId,
        watch: &Watch<'_>,
    ) -> Option<Self> {
        let (mut parts, mut colors, mut places) = (Vec::new(), Vec::new(), Vec::new());
        let mut count = HashMap::<PieceId, u32>::new();
        design.flatten(submodel, &mut |flat| {
            let own = design.place_of(flat.piece.id).map_or(submodel, |(own, _)| own);
            parts.push(PlacedPart { path: flat.path.to_vec(), submodel: own, part: flat.part.clone() });
            colors.push(flat.color);
            places.push(flat.transform);
            *count.entry(flat.piece.id).or_default() += 1;
        });
        let mut used: Vec<PartId> = parts.iter().map(|placed| placed.part.clone()).collect();
        used.sort_unstable();
        used.dedup();
        let bodies = watch.stage(CheckStage::Parts, used.len(), |step| {
            view.meshes(&used);
            let body = |part: &PartId| {
                let body = (step() && view.info(part).is_some()).then(|| view.body(part));
                body.inspect(|body| {
                    body.connectors();
                })
            };
            let bodies: Vec<Option<Arc<PartBody>>> = used.par_iter().with_max_len(1).map(body).collect();
            catalog.save_cache();
            used.iter().cloned().zip(bodies).collect::<HashMap<PartId, Option<Arc<PartBody>>>>()
        })?;
        let mut unknown = Vec::new();
        let mut placed = Vec::new();
        for (index, (part, place)) in parts.iter().zip(&places).enumerate() {
            match bodies.get(&part.part).cloned().flatten() {
                Some(body) => placed.push((index as u32, body, *place)),
                None => unknown.push(index as u32),
            }
        }
        Some(Self { parts, colors, places, unknown, space: Space::from_pieces(placed), count })
    }
}

/// Finds words for what was found.
struct Teller<'a> {
    design: &'a Design,
    view: &'a DesignView<'a>,
    spread: &'a Spread,
    /// Each with its first part, by which those of one kind are ordered.
    told: Vec<(u32, Finding)>,
}

impl Teller<'_> {
    fn name(&self, index: u32) -> String {
        let Some(placed) = self.spread.parts.get(index as usize) else { return String::new() };
        let title = self.view.info(&placed.part).map_or_else(|| placed.part.to_string(), |info| info.name);
        format!("{title} (piece {})", placed.piece().map_or(0, |id| id.0))
    }

    /// `Brick 2 x 4 (piece 5)`, or for several `Brick 2 x 4 (piece 5) and 3 more`.
    fn names(&self, keys: &[u32]) -> String {
        match keys {
            [] => String::new(),
            [one] => self.name(*one),
            [first, rest @ ..] => format!("{} and {} more", self.name(*first), rest.len()),
        }
    }

    fn tell(&mut self, kind: FindingKind, keys: &[u32], at: Option<Vec3>, message: String, fix: Option<Edit>) {
        let pieces = keys.iter().filter_map(|key| self.spread.parts.get(*key as usize).cloned()).collect();
        let first = keys.first().copied().unwrap_or_default();
        let place = || {
            let key = keys.first()?;
            let bounds = self.spread.space.get(*key).map(|piece| piece.bounds.center());
            bounds.or_else(|| self.spread.places.get(*key as usize).map(|place| place.translation.into()))
        };
        let at = at.or_else(place).unwrap_or_default();
        self.told.push((first, Finding { kind, pieces, at, message, fix }));
    }

    fn collisions(&mut self, found: &SpaceReport, fitting: &[usize]) {
        // What would fit if it were moved reaches into its neighbor for the same reason.
        let moved: HashSet<u32> = fitting.iter().filter_map(|n| found.islands.get(*n)).flatten().copied().collect();
        let explained = |overlap: &&OverlapPair| {
            overlap.depth < MOST_OFFSET && moved.contains(&overlap.a) != moved.contains(&overlap.b)
        };
        for overlap in found.overlaps.iter().filter(|overlap| !explained(overlap)) {
            let (a, b) = (self.name(overlap.a), self.name(overlap.b));
            let depth = overlap.depth;
            let message = format!("{a} reaches {:.1} mm ({depth:.1} LDU) into {b}", depth * 0.4);
            let kind = FindingKind::Collision { depth };
            self.tell(kind, &[overlap.a, overlap.b], Some(overlap.at), message, None);
        }
    }

    /// Tells what almost fits; returns the islands (by number) that it is about.
    fn almost(&mut self, found: &SpaceReport, almost: &[AlmostFit]) -> Vec<usize> {
        for fit in almost {
            let Some(island) = found.islands.get(fit.island) else { continue };
            let (names, other) = (self.names(island), self.name(fit.other));
            let are = if island.len() == 1 { "is" } else { "are" };
            let off = match (fit.offset >= 0.05, fit.angle >= 0.05) {
                (true, true) => format!("{:.1} mm and {:.1}° off", fit.offset * 0.4, fit.angle),
                (false, true) => format!("turned {:.1}° off", fit.angle),
                _ => format!("{:.1} mm ({:.1} LDU) off", fit.offset * 0.4, fit.offset),
            };
            let message = format!("{names} {are} {off} from gripping {other}");
            let kind = FindingKind::AlmostFits { offset: fit.offset, angle: fit.angle, connections: fit.connections };
            let fix = self.moved(island, &fit.motion);
            self.tell(kind, island, Some(fit.at), message, fix);
        }
        almost.iter().map(|fit| fit.island).collect()
    }

    /// The edit that moves some parts; `None` where a piece of theirs comes more than once, because all would move.
    fn moved(&self, keys: &[u32], motion: &Affine3A) -> Option<Edit> {
        let mut poses = Vec::new();
        for key in keys {
            let placed = self.spread.parts.get(*key as usize)?;
            let id = placed.piece()?;
            if self.spread.count.get(&id) != Some(&1) {
                return None;
            }
            let own = self.design.piece(id)?.pose.to_affine();
            let whole = self.spread.places.get(*key as usize)?;
            let outer = *whole * own.inverse();
            let moved = crate::Pose::from_affine(&(outer.inverse() * *motion * *whole)).tidied();
            let position = (moved.position * 1000.0).round() / 1000.0;
            poses.push((id, crate::Pose { position, ..moved }));
        }
        Some(Edit::SetPoses(poses))
    }

    fn loose(&mut self, found: &SpaceReport, fitting: &[usize]) {
        let floats = |key: &u32| found.floating.binary_search(key).is_ok();
        let ground = self.spread.space.bounds().max.y;
        let colliding: HashSet<u32> = found.overlaps.iter().flat_map(|overlap| [overlap.a, overlap.b]).collect();
        for (number, island) in found.islands.iter().enumerate() {
            if fitting.contains(&number) {
                continue;
            }
            let names = self.names(island);
            let one = island.len() == 1;
            if island.iter().any(floats) {
                let verb = if one { "floats" } else { "float" };
                let message = format!("{names} {verb}: nothing holds {}", if one { "it" } else { "them" });
                self.tell(FindingKind::Floating, island, None, message, None);
                continue;
            }
            // What stands on the ground by itself is a model of its own.
            let stands = |key: &u32| self.spread.space.get(*key).is_some_and(|p| p.bounds.max.y >= ground - 1.0);
            if number > 0 && !island.iter().any(|key| stands(key) || colliding.contains(key)) {
                let lie = if one { "lies" } else { "hang together and lie" };
                let message = format!("{names} {lie} loose: nothing grips {}", if one { "it" } else { "them" });
                self.tell(FindingKind::Island { size: island.len() }, island, None, message, None);
            }
        }
    }

    fn parts_and_colors(&mut self, options: &CheckOptions<'_>) {
        for key in &self.spread.unknown {
            let name = self.name(*key);
            let message = format!("{name} is a part that nobody has: it was not checked");
            self.tell(FindingKind::UnknownPart, &[*key], None, message, None);
        }
        let built_in;
        let palette = match options.colors {
            Some(palette) => palette,
            None => {
                built_in = Palette::built_in();
                &built_in
            }
        };
        let color_name = |color: ColorRef| crate::display_name(&palette.resolve(color));
        for key in 0..self.spread.parts.len() as u32 {
            let (part, color) = (&self.spread.parts[key as usize].part, self.spread.colors[key as usize]);
            let name = || self.name(key);
            let (kind, message) = if !palette.knows(color) {
                (FindingKind::UnknownColor { color }, format!("{} has the color {color}, which nobody knows", name()))
            } else if options.made.is_some_and(|made| made.has(part, color) == Some(false)) {
                let message = format!("{} was never made in {}", name(), color_name(color));
                (FindingKind::ImpossibleColor { color }, message)
            } else if options.allowed.is_some_and(|allowed| allowed.has(part, color) != Some(true)) {
                let message = format!("{} in {} is not in the palette", name(), color_name(color));
                (FindingKind::OutsidePalette { color }, message)
            } else {
                continue;
            };
            self.tell(kind, &[key], None, message, None);
        }
    }
}
