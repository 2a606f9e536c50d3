//! The attacks of `docs/negative-tests.md` that come over the network, mounted on one live node after the other: each is
//! named by its error, and the node serves an honest peer afterwards.

use blindlink::identity::IdentityKey;
use blindlink::session::Role;
use blindlink::wire::{FrameKind, HEADER_BYTES as BODY, abort};
use blindlink_node::transport::{Client, Listener, Settings, TransportError};
use blindlink_testkit::scripted::{Script, attack, call, change, instead, play, read_abort};
use blindlink_testkit::{Pair, Running, any, unhurried};
use std::collections::BTreeSet;
use std::time::Duration;

/// What is done to a frame.
type How = Box<dyn Fn(&mut Vec<u8>) + Send>;

/// Name, what is done, code of the node's abort, name of its failure.
type Attack = (&'static str, Script, u16, &'static str);

/// A node that serves, and an honest peer who knows where.
fn serving(more: &[&str]) -> (Pair, Running, String) {
    let pair = Pair::create();
    let (serve, addr) = pair.responder.serve(more);
    pair.requester.add_peer("responder", &pair.responder.id(), Some(&addr));
    (pair, serve, addr)
}

async fn failed(serve: Running) -> (Running, String) {
    let failed = move || {
        let event = serve.wait_for(|event| event["event"] == "round_failed");
        (serve, event["code"].as_str().unwrap().to_owned())
    };
    tokio::task::spawn_blocking(failed).await.unwrap()
}

/// The node is still there for an honest peer.
async fn still_serves(pair: &Pair) {
    let link = pair.requester.link("responder", &[]);
    tokio::task::spawn_blocking(|| link.end()).await.unwrap().assert_done();
}

async fn mount(attacks: Vec<Attack>) {
    let (pair, mut serve, addr) = serving(&[]);
    for (name, script, code, exit) in attacks {
        assert_eq!(attack(&pair, &addr, script).await, Some(code), "{name}");
        let event;
        (serve, event) = failed(serve).await;
        assert_eq!(event, exit, "{name}");
        pair.responder.assert_no_result();
    }
    still_serves(&pair).await;
}

fn set(at: usize, value: u8) -> impl Fn(&mut Vec<u8>) + Send {
    move |frame| frame[at] = value
}

fn flip(at: usize) -> impl Fn(&mut Vec<u8>) + Send {
    move |frame| frame[at] ^= 1
}

#[tokio::test(flavor = "multi_thread")]
async fn hellos_that_lie_are_named_and_the_node_serves_on() {
    let hello = |how: How| change(FrameKind::Hello, how);
    mount(vec![
        ("another version", hello(Box::new(set(6, 1))), 300, "E_VERSION"),
        ("a downgraded suite", hello(Box::new(set(8, 0))), 301, "E_SUITE"),
        ("the node's own role", hello(Box::new(set(9, 2))), 303, "E_ROLE"),
        ("no role", hello(Box::new(set(9, 7))), 210, "E_FRAME_MALFORMED"),
        ("somebody else's identity", hello(Box::new(flip(10))), 210, "E_FRAME_MALFORMED"),
        ("bound to another connection", hello(Box::new(flip(74))), 304, "E_CHANNEL_BINDING"),
        ("another policy", hello(Box::new(flip(112))), 302, "E_POLICY_DIFFERS"),
        ("an agreement where there is none", hello(Box::new(agreed)), 305, "E_AGREEMENT_DIFFERS"),
        ("more policy than there is", hello(Box::new(set(106, 0xff))), 200, "E_FRAME_MALFORMED"),
        ("a byte after the end", hello(Box::new(|frame| frame.push(0))), 201, "E_FRAME_MALFORMED"),
        ("cut short", hello(Box::new(|frame| frame.truncate(50))), 200, "E_FRAME_MALFORMED"),
        ("longer than any hello", hello(Box::new(|frame| frame.resize(80_000, 0))), 202, "E_FRAME_LENGTH"),
    ])
    .await;
}

/// One byte of agreement.
fn agreed(frame: &mut Vec<u8>) {
    // The agreement's length stands before the head of the log.
    let at = frame.len() - blindlink::wire::hello::HEAD_BYTES;
    frame[at - 1] = 1;
    frame.insert(at, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn hellos_of_the_past_and_of_the_node_itself_are_refused() {
    let (pair, serve, addr) = serving(&[]);
    // The first connection gives a hello of the peer's and one of the node's.
    let (client, channel) = call(&pair, &addr).await;
    let mut session = blindlink_testkit::scripted::session(&pair.requester, Role::Requester, &channel);
    let sent = std::iter::from_fn(|| session.poll_output().unwrap()).find_map(|output| match output {
        blindlink::session::Output::Send(frame) => Some(frame.bytes),
        _ => None,
    });
    let (mut reader, mut writer, closer) = channel.split();
    let sent = sent.unwrap();
    writer.write(sent.clone()).await.unwrap();
    // Messages about the connection, an acknowledgement first of all, may come before the node's hello.
    let mut theirs = reader.next(1 << 20).await.unwrap().unwrap();
    while theirs.first() != Some(&(FrameKind::Hello as u8)) {
        theirs = reader.next(1 << 20).await.unwrap().unwrap();
    }
    drop(writer);
    closer.close(0);
    client.finish(Duration::from_secs(2)).await;
    // Whether a connection that ends before both have committed is told as a failure is no matter here.
    let mut serve = serve;
    for (name, frame, code, exit) in [
        ("a hello of an earlier connection", sent, 304, "E_CHANNEL_BINDING"),
        ("the node's own hello", theirs, 210, "E_FRAME_MALFORMED"),
    ] {
        let replay = instead(FrameKind::Hello, move |_| vec![frame.clone()]);
        assert_eq!(attack(&pair, &addr, replay).await, Some(code), "{name}");
        let mut event = String::new();
        while event != exit {
            (serve, event) = failed(serve).await;
        }
    }
    pair.responder.assert_no_result();
    still_serves(&pair).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_that_may_not_be_are_named_and_the_node_serves_on() {
    let twice = |frame: Vec<u8>| vec![frame.clone(), frame];
    mount(vec![
        ("a commitment cut short", change(FrameKind::Commit, |f| f.truncate(60)), 202, "E_FRAME_LENGTH"),
        ("a commitment too long", change(FrameKind::Commit, |f| f.push(0)), 202, "E_FRAME_LENGTH"),
        ("a commitment twice", instead(FrameKind::Commit, twice), 204, "E_PROTOCOL_VIOLATION"),
        ("an unknown kind", change(FrameKind::Commit, set(0, 0x66)), 203, "E_PROTOCOL_VIOLATION"),
        ("a chunk that does not exist", change(FrameKind::Query, set(4, 99)), 203, "E_PROTOCOL_VIOLATION"),
        (
            "a query before its turn",
            change(FrameKind::BaseRequester, set(0, FrameKind::Query as u8)),
            203,
            "E_PROTOCOL_VIOLATION",
        ),
        ("announcements twice", instead(FrameKind::QueryDigests, twice), 204, "E_PROTOCOL_VIOLATION"),
        ("the last query twice", instead(FrameKind::Query, twice), 204, "E_PROTOCOL_VIOLATION"),
        (
            "the responder's kind",
            change(FrameKind::Query, set(0, FrameKind::Evaluation as u8)),
            203,
            "E_PROTOCOL_VIOLATION",
        ),
        ("less than a header", instead(FrameKind::Commit, |_| vec![vec![2, 0]]), 200, "E_FRAME_MALFORMED"),
        ("a frame of nothing", instead(FrameKind::Commit, |_| vec![vec![]]), 200, "E_FRAME_MALFORMED"),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn contents_that_may_not_be_are_named_and_the_node_serves_on() {
    let fill = |first: usize, value: u8| move |f: &mut Vec<u8>| f[BODY + first..BODY + first + 32].fill(value);
    let last = |f: &mut Vec<u8>| *f.last_mut().unwrap() ^= 1;
    mount(vec![
        ("the identity as an offer", change(FrameKind::BaseRequester, fill(8192, 0)), 205, "E_FRAME_MALFORMED"),
        ("an answer that is no element", change(FrameKind::BaseRequester, fill(4096, 0xff)), 205, "E_FRAME_MALFORMED"),
        ("a query that was not announced", change(FrameKind::Query, flip(BODY)), 209, "E_PROTOCOL_VIOLATION"),
        ("an announcement of another query", change(FrameKind::QueryDigests, flip(BODY)), 209, "E_PROTOCOL_VIOLATION"),
        ("inconsistent trees", change(FrameKind::BaseRequester, last), 219, "E_OT_CHECK"),
        ("an inconsistent extension", change(FrameKind::Correction, last), 208, "E_OT_CHECK"),
        ("claims out of order", change(FrameKind::Claims, fill(0, 0xff)), 210, "E_FRAME_MALFORMED"),
        ("another transcript", change(FrameKind::Receipt, flip(BODY)), 212, "E_RECEIPT"),
        ("another signature", change(FrameKind::Receipt, last), 211, "E_RECEIPT"),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn aborts_floods_and_silence_leave_the_node_to_others() {
    let (pair, serve, addr) = serving(&["--frame-timeout", "6"]);
    // Codes that nobody has defined, and then words after an abort.
    let strange = instead(FrameKind::Commit, |_| vec![abort(65_535), vec![1; 60]]);
    assert_eq!(attack(&pair, &addr, strange).await, None);
    let (serve, event) = failed(serve).await;
    assert_eq!(event, "E_PEER_ABORTED");
    // Ten thousand frames without waiting for an answer.
    let flood = instead(FrameKind::Commit, |frame| vec![frame; 10_000]);
    assert_eq!(attack(&pair, &addr, flood).await, Some(204));
    let (serve, event) = failed(serve).await;
    assert_eq!(event, "E_PROTOCOL_VIOLATION");
    // A peer that lives and says nothing more.
    let (client, channel) = call(&pair, &addr).await;
    let silent = tokio::spawn(async move {
        let (mut reader, mut writer, _closer) = channel.split();
        writer.write_raw(&[0, 0]).await.unwrap();
        let code = read_abort(&mut reader).await;
        drop(writer);
        code
    });
    // The node lets it go; no round had begun that could stay open.
    tokio::time::timeout(Duration::from_secs(300), silent).await.expect("the node waits for ever").unwrap();
    let (serve, event) = failed(serve).await;
    assert_eq!(event, "E_PEER_STALLED");
    client.finish(Duration::from_secs(2)).await;
    // A length of four gigabytes, of which one byte comes.
    let (client, channel) = call(&pair, &addr).await;
    let (mut reader, mut writer, _closer) = channel.split();
    writer.write_raw(&[0xff, 0xff, 0xff, 0xff, 1]).await.unwrap();
    assert_eq!(read_abort(&mut reader).await, Some(202));
    drop(writer);
    client.finish(Duration::from_secs(2)).await;
    let (_serve, event) = failed(serve).await;
    assert_eq!(event, "E_FRAME_LENGTH");
    pair.responder.assert_no_result();
    still_serves(&pair).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_and_other_protocols_do_not_get_in_and_keep_nobody_out() {
    let (pair, serve, addr) = serving(&[]);
    for n in 0..20 {
        let stranger = blindlink::secret::Secret::new([100 + n; 32]);
        let called = Client::connect(&stranger, pair.responder.id(), &addr, &unhurried()).await;
        let Ok((client, channel)) = called else {
            assert!(matches!(called, Err(TransportError::Admission)));
            continue;
        };
        let (mut reader, mut writer, _closer) = channel.split();
        // Its handshake ends before the node has judged its key.
        let _ = writer.write(vec![1; 100]).await;
        assert!(!matches!(reader.next(1 << 20).await, Ok(Some(_))), "a stranger hears nothing");
        client.finish(Duration::from_secs(1)).await;
    }
    let turned_away = serve.wait_for(|event| event["event"] == "turned_away");
    let first = IdentityKey::from_secret(&[100; 32]).id();
    assert_eq!(turned_away["key"], blindlink::identity::keytext::to_text(&first));
    let other = Settings { alpn: b"blindlink/0".to_vec(), ..unhurried() };
    let refused = Client::connect(&pair.requester.secret(), pair.responder.id(), &addr, &other).await;
    assert!(matches!(refused, Err(TransportError::Alpn)), "{:?}", refused.err());
    pair.responder.assert_no_result();
    still_serves(&pair).await;
}

/// Attacks of a responder on a requester, who calls again and again.
#[tokio::test(flavor = "multi_thread")]
async fn a_responder_that_cheats_is_named_by_the_requester() {
    let pair = Pair::create();
    let allowed = BTreeSet::from([pair.requester.id()]);
    let mut listener = Listener::bind(&pair.responder.secret(), allowed, any(), &unhurried(), 1).unwrap();
    pair.requester.add_peer("responder", &pair.responder.id(), Some(&listener.local().unwrap().to_string()));
    let fill = |first: usize, value: u8| move |f: &mut Vec<u8>| f[BODY + first..BODY + first + 32].fill(value);
    let last = |f: &mut Vec<u8>| *f.last_mut().unwrap() ^= 1;
    let swap = |f: &mut Vec<u8>| {
        let (a, b) = f[BODY..BODY + 64].split_at_mut(32);
        a.swap_with_slice(b);
    };
    let attacks: Vec<(&str, Script, i32, &str)> = vec![
        ("the requester's role", change(FrameKind::Hello, set(9, 1)), 16, "E_ROLE"),
        ("the identity as OPRF key", change(FrameKind::Keys, fill(0, 0)), 31, "E_FRAME_MALFORMED"),
        ("an altered proof of the key", change(FrameKind::Keys, flip(BODY + 32)), 32, "E_PROOF"),
        ("a scalar above the order", change(FrameKind::Keys, fill(64, 0xff)), 31, "E_FRAME_MALFORMED"),
        ("inconsistent trees", change(FrameKind::BaseResponder, last), 33, "E_OT_CHECK"),
        ("two evaluations swapped", change(FrameKind::Evaluation, swap), 32, "E_PROOF"),
        ("the identity as evaluation", change(FrameKind::Evaluation, fill(32, 0)), 31, "E_FRAME_MALFORMED"),
        ("an inconsistent extension", change(FrameKind::Choice, flip(BODY + 7)), 33, "E_OT_CHECK"),
        ("another seal key", change(FrameKind::SealKeys, flip(BODY)), 34, "E_PROTOCOL_VIOLATION"),
        (
            "a garbled chunk before its correction",
            change(FrameKind::Choice, set(0, FrameKind::Garbled as u8)),
            34,
            "E_PROTOCOL_VIOLATION",
        ),
    ];
    // A table or gate that is altered on the way shows when the next correction comes: the scripted peer would have to
    // refuse it. `silent_damage_is_found_by_the_receipt` of the protocol crate has both.
    for (name, script, exit, code) in attacks {
        let link = pair.requester.link("responder", &[]);
        let channel = listener.accept().await.unwrap();
        play(&pair.responder, Role::Responder, channel, script).await;
        let ended = tokio::task::spawn_blocking(|| link.end()).await.unwrap();
        assert_eq!((ended.exit, ended.json["error"]["code"].as_str()), (Some(exit), Some(code)), "{name}: {ended:?}");
        pair.requester.assert_no_result();
    }
    listener.finish(Duration::from_secs(2)).await;
    // And an honest responder is served as ever.
    assert!(pair.requester.run(&["peer", "remove", "responder"]).status.success());
    let _serve = pair.served(&[]);
    still_serves(&pair).await;
}
