//! The comparison: corrections of the scores, then evaluation of the garbled circuits.

use super::{Asking, Comparing, GroupValues, Requester};
use crate::encode::Filter;
use crate::error::Error;
use crate::round::compare::{garble, score};
use crate::round::derive::{active_labels, gate_hash, pad_hash};
use crate::round::ot::{Direction, OtChunk, OtRows};
use crate::wire::body::{ChoiceBody, CorrectionBody, GarbledBody};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// What the requester keeps of a chunk between its correction and the garbled answer.
pub struct Corrected {
    labels: OtRows,
    shares: Zeroizing<Vec<u8>>,
}

/// What the requester keeps of a chunk until its seal key comes.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Evaluated {
    pub(super) first_bin: u32,
    pub(super) labels: Vec<Zeroizing<Vec<u128>>>,
    pub(super) sealed: Vec<u8>,
    pub(super) shares: Vec<u8>,
}

/// The table from which bins are read, one bin after another.
struct ReadTable {
    table: usize,
    groups: Arc<Vec<GroupValues>>,
}

impl Requester<Comparing> {
    /// What a bin holds, as decoded.
    #[cfg(test)]
    pub(in crate::round) fn value(&self, bin: u32) -> Zeroizing<Vec<u8>> {
        let mut value = Zeroizing::new(vec![0; self.round.plan.value_bytes()]);
        self.read_value(bin, &mut None, &mut value);
        value
    }

    /// Says that the corrections of a chunk are made, once for each chunk: a table all of whose bins are corrected is not
    /// needed any more.
    pub fn corrected(&self, chunk: u32) {
        let (first, n) = self.round.plan.compare_range(chunk);
        for (plan, table) in self.round.plan.tables.iter().zip(self.state.tables.iter()) {
            let (from, to) = (first.max(plan.first_bin), (first + n).min(plan.first_bin + plan.bins));
            let of_it = to.saturating_sub(from);
            if of_it > 0 && table.left.fetch_sub(of_it, Ordering::Relaxed) <= of_it {
                table.forget();
            }
        }
    }

    /// Copies what a bin holds.
    fn read_value(&self, bin: u32, read: &mut Option<ReadTable>, value: &mut [u8]) {
        let plan = &self.round.plan;
        value.fill(0);
        let Some((table, local)) = plan.locate(bin) else { return };
        let Some(table_plan) = plan.tables.get(table) else { return };
        let group = table_plan.group_of(local);
        if read.as_ref().is_none_or(|read| read.table != table) {
            *read = self.state.tables.get(table).map(|found| ReadTable { table, groups: found.groups() });
        }
        let values = read.as_ref().and_then(|read| read.groups.get(group));
        let (Some(group_plan), Some(GroupValues(values))) = (table_plan.groups.get(group), values) else { return };
        let at = (local - group_plan.first_bin) as usize * value.len();
        value.iter_mut().zip(values.get(at..).unwrap_or(&[])).for_each(|(to, from)| *to = *from);
    }

    /// Answers a choice chunk with corrections and the second extension, and what to keep for the garbled answer. `to_choice`
    /// is the chain of the responder's frames up to the choice.
    ///
    /// # Errors
    /// Faults of the peer.
    pub fn correct(
        &self,
        chunk: u32,
        choice: &ChoiceBody,
        to_choice: &[u8; 32],
    ) -> Result<(CorrectionBody, Corrected), Error> {
        let shape = &self.round.plan.shape;
        let (first, n) = self.round.plan.compare_range(chunk);
        let (w, k) = (shape.payload_bits(), usize::from(shape.ring_bits));
        let Asking { late, sender, receiver, .. } = &self.state.asking;
        let place = OtChunk { direction: Direction::Masks, index: chunk, beta: late.as_bytes() };
        let rows = sender.extend(&place, &choice.extension, n as usize * w)?;

        // The filter of a bin without a record: nothing counts, and the constant stays below every threshold.
        let empty = Filter::zero(shape.filter_bits() + shape.segments.len());
        let mut payloads = Zeroizing::new(Vec::with_capacity(n as usize * (w / 8)));
        let mut shares = Zeroizing::new(Vec::with_capacity(n as usize * self.round.plan.share_bytes()));
        let mut value = Zeroizing::new(vec![0; self.round.plan.value_bytes()]);
        let mut table = None;
        for bin in first..first + n {
            self.read_value(bin, &mut table, &mut value);
            let (payload, share) = value.split_at(w / 8);
            payloads.extend_from_slice(payload);
            shares.extend_from_slice(share);
        }
        let filters = (first..first + n).map(|bin| {
            let holder = self.bins.records.get(bin as usize).copied().flatten();
            let filter = holder.and_then(|h| Some(self.records.get(h.record as usize)?.filter_of(h.name)));
            filter.unwrap_or(&empty)
        });
        let hash = pad_hash(late, chunk, to_choice);
        let (corrections, scores) = score::correct(shape, &hash, &rows, sender.delta(), &payloads, filters);
        let scores = Zeroizing::new(scores);

        let place = OtChunk { direction: Direction::Shares, index: chunk, beta: to_choice };
        let bits = Zeroizing::new(pack_bits(&scores, k));
        let (extension, labels) = receiver.extend(&place, &bits, n as usize * k);
        Ok((CorrectionBody { corrections, extension }, Corrected { labels, shares }))
    }

    /// Evaluates a garbled chunk. `to_correction` is the chain of the own frames up to the correction.
    #[must_use]
    pub fn evaluate(
        &self,
        chunk: u32,
        mut corrected: Corrected,
        garbled: GarbledBody,
        to_correction: &[u8; 32],
    ) -> Evaluated {
        let plan = &self.round.plan;
        let (first_bin, bins) = plan.compare_range(chunk);
        let k = usize::from(plan.shape.ring_bits);
        let circuits = plan.thresholds().len();
        let hash = gate_hash(&self.state.asking.late, chunk, to_correction);
        let tables = garbled.tables.chunks_exact(GarbledBody::circuit_length(plan, bins).max(1));
        let labels =
            (0u32..).zip((0u32..).step_by(k - 1)).take(circuits).zip(tables).map(|((circuit, first_gate), own)| {
                let theirs = active_labels(&garbled.seed, circuit, bins as usize * k);
                garble::evaluate(&hash, k, first_gate, &corrected.labels, &theirs, own)
            });
        let labels = labels.collect();
        Evaluated { first_bin, labels, sealed: garbled.sealed, shares: core::mem::take(&mut *corrected.shares) }
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
