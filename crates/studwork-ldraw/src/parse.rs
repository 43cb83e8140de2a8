//! Text to lines. Any bytes give a document or an error, in time and memory bounded by their size.
//!
//! A line that cannot be understood is kept verbatim and told in a warning; nothing is dropped. Sources: the LDraw
//! file format 1.0.2, <https://www.ldraw.org/article/218.html>, and MPD, <https://www.ldraw.org/article/47.html>.

use crate::file::after_word;
use crate::{
    ColorRef, EmbeddedData, LdrawDocument, LdrawError, LdrawFile, Line, Parsed, Reference, SourceLine, Warning,
};
use glam::{Affine3A, Mat3, Vec3};
use std::borrow::Cow;

/// The most bytes of a text.
pub const MAX_BYTES: u64 = 256 << 20;
/// The most bytes of a line.
pub const MAX_LINE: usize = 64 << 10;
/// The most lines of a text: three times the largest known model's, and they fit into half a gigabyte.
pub const MAX_LINES: usize = 3_000_000;
/// The most bytes of lines that are no LDraw lines: they are kept, so they cost memory.
const MAX_UNREADABLE: usize = 16 << 20;
/// The most warnings kept of one text.
const MAX_WARNINGS: usize = 1000;
/// No coordinate or matrix entry is larger: 4 km in LDU, and its cube still fits `f32`.
pub const MAX_NUMBER: f32 = 1e7;

/// Reads an `.ldr`, `.dat` or `.mpd` text. `name` is for messages.
///
/// # Errors
/// [`LdrawError::TooLarge`], [`LdrawError::TooManyLines`], [`LdrawError::LineTooLong`] and [`LdrawError::NotLdraw`] for what is no
/// LDraw text.
pub fn parse(bytes: &[u8], name: &str) -> Result<Parsed<LdrawDocument>, LdrawError> {
    if bytes.len() as u64 > MAX_BYTES {
        return Err(LdrawError::TooLarge { name: name.to_owned(), size: bytes.len() as u64, limit: MAX_BYTES });
    }
    let utf16 = utf16_text(bytes);
    let bytes = utf16.as_ref().map_or(bytes, String::as_bytes);
    let mut reader = Reader::default();
    for (index, raw) in lines(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)).enumerate() {
        if index >= MAX_LINES {
            return Err(LdrawError::TooManyLines { name: name.to_owned(), limit: MAX_LINES });
        }
        let number = index as u32 + 1;
        if raw.len() > MAX_LINE {
            let (name, length) = (name.to_owned(), raw.len());
            return Err(LdrawError::LineTooLong { name, line: number, length, limit: MAX_LINE });
        }
        reader.line(number, &text_from_bytes(raw));
        if reader.unreadable > MAX_UNREADABLE {
            return Err(LdrawError::NotLdraw { name: name.to_owned(), line: number, limit: MAX_UNREADABLE });
        }
    }
    Ok(reader.finish())
}

/// Reads the lines of one library file, without looking for embedded files. `None` for what [`parse`] refuses.
pub(crate) fn parse_single(bytes: &[u8], name: &str) -> Option<LdrawFile> {
    let mut files = parse(bytes, name).ok()?.value.files.into_iter();
    let mut file = files.next().unwrap_or_default();
    name.clone_into(&mut file.name);
    Some(file)
}

/// Where the reader is.
#[derive(Default, PartialEq)]
enum Place {
    /// Before the first `0 FILE`: this may be a single file.
    #[default]
    Start,
    File,
    Data,
    Outside,
}

#[derive(Default)]
struct Reader {
    place: Place,
    document: LdrawDocument,
    current: LdrawFile,
    warnings: Vec<Warning>,
    more_warnings: usize,
    /// Bytes.
    unreadable: usize,
}

impl Reader {
    fn line(&mut self, number: u32, text: &str) {
        let mut problem = None;
        let line = line_from_text(text, &mut problem);
        if let Some(message) = problem {
            self.warn(number, message);
        }
        if let Line::Unreadable(text) = &line {
            self.unreadable += text.len();
        }
        if let Line::Meta(meta) = &line {
            let meta = meta.trim();
            if let Some(name) = file_name(meta) {
                self.end_file();
                name.clone_into(&mut self.current.name);
                self.place = Place::File;
                return;
            }
            if meta.eq_ignore_ascii_case("NOFILE") && self.place != Place::Start {
                self.end_file();
                self.place = Place::Outside;
                return;
            }
            if let Some(name) = after_word(meta, "!DATA").filter(|name| !name.is_empty()) {
                self.end_file();
                self.document.data.push(EmbeddedData { name: name.to_owned(), lines: Vec::new() });
                self.place = Place::Data;
                return;
            }
            if self.place == Place::Data
                && let Some(block) = self.document.data.last_mut()
                && let Some(line) = meta.strip_prefix("!:")
            {
                block.lines.push(line.trim().to_owned());
                return;
            }
        }
        if self.place == Place::Data && line != Line::Blank {
            self.place = Place::Outside;
        }
        let line = SourceLine { number, line };
        match self.place {
            Place::Start | Place::File => self.current.lines.push(line),
            Place::Data | Place::Outside => self.outside(line),
        }
    }

    fn outside(&mut self, line: SourceLine) {
        match line.line {
            Line::Blank => {}
            Line::Meta(_) | Line::Unreadable(_) => self.document.outside.push((self.document.files.len(), line)),
            // A drawing outside any file is a slip of another program: it belongs to the file before.
            _ => match self.document.files.last_mut() {
                Some(file) => file.lines.push(line),
                None => self.current.lines.push(line),
            },
        }
    }

    fn end_file(&mut self) {
        let file = std::mem::take(&mut self.current);
        match self.place {
            Place::File => self.document.files.push(file),
            Place::Start => {
                if file.lines.iter().any(|line| !matches!(line.line, Line::Meta(_) | Line::Blank | Line::Unreadable(_)))
                {
                    self.document.files.push(file);
                } else {
                    file.lines.into_iter().for_each(|line| self.outside(line));
                }
            }
            Place::Data | Place::Outside => self.current = file,
        }
    }

    fn warn(&mut self, line: u32, message: String) {
        if self.warnings.len() < MAX_WARNINGS {
            self.warnings.push(Warning { line: Some(line), message });
        } else {
            self.more_warnings += 1;
        }
    }

    fn finish(mut self) -> Parsed<LdrawDocument> {
        match self.place {
            Place::Start => self.document.files.push(std::mem::take(&mut self.current)),
            Place::File => self.end_file(),
            Place::Data | Place::Outside => {}
        }
        if !self.current.lines.is_empty() || self.document.files.is_empty() {
            self.document.files.push(std::mem::take(&mut self.current));
        }
        if self.more_warnings > 0 {
            self.warnings
                .push(Warning { line: None, message: format!("{} more lines like these", self.more_warnings) });
        }
        Parsed { value: self.document, warnings: self.warnings }
    }
}

fn file_name(meta: &str) -> Option<&str> {
    after_word(meta, "FILE").filter(|name| !name.is_empty())
}

/// Splits at LF, CR and CRLF; a last line break ends the last line instead of beginning another.
fn lines(mut rest: &[u8]) -> impl Iterator<Item = &[u8]> {
    if let Some(without_end_mark) = rest.strip_suffix(b"\x1A") {
        rest = without_end_mark;
    }
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = rest.iter().position(|&byte| byte == b'\n' || byte == b'\r').unwrap_or(rest.len());
        let line = &rest[..end];
        let step = if rest[end..].starts_with(b"\r\n") { 2 } else { 1 };
        rest = rest.get(end + step..).unwrap_or_default();
        Some(line)
    })
}

fn text_from_bytes(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().map(|&byte| char_from_cp1252(byte)).collect()),
    }
}

/// Windows-1252; the five bytes it leaves open stand for the control characters of Latin-1.
fn char_from_cp1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9F => HIGH[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

/// The text of UTF-16 with a byte order mark; one too long for that is read as bytes, which then make no sense.
fn utf16_text(bytes: &[u8]) -> Option<String> {
    let pairs =
        |from: fn([u8; 2]) -> u16| bytes[2..].as_chunks().0.iter().map(move |&pair| from(pair)).collect::<Vec<_>>();
    let units = match bytes.get(..2)? {
        b"\xFF\xFE" => pairs(u16::from_le_bytes),
        b"\xFE\xFF" => pairs(u16::from_be_bytes),
        _ => return None,
    };
    Some(String::from_utf16_lossy(&units))
}

/// Reads the text of one line, without looking for what begins or ends a file. What cannot be read is kept as it is.
pub fn parse_line(text: &str) -> Line {
    line_from_text(text, &mut None)
}

pub(crate) fn line_from_text(text: &str, problem: &mut Option<String>) -> Line {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Line::Blank;
    }
    let mut words = Words(trimmed);
    let read = match words.next().unwrap_or_default() {
        "0" => return Line::Meta(text.trim_start()[1..].strip_prefix([' ', '\t']).unwrap_or_default().to_owned()),
        "1" => reference(&mut words),
        "2" => words.color_and_points().map(|(color, points)| Line::Edge { color, points }),
        "3" => words.color_and_points().map(|(color, points)| Line::Triangle { color, points }),
        "4" => words.color_and_points().map(|(color, points)| Line::Quad { color, points }),
        "5" => words.color_and_points().map(|(color, [a, b, c, d])| Line::Conditional {
            color,
            points: [a, b],
            control: [c, d],
        }),
        _ => Err("it begins with none of the line types 0 to 5"),
    };
    match read {
        Ok(line) => {
            if !matches!(line, Line::Reference(_)) && !words.0.is_empty() {
                *problem = Some(format!("left out what follows the last number: {}", excerpt(words.0)));
            }
            line
        }
        Err(reason) => {
            *problem = Some(format!("kept but not understood, {reason}: {}", excerpt(trimmed)));
            Line::Unreadable(text.to_owned())
        }
    }
}

fn reference(words: &mut Words<'_>) -> Result<Line, &'static str> {
    let color = words.color()?;
    let translation = words.point()?;
    let rows = [words.point()?, words.point()?, words.point()?];
    let matrix = Mat3::from_cols(rows[0], rows[1], rows[2]).transpose();
    let name = words.0;
    if name.is_empty() {
        return Err("it names no file");
    }
    Ok(Line::Reference(Reference {
        color,
        transform: Affine3A::from_mat3_translation(matrix, translation),
        name: name.to_owned(),
    }))
}

/// What is left of a trimmed line; always without white space at its start.
struct Words<'a>(&'a str);

impl<'a> Words<'a> {
    fn next(&mut self) -> Option<&'a str> {
        let end = self.0.bytes().position(|byte| byte == b' ' || byte == b'\t').unwrap_or(self.0.len());
        let (word, rest) = self.0.split_at(end);
        self.0 = rest.trim_start();
        (!word.is_empty()).then_some(word)
    }

    fn color(&mut self) -> Result<ColorRef, &'static str> {
        let word = self.next().ok_or("it has no color")?;
        ColorRef::parse(word).ok_or("its color is not a number")
    }

    fn number(&mut self) -> Result<f32, &'static str> {
        let word = self.next().ok_or("numbers are missing")?;
        let number: f32 = word.parse().map_err(|_| "a number is not one")?;
        if number.abs() <= MAX_NUMBER { Ok(number) } else { Err("a number is out of range") }
    }

    fn point(&mut self) -> Result<Vec3, &'static str> {
        Ok(Vec3::new(self.number()?, self.number()?, self.number()?))
    }

    fn color_and_points<const N: usize>(&mut self) -> Result<(ColorRef, [Vec3; N]), &'static str> {
        let color = self.color()?;
        let mut points = [Vec3::ZERO; N];
        for point in &mut points {
            *point = self.point()?;
        }
        Ok((color, points))
    }
}

/// The beginning of a text, short enough for a message.
fn excerpt(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(60) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}
