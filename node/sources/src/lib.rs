//! Files to records. A bad row is reported and left out; a bad file stops everything.

pub mod clean;
pub mod csv;
mod decode;
pub mod detect;
pub mod ftm;
pub mod mapping;
pub mod mrz;
pub mod tally;

use blindlink::limits;
use blindlink::normalise::mrz::MrzError;
use blindlink::policy::{CheckedPolicy, Policy};
use blindlink::record::{Column, FieldError, RawRecord, ReadRules, Record, RowId};
use blindlink::schema::Field;
use blindlink::schema::declared::Declared;
use blindlink::schema::kinds::LanePair;
use std::io::Read;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};
use thiserror::Error;
use zeroize::{Zeroize, Zeroizing};

/// Why a file cannot be used at all. Never content of the file.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FileError {
    /// It cannot be read.
    #[error("cannot read the file: {0}")]
    Io(#[from] std::io::Error),
    /// It is not UTF-8.
    #[error(
        "line {line} is not UTF-8; save the file as UTF-8, or name its encoding in a mapping (`blindlink lists check`)"
    )]
    NotUtf8 {
        /// Line of the first bad byte.
        line: u64,
    },
    /// A quotation mark is missing: rows would run into each other.
    #[error("the quotation marks do not pair up; a value that contains one needs it doubled, in quotation marks")]
    Quotes,
    /// An encoding that is not known.
    #[error("the mapping names an encoding that is not known, such as `windows-1252` or `koi8-r`")]
    UnknownEncoding,
    /// The first line names no column.
    #[error(
        "the first line is no header: it must name the columns, `record_id` among them, with commas, semicolons, tabs or \
         bars between them; `blindlink lists check` looks at the file"
    )]
    NoHeader,
    /// A column that neither the schema nor the policy has.
    #[error(
        "column {position} of the header is not known; known are {}; `blindlink lists check` writes a mapping in which it \
         can be named or passed over",
        known_columns()
    )]
    UnknownColumn {
        /// Its position, from 1.
        position: usize,
    },
    /// A column or property that no linkage may use.
    #[error(
        "{place} {position} holds {}, which may not enter a linkage ({lines} in all); take it out of the export before it \
         gets here",
        quoted(words)
    )]
    Forbidden {
        /// `column` or `line`.
        place: &'static str,
        /// The number of the first one, from 1.
        position: u64,
        /// The words that forbid it, each once.
        words: Vec<&'static str>,
        /// How many columns or lines have such a word.
        lines: u64,
    },
    /// A column that stands there twice.
    #[error("the header names `{name}` twice")]
    DuplicateColumn {
        /// Its name.
        name: String,
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

fn quoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

fn known_columns() -> String {
    Field::ALL.map(Field::name).join(", ")
}

/// A row that was left out, or a value.
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
    #[error("has {got} cells, the header has {expected}; a separator within a value needs quotation marks")]
    Cells {
        /// Cells of the row.
        got: usize,
        /// Columns of the header.
        expected: usize,
    },
    /// A line that is no JSON object of the shape that is read.
    #[error("is no JSON object with `id`, `schema` and `properties`")]
    Json,
    /// No zone, or one that contradicts itself.
    #[error(transparent)]
    Mrz(#[from] MrzError),
    /// A value in a column without a name.
    #[error("has a value in a column without a name, which is not read")]
    Unnamed,
    /// A record of a lane that the policy does not compare.
    #[error("is in a lane that this policy does not compare")]
    Lane,
}

impl Problem {
    /// The name of the reason (spec 4.1).
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Field(error) => error.reason.name(),
            Self::Cells { .. } => "cells",
            Self::Json => "json",
            Self::Mrz(error) => zone_reason(*error),
            Self::Unnamed => "unnamed",
            Self::Lane => "other_lane",
        }
    }

    /// The column, if it is of one.
    #[must_use]
    pub fn column(&self) -> Option<&str> {
        if let Self::Field(error) = self { Some(error.column.name()) } else { None }
    }

    /// Whether something of the value is used all the same.
    #[must_use]
    pub const fn is_used(&self) -> bool {
        matches!(self, Self::Field(error) if error.reason.is_used())
    }
}

const fn zone_reason(error: MrzError) -> &'static str {
    match error {
        MrzError::Shape => "zone_shape",
        MrzError::Character => "zone_character",
        MrzError::DocumentNumber => "zone_document_number",
        MrzError::BirthDate => "zone_birth_date",
        MrzError::ExpiryDate => "zone_expiry_date",
        MrzError::OptionalData => "zone_optional_data",
        MrzError::Composite => "zone_composite",
        MrzError::ImpossibleDate => "zone_impossible_date",
        MrzError::Sex => "zone_sex",
        MrzError::Name => "zone_name",
        _ => "zone",
    }
}

/// The good records of a file, and the rows that were left out.
#[derive(Debug, Default)]
pub struct Source {
    /// Records, in the order of the file; their row is their position here.
    pub records: Vec<Record>,
    /// Rows left out.
    pub rejects: Vec<Reject>,
    /// Values left out of records that are used, and values that were read otherwise than they are written.
    pub told: Vec<Reject>,
    /// Identifiers of rows left out, if they had one.
    pub left_out_ids: Vec<String>,
}

impl Source {
    /// Values that were left out altogether.
    #[must_use]
    pub fn values_left_out(&self) -> usize {
        self.told.iter().filter(|told| !told.problem.is_used()).count()
    }
}

/// What a list may hold, by the policy that it is read for.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// Declared fields.
    pub fields: &'a [Declared],
    /// Lanes compared; a record that names another one is left out. `None` if lists are only looked at.
    pub lanes: Option<LanePair>,
    /// Year in which the list is read: centuries are chosen by it where a list has none (V-MRZ-002), and later dates of
    /// birth are left out (V-READ-009). The present one if `None`.
    pub year: Option<u16>,
    /// What a person has said of the file.
    pub mapping: Option<&'a mapping::Mapping>,
}

impl<'a> Reading<'a> {
    /// The person schema alone, in any lane.
    pub const PERSON: Reading<'static> = Reading { fields: &[], lanes: None, year: None, mapping: None };

    /// For a linkage under this policy.
    #[must_use]
    pub fn new(policy: &'a CheckedPolicy) -> Self {
        Self::under(policy.policy())
    }

    /// For a linkage under a policy that need not be valid.
    #[must_use]
    pub fn under(policy: &'a Policy) -> Self {
        Self { fields: &policy.fields, lanes: Some(policy.context.lanes), year: None, mapping: None }
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }

    fn column(&self, name: &str) -> Option<Column> {
        let declared = || self.position(name).map(|_| Column::Declared(name.to_owned()));
        Field::from_name(name).map(Column::Person).or_else(declared)
    }

    fn push(&self, raw: &mut RawRecord, column: &Column, value: &str) {
        match column {
            Column::Person(field) => raw.push(*field, value),
            Column::Declared(name) => {
                if let Some(at) = self.position(name) {
                    raw.push_declared(at, value);
                }
            }
        }
    }

    /// The rules for dates.
    fn rules(&self) -> ReadRules {
        let year = Some(self.year.unwrap_or_else(present_year));
        let mut rules = self.mapping.map(mapping::Mapping::rules).unwrap_or_default();
        rules.other.year = year;
        rules.columns.values_mut().for_each(|of| of.year = year);
        rules
    }

    /// V-RECORD-009, V-READ-001
    fn check(&self, id: RowId, raw: &RawRecord, rules: &ReadRules, told: &mut Vec<Problem>) -> Result<Record, Problem> {
        let checked = Record::read(id, raw, self.fields, rules)?;
        let fits = self.lanes.is_none_or(|lanes| lanes.compares(checked.record.lane));
        told.extend(checked.told.into_iter().map(Problem::Field));
        if fits { Ok(checked.record) } else { Err(Problem::Lane) }
    }
}

/// Kinds of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values (spec 4.2).
    Csv,
    /// JSON Lines in the shape of the FollowTheMoney model (spec 4.2.1).
    Ftm,
    /// Machine-readable zones (spec 4.2.2).
    Mrz,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Csv, Self::Ftm, Self::Mrz];

    /// By the end of a file's name; CSV where it says nothing.
    #[must_use]
    pub fn of(path: &Path) -> Self {
        let end = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
        match end.as_str() {
            "json" | "jsonl" | "ndjson" | "ijson" | "ftm" => Self::Ftm,
            "mrz" => Self::Mrz,
            _ => Self::Csv,
        }
    }
}

/// Reads a whole file.
///
/// # Errors
/// [`FileError`] if the file as a whole cannot be trusted.
pub fn read(input: impl Read, format: Format, reading: &Reading<'_>) -> Result<Source, FileError> {
    let (bytes, length) = wiped(input)?;
    let text = decode::text(bytes.get(..length).unwrap_or_default(), reading.mapping)?;
    let text = text.as_ref();
    match format {
        Format::Csv => csv::read(text, reading),
        Format::Ftm => ftm::read(text, reading),
        Format::Mrz => mrz::read(text, reading, reading.year.unwrap_or_else(present_year)),
    }
}

/// The present year (UTC), by this machine's clock.
fn present_year() -> u16 {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    blindlink::agreement::time::text(seconds).get(..4).and_then(|year| year.parse().ok()).unwrap_or(u16::MAX)
}

/// All that there is to read, at the beginning of a buffer that is wiped, as is every smaller one before it.
fn wiped(mut input: impl Read) -> Result<(Zeroizing<Vec<u8>>, usize), FileError> {
    let (mut bytes, mut length) = (Zeroizing::new(vec![0; 1 << 16]), 0);
    loop {
        match input.read(bytes.get_mut(length..).unwrap_or_default()) {
            Ok(0) => return Ok((bytes, length)),
            Ok(n) => length += n,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
        if length == bytes.len() {
            bytes = csv::rows::larger(&bytes);
        }
    }
}

/// Collects records under their identifiers.
#[derive(Default)]
struct Collector {
    source: Source,
    lines: std::collections::HashMap<String, u64>,
    last: String,
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.lines.drain().for_each(|(mut id, _)| id.zeroize());
        self.last.zeroize();
    }
}

impl Collector {
    /// With room for so many rows.
    fn expecting(rows: usize) -> Self {
        let rows = rows.min(limits::MAX_RECORDS as usize);
        let source = Source { records: Vec::with_capacity(rows), ..Source::default() };
        Self { source, lines: std::collections::HashMap::with_capacity(rows), last: String::new() }
    }

    /// Notes the identifier of a row, whether or not the row is otherwise good: one that stands for two persons is never
    /// right (V-CSV-003).
    fn id(&mut self, id: &str, line: u64) -> Result<(), FileError> {
        self.again(id);
        match self.lines.insert(id.to_owned(), line).filter(|_| !id.is_empty()) {
            Some(first) => Err(FileError::DuplicateId { first, second: line }),
            None => Ok(()),
        }
    }

    /// Notes the identifier of the row that is added next.
    fn again(&mut self, id: &str) {
        self.last.zeroize();
        self.last.push_str(id);
    }

    /// What was read.
    fn finish(mut self) -> Source {
        core::mem::take(&mut self.source)
    }

    /// Adds a row, or tells why not.
    fn row(
        &mut self,
        line: u64,
        make: impl FnOnce(RowId, &mut Vec<Problem>) -> Result<Record, Problem>,
    ) -> Result<(), FileError> {
        let position = u32::try_from(self.source.records.len()).ok().filter(|n| *n < limits::MAX_RECORDS);
        let mut told = Vec::new();
        match make(RowId::new(position.ok_or(FileError::TooMany)?), &mut told) {
            Ok(record) => {
                self.source.records.push(record);
                self.source.told.extend(told.into_iter().map(|problem| Reject { line, problem }));
            }
            Err(problem) => {
                if !self.last.is_empty() {
                    self.source.left_out_ids.push(self.last.clone());
                }
                self.source.rejects.push(Reject { line, problem });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
