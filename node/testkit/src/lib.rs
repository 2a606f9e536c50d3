//! Nodes of the tests: folders, real processes, and peers that break the rules.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod ministries;
pub mod office;
pub mod relay;
pub mod schema;
pub mod scripted;
pub mod weak_link;

use blindlink::identity::keytext;
use blindlink::identity::{IdentityKey, PeerId};
use blindlink::policy::Policy;
use blindlink::secret::Secret;
use blindlink::session::LogExchange;
use blindlink::session::Role;
use blindlink_lab::synth::{Lists, Plan, generate, write_list};
use blindlink_node::driver::{Journal, StorageKey};
use blindlink_node::store::DataDir;
use blindlink_node::store::audit_log::Log;
use blindlink_node::store::journal::{Carrier, Header};
use blindlink_node::store::log_heads::LogHeads;
use blindlink_node::sys::clock;
use blindlink_node::transport::Settings;
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;
use tempfile::TempDir;

/// The program under test: it lies beside the folder of the test programs.
#[must_use]
pub fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.parent().and_then(Path::parent).unwrap().join("blindlink")
}

/// Records of each list: few, since the tests are about everything else.
pub const RECORDS: u32 = 60;
/// Seed of the lists: of those in which no draw decides of a pair (`no_draw_decides_what_the_lists_of_the_tests_share`).
pub const SEED: u64 = 16;
/// Longest wait for anything.
const PATIENCE: Duration = Duration::from_secs(300);

/// One node's folder.
pub struct Node {
    pub data: DataDir,
    pub records: PathBuf,
    pub policy: PathBuf,
    pub out: PathBuf,
    /// Whether its rounds run without an agreement.
    pub training: bool,
    /// The suite of its rounds in training. The scripted peers play suite 1.
    pub suite: u16,
    /// Seconds after which its rounds are given up that do not move.
    pub give_up: u32,
    /// Seconds without a packet after which its connections are lost.
    pub idle: u32,
    /// Where its rounds wait until they are let go: stage and percent.
    pub holds: Vec<(&'static str, u64)>,
    /// The file with the time that its clock shows.
    pub clock: Option<PathBuf>,
    /// When its clock was set, and to what, if there is no such file.
    set: Mutex<Option<String>>,
    folder: PathBuf,
}

/// Two nodes that know each other, their lists and a policy.
pub struct Pair {
    pub requester: Node,
    pub responder: Node,
    pub lists: Lists,
    pub folder: TempDir,
}

pub fn policy_text(records: u32) -> String {
    // What an agreement is signed on names neither a laboratory nor a test.
    let text = Policy::default_text()
        .replace("agreement = \"lab\"", "agreement = \"utopia\"")
        .replace("purpose = \"test with synthetic persons\"", "purpose = \"search for shared persons\"");
    ["records_requester", "records_responder"].into_iter().fold(text, |text, name| {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
        text.replace(&line, &format!("{name} = {records}"))
    })
}

impl Node {
    pub fn create(folder: &Path, name: &str, rows: &[blindlink_lab::synth::Row]) -> Self {
        let folder = folder.join(name);
        fs::create_dir(&folder).unwrap();
        let data = DataDir::locate(Some(folder.join("data"))).unwrap();
        data.init().unwrap();
        let mut csv = Vec::new();
        write_list(rows, &mut csv).unwrap();
        let node = Self {
            data,
            records: folder.join("records.csv"),
            policy: folder.join("policy.toml"),
            out: folder.join("matches.csv"),
            training: true,
            suite: 1,
            give_up: 0,
            idle: 3,
            holds: Vec::new(),
            clock: None,
            set: Mutex::new(None),
            folder,
        };
        fs::write(&node.records, csv).unwrap();
        fs::write(&node.policy, policy_text(RECORDS)).unwrap();
        node
    }

    pub fn id(&self) -> PeerId {
        self.data.identity().unwrap().key().id()
    }

    pub fn secret(&self) -> Secret<32> {
        self.data.identity().unwrap().secret().clone()
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.arg("--data-dir").arg(self.data.path()).args(arguments);
        if let Some(clock) = &self.clock {
            command.env("BLINDLINK_TEST_CLOCK", format!("file:{}", clock.display()));
        } else if let Some(set) = &*self.set.lock().unwrap() {
            command.env("BLINDLINK_TEST_CLOCK", set);
        }
        command
    }

    /// It is this time now, in seconds since 1970, for all commands of this node that begin from now on.
    pub fn set_clock(&self, time: u64) {
        *self.set.lock().unwrap() = Some(format!("{}:{time}:1", clock::now()));
    }

    pub fn add_peer(&self, name: &str, id: &PeerId, addr: Option<&str>) {
        let key = keytext::to_text(id);
        let mut arguments = vec!["peer", "add", name, "--key", &key];
        if let Some(addr) = addr {
            arguments.extend(["--addr", addr]);
        }
        let output = self.run(&arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn round(&self, arguments: &[&str]) -> Running {
        self.run_round(self.command(arguments))
    }

    /// Starts a command of a round with this node's files.
    pub fn run_round(&self, mut command: Command) -> Running {
        // A result is never written over another.
        let _ = fs::remove_file(&self.out);
        command.arg("--records").arg(&self.records).arg("--policy").arg(&self.policy).arg("--out").arg(&self.out);
        if self.training {
            command.arg("--training").args(["--suite", &self.suite.to_string()]);
        }
        command.args(["--json", "--progress", "json", "--handshake-timeout", "4"]);
        let holds = self.holds.iter().enumerate().map(|(at, (stage, percent))| {
            let go = self.go(at);
            let _ = fs::remove_file(&go);
            format!("{stage}:{percent}:{}", go.display())
        });
        command.env("BLINDLINK_TEST_HOLD", holds.collect::<Vec<_>>().join(","));
        command.arg("--idle-timeout").arg(self.idle.to_string());
        command.arg("--give-up-after").arg(self.give_up.to_string());
        Running::start(command)
    }

    /// The file whose existence lets a round go on from the hold of this number.
    pub fn go(&self, hold: usize) -> PathBuf {
        self.data.path().with_extension(format!("go{hold}"))
    }

    /// Rounds that start from now on wait at this point. A round that holds still answers keep-alives.
    pub fn hold(&mut self, stage: &'static str, percent: u64) {
        self.holds.push((stage, percent));
    }

    /// Lets a round go on that waits at the hold of this number.
    pub fn let_go(&self, hold: usize) {
        fs::write(self.go(hold), "").unwrap();
    }

    /// Waits until the round of a process has come to the hold of this number.
    pub fn held(&self, running: &Running, hold: usize) {
        let (stage, percent) = self.holds[hold];
        running.wait_until(stage, percent);
    }

    /// Starts to serve on a free port; gives its address.
    pub fn serve(&self, more: &[&str]) -> (Running, String) {
        let mut arguments = vec!["serve", "--listen", "127.0.0.1:0"];
        arguments.extend(more);
        let running = self.round(&arguments);
        let listening = running.wait_for(|event| event["event"] == "listening");
        (running, listening["addr"].as_str().unwrap().to_owned())
    }

    /// Starts a round with the known peer `peer`.
    pub fn link(&self, peer: &str, more: &[&str]) -> Running {
        let mut arguments = vec!["link", peer];
        arguments.extend(more);
        self.round(&arguments)
    }

    /// The evidence of this node's finished round verifies, and the node's seed and list give every frame again
    /// (spec chapter 16).
    pub fn assert_evidence(&self, round: &str) {
        let folder = tempfile::tempdir().unwrap();
        let [evidence, seed] = ["evidence", "seed"].map(|name| folder.path().join(name).to_str().unwrap().to_owned());
        let said = |arguments: &[&str]| -> Value {
            let output = self.run(&[&["audit"], arguments, &["--json"]].concat());
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
        };
        assert_eq!(said(&["evidence", round, "--out", &evidence, "--seed-out", &seed])["finished"], true);
        let verified = said(&["verify", &evidence]);
        assert_eq!((&verified["holds"], verified["round"].as_str()), (&true.into(), Some(round)), "{verified}");
        let list = self.records.to_str().unwrap();
        let again = said(&["reexecute", &evidence, "--seed", &seed, "--records", list]);
        assert_eq!(again["holds"], true, "{again}");
        // All but the two that only the node itself can sign: its cosignature and its receipt.
        assert_eq!(again["compared"].as_u64(), verified["sent"].as_u64().map(|sent| sent - 2), "{again}");
    }

    /// What the node's audit log says of this kind.
    pub fn facts(&self, fact: &str) -> Vec<Value> {
        let output = self.run(&["audit", "log", "--json"]);
        let said: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
        let entries = said["entries"].as_array().unwrap_or_else(|| panic!("{said}"));
        entries.iter().filter(|entry| entry["fact"] == fact).cloned().collect()
    }

    /// Journals of rounds that are open.
    pub fn opens(&self) -> Vec<PathBuf> {
        self.journals("open")
    }

    /// Files of this kind in the folder of rounds.
    pub fn journals(&self, extension: &str) -> Vec<PathBuf> {
        let folder = fs::read_dir(self.data.path().join("rounds")).unwrap();
        let paths = folder.map(|entry| entry.unwrap().path());
        paths.filter(|path| path.extension().is_some_and(|e| e == extension)).collect()
    }

    /// Starts to serve at an address of the past.
    pub fn serve_at(&self, addr: &str, more: &[&str]) -> Running {
        let mut command = self.command(&["serve", "--listen", addr]);
        command.args(more);
        let running = self.run_round(command);
        running.wait_for(|event| event["event"] == "listening");
        running
    }

    /// Nothing was written but what was there before: no result, no part of one.
    pub fn assert_no_result(&self) {
        let names: Vec<_> = fs::read_dir(&self.folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        let mut names: Vec<_> = names.iter().map(|name| name.to_str().unwrap()).collect();
        names.sort_unstable();
        names.retain(|name| !name.starts_with("data.go"));
        assert_eq!(names, ["data", "policy.toml", "records.csv"]);
    }
}

impl Pair {
    pub fn create() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let lists = generate(&Plan::new(RECORDS, 0.5, SEED));
        let responder = Node::create(folder.path(), "responder", &lists.a);
        let requester = Node::create(folder.path(), "requester", &lists.b);
        responder.add_peer("requester", &requester.id(), None);
        Self { requester, responder, lists, folder }
    }

    /// The responder serves, and the requester knows where.
    pub fn served(&self, more: &[&str]) -> Running {
        let (running, addr) = self.responder.serve(more);
        self.requester.add_peer("responder", &self.responder.id(), Some(&addr));
        running
    }
}

/// A process of the program, read line by line.
pub struct Running {
    child: Child,
    events: mpsc::Receiver<Value>,
    result: mpsc::Receiver<String>,
    log: Arc<Mutex<String>>,
}

/// How a process ended.
#[derive(Debug)]
pub struct Ended {
    pub exit: Option<i32>,
    pub json: Value,
    /// Everything on standard output.
    pub text: String,
    /// Everything on standard error.
    pub log: String,
}

impl Running {
    pub fn start(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (lines, events) = mpsc::channel();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let log = Arc::new(Mutex::new(String::new()));
        let all = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                *all.lock().unwrap() += &format!("{line}\n");
                match serde_json::from_str(&line) {
                    Ok(event) => drop(lines.send(event)),
                    Err(_) => eprintln!("child: {line}"),
                }
            }
        });
        let (text, result) = mpsc::channel();
        let mut stdout = child.stdout.take().unwrap();
        std::thread::spawn(move || {
            let mut all = String::new();
            let _ = stdout.read_to_string(&mut all);
            let _ = text.send(all);
        });
        Self { child, events, result, log }
    }

    /// Waits for an event on standard error.
    pub fn wait_for(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let event = self.events.recv_timeout(PATIENCE).expect("the event never came");
            if wanted(&event) {
                return event;
            }
        }
    }

    /// Waits until this many hundredths of a stage are done, and with `percent` above 0 at least one step.
    pub fn wait_until(&self, stage: &str, percent: u64) {
        self.wait_for(|event| {
            let (done, total) = (event["done"].as_u64().unwrap_or(0), event["total"].as_u64().unwrap_or(0));
            event["stage"] == stage && (percent == 0 || done > 0) && 100 * done >= percent * total
        });
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal.
    pub fn signal(&self, name: &str) {
        assert!(Command::new("kill").args(["-s", name, &self.pid().to_string()]).status().unwrap().success());
    }

    /// Waits for the end.
    pub fn end(mut self) -> Ended {
        let text = self.result.recv_timeout(PATIENCE).expect("the process never ended");
        let exit = self.child.wait().unwrap().code();
        let log = self.log.lock().unwrap().clone();
        Ended { exit, json: serde_json::from_str(&text).unwrap_or(Value::Null), text, log }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Ended {
    pub fn assert_failed(&self, exit: i32, code: &str) {
        schema::hold(&self.json);
        assert_eq!((self.exit, self.json["error"]["code"].as_str()), (Some(exit), Some(code)), "{self:?}");
        assert_eq!(self.json["error"]["exit"], exit);
        assert!(!self.json["error"]["hint"].as_str().unwrap().is_empty());
    }

    pub fn assert_done(&self) {
        assert_eq!(self.exit, Some(0), "{self:?}");
        assert_eq!(self.json["schema"], "blindlink.round/v1");
        schema::hold(&self.json);
    }

    pub fn message(&self) -> &str {
        self.json["error"]["message"].as_str().unwrap_or_default()
    }
}

/// Patience of the peers that the tests play themselves: so long that a busy machine decides nothing.
pub fn unhurried() -> Settings {
    Settings { idle: Duration::from_secs(60), handshake: Duration::from_secs(60), ..Settings::default() }
}

/// The logs that a node shows and remembers in a round with this peer, as its own program would.
pub fn logs(data: &DataDir, peer: &PeerId) -> LogExchange {
    let identity = data.identity().unwrap();
    let (log, heads) = (Log::open(data, &identity).unwrap(), LogHeads::of(data, peer));
    let head = Box::new(heads.offer(&log, &identity).unwrap().encode());
    LogExchange { head, known: heads.known().unwrap(), time: clock::now() }
}

/// A journal for a round that a test plays itself.
pub fn journal(path: &Path) -> Journal {
    let id = IdentityKey::from_secret(&[1; 32]).id();
    let header = Header {
        role: Role::Requester,
        carrier: Carrier::Line,
        suite: blindlink::suite::CURRENT,
        begun: 0,
        own: id,
        peer: id,
        binding: [0; 32],
        seed: Secret::new([0; 32]),
        root: [0; 32],
        policy: Vec::new(),
        agreement: Vec::new(),
        log: LogExchange::without_log(&IdentityKey::from_secret(&[1; 32])),
    };
    Journal::create(path, &StorageKey::new(Secret::new([2; 32])), &header).unwrap()
}

/// A free port, so that a node that is started again can be found where it was.
pub fn port() -> String {
    UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

pub fn any() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}
