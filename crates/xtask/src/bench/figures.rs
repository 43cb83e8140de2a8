//! What the example `figures` of `studwork-render` measures: the library, opening a model, a city of 147,000 pieces.

use super::Figure;
use super::timed::median;
use crate::process::cargo;
use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use std::ffi::OsStr;
use std::path::Path;

/// Measures `runs` times (the city once: it takes long); returns figures and what the example said.
pub fn measure(model: &Path, runs: usize, library: &Path, folder: &Path) -> Result<(Vec<Figure>, Value)> {
    let (warm, cold) = (folder.join("cache"), folder.join("cold"));
    let run = |cache: &Path, args: &[&OsStr]| -> Result<Value> {
        let mut command = cargo();
        command.args(["run", "--quiet", "--package", "studwork-render", "--example", "figures", "--"]).args(args);
        let output = command
            .env("STUDWORK_CACHE", cache)
            .env("STUDWORK_LDRAW", library)
            .output()
            .context("cannot start cargo")?;
        if !output.status.success() {
            bail!("the example failed: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        serde_json::from_slice(&output.stdout).context("the example's figures cannot be read")
    };
    let (library_word, open_word, city_word) = (OsStr::new("library"), OsStr::new("open"), OsStr::new("city"));
    let (mut libraries, mut opens) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        std::fs::remove_dir_all(&cold).ok();
        libraries.push(run(&cold, &[library_word, model.as_os_str()])?);
        opens.push(run(&warm, &[open_word, model.as_os_str()])?);
    }
    let city = run(&warm, &[city_word, model.as_os_str()])?;
    let middle = |values: &[Value], key: &str| median(values.iter().map(|value| number(&value[key])).collect());
    let edits = ["add", "move", "recolor", "undo"].map(|kind| number(&city["edits_ms"][kind]));
    let name = model.file_stem().unwrap_or_default().to_string_lossy();
    let name: String = name.chars().take(20).collect();
    let pieces = city["pieces"].as_u64().unwrap_or(0);
    let city_of = |what: &str| format!("city of {pieces} pieces: {what}");
    let figures = vec![
        Figure::new(
            "library: first use, its list and all shapes of the model",
            middle(&libraries, "first_use_s"),
            10.0,
            "s",
        ),
        Figure::new("library: a later start, with its list", middle(&libraries, "later_list_s"), 0.3, "s"),
        Figure::new(format!("{name}: from the file to an editable view"), middle(&opens, "all_s"), 1.0, "s"),
        Figure::new(city_of("p99 of add"), edits[0], 2.0, "ms"),
        Figure::new(city_of("p99 of move"), edits[1], 2.0, "ms"),
        Figure::new(city_of("p99 of recolor"), edits[2], 2.0, "ms"),
        Figure::new(city_of("p99 of undo"), edits[3], 2.0, "ms"),
        Figure::new(city_of("main thread, a frame of a turn"), number(&city["orbit_ms"]), 8.0, "ms"),
        Figure::new(city_of("peak memory"), number(&city["peak_mib"]), 3072.0, "MiB"),
        Figure::new(city_of("save"), number(&city["save_s"]), 2.0, "s"),
        Figure::new(city_of("load"), number(&city["load_s"]), 3.0, "s"),
    ];
    Ok((figures, json!({ "library": libraries, "open": opens, "city": city })))
}

/// What is no number misses every target.
fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}
