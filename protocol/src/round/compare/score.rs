//! Corrections: XOR-shared payloads to additive score shares (spec section 8.7).
//!
//! With r the payload as the requester decoded it and s the responder's bin mask, the payload is r + s over GF(2), and
//! d = sum_b a_b (r_b xor s_b) + constant is linear in s: a_b r_b + a_b (1 - 2 r_b) s_b. One correlated OT a bit.

use crate::crypto::cipher::Tccr;
use crate::encode::Filter;
use crate::policy::shape::Shape;
use zeroize::Zeroizing;

/// Coefficients a_b of a requester's record, one for every payload bit: filter, presence, then zeros (V-COMPARE-001). Wrapping
/// arithmetic modulo 2^32 is exact here, because the ring is smaller.
#[must_use]
pub fn coefficients(shape: &Shape, filter: &Filter) -> Vec<u32> {
    let mut out = Vec::with_capacity(shape.payload_bits());
    let mut presence = Vec::with_capacity(shape.segments.len());
    let mut first = 0;
    for (f, segment) in shape.segments.iter().enumerate() {
        let bits = usize::from(segment.bits);
        let present = i32::from(filter.get(shape.filter_bits() + f));
        let mut weight = 0;
        for b in first..first + bits {
            let x = i32::from(filter.get(b));
            weight += x;
            out.push((segment.alpha * x + segment.beta * present).cast_unsigned());
        }
        presence.push((segment.beta * weight + segment.nu * present).cast_unsigned());
        first += bits;
    }
    out.append(&mut presence);
    out.resize(shape.payload_bits(), 0);
    out
}

/// Appends k-bit numbers, least significant bit first.
#[derive(Debug)]
struct Packer {
    out: Vec<u8>,
    buffer: u64,
    filled: u32,
}

impl Packer {
    fn push(&mut self, value: u32, bits: u32) {
        self.buffer |= u64::from(value) << self.filled;
        self.filled += bits;
        while self.filled >= 8 {
            self.out.push((self.buffer & 0xff) as u8);
            self.buffer >>= 8;
            self.filled -= 8;
        }
    }

    fn finish(mut self) -> Vec<u8> {
        if self.filled > 0 {
            self.out.push((self.buffer & 0xff) as u8);
        }
        self.out
    }
}

struct Unpacker<'a> {
    bytes: core::slice::Iter<'a, u8>,
    buffer: u64,
    filled: u32,
}

impl Unpacker<'_> {
    fn pop(&mut self, bits: u32) -> u32 {
        while self.filled < bits {
            self.buffer |= u64::from(*self.bytes.next().unwrap_or(&0)) << self.filled;
            self.filled += 8;
        }
        let value = self.buffer & ((1 << bits) - 1);
        self.buffer >>= bits;
        self.filled -= bits;
        value as u32
    }
}

fn bit(bytes: &[u8], i: usize) -> u32 {
    u32::from(bytes.get(i / 8).copied().unwrap_or(0) >> (i % 8) & 1)
}

/// Pad of a row: the low 32 bits of its hash. The tweak is the number of the bit in the chunk.
fn pads(hash: &Tccr, rows: &mut [u128], first: usize) {
    hash.hash(rows, |i| (first + i) as u128);
}

/// Requester's side of a chunk: corrections for all bins, and its share of every score.
///
/// `rows` are the sender's OT rows q (w a bin), `payloads` the decoded payloads (w / 8 bytes a bin), `weights` the
/// coefficients of each bin.
#[must_use]
pub fn correct(
    shape: &Shape,
    hash: &Tccr,
    rows: &[u128],
    delta: u128,
    payloads: &[u8],
    weights: &[impl AsRef<[u32]>],
) -> (Vec<u8>, Vec<u32>) {
    let w = shape.payload_bits();
    let k = u32::from(shape.ring_bits);
    let mask = (1u32 << k) - 1;
    let mut packer = Packer { out: Vec::with_capacity(rows.len() * k as usize / 8 + 1), buffer: 0, filled: 0 };
    let mut shares = Vec::with_capacity(weights.len());
    let (mut zero, mut one) = (Zeroizing::new(vec![0u128; w]), Zeroizing::new(vec![0u128; w]));
    let bins = rows.chunks_exact(w).zip(payloads.chunks_exact(w / 8)).zip(weights);
    for (bin, ((rows, payload), weights)) in bins.enumerate() {
        zero.copy_from_slice(rows);
        one.iter_mut().zip(rows).for_each(|(o, r)| *o = r ^ delta);
        pads(hash, &mut zero, bin * w);
        pads(hash, &mut one, bin * w);
        let mut share = shape.constant.cast_unsigned();
        for (b, ((k0, k1), a)) in zero.iter().zip(&*one).zip(weights.as_ref()).enumerate() {
            let (k0, k1, r) = (*k0 as u32, *k1 as u32, bit(payload, b));
            // a (1 - 2 r) and a r without a branch on r.
            let negate = r.wrapping_neg();
            let signed = (a ^ negate).wrapping_add(r);
            packer.push(k0.wrapping_add(signed).wrapping_sub(k1) & mask, k);
            share = share.wrapping_add(a & negate).wrapping_sub(k0);
        }
        shares.push(share & mask);
    }
    (packer.finish(), shares)
}

/// Responder's side of a chunk: its share of every score. `rows` are the receiver's OT rows t, `masks` the bin masks
/// (w / 8 bytes a bin).
#[must_use]
pub fn absorb(shape: &Shape, hash: &Tccr, rows: &[u128], corrections: &[u8], masks: &[u8]) -> Vec<u32> {
    let w = shape.payload_bits();
    let k = u32::from(shape.ring_bits);
    let mut unpacker = Unpacker { bytes: corrections.iter(), buffer: 0, filled: 0 };
    let mut pad = Zeroizing::new(vec![0u128; w]);
    let bins = rows.chunks_exact(w).zip(masks.chunks_exact(w / 8));
    bins.enumerate()
        .map(|(bin, (rows, mask))| {
            pad.copy_from_slice(rows);
            pads(hash, &mut pad, bin * w);
            let sum = pad.iter().enumerate().fold(0u32, |sum, (b, pad)| {
                let chosen = unpacker.pop(k) & bit(mask, b).wrapping_neg();
                sum.wrapping_add(*pad as u32).wrapping_add(chosen)
            });
            sum & ((1 << k) - 1)
        })
        .collect()
}
