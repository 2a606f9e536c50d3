//! All values of a record, normalised: what filters and tokens are made of (spec 5.2).

use crate::limits;
use crate::normalise::{contact, date::PartialDate, document, name, skeleton, text};
use crate::record::{
    Basis, Birth, Contact, ContactKind, Country, Identity, NameKind, Owner, Place, Record, Sex, Status,
};
use crate::schema::declared::Declared;
use crate::schema::kinds::{FieldType, Lane, LanePair};
use core::fmt;
use std::collections::BTreeSet;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A record's values, ready to be hashed. Each list is sorted and without repetitions.
#[derive(Clone, Default, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Values {
    /// Parts of all names, romanised: lower-case letters only.
    pub name_parts: Vec<String>,
    /// The parts from which match keys are made: particles, single letters and weak names left out.
    pub key_parts: Vec<String>,
    /// Skeletons K4 of the key parts.
    pub k4: Vec<String>,
    /// Skeletons K5 of the key parts.
    pub k5: Vec<String>,
    /// Dates of birth, placeholders reduced to the year.
    pub birth_dates: Vec<PartialDate>,
    /// Sexes: `F`, `M`.
    pub sexes: Vec<u8>,
    /// Nationalities.
    pub nationalities: Vec<Country>,
    /// Countries of birth.
    pub birth_countries: Vec<Country>,
    /// Words of places of birth.
    pub birth_places: Vec<String>,
    /// Document numbers.
    pub documents: Vec<String>,
    /// Last digits of telephone numbers.
    pub phones: Vec<String>,
    /// E-mail addresses.
    pub emails: Vec<String>,
    /// Values of the declared fields, in the order of the policy.
    pub declared: Vec<DeclaredValues>,
}

/// The values of one declared field.
#[derive(Clone, Default, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct DeclaredValues {
    /// Words: the romanised parts of a name or text, or an identifier as a whole.
    pub words: Vec<String>,
    /// Whole values, with one space between words.
    pub whole: Vec<String>,
    /// Dates.
    pub dates: Vec<PartialDate>,
}

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Values(..)")
    }
}

impl fmt::Debug for DeclaredValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeclaredValues(..)")
    }
}

/// Normalises a record for a comparison of these lanes.
#[must_use]
pub fn values(record: &Record, lanes: LanePair, fields: &[Declared]) -> Values {
    // V-ENCODE-009: another's identity, and what another controls, must not make anyone a suspect.
    let (one, other) = lanes.lanes();
    let suspects = one == Lane::Suspect || other == Lane::Suspect;
    let used: Vec<&Identity> =
        record.identities.iter().filter(|identity| !suspects || identity.status != Status::Misused).collect();
    let contacts: Vec<&Contact> = used
        .iter()
        .flat_map(|identity| &identity.contacts)
        .filter(|contact| !suspects || contact.owner != Owner::ControlledByOther)
        .collect();
    let (name_parts, key_parts) = names(&used);
    let places = || used.iter().flat_map(|identity| &identity.birth_places);
    Values {
        k4: reduced(&key_parts, skeleton::k4),
        k5: reduced(&key_parts, skeleton::k5),
        name_parts,
        key_parts,
        birth_dates: sorted(used.iter().flat_map(|identity| &identity.births).map(birth).collect()),
        sexes: sorted(used.iter().flat_map(|identity| &identity.sexes).copied().map(Sex::letter).collect()),
        nationalities: sorted(used.iter().flat_map(|identity| &identity.nationalities).copied().collect()),
        birth_countries: sorted(
            places().filter_map(|place| if let Place::Country(code) = place { Some(*code) } else { None }).collect(),
        ),
        birth_places: sorted(
            places()
                .flat_map(|place| if let Place::Locality(name) = place { text::words(name) } else { Vec::new() })
                .collect(),
        ),
        documents: sorted(
            used.iter()
                .flat_map(|identity| &identity.documents)
                .filter_map(|document| document::number(&document.number))
                .collect(),
        ),
        phones: sorted(of_kind(&contacts, ContactKind::Phone).filter_map(contact::phone).collect()),
        emails: sorted(of_kind(&contacts, ContactKind::Email).filter_map(contact::email).collect()),
        declared: fields.iter().zip(&record.declared).map(|(field, values)| declared(field, values)).collect(),
    }
}

/// Parts of all names, and those of them that may stand in keys.
fn names(identities: &[&Identity]) -> (Vec<String>, Vec<String>) {
    let mut seen = BTreeSet::new();
    let (mut all, mut keys) = (Vec::new(), Vec::new());
    for name in identities.iter().flat_map(|identity| &identity.names) {
        for mut part in name::parts(&name.text) {
            // The first ones in the order of the record: which ones go must not depend on the alphabet.
            if seen.len() == limits::MAX_NAME_PARTS && !seen.contains(&part) {
                part.zeroize();
                continue;
            }
            // V-ENCODE-010: a nickname is too common to find anyone by.
            if name.kind != NameKind::Weak && name::is_key_part(&part) {
                keys.push(part.clone());
            }
            if seen.insert(part.clone()) {
                all.push(part);
            }
        }
    }
    seen.into_iter().for_each(|mut part| part.zeroize());
    (sorted(all), sorted(keys))
}

/// A date of birth as far as it means something (V-NORM-005, V-RECORD-011).
const fn birth(birth: &Birth) -> PartialDate {
    match birth.basis {
        Basis::Document | Basis::Statement => birth.date.without_placeholder(),
        Basis::AgeAssessment | Basis::Inferred => PartialDate { year: birth.date.year, month: None, day: None },
    }
}

fn of_kind<'a>(contacts: &'a [&Contact], kind: ContactKind) -> impl Iterator<Item = &'a str> {
    contacts.iter().filter(move |contact| contact.kind == kind).map(|contact| contact.value.as_str())
}

/// V-RECORD-014
fn declared(field: &Declared, values: &[String]) -> DeclaredValues {
    let mut out = DeclaredValues::default();
    for value in values {
        match field.kind {
            FieldType::Name => out.words.extend(name::parts(value)),
            FieldType::Date => out.dates.extend(PartialDate::parse(value)),
            FieldType::Code => out.whole.push(text::code(value)),
            FieldType::Identifier => {
                out.words.push(text::code(value));
                out.whole.push(text::code(value));
            }
            FieldType::Text => {
                let words = text::words(value);
                if !words.is_empty() {
                    out.whole.push(words.join(" "));
                }
                out.words.extend(words);
            }
        }
    }
    for list in [&mut out.words, &mut out.whole] {
        list.sort();
        list.dedup();
    }
    out.dates.sort();
    out.dates.dedup();
    out
}

/// What different parts are reduced to; a part of which nothing is left counts as none.
fn reduced(parts: &[String], reduce: fn(&str) -> String) -> Vec<String> {
    sorted(parts.iter().map(|part| reduce(part)).filter(|value| !value.is_empty()).collect())
}

fn sorted<T: Ord>(mut values: Vec<T>) -> Vec<T> {
    values.sort();
    values.dedup();
    values
}
