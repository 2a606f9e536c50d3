//! Kinds of failure with a stable number: what the audit log says of a round that failed (spec chapter 15).

use crate::driver::DriveError;
use crate::store::StoreError;
use crate::store::journal::JournalError;
use crate::transport::turn_file::TurnError;
use crate::transport::{TransportError, close};
use blindlink::Error;
use blindlink::error::{Incompatible, Misuse, PeerFault, Refusal};

/// A kind of failure. A number never gets a second meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum FailureCode {
    /// Nothing below fits.
    Unexpected = 1,
    /// The peer closed before its first frame.
    Admission = 10,
    /// Whoever answers has another key than the pinned one.
    WrongPin = 11,
    /// No ALPN protocol in common.
    Alpn = 12,
    /// Another protocol version.
    Version = 13,
    /// Another suite.
    Suite = 14,
    /// Another policy.
    PolicyDiffers = 15,
    /// Both sides took the same role.
    Role = 16,
    /// The hello is bound to another connection.
    Binding = 17,
    /// Another agreement.
    AgreementDiffers = 18,
    /// The peer's name has no address.
    Address = 19,
    /// Packets stopped.
    Vanished = 20,
    /// The peer lives but says nothing.
    Stalled = 21,
    /// The peer does not know the round any more.
    Forgotten = 23,
    /// The peer's audit log is not the one that was cosigned, or went on from something else.
    PeerLog = 25,
    /// The journal of an open round is an older copy.
    JournalRestored = 26,
    /// By files: nothing more can be done before the peer's file comes.
    Waiting = 24,
    /// The peer stopped the round.
    PeerAborted = 22,
    /// A frame of a length that may not be.
    FrameLength = 30,
    /// A frame with contents that may not be.
    FrameMalformed = 31,
    /// A zero-knowledge proof does not verify.
    BadProof = 32,
    /// The OT extension's check failed.
    BadOt = 33,
    /// A chunk sent twice, out of order, or not as committed to.
    Violation = 34,
    /// The receipt is signed wrongly or names another transcript.
    Receipt = 35,
    /// The audit log is damaged.
    AuditDamaged = 36,
    /// What crossed before is not what the peer says.
    OtherPast = 37,
    /// By files: a file is altered, truncated or not signed by the peer.
    FileAltered = 38,
    /// By files: a file of another round, or not the next one.
    FileOrder = 39,
    /// A round's evidence does not hold.
    Evidence = 27,
    /// Re-execution, or an opened record, does not fit what was committed to or sent.
    EvidenceDiffers = 28,
    /// More records than the policy allows.
    TooManyRecords = 40,
    /// The policy file is not acceptable.
    BadPolicy = 41,
    /// There is no agreement for the round, and this is no training.
    NoAgreement = 42,
    /// Approvals are missing.
    AgreementUnsigned = 43,
    /// A statement is not signed by the signer that it names.
    AgreementStatement = 44,
    /// The agreement begins later.
    AgreementNotYet = 45,
    /// The agreement has ended.
    AgreementExpired = 46,
    /// A signer has suspended the agreement.
    AgreementSuspended = 47,
    /// A later version is in force.
    AgreementSuperseded = 48,
    /// The agreement is between other parties.
    AgreementParty = 49,
    /// The agreement gives this side another role.
    AgreementRole = 51,
    /// The policy is for other lanes.
    AgreementLanes = 52,
    /// The policy is for another purpose.
    AgreementPurpose = 53,
    /// The policy is for another epoch.
    AgreementEpoch = 54,
    /// The policy names another agreement.
    AgreementName = 55,
    /// The policy is not the one that was agreed.
    AgreementPolicy = 56,
    /// The policy's padded sizes exceed the agreement.
    AgreementSize = 57,
    /// The policy tells the result to others than the agreement.
    AgreementOutput = 58,
    /// The agreement file is not acceptable.
    BadAgreement = 59,
    /// The budget of bins is used up.
    BudgetBins = 60,
    /// The rounds of a day are used up.
    BudgetRounds = 61,
    /// The policy was changed too often.
    BudgetChanges = 62,
    /// The own list changed by too few records.
    BudgetBatch = 63,
    /// More matches than the agreement expects.
    BudgetMatches = 64,
    /// Nothing of a list can be used.
    NoUsableRecord = 71,
    /// Too much of a list was left out.
    LeftOut = 77,
    /// The records file is not acceptable.
    BadInput = 65,
    /// A file is not there.
    NoInput = 66,
    /// The records are not those with which the open round began.
    InputChanged = 67,
    /// The journal of an open round is damaged.
    JournalDamaged = 68,
    /// Nobody answers.
    Unreachable = 69,
    /// A bug.
    Internal = 70,
    /// The open round rests on another agreement than the one in force.
    RoundAgreement = 72,
    /// The result cannot be written.
    CannotCreate = 73,
    /// Reading or writing failed.
    Io = 74,
    /// The peer is in another round.
    Busy = 75,
    /// Another process of this node is at the round.
    RoundInUse = 76,
    /// The data folder, an identity or a peer entry is wrong or not there.
    Config = 78,
    /// The database is damaged, or not one of this node and release.
    DatabaseDamaged = 79,
    /// The operator stopped it.
    Interrupted = 130,
}

impl FailureCode {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::Unexpected,
        Self::Admission,
        Self::WrongPin,
        Self::Alpn,
        Self::Version,
        Self::Suite,
        Self::PolicyDiffers,
        Self::Role,
        Self::Binding,
        Self::AgreementDiffers,
        Self::Address,
        Self::Vanished,
        Self::Stalled,
        Self::Forgotten,
        Self::Waiting,
        Self::PeerLog,
        Self::JournalRestored,
        Self::PeerAborted,
        Self::FrameLength,
        Self::FrameMalformed,
        Self::BadProof,
        Self::BadOt,
        Self::Violation,
        Self::Receipt,
        Self::AuditDamaged,
        Self::OtherPast,
        Self::FileAltered,
        Self::FileOrder,
        Self::Evidence,
        Self::EvidenceDiffers,
        Self::TooManyRecords,
        Self::BadPolicy,
        Self::NoAgreement,
        Self::AgreementUnsigned,
        Self::AgreementStatement,
        Self::AgreementNotYet,
        Self::AgreementExpired,
        Self::AgreementSuspended,
        Self::AgreementSuperseded,
        Self::AgreementParty,
        Self::AgreementRole,
        Self::AgreementLanes,
        Self::AgreementPurpose,
        Self::AgreementEpoch,
        Self::AgreementName,
        Self::AgreementPolicy,
        Self::AgreementSize,
        Self::AgreementOutput,
        Self::BadAgreement,
        Self::BudgetBins,
        Self::BudgetRounds,
        Self::BudgetChanges,
        Self::BudgetBatch,
        Self::BudgetMatches,
        Self::NoUsableRecord,
        Self::LeftOut,
        Self::BadInput,
        Self::NoInput,
        Self::InputChanged,
        Self::JournalDamaged,
        Self::Unreachable,
        Self::Internal,
        Self::RoundAgreement,
        Self::CannotCreate,
        Self::Io,
        Self::Busy,
        Self::RoundInUse,
        Self::Config,
        Self::DatabaseDamaged,
        Self::Interrupted,
    ];

    /// The number, as the audit log has it.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The code with this number; a number that this release does not know is [`FailureCode::Unexpected`].
    #[must_use]
    pub fn of_number(number: u8) -> Self {
        Self::ALL.iter().find(|code| code.number() == number).copied().unwrap_or(Self::Unexpected)
    }

    /// Whether the same try may go well in a few minutes, without anybody doing anything on this side.
    #[must_use]
    pub const fn is_of_the_moment(self) -> bool {
        matches!(
            self,
            Self::Address
                | Self::Vanished
                | Self::Stalled
                | Self::Unreachable
                | Self::Busy
                | Self::PeerAborted
                | Self::RoundInUse
                | Self::Interrupted
        )
    }
}

impl From<&Refusal> for FailureCode {
    fn from(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::NoAgreement => Self::NoAgreement,
            Refusal::MissingSignature { .. } => Self::AgreementUnsigned,
            Refusal::BadStatement => Self::AgreementStatement,
            Refusal::NotYetValid => Self::AgreementNotYet,
            Refusal::Expired => Self::AgreementExpired,
            Refusal::Suspended => Self::AgreementSuspended,
            Refusal::Superseded => Self::AgreementSuperseded,
            Refusal::Party => Self::AgreementParty,
            Refusal::Role => Self::AgreementRole,
            Refusal::Lanes => Self::AgreementLanes,
            Refusal::Purpose => Self::AgreementPurpose,
            Refusal::Epoch => Self::AgreementEpoch,
            Refusal::Name => Self::AgreementName,
            Refusal::Policy => Self::AgreementPolicy,
            Refusal::Size => Self::AgreementSize,
            Refusal::Output => Self::AgreementOutput,
            Refusal::Bins { .. } => Self::BudgetBins,
            Refusal::Rounds => Self::BudgetRounds,
            Refusal::Changes => Self::BudgetChanges,
            Refusal::Batch => Self::BudgetBatch,
            Refusal::Matches => Self::BudgetMatches,
            _ => Self::Internal,
        }
    }
}

impl From<&Error> for FailureCode {
    fn from(error: &Error) -> Self {
        match error {
            Error::Peer(fault) => peer_fault(fault),
            Error::Incompatible(reason) => incompatible(reason),
            Error::Misuse(Misuse::TooManyRecords { .. }) => Self::TooManyRecords,
            Error::Misuse(Misuse::Policy { .. }) => Self::BadPolicy,
            Error::Misuse(Misuse::Agreement { .. }) => Self::BadAgreement,
            Error::Misuse(Misuse::Aborted) => Self::Interrupted,
            Error::Refused(refusal) => refusal.into(),
            Error::Audit(_) => Self::AuditDamaged,
            Error::Evidence(fault) if fault.code() < 820 => Self::Evidence,
            Error::Evidence(_) => Self::EvidenceDiffers,
            _ => Self::Internal,
        }
    }
}

fn peer_fault(fault: &PeerFault) -> FailureCode {
    use FailureCode as Code;
    match fault {
        PeerFault::Aborted(code) if *code == PeerFault::UnknownRound.code() => Code::Forgotten,
        PeerFault::Aborted(215..=217) => Code::OtherPast,
        PeerFault::Aborted(_) => Code::PeerAborted,
        PeerFault::Length { .. } => Code::FrameLength,
        PeerFault::BadProof { .. } => Code::BadProof,
        PeerFault::InconsistentOt { .. } | PeerFault::InconsistentTree => Code::BadOt,
        PeerFault::Unexpected { .. } | PeerFault::Replayed { .. } | PeerFault::BrokenCommitment { .. } => {
            Code::Violation
        }
        PeerFault::BadSignature | PeerFault::TranscriptMismatch => Code::Receipt,
        PeerFault::UnknownRound => Code::Forgotten,
        PeerFault::HistoryMismatch | PeerFault::StateLost | PeerFault::OverAcknowledged => Code::OtherPast,
        PeerFault::TurnOutOfOrder { .. } => Code::FileOrder,
        _ => Code::FrameMalformed,
    }
}

const fn incompatible(reason: &Incompatible) -> FailureCode {
    use FailureCode as Code;
    match reason {
        Incompatible::Suite { .. } => Code::Suite,
        Incompatible::Policy { .. } => Code::PolicyDiffers,
        Incompatible::Agreement { .. } => Code::AgreementDiffers,
        Incompatible::Role(_) => Code::Role,
        Incompatible::ChannelBinding => Code::Binding,
        _ => Code::Version,
    }
}

impl From<&TransportError> for FailureCode {
    fn from(error: &TransportError) -> Self {
        match error {
            TransportError::Socket(_) => Self::Io,
            TransportError::Address => Self::Address,
            TransportError::Unreachable => Self::Unreachable,
            TransportError::WrongPin => Self::WrongPin,
            TransportError::Alpn => Self::Alpn,
            TransportError::Admission => Self::Admission,
            TransportError::Busy => Self::Busy,
            // The peer ended without a reason before the round was over.
            TransportError::ClosedByPeer(code) if *code == u64::from(close::DONE) => Self::Vanished,
            TransportError::ClosedByPeer(_) => Self::PeerAborted,
            TransportError::EndOfStream => Self::FrameMalformed,
            TransportError::FrameTooLong { .. } => Self::FrameLength,
            TransportError::Vanished | TransportError::Refused(_) | TransportError::Quic(_) => Self::Vanished,
            TransportError::Setup(_) | TransportError::ClosedHere => Self::Internal,
        }
    }
}

impl From<&DriveError> for FailureCode {
    fn from(error: &DriveError) -> Self {
        match error {
            DriveError::Protocol(error) => error.into(),
            DriveError::Transport(error) => error.into(),
            DriveError::Stalled(_) | DriveError::EmptyAcknowledgements => Self::Stalled,
            DriveError::Journal(_) | DriveError::File(_) | DriveError::Turn(TurnError::Io(_)) => Self::Io,
            DriveError::Turn(TurnError::Refused(_)) => Self::FileAltered,
            DriveError::AuditLog(error) => (&**error).into(),
            DriveError::BadJournal(_) | DriveError::Replay(_) => Self::JournalDamaged,
            DriveError::Burnt(_) => Self::Vanished,
            DriveError::Worker => Self::Internal,
            DriveError::Denied(refusal) => refusal.as_ref().map_or(Self::Io, Self::from),
            DriveError::Interrupted => Self::Interrupted,
        }
    }
}

/// Whether what SQLite says is about the file's contents, not about the disk.
fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    matches!(error.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase))
}

impl From<&StoreError> for FailureCode {
    fn from(error: &StoreError) -> Self {
        match error {
            StoreError::Io { .. }
            | StoreError::JournalNotCreated(_)
            | StoreError::Journal { error: JournalError::Io(_), .. } => Self::Io,
            StoreError::Database { error, .. } if is_damage(error) => Self::DatabaseDamaged,
            StoreError::Database { .. } => Self::Io,
            StoreError::BadDatabase { .. } => Self::DatabaseDamaged,
            StoreError::Missing { .. } | StoreError::NoJournal(_) | StoreError::NoRound(_) => Self::NoInput,
            StoreError::NotText { .. } | StoreError::Bundle(_) => Self::BadInput,
            StoreError::Output { .. } | StoreError::IsFolder(_) | StoreError::Exists(_) => Self::CannotCreate,
            StoreError::Config(_) => Self::Config,
            StoreError::Agreement(_) => Self::BadAgreement,
            StoreError::Statement(_) => Self::AgreementStatement,
            StoreError::NoAgreement(_) => Self::NoAgreement,
            StoreError::Audit { .. } => Self::AuditDamaged,
            StoreError::Journal { error: JournalError::InUse, .. } | StoreError::InUse { .. } | StoreError::Running => {
                Self::RoundInUse
            }
            StoreError::Journal { .. } | StoreError::BadPolicyInJournal(_) => Self::JournalDamaged,
            StoreError::Protocol(error) => error.into(),
            StoreError::Entropy(_) | StoreError::Internal(_) => Self::Internal,
        }
    }
}
