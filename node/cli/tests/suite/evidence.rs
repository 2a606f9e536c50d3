//! What two ministries and an auditor do with the evidence of a round, by the program itself (spec chapter 16).

use blindlink_testkit::{Node, Pair};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// A finished round: its id.
fn round(pair: &Pair) -> String {
    let serve = pair.served(&["--once"]);
    let done = pair.requester.link("responder", &[]).end();
    done.assert_done();
    serve.end().assert_done();
    done.json["round"].as_str().unwrap().to_owned()
}

fn json(node: &Node, arguments: &[&str]) -> (Option<i32>, Value) {
    let output = node.run(&[&["audit"], arguments, &["--json"]].concat());
    let said = String::from_utf8(output.stdout).unwrap();
    (output.status.code(), serde_json::from_str(&said).unwrap_or_else(|_| panic!("{said}")))
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Evidence and seed of a node's round.
fn export(pair: &Pair, node: &Node, name: &str, id: &str) -> [PathBuf; 2] {
    let files = [format!("{name}.evidence"), format!("{name}.seed")].map(|file| pair.folder.path().join(file));
    let (code, said) = json(node, &["evidence", id, "--out", text(&files[0]), "--seed-out", text(&files[1])]);
    assert_eq!((code, said["finished"].as_bool()), (Some(0), Some(true)), "{said}");
    files
}

fn assert_fault(found: &(Option<i32>, Value), exit: i32, code: u64, place: &str) {
    let (got, said) = found;
    assert_eq!((*got, said["holds"].as_bool(), said["fault"]["code"].as_u64()), (Some(exit), Some(false), Some(code)));
    assert_eq!(said["fault"]["place"].as_str().unwrap_or_default(), place, "{said}");
    assert!(!said["fault"]["hint"].as_str().unwrap().is_empty());
}

#[test]
fn evidence_of_both_nodes_verifies_and_reexecutes_and_a_changed_byte_is_found() {
    let pair = Pair::create();
    let id = round(&pair);
    for (node, name) in [(&pair.requester, "requester"), (&pair.responder, "responder")] {
        let [evidence, seed] = export(&pair, node, name, &id[..12]);
        // The auditor has no data folder: everything is in the files.
        let (code, said) = json(node, &["verify", text(&evidence)]);
        assert_eq!((code, said["holds"].as_bool()), (Some(0), Some(true)), "{said}");
        assert_eq!((said["side"].as_str(), said["round"].as_str()), (Some(name), Some(&*id)));
        let records = node.records.clone();
        let again = |records: &Path| {
            json(node, &["reexecute", text(&evidence), "--seed", text(&seed), "--records", text(records)])
        };
        let (code, said) = again(&records);
        assert_eq!((code, said["compared"].as_u64()), (Some(0), said["sent"].as_u64().map(|sent| sent - 2)), "{said}");

        // A list without its last row.
        let list = fs::read_to_string(&records).unwrap();
        let shorter = pair.folder.path().join("shorter.csv");
        fs::write(&shorter, list.trim_end().rsplit_once('\n').unwrap().0).unwrap();
        assert_fault(&again(&shorter), 28, 821, "");
        let other = pair.folder.path().join("other.seed");
        fs::write(&other, format!("blindlink-round-seed-1 {}\n", "07".repeat(32))).unwrap();
        let arguments = ["reexecute", text(&evidence), "--seed", text(&other), "--records", text(&records)];
        assert_fault(&json(node, &arguments), 28, 820, "");

        let mut bytes = fs::read(&evidence).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 8;
        fs::write(&evidence, &bytes).unwrap();
        let (exit, said) = json(node, &["verify", text(&evidence)]);
        assert_eq!((exit, said["holds"].as_bool()), (Some(27), Some(false)));
        assert!(said["fault"]["place"].as_str().unwrap().starts_with("entry "), "{said}");
        let plain = node.run(&["audit", "verify", text(&evidence)]);
        let plain = String::from_utf8(plain.stderr).unwrap();
        assert!(plain.contains("error[E_EVIDENCE]") && plain.contains("entry "), "{plain}");
        bytes.truncate(40);
        fs::write(&evidence, &bytes).unwrap();
        assert_fault(&json(node, &["verify", text(&evidence)]), 27, 800, "header");
    }
}

#[test]
fn a_sample_is_drawn_opened_and_checked() {
    let pair = Pair::create();
    let id = round(&pair);
    let [evidence, _] = export(&pair, &pair.responder, "responder", &id);
    // The auditor has the responder's evidence and asks for the requester's records.
    let draw = "5a".repeat(32);
    let drawn = ["sample", text(&evidence), "--of", "requester", "--draw", &draw, "--count", "5"];
    let (code, said) = json(&pair.responder, &drawn);
    assert_eq!(code, Some(0), "{said}");
    let positions: Vec<String> = said["positions"].as_array().unwrap().iter().map(Value::to_string).collect();
    assert_eq!(positions.len(), 5);
    let openings = pair.folder.path().join("openings");
    let (node, list) = (&pair.requester, text(&pair.requester.records));
    let open = ["open", &id, "--records", list, "--positions", &positions.join(","), "--out", text(&openings)];
    assert_eq!(json(node, &open).0, Some(0));
    let check = [&drawn[..], &["--openings", text(&openings), "--records", list]].concat();
    let (code, said) = json(&pair.responder, &check);
    assert_eq!((code, said["opened"].as_array().unwrap().len()), (Some(0), 5), "{said}");

    // The records of the other side are not what the requester committed to.
    let handed = fs::read_to_string(&openings).unwrap();
    let read: Value = serde_json::from_str(&handed).unwrap();
    let salt = read["openings"][2]["salt"].as_str().unwrap();
    fs::write(&openings, handed.replace(salt, &"00".repeat(32))).unwrap();
    let found = json(&pair.responder, &check);
    assert_fault(&found, 28, 831, "");
    let fewer = ["open", &id, "--records", list, "--positions", &positions[..4].join(","), "--out", text(&openings)];
    assert_eq!(json(node, &fewer).0, Some(0));
    assert_fault(&json(&pair.responder, &check), 28, 830, "");
    // Another list than that of the round opens nothing.
    let wrong = ["open", &id, "--records", text(&pair.responder.records), "--positions", "0", "--out", text(&openings)];
    assert_eq!(json(node, &wrong).0, Some(28));
}

/// V-MRZ-002: the year of the round, unless the list was read in another.
#[test]
fn a_list_of_zones_is_opened_as_of_the_year_in_which_it_was_read() {
    let mut pair = Pair::create();
    // The specimen of ICAO Doc 9303, part 4.
    let zone = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10\n";
    pair.requester.records = pair.requester.records.with_extension("mrz");
    fs::write(&pair.requester.records, zone).unwrap();
    let id = round(&pair);
    let (list, openings) = (text(&pair.requester.records).to_owned(), pair.folder.path().join("openings"));
    let open = |more: &[&str]| {
        let arguments = ["open", &id, "--records", &list, "--positions", "0", "--out", text(&openings)];
        json(&pair.requester, &[&arguments, more].concat()).0
    };
    assert_eq!(open(&[]), Some(0));
    // 74 was another year then.
    assert_eq!(open(&["--year", "1950"]), Some(28));
}
