//! The closed form of the bounds and of Dice, against the score computed bit by bit.

use crate::policy::bounds::{Range, score_range};
use crate::policy::shape::SegmentShape;
use proptest::prelude::*;

/// Presence bit and bits of one side, a segment at a time.
type Side = Vec<(bool, Vec<bool>)>;

fn score(segments: &[SegmentShape], constant: i32, requester: &Side, responder: &Side) -> i64 {
    let mut d = i64::from(constant);
    for (s, ((u, x), (v, y))) in segments.iter().zip(requester.iter().zip(responder)) {
        let (u, v) = (i64::from(*u), i64::from(*v));
        for (x, y) in x.iter().zip(y) {
            d += i64::from(*x) * (i64::from(s.alpha) * i64::from(*y) + i64::from(s.beta) * v);
        }
        let y_bits = i64::try_from(y.iter().filter(|b| **b).count()).unwrap();
        d += u * (i64::from(s.beta) * y_bits + i64::from(s.nu) * v);
    }
    d
}

fn side(bits: u16) -> impl Strategy<Value = (bool, Vec<bool>)> {
    (any::<bool>(), prop::collection::vec(any::<bool>(), usize::from(bits)))
}

fn honest(side: Side) -> Side {
    side.into_iter()
        .map(|(present, bits)| {
            let none = bits.iter().all(|b| !b);
            let present = present && !none;
            let bits = bits.into_iter().map(|b| b && present).collect();
            (present, bits)
        })
        .collect()
}

fn segment() -> impl Strategy<Value = SegmentShape> {
    (1_u16..6, -9_i32..10, -9_i32..10, -9_i32..10).prop_map(|(bits, alpha, beta, nu)| SegmentShape {
        bits,
        alpha,
        beta,
        nu,
    })
}

fn pair() -> impl Strategy<Value = (Vec<SegmentShape>, Side, Side)> {
    prop::collection::vec(segment(), 1..4).prop_flat_map(|segments| {
        let sides = || segments.iter().map(|s| side(s.bits)).collect::<Vec<_>>();
        (Just(segments.clone()), sides(), sides())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_honest_pair_leaves_the_range((segments, x, y) in pair(), constant in -5_i32..5) {
        let range = score_range(&segments, constant);
        let d = score(&segments, constant, &honest(x), &honest(y));
        prop_assert!(range.low <= d && d <= range.high);
    }

    /// spec 6.5.2: under a Dice policy d >= 0 exactly when the records share a field and 2q|x and y| >= p(|x|+|y|).
    #[test]
    fn dice_is_exact(
        (segments, x, y) in pair(), p in 1_i32..8, more in 0_i32..8, extra in 0_i32..3,
    ) {
        let (x, y) = (honest(x), honest(y));
        let q = p + more;
        let n = i32::try_from(segments.len()).unwrap() + extra;
        let compiled: Vec<SegmentShape> = segments
            .iter()
            .map(|s| SegmentShape { bits: s.bits, alpha: 2 * q * n, beta: -p * n, nu: 1 })
            .collect();
        let d = score(&compiled, -1, &x, &y);
        let (mut common, mut sum, mut shared) = (0_i32, 0_i32, 0);
        for ((u, x), (v, y)) in x.iter().zip(&y) {
            if *u && *v {
                shared += 1;
                common += x.iter().zip(y).map(|(a, b)| i32::from(*a && *b)).sum::<i32>();
                sum += x.iter().chain(y).map(|a| i32::from(*a)).sum::<i32>();
            }
        }
        let expected = shared > 0 && 2 * q * common >= p * sum;
        prop_assert_eq!(d >= 0, expected);
    }
}

#[test]
fn the_range_is_attained() {
    // Every filter of a small policy, tried.
    let segments =
        [SegmentShape { bits: 2, alpha: 7, beta: -2, nu: 3 }, SegmentShape { bits: 2, alpha: 3, beta: -3, nu: -4 }];
    let sides: Vec<Side> = (0..64_u32)
        .map(|n| {
            let bit = |i: u32| n >> i & 1 == 1;
            vec![(bit(0), vec![bit(1), bit(2)]), (bit(3), vec![bit(4), bit(5)])]
        })
        .collect();
    // An absent field sets no bit.
    let honest: Vec<&Side> = sides.iter().filter(|s| s.iter().all(|(u, x)| *u || x.iter().all(|b| !b))).collect();
    let scores = honest.iter().flat_map(|x| honest.iter().map(|y| score(&segments, -1, x, y)));
    let (low, high) = scores.fold((i64::MAX, i64::MIN), |(l, h), d| (l.min(d), h.max(d)));
    assert_eq!(score_range(&segments, -1), Range { low, high });
}
