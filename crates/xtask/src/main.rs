//! `cargo xtask`: what one types to run, test and judge the project.
//!
//! Each command first sets up what it needs on this machine (`machine`), naming it, and asks before it installs
//! anything. Only small crates are used here, so that a first start is quick.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool reports on its standard streams")]

mod bench;
mod checks;
mod doctor;
mod fuzz;
mod machine;
mod process;
mod run;
mod silhouettes;

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Runs, tests and judges Studwork")]
struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// All set-up, then the designer on a starter scene (without a display: a picture of that scene)
    Run {
        /// Install what is missing without asking
        #[arg(long)]
        yes: bool,
        /// Arguments for `studwork` instead of the starter scene
        #[arg(last = true)]
        args: Vec<String>,
    },
    /// All set-up, then every check: format, lints, documentation, dependency rules, tests
    Test {
        /// Install what is missing without asking
        #[arg(long)]
        yes: bool,
        /// Only what does not need the engine: format, dependency rules, tests of the crates
        #[arg(long)]
        quick: bool,
    },
    /// Lets the fuzzer schemathesis loose on the portal's interface, on each database, and looks for answers of 5xx
    Fuzz {
        /// Install what is missing without asking
        #[arg(long)]
        yes: bool,
    },
    /// What is missing on this machine, and the command that installs it
    Doctor,
    /// Measures speed and memory, beside LeoCAD's where it does the same, and writes a report
    Bench {
        /// Models; without any, those of the folder in STUDWORK_MODELS
        models: Vec<PathBuf>,
        /// How often each is measured; the median counts
        #[arg(long, default_value_t = 5)]
        runs: usize,
        /// Only the pictures beside LeoCAD's
        #[arg(long)]
        pictures: bool,
    },
    /// Compares silhouettes with LeoCAD's, model by model
    Silhouettes {
        /// Models; without any, those of the folder in STUDWORK_MODELS
        models: Vec<PathBuf>,
        /// The least overlap (intersection over union) that passes, in percent
        #[arg(long, default_value_t = 98.0)]
        least: f64,
        /// Keep both pictures and their difference in this folder
        #[arg(long)]
        keep: Option<PathBuf>,
        /// Seen from: home, front, back, left, right, top, bottom
        #[arg(long, default_value = "home")]
        view: String,
    },
}

fn main() -> ExitCode {
    let done = match Args::parse().verb {
        Verb::Run { yes, args } => run::run(yes, &args),
        Verb::Test { yes, quick } => checks::test(yes, quick),
        Verb::Fuzz { yes } => fuzz::fuzz(yes),
        Verb::Doctor => doctor::doctor(),
        Verb::Bench { models, runs, pictures } => bench::bench(&models, runs, pictures),
        Verb::Silhouettes { models, least, keep, view } => {
            silhouettes::silhouettes(&models, least, keep.as_deref(), &view)
        }
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::from(2)
        }
    }
}
