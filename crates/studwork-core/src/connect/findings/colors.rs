//! Which parts there are in which colors: data that a user has, or the palette that a design must keep to.

use crate::{ColorRef, PartId};
use std::collections::{BTreeMap, BTreeSet};

/// Parts, each in any color or in some.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartColors {
    parts: BTreeMap<PartId, Option<BTreeSet<u32>>>,
}

impl PartColors {
    /// Reads lines of a part's number and, after a comma, tab or space, the numbers of its LDraw colors; none means any.
    /// A line that begins with `#` says nothing. A part may have several lines.
    ///
    /// # Errors
    /// The number and text of the first line that is not like that.
    pub fn from_text(text: &str) -> Result<Self, String> {
        let mut parts = BTreeMap::<PartId, Option<BTreeSet<u32>>>::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let mut words = line.split(|c: char| c == ',' || c.is_whitespace()).filter(|word| !word.is_empty());
            let Some(part) = words.next() else { continue };
            let colors = words.map(str::parse::<u32>).collect::<Result<BTreeSet<u32>, _>>();
            let Ok(colors) = colors else {
                return Err(format!("line {}: {line:?} is no part with color numbers, as in 3001 4,14", number + 1));
            };
            let known = parts.entry(PartId::new(part)).or_insert_with(|| Some(BTreeSet::new()));
            match known {
                _ if colors.is_empty() => *known = None,
                Some(known) => known.extend(colors),
                None => {}
            }
        }
        Ok(Self { parts })
    }

    /// Whether it says nothing at all.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Whether the part is there in that color; `None` where nothing is said about the part. Direct colors are in no
    /// list: they are there where any color is.
    pub fn has(&self, part: &PartId, color: ColorRef) -> Option<bool> {
        let colors = self.parts.get(part)?;
        Some(match (colors, color) {
            (None, _) => true,
            (Some(colors), ColorRef::Code(code)) => colors.contains(&code),
            (Some(_), ColorRef::Direct { .. }) => false,
        })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn lines_say_which_colors_a_part_has() {
        let colors = PartColors::from_text("# known\n3001 4,14\n3001\t1\n3004.dat\n\n").unwrap();
        let has = |part: &str, code| colors.has(&PartId::new(part), ColorRef::Code(code));
        assert_eq!([has("3001", 4), has("3001", 1), has("3001", 2)], [Some(true), Some(true), Some(false)]);
        assert_eq!([has("3004", 7), has("3005", 7)], [Some(true), None]);
        assert!(PartColors::from_text("3001 red").unwrap_err().starts_with("line 1"));
    }
}
