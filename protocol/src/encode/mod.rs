//! Records to keyed Bloom filters and tokens (spec sections 5 and 6).

pub mod keep;

use zeroize::{Zeroize, ZeroizeOnDrop};

/// A keyed segmented Bloom filter: segments in policy order, then one presence bit a segment; bit b is bit b mod 8 of
/// byte b / 8. Bits past the end are zero.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Filter(Vec<u8>);

impl Filter {
    /// A filter of `bits` zero bits (filter and presence bits together).
    #[must_use]
    pub fn zero(bits: usize) -> Self {
        Self(vec![0; bits.div_ceil(8)])
    }

    /// Sets one bit; a position past the end is ignored.
    pub fn set(&mut self, bit: usize) {
        if let Some(byte) = self.0.get_mut(bit / 8) {
            *byte |= 1 << (bit % 8);
        }
    }

    /// Reads one bit.
    #[must_use]
    pub fn get(&self, bit: usize) -> bool {
        self.0.get(bit / 8).is_some_and(|byte| byte >> (bit % 8) & 1 == 1)
    }

    /// The bytes, ceil(bits / 8) of them.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl core::fmt::Debug for Filter {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Filter(..)")
    }
}

/// A token: the keyed digest of a table and a match key's value. Still personal data.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Zeroize, ZeroizeOnDrop)]
pub struct Token(pub(crate) [u8; 16]);

impl Token {
    /// A token with these bytes; for tests and tools that compute tokens elsewhere.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl core::fmt::Debug for Token {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Token(..)")
    }
}

/// One record as the round sees it. Its position in the list is its only name there.
#[derive(Clone, Debug)]
pub struct EncodedRecord {
    /// Digest of the record's canonical bytes, its identifier and case reference included: what the commitment covers.
    pub digest: [u8; 32],
    /// Filter and presence bits.
    pub filter: Filter,
    /// Tokens, one list a table in policy order, distinct within a list, at most `slots` of them.
    pub tokens: Vec<Vec<Token>>,
}
