//! The tests of the program as people use it, in one binary: each binary that links the engine costs minutes.
#![expect(clippy::print_stdout, reason = "a test says why it is skipped")]

mod actions;
mod command_line;
mod editor;
mod files;
mod library;
mod malformed;
mod packages;
mod portal;
mod real_models;
mod support;
mod take_apart;
mod window;
