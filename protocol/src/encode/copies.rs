//! Which records are kept for a token value that several share, and which tokens if there is no room for all (spec 5.5).

use super::{EncodedRecord, Token};
use crate::crypto::hash::Prf;
use crate::labels;

/// What a side keeps of its tokens in one table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keep {
    /// Most tokens of one record: the first of those that it has.
    pub slots: u16,
    /// Most records with one token.
    pub copies: u8,
    /// Most tokens in all.
    pub room: usize,
    /// Padded number of records: the time that choosing takes is that of so many with all their slots.
    pub records: u32,
}

impl Keep {
    /// All slots of so many copies, with room for all.
    #[must_use]
    pub const fn all(copies: u8) -> Self {
        Self { slots: u16::MAX, copies, room: usize::MAX, records: 0 }
    }
}

/// A record, and the name under which it is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Position of the record in its list.
    pub record: u32,
    /// Number of the name.
    pub name: u8,
}

/// A record kept for one of its tokens.
#[derive(Clone, PartialEq, Eq)]
pub struct SelectedCopy {
    /// Position of the record in its list.
    pub record: u32,
    /// Number of the name that the token leads to (V-ENCODE-015).
    pub name: u8,
    /// Copy index: drawn for each of the records kept for the token, so that it does not tell how many there are.
    pub copy: u8,
    /// The token.
    pub token: Token,
}

impl SelectedCopy {
    /// The record under its name.
    #[must_use]
    pub const fn holder(&self) -> Holder {
        Holder { record: self.record, name: self.name }
    }
}

impl core::fmt::Debug for SelectedCopy {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("SelectedCopy(..)")
    }
}

/// A token of a record, with what decides whether it is kept: fields in the order in which they are compared.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Offered {
    token: Token,
    claim: Claim,
}

/// Who comes first among the records with one token: those with tokens in the fewest tables, which have the least other
/// chance; among equals a draw decides.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Claim {
    tables: u8,
    draw: u64,
    record: u32,
    /// The token's place among those of its record.
    place: u16,
}

/// Of the tokens of all records those for which there is room; sorted by token and copy (V-ENCODE-008, V-ENCODE-014). `key`
/// must be fresh for every round: a fixed choice would always hide the same persons of a family behind their namesakes.
#[must_use]
pub fn select_copies(records: &[EncodedRecord], table_index: usize, keep: &Keep, key: &[u8; 32]) -> Vec<SelectedCopy> {
    let keep = Keep { records: 0, ..*keep };
    select_copies_padded(records, table_index, &keep, key)
}

/// As [`select_copies`], in the time that the padded number of records with all their slots takes: the peer waits for it
/// (V-CUCKOO-002).
#[must_use]
pub fn select_copies_padded(
    records: &[EncodedRecord],
    table_index: usize,
    keep: &Keep,
    key: &[u8; 32],
) -> Vec<SelectedCopy> {
    let priority = Prf::derive(labels::KEEP_PRIORITY, &[key]);
    let mut all = offered(records, table_index, keep, &priority);
    // By value: to sort references would take longer where they lead to the records.
    all.sort_unstable();
    all.dedup_by(|a, b| (&a.token, a.claim.record) == (&b.token, b.claim.record));
    let places = Prf::derive(labels::KEEP_PLACE, &[key]);
    let mut kept: Vec<(bool, u16, Claim, SelectedCopy)> = Vec::with_capacity(all.len());
    let (mut last, mut order, mut rank) = (None, Vec::new(), 0);
    for Offered { token, claim } in all {
        if last.as_ref() != Some(&token) {
            (order, rank) = (copy_order(&places, table_index, &token, keep.copies), 0);
            last = Some(token.clone());
        }
        let copy = order.get(rank).copied().filter(|_| claim.record != NOBODY);
        let name = records.get(claim.record as usize).map_or(0, |record| record.name_of(table_index, &token));
        let selected = SelectedCopy { record: claim.record, name, copy: copy.unwrap_or_default(), token };
        kept.push((copy.is_none(), claim.place, claim, selected));
        rank += 1;
    }
    // Of a record its first token before any other's second one.
    kept.sort_unstable_by_key(|(lost, place, claim, _)| (*lost, *place, *claim));
    kept.truncate(keep.room);
    let mut kept: Vec<SelectedCopy> =
        kept.into_iter().filter(|(lost, ..)| !lost).map(|(.., selected)| selected).collect();
    kept.sort_unstable_by(|a, b| (&a.token, a.copy).cmp(&(&b.token, b.copy)));
    kept
}

/// The first tokens of every record, and what fills their number up.
fn offered(records: &[EncodedRecord], table_index: usize, keep: &Keep, priority: &Prf) -> Vec<Offered> {
    let slots = usize::from(keep.slots);
    let most = slots * usize::try_from(keep.records).unwrap_or(usize::MAX);
    let mut all = Vec::with_capacity(most);
    for (record, position) in records.iter().zip(0_u32..) {
        let tables = record.tokens.iter().filter(|tokens| !tokens.is_empty()).count();
        let tables = u8::try_from(tables).unwrap_or(u8::MAX);
        for (token, place) in record.tokens.get(table_index).into_iter().flatten().take(slots).zip(0_u16..) {
            let draw = draw(priority, table_index, token, position);
            all.push(Offered { token: token.clone(), claim: Claim { tables, draw, record: position, place } });
        }
    }
    for i in 0..u64::try_from(most.saturating_sub(all.len())).unwrap_or(0) {
        let claim = Claim { tables: u8::MAX, draw: 0, record: NOBODY, place: 0 };
        all.push(Offered { token: Token::from_bytes(priority.bytes(&[i])), claim });
    }
    all
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
