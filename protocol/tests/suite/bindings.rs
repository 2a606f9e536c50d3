//! What version 2 of the round mends, seen from outside: noise, agreed numbers of matches, restored states, sizes.

use crate::ministries::{agreement, basis, key, persons, policy};
use crate::parties::{
    assert_ideal, config_of, in_both_suites, lists, oracle, run_of, seed, sessions_of, shape, tampered,
};
use blindlink::agreement::Basis;
use blindlink::crypto::hash::Prf;
use blindlink::encode::copies::{Keep, select_copies};
use blindlink::encode::{EncodedFields, EncodedRecord, Filter, Token};
use blindlink::error::{Error, PeerFault, Refusal};
use blindlink::limits::MAX_FRAME;
use blindlink::plan::{Plan, groups};
use blindlink::policy::CheckedPolicy;
use blindlink::policy::Slots;
use blindlink::policy::shape::{OutputMode, SegmentShape, Shape, ShapeFields, TableShape};
use blindlink::round::commitment::Commitment;
use blindlink::secret::Seed;
use blindlink::session::{Config, LogExchange, Output, Role, Session, SessionInputs, in_process};
use blindlink::suite::{SUITE_1, SUITE_2};
use blindlink::wire::{FrameKind, schedule, turn};
use std::sync::Arc;

/// V-COMPARE-001, V-SETTLE-008, V-SETTLE-010: under a policy whose constant lies above both thresholds everything reaches
/// both: all noise of all missed bins. No pair comes out of it but those that share a token.
#[test]
fn noise_shows_nothing_whatever_it_reaches() {
    in_both_suites(|suite| {
        for output in [OutputMode::Mutual, OutputMode::Requester] {
            let shape = Shape::unchecked(ShapeFields {
                constant: 60_000,
                output,
                ..(*shape(300, 300, [1, 1], [1, 1])).clone()
            });
            let (r, s) = lists(31, &shape);
            let pairs = oracle(&shape, &r, &s);
            assert!(!pairs.is_empty() && pairs.len() < 600);
            let outcome = run_of(suite, &shape, &r, &s).unwrap();
            let found: Vec<_> = outcome.0.matches.iter().map(|m| (m.own, m.grade)).collect();
            let mut expected: Vec<_> = pairs.iter().map(|p| (p.own, p.grade)).collect();
            expected.sort_unstable();
            assert_eq!(found.len(), expected.len());
            assert!(found.iter().all(|(_, grade)| grade.name() == "strong"));
            if output == OutputMode::Mutual {
                assert_ideal(&shape, &outcome, &pairs);
            }
        }
    });
}

fn agreed(policy: &CheckedPolicy, role: Role, matches: u32) -> Result<Session, Error> {
    let (own, peer) = if role == Role::Requester { (1, 2) } else { (2, 1) };
    let mut terms = agreement(policy);
    terms.caps.matches = matches;
    let basis: Basis = basis(terms, policy, role);
    Session::new(Config {
        log: LogExchange::without_log(&key(own)),
        inputs: SessionInputs::new(role, Arc::new(policy.encode(&persons())), Seed::new([own; 32]))?,
        basis,
        identity: key(own),
        peer: key(peer).id(),
        binding: [7; 32],
    })
}

/// V-SETTLE-012: of five matches a peer may not claim any where four were agreed as the most; nothing of the claims leaves.
#[test]
fn more_matches_than_agreed_end_the_round_without_claims() {
    let policy = policy(|_| ());
    for (matches, fine) in [(4, false), (5, true)] {
        let (requester, responder) =
            (agreed(&policy, Role::Requester, matches), agreed(&policy, Role::Responder, matches));
        let mut claims = 0;
        let observe = |_: Role, frame: &[u8]| claims += usize::from(frame[0] == FrameKind::Claims as u8);
        let end = in_process::run(requester.unwrap(), responder.unwrap(), in_process::inline, observe, |_| ());
        assert_eq!(claims, usize::from(fine));
        match end {
            Ok(_) => assert!(fine),
            Err(error) => {
                assert_eq!(error, Refusal::Matches.into());
                assert_eq!((error.code(), error.code_for_peer()), (624, 630));
            }
        }
    }
}

/// V-OPRF-009: a peer that breaks the round off before it has announced its queries has cost the responder no row.
#[test]
fn a_peer_that_vanishes_before_its_queries_costs_no_table() {
    in_both_suites(|suite| {
        let shape = shape(20, 20, [1, 1], [1, 1]);
        let (r, s) = lists(4, &shape);
        let (requester, responder) = sessions_of(suite, &shape, &r, &s);
        let mut frames = Vec::new();
        let _ = tampered(requester, responder, |from_requester, frame| {
            if from_requester {
                frames.push(frame.clone());
            }
        });
        let mut session = Session::new(config_of(suite, Role::Responder, &shape, &s, seed(4))).unwrap();
        let jobs = |session: &mut Session| {
            let mut jobs = 0;
            while let Some(output) = session.poll_output().unwrap() {
                match output {
                    Output::Work(_) => jobs += 1,
                    Output::Persist { seq, .. } => session.persisted(seq).unwrap(),
                    _ => {}
                }
            }
            jobs
        };
        for frame in frames.iter().take_while(|frame| frame[0] != FrameKind::QueryDigests as u8) {
            session.handle(frame).unwrap();
            assert_eq!(jobs(&mut session), 0, "kind {}", frame[0]);
        }
    });
}

/// V-FRAME-005: under the policy with the longest of every kind: bits, ring, thresholds, lists, bins.
#[test]
fn no_frame_is_longer_than_may_be() {
    let longest = Shape::unchecked(ShapeFields {
        segments: vec![SegmentShape { bits: 128, alpha: 1, beta: 0, nu: 0 }; 32],
        constant: -1,
        possible: 0,
        strong: Some(1),
        tables: vec![TableShape { id: 1, slots: Slots::both(15) }],
        copies_requester: 1,
        copies_responder: 3,
        records_requester: 1 << 20,
        records_responder: 1 << 20,
        output: OutputMode::Mutual,
        ring_bits: 31,
    });
    let [plan, second] = [&SUITE_1, &SUITE_2].map(|suite| Plan::of_suite(suite, longest.clone()).unwrap());
    for plan in [&plan, &second] {
        for frames in [schedule::requester(plan), schedule::responder(plan)] {
            assert!(frames.iter().all(|frame| frame.len <= MAX_FRAME));
            assert!(frames.iter().map(|frame| frame.len).max().unwrap() > 2_000_000);
        }
    }
    let split = schedule::responder(&plan);
    for kind in [FrameKind::SealKeys, FrameKind::Pseudonyms] {
        assert!(split.iter().any(|frame| frame.kind == kind && frame.index > 0));
    }
    // In a file a longer one is refused by its length alone.
    let announced = |length: u32| {
        turn::next_frame(|count| -> Result<Vec<u8>, Error> {
            Ok(if count == 4 { length.to_be_bytes().to_vec() } else { vec![0; count] })
        })
    };
    let most = u32::try_from(MAX_FRAME).unwrap();
    assert_eq!(announced(most).unwrap().unwrap().len(), MAX_FRAME);
    let refused = PeerFault::Length { expected: MAX_FRAME, got: MAX_FRAME + 1 };
    assert_eq!(announced(most + 1).unwrap_err(), refused.into());
}

/// V-OKVS-003: groups cover all bins once, and a group has room for what falls into it.
#[test]
fn groups_cover_all_bins_and_have_room() {
    for (bins, tokens) in [(5000, 87_381), (5000, 87_382), (50_800, 400_000), (129, 1 << 26), (1 << 24, 1 << 26)] {
        let all = groups(bins, tokens, 1 << 18);
        assert_eq!(all.len() == 1, 3 * tokens <= 1 << 18);
        let mut next = 0;
        for [first, count, rows] in &all {
            assert_eq!(*first, next);
            next += count;
            let mean = 3.0 * tokens as f64 * *count as f64 / bins as f64;
            // P(more than mean + t) <= exp(-t^2 / (2 (mean + t / 3))).
            let t = *rows as f64 - mean;
            let bits = t * t / (2.0 * (mean + t / 3.0)) / std::f64::consts::LN_2;
            assert!(all.len() == 1 || *rows == 3 * tokens || bits > 39.0, "{bits}");
        }
        assert_eq!(next, bins);
    }
}

/// V-ENCODE-013: which copy index a record gets does not tell how many namesakes it has.
#[test]
fn copy_indices_do_not_depend_on_the_number_of_namesakes() {
    let token = |n: u64| {
        let bytes: [u8; 16] = Prf::new([7; 32]).bytes(&[n]);
        Token::from_bytes(bytes)
    };
    let record = |n: u64| {
        EncodedRecord::unchecked(EncodedFields {
            others: Vec::new(),
            digest: [0; 32],
            filter: Filter::zero(8),
            tokens: vec![vec![token(n)]],
        })
    };
    let (tokens, copies) = (4000_u64, 4_u8);
    for namesakes in 1..=4_usize {
        let list: Vec<_> = (0..tokens).flat_map(|n| vec![record(n); namesakes]).collect();
        let kept = select_copies(&list, 0, &Keep::all(copies), &[9; 32]);
        assert_eq!(kept.len(), 4000 * namesakes);
        // Of every token the record at the lowest position.
        let mut counts = [0_f64; 4];
        for one in kept.iter().filter(|kept| (kept.record as usize).is_multiple_of(namesakes)) {
            counts[usize::from(one.copy)] += 1.0;
        }
        let expected = tokens as f64 / f64::from(copies);
        let chi: f64 = counts.iter().map(|count| (count - expected).powi(2) / expected).sum();
        assert!(chi < 30.0, "{namesakes}: {counts:?}");
    }
}

/// V-RAND-002, V-EVIDENCE-009: the same records, one of them with another token, under one seed: another root, another nonce.
#[test]
fn a_commitment_covers_what_was_encoded() {
    let shape = shape(12, 12, [1, 1], [1, 1]);
    let (r, _) = lists(3, &shape);
    let commit = |records: &[EncodedRecord]| Commitment::new(&seed(1), &shape, records, 12);
    let first = commit(&r);
    let mut tokens = r.clone();
    let mut other = (*tokens[2]).clone();
    other.tokens[0] = vec![Token::from_bytes([1; 16])];
    tokens[2] = EncodedRecord::unchecked(other);
    let mut filters = r.clone();
    let mut other = (*filters[2]).clone();
    other.filter = Filter::zero(shape.filter_bits() + shape.segments.len());
    filters[2] = EncodedRecord::unchecked(other);
    for changed in [tokens, filters] {
        assert_eq!(changed[2].digest, r[2].digest);
        let second = commit(&changed);
        assert!(second.root != first.root && second.nonce != first.nonce && second.seed == first.seed);
    }
}
