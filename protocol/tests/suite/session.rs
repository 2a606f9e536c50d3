//! The session's promises to its node: same sizes for all inputs, same bytes from the same seed, nothing before it is
//! durable.

use crate::parties::{Numbers, config, lists, record, seed, sessions, sessions_of, shape, threaded};
use blindlink::encode::EncodedRecord;
use blindlink::error::PeerFault;
use blindlink::ids::{Pseudonym, RoundId};
use blindlink::plan::Plan;
use blindlink::policy::shape::ShapeFields;
use blindlink::policy::shape::{Grade, OutputMode, Shape};
use blindlink::receipt::Receipt;
use blindlink::session::{Claim, Match, Outcome, Output, Role, Session, in_process};
use blindlink::suite::{SUITE_1, SUITE_2};
use blindlink::wire::hello::HEAD_BYTES;
use blindlink::wire::{FrameKind, parse, schedule};
use std::cell::Cell;
use std::collections::HashSet;

type Frames = Vec<(bool, Vec<u8>)>;

fn frames(requester: Session, responder: Session, reverse: bool) -> Frames {
    let mut seen = Vec::new();
    let jobs = |mut jobs: Vec<_>| {
        if reverse {
            jobs.reverse();
        }
        threaded(jobs)
    };
    in_process::run(
        requester,
        responder,
        jobs,
        |from, frame| seen.push((from == Role::Requester, frame.to_vec())),
        |_| {},
    )
    .unwrap();
    seen
}

/// Frames of one direction, in order.
fn direction(frames: &Frames, from_requester: bool) -> Vec<Vec<u8>> {
    frames.iter().filter(|(from, _)| *from == from_requester).map(|(_, f)| f.clone()).collect()
}

fn list(seed: u64, shape: &Shape, tokens: std::ops::Range<u64>) -> Vec<EncodedRecord> {
    let mut numbers = Numbers::new(seed);
    tokens.map(|i| record(&mut numbers, shape, &[vec![i], vec![i, i + 10_000]])).collect()
}

/// V-WIRE-003, V-OKVS-001, V-CUCKOO-001: kinds, indices and lengths of all frames are those of the schedule, for
/// disjoint, partly shared, identical, empty and crowded lists.
#[test]
fn sizes_on_the_wire_do_not_depend_on_the_lists() {
    let both = [OutputMode::Mutual, OutputMode::Requester];
    for (suite, output) in [&SUITE_1, &SUITE_2].into_iter().flat_map(|suite| both.map(|output| (suite, output))) {
        let shape = Shape::unchecked(ShapeFields { output, ..(*shape(50, 70, [1, 2], [1, 1])).clone() });
        let plan = Plan::of_suite(suite, shape.clone()).unwrap();
        let a = list(1, &shape, 0..50);
        // All of the requester's tokens are one and the same: copies beyond the agreed number are dropped.
        let crowd: Vec<_> = (0..50).map(|_| a[0].clone()).collect();
        let cases = [
            (a.clone(), list(2, &shape, 1000..1070)),
            (a.clone(), list(2, &shape, 25..95)),
            (a.clone(), a.clone()),
            (a, vec![]),
            (vec![], vec![]),
            (crowd.clone(), crowd),
        ];
        for (r, s) in cases {
            let (requester, responder) = sessions_of(suite, &shape, &r, &s);
            let seen = frames(requester, responder, false);
            for (from_requester, specs) in [(true, schedule::requester(&plan)), (false, schedule::responder(&plan))] {
                let sent = direction(&seen, from_requester);
                assert_eq!(sent.len(), specs.len());
                for (frame, spec) in sent.iter().zip(specs) {
                    let (kind, index, _) = parse(frame).unwrap();
                    assert_eq!((kind, index), (spec.kind as u8, spec.index));
                    let hello = 5 + 2 + 2 + 1 + 3 * 32 + 2 + b"test policy".len() + 2 + HEAD_BYTES;
                    assert_eq!(frame.len(), if kind == 1 { hello } else { spec.len });
                }
            }
        }
    }
}

/// V-RAND-001: the order of the work does not show in the bytes.
#[test]
fn same_seed_and_inputs_give_the_same_bytes() {
    let shape = shape(20, 20, [2, 1], [1, 2]);
    let (r, s) = lists(4, &shape);
    for suite in [&SUITE_1, &SUITE_2] {
        let once = |reverse| {
            let (requester, responder) = sessions_of(suite, &shape, &r, &s);
            let seen = frames(requester, responder, reverse);
            [direction(&seen, true), direction(&seen, false)]
        };
        assert!(once(false) == once(true));
    }
}

fn blocks(frames: &[Vec<u8>]) -> HashSet<[u8; 16]> {
    // The hello's policy and identity and all padding are public and equal; everything after the hello is compared.
    frames
        .iter()
        .skip(1)
        // Sides without logs cosign the same heads in every round.
        .filter(|f| f[0] != FrameKind::Cosignature as u8)
        .flat_map(|f| f[5..].windows(16).step_by(8).map(|b| b.try_into().unwrap()).collect::<Vec<_>>())
        .collect()
}

/// V-RAND-002: changed inputs under one seed share nothing that could be subtracted.
#[test]
fn changed_inputs_under_one_seed_give_unrelated_bytes() {
    let shape = shape(20, 20, [1, 1], [1, 1]);
    let (r, s) = lists(4, &shape);
    let mut changed = s.clone();
    changed[7].digest[0] ^= 1;
    let once = |s: &[EncodedRecord]| {
        let (requester, responder) = sessions(&shape, &r, s);
        let seen = frames(requester, responder, false);
        direction(&seen, false)
    };
    let (a, b) = (once(&s), once(&changed));
    let common: Vec<_> = blocks(&a).intersection(&blocks(&b)).copied().collect();
    // The commitment to the seed is the same, as it must be; nothing else is.
    let commitment: HashSet<[u8; 16]> = blocks(&[vec![], [&[0; 5][..], &a[1][5..37]].concat()]);
    assert!(common.iter().all(|b| commitment.contains(b)), "{} common blocks", common.len());
    assert_ne!(a[0], b[0], "the nonce differs");
}

/// V-RAND-003: a session holds back everything that depends on a frame until that frame's digest is durable.
#[test]
fn nothing_leaves_before_what_it_depends_on_is_durable() {
    let shape = shape(5, 5, [1, 1], [1, 1]);
    let (r, s) = lists(4, &shape);
    let (requester, responder) = sessions(&shape, &r, &s);
    let peer = direction(&frames(requester, responder, false), true);
    let mut session = Session::new(config(Role::Responder, &shape, &s, seed(4))).unwrap();
    let drain = |session: &mut Session| {
        let (mut sent, mut asked) = (0, None);
        while let Some(output) = session.poll_output().unwrap() {
            match output {
                Output::Send(_) => sent += 1,
                Output::Persist { seq, .. } => asked = Some(seq),
                Output::Work(job) => session.finish_work(job.run()).unwrap(),
                _ => {}
            }
        }
        (sent, asked)
    };
    assert_eq!(drain(&mut session), (1, None), "the hello depends on nothing");
    for (frame, answers) in peer.iter().zip([1, 1, 0, 1]) {
        session.handle(frame).unwrap();
        let (sent, asked) = drain(&mut session);
        assert_eq!(sent, 0);
        assert!(session.persisted(asked.unwrap() + 1).is_err() || asked.is_none());
        // That was misuse and poisons: go on with a session that is asked properly.
        session = Session::new(config(Role::Responder, &shape, &s, seed(4))).unwrap();
        let before = peer.iter().position(|f| f == frame).unwrap();
        for earlier in &peer[..before] {
            session.handle(earlier).unwrap();
            let (_, asked) = drain(&mut session);
            session.persisted(asked.unwrap()).unwrap();
            drain(&mut session);
        }
        if before == 0 {
            drain(&mut session);
        }
        session.handle(frame).unwrap();
        let (sent, asked) = drain(&mut session);
        assert_eq!(sent, 0, "held back");
        session.persisted(asked.unwrap()).unwrap();
        assert_eq!(drain(&mut session).0, answers, "frame {before}");
    }
}

/// V-WIRE-006: however far the own work has come.
#[test]
fn an_answer_before_its_question_is_refused() {
    let shape = shape(5, 5, [1, 1], [1, 1]);
    let (r, s) = lists(4, &shape);
    let (requester, responder) = sessions(&shape, &r, &s);
    let peer = direction(&frames(requester, responder, false), false);
    for durable in [false, true] {
        let mut session = Session::new(config(Role::Requester, &shape, &r, seed(3))).unwrap();
        let mut refused = None;
        for frame in &peer {
            while let Some(output) = session.poll_output().unwrap() {
                match output {
                    // Either the work is not done, or its frames are held back.
                    Output::Work(job) if !durable => drop(job),
                    Output::Work(job) => session.finish_work(job.run()).unwrap(),
                    Output::Persist { seq, .. } if !durable => session.persisted(seq).unwrap(),
                    _ => {}
                }
            }
            refused = session.handle(frame).err();
            if refused.is_some() {
                break;
            }
        }
        let kind = FrameKind::Evaluation as u8;
        assert_eq!(refused, Some(PeerFault::Unexpected { got: kind, index: 0 }.into()));
    }
}

/// V-SETTLE-007: a requester that returns nothing signs before it opens anything, so that its last frame cannot tell by
/// its time what it found.
#[test]
fn the_receipt_waits_for_no_result_unless_claims_do() {
    for (output, after_work) in [(OutputMode::Requester, false), (OutputMode::Mutual, true)] {
        let shape = Shape::unchecked(ShapeFields { output, ..(*shape(10, 10, [1, 1], [1, 1])).clone() });
        let (r, s) = lists(4, &shape);
        let (requester, responder) = sessions(&shape, &r, &s);
        let (batches, at_receipt) = (Cell::new(0), Cell::new(0));
        let jobs = |jobs| {
            batches.set(batches.get() + 1);
            in_process::inline(jobs)
        };
        let observe = |from: Role, frame: &[u8]| {
            if from == Role::Requester && frame[0] == FrameKind::Receipt as u8 {
                at_receipt.set(batches.get());
            }
        };
        in_process::run(requester, responder, jobs, observe, |_| ()).unwrap();
        assert_eq!(at_receipt.get() == batches.get(), after_work);
    }
}

/// The receipt stands by itself: anyone can check it.
#[test]
fn receipts_verify_and_every_flipped_bit_is_found() {
    let shape = shape(5, 5, [1, 1], [1, 1]);
    let (r, s) = lists(4, &shape);
    let (requester, responder) = sessions(&shape, &r, &s);
    let (outcome, _, _) = in_process::run(requester, responder, in_process::inline, |_, _| {}, |_| {}).unwrap();
    let receipt = Receipt::decode(&outcome.receipt).unwrap();
    assert_eq!(receipt.statement.transcript, outcome.transcript);
    assert_eq!(receipt.statement.records_requester, 5);
    for bit in 0..outcome.receipt.len() * 8 {
        let mut damaged = outcome.receipt.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        assert!(Receipt::decode(&damaged).is_err(), "bit {bit}");
    }
    assert!(Receipt::decode(&outcome.receipt[1..]).is_err());
}

/// Spec section 9.3: the requester asks once it has the keys; the responder answers the first query.
#[test]
fn what_may_have_been_evaluated_follows_from_the_schedule() {
    let plan = Plan::of_suite(&SUITE_1, shape(50, 70, [1, 2], [1, 1])).unwrap();
    for (role, received, kind) in [
        (Role::Requester, schedule::responder(&plan), FrameKind::Keys),
        (Role::Responder, schedule::requester(&plan), FrameKind::Query),
    ] {
        let at = u32::try_from(received.iter().position(|frame| frame.kind == kind).unwrap()).unwrap();
        assert!(!schedule::may_have_evaluated(role, at));
        assert!(schedule::may_have_evaluated(role, at + 1));
    }
}

#[test]
fn every_kind_of_frame_has_a_stage_and_the_receipt_is_the_last() {
    let plan = Plan::of_suite(&SUITE_1, shape(50, 70, [1, 2], [1, 1])).unwrap();
    for frames in [schedule::requester(&plan), schedule::responder(&plan)] {
        let last = frames.len() - 1;
        for (at, frame) in frames.iter().enumerate() {
            assert!(frame.kind.stage().is_some());
            assert_eq!(frame.kind.ends_direction(), at == last);
            assert_eq!(FrameKind::from_code(frame.kind as u8), Some(frame.kind));
        }
    }
    assert_eq!((FrameKind::Abort.stage(), FrameKind::from_code(0x20)), (None, None));
}

/// Who was found, and under which pseudonym, stands in no log, whoever prints an outcome.
#[test]
fn an_outcome_prints_no_result() {
    let found =
        Match { own: 4711, pseudonym: Pseudonym::from_bytes([0xab; 16]), grade: Grade::Strong, tables: vec![815] };
    let claim = Claim { own: 4711, pseudonym: Pseudonym::from_bytes([0xab; 16]) };
    let (round, transcript) = (RoundId::from_bytes([0xab; 32]), [0xab; 32]);
    let (matches, claims, claimed) =
        (vec![found.clone()], vec![claim.clone()], vec![Pseudonym::from_bytes([0xab; 16])]);
    let outcome = Outcome { matches, claims, claimed, round, transcript, receipt: vec![0xab] };
    for shown in [format!("{found:?}{found:#?}"), format!("{claim:?}{claim:#?}"), format!("{outcome:?}{outcome:#?}")] {
        assert!(["4711", "171", "ab", "trong", "815"].iter().all(|part| !shown.contains(part)), "{shown}");
    }
    assert_eq!(format!("{outcome:?}"), "Outcome(1 matches, 1 claims)");
}
