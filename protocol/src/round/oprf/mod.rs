//! The oblivious pseudo-random function of a round, with an own key for every bin (spec section 8.1). The steps of a
//! round reach the engine through two small traits only.

pub mod poprf;
pub mod tree;

use super::commitment::{LateId, Randomness, RoundContext};
pub use super::input::Input;
use crate::error::Error;
use crate::suite::OprfEngine;
use core::fmt;
use poprf::{PoprfClient, PoprfServer};
use std::sync::Arc;
use tree::{TreeClient, TreeServer};

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
    /// What the keys message begins with: key and proof, or base OT answers.
    fn key(&self) -> Vec<u8>;

    /// The server that goes on, once the client's base message is here; `None` if this one does, in a suite whose client has
    /// no such message. `to_keys` is the chain of the responder's frames up to its keys.
    ///
    /// # Errors
    /// A fault of the peer: bad elements or trees.
    fn opened(&self, base: &[u8], to_keys: &[u8; 32]) -> Result<Option<Arc<dyn OprfServer>>, Error>;

    /// Checks a query message and returns the evaluation message; `None` if the suite has no evaluation frames.
    ///
    /// # Errors
    /// A fault of the peer: bad elements.
    fn blind_evaluate(&self, late: &LateId, chunk: QueryChunk, query: &[u8]) -> Result<Option<Vec<u8>>, Error>;

    /// The function at own inputs, each in its bins, which are all of one table; all outputs in the same order. In a suite
    /// without evaluation frames the queries of these bins are here.
    ///
    /// # Errors
    /// [`Error::Internal`] if they are not.
    fn evaluate_own(&self, late: &LateId, items: &[(&Input, &[u32])]) -> Result<Vec<OprfOutput>, Error>;
}

/// The client of the round's suite, with the server's key checked, and its base message, which may be empty. `to_keys` is the
/// chain of the responder's frames up to its keys.
///
/// # Errors
/// A fault of the peer: a bad key, or a proof that does not verify.
pub fn client(
    round: &Arc<RoundContext>,
    random: &Randomness,
    key: &[u8],
    to_keys: &[u8; 32],
) -> Result<(Arc<dyn OprfClient>, Vec<u8>), Error> {
    match round.plan.suite.oprf {
        OprfEngine::Poprf => Ok((Arc::new(PoprfClient::new(Arc::clone(round), random, key)?), Vec::new())),
        OprfEngine::Tree => {
            let (client, base) = TreeClient::new(Arc::clone(round), random, key, to_keys)?;
            Ok((Arc::new(client), base))
        }
    }
}

/// The server of the round's suite.
#[must_use]
pub fn server(round: &Arc<RoundContext>, random: &Randomness) -> Arc<dyn OprfServer> {
    match round.plan.suite.oprf {
        OprfEngine::Poprf => Arc::new(PoprfServer::new(Arc::clone(round), random)),
        OprfEngine::Tree => Arc::new(TreeServer::new(Arc::clone(round), random)),
    }
}
