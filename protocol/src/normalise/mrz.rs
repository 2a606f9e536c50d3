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
    #[error("has a wrong check digit of the document number")]
    DocumentNumber,
    /// The check digit of the date of birth.
    #[error("has a wrong check digit of the date of birth")]
    BirthDate,
    /// The check digit of the date of expiry.
    #[error("has a wrong check digit of the date of expiry")]
    ExpiryDate,
    /// The check digit of the optional data (TD3).
    #[error("has a wrong check digit of the optional data")]
    OptionalData,
    /// The composite check digit.
    #[error("has a wrong composite check digit")]
    Composite,
    /// A date of birth that does not exist, or with digits where others are missing.
    #[error("has no possible date of birth")]
    ImpossibleDate,
    /// Neither `F`, `M`, `X` nor `<`.
    #[error("has no possible sex")]
    Sex,
    /// No name.
    #[error("has no name")]
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

/// The fields of a zone, fillers left out, all check digits right. Wiped on drop.
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
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Zone").field("format", &self.format).finish_non_exhaustive()
    }
}

/// Reads a zone (V-NORM-022). Lower-case letters count as upper-case ones, empty lines and blanks around lines are left
/// out.
///
/// # Errors
/// The first of [`MrzError`]'s cases that holds, in the order in which they are declared.
pub fn parse(text: &str) -> Result<Zone, MrzError> {
    // Room for blanks around the lines.
    if text.len() > 2 * MAX_ZONE {
        return Err(MrzError::Shape);
    }
    let mut upper = text.to_ascii_uppercase();
    let lines: Vec<&str> = upper.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let zone = match lines.as_slice() {
        [a, b, c] if lines.iter().all(|l| l.chars().count() == 30) => td1(a, b, c),
        [a, b] if lines.iter().all(|l| l.chars().count() == 36) => two_lines(Format::Td2, a, b),
        [a, b] if lines.iter().all(|l| l.chars().count() == 44) => two_lines(Format::Td3, a, b),
        _ => Err(MrzError::Shape),
    };
    upper.zeroize();
    zone
}

fn in_alphabet(lines: &[&str]) -> Result<(), MrzError> {
    let good = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'<';
    if lines.iter().all(|l| l.bytes().all(good)) { Ok(()) } else { Err(MrzError::Character) }
}

/// Characters `from` to `to` of a line of ASCII, counted from 0.
fn at(line: &str, from: usize, to: usize) -> &str {
    line.get(from..to).unwrap_or_default()
}

fn digit_at(line: &str, place: usize) -> u8 {
    line.as_bytes().get(place).copied().unwrap_or(b'?')
}

fn checked(field: &str, line: &str, place: usize, error: MrzError) -> Result<(), MrzError> {
    if is_checked(field, digit_at(line, place)) { Ok(()) } else { Err(error) }
}

/// What the formats write in different places.
struct Parts<'a> {
    number: String,
    optional: String,
    names: &'a str,
    dates: &'a str,
    nationality: &'a str,
}

fn td1(a: &str, b: &str, c: &str) -> Result<Zone, MrzError> {
    in_alphabet(&[a, b, c])?;
    // A number of more than nine characters continues in the optional data, its check digit behind it (part 5, 4.2.2.1).
    let (number, optional) = match (digit_at(a, 14), at(a, 15, 30).split_once('<')) {
        (b'<', Some((rest, optional))) if !rest.is_empty() => {
            let (more, digit) = rest.split_at(rest.len() - 1);
            let number = [at(a, 5, 14), more].concat();
            if !is_checked(&number, digit.bytes().next().unwrap_or(b'?')) {
                return Err(MrzError::DocumentNumber);
            }
            (number, optional)
        }
        _ => {
            checked(at(a, 5, 14), a, 14, MrzError::DocumentNumber)?;
            (at(a, 5, 14).to_owned(), at(a, 15, 30))
        }
    };
    checked(at(b, 0, 6), b, 6, MrzError::BirthDate)?;
    checked(at(b, 8, 14), b, 14, MrzError::ExpiryDate)?;
    let mut all = [at(a, 5, 30), at(b, 0, 7), at(b, 8, 15), at(b, 18, 29)].concat();
    let composite = checked(&all, b, 29, MrzError::Composite);
    all.zeroize();
    composite?;
    let optional = [optional, "<", at(b, 18, 29)].concat();
    zone(Format::Td1, a, &Parts { number, optional, names: c, dates: at(b, 0, 15), nationality: at(b, 15, 18) })
}

fn two_lines(format: Format, a: &str, b: &str) -> Result<Zone, MrzError> {
    in_alphabet(&[a, b])?;
    // A TD2 number of more than nine characters continues in the optional data (part 6, 4.2.2.1).
    let end = if format == Format::Td2 { 35 } else { 42 };
    let (number, optional) = match (format, digit_at(b, 9), at(b, 28, end).split_once('<')) {
        (Format::Td2, b'<', Some((rest, optional))) if !rest.is_empty() => {
            let (more, digit) = rest.split_at(rest.len() - 1);
            let number = [at(b, 0, 9), more].concat();
            if !is_checked(&number, digit.bytes().next().unwrap_or(b'?')) {
                return Err(MrzError::DocumentNumber);
            }
            (number, optional.to_owned())
        }
        _ => {
            checked(at(b, 0, 9), b, 9, MrzError::DocumentNumber)?;
            (at(b, 0, 9).to_owned(), at(b, 28, end).to_owned())
        }
    };
    checked(at(b, 13, 19), b, 19, MrzError::BirthDate)?;
    checked(at(b, 21, 27), b, 27, MrzError::ExpiryDate)?;
    if format == Format::Td3 {
        checked(at(b, 28, 42), b, 42, MrzError::OptionalData)?;
    }
    let last = if format == Format::Td2 { 35 } else { 43 };
    let mut all = [at(b, 0, 10), at(b, 13, 20), at(b, 21, last)].concat();
    let composite = checked(&all, b, last, MrzError::Composite);
    all.zeroize();
    composite?;
    let names = a.get(5..).unwrap_or_default();
    zone(format, a, &Parts { number, optional, names, dates: at(b, 13, 28), nationality: at(b, 10, 13) })
}

/// `dates`: date of birth, check digit, sex, date of expiry, check digit.
fn zone(format: Format, first: &str, parts: &Parts<'_>) -> Result<Zone, MrzError> {
    let birth = at(parts.dates, 0, 6);
    if !possible_date(birth) {
        return Err(MrzError::ImpossibleDate);
    }
    let sex = match digit_at(parts.dates, 7) {
        b'<' => b'X',
        sex @ (b'F' | b'M' | b'X') => sex,
        _ => return Err(MrzError::Sex),
    };
    let text = |field: &str| field.split('<').filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" ");
    let (primary, secondary) = parts.names.split_once("<<").unwrap_or((parts.names, ""));
    let primary = text(primary);
    if primary.is_empty() || parts.names.bytes().any(|b| b.is_ascii_digit()) {
        return Err(MrzError::Name);
    }
    Ok(Zone {
        format,
        document_type: at(first, 0, 2).replace('<', ""),
        issuer: at(first, 2, 5).replace('<', ""),
        document_number: parts.number.replace('<', ""),
        primary,
        secondary: text(secondary),
        truncated: !parts.names.ends_with('<'),
        birth_date: birth.to_owned(),
        sex,
        expiry_date: at(parts.dates, 8, 14).to_owned(),
        nationality: parts.nationality.replace('<', ""),
        optional: text(&parts.optional),
    })
}

/// `YYMMDD`; month and day, or day, may be unknown (`<<`), or the whole date.
fn possible_date(date: &str) -> bool {
    let pair = |from: usize| match at(date, from, from + 2) {
        "<<" => Some(None),
        digits if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse::<u8>().ok().map(Some),
        _ => None,
    };
    match (pair(0), pair(2), pair(4)) {
        (Some(None), Some(None), Some(None)) | (Some(Some(_)), Some(None), Some(None)) => true,
        (Some(Some(_)), Some(Some(1..=12)), Some(None)) => true,
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
        let short: u16 = at(&self.birth_date, 0, 2).parse().ok()?;
        let century = today / 100 * 100;
        let year = if century + short > today { (century + short).checked_sub(100)? } else { century + short };
        let pair = |from: usize| at(&self.birth_date, from, from + 2).replace("<<", "00");
        Some(format!("{year:04}-{}-{}", pair(2), pair(4)))
    }
}
