//! The door of a listener: handshakes under way, and the slots of those who are in.

use crate::transport::{TransportError, close};
use blindlink::identity::PeerId;
use quinn::{Connection, VarInt};
use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// Handshakes under way, at most (V-QUIC-010).
const MOST: usize = 64;
/// Handshakes under way from one address, at most.
const MOST_OF_ONE: usize = 8;
/// How long a place in the queue is kept for a peer that was told to wait, since it called last.
const KEPT: Duration = Duration::from_secs(60);
/// How long a peer has its slot before its rate is looked at, while others wait (V-TIME-005).
const GRACE: Duration = Duration::from_secs(120);
/// Bytes a second that must cross in both directions together, since the peer has its slot, while others wait.
const LEAST_RATE: u128 = 4096;
/// How long a peer has its slot, while others wait.
const LONGEST: Duration = Duration::from_secs(30 * 60);

fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where a caller comes from: an address, or of IPv6 the network that one customer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Network(IpAddr);

impl Network {
    pub(super) fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self(address.into()),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Self(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into())
            }
        }
    }
}

/// A handshake under way.
#[derive(Debug)]
struct HalfOpen {
    from: Network,
    connection: Connection,
    /// Datagrams that came, when last looked.
    datagrams: u64,
    /// When the last of them came.
    heard: Instant,
}

/// The handshakes under way.
#[derive(Debug, Default)]
pub(super) struct Handshakes(Mutex<(u64, BTreeMap<u64, HalfOpen>)>);

impl Handshakes {
    pub(super) fn count(&self) -> usize {
        locked(&self.0).1.len()
    }

    /// Lets one more in. Where there are too many, that which has been silent longest is dropped, of those from the
    /// network with most of them: a flood drops itself, and an honest caller on a slow line is not silent (V-QUIC-010).
    pub(super) fn enter(&self, from: IpAddr, connection: Connection) -> u64 {
        let from = Network::of(from);
        let mut held = locked(&self.0);
        let (next, all) = &mut *held;
        let now = Instant::now();
        let half: Vec<(u64, Network, Instant)> = all.iter().map(|(id, one)| (*id, one.from, one.heard)).collect();
        if let Some(dropped) = to_drop(&half, from).and_then(|id| all.remove(&id)) {
            dropped.connection.close(VarInt::from_u32(close::BUSY), b"");
        }
        *next += 1;
        all.insert(*next, HalfOpen { from, connection, datagrams: 0, heard: now });
        *next
    }

    /// Looks whether one has been heard of.
    pub(super) fn look(&self, id: u64) {
        if let Some(one) = locked(&self.0).1.get_mut(&id) {
            let datagrams = one.connection.stats().udp_rx.datagrams;
            if datagrams > one.datagrams {
                (one.datagrams, one.heard) = (datagrams, Instant::now());
            }
        }
    }

    /// It is through, or over. Says whether it was still there.
    pub(super) fn leave(&self, id: u64) -> bool {
        locked(&self.0).1.remove(&id).is_some()
    }
}

/// Which handshake is dropped for one more from `from`, if one must be.
fn to_drop(all: &[(u64, Network, Instant)], from: Network) -> Option<u64> {
    let mut of = BTreeMap::<Network, usize>::new();
    all.iter().for_each(|(_, network, _)| *of.entry(*network).or_default() += 1);
    let network = if of.get(&from).is_some_and(|count| *count >= MOST_OF_ONE) {
        from
    } else if all.len() >= MOST {
        let most = of.values().max()?;
        // Of several with as many, the one whose handshake has been silent longest.
        all.iter().filter(|(_, network, _)| of.get(network) == Some(most)).min_by_key(|one| one.2)?.1
    } else {
        return None;
    };
    all.iter().filter(|one| one.1 == network).min_by_key(|one| one.2).map(|one| one.0)
}

/// A peer that has a slot.
#[derive(Debug)]
struct Holder {
    connection: Connection,
    /// Since when.
    since: Instant,
}

/// How long a peer has had its slot, and how many bytes have crossed since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pace {
    held: Duration,
    bytes: u64,
}

impl Pace {
    fn of(holder: &Holder, now: Instant) -> Self {
        let stats = holder.connection.stats();
        let bytes = stats.udp_rx.bytes.saturating_add(stats.udp_tx.bytes);
        Self { held: now.saturating_duration_since(holder.since), bytes }
    }

    /// Whether others need not wait for it any longer.
    fn is_spent(self) -> bool {
        let least = LEAST_RATE * self.held.as_millis() / 1000;
        self.held >= LONGEST || (self.held >= GRACE && u128::from(self.bytes) < least)
    }
}

/// Whose connection is closed for those who wait: of those whose time is spent, the one that has its slot longest.
fn to_put_aside(paces: impl IntoIterator<Item = (PeerId, Pace)>) -> Option<PeerId> {
    paces.into_iter().filter(|(_, pace)| pace.is_spent()).max_by_key(|(_, pace)| pace.held).map(|(peer, _)| peer)
}

/// Who has a slot, and who waits for one.
#[derive(Debug)]
struct Holders {
    held: BTreeMap<PeerId, Holder>,
    /// By how much the clock of the slots is ahead: tests let time pass so.
    ahead: Duration,
    /// Peers that were told to wait, the first to be let in first, and when they called last.
    waiting: VecDeque<(PeerId, Instant)>,
}

impl Holders {
    fn now(&self) -> Instant {
        Instant::now() + self.ahead
    }

    fn forget_late(&mut self) {
        let now = self.now();
        self.waiting.retain(|(_, since)| now.saturating_duration_since(*since) < KEPT);
    }

    /// Lets the connection of a peer go that is too slow or has its slot for too long: somebody waits (V-TIME-005). Its
    /// round stays open, and it may call again.
    fn put_aside(&self) {
        let now = self.now();
        let spent = to_put_aside(self.held.iter().map(|(peer, holder)| (*peer, Pace::of(holder, now))));
        if let Some(holder) = spent.and_then(|peer| self.held.get(&peer)) {
            holder.connection.close(VarInt::from_u32(close::BUSY), b"");
        }
    }
}

/// The slots for rounds: one for each peer, and a bound for all (V-RESUME-012).
#[derive(Debug)]
pub(super) struct Slots {
    bound: usize,
    holders: Mutex<Holders>,
    freed: Notify,
}

impl Slots {
    pub(super) fn new(bound: usize) -> Self {
        let holders = Mutex::new(Holders { held: BTreeMap::new(), ahead: Duration::ZERO, waiting: VecDeque::new() });
        Self { bound, holders, freed: Notify::new() }
    }

    /// Whether a peer was told to wait, and is likely to call again.
    pub(super) fn is_waited_for(&self) -> bool {
        let mut holders = locked(&self.holders);
        holders.forget_late();
        !holders.waiting.is_empty()
    }

    /// Lets the clock of the slots run ahead.
    #[cfg(test)]
    pub(super) fn pass(&self, time: Duration) {
        locked(&self.holders).ahead += time;
    }

    /// The peer's slot. Who calls again has lost its connection, even if that has not shown here yet: the old one is closed,
    /// and its round let go.
    ///
    /// # Errors
    /// [`TransportError::Busy`] if none is free, or others have waited longer for it.
    pub(super) async fn take(self: &Arc<Self>, peer: PeerId, connection: &Connection) -> Result<Slot, TransportError> {
        loop {
            let mut freed = std::pin::pin!(self.freed.notified());
            freed.as_mut().enable();
            {
                let mut holders = locked(&self.holders);
                holders.forget_late();
                match holders.held.get(&peer) {
                    Some(old) => old.connection.close(VarInt::from_u32(close::MOVED), b""),
                    None => return self.take_free(&mut holders, peer, connection),
                }
            }
            freed.await;
        }
    }

    fn take_free(
        self: &Arc<Self>,
        holders: &mut Holders,
        peer: PeerId,
        connection: &Connection,
    ) -> Result<Slot, TransportError> {
        let now = holders.now();
        let place = holders.waiting.iter().position(|(waits, _)| *waits == peer);
        let ahead = place.unwrap_or(holders.waiting.len());
        if holders.held.len() + ahead < self.bound {
            place.map(|at| holders.waiting.remove(at));
            holders.held.insert(peer, Holder { connection: connection.clone(), since: now });
            return Ok(Slot { slots: Arc::clone(self), peer, connection: connection.stable_id() });
        }
        match place.and_then(|at| holders.waiting.get_mut(at)) {
            Some((_, since)) => *since = now,
            None => holders.waiting.push_back((peer, now)),
        }
        holders.put_aside();
        Err(TransportError::Busy)
    }
}

/// A slot for a round, while somebody has it.
#[derive(Debug)]
pub(super) struct Slot {
    slots: Arc<Slots>,
    peer: PeerId,
    connection: usize,
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut holders = locked(&self.slots.holders);
        if holders.held.get(&self.peer).is_some_and(|held| held.connection.stable_id() == self.connection) {
            holders.held.remove(&self.peer);
        }
        drop(holders);
        self.slots.freed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(last: u8) -> Network {
        Network::of(IpAddr::from([192, 0, 2, last]))
    }

    /// V-QUIC-010: a flood drops its own handshakes, the silent ones first, and nobody else's.
    #[test]
    fn a_flood_drops_itself() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let honest = (1, network(1), at(0));
        // One address may have eight.
        let mut all = vec![honest];
        all.extend((0..8).map(|n| (10 + n, network(2), at(9 - n))));
        assert_eq!(to_drop(&all, network(2)), Some(17), "the one that was silent longest");
        assert_eq!(to_drop(&all, network(3)), None);
        assert_eq!(to_drop(&all[..8], network(2)), None);
        // Sixty-four of eight addresses and one honest caller that is slow: the flood makes room.
        let mut all = vec![honest];
        all.extend((0..63).map(|n| (100 + n, network(10 + u8::try_from(n % 9).unwrap()), at(5))));
        assert_eq!(all.len(), MOST);
        let dropped = to_drop(&all, network(50)).unwrap();
        assert!(dropped >= 100);
    }

    /// V-TIME-005: a peer is put aside only if it is slow after its grace or has its slot for long, the longest holder first.
    #[test]
    fn who_is_slow_or_long_at_it_is_put_aside() {
        let peer = |n: u8| blindlink::identity::IdentityKey::from_secret(&[n; 32]).id();
        let pace = |seconds, bytes| Pace { held: Duration::from_secs(seconds), bytes };
        let aside = |paces: &[Pace]| to_put_aside((1..).map(peer).zip(paces.iter().copied()));
        assert_eq!(aside(&[]), None);
        assert_eq!(aside(&[pace(119, 0), pace(120, 120 * 4096), pace(1799, 1799 * 4096)]), None);
        assert_eq!(aside(&[pace(119, 0), pace(120, 120 * 4096 - 1)]), Some(peer(2)), "too slow");
        assert_eq!(aside(&[pace(1800, u64::MAX), pace(600, u64::MAX)]), Some(peer(1)), "too long, however fast");
        assert_eq!(aside(&[pace(200, 0), pace(300, 0), pace(250, 0)]), Some(peer(2)), "the longest holder first");
    }

    /// V-QUIC-010: of IPv6 a /64 network counts as one address; an IPv4 address that is mapped into IPv6 is itself.
    #[test]
    fn a_network_of_ipv6_is_one_caller() {
        let v6 = |text: &str| Network::of(text.parse::<Ipv6Addr>().unwrap().into());
        assert_eq!(v6("2001:db8:1:2:3::4"), v6("2001:db8:1:2::9"));
        assert_ne!(v6("2001:db8:1:2::9"), v6("2001:db8:1:3::9"));
        assert_eq!(v6("::ffff:192.0.2.1"), network(1));
        assert_ne!(network(1), network(2));
    }
}
