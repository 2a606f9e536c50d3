//! What a signer sees before an agreement is signed, and what nobody can sign.

use blindlink_testkit::ministries::{Ministries, json, line};
use serde_json::Value;
use std::fs;
use std::path::Path;

fn sign(ministries: &Ministries, file: &Path, more: &[&str]) -> (Option<i32>, String) {
    let out = ministries.pair.folder.path().join("approval");
    let (file, key, out) = (file.to_str().unwrap(), ministries.keys[0].to_str().unwrap(), out.to_str().unwrap());
    let said =
        ministries.pair.requester.run(&[&["agreement", "sign", file, "--key", key, "--out", out], more].concat());
    (said.status.code(), String::from_utf8(said.stderr).unwrap())
}

/// A draft is a form: what nobody filled in is found before a signature, and before it is stored.
#[test]
fn a_blank_is_neither_signed_nor_stored() {
    let ministries = Ministries::with(|text| text);
    let good = fs::read_to_string(&ministries.file).unwrap();
    for (name, value, field) in [
        ("legal_basis", "\"to be filled in: the law\"", "party[0].legal_basis"),
        ("legal_basis", "\"To Be Filled In\"", "party[0].legal_basis"),
        ("purpose", "\"Test with invented persons\"", "purpose"),
        ("name", "\"lab\"", "name"),
        ("name", "\"LAB\"", "name"),
    ] {
        let blank = ministries.pair.folder.path().join("blank.toml");
        fs::write(&blank, line(&good, name, value)).unwrap();
        let (exit, text) = sign(&ministries, &blank, &["--yes"]);
        assert_eq!(exit, Some(59), "{value}: {text}");
        assert!(text.contains(&format!("{field} is ")), "{text}");
        assert!(!ministries.pair.folder.path().join("approval").exists(), "{value}");
        let added = ministries.pair.requester.run(&["agreement", "add", "--agreement", blank.to_str().unwrap()]);
        assert_eq!(added.status.code(), Some(59), "{value}");
    }
    let signer = good.replace("the minister", "first signer");
    let blank = ministries.pair.folder.path().join("blank.toml");
    fs::write(&blank, signer).unwrap();
    assert!(sign(&ministries, &blank, &["--yes"]).1.contains("party[0].signer[0].name"));
}

/// Off a terminal nobody reads: a script says that somebody has.
#[test]
fn nobody_signs_unasked() {
    let ministries = Ministries::with(|text| text);
    let (exit, text) = sign(&ministries, &ministries.file, &[]);
    assert_eq!(exit, Some(2), "{text}");
    assert!(text.contains("--yes") && !ministries.pair.folder.path().join("approval").exists(), "{text}");
    assert_eq!(sign(&ministries, &ministries.file, &["--yes"]).0, Some(0));
}

#[test]
fn an_agreement_is_said_in_words() {
    let ministries = Ministries::with(|text| line(&line(&text, "rounds_per_day", "7"), "left_out_percent", "11"));
    let words = json(&ministries.pair.requester, &["agreement", "explain", ministries.file.to_str().unwrap()]);
    let said = words["words"].as_str().unwrap();
    for part in [
        "Agreement `utopia`, version 1.",
        "search for shared persons",
        "Utopian Act 1",
        "the minister",
        "7 rounds in 24 hours",
        "11 per cent",
        "365 days",
        "Both sides learn",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

/// V-AGREE-026: a draft leaves room for four rounds, and a responder that cheats reads a quarter of the list in them. Whoever
/// signs more is told so.
#[test]
fn what_a_peer_that_cheats_can_do_in_a_period_is_said() {
    let said = |text: fn(String) -> String, policy: bool| {
        let ministries = Ministries::with(text);
        let (file, of) = (ministries.file.to_str().unwrap(), ministries.pair.requester.policy.to_str().unwrap());
        let mut args = vec!["agreement", "explain", file];
        if policy {
            args.extend(["--policy", of]);
        }
        let words = json(&ministries.pair.requester, &args);
        words["words"].as_str().unwrap().to_owned()
    };
    // The claims of a draft; those of the testkit are as many as its lists are long.
    let text = said(|text| line(&line(&text, "claims", "3"), "matches", "7"), true);
    assert!(text.contains("In 27 days the budget has room for 4 rounds each way."), "{text}");
    let records = |text: &str| -> (u64, u64) {
        let numbers = text.split("guesses the requester holds: 4 x ").nth(1).unwrap();
        let numbers: Vec<u64> = numbers.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect();
        assert_eq!(4 * numbers[0], numbers[1], "{text}");
        (numbers[1], numbers[3])
    };
    let (read, all) = records(&text);
    assert!(all > 0 && read <= (all / 4).max(4) && !text.contains("whole list"), "{text}");
    // Without the policy nobody can count what a key costs.
    let text = said(|text| text, false);
    assert!(text.contains("In 27 days that is 27 rounds each way at most"), "{text}");
    let text = said(|text| line(&line(&text, "bins_per_table", "1000000000"), "rounds_per_day", "9"), true);
    assert!(text.contains("room for 243 rounds") && text.contains("that is the whole list"), "{text}");
    // Another policy than the agreed one counts nothing.
    let ministries = Ministries::with(|text| text);
    let other = ministries.pair.folder.path().join("other-policy.toml");
    let policy = fs::read_to_string(&ministries.pair.requester.policy).unwrap();
    fs::write(&other, policy.replacen("epoch = ", "epoch = 1", 1)).unwrap();
    let file = ministries.file.to_str().unwrap();
    let refused = ministries.pair.requester.run(&["agreement", "explain", file, "--policy", other.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(56), "{refused:?}");
}

/// Every difference is shown with both values, not the first alone.
#[test]
fn all_differences_are_named_with_both_values() {
    let ministries = Ministries::with(|text| text);
    let other = ministries.pair.folder.path().join("other.toml");
    let text = fs::read_to_string(&ministries.file).unwrap();
    fs::write(&other, line(&line(&text, "period_days", "31"), "audit_days", "2000")).unwrap();
    let paths = [ministries.file.to_str().unwrap(), other.to_str().unwrap()];
    let diff = json(&ministries.pair.requester, &["agreement", "diff", paths[0], paths[1]]);
    assert_eq!(diff["field"], "caps.period_days");
    let named: Vec<[&str; 3]> = diff["differences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| ["field", "ours", "theirs"].map(|name| one[name].as_str().unwrap()))
        .collect();
    assert_eq!(named, [["caps.period_days", "27", "31"], ["retention.audit_days", "1095", "2000"]]);
    let same = json(&ministries.pair.requester, &["agreement", "diff", paths[0], paths[0]]);
    assert_eq!((&same["field"], &same["differences"]), (&Value::from("none"), &Value::from(Vec::<Value>::new())));
}

/// An amendment is the version before with what changes; once it is signed that version is superseded.
#[test]
fn an_amendment_begins_with_the_version_before() {
    let ministries = Ministries::in_force(|text| line(&line(&text, "rounds_per_day", "7"), "results_days", "33"));
    let (node, folder) = (&ministries.pair.requester, ministries.pair.folder.path());
    let next = folder.join("next.toml");
    let policy = node.policy.to_str().unwrap();
    let amend = ["agreement", "new", "--amend", "--policy", policy, "--peer", "responder", "--out"];
    json(node, &[&amend[..], &[next.to_str().unwrap()]].concat());
    let diff = json(node, &["agreement", "diff", ministries.file.to_str().unwrap(), next.to_str().unwrap()]);
    let fields: Vec<&str> =
        diff["differences"].as_array().unwrap().iter().map(|one| one["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["previous", "version"]);
    let amended = Ministries { file: next, ..ministries };
    amended.add(&[0, 1, 2, 3]);
    let states = json(&amended.pair.requester, &["agreement", "list"]);
    let state = |n: usize| states["agreements"][n]["state"].as_str().unwrap().to_owned();
    assert_eq!([state(0), state(1)], ["superseded", "in_force"]);
}
