//! The code of the OPRF from trees (spec section 8.11), on columns of bits: the outer code [31, 16, 16] over GF(256) with a
//! Cauchy matrix, each byte as three symbols of GF(16): low nibble, high nibble, their sum (V-OPRF-006).
//!
//! GF(256) is `GF(16)[Y] / (Y^2 + Y + z^3)`, so that multiplying both nibbles by an element of GF(16) multiplies the byte by it.
//! Nothing here branches or indexes on what the columns hold.

use crate::suite::{CODE_BITS, CODE_SYMBOLS, TREE_LEVELS};
use std::sync::LazyLock;

/// Bytes of an input of the code.
pub const INPUT_BYTES: usize = 16;
/// Bits of an input: columns that go into the code.
pub const INPUT_BITS: usize = 8 * INPUT_BYTES;
/// Bytes of the outer codeword that are not the input's.
const PARITY: usize = CODE_SYMBOLS / 3 - INPUT_BYTES;

/// Product in GF(16) = `GF(2)[z] / (z^4 + z + 1)`.
#[must_use]
pub fn times16(a: u8, b: u8) -> u8 {
    let mut product = (0..4).fold(0, |sum, i| sum ^ ((a << i) * (b >> i & 1)));
    for i in (4..7).rev() {
        product ^= (0x13 << (i - 4)) * (product >> i & 1);
    }
    product
}

/// Product in GF(256): the upper nibble is the coefficient of Y.
fn times(a: u8, b: u8) -> u8 {
    let (a1, a0, b1, b0) = (a >> 4, a & 15, b >> 4, b & 15);
    let high = times16(a1, b1) ^ times16(a1, b0) ^ times16(a0, b1);
    let low = times16(a0, b0) ^ times16(8, times16(a1, b1));
    high << 4 | low
}

/// Inverse in GF(256): a^254.
fn inverse(a: u8) -> u8 {
    (0..254).fold(1, |power, _| times(power, a))
}

/// For each parity bit the input bits whose sum it is.
static PARITY_BITS: LazyLock<Vec<u128>> = LazyLock::new(|| {
    let mut bits = vec![0u128; 8 * PARITY];
    for (r, of_byte) in (16u8..).zip(bits.chunks_exact_mut(8)) {
        for j in 0..16u8 {
            let factor = inverse(r ^ j);
            for bit in 0..8 {
                let product = times(factor, 1 << bit);
                for (out, sum) in of_byte.iter_mut().enumerate() {
                    *sum |= u128::from(product >> out & 1) << (8 * u32::from(j) + bit);
                }
            }
        }
    }
    bits
});

/// Adds `from` to `to`.
pub fn add(to: &mut [u8], from: &[u8]) {
    to.iter_mut().zip(from).for_each(|(t, f)| *t ^= f);
}

/// Column of a bit of a byte of the outer codeword: low nibble first, then the high one.
const fn place(byte: usize, bit: usize) -> usize {
    TREE_LEVELS * (3 * byte + bit / 4) + bit % 4
}

/// Columns of the codewords from [`INPUT_BITS`] columns of inputs, all of `column` bytes and one after another: column
/// 4 i + a is bit a of symbol i.
pub fn encode(x: &[u8], column: usize, out: &mut [u8]) {
    let input = |j: usize| x.get(j * column..(j + 1) * column).unwrap_or(&[]);
    for j in 0..INPUT_BITS {
        let at = place(j / 8, j % 8) * column;
        out[at..at + column].copy_from_slice(input(j));
    }
    for (p, of) in PARITY_BITS.iter().enumerate() {
        let at = place(INPUT_BYTES + p / 8, p % 8) * column;
        let out = &mut out[at..at + column];
        out.fill(0);
        (0..INPUT_BITS).filter(|j| of >> j & 1 == 1).for_each(|j| add(out, input(j)));
    }
    for byte in out[..CODE_BITS * column].chunks_exact_mut(3 * TREE_LEVELS * column) {
        let (nibbles, sum) = byte.split_at_mut(2 * TREE_LEVELS * column);
        let (low, high) = nibbles.split_at(TREE_LEVELS * column);
        sum.copy_from_slice(low);
        add(sum, high);
    }
}

/// For each plane a of t_0 + z t_1 + z^2 t_2 + z^3 t_3 the planes (b, a) of the t_b whose sum it is.
const SUM: [&[(usize, usize)]; TREE_LEVELS] = [
    &[(0, 0), (1, 3), (2, 2), (3, 1)],
    &[(0, 1), (1, 0), (1, 3), (2, 2), (2, 3), (3, 1), (3, 2)],
    &[(0, 2), (1, 1), (2, 0), (2, 3), (3, 2), (3, 3)],
    &[(0, 3), (1, 2), (2, 1), (3, 0), (3, 3)],
];

/// The vector t_0 + z t_1 + z^2 t_2 + z^3 t_3 over GF(16) from the planes of the t_b: four of `column` bytes for each.
pub fn combine(t: &[u8], column: usize, out: &mut [u8]) {
    for (of, out) in SUM.iter().zip(out.chunks_exact_mut(column.max(1))) {
        out.fill(0);
        for (b, a) in *of {
            let at = (TREE_LEVELS * b + a) * column;
            add(out, t.get(at..at + column).unwrap_or(&[]));
        }
    }
}

/// The planes of Delta c, for the planes of c: `masks` has all ones for the bits of Delta that are set.
pub fn scale(masks: [u8; TREE_LEVELS], c: &[u8], column: usize, t: &mut [u8], out: &mut [u8]) {
    for (mask, t) in masks.into_iter().zip(t.chunks_exact_mut((TREE_LEVELS * column).max(1))) {
        t.iter_mut().zip(c).for_each(|(t, c)| *t = c & mask);
    }
    combine(t, column, out);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::hash::Prf;
    use crate::crypto::universal::ColumnHash;

    /// A codeword from its definition, symbol by symbol.
    fn word(x: &[u8; 16]) -> Vec<u8> {
        let parity = (16u8..31).map(|r| (0u8..16).fold(0, |s, j| s ^ times(inverse(r ^ j), x[usize::from(j)])));
        x.iter().copied().chain(parity).flat_map(|c| [c & 15, c >> 4, c & 15 ^ c >> 4]).collect()
    }

    #[test]
    fn the_fields_are_fields() {
        for a in 1..=255u8 {
            assert_eq!(times(a, inverse(a)), 1);
        }
        // The subfield multiplies both nibbles (V-OPRF-006): the code is linear over GF(16).
        for d in 0..16 {
            for a in 0..=255u8 {
                assert_eq!(times(d, a), times16(d, a >> 4) << 4 | times16(d, a & 15));
            }
        }
    }

    /// The words of the specification (V-OPRF-006). The first is the same in other fields, the second is not.
    #[test]
    fn the_words_are_the_published_ones() {
        let hex = |x: [u8; 16]| -> String {
            word(&x).chunks(2).map(|s| format!("{:x}{:x}", s.get(1).unwrap_or(&0), s[0])).collect()
        };
        let first = "0010100232300454500676700898900abab00cdcd00efef01011011233211455411677611899811abba11cddc11e0f";
        assert_eq!(hex(core::array::from_fn(|i| i as u8)), first);
        let second = "010100000000000000000000000000000000000000000000ff00ff3566538e66e82ecce2a5ff5acd11dc5c99c5490d";
        assert_eq!(hex(core::array::from_fn(|i| u8::from(i == 0))), second);
        // Any 16 bytes of the outer word are those of one input only: two words differ in 32 symbols at least.
        let mut least = CODE_SYMBOLS;
        for seed in 0..2000u64 {
            let mut x: [u8; 16] = Prf::new([3; 32]).bytes(&[seed]);
            x[seed as usize % 16..].fill(0);
            x[0] |= 1;
            least = least.min(word(&x).iter().filter(|s| **s != 0).count());
        }
        assert!(least >= 32, "{least}");
    }

    #[test]
    fn columns_of_the_code_are_its_words() {
        let inputs: Vec<[u8; 16]> = (0..128).map(|i| Prf::new([1; 32]).bytes(&[i])).collect();
        let mut x = vec![0; 128 * 16];
        let mut out = vec![0xff; CODE_BITS * 16];
        for (n, input) in inputs.iter().enumerate() {
            (0..128).for_each(|j| x[j * 16 + n / 8] |= (input[j / 8] >> (j % 8) & 1) << (n % 8));
        }
        encode(&x, 16, &mut out);
        for (n, input) in inputs.iter().enumerate() {
            for (i, symbol) in word(input).iter().enumerate() {
                for a in 0..4 {
                    assert_eq!(out[(4 * i + a) * 16 + n / 8] >> (n % 8) & 1, symbol >> a & 1, "{n} {i} {a}");
                }
            }
        }
    }

    /// V-OPRF-007: the hash of the planes of Delta v is Delta times the hashes of the planes of v, for all 16 Delta. Over
    /// nibbles that are packed into bytes it is not.
    #[test]
    fn the_hash_of_planes_commutes_with_delta() {
        let column = 16 * 9;
        let mut v = vec![0; 4 * column];
        Prf::new([2; 32]).fill(&[0], &mut v);
        let hash = ColumnHash::new(&[7; 32], 9);
        let hashed = |planes: &[u8]| planes.chunks_exact(column).flat_map(|p| hash.column(p)).collect::<Vec<u8>>();
        let scaled = |delta: u8, planes: &[u8], column: usize| {
            let (mut t, mut out) = (vec![0; 16 * column], vec![0; 4 * column]);
            let masks = core::array::from_fn(|b| (delta >> b & 1).wrapping_neg());
            scale(masks, planes, column, &mut t, &mut out);
            out
        };
        for delta in 0..16 {
            assert_eq!(hashed(&scaled(delta, &v, column)), scaled(delta, &hashed(&v), 32), "delta {delta}");
            for row in 0..8 * column {
                let element = |p: &[u8]| (0..4).fold(0, |s, a| s | (p[a * column + row / 8] >> (row % 8) & 1) << a);
                assert_eq!(element(&scaled(delta, &v, column)), times16(delta, element(&v)));
            }
        }
        // Two nibbles to a byte: a product of each nibble is another linear map than POLYVAL's field has.
        let packed: Vec<u8> = v[..column].to_vec();
        let each = |d: u8, bytes: &[u8]| -> Vec<u8> {
            bytes.iter().map(|b| times16(d, b >> 4) << 4 | times16(d, b & 15)).collect()
        };
        let different = (2..16).filter(|d| hash.column(&each(*d, &packed))[..] != each(*d, &hash.column(&packed))[..]);
        assert_eq!(different.count(), 14);
    }
}
