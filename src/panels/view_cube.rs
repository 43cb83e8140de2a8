//! A small cube in the corner of the view that shows how the camera stands; a click on a face looks from there.

use super::{Shown, theme};
use crate::document::action::EditorAction;
use bevy::math::Vec3;
use bevy_egui::egui::{Align2, Color32, FontId, Pos2, Rect, Sense, Shape, Stroke, Ui, pos2, vec2};
use studwork_render::NamedView;

/// Face, its normal in LDraw axes, and its word.
const FACES: [(NamedView, Vec3, &str); 6] = [
    (NamedView::Top, Vec3::NEG_Y, "Top"),
    (NamedView::Bottom, Vec3::Y, "Bottom"),
    (NamedView::Front, Vec3::NEG_Z, "Front"),
    (NamedView::Back, Vec3::Z, "Back"),
    (NamedView::Left, Vec3::X, "Left"),
    (NamedView::Right, Vec3::NEG_X, "Right"),
];

const SIDE: f32 = 84.0;

/// Draws the cube into the upper right corner of `view`.
pub fn view_cube_ui(ui: &mut Ui, view: Rect, shown: &mut Shown) {
    if view.width() < 260.0 || view.height() < 220.0 {
        return;
    }
    let rect = Rect::from_min_size(pos2(view.right() - SIDE - 12.0, view.top() + 12.0), vec2(SIDE, SIDE));
    let response = ui.interact(rect, ui.id().with("view cube"), Sense::click());
    let camera = &shown.viewport.camera;
    let forward = camera.forward();
    let right = camera.right();
    let up = camera.up();
    let half = SIDE * 0.29;
    let at = |p: Vec3| -> Pos2 { rect.center() + vec2(p.dot(right), -p.dot(up)) * half };

    let tones = theme::tones(ui);
    let dark = ui.visuals().dark_mode;
    let pointer = response.hover_pos();
    let mut over = None;
    for (named, normal, word) in FACES {
        let facing = -normal.dot(forward);
        if facing < 0.04 {
            continue;
        }
        let side = if normal.y.abs() > 0.5 { Vec3::X } else { Vec3::Y };
        let other = normal.cross(side);
        let corners =
            [(1.0, 1.0), (1.0, -1.0), (-1.0, -1.0), (-1.0, 1.0)].map(|(a, b)| at(normal + side * a + other * b));
        let hovered = pointer.is_some_and(|p| inside(&corners, p));
        if hovered {
            over = Some((named, word));
        }
        let shade = 0.55 + 0.45 * facing;
        let base = if dark { Color32::from_rgb(0x58, 0x60, 0x6c) } else { Color32::from_rgb(0xff, 0xff, 0xff) };
        let fill = if hovered { tones.accent } else { base.lerp_to_gamma(tones.line, 1.0 - shade) };
        let outline = Stroke::new(1.0, tones.sunken);
        ui.painter().add(Shape::convex_polygon(corners.to_vec(), fill, outline));
        if facing > 0.28 {
            let color =
                if hovered { tones.on_accent } else { ui.visuals().strong_text_color().gamma_multiply(facing.sqrt()) };
            ui.painter().text(at(normal), Align2::CENTER_CENTER, word, FontId::proportional(10.5), color);
        }
    }
    axes(ui, rect, right, up);
    if let Some((named, word)) = over {
        if response.clicked() {
            shown.send(EditorAction::View(named));
        }
        response.on_hover_text(format!("Look from: {word}"));
    }
}

/// The three axes in the lower left corner of the cube, in their usual colors.
fn axes(ui: &Ui, rect: Rect, right: Vec3, up: Vec3) {
    let origin = rect.left_bottom() + vec2(2.0, 6.0);
    for (axis, name, color) in [
        (Vec3::X, "X", Color32::from_rgb(0xe5, 0x53, 0x4b)),
        (Vec3::NEG_Y, "−Y", Color32::from_rgb(0x62, 0xb8, 0x4f)),
        (Vec3::Z, "Z", Color32::from_rgb(0x4f, 0x8f, 0xf0)),
    ] {
        let tip = vec2(axis.dot(right), -axis.dot(up)) * 15.0;
        ui.painter().line_segment([origin, origin + tip], Stroke::new(2.0, color));
        if tip.length() > 5.0 {
            ui.painter().text(origin + tip * 1.45, Align2::CENTER_CENTER, name, FontId::proportional(9.0), color);
        }
    }
}

/// Whether a point is in a convex polygon.
fn inside(corners: &[Pos2], p: Pos2) -> bool {
    let side = |i: usize| {
        let (a, b) = (corners[i], corners[(i + 1) % corners.len()]);
        (b - a).rot90().dot(p - a)
    };
    let all = |sign: f32| (0..corners.len()).all(|i| side(i) * sign >= 0.0);
    all(1.0) || all(-1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_inside_whichever_way_the_corners_run() {
        let mut corners = vec![pos2(0.0, 0.0), pos2(10.0, 1.0), pos2(9.0, 9.0), pos2(-1.0, 8.0)];
        for _ in 0..2 {
            assert!(inside(&corners, pos2(4.0, 4.0)));
            assert!(!inside(&corners, pos2(11.0, 4.0)));
            assert!(!inside(&corners, pos2(4.0, -1.0)));
            corners.reverse();
        }
    }
}
