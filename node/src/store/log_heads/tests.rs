#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use blindlink::audit::head::cosign;
use blindlink::identity::IdentityKey;

fn node() -> (tempfile::TempDir, DataDir, Identity) {
    let folder = tempfile::tempdir().unwrap();
    let data = DataDir::locate(Some(folder.path().join("node"))).unwrap();
    let identity = data.init().unwrap();
    (folder, data, identity)
}

fn grow(data: &DataDir, identity: &Identity) {
    Log::open(data, identity).unwrap().append(vec![Fact::JournalDeleted { round: None }]).unwrap();
}

/// V-COSIGN-003: one head is offered until the peer has cosigned it, then a later one, with a proof from there.
#[test]
fn one_head_is_offered_until_it_is_cosigned() {
    let (_folder, data, identity) = node();
    let by = IdentityKey::from_secret(&[9; 32]);
    let heads = LogHeads::of(&data, &by.id());
    let offer = || heads.offer(&Log::open(&data, &identity).unwrap(), &identity).unwrap();
    let first = offer();
    assert_eq!((first.head.size, first.since), (1, 0));
    grow(&data, &identity);
    assert_eq!(offer(), first);
    let own = identity.key().id();
    let take = |signature: &[u8; 64]| heads.cosigned(&Log::open(&data, &identity).unwrap(), &identity, 5, signature);
    assert!(take(&[1; 64]).is_err());
    assert_eq!(offer(), first, "a bad cosignature is none");
    take(&cosign(&by, 5, &own, &first.head)).unwrap();
    let second = offer();
    assert_eq!((second.head.size, second.since), (2, 1));
    assert_eq!(second.check_follows(&first.head), Ok(()));
    // V-COSIGN-004: of two nodes that have forgotten each other none speaks of what was.
    heads.forget(&data, &identity).unwrap();
    let third = offer();
    assert_eq!((third.head.size, third.since), (3, 0));
    assert_eq!(third.check_follows(&TreeHead::empty()), Ok(()));
    assert_ne!(third.check_follows(&first.head), Ok(()), "who has not forgotten refuses");
    // Another peer knows nothing of this one.
    let other = LogHeads::of(&data, &IdentityKey::from_secret(&[8; 32]).id());
    assert_eq!(other.offer(&Log::open(&data, &identity).unwrap(), &identity).unwrap().since, 0);
    // An auditor gets the cosigned checkpoint.
    let kept = data.path().join("audit/cosigned").join(format!("1-{}.checkpoint", hex::encode(by.id().as_bytes())));
    let note = blindlink::audit::Note::parse(&fs::read(kept).unwrap()).unwrap();
    assert!(note.signed_by(&blindlink::audit::Key::of_cosigner(&by.id())).is_ok());
}

/// V-COSIGN-001: what is cosigned stands in the own log and is remembered; it never goes back.
#[test]
fn what_was_cosigned_is_remembered_until_the_operator_forgets_it() {
    let (_folder, data, identity) = node();
    let peer = IdentityKey::from_secret(&[9; 32]);
    let heads = LogHeads::of(&data, &peer.id());
    assert_eq!(heads.known().unwrap(), TreeHead::empty());
    let leaves = [[1; 32], [2; 32], [3; 32]];
    let head = LogHead::new(&peer, &leaves, 0);
    let logged = || Log::open(&data, &identity).unwrap().entries().len();
    heads.cosign(&data, &identity, &head).unwrap();
    assert_eq!((heads.known().unwrap(), logged()), (head.head, 2));
    // A round that is made again from its journal tells it again.
    heads.cosign(&data, &identity, &head).unwrap();
    heads.cosign(&data, &identity, &LogHead::new(&peer, &leaves[..2], 0)).unwrap();
    assert_eq!((heads.known().unwrap(), logged()), (head.head, 2));
    heads.forget(&data, &identity).unwrap();
    assert_eq!((heads.known().unwrap(), logged()), (TreeHead::empty(), 3));
    let log = Log::open(&data, &identity).unwrap();
    let forgotten = Fact::Cosigned { peer: peer.id(), size: 0, root: TreeHead::empty().root };
    assert_eq!(log.entries()[2].fact, forgotten);
}
