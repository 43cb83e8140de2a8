//! A design to an LDraw document.

use super::header::lines_from_fields;
use crate::{Content, Design, PartId, Piece, Step, StepItem, StepView, Submodel};
use std::collections::{BTreeMap, BTreeSet};
use studwork_ldraw::{LdrawDocument, LdrawFile, Line, Reference, normalized_name};

/// The document that says what the design says: the main submodel first, then the others, then embedded parts. A design of
/// one submodel without embedded parts gives a single unnamed file, which is an `.ldr`.
pub fn to_ldraw(design: &Design) -> LdrawDocument {
    let single = design.submodels().count() == 1
        && design.embedded.is_empty()
        && design.attachments.data.is_empty()
        && design.attachments.outside.is_empty();
    // A part goes by its number, so no submodel may have that file name.
    let mut parts: BTreeSet<&PartId> = design.embedded_parts().map(|part| &part.id).collect();
    parts.extend(design.pieces().filter_map(Piece::part));
    let mut taken: BTreeSet<String> = parts.into_iter().map(PartId::file_name).collect();
    let mut names = BTreeMap::new();
    for submodel in design.submodels() {
        let wanted = submodel.file_name();
        let mut free = wanted.clone();
        let mut number = 2;
        while !taken.insert(normalized_name(&free)) {
            free = format!("{}-{number}.ldr", wanted.trim_end_matches(".ldr"));
            number += 1;
        }
        names.insert(submodel.id, free);
    }
    let name_of = |piece: &Piece| match &piece.content {
        Content::Part(part) => reference_name(part),
        Content::Submodel(submodel) => names.get(submodel).cloned().unwrap_or_default(),
    };
    let mut files: Vec<LdrawFile> = Vec::new();
    for submodel in design.submodels() {
        let name = names.get(&submodel.id).cloned().unwrap_or_default();
        let mut lines = header(design, submodel, &name);
        body(design, submodel, &name_of, &mut lines);
        let lines = lines.into_iter().map(Into::into).collect();
        files.push(LdrawFile { name: if single { String::new() } else { name }, lines });
    }
    files.extend(design.embedded_parts().map(|part| {
        let lines = part.file.lines.clone();
        LdrawFile { name: reference_name(&part.id), lines }
    }));
    LdrawDocument { files, data: design.attachments.data.clone(), outside: design.attachments.outside.clone() }
}

/// As LDraw files write it: with `\` between folders.
fn reference_name(part: &PartId) -> String {
    part.file_name().replace('/', "\\")
}

fn header(design: &Design, submodel: &Submodel, name: &str) -> Vec<Line> {
    let is_main = submodel.id == design.main();
    let (description, tags) = if is_main { (design.description(), design.tags()) } else { ("", &[][..]) };
    lines_from_fields([&submodel.title, name, &submodel.author, &submodel.license], description, tags)
}

fn body(design: &Design, submodel: &Submodel, name_of: &dyn Fn(&Piece) -> String, lines: &mut Vec<Line>) {
    for (index, step) in submodel.steps.iter().enumerate() {
        for item in &step.items {
            match item {
                StepItem::Line(line) => lines.push((**line).clone()),
                StepItem::Piece(id) => {
                    if let Some(piece) = design.piece(*id) {
                        let transform = piece.pose.to_affine();
                        lines.push(Line::Reference(Reference { color: piece.color, transform, name: name_of(piece) }));
                    }
                }
            }
        }
        let is_last = index + 1 == submodel.steps.len();
        match step.view {
            Some(view) => lines.push(Line::Meta(view_text(view))),
            None if !is_last || needs_end(step, index) => lines.push(Line::Meta("STEP".to_owned())),
            None => {}
        }
    }
}

/// Whether a last step would not be seen without something that ends it: an empty one, and blank lines at the end of a file.
fn needs_end(step: &Step, index: usize) -> bool {
    match step.items.last() {
        None => index > 0,
        Some(StepItem::Line(line)) => **line == Line::Blank,
        Some(StepItem::Piece(_)) => false,
    }
}

fn view_text(view: StepView) -> String {
    let ([x, y, z], kind) = match view {
        StepView::Relative(angles) => (angles, "REL"),
        StepView::Absolute(angles) => (angles, "ABS"),
        StepView::Additive(angles) => (angles, "ADD"),
        StepView::End => return "ROTSTEP END".to_owned(),
    };
    format!("ROTSTEP {x} {y} {z} {kind}")
}
