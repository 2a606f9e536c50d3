//! The way of two ministries from lists to letters, its review in a real browser: `just browser`.
//!
//! It needs Chromium (`BLINDLINK_CHROMIUM`, or where Debian's package has it), Node.js, and the packages of
//! `node/console/browser`, installed in `target/walk`. Screenshots go to `target/browser`.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../../../console/tests/suite/office.rs"]
#[allow(dead_code)]
mod office;
#[path = "../../../console/tests/suite/payloads.rs"]
mod payloads;
mod texts;

use blindlink_node::sys::clock;
use blindlink_review::Quarter;
use blindlink_testkit::ministries::{Ministries, json};
use blindlink_testkit::office::{Console, Office, holds, page};
use blindlink_testkit::{Node, Running};
use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const LANGUAGES: [&str; 6] = ["ar", "zh", "en", "fr", "ru", "es"];

fn chromium() -> String {
    std::env::var("BLINDLINK_CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".to_owned())
}

/// Lets the browser walk; gives what it found.
fn walked(walk: &Value) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/walk/walk.mjs");
    let mut child = Command::new("node")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Node.js is not here");
    child.stdin.take().unwrap().write_all(walk.to_string().as_bytes()).unwrap();
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success(), "the walk failed");
    serde_json::from_slice(&done.stdout).unwrap()
}

/// What a walk found.
struct Walked {
    clicks: u64,
    keys: u64,
    results: Vec<Value>,
}

/// Both offices, each with its console.
struct Scene<'a> {
    offices: [Office<'a>; 2],
    consoles: [Console; 2],
    shots: PathBuf,
}

impl Scene<'_> {
    /// Lets people walk the console: each step names who takes it, as `0.anna` of the first office.
    fn walk(&self, steps: &[Value]) -> Walked {
        let mut people = serde_json::Map::new();
        for (at, console) in self.consoles.iter().enumerate() {
            for name in ["anna", "ben", "carla", "olga", "dora", "stan", "otto"] {
                let who = json!({
                    "office": format!("http://{}/", console.host),
                    "name": name,
                    "passphrase": format!("a long passphrase of {name}"),
                });
                people.insert(format!("{at}.{name}"), who);
            }
        }
        let walk = json!({ "browser": chromium(), "shots": self.shots, "people": people, "steps": steps });
        let found = walked(&walk);
        let number = |name: &str| found[name].as_u64().unwrap();
        Walked { clicks: number("clicks"), keys: number("keys"), results: found["results"].as_array().unwrap().clone() }
    }
}

fn pseudonym(pair: &Value) -> String {
    pair["pair"].as_str().unwrap().split('-').next().unwrap().to_owned()
}

/// The pairs of an office with different pseudonyms, by pseudonym: both offices have them in the same order.
fn waiting(office: &Office<'_>) -> Vec<Value> {
    let mut pairs = office.pairs("anna", "candidate");
    pairs.sort_by_key(pseudonym);
    pairs.dedup_by_key(|pair| pseudonym(pair));
    pairs
}

fn approver(pair: &Value) -> &'static str {
    if pair["child"] == true { "olga" } else { "carla" }
}

/// What two judges and an approver do with a pair that they find worth asking.
fn yes(office: usize, pair: &Value, by_keys: bool) -> Vec<Value> {
    let (pair, who) = (page(pair), approver(pair));
    let judge = if by_keys { "judge_by_keys" } else { "judge" };
    let choice = "worth_asking.document";
    vec![
        json!({ "do": judge, "as": format!("{office}.anna"), "stage": "candidate", "pair": pair, "choice": choice }),
        json!({ "do": "judge", "as": format!("{office}.ben"), "stage": "judged_once", "pair": pair, "choice": choice,
                "note": "SENTINELNOTE" }),
        json!({ "do": "press", "as": format!("{office}.{who}"), "stage": "judged_twice", "pair": pair, "form": "approve" }),
    ]
}

fn disclose(office: usize, pair: &Value, case: &str) -> Value {
    json!({ "do": "press", "as": format!("{office}.{}", approver(pair)), "stage": "confirmed_there", "pair": page(pair),
            "form": "disclose", "fields": { "case": case, "desk": "SENTINELDESK", "handling": "1" } })
}

fn read(who: &str, path: &str) -> Value {
    json!({ "do": "read", "as": who, "path": path })
}

fn confirm(ministries: &Ministries) -> Value {
    let done = json(&ministries.pair.requester, &["review", "confirm", "responder"]);
    done["rounds"][0].clone()
}

fn served(ministries: &Ministries) -> Running {
    let (serve, addr) = ministries.pair.responder.serve(&[]);
    ministries.moved(&addr);
    serve
}

/// Nothing that a person needs is missing on any page, in any language, wide or narrow, light or dark.
fn assert_readable(found: &Value) {
    for page in found.as_array().unwrap() {
        let way = if page["language"] == "ar" { "rtl" } else { "ltr" };
        assert_eq!(page["ways"], json!([way, way]), "{page}");
        assert_eq!(page["untranslated"], json!([]), "{page}");
        assert_eq!(page["violations"], json!([]), "{page}");
        assert_eq!(page["over"], 0, "wider than a narrow screen: {page}");
    }
}

/// Fingerprints, four signatures, a round; 3 of 7 pairs confirmed on both sides; case references, letters, a withdrawal with
/// its receipt; the data-protection officer's check, no round when the agreement has ended, and numbers when the quarter has.
#[test]
fn two_ministries_go_the_whole_way() {
    let shots = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/browser");
    let _ = fs::remove_dir_all(&shots);
    fs::create_dir_all(&shots).unwrap();
    let ministries = Ministries::in_force(|text| text);
    let serve = served(&ministries);
    ministries.link().assert_done();
    let offices = [&ministries.pair.requester, &ministries.pair.responder].map(|node| {
        let folder = node.data.path().with_extension("people");
        fs::create_dir(&folder).unwrap();
        Office::open(node, &folder)
    });
    let consoles = [0, 1].map(|at| offices[at].console());
    let scene = Scene { offices, consoles, shots };
    let [north, south] = &scene.offices;
    let (ours, theirs) = (waiting(north), waiting(south));
    assert!(ours.len() > 8 && ours.len() == theirs.len(), "{} and {}", ours.len(), theirs.len());

    // Five yeses on each side, three of them about the same pairs; one of the persons has no mouse.
    let mut steps: Vec<Value> = ours[..5].iter().enumerate().flat_map(|(n, pair)| yes(0, pair, n == 0)).collect();
    steps.extend(theirs[2..7].iter().flat_map(|pair| yes(1, pair, false)));
    let other = json!({ "do": "judge", "as": "0.anna", "stage": "candidate", "pair": page(&ours[5]),
                        "choice": "other_person.common_name" });
    steps.push(other);
    steps.push(json!({ "do": "two_tabs", "as": "0.ben", "stage": "judged_once", "pair": page(&ours[5]),
                       "choice": "other_person.common_name", "said": "decided" }));
    let judged = scene.walk(&steps);
    assert!(judged.results.last().unwrap().as_str().unwrap().contains("Somebody has decided"));
    println!("31 decisions: {} clicks and {} keys", judged.clicks, judged.keys);

    let run = confirm(&ministries);
    assert_eq!((&run["asked"], &run["confirmed"]), (&5.into(), &3.into()));

    // References cross; a letter is made of them; one pair is taken back, and the other side hears of it.
    let disclosed = [disclose(0, &ours[2], "SENTINEL-N-2"), disclose(1, &theirs[2], "SENTINEL-S-2")];
    scene.walk(&[&disclosed[..], &[disclose(0, &ours[3], "SENTINEL-N-3")]].concat());
    confirm(&ministries);
    let who = format!("0.{}", approver(&ours[2]));
    let letters = LANGUAGES.map(|language| {
        let link = format!("a[href$=\"/letter/request/{language}\"]");
        json!({ "do": "download", "as": who, "path": page(&ours[2]), "link": link })
    });
    let letters = scene.walk(&letters).results;
    for letter in &letters {
        let letter = letter.as_str().unwrap();
        assert!(letter.contains("SENTINEL-N-2") && letter.contains("SENTINEL-S-2"), "{letter}");
    }
    let back = json!({ "do": "press", "as": format!("0.{}", approver(&ours[3])), "stage": "disclosed",
                       "pair": page(&ours[3]), "form": "withdraw", "fields": { "reason": "no_consent" } });
    scene.walk(&[back]);
    let run = confirm(&ministries);
    assert_eq!((&run["confirmed"], &run["notices_sent"]), (&2.into(), &1.into()));

    // Oversight: the log holds and names nobody; numbers wait for the end of the quarter.
    let told = scene.walk(&[
        read(&format!("1.{}", approver(&theirs[3])), &page(&theirs[3])),
        read("0.dora", "/log"),
        read("0.stan", "/statistics"),
        read("0.otto", "/node"),
        read("0.dora", "/log?drawn"),
    ]);
    let [withdrawn, log, numbers, node, drawn] = &told.results[..] else { panic!("five pages") };
    // Ten decisions with their reasons, as the data-protection officer samples them.
    let drawn = drawn.as_str().unwrap();
    let decisions = drawn.lines().filter(|line| line.contains("Person ")).count();
    assert!(decisions == 10 && !drawn.contains("SENTINEL"), "{drawn}");
    let node = node.as_str().unwrap();
    assert!(node.contains("it holds") && node.contains("in force") && node.contains("responder"), "{node}");
    let withdrawn = withdrawn.as_str().unwrap();
    assert!(withdrawn.contains("withdrawn") && !withdrawn.contains("SENTINEL"), "{withdrawn}");
    let log = log.as_str().unwrap();
    assert!(log.contains("The log holds") && log.contains("case reference sent") && !log.contains("SENTINEL"), "{log}");
    assert!(numbers.as_str().unwrap().contains("No quarter is over yet"));

    // Every page, in every language, by every means of seeing it.
    let look = |who: &str, pages: &[&str]| {
        let who = format!("0.{who}");
        json!({ "do": "look", "as": who, "pages": pages, "languages": LANGUAGES, "paper": true })
    };
    let pair = page(&ours[2]);
    let found = scene.walk(&[
        look("anna", &["/queue", &page(&ours[7]), &page(&ours[6])]),
        look(approver(&ours[2]), &["/queue?stage=confirmed_here", &pair, &page(&ours[4]), "/status"]),
        look("dora", &["/log", "/log?drawn", "/statistics"]),
        look("otto", &["/node"]),
    ]);
    found.results.iter().for_each(assert_readable);

    for node in [north.node, south.node] {
        for secret in ["SENTINEL", "worth_asking", "no_consent"] {
            assert_eq!(holds(node.data.path(), secret), Vec::<PathBuf>::new(), "{secret}");
        }
    }

    // The end of the agreement: no round, no run.
    ministries.say(north.node, "suspend", 0);
    let refused = north.node.run(&["review", "confirm", "responder", "--json"]);
    assert_eq!(refused.status.code(), Some(47), "{refused:?}");
    let end = ministries.link();
    assert_eq!(end.exit, Some(47), "{end:?}");
    serve.signal("TERM");
    drop(scene);
    after_the_quarter(&ministries);
}

/// An office of people who have their accounts already, with its console.
fn reopened(node: &Node) -> (Office<'_>, Console) {
    let office = Office::again(node, &node.data.path().with_extension("people"));
    let console = office.console();
    (office, console)
}

/// Both nodes live at another time now.
fn at(ministries: &Ministries, time: u64) -> Scene<'_> {
    let nodes = [&ministries.pair.requester, &ministries.pair.responder];
    nodes.iter().for_each(|node| node.set_clock(time));
    let [(north, ours), (south, theirs)] = nodes.map(reopened);
    let shots = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/browser");
    Scene { offices: [north, south], consoles: [ours, theirs], shots }
}

/// The numbers of the quarter are counted once, and nothing small is among them.
fn after_the_quarter(ministries: &Ministries) {
    let quarter = Quarter::of(clock::now()).unwrap();
    let scene = at(ministries, quarter.end() + 3_600);
    let told = scene.walk(&[
        json!({ "do": "submit", "as": "0.stan", "path": "/statistics" }),
        read("0.dora", "/statistics"),
        read("0.dora", "/log"),
    ]);
    let [counted, numbers, log] = &told.results[..] else { panic!("three pages") };
    for page in [counted, numbers] {
        let page = page.as_str().unwrap();
        assert!(page.contains(&quarter.to_string()) && !page.contains("Count and publish"), "{page}");
        let cells: Vec<&str> = page.lines().flat_map(|line| line.split('\t').skip(1)).collect();
        let small = |cell: &&str| cell.parse::<u64>().is_ok_and(|n| n < 10);
        assert!(cells.len() > 10 && !cells.iter().any(small), "a number below ten: {page}");
    }
    assert!(log.as_str().unwrap().contains("numbers of a quarter published"));
}
