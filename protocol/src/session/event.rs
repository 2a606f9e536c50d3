//! What a session wants of its node, and what a finished round yields.

use super::frames::OutgoingFrame;
use super::job::Job;
use crate::audit::LogHead;
use crate::identity::PeerId;
use crate::ids::{FrameDigest, Pseudonym, RoundId};
use crate::policy::shape::Grade;
use crate::wire::Stage;
use core::fmt;

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
#[derive(Clone, PartialEq, Eq)]
pub struct Match {
    /// Position of the own record in the list.
    pub own: usize,
    /// Pseudonym of the peer's record, fresh in this round.
    pub pseudonym: Pseudonym,
    /// Grade.
    pub grade: Grade,
    /// Ids of the tables through which they met, ascending.
    pub tables: Vec<u16>,
}

impl fmt::Debug for Match {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Match(..)")
    }
}

/// An own record of the responder that the requester claims (mutual mode).
#[derive(Clone, PartialEq, Eq)]
pub struct Claim {
    /// Position of the own record in the list.
    pub own: usize,
    /// The same pseudonym that the requester sees.
    pub pseudonym: Pseudonym,
}

impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Claim(..)")
    }
}

/// The outcome of a finished round.
#[derive(Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Requester: the graded pairs, sorted by own position and pseudonym. Responder: empty.
    pub matches: Vec<Match>,
    /// Responder in mutual mode: the claimed records, sorted by own position. Otherwise empty.
    pub claims: Vec<Claim>,
    /// Requester in mutual mode: the pseudonyms that it claimed, sorted. Otherwise empty.
    pub claimed: Vec<Pseudonym>,
    /// Round id.
    pub round: RoundId,
    /// Final transcript hash, the same on both sides.
    pub transcript: [u8; 32],
    /// The receipt with both signatures.
    pub receipt: Vec<u8>,
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Outcome({} matches, {} claims)", self.matches.len(), self.claims.len())
    }
}

/// What the session wants of its node.
#[non_exhaustive]
pub enum Output {
    /// Send this frame to the peer, in this order.
    Send(OutgoingFrame),
    /// Run this job on any thread and give the result to [`super::Session::finish_work`].
    Work(Job),
    /// Make this digest of a received frame durable, then call [`super::Session::persisted`] with `seq`; one call covers
    /// all earlier ones. Everything that depends on the frame is held back until then.
    Persist {
        /// Number of the frame.
        seq: u64,
        /// Its digest.
        digest: FrameDigest,
    },
    /// The peer's hello is good. Note this head of its log as the one that is cosigned last, durably and in the own audit
    /// log, before [`super::Session::persisted`] is called for a later frame (V-COSIGN-001).
    Cosign {
        /// The peer.
        peer: PeerId,
        /// Head of its log.
        head: Box<LogHead>,
    },
    /// The peer has cosigned the head of the own log that this side's hello showed, and the signature is good: a later
    /// head may be offered from now on (V-COSIGN-003).
    Cosigned {
        /// The peer.
        peer: PeerId,
        /// Time of the cosignature, which is the peer's word, in seconds since 1970.
        time: u64,
        /// The signature.
        signature: [u8; 64],
    },
    /// Something to show.
    Event(Event),
    /// The round is over; nothing follows.
    Done(Box<Outcome>),
}
