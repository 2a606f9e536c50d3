//! Requester: the queries of a chunk of bins.

use super::{Body, exact};
use crate::crypto::hash::hash;
use crate::error::PeerFault;
use crate::labels;
use crate::plan::Plan;
use crate::wire::FrameKind;

/// A query as received or to be sent, in the form of the suite's OPRF engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryBody {
    /// The engine's message.
    pub query: Vec<u8>,
}

/// A received query that is the one that was announced. The engine checks its elements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedQuery(pub(super) QueryBody);

impl QueryBody {
    /// Bytes for a number of bins.
    #[must_use]
    pub fn length(plan: &Plan, bins: u32) -> usize {
        (plan.suite.layout.query)(bins)
    }

    /// Reads the body of chunk `chunk`.
    ///
    /// # Errors
    /// [`PeerFault::Length`].
    pub fn read(body: &[u8], plan: &Plan, chunk: u32) -> Result<Self, PeerFault> {
        exact(body, Self::length(plan, plan.query_range(chunk).1))?;
        Ok(Self { query: body.to_vec() })
    }

    /// What the announcement says of this query.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        hash(labels::QUERY_CHUNK, &[&self.query])
    }
}

impl CheckedQuery {
    /// The engine's message.
    #[must_use]
    pub fn message(&self) -> &[u8] {
        &self.0.query
    }
}

impl Body for QueryBody {
    const KIND: FrameKind = FrameKind::Query;

    fn parts(&self) -> Vec<&[u8]> {
        vec![&self.query]
    }
}
