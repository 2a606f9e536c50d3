//! Both sides: the cosignature of the peer's audit log.

use super::Body;
use crate::codec::Reader;
use crate::error::PeerFault;
use crate::wire::FrameKind;

/// A cosignature, not yet checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CosignatureBody {
    /// When it was made, in seconds since 1970, big endian.
    pub time: [u8; 8],
    /// Signature.
    pub signature: [u8; 64],
}

impl CosignatureBody {
    /// Bytes.
    pub const LEN: usize = 8 + 64;

    /// Reads a body.
    ///
    /// # Errors
    /// [`PeerFault::Truncated`], [`PeerFault::TrailingBytes`].
    pub fn read(body: &[u8]) -> Result<Self, PeerFault> {
        Ok(Reader::all(body, |r| Ok(Self { time: r.array()?, signature: r.array()? }))?)
    }

    /// When it was made, in seconds since 1970.
    #[must_use]
    pub const fn seconds(&self) -> u64 {
        u64::from_be_bytes(self.time)
    }
}

impl Body for CosignatureBody {
    const KIND: FrameKind = FrameKind::Cosignature;

    fn parts(&self) -> Vec<&[u8]> {
        vec![&self.time, &self.signature]
    }
}
