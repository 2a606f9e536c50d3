//! Records of persons (spec section 4): checked, local, wiped on drop, never printed.

use crate::codec::Writer;
use crate::crypto::hash;
use crate::normalise::{contact, date::PartialDate, document};
use crate::schema::Field;
use crate::{labels, limits};
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
    /// Longer than [`limits::MAX_VALUE`] bytes, or [`limits::MAX_RECORD_ID`] for the identifier.
    #[error("is too long")]
    TooLong,
    /// More values than [`limits::MAX_VALUES`].
    #[error("has too many values")]
    TooMany,
    /// A control character.
    #[error("has a control character")]
    Control,
    /// No date of the form `YYYY`, `YYYY-MM` or `YYYY-MM-DD` from 1850 to 2100.
    #[error("is no date: YYYY, YYYY-MM or YYYY-MM-DD")]
    Date,
    /// Neither `F`, `M` nor `X`.
    #[error("is not F, M or X")]
    Sex,
    /// Not three letters.
    #[error("is no three-letter code")]
    Country,
    /// Neither one value for each document number nor none.
    #[error("does not have one value for each document number")]
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
}

/// One field that cannot be used.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("`{}` {reason}", field.name())]
pub struct FieldError {
    /// Field.
    pub field: Field,
    /// What is wrong.
    pub reason: Reason,
}

/// Values of a record before any check, as text. Wiped on drop.
#[derive(Clone, Default, Zeroize, ZeroizeOnDrop)]
pub struct RawRecord([Vec<String>; 12]);

impl RawRecord {
    /// Adds a value to a field. Empty values count as absent, except beside a document number.
    pub fn push(&mut self, field: Field, value: &str) {
        if let Some(values) = self.0.get_mut(field as usize) {
            values.push(value.to_owned());
        }
    }

    fn values(&self, field: Field) -> &[String] {
        self.0.get(field as usize).map_or(&[], Vec::as_slice)
    }
}

impl fmt::Debug for RawRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RawRecord(..)")
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

/// A three-letter code, upper case.
pub type Country = [u8; 3];

/// A document.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Document {
    /// Type as written; may be empty.
    pub kind: String,
    /// Issuing state, if known.
    pub issuer: Option<Country>,
    /// Number as written.
    pub number: String,
}

/// A person as one list knows them. Checked.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Record {
    /// Where it stands in its source.
    #[zeroize(skip)]
    pub row: RowId,
    /// Identifier in its own list.
    pub id: String,
    /// Given names.
    pub given_names: Vec<String>,
    /// Family names.
    pub family_names: Vec<String>,
    /// Dates of birth.
    pub birth_dates: Vec<PartialDate>,
    /// Sexes.
    pub sexes: Vec<Sex>,
    /// Nationalities.
    pub nationalities: Vec<Country>,
    /// Countries of birth.
    pub birth_countries: Vec<Country>,
    /// Documents.
    pub documents: Vec<Document>,
    /// Telephone numbers.
    pub phones: Vec<String>,
    /// E-mail addresses.
    pub emails: Vec<String>,
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record").field("row", &self.row).finish_non_exhaustive()
    }
}

impl Record {
    /// Checks the values of a record (spec 4.1).
    ///
    /// # Errors
    /// The first field, in the order of the schema, that cannot be used.
    pub fn check(row: RowId, raw: &RawRecord) -> Result<Self, FieldError> {
        // V-RECORD-001
        for field in Field::ALL {
            check_text(field, raw.values(field))?;
        }
        // V-RECORD-002
        let [id] = raw.values(Field::RecordId) else {
            let reason = if raw.values(Field::RecordId).is_empty() { Reason::Empty } else { Reason::TooMany };
            return Err(FieldError { field: Field::RecordId, reason });
        };
        if id.trim().is_empty() {
            return Err(FieldError { field: Field::RecordId, reason: Reason::Empty });
        }
        Ok(Self {
            row,
            id: id.clone(),
            given_names: texts(raw, Field::GivenNames),
            family_names: texts(raw, Field::FamilyNames),
            birth_dates: parsed(raw, Field::BirthDate, Reason::Date, |v| PartialDate::parse(v).map(Some))?,
            sexes: parsed(raw, Field::Sex, Reason::Sex, sex)?,
            nationalities: parsed(raw, Field::Nationality, Reason::Country, |v| country(v).map(Some))?,
            birth_countries: parsed(raw, Field::BirthCountry, Reason::Country, |v| country(v).map(Some))?,
            documents: documents(raw)?,
            // V-RECORD-006
            phones: checked(raw, Field::Phone, Reason::Phone, |v| contact::phone(v).is_some())?,
            emails: checked(raw, Field::Email, Reason::Email, |v| contact::email(v).is_some())?,
        })
    }

    /// Digest of the record's canonical bytes, its identifier included: what a round's commitment covers
    /// (V-RECORD-007).
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut w = Writer::default();
        w.str16(&self.id);
        strings(&mut w, &self.given_names);
        strings(&mut w, &self.family_names);
        list(&mut w, &self.birth_dates, |w, d| {
            w.u16(d.year).u8(d.month.unwrap_or(0)).u8(d.day.unwrap_or(0));
        });
        list(&mut w, &self.sexes, |w, s| {
            w.u8(s.letter());
        });
        for codes in [&self.nationalities, &self.birth_countries] {
            list(&mut w, codes, |w, c| {
                w.bytes(c);
            });
        }
        list(&mut w, &self.documents, |w, d| {
            w.str16(&d.kind).bytes(&d.issuer.unwrap_or([0; 3])).str16(&d.number);
        });
        strings(&mut w, &self.phones);
        strings(&mut w, &self.emails);
        let mut bytes = w.finish();
        let digest = hash::hash(labels::RECORD_DIGEST, &[&bytes]);
        bytes.zeroize();
        digest
    }
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

fn list<T>(w: &mut Writer, items: &[T], mut write: impl FnMut(&mut Writer, &T)) {
    w.u8(u8::try_from(items.len()).unwrap_or(u8::MAX)); // at most MAX_VALUES
    for item in items {
        write(w, item);
    }
}

fn strings(w: &mut Writer, values: &[String]) {
    list(w, values, |w, v| {
        w.str16(v);
    });
}

/// Bounds and characters of the values of a field.
fn check_text(field: Field, values: &[String]) -> Result<(), FieldError> {
    let fail = |reason| Err(FieldError { field, reason });
    if values.len() > limits::MAX_VALUES {
        return fail(Reason::TooMany);
    }
    let max = if field == Field::RecordId { limits::MAX_RECORD_ID } else { limits::MAX_VALUE };
    if values.iter().any(|v| v.len() > max) {
        return fail(Reason::TooLong);
    }
    if values.iter().any(|v| v.chars().any(char::is_control)) {
        return fail(Reason::Control);
    }
    Ok(())
}

fn texts(raw: &RawRecord, field: Field) -> Vec<String> {
    raw.values(field).iter().map(|v| v.trim()).filter(|v| !v.is_empty()).map(str::to_owned).collect()
}

fn checked(raw: &RawRecord, field: Field, reason: Reason, good: fn(&str) -> bool) -> Result<Vec<String>, FieldError> {
    let values = texts(raw, field);
    if values.iter().all(|v| good(v)) { Ok(values) } else { Err(FieldError { field, reason }) }
}

/// Values that parse; a value may parse to nothing.
fn parsed<T>(
    raw: &RawRecord,
    field: Field,
    reason: Reason,
    parse: impl Fn(&str) -> Option<Option<T>>,
) -> Result<Vec<T>, FieldError> {
    let mut values = Vec::new();
    for value in raw.values(field).iter().map(|v| v.trim()).filter(|v| !v.is_empty()) {
        values.extend(parse(value).ok_or(FieldError { field, reason })?);
    }
    Ok(values)
}

/// V-RECORD-004
fn sex(value: &str) -> Option<Option<Sex>> {
    match value {
        "F" | "f" => Some(Some(Sex::Female)),
        "M" | "m" => Some(Some(Sex::Male)),
        "X" | "x" => Some(None),
        _ => None,
    }
}

fn country(value: &str) -> Option<Country> {
    let code: Country = value.as_bytes().try_into().ok()?;
    code.iter().all(u8::is_ascii_alphabetic).then(|| code.map(|b| b.to_ascii_uppercase()))
}

/// V-RECORD-005
fn documents(raw: &RawRecord) -> Result<Vec<Document>, FieldError> {
    let numbers = raw.values(Field::DocumentNumber);
    let beside = |field| {
        let values = raw.values(field);
        let none = values.iter().all(|v| v.trim().is_empty());
        match (none, values.len() == numbers.len()) {
            (true, _) => Ok(None),
            (false, true) => Ok(Some(values)),
            (false, false) => Err(FieldError { field, reason: Reason::Unpaired }),
        }
    };
    let (kinds, issuers) = (beside(Field::DocumentType)?, beside(Field::DocumentIssuer)?);
    let mut documents = Vec::new();
    for (i, number) in numbers.iter().map(|n| n.trim()).enumerate() {
        let at = |values: Option<&[String]>| values.and_then(|v| v.get(i)).map_or("", |v| v.trim()).to_owned();
        let (kind, issuer) = (at(kinds), at(issuers));
        if number.is_empty() {
            if !kind.is_empty() || !issuer.is_empty() {
                return Err(FieldError { field: Field::DocumentNumber, reason: Reason::Empty });
            }
            continue;
        }
        if document::number(number).is_none() {
            return Err(FieldError { field: Field::DocumentNumber, reason: Reason::Document });
        }
        let issuer = match issuer.as_str() {
            "" => None,
            code => Some(country(code).ok_or(FieldError { field: Field::DocumentIssuer, reason: Reason::Country })?),
        };
        documents.push(Document { kind, issuer, number: number.to_owned() });
    }
    Ok(documents)
}

#[cfg(test)]
mod tests;
