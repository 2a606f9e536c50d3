//! A round outlives its connections and its processes: either node is killed, the link is cut, and the result is the one
//! that would have been. What is not the same round is refused.

use blindlink::identity::IdentityKey;
use blindlink::ids::{FrameDigest, RoundId};
use blindlink::session::Role;
use blindlink::transcript::frame_digest;
use blindlink::wire::resume::{History, Position};
use blindlink_node::store::journal::{self, Entry};
use blindlink_node::transport::{Client, close};
use blindlink_testkit::relay::Relay;
use blindlink_testkit::{Node, Pair, Running, port, unhurried};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Pairs of own identifiers by which the two result files agree.
fn pairs(pair: &Pair) -> BTreeSet<(String, String, String)> {
    let rows = |path: &Path| -> Vec<Vec<String>> {
        let text = fs::read_to_string(path).unwrap();
        text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
    };
    let owner: BTreeMap<String, String> =
        rows(&pair.responder.out).into_iter().map(|row| (row[1].clone(), row[0].clone())).collect();
    rows(&pair.requester.out).into_iter().map(|row| (row[0].clone(), owner[&row[1]].clone(), row[2].clone())).collect()
}

/// What the two lists give without any trouble.
fn wanted() -> BTreeSet<(String, String, String)> {
    let pair = Pair::create();
    let serve = pair.served(&["--once"]);
    pair.requester.link("responder", &[]).end().assert_done();
    serve.end().assert_done();
    let found = pairs(&pair);
    assert!(!found.is_empty());
    found
}

/// V-EVIDENCE-010: a round that went on over several connections, or in several processes, is evidence like another.
fn assert_evidence(pair: &Pair, ended: &Value) {
    let round = ended["round"].as_str().unwrap();
    pair.requester.assert_evidence(round);
    pair.responder.assert_evidence(round);
}

fn patient() -> Pair {
    let mut pair = Pair::create();
    (pair.requester.give_up, pair.responder.give_up) = (60, 60);
    pair
}

fn serve_at(node: &Node, addr: &str, more: &[&str]) -> Running {
    node.serve_at(addr, &[&["--once"], more].concat())
}

fn opens(node: &Node) -> Vec<PathBuf> {
    node.opens()
}

/// A round in which the requester is killed at a point; both processes as they are then.
fn requester_killed(stage: &'static str, percent: u64) -> (Pair, Running) {
    let mut pair = patient();
    pair.requester.hold(stage, percent);
    let addr = port();
    let serve = serve_at(&pair.responder, &addr, &[]);
    pair.requester.add_peer("responder", &pair.responder.id(), Some(&addr));
    let link = pair.requester.link("responder", &[]);
    pair.requester.held(&link, 0);
    link.signal("KILL");
    drop(link.end());
    pair.requester.holds.clear();
    (pair, serve)
}

/// V-RESUME-001, V-RESUME-009
#[test]
fn a_requester_that_is_killed_goes_on_and_finds_the_same() {
    let wanted = wanted();
    for (stage, percent) in [("agree", 1), ("agree", 100), ("oprf", 1), ("table", 1), ("compare", 1), ("compare", 60)] {
        let (pair, serve) = requester_killed(stage, percent);
        pair.requester.assert_no_result();
        let linked = pair.requester.link("responder", &[]).end();
        linked.assert_done();
        let served = serve.end();
        served.assert_done();
        assert_eq!(linked.json["round"], served.json["round"]);
        assert_eq!(pairs(&pair), wanted, "killed in {stage} at {percent}");
        if stage == "compare" {
            assert_evidence(&pair, &linked.json);
        }
        if stage != "agree" {
            assert_eq!(linked.json["resumptions"], 1, "{stage}");
            assert!(linked.log.contains("going on with the open round"), "{}", linked.log);
        }
        assert!(opens(&pair.requester).is_empty() && opens(&pair.responder).is_empty());
    }
}

#[test]
fn a_responder_that_is_killed_goes_on_and_the_requester_waits_for_it() {
    let wanted = wanted();
    for (stage, percent) in [("oprf", 1), ("table", 1), ("compare", 1), ("compare", 60), ("settle", 0)] {
        let mut pair = patient();
        pair.responder.hold(stage, percent);
        let addr = port();
        let serve = serve_at(&pair.responder, &addr, &[]);
        pair.requester.add_peer("responder", &pair.responder.id(), Some(&addr));
        let link = pair.requester.link("responder", &[]);
        pair.responder.held(&serve, 0);
        serve.signal("KILL");
        drop(serve.end());
        pair.responder.holds.clear();
        let serve = serve_at(&pair.responder, &addr, &[]);
        let linked = link.end();
        linked.assert_done();
        let served = serve.end();
        served.assert_done();
        assert_eq!(linked.json["transcript"], served.json["transcript"]);
        assert_eq!(pairs(&pair), wanted, "killed in {stage} at {percent}");
        if stage == "compare" {
            assert_evidence(&pair, &linked.json);
        }
        assert!(opens(&pair.requester).is_empty() && opens(&pair.responder).is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_is_cut_again_and_again_costs_no_match() {
    let wanted = tokio::task::spawn_blocking(wanted).await.unwrap();
    let mut pair = patient();
    let points = [("oprf", 1), ("compare", 5), ("compare", 50)];
    points.iter().for_each(|(stage, percent)| pair.requester.hold(stage, *percent));
    let (serve, addr) = pair.responder.serve(&["--once"]);
    let relay = Relay::start(addr.parse().unwrap()).await;
    pair.requester.add_peer("responder", &pair.responder.id(), Some(&relay.addr.to_string()));
    let link = pair.requester.link("responder", &[]);
    for hold in 0..points.len() {
        tokio::task::block_in_place(|| pair.requester.held(&link, hold));
        relay.cut();
        pair.requester.let_go(hold);
        tokio::task::block_in_place(|| link.wait_for(|event| event["event"] == "resumed"));
    }
    let linked = tokio::task::spawn_blocking(|| link.end()).await.unwrap();
    let served = tokio::task::spawn_blocking(|| serve.end()).await.unwrap();
    linked.assert_done();
    served.assert_done();
    assert_eq!(pairs(&pair), wanted);
    assert_evidence(&pair, &linked.json);
    assert!(linked.json["resumptions"].as_u64().unwrap() >= 3);
}

/// V-RESUME-011
#[test]
fn changed_records_are_named_and_burn_nothing() {
    let (pair, serve) = requester_killed("compare", 1);
    let good = fs::read_to_string(&pair.requester.records).unwrap();
    let cut = good.trim_end().rfind('\n').unwrap();
    fs::write(&pair.requester.records, &good[..=cut]).unwrap();
    let ended = pair.requester.link("responder", &[]).end();
    ended.assert_failed(67, "E_INPUT_CHANGED");
    assert!(ended.message().contains("records.csv"), "{ended:?}");
    assert_eq!(opens(&pair.requester).len(), 1);
    fs::write(&pair.requester.records, &good).unwrap();
    pair.requester.link("responder", &[]).end().assert_done();
    serve.end().assert_done();
}

#[test]
fn an_open_round_can_be_given_up_for_a_new_one() {
    let (pair, serve) = requester_killed("compare", 1);
    let linked = pair.requester.link("responder", &["--abandon"]).end();
    linked.assert_done();
    let served = serve.end();
    served.assert_done();
    assert_eq!(linked.json["resumptions"], 0);
    assert_eq!(linked.json["round"], served.json["round"]);
    assert!(served.log.contains("begins anew"), "{}", served.log);
}

/// V-RESUME-005
#[test]
fn a_responder_that_lost_its_folder_of_rounds_burns_the_round() {
    let mut pair = patient();
    pair.responder.hold("compare", 1);
    let addr = port();
    let serve = serve_at(&pair.responder, &addr, &[]);
    pair.requester.add_peer("responder", &pair.responder.id(), Some(&addr));
    let link = pair.requester.link("responder", &[]);
    pair.responder.held(&serve, 0);
    serve.signal("KILL");
    drop(serve.end());
    pair.responder.holds.clear();
    fs::remove_dir_all(pair.responder.data.path().join("rounds")).unwrap();
    let serve = serve_at(&pair.responder, &addr, &[]);
    link.end().assert_failed(23, "E_ROUND_FORGOTTEN");
    serve.end().assert_failed(23, "E_ROUND_FORGOTTEN");
    assert!(opens(&pair.requester).is_empty());
}

/// V-RESUME-007: what is behind its own acknowledgements was restored from a copy.
#[test]
fn a_journal_that_went_back_in_time_burns_the_round() {
    let mut pair = patient();
    pair.responder.hold("compare", 1);
    pair.responder.hold("compare", 60);
    let addr = port();
    let serve = serve_at(&pair.responder, &addr, &[]);
    pair.requester.add_peer("responder", &pair.responder.id(), Some(&addr));
    let link = pair.requester.link("responder", &[]);
    pair.responder.held(&serve, 0);
    // The journal's thread may still write: what is whole entry by entry is read.
    serve.signal("STOP");
    let path = opens(&pair.responder).pop().unwrap();
    let old = fs::read(&path).unwrap();
    serve.signal("CONT");
    pair.responder.let_go(0);
    pair.responder.held(&serve, 1);
    serve.signal("KILL");
    drop(serve.end());
    pair.responder.holds.clear();
    fs::write(&path, old).unwrap();
    let serve = serve_at(&pair.responder, &addr, &[]);
    link.end().assert_failed(37, "E_RESUME");
    serve.end().assert_failed(37, "E_RESUME");
}

#[test]
fn a_damaged_journal_is_named_with_its_place() {
    let (pair, serve) = requester_killed("compare", 1);
    let path = opens(&pair.requester).pop().unwrap();
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).unwrap();
    let ended = pair.requester.link("responder", &[]).end();
    ended.assert_failed(68, "E_JOURNAL_DAMAGED");
    assert!(ended.message().contains("damaged: entry"), "{ended:?}");
    drop(serve);
}

#[test]
fn two_commands_cannot_be_at_one_round() {
    let mut pair = patient();
    pair.responder.hold("oprf", 1);
    let serve = pair.served(&["--once"]);
    let link = pair.requester.link("responder", &[]);
    pair.responder.held(&serve, 0);
    pair.requester.link("responder", &[]).end().assert_failed(76, "E_ROUND_IN_USE");
    pair.responder.let_go(0);
    link.end().assert_done();
    serve.end().assert_done();
}

/// V-TIME-004
#[test]
fn a_round_that_does_not_move_is_given_up_on_both_sides() {
    let mut pair = Pair::create();
    (pair.requester.give_up, pair.responder.give_up) = (3, 3);
    pair.requester.hold("compare", 1);
    let serve = pair.served(&["--once"]);
    let link = pair.requester.link("responder", &[]);
    pair.requester.held(&link, 0);
    link.signal("KILL");
    drop(link.end());
    pair.requester.holds.clear();
    let served = serve.end();
    served.assert_failed(20, "E_PEER_VANISHED");
    assert!(served.message().contains("given up after 3 s"), "{served:?}");
    std::thread::sleep(Duration::from_secs(1));
    let linked = pair.requester.link("responder", &[]).end();
    linked.assert_failed(69, "E_PEER_UNREACHABLE");
    assert!(linked.log.contains("is given up"), "{}", linked.log);
    assert!(opens(&pair.requester).is_empty() && opens(&pair.responder).is_empty());
}

/// V-TIME-004, V-RESUME-009: with the uplink goes the name service; the requester calls on.
#[test]
fn a_name_that_cannot_be_resolved_for_a_while_ends_no_round() {
    let (pair, serve) = requester_killed("compare", 1);
    let at = |addr: &str| {
        assert!(pair.requester.run(&["peer", "remove", "responder"]).status.success());
        pair.requester.add_peer("responder", &pair.responder.id(), Some(addr));
    };
    let addr = pair.requester.run(&["peer", "list", "--json"]);
    let addr: Value = serde_json::from_slice(&addr.stdout).unwrap();
    let addr = addr["peers"][0]["addr"].as_str().unwrap();
    at("nobody.invalid:4433");
    let link = pair.requester.link("responder", &[]);
    for _ in 0..2 {
        link.wait_for(|event| event["event"] == "connection_lost");
    }
    link.signal("TERM");
    link.end().assert_failed(130, "E_INTERRUPTED");
    assert_eq!(opens(&pair.requester).len(), 1);
    // Before there is a round it is a mistake to be told at once.
    let ended = pair.requester.link("responder", &["--abandon"]).end();
    ended.assert_failed(19, "E_PEER_ADDRESS");
    at(addr);
    pair.requester.link("responder", &[]).end().assert_done();
    serve.end().assert_done();
}

/// What the requester's journal says about its past.
struct Past {
    round: RoundId,
    received: History,
    sent: History,
}

fn past(node: &Node) -> Past {
    let (_, entries) = journal::read(&opens(node)[0], &node.data.storage().unwrap()).unwrap();
    let mut past = Past { round: RoundId::from_bytes([0; 32]), received: History::default(), sent: History::default() };
    for entry in entries {
        match entry.unwrap() {
            Entry::Received(frame) => past.received.push(&frame_digest(&frame)),
            Entry::Sent(digest) => past.sent.push(&digest),
            Entry::Round(id) => past.round = id,
            _ => {}
        }
    }
    past
}

/// Calls the responder as the requester, with a resume message as `change` makes it, and gives the code of its abort.
async fn claim<'a>(
    pair: &Pair,
    addr: &str,
    past: &'a Past,
    signer: &IdentityKey,
    change: impl FnOnce(&mut Position<'a>),
) -> Option<u16> {
    let (client, channel) =
        Client::connect(&pair.requester.secret(), pair.responder.id(), addr, &unhurried()).await.unwrap();
    let mut position = Position {
        round: past.round,
        role: Role::Requester,
        binding: channel.binding(),
        received: &past.received,
        sent: &past.sent,
        acknowledged: 0,
    };
    change(&mut position);
    let (mut reader, mut writer, closer) = channel.split();
    writer.write(position.message(signer)).await.unwrap();
    let mut code = None;
    while let Ok(Some(frame)) = reader.next(1 << 24).await {
        if let [0x7f, 0, 0, 0, 0, high, low] = frame.as_slice() {
            code = Some(u16::from_be_bytes([*high, *low]));
        }
    }
    writer.finish().await.ok();
    closer.close(close::DONE);
    client.finish(Duration::from_secs(2)).await;
    code
}

fn history(count: u32, strange: Option<u32>, like: &Node, received: bool) -> History {
    let (_, entries) = journal::read(&opens(like)[0], &like.data.storage().unwrap()).unwrap();
    let mut digests: Vec<FrameDigest> = entries
        .filter_map(|entry| match entry.unwrap() {
            Entry::Received(frame) if received => Some(frame_digest(&frame)),
            Entry::Sent(digest) if !received => Some(digest),
            _ => None,
        })
        .collect();
    digests.resize(count as usize, FrameDigest::from_bytes([7; 32]));
    let mut history = History::default();
    for (at, digest) in (0..).zip(digests) {
        history.push(&if strange == Some(at) { FrameDigest::from_bytes([9; 32]) } else { digest });
    }
    history
}

/// A round whose requester was killed, with a responder that goes on serving.
fn attacked(once: &[&str]) -> (Pair, Running, String) {
    let mut pair = patient();
    pair.requester.hold("compare", 20);
    let (serve, addr) = pair.responder.serve(once);
    pair.requester.add_peer("responder", &pair.responder.id(), Some(&addr));
    let link = pair.requester.link("responder", &[]);
    pair.requester.held(&link, 0);
    link.signal("KILL");
    drop(link.end());
    pair.requester.holds.clear();
    (pair, serve, addr)
}

/// V-RESUME-003, V-RESUME-004, V-RESUME-005
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_that_are_not_of_this_round_are_refused_and_the_round_goes_on() {
    let (pair, serve, addr) = tokio::task::spawn_blocking(|| attacked(&[])).await.unwrap();
    let (own, past) = (pair.requester.data.identity().unwrap().key(), past(&pair.requester));
    let stranger = IdentityKey::from_secret(&[3; 32]);
    assert_eq!(claim(&pair, &addr, &past, &stranger, |_| {}).await, Some(211), "another key");
    // A message that was made for another connection: a replay.
    assert_eq!(claim(&pair, &addr, &past, &own, |p| p.binding = [1; 32]).await, Some(304));
    assert_eq!(
        claim(&pair, &addr, &past, &own, |p| p.round = RoundId::from_bytes([1; 32])).await,
        Some(214),
        "another round"
    );
    assert_eq!(claim(&pair, &addr, &past, &own, |p| p.role = Role::Responder).await, Some(210));
    // V-AUDIT-015: nothing is logged before the signature is checked.
    assert_eq!(pair.responder.facts("round_resumed").len(), 0);
    let link = pair.requester.link("responder", &[]);
    tokio::task::spawn_blocking(|| link.end()).await.unwrap().assert_done();
    assert_eq!(pair.responder.facts("round_resumed").len(), 1);
    drop(serve);
}

/// V-RESUME-006, V-RESUME-007, V-RESUME-008
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_past_that_does_not_fit_burns_the_round_of_a_live_node() {
    for (wanted, count, strange) in [(217, 100_000, None), (216, 1, None), (215, 0, Some(3))] {
        let (pair, serve, addr) = tokio::task::spawn_blocking(|| attacked(&["--once"])).await.unwrap();
        let (own, past) = (pair.requester.data.identity().unwrap().key(), past(&pair.requester));
        let count = if count == 0 { past.received.count() } else { count };
        let received = history(count, strange, &pair.requester, true);
        let said = claim(&pair, &addr, &past, &own, |p| p.received = &received).await;
        assert_eq!(said, Some(wanted));
        tokio::task::spawn_blocking(|| serve.end()).await.unwrap().assert_failed(37, "E_RESUME");
        assert!(opens(&pair.responder).is_empty(), "it is burnt");
        pair.responder.assert_no_result();
    }
}

#[test]
fn a_node_that_is_stopped_says_so_and_goes_on_later() {
    let mut pair = patient();
    pair.responder.hold("compare", 1);
    let serve = pair.served(&["--once"]);
    let link = pair.requester.link("responder", &[]);
    pair.responder.held(&serve, 0);
    link.signal("TERM");
    link.end().assert_failed(130, "E_INTERRUPTED");
    pair.responder.let_go(0);
    pair.requester.link("responder", &[]).end().assert_done();
    serve.end().assert_done();
}
