//! The form for AES-NI, PCLMULQDQ and AVX2.

use crate::x86::{Product, RoundKeys, block, expand, load, multiply, powers, reduce, store};
use crate::{Bin, LEAVES, LEVELS};
use core::arch::x86_64::*;

/// Stands for the features of this form: exists only where they were found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Narrow(());

/// Blocks at a time.
const LANES: usize = 8;

type Blocks = [__m128i; LANES];

impl Narrow {
    pub(crate) fn detect() -> Option<Self> {
        let all = is_x86_feature_detected!("aes")
            && is_x86_feature_detected!("pclmulqdq")
            && is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("sse4.1");
        all.then_some(Self(()))
    }

    pub(crate) fn expand(self, key: &[u8; 16]) -> RoundKeys {
        // SAFETY: `detect` found AES-NI.
        unsafe { expand(key) }
    }

    pub(crate) fn expand_all(self, keys: &[[u8; 16]]) -> Vec<RoundKeys> {
        keys.iter().map(|key| self.expand(key)).collect()
    }

    pub(crate) fn stream(self, key: &RoundKeys, chunk: u32, first: u64, out: &mut [u8]) {
        // SAFETY: `detect` found AES-NI and AVX2.
        unsafe { stream(key, chunk, first, out) }
    }

    pub(crate) fn columns(self, keys: &[RoundKeys; LEAVES], first: bool, chunk: u32, bits: &mut [u8], sum: &mut [u8]) {
        // SAFETY: `detect` found AES-NI and AVX2.
        unsafe { columns(keys, first, chunk, bits, sum) }
    }

    pub(crate) fn transpose(self, all: &[u8], column: usize, rows: &mut [u128]) {
        // SAFETY: `detect` found AVX2.
        unsafe { transpose(all, column, rows) }
    }

    pub(crate) fn hash(self, key: &RoundKeys, xs: &mut [u128], tweaks: &[u128]) {
        // SAFETY: `detect` found AES-NI and AVX2.
        unsafe { hash(key, xs, tweaks) }
    }

    pub(crate) fn correct(
        self,
        key: &RoundKeys,
        bin: &Bin<'_>,
        delta: u128,
        decoded: &[u8],
        coefficients: &[u32],
        out: &mut [u8],
    ) -> u32 {
        // SAFETY: `detect` found AES-NI and AVX2.
        unsafe { correct(key, bin, delta, decoded, coefficients, out) }
    }

    pub(crate) fn absorb(self, key: &RoundKeys, bin: &Bin<'_>, mask: &[u8], corrections: &[u8]) -> u32 {
        // SAFETY: `detect` found AES-NI and AVX2.
        unsafe { absorb(key, bin, mask, corrections) }
    }

    pub(crate) fn powers(self, key: &[u8; 16], count: usize) -> Vec<[u8; 16]> {
        // SAFETY: `detect` found PCLMULQDQ.
        unsafe { powers(key, count) }
    }

    pub(crate) fn inner_products(self, blocks: &[[u8; 16]], powers: [&[[u8; 16]]; 2]) -> [[u8; 16]; 2] {
        // SAFETY: `detect` found PCLMULQDQ.
        powers.map(|powers| unsafe { inner_product(blocks, powers) })
    }
}

#[inline]
#[target_feature(enable = "aes,avx2")]
fn encrypt(key: &RoundKeys, blocks: &mut Blocks) {
    let [first, middle @ .., last] = &key.0;
    let round = load(first);
    for block in blocks.iter_mut() {
        *block = _mm_xor_si128(*block, round);
    }
    for round in middle {
        let round = load(round);
        for block in blocks.iter_mut() {
            *block = _mm_aesenc_si128(*block, round);
        }
    }
    let round = load(last);
    for block in blocks.iter_mut() {
        *block = _mm_aesenclast_si128(*block, round);
    }
}

/// Blocks of numbers that follow each other; their low 64 bits do not overflow.
#[inline]
#[target_feature(enable = "avx2")]
fn counters(chunk: u32, first: u64) -> Blocks {
    let mut blocks = [_mm_setzero_si128(); LANES];
    for (i, block) in (first..).zip(&mut blocks) {
        *block = _mm_set_epi64x(i64::from(chunk), i.cast_signed());
    }
    blocks
}

#[target_feature(enable = "aes,avx2")]
fn stream(key: &RoundKeys, chunk: u32, first: u64, out: &mut [u8]) {
    for (first, out) in (first..).step_by(LANES).zip(out.chunks_mut(16 * LANES)) {
        let mut blocks = counters(chunk, first);
        encrypt(key, &mut blocks);
        for (out, block) in out.as_chunks_mut::<16>().0.iter_mut().zip(blocks) {
            store(out, block);
        }
    }
}

#[target_feature(enable = "aes,avx2")]
fn columns(keys: &[RoundKeys; LEAVES], first: bool, chunk: u32, bits: &mut [u8], sum: &mut [u8]) {
    let column = sum.len();
    for (first_block, (at, out)) in
        (0u64..).step_by(LANES).zip((0..).step_by(16 * LANES).zip(sum.chunks_mut(16 * LANES)))
    {
        let mut all = [_mm_setzero_si128(); LANES];
        let mut of_bit = [[_mm_setzero_si128(); LANES]; LEVELS];
        for (position, key) in keys.iter().enumerate().skip(usize::from(!first)) {
            let mut blocks = counters(chunk, first_block);
            encrypt(key, &mut blocks);
            for (sum, block) in all.iter_mut().zip(blocks) {
                *sum = _mm_xor_si128(*sum, block);
            }
            for (bit, sums) in of_bit.iter_mut().enumerate() {
                if position >> bit & 1 == 1 {
                    for (sum, block) in sums.iter_mut().zip(blocks) {
                        *sum = _mm_xor_si128(*sum, block);
                    }
                }
            }
        }
        for (bit, sums) in of_bit.iter().enumerate() {
            let out = &mut bits[bit * column + at..][..out.len()];
            for (out, sum) in out.as_chunks_mut::<16>().0.iter_mut().zip(sums) {
                store(out, *sum);
            }
        }
        for (out, sum) in out.as_chunks_mut::<16>().0.iter_mut().zip(all) {
            store(out, sum);
        }
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn load_rows(rows: &[u128; 2]) -> __m256i {
    // SAFETY: 32 bytes are there; the load needs no alignment.
    unsafe { _mm256_loadu_si256(rows.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn store_rows(rows: &mut [u128; 2], value: __m256i) {
    // SAFETY: 32 bytes are there; the store needs no alignment.
    unsafe { _mm256_storeu_si256(rows.as_mut_ptr().cast(), value) }
}

/// One step of the swap network: bits whose positions differ by `SHIFT` change places between words that lie as far apart.
#[inline]
#[target_feature(enable = "avx2")]
fn swap<const SHIFT: i32>(m: &mut [[u128; 2]; 128], mask: u64) {
    let width = SHIFT as usize;
    let mask = _mm256_set1_epi64x(mask.cast_signed());
    for words in m.chunks_exact_mut(2 * width) {
        let (low, upper) = words.split_at_mut(width);
        for (a, b) in low.iter_mut().zip(upper) {
            let (x, y) = (load_rows(a), load_rows(b));
            let both = _mm256_and_si256(_mm256_xor_si256(_mm256_srli_epi64::<SHIFT>(x), y), mask);
            store_rows(a, _mm256_xor_si256(x, _mm256_slli_epi64::<SHIFT>(both)));
            store_rows(b, _mm256_xor_si256(y, both));
        }
    }
}

/// The swap network of the portable form on 256 rows at a time.
#[target_feature(enable = "avx2")]
fn transpose(all: &[u8], column: usize, rows: &mut [u128]) {
    let mut m = [[0u128; 2]; 128];
    for (at, out) in (0..column).step_by(32).zip(rows.chunks_mut(256)) {
        for (words, column) in m.iter_mut().zip(all.chunks_exact(column)) {
            for (word, bytes) in words.iter_mut().zip(column[at..].as_chunks::<16>().0) {
                *word = u128::from_le_bytes(*bytes);
            }
        }
        let (low, upper) = m.split_at_mut(64);
        for (a, b) in low.iter_mut().zip(upper) {
            let (x, y) = (load_rows(a), load_rows(b));
            store_rows(a, _mm256_unpacklo_epi64(x, y));
            store_rows(b, _mm256_unpackhi_epi64(x, y));
        }
        swap::<32>(&mut m, 0x0000_0000_ffff_ffff);
        swap::<16>(&mut m, 0x0000_ffff_0000_ffff);
        swap::<8>(&mut m, 0x00ff_00ff_00ff_00ff);
        swap::<4>(&mut m, 0x0f0f_0f0f_0f0f_0f0f);
        swap::<2>(&mut m, 0x3333_3333_3333_3333);
        swap::<1>(&mut m, 0x5555_5555_5555_5555);
        // The rows that the columns have; a last piece may be half as long.
        let there = (column - at).min(32) * 8;
        let pieces = out.chunks_mut(128).take(there / 128);
        for (half, out) in pieces.enumerate() {
            for (out, words) in out.iter_mut().zip(&m) {
                *out = words[half];
            }
        }
    }
}

#[target_feature(enable = "aes,avx2")]
fn hash(key: &RoundKeys, xs: &mut [u128], tweaks: &[u128]) {
    for (xs, tweaks) in xs.chunks_mut(LANES).zip(tweaks.chunks(LANES)) {
        let mut inner = [_mm_setzero_si128(); LANES];
        let mut tweak = inner;
        for (to, x) in inner.iter_mut().zip(xs.iter()) {
            *to = block(*x);
        }
        for (to, t) in tweak.iter_mut().zip(tweaks) {
            *to = block(*t);
        }
        tmmo(key, &mut inner, &tweak);
        for ((x, _), value) in xs.iter_mut().zip(tweaks).zip(inner) {
            let mut bytes = [0; 16];
            store(&mut bytes, value);
            *x = u128::from_le_bytes(bytes);
        }
    }
}

#[inline]
#[target_feature(enable = "aes,avx2")]
fn tmmo(key: &RoundKeys, x: &mut Blocks, tweak: &Blocks) {
    encrypt(key, x);
    let mut outer = [_mm_setzero_si128(); LANES];
    for ((outer, x), tweak) in outer.iter_mut().zip(x.iter()).zip(tweak) {
        *outer = _mm_xor_si128(*x, *tweak);
    }
    encrypt(key, &mut outer);
    for (x, outer) in x.iter_mut().zip(outer) {
        *x = _mm_xor_si128(*x, outer);
    }
}

/// The pads of eight rows, or of fewer.
#[inline]
#[target_feature(enable = "aes,avx2")]
fn pads(key: &RoundKeys, first: u64, rows: &[u128], delta: u128) -> __m256i {
    let mut x = [_mm_setzero_si128(); LANES];
    for (to, row) in x.iter_mut().zip(rows) {
        *to = block(row ^ delta);
    }
    tmmo(key, &mut x, &counters(0, first));
    let low = |a, b, c, d| _mm_unpacklo_epi64(_mm_unpacklo_epi32(a, b), _mm_unpacklo_epi32(c, d));
    _mm256_set_m128i(low(x[4], x[5], x[6], x[7]), low(x[0], x[1], x[2], x[3]))
}

/// All bits of lane i are bit i of `bits`.
#[inline]
#[target_feature(enable = "avx2")]
fn spread(bits: u8) -> __m256i {
    let each = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
    _mm256_cmpeq_epi32(_mm256_and_si256(_mm256_set1_epi32(i32::from(bits)), each), each)
}

#[inline]
#[target_feature(enable = "avx2")]
fn lanes(value: __m256i) -> [u32; 8] {
    let mut out = [0u32; 8];
    // SAFETY: 32 bytes are there; the store needs no alignment.
    unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), value) }
    out
}

#[inline]
#[target_feature(enable = "avx2")]
fn load_lanes(lanes: &[u32; 8]) -> __m256i {
    // SAFETY: 32 bytes are there; the load needs no alignment.
    unsafe { _mm256_loadu_si256(lanes.as_ptr().cast()) }
}

#[target_feature(enable = "aes,avx2")]
fn correct(key: &RoundKeys, bin: &Bin<'_>, delta: u128, decoded: &[u8], coefficients: &[u32], out: &mut [u8]) -> u32 {
    let mut share = _mm256_setzero_si256();
    let bits = bin.rows.chunks_exact(LANES).zip(coefficients.as_chunks::<LANES>().0).zip(decoded);
    let pieces = bits.zip(out.chunks_exact_mut(bin.ring_bits as usize));
    for (first, (((rows, coefficients), decoded), out)) in (bin.first..).step_by(LANES).zip(pieces) {
        let zero = pads(key, first, rows, 0);
        let one = pads(key, first, rows, delta);
        let a = load_lanes(coefficients);
        let negate = spread(*decoded);
        let signed = _mm256_sub_epi32(_mm256_xor_si256(a, negate), negate);
        let correction = _mm256_sub_epi32(_mm256_add_epi32(zero, signed), one);
        share = _mm256_sub_epi32(_mm256_add_epi32(share, _mm256_and_si256(a, negate)), zero);
        pack(&lanes(correction), bin.ring_bits, out);
    }
    lanes(share).into_iter().fold(0, u32::wrapping_add)
}

/// Packs eight numbers into as many bytes as each has bits.
#[inline]
pub(crate) fn pack(numbers: &[u32; 8], bits: u32, out: &mut [u8]) {
    let keep = (1u64 << bits) - 1;
    let (mut buffer, mut filled, mut at) = (0u128, 0, 0);
    for pair in numbers.as_chunks::<2>().0 {
        let pair = u64::from(pair[0]) & keep | (u64::from(pair[1]) & keep) << bits;
        buffer |= u128::from(pair) << filled;
        filled += 2 * bits;
        if filled >= 64
            && let Some(word) = out.get_mut(at..).and_then(|rest| rest.first_chunk_mut::<8>())
        {
            *word = (buffer as u64).to_le_bytes();
            at += 8;
            buffer >>= 64;
            filled -= 64;
        }
    }
    out.iter_mut().skip(at).zip(buffer.to_le_bytes()).for_each(|(to, from)| *to = from);
}

/// Unpacks eight numbers.
#[inline]
pub(crate) fn unpack(bytes: &[u8], bits: u32) -> [u32; 8] {
    let keep = (1u64 << bits) - 1;
    let mut numbers = [0; 8];
    for (i, number) in numbers.iter_mut().enumerate() {
        let at = i * bits as usize;
        let rest = bytes.get(at / 8..).unwrap_or(&[]);
        let word = rest.first_chunk::<8>().map_or_else(
            || {
                let mut word = [0; 8];
                word.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
                u64::from_le_bytes(word)
            },
            |word| u64::from_le_bytes(*word),
        );
        *number = (word >> (at % 8) & keep) as u32;
    }
    numbers
}

#[target_feature(enable = "aes,avx2")]
fn absorb(key: &RoundKeys, bin: &Bin<'_>, mask: &[u8], corrections: &[u8]) -> u32 {
    let mut share = _mm256_setzero_si256();
    let pieces = bin.rows.chunks_exact(LANES).zip(mask).zip(corrections.chunks_exact(bin.ring_bits as usize));
    for (first, ((rows, mask), corrections)) in (bin.first..).step_by(LANES).zip(pieces) {
        let chosen = _mm256_and_si256(load_lanes(&unpack(corrections, bin.ring_bits)), spread(*mask));
        share = _mm256_add_epi32(share, _mm256_add_epi32(pads(key, first, rows, 0), chosen));
    }
    lanes(share).into_iter().fold(0, u32::wrapping_add)
}

#[target_feature(enable = "pclmulqdq,sse2")]
fn inner_product(blocks: &[[u8; 16]], powers: &[[u8; 16]]) -> [u8; 16] {
    let zero = _mm_setzero_si128();
    let mut sum = Product { low: zero, middle: zero, high: zero };
    for (block, power) in blocks.iter().zip(powers) {
        let product = multiply(load(block), load(power));
        sum.low = _mm_xor_si128(sum.low, product.low);
        sum.middle = _mm_xor_si128(sum.middle, product.middle);
        sum.high = _mm_xor_si128(sum.high, product.high);
    }
    let mut out = [0; 16];
    store(&mut out, reduce(sum));
    out
}
