//! One-to-one assignment of the pairs of an evaluation (spec 6.9).

use blindlink::assignment::one_to_one;
use blindlink::round::ideal::IdealPair;

/// The pairs of an evaluation that are kept.
#[must_use]
pub fn assigned(pairs: &[IdealPair]) -> Vec<IdealPair> {
    let kept = one_to_one(pairs, |pair| (pair.own, pair.peer), |pair| (pair.grade, pair.tables.len()));
    kept.into_iter().filter_map(|at| pairs.get(at).cloned()).collect()
}
