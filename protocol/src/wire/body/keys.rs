//! Responder: its OPRF key, and its part of the base OTs in which it chooses.

use super::{Body, exact, split};
use crate::error::PeerFault;
use crate::suite::Suite;
use crate::wire::FrameKind;

/// What the OPRF needs first, then base OT answers. The engines check both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeysBody {
    /// OPRF key and proof, or the base OT answers of the OPRF, in the form of the suite's engine.
    pub oprf_key: Vec<u8>,
    /// Base OT answers of the direction in which the responder's sender chooses Delta.
    pub answer: Vec<u8>,
}

impl KeysBody {
    /// Bytes.
    #[must_use]
    pub const fn length(suite: &Suite) -> usize {
        suite.layout.oprf_key + suite.layout.base_answer
    }

    /// Reads a body.
    ///
    /// # Errors
    /// [`PeerFault::Length`].
    pub fn read(body: &[u8], suite: &Suite) -> Result<Self, PeerFault> {
        exact(body, Self::length(suite))?;
        let (oprf_key, answer) = split(body, suite.layout.oprf_key)?;
        Ok(Self { oprf_key: oprf_key.to_vec(), answer: answer.to_vec() })
    }
}

impl Body for KeysBody {
    const KIND: FrameKind = FrameKind::Keys;

    fn parts(&self) -> Vec<&[u8]> {
        vec![&self.oprf_key, &self.answer]
    }
}
