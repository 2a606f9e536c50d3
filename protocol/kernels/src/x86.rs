//! What both vector forms share: round keys, single vectors of 128 bits, POLYVAL's field.

use core::arch::x86_64::*;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The round keys of AES-128. Wiped on drop.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct RoundKeys(pub(crate) [[u8; 16]; 11]);

#[inline]
#[target_feature(enable = "sse2")]
pub(crate) fn load(bytes: &[u8; 16]) -> __m128i {
    // SAFETY: 16 bytes are there; the load needs no alignment.
    unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "sse2")]
pub(crate) fn store(bytes: &mut [u8; 16], value: __m128i) {
    // SAFETY: 16 bytes are there; the store needs no alignment.
    unsafe { _mm_storeu_si128(bytes.as_mut_ptr().cast(), value) }
}

#[inline]
#[target_feature(enable = "sse2")]
pub(crate) fn block(number: u128) -> __m128i {
    _mm_set_epi64x((number >> 64) as i64, number as i64)
}

/// One step of the key schedule (FIPS 197 section 5.2).
#[inline]
#[target_feature(enable = "aes,sse2")]
fn next<const RCON: i32>(key: __m128i) -> __m128i {
    let word = _mm_shuffle_epi32::<0xff>(_mm_aeskeygenassist_si128::<RCON>(key));
    let mut key = key;
    for _ in 0..3 {
        key = _mm_xor_si128(key, _mm_slli_si128::<4>(key));
    }
    _mm_xor_si128(key, word)
}

/// Expands a key.
#[target_feature(enable = "aes,sse2")]
pub(crate) fn expand(key: &[u8; 16]) -> RoundKeys {
    let mut keys = RoundKeys([*key; 11]);
    let mut at = load(key);
    let mut place = keys.0.iter_mut().skip(1);
    let mut put = |value: __m128i| {
        if let Some(key) = place.next() {
            store(key, value);
        }
    };
    macro_rules! steps {
        ($($rcon:literal),*) => { $( at = next::<$rcon>(at); put(at); )* };
    }
    steps!(1, 2, 4, 8, 16, 32, 64, 128, 27, 54);
    keys
}

/// A product of two elements before its reduction: low and high half, and what lies across both.
#[derive(Clone, Copy)]
pub(crate) struct Product {
    pub(crate) low: __m128i,
    pub(crate) middle: __m128i,
    pub(crate) high: __m128i,
}

/// POLYVAL's dot(a, b) = a b x^-128, from the unreduced product (RFC 8452 section 3).
#[inline]
#[target_feature(enable = "pclmulqdq,sse2")]
pub(crate) fn reduce(product: Product) -> __m128i {
    let Product { low, middle, high } = product;
    let mut low = _mm_xor_si128(low, _mm_slli_si128::<8>(middle));
    let high = _mm_xor_si128(high, _mm_srli_si128::<8>(middle));
    // x^-64 twice: the polynomial without its highest and lowest term, from x^64 on.
    let polynomial = _mm_set_epi64x(0xc2 << 56, 0);
    for _ in 0..2 {
        let folded = _mm_clmulepi64_si128::<0x10>(low, polynomial);
        low = _mm_xor_si128(_mm_shuffle_epi32::<0x4e>(low), folded);
    }
    _mm_xor_si128(low, high)
}

#[inline]
#[target_feature(enable = "pclmulqdq,sse2")]
pub(crate) fn multiply(a: __m128i, b: __m128i) -> Product {
    Product {
        low: _mm_clmulepi64_si128::<0x00>(a, b),
        middle: _mm_xor_si128(_mm_clmulepi64_si128::<0x01>(a, b), _mm_clmulepi64_si128::<0x10>(a, b)),
        high: _mm_clmulepi64_si128::<0x11>(a, b),
    }
}

/// The first `count` powers of a key under dot, the highest first.
#[target_feature(enable = "pclmulqdq,sse2")]
pub(crate) fn powers(key: &[u8; 16], count: usize) -> Vec<[u8; 16]> {
    let mut powers = vec![*key; count];
    let key = load(key);
    let mut power = key;
    for out in powers.iter_mut().rev().skip(1) {
        power = reduce(multiply(power, key));
        store(out, power);
    }
    powers
}
