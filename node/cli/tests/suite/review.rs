//! From the pairs of a round to judgements: the console over HTTP, and the same in the terminal.

use blindlink_testkit::Node;
use blindlink_testkit::ministries::{Ministries, json};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Output, Stdio};

/// The people of an office: name, roles, lists. The first one names the others.
const PEOPLE: [(&str, &[&str], &[&str]); 7] = [
    ("chief", &["security"], &[]),
    ("anna", &["reviewer", "second_reviewer"], &["suspect"]),
    ("ben", &["reviewer", "second_reviewer"], &["suspect"]),
    ("carla", &["approver"], &["suspect"]),
    ("olga", &["victim_support"], &["suspect"]),
    ("dora", &["data_protection"], &[]),
    ("vera", &["reviewer", "second_reviewer"], &["victim"]),
];

fn passphrase(folder: &Path, name: &str) -> PathBuf {
    let path = folder.join(format!("{name}.pass"));
    fs::write(&path, format!("a long passphrase of {name}\n")).unwrap();
    path
}

/// A node whose people have accounts.
pub(crate) struct Office<'a> {
    pub(crate) node: &'a Node,
    folder: PathBuf,
}

impl<'a> Office<'a> {
    pub(crate) fn open(node: &'a Node, folder: &Path) -> Self {
        let office = Self { node, folder: folder.to_owned() };
        for (name, roles, lists) in PEOPLE {
            let new = passphrase(folder, name);
            let mut add = vec!["account", "add", name, "--new-passphrase-file", new.to_str().unwrap()];
            roles.iter().for_each(|role| add.extend(["--role", role]));
            lists.iter().for_each(|list| add.extend(["--list", list]));
            let done = if name == "chief" { node.run(&add) } else { office.run_as("chief", &add) };
            assert!(done.status.success(), "{name}: {done:?}");
        }
        office
    }

    pub(crate) fn run_as(&self, name: &str, arguments: &[&str]) -> Output {
        let file = passphrase(&self.folder, name);
        self.node.run(&[arguments, &["--as", name, "--passphrase-file", file.to_str().unwrap()]].concat())
    }

    pub(crate) fn json_as(&self, name: &str, arguments: &[&str]) -> Value {
        let output = self.run_as(name, &[arguments, &["--json"]].concat());
        assert!(output.status.success(), "{name} {arguments:?}: {output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// The pairs at a stage, as a person sees them in the terminal.
    pub(crate) fn pairs(&self, name: &str, stage: &str) -> Vec<Value> {
        let listed = self.json_as(name, &["review", "list", "--stage", stage, "--most", "1000"]);
        listed["pairs"].as_array().unwrap().clone()
    }

    pub(crate) fn console(&self) -> Console {
        let mut command = self.node.command(&["console", "--listen", "127.0.0.1:0", "--json"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let shown: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line}"));
        let address = shown["address"].as_str().unwrap();
        let host = address.trim_start_matches("http://").trim_end_matches('/').to_owned();
        Console { child, host }
    }
}

/// A running console.
pub(crate) struct Console {
    child: Child,
    host: String,
}

impl Drop for Console {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) text: String,
}

fn encoded(text: &str) -> String {
    let one = |byte: u8| match byte {
        b if b.is_ascii_alphanumeric() => char::from(b).to_string(),
        b => format!("%{b:02X}"),
    };
    text.bytes().map(one).collect()
}

/// A browser of one person.
pub(crate) struct Browser<'a> {
    console: &'a Console,
    cookie: String,
    form: String,
}

impl Console {
    fn request(&self, method: &str, path: &str, cookie: &str, body: &str) -> Answer {
        let host = &self.host;
        let mut stream = TcpStream::connect(host).unwrap();
        let kind = "application/x-www-form-urlencoded";
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\norigin: http://{host}\r\ncookie: {cookie}\r\n\
             content-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, text) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_owned(), text: text.to_owned() }
    }

    pub(crate) fn log_in(&self, name: &str, passphrase: &str) -> Answer {
        let body = format!("name={}&passphrase={}", encoded(name), encoded(passphrase));
        self.request("POST", "/login", "", &body)
    }

    pub(crate) fn browser(&self, name: &str) -> Browser<'_> {
        let answer = self.log_in(name, &format!("a long passphrase of {name}"));
        assert_eq!(answer.status, 303, "{name}: {}", answer.head);
        let (_, rest) = answer.head.split_once("set-cookie: ").unwrap();
        let cookie = rest.split(';').next().unwrap().to_owned();
        let mut browser = Browser { console: self, cookie, form: String::new() };
        let page = browser.get("/status").text;
        let (_, rest) = page.split_once("name=\"form\" value=\"").unwrap();
        browser.form = rest[..64].to_owned();
        browser
    }
}

impl Browser<'_> {
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.console.request("GET", path, &self.cookie, "")
    }

    pub(crate) fn post(&self, path: &str, fields: &[(&str, &str)]) -> u16 {
        let fields = fields.iter().map(|(name, value)| format!("&{name}={}", encoded(value)));
        let body = format!("form={}{}", self.form, fields.collect::<String>());
        self.console.request("POST", path, &self.cookie, &body).status
    }

    pub(crate) fn judge(&self, page: &str, seen: &str) -> u16 {
        let note = ("note", "SECRETNOTE of a reviewer");
        self.post(&format!("{page}/judge"), &[("seen", seen), ("choice", "worth_asking.document"), note])
    }
}

/// A round under an agreement; gives the pairs that the requester found.
pub(crate) fn linked(ministries: &mut Ministries) -> u64 {
    let (serve, addr) = ministries.pair.responder.serve(&["--once"]);
    ministries.moved(&addr);
    let linked = ministries.link();
    serve.end().assert_done();
    linked.assert_done();
    linked.json["matches"].as_u64().unwrap()
}

pub(crate) fn page(pair: &Value) -> String {
    format!("/pair/{}-{}", pair["round"].as_str().unwrap(), pair["pair"].as_str().unwrap())
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

pub(crate) fn holds(folder: &Path, text: &str) -> Vec<PathBuf> {
    let within = |path: &PathBuf| fs::read(path).unwrap().windows(text.len()).any(|part| part == text.as_bytes());
    files(folder).into_iter().filter(within).collect()
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
