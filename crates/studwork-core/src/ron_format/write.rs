//! A design as RON text, written directly: no general serializer puts one piece on one line.

use super::{FORMAT, turn};
use crate::take_apart::{BuildSession, Removal};
use crate::{ColorRef, EmbeddedPart, Group};
use crate::{Content, Design, Lineage, Piece, Step, StepItem, StepView, Submodel, line_text};
use glam::Vec3;
use std::fmt::{Display, Write as _};

/// The design as a file: UTF-8 text, ending with a line break. The same design always gives the same bytes.
pub fn to_ron(design: &Design) -> String {
    let mut out = Writer { text: String::with_capacity(256 + design.len() * 80) };
    out.design(design);
    out.text
}

struct Writer {
    text: String,
}

/// A text as a RON string.
struct Quoted<'a>(&'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_char('"')?;
        for c in self.0.chars() {
            match c {
                '"' => f.write_str("\\\"")?,
                '\\' => f.write_str("\\\\")?,
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                c if c.is_control() => write!(f, "\\u{{{:x}}}", u32::from(c))?,
                c => f.write_char(c)?,
            }
        }
        f.write_char('"')
    }
}

/// A color as the number that LDraw writes.
struct Number(ColorRef);

impl Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl Writer {
    fn add(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing to a `String` cannot fail.
        let _ = self.text.write_fmt(text);
    }

    fn design(&mut self, design: &Design) {
        self.add(format_args!("(\n    format: {FORMAT},\n"));
        for (name, value) in [("title", design.title()), ("author", design.author()), ("license", design.license())] {
            if !value.is_empty() {
                self.add(format_args!("    {name}: {},\n", Quoted(value)));
            }
        }
        if !design.description().is_empty() {
            self.add(format_args!("    description: {},\n", Quoted(design.description())));
        }
        if !design.tags().is_empty() {
            self.add(format_args!("    tags: ["));
            self.list(design.tags(), |out, tag| out.add(format_args!("{}", Quoted(tag))));
            self.add(format_args!("],\n"));
        }
        if let Some(lineage) = design.lineage() {
            self.lineage(lineage);
        }
        let next = design.next;
        self.add(format_args!(
            "    next: (piece: {}, submodel: {}, step: {}, group: {}),\n",
            next.piece, next.submodel, next.step, next.group
        ));
        self.block("groups", design.groups(), Self::group);
        let main = design.main();
        self.block("submodels", design.submodels(), |out, submodel| {
            out.submodel(design, submodel, submodel.id == main);
        });
        self.block("parts", design.embedded_parts(), Self::embedded);
        self.block("data", &design.attachments.data, |out, data| {
            let lines = data.lines.join("\n");
            out.add(format_args!("        (name: {}, base64: ", Quoted(&data.name)));
            out.raw(data.lines.is_empty(), &lines);
            out.add(format_args!("),\n"));
        });
        self.block("outside", &design.attachments.outside, |out, (before, line)| {
            let text = studwork_ldraw::line_text(&line.line);
            out.add(format_args!("        (before: {before}, line: {}),\n", Quoted(&text)));
        });
        if let Some(session) = design.build_session() {
            self.session(session);
        }
        self.add(format_args!(")\n"));
    }

    fn session(&mut self, session: &BuildSession) {
        let BuildSession { phase, order, taken, elapsed } = session;
        self.add(format_args!("    build_session: Some((\n        phase: {phase:?}, elapsed: {elapsed},\n"));
        self.add(format_args!("        taken: ["));
        self.list(taken, |out, index| out.add(format_args!("{index}")));
        self.add(format_args!("],\n        order: [\n"));
        for Removal { path, direction, distance, free, steady } in order {
            self.add(format_args!("            (path: ["));
            self.list(path, |out, id| out.add(format_args!("{}", id.0)));
            let [x, y, z] = direction.to_array();
            self.add(format_args!("], out: ({x}, {y}, {z}), by: {distance}"));
            for (name, is) in [("free", free), ("steady", steady)] {
                // What is rare is said.
                if !is {
                    self.add(format_args!(", {name}: false"));
                }
            }
            self.add(format_args!("),\n"));
        }
        self.add(format_args!("        ],\n    )),\n"));
    }

    fn list<T>(&mut self, items: &[T], one: impl Fn(&mut Self, &T)) {
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.text.push_str(", ");
            }
            one(self, item);
        }
    }

    fn block<T>(&mut self, name: &str, items: impl IntoIterator<Item = T>, one: impl Fn(&mut Self, T)) {
        let mut items = items.into_iter().peekable();
        if items.peek().is_some() {
            self.add(format_args!("    {name}: [\n"));
            items.for_each(|item| one(self, item));
            self.add(format_args!("    ],\n"));
        }
    }

    fn lineage(&mut self, lineage: &Lineage) {
        let Lineage { sha256, title, author, license, source } = lineage;
        self.add(format_args!("    lineage: Some((\n        sha256: {},\n", Quoted(sha256)));
        for (name, value) in [("title", title), ("author", author), ("license", license)] {
            if !value.is_empty() {
                self.add(format_args!("        {name}: {},\n", Quoted(value)));
            }
        }
        if let Some(source) = source {
            self.add(format_args!("        source: Some({}),\n", Quoted(source)));
        }
        self.add(format_args!("    )),\n"));
    }

    fn group(&mut self, group: &Group) {
        self.add(format_args!("        (id: {}, name: {}", group.id.0, Quoted(&group.name)));
        if let Some(parent) = group.parent {
            self.add(format_args!(", parent: {}", parent.0));
        }
        self.add(format_args!("),\n"));
    }

    fn submodel(&mut self, design: &Design, submodel: &Submodel, is_main: bool) {
        self.add(format_args!("        (id: {}, name: {}", submodel.id.0, Quoted(&submodel.name)));
        let texts = [("title", &submodel.title), ("author", &submodel.author), ("license", &submodel.license)];
        for (name, value) in texts {
            // The main submodel's stand at the top of the file.
            if !is_main && !value.is_empty() {
                self.add(format_args!(", {name}: {}", Quoted(value)));
            }
        }
        self.add(format_args!(", steps: [\n"));
        submodel.steps.iter().for_each(|step| self.step(design, step));
        self.add(format_args!("        ]),\n"));
    }

    fn step(&mut self, design: &Design, step: &Step) {
        self.add(format_args!("            (id: {}", step.id.0));
        if let Some(view) = step.view {
            let (name, angles) = match view {
                StepView::Relative(angles) => ("Relative", Some(angles)),
                StepView::Absolute(angles) => ("Absolute", Some(angles)),
                StepView::Additive(angles) => ("Additive", Some(angles)),
                StepView::End => ("End", None),
            };
            self.add(format_args!(", view: Some({name}"));
            if let Some([x, y, z]) = angles {
                self.add(format_args!("(({x}, {y}, {z}))"));
            }
            self.add(format_args!(")"));
        }
        if !step.items.is_empty() {
            self.add(format_args!(", items: [\n"));
            for item in &step.items {
                match item {
                    StepItem::Piece(id) => {
                        if let Some(piece) = design.piece(*id) {
                            self.piece(piece);
                        }
                    }
                    StepItem::Line(line) => {
                        let text = studwork_ldraw::line_text(line);
                        self.add(format_args!("                Line({}),\n", Quoted(&text)));
                    }
                }
            }
            self.add(format_args!("            ]"));
        }
        self.add(format_args!("),\n"));
    }

    fn piece(&mut self, piece: &Piece) {
        let id = piece.id.0;
        match &piece.content {
            Content::Part(part) => {
                self.add(format_args!("                Piece(id: {id}, part: {}", Quoted(part.as_str())));
            }
            Content::Submodel(submodel) => {
                self.add(format_args!("                Model(id: {id}, submodel: {}", submodel.0));
            }
        }
        if piece.color != ColorRef::MAIN {
            self.add(format_args!(", color: {}", Number(piece.color)));
        }
        if piece.pose.position != Vec3::ZERO {
            let [x, y, z] = piece.pose.position.to_array();
            self.add(format_args!(", at: ({x}, {y}, {z})"));
        }
        match turn::name_from_rotation(&piece.pose.rotation) {
            Some("") => {}
            Some(name) => self.add(format_args!(", turn: \"{name}\"")),
            None => {
                // By rows, as LDraw has it.
                let [a, d, g, b, e, h, c, f, i] = piece.pose.rotation.to_cols_array();
                self.add(format_args!(", matrix: ({a}, {b}, {c}, {d}, {e}, {f}, {g}, {h}, {i})"));
            }
        }
        if let Some(group) = piece.group {
            self.add(format_args!(", group: {}", group.0));
        }
        self.add(format_args!("),\n"));
    }

    fn embedded(&mut self, part: &EmbeddedPart) {
        let lines = line_text::lines_from_file(&part.file);
        self.add(format_args!("        (id: {}, file: ", Quoted(part.id.as_str())));
        self.raw(lines.is_empty(), &lines.join("\n"));
        self.add(format_args!("),\n"));
    }

    /// Lines as a raw string, each on a line of its own.
    fn raw(&mut self, is_empty: bool, lines: &str) {
        if is_empty {
            return self.add(format_args!("\"\""));
        }
        let longest = lines.split('"').skip(1).map(|rest| rest.bytes().take_while(|&b| b == b'#').count()).max();
        let fence = "#".repeat(longest.map_or(1, |longest| longest + 1));
        self.add(format_args!("r{fence}\"\n{lines}\n\"{fence}"));
    }
}
