//! A tree's columns from its leaves' streams: the sum of all leaves, and for every bit of a leaf's position the sum of
//! those that have it.
//!
//! With the position as an element of GF(2^k) these are u and v of SoftSpokenOT's small-field VOLE. Adding pairs of
//! neighbours upwards takes two additions a leaf, whatever k is: the right half of a subtree of height b is what bit b
//! gains.

use crate::crypto::cipher::Stream;
use crate::suite::TREE_LEVELS;
use zeroize::Zeroizing;

/// Blocks at a time: all partial sums stay in the first-level cache.
const PIECE: usize = 64 * 16;

/// Fills the k columns `bits`, one after another, and `sum`, all of equal length, with the part of the streams that
/// belongs to `chunk`. A leaf without a stream counts as zero.
pub(in crate::round::ot) fn columns<'a>(
    chunk: u32,
    leaves: impl Iterator<Item = Option<&'a Stream>> + Clone,
    bits: &mut [u8],
    sum: &mut [u8],
) {
    let column = sum.len();
    bits.fill(0);
    let mut partial = Zeroizing::new([[0u8; PIECE]; TREE_LEVELS + 1]);
    for (piece, out) in sum.chunks_mut(PIECE).enumerate() {
        let n = out.len();
        let mut top = 0;
        for (position, leaf) in leaves.clone().enumerate() {
            let slot = &mut partial[top][..n];
            match leaf {
                Some(stream) => stream.fill(chunk, piece * PIECE / 16, slot),
                None => slot.fill(0),
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

#[cfg(test)]
mod tests {
    use super::{PIECE, TREE_LEVELS, columns};
    use crate::crypto::cipher::Stream;

    #[test]
    fn columns_are_the_sums_by_definition() {
        let leaves: Vec<Stream> = (0..1u8 << TREE_LEVELS).map(|i| Stream::new(&[i; 16])).collect();
        let n = 3 * PIECE - 32;
        let filled: Vec<Vec<u8>> = leaves
            .iter()
            .map(|leaf| {
                let mut out = vec![0; n];
                leaf.fill(5, 0, &mut out);
                out
            })
            .collect();
        let expected = |wanted: &dyn Fn(usize) -> bool| {
            let mut out = vec![0; n];
            for (_, leaf) in filled.iter().enumerate().filter(|(i, _)| wanted(*i)) {
                out.iter_mut().zip(leaf).for_each(|(o, l)| *o ^= l);
            }
            out
        };
        let (mut bits, mut sum) = (vec![0xff; TREE_LEVELS * n], vec![0xff; n]);
        columns(5, leaves.iter().map(Some), &mut bits, &mut sum);
        assert_eq!(sum, expected(&|_| true));
        for (bit, column) in bits.chunks_exact(n).enumerate() {
            assert_eq!(column, expected(&|i| i >> bit & 1 == 1), "bit {bit}");
        }
        // Without the leaf at 0 only the sum changes.
        let (mut fewer, mut rest) = (vec![0; TREE_LEVELS * n], vec![0; n]);
        columns(5, std::iter::once(None).chain(leaves.iter().skip(1).map(Some)), &mut fewer, &mut rest);
        assert_eq!((fewer, rest), (bits, expected(&|i| i > 0)));
    }
}
