//! Color references and the `!COLOUR` definitions of an LDraw color table.
//!
//! Source: the LDraw.org color definition extension, <https://www.ldraw.org/article/299.html>.

use serde::{Deserialize, Serialize};
use std::fmt;

/// How a line of an LDraw file names its color.
#[derive(Copy, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum ColorRef {
    /// An entry of the color table.
    Code(u32),
    /// A color given by its value.
    Direct {
        /// Red, green, blue.
        rgb: [u8; 3],
        /// Half transparent.
        transparent: bool,
    },
}

impl ColorRef {
    /// The color of whatever refers to this (16).
    pub const MAIN: Self = Self::Code(16);
    /// The edge color of whatever refers to this (24).
    pub const EDGE: Self = Self::Code(24);

    /// Reads a color field: a code, or a direct color as `0x2RRGGBB`, `0x3RRGGBB` (also `#2RRGGBB`), in hex or in decimal.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).or_else(|| text.strip_prefix('#'));
        let value = match hex {
            Some(digits) => u32::from_str_radix(digits, 16).ok()?,
            None => u32::try_from(text.parse::<i64>().ok()?).ok()?,
        };
        let [kind, r, g, b] = value.to_be_bytes();
        match kind {
            2 => Some(Self::Direct { rgb: [r, g, b], transparent: false }),
            3 => Some(Self::Direct { rgb: [r, g, b], transparent: true }),
            _ => Some(Self::Code(value)),
        }
    }
}

impl fmt::Display for ColorRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "{code}"),
            Self::Direct { rgb: [r, g, b], transparent } => {
                write!(f, "0x{}{r:02X}{g:02X}{b:02X}", if *transparent { 3 } else { 2 })
            }
        }
    }
}

/// What a surface is made of.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
pub enum Finish {
    /// Plain plastic; transparent where the color's alpha says so.
    #[default]
    Solid,
    /// Mirror-like metal.
    Chrome,
    /// Plastic with a pearl shimmer.
    Pearlescent,
    /// Rubber.
    Rubber,
    /// Matt metal paint.
    MatteMetallic,
    /// Metal.
    Metal,
    /// Cloudy, half transparent.
    Milky,
    /// With glitter flakes.
    Glitter,
    /// With speckles.
    Speckle,
}

/// An entry of a color table.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ColorDef {
    /// The number that files use.
    pub code: u32,
    /// `Bright_Light_Orange`, with underscores as in the table.
    pub name: String,
    /// Red, green, blue (sRGB).
    pub value: [u8; 3],
    /// The color of edge lines (sRGB).
    pub edge: [u8; 3],
    /// 255 is opaque.
    pub alpha: u8,
    /// 0 for what does not glow.
    pub luminance: u8,
    /// What it is made of.
    pub finish: Finish,
}

/// Reads one `!COLOUR` line (with or without the leading `0`). `None` when it is not one or lacks a code or value.
pub fn parse_colour_meta(line: &str) -> Option<ColorDef> {
    let mut words = line.split_whitespace().peekable();
    words.next_if_eq(&"0");
    if words.next()? != "!COLOUR" {
        return None;
    }
    let name = words.next()?.to_owned();
    let (mut code, mut value, mut edge_text) = (None, None, None);
    let (mut alpha, mut luminance, mut finish) = (255, 0, Finish::Solid);
    while let Some(word) = words.next() {
        match word {
            "CODE" => code = words.next()?.parse().ok(),
            "VALUE" if value.is_none() => value = rgb_from_text(words.next()?),
            "EDGE" => edge_text = words.next(),
            "ALPHA" if finish == Finish::Solid || finish == Finish::Milky => alpha = words.next()?.parse().ok()?,
            "LUMINANCE" if luminance == 0 => luminance = words.next()?.parse().ok()?,
            "CHROME" => finish = Finish::Chrome,
            "PEARLESCENT" => finish = Finish::Pearlescent,
            "RUBBER" => finish = Finish::Rubber,
            "MATTE_METALLIC" => finish = Finish::MatteMetallic,
            "METAL" => finish = Finish::Metal,
            "MATERIAL" => {
                finish = match words.next()? {
                    "GLITTER" => Finish::Glitter,
                    "SPECKLE" => Finish::Speckle,
                    _ => finish,
                }
            }
            _ => {}
        }
    }
    let value = value?;
    // An edge may be given as the code of another color; its value is not known here, so a contrast of the face stands in.
    let edge = edge_text.and_then(rgb_from_text).unwrap_or_else(|| contrast(value));
    if finish == Finish::Solid && name.contains("Milky") {
        finish = Finish::Milky;
    }
    Some(ColorDef { code: code?, name, value, edge, alpha, luminance, finish })
}

fn rgb_from_text(text: &str) -> Option<[u8; 3]> {
    let digits = text.strip_prefix('#').or_else(|| text.strip_prefix("0x"))?;
    let [_, r, g, b] = u32::from_str_radix(digits, 16).ok()?.to_be_bytes();
    (digits.len() == 6).then_some([r, g, b])
}

/// An edge color that can be told from the face.
pub fn contrast(value: [u8; 3]) -> [u8; 3] {
    let luma = 0.299 * f32::from(value[0]) + 0.587 * f32::from(value[1]) + 0.114 * f32::from(value[2]);
    if luma < 64.0 { [0x59, 0x59, 0x59] } else { value.map(|c| (f32::from(c) * 0.4) as u8) }
}
