//! How well the connectors found in parts agree with those that a shadow library tells: a table, and the parts that differ.

use super::{
    Connector, ConnectorShape, Gender, Section, SectionShape, ShadowLibrary, connectors_from_files,
    matching::across_axis,
};
use crate::Mesh;
use glam::Vec3;
use rayon::prelude::*;
use std::{collections::BTreeMap, fmt};
use studwork_ldraw::{FileSource, Library, StudKind};

/// The kinds of connectors that are compared.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum ConnectorKind {
    Stud,
    Socket,
    PinHole,
    AxleHole,
    Pin,
    Axle,
    Bar,
    BarHole,
    Clip,
    Fingers,
    Ball,
}

fn kind(connector: &Connector) -> Option<ConnectorKind> {
    let near = |a: f32, b: f32| (a - b).abs() < 0.5;
    match &connector.shape {
        ConnectorShape::Clip { .. } => Some(ConnectorKind::Clip),
        ConnectorShape::Fingers { .. } => Some(ConnectorKind::Fingers),
        ConnectorShape::Sphere { .. } => Some(ConnectorKind::Ball),
        ConnectorShape::Generic(_) => None,
        ConnectorShape::Cylinder { sections, caps, slide, centered } => {
            let has = |shape, radius| sections.iter().any(|s| s.shape == shape && near(s.radius, radius));
            let first = sections.first()?;
            if connector.gender == Gender::Male {
                return if connector.is_stud() {
                    Some(ConnectorKind::Stud)
                } else if has(SectionShape::Axle, 6.0) {
                    Some(ConnectorKind::Axle)
                } else if has(SectionShape::Round, 6.0)
                    && sections.iter().any(|s| matches!(s.shape, SectionShape::FlexNext | SectionShape::FlexPrevious))
                {
                    Some(ConnectorKind::Pin)
                } else if has(SectionShape::Round, 4.0) && sections.iter().map(|s| s.length).sum::<f32>() >= 6.0 {
                    Some(ConnectorKind::Bar)
                } else {
                    None
                };
            }
            let stud_wide =
                near(first.radius, 6.0) && matches!(first.shape, SectionShape::Round | SectionShape::Square);
            if has(SectionShape::Axle, 6.0) {
                Some(ConnectorKind::AxleHole)
            } else if stud_wide
                && !*centered
                && !*slide
                && (caps.closed(Gender::Female) != [false, false] || first.length > 3.0)
            {
                Some(ConnectorKind::Socket)
            } else if has(SectionShape::Round, 6.0) {
                Some(ConnectorKind::PinHole)
            } else if has(SectionShape::Round, 4.0) {
                Some(ConnectorKind::BarHole)
            } else {
                None
            }
        }
    }
}

/// Whether two connectors of one kind are the same for a builder: the same mouth and way for studs and sockets, the same
/// line and a common stretch for the rest.
fn agree(kind: ConnectorKind, a: &Connector, b: &Connector) -> bool {
    let offset = b.middle() - a.middle();
    let along = a.direction().dot(b.direction());
    match kind {
        ConnectorKind::Stud => a.origin().distance(b.origin()) < 1.0 && along > 0.99,
        ConnectorKind::Socket => {
            let ((at, way), (other_at, other_way)) = (mouth(a), mouth(b));
            at.distance(other_at) < 1.0 && way.dot(other_way) > 0.99
        }
        ConnectorKind::Ball => a.origin().distance(b.origin()) < 1.5,
        _ => {
            let across = across_axis(offset, a.direction());
            let half = |c: &Connector| (c.extent()[1] - c.extent()[0]) * 0.5;
            along.abs() > 0.99 && across < 1.0 && offset.length() < half(a) + half(b) + 1.0
        }
    }
}

/// The open end of a socket and the way in; one may be told from its mouth or from its bottom.
fn mouth(socket: &Connector) -> (Vec3, Vec3) {
    let from_bottom = match &socket.shape {
        ConnectorShape::Cylinder { caps, .. } => caps.closed(Gender::Female) == [true, false],
        _ => false,
    };
    let [start, end] = socket.extent();
    let (at, way) = if from_bottom { (end, -socket.direction()) } else { (start, socket.direction()) };
    (socket.origin() + socket.direction() * at, way)
}

impl ConnectorKind {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Stud,
        Self::Socket,
        Self::PinHole,
        Self::AxleHole,
        Self::Pin,
        Self::Axle,
        Self::Bar,
        Self::BarHole,
        Self::Clip,
        Self::Fingers,
        Self::Ball,
    ];
    /// Holes and what goes into them: all but studs, sockets, hinge fingers and balls.
    pub const HOLES: &'static [Self] = Self::ALL.split_at(2).1.split_at(7).0;
}

/// How many connectors of a kind there are.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// By the shadow library.
    pub told: usize,
    /// Of these by us.
    pub found: usize,
    /// By us alone, without those in `of_studs`.
    pub extra: usize,
    /// By us alone: bores of hollow studs and pins of undersides, which the shadow library tells of for most parts and
    /// leaves out for some.
    pub of_studs: usize,
}

impl Count {
    fn and(self, other: Self) -> Self {
        Self {
            told: self.told + other.told,
            found: self.found + other.found,
            extra: self.extra + other.extra,
            of_studs: self.of_studs + other.of_studs,
        }
    }
}

/// What a comparison over some parts found.
#[derive(Clone, Debug, Default)]
pub struct Agreement {
    /// How many parts the shadow library tells of.
    pub known: usize,
    /// Of how many.
    pub parts: usize,
    /// By kind.
    pub counts: BTreeMap<ConnectorKind, Count>,
    /// A line for each part that differs.
    pub differing: Vec<String>,
}

impl Agreement {
    /// Compares the parts of a library (by number) that a shadow library knows.
    pub fn of(library: &Library, shadow: &ShadowLibrary, parts: &[&str]) -> Self {
        let compared: Vec<_> = parts.par_iter().map(|part| compare(library, shadow, part)).collect();
        let mut agreement = Self { parts: parts.len(), ..Self::default() };
        for (counts, line) in compared.into_iter().flatten() {
            agreement.known += 1;
            agreement.differing.extend(line);
            for (kind, count) in counts {
                let sum = agreement.counts.entry(kind).or_default();
                *sum = sum.and(count);
            }
        }
        agreement
    }

    /// Some kinds together.
    pub fn sum(&self, kinds: &[ConnectorKind]) -> Count {
        kinds.iter().filter_map(|kind| self.counts.get(kind)).fold(Count::default(), |sum, count| sum.and(*count))
    }
}

impl fmt::Display for Agreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} of {} parts are in the shadow library", self.known, self.parts)?;
        writeln!(f, "kind                told  found      %  extra      %  of studs")?;
        let row = |f: &mut fmt::Formatter<'_>, name: &str, count: Count| {
            let Count { told, found, extra, of_studs } = count;
            let share = |count: usize| count as f32 * 100.0 / told.max(1) as f32;
            let (found_share, extra_share) = (share(found), share(extra));
            writeln!(f, "{name:18} {told:5}  {found:5}  {found_share:5.1}  {extra:5}  {extra_share:5.1}  {of_studs:5}")
        };
        for (kind, counts) in &self.counts {
            row(f, &format!("{kind:?}"), *counts)?;
        }
        row(f, "studs, sockets", self.sum(&[ConnectorKind::Stud, ConnectorKind::Socket]))?;
        row(f, "holes, bars, clips", self.sum(ConnectorKind::HOLES))?;
        writeln!(f, "parts that differ:")?;
        self.differing.iter().try_for_each(|line| writeln!(f, "  {line}"))
    }
}

type Compared = (Vec<(ConnectorKind, Count)>, Option<String>);

fn compare(library: &Library, shadow: &ShadowLibrary, part: &str) -> Option<Compared> {
    let name = format!("{part}.dat");
    let mesh = library.mesh(part)?;
    let told = shadow.connectors(library as &dyn FileSource, &name)?;
    let derived = connectors_from_files(library, &name, &mesh);
    let (mut counts, mut words) = (Vec::new(), Vec::new());
    for now in ConnectorKind::ALL {
        let of_kind =
            |list: &[Connector]| -> Vec<Connector> { list.iter().filter(|c| kind(c) == Some(now)).cloned().collect() };
        let (told_now, derived_now) = (of_kind(&told), of_kind(&derived));
        // What one side has as a connector of its own may be a stretch of a longer one on the other side.
        let has = |all: &[Connector], of_kind: &[Connector], wanted: &Connector| {
            of_kind.iter().any(|c| agree(now, c, wanted)) || all.iter().any(|c| is_stretch_of(now, wanted, c))
        };
        let missing: Vec<&Connector> = told_now.iter().filter(|t| !has(&derived, &derived_now, t)).collect();
        let extra: Vec<&Connector> =
            derived_now.iter().filter(|d| !has(&told, &told_now, d) && !is_in_tube(now, d, &derived_now)).collect();
        if !(told_now.is_empty() && extra.is_empty()) {
            let of_studs = extra.iter().filter(|c| is_of_stud(now, c, &mesh)).count();
            let (told, found) = (told_now.len(), told_now.len() - missing.len());
            counts.push((now, Count { told, found, extra: extra.len() - of_studs, of_studs }));
        }
        if !(missing.is_empty() && extra.is_empty()) {
            let list = |some: &[&Connector]| {
                let place = |c: &&Connector| format!("{:.0}→{:.0}", c.origin(), c.direction());
                some.iter().take(3).map(place).collect::<Vec<_>>().join(" ")
            };
            let (less, more) = (missing.len(), extra.len());
            words.push(format!("{now:?} −{less} {} +{more} {}", list(&missing), list(&extra)));
        }
    }
    Some((counts, (!words.is_empty()).then(|| format!("{part}: {}", words.join("; ")))))
}

/// Whether a hole is a stretch of a longer connector of another kind, as wide and on the same line: the bore of a hollow
/// stud that a socket below goes on into.
fn is_stretch_of(kind: ConnectorKind, hole: &Connector, longer: &Connector) -> bool {
    use ConnectorKind::{BarHole, PinHole, Socket};
    let (ConnectorShape::Cylinder { sections, .. }, ConnectorShape::Cylinder { sections: all, .. }) =
        (&hole.shape, &longer.shape)
    else {
        return false;
    };
    let as_wide = |s: &Section| all.iter().any(|t| t.shape != SectionShape::Axle && (s.radius - t.radius).abs() < 0.5);
    matches!(kind, BarHole | PinHole | Socket)
        && longer.gender == Gender::Female
        && sections.iter().any(as_wide)
        && agree(BarHole, hole, longer)
}

/// Whether a bore or a bar belongs to a hollow stud or an underside's pin.
fn is_of_stud(kind: ConnectorKind, connector: &Connector, mesh: &Mesh) -> bool {
    let wanted = match kind {
        ConnectorKind::BarHole => StudKind::OpenStud,
        ConnectorKind::Bar => StudKind::Tube,
        _ => return false,
    };
    mesh.studs.iter().any(|stud| {
        let offset = connector.origin() - Vec3::from(stud.transform.translation);
        stud.kind == wanted
            && across_axis(offset, connector.direction()) < 0.5
            && offset.dot(connector.direction()).abs() < super::STUD_HEIGHT + 3.0
    })
}

/// A tube between four sockets takes a stud as well; the shadow library leaves that out.
fn is_in_tube(kind: ConnectorKind, connector: &Connector, all: &[Connector]) -> bool {
    let from = connector.origin();
    let beside = |other: &&Connector| (other.origin().distance(from) - 14.142).abs() < 0.5;
    kind == ConnectorKind::Socket && all.iter().filter(beside).count() >= 2
}
