//! The time, which the server never asks the system for directly. A portal's windows and lock-outs are tested to the
//! second by setting it; nothing here knows what the time is used for.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Milliseconds of one second.
pub const SECOND: i64 = 1_000;
/// Milliseconds of one day.
pub const DAY: i64 = 86_400 * SECOND;

/// Where the time comes from. Clones of a set clock share one value.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The system's time.
    #[default]
    System,
    /// Milliseconds since 1970 that somebody sets.
    Set(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `millis` until it is set again.
    #[must_use]
    pub fn at(millis: i64) -> Self {
        Self::Set(Arc::new(AtomicI64::new(millis)))
    }

    /// Now, in milliseconds since 1970 UTC.
    #[must_use]
    pub fn now(&self) -> i64 {
        match self {
            Self::System => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX)),
            Self::Set(value) => value.load(Ordering::SeqCst),
        }
    }

    /// Sets a set clock to `millis`; the system's time stays as it is.
    pub fn set(&self, millis: i64) {
        if let Self::Set(value) = self {
            value.store(millis, Ordering::SeqCst);
        }
    }
}

/// `2026-03-01T12:00:00Z` for milliseconds since 1970; whole seconds.
#[must_use]
pub fn rfc3339(millis: i64) -> String {
    OffsetDateTime::from_unix_timestamp(millis.div_euclid(SECOND))
        .ok()
        .and_then(|time| time.format(&Rfc3339).ok())
        .unwrap_or_default()
}

/// `1 March 2026` for milliseconds since 1970.
#[must_use]
pub fn day_text(millis: i64) -> String {
    OffsetDateTime::from_unix_timestamp(millis.div_euclid(SECOND)).map(day).unwrap_or_default()
}

/// `1 March 2026` for `2026-03-01T12:00:00Z`.
#[must_use]
pub fn day_of(rfc3339: &str) -> String {
    OffsetDateTime::parse(rfc3339, &Rfc3339).map(day).unwrap_or_default()
}

fn day(time: OffsetDateTime) -> String {
    format!("{} {} {}", time.day(), time.month(), time.year())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_utc() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(1_772_366_400_999), "2026-03-01T12:00:00Z");
        assert_eq!(day_text(1_772_366_400_000), "1 March 2026");
        assert_eq!(day_of("2026-03-01T12:00:00Z"), "1 March 2026");
    }
}
