//! Two real processes on loopback: what comes out, and that a bad round leaves nothing behind.

use blindlink::encode::encode;
use blindlink::policy::Policy;
use blindlink::record::Record;
use blindlink::round::ideal::ideal;
use blindlink_lab::synth::{Plan, Row, generate, write_list};
use blindlink_sources::{Format, Reading};
use blindlink_testkit::{Pair, RECORDS, SEED, policy_text};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::Path;

fn rows(path: &Path) -> (String, Vec<Vec<String>>) {
    let text = fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let header = lines.next().unwrap().to_owned();
    (header, lines.map(|line| line.split(',').map(str::to_owned).collect()).collect())
}

fn list(path: &Path) -> Vec<Record> {
    blindlink_sources::read(File::open(path).unwrap(), Format::Csv, &Reading::PERSON).unwrap().records
}

/// Which of many holders of a token are kept is drawn anew in each round (V-ENCODE-008). The tests compare rounds with one
/// another: with lists in which that decides of no pair.
#[test]
fn no_draw_decides_what_the_lists_of_the_tests_share() {
    let policy = Policy::from_toml(&policy_text(RECORDS)).unwrap().validate().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let lists = generate(&Plan::new(RECORDS, 0.5, SEED));
    let encoded = |rows: &[Row]| {
        let path = folder.path().join("list.csv");
        write_list(rows, File::create(&path).unwrap()).unwrap();
        encode(&policy.encoding(), &list(&path))
    };
    let (own, peer) = (encoded(&lists.b), encoded(&lists.a));
    let found = |draw: u8| {
        let pairs = ideal(policy.shape(), &own, &peer, &[draw; 32], &[draw ^ 0xff; 32]);
        pairs.into_iter().map(|pair| (pair.own, pair.peer, pair.grade.name())).collect::<BTreeSet<_>>()
    };
    let wanted = found(0);
    for draw in 1..100 {
        assert_eq!(found(draw), wanted, "take another seed");
    }
}

#[test]
fn the_joined_results_are_those_of_the_ideal_functionality() {
    let pair = Pair::create();
    let serve = pair.served(&["--once"]);
    let link = pair.requester.link("responder", &[]);
    let (served, linked) = (serve.end(), link.end());
    served.assert_done();
    linked.assert_done();
    for same in ["round", "transcript"] {
        assert_eq!(served.json[same], linked.json[same]);
    }
    assert_eq!(served.json["bytes_sent"], linked.json["bytes_received"]);
    assert_eq!(served.json["bytes_received"], linked.json["bytes_sent"]);

    let (header, requester) = rows(&pair.requester.out);
    assert_eq!(header, "own_id,peer_pseudonym,grade,tables");
    let (header, responder) = rows(&pair.responder.out);
    assert_eq!(header, "own_id,peer_pseudonym");
    let owner: BTreeMap<&str, &str> = responder.iter().map(|row| (row[1].as_str(), row[0].as_str())).collect();
    assert!(owner.keys().all(|p| p.len() == 32 && p.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))));
    let joined: BTreeSet<(String, String, String)> =
        requester.iter().map(|row| (row[0].clone(), owner[row[1].as_str()].to_owned(), row[2].clone())).collect();

    let policy = Policy::from_toml(&policy_text(RECORDS)).unwrap().validate().unwrap();
    let (own, peer) = (list(&pair.requester.records), list(&pair.responder.records));
    let wanted: BTreeSet<_> = ideal(
        policy.shape(),
        &encode(&policy.encoding(), &own),
        &encode(&policy.encoding(), &peer),
        &[1; 32],
        &[2; 32],
    )
    .into_iter()
    .map(|found| {
        let grade = found.grade.name();
        (own[found.own].id.clone(), peer[found.peer].id.clone(), grade.to_owned())
    })
    .collect();
    assert!(!wanted.is_empty(), "the lists share persons");
    assert_eq!(joined, wanted);
    let tags = |path: &Path| fs::read_dir(path.join("rounds")).unwrap().count();
    assert_eq!(
        (tags(pair.requester.data.path()), tags(pair.responder.data.path())),
        (3, 3),
        "journal, receipt and the note of the end"
    );
}

#[test]
fn a_node_serves_one_round_after_another_and_ends_well_when_told() {
    let pair = Pair::create();
    let serve = pair.served(&[]);
    let first = pair.requester.link("responder", &[]).end();
    let second = pair.requester.link("responder", &[]).end();
    first.assert_done();
    second.assert_done();
    assert_ne!(first.json["round"], second.json["round"]);
    serve.signal("TERM");
    assert_eq!(serve.end().exit, Some(0));
    let name =
        |ended: &blindlink_testkit::Ended| format!("matches-{}.csv", &ended.json["round"].as_str().unwrap()[..16]);
    let (one, two) =
        (pair.responder.out.with_file_name(name(&first)), pair.responder.out.with_file_name(name(&second)));
    let ids = |path: &Path| rows(path).1.into_iter().map(|row| row[0].clone()).collect::<BTreeSet<_>>();
    assert_eq!(ids(&one), ids(&two));
    let pseudonyms = |path: &Path| rows(path).1.into_iter().map(|row| row[1].clone()).collect::<BTreeSet<_>>();
    assert!(pseudonyms(&one).is_disjoint(&pseudonyms(&two)), "pseudonyms are fresh in every round");
}

#[test]
fn an_interrupted_round_leaves_nothing_and_says_so_to_the_peer() {
    let mut pair = Pair::create();
    pair.responder.hold("oprf", 0);
    let serve = pair.served(&["--once"]);
    let link = pair.requester.link("responder", &[]);
    pair.responder.held(&serve, 0);
    link.signal("INT");
    link.end().assert_failed(130, "E_INTERRUPTED");
    pair.responder.let_go(0);
    serve.end().assert_failed(22, "E_PEER_ABORTED");
    pair.requester.assert_no_result();
    pair.responder.assert_no_result();
}

/// Everything that a list says about persons, in cells long enough to be told from chance.
fn cells(path: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(path).unwrap();
    let cells = text.lines().skip(1).flat_map(|line| line.split([',', '|', '"']));
    cells.filter(|cell| cell.len() >= 5).map(str::to_owned).collect()
}

#[test]
fn nothing_of_a_record_reaches_a_log_or_the_summary() {
    let pair = Pair::create();
    // Rows that are left out are reported too, without what they say.
    for node in [&pair.requester, &pair.responder] {
        let good = fs::read_to_string(&node.records).unwrap();
        let (header, rest) = good.split_once('\n').unwrap();
        let columns: Vec<&str> = header.split(',').collect();
        let cell = |name: &&str| match *name {
            "record_id" => "SENTINEL-ID",
            "given_names" => "SENTINELNAME",
            "birth_date" => "SENTINEL-DATE",
            _ => "",
        };
        let bad: Vec<&str> = columns.iter().map(cell).collect();
        // One of the good rows makes room for it.
        let rest: Vec<&str> = rest.lines().skip(1).collect();
        fs::write(&node.records, format!("{header}\n{}\n{}\n", bad.join(","), rest.join("\n"))).unwrap();
    }
    let serve = pair.served(&["--once"]);
    let linked = pair.requester.link("responder", &[]).end();
    let served = serve.end();
    linked.assert_done();
    served.assert_done();
    for (ended, node) in [(&linked, &pair.requester), (&served, &pair.responder)] {
        assert_eq!((&ended.json["rejected_rows"], &ended.json["values_left_out"]), (&0.into(), &1.into()));
        assert!(ended.log.contains("line 2") && ended.log.contains("birth_date"), "{}", ended.log);
        let shown = format!("{}{}", ended.log, ended.json);
        assert!(!shown.contains("SENTINEL"), "{shown}");
        for cell in cells(&pair.requester.records).union(&cells(&pair.responder.records)) {
            assert!(!shown.contains(cell.as_str()), "`{cell}` of a list is in the log of {}", node.records.display());
        }
    }
}
