//! The receipt of a round: public sizes and the transcript hash, signed by both sides (spec section 12).

use crate::codec::Reader;
use crate::crypto::hash::hash;
use crate::error::{Error, PeerFault};
use crate::identity::{IdentityKey, PeerId};
use crate::ids::{AgreementDigest, PolicyDigest, RoundId};
use crate::labels;
use crate::wire::body::ReceiptBody;
use subtle::ConstantTimeEq;

#[cfg(test)]
mod tests;

/// What both sides sign: nothing in it depends on what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptStatement {
    /// Round id.
    pub round: RoundId,
    /// Transcript hash.
    pub transcript: [u8; 32],
    /// Digest of the canonical policy bytes.
    pub policy: PolicyDigest,
    /// Digest of the agreement; none in training.
    pub agreement: Option<AgreementDigest>,
    /// The requester.
    pub requester: [u8; 32],
    /// The responder.
    pub responder: [u8; 32],
    /// Padded number of the requester's records.
    pub records_requester: u32,
    /// Padded number of the responder's records.
    pub records_responder: u32,
    /// Bins in all.
    pub bins: u32,
}

/// Bytes of a statement.
pub const STATEMENT_BYTES: usize = 6 * 32 + 12;
/// Bytes of a receipt: statement, the requester's signature, the responder's signature.
pub const RECEIPT_BYTES: usize = STATEMENT_BYTES + 128;

impl ReceiptStatement {
    /// Canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut w = crate::codec::Writer::with_capacity(STATEMENT_BYTES);
        w.bytes(self.round.as_bytes()).bytes(&self.transcript).bytes(self.policy.as_bytes());
        w.bytes(&AgreementDigest::or_zeros(self.agreement));
        w.bytes(&self.requester).bytes(&self.responder);
        w.u32(self.records_requester).u32(self.records_responder).u32(self.bins);
        w.finish()
    }

    fn signed(&self) -> [u8; 32] {
        hash(labels::RECEIPT, &[&self.encode()])
    }

    /// Checks a signature over the statement.
    ///
    /// # Errors
    /// [`PeerFault::BadSignature`].
    pub fn verify(&self, by: PeerId, signature: &[u8; 64]) -> Result<(), PeerFault> {
        by.verify(&self.signed(), signature)
    }

    /// Name of the first field in which another statement differs.
    #[must_use]
    pub fn first_difference(&self, other: &Self) -> Option<&'static str> {
        let fields = [
            (self.round == other.round, "round"),
            (self.transcript == other.transcript, "transcript"),
            (self.policy == other.policy, "policy"),
            (self.agreement == other.agreement, "agreement"),
            (self.requester == other.requester, "requester"),
            (self.responder == other.responder, "responder"),
            (self.records_requester == other.records_requester, "records_requester"),
            (self.records_responder == other.records_responder, "records_responder"),
            (self.bins == other.bins, "bins"),
        ];
        fields.into_iter().find(|(same, _)| !same).map(|(_, field)| field)
    }

    /// This side's receipt message: transcript hash and own signature.
    #[must_use]
    pub fn message(&self, identity: &IdentityKey) -> ReceiptBody {
        ReceiptBody { transcript: self.transcript, signature: identity.sign(&self.signed()) }
    }

    /// Checks the peer's receipt message and returns its signature.
    ///
    /// # Errors
    /// [`PeerFault::TranscriptMismatch`] or [`PeerFault::BadSignature`].
    pub fn check(&self, peer: PeerId, body: &ReceiptBody) -> Result<[u8; 64], Error> {
        let ReceiptBody { transcript, signature } = body;
        // V-RECEIPT-001.
        if !bool::from(transcript.ct_eq(&self.transcript)) {
            return Err(PeerFault::TranscriptMismatch.into());
        }
        // V-RECEIPT-002.
        peer.verify(&self.signed(), signature)?;
        Ok(*signature)
    }
}

/// A receipt with both signatures, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// What both sides signed.
    pub statement: ReceiptStatement,
    /// Signature of the requester.
    pub by_requester: [u8; 64],
    /// Signature of the responder.
    pub by_responder: [u8; 64],
}

impl Receipt {
    /// Canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        [&self.statement.encode()[..], &self.by_requester, &self.by_responder].concat()
    }

    /// Reads and checks a receipt: both signatures must verify under the keys that the statement names.
    ///
    /// # Errors
    /// A [`PeerFault`] for anything else than a valid receipt.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let receipt = Self::read(bytes)?;
        let statement = &receipt.statement;
        let signer = |key| PeerId::from_bytes(key).map_err(PeerFault::from);
        statement.verify(signer(statement.requester)?, &receipt.by_requester)?;
        statement.verify(signer(statement.responder)?, &receipt.by_responder)?;
        Ok(receipt)
    }

    /// Reads a receipt whose signatures are still to be checked.
    ///
    /// # Errors
    /// [`PeerFault::Truncated`] or [`PeerFault::TrailingBytes`].
    pub fn read(bytes: &[u8]) -> Result<Self, PeerFault> {
        let mut r = Reader::new(bytes);
        let statement = ReceiptStatement {
            round: RoundId::from_bytes(r.array()?),
            transcript: r.array()?,
            policy: PolicyDigest::from_bytes(r.array()?),
            agreement: AgreementDigest::unless_zeros(r.array()?),
            requester: r.array()?,
            responder: r.array()?,
            records_requester: r.u32()?,
            records_responder: r.u32()?,
            bins: r.u32()?,
        };
        let (by_requester, by_responder) = (r.array()?, r.array()?);
        r.finish()?;
        Ok(Self { statement, by_requester, by_responder })
    }
}
