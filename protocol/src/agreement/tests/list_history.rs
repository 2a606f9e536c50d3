//! Lists that differ by too few records.

use crate::agreement::ListHistory;
use crate::agreement::list_history::LISTS;
use std::ops::Range;

fn list(range: Range<u64>) -> Vec<[u8; 8]> {
    range.map(u64::to_be_bytes).collect()
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
