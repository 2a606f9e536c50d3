//! Why a study cannot be made.

use thiserror::Error;

/// Why a policy cannot be trained or planned.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LabError {
    /// The policy, or the round that measures it.
    #[error(transparent)]
    Protocol(#[from] blindlink::Error),
    /// The lists do not allow what was asked for.
    #[error("{0}")]
    Lists(&'static str),
    /// The regression failed.
    #[error("the regression failed: {0}")]
    Regression(String),
    /// The policy file cannot take the new weights.
    #[error("{0}")]
    PolicyFile(String),
}
