#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use crate::store::journal::{Carrier, Journal};
use blindlink::identity::{IdentityKey, PeerId};
use blindlink::ids::RoundId;
use blindlink::secret::Secret;
use blindlink::session::LogExchange;

fn peer() -> Peer {
    Peer { name: "south".into(), id: IdentityKey::from_secret(&[2; 32]).id(), addr: None }
}

fn begin(data: &DataDir, storage: &StorageKey) -> PathBuf {
    let own = IdentityKey::from_secret(&[1; 32]);
    let header = Header {
        role: Role::Responder,
        carrier: Carrier::Line,
        suite: blindlink::suite::CURRENT,
        begun: 7,
        own: own.id(),
        peer: peer().id,
        binding: [0; 32],
        seed: Secret::new([3; 32]),
        root: [4; 32],
        policy: Vec::new(),
        agreement: Vec::new(),
        log: LogExchange { time: 7, ..LogExchange::without_log(&own) },
    };
    let path = new_path(data, 7).unwrap();
    drop(Journal::create(&path, storage, &header).unwrap());
    note_start(&path, 1).unwrap();
    path
}

fn found(data: &DataDir, storage: &StorageKey) -> StoredRound {
    opened(|| open_rounds(data, storage, &peer(), Role::Responder)).pop().unwrap()
}

/// A journal's thread holds the lock for a moment after the journal was dropped.
fn opened<T>(open: impl Fn() -> Result<T, StoreError>) -> T {
    loop {
        match open() {
            Err(StoreError::InUse { .. }) => std::thread::sleep(std::time::Duration::from_millis(10)),
            found => return found.unwrap(),
        }
    }
}

fn go_on(data: &DataDir, storage: &StorageKey) {
    let round = found(data, storage);
    let mut entries = round.entries(storage).unwrap();
    entries.by_ref().for_each(drop);
    let tail = entries.tail();
    drop(Journal::reopen(&round.file, storage, tail).unwrap());
    note_start(&round.path, tail.openings + 1).unwrap();
}

/// V-RESUME-017: a journal that was opened more often than it says is an older copy.
#[test]
fn a_journal_that_was_put_back_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let data = DataDir::locate(Some(folder.path().into())).unwrap();
    let storage = data.storage().unwrap();
    let path = begin(&data, &storage);
    assert!(!found(&data, &storage).put_back);
    let before = fs::read(&path).unwrap();
    go_on(&data, &storage);
    let between = fs::read(&path).unwrap();
    assert!(!found(&data, &storage).put_back);
    go_on(&data, &storage);
    assert!(!found(&data, &storage).put_back);
    for older in [before, between] {
        fs::write(&path, older).unwrap();
        assert!(found(&data, &storage).put_back);
    }
    // A crash between the two notes leaves the journal ahead; and a round that is over leaves nothing behind.
    fs::write(starts_path(&path).unwrap(), "1\n").unwrap();
    assert!(!found(&data, &storage).put_back);
    mark_closed(&path, None).unwrap();
    assert_eq!(fs::read_dir(data.path().join("starts")).unwrap().count(), 0);
}

/// V-RESUME-016
#[test]
fn the_note_of_an_ended_round_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let data = DataDir::locate(Some(folder.path().into())).unwrap();
    let ended = EndedRound {
        role: Role::Responder,
        peer: PeerId::clone(&peer().id),
        received: (9, [1; 32]),
        sent: (1 << 20, [2; 32]),
    };
    assert_eq!(EndedRound::read(&data, &RoundId::from_bytes([5; 32])), None);
    ended.write(&data, &RoundId::from_bytes([5; 32])).unwrap();
    assert_eq!(EndedRound::read(&data, &RoundId::from_bytes([5; 32])), Some(ended));
    assert_eq!(EndedRound::read(&data, &RoundId::from_bytes([6; 32])), None);
}
