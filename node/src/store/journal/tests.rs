//! A journal gives back what went in; whatever was changed is found, and where; what a crash tore is cut off.
use super::*;
use blindlink::identity::IdentityKey;
use blindlink::ids::{FrameDigest, RoundId};
use blindlink::secret::Secret;
use blindlink::session::LogExchange;
use blindlink::session::Role;
use proptest::prelude::*;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

const SEED: [u8; 32] = [0x5e; 32];

fn header() -> Header {
    let id = |n: u8| IdentityKey::from_secret(&[n; 32]).id();
    Header {
        role: Role::Responder,
        carrier: Carrier::Line,
        suite: blindlink::suite::CURRENT,
        begun: 1_790_000_000,
        own: id(1),
        peer: id(2),
        binding: [3; 32],
        seed: Secret::new(SEED),
        root: [4; 32],
        policy: vec![5; 700],
        agreement: Vec::new(),
        log: LogExchange { time: 1_790_000_000, ..LogExchange::without_log(&IdentityKey::from_secret(&[1; 32])) },
    }
}

fn storage() -> StorageKey {
    StorageKey::new(Secret::new([7; 32]))
}

fn happened() -> Vec<Entry> {
    vec![
        Entry::Sent(FrameDigest::from_bytes([1; 32])),
        Entry::Received(b"a frame of the peer".to_vec()),
        Entry::Round(RoundId::from_bytes([2; 32])),
        Entry::Acknowledged(1),
        Entry::Received(vec![0xaa; 5000]),
        Entry::Resumed([3; 32]),
        Entry::Turn { number: 4, digest: [5; 32] },
        Entry::Received(Vec::new()),
        Entry::Ended(vec![6; 332]),
        Entry::Confirmed,
        Entry::Burnt(204),
    ]
}

async fn write(journal: &mut Journal, entries: &[Entry]) {
    let mut received = 0;
    for entry in entries {
        match entry {
            Entry::Received(frame) => {
                journal.received(Arc::new(frame.clone()), None);
                received += 1;
            }
            entry => journal.note(entry.clone()),
        }
    }
    journal.sync().await.unwrap();
    let mut durable = 0;
    while durable < received {
        durable = journal.durable().await.unwrap();
    }
    assert_eq!((durable, journal.backlog()), (received, 0));
}

async fn written(folder: &Path) -> PathBuf {
    let path = folder.join("round.journal");
    let mut journal = Journal::create(&path, &storage(), &header()).unwrap();
    write(&mut journal, &happened()).await;
    path
}

use std::path::Path;

fn all(path: &Path) -> Result<(Header, Vec<Entry>, Tail), JournalError> {
    let (header, mut entries) = read(path, &storage())?;
    let list = entries.by_ref().collect::<Result<_, _>>()?;
    Ok((header, list, entries.tail()))
}

/// V-JOURNAL-002: the file is opened for writing again, under another key.
#[tokio::test]
async fn what_went_in_comes_out_and_goes_on_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(folder.path()).await;
    let (head, entries, tail) = all(&path).unwrap();
    assert_eq!((head, entries), (header(), happened()));
    assert_eq!((tail.length, tail.number, tail.received), (fs::metadata(&path).unwrap().len(), 12, 3));

    let mut journal = loop {
        // The thread of the first journal gives the lock back when it ends.
        match lock(&path) {
            Ok(locked) => break Journal::reopen(&locked, &storage(), tail).unwrap(),
            Err(JournalError::InUse) => std::thread::yield_now(),
            Err(error) => panic!("{error}"),
        }
    };
    journal.received(Arc::new(vec![9; 9]), Some(Entry::Round(RoundId::from_bytes([8; 32]))));
    assert_eq!(journal.durable().await.unwrap(), 4);
    assert!(matches!(lock(&path), Err(JournalError::InUse)), "one process at a time");
    let (_, entries, _) = all(&path).unwrap();
    assert_eq!(entries[11..], [Entry::Received(vec![9; 9]), Entry::Round(RoundId::from_bytes([8; 32]))]);
}

/// V-JOURNAL-003: no name could be in it; that its contents cannot be read shows on the seed and on what the peer sent.
#[tokio::test]
async fn nothing_of_its_contents_can_be_read_without_the_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(folder.path()).await;
    let bytes = fs::read(&path).unwrap();
    for plain in [&SEED[..], b"a frame of the peer", &[0xaa; 64], &[5; 64], &[6; 64]] {
        assert!(!bytes.windows(plain.len()).any(|window| window == plain));
    }
    let other = StorageKey::new(Secret::new([8; 32]));
    assert!(matches!(read(&path, &other).unwrap_err(), JournalError::Key));
    assert!(!format!("{:?} {other:?}", header()).contains("5e, "), "the seed is not in debug output");
}

#[tokio::test]
async fn a_journal_that_a_crash_tore_is_read_up_to_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(folder.path()).await;
    let whole = fs::read(&path).unwrap();
    let ends: Vec<u64> = {
        let (_, mut entries) = read(&path, &storage()).unwrap();
        let mut ends = vec![entries.tail().length];
        while entries.next().is_some() {
            ends.push(entries.tail().length);
        }
        ends
    };
    for cut in (ends[0] as usize..whole.len()).step_by(97) {
        let kept = ends.iter().filter(|end| **end <= cut as u64).count() - 1;
        for zeros in [0, 1, 40] {
            fs::write(&path, [&whole[..cut], &vec![0; zeros]].concat()).unwrap();
            let read = all(&path);
            // Zeros that happen to complete a record are no torn record unless its tag is zeros too.
            match read {
                Ok((_, entries, tail)) => {
                    assert_eq!(entries, happened()[..kept], "cut at {cut}");
                    assert_eq!(tail.length, ends[kept]);
                }
                Err(JournalError::Damaged { number, .. }) => assert!(zeros > 0 && number as usize == kept + 1),
                Err(error) => panic!("{error}"),
            }
        }
    }
    fs::write(&path, &whole[..30]).unwrap();
    assert!(matches!(all(&path).unwrap_err(), JournalError::Damaged { number: 0, .. }));
}

/// V-JOURNAL-001
#[tokio::test]
async fn entries_cannot_change_places_or_be_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(folder.path()).await;
    let whole = fs::read(&path).unwrap();
    let (_, mut entries) = read(&path, &storage()).unwrap();
    let first = entries.tail().length as usize;
    entries.next();
    let second = entries.tail().length as usize;
    entries.next();
    let third = entries.tail().length as usize;
    let without = [&whole[..first], &whole[second..]].concat();
    let swapped = [&whole[..first], &whole[second..third], &whole[first..second], &whole[third..]].concat();
    for changed in [without, swapped] {
        fs::write(&path, changed).unwrap();
        let (_, mut entries) = read(&path, &storage()).unwrap();
        let error = entries.next().unwrap().unwrap_err();
        assert!(matches!(error, JournalError::Damaged { number: 1, at } if at == first as u64), "{error}");
        assert!(entries.next().is_none(), "nothing is read beyond damage");
    }
}

/// V-JOURNAL-005: what stands under its name is whole and already this process's, and nothing else is left.
#[tokio::test]
async fn a_journal_has_its_name_with_its_header_and_its_lock() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("round.open");
    let journal = Journal::create(&path, &storage(), &header()).unwrap();
    let (head, mut entries) = read(&path, &storage()).unwrap();
    assert!(head == header() && entries.next().is_none());
    assert!(matches!(lock(&path), Err(JournalError::InUse)));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    drop(journal);
}

#[tokio::test]
async fn a_journal_is_never_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("round.journal");
    fs::write(&path, b"older").unwrap();
    let error = Journal::create(&path, &storage(), &header()).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
    assert!(matches!(all(&path).unwrap_err(), JournalError::Format));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn one_changed_bit_is_found_where_it_is(at in 0.0..1.0f64, bit in 0..8u8) {
        let folder = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let path = runtime.block_on(written(folder.path()));
        let mut bytes = fs::read(&path).unwrap();
        let at = (bytes.len() as f64 * at) as usize;
        bytes[at] ^= 1 << bit;
        fs::write(&path, &bytes).unwrap();
        match all(&path) {
            Err(JournalError::Format) => prop_assert!(at < MAGIC.len()),
            // The first key, or its length.
            Err(JournalError::Key) => prop_assert!(at < MAGIC.len() + 65),
            Err(JournalError::Damaged { at: record, .. }) => prop_assert!(record <= at as u64),
            Err(error) => prop_assert!(false, "{}", error),
            // A length that now reaches beyond the end of the file looks like a record that was torn.
            Ok((_, entries, tail)) => {
                prop_assert!(entries.len() < happened().len() && tail.length <= at as u64);
            }
        }
    }

    #[test]
    fn bytes_that_are_no_entry_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        if let Ok(entry) = Entry::decode(&bytes) {
            prop_assert_eq!(entry.encode(), bytes.clone());
        }
        if let Ok(header) = Header::decode(&bytes) {
            prop_assert_eq!(&*header.encode(), &bytes);
        }
    }
}
