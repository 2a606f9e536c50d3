//! The end: the round key opens the labels; in mutual mode the requester claims.

use super::{Comparing, Evaluated, Requester};
use crate::error::Error;
use crate::labels;
use crate::policy::shape::Grade;
use crate::round::settle::{self, Revealed};
use crate::wire::body::{ClaimsBody, GarbledBody, RevealBody, SEAL_CHECK_BYTES};
use std::collections::BTreeMap;

/// A pair of an own record and a pseudonym token.
#[derive(Clone, PartialEq, Eq)]
pub struct FoundPair {
    /// Own record.
    pub own: u32,
    /// Pseudonym token; proves the claim.
    pub token: [u8; 16],
    /// Grade.
    pub grade: Grade,
    /// Table ids, ascending.
    pub tables: Vec<u16>,
}

impl core::fmt::Debug for FoundPair {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("FoundPair(..)")
    }
}

impl Requester<Comparing> {
    /// Checks the reveal.
    ///
    /// # Errors
    /// As [`Revealed::check`].
    pub fn read_reveal(&self, reveal: RevealBody) -> Result<Revealed, Error> {
        Ok(Revealed::check(reveal, &self.round.id, &self.state.keyed.key_commitment)?)
    }

    /// Opens everything: all pairs, by own record and token. Every label of every bin is tried, those of dummies too, so
    /// that time does not tell how many there are (V-SETTLE-007). In a bin without a common token what opens depends on
    /// the own token and on what the peer put there: it counts only if the peer has listed it (V-SETTLE-008).
    #[must_use]
    pub fn open_results(&self, revealed: &Revealed, chunks: &[Evaluated]) -> Vec<FoundPair> {
        let sealing = &revealed.sealing;
        let circuits = self.round.plan.thresholds().len();
        let mut pairs: BTreeMap<(u32, [u8; 16]), (Grade, Vec<u16>)> = BTreeMap::new();
        for chunk in chunks {
            let bins = (chunk.first_bin..)
                .zip(&chunk.shares)
                .zip(chunk.sealed.chunks_exact(GarbledBody::sealed_length(circuits)));
            for (i, ((bin, share), sealed)) in bins.enumerate() {
                let label = |t: usize| chunk.labels.get(t).and_then(|l| l.get(i)).copied().unwrap_or(0);
                let (possible, strong) = sealed.split_at(16 + SEAL_CHECK_BYTES);
                let possible = sealing.open(bin, 0, label(0), possible);
                let strong = (circuits > 1).then(|| sealing.open(bin, 1, label(1), strong)).flatten();
                // A dummy cannot match, whatever the peer garbled.
                let own = self.bins.records.get(bin as usize).copied().flatten();
                let (Some(own), Some(mask)) = (own, possible) else { continue };
                let grade = if strong.is_some() { Grade::Strong } else { Grade::Possible };
                let token = core::array::from_fn(|b| share[b] ^ mask.get(b).copied().unwrap_or(0));
                if !revealed.lists(&token) {
                    continue;
                }
                let table = self.round.plan.locate(bin).and_then(|(t, _)| self.round.plan.tables.get(t)).map(|t| t.id);
                let pair = pairs.entry((own, token)).or_insert((grade, Vec::new()));
                pair.0 = pair.0.max(grade);
                pair.1.extend(table);
            }
        }
        let found = pairs.into_iter().map(|((own, token), (grade, mut tables))| {
            tables.sort_unstable();
            tables.dedup();
            FoundPair { own, token, grade, tables }
        });
        found.collect()
    }

    /// The claims, of at most as many tokens as the agreement lets this side claim (V-SETTLE-006).
    #[must_use]
    pub fn claims(&self, found: &[FoundPair], cap: usize) -> ClaimsBody {
        let padding = self.random.stream(labels::CLAIM_PADDING);
        let pairs = found.iter().map(|pair| (pair.token, pair.grade));
        ClaimsBody { tokens: settle::claims(pairs, cap, self.round.plan.shape.records_requester, &padding) }
    }
}
