//! A list as it was read, as a CSV file that needs no mapping.

use blindlink::record::{BirthPlace, ContactKind, NameKind, NameRole, Record};
use blindlink::schema::Field;
use blindlink::schema::declared::Declared;
use zeroize::Zeroizing;

/// The list in UTF-8 with commas, columns by the names of the schema. Dates are in the Gregorian calendar; of a record
/// with several identities the first is written.
#[must_use]
pub fn csv(records: &[Record], fields: &[Declared]) -> Zeroizing<Vec<u8>> {
    let mut text = Zeroizing::new(Vec::new());
    let own = fields.iter().map(|field| field.name.clone());
    line(&mut text, Field::ALL.into_iter().map(|field| field.name().to_owned()).chain(own));
    for record in records {
        let declared = record.declared.iter().map(|values| values.join("|"));
        line(&mut text, Field::ALL.into_iter().map(|field| cell(record, field)).chain(declared));
    }
    text
}

fn line(text: &mut Vec<u8>, cells: impl Iterator<Item = String>) {
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            text.push(b',');
        }
        if cell.contains([',', '"', '\n', '\r']) {
            text.push(b'"');
            text.extend_from_slice(cell.replace('"', "\"\"").as_bytes());
            text.push(b'"');
        } else {
            text.extend_from_slice(cell.as_bytes());
        }
    }
    text.push(b'\n');
}

fn code(code: [u8; 3]) -> String {
    String::from_utf8_lossy(&code).trim_end_matches(['<', '\0']).to_owned()
}

fn cell(record: &Record, field: Field) -> String {
    let Some(identity) = record.identities.first() else { return String::new() };
    let names = |kind: NameKind, role: NameRole| {
        let of = identity.names.iter().filter(|name| name.kind == kind && name.role == role);
        of.map(|name| name.text.as_str()).collect::<Vec<_>>().join("|")
    };
    let contacts = |kind: ContactKind, owner: bool| {
        let of = identity.contacts.iter().filter(|contact| contact.kind == kind);
        of.map(|c| if owner { c.owner.name() } else { c.value.as_str() }).collect::<Vec<_>>().join("|")
    };
    match field {
        Field::RecordId => record.id.clone(),
        Field::Lane => record.lane.map_or_else(String::new, |lane| lane.name().to_owned()),
        Field::CaseRef => record.case_ref.clone().unwrap_or_default(),
        Field::IdentityStatus => identity.status.name().to_owned(),
        Field::GivenNames => names(NameKind::Primary, NameRole::Given),
        Field::FatherNames => names(NameKind::Primary, NameRole::Father),
        Field::FamilyNames => names(NameKind::Primary, NameRole::Family),
        Field::FullNames => names(NameKind::Primary, NameRole::Whole),
        Field::OtherNames => names(NameKind::Alias, NameRole::Whole),
        Field::PreviousNames => names(NameKind::Previous, NameRole::Whole),
        Field::WeakNames => names(NameKind::Weak, NameRole::Whole),
        Field::MrzNames => names(NameKind::Mrz, NameRole::Whole),
        Field::BirthDate => {
            let date = |birth: &blindlink::record::Birth| {
                let date = birth.date.date;
                let month = date.month.map_or_else(String::new, |month| format!("-{month:02}"));
                let day = date.day.map_or_else(String::new, |day| format!("-{day:02}"));
                format!("{:04}{month}{day}", date.year)
            };
            identity.births.iter().map(date).collect::<Vec<_>>().join("|")
        }
        Field::BirthBasis => identity.births.iter().map(|birth| birth.basis.name()).collect::<Vec<_>>().join("|"),
        Field::Sex => {
            identity.sexes.iter().map(|sex| char::from(sex.letter()).to_string()).collect::<Vec<_>>().join("|")
        }
        Field::Nationality => identity.nationalities.iter().map(|c| code(*c)).collect::<Vec<_>>().join("|"),
        Field::BirthCountry | Field::BirthPlace => {
            let place = |place: &BirthPlace| match place {
                BirthPlace::Country(of) if field == Field::BirthCountry => Some(code(*of)),
                BirthPlace::Locality(text) if field == Field::BirthPlace => Some(text.clone()),
                _ => None,
            };
            identity.birth_places.iter().filter_map(place).collect::<Vec<_>>().join("|")
        }
        Field::DocumentType => identity.documents.iter().map(|d| d.kind.as_str()).collect::<Vec<_>>().join("|"),
        Field::DocumentIssuer => {
            identity.documents.iter().map(|d| d.issuer.map_or_else(String::new, code)).collect::<Vec<_>>().join("|")
        }
        Field::DocumentNumber => identity.documents.iter().map(|d| d.number.as_str()).collect::<Vec<_>>().join("|"),
        Field::Phone => contacts(ContactKind::Phone, false),
        Field::PhoneOwner => contacts(ContactKind::Phone, true),
        Field::Email => contacts(ContactKind::Email, false),
        Field::EmailOwner => contacts(ContactKind::Email, true),
    }
}
