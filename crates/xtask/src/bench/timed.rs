//! Running other programs with a clock and an eye on their memory.

use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What one run took.
#[derive(Copy, Clone, Debug)]
pub struct Run {
    pub seconds: f64,
    pub peak_mib: f64,
}

/// Runs a command to its end; its peak memory is what the system says of it shortly before.
pub fn timed(mut command: Command) -> Result<Run> {
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

/// The middle of some values; 0 of none.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// The middle of some runs, of each number by itself.
pub fn median_run(runs: &[Run]) -> Run {
    Run {
        seconds: median(runs.iter().map(|run| run.seconds).collect()),
        peak_mib: median(runs.iter().map(|run| run.peak_mib).collect()),
    }
}

/// A virtual screen that ends with the measurement.
pub struct Screen {
    server: Child,
    pub display: String,
}

impl Screen {
    pub fn open() -> Result<Self> {
        let number =
            (120..170).find(|n| !Path::new(&format!("/tmp/.X{n}-lock")).exists()).context("no free display number")?;
        let display = format!(":{number}");
        let server = Command::new("Xvfb")
            .args([&display, "-screen", "0", "1280x800x24", "-nolisten", "tcp"])
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
    fn the_median_is_the_middle_of_each_number() {
        let runs = [3.0, 1.0, 2.0].map(|seconds| Run { seconds, peak_mib: 10.0 * seconds });
        assert_eq!((median_run(&runs).seconds, median_run(&runs).peak_mib), (2.0, 20.0));
    }
}
