use super::*;
use crate::evaluate::candidates::candidates;
use crate::evaluate::seeds;
use crate::evaluate::tests::lists;
use crate::synth::Plan;
use blindlink::suite::CURRENT;

fn question(peer_records: u32) -> Question {
    Question { peer_records, responds: false }
}

/// The figures of a plan against a round with a list of the same making.
#[test]
fn a_plan_comes_near_to_what_a_round_does() {
    // V-POLICY-028
    let (a, b, truth) = lists(Plan::new(1500, 0.3, 31));
    let policy = Policy::default_policy().unwrap();
    let report = super::plan(&policy, &b, question(1500)).unwrap();
    assert!(report.broken.is_empty());
    let checked = policy.with_records(1500, 1500).validate().unwrap();
    let found = candidates(&checked, &a, &b, &truth, &seeds());
    let strangers = found.pairs.iter().filter(|pair| !pair.correct).count() as f64;
    let expected = report.strangers.expected_meeting;
    assert!(expected > 0.3 * strangers && expected < 3.0 * strangers + 20.0, "{expected} for {strangers}");
    let [moderate, hard] = report.recall.as_slice() else { panic!("two difficulties") };
    assert!(moderate.meets > hard.meets && moderate.meets > 0.6 && moderate.meets <= 1.0, "{:?}", report.recall);
    assert!(moderate.possible <= moderate.meets && moderate.strong.unwrap() <= moderate.possible);
}

/// Byte for byte what the session sends, but for the framing of the transport.
#[test]
fn the_bytes_of_a_plan_are_those_of_a_round() {
    // V-POLICY-028
    let (a, b, _) = lists(Plan::new(60, 0.4, 3));
    let policy = Policy::default_policy().unwrap();
    let cost = super::plan(&policy, &b, question(60)).unwrap().cost.unwrap();
    let checked = policy.with_records(60, 60).validate().unwrap();
    let [there, back] = crate::evaluate::sealed(&checked, &a, &b, seeds(), CURRENT).unwrap().bytes;
    assert_eq!((cost.bytes_requester_to_responder, cost.bytes_responder_to_requester), (there, back));
}

#[test]
fn sizes_that_the_validator_refuses_are_named() {
    let (_, b, _) = lists(Plan::new(50, 0.0, 1));
    let mut policy = Policy::default_policy().unwrap();
    let responds = Question { peer_records: 1 << 20, responds: true };
    policy.tables.iter_mut().for_each(|table| table.domain_bits = table.domain_bits.min(20));
    let report = super::plan(&policy, &b, responds).unwrap();
    assert!(report.cost.is_none());
    assert!(report.broken.iter().any(|line| line.starts_with("V-POLICY-011")), "{:?}", report.broken);
}

/// What is printed has numbers only: no name, identifier or token of the list.
#[test]
fn a_plan_shows_nothing_of_a_record() {
    let (_, b, _) = lists(Plan::new(200, 0.0, 2));
    let report = super::plan(&Policy::default_policy().unwrap(), &b, question(200)).unwrap();
    let shown = serde_json::to_string(&report).unwrap();
    for record in &b {
        assert!(!shown.contains(&record.id));
        let names = record.identities.iter().flat_map(|identity| &identity.names);
        for word in names.flat_map(|name| name.text.split_whitespace()).filter(|word| word.len() > 3) {
            assert!(!shown.to_lowercase().contains(&format!("\"{}", word.to_lowercase())));
        }
    }
}

/// Twins of one record are told as duplicates, whatever else is in the list.
#[test]
fn duplicates_are_counted() {
    let (_, b, _) = lists(Plan::new(100, 0.0, 4));
    let policy = Policy::default_policy().unwrap();
    let before = super::plan(&policy, &b, question(100)).unwrap().strangers;
    let twice: Vec<Record> = b.iter().chain(&b[..40]).cloned().collect();
    let after = super::plan(&policy, &twice, question(100)).unwrap().strangers;
    assert!(after.pairs_meeting >= before.pairs_meeting + 30.0, "{before:?} {after:?}");
    assert!(after.pairs_strong > before.pairs_strong);
}
