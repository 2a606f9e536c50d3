use super::*;
use blindlink::encode::EncodedFields;
use blindlink::encode::{Filter, Token};
use blindlink::identity::IdentityKey;
use blindlink::policy::Policy;
use std::ops::Range;

fn list(range: Range<u32>) -> EncodedList {
    let policy = Policy::default_policy().unwrap().validate().unwrap();
    let mut list = policy.encode(&[]);
    list.shape.tables.truncate(1);
    list.records = records(range).into();
    list
}

fn records(range: Range<u32>) -> Vec<EncodedRecord> {
    let record = |n: u32| {
        let mut digest = [0; 32];
        // Spread over all bits, so that no digest looks like the zeros of an empty set.
        digest[..8].copy_from_slice(&u64::from(n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
        let mut token = [9; 16];
        token[..4].copy_from_slice(&n.to_be_bytes());
        EncodedRecord::unchecked(EncodedFields {
            others: Vec::new(),
            digest,
            filter: Filter::zero(8),
            tokens: vec![vec![Token::from_bytes(token)]],
        })
    };
    range.map(record).collect()
}

fn open(data: &DataDir, role: Role) -> QueryHistory {
    QueryHistory::open(data, &IdentityKey::from_secret(&[3; 32]).id(), LanePair::SuspectSuspect, role).unwrap()
}

fn folder() -> (tempfile::TempDir, DataDir) {
    let folder = tempfile::tempdir().unwrap();
    let data = DataDir::locate(Some(folder.path().into())).unwrap();
    (folder, data)
}

/// V-BUDGET-006: compared with each of the last lists, so that two small steps are no way around one.
#[test]
fn small_differences_to_any_remembered_list_are_seen() {
    let (_folder, data) = folder();
    let enter = |range: Range<u32>| {
        let mut memory = open(&data, Role::Responder);
        let few = memory.differs_by_few(&list(range.clone()), 10);
        if !few {
            memory.remember(&list(range), Role::Responder).unwrap();
        }
        few
    };
    assert!(!enter(0..100), "nothing to compare with");
    assert!(!enter(0..100), "the same list");
    assert!(enter(0..101) && enter(1..100) && enter(0..109));
    assert!(!enter(0..110));
    // Far from the last list, near to the one before.
    assert!(enter(0..99) && enter(0..119));
    assert!(!enter(0..120));
    assert!(!enter(0..100), "an old list again");
}

#[test]
fn a_widening_sweep_is_noticed_and_an_honest_list_is_not() {
    let (_folder, data) = folder();
    let ask = |range: Range<u32>| open(&data, Role::Requester).remember(&list(range), Role::Requester).unwrap();
    assert_eq!(ask(0..1000), []);
    assert_eq!(ask(0..1000), []);
    assert_eq!(ask(0..1400), []);
    assert_eq!(ask(5000..6000), [HistoryWarning::Sweep]);
    assert_eq!(ask(5000..6000), []);
    // Who answers asks nothing.
    let answer = |range: Range<u32>| open(&data, Role::Responder).remember(&list(range), Role::Responder).unwrap();
    assert_eq!((answer(0..1000), answer(5000..6000)), (vec![], vec![]));
}

#[test]
fn a_jump_of_the_list_is_noticed() {
    let (_folder, data) = folder();
    let answer = |n: u32| open(&data, Role::Responder).remember(&list(0..n), Role::Responder).unwrap();
    assert_eq!(answer(100), []);
    assert_eq!(answer(160), []);
    assert_eq!(answer(260), [HistoryWarning::Jump]);
    assert_eq!(answer(129), [HistoryWarning::Jump]);
}

#[test]
fn the_file_is_private_and_holds_nothing_in_the_clear() {
    let (folder, data) = folder();
    open(&data, Role::Requester).remember(&list(0..50), Role::Requester).unwrap();
    let path = fs::read_dir(folder.path().join("memory")).unwrap().next().unwrap().unwrap().path();
    let bytes = fs::read(&path).unwrap();
    for record in records(0..50) {
        assert!(!bytes.windows(8).any(|w| w == &record.digest[..8]));
        assert!(!bytes.windows(16).any(|w| w == record.tokens[0][0].as_bytes()));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    // Damage is told, not passed over.
    fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    let peer = IdentityKey::from_secret(&[3; 32]).id();
    let opened = QueryHistory::open(&data, &peer, LanePair::SuspectSuspect, Role::Requester);
    assert!(matches!(opened, Err(StoreError::Config(_))));
}

/// V-ERASE-004: a record that is forgotten is in no list any more; the list without it does not differ, another one does.
#[test]
fn a_record_is_forgotten_and_the_batch_rule_holds_for_the_others() {
    let (_folder, data) = folder();
    open(&data, Role::Requester).remember(&list(0..50), Role::Requester).unwrap();
    let digest = records(49..50)[0].digest;
    assert!(open(&data, Role::Requester).differs_by_few(&list(0..49), 20), "before, one record too few");
    let mut memory = QueryHistory::all(&data).unwrap().pop().unwrap();
    assert!(!memory.knows(&[[1; 32]]) && !memory.forget(&[[1; 32]]).unwrap());
    assert!(memory.knows(&[digest]) && memory.asked > 0);
    assert!(memory.forget(&[digest]).unwrap());
    let memory = open(&data, Role::Requester);
    assert!(!memory.knows(&[digest]) && (memory.asked, memory.set.is_none()) == (0, true));
    assert!(!memory.differs_by_few(&list(0..49), 20));
    assert!(memory.differs_by_few(&list(0..48), 20) && memory.differs_by_few(&list(0..50), 20));
}
