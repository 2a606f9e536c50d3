//! Suite 2 through the session: what a peer, or a line, that cheats meets.

use crate::parties::{lists, sessions_of, shape, tampered};
use blindlink::crypto::hash::hash;
use blindlink::error::{Error, Incompatible, PeerFault};
use blindlink::labels;
use blindlink::session::Outcome;
use blindlink::suite::{CODE_BITS, SUITE_1, SUITE_2};
use blindlink::wire::{FrameKind, parse};

const BODY: usize = 5;

/// A round of suite 2 in which `change` meets every frame on its way.
fn with(mut change: impl FnMut(bool, FrameKind, &mut Vec<u8>)) -> [Result<Outcome, Error>; 2] {
    let shape = shape(12, 12, [1, 1], [1, 1]);
    let (r, s) = lists(1, &shape);
    let (requester, responder) = sessions_of(&SUITE_2, &shape, &r, &s);
    tampered(requester, responder, |from_requester, frame| {
        let (kind, _, _) = parse(frame).unwrap();
        let kind =
            [FrameKind::Keys, FrameKind::BaseRequester, FrameKind::QueryDigests, FrameKind::Query, FrameKind::Table]
                .into_iter()
                .find(|known| *known as u8 == kind);
        if let Some(kind) = kind {
            change(from_requester, kind, frame);
        }
    })
}

fn fault(end: &Result<Outcome, Error>) -> PeerFault {
    match end {
        Err(Error::Peer(fault)) => fault.clone(),
        other => panic!("{other:?}"),
    }
}

fn changed(wanted: FrameKind, change: impl Fn(&mut [u8])) -> [Result<Outcome, Error>; 2] {
    let mut met = false;
    let ends = with(|_, kind, frame| {
        if kind == wanted {
            change(&mut frame[BODY..]);
            met = true;
        }
    });
    assert!(met, "the frame was sent");
    ends
}

/// Attacks 2, 3 and 4 of the design of suite 2: one damage each, with its own error.
#[test]
fn every_damaged_message_of_the_tree_engine_has_its_own_error() {
    let [r, _] = changed(FrameKind::Keys, |body| body[..32].fill(0xff));
    assert_eq!(fault(&r), PeerFault::BadElement { position: 0 }, "an answer of direction 3");
    let [r, _] = changed(FrameKind::Keys, |body| body[64 * CODE_BITS..64 * CODE_BITS + 32].fill(0));
    assert_eq!(fault(&r), PeerFault::BadElement { position: 0 }, "an answer of direction 2");
    let (offers, trees) = (16_416, 16_416 + 32 * CODE_BITS);
    let [_, s] = changed(FrameKind::BaseRequester, |body| body[offers..offers + 32].fill(0));
    assert_eq!(fault(&s), PeerFault::BadElement { position: 0 }, "an offer of direction 3");
    let [_, s] = changed(FrameKind::BaseRequester, |body| body[trees + 127] ^= 1);
    assert_eq!(fault(&s), PeerFault::InconsistentTree);
    // On a line a query has another digest than the announced one (V-OPRF-009).
    let [_, s] = changed(FrameKind::Query, |body| body[3] ^= 1);
    assert_eq!(fault(&s), PeerFault::BrokenCommitment { chunk: 0 });
}

/// V-OPRF-010: a requester that announces what it sends, and sends rows that are no words of the code. No table leaves.
#[test]
fn an_announced_query_that_is_no_codeword_is_refused() {
    // The digest must be known before the query is seen: from an honest run, which is the same to the last byte.
    let mut query = Vec::new();
    let honest = with(|_, kind, frame| {
        if kind == FrameKind::Query {
            query = frame[BODY..].to_vec();
        }
    });
    assert!(honest.iter().all(Result::is_ok));
    for at in [0, 5000, query.len() - 4000, query.len() - 1] {
        let mut wrong = query.clone();
        wrong[at] ^= 1;
        let mut tables = 0;
        let [_, s] = with(|_, kind, frame| match kind {
            FrameKind::Table => tables += 1,
            FrameKind::QueryDigests => {
                frame.truncate(BODY);
                frame.extend_from_slice(&hash(labels::QUERY_CHUNK, &[&wrong]));
            }
            FrameKind::Query => {
                frame.truncate(BODY);
                frame.extend_from_slice(&wrong);
            }
            _ => {}
        });
        assert_eq!(fault(&s), PeerFault::InconsistentOt { chunk: 0 }, "byte {at}");
        assert_eq!(tables, 0, "byte {at}");
    }
}

/// V-HELLO-002: both sides compute the same suite, or none.
#[test]
fn sides_of_different_suites_do_not_begin() {
    let shape = shape(12, 12, [1, 1], [1, 1]);
    let (r, s) = lists(1, &shape);
    let (requester, _) = sessions_of(&SUITE_1, &shape, &r, &s);
    let (_, responder) = sessions_of(&SUITE_2, &shape, &r, &s);
    let ends = tampered(requester, responder, |_, _| ());
    let found = |ours: u16, theirs: u16| Err(Error::Incompatible(Incompatible::Suite { ours, theirs }));
    assert!(ends[0] == found(1, 2) || ends[1] == found(2, 1), "{ends:?}");
    assert!(ends.iter().all(Result::is_err));
}
