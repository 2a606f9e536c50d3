//! Records of persons (spec section 4): checked, local, wiped on drop, never printed.

mod check;
mod declared;
mod digest;
mod raw;

pub use declared::DeclaredValues;
pub use raw::RawRecord;

use crate::code_points::code_points;
use crate::normalise::country;
use crate::normalise::date::{Day, ReadDate, is_minor};
use crate::schema::Field;
use crate::schema::declared::Declared;
use crate::schema::kinds::Lane;
use core::fmt;
use thiserror::Error;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Position of a record in its source. Local: it has no encoding, so it cannot leave the node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowId(u32);

impl RowId {
    /// The row at this position.
    #[must_use]
    pub const fn new(position: u32) -> Self {
        Self(position)
    }

    /// The position.
    #[must_use]
    pub const fn position(self) -> u32 {
        self.0
    }
}

impl fmt::Debug for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RowId({})", self.0)
    }
}

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
    /// What is wrong.
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

code_points! {
    /// What is known of an identity.
    #[derive(Zeroize)]
    Status {
        /// Confirmed, by documents or otherwise.
        Confirmed = 1, "confirmed";
        /// Claimed and neither confirmed nor refuted.
        Unconfirmed = 2, "unconfirmed";
        /// Known to be an alias.
        Alias = 3, "alias";
        /// Belongs to another real person, whose identity was misused.
        Misused = 4, "misused";
    }
}

code_points! {
    /// What kind of name.
    #[derive(Zeroize)]
    NameKind {
        /// The name in use.
        Primary = 1, "primary";
        /// An alias.
        Alias = 2, "alias";
        /// An earlier name.
        Previous = 3, "previous";
        /// As in a machine-readable zone.
        Mrz = 4, "mrz";
        /// A nickname or another name that many have.
        Weak = 5, "weak";
    }
}

code_points! {
    /// Which part of a person's name a name is.
    #[derive(Zeroize)]
    NameRole {
        /// Given names.
        Given = 1, "given";
        /// Name of the father, or patronymic.
        Father = 2, "father";
        /// Family names.
        Family = 3, "family";
        /// A whole name, its order unknown.
        Whole = 4, "whole";
    }
}

code_points! {
    /// What a date of birth rests on.
    #[derive(Zeroize)]
    Basis {
        /// A document.
        Document = 1, "document";
        /// The person's or another's word.
        Statement = 2, "statement";
        /// A medical or other assessment of the age: only the year means something.
        AgeAssessment = 3, "age_assessment";
        /// Inferred from something else: only the year means something.
        Inferred = 4, "inferred";
    }
}

code_points! {
    /// Who uses a contact.
    #[derive(Zeroize)]
    Owner {
        /// The person.
        Own = 1, "own";
        /// The person and others.
        Shared = 2, "shared";
        /// Another who controls the person.
        ControlledByOther = 3, "controlled_by_other";
        /// Not known.
        Unknown = 4, "unknown";
    }
}

code_points! {
    /// What kind of contact.
    #[derive(Zeroize)]
    ContactKind {
        /// A telephone number.
        Phone = 1, "phone";
        /// An e-mail address.
        Email = 2, "email";
    }
}

code_points! {
    /// Whether a person is under age.
    #[derive(Zeroize)]
    Minor {
        /// Certainly.
        Yes = 1, "yes";
        /// Certainly not.
        No = 2, "no";
        /// By some of the dates of birth, or some days within them.
        Possible = 3, "possible";
        /// Without any date of birth.
        Unknown = 4, "unknown";
    }
}

/// Sex, as far as it tells something.
#[derive(Clone, Copy, PartialEq, Eq, Zeroize)]
pub enum Sex {
    /// Female.
    Female,
    /// Male.
    Male,
}

impl Sex {
    /// `F` or `M`.
    #[must_use]
    pub const fn letter(self) -> u8 {
        match self {
            Self::Female => b'F',
            Self::Male => b'M',
        }
    }
}

/// A code of one to three letters as written, upper case, filled up with `<`.
pub type Country = [u8; 3];

/// A name, or a part of one.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Name {
    /// Kind.
    pub kind: NameKind,
    /// Which part of the person's name.
    pub role: NameRole,
    /// As written.
    pub text: String,
}

/// A date of birth and what it rests on.
#[derive(Clone, Copy, PartialEq, Eq, Zeroize)]
pub struct Birth {
    /// Date, in the Gregorian calendar.
    pub date: ReadDate,
    /// Basis.
    pub basis: Basis,
}

/// A place.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub enum Place {
    /// A country.
    Country(Country),
    /// A town or village, as written.
    Locality(String),
}

/// A document.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Document {
    /// Type as written; may be empty.
    pub kind: String,
    /// Issuing state, if known.
    pub issuer: Option<Country>,
    /// Number as written.
    pub number: String,
    /// Number as it is compared.
    pub(crate) compared: String,
}

/// A contact.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Contact {
    /// Kind.
    pub kind: ContactKind,
    /// Who uses it.
    pub owner: Owner,
    /// As written.
    pub value: String,
    /// As it is compared.
    pub(crate) compared: String,
}

/// One identity of a person.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Identity {
    /// What is known of it.
    pub status: Status,
    /// Names.
    pub names: Vec<Name>,
    /// Dates of birth.
    pub births: Vec<Birth>,
    /// Sexes.
    pub sexes: Vec<Sex>,
    /// Nationalities.
    pub nationalities: Vec<Country>,
    /// Places of birth.
    pub birth_places: Vec<Place>,
    /// Documents.
    pub documents: Vec<Document>,
    /// Contacts.
    pub contacts: Vec<Contact>,
    /// The nationalities as they are compared.
    pub(crate) read_nationalities: Vec<country::Country>,
    /// The countries among the places of birth, as they are compared.
    pub(crate) read_birth_countries: Vec<country::Country>,
}

/// A person as one list knows them. Checked: what a check had to normalise it keeps, so that no value is normalised twice.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Record {
    /// Where it stands in its source.
    #[zeroize(skip)]
    pub row: RowId,
    /// Identifier in its own list.
    pub id: String,
    /// Lane, if the list says it.
    #[zeroize(skip)]
    pub lane: Option<Lane>,
    /// Reference of the case in the own files, if the list says it. Local.
    pub case_ref: Option<String>,
    /// Identities, at least one.
    pub identities: Vec<Identity>,
    /// Values of the declared fields, in the order of the policy.
    pub declared: Vec<Vec<String>>,
    /// The values of the declared fields as they are compared.
    pub(crate) read_declared: Vec<DeclaredValues>,
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record").field("row", &self.row).finish_non_exhaustive()
    }
}

impl Record {
    /// Checks the values of a record without declared fields (spec 4.1), in any lane. Records for a round are checked
    /// with [`crate::policy::CheckedPolicy::record`].
    ///
    /// # Errors
    /// The first field, in the order of the schema, that cannot be used.
    pub fn check(row: RowId, raw: &RawRecord) -> Result<Self, FieldError> {
        check::record(row, raw, &[])
    }

    /// Checks the values of a record with the fields that a policy declares (spec 4.1), in any lane.
    ///
    /// # Errors
    /// The first field that cannot be used: those of the schema first.
    pub fn check_with(row: RowId, raw: &RawRecord, fields: &[Declared]) -> Result<Self, FieldError> {
        check::record(row, raw, fields)
    }

    /// Whether the person is under 18 on a day, by all dates of birth of identities that are their own (V-RECORD-015).
    /// A date whose month or day is not known counts with all days that it can mean.
    #[must_use]
    pub fn minor(&self, on: Day) -> Minor {
        let own = self.identities.iter().filter(|identity| identity.status != Status::Misused);
        let (mut some, mut all, mut any) = (false, true, false);
        for birth in own.flat_map(|identity| &identity.births) {
            any = true;
            some |= is_minor(birth.date.latest, on);
            all &= is_minor(birth.date.earliest, on);
        }
        match (any, some, all) {
            (false, ..) => Minor::Unknown,
            (true, _, true) => Minor::Yes,
            (true, true, false) => Minor::Possible,
            (true, false, false) => Minor::No,
        }
    }
}

#[cfg(test)]
mod tests;
