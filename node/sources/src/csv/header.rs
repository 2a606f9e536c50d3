//! The first line of a CSV file: its separator, and what its columns are (V-CSV-002, V-MAP-002, V-MAP-003).

use super::rows::{Row, Rows};
use super::{FileError, Reading, forbidden};
use blindlink::normalise::text::folded;
use blindlink::record::{Column, column_names};
use blindlink::schema::Field;

/// Signs that may separate columns, the usual one first.
pub(crate) const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// What a column is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Head {
    /// Values of this column.
    Of(Column),
    /// An age in years.
    Age,
    /// The date at which ages are true.
    AgeOn,
    /// Passed over.
    Passed {
        /// Whether it has a name.
        named: bool,
    },
}

/// The columns of a file.
pub(crate) struct Header {
    pub(crate) columns: Vec<Head>,
    pub(crate) separator: u8,
}

/// The rows of a file from its header on, and the separator.
pub(crate) fn begin<'a>(text: &'a str, reading: &Reading<'_>) -> (Rows<'a>, u8) {
    let first = text.trim_start_matches(['\r', '\n']);
    let (named, passed) = match first.as_bytes() {
        // V-MAP-002: a line `sep=;` before the header
        [s, e, p, b'=', sign, b'\r' | b'\n', ..]
            if [*s, *e, *p].eq_ignore_ascii_case(b"sep") && SEPARATORS.contains(sign) =>
        {
            (Some(*sign), true)
        }
        _ => (None, false),
    };
    let start = |separator: u8| {
        let mut rows = Rows::new(text, separator);
        if passed {
            let _ = rows.next();
        }
        rows
    };
    let known = |separator: u8| {
        start(separator).next().map_or(0, |row| row.iter().filter(|name| head(name.trim(), reading).is_some()).count())
    };
    let declared = reading.mapping.and_then(|mapping| mapping.separator).or(named);
    // Of equals `max_by_key` takes the last.
    let separator = declared.or_else(|| SEPARATORS.into_iter().rev().max_by_key(|s| known(*s))).unwrap_or(b',');
    (start(separator), separator)
}

/// What a column of this name is; `None` if nothing that is known.
pub(crate) fn head(name: &str, reading: &Reading<'_>) -> Option<Head> {
    if let Some(field) = reading.mapping.and_then(|mapping| mapping.columns.get(name)) {
        return Some(of_field(field, reading).unwrap_or(Head::Passed { named: true }));
    }
    if let Some(head) = of_field(name, reading) {
        return Some(head);
    }
    if name.is_empty() {
        return Some(Head::Passed { named: false });
    }
    let key = folded(name).replace(' ', "");
    let own = || Field::ALL.into_iter().map(|f| f.name()).chain(["age", "age_on"]).find(|n| n.replace('_', "") == key);
    let field = own().or_else(|| column_names().get(&key).copied());
    let passed = || reading.mapping.is_some_and(|m| m.ignore_unknown).then_some(Head::Passed { named: true });
    field.and_then(|field| of_field(field, reading)).or_else(passed)
}

fn of_field(name: &str, reading: &Reading<'_>) -> Option<Head> {
    match name {
        "age" if reading.column(name).is_none() => Some(Head::Age),
        "age_on" if reading.column(name).is_none() => Some(Head::AgeOn),
        name => reading.column(name).map(Head::Of),
    }
}

/// V-CSV-002
pub(super) fn header(row: &Row<'_>, separator: u8, reading: &Reading<'_>) -> Result<Header, FileError> {
    // V-RECORD-008
    for (i, name) in row.iter().enumerate() {
        if let Some(word) = forbidden(name.trim()) {
            return Err(FileError::Forbidden { place: "column", position: i as u64 + 1, words: vec![word], lines: 1 });
        }
    }
    let names: Vec<&str> = row.iter().map(str::trim).collect();
    let heads: Vec<Option<Head>> = names.iter().map(|name| head(name, reading)).collect();
    if heads.iter().flatten().all(|head| matches!(head, Head::Passed { .. })) {
        return Err(FileError::NoHeader);
    }
    let mut columns: Vec<Head> = Vec::with_capacity(heads.len());
    for (i, head) in heads.into_iter().enumerate() {
        let head = head.ok_or(FileError::UnknownColumn { position: i + 1 })?;
        let again = names.iter().take(i).any(|name| Some(name) == names.get(i));
        let once = match &head {
            Head::Of(Column::Person(field)) => field.is_of_record(),
            Head::Age | Head::AgeOn => true,
            _ => false,
        };
        if !matches!(head, Head::Passed { .. }) && columns.contains(&head) && (again || once) {
            let name = match &head {
                Head::Of(column) => column.name().to_owned(),
                _ => "age".to_owned(),
            };
            return Err(FileError::DuplicateColumn { name });
        }
        columns.push(head);
    }
    let id = Head::Of(Column::Person(Field::RecordId));
    if columns.contains(&id) { Ok(Header { columns, separator }) } else { Err(FileError::MissingId) }
}
