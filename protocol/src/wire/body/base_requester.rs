//! Requester: its part of the base OTs.

use super::{Body, exact, split};
use crate::error::PeerFault;
use crate::suite::Suite;
use crate::wire::FrameKind;

/// Base OT offers and answers. The base OT engine checks their elements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseRequesterBody {
    /// Offers of the direction in which the responder chooses.
    pub offer: Vec<u8>,
    /// Answers of the direction in which the requester chooses.
    pub answer: Vec<u8>,
}

impl BaseRequesterBody {
    /// Bytes.
    #[must_use]
    pub const fn length(suite: &Suite) -> usize {
        suite.layout.base_offer + suite.layout.base_answer
    }

    /// Reads a body.
    ///
    /// # Errors
    /// [`PeerFault::Length`].
    pub fn read(body: &[u8], suite: &Suite) -> Result<Self, PeerFault> {
        exact(body, Self::length(suite))?;
        let (offer, answer) = split(body, suite.layout.base_offer)?;
        Ok(Self { offer: offer.to_vec(), answer: answer.to_vec() })
    }
}

impl Body for BaseRequesterBody {
    const KIND: FrameKind = FrameKind::BaseRequester;

    fn parts(&self) -> Vec<&[u8]> {
        vec![&self.offer, &self.answer]
    }
}
