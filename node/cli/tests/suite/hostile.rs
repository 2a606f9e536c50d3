//! Known peers that break the rules: each breach has its own error, and the node goes on for honest ones.

use blindlink::ids::{FrameDigest, RoundId};
use blindlink::session::{Config, Outcome, Role, Session, SessionInputs, Stage};
use blindlink::wire::{FrameKind, HEADER_BYTES};
use blindlink_node::driver::{self, Context, Finished, MadeFrame, Polled, Pool, RoundMachine, Step, Stopped};
use blindlink_node::event::NoSink;
use blindlink_node::own_list::{Input, OwnFiles, load};
use blindlink_node::sys::entropy::fresh_secret;
use blindlink_node::transport::{ALPN, Channel, Client, FrameReader, Listener, close};
use blindlink_testkit::{Node, Pair, Running, any, unhurried};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::sync::watch;

type Job = <Session as RoundMachine>::Job;
type Found = <Session as RoundMachine>::Found;
type Meddle = Box<dyn FnMut(&mut Vec<u8>) -> Option<Vec<u8>>>;

/// An honest session whose frames are changed on their way out. The frame that `meddle` gives is sent besides.
struct Meddler {
    session: Session,
    meddle: Meddle,
    extra: Option<Vec<u8>>,
}

impl RoundMachine for Meddler {
    type Job = Job;
    type Found = Found;
    type Outcome = Box<Outcome>;

    fn run(job: Job) -> Found {
        Session::run(job)
    }

    fn handle(&mut self, frame: &[u8]) -> Result<FrameDigest, blindlink::Error> {
        RoundMachine::handle(&mut self.session, frame)
    }

    fn poll(&mut self) -> Polled<Self> {
        if let Some(frame) = self.extra.take() {
            return Ok(Some(Step::Send(MadeFrame::new(frame))));
        }
        let mut step = self.session.poll()?;
        if let Some(Step::Send(frame)) = &mut step {
            let mut bytes = std::mem::take(&mut frame.bytes);
            self.extra = (self.meddle)(&mut bytes);
            *frame = MadeFrame::new(bytes);
        }
        Ok(step)
    }

    fn finish_work(&mut self, found: Found) -> Result<(), blindlink::Error> {
        self.session.finish_work(found)
    }

    fn persisted(&mut self, seq: u64) -> Result<(), blindlink::Error> {
        self.session.persisted(seq)
    }

    fn abort(&mut self, reason: &blindlink::Error) -> Vec<u8> {
        self.session.abort(reason)
    }

    fn round(&self) -> Option<RoundId> {
        self.session.round()
    }

    fn max_frame(&self) -> usize {
        self.session.max_frame()
    }

    fn stage(frame: &[u8]) -> Option<Stage> {
        Session::stage(frame)
    }
}

fn input(node: &Node, role: Role) -> Input {
    load(OwnFiles::new(&node.records, &node.policy), role, &NoSink).unwrap()
}

async fn play(node: &Node, role: Role, channel: Channel, meddle: Meddle) -> Result<Finished<Box<Outcome>>, Stopped> {
    let input = input(node, role);
    let session = Session::new(Config {
        log: blindlink_testkit::logs(&node.data, &channel.peer()),
        inputs: SessionInputs::new(role, input.list, fresh_secret().unwrap()).unwrap(),
        basis: blindlink::agreement::Basis::Training(&blindlink::suite::SUITE_1),
        identity: node.data.identity().unwrap().key(),
        peer: channel.peer(),
        binding: channel.binding(),
    })
    .unwrap();
    let (pool, stop) = (Pool::new(2).unwrap(), watch::Sender::new(false));
    let folder = tempfile::tempdir().unwrap();
    let context = Context {
        pool: &pool,
        frame_timeout: Duration::from_secs(20),
        stop: stop.subscribe(),
        observe: &|_| {},
        log: driver::no_log(),
    };
    let journal = blindlink_testkit::journal(&folder.path().join("journal"));
    driver::run(Meddler { session, meddle, extra: None }, journal, channel, context).await
}

/// Calls the node that serves as its known peer.
async fn call(pair: &Pair, addr: &str) -> (Client, Channel) {
    Client::connect(&pair.requester.secret(), pair.responder.id(), addr, &unhurried()).await.unwrap()
}

/// A requester that meddles, against a real responder.
async fn meddling_requester(pair: &Pair, meddle: Meddle) -> blindlink_testkit::Ended {
    let (serve, addr) = pair.responder.serve(&["--once"]);
    let (client, channel) = call(pair, &addr).await;
    let _ = play(&pair.requester, Role::Requester, channel, meddle).await;
    client.finish(Duration::from_secs(2)).await;
    tokio::task::spawn_blocking(|| serve.end()).await.unwrap()
}

/// A responder that meddles, against a real requester.
async fn meddling_responder(pair: &Pair, meddle: Meddle) -> blindlink_testkit::Ended {
    let allowed = BTreeSet::from([pair.requester.id()]);
    let mut listener = Listener::bind(&pair.responder.secret(), allowed, any(), &unhurried(), 1).unwrap();
    pair.requester.add_peer("responder", &pair.responder.id(), Some(&listener.local().unwrap().to_string()));
    let link = pair.requester.link("responder", &[]);
    let channel = listener.accept().await.unwrap();
    // It may have been content itself: the breach may lie in its last frame.
    let _ = play(&pair.responder, Role::Responder, channel, meddle).await;
    listener.finish(Duration::from_secs(2)).await;
    tokio::task::spawn_blocking(|| link.end()).await.unwrap()
}

/// Flips one bit at `position` of the first frame of `kind`, counted from the end if negative.
fn flip(kind: FrameKind, position: isize) -> Meddle {
    let mut armed = true;
    Box::new(move |frame| {
        if armed && frame.first() == Some(&(kind as u8)) {
            armed = false;
            let at = if position < 0 { frame.len() - position.unsigned_abs() } else { position.unsigned_abs() };
            frame[at] ^= 1;
        }
        None
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_over_long_frame_is_refused_and_honest_peers_are_served_afterwards() {
    let pair = Pair::create();
    let (serve, addr) = pair.responder.serve(&[]);
    let (client, channel) = call(&pair, &addr).await;
    let (mut reader, mut writer, closer) = channel.split();
    writer.write_raw(&[0x7f, 0xff, 0xff, 0xff, 1]).await.unwrap();
    assert_eq!(read_abort(&mut reader).await, Some(202));
    writer.finish().await.ok();
    closer.close(close::DONE);
    client.finish(Duration::from_secs(2)).await;
    let failed = serve.wait_for(|event| event["event"] == "round_failed");
    assert_eq!((failed["code"].as_str(), failed["exit"].as_u64()), (Some("E_FRAME_LENGTH"), Some(30)));
    pair.responder.assert_no_result();

    pair.requester.add_peer("responder", &pair.responder.id(), Some(&addr));
    let link: Running = pair.requester.link("responder", &[]);
    tokio::task::spawn_blocking(|| link.end()).await.unwrap().assert_done();
}

/// Reads until the abort frame; gives its code.
async fn read_abort(reader: &mut FrameReader) -> Option<u16> {
    while let Ok(Some(frame)) = reader.next(1 << 20).await {
        if let [kind, 0, 0, 0, 0, high, low] = frame.as_slice()
            && *kind == FrameKind::Abort as u8
        {
            return Some(u16::from_be_bytes([*high, *low]));
        }
    }
    None
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_message_are_refused() {
    for (bytes, code) in [
        // Shorter than a header.
        (&[0, 0, 0, 2, 1, 0][..], "E_FRAME_MALFORMED"),
        // A hello that ends in its middle.
        (&[0, 0, 0, 9, 1, 0, 0, 0, 0, 0, 2, 0, 1], "E_FRAME_MALFORMED"),
        // A kind that does not exist.
        (&[0, 0, 0, 6, 0x66, 0, 0, 0, 0, 0], "E_PROTOCOL_VIOLATION"),
        // Another version.
        (&[0, 0, 0, 9, 1, 0, 0, 0, 0, 0, 1, 0, 1], "E_VERSION"),
    ] {
        let pair = Pair::create();
        let (serve, addr) = pair.responder.serve(&["--once"]);
        let (_client, channel) = call(&pair, &addr).await;
        let (mut reader, mut writer, _closer) = channel.split();
        writer.write_raw(bytes).await.unwrap();
        assert!(read_abort(&mut reader).await.is_some());
        writer.finish().await.ok();
        let ended = tokio::task::spawn_blocking(|| serve.end()).await.unwrap();
        assert_eq!(ended.json["error"]["code"], code, "{bytes:?}: {ended:?}");
        pair.responder.assert_no_result();
    }
}

/// V-CLOSE-003
#[tokio::test(flavor = "multi_thread")]
async fn an_abort_is_not_answered_with_an_abort() {
    let pair = Pair::create();
    let (serve, addr) = pair.responder.serve(&["--once"]);
    let (_client, channel) = call(&pair, &addr).await;
    let (mut reader, mut writer, _closer) = channel.split();
    writer.write(blindlink::wire::abort(500)).await.unwrap();
    assert_eq!(read_abort(&mut reader).await, None);
    writer.finish().await.ok();
    let ended = tokio::task::spawn_blocking(|| serve.end()).await.unwrap();
    ended.assert_failed(22, "E_PEER_ABORTED");
    pair.responder.assert_no_result();
}

/// V-FRAME-003
#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_ends_within_a_frame_is_refused() {
    let pair = Pair::create();
    let (serve, addr) = pair.responder.serve(&["--once"]);
    let (_client, channel) = call(&pair, &addr).await;
    let (_reader, mut writer, _closer) = channel.split();
    writer.write_raw(&[0, 0, 0, 200, 1, 0]).await.unwrap();
    writer.finish().await.ok();
    let ended = tokio::task::spawn_blocking(|| serve.end()).await.unwrap();
    ended.assert_failed(31, "E_FRAME_MALFORMED");
    pair.responder.assert_no_result();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_proof_is_named() {
    let pair = Pair::create();
    // The proof's response ends the message; its lowest byte keeps it a reduced scalar.
    let ended = meddling_responder(&pair, flip(FrameKind::Evaluation, -32)).await;
    ended.assert_failed(32, "E_PROOF");
    pair.requester.assert_no_result();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inconsistent_ot_extension_is_named_on_either_side() {
    let pair = Pair::create();
    let ended = meddling_responder(&pair, flip(FrameKind::Choice, HEADER_BYTES as isize)).await;
    ended.assert_failed(33, "E_OT_CHECK");
    pair.requester.assert_no_result();
    let pair = Pair::create();
    // The requester's extension comes after its corrections; its hashes end the message.
    let ended = meddling_requester(&pair, flip(FrameKind::Correction, -1)).await;
    ended.assert_failed(33, "E_OT_CHECK");
    pair.responder.assert_no_result();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chunk_that_comes_twice_burns_the_round() {
    let pair = Pair::create();
    let mut armed = true;
    let again: Meddle = Box::new(move |frame| {
        let now = armed && frame.first() == Some(&(FrameKind::Correction as u8));
        armed &= !now;
        now.then(|| frame.clone())
    });
    let ended = meddling_requester(&pair, again).await;
    ended.assert_failed(34, "E_PROTOCOL_VIOLATION");
    pair.responder.assert_no_result();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_receipt_is_named() {
    let pair = Pair::create();
    let ended = meddling_responder(&pair, flip(FrameKind::Receipt, -1)).await;
    ended.assert_failed(35, "E_RECEIPT");
    pair.requester.assert_no_result();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_requesters_are_told_so() {
    let pair = Pair::create();
    let (serve, addr) = pair.responder.serve(&["--once"]);
    let (_client, channel) = call(&pair, &addr).await;
    // A responder's hello from the calling side.
    play(&pair.requester, Role::Responder, channel, Box::new(|_| None)).await.unwrap_err();
    let ended = tokio::task::spawn_blocking(|| serve.end()).await.unwrap();
    ended.assert_failed(16, "E_ROLE");
    assert_eq!(ALPN, b"blindlink/2");
}
