//! What the peer did wrong: codes 2xx.

use super::faults;
use crate::codec::DecodeError;

faults! {
    /// What the peer did wrong.
    PeerFault, hint "the round is burnt; keep the log and talk to the peer's operator before the next round";

    /// A frame ends before its contents do.
    Truncated = 200, "truncated message";
    /// A frame has bytes after its contents.
    TrailingBytes = 201, "trailing bytes after a message";
    /// A frame whose length is not the one that the agreement implies.
    Length {
        /// Bytes that the schedule demands.
        expected: usize,
        /// Bytes received.
        got: usize,
    } = 202, "message of {got} bytes where the agreement implies {expected}";
    /// A message of another kind or index than the schedule demands.
    Unexpected {
        /// Kind byte received.
        got: u8,
        /// Index received.
        index: u32,
    } = 203, "message kind {got:#04x} index {index} out of order";
    /// A chunk that was already answered came again: the round is burnt.
    Replayed {
        /// Kind byte.
        kind: u8,
        /// Chunk index.
        index: u32,
    } = 204, "chunk {index} of kind {kind:#04x} was sent twice";
    /// A group element is not a canonical encoding, or is the identity.
    BadElement {
        /// Position in the message.
        position: usize,
    } = 205, "bad group element at position {position}";
    /// A scalar is not reduced.
    BadScalar = 206, "scalar out of range";
    /// A zero-knowledge proof does not verify.
    BadProof {
        /// Chunk index.
        chunk: u32,
    } = 207, "proof does not verify in chunk {chunk}";
    /// The OT extension's consistency check failed.
    InconsistentOt {
        /// Chunk index.
        chunk: u32,
    } = 208, "inconsistent OT extension in chunk {chunk}";
    /// The trees behind an OT extension are not those that their check commits to.
    InconsistentTree = 219, "inconsistent trees of the OT extension";
    /// A chunk does not have the digest that was committed to.
    BrokenCommitment {
        /// Chunk index.
        chunk: u32,
    } = 209, "chunk {chunk} does not match its commitment";
    /// A field of a message has a value that it may not have.
    BadField(&'static str) = 210, "field `{0}` has a forbidden value";
    /// A signature does not verify.
    BadSignature = 211, "bad signature";
    /// The two transcripts differ: someone changed a message.
    TranscriptMismatch = 212, "the receipt names another transcript";
    /// The peer is at a round, or at an exchange of files, that is not this one, or that is not open here.
    UnknownRound = 214, "another round";
    /// What the two sides say that crossed before is not the same.
    HistoryMismatch = 215, "what crossed before is not what the peer says";
    /// The peer has forgotten what it had acknowledged, or what it had sent.
    StateLost = 216, "the peer lost a part of the round that it had before";
    /// The peer says that it received more than was sent.
    OverAcknowledged = 217, "the peer claims to have received more than was sent";
    /// A turn of a round by files that is not the next.
    TurnOutOfOrder {
        /// Number of the turn that comes next.
        expected: u32,
        /// Number of the turn that came.
        got: u32,
    } = 218, "turn {got} where turn {expected} comes next";
    /// The peer aborted with this code.
    Aborted(u16) = 213, "the peer aborted with code {0}", "look at the peer's log: it says why it stopped";
}

/// For bytes that a peer sent. A reader of the node's own files maps [`DecodeError`] to another error.
impl From<DecodeError> for PeerFault {
    fn from(error: DecodeError) -> Self {
        match error {
            DecodeError::Truncated => Self::Truncated,
            DecodeError::TrailingBytes => Self::TrailingBytes,
            DecodeError::BadField(field) => Self::BadField(field),
        }
    }
}
