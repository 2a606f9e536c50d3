//! Responder: the extension of a chunk with its bin masks as choices.

use super::{Body, exact};
use crate::error::PeerFault;
use crate::plan::Plan;
use crate::wire::FrameKind;

/// An OT extension for the payload bits of a chunk. The OT engine checks it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChoiceBody {
    /// The engine's message.
    pub extension: Vec<u8>,
}

impl ChoiceBody {
    /// Bytes for a number of bins.
    #[must_use]
    pub fn length(plan: &Plan, bins: u32) -> usize {
        (plan.suite.layout.extension)(bins as usize * plan.shape.payload_bits())
    }

    /// Reads the body of chunk `chunk`.
    ///
    /// # Errors
    /// [`PeerFault::Length`].
    pub fn read(body: &[u8], plan: &Plan, chunk: u32) -> Result<Self, PeerFault> {
        exact(body, Self::length(plan, plan.compare_range(chunk).1))?;
        Ok(Self { extension: body.to_vec() })
    }
}

impl Body for ChoiceBody {
    const KIND: FrameKind = FrameKind::Choice;

    fn parts(&self) -> Vec<&[u8]> {
        vec![&self.extension]
    }
}
