//! Resume messages and turns by file: what fits is taken, and everything else is refused by its name.

use blindlink::error::{Error, Incompatible, PeerFault};
use blindlink::identity::IdentityKey;
use blindlink::ids::{FrameDigest, RoundId};
use blindlink::session::Role;
use blindlink::transcript::frame_digest;
use blindlink::wire::acknowledge::acknowledge;
use blindlink::wire::resume::{self, History, Position, RESUME_BYTES, burns};
use blindlink::wire::turn::{self, ExpectedTurn, TurnDigest, TurnHeader};
use blindlink::wire::{HEADER_BYTES, hello};

fn key(n: u8) -> IdentityKey {
    IdentityKey::from_secret(&[n; 32])
}

fn history(frames: &[u8]) -> History {
    let mut history = History::default();
    frames.iter().for_each(|frame| history.push(&FrameDigest::from_bytes([*frame; 32])));
    history
}

const FROM_REQUESTER: &[u8] = &[1, 2, 3, 4, 5, 6];
const FROM_RESPONDER: &[u8] = &[11, 12, 13, 14];

fn position<'a>(role: Role, received: &'a History, sent: &'a History) -> Position<'a> {
    Position { round: RoundId::from_bytes([9; 32]), role, binding: [8; 32], received, sent, acknowledged: 2 }
}

/// The requester's message as `change` makes it, signed by `signer`, as the responder judges it.
fn judged(signer: u8, frames: (&[u8], &[u8]), change: impl FnOnce(&mut Position<'_>)) -> Result<u32, Error> {
    let (received, sent) = (history(frames.0), history(frames.1));
    let mut theirs = position(Role::Requester, &received, &sent);
    change(&mut theirs);
    let message = theirs.message(&key(signer));
    assert_eq!(message.len(), RESUME_BYTES);
    let (received, sent) = (history(FROM_REQUESTER), history(FROM_RESPONDER));
    position(Role::Responder, &received, &sent).check(key(1).id(), &message[HEADER_BYTES..])
}

/// V-RESUME-001
#[test]
fn what_the_peer_has_is_what_it_says() {
    for count in 2..=4 {
        assert_eq!(judged(1, (&FROM_RESPONDER[..count], FROM_REQUESTER), |_| {}), Ok(count as u32));
    }
    // It may have made more than has come.
    assert_eq!(judged(1, (FROM_RESPONDER, &[1, 2, 3, 4, 5, 6, 7, 8]), |_| {}), Ok(4));
}

/// V-RESUME-003, V-RESUME-004, V-RESUME-005
#[test]
fn a_message_for_another_connection_or_round_or_by_another_key_is_refused_and_burns_nothing() {
    let whole = (FROM_RESPONDER, FROM_REQUESTER);
    for (refused, wanted) in [
        (judged(1, whole, |p| p.binding[0] ^= 1), Error::from(Incompatible::ChannelBinding)),
        (judged(2, whole, |_| {}), PeerFault::BadSignature.into()),
        (judged(1, whole, |p| p.round = RoundId::from_bytes([1; 32])), PeerFault::UnknownRound.into()),
        // Its own message sent back to it.
        (judged(1, whole, |p| p.role = Role::Responder), PeerFault::BadField("role").into()),
    ] {
        let error = refused.unwrap_err();
        assert_eq!(error, wanted);
        assert!(!burns(&error));
    }
}

/// V-RESUME-006, V-RESUME-007, V-RESUME-008
#[test]
fn a_past_that_does_not_fit_burns_the_round() {
    for (refused, wanted) in [
        // More than was sent.
        (judged(1, (&[11, 12, 13, 14, 15], FROM_REQUESTER), |_| {}), PeerFault::OverAcknowledged),
        // Less than was acknowledged.
        (judged(1, (&FROM_RESPONDER[..1], FROM_REQUESTER), |_| {}), PeerFault::StateLost),
        // Less made than has come.
        (judged(1, (FROM_RESPONDER, &FROM_REQUESTER[..5]), |_| {}), PeerFault::StateLost),
        // Other frames, either way.
        (judged(1, (&[11, 12, 99, 14], FROM_REQUESTER), |_| {}), PeerFault::HistoryMismatch),
        (judged(1, (&[11, 99, 13], FROM_REQUESTER), |_| {}), PeerFault::HistoryMismatch),
        (judged(1, (FROM_RESPONDER, &[1, 2, 3, 4, 99, 6]), |_| {}), PeerFault::HistoryMismatch),
    ] {
        let error = refused.unwrap_err();
        assert_eq!(error, wanted.into());
        assert!(burns(&error));
    }
}

#[test]
fn every_changed_bit_of_a_message_is_found() {
    let (received, sent) = (history(FROM_RESPONDER), history(FROM_REQUESTER));
    let message = position(Role::Requester, &received, &sent).message(&key(1));
    let (received, sent) = (history(FROM_REQUESTER), history(FROM_RESPONDER));
    let own = position(Role::Responder, &received, &sent);
    let body = &message[HEADER_BYTES..];
    assert_eq!(own.check(key(1).id(), body), Ok(4));
    for bit in 0..body.len() * 8 {
        let mut body = body.to_vec();
        body[bit / 8] ^= 1 << (bit % 8);
        let error = own.check(key(1).id(), &body).unwrap_err();
        assert!(!burns(&error), "bit {bit}: {error}");
    }
    assert_eq!(own.check(key(1).id(), &body[..body.len() - 1]), Err(PeerFault::Truncated.into()));
    assert_eq!(own.check(key(1).id(), &[body, &[0]].concat()), Err(PeerFault::TrailingBytes.into()));
    assert_eq!(resume::round_of(body), Ok(RoundId::from_bytes([9; 32])));
    assert_eq!(acknowledge(0x0102_0304), [0x70, 1, 2, 3, 4]);
    assert_eq!((hello::REQUESTER, hello::RESPONDER), (body[32], 2));
}

fn header() -> TurnHeader {
    TurnHeader {
        number: 3,
        exchange: FrameDigest::from_bytes([5; 32]),
        sender: *key(1).id().as_bytes(),
        recipient: *key(2).id().as_bytes(),
        previous: [6; 32],
    }
}

fn expected() -> ExpectedTurn {
    ExpectedTurn {
        number: 3,
        exchange: Some(FrameDigest::from_bytes([5; 32])),
        sender: key(1).id(),
        recipient: key(2).id(),
        previous: [6; 32],
    }
}

fn digest(header: &TurnHeader, frames: &[&[u8]]) -> TurnDigest {
    let mut digest = TurnDigest::new(header);
    frames.iter().for_each(|frame| digest.push(&frame_digest(frame)));
    digest
}

/// V-FILES-003, V-FILES-004, V-FILES-005, V-FILES-006
#[test]
fn a_turn_that_is_not_the_next_of_this_round_is_refused_by_name() {
    let frames: &[&[u8]] = &[b"one", b"two"];
    let good = digest(&header(), frames);
    let trailer = good.trailer(&key(1));
    assert_eq!(expected().check(&header(), &good, &trailer), Ok(()));

    let other = |change: &dyn Fn(&mut TurnHeader)| {
        let mut header = header();
        change(&mut header);
        let digest = digest(&header, frames);
        expected().check(&header, &digest, &digest.trailer(&key(1))).unwrap_err()
    };
    assert_eq!(other(&|h| h.sender[0] ^= 1), PeerFault::BadField("sender").into());
    assert_eq!(other(&|h| h.recipient[0] ^= 1), PeerFault::BadField("recipient").into());
    assert_eq!(other(&|h| h.exchange = FrameDigest::from_bytes([1; 32])), PeerFault::UnknownRound.into());
    assert_eq!(other(&|h| h.number = 5), PeerFault::TurnOutOfOrder { expected: 3, got: 5 }.into());
    assert_eq!(other(&|h| h.previous[0] ^= 1), PeerFault::HistoryMismatch.into());

    let refused = |digest: &TurnDigest, trailer: &[u8]| expected().check(&header(), digest, trailer).unwrap_err();
    for changed in [&[&b"one"[..], b"twp"][..], &[b"two", b"one"]] {
        assert_eq!(refused(&digest(&header(), changed), &trailer), PeerFault::BadSignature.into());
    }
    assert_eq!(refused(&digest(&header(), &frames[..1]), &trailer), PeerFault::BadField("number of frames").into());
    assert_eq!(refused(&good, &good.trailer(&key(2))), PeerFault::BadSignature.into());
    assert_eq!(refused(&good, &trailer[1..]), PeerFault::Truncated.into());
    assert_eq!(refused(&good, &[&trailer[..], &[0]].concat()), PeerFault::TrailingBytes.into());
}

/// V-FILES-001, V-FILES-005
#[test]
fn the_first_turn_says_which_exchange_it_is() {
    let hello = frame_digest(b"hello");
    let first = TurnHeader { number: 1, exchange: hello, previous: [0; 32], ..header() };
    let expected = ExpectedTurn { number: 1, exchange: None, previous: [0; 32], ..expected() };
    let good = digest(&first, &[b"hello"]);
    assert_eq!(expected.check(&first, &good, &good.trailer(&key(1))), Ok(()));
    let lying = TurnHeader { exchange: FrameDigest::from_bytes([5; 32]), ..first };
    let digest = digest(&lying, &[b"hello"]);
    assert_eq!(expected.check(&lying, &digest, &digest.trailer(&key(1))), Err(PeerFault::UnknownRound.into()));
    let (a, b) = (key(1).id(), key(2).id());
    // V-FILES-005: without a frame it says none, not even that of 32 zeros.
    let empty = TurnHeader { exchange: FrameDigest::from_bytes([0; 32]), ..header() };
    let digest = TurnDigest::new(&empty);
    let refused = expected.check(&empty, &digest, &digest.trailer(&key(1)));
    assert_eq!(refused, Err(PeerFault::BadField("number of frames").into()));
    assert_ne!(turn::binding(a, b), turn::binding(b, a), "who asks and who answers is bound too");
}

#[test]
fn bytes_that_are_no_turn_are_refused() {
    let bytes = header().encode();
    assert_eq!(bytes.len(), turn::HEADER_BYTES);
    assert_eq!(TurnHeader::decode(&bytes), Ok(header()));
    assert_eq!(TurnHeader::decode(&bytes[..bytes.len() - 1]), Err(PeerFault::Truncated));
    assert_eq!(TurnHeader::decode(&[&bytes[..], &[0]].concat()), Err(PeerFault::TrailingBytes));
    let mut other = bytes;
    other[0] ^= 1;
    assert_eq!(TurnHeader::decode(&other), Err(PeerFault::BadField("format")));
}
