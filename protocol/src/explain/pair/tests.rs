use super::*;
use crate::policy::Policy;
use crate::record::{RawRecord, RowId};
use crate::schema::Field;

fn record(policy: &CheckedPolicy, given_names: &str) -> Record {
    let mut raw = RawRecord::default();
    raw.push(Field::RecordId, "R1");
    raw.push(Field::GivenNames, given_names);
    raw.push(Field::FamilyNames, "Eriksson");
    raw.push(Field::BirthDate, "1974-08-12");
    raw.push(Field::Nationality, "UTO");
    policy.record(RowId::new(0), &raw).unwrap()
}

#[test]
fn an_explanation_names_keys_and_own_values_and_nothing_else() {
    // V-POLICY-031
    let policy = Policy::default_policy().unwrap().validate().unwrap();
    let own = record(&policy, "Anna Maria");
    let first = &policy.policy().tables[0];
    let explained = explain(&policy, &own, &[first.id], Grade::Possible);
    assert_eq!(explained.met.len(), 1);
    assert_eq!(
        (explained.met[0].table.as_str(), explained.met[0].key.clone()),
        (first.name.as_str(), words::key(first))
    );
    let all: Vec<&str> = explained.met[0].own_values.iter().flat_map(|(_, v)| v).map(String::as_str).collect();
    assert!(all.contains(&"1974-08-12") && all.contains(&"Eriksson"), "{all:?}");
    // Every other table is one in which it has a key or one for which it lacks a field.
    assert_eq!(explained.not_met.len() + explained.without_key.len() + 1, policy.policy().tables.len());
    assert!(explained.without_key.iter().any(|key| key.contains("telephone")), "{:?}", explained.without_key);
    let text = explained.text();
    assert!(text.contains("grade `possible`") && text.contains("identifies nobody"));
    assert!(!text.contains("score"), "the round shows no score");
    assert!(explain(&policy, &own, &[first.id], Grade::Strong).text().contains("namesake"));
}

#[test]
fn debug_shows_nothing() {
    let policy = Policy::default_policy().unwrap().validate().unwrap();
    let explained = explain(&policy, &record(&policy, "Anna"), &[1], Grade::Strong);
    assert_eq!(format!("{explained:?}"), "Explanation(..)");
}
