//! All pairs that meet in a table, with their scores: what a round hides, and what training and sweeps need. Only for
//! whoever holds both lists.

use super::{Linked, Truth, keep_keys};
use blindlink::encode::{EncodedRecord, encode};
use blindlink::policy::CheckedPolicy;
use blindlink::record::Record;
use blindlink::round::ideal::{IdealPair, Meeting, best, meetings, tables};
use blindlink::secret::Seed;
use std::time::Instant;

/// A pair that meets in a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Position in the requester's list (`b`).
    pub own: usize,
    /// Position in the responder's list (`a`).
    pub peer: usize,
    /// Numbers of the names under which they have this score, `b`'s first.
    pub names: [u8; 2],
    /// Ids of the tables in which they met, ascending.
    pub tables: Vec<u16>,
    /// Score.
    pub score: i64,
    /// Whether the truth says that they are one person.
    pub correct: bool,
}

/// Two encoded lists and the pairs between them.
#[derive(Debug)]
pub struct Candidates {
    /// The requester's list, `b`.
    pub requester: Vec<EncodedRecord>,
    /// The responder's list, `a`.
    pub responder: Vec<EncodedRecord>,
    /// The pairs, sorted by both positions.
    pub pairs: Vec<Candidate>,
}

/// Encodes both lists and finds the pairs that meet in a round with these seeds, after slots and copies.
#[must_use]
pub fn candidates(policy: &CheckedPolicy, a: &[Record], b: &[Record], truth: &Truth, seeds: &[Seed; 2]) -> Candidates {
    let (responder, requester) = (encode(&policy.encoding(), a), encode(&policy.encoding(), b));
    let shape = policy.shape();
    let [keep_r, keep_s] = keep_keys(shape, &requester, &responder, seeds);
    let met = meetings(shape, &requester, &responder, &keep_r, &keep_s);
    let pair = |((own, peer), met): ((u32, u32), Vec<Meeting>)| {
        let (own, peer) = (usize::try_from(own).ok()?, usize::try_from(peer).ok()?);
        let (score, names) = best(shape, requester.get(own)?, responder.get(peer)?, &met);
        Some(Candidate { own, peer, names, tables: tables(&met), score, correct: truth.contains(&(peer, own)) })
    };
    let pairs = met.into_iter().filter_map(pair).collect();
    Candidates { requester, responder, pairs }
}

/// Links two lists in the clear as [`in_the_clear`](super::in_the_clear) does, and says how many of the true pairs met in a table.
#[must_use]
pub fn in_the_clear_with_truth(
    policy: &CheckedPolicy,
    a: &[Record],
    b: &[Record],
    truth: &Truth,
    seeds: &[Seed; 2],
) -> (Linked, usize) {
    let start = Instant::now();
    let found = candidates(policy, a, b, truth, seeds);
    let met = found.pairs.iter().filter(|pair| pair.correct).count();
    let graded = found.pairs.into_iter().filter_map(|pair| {
        let grade = policy.shape().grade(pair.score)?;
        Some(IdealPair { own: pair.own, peer: pair.peer, grade, tables: pair.tables })
    });
    let pairs = graded.collect();
    (Linked { pairs, stages: [("compare", start.elapsed().as_secs_f64())].into(), bytes: [0, 0], sealed: false }, met)
}
