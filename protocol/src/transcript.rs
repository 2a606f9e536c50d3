//! The running hash over everything that crossed the wire (spec section 12.1).
//!
//! Each direction has its own chain, because the two directions interleave differently on the two sides.

use crate::crypto::hash::hash;
use crate::ids::FrameDigest;
use crate::labels;

/// Digest of one frame.
#[must_use]
pub fn frame_digest(frame: &[u8]) -> FrameDigest {
    FrameDigest::from_bytes(hash(labels::FRAME, &[frame]))
}

/// The chain of one direction.
#[derive(Clone, Debug)]
pub struct Chain {
    state: [u8; 32],
}

impl Chain {
    /// An empty chain.
    #[must_use]
    pub const fn new() -> Self {
        Self { state: [0; 32] }
    }

    /// A chain that has come to this value.
    #[must_use]
    pub const fn of_value(value: [u8; 32]) -> Self {
        Self { state: value }
    }

    /// Appends a frame by its digest.
    pub fn push(&mut self, digest: &FrameDigest) {
        self.state = hash(labels::TRANSCRIPT_LINK, &[&self.state, digest.as_bytes()]);
    }

    /// The chain's value.
    #[must_use]
    pub const fn value(&self) -> &[u8; 32] {
        &self.state
    }
}

impl Default for Chain {
    fn default() -> Self {
        Self::new()
    }
}

/// The transcript hash of a round from its two chains.
#[must_use]
pub fn transcript(from_requester: &Chain, from_responder: &Chain) -> [u8; 32] {
    hash(labels::TRANSCRIPT, &[from_requester.value(), from_responder.value()])
}
