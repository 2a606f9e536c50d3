//! Messages: what lies in a frame, and which frame comes when (spec section 7).

pub mod hello;
pub mod resume;
pub mod schedule;
pub mod stage;
pub mod turn;

pub use stage::{Stage, kind_of};

use crate::error::PeerFault;

/// Bytes of a frame's header: kind, then index as a big-endian 32-bit integer.
pub const HEADER_BYTES: usize = 5;

/// Kind of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Kind {
    /// Versions, policy, identity, nonce, channel binding.
    Hello = 0x01,
    /// Seed commitment and Merkle root.
    Commit = 0x02,
    /// Responder: OPRF key, round key commitment, base OT elements.
    Keys = 0x03,
    /// Requester: base OT elements and answers.
    BaseRequester = 0x04,
    /// Responder: base OT answers, and the trees of its extension.
    BaseResponder = 0x05,
    /// Requester: digests of all query chunks.
    QueryDigests = 0x06,
    /// Requester: blinded elements.
    Query = 0x07,
    /// Responder: evaluated elements and their proof.
    Evaluation = 0x08,
    /// Responder: OKVS columns.
    Table = 0x09,
    /// Responder: OT extension with the bin masks as choices.
    Choice = 0x0a,
    /// Requester: corrections, and OT extension with its score shares as choices.
    Correction = 0x0b,
    /// Responder: garbled comparisons.
    Garbled = 0x0c,
    /// Responder: the round key.
    Reveal = 0x0d,
    /// Requester, mutual mode: pseudonym tokens of the records it claims.
    Claims = 0x0e,
    /// Transcript hash and signature.
    Receipt = 0x0f,
    /// Requester: the trees of its OT extension.
    Trees = 0x10,
    /// Error code; ends the round.
    Abort = 0x7f,
}

impl Kind {
    /// All kinds, in the order of their codes.
    pub const ALL: [Self; 17] = [
        Self::Hello,
        Self::Commit,
        Self::Keys,
        Self::BaseRequester,
        Self::BaseResponder,
        Self::QueryDigests,
        Self::Query,
        Self::Evaluation,
        Self::Table,
        Self::Choice,
        Self::Correction,
        Self::Garbled,
        Self::Reveal,
        Self::Claims,
        Self::Receipt,
        Self::Trees,
        Self::Abort,
    ];
}

/// A frame's header in front of room for `body` bytes.
#[must_use]
pub fn frame(kind: Kind, index: u32, body: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEADER_BYTES + body);
    out.push(kind as u8);
    out.extend_from_slice(&index.to_be_bytes());
    out
}

/// Kind byte, index and body of a received frame.
///
/// # Errors
/// [`PeerFault::Truncated`] if the header is not there.
pub fn parse(frame: &[u8]) -> Result<(u8, u32, &[u8]), PeerFault> {
    let (head, body) = frame.split_first_chunk::<HEADER_BYTES>().ok_or(PeerFault::Truncated)?;
    let [kind, index @ ..] = *head;
    Ok((kind, u32::from_be_bytes(index), body))
}

/// The abort frame for an error code.
#[must_use]
pub fn abort(code: u16) -> Vec<u8> {
    let mut out = frame(Kind::Abort, 0, 2);
    out.extend_from_slice(&code.to_be_bytes());
    out
}
