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
    /// The parts that make up a whole name, in one list or two (V-ENCODE-016).
    pub wholes: Vec<Vec<String>>,
    /// Dates of birth, placeholders reduced to the year.
    pub birth_dates: Vec<PartialDate>,
    /// Those of them that make features, as far as they do (V-ENCODE-012, V-ENCODE-017).
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
    /// The names besides the first, each of which may stand in its place.
    pub other_names: Vec<NameValues>,
}

/// One name of a record.
#[derive(Clone, Default, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct NameValues {
    /// As in [`Values`].
    pub name_parts: Vec<String>,
    /// As in [`Values`].
    pub key_parts: Vec<String>,
    /// As in [`Values`].
    pub k4: Vec<Skeleton>,
    /// As in [`Values`].
    pub k5: Vec<Skeleton>,
    /// As in [`Values`].
    pub s3: Vec<Skeleton>,
    /// As in [`Values`].
    pub wholes: Vec<Vec<String>>,
}

impl Values {
    /// The same record under another name.
    #[must_use]
    pub fn under(&self, name: &NameValues) -> Self {
        let mut values = self.clone();
        values.other_names.zeroize();
        values.name_parts.clone_from(&name.name_parts);
        values.key_parts.clone_from(&name.key_parts);
        values.k4.clone_from(&name.k4);
        values.k5.clone_from(&name.k5);
        values.s3.clone_from(&name.s3);
        values.wholes.clone_from(&name.wholes);
        values
    }
}

impl fmt::Debug for NameValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NameValues(..)")
    }
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
    let mut names = names(&used);
    let mut first = if names.is_empty() { NameValues::default() } else { names.remove(0) };
    let births = || used.iter().flat_map(|identity| &identity.births);
    let nationalities = || used.iter().flat_map(|identity| &identity.read_nationalities);
    let places = || used.iter().flat_map(|identity| &identity.birth_places);
    let born_in = || used.iter().flat_map(|identity| &identity.read_birth_countries);
    Values {
        k4: core::mem::take(&mut first.k4),
        k5: core::mem::take(&mut first.k5),
        s3: core::mem::take(&mut first.s3),
        wholes: core::mem::take(&mut first.wholes),
        name_parts: core::mem::take(&mut first.name_parts),
        key_parts: core::mem::take(&mut first.key_parts),
        other_names: names,
        birth_dates: sorted(births().map(birth).collect()),
        known_dates: sorted(births().filter(|birth| is_known(birth)).map(compared).collect()),
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

/// What a part is in one name of a record.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
struct MergedPart {
    text: String,
    key: bool,
    patronymic: bool,
    /// A patronymic by its form in a whole name, where it may as well be a family name.
    doubtful: bool,
}

/// Parts of one name, and what else they may be written like.
#[derive(Default)]
struct MergedName {
    parts: Vec<MergedPart>,
    others: Zeroizing<Vec<String>>,
}

impl MergedName {
    /// Adds what is written in one field.
    fn add(&mut self, written: &Name) {
        // V-ENCODE-010: a nickname is too common to find anyone by.
        let strong = written.kind != NameKind::Weak;
        let mut forms = name::normalise(&written.text, kind(written));
        for part in &mut forms.parts {
            let key = strong && part.role == PartRole::Name;
            let patronymic = strong && part.role == PartRole::Patronymic;
            let doubtful = patronymic && matches!(kind(written), NameForm::Full | NameForm::Mrz);
            self.part(MergedPart { text: core::mem::take(&mut part.text), key, patronymic, doubtful });
        }
        if strong && self.others.len() < limits::MAX_NAME_PARTS {
            self.others.extend(forms.others.iter_mut().map(|part| core::mem::take(&mut part.text)));
        }
    }

    fn part(&mut self, mut part: MergedPart) {
        if let Some(known) = self.parts.iter_mut().find(|known| known.text == part.text) {
            known.key |= part.key;
            known.patronymic |= part.patronymic;
            known.doubtful |= part.doubtful;
        } else if self.parts.len() < limits::MAX_NAME_PARTS {
            // The first ones in the order of the record: which ones go must not depend on the alphabet.
            let (key, patronymic, doubtful) = (part.key, part.patronymic, part.doubtful);
            self.parts.push(MergedPart { text: core::mem::take(&mut part.text), key, patronymic, doubtful });
        }
    }

    /// Whether it says no more than one part of a name.
    fn is_part(&self) -> bool {
        self.parts.iter().filter(|part| part.key || part.patronymic).count() < 2
    }

    /// Adds it to the first name: who has another family name has it with the same given names.
    fn with(mut self, first: &Self) -> Self {
        let own = core::mem::take(&mut self.parts);
        first.parts.iter().chain(&own).for_each(|part| self.part(part.clone()));
        if self.others.len() < limits::MAX_NAME_PARTS {
            self.others.extend(first.others.iter().cloned());
        }
        self
    }

    /// What is hashed of it.
    fn values(mut self) -> NameValues {
        self.parts.sort_unstable_by(|a, b| a.text.cmp(&b.text));
        // V-ENCODE-011: where registers leave the father's name out, it would only crowd out the names that both have.
        let fathers = self.parts.iter().filter(|part| part.key).count() < 2;
        let in_keys = |part: &&MergedPart| part.key || fathers && part.patronymic;
        let key_parts: Vec<String> = self.parts.iter().filter(in_keys).map(|part| part.text.clone()).collect();
        let (mut k4, mut k5, mut s3) = (Vec::new(), Vec::new(), Vec::new());
        for part in key_parts.iter().chain(self.others.iter()) {
            let forms = skeleton::all(part);
            k4.push(forms.k4);
            k5.push(forms.k5);
            s3.push(forms.s3);
        }
        let mut wholes = vec![key_parts.clone()];
        if !fathers && self.parts.iter().any(|part| part.doubtful && !part.key) {
            let both = self.parts.iter().filter(|part| part.key || part.doubtful);
            wholes.push(both.map(|part| part.text.clone()).collect());
        }
        let name_parts = self.parts.iter().map(|part| part.text.clone()).collect();
        NameValues { name_parts, key_parts, k4: whole(k4), k5: whole(k5), s3: whole(s3), wholes }
    }
}

/// The names of a record, the first one first (V-ENCODE-015): the fields that hold a part of a name are one name in each
/// identity, every whole name is one of its own, and weak names belong to the first.
fn names(identities: &[&PersonIdentity]) -> Vec<NameValues> {
    let mut all: Vec<MergedName> = Vec::new();
    let mut weak = Vec::new();
    for identity in identities {
        let mut of_parts = MergedName::default();
        let mut whole = Vec::new();
        for written in &identity.names {
            if written.kind == NameKind::Weak {
                weak.push(written);
            } else if written.role == NameRole::Whole {
                let mut name = MergedName::default();
                name.add(written);
                whole.push(name);
            } else {
                of_parts.add(written);
            }
        }
        all.push(of_parts);
        all.append(&mut whole);
    }
    all.retain(|name| !name.parts.is_empty() || !name.others.is_empty());
    let whole = all.iter().position(|name| !name.is_part()).unwrap_or(0);
    let mut first = if all.is_empty() { MergedName::default() } else { all.remove(whole) };
    let of_first = |name: MergedName| if name.is_part() { name.with(&first) } else { name };
    let rest: Vec<MergedName> = all.into_iter().map(of_first).collect();
    weak.into_iter().for_each(|written| first.add(written));
    let mut names = vec![first.values()];
    for name in rest {
        let name = name.values();
        let is_known = names.iter().any(|known| known.name_parts == name.name_parts);
        if !is_known && names.len() <= limits::MAX_OTHER_NAMES {
            names.push(name);
        }
    }
    names
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

/// A date of birth as far as it makes features: 1 July finds, and does not tell against (V-ENCODE-017).
const fn compared(written: &Birth) -> PartialDate {
    let date = birth(written);
    if matches!((date.month, date.day), (Some(7), Some(1))) { date.year_only() } else { date }
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
