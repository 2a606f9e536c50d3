//! A UDP relay that behaves as a weak line does: a rate each way, delay, loss, a buffer of limited length, and cuts.
#![allow(unreachable_pub, missing_docs)]

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::time::{Instant, sleep_until};

/// What a line does to packets.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// Bits a second towards the caller.
    pub down: u64,
    /// Bits a second from the caller.
    pub up: u64,
    /// Time of a packet on the way, each way.
    pub delay: Duration,
    /// Packets lost of a thousand, each way.
    pub lost: u64,
    /// The line is cut so often, counted from the first packet.
    pub cut_every: Duration,
    /// And for so long; zero: never.
    pub cut_for: Duration,
}

/// How long a packet waits at most before the line; what would wait longer is dropped.
const BUFFER: Duration = Duration::from_millis(600);

/// The largest UDP payload that goes through, as on most lines.
const LARGEST: usize = 1472;

/// One direction.
struct Way {
    bits_per_second: u64,
    free: Instant,
    /// Numbers of a linear congruential generator: the same packets are lost in every run.
    state: u64,
}

impl Way {
    /// When a packet of this many bytes is through; nobody sees it again otherwise.
    fn through(&mut self, line: &Line, begun: Instant, bytes: usize) -> Option<Instant> {
        let now = Instant::now();
        let cut = !line.cut_for.is_zero() && {
            let cycle = line.cut_every.as_millis().max(1);
            let at = (now - begun).as_millis();
            at >= cycle && at % cycle < line.cut_for.as_millis()
        };
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let lost = (self.state >> 33) % 1000 < line.lost;
        let from = self.free.max(now);
        if cut || lost || bytes > LARGEST || from - now > BUFFER {
            return None;
        }
        let micros = u64::try_from(bytes).unwrap_or(u64::MAX) * 8_000_000 / self.bits_per_second.max(1);
        self.free = from + Duration::from_micros(micros);
        Some(self.free + line.delay)
    }
}

/// Bytes that went through: towards the caller, and from it.
pub type Passed = Arc<Mutex<[u64; 2]>>;

/// Forwards between callers of `listen` and `target` for as long as the program runs.
pub async fn run(listen: SocketAddr, target: SocketAddr, line: Line, passed: Passed) {
    let front = Arc::new(UdpSocket::bind(listen).await.unwrap());
    let begun = Instant::now();
    let way = |bits_per_second, state| Arc::new(Mutex::new(Way { bits_per_second, free: begun, state }));
    let (down, up) = (way(line.down, 1), way(line.up, 2));
    let mut flows: HashMap<SocketAddr, Arc<UdpSocket>> = HashMap::new();
    let mut packet = vec![0; 65_536];
    while let Ok((n, from)) = front.recv_from(&mut packet).await {
        if let std::collections::hash_map::Entry::Vacant(slot) = flows.entry(from) {
            let back = Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
            back.connect(target).await.unwrap();
            slot.insert(Arc::clone(&back));
            let (front, down, passed) = (Arc::clone(&front), Arc::clone(&down), Arc::clone(&passed));
            tokio::spawn(async move {
                let mut packet = vec![0; 65_536];
                loop {
                    let Ok(n) = back.recv(&mut packet).await else {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                        continue;
                    };
                    let Some(at) = down.lock().unwrap().through(&line, begun, n) else { continue };
                    passed.lock().unwrap()[0] += n as u64;
                    let (front, bytes) = (Arc::clone(&front), packet[..n].to_vec());
                    tokio::spawn(async move {
                        sleep_until(at).await;
                        let _ = front.send_to(&bytes, from).await;
                    });
                }
            });
        }
        let Some(at) = up.lock().unwrap().through(&line, begun, n) else { continue };
        passed.lock().unwrap()[1] += n as u64;
        let (back, bytes) = (Arc::clone(&flows[&from]), packet[..n].to_vec());
        tokio::spawn(async move {
            sleep_until(at).await;
            let _ = back.send(&bytes).await;
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten packets of 1,000 bytes at 800 kbit/s take a hundredth of a second each, one after the other, and the delay once.
    #[tokio::test(start_paused = true)]
    async fn packets_queue_at_the_lines_rate_and_what_waits_too_long_is_dropped() {
        let line = Line {
            down: 800_000,
            up: 0,
            delay: Duration::from_millis(250),
            lost: 0,
            cut_every: Duration::from_secs(10),
            cut_for: Duration::from_secs(2),
        };
        let begun = Instant::now();
        let mut way = Way { bits_per_second: line.down, free: begun, state: 1 };
        let through: Vec<_> = (0..80).map(|_| way.through(&line, begun, 1000)).collect();
        let after = |n: u64| Some(begun + Duration::from_millis(10 * n + 250));
        assert_eq!((through[0], through[9]), (after(1), after(10)));
        assert_eq!(through.iter().flatten().count(), 61, "the buffer is 600 ms long");
        tokio::time::advance(Duration::from_secs(11)).await;
        assert_eq!(way.through(&line, begun, 1000), None, "cut");
        tokio::time::advance(Duration::from_secs(2)).await;
        assert!(way.through(&line, begun, 1000).is_some());
        assert_eq!(way.through(&line, begun, LARGEST + 1), None, "too large for the line");
        let lossy = Line { lost: 500, cut_for: Duration::ZERO, ..line };
        let mut arrived = 0;
        for _ in 0..1000 {
            tokio::time::advance(Duration::from_millis(20)).await;
            arrived += usize::from(way.through(&lossy, begun, 1000).is_some());
        }
        assert!((400..600).contains(&arrived), "{arrived}");
    }
}
