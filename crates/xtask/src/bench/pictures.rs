//! `cargo xtask bench`: how long a picture of each model takes us and LeoCAD, and how much memory.
//!
//! Both draw the same model from their home view at the same size, ours with shadows and smooth edges, on whatever
//! the machine draws with. Runs alternate, so that a busy moment hits both; the median counts.

use crate::machine::{C_COMPILER, LEOCAD, VULKAN, XVFB, set_up};
use crate::process::{cargo, studwork, succeeds};
use crate::silhouettes::models_of_environment;
use anyhow::{Context as _, Result, bail};
use serde_json::json;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What one run took.
#[derive(Copy, Clone, Debug)]
struct Run {
    seconds: f64,
    peak_mib: f64,
}

/// A model's medians.
struct Row {
    model: String,
    ours: Run,
    ours_cold: Run,
    theirs: Run,
}

/// Measures every model; prints the table and writes the report.
pub fn bench(models: &[PathBuf], runs: usize) -> Result<bool> {
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
    let screen = Screen::open()?;
    let measured = measure(&models, runs.max(1), Path::new(&library), &folder, &screen);
    drop(screen);
    std::fs::remove_dir_all(&folder).ok();
    let rows = measured?;
    report(&rows, runs.max(1))?;
    Ok(true)
}

fn measure(models: &[PathBuf], runs: usize, library: &Path, folder: &Path, screen: &Screen) -> Result<Vec<Row>> {
    println!(
        "{:<40} {:>7} {:>7} {:>7} {:>6} {:>6} {:>7} {:>7}",
        "model", "ours s", "cold s", "LeoCAD", "ratio", "cold", "ours MB", "LeoCAD"
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
        let name = model.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let row =
            Row { model: name, ours: median(&our_runs), ours_cold: median(&cold_runs), theirs: median(&their_runs) };
        println!(
            "{:<40} {:>7.2} {:>7.2} {:>7.2} {:>6.2} {:>6.2} {:>7.0} {:>7.0}",
            row.model.chars().take(40).collect::<String>(),
            row.ours.seconds,
            row.ours_cold.seconds,
            row.theirs.seconds,
            row.ours.seconds / row.theirs.seconds,
            row.ours_cold.seconds / row.theirs.seconds,
            row.ours.peak_mib,
            row.theirs.peak_mib,
        );
        rows.push(row);
    }
    Ok(rows)
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

/// Runs a command to its end; its peak memory is what the system says of it shortly before.
fn timed(mut command: Command) -> Result<Run> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let mut child = command.spawn().with_context(|| format!("cannot start {}", command.get_program().display()))?;
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    let mut peak_mib: f64 = 0.0;
    while child.try_wait()?.is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let kib =
            text.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<f64>().ok());
        peak_mib = peak_mib.max(kib.unwrap_or(0.0) / 1024.0);
        std::thread::sleep(Duration::from_millis(2));
    }
    Ok(Run { seconds: start.elapsed().as_secs_f64(), peak_mib })
}

fn median(runs: &[Run]) -> Run {
    let middle = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    Run {
        seconds: middle(runs.iter().map(|run| run.seconds).collect()),
        peak_mib: middle(runs.iter().map(|run| run.peak_mib).collect()),
    }
}

/// The geometric mean of some ratios; 1 of none.
fn geometric_mean(ratios: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = ratios.fold((0.0, 0.0), |(sum, count), ratio| (sum + ratio.ln(), count + 1.0));
    if count > 0.0 { (sum / count).exp() } else { 1.0 }
}

fn report(rows: &[Row], runs: usize) -> Result<()> {
    let warm = geometric_mean(rows.iter().map(|row| row.ours.seconds / row.theirs.seconds));
    let cold = geometric_mean(rows.iter().map(|row| row.ours_cold.seconds / row.theirs.seconds));
    let memory = geometric_mean(rows.iter().map(|row| row.ours.peak_mib / row.theirs.peak_mib));
    println!(
        "geometric mean of ours ÷ LeoCAD: warm {warm:.2}, cold {cold:.2}, memory {memory:.2} (median of {runs} runs)"
    );
    let folder = crate::process::target_dir().join("bench");
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let run = |run: Run| json!({ "seconds": run.seconds, "peak_mib": run.peak_mib });
    let models: Vec<_> = rows
        .iter()
        .map(|row| json!({ "model": row.model, "ours": run(row.ours), "ours_cold": run(row.ours_cold), "leocad": run(row.theirs) }))
        .collect();
    let report =
        json!({ "runs": runs, "ratio_warm": warm, "ratio_cold": cold, "ratio_memory": memory, "models": models });
    let (text, plot) = (folder.join("report.json"), folder.join("report.svg"));
    std::fs::write(&text, serde_json::to_string_pretty(&report)?)
        .with_context(|| format!("cannot write {}", text.display()))?;
    std::fs::write(&plot, plot_of(rows)).with_context(|| format!("cannot write {}", plot.display()))?;
    println!("wrote {} and {}", text.display(), plot.display());
    Ok(())
}

/// Bars of seconds, ours above LeoCAD's.
fn plot_of(rows: &[Row]) -> String {
    let most = rows.iter().map(|row| row.ours.seconds.max(row.theirs.seconds)).fold(0.1, f64::max);
    let height = rows.len() * 40 + 40;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"900\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"900\" height=\"{height}\" fill=\"white\"/>\n<text x=\"10\" y=\"20\">Seconds for a picture, 800×600: Studwork (orange), LeoCAD (grey)</text>\n"
    );
    for (i, row) in rows.iter().enumerate() {
        let y = 40 + i * 40;
        let name = row.model.replace('&', "&amp;").replace('<', "&lt;");
        let _ = writeln!(svg, "<text x=\"10\" y=\"{}\">{name}</text>", y + 18);
        for (seconds, color, offset) in [(row.ours.seconds, "#f0a020", 2), (row.theirs.seconds, "#909090", 18)] {
            let width = seconds / most * 480.0;
            let top = y + offset;
            let _ = writeln!(
                svg,
                "<rect x=\"320\" y=\"{top}\" width=\"{width:.1}\" height=\"14\" fill=\"{color}\"/><text x=\"{:.1}\" y=\"{}\">{seconds:.2}</text>",
                326.0 + width,
                top + 12
            );
        }
    }
    svg + "</svg>\n"
}

/// A virtual screen that ends with the measurement.
struct Screen {
    server: Child,
    display: String,
}

impl Screen {
    fn open() -> Result<Self> {
        let number =
            (120..170).find(|n| !Path::new(&format!("/tmp/.X{n}-lock")).exists()).context("no free display number")?;
        let display = format!(":{number}");
        let server = Command::new("Xvfb")
            .args([&display, "-screen", "0", "1024x768x24", "-nolisten", "tcp"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start Xvfb")?;
        let socket = PathBuf::from(format!("/tmp/.X11-unix/X{number}"));
        let start = Instant::now();
        while !socket.exists() {
            if start.elapsed() > Duration::from_secs(20) {
                bail!("Xvfb shows no screen");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(Self { server, display })
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.server.kill().ok();
        self.server.wait().ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_and_the_mean_are_what_they_are_called() {
        let runs = [3.0, 1.0, 2.0].map(|seconds| Run { seconds, peak_mib: 10.0 * seconds });
        assert_eq!((median(&runs).seconds, median(&runs).peak_mib), (2.0, 20.0));
        assert!((geometric_mean([0.5, 2.0].into_iter()) - 1.0).abs() < 1e-9);
    }
}
