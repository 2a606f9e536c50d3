//! Set times, in UTC: when something is due, and within which hours of the day it may begin.

use std::fmt;
use std::str::FromStr;

const MINUTE: u64 = 60;
const HOUR: u64 = 3600;
const DAY: u64 = 86_400;
const WEEK: u64 = 7 * DAY;
/// 1970-01-01 was a Thursday.
const DAYS: [&str; 7] = ["thu", "fri", "sat", "sun", "mon", "tue", "wed"];

/// When something is due: each `period` seconds, `offset` seconds after the beginning of 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timetable {
    period: u64,
    offset: u64,
}

/// Hours of the day, from the first minute on and before the last; they may go over midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayWindow {
    from: u64,
    to: u64,
}

/// What is wrong with a timetable or a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadTime(&'static str);

impl fmt::Display for BadTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for BadTime {}

/// Seconds since midnight of `HH:MM`.
fn clock(text: &str) -> Option<u64> {
    let (hours, minutes) = text.split_once(':')?;
    let two = |text: &str| (text.len() == 2).then(|| text.parse::<u64>().ok()).flatten();
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    (hours < 24 && minutes < 60).then_some(hours * HOUR + minutes * MINUTE)
}

fn of_day(seconds: u64) -> String {
    format!("{:02}:{:02}", seconds / HOUR % 24, seconds / MINUTE % 60)
}

impl FromStr for Timetable {
    type Err = BadTime;

    /// `daily 02:00`, `weekly mon 02:00`, `every 6h`, `every 30m`.
    fn from_str(text: &str) -> Result<Self, BadTime> {
        let bad =
            BadTime("expected `daily HH:MM`, `weekly DAY HH:MM` with mon to sun, `every Nh` or `every Nm`; in UTC");
        let words: Vec<&str> = text.split_whitespace().collect();
        match words.as_slice() {
            ["daily", time] => Ok(Self { period: DAY, offset: clock(time).ok_or(bad)? }),
            ["weekly", day, time] => {
                let day = DAYS.iter().position(|known| known == day).ok_or(bad)? as u64;
                Ok(Self { period: WEEK, offset: day * DAY + clock(time).ok_or(bad)? })
            }
            ["every", span] => {
                let split = span.len().saturating_sub(1);
                let (number, unit) = span.split_at_checked(split).ok_or(bad)?;
                let unit = match unit {
                    "h" => HOUR,
                    "m" => MINUTE,
                    _ => return Err(bad),
                };
                let number = number.parse::<u64>().ok().filter(|n| (1..=10_000).contains(n)).ok_or(bad)?;
                Ok(Self { period: number * unit, offset: 0 })
            }
            _ => Err(bad),
        }
    }
}

impl fmt::Display for Timetable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.period, self.offset) {
            (WEEK, offset) => {
                let day = usize::try_from(offset / DAY).ok().and_then(|day| DAYS.get(day)).unwrap_or(&"");
                write!(f, "weekly {day} {}", of_day(offset))
            }
            (period, 0) if period != DAY && period % HOUR == 0 => write!(f, "every {}h", period / HOUR),
            (period, 0) if period != DAY => write!(f, "every {}m", period / MINUTE),
            (_, offset) => write!(f, "daily {}", of_day(offset)),
        }
    }
}

impl Timetable {
    /// The last time at which it was due, at `now` or before.
    #[must_use]
    pub const fn last(&self, now: u64) -> u64 {
        match now.checked_sub(self.offset) {
            Some(since) => self.offset + since / self.period * self.period,
            None => 0,
        }
    }

    /// The next time at which it is due, after `now`.
    #[must_use]
    pub const fn next(&self, now: u64) -> u64 {
        if now < self.offset { self.offset } else { self.last(now) + self.period }
    }
}

impl FromStr for DayWindow {
    type Err = BadTime;

    /// `22:00-05:00`.
    fn from_str(text: &str) -> Result<Self, BadTime> {
        let bad = BadTime("expected `HH:MM-HH:MM`, in UTC");
        let (from, to) = text.split_once('-').ok_or(bad)?;
        let (from, to) = (clock(from.trim()).ok_or(bad)?, clock(to.trim()).ok_or(bad)?);
        if from == to { Err(BadTime("the window is empty")) } else { Ok(Self { from, to }) }
    }
}

impl fmt::Display for DayWindow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", of_day(self.from), of_day(self.to))
    }
}

impl DayWindow {
    /// Whether a time lies within.
    #[must_use]
    pub const fn holds(&self, time: u64) -> bool {
        let time = time % DAY;
        if self.from < self.to { self.from <= time && time < self.to } else { time >= self.from || time < self.to }
    }

    /// The first time at `time` or after it that lies within.
    #[must_use]
    pub const fn opens(&self, time: u64) -> u64 {
        if self.holds(time) {
            return time;
        }
        let today = time - time % DAY + self.from;
        if today >= time { today } else { today + DAY }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-30 is a Monday.
    const MONDAY: u64 = 1_795_996_800;

    #[test]
    fn a_timetable_says_when_something_is_due() {
        let due = |text: &str, now: u64| {
            let table: Timetable = text.parse().unwrap();
            assert_eq!(table.to_string(), text);
            (table.last(now) - MONDAY, table.next(now) - MONDAY)
        };
        let now = MONDAY + WEEK + 3 * HOUR;
        assert_eq!(due("daily 02:00", now), (WEEK + 2 * HOUR, WEEK + DAY + 2 * HOUR));
        assert_eq!(due("daily 03:00", now), (WEEK + 3 * HOUR, WEEK + DAY + 3 * HOUR));
        assert_eq!(due("daily 04:30", now), (WEEK - DAY + 4 * HOUR + 1800, WEEK + 4 * HOUR + 1800));
        assert_eq!(due("weekly mon 02:00", now), (WEEK + 2 * HOUR, 2 * WEEK + 2 * HOUR));
        assert_eq!(due("weekly sun 02:00", now), (6 * DAY + 2 * HOUR, WEEK + 6 * DAY + 2 * HOUR));
        assert_eq!(due("every 6h", now), (WEEK, WEEK + 6 * HOUR));
        assert_eq!(due("every 30m", now), (WEEK + 3 * HOUR, WEEK + 3 * HOUR + 1800));
    }

    #[test]
    fn before_the_first_time_nothing_was_due() {
        let table: Timetable = "daily 02:00".parse().unwrap();
        assert_eq!((table.last(5), table.next(5)), (0, 2 * HOUR));
    }

    #[test]
    fn a_window_may_go_over_midnight() {
        let night: DayWindow = "22:00-05:00".parse().unwrap();
        let at = |hour: u64| MONDAY + hour * HOUR;
        assert!(night.holds(at(22)) && night.holds(at(23)) && night.holds(at(4)));
        assert!(!night.holds(at(5)) && !night.holds(at(21)));
        assert_eq!((night.opens(at(12)), night.opens(at(3))), (at(22), at(3)));
        let day: DayWindow = "09:00-17:00".parse().unwrap();
        assert_eq!((day.opens(at(18)), day.opens(at(8)), day.opens(at(9))), (at(33), at(9), at(9)));
        assert_eq!(day.to_string(), "09:00-17:00");
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "daily",
            "daily 24:00",
            "daily 2:00",
            "weekly monday 02:00",
            "every 0h",
            "every h",
            "every 1d",
            "at 02:00",
        ] {
            assert!(text.parse::<Timetable>().is_err(), "{text}");
        }
        for text in ["", "22:00", "22:00-", "22:00-22:00", "22:00-24:00"] {
            assert!(text.parse::<DayWindow>().is_err(), "{text}");
        }
    }
}
