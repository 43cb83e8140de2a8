//! `cargo xtask test`: every check, with one summary line at the end.

use crate::machine::{C_COMPILER, CLIPPY, POSTGRESQL, RUSTFMT, VULKAN, WINDOW_LIBRARIES, XVFB, set_up};
use crate::process::{cargo, root, succeeds};
use anyhow::{Context as _, Result, bail};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;

/// Lines above which a source file is worth splitting.
const LONG_FILE: usize = 500;

/// Which package must not depend, not even through others, on which.
const FORBIDDEN: &[(&str, &[&str])] = &[
    ("studwork-ldraw", &["bevy", "egui", "tokio", "wgpu"]),
    ("studwork-core", &["bevy", "egui", "tokio", "wgpu"]),
    ("studwork-render", &["bevy", "egui", "tokio"]),
    ("studwork-library", &["bevy", "egui", "tokio", "wgpu", "reqwest"]),
    ("studwork-client", &["bevy", "egui", "wgpu"]),
    ("studwork-portal", &["bevy", "egui", "wgpu"]),
    ("xtask", &["bevy", "egui", "tokio", "wgpu"]),
];

/// Crates whose tests do not link the engine.
const QUICK: &[&str] = &["studwork-ldraw", "studwork-core", "studwork-library", "studwork-render", "xtask"];

struct Outcome {
    name: &'static str,
    passed: bool,
    note: String,
}

/// Set-up, then every check even after one failed; true when all passed.
pub fn test(yes: bool, quick: bool) -> Result<bool> {
    let needs: &[_] = if quick {
        &[&C_COMPILER, &RUSTFMT, &VULKAN]
    } else {
        &[&C_COMPILER, &RUSTFMT, &CLIPPY, &VULKAN, &WINDOW_LIBRARIES, &XVFB, &POSTGRESQL]
    };
    set_up(needs, yes)?;

    let mut outcomes = Vec::new();
    let mut check = |name: &'static str, run: &dyn Fn() -> Result<String>| {
        println!("\n── {name}");
        let start = Instant::now();
        let result = run();
        let seconds = start.elapsed().as_secs();
        let (passed, note) = match result {
            Ok(note) => (true, note),
            Err(error) => (false, format!("{error:#}")),
        };
        println!("── {name}: {} {note} ({seconds} s)", if passed { "ok" } else { "FAILED" });
        outcomes.push(Outcome { name, passed, note });
    };

    check("format", &|| cargo_passes(&["fmt", "--all", "--check"], &[]));
    check("dependencies", &dependency_rules);
    if !quick {
        check("lints", &|| cargo_passes(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"], &[]));
        check("documentation", &|| {
            cargo_passes(&["doc", "--workspace", "--no-deps"], &[("RUSTDOCFLAGS", "-D warnings")])
        });
    }
    check("tests", &|| tests(quick));

    for (path, lines) in long_files() {
        println!("note: {} has {lines} lines (more than {LONG_FILE}: worth splitting)", path.display());
    }
    let passed = outcomes.iter().all(|outcome| outcome.passed);
    let words: Vec<String> = outcomes
        .iter()
        .map(|o| match (o.passed, o.note.is_empty()) {
            (true, true) => format!("{} ok", o.name),
            (true, false) => format!("{} ok ({})", o.name, o.note),
            (false, _) => format!("{} FAILED", o.name),
        })
        .collect();
    println!("\nxtask test: {} — {}", if passed { "passed" } else { "FAILED" }, words.join(", "));
    Ok(passed)
}

fn cargo_passes(args: &[&str], env: &[(&str, &str)]) -> Result<String> {
    if succeeds(cargo().args(args).envs(env.iter().copied()))? {
        Ok(String::new())
    } else {
        bail!("cargo {}", args.join(" "))
    }
}

/// `cargo test`, its output passed on as it comes, and its results added up.
fn tests(quick: bool) -> Result<String> {
    let mut command = cargo();
    command.arg("test").arg("--no-fail-fast");
    if quick {
        command.args(QUICK.iter().flat_map(|package| ["--package", package]));
    } else {
        command.arg("--workspace");
    }
    let mut child = command.stdout(Stdio::piped()).spawn().context("cannot start cargo test")?;
    let output = child.stdout.take().context("cargo test has no output")?;
    let mut total = Tally::default();
    for line in BufReader::new(output).split(b'\n') {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        total.add(&line);
    }
    if !child.wait()?.success() {
        bail!("{} passed, {} failed", total.passed, total.failed);
    }
    if total.passed == 0 {
        bail!("no test ran");
    }
    Ok(format!("{} passed", total.passed))
}

#[derive(Default, Debug, PartialEq)]
struct Tally {
    passed: usize,
    failed: usize,
}

impl Tally {
    /// Adds a `test result: ok. 3 passed; 0 failed; …` line; any other line is passed over.
    fn add(&mut self, line: &str) {
        let Some(counts) = line.trim().strip_prefix("test result:") else { return };
        let words: Vec<&str> = counts.split_whitespace().collect();
        for pair in words.windows(2) {
            let Ok(count) = pair[0].parse::<usize>() else { continue };
            match pair[1].trim_end_matches(';') {
                "passed" => self.passed += count,
                "failed" => self.failed += count,
                _ => {}
            }
        }
    }
}

/// Whether each package keeps away from what it must not know.
fn dependency_rules() -> Result<String> {
    let mut broken = Vec::new();
    for (package, forbidden) in FORBIDDEN {
        let args = ["tree", "--package", package, "--edges", "normal,build", "--target", "all", "--prefix", "none"];
        let output = cargo().args(args).stderr(Stdio::inherit()).output().context("cannot start cargo tree")?;
        if !output.status.success() {
            bail!("cargo {} failed", args.join(" "));
        }
        broken.extend(forbidden_in(package, forbidden, &String::from_utf8_lossy(&output.stdout)));
    }
    if broken.is_empty() { Ok(format!("{} rules", FORBIDDEN.len())) } else { bail!("{}", broken.join("; ")) }
}

/// The forbidden crates in what `cargo tree --prefix none` prints; `bevy` also forbids `bevy_ecs`.
fn forbidden_in(package: &str, forbidden: &[&str], tree: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for name in tree.lines().filter_map(|line| line.split_whitespace().next()) {
        let family =
            |root: &&str| name == *root || name.strip_prefix(*root).is_some_and(|rest| rest.starts_with(['_', '-']));
        let message = format!("{package} depends on {name}");
        if forbidden.iter().any(family) && !found.contains(&message) {
            found.push(message);
        }
    }
    found
}

/// Source files longer than [`LONG_FILE`], longest first.
fn long_files() -> Vec<(PathBuf, usize)> {
    let mut files = Vec::new();
    for folder in ["src", "crates", "tests", "benches"] {
        collect(&root().join(folder), &mut files);
    }
    files.sort_by_key(|(path, lines)| (usize::MAX - lines, path.clone()));
    files
}

fn collect(folder: &Path, files: &mut Vec<(PathBuf, usize)>) {
    let Ok(entries) = folder.read_dir() else { return };
    for path in entries.filter_map(|entry| entry.ok().map(|entry| entry.path())) {
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let lines = std::fs::read_to_string(&path).map_or(0, |text| text.lines().count());
            if lines > LONG_FILE {
                files.push((path.strip_prefix(root()).unwrap_or(&path).to_owned(), lines));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_several_binaries_add_up() {
        let mut total = Tally::default();
        total.add("running 3 tests");
        total.add("test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s");
        total.add("test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s");
        assert_eq!(total, Tally { passed: 7, failed: 2 });
    }

    #[test]
    fn a_family_is_forbidden_but_not_a_name_that_begins_alike() {
        let tree = "studwork-core v0.1.0\nglam v0.32.0\nbevy_ecs v0.19.1\ntokio-rustls v1.0.0\neguision v1.0.0\nbevy_ecs v0.19.1 (*)";
        let found = forbidden_in("studwork-core", &["bevy", "egui", "tokio"], tree);
        assert_eq!(found, ["studwork-core depends on bevy_ecs", "studwork-core depends on tokio-rustls"]);
    }
}
