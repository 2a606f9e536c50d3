//! Responder: the garbled comparison of a chunk.

use super::{Body, exact, split};
use crate::error::PeerFault;
use crate::plan::Plan;
use crate::suite::{PSEUDONYM_BYTES, SEAL_KEY_BYTES, TAG_BYTES};
use crate::wire::FrameKind;

/// Bytes of the check of a label of the lower threshold, in mutual mode: another label passes with probability 2^-96.
pub const SEAL_CHECK_BYTES: usize = 12;

const SEED: usize = 16;
const GATE: usize = 32;

/// Label seed, commitment to the seal key, two ciphertexts an AND gate, seals. Every byte string is a valid one: a
/// changed table reads as "not reached".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GarbledBody {
    /// Seed of the active labels of the responder's shares.
    pub seed: [u8; SEED],
    /// Commitment to the seal key of the chunk.
    pub commitment: [u8; SEAL_KEY_BYTES],
    /// Gates, circuit by circuit.
    pub tables: Vec<u8>,
    /// Seals, bin by bin.
    pub sealed: Vec<u8>,
}

impl GarbledBody {
    /// Bytes of one circuit's gates for a number of bins.
    #[must_use]
    pub fn circuit_length(plan: &Plan, bins: u32) -> usize {
        bins as usize * usize::from(plan.shape.ring_bits).saturating_sub(1) * GATE
    }

    /// Bytes of one bin's seal: of the pseudonym share; in mutual mode a check for each colour of the label; where there
    /// is a grade strong, of the tag's share.
    #[must_use]
    pub fn seal_length(plan: &Plan) -> usize {
        let checks = if plan.is_mutual() { 2 * SEAL_CHECK_BYTES } else { 0 };
        PSEUDONYM_BYTES + checks + if plan.shape.strong.is_some() { TAG_BYTES } else { 0 }
    }

    /// Bytes for a number of bins.
    #[must_use]
    pub fn length(plan: &Plan, bins: u32) -> usize {
        let tables = plan.thresholds().len() * Self::circuit_length(plan, bins);
        SEED + SEAL_KEY_BYTES + tables + bins as usize * Self::seal_length(plan)
    }

    /// Reads the body of chunk `chunk`.
    ///
    /// # Errors
    /// [`PeerFault::Length`].
    pub fn read(body: &[u8], plan: &Plan, chunk: u32) -> Result<Self, PeerFault> {
        let bins = plan.compare_range(chunk).1;
        exact(body, Self::length(plan, bins))?;
        let (seed, rest) = body.split_first_chunk().ok_or(PeerFault::Truncated)?;
        let (commitment, rest) = rest.split_first_chunk().ok_or(PeerFault::Truncated)?;
        let (tables, sealed) = split(rest, plan.thresholds().len() * Self::circuit_length(plan, bins))?;
        Ok(Self { seed: *seed, commitment: *commitment, tables: tables.to_vec(), sealed: sealed.to_vec() })
    }
}

impl Body for GarbledBody {
    const KIND: FrameKind = FrameKind::Garbled;

    fn parts(&self) -> Vec<&[u8]> {
        vec![&self.seed, &self.commitment, &self.tables, &self.sealed]
    }
}
