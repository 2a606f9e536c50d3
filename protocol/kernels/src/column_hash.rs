//! The linear universal hash of the consistency checks: two POLYVALs (RFC 8452 section 3) under independent keys.
//!
//! The vector forms compute it as an inner product with the powers of the keys, which are the same for all columns of a
//! chunk, and reduce once at the end.

use crate::{Chosen, Kernels};
use polyval::Polyval;
use polyval::universal_hash::UniversalHash;

/// The hash under one challenge.
#[derive(Clone)]
pub struct ColumnHash {
    kernels: Kernels,
    keys: [[u8; 16]; 2],
    /// Powers of each key, the highest first, the key last. Empty in the portable form.
    powers: [Vec<[u8; 16]>; 2],
}

impl core::fmt::Debug for ColumnHash {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("ColumnHash(..)")
    }
}

impl ColumnHash {
    /// The hash with two 16-byte keys, for columns of `blocks` blocks, the last two included.
    #[must_use]
    pub fn new(kernels: Kernels, keys: &[u8; 32], blocks: usize) -> Self {
        let (halves, _) = keys.as_chunks::<16>();
        let key = |i: usize| halves.get(i).copied().unwrap_or_default();
        let keys = [key(0), key(1)];
        let count = blocks.saturating_sub(2);
        let powers = match kernels.0 {
            Chosen::Portable => [Vec::new(), Vec::new()],
            #[cfg(target_arch = "x86_64")]
            Chosen::Narrow(narrow) => keys.map(|key| narrow.powers(&key, count)),
            #[cfg(target_arch = "x86_64")]
            Chosen::Wide(wide) => keys.map(|key| wide.powers(&key, count)),
        };
        Self { kernels, keys, powers }
    }

    /// Hashes a column: POLYVAL of all its blocks but the last two, plus one of the last two each, which mask it. Linear over
    /// GF(2); the column has a whole number of blocks.
    #[must_use]
    pub fn column(&self, bytes: &[u8]) -> [u8; 32] {
        let (body, mask) = bytes.split_at(bytes.len().saturating_sub(32));
        let (blocks, rest) = body.as_chunks::<16>();
        let mut out = [0; 32];
        let [first, second] = &self.powers;
        // A column that is longer than announced, or no whole number of blocks, takes the portable way.
        let both = match (self.kernels.0, first.len().checked_sub(blocks.len())) {
            #[cfg(target_arch = "x86_64")]
            (Chosen::Narrow(narrow), Some(from)) if rest.is_empty() => {
                Some(narrow.inner_products(blocks, [first, second].map(|powers| powers.get(from..).unwrap_or(&[]))))
            }
            #[cfg(target_arch = "x86_64")]
            (Chosen::Wide(wide), Some(from)) if rest.is_empty() => {
                Some(wide.inner_products(blocks, [first, second].map(|powers| powers.get(from..).unwrap_or(&[]))))
            }
            _ => None,
        };
        let both = both.unwrap_or_else(|| self.keys.map(|key| polyval(&key, body)));
        out.iter_mut().zip(both.as_flattened()).for_each(|(o, h)| *o = *h);
        out.iter_mut().zip(mask).for_each(|(o, m)| *o ^= m);
        out
    }
}

fn polyval(key: &[u8; 16], body: &[u8]) -> [u8; 16] {
    let mut hash = Polyval::new(&(*key).into());
    hash.update_padded(body);
    hash.finalize().into()
}
