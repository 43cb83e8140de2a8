//! The colors that meshes name themselves (a printed pattern, a rubber band on a wheel), as one table on the device.

use crate::Paint;
use std::collections::HashMap;
use studwork_ldraw::{ColorDef, ColorRef, Tint};

/// Entry 0 means the piece's color, entry 1 its edge color.
const RESERVED: usize = 2;

/// The table and the way from a mesh's tint to its entry.
pub(crate) struct Tints {
    palette: HashMap<u32, Paint>,
    entries: HashMap<Tint, u32>,
    table: Vec<[u32; 4]>,
    dirty: bool,
}

impl Tints {
    pub(crate) fn new() -> Self {
        Self { palette: HashMap::new(), entries: HashMap::new(), table: vec![[0; 4]; RESERVED], dirty: true }
    }

    /// Replaces the meaning of color codes, also in meshes that are already there.
    pub(crate) fn set_palette(&mut self, colors: &[ColorDef]) {
        self.palette = colors.iter().map(|color| (color.code, Paint::from(color))).collect();
        for (tint, entry) in &self.entries {
            self.table[*entry as usize] = words(paint_of(&self.palette, *tint));
        }
        self.dirty = true;
    }

    /// The table's entry for a tint, and whether it is transparent; for [`Tint::MAIN`] the entry 0.
    pub(crate) fn resolve(&mut self, tint: Tint) -> (u32, bool) {
        match tint {
            Tint::MAIN => (0, false),
            Tint::EDGE => (1, false),
            _ => {
                let paint = paint_of(&self.palette, tint);
                let table = &mut self.table;
                let dirty = &mut self.dirty;
                let entry = *self.entries.entry(tint).or_insert_with(|| {
                    table.push(words(paint));
                    *dirty = true;
                    table.len() as u32 - 1
                });
                (entry, paint.is_transparent())
            }
        }
    }

    /// Whether faces of a tint are transparent whatever the piece's color is.
    pub(crate) fn is_clear(&self, tint: Tint) -> bool {
        !matches!(tint, Tint::MAIN | Tint::EDGE) && paint_of(&self.palette, tint).is_transparent()
    }

    /// The table where it changed since the last call.
    pub(crate) fn take_dirty(&mut self) -> Option<&[[u32; 4]]> {
        std::mem::take(&mut self.dirty).then_some(self.table.as_slice())
    }
}

fn words(paint: Paint) -> [u32; 4] {
    [u32::from_le_bytes(paint.rgba), u32::from_le_bytes(paint.edge_luminance), paint.finish, 0]
}

/// What a tint looks like with a palette; not for the piece's own two.
pub(crate) fn paint_of(palette: &HashMap<u32, Paint>, tint: Tint) -> Paint {
    match ColorRef::from(tint) {
        // A code nobody defined is shown in a gray that stands out from none of the others.
        ColorRef::Code(code) => palette.get(&code).copied().unwrap_or(Paint::plain([0x9B, 0xA1, 0x9D], 255, [0x33; 3])),
        ColorRef::Direct { rgb, transparent } => {
            let alpha = if transparent { 128 } else { 255 };
            Paint::plain(rgb, alpha, studwork_ldraw::color::contrast(rgb))
        }
    }
}
