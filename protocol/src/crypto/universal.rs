//! The linear universal hash of the OT extension's consistency check: two POLYVALs (RFC 8452 section 3) under
//! independent keys, 256 bits in all.

use polyval::Polyval;
use polyval::universal_hash::UniversalHash;

/// A block of 128 bits, little endian.
pub type Block = [u8; 16];

/// The hash under one challenge.
#[derive(Clone)]
pub struct ColumnHash {
    first: Polyval,
    second: Polyval,
}

impl core::fmt::Debug for ColumnHash {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("ColumnHash(..)")
    }
}

impl ColumnHash {
    /// The hash with two 16-byte keys.
    #[must_use]
    pub fn new(keys: &[u8; 32]) -> Self {
        let (first, second) = keys.split_at(16);
        let key = |bytes: &[u8]| {
            let mut key = polyval::Key::default();
            key.copy_from_slice(bytes);
            Polyval::new(&key)
        };
        Self { first: key(first), second: key(second) }
    }

    /// Hashes a column: POLYVAL of all its blocks but the last two, plus one of the last two each, which mask it.
    /// Linear over GF(2); the column has a whole number of blocks.
    #[must_use]
    pub fn column(&self, bytes: &[u8]) -> [u8; 32] {
        let (body, mask) = bytes.split_at(bytes.len().saturating_sub(32));
        let mut out = [0; 32];
        for (out, hash) in out.chunks_exact_mut(16).zip([&self.first, &self.second]) {
            let mut hash = hash.clone();
            hash.update_padded(body);
            out.copy_from_slice(&hash.finalize());
        }
        out.iter_mut().zip(mask).for_each(|(o, m)| *o ^= m);
        out
    }
}
