//! Comparing the open design with its original, or with any other: what the view shows of it. Added pieces are green,
//! moved ones yellow, recolored ones blue, replaced ones orange, the rest gray; what is missing stands there in red.

use crate::document::Document;
use crate::projection::draw::ViewFrame;
use crate::projection::{Colors, Ghost, Projection, SlotLook};
use crate::take_apart::TakeApart;
use crate::tools::ModeGhosts;
use bevy::prelude::*;
use std::collections::HashMap;
use std::sync::Arc;
use studwork_core::compare::{Changed, Comparison};
use studwork_core::{ColorRef, Content, Design, PieceId};

/// What is compared.
#[derive(Resource, Default)]
pub struct Compare {
    /// The comparison, while one is shown.
    pub shown: Option<Compared>,
    /// Whether one is being made.
    pub comparing: bool,
    seen: Option<(u64, u64, u64)>,
}

/// A comparison that is shown.
pub struct Compared {
    /// What the design is compared with.
    pub original: Arc<Design>,
    /// What that is called.
    pub title: String,
    /// The differences.
    pub comparison: Comparison,
    /// The document's generation that was compared.
    pub generation: u64,
}

/// The colors of the differences (LDraw).
pub mod colors {
    use studwork_core::ColorRef;
    /// Only in the copy.
    pub const ADDED: ColorRef = ColorRef::Direct { rgb: [0x3C, 0xB0, 0x5A], transparent: false };
    /// Only in the original.
    pub const REMOVED: ColorRef = ColorRef::Direct { rgb: [0xE0, 0x3A, 0x3A], transparent: false };
    /// Elsewhere.
    pub const MOVED: ColorRef = ColorRef::Direct { rgb: [0xF2, 0xC5, 0x2E], transparent: false };
    /// In another color.
    pub const RECOLORED: ColorRef = ColorRef::Direct { rgb: [0x3D, 0x82, 0xE0], transparent: false };
    /// Another part.
    pub const REPLACED: ColorRef = ColorRef::Direct { rgb: [0xE8, 0x82, 0x22], transparent: false };
    /// The same in both.
    pub const SAME: ColorRef = ColorRef::Direct { rgb: [0xA8, 0xAE, 0xB6], transparent: false };
}

/// The color that a changed piece is shown in: the greatest difference counts.
pub fn color_of(changed: &Changed) -> ColorRef {
    if changed.replaced || changed.regrouped {
        colors::REPLACED
    } else if changed.moved {
        colors::MOVED
    } else {
        colors::RECOLORED
    }
}

/// Colors the view by the comparison.
fn show(
    document: Res<Document>,
    palette: Res<Colors>,
    mut compare: ResMut<Compare>,
    mut projection: ResMut<Projection>,
    mut frame: ResMut<ViewFrame>,
    mut ghosts: ResMut<ModeGhosts>,
    mode: Res<TakeApart>,
) {
    let compare = compare.bypass_change_detection();
    let now = compare.shown.as_ref().map(|shown| (projection.edition(), document.generation(), shown.generation));
    if now == compare.seen {
        return;
    }
    compare.seen = now;
    let projection = projection.bypass_change_detection();
    let mut out = Vec::new();
    match &compare.shown {
        None => {
            if !mode.active {
                projection.set_looks(HashMap::new(), &palette.0, &mut out);
            }
            ghosts.0.clear();
        }
        Some(shown) => {
            let mut color: HashMap<PieceId, ColorRef> = HashMap::new();
            color.extend(shown.comparison.added.iter().map(|lone| (lone.piece.id, colors::ADDED)));
            color.extend(shown.comparison.changed.iter().map(|changed| (changed.copy.id, color_of(changed))));
            let look = |path: &[PieceId]| {
                let color = path.iter().rev().find_map(|id| color.get(id).copied()).unwrap_or(colors::SAME);
                SlotLook { color: Some(color), ..SlotLook::default() }
            };
            let slots = projection.slots_by_path(document.design());
            let looks = slots.into_iter().map(|(path, slot)| (slot, look(&path))).collect();
            projection.set_looks(looks, &palette.0, &mut out);
            ghosts.0 = missing(&document, shown);
        }
    }
    if !out.is_empty() {
        frame.changes.append(&mut out);
        frame.dirty = true;
    }
}

/// The pieces of the open submodel that only the original has, where they stood.
fn missing(document: &Document, shown: &Compared) -> Vec<Ghost> {
    let design = document.design();
    let name = |design: &Design, submodel| design.submodel(submodel).map(|model| model.name.clone());
    let is_main = document.active() == design.main();
    let open = name(design, document.active());
    let here = |submodel| {
        if is_main { submodel == shown.original.main() } else { name(&shown.original, submodel) == open }
    };
    let mut ghosts = Vec::new();
    for lone in shown.comparison.removed.iter().filter(|lone| here(lone.submodel)) {
        let mut add = |part: &studwork_core::PartId, transform| {
            ghosts.push(Ghost { part: part.clone(), color: colors::REMOVED, transform, blocked: true });
        };
        match &lone.piece.content {
            Content::Part(part) => add(part, lone.piece.pose.to_affine()),
            Content::Submodel(_) => {
                shown.original.flatten_piece(lone.piece.id, &mut |flat| add(flat.part, flat.transform));
            }
        }
    }
    ghosts
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Compare>()
        .add_systems(Update, show.in_set(crate::EditorSystems::Project).after(crate::take_apart::show));
}
