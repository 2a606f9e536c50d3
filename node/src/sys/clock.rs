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
/// `BLINDLINK_TEST_CLOCK` is `REAL:SHOWN:FACTOR`: at the real time REAL, in seconds since 1970, the clock shows SHOWN, and from
/// then on goes FACTOR times as fast as the real one. Or it is `file:PATH`: the clock stands at the seconds since 1970 that the
/// file holds, and each look at it adds a byte to `PATH.PID`, so that a test knows that a process has seen the time.
#[cfg(debug_assertions)]
mod testing {
    use std::io::Write;
    use std::sync::OnceLock;
    use std::time::Duration;

    enum Setting {
        Fast([u64; 3]),
        Standing(String),
    }

    fn setting() -> Option<Setting> {
        let text = std::env::var("BLINDLINK_TEST_CLOCK").ok()?;
        if let Some(path) = text.strip_prefix("file:") {
            return Some(Setting::Standing(path.to_owned()));
        }
        let numbers: Vec<u64> = text.split(':').filter_map(|number| number.parse().ok()).collect();
        numbers.try_into().ok().map(Setting::Fast)
    }

    pub(super) fn time(now: Duration) -> Option<u64> {
        static SETTING: OnceLock<Option<Setting>> = OnceLock::new();
        match SETTING.get_or_init(setting).as_ref()? {
            Setting::Fast([real, shown, factor]) => {
                let since = now.as_millis().saturating_sub(u128::from(*real) * 1000);
                Some(shown + u64::try_from(since * u128::from(*factor) / 1000).unwrap_or(u64::MAX))
            }
            Setting::Standing(path) => {
                let shown = std::fs::read_to_string(path).ok()?.trim().parse().ok();
                let looks = format!("{path}.{}", std::process::id());
                let looks = std::fs::OpenOptions::new().create(true).append(true).open(looks);
                if let Ok(mut looks) = looks {
                    let _ = looks.write_all(b".");
                }
                shown
            }
        }
    }
}
