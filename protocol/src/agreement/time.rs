//! Seconds since 1970 as people write them, in the proleptic Gregorian calendar, UTC only.

use serde::{Deserialize, Deserializer, de};
use toml::value::{Datetime, Offset};

/// Seconds of a day.
pub const DAY: u64 = 86_400;

/// Days from 1970-01-01 to a date (Howard Hinnant's `days_from_civil`, years from 1970 on).
#[must_use]
pub const fn days(year: u64, month: u64, day: u64) -> u64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year / 400, year % 400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Seconds since 1970 of a date and time with offset `Z`; `None` before 1970 and for anything local.
#[must_use]
pub fn seconds(at: &Datetime) -> Option<u64> {
    let (date, time) = (at.date?, at.time?);
    let utc = matches!(at.offset?, Offset::Z | Offset::Custom { minutes: 0 });
    if !utc || date.year < 1970 || time.nanosecond.unwrap_or(0) != 0 {
        return None;
    }
    let clock = u64::from(time.hour) * 3600 + u64::from(time.minute) * 60 + u64::from(time.second.unwrap_or(0).min(59));
    Some(days(date.year.into(), date.month.into(), date.day.into()) * DAY + clock)
}

/// `2026-01-31T00:00:00Z`.
#[must_use]
pub fn text(seconds: u64) -> String {
    let (mut day, clock) = (seconds / DAY, seconds % DAY);
    day += 719_468;
    let (era, of_era) = (day / 146_097, day % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let date = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{date:02}T{:02}:{:02}:{:02}Z", clock / 3600, clock / 60 % 60, clock % 60)
}

pub(super) fn from_toml<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let at = Datetime::deserialize(deserializer)?;
    seconds(&at).ok_or_else(|| de::Error::custom("expected a date and time in UTC, such as 2026-01-31T00:00:00Z"))
}
