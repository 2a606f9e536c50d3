//! Rounds outside training: what an agreement, its statements and its budget let through, refused on both sides before
//! anything is evaluated, each with its own error and an entry in the audit log.

use blindlink_node::failure_code::FailureCode;
use blindlink_testkit::ministries::{Ministries, facts, json, line, log, refusals};
use blindlink_testkit::{Ended, Node, Pair, RECORDS, policy_text};
use serde_json::Value;
use std::fs;
use std::time::{Duration, SystemTime};

/// V-BUDGET-005, V-AUDIT-012
#[test]
fn a_round_runs_under_an_agreement_and_is_debited_and_logged_on_both_sides() {
    let ministries = Ministries::in_force(|text| text);
    let (serve, addr) = ministries.pair.responder.serve(&["--once"]);
    ministries.moved(&addr);
    let (linked, served) = (ministries.link(), serve.end());
    let digest = json(&ministries.pair.requester, &["agreement", "list"])["agreements"][0]["digest"].clone();
    for (ended, node) in [(&linked, &ministries.pair.requester), (&served, &ministries.pair.responder)] {
        ended.assert_done();
        assert_eq!((&ended.json["training"], &ended.json["agreement"]), (&Value::Bool(false), &digest));
        let names: Vec<String> = log(node).iter().map(|e| e["fact"].as_str().unwrap().to_owned()).collect();
        let wanted = [
            "begun",
            "agreement_added",
            "statement_added",
            "statement_added",
            "statement_added",
            "statement_added",
            "round_begun",
            "debited",
            "cosigned",
            "round_ended",
        ];
        assert_eq!(names, wanted);
        let debit = &facts(node, "debited")[0];
        let bins: u64 = debit["tables"].as_array().unwrap().iter().map(|t| t["cost"].as_u64().unwrap()).sum();
        assert!(bins > 1000, "{debit}");
        assert_eq!(facts(node, "round_ended")[0]["round"], ended.json["round"]);
        assert_eq!(json(node, &["audit", "verify"])["size"], 10);
        // Nothing of a person, and no number of records.
        let text = node.run(&["audit", "log"]).stdout;
        let text = String::from_utf8(text).unwrap();
        assert!(!text.contains("record") && !text.contains(&format!("={RECORDS} ")), "{text}");
    }
}

/// V-AGREE-024
#[test]
fn without_an_agreement_nothing_runs() {
    Ministries::with(|text| text).assert_refused(FailureCode::NoAgreement, 600);
}

#[test]
fn one_signature_missing_is_one_too_few() {
    for missing in [0, 3] {
        let ministries = Ministries::with(|text| text);
        ministries.add(&(0..4).filter(|n| *n != missing).collect::<Vec<_>>());
        ministries.assert_refused(FailureCode::AgreementUnsigned, 601);
    }
}

#[test]
fn an_agreement_of_the_past_or_of_the_future_is_refused() {
    let dates = |from: &'static str, until: &'static str| {
        Ministries::in_force(|text| line(&line(&text, "from", from), "until", until))
    };
    dates("2020-01-01T00:00:00Z", "2021-01-01T00:00:00Z").assert_refused(FailureCode::AgreementExpired, 604);
    dates("2090-01-01T00:00:00Z", "2091-01-01T00:00:00Z").assert_refused(FailureCode::AgreementNotYet, 603);
}

#[test]
fn a_policy_for_another_lane_purpose_or_epoch_is_refused_by_name() {
    for (name, value, exit, code) in [
        ("lanes", "\"victim-victim\"", FailureCode::AgreementLanes, 609),
        ("purpose", "\"another\"", FailureCode::AgreementPurpose, 610),
        ("epoch", "2", FailureCode::AgreementEpoch, 611),
        ("possible", "1", FailureCode::AgreementPolicy, 613),
    ] {
        let ministries = Ministries::in_force(|text| text);
        for node in [&ministries.pair.requester, &ministries.pair.responder] {
            fs::write(&node.policy, line(&policy_text(RECORDS), name, value)).unwrap();
        }
        ministries.assert_refused(exit, code);
    }
}

/// V-AGREE-013, V-AGREE-014, V-AGREE-023: one side suspends while the other does not know yet; the round ends before a
/// hello of the side that knows.
#[test]
fn one_signer_suspends_at_once_and_two_resume() {
    let ministries = Ministries::in_force(|text| text);
    let (requester, responder) = (&ministries.pair.requester, &ministries.pair.responder);
    let (serve, addr) = responder.serve(&[]);
    ministries.moved(&addr);
    let out = ministries.pair.folder.path().join("suspension");
    let say = |node: &Node, what: &str, key: usize| {
        let key = ministries.keys[key].to_str().unwrap();
        json(node, &["agreement", what, "utopia", "--key", key, "--out", out.to_str().unwrap()])
    };
    assert_eq!(say(responder, "suspend", 2)["agreements"][0]["state"], "suspended");
    let ended = ministries.link();
    ended.assert_failed(22, "E_PEER_ABORTED");
    assert!(ended.message().contains("suspended there"), "{ended:?}");
    assert_eq!((refusals(responder), facts(responder, "debited").len()), (vec![605], 0));
    // Nothing had been computed: the requester has its debit back.
    assert_eq!((facts(requester, "round_failed").len(), facts(requester, "debit_returned").len()), (1, 1));

    json(requester, &["agreement", "add", out.to_str().unwrap()]);
    ministries.link().assert_failed(47, "E_AGREEMENT_SUSPENDED");
    assert_eq!(refusals(requester), [605]);
    // The other side cannot lift it, and one of the two cannot alone.
    let key = ministries.keys[0].to_str().unwrap();
    let refused = requester.run(&["agreement", "resume", "utopia", "--key", key, "--out", out.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(44));
    assert_eq!(say(responder, "resume", 2)["agreements"][0]["state"], "suspended");
    json(requester, &["agreement", "add", out.to_str().unwrap()]);
    assert_eq!(say(responder, "resume", 3)["agreements"][0]["state"], "in_force");
    let listed = json(requester, &["agreement", "add", out.to_str().unwrap()]);
    assert_eq!(listed["agreements"][0]["state"], "in_force");
    serve.signal("TERM");
    assert_eq!(serve.end().exit, Some(0));
}

/// A round under an agreement whose requester was killed in its middle; the responder still serves.
fn killed() -> (Ministries, blindlink_testkit::Running) {
    let mut ministries = Ministries::in_force(|text| text);
    (ministries.pair.requester.give_up, ministries.pair.responder.give_up) = (60, 60);
    let (serve, addr) = ministries.pair.responder.serve(&["--once"]);
    ministries.moved(&addr);
    ministries.pair.requester.hold("compare", 1);
    let link = ministries.pair.requester.link("responder", &[]);
    ministries.pair.requester.held(&link, 0);
    link.signal("KILL");
    drop(link.end());
    ministries.pair.requester.holds.clear();
    (ministries, serve)
}

/// V-RESUME-010
#[test]
fn a_round_that_goes_on_is_debited_once_and_logged() {
    let (ministries, serve) = killed();
    let (linked, served) = (ministries.link(), serve.end());
    for (ended, node) in [(&linked, &ministries.pair.requester), (&served, &ministries.pair.responder)] {
        ended.assert_done();
        let count = |fact: &str| facts(node, fact).len();
        assert_eq!((count("round_begun"), count("debited"), count("round_ended"), count("round_failed")), (1, 1, 1, 0));
        assert_eq!(facts(node, "round_resumed")[0]["round"], ended.json["round"]);
    }
}

/// V-RESUME-010
#[test]
fn a_round_whose_agreement_was_suspended_meanwhile_does_not_go_on() {
    let (ministries, serve) = killed();
    let out = ministries.pair.folder.path().join("suspension");
    let (key, out) = (ministries.keys[0].to_str().unwrap(), out.to_str().unwrap());
    json(&ministries.pair.requester, &["agreement", "suspend", "utopia", "--key", key, "--out", out]);
    ministries.link().assert_failed(47, "E_AGREEMENT_SUSPENDED");
    assert_eq!(refusals(&ministries.pair.requester), [605]);
    ministries.pair.requester.assert_no_result();
    drop(serve);
}

/// V-AGREE-013: the peer does not move, and the connection is lost long before that is too long.
#[test]
fn a_suspension_stops_a_running_round_and_burns_nothing() {
    for at_requester in [true, false] {
        let mut ministries = Ministries::in_force(|text| text);
        for node in [&mut ministries.pair.requester, &mut ministries.pair.responder] {
            (node.give_up, node.idle) = (60, 20);
        }
        let Pair { requester, responder, .. } = &mut ministries.pair;
        if at_requester { responder } else { requester }.hold("compare", 1);
        let (serve, addr) = ministries.pair.responder.serve(&[]);
        ministries.moved(&addr);
        let link = ministries.pair.requester.link("responder", &[]);
        let (requester, responder) = (&ministries.pair.requester, &ministries.pair.responder);
        let (here, node, signers) = if at_requester { (&link, requester, [0, 1]) } else { (&serve, responder, [2, 3]) };
        let (peer, there) = if at_requester { (&serve, responder) } else { (&link, requester) };
        there.held(peer, 0);
        ministries.say(node, "suspend", signers[0]);
        here.wait_for(|event| event["event"] == "connection_lost");
        there.let_go(0);
        let ended = link.end();
        if at_requester {
            ended.assert_failed(47, "E_AGREEMENT_SUSPENDED");
        } else {
            ended.assert_failed(22, "E_PEER_ABORTED");
            assert!(ended.message().contains("suspended there"), "{ended:?}");
        }
        assert_eq!((requester.opens().len(), responder.opens().len(), refusals(node)), (1, 1, vec![605]));
        signers.iter().for_each(|signer| drop(ministries.say(node, "resume", *signer)));
        ministries.pair.requester.holds.clear();
        ministries.link().assert_done();
        let (requester, responder) = (&ministries.pair.requester, &ministries.pair.responder);
        for node in [requester, responder] {
            assert_eq!((facts(node, "debited").len(), facts(node, "round_failed").len()), (1, 0));
        }
        drop(serve);
    }
}

/// V-AGREE-013: by files it is while the peer's file is waited for.
#[test]
fn a_suspension_stops_a_round_by_files_before_it_goes_on() {
    let mut ministries = Ministries::in_force(|text| text);
    (ministries.pair.requester.give_up, ministries.pair.responder.give_up) = (60, 60);
    let folder = ministries.pair.folder.path().join("carried");
    let start = |node: &Node, command: &[&str]| {
        let mut command = node.command(command);
        command.arg("--via-files").arg(&folder);
        node.run_round(command)
    };
    let (requester, responder) = (&ministries.pair.requester, &ministries.pair.responder);
    let link = start(requester, &["link", "responder", "--wait"]);
    link.wait_for(|event| event["event"] == "carry");
    ministries.say(requester, "suspend", 0);
    start(responder, &["serve"]).end().assert_failed(24, "E_WAITING");
    link.end().assert_failed(47, "E_AGREEMENT_SUSPENDED");
    assert_eq!((fs::read_dir(&folder).unwrap().count(), requester.opens().len()), (2, 1));
    [0, 1].iter().for_each(|signer| drop(ministries.say(requester, "resume", *signer)));
    let link = start(requester, &["link", "responder", "--wait"]);
    start(responder, &["serve", "--wait"]).end().assert_done();
    link.end().assert_done();
    assert_eq!(facts(requester, "debited").len(), 1);
}

#[test]
fn what_killed_processes_left_of_files_goes_with_the_next_round() {
    let ministries = Ministries::in_force(|text| text);
    let data = ministries.pair.requester.data.path();
    let left: Vec<_> = ["", "rounds", "memory", "agreements", "audit", "audit/tile/0/000.p"]
        .iter()
        .map(|folder| {
            fs::create_dir_all(data.join(folder)).unwrap();
            let path = data.join(folder).join(".half.00112233.tmp");
            let file = fs::File::create(&path).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(3600)).unwrap();
            path
        })
        .collect();
    ministries.link().assert_failed(69, "E_PEER_UNREACHABLE");
    let left: Vec<_> = left.iter().filter(|path| path.exists()).collect();
    assert!(left.is_empty(), "{left:?}");
}

/// V-BUDGET-003, V-BUDGET-005: a second round of the day, and a burnt one counts.
#[test]
fn rounds_of_a_day_are_refused_when_they_are_used_up() {
    let ministries = Ministries::in_force(|text| text);
    let (serve, addr) = ministries.pair.responder.serve(&[]);
    ministries.moved(&addr);
    ministries.link().assert_done();
    let again = ministries.link();
    again.assert_failed(61, "E_BUDGET_ROUNDS");
    assert_eq!(refusals(&ministries.pair.requester), [621]);
    drop(serve);
}

/// V-BUDGET-007: what the other side refuses at the door costs no round, three times a day.
#[test]
fn a_refusal_before_anything_was_computed_gives_the_debit_back_three_times_a_day() {
    let ministries = Ministries::in_force(|text| text);
    let (requester, responder) = (&ministries.pair.requester, &ministries.pair.responder);
    let (serve, addr) = responder.serve(&[]);
    ministries.moved(&addr);
    ministries.say(responder, "suspend", 2);
    for call in 1..=4 {
        ministries.link().assert_failed(22, "E_PEER_ABORTED");
        assert_eq!((facts(requester, "debited").len(), facts(requester, "debit_returned").len()), (call, call.min(3)));
    }
    // The fourth stays, and is the only round of the day.
    ministries.link().assert_failed(61, "E_BUDGET_ROUNDS");
    assert_eq!(facts(requester, "debit_returned")[2]["entry"], facts(requester, "debited")[2]["index"]);
    drop(serve);
}

/// V-BUDGET-007: what ran to its end, or failed after the queries, stays debited.
#[test]
fn a_round_that_was_computed_stays_debited() {
    let (ministries, serve) = killed();
    let requester = &ministries.pair.requester;
    let ended = requester.link("responder", &["--abandon"]).end();
    assert_ne!(ended.exit, Some(0));
    let count = |fact: &str| facts(requester, fact).len();
    assert_eq!((count("debited"), count("round_failed"), count("debit_returned")), (1, 1, 0));
    drop(serve);
}

/// V-READ-012: the share of rows that may be left out is the agreement's; an operator can only lower it.
#[test]
fn an_agreement_says_how_much_of_a_list_may_be_missing() {
    let spoilt = |node: &Node| {
        let list = fs::read_to_string(&node.records).unwrap();
        // One row more in twenty-five, of one field only.
        let rows = list.lines().enumerate().map(|(n, row)| match n % 25 {
            7 => format!("{row}\nx{n}\n"),
            _ => format!("{row}\n"),
        });
        fs::write(&node.records, rows.collect::<String>()).unwrap();
    };
    for (agreed, more, exit) in [("2", &[][..], 77), ("10", &["--left-out-at-most", "1"], 77), ("10", &[], 0)] {
        let ministries = Ministries::in_force(|text| line(&text, "left_out_percent", agreed));
        let requester = &ministries.pair.requester;
        spoilt(requester);
        let (serve, addr) = ministries.pair.responder.serve(&[]);
        ministries.moved(&addr);
        let ended = requester.link("responder", more).end();
        assert_eq!(ended.exit, Some(exit), "{agreed}, {more:?}: {ended:?}");
        assert_eq!(facts(requester, "debited").len(), usize::from(exit == 0));
        drop(serve);
    }
}

/// V-BUDGET-006
#[test]
fn a_list_that_differs_by_few_records_waits() {
    let ministries = Ministries::in_force(|text| line(&line(&text, "rounds_per_day", "5"), "delta_records", "20"));
    let (serve, addr) = ministries.pair.responder.serve(&[]);
    ministries.moved(&addr);
    ministries.link().assert_done();
    let node = &ministries.pair.requester;
    let whole = fs::read_to_string(&node.records).unwrap();
    let without =
        |n: usize| whole.lines().take(whole.lines().count() - n).map(|l| format!("{l}\n")).collect::<String>();
    fs::write(&node.records, without(1)).unwrap();
    ministries.link().assert_failed(63, "E_BUDGET_BATCH");
    assert_eq!((refusals(node), facts(node, "debited").len()), (vec![623], 1));
    fs::write(&node.records, without(20)).unwrap();
    let shrunk = ministries.link();
    shrunk.assert_done();
    let told = |ended: &Ended| ended.log.contains("the list has 40 records; in the last round with this peer");
    assert!(told(&shrunk), "{}", shrunk.log);
    fs::write(&node.records, &whole).unwrap();
    ministries.link().assert_done();
    serve.signal("TERM");
    assert_eq!(serve.end().exit, Some(0));
}

/// Training is for both or for none: the hello tells.
#[test]
fn training_meets_no_agreement() {
    let mut ministries = Ministries::in_force(|text| text);
    let (serve, addr) = ministries.pair.responder.serve(&["--once"]);
    ministries.moved(&addr);
    ministries.pair.requester.training = true;
    ministries.pair.requester.suite = 2;
    for ended in [ministries.link(), serve.end()] {
        ended.assert_failed(18, "E_AGREEMENT_DIFFERS");
        assert!(ended.message().contains("training"), "{ended:?}");
    }
}

/// V-AUDIT-013
#[test]
fn a_damaged_log_stops_both_commands_and_says_where() {
    let ministries = Ministries::in_force(|text| text);
    for (node, arguments) in [
        (&ministries.pair.requester, vec!["link", "responder"]),
        (&ministries.pair.responder, vec!["serve", "--listen", "127.0.0.1:0", "--once"]),
    ] {
        let bundle = node.data.path().join("audit/tile/entries/000.p/6");
        let good = fs::read(&bundle).unwrap();
        let mut bad = good.clone();
        let last = bad.len() - 1;
        bad[last] ^= 1;
        fs::write(&bundle, &bad).unwrap();
        let ended = node.run_round(node.command(&arguments)).end();
        ended.assert_failed(36, "E_AUDIT_DAMAGED");
        assert!(ended.message().contains("entry 5"), "{ended:?}");
        fs::write(&bundle, &good[..last]).unwrap();
        let ended = node.run_round(node.command(&arguments)).end();
        assert!(ended.message().contains("from 0 on are missing or cut"), "{ended:?}");
        fs::write(&bundle, &good).unwrap();
        fs::remove_file(node.data.path().join("audit/checkpoint")).unwrap();
        node.run_round(node.command(&arguments)).end().assert_failed(36, "E_AUDIT_DAMAGED");
    }
}

/// V-AUDIT-014
#[test]
fn peers_cosign_a_log_that_only_grows() {
    let ministries = Ministries::in_force(|text| text);
    let (own, peer) = (&ministries.pair.requester, &ministries.pair.responder);
    let path = |name: &str| ministries.pair.folder.path().join(name).to_str().unwrap().to_owned();
    let (proof, signed) = (path("proof"), path("cosigned"));
    json(own, &["audit", "prove", "--since", "0", "--out", &proof]);
    let before = json(peer, &["audit", "verify"])["size"].as_u64().unwrap();
    let nowhere = path("no/where");
    let refused = peer.run(&["audit", "cosign", "requester", &proof, "--out", &nowhere]);
    assert_eq!(refused.status.code(), Some(73), "{refused:?}");
    let first = json(peer, &["audit", "cosign", "requester", &proof, "--out", &signed]);
    assert_eq!(first["size"], 6);
    // Lost on its way, it is written again, and the log says it once.
    fs::remove_file(&signed).unwrap();
    assert_eq!(json(peer, &["audit", "cosign", "requester", &proof, "--out", &signed])["size"], 6);
    assert_eq!(json(peer, &["audit", "verify"])["size"], before + 1);
    json(own, &["audit", "attach", "responder", &signed]);
    // The log grows, and a copy of the old one is kept.
    let (audit, copy) = (own.data.path().join("audit"), path("copy"));
    assert!(std::process::Command::new("cp").arg("-r").arg(&audit).arg(&copy).status().unwrap().success());
    json(
        own,
        &[
            "audit",
            "cosign",
            "responder",
            &{
                let theirs = path("theirs");
                json(peer, &["audit", "prove", "--since", "0", "--out", &theirs]);
                theirs
            },
            "--out",
            &path("for-them"),
        ],
    );
    json(own, &["audit", "prove", "--since", "6", "--out", &proof]);
    assert_eq!(json(peer, &["audit", "cosign", "requester", &proof, "--out", &signed])["size"], 7);
    // Rolled back: it verifies by itself, and the peer's memory says no.
    fs::remove_dir_all(&audit).unwrap();
    fs::rename(&copy, &audit).unwrap();
    assert_eq!(json(own, &["audit", "verify"])["size"], 6);
    for since in ["0", "6"] {
        json(own, &["audit", "prove", "--since", since, "--out", &proof]);
        let refused = peer.run(&["audit", "cosign", "requester", &proof, "--out", &signed, "--json"]);
        assert_eq!(refused.status.code(), Some(36), "{refused:?}");
    }
    // Exported, it verifies with the key alone; an entry proves itself.
    let export = path("export");
    json(own, &["audit", "export", &export]);
    let key = blindlink::identity::keytext::to_text(&own.id());
    assert_eq!(json(peer, &["audit", "verify", "--log", &export, "--key", &key])["size"], 6);
    json(own, &["audit", "prove", "--entry", "1", "--out", &proof]);
    assert!(fs::read_to_string(&proof).unwrap().starts_with("c2sp.org/tlog-proof@v1\nindex 1\n"));
}

#[test]
fn amendments_follow_each_other_and_the_later_one_has_the_say() {
    let ministries = Ministries::in_force(|text| text);
    let node = &ministries.pair.requester;
    let first = fs::read_to_string(&ministries.file).unwrap();
    let digest = json(node, &["agreement", "list"])["agreements"][0]["digest"].as_str().unwrap().to_owned();
    let amended = |previous: &str, policy: &str| {
        let text = line(&first, "version", &format!("2\nprevious = \"{previous}\""));
        fs::write(&ministries.file, line(&text, "policy", &format!("\"{policy}\""))).unwrap();
    };
    amended(&"7".repeat(64), &"1".repeat(64));
    let refused = node.run(&["agreement", "add", "--agreement", ministries.file.to_str().unwrap(), "--json"]);
    assert_eq!(refused.status.code(), Some(59), "{refused:?}");
    amended(&digest, &"1".repeat(64));
    ministries.add(&[0, 1, 2]);
    // Not yet: the fourth has not signed. Then the policy is that of an earlier version.
    assert_eq!(refusals(node), [0_u16; 0]);
    ministries.add(&[3]);
    ministries.assert_refused(FailureCode::AgreementSuperseded, 606);
    let one = ministries.pair.folder.path().join("first.toml");
    fs::write(&one, &first).unwrap();
    let files = [one.to_str().unwrap(), ministries.file.to_str().unwrap()];
    assert_eq!(json(node, &["agreement", "diff", files[0], files[1]])["field"], "version");
}

/// V-AGREE-012: a statement that was tampered with is not stored.
#[test]
fn a_statement_by_nobody_is_not_stored() {
    let ministries = Ministries::with(|text| text);
    ministries.add(&[0]);
    let approval = ministries.sign(&[1]).remove(0);
    let mut text = fs::read_to_string(&approval).unwrap();
    let last = if text.trim_end().ends_with('0') { '1' } else { '0' };
    text = format!("{}{last}\n", &text[..text.trim_end().len() - 1]);
    fs::write(&approval, text).unwrap();
    let node = &ministries.pair.requester;
    let refused = node.run(&["agreement", "add", approval.to_str().unwrap(), "--json"]);
    assert_eq!(refused.status.code(), Some(44), "{refused:?}");
    assert_eq!(json(node, &["agreement", "list"])["agreements"][0]["missing"].as_array().unwrap().len(), 3);
}

/// V-AGREE-018: the suspension of one version does not end with it.
#[test]
fn a_suspension_holds_for_the_next_version_that_is_signed_already() {
    let ministries = Ministries::in_force(|text| text);
    let (node, peer) = (&ministries.pair.requester, &ministries.pair.responder);
    let digest = json(node, &["agreement", "list"])["agreements"][0]["digest"].as_str().unwrap().to_owned();
    let first = fs::read_to_string(&ministries.file).unwrap();
    let text = line(&first, "version", &format!("2\nprevious = \"{digest}\""));
    let text = line(&line(&text, "from", "2090-01-01T00:00:00Z"), "until", "2091-01-01T00:00:00Z");
    fs::write(&ministries.file, text).unwrap();
    let approvals = ministries.sign(&[0, 1, 2, 3]);
    let mut add = vec!["agreement", "add", "--agreement", ministries.file.to_str().unwrap()];
    add.extend(approvals.iter().map(|path| path.to_str().unwrap()));
    json(node, &add);
    let states = |node: &Node| -> Vec<String> {
        let listed = json(node, &["agreement", "list"]);
        let all = listed["agreements"].as_array().unwrap();
        all.iter().map(|one| one["state"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(states(node), ["in_force", "not_yet_valid"]);
    ministries.say(node, "suspend", 0);
    assert_eq!(states(node), ["suspended", "suspended"]);
    // The peer does not have the next version.
    let said = ministries.pair.folder.path().join("said");
    let taken = peer.run(&["agreement", "add", said.to_str().unwrap()]);
    assert!(taken.status.success(), "{taken:?}");
    assert!(String::from_utf8_lossy(&taken.stderr).contains("1 statements were left out"), "{taken:?}");
    assert_eq!(states(peer), ["suspended"]);
    // Nothing of it is about an agreement that is here.
    let later = fs::read_to_string(&said).unwrap().lines().nth(1).unwrap().to_owned();
    fs::write(&said, later).unwrap();
    assert_eq!(peer.run(&["agreement", "add", said.to_str().unwrap()]).status.code(), Some(42));
    [0, 1].iter().for_each(|signer| drop(ministries.say(node, "resume", *signer)));
    assert_eq!(states(node), ["in_force", "not_yet_valid"]);
}

#[test]
fn what_is_added_is_stored_whole_or_not_at_all() {
    let ministries = Ministries::with(|text| text);
    let node = &ministries.pair.requester;
    let (file, good) = (ministries.file.to_str().unwrap(), ministries.sign(&[0]).remove(0));
    let bad = ministries.pair.folder.path().join("bad");
    let text = fs::read_to_string(&good).unwrap();
    let (all, last) = text.trim_end().split_at(text.trim_end().len() - 1);
    fs::write(&bad, format!("{all}{}\n", if last == "0" { "1" } else { "0" })).unwrap();
    let [good, bad] = [&good, &bad].map(|path| path.to_str().unwrap());
    for files in [[good, bad], [good, "not-there"]] {
        let refused = node.run(&[&["agreement", "add", "--agreement", file], &files[..]].concat());
        assert!(!refused.status.success(), "{refused:?}");
        assert_eq!(json(node, &["agreement", "list"])["agreements"].as_array().unwrap().len(), 0);
        assert_eq!(facts(node, "agreement_added").len() + facts(node, "statement_added").len(), 0);
    }
    json(node, &["agreement", "add", "--agreement", file, good]);
    assert_eq!(json(node, &["agreement", "list"])["agreements"][0]["state"], "partly_signed");
}

#[test]
fn a_draft_that_nobody_signed_gives_way_to_the_right_one() {
    let ministries = Ministries::with(|text| text);
    let node = &ministries.pair.requester;
    let right = fs::read_to_string(&ministries.file).unwrap();
    let add = |text: &str| {
        fs::write(&ministries.file, text).unwrap();
        node.run(&["agreement", "add", "--agreement", ministries.file.to_str().unwrap()]).status.code()
    };
    assert_eq!(add(&line(&right, "rounds_per_day", "9")), Some(0));
    assert_eq!(add(&right), Some(0));
    assert_eq!(json(node, &["agreement", "list"])["agreements"].as_array().unwrap().len(), 1);
    ministries.add(&[0]);
    // Somebody stands for this one.
    assert_eq!(add(&line(&right, "rounds_per_day", "9")), Some(59));
    assert_eq!(add(&right), Some(0));
    assert_eq!(json(node, &["agreement", "list"])["agreements"][0]["state"], "partly_signed");
}

#[test]
fn a_file_without_statements_is_refused_and_a_bad_line_is_named() {
    let ministries = Ministries::with(|text| text);
    ministries.add(&[0]);
    let approval = ministries.sign(&[1]).remove(0);
    let good = fs::read_to_string(&approval).unwrap();
    let node = &ministries.pair.requester;
    for (text, said) in [("\n", "no statement"), (&format!("{good}\n{}", &good[2..]), "line 3 ")] {
        fs::write(&approval, text).unwrap();
        for command in [&["add"][..], &["verify", ministries.file.to_str().unwrap()]] {
            let arguments = [&["agreement"], command, &[approval.to_str().unwrap(), "--json"]].concat();
            let refused = node.run(&arguments);
            assert_eq!(refused.status.code(), Some(44), "{refused:?}");
            assert!(String::from_utf8_lossy(&refused.stdout).contains(said), "{refused:?}");
        }
    }
    assert_eq!(facts(node, "statement_added").len(), 1);
}
