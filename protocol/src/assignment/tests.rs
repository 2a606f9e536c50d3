use super::*;
use proptest::prelude::*;

type Pair = (usize, usize, Grade, usize);

fn kept(pairs: &[Pair]) -> Vec<usize> {
    one_to_one(pairs, |p| (p.0, p.1), |p| (p.2, p.3))
}

#[test]
fn the_better_grade_wins_then_more_tables_then_fewer_rivals_then_the_order() {
    // V-POLICY-030
    let (possible, strong) = (Grade::Possible, Grade::Strong);
    assert_eq!(kept(&[(0, 0, possible, 4), (0, 1, strong, 1)]), [1]);
    assert_eq!(kept(&[(0, 0, possible, 1), (1, 0, possible, 2)]), [1]);
    // The first pair has a rival at either end; without it both others stay.
    assert_eq!(kept(&[(0, 1, possible, 1), (0, 0, possible, 1), (1, 1, possible, 1)]), [1, 2]);
    assert_eq!(kept(&[(0, 0, possible, 1), (0, 1, possible, 1)]), [0]);
    assert_eq!(kept(&[]), Vec::<usize>::new());
}

fn pairs() -> impl Strategy<Value = Vec<Pair>> {
    (1..13usize).prop_flat_map(|n| {
        let grade = prop_oneof![Just(Grade::Possible), Just(Grade::Strong)];
        prop::collection::vec((0..n, 0..n, grade, 1..4usize), 0..40)
    })
}

proptest! {
    #[test]
    fn an_assignment_is_one_to_one_maximal_and_takes_the_best(mut pairs in pairs()) {
        // V-POLICY-030
        pairs.sort_unstable_by_key(|p| (p.0, p.1));
        pairs.dedup_by_key(|p| (p.0, p.1));
        let kept = kept(&pairs);
        let chosen: Vec<Pair> = kept.iter().map(|&at| pairs[at]).collect();
        let distinct = |of: fn(&Pair) -> usize| chosen.iter().map(of).collect::<BTreeSet<_>>().len();
        prop_assert_eq!((distinct(|p| p.0), distinct(|p| p.1)), (chosen.len(), chosen.len()));
        for pair in &pairs {
            // Every pair that was left out shares a record with one that is worth no less.
            let beaten = chosen.iter().any(|c| (c.0 == pair.0 || c.1 == pair.1) && (c.2, c.3) >= (pair.2, pair.3));
            prop_assert!(beaten);
        }
    }
}
