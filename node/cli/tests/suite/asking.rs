//! Asking a peer without a round, and what the node says of itself: `peer check`, `status`, `config`.

use blindlink::agreement::{SignerStatement, StatementKind};
use blindlink::identity::IdentityKey;
use blindlink::ids::AgreementDigest;
use blindlink::wire::inquiry::Inquiry;
use blindlink_node::driver::resumption;
use blindlink_node::store::agreements::{Store, load, load_statements};
use blindlink_node::transport::Client;
use blindlink_testkit::ministries::{Ministries, facts, json, log};
use blindlink_testkit::{Node, Pair, unhurried};
use serde_json::Value;
use std::fs;
use std::time::Duration;

/// What a command says with `--json`, and its exit code.
fn said(node: &Node, arguments: &[&str]) -> (Value, Option<i32>) {
    let output = node.run(&[arguments, &["--json"]].concat());
    let value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    (value, output.status.code())
}

fn step<'a>(said: &'a Value, name: &str) -> &'a Value {
    let steps = said["steps"].as_array().unwrap();
    &steps.iter().find(|step| step["step"] == name).unwrap_or_else(|| panic!("{said}"))["holds"]
}

/// V-CHECK-001, V-CHECK-002
#[test]
fn a_peer_that_is_asked_begins_nothing_and_writes_nothing() {
    let ministries = Ministries::in_force(|text| text);
    let pair = &ministries.pair;
    let (serve, addr) = pair.responder.serve(&[]);
    ministries.moved(&addr);
    let before = (log(&pair.responder), log(&pair.requester));
    let (checked, exit) = said(&pair.requester, &["peer", "check", "responder"]);
    assert_eq!((exit, &checked["holds"]), (Some(0), &true.into()), "{checked}");
    let agreed = &checked["agreements"][0];
    assert_eq!((agreed["name"].as_str(), checked["agreements"].as_array().unwrap().len()), (Some("utopia"), 1));
    assert_eq!((&agreed["in_force_here"], &agreed["in_force_there"]), (&true.into(), &true.into()));
    assert!(checked["clock_ahead"].as_i64().unwrap().abs() <= 5 && checked["datagram_bytes"].as_u64().unwrap() >= 1200);
    assert_eq!((log(&pair.responder), log(&pair.requester)), before, "neither log has grown");
    assert!(pair.responder.opens().is_empty());
    // The budget of a day is one round, and it is still there.
    ministries.link().assert_done();
    // Suspended there: the question fetches it.
    ministries.say(&pair.responder, "suspend", 2);
    let (checked, _) = said(&pair.requester, &["peer", "check", "responder"]);
    assert_eq!(checked["agreements"], Value::Array(vec![]), "in force on neither side: {checked}");
    assert_eq!(json(&pair.requester, &["agreement", "list"])["agreements"][0]["state"], "suspended");
    // And the other way round, with the question itself.
    ministries.say(&pair.requester, "suspend", 0);
    said(&pair.requester, &["peer", "check", "responder"]);
    let there = json(&pair.responder, &["agreement", "list"]);
    assert_eq!(there["agreements"][0]["suspensions"].as_array().unwrap().len(), 2, "{there}");
    drop(serve);
}

#[test]
fn the_step_that_fails_is_named() {
    let pair = Pair::create();
    let serve = pair.served(&[]);
    let asked = |name: &str| said(&pair.requester, &["peer", "check", name, "--patience", "2"]);
    let (checked, exit) = asked("responder");
    assert_eq!((exit, &checked["holds"]), (Some(0), &true.into()), "{checked}");
    let addr = checked["addr"].as_str().unwrap().to_owned();
    let other = IdentityKey::from_secret(&[77; 32]).id();
    pair.requester.add_peer("other", &other, Some(&addr));
    let (checked, exit) = asked("other");
    let steps = ["udp", "pin", "version"].map(|name| step(&checked, name).clone());
    assert_eq!((exit, steps), (Some(11), [true.into(), false.into(), Value::Null]), "{checked}");
    drop(serve);
    let (checked, exit) = asked("responder");
    assert_eq!((exit, step(&checked, "udp")), (Some(69), &false.into()), "{checked}");
    // What was found out is told later, too.
    let (status, exit) = said(&pair.requester, &["status"]);
    assert_eq!((exit, status["health"].as_str()), (Some(2), Some("broken")), "another key than the pinned one");
    let peers = status["peers"].as_array().unwrap();
    let responder = peers.iter().find(|peer| peer["name"] == "responder").unwrap();
    assert_eq!((&responder["reachable"], responder["reached"].is_string()), (&false.into(), true));
}

/// V-CHECK-004
#[tokio::test(flavor = "multi_thread")]
async fn of_the_statements_that_come_only_those_that_could_be_made_are_stored() {
    let mut ministries = Ministries::with(|text| text);
    ministries.add(&[0, 1, 2]);
    // Its agreement is not in force: it answers for training.
    ministries.pair.responder.training = true;
    let pair = &ministries.pair;
    let (serve, addr) = pair.responder.serve(&[]);
    let last = load_statements(&ministries.sign(&[3])[0]).unwrap().remove(0);
    let agreement = load(&ministries.file).unwrap();
    let stranger = IdentityKey::from_secret(&[8; 32]);
    let forged = SignerStatement { signature: [7; 64], ..last.clone() };
    let by_stranger = SignerStatement::sign(StatementKind::Approve, &agreement, &stranger);
    let elsewhere = SignerStatement { agreement: AgreementDigest::from_bytes([5; 32]), ..last.clone() };
    let ask = async |statements: Vec<SignerStatement>| {
        let (client, channel) =
            Client::connect(&pair.requester.secret(), pair.responder.id(), &addr, &unhurried()).await.unwrap();
        let said = Inquiry::new(1, 0, 0, vec![], statements);
        let theirs = resumption::ask(channel, &said, Duration::from_secs(60)).await.unwrap();
        client.finish(Duration::from_secs(2)).await;
        theirs
    };
    let stored = || Store::of(&pair.responder.data).statements(agreement.digest()).unwrap().len();
    let before = log(&pair.responder);
    let theirs = ask(vec![forged, by_stranger, elsewhere]).await;
    assert_eq!((theirs.statements.len(), stored(), theirs.agreements.len()), (3, 3, 0), "none was stored");
    assert_eq!(log(&pair.responder), before);
    let theirs = ask(vec![last.clone(), last]).await;
    assert_eq!((theirs.statements.len(), stored(), theirs.agreements.len()), (4, 4, 1), "now all four have signed");
    assert_eq!(facts(&pair.responder, "statement_added").len(), 4);
    drop(serve);
}

const LINK: &str =
    "[[link]]\nname = \"suspects\"\npeer = \"responder\"\nrole = \"requester\"\nschedule = \"daily 02:00\"\n";

#[test]
fn status_says_what_is_well_due_or_broken() {
    let ministries = Ministries::in_force(|text| text);
    let node = &ministries.pair.requester;
    let file = node.data.path().join("blindlink.toml");
    let paths = format!("policy = \"{}\"\nlist = \"{}\"\n", node.policy.display(), node.records.display());
    fs::write(&file, format!("{LINK}{paths}")).unwrap();
    let (status, exit) = said(node, &["status", "--lists"]);
    assert_eq!((exit, &status["findings"]), (Some(0), &Value::Array(vec![])), "{status}");
    let link = &status["links"][0];
    assert_eq!((link["agreement"]["state"].as_str(), &link["budget"]["rounds_today"]), (Some("in_force"), &0.into()));
    assert_eq!((&link["list"]["records"], &link["list"]["differs_enough"]), (&60.into(), &true.into()));
    assert!(link["schedule"]["next"].as_str().unwrap().ends_with("T02:00:00Z"));
    let (checked, exit) = said(node, &["config", "check"]);
    assert_eq!((exit, &checked["holds"]), (Some(0), &true.into()), "{checked}");

    ministries.say(node, "suspend", 0);
    let (status, exit) = said(node, &["status"]);
    assert_eq!((exit, status["links"][0]["agreement"]["state"].as_str()), (Some(2), Some("suspended")), "{status}");
    let (_, exit) = said(node, &["config", "check"]);
    assert_eq!(exit, Some(78));

    fs::write(&file, format!("{LINK}{paths}shedule = \"daily\"\n")).unwrap();
    let output = node.run(&["status"]);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(78), "{text}");
    assert!(text.contains("line 8: `shedule` is not known here; is `schedule` meant?"), "{text}");
}

#[test]
fn what_holds_and_from_where_is_told() {
    let pair = Pair::create();
    let node = &pair.requester;
    assert_eq!(json(node, &["config", "init"])["schema"], "blindlink.config/v1");
    let again = node.run(&["config", "init"]);
    assert_eq!(again.status.code(), Some(78), "never written over");
    fs::write(node.data.path().join("blindlink.toml"), "[node]\nlisten = \"127.0.0.1:1\"\nrounds = 3\n").unwrap();
    let mut command = node.command(&["config", "show", "--effective", "--rounds", "7", "--json"]);
    command.env("BLINDLINK_LISTEN", "127.0.0.1:2").env("BLINDLINK_ROUNDS", "9");
    let shown: Value = serde_json::from_slice(&command.output().unwrap().stdout).unwrap();
    let setting = |key: &str| {
        let settings = shown["settings"].as_array().unwrap();
        let found = settings.iter().find(|setting| setting["key"] == key).unwrap();
        (found["value"].as_str().unwrap().to_owned(), found["from"].as_str().unwrap().to_owned())
    };
    let two = |value: &str, from: &str| (value.to_owned(), from.to_owned());
    assert_eq!(setting("node.listen"), two("127.0.0.1:2", "environment"));
    assert_eq!(setting("node.rounds"), two("7", "flag"));
    assert_eq!(setting("node.log"), two("info", "default"));
    let shown = json(node, &["config", "show"]);
    assert_eq!((&shown["settings"][1]["value"], &shown["settings"][1]["from"]), (&"3".into(), &"file".into()));
}
