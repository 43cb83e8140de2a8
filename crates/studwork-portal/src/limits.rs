//! How often one visitor may do a thing: a bucket of tokens for each (what, who), filled at a steady rate. Kept in
//! memory, so each instance counts on its own; lock-outs that must hold everywhere are in the database.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::clock::Clock;
use crate::problem::{Answer, Problem};

/// One limit: `burst` at once, and `per_minute` in the long run.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// What may come at once.
    pub burst: u32,
    /// What may come in a minute in the long run.
    pub per_minute: u32,
}

/// The limits of a portal.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// Password attempts, sign-ups, resets: of one address.
    pub sign_in: Rate,
    /// Reading without an account: of one address.
    pub anonymous: Rate,
    /// Requests of one account.
    pub account: Rate,
    /// Comments and reports of one account.
    pub talk: Rate,
    /// Packages of one account.
    pub packages: Rate,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            sign_in: Rate { burst: 20, per_minute: 10 },
            anonymous: Rate { burst: 600, per_minute: 1200 },
            account: Rate { burst: 600, per_minute: 1200 },
            talk: Rate { burst: 20, per_minute: 10 },
            packages: Rate { burst: 30, per_minute: 10 },
        }
    }
}

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum What {
    /// See [`Rates::sign_in`].
    SignIn,
    /// See [`Rates::anonymous`].
    Anonymous,
    /// See [`Rates::account`].
    Account,
    /// See [`Rates::talk`].
    Talk,
    /// See [`Rates::packages`].
    Packages,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    at: i64,
}

/// Counts for one instance.
#[derive(Clone, Debug)]
pub struct Limiter {
    rates: Rates,
    clock: Clock,
    buckets: Arc<Mutex<HashMap<(What, String), Bucket>>>,
}

/// More buckets than this are never kept; full ones go first.
const MAX_BUCKETS: usize = 100_000;

impl Limiter {
    /// A limiter with nothing counted.
    #[must_use]
    pub fn new(rates: Rates, clock: Clock) -> Self {
        Self { rates, clock, buckets: Arc::default() }
    }

    /// Counts one.
    ///
    /// # Errors
    /// 429 with the seconds to wait when there were too many.
    pub fn take(&self, what: What, who: &str) -> Answer<()> {
        let rate = match what {
            What::SignIn => self.rates.sign_in,
            What::Anonymous => self.rates.anonymous,
            What::Account => self.rates.account,
            What::Talk => self.rates.talk,
            What::Packages => self.rates.packages,
        };
        let now = self.clock.now();
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MAX_BUCKETS {
            buckets.retain(|_, bucket| now - bucket.at < 120_000);
            if buckets.len() >= MAX_BUCKETS {
                buckets.clear();
            }
        }
        let per_millisecond = f64::from(rate.per_minute) / 60_000.0;
        let full = f64::from(rate.burst);
        let bucket = buckets.entry((what, who.to_owned())).or_insert(Bucket { tokens: full, at: now });
        #[expect(clippy::cast_precision_loss, reason = "a time difference far below 2^52 ms")]
        let passed = (now - bucket.at).max(0) as f64;
        bucket.tokens = passed.mul_add(per_millisecond, bucket.tokens).min(full);
        bucket.at = now;
        if bucket.tokens >= 1.0 {
            bucket.tokens -= 1.0;
            return Ok(());
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and a minute")]
        let seconds = ((1.0 - bucket.tokens) / per_millisecond / 1000.0).ceil() as u64;
        Err(Problem::rate_limited(seconds.max(1)))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_and_fills_with_time() {
        let clock = Clock::at(0);
        let rates = Rates { talk: Rate { burst: 3, per_minute: 6 }, ..Rates::default() };
        let limiter = Limiter::new(rates, clock.clone());
        for _ in 0..3 {
            limiter.take(What::Talk, "a").unwrap();
        }
        let refused = limiter.take(What::Talk, "a").unwrap_err();
        assert_eq!(refused.status, 429);
        limiter.take(What::Talk, "b").unwrap();
        clock.set(9_999);
        assert!(limiter.take(What::Talk, "a").is_err());
        clock.set(10_000);
        limiter.take(What::Talk, "a").unwrap();
    }
}
