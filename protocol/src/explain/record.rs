//! What the own list says of a person, for the reviewer who has to compare it with a file on paper.

use crate::record::{
    BirthPlace, ContactKind, ContactOwner, IdentityStatus, NameKind, NameRole, PersonIdentity, Record,
};
use crate::schema::declared::Declared;

/// Name of a field and its value, as the own list has it. A person's data: for the reviewer's page, never for a log.
pub type OwnField = (String, String);

/// The fields of an own record in the order of the schema, each with the name of its column; of several identities each
/// begins with its status. `declared` are the policy's declared fields.
#[must_use]
pub fn own_fields(record: &Record, declared: &[Declared]) -> Vec<OwnField> {
    let mut fields = vec![("record_id".to_owned(), record.id.clone())];
    fields.extend(record.case_ref.iter().map(|case| ("case_ref".to_owned(), case.clone())));
    let several = record.identities.len() > 1;
    for person in &record.identities {
        if several || person.status != IdentityStatus::Confirmed {
            fields.push(("identity_status".to_owned(), person.status.name().to_owned()));
        }
        identity(person, &mut fields);
    }
    for (field, values) in declared.iter().zip(&record.declared) {
        fields.extend(values.iter().map(|value| (field.name.clone(), value.clone())));
    }
    fields
}

fn identity(person: &PersonIdentity, fields: &mut Vec<OwnField>) {
    let mut push = |name: &str, value: String| fields.push((name.to_owned(), value));
    for name in &person.names {
        let part = match (name.kind, name.role) {
            (NameKind::Primary | NameKind::Mrz, NameRole::Given) => "given_names",
            (NameKind::Primary | NameKind::Mrz, NameRole::Father) => "father_names",
            (NameKind::Primary | NameKind::Mrz, NameRole::Family) => "family_names",
            (NameKind::Primary | NameKind::Mrz, NameRole::Whole) => "names",
            _ => "other_names",
        };
        push(part, name.text.clone());
    }
    for birth in &person.births {
        let two = |n: Option<u8>| n.map_or_else(|| "??".to_owned(), |n| format!("{n:02}"));
        let date = birth.date.date;
        push("birth_date", format!("{:04}-{}-{}", date.year, two(date.month), two(date.day)));
    }
    let code = |code: &[u8; 3]| String::from_utf8_lossy(code).trim_end_matches('<').to_owned();
    person.sexes.iter().for_each(|sex| push("sex", char::from(sex.letter()).to_string()));
    person.nationalities.iter().for_each(|country| push("nationality", code(country)));
    for place in &person.birth_places {
        match place {
            BirthPlace::Country(country) => push("birth_country", code(country)),
            BirthPlace::Locality(text) => push("birth_place", text.clone()),
        }
    }
    for document in &person.documents {
        let issuer = document.issuer.as_ref().map(code).unwrap_or_default();
        let words = [document.kind.as_str(), &issuer, &document.number];
        push("document_number", words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" "));
    }
    for contact in &person.contacts {
        let name = match contact.kind {
            ContactKind::Phone => "phone",
            ContactKind::Email => "email",
        };
        let owner = match contact.owner {
            ContactOwner::Own | ContactOwner::Unknown => String::new(),
            owner => format!(" ({})", owner.name()),
        };
        push(name, contact.value.clone() + &owner);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{RawRecord, RowId};
    use crate::schema::Field;

    #[test]
    fn a_record_is_shown_as_the_list_has_it() {
        let mut raw = RawRecord::default();
        for (field, value) in [
            (Field::RecordId, "a-1"),
            (Field::GivenNames, "Anna Maria"),
            (Field::FamilyNames, "Eriksson"),
            (Field::OtherNames, "Ana"),
            (Field::BirthDate, "1974-08"),
            (Field::Sex, "F"),
            (Field::Nationality, "UTO"),
            (Field::BirthPlace, "Zenith"),
            (Field::DocumentType, "P"),
            (Field::DocumentIssuer, "UTO"),
            (Field::DocumentNumber, "L898902C3"),
            (Field::Phone, "+999 555 0100"),
        ] {
            raw.push(field, value);
        }
        let record = Record::check(RowId::new(0), &raw).unwrap();
        let fields = own_fields(&record, &[]);
        let shown: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(
            shown,
            [
                ("record_id", "a-1"),
                ("identity_status", "unconfirmed"),
                ("family_names", "Eriksson"),
                ("given_names", "Anna Maria"),
                ("other_names", "Ana"),
                ("birth_date", "1974-08-??"),
                ("sex", "F"),
                ("nationality", "UTO"),
                ("birth_place", "Zenith"),
                ("document_number", "P UTO L898902C3"),
                ("phone", "+999 555 0100"),
            ]
        );
    }
}
