//! The library as others use it: one binary.
#![expect(clippy::unwrap_used, reason = "a test may panic")]
#![expect(clippy::print_stderr, reason = "tests on real data say what they found or that it is not there")]

mod kill;
mod sources;
mod untouched;
