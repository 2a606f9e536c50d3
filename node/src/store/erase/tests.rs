use super::*;
use crate::store::database::{AboutRound, KeptCases, KeptList, KeptRecord, KeptRound};
use crate::store::journal::{Carrier, Header, Journal};
use blindlink::identity::{IdentityKey, PeerId};
use blindlink::ids::{AgreementDigest, PolicyDigest, Pseudonym};
use blindlink::schema::kinds::LanePair;
use blindlink::secret::Secret;
use blindlink::session::{Grade, LogExchange, Role};
use std::path::Path;

const BEGUN: u64 = 1_790_000_000;
const DAY: u64 = 86_400;

fn peer() -> PeerId {
    IdentityKey::from_secret(&[9; 32]).id()
}

fn pair(own_id: &str, n: u8) -> KeptPair {
    KeptPair {
        own_id: own_id.into(),
        pseudonym: Pseudonym::from_bytes([n; 16]),
        grade: Some(Grade::Strong),
        tables: vec!["phone".into()],
    }
}

fn round(n: u8, out: Option<PathBuf>) -> KeptRound {
    KeptRound {
        row: 0,
        journal: format!("{n}-aa"),
        round: Some(RoundId::from_bytes([n; 32])),
        peer: peer(),
        role: Role::Requester,
        lanes: LanePair::SuspectSuspect,
        begun: BEGUN,
        ended: BEGUN + u64::from(n),
        agreement: Some(AgreementDigest::from_bytes([3; 32])),
        policy: PolicyDigest::from_bytes([4; 32]),
        list: None,
        failure: None,
        keep_until: None,
        erased: None,
        about: AboutRound { saved: true, pairs: 2, out, ..AboutRound::default() },
    }
}

/// An agreement of the vectors, and the days for which it keeps journals.
fn agreement() -> (Vec<u8>, u64) {
    let file: serde_json::Value = serde_json::from_str(include_str!("../../../../vectors/v2/agreement.json")).unwrap();
    let bytes = hex::decode(file["tests"][0]["agreement"].as_str().unwrap()).unwrap();
    let agreement = blindlink::agreement::Agreement::from_canonical_bytes(&bytes).unwrap();
    (bytes, agreement.retention.journal_days.into())
}

async fn journal(path: &Path, storage: &StorageKey, agreement: Vec<u8>, round: RoundId) {
    let key = IdentityKey::from_secret(&[1; 32]);
    let header = Header {
        role: Role::Requester,
        carrier: Carrier::Line,
        suite: blindlink::suite::CURRENT,
        begun: BEGUN,
        own: key.id(),
        peer: peer(),
        binding: [3; 32],
        seed: Secret::new([4; 32]),
        root: [5; 32],
        policy: Vec::new(),
        agreement,
        log: LogExchange::without_log(&key),
    };
    let journal = Journal::create(path, storage, &header).unwrap();
    journal.note(super::super::journal::Entry::Round(round));
    journal.sync().await.unwrap();
}

fn record(own: u32, own_id: &str) -> KeptRecord {
    let fields = vec![("family_names".to_owned(), format!("Invented {own_id}"))];
    KeptRecord { own, own_id: own_id.into(), lane: 1, child: false, fields, points: Vec::new() }
}

/// V-ERASE-001, V-ERASE-002, V-ERASE-003: of one record nothing is left but what an agreement keeps; of others everything is.
#[tokio::test]
async fn one_record_goes_and_the_others_stay() {
    let folder = tempfile::tempdir().unwrap();
    let data = DataDir::locate(Some(folder.path().join("node"))).unwrap();
    let identity = data.init().unwrap();
    let storage = data.storage().unwrap();
    let list = KeptList { file: "b.csv".into(), records: 2, rejected_rows: 0, values_left_out: 0, digests: Vec::new() };
    let (whole, changed) = (folder.path().join("whole.csv"), folder.path().join("changed.csv"));
    let results = [vec![pair("b1", 1), pair("b10", 2), pair("b1", 3)], vec![pair("b1", 4)], vec![pair("b10", 5)]];
    let (agreement, days) = agreement();
    let mut db = Database::open(&data, &storage).unwrap();
    for (n, (pairs, out)) in (1..).zip(results.iter().zip([Some(whole.clone()), Some(changed.clone()), None])) {
        let records = vec![record(0, "b1"), record(1, "b10")];
        let cases = KeptCases { records, ..KeptCases::default() };
        db.keep_with_cases(&round(n, out), &list, pairs, Some(&cases)).unwrap();
    }
    fs::write(&whole, results::text(Role::Requester, &results[0])).unwrap();
    fs::write(&changed, "own_id,remark\nb1,seen by an officer\n").unwrap();
    let ids = [1, 2, 3].map(|n| RoundId::from_bytes([n; 32]));
    let journals = ids.map(|id| rounds::closed(&data, &id).unwrap());
    journal(&journals[0], &storage, Vec::new(), ids[0]).await;
    journal(&journals[1], &storage, agreement, ids[1]).await;
    drop(db);

    let now = BEGUN + days * DAY - 1;
    let seen = look(&data, &storage, "b1", &[], now).unwrap();
    assert_eq!(seen.pairs, 3);
    let log = || Log::open(&data, &identity).unwrap().entries().iter().map(|e| e.fact.name()).collect::<Vec<_>>();
    assert_eq!(log(), ["begun"], "to look changes nothing");
    assert_eq!(erase(&data, &identity, &storage, ("b1", &[]), now).unwrap(), seen);
    assert_eq!((&seen.files[..], &seen.files_left[..]), (&[whole.clone()][..], &[changed.clone()][..]));
    assert_eq!((&seen.journals[..], &seen.journals_kept[..]), (&ids[..1], &[(ids[1], Some(now + 1))][..]));
    assert_eq!(log(), ["begun", "record_erased", "journal_deleted"]);
    assert_eq!((journals[0].exists(), journals[1].exists()), (false, true));

    let db = Database::open(&data, &storage).unwrap();
    let rows: Vec<i64> = ids.iter().map(|id| db.row_of(id).unwrap().unwrap()).collect();
    let left: Vec<_> = rows.iter().map(|row| db.pairs(*row, 0, 9).unwrap()).collect();
    assert_eq!(left, [vec![pair("b10", 2)], vec![], vec![pair("b10", 5)]]);
    for id in &ids {
        assert!(db.case_record(id, 0).unwrap().is_none());
        assert_eq!(db.case_record(id, 1).unwrap().unwrap().0, record(1, "b10"));
    }
    assert_eq!(fs::read(&whole).unwrap(), results::text(Role::Requester, &left[0]));
    assert!(fs::read_to_string(&changed).unwrap().contains("b1,"));

    // Told again: the file that was left, and nothing else. The journal's time is over, but no pair leads to it any more:
    // what its agreement keeps no longer goes by V-JOURNAL-004.
    let again = look(&data, &storage, "b1", &[], now + 1).unwrap();
    assert_eq!(again, Kept { files_left: vec![changed], ..Kept::default() });
}

/// V-ERASE-002: a file that names a longer identifier is not about this one.
#[test]
fn an_identifier_is_not_a_part_of_another() {
    for (line, is) in [("b1,aa", true), ("\"b1\",aa", true), ("b10,aa", false), ("xb1,aa", false), ("aa,b1", false)] {
        assert_eq!(has_row(format!("own_id,p\n{line}\n").as_bytes(), "b1"), is, "{line}");
    }
    assert!(has_row(b"\"a,\"\"b\",x", "a,\"b"));
}
