//! The crate from outside: texts, geometry, libraries made for a test, and the real library where there is one.
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test may panic, and says what it measured")]

mod geometry;
mod library;
mod real;
mod text;
