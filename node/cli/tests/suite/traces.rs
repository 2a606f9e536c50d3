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
const CANARY: [(&str, &str); 6] = [
    ("record_id", "canary-id-4471"),
    ("given_names", "Quivorzhana"),
    ("family_names", "Tselmikhavarov"),
    ("document_number", "UTXQ5531079"),
    ("birth_date", "1991-08-23"),
    ("nationality", "UTO"),
];

/// Puts the person on a list.
fn add_canary(node: &Node) {
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
fn secrets() -> Vec<(String, Vec<u8>)> {
    let words = ["Quivorzhana", "Tselmikhavarov", "UTXQ5531079", "5531079"];
    let mut found = Vec::new();
    for word in words {
        for form in [word.to_owned(), word.to_lowercase(), word.to_uppercase()] {
            found.push((form.clone(), form.into_bytes()));
        }
    }
    found
}

fn contains(text: &[u8], wanted: &[u8]) -> bool {
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

fn in_folder(folder: &Path, wanted: &[(String, Vec<u8>)], found: &mut Vec<String>) {
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
fn told(node: &Node, folder: &Path) -> PathBuf {
    let told = folder.join(format!("told-{}", node.id().as_bytes()[0]));
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
