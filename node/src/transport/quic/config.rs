//! QUIC parameters: windows for a few frames, big datagrams where the path takes them, no extras (V-QUIC-009).

use super::quiet::{QuietClient, QuietServer};
use super::tls::setup;
use crate::transport::{Settings, TransportError};
use quinn::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use quinn::{AckFrequencyConfig, EndpointConfig, IdleTimeout, MtuDiscoveryConfig, TransportConfig, VarInt};
use socket2::{Domain, Protocol, Socket, Type};
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;

/// Bytes in flight each way: a few frames. Each process may hold this much twice (sent, received), and this much is lost
/// with a connection and sent again. Enough for 128 kbit/s over any satellite, and for 27 Mbit/s at 600 ms.
const WINDOW: u32 = 2 << 20;
/// Largest UDP payload that path MTU discovery tries. Ten of these, the most that quinn hands to the kernel at once,
/// fit into one 64 KiB segmentation-offload send: larger ones would be refused there.
const MAX_DATAGRAM: u16 = 6500;
/// Kernel buffers for bursts; the system may grant less.
const SOCKET_BUFFER: usize = 4 << 20;
/// Strangers whose handshake is under way, at most.
const MAX_INCOMING: usize = 64;

fn transport(settings: &Settings) -> Result<Arc<TransportConfig>, TransportError> {
    let mut mtu = MtuDiscoveryConfig::default();
    mtu.upper_bound(MAX_DATAGRAM);
    // Fewer acknowledgements: they cost as much to make and to read as data.
    let mut acks = AckFrequencyConfig::default();
    acks.ack_eliciting_threshold(VarInt::from_u32(20));
    let mut config = TransportConfig::default();
    config
        .max_concurrent_bidi_streams(VarInt::from_u32(1))
        .max_concurrent_uni_streams(VarInt::from_u32(0))
        .datagram_receive_buffer_size(None)
        .max_idle_timeout(Some(IdleTimeout::try_from(settings.idle).map_err(setup)?))
        .keep_alive_interval(Some(settings.idle / 3))
        .stream_receive_window(VarInt::from_u32(WINDOW))
        .receive_window(VarInt::from_u32(WINDOW))
        .send_window(u64::from(WINDOW))
        .mtu_discovery_config(Some(mtu))
        .ack_frequency_config(Some(acks))
        .allow_spin(false);
    Ok(Arc::new(config))
}

pub(super) fn server(tls: rustls::ServerConfig, settings: &Settings) -> Result<quinn::ServerConfig, TransportError> {
    let crypto = QuicServerConfig::try_from(tls).map_err(setup)?;
    let mut config = quinn::ServerConfig::with_crypto(Arc::new(QuietServer(Arc::new(crypto))));
    config
        .transport_config(transport(settings)?)
        .migration(false)
        .max_incoming(MAX_INCOMING)
        .incoming_buffer_size(64 << 10)
        .incoming_buffer_size_total(1 << 20);
    Ok(config)
}

pub(super) fn client(tls: rustls::ClientConfig, settings: &Settings) -> Result<quinn::ClientConfig, TransportError> {
    let crypto = QuicClientConfig::try_from(tls).map_err(setup)?;
    let mut config = quinn::ClientConfig::new(Arc::new(QuietClient(Arc::new(crypto))));
    config.transport_config(transport(settings)?);
    Ok(config)
}

/// A UDP socket at `addr` with large buffers where the system allows.
fn socket(addr: SocketAddr) -> std::io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(addr), Type::DGRAM, Some(Protocol::UDP))?;
    // Refusal only costs speed.
    let _ = socket.set_recv_buffer_size(SOCKET_BUFFER);
    let _ = socket.set_send_buffer_size(SOCKET_BUFFER);
    socket.bind(&addr.into())?;
    Ok(socket.into())
}

/// A QUIC endpoint at `addr`; accepts calls if `server` is given.
pub(super) fn endpoint(
    addr: SocketAddr,
    server: Option<quinn::ServerConfig>,
) -> Result<quinn::Endpoint, TransportError> {
    let mut config = EndpointConfig::default();
    config.max_udp_payload_size(MAX_DATAGRAM).map_err(setup)?;
    let runtime = quinn::default_runtime().ok_or_else(|| setup("no async runtime"))?;
    let socket = socket(addr).map_err(TransportError::Socket)?;
    quinn::Endpoint::new(config, server, socket, runtime).map_err(TransportError::Socket)
}
