//! Requester, mutual mode: the pseudonym tokens that it claims.

use super::{Body, exact};
use crate::error::PeerFault;
use crate::plan::Plan;
use crate::suite::PSEUDONYM_BYTES;
use crate::wire::FrameKind;

/// Tokens as received or to be sent, not yet checked: [`super::Ascending`] checks their order.
#[derive(Clone, PartialEq, Eq)]
pub struct ClaimsBody {
    /// Tokens; all frames together have the agreed number.
    pub tokens: Vec<[u8; PSEUDONYM_BYTES]>,
}

impl core::fmt::Debug for ClaimsBody {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("ClaimsBody(..)")
    }
}

impl ClaimsBody {
    /// Bytes of frame `frame`.
    #[must_use]
    pub fn length(plan: &Plan, frame: u32) -> usize {
        plan.claims_range(frame).1 as usize * PSEUDONYM_BYTES
    }

    /// Reads the body of frame `frame`.
    ///
    /// # Errors
    /// [`PeerFault::Length`].
    pub fn read(body: &[u8], plan: &Plan, frame: u32) -> Result<Self, PeerFault> {
        exact(body, Self::length(plan, frame))?;
        Ok(Self { tokens: body.as_chunks().0.to_vec() })
    }
}

impl Body for ClaimsBody {
    const KIND: FrameKind = FrameKind::Claims;

    fn parts(&self) -> Vec<&[u8]> {
        vec![self.tokens.as_flattened()]
    }
}
