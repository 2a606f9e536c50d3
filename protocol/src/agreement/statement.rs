//! What signers say about an agreement: approvals, suspensions, resumptions (spec 14.5).

use super::CheckedAgreement;
use crate::codec::{DecodeError, Reader, Writer};
use crate::crypto::hash::hash;
use crate::error::Refusal;
use crate::identity::{IdentityKey, PeerId};
use crate::ids::AgreementDigest;
use crate::{labels, limits};
use std::collections::{BTreeMap, BTreeSet};

/// What a signer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatementKind {
    /// It agrees.
    Approve,
    /// It stops every round under the agreement, at once.
    Suspend {
        /// Seconds since 1970, for people.
        time: u64,
        /// Fresh: two suspensions are never the same statement.
        nonce: [u8; 16],
    },
    /// It lifts one suspension, together with the other signer of the side that suspended.
    Resume {
        /// Digest of the suspension.
        suspension: [u8; 32],
    },
}

/// A signed statement on one agreement. Received form: the signature is checked by [`SignedAgreement::new`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignerStatement {
    /// Kind of the statement, with its values.
    pub word: StatementKind,
    /// Digest of the agreement.
    pub agreement: AgreementDigest,
    /// The signer.
    pub signer: PeerId,
    /// Ed25519 over the labelled hash of everything before.
    pub signature: [u8; 64],
}

const APPROVE: u8 = 1;
const SUSPEND: u8 = 2;
const RESUME: u8 = 3;

impl StatementKind {
    /// Code point.
    #[must_use]
    pub const fn code(&self) -> u8 {
        match self {
            Self::Approve => APPROVE,
            Self::Suspend { .. } => SUSPEND,
            Self::Resume { .. } => RESUME,
        }
    }
}

fn unsigned(word: &StatementKind, agreement: &AgreementDigest, signer: &PeerId) -> Vec<u8> {
    let mut w = Writer::default();
    w.u8(word.code()).bytes(agreement.as_bytes()).bytes(signer.as_bytes());
    match word {
        StatementKind::Approve => {}
        StatementKind::Suspend { time, nonce } => {
            w.u64(*time).bytes(nonce);
        }
        StatementKind::Resume { suspension } => {
            w.bytes(suspension);
        }
    }
    w.finish()
}

impl SignerStatement {
    /// Length of the longest: one that lifts a suspension.
    pub(crate) const MAX_BYTES: usize = 1 + 32 + 32 + 32 + 64;

    /// Signs a statement.
    #[must_use]
    pub fn sign(word: StatementKind, agreement: &CheckedAgreement, signer: &IdentityKey) -> Self {
        let (digest, id) = (*agreement.digest(), signer.id());
        let message = hash(labels::AGREEMENT_STATEMENT, &[&unsigned(&word, &digest, &id)]);
        Self { word, agreement: digest, signer: id, signature: signer.sign(&message) }
    }

    /// Code point of the kind.
    #[must_use]
    pub const fn kind(&self) -> u8 {
        self.word.code()
    }

    /// Canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        [&unsigned(&self.word, &self.agreement, &self.signer)[..], &self.signature].concat()
    }

    /// Reads canonical bytes (V-AGREE-012).
    ///
    /// # Errors
    /// [`DecodeError::Truncated`], [`DecodeError::TrailingBytes`], [`DecodeError::BadField`].
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::new(bytes);
        let code = r.u8()?;
        let (agreement, signer) = (AgreementDigest::from_bytes(r.array()?), PeerId::from_bytes(r.array()?)?);
        let word = match code {
            APPROVE => StatementKind::Approve,
            SUSPEND => StatementKind::Suspend { time: r.u64()?, nonce: r.array()? },
            RESUME => StatementKind::Resume { suspension: r.array()? },
            _ => return Err(DecodeError::BadField("statement kind")),
        };
        let signature = r.array()?;
        r.finish()?;
        Ok(Self { word, agreement, signer, signature })
    }

    /// Names this statement: what a resumption refers to. The signature does not enter, so that a second signature of
    /// the same words is the same statement.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        hash(labels::STATEMENT_DIGEST, &[&unsigned(&self.word, &self.agreement, &self.signer)])
    }

    /// Checks that it is about `agreement` and signed by one of its signers; returns the side.
    ///
    /// # Errors
    /// [`Refusal::BadStatement`].
    pub fn check(&self, agreement: &CheckedAgreement) -> Result<usize, Refusal> {
        // V-AGREE-012
        if self.agreement != *agreement.digest() {
            return Err(Refusal::BadStatement);
        }
        let side = agreement.agreement().side_of(&self.signer).ok_or(Refusal::BadStatement)?;
        let message = hash(labels::AGREEMENT_STATEMENT, &[&unsigned(&self.word, &self.agreement, &self.signer)]);
        self.signer.verify(&message, &self.signature).map_err(|_| Refusal::BadStatement)?;
        Ok(side)
    }
}

/// State of an agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nobody has approved it.
    Draft,
    /// Some have.
    PartlySigned,
    /// All have; it begins later.
    NotYetValid,
    /// Rounds may run.
    InForce,
    /// A suspension holds.
    Suspended,
    /// It has ended.
    Expired,
}

impl State {
    /// Name for people and machines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::PartlySigned => "partly_signed",
            Self::NotYetValid => "not_yet_valid",
            Self::InForce => "in_force",
            Self::Suspended => "suspended",
            Self::Expired => "expired",
        }
    }
}

/// An agreement with all statements of its signers, each of them verified.
#[derive(Clone, Debug)]
pub struct SignedAgreement {
    agreement: CheckedAgreement,
    approved: BTreeSet<PeerId>,
    /// Open suspensions: their digests, and the side that suspended.
    suspended: BTreeMap<[u8; 32], usize>,
}

impl SignedAgreement {
    /// Checks all statements; their order does not matter.
    ///
    /// # Errors
    /// [`Refusal::BadStatement`] if one of them is about another agreement, by somebody else, not signed as it says, or
    /// if there are more than [`limits::MAX_STATEMENTS`].
    pub fn new(agreement: CheckedAgreement, statements: &[SignerStatement]) -> Result<Self, Refusal> {
        if statements.len() > limits::MAX_STATEMENTS {
            return Err(Refusal::BadStatement);
        }
        let mut approved = BTreeSet::new();
        let mut suspended = BTreeMap::new();
        let mut lifted: BTreeMap<[u8; 32], BTreeSet<PeerId>> = BTreeMap::new();
        for statement in statements {
            let side = statement.check(&agreement)?;
            match statement.word {
                StatementKind::Approve => drop(approved.insert(statement.signer)),
                // V-AGREE-013
                StatementKind::Suspend { .. } => drop(suspended.insert(statement.digest(), side)),
                StatementKind::Resume { suspension } => {
                    lifted.entry(suspension).or_default().insert(statement.signer);
                }
            }
        }
        // V-AGREE-014: both signers of the side that suspended, and of no other.
        let parties = &agreement.agreement().parties;
        suspended.retain(|digest, side| {
            let of_side = parties.get(*side).map(|party| &party.signers);
            !lifted.get(digest).is_some_and(|by| of_side.is_some_and(|both| both.iter().all(|s| by.contains(&s.key))))
        });
        Ok(Self { agreement, approved, suspended })
    }

    /// The agreement.
    #[must_use]
    pub const fn agreement(&self) -> &CheckedAgreement {
        &self.agreement
    }

    /// Signers whose approval is missing.
    #[must_use]
    pub fn missing(&self) -> Vec<PeerId> {
        let signers = self.agreement.agreement().signers();
        signers.map(|signer| signer.key).filter(|key| !self.approved.contains(key)).collect()
    }

    /// Digests of the suspensions that hold.
    pub fn suspensions(&self) -> impl Iterator<Item = &[u8; 32]> {
        self.suspended.keys()
    }

    /// Digests of the suspensions by one side that hold.
    pub fn suspensions_of(&self, side: usize) -> impl Iterator<Item = &[u8; 32]> {
        self.suspended.iter().filter(move |(_, by)| **by == side).map(|(digest, _)| digest)
    }

    /// State of the agreement at `now` (seconds since 1970; V-AGREE-015).
    #[must_use]
    pub fn state(&self, now: u64) -> State {
        let valid = &self.agreement.agreement().valid;
        match self.missing().len() {
            4 => State::Draft,
            1.. => State::PartlySigned,
            0 if now >= valid.until => State::Expired,
            0 if !self.suspended.is_empty() => State::Suspended,
            0 if now < valid.from => State::NotYetValid,
            0 => State::InForce,
        }
    }

    /// Whether all four have approved and it has begun: an earlier version then has no force, whatever came of this
    /// one since (V-AGREE-016).
    #[must_use]
    pub fn supersedes(&self, now: u64) -> bool {
        self.missing().is_empty() && now >= self.agreement.agreement().valid.from
    }
}
