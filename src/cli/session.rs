//! What every verb shares: the library, the input, its warnings, and progress on a terminal.

use super::Outcome;
use super::load::{self, InputKind, Loaded};
use anyhow::{Context as _, Result};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use studwork_core::{Catalog, Design, Palette};
use studwork_ldraw::{Library, Warning};

/// Warnings beyond this many are counted, not printed.
const MOST_WARNINGS: usize = 20;

/// Where shapes and colors come from.
pub struct Session {
    /// The built-in parts, and the library's where there is one.
    pub catalog: Catalog,
    /// The colors, with the library's where there is one.
    pub palette: Palette,
}

impl Session {
    /// Opens the library that was named, or that the environment names. One that was named and cannot be opened
    /// is an error; none at all is not.
    pub fn open(ldraw: Option<&Path>) -> Result<Self> {
        let Some(path) = Library::locate(ldraw) else {
            return Ok(Self { catalog: Catalog::built_in(), palette: Palette::built_in() });
        };
        let progress = spinner("opening the LDraw library");
        let library = Library::open(&path).with_context(|| format!("the LDraw library {}", path.display()))?;
        progress.finish_and_clear();
        let library = Arc::new(library);
        let palette = Palette::with_library(library.colors());
        Ok(Self { catalog: Catalog::with_library(library), palette })
    }

    /// Reads the input of a verb.
    pub fn load(&self, path: &Path) -> Result<Loaded> {
        let progress = spinner("reading the design");
        let loaded = load::load_design(path, &self.catalog)?;
        progress.finish_and_clear();
        Ok(loaded)
    }

    /// Prints the warnings of an input and the parts that nobody has; whether there were any.
    pub fn report(&self, path: &Path, loaded: &Loaded) -> Outcome {
        report_warnings(path, &loaded.warnings);
        // LDraw input has warned of each such part already, with its line.
        let missing = match loaded.kind {
            InputKind::Ron | InputKind::Package => missing_parts(&loaded.design, &self.catalog),
            InputKind::Ldraw => Vec::new(),
        };
        if !missing.is_empty() {
            let parts = count(missing.len(), "part");
            eprintln!("{}: warning: {parts} not found, shown as boxes: {}", path.display(), missing.join(" "));
        }
        Outcome::from_findings(!loaded.warnings.is_empty() || !missing.is_empty())
    }
}

/// Prints warnings with file and line.
pub fn report_warnings(path: &Path, warnings: &[Warning]) {
    for warning in warnings.iter().take(MOST_WARNINGS) {
        eprintln!("{}", warning_text(path, warning));
    }
    if warnings.len() > MOST_WARNINGS {
        eprintln!("{}: and {} more", path.display(), count(warnings.len() - MOST_WARNINGS, "such note"));
    }
}

fn warning_text(path: &Path, warning: &Warning) -> String {
    match warning.line {
        Some(line) => format!("{}:{line}: warning: {}", path.display(), warning.message),
        None => format!("{}: warning: {}", path.display(), warning.message),
    }
}

/// The parts of a design that neither the catalog nor the design itself has, by number.
pub fn missing_parts(design: &Design, catalog: &Catalog) -> Vec<String> {
    let mut missing = std::collections::BTreeSet::new();
    let mut known = std::collections::HashMap::new();
    design.flatten(design.main(), &mut |flat| {
        let has = known
            .entry(flat.part.clone())
            .or_insert_with(|| design.embedded(flat.part).is_some() || catalog.has(flat.part));
        if !*has {
            missing.insert(flat.part.to_string());
        }
    });
    missing.into_iter().collect()
}

/// `1 part`, `2 parts`.
pub fn count(number: usize, word: &str) -> String {
    format!("{number} {word}{}", if number == 1 { "" } else { "s" })
}

/// A spinner on a terminal, nothing elsewhere.
pub fn spinner(what: &'static str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner().with_message(what);
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

/// A bar on a terminal, nothing elsewhere.
pub fn bar(what: &'static str, length: usize) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}");
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(length as u64).with_style(style).with_message(what)
}
