//! The report as the tables of `docs/performance.md`.

use super::Figure;
use super::pictures::Row;
use std::fmt::Write as _;

/// Pictures, then figures.
pub fn tables(rows: &[Row], figures: &[Figure]) -> String {
    let mut out = String::from(
        "| model | pieces | warm | cold | LeoCAD | warm ÷ LeoCAD | cold ÷ LeoCAD | MiB | LeoCAD | ÷ |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for row in rows {
        let (ours, cold, theirs) = (row.ours, row.ours_cold, row.theirs);
        let _ = writeln!(
            out,
            "| {} | {} | {:.2} | {:.2} | {:.2} | {:.2} | {:.2} | {:.0} | {:.0} | {:.2} |",
            row.model,
            row.pieces,
            ours.seconds,
            cold.seconds,
            theirs.seconds,
            row.warm(),
            row.cold(),
            ours.peak_mib,
            theirs.peak_mib,
            row.memory()
        );
    }
    out.push_str("\n| what | measured | target | |\n|---|--:|--:|---|\n");
    for Figure { what, value, most, unit } in figures {
        let verdict = if value <= most { "met" } else { "missed" };
        let _ = writeln!(out, "| {what} | {value:.2} {unit} | {most:.2} {unit} | {verdict} |");
    }
    out
}
