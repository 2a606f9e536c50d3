//! The portable form: the `aes` crate and plain loops. It says what the other forms compute.

use crate::{Bin, LEAVES, LEVELS};
use aes::Aes128Enc;
use aes::cipher::array::Array;
use aes::cipher::{Block, BlockCipherEncrypt};
use zeroize::Zeroizing;

/// Blocks at a time: all partial sums stay in the first-level cache.
const PIECE: usize = 64 * 16;
/// Blocks of the hash at a time.
const LANES: usize = 64;

pub(crate) fn stream(key: &Aes128Enc, chunk: u32, first: u64, out: &mut [u8]) {
    let (blocks, _) = Block::<Aes128Enc>::slice_as_chunks_mut(out);
    for (block, counter) in blocks.iter_mut().zip((u128::from(chunk) << 64 | u128::from(first))..) {
        *block = Array(counter.to_le_bytes());
    }
    key.encrypt_blocks(blocks);
}

/// Adding pairs of neighbours upwards takes two additions a leaf, whatever the number of levels is: the right half of a
/// subtree of height b is what bit b gains.
pub(crate) fn columns(keys: &[Aes128Enc; LEAVES], first: bool, chunk: u32, bits: &mut [u8], sum: &mut [u8]) {
    let column = sum.len();
    bits[..LEVELS * column].fill(0);
    let mut partial = Zeroizing::new([[0u8; PIECE]; LEVELS + 1]);
    for (piece, out) in sum.chunks_mut(PIECE).enumerate() {
        let n = out.len();
        let mut top = 0;
        for (position, key) in keys.iter().enumerate() {
            let slot = &mut partial[top][..n];
            if first || position > 0 {
                stream(key, chunk, (piece * PIECE / 16) as u64, slot);
            } else {
                slot.fill(0);
            }
            // One carry for every subtree that this leaf completes.
            for bit in 0..position.trailing_ones() as usize {
                let (left, right) = partial.split_at_mut(top);
                let (left, right) = (&mut left[top - 1][..n], &right[0][..n]);
                let target = &mut bits[bit * column + piece * PIECE..][..n];
                for ((l, t), r) in left.iter_mut().zip(target).zip(right) {
                    *l ^= r;
                    *t ^= r;
                }
                top -= 1;
            }
            top += 1;
        }
        out.copy_from_slice(&partial[0][..n]);
    }
}

/// Transposes a 128 by 128 bit matrix in place: bit j of word i and bit i of word j change places.
fn square(m: &mut [u128; 128]) {
    let mut width = 64;
    let mut mask = u128::MAX >> 64;
    while width != 0 {
        // `high` runs over the words whose index has a zero at this bit.
        for high in (0..128).step_by(2 * width) {
            let (low, upper) = m[high..high + 2 * width].split_at_mut(width);
            for (a, b) in low.iter_mut().zip(upper) {
                let swap = ((*a >> width) ^ *b) & mask;
                *a ^= swap << width;
                *b ^= swap;
            }
        }
        width /= 2;
        mask ^= mask << width;
    }
}

pub(crate) fn transpose(columns: &[u8], column: usize, rows: &mut [u128]) {
    let mut bits = Zeroizing::new([0u128; 128]);
    for (at, out) in (0..column).step_by(16).zip(rows.chunks_mut(128)) {
        for (word, column) in bits.iter_mut().zip(columns.chunks_exact(column)) {
            *word = column[at..].first_chunk::<16>().map_or(0, |b| u128::from_le_bytes(*b));
        }
        square(&mut bits);
        out.copy_from_slice(&bits[..out.len()]);
    }
}

pub(crate) fn hash(key: &Aes128Enc, xs: &mut [u128], tweaks: &[u128]) {
    let mut blocks = [Block::<Aes128Enc>::default(); LANES];
    let mut inner = [0u128; LANES];
    for (xs, tweaks) in xs.chunks_mut(LANES).zip(tweaks.chunks(LANES)) {
        let n = xs.len().min(tweaks.len());
        for (block, x) in blocks.iter_mut().zip(xs.iter()) {
            block.copy_from_slice(&x.to_le_bytes());
        }
        key.encrypt_blocks(&mut blocks[..n]);
        for ((block, inner), tweak) in blocks[..n].iter_mut().zip(&mut inner).zip(tweaks) {
            *inner = u128::from_le_bytes((*block).into());
            block.copy_from_slice(&(*inner ^ tweak).to_le_bytes());
        }
        key.encrypt_blocks(&mut blocks[..n]);
        for ((x, block), inner) in xs.iter_mut().zip(&blocks[..n]).zip(&inner) {
            *x = u128::from_le_bytes((*block).into()) ^ inner;
        }
    }
}

/// Pads of the rows: the low 32 bits of their hashes.
fn pads(key: &Aes128Enc, first: u64, rows: impl Iterator<Item = u128>) -> Zeroizing<Vec<u32>> {
    let mut rows = Zeroizing::new(rows.collect::<Vec<u128>>());
    let tweaks: Vec<u128> = (u128::from(first)..).take(rows.len()).collect();
    hash(key, &mut rows, &tweaks);
    Zeroizing::new(rows.iter().map(|row| *row as u32).collect())
}

fn bit(bytes: &[u8], i: usize) -> u32 {
    u32::from(bytes.get(i / 8).copied().unwrap_or(0) >> (i % 8) & 1)
}

pub(crate) fn correct(
    key: &Aes128Enc,
    bin: &Bin<'_>,
    delta: u128,
    decoded: &[u8],
    coefficients: &[u32],
    out: &mut [u8],
) -> u32 {
    let zero = pads(key, bin.first, bin.rows.iter().copied());
    let one = pads(key, bin.first, bin.rows.iter().map(|row| row ^ delta));
    let (mut share, mut buffer, mut filled) = (0u32, 0u64, 0);
    let mut out = out.iter_mut();
    for (b, ((k0, k1), a)) in zero.iter().zip(one.iter()).zip(coefficients).enumerate() {
        // a (1 - 2 r) and a r without a branch on r.
        let r = bit(decoded, b);
        let negate = r.wrapping_neg();
        let signed = (a ^ negate).wrapping_add(r);
        let correction = k0.wrapping_add(signed).wrapping_sub(*k1);
        buffer |= (u64::from(correction) & ((1 << bin.ring_bits) - 1)) << filled;
        filled += bin.ring_bits;
        while filled >= 8 {
            out.next().into_iter().for_each(|byte| *byte = buffer as u8);
            buffer >>= 8;
            filled -= 8;
        }
        share = share.wrapping_add(a & negate).wrapping_sub(*k0);
    }
    share
}

pub(crate) fn absorb(key: &Aes128Enc, bin: &Bin<'_>, mask: &[u8], corrections: &[u8]) -> u32 {
    let (mut buffer, mut filled) = (0u64, 0);
    let mut bytes = corrections.iter();
    pads(key, bin.first, bin.rows.iter().copied()).iter().enumerate().fold(0u32, |sum, (b, pad)| {
        while filled < bin.ring_bits {
            buffer |= u64::from(*bytes.next().unwrap_or(&0)) << filled;
            filled += 8;
        }
        let correction = (buffer & ((1 << bin.ring_bits) - 1)) as u32;
        buffer >>= bin.ring_bits;
        filled -= bin.ring_bits;
        sum.wrapping_add(*pad).wrapping_add(correction & bit(mask, b).wrapping_neg())
    })
}
