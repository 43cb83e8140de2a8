//! The rules about the design: that it can be read, how large it is, what it is made of, how it holds together, and that
//! the LDraw file and the parts list say the same.
//!
//! The package comes from outside: what is costly is measured first and left out when it would be without measure.

use super::report::Findings;
use super::{Context, Facts, Finding, LDRAW, MODEL, Measure, PARTS, Package, Place, Policy, Rule, Unit};
use crate::connect::{ConnectionGraph, PartBody, check_space, prepare};
use crate::space::Space;
use crate::{ColorRef, Design, DesignView, PartId, from_ldraw, from_ron};
use glam::Affine3A;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use studwork_ldraw::Line;

/// A design of more pieces than this (and than the policy takes) is not looked at piece by piece.
const MOST_LOOKED_AT: u64 = 20_000;
/// How much work the search for collisions may be, in pairs of connectors and solids, for each piece and at least. Real
/// models need less than a hundredth.
const WORK_FOR_A_PIECE: u64 = 20_000;
const LEAST_WORK: u64 = 20_000_000;
/// Pieces told of as the place of one finding.
const MOST_PLACES: usize = 8;

/// A part where it stands: what the LDraw file must say as well.
#[derive(Clone, Debug)]
struct Flat {
    part: PartId,
    color: ColorRef,
    transform: Affine3A,
    path: Vec<u32>,
}

/// Checks the design; gives it when it could be read.
pub(super) fn check(
    package: &Package,
    context: &Context<'_>,
    policy: &Policy,
    findings: &mut Findings<'_>,
    facts: &mut Facts,
) -> Option<Design> {
    let limits = &policy.design;
    let mut fits = |path: &str, rule: Rule| {
        let size = package.file(path)?.len() as u64;
        if size <= limits.file_bytes {
            return Some(());
        }
        let finding = Finding::new(rule, Place::file(path), "the file is too large");
        let finding = finding.measured(Measure::count(size, Unit::Bytes));
        findings.push(finding.limit(Measure::count(limits.file_bytes, Unit::Bytes)));
        None
    };
    let (model, ldraw, parts) =
        (fits(MODEL, Rule::DesignTooLarge), fits(LDRAW, Rule::ListTooLarge), fits(PARTS, Rule::ListTooLarge));
    model?;
    let text = std::str::from_utf8(package.file(MODEL)?).map_err(|_| "the file is not UTF-8 text".to_owned());
    let design = match text.and_then(|text| from_ron(text).map_err(|error| error.to_string())) {
        Ok(design) => design.value,
        Err(message) => {
            findings.push(Finding::new(Rule::DesignUnreadable, Place::file(MODEL), message));
            return None;
        }
    };
    facts.submodels = Some(design.submodels().count() as u64);
    facts.steps = Some(design.submodels().map(|submodel| submodel.steps.len() as u64).sum());
    let pieces = design.part_count() as u64;
    facts.pieces = Some(pieces);
    size(&design, pieces, policy, findings);
    if pieces > MOST_LOOKED_AT.max(limits.pieces.most) {
        return Some(design);
    }
    let flat = flattened(&design);
    ingredients(&design, &flat, context, findings, facts);
    if ldraw.is_some() {
        same_as_ldraw(package, &flat, findings);
    }
    if parts.is_some() {
        same_as_parts_list(package, &flat, findings);
    }
    holds_together(&design, &flat, context, policy, findings, facts);
    Some(design)
}

fn size(design: &Design, pieces: u64, policy: &Policy, findings: &mut Findings<'_>) {
    let span = policy.design.pieces;
    if !span.contains(pieces) {
        let (rule, how) = if pieces < span.least { (Rule::TooFewPieces, "few") } else { (Rule::TooManyPieces, "many") };
        let finding = Finding::new(rule, Place::Design, format!("the design has too {how} pieces"));
        let finding = finding.measured(Measure::count(pieces, Unit::Pieces));
        findings.push(finding.limit(Measure::count(span.broken(pieces), Unit::Pieces)));
    }
    let mut known = BTreeMap::new();
    let depth = design.submodels().map(|submodel| design.measure(submodel.id, &mut known).0 as u64).max();
    let depth = depth.unwrap_or_default();
    if depth > policy.design.depth {
        let finding = Finding::new(Rule::DesignTooDeep, Place::Design, "submodels are nested too deep");
        let finding = finding.measured(Measure::count(depth, Unit::Levels));
        findings.push(finding.limit(Measure::count(policy.design.depth, Unit::Levels)));
    }
}

fn flattened(design: &Design) -> Vec<Flat> {
    let mut flat = Vec::new();
    design.flatten(design.main(), &mut |piece| {
        flat.push(Flat {
            part: piece.part.clone(),
            color: piece.color,
            transform: piece.transform,
            path: piece.path.iter().map(|id| id.0).collect(),
        });
    });
    flat
}

/// The place of some pieces.
fn place_of<'a>(pieces: impl Iterator<Item = &'a Flat>) -> Place {
    Place::Pieces { paths: pieces.take(MOST_PLACES).map(|piece| piece.path.clone()).collect() }
}

fn pieces_word(count: usize) -> String {
    Measure::count(count as u64, Unit::Pieces).to_string()
}

/// Parts and colors.
fn ingredients(design: &Design, flat: &[Flat], context: &Context<'_>, findings: &mut Findings<'_>, facts: &mut Facts) {
    let mut parts: BTreeMap<&PartId, Vec<&Flat>> = BTreeMap::new();
    let mut colors: BTreeMap<ColorRef, Vec<&Flat>> = BTreeMap::new();
    for piece in flat {
        parts.entry(&piece.part).or_default().push(piece);
        colors.entry(piece.color).or_default().push(piece);
    }
    facts.unique_parts = Some(parts.len() as u64);
    facts.colors = Some(colors.len() as u64);
    let view = context.catalog.design_view(design);
    let has_library = context.catalog.library().is_some();
    for (part, pieces) in parts.into_iter().filter(|(part, _)| view.info(part).is_none()) {
        let how_many = pieces_word(pieces.len());
        let (rule, message) = if has_library {
            (Rule::UnknownPart, format!("nobody has the part {:.40} ({how_many})", part.as_str()))
        } else {
            (
                Rule::PartNotChecked,
                format!(
                    "the part {:.40} ({how_many}) is not built in, and there is no library to look it up",
                    part.as_str()
                ),
            )
        };
        findings.push(Finding::new(rule, place_of(pieces.into_iter()), message));
    }
    for (color, pieces) in colors.into_iter().filter(|(color, _)| !context.palette.knows(*color)) {
        let message = format!("there is no color {color} ({})", pieces_word(pieces.len()));
        findings.push(Finding::new(Rule::UnknownColor, place_of(pieces.into_iter()), message));
    }
}

fn same_as_ldraw(package: &Package, flat: &[Flat], findings: &mut Findings<'_>) {
    let Some(bytes) = package.file(LDRAW) else { return };
    let read = studwork_ldraw::parse(bytes, LDRAW).map_err(|error| error.to_string());
    let read = read.and_then(|parsed| from_ldraw(&parsed.value, &|_| true).map_err(|error| error.to_string()));
    let other = match read {
        Ok(parsed) => parsed.value,
        Err(message) => {
            findings.push(Finding::new(Rule::LdrawUnreadable, Place::file(LDRAW), message));
            return;
        }
    };
    let count = other.part_count();
    if count != flat.len() {
        let message = "the LDraw file has another number of pieces than the design";
        let finding = Finding::new(Rule::LdrawDiffers, Place::file(LDRAW), message);
        let finding = finding.measured(Measure::count(count as u64, Unit::Pieces));
        findings.push(finding.limit(Measure::count(flat.len() as u64, Unit::Pieces)));
        return;
    }
    let other = flattened(&other);
    let differ = |(own, other): &(&Flat, &Flat)| {
        own.part != other.part || own.color != other.color || !same_place(&own.transform, &other.transform)
    };
    let different: Vec<(&Flat, &Flat)> = flat.iter().zip(&other).filter(differ).collect();
    if let Some((own, other)) = different.first() {
        let words = |piece: &Flat| {
            let at = piece.transform.translation;
            format!("{:.40} in color {} at {} {} {}", piece.part.as_str(), piece.color, at.x, at.y, at.z)
        };
        let message = format!("the LDraw file shows {} otherwise than the design", pieces_word(different.len()));
        let finding = Finding::new(Rule::LdrawDiffers, place_of(different.iter().map(|(own, _)| *own)), message);
        findings.push(finding.measured(Measure::text(words(other))).limit(Measure::text(words(own))));
    }
}

/// Another program may write numbers a little shorter.
fn same_place(a: &Affine3A, b: &Affine3A) -> bool {
    a.to_cols_array().iter().zip(b.to_cols_array()).all(|(a, b)| (a - b).abs() <= 0.01 + a.abs() * 1e-5)
}

fn same_as_parts_list(package: &Package, flat: &[Flat], findings: &mut Findings<'_>) {
    let Some(bytes) = package.file(PARTS) else { return };
    let mut listed = match parts_list(bytes) {
        Ok(listed) => listed,
        Err(message) => {
            findings.push(Finding::new(Rule::PartsListDiffers, Place::file(PARTS), message));
            return;
        }
    };
    let mut own: BTreeMap<(String, String), u64> = BTreeMap::new();
    for piece in flat {
        *own.entry((piece.part.as_str().to_owned(), piece.color.to_string())).or_default() += 1;
    }
    let mut differ = |(part, color): (String, String), listed: u64, placed: u64| {
        let message = "the parts list has another number of this part than the design";
        let place = Place::Part { part: format!("{part:.40}"), color: Some(format!("{color:.40}")) };
        let finding = Finding::new(Rule::PartsListDiffers, place, message);
        let finding = finding.measured(Measure::count(listed, Unit::Pieces));
        findings.push(finding.limit(Measure::count(placed, Unit::Pieces)));
    };
    for (key, placed) in own {
        let count = listed.remove(&key).unwrap_or_default();
        if count != placed {
            differ(key, count, placed);
        }
    }
    listed.into_iter().for_each(|(key, count)| differ(key, count, 0));
}

/// How many of each part (by number) and color (as LDraw writes it) a parts list has.
fn parts_list(bytes: &[u8]) -> Result<BTreeMap<(String, String), u64>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "the parts list is not UTF-8 text")?;
    let mut records = records(text);
    let header = records.next().unwrap_or_default();
    let expected = ["part", "name", "color_code", "color_name", "quantity"];
    if header != expected {
        return Err(format!("the parts list does not begin with {}", expected.join(",")));
    }
    let mut listed: BTreeMap<(String, String), u64> = BTreeMap::new();
    for (index, record) in records.enumerate() {
        let row = index + 1;
        let [part, _, color, _, quantity] = record.as_slice() else {
            return Err(format!("row {row} of the parts list has {} fields, not 5", record.len()));
        };
        let quantity: u64 = quantity.parse().map_err(|_| format!("row {row} of the parts list has no quantity"))?;
        let count = listed.entry((PartId::new(part).as_str().to_owned(), color.clone())).or_default();
        *count = count.saturating_add(quantity);
    }
    Ok(listed)
}

/// The records of comma-separated values, RFC 4180.
fn records(text: &str) -> impl Iterator<Item = Vec<String>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut record = Vec::new();
        loop {
            let mut field = String::new();
            if let Some(quoted) = rest.strip_prefix('"') {
                rest = quoted;
                // A doubled quote is a quote, a single one ends the field.
                while let Some((before, after)) = rest.split_once('"') {
                    field.push_str(before);
                    match after.strip_prefix('"') {
                        Some(more) => {
                            field.push('"');
                            rest = more;
                        }
                        None => {
                            rest = after;
                            break;
                        }
                    }
                }
            }
            let end = rest.find([',', '\n']).unwrap_or(rest.len());
            field.push_str(rest[..end].trim_end_matches('\r'));
            record.push(field);
            let separator = rest[end..].chars().next();
            rest = rest.get(end + 1..).unwrap_or_default();
            if separator != Some(',') {
                return Some(record);
            }
        }
    })
}

/// Collisions and islands.
fn holds_together(
    design: &Design,
    flat: &[Flat],
    context: &Context<'_>,
    policy: &Policy,
    findings: &mut Findings<'_>,
    facts: &mut Facts,
) {
    let lines = embedded_lines(design);
    if lines > policy.design.embedded_lines {
        let message = "the parts that the design carries along have too much geometry";
        let finding = Finding::new(Rule::EmbeddedTooHeavy, Place::Design, message);
        let finding = finding.measured(Measure::count(lines, Unit::Lines));
        findings.push(finding.limit(Measure::count(policy.design.embedded_lines, Unit::Lines)));
        return;
    }
    let view = context.catalog.design_view(design);
    let unique: BTreeSet<&PartId> = flat.iter().map(|piece| &piece.part).collect();
    let known: Vec<PartId> = unique.into_iter().filter(|part| view.info(part).is_some()).cloned().collect();
    view.meshes(&known);
    let bodies: HashMap<PartId, Arc<PartBody>> =
        known.into_iter().map(|part| (part.clone(), view.body(&part))).collect();
    prepare(bodies.values());
    let placed = flat
        .iter()
        .enumerate()
        .filter_map(|(index, piece)| Some((index as u32, Arc::clone(bodies.get(&piece.part)?), piece.transform)));
    let space = Space::from_pieces(placed);
    if let Some(crowd) = crowd(flat, &space) {
        let message = "so many pieces stand in the same place that collisions cannot be told";
        findings.push(Finding::new(Rule::PiecesPiledUp, place_of(crowd.into_iter()), message));
        return;
    }
    let report = check_space(&space, &ConnectionGraph::build(&space));
    facts.collisions = Some(report.overlaps.len() as u64);
    facts.islands = Some(report.islands.len() as u64);
    let name = |index: u32| flat.get(index as usize).map(|piece| name_of(piece, &view)).unwrap_or_default();
    for overlap in &report.overlaps {
        let pair = [overlap.a, overlap.b].into_iter().filter_map(|index| flat.get(index as usize));
        let message = format!("{} reaches into {}", name(overlap.a), name(overlap.b));
        let finding = Finding::new(Rule::Collision, place_of(pair), message);
        findings.push(finding.measured(Measure::real(overlap.depth.into(), Unit::Ldu)));
    }
    if report.islands.len() > 1 {
        let loose: Vec<&Vec<u32>> = report.islands.iter().skip(1).collect();
        let pieces: usize = loose.iter().map(|island| island.len()).sum();
        let firsts = loose.iter().filter_map(|island| flat.get(*island.first()? as usize));
        let verb = if pieces == 1 { "does" } else { "do" };
        let message = format!("{} {verb} not hang together with the rest", pieces_word(pieces));
        let finding = Finding::new(Rule::SeveralIslands, place_of(firsts), message);
        let finding = finding.measured(Measure::count(report.islands.len() as u64, Unit::Islands));
        findings.push(finding.limit(Measure::count(1, Unit::Islands)));
    }
}

fn name_of(piece: &Flat, view: &DesignView<'_>) -> String {
    let name = view.info(&piece.part).map(|info| info.name).unwrap_or_default();
    let id = piece.path.last().copied().unwrap_or_default();
    format!("{name:.60} {:.40} (piece {id})", piece.part.as_str()).trim_start().to_owned()
}

/// The pieces of the thickest crowd, when looking for collisions would take more work than any real model does.
fn crowd<'a>(flat: &'a [Flat], space: &Space) -> Option<Vec<&'a Flat>> {
    let budget = LEAST_WORK.max(flat.len() as u64 * WORK_FOR_A_PIECE);
    let mut work = 0_u64;
    let mut thickest: (u64, u32) = (0, 0);
    for piece in space.iter() {
        let mut own = 0_u64;
        space.overlapping(piece.bounds, &mut |other| {
            if other.key > piece.key {
                own += pair_work(&piece.body, &other.body);
            }
        });
        work = work.saturating_add(own);
        thickest = thickest.max((own, piece.key));
        if work > budget {
            let around = space.get(thickest.1)?.bounds;
            let mut keys = space.keys_in(around);
            keys.sort_unstable();
            return Some(keys.into_iter().filter_map(|key| flat.get(key as usize)).collect());
        }
    }
    None
}

/// About how many pairs of connectors and solids a pair of parts takes.
fn pair_work(a: &PartBody, b: &PartBody) -> u64 {
    let connectors = a.connectors().len().min(b.connectors().len());
    let solids = a.solids().len().min(b.solids().len());
    1 + connectors as u64 + solids as u64
}

/// The lines of geometry of all embedded parts that pieces place, spread out. Files that need each other in a loop count once;
/// the reader of geometry refuses them.
fn embedded_lines(design: &Design) -> u64 {
    let mut known: BTreeMap<&PartId, u64> = BTreeMap::new();
    let mut total = 0_u64;
    let placed: BTreeSet<&PartId> = design.pieces().filter_map(|piece| piece.part()).collect();
    for part in design.embedded_parts() {
        if !placed.contains(&part.id) {
            continue;
        }
        // A stack of its own: files may be nested deeper than the thread's stack.
        let mut waiting = vec![(&part.id, false)];
        while let Some((id, inner_known)) = waiting.pop() {
            let Some(own) = design.embedded(id) else { continue };
            if known.contains_key(&own.id) && !inner_known {
                continue;
            }
            let inner: Vec<Option<&PartId>> = own
                .file
                .lines
                .iter()
                .filter_map(|line| match &line.line {
                    Line::Meta(_) | Line::Blank | Line::Unreadable(_) => None,
                    Line::Reference(reference) => {
                        Some(design.embedded(&PartId::new(&reference.name)).map(|part| &part.id))
                    }
                    _ => Some(None),
                })
                .collect();
            if inner_known {
                let lines = inner.iter().map(|inner| inner.and_then(|id| known.get(id)).copied().unwrap_or(1).max(1));
                let sum = lines.fold(0_u64, u64::saturating_add);
                known.insert(&own.id, sum);
            } else {
                // In a loop the file that is being counted counts as nothing.
                known.insert(&own.id, 0);
                waiting.push((&own.id, true));
                waiting.extend(inner.into_iter().flatten().filter(|id| !known.contains_key(id)).map(|id| (id, false)));
            }
        }
        total = total.saturating_add(known.get(&part.id).copied().unwrap_or_default());
    }
    total
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn a_parts_list_is_read_with_its_quotes() {
        let text = "part,name,color_code,color_name,quantity\r\n3001,\"Brick, 2 x 4 \"\"old\"\"\",4,Red,3\r\n3001,x,4,Red,2\n3002,a\"b,0x2FF8000,,1";
        let listed = parts_list(text.as_bytes()).unwrap();
        assert_eq!(listed.len(), 2);
        assert_eq!(listed[&("3001".to_owned(), "4".to_owned())], 5);
        assert_eq!(listed[&("3002".to_owned(), "0x2FF8000".to_owned())], 1);
        assert!(parts_list(b"part,name\r\n").is_err());
        let header = "part,name,color_code,color_name,quantity\r\n";
        assert!(parts_list(format!("{header}3001,a,4,Red\r\n").as_bytes()).unwrap_err().contains("row 1"));
        assert!(parts_list(format!("{header}3001,a,4,Red,-1\r\n").as_bytes()).is_err());
        assert!(parts_list(format!("{header}\"3001").as_bytes()).is_err());
    }
}
