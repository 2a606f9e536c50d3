//! What another list might have of a person whom the own list has: a copy of the record with the gaps and errors that
//! the generator gives a second register. For estimates on own data; the copy is dropped at once.

use crate::synth::cells::{COLUMNS, Cells};
use crate::synth::noise::corrupt;
use crate::synth::rng::Rng;
use blindlink::record::{Birth, BirthPlace, ContactKind, NameKind, NameRole, PersonIdentity, RawRecord, Record};

/// The record as another register might have it, at difficulty `h` (0.5 moderate, 1 hard). Of several identities it
/// has the first, without aliases and earlier names: these are what one list knows and another does not. Declared fields
/// stay as they are. `None` if a register would not have taken the damaged row.
#[must_use]
pub fn second_view(record: &Record, h: f64, rng: &mut Rng) -> Option<Record> {
    let (damaged, _) = corrupt(&cells(record.identities.first()?), h, rng);
    let mut raw = RawRecord::default();
    for (field, value) in COLUMNS.into_iter().zip(damaged.row(&record.id)) {
        raw.push(field, value);
    }
    let mut view = Record::check(record.row, &raw).ok()?;
    view.declared.clone_from(&record.declared);
    Some(view)
}

/// The first values of an identity as the cells of a row.
fn cells(identity: &PersonIdentity) -> Cells {
    let name = |role| {
        let primary = identity.names.iter().filter(|name| name.kind == NameKind::Primary && name.role == role);
        primary.map(|name| name.text.as_str()).collect::<Vec<_>>().join(" ")
    };
    let place = |of: fn(&BirthPlace) -> Option<String>| identity.birth_places.iter().find_map(of).unwrap_or_default();
    let contact = |kind| {
        let found = identity.contacts.iter().find(|contact| contact.kind == kind);
        found.map(|contact| contact.value.clone()).unwrap_or_default()
    };
    let code = |code: &[u8; 3]| String::from_utf8_lossy(code).into_owned();
    Cells {
        given: name(NameRole::Given),
        father: name(NameRole::Father),
        family: name(NameRole::Family),
        full: match name(NameRole::Whole) {
            // Of passports and aliases alone, the first.
            none if none.is_empty() && !identity.names.iter().any(|name| name.kind == NameKind::Primary) => {
                identity.names.first().map(|name| name.text.replace('<', " ")).unwrap_or_default()
            }
            full => full,
        },
        other: String::new(),
        born: identity.births.first().map(born).unwrap_or_default(),
        sex: identity.sexes.first().map(|sex| char::from(sex.letter()).to_string()).unwrap_or_default(),
        nationality: identity.nationalities.first().map(code).unwrap_or_default(),
        country: place(|place| match place {
            BirthPlace::Country(country) => Some(String::from_utf8_lossy(country).into_owned()),
            BirthPlace::Locality(_) => None,
        }),
        place: place(|place| match place {
            BirthPlace::Locality(name) => Some(name.clone()),
            BirthPlace::Country(_) => None,
        }),
        document: identity.documents.first().map(|document| document.number.clone()).unwrap_or_default(),
        phone: contact(ContactKind::Phone),
        phone_owner: String::new(),
        email: contact(ContactKind::Email),
    }
}

/// As in a list, with the precision that is known.
fn born(birth: &Birth) -> String {
    let date = birth.date.date;
    match (date.month, date.day) {
        (Some(month), Some(day)) => format!("{:04}-{month:02}-{day:02}", date.year),
        (Some(month), None) => format!("{:04}-{month:02}", date.year),
        _ => format!("{:04}", date.year),
    }
}

#[cfg(test)]
mod tests;
