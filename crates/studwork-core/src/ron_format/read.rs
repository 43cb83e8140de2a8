//! RON text to a design. The text is hostile: its size, nesting and number of entries are limited before it is read,
//! and what it says is checked before it becomes a design.

use super::{FORMAT, FormatError, MAX_FILE_BYTES, turn};
use crate::apply::{Item, MAX_PIECES, Names};
use crate::build::Builder;
use crate::color::color_from_number;
use crate::design::Info;
use crate::ids::Counters;
use crate::line_text::{file_from_lines, line_from_text};
use crate::take_apart::{BuildSession, Phase, Removal};
use crate::{
    Content, Design, EmbeddedPart, GroupId, Lineage, Parsed, PartId, Piece, PieceId, Pose, StepView, SubmodelId,
    Warning,
};
use glam::{Mat3, Vec3};
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;
use studwork_ldraw::{EmbeddedData, Line};

/// How deep brackets may lie in brackets; a design needs a dozen.
const MAX_NESTING: usize = 32;
/// How many opening brackets a file may have; a piece needs up to three.
const MAX_ENTRIES: usize = 4 * MAX_PIECES as usize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileV1<'a> {
    #[serde(rename = "format")]
    _format: u32,
    #[serde(default)]
    title: String,
    #[serde(default)]
    author: String,
    #[serde(default)]
    license: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    lineage: Option<LineageV1>,
    #[serde(default)]
    next: NextV1,
    #[serde(default)]
    groups: Vec<GroupV1>,
    #[serde(borrow)]
    submodels: Vec<SubmodelV1<'a>>,
    #[serde(default, borrow)]
    parts: Vec<EmbeddedV1<'a>>,
    #[serde(default, borrow)]
    data: Vec<DataV1<'a>>,
    #[serde(default, borrow)]
    outside: Vec<OutsideV1<'a>>,
    #[serde(default)]
    build_session: Option<SessionV1>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SessionV1 {
    phase: Phase,
    #[serde(default)]
    elapsed: u64,
    #[serde(default)]
    taken: Vec<u32>,
    #[serde(default)]
    order: Vec<RemovalV1>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RemovalV1 {
    path: Vec<u32>,
    out: [f32; 3],
    by: f32,
    #[serde(default = "yes")]
    free: bool,
    #[serde(default = "yes")]
    steady: bool,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LineageV1 {
    sha256: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    author: String,
    #[serde(default)]
    license: String,
    #[serde(default)]
    source: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct NextV1 {
    piece: u32,
    submodel: u32,
    step: u32,
    group: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupV1 {
    id: u32,
    name: String,
    #[serde(default)]
    parent: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SubmodelV1<'a> {
    id: u32,
    name: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    author: String,
    #[serde(default)]
    license: String,
    #[serde(default, borrow)]
    steps: Vec<StepV1<'a>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepV1<'a> {
    #[serde(default)]
    id: u32,
    #[serde(default)]
    view: Option<ViewV1>,
    #[serde(default, borrow)]
    items: Vec<ItemV1<'a>>,
}

#[derive(Deserialize)]
enum ViewV1 {
    Relative([f32; 3]),
    Absolute([f32; 3]),
    Additive([f32; 3]),
    End,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
enum ItemV1<'a> {
    Piece {
        #[serde(default)]
        id: u32,
        #[serde(borrow)]
        part: Cow<'a, str>,
        #[serde(default = "main_color")]
        color: u32,
        #[serde(default)]
        at: [f32; 3],
        #[serde(default, borrow)]
        turn: Cow<'a, str>,
        #[serde(default)]
        matrix: Option9,
        #[serde(default)]
        group: u32,
    },
    Model {
        #[serde(default)]
        id: u32,
        submodel: u32,
        #[serde(default = "main_color")]
        color: u32,
        #[serde(default)]
        at: [f32; 3],
        #[serde(default, borrow)]
        turn: Cow<'a, str>,
        #[serde(default)]
        matrix: Option9,
        #[serde(default)]
        group: u32,
    },
    Line(#[serde(borrow)] Cow<'a, str>),
}

/// Nine numbers by rows, or nothing said.
#[derive(Deserialize, Default)]
#[serde(from = "[f32; 9]")]
struct Option9(Option<[f32; 9]>);

impl From<[f32; 9]> for Option9 {
    fn from(rows: [f32; 9]) -> Self {
        Self(Some(rows))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EmbeddedV1<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    file: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DataV1<'a> {
    name: String,
    #[serde(borrow)]
    base64: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OutsideV1<'a> {
    before: usize,
    #[serde(borrow)]
    line: Cow<'a, str>,
}

fn main_color() -> u32 {
    16
}

/// Reads a design file.
///
/// # Errors
/// Says where the text is not RON or not of the format, or what in it no design may be.
pub fn from_ron(text: &str) -> Result<Parsed<Design>, FormatError> {
    if text.len() > MAX_FILE_BYTES {
        return Err(FormatError::TooLarge { size: text.len() });
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match format_number(text).ok_or(FormatError::NotADesign)? {
        FORMAT => {}
        0 => return Err(FormatError::NotADesign),
        found => return Err(FormatError::Newer { found }),
    }
    if text.bytes().filter(|&byte| byte == b'(').count() > MAX_ENTRIES {
        return Err(FormatError::TooMany);
    }
    let options = ron::Options::default().with_recursion_limit(MAX_NESTING);
    let file: FileV1<'_> = options.from_str(text).map_err(|error| FormatError::Syntax {
        line: error.span.start.line,
        column: error.span.start.col,
        message: error.code.to_string(),
    })?;
    let (value, notes) = design_from_file(file).map_err(FormatError::Invalid)?;
    let warnings = notes.into_iter().map(|message| Warning { line: None, message }).collect();
    Ok(Parsed { value, warnings })
}

/// The number after `(format:` at the start of the text.
fn format_number(text: &str) -> Option<u32> {
    let mut rest = text.trim_start();
    while let Some(comment) = rest.strip_prefix("//") {
        rest = comment.split_once('\n')?.1.trim_start();
    }
    let rest =
        rest.strip_prefix('(')?.trim_start().strip_prefix("format")?.trim_start().strip_prefix(':')?.trim_start();
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    // A number too large for us is certainly newer.
    if digits == 0 { None } else { Some(rest[..digits].parse().unwrap_or(u32::MAX)) }
}

fn design_from_file(file: FileV1<'_>) -> Result<(Design, Vec<String>), String> {
    let mut builder = Builder::new();
    let last = numbers_in_use(&file);
    builder.in_use(last);
    let NextV1 { piece, submodel, step, group } = file.next;
    builder.reserve(Counters { piece, submodel, step, group });
    for group in file.groups {
        builder.group(group.id, group.name, (group.parent != 0).then_some(GroupId(group.parent)))?;
    }
    let mut parts: HashMap<String, PartId> = HashMap::new();
    let mut filled = Vec::with_capacity(file.submodels.len());
    let mut top = Some((file.title, file.author, file.license));
    for SubmodelV1 { id, name, title, author, license, steps } in file.submodels {
        // The main submodel's stand at the top of the file.
        let (title, author, license) = top.take().unwrap_or((title, author, license));
        filled.push((builder.submodel(id, Names { name, title, author, license })?, steps));
    }
    for (submodel, steps) in filled {
        for step in steps {
            let view = step.view.map(|view| match view {
                ViewV1::Relative(angles) => StepView::Relative(angles),
                ViewV1::Absolute(angles) => StepView::Absolute(angles),
                ViewV1::Additive(angles) => StepView::Additive(angles),
                ViewV1::End => StepView::End,
            });
            let id = builder.step(submodel, step.id, view)?;
            let items = step.items.into_iter().map(|item| item_from_file(item, &mut parts));
            builder.items(submodel, id, items.collect::<Result<_, _>>()?)?;
        }
    }
    let design = &mut builder.design;
    for EmbeddedV1 { id, file } in file.parts {
        let id = PartId::new(&id);
        let file = Arc::new(file_from_lines(&id.file_name(), raw_lines(&file)));
        if design.embedded.insert(id.clone(), EmbeddedPart { id: id.clone(), file }).is_some() {
            return Err(format!("the embedded part {id} is there twice"));
        }
    }
    let lineage = file.lineage.map(|LineageV1 { sha256, title, author, license, source }| Lineage {
        sha256,
        title,
        author,
        license,
        source,
    });
    design.info = Info { description: file.description, tags: file.tags, lineage };
    design.attachments.data = file
        .data
        .into_iter()
        .map(|data| EmbeddedData { lines: raw_lines(&data.base64).map(str::to_owned).collect(), name: data.name })
        .collect();
    design.attachments.outside =
        file.outside.iter().map(|outside| (outside.before, line_from_text(&outside.line).into())).collect();
    let session = file.build_session.map(session_from_file);
    let (mut design, mut notes) = builder.finish()?;
    if let Some(mut session) = session {
        if session.reconcile(&design) {
            notes.push("the model was changed since it was taken apart; what is in the tray was adapted".to_owned());
        }
        design.set_build_session(Some(session));
    }
    Ok((design, notes))
}

/// A session says nothing that a design relies on, so what is odd in it is put right.
fn session_from_file(file: SessionV1) -> BuildSession {
    let SessionV1 { phase, elapsed, taken, order } = file;
    let removal = |RemovalV1 { path, out, by, free, steady }| Removal {
        path: path.into_iter().map(PieceId).collect(),
        direction: Vec3::from_array(out).try_normalize().unwrap_or(Vec3::NEG_Y),
        distance: if by.is_finite() { by } else { 0.0 },
        free,
        steady,
    };
    let order: Vec<Removal> = order.into_iter().map(removal).collect();
    let mut seen = std::collections::BTreeSet::new();
    let taken = taken.into_iter().filter(|&index| (index as usize) < order.len() && seen.insert(index)).collect();
    BuildSession { phase, order, taken, elapsed }
}

/// The greatest numbers that the file gives, so that what has none gets one of its own.
fn numbers_in_use(file: &FileV1<'_>) -> Counters {
    let mut last = Counters { piece: 0, submodel: 0, step: 0, group: 0 };
    for submodel in &file.submodels {
        last.submodel = last.submodel.max(submodel.id);
        for step in &submodel.steps {
            last.step = last.step.max(step.id);
            for item in &step.items {
                match item {
                    ItemV1::Piece { id, .. } | ItemV1::Model { id, .. } => last.piece = last.piece.max(*id),
                    ItemV1::Line(_) => {}
                }
            }
        }
    }
    last.group = file.groups.iter().map(|group| group.id).max().unwrap_or_default();
    last
}

fn item_from_file(item: ItemV1<'_>, parts: &mut HashMap<String, PartId>) -> Result<Item, String> {
    let (id, content, color, at, turn, matrix, group) = match item {
        ItemV1::Piece { id, part, color, at, turn, matrix, group } => {
            let known = parts.get(&*part).cloned();
            let part = known.unwrap_or_else(|| {
                let fresh = PartId::new(&part);
                parts.insert(part.into_owned(), fresh.clone());
                fresh
            });
            if part.as_str().is_empty() {
                return Err(format!("piece {id} names no part"));
            }
            (id, Content::Part(part), color, at, turn, matrix, group)
        }
        ItemV1::Model { id, submodel, color, at, turn, matrix, group } => {
            (id, Content::Submodel(SubmodelId(submodel)), color, at, turn, matrix, group)
        }
        ItemV1::Line(text) => {
            return match line_from_text(&text) {
                Line::Reference(_) => Err(format!("{text:?} places a part; write it as a Piece")),
                line => Ok(Item::Line(Box::new(line))),
            };
        }
    };
    let rotation = match (&*turn, matrix.0) {
        ("", None) => Mat3::IDENTITY,
        ("", Some(rows)) => Mat3::from_cols_array(&rows).transpose(),
        (name, None) => {
            turn::rotation_from_name(name).ok_or_else(|| format!("piece {id}: there is no turn named {name:?}"))?
        }
        (_, Some(_)) => return Err(format!("piece {id} has both a turn and a matrix")),
    };
    let pose = Pose { position: Vec3::from_array(at), rotation };
    let group = (group != 0).then_some(GroupId(group));
    Ok(Item::Piece(Piece { id: PieceId(id), content, color: color_from_number(color), pose, group }))
}

/// The lines that the writer put into a raw string, each after a line break.
fn raw_lines(text: &str) -> impl Iterator<Item = &str> {
    let text = text.strip_prefix('\n').unwrap_or(text);
    text.split_terminator('\n').map(|line| line.strip_suffix('\r').unwrap_or(line))
}
