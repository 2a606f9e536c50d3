//! A peer with a pinned identity that speaks the real framing over QUIC and follows a script instead of the protocol.
#![allow(unreachable_pub)]

use crate::{Node, Pair, unhurried};
use blindlink::agreement::Basis;
use blindlink::session::{Config, Output, Role, Session, SessionInputs};
use blindlink::wire::FrameKind;
use blindlink::wire::acknowledge::{acknowledge, acknowledged as counted};
use blindlink_node::event::NoSink;
use blindlink_node::own_list::{OwnFiles, load};
use blindlink_node::store::audit_log::Log;
use blindlink_node::store::log_heads::LogHeads;
use blindlink_node::sys::entropy::fresh_secret;
use blindlink_node::transport::{Channel, Client, FrameReader, FrameWriter, TransportError, close};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Longest frame that the script reads.
const LONGEST: usize = 64 << 20;

/// What to send in the place of an honest frame.
pub type Script = Box<dyn FnMut(Vec<u8>) -> Vec<Vec<u8>> + Send>;

/// Changes the first frame of a kind.
pub fn change(kind: FrameKind, how: impl Fn(&mut Vec<u8>) + Send + 'static) -> Script {
    let mut armed = true;
    Box::new(move |mut frame| {
        if armed && frame.first() == Some(&(kind as u8)) {
            armed = false;
            how(&mut frame);
        }
        vec![frame]
    })
}

/// Sends other frames in the place of the first of a kind.
pub fn instead(kind: FrameKind, frames: impl Fn(Vec<u8>) -> Vec<Vec<u8>> + Send + 'static) -> Script {
    let mut armed = true;
    Box::new(move |frame| {
        let now = armed && frame.first() == Some(&(kind as u8));
        armed &= !now;
        if now { frames(frame) } else { vec![frame] }
    })
}

pub fn session(node: &Node, role: Role, channel: &Channel) -> Session {
    let files = OwnFiles::new(&node.records, &node.policy);
    let input = load(files, role, &NoSink).unwrap();
    Session::new(Config {
        log: crate::logs(&node.data, &channel.peer()),
        inputs: SessionInputs::new(role, input.list, fresh_secret().unwrap()).unwrap(),
        basis: Basis::Training(&blindlink::suite::SUITE_1),
        identity: node.data.identity().unwrap().key(),
        peer: channel.peer(),
        binding: channel.binding(),
    })
    .unwrap()
}

/// Plays until the other side aborts or ends its stream; gives the code of its abort.
pub async fn play(node: &Node, role: Role, channel: Channel, mut script: Script) -> Option<u16> {
    let mut session = session(node, role, &channel);
    let (mut reader, mut writer, closer) = channel.split();
    let mut received = 0;
    let code = loop {
        if !send(node, &mut session, &mut writer, &mut script).await {
            break read_abort(&mut reader).await;
        }
        let Ok(Some(frame)) = reader.next(LONGEST).await else { break None };
        match frame.first() {
            Some(&kind) if kind == FrameKind::Abort as u8 => break abort_code(&frame),
            // Messages about the connection, not of the round.
            Some(0x70..=0x7e) => {}
            // What the other side makes of the script may well be nothing that an honest session takes.
            _ => {
                drop(session.handle(&frame));
                // A side sends little that nobody acknowledges.
                received += 1;
                if writer.write(acknowledge(received)).await.is_err() {
                    break read_abort(&mut reader).await;
                }
            }
        }
    };
    writer.finish().await.ok();
    closer.close(close::DONE);
    code
}

/// What a requester shows a responder at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parting {
    /// Whether it had acknowledged every frame.
    pub acknowledged: bool,
    /// Whether its stream ended before its connection.
    pub ended: bool,
    /// The code with which it closed.
    pub closed: Option<u64>,
}

/// Answers a requester honestly, but for the receipt, which leaves when the requester's own has come and `before_receipt` has
/// returned. Says what the requester showed then.
pub async fn answer_to_the_end(node: &Node, channel: Channel, mut before_receipt: impl FnMut()) -> Parting {
    let mut session = session(node, Role::Responder, &channel);
    let (mut reader, mut writer, closer) = channel.split();
    let held = Arc::new(Mutex::new(None));
    let hold = Arc::clone(&held);
    let sent = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&sent);
    let mut script: Script = Box::new(move |frame| {
        count.fetch_add(1, Ordering::Relaxed);
        if frame.first() == Some(&(FrameKind::Receipt as u8)) {
            *hold.lock().unwrap() = Some(frame);
            return Vec::new();
        }
        vec![frame]
    });
    let (mut received, mut acknowledged, mut theirs) = (0, 0, false);
    let ended = loop {
        assert!(send(node, &mut session, &mut writer, &mut script).await);
        if theirs && let Some(receipt) = { held.lock().unwrap().take() } {
            before_receipt();
            writer.write(receipt).await.unwrap();
        }
        match reader.next(LONGEST).await {
            Ok(None) => break true,
            Err(_) => break false,
            Ok(Some(frame)) => match counted(&frame) {
                Some(count) => acknowledged = count,
                None => {
                    session.handle(&frame).unwrap();
                    theirs |= frame.first() == Some(&(FrameKind::Receipt as u8));
                    received += 1;
                    writer.write(acknowledge(received)).await.unwrap();
                }
            },
        }
    };
    writer.finish().await.ok();
    let acknowledged = acknowledged == sent.load(Ordering::Relaxed);
    let closed = loop {
        match closer.reason() {
            None => closer.closed(Duration::from_secs(1)).await,
            Some(TransportError::ClosedByPeer(code)) => break Some(code),
            Some(_) => break None,
        }
    };
    Parting { acknowledged, ended, closed }
}

/// Does what the session wants. False if nothing more can be sent.
async fn send(node: &Node, session: &mut Session, writer: &mut FrameWriter, script: &mut Script) -> bool {
    while let Ok(Some(output)) = session.poll_output() {
        match output {
            Output::Send(frame) => {
                for frame in script(frame.bytes) {
                    if writer.write(frame).await.is_err() {
                        return false;
                    }
                }
            }
            Output::Work(job) => drop(session.finish_work(job.run())),
            Output::Persist { seq, .. } => drop(session.persisted(seq)),
            // What was cosigned is remembered, or the next round with this peer would not fit.
            Output::Cosign { peer, head } => {
                let identity = node.data.identity().unwrap();
                LogHeads::of(&node.data, &peer).cosign(&node.data, &identity, &head).unwrap();
            }
            Output::Cosigned { peer, time, signature } => {
                let identity = node.data.identity().unwrap();
                let log = Log::open(&node.data, &identity).unwrap();
                LogHeads::of(&node.data, &peer).cosigned(&log, &identity, time, &signature).unwrap();
            }
            _ => {}
        }
    }
    true
}

fn abort_code(frame: &[u8]) -> Option<u16> {
    match frame {
        [_, 0, 0, 0, 0, high, low] => Some(u16::from_be_bytes([*high, *low])),
        _ => None,
    }
}

/// Reads until the abort frame; gives its code.
pub async fn read_abort(reader: &mut FrameReader) -> Option<u16> {
    while let Ok(Some(frame)) = reader.next(LONGEST).await {
        if frame.first() == Some(&(FrameKind::Abort as u8)) {
            return abort_code(&frame);
        }
    }
    None
}

/// Calls the node at `addr` as its known peer.
pub async fn call(pair: &Pair, addr: &str) -> (Client, Channel) {
    Client::connect(&pair.requester.secret(), pair.responder.id(), addr, &unhurried()).await.unwrap()
}

/// Mounts one attack on the node at `addr`; gives the code of its abort.
pub async fn attack(pair: &Pair, addr: &str, script: Script) -> Option<u16> {
    let (client, channel) = call(pair, addr).await;
    let code = play(&pair.requester, Role::Requester, channel, script).await;
    client.finish(Duration::from_secs(2)).await;
    code
}
