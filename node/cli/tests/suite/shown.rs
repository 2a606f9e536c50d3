//! The commands of an operator's day: an example in their help, and an object for machines that follows a schema in
//! `docs/schemas`.

use blindlink_testkit::ministries::Ministries;
use blindlink_testkit::{Node, Pair, program, schema};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

/// Each command with the schema of what it prints for machines.
const COMMANDS: &[(&[&str], &str)] = &[
    (&["status"], "status"),
    (&["rounds", "list"], "rounds"),
    (&["rounds", "show"], "kept-round"),
    (&["rounds", "result"], "result"),
    (&["rounds", "report"], "report"),
    (&["rounds", "new"], "news"),
    (&["peer", "check"], "peer-check"),
    (&["doctor"], "doctor"),
    (&["ask"], "questions"),
    (&["ask", "list"], "questions"),
    (&["ask", "show"], "question"),
    (&["ask", "approve"], "questions"),
    (&["ask", "send"], "round"),
    (&["backup", "key"], "backup"),
    (&["backup", "make"], "backup"),
    (&["backup", "show"], "backup"),
    (&["restore"], "restore"),
    (&["config", "init"], "config"),
    (&["config", "show"], "config"),
    (&["config", "check"], "config-check"),
];

fn help(words: &[&str]) -> String {
    let output = Command::new(program()).args(words).arg("--help").output().unwrap();
    assert!(output.status.success(), "{words:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Names of the commands that a help lists.
fn below(help: &str) -> BTreeSet<String> {
    let Some((_, commands)) = help.split_once("\nCommands:\n") else { return BTreeSet::new() };
    let lines = commands.lines().take_while(|line| !line.is_empty());
    let names = lines.filter(|line| !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

#[test]
fn each_command_of_the_day_has_an_example_and_a_schema() {
    for (words, name) in COMMANDS {
        let help = help(words);
        let is_example = |line: &str| {
            line.starts_with("  blindlink ") && format!("{line} ").contains(&format!(" {} ", words.join(" ")))
        };
        let has_example = help.lines().any(is_example);
        assert!(has_example, "`{}` has no example:\n{help}", words.join(" "));
        assert!(help.contains("--json"), "{help}");
        let rules: Value = serde_json::from_slice(&fs::read(schema::file(name)).unwrap()).unwrap();
        assert_eq!(rules["properties"]["schema"]["const"], format!("blindlink.{name}/v1"));
        assert_eq!((&rules["additionalProperties"], rules["required"][0].as_str()), (&false.into(), Some("schema")));
    }
    for group in ["rounds", "ask", "backup", "config"] {
        let told = COMMANDS.iter().filter(|(words, _)| words[0] == group).filter_map(|(words, _)| words.get(1));
        let told: BTreeSet<String> = told.map(|word| (*word).to_owned()).collect();
        assert_eq!(below(&help(&[group])), told, "a command of `{group}` is not looked at here");
    }
}

/// What a command prints for machines, held against its schema.
fn printed(node: &Node, words: &[&str], seen: &mut BTreeSet<String>) -> Value {
    let output = node.run(&[words, &["--json"]].concat());
    let printed: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{words:?}: {output:?}"));
    schema::hold(&printed);
    seen.insert(schema::name(&printed).unwrap().to_owned());
    printed
}

/// Those of `ask` are looked at where questions are asked.
#[test]
fn what_is_printed_for_machines_follows_the_schemas() {
    let ministries = Ministries::in_force(|text| text);
    let (node, peer) = (&ministries.pair.requester, &ministries.pair.responder);
    let (serve, addr) = peer.serve(&[]);
    ministries.moved(&addr);
    ministries.link().assert_done();
    let folder = ministries.pair.folder.path();
    let place = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let mut seen = BTreeSet::new();
    let mut says = |words: &[&str]| printed(node, words, &mut seen);
    let listed = says(&["rounds", "list"]);
    let round = listed["rounds"][0]["round"].as_str().unwrap().to_owned();
    says(&["rounds", "show", &round]);
    says(&["rounds", "result", &round]);
    says(&["rounds", "new", &round]);
    says(&["rounds", "report", &round, "--out", &place("round.html")]);
    says(&["peer", "check", "responder"]);
    // What does not hold has the same form.
    node.add_peer("nobody", &blindlink::identity::IdentityKey::from_secret(&[5; 32]).id(), Some("127.0.0.1:9"));
    says(&["peer", "check", "nobody", "--patience", "1"]);
    says(&["config", "init"]);
    let link = |name: &str, role: &str, more: &str| {
        let (policy, list) = (node.policy.display(), node.records.display());
        format!(
            "[[link]]\nname = \"{name}\"\npeer = \"responder\"\nrole = \"{role}\"\npolicy = \"{policy}\"\nlist = \"{list}\"\n{more}"
        )
    };
    let links = link("calls", "requester", "schedule = \"daily 02:00\"\nwindow = \"01:00-05:00\"\none_to_one = true\n")
        + &link("answers", "responder", "left_out_at_most = 1.5\nout = \"elsewhere\"\n")
        + &link("broken", "responder", "").replace(node.records.to_str().unwrap(), "nowhere.csv");
    fs::write(node.data.path().join("blindlink.toml"), links).unwrap();
    says(&["config", "show", "--effective"]);
    says(&["config", "check", "--lists"]);
    says(&["status", "--lists"]);
    says(&["maintenance", "on", "--minutes", "5"]);
    says(&["status"]);
    says(&["doctor", "--report", &place("report")]);
    schema::hold(&serde_json::from_slice(&fs::read(place("report")).unwrap()).unwrap());
    says(&["backup", "key", "--out", &place("key")]);
    says(&["backup", "make", "--key", &place("key"), "--out", &place("backup")]);
    says(&["backup", "show", &place("backup"), "--key", &place("key")]);
    says(&["rounds", "show", "ffff"]);
    fs::rename(node.data.path(), place("before")).unwrap();
    says(&["restore", &place("backup"), "--key", &place("key")]);
    let wanted: BTreeSet<String> =
        COMMANDS.iter().filter(|(words, _)| words[0] != "ask").map(|(_, name)| (*name).to_owned()).collect();
    let wanted = &wanted | &BTreeSet::from(["error".to_owned(), "maintenance".to_owned()]);
    assert_eq!(seen, wanted);
    drop(serve);
}

/// A schema that lets everything through would make the tests above pass.
#[test]
fn a_schema_refuses_what_it_does_not_say() {
    let pair = Pair::create();
    let status = json_of(&pair.requester);
    schema::hold(&status);
    for change in [
        |status: &mut Value| drop(status.as_object_mut().unwrap().remove("health")),
        |status: &mut Value| status["health"] = "fine".into(),
        |status: &mut Value| status["more"] = 1.into(),
        |status: &mut Value| status["time"] = "yesterday".into(),
        |status: &mut Value| status["open_rounds"] = (-1).into(),
    ] {
        let mut other = status.clone();
        change(&mut other);
        assert!(std::panic::catch_unwind(|| schema::hold(&other)).is_err(), "{other}");
    }
}

fn json_of(node: &Node) -> Value {
    serde_json::from_slice(&node.run(&["status", "--json"]).stdout).unwrap()
}
