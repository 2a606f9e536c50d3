//! What a node keeps of its rounds: `blindlink rounds`, over real rounds.

use blindlink_testkit::{Ended, Node, Pair};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

fn said(node: &Node, arguments: &[&str]) -> Value {
    let output = node.run(&[arguments, &["--json"]].concat());
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

fn round(pair: &Pair) -> (Ended, Ended) {
    let (serve, addr) = pair.responder.serve(&["--once"]);
    pair.requester.run(&["peer", "remove", "responder"]);
    pair.requester.add_peer("responder", &pair.responder.id(), Some(&addr));
    let linked = pair.requester.link("responder", &[]).end();
    (linked, serve.end())
}

#[test]
fn a_result_can_be_written_again_and_what_is_new_is_told() {
    let pair = Pair::create();
    let (linked, served) = round(&pair);
    linked.assert_done();
    served.assert_done();
    for (node, ended) in [(&pair.requester, &linked), (&pair.responder, &served)] {
        let listed = said(node, &["rounds", "list"]);
        let one = &listed["rounds"][0];
        assert_eq!((&listed["schema"], &one["state"]), (&"blindlink.rounds/v1".into(), &"done".into()), "{listed}");
        let id = ended.json["round"].as_str().unwrap();
        assert_eq!((one["round"].as_str(), &one["peer"]), (Some(id), &ended.json["peer"]));
        // The lost file comes back, byte by byte.
        let result = fs::read(&node.out).unwrap();
        let again = node.out.with_extension("again");
        let output = node.run(&["rounds", "result", &id[..10], "--out", again.to_str().unwrap()]);
        assert!(output.status.success(), "{output:?}");
        assert_eq!(fs::read(&again).unwrap(), result);
        let refused = node.run(&["rounds", "result", &id[..10], "--out", again.to_str().unwrap()]);
        assert_eq!(refused.status.code(), Some(73), "never written over");
        fs::remove_file(&again).unwrap();
        let pairs = result.split(|byte| *byte == b'\n').count() - 2;
        assert_page(node, id, &result);
        assert_eq!(said(node, &["rounds", "new"])["pairs"].as_array().unwrap().len(), pairs, "all of the first is new");
    }
    // The same lists again, but for one record of the requester that takes the place of another.
    let (again, _) = round(&pair);
    again.assert_done();
    let news = said(&pair.requester, &["rounds", "new", "--peer", "responder"]);
    assert_eq!((&news["pairs"], &news["compared"], &news["unknown"]), (&Value::Array(vec![]), &1.into(), &0.into()));
    assert_eq!(news["round"], again.json["round"]);
}

/// The round's page is among the results by itself and can be had again; it has numbers and words, and nobody's record.
fn assert_page(node: &Node, id: &str, result: &[u8]) {
    let of_round = |path: &PathBuf| path.extension().is_some_and(|e| e == "html");
    let folder = fs::read_dir(node.data.path().join("results")).unwrap().map(|entry| entry.unwrap().path());
    let [page] = &folder.filter(of_round).collect::<Vec<_>>()[..] else { panic!("one page") };
    assert!(page.file_name().unwrap().to_str().unwrap().ends_with(&format!("-{}.html", &id[..12])));
    let page = fs::read_to_string(page).unwrap();
    assert!(page.contains("What each side learnt") && page.contains(id) && page.contains("Training"), "{page}");
    let own_ids = std::str::from_utf8(result).unwrap().lines().skip(1).map(|line| line.split(',').next().unwrap());
    let mut lines = 0;
    for own in own_ids {
        assert!(!page.contains(own), "{own} is on the page");
        lines += 1;
    }
    assert!(lines > 5 && !page.contains("<script") && !page.contains("http:") && !page.contains("https:"), "{lines}");
    let out = node.out.with_extension("html");
    let written = node.run(&["rounds", "report", &id[..10], "--out", out.to_str().unwrap()]);
    assert!(written.status.success(), "{written:?}");
    assert!(fs::read_to_string(&out).unwrap().contains("What each side learnt"));
    let again = node.run(&["rounds", "report", &id[..10], "--out", out.to_str().unwrap()]);
    assert_eq!(again.status.code(), Some(73), "never written over");
    fs::remove_file(&out).unwrap();
}

#[test]
fn a_failed_round_and_an_open_one_are_listed() {
    let mut pair = Pair::create();
    pair.responder.hold("table", 0);
    pair.requester.give_up = 600;
    let serve = pair.served(&["--once"]);
    let link = pair.requester.link("responder", &[]);
    pair.responder.held(&serve, 0);
    let open = said(&pair.requester, &["rounds", "list"]);
    assert_eq!((open["rounds"][0]["state"].as_str(), open["rounds"].as_array().unwrap().len()), (Some("open"), 1));
    link.signal("KILL");
    drop(link);
    drop(serve);
    pair.requester.link("responder", &["--abandon"]).end();
    let listed = said(&pair.requester, &["rounds", "list", "--peer", "responder"]);
    let one = &listed["rounds"][0];
    assert_eq!((one["state"].as_str(), one["failure"].as_str()), (Some("failed"), Some("E_INTERRUPTED")), "{listed}");
    let id = one["round"].as_str().unwrap();
    let output = pair.requester.run(&["rounds", "result", id]);
    assert_eq!(output.status.code(), Some(66), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("failed with E_INTERRUPTED"), "{output:?}");
}

/// V-ERASE-001, V-ERASE-002, V-ERASE-003: what a node keeps of a record is told first and then deleted, and nobody is named.
#[test]
fn what_is_kept_of_one_record_is_deleted() {
    let pair = Pair::create();
    let (linked, served) = round(&pair);
    linked.assert_done();
    served.assert_done();
    let node = &pair.requester;
    let before = fs::read_to_string(&node.out).unwrap();
    let own_id = before.lines().nth(1).unwrap().split(',').next().unwrap().to_owned();
    let rows = before.lines().filter(|line| line.starts_with(&format!("{own_id},"))).count();
    let records = node.records.to_str().unwrap();
    let looked = said(node, &["erase", &own_id, "--records", records]);
    assert_eq!((&looked["erased"], &looked["pairs"]), (&false.into(), &rows.into()), "{looked}");
    assert_eq!((looked["files"].as_array().unwrap().len(), looked["journals"].as_array().unwrap().len()), (1, 1));
    assert_eq!(fs::read_to_string(&node.out).unwrap(), before, "to look changes nothing");
    assert_eq!((node.journals("journal").len(), node.facts("record_erased").len()), (1, 0));

    let erased = said(node, &["erase", &own_id, "--records", records, "--yes"]);
    assert_eq!((&erased["erased"], &erased["pairs"]), (&true.into(), &rows.into()), "{erased}");
    let left: String =
        before.lines().filter(|line| !line.starts_with(&format!("{own_id},"))).fold(String::new(), |text, line| {
            text + line + &before[before.len() - if before.ends_with("\r\n") { 2 } else { 1 }..]
        });
    assert_eq!(fs::read_to_string(&node.out).unwrap(), left);
    let id = linked.json["round"].as_str().unwrap();
    let again = said(node, &["rounds", "result", &id[..10]]);
    assert_eq!(again["pairs"].as_array().unwrap().len(), before.lines().count() - 1 - rows);
    assert!(!again.to_string().contains(&format!("\"{own_id}\"")));
    assert!(node.journals("journal").is_empty());
    let facts = node.facts("record_erased");
    let [fact] = &facts[..] else { panic!("one entry: {facts:?}") };
    let names: Vec<&String> = fact.as_object().unwrap().keys().collect();
    assert_eq!(names, ["fact", "index", "time"], "it names nobody");
    let once_more = said(node, &["erase", &own_id, "--yes"]);
    assert_eq!((&once_more["pairs"], once_more["files"].as_array().unwrap().len()), (&0.into(), 0));
    let unknown = node.run(&["erase", "nobody-has-this", "--records", records, "--yes"]);
    assert_eq!(unknown.status.code(), Some(66));
    assert_eq!(node.facts("record_erased").len(), 2, "and nothing was deleted then");
}
