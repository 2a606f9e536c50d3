//! Heavy maths as jobs for the node's threads, and their results.

use super::queue::QueuedFrame;
use crate::error::Error;
use crate::round::okvs::Rows;
use crate::round::oprf::OprfOutput;
use crate::round::settle::SealKey;
use crate::round::{requester, responder};
use crate::wire::body::QueryBody;
use core::fmt;
use std::sync::Arc;

/// Heavy maths, to run on any thread. Same job, same result, wherever and whenever it runs.
pub struct Job {
    pub(super) number: u64,
    pub(super) run: Box<dyn FnOnce() -> Result<Payload, Error> + Send>,
}

/// The result of a job; it goes back to [`super::Session::finish_work`].
pub struct JobResult {
    pub(super) number: u64,
    pub(super) payload: Result<Payload, Error>,
}

/// The result of a job of one of the roles.
pub(super) enum Payload {
    Requester(RequesterPayload),
    Responder(ResponderPayload),
}

/// Results of the requester's jobs.
pub(super) enum RequesterPayload {
    Placed(requester::Requester<requester::Placed>),
    Blinded { chunk: u32, query: Arc<QueryBody> },
    Finalized { chunk: u32, outputs: Vec<OprfOutput> },
    Read { table: usize, group: usize, values: requester::GroupValues },
    Corrected { chunk: u32, frame: QueuedFrame, kept: requester::Corrected },
    Evaluated { chunk: u32, evaluated: requester::Evaluated },
    Opened(Vec<requester::FoundPair>),
}

/// Results of the responder's jobs.
pub(super) enum ResponderPayload {
    Items(Vec<Vec<responder::Item>>),
    Rows { table: usize, part: usize, rows: responder::GroupedRows },
    Gathered { table: usize, groups: Vec<Rows> },
    Encoded { table: usize, group: usize, columns: Vec<u8> },
    Answered { frame: Option<QueuedFrame> },
    Chosen { chunk: u32, frame: QueuedFrame, chosen: responder::Chosen },
    Garbled { chunk: u32, frame: QueuedFrame, seal_key: SealKey },
}

impl From<RequesterPayload> for Payload {
    fn from(payload: RequesterPayload) -> Self {
        Self::Requester(payload)
    }
}

impl From<ResponderPayload> for Payload {
    fn from(payload: ResponderPayload) -> Self {
        Self::Responder(payload)
    }
}

impl Job {
    /// Computes.
    #[must_use]
    pub fn run(self) -> JobResult {
        JobResult { number: self.number, payload: (self.run)() }
    }
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Job({})", self.number)
    }
}

impl fmt::Debug for JobResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JobResult({})", self.number)
    }
}
