//! Whole rounds in memory against the ideal functionality.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod parties;

use blindlink::encode::EncodedRecord;
use blindlink::policy::shape::Shape;
use parties::{Numbers, assert_ideal, oracle, record, run, shape, similar};

/// Lists in which about half of the requester's records have a more or less similar counterpart, tokens collide
/// within and across lists, and some records have no token in a table.
fn lists(seed: u64, shape: &Shape) -> (Vec<EncodedRecord>, Vec<EncodedRecord>) {
    let mut numbers = Numbers::new(seed);
    let (n_r, n_s) = (u64::from(shape.records_requester), u64::from(shape.records_responder));
    let tokens = |numbers: &mut Numbers| -> Vec<Vec<u64>> {
        let tables = shape.tables.iter().enumerate();
        tables
            .map(|(t, table)| {
                let count = numbers.below(u64::from(table.slots) + 1);
                (0..count).map(|_| numbers.below(n_r) + 1_000_000 * t as u64).collect()
            })
            .collect()
    };
    let r: Vec<EncodedRecord> = (0..n_r)
        .map(|_| {
            let t = tokens(&mut numbers);
            record(&mut numbers, shape, &t)
        })
        .collect();
    let s = (0..n_s)
        .map(|i| {
            let t = tokens(&mut numbers);
            if i % 2 == 0 && !r.is_empty() {
                let of = &r[numbers.below(n_r) as usize];
                let changes = numbers.below(20);
                let mut copy = similar(&mut numbers, shape, of, changes, &t);
                if numbers.below(4) != 0 {
                    copy.tokens.clone_from(&of.tokens);
                }
                copy
            } else {
                record(&mut numbers, shape, &t)
            }
        })
        .collect();
    (r, s)
}

#[test]
fn small_rounds_equal_the_ideal_functionality() {
    let mut pairs = 0;
    for (seed, (slots, copies)) in (0..).zip([([1, 1], [1, 1]), ([2, 3], [1, 2]), ([3, 1], [2, 1]), ([2, 2], [3, 2])]) {
        let shape = shape(40, 60, slots, copies);
        let (r, s) = lists(seed, &shape);
        let expected = oracle(&shape, &r, &s);
        pairs += expected.len();
        assert_ideal(&shape, &run(&shape, &r, &s).unwrap(), &expected);
    }
    assert!(pairs > 20, "the lists meet: {pairs} pairs");
}
