//! How long a picture of each model takes us and LeoCAD, and how much memory.
//!
//! Both draw the same model from their home view at the same size, ours with shadows and smooth edges, without a
//! graphics card. Runs alternate, so that a busy moment hits both; the median counts.

use super::Figure;
use super::timed::{Run, Screen, median_run, timed};
use crate::process::studwork;
use anyhow::{Context as _, Result, bail};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Command;

/// From so many pieces on a model counts as large.
const LARGE: u64 = 1000;

/// A model's medians.
pub struct Row {
    pub path: PathBuf,
    pub model: String,
    pub pieces: u64,
    pub ours: Run,
    pub ours_cold: Run,
    pub theirs: Run,
}

impl Row {
    fn is_large(&self) -> bool {
        self.pieces >= LARGE
    }

    pub fn warm(&self) -> f64 {
        self.ours.seconds / self.theirs.seconds
    }

    pub fn cold(&self) -> f64 {
        self.ours_cold.seconds / self.theirs.seconds
    }

    pub fn memory(&self) -> f64 {
        self.ours.peak_mib / self.theirs.peak_mib
    }

    /// As the report has it.
    pub fn json(&self) -> serde_json::Value {
        let run = |run: Run| json!({ "seconds": run.seconds, "peak_mib": run.peak_mib });
        json!({
            "model": self.model, "pieces": self.pieces, "ours": run(self.ours), "ours_cold": run(self.ours_cold),
            "leocad": run(self.theirs), "ratio_warm": self.warm(), "ratio_cold": self.cold(),
            "ratio_memory": self.memory(),
        })
    }
}

/// Draws every model with both programs; prints a line for each.
pub fn measure(models: &[PathBuf], runs: usize, library: &Path, folder: &Path, screen: &Screen) -> Result<Vec<Row>> {
    println!(
        "{:<36} {:>6} {:>7} {:>7} {:>7} {:>6} {:>6} {:>7} {:>7} {:>6}",
        "model", "pieces", "ours s", "cold s", "LeoCAD", "ratio", "cold", "ours MB", "LeoCAD", "ratio"
    );
    let mut rows = Vec::new();
    for model in models {
        let (warm, cold) = (folder.join("cache"), folder.join("cold"));
        // Fills the cache that the warm runs use.
        ours(model, library, folder, &warm)?;
        let (mut our_runs, mut cold_runs, mut their_runs) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..runs {
            our_runs.push(ours(model, library, folder, &warm)?);
            their_runs.push(theirs(model, library, folder, screen)?);
            std::fs::remove_dir_all(&cold).ok();
            cold_runs.push(ours(model, library, folder, &cold)?);
        }
        let row = Row {
            path: model.clone(),
            model: model.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
            pieces: pieces_of(model, library, &warm)?,
            ours: median_run(&our_runs),
            ours_cold: median_run(&cold_runs),
            theirs: median_run(&their_runs),
        };
        println!(
            "{:<36} {:>6} {:>7.2} {:>7.2} {:>7.2} {:>6.2} {:>6.2} {:>7.0} {:>7.0} {:>6.2}",
            row.model.chars().take(36).collect::<String>(),
            row.pieces,
            row.ours.seconds,
            row.ours_cold.seconds,
            row.theirs.seconds,
            row.warm(),
            row.cold(),
            row.ours.peak_mib,
            row.theirs.peak_mib,
            row.memory(),
        );
        rows.push(row);
    }
    Ok(rows)
}

/// The ratios of all models beside their targets.
pub fn figures(rows: &[Row]) -> Vec<Figure> {
    let of = |large: bool| rows.iter().filter(move |row| row.is_large() == large);
    let worst = |ratios: &mut dyn Iterator<Item = f64>| ratios.fold(0.0, f64::max);
    let mut out = Vec::new();
    if of(true).next().is_some() {
        let large = "picture ÷ LeoCAD, warm, models of 1,000 pieces and more";
        out.push(Figure::new(format!("{large}: mean"), geometric_mean(of(true).map(Row::warm)), 0.5, "×"));
        out.push(Figure::new(format!("{large}: worst"), worst(&mut of(true).map(Row::warm)), 0.7, "×"));
    }
    if of(false).next().is_some() {
        let small = "picture ÷ LeoCAD, warm, smaller models: worst";
        out.push(Figure::new(small, worst(&mut of(false).map(Row::warm)), 1.0, "×"));
    }
    let all = rows.iter();
    out.push(Figure::new(
        "picture ÷ LeoCAD, our caches empty: mean",
        geometric_mean(all.clone().map(Row::cold)),
        1.0,
        "×",
    ));
    out.push(Figure::new("peak memory ÷ LeoCAD: mean", geometric_mean(all.clone().map(Row::memory)), 1.0, "×"));
    out.push(Figure::new("peak memory ÷ LeoCAD: worst", worst(&mut all.map(Row::memory)), 1.0, "×"));
    out
}

fn ours(model: &Path, library: &Path, folder: &Path, cache: &Path) -> Result<Run> {
    let out = folder.join("ours.png");
    let mut command = Command::new(studwork());
    command.arg("render").arg(model).arg("-o").arg(&out).args(["--size", "800x600", "--ldraw"]).arg(library);
    command.env("STUDWORK_CACHE", cache);
    let run = timed(command)?;
    if !out.is_file() {
        bail!("studwork drew no picture of {}", model.display());
    }
    std::fs::remove_file(&out).ok();
    Ok(run)
}

fn theirs(model: &Path, library: &Path, folder: &Path, screen: &Screen) -> Result<Run> {
    let out = folder.join("theirs.png");
    let mut command = Command::new("leocad");
    command
        .arg("-l")
        .arg(library)
        .arg("-i")
        .arg(&out)
        .args(["-w", "800", "-h", "600", "--viewpoint", "home"])
        .arg(model);
    command.env("DISPLAY", &screen.display);
    let run = timed(command)?;
    if !out.is_file() {
        bail!("LeoCAD drew no picture of {}", model.display());
    }
    std::fs::remove_file(&out).ok();
    Ok(run)
}

fn pieces_of(model: &Path, library: &Path, cache: &Path) -> Result<u64> {
    let mut command = Command::new(studwork());
    command.arg("info").arg(model).args(["--json", "--ldraw"]).arg(library).env("STUDWORK_CACHE", cache);
    let output = command.output().context("cannot start studwork")?;
    let facts: serde_json::Value = serde_json::from_slice(&output.stdout)
        .with_context(|| format!("studwork info says nothing of {}", model.display()))?;
    facts["pieces"].as_u64().context("studwork info counts no pieces")
}

/// The geometric mean of some ratios; 1 of none.
fn geometric_mean(ratios: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = ratios.fold((0.0, 0.0), |(sum, count), ratio| (sum + ratio.ln(), count + 1.0));
    if count > 0.0 { (sum / count).exp() } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(pieces: u64, ours: f64, theirs: f64) -> Row {
        let run = |seconds| Run { seconds, peak_mib: 100.0 };
        let (ours, theirs) = (run(ours), run(theirs));
        Row { path: PathBuf::new(), model: String::new(), pieces, ours, ours_cold: ours, theirs }
    }

    #[test]
    fn the_geometric_mean_weighs_ratios() {
        assert!((geometric_mean([0.5, 2.0].into_iter()) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn large_and_small_models_have_targets_of_their_own() {
        let rows = [row(5000, 1.0, 4.0), row(1000, 1.0, 1.0), row(50, 0.3, 0.4)];
        let values: Vec<f64> = figures(&rows).iter().map(|figure| (figure.value * 100.0).round()).collect();
        assert_eq!(values[..3], [50.0, 100.0, 75.0]);
        assert_eq!(values[4], 100.0);
    }
}
