//! Connectors and solids as bytes, for the library's cache: small, quick to read, and refused as a whole when anything in
//! them makes no sense.

use super::{Caps, Connector, ConnectorShape, Gender, GenericBounds, Section, SectionShape, Solid};
use glam::{Affine3A, Vec3};
use std::sync::Arc;

/// Rises whenever the same part would get other connectors or solids than before.
pub(super) const STORED_VERSION: u32 = 8;

/// A part's connectors and solids as bytes.
pub(super) fn bytes_from_physique(connectors: &[Connector], solids: &[Solid]) -> Vec<u8> {
    let mut writer = Writer(Vec::with_capacity(connectors.len() * 80 + solids.len() * 28));
    writer.count(connectors.len());
    connectors.iter().for_each(|connector| writer.connector(connector));
    writer.count(solids.len());
    solids.iter().for_each(|solid| writer.solid(solid));
    writer.0
}

/// What [`bytes_from_physique`] wrote; `None` where the bytes are anything else.
pub(super) fn physique_from_bytes(bytes: &[u8]) -> Option<(Vec<Connector>, Vec<Solid>)> {
    let mut reader = Reader(bytes);
    let connectors = reader.list(Reader::connector)?;
    let solids = reader.list(Reader::solid)?;
    reader.0.is_empty().then_some((connectors, solids))
}

struct Writer(Vec<u8>);

impl Writer {
    fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    fn count(&mut self, count: usize) {
        self.0.extend((count as u32).to_le_bytes());
    }

    fn number(&mut self, number: f32) {
        self.0.extend(number.to_le_bytes());
    }

    fn vector(&mut self, vector: Vec3) {
        vector.to_array().into_iter().for_each(|number| self.number(number));
    }

    fn vectors(&mut self, vectors: &[Vec3]) {
        self.count(vectors.len());
        vectors.iter().for_each(|vector| self.vector(*vector));
    }

    fn connector(&mut self, connector: &Connector) {
        self.byte(u8::from(connector.gender == Gender::Female));
        connector.frame.to_cols_array().into_iter().for_each(|number| self.number(number));
        let group = connector.group.as_deref().unwrap_or_default();
        self.count(group.len());
        self.0.extend(group.as_bytes());
        match &connector.shape {
            ConnectorShape::Cylinder { sections, caps, slide, centered } => {
                self.byte(0);
                self.byte(CAPS.iter().position(|known| known == caps).unwrap_or_default() as u8);
                self.byte(u8::from(*slide) | u8::from(*centered) << 1);
                self.count(sections.len());
                for section in sections.iter() {
                    self.byte(OUTLINES.iter().position(|known| *known == section.shape).unwrap_or_default() as u8);
                    self.number(section.radius);
                    self.number(section.length);
                }
            }
            ConnectorShape::Clip { radius, length, slide, centered } => {
                self.byte(1);
                self.byte(u8::from(*slide) | u8::from(*centered) << 1);
                self.number(*radius);
                self.number(*length);
            }
            ConnectorShape::Fingers { widths, radius, centered } => {
                self.byte(2);
                self.byte(u8::from(*centered) << 1);
                self.number(*radius);
                self.count(widths.len());
                widths.iter().for_each(|width| self.number(*width));
            }
            ConnectorShape::Generic(bounds) => {
                self.byte(3);
                let (kind, size) = match bounds {
                    GenericBounds::Point => (0, Vec3::ZERO),
                    GenericBounds::Box(half) => (1, *half),
                    GenericBounds::Cube(half) => (2, Vec3::splat(*half)),
                    GenericBounds::Cylinder(radius, length) => (3, Vec3::new(*radius, *length, 0.0)),
                    GenericBounds::Sphere(radius) => (4, Vec3::splat(*radius)),
                };
                self.byte(kind);
                self.vector(size);
            }
            ConnectorShape::Sphere { radius } => {
                self.byte(4);
                self.number(*radius);
            }
        }
    }

    fn solid(&mut self, solid: &Solid) {
        self.byte(u8::from(!solid.is_cuboid()));
        if solid.is_cuboid() {
            self.vector(solid.bounds().min);
            self.vector(solid.bounds().max);
        } else {
            let [normals, edges] = solid.directions();
            [solid.points(), normals, edges].into_iter().for_each(|vectors| self.vectors(vectors));
        }
    }
}

const CAPS: [Caps; 5] = [Caps::None, Caps::One, Caps::Two, Caps::A, Caps::B];
const OUTLINES: [SectionShape; 5] =
    [SectionShape::Round, SectionShape::Axle, SectionShape::Square, SectionShape::FlexPrevious, SectionShape::FlexNext];

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    fn four(&mut self) -> Option<[u8; 4]> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*bytes)
    }

    fn count(&mut self) -> Option<usize> {
        // Nothing has more entries than there are bytes left.
        self.four().map(|bytes| u32::from_le_bytes(bytes) as usize).filter(|count| *count <= self.0.len())
    }

    fn number(&mut self) -> Option<f32> {
        self.four().map(f32::from_le_bytes).filter(|number| number.is_finite())
    }

    fn vector(&mut self) -> Option<Vec3> {
        Some(Vec3::new(self.number()?, self.number()?, self.number()?))
    }

    fn list<T>(&mut self, one: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = self.count()?;
        (0..count).map(|_| one(self)).collect()
    }

    fn connector(&mut self) -> Option<Connector> {
        let gender = if self.byte()? == 0 { Gender::Male } else { Gender::Female };
        let mut frame = [0.0; 12];
        for number in &mut frame {
            *number = self.number()?;
        }
        let length = self.count()?;
        let (group, rest) = self.0.split_at_checked(length)?;
        let group = std::str::from_utf8(group).ok()?;
        let group = (!group.is_empty()).then(|| Arc::from(group));
        self.0 = rest;
        let flags = |flags: u8| (flags & 1 != 0, flags & 2 != 0);
        let shape = match self.byte()? {
            0 => {
                let caps = *CAPS.get(self.byte()? as usize)?;
                let (slide, centered) = flags(self.byte()?);
                let sections = self.list(|reader| {
                    let shape = *OUTLINES.get(reader.byte()? as usize)?;
                    Some(Section::new(shape, reader.number()?, reader.number()?))
                })?;
                ConnectorShape::Cylinder { sections: sections.into(), caps, slide, centered }
            }
            1 => {
                let (slide, centered) = flags(self.byte()?);
                ConnectorShape::Clip { radius: self.number()?, length: self.number()?, slide, centered }
            }
            2 => {
                let (_, centered) = flags(self.byte()?);
                let radius = self.number()?;
                ConnectorShape::Fingers { widths: self.list(Self::number)?.into(), radius, centered }
            }
            3 => {
                let kind = self.byte()?;
                let size = self.vector()?;
                ConnectorShape::Generic(match kind {
                    0 => GenericBounds::Point,
                    1 => GenericBounds::Box(size),
                    2 => GenericBounds::Cube(size.x),
                    3 => GenericBounds::Cylinder(size.x, size.y),
                    4 => GenericBounds::Sphere(size.x),
                    _ => return None,
                })
            }
            4 => ConnectorShape::Sphere { radius: self.number()? },
            _ => return None,
        };
        Some(Connector { shape, gender, frame: Affine3A::from_cols_array(&frame), group })
    }

    fn solid(&mut self) -> Option<Solid> {
        Some(match self.byte()? {
            0 => Solid::cuboid(self.vector()?, self.vector()?),
            1 => {
                let [points, normals, edges] =
                    [self.list(Self::vector)?, self.list(Self::vector)?, self.list(Self::vector)?];
                Solid::from_directions(points, normals, edges)
            }
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    fn sample() -> (Vec<Connector>, Vec<Solid>) {
        let frame = Affine3A::from_rotation_x(0.3) * Affine3A::from_translation(Vec3::new(1.0, -2.0, 3.5));
        let generic = Connector {
            shape: ConnectorShape::Generic(GenericBounds::Cylinder(3.0, 4.0)),
            gender: Gender::Female,
            frame,
            group: Some(Arc::from("a group")),
        };
        let connectors = vec![
            Connector::stud(frame),
            Connector::pin_half(frame),
            Connector::axle_hole(frame, 20.0),
            Connector::clip(frame, 8.0),
            Connector::fingers(Gender::Male, frame, &[4.0, 5.0], 6.0),
            Connector::sphere(Gender::Male, frame, 10.0),
            generic,
        ];
        let solids = vec![
            Solid::cuboid(Vec3::new(0.1, 0.2, 0.3), Vec3::new(1.7, 2.3, 9.1)),
            Solid::cylinder(&frame, 6.0, 4.0),
            Solid::oriented_box(&frame, Vec3::new(1.0, 2.0, 3.0)),
        ];
        (connectors, solids)
    }

    #[test]
    fn what_is_written_is_read_again() {
        let (connectors, solids) = sample();
        assert_eq!(physique_from_bytes(&bytes_from_physique(&connectors, &solids)), Some((connectors, solids)));
        assert_eq!(physique_from_bytes(&bytes_from_physique(&[], &[])), Some((Vec::new(), Vec::new())));
    }

    #[test]
    fn damage_is_refused_and_never_panics() {
        let (connectors, solids) = sample();
        let bytes = bytes_from_physique(&connectors, &solids);
        for length in 0..bytes.len() {
            assert_eq!(physique_from_bytes(&bytes[..length]), None, "cut at {length}");
        }
        for at in 0..bytes.len() {
            let mut bad = bytes.clone();
            bad[at] ^= 0x80;
            // A number may change; a list that is too long must not be believed.
            drop(physique_from_bytes(&bad));
        }
        let mut longer = bytes.clone();
        longer.push(0);
        assert_eq!(physique_from_bytes(&longer), None);
        assert!(physique_from_bytes(&bytes).unwrap().1.len() == 3);
    }
}
