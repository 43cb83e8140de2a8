//! The tests of the design as others use it: one binary.
#![expect(clippy::unwrap_used, reason = "a test may panic")]
#![expect(clippy::print_stderr, reason = "tests on real data say what they found or that it is not there")]

mod compare;
mod documented;
mod edits;
mod history;
mod hostile;
mod ldraw_files;
mod models;
mod properties;
mod scenes;
mod speed;
mod take_apart;
