//! A node with three peers, three agreements and two lanes, for days on end: every round that should run runs, none that should
//! not, and `status` says at each hour what is. A clock that stands until the test moves it decides what is due; what should be
//! is computed beside it, in `model`. `just week` runs the whole week, the suite one day of it.

#![allow(unreachable_pub)]

mod model;
mod office;

use blindlink::audit::Fact;
use blindlink_node::store::audit_log::Log;
use blindlink_testkit::Node;
use blindlink_testkit::ministries::json;
use model::{Account, Caller, DAY, HOUR, Refused, World};
use office::{Office, date, have_looked, hour, until};
use serde_json::{Value, json as value};
use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

/// 2026-11-30, a Monday.
const MONDAY: u64 = 1_795_996_800;

/// Something that happens before the clock moves on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// The hub is killed in the middle of the first round that begins at this hour, and started again.
    KilledInARound,
    /// It is killed while nothing happens, and started again.
    Killed,
    /// It is stopped, and not started.
    Stopped,
    Started,
    /// Nobody answers in the west.
    WestGoes,
    WestReturns,
    /// A signer of the hub suspends the agreement with the south; both lift that.
    Suspended,
    Resumed,
    /// The list of suspects is without so many of its rows.
    List(u32),
    /// The log of the east is copied; later the copy is put back, and goes on in another way.
    EastIsCopied,
    EastForks,
    /// The operators have talked.
    EastIsForgiven,
}

/// What happens in a week, by its hour.
const WEEK: &[(u64, What)] = &[
    (2, What::KilledInARound),
    (15, What::WestGoes),
    (24, What::KilledInARound),
    (34, What::WestReturns),
    (36, What::EastIsCopied),
    (51, What::Suspended),
    (54, What::Killed),
    (76, What::EastForks),
    (85, What::KilledInARound),
    (106, What::Resumed),
    (108, What::KilledInARound),
    (118, What::List(2)),
    (124, What::EastIsForgiven),
    (126, What::Killed),
    (130, What::List(6)),
    (154, What::Stopped),
    (158, What::Started),
    (168, What::KilledInARound),
];

/// As much of it as fits into a day.
const ONE_DAY: &[(u64, What)] = &[
    (0, What::EastIsCopied),
    (1, What::Suspended),
    (8, What::KilledInARound),
    (10, What::EastForks),
    (12, What::List(2)),
    (15, What::WestGoes),
    (16, What::WestReturns),
    (18, What::Killed),
    (19, What::Resumed),
    (19, What::EastIsForgiven),
    (23, What::Stopped),
    (26, What::Started),
];
/// The hours of that day at which something happens or is due.
const ITS_HOURS: &[u64] = &[0, 1, 2, 8, 10, 12, 13, 15, 16, 18, 19, 23, 24, 25, 26];

/// When a peer was last called, or called; when that last went well; what was wrong then.
struct Heard {
    peer: &'static str,
    tried: u64,
    reached: Option<u64>,
    wrong: Option<Refused>,
}

/// The scenario, and what should be.
struct Days {
    office: Office,
    callers: Vec<Caller>,
    /// What the hub pays for rounds that the west begins, and when they ended.
    answering: Account,
    suspects: u32,
    suspended: bool,
    forked: bool,
    west_is_there: bool,
    heard: Vec<Heard>,
    /// Rounds that failed after they had begun: peer and time.
    failed: Vec<(&'static str, u64)>,
    now: u64,
}

#[test]
fn a_node_does_for_days_what_it_should_and_says_so() {
    let whole = std::env::var("BLINDLINK_WEEK").is_ok();
    let events = if whole { WEEK } else { ONE_DAY };
    // Nothing is due at odd hours, but for the round that the west begins.
    let is_looked_at = |at: &u64| match whole {
        true => at.is_multiple_of(2) || at % 24 == 13 || events.iter().any(|(when, _)| when == at),
        false => ITS_HOURS.contains(at),
    };
    let mut days = Days::begin();
    for at in (0..=7 * 24).filter(is_looked_at) {
        let what: Vec<What> = events.iter().filter(|(when, _)| *when == at).map(|(_, what)| *what).collect();
        days.hour(at, &what);
    }
    days.end();
}

impl Days {
    fn begin() -> Self {
        let now = MONDAY - HOUR;
        let per_day = [("south", "suspect-suspect", 4), ("east", "victim-victim", 4), ("west", "suspect-suspect", 2)];
        let mut office = Office::open(now, per_day);
        let (suspects, victims) = (office.list("suspects"), office.list("victims"));
        let caller = |name, peer, timetable, hours, per_day| Caller::new((name, peer), timetable, hours, per_day, now);
        let callers = vec![
            caller("to-south", "south", ("daily 02:00", DAY, 2 * HOUR), Some((1, 5)), 4),
            caller("to-east", "east", ("every 12h", 12 * HOUR, 0), None, 4),
            caller("to-west", "west", ("every 8h", 8 * HOUR, 0), None, 2),
            caller("from-west", "hub", ("daily 13:00", DAY, 13 * HOUR), None, 2),
        ];
        let schedule = |timetable: &str| format!("schedule = \"{timetable}\"\n");
        let window = schedule("daily 02:00") + "window = \"01:00-05:00\"\n";
        let [south, east, west] = office.partners.as_slice() else { panic!("three peers") };
        let links = [
            office.link("to-south", south, ("requester", &suspects), &window),
            office.link("to-east", east, ("requester", &victims), &schedule("every 12h")),
            office.link("to-west", west, ("requester", &suspects), &schedule("every 8h")),
            office.link("answers-west", west, ("responder", &suspects), ""),
        ];
        Office::configure(&office.hub, &office.hub_addr, &links);
        for partner in &office.partners {
            let answers = office.link("answers", partner, ("responder", &partner.node.records), "");
            let calls =
                office.link("from-west", partner, ("requester", &partner.node.records), &schedule("daily 13:00"));
            let links = if partner.name == "west" { vec![answers, calls] } else { vec![answers] };
            Office::configure(&partner.node, &partner.addr, &links);
        }
        office.partners.iter_mut().for_each(office::Partner::start);
        office.start_hub(false);
        let days = Self {
            office,
            callers,
            answering: Account::default(),
            suspects: 0,
            suspended: false,
            forked: false,
            west_is_there: true,
            heard: Vec::new(),
            failed: Vec::new(),
            now,
        };
        // Each link has been seen for the first time.
        days.looked();
        days
    }

    /// Each process that calls has seen what time it is.
    fn looked(&self) {
        let west = self.office.partners.iter().find(|partner| partner.name == "west").unwrap();
        let hub = self.office.running.iter().map(|running| (running, 3));
        let processes: Vec<_> = hub.chain(west.running.iter().map(|running| (running, 1))).collect();
        have_looked(self.office.hub.clock.as_ref().unwrap(), &processes);
    }

    fn hour(&mut self, at: u64, what: &[What]) {
        let killed = what.contains(&What::KilledInARound);
        // What the operators do is done before the hour; who returns, or is killed, is so after it has struck.
        what.iter()
            .filter(|what| !matches!(what, What::WestReturns | What::Started))
            .for_each(|what| self.happens(*what));
        self.now = hour(at);
        self.office.set_clock(self.now);
        let mut due = self.hub_is_due();
        if killed {
            let begins = self.callers.iter().any(|caller| due.contains(&caller.name) && caller.outcome.is_ok());
            assert!(begins, "no round begins at hour {at}");
            self.office.hub().wait_for(|event| event["event"] == "progress" && event["stage"] == "compare");
            self.office.hub().signal("KILL");
            drop(self.office.running.take().unwrap().end());
            self.office.start_hub(false);
        }
        self.settles(&due);
        if what.contains(&What::WestReturns) || what.contains(&What::Started) {
            what.iter().for_each(|what| self.happens(*what));
            due = self.hub_is_due();
            self.settles(&due);
        }
        self.looked();
        self.is_so(at);
    }

    /// What begins now, by the model: names of the links that try.
    fn hub_is_due(&mut self) -> Vec<&'static str> {
        let now = self.now;
        let mut due = Vec::new();
        for caller in &mut self.callers {
            let from_west = caller.name == "from-west";
            let hub_runs = self.office.running.is_some();
            if (from_west && !self.west_is_there) || (!from_west && !hub_runs) {
                continue;
            }
            let world = World {
                now,
                list: if matches!(caller.name, "to-south" | "to-west") { self.suspects } else { 0 },
                reachable: if from_west { hub_runs } else { caller.peer != "west" || self.west_is_there },
                suspended: self.suspended && caller.peer == "south",
                forked: self.forked && caller.peer == "east",
            };
            let Some(outcome) = caller.step(world) else { continue };
            due.push(caller.name);
            if from_west && outcome.is_ok() {
                self.answering.answers(now, self.suspects);
            }
            if outcome == Err(Refused::OtherLog) {
                self.failed.push((caller.peer, now));
            }
            // The hub hears nothing of a call that does not reach it.
            if from_west && outcome.is_err() {
                continue;
            }
            let peer = if from_west { "west" } else { caller.peer };
            let before = self.heard.iter().find(|heard| heard.peer == peer).and_then(|heard| heard.reached);
            let reached = if outcome == Err(Refused::Unreachable) { before } else { Some(now) };
            let wrong = outcome.err().filter(|why| matches!(why, Refused::Unreachable | Refused::OtherLog));
            self.heard.retain(|heard| heard.peer != peer);
            self.heard.push(Heard { peer, tried: now, reached, wrong });
        }
        due
    }

    fn happens(&mut self, what: What) {
        let office = &mut self.office;
        match what {
            What::KilledInARound => {
                self.stop_hub();
                self.office.start_hub(true);
                self.looked();
            }
            What::Killed => {
                office.hub().signal("KILL");
                drop(office.running.take().unwrap().end());
                office.start_hub(false);
            }
            What::Stopped => self.stop_hub(),
            What::Started => office.start_hub(false),
            What::WestGoes => {
                office.partner("west").stop();
                self.west_is_there = false;
            }
            What::WestReturns => {
                office.partner("west").start();
                self.west_is_there = true;
            }
            What::Suspended => {
                office.say("south", "suspend", 0);
                self.suspended = true;
            }
            What::Resumed => {
                [0, 1].iter().for_each(|signer| office.say("south", "resume", *signer));
                self.suspended = false;
            }
            What::List(without) => {
                office.shorten("suspects", without);
                office.hub().signal("HUP");
                office.hub().wait_for(|event| event["event"] == "link_ready" && event["link"] == "answers-west");
                self.suspects = without;
            }
            What::EastIsCopied => {
                let done = self.callers.iter().find(|caller| caller.peer == "east").unwrap().account.paid.len();
                has_done(&office.partner("east").node, done);
                copy(office, "audit", "audit-copy");
            }
            What::EastForks => {
                office.partner("east").stop();
                copy(office, "audit-copy", "audit");
                let east = office.partner("east");
                let data = &east.node.data;
                let mut log = Log::open(data, &data.identity().unwrap()).unwrap();
                let peer = blindlink::identity::IdentityKey::from_secret(&[9; 32]).id();
                (0..40).for_each(|_| log.append(vec![Fact::Warned { peer }]).unwrap());
                drop(log);
                east.start();
                self.forked = true;
            }
            What::EastIsForgiven => {
                json(&office.hub, &["audit", "forget", "east"]);
                json(&office.partner("east").node, &["audit", "forget", "hub"]);
                self.forked = false;
            }
        }
    }

    fn stop_hub(&mut self) {
        let running = self.office.running.take().unwrap();
        running.signal("TERM");
        assert_eq!(running.end().exit, Some(0));
    }

    /// Waits until the links that try have come to an end.
    fn settles(&mut self, due: &[&'static str]) {
        let now = date(self.now);
        for name in due {
            let caller = self.callers.iter().find(|caller| caller.name == *name).unwrap().clone();
            let went_well = value!(caller.outcome.is_ok());
            let office = &mut self.office;
            let mut last = Value::Null;
            let ended = |status: &Value| {
                let link = named(&status["links"], caller.name);
                let peer = named(&status["peers"], caller.peer);
                peer["tried"] == *now
                    && link["schedule"]["last_went_well"] == went_well
                    && link["schedule"]["last_due"] == date(caller.due)
            };
            let look = |office: &mut Office| {
                if caller.name == "from-west" { office.partner("west").status() } else { office.status().0 }
            };
            let mut rounds = 0;
            until(
                || format!("{name} at {now}, {:?}", caller.outcome),
                || {
                    last = look(office);
                    rounds += 1;
                    if rounds % 200 == 0 {
                        eprintln!("{name} at {now}: {last:#}");
                    }
                    ended(&last)
                },
            );
        }
        let west_calls = self.callers.iter().any(|caller| caller.name == "from-west" && caller.outcome.is_ok());
        if west_calls && due.contains(&"from-west") {
            let office = &self.office;
            until(
                || "the end of the west's round".to_owned(),
                || named(&office.status().0["links"], "answers-west")["last"]["ended"] == *now,
            );
        }
    }

    /// What the hub says of itself is what the model says.
    fn is_so(&mut self, at: u64) {
        let (status, exit) = self.office.status();
        let said = format!("hour {at}: {status:#}");
        assert_eq!(status["time"], date(self.now), "{said}");
        self.links_are_so(&status, &said);
        for Heard { peer, tried, reached, wrong } in &self.heard {
            let shown = named(&status["peers"], peer);
            assert_eq!(shown["tried"], date(*tried), "{said}");
            assert_eq!(shown["reached"], reached.map_or(Value::Null, |time| date(time).into()), "{said}");
            assert_eq!(shown["reachable"], wrong.is_none(), "{said}");
        }
        let mut found = self.findings();
        // Pairs that wait for people, and the room on the disk of this machine, are not what is looked at here.
        let shown: BTreeSet<(String, String)> = status["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|finding| [&finding["health"], &finding["about"]].map(|text| text.as_str().unwrap().to_owned()))
            .map(|[health, about]| (health, about))
            .collect();
        let others = shown.iter().filter(|(_, about)| about == "review" || about == "disk");
        found.extend(others.cloned());
        assert_eq!(shown, found, "{said}");
        let worst = ["broken", "due"].into_iter().find(|health| found.iter().any(|(is, _)| is == health));
        let code = match worst {
            Some("broken") => 2,
            Some(_) => 1,
            None => 0,
        };
        assert_eq!((&status["health"], exit), (&value!(worst.unwrap_or("well")), code), "{said}");
        assert_eq!(status["open_rounds"], 0, "{said}");
        self.rounds_are_so(at);
    }

    fn links_are_so(&self, status: &Value, said: &str) {
        for caller in self.callers.iter().filter(|caller| caller.name != "from-west") {
            let link = named(&status["links"], caller.name);
            let schedule = &link["schedule"];
            assert_eq!(schedule["timetable"], caller.timetable, "{said}");
            assert_eq!(schedule["next"], date(caller.next(self.now)), "{said}");
            assert_eq!(schedule["last_due"], date(caller.due), "{said}");
            assert_eq!(schedule["last_went_well"], caller.outcome.is_ok(), "{said}");
            let list = if caller.peer == "east" { 0 } else { self.suspects };
            self.account_is_so(link, (&caller.account, list), (caller.peer, caller.per_day), said);
        }
        let link = named(&status["links"], "answers-west");
        self.account_is_so(link, (&self.answering, self.suspects), ("west", 2), said);
    }

    fn account_is_so(
        &self,
        link: &Value,
        (account, list): (&Account, u32),
        (peer, per_day): (&str, usize),
        said: &str,
    ) {
        let suspended = self.suspended && peer == "south";
        assert_eq!(link["agreement"]["state"], if suspended { "suspended" } else { "in_force" }, "{said}");
        assert_eq!(link["agreement"]["name"], format!("hub-{peer}"), "{said}");
        assert_eq!(link["budget"]["rounds_today"], account.of_day(self.now), "{said}");
        assert_eq!(link["budget"]["rounds_per_day"], per_day, "{said}");
        assert_eq!(link["list"]["records"], blindlink_testkit::RECORDS - list, "{said}");
        assert_eq!(link["list"]["differs_enough"], !account.too_close(list), "{said}");
        let last = account.paid.last().map_or(Value::Null, |time| date(*time).into());
        assert_eq!(link["last"]["ended"], last, "{said}");
    }

    /// What a person has to look at.
    fn findings(&self) -> BTreeSet<(String, String)> {
        let mut found = BTreeSet::new();
        let mut add = |health: &str, about: &str| {
            found.insert((health.to_owned(), about.to_owned()));
        };
        for caller in self.callers.iter().filter(|caller| caller.name != "from-west") {
            match caller.outcome {
                Ok(()) => {}
                // It is tried again by itself.
                Err(Refused::Unreachable | Refused::DayIsFull) => add("due", caller.name),
                Err(_) => add("broken", caller.name),
            }
            if self.suspended && caller.peer == "south" {
                add("broken", caller.name);
            }
            let list = if caller.peer == "east" { 0 } else { self.suspects };
            if caller.account.too_close(list) {
                add("due", caller.name);
            }
            if caller.is_late(self.now) {
                add("due", caller.name);
            }
        }
        for heard in &self.heard {
            match heard.wrong {
                None => {}
                Some(Refused::OtherLog) => add("broken", heard.peer),
                Some(_) => add("due", heard.peer),
            }
        }
        if self.answering.too_close(self.suspects) {
            add("due", "answers-west");
        }
        found
    }

    /// The rounds that ran, and what was paid for them.
    fn rounds_are_so(&self, at: u64) {
        let mut ran: Vec<(String, &str, &str, String)> = Vec::new();
        for caller in self.callers.iter().filter(|caller| caller.name != "from-west") {
            ran.extend(
                caller.account.paid.iter().map(|time| (date(*time), caller.peer, "requester", "done".to_owned())),
            );
        }
        ran.extend(self.answering.paid.iter().map(|time| (date(*time), "west", "responder", "done".to_owned())));
        ran.extend(self.failed.iter().map(|(peer, time)| (date(*time), *peer, "requester", "failed".to_owned())));
        ran.sort();
        let listed = json(&self.office.hub, &["rounds", "list", "--most", "1000"]);
        let text = |round: &Value, name: &str| round[name].as_str().unwrap_or_default().to_owned();
        let mut shown: Vec<(String, String, String, String)> = listed["rounds"]
            .as_array()
            .unwrap()
            .iter()
            .map(|round| (text(round, "ended"), text(round, "peer"), text(round, "role"), text(round, "state")))
            .collect();
        shown.sort();
        let ran: Vec<_> =
            ran.into_iter().map(|(t, peer, role, state)| (t, peer.to_owned(), role.to_owned(), state)).collect();
        assert_eq!(shown, ran, "hour {at}");
        let count = |fact: &str| self.office.hub.facts(fact).len();
        let paid = count("debited") - count("debit_returned");
        assert_eq!(paid, ran.iter().filter(|(.., state)| state == "done").count(), "hour {at}");
    }

    /// What the peers know of it is the same, and each round with pairs has left its result.
    fn end(mut self) {
        self.stop_hub();
        let mut rounds = self.answering.paid.len();
        for caller in self.callers.iter().filter(|caller| caller.name != "from-west") {
            let done = caller.account.paid.len();
            rounds += done;
            let node = &self.office.partners.iter().find(|partner| partner.name == caller.peer).unwrap().node;
            has_done(node, done);
        }
        let results = fs::read_dir(self.office.hub.data.results().unwrap()).unwrap();
        let results = results.filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|e| e == "csv"));
        assert_eq!(results.count(), rounds);
        self.office.partners.iter_mut().for_each(office::Partner::stop);
        eprintln!("{rounds} rounds");
    }
}

/// What is of this name in a list.
fn named<'v>(all: &'v Value, name: &str) -> &'v Value {
    all.as_array().unwrap().iter().find(|one| one["name"] == name).unwrap()
}

/// Waits until a peer has ended so many rounds that the hub began.
fn has_done(node: &Node, done: usize) {
    let count = || {
        let listed = json(node, &["rounds", "list", "--most", "1000"]);
        let all = listed["rounds"].as_array().unwrap().clone();
        all.iter().filter(|round| round["state"] == "done" && round["role"] == "responder").count()
    };
    until(|| format!("{done} rounds of a peer"), || count() == done);
}

/// Copies a folder of the east over another.
fn copy(office: &mut Office, from: &str, to: &str) {
    let data = office.partner("east").node.data.path().to_owned();
    let _ = fs::remove_dir_all(data.join(to));
    assert!(Command::new("cp").arg("-r").arg(data.join(from)).arg(data.join(to)).status().unwrap().success());
}
