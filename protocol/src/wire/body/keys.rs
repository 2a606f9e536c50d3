//! Responder: the keys of the round.

use super::{Body, exact, split};
use crate::error::PeerFault;
use crate::suite::Suite;
use crate::wire::FrameKind;

const KEY_COMMITMENT: usize = 32;

/// OPRF key with its proof, commitment to the round key, base OT offers. The OPRF engine checks key and proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeysBody {
    /// OPRF key and proof, in the form of the suite's engine.
    pub oprf_key: Vec<u8>,
    /// Commitment to the round key.
    pub key_commitment: [u8; KEY_COMMITMENT],
    /// Base OT offers of the direction in which the requester chooses.
    pub offer: Vec<u8>,
}

impl KeysBody {
    /// Bytes.
    #[must_use]
    pub const fn length(suite: &Suite) -> usize {
        suite.layout.oprf_key + KEY_COMMITMENT + suite.layout.base_offer
    }

    /// Reads a body.
    ///
    /// # Errors
    /// [`PeerFault::Length`].
    pub fn read(body: &[u8], suite: &Suite) -> Result<Self, PeerFault> {
        exact(body, Self::length(suite))?;
        let (oprf_key, rest) = split(body, suite.layout.oprf_key)?;
        let (commitment, offer) = rest.split_first_chunk().ok_or(PeerFault::Truncated)?;
        Ok(Self { oprf_key: oprf_key.to_vec(), key_commitment: *commitment, offer: offer.to_vec() })
    }
}

impl Body for KeysBody {
    const KIND: FrameKind = FrameKind::Keys;

    fn parts(&self) -> Vec<&[u8]> {
        vec![&self.oprf_key, &self.key_commitment, &self.offer]
    }
}
