//! Columns of a list, and the reasons why a value in one cannot be used.

use crate::schema::Field;
use thiserror::Error;

/// Why a value cannot be used. Never the value itself.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The field needs a value.
    #[error("is empty")]
    Empty,
    /// Longer than [`crate::limits::MAX_VALUE`] bytes, or [`crate::limits::MAX_RECORD_ID`] for the identifier.
    #[error("is too long")]
    TooLong,
    /// More values than the field may have.
    #[error("has too many values")]
    TooMany,
    /// A control character.
    #[error("has a control character")]
    Control,
    /// No date that exists.
    #[error("is no date: YYYY, YYYY-MM or YYYY-MM-DD")]
    Date,
    /// No basis of a date.
    #[error("is none of document, statement, age_assessment, inferred")]
    Basis,
    /// Neither `F`, `M` nor `X`.
    #[error("is not F, M or X")]
    Sex,
    /// Not three letters.
    #[error("is no three-letter code")]
    Country,
    /// No lane.
    #[error("is none of suspect, convicted, victim, missing, unidentified")]
    Lane,
    /// A lane that the policy does not compare.
    #[error("is a lane that this policy does not compare")]
    OtherLane,
    /// No status of an identity.
    #[error("is none of confirmed, unconfirmed, alias, misused")]
    Status,
    /// No owner of a contact.
    #[error("is none of own, shared, controlled_by_other, unknown")]
    Owner,
    /// Neither one value for each value beside it nor none.
    #[error("does not have one value for each value that it belongs to")]
    Unpaired,
    /// A document number of fewer than four letters and digits.
    #[error("is no document number: fewer than four letters and digits")]
    Document,
    /// A telephone number of fewer than seven digits.
    #[error("is no telephone number: fewer than seven digits")]
    Phone,
    /// No e-mail address.
    #[error("is no e-mail address")]
    Email,
    /// A code or identifier without letter or digit.
    #[error("has neither letter nor digit")]
    Code,
}

/// A column of a list: a field of the schema, or one that the policy declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// Of the schema.
    Person(Field),
    /// Declared, with this name.
    Declared(String),
}

impl Column {
    /// Name of the column.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Person(field) => field.name(),
            Self::Declared(name) => name,
        }
    }
}

/// One field that cannot be used.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{}` {reason}", column.name())]
pub struct FieldError {
    /// Field.
    pub column: Column,
    /// Reason.
    pub reason: Reason,
}

impl FieldError {
    /// Of a field of the schema.
    #[must_use]
    pub const fn new(field: Field, reason: Reason) -> Self {
        Self { column: Column::Person(field), reason }
    }

    /// Of a declared field.
    #[must_use]
    pub fn declared(name: &str, reason: Reason) -> Self {
        Self { column: Column::Declared(name.to_owned()), reason }
    }
}
