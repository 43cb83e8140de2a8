//! The co-creation portal: one server, a database and a store.
//!
//! The crate is laid out by what a portal does: accounts, projects, supports, uploads, comments; `api` and `web` are two
//! doors to the same functions. It shares the package rules with `studwork-core`; it must not know an engine or a
//! window.

pub mod accounts;
pub mod admin;
pub mod api;
pub mod clock;
pub mod comments;
pub mod config;
pub mod db;
pub mod http;
pub mod limits;
pub mod mail;
pub mod media;
pub mod metrics;
pub mod package;
pub mod policy;
pub mod problem;
pub mod projects;
pub mod secrets;
pub mod state;
pub mod store;
pub mod supports;
pub mod sweep;
pub mod uploads;
pub mod web;

pub use clock::Clock;
pub use config::Config;
pub use state::{Portal, Server};
