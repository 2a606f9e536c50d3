//! The commands around a round, and the demonstration.

use blindlink::identity::IdentityKey;
use blindlink::identity::keytext;
use blindlink_testkit::program;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn run(dir: &Path, arguments: &[&str]) -> Output {
    Command::new(program()).arg("--data-dir").arg(dir).args(arguments).output().unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

#[test]
fn an_identity_is_made_shown_and_pinned_by_a_peer() {
    let folder = tempfile::tempdir().unwrap();
    let (north, south) = (folder.path().join("north"), folder.path().join("south"));
    assert_eq!(run(&north, &["identity", "show"]).status.code(), Some(78));
    let made = json(&run(&north, &["init", "--json"]));
    let shown = json(&run(&north, &["identity", "show", "--json"]));
    assert_eq!(made["schema"], "blindlink.identity/v1");
    assert_eq!(made["key"], shown["key"]);
    let again = run(&north, &["init", "--json"]);
    assert_eq!((again.status.code(), &json(&again)["error"]["code"]), (Some(78), &"E_CONFIG".into()));

    assert!(run(&south, &["init"]).status.success());
    let key = made["key"].as_str().unwrap();
    let spaced = key.as_bytes().chunks(4).map(|part| str::from_utf8(part).unwrap()).collect::<Vec<_>>().join(" ");
    let add =
        |name: &str, key: &str| run(&south, &["peer", "add", name, "--key", key, "--addr", "north.example.org:4433"]);
    assert!(add("north", &spaced).status.success());
    assert_eq!(add("north", key).status.code(), Some(78), "a pin is never changed by mistake");
    let mistyped = if key.ends_with('q') { key.replace('q', "p") } else { format!("{}q", &key[..63]) };
    let refused = add("other", &mistyped);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("mistyped"), "{refused:?}");
    let own = json(&run(&south, &["identity", "show", "--json"]));
    assert_eq!(add("self", own["key"].as_str().unwrap()).status.code(), Some(78));

    let listed = json(&run(&south, &["peer", "list", "--json"]));
    assert_eq!(listed["peers"][0]["key"], made["key"]);
    assert_eq!(listed["peers"].as_array().unwrap().len(), 1);
    assert!(run(&south, &["peer", "remove", "north"]).status.success());
    assert_eq!(run(&south, &["peer", "remove", "north"]).status.code(), Some(78));
}

#[test]
fn peers_that_are_added_at_the_same_time_are_all_there() {
    let folder = tempfile::tempdir().unwrap();
    assert!(run(folder.path(), &["init"]).status.success());
    let add = |n: u8| {
        let (name, key) = (format!("peer-{n}"), keytext::to_text(&IdentityKey::from_secret(&[n; 32]).id()));
        let mut command = Command::new(program());
        command.arg("--data-dir").arg(folder.path()).args(["peer", "add", &name, "--key", &key]);
        command.stdout(Stdio::null()).spawn().unwrap()
    };
    let added: Vec<_> = (1..=8).map(add).collect();
    assert!(added.into_iter().all(|mut child| child.wait().unwrap().success()));
    let listed = json(&run(folder.path(), &["peer", "list", "--json"]));
    assert_eq!(listed["peers"].as_array().unwrap().len(), 8);
}

#[test]
fn the_printed_policy_is_one_that_is_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("policy.toml");
    std::fs::write(&path, run(folder.path(), &["policy"]).stdout).unwrap();
    let checked = run(folder.path(), &["policy", "check", path.to_str().unwrap()]);
    assert!(checked.status.success(), "{checked:?}");
    let explained = run(folder.path(), &["policy", "explain", path.to_str().unwrap()]);
    assert!(String::from_utf8_lossy(&explained.stdout).contains("WHO LEARNS WHAT"), "{explained:?}");
}

#[test]
fn a_refused_policy_is_explained_in_one_object() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("policy.toml");
    let shown = run(folder.path(), &["policy", "show"]).stdout;
    let text = String::from_utf8(shown).unwrap().replace("constant = -", "constant = 9");
    std::fs::write(&path, text).unwrap();
    let checked = run(folder.path(), &["policy", "check", path.to_str().unwrap(), "--json"]);
    assert!(!checked.status.success());
    let report = json(&checked);
    assert_eq!((&report["schema"], &report["accepted"]), (&"blindlink.policy-check/v1".into(), &false.into()));
    let broken: Vec<_> = report["checks"].as_array().unwrap().iter().filter(|c| c["holds"] == false).collect();
    assert!(broken.iter().any(|c| c["requirement"] == "V-POLICY-013"), "{broken:?}");
    let told = run(folder.path(), &["policy", "check", path.to_str().unwrap()]);
    assert!(String::from_utf8_lossy(&told.stdout).contains("FAIL V-POLICY-013"));
}

/// Training, sweep, plan and explanation on generated lists, as an operator would do it.
#[test]
fn a_policy_is_planned_trained_swept_and_its_pairs_explained() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (a, b, truth, trained) = (at("a.csv"), at("b.csv"), at("truth.csv"), at("trained.toml"));
    let made = run(folder.path(), &["synth", "--records", "500", "--seed", "5", "--out", &at("")]);
    assert!(made.status.success(), "{made:?}");
    let lists = ["--a", &a, "--b", &b, "--truth", &truth];
    let train = [&["policy", "train", "--out", &trained, "--json"][..], &lists].concat();
    let learnt = json(&run(folder.path(), &train));
    assert_eq!((&learnt["schema"], learnt["true_pairs"].as_u64()), (&"blindlink.train/v1".into(), Some(150)));
    assert!(run(folder.path(), &["policy", "check", &trained]).status.success());
    let sweep = [&["evaluate", "--sweep", "--json", "--policy", &trained][..], &lists].concat();
    let swept = json(&run(folder.path(), &sweep));
    assert!(swept["best"]["f1"].as_f64().unwrap() >= swept["policy"]["possible"]["f1"].as_f64().unwrap());
    assert!(swept["token_recall"].as_f64().unwrap() >= swept["best"]["recall"].as_f64().unwrap());
    let assigned = [&["evaluate", "--one-to-one", "--json", "--policy", &trained][..], &lists].concat();
    assert!(json(&run(folder.path(), &assigned))["reported_pairs"].as_u64().unwrap() <= 500);
    let planned = json(&run(folder.path(), &["policy", "plan", "--records", &b, "--policy", &trained, "--json"]));
    assert_eq!((&planned["schema"], planned["records"].as_u64()), (&"blindlink.policy-plan/v1".into(), Some(500)));
    let first = std::fs::read_to_string(&b).unwrap().lines().nth(1).unwrap().split(',').next().unwrap().to_owned();
    let explain =
        ["explain", "--records", &b, "--policy", &trained, "--id", &first, "--tables", "1", "--grade", "strong"];
    let told = run(folder.path(), &explain);
    assert!(String::from_utf8_lossy(&told.stdout).contains("identifies nobody"), "{told:?}");
    let unknown = run(folder.path(), &[&explain[..8], &["999", "--grade", "strong"]].concat());
    assert!(!unknown.status.success());
}

#[test]
fn the_demonstration_runs_and_reports() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report.html");
    let arguments = ["demo", "--records", "300", "--seed", "7", "--json", "--report", report.to_str().unwrap()];
    let output = run(folder.path(), &arguments);
    assert!(output.status.success(), "{output:?}");
    let demo = json(&output);
    assert_eq!(demo["schema"], "blindlink.demo/v1");
    assert_eq!((demo["records_a"].as_u64(), demo["records_b"].as_u64()), (Some(300), Some(300)));
    assert_eq!(demo["true_pairs"], 90);
    for share in ["precision", "recall", "f1"] {
        assert!((0.5..=1.0).contains(&demo[share].as_f64().unwrap()), "{share}: {demo}");
    }
    assert!(demo["wall_seconds"].as_f64().unwrap() > demo["round_seconds"].as_f64().unwrap());
    let names: Vec<_> =
        demo["stages"].as_array().unwrap().iter().map(|stage| stage["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["agree", "oprf", "table", "compare", "settle"]);
    for direction in ["bytes_requester_to_responder", "bytes_responder_to_requester"] {
        let stages = demo["stages"].as_array().unwrap().iter().map(|stage| stage[direction].as_u64().unwrap());
        assert_eq!(stages.sum::<u64>(), demo[direction].as_u64().unwrap());
        assert!(demo[format!("udp_{direction}")].as_u64() > demo[direction].as_u64());
    }
    if cfg!(target_os = "linux") {
        for side in ["requester", "responder"] {
            assert!(demo["peak_rss_bytes"][side].as_u64().unwrap() > 1 << 20);
        }
    }
    let page = std::fs::read_to_string(report).unwrap();
    assert_eq!(page.matches("<svg").count(), 3);
    assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("src="), "self-contained");
}

#[test]
fn the_vectors_of_this_repository_replay() {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors");
    let folder = tempfile::tempdir().unwrap();
    let good = run(folder.path(), &["vectors", "replay", vectors.to_str().unwrap(), "--json"]);
    assert!(good.status.success(), "{good:?}");
    let none = run(folder.path(), &["vectors", "replay", folder.path().to_str().unwrap(), "--json"]);
    assert_eq!((none.status.code(), &json(&none)["error"]["code"]), (Some(50), &"E_VECTORS".into()));
}
