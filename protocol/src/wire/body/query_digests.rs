//! Requester: the digests of all its queries, before the first of them.

use super::{Body, CheckedQuery, QueryBody, exact};
use crate::error::PeerFault;
use crate::plan::Plan;
use crate::wire::FrameKind;

/// Digests of all query chunks: no evaluation can influence a later query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryDigestsBody {
    /// One digest a chunk.
    pub digests: Vec<[u8; 32]>,
}

impl QueryDigestsBody {
    /// Bytes.
    #[must_use]
    pub const fn length(plan: &Plan) -> usize {
        plan.query_chunks() as usize * 32
    }

    /// Announces queries.
    #[must_use]
    pub fn of<'a>(queries: impl Iterator<Item = &'a QueryBody>) -> Self {
        Self { digests: queries.map(QueryBody::digest).collect() }
    }

    /// Reads a body.
    ///
    /// # Errors
    /// [`PeerFault::Length`].
    pub fn read(body: &[u8], plan: &Plan) -> Result<Self, PeerFault> {
        exact(body, Self::length(plan))?;
        Ok(Self { digests: body.as_chunks::<32>().0.to_vec() })
    }

    /// Checks that a query is the one that was announced for its chunk.
    ///
    /// # Errors
    /// [`PeerFault::BrokenCommitment`].
    pub fn check(&self, chunk: u32, query: QueryBody) -> Result<CheckedQuery, PeerFault> {
        // V-OPRF-003.
        if self.digests.get(chunk as usize) != Some(&query.digest()) {
            return Err(PeerFault::BrokenCommitment { chunk });
        }
        Ok(CheckedQuery(query))
    }
}

impl Body for QueryDigestsBody {
    const KIND: FrameKind = FrameKind::QueryDigests;

    fn parts(&self) -> Vec<&[u8]> {
        vec![self.digests.as_flattened()]
    }
}
