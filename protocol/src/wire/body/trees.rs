//! Requester: the trees of its OT extension.

use super::{Body, exact};
use crate::error::PeerFault;
use crate::suite::Suite;
use crate::wire::FrameKind;

/// The trees of the requester's extension. The OT engine checks them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreesBody {
    /// Trees.
    pub trees: Vec<u8>,
}

impl TreesBody {
    /// Bytes.
    #[must_use]
    pub const fn length(suite: &Suite) -> usize {
        suite.layout.trees
    }

    /// Reads a body.
    ///
    /// # Errors
    /// [`PeerFault::Length`].
    pub fn read(body: &[u8], suite: &Suite) -> Result<Self, PeerFault> {
        exact(body, Self::length(suite))?;
        Ok(Self { trees: body.to_vec() })
    }
}

impl Body for TreesBody {
    const KIND: FrameKind = FrameKind::Trees;

    fn parts(&self) -> Vec<&[u8]> {
        vec![&self.trees]
    }
}
