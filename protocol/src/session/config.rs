//! What a session is made from.

use crate::agreement::{Basis, CheckedAgreement};
use crate::audit::{AuditEntry, Fact, LogHead, TreeHead, merkle};
use crate::encode::{EncodedRecord, Filter};
use crate::error::Misuse;
use crate::identity::{IdentityKey, PeerId};
use crate::ids::AgreementDigest;
use crate::limits;
use crate::policy::EncodedList;
use crate::policy::shape::{Role, Shape};
use crate::round::commitment::Commitment;
use crate::secret::Seed;
use crate::suite::Suite;
use crate::wire::hello::HEAD_BYTES;
use std::sync::Arc;

/// What a side of a round is computed from: its role, its records and its seed, with the commitment to them. The
/// commitment is computed once, here.
#[derive(Clone, Debug)]
pub struct SessionInputs {
    role: Role,
    list: Arc<EncodedList>,
    seed: Seed,
    commitment: Commitment,
}

impl SessionInputs {
    /// Commits to a list. The seed must be fresh, and is never used again with other inputs.
    ///
    /// # Errors
    /// [`Misuse::TooManyRecords`], [`Misuse::WrongEncoding`] if the records do not have the shape of the list's policy.
    pub fn new(role: Role, list: Arc<EncodedList>, seed: Seed) -> Result<Self, Misuse> {
        let padded = list.shape.records(role);
        check_records(&list.shape, &list.records, padded)?;
        let commitment = Commitment::new(&seed, &list.shape, &list.records, padded);
        Ok(Self { role, list, seed, commitment })
    }

    /// Role of this side.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// This side's records, and the policy.
    #[must_use]
    pub const fn list(&self) -> &Arc<EncodedList> {
        &self.list
    }

    /// The seed.
    #[must_use]
    pub const fn seed(&self) -> &Seed {
        &self.seed
    }

    /// The commitment to seed and records.
    #[must_use]
    pub const fn commitment(&self) -> &Commitment {
        &self.commitment
    }
}

/// What a side shows of its audit log in a round, and what it remembers of the peer's (spec section 7.5). It is fixed
/// when the round begins, so that a side that goes on sends the same bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogExchange {
    /// Head of the own log, signed: [`LogHead::encode`].
    pub head: Box<[u8; HEAD_BYTES]>,
    /// What this side cosigned last of the peer's log; [`TreeHead::empty`] if nothing.
    pub known: TreeHead,
    /// Time of the own cosignature, in seconds since 1970.
    pub time: u64,
}

impl LogExchange {
    /// For a side that keeps no log: that of one entry which says that it begins, the same in every round. Such a side
    /// cannot show that it was never put back to an earlier state, and does not notice it of its peer.
    #[must_use]
    pub fn without_log(identity: &IdentityKey) -> Self {
        let entry = AuditEntry { salt: [0; 16], time: 0, fact: Fact::Begun { node: identity.id() } };
        let head = LogHead::new(identity, &[merkle::leaf(&entry.encode())], 0);
        Self { head: Box::new(head.encode()), known: TreeHead::empty(), time: 0 }
    }
}

/// Everything a session needs.
#[derive(Debug)]
pub struct Config {
    /// Role, records and seed of this side.
    pub inputs: SessionInputs,
    /// On what the round rests: an agreement, or training.
    pub basis: Basis,
    /// Identity that signs the receipt.
    pub identity: IdentityKey,
    /// The pinned peer.
    pub peer: PeerId,
    /// Exporter of the connection (RFC 5705 / 8446 section 7.5), equal on both ends; for a round by files the value of
    /// [`crate::wire::turn::binding`].
    pub binding: [u8; 32],
    /// The two audit logs.
    pub log: LogExchange,
}

/// Everything that a re-execution needs: as [`Config`], without the identity key.
#[derive(Debug)]
pub struct Replay {
    /// Role of the side that is made again, the records that it says it had, its seed.
    pub inputs: SessionInputs,
    /// The agreement; none in training.
    pub agreement: Option<CheckedAgreement>,
    /// The suite of a round in training.
    pub suite: &'static Suite,
    /// Its public key.
    pub own: PeerId,
    /// Its peer's.
    pub peer: PeerId,
    /// Exporter that its hello names.
    pub binding: [u8; 32],
    /// Head of its audit log that its hello shows.
    pub log_head: Box<[u8; HEAD_BYTES]>,
}

/// What a side needs of the two audit logs: all of it, or only the own head if it is made again.
pub(super) struct LogTerms {
    pub(super) head: Box<[u8; HEAD_BYTES]>,
    /// What this side cosigned last of the peer's log. A re-execution does not know it.
    pub(super) known: Option<TreeHead>,
    /// Time of the own cosignature.
    pub(super) time: u64,
}

impl LogTerms {
    pub(super) fn of(log: LogExchange) -> Self {
        Self { head: log.head, known: Some(log.known), time: log.time }
    }

    pub(super) const fn replayed(head: Box<[u8; HEAD_BYTES]>) -> Self {
        Self { head, known: None, time: 0 }
    }
}

/// What the agreement says that matters in a round.
#[derive(Clone, Debug)]
pub(super) struct AgreementTerms {
    /// Canonical bytes; none in training.
    pub(super) agreement: Vec<u8>,
    /// Digest; none in training.
    pub(super) digest: Option<AgreementDigest>,
    /// Matches that the requester may return; in training as many as it has records.
    pub(super) claims: Option<u32>,
    /// Different matches in mutual mode above which the round ends without claims; in training any number.
    pub(super) matches: Option<u32>,
    /// The suite.
    pub(super) suite: &'static Suite,
}

impl AgreementTerms {
    pub(super) fn of_basis(basis: &Basis) -> Self {
        let (claims, matches, suite) = match basis {
            Basis::Training(suite) => (None, None, *suite),
            Basis::Agreement(admitted) => (Some(admitted.claims()), Some(admitted.matches()), admitted.suite()),
        };
        Self { agreement: basis.canonical_bytes().to_vec(), digest: basis.digest(), claims, matches, suite }
    }

    /// `suite` is that of a round in training; an agreement names its own.
    pub(super) fn of_agreement(agreement: Option<&CheckedAgreement>, suite: &'static Suite) -> Self {
        match agreement {
            None => Self { agreement: Vec::new(), digest: None, claims: None, matches: None, suite },
            Some(agreement) => Self {
                agreement: agreement.canonical_bytes().to_vec(),
                digest: Some(*agreement.digest()),
                claims: Some(agreement.agreement().caps.claims),
                matches: Some(agreement.agreement().caps.matches),
                suite: agreement.suite(),
            },
        }
    }
}

/// Who signs the receipt.
pub(super) enum ReceiptSigner {
    Key(IdentityKey),
    /// A re-execution has no key, and ends before the receipt.
    Nobody(PeerId),
}

impl ReceiptSigner {
    pub(super) fn id(&self) -> PeerId {
        match self {
            Self::Key(key) => key.id(),
            Self::Nobody(id) => *id,
        }
    }
}

/// Records must have the shape that every size on the wire is computed from.
fn check_records(shape: &Shape, records: &[EncodedRecord], padded: u32) -> Result<(), Misuse> {
    if records.len() > padded as usize {
        return Err(Misuse::TooManyRecords { got: records.len(), max: padded as usize });
    }
    let bits = shape.filter_bits() + shape.segments.len();
    let filter_fits = |filter: &Filter| {
        let bytes = filter.as_bytes();
        bytes.len() == bits.div_ceil(8) && (bits..bytes.len() * 8).all(|b| !filter.get(b))
    };
    let fits = |r: &EncodedRecord| {
        filter_fits(&r.filter)
            && r.others.len() <= limits::MAX_OTHER_NAMES
            && r.others.iter().all(|other| filter_fits(&other.filter) && other.tokens.len() == shape.tables.len())
            && r.tokens.len() == shape.tables.len()
            && r.tokens.iter().zip(&shape.tables).all(|(tokens, t)| tokens.len() <= usize::from(t.slots.most()))
    };
    if records.iter().all(fits) { Ok(()) } else { Err(Misuse::WrongEncoding) }
}
