//! Requester: its part of the base OTs, and its trees; in a suite whose OPRF has some of its own, those too.

use super::{Body, exact, split};
use crate::error::PeerFault;
use crate::suite::Suite;
use crate::wire::FrameKind;

/// Base OT answers and offers, and the trees of the requester's extension. The OT engines check them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseRequesterBody {
    /// Answers of the direction in which the requester chooses.
    pub answer: Vec<u8>,
    /// Offers of the direction in which the responder chooses.
    pub offer: Vec<u8>,
    /// Trees of the requester's extension.
    pub trees: Vec<u8>,
    /// What the client of the suite's OPRF answers to the server's key.
    pub oprf: Vec<u8>,
}

impl BaseRequesterBody {
    /// Bytes.
    #[must_use]
    pub const fn length(suite: &Suite) -> usize {
        suite.layout.base_answer + suite.layout.base_offer + suite.layout.trees + suite.layout.oprf_base
    }

    /// Reads a body.
    ///
    /// # Errors
    /// [`PeerFault::Length`].
    pub fn read(body: &[u8], suite: &Suite) -> Result<Self, PeerFault> {
        exact(body, Self::length(suite))?;
        let (answer, rest) = split(body, suite.layout.base_answer)?;
        let (offer, rest) = split(rest, suite.layout.base_offer)?;
        let (trees, oprf) = split(rest, suite.layout.trees)?;
        Ok(Self { answer: answer.to_vec(), offer: offer.to_vec(), trees: trees.to_vec(), oprf: oprf.to_vec() })
    }
}

impl Body for BaseRequesterBody {
    const KIND: FrameKind = FrameKind::BaseRequester;

    fn parts(&self) -> Vec<&[u8]> {
        vec![&self.answer, &self.offer, &self.trees, &self.oprf]
    }
}
