//! What a reported pair means, for a reviewer: from the own record and the agreed tables only (spec 6.11).

use super::words;
use crate::policy::shape::Grade;
use crate::policy::{CheckedPolicy, KeyPartOf, TableSpec};
use crate::record::{BirthPlace, ContactKind, PersonIdentity, Record};
use crate::schema::kinds::KeyPart;
use serde::{Serialize, Serializer};

/// Name of the report's schema.
pub const SCHEMA: &str = "blindlink.explanation/v1";

/// The explanation of a pair. Holds values of the own record: for the terminal of its operator, never for a log.
#[derive(Clone, Serialize)]
pub struct Explanation {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// Identifier of the own record.
    pub record: String,
    /// Grade that the round gave.
    #[serde(serialize_with = "name")]
    pub grade: Grade,
    /// The tables in which the pair met.
    pub met: Vec<Met>,
    /// Tables in which it did not meet, though the own record has a key there.
    pub not_met: Vec<String>,
    /// Tables for which the own record lacks a field.
    pub without_key: Vec<String>,
}

/// Shows nothing.
impl core::fmt::Debug for Explanation {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Explanation(..)")
    }
}

/// A table in which a pair met.
#[derive(Clone, Serialize)]
pub struct Met {
    /// Name of the table.
    pub table: String,
    /// Its key, in words.
    pub key: String,
    /// For each part of the key, the own values that it is made of, as written.
    pub own_values: Vec<(String, Vec<String>)>,
}

/// Explains a pair of this record that met in these tables (V-POLICY-031). Nothing but the own record, the policy and
/// what the result file says enters.
#[must_use]
pub fn explain(policy: &CheckedPolicy, record: &Record, tables: &[u16], grade: Grade) -> Explanation {
    let encoded = crate::encode::encode(&policy.encoding(), core::slice::from_ref(record));
    let has_key =
        |at: usize| encoded.first().and_then(|record| record.tokens.get(at)).is_some_and(|tokens| !tokens.is_empty());
    let (mut met, mut not_met, mut without_key) = (Vec::new(), Vec::new(), Vec::new());
    for (at, table) in policy.policy().tables.iter().enumerate() {
        if tables.contains(&table.id) {
            met.push(Met {
                table: table.name.clone(),
                key: words::key(table),
                own_values: own_values(policy, record, table),
            });
        } else if has_key(at) {
            not_met.push(words::key(table));
        } else {
            without_key.push(words::key(table));
        }
    }
    Explanation { schema: SCHEMA, record: record.id.clone(), grade, met, not_met, without_key }
}

fn name<S: Serializer>(grade: &Grade, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(grade.name())
}

fn own_values(policy: &CheckedPolicy, record: &Record, table: &TableSpec) -> Vec<(String, Vec<String>)> {
    let of = |part: &KeyPartOf| {
        let mut values: Vec<String> = match part.position(&policy.policy().fields) {
            Some(at) => record.declared.get(at).cloned().unwrap_or_default(),
            None => record.identities.iter().flat_map(|identity| person_values(part.kind, identity)).collect(),
        };
        values.dedup();
        (words::part(part), values)
    };
    table.key.iter().map(of).collect()
}

/// The values of the person schema that a part of a key is taken from.
fn person_values(part: KeyPart, identity: &PersonIdentity) -> Vec<String> {
    let code = |code: &[u8; 3]| String::from_utf8_lossy(code).into_owned();
    let contacts = |kind| identity.contacts.iter().filter(move |c| c.kind == kind).map(|c| c.value.clone()).collect();
    match part {
        kind if kind.is_name() => identity.names.iter().map(|name| name.text.clone()).collect(),
        kind if kind.is_date() => identity
            .births
            .iter()
            .map(|birth| {
                let two = |n: Option<u8>| n.map_or_else(|| "??".to_owned(), |n| format!("{n:02}"));
                let date = birth.date.date;
                format!("{:04}-{}-{}", date.year, two(date.month), two(date.day))
            })
            .collect(),
        KeyPart::Sex => identity.sexes.iter().map(|sex| char::from(sex.letter()).to_string()).collect(),
        KeyPart::Nationality => identity.nationalities.iter().map(code).collect(),
        KeyPart::BirthCountry => places(identity, |place| match place {
            BirthPlace::Country(country) => Some(code(country)),
            BirthPlace::Locality(_) => None,
        }),
        KeyPart::CountryAny => {
            let born = places(identity, |place| match place {
                BirthPlace::Country(country) => Some(code(country)),
                BirthPlace::Locality(_) => None,
            });
            identity.nationalities.iter().map(code).chain(born).collect()
        }
        KeyPart::BirthPlace => places(identity, |place| match place {
            BirthPlace::Locality(name) => Some(name.clone()),
            BirthPlace::Country(_) => None,
        }),
        KeyPart::Document => identity.documents.iter().map(|document| document.number.clone()).collect(),
        KeyPart::Phone => contacts(ContactKind::Phone),
        KeyPart::Email => contacts(ContactKind::Email),
        KeyPart::DocumentOrPhone => {
            let numbers = identity.documents.iter().map(|document| document.number.clone());
            numbers.chain(contacts(ContactKind::Phone)).collect()
        }
        KeyPart::AnyContact => {
            let numbers = identity.documents.iter().map(|document| document.number.clone());
            let phones = numbers.chain(contacts(ContactKind::Phone));
            phones.chain(contacts(ContactKind::Email)).collect()
        }
        _ => Vec::new(),
    }
}

fn places(identity: &PersonIdentity, of: impl Fn(&BirthPlace) -> Option<String>) -> Vec<String> {
    identity.birth_places.iter().filter_map(of).collect()
}

impl Explanation {
    /// For people.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!(
            "Own record {} and a record of the peer: grade `{}`.\n\nBoth have an equal\n",
            self.record,
            self.grade.name()
        );
        for met in &self.met {
            text += &format!("  - {} (table {})\n", met.key, met.table);
            for (part, values) in &met.own_values {
                text += &format!("      own values for {part}: {}\n", values.join(" | "));
            }
        }
        if !self.not_met.is_empty() {
            text += "\nNo equal key was seen for the following, which proves no difference (the other record may lack the\nfield, or other records took the place):\n";
            self.not_met.iter().for_each(|key| text += &format!("  - {key}\n"));
        }
        if !self.without_key.is_empty() {
            text += "\nThe own record cannot meet anyone by:\n";
            self.without_key.iter().for_each(|key| text += &format!("  - {key}\n"));
        }
        text += "\n";
        text += match self.grade {
            Grade::Strong => {
                "`strong`: the fields that both records have are alike enough that few pairs of different persons were,\nwhen the policy was made. It can still be another person: a sibling, a namesake, a shared telephone.\n"
            }
            Grade::Possible => {
                "`possible`: a question to a person. Among such pairs a considerable part are different persons.\n"
            }
        };
        text + "It does not say which of several values were equal, how near the threshold the pair came, or what the other\nrecord holds. It identifies nobody: ask the peer through the agreed channel, and decide on documents.\n"
    }
}

#[cfg(test)]
mod tests;
