//! Why the node could not do something, as types. The command line makes text, hints and exit codes of them.

use crate::driver::{DriveError, Stopped};
use crate::failure_code::FailureCode;
use crate::store::StoreError;
use crate::store::journal::JournalError;
use crate::transport::TransportError;
use crate::transport::turn_file::TurnError;
use blindlink::Error;
use blindlink::error::{PeerFault, Refusal};
use blindlink_sources::FileError;
use blindlink_sources::mapping::MappingError;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use thiserror::Error as ThisError;

/// What stopped the node's work. Nothing in it is content of a record or a peer's text.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum NodeError {
    /// The protocol says so.
    #[error(transparent)]
    Protocol(#[from] Error),
    /// The way to the peer failed.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// A round that runs was stopped.
    #[error(transparent)]
    Drive(#[from] DriveError),
    /// A round that runs was stopped, and where.
    #[error(transparent)]
    Stopped(Box<Stopped>),
    /// A round did not move for too long.
    #[error("{error}; given up after {} s without progress", .after.as_secs())]
    GivenUp {
        /// How its last connection ended.
        #[source]
        error: Box<Self>,
        /// How long a round that does not move stays open.
        after: Duration,
    },
    /// The data folder, or a file that the operator named.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The agreement or its budget does not allow it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The audit log knows a suspension that the store does not (V-AGREE-019).
    #[error(
        "a suspension that the audit log knows is not here any more: an older folder seems to have been put back; add \
         the statements of this agreement again"
    )]
    SuspensionLost,
    /// The last round with the peer ended in silence; another would show the peer that it did (V-SETTLE-012).
    #[error(
        "the last round with this peer ended since more persons of the list matched than the agreement expects; the peer          has not been told, and must not see when: no round with it begins before {until}"
    )]
    Silent {
        /// When the silence is over.
        until: String,
    },
    /// An urgent round that two persons have not approved (V-URGENT-007).
    #[error("an urgent round takes a question that two persons have approved: `blindlink ask`")]
    NotApproved,
    /// A list cannot be used at all.
    #[error("{name}: {error}")]
    List {
        /// The file.
        name: String,
        /// Why.
        #[source]
        error: FileError,
    },
    /// A mapping cannot be used.
    #[error("{name}: {error}")]
    Mapping {
        /// The file.
        name: String,
        /// Why.
        #[source]
        error: Box<MappingError>,
    },
    /// Nothing of a list can be used: a round would find nobody, and look as if there were nobody.
    #[error("{name}: none of its {rows} rows can be used: {}", if .reasons.is_empty() { "it has none" } else { .reasons })]
    NoUsableRecord {
        /// The file.
        name: String,
        /// Rows in all.
        rows: usize,
        /// How many for which reason.
        reasons: String,
    },
    /// Too much of a list was left out.
    #[error("{name}: {left_out} of {rows} rows left out, more than {most} %: {reasons}")]
    LeftOut {
        /// The file.
        name: String,
        /// Rows left out.
        left_out: usize,
        /// Rows in all.
        rows: usize,
        /// Per cent that may be left out.
        most: f64,
        /// How many for which reason.
        reasons: String,
    },
    /// The open round rests on another agreement than the one in force (V-RESUME-010).
    #[error("the open round of {begun} rests on another agreement than the one that is in force now")]
    OtherAgreement {
        /// When it began.
        begun: String,
    },
    /// The open round began with other records (V-RESUME-011).
    #[error("{list} does not hold the records with which the open round of {begun} began; nothing was sent")]
    OtherRecords {
        /// The file.
        list: String,
        /// When the round began.
        begun: String,
    },
    /// By files: the peer's file must come first.
    #[error("{0}")]
    Waiting(Waiting),
    /// By files: two exchanges begin at once.
    #[error("{} and {} begin two rounds: take one of them away", .0.display(), .1.display())]
    TwoFirstTurns(PathBuf, PathBuf),
    /// By files: a file of the peer cannot be used. Nothing of it was used.
    #[error("{}: {error}", .path.display())]
    TurnFile {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        error: TurnError,
    },
    /// The head of the peer's audit log does not go on from what this node cosigned last (V-HELLO-010).
    #[error(
        "the audit log of {peer} has {shown} entries now and does not go on from the {known} that this node cosigned: one \
         of the two nodes was put back to an earlier state"
    )]
    PeerLog {
        /// Name of the peer.
        peer: String,
        /// Entries of the log that was cosigned.
        known: u64,
        /// Entries of the log that was shown now.
        shown: u64,
    },
    /// No peer is known, so none could be admitted.
    #[error("no peer is known: nobody could be admitted")]
    NoPeer,
    /// A peer that is to be called has no address.
    #[error("the peer has no address, and is to be called")]
    NoAddress,
    /// The peer takes no rounds for now.
    #[error("the peer takes no rounds until {until}")]
    PeerClosed {
        /// Until when.
        until: String,
    },
    /// The operator stopped it.
    #[error("interrupted")]
    Interrupted,
    /// A bug.
    #[error("{0}")]
    Internal(&'static str),
}

/// What a round by files waits for.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// Name of the peer.
    pub peer: String,
    /// Where its file is looked for.
    pub folder: PathBuf,
    /// What may be its file but cannot be read, in words; empty if there is none.
    pub unread: String,
    /// The own file that is to be carried to the peer.
    pub carry: Option<PathBuf>,
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no file of {} in {} that comes next{}", self.peer, self.folder.display(), self.unread)?;
        self.carry.as_ref().map_or(Ok(()), |path| write!(f, "; carry {} to {}", path.display(), self.peer))
    }
}

impl NodeError {
    /// Its kind.
    #[must_use]
    pub fn code(&self) -> FailureCode {
        self.into()
    }

    /// The code of a refusal (spec chapter 10), for this node's own log; 0 for trouble of its own.
    #[must_use]
    pub fn refusal_code(&self) -> u16 {
        self.refusal().map_or(0, |refusal| refusal.code())
    }

    /// Code with which a connection is closed for a decision of this side (V-ERROR-002).
    #[must_use]
    pub fn close_code(&self) -> u32 {
        self.refusal().map_or(crate::transport::close::LOCAL, |refusal| refusal.code_for_peer().into())
    }

    /// The refusal behind it, if it is one.
    #[must_use]
    pub fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal.clone()),
            Self::SuspensionLost => Some(Refusal::Suspended),
            Self::Silent { .. } => Some(Refusal::Matches),
            // A statement in the store can be wrong in the same way as one that comes in.
            Self::Store(error) => match FailureCode::from(error) {
                FailureCode::AgreementStatement => Some(Refusal::BadStatement),
                FailureCode::NoAgreement => Some(Refusal::NoAgreement),
                _ => None,
            },
            _ => None,
        }
    }

    /// Why the round in the journal at `path` cannot be replayed.
    pub(crate) fn replay(path: &Path, error: DriveError) -> Self {
        match error {
            DriveError::BadJournal(error) => StoreError::journal(path, error).into(),
            error => error.into(),
        }
    }
}

impl From<Stopped> for NodeError {
    fn from(stopped: Stopped) -> Self {
        Self::Stopped(Box::new(stopped))
    }
}

impl From<JournalError> for NodeError {
    fn from(error: JournalError) -> Self {
        StoreError::journal(Path::new("the round journal"), error).into()
    }
}

impl From<&NodeError> for FailureCode {
    fn from(error: &NodeError) -> Self {
        match error {
            NodeError::Protocol(error) => error.into(),
            NodeError::Transport(error) => error.into(),
            NodeError::Drive(error) => error.into(),
            // Before a round has an id nothing crossed that could have gone lost but the peer's log (V-HELLO-010).
            NodeError::Stopped(stopped) if stopped.of_peers_log() => Self::PeerLog,
            NodeError::Stopped(stopped) => (&stopped.error).into(),
            NodeError::GivenUp { error, .. } => (&**error).into(),
            NodeError::Store(error) => error.into(),
            NodeError::Refused(refusal) => refusal.into(),
            NodeError::SuspensionLost => Self::AgreementSuspended,
            NodeError::Silent { .. } => Self::BudgetMatches,
            NodeError::List { .. } | NodeError::Mapping { .. } => Self::BadInput,
            NodeError::NoUsableRecord { .. } => Self::NoUsableRecord,
            NodeError::LeftOut { .. } => Self::LeftOut,
            NodeError::OtherAgreement { .. } => Self::RoundAgreement,
            NodeError::OtherRecords { .. } => Self::InputChanged,
            NodeError::Waiting(_) => Self::Waiting,
            NodeError::TwoFirstTurns(..) => Self::FileOrder,
            NodeError::TurnFile { error: TurnError::Io(_), .. } => Self::Io,
            NodeError::TurnFile { error: TurnError::Refused(error), .. } => match error {
                Error::Peer(
                    PeerFault::UnknownRound | PeerFault::TurnOutOfOrder { .. } | PeerFault::HistoryMismatch,
                ) => Self::FileOrder,
                _ => Self::FileAltered,
            },
            NodeError::PeerLog { .. } => Self::PeerLog,
            NodeError::NoPeer | NodeError::NoAddress | NodeError::NotApproved => Self::Config,
            NodeError::PeerClosed { .. } => Self::Busy,
            NodeError::Interrupted => Self::Interrupted,
            NodeError::Internal(_) => Self::Internal,
        }
    }
}
