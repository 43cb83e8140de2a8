//! Notices in the lower right corner, and the progress of work that takes longer than a moment.

use super::icons::Icon;
use super::widgets::{icon_button_sized, icon_label};
use super::{PanelState, Shown, theme};
use crate::feedback::{Notice, NoticeKind, Progress};
use bevy_egui::egui::{self, Align2, Context, CornerRadius, Frame, Margin, Order, RichText, Stroke, Ui, vec2};
use std::time::{Duration, Instant};

const WIDTH: f32 = 340.0;
/// Work that ends sooner shows no progress.
const PATIENCE: Duration = Duration::from_millis(500);

/// Draws notices and progress.
pub fn notices_ui(ctx: &Context, shown: &mut Shown, state: &mut PanelState) {
    let now = Instant::now();
    shown.notices.shown.retain(|notice| notice.until.is_none_or(|until| until > now));
    for until in shown.notices.shown.iter().filter_map(|notice| notice.until) {
        state.wake_by(until);
    }
    let running: Vec<&Progress> = shown.jobs.running.iter().filter(|job| job.since + PATIENCE <= now).collect();
    if !shown.jobs.running.is_empty() {
        state.wake_by(now + Duration::from_millis(100));
    }
    if running.is_empty() && shown.notices.shown.is_empty() {
        return;
    }
    let width = WIDTH.min(ctx.content_rect().width() - 40.0);
    egui::Area::new("notices".into()).order(Order::Foreground).anchor(Align2::RIGHT_BOTTOM, vec2(-14.0, -38.0)).show(
        ctx,
        |ui| {
            ui.set_width(width);
            for job in running {
                card(ui, theme::tones(ui).accent, |ui| progress(ui, job));
            }
            let mut closed = None;
            for (i, notice) in shown.notices.shown.iter().enumerate() {
                let tones = theme::tones(ui);
                let color = match notice.kind {
                    NoticeKind::Info => tones.good,
                    NoticeKind::Warning => tones.warning,
                    NoticeKind::Error => tones.error,
                };
                if card(ui, color, |ui| notice_ui(ui, i, notice, color)) {
                    closed = Some(i);
                }
            }
            if let Some(i) = closed {
                shown.notices.shown.remove(i);
            }
        },
    );
}

fn card<R>(ui: &mut Ui, color: egui::Color32, add: impl FnOnce(&mut Ui) -> R) -> R {
    let frame = Frame::popup(ui.style())
        .stroke(Stroke::new(1.0, theme::tones(ui).line))
        .corner_radius(CornerRadius::same(8))
        .inner_margin(Margin { left: 14, right: 8, top: 8, bottom: 8 });
    let inner = frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        add(ui)
    });
    let mut bar = inner.response.rect;
    bar.set_width(4.0);
    ui.painter().rect_filled(bar, CornerRadius { nw: 8, sw: 8, ne: 0, se: 0 }, color);
    inner.inner
}

/// Draws one notice; whether it was closed.
fn notice_ui(ui: &mut Ui, number: usize, notice: &Notice, color: egui::Color32) -> bool {
    let icon = match notice.kind {
        NoticeKind::Info => Icon::Check,
        NoticeKind::Warning => Icon::Warning,
        NoticeKind::Error => Icon::Error,
    };
    let closed = ui
        .horizontal_top(|ui| {
            icon_label(ui, icon, color, 18.0);
            let width = ui.available_width() - 30.0;
            ui.allocate_ui(vec2(width, 0.0), |ui| {
                ui.set_width(width);
                ui.add(egui::Label::new(&notice.text).wrap().selectable(true));
            });
            icon_button_sized(ui, Icon::Close, "Close", false, 20.0).clicked()
        })
        .inner;
    if !notice.details.is_empty() {
        let title = super::widgets::count(notice.details.len(), "detail");
        egui::CollapsingHeader::new(title).id_salt((number, &notice.text)).show(ui, |ui| {
            egui::ScrollArea::vertical().max_height(180.0).auto_shrink([false, true]).show(ui, |ui| {
                for line in notice.details.iter().take(500) {
                    ui.add(egui::Label::new(RichText::new(line).small()).wrap().selectable(true));
                }
                if notice.details.len() > 500 {
                    ui.label(RichText::new(format!("… and {} others", notice.details.len() - 500)).small());
                }
            });
        });
    }
    closed
}

fn progress(ui: &mut Ui, job: &Progress) {
    ui.horizontal(|ui| {
        if job.fraction().is_none() {
            ui.spinner();
        }
        ui.add(egui::Label::new(&job.label).truncate());
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if job.is_canceled() {
                ui.weak("Stopping…");
            } else if ui.button("Cancel").clicked() {
                job.cancel();
            }
        });
    });
    if let Some(fraction) = job.fraction() {
        ui.add(egui::ProgressBar::new(fraction).desired_height(7.0).fill(theme::tones(ui).accent));
    }
}
