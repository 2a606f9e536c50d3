//! Errors that name the guilty (spec section 10; V-ERROR-001).
//!
//! Every error says whose fault it is, carries a stable numeric code and never holds content that came from a peer or
//! a secret.

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
    #[error("bad signature on the receipt")]
    BadSignature,
    /// The two transcripts differ: someone changed a message.
    #[error("the receipt names another transcript")]
    TranscriptMismatch,
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
}

impl Error {
    /// Stable numeric code (spec section 10): 2xx peer, 3xx incompatible, 4xx misuse, 500 internal.
    #[must_use]
    pub const fn code(&self) -> u16 {
        match self {
            Self::Peer(fault) => fault.code(),
            Self::Incompatible(kind) => kind.code(),
            Self::Misuse(kind) => kind.code(),
            Self::Internal(_) => 500,
        }
    }

    /// The peer's fault, if it is the peer's.
    #[must_use]
    pub const fn peer_fault(&self) -> Option<&PeerFault> {
        match self {
            Self::Peer(fault) => Some(fault),
            Self::Incompatible(_) | Self::Misuse(_) | Self::Internal(_) => None,
        }
    }

    /// What a person should do next.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Peer(PeerFault::Aborted(_)) => "look at the peer's log: it says why it stopped",
            Self::Peer(_) => "the round is burnt; keep the log and talk to the peer's operator before the next round",
            Self::Incompatible(Incompatible::Policy { .. }) => "agree on one policy file and use it on both sides",
            Self::Incompatible(Incompatible::Role(_)) => "one side runs `serve`, the other `link`",
            Self::Incompatible(_) => "both sides must run compatible releases on one direct connection",
            Self::Misuse(Misuse::TooManyRecords { .. }) => "split the list, or agree on a larger padded size",
            Self::Misuse(Misuse::Policy { .. }) => "correct the policy file; `spec/` explains each requirement",
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
        }
    }
}
