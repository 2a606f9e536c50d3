use super::policy;
use crate::codec::DecodeError;
use crate::policy::{LanePair, OutputMode, Policy, Score, Weights, first_difference};
use proptest::prelude::*;

#[test]
fn canonical_bytes_are_read_back() {
    // V-POLICY-001
    let policy = Policy { expected_wrong: None, ..policy() };
    let bytes = policy.to_canonical_bytes();
    assert_eq!(Policy::from_canonical_bytes(&bytes).unwrap(), policy);
    let mut dice = policy;
    dice.score = Score::Dice { numerator: 4, denominator: 5 };
    dice.segments.iter_mut().for_each(|s| s.weights = None);
    assert_eq!(Policy::from_canonical_bytes(&dice.to_canonical_bytes()).unwrap(), dice);
}

#[test]
fn truncated_and_trailing_bytes_are_refused() {
    // V-POLICY-001
    let bytes = policy().to_canonical_bytes();
    for n in 0..bytes.len() {
        assert!(Policy::from_canonical_bytes(&bytes[..n]).is_err(), "prefix of {n} bytes");
    }
    let mut longer = bytes;
    longer.push(0);
    assert_eq!(Policy::from_canonical_bytes(&longer), Err(DecodeError::TrailingBytes));
}

#[test]
fn a_lane_pair_without_code_point_cannot_be_read() {
    // V-POLICY-003
    let policy = policy();
    let bytes = policy.to_canonical_bytes();
    let mut other = policy;
    other.context.lanes = LanePair::SuspectConvicted;
    let at = bytes.iter().zip(other.to_canonical_bytes()).position(|(a, b)| *a != b).unwrap();
    for code in (0..=255).filter(|&c| LanePair::from_code(c).is_none()) {
        let mut forged = bytes.clone();
        forged[at] = code;
        assert_eq!(Policy::from_canonical_bytes(&forged), Err(DecodeError::BadField("policy context lanes")));
    }
}

#[test]
fn the_first_differing_field_is_named() {
    type Change = fn(&mut Policy);
    let cases: [(&str, Change); 12] = [
        ("name", |p| p.name.push('x')),
        ("context.agreement", |p| p.context.agreement.clear()),
        ("context.lanes", |p| p.context.lanes = LanePair::VictimMissing),
        ("context.epoch", |p| p.context.epoch += 1),
        ("round.records_responder", |p| p.round.records_responder += 1),
        ("round.output", |p| p.round.output = OutputMode::Requester),
        ("score.kind", |p| p.score = Score::Dice { numerator: 1, denominator: 2 }),
        ("segment count", |p| drop(p.segments.pop())),
        ("segment[2].weights", |p| p.segments[2].weights = Some(Weights { alpha: 1, beta: 0, nu: 0 })),
        ("segment[0].features", |p| p.segments[0].features.clear()),
        ("table count", |p| drop(p.tables.pop())),
        ("table[1].key", |p| p.tables[1].key.reverse()),
    ];
    let ours = policy();
    for (path, change) in cases {
        let mut theirs = ours.clone();
        change(&mut theirs);
        // A later difference must not hide the first one.
        theirs.tables.last_mut().unwrap().domain_bits += 1;
        let (a, b) = (ours.to_canonical_bytes(), theirs.to_canonical_bytes());
        assert_eq!(first_difference(&a, &b), path);
        assert_eq!(first_difference(&b, &a), path);
    }
    let bytes = ours.to_canonical_bytes();
    assert_eq!(first_difference(&bytes, &bytes), "none");
    assert_eq!(first_difference(&bytes, b"garbage"), "policy");
}

proptest! {
    /// V-POLICY-001: what decodes, encodes to the same bytes; nothing panics.
    #[test]
    fn one_encoding_per_policy(flips in prop::collection::vec((0_usize..600, any::<u8>()), 0..4)) {
        let mut bytes = policy().to_canonical_bytes();
        for (at, value) in flips {
            if let Some(byte) = bytes.get_mut(at) { *byte = value; }
        }
        if let Ok(policy) = Policy::from_canonical_bytes(&bytes) {
            prop_assert_eq!(policy.to_canonical_bytes(), bytes);
        }
    }

    #[test]
    fn arbitrary_bytes_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Policy::from_canonical_bytes(&bytes);
        let _ = first_difference(&policy().to_canonical_bytes(), &bytes);
    }
}
