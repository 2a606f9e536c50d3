#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use crate::source;
use blindlink::record::{Contact, ContactKind, Record};
use std::collections::HashSet;

fn csv_of(rows: &[Row]) -> Vec<u8> {
    let mut out = Vec::new();
    write_list(rows, &mut out).unwrap();
    out
}

fn contacts(records: &[Record]) -> impl Iterator<Item = &Contact> {
    records.iter().flat_map(|r| &r.identities).flat_map(|i| &i.contacts)
}

#[test]
fn lists_have_the_asked_sizes_and_can_be_read_without_rejects() {
    let lists = generate(Plan { records: 500, overlap: 0.3, seed: 1 });
    assert_eq!((lists.a.len(), lists.b.len(), lists.truth.len()), (500, 500, 150));
    for rows in [&lists.a, &lists.b] {
        let source = source::read(csv_of(rows).as_slice(), source::Format::Csv, &source::Reading::PERSON).unwrap();
        assert_eq!((source.records.len(), source.rejects.len()), (500, 0));
        assert!(source.records.iter().flat_map(|r| &r.identities).flat_map(|i| &i.nationalities).all(|c| c == b"UTO"));
        assert!(contacts(&source.records).all(|c| c.kind != ContactKind::Email || c.value.ends_with("@example.org")));
    }
    let ids = |rows: &[Row]| rows.iter().map(|r| r.id.clone()).collect::<HashSet<_>>();
    assert!(lists.truth.iter().all(|(a, b)| ids(&lists.a).contains(a) && ids(&lists.b).contains(b)));
}

#[test]
fn the_seed_decides_everything() {
    let plan = Plan { records: 50, overlap: 0.5, seed: 7 };
    assert_eq!(csv_of(&generate(plan).a), csv_of(&generate(plan).a));
    assert_ne!(csv_of(&generate(plan).a), csv_of(&generate(Plan { seed: 8, ..plan }).a));
}

#[test]
fn disjoint_identical_and_empty_lists_can_be_made() {
    for (records, overlap, truth) in [(20, 0.0, 0), (20, 1.0, 20), (0, 0.5, 0), (1, 0.4, 0)] {
        assert_eq!(generate(Plan { records, overlap, seed: 3 }).truth.len(), truth);
    }
}

#[test]
fn every_culture_is_complete() {
    for culture in names::cultures() {
        for names in [&culture.family, &culture.male, &culture.female] {
            assert!(names.len() >= 15 && names.iter().all(|n| n.latin.len() > 1));
        }
        assert!(!culture.countries.is_empty() && !culture.stems.is_empty() && !culture.ends.is_empty());
    }
}
