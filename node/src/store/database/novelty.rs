//! What a round reports that earlier rounds with the same peer, lists and role did not.
//!
//! Pseudonyms are fresh in every round, so two pairs of two rounds cannot be told to be the same. What can be told is
//! whether the own record was in a pair before, in how many of one round, and with which grade at best. Whatever may be
//! new is told: rather a pair twice than one never.

use super::{Database, KeptPair, KeptRound, StoreError};
use blindlink::session::Grade;
use std::collections::BTreeMap;

/// Why a pair is told as new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Novelty {
    /// The own record was in no pair before.
    Record,
    /// The own record is in more pairs than in any round before: one of them is new, and nobody can say which.
    MorePairs,
    /// The own record was in pairs before, none of them of this grade.
    Grade,
}

impl Novelty {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::MorePairs => "more_pairs",
            Self::Grade => "grade",
        }
    }
}

/// What is new in a round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// The pairs, in the order of the result.
    pub pairs: Vec<(KeptPair, Novelty)>,
    /// Earlier rounds that were looked at.
    pub compared: usize,
    /// Earlier rounds whose pairs are gone, or were never saved: what only they reported is told as new.
    pub unknown: usize,
}

/// What earlier rounds had of a record: most pairs in one round, best grade.
#[derive(Default)]
struct Before {
    pairs: usize,
    grade: Option<Grade>,
}

impl Database {
    /// What is new in a round.
    ///
    /// # Errors
    /// As [`Database::pairs`].
    pub fn news(&self, round: &KeptRound) -> Result<News, StoreError> {
        let (mut compared, mut unknown) = (0, 0);
        let mut before: BTreeMap<[u8; 16], Before> = BTreeMap::new();
        for earlier in self.before(round)? {
            if earlier.erased.is_some() || !earlier.about.saved {
                unknown += 1;
                continue;
            }
            compared += 1;
            for (record, pairs) in self.pairs_by_record(earlier.row)? {
                let known = before.entry(record).or_default();
                known.pairs = known.pairs.max(pairs.len());
                known.grade = known.grade.max(pairs.iter().filter_map(|pair| pair.grade).max());
            }
        }
        let mut pairs = Vec::new();
        for (record, now) in self.pairs_by_record(round.row)? {
            let known = before.get(&record);
            for pair in &now {
                let why = match known {
                    None => Some(Novelty::Record),
                    Some(known) if now.len() > known.pairs => Some(Novelty::MorePairs),
                    Some(known) if pair.grade > known.grade => Some(Novelty::Grade),
                    Some(_) => None,
                };
                pairs.extend(why.map(|why| (pair.clone(), why)));
            }
        }
        pairs.sort_by(|(a, _), (b, _)| (&a.own_id, a.pseudonym).cmp(&(&b.own_id, b.pseudonym)));
        Ok(News { pairs, compared, unknown })
    }
}
