//! The end: seal keys open the bins; in mutual mode the requester claims.

use super::{Comparing, Evaluated, Requester};
use crate::encode::copies::Holder;
use crate::error::Error;
use crate::labels;
use crate::policy::shape::Grade;
use crate::round::settle::{self, SealKeys, StrongTags};
use crate::suite::TOKENS_OF_FRAME;
use crate::wire::body::{Ascending, ClaimsBody, GarbledBody, SealKeysBody};
use std::collections::BTreeMap;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

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
    /// Checks the seal keys of a frame against the commitments of all chunks, and adds them.
    ///
    /// # Errors
    /// As [`SealKeys::add`].
    pub fn add_seal_keys(
        &self,
        keys: &mut SealKeys,
        body: &SealKeysBody,
        commitments: &[[u8; 32]],
    ) -> Result<(), Error> {
        Ok(keys.add(&self.state.asking.late, body, commitments)?)
    }

    /// Opens everything: all pairs, by own record and token. Every bin is opened, those of dummies too, in the same steps
    /// whatever it holds, so that time does not tell how many match (V-SETTLE-007). In a bin without a common token, or
    /// below the threshold, what opens is noise: it counts only if the peer has listed it (V-SETTLE-008).
    #[must_use]
    pub fn open_results(&self, keys: &SealKeys, listed: &Ascending, chunks: &[Evaluated]) -> Vec<FoundPair> {
        let plan = &self.round.plan;
        let (late, mutual) = (&self.state.asking.late, plan.is_mutual());
        let tags = StrongTags::new(late);
        let mut pairs: BTreeMap<(u32, [u8; 16]), (Grade, Vec<u16>)> = BTreeMap::new();
        let mut labels = Zeroizing::new(Vec::new());
        for (number, chunk) in (0u32..).zip(chunks) {
            let Some(sealing) = keys.sealing(late, number, mutual) else { continue };
            let shares = chunk.shares.chunks_exact(plan.share_bytes());
            let bins = (chunk.first_bin..).zip(shares).zip(chunk.sealed.chunks_exact(GarbledBody::seal_length(plan)));
            for (i, ((bin, share), sealed)) in bins.enumerate() {
                labels.clear();
                labels.extend(chunk.labels.iter().map(|l| l.get(i).copied().unwrap_or(0)));
                let opened = sealing.open(bin, sealed, share, &labels);
                let own_tag = tags.tag(&opened.token, bin);
                let is_strong = opened.tag.is_some_and(|tag| tag.ct_eq(&own_tag).into());
                let is_listed = listed.has(settle::public_pseudonym(&opened.token).as_bytes());
                // A dummy cannot match, whatever the peer garbled.
                let own = self.bins.records.get(bin as usize).copied().flatten();
                let (Some(Holder { record: own, .. }), true, true) = (own, is_listed, opened.checked) else { continue };
                let grade = if is_strong { Grade::Strong } else { Grade::Possible };
                let table = plan.locate(bin).and_then(|(t, _)| plan.tables.get(t)).map(|t| t.id);
                let pair = pairs.entry((own, opened.token)).or_insert((grade, Vec::new()));
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

    /// The claims, frame by frame, of at most as many tokens as the agreement lets this side claim (V-SETTLE-006).
    #[must_use]
    pub fn claims(&self, found: &[FoundPair], cap: usize) -> Vec<ClaimsBody> {
        let padding = self.random.stream(labels::CLAIM_PADDING);
        let pairs = found.iter().map(|pair| (pair.token, pair.grade));
        let tokens = settle::claims(pairs, cap, self.round.plan.shape.records_requester, &padding);
        tokens.chunks(TOKENS_OF_FRAME as usize).map(|tokens| ClaimsBody { tokens: tokens.to_vec() }).collect()
    }
}
