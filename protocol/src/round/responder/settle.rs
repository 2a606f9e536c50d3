//! The end: pseudonyms for all, and the claims of the requester.

use super::{Answering, Responder};
use crate::round::settle;
use crate::suite::TOKENS_OF_FRAME;
use crate::wire::body::{Ascending, PseudonymsBody};
use std::collections::BTreeMap;

/// A claimed own record.
#[derive(Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Own record.
    pub own: u32,
    /// Pseudonym token.
    pub token: [u8; 16],
}

impl Responder<Answering> {
    /// The pseudonyms of all records, frame by frame.
    #[must_use]
    pub fn pseudonyms(&self) -> Vec<PseudonymsBody> {
        // As many as agreed, however many records there are.
        let padded = self.round.plan.shape.records_responder;
        let all = settle::pseudonyms((0..padded).map(|record| self.pseudonym(record)));
        all.chunks(TOKENS_OF_FRAME as usize).map(|part| PseudonymsBody { pseudonyms: part.to_vec() }).collect()
    }

    /// Own records among the claims, by position.
    #[must_use]
    pub fn claims(&self, claims: &Ascending) -> Vec<Claimed> {
        // V-SETTLE-007: as many as agreed, however many records there are.
        let padded = self.round.plan.shape.records_responder;
        let own: BTreeMap<[u8; 16], u32> = (0..padded).map(|r| (self.pseudonym(r), r)).collect();
        // V-SETTLE-005: what is no token of ours is padding.
        let of = |token: &[u8; 16]| own.get(token).copied().filter(|own| (*own as usize) < self.records.len());
        let mut claimed: Vec<Claimed> =
            claims.entries().iter().filter_map(|t| of(t).map(|own| Claimed { own, token: *t })).collect();
        claimed.sort_by_key(|c| c.own);
        claimed
    }
}
