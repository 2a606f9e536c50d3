use super::*;
use crate::encode::EncodedFields;
use crate::encode::Token;
use crate::policy::Slots;
use crate::policy::shape::ShapeFields;
use crate::policy::shape::{OutputMode, SegmentShape, TableShape};

fn shape() -> Shape {
    Shape::unchecked(ShapeFields {
        segments: vec![
            SegmentShape { bits: 8, alpha: 5, beta: -2, nu: 3 },
            SegmentShape { bits: 4, alpha: 7, beta: -1, nu: -4 },
        ],
        constant: -3,
        possible: 0,
        strong: Some(10),
        tables: vec![TableShape { id: 4, slots: Slots::both(2) }, TableShape { id: 9, slots: Slots::both(1) }],
        copies_requester: 1,
        copies_responder: 1,
        records_requester: 8,
        records_responder: 8,
        output: OutputMode::Mutual,
        ring_bits: 15,
    })
}

/// Bits 0 to 7 and 8 to 11, presence at 12 and 13.
fn filter(bits: &[usize]) -> Filter {
    let mut filter = Filter::zero(14);
    bits.iter().for_each(|b| filter.set(*b));
    filter
}

fn record(bits: &[usize], tokens: [&[u8]; 2]) -> EncodedRecord {
    let list = |values: &[u8]| values.iter().map(|v| Token::from_bytes([*v; 16])).collect();
    EncodedRecord::unchecked(EncodedFields {
        digest: [0; 32],
        filter: filter(bits),
        tokens: tokens.map(list).into(),
        others: Vec::new(),
    })
}

fn run(shape: &Shape, r: &[EncodedRecord], s: &[EncodedRecord]) -> Vec<IdealPair> {
    ideal(shape, r, s, &[1; 32], &[2; 32])
}

#[test]
fn the_score_is_the_formula() {
    // V-POLICY-020
    let s = shape();
    let score = |x: &[usize], y: &[usize]| score(&s, &filter(x), &filter(y));
    assert_eq!(score(&[], &[]), -3);
    // One common bit, one more on each side: 5 - 2 * 4 + 3 - 3.
    assert_eq!(score(&[0, 1, 12], &[0, 2, 12]), -3);
    // A field that one side lacks counts nothing.
    assert_eq!(score(&[0, 1, 12], &[8, 13]), -3);
    // Both fields: the second has two common bits: 14 - 4 - 4.
    assert_eq!(score(&[0, 12, 8, 9, 13], &[0, 12, 8, 9, 13]), -3 + (5 - 4 + 3) + (14 - 4 - 4));
}

#[test]
fn grades_begin_exactly_at_their_thresholds() {
    // V-POLICY-021
    for (possible, strong, grade) in [
        (7, Some(8), Some(Grade::Possible)),
        (8, Some(9), None),
        (6, Some(7), Some(Grade::Strong)),
        (7, None, Some(Grade::Possible)),
        (8, None, None),
    ] {
        let s = Shape::unchecked(ShapeFields { possible, strong, ..(*shape()).clone() });
        let same = record(&[0, 12, 8, 9, 13], [&[1], &[]]);
        assert_eq!(score(&s, &same.filter, &same.filter), 7);
        let pairs = run(&s, core::slice::from_ref(&same), core::slice::from_ref(&same));
        assert_eq!(pairs.first().map(|p| p.grade), grade);
    }
}

#[test]
fn pairs_meet_through_equal_tokens_of_one_table_only() {
    // V-POLICY-021
    let s = shape();
    let bits = [0, 12, 8, 9, 13];
    let r = [record(&bits, [&[1, 2], &[3]]), record(&bits, [&[5], &[]]), record(&bits, [&[], &[]])];
    // Same value in another table: no meeting.
    let peer = [record(&bits, [&[3], &[]]), record(&bits, [&[1, 2], &[3]]), record(&[], [&[5], &[]])];
    let expected = IdealPair { own: 0, peer: 1, grade: Grade::Possible, tables: vec![4, 9] };
    assert_eq!(run(&s, &r, &peer), [expected]);
    assert_eq!(run(&s, &r, &[]), []);
    assert_eq!(run(&s, &[], &peer), []);
}

#[test]
fn duplicates_are_kept_up_to_the_copies() {
    // V-POLICY-021
    let bits = [0, 12, 8, 9, 13];
    let r: Vec<EncodedRecord> = (0..3).map(|_| record(&bits, [&[1], &[]])).collect();
    for (copies_requester, copies_responder, pairs) in [(1, 1, 1), (2, 1, 2), (2, 2, 4), (3, 3, 9), (8, 1, 3)] {
        let s = Shape::unchecked(ShapeFields { copies_requester, copies_responder, ..(*shape()).clone() });
        assert_eq!(run(&s, &r, &r).len(), pairs);
    }
}
