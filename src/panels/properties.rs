//! Properties of the selection: part, color, place, turn and where it belongs. Without a selection, of the design.
//!
//! What differs between the selected pieces shows as a dash; a value that is typed there is given to all of them, a drag
//! moves each from where it is. A drag becomes one edit when the button goes up.

use super::icons::Icon;
use super::widgets::{color_name, count, icon_button, icon_button_with_tip, number, paint_part, section, swatch_label};
use super::{PanelState, Shown, theme};
use crate::document::action::EditorAction;
use bevy_egui::egui::{self, CornerRadius, DragValue, RichText, Sense, Ui, vec2};
use glam::{EulerRot, Mat3, Quat, Vec3};
use studwork_core::{Axis, ColorRef, Content, Edit, PartId, Piece, PieceId, Pose};

/// What the panel remembers.
#[derive(Default)]
pub struct PropertiesState {
    /// The value that is being dragged or typed: field and value so far.
    draft: Option<(&'static str, f64)>,
    /// The search for another part.
    replace_query: String,
    pub(super) info: super::properties_design::InfoDraft,
}

/// Draws the panel.
pub fn properties_ui(ui: &mut Ui, shown: &mut Shown, state: &mut PanelState) {
    egui::ScrollArea::vertical().id_salt("properties").auto_shrink([false, false]).show(ui, |ui| {
        if shown.selection.is_empty() {
            state.properties.draft = None;
            super::properties_design::design_ui(ui, shown, state);
        } else {
            selection_ui(ui, shown, state);
        }
    });
}

fn selection_ui(ui: &mut Ui, shown: &mut Shown, state: &mut PanelState) {
    let design = shown.document.design();
    // A few thousand are enough to see what is common; the actions take all.
    let pieces: Vec<Piece> = shown.selection.iter().filter_map(|id| design.piece(id)).take(4000).cloned().collect();
    let Some(first) = pieces.first() else { return };
    header(ui, shown, state, &pieces);
    ui.add_space(4.0);
    quick_actions(ui, shown);

    section(ui, "Color");
    color_row(ui, shown, state, &pieces);
    section(ui, "Position");
    position_ui(ui, shown, &mut state.properties, &pieces);
    section(ui, "Rotation");
    rotation_ui(ui, shown, &mut state.properties, &pieces);
    section(ui, "Belongs to");
    belongs_ui(ui, shown, &pieces);
    if let Content::Part(part) = &first.content {
        size_ui(ui, shown, part, pieces.len());
    }
}

/// The value that all share.
fn common<T: PartialEq>(mut values: impl Iterator<Item = T>) -> Option<T> {
    let first = values.next()?;
    values.all(|value| value == first).then_some(first)
}

fn header(ui: &mut Ui, shown: &mut Shown, state: &mut PanelState, pieces: &[Piece]) {
    let total = shown.selection.len();
    let content = common(pieces.iter().map(|piece| piece.content.clone()));
    let tones = theme::tones(ui);
    ui.horizontal(|ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(64.0, 64.0), Sense::hover());
        ui.painter().rect_filled(rect, CornerRadius::same(8), tones.stage);
        match &content {
            Some(Content::Part(part)) => {
                let texture = state.thumbnails.get(part, pieces[0].color);
                paint_part(ui.painter(), rect.shrink(3.0), texture, tones.weak);
            }
            Some(Content::Submodel(_)) | None => Icon::Model.paint(ui.painter(), rect.shrink(16.0), tones.weak),
        }
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            let weak = |text: String| RichText::new(text).color(tones.weak);
            match &content {
                Some(Content::Part(part)) => {
                    let name = super::parts::name_of(shown, part);
                    let title = name.clone().unwrap_or_else(|| "Unknown part".into());
                    ui.add(egui::Label::new(RichText::new(title).strong().size(14.5)).wrap());
                    let info = shown.catalog.info(part);
                    let category = info.map_or_else(String::new, |info| format!(" · {}", info.category));
                    ui.add(egui::Label::new(weak(format!("{part}{category}"))).truncate());
                }
                Some(Content::Submodel(id)) => {
                    let name =
                        shown.document.design().submodel(*id).map_or_else(String::new, |model| model.name.clone());
                    ui.add(egui::Label::new(RichText::new(name).strong().size(14.5)).wrap());
                    ui.label(weak("Submodel".into()));
                    if ui.link("Edit it").clicked() {
                        shown.send(EditorAction::OpenSubmodel(*id));
                    }
                }
                None => drop(ui.label(RichText::new(count(total, "piece")).strong().size(14.5))),
            }
            if total > 1 && content.is_some() {
                ui.label(weak(count(total, "piece")));
            } else if content.is_none() {
                let kinds: std::collections::BTreeSet<_> = pieces.iter().map(|piece| &piece.content).collect();
                ui.label(weak(format!("{} different parts", kinds.len())));
            }
        });
    });
    ui.horizontal(|ui| {
        let button = ui.button("Replace part…").on_hover_text("Put another part in its place; color and place stay");
        replace_popup(&button, shown, state);
    });
}

fn replace_popup(button: &egui::Response, shown: &mut Shown, state: &mut PanelState) {
    egui::Popup::menu(button).close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside).width(280.0).show(|ui| {
        ui.set_width(280.0);
        let id = egui::Id::new("replace search");
        let query = &mut state.properties.replace_query;
        super::widgets::search_field(ui, id, query, "Name or number");
        if query.trim().is_empty() {
            ui.weak("Type to search the parts.");
            return;
        }
        let found = shown.catalog.search(query, None);
        if found.is_empty() {
            ui.weak("No such part.");
        }
        egui::ScrollArea::vertical().max_height(300.0).show(ui, |ui| {
            for info in found.iter().take(60) {
                let text = format!("{}   {}", info.id, info.name.split_whitespace().collect::<Vec<_>>().join(" "));
                if ui.add(egui::Button::selectable(false, text).truncate()).clicked() {
                    shown.send(EditorAction::ReplaceWith(Content::Part(info.id.clone())));
                    ui.close();
                }
            }
        });
    });
}

fn quick_actions(ui: &mut Ui, shown: &mut Shown) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        for (icon, id) in [
            (Icon::Duplicate, "edit.duplicate"),
            (Icon::Group, "piece.group"),
            (Icon::Model, "model.make_submodel"),
            (Icon::Eye, "piece.hide"),
            (Icon::Fit, "view.fit_selection"),
            (Icon::Trash, "edit.delete"),
        ] {
            let Some(info) = crate::document::action::by_id(id) else { continue };
            let available = (info.available)(&shown.availability);
            let tip = available.err().map_or_else(|| info.label.to_owned(), |why| format!("{}\n{why}.", info.label));
            if ui
                .add_enabled_ui(available.is_ok(), |ui| {
                    icon_button_with_tip(ui, icon, (info.label, &tip), false, 26.0).clicked()
                })
                .inner
            {
                shown.send(info.action.clone());
            }
        }
    });
}

fn color_row(ui: &mut Ui, shown: &mut Shown, state: &mut PanelState, pieces: &[Piece]) {
    let color = common(pieces.iter().map(|piece| piece.color));
    let response = ui
        .horizontal(|ui| match color {
            Some(color) => {
                let def = shown.palette.resolve(color);
                let swatch = swatch_label(ui, 22.0, &def);
                let name = ui.button(color_name(shown.palette, color));
                if let ColorRef::Code(code) = color {
                    ui.weak(code.to_string());
                }
                swatch.union(name)
            }
            None => {
                let colors: std::collections::BTreeSet<_> = pieces.iter().map(|piece| piece.color).collect();
                for color in colors.iter().take(6) {
                    swatch_label(ui, 16.0, &shown.palette.resolve(*color));
                }
                ui.button(format!("{} colors", colors.len()))
            }
        })
        .inner
        .on_hover_text("Click to choose another color");
    egui::Popup::menu(&response).close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside).width(300.0).show(
        |ui| {
            ui.set_width(300.0);
            ui.set_max_height(420.0);
            super::colors::palette_ui(ui, shown, &mut state.colors, "properties");
        },
    );
}

/// What happened to a number.
enum Changed {
    /// All get this value.
    To(f64),
    /// Each is changed by this much.
    By(f64),
}

/// A number that all share, or a dash. Tells when it was changed for good: the button went up, or it was typed.
fn number_field(
    ui: &mut Ui,
    draft: &mut Option<(&'static str, f64)>,
    field: &'static str,
    value: Option<f64>,
    speed: f64,
    suffix: &'static str,
) -> Option<Changed> {
    let mut current = match *draft {
        Some((of, so_far)) if of == field => so_far,
        _ => value.unwrap_or(0.0),
    };
    let before = current;
    let drafted = draft.is_some_and(|(of, _)| of == field);
    let mixed = value.is_none() && !drafted;
    let drag = DragValue::new(&mut current)
        .speed(speed)
        .max_decimals(3)
        .range(-1e7..=1e7)
        .update_while_editing(false)
        .custom_formatter(move |n, _| if mixed { "–".into() } else { format!("{}{suffix}", number(n as f32)) })
        .custom_parser(move |text| {
            let text = text.trim().trim_end_matches(suffix).replace(',', ".").replace('−', "-");
            text.trim().parse().ok()
        });
    let response = ui.add_sized([(ui.available_width()).min(120.0), 22.0], drag);
    if response.dragged() {
        if current != before || drafted {
            *draft = Some((field, current));
        }
        return None;
    }
    let ended = draft.take_if(|(of, _)| *of == field);
    match (ended, value) {
        (Some((_, end)), Some(start)) if end != start => Some(Changed::To(end)),
        (Some((_, end)), None) if end != 0.0 => Some(Changed::By(end)),
        _ if response.changed() => Some(Changed::To(current)),
        _ => None,
    }
}

const AXES: [(Axis, &str, [u8; 3]); 3] =
    [(Axis::X, "X", [0xe5, 0x53, 0x4b]), (Axis::Y, "Y", [0x62, 0xb8, 0x4f]), (Axis::Z, "Z", [0x4f, 0x8f, 0xf0])];

fn axis_label(ui: &mut Ui, name: &str, [r, g, b]: [u8; 3]) {
    ui.add_sized([14.0, 22.0], egui::Label::new(RichText::new(name).strong().color(egui::Color32::from_rgb(r, g, b))));
}

fn all_poses(shown: &Shown, change: impl Fn(Pose) -> Pose) -> Vec<(PieceId, Pose)> {
    let design = shown.document.design();
    shown.selection.iter().filter_map(|id| Some((id, change(design.piece(id)?.pose)))).collect()
}

fn position_ui(ui: &mut Ui, shown: &mut Shown, state: &mut PropertiesState, pieces: &[Piece]) {
    const FIELDS: [&str; 3] = ["px", "py", "pz"];
    ui.horizontal(|ui| {
        let width = ((ui.available_width() - 12.0) / 3.0).min(130.0);
        for (i, (axis, name, color)) in AXES.into_iter().enumerate() {
            ui.allocate_ui(vec2(width, 22.0), |ui| {
                ui.horizontal(|ui| {
                    ui.spacing_mut().item_spacing.x = 2.0;
                    axis_label(ui, name, color);
                    let value = common(pieces.iter().map(|piece| piece.pose.position[i])).map(f64::from);
                    let step = if axis == Axis::Y { shown.settings.grid_height } else { shown.settings.grid };
                    let speed = f64::from(step) / 16.0;
                    match number_field(ui, &mut state.draft, FIELDS[i], value, speed, "") {
                        Some(Changed::To(to)) => {
                            let poses = all_poses(shown, |mut pose| {
                                pose.position[i] = to as f32;
                                pose
                            });
                            shown.send(EditorAction::SetPoses(poses));
                        }
                        Some(Changed::By(by)) => {
                            let offset = axis.unit() * by as f32;
                            let pieces = shown.selection.to_vec();
                            shown.send(EditorAction::Edit(Edit::Move { pieces, offset }));
                        }
                        None => {}
                    }
                });
            });
        }
    });
    let note = "LDU: a stud is 20, a plate 8, a brick 24. −Y is up.";
    ui.label(RichText::new("LDU, −Y is up").color(theme::tones(ui).weak).size(11.0)).on_hover_text(note);
}

/// Degrees about x, y, z, for a matrix that only turns.
fn degrees_of(rotation: Mat3) -> Option<Vec3> {
    let orthonormal = (rotation.transpose() * rotation).abs_diff_eq(Mat3::IDENTITY, 1e-3);
    if !orthonormal || rotation.determinant() < 0.0 {
        return None;
    }
    let (y, x, z) = Quat::from_mat3(&rotation).to_euler(EulerRot::YXZ);
    // Half a turn is written one way, and rounding noise not at all.
    let tidy = |radians: f32| {
        let degrees = (radians.to_degrees() * 1000.0).round() / 1000.0;
        if degrees <= -180.0 { degrees + 360.0 } else { degrees + 0.0 }
    };
    Some(Vec3::new(tidy(x), tidy(y), tidy(z)))
}

fn rotation_of(degrees: Vec3) -> Mat3 {
    let [x, y, z] = degrees.to_array().map(f32::to_radians);
    studwork_core::snapped_rotation(Mat3::from_euler(EulerRot::YXZ, y, x, z))
}

fn rotation_ui(ui: &mut Ui, shown: &mut Shown, state: &mut PropertiesState, pieces: &[Piece]) {
    const FIELDS: [&str; 3] = ["rx", "ry", "rz"];
    let rotation = common(pieces.iter().map(|piece| piece.pose.rotation));
    let degrees = rotation.map(degrees_of);
    if let Some(None) = degrees {
        ui.label("Mirrored or scaled").on_hover_text("This matrix does more than turn; it is kept as it is");
    }
    ui.horizontal(|ui| {
        let width = ((ui.available_width() - 12.0) / 3.0).min(130.0);
        for (i, (_, name, color)) in AXES.into_iter().enumerate() {
            ui.allocate_ui(vec2(width, 22.0), |ui| {
                ui.horizontal(|ui| {
                    ui.spacing_mut().item_spacing.x = 2.0;
                    axis_label(ui, name, color);
                    let value = degrees.flatten().map(|degrees| f64::from(degrees[i]));
                    let enabled = degrees != Some(None);
                    let changed = ui
                        .add_enabled_ui(enabled, |ui| number_field(ui, &mut state.draft, FIELDS[i], value, 1.0, "°"))
                        .inner;
                    match (changed, degrees.flatten()) {
                        (Some(Changed::To(to)), Some(mut degrees)) => {
                            degrees[i] = to as f32;
                            let rotation = rotation_of(degrees);
                            let poses = all_poses(shown, |pose| Pose { rotation, ..pose });
                            shown.send(EditorAction::SetPoses(poses));
                        }
                        (Some(Changed::To(by) | Changed::By(by)), _) => {
                            shown.send(EditorAction::Turn { axis: AXES[i].0, degrees: by as f32 });
                        }
                        (None, _) => {}
                    }
                });
            });
        }
    });
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        for (icon, axis, degrees, text) in [
            (Icon::TurnLeft, Axis::Y, 90.0, "Turn left by 90°"),
            (Icon::TurnRight, Axis::Y, -90.0, "Turn right by 90°"),
            (Icon::Tilt, Axis::X, 90.0, "Tilt by 90°"),
            (Icon::Roll, Axis::Z, 90.0, "Roll by 90°"),
        ] {
            if icon_button(ui, icon, text, false).clicked() {
                shown.send(EditorAction::Turn { axis, degrees });
            }
        }
        if ui.button("Straighten").on_hover_text("Take every turn back").clicked() {
            let poses = all_poses(shown, |pose| Pose { rotation: Mat3::IDENTITY, ..pose });
            shown.send(EditorAction::SetPoses(poses));
        }
    });
}

fn belongs_ui(ui: &mut Ui, shown: &mut Shown, pieces: &[Piece]) {
    let design = shown.document.design();
    let Some(model) = design.submodel(shown.document.active()) else { return };
    let step = common(pieces.iter().map(|piece| design.place_of(piece.id).map(|(_, step)| step))).flatten();
    let index = step.and_then(|step| design.place_of_step(step)).map(|(_, index)| index);
    let groups: std::collections::BTreeSet<_> =
        pieces.iter().filter_map(|piece| design.outermost_group_of(piece.id)).collect();
    egui::Grid::new("belongs").num_columns(2).spacing([10.0, 5.0]).show(ui, |ui| {
        ui.weak("Submodel");
        ui.add(egui::Label::new(&model.name).truncate());
        ui.end_row();
        ui.weak("Step");
        let text = index.map_or_else(|| "several".to_owned(), |index| (index + 1).to_string());
        egui::ComboBox::from_id_salt("step of piece").selected_text(text).width(90.0).show_ui(ui, |ui| {
            for (i, step) in model.steps.iter().enumerate() {
                if ui.selectable_label(index == Some(i), format!("Step {}", i + 1)).clicked() && index != Some(i) {
                    shown.actions.push(EditorAction::MoveToStep(step.id));
                }
            }
        });
        ui.end_row();
        if !groups.is_empty() {
            ui.weak("Group");
            ui.horizontal(|ui| {
                for id in groups.iter().take(4) {
                    if let Some(group) = design.group(*id) {
                        ui.label(&group.name);
                        if ui.small_button("Ungroup").clicked() {
                            shown.actions.push(EditorAction::UngroupOne(*id));
                        }
                    }
                }
            });
            ui.end_row();
        }
        if let [piece] = pieces {
            ui.weak("Number");
            ui.label(piece.id.0.to_string()).on_hover_text("The number of this piece in the design; it never changes");
            ui.end_row();
        }
    });
}

fn size_ui(ui: &mut Ui, shown: &Shown, part: &PartId, selected: usize) {
    if selected != 1 {
        return;
    }
    let Some(mesh) = shown.catalog.mesh(part) else { return };
    let size = mesh.bounds.size();
    section(ui, "Size");
    ui.label(format!("{} × {} × {} LDU", number(size.x), number(size.z), number(size.y)));
    let mm = size * 0.4;
    ui.weak(format!("{:.1} × {:.1} × {:.1} mm (width, depth, height)", mm.x, mm.z, mm.y));
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn degrees_come_back_as_the_same_turn() {
        for degrees in
            [Vec3::ZERO, Vec3::new(0.0, 90.0, 0.0), Vec3::new(-30.0, 120.0, 45.0), Vec3::new(0.0, 180.0, 0.0)]
        {
            let rotation = rotation_of(degrees);
            assert!(
                degrees_of(rotation).unwrap().abs_diff_eq(degrees, 0.01),
                "{degrees} became {:?}",
                degrees_of(rotation)
            );
        }
        assert_eq!(rotation_of(Vec3::new(0.0, 90.0, 0.0)), Mat3::from_cols(Vec3::NEG_Z, Vec3::Y, Vec3::X));
        assert_eq!(degrees_of(Mat3::from_diagonal(Vec3::new(-1.0, 1.0, 1.0))), None, "a mirror is no turn");
    }

    #[test]
    fn only_what_all_share_is_common() {
        assert_eq!(common([3, 3, 3].into_iter()), Some(3));
        assert_eq!(common([3, 4].into_iter()), None);
        assert_eq!(common(std::iter::empty::<i32>()), None);
    }
}
