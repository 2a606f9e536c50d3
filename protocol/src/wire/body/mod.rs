//! Bodies of frames: one struct for each kind, with its layout and its length (spec section 7.1).
//!
//! A body that was read has the agreed length and its parts in their places; nothing else of it is checked. What a check
//! returns is another type: [`Ascending`], [`CheckedQuery`], the `SealKeys` of `round::settle`, the states of
//! `round::{requester, responder}`. The schedule asks the same structs for lengths.

mod ascending;
mod base_requester;
mod base_responder;
mod choice;
mod claims;
mod commit;
mod correction;
mod cosignature;
mod evaluation;
mod garbled;
mod keys;
mod pseudonyms;
mod query;
mod query_digests;
mod receipt;
mod seal_keys;
mod table;

pub use ascending::Ascending;
pub use base_requester::BaseRequesterBody;
pub use base_responder::BaseResponderBody;
pub use choice::ChoiceBody;
pub use claims::ClaimsBody;
pub use commit::CommitBody;
pub use correction::CorrectionBody;
pub use cosignature::CosignatureBody;
pub use evaluation::EvaluationBody;
pub use garbled::{GarbledBody, SEAL_CHECK_BYTES};
pub use keys::KeysBody;
pub use pseudonyms::PseudonymsBody;
pub use query::{CheckedQuery, QueryBody};
pub use query_digests::QueryDigestsBody;
pub use receipt::ReceiptBody;
pub use seal_keys::SealKeysBody;
pub use table::TableBody;

use super::{FrameKind, frame};
use crate::error::PeerFault;

/// The body of a frame.
pub trait Body {
    /// Kind of the frame.
    const KIND: FrameKind;

    /// The parts, in their order on the wire.
    fn parts(&self) -> Vec<&[u8]>;

    /// The frame with this body.
    fn frame(&self, index: u32) -> Vec<u8> {
        let parts = self.parts();
        let mut out = frame(Self::KIND, index, parts.iter().map(|part| part.len()).sum());
        parts.iter().for_each(|part| out.extend_from_slice(part));
        out
    }

    /// The body's bytes.
    fn write(&self) -> Vec<u8> {
        self.parts().concat()
    }
}

/// Refuses a body of another length than `expected`.
const fn exact(body: &[u8], expected: usize) -> Result<(), PeerFault> {
    if body.len() == expected { Ok(()) } else { Err(PeerFault::Length { expected, got: body.len() }) }
}

/// The first `n` bytes, and the others.
fn split(body: &[u8], n: usize) -> Result<(&[u8], &[u8]), PeerFault> {
    body.split_at_checked(n).ok_or(PeerFault::Truncated)
}
