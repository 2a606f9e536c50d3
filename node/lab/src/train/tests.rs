use super::*;
use crate::evaluate::tests::lists;
use crate::synth::Plan;
use blindlink::policy::Policy;
use integers::MAX_BIT_WEIGHT;

/// About one wrong pair of grade *strong* and ten of either grade on the lists of these tests.
const MANY: MaxWrong = MaxWrong { strong: 180.0, possible: 1800.0 };

fn example(seed: u64) -> Example {
    let (a, b, truth) = lists(Plan::new(1500, 0.3, seed));
    Example { a, b, truth }
}

/// What is learnt on one seed links lists of another, and the validator accepts it.
#[test]
fn learnt_weights_are_a_policy_and_link_other_lists() {
    // V-POLICY-025, V-POLICY-026, V-POLICY-027
    let base = Policy::default_policy().unwrap();
    let learnt = train(&base, &[example(21)], MANY).unwrap();
    let text = write::with_weights(
        Policy::default_text(),
        &learnt.integers,
        (learnt.possible, learnt.strong),
        [1, 9],
        "two\nlines",
    )
    .unwrap();
    assert!(text.contains("# Blindlink's default policy.") && text.contains("# two\n# lines\n[score]"), "{text}");
    let policy = Policy::from_toml(&text).unwrap();
    assert_eq!((&policy.tables, &policy.context), (&base.tables, &base.context));
    for segment in &policy.segments {
        let Weights { alpha, beta, .. } = segment.weights.unwrap();
        assert!((0..=MAX_BIT_WEIGHT).contains(&alpha) && (-MAX_BIT_WEIGHT..=0).contains(&beta));
    }
    assert_eq!(policy.expected_wrong.map(|e| (e.records, e.strong, e.possible)), Some((20_000, 1, 9)));
    let Score::Weighted { constant, possible, strong } = policy.score else { panic!("weighted") };
    assert!(constant < possible && strong.is_none_or(|strong| strong > possible));

    let other = example(22);
    let checked = sized(&policy, &other).unwrap();
    let found = candidates(&checked, &other.a, &other.b, &other.truth, &seeds());
    let curve = Curve::new(found.pairs.iter().map(|pair| (pair.score, pair.correct)), other.truth.len());
    let met = found.pairs.iter().filter(|pair| pair.correct).count();
    let at = curve.at(possible.into()).quality;
    assert!(at.f1 > 0.9, "{at:?} {:?}\n{text}", learnt.report);
    assert!(at.recall > 0.95 * met as f64 / other.truth.len() as f64, "{at:?}");
    let report = &learnt.report;
    assert!(report.loss_of_integers < 1.1 * report.loss + 0.001, "{report:?}");
    assert!(report.strong.is_some_and(|point| point.wrong <= report.max_wrong[0]));
}

/// A policy without weights can be trained too.
#[test]
fn a_dice_policy_becomes_a_weighted_one() {
    let dice = Policy::default_text()
        .lines()
        .filter(|line| {
            let of_score = ["weights", "constant", "possible", "strong", "[expected_wrong]", "records = "];
            !of_score.iter().any(|word| line.starts_with(word))
        })
        .map(|line| if line.starts_with("kind") { "kind = \"dice\"\nnumerator = 4\ndenominator = 5" } else { line })
        .collect::<Vec<_>>()
        .join("\n");
    let base = Policy::from_toml(&dice).unwrap();
    base.clone().validate().unwrap();
    let learnt = train(&base, &[example(23)], MANY).unwrap();
    let text = write::with_weights(&dice, &learnt.integers, (learnt.possible, learnt.strong), [1, 9], "").unwrap();
    Policy::from_toml(&text).unwrap().validate().unwrap();
    assert!(!text.contains("dice"));
}

#[test]
fn lists_without_a_shared_person_teach_nothing() {
    let (a, b, _) = lists(Plan::new(200, 0.0, 24));
    let example = Example { a, b, truth: Truth::new() };
    assert!(train(&Policy::default_policy().unwrap(), &[example], MANY).is_err());
}

/// The policies of docs/policies are what the validator accepts at the sizes that they are for, guard included.
#[test]
fn the_policies_of_the_documentation_are_valid_at_their_sizes() {
    let policies = [
        (include_str!("../../../../docs/policies/small.toml"), 5_000),
        (include_str!("../../../../docs/policies/standard.toml"), 20_000),
        (include_str!("../../../../docs/policies/thorough.toml"), 20_000),
        (include_str!("../../../../docs/policies/slow-line.toml"), 20_000),
        (include_str!("../../../../docs/policies/fast.toml"), 20_000),
        (include_str!("../../../../docs/policies/large.toml"), 200_000),
        (include_str!("../../../../docs/policies/very-large.toml"), 1_000_000),
    ];
    for (text, records) in policies {
        let policy = Policy::from_toml(text).unwrap();
        assert_eq!((policy.round.records_requester, policy.round.records_responder), (records, records));
        assert!(policy.clone().validate().is_ok(), "{}", policy.name);
        // The guard binds: lists of twice the size are refused.
        assert!(policy.clone().with_records(2 * records, 2 * records).validate().is_err(), "{}", policy.name);
    }
}
