//! The last lists with which a side entered rounds, so that no two rounds differ by too few records (V-BUDGET-006).

use std::collections::BTreeSet;

/// Different lists that are remembered.
pub const LISTS: usize = 8;

/// What is remembered of a record: 8 bytes each of a function with a key of the node's own, so that a reader of the file
/// learns nothing about the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListedRecord {
    /// Of the digest of the record's canonical bytes.
    pub record: [u8; 8],
    /// Of the digest of what was encoded of it.
    pub encoding: [u8; 8],
}

/// A list: its records in order, each once.
pub type RememberedList = BTreeSet<ListedRecord>;

/// The last different lists, oldest first.
#[derive(Default)]
pub struct ListHistory(Vec<RememberedList>);

/// Shows the number of lists only.
impl core::fmt::Debug for ListHistory {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "ListHistory({})", self.0.len())
    }
}

impl ListHistory {
    /// A history of these lists, oldest first; of more than [`LISTS`], the newest are kept.
    #[must_use]
    pub fn new(lists: Vec<RememberedList>) -> Self {
        let mut history = Self(lists);
        history.forget_surplus();
        history
    }

    /// The lists, oldest first.
    #[must_use]
    pub fn lists(&self) -> &[RememberedList] {
        &self.0
    }

    /// Whether a list differs from one of these in what enters a round, but by fewer than `least` encodings, or by some
    /// records that are fewer than `least`; added and taken away are counted together (V-BUDGET-006). So a changed case
    /// reference, which enters no round, hides no new record, and neither do new keys, which change every encoding.
    #[must_use]
    pub fn differs_by_few(&self, now: &RememberedList, least: u32) -> bool {
        self.0.iter().any(|before| {
            let encodings = differing(before, now, |record| record.encoding);
            let records = differing(before, now, |record| record.record);
            let least = least as usize;
            encodings > 0 && (encodings < least || (records > 0 && records < least))
        })
    }

    /// Remembers a list as the newest, and forgets the oldest beyond [`LISTS`].
    pub fn remember(&mut self, list: RememberedList) {
        self.0.retain(|known| *known != list);
        self.0.push(list);
        self.forget_surplus();
    }

    /// Forgets a record in all lists (V-ERASE-004); says whether one had it.
    pub fn forget(&mut self, record: [u8; 8]) -> bool {
        let before: usize = self.0.iter().map(BTreeSet::len).sum();
        self.0.iter_mut().for_each(|list| list.retain(|known| known.record != record));
        self.0.iter().map(BTreeSet::len).sum::<usize>() < before
    }

    fn forget_surplus(&mut self) {
        let surplus = self.0.len().saturating_sub(LISTS);
        self.0.drain(..surplus);
    }
}

/// Digests of one kind that are in one of the two lists only.
fn differing(one: &RememberedList, two: &RememberedList, of: fn(&ListedRecord) -> [u8; 8]) -> usize {
    let [one, two] = [one, two].map(|list| list.iter().map(of).collect::<BTreeSet<_>>());
    one.symmetric_difference(&two).count()
}
