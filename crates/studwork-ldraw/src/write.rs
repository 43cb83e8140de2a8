//! Lines to text: CRLF, and the shortest numbers that read back as the same `f32`.

use crate::{ColorRef, LdrawDocument, LdrawFile, Line, Reference};
use glam::Vec3;
use std::io::Write as _;

/// The text of a document, UTF-8 with CRLF. A single unnamed file is written plain, all else as MPD.
pub fn write(document: &LdrawDocument) -> Vec<u8> {
    let mut out = Vec::new();
    let plain = document.data.is_empty()
        && document.outside.is_empty()
        && matches!(document.files.as_slice(), [file] if file.name.is_empty());
    let mut open = false;
    for index in 0..=document.files.len() {
        for (_, line) in document.outside.iter().filter(|(before, _)| (*before).min(document.files.len()) == index) {
            if std::mem::take(&mut open) {
                push(&mut out, format_args!("0 NOFILE"));
            }
            write_line(&mut out, &line.line);
        }
        // A text without any file reads as an empty unnamed one.
        let is_something = |file: &&LdrawFile| !(file.name.is_empty() && file.lines.is_empty());
        if let Some(file) = document.files.get(index).filter(is_something) {
            // What stands before the first `0 FILE` is the main file.
            if !(plain || index == 0 && file.name.is_empty() && out.is_empty()) {
                push(&mut out, format_args!("0 FILE {}", written_file_name(file, index)));
                open = true;
            }
            file.lines.iter().for_each(|line| write_line(&mut out, &line.line));
        }
    }
    for block in &document.data {
        push(&mut out, format_args!("0 !DATA {}", one_line(&block.name)));
        block.lines.iter().for_each(|line| push(&mut out, format_args!("0 !: {}", one_line(line))));
    }
    out
}

fn written_file_name(file: &LdrawFile, index: usize) -> String {
    let name = one_line(&file.name);
    if name.is_empty() { format!("unnamed-{index}.ldr") } else { name }
}

/// The text of one line, without a line break.
pub fn line_text(line: &Line) -> String {
    let mut out = Vec::new();
    write_line(&mut out, line);
    String::from_utf8_lossy(&out).trim_end_matches("\r\n").to_owned()
}

fn push(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    // Writing to a `Vec` cannot fail.
    let _ = out.write_fmt(text);
    out.extend_from_slice(b"\r\n");
}

fn write_line(out: &mut Vec<u8>, line: &Line) {
    match line {
        Line::Meta(text) if text.is_empty() => push(out, format_args!("0")),
        Line::Meta(text) => push(out, format_args!("0 {}", one_line(text))),
        Line::Blank => push(out, format_args!("")),
        Line::Reference(Reference { color, transform, name }) => {
            let _ = write!(out, "1 {color}");
            point(out, transform.translation.into());
            let rows = transform.matrix3.transpose();
            for row in [rows.x_axis, rows.y_axis, rows.z_axis] {
                point(out, row.into());
            }
            push(out, format_args!(" {}", one_line(name)));
        }
        Line::Edge { color, points } => geometry(out, 2, *color, points),
        Line::Triangle { color, points } => geometry(out, 3, *color, points),
        Line::Quad { color, points } => geometry(out, 4, *color, points),
        Line::Conditional { color, points: [a, b], control: [c, d] } => geometry(out, 5, *color, &[*a, *b, *c, *d]),
        Line::Unreadable(text) => push(out, format_args!("{}", one_line(text))),
    }
}

fn geometry(out: &mut Vec<u8>, kind: u8, color: ColorRef, points: &[Vec3]) {
    let _ = write!(out, "{kind} {color}");
    points.iter().for_each(|&p| point(out, p));
    out.extend_from_slice(b"\r\n");
}

fn point(out: &mut Vec<u8>, point: Vec3) {
    for number in point.to_array() {
        // Adding zero turns −0 into 0.
        let _ = write!(out, " {}", number + 0.0);
    }
}

/// A text from outside must not begin another line.
fn one_line(text: &str) -> String {
    text.replace(['\r', '\n'], " ")
}
