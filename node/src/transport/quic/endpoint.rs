//! Calling a peer and being called.

use super::door::{Handshakes, Slots};
use super::tls::{self, Refused};
use super::{Channel, config};
use crate::transport::{Settings, TransportError, close};
use blindlink::identity::PeerId;
use blindlink::secret::Secret;
use quinn::crypto::rustls::HandshakeData;
use quinn::{Connecting, Connection, Endpoint, Incoming, VarInt, ZeroRttAccepted};
use rustls::pki_types::CertificateDer;
use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::net::lookup_host;
use tokio::sync::mpsc;
use tokio::time::{Instant, interval, timeout, timeout_at};

/// Handshakes under way from which on a caller must first prove its address (RFC 9000 section 8.1.2).
const RETRY_FROM: usize = 8;
/// How often a handshake under way is looked at.
const LOOK: Duration = Duration::from_millis(100);
/// Addresses of a name that are tried: few, so that each has time for a handshake over a slow line.
const ADDRESSES: usize = 4;
/// Server name in the handshake API; never sent, since SNI is off.
const NO_NAME: &str = "peer.invalid";

/// The calling side.
#[derive(Debug)]
pub struct Client {
    endpoint: Endpoint,
}

impl Client {
    /// Calls `address` (`host:port`) and admits exactly the key `pinned` there. Of the addresses that a name has, the first
    /// few are tried one after the other.
    ///
    /// # Errors
    /// [`TransportError::Address`], [`TransportError::Unreachable`], [`TransportError::WrongPin`],
    /// [`TransportError::Alpn`], or how the handshake broke. A refusal of our own key shows only at the first frame: see
    /// [`super::FrameReader::next`].
    pub async fn connect(
        secret: &Secret<32>,
        pinned: PeerId,
        address: &str,
        settings: &Settings,
    ) -> Result<(Self, Channel), TransportError> {
        // V-TIME-003
        let end = Instant::now() + settings.handshake;
        let found = timeout_at(end, lookup_host(address)).await.ok().and_then(Result::ok);
        let found: Vec<SocketAddr> = found.into_iter().flatten().take(ADDRESSES).collect();
        Self::reach(secret, pinned, &found, settings, end).await
    }

    /// Calls addresses one after the other until somebody answers. Each has its share of the time until `end`.
    pub(super) async fn reach(
        secret: &Secret<32>,
        pinned: PeerId,
        addresses: &[SocketAddr],
        settings: &Settings,
        end: Instant,
    ) -> Result<(Self, Channel), TransportError> {
        let mut failed = TransportError::Address;
        let count = u32::try_from(addresses.len()).unwrap_or(u32::MAX);
        for (address, left) in addresses.iter().zip((1..=count).rev()) {
            let share = end.saturating_duration_since(Instant::now()) / left;
            match timeout(share, Self::handshake(secret, pinned, *address, settings)).await {
                Err(_) | Ok(Err(TransportError::Unreachable)) => failed = TransportError::Unreachable,
                // A machine without IPv6 has no socket for it: what is worth telling is how the others did.
                Ok(Err(error @ (TransportError::Address | TransportError::Socket(_)))) => {
                    if !matches!(failed, TransportError::Unreachable) {
                        failed = error;
                    }
                }
                // Somebody answered: whatever that was, it is told.
                Ok(answered) => return answered,
            }
        }
        Err(failed)
    }

    async fn handshake(
        secret: &Secret<32>,
        pinned: PeerId,
        address: SocketAddr,
        settings: &Settings,
    ) -> Result<(Self, Channel), TransportError> {
        let (tls, refused) = tls::client(secret, pinned, settings)?;
        let config = config::client(tls, settings)?;
        let local: SocketAddr = match address {
            SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
            SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
        };
        let endpoint = config::endpoint(local, None)?;
        let connecting = endpoint.connect_with(config, address, NO_NAME).map_err(|_| TransportError::Address)?;
        let connection = connecting.await.map_err(|error| match TransportError::from(error) {
            _ if tls::take(&refused).is_some() => TransportError::WrongPin,
            TransportError::Vanished => TransportError::Unreachable,
            other => other.at_admission(),
        })?;
        let peer = admit(&connection, settings)?;
        let streams = connection.open_bi().await.map_err(|error| TransportError::from(error).at_admission())?;
        Ok((Self { endpoint }, Channel::new(connection, streams, peer, None)?))
    }

    /// Lets the last packets go out.
    pub async fn finish(self, within: Duration) {
        let _ = timeout(within, self.endpoint.wait_idle()).await;
    }
}

/// A caller that was turned away.
#[derive(Clone, Copy, Debug)]
pub struct Refusal {
    /// Where it called from.
    pub remote: SocketAddr,
    /// The key that it claimed, without proof, if it was refused for its key.
    pub key: Option<PeerId>,
}

/// The called side: admits pinned keys only, one round with each.
#[derive(Debug)]
pub struct Listener {
    endpoint: Endpoint,
    channels: mpsc::Receiver<Channel>,
    refusals: mpsc::Receiver<Refusal>,
    desk: Arc<Desk>,
}

/// Whether peers wait for a slot of a listener.
#[derive(Clone, Debug)]
pub struct Queue(Arc<Slots>);

impl Queue {
    /// Whether a peer was told to wait, and is likely to call again.
    #[must_use]
    pub fn is_waited_for(&self) -> bool {
        self.0.is_waited_for()
    }

    /// Lets the clock of the slots run ahead.
    #[cfg(test)]
    pub(super) fn pass(&self, time: Duration) {
        self.0.pass(time);
    }
}

impl Listener {
    /// Listens at `address` for the keys in `allowed`, with slots for so many rounds at a time.
    ///
    /// # Errors
    /// [`TransportError::Socket`] if the address cannot be had.
    pub fn bind(
        secret: &Secret<32>,
        allowed: BTreeSet<PeerId>,
        address: SocketAddr,
        settings: &Settings,
        rounds: usize,
    ) -> Result<Self, TransportError> {
        let refused = Refused::default();
        let tls = tls::server(secret, allowed, settings, &refused)?;
        let endpoint = config::endpoint(address, Some(config::server(tls, settings)?))?;
        let (channels_in, channels) = mpsc::channel(1);
        let (refusals_in, refusals) = mpsc::channel(16);
        let desk = Arc::new(Desk {
            settings: settings.clone(),
            refused,
            slots: Arc::new(Slots::new(rounds)),
            handshakes: Handshakes::default(),
            retries: AtomicUsize::new(0),
            channels: channels_in,
            refusals: refusals_in,
        });
        let (calls, reception) = (endpoint.clone(), Arc::clone(&desk));
        tokio::spawn(async move {
            while let Some(incoming) = calls.accept().await {
                reception.receive(incoming);
            }
        });
        Ok(Self { endpoint, channels, refusals, desk })
    }

    /// Lets only these keys in from now on. Connections that stand are not touched.
    ///
    /// # Errors
    /// [`TransportError::Setup`].
    pub fn admit(&self, secret: &Secret<32>, allowed: BTreeSet<PeerId>) -> Result<(), TransportError> {
        let Desk { settings, refused, .. } = &*self.desk;
        let tls = tls::server(secret, allowed, settings, refused)?;
        self.endpoint.set_server_config(Some(config::server(tls, settings)?));
        Ok(())
    }

    /// Where it listens.
    ///
    /// # Errors
    /// [`TransportError::Socket`].
    pub fn local(&self) -> Result<SocketAddr, TransportError> {
        self.endpoint.local_addr().map_err(TransportError::Socket)
    }

    /// Who waits for a slot.
    #[must_use]
    pub fn queue(&self) -> Queue {
        Queue(Arc::clone(&self.desk.slots))
    }

    /// The next admitted caller; `None` after [`Listener::finish`].
    pub async fn accept(&mut self) -> Option<Channel> {
        self.channels.recv().await
    }

    /// The next caller that was turned away, for the log. Some may be left out under load.
    pub async fn refusal(&mut self) -> Option<Refusal> {
        self.refusals.recv().await
    }

    /// Callers so far that had to prove their address first.
    #[must_use]
    pub fn retries(&self) -> usize {
        self.desk.retries.load(Ordering::Relaxed)
    }

    /// The next admitted caller or the next that was turned away, whichever comes first.
    pub async fn next(&mut self) -> Option<Result<Channel, Refusal>> {
        tokio::select! {
            biased;
            Some(refusal) = self.refusals.recv() => Some(Err(refusal)),
            channel = self.channels.recv() => channel.map(Ok),
        }
    }

    /// Stops listening and lets the last packets go out.
    pub async fn finish(self, within: Duration) {
        self.endpoint.close(VarInt::from_u32(close::SHUTDOWN), b"");
        let _ = timeout(within, self.endpoint.wait_idle()).await;
    }
}

/// What the handshakes of a listener share.
#[derive(Debug)]
struct Desk {
    settings: Settings,
    refused: Refused,
    slots: Arc<Slots>,
    handshakes: Handshakes,
    retries: AtomicUsize,
    channels: mpsc::Sender<Channel>,
    refusals: mpsc::Sender<Refusal>,
}

impl Desk {
    /// Looks at a first packet before any cryptography is spent on it.
    fn receive(self: &Arc<Self>, incoming: Incoming) {
        // V-QUIC-010
        if self.handshakes.count() >= RETRY_FROM && !incoming.remote_address_validated() && incoming.may_retry() {
            self.retries.fetch_add(1, Ordering::Relaxed);
            // Refused only if the caller was validated already, which was just ruled out.
            let _ = incoming.retry();
            return;
        }
        let remote = incoming.remote_address();
        // A first packet that is none.
        let Some((connection, through)) = incoming.accept().ok().map(Connecting::into_0rtt).and_then(Result::ok) else {
            return;
        };
        let id = self.handshakes.enter(remote.ip(), connection.clone());
        let desk = Arc::clone(self);
        tokio::spawn(async move {
            // V-TIME-003
            let admitted = timeout(desk.settings.handshake, desk.handshake(id, &connection, through)).await;
            desk.handshakes.leave(id);
            match admitted {
                Ok(Ok(channel)) => drop(desk.channels.send(channel).await),
                other => {
                    let code = if other.is_err() { close::STALLED } else { close::BUSY };
                    connection.close(VarInt::from_u32(code), b"");
                    let _ = desk.refusals.try_send(Refusal { remote, key: tls::take(&desk.refused) });
                }
            }
        });
    }

    async fn handshake(
        &self,
        id: u64,
        connection: &Connection,
        through: ZeroRttAccepted,
    ) -> Result<Channel, TransportError> {
        // Nothing is sent or read over the connection before the caller has proved its key.
        let (mut through, mut looks) = (std::pin::pin!(through), interval(LOOK));
        loop {
            tokio::select! {
                biased;
                _ = &mut through => break,
                _ = looks.tick() => self.handshakes.look(id),
            }
        }
        if let Some(reason) = connection.close_reason() {
            return Err(reason.into());
        }
        if !self.handshakes.leave(id) {
            return Err(TransportError::Busy);
        }
        let peer = admit(connection, &self.settings)?;
        let slot = self.slots.take(peer, connection).await?;
        let streams = connection.accept_bi().await?;
        Channel::new(connection.clone(), streams, peer, Some(slot))
    }
}

/// Looks once more at what the handshake agreed on (V-QUIC-003, V-QUIC-005).
fn admit(connection: &Connection, settings: &Settings) -> Result<PeerId, TransportError> {
    let protocol = connection
        .handshake_data()
        .and_then(|data| data.downcast::<HandshakeData>().ok())
        .and_then(|data| data.protocol);
    if protocol.as_deref() != Some(settings.alpn.as_slice()) {
        connection.close(VarInt::from_u32(close::PROTOCOL), b"");
        return Err(TransportError::Alpn);
    }
    connection
        .peer_identity()
        .and_then(|identity| identity.downcast::<Vec<CertificateDer<'static>>>().ok())
        .and_then(|chain| match chain.as_slice() {
            [key] => tls::from_spki(key),
            _ => None,
        })
        .ok_or_else(|| TransportError::Setup("the peer has no raw public key".into()))
}
