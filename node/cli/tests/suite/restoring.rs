//! `blindlink backup` and `restore`.

use blindlink_testkit::ministries::{Ministries, facts, json, log};
use blindlink_testkit::{Node, Pair};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Output;

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Puts a backup into the place of a node's folder.
fn put_back(node: &Node, backup: &Path, key: &Path, more: &[&str]) -> Output {
    let lost = node.data.path().with_extension("lost");
    fs::rename(node.data.path(), lost).unwrap();
    node.run(&[&["restore", text(backup), "--key", text(key), "--json"], more].concat())
}

#[test]
fn a_node_that_was_put_back_is_closed_and_sees_what_its_backup_lacks() {
    let ministries = Ministries::in_force(|text| text.replace("rounds_per_day = 1", "rounds_per_day = 9"));
    let pair = &ministries.pair;
    let folder = pair.folder.path();
    let (key, backup) = (folder.join("backup.key"), folder.join("backup"));
    let node = &pair.requester;
    json(node, &["backup", "key", "--out", text(&key)]);
    let (serve, addr) = pair.responder.serve(&[]);
    ministries.moved(&addr);
    ministries.link().assert_done();
    let made = json(node, &["backup", "make", "--key", text(&key), "--out", text(&backup)]);
    assert!(
        made["files"].as_array().unwrap().iter().all(|file| !file.as_str().unwrap().starts_with("rounds")),
        "{made}"
    );
    let entries = log(node).len();
    // A round that the backup does not know.
    fs::remove_file(&node.out).unwrap();
    ministries.link().assert_done();
    let put = put_back(node, &backup, &key, &[]);
    let said: Value = serde_json::from_slice(&put.stdout).unwrap();
    assert_eq!(put.status.code(), Some(25), "{said}");
    assert_eq!(
        (&said["peers"][0]["behind"], said["log_entries"].as_u64()),
        (&true.into(), Some(entries as u64)),
        "{said}"
    );
    // Nothing runs before somebody has looked.
    let _ = fs::remove_file(&node.out);
    let refused = ministries.link();
    assert_eq!(refused.exit, Some(78), "{refused:?}");
    assert!(refused.message().contains("`blindlink maintenance off`"), "{refused:?}");
    assert_eq!(json(node, &["rounds", "list"])["rounds"].as_array().unwrap().len(), 1, "what was kept came back");
    json(node, &["maintenance", "off"]);
    // The peer does not go on with a log that went back (7.5).
    assert_eq!(ministries.link().exit, Some(25));
    assert_eq!(facts(&pair.responder, "round_begun").len(), 2);
    // V-COSIGN-004: nor when one of the two has forgotten, but when both have.
    json(&pair.responder, &["audit", "forget", "requester"]);
    assert_eq!(ministries.link().exit, Some(25));
    json(node, &["audit", "forget", "responder"]);
    ministries.link().assert_done();
    drop(serve);
}

#[test]
fn a_backup_is_sealed_and_put_back_only_into_an_empty_folder() {
    let pair = Pair::create();
    let folder = pair.folder.path();
    let (key, other, backup) = (folder.join("k"), folder.join("other"), folder.join("backup"));
    let node = &pair.requester;
    for key in [&key, &other] {
        json(node, &["backup", "key", "--out", text(key)]);
    }
    json(node, &["backup", "make", "--key", text(&key), "--out", text(&backup)]);
    let again = node.run(&["backup", "make", "--key", text(&key), "--out", text(&backup)]);
    assert!(!again.status.success(), "never written over");
    let bytes = fs::read(&backup).unwrap();
    for name in ["identity.key", "storage.key"] {
        let secret = fs::read_to_string(node.data.path().join(name)).unwrap();
        let secret = secret.split_whitespace().nth(1).unwrap();
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{name} is in the clear");
    }
    let there = node.run(&["restore", text(&backup), "--key", text(&key), "--offline"]);
    assert!(String::from_utf8_lossy(&there.stderr).contains("an empty folder only"), "{there:?}");
    let id = node.id();
    let wrong = put_back(node, &backup, &other, &["--offline"]);
    assert_eq!(wrong.status.code(), Some(78), "{wrong:?}");
    assert!(!node.data.path().join("identity.key").exists());
    let put = node.run(&["restore", text(&backup), "--key", text(&key), "--offline", "--json"]);
    let said: Value = serde_json::from_slice(&put.stdout).unwrap();
    assert_eq!((put.status.code(), &said["peers"][0]["cosigned"]), (Some(0), &Value::Null), "{said}");
    assert_eq!(node.id(), id);
}
