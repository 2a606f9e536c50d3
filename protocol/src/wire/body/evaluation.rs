//! Responder: the evaluation of a query. A suite may have none.

use super::{Body, exact};
use crate::error::PeerFault;
use crate::plan::Plan;
use crate::wire::FrameKind;

/// An evaluation, in the form of the suite's OPRF engine, which checks it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvaluationBody {
    /// The engine's message.
    pub evaluation: Vec<u8>,
}

impl EvaluationBody {
    /// Bytes for a number of bins; `None` if the suite has no evaluation frames.
    #[must_use]
    pub fn length(plan: &Plan, bins: u32) -> Option<usize> {
        plan.suite.layout.evaluation.map(|length| length(bins))
    }

    /// Reads the body of chunk `chunk`.
    ///
    /// # Errors
    /// [`PeerFault::Length`].
    pub fn read(body: &[u8], plan: &Plan, chunk: u32) -> Result<Self, PeerFault> {
        exact(body, Self::length(plan, plan.query_range(chunk).1).unwrap_or(0))?;
        Ok(Self { evaluation: body.to_vec() })
    }
}

impl Body for EvaluationBody {
    const KIND: FrameKind = FrameKind::Evaluation;

    fn parts(&self) -> Vec<&[u8]> {
        vec![&self.evaluation]
    }
}
