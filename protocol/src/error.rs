//! Errors that name the guilty (spec section 10; V-ERROR-001).
//!
//! Every error says whose fault it is, carries a stable numeric code and never holds content that came from a peer or
//! a secret.

mod evidence;

pub use evidence::{EvidenceFault, Place};

use thiserror::Error;

/// Why an operation stopped, sorted by who can mend it.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The peer broke the protocol. The round is burnt.
    #[error("the peer broke the protocol: {0}")]
    Peer(#[from] PeerFault),
    /// Both sides are honest but do not fit together.
    #[error("the two sides do not fit together: {0}")]
    Incompatible(#[from] Incompatible),
    /// This side used the library wrongly or gave it bad input.
    #[error("wrong use on this side: {0}")]
    Misuse(#[from] Misuse),
    /// The agreement or its budget does not allow the round. Nothing was evaluated.
    #[error("refused: {0}")]
    Refused(#[from] Refusal),
    /// An audit log, or a proof about one, does not hold.
    #[error("the audit log does not verify: {0}")]
    Audit(#[from] AuditFault),
    /// A round's evidence, or what was handed over with it, does not hold.
    #[error("the evidence does not hold: {0}")]
    Evidence(#[from] EvidenceFault),
    /// A bug in this library.
    #[error("internal error, please report it: {0}")]
    Internal(&'static str),
}

/// What the peer did wrong.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum PeerFault {
    /// A frame ends before its contents do.
    #[error("truncated message")]
    Truncated,
    /// A frame goes on after its contents.
    #[error("trailing bytes after a message")]
    TrailingBytes,
    /// A frame whose length is not the one that the agreement implies.
    #[error("message of {got} bytes where the agreement implies {expected}")]
    Length {
        /// Bytes that the schedule demands.
        expected: usize,
        /// Bytes received.
        got: usize,
    },
    /// A message of another kind or index than the schedule demands.
    #[error("message kind {got:#04x} index {index} out of order")]
    Unexpected {
        /// Kind byte received.
        got: u8,
        /// Index received.
        index: u32,
    },
    /// A chunk that was already answered came again: the round is burnt.
    #[error("chunk {index} of kind {kind:#04x} was sent twice")]
    Replayed {
        /// Kind byte.
        kind: u8,
        /// Chunk index.
        index: u32,
    },
    /// A group element is not a canonical encoding, or is the identity.
    #[error("bad group element at position {position}")]
    BadElement {
        /// Position in the message.
        position: usize,
    },
    /// A scalar is not reduced.
    #[error("scalar out of range")]
    BadScalar,
    /// A zero-knowledge proof does not verify.
    #[error("proof does not verify in chunk {chunk}")]
    BadProof {
        /// Chunk index.
        chunk: u32,
    },
    /// The OT extension's consistency check failed.
    #[error("inconsistent OT extension in chunk {chunk}")]
    InconsistentOt {
        /// Chunk index.
        chunk: u32,
    },
    /// The trees behind an OT extension are not those that their check commits to.
    #[error("inconsistent trees of the OT extension")]
    InconsistentTree,
    /// A chunk does not have the digest that was committed to.
    #[error("chunk {chunk} does not match its commitment")]
    BrokenCommitment {
        /// Chunk index.
        chunk: u32,
    },
    /// A field of a message has a value that it may not have.
    #[error("field `{0}` has a forbidden value")]
    BadField(&'static str),
    /// A signature does not verify.
    #[error("bad signature")]
    BadSignature,
    /// The two transcripts differ: someone changed a message.
    #[error("the receipt names another transcript")]
    TranscriptMismatch,
    /// The peer is at a round, or at an exchange of files, that is not this one, or that is not open here.
    #[error("another round")]
    UnknownRound,
    /// What the two sides say that crossed before is not the same.
    #[error("what crossed before is not what the peer says")]
    OtherPast,
    /// The peer has forgotten what it had acknowledged, or what it had sent.
    #[error("the peer lost a part of the round that it had before")]
    LostState,
    /// The peer says that it received more than was sent.
    #[error("the peer claims to have received more than was sent")]
    ClaimedMore,
    /// A turn of a round by files that is not the next.
    #[error("turn {got} where turn {expected} comes next")]
    TurnOutOfOrder {
        /// Number of the turn that comes next.
        expected: u32,
        /// Number of the turn that came.
        got: u32,
    },
    /// The peer aborted with this code.
    #[error("the peer aborted with code {0}")]
    Aborted(u16),
}

/// Honest, but not the same.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Incompatible {
    /// No protocol version in common.
    #[error("protocol version {theirs}, ours is {ours}")]
    Version {
        /// Our version.
        ours: u16,
        /// Version of the peer.
        theirs: u16,
    },
    /// Another cipher suite.
    #[error("suite {theirs}, ours is {ours}")]
    Suite {
        /// Our suite.
        ours: u16,
        /// Suite of the peer.
        theirs: u16,
    },
    /// The two policies differ; the first differing field is named from our own copy of the schema.
    #[error("the policies differ in `{field}`")]
    Policy {
        /// Path of the first differing field.
        field: String,
    },
    /// The two agreements differ; the first differing field is named from our own copy.
    #[error("the agreements differ in `{field}`")]
    Agreement {
        /// Path of the first differing field; `training` if only one side runs without an agreement.
        field: String,
    },
    /// Both sides took the same role.
    #[error("both sides are {0}")]
    Role(&'static str),
    /// The hello is bound to another connection.
    #[error("the hello is bound to another connection")]
    ChannelBinding,
}

/// Wrong use on this side.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Misuse {
    /// More records than the agreement's padded size.
    #[error("{got} records, the agreement allows {max}")]
    TooManyRecords {
        /// Records given.
        got: usize,
        /// Padded size.
        max: usize,
    },
    /// Records that were encoded under another policy or shape.
    #[error("records were encoded for another policy")]
    WrongEncoding,
    /// A session was used after it had failed or finished.
    #[error("the session is over")]
    SessionOver,
    /// A job was finished that this session did not give out.
    #[error("unknown job")]
    UnknownJob,
    /// `persisted` was called with a number that was not asked for.
    #[error("unknown persist number")]
    UnknownPersist,
    /// The policy is not one that the validator accepts; `requirement` is an ID of the spec.
    #[error("policy field `{field}`: {reason} ({requirement})")]
    Policy {
        /// Path of the field.
        field: String,
        /// What is wrong, in words.
        reason: String,
        /// Requirement ID in `spec/`.
        requirement: &'static str,
    },
    /// This side aborted the round.
    #[error("the round was aborted on this side")]
    Aborted,
    /// The agreement is not one that the validator accepts; `requirement` is an ID of the spec.
    #[error("agreement field `{field}`: {reason} ({requirement})")]
    Agreement {
        /// Path of the field.
        field: String,
        /// What is wrong, in words.
        reason: String,
        /// Requirement ID in `spec/`.
        requirement: &'static str,
    },
}

/// Why the agreement or its budget does not allow a round (spec sections 14.5 and 14.6).
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// There is no agreement, and the node is not in training mode.
    #[error("there is no agreement for this round")]
    NoAgreement,
    /// Not all four signers have approved.
    #[error("{missing} of the four approvals are missing")]
    MissingSignature {
        /// How many.
        missing: u8,
    },
    /// A statement is not signed by the signer that it names.
    #[error("a statement on the agreement is not signed by the signer that it names")]
    BadStatement,
    /// It begins later.
    #[error("the agreement is not yet valid")]
    NotYetValid,
    /// It has ended.
    #[error("the agreement has expired")]
    Expired,
    /// A signer has suspended it.
    #[error("the agreement is suspended")]
    Suspended,
    /// A later version has taken its place.
    #[error("a later version of the agreement is in force")]
    Superseded,
    /// Own key or the peer's is not that of its party.
    #[error("the agreement is between other parties")]
    Party,
    /// A party may not take this role.
    #[error("the agreement gives this side another role")]
    Role,
    /// The policy is for other lanes.
    #[error("the policy is for other lanes than the agreement")]
    Lanes,
    /// The policy is for another purpose.
    #[error("the policy is for another purpose than the agreement")]
    Purpose,
    /// The policy is for another epoch.
    #[error("the policy is for another epoch than the agreement")]
    Epoch,
    /// The policy names another agreement.
    #[error("the policy names another agreement")]
    Name,
    /// The policy is not the one that the agreement names by its digest.
    #[error("the policy is not the one that was agreed")]
    Policy,
    /// The policy's padded sizes exceed the agreement's caps.
    #[error("the policy's padded sizes exceed the agreement")]
    Size,
    /// The policy's output mode is another.
    #[error("the policy tells the result to others than the agreement")]
    Output,
    /// The round would exceed the bins of a table and period.
    #[error("the round would exceed the budget of bins of the key `{table}`")]
    Bins {
        /// Parts of the table's match key.
        table: String,
    },
    /// The rounds of a day are used up.
    #[error("the rounds of a day are used up")]
    Rounds,
    /// The policy was changed too often under this agreement.
    #[error("thresholds, weights or keys were changed too often under this agreement")]
    Changes,
    /// The own list differs from that of the last round by too few records.
    #[error("the list differs from that of the last round by fewer records than the agreement demands")]
    Batch,
}

/// What does not hold in an audit log (spec chapter 15).
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuditFault {
    /// A note, checkpoint, proof or entry is not in its format.
    #[error("{0} is not in its format")]
    Format(&'static str),
    /// No signature by the key that must have signed.
    #[error("no signature by the expected key")]
    Unsigned,
    /// A signature by a known key does not verify.
    #[error("a signature by a known key does not verify")]
    Signature,
    /// The checkpoint is that of another log.
    #[error("the checkpoint is that of another log")]
    Origin,
    /// The entry is not in the tree.
    #[error("the inclusion proof does not verify")]
    Inclusion,
    /// One tree is not the beginning of the other.
    #[error("the consistency proof does not verify")]
    Consistency,
    /// The entries do not give the root of the checkpoint.
    #[error("the entries do not give the root of the checkpoint")]
    Root,
    /// An entry is not the one whose hash lies in the tree.
    #[error("entry {index} is not the one in the tree")]
    Entry {
        /// Its number, from 0.
        index: u64,
    },
    /// A file is missing, or has not the length that it must have.
    #[error("entries from {index} on are missing or cut")]
    Missing {
        /// The first entry of the file.
        index: u64,
    },
}

impl AuditFault {
    /// Stable numeric code.
    #[must_use]
    pub const fn code(&self) -> u16 {
        match self {
            Self::Format(_) => 700,
            Self::Unsigned => 701,
            Self::Signature => 702,
            Self::Origin => 703,
            Self::Inclusion => 704,
            Self::Consistency => 705,
            Self::Root => 706,
            Self::Entry { .. } => 707,
            Self::Missing { .. } => 708,
        }
    }
}

impl Error {
    /// Stable numeric code (spec section 10): 2xx peer, 3xx incompatible, 4xx misuse, 500 internal, 6xx refused, 7xx
    /// audit, 8xx evidence.
    #[must_use]
    pub const fn code(&self) -> u16 {
        match self {
            Self::Peer(fault) => fault.code(),
            Self::Incompatible(kind) => kind.code(),
            Self::Misuse(kind) => kind.code(),
            Self::Refused(refusal) => refusal.code(),
            Self::Audit(fault) => fault.code(),
            Self::Evidence(fault) => fault.code(),
            Self::Internal(_) => 500,
        }
    }

    /// The peer's fault, if it is the peer's.
    #[must_use]
    pub const fn peer_fault(&self) -> Option<&PeerFault> {
        match self {
            Self::Peer(fault) => Some(fault),
            Self::Incompatible(_)
            | Self::Misuse(_)
            | Self::Refused(_)
            | Self::Audit(_)
            | Self::Evidence(_)
            | Self::Internal(_) => None,
        }
    }

    /// What a person should do next.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Peer(PeerFault::Aborted(_)) => "look at the peer's log: it says why it stopped",
            Self::Peer(_) => "the round is burnt; keep the log and talk to the peer's operator before the next round",
            Self::Incompatible(Incompatible::Policy { .. }) => "agree on one policy file and use it on both sides",
            Self::Incompatible(Incompatible::Agreement { .. }) => {
                "agree on one agreement and use it on both sides; training is for both or for none"
            }
            Self::Incompatible(Incompatible::Role(_)) => "one side runs `serve`, the other `link`",
            Self::Incompatible(_) => "both sides must run compatible releases on one direct connection",
            Self::Misuse(Misuse::TooManyRecords { .. }) => "split the list, or agree on a larger padded size",
            Self::Misuse(Misuse::Policy { .. }) => "correct the policy file; `spec/` explains each requirement",
            Self::Misuse(Misuse::Agreement { .. }) => "correct the agreement file; `spec/` explains each requirement",
            Self::Refused(refusal) => refusal.hint(),
            Self::Audit(_) => "keep all files as they are; compare with an export and with the peers' cosignatures",
            Self::Evidence(fault) => fault.hint(),
            Self::Misuse(_) => "start a new round",
            Self::Internal(_) => "report this with the version and the log; no data is needed",
        }
    }
}

impl PeerFault {
    /// Stable numeric code.
    #[must_use]
    pub const fn code(&self) -> u16 {
        match self {
            Self::Truncated => 200,
            Self::TrailingBytes => 201,
            Self::Length { .. } => 202,
            Self::Unexpected { .. } => 203,
            Self::Replayed { .. } => 204,
            Self::BadElement { .. } => 205,
            Self::BadScalar => 206,
            Self::BadProof { .. } => 207,
            Self::InconsistentOt { .. } => 208,
            Self::BrokenCommitment { .. } => 209,
            Self::BadField(_) => 210,
            Self::BadSignature => 211,
            Self::TranscriptMismatch => 212,
            Self::Aborted(_) => 213,
            Self::UnknownRound => 214,
            Self::OtherPast => 215,
            Self::LostState => 216,
            Self::ClaimedMore => 217,
            Self::TurnOutOfOrder { .. } => 218,
            Self::InconsistentTree => 219,
        }
    }
}

impl Incompatible {
    /// Stable numeric code.
    #[must_use]
    pub const fn code(&self) -> u16 {
        match self {
            Self::Version { .. } => 300,
            Self::Suite { .. } => 301,
            Self::Policy { .. } => 302,
            Self::Role(_) => 303,
            Self::ChannelBinding => 304,
            Self::Agreement { .. } => 305,
        }
    }
}

impl Misuse {
    /// Stable numeric code.
    #[must_use]
    pub const fn code(&self) -> u16 {
        match self {
            Self::TooManyRecords { .. } => 400,
            Self::WrongEncoding => 401,
            Self::SessionOver => 402,
            Self::UnknownJob => 403,
            Self::UnknownPersist => 404,
            Self::Policy { .. } => 405,
            Self::Aborted => 406,
            Self::Agreement { .. } => 407,
        }
    }
}

impl Refusal {
    /// Stable numeric code.
    #[must_use]
    pub const fn code(&self) -> u16 {
        match self {
            Self::NoAgreement => 600,
            Self::MissingSignature { .. } => 601,
            Self::BadStatement => 602,
            Self::NotYetValid => 603,
            Self::Expired => 604,
            Self::Suspended => 605,
            Self::Superseded => 606,
            Self::Party => 607,
            Self::Role => 608,
            Self::Lanes => 609,
            Self::Purpose => 610,
            Self::Epoch => 611,
            Self::Name => 612,
            Self::Policy => 613,
            Self::Size => 614,
            Self::Output => 615,
            Self::Bins { .. } => 620,
            Self::Rounds => 621,
            Self::Changes => 622,
            Self::Batch => 623,
        }
    }

    /// What a person should do next.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::MissingSignature { .. } => "have the missing signers sign, and add their statements",
            Self::Suspended => "two signers of the side that suspended it can lift the suspension",
            Self::Bins { .. } | Self::Rounds | Self::Changes => "wait, or agree on a larger budget",
            Self::Batch => "collect more changes before the next round",
            _ => "look at the agreement and at the policy with the other side, and amend one of them",
        }
    }
}
