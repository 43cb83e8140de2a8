//! What an administrator does from the command line, on the same database and store as the running server.

mod backup;
mod check;

pub use backup::{Counts, backup, restore};
pub use check::check;
