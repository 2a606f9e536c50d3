//! What a list's own match keys say about a token table (spec 6.10).

use blindlink::encode::{EncodedRecord, Token};
use blindlink::limits::{MAX_COPIES, MAX_SLOTS};
use serde::Serialize;
use std::collections::BTreeMap;

/// Figures of one table on one list. Numbers only: no key, token or record.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Keys {
    /// Name of the table.
    pub table: String,
    /// Its key, in words.
    pub key: String,
    /// Share of the records that have a match key here.
    pub records_with_key: f64,
    /// Match keys of a record that has any, on average.
    pub keys_per_record: f64,
    /// Most match keys of one record.
    pub most_keys: usize,
    /// Slots of the policy.
    pub slots: u16,
    /// Share of the match keys that find no slot.
    pub lost_to_slots: f64,
    /// Slots that hold 99 of 100 match keys, as far as a policy may have as many.
    pub recommended_slots: u16,
    /// Collision entropy in bits; a lower bound where no two records share a key.
    pub entropy: f64,
    /// Whether it is only a lower bound.
    pub entropy_is_bound: bool,
    /// Entropy that the policy claims.
    pub domain_bits: u8,
    /// Entropy that it may claim on this list: the measured one to the nearest whole bit, at most what its parts can have.
    pub recommended_domain_bits: u8,
    /// Records in the largest groups that share a key, up to three.
    pub largest_groups: Vec<usize>,
    /// Copies that this side keeps.
    pub copies: u8,
    /// Share of the tokens in slots that are lost because more records than that share them.
    pub lost_to_copies: f64,
    /// Copies that lose at most one token in a hundred, as far as a policy may have as many.
    pub recommended_copies: u8,
}

/// How many records have each token of a table.
pub type Groups<'a> = BTreeMap<&'a Token, usize>;

/// Groups of the records that share a token of the table at this position.
#[must_use]
pub fn groups(records: &[EncodedRecord], table: usize) -> Groups<'_> {
    let mut groups = Groups::new();
    for token in records.iter().flat_map(|record| record.tokens.get(table).into_iter().flatten()) {
        *groups.entry(token).or_default() += 1;
    }
    groups
}

/// Collision entropy of a key: -log2 of the probability that two tokens of different records are equal, estimated
/// without replacement from groups of these sizes (V-POLICY-028). `None` if no two are equal.
#[must_use]
#[allow(clippy::cast_precision_loss)]
pub fn collision_entropy(sizes: impl Iterator<Item = usize>) -> Option<f64> {
    let (mut tokens, mut pairs) = (0_u64, 0_u128);
    for size in sizes {
        tokens += size as u64;
        pairs += size as u128 * (size as u128).saturating_sub(1);
    }
    (pairs > 0).then(|| all_pairs(tokens).log2() - (pairs as f64).log2())
}

/// Ordered pairs of different ones among `n`.
#[allow(clippy::cast_precision_loss)]
fn all_pairs(n: u64) -> f64 {
    n as f64 * (n as f64 - 1.0).max(1.0)
}

/// Of the tokens in groups of these sizes, the share that a limit of `copies` loses.
#[must_use]
pub fn lost_to_copies(sizes: impl Iterator<Item = usize> + Clone, copies: u8) -> f64 {
    let tokens: usize = sizes.clone().sum();
    let lost: usize = sizes.map(|size| size.saturating_sub(usize::from(copies))).sum();
    ratio(lost, tokens)
}

/// `part` of `whole`; 0 of nothing.
#[must_use]
#[allow(clippy::cast_precision_loss)]
pub fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// A table of the policy as the planner needs it.
#[derive(Clone, Debug)]
pub struct Table {
    /// Name.
    pub name: String,
    /// Key in words.
    pub key: String,
    /// Slots.
    pub slots: u16,
    /// Claimed entropy.
    pub domain_bits: u8,
    /// Most entropy that the parts may claim.
    pub ceiling: u8,
}

/// Measures one table: `all` has all match keys of every record, `kept` those in slots.
#[must_use]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub fn measure(table: &Table, at: usize, all: &[EncodedRecord], kept: &[EncodedRecord], copies: u8) -> Keys {
    let counts: Vec<usize> = all.iter().filter_map(|record| record.tokens.get(at)).map(Vec::len).collect();
    let (total, with_key) = (counts.iter().sum::<usize>(), counts.iter().filter(|n| **n > 0).count());
    let over = |slots: u16| counts.iter().map(|n| n.saturating_sub(usize::from(slots))).sum::<usize>();
    let enough = |slots: &u16| over(*slots) * 100 <= total;
    let groups = groups(kept, at);
    let sizes = groups.values().copied();
    let measured = collision_entropy(sizes.clone());
    let tokens: usize = sizes.clone().sum();
    let entropy = measured.unwrap_or_else(|| (all_pairs(tokens as u64) / 2.0).max(1.0).log2());
    let mut largest: Vec<usize> = sizes.clone().filter(|size| *size > 1).collect();
    largest.sort_unstable_by(|a, b| b.cmp(a));
    largest.truncate(3);
    Keys {
        table: table.name.clone(),
        key: table.key.clone(),
        records_with_key: ratio(with_key, all.len()),
        keys_per_record: ratio(total, with_key),
        most_keys: counts.iter().copied().max().unwrap_or(0),
        slots: table.slots,
        lost_to_slots: ratio(over(table.slots), total),
        recommended_slots: (1..=MAX_SLOTS).find(enough).unwrap_or(MAX_SLOTS),
        entropy,
        entropy_is_bound: measured.is_none(),
        domain_bits: table.domain_bits,
        // Where nothing collides the list is too small to contradict what is claimed.
        recommended_domain_bits: measured.map_or(table.domain_bits, |bits| bits.round() as u8).min(table.ceiling),
        largest_groups: largest,
        copies,
        lost_to_copies: lost_to_copies(sizes.clone(), copies),
        recommended_copies: (1..=MAX_COPIES).find(|d| lost_to_copies(sizes.clone(), *d) <= 0.01).unwrap_or(MAX_COPIES),
    }
}

#[cfg(test)]
mod tests;
