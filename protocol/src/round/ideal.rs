//! The ideal functionality in the clear (spec section 2): what a round may tell, computed without hiding anything.
//!
//! Besides the pairs the requester sees in which slot of the own record, and at which copy index of the peer's, a pair met.
//! Both are drawn for every token and tell nothing of other records: of d copies each index is equally likely, however many
//! records share the token (V-ENCODE-013), and what a missed bin decodes to is uniform (V-OKVS-002).
//!
//! It is the oracle of the tests and the truth of `evaluate`. Whoever holds both lists has no need of a round; nodes
//! never run this on a peer's data.

use crate::encode::copies::{SelectedCopy, select_copies};
use crate::encode::{EncodedRecord, Filter};
use crate::policy::shape::{Grade, Role, Shape, ShapeFields};
use std::collections::BTreeMap;

/// A pair that reaches a threshold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdealPair {
    /// Position in the requester's list.
    pub own: usize,
    /// Position in the responder's list.
    pub peer: usize,
    /// Grade.
    pub grade: Grade,
    /// Ids of the tables through which they met, ascending.
    pub tables: Vec<u16>,
}

/// What two filters have in one segment: all that a score can depend on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Bits set in both.
    pub common: u32,
    /// Bits set in the requester's.
    pub ones_requester: u32,
    /// Bits set in the responder's.
    pub ones_responder: u32,
    /// Presence bit of the requester's (u).
    pub in_requester: bool,
    /// Presence bit of the responder's (v).
    pub in_responder: bool,
}

/// The counts of two filters, one entry a segment.
pub fn counts<'a>(shape: &'a ShapeFields, x: &'a Filter, y: &'a Filter) -> impl Iterator<Item = Counts> + 'a {
    let presence = shape.filter_bits();
    shape.segments.iter().enumerate().scan(0, move |start, (i, segment)| {
        let end = *start + usize::from(segment.bits);
        let mut counts =
            Counts { in_requester: x.get(presence + i), in_responder: y.get(presence + i), ..Counts::default() };
        for byte in *start / 8..end.div_ceil(8) {
            let below = if byte == *start / 8 { (1_u8 << (*start % 8)) - 1 } else { 0 };
            let above = if byte == end / 8 { u8::MAX << (end % 8) } else { 0 };
            let within = |filter: &Filter| filter.as_bytes().get(byte).map_or(0, |bits| bits & !below & !above);
            let (x, y) = (within(x), within(y));
            counts.common += (x & y).count_ones();
            counts.ones_requester += x.count_ones();
            counts.ones_responder += y.count_ones();
        }
        *start = end;
        Some(counts)
    })
}

/// The score of two filters, as [`Shape`] defines it (V-POLICY-020). Not reduced to the
/// ring.
#[must_use]
pub fn score(shape: &ShapeFields, x: &Filter, y: &Filter) -> i64 {
    let parts = shape.segments.iter().zip(counts(shape, x, y)).map(|(segment, c)| {
        let weighted = |n: u32, weight: i32, counts: bool| i64::from(n) * i64::from(weight) * i64::from(counts);
        weighted(c.common, segment.alpha, true)
            + weighted(c.ones_requester, segment.beta, c.in_responder)
            + weighted(c.ones_responder, segment.beta, c.in_requester)
            + weighted(1, segment.nu, c.in_requester && c.in_responder)
    });
    i64::from(shape.constant) + parts.sum::<i64>()
}

/// How two records meet in one table: its id, and the numbers of the names under which they do, the requester's first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Meeting {
    /// Id of the table.
    pub table: u16,
    /// Number of the requester's name.
    pub own: u8,
    /// Number of the responder's name.
    pub peer: u8,
}

/// The names under which two records that meet have the highest score, and that score.
#[must_use]
pub fn best(shape: &ShapeFields, x: &EncodedRecord, y: &EncodedRecord, met: &[Meeting]) -> (i64, [u8; 2]) {
    let scored = met.iter().map(|m| (score(shape, x.filter_of(m.own), y.filter_of(m.peer)), [m.own, m.peer]));
    scored
        .max_by_key(|(score, names)| (*score, core::cmp::Reverse(*names)))
        .unwrap_or_else(|| (shape.constant.into(), [0, 0]))
}

/// The ids of the tables of some meetings, ascending.
#[must_use]
pub fn tables(met: &[Meeting]) -> Vec<u16> {
    let mut tables: Vec<u16> = met.iter().map(|meeting| meeting.table).collect();
    tables.sort_unstable();
    tables.dedup();
    tables
}

/// Every pair that meets in a table, by both positions (the requester's first), with its meetings in ascending order of
/// the tables' ids. The keys choose which records are kept for a token value that several records of a side share
/// ([`select_copies`]).
///
/// A round never shows them to anyone. They are for whoever holds both lists: tests, training, evaluation.
#[must_use]
pub fn meetings(
    shape: &Shape,
    requester: &[EncodedRecord],
    responder: &[EncodedRecord],
    keep_key_requester: &[u8; 32],
    keep_key_responder: &[u8; 32],
) -> BTreeMap<(u32, u32), Vec<Meeting>> {
    let mut met: BTreeMap<(u32, u32), Vec<Meeting>> = BTreeMap::new();
    for (i, table) in shape.tables.iter().enumerate() {
        let ours = select_copies(requester, i, &shape.keep(Role::Requester, i), keep_key_requester);
        let theirs = select_copies(responder, i, &shape.keep(Role::Responder, i), keep_key_responder);
        for own in &ours {
            for peer in same_token(&theirs, own) {
                let meeting = Meeting { table: table.id, own: own.name, peer: peer.name };
                met.entry((own.record, peer.record)).or_default().push(meeting);
            }
        }
    }
    for meetings in met.values_mut() {
        meetings.sort_unstable();
        meetings.dedup();
    }
    met
}

/// All pairs that a round reports (V-POLICY-021), sorted by both positions. The keys choose which records are kept for a token value
/// that several records of a side share ([`select_copies`]).
#[must_use]
pub fn ideal(
    shape: &Shape,
    requester: &[EncodedRecord],
    responder: &[EncodedRecord],
    keep_key_requester: &[u8; 32],
    keep_key_responder: &[u8; 32],
) -> Vec<IdealPair> {
    let met = meetings(shape, requester, responder, keep_key_requester, keep_key_responder);
    met.into_iter()
        .filter_map(|((own, peer), mut met)| {
            let (own, peer) = (usize::try_from(own).ok()?, usize::try_from(peer).ok()?);
            let (x, y) = (requester.get(own)?, responder.get(peer)?);
            let (d, _) = best(shape, x, y, &met);
            // Where it met under other names, it is not reported.
            met.retain(|m| shape.grade(score(shape, x.filter_of(m.own), y.filter_of(m.peer))).is_some());
            Some(IdealPair { own, peer, grade: shape.grade(d)?, tables: tables(&met) })
        })
        .collect()
}

/// The records kept for the same token; `theirs` is sorted by token.
fn same_token<'a>(theirs: &'a [SelectedCopy], own: &SelectedCopy) -> impl Iterator<Item = &'a SelectedCopy> {
    let start = theirs.partition_point(|kept| kept.token < own.token);
    let token = own.token.clone();
    theirs.iter().skip(start).take_while(move |kept| kept.token == token)
}

#[cfg(test)]
mod tests;
