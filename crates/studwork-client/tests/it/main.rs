//! The client against a small portal of the test's own, whose lines break where the test wants them to.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod browse;
mod fake_portal;
mod sign_in;
mod upload;
mod worker;
