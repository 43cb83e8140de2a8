//! The report as a picture: seconds by model beside LeoCAD's, and each figure as a share of its target.

use super::Figure;
use super::pictures::Row;
use std::fmt::Write as _;

const WIDTH: usize = 960;
const LEFT: f64 = 400.0;
const ROOM: f64 = 420.0;

/// An SVG file.
pub fn plot(rows: &[Row], figures: &[Figure]) -> String {
    let most = rows.iter().map(|row| row.ours_cold.seconds.max(row.theirs.seconds)).fold(0.1, f64::max);
    let split = 50 + rows.len() * 46;
    let height = split + 50 + figures.len() * 22;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"{WIDTH}\" height=\"{height}\" fill=\"white\"/>\n"
    );
    text(
        &mut svg,
        10.0,
        24,
        "Seconds for a picture, 800×600: Studwork (orange), with empty caches (yellow), LeoCAD (grey)",
    );
    for (number, row) in rows.iter().enumerate() {
        let top = 40 + number * 46;
        text(&mut svg, 10.0, top + 24, &format!("{} ({} pieces)", row.model, row.pieces));
        let bars = [(row.ours.seconds, "#f08a20"), (row.ours_cold.seconds, "#f2cc60"), (row.theirs.seconds, "#909090")];
        for (line, (seconds, color)) in bars.into_iter().enumerate() {
            bar(&mut svg, top + line * 13, 12, seconds / most, color, &format!("{seconds:.2}"));
        }
    }
    text(&mut svg, 10.0, split + 24, "Figures as shares of what they may be at most (green met, red missed)");
    for (number, figure) in figures.iter().enumerate() {
        let top = split + 36 + number * 22;
        text(&mut svg, 10.0, top + 13, &figure.what);
        let share = figure.value / figure.most;
        let color = if figure.value <= figure.most { "#4c9f60" } else { "#c8503c" };
        let label = format!("{:.2} of {:.2} {}", figure.value, figure.most, figure.unit);
        bar(&mut svg, top, 16, (share / 2.0).min(1.0), color, &label);
    }
    let _ = writeln!(
        svg,
        "<line x1=\"{x}\" x2=\"{x}\" y1=\"{}\" y2=\"{}\" stroke=\"black\"/>",
        split + 32,
        height - 12,
        x = LEFT + ROOM / 2.0
    );
    svg + "</svg>\n"
}

fn bar(svg: &mut String, top: usize, height: usize, share: f64, color: &str, label: &str) {
    let width = if share.is_finite() { (share * ROOM).max(0.0) } else { 0.0 };
    let _ = writeln!(svg, "<rect x=\"{LEFT}\" y=\"{top}\" width=\"{width:.1}\" height=\"{height}\" fill=\"{color}\"/>");
    text(svg, LEFT + width + 6.0, top + height - 1, label);
}

fn text(svg: &mut String, x: f64, y: usize, words: &str) {
    let words = words.replace('&', "&amp;").replace('<', "&lt;");
    let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y}\">{words}</text>");
}
