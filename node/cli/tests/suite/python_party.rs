//! Each party of a whole round by files is played once by the second implementation in Python (`spec/reference/play.py`)
//! against a real node, and finds what two nodes find. Without `python3` this fails: it is not to be skipped.

use blindlink::ids::AgreementDigest;
use blindlink::receipt::Receipt;
use blindlink_testkit::{Ended, Node, Pair, Running};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Small: the reference is written to be read, and takes milliseconds for a bin.
const POLICY: &str = r#"
name = "small round between two implementations"
schema = "person/1"

[normalisation]
version = "norm-v1"

[context]
agreement = "utopia"
lanes = "suspect-suspect"
purpose = "two implementations"
epoch = 1

[round]
records_requester = 5
records_responder = 6
copies_requester = 1
copies_responder = 1
output = "mutual"

[score]
kind = "weighted"
constant = -10
possible = -5
strong = 20

[[segment]]
id = "names"
features = ["name_bigrams"]
bits = 32
hashes = 2
weights = { alpha = 5, beta = -2, nu = 2 }

[[segment]]
id = "birth"
features = ["birth_year", "birth_month_day"]
bits = 14
hashes = 2
weights = { alpha = 7, beta = -3, nu = 2 }

[[table]]
id = 3
name = "name_and_year"
key = ["name_part_k4", "birth_year"]
slots_requester = 1
slots_responder = 2
domain_bits = 16
"#;

const HEADER: &str = "record_id,given_names,family_names,birth_date,sex,nationality\n";

/// Equal in two scripts, nearly equal, equal in a name and the year only, alone; two of one list share a match key.
const REQUESTER: &str = "\
q1,Анна,Петрова,1988-03-14,F,UTO
q2,Jose Luis,Navarro,1979-11-02,M,UTO
q3,Karim,Haddad,1990-06-21,M,UTO
q4,Karim,Salem,1990-01-30,M,UTO
q5,Mirembe,Okello,1995-08-08,F,UTO
";
const RESPONDER: &str = "\
s1,Anna,Petrova,1988-03-14,F,UTO
s2,José,Navaro,1979-11-20,M,UTO
s3,Karima,Doe,1990-02-11,F,UTO
s4,Okello,Mirembe,1995-08-08,F,UTO
s5,Liang,Chen,1983-04-05,M,UTO
";

/// A pair: own record, the other's record, grade, tables.
type Found = (String, String, String, String);

struct Offices {
    pair: Pair,
    turns: PathBuf,
    suite: String,
}

impl Offices {
    fn open(suite: u16) -> Self {
        let mut pair = Pair::create();
        pair.requester.add_peer("responder", &pair.responder.id(), None);
        for (node, rows) in [(&mut pair.requester, REQUESTER), (&mut pair.responder, RESPONDER)] {
            (node.give_up, node.suite) = (300, suite);
            fs::write(&node.records, format!("{HEADER}{rows}")).unwrap();
            fs::write(&node.policy, POLICY).unwrap();
        }
        let turns = pair.folder.path().join("carried");
        Self { pair, turns, suite: suite.to_string() }
    }

    /// A node that carries on whenever a turn has come.
    fn node(&self, node: &Node, command: &[&str]) -> Running {
        let mut command = node.command(command);
        command.arg("--via-files").arg(&self.turns).arg("--wait");
        node.run_round(command)
    }

    fn link(&self) -> Running {
        self.node(&self.pair.requester, &["link", "responder"])
    }

    fn serve(&self) -> Running {
        self.node(&self.pair.responder, &["serve"])
    }

    /// An agreement that both signers of both sides have approved, and that the responding node has.
    fn agreed(&mut self) -> PathBuf {
        let (folder, requester) = (self.pair.folder.path(), &self.pair.requester);
        let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
        let (file, keys) = (path("agreement.toml"), [0, 1, 2, 3].map(|n| path(&format!("signer-{n}.key"))));
        let public = keys.each_ref().map(|key| text(&json(requester, &["signer", "init", "--out", key])["key"]));
        let mut new = vec!["agreement", "new", "--policy", requester.policy.to_str().unwrap(), "--peer", "responder"];
        new.extend(["--own-signers", &public[0], &public[1], "--peer-signers", &public[2], &public[3], "--out", &file]);
        new.extend(["--suite", &self.suite]);
        json(requester, &new);
        // The small lists share more than the caps of a draft let through.
        let draft =
            fs::read_to_string(&file).unwrap().replace("to be filled in: ", "").replace(" signer\"", " officer\"");
        let raised = |line: &str| match line.split(" = ").next() {
            Some(name @ ("claims" | "matches")) => format!("{name} = 5"),
            _ => line.to_owned(),
        };
        fs::write(&file, draft.lines().map(raised).collect::<Vec<_>>().join("\n")).unwrap();
        let approvals = keys.each_ref().map(|key| format!("{key}.approval"));
        for (key, approval) in keys.iter().zip(&approvals) {
            json(requester, &["agreement", "sign", &file, "--key", key, "--out", approval, "--yes"]);
        }
        let mut add = vec!["agreement", "add", "--agreement", &file];
        add.extend(approvals.iter().map(String::as_str));
        assert_eq!(json(&self.pair.responder, &add)["agreements"][0]["state"], "in_force");
        self.pair.responder.training = false;
        file.into()
    }

    /// The reference in the place of a node, with its identity and its list.
    fn python(&self, role: &str, own: &Node, peer: &Node, agreement: Option<&Path>) -> Running {
        let identity = self.pair.folder.path().join("identity.hex");
        fs::write(&identity, hex::encode(own.secret().expose())).unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/reference/play.py");
        let mut command = Command::new("python3");
        command.arg(script).args(["--role", role]).arg("--dir").arg(&self.turns);
        command.arg("--identity").arg(identity).args(["--peer", &hex::encode(peer.id().as_bytes())]);
        command.arg("--policy").arg(&own.policy).arg("--records").arg(&own.records).args(["--patience", "300"]);
        match agreement {
            Some(agreement) => command.arg("--agreement").arg(agreement),
            None => command.args(["--suite", &self.suite]),
        };
        Running::start(command)
    }

    /// What two nodes find, from the files that they write.
    fn between_nodes(&self) -> BTreeSet<Found> {
        let (link, serve) = (self.link(), self.serve());
        link.end().assert_done();
        serve.end().assert_done();
        pairs(self.found(), &self.claimed())
    }

    /// Own record, pseudonym, grade and tables, as the requesting node writes them.
    fn found(&self) -> Vec<Found> {
        let rows = rows(&self.pair.requester.out).into_iter();
        rows.map(|row| (row[0].clone(), row[1].clone(), row[2].clone(), row[3].clone())).collect()
    }

    /// Pseudonym to own record, as the responding node writes them.
    fn claimed(&self) -> BTreeMap<String, String> {
        rows(&self.pair.responder.out).into_iter().map(|row| (row[1].clone(), row[0].clone())).collect()
    }

    /// Both have the same receipt, with both signatures; the node's evidence holds.
    fn assert_settled(&self, node: &Node, ended: &Ended, python: &Value) {
        let round = ended.json["round"].as_str().unwrap();
        assert_eq!(ended.json["transcript"], python["transcript"]);
        let receipt = fs::read(node.data.path().join("rounds").join(format!("{}.receipt", &round[..32]))).unwrap();
        assert_eq!(python["receipt"], hex::encode(&receipt));
        let statement = Receipt::decode(&receipt).unwrap().statement;
        let (requester, responder) = (self.pair.requester.id(), self.pair.responder.id());
        assert_eq!((statement.requester, statement.responder), (*requester.as_bytes(), *responder.as_bytes()));
        assert_eq!(hex::encode(statement.round), python["round"]);
        assert_eq!(hex::encode(AgreementDigest::or_zeros(statement.agreement)), text(&ended.json["agreement"]));
        assert_eq!(statement.agreement.is_none(), node.training);

        let file = self.pair.folder.path().join("evidence");
        let file = file.to_str().unwrap();
        assert!(node.run(&["audit", "evidence", round, "--out", file]).status.success());
        let said: Value = serde_json::from_slice(&node.run(&["audit", "verify", file, "--json"]).stdout).unwrap();
        assert_eq!((&said["holds"], &said["finished"]), (&true.into(), &true.into()), "{said}");
        assert_eq!(said["round"], round);
    }
}

fn json(node: &Node, arguments: &[&str]) -> Value {
    let output = node.run(&[arguments, &["--json"]].concat());
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn rows(path: &Path) -> Vec<Vec<String>> {
    let text = fs::read_to_string(path).unwrap();
    text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn pairs(found: Vec<Found>, owner: &BTreeMap<String, String>) -> BTreeSet<Found> {
    assert!(!found.is_empty());
    found.into_iter().map(|(own, pseudonym, grade, tables)| (own, owner[&pseudonym].clone(), grade, tables)).collect()
}

fn done(python: Running) -> Value {
    let ended = python.end();
    assert_eq!(ended.exit, Some(0), "{} {}", ended.json, ended.log);
    ended.json
}

/// Under an agreement, in either suite. V-FILES-001, V-FILES-002, V-FILES-003, V-FILES-004, V-FILES-005, V-FILES-006
#[test]
fn a_requester_in_python_and_a_node_find_what_two_nodes_find() {
    let expected = Offices::open(1).between_nodes();
    for suite in [1, 2] {
        assert_eq!(requester_in_python(suite), expected, "suite {suite}");
    }
}

fn requester_in_python(suite: u16) -> BTreeSet<Found> {
    let mut offices = Offices::open(suite);
    let agreement = offices.agreed();
    let (requester, responder) = (&offices.pair.requester, &offices.pair.responder);
    let python = offices.python("requester", requester, responder, Some(&agreement));
    let serve = offices.serve();
    let said = done(python);
    let ended = serve.end();
    ended.assert_done();
    let found = said["pairs"].as_array().unwrap().iter().map(|pair| {
        let tables: Vec<String> = pair["tables"].as_array().unwrap().iter().map(text).collect();
        (text(&pair["own_id"]), text(&pair["pseudonym"]), text(&pair["grade"]), tables.join("|"))
    });
    let found = pairs(found.collect(), &offices.claimed());
    offices.assert_settled(responder, &ended, &said);
    found
}

/// In training, in either suite.
#[test]
fn a_responder_in_python_and_a_node_find_what_two_nodes_find() {
    let expected = Offices::open(2).between_nodes();
    for suite in [1, 2] {
        assert_eq!(responder_in_python(suite), expected, "suite {suite}");
    }
}

fn responder_in_python(suite: u16) -> BTreeSet<Found> {
    let offices = Offices::open(suite);
    let (requester, responder) = (&offices.pair.requester, &offices.pair.responder);
    let python = offices.python("responder", responder, requester, None);
    let link = offices.link();
    let said = done(python);
    let ended = link.end();
    ended.assert_done();
    let claims = said["claims"].as_array().unwrap().iter();
    let owner = claims.map(|claim| (text(&claim["pseudonym"]), text(&claim["own_id"]))).collect();
    let found = pairs(offices.found(), &owner);
    offices.assert_settled(requester, &ended, &said);
    found
}
