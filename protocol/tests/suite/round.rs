//! Whole rounds in memory against the ideal functionality, through the public `Session`.

use crate::parties::{Numbers, assert_ideal, encoded, lists, oracle, record, run, run_of, shape};
use blindlink::encode::{EncodedRecord, OtherName};
use blindlink::plan::Plan;
use blindlink::policy::Slots;
use blindlink::policy::shape::ShapeFields;
use blindlink::policy::shape::{Grade, OutputMode, Shape};
use blindlink::round::ideal::score;
use blindlink::suite::{SUITE_1, SUITE_2};

/// Runs a round of each suite, compares them with the oracle, and returns how many bins and pairs they had.
fn check(shape: &Shape, r: &[EncodedRecord], s: &[EncodedRecord]) -> (u32, usize) {
    let expected = oracle(shape, r, s);
    for suite in [&SUITE_1, &SUITE_2] {
        assert_ideal(shape, &run_of(suite, shape, r, s).unwrap(), &expected);
    }
    (Plan::of_suite(&SUITE_1, shape.clone()).unwrap().bins, expected.len())
}

#[test]
fn rounds_equal_the_ideal_functionality_over_a_hundred_thousand_bins() {
    let (mut bins, mut pairs) = (0, 0);
    // Several forms a record, several copies a token, collisions within and across lists, empty fields, no tokens.
    let small = [([1, 1], [1, 1]), ([2, 3], [1, 2]), ([3, 1], [2, 1]), ([2, 2], [3, 2])];
    for (seed, (slots, copies)) in (0..).zip(small.into_iter().cycle().take(12)) {
        let shape = shape(40, 60, slots, copies);
        let (r, s) = lists(seed, &shape);
        let (b, p) = check(&shape, &r, &s);
        bins += b;
        pairs += p;
    }
    // Each side has slots of its own, and no room for all (V-ENCODE-014).
    for (seed, (asks, stores)) in (50..).zip([((1, 100), (4, 130)), ((3, 120), (5, 400)), ((4, 90), (1, 60))]) {
        let mut shape = shape(40, 60, [1, 1], [2, 1]);
        for table in &mut shape.tables {
            table.slots =
                Slots { requester: asks.0, room_requester: asks.1, responder: stores.0, room_responder: stores.1 };
        }
        let (mut r, mut s) = lists(seed, &shape);
        // Some tokens lead to the filter of another name (V-ENCODE-015).
        let filter = r[0].filter.clone();
        for (at, record) in r.iter_mut().chain(&mut s).enumerate().filter(|(at, _)| at % 3 != 0) {
            let tokens = record.tokens.iter().map(|own| own.iter().skip(at % 2).cloned().collect()).collect();
            record.others.push(OtherName { filter: filter.clone(), tokens });
        }
        let (b, p) = check(&shape, &r, &s);
        assert!(p > 0);
        bins += b;
        pairs += p;
    }
    for seed in 100..102 {
        let mut shape = shape(13_000, 3000, [2, 1], [1, 1]);
        shape.strong = shape.strong.filter(|_| seed % 2 == 0);
        let (r, s) = lists(seed, &shape);
        let (b, p) = check(&shape, &r, &s);
        bins += b;
        pairs += p;
    }
    assert!(bins > 100_000, "{bins}");
    assert!(pairs > 500, "{pairs}");
}

#[test]
fn disjoint_identical_and_empty_lists() {
    let shape = shape(30, 30, [1, 1], [1, 1]);
    let mut numbers = Numbers::new(5);
    let list = |numbers: &mut Numbers, first: u64| -> Vec<EncodedRecord> {
        (first..first + 30).map(|i| record(numbers, &shape, &[vec![i], vec![i]])).collect()
    };
    let (a, b) = (list(&mut numbers, 0), list(&mut numbers, 1000));
    assert_eq!(check(&shape, &a, &b).1, 0, "disjoint");
    assert!(check(&shape, &a, &a).1 > 10, "identical");
    assert_eq!(check(&shape, &[], &a).1, 0);
    assert_eq!(check(&shape, &a, &[]).1, 0);
    assert_eq!(check(&shape, &[], &[]).1, 0);
}

/// V-COMPARE-002: scores one below, at and one above each threshold.
#[test]
fn scores_around_each_threshold() {
    let mut base = shape(20, 20, [1, 1], [1, 1]);
    base.output = OutputMode::Requester;
    let mut numbers = Numbers::new(11);
    let r: Vec<_> = (0..20).map(|i| record(&mut numbers, &base, &[vec![i], vec![]])).collect();
    let s: Vec<_> = r.iter().map(|x| encoded(&mut numbers, x.filter.clone(), &[vec![], vec![]])).collect();
    let s: Vec<_> = s
        .into_iter()
        .zip(&r)
        .map(|(mut y, x)| {
            y.tokens.clone_from(&x.tokens);
            y
        })
        .collect();
    let d = i32::try_from(score(&base, &r[4].filter, &s[4].filter)).unwrap();
    for (possible, strong, grade) in [
        (d + 1, d + 2, None),
        (d, d + 1, Some(Grade::Possible)),
        (d - 1, d + 1, Some(Grade::Possible)),
        (d - 1, d, Some(Grade::Strong)),
        (d - 2, d - 1, Some(Grade::Strong)),
    ] {
        let shape = Shape::unchecked(ShapeFields { possible, strong: Some(strong), ..(*base).clone() });
        let (requester, _) = run(&shape, &r, &s).unwrap();
        let got = requester.matches.iter().find(|m| m.own == 4).map(|m| m.grade);
        assert_eq!(got, grade, "d = {d}, thresholds {possible} and {strong}");
        check(&shape, &r, &s);
    }
}

#[test]
fn one_person_under_many_forms_is_one_pair_with_all_its_tables() {
    let shape = shape(10, 10, [3, 2], [2, 2]);
    let mut numbers = Numbers::new(3);
    let a = record(&mut numbers, &shape, &[vec![1, 2, 3], vec![9]]);
    let b = encoded(&mut numbers, a.filter.clone(), &[vec![2, 3, 4], vec![9, 8]]);
    let loose = Shape::unchecked(ShapeFields { possible: -100, ..(*shape).clone() });
    let (a, b) = (vec![a], vec![b]);
    let (requester, responder) = run(&loose, &a, &b).unwrap();
    assert_eq!(requester.matches.len(), 1);
    assert_eq!(requester.matches[0].tables, [1, 7]);
    assert_eq!(responder.claims.len(), 1);
    assert_eq!(responder.claims[0].pseudonym, requester.matches[0].pseudonym);
    check(&loose, &a, &b);
}
