//! AES-128 with one key or with those of all leaves, and what is computed from its blocks.

#[cfg(target_arch = "x86_64")]
use crate::x86::RoundKeys;
use crate::{Bin, Chosen, Kernels, LEAVES, LEVELS, portable};
use aes::Aes128Enc;
use aes::cipher::KeyInit;
use core::fmt;

/// A key of AES-128, expanded for one form. Wiped on drop.
#[derive(Clone)]
pub struct Key(Expanded);

#[derive(Clone)]
enum Expanded {
    Portable(Aes128Enc),
    #[cfg(target_arch = "x86_64")]
    Narrow(crate::narrow::Narrow, RoundKeys),
    #[cfg(target_arch = "x86_64")]
    Wide(crate::wide::Wide, RoundKeys),
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

impl Key {
    /// Expands a key.
    #[must_use]
    pub fn new(kernels: Kernels, key: &[u8; 16]) -> Self {
        Self(match kernels.0 {
            Chosen::Portable => Expanded::Portable(Aes128Enc::new(&(*key).into())),
            #[cfg(target_arch = "x86_64")]
            Chosen::Narrow(narrow) => Expanded::Narrow(narrow, narrow.expand(key)),
            #[cfg(target_arch = "x86_64")]
            Chosen::Wide(wide) => Expanded::Wide(wide, wide.expand(key)),
        })
    }

    /// Fills `out`, a whole number of 16-byte blocks, with the blocks AES(LE128(2^64 chunk + i)), i from `first` on.
    pub fn stream(&self, chunk: u32, first: u64, out: &mut [u8]) {
        match &self.0 {
            Expanded::Portable(key) => portable::stream(key, chunk, first, out),
            #[cfg(target_arch = "x86_64")]
            Expanded::Narrow(narrow, key) => narrow.stream(key, chunk, first, out),
            #[cfg(target_arch = "x86_64")]
            Expanded::Wide(wide, key) => wide.stream(key, chunk, first, out),
        }
    }

    /// The tweakable hash: replaces every x by p(p(x) + t) + p(x), p this permutation, t the tweak beside it. What has no
    /// tweak stays as it is.
    pub fn hash(&self, xs: &mut [u128], tweaks: &[u128]) {
        match &self.0 {
            Expanded::Portable(key) => portable::hash(key, xs, tweaks),
            #[cfg(target_arch = "x86_64")]
            Expanded::Narrow(narrow, key) => narrow.hash(key, xs, tweaks),
            #[cfg(target_arch = "x86_64")]
            Expanded::Wide(wide, key) => wide.hash(key, xs, tweaks),
        }
    }

    /// Corrections of a bin's score: for bit b with coefficient a and decoded bit r, with the pads k0 and k1 = the low 32 bits
    /// of the hash of the row and of the row + delta, c = k0 + a (1 - 2 r) - k1, of which the low `ring_bits` are packed into
    /// `out`, least significant first. Returns the sum of a r - k0.
    ///
    /// The number of bits is a multiple of eight and at most that of rows, coefficients and decoded bits; `out` has as many
    /// bytes as they take.
    pub fn correct(&self, bin: &Bin<'_>, delta: u128, decoded: &[u8], coefficients: &[u32], out: &mut [u8]) -> u32 {
        match &self.0 {
            Expanded::Portable(key) => portable::correct(key, bin, delta, decoded, coefficients, out),
            #[cfg(target_arch = "x86_64")]
            Expanded::Narrow(narrow, key) => narrow.correct(key, bin, delta, decoded, coefficients, out),
            #[cfg(target_arch = "x86_64")]
            Expanded::Wide(wide, key) => wide.correct(key, bin, delta, decoded, coefficients, out),
        }
    }

    /// The other side's share of a bin's score: the sum of the pads and, where the bit of `mask` is set, of the corrections
    /// packed in `corrections`.
    pub fn absorb(&self, bin: &Bin<'_>, mask: &[u8], corrections: &[u8]) -> u32 {
        match &self.0 {
            Expanded::Portable(key) => portable::absorb(key, bin, mask, corrections),
            #[cfg(target_arch = "x86_64")]
            Expanded::Narrow(narrow, key) => narrow.absorb(key, bin, mask, corrections),
            #[cfg(target_arch = "x86_64")]
            Expanded::Wide(wide, key) => wide.absorb(key, bin, mask, corrections),
        }
    }
}

/// Keys of the leaves of some trees, [`LEAVES`] each, expanded for one form. Wiped on drop.
#[derive(Clone)]
pub struct Leaves(Many);

#[derive(Clone)]
enum Many {
    Portable(Vec<Aes128Enc>),
    #[cfg(target_arch = "x86_64")]
    Narrow(crate::narrow::Narrow, Vec<RoundKeys>),
    #[cfg(target_arch = "x86_64")]
    Wide(crate::wide::Wide, Vec<RoundKeys>),
}

impl fmt::Debug for Leaves {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Leaves(..)")
    }
}

impl Leaves {
    /// Expands the keys of all leaves, tree after tree.
    #[must_use]
    pub fn new(kernels: Kernels, keys: &[[u8; 16]]) -> Self {
        Self(match kernels.0 {
            Chosen::Portable => Many::Portable(keys.iter().map(|key| Aes128Enc::new(&(*key).into())).collect()),
            #[cfg(target_arch = "x86_64")]
            Chosen::Narrow(narrow) => Many::Narrow(narrow, narrow.expand_all(keys)),
            #[cfg(target_arch = "x86_64")]
            Chosen::Wide(wide) => Many::Wide(wide, wide.expand_all(keys)),
        })
    }

    /// Sums of the streams of a tree's leaves in one chunk, from block 0 on: into `sum` that of all leaves, and into `bits`,
    /// [`LEVELS`] columns as long as `sum`, those of the leaves whose position has bit 0, 1, .. set. Without `first`, leaf 0
    /// counts as zero. The length of `sum` is a whole number of 16-byte blocks.
    ///
    /// A tree that is not there leaves all as it is.
    pub fn columns(&self, tree: usize, first: bool, chunk: u32, bits: &mut [u8], sum: &mut [u8]) {
        fn of<T>(all: &[T], tree: usize) -> Option<&[T; LEAVES]> {
            all.get(tree * LEAVES..)?.first_chunk()
        }
        if bits.len() < LEVELS * sum.len() || !sum.len().is_multiple_of(16) {
            return;
        }
        match &self.0 {
            Many::Portable(keys) => {
                let Some(keys) = of(keys, tree) else { return };
                portable::columns(keys, first, chunk, bits, sum);
            }
            #[cfg(target_arch = "x86_64")]
            Many::Narrow(narrow, keys) => {
                let Some(keys) = of(keys, tree) else { return };
                narrow.columns(keys, first, chunk, bits, sum);
            }
            #[cfg(target_arch = "x86_64")]
            Many::Wide(wide, keys) => {
                let Some(keys) = of(keys, tree) else { return };
                wide.columns(keys, first, chunk, bits, sum);
            }
        }
    }
}
