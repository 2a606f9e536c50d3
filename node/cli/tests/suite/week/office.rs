//! A node with three peers: its lists, its agreements, and the processes.

use super::model::{DELTA, HOUR};
use blindlink_lab::synth::{Lists, Plan, generate, write_list};
use blindlink_testkit::ministries::{json, line};
use blindlink_testkit::{Node, RECORDS, Running, SEED, policy_text, port, schema};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Longest wait for something that is looked for again and again.
const PATIENCE: Duration = Duration::from_secs(300);

/// A peer of the hub, and the agreement with it.
pub struct Partner {
    pub node: Node,
    pub name: &'static str,
    pub addr: String,
    pub running: Option<Running>,
    /// The policy of the agreement.
    policy: PathBuf,
    /// Keys of the hub's signers.
    signers: [PathBuf; 2],
}

/// The node that is watched, and its peers.
pub struct Office {
    pub folder: TempDir,
    pub hub: Node,
    pub hub_addr: String,
    pub running: Option<Running>,
    pub partners: Vec<Partner>,
    lists: Lists,
}

fn said(output: &Output) -> Value {
    let printed = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    schema::hold(&printed);
    printed
}

impl Office {
    /// Suspects with south and west, victims with east: agreements of which each lets so many rounds of a day run.
    pub fn open(now: u64, per_day: [(&'static str, &str, u16); 3]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = folder.path().join("clock");
        let lists = generate(&Plan::new(RECORDS, 0.5, SEED));
        let node = |name: &str, rows: &[_]| {
            let mut node = Node::create(folder.path(), name, rows);
            node.clock = Some(clock.clone());
            node
        };
        let (hub, hub_addr) = (node("hub", &lists.b), port());
        let mut office = Self { hub, hub_addr, running: None, partners: Vec::new(), lists, folder };
        office.set_clock(now);
        for (name, lanes, rounds) in per_day {
            let mut partner = Node::create(office.folder.path(), name, &office.lists.a);
            partner.clock = office.hub.clock.clone();
            let partner = office.agrees(partner, name, lanes, rounds);
            office.partners.push(partner);
        }
        fs::copy(&office.hub.records, office.list("victims")).unwrap();
        fs::copy(&office.hub.records, office.list("suspects")).unwrap();
        office
    }

    pub fn list(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{name}.csv"))
    }

    /// The list without its last rows.
    pub fn shorten(&self, name: &str, without: u32) {
        let rows = &self.lists.b[..(RECORDS - without) as usize];
        let mut csv = Vec::new();
        write_list(rows, &mut csv).unwrap();
        fs::write(self.list(name), csv).unwrap();
    }

    pub fn set_clock(&self, now: u64) {
        // A reader sees the time before or the time after, never half a number.
        let (clock, next) = (self.folder.path().join("clock"), self.folder.path().join("clock-next"));
        fs::write(&next, now.to_string()).unwrap();
        fs::rename(next, clock).unwrap();
    }

    /// The nodes know each other, and four persons have signed.
    fn agrees(&self, node: Node, name: &'static str, lanes: &str, rounds: u16) -> Partner {
        let (hub, addr) = (&self.hub, port());
        hub.add_peer(name, &node.id(), Some(&addr));
        node.add_peer("hub", &hub.id(), Some(&self.hub_addr));
        let place = |what: &str| self.folder.path().join(format!("{name}-{what}"));
        let text = policy_text(RECORDS).replace("agreement = \"utopia\"", &format!("agreement = \"hub-{name}\""));
        let policy = place("policy.toml");
        fs::write(&policy, line(&text, "lanes", &format!("\"{lanes}\""))).unwrap();
        let keys: [PathBuf; 4] = std::array::from_fn(|n| place(&format!("signer-{n}.key")));
        let path = |path: &Path| path.to_str().unwrap().to_owned();
        let public = keys
            .each_ref()
            .map(|key| json(hub, &["signer", "init", "--out", &path(key)])["key"].as_str().unwrap().to_owned());
        let file = place("agreement.toml");
        let mut new = vec!["agreement", "new", "--policy", policy.to_str().unwrap(), "--peer", name];
        new.extend(["--own-signers", &public[0], &public[1], "--peer-signers", &public[2], &public[3]]);
        new.extend(["--out", file.to_str().unwrap()]);
        json(hub, &new);
        let mut text = fs::read_to_string(&file)
            .unwrap()
            .replace("to be filled in: the law on which this party acts", "Utopian Act 1")
            .replace("to be filled in: this authority", "Utopia")
            .replace("first signer", "the minister")
            .replace("second signer", "the officer");
        let all = RECORDS.to_string();
        let numbers = [
            ("rounds_per_day", rounds.to_string()),
            ("bins_per_table", "1000000000".to_owned()),
            ("claims", all.clone()),
            ("matches", all),
            ("delta_records", DELTA.to_string()),
        ];
        for (field, value) in numbers {
            text = line(&text, field, &value);
        }
        fs::write(&file, text).unwrap();
        let approvals: Vec<String> = (0..4)
            .map(|n| {
                let out = path(&place(&format!("approval-{n}")));
                json(hub, &["agreement", "sign", &path(&file), "--key", &path(&keys[n]), "--out", &out, "--yes"]);
                out
            })
            .collect();
        for side in [hub, &node] {
            let mut add = vec!["agreement", "add", "--agreement", file.to_str().unwrap()];
            add.extend(approvals.iter().map(String::as_str));
            json(side, &add);
        }
        let [one, two, ..] = keys;
        Partner { node, name, addr, running: None, policy, signers: [one, two] }
    }

    /// A link of a configuration.
    pub fn link(&self, name: &str, partner: &Partner, (role, list): (&str, &Path), more: &str) -> String {
        let peer = if list.starts_with(self.folder.path().join(partner.name)) { "hub" } else { partner.name };
        let (policy, list) = (partner.policy.display(), list.display());
        format!(
            "[[link]]\nname = \"{name}\"\npeer = \"{peer}\"\nrole = \"{role}\"\npolicy = \"{policy}\"\nlist = \"{list}\"\n{more}\n"
        )
    }

    pub fn configure(node: &Node, addr: &str, links: &[String]) {
        let patience = "[patience]\nidle = 3\nhandshake = 5\ngive_up = 600\n";
        let text = format!("[node]\nlisten = \"{addr}\"\n{patience}{}", links.concat());
        fs::write(node.data.path().join("blindlink.toml"), text).unwrap();
    }

    pub fn partner(&mut self, name: &str) -> &mut Partner {
        self.partners.iter_mut().find(|partner| partner.name == name).unwrap()
    }

    /// Starts the hub; with `hold` its first round waits in the comparison.
    pub fn start_hub(&mut self, hold: bool) {
        let mut command = self.hub.command(&["run", "--progress", "json", "--json"]);
        if hold {
            command.env("BLINDLINK_TEST_HOLD", format!("compare:0:{}", self.hub.go(0).display()));
        }
        self.running = Some(listening(command));
    }

    /// Two signers of the hub suspend its agreement with a peer, or one of them lifts that.
    pub fn say(&mut self, name: &str, what: &str, signer: usize) {
        let out = self.folder.path().join("said");
        let key = self.partner(name).signers[signer].clone();
        let agreement = format!("hub-{name}");
        let words = ["agreement", what, &agreement, "--key", key.to_str().unwrap(), "--out", out.to_str().unwrap()];
        json(&self.hub, &words);
    }

    pub fn hub(&self) -> &Running {
        self.running.as_ref().unwrap()
    }

    /// How the hub says it is, and the code with which it ends.
    pub fn status(&self) -> (Value, i32) {
        let output = self.hub.run(&["status", "--lists", "--json"]);
        (said(&output), output.status.code().unwrap())
    }
}

impl Partner {
    pub fn start(&mut self) {
        self.running = Some(listening(self.node.command(&["run", "--progress", "json", "--json"])));
    }

    /// Ends as an operator would end it.
    pub fn stop(&mut self) {
        let running = self.running.take().unwrap();
        running.signal("TERM");
        assert_eq!(running.end().exit, Some(0), "{}", self.name);
    }

    pub fn status(&self) -> Value {
        said(&self.node.run(&["status", "--json"]))
    }
}

fn listening(command: std::process::Command) -> Running {
    let running = Running::start(command);
    running.wait_for(|event| event["event"] == "listening");
    running
}

/// Waits until something holds that is looked for again and again.
pub fn until(what: impl Fn() -> String, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "{} did not come", what());
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Waits until each link of these processes has looked at the clock: with so many links that call.
pub fn have_looked(clock: &Path, processes: &[(&Running, u64)]) {
    let looks = |running: &Running| {
        let path = PathBuf::from(format!("{}.{}", clock.display(), running.pid()));
        fs::metadata(path).map_or(0, |meta| meta.len())
    };
    let before: Vec<u64> = processes.iter().map(|(running, _)| looks(running)).collect();
    for ((running, links), before) in processes.iter().zip(before) {
        // A link looks twice in each turn.
        until(|| "that the clock is looked at".to_owned(), || looks(running) >= before + 3 * links);
    }
}

/// A time for people.
pub fn date(seconds: u64) -> String {
    blindlink_node::sys::clock::date(seconds)
}

/// The hour of the week.
pub fn hour(number: u64) -> u64 {
    super::MONDAY + number * HOUR
}
