//! The portal over real HTTP: on SQLite with a folder, and on PostgreSQL with an S3-compatible store; in-process, and as
//! the real executable where its death matters.

#![expect(clippy::unwrap_used, reason = "a test may panic")]
#![expect(clippy::print_stderr, reason = "a test says why it is skipped")]

mod accounts;
mod backups;
mod crashes;
mod end_to_end;
mod fuzz;
mod mail;
mod pages;
mod postgres;
mod projects;
mod refusals;
mod s3;
mod support;
mod supports;
mod uploads;
