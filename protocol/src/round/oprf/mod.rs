//! The oblivious pseudo-random function of a round, with an own key for every bin (spec section 8.1). The engine sits
//! behind two small traits: faster ones will follow.

pub mod poprf;

use crate::encode::Token;
use crate::error::Error;
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

/// Output of the function: a key for one OKVS row.
pub type Output = crate::secret::Secret<32>;

/// The requester's half.
pub trait Asker {
    /// Query message for consecutive bins from `first_bin` on, one input a bin.
    fn ask(&self, first_bin: u32, inputs: &[Input]) -> Vec<u8>;

    /// Opens the evaluation of the query `asked`, which was made from the same bins and inputs.
    ///
    /// # Errors
    /// A fault of the peer: bad elements or a proof that does not verify.
    fn open(
        &self,
        chunk: u32,
        first_bin: u32,
        inputs: &[Input],
        asked: &[u8],
        answer: &[u8],
    ) -> Result<Vec<Output>, Error>;
}

/// The responder's half.
pub trait Evaluator {
    /// Evaluation message for a query message over consecutive bins from `first_bin` on.
    ///
    /// # Errors
    /// A fault of the peer: bad elements.
    fn evaluate(&self, chunk: u32, first_bin: u32, query: &[u8]) -> Result<Vec<u8>, Error>;

    /// The function at own inputs, each in its bin; outputs in the same order.
    fn own(&self, items: &[(Input, [u32; 3])]) -> Vec<[Output; 3]>;
}
