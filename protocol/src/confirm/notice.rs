//! What is sent about a confirmed pair: a disclosure or a withdrawal, signed and acknowledged (spec section 18.7).

use crate::codec::{DecodeError, Reader, Writer};
use crate::crypto::hash::hash;
use crate::error::PeerFault;
use crate::identity::{IdentityKey, PeerId};
use crate::ids::{AgreementDigest, Pseudonym, RoundId};
use crate::labels;

/// Bytes of a notice.
pub const NOTICE_BYTES: usize = 1 + 3 * 32 + 16 + 2 * 32 + 8 + BODY_BYTES + 64;
/// Bytes of an acknowledgement.
pub const ACKNOWLEDGEMENT_BYTES: usize = 32 + 8 + 64;
/// Bytes of a body: the same for every content.
const BODY_BYTES: usize = 256;
/// Longest case reference, in bytes.
const CASE_BYTES: usize = 64;
/// Longest contact, in bytes.
const DESK_BYTES: usize = 128;

/// What a notice is about, and between whom.
#[derive(Clone, PartialEq, Eq)]
pub struct About {
    /// Digest of the agreement.
    pub agreement: AgreementDigest,
    /// Id of the round.
    pub round: RoundId,
    /// Id of the run that confirmed the item.
    pub run: [u8; 32],
    /// The item.
    pub pseudonym: Pseudonym,
    /// Who sends it.
    pub sender: PeerId,
    /// Whom it is for.
    pub recipient: PeerId,
}

impl core::fmt::Debug for About {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("About(..)")
    }
}

/// What a notice says. Nothing of a person (V-CONFIRM-013).
#[derive(Clone, PartialEq, Eq)]
pub enum NoticeBody {
    /// Where the other authority may ask.
    Disclosure {
        /// The own case reference.
        case_reference: String,
        /// Whom to call.
        desk: String,
        /// Handling code, 0 to 3.
        handling: u8,
    },
    /// The pair is taken back: erase what came of it.
    Withdrawal {
        /// Code of the reason, 1 to 8.
        reason: u8,
    },
}

impl core::fmt::Debug for NoticeBody {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(if self.kind() == 1 { "Disclosure(..)" } else { "Withdrawal(..)" })
    }
}

/// A notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What it is about.
    pub about: About,
    /// When it was signed, in seconds since 1970.
    pub time: u64,
    /// What it says.
    pub body: NoticeBody,
}

/// What the recipient of a notice knows.
pub struct Expected<'a> {
    /// Digest of the agreement.
    pub agreement: AgreementDigest,
    /// Id of the round.
    pub round: RoundId,
    /// The pinned peer.
    pub sender: PeerId,
    /// The own identity.
    pub recipient: PeerId,
    /// The run and the pseudonym of each confirmed item.
    pub confirmed: &'a [([u8; 32], Pseudonym)],
}

impl core::fmt::Debug for Expected<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Expected({} confirmed)", self.confirmed.len())
    }
}

/// Characters that turn the direction of text (V-AGREE-003).
const fn turns(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn text(r: &mut Reader<'_>, least: usize, most: usize, field: &'static str) -> Result<String, DecodeError> {
    let text = r.str16(most, field)?;
    if text.len() < least || text.chars().any(|c| c.is_control() || turns(c)) {
        return Err(DecodeError::BadField(field));
    }
    Ok(text.to_owned())
}

impl NoticeBody {
    const fn kind(&self) -> u8 {
        match self {
            Self::Disclosure { .. } => 1,
            Self::Withdrawal { .. } => 2,
        }
    }

    fn encode(&self) -> Vec<u8> {
        let mut w = Writer::with_capacity(BODY_BYTES);
        match self {
            Self::Disclosure { case_reference, desk, handling } => {
                for text in [case_reference, desk] {
                    w.u16(u16::try_from(text.len()).unwrap_or(u16::MAX)).bytes(text.as_bytes());
                }
                w.u8(*handling);
            }
            Self::Withdrawal { reason } => drop(w.u8(*reason)),
        }
        let mut body = w.finish();
        body.resize(body.len().max(BODY_BYTES), 0);
        body
    }

    fn decode(kind: u8, bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::new(bytes);
        let body = match kind {
            1 => {
                let case_reference = text(&mut r, 1, CASE_BYTES, "case reference")?;
                let desk = text(&mut r, 0, DESK_BYTES, "desk")?;
                let handling = r.u8()?;
                if handling > 3 {
                    return Err(DecodeError::BadField("handling"));
                }
                Self::Disclosure { case_reference, desk, handling }
            }
            2 => {
                let reason = r.u8()?;
                if !(1..=8).contains(&reason) {
                    return Err(DecodeError::BadField("reason"));
                }
                Self::Withdrawal { reason }
            }
            _ => return Err(DecodeError::BadField("kind")),
        };
        let read = body.encode();
        // One encoding of each value: texts that were read make the same bytes, filling included.
        if read == bytes { Ok(body) } else { Err(DecodeError::BadField("filling")) }
    }
}

impl Notice {
    /// The notice, signed by its sender.
    ///
    /// # Errors
    /// [`DecodeError::BadField`] for what no recipient would take: a text that is too long, a code that is none, an
    /// item that is not among `confirmed` (V-CONFIRM-014), another's identity.
    pub fn sign(&self, identity: &IdentityKey, confirmed: &[([u8; 32], Pseudonym)]) -> Result<Vec<u8>, DecodeError> {
        let Self { about, time, body } = self;
        let encoded = body.encode();
        NoticeBody::decode(body.kind(), &encoded)?;
        if !confirmed.contains(&(about.run, about.pseudonym)) {
            return Err(DecodeError::BadField("pseudonym"));
        }
        if identity.id() != about.sender {
            return Err(DecodeError::BadField("sender"));
        }
        let mut w = Writer::with_capacity(NOTICE_BYTES);
        w.u8(body.kind())
            .bytes(about.agreement.as_bytes())
            .bytes(about.round.as_bytes())
            .bytes(&about.run)
            .bytes(about.pseudonym.as_bytes());
        w.bytes(about.sender.as_bytes()).bytes(about.recipient.as_bytes()).u64(*time).bytes(&encoded);
        let mut notice = w.finish();
        let signature = identity.sign(&hash(labels::CONFIRM_NOTICE, &[&notice]));
        notice.extend_from_slice(&signature);
        Ok(notice)
    }

    /// Reads and checks a received notice (V-CONFIRM-014).
    ///
    /// # Errors
    /// The first [`PeerFault`] in the order of the specification.
    pub fn open(bytes: &[u8], expected: &Expected<'_>) -> Result<Self, PeerFault> {
        if bytes.len() != NOTICE_BYTES {
            return Err(PeerFault::Length { expected: NOTICE_BYTES, got: bytes.len() });
        }
        let mut r = Reader::new(bytes);
        let kind = r.u8()?;
        let (agreement, round) = (AgreementDigest::from_bytes(r.array()?), RoundId::from_bytes(r.array()?));
        let run = r.array()?;
        let pseudonym = Pseudonym::from_bytes(r.array()?);
        let (sender, recipient): ([u8; 32], [u8; 32]) = (r.array()?, r.array()?);
        let time = r.u64()?;
        let body = NoticeBody::decode(kind, r.bytes(BODY_BYTES)?)?;
        let signature = r.array()?;
        r.finish()?;
        if (agreement, round) != (expected.agreement, expected.round) {
            return Err(PeerFault::BadField("agreement or round"));
        }
        if (&sender, &recipient) != (expected.sender.as_bytes(), expected.recipient.as_bytes()) {
            return Err(PeerFault::BadField("sender or recipient"));
        }
        if !expected.confirmed.contains(&(run, pseudonym)) {
            return Err(PeerFault::UnknownRound);
        }
        let signed = &bytes[..NOTICE_BYTES - 64];
        expected.sender.verify(&hash(labels::CONFIRM_NOTICE, &[signed]), &signature)?;
        let (sender, recipient) = (expected.sender, expected.recipient);
        Ok(Self { about: About { agreement, round, run, pseudonym, sender, recipient }, time, body })
    }
}

/// Digest of a signed notice, for logs.
#[must_use]
pub fn digest(notice: &[u8]) -> [u8; 32] {
    hash(labels::CONFIRM_NOTICE_DIGEST, &[notice])
}

/// The recipient's answer, once the notice is durable (V-CONFIRM-015).
#[must_use]
pub fn acknowledge(notice: &[u8], time: u64, identity: &IdentityKey) -> Vec<u8> {
    let (digest, time) = (digest(notice), time.to_be_bytes());
    let signature = identity.sign(&hash(labels::CONFIRM_ACKNOWLEDGEMENT, &[&digest, &time]));
    [&digest[..], &time, &signature].concat()
}

/// Checks an acknowledgement of a notice, and gives its time (V-CONFIRM-015).
///
/// # Errors
/// The first [`PeerFault`] in the order of the specification.
pub fn acknowledged(bytes: &[u8], notice: &[u8], recipient: PeerId) -> Result<u64, PeerFault> {
    if bytes.len() != ACKNOWLEDGEMENT_BYTES {
        return Err(PeerFault::Length { expected: ACKNOWLEDGEMENT_BYTES, got: bytes.len() });
    }
    let mut r = Reader::new(bytes);
    let (of, time, signature): ([u8; 32], _, _) = (r.array()?, r.u64()?, r.array()?);
    if of != digest(notice) {
        return Err(PeerFault::BadField("notice"));
    }
    recipient.verify(&hash(labels::CONFIRM_ACKNOWLEDGEMENT, &[&of, &time.to_be_bytes()]), &signature)?;
    Ok(time)
}
