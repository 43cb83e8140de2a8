//! Connectors: where a part grips another, in LDCad's vocabulary.
//!
//! A connector is a shape with a gender in the part's own frame (LDU, LDraw axes). It knows nothing of pieces or
//! designs; what fits what is said in `matching`.

use glam::{Affine3A, Mat3, Vec3};
use std::sync::Arc;

/// Which half of a joint a connector is.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Gender {
    /// Goes in: stud, pin, axle, bar, ball.
    Male,
    /// Takes in: socket, hole, clip, cup.
    Female,
}

/// The outline of a [`Section`].
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum SectionShape {
    /// A circle.
    Round,
    /// The cross of a Technic axle; the radius is that of the circle around it.
    Axle,
    /// A square; the radius is half a side. A round connector of the same radius fits in.
    Square,
    /// Flexible: takes the radius it needs, going out from the section before it (LDCad `_L`), as the lip of a pin does.
    FlexPrevious,
    /// Flexible, leading up to the section after it (LDCad `L_`).
    FlexNext,
}

/// A stretch of a cylinder with one outline.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Section {
    /// Its outline.
    pub shape: SectionShape,
    /// LDU.
    pub radius: f32,
    /// Along the axis, LDU.
    pub length: f32,
}

impl Section {
    /// A section from its outline, radius and length (LDU).
    pub const fn new(shape: SectionShape, radius: f32, length: f32) -> Self {
        Self { shape, radius, length }
    }
}

/// Which ends of a cylinder are closed. A runs first, at the frame's origin; B last.
///
/// A closed end of a male cylinder is where it grows out of its part; of a female one, where the hole stops.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Caps {
    /// Both ends open.
    None,
    /// One end closed: the first of a male, the last of a female cylinder.
    One,
    /// Both closed.
    Two,
    /// Only the first.
    A,
    /// Only the last.
    B,
}

impl Caps {
    /// Whether the first and the last end are closed.
    pub fn closed(self, gender: Gender) -> [bool; 2] {
        match (self, gender) {
            (Self::None, _) => [false, false],
            (Self::One, Gender::Male) | (Self::A, _) => [true, false],
            (Self::One, Gender::Female) | (Self::B, _) => [false, true],
            (Self::Two, _) => [true, true],
        }
    }
}

/// The bounding shape that a generic connector is matched by.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum GenericBounds {
    /// Only the origin.
    Point,
    /// Half sizes, LDU.
    Box(Vec3),
    /// Half width and height, LDU.
    Cube(f32),
    /// Radius and length, LDU.
    Cylinder(f32, f32),
    /// Radius, LDU.
    Sphere(f32),
}

/// The shape of a connector; the axis is the frame's Y.
///
/// Cylinders start at the frame's origin and run along −Y of the frame (as a stud rises from its base), unless
/// centered.
#[derive(Clone, Debug, PartialEq)]
pub enum ConnectorShape {
    /// Studs, sockets, pins, holes, axles, bars.
    Cylinder {
        /// From the origin on.
        sections: Arc<[Section]>,
        /// Which ends are closed.
        caps: Caps,
        /// Whether a partner may stop anywhere along the axis.
        slide: bool,
        /// Whether the origin is the middle rather than the start.
        centered: bool,
    },
    /// A clip around a bar.
    Clip {
        /// Of the bar it takes, LDU.
        radius: f32,
        /// Along the bar, LDU.
        length: f32,
        /// Whether the bar may slide in it.
        slide: bool,
        /// Whether the origin is the middle rather than the start.
        centered: bool,
    },
    /// Interleaved hinge fingers.
    Fingers {
        /// Widths along the axis, LDU; the first belongs to this part if male, to the other if female, then by turns.
        widths: Arc<[f32]>,
        /// Of the fingers, LDU.
        radius: f32,
        /// Whether the origin is the middle rather than the start.
        centered: bool,
    },
    /// Anything else: fits its opposite of the same group at the same frame.
    Generic(GenericBounds),
    /// A ball or its cup.
    Sphere {
        /// LDU.
        radius: f32,
    },
}

/// Where a part grips another.
#[derive(Clone, Debug, PartialEq)]
pub struct Connector {
    /// What it looks like.
    pub shape: ConnectorShape,
    /// Which half of the joint.
    pub gender: Gender,
    /// Where in the part: origin in LDU, orthonormal axes.
    pub frame: Affine3A,
    /// Only connectors of the same group fit each other.
    pub group: Option<Arc<str>>,
}

/// The radius of a stud, LDU.
pub const STUD_RADIUS: f32 = 6.0;
/// The height of a stud, LDU.
pub const STUD_HEIGHT: f32 = 4.0;
/// The radius of a bar (and of what a hollow stud takes), LDU.
pub const BAR_RADIUS: f32 = 4.0;

impl Connector {
    /// A cylinder with one section that starts at `frame`'s origin and runs along its −Y.
    pub fn cylinder(gender: Gender, frame: Affine3A, section: Section, caps: Caps, slide: bool) -> Self {
        Self {
            shape: ConnectorShape::Cylinder { sections: Arc::new([section]), caps, slide, centered: false },
            gender,
            frame,
            group: None,
        }
    }

    /// A stud that rises along −Y of `frame` from its origin.
    pub fn stud(frame: Affine3A) -> Self {
        Self::cylinder(
            Gender::Male,
            frame,
            Section::new(SectionShape::Round, STUD_RADIUS, STUD_HEIGHT),
            Caps::One,
            false,
        )
    }

    /// The socket for one stud; the stud comes in along −Y of `frame`, its base at the origin (the underside's plane).
    pub fn socket(frame: Affine3A) -> Self {
        Self::cylinder(
            Gender::Female,
            frame,
            Section::new(SectionShape::Round, STUD_RADIUS, STUD_HEIGHT),
            Caps::One,
            false,
        )
    }

    /// A stud standing upright (along −Y) with its base at a point in the part, LDU.
    pub fn stud_at(base: Vec3) -> Self {
        Self::stud(Affine3A::from_translation(base))
    }

    /// A socket that opens downward (+Y) at a point of the underside's plane, LDU.
    pub fn socket_at(base: Vec3) -> Self {
        Self::socket(Affine3A::from_translation(base))
    }

    /// The bore of a hollow stud (a bar of radius 4 fits), which starts at the stud's base and runs along −Y of `frame`.
    pub fn stud_bore(frame: Affine3A) -> Self {
        Self::cylinder(
            Gender::Female,
            frame,
            Section::new(SectionShape::Round, BAR_RADIUS, STUD_HEIGHT),
            Caps::None,
            true,
        )
    }

    /// A bar of radius 4 and some length (LDU) from `frame`'s origin along its −Y.
    pub fn bar(frame: Affine3A, length: f32) -> Self {
        Self::cylinder(Gender::Male, frame, Section::new(SectionShape::Round, BAR_RADIUS, length), Caps::None, true)
    }

    /// A clip for a bar along Y of `frame`, its middle at the origin; `length` along the bar, LDU.
    pub fn clip(frame: Affine3A, length: f32) -> Self {
        Self {
            shape: ConnectorShape::Clip { radius: BAR_RADIUS, length, slide: true, centered: true },
            gender: Gender::Female,
            frame,
            group: None,
        }
    }

    /// A through hole for pins, `length` long (20 in a beam) with its middle at `frame`'s origin, along its Y.
    pub fn pin_hole(frame: Affine3A, length: f32) -> Self {
        let rim = Section::new(SectionShape::Round, 8.0, 2.0);
        let bore = Section::new(SectionShape::Round, 6.0, (length - 4.0).max(1.0));
        Self {
            shape: ConnectorShape::Cylinder {
                sections: Arc::new([rim, bore, rim]),
                caps: Caps::None,
                slide: true,
                centered: true,
            },
            gender: Gender::Female,
            frame,
            group: None,
        }
    }

    /// One half of a pin that starts at `frame`'s origin (the collar's middle) and runs along its −Y: collar, shaft, lip.
    pub fn pin_half(frame: Affine3A) -> Self {
        Self::standing(
            frame,
            &[
                Section::new(SectionShape::Round, 8.0, 2.0),
                Section::new(SectionShape::Round, 6.0, 16.0),
                Section::new(SectionShape::FlexPrevious, 6.5, 2.0),
            ],
        )
    }

    /// The pin of a wheel holder, which a hub turns on: it rises along −Y of `frame` from its origin, where the hub comes to rest.
    pub fn wheel_pin(frame: Affine3A) -> Self {
        Self::standing(
            frame,
            &[Section::new(SectionShape::Round, BAR_RADIUS, 11.0), Section::new(SectionShape::FlexPrevious, 4.25, 1.0)],
        )
    }

    /// A male cylinder that stands on something with its base at `frame`'s origin, along its −Y.
    fn standing(frame: Affine3A, sections: &[Section]) -> Self {
        Self {
            shape: ConnectorShape::Cylinder {
                sections: sections.into(),
                caps: Caps::One,
                slide: false,
                centered: false,
            },
            gender: Gender::Male,
            frame,
            group: None,
        }
    }

    /// A through hole for axles, `length` long with its middle at `frame`'s origin, along its Y.
    pub fn axle_hole(frame: Affine3A, length: f32) -> Self {
        Self::centered(Gender::Female, frame, Section::new(SectionShape::Axle, 6.0, length))
    }

    /// An axle, `length` long (LDU) with its middle at `frame`'s origin, along its Y.
    pub fn axle(frame: Affine3A, length: f32) -> Self {
        Self::centered(Gender::Male, frame, Section::new(SectionShape::Axle, 6.0, length))
    }

    fn centered(gender: Gender, frame: Affine3A, section: Section) -> Self {
        Self {
            shape: ConnectorShape::Cylinder {
                sections: Arc::new([section]),
                caps: Caps::None,
                slide: true,
                centered: true,
            },
            gender,
            frame,
            group: None,
        }
    }

    /// Hinge fingers along Y of `frame`, their middle at the origin; `widths` by turns (see [`ConnectorShape::Fingers`]).
    pub fn fingers(gender: Gender, frame: Affine3A, widths: &[f32], radius: f32) -> Self {
        Self {
            shape: ConnectorShape::Fingers { widths: widths.into(), radius, centered: true },
            gender,
            frame,
            group: None,
        }
    }

    /// A ball (male) or its cup (female) around `frame`'s origin; radius in LDU.
    pub fn sphere(gender: Gender, frame: Affine3A, radius: f32) -> Self {
        Self { shape: ConnectorShape::Sphere { radius }, gender, frame, group: None }
    }

    /// One half of a joint that only fits its opposite of the same group, frame on frame, and holds fast.
    pub fn fast(gender: Gender, frame: Affine3A) -> Self {
        Self { shape: ConnectorShape::Generic(GenericBounds::Point), gender, frame, group: None }
    }

    /// This connector with its part moved by `transform` (a rotation or reflection and an offset).
    #[must_use]
    pub fn transformed(&self, transform: &Affine3A) -> Self {
        Self { frame: *transform * self.frame, ..self.clone() }
    }

    /// Its origin in the part, LDU.
    pub fn origin(&self) -> Vec3 {
        self.frame.translation.into()
    }

    /// The unit direction its cylinder runs in (−Y of the frame), in the part.
    pub fn direction(&self) -> Vec3 {
        -Vec3::from(self.frame.matrix3.y_axis).normalize_or(Vec3::Y)
    }

    /// The stretch along [`Connector::direction`] that it takes up, from the origin, LDU.
    pub fn extent(&self) -> [f32; 2] {
        let (length, centered) = match &self.shape {
            ConnectorShape::Cylinder { sections, centered, .. } => (sections.iter().map(|s| s.length).sum(), *centered),
            ConnectorShape::Clip { length, centered, .. } => (*length, *centered),
            ConnectorShape::Fingers { widths, centered, .. } => (widths.iter().sum(), *centered),
            ConnectorShape::Generic(_) => (0.0, true),
            ConnectorShape::Sphere { .. } => (0.0, true),
        };
        if centered { [-length * 0.5, length * 0.5] } else { [0.0, length] }
    }

    /// The point half way along it, in the part, LDU.
    pub fn middle(&self) -> Vec3 {
        let [start, end] = self.extent();
        self.origin() + self.direction() * ((start + end) * 0.5)
    }

    /// Whether it is a stud: a closed male cylinder as wide and about as high as one.
    pub fn is_stud(&self) -> bool {
        self.gender == Gender::Male && self.is_stud_sized()
    }

    /// Whether it is a socket for a stud: a female cylinder, closed at the far end, as wide as a stud.
    pub fn is_socket(&self) -> bool {
        self.gender == Gender::Female && self.is_stud_sized()
    }

    fn is_stud_sized(&self) -> bool {
        let ConnectorShape::Cylinder { sections, caps, centered: false, .. } = &self.shape else { return false };
        let closed = match self.gender {
            Gender::Male => caps.closed(Gender::Male)[0],
            Gender::Female => caps.closed(Gender::Female)[1],
        };
        let first_fits = sections.first().is_some_and(|s| {
            (s.radius - STUD_RADIUS).abs() < 0.5 && matches!(s.shape, SectionShape::Round | SectionShape::Square)
        });
        let short = self.gender == Gender::Female || sections.iter().map(|s| s.length).sum::<f32>() < STUD_HEIGHT + 2.0;
        closed && first_fits && short
    }
}

/// A frame at `origin` whose −Y points along `direction` (need not be of unit length); the turn about it is arbitrary
/// but the same for the same direction.
pub fn frame_along(origin: Vec3, direction: Vec3) -> Affine3A {
    let y = -direction.normalize_or(Vec3::NEG_Y);
    let helper = if y.x.abs() < 0.9 { Vec3::X } else { Vec3::Z };
    let z = helper.cross(y).normalize_or(Vec3::Z);
    let x = y.cross(z);
    Affine3A::from_mat3_translation(Mat3::from_cols(x, y, z), origin)
}
