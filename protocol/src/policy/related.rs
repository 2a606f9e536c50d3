//! Keys that are asked together (V-POLICY-011, V-BUDGET-002): if one key has all parts of another, whoever sweeps the
//! values of the one sweeps those of the other.

use crate::schema::declared::KeyPartOf;
use std::collections::BTreeSet;

/// The parts of a key, where forms of one name part count as one, and so do countries and what identifies a person alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyKinds(BTreeSet<String>);

impl KeyKinds {
    /// Of a key by its parts.
    #[must_use]
    pub fn of_parts(parts: &[KeyPartOf]) -> Self {
        Self(parts.iter().map(|part| kind(&part.name().to_string()).to_owned()).collect())
    }

    /// Of a key by its name: the names of its parts, joined by `+`.
    #[must_use]
    pub fn of_name(key: &str) -> Self {
        Self(key.split('+').map(|part| kind(part).to_owned()).collect())
    }

    /// Whether one of the two keys has all parts of the other.
    #[must_use]
    pub fn is_related(&self, other: &Self) -> bool {
        self.0.is_subset(&other.0) || other.0.is_subset(&self.0)
    }
}

/// A part without the form of a name: skeletons and the beginning or end of a name tell the same. A part that has values
/// of several columns is of one kind with each of them. Parts of declared fields stay as they are.
fn kind(part: &str) -> &str {
    match part {
        "nationality" | "birth_country" | "country_any" => return "country",
        "document" | "phone" | "email" | "document_or_phone" | "any_contact" => return "contact",
        _ => {}
    }
    let form = |name: &&str| {
        let rest = part.strip_prefix(*name).and_then(|rest| rest.strip_prefix('_'));
        rest.is_some_and(|rest| matches!(rest, "k3" | "k4" | "k5" | "p3" | "s3"))
    };
    ["name_part", "name_pair", "name_all"].into_iter().find(form).unwrap_or(part)
}
