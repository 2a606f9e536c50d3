//! AES-128 in two uses: column streams of the OT extension, and a tweakable correlation-robust hash.

use aes::cipher::array::Array;
use aes::cipher::{Block, BlockCipherEncrypt, KeyInit};
use aes::{Aes128, Aes128Enc};
use core::fmt;

/// AES-128 in counter mode: the pseudo-random generator of a leaf of the OT extension. The key schedule is wiped on drop.
#[derive(Clone)]
pub struct Stream(Aes128Enc);

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stream(..)")
    }
}

const LANES: usize = 64;

impl Stream {
    /// The stream with this seed.
    #[must_use]
    pub fn new(seed: &[u8; 16]) -> Self {
        Self(Aes128Enc::new(&(*seed).into()))
    }

    /// Fills `out`, a whole number of 16-byte blocks, with the part of the stream that belongs to `chunk`, from block
    /// `first` on: block i is AES(LE128(chunk * 2^64 + i)).
    pub fn fill(&self, chunk: u32, first: usize, out: &mut [u8]) {
        let (blocks, _) = Block::<Aes128Enc>::slice_as_chunks_mut(out);
        for (block, counter) in blocks.iter_mut().zip((u128::from(chunk) << 64 | first as u128)..) {
            *block = Array(counter.to_le_bytes());
        }
        self.0.encrypt_blocks(blocks);
    }
}

/// The tweakable hash H(x, t) = p(p(x) + t) + p(x), p = AES-128 under a public key that is fresh for every chunk and
/// direction (TMMO of Guo, Katz, Wang, Yu, eprint 2019/074; spec section 8.7).
#[derive(Clone)]
pub struct Tccr(Aes128);

impl fmt::Debug for Tccr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tccr(..)")
    }
}

impl Tccr {
    /// The hash with this public key.
    #[must_use]
    pub fn new(key: &[u8; 16]) -> Self {
        Self(Aes128::new(&(*key).into()))
    }

    /// Replaces every x by H(x, t), t = `tweak(position)`.
    pub fn hash(&self, xs: &mut [u128], tweak: impl Fn(usize) -> u128) {
        let mut blocks = [Block::<Aes128>::default(); LANES];
        let mut inner = [0u128; LANES];
        for (piece_index, piece) in xs.chunks_mut(LANES).enumerate() {
            let n = piece.len();
            for (block, x) in blocks.iter_mut().zip(piece.iter()) {
                block.copy_from_slice(&x.to_le_bytes());
            }
            self.0.encrypt_blocks(&mut blocks[..n]);
            for (i, (block, inner)) in blocks[..n].iter_mut().zip(&mut inner).enumerate() {
                *inner = u128::from_le_bytes((*block).into());
                block.copy_from_slice(&(*inner ^ tweak(piece_index * LANES + i)).to_le_bytes());
            }
            self.0.encrypt_blocks(&mut blocks[..n]);
            for ((x, block), inner) in piece.iter_mut().zip(&blocks).zip(&inner) {
                *x = u128::from_le_bytes((*block).into()) ^ inner;
            }
        }
    }
}
