use super::*;

/// V-POLICY-040: as many as the sizes give, and never more than there are.
#[test]
fn no_more_pairs_are_expected_to_be_wrong_than_were_found() {
    let policy = Policy::default_policy().unwrap().with_records(20_000, 10_000);
    let stated = policy.expected_wrong.unwrap();
    let half = [stated.strong, stated.possible].map(|wrong| f64::from(wrong) / 2.0);
    assert_eq!(expected_wrong(&policy, [1000, 2000]), Some(half));
    assert_eq!(expected_wrong(&policy, [0, 31]), Some([0.0, 31.0]));
    assert_eq!(expected_wrong(&Policy { expected_wrong: None, ..policy }, [1, 2]), None);
}
