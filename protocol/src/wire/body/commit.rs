//! Both sides: the commitments to seed and records.

use super::{Body, exact, split};
use crate::error::PeerFault;
use crate::wire::FrameKind;

/// Commitments, as received or to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommitBody {
    /// Commitment to the seed.
    pub seed: [u8; 32],
    /// Merkle root over the records.
    pub root: [u8; 32],
}

impl CommitBody {
    /// Bytes.
    pub const LEN: usize = 64;

    /// Reads a body.
    ///
    /// # Errors
    /// [`PeerFault::Length`].
    pub fn read(body: &[u8]) -> Result<Self, PeerFault> {
        exact(body, Self::LEN)?;
        let (seed, root) = split(body, 32)?;
        let array = |bytes: &[u8]| <[u8; 32]>::try_from(bytes).map_err(|_| PeerFault::Truncated);
        Ok(Self { seed: array(seed)?, root: array(root)? })
    }

    /// Bytes of the body.
    #[must_use]
    pub fn bytes(&self) -> [u8; Self::LEN] {
        let mut out = [0; Self::LEN];
        out[..32].copy_from_slice(&self.seed);
        out[32..].copy_from_slice(&self.root);
        out
    }
}

impl Body for CommitBody {
    const KIND: FrameKind = FrameKind::Commit;

    fn parts(&self) -> Vec<&[u8]> {
        vec![&self.seed, &self.root]
    }
}
