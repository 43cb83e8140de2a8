//! The first lines of a model file: which of them a design has fields for.

use crate::apply::Names;
use studwork_ldraw::{LdrawFile, Line, normalized_name};

/// What the header of a file says in fields.
#[derive(Default)]
pub(super) struct Header {
    pub names: Names,
    /// `!HELP` lines.
    pub description: Vec<String>,
    /// `!KEYWORDS`.
    pub tags: Vec<String>,
    /// The indices of the lines that these fields stand for.
    pub lines: Vec<usize>,
}

/// Reads the header of a model file. `is_main`: whether description and tags belong to the design.
pub(super) fn header_from_file(file: &LdrawFile, is_main: bool) -> Header {
    let mut header = Header::default();
    let title = file.title().to_owned();
    let (mut title_seen, mut first) = (title.is_empty(), true);
    for (index, line) in file.lines.iter().enumerate() {
        let text = match &line.line {
            Line::Meta(text) => text.trim(),
            Line::Blank => continue,
            _ => break,
        };
        let word = text.split_whitespace().next().unwrap_or_default();
        if matches!(word, "STEP" | "ROTSTEP") {
            break;
        }
        let value = text.get(word.len()..).unwrap_or_default().trim();
        let (names, taken) = (&mut header.names, &mut header.lines);
        if !title_seen && text == title {
            names.title.clone_from(&title);
            title_seen = true;
            taken.push(index);
        } else if word.eq_ignore_ascii_case("Name:") && normalized_name(value) == normalized_name(&file.name) {
            taken.push(index);
        } else if word.eq_ignore_ascii_case("Author:") && names.author.is_empty() && !value.is_empty() {
            names.author = value.to_owned();
            taken.push(index);
        } else if word == "!LICENSE" && names.license.is_empty() && !value.is_empty() {
            names.license = value.to_owned();
            taken.push(index);
        } else if is_main && word == "!HELP" {
            header.description.push(value.to_owned());
            taken.push(index);
        } else if is_main && word == "!KEYWORDS" && !value.is_empty() {
            header.tags.extend(value.split(',').map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned));
            taken.push(index);
        } else if first && file.name.is_empty() && word.eq_ignore_ascii_case("Name:") && !value.is_empty() {
            // The only file of an `.ldr` has no other name.
            names.name = value.to_owned();
            taken.push(index);
        }
        first &= !word.eq_ignore_ascii_case("Name:");
    }
    header
}

/// The lines that say what the fields say.
pub(super) fn lines_from_fields(
    [title, name, author, license]: [&str; 4],
    description: &str,
    tags: &[String],
) -> Vec<Line> {
    let mut lines = Vec::new();
    if !title.is_empty() {
        lines.push(title.to_owned());
    }
    lines.push(format!("Name: {name}"));
    if !author.is_empty() {
        lines.push(format!("Author: {author}"));
    }
    if !license.is_empty() {
        lines.push(format!("!LICENSE {license}"));
    }
    if !description.is_empty() {
        lines.extend(description.split('\n').map(|line| format!("!HELP {line}").trim_end().to_owned()));
    }
    if !tags.is_empty() {
        lines.push(format!("!KEYWORDS {}", tags.join(", ")));
    }
    lines.into_iter().map(Line::Meta).collect()
}
