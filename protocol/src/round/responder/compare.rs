//! The comparison: bin masks as choices, then garbled circuits on the corrected scores.

use super::{Answering, Responder};
use crate::error::Error;
use crate::labels;
use crate::round::compare::{garble, score};
use crate::round::derive::{active_labels, gate_hash, half, pad_hash};
use crate::round::ot::{Direction, OtChunk, OtSender};
use crate::round::settle::Sealing;
use crate::suite::PSEUDONYM_BYTES;
use crate::wire::body::{ChoiceBody, CorrectionBody, GarbledBody, TreesBody};
use std::sync::Arc;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// What the responder keeps of a chunk between its choices and the correction.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Chosen {
    rows: Vec<u128>,
}

impl Responder<Answering> {
    fn chunk_masks(&self, chunk: u32) -> (Zeroizing<Vec<u8>>, Vec<[u8; PSEUDONYM_BYTES]>) {
        let (first, n) = self.round.plan.compare_range(chunk);
        let payload = self.round.plan.payload_bytes();
        let mut whole = Zeroizing::new(vec![0; self.round.plan.value_bytes()]);
        let mut masks = Zeroizing::new(Vec::with_capacity(n as usize * payload));
        let mut shares = Vec::with_capacity(n as usize);
        for bin in first..first + n {
            self.mask(bin, &mut whole);
            let (mask, share) = whole.split_at(payload);
            masks.extend_from_slice(mask);
            shares.push(share.first_chunk().copied().unwrap_or([0; PSEUDONYM_BYTES]));
        }
        (masks, shares)
    }

    /// Opens the requester's trees: what it takes to garble.
    ///
    /// # Errors
    /// Faults of the peer.
    pub fn open(&self, trees: &TreesBody) -> Result<Arc<dyn OtSender>, Error> {
        Ok(self.state.pending_sender.open(&trees.trees)?)
    }

    /// A choice chunk, and what to keep for its correction.
    #[must_use]
    pub fn choose(&self, chunk: u32) -> (ChoiceBody, Chosen) {
        let (masks, _) = self.chunk_masks(chunk);
        let place = OtChunk { round: &self.round.id, direction: Direction::Masks, index: chunk };
        let (extension, rows) = self.state.receiver.extend(&place, &masks, masks.len() * 8);
        (ChoiceBody { extension }, Chosen { rows })
    }

    /// The garbled answer to a correction. The digests are those of the choice and the correction frame.
    ///
    /// # Errors
    /// Faults of the peer.
    pub fn garble(
        &self,
        sender: &dyn OtSender,
        chunk: u32,
        chosen: &Chosen,
        choice: &[u8; 32],
        correction: &CorrectionBody,
        digest: &[u8; 32],
    ) -> Result<GarbledBody, Error> {
        let plan = &self.round.plan;
        let shape = &plan.shape;
        let k = usize::from(shape.ring_bits);
        let (first_bin, bins) = plan.compare_range(chunk);
        let n = bins as usize;
        let place = OtChunk { round: &self.round.id, direction: Direction::Shares, index: chunk };
        let labels = Zeroizing::new(sender.extend(&place, &correction.extension, n * k)?);
        let (masks, pseudonym_masks) = self.chunk_masks(chunk);
        let pads = pad_hash(&self.round, chunk, choice);
        let scores = Zeroizing::new(score::absorb(shape, &pads, &chosen.rows, &correction.corrections, &masks));

        // V-RAND-005. Bound to the correction: other choices of the requester meet unrelated labels.
        let seed = half(self.random.bound(labels::LABEL_SEED, &[&chunk.to_be_bytes(), digest]));
        let hash = gate_hash(&self.round, chunk, digest);
        let sealing = Sealing::new(&self.round_key, &self.round.id);
        let mut all_tables = Vec::with_capacity(plan.thresholds().len() * GarbledBody::circuit_length(plan, bins));
        let mut sealed = Vec::with_capacity(n * GarbledBody::sealed_length(plan.thresholds().len()));
        let mut reached = Vec::new();
        for ((threshold, circuit), first_gate) in plan.thresholds().into_iter().zip(0u32..).zip((0u32..).step_by(k - 1))
        {
            let shares: Vec<u32> = scores.iter().map(|s| s.wrapping_sub(threshold.cast_unsigned())).collect();
            let shares = Zeroizing::new(shares);
            let active = active_labels(&seed, circuit, n * k);
            let (tables, labels) = garble::garble(&hash, sender.delta(), k, first_gate, &labels, &active, &shares);
            all_tables.extend_from_slice(&tables);
            reached.push(labels);
        }
        for ((i, bin), share) in (0..n).zip(first_bin..).zip(&pseudonym_masks) {
            for (labels, circuit) in reached.iter().zip(0u8..) {
                let content: &[u8] = if circuit == 0 { share } else { &[] };
                sealing.seal(bin, circuit, labels.get(i).copied().unwrap_or(0), content, &mut sealed);
            }
        }
        Ok(GarbledBody { seed, tables: all_tables, sealed })
    }
}
