//! What stands in a journal, as bytes.

use blindlink::audit::TreeHead;
use blindlink::codec::{DecodeError, Reader, Writer};
use blindlink::identity::PeerId;
use blindlink::ids::{FrameDigest, RoundId};
use blindlink::limits;
use blindlink::secret::Seed;
use blindlink::session::{LogExchange, Role};
use blindlink::suite::Suite;
use zeroize::Zeroizing;

const FORMAT: u16 = 4;

/// What carries the frames of a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Carrier {
    /// QUIC (spec chapter 11).
    Line = 1,
    /// Signed files (spec chapter 17).
    Files = 2,
}

/// What a round began with: enough to make the same session again from the same records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Role of this side.
    pub role: Role,
    /// What carries the frames.
    pub carrier: Carrier,
    /// The suite: an agreement names its own, but a round in training has none.
    pub suite: &'static Suite,
    /// When it began, in seconds since 1970.
    pub begun: u64,
    /// Own identity.
    pub own: PeerId,
    /// The pinned peer.
    pub peer: PeerId,
    /// Channel binding of the hello.
    pub binding: [u8; 32],
    /// Seed of this side.
    pub seed: Seed,
    /// Merkle root over the own records, salted from the seed.
    pub root: [u8; 32],
    /// Canonical bytes of the policy.
    pub policy: Vec<u8>,
    /// Canonical bytes of the agreement; empty in training.
    pub agreement: Vec<u8>,
    /// The two audit logs as they were then; the time of the own cosignature is `begun`.
    pub log: LogExchange,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A frame came, the next of the peer's schedule.
    Received(Vec<u8>),
    /// A frame was made and may have left, the next of the own schedule: its digest (spec section 12.1).
    Sent(FrameDigest),
    /// The round has this id from now on.
    Round(RoundId),
    /// The peer has so many of the own frames durably.
    Acknowledged(u32),
    /// The round goes on over a connection with this exporter.
    Resumed([u8; 32]),
    /// By files: this turn was read or written whole; the digest is the turn's (spec chapter 17).
    Turn {
        /// Number of the turn.
        number: u32,
        /// Its digest.
        digest: [u8; 32],
    },
    /// This side has its whole outcome, with this receipt.
    Ended(Vec<u8>),
    /// The peer has everything that it needs.
    Confirmed,
    /// The round is burnt, for the reason with this code (spec chapter 10; 0 for a reason of this node's own).
    Burnt(u16),
}

impl Header {
    /// Canonical bytes. Wiped on drop, for they hold the seed.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        // Room for all at once, so that no copy of the seed stays behind.
        let mut w = Writer::with_capacity(2500 + self.policy.len() + self.agreement.len());
        w.u16(FORMAT).u8(self.role.code()).u8(self.carrier as u8).u16(self.suite.number).u64(self.begun);
        w.bytes(self.own.as_bytes()).bytes(self.peer.as_bytes()).bytes(&self.binding);
        w.bytes(self.seed.expose()).bytes(&self.root);
        w.bytes(&*self.log.head).u64(self.log.known.size).bytes(&self.log.known.root);
        w.vec16(&self.policy).vec16(&self.agreement);
        Zeroizing::new(w.finish())
    }

    /// Reads canonical bytes.
    ///
    /// # Errors
    /// [`DecodeError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::new(bytes);
        if r.u16()? != FORMAT {
            return Err(DecodeError::BadField("format"));
        }
        let role = Role::from_code(r.u8()?).ok_or(DecodeError::BadField("role"))?;
        let carrier = match r.u8()? {
            1 => Carrier::Line,
            2 => Carrier::Files,
            _ => return Err(DecodeError::BadField("carrier")),
        };
        let suite = Suite::by_number(r.u16()?).ok_or(DecodeError::BadField("suite"))?;
        let begun = r.u64()?;
        let header = Self {
            role,
            carrier,
            suite,
            begun,
            own: PeerId::from_bytes(r.array()?)?,
            peer: PeerId::from_bytes(r.array()?)?,
            binding: r.array()?,
            seed: Seed::new(r.array()?),
            root: r.array()?,
            log: LogExchange {
                head: Box::new(r.array()?),
                known: TreeHead { size: r.u64()?, root: r.array()? },
                time: begun,
            },
            policy: r.vec16(limits::MAX_POLICY_BYTES, "policy")?.to_vec(),
            agreement: r.vec16(limits::MAX_AGREEMENT_BYTES, "agreement")?.to_vec(),
        };
        r.finish()?;
        Ok(header)
    }
}

impl Entry {
    /// Canonical bytes: kind, then contents to the end. A received frame is given as `frame`, so that it is copied only
    /// once.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut w = Writer::default();
        match self {
            Self::Received(frame) => return Self::received(frame),
            Self::Sent(digest) => w.u8(2).bytes(digest.as_bytes()),
            Self::Round(id) => w.u8(3).bytes(id.as_bytes()),
            Self::Acknowledged(count) => w.u8(4).u32(*count),
            Self::Resumed(binding) => w.u8(5).bytes(binding),
            Self::Turn { number, digest } => w.u8(6).u32(*number).bytes(digest),
            Self::Ended(receipt) => w.u8(7).bytes(receipt),
            Self::Confirmed => w.u8(8),
            Self::Burnt(code) => w.u8(9).u16(*code),
        };
        w.finish()
    }

    /// Canonical bytes of [`Entry::Received`], with room for the tag that sealing appends.
    pub(super) fn received(frame: &[u8]) -> Vec<u8> {
        let mut w = Writer::with_capacity(1 + frame.len() + super::seal::TAG);
        w.u8(1).bytes(frame);
        w.finish()
    }

    /// Reads canonical bytes.
    ///
    /// # Errors
    /// [`DecodeError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let (kind, rest) = bytes.split_first().ok_or(DecodeError::Truncated)?;
        let mut r = Reader::new(rest);
        let entry = match kind {
            1 => return Ok(Self::Received(rest.to_vec())),
            2 => Self::Sent(FrameDigest::from_bytes(r.array()?)),
            3 => Self::Round(RoundId::from_bytes(r.array()?)),
            4 => Self::Acknowledged(r.u32()?),
            5 => Self::Resumed(r.array()?),
            6 => Self::Turn { number: r.u32()?, digest: r.array()? },
            7 => return Ok(Self::Ended(rest.to_vec())),
            8 => Self::Confirmed,
            9 => Self::Burnt(r.u16()?),
            _ => return Err(DecodeError::BadField("entry kind")),
        };
        r.finish()?;
        Ok(entry)
    }
}
