//! A UDP relay between two nodes whose flows can be cut: what a flow that was cut still sends is swallowed, either way,
//! until its ends notice by themselves. A new flow passes.
#![allow(unreachable_pub, missing_docs)]

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::UdpSocket;

pub struct Relay {
    pub addr: SocketAddr,
    cuts: Arc<AtomicU64>,
}

/// Every datagram that passed, one after the other.
pub type Recorded = Arc<Mutex<Vec<u8>>>;

impl Relay {
    /// Forwards to `target`.
    pub async fn start(target: SocketAddr) -> Self {
        Self::between(target, None).await
    }

    /// Forwards to `target`, and keeps what passes.
    pub async fn recording(target: SocketAddr) -> (Self, Recorded) {
        let passed = Recorded::default();
        (Self::between(target, Some(Arc::clone(&passed))).await, passed)
    }

    async fn between(target: SocketAddr, record: Option<Recorded>) -> Self {
        let keep = move |packet: &[u8]| {
            if let Some(record) = &record {
                record.lock().unwrap().extend_from_slice(packet);
            }
        };
        let front = Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
        let (addr, cuts) = (front.local_addr().unwrap(), Arc::new(AtomicU64::new(0)));
        let age = Arc::clone(&cuts);
        tokio::spawn(async move {
            let mut flows: HashMap<SocketAddr, (Arc<UdpSocket>, u64)> = HashMap::new();
            let mut packet = vec![0; 65_536];
            while let Ok((n, from)) = front.recv_from(&mut packet).await {
                if let std::collections::hash_map::Entry::Vacant(slot) = flows.entry(from) {
                    let back = Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
                    back.connect(target).await.unwrap();
                    let born = age.load(Ordering::SeqCst);
                    slot.insert((Arc::clone(&back), born));
                    let (front, age, keep) = (Arc::clone(&front), Arc::clone(&age), keep.clone());
                    tokio::spawn(async move {
                        let mut packet = vec![0; 65_536];
                        loop {
                            // Nobody there yet, or no longer.
                            let Ok(n) = back.recv(&mut packet).await else {
                                tokio::time::sleep(Duration::from_millis(20)).await;
                                continue;
                            };
                            if age.load(Ordering::SeqCst) == born {
                                keep(&packet[..n]);
                                let _ = front.send_to(&packet[..n], from).await;
                            }
                        }
                    });
                }
                let (back, born) = &flows[&from];
                if *born == age.load(Ordering::SeqCst) {
                    keep(&packet[..n]);
                    let _ = back.send(&packet[..n]).await;
                }
            }
        });
        Self { addr, cuts }
    }

    /// Cuts every flow that there is.
    pub fn cut(&self) {
        self.cuts.fetch_add(1, Ordering::SeqCst);
    }
}
