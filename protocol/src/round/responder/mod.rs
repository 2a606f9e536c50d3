//! The responder, step by step: the server of the OPRF and the garbler.
//!
//! ```text
//! Offered --base--> Answering
//! evaluate, rows    choose, garble, reveal, claims
//! ```
//!
//! Every step consumes the state before it. Work on single chunks borrows the state and may run on any thread.

mod answer;
mod compare;
mod offer;
mod settle;

pub use answer::Item;
pub use compare::Chosen;
pub use settle::Claimed;

use super::commitment::{Randomness, RoundContext};
use super::oprf::OprfServer;
use super::ot::{OtReceiver, PendingOtSender};
use super::settle::RoundKey;
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
    masks: Prf,
    pseudonyms: Prf,
    round_key: RoundKey,
    state: S,
}

/// Keys are offered.
#[derive(Clone, Debug)]
pub struct Offered(());

/// Base OTs are done.
#[derive(Clone, Debug)]
pub struct Answering {
    receiver: Arc<dyn OtReceiver>,
    pending_sender: Arc<dyn PendingOtSender>,
}

impl<S> Responder<S> {
    fn with<T>(self, state: T) -> Responder<T> {
        Responder {
            round: self.round,
            random: self.random,
            records: self.records,
            oprf: self.oprf,
            masks: self.masks,
            pseudonyms: self.pseudonyms,
            round_key: self.round_key,
            state,
        }
    }

    fn pseudonym(&self, record: u32) -> [u8; PSEUDONYM_BYTES] {
        self.pseudonyms.bytes(&[u64::from(record)])
    }

    /// Bin mask and pseudonym mask of a bin, one after the other.
    pub(super) fn mask(&self, bin: u32, out: &mut [u8]) {
        self.masks.fill(&[u64::from(bin)], out);
    }
}
