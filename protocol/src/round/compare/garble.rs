//! The sign of a sum modulo 2^k by half gates (Zahur, Rosulek, Evans, eprint 2014/756), all bins of a chunk in
//! lockstep (spec section 8.8).
//!
//! The circuit adds the two shares with k - 1 AND gates; its output wire is the top bit, 0 where the score reaches the
//! threshold (V-COMPARE-002).

use crate::crypto::cipher::Tccr;
use zeroize::Zeroizing;

/// Labels of one wire, one for every bin. Wiped: two of one wire differ by the garbler's secret.
type Wire = Zeroizing<Vec<u128>>;

/// One party's view of an AND gate over all bins.
trait Gates {
    fn and(&mut self, a: &Wire, b: &Wire) -> Wire;
}

fn xor(a: &Wire, b: &Wire) -> Wire {
    Zeroizing::new(a.iter().zip(b.iter()).map(|(a, b)| a ^ b).collect())
}

/// Top bit of a + b; both least significant bit first, at least two bits.
fn top_bit(gates: &mut impl Gates, a: &[Wire], b: &[Wire]) -> Wire {
    let (Some((first_a, a)), Some((first_b, b))) = (a.split_first(), b.split_first()) else { return Wire::default() };
    let (Some((last_a, a)), Some((last_b, b))) = (a.split_last(), b.split_last()) else { return Wire::default() };
    let mut carry = gates.and(first_a, first_b);
    for (a, b) in a.iter().zip(b) {
        let both = gates.and(&xor(a, &carry), &xor(b, &carry));
        carry = xor(&carry, &both);
    }
    xor(&xor(last_a, last_b), &carry)
}

/// Tweaks of one gate: two for every bin, never used again under the same key.
fn tweak(gate: u32, bins: usize, half: usize) -> impl Fn(usize) -> u128 {
    let first = u128::from(gate) * bins as u128;
    move |i| (first + (i % bins.max(1)) as u128) << 1 | half as u128
}

fn select(bit: u128, value: u128) -> u128 {
    (bit & 1).wrapping_neg() & value
}

struct Garbler<'a> {
    hash: &'a Tccr,
    delta: u128,
    gate: u32,
    tables: Vec<u8>,
}

impl Gates for Garbler<'_> {
    fn and(&mut self, a: &Wire, b: &Wire) -> Wire {
        let n = a.len();
        let both = |w: &Wire| -> Wire {
            let mut all = Zeroizing::new(Vec::with_capacity(2 * n));
            all.extend(w.iter().copied().chain(w.iter().map(|x| x ^ self.delta)));
            all
        };
        let (mut ha, mut hb) = (both(a), both(b));
        self.hash.hash(&mut ha, tweak(self.gate, n, 0));
        self.hash.hash(&mut hb, tweak(self.gate, n, 1));
        self.gate += 1;
        let (ha0, ha1) = ha.split_at(n);
        let (hb0, hb1) = hb.split_at(n);
        let mut out = Zeroizing::new(Vec::with_capacity(n));
        for i in 0..n {
            let generator = ha0[i] ^ ha1[i] ^ select(b[i], self.delta);
            let evaluator = hb0[i] ^ hb1[i] ^ a[i];
            self.tables.extend_from_slice(&generator.to_le_bytes());
            self.tables.extend_from_slice(&evaluator.to_le_bytes());
            let left = ha0[i] ^ select(a[i], generator);
            let right = hb0[i] ^ select(b[i], evaluator ^ a[i]);
            out.push(left ^ right);
        }
        out
    }
}

struct OprfServer<'a> {
    hash: &'a Tccr,
    gate: u32,
    tables: core::slice::Iter<'a, [u8; 16]>,
}

impl Gates for OprfServer<'_> {
    fn and(&mut self, a: &Wire, b: &Wire) -> Wire {
        let n = a.len();
        let (mut ha, mut hb) = (a.clone(), b.clone());
        self.hash.hash(&mut ha, tweak(self.gate, n, 0));
        self.hash.hash(&mut hb, tweak(self.gate, n, 1));
        self.gate += 1;
        let mut out = Zeroizing::new(Vec::with_capacity(n));
        for i in 0..n {
            let mut next = || self.tables.next().map_or(0, |t| u128::from_le_bytes(*t));
            let (generator, evaluator) = (next(), next());
            out.push(ha[i] ^ select(a[i], generator) ^ hb[i] ^ select(b[i], evaluator ^ a[i]));
        }
        out
    }
}

/// Wires of k-bit numbers, given `k` labels a bin, bin after bin.
fn wires(labels: &[u128], k: usize) -> Vec<Wire> {
    (0..k).map(|i| Zeroizing::new(labels.iter().skip(i).step_by(k).copied().collect())).collect()
}

/// Garbles one circuit for all bins of a chunk.
///
/// `theirs` are the zero labels of the requester's share, k a bin; `active` the labels that the requester will hold for
/// the responder's share, k a bin; `shares` the responder's share of every score minus the threshold. `first_gate`
/// separates circuits under one hash key. Returns the tables and the label of "reached" (top bit 0) of every bin.
#[must_use]
pub fn garble(
    hash: &Tccr,
    delta: u128,
    k: usize,
    first_gate: u32,
    theirs: &[u128],
    active: &[u128],
    shares: &[u32],
) -> (Vec<u8>, Zeroizing<Vec<u128>>) {
    let zero = |(i, label): (usize, &u128)| label ^ select(u128::from(shares[i / k] >> (i % k)), delta);
    let own: Wire = Zeroizing::new(active.iter().enumerate().map(zero).collect());
    let mut gates = Garbler { hash, delta, gate: first_gate, tables: Vec::with_capacity(shares.len() * (k - 1) * 32) };
    let reached = top_bit(&mut gates, &wires(theirs, k), &wires(&own, k));
    (gates.tables, reached)
}

/// Evaluates one circuit for all bins of a chunk: the active label of every bin's output wire.
#[must_use]
pub fn evaluate(
    hash: &Tccr,
    k: usize,
    first_gate: u32,
    own: &[u128],
    theirs: &[u128],
    tables: &[u8],
) -> Zeroizing<Vec<u128>> {
    let mut gates = OprfServer { hash, gate: first_gate, tables: tables.as_chunks::<16>().0.iter() };
    top_bit(&mut gates, &wires(own, k), &wires(theirs, k))
}
