//! Handshakes and framing between two endpoints of one process.
use super::*;
use crate::transport::*;
use blindlink::identity::{IdentityKey, PeerId};
use blindlink::secret::Secret;
use std::collections::BTreeSet;

const ANY: &str = "127.0.0.1:0";

fn party(n: u8) -> (Secret<32>, PeerId) {
    let secret = Secret::new([n; 32]);
    let id = IdentityKey::from_secret(secret.expose()).id();
    (secret, id)
}

/// Long enough that a busy machine decides no test.
fn patient() -> Settings {
    Settings { idle: Duration::from_secs(60), handshake: Duration::from_secs(60), ..Settings::default() }
}

/// For tests in which the time must run out.
fn quick() -> Settings {
    Settings { idle: Duration::from_secs(2), handshake: Duration::from_secs(2), ..Settings::default() }
}

fn listen(allowed: &[PeerId]) -> (Listener, String) {
    listen_with(allowed, &patient())
}

fn listen_with(allowed: &[PeerId], settings: &Settings) -> (Listener, String) {
    let allowed = BTreeSet::from_iter(allowed.iter().copied());
    let listener = Listener::bind(&party(1).0, allowed, ANY.parse().unwrap(), settings, 1).unwrap();
    let address = listener.local().unwrap().to_string();
    (listener, address)
}

/// V-QUIC-007
#[test]
fn the_hybrid_group_is_offered_first_and_only_x25519_besides() {
    let names: Vec<_> = tls::provider().kx_groups.iter().map(|group| group.name()).collect();
    assert_eq!(names, [rustls::NamedGroup::X25519MLKEM768, rustls::NamedGroup::X25519]);
}

/// V-QUIC-002, V-QUIC-005
#[test]
fn only_the_exact_form_of_an_ed25519_key_is_read() {
    let (_, id) = party(2);
    let der = [b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00".as_slice(), id.as_bytes()].concat();
    assert_eq!((der.len(), tls::from_spki(&der)), (44, Some(id)));
    assert_eq!(tls::from_spki(&[der.as_slice(), &[0]].concat()), None);
    assert_eq!(tls::from_spki(&der[..43]), None);
    for position in 0..12 {
        let mut other = der.clone();
        other[position] ^= 1;
        assert_eq!(tls::from_spki(&other), None);
    }
    let mut small_order = der;
    small_order[12..].fill(0);
    assert_eq!(tls::from_spki(&small_order), None);
}

/// V-QUIC-008
#[test]
fn nothing_is_resumed_sent_early_or_named() {
    let ((secret, _), (_, server)) = (party(2), party(1));
    let (client, _) = tls::client(&secret, server, &patient()).unwrap();
    assert!(!client.enable_sni && !client.enable_early_data);
    assert_eq!(client.alpn_protocols, [b"blindlink/2"]);
    let server = tls::server(&secret, BTreeSet::from([server]), &patient(), &tls::Refused::default()).unwrap();
    assert_eq!((server.max_early_data_size, server.send_tls13_tickets), (0, 0));
    assert!(!server.session_storage.can_cache());
}

/// A bare QUIC connection of an admitted caller, without any stream.
async fn bare(address: &str, n: u8) -> (quinn::Endpoint, quinn::Connection) {
    let (tls, _) = tls::client(&party(n).0, party(1).1, &patient()).unwrap();
    let endpoint = config::endpoint(ANY.parse().unwrap(), None).unwrap();
    let config = config::client(tls, &patient()).unwrap();
    let connection = endpoint.connect_with(config, address.parse().unwrap(), "peer.invalid").unwrap().await.unwrap();
    (endpoint, connection)
}

/// V-QUIC-009
#[tokio::test]
async fn one_stream_each_way_and_nothing_else() {
    let (_listener, address) = listen(&[party(2).1]);
    let (_endpoint, connection) = bare(&address, 2).await;
    let _first = connection.open_bi().await.unwrap();
    let brief = Duration::from_millis(200);
    assert!(tokio::time::timeout(brief, connection.open_bi()).await.is_err(), "no second stream");
    assert!(tokio::time::timeout(brief, connection.open_uni()).await.is_err(), "no stream of one direction");
    assert_eq!(connection.max_datagram_size(), None, "no datagrams");
}

/// V-QUIC-010
#[tokio::test]
async fn many_handshakes_at_once_must_prove_their_address() {
    let (listener, address) = listen(&[party(2).1]);
    let mut strangers = Vec::new();
    for _ in 0..9 {
        let stranger = std::net::UdpSocket::bind(ANY).unwrap();
        stranger.send_to(&first_packet().await, &address).unwrap();
        strangers.push(stranger);
    }
    // A flood of first packets is answered with retries.
    while listener.retries() == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // An honest caller gets through, by way of a retry.
    let before = listener.retries();
    let (_endpoint, connection) = bare(&address, 2).await;
    assert!(listener.retries() > before && connection.close_reason().is_none());
}

/// The first packet of a handshake that goes no further.
async fn first_packet() -> Vec<u8> {
    let socket = tokio::net::UdpSocket::bind(ANY).await.unwrap();
    let (tls, _) = tls::client(&party(2).0, party(1).1, &patient()).unwrap();
    let endpoint = config::endpoint(ANY.parse().unwrap(), None).unwrap();
    let config = config::client(tls, &patient()).unwrap();
    let _connecting = endpoint.connect_with(config, socket.local_addr().unwrap(), "peer.invalid").unwrap();
    let mut packet = vec![0; 2048];
    let length = socket.recv(&mut packet).await.unwrap();
    packet.truncate(length);
    packet
}

/// V-TIME-003
#[tokio::test]
async fn a_caller_that_opens_no_stream_is_let_go() {
    let (mut listener, address) = listen_with(&[party(2).1], &quick());
    let begun = std::time::Instant::now();
    let (_endpoint, connection) = bare(&address, 2).await;
    assert_eq!(listener.refusal().await.unwrap().key, None);
    assert!(begun.elapsed() >= Duration::from_secs(2));
    connection.closed().await;
    let (_client, channel) = Client::connect(&party(2).0, party(1).1, &address, &patient()).await.unwrap();
    let (_reader, mut writer, _closer) = channel.split();
    writer.write(vec![1]).await.unwrap();
    assert!(listener.accept().await.is_some(), "the slot is free again");
}

/// V-QUIC-001, V-QUIC-003, V-QUIC-006, V-FRAME-001
#[tokio::test]
async fn both_ends_know_the_peer_and_share_the_binding() {
    let ((secret, id), (_, server)) = (party(2), party(1));
    let (mut listener, address) = listen(&[id]);
    let (client, channel) = Client::connect(&secret, server, &address, &patient()).await.unwrap();
    let binding = channel.binding();
    assert_eq!(channel.peer(), server);
    let (mut reader, mut writer, closer) = channel.split();
    writer.write(b"hello".to_vec()).await.unwrap();

    let accepted = listener.accept().await.unwrap();
    assert_eq!((accepted.peer(), accepted.binding()), (id, binding));
    let (mut their_reader, mut their_writer, _their_closer) = accepted.split();
    assert_eq!(their_reader.next(5).await.unwrap().unwrap(), b"hello");
    their_writer.write(Vec::new()).await.unwrap();
    their_writer.finish().await.unwrap();
    assert_eq!(reader.next(0).await.unwrap().unwrap(), b"");
    assert_eq!(reader.next(0).await.unwrap(), None);
    closer.close(close::DONE);
    client.finish(Duration::from_secs(2)).await;
}

#[tokio::test]
async fn two_connections_have_different_bindings() {
    let ((secret, id), (_, server)) = (party(2), party(1));
    let (_listener, address) = listen(&[id]);
    let (_a, first) = Client::connect(&secret, server, &address, &patient()).await.unwrap();
    let (_b, second) = Client::connect(&secret, server, &address, &patient()).await.unwrap();
    assert_ne!(first.binding(), second.binding());
}

/// V-QUIC-004
#[tokio::test]
async fn another_key_than_the_pinned_one_is_refused() {
    let ((secret, id), (_, other)) = (party(2), party(3));
    let (_listener, address) = listen(&[id]);
    let refused = Client::connect(&secret, other, &address, &patient()).await.unwrap_err();
    assert!(matches!(refused, TransportError::WrongPin), "{refused:?}");
}

#[tokio::test]
async fn a_stranger_is_told_to_look_at_the_list() {
    let (secret, stranger) = party(2);
    let (mut listener, address) = listen(&[party(3).1]);
    let refused = match Client::connect(&secret, party(1).1, &address, &patient()).await {
        Ok((_client, channel)) => {
            let (mut reader, mut writer, _closer) = channel.split();
            let _ = writer.write(b"hello".to_vec()).await;
            reader.next(1024).await.unwrap_err()
        }
        Err(error) => error,
    };
    assert!(matches!(refused, TransportError::Admission), "{refused:?}");
    let refusal = listener.refusal().await.unwrap();
    assert_eq!(refusal.key, Some(stranger), "the log can name the key that tried");
}

/// V-QUIC-003
#[tokio::test]
async fn another_alpn_is_refused() {
    let (secret, id) = party(2);
    let (_listener, address) = listen(&[id]);
    let settings = Settings { alpn: b"blindlink/0".to_vec(), ..patient() };
    let refused = Client::connect(&secret, party(1).1, &address, &settings).await.unwrap_err();
    assert!(matches!(refused, TransportError::Alpn), "{refused:?}");
}

#[tokio::test]
async fn nobody_there_is_unreachable() {
    let settings = Settings { handshake: Duration::from_millis(300), ..patient() };
    let refused = Client::connect(&party(2).0, party(1).1, "127.0.0.1:9", &settings).await.unwrap_err();
    assert!(matches!(refused, TransportError::Unreachable), "{refused:?}");
}

/// V-TIME-003: the first address takes its share of the time and no more.
#[tokio::test]
async fn of_several_addresses_one_that_answers_is_enough() {
    let ((secret, id), (_, server)) = (party(2), party(1));
    let (mut listener, address) = listen(&[id]);
    let silent = std::net::UdpSocket::bind(ANY).unwrap();
    let addresses = [silent.local_addr().unwrap(), address.parse().unwrap()];
    let reach = |addresses: Vec<std::net::SocketAddr>, pinned| {
        let (secret, end) = (secret.clone(), tokio::time::Instant::now() + Duration::from_secs(10));
        async move { Client::reach(&secret, pinned, &addresses, &quick(), end).await }
    };
    let (_client, channel) = reach(addresses.to_vec(), server).await.unwrap();
    let (_reader, mut writer, _closer) = channel.split();
    writer.write(vec![1]).await.unwrap();
    assert_eq!(listener.accept().await.unwrap().peer(), id);
    // Nobody else is asked once somebody with another key has answered.
    let refused = reach(addresses.iter().rev().copied().collect(), party(3).1).await.unwrap_err();
    assert!(matches!(refused, TransportError::WrongPin), "{refused:?}");
    let refused = reach(addresses[..1].to_vec(), server).await.unwrap_err();
    assert!(matches!(refused, TransportError::Unreachable), "{refused:?}");
    assert!(matches!(reach(Vec::new(), server).await.unwrap_err(), TransportError::Address));
}

/// V-FRAME-002
#[tokio::test]
async fn a_long_prefix_is_refused_before_the_body_comes() {
    let (secret, id) = party(2);
    let (mut listener, address) = listen(&[id]);
    let (_client, channel) = Client::connect(&secret, party(1).1, &address, &patient()).await.unwrap();
    let (_reader, mut writer, _closer) = channel.split();
    writer.write_raw(&u32::MAX.to_be_bytes()).await.unwrap();
    let (mut reader, _writer, _closer) = listener.accept().await.unwrap().split();
    let refused = reader.next(1 << 20).await.unwrap_err();
    assert!(matches!(refused, TransportError::FrameTooLong { got: 0xffff_ffff, max: 1_048_576 }), "{refused:?}");
}

#[tokio::test]
async fn a_second_caller_is_told_that_the_node_is_busy() {
    let ((secret, id), (second, second_id)) = (party(2), party(3));
    let (mut listener, address) = listen(&[id, second_id]);
    let (_client, channel) = Client::connect(&secret, party(1).1, &address, &patient()).await.unwrap();
    let (_reader, mut writer, _closer) = channel.split();
    writer.write(vec![1]).await.unwrap();
    let held = listener.accept().await.unwrap();

    let (_other, channel) = Client::connect(&second, party(1).1, &address, &patient()).await.unwrap();
    let (mut reader, _writer, _closer2) = channel.split();
    let refused = reader.next(10).await.unwrap_err();
    assert!(matches!(refused, TransportError::Busy), "{refused:?}");

    drop(held);
    let (_other, channel) = Client::connect(&second, party(1).1, &address, &patient()).await.unwrap();
    let (_reader, mut writer, _closer3) = channel.split();
    writer.write(vec![2]).await.unwrap();
    assert_eq!(listener.accept().await.unwrap().peer(), second_id, "the slot is free again");
}

/// V-RESUME-012
#[tokio::test]
async fn a_peer_that_calls_again_takes_the_place_of_its_old_connection() {
    let (secret, id) = party(2);
    let (mut listener, address) = listen(&[id]);
    let (_client, channel) = Client::connect(&secret, party(1).1, &address, &patient()).await.unwrap();
    let (mut old, mut writer, _closer) = channel.split();
    writer.write(vec![1]).await.unwrap();
    let held = listener.accept().await.unwrap();
    let drops = tokio::spawn(async move {
        let (mut reader, _writer, closer) = held.split();
        while reader.next(10).await.is_ok_and(|frame| frame.is_some()) {}
        drop(closer);
    });
    let (_again, channel) = Client::connect(&secret, party(1).1, &address, &patient()).await.unwrap();
    let (_reader, mut writer, _closer2) = channel.split();
    writer.write(vec![2]).await.unwrap();
    assert_eq!(listener.accept().await.unwrap().peer(), id);
    let closed = old.next(10).await.unwrap_err();
    assert!(matches!(closed, TransportError::ClosedByPeer(code) if code == u64::from(close::MOVED)), "{closed:?}");
    drops.await.unwrap();
}

#[tokio::test]
async fn reading_survives_cancellation() {
    let (secret, id) = party(2);
    let (mut listener, address) = listen(&[id]);
    let (_client, channel) = Client::connect(&secret, party(1).1, &address, &patient()).await.unwrap();
    let (_reader, mut writer, _closer) = channel.split();
    let slow = tokio::spawn(async move {
        for part in [&[0, 0][..], &[0, 4, b'a'], b"b", b"cd"] {
            writer.write_raw(part).await.unwrap();
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
        writer
    });
    let (mut reader, _writer, _closer) = listener.accept().await.unwrap().split();
    let frame = loop {
        if let Ok(frame) = tokio::time::timeout(Duration::from_millis(10), reader.next(4)).await {
            break frame.unwrap().unwrap();
        }
    };
    assert_eq!(frame, b"abcd");
    drop(slow.await.unwrap());
}

/// A caller with a pinned key, or not, and the secret of it, or not; what it is told.
async fn told(address: &str, key: u8, secret: u8) -> (u64, Vec<u8>) {
    let tls = tls::claiming(&party(key).1, &party(secret).0, &patient());
    let endpoint = config::endpoint(ANY.parse().unwrap(), None).unwrap();
    let config = config::client(tls, &patient()).unwrap();
    let connecting = endpoint.connect_with(config, address.parse().unwrap(), "peer.invalid").unwrap();
    let reason = match connecting.await {
        Ok(connection) => connection.closed().await,
        Err(reason) => reason,
    };
    match reason {
        quinn::ConnectionError::ConnectionClosed(close) => (close.error_code.into(), close.reason.to_vec()),
        other => panic!("{other:?}"),
    }
}

/// V-QUIC-011, V-CLOSE-003: who does not hold the secret of a key does not see whether it is pinned, and is told no more
/// than an alert.
#[tokio::test]
async fn a_stranger_does_not_see_which_keys_are_pinned() {
    let (_listener, address) = listen(&[party(2).1]);
    let unpinned = told(&address, 3, 3).await;
    let without_secret = told(&address, 2, 3).await;
    let neither = told(&address, 4, 3).await;
    assert_eq!(unpinned, (0x100 + 49, Vec::new()), "access_denied");
    assert_eq!((&unpinned, &unpinned), (&without_secret, &neither));
}

/// V-RESUME-012: one slot for each peer and a bound for all; who waits longest has the next one.
#[tokio::test]
async fn a_peer_does_not_keep_another_out_and_the_first_to_wait_is_the_next() {
    let allowed: BTreeSet<PeerId> = (2..6).map(|n| party(n).1).collect();
    let mut listener = Listener::bind(&party(1).0, allowed, ANY.parse().unwrap(), &patient(), 2).unwrap();
    let address = listener.local().unwrap().to_string();
    let call = |n: u8| {
        let address = address.clone();
        async move {
            let (client, channel) = Client::connect(&party(n).0, party(1).1, &address, &patient()).await.unwrap();
            let (reader, mut writer, closer) = channel.split();
            // A caller that is told at once that the node is busy may be told so while it writes.
            let _ = writer.write(vec![1]).await;
            (client, reader, writer, closer)
        }
    };
    let refused = async |n: u8| matches!(call(n).await.1.next(10).await, Err(TransportError::Busy));
    let _second = call(2).await;
    let first = listener.accept().await.unwrap();
    let _third = call(3).await;
    let _held = listener.accept().await.unwrap();
    assert!(!listener.queue().is_waited_for());
    for n in [4, 5] {
        assert!(refused(n).await, "{n}");
    }
    assert!(listener.queue().is_waited_for());
    drop(first);
    assert!(refused(5).await, "another came before");
    let _fourth = call(4).await;
    assert_eq!(listener.accept().await.unwrap().peer(), party(4).1);
}

/// V-TIME-005: a peer that moves next to nothing keeps its slot while nobody waits, and is put aside for one who does.
#[tokio::test]
async fn a_slow_peer_is_put_aside_while_another_waits() {
    let allowed: BTreeSet<PeerId> = (2..4).map(|n| party(n).1).collect();
    let mut listener = Listener::bind(&party(1).0, allowed, ANY.parse().unwrap(), &patient(), 1).unwrap();
    let address = listener.local().unwrap().to_string();
    let queue = listener.queue();
    let (_slow, channel) = Client::connect(&party(2).0, party(1).1, &address, &patient()).await.unwrap();
    let (mut slow, mut writer, _closer) = channel.split();
    writer.write(vec![1]).await.unwrap();
    let (mut held, _held_writer, held_closer) = listener.accept().await.unwrap().split();
    held.next(10).await.unwrap();
    let called = async || {
        let (client, channel) = Client::connect(&party(3).0, party(1).1, &address, &patient()).await.unwrap();
        let (reader, mut writer, closer) = channel.split();
        let _ = writer.write(vec![1]).await;
        (client, reader, writer, closer)
    };
    let refused = async || matches!(called().await.1.next(10).await, Err(TransportError::Busy));

    queue.pass(Duration::from_secs(119));
    assert!(refused().await);
    writer.write(vec![2]).await.unwrap();
    assert_eq!(held.next(10).await.unwrap().unwrap(), [2], "it has its time");
    queue.pass(Duration::from_secs(3600));
    writer.write(vec![3]).await.unwrap();
    assert_eq!(held.next(10).await.unwrap().unwrap(), [3], "nobody waits any more");

    assert!(refused().await, "there is no slot yet");
    assert!(matches!(slow.next(10).await, Err(TransportError::Busy)), "but it is put aside");
    assert!(held.next(10).await.is_err());
    drop((held, held_closer));
    let _in = called().await;
    assert_eq!(listener.accept().await.unwrap().peer(), party(3).1);
}
