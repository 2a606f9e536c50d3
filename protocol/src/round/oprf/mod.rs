//! The oblivious pseudo-random function of a round, with an own key for every bin (spec section 8.1). The steps of a
//! round reach the engine through two small traits only.

pub mod poprf;

use super::commitment::{LateId, Randomness, RoundContext};
use crate::encode::Token;
use crate::error::Error;
use crate::suite::OprfEngine;
use core::fmt;
use poprf::{PoprfClient, PoprfServer};
use std::sync::Arc;
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
pub type OprfOutput = crate::secret::Secret<32>;

/// A query chunk: its number, and its first bin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueryChunk {
    /// Number of the chunk.
    pub index: u32,
    /// Its first bin.
    pub first_bin: u32,
}

/// The requester's half, the client of RFC 9497.
pub trait OprfClient: fmt::Debug + Send + Sync {
    /// Query message for consecutive bins from the chunk's first on, one input a bin.
    fn blind(&self, chunk: QueryChunk, inputs: &[Input]) -> Vec<u8>;

    /// The outputs, from the evaluation of `query`, which was made from the same bins and inputs. A suite without
    /// evaluation frames gets an empty `evaluation`.
    ///
    /// # Errors
    /// A fault of the peer: bad elements or a proof that does not verify.
    fn finalize(
        &self,
        late: &LateId,
        chunk: QueryChunk,
        inputs: &[Input],
        query: &[u8],
        evaluation: &[u8],
    ) -> Result<Vec<OprfOutput>, Error>;
}

/// The responder's half, the server of RFC 9497.
pub trait OprfServer: fmt::Debug + Send + Sync {
    /// Key and proof, for the keys message.
    fn key(&self) -> Vec<u8>;

    /// Checks a query message and returns the evaluation message; `None` if the suite has no evaluation frames.
    ///
    /// # Errors
    /// A fault of the peer: bad elements.
    fn blind_evaluate(&self, late: &LateId, chunk: QueryChunk, query: &[u8]) -> Result<Option<Vec<u8>>, Error>;

    /// The function at own inputs, each in its bins; all outputs in the same order.
    fn evaluate_own(&self, late: &LateId, items: &[(&Input, &[u32])]) -> Vec<OprfOutput>;
}

/// The client of the round's suite, with the server's key checked.
///
/// # Errors
/// A fault of the peer: a bad key, or a proof that does not verify.
pub fn client(round: &Arc<RoundContext>, random: &Randomness, key: &[u8]) -> Result<Arc<dyn OprfClient>, Error> {
    match round.plan.suite.oprf {
        OprfEngine::Poprf => Ok(Arc::new(PoprfClient::new(Arc::clone(round), random, key)?)),
    }
}

/// The server of the round's suite.
#[must_use]
pub fn server(round: &Arc<RoundContext>, random: &Randomness) -> Arc<dyn OprfServer> {
    match round.plan.suite.oprf {
        OprfEngine::Poprf => Arc::new(PoprfServer::new(Arc::clone(round), random)),
    }
}
