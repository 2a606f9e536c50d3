//! Requester, mutual mode: the pseudonym tokens that it claims.

use super::{Body, exact};
use crate::error::PeerFault;
use crate::plan::Plan;
use crate::suite::PSEUDONYM_BYTES;
use crate::wire::FrameKind;

/// Tokens as received or to be sent, padded to the agreed number.
#[derive(Clone, PartialEq, Eq)]
pub struct ClaimsBody {
    /// Tokens.
    pub tokens: Vec<[u8; PSEUDONYM_BYTES]>,
}

/// Tokens in strictly ascending order.
#[derive(Clone, PartialEq, Eq)]
pub struct CheckedClaims(Vec<[u8; PSEUDONYM_BYTES]>);

impl core::fmt::Debug for ClaimsBody {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("ClaimsBody(..)")
    }
}

impl core::fmt::Debug for CheckedClaims {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("CheckedClaims(..)")
    }
}

impl ClaimsBody {
    /// Bytes.
    #[must_use]
    pub fn length(plan: &Plan) -> usize {
        plan.shape.records_requester as usize * PSEUDONYM_BYTES
    }

    /// Reads a body.
    ///
    /// # Errors
    /// [`PeerFault::Length`].
    pub fn read(body: &[u8], plan: &Plan) -> Result<Self, PeerFault> {
        exact(body, Self::length(plan))?;
        Ok(Self { tokens: body.as_chunks().0.to_vec() })
    }

    /// Checks the order of the tokens.
    ///
    /// # Errors
    /// [`PeerFault::BadField`] if they are not strictly ascending.
    pub fn check(self) -> Result<CheckedClaims, PeerFault> {
        // V-SETTLE-004.
        if !self.tokens.is_sorted_by(|a, b| a < b) {
            return Err(PeerFault::BadField("claims"));
        }
        Ok(CheckedClaims(self.tokens))
    }
}

impl CheckedClaims {
    /// The tokens, ascending.
    #[must_use]
    pub fn tokens(&self) -> &[[u8; PSEUDONYM_BYTES]] {
        &self.0
    }
}

impl Body for ClaimsBody {
    const KIND: FrameKind = FrameKind::Claims;

    fn parts(&self) -> Vec<&[u8]> {
        vec![self.tokens.as_flattened()]
    }
}
