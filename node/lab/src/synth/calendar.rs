//! Dates in the calendar of a country's civil registers.

use super::names::Calendar;
use super::person::Date;

/// 20 March 2024, the first day of the Solar Hijri year 1403, as days since 1 January of the year 1.
const NEW_YEAR_1403: i32 = 738_965;
/// The day before the first one of the Ethiopian calendar, counted likewise.
const ETHIOPIAN: i32 = 2795;

/// The date as the calendar has it, with the calendar's name in front (spec 13); Gregorian dates stay as they are.
#[must_use]
pub(super) fn written(date: Date, calendar: Calendar) -> String {
    let (name, (year, month, day)) = match calendar {
        Calendar::Gregorian => return format!("{:04}-{:02}-{:02}", date.year, date.month, date.day),
        Calendar::Buddhist => ("buddhist", (i32::from(date.year) + 543, i32::from(date.month), i32::from(date.day))),
        Calendar::SolarHijri => ("solar_hijri", solar_hijri(number(date))),
        Calendar::Ethiopian => ("ethiopian", ethiopian(number(date))),
    };
    format!("{name}:{year:04}-{month:02}-{day:02}")
}

/// Days since the last one before the year 1.
fn number(date: Date) -> i32 {
    let before = i32::from(date.year) - 1;
    let months = (1..date.month).map(|month| i32::from(Date { month, ..date }.days())).sum::<i32>();
    365 * before + before / 4 - before / 100 + before / 400 + months + i32::from(date.day)
}

fn solar_hijri(number: i32) -> (i32, i32, i32) {
    // Eight leap years in 33; right for the dates of living persons.
    let days = |year: i32| if (25 * year + 11).rem_euclid(33) < 8 { 366 } else { 365 };
    let (mut year, mut begins) = (1403, NEW_YEAR_1403);
    while number < begins {
        year -= 1;
        begins -= days(year);
    }
    let day = number - begins;
    if day < 186 { (year, day / 31 + 1, day % 31 + 1) } else { (year, (day - 186) / 30 + 7, (day - 186) % 30 + 1) }
}

fn ethiopian(number: i32) -> (i32, i32, i32) {
    let year = (4 * (number - ETHIOPIAN - 1) + 1463) / 1461;
    let day = number - ETHIOPIAN - 1 - 365 * (year - 1) - year / 4;
    (year, day / 30 + 1, day % 30 + 1)
}
