//! Dates of birth with their precision (spec 4.5.3).

use zeroize::Zeroize;

/// A date of which the day, or month and day, may be unknown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Zeroize)]
pub struct PartialDate {
    /// Year, 1850 to 2100.
    pub year: u16,
    /// Month, 1 to 12.
    pub month: Option<u8>,
    /// Day, 1 to 31; only with a month.
    pub day: Option<u8>,
}

impl PartialDate {
    /// Reads `YYYY`, `YYYY-MM` or `YYYY-MM-DD`; `00` for month or day means unknown. `None` for anything else
    /// (V-RECORD-003).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut pieces = text.split('-');
        let year = number(pieces.next()?, 4).filter(|y| (1850..=2100).contains(y))?;
        let month = pieces.next().map(|m| number(m, 2)).map_or(Some(0), |m| m)?;
        let day = pieces.next().map(|d| number(d, 2)).map_or(Some(0), |d| d)?;
        if pieces.next().is_some() || month > 12 || day > days(year, month) || (month == 0 && day != 0) {
            return None;
        }
        let known = |n: u16| u8::try_from(n).ok().filter(|&n| n > 0);
        Some(Self { year, month: known(month), day: known(day) })
    }

    /// The date, or its year alone where it is a first of January: registers write that day for "unknown"
    /// (V-NORM-005).
    #[must_use]
    pub const fn without_placeholder(&self) -> Self {
        match (self.month, self.day) {
            (Some(1), Some(1)) => Self { year: self.year, month: None, day: None },
            _ => *self,
        }
    }

    /// The first and the last day that the date can mean.
    #[must_use]
    pub const fn range(&self) -> (Day, Day) {
        let (first, last) = match self.month {
            Some(month) => (month, month),
            None => (1, 12),
        };
        let (low, high) = match self.day {
            Some(day) => (day, day),
            None => (1, last_day(self.year, last)),
        };
        (Day { year: self.year, month: first, day: low }, Day { year: self.year, month: last, day: high })
    }

    /// Whether every day that this date can mean lies before `day`.
    #[must_use]
    pub fn is_before(&self, day: &Day) -> bool {
        self.range().1 < *day
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
}

/// One day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    year: u16,
    month: u8,
    day: u8,
}

impl Day {
    /// The same day of a later year. The 29th of February stays one, whether or not the year has it: it lies after the
    /// 28th and before March, as a birthday that is completed at its end.
    #[must_use]
    pub const fn plus_years(self, years: u16) -> Self {
        Self { year: self.year.saturating_add(years), ..self }
    }
}

const fn last_day(year: u16, month: u8) -> u8 {
    // At most 31.
    days(year, month as u16) as u8
}

fn number(digits: &str, length: usize) -> Option<u16> {
    (digits.len() == length && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse().ok()).flatten()
}

const fn days(year: u16, month: u16) -> u16 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
