//! What goes into the OPRF.

use crate::encode::Token;
use core::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// OPRF input: a token with the requester's and the responder's copy index.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Input([u8; 18]);

impl Input {
    /// The input for copy `i` of the requester and copy `j` of the responder.
    #[must_use]
    pub fn new(token: &Token, i: u8, j: u8) -> Self {
        let mut bytes = [0; 18];
        bytes[..16].copy_from_slice(token.as_bytes());
        bytes[16] = i;
        bytes[17] = j;
        Self(bytes)
    }

    /// A dummy: takes the place of an input where there is none.
    #[must_use]
    pub const fn dummy(bytes: [u8; 18]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 18] {
        &self.0
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Input(..)")
    }
}
