use super::*;
use crate::driver::Journal;
use crate::store::journal::{Carrier, Header};
use blindlink::identity::IdentityKey;
use blindlink::ids::RoundId;
use blindlink::secret::Secret;
use blindlink::session::LogExchange;
use blindlink::session::Role;

const BEGUN: u64 = 1_790_000_000;

/// An agreement of the vectors, and the days for which it keeps journals.
fn agreement() -> (Vec<u8>, u64) {
    let file: serde_json::Value = serde_json::from_str(include_str!("../../../../vectors/v2/agreement.json")).unwrap();
    let bytes = hex::decode(file["tests"][0]["agreement"].as_str().unwrap()).unwrap();
    let days = Agreement::from_canonical_bytes(&bytes).unwrap().retention.journal_days.into();
    (bytes, days)
}

async fn journal(path: &Path, storage: &StorageKey, agreement: Vec<u8>, round: Option<RoundId>) {
    let id = |n: u8| IdentityKey::from_secret(&[n; 32]).id();
    let header = Header {
        role: Role::Responder,
        carrier: Carrier::Line,
        suite: blindlink::suite::CURRENT,
        begun: BEGUN,
        own: id(1),
        peer: id(2),
        binding: [3; 32],
        seed: Secret::new([4; 32]),
        root: [5; 32],
        policy: Vec::new(),
        agreement,
        log: LogExchange::without_log(&IdentityKey::from_secret(&[1; 32])),
    };
    let journal = Journal::create(path, storage, &header).unwrap();
    if let Some(round) = round {
        journal.note(Entry::Round(round));
    }
    journal.sync().await.unwrap();
}

/// V-JOURNAL-004
#[tokio::test]
async fn journals_go_when_their_agreement_no_longer_keeps_them() {
    let folder = tempfile::tempdir().unwrap();
    let data = DataDir::locate(Some(folder.path().join("node"))).unwrap();
    let identity = data.init().unwrap();
    let (storage, rounds) = (data.storage().unwrap(), data.rounds().unwrap());
    let (agreement, days) = agreement();
    let (ended, early, open, training, foreign, damaged) = (
        rounds.join("ended.journal"),
        rounds.join("early.journal"),
        rounds.join("still.open"),
        rounds.join("training.journal"),
        rounds.join("foreign.journal"),
        rounds.join("damaged.journal"),
    );
    journal(&ended, &storage, agreement.clone(), Some(RoundId::from_bytes([9; 32]))).await;
    journal(&early, &storage, agreement.clone(), None).await;
    journal(&open, &storage, agreement.clone(), Some(RoundId::from_bytes([8; 32]))).await;
    journal(&training, &storage, Vec::new(), Some(RoundId::from_bytes([7; 32]))).await;
    journal(&foreign, &StorageKey::new(Secret::new([1; 32])), agreement, Some(RoundId::from_bytes([6; 32]))).await;
    fs::write(&damaged, b"not a journal").unwrap();
    let receipt = rounds.join("ended.receipt");
    fs::write(&receipt, b"kept with the audit log").unwrap();
    let here = || fs::read_dir(&rounds).unwrap().count();

    let last = BEGUN + days * DAY;
    for now in [0, BEGUN - 1, BEGUN, last - 1] {
        assert_eq!((expire(&data, &identity, &storage, now).unwrap(), here()), (0, 7));
    }
    assert_eq!(expire(&data, &identity, &storage, last).unwrap(), 2);
    assert!(!ended.exists() && !early.exists());
    for kept in [open, training, foreign, damaged, receipt] {
        assert!(kept.exists(), "{}", kept.display());
    }
    assert_eq!(expire(&data, &identity, &storage, u64::MAX).unwrap(), 0);

    let log = Log::open(&data, &identity).unwrap();
    let logged = log.entries().iter().filter_map(|entry| match entry.fact {
        Fact::JournalDeleted { round } => Some(round),
        _ => None,
    });
    let mut logged: Vec<_> = logged.collect();
    logged.sort_unstable();
    assert_eq!(logged, [None, Some(RoundId::from_bytes([9; 32]))]);
}
