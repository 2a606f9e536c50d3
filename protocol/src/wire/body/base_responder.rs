//! Responder: its part of the base OTs in which the requester chooses, and its trees.

use super::{Body, exact, split};
use crate::error::PeerFault;
use crate::suite::Suite;
use crate::wire::FrameKind;

/// Base OT offers, and the trees of the responder's extension. The OT engines check both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseResponderBody {
    /// Offers of the direction in which the requester chooses.
    pub offer: Vec<u8>,
    /// Trees of the responder's extension.
    pub trees: Vec<u8>,
}

impl BaseResponderBody {
    /// Bytes.
    #[must_use]
    pub const fn length(suite: &Suite) -> usize {
        suite.layout.base_offer + suite.layout.trees
    }

    /// Reads a body.
    ///
    /// # Errors
    /// [`PeerFault::Length`].
    pub fn read(body: &[u8], suite: &Suite) -> Result<Self, PeerFault> {
        exact(body, Self::length(suite))?;
        let (offer, trees) = split(body, suite.layout.base_offer)?;
        Ok(Self { offer: offer.to_vec(), trees: trees.to_vec() })
    }
}

impl Body for BaseResponderBody {
    const KIND: FrameKind = FrameKind::BaseResponder;

    fn parts(&self) -> Vec<&[u8]> {
        vec![&self.offer, &self.trees]
    }
}
