//! Responder: the pseudonyms of its records.

use super::{Body, exact};
use crate::error::PeerFault;
use crate::plan::Plan;
use crate::suite::PSEUDONYM_BYTES;
use crate::wire::FrameKind;

/// Pseudonyms, not yet checked: [`super::Ascending`] checks their order.
#[derive(Clone, PartialEq, Eq)]
pub struct PseudonymsBody {
    /// Pseudonyms; all frames together have as many as the agreed number of records.
    pub pseudonyms: Vec<[u8; PSEUDONYM_BYTES]>,
}

impl core::fmt::Debug for PseudonymsBody {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("PseudonymsBody(..)")
    }
}

impl PseudonymsBody {
    /// Bytes of frame `frame`.
    #[must_use]
    pub fn length(plan: &Plan, frame: u32) -> usize {
        plan.pseudonyms_range(frame).1 as usize * PSEUDONYM_BYTES
    }

    /// Reads the body of frame `frame`.
    ///
    /// # Errors
    /// [`PeerFault::Length`].
    pub fn read(body: &[u8], plan: &Plan, frame: u32) -> Result<Self, PeerFault> {
        exact(body, Self::length(plan, frame))?;
        Ok(Self { pseudonyms: body.as_chunks().0.to_vec() })
    }
}

impl Body for PseudonymsBody {
    const KIND: FrameKind = FrameKind::Pseudonyms;

    fn parts(&self) -> Vec<&[u8]> {
        vec![self.pseudonyms.as_flattened()]
    }
}
