//! The command line: what `studwork` is asked to do, one file a verb.
//!
//! Without a verb the designer opens; the verbs need no display. Exit status: 0 done, 1 done with findings,
//! 2 refused. What is found goes to standard error, results to standard output.
#![expect(clippy::print_stderr, reason = "a command line answers on its standard streams")]

mod args;
pub mod convert;
mod info;
pub mod load;
mod pack;
mod parts;
mod portal;
mod render;
mod session;
mod submit;
mod verify;

pub use args::{Cli, Verb};

use clap::Parser as _;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

/// What the program does after the command line was read.
pub enum Start {
    /// Opens the designer.
    Designer(DesignerArgs),
    /// A verb ran, or the command line was refused; the program ends with this status.
    Done(ExitCode),
}

/// What the designer is started with.
#[derive(Clone, Debug, Default)]
pub struct DesignerArgs {
    /// Files to open.
    pub files: Vec<PathBuf>,
    /// Named actions to run.
    pub script: Option<PathBuf>,
    /// The starter design to open a copy of.
    pub starter: Option<String>,
    /// The LDraw library that was named on the command line.
    pub ldraw: Option<PathBuf>,
}

/// How a verb that did its work ended.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
enum Outcome {
    /// Nothing to remark.
    Clean,
    /// Done, and something was found that the user should know.
    Findings,
}

impl Outcome {
    fn from_findings(any: bool) -> Self {
        if any { Self::Findings } else { Self::Clean }
    }
}

/// Reads the command line and runs its verb, if it has one.
pub fn main() -> Start {
    match Cli::try_parse() {
        Ok(cli) => run(cli),
        Err(error) => {
            // Help and version are asked for, not refused.
            let status = if error.use_stderr() { 2 } else { 0 };
            let _ = error.print();
            Start::Done(ExitCode::from(status))
        }
    }
}

/// Runs a command line that was read already.
pub fn run(cli: Cli) -> Start {
    let Some(verb) = cli.verb else {
        // A design that is not there yet is a new one; anything else is a slip.
        let is_design =
            |path: &PathBuf| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("ron"));
        if let Some(file) = cli.files.iter().find(|file| !file.exists() && !is_design(file)) {
            return Start::Done(refused(&anyhow::anyhow!("{}: there is no such file or verb", file.display())));
        }
        return Start::Designer(DesignerArgs {
            files: cli.files,
            script: cli.script,
            starter: cli.starter,
            ldraw: cli.ldraw,
        });
    };
    let outcome = if cli.files.is_empty() && cli.script.is_none() && cli.starter.is_none() {
        match &verb {
            Verb::Render(args) => render::render(args, cli.ldraw.as_deref()),
            Verb::Convert(args) => convert::convert(args, cli.ldraw.as_deref()),
            Verb::Info(args) => info::info(args, cli.ldraw.as_deref()),
            Verb::Parts(args) => parts::parts(args, cli.ldraw.as_deref()),
            Verb::Pack(args) => pack::pack(args, cli.ldraw.as_deref()),
            Verb::Verify(args) => verify::verify(args, cli.ldraw.as_deref()),
            Verb::Submit(args) => submit::submit(args, cli.ldraw.as_deref()),
            Verb::Portal(args) => portal::portal(args),
        }
    } else {
        Err(anyhow::anyhow!("files, --script and --starter come without a verb: they open the designer"))
    };
    Start::Done(match outcome {
        Ok(Outcome::Clean) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(1),
        // Whoever read the answer has seen enough of it.
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => refused(&error),
    })
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let kind = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        let kind =
            kind.or_else(|| cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind));
        kind == Some(io::ErrorKind::BrokenPipe)
    })
}

/// Says why nothing was done; the exit status for that.
pub fn refused(error: &anyhow::Error) -> ExitCode {
    eprintln!("error: {error:#}");
    ExitCode::from(2)
}
