//! Failures in words: what happened. What to do next stands in [`crate::exit`].

use blindlink::Error;
use blindlink::error::{PeerFault, describe};
use blindlink_node::driver::{DriveError, Stopped};
use blindlink_node::error::NodeError;
use blindlink_node::transport::{TransportError, close};

/// What stopped the node's work. No content of a record and no words of the peer.
pub(crate) fn node(error: &NodeError) -> String {
    match error {
        NodeError::Protocol(error) => protocol(error),
        NodeError::Transport(error) => transport(error),
        NodeError::Drive(error) => drive(error),
        NodeError::Stopped(stopped) => self::stopped(stopped),
        NodeError::GivenUp { error, after } => {
            format!("{}; given up after {} s without progress", node(error), after.as_secs())
        }
        other => other.to_string(),
    }
}

fn stopped(stopped: &Stopped) -> String {
    format!("{} (in stage `{}`)", drive(&stopped.error), stopped.stage.name())
}

/// Why a round stopped.
pub(crate) fn drive(error: &DriveError) -> String {
    match error {
        DriveError::Protocol(error) => protocol(error),
        DriveError::Transport(error) => transport(error),
        other => other.to_string(),
    }
}

fn protocol(error: &Error) -> String {
    match error {
        Error::Peer(PeerFault::Aborted(code)) if *code == PeerFault::UnknownRound.code() => error.to_string(),
        Error::Peer(PeerFault::Aborted(code @ 215..=217)) => {
            format!("the peer stopped the round: what crossed before is not what this side says (code {code})")
        }
        Error::Peer(PeerFault::Aborted(code)) => aborted(*code),
        other => other.to_string(),
    }
}

fn transport(error: &TransportError) -> String {
    match error {
        TransportError::ClosedByPeer(code) if *code != u64::from(close::DONE) => {
            aborted(u16::try_from(*code).unwrap_or(u16::MAX))
        }
        other => other.to_string(),
    }
}

fn aborted(code: u16) -> String {
    format!("the peer stopped the round with code {code}: {}", describe(code))
}
