//! What can go wrong on the way to a peer. The peer's own words (close reasons) are never repeated.

use std::io;
use thiserror::Error;

/// Why a connection failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TransportError {
    /// The UDP socket cannot be had.
    #[error("cannot open the UDP socket: {0}")]
    Socket(#[source] io::Error),
    /// The peer's address is no address, or its name has none now.
    #[error("cannot resolve the peer's address")]
    Address,
    /// Nobody answers.
    #[error("no answer from the peer's address")]
    Unreachable,
    /// Whoever answers holds another key than the pinned one.
    #[error("the peer's key is not the pinned one")]
    WrongPin,
    /// No ALPN protocol in common.
    #[error("the peer does not speak {}", String::from_utf8_lossy(super::ALPN))]
    Alpn,
    /// The peer closed before its first frame.
    #[error("closed during admission: is our key in its list?")]
    Admission,
    /// The peer is in another round.
    #[error("the peer is busy with another round")]
    Busy,
    /// Packets stopped, or the peer's process lost the connection.
    #[error("the peer vanished")]
    Vanished,
    /// The peer closed the connection with an application code.
    #[error("the peer closed the connection with code {0}")]
    ClosedByPeer(u64),
    /// The peer ended its stream within a frame, or before the round was over.
    #[error("the peer's stream ended too early")]
    EndOfStream,
    /// A length prefix above what the peer may send now.
    #[error("frame of {got} bytes announced where at most {max} may come")]
    FrameTooLong {
        /// Bytes announced.
        got: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// The peer's QUIC or TLS closed the connection, with this code of RFC 9000 section 20.1.
    #[error("the peer's QUIC closed the connection with code {0:#x}")]
    Refused(u64),
    /// QUIC or TLS was violated as this side sees it; the text is our own.
    #[error("QUIC failed: {0}")]
    Quic(String),
    /// The TLS or QUIC configuration was refused: a bug.
    #[error("QUIC cannot be set up: {0}")]
    Setup(String),
    /// This side closed the connection.
    #[error("the connection was closed on this side")]
    ClosedHere,
}

impl TransportError {
    /// What this error means before the peer's first frame: a transport close is the peer's TLS refusing our key.
    pub(super) fn at_admission(self) -> Self {
        match self {
            Self::Refused(_) => Self::Admission,
            other => other,
        }
    }
}

/// TLS alerts as QUIC codes (RFC 9001 section 4.8): 0x100 plus the alert.
const NO_APPLICATION_PROTOCOL: u64 = 0x100 + 120;

impl From<quinn::ConnectionError> for TransportError {
    fn from(error: quinn::ConnectionError) -> Self {
        use quinn::ConnectionError as E;
        match error {
            E::TimedOut | E::Reset => Self::Vanished,
            E::LocallyClosed => Self::ClosedHere,
            E::ApplicationClosed(close) => match close.error_code.into_inner() {
                code if code == u64::from(super::close::BUSY) => Self::Busy,
                code if code == u64::from(super::close::PROTOCOL) => Self::Alpn,
                code => Self::ClosedByPeer(code),
            },
            // The reason phrase is the peer's text: only the code is kept.
            E::ConnectionClosed(close) => match u64::from(close.error_code) {
                NO_APPLICATION_PROTOCOL => Self::Alpn,
                // CONNECTION_REFUSED, or APPLICATION_ERROR within the handshake: too many handshakes at once over there.
                0x2 | 0xc => Self::Busy,
                code => Self::Refused(code),
            },
            E::TransportError(error) if u64::from(error.code) == NO_APPLICATION_PROTOCOL => Self::Alpn,
            E::TransportError(error) => Self::Quic(format!("transport code {:#x}", u64::from(error.code))),
            E::VersionMismatch => Self::Quic("no QUIC version in common".into()),
            E::CidsExhausted => Self::Quic("connection identifiers exhausted".into()),
        }
    }
}

impl From<quinn::WriteError> for TransportError {
    fn from(error: quinn::WriteError) -> Self {
        match error {
            quinn::WriteError::Stopped(code) => Self::ClosedByPeer(code.into_inner()),
            quinn::WriteError::ConnectionLost(error) => error.into(),
            quinn::WriteError::ClosedStream | quinn::WriteError::ZeroRttRejected => Self::ClosedHere,
        }
    }
}

impl From<quinn::ReadError> for TransportError {
    fn from(error: quinn::ReadError) -> Self {
        match error {
            quinn::ReadError::Reset(code) => Self::ClosedByPeer(code.into_inner()),
            quinn::ReadError::ConnectionLost(error) => error.into(),
            quinn::ReadError::ClosedStream
            | quinn::ReadError::IllegalOrderedRead
            | quinn::ReadError::ZeroRttRejected => Self::ClosedHere,
        }
    }
}
