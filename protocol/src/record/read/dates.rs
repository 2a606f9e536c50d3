//! Dates as offices write them, read into the form of spec 13.6 or left out with a reason (V-READ-006 to V-READ-009).

use super::rules::{DateRules, DayOrder, WrittenCalendar};
use super::tables;
use super::tokens::{Token, ascii_digits, tokens, without_time};
use crate::limits;
use crate::normalise::calendar::day_of_spreadsheet;
use crate::normalise::date;
use crate::record::Reason;

/// What is read of a value.
#[derive(Default)]
pub(super) struct Dates {
    pub(super) found: Vec<String>,
    pub(super) reasons: Vec<Reason>,
    /// Whether they were made of an age.
    pub(super) aged: bool,
}

impl Dates {
    fn none(reason: Reason) -> Self {
        Self { reasons: vec![reason], ..Self::default() }
    }

    fn one(date: String) -> Self {
        Self { found: vec![date], ..Self::default() }
    }

    fn all(each: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Self::default();
        for one in each {
            for date in one.found {
                if !all.found.contains(&date) {
                    all.found.push(date);
                }
            }
            for reason in one.reasons {
                if !all.reasons.contains(&reason) {
                    all.reasons.push(reason);
                }
            }
            all.aged |= one.aged;
        }
        all.found.truncate(limits::MAX_VALUES);
        all
    }
}

/// The words of a date, by meaning.
#[derive(Default)]
struct Words(Vec<&'static str>);

impl Words {
    fn has(&self, word: &str) -> bool {
        self.0.contains(&word)
    }
}

/// The dates of a value.
pub(super) fn read(text: &str, rules: &DateRules) -> Dates {
    // V-NORM-016: most dates are written as they are compared.
    if rules.calendar.is_none() && is_usual(text) && date::read(text).is_some() {
        let year = text.get(..4).and_then(|year| year.parse().ok());
        let past = rules.year.is_none_or(|present| year.is_some_and(|year: u16| year <= present));
        return if past && !tables::dates().contains_key(text) {
            Dates::one(text.to_owned())
        } else {
            one(text, rules)
        };
    }
    let ways: [Vec<&str>; 3] = [
        text.split([';', '|', '&', '\n', '\r']).collect(),
        text.split([',', '\u{60c}', '\u{3001}']).collect(),
        text.split(" / ").collect(),
    ];
    for way in ways {
        let pieces: Vec<&str> = way.into_iter().map(|p| p.trim_matches(' ')).filter(|p| !p.is_empty()).collect();
        if pieces.len() < 2 || pieces.len() > limits::MAX_VALUE {
            continue;
        }
        let each: Vec<Dates> = pieces.into_iter().map(|piece| one(piece, rules)).collect();
        if each.iter().all(|dates| !dates.found.is_empty()) {
            return Dates::all(each);
        }
    }
    one(text, rules)
}

/// Whether a text is of the form `1990-12-31`, with a month and a day.
fn is_usual(text: &str) -> bool {
    let form = |(byte, at): (u8, usize)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() };
    text.len() == 10 && text.bytes().zip(0..).all(form) && text.get(5..7) != Some("00") && text.get(8..) != Some("00")
}

fn one(text: &str, rules: &DateRules) -> Dates {
    let text = ascii_digits(text.trim_matches(' '));
    let (head, rest) = text.split_once(':').unwrap_or((&text, ""));
    let mut calendar = WrittenCalendar::from_name(head);
    if calendar.is_none() && head == "age" {
        return age(rest, rules);
    }
    let text = without_time(if calendar.is_some() { rest } else { &text });
    if let Some(days) = serial(text) {
        return excel(days, rules);
    }
    let tokens = tokens(text);
    let sign = |c: char| {
        matches!(
            c,
            '-' | '.' | '/' | ',' | '(' | ')' | '[' | ']' | '~' | ':' | '\'' | '\u{2010}'
                ..='\u{2014}' | '\u{2019}' | '\u{60c}' | '\u{3001}'
        )
    };
    let signs: Vec<char> = tokens.iter().filter_map(Token::sign).collect();
    let Some((month, words)) = words(&tokens, &mut calendar).filter(|_| signs.iter().all(|c| sign(*c))) else {
        return Dates::none(Reason::Date);
    };
    if words.has("vague") {
        return Dates::none(Reason::Vague);
    }
    if words.has("age") {
        return age(text, rules);
    }
    let numbers: Vec<&str> = tokens.iter().filter_map(Token::number).collect();
    let shape = Shape { signs, words, calendar, rules };
    shape.read(&numbers, month)
}

/// The month that a word names, and what the others mean; a word that no table knows makes the value no date.
fn words(tokens: &[Token], calendar: &mut Option<WrittenCalendar>) -> Option<(u32, Words)> {
    let run: Vec<&str> = tokens.iter().filter_map(Token::word).collect();
    let (mut at, mut month, mut found) = (0, 0, Words::default());
    while at < run.len() {
        let (size, meaning, is_month) = (1..=3).rev().find_map(|size| {
            let phrase = run.get(at..at + size)?.join(" ");
            let of_month = tables::months().get(&phrase).map(|meaning| (size, *meaning, true));
            of_month.or_else(|| tables::date_words().get(&phrase).map(|meaning| (size, *meaning, false)))
        })?;
        at += size;
        if !is_month {
            found.0.push(meaning);
            continue;
        }
        if month != 0 {
            return None;
        }
        let (of, number) = meaning.rsplit_once(' ').unwrap_or(("", meaning));
        month = number.parse().ok()?;
        *calendar = calendar.or_else(|| WrittenCalendar::from_name(of));
    }
    if *calendar != Some(WrittenCalendar::SolarHijri) {
        let order = [WrittenCalendar::SolarHijri].into_iter().chain(WrittenCalendar::ALL);
        *calendar = order.into_iter().find(|of| found.has(of.name())).or(*calendar);
    }
    Some((month, found))
}

/// Five digits, and maybe a fraction.
fn serial(text: &str) -> Option<u32> {
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, "0"));
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    (whole.len() == 5 && digits(whole) && digits(fraction)).then(|| whole.parse().ok()).flatten()
}

/// Day 0 of a spreadsheet is 30 December 1899; before 1 March 1900 programs differ.
fn excel(days: u32, rules: &DateRules) -> Dates {
    let day = day_of_spreadsheet(days).filter(|_| rules.excel && days >= 61);
    let Some((year, month, day)) = day else { return Dates::none(Reason::Excel) };
    let shape = Shape { signs: Vec::new(), words: Words::default(), calendar: None, rules };
    shape.finish(year, month, day)
}

/// An age, and behind `@` the date at which it was true.
fn age(text: &str, rules: &DateRules) -> Dates {
    let (age, on) = text.split_once('@').unwrap_or((text, ""));
    let tokens = tokens(age);
    let numbers: Vec<&str> = age.split(|c: char| !c.is_ascii_digit()).filter(|n| !n.is_empty()).collect();
    let then = if on.trim_matches(' ').is_empty() {
        None
    } else {
        one(on, &DateRules { age_on: None, ..*rules }).found.into_iter().next()
    };
    let then = then.and_then(|text| date::read(&text)).map(|read| read.date.year).or(rules.age_on);
    let in_years = tokens.iter().filter_map(Token::word).all(|word| {
        let months = matches!(
            word,
            "months"
                | "weeks"
                | "days"
                | "monate"
                | "wochen"
                | "tage"
                | "mois"
                | "meses"
                | "месяцев"
                | "мес"
                | "شهر"
                | "个月"
        );
        !months && matches!(tables::date_words().get(word), Some(&("age" | "circa" | "skip")))
    });
    let years = match numbers.as_slice() {
        [number] if number.len() <= 3 => number.parse::<u16>().ok().filter(|n| *n <= 120),
        _ => None,
    };
    let (Some(years), Some(then)) = (years.filter(|_| in_years), then) else { return Dates::none(Reason::Age) };
    let born = then.saturating_sub(years);
    let found = [born.saturating_sub(1), born].into_iter().filter(|y| date::YEARS.contains(y));
    Dates { found: found.map(|y| format!("{y:04}")).collect(), reasons: Vec::new(), aged: true }
}

/// What stands beside the numbers.
struct Shape<'a> {
    signs: Vec<char>,
    words: Words,
    calendar: Option<WrittenCalendar>,
    rules: &'a DateRules,
}

impl Shape<'_> {
    /// V-READ-007: which number is what.
    fn read(&self, numbers: &[&str], month: u32) -> Dates {
        let sizes: Vec<usize> = numbers.iter().map(|n| n.len()).collect();
        let none = || Dates::none(Reason::Date);
        if let ([number], [8]) = (numbers, sizes.as_slice())
            && month == 0
        {
            return self.eight(number);
        }
        if sizes.iter().any(|size| *size > 4) {
            return none();
        }
        let n: Vec<u32> = numbers.iter().filter_map(|n| n.parse().ok()).collect();
        match (month, sizes.as_slice(), n.as_slice()) {
            (1.., [4], &[year]) => self.finish(year, month, 0),
            (1.., [1 | 2, 4], &[day, year]) | (1.., [4, 1 | 2], &[year, day]) => self.finish(year, month, day),
            (1.., [1 | 2, 1 | 2], _) => Dates::none(Reason::TwoDigitYear),
            (1.., ..) | (_, [], _) => none(),
            (_, all, years) if all.iter().all(|size| *size == 4) => self.years(years),
            (_, [1..=3], &[age_]) if age_ <= 120 => age(numbers.first().copied().unwrap_or_default(), self.rules),
            (_, [4, 1 | 2], &[year, month]) | (_, [1 | 2, 4], &[month, year]) => self.finish(year, month, 0),
            (_, [1 | 2, 1 | 2, 1 | 2], _) => Dates::none(Reason::TwoDigitYear),
            (_, [4, 1 | 2, 1 | 2], &[year, day, month]) if day > 13 && month <= 13 => self.finish(year, month, day),
            (_, [4, 1 | 2, 1 | 2], &[year, month, day]) => self.finish(year, month, day),
            (_, [1 | 2, 1 | 2, 4], &[a, b, year]) => self.day_or_month(a, b, year),
            _ => none(),
        }
    }

    /// V-READ-008
    fn day_or_month(&self, a: u32, b: u32, year: u32) -> Dates {
        let dotted = self.signs.get(..2) == Some(&['.', '.']);
        if a == b || a > 12 || a == 0 || b == 0 || dotted || self.rules.order == Some(DayOrder::DayMonth) {
            let (day, month) = if b <= 12 || a > 12 { (a, b) } else { (b, a) };
            self.finish(year, month, day)
        } else if b > 12 || self.rules.order == Some(DayOrder::MonthDay) {
            self.finish(year, a, b)
        } else {
            let mut found = self.finish(year, 0, 0);
            if found.reasons.is_empty() {
                found.reasons.push(Reason::DayOrMonth);
            }
            found
        }
    }

    fn years(&self, years: &[u32]) -> Dates {
        let dash = |c: &char| matches!(c, '-' | '~' | '\u{2010}'..='\u{2014}');
        let between = self.words.has("range") || self.signs.iter().any(dash);
        match years {
            &[first, last] if between => {
                if !(first..=first + 1).contains(&last) {
                    return Dates::none(Reason::Range);
                }
                Dates::all((first..=last).map(|year| self.finish(year, 0, 0)))
            }
            years => Dates::all(years.iter().take(limits::MAX_VALUES).map(|year| self.finish(*year, 0, 0))),
        }
    }

    fn eight(&self, text: &str) -> Dates {
        let part = |from: usize, to: usize| text.get(from..to).and_then(|n| n.parse().ok()).unwrap_or(0);
        let first = self.finish(part(0, 4), part(4, 6), part(6, 8));
        let unsigned = Self { signs: Vec::new(), words: Words(self.words.0.clone()), ..*self };
        let last = unsigned.day_or_month(part(0, 2), part(2, 4), part(4, 8));
        if first.found.is_empty() && last.reasons == [Reason::DayOrMonth] {
            return last;
        }
        let good = |dates: &Dates| !dates.found.is_empty() && dates.reasons.is_empty();
        match (good(&first), good(&last)) {
            (true, false) => first,
            (false, true) => last,
            _ => Dates::none(Reason::Date),
        }
    }

    /// V-READ-007, V-READ-009: a date of numbers, 0 for what is not known.
    fn finish(&self, year: u32, month: u32, day: u32) -> Dates {
        if year == 0 || tables::dates().contains_key(&format!("{year:04}-{month:02}-{day:02}")) {
            return Dates::none(Reason::FillerDate);
        }
        let declared = self.rules.calendar.filter(|calendar| match calendar {
            WrittenCalendar::Hijri | WrittenCalendar::SolarHijri => year < 1700,
            WrittenCalendar::Buddhist => year > 2300,
            WrittenCalendar::Hebrew => year > 5000,
            _ => true,
        });
        match self.calendar.or(declared) {
            None | Some(WrittenCalendar::Gregorian) => self.gregorian(year, month, day),
            Some(WrittenCalendar::Nepali) => nepali(year, month, day),
            Some(calendar) => self.other(calendar, year, month, day),
        }
    }

    fn other(&self, calendar: WrittenCalendar, year: u32, month: u32, day: u32) -> Dates {
        let (month, day) = if month == 0 || self.words.has("circa") { (0, 0) } else { (month, day) };
        for (known_month, known_day) in [(month, day), (month, 0), (0, 0)] {
            let text = format!("{}:{year:04}-{known_month:02}-{known_day:02}", calendar.name());
            let Some(read) = date::read(&text) else { continue };
            if self.rules.year.is_some_and(|present| read.earliest.year > present) {
                return Dates::none(Reason::Future);
            }
            if known_month == 0 && month > 13 {
                break;
            }
            let whole = (known_month, known_day) == (month, day);
            return Dates { reasons: if whole { Vec::new() } else { vec![Reason::Day] }, ..Dates::one(text) };
        }
        Dates::none(Reason::Date)
    }

    fn gregorian(&self, year: u32, month: u32, day: u32) -> Dates {
        if !(1850..=2100).contains(&year) {
            return Dates::none(match year {
                1200..=1500 => Reason::Hijri,
                2400..=2700 => Reason::Buddhist,
                5500..=5900 => Reason::Hebrew,
                _ => Reason::Year,
            });
        }
        if self.rules.year.is_some_and(|present| year > u32::from(present)) {
            return Dates::none(Reason::Future);
        }
        if month > 12 {
            return Dates::none(Reason::Date);
        }
        if month == 0 || self.words.has("circa") {
            return Dates::one(format!("{year:04}"));
        }
        let month_alone = format!("{year:04}-{month:02}");
        if day == 0 {
            return Dates::one(month_alone);
        }
        let text = format!("{month_alone}-{day:02}");
        if date::read(&text).is_some() {
            return Dates::one(text);
        }
        Dates { reasons: vec![Reason::Day], ..Dates::one(month_alone) }
    }
}

/// Years of Bikram Sambat begin in the middle of April, 57 years before.
fn nepali(year: u32, month: u32, day: u32) -> Dates {
    if !(1907..=2156).contains(&year) || month > 12 || day > 32 {
        return Dates::none(Reason::Date);
    }
    let (before, after) = (format!("{:04}", year - 57), format!("{:04}", year - 56));
    let found = match month {
        1..=8 => vec![before],
        10.. => vec![after],
        _ => vec![before, after],
    };
    Dates { found, ..Dates::default() }
}
