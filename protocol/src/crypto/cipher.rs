//! AES-128 in two uses: column streams of the OT extension, and a tweakable correlation-robust hash.

use aes::Aes128;
use aes::cipher::{Block, BlockCipherEncrypt, KeyInit};
use core::fmt;

/// AES-128 in counter mode: the pseudo-random generator of one OT-extension column. The key schedule is wiped on drop.
#[derive(Clone)]
pub struct Stream(Aes128);

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
        Self(Aes128::new(&(*seed).into()))
    }

    /// Fills `out`, a whole number of 16-byte blocks, with the part of the stream that belongs to `chunk`: block i is
    /// AES(LE128(chunk * 2^64 + i)).
    pub fn fill(&self, chunk: u32, out: &mut [u8]) {
        let mut counter = u128::from(chunk) << 64;
        let mut blocks = [Block::<Aes128>::default(); LANES];
        for piece in out.chunks_mut(LANES * 16) {
            let n = piece.len().div_ceil(16);
            for block in &mut blocks[..n] {
                block.copy_from_slice(&counter.to_le_bytes());
                counter += 1;
            }
            self.0.encrypt_blocks(&mut blocks[..n]);
            for (out, block) in piece.chunks_mut(16).zip(&blocks) {
                out.copy_from_slice(&block[..out.len()]);
            }
        }
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
