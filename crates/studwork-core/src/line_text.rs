//! LDraw lines as text, for everything that is stored through serde.

use serde::{Deserialize, Deserializer, Serializer};
use studwork_ldraw::{LdrawFile, Line};

/// Reads the text of one line; what cannot be read is kept as it is.
pub(crate) fn line_from_text(text: &str) -> Line {
    if text.trim().is_empty() {
        return Line::Blank;
    }
    let parsed = studwork_ldraw::parse(text.as_bytes(), "line");
    let lines = parsed.ok().and_then(|parsed| parsed.value.files.into_iter().next()).map(|file| file.lines);
    match lines.as_deref() {
        Some([one]) => one.line.clone(),
        _ => Line::Unreadable(text.replace(['\r', '\n'], " ")),
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
