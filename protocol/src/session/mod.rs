//! The dynamic session of one round (spec section 7.3): frames in, outputs out, heavy maths as jobs.
//!
//! A node pumps it: every frame from the peer goes to [`Session::handle`], every job's result to
//! [`Session::finish_work`], every frame that is durable to [`Session::persisted`]; after each of them
//! [`Session::poll_output`] is called until it returns `None`, and then [`Session::failure`]: some faults of the peer, a
//! bad receipt among them, show only there. The session performs no I/O; it never blocks and never computes for long, the
//! jobs do.

mod core;
pub mod pair;
mod queue;
mod requester;
mod responder;

use self::core::{Core, Payload, Signer, Start, Terms};
use self::queue::Taken;
use crate::agreement::{Basis, CheckedAgreement};
use crate::error::{Error, Misuse};
use crate::identity::{IdentityKey, PeerId};
use crate::policy::EncodedList;
pub use crate::policy::shape::{Grade, Role};
use crate::secret::Seed;
pub use crate::wire::Stage;
use crate::wire::{self, Kind};
use ::core::fmt;

/// Everything a session needs.
#[derive(Debug)]
pub struct Config {
    /// Role of this side.
    pub role: Role,
    /// This side's records, and the policy.
    pub list: EncodedList,
    /// On what the round rests: an agreement, or training.
    pub basis: Basis,
    /// Fresh seed of this round; never used again with other inputs.
    pub seed: Seed,
    /// Identity that signs the receipt.
    pub identity: IdentityKey,
    /// The pinned peer.
    pub peer: PeerId,
    /// Exporter of the connection (RFC 5705 / 8446 section 7.5), equal on both ends; for a round by files what
    /// [`crate::wire::turn::binding`] gives.
    pub binding: [u8; 32],
}

/// Everything that a re-execution needs: as [`Config`], without the identity key.
#[derive(Debug)]
pub struct Replay {
    /// Role of the side that is made again.
    pub role: Role,
    /// The records that the side says it had, and the policy.
    pub list: EncodedList,
    /// The agreement; none in training.
    pub agreement: Option<CheckedAgreement>,
    /// Its seed.
    pub seed: Seed,
    /// Its public key.
    pub own: PeerId,
    /// Its peer's.
    pub peer: PeerId,
    /// Exporter that its hello names.
    pub binding: [u8; 32],
}

/// Heavy maths, to run on any thread. Same job, same result, wherever and whenever it runs.
pub struct Job {
    number: u64,
    run: Box<dyn FnOnce() -> Result<Payload, Error> + Send>,
}

/// What a job found out; goes back to [`Session::finish_work`].
pub struct JobResult {
    number: u64,
    payload: Result<Payload, Error>,
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

/// Public progress: depends on the agreement only.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// `done` of `total` chunks of a stage are through on this side. Emitted when a stage begins (0) and ends too.
    Progress {
        /// Stage.
        stage: Stage,
        /// Chunks done.
        done: u32,
        /// Chunks in all.
        total: u32,
    },
}

/// A pair that the requester found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// Position of the own record in [`Config::list`].
    pub own: usize,
    /// Pseudonym of the peer's record, fresh in this round.
    pub pseudonym: [u8; 16],
    /// Grade.
    pub grade: Grade,
    /// Ids of the tables through which they met, ascending.
    pub tables: Vec<u16>,
}

/// An own record of the responder that the requester claims (mutual mode).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Position of the own record in [`Config::list`].
    pub own: usize,
    /// The same pseudonym that the requester sees.
    pub pseudonym: [u8; 16],
}

/// What a finished round gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Requester: the graded pairs, sorted by own position and pseudonym. Responder: empty.
    pub matches: Vec<Match>,
    /// Responder in mutual mode: the claimed records, sorted by own position. Otherwise empty.
    pub claims: Vec<Claim>,
    /// Round id.
    pub round: [u8; 32],
    /// Final transcript hash, the same on both sides.
    pub transcript: [u8; 32],
    /// The receipt with both signatures.
    pub receipt: Vec<u8>,
}

/// What the session wants of its node.
#[non_exhaustive]
pub enum Output {
    /// Send this frame to the peer, in this order.
    Send(Vec<u8>),
    /// Run this job on any thread and give the result to [`Session::finish_work`].
    Work(Job),
    /// Make this digest of a received frame durable, then call [`Session::persisted`] with `seq`; one call covers all
    /// earlier ones. Everything that
    /// depends on the frame is held back until then.
    Persist {
        /// Number of the frame.
        seq: u64,
        /// Its digest.
        digest: [u8; 32],
    },
    /// Something to show.
    Event(Event),
    /// The round is over; nothing follows.
    Done(Box<Outcome>),
}

/// One round of one side.
pub struct Session {
    core: Core,
    side: Side,
    failed: Option<Error>,
}

/// What differs by role.
enum Side {
    Requester(Box<requester::Machine>),
    Responder(Box<responder::Machine>),
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("role", &self.core.role).field("failed", &self.failed).finish_non_exhaustive()
    }
}

impl Session {
    /// Starts a round.
    ///
    /// # Errors
    /// [`Error::Misuse`] if the records do not fit the shape.
    pub fn new(config: Config) -> Result<Self, Error> {
        Ok(Self::of(Core::new(config)?))
    }

    /// Makes one side of a past round again (spec section 16.4). It sends what that side had to send, byte by byte, but
    /// for the receipt, which only the side itself can sign: the session is never done.
    ///
    /// # Errors
    /// [`Error::Misuse`] if the records do not fit the shape.
    pub fn replay(replay: Replay) -> Result<Self, Error> {
        let terms = match &replay.agreement {
            None => Terms { agreement: Vec::new(), digest: [0; 32], claims: None },
            Some(agreement) => Terms {
                agreement: agreement.canonical_bytes().to_vec(),
                digest: *agreement.digest(),
                claims: Some(agreement.agreement().caps.claims),
            },
        };
        let core = Core::start(Start {
            role: replay.role,
            list: replay.list,
            terms,
            seed: replay.seed,
            signer: Signer::Nobody(replay.own),
            peer: replay.peer,
            binding: replay.binding,
        })?;
        Ok(Self::of(core))
    }

    fn of(core: Core) -> Self {
        let side = match core.role {
            Role::Requester => Side::Requester(Box::default()),
            Role::Responder => Side::Responder(Box::default()),
        };
        Self { core, side, failed: None }
    }

    /// Takes one frame from the peer.
    ///
    /// # Errors
    /// Whatever stops the round; the session is poisoned then and gives the same error ever after.
    pub fn handle(&mut self, frame: &[u8]) -> Result<(), Error> {
        self.guarded(|core, side| {
            if core.done {
                return Err(Misuse::SessionOver.into());
            }
            let Taken { kind, index, body, digest } = core.receive(frame)?;
            match kind {
                Kind::Hello => core.hello(body, digest)?,
                Kind::Commit => {
                    let round = core.commit(body)?;
                    match side {
                        Side::Requester(machine) => machine.begin(core, round),
                        Side::Responder(machine) => machine.begin(core, round)?,
                    }
                }
                Kind::Receipt => core.peer_receipt = Some(body.to_vec()),
                _ => match side {
                    Side::Requester(machine) => machine.handle(core, kind, index, body, digest)?,
                    Side::Responder(machine) => machine.handle(core, kind, index, body, digest)?,
                },
            }
            Ok(())
        })
    }

    /// The next thing to do, if any. After `None` ask [`Session::failure`]: the session may have ended here, and no frame
    /// of the peer will come to say so.
    pub fn poll_output(&mut self) -> Option<Output> {
        if self.failed.is_some() {
            return None;
        }
        match self.core.poll() {
            Ok(output) => output,
            Err(error) => {
                self.failed = Some(error);
                None
            }
        }
    }

    /// Takes a job's result; results may come in any order.
    ///
    /// # Errors
    /// As [`Session::handle`].
    pub fn finish_work(&mut self, result: JobResult) -> Result<(), Error> {
        self.guarded(|core, side| {
            if !core.jobs.remove(&result.number) {
                return Err(Misuse::UnknownJob.into());
            }
            let payload = result.payload?;
            match side {
                Side::Requester(machine) => machine.finish(core, payload),
                Side::Responder(machine) => machine.finish(core, payload),
            }
        })
    }

    /// Says that the digests of all frames up to and including number `seq` are durable.
    ///
    /// # Errors
    /// [`Misuse::UnknownPersist`] if it was not asked for.
    pub fn persisted(&mut self, seq: u64) -> Result<(), Error> {
        self.guarded(|core, _| {
            if seq >= core.received {
                return Err(Misuse::UnknownPersist.into());
            }
            core.durable = core.durable.max(seq + 1);
            Ok(())
        })
    }

    /// Ends the round on this side. Returns the abort frame for the peer, with the code of `reason`.
    pub fn abort(&mut self, reason: &Error) -> Vec<u8> {
        self.failed.get_or_insert_with(|| Misuse::Aborted.into());
        wire::abort(reason.code())
    }

    /// The round's id, once both sides have committed.
    #[must_use]
    pub const fn round(&self) -> Option<[u8; 32]> {
        self.core.round()
    }

    /// Why the session stopped, if it did.
    #[must_use]
    pub const fn failure(&self) -> Option<&Error> {
        self.failed.as_ref()
    }

    /// Length of the longest frame that the peer may send now, in bytes. A transport checks a length prefix against
    /// it before it allocates.
    #[must_use]
    pub fn max_frame(&self) -> usize {
        self.core.inbox.max_next()
    }

    fn guarded(&mut self, step: impl FnOnce(&mut Core, &mut Side) -> Result<(), Error>) -> Result<(), Error> {
        // V-WIRE-004.
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        step(&mut self.core, &mut self.side).inspect_err(|error| self.failed = Some(error.clone()))
    }
}
