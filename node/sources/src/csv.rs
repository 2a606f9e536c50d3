//! CSV files (RFC 4180, UTF-8, with a header; spec section 4.2).

use super::{Collector, FileError, Problem, Reading, Source};
use blindlink::limits;
use blindlink::record::{Column, RawRecord, Record, RowId};
use blindlink::schema::{Field, forbidden};
use rows::{Row, Rows};

pub(super) mod rows;

/// Reads a whole file, which is UTF-8 without a byte order mark.
///
/// # Errors
/// [`FileError`] if the file as a whole cannot be trusted.
pub fn read(text: &str, reading: &Reading<'_>) -> Result<Source, FileError> {
    let bytes = text.as_bytes();
    // V-CSV-005
    if bytes.iter().filter(|b| **b == b'"').count() % 2 == 1 {
        return Err(FileError::Quotes);
    }
    let mut rows = Rows::new(text);
    let columns = header(&rows.next().ok_or(FileError::NoHeader)?, reading)?;
    let mut collector = Collector::default();
    let id = columns.iter().position(|c| *c == Column::Person(Field::RecordId));
    while let Some(row) = rows.next() {
        // V-CSV-003
        if let Some(id) = id.and_then(|i| row.get(i)) {
            collector.id(id, row.line)?;
        }
        collector.row(row.line, |id| record(id, &row, &columns, reading))?;
    }
    Ok(collector.finish())
}

/// V-CSV-002
fn header(row: &Row<'_>, reading: &Reading<'_>) -> Result<Vec<Column>, FileError> {
    let names: Vec<Option<Column>> = row.iter().map(|name| reading.column(name.trim())).collect();
    // V-RECORD-008
    for (i, name) in row.iter().enumerate() {
        if let Some(word) = forbidden(name.trim()) {
            return Err(FileError::Forbidden { place: "column", position: i as u64 + 1, word });
        }
    }
    if names.iter().all(Option::is_none) {
        return Err(FileError::NoHeader);
    }
    let mut columns = Vec::with_capacity(names.len());
    for (i, column) in names.into_iter().enumerate() {
        let column = column.ok_or(FileError::UnknownColumn { position: i + 1 })?;
        if columns.contains(&column) {
            return Err(FileError::DuplicateColumn { name: column.name().to_owned() });
        }
        columns.push(column);
    }
    if columns.contains(&Column::Person(Field::RecordId)) { Ok(columns) } else { Err(FileError::MissingId) }
}

/// V-CSV-004
fn record(id: RowId, row: &Row<'_>, columns: &[Column], reading: &Reading<'_>) -> Result<Record, Problem> {
    if row.len() != columns.len() {
        return Err(Problem::Cells { got: row.len(), expected: columns.len() });
    }
    let mut raw = RawRecord::default();
    for (column, cell) in columns.iter().zip(row.iter()) {
        // One more than allowed is enough to be refused.
        let values = || cell.split('|').take(limits::MAX_VALUES + 1);
        match column {
            Column::Person(Field::RecordId) => raw.push(Field::RecordId, cell),
            _ if cell.is_empty() => {}
            column => values().for_each(|value| reading.push(&mut raw, column, value)),
        }
    }
    reading.check(id, &raw)
}

#[cfg(test)]
mod tests;
