//! Responder: the garbled comparison of a chunk.

use super::{Body, exact, split};
use crate::error::PeerFault;
use crate::plan::Plan;
use crate::suite::PSEUDONYM_BYTES;
use crate::wire::FrameKind;

/// Bytes of the check in a label ciphertext: a label other than "reached" passes with probability 2^-64.
pub const SEAL_CHECK_BYTES: usize = 8;

const SEED: usize = 16;
const GATE: usize = 32;

/// Label seed, two ciphertexts an AND gate, label ciphertexts. Every byte string is a valid one: a changed table reads
/// as "not reached".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GarbledBody {
    /// Seed of the active labels of the responder's shares.
    pub seed: [u8; SEED],
    /// Gates, circuit by circuit.
    pub tables: Vec<u8>,
    /// Label ciphertexts, bin by bin.
    pub sealed: Vec<u8>,
}

impl GarbledBody {
    /// Bytes of one circuit's gates for a number of bins.
    #[must_use]
    pub fn circuit_length(plan: &Plan, bins: u32) -> usize {
        bins as usize * usize::from(plan.shape.ring_bits).saturating_sub(1) * GATE
    }

    /// Bytes of one bin's label ciphertexts: pseudonym share with its check for the lower threshold, a check for the
    /// upper.
    #[must_use]
    pub const fn sealed_length(circuits: usize) -> usize {
        PSEUDONYM_BYTES + SEAL_CHECK_BYTES * circuits
    }

    /// Bytes for a number of bins.
    #[must_use]
    pub fn length(plan: &Plan, bins: u32) -> usize {
        let circuits = plan.thresholds().len();
        SEED + circuits * Self::circuit_length(plan, bins) + bins as usize * Self::sealed_length(circuits)
    }

    /// Reads the body of chunk `chunk`.
    ///
    /// # Errors
    /// [`PeerFault::Length`].
    pub fn read(body: &[u8], plan: &Plan, chunk: u32) -> Result<Self, PeerFault> {
        let bins = plan.compare_range(chunk).1;
        exact(body, Self::length(plan, bins))?;
        let (seed, rest) = body.split_first_chunk().ok_or(PeerFault::Truncated)?;
        let (tables, sealed) = split(rest, plan.thresholds().len() * Self::circuit_length(plan, bins))?;
        Ok(Self { seed: *seed, tables: tables.to_vec(), sealed: sealed.to_vec() })
    }
}

impl Body for GarbledBody {
    const KIND: FrameKind = FrameKind::Garbled;

    fn parts(&self) -> Vec<&[u8]> {
        vec![&self.seed, &self.tables, &self.sealed]
    }
}
