//! The `studwork` program: the designer, or one verb of the command line.

use std::process::ExitCode;
use studwork::cli::{self, Start};
use studwork::designer;

fn main() -> ExitCode {
    match cli::main() {
        Start::Done(status) => status,
        Start::Designer(args) => match designer::run(args) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => cli::refused(&error),
        },
    }
}
