use super::*;
use blindlink::identity::IdentityKey;
use blindlink::ids::{AgreementDigest, PolicyDigest, Pseudonym, RoundId};
use blindlink::schema::kinds::LanePair;
use blindlink::session::{Grade, Role};
use std::fs;

mod kills;
mod walk;

struct Folder {
    data: DataDir,
    storage: StorageKey,
    _folder: tempfile::TempDir,
}

fn folder() -> Folder {
    let folder = tempfile::tempdir().unwrap();
    let data = DataDir::locate(Some(folder.path().into())).unwrap();
    data.init().unwrap();
    let storage = data.storage().unwrap();
    Folder { data, storage, _folder: folder }
}

impl Folder {
    fn open(&self) -> Database {
        Database::open(&self.data, &self.storage).unwrap()
    }
}

fn pair(own_id: &str, n: u8, grade: Grade) -> KeptPair {
    let tables = vec!["name-birth".to_owned(), "phone".to_owned()];
    KeptPair { own_id: own_id.into(), pseudonym: Pseudonym::from_bytes([n; 16]), grade: Some(grade), tables }
}

fn round(n: u8) -> KeptRound {
    let about = AboutRound { peer: "south".into(), records: 7, pairs: 2, saved: true, ..AboutRound::default() };
    KeptRound {
        row: 0,
        journal: format!("{n}-aa"),
        round: Some(RoundId::from_bytes([n; 32])),
        peer: IdentityKey::from_secret(&[9; 32]).id(),
        role: Role::Requester,
        lanes: LanePair::SuspectSuspect,
        begun: 1000 * u64::from(n),
        ended: 1000 * u64::from(n) + 60,
        agreement: Some(AgreementDigest::from_bytes([3; 32])),
        policy: PolicyDigest::from_bytes([4; 32]),
        list: None,
        failure: None,
        keep_until: None,
        erased: None,
        about,
    }
}

fn list() -> KeptList {
    let digests = vec![[1; 32], [2; 32]];
    KeptList { file: "b.csv".into(), records: 2, rejected_rows: 1, values_left_out: 0, digests }
}

#[test]
fn a_round_and_its_result_are_kept_and_never_written_over() {
    let folder = folder();
    let pairs = [pair("b1", 1, Grade::Strong), pair("b2", 2, Grade::Possible)];
    folder.open().keep(&round(1), &list(), &pairs).unwrap();
    // Told again after a restart, with something else: what is there stays.
    folder.open().keep(&KeptRound { failure: Some(20), ..round(1) }, &list(), &pairs[..1]).unwrap();
    let again = KeptRound { journal: "another".into(), ..round(1) };
    folder.open().keep(&again, &list(), &[]).unwrap();
    let db = folder.open();
    let kept = db.rounds(&RoundFilter::default()).unwrap();
    let [one] = &kept[..] else { panic!("{kept:?}") };
    assert_eq!(*one, KeptRound { row: one.row, list: one.list, ..round(1) });
    assert_eq!(db.pairs(one.row, 0, 10).unwrap(), pairs);
    assert_eq!(db.pairs(one.row, 1, 10).unwrap(), pairs[1..]);
    assert_eq!(db.pairs(one.row, 0, 1).unwrap(), pairs[..1]);
    assert_eq!(db.list(one.list.unwrap()).unwrap(), KeptList { digests: Vec::new(), ..list() });
    assert!(db.check().unwrap().is_ok());
}

#[test]
fn rounds_are_found_by_peer_and_by_the_beginning_of_their_id() {
    let folder = folder();
    let mut db = folder.open();
    for n in [1, 2, 17] {
        db.keep(&round(n), &list(), &[]).unwrap();
    }
    let failed = KeptRound { failure: Some(20), round: None, ..round(3) };
    db.keep(&failed, &list(), &[]).unwrap();
    let ids = |filter: &RoundFilter| db.rounds(filter).unwrap().iter().map(|one| one.begun / 1000).collect::<Vec<_>>();
    assert_eq!(ids(&RoundFilter::default()), [17, 3, 2, 1]);
    assert_eq!(ids(&RoundFilter { finished: true, most: Some(2), ..RoundFilter::default() }), [17, 2]);
    let stranger = IdentityKey::from_secret(&[8; 32]).id();
    assert!(ids(&RoundFilter { peer: Some(stranger), ..RoundFilter::default() }).is_empty());
    let found = |digits| db.rounds_by_id(digits).unwrap().len();
    assert_eq!((found("0101"), found("1"), found("11"), found("01010102"), found("")), (1, 1, 1, 0, 3));
    // The same list in all four.
    let lists: i64 = db.db.query_row("SELECT count(*) FROM lists", [], |row| row.get(0)).unwrap();
    assert_eq!(lists, 1);
}

#[test]
fn what_may_be_new_is_told() {
    let folder = folder();
    let mut db = folder.open();
    let strong = |id, n| pair(id, n, Grade::Strong);
    let possible = |id, n| pair(id, n, Grade::Possible);
    db.keep(&round(1), &list(), &[possible("same", 1), possible("grown", 2), possible("twice", 3)]).unwrap();
    // A round with lists of another kind has nothing to do with it.
    let other = KeptRound { lanes: LanePair::VictimVictim, ..round(2) };
    db.keep(&other, &list(), &[strong("fresh", 4)]).unwrap();
    let now = [possible("same", 5), strong("grown", 6), possible("twice", 7), possible("twice", 8), strong("fresh", 9)];
    db.keep(&round(3), &list(), &now).unwrap();
    let news = |n: usize| db.news(&db.rounds(&RoundFilter::default()).unwrap()[n]).unwrap();
    let told: Vec<_> = news(0).pairs.iter().map(|(pair, why)| (pair.own_id.clone(), why.name())).collect();
    let wanted = [("fresh", "record"), ("grown", "grade"), ("twice", "more_pairs"), ("twice", "more_pairs")];
    assert_eq!(told, wanted.map(|(id, why)| (id.to_owned(), why)));
    assert_eq!((news(0).compared, news(0).unknown), (1, 0));
    assert_eq!(news(2).pairs.len(), 3, "all of the first round is new");
}

#[test]
fn a_result_goes_when_its_agreement_no_longer_keeps_it() {
    let folder = folder();
    let mut db = folder.open();
    db.keep(&KeptRound { keep_until: Some(5000), ..round(1) }, &list(), &[pair("b1", 1, Grade::Strong)]).unwrap();
    db.keep(&KeptRound { keep_until: Some(9000), ..round(2) }, &list(), &[pair("b1", 2, Grade::Strong)]).unwrap();
    assert_eq!((db.expire(4999).unwrap(), db.due(5000).unwrap().len()), (0, 1));
    assert_eq!((db.expire(5000).unwrap(), db.expire(5000).unwrap()), (1, 0));
    let kept = db.rounds(&RoundFilter::default()).unwrap();
    assert_eq!((kept[0].erased, kept[1].erased), (None, Some(5000)));
    assert_eq!((db.pairs(kept[0].row, 0, 9).unwrap().len(), db.pairs(kept[1].row, 0, 9).unwrap().len()), (1, 0));
    // What was known only from there is told as new, and that this may be so.
    let news = db.news(&kept[0]).unwrap();
    assert_eq!((news.pairs.len(), news.compared, news.unknown), (1, 0, 1));
}

/// Everything on disk of the database.
fn bytes(folder: &Folder) -> Vec<u8> {
    let named = |name: &&str| folder.data.path().join(name);
    ["node.db", "node.db-wal"].iter().map(named).filter_map(|path| fs::read(path).ok()).flatten().collect()
}

#[test]
fn nothing_of_a_record_is_in_the_clear() {
    let folder = folder();
    let mut db = folder.open();
    let list = KeptList { file: "SENTINEL-FILE".into(), ..list() };
    db.keep(&round(1), &list, &[pair("SENTINEL-ID", 0xA7, Grade::Strong)]).unwrap();
    let on_disk = bytes(&folder);
    let holds = |what: &[u8]| on_disk.windows(what.len()).any(|window| window == what);
    assert!(holds(b"1-aa") && holds(&[1; 32]), "the journal's name and the round's id are there");
    for secret in [b"SENTINEL".as_slice(), b"name-birth", b"south", &[0xA7; 16]] {
        assert!(!holds(secret), "{:?}", String::from_utf8_lossy(secret));
    }
}

#[test]
fn a_value_opens_only_in_its_place_and_under_the_nodes_key() {
    let folder = folder();
    let mut db = folder.open();
    db.keep(&round(1), &list(), &[pair("b1", 1, Grade::Strong), pair("b2", 2, Grade::Strong)]).unwrap();
    db.db.execute_batch("UPDATE pairs SET pair = (SELECT pair FROM pairs WHERE number = 1) WHERE number = 2").unwrap();
    let row = db.rounds(&RoundFilter::default()).unwrap()[0].row;
    assert!(matches!(db.pairs(row, 0, 9), Err(StoreError::BadDatabase { .. })));
    drop(db);
    fs::remove_file(folder.data.path().join("storage.key")).unwrap();
    let other = folder.data.storage().unwrap();
    let said = Database::open(&folder.data, &other).unwrap_err().to_string();
    assert!(said.ends_with("its values are sealed under another storage key"), "{said}");
}

#[test]
fn a_later_release_and_a_damaged_file_are_told() {
    let folder = folder();
    let db = folder.open();
    db.db.pragma_update(None, "user_version", 999).unwrap();
    drop(db);
    let said = Database::open(&folder.data, &folder.storage).unwrap_err();
    assert!(said.to_string().ends_with("a later release wrote it"), "{said}");
    fs::write(path(&folder.data), [b'x'; 4096]).unwrap();
    let said = Database::open(&folder.data, &folder.storage).unwrap_err();
    assert!(matches!(said, StoreError::Database { .. }), "{said}");
}

#[cfg(unix)]
#[test]
fn only_this_user_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let mut db = folder.open();
    db.keep(&round(1), &list(), &[]).unwrap();
    for name in ["node.db", "node.db-wal", "node.db-shm"] {
        let mode = fs::metadata(folder.data.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
fn two_commands_can_write_at_once() {
    let folder = folder();
    let write = |from: u8| {
        for n in from..from + 20 {
            let mut db = folder.open();
            db.keep(&round(n), &list(), &[pair("b1", n, Grade::Strong)]).unwrap();
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| write(1));
        scope.spawn(|| write(101));
    });
    assert_eq!(folder.open().rounds(&RoundFilter::default()).unwrap().len(), 40);
}

#[test]
fn jobs_and_contacts_are_remembered() {
    let folder = folder();
    let mut db = folder.open();
    let row = db.job_begins("south", "round", 100, 105).unwrap();
    assert_eq!(db.last_job("south").unwrap().unwrap().ended, None);
    db.job_ends(row, 160, Some(20)).unwrap();
    db.job_begins("south", "round", 200, 201).unwrap();
    assert_eq!((db.last_job("south").unwrap().unwrap().due, db.last_job("north").unwrap()), (200, None));
    let jobs = db.jobs(9).unwrap();
    assert_eq!((jobs[1].failure, jobs[1].ended, jobs[1].begun), (Some(20), Some(160), 105));
    let peer = IdentityKey::from_secret(&[9; 32]).id();
    assert_eq!(db.last_contact(&peer).unwrap(), None);
    db.contact(&peer, 100, None).unwrap();
    db.clock_ahead(&peer, -3).unwrap();
    db.contact(&peer, 200, Some(69)).unwrap();
    let last = db.last_contact(&peer).unwrap().unwrap();
    assert_eq!(last, LastContact { tried: 200, reached: Some(100), failure: Some(69), clock_ahead: Some(-3) });
}

/// Kills of a process that writes; `BLINDLINK_CASES` takes so many times as many.
const KILLS: u64 = 20;

fn numbered(n: u32) -> KeptRound {
    let mut id = [0; 32];
    id[..4].copy_from_slice(&n.to_be_bytes());
    KeptRound {
        journal: format!("{n}-kill"),
        round: Some(RoundId::from_bytes(id)),
        begun: n.into(),
        ended: n.into(),
        ..round(1)
    }
}

/// Writes rounds and says which are kept, until it is killed.
fn write_until_killed(folder: &std::path::Path) {
    let data = DataDir::locate(Some(folder.into())).unwrap();
    let storage = data.storage().unwrap();
    let known = Database::open(&data, &storage).unwrap().rounds(&RoundFilter::default()).unwrap().len();
    let pairs: Vec<KeptPair> = (0..50).map(|n| pair(&format!("b{n}"), n, Grade::Strong)).collect();
    for n in u32::try_from(known).unwrap().. {
        Database::open(&data, &storage).unwrap().keep(&numbered(n), &list(), &pairs).unwrap();
        println!("kept {n}");
    }
}

/// A process that is killed at any moment loses nothing that it told as kept, and leaves a database that is whole.
#[test]
fn a_kill_loses_nothing_that_was_told_as_kept() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};
    if let Some(folder) = std::env::var_os("BLINDLINK_TEST_WRITES") {
        return write_until_killed(folder.as_ref());
    }
    let folder = folder();
    let times: u64 = std::env::var("BLINDLINK_CASES").ok().and_then(|times| times.parse().ok()).unwrap_or(1);
    let name = "store::database::tests::a_kill_loses_nothing_that_was_told_as_kept";
    let mut last = None;
    for kill in 0..KILLS * times {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture"])
            .env("BLINDLINK_TEST_WRITES", folder.data.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let reader = std::thread::spawn(move || {
            let kept = |line: String| line.rsplit_once("kept ").and_then(|(_, n)| n.parse::<u32>().ok());
            lines.map_while(Result::ok).filter_map(kept).last()
        });
        std::thread::sleep(Duration::from_millis(20 + kill * 37 % 230));
        child.kill().unwrap();
        child.wait().unwrap();
        last = reader.join().unwrap().or(last);
        let db = folder.open();
        assert_eq!(db.check().unwrap(), Ok(()));
        let rounds = db.rounds(&RoundFilter::default()).unwrap();
        assert!(rounds.len() as u64 >= last.map_or(0, |n| u64::from(n) + 1), "{} rounds, {last:?}", rounds.len());
        for round in &rounds {
            assert_eq!(db.pairs(round.row, 0, 99).unwrap().len(), 50, "a round comes with its whole result");
        }
    }
    assert!(last > Some(0), "something was written: {last:?}");
}

/// Who is in a pair, and under which pseudonym, stands in no log, whoever prints the type.
#[test]
fn a_kept_pair_prints_nothing_of_itself() {
    let shown =
        format!("{:?} {:#?}", pair("case-4711", 0xab, Grade::Strong), vec![pair("case-4711", 0xab, Grade::Strong)]);
    for part in ["4711", "171", "ab", "trong", "phone"] {
        assert!(!shown.contains(part), "{shown}");
    }
    let notice = KeptNotice { own: true, notice: b"case-4711".to_vec(), acknowledgement: vec![171] };
    let cases = KeptCases { items: Some(vec!["abab".into()]), policy: "4711".into(), ..KeptCases::default() };
    let run = KeptRun { run: "abab".into(), confirmed: vec!["4711".into()], ..KeptRun::default() };
    let shown = format!("{notice:?}{cases:?}{run:?}");
    assert_eq!(shown, "KeptNotice(own: true)KeptCases(0 records)KeptRun(0, 1 confirmed)");
}

fn step(log: &mut blindlink_review::Log, at: u64, what: blindlink_review::What) -> Vec<blindlink_review::Entry> {
    let by = blindlink_review::Actor::Node;
    vec![log.append(blindlink_review::Event { at, by, what }).unwrap()]
}

fn began(agreement: u8) -> blindlink_review::What {
    blindlink_review::What::AgreementBegan {
        agreement: AgreementDigest::from_bytes([agreement; 32]),
        grade_hidden: true,
        keep: 1000,
    }
}

/// V-REVIEW-005
#[test]
fn the_log_of_review_is_shared_by_commands_and_a_changed_one_is_refused() {
    let folder = folder();
    let (mut one, mut other) = (blindlink_review::Log::default(), blindlink_review::Log::default());
    folder.open().review(&mut one, |log| ((), step(log, 1, began(1)))).unwrap();
    // The other has not heard of the first step, and takes its own after it.
    folder.open().review(&mut other, |log| ((), step(log, 2, began(2)))).unwrap();
    folder.open().read_review(&mut one).unwrap();
    assert_eq!((one.len(), one.head()), (2, other.head()));
    assert_eq!(folder.open().review_entries(1, 9).unwrap().len(), 1);
    // A step that is not durable is not in the log either.
    let db = folder.open();
    db.db.execute("CREATE TRIGGER full BEFORE INSERT ON review BEGIN SELECT RAISE(ABORT, 'full'); END", []).unwrap();
    assert!(folder.open().review(&mut one, |log| ((), step(log, 3, began(3)))).is_err());
    assert!(one.is_empty());
    db.db.execute("DROP TRIGGER full", []).unwrap();
    folder.open().read_review(&mut one).unwrap();
    assert_eq!(one.len(), 2);
    // An entry that was left out, and one in another's place.
    db.db.execute("UPDATE review SET number = 5 WHERE number = 0", []).unwrap();
    assert!(folder.open().read_review(&mut blindlink_review::Log::default()).is_err());
    db.db.execute("UPDATE review SET number = 0 WHERE number = 5", []).unwrap();
    db.db
        .execute("UPDATE review SET entry = (SELECT entry FROM review WHERE number = 0) WHERE number = 1", [])
        .unwrap();
    assert!(folder.open().read_review(&mut blindlink_review::Log::default()).is_err());
}

#[test]
fn a_person_and_the_account_are_kept_together_or_not_at_all() {
    let folder = folder();
    let account = KeptAccount { name: "chief".into(), account: vec![1] };
    let mut log = blindlink_review::Log::default();
    let refused = |_: &mut blindlink_review::Log| ((), Vec::new());
    folder.open().review_with(&mut log, Some(&account), refused).unwrap();
    assert_eq!(folder.open().account("chief").unwrap(), None, "the step was not allowed");
    let db = folder.open();
    db.db.execute("CREATE TRIGGER full BEFORE INSERT ON accounts BEGIN SELECT RAISE(ABORT, 'full'); END", []).unwrap();
    assert!(folder.open().review_with(&mut log, Some(&account), |log| ((), step(log, 1, began(1)))).is_err());
    folder.open().read_review(&mut log).unwrap();
    assert!(log.is_empty(), "nobody works here who cannot log in");
    db.db.execute("DROP TRIGGER full", []).unwrap();
    folder.open().review_with(&mut log, Some(&account), |log| ((), step(log, 1, began(1)))).unwrap();
    assert_eq!((log.len(), folder.open().account("chief").unwrap()), (1, Some(account)));
}

#[test]
fn accounts_are_sealed_found_by_name_and_forgotten() {
    let folder = folder();
    let account = KeptAccount { name: "sentinel-name".into(), account: b"sentinel-account".to_vec() };
    folder.open().keep_account(&account).unwrap();
    folder.open().keep_account(&KeptAccount { account: vec![7], ..account.clone() }).unwrap();
    let db = folder.open();
    assert_eq!(db.account("sentinel-name").unwrap().unwrap().account, [7]);
    assert_eq!((db.account("other").unwrap(), db.accounts().unwrap().len()), (None, 1));
    drop(db);
    let text = fs::read(path(&folder.data)).unwrap();
    assert!(!text.windows(8).any(|part| part == b"sentinel"));
    assert!(folder.open().forget_account("sentinel-name").unwrap());
    assert!(!folder.open().forget_account("sentinel-name").unwrap());
}

#[test]
fn the_own_records_of_pairs_are_sealed_and_go_with_the_pairs() {
    let folder = folder();
    let record = KeptRecord {
        own: 4,
        own_id: "b1".into(),
        lane: 1,
        child: true,
        fields: vec![("family_names".into(), "Sentinelson".into())],
        points: vec![("sex".into(), 3)],
    };
    let tables = vec![("name-birth".to_owned(), "a name".to_owned()), ("phone".to_owned(), "a number".to_owned())];
    let cases = KeptCases {
        policy: "00".into(),
        tables,
        slots: Some(8),
        items: Some(vec!["01".repeat(16)]),
        records: vec![record.clone()],
    };
    let kept = KeptRound { keep_until: Some(5000), ..round(1) };
    folder.open().keep_with_cases(&kept, &list(), &[pair("b1", 1, Grade::Strong)], Some(&cases)).unwrap();
    let mut db = folder.open();
    let new = db.new_cases().unwrap();
    let [case] = &new[..] else { panic!("{new:?}") };
    assert_eq!((case.round, case.agreement), (RoundId::from_bytes([1; 32]), AgreementDigest::from_bytes([3; 32])));
    let (found, own, lane, child, bits) = &case.pairs[0];
    assert_eq!((found.pseudonym, *own, *lane, *child, *bits), (Pseudonym::from_bytes([1; 16]), 4, 1, true, 0b11));
    let (kept, about) = db.case_record(&RoundId::from_bytes([1; 32]), 4).unwrap().unwrap();
    assert_eq!((kept, about.slots, about.items), (record, Some(8), cases.items));
    assert!(
        db.case_record(&RoundId::from_bytes([1; 32]), 5).unwrap().is_none()
            && db.case_record(&RoundId::from_bytes([2; 32]), 4).unwrap().is_none()
    );
    db.cases_received(case.row, 77).unwrap();
    assert!(db.new_cases().unwrap().is_empty());
    drop(db);
    let seen = |name: &str| {
        let text = fs::read(folder.data.path().join(name)).unwrap_or_default();
        text.windows(8).any(|part| part == b"Sentinel")
    };
    assert!(!seen("node.db") && !seen("node.db-wal"));
    folder.open().expire(5000).unwrap();
    assert!(folder.open().case_record(&RoundId::from_bytes([1; 32]), 4).unwrap().is_none());
}
