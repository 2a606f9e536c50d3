//! What an older version of the program wrote is read by this one: `node/cli/tests/older/README.md`.

use blindlink::audit::Fact;
use blindlink::receipt::Receipt;
use blindlink::schema::kinds::LanePair;
use blindlink::session::Role;
use blindlink_node::store::audit_log::Log;
use blindlink_node::store::data_dir::DataDir;
use blindlink_node::store::journal::{self, Entry};
use blindlink_node::store::peers::Peers;
use blindlink_node::store::query_history::QueryHistory;
use blindlink_node::store::rounds::{self, EndedRound};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// Copies a folder; nobody else may read the copy, as a node wants it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    fs::set_permissions(to, fs::Permissions::from_mode(0o700)).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(&path, &to).unwrap();
            fs::set_permissions(&to, fs::Permissions::from_mode(0o600)).unwrap();
        }
    }
}

/// A copy of the older node's folder.
fn older() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/older/data"), &data);
    (folder, data)
}

fn said(data: &Path, arguments: &[&str]) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_blindlink"));
    let output = command.arg("--data-dir").arg(data).args(arguments).arg("--json").output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

/// The file with this extension.
fn the_only(folder: PathBuf, extension: &str) -> PathBuf {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths = paths.filter(|path| path.extension().is_some_and(|found| found == extension));
    let path = paths.next().unwrap();
    assert_eq!(paths.next(), None);
    path
}

#[test]
fn journals_receipts_and_memory_of_an_older_version_are_read() {
    let (_folder, path) = older();
    let data = DataDir::locate(Some(path)).unwrap();
    let (identity, storage, rounds) = (data.identity().unwrap(), data.storage().unwrap(), data.rounds().unwrap());
    let peers = Peers::load(&data).unwrap();
    let peer = peers.get("north").unwrap().id;

    // The journal of the round that was stopped: nothing after its last entry, and no end.
    let (header, entries) = journal::read(&the_only(rounds.clone(), "open"), &storage).unwrap();
    assert_eq!((header.own, header.peer, header.role), (identity.key().id(), peer, Role::Responder));
    let entries = entries.collect::<Result<Vec<Entry>, _>>().unwrap();
    let count = |is: fn(&Entry) -> bool| entries.iter().filter(|entry| is(entry)).count();
    let crossed = [count(|entry| matches!(entry, Entry::Received(_))), count(|entry| matches!(entry, Entry::Sent(_)))];
    assert_eq!(crossed, [6, 8]);
    assert_eq!(count(|entry| matches!(entry, Entry::Round(_))), 1);
    assert_eq!(count(|entry| matches!(entry, Entry::Ended(_) | Entry::Burnt(_))), 0);

    // The one that ended: its receipt holds, and its journal and the log say the same of it.
    let receipt = fs::read(the_only(rounds.clone(), "receipt")).unwrap();
    let statement = Receipt::decode(&receipt).unwrap().statement;
    let (_, entries) = journal::read(&rounds::closed(&data, &statement.round).unwrap(), &storage).unwrap();
    let entries = entries.collect::<Result<Vec<Entry>, _>>().unwrap();
    assert!(entries.contains(&Entry::Round(statement.round)) && entries.contains(&Entry::Ended(receipt)));
    let ended = EndedRound::read(&data, &statement.round).unwrap();
    assert_eq!((ended.peer, ended.received.0, ended.sent.0), (peer, 10, 14));
    let log = Log::open(&data, &identity).unwrap();
    let end = |fact: &Fact| matches!(fact, Fact::RoundEnded { round, .. } if *round == statement.round);
    assert_eq!(log.entries().iter().filter(|entry| end(&entry.fact)).count(), 1);
    assert_eq!((log.entries().len(), log.debits().len()), (13, 2));

    let memory = QueryHistory::open(&data, &peer, LanePair::SuspectSuspect, Role::Responder).unwrap();
    assert_eq!(format!("{memory:?}"), "QueryHistory(1 lists)");
}

#[test]
fn an_older_versions_agreement_log_rounds_results_and_accounts_are_read() {
    let (folder, data) = older();
    let agreements = said(&data, &["agreement", "list"]);
    let agreement = &agreements["agreements"][0];
    assert_eq!((&agreement["name"], &agreement["missing"]), (&"invented-north-south".into(), &Value::Array(vec![])));

    let log = said(&data, &["audit", "log"]);
    let facts: Vec<&str> = log["entries"].as_array().unwrap().iter().map(|e| e["fact"].as_str().unwrap()).collect();
    let round = ["round_begun", "debited", "cosigned"];
    let agreed =
        ["begun", "agreement_added", "statement_added", "statement_added", "statement_added", "statement_added"];
    assert_eq!(facts, [&agreed[..], &round, &["round_ended"], &round].concat());
    assert_eq!(said(&data, &["audit", "verify"])["size"], 13);

    let rounds = said(&data, &["rounds", "list"]);
    let [open, done] = &rounds["rounds"].as_array().unwrap()[..] else { panic!("{rounds}") };
    assert_eq!((&open["state"], &done["state"], &done["pairs"]), (&"open".into(), &"done".into(), &2.into()));
    assert_eq!((&done["agreement"], &done["list"]["records"]), (&agreement["digest"], &8.into()));
    let id = done["round"].as_str().unwrap();
    let again = folder.path().join("again.csv");
    said(&data, &["rounds", "result", id, "--out", again.to_str().unwrap()]);
    let result = fs::read(the_only(data.join("results"), "csv")).unwrap();
    assert_eq!(fs::read(again).unwrap(), result, "the result file comes back out of the database");

    let evidence = folder.path().join("evidence");
    for (round, finished) in [(id, true), (open["round"].as_str().unwrap(), false)] {
        let written = said(&data, &["audit", "evidence", round, "--out", evidence.to_str().unwrap()]);
        assert_eq!(written["finished"], finished, "{written}");
        fs::remove_file(&evidence).unwrap();
    }

    let passphrase = folder.path().join("passphrase");
    fs::write(&passphrase, "invented passphrase of nobody\n").unwrap();
    let people = said(&data, &["account", "list", "--as", "chief", "--passphrase-file", passphrase.to_str().unwrap()]);
    assert_eq!(people["people"][0]["name"], "chief", "{people}");
}
