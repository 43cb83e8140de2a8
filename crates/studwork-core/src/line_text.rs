//! LDraw lines as text, for everything that is stored through serde.

use serde::{Deserialize, Deserializer, Serializer};
use studwork_ldraw::{LdrawFile, Line};

/// Reads the text of one line; what cannot be read is kept as it is. Nothing that would begin or end a file within a file
/// comes back: such a line is made a comment.
pub(crate) fn line_from_text(text: &str) -> Line {
    let line = match text.contains(['\r', '\n']) {
        true => studwork_ldraw::parse_line(&text.replace(['\r', '\n'], " ")),
        false => studwork_ldraw::parse_line(text),
    };
    match line {
        Line::Meta(text) if parts_files(&text) => Line::Meta(format!("// {text}")),
        line => line,
    }
}

/// Whether a meta begins or ends a file.
fn parts_files(meta: &str) -> bool {
    let mut words = meta.split_whitespace();
    let first = words.next().unwrap_or_default();
    match first.to_ascii_uppercase().as_str() {
        "FILE" | "!DATA" => words.next().is_some(),
        "NOFILE" => true,
        _ => false,
    }
}

#[expect(clippy::borrowed_box, reason = "serde gives a reference to the field as it is")]
pub(crate) fn serialize<S: Serializer>(line: &Box<Line>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&studwork_ldraw::line_text(line))
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Box<Line>, D::Error> {
    Ok(Box::new(line_from_text(&String::deserialize(deserializer)?)))
}

/// A whole file as one text per line.
pub(crate) fn lines_from_file(file: &LdrawFile) -> Vec<String> {
    file.lines.iter().map(|line| studwork_ldraw::line_text(&line.line)).collect()
}

/// The file that [`lines_from_file`] took apart.
pub(crate) fn file_from_lines<'a>(name: &str, lines: impl IntoIterator<Item = &'a str>) -> LdrawFile {
    LdrawFile { name: name.to_owned(), lines: lines.into_iter().map(|text| line_from_text(text).into()).collect() }
}
