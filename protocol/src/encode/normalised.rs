//! All values of a record, normalised and merged for a pair of lanes: the input of filters and tokens (spec 5.2).

use crate::limits;
use crate::normalise::name::{self, NameForm, PartRole};
use crate::normalise::skeleton::{self, Skeleton};
use crate::normalise::{country, date::PartialDate, place};
use crate::record::{
    Birth, BirthBasis, BirthPlace, Contact, ContactKind, ContactOwner, CountryCode, DeclaredValues, IdentityStatus,
    Name, NameKind, NameRole, PersonIdentity, Record, Sex,
};
use crate::schema::kinds::{Lane, LanePair};
use core::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// A record's values, ready to be hashed. Each list is sorted and without repetitions.
#[derive(Clone, Default, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Values {
    /// Parts of all names, romanised: lower-case letters only.
    pub name_parts: Vec<String>,
    /// The parts from which match keys are made: particles, single letters and weak names left out.
    pub key_parts: Vec<String>,
    /// Skeletons K4 of the key parts.
    pub k4: Vec<Skeleton>,
    /// Skeletons K5 of the key parts.
    pub k5: Vec<Skeleton>,
    /// The last three letters of their uncut skeletons.
    pub s3: Vec<Skeleton>,
    /// Dates of birth, placeholders reduced to the year.
    pub birth_dates: Vec<PartialDate>,
    /// Those of them that make features (V-ENCODE-012).
    pub known_dates: Vec<PartialDate>,
    /// Sexes: `F`, `M`.
    pub sexes: Vec<u8>,
    /// Nationalities.
    pub nationalities: Vec<CountryCode>,
    /// Those of them that make features (V-ENCODE-012).
    pub known_nationalities: Vec<CountryCode>,
    /// Countries of birth.
    pub birth_countries: Vec<CountryCode>,
    /// Those of them that make features (V-ENCODE-012).
    pub known_birth_countries: Vec<CountryCode>,
    /// Places of birth, in one word each.
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

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Values(..)")
    }
}

/// Normalises a record for a comparison of these lanes.
#[must_use]
pub fn values(record: &Record, lanes: LanePair) -> Values {
    // V-ENCODE-009: another's identity, and what another controls, must not make anyone a suspect.
    let suspects = lanes.compares(Some(Lane::Suspect));
    let used: Vec<&PersonIdentity> =
        record.identities.iter().filter(|identity| !suspects || identity.status != IdentityStatus::Misused).collect();
    let contacts: Vec<&Contact> = used
        .iter()
        .flat_map(|identity| &identity.contacts)
        .filter(|contact| !suspects || contact.owner != ContactOwner::ControlledByOther)
        .collect();
    let (name_parts, key_parts, others) = names(&used);
    let (mut k4, mut k5, mut s3) = (Vec::new(), Vec::new(), Vec::new());
    for part in key_parts.iter().chain(others.iter()) {
        let forms = skeleton::all(part);
        k4.push(forms.k4);
        k5.push(forms.k5);
        s3.push(forms.s3);
    }
    let births = || used.iter().flat_map(|identity| &identity.births);
    let nationalities = || used.iter().flat_map(|identity| &identity.read_nationalities);
    let places = || used.iter().flat_map(|identity| &identity.birth_places);
    let born_in = || used.iter().flat_map(|identity| &identity.read_birth_countries);
    Values {
        k4: whole(k4),
        k5: whole(k5),
        s3: whole(s3),
        name_parts,
        key_parts,
        birth_dates: sorted(births().map(birth).collect()),
        known_dates: sorted(births().filter(|birth| is_known(birth)).map(birth).collect()),
        sexes: sorted(used.iter().flat_map(|identity| &identity.sexes).copied().map(Sex::letter).collect()),
        nationalities: countries(nationalities(), false),
        known_nationalities: countries(nationalities(), true),
        birth_countries: countries(born_in(), false),
        known_birth_countries: countries(born_in(), true),
        birth_places: sorted(
            places()
                .filter_map(|p| if let BirthPlace::Locality(name) = p { place::normalise(name) } else { None })
                .collect(),
        ),
        documents: sorted(
            used.iter().flat_map(|identity| &identity.documents).map(|document| document.compared.clone()).collect(),
        ),
        phones: sorted(of_kind(&contacts, ContactKind::Phone)),
        emails: sorted(of_kind(&contacts, ContactKind::Email)),
        declared: record.read_declared.clone(),
    }
}

/// What a part of a name is in all names of a record.
struct MergedPart {
    text: String,
    key: bool,
    patronymic: bool,
}

/// Parts of all names, those of them that may stand in keys, and other forms of the latter.
fn names(identities: &[&PersonIdentity]) -> (Vec<String>, Vec<String>, Zeroizing<Vec<String>>) {
    let (mut parts, mut others) = (Vec::<MergedPart>::with_capacity(8), Zeroizing::new(Vec::new()));
    for written in identities.iter().flat_map(|identity| &identity.names) {
        // V-ENCODE-010: a nickname is too common to find anyone by.
        let strong = written.kind != NameKind::Weak;
        let mut forms = name::normalise(&written.text, kind(written));
        for part in &mut forms.parts {
            let key = strong && part.role == PartRole::Name;
            let patronymic = strong && part.role == PartRole::Patronymic;
            if let Some(known) = parts.iter_mut().find(|known| known.text == part.text) {
                known.key |= key;
                known.patronymic |= patronymic;
            } else if parts.len() < limits::MAX_NAME_PARTS {
                // The first ones in the order of the record: which ones go must not depend on the alphabet.
                parts.push(MergedPart { text: core::mem::take(&mut part.text), key, patronymic });
            }
        }
        if strong && others.len() < limits::MAX_NAME_PARTS {
            others.extend(forms.others.iter_mut().map(|part| core::mem::take(&mut part.text)));
        }
    }
    parts.sort_unstable_by(|a, b| a.text.cmp(&b.text));
    // V-ENCODE-011: where registers leave the father's name out, it would only crowd out the names that both have.
    let fathers = parts.iter().filter(|part| part.key).count() < 2;
    let in_keys = |part: &&MergedPart| part.key || fathers && part.patronymic;
    let keys = parts.iter().filter(in_keys).map(|part| part.text.clone()).collect();
    (parts.into_iter().map(|part| part.text).collect(), keys, others)
}

fn kind(written: &Name) -> NameForm {
    match (written.kind, written.role) {
        (NameKind::Mrz, _) => NameForm::Mrz,
        (_, NameRole::Given) => NameForm::Given,
        (_, NameRole::Father) => NameForm::Father,
        (_, NameRole::Family) => NameForm::Family,
        (_, NameRole::Whole) => NameForm::Full,
    }
}

/// The codes that are compared: successors of a state that is no more, and no codes that say nothing of a person
/// (V-NORM-020). If they are to be `known`, none of a state with several successors: it is one of them only
/// (V-ENCODE-012).
fn countries<'a>(read: impl Iterator<Item = &'a country::Country>, known: bool) -> Vec<CountryCode> {
    let meant = read.filter(|country| country.is_nationality() && (!known || country.codes.len() == 1));
    sorted(meant.flat_map(|country| country.codes.iter().copied()).collect())
}

/// Whether a date says when somebody was born, and not when they may have been (V-ENCODE-012).
const fn is_known(birth: &Birth) -> bool {
    matches!(birth.basis, BirthBasis::Document | BirthBasis::Statement)
}

/// A date of birth as far as it means something (V-NORM-005, V-RECORD-011).
const fn birth(birth: &Birth) -> PartialDate {
    let date = birth.date.date;
    match birth.basis {
        // Also the Gregorian 1 January that a date of another calendar gives.
        BirthBasis::Document | BirthBasis::Statement => date.without_placeholder(),
        BirthBasis::AgeAssessment | BirthBasis::Inferred => date.year_only(),
    }
}

fn of_kind(contacts: &[&Contact], kind: ContactKind) -> Vec<String> {
    contacts.iter().filter(|contact| contact.kind == kind).map(|contact| contact.compared.clone()).collect()
}

/// The skeletons that are not empty.
fn whole(mut skeletons: Vec<Skeleton>) -> Vec<Skeleton> {
    skeletons.retain(|skeleton| !skeleton.as_bytes().is_empty());
    sorted(skeletons)
}

fn sorted<T: Ord>(mut values: Vec<T>) -> Vec<T> {
    values.sort_unstable();
    values.dedup();
    values
}
