//! Who does not get in, and what each side is told.

use blindlink::identity::IdentityKey;
use blindlink_node::transport::{Listener, Settings};
use blindlink_testkit::{Pair, any, policy_text, unhurried};
use std::collections::BTreeSet;
use std::fs;

fn listener(pair: &Pair, alpn: &[u8]) -> Listener {
    let settings = Settings { alpn: alpn.to_vec(), ..unhurried() };
    let allowed = BTreeSet::from([pair.requester.id()]);
    Listener::bind(&pair.responder.secret(), allowed, any(), &settings, 1).unwrap()
}

#[test]
fn an_unknown_peer_is_told_to_look_at_the_list() {
    let pair = Pair::create();
    assert!(pair.responder.run(&["peer", "remove", "requester"]).status.success());
    pair.responder.add_peer("another", &IdentityKey::from_secret(&[9; 32]).id(), None);
    let serve = pair.served(&[]);
    let ended = pair.requester.link("responder", &[]).end();
    ended.assert_failed(10, "E_ADMISSION_REFUSED");
    assert!(ended.message().starts_with("closed during admission: is our key in its list?"), "{ended:?}");
    let refusal = serve.wait_for(|event| event["event"] == "turned_away");
    assert_eq!(refusal["key"], blindlink::identity::keytext::to_text(&pair.requester.id()));
    pair.requester.assert_no_result();
}

#[test]
fn another_key_than_the_pinned_one_ends_the_call() {
    let pair = Pair::create();
    let (_serve, addr) = pair.responder.serve(&[]);
    pair.requester.add_peer("responder", &IdentityKey::from_secret(&[9; 32]).id(), Some(&addr));
    pair.requester.link("responder", &[]).end().assert_failed(11, "E_PEER_KEY_MISMATCH");
    pair.requester.assert_no_result();
}

#[tokio::test(flavor = "multi_thread")]
async fn another_protocol_name_is_refused() {
    let pair = Pair::create();
    let listener = listener(&pair, b"blindlink/0");
    let addr = listener.local().unwrap().to_string();
    pair.requester.add_peer("responder", &pair.responder.id(), Some(&addr));
    pair.requester.link("responder", &[]).end().assert_failed(12, "E_ALPN");
    pair.requester.assert_no_result();
}

#[test]
fn nobody_there_is_unreachable() {
    let pair = Pair::create();
    pair.requester.add_peer("responder", &pair.responder.id(), Some("127.0.0.1:9"));
    pair.requester.link("responder", &[]).end().assert_failed(69, "E_PEER_UNREACHABLE");
    pair.requester.assert_no_result();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_lives_but_says_nothing_has_stalled() {
    let pair = Pair::create();
    let mut listener = listener(&pair, blindlink_node::transport::ALPN);
    let addr = listener.local().unwrap().to_string();
    pair.requester.add_peer("responder", &pair.responder.id(), Some(&addr));
    let link = pair.requester.link("responder", &["--frame-timeout", "2"]);
    let held = listener.accept().await.unwrap();
    let ended = tokio::task::spawn_blocking(|| link.end()).await.unwrap();
    ended.assert_failed(21, "E_PEER_STALLED");
    pair.requester.assert_no_result();
    drop(held);
}

#[test]
fn another_policy_is_named_by_its_field_on_both_sides() {
    let pair = Pair::create();
    let text = policy_text(blindlink_testkit::RECORDS).replace("\nepoch = 1\n", "\nepoch = 2\n");
    fs::write(&pair.requester.policy, text).unwrap();
    let serve = pair.served(&["--once"]);
    let linked = pair.requester.link("responder", &[]).end();
    for ended in [linked, serve.end()] {
        ended.assert_failed(15, "E_POLICY_DIFFERS");
        assert!(ended.message().contains("epoch"), "{ended:?}");
    }
    pair.requester.assert_no_result();
    pair.responder.assert_no_result();
}

#[test]
fn what_is_wrong_on_this_side_is_told_before_anybody_is_called() {
    let pair = Pair::create();
    let link = || pair.requester.link("responder", &[]).end();
    link().assert_failed(78, "E_CONFIG");
    pair.requester.add_peer("responder", &pair.responder.id(), Some("127.0.0.1:9"));

    let good = fs::read_to_string(&pair.requester.records).unwrap();
    fs::write(&pair.requester.records, good.replace("record_id", "record_no")).unwrap();
    link().assert_failed(65, "E_BAD_INPUT");
    fs::write(&pair.requester.records, &good).unwrap();
    fs::write(&pair.requester.policy, policy_text(10)).unwrap();
    link().assert_failed(40, "E_TOO_MANY_RECORDS");
    fs::write(&pair.requester.policy, "name = 3").unwrap();
    link().assert_failed(41, "E_POLICY_INVALID");
    fs::remove_file(&pair.requester.policy).unwrap();
    link().assert_failed(66, "E_INPUT_MISSING");
    let usage = pair.requester.run(&["link", "--json"]);
    assert_eq!(usage.status.code(), Some(2));
    assert!(String::from_utf8(usage.stdout).unwrap().contains("E_USAGE"));
}
