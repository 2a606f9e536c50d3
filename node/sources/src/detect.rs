//! What a file seems to be (spec 4.6): encoding, separator, columns, and how its dates are written, with the evidence.
//! Nothing of it is used silently: a person reads it in a draft of a mapping.

use super::csv::header::{Head, begin, head};
use super::{FileError, Reading};
use blindlink::normalise::document::digit;
use blindlink::record::Column;
use blindlink::schema::kinds::FieldType;
use serde::Serialize;
use std::fmt::Write;
use zeroize::Zeroizing;

/// Old encodings of which one is guessed, by how many letters of one script each makes of a file.
const OLD: [&str; 9] = [
    "windows-1252",
    "windows-1251",
    "windows-1256",
    "windows-1250",
    "windows-1254",
    "koi8-r",
    "gb18030",
    "big5",
    "shift_jis",
];

/// What dates of a column look like: how many of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DateEvidence {
    /// Year first.
    pub year_first: usize,
    /// The first number is over 12 and the second is not: the day is first.
    pub day_first: usize,
    /// The second number is over 12 and the first is not: the month is first.
    pub month_first: usize,
    /// Day and month cannot be told apart.
    pub ambiguous: usize,
    /// Five digits: days of a spreadsheet.
    pub serial: usize,
    /// One to three digits: ages.
    pub age: usize,
    /// A year from 1200 to 1500.
    pub hijri: usize,
    /// A year from 2400 to 2700.
    pub buddhist: usize,
}

/// A column.
#[derive(Clone, Debug, Serialize)]
pub struct ColumnLook {
    /// Its position, from 1.
    pub position: usize,
    /// Its name, for the mapping and not for a terminal: it may be a value of a file without a header.
    #[serde(skip)]
    pub name: String,
    /// The field, if its name is known; empty if it has no name.
    pub field: Option<String>,
    /// Rows with a value.
    pub filled: usize,
    /// For dates of birth and declared dates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dates: Option<DateEvidence>,
}

/// What a CSV file seems to be.
#[derive(Clone, Debug, Serialize)]
pub struct Look {
    /// `utf-8`, `utf-16`, or what the mapping names; `unknown`.
    pub encoding: String,
    /// A guess that a person must confirm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding_guess: Option<String>,
    /// Separator.
    pub separator: char,
    /// Rows below the header.
    pub rows: usize,
    /// Columns.
    pub columns: Vec<ColumnLook>,
}

/// Looks at a CSV file.
///
/// # Errors
/// [`FileError`] if it cannot be taken apart at all.
pub fn look(bytes: &[u8], reading: &Reading<'_>) -> Result<Look, FileError> {
    let declared = reading.mapping.and_then(|mapping| mapping.encoding.clone());
    let utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    let plain = utf16 || declared.is_some() || std::str::from_utf8(bytes).is_ok();
    let guess = if plain { None } else { guess(bytes) };
    let guessed = guess.as_ref().map(|name| super::mapping::Mapping {
        encoding: Some(name.clone()),
        ..reading.mapping.cloned().unwrap_or_default()
    });
    let text = super::decode::text(bytes, guessed.as_ref().or(reading.mapping))?;
    let text = text.as_ref();
    if text.bytes().filter(|b| *b == b'"').count() % 2 == 1 {
        return Err(FileError::Quotes);
    }
    let (mut rows, separator) = begin(text, reading);
    let mut columns: Vec<ColumnLook> = Vec::new();
    let first = rows.next().ok_or(FileError::NoHeader)?;
    for (at, name) in first.iter().map(str::trim).enumerate() {
        let field = head(name, reading).map(|head| field_of(&head));
        let is_date = field.as_deref().is_some_and(|field| field == "birth_date" || is_declared_date(field, reading));
        let dates = is_date.then(DateEvidence::default);
        columns.push(ColumnLook { position: at + 1, name: name.to_owned(), field, filled: 0, dates });
    }
    if columns.iter().all(|column| column.field.as_deref().is_none_or(str::is_empty)) {
        return Err(FileError::NoHeader);
    }
    let mut count = 0;
    while let Some(row) = rows.next() {
        count += 1;
        for (column, cell) in columns.iter_mut().zip(row.iter()) {
            column.filled += usize::from(!cell.trim().is_empty());
            if let Some(dates) = &mut column.dates {
                dates.take(cell.trim());
            }
        }
    }
    let encoding = match (utf16, declared, &guess) {
        (true, ..) => "utf-16".to_owned(),
        (_, Some(name), _) => name,
        (.., Some(_)) => "unknown".to_owned(),
        _ => "utf-8".to_owned(),
    };
    Ok(Look { encoding, encoding_guess: guess, separator: char::from(separator), rows: count, columns })
}

/// What stands in a CSV file at these lines and columns, by the names of fields; none where it cannot be found. For a person
/// who asks to see it on a terminal, and for nothing else.
///
/// # Errors
/// As [`look`].
pub fn cells(
    bytes: &[u8],
    reading: &Reading<'_>,
    wanted: &[(u64, &str)],
) -> Result<Vec<Option<Zeroizing<String>>>, FileError> {
    let text = super::decode::text(bytes, reading.mapping)?;
    let (mut rows, _) = begin(text.as_ref(), reading);
    let first = rows.next().ok_or(FileError::NoHeader)?;
    let fields: Vec<Option<String>> =
        first.iter().map(|name| head(name.trim(), reading).map(|head| field_of(&head))).collect();
    let mut found = vec![None; wanted.len()];
    while let Some(row) = rows.next() {
        for ((line, column), cell) in wanted.iter().zip(&mut found) {
            if *line != row.line {
                continue;
            }
            let at = fields.iter().position(|field| field.as_deref() == Some(column));
            // V-READ-009: an age becomes a date, and a fault of it one of the date.
            let at = at.filter(|at| row.get(*at).is_some_and(|cell| !cell.is_empty())).or_else(|| {
                let age = (*column == "birth_date").then_some("age");
                age.and_then(|age| fields.iter().position(|field| field.as_deref() == Some(age)))
            });
            *cell = at.and_then(|at| row.get(at)).map(|cell| Zeroizing::new(cell.to_owned()));
        }
    }
    Ok(found)
}

fn field_of(head: &Head) -> String {
    match head {
        Head::Of(column) => Column::name(column).to_owned(),
        Head::Age => "age".to_owned(),
        Head::AgeOn => "age_on".to_owned(),
        Head::Passed { .. } => String::new(),
    }
}

fn is_declared_date(field: &str, reading: &Reading<'_>) -> bool {
    reading.fields.iter().any(|declared| declared.name == field && declared.kind == FieldType::Date)
}

impl DateEvidence {
    fn take(&mut self, cell: &str) {
        let plain: String = cell.chars().map(|c| digit(c).unwrap_or(c)).collect();
        let numbers: Vec<&str> = plain.split(|c: char| !c.is_ascii_digit()).filter(|n| !n.is_empty()).collect();
        let value = |n: &str| n.parse::<u32>().unwrap_or(0);
        let year = numbers.iter().find(|number| number.len() == 4);
        if let Some(year) = year {
            self.hijri += usize::from((1200..=1500).contains(&value(year)));
            self.buddhist += usize::from((2400..=2700).contains(&value(year)));
        }
        match numbers.as_slice() {
            [year, ..] if year.len() == 4 => self.year_first += 1,
            [first, second, year, ..] if year.len() == 4 => match (value(first) > 12, value(second) > 12) {
                (true, false) => self.day_first += 1,
                (false, true) => self.month_first += 1,
                _ if first == second => {}
                _ => self.ambiguous += 1,
            },
            [number] if number.len() == 5 => self.serial += 1,
            [number] if number.len() <= 3 => self.age += 1,
            _ => {}
        }
    }

    /// The order that the evidence speaks for, if all of it does.
    #[must_use]
    pub const fn order(&self) -> Option<&'static str> {
        match (self.day_first, self.month_first) {
            (1.., 0) => Some("dmy"),
            (0, 1..) => Some("mdy"),
            _ => None,
        }
    }
}

/// How likely two signs stand side by side in a name: words are of one script, and Latin ones have few letters with marks.
fn likely(before: char, c: char) -> i64 {
    #[derive(PartialEq)]
    enum Kind {
        Ascii,
        Latin,
        Other(u32),
        Sign,
        None,
    }
    let kind = |c: char| match u32::from(c) {
        _ if c.is_ascii_alphabetic() => Kind::Ascii,
        0..=0x7f => Kind::None,
        0xc0..=0x24f if c.is_alphabetic() => Kind::Latin,
        point if c.is_alphabetic() => Kind::Other(if point > 0x2fff { 0x30 } else { point >> 8 }),
        _ => Kind::Sign,
    };
    match (kind(before), kind(c)) {
        (Kind::Sign, _) | (_, Kind::Sign) => -3,
        (Kind::Ascii, Kind::Latin) | (Kind::Latin, Kind::Ascii) => 3,
        (Kind::Latin, Kind::Latin) => -1,
        (Kind::Other(one), Kind::Other(other)) if one == other => {
            if before.is_lowercase() && c.is_uppercase() {
                -4
            } else {
                3
            }
        }
        (Kind::Other(_), Kind::Ascii | Kind::Latin | Kind::Other(_)) | (Kind::Ascii | Kind::Latin, Kind::Other(_)) => {
            -4
        }
        _ => 0,
    }
}

/// The encoding that makes the likeliest letters of the bytes that are no ASCII.
fn guess(bytes: &[u8]) -> Option<String> {
    let score = |name: &str| -> Option<i64> {
        let encoding = encoding_rs::Encoding::for_label(name.as_bytes())?;
        let text = encoding.decode_without_bom_handling_and_without_replacement(bytes)?;
        let high = text.chars().filter(|c| !c.is_ascii()).count();
        let pairs = text.chars().zip(text.chars().skip(1));
        let sum: i64 = pairs.map(|(before, c)| likely(before, c)).sum();
        Some(sum * 1000 / i64::try_from(high.max(1)).ok()?)
    };
    let best = OLD.into_iter().rev().filter_map(|name| Some((score(name)?, name))).max_by_key(|(score, _)| *score);
    best.map(|(_, name)| name.to_owned())
}

impl Look {
    /// A mapping to be read and edited by a person.
    #[must_use]
    pub fn draft(&self) -> String {
        let mut text = String::from(
            "# Mapping of a list. Read it, correct it, and give it with --map. A line that begins with # does nothing.\n\n",
        );
        let separator = match self.separator {
            '\t' => "\\t".to_owned(),
            other => other.to_string(),
        };
        let _ = writeln!(text, "separator = \"{separator}\"");
        match &self.encoding_guess {
            Some(guess) => {
                let _ = writeln!(
                    text,
                    "# The file is not UTF-8. It looks like {guess}, which is a guess: open the file with it, look at some\n\
                     # names, and take the # away if they are right.\n# encoding = \"{guess}\""
                );
            }
            None if self.encoding != "utf-8" && self.encoding != "utf-16" => {
                let _ = writeln!(text, "encoding = \"{}\"", self.encoding);
            }
            None => {}
        }
        text += "\n# Column as the file has it = field. An empty field passes the column over.\n[columns]\n";
        let mut seen: Vec<&str> = Vec::new();
        for column in self.columns.iter().filter(|column| !column.name.is_empty()) {
            // A name that stands twice is one key.
            if seen.contains(&column.name.as_str()) {
                continue;
            }
            seen.push(&column.name);
            let name = escaped(&column.name);
            let _ = match &column.field {
                Some(field) => {
                    writeln!(text, "\"{name}\" = \"{field}\" # {} of {} rows filled", column.filled, self.rows)
                }
                None => writeln!(text, "# not known: name a field, or leave \"\" to pass it over\n\"{name}\" = \"\""),
            };
        }
        let mut told: Vec<&str> = Vec::new();
        for column in &self.columns {
            if let (Some(dates), Some(field)) = (&column.dates, &column.field)
                && !told.contains(&field.as_str())
            {
                told.push(field);
                text += &draft_of_dates(field, dates);
            }
        }
        text
    }
}

/// A text as a string of TOML has it.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

fn draft_of_dates(field: &str, dates: &DateEvidence) -> String {
    let mut text = format!(
        "\n# Of the values of this column: {} have the year first, {} a first number over 12 (day first),\n",
        dates.year_first, dates.day_first
    );
    text += &format!(
        "# {} a second number over 12 (month first), {} could be either.\n[dates.{field}]\n",
        dates.month_first, dates.ambiguous
    );
    match dates.order() {
        Some(order) => {
            text += &format!(
                "# The evidence speaks for {order}: take the # away if that holds for the whole column.\n# order = \"{order}\"\n"
            )
        }
        None => {
            text += "# Nothing tells the order, or some of it speaks for each: \"dmy\" or \"mdy\", if somebody knows.\n# order = \"dmy\"\n"
        }
    }
    if dates.hijri > 0 {
        text += &format!(
            "# {} years from 1200 to 1500: \"hijri\", or \"solar_hijri\" in Iran and Afghanistan.\n# calendar = \"hijri\"\n",
            dates.hijri
        );
    }
    if dates.buddhist > 0 {
        text += &format!("# {} years from 2400 to 2700.\n# calendar = \"buddhist\"\n", dates.buddhist);
    }
    if dates.serial > 0 {
        text += &format!("# {} numbers of five digits: days of a spreadsheet.\n# excel = true\n", dates.serial);
    }
    if dates.age > 0 {
        text += &format!("# {} ages: the year in which they were true.\n# age_on = 2026\n", dates.age);
    }
    text
}
