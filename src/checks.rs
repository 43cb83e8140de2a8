//! The check of the open design: it runs on a thread and is kept until the next one; the panel says when the design has
//! changed since.

use bevy::prelude::*;
use studwork_core::connect::{CheckProgress, CheckReport, CheckStage};

/// The last check.
#[derive(Resource, Default)]
pub struct Checks {
    /// Whether one is running.
    pub running: bool,
    /// What the last one found.
    pub last: Option<Checked>,
}

/// What a check found, and of what.
pub struct Checked {
    /// The document's generation that was checked.
    pub generation: u64,
    /// What was found.
    pub report: CheckReport,
}

/// How far a check has come: done and total, in thousandths.
pub fn share_done(progress: CheckProgress) -> (u64, u64) {
    // What the stages take of the whole, about.
    let (from, to) = match progress.stage {
        CheckStage::Parts => (0, 400),
        CheckStage::Connections => (400, 600),
        CheckStage::Collisions => (600, 900),
        CheckStage::AlmostFits => (900, 1000),
    };
    let inside = (to - from) * progress.done as u64 / progress.total.max(1) as u64;
    (from + inside, 1000)
}
