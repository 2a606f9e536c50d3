//! Entries of the log (spec 15.2): decisions and digests, nothing of a record.

use crate::agreement::budget::Debit;
use crate::codec::{DecodeError, Reader, Writer};
use crate::identity::PeerId;
use crate::ids::{AgreementDigest, PolicyDigest, RoundId};
use crate::policy::shape::Role;
use crate::schema::kinds::LanePair;

/// Version of the layout.
const FORMAT: u16 = 2;
/// Code point of the debit of an urgent round.
const URGENT: u8 = 16;
/// Bytes of an entry's salt.
pub const SALT_BYTES: usize = 16;

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// The log begins; the node's key.
    Begun {
        /// Identity of the node.
        node: PeerId,
    },
    /// An agreement was stored.
    AgreementAdded {
        /// Its digest.
        agreement: AgreementDigest,
    },
    /// A signer's statement was stored.
    StatementAdded {
        /// Digest of the agreement.
        agreement: AgreementDigest,
        /// Digest of the statement.
        statement: [u8; 32],
        /// 1 approval, 2 suspension, 3 resumption.
        kind: u8,
    },
    /// A round was admitted and is about to begin.
    RoundBegun {
        /// Role of this side.
        role: Role,
        /// The peer.
        peer: PeerId,
        /// Digest of the agreement; none in training.
        agreement: Option<AgreementDigest>,
        /// Digest of the policy.
        policy: PolicyDigest,
    },
    /// A round was refused before anything was evaluated.
    Refused {
        /// Role of this side.
        role: Role,
        /// The peer.
        peer: PeerId,
        /// Digest of the policy.
        policy: PolicyDigest,
        /// Code of the refusal.
        code: u16,
    },
    /// A budget was debited.
    Debited(Debit),
    /// A round ended with a receipt.
    RoundEnded {
        /// Round id.
        round: RoundId,
        /// Digest of the receipt.
        receipt: [u8; 32],
    },
    /// A round stopped; what was debited stays.
    RoundFailed {
        /// The peer.
        peer: PeerId,
        /// Exit code of this side (`docs/exit-codes.md`).
        exit: u8,
    },
    /// A round goes on: over a new connection, or after this node was stopped.
    RoundResumed {
        /// The peer.
        peer: PeerId,
        /// Round id, if it had one already.
        round: Option<RoundId>,
    },
    /// A peer's checkpoint was found consistent and cosigned; of size 0: the operator let the node forget it.
    Cosigned {
        /// The peer.
        peer: PeerId,
        /// Entries of its log.
        size: u64,
        /// Root of its log.
        root: [u8; 32],
    },
    /// A round's journal is deleted: its agreement no longer keeps it.
    JournalDeleted {
        /// Round id, if it had one.
        round: Option<RoundId>,
    },
    /// A debit is given back: its round stopped before anything that rests on the own list had left (V-BUDGET-007).
    DebitReturned {
        /// Role of this side.
        role: Role,
        /// The peer.
        peer: PeerId,
        /// Lanes of the policy.
        lanes: LanePair,
        /// Number of the debit's entry.
        entry: u64,
    },
    /// A run of mutual confirmation ended here. The same whatever was confirmed.
    RunEnded {
        /// The peer.
        peer: PeerId,
        /// Id of the round.
        round: RoundId,
        /// Id of the run.
        run: [u8; 32],
    },
    /// A notice about a confirmed pair was signed here, or came and is durable.
    Noticed {
        /// The other side.
        peer: PeerId,
        /// 1 signed here, 2 received.
        way: u8,
        /// Digest of the notice.
        notice: [u8; 32],
    },
    /// An operator had what is kept of one record deleted (V-ERASE-001).
    RecordErased,
    /// The operator was warned.
    Warned {
        /// The peer. What it was about stands in no file that others see.
        peer: PeerId,
    },
}

/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Random: a proof shows hashes of neighbouring entries, and without a salt a peer could test guesses at them
    /// (V-AUDIT-018).
    pub salt: [u8; SALT_BYTES],
    /// Seconds since 1970.
    pub time: u64,
    /// What happened.
    pub fact: Fact,
}

impl Fact {
    /// Code point.
    #[must_use]
    pub const fn code(&self) -> u8 {
        match self {
            Self::Begun { .. } => 1,
            Self::AgreementAdded { .. } => 2,
            Self::StatementAdded { .. } => 3,
            Self::RoundBegun { .. } => 4,
            Self::Refused { .. } => 5,
            Self::Debited(debit) => {
                if debit.urgent.is_some() {
                    URGENT
                } else {
                    6
                }
            }
            Self::RoundEnded { .. } => 7,
            Self::RoundFailed { .. } => 8,
            Self::Cosigned { .. } => 9,
            Self::Warned { .. } => 10,
            Self::RoundResumed { .. } => 11,
            Self::JournalDeleted { .. } => 12,
            Self::DebitReturned { .. } => 13,
            Self::RunEnded { .. } => 14,
            Self::Noticed { .. } => 15,
            Self::RecordErased => 17,
        }
    }

    /// Name for people and machines.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Begun { .. } => "begun",
            Self::AgreementAdded { .. } => "agreement_added",
            Self::StatementAdded { .. } => "statement_added",
            Self::RoundBegun { .. } => "round_begun",
            Self::Refused { .. } => "refused",
            Self::Debited(debit) if debit.urgent.is_some() => "urgent_debited",
            Self::Debited(_) => "debited",
            Self::RoundEnded { .. } => "round_ended",
            Self::RoundFailed { .. } => "round_failed",
            Self::Cosigned { .. } => "cosigned",
            Self::Warned { .. } => "warned",
            Self::RoundResumed { .. } => "round_resumed",
            Self::JournalDeleted { .. } => "journal_deleted",
            Self::DebitReturned { .. } => "debit_returned",
            Self::RunEnded { .. } => "run_ended",
            Self::Noticed { .. } => "noticed",
            Self::RecordErased => "record_erased",
        }
    }
}

impl AuditEntry {
    /// Canonical bytes: what the tree is over.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut w = Writer::default();
        w.u16(FORMAT).bytes(&self.salt).u64(self.time).u8(self.fact.code());
        match &self.fact {
            Fact::Begun { node } => {
                w.bytes(node.as_bytes());
            }
            Fact::AgreementAdded { agreement } => {
                w.bytes(agreement.as_bytes());
            }
            Fact::StatementAdded { agreement, statement, kind } => {
                w.bytes(agreement.as_bytes()).bytes(statement).u8(*kind);
            }
            Fact::RoundBegun { role, peer, agreement, policy } => {
                w.u8(role.code()).bytes(peer.as_bytes()).bytes(&AgreementDigest::or_zeros(*agreement));
                w.bytes(policy.as_bytes());
            }
            Fact::Refused { role, peer, policy, code } => {
                w.u8(role.code()).bytes(peer.as_bytes()).bytes(policy.as_bytes()).u16(*code);
            }
            Fact::Debited(debit) => {
                debit.write(&mut w);
                w.bytes(debit.urgent.as_ref().map_or(&[][..], |approved| &approved[..]));
            }
            Fact::RoundEnded { round, receipt } => {
                w.bytes(round.as_bytes()).bytes(receipt);
            }
            Fact::RoundFailed { peer, exit } => {
                w.bytes(peer.as_bytes()).u8(*exit);
            }
            Fact::Cosigned { peer, size, root } => {
                w.bytes(peer.as_bytes()).u64(*size).bytes(root);
            }
            Fact::RoundResumed { peer, round } => {
                w.bytes(peer.as_bytes()).bytes(&RoundId::or_zeros(*round));
            }
            Fact::JournalDeleted { round } => {
                w.bytes(&RoundId::or_zeros(*round));
            }
            Fact::DebitReturned { role, peer, lanes, entry } => {
                w.u8(role.code()).bytes(peer.as_bytes()).u8(lanes.code()).u64(*entry);
            }
            Fact::RunEnded { peer, round, run } => {
                w.bytes(peer.as_bytes()).bytes(round.as_bytes()).bytes(run);
            }
            Fact::Noticed { peer, way, notice } => {
                w.bytes(peer.as_bytes()).u8(*way).bytes(notice);
            }
            Fact::Warned { peer } => {
                w.bytes(peer.as_bytes());
            }
            // Whom, nobody is told (V-ERASE-001).
            Fact::RecordErased => {}
        }
        w.finish()
    }

    /// Reads canonical bytes (V-AUDIT-007).
    ///
    /// # Errors
    /// [`DecodeError::Truncated`], [`DecodeError::TrailingBytes`], [`DecodeError::BadField`].
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::new(bytes);
        if r.u16()? != FORMAT {
            return Err(DecodeError::BadField("entry format"));
        }
        let salt = r.array()?;
        let time = r.u64()?;
        let peer = |r: &mut Reader<'_>| PeerId::from_bytes(r.array()?);
        let agreement = |r: &mut Reader<'_>| r.array().map(AgreementDigest::from_bytes);
        let policy = |r: &mut Reader<'_>| r.array().map(PolicyDigest::from_bytes);
        let role = |r: &mut Reader<'_>| Role::from_code(r.u8()?).ok_or(DecodeError::BadField("role"));
        let fact = match r.u8()? {
            1 => Fact::Begun { node: peer(&mut r)? },
            2 => Fact::AgreementAdded { agreement: agreement(&mut r)? },
            3 => Fact::StatementAdded {
                agreement: agreement(&mut r)?,
                statement: r.array()?,
                kind: one_of(r.u8()?, &[1, 2, 3])?,
            },
            4 => Fact::RoundBegun {
                role: role(&mut r)?,
                peer: peer(&mut r)?,
                agreement: AgreementDigest::unless_zeros(r.array()?),
                policy: policy(&mut r)?,
            },
            5 => Fact::Refused { role: role(&mut r)?, peer: peer(&mut r)?, policy: policy(&mut r)?, code: r.u16()? },
            6 => Fact::Debited(Debit::read(&mut r, time)?),
            URGENT => {
                let debit = Debit::read(&mut r, time)?;
                Fact::Debited(debit.urgent(r.array()?))
            }
            7 => Fact::RoundEnded { round: RoundId::from_bytes(r.array()?), receipt: r.array()? },
            8 => Fact::RoundFailed { peer: peer(&mut r)?, exit: r.u8()? },
            9 => Fact::Cosigned { peer: peer(&mut r)?, size: r.u64()?, root: r.array()? },
            10 => Fact::Warned { peer: peer(&mut r)? },
            11 => Fact::RoundResumed { peer: peer(&mut r)?, round: RoundId::unless_zeros(r.array()?) },
            12 => Fact::JournalDeleted { round: RoundId::unless_zeros(r.array()?) },
            13 => {
                let (role, peer) = (role(&mut r)?, peer(&mut r)?);
                let lanes = LanePair::from_code(r.u8()?).ok_or(DecodeError::BadField("returned lanes"))?;
                Fact::DebitReturned { role, peer, lanes, entry: r.u64()? }
            }
            14 => Fact::RunEnded { peer: peer(&mut r)?, round: RoundId::from_bytes(r.array()?), run: r.array()? },
            15 => Fact::Noticed { peer: peer(&mut r)?, way: one_of(r.u8()?, &[1, 2])?, notice: r.array()? },
            17 => Fact::RecordErased,
            _ => return Err(DecodeError::BadField("entry kind")),
        };
        r.finish()?;
        Ok(Self { salt, time, fact })
    }
}

fn one_of(code: u8, allowed: &[u8]) -> Result<u8, DecodeError> {
    if allowed.contains(&code) { Ok(code) } else { Err(DecodeError::BadField("entry code")) }
}
