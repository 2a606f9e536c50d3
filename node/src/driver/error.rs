//! Why a round stops, and which of these reasons another connection can mend.

use super::usage::Report;
use crate::store::StoreError;
use crate::store::journal::JournalError;
use crate::transport::{TransportError, close};
use blindlink::Error;
use blindlink::error::{PeerFault, Refusal};
use blindlink::session::Stage;
use std::io;
use std::time::Duration;
use thiserror::Error as ThisError;

/// Why a round stopped.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum DriveError {
    /// The protocol says so.
    #[error(transparent)]
    Protocol(#[from] Error),
    /// The connection broke.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The peer's node lives but neither sends nor takes a frame.
    #[error("the peer sent and took nothing for {} s", .0.as_secs())]
    Stalled(Duration),
    /// The peer sends acknowledgements that say nothing.
    #[error("the peer sent nothing but acknowledgements that say nothing new")]
    EmptyAcknowledgements,
    /// The journal could not be written.
    #[error("cannot write the round journal: {0}")]
    Journal(#[source] io::Error),
    /// What was cosigned could not be noted in the audit log.
    #[error(transparent)]
    AuditLog(Box<StoreError>),
    /// The journal cannot be read.
    #[error("the round journal: {0}")]
    BadJournal(#[source] JournalError),
    /// The same seed, records and frames gave another frame than before.
    #[error("frame {0} of this side does not come out as before")]
    Replay(u32),
    /// The journal says that the round is burnt, for the reason with this code.
    #[error("the round was burnt before, with code {0}")]
    Burnt(u16),
    /// By files: the own turn could not be written.
    #[error("cannot write a turn: {0}")]
    File(#[source] io::Error),
    /// By files: the peer's turn could not be read.
    #[error(transparent)]
    Turn(#[from] crate::transport::turn_file::TurnError),
    /// A job panicked: a bug.
    #[error("a computation failed")]
    Worker,
    /// The agreement has ended or was suspended while the round ran; `None` if the node could not find out.
    #[error("the agreement does not let it go on")]
    Denied(Option<Refusal>),
    /// The operator stopped the node.
    #[error("interrupted")]
    Interrupted,
}

impl DriveError {
    /// Whether the round stays open: the connection is lost, not the round (V-RESUME-009).
    #[must_use]
    pub fn is_loss(&self) -> bool {
        match self {
            Self::Stalled(_) | Self::EmptyAcknowledgements | Self::Denied(_) => true,
            Self::Transport(error) => match error {
                // With the uplink goes the name service; a socket is missing for as long as descriptors or addresses are.
                TransportError::Address
                | TransportError::Socket(_)
                | TransportError::Unreachable
                | TransportError::Busy
                | TransportError::Vanished
                | TransportError::Refused(_)
                | TransportError::Quic(_)
                | TransportError::ClosedHere => true,
                TransportError::ClosedByPeer(code) => *code <= u64::from(close::LAST),
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether the reason is the peer's, or that the two do not fit: then the round is burnt. Trouble of this node's own
    /// leaves it open.
    #[must_use]
    pub fn burns(&self) -> bool {
        !self.is_loss()
            && !matches!(
                self,
                Self::Journal(_)
                    | Self::AuditLog(_)
                    | Self::BadJournal(_)
                    | Self::File(_)
                    | Self::Turn(_)
                    | Self::Replay(_)
                    | Self::Burnt(_)
                    | Self::Interrupted
            )
    }

    /// What the peer is told, if there is anything to tell.
    pub(super) fn fault(&self) -> Option<Error> {
        match self {
            Self::Protocol(Error::Peer(PeerFault::Aborted(_))) => None,
            Self::Protocol(error) => Some(error.clone()),
            Self::Transport(TransportError::FrameTooLong { got, max }) => {
                Some(PeerFault::Length { expected: *max, got: *got }.into())
            }
            Self::Transport(TransportError::EndOfStream) => Some(PeerFault::Truncated.into()),
            _ => None,
        }
    }

    /// Code for the own journal: what a peer is told may be less (V-ERROR-002).
    #[must_use]
    pub fn own_code(&self) -> u16 {
        match self {
            Self::Protocol(error) => error.code(),
            other => u16::try_from(other.code()).unwrap_or(0),
        }
    }

    /// Whether the peer must not see that, or when, the round ended for this reason (V-SETTLE-012).
    #[must_use]
    pub const fn is_kept_silent(&self) -> bool {
        matches!(self, Self::Protocol(Error::Refused(Refusal::Matches)))
    }

    /// Code with which a connection is closed for this reason.
    #[must_use]
    pub fn code(&self) -> u32 {
        match self {
            Self::Protocol(error) => error.code_for_peer().into(),
            Self::Stalled(_) => close::STALLED,
            Self::EmptyAcknowledgements => close::PROTOCOL,
            Self::Interrupted => close::SHUTDOWN,
            _ => self.fault().map_or(close::LOCAL, |fault| fault.code_for_peer().into()),
        }
    }
}

impl Stopped {
    /// Whether the head of the peer's audit log does not go on from what this side cosigned last (V-HELLO-010), or the
    /// peer says so of the own.
    #[must_use]
    pub fn of_peers_log(&self) -> bool {
        let codes = [PeerFault::StateLost.code(), PeerFault::HistoryMismatch.code()];
        let of_log = match &self.error {
            DriveError::Protocol(Error::Peer(PeerFault::Aborted(code))) => codes.contains(code),
            DriveError::Protocol(error) => codes.contains(&error.code()),
            _ => false,
        };
        of_log && self.stage == Stage::Agree
    }
}

/// A round that stopped, where, and what it had cost.
#[derive(Debug, ThisError)]
#[error("{error} (in stage `{}`)", .stage.name())]
pub struct Stopped {
    /// Why.
    #[source]
    pub error: DriveError,
    /// In which stage.
    pub stage: Stage,
    /// What it had cost.
    pub report: Report,
}
