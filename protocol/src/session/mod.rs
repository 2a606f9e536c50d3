//! The dynamic session of one round (spec section 7.3): frames in, outputs out, heavy maths as jobs.
//!
//! A node pumps it: every frame from the peer goes to [`Session::handle`], every job's result to
//! [`Session::finish_work`], every frame that is durable to [`Session::persisted`]; after each of them
//! [`Session::poll_output`] is called until it returns `Ok(None)`. Some faults of the peer, a bad receipt among them,
//! come from there. The session performs no I/O; it never blocks and never computes for long, the jobs do.
//!
//! ```text
//!            handle(frame)            finish_work(result)      persisted(seq)
//!                 |                          |                       |
//!          queue: schedule           requester / responder       queue: durable
//!                 +----------> core <--------+-----------------------+
//!                                |
//!      poll_output: Send(frame), Work(job), Persist(digest), Event, Done(outcome)
//! ```
//!
//! [`in_process::run`] is a pump for two sessions in one process.

mod config;
mod core;
mod event;
mod frames;
pub mod in_process;
mod job;
mod queue;
mod receipt;
mod requester;
mod responder;
mod slots;

use crate::ids::{FrameDigest, PolicyDigest, RoundId};
pub use crate::policy::shape::{Grade, Role};
pub use crate::wire::Stage;
pub use config::{Config, LogExchange, Replay, SessionInputs};
pub use event::{Claim, Event, Match, Outcome, Output};
pub use frames::{OutgoingFrame, TakenFrame};
pub use job::{Job, JobResult};

use self::core::Core;
use crate::agreement::Basis;
use crate::error::{Error, Misuse};
use crate::wire::body::ReceiptBody;
use crate::wire::{self, FrameKind};
use ::core::fmt;
use config::{AgreementTerms, LogTerms, ReceiptSigner};
use job::Payload;
use requester::RequesterState;
use responder::ResponderState;

/// One round of one side.
///
/// ```
/// use blindlink::agreement::Basis;
/// use blindlink::identity::IdentityKey;
/// use blindlink::policy::Policy;
/// use blindlink::secret::Seed;
/// use blindlink::suite::CURRENT;
/// use blindlink::session::{Config, LogExchange, Output, Role, Session, SessionInputs};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let policy = Policy::default_policy()?.with_records(2, 2).validate()?;
/// let (own, peer) = (IdentityKey::from_secret(&[1; 32]), IdentityKey::from_secret(&[2; 32]));
/// let inputs = SessionInputs::new(Role::Requester, policy.encode(&[]).into(), Seed::new([3; 32]))?;
/// let log = LogExchange::without_log(&own);
/// let config = Config { inputs, basis: Basis::Training(CURRENT), identity: own, peer: peer.id(), binding: [0; 32], log };
/// let mut session = Session::new(config)?;
///
/// // The hello is ready to be sent; then the session waits for the peer's.
/// let mut frames = Vec::new();
/// while let Some(output) = session.poll_output()? {
///     if let Output::Send(frame) = output {
///         frames.push(frame);
///     }
/// }
/// assert_eq!(frames.len(), 1);
/// // A frame that is none ends the round; the peer gets an abort frame with the code of the error.
/// let error = session.handle(&[0x7e, 0, 0, 0, 0]).unwrap_err();
/// let abort = session.abort(&error);
/// assert_eq!(abort.len(), 7);
/// # Ok(())
/// # }
/// ```
pub struct Session {
    core: Core,
    side: Side,
    failed: Option<Error>,
}

/// What differs by role.
enum Side {
    Requester(RequesterState),
    Responder(ResponderState),
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
    /// [`Error::Refused`] if the agreement does not cover the round; [`Misuse::Policy`] if a size exceeds the limits.
    pub fn new(config: Config) -> Result<Self, Error> {
        let Config { inputs, basis, identity, peer, binding, log } = config;
        // An agreement admits one policy, between two nodes, in one role, and no other.
        if let Basis::Agreement(admitted) = &basis {
            let policy = PolicyDigest::of(&inputs.list().policy);
            admitted.covers(&identity.id(), &peer, inputs.role(), &policy)?;
        }
        let terms = AgreementTerms::of_basis(&basis);
        Core::new(inputs, terms, ReceiptSigner::Key(identity), (peer, binding), LogTerms::of(log)).map(Self::of)
    }

    /// Makes one side of a past round again (spec section 16.4). It sends what that side had to send, byte by byte, but
    /// for cosignature and receipt, which only the side itself can sign: the session is never done. The digest of the
    /// cosignature stands for it, [`Session::stand_for_cosignature`].
    ///
    /// # Errors
    /// [`Misuse::Policy`] if a size exceeds the limits.
    pub fn replay(replay: Replay) -> Result<Self, Error> {
        let Replay { inputs, agreement, suite, own, peer, binding, log_head } = replay;
        let terms = AgreementTerms::of_agreement(agreement.as_ref(), suite);
        let log = LogTerms::replayed(log_head);
        Core::new(inputs, terms, ReceiptSigner::Nobody(own), (peer, binding), log).map(Self::of)
    }

    fn of(core: Core) -> Self {
        let side = match core.role {
            Role::Requester => Side::Requester(RequesterState::default()),
            Role::Responder => Side::Responder(ResponderState::default()),
        };
        Self { core, side, failed: None }
    }

    /// Takes one frame from the peer. Returns what was accepted.
    ///
    /// # Errors
    /// Whatever stops the round; the session is poisoned then and returns the same error ever after.
    pub fn handle(&mut self, frame: &[u8]) -> Result<TakenFrame, Error> {
        self.guarded(|core, side| {
            if core.is_done() {
                return Err(Misuse::SessionOver.into());
            }
            let frame = core.receive(frame)?;
            match (frame.kind, side) {
                (FrameKind::Hello, _) => core.hello(frame.body, frame.digest)?,
                (FrameKind::Commit, side) => {
                    let round = core.commit(frame.body)?;
                    match side {
                        Side::Requester(state) => state.begin(core, round),
                        Side::Responder(state) => state.begin(core, round)?,
                    }
                }
                (FrameKind::Cosignature, _) => core.cosignature(frame.body)?,
                (FrameKind::Receipt, _) => core.peer_receipt = Some(ReceiptBody::read(frame.body)?),
                (_, Side::Requester(state)) => state.handle(core, &frame)?,
                (_, Side::Responder(state)) => state.handle(core, &frame)?,
            }
            Ok(frame.taken())
        })
    }

    /// The next thing to do, if any.
    ///
    /// # Errors
    /// Why the session stopped, in an earlier call or in this one: no frame of the peer need come to say so.
    pub fn poll_output(&mut self) -> Result<Option<Output>, Error> {
        self.guarded(|core, side| {
            let output = core.poll()?;
            if let (Some(Output::Send(frame)), Side::Responder(state)) = (&output, side) {
                state.sent(core, frame.kind);
            }
            Ok(output)
        })
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
            match (result.payload?, side) {
                (Payload::Requester(payload), Side::Requester(state)) => state.finish(core, payload),
                (Payload::Responder(payload), Side::Responder(state)) => state.finish(core, payload),
                _ => Err(Misuse::UnknownJob.into()),
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
        wire::abort(reason.code_for_peer())
    }

    /// The round's id, once both sides have committed.
    #[must_use]
    pub const fn round(&self) -> Option<RoundId> {
        self.core.round()
    }

    /// In a session that makes a past round again: lets the own cosignature, with this digest, count as sent. False if it is
    /// not the next frame.
    pub fn stand_for_cosignature(&mut self, digest: &FrameDigest) -> bool {
        self.core.outbox.skip(FrameKind::Cosignature, digest)
    }

    /// Sets the number of different matches above which a requester in mutual mode ends the round (V-SETTLE-012), as an
    /// agreement does: for test vectors, whose rounds are training.
    #[cfg(any(test, feature = "testkit"))]
    pub const fn expect_matches(&mut self, most: u32) {
        self.core.terms.matches = Some(most);
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

    fn guarded<T>(&mut self, step: impl FnOnce(&mut Core, &mut Side) -> Result<T, Error>) -> Result<T, Error> {
        // V-WIRE-004.
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        step(&mut self.core, &mut self.side).inspect_err(|error| self.failed = Some(error.clone()))
    }
}
