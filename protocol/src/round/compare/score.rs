//! Corrections: XOR-shared payloads to additive score shares (spec section 8.7).
//!
//! With r the payload as the requester decoded it and s the responder's bin mask, the payload is r + s over GF(2), and
//! d = sum_b a_b (r_b xor s_b) + constant is linear in s: a_b r_b + a_b (1 - 2 r_b) s_b. One correlated OT a bit.

use crate::crypto::cipher::{Bin, Tccr};
use crate::encode::Filter;
use crate::policy::shape::Shape;
use zeroize::Zeroizing;

/// Coefficients a_b of a requester's record, one for every payload bit: filter, presence, then zeros (V-COMPARE-001). Wrapping
/// arithmetic modulo 2^32 is exact here, because the ring is smaller.
#[must_use]
pub fn coefficients(shape: &Shape, filter: &Filter) -> Vec<u32> {
    let mut out = vec![0; shape.payload_bits()];
    write_coefficients(shape, filter, &mut out);
    out
}

/// Writes [`coefficients`] to `out`, which has room for one of every payload bit.
fn write_coefficients(shape: &Shape, filter: &Filter, out: &mut [u32]) {
    let (of_bits, of_presence) = out.split_at_mut(shape.filter_bits());
    // First all ones where the bit is set.
    for (bits, byte) in of_bits.chunks_mut(8).zip(filter.as_bytes()) {
        let byte = u32::from(*byte);
        bits.iter_mut().enumerate().for_each(|(i, bit)| *bit = (byte >> i & 1).wrapping_neg());
    }
    of_presence.fill(0);
    let mut of_bits = of_bits;
    for ((f, segment), of_presence) in shape.segments.iter().enumerate().zip(of_presence) {
        let (own, others) = core::mem::take(&mut of_bits).split_at_mut(usize::from(segment.bits));
        let present = i32::from(filter.get(shape.filter_bits() + f));
        let (alpha, base) = (segment.alpha.cast_unsigned(), (segment.beta * present).cast_unsigned());
        let weight = own.iter().fold(0u32, |sum, x| sum.wrapping_sub(*x)).cast_signed();
        own.iter_mut().for_each(|a| *a = (alpha & *a).wrapping_add(base));
        *of_presence = (segment.beta * weight + segment.nu * present).cast_unsigned();
        of_bits = others;
    }
}

/// Requester's side of a chunk: corrections for all bins, and its share of every score.
///
/// `rows` are the sender's OT rows q (w a bin), `payloads` the decoded payloads (w / 8 bytes a bin), `filters` the own
/// record's filter of each bin.
#[must_use]
pub fn correct<'f>(
    shape: &Shape,
    hash: &Tccr,
    rows: &[u128],
    delta: u128,
    payloads: &[u8],
    filters: impl Iterator<Item = &'f Filter>,
) -> (Vec<u8>, Vec<u32>) {
    let w = shape.payload_bits();
    let ring_bits = u32::from(shape.ring_bits);
    let mask = (1u32 << ring_bits) - 1;
    // The payload has whole bytes, so the corrections of a bin have too.
    let mut corrections = vec![0; rows.len() / 8 * ring_bits as usize];
    // One after another in one place: they are a secret as the filters are.
    let mut weights = Zeroizing::new(vec![0; w]);
    let bins = rows.chunks_exact(w).zip(payloads.chunks_exact(w / 8)).zip(filters);
    let bins = bins.zip(corrections.chunks_exact_mut(w / 8 * ring_bits as usize));
    let shares = (0..).step_by(w).zip(bins).map(|(first, (((rows, payload), filter), out))| {
        write_coefficients(shape, filter, &mut weights);
        let sum = hash.correct(&Bin { first, rows, ring_bits }, delta, payload, &weights, out);
        shape.constant.cast_unsigned().wrapping_add(sum) & mask
    });
    let shares = shares.collect();
    (corrections, shares)
}

/// Responder's side of a chunk: its share of every score. `rows` are the receiver's OT rows t, `masks` the bin masks
/// (w / 8 bytes a bin).
#[must_use]
pub fn absorb(shape: &Shape, hash: &Tccr, rows: &[u128], corrections: &[u8], masks: &[u8]) -> Vec<u32> {
    let w = shape.payload_bits();
    let ring_bits = u32::from(shape.ring_bits);
    let mask = (1u32 << ring_bits) - 1;
    let bins = rows.chunks_exact(w).zip(masks.chunks_exact(w / 8));
    let bins = bins.zip(corrections.chunks_exact(w / 8 * ring_bits as usize));
    let shares = (0..).step_by(w).zip(bins).map(|(first, ((rows, own), corrections))| {
        hash.absorb(&Bin { first, rows, ring_bits }, own, corrections) & mask
    });
    shares.collect()
}
