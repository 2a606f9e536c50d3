//! Urgent rounds (spec 14.9): questions about one to eight persons, beside the ordinary rounds of an agreement.

use super::{Agreement, Caps};
use crate::agreement::time::DAY;
use crate::ids::PolicyDigest;
use crate::policy::shape::OutputMode;
use crate::policy::{CheckedPolicy, Policy};
use serde::Deserialize;

/// Persons that an urgent round asks about, at most.
pub const MOST_ASKED: u32 = 8;

/// What an agreement says of urgent rounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Urgent {
    /// Digest of the urgent policy (V-URGENT-001).
    #[serde(deserialize_with = "super::file::policy")]
    pub policy: PolicyDigest,
    /// Urgent rounds in 24 hours, each direction.
    pub rounds_per_day: u16,
    /// What one match key, with those related to it, may cost in urgent rounds of a budget period, each direction.
    pub bins_per_table: u64,
    /// Days before which the same person is not asked about again.
    pub again_days: u16,
}

impl Agreement {
    /// Whether a policy of this digest is one of the two that this version names.
    #[must_use]
    pub fn names_policy(&self, digest: &PolicyDigest) -> bool {
        self.policy == *digest || self.is_urgent(digest)
    }

    /// Whether a round under a policy of this digest is urgent (V-URGENT-003).
    #[must_use]
    pub fn is_urgent(&self, digest: &PolicyDigest) -> bool {
        self.urgent.is_some_and(|urgent| urgent.policy == *digest)
    }

    /// The caps that bound rounds of this kind: urgent rounds have an account of their own (V-URGENT-004).
    #[must_use]
    pub fn caps_of(&self, is_urgent: bool) -> Caps {
        match self.urgent.filter(|_| is_urgent) {
            Some(Urgent { rounds_per_day, bins_per_table, .. }) => {
                Caps { rounds_per_day, bins_per_table, claims: 0, matches: 0, ..self.caps }
            }
            None => self.caps,
        }
    }
}

impl Policy {
    /// The policy of urgent rounds about so many persons: all else is as agreed (V-URGENT-001).
    #[must_use]
    pub fn urgent(mut self, persons: u32) -> Self {
        self.round.records_requester = persons;
        self.round.output = OutputMode::Requester;
        self
    }
}

impl CheckedPolicy {
    /// The urgent policy of this digest, made from this one; none if no size gives it (V-URGENT-001).
    #[must_use]
    pub fn urgent_of(&self, digest: &PolicyDigest) -> Option<Self> {
        let mut sizes = (1..=MOST_ASKED).map(|persons| self.policy().clone().urgent(persons));
        sizes.find(|policy| policy.digest() == *digest)?.validate().ok()
    }
}

/// What is compared of a person who was asked about: digests of the record (spec 4.4) and of what was encoded of it (9.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AskedRecord {
    /// Of the record.
    pub record: [u8; 32],
    /// Of what was encoded of it.
    pub encoding: [u8; 32],
}

/// Whether one of these persons was asked about in the last `again_days` before `now` (V-URGENT-005). `past` has the times
/// and records of the urgent rounds with the same peer and lanes; one of the future counts.
pub fn asked_again<'r>(
    past: impl IntoIterator<Item = (u64, &'r [AskedRecord])>,
    now: u64,
    again_days: u16,
    records: &[AskedRecord],
) -> bool {
    let since = now.saturating_sub(u64::from(again_days) * DAY);
    let same = |one: &AskedRecord, other: &AskedRecord| one.record == other.record || one.encoding == other.encoding;
    past.into_iter()
        .filter(|(time, _)| *time > since)
        .flat_map(|(_, before)| before)
        .any(|before| records.iter().any(|record| same(before, record)))
}
