//! CSV files (RFC 4180, UTF-8, with a header; spec section 4.2).

use blindlink::limits;
use blindlink::record::{FieldError, RawRecord, Record, RowId};
use blindlink::schema::Field;
use std::collections::HashMap;
use std::io::Read;
use thiserror::Error;
use zeroize::Zeroizing;

/// Why a file cannot be used at all. Never content of the file.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FileError {
    /// It cannot be read.
    #[error("cannot read the file: {0}")]
    Io(#[from] std::io::Error),
    /// It is not UTF-8.
    #[error("line {line} is not UTF-8; save the file as UTF-8")]
    NotUtf8 {
        /// Line of the first bad byte.
        line: u64,
    },
    /// A quotation mark is missing: rows would run into each other.
    #[error("the quotation marks do not pair up; a value that contains one needs it doubled, in quotation marks")]
    Quotes,
    /// The first line names no column.
    #[error("the first line is no header: it must name the columns, `record_id` among them")]
    NoHeader,
    /// A column that the schema does not have.
    #[error("column {position} of the header is not known")]
    UnknownColumn {
        /// Its position, from 1.
        position: usize,
    },
    /// A column that stands there twice.
    #[error("the header names `{name}` twice")]
    DuplicateColumn {
        /// Its name.
        name: &'static str,
    },
    /// Rows without identifiers.
    #[error("the header lacks `record_id`")]
    MissingId,
    /// Two rows with one identifier.
    #[error("lines {first} and {second} have the same record_id")]
    DuplicateId {
        /// Line of the first.
        first: u64,
        /// Line of the second.
        second: u64,
    },
    /// More rows than a list may have.
    #[error("more than {} records", limits::MAX_RECORDS)]
    TooMany,
}

/// A row that was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// Line on which the row begins, from 1.
    pub line: u64,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a row. Never content of the row.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// A value that cannot be used.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// More or fewer cells than the header has columns.
    #[error("has {got} cells, the header has {expected}")]
    Cells {
        /// Cells of the row.
        got: usize,
        /// Columns of the header.
        expected: usize,
    },
}

/// The good records of a file, and the rows that were left out.
#[derive(Debug)]
pub struct Source {
    /// Records, in the order of the file; their row is their position here.
    pub records: Vec<Record>,
    /// Rows left out.
    pub rejects: Vec<Reject>,
}

/// Reads a whole file.
///
/// # Errors
/// [`FileError`] if the file as a whole cannot be trusted.
pub fn read(mut input: impl Read) -> Result<Source, FileError> {
    let mut bytes = Zeroizing::new(Vec::new());
    input.read_to_end(&mut bytes)?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    // V-CSV-001
    if let Err(e) = std::str::from_utf8(bytes) {
        let before = bytes.iter().take(e.valid_up_to()).filter(|b| **b == b'\n').count();
        return Err(FileError::NotUtf8 { line: before as u64 + 1 });
    }
    // V-CSV-005
    if bytes.iter().filter(|b| **b == b'"').count() % 2 == 1 {
        return Err(FileError::Quotes);
    }
    let mut reader = ::csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    let mut row = ::csv::StringRecord::new();
    if !next(&mut reader, &mut row)? {
        return Err(FileError::NoHeader);
    }
    let columns = header(&row)?;
    rows(&mut reader, &mut row, &columns)
}

fn next<R: Read>(reader: &mut ::csv::Reader<R>, row: &mut ::csv::StringRecord) -> Result<bool, FileError> {
    reader.read_record(row).map_err(|e| match e.into_kind() {
        ::csv::ErrorKind::Io(e) => FileError::Io(e),
        // The whole input was UTF-8 and rows may have any length: no other error is left.
        _ => FileError::NoHeader,
    })
}

/// V-CSV-002
fn header(row: &::csv::StringRecord) -> Result<Vec<Field>, FileError> {
    let names: Vec<Option<Field>> = row.iter().map(|name| Field::from_name(name.trim())).collect();
    if names.iter().all(Option::is_none) {
        return Err(FileError::NoHeader);
    }
    let mut columns = Vec::with_capacity(names.len());
    for (i, field) in names.into_iter().enumerate() {
        let field = field.ok_or(FileError::UnknownColumn { position: i + 1 })?;
        if columns.contains(&field) {
            return Err(FileError::DuplicateColumn { name: field.name() });
        }
        columns.push(field);
    }
    if columns.contains(&Field::RecordId) { Ok(columns) } else { Err(FileError::MissingId) }
}

fn rows<R: Read>(
    reader: &mut ::csv::Reader<R>,
    row: &mut ::csv::StringRecord,
    columns: &[Field],
) -> Result<Source, FileError> {
    let mut source = Source { records: Vec::new(), rejects: Vec::new() };
    let mut lines: HashMap<String, u64> = HashMap::new();
    while next(reader, row)? {
        let line = row.position().map_or(0, ::csv::Position::line);
        if let Some(id) = columns.iter().position(|f| *f == Field::RecordId).and_then(|i| row.get(i)) {
            // V-CSV-003. Rows that are left out count here too: an id that stands for two persons is never right.
            if let Some(first) = lines.insert(id.to_owned(), line).filter(|_| !id.is_empty()) {
                return Err(FileError::DuplicateId { first, second: line });
            }
        }
        let position = u32::try_from(source.records.len()).ok().filter(|n| *n < limits::MAX_RECORDS);
        match record(RowId::new(position.ok_or(FileError::TooMany)?), row, columns) {
            Ok(record) => source.records.push(record),
            Err(problem) => source.rejects.push(Reject { line, problem }),
        }
    }
    Ok(source)
}

/// V-CSV-004
fn record(id: RowId, row: &::csv::StringRecord, columns: &[Field]) -> Result<Record, Problem> {
    if row.len() != columns.len() {
        return Err(Problem::Cells { got: row.len(), expected: columns.len() });
    }
    let mut raw = RawRecord::default();
    for (&field, cell) in columns.iter().zip(row) {
        match field {
            Field::RecordId => raw.push(field, cell),
            _ if cell.is_empty() => {}
            // One more than allowed is enough to be refused.
            _ => cell.split('|').take(limits::MAX_VALUES + 1).for_each(|value| raw.push(field, value)),
        }
    }
    Ok(Record::check(id, &raw)?)
}

#[cfg(test)]
mod tests;
