//! Bundles: one file with everything that an agreement needs (`agreement propose`, `sign`, `accept`).

use blindlink::identity::check_words;
use blindlink_testkit::Pair;
use blindlink_testkit::ministries::json;
use std::fs;
use std::path::PathBuf;
use std::process::Output;

/// Two nodes that do not know each other, and a bundle between them that nobody has signed.
struct Proposed {
    pair: Pair,
    bundle: PathBuf,
    keys: Vec<PathBuf>,
}

fn text(path: &std::path::Path) -> &str {
    path.to_str().unwrap()
}

impl Proposed {
    fn new(purpose: &str) -> Self {
        let pair = Pair::create();
        for (node, peer) in [(&pair.requester, "responder"), (&pair.responder, "requester")] {
            let _ = node.run(&["peer", "remove", peer]);
        }
        let folder = pair.folder.path();
        let keys: Vec<PathBuf> = (0..4).map(|n| folder.join(format!("{n}.key"))).collect();
        for key in &keys {
            json(&pair.requester, &["signer", "init", "--out", text(key)]);
        }
        let signers: Vec<String> = (0..4).map(|n| format!("Signer {n}={}", text(&keys[n]))).collect();
        let (invitation, bundle) = (folder.join("south.invite"), folder.join("bundle"));
        let invite =
            ["peer", "invite", "--name", "south", "--addr", "127.0.0.1:9", "--party", "South", "--legal-basis"];
        let more = ["Act 1", "--signer", &signers[2], "--signer", &signers[3], "--out", text(&invitation)];
        json(&pair.responder, &[&invite[..], &more].concat());
        let propose = ["agreement", "propose", "--invitation", text(&invitation), "--as", "north", "--party", "North"];
        let more = ["--legal-basis", "Act 2", "--signer", &signers[0], "--signer", &signers[1], "--purpose", purpose];
        let last = ["--name", "north-south", "--policy", text(&pair.requester.policy), "--out", text(&bundle)];
        json(&pair.requester, &[&propose[..], &more, &last].concat());
        Self { pair, bundle, keys }
    }

    fn sign(&self, signer: usize) -> Output {
        let key = text(&self.keys[signer]);
        self.pair.requester.run(&["agreement", "sign", text(&self.bundle), "--key", key, "--yes"])
    }

    fn words(&self) -> String {
        check_words(&self.pair.requester.id(), &self.pair.responder.id()).join(" ")
    }
}

fn refused(output: &Output, exit: i32, what: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(exit), "{said}");
    assert!(said.contains(what), "{said}");
}

#[test]
fn a_bundle_brings_peer_policy_agreement_and_statements_at_once() {
    let proposed = Proposed::new("find persons whom both sides know");
    for signer in 0..4 {
        let signed = proposed.sign(signer);
        assert!(signed.status.success(), "{signed:?}");
    }
    assert!(proposed.sign(2).status.success(), "twice is once");
    for (node, peer) in [(&proposed.pair.requester, "south"), (&proposed.pair.responder, "north")] {
        for _ in 0..2 {
            let shown = json(node, &["agreement", "accept", text(&proposed.bundle), "--words", &proposed.words()]);
            assert_eq!(shown["agreements"][0]["state"], "in_force", "{shown}");
        }
        assert_eq!(json(node, &["peer", "list"])["peers"][0]["name"], peer);
        assert_eq!(fs::read_dir(node.data.path().join("policies")).unwrap().count(), 1);
    }
    // The policy that was agreed on is the one that is used, where none is named.
    let mut link = proposed.pair.requester.command(&["link", "south", "--records"]);
    let ended = link.arg(&proposed.pair.requester.records).output().unwrap();
    refused(&ended, 69, "127.0.0.1:9");
}

#[test]
fn what_does_not_fit_pins_nobody_and_stores_nothing() {
    let proposed = Proposed::new("find persons whom both sides know");
    let node = &proposed.pair.responder;
    let accept = |words: &str| node.run(&["agreement", "accept", text(&proposed.bundle), "--words", words]);
    let nothing = || {
        assert!(json(node, &["peer", "list"])["peers"].as_array().unwrap().is_empty());
        assert!(json(node, &["agreement", "list"])["agreements"].as_array().unwrap().is_empty());
    };
    refused(&accept("some other words"), 11, "nobody was pinned");
    nothing();
    // Somebody who is none of the four.
    let stranger = proposed.pair.folder.path().join("stranger.key");
    json(node, &["signer", "init", "--out", text(&stranger)]);
    let signed = node.run(&["agreement", "sign", text(&proposed.bundle), "--key", text(&stranger), "--yes"]);
    assert!(!signed.status.success());
    // The text is changed after somebody has signed it.
    assert!(proposed.sign(0).status.success());
    let good = fs::read_to_string(&proposed.bundle).unwrap();
    fs::write(&proposed.bundle, good.replacen("whom both sides know", "whom we know", 1)).unwrap();
    refused(&accept(&proposed.words()), 65, "it was changed after it was signed");
    nothing();
    // Another policy than the one that the agreement names.
    fs::write(&proposed.bundle, good.replacen("whom both sides know", "whom we know", 2)).unwrap();
    refused(&accept(&proposed.words()), 65, "and the policy in the bundle is");
    nothing();
    // An invitation of somebody else.
    let key = json(&proposed.pair.responder, &["identity", "show"])["key"].as_str().unwrap().to_owned();
    let other = json(&proposed.pair.requester, &["identity", "show"])["key"].as_str().unwrap().to_owned();
    let at = good.rfind(&format!("key = \"{key}\"")).unwrap();
    let exchanged = format!("{}{}", &good[..at], good[at..].replacen(&key, &other, 1));
    fs::write(&proposed.bundle, exchanged).unwrap();
    refused(&accept(&proposed.words()), 65, "not those of the agreement's nodes");
    nothing();
    fs::write(&proposed.bundle, "schema = \"blindlink.bundle/v2\"\n").unwrap();
    refused(&accept(&proposed.words()), 65, "is no bundle");
    nothing();
}

#[test]
fn a_node_that_is_no_party_and_a_text_that_is_not_filled_in_are_refused() {
    let proposed = Proposed::new("test with synthetic persons");
    refused(&proposed.sign(0), 59, "the agreement is not filled in");
    let third = Pair::create();
    let accepted = third.responder.run(&["agreement", "accept", text(&proposed.bundle), "--words", "x"]);
    assert!(!accepted.status.success());
    assert!(String::from_utf8_lossy(&accepted.stderr).contains("no party"), "{accepted:?}");
}
