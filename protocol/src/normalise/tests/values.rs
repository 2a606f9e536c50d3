use super::super::contact::{email, read_phone};
use super::super::country::{self, CodeBasis};
use super::super::date::{Day, PartialDate, Precision, read};
use super::super::{document, place};
use proptest::prelude::*;

const fn day(year: u16, month: u8, day: u8) -> Day {
    Day { year, month, day }
}

#[test]
fn dates_of_other_calendars_are_converted() {
    // V-NORM-016
    let cases = [
        ("buddhist:2533-05-04", day(1990, 5, 4)),
        ("ethiopian:1983-01-02", day(1990, 9, 12)),
        ("ethiopian:2000-01-02", day(2007, 9, 13)),
        ("solar_hijri:1403-01-02", day(2024, 3, 21)),
        ("solar_hijri:1357-11-22", day(1979, 2, 11)),
        ("hebrew:5784-07-02", day(2023, 9, 17)),
        ("hebrew:5708-02-05", day(1948, 5, 14)),
        ("hijri:1445-09-02", day(2024, 3, 12)),
    ];
    for (text, expected) in cases {
        let read = read(text).unwrap();
        assert!(read.earliest <= expected && expected <= read.latest, "{text}");
        assert_eq!(
            (read.date.year, read.date.month, read.date.day),
            (expected.year, Some(expected.month), Some(expected.day))
        );
    }
    assert!(read("hijri:1445-09-02").unwrap().earliest == day(2024, 3, 11));
    let year = read("solar_hijri:1370").unwrap();
    assert!(year.earliest == day(1991, 3, 21) && year.latest == day(1992, 3, 20));
    assert_eq!(year.date.precision(), Precision::Year);
    assert_eq!(read("buddhist:2533-05").unwrap().date.precision(), Precision::Month);
    for bad in [
        "hijri:1445-13-01",
        "hijri:1445-02-30",
        "ethiopian:1984-13-06",
        "solar_hijri:1404-12-30",
        "hebrew:5783-13-01",
        "julian:1990-01-02",
        "hijri:1990-01-02",
        "buddhist:1990-01-02",
        "1990-02-29",
        "1900-02-29",
        "2100-02-29",
        "1990-13-01",
        "90-01-01",
        "1990-00-04",
        "hijri:",
        "hijri:hijri:1445-01-02",
        "1849",
        "2101",
        "\u{661}990",
    ] {
        assert!(read(bad).is_none(), "{bad}");
    }
    for leap in ["1992-02-29", "2000-02-29"] {
        assert!(read(leap).is_some(), "{leap}");
    }
}

#[test]
fn ages_are_judged_in_favour_of_the_child() {
    // V-NORM-017
    let minor = |birth: &str, on: Day| read(birth).unwrap().could_be_minor(on);
    assert!(minor("2006-05-04", day(2024, 5, 3)));
    assert!(!minor("2006-05-04", day(2024, 5, 4)));
    assert!(minor("2006", day(2024, 12, 30)));
    assert!(!minor("2006", day(2024, 12, 31)));
    assert!(minor("2006-01-01", day(2024, 12, 30)), "a filler may be any day of the year");
    assert!(minor("2008-02-29", day(2026, 2, 28)));
    assert!(!minor("2008-02-29", day(2026, 3, 1)));
}

#[test]
fn telephone_numbers_are_completed() {
    // V-NORM-007
    let phone = |text: &str, home| read_phone(text, home).map(|p| (p.international.clone(), p.compared.clone()));
    let full = Some((Some("447700900123".to_owned()), "700900123".to_owned()));
    assert_eq!(full, phone("+44 (0)7700 900123", None));
    assert_eq!(full, phone("0044 7700 900123", Some("33")));
    assert_eq!(full, phone("07700 900123", Some("44")));
    assert_eq!(full, phone("\u{ff0b}\u{664}\u{664}7700900123", None));
    assert_eq!(phone("07700 900123", None), Some((None, "700900123".to_owned())));
    assert_eq!(phone("1234567890123456", None), None);
    assert_eq!(phone(&"1".repeat(10_000), None), None);
}

#[test]
fn addresses_of_one_mailbox_are_one() {
    // V-NORM-008
    assert_eq!(email("A.n.a+x@GoogleMail.com").as_deref(), Some("ana@gmail.com"));
    assert_eq!(email("a.na@example.org").as_deref(), Some("a.na@example.org"));
    assert_eq!(email("\u{ff41}na\u{200b}@example\u{3002}org").as_deref(), Some("ana@example.org"));
    assert_eq!(email("ana@example..org"), None);
}

#[test]
fn digits_and_check_digits() {
    // V-NORM-018, V-NORM-019
    assert_eq!(document::digit('\u{966}'), Some('0'));
    assert_eq!(document::digit('\u{6f9}'), Some('9'));
    assert_eq!(document::digit('a'), None);
    // ICAO Doc 9303-3, section 4.9, and the specimen of part 4.
    assert_eq!(document::check_digit("520727"), Some(3));
    assert_eq!(document::check_digit("L898902C3"), Some(6));
    assert_eq!(document::check_digit("AB2134<<<"), Some(5));
    assert_eq!(document::check_digit("ab"), None);
    assert!(!document::is_checked("L898902C3", b'7') && document::is_checked("<<<<", b'<'));
    // V-NORM-006
    assert_eq!(document::number(&"1".repeat(65)), None);
}

#[test]
fn countries_are_read_with_their_successors() {
    // V-NORM-020
    let codes = |text: &str| {
        country::read(text).map(|c| {
            (c.codes.iter().map(|c| String::from_utf8_lossy(c).into_owned()).collect::<Vec<_>>().join(" "), c.basis)
        })
    };
    assert_eq!(codes("D<<"), Some(("DEU".to_owned(), CodeBasis::Icao)));
    assert_eq!(codes("de"), Some(("DEU".to_owned(), CodeBasis::Iso)));
    assert_eq!(codes("CSK"), Some(("CZE SVK".to_owned(), CodeBasis::Historic)));
    assert_eq!(codes("QQQ"), Some(("QQQ".to_owned(), CodeBasis::Unknown)));
    assert_eq!(codes("UTO"), Some(("UTO".to_owned(), CodeBasis::Specimen)));
    assert!(!country::read("XXB").unwrap().is_nationality());
    for bad in ["", "Q", "DEUT", "D3", "\u{414}\u{415}"] {
        assert_eq!(country::read(bad), None, "{bad}");
    }
}

#[test]
fn places_have_one_name() {
    // V-NORM-021
    for (a, b) in [
        ("Kiev", "\u{41a}\u{438}\u{457}\u{432}"),
        ("Bombay", "Mumbai"),
        ("Saint-Petersburg", "Leningrad"),
        ("K\u{f6}ln", "Cologne"),
    ] {
        assert_eq!(place::normalise(a), place::normalise(b), "{a}");
    }
    assert_eq!(place::normalise("-"), None);
}

proptest! {
    /// Any text in, no panic, bounded output.
    #[test]
    fn any_text_is_read_or_refused(text in "(?s).{0,80}|[0-9:+-]{0,30}|(hijri|hebrew|ethiopian|buddhist|solar_hijri):[0-9]{4}-[0-9]{2}-[0-9]{2}") {
        if let Some(date) = read(&text) {
            prop_assert!(date.earliest <= date.latest && (1850..=2100).contains(&date.date.year));
        }
        prop_assert!(document::number(&text).is_none_or(|n| (4..=64).contains(&n.len())));
        prop_assert!(read_phone(&text, Some("44")).is_none_or(|p| p.compared.len() <= 9));
        prop_assert!(place::normalise(&text).is_none_or(|p| p.len() <= 40));
        let _ = (email(&text), country::read(&text));
    }

    /// V-NORM-016: a Gregorian date is read as it is.
    #[test]
    fn gregorian_dates_stay(year in 1850_u16..=2100, month in 2_u8..=11, day in 2_u8..=28) {
        let text = format!("{year:04}-{month:02}-{day:02}");
        let date = read(&text).unwrap().date;
        let same = date == PartialDate { year, month: Some(month), day: Some(day) };
        prop_assert!(same);
        let thai = format!("buddhist:{:04}-{month:02}-{day:02}", year + 543);
        let same = read(&thai).unwrap().date == date;
        prop_assert!(same);
    }
}
