//! Days of the Gregorian calendar.

use zeroize::Zeroize;

/// A day of the Gregorian calendar.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Zeroize)]
pub struct Day {
    /// Year.
    pub year: u16,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day, 1 to 31.
    pub day: u8,
}

impl core::fmt::Debug for Day {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Day(..)")
    }
}

/// Whether a person born on one day is under 18 on another. The birthday itself is the first day of age; one on
/// 29 February falls on 1 March in other years.
#[must_use]
pub const fn is_minor(born: Day, on: Day) -> bool {
    let Day { year, month, day } = born;
    let (month, day) = if month == 2 && day == 29 && days(year + 18, 2) < 29 { (3, 1) } else { (month, day) };
    on.year < year + 18 || on.year == year + 18 && (on.month < month || on.month == month && on.day < day)
}

/// Days of a month, Gregorian.
pub(super) const fn days(year: u16, month: u8) -> u8 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
