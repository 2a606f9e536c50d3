//! AES-128 in three uses: streams of tree leaves and of labels, a tweakable correlation-robust hash, and the corrections and
//! shares that are made of its outputs. The loops themselves are those of `blindlink_kernels`.

use blindlink_kernels::{Kernels, Key, Leaves};
use core::fmt;

pub use blindlink_kernels::Bin;

/// AES-128 in counter mode. The key schedule is wiped on drop.
#[derive(Clone)]
pub struct Stream(Key);

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stream(..)")
    }
}

impl Stream {
    /// The stream with this seed.
    #[must_use]
    pub fn new(seed: &[u8; 16]) -> Self {
        Self(Key::new(Kernels::best(), seed))
    }

    /// Fills `out`, a whole number of 16-byte blocks, with the part of the stream that belongs to `chunk`: block i is
    /// AES(LE128(chunk * 2^64 + i)).
    pub fn fill(&self, chunk: u32, out: &mut [u8]) {
        self.0.stream(chunk, 0, out);
    }
}

/// The streams of all leaves of some trees, 16 leaves each: the pseudo-random generators of the OT extension.
#[derive(Clone, Debug)]
pub struct LeafStreams(Leaves);

impl LeafStreams {
    /// The streams with these seeds, tree after tree.
    #[must_use]
    pub fn new(seeds: &[[u8; 16]]) -> Self {
        Self(Leaves::new(Kernels::best(), seeds))
    }

    /// A tree's columns in a chunk: into `sum` the sum of all its streams, and into `bits`, four columns as long as `sum`,
    /// those of the leaves whose position has bit 0, 1, 2, 3. Without `first`, leaf 0 counts as zero.
    ///
    /// With the position as an element of GF(2^4) these are u and v of SoftSpokenOT's small-field VOLE.
    pub fn columns(&self, tree: usize, first: bool, chunk: u32, bits: &mut [u8], sum: &mut [u8]) {
        self.0.columns(tree, first, chunk, bits, sum);
    }
}

/// Transposes 128 columns of bits, one after another, to rows: as many of them as `rows` has place for.
pub fn transpose(columns: &[u8], rows: &mut [u128]) {
    Kernels::best().transpose(columns, rows);
}

/// The tweakable hash H(x, t) = p(p(x) + t) + p(x), p = AES-128 under a public key that is fresh for every chunk and
/// direction (TMMO of Guo, Katz, Wang, Yu, eprint 2019/074; spec section 8.7).
#[derive(Clone)]
pub struct Tccr(Key);

impl fmt::Debug for Tccr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tccr(..)")
    }
}

/// Blocks that are hashed at a time.
const LANES: usize = 64;

impl Tccr {
    /// The hash with this public key.
    #[must_use]
    pub fn new(key: &[u8; 16]) -> Self {
        Self(Key::new(Kernels::best(), key))
    }

    /// Replaces every x by H(x, t), t = `tweak(position)`.
    pub fn hash(&self, xs: &mut [u128], tweak: impl Fn(usize) -> u128) {
        let mut tweaks = [0; LANES];
        for (first, xs) in (0..).step_by(LANES).zip(xs.chunks_mut(LANES)) {
            tweaks.iter_mut().zip(first..).for_each(|(t, i)| *t = tweak(i));
            self.0.hash(xs, &tweaks);
        }
    }

    /// The requester's corrections of a bin's score, and its share without the constant: see [`Key::correct`].
    pub fn correct(&self, bin: &Bin<'_>, delta: u128, decoded: &[u8], coefficients: &[u32], out: &mut [u8]) -> u32 {
        self.0.correct(bin, delta, decoded, coefficients, out)
    }

    /// The responder's share of a bin's score: see [`Key::absorb`].
    #[must_use]
    pub fn absorb(&self, bin: &Bin<'_>, mask: &[u8], corrections: &[u8]) -> u32 {
        self.0.absorb(bin, mask, corrections)
    }
}
