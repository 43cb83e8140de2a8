//! The color table, and how its entries are named, grouped and ordered for people.
//!
//! The built-in table is the whole LDraw palette. A library's own table may add to it or change it.

use crate::{ColorDef, ColorRef, Finish};
use std::collections::BTreeMap;
use std::sync::LazyLock;

static BUILT_IN: LazyLock<Vec<ColorDef>> = LazyLock::new(|| {
    let text = include_str!("../../../assets/colors.ron");
    ron::from_str(text).expect("assets/colors.ron is read by a test")
});

/// All colors that are known, by number.
#[derive(Clone, PartialEq, Debug)]
pub struct Palette {
    colors: BTreeMap<u32, ColorDef>,
}

impl Default for Palette {
    fn default() -> Self {
        Self::built_in()
    }
}

impl Palette {
    /// The whole LDraw palette.
    pub fn built_in() -> Self {
        Self { colors: BUILT_IN.iter().map(|color| (color.code, color.clone())).collect() }
    }

    /// The built-in palette with the colors of a library, which win.
    pub fn with_library(colors: impl IntoIterator<Item = ColorDef>) -> Self {
        let mut palette = Self::built_in();
        palette.colors.extend(colors.into_iter().map(|color| (color.code, color)));
        palette
    }

    /// The color with that number.
    pub fn get(&self, code: u32) -> Option<&ColorDef> {
        self.colors.get(&code)
    }

    /// Whether a color reference means something here; direct colors always do.
    pub fn knows(&self, color: ColorRef) -> bool {
        match color {
            ColorRef::Code(code) => self.colors.contains_key(&code) || blended_codes(code).is_some(),
            ColorRef::Direct { .. } => true,
        }
    }

    /// What a reference looks like. A direct color is plain plastic (half transparent where it says so); the old codes 256
    /// to 511 mix two of the first sixteen colors; what nobody knows is a middle grey that says its number.
    pub fn resolve(&self, color: ColorRef) -> ColorDef {
        match color {
            ColorRef::Code(code) => self.get(code).cloned().unwrap_or_else(|| self.resolve_unlisted(code)),
            ColorRef::Direct { rgb, transparent } => {
                let name = format!("#{:02X}{:02X}{:02X}", rgb[0], rgb[1], rgb[2]);
                let alpha = if transparent { 128 } else { 255 };
                plain(u32::MAX, name, rgb, alpha)
            }
        }
    }

    fn resolve_unlisted(&self, code: u32) -> ColorDef {
        let mixed = blended_codes(code).and_then(|(a, b)| Some((self.get(a)?, self.get(b)?)));
        match mixed {
            Some((a, b)) => {
                let value = std::array::from_fn(|i| a.value[i].midpoint(b.value[i]));
                plain(code, format!("{}_{}", a.name, b.name), value, a.alpha.min(b.alpha))
            }
            None => plain(code, format!("Unknown_{code}"), [0x80; 3], 255),
        }
    }

    /// The color with that name, in any letter case and with spaces or underscores.
    pub fn find_by_name(&self, name: &str) -> Option<&ColorDef> {
        let key = |text: &str| text.trim().replace([' ', '-'], "_").to_lowercase();
        let wanted = key(name);
        self.colors.values().find(|color| key(&color.name) == wanted)
    }

    /// The colors whose name or number holds each of the words, in the order of [`sorted`](Self::sorted).
    pub fn search(&self, words: &str) -> Vec<&ColorDef> {
        let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
        let mut found = self.sorted();
        found.retain(|color| {
            let name = display_name(color).to_lowercase();
            words.iter().all(|word| name.contains(word) || color.code.to_string() == *word)
        });
        found
    }

    /// All colors by number.
    pub fn iter(&self) -> impl Iterator<Item = &ColorDef> {
        self.colors.values()
    }

    /// The colors that a piece can be given, as a grid shows them: family by family, greys first, then around the color
    /// wheel, light before dark. Colors 16 and 24 are not among them.
    pub fn sorted(&self) -> Vec<&ColorDef> {
        let mut colors: Vec<&ColorDef> = self.iter().filter(|color| !is_inherited(color.code)).collect();
        colors.sort_by_key(|color| (Family::of(color), hue_order(color.value), color.code));
        colors
    }

    /// [`sorted`](Self::sorted), family by family.
    pub fn families(&self) -> Vec<(Family, Vec<&ColorDef>)> {
        let mut families: Vec<(Family, Vec<&ColorDef>)> = Vec::new();
        for color in self.sorted() {
            let family = Family::of(color);
            match families.last_mut() {
                Some((last, colors)) if *last == family => colors.push(color),
                _ => families.push((family, vec![color])),
            }
        }
        families
    }
}

/// The sections of a color grid, the most used first.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Family {
    /// Opaque plastic.
    Solid,
    /// Clear plastic.
    Transparent,
    /// Plastic with a pearl shimmer.
    Pearl,
    /// Metal and metallic paint.
    Metal,
    /// Mirror-like metal.
    Chrome,
    /// Glows in the dark, or cloudy.
    Glow,
    /// With glitter flakes, and opal.
    Glitter,
    /// With speckles.
    Speckle,
    /// Rubber.
    Rubber,
}

impl Family {
    /// The section that a color belongs to.
    pub fn of(color: &ColorDef) -> Self {
        match color.finish {
            Finish::Chrome => Self::Chrome,
            Finish::Pearlescent => Self::Pearl,
            Finish::Rubber => Self::Rubber,
            Finish::MatteMetallic | Finish::Metal => Self::Metal,
            Finish::Glitter => Self::Glitter,
            Finish::Speckle => Self::Speckle,
            Finish::Milky => Self::Glow,
            Finish::Solid if color.luminance > 0 => Self::Glow,
            Finish::Solid if color.alpha < 255 => Self::Transparent,
            Finish::Solid => Self::Solid,
        }
    }

    /// Its heading.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Solid => "Solid",
            Self::Transparent => "Transparent",
            Self::Pearl => "Pearl",
            Self::Metal => "Metallic",
            Self::Chrome => "Chrome",
            Self::Glow => "Glow and milky",
            Self::Glitter => "Glitter",
            Self::Speckle => "Speckle",
            Self::Rubber => "Rubber",
        }
    }
}

/// `Bright Light Orange`: the name as people read it.
pub fn display_name(color: &ColorDef) -> String {
    match color.code {
        16 => "As its submodel is placed".to_owned(),
        24 => "Edge color".to_owned(),
        _ => color.name.replace('_', " "),
    }
}

/// 16 and 24, which take their value from elsewhere.
fn is_inherited(code: u32) -> bool {
    code == 16 || code == 24
}

fn plain(code: u32, name: String, value: [u8; 3], alpha: u8) -> ColorDef {
    let edge = studwork_ldraw::color::contrast(value);
    ColorDef { code, name, value, edge, alpha, luminance: 0, finish: Finish::Solid }
}

/// The two colors that one of the old mixed codes stands for.
fn blended_codes(code: u32) -> Option<(u32, u32)> {
    (256..512).contains(&code).then(|| ((code - 256) / 16, (code - 256) % 16))
}

/// A reference in the one form that it has in a design: a number that says a value is a direct color.
pub(crate) fn tidied(color: ColorRef) -> ColorRef {
    match color {
        ColorRef::Code(code) => color_from_number(code),
        direct @ ColorRef::Direct { .. } => direct,
    }
}

/// The color that LDraw writes as this number: a code, or `0x2RRGGBB` and `0x3RRGGBB`.
pub(crate) fn color_from_number(number: u32) -> ColorRef {
    match number.to_be_bytes() {
        [kind @ (2 | 3), r, g, b] => ColorRef::Direct { rgb: [r, g, b], transparent: kind == 3 },
        _ => ColorRef::Code(number),
    }
}

/// Greys before colors; colors by twelfths of the wheel from red on, and by lightness within one.
fn hue_order(value: [u8; 3]) -> (u8, i32) {
    let [r, g, b] = value.map(i32::from);
    let (max, min) = (r.max(g).max(b), r.min(g).min(b));
    let light = -(299 * r + 587 * g + 114 * b);
    let spread = max - min;
    // Black is bluish in the table.
    if spread <= 16 || max < 60 && spread < 30 {
        return (0, light);
    }
    let sixth = 60;
    let hue = match max {
        _ if max == r => sixth * (g - b) / spread,
        _ if max == g => 2 * sixth + sixth * (b - r) / spread,
        _ => 4 * sixth + sixth * (r - g) / spread,
    };
    let twelfth = (hue + 375).rem_euclid(360) / 30;
    (1 + twelfth as u8, light)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_palette_is_built_in() {
        let palette = Palette::built_in();
        assert_eq!(palette.iter().count(), 212);
        let red = palette.get(4).expect("red");
        assert_eq!((red.name.as_str(), red.value), ("Red", [0xB4, 0, 0]));
        let clear = palette.find_by_name("trans clear").expect("clear");
        assert_eq!((clear.code, clear.alpha, Family::of(clear)), (47, 128, Family::Transparent));
        let families = palette.families();
        assert_eq!(families.iter().map(|(_, colors)| colors.len()).sum::<usize>(), 210);
        assert_eq!(families.first().map(|(family, _)| *family), Some(Family::Solid));
        assert!(families.is_sorted_by_key(|(family, _)| *family), "each family is one section");
        let solids: Vec<&str> = families[0].1.iter().map(|color| color.name.as_str()).collect();
        assert_eq!(solids[..3], ["White", "Very_Light_Bluish_Grey", "Light_Bluish_Grey"], "light greys come first");
        let place = |name: &str| solids.iter().position(|solid| *solid == name);
        assert!(
            place("Black") < place("Red") && place("Red") < place("Yellow") && place("Yellow") < place("Blue"),
            "{solids:?}"
        );
    }

    #[test]
    fn every_reference_looks_like_something() {
        let palette = Palette::built_in();
        let direct = palette.resolve(ColorRef::Direct { rgb: [1, 2, 3], transparent: true });
        assert_eq!((direct.value, direct.alpha, direct.name.as_str()), ([1, 2, 3], 128, "#010203"));
        let mixed = palette.resolve(ColorRef::Code(256 + 16 * 15 + 4));
        assert_eq!(mixed.name, "White_Red");
        assert!(!palette.knows(ColorRef::Code(99_999)));
        assert_eq!(palette.resolve(ColorRef::Code(99_999)).name, "Unknown_99999");
    }

    #[test]
    fn a_library_wins() {
        let mut own = Palette::built_in().resolve(ColorRef::Code(4));
        own.name = "Rot".to_owned();
        let palette = Palette::with_library([own]);
        assert_eq!(palette.get(4).map(display_name).as_deref(), Some("Rot"));
        assert_eq!(palette.search("light orange bright").first().map(|color| color.code), Some(191));
    }

    /// Prints what differs from a library's table, and fails if it does.
    #[test]
    fn the_built_in_table_is_the_librarys() {
        let Some(path) = std::env::var_os("STUDWORK_LDCONFIG") else { return };
        let text = std::fs::read_to_string(path).expect("the color table can be read");
        let colors: Vec<ColorDef> = text.lines().filter_map(studwork_ldraw::parse_colour_meta).collect();
        assert_eq!(colors.len(), 212);
        for color in colors {
            assert_eq!(Palette::built_in().get(color.code), Some(&color));
        }
    }
}
