//! Both sides: the transcript hash and the signature of the receipt.

use super::Body;
use crate::codec::Reader;
use crate::error::PeerFault;
use crate::wire::FrameKind;

/// A side's part of the receipt, not yet checked: `receipt` checks it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptBody {
    /// Transcript hash.
    pub transcript: [u8; 32],
    /// Signature over the statement.
    pub signature: [u8; 64],
}

impl ReceiptBody {
    /// Bytes.
    pub const LEN: usize = 32 + 64;

    /// Reads a body.
    ///
    /// # Errors
    /// [`PeerFault::Truncated`], [`PeerFault::TrailingBytes`].
    pub fn read(body: &[u8]) -> Result<Self, PeerFault> {
        Ok(Reader::all(body, |r| Ok(Self { transcript: r.array()?, signature: r.array()? }))?)
    }
}

impl Body for ReceiptBody {
    const KIND: FrameKind = FrameKind::Receipt;

    fn parts(&self) -> Vec<&[u8]> {
        vec![&self.transcript, &self.signature]
    }
}
