//! Requester: corrections of a chunk, and the extension with its score shares as choices.

use super::{Body, exact, split};
use crate::error::PeerFault;
use crate::plan::Plan;
use crate::wire::FrameKind;

/// Corrections and an OT extension for the score shares of a chunk. The OT engine checks the latter; every correction
/// is a valid one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorrectionBody {
    /// w numbers of k bits a bin, packed.
    pub corrections: Vec<u8>,
    /// The engine's message.
    pub extension: Vec<u8>,
}

impl CorrectionBody {
    /// Bytes of the corrections of a number of bins.
    #[must_use]
    pub fn corrections_length(plan: &Plan, bins: u32) -> usize {
        (bins as usize * plan.shape.payload_bits() * usize::from(plan.shape.ring_bits)).div_ceil(8)
    }

    /// Bytes for a number of bins.
    #[must_use]
    pub fn length(plan: &Plan, bins: u32) -> usize {
        let bits = bins as usize * usize::from(plan.shape.ring_bits);
        Self::corrections_length(plan, bins) + (plan.suite.layout.extension)(bits)
    }

    /// Reads the body of chunk `chunk`.
    ///
    /// # Errors
    /// [`PeerFault::Length`].
    pub fn read(body: &[u8], plan: &Plan, chunk: u32) -> Result<Self, PeerFault> {
        let bins = plan.compare_range(chunk).1;
        exact(body, Self::length(plan, bins))?;
        let (corrections, extension) = split(body, Self::corrections_length(plan, bins))?;
        Ok(Self { corrections: corrections.to_vec(), extension: extension.to_vec() })
    }
}

impl Body for CorrectionBody {
    const KIND: FrameKind = FrameKind::Correction;

    fn parts(&self) -> Vec<&[u8]> {
        vec![&self.corrections, &self.extension]
    }
}
