//! `blindlink run`: one process, one port, several links.

use blindlink_testkit::ministries::json;
use blindlink_testkit::{Ended, Node, Pair, Running};
use serde_json::Value;
use std::fs;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Longest wait for something that is looked for again and again.
const PATIENCE: Duration = Duration::from_secs(300);

fn link(name: &str, peer: &str, role: &str, node: &Node, more: &str) -> String {
    let (policy, list) = (node.policy.display(), node.records.display());
    format!(
        "[[link]]\nname = \"{name}\"\npeer = \"{peer}\"\nrole = \"{role}\"\npolicy = \"{policy}\"\nlist = \"{list}\"\n{more}\n"
    )
}

fn configure(node: &Node, links: &str) {
    let patience = "[patience]\nidle = 3\nhandshake = 4\ngive_up = 600\n";
    let text = format!("[node]\ntraining = true\nlisten = \"127.0.0.1:0\"\n{patience}{links}");
    fs::write(node.data.path().join("blindlink.toml"), text).unwrap();
}

fn run(node: &Node, clock: Option<&str>) -> Running {
    let mut command = node.command(&["run", "--progress", "json", "--json"]);
    if let Some(clock) = clock {
        command.env("BLINDLINK_TEST_CLOCK", clock);
    }
    Running::start(command)
}

fn listening(running: &Running) -> String {
    running.wait_for(|event| event["event"] == "listening")["addr"].as_str().unwrap().to_owned()
}

fn ready(running: &Running, link: &str) {
    running.wait_for(|event| event["event"] == "link_ready" && event["link"] == link);
}

/// Knows the other node under this name, at this address.
fn meet(node: &Node, name: &str, other: &Node, addr: Option<&str>) {
    let _ = node.run(&["peer", "remove", name]);
    node.add_peer(name, &other.id(), addr);
}

fn rounds(node: &Node) -> Vec<Value> {
    json(node, &["rounds", "list"])["rounds"].as_array().unwrap().clone()
}

fn until(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "{what} did not come");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn several_peers_are_answered_beside_one_another_and_a_new_one_after_a_signal() {
    let (mut one, mut other) = (Pair::create(), Pair::create());
    // That of a node whose configuration says only that it is in training.
    (one.requester.suite, other.requester.suite) = (2, 2);
    let node = &one.responder;
    meet(node, "requester", &one.requester, None);
    configure(node, &link("first", "requester", "responder", node, ""));
    let running = run(node, None);
    let addr = listening(&running);
    ready(&running, "first");
    // The second peer is not known yet.
    meet(&one.requester, "node", node, Some(&addr));
    meet(&other.requester, "node", node, Some(&addr));
    assert_eq!(other.requester.link("node", &[]).end().exit, Some(10), "a stranger");
    meet(node, "second-peer", &other.requester, None);
    let links =
        link("first", "requester", "responder", node, "") + &link("second", "second-peer", "responder", node, "");
    configure(node, &links);
    running.signal("HUP");
    ready(&running, "second");
    // Both are in the middle of a round at the same time.
    one.requester.hold("compare", 0);
    other.requester.hold("compare", 0);
    one.requester.give_up = 600;
    other.requester.give_up = 600;
    let held = [&one.requester, &other.requester].map(|requester| {
        let linking = requester.link("node", &[]);
        requester.held(&linking, 0);
        linking
    });
    [&one.requester, &other.requester].iter().for_each(|requester| requester.let_go(0));
    let ended: Vec<Ended> = held.into_iter().map(Running::end).collect();
    ended.iter().for_each(Ended::assert_done);
    let node = &one.responder;
    until("two rounds", || rounds(node).iter().filter(|round| round["state"] == "done").count() == 2);
    // A configuration that cannot be read changes nothing.
    fs::write(node.data.path().join("blindlink.toml"), "[nod]\n").unwrap();
    running.signal("HUP");
    running.wait_for(|event| event["event"] == "reload_failed");
    one.requester.holds.clear();
    one.requester.link("node", &[]).end().assert_done();
    let again = one.responder.run(&["run"]);
    assert_eq!(again.status.code(), Some(78), "its configuration cannot be read");
    configure(&one.responder, &links);
    let again = one.responder.run(&["run", "--json"]);
    assert_eq!(again.status.code(), Some(76), "one process for each folder");
    running.signal("TERM");
    assert_eq!(running.end().exit, Some(0));
}

/// A clock that goes this many times as fast as the real one, from a Monday on.
fn fast(factor: u64) -> String {
    let real = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    format!("{real}:1796000000:{factor}")
}

#[test]
fn a_round_is_begun_when_it_is_due_and_not_while_a_node_is_closed() {
    let pair = Pair::create();
    let (asks, answers) = (&pair.requester, &pair.responder);
    let clock = fast(60);
    meet(answers, "requester", asks, None);
    configure(answers, &link("answers", "requester", "responder", answers, ""));
    let serving = run(answers, Some(&clock));
    let addr = listening(&serving);
    ready(&serving, "answers");
    meet(asks, "responder", answers, Some(&addr));
    configure(asks, &link("asks", "responder", "requester", asks, "schedule = \"every 5m\"\n"));
    // The peer is closed: it says so when it is asked, and no round begins.
    let mut close = answers.command(&["maintenance", "on", "--minutes", "600"]);
    assert!(close.env("BLINDLINK_TEST_CLOCK", &clock).status().unwrap().success());
    let calling = run(asks, Some(&clock));
    calling.wait_for(|event| event["event"] == "round_failed" && event["code"] == "E_PEER_BUSY");
    assert!(rounds(asks).is_empty() && rounds(answers).is_empty());
    assert!(asks.facts("round_begun").is_empty());
    let checked = asks.command(&["peer", "check", "responder", "--json"]).env("BLINDLINK_TEST_CLOCK", &clock).output();
    let checked: Value = serde_json::from_slice(&checked.unwrap().stdout).unwrap();
    assert!(checked["closed_until"].is_string(), "{checked}");
    assert!(answers.run(&["maintenance", "off"]).status.success());
    until("two rounds", || rounds(asks).iter().filter(|round| round["state"] == "done").count() >= 2);
    let mut status = asks.command(&["status", "--json"]);
    let status = status.env("BLINDLINK_TEST_CLOCK", &clock).output().unwrap();
    let status: Value = serde_json::from_slice(&status.stdout).unwrap();
    let link = &status["links"][0];
    assert!(link["last"]["pairs"].as_u64().unwrap() > 0, "{status}");
    assert_eq!(link["last"]["new"], 0, "the lists have not changed: {status}");
    // Killed in the middle or between two rounds: it goes on after a new start.
    let before = rounds(asks).len();
    drop(calling);
    let calling = run(asks, Some(&clock));
    until("another round", || rounds(asks).iter().filter(|round| round["state"] == "done").count() > before);
    calling.signal("TERM");
    assert_eq!(calling.end().exit, Some(0));
    serving.signal("TERM");
    assert_eq!(serving.end().exit, Some(0));
}

/// After a restore: what was open is given up, on either side, before anything is sent, and no round begins for it.
#[test]
fn a_node_that_was_put_back_gives_its_open_rounds_up_first() {
    let mut pair = Pair::create();
    (pair.requester.give_up, pair.responder.give_up) = (600, 600);
    pair.requester.hold("compare", 1);
    meet(&pair.responder, "requester", &pair.requester, None);
    let (serve, addr) = pair.responder.serve(&[]);
    meet(&pair.requester, "responder", &pair.responder, Some(&addr));
    let linking = pair.requester.link("responder", &[]);
    pair.requester.held(&linking, 0);
    for running in [linking, serve] {
        running.signal("KILL");
        drop(running.end());
    }
    pair.requester.holds.clear();
    let schedule = "schedule = \"every 300m\"\n";
    for (node, role, peer, more) in
        [(&pair.requester, "requester", "responder", schedule), (&pair.responder, "responder", "requester", "")]
    {
        assert_eq!(node.opens().len(), 1, "{role}");
        configure(node, &link("only", peer, role, node, more));
        let running = Running::start(node.command(&["run", "--abandon", "--progress", "json", "--json"]));
        until("that the open round is given up", || node.opens().is_empty());
        running.signal("TERM");
        assert_eq!(running.end().exit, Some(0), "{role}");
        let kept = rounds(node);
        assert_eq!((kept.len(), &kept[0]["state"]), (1, &Value::from("failed")), "{role}: {kept:?}");
        assert_eq!(node.facts("round_begun").len(), 1, "{role}");
    }
}

/// Numbers and notices leave the machine: nothing of a record may be among them.
#[test]
fn those_who_watch_get_numbers_and_nothing_of_a_record() {
    let mut pair = Pair::create();
    (pair.requester.suite, pair.responder.suite) = (2, 2);
    let (asks, answers) = (&pair.requester, &pair.responder);
    let notices = pair.folder.path().join("notices");
    let watch = format!(
        "[metrics]\ntextfile = \"numbers.prom\"\nevery = 5\n[notify]\ncommand = [\"sh\", \"-c\", \"cat >> {}\"]\n",
        notices.display()
    );
    configure(answers, &(watch + &link("first", "requester", "responder", answers, "")));
    let running = run(answers, None);
    let addr = listening(&running);
    ready(&running, "first");
    meet(asks, "node", answers, Some(&addr));
    asks.link("node", &[]).end().assert_done();
    let read = |path: &std::path::Path| fs::read_to_string(path).unwrap_or_default();
    let numbers = answers.data.path().join("numbers.prom");
    until("the round in the numbers", || read(&numbers).contains("blindlink_rounds_total{outcome=\"done\"} 1\n"));
    until("a notice of the pairs", || read(&notices).contains("\"kind\":\"pairs\""));
    running.signal("TERM");
    assert_eq!(running.end().exit, Some(0));
    let notice = read(&notices).lines().find(|line| line.contains("\"pairs\"")).map(str::to_owned).unwrap();
    let notice: Value = serde_json::from_str(&notice).unwrap();
    assert!(notice["about"] == "requester" && notice["pairs"].as_u64().unwrap() > 0, "{notice}");
    let told = read(&numbers) + &read(&notices);
    let lists = read(&asks.records) + &read(&answers.records);
    let cells: Vec<&str> = lists.lines().skip(1).flat_map(|row| row.split([',', ';', '"', ' '])).collect();
    let cells = cells.into_iter().filter(|cell| cell.len() >= 5 && !cell.starts_with("20"));
    let found: Vec<&str> = cells.filter(|cell| told.contains(cell)).collect();
    assert!(found.is_empty(), "{found:?}");
}
