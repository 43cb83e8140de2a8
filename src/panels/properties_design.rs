//! Properties of the design as a whole: what it is called and by whom, and how large it is.

use super::widgets::{count, number, section};
use super::{PanelState, Shown, theme};
use crate::document::action::EditorAction;
use bevy_egui::egui::{self, RichText, TextEdit, Ui};
use std::collections::{BTreeSet, HashMap};
use studwork_core::{Bounds, Edit, InfoField};

/// Texts while they are typed, and figures with the state of the design they were counted for.
#[derive(Default)]
pub(super) struct InfoDraft {
    editing: Option<(usize, String)>,
    figures: Option<(u64, Figures)>,
}

struct Figures {
    parts: usize,
    kinds: usize,
    colors: usize,
    missing: BTreeSet<String>,
    bounds: Bounds,
}

const FIELDS: [(&str, &str); 4] = [
    ("Title", "What you build"),
    ("Author", "Who made it"),
    ("License", "CC BY 4.0, for example"),
    ("Description", "What should others know?"),
];

/// Draws the section for no selection.
pub(super) fn design_ui(ui: &mut Ui, shown: &mut Shown, state: &mut PanelState) {
    let tones = theme::tones(ui);
    section(ui, "Design");
    for (i, (label, hint)) in FIELDS.into_iter().enumerate() {
        ui.label(RichText::new(label).color(tones.weak).size(11.5));
        text_field(ui, i, hint, shown, &mut state.properties.info);
    }
    if let Some(lineage) = shown.document.design().lineage() {
        section(ui, "Copy of");
        ui.label(format!("{} by {}", lineage.title, lineage.author));
        ui.weak(&lineage.license);
    }
    figures_ui(ui, shown, &mut state.properties.info);
    section(ui, "New pieces");
    ui.checkbox(&mut shown.settings.refuse_overlap, "Refuse to place where pieces overlap")
        .on_hover_text("Otherwise the ghost turns red, but may be placed");
}

fn value(shown: &Shown, field: usize) -> String {
    let design = shown.document.design();
    match field {
        0 => design.title(),
        1 => design.author(),
        2 => design.license(),
        _ => design.description(),
    }
    .to_owned()
}

/// A text that becomes one edit when the cursor leaves it.
fn text_field(ui: &mut Ui, field: usize, hint: &'static str, shown: &mut Shown, state: &mut InfoDraft) {
    let mut text = match &state.editing {
        Some((of, text)) if *of == field => text.clone(),
        _ => value(shown, field),
    };
    let edit =
        if field == 3 { TextEdit::multiline(&mut text).desired_rows(3) } else { TextEdit::singleline(&mut text) };
    let response = ui.add(edit.id_salt(("info", field)).hint_text(hint).desired_width(f32::INFINITY));
    if response.has_focus() {
        state.editing = Some((field, text));
    } else if state.editing.as_ref().is_some_and(|(of, _)| *of == field) {
        state.editing = None;
        let canceled = ui.input(|input| input.key_pressed(egui::Key::Escape));
        if !canceled && text != value(shown, field) {
            let field = match field {
                0 => InfoField::Title(text),
                1 => InfoField::Author(text),
                2 => InfoField::License(text),
                _ => InfoField::Description(text),
            };
            shown.send(EditorAction::Edit(Edit::SetInfo(field)));
        }
    }
}

fn figures_ui(ui: &mut Ui, shown: &Shown, state: &mut InfoDraft) {
    let generation = shown.document.generation();
    if state.figures.as_ref().is_none_or(|(of, _)| *of != generation) {
        state.figures = Some((generation, figures(shown)));
    }
    let Some((_, figures)) = &state.figures else { return };
    let design = shown.document.design();
    section(ui, "Figures");
    egui::Grid::new("figures").num_columns(2).spacing([14.0, 4.0]).show(ui, |ui| {
        let mut row = |name: &str, value: String| {
            ui.weak(name);
            ui.label(value);
            ui.end_row();
        };
        row("Pieces", count(figures.parts, "piece").trim_end_matches(" pieces").trim_end_matches(" piece").to_owned());
        row("Different parts", figures.kinds.to_string());
        row("Colors", figures.colors.to_string());
        row("Submodels", (design.submodels().count() - 1).to_string());
        row("Steps", design.submodels().map(|model| model.steps.len()).sum::<usize>().to_string());
        if !figures.bounds.is_empty() {
            let size = figures.bounds.size();
            let studs = |ldu: f32| number((ldu / 20.0 * 10.0).round() / 10.0);
            let cm = |ldu: f32| format!("{:.1}", ldu * 0.04);
            let bricks = number((size.y / 24.0 * 10.0).round() / 10.0);
            row("Size", format!("{} × {} studs", studs(size.x), studs(size.z)));
            row("", format!("{bricks} bricks high"));
            row("", format!("{} × {} × {} cm", cm(size.x), cm(size.z), cm(size.y)));
        }
    });
    if !figures.missing.is_empty() {
        let warning = theme::tones(ui).warning;
        let title = RichText::new(format!("{} without a shape", count(figures.missing.len(), "part"))).color(warning);
        egui::CollapsingHeader::new(title).id_salt("missing").show(ui, |ui| {
            ui.weak("Nobody here has them; boxes stand in. An LDraw library (File menu) has most.");
            let mut names = figures.missing.iter().map(String::as_str).collect::<Vec<_>>();
            names.truncate(200);
            ui.label(names.join(", "));
        });
    }
}

fn figures(shown: &Shown) -> Figures {
    let design = shown.document.design();
    let mut found = Figures { parts: 0, kinds: 0, colors: 0, missing: BTreeSet::new(), bounds: Bounds::EMPTY };
    let mut boxes: HashMap<studwork_core::PartId, Bounds> = HashMap::new();
    let mut colors = BTreeSet::new();
    design.flatten(design.main(), &mut |piece| {
        found.parts += 1;
        colors.insert(piece.color);
        let of_part = match boxes.get(piece.part) {
            Some(bounds) => *bounds,
            None => {
                let mesh = shown.catalog.mesh(piece.part);
                if mesh.is_none() && design.embedded(piece.part).is_none() {
                    found.missing.insert(piece.part.to_string());
                }
                let bounds = mesh.map_or(Bounds::EMPTY, |mesh| mesh.bounds);
                boxes.insert(piece.part.clone(), bounds);
                bounds
            }
        };
        if !of_part.is_empty() {
            found.bounds = found.bounds.union(of_part.transformed(&piece.transform));
        }
    });
    found.kinds = boxes.len();
    found.colors = colors.len();
    found
}
