//! The comparison: corrections of the scores, then evaluation of the garbled circuits.

use super::{Comparing, Requester};
use crate::encode::Filter;
use crate::error::Error;
use crate::round::compare::{garble, score};
use crate::round::derive::{active_labels, gate_hash, pad_hash};
use crate::round::okvs;
use crate::round::ot::{Direction, OtChunk};
use crate::suite::PSEUDONYM_BYTES;
use crate::wire::body::{ChoiceBody, CorrectionBody, GarbledBody};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// What the requester keeps of a chunk between its correction and the garbled answer.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Corrected {
    labels: Vec<u128>,
    shares: Vec<[u8; PSEUDONYM_BYTES]>,
}

/// What the requester keeps of a chunk until the round key comes.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Evaluated {
    pub(super) first_bin: u32,
    pub(super) labels: Vec<Zeroizing<Vec<u128>>>,
    pub(super) sealed: Vec<u8>,
    pub(super) shares: Vec<[u8; PSEUDONYM_BYTES]>,
}

impl Requester<Comparing> {
    /// Payload and pseudonym share of a bin, as decoded: the record's, masked, where the responder holds the token;
    /// noise elsewhere.
    pub(in crate::round) fn payload(&self, bin: u32) -> Zeroizing<Vec<u8>> {
        let plan = &self.round.plan;
        let mut value = Zeroizing::new(vec![0; plan.value_bytes()]);
        let Some((table, _)) = plan.locate(bin) else { return value };
        let (Some(table_plan), Some(columns)) = (plan.tables.get(table), self.state.tables.get(table)) else {
            return value;
        };
        let Some(output) = self.state.outputs.get(bin as usize) else { return value };
        let context = okvs::row_context(&self.round, table_plan.id);
        let band = okvs::row(&context, output, table_plan.columns, &mut value);
        okvs::decode(columns, &band, &mut value);
        value
    }

    /// Answers a choice chunk with corrections and the second extension, and what to keep for the garbled answer. `digest` is the choice frame's.
    ///
    /// # Errors
    /// Faults of the peer.
    pub fn correct(
        &self,
        chunk: u32,
        choice: &ChoiceBody,
        digest: &[u8; 32],
    ) -> Result<(CorrectionBody, Corrected), Error> {
        let shape = &self.round.plan.shape;
        let (first, n) = self.round.plan.compare_range(chunk);
        let (w, k) = (shape.payload_bits(), usize::from(shape.ring_bits));
        let place = OtChunk { round: &self.round.id, direction: Direction::Masks, index: chunk };
        let rows = Zeroizing::new(self.state.sender.extend(&place, &choice.extension, n as usize * w)?);

        // The filter of a bin without a record: only the check bits count, and the constant stays below every threshold.
        let empty = Filter::zero(shape.filter_bits() + shape.segments.len());
        let mut payloads = Zeroizing::new(Vec::with_capacity(n as usize * (w / 8)));
        let (mut shares, mut weights) = (Vec::with_capacity(n as usize), Vec::with_capacity(n as usize));
        for bin in first..first + n {
            let value = self.payload(bin);
            let (payload, share) = value.split_at(w / 8);
            payloads.extend_from_slice(payload);
            shares.push(share.first_chunk().copied().unwrap_or([0; PSEUDONYM_BYTES]));
            let record =
                self.bins.records.get(bin as usize).copied().flatten().and_then(|r| self.records.get(r as usize));
            let filter = record.map_or(&empty, |r| &r.filter);
            weights.push(Zeroizing::new(score::coefficients(shape, filter)));
        }
        let hash = pad_hash(&self.round, chunk, digest);
        let (corrections, scores) = score::correct(shape, &hash, &rows, self.state.sender.delta(), &payloads, &weights);
        let scores = Zeroizing::new(scores);

        let place = OtChunk { round: &self.round.id, direction: Direction::Shares, index: chunk };
        let bits = Zeroizing::new(pack_bits(&scores, k));
        let (extension, labels) = self.state.receiver.extend(&place, &bits, n as usize * k);
        Ok((CorrectionBody { corrections, extension }, Corrected { labels, shares }))
    }

    /// Evaluates a garbled chunk. `digest` is the own correction frame's.
    #[must_use]
    pub fn evaluate(&self, chunk: u32, mut corrected: Corrected, garbled: GarbledBody, digest: &[u8; 32]) -> Evaluated {
        let plan = &self.round.plan;
        let (first_bin, bins) = plan.compare_range(chunk);
        let k = usize::from(plan.shape.ring_bits);
        let circuits = plan.thresholds().len();
        let hash = gate_hash(&self.round, chunk, digest);
        let tables = garbled.tables.chunks_exact(GarbledBody::circuit_length(plan, bins).max(1));
        let labels =
            (0u32..).zip((0u32..).step_by(k - 1)).take(circuits).zip(tables).map(|((circuit, first_gate), own)| {
                let theirs = active_labels(&garbled.seed, circuit, bins as usize * k);
                garble::evaluate(&hash, k, first_gate, &corrected.labels, &theirs, own)
            });
        let labels = labels.collect();
        Evaluated { first_bin, labels, sealed: garbled.sealed, shares: core::mem::take(&mut corrected.shares) }
    }
}

/// The low `k` bits of each number, least significant first, packed.
fn pack_bits(numbers: &[u32], k: usize) -> Vec<u8> {
    let mut out = vec![0u8; (numbers.len() * k).div_ceil(8)];
    for (i, number) in numbers.iter().enumerate() {
        for b in 0..k {
            out[(i * k + b) / 8] |= u8::from(number >> b & 1 == 1) << ((i * k + b) % 8);
        }
    }
    out
}
