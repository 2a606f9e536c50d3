//! What the driver pumps: a [`Session`], or a small protocol of a test.

use blindlink::Error;
use blindlink::audit::LogHead;
use blindlink::identity::PeerId;
use blindlink::ids::{FrameDigest, RoundId};
use blindlink::session::{Event, Job, JobResult, Outcome, Output, Session, Stage};
use blindlink::transcript::frame_digest;
use blindlink::wire;

/// A frame that a machine made, with its digest: whoever needs the digest later need not hash the frame again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeFrame {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its digest.
    pub digest: FrameDigest,
}

impl MadeFrame {
    /// Hashes a frame.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self { digest: frame_digest(&bytes), bytes }
    }
}

/// What becomes of an audit log in a round (spec 7.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogNote {
    /// This side cosigns the head of the peer's log.
    Cosign {
        /// The peer.
        peer: PeerId,
        /// Head of its log.
        head: Box<LogHead>,
    },
    /// The peer has cosigned the head of the own log that was offered to it.
    Cosigned {
        /// The peer.
        peer: PeerId,
        /// Time of the cosignature, in seconds since 1970.
        time: u64,
        /// The signature.
        signature: [u8; 64],
    },
}

/// One thing that a machine wants.
#[derive(Debug)]
pub enum Step<J, O> {
    /// Send this frame, in this order.
    Send(MadeFrame),
    /// Run this job on any thread.
    Work(J),
    /// Show this.
    Event(Event),
    /// Note this of an audit log, durably, before anything that the machine wants later.
    Log(LogNote),
    /// The round is over.
    Done(O),
}

/// The next step of a machine, if there is one now.
pub type Polled<M> = Result<Option<Step<<M as RoundMachine>::Job, <M as RoundMachine>::Outcome>>, Error>;

/// A protocol without I/O; the contract is that of [`Session`].
pub trait RoundMachine {
    /// Heavy maths.
    type Job: Send + 'static;
    /// What a job found out.
    type Found: Send + 'static;
    /// What a finished round gives.
    type Outcome;

    /// Computes; on any thread.
    fn run(job: Self::Job) -> Self::Found;
    /// Takes a frame. Returns its digest.
    ///
    /// # Errors
    /// Whatever stops the round.
    fn handle(&mut self, frame: &[u8]) -> Result<FrameDigest, Error>;
    /// The next thing to do.
    ///
    /// # Errors
    /// Whatever stops the round.
    fn poll(&mut self) -> Polled<Self>
    where
        Self: Sized;
    /// Takes a job's result.
    ///
    /// # Errors
    /// Whatever stops the round.
    fn finish_work(&mut self, found: Self::Found) -> Result<(), Error>;
    /// Hears that all frames up to and including number `seq` are durable.
    ///
    /// # Errors
    /// If they have not come.
    fn persisted(&mut self, seq: u64) -> Result<(), Error>;
    /// Ends the round; gives the abort frame.
    fn abort(&mut self, reason: &Error) -> Vec<u8>;
    /// The round's id, once it has one.
    fn round(&self) -> Option<RoundId>;
    /// Longest frame that the peer may send now.
    fn max_frame(&self) -> usize;
    /// The stage that a frame belongs to, for the byte counts; `None` counts it for the stage that is running.
    fn stage(frame: &[u8]) -> Option<Stage>;
}

impl RoundMachine for Session {
    type Job = Job;
    type Found = JobResult;
    type Outcome = Box<Outcome>;

    fn run(job: Job) -> JobResult {
        job.run()
    }

    fn handle(&mut self, frame: &[u8]) -> Result<FrameDigest, Error> {
        Self::handle(self, frame).map(|taken| taken.digest)
    }

    fn poll(&mut self) -> Polled<Self> {
        loop {
            let Some(output) = self.poll_output()? else { return Ok(None) };
            return Ok(Some(match output {
                Output::Send(frame) => Step::Send(MadeFrame { bytes: frame.bytes, digest: frame.digest }),
                Output::Work(job) => Step::Work(job),
                // The driver makes every frame durable, whole and as it comes; `handle` has returned its digest.
                Output::Persist { .. } => continue,
                Output::Event(event) => Step::Event(event),
                Output::Cosign { peer, head } => Step::Log(LogNote::Cosign { peer, head }),
                Output::Cosigned { peer, time, signature } => Step::Log(LogNote::Cosigned { peer, time, signature }),
                Output::Done(outcome) => Step::Done(outcome),
                // Outputs of a later protocol crate that this node does not know are advisory by its contract.
                _ => continue,
            }));
        }
    }

    fn finish_work(&mut self, found: JobResult) -> Result<(), Error> {
        Self::finish_work(self, found)
    }

    fn persisted(&mut self, seq: u64) -> Result<(), Error> {
        Self::persisted(self, seq)
    }

    fn abort(&mut self, reason: &Error) -> Vec<u8> {
        Self::abort(self, reason)
    }

    fn round(&self) -> Option<RoundId> {
        Self::round(self)
    }

    fn max_frame(&self) -> usize {
        Self::max_frame(self)
    }

    fn stage(frame: &[u8]) -> Option<Stage> {
        wire::kind_of(frame)?.stage()
    }
}
