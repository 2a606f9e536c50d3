//! Dates of birth with their precision (spec 13.6).

use super::calendar::{self, Calendar};
use super::day::days;
pub use super::day::{Day, is_minor};
use zeroize::Zeroize;

/// First and last year of a date, Gregorian.
pub const YEARS: core::ops::RangeInclusive<u16> = 1850..=2100;

/// A date of which the day, or month and day, may be unknown. Gregorian.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Zeroize)]
pub struct PartialDate {
    /// Year, 1850 to 2100.
    pub year: u16,
    /// Month, 1 to 12.
    pub month: Option<u8>,
    /// Day, 1 to 31; only with a month.
    pub day: Option<u8>,
}

/// How much of a date is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Zeroize)]
pub enum Precision {
    /// The year.
    Year,
    /// Year and month.
    Month,
    /// The day.
    Day,
}

/// A date as written, in any calendar, and what it is in the Gregorian one.
#[derive(Clone, Copy, PartialEq, Eq, Zeroize)]
pub struct ReadDate {
    /// The date, with the precision that it keeps in the Gregorian calendar.
    pub date: PartialDate,
    /// The first day that it may be.
    pub earliest: Day,
    /// The last day that it may be.
    pub latest: Day,
    /// The calendar in which it was written.
    #[zeroize(skip)]
    pub calendar: Calendar,
    /// Whether its month and day are a filler (V-NORM-005).
    pub placeholder: bool,
}

impl core::fmt::Debug for ReadDate {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ReadDate").field("calendar", &self.calendar).finish_non_exhaustive()
    }
}

impl PartialDate {
    /// Reads `YYYY`, `YYYY-MM` or `YYYY-MM-DD`; `00` for month or day means unknown. `None` for anything else
    /// (V-RECORD-003).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (year, month, day) = fields(text)?;
        if !YEARS.contains(&year) || month > 12 || day > days(year, month) {
            return None;
        }
        let known = |n: u8| (n > 0).then_some(n);
        Some(Self { year, month: known(month), day: known(day) })
    }

    /// How much is known.
    #[must_use]
    pub const fn precision(&self) -> Precision {
        match (self.month, self.day) {
            (Some(_), Some(_)) => Precision::Day,
            (Some(_), None) => Precision::Month,
            _ => Precision::Year,
        }
    }

    /// The date, or its year alone where its month and day are a filler: registers write the first of January, and
    /// some the last of December, for "unknown" (V-NORM-005).
    #[must_use]
    pub const fn without_placeholder(&self) -> Self {
        if self.is_placeholder() { self.year_only() } else { *self }
    }

    /// The year alone.
    #[must_use]
    pub const fn year_only(&self) -> Self {
        Self { year: self.year, month: None, day: None }
    }

    /// Whether month and day are a filler: 1 January or 31 December.
    #[must_use]
    pub const fn is_placeholder(&self) -> bool {
        matches!((self.month, self.day), (Some(1), Some(1)) | (Some(12), Some(31)))
    }

    /// Month and day in ascending order, if both are known: the one value that a swap does not change.
    #[must_use]
    pub const fn unordered_month_day(&self) -> Option<(u8, u8)> {
        match (self.month, self.day) {
            (Some(m), Some(d)) if m <= d => Some((m, d)),
            (Some(m), Some(d)) => Some((d, m)),
            _ => None,
        }
    }

    /// The first day that the date may be.
    #[must_use]
    pub const fn earliest(&self) -> Day {
        let (month, day) = match (self.month, self.day) {
            (Some(month), Some(day)) => (month, day),
            (Some(month), None) => (month, 1),
            _ => (1, 1),
        };
        Day { year: self.year, month, day }
    }

    /// The last day that the date may be.
    #[must_use]
    pub const fn latest(&self) -> Day {
        let (month, day) = match (self.month, self.day) {
            (Some(month), Some(day)) => (month, day),
            (Some(month), None) => (month, days(self.year, month)),
            _ => (12, 31),
        };
        Day { year: self.year, month, day }
    }
}

/// Reads a date with the calendar in front of it, `hijri:1410-03-02`; without one it is Gregorian (V-NORM-016).
///
/// A date of another calendar becomes the range of days that it may be. If that is one month or one year, the date
/// keeps that; otherwise it is cut to what all days of the range have in common, and to the year of the middle day if
/// they have no year in common.
#[must_use]
pub fn read(text: &str) -> Option<ReadDate> {
    let (calendar, date) = match text.split_once(':') {
        Some((name, date)) => (Calendar::from_name(name)?, date),
        None => (Calendar::Gregorian, text),
    };
    if calendar == Calendar::Gregorian {
        return PartialDate::parse(date).map(ReadDate::gregorian);
    }
    let (year, month, day) = fields(date)?;
    let (first, last) = calendar::range(calendar, year, month, day)?;
    // A filler is one in the calendar of the register that wrote it.
    let placeholder = (month, day) == (1, 1);
    let (first, last) = if placeholder { calendar::range(calendar, year, 0, 0)? } else { (first, last) };
    let (earliest, latest) = (calendar::gregorian(first)?, calendar::gregorian(last)?);
    let middle = calendar::gregorian(i32::midpoint(first, last))?;
    let exact = day > 0 && !placeholder;
    let date = if exact {
        PartialDate { year: middle.year, month: Some(middle.month), day: Some(middle.day) }
    } else if (earliest.year, earliest.month) == (latest.year, latest.month) {
        PartialDate { year: earliest.year, month: Some(earliest.month), day: None }
    } else {
        PartialDate { year: middle.year, month: None, day: None }
    };
    Some(ReadDate { date, earliest, latest, calendar, placeholder })
}

impl ReadDate {
    /// A date written in the Gregorian calendar.
    #[must_use]
    pub const fn gregorian(date: PartialDate) -> Self {
        let known = date.without_placeholder();
        let (earliest, latest) = (known.earliest(), known.latest());
        Self { date, earliest, latest, calendar: Calendar::Gregorian, placeholder: date.is_placeholder() }
    }

    /// Whether the person could be under 18 on a day: the benefit of the doubt is a child's (V-NORM-017).
    #[must_use]
    pub const fn could_be_minor(&self, on: Day) -> bool {
        is_minor(self.latest, on)
    }
}

/// `YYYY`, `YYYY-MM` or `YYYY-MM-DD` as numbers, 0 for what is unknown. A day needs a month.
fn fields(text: &str) -> Option<(u16, u8, u8)> {
    let mut pieces = text.split('-');
    let year = number(pieces.next()?, 4)?;
    let month = pieces.next().map_or(Some(0), |m| number(m, 2))?;
    let day = pieces.next().map_or(Some(0), |d| number(d, 2))?;
    if pieces.next().is_some() || (month == 0 && day != 0) {
        return None;
    }
    Some((year, u8::try_from(month).ok()?, u8::try_from(day).ok()?))
}

fn number(digits: &str, length: usize) -> Option<u16> {
    (digits.len() == length && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse().ok()).flatten()
}
