//! The requester, step by step: the client of the OPRF and the evaluator of the garbled circuits.
//!
//! ```text
//! Placed --keys--> Keyed --base--> Asking --compare--> Comparing
//!                  query           finalize            correct, evaluate, open_results, claims
//! ```
//!
//! Every step consumes the state before it. Work on single chunks borrows the state and may run on any thread.

mod compare;
mod place;
mod query;
mod settle;

pub use compare::{Corrected, Evaluated};
pub use settle::FoundPair;

use super::base::Chooser;
use super::commitment::{LateId, Randomness, RoundContext};
use super::oprf::{Input, OprfClient};
use super::ot::{OtReceiver, OtSender};
use crate::encode::EncodedRecord;
use place::Bins;
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Mutex, PoisonError};
use zeroize::Zeroizing;

/// The requester in state `S`.
#[derive(Clone, Debug)]
pub struct Requester<S> {
    round: Arc<RoundContext>,
    random: Randomness,
    records: Arc<[EncodedRecord]>,
    bins: Arc<Bins>,
    state: S,
}

/// Queries are placed.
#[derive(Clone, Debug)]
pub struct Placed(());

/// The responder's keys are checked.
#[derive(Clone, Debug)]
pub struct Keyed {
    oprf: Arc<dyn OprfClient>,
    chooser: Chooser,
    receiver: Arc<dyn OtReceiver>,
}

/// The late round id is known, and the responder's trees are opened.
#[derive(Clone, Debug)]
pub struct Asking {
    oprf: Arc<dyn OprfClient>,
    receiver: Arc<dyn OtReceiver>,
    late: LateId,
    sender: Arc<dyn OtSender>,
}

/// The requester has read all its bins.
#[derive(Clone, Debug)]
pub struct Comparing {
    asking: Asking,
    tables: Arc<Vec<Table>>,
}

/// What the bins of a table hold, for as long as bins of it are to be compared.
#[derive(Debug)]
struct Table {
    groups: Mutex<Arc<Vec<GroupValues>>>,
    /// Bins that are not corrected.
    left: AtomicU32,
}

impl Table {
    fn groups(&self) -> Arc<Vec<GroupValues>> {
        Arc::clone(&self.groups.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn forget(&self) {
        *self.groups.lock().unwrap_or_else(PoisonError::into_inner) = Arc::default();
    }
}

/// What the bins of a group hold, as decoded, one after another: payload, pseudonym token and tag, masked, where the responder
/// holds the token; noise elsewhere. A fourth of what the columns took from which it was read.
pub struct GroupValues(Zeroizing<Vec<u8>>);

impl core::fmt::Debug for GroupValues {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("GroupValues(..)")
    }
}

impl<S> Requester<S> {
    fn with<T>(self, state: T) -> Requester<T> {
        Requester { round: self.round, random: self.random, records: self.records, bins: self.bins, state }
    }

    fn inputs(&self, (first, n): (u32, u32)) -> &[Input] {
        self.bins.inputs.get(first as usize..(first + n) as usize).unwrap_or(&[])
    }
}

/// What only tests look at.
#[cfg(test)]
impl Requester<Comparing> {
    pub(super) fn record_in(&self, bin: u32) -> Option<u32> {
        self.bins.records.get(bin as usize).copied().flatten().map(|holder| holder.record)
    }

    pub(super) fn bin_of(&self, record: u32) -> Option<usize> {
        self.bins.records.iter().position(|r| r.is_some_and(|holder| holder.record == record))
    }

    pub(super) fn receiver(&self) -> &Arc<dyn OtReceiver> {
        &self.state.asking.receiver
    }
}
