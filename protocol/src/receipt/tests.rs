#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use crate::identity::IdentityKey;

/// V-RECEIPT-001, V-RECEIPT-002: the peer's message must name this transcript, and be signed by the peer over all that
/// this side states.
#[test]
fn a_message_for_another_transcript_or_by_another_key_is_refused() {
    let [own, peer, stranger] = [1, 2, 3].map(|byte| IdentityKey::from_secret(&[byte; 32]));
    let statement = Statement {
        round: [1; 32],
        transcript: [2; 32],
        policy: [3; 32],
        agreement: [4; 32],
        requester: *own.id().as_bytes(),
        responder: *peer.id().as_bytes(),
        records_requester: 10,
        records_responder: 20,
        bins: 300,
    };
    let message = statement.message(&peer);
    assert!(statement.check(peer.id(), &message).is_ok());
    let refused = |message: &[u8]| statement.check(peer.id(), message).unwrap_err();
    let mut other = message.clone();
    other[0] ^= 1;
    assert_eq!(refused(&other), PeerFault::TranscriptMismatch.into());
    for at in [32, 95] {
        let mut other = message.clone();
        other[at] ^= 1;
        assert_eq!(refused(&other), PeerFault::BadSignature.into());
    }
    assert_eq!(refused(&statement.message(&stranger)), PeerFault::BadSignature.into());
    let changed = Statement { bins: 301, ..statement.clone() };
    assert_eq!(refused(&changed.message(&peer)), PeerFault::BadSignature.into(), "another number of bins");
    assert_eq!(refused(&message[..95]), PeerFault::Truncated.into());
    assert_eq!(refused(&[&message[..], &[0]].concat()), PeerFault::TrailingBytes.into());
}
