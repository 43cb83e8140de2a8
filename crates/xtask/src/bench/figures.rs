//! What the example `figures` of `studwork-render` measures: the library, opening a model, a city of 147,000 pieces.

use super::Figure;
use super::timed::median;
use crate::process::{cargo, studwork, succeeds};
use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

/// Measures `runs` times (the city once: it takes long); returns figures and what the example said.
pub fn measure(model: &Path, runs: usize, library: &Path, folder: &Path) -> Result<(Vec<Figure>, Value)> {
    let (warm, cold) = (folder.join("cache"), folder.join("cold"));
    // With the features of the whole workspace, so that nothing is built twice.
    if !succeeds(cargo().args(["build", "--workspace", "--example", "figures"]))? {
        bail!("the build failed");
    }
    let program = studwork().with_file_name("examples").join(format!("figures{}", std::env::consts::EXE_SUFFIX));
    let of_model = |what: &str, cache: &Path| -> Result<Value> {
        let output = Command::new(&program)
            .arg(what)
            .arg(model)
            .env("STUDWORK_CACHE", cache)
            .env("STUDWORK_LDRAW", library)
            .output()
            .with_context(|| format!("cannot start {}", program.display()))?;
        if !output.status.success() {
            bail!("the example failed: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        serde_json::from_slice(&output.stdout).context("the example's figures cannot be read")
    };
    let (mut libraries, mut opens, mut checks) = (Vec::new(), Vec::new(), Vec::new());
    // The first check fills the cache.
    of_model("check", &warm)?;
    for _ in 0..runs {
        std::fs::remove_dir_all(&cold).ok();
        libraries.push(of_model("library", &cold)?);
        opens.push(of_model("open", &warm)?);
        checks.push(of_model("check", &warm)?);
    }
    let (city, snaps) = (of_model("city", &warm)?, of_model("snap", &warm)?);
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
        Figure::new(format!("{name}: the whole check"), middle(&checks, "check_s"), 0.7, "s"),
        Figure::new(format!("{name}: the order of taking apart"), middle(&checks, "order_s"), 10.0, "s"),
        Figure::new(
            format!("{name}: compared with an edited copy, by shape"),
            middle(&checks, "compare_by_shape_s"),
            0.5,
            "s",
        ),
        Figure::new(city_of("p99 of add"), edits[0], 2.0, "ms"),
        Figure::new(city_of("p99 of move"), edits[1], 2.0, "ms"),
        Figure::new(city_of("p99 of recolor"), edits[2], 2.0, "ms"),
        Figure::new(city_of("p99 of undo"), edits[3], 2.0, "ms"),
        Figure::new(city_of("main thread, a frame of a turn"), number(&city["orbit_ms"]), 8.0, "ms"),
        Figure::new(city_of("peak memory"), number(&city["peak_mib"]), 3072.0, "MiB"),
        Figure::new(city_of("save"), number(&city["save_s"]), 2.0, "s"),
        Figure::new(city_of("load"), number(&city["load_s"]), 3.0, "s"),
        Figure::new(city_of("p99 of a snap query"), number(&snaps["snap_ms"]["p99"]), 1.0, "ms"),
        Figure::new(city_of("p99 of the graph's update"), number(&snaps["graph_ms"]["p99"]), 1.0, "ms"),
    ];
    Ok((figures, json!({ "library": libraries, "open": opens, "check": checks, "city": city, "snap": snaps })))
}

/// What is no number misses every target.
fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}
