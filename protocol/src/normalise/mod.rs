//! Deterministic normalisation `norm-v1` (spec section 4.5): values that two lists spell differently made equal, or
//! at least alike.
//!
//! Every table is pinned and enters [`tables_digest`], so two sides never compare values made with different ones.

pub mod contact;
pub mod date;
pub mod document;
pub mod name;
pub mod skeleton;

use crate::crypto::hash;
use crate::record::{Country, Record, Sex};
use crate::{labels, limits};
use core::fmt;
use date::PartialDate;
use std::collections::BTreeSet;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Version of the normalisation.
pub const VERSION: &str = "norm-v1";

/// Digest of everything that shapes the normalisation and is data rather than code: the tables of this module and the
/// versions of the Unicode data and the romanisation behind them.
#[must_use]
pub fn tables_digest() -> [u8; 32] {
    let (major, minor, patch) = unicode_normalization::UNICODE_VERSION;
    let unicode = format!("{major}.{minor}.{patch}");
    let mut parts: Vec<&[u8]> = vec![VERSION.as_bytes(), unicode.as_bytes(), name::ROMANISATION.as_bytes()];
    parts.extend(name::PARTICLES.iter().map(|p| p.as_bytes()));
    let marks: Vec<u8> = name::MARKS.iter().flat_map(|(a, b)| [a.to_be_bytes(), b.to_be_bytes()]).flatten().collect();
    parts.push(&marks);
    parts.extend(skeleton::RULES.iter().flat_map(|(from, to)| [from.as_bytes(), to.as_bytes()]));
    hash::hash(labels::NORMALISATION_TABLES, &parts)
}

/// A record's values, ready to be hashed. Each list is sorted and without repetitions.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Normalised {
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

impl fmt::Debug for Normalised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Normalised(..)")
    }
}

/// Normalises a record.
#[must_use]
pub fn normalise(record: &Record) -> Normalised {
    let names = record.family_names.iter().chain(&record.given_names);
    let mut name_parts: Vec<String> = names.flat_map(|n| name::parts(n)).collect();
    // The first ones in the order of the record: which ones go must not depend on the alphabet.
    let mut seen = BTreeSet::new();
    name_parts.retain(|part| seen.insert(part.clone()));
    name_parts.iter_mut().skip(limits::MAX_NAME_PARTS).for_each(Zeroize::zeroize);
    name_parts.truncate(limits::MAX_NAME_PARTS);
    seen.into_iter().for_each(|mut part| part.zeroize());
    let key_parts = name_parts.iter().filter(|p| name::is_key_part(p)).cloned().collect();
    Normalised {
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

#[cfg(test)]
mod tests;
