//! The responder, step by step: the server of the OPRF and the garbler.
//!
//! ```text
//! Offered --base--> Based --late--> Answering
//!                                   items, rows, evaluate, choose, garble, claims
//! ```
//!
//! Nothing that depends on the late round id exists before the requester has announced all its queries (V-OPRF-009).
//!
//! Every step consumes the state before it. Work on single chunks borrows the state and may run on any thread.

mod answer;
mod compare;
mod offer;
mod settle;

pub use answer::{GroupedRows, Item};
pub use compare::{Chains, Chosen};
pub use settle::Claimed;

use super::base::Chooser;
use super::commitment::{LateId, Randomness, RoundContext};
use super::oprf::OprfServer;
use super::ot::{OtReceiver, OtSender};
use super::settle::StrongTags;
use crate::crypto::hash::Prf;
use crate::encode::EncodedRecord;
use crate::suite::PSEUDONYM_BYTES;
use std::sync::Arc;

/// Tokens in one part of a table's rows.
pub const ROW_PART: u32 = 1024;

/// The responder in state `S`.
#[derive(Clone, Debug)]
pub struct Responder<S> {
    round: Arc<RoundContext>,
    random: Randomness,
    records: Arc<[EncodedRecord]>,
    oprf: Arc<dyn OprfServer>,
    state: S,
}

/// Keys are offered.
#[derive(Clone, Debug)]
pub struct Offered {
    chooser: Chooser,
}

/// The requester's trees are opened.
#[derive(Clone, Debug)]
pub struct Based {
    sender: Arc<dyn OtSender>,
    /// The requester's base OT answers.
    answer: Vec<u8>,
}

/// The late round id is known, and the own trees are grown.
#[derive(Clone, Debug)]
pub struct Answering {
    late: LateId,
    /// What everything from here on is drawn from (V-RAND-007).
    random: Randomness,
    sender: Arc<dyn OtSender>,
    receiver: Arc<dyn OtReceiver>,
    masks: Prf,
    pseudonyms: Prf,
    tags: StrongTags,
}

impl<S> Responder<S> {
    fn with<T>(self, state: T) -> Responder<T> {
        Responder { round: self.round, random: self.random, records: self.records, oprf: self.oprf, state }
    }
}

impl Responder<Answering> {
    fn pseudonym(&self, record: u32) -> [u8; PSEUDONYM_BYTES] {
        self.state.pseudonyms.bytes(&[u64::from(record)])
    }

    /// Mask of a bin: of the payload, the pseudonym token and the tag, one after the other.
    pub(super) fn mask(&self, bin: u32, out: &mut [u8]) {
        self.state.masks.fill(&[u64::from(bin)], out);
    }
}

/// What only tests look at.
#[cfg(test)]
impl Responder<Answering> {
    pub(super) fn delta(&self) -> u128 {
        self.state.sender.delta()
    }
}
