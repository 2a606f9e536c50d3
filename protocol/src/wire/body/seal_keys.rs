//! Responder: the seal keys of comparison chunks.

use super::{Body, exact};
use crate::error::PeerFault;
use crate::plan::Plan;
use crate::suite::SEAL_KEY_BYTES;
use crate::wire::FrameKind;

/// Seal keys of consecutive comparison chunks, not yet checked.
#[derive(Clone, PartialEq, Eq)]
pub struct SealKeysBody {
    /// One key a chunk.
    pub keys: Vec<[u8; SEAL_KEY_BYTES]>,
}

impl core::fmt::Debug for SealKeysBody {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("SealKeysBody(..)")
    }
}

impl SealKeysBody {
    /// Bytes of frame `frame`.
    #[must_use]
    pub const fn length(plan: &Plan, frame: u32) -> usize {
        plan.seal_keys_range(frame).1 as usize * SEAL_KEY_BYTES
    }

    /// Reads the body of frame `frame`.
    ///
    /// # Errors
    /// [`PeerFault::Length`].
    pub fn read(body: &[u8], plan: &Plan, frame: u32) -> Result<Self, PeerFault> {
        exact(body, Self::length(plan, frame))?;
        Ok(Self { keys: body.as_chunks().0.to_vec() })
    }
}

impl Body for SealKeysBody {
    const KIND: FrameKind = FrameKind::SealKeys;

    fn parts(&self) -> Vec<&[u8]> {
        vec![self.keys.as_flattened()]
    }
}
