//! Rounds of suite 2: the same pairs as suite 1 finds, and what a side that was put back gives away of its tables.

use super::{Flow, TO_KEYS, begin, compare, flow_of, record, shape};
use crate::ids::RoundId;
use crate::plan::Plan;
use crate::round::commitment::{LateId, RoundContext};
use crate::suite::{SUITE_1, SUITE_2};
use std::sync::Arc;

/// Both engines find the same pairs, with the same grades (V-OPRF-008).
#[test]
fn both_suites_find_the_same_pairs() {
    let shape = shape(100);
    let r: Vec<_> = (0..100).map(|i| record(&shape, i, i)).collect();
    // Every third record has another content, every fifth another token.
    let change = |i: u64, every: u64| if i.is_multiple_of(every) { i + 1000 } else { i };
    let s: Vec<_> = (0..100).map(|i| record(&shape, change(i, 3), change(i, 5))).collect();
    let pairs = |flow: Flow| {
        let found = flow.compare(|_, _| ());
        found.iter().map(|pair| (pair.own, pair.grade, pair.tables.clone())).collect::<Vec<_>>()
    };
    let [first, second] = [&SUITE_1, &SUITE_2].map(|suite| pairs(flow_of(suite, &shape, &r, &s)));
    assert_eq!(first, second);
    assert!(first.len() > 40 && first.len() < 90);
}

/// Test 8 of the design of suite 2, and V-OPRF-009: under another late round id, which other queries give, the outputs
/// are unrelated, and so is everything that is sent.
#[test]
fn a_server_put_back_before_the_queries_shows_nothing_of_its_tables() {
    let shape = shape(60);
    let round = Arc::new(RoundContext {
        plan: Plan::of_suite(&SUITE_2, shape.clone()).unwrap(),
        id: RoundId::from_bytes([8; 32]),
    });
    let list: Vec<_> = (0..60).map(|i| record(&shape, i, i)).collect();
    let flow = |to_digests: [u8; 32]| {
        let (based, keyed, keep) = begin(&round, &list, &list);
        compare(&round, based, keyed, &keep, &to_digests)
    };
    let (first, same, second) = (flow([6; 32]), flow([6; 32]), flow([7; 32]));
    assert!(first.outputs == same.outputs && first.store == same.store);
    assert!(first.outputs.iter().zip(&second.outputs).all(|(a, b)| a != b));
    let ones: u32 =
        first.store.iter().flatten().zip(second.store.iter().flatten()).map(|(a, b)| (a ^ b).count_ones()).sum();
    let bits = 8.0 * first.store.iter().map(Vec::len).sum::<usize>() as f64;
    assert!((f64::from(ones) - bits / 2.0).abs() < 5.0 * (bits / 4.0).sqrt());
    assert!(LateId::new(&round.id, &TO_KEYS, &[6; 32]) != LateId::new(&round.id, &TO_KEYS, &[7; 32]));
}
