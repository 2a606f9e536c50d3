//! A round that ends in silence (V-SETTLE-012), and one whose end says nothing (V-SETTLE-007).

use blindlink_node::transport::{Listener, close};
use blindlink_testkit::ministries::{Ministries, facts, line};
use blindlink_testkit::scripted::{Parting, answer_to_the_end};
use blindlink_testkit::{Ended, Pair, any, unhurried};
use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

/// The lists share more persons than one. The requester knows at once; the responder sees a lost line and waits, and no new
/// hello shows it that the round is over.
#[test]
fn more_matches_than_agreed_end_a_round_without_a_word() {
    let caps = |text: String| {
        ["claims", "matches"].iter().fold(line(&text, "rounds_per_day", "5"), |text, key| line(&text, key, "1"))
    };
    let mut ministries = Ministries::in_force(caps);
    (ministries.pair.requester.give_up, ministries.pair.responder.give_up) = (600, 600);
    let (requester, responder) = (&ministries.pair.requester, &ministries.pair.responder);
    let (serve, addr) = responder.serve(&[]);
    ministries.moved(&addr);
    ministries.link().assert_failed(64, "E_BUDGET_MATCHES");
    serve.wait_for(|event| event["event"] == "connection_lost");
    assert_eq!((facts(responder, "round_failed").len(), responder.opens().len()), (0, 1), "it waits for a call");
    assert_eq!((facts(requester, "round_failed").len(), requester.opens().len()), (1, 0));
    let again = ministries.link();
    again.assert_failed(64, "E_BUDGET_MATCHES");
    assert!(again.message().contains("no round with it begins before"), "{again:?}");
    assert_eq!(facts(requester, "debited").len(), 1);
    assert_eq!((facts(responder, "round_begun").len(), facts(responder, "round_failed").len()), (1, 0));
    drop(serve);
    responder.assert_no_result();
}

/// A round in requester-only mode against a responder that keeps its receipt back until `before_receipt` has returned: what
/// it sees of the requester's end, and what becomes of the requester.
async fn seen_of_the_end(pair: &Pair, before_receipt: impl FnMut()) -> (Parting, Ended) {
    for node in [&pair.requester, &pair.responder] {
        let text = fs::read_to_string(&node.policy).unwrap();
        let quiet = text.replace("output = \"mutual\"", "output = \"requester\"");
        assert_ne!(quiet, text);
        fs::write(&node.policy, quiet).unwrap();
    }
    let allowed = BTreeSet::from([pair.requester.id()]);
    let mut listener = Listener::bind(&pair.responder.secret(), allowed, any(), &unhurried(), 2).unwrap();
    pair.requester.add_peer("responder", &pair.responder.id(), Some(&listener.local().unwrap().to_string()));
    let link = pair.requester.link("responder", &[]);
    let channel = listener.accept().await.unwrap();
    let parting = answer_to_the_end(&pair.responder, channel, before_receipt).await;
    listener.finish(Duration::from_secs(2)).await;
    (parting, tokio::task::spawn_blocking(|| link.end()).await.unwrap())
}

/// What a responder sees of an end that says nothing.
const SILENT: Parting = Parting { acknowledged: true, ended: true, closed: Some(close::DONE as u64) };

/// V-SETTLE-007: the receipt comes when the requester has long said everything. Until then it has written nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_requester_writes_nothing_before_a_late_receipt() {
    let pair = Pair::create();
    let (out, results) = (pair.requester.out.clone(), pair.requester.data.path().join("node.db"));
    let written = || (out.exists(), pair.requester.journals("journal").len());
    let mut before = None;
    let (parting, ended) = seen_of_the_end(&pair, || before = Some(written())).await;
    assert_eq!((before, parting), (Some((false, 0)), SILENT));
    ended.assert_done();
    assert_eq!((written(), results.exists()), ((true, 1), true));
}

/// V-SETTLE-007: what is found cannot be written. The responder sees the end that it always sees.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_requester_that_cannot_write_its_result_ends_as_any_other() {
    let pair = Pair::create();
    // A folder in the place of the result stops root too.
    let out = pair.requester.out.clone();
    let (parting, ended) = seen_of_the_end(&pair, || fs::create_dir(&out).unwrap()).await;
    assert_eq!(parting, SILENT);
    assert_eq!(ended.json["error"]["code"], "E_OUTPUT", "{ended:?}");
    assert_eq!((pair.requester.journals("journal").len(), pair.requester.opens().len()), (0, 1), "it can go on");
}
