//! What a round leaves behind: in the memory of a node that goes on serving, and in the data folders (docs/node.md).
#![cfg(target_os = "linux")]

use blindlink::encode::encode;
use blindlink::session::Role;
use blindlink_node::event::NoSink;
use blindlink_node::evidence::records;
use blindlink_node::own_list::{OwnFiles, load};
use blindlink_testkit::{Node, Pair, Running};
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// An invented person whom no other text in the program can contain by chance.
pub(crate) const CANARY: [(&str, &str); 8] = [
    ("record_id", "canary-id-4471"),
    ("given_names", "Quivorzhana"),
    ("family_names", "Tselmikhavarov"),
    ("document_number", "UTXQ5531079"),
    ("birth_date", "1991-08-23"),
    ("nationality", "UTO"),
    ("phone", "+99944718823"),
    ("email", "quivor.tselmi@example.org"),
];

/// Puts the person on a list.
pub(crate) fn add_canary(node: &Node) {
    let list = fs::read_to_string(&node.records).unwrap();
    let (header, rows) = list.split_once('\n').unwrap();
    let value = |column: &str| CANARY.iter().find(|(name, _)| *name == column.trim()).map_or("", |(_, value)| *value);
    let row: Vec<&str> = header.split(',').map(value).collect();
    assert_eq!(row.iter().filter(|value| !value.is_empty()).count(), CANARY.len(), "columns of {header}");
    // In the place of the first row, so that the list keeps its size.
    let rest = rows.split_once('\n').unwrap().1;
    fs::write(&node.records, format!("{header}\n{}\n{rest}", row.join(","))).unwrap();
}

/// What must not be found, with a name for each.
pub(crate) fn secrets() -> Vec<(String, Vec<u8>)> {
    let words =
        ["Quivorzhana", "Tselmikhavarov", "UTXQ5531079", "5531079", "99944718823", "quivor.tselmi", "1991-08-23"];
    let mut found = Vec::new();
    for word in words {
        for form in [word.to_owned(), word.to_lowercase(), word.to_uppercase()] {
            found.push((form.clone(), form.into_bytes()));
        }
    }
    found
}

pub(crate) fn contains(text: &[u8], wanted: &[u8]) -> bool {
    let mut rest = text;
    while let Some(at) = rest.iter().position(|byte| *byte == wanted[0]) {
        rest = &rest[at..];
        if rest.starts_with(wanted) {
            return true;
        }
        rest = &rest[1..];
    }
    false
}

/// Those of `wanted` that are in the writable memory of a process.
fn in_memory(pid: u32, wanted: &[(String, Vec<u8>)]) -> Vec<String> {
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).unwrap();
    let mut memory = File::open(format!("/proc/{pid}/mem")).unwrap();
    let mut found = Vec::new();
    let mut searched = 0;
    for line in maps.lines().filter(|line| line.split(' ').nth(1).is_some_and(|mode| mode.starts_with("rw"))) {
        let (first, end) = line.split(' ').next().unwrap().split_once('-').unwrap();
        let [first, end] = [first, end].map(|text| u64::from_str_radix(text, 16).unwrap());
        let mut bytes = vec![0; usize::try_from(end - first).unwrap()];
        // A mapping may have gone since the list was read.
        if memory.seek(SeekFrom::Start(first)).is_err() || memory.read_exact(&mut bytes).is_err() {
            continue;
        }
        searched += bytes.len();
        let here = wanted.iter().filter(|(_, wanted)| contains(&bytes, wanted));
        found.extend(here.map(|(name, _)| name.clone()));
    }
    assert!(searched > 1 << 20, "only {searched} bytes were searched");
    found.sort();
    found.dedup();
    found
}

pub(crate) fn in_folder(folder: &Path, wanted: &[(String, Vec<u8>)], found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            in_folder(&path, wanted, found);
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        let here = wanted.iter().filter(|(_, wanted)| contains(&bytes, wanted));
        found.extend(here.map(|(name, _)| format!("{name} in {}", path.display())));
    }
}

/// Longest wait for anything.
const PATIENCE: Duration = Duration::from_secs(300);

fn until_receipt(node: &Node) {
    let begun = Instant::now();
    let there = || {
        let rounds = fs::read_dir(node.data.path().join("rounds"));
        rounds.is_ok_and(|mut all| all.any(|e| e.unwrap().path().extension().is_some_and(|x| x == "receipt")))
    };
    while !there() {
        assert!(begun.elapsed() < PATIENCE, "the round never ended");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Tokens and digests of the canary's record on a node's list.
fn derived(node: &Node, role: Role) -> Vec<(String, Vec<u8>)> {
    let policy = load(OwnFiles::new(&node.records, &node.policy), role, &NoSink).unwrap().policy;
    let list = records(&node.records, None, &policy, None).unwrap();
    let canary = list.iter().find(|record| record.id == CANARY[0].1).unwrap();
    let encoded = encode(&policy.encoding(), std::slice::from_ref(canary)).remove(0);
    let tokens = encoded.tokens.iter().flatten().map(|token| ("a token".to_owned(), token.as_bytes().to_vec()));
    let filter = encoded.filter.as_bytes().to_vec();
    tokens.chain([("the digest".to_owned(), encoded.digest.to_vec()), ("the filter".to_owned(), filter)]).collect()
}

#[test]
fn a_round_leaves_no_name_number_or_token_that_is_not_listed() {
    let pair = Pair::create();
    add_canary(&pair.requester);
    add_canary(&pair.responder);
    let serve: Running = pair.served(&[]);
    let ended = pair.requester.link("responder", &[]).end();
    ended.assert_done();
    until_receipt(&pair.responder);

    // In memory: neither names nor numbers. Identifiers and encodings stay while the node serves, as docs/node.md says;
    // that they are found shows that the search works.
    let mut wanted = secrets();
    wanted.push(("the identifier".to_owned(), CANARY[0].1.as_bytes().to_vec()));
    wanted.extend(derived(&pair.responder, Role::Responder).into_iter().filter(|(name, _)| name == "a token"));
    // The summary is printed and the round's memory given back some time after the receipt is written.
    let (begun, stays) = (Instant::now(), ["a token", "the identifier"]);
    while in_memory(serve.pid(), &wanted) != stays && begun.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_millis(200));
    }
    assert_eq!(in_memory(serve.pid(), &wanted), stays);

    // In the data folders: nothing of it at all.
    for (node, role) in [(&pair.requester, Role::Requester), (&pair.responder, Role::Responder)] {
        let mut wanted = secrets();
        wanted.push(("the identifier".to_owned(), CANARY[0].1.as_bytes().to_vec()));
        wanted.extend(derived(node, role));
        let mut found = Vec::new();
        in_folder(node.data.path(), &wanted, &mut found);
        assert_eq!(found, Vec::<String>::new());
        // Nor in what the node says of itself, or writes for others.
        let told = told(node, pair.folder.path());
        fs::write(told.join("link"), format!("{ended:?}")).unwrap();
        in_folder(&told, &wanted, &mut found);
        assert_eq!(found, Vec::<String>::new());
        in_folder(node.records.parent().unwrap(), &wanted, &mut found);
        assert!(found.iter().any(|found| found.contains("records.csv")), "the search works");
    }
}

/// A folder with everything that commands print of the node, its support file and its backup.
pub(crate) fn told(node: &Node, folder: &Path) -> PathBuf {
    let told = folder.join(format!("told-{:x?}", &node.id().as_bytes()[..8]));
    fs::create_dir(&told).unwrap();
    let [key, backup, report] =
        ["backup.key", "backup", "report"].map(|name| told.join(name).to_str().unwrap().to_owned());
    let list = node.records.to_str().unwrap();
    let link = format!(
        "[[link]]\nname = \"a\"\npeer = \"b\"\nrole = \"responder\"\npolicy = \"{}\"\nlist = \"{list}\"\n",
        node.policy.display()
    );
    fs::write(node.data.path().join("blindlink.toml"), link).unwrap();
    for (number, arguments) in [
        &["status", "--lists"][..],
        &["status", "--lists", "--json"],
        &["rounds", "list", "--json"],
        &["audit", "log", "--json"],
        &["config", "show", "--effective"],
        &["doctor", "--report", &report],
        &["backup", "key", "--out", &key],
        &["backup", "make", "--key", &key, "--out", &backup],
    ]
    .into_iter()
    .enumerate()
    {
        let output = node.run(arguments);
        // Something is due, or broken: that peer is none.
        assert!(
            matches!(output.status.code(), Some(0..=2 | 78)) && !output.stdout.is_empty(),
            "{arguments:?}: {output:?}"
        );
        fs::write(told.join(format!("{number}.txt")), [output.stdout, output.stderr].concat()).unwrap();
    }
    assert!([&key, &backup, &report].iter().all(|file| Path::new(file).exists()));
    told
}

/// Everything that leaves a node which runs as a service: log, numbers, notices, page, status, backup, copies for auditors,
/// bundle; and its store. With a second person on the list, of whom a value cannot be read.
#[test]
fn nothing_that_leaves_a_running_node_names_a_person() {
    let mut pair = Pair::create();
    (pair.requester.suite, pair.responder.suite) = (2, 2);
    for node in [&pair.requester, &pair.responder] {
        add_canary(node);
        let list = fs::read_to_string(&node.records).unwrap();
        let second = list.lines().nth(1).unwrap().replace("4471", "4472").replace("1991-08-23", "Tselmikhavarov 1991");
        let rest: Vec<&str> = list.lines().skip(3).collect();
        let list: Vec<&str> = list.lines().take(2).chain([second.as_str()]).chain(rest).collect();
        fs::write(&node.records, list.join("\n") + "\n").unwrap();
    }
    let (asks, node) = (&pair.requester, &pair.responder);
    let gone = pair.folder.path().join("gone");
    fs::create_dir(&gone).unwrap();
    let metrics = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (notices, policy, list) = (gone.join("notices"), node.policy.display(), node.records.display());
    let text = format!(
        "[node]\ntraining = true\nlisten = \"127.0.0.1:0\"\nlog = \"info\"\n[metrics]\ntextfile = \"numbers.prom\"\nlisten = \"{metrics}\"\n\
         every = 5\n[notify]\ncommand = [\"sh\", \"-c\", \"cat >> {}\"]\n[[link]]\nname = \"first\"\npeer = \"requester\"\n\
         role = \"responder\"\npolicy = \"{policy}\"\nlist = \"{list}\"\n",
        notices.display()
    );
    fs::write(node.data.path().join("blindlink.toml"), text).unwrap();
    let running = Running::start(node.command(&["run", "--progress", "json", "--json"]));
    let addr = running.wait_for(|event| event["event"] == "listening")["addr"].as_str().unwrap().to_owned();
    running.wait_for(|event| event["event"] == "link_ready");
    asks.add_peer("responder", &node.id(), Some(&addr));
    let linked = asks.link("responder", &[]).end();
    linked.assert_done();
    let round = linked.json["round"].as_str().unwrap().to_owned();
    until_receipt(node);
    let read = |path: &Path| fs::read_to_string(path).unwrap_or_default();
    let begun = Instant::now();
    while !read(&notices).contains("\"pairs\"") || !read(&node.data.path().join("numbers.prom")).contains("done\"} 1") {
        assert!(begun.elapsed() < PATIENCE, "nobody was told of the round");
        std::thread::sleep(Duration::from_millis(50));
    }
    let mut numbers = std::net::TcpStream::connect(metrics).unwrap();
    std::io::Write::write_all(&mut numbers, b"GET /metrics HTTP/1.1\r\n\r\n").unwrap();
    let mut answer = String::new();
    numbers.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("blindlink_rounds_total"), "{answer}");
    fs::write(gone.join("numbers"), answer).unwrap();
    running.signal("TERM");
    let ended = running.end();
    // The log says that a value could not be read, and not which.
    assert!(ended.log.contains("\"level\":\"INFO\"") || ended.log.contains("\"event\":\"log\""), "{ended:?}");
    fs::write(gone.join("log"), ended.log + &ended.text + &linked.log + &linked.text).unwrap();
    leaves(node, asks, &gone, &round);
    for (of, role) in [(asks, Role::Requester), (node, Role::Responder)] {
        let mut wanted = secrets();
        wanted.push(("the identifier".to_owned(), b"canary-id-447".to_vec()));
        wanted.extend(derived(of, role));
        let mut found = Vec::new();
        in_folder(&gone, &wanted, &mut found);
        in_folder(of.data.path(), &wanted, &mut found);
        // Result files hold identifiers, and nothing else of a record (docs/node.md).
        let is_result = |found: &&String| {
            found.starts_with("the identifier in ") && found.contains("/results/") && found.ends_with(".csv")
        };
        let others: Vec<&String> = found.iter().filter(|found| !is_result(found)).collect();
        assert!(others.is_empty(), "{others:?}");
        assert_eq!(found.iter().any(|found| is_result(&found)), role == Role::Responder, "the responder's claims");
        in_folder(of.records.parent().unwrap(), &wanted, &mut found);
        assert!(found.iter().any(|found| found.contains("records.csv")), "the search works");
    }
}

/// What an operator hands on, written into a folder.
fn leaves(node: &Node, peer: &Node, gone: &Path, round: &str) {
    let place = |name: &str| gone.join(name).to_str().unwrap().to_owned();
    let mut told = Vec::new();
    let mut says = |node: &Node, arguments: &[&str]| {
        let output = node.run(arguments);
        assert!(matches!(output.status.code(), Some(0..=2 | 78)), "{arguments:?}: {output:?}");
        told.extend([output.stdout, output.stderr].concat());
    };
    for arguments in [
        &["status", "--lists"][..],
        &["status", "--lists", "--json"],
        &["rounds", "list", "--json"],
        &["rounds", "show", round],
        &["rounds", "report", round, "--out", &place("round.html")],
        &["config", "check", "--lists", "--json"],
        &["lists", "check", node.records.to_str().unwrap()],
        &["audit", "log", "--json"],
        &["audit", "export", &place("audit")],
        &["audit", "evidence", round, "--out", &place("evidence")],
        &["doctor", "--report", &place("report")],
        &["backup", "key", "--out", &place("backup.key")],
        &["backup", "make", "--key", &place("backup.key"), "--out", &place("backup")],
    ] {
        says(node, arguments);
    }
    let signers: Vec<String> = (0..4).map(|n| place(&format!("signer-{n}"))).collect();
    signers.iter().for_each(|signer| says(node, &["signer", "init", "--out", signer]));
    let named = |n: usize| format!("Invented {n}={}", signers[n]);
    let law = ["--party", "Office", "--legal-basis", "Act 1"];
    let invite = ["peer", "invite", "--name", "south", "--addr", "127.0.0.1:9", "--out", &place("south.invite")];
    says(peer, &[&invite[..], &law, &["--signer", &named(0), "--signer", &named(1)]].concat());
    let propose =
        ["agreement", "propose", "--invitation", &place("south.invite"), "--as", "north", "--out", &place("bundle")];
    let about = ["--name", "north-south", "--purpose", "find suspects", "--policy", node.policy.to_str().unwrap()];
    says(node, &[&propose[..], &law, &about, &["--signer", &named(2), "--signer", &named(3)]].concat());
    fs::write(gone.join("told"), told).unwrap();
    let made = ["round.html", "audit", "evidence", "report", "backup", "south.invite", "bundle"];
    made.iter().for_each(|name| {
        assert!(gone.join(name).exists(), "{name}: {}", fs::read_to_string(gone.join("told")).unwrap())
    });
}
