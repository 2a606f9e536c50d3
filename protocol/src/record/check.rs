//! From raw values to a record (spec 4.1): every check, and the first field that fails.

use super::raw::Cells;
use super::read::{ReadRules, Reader};
use super::{
    Birth, BirthBasis, BirthPlace, CheckedRecord, Contact, ContactKind, ContactOwner, CountryCode, DeclaredValues,
    Document, FieldError, IdentityStatus, Name, NameKind, NameRole, PersonIdentity, RawRecord, Reason, Record, RowId,
    Sex,
};
use crate::limits;
use crate::normalise::{contact, country, date, document};
use crate::schema::Field;
use crate::schema::declared::Declared;

/// The fields that hold names, with what they say of them.
const NAMES: [(Field, NameKind, NameRole); 8] = [
    (Field::FamilyNames, NameKind::Primary, NameRole::Family),
    (Field::GivenNames, NameKind::Primary, NameRole::Given),
    (Field::FatherNames, NameKind::Primary, NameRole::Father),
    (Field::FullNames, NameKind::Primary, NameRole::Whole),
    (Field::OtherNames, NameKind::Alias, NameRole::Whole),
    (Field::PreviousNames, NameKind::Previous, NameRole::Whole),
    (Field::MrzNames, NameKind::Mrz, NameRole::Whole),
    (Field::WeakNames, NameKind::Weak, NameRole::Whole),
];

/// Reads and checks the values of a record (V-READ-001): what cannot be used is told and left out, the person stays.
pub(super) fn record(
    row: RowId,
    raw: &RawRecord,
    fields: &[Declared],
    rules: &ReadRules,
) -> Result<CheckedRecord, FieldError> {
    let mut reader = Reader::new(rules);
    let id = id(raw.of_record())?;
    // V-RECORD-009
    let lane = reader.lane(raw.of_record().values(Field::Lane))?;
    let case_ref = reader.case_ref(raw.of_record().values(Field::CaseRef));
    // V-RECORD-010
    if raw.has_more() {
        reader.tell(Field::IdentityStatus, Reason::TooMany);
    }
    let mut cells: Vec<Cells> = raw.identities().map(|cells| reader.identity(cells)).collect();
    reader.without_days_of_nobody(&mut cells);
    let identities = cells.iter().map(identity).collect::<Result<_, _>>()?;
    let mut record = Record {
        row,
        id,
        lane,
        case_ref,
        identities,
        declared: Vec::with_capacity(fields.len()),
        read_declared: Vec::with_capacity(fields.len()),
    };
    for (i, field) in fields.iter().enumerate() {
        let values = reader.declared(field, raw.declared(i));
        let (values, read) = declared(field, &values)?;
        record.declared.push(values);
        record.read_declared.push(read);
    }
    Ok(CheckedRecord { record, told: reader.told })
}

/// V-RECORD-002
fn id(cells: &Cells) -> Result<String, FieldError> {
    let fail = |reason| Err(FieldError::new(Field::RecordId, reason));
    match cells.values(Field::RecordId) {
        [] => fail(Reason::Empty),
        [id] if id.trim().is_empty() => fail(Reason::Empty),
        [id] => {
            text_bounds(core::slice::from_ref(id), limits::MAX_RECORD_ID)
                .map_err(|reason| FieldError::new(Field::RecordId, reason))?;
            Ok(id.clone())
        }
        _ => fail(Reason::TooMany),
    }
}

fn identity(cells: &Cells) -> Result<PersonIdentity, FieldError> {
    let (nationalities, read_nationalities) =
        parsed(cells, Field::Nationality, Reason::Country, country)?.into_iter().unzip();
    let (born_in, read_birth_countries): (Vec<_>, _) =
        parsed(cells, Field::BirthCountry, Reason::Country, country)?.into_iter().unzip();
    Ok(PersonIdentity {
        // V-RECORD-010
        status: one(cells, Field::IdentityStatus, Reason::Status, IdentityStatus::from_name)?
            .unwrap_or(IdentityStatus::Unconfirmed),
        names: NAMES
            .iter()
            .flat_map(|&(field, kind, role)| values(cells, field).map(move |v| Name { kind, role, text: v.to_owned() }))
            .collect(),
        births: births(cells)?,
        // V-RECORD-004
        sexes: parsed(cells, Field::Sex, Reason::Sex, sex)?.into_iter().flatten().collect(),
        nationalities,
        read_nationalities,
        read_birth_countries,
        birth_places: born_in
            .into_iter()
            .map(BirthPlace::Country)
            .chain(values(cells, Field::BirthPlace).map(|v| BirthPlace::Locality(v.to_owned())))
            .collect(),
        documents: documents(cells)?,
        contacts: contacts(cells)?,
    })
}

/// V-RECORD-001
fn text_bounds(values: &[String], max: usize) -> Result<(), Reason> {
    if values.len() > limits::MAX_VALUES {
        return Err(Reason::TooMany);
    }
    if values.iter().any(|v| v.len() > max) {
        return Err(Reason::TooLong);
    }
    if values.iter().any(|v| v.chars().any(char::is_control)) {
        return Err(Reason::Control);
    }
    Ok(())
}

/// The values that are not blank, trimmed.
fn values(cells: &Cells, field: Field) -> impl Iterator<Item = &str> {
    cells.values(field).iter().map(|v| v.trim()).filter(|v| !v.is_empty())
}

/// At most one value.
fn one<T>(cells: &Cells, field: Field, reason: Reason, parse: fn(&str) -> Option<T>) -> Result<Option<T>, FieldError> {
    let mut parsed = parsed(cells, field, reason, parse)?;
    if parsed.len() > 1 { Err(FieldError::new(field, Reason::TooMany)) } else { Ok(parsed.pop()) }
}

fn parsed<T>(cells: &Cells, field: Field, reason: Reason, parse: fn(&str) -> Option<T>) -> Result<Vec<T>, FieldError> {
    values(cells, field).map(|v| parse(v).ok_or_else(|| FieldError::new(field, reason))).collect()
}

fn sex(value: &str) -> Option<Option<Sex>> {
    match value {
        "F" | "f" => Some(Some(Sex::Female)),
        "M" | "m" => Some(Some(Sex::Male)),
        "X" | "x" => Some(None),
        _ => None,
    }
}

/// A code as written, in capital letters with fillers to three, and as it is compared.
fn country(value: &str) -> Option<(CountryCode, country::Country)> {
    let read = country::read(value)?;
    let mut code = *b"<<<";
    code.iter_mut().zip(value.bytes()).for_each(|(to, from)| *to = from.to_ascii_uppercase());
    Some((code, read))
}

/// The values of a field, each with the one beside it in `beside`, which has one for each or none at all: a value without
/// one stands alone, one without a value is refused.
fn paired(cells: &Cells, field: Field, beside: Field) -> Result<Vec<(&str, &str)>, FieldError> {
    let main = cells.values(field);
    let others = cells.values(beside);
    if others.iter().all(|v| v.trim().is_empty()) {
        return Ok(main.iter().map(|v| (v.trim(), "")).filter(|(v, _)| !v.is_empty()).collect());
    }
    if others.len() != main.len() {
        return Err(FieldError::new(beside, Reason::Unpaired));
    }
    let mut pairs = Vec::with_capacity(main.len());
    for (value, other) in main.iter().zip(others).map(|(v, o)| (v.trim(), o.trim())) {
        match (value.is_empty(), other.is_empty()) {
            (true, false) => return Err(FieldError::new(field, Reason::Empty)),
            (true, true) => {}
            (false, _) => pairs.push((value, other)),
        }
    }
    Ok(pairs)
}

/// V-RECORD-003, V-RECORD-011
fn births(cells: &Cells) -> Result<Vec<Birth>, FieldError> {
    let pairs = paired(cells, Field::BirthDate, Field::BirthBasis)?;
    let birth = |(date, basis): (&str, &str)| {
        let date = date::read(date).ok_or_else(|| FieldError::new(Field::BirthDate, Reason::Date))?;
        let basis = match basis {
            "" => BirthBasis::Statement,
            name => BirthBasis::from_name(name).ok_or_else(|| FieldError::new(Field::BirthBasis, Reason::Basis))?,
        };
        Ok(Birth { date, basis })
    };
    pairs.into_iter().map(birth).collect()
}

/// V-RECORD-005
fn documents(cells: &Cells) -> Result<Vec<Document>, FieldError> {
    let kinds = paired(cells, Field::DocumentNumber, Field::DocumentType)?;
    let issuers = paired(cells, Field::DocumentNumber, Field::DocumentIssuer)?;
    let document = |((number, kind), (_, issuer)): ((&str, &str), (&str, &str))| {
        let compared =
            document::number(number).ok_or_else(|| FieldError::new(Field::DocumentNumber, Reason::Document))?;
        let issuer = match issuer {
            "" => None,
            code => Some(country(code).ok_or_else(|| FieldError::new(Field::DocumentIssuer, Reason::Country))?.0),
        };
        Ok(Document { kind: kind.to_owned(), issuer, number: number.to_owned(), compared })
    };
    kinds.into_iter().zip(issuers).map(document).collect()
}

/// V-RECORD-006, V-RECORD-012
fn contacts(cells: &Cells) -> Result<Vec<Contact>, FieldError> {
    type Read = fn(&str) -> Option<String>;
    let kinds: [(Field, Field, ContactKind, Reason, Read); 2] = [
        (Field::Phone, Field::PhoneOwner, ContactKind::Phone, Reason::Phone, contact::phone),
        (Field::Email, Field::EmailOwner, ContactKind::Email, Reason::Email, contact::email),
    ];
    let mut contacts = Vec::new();
    for (field, beside, kind, reason, read) in kinds {
        for (value, owner) in paired(cells, field, beside)? {
            let compared = read(value).ok_or_else(|| FieldError::new(field, reason))?;
            let owner = match owner {
                "" => ContactOwner::Unknown,
                name => ContactOwner::from_name(name).ok_or_else(|| FieldError::new(beside, Reason::Owner))?,
            };
            contacts.push(Contact { kind, owner, value: value.to_owned(), compared });
        }
    }
    Ok(contacts)
}

/// V-RECORD-013
fn declared(field: &Declared, raw: &[String]) -> Result<(Vec<String>, DeclaredValues), FieldError> {
    let fail = |reason| FieldError::declared(&field.name, reason);
    text_bounds(raw, limits::MAX_VALUE).map_err(fail)?;
    let values = raw.iter().map(|v| v.trim()).filter(|v| !v.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let read = super::declared::read(field, &values).map_err(fail)?;
    Ok((values, read))
}
