//! A file and all it refers to as one list of triangles and lines in the file's own space.
//!
//! Here BFC is settled: every triangle leaves counter-clockwise seen from outside, or marked as seen from both sides.
//! Source: the BFC extension, <https://www.ldraw.org/article/415.html>, and TEXMAP, <https://www.ldraw.org/texmap-spec.html>.

use super::quad::triangles_from_quad;
use super::{FileSource, studs};
use crate::parse::line_from_text;
use crate::{ColorRef, LdrawError, LdrawFile, Line, Reference, Tint, Warning, normalized_name};
use glam::{Affine3A, Vec3};

/// References are never nested deeper.
const MAX_DEPTH: usize = 64;
/// No part has more triangles and lines.
const MAX_PRIMITIVES: usize = 4_000_000;
/// No part refers to files more often, in all.
const MAX_REFERENCES: usize = 1_000_000;

/// A triangle in the part's space.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Face {
    pub points: [Vec3; 3],
    pub tint: Tint,
    /// Whether the winding is known.
    pub one_sided: bool,
}

/// A stud primitive that is not taken apart.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PlacedStud {
    pub name: String,
    pub transform: Affine3A,
    pub color: ColorRef,
    /// Whether its inside is shown (`BFC INVERTNEXT`); a mirroring transform does not count here.
    pub inverted: bool,
    pub one_sided: bool,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Soup {
    pub faces: Vec<Face>,
    pub edges: Vec<([Vec3; 2], Tint)>,
    /// Ends, then control points.
    pub conditional: Vec<([Vec3; 4], Tint)>,
    pub studs: Vec<PlacedStud>,
}

pub(super) struct Flat {
    pub soup: Soup,
    pub warnings: Vec<Warning>,
    pub missing: Vec<String>,
}

/// Collects what `name` draws. With `keep_studs`, stud primitives are left whole.
pub(super) fn flatten(source: &dyn FileSource, name: &str, keep_studs: bool) -> Result<Flat, LdrawError> {
    let file = source.file(name).ok_or_else(|| LdrawError::NotFound { name: name.to_owned() })?;
    let flat = Flat { soup: Soup::default(), warnings: Vec::new(), missing: Vec::new() };
    let mut flattener =
        Flattener { source, keep_studs, flat, stack: vec![name.to_owned()], references: 0, out_of_range: false };
    flattener.file(
        &file,
        Frame { transform: Affine3A::IDENTITY, color: ColorRef::MAIN, inverted: false, one_sided: true },
    )?;
    if flattener.out_of_range {
        let message = "some shapes are out of range and were left out".to_owned();
        flattener.flat.warnings.push(Warning { line: None, message });
    }
    Ok(flattener.flat)
}

/// What a file gets from those who refer to it.
#[derive(Clone, Copy)]
struct Frame {
    transform: Affine3A,
    color: ColorRef,
    /// Shown from inside, by `INVERTNEXT`.
    inverted: bool,
    one_sided: bool,
}

/// What a file's own BFC metas have said so far.
#[derive(Clone, Copy, Default)]
struct Bfc {
    /// Any BFC meta but `NOCERTIFY` certifies a file that has not said otherwise.
    certified: Option<bool>,
    unclipped: bool,
    clockwise: bool,
    invert_next: bool,
}

impl Bfc {
    fn meta(&mut self, words: &str) {
        for word in words.split_whitespace() {
            if word != "NOCERTIFY" {
                self.certified.get_or_insert(true);
            }
            match word.to_ascii_uppercase().as_str() {
                "CERTIFY" => self.certified = Some(true),
                "NOCERTIFY" => self.certified = Some(false),
                "CCW" => self.clockwise = false,
                "CW" => self.clockwise = true,
                "CLIP" => self.unclipped = false,
                "NOCLIP" => self.unclipped = true,
                "INVERTNEXT" => self.invert_next = true,
                _ => {}
            }
        }
    }
}

struct Flattener<'a> {
    source: &'a dyn FileSource,
    keep_studs: bool,
    flat: Flat,
    /// The names from the root to the current file.
    stack: Vec<String>,
    references: usize,
    out_of_range: bool,
}

impl Flattener<'_> {
    fn file(&mut self, file: &LdrawFile, frame: Frame) -> Result<(), LdrawError> {
        let mut bfc = Bfc::default();
        let mut textured_lines_count = false;
        for (at, line) in file.lines.iter().enumerate() {
            match &line.line {
                Line::Meta(text) => {
                    let text = text.trim();
                    if let Some(words) = text.strip_prefix("BFC") {
                        bfc.meta(words);
                    } else if let Some(words) = text.strip_prefix("!TEXMAP") {
                        let verb = words.split_whitespace().next().unwrap_or_default();
                        // Lines after `0 !:` are for those who draw textures, unless there is nothing else to draw.
                        textured_lines_count = match verb {
                            "START" => !has_fallback(&file.lines[at + 1..]),
                            "NEXT" => true,
                            _ => false,
                        };
                    } else if let Some(drawing) = text.strip_prefix("!:").filter(|_| textured_lines_count) {
                        self.line(&line_from_text(drawing, &mut None), &mut bfc, frame)?;
                    }
                }
                line => self.line(line, &mut bfc, frame)?,
            }
        }
        Ok(())
    }

    fn line(&mut self, line: &Line, bfc: &mut Bfc, frame: Frame) -> Result<(), LdrawError> {
        let soup = &self.flat.soup;
        if soup.faces.len() + soup.edges.len() + soup.conditional.len() > MAX_PRIMITIVES {
            return Err(self.too_much(MAX_PRIMITIVES));
        }
        let invert_next = match line {
            Line::Meta(_) | Line::Blank => return Ok(()),
            _ => std::mem::take(&mut bfc.invert_next),
        };
        // A file that draws before its first BFC meta does not know.
        let certified = *bfc.certified.get_or_insert(false);
        let one_sided = frame.one_sided && certified && !bfc.unclipped;
        match line {
            Line::Reference(reference) => {
                let inverted = frame.inverted ^ invert_next;
                self.reference(reference, Frame { inverted, one_sided, ..frame })?;
            }
            Line::Triangle { color, points } => self.face(*color, *points, *bfc, one_sided, frame),
            Line::Quad { color, points } => {
                let (triangles, sound) = triangles_from_quad(*points);
                for points in triangles {
                    self.face(*color, points, *bfc, one_sided && sound, frame);
                }
            }
            Line::Edge { color, points } => {
                let points = points.map(|point| frame.transform.transform_point3(point));
                if self.in_range(&points) && points[0] != points[1] {
                    self.flat.soup.edges.push((points, tint(*color, frame.color)));
                }
            }
            Line::Conditional { color, points: [a, b], control: [c, d] } => {
                let points = [*a, *b, *c, *d].map(|point| frame.transform.transform_point3(point));
                if self.in_range(&points) && points[0] != points[1] {
                    self.flat.soup.conditional.push((points, tint(*color, frame.color)));
                }
            }
            Line::Meta(_) | Line::Blank | Line::Unreadable(_) => {}
        }
        Ok(())
    }

    fn face(&mut self, color: ColorRef, points: [Vec3; 3], bfc: Bfc, one_sided: bool, frame: Frame) {
        let [a, b, c] = points.map(|point| frame.transform.transform_point3(point));
        if self.in_range(&[a, b, c]) {
            let flipped = bfc.clockwise ^ frame.inverted ^ mirrors(&frame.transform);
            let points = if flipped { [a, c, b] } else { [a, b, c] };
            self.flat.soup.faces.push(Face { points, tint: tint(color, frame.color), one_sided });
        }
    }

    /// `frame` is the referring file's, with what the reference inherits.
    fn reference(&mut self, reference: &Reference, frame: Frame) -> Result<(), LdrawError> {
        self.references += 1;
        if self.references > MAX_REFERENCES {
            return Err(self.too_much(MAX_REFERENCES));
        }
        let name = normalized_name(&reference.name);
        if let Some(first) = self.stack.iter().position(|known| *known == name) {
            let mut chain = self.stack[first..].to_vec();
            chain.push(name);
            return Err(LdrawError::Loop { chain });
        }
        if self.stack.len() >= MAX_DEPTH {
            return Err(LdrawError::TooDeep { name: self.stack[0].clone(), limit: MAX_DEPTH });
        }
        let transform = frame.transform * reference.transform;
        let color = resolved(reference.color, frame.color);
        if self.keep_studs && studs::kind(&name).is_some() && can_be_undone(&transform) {
            let Frame { inverted, one_sided, .. } = frame;
            if self.source.file(&name).is_some() {
                self.flat.soup.studs.push(PlacedStud { name, transform, color, inverted, one_sided });
                return Ok(());
            }
        }
        let Some(file) = self.source.file(&name) else {
            if !self.flat.missing.contains(&name) {
                let message = format!("{name} is missing; the place where it should be stays empty");
                self.flat.warnings.push(Warning { line: None, message });
                self.flat.missing.push(name);
            }
            return Ok(());
        };
        // A whole part knows its own winding, whatever the model or shortcut around it says about itself.
        let one_sided = frame.one_sided || matches!(file.org_type(), Some("Part" | "Shortcut"));
        self.stack.push(name);
        self.file(&file, Frame { transform, color, inverted: frame.inverted, one_sided })?;
        self.stack.pop();
        Ok(())
    }

    fn in_range(&mut self, points: &[Vec3]) -> bool {
        let fits = points.iter().all(|point| point.abs().max_element() <= crate::MAX_NUMBER);
        self.out_of_range |= !fits;
        fits
    }

    fn too_much(&self, limit: usize) -> LdrawError {
        LdrawError::TooMuchGeometry { name: self.stack[0].clone(), limit }
    }
}

/// Whether the block that just began has a part for those who draw no textures.
fn has_fallback(rest: &[crate::SourceLine]) -> bool {
    let verbs = rest.iter().filter_map(|line| match &line.line {
        Line::Meta(text) => text.trim().strip_prefix("!TEXMAP")?.split_whitespace().next(),
        _ => None,
    });
    verbs.take_while(|verb| *verb != "END").any(|verb| verb == "FALLBACK")
}

fn resolved(color: ColorRef, inherited: ColorRef) -> ColorRef {
    if color == ColorRef::MAIN { inherited } else { color }
}

fn tint(color: ColorRef, inherited: ColorRef) -> Tint {
    resolved(color, inherited).into()
}

fn mirrors(transform: &Affine3A) -> bool {
    transform.matrix3.determinant() < 0.0
}

/// Whether a transform keeps all three dimensions, so that normals can follow it.
fn can_be_undone(transform: &Affine3A) -> bool {
    let m = transform.matrix3;
    let lengths = m.x_axis.length() * m.y_axis.length() * m.z_axis.length();
    transform.is_finite() && m.determinant().abs() > lengths * 1e-4 && lengths > 1e-6
}
