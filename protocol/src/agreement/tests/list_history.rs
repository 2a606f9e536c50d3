//! Lists that differ by too few records.

use crate::agreement::ListHistory;
use crate::agreement::list_history::{LISTS, ListedRecord, RememberedList};
use std::ops::Range;

fn list(range: Range<u64>) -> RememberedList {
    range.map(|n| ListedRecord { record: n.to_be_bytes(), encoding: (n + 1_000_000).to_be_bytes() }).collect()
}

/// The same records, encoded as the function says.
fn encoded(range: Range<u64>, encoding: fn(u64) -> u64) -> RememberedList {
    range.map(|n| ListedRecord { record: n.to_be_bytes(), encoding: encoding(n).to_be_bytes() }).collect()
}

/// V-BUDGET-006: what counts is what enters a round. Changed case references change records' digests only: they neither
/// make a list another nor hide that one record is new. New keys change every encoding, and hide no new record either.
#[test]
fn what_is_encoded_is_compared_and_the_records_too() {
    let mut history = ListHistory::default();
    history.remember(encoded(0..100, |n| n));
    let references = |shift: u64, range: Range<u64>| -> RememberedList {
        range.map(|n| ListedRecord { record: (n + shift).to_be_bytes(), encoding: n.to_be_bytes() }).collect()
    };
    assert!(!history.differs_by_few(&references(5000, 0..100), 10), "only references");
    assert!(history.differs_by_few(&references(5000, 0..101), 10), "one new record behind many new references");
    assert!(history.differs_by_few(&references(5000, 0..109), 10));
    assert!(!history.differs_by_few(&references(5000, 0..110), 10));
    assert!(!history.differs_by_few(&encoded(0..100, |n| n + 7000), 10), "another epoch, the same persons");
    assert!(history.differs_by_few(&encoded(0..101, |n| n + 7000), 10), "another epoch, and one person more");
    assert!(!history.differs_by_few(&encoded(0..110, |n| n + 7000), 10));
    // A record that was put in the place of another is two differences of each kind.
    assert!(history.differs_by_few(&encoded(1..101, |n| n), 10));
    // Two records with one encoding are one: a doubled row is no other list.
    assert!(!history.differs_by_few(&encoded(0..101, |n| n.min(99)), 10));
}

/// V-BUDGET-006: compared with each of the last lists, so that two small steps are no way around one.
#[test]
fn a_list_is_compared_with_every_remembered_one() {
    let mut history = ListHistory::default();
    let mut enter = |range: Range<u64>| {
        let few = history.differs_by_few(&list(range.clone()), 10);
        if !few {
            history.remember(list(range));
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
fn the_oldest_list_is_forgotten_and_a_list_is_kept_once() {
    let mut history = ListHistory::default();
    for n in 0..=LISTS as u64 {
        history.remember(list(n * 1000..n * 1000 + 100));
        history.remember(list(n * 1000..n * 1000 + 100));
    }
    assert_eq!(history.lists().len(), LISTS);
    assert!(!history.differs_by_few(&list(0..99), 10), "the first list is forgotten");
    assert!(history.differs_by_few(&list(1000..1099), 10));
    assert_eq!(ListHistory::new(history.lists().iter().cloned().cycle().take(20).collect()).lists().len(), LISTS);
    assert_eq!(format!("{history:?}"), "ListHistory(8)");
}
