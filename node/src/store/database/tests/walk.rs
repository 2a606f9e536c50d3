//! The random walk of two desks whose logs are in the databases of two nodes. A database is opened anew again and again, at
//! times from its files as they lie while it is open: what a machine leaves that stops at once. In full length (minutes):
//!
//!     BLINDLINK_WALK=100000 cargo test -p blindlink-node --lib two_desks_on_disks

use super::{Folder, folder};
use crate::store::DataDir;
use crate::store::database::{Database, KeptAccount};
use blindlink::ids::{AgreementDigest, Pseudonym, RoundId};
use blindlink::schema::kinds::Lane;
use blindlink_review::{
    Actor, Candidate, Entry, Event, Judgement, Log, Meeting, PairId, PersonId, Reason, Refusal, Role, Standing,
    Verdict, What,
};
use std::fs;
use std::sync::Barrier;

#[path = "../../../../review/tests/suite/walk.rs"]
mod desks;

/// A desk's database.
struct Files {
    folder: Folder,
    db: Database,
    takes: usize,
}

/// What is copied is what the system knows of the files, whether it is on a disk yet or not: the walk need not wait for that.
fn opened(folder: &Folder) -> Database {
    let db = folder.open();
    db.db.execute_batch("PRAGMA synchronous = OFF").unwrap();
    db
}

impl Files {
    fn new() -> Self {
        let folder = folder();
        let db = opened(&folder);
        Self { folder, db, takes: 0 }
    }
}

impl desks::Disk for Files {
    fn take(&mut self, log: &mut Log, event: Event, crash: bool) -> Result<Entry, Refusal> {
        self.takes += 1;
        if self.takes.is_multiple_of(5) {
            // Most commands of a node open the database for what they do, and close it.
            self.db = opened(&self.folder);
        }
        let taken = |log: &mut Log| {
            let taken = log.append(event.clone());
            (taken.clone(), taken.into_iter().collect())
        };
        if !crash {
            return self.db.review(log, taken).unwrap();
        }
        // The entry is written and not yet durable when the other thing that belongs to the same change fails.
        let fails = "CREATE TEMP TRIGGER stops BEFORE INSERT ON main.accounts BEGIN SELECT RAISE(ABORT, 'stops'); END";
        self.db.db.execute(fails, []).unwrap();
        let account = KeptAccount { name: "nobody".into(), account: Vec::new() };
        let mut judged = Err(Refusal::Stage);
        let written = self.db.review_with(log, Some(&account), |log| {
            let (taken, entries) = taken(log);
            judged.clone_from(&taken);
            (taken, entries)
        });
        assert_eq!(written.is_err(), judged.is_ok());
        self.db.db.execute("DROP TRIGGER stops", []).unwrap();
        judged
    }

    fn restart(&mut self) -> Log {
        let other = tempfile::tempdir().unwrap();
        for entry in fs::read_dir(self.folder.data.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                fs::copy(&path, other.path().join(path.file_name().unwrap())).unwrap();
            }
        }
        let data = DataDir::locate(Some(other.path().into())).unwrap();
        let storage = data.storage().unwrap();
        let folder = Folder { data, storage, _folder: other };
        self.db = opened(&folder);
        self.folder = folder;
        let mut log = Log::default();
        self.db.read_review(&mut log).unwrap();
        assert_eq!(self.db.check().unwrap(), Ok(()));
        log
    }
}

/// V-REVIEW-001, V-REVIEW-002, V-REVIEW-003, V-REVIEW-005
#[test]
fn two_desks_on_disks_walk_as_two_in_memory() {
    let steps: usize = std::env::var("BLINDLINK_WALK").map_or(20_000, |steps| steps.parse().unwrap());
    let walked = desks::walk(steps, [Files::new(), Files::new()]);
    println!("{walked:?}");
    assert!(walked.disclosed > steps / 10_000 && walked.refused > steps / 10, "{walked:?}");
    assert!(
        walked.restarts > steps / 2_000 && walked.forged > steps / 400 && walked.lost > steps / 4_000,
        "{walked:?}"
    );
}

/// V-REVIEW-004: of eight persons who decide at once on what all of them saw, each with a database of its own, one does.
#[test]
fn of_decisions_at_once_one_is_taken() {
    let folder = folder();
    let mut log = Log::default();
    let mut take = |by, what| {
        let mut db = folder.open();
        db.review(&mut log, |log| ((), vec![log.append(Event { at: 1, by, what }).unwrap()])).unwrap();
    };
    take(Actor::Installer, What::PersonAdded { person: PersonId(0), standing: Standing::new([Role::Security], []) });
    for person in (1..=8).map(PersonId) {
        let standing = Standing::new([Role::Reviewer], [Lane::Suspect]);
        take(Actor::Person(PersonId(0)), What::PersonAdded { person, standing });
    }
    let agreement = AgreementDigest::from_bytes([1; 32]);
    take(Actor::Node, What::AgreementBegan { agreement, grade_hidden: true, keep: 1_000 });
    let meeting = |n| Meeting { round: RoundId::from_bytes([2; 32]), pseudonym: Pseudonym::from_bytes([n; 16]) };
    for n in 0..6 {
        let pair = PairId { meeting: meeting(n), own: 0 };
        let candidate = Candidate::new(agreement, Lane::Suspect, false, Some(1), 1);
        take(Actor::Node, What::Received { pair, candidate });
        let all = Barrier::new(8);
        let decide = |person| {
            let judgement = Judgement {
                verdict: Verdict::WorthAsking,
                reason: Reason::of(Verdict::WorthAsking)[0],
                note: String::new(),
            };
            let event =
                Event { at: 1, by: Actor::Person(PersonId(person)), what: What::Judged { pair, seen: 0, judgement } };
            let (mut db, mut log) = (folder.open(), Log::default());
            db.read_review(&mut log).unwrap();
            all.wait();
            db.review(&mut log, |log| {
                let taken = log.append(event);
                (taken.clone().map(drop), taken.into_iter().collect())
            })
        };
        let decide = &decide;
        let taken: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (1..=8).map(|person| scope.spawn(move || decide(person))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap().unwrap()).collect()
        });
        assert_eq!(taken.iter().filter(|taken| taken.is_ok()).count(), 1, "{taken:?}");
        assert_eq!(taken.iter().filter(|taken| **taken == Err(Refusal::Stale)).count(), 7, "{taken:?}");
    }
}
