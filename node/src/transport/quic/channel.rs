//! One round's stream: frames of a 32-bit big-endian length and that many bytes (V-FRAME-001).

use super::door::Slot;
use crate::transport::{EXPORTER_LABEL, PREFIX, TransportError};
use blindlink::identity::PeerId;
use quinn::{Connection, RecvStream, SendStream, VarInt};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// A connection to an admitted peer with its one stream open.
#[derive(Debug)]
pub struct Channel {
    connection: Connection,
    send: SendStream,
    recv: RecvStream,
    peer: PeerId,
    binding: [u8; 32],
    slot: Option<Slot>,
}

impl Channel {
    pub(super) fn new(
        connection: Connection,
        (send, recv): (SendStream, RecvStream),
        peer: PeerId,
        slot: Option<Slot>,
    ) -> Result<Self, TransportError> {
        let mut binding = [0; 32];
        connection
            .export_keying_material(&mut binding, EXPORTER_LABEL, b"")
            .map_err(|_| TransportError::Setup("the TLS exporter failed".into()))?;
        Ok(Self { connection, send, recv, peer, binding, slot })
    }

    /// The pinned key that the peer proved to hold.
    #[must_use]
    pub const fn peer(&self) -> PeerId {
        self.peer
    }

    /// Exporter of this connection, equal on both ends (RFC 8446 section 7.5).
    #[must_use]
    pub const fn binding(&self) -> [u8; 32] {
        self.binding
    }

    /// Address of the peer.
    #[must_use]
    pub fn remote(&self) -> SocketAddr {
        self.connection.remote_address()
    }

    /// Round-trip time, and the largest datagram that is known to pass, so far.
    #[must_use]
    pub fn path(&self) -> (Duration, u16) {
        (self.connection.rtt(), self.connection.stats().path.current_mtu)
    }

    /// Writes bytes before the round begins.
    #[cfg(test)]
    pub(crate) async fn write_raw(&mut self, bytes: &[u8]) -> Result<(), TransportError> {
        Ok(self.send.write_all(bytes).await?)
    }

    /// The two directions and the handle that closes.
    #[must_use]
    pub fn split(self) -> (FrameReader, FrameWriter, Closer) {
        let called = self.connection.side() == quinn::Side::Server;
        let reader =
            FrameReader { recv: self.recv, prefix: [0; PREFIX], prefix_filled: 0, body: None, admitted: called };
        (reader, FrameWriter(self.send), Closer { connection: self.connection, _slot: self.slot.map(Arc::new) })
    }
}

/// Reads frames. Cancel-safe: a dropped `next` loses nothing.
#[derive(Debug)]
pub struct FrameReader {
    recv: RecvStream,
    prefix: [u8; PREFIX],
    prefix_filled: usize,
    body: Option<(Vec<u8>, usize)>,
    admitted: bool,
}

impl FrameReader {
    /// The next frame, without its prefix; `None` at a clean end of the stream. A prefix above `max` is refused before
    /// anything is allocated.
    ///
    /// # Errors
    /// [`TransportError::FrameTooLong`], [`TransportError::EndOfStream`] within a frame,
    /// [`TransportError::Admission`] if the peer closed before its first frame, or how the connection broke.
    pub async fn next(&mut self, max: usize) -> Result<Option<Vec<u8>>, TransportError> {
        let frame = self.read(max).await;
        match frame {
            Ok(frame) => {
                self.admitted = true;
                Ok(frame)
            }
            // The caller's handshake ends before the called side has judged its key: a refusal shows only here.
            Err(error) => Err(if self.admitted { error } else { error.at_admission() }),
        }
    }

    async fn read(&mut self, max: usize) -> Result<Option<Vec<u8>>, TransportError> {
        while self.body.is_none() {
            let rest = self.prefix.get_mut(self.prefix_filled..).unwrap_or_default();
            if rest.is_empty() {
                let got = usize::try_from(u32::from_be_bytes(self.prefix)).unwrap_or(usize::MAX);
                // V-FRAME-002: compared before anything is allocated.
                if got > max {
                    return Err(TransportError::FrameTooLong { got, max });
                }
                self.body = Some((vec![0; got], 0));
                self.prefix_filled = 0;
                break;
            }
            match self.recv.read(rest).await? {
                Some(n) => self.prefix_filled += n,
                None if self.prefix_filled == 0 => return Ok(None),
                // V-FRAME-003
                None => return Err(TransportError::EndOfStream),
            }
        }
        while let Some((body, filled)) = &mut self.body {
            let rest = body.get_mut(*filled..).unwrap_or_default();
            if rest.is_empty() {
                break;
            }
            match self.recv.read(rest).await? {
                Some(n) => *filled += n,
                None => return Err(TransportError::EndOfStream),
            }
        }
        Ok(self.body.take().map(|(body, _)| body))
    }

    /// Reads and drops whatever still comes, until the stream ends.
    ///
    /// # Errors
    /// How the connection broke before.
    pub async fn drain(&mut self) -> Result<(), TransportError> {
        let mut sink = vec![0; 64 << 10];
        loop {
            match self.recv.read(&mut sink).await {
                Ok(Some(_)) => {}
                // It had ended before.
                Ok(None) | Err(quinn::ReadError::ClosedStream) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// Writes frames.
#[derive(Debug)]
pub struct FrameWriter(SendStream);

impl FrameWriter {
    /// Writes one frame; waits while the peer does not read.
    ///
    /// # Errors
    /// How the connection broke.
    pub async fn write(&mut self, frame: impl AsRef<[u8]>) -> Result<(), TransportError> {
        let frame = frame.as_ref();
        let length = u32::try_from(frame.len()).map_err(|_| TransportError::Setup("frame above 4 GiB".into()))?;
        self.write_raw(&length.to_be_bytes()).await?;
        self.write_raw(frame).await
    }

    /// Writes bytes without a prefix; for tests that must break the framing.
    ///
    /// # Errors
    /// As [`FrameWriter::write`].
    pub async fn write_raw(&mut self, bytes: &[u8]) -> Result<(), TransportError> {
        Ok(self.0.write_all(bytes).await?)
    }

    /// Ends the stream and waits until the peer's QUIC has all of it.
    ///
    /// # Errors
    /// How the connection broke.
    pub async fn finish(mut self) -> Result<(), TransportError> {
        let _ = self.0.finish();
        match self.0.stopped().await {
            Ok(None) => Ok(()),
            Ok(Some(code)) => Err(TransportError::ClosedByPeer(code.into_inner())),
            Err(quinn::StoppedError::ConnectionLost(error)) => Err(error.into()),
            Err(quinn::StoppedError::ZeroRttRejected) => Err(TransportError::ClosedHere),
        }
    }
}

/// Closes the connection. The peer's slot is free again when the last copy is dropped.
#[derive(Clone, Debug)]
pub struct Closer {
    connection: Connection,
    _slot: Option<Arc<Slot>>,
}

impl Closer {
    /// Closes at once with an application code; what the peer has not got by now is lost.
    pub fn close(&self, code: u32) {
        self.connection.close(VarInt::from_u32(code), b"");
    }

    /// Waits until the connection is closed, by whomever, or the time is up.
    pub async fn closed(&self, within: Duration) {
        let _ = tokio::time::timeout(within, self.connection.closed()).await;
    }

    /// Why the connection ended, if it has.
    #[must_use]
    pub fn reason(&self) -> Option<TransportError> {
        self.connection.close_reason().map(TransportError::from)
    }

    /// UDP payload bytes sent and received so far, headers, acknowledgements and repeats included.
    #[must_use]
    pub fn udp_bytes(&self) -> (u64, u64) {
        let stats = self.connection.stats();
        (stats.udp_tx.bytes, stats.udp_rx.bytes)
    }
}
