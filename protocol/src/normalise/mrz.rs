//! Machine-readable zones (spec 13.11): ICAO Doc 9303, TD1 (three lines of 30 characters, part 5), TD2 (two of 36,
//! part 6) and TD3 (two of 44, part 4).

use super::document::is_checked;
use core::fmt;
use thiserror::Error;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Bytes of a zone with its line ends; a longer text is none.
pub const MAX_ZONE: usize = 128;

/// Why a text is no zone. Never its content.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum MrzError {
    /// Neither three lines of 30, nor two of 36, nor two of 44 characters.
    #[error("is neither three lines of 30 characters nor two of 36 or 44")]
    Shape,
    /// A character other than `A` to `Z`, `0` to `9` and `<`.
    #[error("has a character that machine-readable zones do not have")]
    Character,
    /// The check digit of the document number.
    #[error("has a wrong check digit of the document number, which is left out")]
    DocumentNumber,
    /// The check digit of the date of birth.
    #[error("has a wrong check digit of the date of birth, which is left out")]
    BirthDate,
    /// The check digit of the date of expiry.
    #[error("has a wrong check digit of the date of expiry")]
    ExpiryDate,
    /// The check digit of the optional data (TD3).
    #[error("has a wrong check digit of the optional data")]
    OptionalData,
    /// The composite check digit.
    #[error("has a wrong composite check digit; the other check digits hold and the person is used")]
    Composite,
    /// A date of birth that does not exist, or with digits where others are missing.
    #[error("has no possible date of birth; what can be used of it is used")]
    ImpossibleDate,
    /// Neither `F`, `M`, `X` nor `<`.
    #[error("has no possible sex, which is left out")]
    Sex,
    /// No name.
    #[error("has no name, or one with a digit")]
    Name,
}

/// Format of a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Three lines of 30.
    Td1,
    /// Two lines of 36.
    Td2,
    /// Two lines of 44.
    Td3,
}

/// The fields of a zone, fillers left out. Wiped on drop.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Zone {
    /// Format.
    #[zeroize(skip)]
    pub format: Format,
    /// Document code, one or two characters: `P`, `I`, `A`, `C`, `V`.
    pub document_type: String,
    /// Issuing state or organisation, one to three letters.
    pub issuer: String,
    /// Document number.
    pub document_number: String,
    /// Primary identifier: the family name as a rule, fillers as spaces.
    pub primary: String,
    /// Secondary identifier: given names; empty if there are none.
    pub secondary: String,
    /// Whether the names may have been cut to fit.
    pub truncated: bool,
    /// Date of birth as `YYMMDD`; `<` for unknown digits.
    pub birth_date: String,
    /// `F`, `M` or `X`; `X` also stands for `<`.
    pub sex: u8,
    /// Date of expiry as `YYMMDD`.
    pub expiry_date: String,
    /// Nationality, one to three letters.
    pub nationality: String,
    /// Optional data, of all places; a national number in many states.
    pub optional: String,
    /// What is wrong with the zone: wrong fields are left out.
    #[zeroize(skip)]
    pub faults: Vec<MrzError>,
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Zone").field("format", &self.format).finish_non_exhaustive()
    }
}

/// Reads a zone (V-NORM-022). Lower-case letters count as upper-case ones, empty lines and blanks around lines are left
/// out. A field that is wrong is left out, and what is wrong with it stands among the zone's faults.
///
/// # Errors
/// [`MrzError::Shape`].
pub fn parse(text: &str) -> Result<Zone, MrzError> {
    // Room for blanks around the lines.
    if text.len() > 2 * MAX_ZONE {
        return Err(MrzError::Shape);
    }
    let mut upper = text.to_ascii_uppercase();
    let mut lines: Vec<Vec<char>> =
        upper.lines().map(str::trim).filter(|line| !line.is_empty()).map(|line| line.chars().collect()).collect();
    upper.zeroize();
    let good = |c: &char| c.is_ascii_uppercase() || c.is_ascii_digit() || *c == '<';
    let mut faults = Vec::new();
    if !lines.iter().flatten().all(good) {
        faults.push(MrzError::Character);
    }
    let zone = match lines.as_slice() {
        [a, b, c] if lines.iter().all(|l| l.len() == 30) => Ok(td1(a, b, c, faults)),
        [a, b] if lines.iter().all(|l| l.len() == 36) => Ok(two_lines(Format::Td2, a, b, faults)),
        [a, b] if lines.iter().all(|l| l.len() == 44) => Ok(two_lines(Format::Td3, a, b, faults)),
        _ => Err(MrzError::Shape),
    };
    lines.iter_mut().for_each(Zeroize::zeroize);
    zone
}

/// Characters `from` to `to` of a line, counted from 0.
fn at(line: &[char], from: usize, to: usize) -> String {
    line.get(from..to).unwrap_or_default().iter().collect()
}

/// Whether a field ends in its check digit.
fn holds(field: &str, line: &[char], place: usize) -> bool {
    line.get(place).and_then(|c| u8::try_from(*c).ok()).is_some_and(|digit| is_checked(field, digit))
}

/// What the formats write in different places.
struct Parts {
    kind: String,
    issuer: String,
    number: String,
    optional: String,
    names: String,
    birth: String,
    sex: Option<char>,
    expiry: String,
    nationality: String,
}

/// A document number with what continues it in the optional data, if its check digit is a filler, and the rest of these
/// data (part 5, 4.2.2.1; part 6, 4.2.2.1); with the fault of a wrong check digit.
fn number(
    number: String,
    line: &[char],
    place: usize,
    optional: String,
    goes_on: bool,
    faults: &mut Vec<MrzError>,
) -> (String, String) {
    let (number, good, optional) = match optional.split_once('<') {
        Some((more, rest)) if goes_on && line.get(place) == Some(&'<') && !more.is_empty() => {
            let mut more: Vec<char> = more.chars().collect();
            let digit = more.pop();
            let whole: String = number.chars().chain(more).collect();
            let good = digit.is_some_and(|digit| holds(&whole, &[digit], 0));
            (whole, good, rest.to_owned())
        }
        _ => {
            let good = holds(&number, line, place);
            (number, good, optional)
        }
    };
    if good {
        return (number, optional);
    }
    faults.push(MrzError::DocumentNumber);
    (String::new(), optional)
}

/// A date of six digits, or nothing but fillers if its check digit is wrong.
fn date(line: &[char], from: usize, error: MrzError, faults: &mut Vec<MrzError>) -> String {
    let date = at(line, from, from + 6);
    if holds(&date, line, from + 6) {
        return date;
    }
    faults.push(error);
    "<".repeat(6)
}

fn td1(a: &[char], b: &[char], c: &[char], mut faults: Vec<MrzError>) -> Zone {
    let (number, optional) = number(at(a, 5, 14), a, 14, at(a, 15, 30), true, &mut faults);
    let birth = date(b, 0, MrzError::BirthDate, &mut faults);
    let expiry = date(b, 8, MrzError::ExpiryDate, &mut faults);
    let all = [at(a, 5, 30), at(b, 0, 7), at(b, 8, 15), at(b, 18, 29)].concat();
    if !holds(&all, b, 29) {
        faults.push(MrzError::Composite);
    }
    let parts = Parts {
        kind: at(a, 0, 2),
        issuer: at(a, 2, 5),
        number,
        optional: [optional, "<".to_owned(), at(b, 18, 29)].concat(),
        names: at(c, 0, 30),
        birth,
        sex: b.get(7).copied(),
        expiry,
        nationality: at(b, 15, 18),
    };
    zone(Format::Td1, &parts, faults)
}

fn two_lines(format: Format, a: &[char], b: &[char], mut faults: Vec<MrzError>) -> Zone {
    if format == Format::Td2 && at(a, 0, 5) == "IDFRA" && holds(&at(b, 0, 12), b, 12) {
        return french(a, b, faults);
    }
    let visa = a.first() == Some(&'V');
    let end = match format {
        _ if visa => b.len(),
        Format::Td2 => 35,
        _ => 42,
    };
    let goes_on = format == Format::Td2 && !visa;
    let (number, optional) = number(at(b, 0, 9), b, 9, at(b, 28, end), goes_on, &mut faults);
    let birth = date(b, 13, MrzError::BirthDate, &mut faults);
    let expiry = date(b, 21, MrzError::ExpiryDate, &mut faults);
    if format == Format::Td3 && !visa && !holds(&at(b, 28, 42), b, 42) {
        faults.push(MrzError::OptionalData);
    }
    let last = if format == Format::Td2 { 35 } else { 43 };
    let all = [at(b, 0, 10), at(b, 13, 20), at(b, 21, last)].concat();
    if !visa && !holds(&all, b, last) {
        faults.push(MrzError::Composite);
    }
    let parts = Parts {
        kind: at(a, 0, 2),
        issuer: at(a, 2, 5),
        number,
        optional: [optional, "<".to_owned()].concat(),
        names: at(a, 5, a.len()),
        birth,
        sex: b.get(20).copied(),
        expiry,
        nationality: at(b, 10, 13),
    };
    zone(format, &parts, faults)
}

/// The French identity card before 2021: its own layout.
fn french(a: &[char], b: &[char], mut faults: Vec<MrzError>) -> Zone {
    let birth = date(b, 27, MrzError::BirthDate, &mut faults);
    if !holds(&[at(a, 0, 36), at(b, 0, 35)].concat(), b, 35) {
        faults.push(MrzError::Composite);
    }
    let family = at(a, 5, 30);
    let names = [family.trim_end_matches('<'), "<<", &at(b, 13, 27).replace("<<", "<")].concat();
    let parts = Parts {
        kind: "ID".to_owned(),
        issuer: "FRA".to_owned(),
        number: at(b, 0, 12),
        optional: at(a, 30, 36),
        names: format!("{names:<<39}"),
        birth,
        sex: b.get(34).copied(),
        expiry: "<".repeat(6),
        nationality: "FRA".to_owned(),
    };
    zone(Format::Td2, &parts, faults)
}

fn zone(format: Format, parts: &Parts, mut faults: Vec<MrzError>) -> Zone {
    let mut birth = parts.birth.clone();
    if !possible_date(&birth) {
        faults.push(MrzError::ImpossibleDate);
        let year = birth.get(..2).filter(|year| year.bytes().all(|b| b.is_ascii_digit()));
        birth = year.map_or_else(|| "<".repeat(6), |year| format!("{year}<<<<"));
    }
    let sex = match parts.sex {
        Some('<') => b'X',
        Some('F') => b'F',
        Some('M') => b'M',
        Some('X') => b'X',
        _ => {
            faults.push(MrzError::Sex);
            b'X'
        }
    };
    let names = &parts.names;
    if names.bytes().any(|b| b.is_ascii_digit()) || names.chars().all(|c| c == '<' || c.is_ascii_digit()) {
        faults.push(MrzError::Name);
    }
    let text = |field: &str| field.split('<').filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" ");
    let (primary, secondary) = names.split_once("<<").unwrap_or((names, ""));
    Zone {
        format,
        document_type: parts.kind.replace('<', ""),
        issuer: parts.issuer.replace('<', ""),
        document_number: parts.number.replace('<', ""),
        primary: text(primary),
        secondary: text(secondary),
        truncated: !names.ends_with('<'),
        birth_date: birth,
        sex,
        expiry_date: parts.expiry.clone(),
        nationality: parts.nationality.replace('<', ""),
        optional: text(&parts.optional),
        faults,
    }
}

/// `YYMMDD`; month and day, or day, may be unknown (`<<` or `00`), or the whole date.
fn possible_date(date: &str) -> bool {
    let pair = |from: usize| match date.get(from..from + 2) {
        Some("<<") => Some(None),
        Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse::<u8>().ok().map(Some),
        _ => None,
    };
    match (pair(0), pair(2), pair(4)) {
        (Some(None), Some(None), Some(None)) | (Some(Some(_)), Some(None | Some(0)), Some(None | Some(0))) => true,
        (Some(Some(_)), Some(Some(1..=12)), Some(None | Some(0))) => true,
        // 29 February of every fourth year: 1900 was none, but then 2000 was.
        (Some(Some(year)), Some(Some(month @ 1..=12)), Some(Some(day))) => {
            (1..=super::day::days(2000 + u16::from(year), month)).contains(&day)
        }
        _ => false,
    }
}

impl Zone {
    /// The date of birth as text of spec 13.6, `YYYY-MM-DD` with `00` for what is unknown: of the two centuries that it
    /// may be the later one in which it is not after `today`, a year. `None` if even the year is unknown.
    #[must_use]
    pub fn birth_date_text(&self, today: u16) -> Option<String> {
        let short: u16 = self.birth_date.get(..2)?.parse().ok()?;
        let century = today / 100 * 100;
        let year = if century + short > today { (century + short).checked_sub(100)? } else { century + short };
        let pair = |from: usize| self.birth_date.get(from..from + 2).unwrap_or("00").replace("<<", "00");
        Some(format!("{year:04}-{}-{}", pair(2), pair(4)))
    }
}
