//! All values of a record, normalised: what filters and tokens are made of (spec 5.2).

use crate::limits;
use crate::normalise::{contact, date::PartialDate, document, name};
use crate::record::{Country, Record, Sex};
use core::fmt;
use std::collections::BTreeSet;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A record's values, ready to be hashed. Each list is sorted and without repetitions.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Values {
    /// Parts of all names, romanised: lower-case letters only.
    pub name_parts: Vec<String>,
    /// The parts from which match keys are made: particles and single letters left out.
    pub key_parts: Vec<String>,
    /// Dates of birth, placeholders reduced to the year.
    pub birth_dates: Vec<PartialDate>,
    /// Sexes: `F`, `M`.
    pub sexes: Vec<u8>,
    /// Nationalities.
    pub nationalities: Vec<Country>,
    /// Countries of birth.
    pub birth_countries: Vec<Country>,
    /// Document numbers.
    pub documents: Vec<String>,
    /// Last digits of telephone numbers.
    pub phones: Vec<String>,
    /// E-mail addresses.
    pub emails: Vec<String>,
}

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Values(..)")
    }
}

/// Normalises a record.
#[must_use]
pub fn values(record: &Record) -> Values {
    let names = record.family_names.iter().chain(&record.given_names);
    let mut name_parts: Vec<String> = names.flat_map(|n| name::parts(n)).collect();
    // The first ones in the order of the record: which ones go must not depend on the alphabet.
    let mut seen = BTreeSet::new();
    name_parts.retain(|part| seen.insert(part.clone()));
    name_parts.iter_mut().skip(limits::MAX_NAME_PARTS).for_each(Zeroize::zeroize);
    name_parts.truncate(limits::MAX_NAME_PARTS);
    seen.into_iter().for_each(|mut part| part.zeroize());
    let key_parts = name_parts.iter().filter(|p| name::is_key_part(p)).cloned().collect();
    Values {
        name_parts: sorted(name_parts),
        key_parts: sorted(key_parts),
        birth_dates: sorted(record.birth_dates.iter().map(|d| d.without_placeholder()).collect()),
        sexes: sorted(record.sexes.iter().copied().map(Sex::letter).collect()),
        nationalities: sorted(record.nationalities.clone()),
        birth_countries: sorted(record.birth_countries.clone()),
        documents: sorted(record.documents.iter().filter_map(|d| document::number(&d.number)).collect()),
        phones: sorted(record.phones.iter().filter_map(|p| contact::phone(p)).collect()),
        emails: sorted(record.emails.iter().filter_map(|e| contact::email(e)).collect()),
    }
}

fn sorted<T: Ord>(mut values: Vec<T>) -> Vec<T> {
    values.sort();
    values.dedup();
    values
}
