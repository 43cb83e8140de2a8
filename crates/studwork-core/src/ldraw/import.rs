//! An LDraw document to a design.

use super::header::{Header, header_from_file};
use crate::apply::Item;
use crate::build::Builder;
use crate::design::{Attachments, name_key};
use crate::{Content, Design, EmbeddedPart, Parsed, PartId, Piece, PieceId, Pose, StepView, SubmodelId, Warning};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use studwork_ldraw::{LdrawDocument, LdrawFile, Line, Reference, SourceLine, normalized_name};

/// Warnings beyond this number are counted, not told.
const MAX_WARNINGS: usize = 1000;

/// Why an LDraw document cannot be a design.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// There is no file in it.
    #[error("the file is empty; an LDraw model has lines that begin with a number from 0 to 5")]
    Empty,
    /// It breaks a rule of designs: submodels in a loop, nested too deep, too many pieces.
    #[error("{0}")]
    Invalid(String),
}

/// The design that a document describes. An embedded file that is a part (by its `!LDRAW_ORG` type or a `.dat` name) becomes
/// an embedded part, with the files it needs; every other file becomes a submodel, whether it is placed or not.
/// `is_library_part` says for a normalized file name (`3001.dat`) whether somebody has that part: a warning tells those
/// that nobody has, which stay as pieces.
///
/// # Errors
/// There is no file at all, or submodels hold each other, or there is more than a design may have.
pub fn from_ldraw(
    document: &LdrawDocument,
    is_library_part: &dyn Fn(&str) -> bool,
) -> Result<Parsed<Design>, ImportError> {
    if document.files.is_empty() {
        return Err(ImportError::Empty);
    }
    let mut import = Import {
        document,
        is_library_part,
        files: HashMap::new(),
        embedded: BTreeSet::new(),
        submodels: HashMap::new(),
        parts: HashMap::new(),
        missing: BTreeMap::new(),
        builder: Builder::new(),
        warnings: Vec::new(),
    };
    import.run().map_err(ImportError::Invalid)?;
    let Import { builder, mut warnings, .. } = import;
    let (value, notes) = builder.finish().map_err(ImportError::Invalid)?;
    warnings.extend(notes.into_iter().map(|message| Warning { line: None, message }));
    if warnings.len() > MAX_WARNINGS {
        let more = warnings.len() - MAX_WARNINGS + 1;
        warnings.truncate(MAX_WARNINGS - 1);
        warnings.push(Warning { line: None, message: format!("{more} more warnings are not shown") });
    }
    Ok(Parsed { value, warnings })
}

struct Import<'a> {
    document: &'a LdrawDocument,
    is_library_part: &'a dyn Fn(&str) -> bool,
    /// Normalized name → index in the document; the first of a name.
    files: HashMap<String, usize>,
    /// The files that are parts or that parts need.
    embedded: BTreeSet<usize>,
    submodels: HashMap<usize, SubmodelId>,
    parts: HashMap<String, PartId>,
    /// Parts that nobody has, with the first line that refers to each and how often they are placed.
    missing: BTreeMap<PartId, (u32, usize)>,
    builder: Builder,
    warnings: Vec<Warning>,
}

impl<'a> Import<'a> {
    fn warn(&mut self, line: Option<u32>, message: String) {
        self.warnings.push(Warning { line: line.filter(|&line| line > 0), message });
    }

    fn run(&mut self) -> Result<(), String> {
        let files = &self.document.files;
        for (index, file) in files.iter().enumerate() {
            if !file.name.trim().is_empty() {
                self.files.entry(normalized_name(&file.name)).or_insert(index);
            }
        }
        self.find_embedded_parts();
        let main_is_part = self.embedded.contains(&0);
        let mut names = BTreeSet::new();
        let mut headers: Vec<(usize, Header)> = Vec::new();
        if main_is_part {
            // A part opened by itself: a model that places it.
            let submodel =
                self.builder.submodel(0, crate::apply::Names { name: "main".to_owned(), ..Default::default() })?;
            names.insert(name_key("main"));
            let step = self.builder.step(submodel, 0, None)?;
            let part = self.embedded_id(0);
            let (color, pose) = (crate::ColorRef::MAIN, Pose::IDENTITY);
            let piece = Piece { id: PieceId(0), content: Content::Part(part), color, pose, group: None };
            self.builder.items(submodel, step, vec![Item::Piece(piece)])?;
        }
        let is_model: Vec<bool> = (0..files.len()).map(|index| !self.embedded.contains(&index)).collect();
        for (index, file) in files.iter().enumerate().filter(|(index, _)| is_model[*index]) {
            let mut header = header_from_file(file, index == 0);
            let wanted = if file.name.trim().is_empty() { header.names.name.as_str() } else { file.name.trim() };
            header.names.name = self.free_name(wanted, index, &mut names);
            let submodel = self.builder.submodel(0, std::mem::take(&mut header.names))?;
            self.submodels.insert(index, submodel);
            headers.push((index, header));
        }
        for (index, header) in headers {
            if index == 0 {
                let info = &mut self.builder.design.info;
                info.description = header.description.join("\n");
                info.tags = header.tags;
            }
            self.fill(index, &header.lines)?;
        }
        self.embed();
        let (data, outside) = (self.document.data.clone(), self.document.outside.clone());
        let without_number = |(before, line): (usize, SourceLine)| (before, SourceLine { number: 0, ..line });
        let outside = outside.into_iter().map(without_number).collect();
        self.builder.design.attachments = Attachments { data, outside };
        for (part, (line, count)) in std::mem::take(&mut self.missing) {
            let times = if count == 1 { String::new() } else { format!(" ({count} pieces)") };
            self.warn(
                Some(line),
                format!("{} is not in the library{times}; a placeholder stands for it", part.file_name()),
            );
        }
        Ok(())
    }

    /// The embedded files that are parts, and the files they need.
    fn find_embedded_parts(&mut self) {
        let files = &self.document.files;
        let mut waiting: Vec<usize> = (0..files.len()).filter(|&index| files[index].is_part()).collect();
        while let Some(index) = waiting.pop() {
            if self.embedded.insert(index) {
                let needed = references(&files[index]).filter_map(|(_, reference)| self.file_of(reference));
                waiting.extend(needed.collect::<Vec<_>>());
            }
        }
    }

    fn file_of(&self, reference: &Reference) -> Option<usize> {
        self.files.get(&normalized_name(&reference.name)).copied()
    }

    fn embedded_id(&self, index: usize) -> PartId {
        let file = &self.document.files[index];
        let own_name = || {
            file.lines.iter().find_map(|line| match &line.line {
                Line::Meta(text) => {
                    Some(text.trim().strip_prefix("Name:")?.trim().to_owned()).filter(|name| !name.is_empty())
                }
                _ => None,
            })
        };
        match file.name.trim() {
            "" => PartId::new(&own_name().unwrap_or_else(|| format!("unnamed-{index}.dat"))),
            name => PartId::new(name),
        }
    }

    /// A name for a submodel that no other has.
    fn free_name(&mut self, wanted: &str, index: usize, names: &mut BTreeSet<String>) -> String {
        let stem = wanted.get(..wanted.len().saturating_sub(4)).filter(|_| wanted.to_lowercase().ends_with(".ldr"));
        let name = crate::apply::one_line(stem.unwrap_or(wanted));
        let name = match (name.is_empty(), index) {
            (false, _) => name,
            (true, 0) => "main".to_owned(),
            (true, _) => format!("submodel {index}"),
        };
        let mut free = name.clone();
        let mut number = 2;
        while !names.insert(name_key(&free)) {
            free = format!("{name} ({number})");
            number += 1;
        }
        if number > 2 {
            let line = self.document.files[index].lines.first().map(|line| line.number);
            self.warn(
                line,
                format!("there are several files named {wanted:?}; this one became {free:?} and is placed nowhere"),
            );
        }
        free
    }

    fn fill(&mut self, index: usize, header: &[usize]) -> Result<(), String> {
        let Some(&submodel) = self.submodels.get(&index) else { return Ok(()) };
        let mut items = Vec::new();
        let mut steps = 0;
        let lines = &self.document.files[index].lines;
        for (position, SourceLine { number, line }) in lines.iter().enumerate() {
            if header.binary_search(&position).is_ok() {
                continue;
            }
            match line {
                Line::Reference(reference) => items.push(self.piece(*number, reference)),
                Line::Meta(text) => match step_end(text) {
                    Some(view) => {
                        let step = self.builder.step(submodel, 0, view)?;
                        self.builder.items(submodel, step, std::mem::take(&mut items))?;
                        steps += 1;
                    }
                    None => items.push(Item::Line(Box::new(line.clone()))),
                },
                _ => items.push(Item::Line(Box::new(line.clone()))),
            }
        }
        // Blank lines at the end only part this file from the next.
        while matches!(items.last(), Some(Item::Line(line)) if **line == Line::Blank) {
            items.pop();
        }
        if steps == 0 || !items.is_empty() {
            let step = self.builder.step(submodel, 0, None)?;
            self.builder.items(submodel, step, items)?;
        }
        Ok(())
    }

    fn piece(&mut self, line: u32, reference: &Reference) -> Item {
        let key = normalized_name(&reference.name);
        let file = self.files.get(&key).copied();
        let content = match file.and_then(|file| self.submodels.get(&file)) {
            Some(&submodel) => Content::Submodel(submodel),
            None => {
                let part = match self.parts.get(&key) {
                    Some(part) => part.clone(),
                    None => {
                        let part = PartId::new(&key);
                        self.parts.insert(key.clone(), part.clone());
                        part
                    }
                };
                if file.is_none() && !(self.is_library_part)(&key) {
                    self.missing.entry(part.clone()).or_insert((line, 0)).1 += 1;
                }
                Content::Part(part)
            }
        };
        let mut pose = Pose::from_affine(&reference.transform);
        if !pose.is_valid() {
            self.warn(Some(line), "the place of this piece is out of reach; it was put at the origin".to_owned());
            pose = Pose::IDENTITY;
        }
        Item::Piece(Piece { id: PieceId(0), content, color: reference.color, pose, group: None })
    }

    fn embed(&mut self) {
        for index in std::mem::take(&mut self.embedded) {
            let id = self.embedded_id(index);
            let file = &self.document.files[index];
            let lines = file.lines.iter().map(|line| line.line.clone().into()).collect();
            let kept = EmbeddedPart { id: id.clone(), file: Arc::new(LdrawFile { name: id.file_name(), lines }) };
            let embedded = &mut self.builder.design.embedded;
            match embedded.get(&id) {
                None => drop(embedded.insert(id, kept)),
                // References mean the first one; the other stays under a name of its own.
                Some(first) if *first != kept => {
                    let line = file.lines.first().map(|line| line.number);
                    let free = (2..).map(|number| PartId::new(&format!("{id}-{number}")));
                    let free = free.into_iter().find(|free| !embedded.contains_key(free)).unwrap_or_else(|| id.clone());
                    let file = Arc::new(LdrawFile { name: free.file_name(), ..(*kept.file).clone() });
                    embedded.insert(free.clone(), EmbeddedPart { id: free.clone(), file });
                    self.warn(
                        line,
                        format!("there are several parts named {id}; this one became {free} and is placed nowhere"),
                    );
                }
                Some(_) => {}
            }
        }
    }
}

fn references(file: &LdrawFile) -> impl Iterator<Item = (u32, &Reference)> {
    file.lines.iter().filter_map(|line| match &line.line {
        Line::Reference(reference) => Some((line.number, reference)),
        _ => None,
    })
}

/// Whether a meta ends a step, and the turn it gives that step.
fn step_end(text: &str) -> Option<Option<StepView>> {
    let words: Vec<&str> = text.split_whitespace().collect();
    match words.as_slice() {
        ["STEP"] => Some(None),
        ["ROTSTEP", "END"] => Some(Some(StepView::End)),
        ["ROTSTEP", x, y, z, rest @ ..] => {
            let angles = [x.parse().ok()?, y.parse().ok()?, z.parse().ok()?];
            let view = match rest {
                [] | ["REL"] => StepView::Relative(angles),
                ["ABS"] => StepView::Absolute(angles),
                ["ADD"] => StepView::Additive(angles),
                _ => return None,
            };
            view.is_valid().then_some(Some(view))
        }
        _ => None,
    }
}
