//! Measures what an honest pair notices of others at the door:
//!
//!     cargo build -p blindlink-cli && cargo run -p blindlink-testkit --example beside [RECORDS]
//!
//! 1. A round alone, and the same round while an admitted peer moves a frame every three seconds and 64 handshakes are held
//!    half open, anew every two seconds.
//! 2. Twenty rounds, each begun while 64 handshakes are held half open.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use blindlink::identity::{IdentityKey, PeerId};
use blindlink::secret::Secret;
use blindlink::session::Role;
use blindlink_lab::synth::{Plan, generate, write_list};
use blindlink_node::transport::Client;
use blindlink_testkit::scripted::play;
use blindlink_testkit::{Node, Pair, SEED, policy_text, unhurried};
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};

/// Handshakes that are held at once.
const HELD: usize = 64;

/// A handshake that has begun and is not gone on with, for as long as the runtime lives that nobody drives.
fn half_open(peer: PeerId, addr: &str) -> Runtime {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let addr = addr.to_owned();
    runtime.block_on(async move {
        let calling = tokio::spawn(async move {
            let settings = unhurried();
            drop(Client::connect(&Secret::new([77; 32]), peer, &addr, &settings).await);
        });
        // Long enough for the first flight to leave.
        tokio::time::sleep(Duration::from_millis(3)).await;
        drop(calling);
    });
    runtime
}

fn burst(peer: PeerId, addr: &str) -> Vec<Runtime> {
    (0..HELD).map(|_| half_open(peer, addr)).collect()
}

fn release(burst: Vec<Runtime>) {
    burst.into_iter().for_each(Runtime::shutdown_background);
}

/// A round of the honest pair; its seconds.
fn round(pair: &Pair, addr: &str) -> f64 {
    pair.requester.run(&["peer", "remove", "responder"]);
    pair.requester.add_peer("responder", &pair.responder.id(), Some(addr));
    let begun = Instant::now();
    pair.requester.link("responder", &[]).end().assert_done();
    begun.elapsed().as_secs_f64()
}

/// An admitted peer that moves a frame every three seconds, again and again; `moved` counts them.
fn slow(node: &Node, responder: PeerId, addr: &str, over: &AtomicBool, moved: &Arc<AtomicU32>) {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    while !over.load(Ordering::Relaxed) {
        runtime.block_on(async {
            let Ok((_client, channel)) = Client::connect(&node.secret(), responder, addr, &unhurried()).await else {
                return;
            };
            let moved = Arc::clone(moved);
            let script = Box::new(move |frame| {
                moved.fetch_add(1, Ordering::Relaxed);
                thread::sleep(Duration::from_secs(3));
                vec![frame]
            });
            let playing = play(node, Role::Requester, channel, script);
            let _ = tokio::time::timeout(Duration::from_secs(20), playing).await;
        });
    }
    runtime.shutdown_background();
}

fn beside(records: u32) {
    let (pair, other) = (Pair::create(), Pair::create());
    let lists = generate(&Plan::new(records, 0.5, SEED));
    for (node, rows) in [(&pair.requester, &lists.b), (&pair.responder, &lists.a), (&other.requester, &lists.b)] {
        let mut csv = Vec::new();
        write_list(rows, &mut csv).unwrap();
        fs::write(&node.records, csv).unwrap();
        fs::write(&node.policy, policy_text(records)).unwrap();
    }
    pair.responder.add_peer("slow", &other.requester.id(), None);
    let (serve, addr) = pair.responder.serve(&["--rounds", "2"]);
    let (responder, over, moved) = (pair.responder.id(), AtomicBool::new(false), Arc::default());
    let alone = [round(&pair, &addr), round(&pair, &addr)];
    let disturbed = thread::scope(|scope| {
        scope.spawn(|| slow(&other.requester, responder, &addr, &over, &moved));
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                let held = burst(responder, &addr);
                thread::sleep(Duration::from_secs(2));
                release(held);
            }
        });
        // Until both are at it.
        thread::sleep(Duration::from_secs(4));
        let disturbed = [round(&pair, &addr), round(&pair, &addr)];
        over.store(true, Ordering::Relaxed);
        disturbed
    });
    println!(
        "{records} by {records} records, seconds of a round: alone {alone:.2?}, beside slow peer and flood {disturbed:.2?}; \
         the slow peer sent {} frames",
        moved.load(Ordering::Relaxed)
    );
    println!("ratio of the means: {:.2}", (disturbed[0] + disturbed[1]) / (alone[0] + alone[1]));
    drop(serve);
}

fn twenty() {
    let pair = Pair::create();
    let (serve, addr) = pair.responder.serve(&[]);
    let mut seconds = Vec::new();
    for _ in 0..20 {
        let held = burst(pair.responder.id(), &addr);
        seconds.push(round(&pair, &addr));
        release(held);
    }
    seconds.sort_by(f64::total_cmp);
    println!("20 rounds beside {HELD} half-open handshakes: none failed, {:.2} to {:.2} s", seconds[0], seconds[19]);
    drop(serve);
}

fn main() {
    let records = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(1000);
    // Its key is nobody's: the flood shows no known one.
    assert_ne!(IdentityKey::from_secret(&[77; 32]).id(), Pair::create().responder.id());
    twenty();
    beside(records);
}
