//! One-to-one assignment on one's own output (spec 6.9): of pairs that share a record, at most one is kept.

use crate::policy::shape::Grade;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// What a requester knows of a pair: grade, number of tables in which it met. The greater, the better.
pub type Worth = (Grade, usize);

/// Positions of the pairs that are kept, ascending (V-POLICY-030).
///
/// Greedy: by worth; among equals those with fewer rivals (pairs that share a record with them) first, since taking
/// them excludes least; then in the order of the list, so that the result is the same every time.
#[must_use]
pub fn one_to_one<P, B: Ord + Copy>(
    pairs: &[P],
    ends: impl Fn(&P) -> (usize, B),
    worth: impl Fn(&P) -> Worth,
) -> Vec<usize> {
    let mut of_own: BTreeMap<usize, usize> = BTreeMap::new();
    let mut of_peer: BTreeMap<B, usize> = BTreeMap::new();
    for pair in pairs {
        let (own, peer) = ends(pair);
        *of_own.entry(own).or_default() += 1;
        *of_peer.entry(peer).or_default() += 1;
    }
    let mut order: Vec<_> = pairs
        .iter()
        .enumerate()
        .map(|(at, pair)| {
            let (own, peer) = ends(pair);
            let rivals = of_own.get(&own).unwrap_or(&0) + of_peer.get(&peer).unwrap_or(&0);
            (Reverse(worth(pair)), rivals, at, own, peer)
        })
        .collect();
    order.sort_unstable_by_key(|(worth, rivals, at, ..)| (*worth, *rivals, *at));
    let (mut own_taken, mut peer_taken) = (BTreeSet::new(), BTreeSet::new());
    let mut kept: Vec<usize> = order
        .into_iter()
        .filter(|(_, _, _, own, peer)| {
            let free = !own_taken.contains(own) && !peer_taken.contains(peer);
            free && own_taken.insert(*own) && peer_taken.insert(*peer)
        })
        .map(|(_, _, at, ..)| at)
        .collect();
    kept.sort_unstable();
    kept
}

#[cfg(test)]
mod tests;
