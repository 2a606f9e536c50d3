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
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    #[cfg(debug_assertions)]
    if let Some(time) = testing::time(now) {
        return time;
    }
    now.as_secs()
}

/// A clock that only tests can set: it exists only where debug assertions are on.
///
/// `BLINDLINK_TEST_CLOCK` is `REAL:SHOWN:FACTOR`. At the real time REAL, in seconds since 1970, the clock shows SHOWN, and from then
/// on goes FACTOR times as fast as the real one.
#[cfg(debug_assertions)]
mod testing {
    use std::sync::OnceLock;
    use std::time::Duration;

    fn setting() -> Option<[u64; 3]> {
        let text = std::env::var("BLINDLINK_TEST_CLOCK").ok()?;
        let numbers: Vec<u64> = text.split(':').filter_map(|number| number.parse().ok()).collect();
        numbers.try_into().ok()
    }

    pub(super) fn time(now: Duration) -> Option<u64> {
        static SETTING: OnceLock<Option<[u64; 3]>> = OnceLock::new();
        let [real, shown, factor] = (*SETTING.get_or_init(setting))?;
        let since = now.as_millis().saturating_sub(u128::from(real) * 1000);
        Some(shown + u64::try_from(since * u128::from(factor) / 1000).unwrap_or(u64::MAX))
    }
}
