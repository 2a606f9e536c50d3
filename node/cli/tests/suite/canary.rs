//! What review, confirmation and disclosure leave behind: an invented person, words of reviewers and references are looked for
//! on the disks, in logs, reports and metrics, and in every datagram that crossed (docs/review.md, "The console").
#![cfg(target_os = "linux")]

use crate::confirm::{pseudonym, waiting};
use crate::traces::{CANARY, add_canary, contains, in_folder, secrets, told};
use blindlink_testkit::ministries::{Ministries, json};
use blindlink_testkit::office::{Console, Office, PEOPLE, page};
use blindlink_testkit::relay::Relay;
use blindlink_testkit::{Node, Running};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

const NOTE: &str = "Zorvanthe said so on the telephone";
const CASE: [&str; 2] = ["KANARI-NORTH-17", "KANARI-SOUTH-44"];
const DESK: &str = "desk Wexilorn 4";

/// What nobody may find, with a name for each.
fn wanted() -> Vec<(String, Vec<u8>)> {
    let mut wanted = secrets();
    let words =
        [CANARY[0].1, "Zorvanthe", CASE[0], CASE[1], "Wexilorn", "worth_asking", "rare_name_and_date", "no_consent"];
    wanted.extend(words.iter().map(|word| ((*word).to_owned(), word.as_bytes().to_vec())));
    wanted.extend(PEOPLE.iter().map(|(name, ..)| {
        let passphrase = format!("a long passphrase of {name}");
        (passphrase.clone(), passphrase.into_bytes())
    }));
    wanted
}

fn the_canary(office: &Office<'_>) -> Value {
    let is_it = |pair: &Value| {
        let shown = office.json_as("anna", &["review", "show", pair["pair"].as_str().unwrap()]);
        shown["record"].as_array().unwrap().iter().any(|field| field["value"] == CANARY[3].1)
    };
    waiting(office).into_iter().find(is_it).expect("the canary is a pair")
}

/// Two persons judge and a third asks, all with the words that are looked for.
fn judged(console: &Console, pair: &Value) {
    let judge = format!("{}/judge", page(pair));
    for (name, seen) in [("anna", "0"), ("ben", "1")] {
        let browser = console.browser(name);
        assert!(browser.get(&page(pair)).text.contains(CANARY[2].1), "the reviewer sees the name");
        let fields = [("seen", seen), ("choice", "worth_asking.rare_name_and_date"), ("note", NOTE)];
        assert_eq!(browser.post(&judge, &fields), 303);
    }
    let approver = if pair["child"] == true { "olga" } else { "carla" };
    assert_eq!(console.browser(approver).post(&format!("{}/approve", page(pair)), &[("seen", "2")]), 303);
}

fn disclosed(console: &Console, pair: &Value, case: &str) {
    let approver = if pair["child"] == true { "olga" } else { "carla" };
    let fields = [("seen", "4"), ("case", case), ("desk", DESK), ("handling", "2")];
    assert_eq!(console.browser(approver).post(&format!("{}/disclose", page(pair)), &fields), 303);
}

/// What the service writes for those who watch a node.
fn metrics(node: &Node, folder: &Path) {
    let (numbers, notices) = (folder.join("numbers.prom"), folder.join("notices"));
    let (policy, list) = (node.policy.display(), node.records.display());
    let link = format!(
        "[[link]]\nname = \"a\"\npeer = \"requester\"\nrole = \"responder\"\npolicy = \"{policy}\"\nlist = \"{list}\"\n"
    );
    let text = format!(
        "[node]\nlisten = \"127.0.0.1:0\"\n[metrics]\ntextfile = \"{}\"\nevery = 5\n[notify]\ncommand = [\"sh\", \"-c\", \"cat >> {}\"]\n",
        numbers.display(),
        notices.display()
    );
    fs::write(node.data.path().join("blindlink.toml"), text + &link).unwrap();
    let run = Running::start(node.command(&["run", "--progress", "json", "--json"]));
    let begun = Instant::now();
    while !numbers.exists() {
        assert!(begun.elapsed() < Duration::from_secs(300), "no numbers were written");
        std::thread::sleep(Duration::from_millis(50));
    }
    run.signal("TERM");
    fs::write(folder.join("run.log"), run.end().log).unwrap();
}

/// V-REVIEW-003, V-CONFIRM-013: from two lists with one invented person on both to references, a letter and a withdrawal.
#[test]
fn review_leaves_no_name_word_or_reference_that_can_be_read() {
    let ministries = Ministries::with(|text| text);
    let [north, south] = [&ministries.pair.requester, &ministries.pair.responder];
    [north, south].into_iter().for_each(add_canary);
    ministries.add(&[0, 1, 2, 3]);
    let (serve, addr) = south.serve(&[]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (relay, passed) = runtime.block_on(Relay::recording(addr.parse().unwrap()));
    ministries.moved(&relay.addr.to_string());
    let linked = ministries.link();
    linked.assert_done();

    let folders = [north, south].map(|node| {
        let folder = node.data.path().with_extension("people");
        fs::create_dir(&folder).unwrap();
        folder
    });
    let offices = [Office::open(north, &folders[0]), Office::open(south, &folders[1])];
    let pairs = offices.each_ref().map(the_canary);
    assert_eq!(pseudonym(&pairs[0]), pseudonym(&pairs[1]));
    let mut said = String::new();
    {
        let consoles = offices.each_ref().map(Office::console);
        let confirm = || json(north, &["review", "confirm", "responder"])["rounds"][0].clone();
        consoles.iter().zip(&pairs).for_each(|(console, pair)| judged(console, pair));
        assert_eq!(confirm()["confirmed"], 1);
        consoles.iter().zip(&pairs).zip(CASE).for_each(|((console, pair), case)| disclosed(console, pair, case));
        assert_eq!(confirm()["notices_received"], 1);
        let approver = if pairs[0]["child"] == true { "olga" } else { "carla" };
        let browser = consoles[0].browser(approver);
        let letter = browser.get(&format!("{}/letter/request/ru", page(&pairs[0]))).text;
        assert!(letter.contains(CASE[0]) && letter.contains(CASE[1]), "who works on the pair reads the references");
        let back = [("seen", "5"), ("reason", "no_consent"), ("note", NOTE)];
        assert_eq!(browser.post(&format!("{}/withdraw", page(&pairs[0])), &back), 303);
        said += &confirm().to_string();
    }
    serve.signal("TERM");
    said += &serve.end().log;

    let mut found = Vec::new();
    for (node, office) in [north, south].into_iter().zip(&offices) {
        in_folder(node.data.path(), &wanted(), &mut found);
        let told = told(node, ministries.pair.folder.path());
        fs::write(told.join("said"), format!("{said}{linked:?}")).unwrap();
        fs::copy(office.console_log(), told.join("console.log")).unwrap();
        for (number, who) in ["stan", "dora"].into_iter().enumerate() {
            let output = office.run_as(who, &["review", "list"]);
            fs::write(told.join(format!("list-{number}")), format!("{output:?}")).unwrap();
        }
        let status = node.run(&["account", "list", "--json"]);
        fs::write(told.join("accounts"), status.stdout).unwrap();
        in_folder(&told, &wanted(), &mut found);
        in_folder(node.data.path(), &wanted(), &mut found);
    }
    let watched = ministries.pair.folder.path().join("watched");
    fs::create_dir(&watched).unwrap();
    metrics(south, &watched);
    in_folder(&watched, &wanted(), &mut found);
    let passed = passed.lock().unwrap();
    assert!(passed.len() > 1 << 20, "what crossed was recorded: {} bytes", passed.len());
    found.extend(
        wanted().into_iter().filter(|(_, word)| contains(&passed, word)).map(|(name, _)| format!("{name} crossed")),
    );
    assert_eq!(found, Vec::<String>::new());
    in_folder(north.records.parent().unwrap(), &wanted(), &mut found);
    assert!(found.iter().any(|found| found.contains("records.csv")), "the search works");
}
