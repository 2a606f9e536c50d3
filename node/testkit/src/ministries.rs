//! Two nodes with an agreement, and the keys of its four signers.
#![allow(dead_code, unreachable_pub, missing_docs)]

use crate::{Ended, Node, Pair, RECORDS};
use blindlink_node::failure_code::FailureCode;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

/// Two nodes outside training, an agreement file, and the key files of its four signers.
pub struct Ministries {
    pub pair: Pair,
    pub file: PathBuf,
    pub keys: Vec<PathBuf>,
}

pub fn json(node: &Node, arguments: &[&str]) -> Value {
    let output = node.run(&[arguments, &["--json"]].concat());
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    let printed = serde_json::from_slice(&output.stdout).unwrap();
    crate::schema::hold(&printed);
    printed
}

impl Ministries {
    /// `change` edits the agreement file before anybody signs it.
    pub fn with(change: impl FnOnce(String) -> String) -> Self {
        let mut pair = Pair::create();
        (pair.requester.training, pair.responder.training) = (false, false);
        pair.requester.add_peer("responder", &pair.responder.id(), Some("127.0.0.1:9"));
        let folder = pair.folder.path().to_owned();
        let keys: Vec<PathBuf> = (0..4).map(|n| folder.join(format!("signer-{n}.key"))).collect();
        let public: Vec<String> = keys
            .iter()
            .map(|path| json(&pair.requester, &["signer", "init", "--out", path.to_str().unwrap()])["key"].clone())
            .map(|key| key.as_str().unwrap().to_owned())
            .collect();
        let file = folder.join("agreement.toml");
        let policy = pair.requester.policy.to_str().unwrap();
        let mut new = vec!["agreement", "new", "--policy", policy, "--peer", "responder", "--out"];
        new.push(file.to_str().unwrap());
        new.extend(["--own-signers", &public[0], &public[1], "--peer-signers", &public[2], &public[3]]);
        assert_eq!(json(&pair.requester, &new)["agreements"][0]["state"], "draft");
        let text = fs::read_to_string(&file)
            .unwrap()
            .replace("to be filled in: the law on which this party acts", "Utopian Act 1")
            .replace("to be filled in: this authority", "Utopia")
            .replace("first signer", "the minister")
            .replace("second signer", "the officer");
        // The lists of the tests share more than the caps of a draft let through.
        let all = format!("claims = {RECORDS}\nmatches = {RECORDS}");
        let text = text
            .lines()
            .filter(|line| !line.starts_with("matches = "))
            .map(|line| if line.starts_with("claims = ") { all.as_str() } else { line });
        let text = text.collect::<Vec<_>>().join("\n") + "\n";
        fs::write(&file, change(text)).unwrap();
        Self { pair, file, keys }
    }

    /// The statements of so many signers.
    pub fn sign(&self, signers: &[usize]) -> Vec<PathBuf> {
        let sign = |n: &usize| {
            let out = self.pair.folder.path().join(format!("approval-{n}"));
            let key = self.keys[*n].to_str().unwrap();
            let file = self.file.to_str().unwrap();
            json(
                &self.pair.requester,
                &["agreement", "sign", file, "--key", key, "--out", out.to_str().unwrap(), "--yes"],
            );
            out
        };
        signers.iter().map(sign).collect()
    }

    pub fn add(&self, signers: &[usize]) {
        let approvals = self.sign(signers);
        for node in [&self.pair.requester, &self.pair.responder] {
            let mut add = vec!["agreement", "add", "--agreement", self.file.to_str().unwrap()];
            add.extend(approvals.iter().map(|path| path.to_str().unwrap()));
            json(node, &add);
        }
    }

    pub fn in_force(change: impl FnOnce(String) -> String) -> Self {
        let ministries = Self::with(change);
        ministries.add(&[0, 1, 2, 3]);
        ministries
    }

    /// A signer of the node's side suspends, or resumes, on this node.
    pub fn say(&self, node: &Node, what: &str, signer: usize) -> Value {
        let (key, out) = (self.keys[signer].to_str().unwrap(), self.pair.folder.path().join("said"));
        json(node, &["agreement", what, "utopia", "--key", key, "--out", out.to_str().unwrap()])
    }

    /// The requester knows where the responder is now.
    pub fn moved(&self, addr: &str) {
        assert!(self.pair.requester.run(&["peer", "remove", "responder"]).status.success());
        self.pair.requester.add_peer("responder", &self.pair.responder.id(), Some(addr));
    }

    pub fn link(&self) -> Ended {
        self.pair.requester.link("responder", &[]).end()
    }

    /// Neither side lets a round begin; both say the same and have logged it, and nothing was debited.
    pub fn assert_refused(&self, exit: FailureCode, code: u16) {
        let serve = self.pair.responder.command(&["serve", "--once", "--listen", "127.0.0.1:0"]);
        let serve = self.pair.responder.run_round(serve);
        for (ended, node) in [(self.link(), &self.pair.requester), (serve.end(), &self.pair.responder)] {
            assert_eq!(ended.exit, Some(exit.number().into()), "{ended:?}");
            assert_eq!(refusals(node), [code], "{exit:?}");
            assert_eq!(facts(node, "debited").len() + facts(node, "round_begun").len(), 0);
            node.assert_no_result();
        }
    }
}

pub fn log(node: &Node) -> Vec<Value> {
    json(node, &["audit", "log"])["entries"].as_array().unwrap().clone()
}

pub fn facts(node: &Node, fact: &str) -> Vec<Value> {
    node.facts(fact)
}

pub fn refusals(node: &Node) -> Vec<u16> {
    facts(node, "refused").iter().map(|entry| entry["code"].as_u64().unwrap().try_into().unwrap()).collect()
}

pub fn line(text: &str, name: &str, value: &str) -> String {
    let old = text.lines().find(|line| line.starts_with(&format!("{name} = "))).unwrap();
    text.replacen(old, &format!("{name} = {value}"), 1)
}
