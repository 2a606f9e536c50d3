//! The node's clock: the one place that asks for the time of day.

use std::time::{SystemTime, UNIX_EPOCH};

/// A time for people.
#[must_use]
pub fn date(seconds: u64) -> String {
    blindlink::agreement::time::text(seconds)
}

/// The year of a time (UTC).
#[must_use]
pub fn year(seconds: u64) -> u16 {
    date(seconds).get(..4).and_then(|year| year.parse().ok()).unwrap_or(u16::MAX)
}

/// Seconds since 1970.
#[must_use]
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}
