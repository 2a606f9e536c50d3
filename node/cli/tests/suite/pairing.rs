//! Two operators pin each other's nodes, and hand on a report: `peer invite`, `accept`, `words`, `doctor`.

use blindlink::identity::{IdentityKey, check_words, keytext};
use blindlink_testkit::ministries::json;
use blindlink_testkit::{Node, Pair};
use std::fs;
use std::path::PathBuf;

fn invite(pair: &Pair, node: &Node, name: &str) -> PathBuf {
    let out = pair.folder.path().join(format!("{name}.invite"));
    let said =
        json(node, &["peer", "invite", "--name", name, "--addr", "h.example.org:1", "--out", out.to_str().unwrap()]);
    assert_eq!(said["schema"], "blindlink.pairing/v1");
    out
}

/// V-PAIR-001
#[test]
fn two_nodes_are_pinned_by_a_file_each_way_and_sixteen_words() {
    let pair = Pair::create();
    pair.responder.run(&["peer", "remove", "requester"]);
    let [north, south] =
        [(&pair.requester, "north"), (&pair.responder, "south")].map(|(node, name)| invite(&pair, node, name));
    let words = check_words(&pair.requester.id(), &pair.responder.id()).join(" ");
    let accept = |node: &Node, file: &PathBuf, more: &[&str]| {
        let output = node.run(&[&["peer", "accept", file.to_str().unwrap()], more].concat());
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    // Nobody is pinned unless the words were compared, and are right.
    let (exit, said) = accept(&pair.requester, &south, &[]);
    assert_eq!(exit, Some(2), "{said}");
    let (exit, said) = accept(&pair.requester, &south, &["--words", "acorn acorn"]);
    assert_eq!(exit, Some(11), "{said}");
    assert!(json(&pair.requester, &["peer", "list"])["peers"].as_array().unwrap().is_empty());
    // Somebody who exchanged the key on the way sees other words.
    let forged = fs::read_to_string(&north).unwrap();
    let own = keytext::to_text(&pair.requester.id());
    let stranger = keytext::to_text(&IdentityKey::from_secret(&[9; 32]).id());
    let file = pair.folder.path().join("forged.invite");
    fs::write(&file, forged.replace(&own, &stranger)).unwrap();
    assert_eq!(accept(&pair.responder, &file, &["--words", &words]).0, Some(11));

    let (exit, said) = accept(&pair.requester, &south, &["--words", &words.to_uppercase()]);
    assert_eq!(exit, Some(0), "{said}");
    let (exit, said) = accept(&pair.responder, &north, &["--as", "the-north", "--words", &words]);
    assert_eq!(exit, Some(0), "{said}");
    let shown = [(&pair.requester, "south"), (&pair.responder, "the-north")]
        .map(|(node, name)| json(node, &["peer", "words", name])["words"].clone());
    assert_eq!((shown[0].as_str(), &shown[0]), (Some(&*words), &shown[1]));
    let peers = json(&pair.requester, &["peer", "list"]);
    assert_eq!(peers["peers"][0]["addr"], "h.example.org:1");
    // An invitation is not written over another file, and what is none is refused.
    let out = north.to_str().unwrap();
    let again = pair.requester.run(&["peer", "invite", "--name", "north", "--out", out]);
    assert_eq!(again.status.code(), Some(73));
    fs::write(&file, "name = \"x\"\n").unwrap();
    assert_eq!(accept(&pair.requester, &file, &[]).0, Some(65));
}

/// Every command has a man page, and the shells complete them.
#[test]
fn each_command_has_a_page_of_the_manual() {
    let pair = Pair::create();
    let folder = pair.folder.path().join("pages");
    let node = &pair.requester;
    let output = node.run(&["manual", "--pages", folder.to_str().unwrap()]);
    assert!(output.status.success(), "{output:?}");
    for name in ["blindlink", "blindlink-run", "blindlink-rounds-new", "blindlink-peer-check"] {
        let text = fs::read_to_string(folder.join(format!("{name}.1"))).unwrap();
        assert!(text.contains(&format!(".TH {}", name.to_uppercase())) && text.contains(".SH SYNOPSIS"), "{text}");
    }
    let output = node.run(&["manual", "--completions", "bash"]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("complete -F _blindlink"), "{output:?}");
}

#[test]
fn a_report_names_what_does_not_hold_and_no_list() {
    let pair = Pair::create();
    let node = &pair.requester;
    node.add_peer("responder", &pair.responder.id(), Some("127.0.0.1:9"));
    let (policy, report) = (node.policy.display(), pair.folder.path().join("report.json"));
    let config = format!(
        "[node]\nlisten = \"127.0.0.1:0\"\ntraining = true\n[[link]]\nname = \"l\"\npeer = \"responder\"\nrole = \"requester\"\npolicy = \"{policy}\"\nlist = \"CANARY-CASE.csv\"\n"
    );
    fs::write(node.data.path().join("blindlink.toml"), config).unwrap();
    let output = node.run(&["doctor", "--json", "--report", report.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(78), "{output:?}");
    let text = fs::read_to_string(&report).unwrap();
    assert!(text.contains("its list cannot be read") && text.contains("blindlink.doctor/v1"), "{text}");
    for place in [text, String::from_utf8_lossy(&output.stdout).into_owned()] {
        assert!(!place.contains("CANARY"), "{place}");
    }
    fs::copy(&node.records, node.data.path().join("CANARY-CASE.csv")).unwrap();
    let said = json(node, &["doctor"]);
    assert_eq!((&said["holds"], said["looked_at"].as_array().unwrap().len()), (&true.into(), 6), "{said}");
    let audit = node.data.path().join("audit/checkpoint");
    fs::write(&audit, "damaged").unwrap();
    let said = node.run(&["doctor"]);
    assert!(String::from_utf8_lossy(&said.stdout).contains("audit log      NO"), "{said:?}");
}
