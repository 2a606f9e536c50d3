use super::*;
use crate::identity::IdentityKey;
use crate::ids::{AgreementDigest, PolicyDigest, RoundId};
use crate::wire::body::Body;

/// V-RECEIPT-001, V-RECEIPT-002: the peer's message must name this transcript, and be signed by the peer over all that
/// this side states.
#[test]
fn a_message_for_another_transcript_or_by_another_key_is_refused() {
    let [own, peer, stranger] = [1, 2, 3].map(|byte| IdentityKey::from_secret(&[byte; 32]));
    let statement = ReceiptStatement {
        round: RoundId::from_bytes([1; 32]),
        transcript: [2; 32],
        policy: PolicyDigest::from_bytes([3; 32]),
        agreement: Some(AgreementDigest::from_bytes([4; 32])),
        requester: *own.id().as_bytes(),
        responder: *peer.id().as_bytes(),
        records_requester: 10,
        records_responder: 20,
        bins: 300,
    };
    let message = statement.message(&peer);
    assert!(statement.check(peer.id(), &message).is_ok());
    let refused = |message: &ReceiptBody| statement.check(peer.id(), message).unwrap_err();
    let mut other = message.clone();
    other.transcript[0] ^= 1;
    assert_eq!(refused(&other), PeerFault::TranscriptMismatch.into());
    for at in [0, 63] {
        let mut other = message.clone();
        other.signature[at] ^= 1;
        assert_eq!(refused(&other), PeerFault::BadSignature.into());
    }
    assert_eq!(refused(&statement.message(&stranger)), PeerFault::BadSignature.into());
    let changed = ReceiptStatement { bins: 301, ..statement.clone() };
    assert_eq!(refused(&changed.message(&peer)), PeerFault::BadSignature.into(), "another number of bins");
    let bytes = message.write();
    assert_eq!(ReceiptBody::read(&bytes[..95]), Err(PeerFault::Truncated));
    assert_eq!(ReceiptBody::read(&[&bytes[..], &[0]].concat()), Err(PeerFault::TrailingBytes));
}
