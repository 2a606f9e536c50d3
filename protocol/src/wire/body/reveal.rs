//! Responder: the round key and the pseudonyms of its records.

use super::{Body, exact};
use crate::error::PeerFault;
use crate::plan::Plan;
use crate::suite::PSEUDONYM_BYTES;
use crate::wire::FrameKind;

const KEY: usize = 32;

/// Round key and pseudonyms, not yet checked: `round::settle` checks them.
#[derive(Clone, PartialEq, Eq)]
pub struct RevealBody {
    /// Round key.
    pub key: [u8; KEY],
    /// Pseudonyms, as many as the agreed number of records.
    pub pseudonyms: Vec<[u8; PSEUDONYM_BYTES]>,
}

impl core::fmt::Debug for RevealBody {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("RevealBody(..)")
    }
}

impl RevealBody {
    /// Bytes.
    #[must_use]
    pub fn length(plan: &Plan) -> usize {
        KEY + plan.shape.records_responder as usize * PSEUDONYM_BYTES
    }

    /// Reads a body.
    ///
    /// # Errors
    /// [`PeerFault::Length`].
    pub fn read(body: &[u8], plan: &Plan) -> Result<Self, PeerFault> {
        exact(body, Self::length(plan))?;
        let (key, pseudonyms) = body.split_first_chunk().ok_or(PeerFault::Truncated)?;
        Ok(Self { key: *key, pseudonyms: pseudonyms.as_chunks().0.to_vec() })
    }
}

impl Body for RevealBody {
    const KIND: FrameKind = FrameKind::Reveal;

    fn parts(&self) -> Vec<&[u8]> {
        vec![&self.key, self.pseudonyms.as_flattened()]
    }
}
