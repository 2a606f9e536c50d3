//! Which records stand for a token value (spec section 6): at most a fixed number of copies, chosen at random.

use super::{EncodedRecord, Token};
use crate::crypto::hash::Prf;

/// A token that takes part in the round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Position of the record.
    pub record: u32,
    /// Copy index, from 0 to copies - 1.
    pub copy: u8,
    /// The token.
    pub token: Token,
}

/// For every token value of a table, at most `copies` records, by a keyed pseudo-random priority; sorted by token and
/// copy. `table` is the table's position in the policy.
#[must_use]
pub fn keep_copies(records: &[EncodedRecord], table: usize, copies: u8, key: &[u8; 32]) -> Vec<Kept> {
    let priority = Prf::new(*key);
    let mut all: Vec<(&Token, [u8; 8], u32)> = (0u32..)
        .zip(records)
        .flat_map(|(i, r)| r.tokens.get(table).into_iter().flatten().map(move |t| (i, t)))
        .map(|(i, t)| {
            let mut p = [0; 8];
            priority.fill_at(&[&t.as_bytes()[..], &i.to_be_bytes()].concat(), &mut p);
            (t, p, i)
        })
        .collect();
    all.sort_unstable();
    all.chunk_by(|a, b| a.0 == b.0)
        .flat_map(|same| same.iter().zip(0..copies))
        .map(|(&(token, _, record), copy)| Kept { record, copy, token: token.clone() })
        .collect()
}
