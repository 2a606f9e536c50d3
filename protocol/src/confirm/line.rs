//! How a run and its notices cross a line: what a connection begins and ends with (spec section 18.8).

use super::notice::{ACKNOWLEDGEMENT_BYTES, NOTICE_BYTES};
use crate::codec::{Reader, Writer};
use crate::error::{Error, PeerFault};
use crate::ids::RoundId;
use crate::wire::hello::VERSION;
use crate::wire::{FrameKind, HEADER_BYTES, parse};

/// Kind of an opening.
pub const OPENING: u8 = 0x73;
/// Kind of a bundle of notices.
pub const BUNDLE: u8 = 0x74;
/// Kind of the acknowledgements of a bundle.
pub const ACKNOWLEDGED: u8 = 0x75;
/// Most notices of a bundle: what is left over crosses next time.
pub const MOST_NOTICES: usize = 64;
/// Bytes of an opening, header included.
pub const OPENING_BYTES: usize = HEADER_BYTES + 2 + 1 + 32 + 4;
/// Bytes of the longest bundle.
pub const BUNDLE_BYTES: usize = HEADER_BYTES + 1 + MOST_NOTICES * NOTICE_BYTES;

/// What a connection about a round is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConfirmOpening {
    /// Version of the wire format.
    pub version: u16,
    /// Whether a run takes place; else only notices cross.
    pub run: bool,
    /// Id of the round.
    pub round: RoundId,
    /// Number of the sender's next run; 0 without a run.
    pub number: u32,
}

impl ConfirmOpening {
    /// What this side says.
    #[must_use]
    pub const fn new(run: bool, round: RoundId, number: u32) -> Self {
        Self { version: VERSION, run, round, number: if run { number } else { 0 } }
    }

    /// The frame.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut w = Writer::with_capacity(OPENING_BYTES);
        w.u8(OPENING)
            .u32(0)
            .u16(self.version)
            .u8(if self.run { 1 } else { 2 })
            .bytes(self.round.as_bytes())
            .u32(self.number);
        w.finish()
    }

    /// Whether a frame is an opening, well formed or not.
    #[must_use]
    pub fn is_one(frame: &[u8]) -> bool {
        frame.first() == Some(&OPENING)
    }

    /// Reads the other side's frame (V-CONFIRM-017).
    ///
    /// # Errors
    /// [`PeerFault`] if it is none, or malformed; [`PeerFault::Aborted`] if the other side refused.
    pub fn decode(frame: &[u8]) -> Result<Self, Error> {
        let body = body(frame, OPENING)?;
        let read = |r: &mut Reader<'_>| Ok((r.u16()?, r.u8()?, RoundId::from_bytes(r.array()?), r.u32()?));
        let (version, what, round, number) = Reader::all(body, read).map_err(PeerFault::from)?;
        if version != VERSION {
            return Err(PeerFault::BadField("version").into());
        }
        let run = match (what, number) {
            (1, _) => true,
            (2, 0) => false,
            _ => return Err(PeerFault::BadField("what").into()),
        };
        Ok(Self { version, run, round, number })
    }
}

/// Which run takes place, where this side's next has the number `own` and the other named `theirs` (V-CONFIRM-016): the
/// greater of the two. The other may be one ahead, since its last run may have broken off after its own share.
///
/// # Errors
/// [`PeerFault::BadField`] for any other number.
pub fn number_of_run(own: u32, theirs: u32) -> Result<u32, PeerFault> {
    let near = theirs == own || Some(theirs) == own.checked_add(1) || theirs.checked_add(1) == Some(own);
    if near { Ok(own.max(theirs)) } else { Err(PeerFault::BadField("number")) }
}

/// The frame with notices, or with acknowledgements of them, each of `bytes` bytes. Of more than [`MOST_NOTICES`] the first
/// are sent.
#[must_use]
pub fn bundle(kind: u8, pieces: &[Vec<u8>]) -> Vec<u8> {
    let pieces = pieces.get(..MOST_NOTICES).unwrap_or(pieces);
    let mut w = Writer::default();
    w.u8(kind).u32(0).u8(u8::try_from(pieces.len()).unwrap_or(u8::MAX));
    for piece in pieces {
        w.bytes(piece);
    }
    w.finish()
}

/// Reads a bundle of notices, or of acknowledgements (V-CONFIRM-018).
///
/// # Errors
/// [`PeerFault`] if it is none, or malformed; [`PeerFault::Aborted`] if the other side refused.
pub fn pieces(kind: u8, frame: &[u8]) -> Result<Vec<&[u8]>, Error> {
    let body = body(frame, kind)?;
    let bytes = if kind == BUNDLE { NOTICE_BYTES } else { ACKNOWLEDGEMENT_BYTES };
    let (count, rest) = body.split_first().ok_or(PeerFault::Truncated)?;
    let count = usize::from(*count);
    if count > MOST_NOTICES {
        return Err(PeerFault::BadField("notices").into());
    }
    if rest.len() != count * bytes {
        return Err(PeerFault::Length { expected: count * bytes, got: rest.len() }.into());
    }
    Ok(rest.chunks_exact(bytes).collect())
}

fn body(frame: &[u8], wanted: u8) -> Result<&[u8], Error> {
    let (kind, index, body) = parse(frame)?;
    if kind == FrameKind::Abort as u8 {
        let code: [u8; 2] = body.try_into().map_err(|_| PeerFault::Truncated)?;
        return Err(PeerFault::Aborted(u16::from_be_bytes(code)).into());
    }
    if kind != wanted || index != 0 {
        return Err(PeerFault::Unexpected { got: kind, index }.into());
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// V-CONFIRM-017: the bytes of section 18.8, and nothing else is an opening.
    #[test]
    fn an_opening_has_the_specified_bytes() {
        let said = ConfirmOpening::new(true, RoundId::from_bytes([7; 32]), 5);
        let bytes = [&[0x73, 0, 0, 0, 0, 0, 2, 1][..], &[7; 32], &[0, 0, 0, 5]].concat();
        assert_eq!(said.encode(), bytes);
        assert_eq!((bytes.len(), ConfirmOpening::decode(&bytes)), (OPENING_BYTES, Ok(said)));
        assert!(ConfirmOpening::is_one(&bytes) && !ConfirmOpening::is_one(&[0x72]));
        assert_eq!(ConfirmOpening::new(false, RoundId::from_bytes([7; 32]), 5).number, 0);
        for length in 0..bytes.len() {
            assert!(ConfirmOpening::decode(&bytes[..length]).is_err(), "{length} bytes");
        }
        for (at, byte) in [(0, 0x72), (4, 1), (6, 3), (7, 0), (7, 2), (7, 3)] {
            let mut bad = bytes.clone();
            bad[at] = byte;
            assert!(ConfirmOpening::decode(&bad).is_err(), "byte {at} as {byte}");
        }
        assert!(ConfirmOpening::decode(&[&bytes[..], &[0]].concat()).is_err());
        let aborted = ConfirmOpening::decode(&crate::wire::abort(214)).unwrap_err();
        assert_eq!(aborted, PeerFault::Aborted(214).into());
    }

    /// V-CONFIRM-016
    #[test]
    fn the_numbers_of_runs_of_the_two_sides_are_never_far_from_each_other() {
        assert_eq!(
            [(0, 0), (0, 1), (1, 0), (4, 5)].map(|(own, theirs)| number_of_run(own, theirs)),
            [0, 1, 1, 5].map(Ok)
        );
        for (own, theirs) in [(0, 2), (2, 0), (0, u32::MAX), (u32::MAX, 0)] {
            assert!(number_of_run(own, theirs).is_err(), "{own} and {theirs}");
        }
        assert_eq!(number_of_run(u32::MAX, u32::MAX), Ok(u32::MAX));
    }

    /// V-CONFIRM-018
    #[test]
    fn a_bundle_holds_whole_notices_and_not_too_many() {
        let notices: Vec<Vec<u8>> = (0..66).map(|n| vec![n; NOTICE_BYTES]).collect();
        let sent = bundle(BUNDLE, &notices);
        assert_eq!(sent.len(), BUNDLE_BYTES);
        assert_eq!(pieces(BUNDLE, &sent).unwrap(), notices[..64].iter().map(Vec::as_slice).collect::<Vec<_>>());
        assert!(pieces(BUNDLE, &bundle(BUNDLE, &[])).unwrap().is_empty());
        assert!(pieces(ACKNOWLEDGED, &sent).is_err());
        let mut bad = bundle(BUNDLE, &notices[..2]);
        bad[HEADER_BYTES] = 3;
        assert!(pieces(BUNDLE, &bad).is_err());
        bad[HEADER_BYTES] = 65;
        bad.resize(HEADER_BYTES + 1 + 65 * NOTICE_BYTES, 0);
        assert_eq!(pieces(BUNDLE, &bad), Err(PeerFault::BadField("notices").into()));
    }
}
