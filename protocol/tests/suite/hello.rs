//! What a hello must agree in, in the order in which it is checked (spec section 7.4).

use blindlink::Error;
use blindlink::error::{Incompatible, PeerFault};
use blindlink::identity::{IdentityKey, PeerId};
use blindlink::policy::Policy;
use blindlink::suite::CURRENT;
use blindlink::wire::hello::{HEAD_BYTES, Hello, REQUESTER, RESPONDER, VERSION};

fn identity(byte: u8) -> PeerId {
    IdentityKey::from_secret(&[byte; 32]).id()
}

/// The default policy with that many records of the requester.
fn policy(records: u32) -> Vec<u8> {
    Policy::default_policy().unwrap().with_records(records, 1).to_canonical_bytes()
}

fn hello(role: u8, key: u8) -> Hello {
    Hello {
        version: VERSION,
        suite: blindlink::suite::CURRENT.number,
        role,
        identity: *identity(key).as_bytes(),
        nonce: [key; 32],
        binding: [9; 32],
        policy: policy(1),
        agreement: Vec::new(),
        log_head: Box::new([0; HEAD_BYTES]),
    }
}

/// The responder's verdict on a requester's hello that was changed.
fn verdict(change: impl FnOnce(&mut Hello)) -> Result<(), Error> {
    let mut theirs = hello(REQUESTER, 1);
    change(&mut theirs);
    let frame = theirs.encode();
    let received = Hello::decode(&frame[5..])?;
    received.check(&hello(RESPONDER, 2), identity(1)).map(|_| ())
}

#[test]
fn what_fits_is_accepted() {
    assert_eq!(verdict(|_| ()), Ok(()));
}

/// V-HELLO-001 to V-HELLO-008: each field's own error.
#[test]
fn each_difference_has_its_error() {
    let incompatible = |e: Incompatible| Err(Error::Incompatible(e));
    let bad = |field| Err(Error::Peer(PeerFault::BadField(field)));
    // V-HELLO-001
    assert_eq!(verdict(|h| h.version = 1), incompatible(Incompatible::Version { ours: 2, theirs: 1 }));
    // V-HELLO-002
    assert_eq!(verdict(|h| h.suite = 7), incompatible(Incompatible::Suite { ours: CURRENT.number, theirs: 7 }));
    // V-HELLO-003
    assert_eq!(verdict(|h| h.identity = *identity(3).as_bytes()), bad("identity"));
    // V-HELLO-004
    assert_eq!(verdict(|h| h.role = RESPONDER), incompatible(Incompatible::Role("responder")));
    assert_eq!(verdict(|h| h.role = 0), bad("role"));
    // V-HELLO-005
    assert_eq!(verdict(|h| h.nonce = [2; 32]), bad("nonce"));
    // V-HELLO-006
    assert_eq!(verdict(|h| h.binding[31] ^= 1), incompatible(Incompatible::ChannelBinding));
    // V-HELLO-007
    for (theirs, field) in [(policy(2), "round.records_requester"), (b"another".to_vec(), "policy")] {
        let field = field.to_owned();
        assert_eq!(verdict(|h| h.policy = theirs), incompatible(Incompatible::Policy { field }));
    }
    // V-HELLO-008: here against training; `agreement.rs` has two agreements.
    let field = "training".to_owned();
    assert_eq!(verdict(|h| h.agreement = vec![1]), incompatible(Incompatible::Agreement { field }));
}

/// The first failure is the one that is reported, so that a peer of another version hears just that.
#[test]
fn checks_have_an_order() {
    type Change = fn(&mut Hello);
    let changes: [(Change, u16); 8] = [
        (|h| h.version = 1, 300),
        (|h| h.suite = 7, 301),
        (|h| h.identity = *identity(3).as_bytes(), 210),
        (|h| h.role = RESPONDER, 303),
        (|h| h.nonce = [2; 32], 210),
        (|h| h.binding = [0; 32], 304),
        (|h| h.policy = b"another".to_vec(), 302),
        (|h| h.agreement = b"another".to_vec(), 305),
    ];
    for (first, (_, code)) in changes.iter().enumerate() {
        let all_from_here = |h: &mut Hello| changes[first..].iter().for_each(|(change, _)| change(h));
        assert_eq!(verdict(all_from_here).unwrap_err().code(), *code, "change {first}");
    }
}

/// A hello of another version or suite is read no further than that.
#[test]
fn another_version_or_suite_may_look_like_anything() {
    let error = Hello::decode(&[0, 1, 1, 2, 3]).unwrap_err();
    assert_eq!(error, Error::Incompatible(Incompatible::Version { ours: 2, theirs: 1 }));
    let error = Hello::decode(&[0, 2, 0, 3]).unwrap_err();
    assert_eq!(error, Error::Incompatible(Incompatible::Suite { ours: CURRENT.number, theirs: 3 }));
    let frame = hello(REQUESTER, 1).encode();
    assert_eq!(Hello::decode(&frame[5..frame.len() - 1]), Err(Error::Peer(PeerFault::Truncated)));
    assert_eq!(Hello::decode(&[&frame[5..], &[0]].concat()), Err(Error::Peer(PeerFault::TrailingBytes)));
}
