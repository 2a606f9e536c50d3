//! A peer, or a line, that cheats: every frame altered, repeated, withheld or made up.

use crate::parties::{
    Numbers, config, config_of, identities, in_both_suites, lists, record, run_of, seed, sessions, sessions_of, shape,
    tampered,
};
use blindlink::crypto::hash::hash;
use blindlink::encode::EncodedRecord;
use blindlink::error::{Error, Incompatible, Misuse, PeerFault};
use blindlink::labels;
use blindlink::policy::EncodedList;
use blindlink::policy::ListFields;
use blindlink::policy::shape::Shape;
use blindlink::policy::shape::ShapeFields;
use blindlink::session::{Config, Outcome, Output, Role, Session, SessionInputs};
use blindlink::suite::{CURRENT, SUITE_1, Suite};
use blindlink::wire::{FrameKind, parse};
use std::sync::Arc;

fn small() -> Shape {
    shape(12, 12, [1, 1], [1, 1])
}

/// A round in which the frame of this kind and index, sent by the requester or the responder, is changed.
fn with_changed(
    from_requester: bool,
    kind: FrameKind,
    index: u32,
    change: impl Fn(&mut Vec<u8>),
) -> [Result<Outcome, Error>; 2] {
    with_changed_in(&SUITE_1, from_requester, kind, index, change)
}

fn with_changed_in(
    suite: &'static Suite,
    from_requester: bool,
    kind: FrameKind,
    index: u32,
    change: impl Fn(&mut Vec<u8>),
) -> [Result<Outcome, Error>; 2] {
    let shape = small();
    let (r, s) = lists(1, &shape);
    let (requester, responder) = sessions_of(suite, &shape, &r, &s);
    let mut met = false;
    let ends = tampered(requester, responder, |from, frame| {
        let (k, i, _) = parse(frame).unwrap();
        if from == from_requester && (k, i) == (kind as u8, index) {
            change(frame);
            met = true;
        }
    });
    assert!(met, "the frame was sent");
    ends
}

fn peer_fault(end: &Result<Outcome, Error>) -> PeerFault {
    match end {
        Err(Error::Peer(fault)) => fault.clone(),
        other => panic!("{other:?}"),
    }
}

const BODY: usize = 5;

/// V-OPRF-001, V-OPRF-002, V-OPRF-003, V-OPRF-004, V-OT-001, V-SETTLE-002, V-SETTLE-004: one damage each.
#[test]
fn every_damaged_message_has_its_own_error() {
    let flip = |at: usize| move |f: &mut Vec<u8>| f[BODY + at] ^= 1;
    let end = |from_requester: bool, kind, index, change: &dyn Fn(&mut Vec<u8>)| {
        let [r, s] = with_changed(from_requester, kind, index, change);
        peer_fault(if from_requester { &s } else { &r })
    };
    let s_sends = |kind, change: &dyn Fn(&mut Vec<u8>)| end(false, kind, 0, change);
    let r_sends = |kind, change: &dyn Fn(&mut Vec<u8>)| end(true, kind, 0, change);
    let identity = |f: &mut Vec<u8>| f[BODY..BODY + 32].fill(0);
    let noncanonical = |f: &mut Vec<u8>| f[BODY..BODY + 32].fill(0xff);
    let bad_element = PeerFault::BadElement { position: 0 };

    assert_eq!(s_sends(FrameKind::Keys, &identity), bad_element);
    assert_eq!(s_sends(FrameKind::Keys, &noncanonical), bad_element);
    assert_eq!(s_sends(FrameKind::Keys, &flip(32)), PeerFault::BadProof { chunk: 0 });
    assert_eq!(s_sends(FrameKind::Keys, &|f| f[BODY + 64..BODY + 96].fill(0xff)), PeerFault::BadScalar);
    assert_eq!(s_sends(FrameKind::Keys, &|f| f[BODY + 96..BODY + 128].fill(0)), bad_element, "an answer");
    assert_eq!(r_sends(FrameKind::BaseRequester, &identity), bad_element, "an answer");
    let offer = |at: usize, fill: u8| move |f: &mut Vec<u8>| f[BODY + at..BODY + at + 32].fill(fill);
    assert_eq!(r_sends(FrameKind::BaseRequester, &offer(8192, 0xff)), bad_element, "an offer");
    let last_answer = PeerFault::BadElement { position: 127 };
    assert_eq!(r_sends(FrameKind::BaseRequester, &offer(8192 - 32, 0)), last_answer, "answers before offers");
    let trees = 8192 + 4096;
    assert_eq!(r_sends(FrameKind::BaseRequester, &flip(trees + 127)), PeerFault::InconsistentTree);
    assert_eq!(r_sends(FrameKind::BaseRequester, &flip(trees + 4127)), PeerFault::InconsistentTree);
    assert_eq!(s_sends(FrameKind::BaseResponder, &noncanonical), bad_element);
    assert_eq!(s_sends(FrameKind::BaseResponder, &flip(4096 + 127)), PeerFault::InconsistentTree, "check of a tree");
    assert_eq!(
        s_sends(FrameKind::BaseResponder, &flip(4096 + 4127)),
        PeerFault::InconsistentTree,
        "digest of all checks"
    );
    assert_eq!(r_sends(FrameKind::Query, &flip(3)), PeerFault::BrokenCommitment { chunk: 0 });
    assert_eq!(s_sends(FrameKind::Evaluation, &identity), bad_element);
    let swap = |f: &mut Vec<u8>| {
        let (a, b) = f[BODY..BODY + 64].split_at_mut(32);
        a.swap_with_slice(b);
    };
    assert_eq!(s_sends(FrameKind::Evaluation, &swap), PeerFault::BadProof { chunk: 0 });
    assert_eq!(s_sends(FrameKind::Choice, &flip(1000)), PeerFault::InconsistentOt { chunk: 0 });
    assert_eq!(end(false, FrameKind::Choice, 1, &flip(7)), PeerFault::InconsistentOt { chunk: 1 });
    let last = |f: &mut Vec<u8>| *f.last_mut().unwrap() ^= 0x80;
    assert_eq!(r_sends(FrameKind::Correction, &last), PeerFault::InconsistentOt { chunk: 0 });
    assert_eq!(s_sends(FrameKind::SealKeys, &flip(0)), PeerFault::BrokenCommitment { chunk: 0 });
    assert_eq!(s_sends(FrameKind::SealKeys, &flip(33)), PeerFault::BrokenCommitment { chunk: 1 });
    assert_eq!(s_sends(FrameKind::Garbled, &flip(16)), PeerFault::BrokenCommitment { chunk: 0 }, "seal commitment");
    let high = |f: &mut Vec<u8>| f[BODY..BODY + 16].fill(0xff);
    assert_eq!(s_sends(FrameKind::Pseudonyms, &high), PeerFault::BadField("pseudonyms"));
    assert_eq!(r_sends(FrameKind::Claims, &|f| f[BODY..BODY + 16].fill(0xff)), PeerFault::BadField("claims"));
}

/// V-RECEIPT-001, V-RECEIPT-002: damage that reads as "no match" is still seen by the transcript, and gives no result.
#[test]
fn silent_damage_is_found_by_the_receipt() {
    in_both_suites(|suite| {
        for (from_requester, kind) in [(false, FrameKind::Garbled), (true, FrameKind::Claims)] {
            let change = |f: &mut Vec<u8>| {
                let last = f.len() - 1;
                f[last] ^= 1;
            };
            let [r, s] = with_changed_in(suite, from_requester, kind, 0, change);
            assert!([&r, &s].iter().any(|e| matches!(e, Err(Error::Peer(PeerFault::TranscriptMismatch)))), "{kind:?}");
            assert!(r.is_err() && s.is_err());
        }
        // V-OT-007: in a table it is found at the next answer, whose streams are bound to all before it.
        let [r, s] = with_changed_in(suite, false, FrameKind::Table, 0, |f| *f.last_mut().unwrap() ^= 1);
        assert_eq!(peer_fault(&s), PeerFault::InconsistentOt { chunk: 0 });
        assert!(r.is_err());
        for (from_requester, at) in [(true, BODY + 40), (false, BODY + 95)] {
            let [r, s] = with_changed_in(suite, from_requester, FrameKind::Receipt, 0, |f| f[at] ^= 1);
            assert_eq!(peer_fault(if from_requester { &s } else { &r }), PeerFault::BadSignature);
        }
    });
}

/// A query that was announced truly and is no element: the digest is right, the element is not.
#[test]
fn announced_bad_elements_are_refused() {
    let shape = small();
    let (r, s) = lists(1, &shape);
    for fill in [0, 0xff] {
        let (requester, responder) = sessions(&shape, &r, &s);
        let mut bodies: Vec<Vec<u8>> = Vec::new();
        // A dry run gives the honest query; the cheat announces a damaged copy of it.
        let _ = tampered(requester, responder, |from, f| {
            if from && parse(f).unwrap().0 == FrameKind::Query as u8 {
                bodies.push(f[BODY..].to_vec());
            }
        });
        bodies[0][64..96].fill(fill);
        let (requester, responder) = sessions(&shape, &r, &s);
        let [_, end] = tampered(requester, responder, |from, f| match parse(f).unwrap().0 {
            k if from && k == FrameKind::QueryDigests as u8 => {
                f[BODY..BODY + 32].copy_from_slice(&hash(labels::QUERY_CHUNK, &[&bodies[0]]));
            }
            k if from && k == FrameKind::Query as u8 => f[BODY..].copy_from_slice(&bodies[0]),
            _ => {}
        });
        assert_eq!(peer_fault(&end), PeerFault::BadElement { position: 2 });
    }
}

/// V-OPRF-003: a query chunk other than the announced one, although it is a sound one.
#[test]
fn a_query_that_was_not_announced_is_refused() {
    let [_, end] = with_changed(true, FrameKind::QueryDigests, 0, |f| f[BODY] ^= 1);
    assert_eq!(peer_fault(&end), PeerFault::BrokenCommitment { chunk: 0 });
}

/// V-WIRE-001, V-WIRE-002, V-RAND-004: frames that the schedule does not allow.
#[test]
fn frames_out_of_schedule_are_refused() {
    let shape = small();
    let (r, s) = lists(1, &shape);
    for kind in [FrameKind::Query, FrameKind::Correction, FrameKind::Evaluation, FrameKind::Choice, FrameKind::Garbled]
    {
        let from_requester = matches!(kind, FrameKind::Query | FrameKind::Correction);
        let (requester, responder) = sessions(&shape, &r, &s);
        // Every frame after the first of this kind is replaced by that one, changed: a second, different chunk.
        let mut first: Option<Vec<u8>> = None;
        let ends = tampered(requester, responder, |from, f| {
            if from != from_requester {
                return;
            }
            match &first {
                Some(first) => f.clone_from(first),
                None if parse(f).unwrap().0 == kind as u8 => {
                    let mut copy = f.clone();
                    copy[BODY + 1] ^= 1;
                    first = Some(copy);
                }
                None => {}
            }
        });
        let end = &ends[usize::from(from_requester)];
        assert_eq!(peer_fault(end), PeerFault::Replayed { kind: kind as u8, index: 0 });
    }
    for (from_requester, kind) in [
        (true, FrameKind::Correction),
        (false, FrameKind::Garbled),
        (false, FrameKind::Commit),
        (true, FrameKind::Claims),
    ] {
        let [r, s] = with_changed(from_requester, kind, 0, |f| f.push(0));
        assert!(matches!(peer_fault(if from_requester { &s } else { &r }), PeerFault::Length { .. }));
        let [r, s] = with_changed(from_requester, kind, 0, |f| f.truncate(f.len() - 1));
        assert!(matches!(peer_fault(if from_requester { &s } else { &r }), PeerFault::Length { .. }));
        let [r, s] = with_changed(from_requester, kind, 0, |f| f[4] ^= 7);
        assert!(matches!(peer_fault(if from_requester { &s } else { &r }), PeerFault::Unexpected { .. }));
        let [r, s] = with_changed(from_requester, kind, 0, |f| f.truncate(3));
        assert_eq!(peer_fault(if from_requester { &s } else { &r }), PeerFault::Truncated);
    }
}

/// V-HELLO-001, V-HELLO-002, V-HELLO-003, V-HELLO-004, V-HELLO-005, V-HELLO-006, V-HELLO-007.
#[test]
fn hellos_that_do_not_fit_are_named() {
    let shape = small();
    let pair = |change: &dyn Fn(&mut Config)| {
        let mut other = config(Role::Responder, &shape, &[], seed(4));
        change(&mut other);
        let requester = Session::new(config(Role::Requester, &shape, &[], seed(3))).unwrap();
        let [end, _] = tampered(requester, Session::new(other).unwrap(), |_, _| {});
        end.unwrap_err()
    };
    assert_eq!(pair(&|c| c.binding = [0; 32]), Incompatible::ChannelBinding.into());
    assert_eq!(
        pair(&|c| c.inputs = changed_inputs(c, Role::Requester, |_| ())),
        Incompatible::Role("requester").into()
    );
    assert_eq!(
        pair(&|c| c.inputs = changed_inputs(c, Role::Responder, |list| list.policy.push(1))),
        Incompatible::Policy { field: String::from("policy") }.into()
    );
    assert_eq!(pair(&|c| c.identity = identities()[0].clone()), PeerFault::BadField("identity").into());
    let changed =
        |change: &dyn Fn(&mut Vec<u8>)| with_changed(false, FrameKind::Hello, 0, change)[0].clone().unwrap_err();
    assert_eq!(changed(&|f| f[6] = 9), Incompatible::Version { ours: 2, theirs: 9 }.into());
    assert_eq!(changed(&|f| f[8] = 9), Incompatible::Suite { ours: CURRENT.number, theirs: 9 }.into());
    assert_eq!(changed(&|f| f[9] = 3), PeerFault::BadField("role").into());
    assert_eq!(changed(&|f| f.push(0)), PeerFault::TrailingBytes.into());
    assert_eq!(changed(&|f| f.truncate(60)), PeerFault::Truncated.into());
    // A reflected hello comes back with the own nonce.
    let mut session = Session::new(config(Role::Requester, &shape, &[], seed(3))).unwrap();
    let frame = std::iter::from_fn(|| session.poll_output().unwrap()).find_map(|o| match o {
        Output::Send(frame) => Some(frame.bytes),
        _ => None,
    });
    let mut frame = frame.unwrap();
    frame[9] = 2;
    frame[10..42].copy_from_slice(identities()[1].id().as_bytes());
    assert_eq!(session.handle(&frame), Err(PeerFault::BadField("nonce").into()));
}

/// V-WIRE-004: after its first error a session gives the same error ever after and sends nothing.
#[test]
fn a_failed_session_is_poisoned() {
    let mut session = Session::new(config(Role::Responder, &small(), &[], seed(4))).unwrap();
    let first = session.handle(&[1, 2]).unwrap_err();
    assert_eq!(first, PeerFault::Truncated.into());
    assert_eq!(session.handle(&[]), Err(first.clone()));
    assert_eq!(session.persisted(0), Err(first.clone()));
    assert_eq!(session.poll_output().err(), Some(first.clone()));
    let abort = session.abort(&first);
    let mut other = Session::new(config(Role::Requester, &small(), &[], seed(3))).unwrap();
    assert_eq!(other.handle(&abort), Err(PeerFault::Aborted(200).into()));
}

#[test]
fn records_that_do_not_fit_are_misuse() {
    let shape = small();
    let mut numbers = Numbers::new(1);
    let good = record(&mut numbers, &shape, &[vec![1], vec![2]]);
    let refused = |records: &[_]| {
        let list =
            EncodedList::unchecked(ListFields { shape: shape.clone(), policy: Vec::new(), records: records.into() });
        SessionInputs::new(Role::Requester, Arc::new(list), seed(1)).unwrap_err()
    };
    assert_eq!(refused(&vec![good.clone(); 13]), Misuse::TooManyRecords { got: 13, max: 12 });
    let mut one_table = good.clone();
    one_table.tokens.pop();
    let mut many_tokens = good.clone();
    let extra = many_tokens.tokens[1][0].clone();
    many_tokens.tokens[0].push(extra);
    let mut long = good;
    long.filter = blindlink::encode::Filter::zero(4000);
    for bad in [one_table, many_tokens, long] {
        assert_eq!(refused(&[bad]), Misuse::WrongEncoding);
    }
}

/// A requester that makes every comparison come out as "match" (mutual mode): it can claim the records whose tokens it
/// holds, which it is told about in `SECURITY.md`, and nothing else (V-SETTLE-005).
#[test]
fn aiming_at_always_one_claims_only_records_whose_token_it_holds() {
    in_both_suites(|suite| {
        let honest = shape(40, 60, [1, 1], [1, 1]);
        let (r, s) = lists(77, &honest);
        let cheat = Shape::unchecked(ShapeFields { constant: 60_000, ..(*honest).clone() });
        let requester = Session::new(config_of(suite, Role::Requester, &cheat, &r, seed(3))).unwrap();
        let responder = Session::new(config_of(suite, Role::Responder, &honest, &s, seed(4))).unwrap();
        let [got, claimed] = tampered(requester, responder, |_, _| {});
        let (got, claimed) = (got.unwrap(), claimed.unwrap());
        let (plain, _) = run_of(suite, &honest, &r, &s).unwrap();
        assert!(claimed.claims.len() > plain.matches.len(), "the cheat gains non-matches whose token it holds");
        for claim in &claimed.claims {
            let tokens = &s[claim.own].tokens;
            let held = r.iter().any(|r| r.tokens.iter().zip(tokens).any(|(a, b)| a.iter().any(|t| b.contains(t))));
            assert!(held, "record {} was claimed without its token", claim.own);
        }
        // Bins that miss open to pseudonyms of nobody: the responder has not listed them (V-SETTLE-008).
        assert_no_noise(&got, &claimed);
    });
}

fn assert_no_noise(got: &Outcome, claimed: &Outcome) {
    let known: Vec<_> = claimed.claims.iter().map(|c| c.pseudonym).collect();
    assert!(got.matches.iter().all(|m| known.contains(&m.pseudonym)));
}

/// V-SETTLE-008: a responder that garbles so that every bin with a record comes out as "match". What opens in a bin
/// without a common token is a function of the requester's token; claimed, it would let the responder try tokens offline.
#[test]
fn a_responder_that_lets_every_bin_match_gets_no_claim_for_a_token_it_does_not_have() {
    in_both_suites(|suite| {
        let honest = shape(40, 60, [1, 1], [1, 1]);
        let (r, s) = lists(78, &honest);
        let cheat = Shape::unchecked(ShapeFields { possible: -60_000, ..(*honest).clone() });
        let requester = Session::new(config_of(suite, Role::Requester, &honest, &r, seed(3))).unwrap();
        let responder = Session::new(config_of(suite, Role::Responder, &cheat, &s, seed(4))).unwrap();
        let [got, claimed] = tampered(requester, responder, |_, _| {});
        let (got, claimed) = (got.unwrap(), claimed.unwrap());
        let (plain, _) = run_of(suite, &honest, &r, &s).unwrap();
        assert!(got.matches.len() > plain.matches.len(), "the cheat makes more match");
        assert_no_noise(&got, &claimed);
        let shares = |r: &EncodedRecord, s: &EncodedRecord| {
            r.tokens.iter().zip(&s.tokens).any(|(a, b)| a.iter().any(|token| b.contains(token)))
        };
        for found in &got.matches {
            let claim = claimed.claims.iter().find(|claim| claim.pseudonym == found.pseudonym).unwrap();
            assert!(shares(&r[found.own], &s[claim.own]), "a pair without a common token");
        }
    });
}

/// V-SETTLE-001: no seal key leaves the responder before the requester's last correction is here.
#[test]
fn seal_keys_wait_for_the_last_correction() {
    in_both_suites(|suite| {
        let shape = small();
        let (r, s) = lists(1, &shape);
        let (requester, responder) = sessions_of(suite, &shape, &r, &s);
        let mut order = Vec::new();
        let ends = tampered(requester, responder, |_, f| order.push(parse(f).unwrap().0));
        assert!(ends.iter().all(Result::is_ok));
        let last = |kind: FrameKind| order.iter().rposition(|k| *k == kind as u8).unwrap();
        assert!(last(FrameKind::Correction) < last(FrameKind::SealKeys));
        // A requester that withholds its last correction never sees a key.
        let corrections = order.iter().filter(|k| **k == FrameKind::Correction as u8).count();
        let (requester, responder) = sessions_of(suite, &shape, &r, &s);
        let (mut sent, mut revealed) = (0, false);
        let _ = tampered(requester, responder, |_, f| {
            let kind = parse(f).unwrap().0;
            sent += usize::from(kind == FrameKind::Correction as u8);
            if kind == FrameKind::Correction as u8 && sent == corrections {
                f.truncate(3);
            }
            revealed |= kind == FrameKind::SealKeys as u8;
        });
        assert!(!revealed);
    });
}

/// Frames of noise, whole rounds' frames cut and changed at random places: an error or nothing, never a panic.
#[test]
fn random_frames_never_panic() {
    in_both_suites(|suite| {
        let shape = small();
        let (r, s) = lists(2, &shape);
        let mut numbers = Numbers::new(99);
        for _ in 0..60 {
            let (requester, responder) = sessions_of(suite, &shape, &r, &s);
            let victim = numbers.below(40);
            let (kind, mut n) = (numbers.below(4), 0);
            let position = numbers.next();
            let ends = tampered(requester, responder, |_, frame| {
                n += 1;
                if n != victim {
                    return;
                }
                let at = (position % frame.len() as u64) as usize;
                match kind {
                    0 => frame[at] = frame[at].wrapping_add(1),
                    1 => frame.truncate(at),
                    2 => frame.iter_mut().skip(at).for_each(|b| *b = 0xff),
                    _ => *frame = vec![(position >> 8) as u8; at],
                }
            });
            let harmed = ends.iter().any(Result::is_err);
            assert!(harmed || n < victim, "frame {victim}, kind {kind}");
        }
        for length in 0..64 {
            let mut session = Session::new(config_of(suite, Role::Responder, &shape, &s, seed(4))).unwrap();
            let frame: Vec<u8> = (0..length).map(|_| numbers.next() as u8).collect();
            assert!(session.handle(&frame).is_err());
        }
    });
}

/// The inputs of a configuration, in another role or with another list.
fn changed_inputs(config: &Config, role: Role, change: impl FnOnce(&mut EncodedList)) -> SessionInputs {
    let mut list = EncodedList::clone(config.inputs.list());
    change(&mut list);
    SessionInputs::new(role, Arc::new(list), config.inputs.seed().clone()).unwrap()
}
