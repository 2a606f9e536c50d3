//! Any bytes as a resume message, as the head of a turn by file, and as what a journal holds.
#![no_main]

use blindlink::identity::IdentityKey;
use blindlink::ids::RoundId;
use blindlink::session::Role;
use blindlink::wire::resume::{History, Position};
use blindlink::wire::turn;
use blindlink_node::store::journal::{Entry, Header};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let peer = IdentityKey::from_secret(&[2; 32]).id();
    let (received, sent) = (History::default(), History::default());
    let here = Position {
        round: RoundId::from_bytes([0; 32]),
        role: Role::Responder,
        binding: [0; 32],
        received: &received,
        sent: &sent,
        acknowledged: 0,
    };
    // Nobody without the peer's key gets past its signature.
    assert!(here.check(peer, data).is_err());
    if let Ok(header) = turn::TurnHeader::decode(data) {
        assert_eq!(header.encode(), data);
    }
    if let Ok(header) = Header::decode(data) {
        assert_eq!(header.encode().as_slice(), data);
    }
    if let Ok(entry) = Entry::decode(data) {
        assert_eq!(entry.encode(), data);
    }
});
