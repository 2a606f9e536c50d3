//! The node's clock: the one place that asks for the time of day.

use std::time::{SystemTime, UNIX_EPOCH};

/// A time for people.
#[must_use]
pub fn date(seconds: u64) -> String {
    blindlink::agreement::time::text(seconds)
}

/// Seconds since 1970.
#[must_use]
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}
