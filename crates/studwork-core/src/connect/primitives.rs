//! Round things of an LDraw part, found in the primitives it refers to through all sub-files: pins, holes, axles, bars,
//! clips, balls.
//!
//! Cylinder primitives say axis, radius, length and how much of a circle they cover; being turned inside out says that
//! they bound a hole. Those on one axis are joined into one connector with sections.

use super::{Caps, Connector, ConnectorShape, Gender, Section, SectionShape, connector::frame_along};
use glam::{Affine3A, Mat3, Vec3};
use std::{collections::HashMap, sync::Arc};
use studwork_ldraw::{FileSource, Line, normalized_name};

/// How deep files may refer to files.
const MOST_LEVELS: usize = 24;
/// A part that refers to more primitives than this is not looked at.
const MOST_ROUNDS: usize = 60_000;

/// Bar, pin and rim radii, LDU.
const BAR: f32 = 4.0;
const PIN: f32 = 6.0;
const RIM: f32 = 8.0;

/// The pins, holes, axles, bars, clips and balls of a part, in its own space.
pub(super) fn rounds_of(source: &dyn FileSource, name: &str) -> Vec<Connector> {
    let mut rounds = Rounds::default();
    walk(
        source,
        &normalized_name(name),
        Frame { transform: Affine3A::IDENTITY, inside_out: false, of_pin: false },
        0,
        &mut rounds,
    );
    let mut connectors = rounds.connectors();
    connectors.extend(rounds.balls());
    connectors.append(&mut rounds.others);
    connectors
}

#[derive(Copy, Clone)]
struct Frame {
    transform: Affine3A,
    inside_out: bool,
    /// Below a primitive that is (half of) a Technic pin.
    of_pin: bool,
}

/// A stretch of a cylinder or of an axle's cross.
struct Round {
    start: Vec3,
    end: Vec3,
    radius: f32,
    /// Of a full circle.
    covers: f32,
    hole: bool,
    axle: bool,
    of_pin: bool,
}

struct Ball {
    center: Vec3,
    radius: f32,
    covers: f32,
    hole: bool,
}

#[derive(Default)]
struct Rounds {
    cylinders: Vec<Round>,
    spheres: Vec<Ball>,
    others: Vec<Connector>,
}

fn walk(source: &dyn FileSource, name: &str, frame: Frame, level: usize, rounds: &mut Rounds) {
    let Some(file) = source.file(name) else { return };
    let mut invert_next = false;
    for line in &file.lines {
        match &line.line {
            Line::Meta(meta) => invert_next |= meta.trim().eq_ignore_ascii_case("BFC INVERTNEXT"),
            Line::Reference(reference) => {
                let inner = normalized_name(&reference.name);
                let frame = Frame {
                    transform: frame.transform * reference.transform,
                    inside_out: frame.inside_out ^ std::mem::take(&mut invert_next),
                    of_pin: frame.of_pin || is_pin(&inner),
                };
                if level < MOST_LEVELS && rounds.cylinders.len() < MOST_ROUNDS && !rounds.take(&inner, frame) {
                    walk(source, &inner, frame, level + 1, rounds);
                }
            }
            _ => {}
        }
    }
}

fn is_pin(name: &str) -> bool {
    ["connect", "confric"].iter().any(|pin| name.starts_with(pin))
}

/// The hinge fingers of a primitive; where they turn is told by the bumps on their sides.
fn fingers_of(name: &str) -> Option<Connector> {
    const CLICK: &str = "lckHng";
    let at = |x: f32, y: f32, z: f32, axis: Vec3| along(Vec3::new(x, y, z), axis);
    let (gender, frame, widths, radius, group): (_, _, &[f32], _, _) = match name {
        // Two and three fingers of hinge plates.
        "h1.dat" => (Gender::Female, at(0.0, 10.0, 0.0, Vec3::Z), &[4.0; 5], BAR, None),
        "h2.dat" => (Gender::Male, at(0.0, 10.0, 0.0, Vec3::Z), &[4.0; 5], BAR, None),
        // Two and three fingers of arms.
        "arm1.dat" => (Gender::Female, at(0.0, 0.0, -10.0, Vec3::Y), &[4.0; 5], 9.5, None),
        "arm2.dat" | "arm3.dat" => (Gender::Male, at(0.0, 0.0, -10.0, Vec3::Y), &[4.0; 5], 9.5, None),
        // One finger of a click hinge, and the halves of two.
        "clh1.dat" | "clh3.dat" | "clh6.dat" => (Gender::Male, at(0.0, 0.0, -10.0, Vec3::X), &[8.0], 10.0, Some(CLICK)),
        "clh2.dat" | "clh9.dat" | "clh12.dat" | "clh13.dat" => {
            (Gender::Male, at(0.0, -7.0, 0.0, Vec3::X), &[8.0], 10.0, Some(CLICK))
        }
        "clh8.dat" => (Gender::Male, at(0.0, 0.0, -7.0, Vec3::X), &[8.0], 10.0, Some(CLICK)),
        "clh4.dat" | "clh7.dat" | "clh10.dat" | "clh11.dat" => {
            (Gender::Male, at(0.0, 0.0, 4.0, Vec3::X), &[4.5, 8.0, 4.5], 10.0, Some(CLICK))
        }
        "clh5.dat" => (Gender::Male, at(0.0, 0.0, 10.0, Vec3::X), &[4.5, 8.0, 4.5], 10.0, Some(CLICK)),
        _ => return None,
    };
    Some(Connector { group: group.map(Arc::from), ..Connector::fingers(gender, frame, widths, radius) })
}

fn same_fingers(a: &Connector, b: &Connector) -> bool {
    a.gender == b.gender
        && a.shape == b.shape
        && a.group == b.group
        && a.origin().distance(b.origin()) < 0.5
        && a.direction().dot(b.direction()).abs() > 0.99
}

/// `4-4cyli.dat` covers 1, `48/3-8cylo.dat` covers 0.375 of a circle.
fn share_before(name: &str, kinds: &[&str]) -> Option<f32> {
    let name = name.trim_start_matches("48/").trim_start_matches("8/");
    let kind = kinds.iter().find_map(|kind| name.find(kind))?;
    let (part, whole) = name[..kind].split_once('-')?;
    let (part, whole): (f32, f32) = (part.parse().ok()?, whole.parse().ok()?);
    (whole > 0.0 && name.ends_with(".dat")).then_some(part / whole)
}

impl Rounds {
    /// Takes a primitive that says all that is to be known; `false` for a file that must be looked into.
    fn take(&mut self, name: &str, frame: Frame) -> bool {
        let at = |y: f32| frame.transform.transform_point3(Vec3::new(0.0, y, 0.0));
        let [x, z] = [frame.transform.matrix3.x_axis.length(), frame.transform.matrix3.z_axis.length()];
        let is_round = (x - z).abs() < 0.05 * x.max(z);
        if let Some(covers) = share_before(name, &["cyli", "cylo", "cylc"]) {
            if is_round {
                self.cylinders.push(Round {
                    start: at(0.0),
                    end: at(1.0),
                    radius: x,
                    covers,
                    hole: frame.inside_out,
                    axle: false,
                    of_pin: frame.of_pin,
                });
            }
            return true;
        }
        if let Some(fingers) = fingers_of(name) {
            let moved = fingers.transformed(&frame.transform);
            // Two halves of a dual finger are one pair of fingers.
            if !self.others.iter().any(|other| same_fingers(other, &moved)) {
                self.others.push(moved);
            }
            return true;
        }
        if matches!(name, "wpin.dat" | "wpin2.dat" | "wpin3.dat" | "wpin4.dat") {
            self.others.push(Connector::wheel_pin(Affine3A::IDENTITY).transformed(&frame.transform));
            return true;
        }
        // The cup of a small ball joint is made of flat faces.
        if name.starts_with("joint8socket") {
            let cup = Connector::sphere(Gender::Female, Affine3A::IDENTITY, 8.0);
            self.others.push(cup.transformed(&frame.transform));
            return true;
        }
        if let Some(covers) = share_before(name, &["sphe"]) {
            let y = frame.transform.matrix3.y_axis.length();
            if is_round && (x - y).abs() < 0.05 * x {
                self.spheres.push(Ball { center: at(0.0), radius: x, covers, hole: frame.inside_out });
            }
            return true;
        }
        // The perimeter of an axle's cross bounds an axle, or turned inside out a hole; the others bound holes. Their edges and
        // teeth come with them and say nothing more.
        let axle = match name {
            "axle.dat" | "axlehol8.dat" => Some(frame.inside_out),
            "axlehole.dat" | "axlehol4.dat" | "axlehol5.dat" | "axl2hole.dat" | "axl3hole.dat" | "axl5hole.dat"
            | "axl2hol8.dat" | "axl3hol8.dat" | "axl5hol8.dat" => Some(!frame.inside_out),
            _ => None,
        };
        if let Some(hole) = axle {
            self.cylinders.push(Round {
                start: at(0.0),
                end: at(1.0),
                radius: PIN,
                covers: 1.0,
                hole,
                axle: true,
                of_pin: false,
            });
            return true;
        }
        if ["axlehol", "axl2ho", "axl3ho", "axl5ho"].iter().any(|head| name.starts_with(head)) {
            return true;
        }
        // Studs are known from the mesh; what else has a flat name of its own cannot hold a cylinder.
        name.starts_with("stud") || name.starts_with("stug") || name == "empty.dat"
    }

    fn balls(&self) -> Vec<Connector> {
        let mut groups: Vec<(Vec3, f32, bool, f32)> = Vec::new();
        for ball in &self.spheres {
            match groups
                .iter_mut()
                .find(|g| g.0.distance(ball.center) < 0.2 && (g.1 - ball.radius).abs() < 0.2 && g.2 == ball.hole)
            {
                Some(group) => group.3 += ball.covers,
                None => groups.push((ball.center, ball.radius, ball.hole, ball.covers)),
            }
        }
        groups
            .into_iter()
            .filter(|(_, radius, hole, covers)| {
                (4.9..=10.5).contains(radius) && *covers >= if *hole { 0.25 } else { 0.6 }
            })
            .map(|(center, radius, hole, _)| {
                let gender = if hole { Gender::Female } else { Gender::Male };
                Connector::sphere(gender, Affine3A::from_translation(center), radius)
            })
            .collect()
    }

    fn connectors(&self) -> Vec<Connector> {
        let mut lines: Vec<AxisLine> = Vec::new();
        let mut by_key: HashMap<[i32; 7], usize> = HashMap::new();
        for round in &self.cylinders {
            let length = round.start.distance(round.end);
            let fits =
                [BAR, PIN, RIM].iter().any(|r| (round.radius - r).abs() < 0.35) || (round.of_pin && round.radius < 9.0);
            if !fits || length < 0.05 || !length.is_finite() {
                continue;
            }
            let direction = canonical((round.end - round.start) / length);
            let foot = round.start - direction * round.start.dot(direction);
            let key_of = |v: Vec3, scale: f32| (v * scale).round().to_array().map(|c| c as i32);
            let ([a, b, c], [d, e, f]) = (key_of(direction, 100.0), key_of(foot, 2.0));
            let index = *by_key.entry([a, b, c, d, e, f, i32::from(round.hole)]).or_insert_with(|| {
                lines.push(AxisLine { direction, foot, hole: round.hole, stretches: Vec::new() });
                lines.len() - 1
            });
            let (s, t) = (round.start.dot(direction), round.end.dot(direction));
            lines[index].stretches.push(AxisStretch {
                start: s.min(t),
                end: s.max(t),
                radius: round.radius,
                covers: round.covers,
                axle: round.axle,
                of_pin: round.of_pin,
            });
        }
        lines.iter().flat_map(AxisLine::connectors).collect()
    }
}

/// One of the two opposite directions, always the same.
fn canonical(direction: Vec3) -> Vec3 {
    let direction = Vec3::from_array(direction.to_array().map(|v| if v.abs() < 1e-4 { 0.0 } else { v }));
    let first = direction.to_array().into_iter().find(|v| *v != 0.0).unwrap_or(1.0);
    if first < 0.0 { -direction } else { direction }
}

struct AxisStretch {
    start: f32,
    end: f32,
    radius: f32,
    covers: f32,
    axle: bool,
    of_pin: bool,
}

struct AxisLine {
    direction: Vec3,
    foot: Vec3,
    hole: bool,
    stretches: Vec<AxisStretch>,
}

/// A stretch of an axis line with one outline.
#[derive(Copy, Clone, Debug)]
struct Piece {
    start: f32,
    end: f32,
    shape: SectionShape,
    radius: f32,
    covers: f32,
    of_pin: bool,
}

impl Piece {
    /// Whether it goes all around.
    fn is_whole(&self) -> bool {
        self.covers >= 0.95
    }

    /// Whether a clip fits around it.
    fn is_bar(&self) -> bool {
        (self.radius - BAR).abs() < 0.35 && self.is_whole()
    }
}

impl AxisLine {
    fn connectors(&self) -> Vec<Connector> {
        let mut cuts: Vec<f32> = self.stretches.iter().flat_map(|s| [s.start, s.end]).collect();
        cuts.sort_by(f32::total_cmp);
        cuts.dedup_by(|b, a| *b - *a < 0.15);
        let mut runs: Vec<Vec<Piece>> = Vec::new();
        for pair in cuts.windows(2) {
            let Some(piece) = self.outline(pair[0], pair[1]) else { continue };
            match runs.last_mut().filter(|run| run.last().is_some_and(|last| piece.start - last.end < 0.6)) {
                Some(run) => match run.last_mut() {
                    Some(last)
                        if last.shape == piece.shape
                            && (last.radius - piece.radius).abs() < 0.1
                            && (self.hole || last.is_whole() == piece.is_whole()) =>
                    {
                        last.covers = last.covers.min(piece.covers);
                        last.end = piece.end;
                    }
                    _ => run.push(piece),
                },
                None => runs.push(vec![piece]),
            }
        }
        runs.iter().flat_map(|run| self.connectors_of_run(run)).collect()
    }

    /// The outline between two cuts: an axle's cross, else the narrowest hole or the widest body that is round enough.
    fn outline(&self, start: f32, end: f32) -> Option<Piece> {
        let middle = (start + end) * 0.5;
        let here = || self.stretches.iter().filter(move |s| s.start <= middle && middle <= s.end);
        let of_pin = here().any(|s| s.of_pin);
        if here().any(|s| s.axle) {
            return Some(Piece { start, end, shape: SectionShape::Axle, radius: PIN, covers: 1.0, of_pin });
        }
        let mut radii: Vec<f32> = here().map(|s| s.radius).collect();
        radii.sort_by(f32::total_cmp);
        radii.dedup_by(|a, b| (*a - *b).abs() < 0.1);
        if !self.hole {
            radii.reverse();
        }
        radii.into_iter().find_map(|radius| {
            let covers: f32 = here().filter(|s| (s.radius - radius).abs() < 0.1).map(|s| s.covers).sum();
            (covers > 0.4).then_some(Piece {
                start,
                end,
                shape: SectionShape::Round,
                radius,
                covers: covers.min(1.0),
                of_pin,
            })
        })
    }

    fn connectors_of_run(&self, run: &[Piece]) -> Vec<Connector> {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { return Vec::new() };
        let (start, end) = (first.start, last.end);
        let length = end - start;
        let has = |radius: f32, share: f32| {
            run.iter()
                .filter(|p| p.shape == SectionShape::Round && (p.radius - radius).abs() < 0.35 && p.covers >= share)
                .map(|p| p.end - p.start)
                .sum::<f32>()
        };
        let axle: f32 = run.iter().filter(|p| p.shape == SectionShape::Axle).map(|p| p.end - p.start).sum();
        let of_pin = run.iter().any(|p| p.of_pin);
        let fits = if self.hole {
            axle >= 1.5 || has(PIN, 0.7) >= 3.0 || has(BAR, 0.45) >= 3.0
        } else {
            axle >= 4.0 || (of_pin && (has(PIN, 0.4) >= 3.0 || has(BAR, 0.4) >= 6.0)) || has(BAR, 0.95) >= 6.0
        };
        if !fits {
            return Vec::new();
        }
        let frame = along(self.foot + self.direction * ((start + end) * 0.5), self.direction);
        let narrow = has(BAR, 0.45);
        if self.hole && !of_pin && axle < 1.5 && has(PIN, 0.7) < 3.0 && has(BAR, 0.85) < 3.0 {
            // Part of a circle of a bar's radius: a clip.
            let shape = ConnectorShape::Clip { radius: BAR, length, slide: true, centered: true };
            let clip = Connector { shape, gender: Gender::Female, frame, group: None };
            return if narrow >= 3.0 { vec![clip] } else { Vec::new() };
        }
        let last = run.len() - 1;
        let sections: Vec<Section> = run
            .iter()
            .enumerate()
            .filter(|(_, p)| self.hole || of_pin || p.shape == SectionShape::Axle || p.is_bar())
            .map(|(i, p)| {
                // The lip at the end of a pin gives way.
                let lip = of_pin && !self.hole && (i == 0 || i == last) && (6.1..7.0).contains(&p.radius);
                let shape = match (lip, i == 0) {
                    (true, true) => SectionShape::FlexNext,
                    (true, false) => SectionShape::FlexPrevious,
                    _ => p.shape,
                };
                Section::new(shape, p.radius, p.end - p.start)
            })
            .collect();
        if sections.len() != run.len() && !self.hole && axle < 4.0 {
            // Bars between thicker things, or grown together with a wall: only the bars themselves.
            let bars = run.iter().filter(|p| p.is_bar() && p.end - p.start >= 6.0);
            let bar = |p: &Piece| {
                let frame = along(self.foot + self.direction * ((p.start + p.end) * 0.5), self.direction);
                cylinder(Gender::Male, frame, vec![Section::new(SectionShape::Round, BAR, p.end - p.start)])
            };
            return bars.map(bar).collect();
        }
        let gender = if self.hole { Gender::Female } else { Gender::Male };
        vec![cylinder(gender, frame, sections)]
    }
}

fn cylinder(gender: Gender, frame: Affine3A, sections: Vec<Section>) -> Connector {
    let sections: Arc<[Section]> = sections.into();
    Connector {
        shape: ConnectorShape::Cylinder { sections, caps: Caps::None, slide: true, centered: true },
        gender,
        frame,
        group: None,
    }
}

/// A frame whose −Y runs along a direction, square to the part's axes where the direction is.
fn along(origin: Vec3, direction: Vec3) -> Affine3A {
    let frame = frame_along(origin, direction);
    let tidy = frame.matrix3.to_cols_array().map(|v| if (v - v.round()).abs() < 1e-4 { v.round() } else { v });
    Affine3A::from_mat3_translation(Mat3::from_cols_array(&tidy), origin)
}
