//! The one integration-test binary: each binary that links the engine costs minutes.
#![expect(clippy::print_stdout, reason = "a test says why it is skipped")]

mod command_line;
mod malformed;
mod real_models;
mod support;
