//! The portal's rules in numbers: what a package may be, how long support is gathered, what happens at which count. Kept
//! in the database so that all instances follow the same, served to clients as it is.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::clock::DAY;
use crate::db::{self, Db};
use crate::package::PackagePolicy;
use crate::problem::Answer;

/// Everything a portal decides by number.
#[derive(Default, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Who serves this.
    pub portal: About,
    /// What a package may be: the limits of the rule engine.
    pub package: PackagePolicy,
    /// How support is gathered.
    pub support: SupportPolicy,
    /// Whether a reviewer looks at a project before it gathers support.
    pub review_before_gathering: bool,
}

/// Who serves a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct About {
    /// The portal's name, shown on every page.
    pub name: String,
    /// The version of the protocol.
    pub protocol: u32,
}

/// How support is gathered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SupportPolicy {
    /// Days a project gathers support when there are no milestones left.
    pub window_days: u32,
    /// The count at which a project qualifies for review.
    pub review_at: i64,
    /// The count at which the portal approves by itself; none: people do.
    pub approve_at: Option<i64>,
    /// Counts to reach on the way, in rising order.
    pub milestones: Vec<Milestone>,
}

/// A count to reach in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Milestone {
    /// The count.
    pub supports: i64,
    /// Days from the start of gathering.
    pub within_days: u32,
}

impl Default for About {
    fn default() -> Self {
        Self { name: "Studwork portal".into(), protocol: 1 }
    }
}

impl Default for SupportPolicy {
    fn default() -> Self {
        Self { window_days: 365, review_at: 10_000, approve_at: None, milestones: Vec::new() }
    }
}

impl SupportPolicy {
    /// When a project that began at `gathering_at` and has passed `stages` milestones must have reached the next
    /// count, in milliseconds.
    #[must_use]
    pub fn deadline(&self, gathering_at: i64, stages: i64) -> i64 {
        let days = usize::try_from(stages)
            .ok()
            .and_then(|passed| self.milestones.get(passed))
            .map_or(self.window_days, |milestone| milestone.within_days);
        gathering_at + i64::from(days) * DAY
    }

    /// How many milestones `supports` passes.
    #[must_use]
    pub fn stages(&self, supports: i64) -> i64 {
        let passed = self.milestones.iter().take_while(|milestone| milestone.supports <= supports).count();
        i64::try_from(passed).unwrap_or(i64::MAX)
    }
}

impl Policy {
    /// Reads a policy from JSON.
    ///
    /// # Errors
    /// Names what does not make sense.
    pub fn from_json(text: &str) -> anyhow::Result<Self> {
        let policy: Self = serde_json::from_str(text)?;
        let support = &policy.support;
        anyhow::ensure!(support.review_at >= 1, "support.review_at must be at least 1");
        anyhow::ensure!(support.window_days >= 1, "support.window_days must be at least 1");
        anyhow::ensure!(
            support.approve_at.is_none_or(|count| count > support.review_at),
            "support.approve_at must be above support.review_at"
        );
        anyhow::ensure!(
            support
                .milestones
                .windows(2)
                .all(|pair| pair[0].supports < pair[1].supports && pair[0].within_days <= pair[1].within_days),
            "support.milestones must rise"
        );
        anyhow::ensure!(
            support.milestones.iter().all(|stage| stage.supports >= 1 && stage.supports <= support.review_at),
            "support.milestones must lie between 1 and support.review_at"
        );
        Ok(policy)
    }
}

/// The policy of the database, read at most every two seconds.
#[derive(Clone, Debug)]
pub struct Policies {
    db: Db,
    cached: Arc<Mutex<Option<(Instant, Arc<Served>)>>>,
}

/// A policy as it is served.
#[derive(Debug)]
pub struct Served {
    /// The policy.
    pub policy: Policy,
    /// Its JSON.
    pub json: String,
    /// Its ETag, with quotes.
    pub etag: String,
}

impl Policies {
    /// Policies of `db`.
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self { db, cached: Arc::default() }
    }

    /// The policy in force.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn get(&self) -> Answer<Arc<Served>> {
        {
            let cached = self.cached.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((at, served)) = &*cached
                && at.elapsed() < Duration::from_secs(2)
            {
                return Ok(served.clone());
            }
        }
        let policy = match db::setting(self.db.read(), "policy").await? {
            Some(text) => serde_json::from_str(&text)?,
            None => Policy::default(),
        };
        let json = serde_json::to_string(&policy)?;
        let etag = format!("\"{}\"", &crate::secrets::sha256_hex(json.as_bytes())[..32]);
        let served = Arc::new(Served { policy, json, etag });
        *self.cached.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), served.clone()));
        Ok(served)
    }

    /// Puts another policy in force.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn set(&self, policy: &Policy) -> Answer<()> {
        db::set_setting(self.db.write(), "policy", &serde_json::to_string(policy)?).await?;
        *self.cached.lock().unwrap_or_else(PoisonError::into_inner) = None;
        Ok(())
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn deadlines_follow_the_milestones() {
        let plain = SupportPolicy::default();
        assert_eq!(plain.deadline(5, 0), 5 + 365 * DAY);
        let staged = SupportPolicy {
            milestones: vec![
                Milestone { supports: 100, within_days: 60 },
                Milestone { supports: 1000, within_days: 365 },
            ],
            window_days: 730,
            ..SupportPolicy::default()
        };
        assert_eq!(staged.stages(99), 0);
        assert_eq!(staged.stages(100), 1);
        assert_eq!(staged.deadline(0, 0), 60 * DAY);
        assert_eq!(staged.deadline(0, 1), 365 * DAY);
        assert_eq!(staged.deadline(0, staged.stages(5000)), 730 * DAY);
    }

    #[test]
    fn a_policy_that_makes_no_sense_is_refused() {
        assert!(Policy::from_json("{}").is_ok());
        for text in [
            r#"{"support":{"review_at":0}}"#,
            r#"{"support":{"review_at":10,"approve_at":10}}"#,
            r#"{"support":{"milestones":[{"supports":5,"within_days":9},{"supports":5,"within_days":10}]}}"#,
            r#"{"suport":{}}"#,
        ] {
            assert!(Policy::from_json(text).is_err(), "{text}");
        }
        let policy = Policy::from_json(r#"{"support":{"review_at":10}}"#).unwrap();
        assert_eq!((policy.support.review_at, policy.support.window_days), (10, 365));
    }
}
