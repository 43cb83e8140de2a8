//! One `0 !LDCAD SNAP_…` line, as <https://www.melkert.net/LDCad/tech/meta> describes it.

use super::{Caps, Connector, ConnectorShape, Gender, GenericBounds, Section, SectionShape};
use glam::{Affine3A, Mat3, Vec3};
use std::sync::Arc;
use studwork_ldraw::normalized_name;

/// Which scales of a reference a connector survives.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Inherit {
    /// Along its axis.
    pub length: bool,
    /// Across it.
    pub radius: bool,
}

/// What a line says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum SnapLine {
    /// A connector, once at each offset in its own frame.
    Connector {
        /// At the frame of the line.
        connector: Connector,
        /// By which it can be cleared; lower case.
        id: Option<String>,
        /// Which scales it survives.
        inherit: Inherit,
        /// At least one.
        grid: Vec<Vec3>,
    },
    /// The lines of another file, moved.
    Include {
        /// Normalized.
        name: String,
        /// Where.
        frame: Affine3A,
        /// In that frame; at least one.
        grid: Vec<Vec3>,
    },
    /// Drop what was inherited, all or by id (lower case).
    Clear(Option<String>),
}

/// Reads a line; `None` if it is no snap line, an error in words if it cannot be understood.
pub(super) fn parse_snap_line(line: &str) -> Option<Result<SnapLine, String>> {
    let rest = line.trim().strip_prefix('0')?.trim_start().strip_prefix("!LDCAD")?.trim_start();
    let rest = rest.strip_prefix("SNAP_")?;
    let (kind, rest) = rest.split_at(rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len()));
    Some(Properties::parse(rest).and_then(|properties| snap_line(kind, &properties)))
}

/// `[name=value]` pairs; names in lower case.
struct Properties(Vec<(String, String)>);

impl Properties {
    fn parse(mut text: &str) -> Result<Self, String> {
        let mut all = Vec::new();
        while let Some(start) = text.find('[') {
            let end = text[start..].find(']').ok_or("a `[` is not closed")? + start;
            let (name, value) = text[start + 1..end].split_once('=').ok_or("a property has no `=`")?;
            all.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
            text = &text[end + 1..];
        }
        Ok(Self(all))
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    fn is(&self, name: &str, otherwise: bool) -> bool {
        self.get(name).map_or(otherwise, |value| value.eq_ignore_ascii_case("true"))
    }

    fn numbers(&self, name: &str) -> Result<Option<Vec<f32>>, String> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let numbers: Result<Vec<f32>, _> = text.split_whitespace().map(str::parse).collect();
        let numbers = numbers.map_err(|_| format!("`{name}={text}` is not a list of numbers"))?;
        if numbers.iter().any(|v| !v.is_finite()) {
            Err(format!("`{name}` holds a number out of range"))
        } else {
            Ok(Some(numbers))
        }
    }

    fn number(&self, name: &str, otherwise: f32) -> Result<f32, String> {
        Ok(self.numbers(name)?.and_then(|numbers| numbers.first().copied()).unwrap_or(otherwise))
    }

    fn gender(&self, name: &str, otherwise: Gender) -> Result<Gender, String> {
        match self.get(name).map(str::to_ascii_lowercase).as_deref() {
            None => Ok(otherwise),
            Some("m") => Ok(Gender::Male),
            Some("f") => Ok(Gender::Female),
            Some(other) => Err(format!("`{name}={other}` is neither M nor F")),
        }
    }

    fn frame(&self) -> Result<Affine3A, String> {
        let position = match self.numbers("pos")?.as_deref() {
            None => Vec3::ZERO,
            Some([x, y, z]) => Vec3::new(*x, *y, *z),
            Some(_) => return Err("`pos` needs three numbers".to_owned()),
        };
        let turn = match self.numbers("ori")?.as_deref() {
            None => Mat3::IDENTITY,
            // Rows, as in an LDraw file.
            Some(rows) if rows.len() == 9 => Mat3::from_cols_slice(rows).transpose(),
            Some(_) => return Err("`ori` needs nine numbers".to_owned()),
        };
        Ok(Affine3A::from_mat3_translation(turn, position))
    }

    /// Offsets in the connector's frame: `C 4 C 2 20 20` is 4 × 2 about the origin, 20 LDU apart along X and Z.
    fn grid(&self) -> Result<Vec<Vec3>, String> {
        let Some(text) = self.get("grid") else { return Ok(vec![Vec3::ZERO]) };
        let bad = || format!("`grid={text}` is not understood");
        let mut counts: Vec<(f32, bool)> = Vec::new();
        let mut centered = false;
        for word in text.split_whitespace() {
            if word.eq_ignore_ascii_case("c") {
                centered = true;
            } else {
                counts.push((word.parse().map_err(|_| bad())?, std::mem::take(&mut centered)));
            }
        }
        let axes: &[Vec3] = match counts.len() {
            4 => &[Vec3::X, Vec3::Z],
            6 => &[Vec3::X, Vec3::Y, Vec3::Z],
            _ => return Err(bad()),
        };
        let mut offsets = vec![Vec3::ZERO];
        for (i, axis) in axes.iter().enumerate() {
            let (count, centered) = counts[i];
            let step = counts[i + axes.len()].0;
            if !(1.0..=200.0).contains(&count) || !step.is_finite() || offsets.len() as f32 * count > 10_000.0 {
                return Err(bad());
            }
            let first = if centered { -(count - 1.0) * 0.5 } else { 0.0 };
            offsets = offsets
                .iter()
                .flat_map(|o| (0..count as usize).map(move |k| *o + *axis * ((first + k as f32) * step)))
                .collect();
        }
        Ok(offsets)
    }
}

fn snap_line(kind: &str, properties: &Properties) -> Result<SnapLine, String> {
    let id = properties.get("id").map(str::to_ascii_lowercase);
    let frame = properties.frame()?;
    let (shape, gender) = match kind.to_ascii_uppercase().as_str() {
        "CLEAR" => return Ok(SnapLine::Clear(id)),
        "INCL" => {
            let name = properties.get("ref").ok_or("`SNAP_INCL` needs `ref`")?;
            return Ok(SnapLine::Include { name: normalized_name(name), frame, grid: properties.grid()? });
        }
        "CYL" => {
            let shape = ConnectorShape::Cylinder {
                sections: sections(properties.get("secs").ok_or("`SNAP_CYL` needs `secs`")?)?,
                caps: caps(properties.get("caps"))?,
                slide: properties.is("slide", false),
                centered: properties.is("center", false),
            };
            (shape, properties.gender("gender", Gender::Male)?)
        }
        "CLP" => {
            let shape = ConnectorShape::Clip {
                radius: properties.number("radius", 4.0)?,
                length: properties.number("length", 8.0)?,
                slide: properties.is("slide", false),
                centered: properties.is("center", false),
            };
            (shape, Gender::Female)
        }
        "FGR" => {
            let widths = properties.numbers("seq")?.ok_or("`SNAP_FGR` needs `seq`")?;
            let shape = ConnectorShape::Fingers {
                widths: widths.into(),
                radius: properties.number("radius", 8.0)?,
                centered: properties.is("center", true),
            };
            (shape, properties.gender("genderofs", Gender::Male)?)
        }
        "GEN" => (generic(properties)?, properties.gender("gender", Gender::Male)?),
        "SPH" => (
            ConnectorShape::Sphere { radius: properties.number("radius", 1.0)? },
            properties.gender("gender", Gender::Male)?,
        ),
        other => return Err(format!("`SNAP_{other}` is not known")),
    };
    let scale = properties.get("scale").unwrap_or("none").to_ascii_lowercase();
    let inherit = Inherit {
        length: matches!(scale.as_str(), "yonly" | "yandr"),
        radius: matches!(scale.as_str(), "ronly" | "yandr"),
    };
    let group = properties.get("group").map(|group| Arc::from(group.to_ascii_lowercase()));
    Ok(SnapLine::Connector {
        connector: Connector { shape, gender, frame, group },
        id,
        inherit,
        grid: properties.grid()?,
    })
}

fn sections(text: &str) -> Result<Arc<[Section]>, String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.is_empty() || !words.len().is_multiple_of(3) {
        return Err(format!("`secs={text}` is not a list of shape, radius, length"));
    }
    words
        .chunks_exact(3)
        .map(|section| {
            let shape = match section[0].to_ascii_uppercase().as_str() {
                "R" => SectionShape::Round,
                "A" => SectionShape::Axle,
                "S" => SectionShape::Square,
                "_L" => SectionShape::FlexPrevious,
                "L_" => SectionShape::FlexNext,
                other => return Err(format!("`secs`: `{other}` is no shape")),
            };
            let number = |word: &str| {
                word.parse::<f32>().ok().filter(|v| v.is_finite()).ok_or(format!("`secs`: `{word}` is no number"))
            };
            Ok(Section::new(shape, number(section[1])?, number(section[2])?))
        })
        .collect()
}

fn caps(text: Option<&str>) -> Result<Caps, String> {
    match text.unwrap_or("one").to_ascii_lowercase().as_str() {
        "none" => Ok(Caps::None),
        "one" => Ok(Caps::One),
        "two" => Ok(Caps::Two),
        "a" => Ok(Caps::A),
        "b" => Ok(Caps::B),
        other => Err(format!("`caps={other}` is not known")),
    }
}

fn generic(properties: &Properties) -> Result<ConnectorShape, String> {
    let text = properties.get("bounding").ok_or("`SNAP_GEN` needs `bounding`")?;
    let mut words = text.split_whitespace();
    let kind = words.next().unwrap_or_default().to_ascii_lowercase();
    let numbers: Vec<f32> = words.filter_map(|w| w.parse().ok()).collect();
    let bounds = match (kind.as_str(), numbers.as_slice()) {
        ("pnt", _) => GenericBounds::Point,
        ("box", [x, y, z, ..]) => GenericBounds::Box(Vec3::new(*x, *y, *z)),
        ("cube", [size, ..]) => GenericBounds::Cube(*size),
        ("cyl", [radius, length, ..]) => GenericBounds::Cylinder(*radius, *length),
        // A sphere that may be placed any way round is a ball joint.
        ("sph", [radius, ..]) if properties.get("placement").is_some_and(|p| p.eq_ignore_ascii_case("free")) => {
            return Ok(ConnectorShape::Sphere { radius: *radius });
        }
        ("sph", [radius, ..]) => GenericBounds::Sphere(*radius),
        _ => return Err(format!("`bounding={text}` is not understood")),
    };
    Ok(ConnectorShape::Generic(bounds))
}
