//! Drafts of the papers that data-protection law asks for: they say what this node is configured to do, and what is missing.

use blindlink_testkit::Node;
use blindlink_testkit::ministries::Ministries;
use blindlink_testkit::office::{Office, PEOPLE};
use std::fs;

fn paper(node: &Node, which: &str, more: &[&str]) -> String {
    let output = node.run(&[&["audit", which], more].concat());
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_papers_follow_the_configuration_and_name_nobody() {
    let ministries = Ministries::in_force(|text| text.replace("results_days = 90", "results_days = 77"));
    let node = &ministries.pair.requester;
    let policy = ["--policy", node.policy.to_str().unwrap()];

    // Before there are people, and without the policy: that is what is missing.
    let bare = paper(node, "dpia", &[]);
    let missing = bare.split("## 6. What is missing here now").nth(1).unwrap();
    for gap in [
        "nobody has the role of data-protection officer",
        "nobody works as second reviewer on lists of the lane `suspect`",
        "the policy of `utopia` is not here",
    ] {
        assert!(missing.contains(gap), "{gap}: {missing}");
    }
    let folder = ministries.pair.folder.path();
    Office::open(node, folder);
    let link = format!(
        "[[link]]\nname = \"week\"\npeer = \"responder\"\nrole = \"requester\"\npolicy = \"{}\"\nlist = \"{}\"\nschedule = \"weekly mon 02:00\"\n",
        node.policy.display(),
        node.records.display()
    );
    fs::write(node.data.path().join("blindlink.toml"), link).unwrap();
    let dpia = paper(node, "dpia", &policy);
    for said in [
        "### Agreement `utopia`, version 1: in force",
        "Purpose: search for shared persons",
        "It acts on: Utopian Act 1",
        "results 77 days",
        "one part of the name",
        "the responder learns which of its own records have a counterpart",
        "A responder that cheats learns which of its guesses the requester holds",
        "| week | responder | requester | weekly mon 02:00 |",
        "| second reviewer | 3 |",
        "| data protection | 1 |",
        "Nothing that this program knows of.",
        "*(to be filled in)*",
    ] {
        assert!(dpia.contains(said), "{said}: {dpia}");
    }
    let processing = paper(node, "processing", &policy);
    for letter in 'a'..='i' {
        assert_eq!(processing.matches(&format!("- **({letter}) ")).count(), 1, "({letter})");
    }
    for said in [
        "results with their records and pairs 77 days",
        "a list of the lane `suspect`",
        "Utopian Act 1; of the other party",
    ] {
        assert!(processing.contains(said), "{said}: {processing}");
    }
    // Nobody is named: neither who works here, nor who is on a list, nor where the list lies.
    let list = fs::read_to_string(&node.records).unwrap();
    let cells: Vec<&str> =
        list.lines().skip(1).flat_map(|row| row.split([',', '|'])).filter(|cell| cell.len() > 6).collect();
    assert!(cells.len() > 60);
    for text in [&dpia, &processing] {
        let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).collect();
        assert!(PEOPLE.iter().all(|(name, ..)| !words.contains(name)), "{text}");
        assert!(cells.iter().all(|cell| !text.contains(cell)) && !text.contains("records.csv"));
    }

    // A suspended agreement is one.
    ministries.say(node, "suspend", 0);
    let out = folder.join("dpia.md");
    paper(node, "dpia", &["--policy", policy[1], "--out", out.to_str().unwrap()]);
    assert!(fs::read_to_string(out).unwrap().contains("### Agreement `utopia`, version 1: suspended"));
}
