//! Small things that several panels draw: icon buttons, color swatches, section headings, number formats.

use super::icons::Icon;
use super::theme::tones;
use bevy_egui::egui::{
    self, Color32, CornerRadius, Painter, Rect, Response, RichText, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo,
    WidgetType, pos2, vec2,
};
use studwork_core::{ColorDef, ColorRef, Palette};

/// A square button with an icon; `label` is its tooltip and what screen readers say.
pub fn icon_button(ui: &mut Ui, icon: Icon, label: &str, chosen: bool) -> Response {
    icon_button_sized(ui, icon, label, chosen, 26.0)
}

/// The same with a side length in points.
pub fn icon_button_sized(ui: &mut Ui, icon: Icon, label: &str, chosen: bool, side: f32) -> Response {
    icon_button_with_tip(ui, icon, (label, label), chosen, side)
}

/// The same with a label and a longer tooltip.
pub fn icon_button_with_tip(ui: &mut Ui, icon: Icon, (label, tip): (&str, &str), chosen: bool, side: f32) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(side), Sense::click());
    response.widget_info(|| WidgetInfo::selected(WidgetType::Button, ui.is_enabled(), chosen, label));
    if ui.is_rect_visible(rect) {
        let tones = tones(ui);
        let visuals = ui.style().interact(&response);
        let painter = ui.painter();
        let (fill, color) = match (chosen, response.hovered() && ui.is_enabled()) {
            (true, _) if is_mode(icon) => (tones.accent, tones.on_accent),
            (true, _) => (tones.chosen, if ui.visuals().dark_mode { tones.accent } else { tones.on_accent }),
            (false, true) => (visuals.weak_bg_fill, visuals.fg_stroke.color),
            (false, false) => (Color32::TRANSPARENT, visuals.fg_stroke.color),
        };
        painter.rect_filled(rect, CornerRadius::same(5), fill);
        if response.has_focus() {
            painter.rect_stroke(rect, CornerRadius::same(5), Stroke::new(1.0, tones.accent), StrokeKind::Inside);
        }
        icon.paint(painter, rect.shrink(side * 0.17), color);
    }
    response.on_hover_text(tip).on_disabled_hover_text(tip)
}

/// Whether one of several is always chosen; what is merely on or off is marked less loudly.
fn is_mode(icon: Icon) -> bool {
    matches!(icon, Icon::Select | Icon::Paint | Icon::PickColor | Icon::Erase)
}

/// An icon in the flow of a line of text, without a reaction.
pub fn icon_label(ui: &mut Ui, icon: Icon, color: Color32, side: f32) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(side), Sense::hover());
    icon.paint(ui.painter(), rect, color);
    response
}

/// The color of a definition with its opacity.
pub fn color32(def: &ColorDef) -> Color32 {
    let [r, g, b] = def.value;
    // A pane that lets almost all light through would be hard to see in a list.
    Color32::from_rgba_unmultiplied(r, g, b, if def.alpha == 255 { 255 } else { def.alpha.clamp(90, 190) })
}

/// `Bright_Light_Orange` → `Bright Light Orange`.
pub fn color_name(palette: &Palette, color: ColorRef) -> String {
    match color {
        ColorRef::MAIN => "Color of the model around it".into(),
        ColorRef::Code(_) => palette.resolve(color).name.replace('_', " "),
        ColorRef::Direct { rgb: [r, g, b], transparent } => {
            format!("#{r:02X}{g:02X}{b:02X}{}", if transparent { " transparent" } else { "" })
        }
    }
}

/// Fills a rectangle with a color; one that lets light through lies on a checker, metal and the like have a glint.
pub fn paint_swatch(painter: &Painter, rect: Rect, def: &ColorDef, radius: u8) {
    let radius = CornerRadius::same(radius);
    if def.alpha < 255 {
        painter.rect_filled(rect, radius, Color32::from_gray(0xee));
        let half = rect.size() * 0.5;
        let dark = Color32::from_gray(0xa8);
        painter.rect_filled(
            Rect::from_min_size(rect.min, half),
            CornerRadius { nw: radius.nw, ..CornerRadius::ZERO },
            dark,
        );
        painter.rect_filled(
            Rect::from_min_size(rect.center(), half),
            CornerRadius { se: radius.se, ..CornerRadius::ZERO },
            dark,
        );
    }
    painter.rect_filled(rect, radius, color32(def));
    // White in a light window, and black in a dark one, have an edge all the same.
    let edge = Stroke::new(1.0, Color32::from_black_alpha(45));
    painter.rect_stroke(rect, radius, edge, StrokeKind::Inside);
    use studwork_core::Finish;
    match def.finish {
        Finish::Chrome | Finish::Metal | Finish::MatteMetallic | Finish::Pearlescent => {
            let strength = if def.finish == Finish::Chrome { 150 } else { 70 };
            let (l, t, w, h) = (rect.left(), rect.top(), rect.width(), rect.height());
            let band = [(0.12, 1.0), (0.42, 1.0), (0.92, 0.0), (0.62, 0.0)].map(|(x, y)| pos2(l + w * x, t + h * y));
            painter.add(egui::Shape::convex_polygon(band.to_vec(), Color32::from_white_alpha(strength), Stroke::NONE));
        }
        Finish::Glitter | Finish::Speckle => {
            for (x, y) in [(0.25, 0.3), (0.6, 0.2), (0.75, 0.65), (0.4, 0.75), (0.5, 0.5)] {
                let at = pos2(rect.left() + rect.width() * x, rect.top() + rect.height() * y);
                painter.circle_filled(at, rect.width() * 0.06, Color32::from_white_alpha(170));
            }
        }
        Finish::Solid | Finish::Rubber | Finish::Milky => {}
    }
}

/// A swatch that can be clicked, with a frame when it is the chosen one.
pub fn swatch(ui: &mut Ui, side: f32, def: &ColorDef, name: &str, chosen: bool) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(side), Sense::click());
    response.widget_info(|| WidgetInfo::selected(WidgetType::ColorButton, true, chosen, name));
    if ui.is_rect_visible(rect) {
        let tones = tones(ui);
        let inner = rect.shrink(if chosen { 2.5 } else { 1.0 });
        paint_swatch(ui.painter(), inner, def, 3);
        if chosen {
            ui.painter().rect_stroke(rect, CornerRadius::same(5), Stroke::new(2.0, tones.accent), StrokeKind::Inside);
        } else if response.hovered() {
            let stroke = Stroke::new(1.5, ui.visuals().strong_text_color());
            ui.painter().rect_stroke(rect, CornerRadius::same(4), stroke, StrokeKind::Inside);
        }
    }
    response
}

/// A swatch in the flow of a line, without a reaction.
pub fn swatch_label(ui: &mut Ui, side: f32, def: &ColorDef) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(side), Sense::hover());
    paint_swatch(ui.painter(), rect.shrink(0.5), def, 3);
    response
}

/// The heading of a section within a panel.
pub fn section(ui: &mut Ui, title: &str) {
    ui.add_space(6.0);
    ui.label(RichText::new(title).strong().size(13.0));
    ui.add_space(1.0);
}

/// A line that says what to do in an empty panel.
pub fn empty_note(ui: &mut Ui, icon: Icon, title: &str, text: &str) {
    let weak = tones(ui).weak;
    ui.vertical_centered(|ui| {
        ui.add_space(24.0);
        icon_label(ui, icon, weak, 36.0);
        ui.add_space(4.0);
        ui.label(RichText::new(title).strong());
        ui.label(RichText::new(text).color(weak));
        ui.add_space(16.0);
    });
}

/// A search field with a glass and a cross; returns the field's response and whether the text changed.
pub fn search_field(ui: &mut Ui, id: egui::Id, text: &mut String, hint: &str) -> (Response, bool) {
    let before = text.clone();
    let width = ui.available_width();
    let frame = egui::Frame::new()
        .fill(ui.visuals().extreme_bg_color)
        .stroke(Stroke::new(1.0, tones(ui).line))
        .corner_radius(CornerRadius::same(6))
        .inner_margin(egui::Margin::symmetric(6, 2));
    let response = frame
        .show(ui, |ui| {
            ui.set_width((width - 14.0).max(40.0));
            ui.horizontal(|ui| {
                icon_label(ui, Icon::Search, tones(ui).weak, 15.0);
                let clear = if text.is_empty() { 0.0 } else { 24.0 };
                let edit = egui::TextEdit::singleline(text)
                    .id(id)
                    .frame(egui::Frame::NONE)
                    .hint_text(hint.to_owned())
                    .desired_width((ui.available_width() - clear).max(20.0));
                let response = ui.add(edit);
                if clear > 0.0 && icon_button_sized(ui, Icon::Close, "Clear the search", false, 18.0).clicked() {
                    text.clear();
                    response.request_focus();
                }
                response
            })
            .inner
        })
        .inner;
    let changed = *text != before;
    (response, changed)
}

/// `12` → `12`, `12.345` → `12.35`, `−0` → `0`.
pub fn number(value: f32) -> String {
    let rounded = (f64::from(value) * 100.0).round() / 100.0;
    if rounded == 0.0 { "0".into() } else { format!("{rounded}") }
}

/// `1 piece`, `2 pieces`.
pub fn count(n: usize, word: &str) -> String {
    let digits = n.to_string();
    let mut grouped = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{grouped} {word}{}", if n == 1 { "" } else { "s" })
}

/// A picture from outside as a texture, at most 640 pixels a side; limits are set before it is decoded.
pub fn texture_from_bytes(ctx: &egui::Context, name: &str, bytes: &[u8]) -> Option<egui::TextureHandle> {
    const SIDE: u32 = 640;
    let mut reader = image::ImageReader::new(std::io::Cursor::new(bytes)).with_guessed_format().ok()?;
    let mut limits = image::Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(4096), Some(4096));
    reader.limits(limits);
    let mut picture = reader.decode().ok()?;
    if picture.width().max(picture.height()) > SIDE {
        picture = picture.thumbnail(SIDE, SIDE);
    }
    let size = [picture.width() as usize, picture.height() as usize];
    let picture = egui::ColorImage::from_rgba_unmultiplied(size, &picture.to_rgba8());
    Some(ctx.load_texture(name, picture, egui::TextureOptions::LINEAR))
}

/// A picture of a part, or a drawn brick while there is none yet.
pub fn paint_part(painter: &Painter, rect: Rect, texture: Option<egui::TextureId>, weak: Color32) {
    match texture {
        Some(id) => {
            painter.image(id, rect, Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0)), Color32::WHITE);
        }
        None => Icon::Brick.paint(
            painter,
            Rect::from_center_size(rect.center(), rect.size() * 0.5),
            weak.gamma_multiply(0.45),
        ),
    }
}

/// A vertical line between groups in a tool bar.
pub fn bar_gap(ui: &mut Ui) {
    let (rect, _) = ui.allocate_exact_size(vec2(9.0, 22.0), Sense::hover());
    ui.painter().vline(rect.center().x, rect.y_range(), Stroke::new(1.0, tones(ui).line));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(count(1, "piece"), "1 piece");
        assert_eq!(count(0, "piece"), "0 pieces");
        assert_eq!(count(147_000, "piece"), "147,000 pieces");
        assert_eq!([number(12.0), number(-0.001), number(2.34567), number(-8.5)], ["12", "0", "2.35", "-8.5"]);
    }
}
