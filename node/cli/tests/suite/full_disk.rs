//! A disk that is full at the worst moment leaves no file that looks whole, and nothing that stops the next attempt.
#![cfg(unix)]

use blindlink_testkit::{Node, Pair, program};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs the program with room for so many blocks of 512 bytes in each file; gives its exit code and what it says is wrong.
fn full(data: &Path, blocks: u32, arguments: &[&str]) -> (Option<i32>, String) {
    let limited = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
    let mut command = Command::new("sh");
    command
        .args(["-c", &limited, "sh", program().to_str().unwrap(), "--data-dir"])
        .arg(data)
        .args(arguments)
        .arg("--json");
    let output = command.output().unwrap();
    let said: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    (output.status.code(), said["error"]["message"].as_str().unwrap_or_default().to_owned())
}

fn names(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn an_identity_is_whole_or_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("node");
    assert_eq!(full(&data, 0, &["init"]).0, Some(74));
    assert!(names(&data).is_empty());
    assert_eq!(full(&data, 9, &["init"]).0, Some(0), "nothing is in the way");
    assert_eq!(names(&data), [data.join("identity.key")]);
}

/// Begins a round by files.
fn begin(node: &Node, folder: &Path, blocks: u32) -> (Option<i32>, String) {
    let [records, policy, out, folder] =
        [&*node.records, &*node.policy, &*node.out, folder].map(|p| p.to_str().unwrap());
    let files = ["--records", records, "--policy", policy, "--out", out, "--via-files", folder];
    full(node.data.path(), blocks, &[&["link", "responder", "--training"], &files[..]].concat())
}

/// V-JOURNAL-005
#[test]
fn a_round_begins_whole_or_not_at_all_and_its_evidence_is_whole_or_not_there() {
    let pair = Pair::create();
    let node = &pair.requester;
    node.add_peer("responder", &pair.responder.id(), None);
    let (data, carried) = (node.data.path(), pair.folder.path().join("carried"));
    let (exit, said) = begin(node, &carried, 0);
    assert!(exit == Some(74) && said.contains("storage key"), "{said}");
    assert!(!data.join("storage.key").exists());
    node.data.storage().unwrap();
    // The audit log has room, the journal's header has not.
    let (exit, said) = begin(node, &carried, 1);
    assert!(exit == Some(74) && said.contains("cannot create the round journal"), "{said}");
    assert!(names(&data.join("rounds")).is_empty());
    assert_eq!(begin(node, &carried, 1 << 20).0, Some(24), "nothing is in the way");

    let journal = names(&data.join("rounds")).into_iter().find(|path| path.extension().unwrap() == "open").unwrap();
    let (journal, evidence) = (journal.to_str().unwrap(), pair.folder.path().join("evidence"));
    let arguments = ["audit", "evidence", journal, "--out", evidence.to_str().unwrap()];
    assert_eq!(full(data, 1, &arguments).0, Some(73));
    assert!(!evidence.exists());
    assert_eq!(full(data, 1 << 20, &arguments).0, Some(0), "nothing is in the way");
    assert_eq!(full(data, 1 << 20, &arguments).0, Some(73), "it is not written over");
    assert!(!names(pair.folder.path()).iter().any(|path| path.to_string_lossy().ends_with(".tmp")));
}

/// The database: what does not fit is told and not there, and the next start goes on.
#[test]
fn a_database_without_room_says_so_and_goes_on_when_there_is_some() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("node");
    assert_eq!(full(&data, 1 << 20, &["init"]).0, Some(0));
    let passphrase = folder.path().join("pass");
    fs::write(&passphrase, "a long passphrase of chief\n").unwrap();
    let add = ["account", "add", "chief", "--role", "security", "--new-passphrase-file", passphrase.to_str().unwrap()];
    // Keys fit, then the tables do not, then the entry does not: in blocks of 512 bytes.
    for blocks in [1, 8, 32, 96] {
        let (exit, said) = full(&data, blocks, &add);
        assert!(exit == Some(74) && said.contains("node.db"), "{blocks}: {exit:?} {said}");
    }
    assert_eq!(full(&data, 1 << 20, &["account", "list"]), (Some(0), String::new()), "nothing is in the way");
    let (exit, _) = full(&data, 1 << 20, &add);
    assert_eq!(exit, Some(0), "nobody was added by halves");
    // With people in it, a step that does not fit leaves all of them.
    let more = ["account", "add", "anna", "--role", "auditor", "--as", "chief", "--passphrase-file"];
    let path = passphrase.to_str().unwrap();
    let more = [&more[..], &[path, "--new-passphrase-file", path]].concat();
    let (exit, said) = full(&data, 8, &more);
    assert!(exit == Some(74) && said.contains("node.db"), "{exit:?} {said}");
    assert_eq!(full(&data, 1 << 20, &more).0, Some(0));
}
