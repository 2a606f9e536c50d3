//! Handshakes and framing between two endpoints of one process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use blindlink::identity::{IdentityKey, PeerId};
use blindlink::secret::Secret;
use std::collections::BTreeSet;

const ANY: &str = "127.0.0.1:0";

fn party(n: u8) -> (Secret<32>, PeerId) {
    let secret = Secret::new([n; 32]);
    let id = IdentityKey::from_secret(secret.expose()).id();
    (secret, id)
}

fn quick() -> Settings {
    Settings { idle: Duration::from_secs(2), handshake: Duration::from_secs(2), ..Settings::default() }
}

fn listen(allowed: &[PeerId]) -> (Listener, String) {
    let listener =
        Listener::bind(&party(1).0, BTreeSet::from_iter(allowed.iter().copied()), ANY.parse().unwrap(), &quick())
            .unwrap();
    let address = listener.local().unwrap().to_string();
    (listener, address)
}

#[test]
fn the_hybrid_group_is_offered_first_and_only_x25519_besides() {
    let names: Vec<_> = tls::provider().kx_groups.iter().map(|group| group.name()).collect();
    assert_eq!(names, [rustls::NamedGroup::X25519MLKEM768, rustls::NamedGroup::X25519]);
}

#[tokio::test]
async fn both_ends_know_the_peer_and_share_the_binding() {
    let ((secret, id), (_, server)) = (party(2), party(1));
    let (mut listener, address) = listen(&[id]);
    let (client, channel) = Client::connect(&secret, server, &address, &quick()).await.unwrap();
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
    let (_a, first) = Client::connect(&secret, server, &address, &quick()).await.unwrap();
    let (_b, second) = Client::connect(&secret, server, &address, &quick()).await.unwrap();
    assert_ne!(first.binding(), second.binding());
}

#[tokio::test]
async fn another_key_than_the_pinned_one_is_refused() {
    let ((secret, id), (_, other)) = (party(2), party(3));
    let (_listener, address) = listen(&[id]);
    let refused = Client::connect(&secret, other, &address, &quick()).await.unwrap_err();
    assert!(matches!(refused, TransportError::WrongPin), "{refused:?}");
}

#[tokio::test]
async fn a_stranger_is_told_to_look_at_the_list() {
    let (secret, stranger) = party(2);
    let (mut listener, address) = listen(&[party(3).1]);
    let refused = match Client::connect(&secret, party(1).1, &address, &quick()).await {
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

#[tokio::test]
async fn another_alpn_is_refused() {
    let (secret, id) = party(2);
    let (_listener, address) = listen(&[id]);
    let settings = Settings { alpn: b"blindlink/0".to_vec(), ..quick() };
    let refused = Client::connect(&secret, party(1).1, &address, &settings).await.unwrap_err();
    assert!(matches!(refused, TransportError::Alpn), "{refused:?}");
}

#[tokio::test]
async fn nobody_there_is_unreachable() {
    let settings = Settings { handshake: Duration::from_millis(300), ..quick() };
    let refused = Client::connect(&party(2).0, party(1).1, "127.0.0.1:9", &settings).await.unwrap_err();
    assert!(matches!(refused, TransportError::Unreachable), "{refused:?}");
}

#[tokio::test]
async fn a_long_prefix_is_refused_before_the_body_comes() {
    let (secret, id) = party(2);
    let (mut listener, address) = listen(&[id]);
    let (_client, channel) = Client::connect(&secret, party(1).1, &address, &quick()).await.unwrap();
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
    let (_client, channel) = Client::connect(&secret, party(1).1, &address, &quick()).await.unwrap();
    let (_reader, mut writer, _closer) = channel.split();
    writer.write(vec![1]).await.unwrap();
    let held = listener.accept().await.unwrap();

    let (_other, channel) = Client::connect(&second, party(1).1, &address, &quick()).await.unwrap();
    let (mut reader, _writer, _closer2) = channel.split();
    let refused = reader.next(10).await.unwrap_err();
    assert!(matches!(refused, TransportError::Busy), "{refused:?}");

    drop(held);
    let (_other, channel) = Client::connect(&second, party(1).1, &address, &quick()).await.unwrap();
    let (_reader, mut writer, _closer3) = channel.split();
    writer.write(vec![2]).await.unwrap();
    assert_eq!(listener.accept().await.unwrap().peer(), second_id, "the slot is free again");
}

#[tokio::test]
async fn reading_survives_cancellation() {
    let (secret, id) = party(2);
    let (mut listener, address) = listen(&[id]);
    let (_client, channel) = Client::connect(&secret, party(1).1, &address, &quick()).await.unwrap();
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
