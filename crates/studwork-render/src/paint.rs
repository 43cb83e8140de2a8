//! What a piece looks like to the renderer: color and material, and the marks an editor puts on it.

use bytemuck::{Pod, Zeroable};
use studwork_ldraw::{ColorDef, Finish};

/// The color and material of a piece, packed; made from a color definition.
#[repr(C)]
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Pod, Zeroable)]
pub struct Paint {
    /// Red, green, blue (sRGB) and opacity.
    pub rgba: [u8; 4],
    /// Red, green, blue of edge lines (sRGB); the fourth is the luminance (0 does not glow).
    pub edge_luminance: [u8; 4],
    /// The finish as the shaders number it.
    pub finish: u32,
}

impl Paint {
    /// Plain plastic of a color (sRGB) with its edge color; opacity 255 is solid.
    pub fn plain(rgb: [u8; 3], alpha: u8, edge: [u8; 3]) -> Self {
        Self {
            rgba: [rgb[0], rgb[1], rgb[2], alpha],
            edge_luminance: [edge[0], edge[1], edge[2], 0],
            finish: finish_number(Finish::Solid),
        }
    }

    /// Whether what is behind shows through.
    pub fn is_transparent(self) -> bool {
        self.rgba[3] < 255
    }
}

impl From<&ColorDef> for Paint {
    fn from(color: &ColorDef) -> Self {
        let [r, g, b] = color.value;
        let [er, eg, eb] = color.edge;
        Self {
            rgba: [r, g, b, color.alpha],
            edge_luminance: [er, eg, eb, color.luminance],
            finish: finish_number(color.finish),
        }
    }
}

impl From<ColorDef> for Paint {
    fn from(color: ColorDef) -> Self {
        Self::from(&color)
    }
}

/// The numbers of `piece.wgsl`.
fn finish_number(finish: Finish) -> u32 {
    match finish {
        Finish::Solid => 0,
        Finish::Chrome => 1,
        Finish::Pearlescent => 2,
        Finish::Rubber => 3,
        Finish::MatteMetallic => 4,
        Finish::Metal => 5,
        Finish::Milky => 6,
        Finish::Glitter => 7,
        Finish::Speckle => 8,
    }
}

/// Marks on a piece; combine them with `|`.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Flags(pub u32);

impl Flags {
    /// Nothing special.
    pub const NONE: Self = Self(0);
    /// In the selection: outlined and tinted.
    pub const SELECTED: Self = Self(1);
    /// Under the pointer: slightly lighter.
    pub const HOVERED: Self = Self(2);
    /// Not placed yet: half transparent, casts no shadow.
    pub const GHOST: Self = Self(4);
    /// A ghost that cannot be placed where it is: red.
    pub const GHOST_BAD: Self = Self(8);
    /// Of the current step or search: tinted.
    pub const HIGHLIGHTED: Self = Self(16);
    /// Not what matters now: pale.
    pub const DIMMED: Self = Self(32);

    /// Whether any of `other`'s marks is set.
    pub fn any(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl std::ops::BitOr for Flags {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}
