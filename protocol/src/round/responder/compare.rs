//! The comparison: bin masks as choices, then garbled circuits on the corrected scores.

use super::{Answering, Responder};
use crate::error::Error;
use crate::labels;
use crate::round::compare::{garble, score};
use crate::round::derive::{active_labels, gate_hash, half, pad_hash};
use crate::round::ot::{Direction, OtChunk, OtRows};
use crate::round::settle::{SealKey, Sealing, commit_seal_key};
use crate::wire::body::{ChoiceBody, CorrectionBody, GarbledBody};
use zeroize::Zeroizing;

/// What the responder keeps of a chunk between its choices and the correction.
pub struct Chosen {
    rows: OtRows,
    masks: Zeroizing<Vec<u8>>,
    shares: Zeroizing<Vec<u8>>,
}

/// The chains that the answer to a correction is bound to.
#[derive(Clone, Copy, Debug)]
pub struct Chains {
    /// Of the own frames, up to the choice.
    pub to_choice: [u8; 32],
    /// Of the requester's frames, up to the correction.
    pub to_correction: [u8; 32],
}

impl Responder<Answering> {
    /// Masks of the payloads of a chunk, and of what else its bins hold.
    fn chunk_masks(&self, chunk: u32) -> (Zeroizing<Vec<u8>>, Zeroizing<Vec<u8>>) {
        let plan = &self.round.plan;
        let (first, n) = plan.compare_range(chunk);
        let payload = plan.payload_bytes();
        let mut whole = Zeroizing::new(vec![0; plan.value_bytes()]);
        let mut masks = Zeroizing::new(Vec::with_capacity(n as usize * payload));
        let mut shares = Zeroizing::new(Vec::with_capacity(n as usize * plan.share_bytes()));
        for bin in first..first + n {
            self.mask(bin, &mut whole);
            let (mask, share) = whole.split_at(payload);
            masks.extend_from_slice(mask);
            shares.extend_from_slice(share);
        }
        (masks, shares)
    }

    /// A choice chunk, and what to keep for its correction.
    #[must_use]
    pub fn choose(&self, chunk: u32) -> (ChoiceBody, Chosen) {
        let (masks, shares) = self.chunk_masks(chunk);
        let beta = self.state.late.as_bytes();
        let place = OtChunk { direction: Direction::Masks, index: chunk, beta };
        let (extension, rows) = self.state.receiver.extend(&place, &masks, masks.len() * 8);
        (ChoiceBody { extension }, Chosen { rows, masks, shares })
    }

    /// The garbled answer to a correction, and the seal key of the chunk.
    ///
    /// # Errors
    /// Faults of the peer.
    pub fn garble(
        &self,
        chunk: u32,
        chosen: &Chosen,
        correction: &CorrectionBody,
        chains: &Chains,
    ) -> Result<(GarbledBody, SealKey), Error> {
        let plan = &self.round.plan;
        let shape = &plan.shape;
        let Chains { to_choice, to_correction } = chains;
        let Answering { late, sender, random, .. } = &self.state;
        let k = usize::from(shape.ring_bits);
        let (first_bin, bins) = plan.compare_range(chunk);
        let n = bins as usize;
        let place = OtChunk { direction: Direction::Shares, index: chunk, beta: to_choice };
        let labels = sender.extend(&place, &correction.extension, n * k)?;
        let Chosen { rows, masks, shares } = chosen;
        let pads = pad_hash(late, chunk, to_choice);
        let scores = Zeroizing::new(score::absorb(shape, &pads, rows, &correction.corrections, masks));

        // V-RAND-005. Bound to the correction: other choices of the requester meet unrelated labels, and another seal key.
        let place: [&[u8]; 2] = [&chunk.to_be_bytes(), to_correction];
        let seed = half(random.bound(labels::LABEL_SEED, &place));
        let seal_key = SealKey::new(random.bound(labels::SEAL_KEY, &place));
        let commitment = commit_seal_key(late, chunk, &seal_key);
        let hash = gate_hash(late, chunk, to_correction);
        let sealing = Sealing::new(late, chunk, &seal_key, plan.is_mutual());
        let mut all_tables = Vec::with_capacity(plan.thresholds().len() * GarbledBody::circuit_length(plan, bins));
        let mut sealed = Vec::with_capacity(n * GarbledBody::seal_length(plan));
        let mut reached = Vec::new();
        for ((threshold, circuit), first_gate) in plan.thresholds().into_iter().zip(0u32..).zip((0u32..).step_by(k - 1))
        {
            let less: Vec<u32> = scores.iter().map(|s| s.wrapping_sub(threshold.cast_unsigned())).collect();
            let less = Zeroizing::new(less);
            let active = active_labels(&seed, circuit, n * k);
            let (tables, labels) = garble::garble(&hash, sender.delta(), k, first_gate, &labels, &active, &less);
            all_tables.extend_from_slice(&tables);
            reached.push(labels);
        }
        let mut of_bin = Zeroizing::new(Vec::with_capacity(reached.len()));
        for ((i, bin), share) in (0..n).zip(first_bin..).zip(shares.chunks_exact(plan.share_bytes())) {
            of_bin.clear();
            of_bin.extend(reached.iter().map(|labels| labels.get(i).copied().unwrap_or(0)));
            sealing.seal(bin, share, &of_bin, sender.delta(), &mut sealed);
        }
        Ok((GarbledBody { seed, commitment, tables: all_tables, sealed }, seal_key))
    }
}
