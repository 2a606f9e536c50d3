//! Lists to the records that are kept, and what is left out (spec sections 4.1, 4.2).

use super::case::{Case, Hex, HexBytes, Stop};
use blindlink::policy::{Declared, FieldType, LanePair};
use blindlink_sources::mapping::{Mapping, MappingError};
use blindlink_sources::{FileError, Format, Reading, Reject, Source, read};
use serde::Deserialize;

/// A list under the declared fields and lanes of a policy.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct List {
    form: Form,
    list: HexBytes,
    fields: Vec<Declaration>,
    lanes: Option<u8>,
    year: Option<u16>,
    mapping: Option<String>,
    kept: Option<Vec<Kept>>,
    left_out: Option<Vec<Left>>,
    told: Option<Vec<Left>>,
    refused: Option<Whole>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Form {
    Csv,
    Ftm,
    Mrz,
}

impl From<Form> for Format {
    fn from(form: Form) -> Self {
        match form {
            Form::Csv => Self::Csv,
            Form::Ftm => Self::Ftm,
            Form::Mrz => Self::Mrz,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Declaration {
    name: String,
    #[serde(rename = "type")]
    kind: FieldType,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    record_id: String,
    digest: Hex<32>,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Left {
    line: u64,
    column: Option<String>,
    reason: String,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    reason: String,
    at: Vec<u64>,
}

impl Case for List {
    fn run(&self) -> Result<(), Stop> {
        let declared = |field: &Declaration| Declared { name: field.name.clone(), kind: field.kind };
        let fields: Vec<Declared> = self.fields.iter().map(declared).collect();
        let mapping = self.mapping.as_deref().map(Mapping::from_toml).transpose();
        let refused =
            |error: MappingError| Stop::Differs { field: "mapping", expected: String::new(), got: error.to_string() };
        let mapping = mapping.map_err(refused)?;
        let reading = Reading {
            fields: &fields,
            lanes: self.lanes.and_then(LanePair::from_code),
            year: self.year,
            mapping: mapping.as_ref(),
        };
        let (kept, left_out, told, refused) = match read(self.list.0.as_slice(), self.form.into(), &reading) {
            Ok(Source { records, rejects, told, .. }) => {
                let kept = records.iter().map(|r| Kept { record_id: r.id.clone(), digest: Hex(r.digest()) });
                (Some(kept.collect()), Some(left(&rejects)), Some(left(&told)), None)
            }
            Err(error) => (None, None, None, Some(whole(&error))),
        };
        equal("kept", &self.kept, &kept)?;
        equal("left_out", &self.left_out, &left_out)?;
        equal("told", &self.told, &told)?;
        equal("refused", &self.refused, &refused)
    }
}

fn equal<T: PartialEq + core::fmt::Debug>(field: &'static str, expected: &T, got: &T) -> Result<(), Stop> {
    if expected == got {
        return Ok(());
    }
    Err(Stop::Differs { field, expected: format!("{expected:?}"), got: format!("{got:?}") })
}

/// Lines, columns, and the names that 4.1 has for the reasons.
fn left(of: &[Reject]) -> Vec<Left> {
    let one = |reject: &Reject| Left {
        line: reject.line,
        column: reject.problem.column().map(str::to_owned),
        reason: reject.problem.name().to_owned(),
    };
    of.iter().map(one).collect()
}

/// Why a whole file is refused, with lines or the position of a column.
fn whole(error: &FileError) -> Whole {
    let (reason, at) = match error {
        FileError::NotUtf8 { line } => ("not_utf8", vec![*line]),
        FileError::Quotes => ("quotes", vec![]),
        FileError::NoHeader => ("no_header", vec![]),
        FileError::UnknownColumn { position } => ("unknown_column", vec![*position as u64]),
        FileError::Forbidden { place: "line", position, lines, .. } => ("forbidden_column", vec![*position, *lines]),
        FileError::Forbidden { position, .. } => ("forbidden_column", vec![*position]),
        FileError::DuplicateColumn { .. } => ("duplicate_column", vec![]),
        FileError::MissingId => ("missing_id", vec![]),
        FileError::DuplicateId { first, second } => ("duplicate_id", vec![*first, *second]),
        _ => ("", vec![]),
    };
    Whole { reason: reason.to_owned(), at }
}
