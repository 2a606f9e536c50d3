//! From the pairs of a round to judgements: the console over HTTP, and the same in the terminal.

use blindlink_testkit::ministries::{Ministries, json};
use blindlink_testkit::office::{Office, PEOPLE, holds, page, passphrase};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

/// A round under an agreement; gives the pairs that the requester found.
fn linked(ministries: &mut Ministries) -> u64 {
    let (serve, addr) = ministries.pair.responder.serve(&["--once"]);
    ministries.moved(&addr);
    let linked = ministries.link();
    serve.end().assert_done();
    linked.assert_done();
    linked.json["matches"].as_u64().unwrap()
}

/// V-REVIEW-003, V-REVIEW-005, from the round on: the pairs are there by themselves, with the own record as the list has
/// it; two people judge blind, a third asks; nobody sees another list; each reading is in the log with its person.
#[test]
fn the_pairs_of_a_round_are_judged_in_the_console() {
    let mut ministries = Ministries::in_force(|text| text);
    let found = linked(&mut ministries);
    let node = &ministries.pair.requester;
    let office = Office::open(node, ministries.pair.folder.path());
    let waiting = office.pairs("anna", "candidate");
    assert_eq!(waiting.len() as u64, found);
    let grown = waiting.iter().find(|pair| pair["child"] == false).expect("a pair of a grown person");
    let young = waiting.iter().find(|pair| pair["child"] == true).expect("a pair of a person who may be a child");
    let console = office.console();
    let (anna, ben, carla) = (console.browser("anna"), console.browser("ben"), console.browser("carla"));

    let queue = anna.get("/queue");
    assert_eq!(queue.status, 200);
    assert!(queue.text.contains(&page(grown)));
    // The own record stands there, cell by cell.
    let shown = anna.get(&page(grown));
    let own = grown["pair"].as_str().unwrap().split('-').nth(1).unwrap().parse::<usize>().unwrap();
    let list = fs::read_to_string(&node.records).unwrap();
    let cells = list.lines().nth(own + 1).unwrap();
    let names: Vec<&str> = cells.split([',', '|']).skip(1).filter(|cell| cell.len() > 5).take(2).collect();
    assert!(!names.is_empty() && names.iter().all(|name| shown.text.contains(name)), "{names:?}");
    assert!(shown.text.contains("shown when you have judged") && !shown.text.contains("<svg"));

    assert_eq!(anna.judge(&page(grown), "0"), 303);
    let shown = anna.get(&page(grown)).text;
    assert!(shown.contains("<svg") && !shown.contains("none was given"), "the requester has learnt grade and tables");
    assert_eq!(anna.judge(&page(grown), "1"), 403, "not twice the same person");
    assert!(ben.get(&page(grown)).text.contains("shown when you have judged"));
    assert_eq!(ben.judge(&page(grown), "0"), 409, "somebody decided since");
    assert_eq!(ben.judge(&page(grown), "1"), 303);
    assert_eq!(ben.post(&format!("{}/approve", page(grown)), &[("seen", "2")]), 403);
    assert_eq!(carla.post(&format!("{}/approve", page(grown)), &[("seen", "2")]), 303);
    assert!(carla.get(&page(grown)).text.contains("asked; the other authority has not said yes"));

    // Who may be a child takes the officer for victims.
    assert_eq!((anna.judge(&page(young), "0"), ben.judge(&page(young), "1")), (303, 303));
    assert_eq!(carla.post(&format!("{}/approve", page(young)), &[("seen", "2")]), 403);
    assert_eq!(console.browser("olga").post(&format!("{}/approve", page(young)), &[("seen", "2")]), 303);

    // Another list, and those who see no record.
    let vera = console.browser("vera");
    assert_eq!(vera.get(&page(grown)).status, 404);
    assert!(!vera.get("/queue").text.contains("/pair/"));
    let dora = console.browser("dora");
    assert_eq!(dora.get(&page(grown)).status, 404);
    let log = dora.get("/log").text;
    assert!(log.contains("The log holds") && log.contains("record read") && log.contains("Person 2"));
    assert!(names.iter().all(|name| !log.contains(name)));
    assert_eq!(console.log_in("anna", "a wrong passphrase").status, 401);

    // Names and words of reviewers are sealed on the disk.
    for secret in names.iter().chain(&["SECRETNOTE", "worth_asking", "a long passphrase"]) {
        assert_eq!(holds(node.data.path(), secret), Vec::<PathBuf>::new(), "{secret}");
    }
}

/// The terminal and the console are at one desk: what one decides the other sees, and the responder has its claims.
#[test]
fn the_terminal_and_the_console_share_one_desk() {
    let mut ministries = Ministries::in_force(|text| text);
    linked(&mut ministries);
    let node = &ministries.pair.responder;
    let office = Office::open(node, ministries.pair.folder.path());
    let console = office.console();
    let waiting = office.pairs("anna", "candidate");
    let grown = waiting.iter().find(|pair| pair["child"] == false).unwrap();
    let pair = grown["pair"].as_str().unwrap();
    let note = ministries.pair.folder.path().join("note.txt");
    fs::write(&note, "folder 3").unwrap();
    let note = ["--note-file", note.to_str().unwrap()];
    let yes = |seen: &'static str| ["--seen", seen, "--verdict", "worth_asking", "--reason", "document"];

    let shown = office.json_as("anna", &["review", "show", pair]);
    assert_eq!((&shown["seen"], &shown["grade_hidden"]), (&0.into(), &true.into()));
    assert_eq!(shown["record"][0]["field"], "record_id");
    let anna = console.browser("anna");
    anna.get(&page(grown));
    office.json_as("anna", &[&["review", "decide", pair][..], &yes("0"), &note].concat());
    // The tab that was open before decides nothing; the next page knows.
    assert_eq!(anna.judge(&page(grown), "0"), 409);
    assert!(console.browser("ben").get(&page(grown)).text.contains("judged by one person"));
    let again = office.run_as("anna", &[&["review", "decide", pair][..], &yes("1")].concat());
    assert_eq!(again.status.code(), Some(81), "{again:?}");
    let shown = office.json_as("ben", &["review", "show", pair]);
    assert_eq!((&shown["judged"][0]["verdict"], &shown["judged"][0]["person"]), (&Value::Null, &2.into()));
    office.json_as("ben", &[&["review", "decide", &pair[..8]][..], &yes("1")].concat());
    assert_eq!(office.pairs("carla", "judged_twice").len(), 1);
    office.json_as("carla", &["review", "approve", pair, "--seen", "2"]);
    let stages: BTreeSet<&str> = ["confirmed_here", "candidate"]
        .into_iter()
        .filter(|stage| office.pairs("carla", stage).iter().any(|row| row["pair"] == pair))
        .collect();
    assert_eq!(stages, BTreeSet::from(["confirmed_here"]));
    office.json_as("carla", &["review", "withdraw", pair, "--seen", "3", "--reason", "danger"]);
    // Another list: as if there were none.
    let hidden = office.run_as("vera", &["review", "show", pair]);
    assert_eq!(hidden.status.code(), Some(81), "{hidden:?}");
    assert_eq!(office.pairs("vera", "candidate").len(), 0);
}

/// Accounts: only a security officer adds people, nobody changes the own roles, a wrong passphrase opens nothing, who has
/// left is out at once.
#[test]
fn accounts_are_the_security_officers() {
    let ministries = Ministries::in_force(|text| text);
    let node = &ministries.pair.requester;
    let folder = ministries.pair.folder.path();
    let none = node.run(&["console", "--listen", "127.0.0.1:0"]);
    assert_eq!(none.status.code(), Some(78), "{none:?}");
    let new = passphrase(folder, "anna");
    let add = ["account", "add", "anna", "--role", "reviewer", "--list", "suspect", "--new-passphrase-file"];
    let add = [&add[..], &[new.to_str().unwrap()]].concat();
    assert_eq!(node.run(&add).status.code(), Some(81), "the first person is a security officer");
    let office = Office::open(node, folder);
    let people = json(node, &["account", "list"]);
    assert_eq!(people["people"].as_array().unwrap().len(), PEOPLE.len());
    assert_eq!(people["people"][0]["lists"][0], "suspect");

    let wrong = folder.join("wrong");
    fs::write(&wrong, "not the passphrase\n").unwrap();
    let wrong = ["--as", "anna", "--passphrase-file", wrong.to_str().unwrap()];
    assert_eq!(node.run(&[&["review", "list"][..], &wrong].concat()).status.code(), Some(82));
    assert_eq!(node.run(&["review", "list"]).status.code(), Some(2), "nobody says who asks");
    let more = ["account", "add", "gina", "--role", "auditor", "--new-passphrase-file", new.to_str().unwrap()];
    assert_eq!(office.run_as("anna", &more).status.code(), Some(81));
    let own = ["account", "change", "chief", "--role", "security", "--role", "reviewer"];
    assert_eq!(office.run_as("chief", &own).status.code(), Some(81));
    let mixed = ["account", "change", "anna", "--role", "reviewer", "--role", "auditor"];
    assert_eq!(office.run_as("chief", &mixed).status.code(), Some(81));
    let short = folder.join("short");
    fs::write(&short, "elevenchars\n").unwrap();
    let weak = ["account", "password", "anna", "--new-passphrase-file", short.to_str().unwrap()];
    assert_eq!(office.run_as("anna", &weak).status.code(), Some(2));
    let of_ben = ["account", "password", "ben", "--new-passphrase-file", new.to_str().unwrap()];
    assert_eq!(office.run_as("anna", &of_ben).status.code(), Some(81));

    let console = office.console();
    let anna = console.browser("anna");
    assert_eq!(anna.get("/queue").status, 200);
    assert!(office.run_as("chief", &["account", "remove", "anna"]).status.success());
    assert_eq!(anna.get("/queue").status, 303, "who has left has no session");
    assert_eq!(console.log_in("anna", "a long passphrase of anna").status, 401);
    let away = node.run(&["console", "--listen", "0.0.0.0:0"]);
    assert_eq!(away.status.code(), Some(2), "for this machine alone");
}

/// A training round makes no cases: its pairs must not stand among real ones.
#[test]
fn a_training_round_makes_no_cases() {
    let pair = blindlink_testkit::Pair::create();
    let serve = pair.served(&["--once"]);
    pair.requester.link("responder", &[]).end().assert_done();
    serve.end().assert_done();
    let office = Office::open(&pair.requester, pair.folder.path());
    assert_eq!(office.pairs("anna", "candidate").len(), 0);
}

/// Behind a socket in the file system: only the node's user can open it, a tunnel may come from any port, other names are
/// refused, and what a console left behind does not keep the next from starting.
#[test]
fn the_console_answers_behind_a_socket() {
    use std::os::unix::fs::PermissionsExt;
    let ministries = Ministries::in_force(|text| text);
    let node = &ministries.pair.requester;
    let folder = ministries.pair.folder.path();
    Office::open(node, folder);
    let path = folder.join("console.sock");
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let mut child = node
        .command(&["console", "--json", "--socket", path.to_str().unwrap()])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().unwrap()), &mut line).unwrap();
    assert!(line.contains("console.sock"), "{line}");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let asked = |host: &str| {
        use std::io::{Read, Write};
        let mut stream = std::os::unix::net::UnixStream::connect(&path).unwrap();
        write!(stream, "GET /login HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text.split(' ').nth(1).unwrap().to_owned()
    };
    for (host, status) in [
        ("localhost:8017", "200"),
        ("127.0.0.1:1", "200"),
        ("localhost:", "421"),
        ("localhost:x", "421"),
        ("localhost:80.evil.example", "421"),
        ("evil.example:8017", "421"),
    ] {
        assert_eq!(asked(host), status, "{host}");
    }
    let second = node.run(&["console", "--socket", path.to_str().unwrap()]);
    assert_eq!(second.status.code(), Some(74), "{second:?}");
    let _ = child.kill();
    let _ = child.wait();
}

/// V-REVIEW-008, V-REVIEW-009: what people found is counted for those who work on the pairs or oversee them, by grades and
/// keys in words; of few pairs nothing leaves.
#[test]
fn what_people_found_is_counted_and_stays_here() {
    let mut ministries = Ministries::in_force(|text| text);
    linked(&mut ministries);
    let node = &ministries.pair.requester;
    let folder = ministries.pair.folder.path();
    let office = Office::open(node, folder);
    let waiting = office.pairs("anna", "candidate");
    for pair in &waiting[..2] {
        let pair = pair["pair"].as_str().unwrap();
        let decide = ["review", "decide", pair, "--verdict", "worth_asking", "--reason", "document", "--seen"];
        office.json_as("anna", &[&decide[..], &["0"]].concat());
        office.json_as("ben", &[&decide[..], &["1"]].concat());
    }
    let found = office.json_as("carla", &["calibrate", "utopia"]);
    let rows = found["rows"].as_array().unwrap();
    let decided = |kind: &str| {
        let of_kind = rows.iter().filter(|row| row["kind"] == kind);
        of_kind.map(|row| row["decided"].as_u64().unwrap()).sum::<u64>()
    };
    assert_eq!(decided("grade"), 2, "{found}");
    assert!(decided("table") >= 2 && rows.iter().all(|row| row["worth_asking"] == row["decided"]), "{found}");
    assert!(rows.iter().any(|row| row["name"].as_str().unwrap().contains("part of the name")), "{found}");
    let said = String::from_utf8(office.run_as("dora", &["calibrate", "utopia"]).stdout).unwrap();
    assert!(said.contains("these numbers stay here") && said.contains('~'), "{said}");
    let out = folder.join("shares.json");
    for (name, more) in
        [("vera", &[][..]), ("stan", &[]), ("chief", &[]), ("dora", &["--let-out"]), ("carla", &["--let-out"])]
    {
        let mut words = [&["calibrate", "utopia"], more].concat();
        if !more.is_empty() {
            words.push(out.to_str().unwrap());
        }
        let refused = office.run_as(name, &words);
        assert_eq!(refused.status.code(), Some(81), "{name}: {refused:?}");
    }
    assert!(!out.exists());
}
