//! Frames between two pinned nodes over QUIC (spec section 11).

mod error;
mod quic;
pub mod turn_file;

pub use error::TransportError;
pub use quic::{Channel, Client, Closer, FrameReader, FrameWriter, Listener, Queue, Refusal};

use std::time::Duration;

/// ALPN protocol of this release (V-QUIC-003).
pub const ALPN: &[u8] = b"blindlink/2";
/// Label of the TLS exporter that binds a round to its connection (V-QUIC-006).
pub const EXPORTER_LABEL: &[u8] = b"EXPORTER-blindlink/2-round";
/// Bytes of the length prefix of a frame, big-endian (V-FRAME-001).
pub const PREFIX: usize = 4;

/// Application close codes (spec section 11.6). From 200 on they are the codes of `blindlink::Error`.
pub mod close {
    /// The round is over and both sides have all of it.
    pub const DONE: u32 = 0;
    /// The node is in another round: try again later.
    pub const BUSY: u32 = 1;
    /// The node is being stopped.
    pub const SHUTDOWN: u32 = 2;
    /// The round stopped for a reason of this node's own, such as a full disk.
    pub const LOCAL: u32 = 3;
    /// The other side was silent for too long.
    pub const STALLED: u32 = 4;
    /// Another ALPN protocol, or none, after the handshake.
    pub const PROTOCOL: u32 = 5;
    /// The peer called again: this connection is not needed any more.
    pub const MOVED: u32 = 6;
    /// Last of the codes that are no error code.
    pub const LAST: u32 = MOVED;
}

/// Times and names of a connection.
#[derive(Clone, Debug)]
pub struct Settings {
    /// A peer whose packets stop for this long has vanished (V-TIME-001). Keep-alives go out at a third of it. Default
    /// 30 s.
    pub idle: Duration,
    /// Longest handshake, name resolution and admission included. Default 10 s.
    pub handshake: Duration,
    /// ALPN protocol; [`ALPN`] but in tests.
    pub alpn: Vec<u8>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { idle: Duration::from_secs(30), handshake: Duration::from_secs(10), alpn: ALPN.to_vec() }
    }
}
