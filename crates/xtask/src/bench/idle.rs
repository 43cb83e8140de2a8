//! What the window costs while nobody touches it.

use super::Figure;
use super::timed::Screen;
use crate::process::studwork;
use anyhow::{Context as _, Result, bail};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long it is watched.
const WATCHED: Duration = Duration::from_secs(10);
/// It has settled when it used at most this much processor time in two seconds.
const SETTLED: f64 = 0.1;
/// It should have settled by then.
const PATIENCE: Duration = Duration::from_secs(60);

/// Opens a model in the window, waits until it rests, and takes its processor time over ten seconds.
pub fn measure(model: &Path, library: &Path, folder: &Path, screen: &Screen) -> Result<Figure> {
    // What the window saves and restores is kept apart from the user's.
    let home = folder.join("home");
    std::fs::create_dir_all(&home)?;
    let mut command = Command::new(studwork());
    command.arg(model).arg("--ldraw").arg(library);
    command.env("DISPLAY", &screen.display).env_remove("WAYLAND_DISPLAY").env("STUDWORK_CACHE", folder.join("cache"));
    command.env("XDG_CONFIG_HOME", &home).env("XDG_DATA_HOME", &home).env("XDG_RUNTIME_DIR", &home);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut window = Window(command.spawn().context("cannot start studwork")?);
    let start = Instant::now();
    // The window is there and the model is loaded after this at the earliest.
    std::thread::sleep(Duration::from_secs(5));
    loop {
        let before = window.seconds()?;
        std::thread::sleep(Duration::from_secs(2));
        if window.seconds()? - before <= SETTLED || start.elapsed() > PATIENCE {
            break;
        }
    }
    let before = window.seconds()?;
    std::thread::sleep(WATCHED);
    let spent = window.seconds()? - before;
    Ok(Figure::new("window at rest for 10 s with the model open: processor time", spent, 0.2, "s"))
}

struct Window(Child);

impl Window {
    /// The processor time it has used so far, in all threads.
    fn seconds(&mut self) -> Result<f64> {
        if let Some(status) = self.0.try_wait()? {
            bail!("the window closed by itself: {status}");
        }
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.0.id()))?;
        // Nanoseconds on a processor, by thread.
        let spent = tasks.flatten().filter_map(|task| {
            let text = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
            text.split_whitespace().next()?.parse::<f64>().ok()
        });
        Ok(spent.sum::<f64>() / 1e9)
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}
