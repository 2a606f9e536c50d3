//! Resume messages (spec sections 9.3 and 11.7): signed, they say how far each side has got in a round that outlives its
//! connection. They are no part of the transcript.

use super::HEADER_BYTES;
use crate::codec::{Reader, Writer};
use crate::crypto::hash::hash;
use crate::error::{Error, Incompatible, PeerFault};
use crate::identity::{IdentityKey, PeerId};
use crate::ids::{FrameDigest, RoundId};
use crate::labels;
use crate::policy::shape::Role;
use crate::transcript::Chain;
use crate::wire::hello::{REQUESTER, RESPONDER};
use subtle::ConstantTimeEq;

/// Kind of a resume message.
pub const RESUME: u8 = 0x71;
/// Bytes of a resume message, header included.
pub const RESUME_BYTES: usize = HEADER_BYTES + SIGNED_BYTES + 64;

const SIGNED_BYTES: usize = 32 + 1 + 2 * (4 + 32) + 32;

/// The frames of one direction by their chain (spec section 12.1, receipts included): how far it goes, and its value at
/// every length.
#[derive(Clone, Debug)]
pub struct History {
    /// How many frames the first value is over.
    first: u32,
    values: Vec<[u8; 32]>,
    chain: Chain,
}

impl Default for History {
    fn default() -> Self {
        Self { first: 0, values: vec![[0; 32]], chain: Chain::new() }
    }
}

impl History {
    /// Of a direction that is over, by its end alone.
    #[must_use]
    pub fn ended(count: u32, value: [u8; 32]) -> Self {
        Self { first: count, values: vec![value], chain: Chain::of_value(value) }
    }

    /// Appends a frame by its digest.
    pub fn push(&mut self, digest: &FrameDigest) {
        self.chain.push(digest);
        self.values.push(*self.chain.value());
    }

    /// Number of frames.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.first.saturating_add(u32::try_from(self.values.len() - 1).unwrap_or(u32::MAX))
    }

    /// The chain over the first `count` frames, if there are so many and it is known.
    #[must_use]
    pub fn at(&self, count: u32) -> Option<&[u8; 32]> {
        self.values.get(count.checked_sub(self.first)? as usize)
    }

    /// The chain over all frames.
    #[must_use]
    pub const fn value(&self) -> &[u8; 32] {
        self.chain.value()
    }
}

/// Where this side stands.
#[derive(Clone, Copy, Debug)]
pub struct Position<'a> {
    /// Round id.
    pub round: RoundId,
    /// Own role.
    pub role: Role,
    /// Exporter of the new connection.
    pub binding: [u8; 32],
    /// The peer's frames that are durable here.
    pub received: &'a History,
    /// Own frames that were made; all that may have left are among them.
    pub sent: &'a History,
    /// Own frames that the peer has acknowledged.
    pub acknowledged: u32,
}

const fn role_byte(role: Role) -> u8 {
    match role {
        Role::Requester => REQUESTER,
        Role::Responder => RESPONDER,
    }
}

fn signed(fields: &[u8]) -> [u8; 32] {
    hash(labels::RESUME, &[fields])
}

impl Position<'_> {
    /// The resume message of this side.
    #[must_use]
    pub fn message(&self, identity: &IdentityKey) -> Vec<u8> {
        let mut w = Writer::with_capacity(RESUME_BYTES);
        w.bytes(self.round.as_bytes()).u8(role_byte(self.role));
        w.u32(self.received.count()).bytes(self.received.value());
        w.u32(self.sent.count()).bytes(self.sent.value()).bytes(&self.binding);
        let fields = w.finish();
        let signature = identity.sign(&signed(&fields));
        [&[RESUME, 0, 0, 0, 0][..], &fields, &signature].concat()
    }

    /// Checks the peer's message against where this side stands. Gives the number of own frames that the peer has: what
    /// comes after them is to be sent again.
    ///
    /// # Errors
    /// In this order: a [`PeerFault`] for its form; [`Incompatible::ChannelBinding`] and [`PeerFault::BadSignature`] if
    /// it was made for another connection or by another key; [`PeerFault::UnknownRound`]; [`PeerFault::BadField`] for the
    /// own role; and, if the two sides' pasts do not fit, [`PeerFault::OverAcknowledged`], [`PeerFault::StateLost`],
    /// [`PeerFault::HistoryMismatch`]. Only the last three burn the round: see [`burns`].
    pub fn check(&self, peer: PeerId, body: &[u8]) -> Result<u32, Error> {
        let (fields, signature) = body.split_at_checked(SIGNED_BYTES).ok_or(PeerFault::Truncated)?;
        let signature = Reader::all(signature, Reader::array::<64>).map_err(PeerFault::from)?;
        let read = |r: &mut Reader<'_>| {
            let (round, role) = (RoundId::from_bytes(r.array()?), r.u8()?);
            let (received, sent) = ((r.u32()?, r.array::<32>()?), (r.u32()?, r.array::<32>()?));
            Ok((round, role, received, sent, r.array::<32>()?))
        };
        let (round, role, (received, received_chain), (sent, sent_chain), binding) =
            Reader::all(fields, read).map_err(PeerFault::from)?;
        // V-RESUME-003
        if !bool::from(binding.ct_eq(&self.binding)) {
            return Err(Incompatible::ChannelBinding.into());
        }
        // V-RESUME-004
        peer.verify(&signed(fields), &signature)?;
        // V-RESUME-005
        if round != self.round {
            return Err(PeerFault::UnknownRound.into());
        }
        if role == role_byte(self.role) || !(REQUESTER..=RESPONDER).contains(&role) {
            return Err(PeerFault::BadField("role").into());
        }
        // V-RESUME-006
        if received > self.sent.count() {
            return Err(PeerFault::OverAcknowledged.into());
        }
        // V-RESUME-007
        if received < self.acknowledged || sent < self.received.count() {
            return Err(PeerFault::StateLost.into());
        }
        // V-RESUME-008
        let chain = self.sent.at(received).ok_or(PeerFault::StateLost)?;
        if received_chain != *chain || (sent == self.received.count() && sent_chain != *self.received.value()) {
            return Err(PeerFault::HistoryMismatch.into());
        }
        Ok(received)
    }
}

/// The round that a resume message is about, before anything of it is checked: to find the state to check it against.
///
/// # Errors
/// [`PeerFault::Truncated`].
pub fn round_of(body: &[u8]) -> Result<RoundId, PeerFault> {
    Ok(RoundId::from_bytes(Reader::new(body).array()?))
}

/// Whether a refused resume message burns the round: what the peer says about the round itself does, what could be
/// said by a message that was meant for something else does not.
#[must_use]
pub const fn burns(error: &Error) -> bool {
    matches!(error, Error::Peer(PeerFault::OverAcknowledged | PeerFault::StateLost | PeerFault::HistoryMismatch))
}
