//! The last lists with which a side entered rounds, so that no two rounds differ by too few records (V-BUDGET-006).

use std::collections::BTreeSet;

/// Different lists that are remembered.
pub const LISTS: usize = 8;

/// Sorted digests of the records of the last different lists, oldest first.
///
/// A digest is 8 bytes of a function with a key of the node's own: a reader of the file learns nothing about a record.
#[derive(Default)]
pub struct ListHistory(Vec<Vec<[u8; 8]>>);

/// Shows the number of lists only.
impl core::fmt::Debug for ListHistory {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "ListHistory({})", self.0.len())
    }
}

impl ListHistory {
    /// A history of these lists, oldest first; of more than [`LISTS`], the newest are kept.
    #[must_use]
    pub fn new(lists: Vec<Vec<[u8; 8]>>) -> Self {
        let mut history = Self(lists);
        history.forget_surplus();
        history
    }

    /// The lists, oldest first.
    #[must_use]
    pub fn lists(&self) -> &[Vec<[u8; 8]>] {
        &self.0
    }

    /// Whether a list differs from one of these, but by fewer than `least` records, added and taken away counted
    /// together (V-BUDGET-006).
    #[must_use]
    pub fn differs_by_few(&self, now: &[[u8; 8]], least: u32) -> bool {
        let now: BTreeSet<&[u8; 8]> = now.iter().collect();
        self.0.iter().any(|list| {
            let before: BTreeSet<&[u8; 8]> = list.iter().collect();
            let differing = now.symmetric_difference(&before).count();
            differing > 0 && differing < least as usize
        })
    }

    /// Remembers a list as the newest, and forgets the oldest beyond [`LISTS`].
    pub fn remember(&mut self, list: Vec<[u8; 8]>) {
        self.0.retain(|known| *known != list);
        self.0.push(list);
        self.forget_surplus();
    }

    fn forget_surplus(&mut self) {
        let surplus = self.0.len().saturating_sub(LISTS);
        self.0.drain(..surplus);
    }
}
