use super::*;
use crate::evaluate::candidates::candidates;
use crate::evaluate::tests::{lists, policy};
use crate::evaluate::{in_the_clear, quality, seeds};
use crate::synth::Plan;
use blindlink::encode::encode;
use blindlink::policy::Score;
use blindlink::round::ideal::score;
use std::collections::BTreeSet;

/// On lists so small that every pair can be looked at.
#[test]
fn a_sweep_is_what_brute_force_finds() {
    // V-POLICY-029
    let (a, b, truth) = lists(Plan::new(120, 0.5, 11));
    let policy = policy(120);
    let found = candidates(&policy, &a, &b, &truth, &seeds());
    let swept = sweep(&policy, &found.pairs, truth.len(), [a.len(), b.len()], 1);

    // With one copy and few namesakes nearly every equal token meets; what does is a subset of all equal tokens.
    let (x, y) = (encode(&policy.encoding(), &b), encode(&policy.encoding(), &a));
    let mut equal = BTreeSet::new();
    for (own, r) in x.iter().enumerate() {
        for (peer, s) in y.iter().enumerate() {
            if r.tokens.iter().zip(&s.tokens).any(|(r, s)| r.iter().any(|token| s.contains(token))) {
                equal.insert((own, peer));
            }
        }
    }
    let met: BTreeSet<_> = found.pairs.iter().map(|pair| (pair.own, pair.peer)).collect();
    assert!(met.is_subset(&equal) && met.len() * 10 >= equal.len() * 9, "{} of {}", met.len(), equal.len());
    for pair in &found.pairs {
        assert_eq!(
            pair.score,
            score(policy.shape(), x[pair.own].filter_of(pair.names[0]), y[pair.peer].filter_of(pair.names[1]))
        );
        assert_eq!(pair.correct, truth.contains(&(pair.peer, pair.own)));
    }
    let meeting_truth = truth.iter().filter(|(i, j)| met.contains(&(*j, *i))).count();
    assert_eq!((swept.candidates, swept.true_candidates), (met.len(), meeting_truth));
    assert!((swept.token_recall - meeting_truth as f64 / truth.len() as f64).abs() < 1e-12);

    // Every threshold of the curve, counted anew; and the best of all thresholds there are.
    let count = |threshold: i64| {
        let reported: Vec<_> = found.pairs.iter().filter(|pair| pair.score >= threshold).collect();
        (reported.len(), reported.iter().filter(|pair| pair.correct).count())
    };
    for point in &swept.curve {
        let (reported, correct) = count(point.threshold);
        assert_eq!((point.quality.reported, point.wrong), (reported, reported - correct));
    }
    let floor = i64::from(policy.shape().constant) + 1;
    let f1 = |threshold| {
        let (reported, correct) = count(threshold);
        Quality::of(reported, correct, truth.len()).f1
    };
    let top = found.pairs.iter().map(|pair| pair.score).max().unwrap();
    let best = (floor..=top).map(f1).fold(0.0, f64::max);
    assert!((swept.best.unwrap().quality.f1 - best).abs() < 1e-12);
    let allowed = swept.at_most_wrong.unwrap();
    assert!(allowed.wrong <= 1);
    assert!((floor..allowed.threshold).all(|t| count(t) == count(allowed.threshold) || count(t).0 - count(t).1 > 1));
}

#[test]
fn the_policys_own_thresholds_are_what_evaluate_reports() {
    let (a, b, truth) = lists(Plan::new(400, 0.3, 12));
    let policy = policy(400);
    let found = candidates(&policy, &a, &b, &truth, &seeds());
    let swept = sweep(&policy, &found.pairs, truth.len(), [a.len(), b.len()], 1);
    let linked = in_the_clear(&policy, &a, &b, &seeds());
    assert_eq!(swept.policy["possible"].quality, quality(linked.pairs.iter(), &truth));
    let strong = linked.pairs.iter().filter(|pair| pair.grade == Grade::Strong);
    assert_eq!(swept.policy["strong"].quality, quality(strong, &truth));
    let assigned = crate::evaluate::assign::assigned(&linked.pairs);
    assert_eq!(swept.policy["possible"].one_to_one.unwrap(), quality(assigned.iter(), &truth));
    assert!(matches!(policy.policy().score, Score::Weighted { .. }));
    assert!(swept.curve.len() <= MAX_POINTS);
}

#[test]
fn a_curve_counts_from_above() {
    let scored = [(9, true), (7, false), (7, true), (4, true), (1, false)];
    let curve = Curve::new(scored.into_iter(), 4);
    let points: Vec<_> = curve.above(1).map(|p| (p.threshold, p.quality.reported, p.wrong)).collect();
    assert_eq!(points, [(9, 1, 0), (7, 3, 1), (4, 4, 1)]);
    assert_eq!(curve.best(1).unwrap().threshold, 4);
    assert_eq!(curve.with_at_most(0, 1).unwrap().threshold, 9);
    assert!(curve.with_at_most(0, 9).is_none());
    // Between two scores a threshold reports what the next higher score does; above all of them nothing.
    assert_eq!((curve.at(5).quality.reported, curve.at(10).quality.reported), (3, 0));
}
