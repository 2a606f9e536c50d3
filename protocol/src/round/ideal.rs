//! The ideal functionality in the clear (spec section 2): what a round may tell, computed without hiding anything.
//!
//! It is the oracle of the tests and the truth of `evaluate`. Whoever holds both lists has no need of a round; nodes
//! never run this on a peer's data.

use crate::encode::keep::{Kept, keep_copies};
use crate::encode::{EncodedRecord, Filter};
use crate::policy::shape::{Grade, Shape};
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

/// The score of two filters, as [`Shape`] defines it, with all check bits zero (V-POLICY-020). Not reduced to the
/// ring.
#[must_use]
pub fn score(shape: &Shape, x: &Filter, y: &Filter) -> i64 {
    let mut d = i64::from(shape.constant);
    let mut start = 0;
    let presence = shape.filter_bits();
    for (i, segment) in shape.segments.iter().enumerate() {
        let (u, v) = (x.get(presence + i), y.get(presence + i));
        let (mut common, mut ones_x, mut ones_y) = (0_i64, 0_i64, 0_i64);
        for bit in start..start + usize::from(segment.bits) {
            let (x, y) = (x.get(bit), y.get(bit));
            common += i64::from(x && y);
            ones_x += i64::from(x);
            ones_y += i64::from(y);
        }
        let weighted = |n: i64, weight: i32| n * i64::from(weight);
        d += weighted(common, segment.alpha) + weighted(ones_x * i64::from(v), segment.beta);
        d += weighted(ones_y * i64::from(u), segment.beta) + weighted(i64::from(u && v), segment.nu);
        start += usize::from(segment.bits);
    }
    d
}

/// All pairs that a round reports (V-POLICY-021), sorted by both positions. The keys choose which records are kept for a token value
/// that several records of a side share ([`keep_copies`]).
#[must_use]
pub fn ideal(
    shape: &Shape,
    requester: &[EncodedRecord],
    responder: &[EncodedRecord],
    keep_key_requester: &[u8; 32],
    keep_key_responder: &[u8; 32],
) -> Vec<IdealPair> {
    let mut met: BTreeMap<(u32, u32), Vec<u16>> = BTreeMap::new();
    for (i, table) in shape.tables.iter().enumerate() {
        let ours = keep_copies(requester, i, shape.copies_requester, keep_key_requester);
        let theirs = keep_copies(responder, i, shape.copies_responder, keep_key_responder);
        for own in &ours {
            for peer in same_token(&theirs, own) {
                let tables = met.entry((own.record, peer.record)).or_default();
                if tables.last() != Some(&table.id) {
                    tables.push(table.id);
                }
            }
        }
    }
    met.into_iter()
        .filter_map(|((own, peer), mut tables)| {
            let (own, peer) = (usize::try_from(own).ok()?, usize::try_from(peer).ok()?);
            let d = score(shape, &requester.get(own)?.filter, &responder.get(peer)?.filter);
            tables.sort_unstable();
            Some(IdealPair { own, peer, grade: shape.grade(d)?, tables })
        })
        .collect()
}

/// The records kept for the same token; `theirs` is sorted by token.
fn same_token<'a>(theirs: &'a [Kept], own: &Kept) -> impl Iterator<Item = &'a Kept> {
    let start = theirs.partition_point(|kept| kept.token < own.token);
    let token = own.token.clone();
    theirs.iter().skip(start).take_while(move |kept| kept.token == token)
}

#[cfg(test)]
mod tests;
