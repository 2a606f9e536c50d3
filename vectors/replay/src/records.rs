//! Lists to the records that are kept, and what is left out (spec sections 4.1, 4.2).

use super::case::{Case, Hex, HexBytes, Stop};
use blindlink::normalise::mrz::MrzError;
use blindlink::policy::{Declared, FieldType, LanePair};
use blindlink::record::Reason;
use blindlink_sources::{FileError, Format, Problem, Reading, Source, read};
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
    kept: Option<Vec<Kept>>,
    left_out: Option<Vec<Left>>,
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
        let reading = Reading { fields: &fields, lanes: self.lanes.and_then(LanePair::from_code), year: self.year };
        let (kept, left_out, refused) = match read(self.list.0.as_slice(), self.form.into(), &reading) {
            Ok(Source { records, rejects }) => {
                let kept = records.iter().map(|r| Kept { record_id: r.id.clone(), digest: Hex(r.digest()) });
                let left = rejects.iter().map(|reject| {
                    let (column, reason) = reason(&reject.problem);
                    Left { line: reject.line, column, reason: reason.to_owned() }
                });
                (Some(kept.collect()), Some(left.collect()), None)
            }
            Err(error) => (None, None, Some(whole(&error))),
        };
        equal("kept", &self.kept, &kept)?;
        equal("left_out", &self.left_out, &left_out)?;
        equal("refused", &self.refused, &refused)
    }
}

fn equal<T: PartialEq + core::fmt::Debug>(field: &'static str, expected: &T, got: &T) -> Result<(), Stop> {
    if expected == got {
        return Ok(());
    }
    Err(Stop::Differs { field, expected: format!("{expected:?}"), got: format!("{got:?}") })
}

/// The column, and the name that 4.1 has for the reason.
fn reason(problem: &Problem) -> (Option<String>, &'static str) {
    let Problem::Field(error) = problem else {
        return match problem {
            Problem::Lane => (None, "other_lane"),
            Problem::Cells { .. } => (None, "cells"),
            Problem::Json => (None, "json"),
            Problem::Mrz(error) => (None, zone(*error)),
            _ => (None, ""),
        };
    };
    let name = match error.reason {
        Reason::Empty => "empty",
        Reason::TooLong => "too_long",
        Reason::TooMany => "too_many",
        Reason::Control => "control",
        Reason::Date => "date",
        Reason::Basis => "basis",
        Reason::Sex => "sex",
        Reason::Country => "country",
        Reason::Lane => "lane",
        Reason::Status => "status",
        Reason::Owner => "owner",
        Reason::Unpaired => "unpaired",
        Reason::Document => "document",
        Reason::Phone => "phone",
        Reason::Email => "email",
        Reason::Code => "code",
        _ => "",
    };
    (Some(error.column.name().to_owned()), name)
}

const fn zone(error: MrzError) -> &'static str {
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
        _ => "",
    }
}

/// Why a whole file is refused, with lines or the position of a column.
fn whole(error: &FileError) -> Whole {
    let (reason, at) = match error {
        FileError::NotUtf8 { line } => ("not_utf8", vec![*line]),
        FileError::Quotes => ("quotes", vec![]),
        FileError::NoHeader => ("no_header", vec![]),
        FileError::UnknownColumn { position } => ("unknown_column", vec![*position as u64]),
        FileError::Forbidden { position, .. } => ("forbidden_column", vec![*position]),
        FileError::DuplicateColumn { .. } => ("duplicate_column", vec![]),
        FileError::MissingId => ("missing_id", vec![]),
        FileError::DuplicateId { first, second } => ("duplicate_id", vec![*first, *second]),
        _ => ("", vec![]),
    };
    Whole { reason: reason.to_owned(), at }
}
