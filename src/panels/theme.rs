//! Colors, spacing and fonts of everything drawn with egui, dark and light, in one place.
//!
//! The accent is a warm yellow that no panel background has, so that what is chosen can be told at a glance.

use crate::settings;
use bevy_egui::egui::{
    self, Color32, Context, CornerRadius, FontFamily, FontId, Margin, Shadow, Stroke, Style, TextStyle, Vec2, Visuals,
};

/// Colors that egui's own style has no place for.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Tones {
    /// What is chosen.
    pub accent: Color32,
    /// Text on the accent.
    pub on_accent: Color32,
    /// A chosen row, behind normal text.
    pub chosen: Color32,
    /// Behind panels, between tabs.
    pub sunken: Color32,
    /// Panels.
    pub panel: Color32,
    /// Cards and buttons on a panel.
    pub raised: Color32,
    /// Behind pictures of parts, so that black and white ones can be told from it.
    pub stage: Color32,
    /// Lines between things.
    pub line: Color32,
    /// Text of less weight.
    pub weak: Color32,
    /// What is fine.
    pub good: Color32,
    /// What is worth a look.
    pub warning: Color32,
    /// What is wrong.
    pub error: Color32,
}

const DARK: Tones = Tones {
    accent: Color32::from_rgb(0xf5, 0xb8, 0x2e),
    on_accent: Color32::from_rgb(0x22, 0x1b, 0x08),
    chosen: Color32::from_rgb(0x55, 0x46, 0x20),
    sunken: Color32::from_rgb(0x17, 0x19, 0x1d),
    panel: Color32::from_rgb(0x20, 0x23, 0x28),
    raised: Color32::from_rgb(0x2d, 0x31, 0x38),
    stage: Color32::from_rgb(0x43, 0x49, 0x53),
    line: Color32::from_rgb(0x3a, 0x40, 0x49),
    weak: Color32::from_rgb(0x9a, 0xa3, 0xaf),
    good: Color32::from_rgb(0x6c, 0xc0, 0x7a),
    warning: Color32::from_rgb(0xf2, 0xa9, 0x4b),
    error: Color32::from_rgb(0xf0, 0x6a, 0x5e),
};

const LIGHT: Tones = Tones {
    accent: Color32::from_rgb(0xe9, 0xa1, 0x08),
    on_accent: Color32::from_rgb(0x26, 0x1b, 0x02),
    chosen: Color32::from_rgb(0xfb, 0xe4, 0xb0),
    sunken: Color32::from_rgb(0xd9, 0xdc, 0xe1),
    panel: Color32::from_rgb(0xf3, 0xf4, 0xf6),
    raised: Color32::from_rgb(0xff, 0xff, 0xff),
    stage: Color32::from_rgb(0xe3, 0xe6, 0xeb),
    line: Color32::from_rgb(0xc9, 0xce, 0xd6),
    weak: Color32::from_rgb(0x5a, 0x63, 0x70),
    good: Color32::from_rgb(0x2a, 0x7d, 0x3c),
    warning: Color32::from_rgb(0xa8, 0x5c, 0x00),
    error: Color32::from_rgb(0xc0, 0x2d, 0x22),
};

/// The colors of the theme that a Ui is drawn in.
pub fn tones(ui: &egui::Ui) -> &'static Tones {
    if ui.visuals().dark_mode { &DARK } else { &LIGHT }
}

/// Sets up both themes; call it once for a context.
pub fn install(ctx: &Context) {
    for theme in [egui::Theme::Dark, egui::Theme::Light] {
        let dark = theme == egui::Theme::Dark;
        ctx.style_mut_of(theme, |style| {
            style.visuals = visuals(dark);
            arrange(style);
        });
    }
    // Ctrl with plus and minus moves the camera here; the size of text is a setting.
    ctx.options_mut(|options| options.zoom_with_keyboard = false);
}

/// Chooses the theme and the size of text.
pub fn apply(ctx: &Context, theme: settings::Theme, scale: f32) {
    ctx.set_theme(match theme {
        settings::Theme::Dark => egui::Theme::Dark,
        settings::Theme::Light => egui::Theme::Light,
    });
    let scale = scale.clamp(0.6, 3.0);
    if (ctx.zoom_factor() - scale).abs() > 1e-3 {
        ctx.set_zoom_factor(scale);
    }
}

fn arrange(style: &mut Style) {
    let font = |size| FontId::new(size, FontFamily::Proportional);
    style.text_styles = [
        (TextStyle::Small, font(10.5)),
        (TextStyle::Body, font(13.0)),
        (TextStyle::Button, font(13.0)),
        (TextStyle::Heading, font(17.0)),
        (TextStyle::Monospace, FontId::new(12.0, FontFamily::Monospace)),
    ]
    .into();
    let spacing = &mut style.spacing;
    spacing.item_spacing = Vec2::new(6.0, 5.0);
    spacing.button_padding = Vec2::new(8.0, 3.0);
    spacing.interact_size = Vec2::new(28.0, 22.0);
    spacing.window_margin = Margin::same(14);
    spacing.menu_margin = Margin::same(6);
    spacing.indent = 14.0;
    spacing.combo_height = 320.0;
    spacing.tooltip_width = 340.0;
    spacing.scroll =
        egui::style::ScrollStyle { bar_width: 8.0, foreground_color: false, ..egui::style::ScrollStyle::floating() };
    style.interaction.selectable_labels = false;
    style.interaction.tooltip_delay = 0.4;
    style.animation_time = 0.09;
}

fn visuals(dark: bool) -> Visuals {
    let (base, tones) = if dark { (Visuals::dark(), DARK) } else { (Visuals::light(), LIGHT) };
    let mut visuals = base;
    let radius = CornerRadius::same(5);
    let text = if dark { Color32::from_rgb(0xdf, 0xe3, 0xe8) } else { Color32::from_rgb(0x22, 0x27, 0x2e) };
    let strong = if dark { Color32::WHITE } else { Color32::BLACK };
    visuals.panel_fill = tones.panel;
    visuals.window_fill = tones.panel;
    visuals.window_stroke = Stroke::new(1.0, tones.line);
    visuals.window_corner_radius = CornerRadius::same(9);
    visuals.menu_corner_radius = CornerRadius::same(7);
    visuals.window_shadow =
        Shadow { offset: [0, 6], blur: 24, spread: 0, color: Color32::from_black_alpha(if dark { 120 } else { 50 }) };
    visuals.popup_shadow =
        Shadow { offset: [0, 3], blur: 12, spread: 0, color: Color32::from_black_alpha(if dark { 110 } else { 45 }) };
    visuals.faint_bg_color =
        if dark { Color32::from_rgb(0x26, 0x2a, 0x30) } else { Color32::from_rgb(0xea, 0xec, 0xef) };
    visuals.extreme_bg_color = if dark { Color32::from_rgb(0x16, 0x18, 0x1c) } else { Color32::WHITE };
    visuals.code_bg_color = tones.raised;
    visuals.hyperlink_color =
        if dark { Color32::from_rgb(0x6f, 0xb3, 0xff) } else { Color32::from_rgb(0x0b, 0x5c, 0xc4) };
    visuals.warn_fg_color = tones.warning;
    visuals.error_fg_color = tones.error;
    visuals.weak_text_color = Some(tones.weak);
    visuals.selection.bg_fill = tones.chosen;
    visuals.selection.stroke = Stroke::new(1.0, if dark { Color32::from_rgb(0xff, 0xe9, 0xb8) } else { strong });
    visuals.striped = false;
    visuals.indent_has_left_vline = false;
    visuals.slider_trailing_fill = true;
    visuals.interact_cursor = None;
    // A blinking cursor would draw the window again and again.
    visuals.text_cursor.blink = false;
    visuals.disabled_alpha = 0.4;

    let widgets = &mut visuals.widgets;
    for state in [
        &mut widgets.noninteractive,
        &mut widgets.inactive,
        &mut widgets.hovered,
        &mut widgets.active,
        &mut widgets.open,
    ] {
        state.corner_radius = radius;
        state.expansion = 0.0;
    }
    let over = if dark { Color32::from_rgb(0x3a, 0x40, 0x49) } else { Color32::from_rgb(0xe4, 0xe8, 0xee) };
    let down = if dark { Color32::from_rgb(0x45, 0x4c, 0x57) } else { Color32::from_rgb(0xd3, 0xd9, 0xe1) };
    widgets.noninteractive.bg_fill = tones.panel;
    widgets.noninteractive.weak_bg_fill = tones.panel;
    widgets.noninteractive.bg_stroke = Stroke::new(1.0, tones.line);
    widgets.noninteractive.fg_stroke = Stroke::new(1.0, text);
    widgets.inactive.bg_fill = tones.raised;
    widgets.inactive.weak_bg_fill = tones.raised;
    widgets.inactive.bg_stroke = Stroke::new(1.0, tones.line);
    widgets.inactive.fg_stroke = Stroke::new(1.0, text);
    widgets.hovered.bg_fill = over;
    widgets.hovered.weak_bg_fill = over;
    widgets.hovered.bg_stroke = Stroke::new(1.0, tones.line);
    widgets.hovered.fg_stroke = Stroke::new(1.0, strong);
    widgets.active.bg_fill = down;
    widgets.active.weak_bg_fill = down;
    widgets.active.bg_stroke = Stroke::new(1.0, tones.accent);
    widgets.active.fg_stroke = Stroke::new(1.0, strong);
    widgets.open.bg_fill = over;
    widgets.open.weak_bg_fill = over;
    widgets.open.bg_stroke = Stroke::new(1.0, tones.line);
    widgets.open.fg_stroke = Stroke::new(1.0, strong);
    visuals
}

/// How the dock looks in this theme.
pub fn dock_style(ui: &egui::Ui) -> egui_dock::Style {
    let tones = tones(ui);
    let mut style = egui_dock::Style::from_egui(ui.style());
    style.main_surface_border_stroke = Stroke::NONE;
    style.separator.width = 3.0;
    style.separator.extra_interact_width = 6.0;
    style.separator.extra = 120.0;
    style.separator.color_idle = tones.sunken;
    style.separator.color_hovered = tones.line;
    style.separator.color_dragged = tones.accent;
    style.tab_bar.bg_fill = tones.sunken;
    style.tab_bar.height = 28.0;
    style.tab_bar.hline_color = tones.sunken;
    style.tab_bar.corner_radius = CornerRadius::ZERO;
    style.tab_bar.show_scroll_bar_on_overflow = false;
    style.tab.hline_below_active_tab_name = false;
    style.tab.tab_body.bg_fill = tones.panel;
    style.tab.tab_body.stroke = Stroke::NONE;
    style.tab.tab_body.corner_radius = CornerRadius::ZERO;
    style.tab.tab_body.inner_margin = Margin::ZERO;
    let corner = CornerRadius { nw: 6, ne: 6, sw: 0, se: 0 };
    let text = ui.visuals().text_color();
    let strong = ui.visuals().strong_text_color();
    let tab = &mut style.tab;
    for (state, fill, color) in [
        (&mut tab.active, tones.panel, text),
        (&mut tab.focused, tones.panel, strong),
        (&mut tab.active_with_kb_focus, tones.panel, strong),
        (&mut tab.focused_with_kb_focus, tones.panel, strong),
        (&mut tab.inactive, tones.sunken, tones.weak),
        (&mut tab.inactive_with_kb_focus, tones.sunken, text),
        (&mut tab.hovered, tones.raised, strong),
    ] {
        state.bg_fill = fill;
        state.text_color = color;
        state.outline_color = Color32::TRANSPARENT;
        state.corner_radius = corner;
    }
    style.overlay.selection_color = tones.accent.gamma_multiply(0.4);
    style
}
