//! `blindlink ask`: urgent questions, from the asking to the answer (spec 14.9).

use blindlink::policy::{CheckedPolicy, Policy};
use blindlink_node::store::policies;
use blindlink_testkit::ministries::{Ministries, facts, json};
use blindlink_testkit::office::{Office, passphrase};
use blindlink_testkit::{Node, Running, policy_text, schema};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

fn policy() -> CheckedPolicy {
    Policy::from_toml(&policy_text(blindlink_testkit::RECORDS)).unwrap().validate().unwrap()
}

/// With two urgent questions a day.
fn urgent(agreement: String) -> String {
    let digest = hex::encode(policy().policy().clone().urgent(8).digest());
    let part = format!(
        "[urgent]\npolicy = \"{digest}\"\nrounds_per_day = 2\nbins_per_table = 1000000\nagain_days = 30\n\n[[party]]"
    );
    agreement.replacen("[[party]]", &part, 1)
}

/// The responder runs as a service with one link.
fn service(node: &Node) -> (Running, String) {
    let (policy, list) = (node.policy.display(), node.records.display());
    let text = format!(
        "[node]\nlisten = \"127.0.0.1:0\"\n[[link]]\nname = \"first\"\npeer = \"requester\"\nrole = \"responder\"\n\
         policy = \"{policy}\"\nlist = \"{list}\"\n"
    );
    fs::write(node.data.path().join("blindlink.toml"), text).unwrap();
    let running = Running::start(node.command(&["run", "--progress", "json", "--json"]));
    let addr = running.wait_for(|event| event["event"] == "listening")["addr"].as_str().unwrap().to_owned();
    running.wait_for(|event| event["event"] == "link_ready" && event["link"] == "first urgent");
    (running, addr)
}

/// A file with one person: a row of a list, under another identifier.
fn person(list: &Node, row: usize, id: &str) -> PathBuf {
    let text = fs::read_to_string(&list.records).unwrap();
    let mut lines = text.lines();
    let head = lines.next().unwrap();
    assert!(head.starts_with("record_id,"), "{head}");
    let (_, rest) = lines.nth(row).unwrap().split_once(',').unwrap();
    let path = list.data.path().join(format!("{id}.csv"));
    fs::write(&path, format!("{head}\n{id},{rest}\n")).unwrap();
    path
}

/// Asks, and has two approvers let it be asked; gives the question's number.
fn approved(office: &Office<'_>, file: &Path) -> String {
    let reason = ["--reason", "missing since this morning"];
    let new = [&["ask", "--peer", "responder", "--record", file.to_str().unwrap()][..], &reason].concat();
    let asked = office.json_as("anna", &new);
    let number = asked["questions"].as_array().unwrap().last().unwrap()["number"].to_string();
    for approver in ["carla", "paul"] {
        office.json_as(approver, &["ask", "approve", &number]);
    }
    number
}

/// Whether a file in the folder, or below it, has a word in the clear.
fn holds(folder: &Path, word: &str) -> bool {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).any(|path| {
        let inside = || fs::read(&path).unwrap().windows(word.len()).any(|part| part == word.as_bytes());
        if path.is_dir() { holds(&path, word) } else { inside() }
    })
}

fn state(office: &Office<'_>, number: &str) -> String {
    let all = json(office.node, &["ask", "list"]);
    let of =
        all["questions"].as_array().unwrap().iter().find(|one| one["number"].as_i64() == number.parse().ok()).unwrap();
    of["state"].as_str().unwrap().to_owned()
}

fn send(node: &Node, number: &str) -> Result<Value, i32> {
    let output = node.run(&["ask", "send", number, "--json"]);
    match output.status.code() {
        Some(0) => {
            let printed = serde_json::from_slice(&output.stdout).unwrap();
            schema::hold(&printed);
            Ok(printed)
        }
        code => Err(code.unwrap_or_else(|| panic!("{output:?}"))),
    }
}

/// V-URGENT-001 to V-URGENT-007
#[test]
fn a_question_takes_two_approvers_and_has_an_account_of_its_own() {
    let ministries = Ministries::in_force(urgent);
    let (asks, answers) = (&ministries.pair.requester, &ministries.pair.responder);
    let text = fs::read_to_string(&asks.policy).unwrap();
    policies::keep(&asks.data, policy().digest(), &text).unwrap();
    let (running, addr) = service(answers);
    ministries.moved(&addr);
    let office = Office::open(asks, ministries.pair.folder.path());
    let new = passphrase(ministries.pair.folder.path(), "paul");
    let paul = ["account", "add", "paul", "--role", "approver", "--list", "suspect", "--new-passphrase-file"];
    office.json_as("chief", &[&paul[..], &[new.to_str().unwrap()]].concat());

    // A person of the responder's list, and the approvals one by one.
    let known = person(answers, 0, "child-4711");
    let reason = ["--reason", "missing since this morning, case 4711"];
    let ask = [&["ask", "--peer", "responder", "--record", known.to_str().unwrap()][..], &reason].concat();
    assert_eq!(asks.run(&ask).status.code(), Some(2), "somebody asks, not anybody");
    assert_eq!(office.run_as("vera", &ask).status.code(), Some(81), "of another list");
    let questions = office.json_as("anna", &ask);
    assert_eq!((schema::name(&questions), &questions["questions"][0]["state"]), (Some("questions"), &"waiting".into()));
    assert_eq!(send(asks, "1"), Err(81), "nobody has approved");
    assert_eq!(office.run_as("anna", &["ask", "approve", "1"]).status.code(), Some(81), "no approver");
    assert_eq!(office.run_as("olga", &["ask", "approve", "1"]).status.code(), Some(81), "this is no list of victims");
    let shown = office.json_as("carla", &["ask", "show", "1"]);
    assert_eq!(shown["reason"], "missing since this morning, case 4711");
    assert_eq!((schema::name(&shown), shown["persons"].as_array().unwrap().len()), (Some("question"), 1));
    assert_eq!(office.run_as("vera", &["ask", "show", "1"]).status.code(), Some(81), "of another list");
    office.json_as("carla", &["ask", "approve", "1"]);
    assert_eq!(office.run_as("carla", &["ask", "approve", "1"]).status.code(), Some(81), "twice");
    assert_eq!(send(asks, "1"), Err(81), "one has approved");
    office.json_as("paul", &["ask", "approve", "1"]);
    assert_eq!(state(&office, "1"), "approved");

    let found = send(asks, "1").unwrap();
    assert_eq!(schema::name(&found), Some("round"));
    assert_eq!((&found["matches"], &found["strong"], &found["records"]), (&1.into(), &1.into(), &1.into()), "{found}");
    let result = fs::read_to_string(found["out"].as_str().unwrap()).unwrap();
    assert!(result.contains("child-4711"), "{result}");
    assert_eq!(state(&office, "1"), "answered");
    assert_eq!(send(asks, "1"), Err(78), "it has its answer");
    assert_eq!(office.run_as("carla", &["ask", "show", "1"]).status.code(), Some(78), "the person is not kept");
    let [own] = &facts(asks, "urgent_debited")[..] else { panic!("one urgent debit") };
    let [theirs] = &facts(answers, "urgent_debited")[..] else { panic!("one urgent debit") };
    assert_ne!(own["approved"], theirs["approved"]);
    assert_eq!(theirs["approved"], "0".repeat(64));
    assert_eq!(facts(asks, "debited").len() + facts(answers, "debited").len(), 0);

    // The same person under another case reference, too early; somebody who is not in the list; a third question.
    let again = approved(&office, &person(answers, 0, "other-reference"));
    assert_eq!(send(asks, &again), Err(63), "asked about again");
    let stranger = ministries.pair.folder.path().join("stranger.csv");
    fs::write(&stranger, "record_id,given_names,family_names,birth_date\nx-1,Nobody,Inventedson,1971-02-03\n").unwrap();
    let unknown = approved(&office, &stranger);
    for word in ["Inventedson", "missing since this morning"] {
        assert!(!holds(asks.data.path(), word), "`{word}` is in the clear");
    }
    assert!(holds(ministries.pair.folder.path(), "Inventedson"), "the search works");
    assert_eq!(send(asks, &unknown).unwrap()["matches"], 0);
    let third = approved(&office, &person(answers, 1, "third"));
    assert_eq!(send(asks, &third), Err(61), "two in a day");
    assert_eq!(facts(asks, "urgent_debited").len(), 2);

    // The urgent policy takes no other way, and the ordinary round of the day is still there.
    let by_hand = ministries.pair.folder.path().join("urgent.toml");
    let small = text.replace(&format!("records_requester = {}", blindlink_testkit::RECORDS), "records_requester = 8");
    fs::write(&by_hand, small.replace("output = \"mutual\"", "output = \"requester\"")).unwrap();
    let arguments = ["link", "responder", "--records", known.to_str().unwrap(), "--policy", by_hand.to_str().unwrap()];
    let by_hand = asks.run(&arguments);
    assert_eq!(by_hand.status.code(), Some(78), "{by_hand:?}");
    ministries.link().assert_done();
    assert_eq!(facts(asks, "debited").len(), 1);
    running.signal("TERM");
    assert_eq!(running.end().exit, Some(0));
}

#[test]
fn what_cannot_be_asked_is_refused_before_anybody_approves() {
    let ministries = Ministries::in_force(|text| text);
    let asks = &ministries.pair.requester;
    policies::keep(&asks.data, policy().digest(), &fs::read_to_string(&asks.policy).unwrap()).unwrap();
    let office = Office::open(asks, ministries.pair.folder.path());
    let folder = ministries.pair.folder.path();
    let ask = |file: &Path, reason: &str| {
        let ask = ["ask", "--peer", "responder", "--record", file.to_str().unwrap(), "--reason", reason];
        office.run_as("anna", &ask).status.code()
    };
    let one = person(asks, 0, "one");
    assert_eq!(ask(&one, "a reason"), Some(42), "the agreement has no urgent part");
    assert_eq!(ask(&one, " "), Some(2), "no reason");
    assert_eq!(ask(&one, "two\nlines"), Some(2));
    assert_eq!(ask(&folder.join("nowhere.csv"), "a reason"), Some(66));
    let long = folder.join("long.csv");
    fs::write(&long, vec![b'x'; 70_000]).unwrap();
    assert_eq!(ask(&long, "a reason"), Some(65));
    assert_eq!(send(asks, "7"), Err(78), "there is no such question");
}
