//! A round by files (spec chapter 17): the frames of one side's turn, signed together, each turn bound to the one before.

use crate::codec::{Reader, Writer};
use crate::crypto::hash::hash;
use crate::error::{Error, PeerFault};
use crate::identity::{IdentityKey, PeerId};
use crate::ids::FrameDigest;
use crate::labels;
use crate::limits::MAX_FRAME;
use crate::transcript::frame_digest;
use subtle::ConstantTimeEq;

/// First bytes of a turn.
pub const MAGIC: &[u8] = b"blindlink-turn/2\n";
/// Bytes of what comes before the frames.
pub const HEADER_BYTES: usize = MAGIC.len() + 4 + 4 * 32;
/// Bytes of what comes after the empty frame that ends the frames: their number, and the signature.
pub const TRAILER_BYTES: usize = 4 + 64;

/// What the hellos of a round by files are bound to, in place of a connection's exporter (V-FILES-001).
#[must_use]
pub fn binding(requester: PeerId, responder: PeerId) -> [u8; 32] {
    hash(labels::FILE_BINDING, &[requester.as_bytes(), responder.as_bytes()])
}

/// What stands before a turn's frames.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TurnHeader {
    /// Number of the turn, from 1; the requester's are odd.
    pub number: u32,
    /// Digest of the requester's hello: which exchange of files this is.
    pub exchange: FrameDigest,
    /// Who wrote it.
    pub sender: [u8; 32],
    /// For whom.
    pub recipient: [u8; 32],
    /// Digest of the turn before; zeros in the first.
    pub previous: [u8; 32],
}

impl TurnHeader {
    /// Canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut w = Writer::with_capacity(HEADER_BYTES);
        w.bytes(MAGIC).u32(self.number).bytes(self.exchange.as_bytes());
        w.bytes(&self.sender).bytes(&self.recipient).bytes(&self.previous);
        w.finish()
    }

    /// Reads canonical bytes.
    ///
    /// # Errors
    /// [`PeerFault::Truncated`], [`PeerFault::TrailingBytes`], [`PeerFault::BadField`] if it is no turn.
    pub fn decode(bytes: &[u8]) -> Result<Self, PeerFault> {
        let mut r = Reader::new(bytes);
        if r.bytes(MAGIC.len())? != MAGIC {
            return Err(PeerFault::BadField("format"));
        }
        let header = Self {
            number: r.u32()?,
            exchange: FrameDigest::from_bytes(r.array()?),
            sender: r.array()?,
            recipient: r.array()?,
            previous: r.array()?,
        };
        r.finish()?;
        Ok(header)
    }
}

/// Collects what a turn's signature is over, frame by frame.
#[derive(Clone, Debug)]
pub struct TurnDigest {
    header: Vec<u8>,
    frames: Vec<u8>,
    first: Option<FrameDigest>,
    count: u32,
}

impl TurnDigest {
    /// Begins a turn.
    #[must_use]
    pub fn new(header: &TurnHeader) -> Self {
        Self { header: header.encode(), frames: Vec::new(), first: None, count: 0 }
    }

    /// Adds a frame by its digest.
    pub fn push(&mut self, frame: &FrameDigest) {
        self.first.get_or_insert(*frame);
        self.frames.extend_from_slice(frame.as_bytes());
        self.count = self.count.saturating_add(1);
    }

    /// The turn's digest.
    #[must_use]
    pub fn finish(&self) -> [u8; 32] {
        hash(labels::TURN, &[&self.header, &self.count.to_be_bytes(), &self.frames])
    }

    /// The trailer: number of frames, and signature.
    #[must_use]
    pub fn trailer(&self, identity: &IdentityKey) -> Vec<u8> {
        [&self.count.to_be_bytes()[..], &identity.sign(&self.finish())].concat()
    }
}

/// What the next turn of the peer must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedTurn {
    /// Its number.
    pub number: u32,
    /// The exchange; `None` for the first turn, which says it.
    pub exchange: Option<FrameDigest>,
    /// The peer.
    pub sender: PeerId,
    /// This side.
    pub recipient: PeerId,
    /// Digest of the own turn before; zeros before the first.
    pub previous: [u8; 32],
}

impl ExpectedTurn {
    /// Checks a turn of which all frames were read. Nothing of it may be used before.
    ///
    /// # Errors
    /// In this order: [`PeerFault::Truncated`] or [`PeerFault::TrailingBytes`] for the trailer; [`PeerFault::BadField`] for
    /// sender, recipient or number of frames; [`PeerFault::BadSignature`]; [`PeerFault::UnknownRound`];
    /// [`PeerFault::TurnOutOfOrder`]; [`PeerFault::HistoryMismatch`] if it follows another turn than the own.
    pub fn check(&self, header: &TurnHeader, digest: &TurnDigest, trailer: &[u8]) -> Result<(), Error> {
        let read = |r: &mut Reader<'_>| Ok((r.u32()?, r.array::<64>()?));
        let (count, signature) = Reader::all(trailer, read).map_err(PeerFault::from)?;
        // V-FILES-003
        if header.sender != *self.sender.as_bytes() {
            return Err(PeerFault::BadField("sender").into());
        }
        if header.recipient != *self.recipient.as_bytes() {
            return Err(PeerFault::BadField("recipient").into());
        }
        // V-FILES-004
        if count != digest.count {
            return Err(PeerFault::BadField("number of frames").into());
        }
        self.sender.verify(&digest.finish(), &signature)?;
        // V-FILES-005. A first turn is named after its first frame, and so has one.
        let exchange = self.exchange.or(digest.first).ok_or(PeerFault::BadField("number of frames"))?;
        if header.exchange != exchange {
            return Err(PeerFault::UnknownRound.into());
        }
        if header.number != self.number {
            return Err(PeerFault::TurnOutOfOrder { expected: self.number, got: header.number }.into());
        }
        // V-FILES-006
        if !bool::from(header.previous.ct_eq(&self.previous)) {
            return Err(PeerFault::HistoryMismatch.into());
        }
        Ok(())
    }
}

/// Digests of a turn that was checked whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedTurn {
    /// The turn's.
    pub digest: [u8; 32],
    /// Its frames'.
    pub frames: Vec<FrameDigest>,
}

/// Reads a whole turn and checks that it is the expected one. Nothing of it may be used before.
///
/// `read` returns the next bytes of the turn, as many as asked for; fewer only at the end.
///
/// # Errors
/// As `read`'s; as [`TurnHeader::decode`], [`next_frame`] and [`ExpectedTurn::check`].
pub fn check<E: From<Error>>(
    expected: &ExpectedTurn,
    mut read: impl FnMut(usize) -> Result<Vec<u8>, E>,
) -> Result<CheckedTurn, E> {
    let header = TurnHeader::decode(&read(HEADER_BYTES)?).map_err(Error::from)?;
    let (mut digest, mut frames) = (TurnDigest::new(&header), Vec::new());
    while let Some(frame) = next_frame(&mut read)? {
        let one = frame_digest(&frame);
        digest.push(&one);
        frames.push(one);
    }
    expected.check(&header, &digest, &read(TRAILER_BYTES + 1)?)?;
    Ok(CheckedTurn { digest: digest.finish(), frames })
}

/// [`check`] of a turn in memory.
///
/// # Errors
/// As [`check`].
pub fn check_bytes(expected: &ExpectedTurn, mut turn: &[u8]) -> Result<CheckedTurn, Error> {
    check(expected, |count| {
        let (bytes, rest) = turn.split_at(count.min(turn.len()));
        turn = rest;
        Ok(bytes.to_vec())
    })
}

/// The next frame of a turn; `None` at the empty one that ends the frames. `read` as in [`check`].
///
/// # Errors
/// As `read`'s; [`PeerFault::Truncated`]; [`PeerFault::Length`] for a length that no frame has.
pub fn next_frame<E: From<Error>>(mut read: impl FnMut(usize) -> Result<Vec<u8>, E>) -> Result<Option<Vec<u8>>, E> {
    let length = read(4)?.try_into().map_err(|_| Error::from(PeerFault::Truncated))?;
    let length = u32::from_be_bytes(length) as usize;
    if length == 0 {
        return Ok(None);
    }
    // V-FRAME-005.
    if length > MAX_FRAME {
        return Err(Error::from(PeerFault::Length { expected: MAX_FRAME, got: length }).into());
    }
    let frame = read(length)?;
    if frame.len() < length { Err(Error::from(PeerFault::Truncated).into()) } else { Ok(Some(frame)) }
}
