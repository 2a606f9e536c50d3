//! Calendars, by day numbers (spec 13.6.2, V-NORM-016). Day 1 is 1 January of the year 1, Gregorian ("Rata Die").
//!
//! Arithmetic calendars after E. M. Reingold and N. Dershowitz, *Calendrical Calculations*, chapters 2, 4, 7, 8 and 15;
//! Solar Hijri by the 33-year cycle, which agrees with the official calendar of Iran from 1178 to 1633 Solar Hijri.

use super::day::{Day, days};

/// A calendar of dates of birth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Calendar {
    /// Gregorian.
    Gregorian,
    /// Islamic, tabular civil (leap years 2, 5, 7, 10, 13, 16, 18, 21, 24, 26, 29; epoch 16 July 622, Julian). The
    /// observed month may begin a day before or after.
    Hijri,
    /// Of Iran and Afghanistan.
    SolarHijri,
    /// Ethiopian and Eritrean: thirteen months.
    Ethiopian,
    /// Of Thailand since 1941: the Gregorian year and 543.
    Buddhist,
    /// Hebrew: months from Nisan (1); 13 is Adar II of a leap year.
    Hebrew,
}

impl Calendar {
    /// The calendar of a prefix.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "gregorian" => Self::Gregorian,
            "hijri" => Self::Hijri,
            "solar_hijri" => Self::SolarHijri,
            "ethiopian" => Self::Ethiopian,
            "buddhist" => Self::Buddhist,
            "hebrew" => Self::Hebrew,
            _ => return None,
        })
    }

    /// Months of a year.
    const fn months(self, year: i32) -> u8 {
        match self {
            Self::Ethiopian => 13,
            Self::Hebrew if hebrew_leap(year) => 13,
            _ => 12,
        }
    }

    /// Days of a month.
    fn length(self, year: i32, month: u8) -> u8 {
        match self {
            Self::Gregorian => u16::try_from(year).map_or(0, |y| days(y, month)),
            Self::Buddhist => u16::try_from(year - 543).map_or(0, |y| days(y, month)),
            Self::Hijri => match month {
                12 if (11 * year + 14).rem_euclid(30) < 11 => 30,
                odd if odd % 2 == 1 => 30,
                _ => 29,
            },
            Self::SolarHijri => match month {
                1..=6 => 31,
                12 if !solar_leap(year) => 29,
                _ => 30,
            },
            Self::Ethiopian => match month {
                13 if year.rem_euclid(4) == 3 => 6,
                13 => 5,
                _ => 30,
            },
            Self::Hebrew => hebrew_month(year, month),
        }
    }

    /// Day number of a date that exists.
    fn day_number(self, year: i32, month: u8, day: u8) -> i32 {
        let (m, d) = (i32::from(month), i32::from(day));
        match self {
            Self::Gregorian => gregorian_number(year, m, d),
            Self::Buddhist => gregorian_number(year - 543, m, d),
            Self::Hijri => 227_014 + (year - 1) * 354 + (3 + 11 * year).div_euclid(30) + 29 * (m - 1) + m / 2 + d,
            Self::SolarHijri => {
                let before = if m <= 7 { 31 * (m - 1) } else { 30 * (m - 1) + 6 };
                // 365 days a year, and the leap years of the 33-year cycle.
                226_894 + 365 * (year - 1) + (8 * year + 21).div_euclid(33) + before + d
            }
            Self::Ethiopian => 2795 + 365 * (year - 1) + year.div_euclid(4) + 30 * (m - 1) + d,
            Self::Hebrew => {
                // The year begins with Tishri (7): its months up to Elul (6) come after the others.
                let months = self.months(year);
                let before =
                    if month < 7 { (7..=months).chain(1..month).collect() } else { (7..month).collect::<Vec<_>>() };
                hebrew_new_year(year) + before.into_iter().map(|m| i32::from(hebrew_month(year, m))).sum::<i32>() + d
                    - 1
            }
        }
    }
}

/// The days that a date of a calendar may be, as day numbers. `month` and `day` are 0 if unknown. `None` if it does not
/// exist.
pub(super) fn range(calendar: Calendar, year: u16, month: u8, day: u8) -> Option<(i32, i32)> {
    let year = i32::from(year);
    // Years that no living person was born in are a slip: a Gregorian year behind the prefix of another calendar.
    if year == 0 || month > calendar.months(year) || (month > 0 && day > calendar.length(year, month)) {
        return None;
    }
    let (first, last) = match (month, day) {
        (0, _) => {
            let start = if calendar == Calendar::Hebrew { 7 } else { 1 };
            let end = if calendar == Calendar::Hebrew { 6 } else { calendar.months(year) };
            (calendar.day_number(year, start, 1), calendar.day_number(year, end, calendar.length(year, end)))
        }
        (month, 0) => {
            (calendar.day_number(year, month, 1), calendar.day_number(year, month, calendar.length(year, month)))
        }
        (month, day) => {
            let number = calendar.day_number(year, month, day);
            (number, number)
        }
    };
    Some(if calendar == Calendar::Hijri { (first - 1, last + 1) } else { (first, last) })
}

/// The Gregorian day of a day number from 1850 to 2100.
pub(super) fn gregorian(number: i32) -> Option<Day> {
    let first = gregorian_number(1850, 1, 1);
    if !(first..=gregorian_number(2100, 12, 31)).contains(&number) {
        return None;
    }
    // No year has more days than 366: at most one step too low.
    let estimate = 1850 + (number - first) / 366;
    let year = (estimate..=estimate + 2).rev().find(|y| gregorian_number(*y, 1, 1) <= number)?;
    let month = (1..=12).rev().find(|m| gregorian_number(year, *m, 1) <= number)?;
    let day = number - gregorian_number(year, month, 1) + 1;
    Some(Day { year: u16::try_from(year).ok()?, month: u8::try_from(month).ok()?, day: u8::try_from(day).ok()? })
}

/// Year, month and day so many days after 30 December 1899, from 1850 to 2100.
pub(crate) fn day_of_spreadsheet(days: u32) -> Option<(u32, u32, u32)> {
    let day = gregorian(gregorian_number(1899, 12, 30).checked_add_unsigned(days)?)?;
    Some((day.year.into(), day.month.into(), day.day.into()))
}

fn gregorian_number(year: i32, month: i32, day: i32) -> i32 {
    let y = year - 1;
    let leap = u16::try_from(year).is_ok_and(|y| days(y, 2) == 29);
    let correction = if month <= 2 {
        0
    } else if leap {
        -1
    } else {
        -2
    };
    365 * y + y.div_euclid(4) - y.div_euclid(100)
        + y.div_euclid(400)
        + (367 * month - 362).div_euclid(12)
        + correction
        + day
}

const fn solar_leap(year: i32) -> bool {
    (8 * (year + 1) + 21).div_euclid(33) > (8 * year + 21).div_euclid(33)
}

const fn hebrew_leap(year: i32) -> bool {
    (7 * year + 1).rem_euclid(19) < 7
}

/// Days from the epoch to the mean new year of a year, with the first postponement.
fn hebrew_elapsed(year: i32) -> i32 {
    let months = (235 * year - 234).div_euclid(19);
    let parts = 12_084 + 13_753 * i64::from(months);
    let day = i64::from(29 * months) + parts.div_euclid(25_920);
    let postponed = (3 * (day + 1)).rem_euclid(7) < 3;
    i32::try_from(day + i64::from(postponed)).unwrap_or(0)
}

/// Day number of 1 Tishri.
fn hebrew_new_year(year: i32) -> i32 {
    let [before, this, after] = [year - 1, year, year + 1].map(hebrew_elapsed);
    let correction = if after - this == 356 {
        2
    } else if this - before == 382 {
        1
    } else {
        0
    };
    -1_373_427 + this + correction
}

fn hebrew_month(year: i32, month: u8) -> u8 {
    let length = hebrew_new_year(year + 1) - hebrew_new_year(year);
    match month {
        2 | 4 | 6 | 10 | 13 => 29,
        12 if !hebrew_leap(year) => 29,
        8 if !matches!(length, 355 | 385) => 29,
        9 if matches!(length, 353 | 383) => 29,
        _ => 30,
    }
}
