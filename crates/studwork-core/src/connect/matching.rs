//! Which connectors fit each other, and what the joint leaves free.
//!
//! Two cylinders fit when their axes lie on one line, nothing wider goes where it is narrow, no closed end is passed,
//! and somewhere the outlines are as wide as each other. Clips, fingers, balls and generic shapes have rules of their own.

use super::{Caps, Connector, ConnectorShape, Gender, GenericBounds, PartBody, Section, SectionShape, tires::TIRE};
use glam::{Affine3A, Vec3};

/// How far apart two connectors may be and still hold, LDU.
pub const POSITION_TOLERANCE: f32 = 1.0;
/// How far (cosine of the angle, 3°) two axes may be turned away from each other and still hold.
const AXIS_COSINE: f32 = 0.99863;
/// How much wider than its hole a thing may be, LDU.
const RADIUS_TOLERANCE: f32 = 0.6;
/// How long the gripping stretch must be at least, LDU.
const LEAST_GRIP: f32 = 0.9;

/// What a joint leaves free.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Freedom {
    /// Nothing.
    Fixed,
    /// Moves along its axis.
    Slides,
    /// Turns about its axis.
    Turns,
    /// Both.
    TurnsAndSlides,
    /// Turns any way about its center.
    Ball,
}

/// Two connectors that hold each other.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Joint {
    /// Index of the first part's connector.
    pub a: u32,
    /// Index of the second part's connector.
    pub b: u32,
    /// What it leaves free, taken alone.
    pub freedom: Freedom,
    /// A point on its axis, or its center, in the first part, LDU.
    pub center: Vec3,
    /// Unit direction of its axis in the first part.
    pub axis: Vec3,
    /// Half its length along the axis, LDU.
    pub half_length: f32,
    /// How wide it is, LDU.
    pub radius: f32,
    /// How far the two are from fitting exactly, LDU.
    pub error: f32,
}

impl Joint {
    /// Whether the joint itself explains that both parts claim a point (in the first part, LDU).
    pub fn makes_room_at(&self, point: Vec3) -> bool {
        let from_center = point - self.center;
        let along = from_center.dot(self.axis);
        let across = (from_center - self.axis * along).length();
        along.abs() <= self.half_length + 2.0 && across <= self.radius + 2.0
    }
}

/// All joints between two parts; `b_to_a` takes the second part's space to the first's. Ordered by connector.
pub fn joints_between(a: &PartBody, b: &PartBody, b_to_a: &Affine3A) -> Vec<Joint> {
    let mut joints = Vec::new();
    if a.connectors().len() <= b.connectors().len() {
        let a_to_b = b_to_a.inverse();
        pairs_near(a, b, &a_to_b, &mut |i, moved, j, other| {
            if let Some(joint) = joint_of(moved, other) {
                joints.push(Joint {
                    a: i,
                    b: j,
                    center: b_to_a.transform_point3(joint.center),
                    axis: b_to_a.transform_vector3(joint.axis).normalize_or(joint.axis),
                    ..joint
                });
            }
        });
    } else {
        pairs_near(b, a, b_to_a, &mut |j, moved, i, other| {
            if let Some(joint) = joint_of(other, moved) {
                joints.push(Joint { a: i, b: j, ..joint });
            }
        });
    }
    joints.sort_by_key(|joint| (joint.a, joint.b));
    joints
}

/// Calls `f` with each connector of `few`, moved into the space of `many`, and each connector there that it might hold.
fn pairs_near(
    few: &PartBody,
    many: &PartBody,
    few_to_many: &Affine3A,
    f: &mut dyn FnMut(u32, &Connector, u32, &Connector),
) {
    let reach = POSITION_TOLERANCE + 1.0;
    let within = many.connector_bounds();
    for (i, connector) in few.connectors().iter().enumerate() {
        let half = length_of(connector) * 0.5;
        let middle = few_to_many.transform_point3(connector.middle());
        if !within.grown(half + reach).contains(middle) {
            continue;
        }
        // Most connectors have nothing near: only what has is moved.
        let mut moved = None::<Connector>;
        many.connectors_near(middle, half + reach, &mut |j, other| {
            if may_hold(connector, other) {
                let moved = moved.get_or_insert_with(|| connector.transformed(few_to_many));
                f(i as u32, moved, j as u32, other);
            }
        });
    }
}

fn length_of(connector: &Connector) -> f32 {
    let [start, end] = connector.extent();
    end - start
}

/// The joint of two connectors in the same space, if they fit. Its indices are 0.
pub fn joint_of(one: &Connector, other: &Connector) -> Option<Joint> {
    if !may_hold(one, other) {
        return None;
    }
    let (male, female) = if one.gender == Gender::Male { (one, other) } else { (other, one) };
    use ConnectorShape as Shape;
    match (&male.shape, &female.shape) {
        (
            Shape::Cylinder { sections: inner, caps: inner_caps, slide: inner_slide, .. },
            Shape::Cylinder { sections: outer, caps: outer_caps, slide: outer_slide, .. },
        ) => cylinders(
            (male, &Bore { sections: inner, caps: *inner_caps }),
            (female, &Bore { sections: outer, caps: *outer_caps }),
            *inner_slide || *outer_slide,
        ),
        (Shape::Cylinder { sections, caps, slide: bar_slides, .. }, Shape::Clip { radius, slide, .. }) => {
            // What a bar for clips stands on may reach into the clip; a hub comes to rest on what its pin stands on.
            let caps = if *bar_slides { Caps::None } else { *caps };
            clip((male, &Bore { sections, caps }), female, *radius, *slide)
        }
        (Shape::Fingers { widths: a, radius: x, .. }, Shape::Fingers { widths: b, radius: y, .. }) => {
            fingers((male, a), (female, b), x.max(*y))
        }
        (Shape::Sphere { radius: ball }, Shape::Sphere { radius: cup }) => sphere(male, female, *ball, *cup),
        (Shape::Generic(GenericBounds::Cylinder(rim, _)), Shape::Generic(GenericBounds::Cylinder(bore, length))) => {
            seat((male, *rim), (female, *bore, *length))
        }
        (Shape::Generic(a), Shape::Generic(b)) if a == b => generic(male, female),
        _ => None,
    }
}

/// Whether gender and group allow two connectors to hold each other. Fingers say themselves where they are solid.
pub(super) fn may_hold(a: &Connector, b: &Connector) -> bool {
    let fingers = |c: &Connector| matches!(c.shape, ConnectorShape::Fingers { .. });
    a.group == b.group && (a.gender != b.gender || (fingers(a) && fingers(b)))
}

struct Bore<'a> {
    sections: &'a [Section],
    caps: Caps,
}

/// A section's place along the female's direction, LDU.
struct Stretch {
    start: f32,
    end: f32,
    section: Section,
}

fn stretches(sections: &[Section], start: f32, reversed: bool) -> Vec<Stretch> {
    let mut at = start;
    sections
        .iter()
        .map(|section| {
            let next = if reversed { at - section.length } else { at + section.length };
            let stretch = Stretch { start: at.min(next), end: at.max(next), section: *section };
            at = next;
            stretch
        })
        .collect()
}

fn cylinders(
    (male, inner): (&Connector, &Bore<'_>),
    (female, outer): (&Connector, &Bore<'_>),
    slide: bool,
) -> Option<Joint> {
    let axis = female.direction();
    let cosine = axis.dot(male.direction());
    if cosine.abs() < AXIS_COSINE {
        return None;
    }
    let across = across_axis(male.middle() - female.middle(), axis);
    if across > POSITION_TOLERANCE {
        return None;
    }
    let reversed = cosine < 0.0;
    let offset = (male.origin() - female.origin()).dot(axis);
    let [male_start, male_end] = male.extent();
    let [female_start, female_end] = female.extent();
    let (low, high) =
        if reversed { (offset - male_end, offset - male_start) } else { (offset + male_start, offset + male_end) };
    let shared = [low.max(female_start), high.min(female_end)];
    if shared[1] - shared[0] < LEAST_GRIP {
        return None;
    }

    // No closed end is passed: not the bottom of the hole, not the plane that the male stands on.
    let mut male_closed = inner.caps.closed(Gender::Male);
    if reversed {
        male_closed.reverse();
    }
    let female_closed = outer.caps.closed(Gender::Female);
    let passed = (male_closed[0] && female_start < low - POSITION_TOLERANCE)
        || (male_closed[1] && female_end > high + POSITION_TOLERANCE)
        || (female_closed[0] && low < female_start - POSITION_TOLERANCE)
        || (female_closed[1] && high > female_end + POSITION_TOLERANCE);
    if passed {
        return None;
    }

    let mut grip = 0.0;
    let mut keyed = false;
    let mut radius = 0.0_f32;
    let outer_stretches = stretches(outer.sections, female_start, false);
    for thing in stretches(inner.sections, if reversed { offset - male_start } else { offset + male_start }, reversed) {
        for hole in &outer_stretches {
            let length = thing.end.min(hole.end) - thing.start.max(hole.start);
            if length <= 0.05 {
                continue;
            }
            match fit(thing.section, hole.section) {
                Fit::Grips => {
                    grip += length;
                    keyed |= is_keyed(thing.section.shape, hole.section.shape);
                    radius = radius.max(thing.section.radius);
                }
                Fit::Loose => radius = radius.max(thing.section.radius),
                // A wide collar may reach a little into the rim it rests on.
                Fit::Blocked if length <= POSITION_TOLERANCE => {}
                Fit::Blocked => return None,
            }
        }
    }
    if grip < LEAST_GRIP {
        return None;
    }
    // Without sliding the male stands flush with the mouth.
    let mut along = 0.0;
    if !slide {
        along = if reversed {
            (high - female_end).abs().min((low - female_start).abs())
        } else {
            (low - female_start).abs()
        };
        if along > POSITION_TOLERANCE {
            return None;
        }
    }
    let slides = slide && !(male_closed[0] || male_closed[1]);
    let freedom = match (keyed, slides) {
        (true, true) => Freedom::Slides,
        (true, false) => Freedom::Fixed,
        (false, true) => Freedom::TurnsAndSlides,
        (false, false) => Freedom::Turns,
    };
    Some(Joint {
        a: 0,
        b: 0,
        freedom,
        center: female.origin() + axis * ((shared[0] + shared[1]) * 0.5),
        axis,
        half_length: (shared[1] - shared[0]) * 0.5,
        radius,
        error: across + along,
    })
}

enum Fit {
    Grips,
    Loose,
    Blocked,
}

fn fit(thing: Section, hole: Section) -> Fit {
    use SectionShape as S;
    if matches!(thing.shape, S::FlexNext | S::FlexPrevious) || matches!(hole.shape, S::FlexNext | S::FlexPrevious) {
        return Fit::Loose;
    }
    let wide = thing.radius - hole.radius;
    match (thing.shape, hole.shape) {
        // A cross leaves a round core of about a third of its radius open.
        (S::Round, S::Axle) if wide > -4.0 => Fit::Blocked,
        (S::Round, S::Axle) => Fit::Loose,
        (S::Square, S::Round) if thing.radius * 1.4 > hole.radius + RADIUS_TOLERANCE => Fit::Blocked,
        (S::Square, S::Axle) => Fit::Blocked,
        _ if wide > RADIUS_TOLERANCE => Fit::Blocked,
        _ if wide < -RADIUS_TOLERANCE => Fit::Loose,
        _ => Fit::Grips,
    }
}

/// Whether an outline in another cannot turn.
fn is_keyed(thing: SectionShape, hole: SectionShape) -> bool {
    matches!((thing, hole), (SectionShape::Axle, SectionShape::Axle) | (SectionShape::Square, SectionShape::Square))
}

/// How far an offset leads away from an axis (a unit direction), LDU.
pub(super) fn across_axis(offset: Vec3, axis: Vec3) -> f32 {
    (offset - axis * offset.dot(axis)).length()
}

fn clip((bar, outline): (&Connector, &Bore<'_>), clip: &Connector, radius: f32, slide: bool) -> Option<Joint> {
    let axis = clip.direction();
    let cosine = axis.dot(bar.direction());
    let across = across_axis(bar.origin() - clip.middle(), axis);
    if cosine.abs() < AXIS_COSINE || across > POSITION_TOLERANCE {
        return None;
    }
    let half = length_of(clip) * 0.5;
    let reversed = cosine < 0.0;
    let offset = (bar.origin() - clip.middle()).dot(axis);
    let sign = if reversed { -1.0 } else { 1.0 };
    let [start, end] = bar.extent().map(|along| offset + sign * along);
    let [base, tip] = outline.caps.closed(Gender::Male);
    let passed = |closed: bool, along: f32, inward: f32| if closed { (along * inward + half).max(0.0) } else { 0.0 };
    let passed = passed(base, start, sign).max(passed(tip, end, -sign));
    if passed > POSITION_TOLERANCE {
        return None;
    }
    let stretches = stretches(outline.sections, start, reversed);
    let shared = [start.min(end).max(-half), start.max(end).min(half)];
    let grip: f32 = stretches
        .iter()
        .filter(|s| s.section.shape == SectionShape::Round && (s.section.radius - radius).abs() <= RADIUS_TOLERANCE)
        .map(|s| (s.end.min(half) - s.start.max(-half)).max(0.0))
        .sum();
    (grip >= half.min(LEAST_GRIP * 2.0)).then(|| Joint {
        a: 0,
        b: 0,
        freedom: if slide && !(base || tip) { Freedom::TurnsAndSlides } else { Freedom::Turns },
        center: clip.middle() + axis * ((shared[0] + shared[1]) * 0.5),
        axis,
        half_length: (shared[1] - shared[0]) * 0.5,
        radius: radius + 2.0,
        error: across + passed,
    })
}

/// Fingers hold each other when none is where another is and at least one fills a gap of the other side.
fn fingers(
    (one, widths): (&Connector, &[f32]),
    (other, other_widths): (&Connector, &[f32]),
    radius: f32,
) -> Option<Joint> {
    let axis = other.direction();
    let cosine = axis.dot(one.direction());
    let offset = one.middle() - other.middle();
    let (along, across) = (offset.dot(axis), across_axis(offset, axis));
    if cosine.abs() < AXIS_COSINE || across > POSITION_TOLERANCE {
        return None;
    }
    let a = finger_stretches(one.gender, widths, along, cosine < 0.0);
    let b = finger_stretches(other.gender, other_widths, 0.0, false);
    let shared = |x: &[f32; 2], y: &[f32; 2]| x[1].min(y[1]) - x[0].max(y[0]);
    let solid = |all: &[([f32; 2], bool)], wanted: bool| -> Vec<[f32; 2]> {
        all.iter().filter(|(_, solid)| *solid == wanted).map(|(stretch, _)| *stretch).collect()
    };
    let clash = solid(&a, true).iter().any(|x| solid(&b, true).iter().any(|y| shared(x, y) > POSITION_TOLERANCE));
    let fills = |fingers: &[[f32; 2]], gaps: &[[f32; 2]]| {
        fingers
            .iter()
            .any(|finger| gaps.iter().any(|gap| shared(finger, gap) >= finger[1] - finger[0] - POSITION_TOLERANCE))
    };
    let filled = fills(&solid(&a, true), &solid(&b, false)) || fills(&solid(&b, true), &solid(&a, false));
    (filled && !clash).then(|| Joint {
        a: 0,
        b: 0,
        freedom: Freedom::Turns,
        center: other.middle(),
        axis,
        half_length: length_of(one).max(length_of(other)) * 0.5,
        radius,
        error: across + along.abs(),
    })
}

/// The stretches of a row of fingers along an axis, its middle at `middle`, and whether they are solid.
fn finger_stretches(gender: Gender, widths: &[f32], middle: f32, reversed: bool) -> Vec<([f32; 2], bool)> {
    let sign = if reversed { -1.0 } else { 1.0 };
    let mut at = -widths.iter().sum::<f32>() * 0.5;
    widths
        .iter()
        .enumerate()
        .map(|(i, width)| {
            let (from, to) = (middle + sign * at, middle + sign * (at + width));
            at += width;
            ([from.min(to), from.max(to)], (i % 2 == 0) == (gender == Gender::Male))
        })
        .collect()
}

fn sphere(ball: &Connector, cup: &Connector, ball_radius: f32, cup_radius: f32) -> Option<Joint> {
    let error = ball.origin().distance(cup.origin());
    ((ball_radius - cup_radius).abs() <= RADIUS_TOLERANCE && error <= POSITION_TOLERANCE).then(|| Joint {
        a: 0,
        b: 0,
        freedom: Freedom::Ball,
        center: cup.origin(),
        axis: cup.direction(),
        half_length: cup_radius,
        radius: cup_radius,
        error,
    })
}

fn generic(male: &Connector, female: &Connector) -> Option<Joint> {
    let error = male.origin().distance(female.origin());
    let (m, f) = (male.frame.matrix3, female.frame.matrix3);
    let aligned = m.y_axis.dot(f.y_axis) >= AXIS_COSINE && m.x_axis.dot(f.x_axis) >= AXIS_COSINE;
    (error <= POSITION_TOLERANCE && aligned && male.group.is_some()).then(|| Joint {
        a: 0,
        b: 0,
        freedom: Freedom::Fixed,
        center: female.origin(),
        axis: female.direction(),
        half_length: 8.0,
        radius: 8.0,
        error,
    })
}

/// How far along the axis a tire may sit from the middle of its rim, LDU.
const SEAT_TOLERANCE: f32 = 3.0;

/// A tire on its rim: the flanges reach into the bore's rubber. Groups that a shadow library made say themselves what fits.
fn seat((rim, flange): (&Connector, f32), (tire, bore, length): (&Connector, f32, f32)) -> Option<Joint> {
    let axis = tire.direction();
    let offset = rim.origin() - tire.origin();
    let (along, across) = (offset.dot(axis).abs(), across_axis(offset, axis));
    let fits = rim.group.as_deref() != Some(TIRE) || (bore - 1.0..=bore * 1.7).contains(&flange);
    let sits =
        axis.dot(rim.direction()).abs() >= AXIS_COSINE && across <= POSITION_TOLERANCE && along <= SEAT_TOLERANCE;
    (fits && sits && rim.group.is_some()).then(|| Joint {
        a: 0,
        b: 0,
        freedom: Freedom::Fixed,
        center: tire.origin(),
        axis,
        half_length: length * 0.5,
        radius: flange.max(bore),
        error: across + along,
    })
}
