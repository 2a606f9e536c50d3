//! Which records are kept for a token value that several share (spec 5.5).

use super::{EncodedRecord, Token};
use crate::crypto::hash::Prf;
use crate::labels;

/// A record kept for one of its tokens.
#[derive(Clone, PartialEq, Eq)]
pub struct SelectedCopy {
    /// Position of the record in its list.
    pub record: u32,
    /// Copy index: drawn for each of the records kept for the token, so that it does not tell how many there are.
    pub copy: u8,
    /// The token.
    pub token: Token,
}

impl core::fmt::Debug for SelectedCopy {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("SelectedCopy(..)")
    }
}

/// For every token value of a table, at most `copies` of the records that have it, chosen by a keyed pseudo-random
/// priority; sorted by token and copy (V-ENCODE-008). `key` must be fresh for every round: a fixed choice would always hide the same
/// persons of a family behind their namesakes.
#[must_use]
pub fn select_copies(records: &[EncodedRecord], table_index: usize, copies: u8, key: &[u8; 32]) -> Vec<SelectedCopy> {
    select_copies_padded(records, table_index, copies, key, 0)
}

/// As [`select_copies`], in the time that `most` tokens take, of which there are no more: the peer waits for it
/// (V-CUCKOO-002).
#[must_use]
pub fn select_copies_padded(
    records: &[EncodedRecord],
    table_index: usize,
    copies: u8,
    key: &[u8; 32],
    most: usize,
) -> Vec<SelectedCopy> {
    let priority = Prf::derive(labels::KEEP_PRIORITY, &[key]);
    let tokens: usize = records.iter().filter_map(|record| record.tokens.get(table_index)).map(Vec::len).sum();
    let missing = 0..u64::try_from(most.saturating_sub(tokens)).unwrap_or(0);
    // By value: to sort references would take longer where they lead to the records.
    let mut all: Vec<(Token, u64, u32)> = Vec::with_capacity(most.max(tokens));
    for (record, position) in records.iter().zip(0_u32..) {
        for token in record.tokens.get(table_index).into_iter().flatten() {
            all.push((token.clone(), draw(&priority, table_index, token, position), position));
        }
    }
    all.extend(missing.map(|i| (Token::from_bytes(priority.bytes(&[i])), 0, NOBODY)));
    all.sort_unstable();
    all.dedup_by(|a, b| (&a.0, a.2) == (&b.0, b.2));
    let places = Prf::derive(labels::KEEP_PLACE, &[key]);
    let mut kept: Vec<SelectedCopy> = Vec::with_capacity(all.len());
    let (mut last, mut order, mut rank) = (None, Vec::new(), 0);
    for (token, _, record) in all {
        if last.as_ref() != Some(&token) {
            (order, rank) = (copy_order(&places, table_index, &token, copies), 0);
            last = Some(token.clone());
        }
        let copy = order.get(rank).copied().filter(|_| record != NOBODY);
        kept.extend(copy.map(|copy| SelectedCopy { record, copy, token }));
        rank += 1;
    }
    kept.sort_unstable_by(|a, b| (&a.token, a.copy).cmp(&(&b.token, b.copy)));
    kept
}

/// Copy indices in the order in which the kept records of a token get them (V-ENCODE-013).
fn copy_order(places: &Prf, table_index: usize, token: &Token, copies: u8) -> Vec<u8> {
    let (high, low) = token.halves();
    let table = u64::try_from(table_index).unwrap_or(u64::MAX);
    let mut order: Vec<([u8; 8], u8)> =
        (0..copies).map(|copy| (places.bytes(&[table, high, low, copy.into()]), copy)).collect();
    order.sort_unstable();
    order.into_iter().map(|(_, copy)| copy).collect()
}

/// No record: lists are shorter.
const NOBODY: u32 = u32::MAX;

fn draw(priority: &Prf, table_index: usize, token: &Token, record: u32) -> u64 {
    let (high, low) = token.halves();
    let table = u64::try_from(table_index).unwrap_or(u64::MAX);
    u64::from_be_bytes(priority.bytes(&[table, high, low, record.into()]))
}
