//! `cargo xtask bench`: one run that measures what the project promises of its speed, prints it beside the targets, and
//! writes a report and a plot.
//!
//! Pictures are compared with LeoCAD's ([`pictures`]); what happens without a window is measured by an example of
//! `studwork-render` ([`figures`]); the rest is the window at rest ([`idle`]). No figure fails the run: they are for
//! reading, and a machine may be busy.

mod figures;
mod idle;
mod markdown;
mod pictures;
mod plot;
mod timed;

use crate::machine::{C_COMPILER, LEOCAD, VULKAN, XVFB, set_up};
use crate::process::{cargo, succeeds, target_dir};
use crate::silhouettes::models_of_environment;
use anyhow::{Context as _, Result, bail};
use serde_json::json;
use std::path::{Path, PathBuf};
use timed::Screen;

/// A figure beside what it should be at most.
struct Figure {
    what: String,
    value: f64,
    most: f64,
    unit: &'static str,
}

impl Figure {
    fn new(what: impl Into<String>, value: f64, most: f64, unit: &'static str) -> Self {
        Self { what: what.into(), value, most, unit }
    }

    fn line(&self) -> String {
        let Self { what, value, most, unit } = self;
        let verdict = if value <= most { "" } else { "  missed" };
        format!("{what:<62} {value:>8.2} {most:>8.2} {unit}{verdict}")
    }
}

/// Measures everything, or only pictures; prints the tables and writes the report.
pub fn bench(models: &[PathBuf], runs: usize, only_pictures: bool) -> Result<bool> {
    if !cfg!(target_os = "linux") {
        bail!("the comparison with LeoCAD runs on Linux alone: it needs a virtual screen");
    }
    let unmet = set_up(&[&C_COMPILER, &VULKAN, &XVFB, &LEOCAD], false)?;
    if !unmet.is_empty() {
        bail!("cannot compare without {}", unmet.iter().map(|need| need.name).collect::<Vec<_>>().join(" and "));
    }
    let library = std::env::var_os("STUDWORK_LDRAW").context("set STUDWORK_LDRAW to an LDraw library")?;
    let models = if models.is_empty() { models_of_environment()? } else { models.to_vec() };
    if !succeeds(cargo().args(["build", "--workspace", "--bin", "studwork"]))? {
        bail!("the build failed");
    }
    let folder = std::env::temp_dir().join(format!("studwork-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let measured = measure(&models, runs.max(1), only_pictures, Path::new(&library), &folder);
    std::fs::remove_dir_all(&folder).ok();
    let (rows, figures, raw) = measured?;
    println!("\n{:<62} {:>8} {:>8}", "what", "measured", "target");
    for figure in &figures {
        println!("{}", figure.line());
    }
    write_report(&rows, &figures, &raw, runs.max(1))?;
    Ok(true)
}

type Measured = (Vec<pictures::Row>, Vec<Figure>, serde_json::Value);

fn measure(models: &[PathBuf], runs: usize, only_pictures: bool, library: &Path, folder: &Path) -> Result<Measured> {
    let screen = Screen::open()?;
    let rows = pictures::measure(models, runs, library, folder, &screen)?;
    let mut figures = pictures::figures(&rows);
    let mut raw = json!(null);
    // The largest model stands for all in what follows.
    let largest = rows.iter().max_by_key(|row| row.pieces).map(|row| row.path.clone());
    if let (Some(model), false) = (largest, only_pictures) {
        let (more, found) = figures::measure(&model, runs, library, folder)?;
        figures.extend(more);
        raw = found;
        figures.push(idle::measure(&model, library, folder, &screen)?);
    }
    Ok((rows, figures, raw))
}

fn write_report(rows: &[pictures::Row], figures: &[Figure], raw: &serde_json::Value, runs: usize) -> Result<()> {
    let folder = target_dir().join("bench");
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let listed: Vec<_> = figures
        .iter()
        .map(|f| json!({ "what": f.what, "value": f.value, "most": f.most, "unit": f.unit, "met": f.value <= f.most }))
        .collect();
    let models: Vec<_> = rows.iter().map(pictures::Row::json).collect();
    let report = json!({ "runs": runs, "figures": listed, "models": models, "raw": raw });
    let (text, plot) = (folder.join("report.json"), folder.join("report.svg"));
    std::fs::write(&text, serde_json::to_string_pretty(&report)?)
        .with_context(|| format!("cannot write {}", text.display()))?;
    std::fs::write(&plot, plot::plot(rows, figures)).with_context(|| format!("cannot write {}", plot.display()))?;
    let tables = folder.join("report.md");
    std::fs::write(&tables, markdown::tables(rows, figures))
        .with_context(|| format!("cannot write {}", tables.display()))?;
    println!("wrote {}, {} and {}", text.display(), plot.display(), tables.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_says_whether_it_misses_its_target() {
        assert!(!Figure::new("quick", 0.5, 0.7, "s").line().contains("missed"));
        assert!(Figure::new("slow", 0.8, 0.7, "s").line().contains("missed"));
        assert!(Figure::new("broken", f64::NAN, 0.7, "s").line().contains("missed"));
    }
}
