//! The form for VAES, VPCLMULQDQ and AVX-512.

use crate::narrow::{pack, unpack};
use crate::x86::{Product, RoundKeys, expand, load as load_block, powers, reduce, store as store_block};
use crate::{Bin, LEAVES, LEVELS};
use core::arch::x86_64::*;

/// Stands for the features of this form: exists only where they were found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wide(());

/// Vectors at a time, of four blocks each.
const VECTORS: usize = 4;
/// Blocks at a time.
const LANES: usize = 4 * VECTORS;
/// Their bytes.
const BYTES: usize = 16 * LANES;

type Vectors = [__m512i; VECTORS];

impl Wide {
    pub(crate) fn detect() -> Option<Self> {
        let all = is_x86_feature_detected!("aes")
            && is_x86_feature_detected!("pclmulqdq")
            && is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("vaes")
            && is_x86_feature_detected!("vpclmulqdq");
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
        // SAFETY: `detect` found AVX-512 and VAES.
        unsafe { stream(key, chunk, first, out) }
    }

    pub(crate) fn columns(self, keys: &[RoundKeys; LEAVES], first: bool, chunk: u32, bits: &mut [u8], sum: &mut [u8]) {
        // SAFETY: `detect` found AVX-512 and VAES.
        unsafe { columns(keys, first, chunk, bits, sum) }
    }

    pub(crate) fn transpose(self, all: &[u8], column: usize, rows: &mut [u128]) {
        // SAFETY: `detect` found AVX-512.
        unsafe { transpose(all, column, rows) }
    }

    pub(crate) fn hash(self, key: &RoundKeys, xs: &mut [u128], tweaks: &[u128]) {
        // SAFETY: `detect` found AVX-512 and VAES.
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
        // SAFETY: `detect` found AVX-512 and VAES.
        unsafe { correct(key, bin, delta, decoded, coefficients, out) }
    }

    pub(crate) fn absorb(self, key: &RoundKeys, bin: &Bin<'_>, mask: &[u8], corrections: &[u8]) -> u32 {
        // SAFETY: `detect` found AVX-512 and VAES.
        unsafe { absorb(key, bin, mask, corrections) }
    }

    pub(crate) fn powers(self, key: &[u8; 16], count: usize) -> Vec<[u8; 16]> {
        // SAFETY: `detect` found PCLMULQDQ.
        unsafe { powers(key, count) }
    }

    pub(crate) fn inner_products(self, blocks: &[[u8; 16]], powers: [&[[u8; 16]]; 2]) -> [[u8; 16]; 2] {
        // SAFETY: `detect` found AVX-512 and VPCLMULQDQ.
        unsafe { inner_products(blocks, powers) }
    }
}

/// Lanes of 64 bits, `count` of them.
const fn mask(count: usize) -> __mmask8 {
    if count >= 8 { 0xff } else { (1 << count) - 1 }
}

/// The first 64 bytes, or as many as are there; zeros behind them. The number of bytes is a multiple of eight.
#[inline]
#[target_feature(enable = "avx512f")]
fn load(bytes: &[u8]) -> __m512i {
    // SAFETY: the mask selects words that lie in the slice only; what it leaves out is not read.
    unsafe { _mm512_maskz_loadu_epi64(mask(bytes.len() / 8), bytes.as_ptr().cast()) }
}

/// Stores the first 64 bytes of a slice, or as many as are there. Their number is a multiple of eight.
#[inline]
#[target_feature(enable = "avx512f")]
fn store(bytes: &mut [u8], value: __m512i) {
    // SAFETY: the mask selects words that lie in the slice only; what it leaves out is not written.
    unsafe { _mm512_mask_storeu_epi64(bytes.as_mut_ptr().cast(), mask(bytes.len() / 8), value) }
}

/// Four rows, or as many as are there; zeros behind them.
#[inline]
#[target_feature(enable = "avx512f")]
fn load_rows(rows: &[u128]) -> __m512i {
    // SAFETY: the mask selects words that lie in the slice only; what it leaves out is not read.
    unsafe { _mm512_maskz_loadu_epi64(mask(rows.len().min(4) * 2), rows.as_ptr().cast()) }
}

/// Stores four rows, or as many as there is place for.
#[inline]
#[target_feature(enable = "avx512f")]
fn store_rows(rows: &mut [u128], value: __m512i) {
    // SAFETY: the mask selects words that lie in the slice only; what it leaves out is not written.
    unsafe { _mm512_mask_storeu_epi64(rows.as_mut_ptr().cast(), mask(rows.len().min(4) * 2), value) }
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn broadcast(block: &[u8; 16]) -> __m512i {
    _mm512_broadcast_i32x4(load_block(block))
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq,vaes")]
fn encrypt(key: &RoundKeys, vectors: &mut Vectors) {
    let [first, middle @ .., last] = &key.0;
    let round = broadcast(first);
    for vector in vectors.iter_mut() {
        *vector = _mm512_xor_si512(*vector, round);
    }
    for round in middle {
        let round = broadcast(round);
        for vector in vectors.iter_mut() {
            *vector = _mm512_aesenc_epi128(*vector, round);
        }
    }
    let round = broadcast(last);
    for vector in vectors.iter_mut() {
        *vector = _mm512_aesenclast_epi128(*vector, round);
    }
}

/// Blocks of numbers that follow each other; their low 64 bits do not overflow.
#[inline]
#[target_feature(enable = "avx512f")]
fn counters(chunk: u32, first: u64) -> Vectors {
    let mut vectors = [_mm512_setzero_si512(); VECTORS];
    let chunk = i64::from(chunk);
    for (first, vector) in (first.cast_signed()..).step_by(4).zip(&mut vectors) {
        *vector = _mm512_set_epi64(chunk, first + 3, chunk, first + 2, chunk, first + 1, chunk, first);
    }
    vectors
}

#[target_feature(enable = "avx512f,avx512dq,vaes")]
fn stream(key: &RoundKeys, chunk: u32, first: u64, out: &mut [u8]) {
    for (first, out) in (first..).step_by(LANES).zip(out.chunks_mut(BYTES)) {
        let mut vectors = counters(chunk, first);
        encrypt(key, &mut vectors);
        for (out, vector) in out.chunks_mut(64).zip(vectors) {
            store(out, vector);
        }
    }
}

/// Adds the stream of one leaf to the sum of all, and to those of the bits that its position has.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,vaes")]
fn add<const POSITION: usize>(key: &RoundKeys, counters: &Vectors, all: &mut Vectors, of_bit: &mut [Vectors; LEVELS]) {
    let mut vectors = *counters;
    encrypt(key, &mut vectors);
    for (sum, vector) in all.iter_mut().zip(vectors) {
        *sum = _mm512_xor_si512(*sum, vector);
    }
    for (bit, sums) in of_bit.iter_mut().enumerate() {
        if POSITION >> bit & 1 == 1 {
            for (sum, vector) in sums.iter_mut().zip(vectors) {
                *sum = _mm512_xor_si512(*sum, vector);
            }
        }
    }
}

#[target_feature(enable = "avx512f,avx512dq,vaes")]
fn columns(keys: &[RoundKeys; LEAVES], first: bool, chunk: u32, bits: &mut [u8], sum: &mut [u8]) {
    let column = sum.len();
    for (first_block, (at, out)) in (0u64..).step_by(LANES).zip((0..).step_by(BYTES).zip(sum.chunks_mut(BYTES))) {
        let counters = counters(chunk, first_block);
        let mut all = [_mm512_setzero_si512(); VECTORS];
        let mut of_bit = [[_mm512_setzero_si512(); VECTORS]; LEVELS];
        if first {
            add::<0>(&keys[0], &counters, &mut all, &mut of_bit);
        }
        macro_rules! leaves {
            ($($position:literal),*) => {
                $( add::<$position>(&keys[$position], &counters, &mut all, &mut of_bit); )*
            };
        }
        leaves!(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        for (bit, sums) in of_bit.iter().enumerate() {
            let out = &mut bits[bit * column + at..][..out.len()];
            for (out, sum) in out.chunks_mut(64).zip(sums) {
                store(out, *sum);
            }
        }
        for (out, sum) in out.chunks_mut(64).zip(all) {
            store(out, sum);
        }
    }
}

/// One step of the swap network: bits whose positions differ by `SHIFT` change places between words that lie as far apart.
#[inline]
#[target_feature(enable = "avx512f")]
fn swap<const SHIFT: u32>(m: &mut [[u128; 4]; 128], mask: u64) {
    let width = SHIFT as usize;
    let mask = _mm512_set1_epi64(mask.cast_signed());
    for words in m.chunks_exact_mut(2 * width) {
        let (low, upper) = words.split_at_mut(width);
        for (a, b) in low.iter_mut().zip(upper) {
            let (x, y) = (load_rows(a), load_rows(b));
            let both = _mm512_and_si512(_mm512_xor_si512(_mm512_srli_epi64::<SHIFT>(x), y), mask);
            store_rows(a, _mm512_xor_si512(x, _mm512_slli_epi64::<SHIFT>(both)));
            store_rows(b, _mm512_xor_si512(y, both));
        }
    }
}

/// The swap network of the portable form on 512 rows at a time.
#[target_feature(enable = "avx512f")]
fn transpose(all: &[u8], column: usize, rows: &mut [u128]) {
    let mut m = [[0u128; 4]; 128];
    for (at, out) in (0..column).step_by(64).zip(rows.chunks_mut(512)) {
        for (words, column) in m.iter_mut().zip(all.chunks_exact(column)) {
            store_rows(words, load(&column[at..]));
        }
        let (low, upper) = m.split_at_mut(64);
        for (a, b) in low.iter_mut().zip(upper) {
            let (x, y) = (load_rows(a), load_rows(b));
            store_rows(a, _mm512_unpacklo_epi64(x, y));
            store_rows(b, _mm512_unpackhi_epi64(x, y));
        }
        swap::<32>(&mut m, 0x0000_0000_ffff_ffff);
        swap::<16>(&mut m, 0x0000_ffff_0000_ffff);
        swap::<8>(&mut m, 0x00ff_00ff_00ff_00ff);
        swap::<4>(&mut m, 0x0f0f_0f0f_0f0f_0f0f);
        swap::<2>(&mut m, 0x3333_3333_3333_3333);
        swap::<1>(&mut m, 0x5555_5555_5555_5555);
        // The rows that the columns have; a last piece may be shorter.
        let there = (column - at).min(64) * 8;
        for (quarter, out) in out.chunks_mut(128).take(there / 128).enumerate() {
            for (out, words) in out.iter_mut().zip(&m) {
                *out = words[quarter];
            }
        }
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq,vaes")]
fn tmmo(key: &RoundKeys, x: &mut Vectors, tweak: &Vectors) {
    encrypt(key, x);
    let mut outer = [_mm512_setzero_si512(); VECTORS];
    for ((outer, x), tweak) in outer.iter_mut().zip(x.iter()).zip(tweak) {
        *outer = _mm512_xor_si512(*x, *tweak);
    }
    encrypt(key, &mut outer);
    for (x, outer) in x.iter_mut().zip(outer) {
        *x = _mm512_xor_si512(*x, outer);
    }
}

#[target_feature(enable = "avx512f,avx512dq,vaes")]
fn hash(key: &RoundKeys, xs: &mut [u128], tweaks: &[u128]) {
    let n = xs.len().min(tweaks.len());
    for (xs, tweaks) in xs[..n].chunks_mut(LANES).zip(tweaks[..n].chunks(LANES)) {
        let mut inner = [_mm512_setzero_si512(); VECTORS];
        let mut tweak = inner;
        for (to, rows) in inner.iter_mut().zip(xs.chunks(4)) {
            *to = load_rows(rows);
        }
        for (to, tweaks) in tweak.iter_mut().zip(tweaks.chunks(4)) {
            *to = load_rows(tweaks);
        }
        tmmo(key, &mut inner, &tweak);
        for (rows, value) in xs.chunks_mut(4).zip(inner) {
            store_rows(rows, value);
        }
    }
}

/// The pads of sixteen rows, or of fewer.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,vaes")]
fn pads(key: &RoundKeys, first: u64, rows: &[u128], delta: __m512i) -> __m512i {
    let mut x = [_mm512_setzero_si512(); VECTORS];
    for (to, rows) in x.iter_mut().zip(rows.chunks(4)) {
        *to = _mm512_xor_si512(load_rows(rows), delta);
    }
    tmmo(key, &mut x, &counters(0, first));
    let low = _mm512_set_epi32(0, 0, 0, 0, 0, 0, 0, 0, 28, 24, 20, 16, 12, 8, 4, 0);
    let a = _mm512_permutex2var_epi32(x[0], low, x[1]);
    let b = _mm512_permutex2var_epi32(x[2], low, x[3]);
    _mm512_inserti64x4::<1>(a, _mm512_castsi512_si256(b))
}

/// The first sixteen numbers, or as many as are there; zeros behind them.
#[inline]
#[target_feature(enable = "avx512f")]
fn load_numbers(numbers: &[u32]) -> __m512i {
    let mask = if numbers.len() >= 16 { 0xffff } else { (1 << numbers.len()) - 1 };
    // SAFETY: the mask selects numbers that lie in the slice only; what it leaves out is not read.
    unsafe { _mm512_maskz_loadu_epi32(mask, numbers.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn halves(value: __m512i) -> [[u32; 8]; 2] {
    let mut out = [[0u32; 8]; 2];
    // SAFETY: 64 bytes are there; the store needs no alignment.
    unsafe { _mm512_storeu_si512(out.as_mut_ptr().cast(), value) }
    out
}

/// Sixteen bits of two bytes, or eight of one.
fn bits(bytes: &[u8]) -> __mmask16 {
    match bytes {
        [low, high, ..] => u16::from_le_bytes([*low, *high]),
        [low] => u16::from(*low),
        [] => 0,
    }
}

/// Rows at a time.
const STEP: usize = 16;

#[target_feature(enable = "avx512f,avx512dq,vaes")]
fn correct(key: &RoundKeys, bin: &Bin<'_>, delta: u128, decoded: &[u8], coefficients: &[u32], out: &mut [u8]) -> u32 {
    let ring_bits = bin.ring_bits as usize;
    let zero_vector = _mm512_setzero_si512();
    let mut share = zero_vector;
    let delta = broadcast(&delta.to_le_bytes());
    let pieces = bin.rows.chunks(STEP).zip(coefficients.chunks(STEP)).zip(decoded.chunks(STEP / 8));
    let pieces = pieces.zip(out.chunks_mut(STEP / 8 * ring_bits));
    for (first, (((rows, coefficients), decoded), out)) in (bin.first..).step_by(STEP).zip(pieces) {
        // Lanes behind the last row count nothing.
        let there: __mmask16 = if rows.len() >= STEP { 0xffff } else { (1 << rows.len()) - 1 };
        let zero = _mm512_maskz_mov_epi32(there, pads(key, first, rows, zero_vector));
        let one = pads(key, first, rows, delta);
        let a = load_numbers(coefficients);
        let r = bits(decoded);
        let signed = _mm512_mask_sub_epi32(a, r, zero_vector, a);
        let correction = _mm512_sub_epi32(_mm512_add_epi32(zero, signed), one);
        share = _mm512_sub_epi32(_mm512_add_epi32(share, _mm512_maskz_mov_epi32(r, a)), zero);
        for (numbers, out) in halves(correction).iter().zip(out.chunks_exact_mut(ring_bits)) {
            pack(numbers, bin.ring_bits, out);
        }
    }
    _mm512_reduce_add_epi32(share).cast_unsigned()
}

#[target_feature(enable = "avx512f,avx512dq,vaes")]
fn absorb(key: &RoundKeys, bin: &Bin<'_>, mask: &[u8], corrections: &[u8]) -> u32 {
    let ring_bits = bin.ring_bits as usize;
    let zero = _mm512_setzero_si512();
    let mut share = zero;
    let pieces = bin.rows.chunks(STEP).zip(mask.chunks(STEP / 8)).zip(corrections.chunks(STEP / 8 * ring_bits));
    for (first, ((rows, mask), corrections)) in (bin.first..).step_by(STEP).zip(pieces) {
        let there: __mmask16 = if rows.len() >= STEP { 0xffff } else { (1 << rows.len()) - 1 };
        let mut numbers = [[0u32; 8]; 2];
        for (numbers, corrections) in numbers.iter_mut().zip(corrections.chunks_exact(ring_bits)) {
            *numbers = unpack(corrections, bin.ring_bits);
        }
        let chosen = _mm512_maskz_mov_epi32(bits(mask), load_numbers(numbers.as_flattened()));
        let pads = _mm512_maskz_mov_epi32(there, pads(key, first, rows, zero));
        share = _mm512_add_epi32(share, _mm512_add_epi32(pads, chosen));
    }
    _mm512_reduce_add_epi32(share).cast_unsigned()
}

/// The sum of the four blocks of a vector.
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn fold(vector: __m512i) -> __m128i {
    let half = _mm256_xor_si256(_mm512_castsi512_si256(vector), _mm512_extracti64x4_epi64::<1>(vector));
    _mm_xor_si128(_mm256_castsi256_si128(half), _mm256_extracti128_si256::<1>(half))
}

#[target_feature(enable = "avx512f,avx512dq,vpclmulqdq,pclmulqdq")]
fn inner_products(blocks: &[[u8; 16]], powers: [&[[u8; 16]]; 2]) -> [[u8; 16]; 2] {
    let zero = _mm512_setzero_si512();
    let (mut low, mut middle, mut high) = ([zero; 2], [zero; 2], [zero; 2]);
    let bytes = blocks.as_flattened().chunks(64);
    let [first, second] = powers.map(|powers| powers.as_flattened().chunks(64));
    for (x, powers) in bytes.zip(first.zip(second)) {
        let x = load(x);
        for (i, power) in [powers.0, powers.1].into_iter().enumerate() {
            let power = load(power);
            low[i] = _mm512_xor_si512(low[i], _mm512_clmulepi64_epi128::<0x00>(x, power));
            high[i] = _mm512_xor_si512(high[i], _mm512_clmulepi64_epi128::<0x11>(x, power));
            let across = _mm512_xor_si512(
                _mm512_clmulepi64_epi128::<0x01>(x, power),
                _mm512_clmulepi64_epi128::<0x10>(x, power),
            );
            middle[i] = _mm512_xor_si512(middle[i], across);
        }
    }
    let mut out = [[0; 16]; 2];
    for (i, out) in out.iter_mut().enumerate() {
        store_block(out, reduce(Product { low: fold(low[i]), middle: fold(middle[i]), high: fold(high[i]) }));
    }
    out
}
