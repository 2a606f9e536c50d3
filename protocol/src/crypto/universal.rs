//! The linear universal hash of the OT extension's consistency check: two POLYVALs (RFC 8452 section 3) under
//! independent keys, 256 bits in all.

use blindlink_kernels::Kernels;

/// The hash under one challenge.
#[derive(Clone, Debug)]
pub struct ColumnHash(blindlink_kernels::ColumnHash);

impl ColumnHash {
    /// The hash with two 16-byte keys, for columns of `blocks` blocks of 16 bytes, the last two included.
    #[must_use]
    pub fn new(keys: &[u8; 32], blocks: usize) -> Self {
        Self(blindlink_kernels::ColumnHash::new(Kernels::best(), keys, blocks))
    }

    /// Hashes a column: POLYVAL of all its blocks but the last two, plus one of the last two each, which mask it.
    /// Linear over GF(2); the column has a whole number of blocks.
    #[must_use]
    pub fn column(&self, bytes: &[u8]) -> [u8; 32] {
        self.0.column(bytes)
    }
}
