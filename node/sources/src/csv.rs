//! CSV files (RFC 4180, with a header; spec section 4.2), as offices save them (4.6).

use super::{Collector, FileError, Problem, Reading, Source};
use blindlink::record::{Column, RawRecord, ReadRules, RowId};
use blindlink::schema::{Field, forbidden};
use header::{Head, header};
use rows::Row;

pub(crate) mod header;
pub(crate) mod rows;

/// Reads a whole file, which is UTF-8 without a byte order mark.
///
/// # Errors
/// [`FileError`] if the file as a whole cannot be trusted.
pub fn read(text: &str, reading: &Reading<'_>) -> Result<Source, FileError> {
    // V-CSV-005
    if text.bytes().filter(|b| *b == b'"').count() % 2 == 1 {
        return Err(FileError::Quotes);
    }
    let (mut rows, separator) = header::begin(text, reading);
    let head = header(&rows.next().ok_or(FileError::NoHeader)?, separator, reading)?;
    let rules = reading.rules();
    let mut collector = Collector::expecting(text.bytes().filter(|byte| *byte == b'\n').count().min(text.len() / 32));
    let id = head.columns.iter().position(|c| *c == Head::Of(Column::Person(Field::RecordId)));
    while let Some(row) = rows.next() {
        // V-CSV-003
        collector.id(id.and_then(|i| row.get(i)).unwrap_or_default(), row.line)?;
        collector.row(row.line, |id, told| record(id, &row, &head, reading, &rules, told))?;
    }
    Ok(collector.finish())
}

/// V-CSV-004
fn record(
    id: RowId,
    row: &Row<'_>,
    head: &header::Header,
    reading: &Reading<'_>,
    rules: &ReadRules,
    told: &mut Vec<Problem>,
) -> Result<blindlink::record::Record, Problem> {
    let columns = &head.columns;
    let superfluous = row.iter().skip(columns.len()).all(|cell| cell.trim().is_empty());
    if row.len() < columns.len() || !superfluous {
        return Err(Problem::Cells { got: row.len(), expected: columns.len() });
    }
    let mut raw = RawRecord::default();
    let (mut age, mut age_on, mut unnamed, mut bases) = ("", "", false, false);
    for (column, cell) in columns.iter().zip(row.iter()) {
        match column {
            Head::Passed { named } => unnamed |= !named && !cell.trim().is_empty(),
            Head::Age => age = cell.trim(),
            Head::AgeOn => age_on = cell.trim(),
            Head::Of(Column::Person(Field::RecordId)) => raw.push(Field::RecordId, cell),
            Head::Of(_) if cell.is_empty() => {}
            Head::Of(column) => {
                bases |= *column == Column::Person(Field::BirthBasis);
                // V-MAP-002: where bars separate columns they separate no values.
                if head.separator == b'|' {
                    reading.push(&mut raw, column, cell);
                } else {
                    cell.split('|').for_each(|value| reading.push(&mut raw, column, value));
                }
            }
        }
    }
    if !age.is_empty() {
        // V-READ-009
        raw.push(Field::BirthDate, &format!("age:{age}@{age_on}"));
        if bases {
            raw.push(Field::BirthBasis, "");
        }
    }
    if unnamed && reading.mapping.is_none_or(|mapping| mapping.columns.is_empty() && !mapping.ignore_unknown) {
        told.push(Problem::Unnamed);
    }
    reading.check(id, &raw, rules, told)
}

#[cfg(test)]
mod tests;
