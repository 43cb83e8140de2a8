//! Counters for Prometheus. Knows numbers and their names, nothing of what is counted.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const BUCKETS: [(f64, &str); 9] = [
    (0.001, "0.001"),
    (0.005, "0.005"),
    (0.01, "0.01"),
    (0.025, "0.025"),
    (0.05, "0.05"),
    (0.1, "0.1"),
    (0.5, "0.5"),
    (2.5, "2.5"),
    (10.0, "10"),
];

/// The counters of one instance. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Metrics(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    classes: [AtomicU64; 6],
    durations: [AtomicU64; 10],
    micros: AtomicU64,
    supports: AtomicU64,
    support_batches: AtomicU64,
    packages: AtomicU64,
    refused: AtomicU64,
    received: AtomicU64,
    sign_in_failures: AtomicU64,
}

/// What is counted beside requests.
#[derive(Clone, Copy, Debug)]
pub enum Count {
    /// Supports given or taken back.
    Supports,
    /// Transactions that wrote them.
    SupportBatches,
    /// Packages that became a project or a version.
    Packages,
    /// Packages that were refused.
    Refused,
    /// Bytes of packages received.
    Received,
    /// Wrong passwords.
    SignInFailures,
}

impl Metrics {
    /// Counts one answered request.
    pub fn request(&self, status: u16, took: Duration) {
        let class = usize::from(status / 100).min(5);
        self.0.classes[class].fetch_add(1, Ordering::Relaxed);
        let seconds = took.as_secs_f64();
        let bucket = BUCKETS.iter().position(|(limit, _)| seconds <= *limit).unwrap_or(BUCKETS.len());
        self.0.durations[bucket].fetch_add(1, Ordering::Relaxed);
        self.0.micros.fetch_add(u64::try_from(took.as_micros()).unwrap_or(0), Ordering::Relaxed);
    }

    /// Adds `by` to a counter.
    pub fn add(&self, what: Count, by: u64) {
        let counter = match what {
            Count::Supports => &self.0.supports,
            Count::SupportBatches => &self.0.support_batches,
            Count::Packages => &self.0.packages,
            Count::Refused => &self.0.refused,
            Count::Received => &self.0.received,
            Count::SignInFailures => &self.0.sign_in_failures,
        };
        counter.fetch_add(by, Ordering::Relaxed);
    }

    /// The text format of Prometheus.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        let all = &self.0;
        let _ = writeln!(text, "# TYPE studwork_http_requests_total counter");
        for (class, count) in all.classes.iter().enumerate().skip(1) {
            let count = count.load(Ordering::Relaxed);
            let _ = writeln!(text, "studwork_http_requests_total{{class=\"{class}xx\"}} {count}");
        }
        let _ = writeln!(text, "# TYPE studwork_http_request_seconds histogram");
        let mut sum = 0;
        for (index, count) in all.durations.iter().enumerate() {
            sum += count.load(Ordering::Relaxed);
            let limit = BUCKETS.get(index).map_or("+Inf", |(_, name)| name);
            let _ = writeln!(text, "studwork_http_request_seconds_bucket{{le=\"{limit}\"}} {sum}");
        }
        #[expect(clippy::cast_precision_loss, reason = "a sum of times for people")]
        let seconds = all.micros.load(Ordering::Relaxed) as f64 / 1e6;
        let _ = writeln!(text, "studwork_http_request_seconds_sum {seconds}");
        let _ = writeln!(text, "studwork_http_request_seconds_count {sum}");
        for (name, counter) in [
            ("studwork_supports_total", &all.supports),
            ("studwork_support_batches_total", &all.support_batches),
            ("studwork_packages_total", &all.packages),
            ("studwork_packages_refused_total", &all.refused),
            ("studwork_package_bytes_total", &all.received),
            ("studwork_sign_in_failures_total", &all.sign_in_failures),
        ] {
            let _ = writeln!(text, "# TYPE {name} counter\n{name} {}", counter.load(Ordering::Relaxed));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_fall_into_classes_and_buckets() {
        let metrics = Metrics::default();
        metrics.request(200, Duration::from_millis(3));
        metrics.request(404, Duration::from_millis(30));
        metrics.add(Count::Supports, 7);
        let text = metrics.text();
        assert!(text.contains("studwork_http_requests_total{class=\"2xx\"} 1\n"), "{text}");
        assert!(text.contains("studwork_http_requests_total{class=\"4xx\"} 1\n"));
        assert!(text.contains("studwork_http_request_seconds_bucket{le=\"0.005\"} 1\n"));
        assert!(text.contains("studwork_http_request_seconds_bucket{le=\"+Inf\"} 2\n"));
        assert!(text.contains("studwork_supports_total 7\n"));
    }
}
